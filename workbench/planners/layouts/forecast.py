"""Forecast: targets, growth, locks, calendar at left; fans, causes, coverage, money at right."""

from __future__ import annotations

from workbench.forecasting.study_forecast import SLOW, answer, prepare
from workbench.planners.layout import Group, Layout
from workbench.planners.options import nodes, regions
from workbench.planners.reported import OVERVIEW, Shown, reported

TABS = {
    OVERVIEW: ("Overview", "总览"),
    "fans": ("Regions and lines", "大区与产品线"),
    "hierarchy": ("All levels", "各层级"),
    "drivers": ("Causes", "因素"),
    "coverage": ("Deals", "商机"),
    "risk": ("Risk", "风险"),
    "collections": ("Collections", "回款"),
    "changes": ("Since the last", "较上次"),
    "calibration": ("How good", "准确度"),
    "value_added": ("Judgement", "人工调整"),
    "over_time": ("Bias", "偏差"),
}

TILES = (
    Shown(
        name="total_median",
        label=("Total", "全年"),
        basis=("median", "中位数"),
        direction="up",
        interval=("total_low80", "total_high80"),
    ),
    Shown(
        name="chance_base",
        label=("P(base target)", "基准目标概率"),
        kind="probability",
        direction="up",
    ),
    Shown(
        name="chance_floor",
        label=("P(floor)", "保底概率"),
        kind="probability",
        direction="up",
    ),
    Shown(
        name="collections_median",
        label=("Collections", "回款"),
        basis=("median", "中位数"),
        direction="up",
        interval=("collections_low80", "collections_high80"),
    ),
    Shown(name="pipeline_coverage", label=("Coverage", "商机覆盖"), kind="ratio", direction="up"),
)

LAYOUT = Layout(
    groups=(
        Group(
            title=("Targets", "目标"),
            fields=("targets", "growth", "tier_gap"),
            hint=(
                "Growth and distance count where no target is set.",
                "未下达目标时按增长与档距推算。",
            ),
        ),
        Group(
            title=("On top of the models", "模型之上的假设"),
            fields=("assumed", "assumed_parts", "promoted"),
            hint=("Months that are over stay as they are.", "已结月份不变。"),
        ),
        Group(
            title=("Judgement", "人工调整"),
            fields=("locks", "entries", "overrides", "expire_days", "kept"),
            hint=("0 days: overrides never expire.", "0天即调整一直有效。"),
        ),
        Group(
            title=("What to forecast", "预测什么"),
            fields=("measure", "horizon", "regions"),
            hint=("0 months: to the end of the fiscal year.", "0个月即到财年末。"),
        ),
        Group(title=("Calendar", "日历"), fields=("calendar",)),
        Group(
            title=("All levels", "各层级"),
            fields=("node",),
            hint=("Its months stand on the page of all levels.", "其各月见“各层级”页。"),
        ),
        Group(
            title=("Method", "方法"),
            fields=(
                "as_of",
                "organisation",
                "method",
                "effort",
                "look_back",
                "draws",
                "top",
                "seed",
            ),
            folded=True,
        ),
    ),
    view=reported(TILES),
    tabs=TABS,
    prepare=prepare,
    slow=SLOW,
    compute=lambda company, params, prepared: answer(prepared, params),
    options={"regions": regions, "node": nodes},
)
