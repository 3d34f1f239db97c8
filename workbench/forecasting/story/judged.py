"""Section on judgement: what each stage adds on each level, and where naive would do better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.judgement import STAGES
from workbench.forecasting.outlook.said import COMPANY, LEVELS
from workbench.forecasting.story.words import full, known
from workbench.kpis import KPIS
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

MOST = 10
#: Share of sales that reps' figures have to stand for, before what lacks is spoken of.
NEARLY_ALL = 0.98
LEVEL_NAMES = {COMPANY: ("Company", "全公司"), "team": ("Teams", "团队"), "rep": ("Reps", "个人")}


def value_added(result: ForecastStudy, lang: Language) -> Section:
    """The staircase of the company, all levels and months ahead, and the gate."""
    parts = _deals_add(result, lang)
    if not result.has("people") and parts:
        return Section(*parts, lang=lang)
    found = result.answer("people")
    steps = found.staircase.steps
    horizons = sorted(steps.loc[steps["level"] == COMPANY, "horizon"].unique())
    shown = dict.fromkeys([*horizons[:1], *horizons[-1:]])
    parts = [Block(_stair(result, int(h), lang), span=6) for h in shown] + parts
    parts.append(Block(_levels(result, lang), span=12))
    if len(found.gate.offered()):
        parts.append(Block(_gate(result, lang), span=8))
    note = lang.say("Entries of all regions are scored.") if result.scope.regions else ""
    return Section(*parts, lang=lang, reading=_reading(result, lang), note=note)


def stage_name(name: str, lang: Language) -> str:
    """Name of a stage."""
    return lang.pick(*STAGES.get(name, (name, name)))


def node_names(result: ForecastStudy, ids: pd.Series, lang: Language) -> list[str]:
    """Names of the company, its teams and reps; the id where there is none."""
    company = result.scope.company
    column = "name_en" if lang.code == "en" else "name"
    found = {COMPANY: lang.pick(*LEVEL_NAMES[COMPANY])}
    for table, key in (("team", "team_id"), ("rep", "rep_id")):
        if company.has(table):
            rows = company.sql(
                f"select {key} as id, max(coalesce({column}, name)) as name from main.{table}"
                " group by 1"
            )
            found |= dict(zip(rows["id"], rows["name"], strict=True))
    return [str(found.get(one) or one) for one in ids]


def months_ahead(horizon: int, lang: Language) -> str:
    """So many months."""
    return lang.count(horizon, one="month", many="months", zh="个月")


def _stair(result: ForecastStudy, horizon: int, lang: Language) -> Any:
    from workbench.charts import Measure, columns, staircase

    found = result.answer("people")
    steps = found.staircase
    table = steps.stair(lang, level=COMPANY, horizon=horizon)
    mine = steps.steps[(steps.steps["horizon"] == horizon) & (steps.steps["level"] == COMPANY)]
    worse = mine[mine["verdict"] == "worse"].sort_values("added")
    better = mine[mine["verdict"] == "better"].sort_values("added", ascending=False)
    if len(worse):
        row = worse.iloc[0]
        title = lang.say(
            "The stage {stage} makes it worse by {points}",
            stage=stage_name(row["stage"], lang),
            points=lang.points(-row["added"], sign=False),
        )
    elif len(better):
        row = better.iloc[0]
        title = lang.say(
            "The stage {stage} helps most: {points} less error",
            stage=stage_name(row["stage"], lang),
            points=lang.points(row["added"], sign=False),
        )
    else:
        title = lang.say("No stage surely differs from the one before")
    return staircase(
        table,
        lang=lang,
        title=title,
        subtitle=lang.say(
            "{kpi}, error in %, {months} ahead, last {n} months",
            kpi=KPIS[found.kpi].name(lang),
            months=months_ahead(horizon, lang),
            n=lang.number(mine["periods"].max()),
        ),
        measure=Measure("share", decimals=1),
        width=columns(6),
    )


def _deals_add(result: ForecastStudy, lang: Language) -> list[Block]:
    """Staircase and hand-over of months forecast again, where they were."""
    from workbench.forecasting.story import vintages

    if not result.has("again"):
        return []
    found = result.answer("again")
    drawn = vintages.stages(
        found.staircase,
        lang,
        subtitle=lang.say(
            "{kpi}, company, made again for {n} months: error in %, 1 month ahead",
            kpi=KPIS[result.scope.kpi].name(lang),
            n=lang.number(found.origins),
        ),
        level=COMPANY,
        horizon=1,
    )
    return [Block(drawn, span=6), Block(vintages.with_deals(result, lang), span=6)]


def _levels(result: ForecastStudy, lang: Language) -> TableView:
    """Error and value added of every stage, a row a level and stage, columns by months ahead."""
    steps = result.answer("people").staircase.steps
    horizons = [int(one) for one in sorted(steps["horizon"].unique())]
    rows = []
    for level in LEVELS:
        part = steps[steps["level"] == level]
        for place, stage in enumerate(part["stage"].unique()):
            name = f"{lang.pick(*LEVEL_NAMES[level])}{lang.colon}{stage_name(stage, lang)}"
            row: dict[str, Any] = {"node": name, "first": place == 0}
            for horizon, one in part[part["stage"] == stage].set_index("horizon").iterrows():
                row[f"error{horizon}"] = one["error"]
                row[f"change{horizon}"] = -one["added"]
                row[f"mark{horizon}"] = {"better": "▼", "worse": "△"}.get(one["verdict"], "")
            rows.append(row)
    columns = [Col("node", lang.say("Level and stage"))]
    for horizon in horizons:
        group = lang.say("{months} ahead", months=months_ahead(horizon, lang))
        columns += [
            Col(f"error{horizon}", lang.say("Error"), "percent", group=group),
            Col(f"change{horizon}", lang.say("Change, pp"), "points", group=group,
                mark=f"mark{horizon}"),
        ]  # fmt: skip
    told = steps[steps["stage"] != "naive"]
    return TableView(
        pd.DataFrame(rows),
        columns,
        lang=lang,
        title=lang.say(
            "{better} of {count} steps make the figure better, {worse} worse",
            better=lang.number((told["verdict"] == "better").sum()),
            worse=lang.number((told["verdict"] == "worse").sum()),
            count=lang.number(len(told)),
        ),
        subtitle=lang.say(
            "Error in % of what came on each level, and its change against the stage before"
        ),
        caption=lang.say("Value added by level and months ahead"),
        note=lang.say("▼ surely better, △ surely worse: the whole 95% interval lies on one side."),
        max_rows=24,
    )


def _gate(result: ForecastStudy, lang: Language) -> TableView:
    offered = result.answer("people").gate.offered()
    return TableView(
        offered.assign(name=node_names(result, offered["series_id"], lang)),
        [
            Col("name", lang.say("Whose figure")),
            Col("horizon", lang.say("Months ahead"), "integer"),
            Col("error_used", lang.say("Own error"), "percent"),
            Col("error_plain", lang.say("Naive error"), "percent"),
            Col("gain", lang.say("Gain, pp"), "points"),
            Col("low", lang.say("from"), "points"),
            Col("high", lang.say("to"), "points"),
        ],
        lang=lang,
        title=lang.say("For {n} figures naive is the better one", n=lang.number(len(offered))),
        subtitle=lang.say(
            "Error in % of what came, gain with its 95% interval; chance finds held to 5%"
        ),
        caption=lang.say("Use naive here"),
        keep=MOST,
    )


def _reading(result: ForecastStudy, lang: Language) -> str:
    found = result.answer("people")
    offered, tested = len(found.gate.offered()), int(found.gate.tested["enough"].sum())
    if not offered:
        gate = lang.say(
            "Gate: for none of {tested} figures of reps, teams and the company is naive surely"
            " better",
            tested=lang.number(tested),
        )
    else:
        gate = lang.say(
            "Gate: for {offered} of {tested} figures naive is the better one; use it there",
            offered=lang.number(offered),
            tested=lang.number(tested),
        )
    lacks = ""
    if known(found.covered) and found.covered < NEARLY_ALL:
        lacks = lang.say(
            "reps who entered a figure made {share} of sales; the rest nobody forecast, which sums"
            " of reps lack",
            share=lang.percent(found.covered, decimals=0),
        )
    return full(lang, [gate, lacks])
