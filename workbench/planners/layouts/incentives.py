"""Incentives: the plan's changes and the budget at left; cost, payout curve, winners at right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.incentives.study_incentives import SLOW, answer, changes_of, prepare
from workbench.planners.key_figures import KeyFigure
from workbench.planners.layout import Group, Layout, View
from workbench.planners.options import roles
from workbench.planners.reported import OVERVIEW

if TYPE_CHECKING:
    import pandas as pd

    from workbench.charts.figure import Figure
    from workbench.company import Company
    from workbench.incentives.cost import PlanCost
    from workbench.incentives.curve import Curves
    from workbench.incentives.one_person import OnePerson
    from workbench.incentives.study_incentives import Incentives
    from workbench.report import TableView
    from workbench.text import Language

TRIED = "tried"
TABS = {
    TRIED: ("What if", "试算"),
    OVERVIEW: ("Today's plan", "现行方案"),
    "compare": ("Two plans", "两方案"),
    "people": ("Winners and losers", "受益与受损"),
    "mix": ("Pay mix", "薪酬构成"),
    "cliffs": ("Steps", "台阶"),
    "attainment": ("Attainment", "达成率"),
    "luck": ("Luck and skill", "运气与能力"),
    "behaviour": ("Behaviour", "行为"),
    "gaming": ("Gaming", "博弈"),
    "designs": ("Better designs", "更好的设计"),
}
BIN = 0.05  # of the budget
MOST_BINS = 40
WIDE = 516  # px: two charts side by side in a window of 1440


def view(results: Incentives, lang: Language, tab: str) -> View:
    """The plan under trial: its figures, and the page that is asked for."""
    from workbench.incentives.story.first_page import foot

    if tab in ("", TRIED):
        blocks = _tried_blocks(results, lang)
    elif tab == OVERVIEW:
        blocks = list(results.page(lang).blocks)
    else:
        blocks = [results.section(tab, lang)]
    return View(figures=figures(results, lang), blocks=blocks, foot=foot(results, lang))


def is_tried(results: Incentives) -> bool:
    """Whether there is another plan than today's."""
    return bool(results.params.proposal) or not changes_of(results.params).none


def _plan(results: Incentives) -> PlanCost:
    """The plan shown: that under trial, or today's a year ahead."""
    return results.proposal if is_tried(results) else results.today


def figures(results: Incentives, lang: Language) -> list[KeyFigure]:
    """Cost, risk of the budget, share of collections, winners, losers, money at steps."""
    from workbench.incentives.story.words import currency, money

    plan, tried = _plan(results), is_tried(results)
    total = plan.total()
    low, high = np.quantile(total, [0.1, 0.9])
    cliffs = results.cliffs_proposal if tried else results.cliffs
    people = len(results.comparison.paid) if tried else int((plan.variable.mean(axis=0) > 0).sum())
    of_people = lang.pick(f"of {people} people", f"共{people}人")
    return [
        KeyFigure(
            name="cost", label=lang.pick("Variable pay", "变动薪酬"),
            basis=lang.pick("a year ahead", "未来一年"), value=float(total.mean()), kind="money",
            currency=currency(results), direction="down", low=float(low), high=float(high),
        ),
        KeyFigure(
            name="over_budget", label=lang.pick("P(over budget)", "超预算概率"),
            value=plan.over(results.budget), kind="probability", direction="down",
            second=lang.pick("budget ", "预算") + money(results, results.budget, lang),
        ),
        KeyFigure(
            name="share", label=lang.pick("Share of collections", "占回款比例"),
            value=results.share_of_collections(plan), kind="percent", decimals=2,
            direction="down",
        ),
        KeyFigure(
            name="winners", label=lang.pick("Winners", "受益人数"), basis=of_people,
            value=results.comparison.count("wins") if tried else 0, kind="integer",
        ),
        KeyFigure(
            name="losers", label=lang.pick("Losers", "受损人数"), basis=of_people,
            value=results.comparison.count("loses") if tried else 0, kind="integer",
            direction="down",
        ),
        KeyFigure(
            name="at_steps", label=lang.pick("Money at steps", "台阶边的金额"),
            value=float(cliffs["money"].sum()), kind="money", currency=currency(results),
            direction="down",
        ),
    ]  # fmt: skip


# -- the page of the plan under trial -------------------------------------------------------------


def _tried_blocks(results: Incentives, lang: Language) -> list[Any]:
    from workbench.incentives.story import blocks
    from workbench.report import Block

    tried = is_tried(results)
    below = [Block(_earned(results, lang))]
    if tried:
        below.append(Block(blocks.winners(results, lang)))
    curve = _own_curve(results, results.one, lang) if results.one else _curve(results, lang)
    return [Block(curve), Block(_cost(results, lang)), *below]


def _own_curve(results: Incentives, one: OnePerson, lang: Language) -> Figure:
    """Pay over attainment of the person who is looked at, today and under the plan tried."""
    from workbench.incentives.story.one_person import own_curve

    tried = is_tried(results)
    return own_curve(
        results,
        one,
        lang,
        pay=one.proposal if tried else one.today,
        other=one.today if tried else None,
        names=_plan_names(tried, lang),
        width=WIDE,
        height=250,
    )


def _plan_names(tried: bool, lang: Language) -> tuple[str, str]:
    """Names of the line drawn and of the one beside it."""
    return (lang.say("Tried"), lang.say("Today")) if tried else (lang.say("Today"), "")


def _curve(results: Incentives, lang: Language) -> Figure:
    """Pay over attainment of the largest role with quotas, today and under the plan tried."""
    from workbench.charts.payout import payout_curve
    from workbench.incentives.habits import roles_with_quota
    from workbench.incentives.story.blocks import EDGES, curve_table, largest_step
    from workbench.incentives.story.words import role

    tried, code = is_tried(results), _role(results, roles_with_quota)
    table = curve_table(results, code, proposal=tried)
    at, rise = largest_step(table)
    title = (
        lang.say(
            "Crossing {at} lifts the year's pay by {share} of that at target",
            at=lang.percent(at, decimals=0),
            share=lang.percent(rise, decimals=0),
        )
        if np.isfinite(rise) and rise > 0
        else lang.say("Pay rises without steps")
    )
    return payout_curve(
        table,
        results.prepared.attained(code, EDGES),
        lang=lang,
        title=title,
        subtitle=lang.say(
            "{role}: pay over pay at 100%; below: people expected in a year; across: attainment",
            role=role(results, code, lang),
        ),
        other=curve_table(results, code) if tried else None,
        names=_plan_names(tried, lang),
        width=WIDE,
        height=250,
    )


def _role(results: Incentives, with_quota: Any) -> str:
    """Role that the curve is of: the largest of those that are changed, else of all."""
    known = list(with_quota(results.today)) or list(results.today.people.roles)
    chosen = [code for code in known if code in results.params.roles]
    return str((chosen or known)[0])


def _cost(results: Incentives, lang: Language) -> Figure:
    """Cost of a year ahead over the budget, on edges that stay while something moves."""
    from workbench.charts import bin_table, histogram
    from workbench.incentives.story.words import money

    budget = results.budget or 1.0
    plan, today = _plan(results).total() / budget, results.today.total() / budget
    low, high = np.quantile(today, [0.001, 0.999])
    first, last = np.floor(10 * min(low, 1.0)) / 10 - 0.1, np.ceil(10 * max(high, 1.0)) / 10 + 0.2
    wide = BIN * max(1.0, np.ceil((last - first) / (MOST_BINS * BIN)))  # of a tiny budget
    edges = np.round(np.arange(max(first, 0.0), last + wide / 2, wide), 6)
    bins = bin_table(np.clip(plan, edges[0], np.nextafter(edges[-1], 0)), list(edges))
    bins["count"] = 100 * bins["count"] / len(plan)
    bins["highlight"] = bins["high"] <= 1 + 1e-9
    return histogram(
        bins,
        lang=lang,
        title=lang.say(
            "{chance} of the years cost more than the budget",
            chance=lang.probability(_plan(results).over(results.budget)),
        ),
        subtitle=lang.say(
            "Variable pay of a year ahead over the budget of {budget}; years of 100",
            budget=money(results, results.budget, lang),
        ),
        marks=[(1.0, lang.say("budget"))],
        width=WIDE,
        height=250,
    )


def _earned(results: Incentives, lang: Language) -> TableView:
    """What does somebody earn at an attainment, by role; and what the plan tried changes of it."""
    import pandas as pd

    from workbench.incentives.story.one_person import LEVELS, heading
    from workbench.incentives.story.words import currency, role
    from workbench.report import Col, TableView

    tried = is_tried(results)
    today = _at_levels(results.curves)
    shown = _at_levels(results.curves_proposal) if tried else today
    levels = {f"at{level:g}": lang.percent(level, decimals=0) for level in LEVELS}
    frame = shown.reset_index()
    frame["name"] = [role(results, code, lang) for code in frame["role"]]
    for name in levels:
        frame[f"{name}_more"] = (shown[name] - today[name].reindex(shown.index)).to_numpy()
    if results.one:
        frame = pd.concat([_own_row(results, results.one, lang), frame], ignore_index=True)
    one = lang.scale(list(shown["at1"]), currency=currency(results))
    pay = [Col(n, words, "money", group=lang.say("Pay at")) for n, words in levels.items()]
    more = [
        Col(f"{n}_more", words, "signed_money", group=lang.say("Change on today"))
        for n, words in levels.items()
    ]
    return TableView(
        frame,
        [Col("name", lang.say("Role")), *pay, *(more if tried else [])],
        lang=lang,
        title=lang.say("What do I earn if"),
        subtitle=lang.say("Mean variable pay of a year by attainment, {unit}", unit=one.unit),
        caption=lang.say("Pay of each role at several attainments"),
        currency=currency(results),
        scale=one,
        note=heading(results, results.one, lang) if results.one else "",
    )


def _own_row(results: Incentives, one: OnePerson, lang: Language) -> pd.DataFrame:
    """The same row for the person who is looked at."""
    import pandas as pd

    from workbench.incentives.story.one_person import LEVELS
    from workbench.incentives.story.words import who

    row: dict[str, Any] = {"name": who(results, lang)[one.rep_id]}
    for level in LEVELS:
        today, proposal = one.at(level)
        row[f"at{level:g}"] = proposal if is_tried(results) else today
        row[f"at{level:g}_more"] = proposal - today
    return pd.DataFrame([row])


def _at_levels(curves: Curves) -> pd.DataFrame:
    """Pay of each role at the levels: one row a role, one column a level."""
    import pandas as pd

    from workbench.incentives.story.one_person import LEVELS

    rows = {code: curves.of_role(code, LEVELS) for code in curves.roles}
    names = [f"at{level:g}" for level in LEVELS]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("role")


def people(company: Company) -> dict[str, tuple[str, str]]:
    """People in post in the year of the data, numbered within their role."""
    from workbench.incentives.history import people_of
    from workbench.incentives.payees import by_number

    found = {"": ("nobody", "不选")}
    if company.has("rep"):
        table = people_of(company, year=company.data_as_of.year)
        table = table[table["valid_from"].astype(str) <= f"{company.data_as_of.year}-12-31"]
        last = table.groupby("rep_id", sort=True)["role"].last()
        for role, number in by_number(last.index, last).values():
            english, chinese = (company.label("role", role, code) for code in ("en", "zh"))
            found[f"{role} {number}"] = f"{english} {number}", f"{chinese} {number}"
    return found


def standing(results: Incentives) -> dict[str, Any]:
    """Year and budget that hold where none is given."""
    return {"year": results.year, "budget": round(results.budget, -4)}


LAYOUT = Layout(
    groups=(
        Group(
            title=("Change the plan", "调整方案"),
            fields=("rates", "thresholds", "accelerator", "cap", "roles"),
            hint=(
                "Times today's plan; a plan file changes more.",
                "相对现行方案的倍数；更多改动见方案文件。",
            ),
        ),
        Group(title=("Money", "金额"), fields=("budget",)),
        Group(title=("What do I earn if", "完成多少，拿多少"), fields=("person",)),
        Group(
            title=("What may happen", "可能的变化"),
            fields=("market_sd", "elasticity", "movable"),
        ),
        Group(
            title=("Design search", "设计搜索"),
            fields=("goal", "most_cost", "knobs"),
            folded=True,
        ),
        Group(title=("Plan files", "方案文件"), fields=("plan", "proposal"), folded=True),
    ),
    view=view,
    tabs=TABS,
    prepare=prepare,
    slow=SLOW,
    compute=lambda company, params, prepared: answer(prepared, params),
    options={"roles": roles, "person": people},
    standing=standing,
)  # fmt: skip
