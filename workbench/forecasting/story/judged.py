"""Section on judgement: what each stage adds, and where naive would do better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.judgement import STAGES
from workbench.forecasting.outlook.people import COMPANY
from workbench.forecasting.story.words import full
from workbench.kpis import KPIS
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

MOST = 10


def value_added(result: ForecastStudy, lang: Language) -> Section:
    """The staircase by months ahead, and the gate."""
    found = result.answer("people")
    horizons = sorted(found.staircase.steps["horizon"].unique())[:2]
    parts: list[Block] = [Block(_stair(result, int(h), lang), span=6) for h in horizons]
    parts.append(Block(_bias(result, lang), span=6))
    if found.gate is not None and len(found.gate.offered()):
        parts.append(Block(_gate(result, lang), span=6))
    return Section(*parts, lang=lang, reading=_reading(result, lang))


def _months(horizon: int, lang: Language) -> str:
    return lang.count(horizon, one="month", many="months", zh="个月")


def _stair(result: ForecastStudy, horizon: int, lang: Language) -> Any:
    from workbench.charts import Measure, columns, staircase

    found = result.answer("people")
    steps = found.staircase
    table = steps.stair(lang, level=COMPANY, horizon=horizon)
    mine = steps.steps[steps.steps["horizon"] == horizon]
    worse = mine[mine["verdict"] == "worse"].sort_values("added")
    better = mine[mine["verdict"] == "better"].sort_values("added", ascending=False)
    if len(worse):
        row = worse.iloc[0]
        title = lang.say(
            "The stage {stage} makes it worse by {points}",
            stage=lang.pick(*STAGES[row["stage"]]),
            points=lang.points(-row["added"], sign=False),
        )
    elif len(better):
        row = better.iloc[0]
        title = lang.say(
            "The stage {stage} helps most: {points} less error",
            stage=lang.pick(*STAGES[row["stage"]]),
            points=lang.points(row["added"], sign=False),
        )
    else:
        title = lang.say("No stage is told from the one before")
    return staircase(
        table,
        lang=lang,
        title=title,
        subtitle=lang.say(
            "{kpi}, error in %, {months} ahead, last {n} months",
            kpi=KPIS[found.kpi].name(lang),
            months=_months(horizon, lang),
            n=lang.number(mine["periods"].max()),
        ),
        measure=Measure("share", decimals=1),
        width=columns(6),
    )


def _bias(result: ForecastStudy, lang: Language) -> TableView:
    table = result.answer("people").bias
    words = {
        "too_high": lang.say("too high"),
        "too_low": lang.say("too low"),
        "no_bias": lang.say("no bias found"),
    }
    shown = table.assign(
        stage=[lang.pick(*STAGES.get(name, (name, name))) for name in table["stage"]],
        verdict=[words.get(str(name), "–") for name in table["verdict"]],
    )
    biased = int(table["verdict"].isin(["too_high", "too_low"]).sum())
    return TableView(
        shown,
        [
            Col("stage", lang.say("Forecast stage")),
            Col("horizon", lang.say("Months ahead"), "integer"),
            Col("bias", lang.say("Bias"), "signed_percent"),
            Col("low", lang.say("from"), "signed_percent"),
            Col("high", lang.say("to"), "signed_percent"),
            Col("verdict", lang.say("Bias found")),
        ],
        lang=lang,
        title=lang.say(
            "{n} of {count} figures lean to one side",
            n=lang.number(biased),
            count=lang.number(len(table)),
        ),
        subtitle=lang.say("Mean error in % of what came, company, with its 95% interval"),
        caption=lang.say("Bias of stages"),
    )


def _gate(result: ForecastStudy, lang: Language) -> TableView:
    gate = result.answer("people").gate
    offered = gate.offered()
    shown = offered.assign(name=_names(result, offered["series_id"], lang))
    return TableView(
        shown,
        [
            Col("name", lang.say("Rep")),
            Col("error_used", lang.say("Own error"), "percent"),
            Col("error_plain", lang.say("Naive error"), "percent"),
            Col("gain", lang.say("Gain"), "points"),
        ],
        lang=lang,
        title=lang.say("For {n} reps naive is the better figure", n=lang.number(len(offered))),
        subtitle=lang.say("Next month, error in % of what came; chance finds held to 5%"),
        caption=lang.say("Use naive here"),
        keep=MOST,
    )


def _names(result: ForecastStudy, ids: pd.Series, lang: Language) -> list[str]:
    company = result.scope.company
    if not company.has("rep"):
        return [str(one) for one in ids]
    column = "name_en" if lang.code == "en" else "name"
    rows = company.sql(f"select rep_id, max(coalesce({column}, name)) as name from rep group by 1")
    found = dict(zip(rows["rep_id"], rows["name"], strict=True))
    return [str(found.get(one, one)) for one in ids]


def _reading(result: ForecastStudy, lang: Language) -> str:
    found = result.answer("people")
    if found.gate is None:
        return ""
    offered, tested = len(found.gate.offered()), len(found.gate.tested)
    if not offered:
        said = lang.say(
            "Gate: for none of {tested} reps is the naive figure surely better",
            tested=lang.number(tested),
        )
    else:
        said = lang.say(
            "Gate: for {offered} of {tested} reps the naive figure is the better one; use it there",
            offered=lang.number(offered),
            tested=lang.number(tested),
        )
    return full(lang, [said])
