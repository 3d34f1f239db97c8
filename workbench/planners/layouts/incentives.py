"""Incentives: plan, budget and how people answer at left; cost, curve, winners at right."""

from __future__ import annotations

from workbench.planners.layout import Group, Layout
from workbench.planners.reported import OVERVIEW, Shown, reported

TABS = {
    OVERVIEW: ("Overview", "总览"),
    "mix": ("Pay mix", "薪酬构成"),
    "cliffs": ("Steps", "台阶"),
    "attainment": ("Attainment", "达成率"),
    "luck": ("Luck and skill", "运气与能力"),
    "behaviour": ("Behaviour", "行为"),
    "gaming": ("Gaming", "博弈"),
    "compare": ("Two plans", "两方案"),
    "people": ("Winners and losers", "受益与受损"),
}

TILES = (
    Shown(
        name="plan_cost",
        label=("Cost of the plan", "预计变动薪酬"),
        direction="down",
        interval=("plan_cost_low", "plan_cost_high"),
    ),
    Shown(
        name="over_budget",
        label=("P(over budget)", "超预算概率"),
        kind="probability",
        direction="down",
    ),
    Shown(
        name="cost_of_collections",
        label=("Cost ratio", "薪酬率"),
        basis=("of collections", "占回款"),
        direction="down",
    ),
    Shown(
        name="share_at_target",
        label=("Reach target", "达标人数占比"),
        direction="up",
    ),
    Shown(name="winners", label=("Winners", "受益人数"), basis=("of the proposal", "对比方案")),
    Shown(name="losers", label=("Losers", "受损人数"), basis=("of the proposal", "对比方案")),
)

LAYOUT = Layout(
    groups=(
        Group(title=("Plans", "方案"), fields=("plan", "proposal")),
        Group(title=("Money", "金额"), fields=("budget",)),
        Group(
            title=("What may happen", "可能的变化"),
            fields=("market_sd", "elasticity", "movable"),
        ),
        Group(
            title=("Method", "方法"),
            fields=("year", "draws", "show_people", "seed"),
            folded=True,
        ),
    ),
    view=reported(TILES),
    tabs=TABS,
)
