"""Section on accuracy over time: whether errors shrink, and whose figures lean to one side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import InputError
from workbench.forecasting.judgement.bias import VERDICTS
from workbench.forecasting.outlook.people import OWN
from workbench.forecasting.outlook.said import COMPANY
from workbench.forecasting.story.judged import months_ahead, node_names, stage_name
from workbench.forecasting.story.words import full
from workbench.kpis import KPIS
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

MOST = 10
MARKS = {"too_high": "△", "too_low": "▽"}


def over_time(result: ForecastStudy, lang: Language) -> Section:
    """Errors by span of months, the tracking signal, and the bias of stages, teams and reps."""
    parts = [Block(_spans(result, lang), span=7)]
    signal = _signal(result, lang)
    if signal is not None:
        parts.append(Block(signal, span=5))
    parts.append(Block(_bias(result, lang), span=5))
    if len(_leaning(result)):
        parts.append(Block(_who(result, lang), span=7))
    return Section(*parts, lang=lang, reading=_alarms(result, lang))


def _spans(result: ForecastStudy, lang: Language) -> TableView:
    table = result.answer("people").over_time
    spans = table.drop_duplicates("first").sort_values("first")
    wide = table.pivot(index="stage", columns="first", values="error")
    wide = wide.reindex(table["stage"].unique()).reset_index()
    wide.columns = [str(name) for name in wide.columns]
    columns = [Col("stage", lang.say("Forecast stage"))]
    for first, last in zip(spans["first"], spans["last"], strict=True):
        label = lang.period(first.start_time.date(), last.end_time.date())
        columns.append(Col(str(first), label, "percent"))
    return TableView(
        wide.assign(stage=[stage_name(name, lang) for name in wide["stage"]]),
        columns,
        lang=lang,
        title=_spans_title(table, lang),
        subtitle=lang.say(
            "{kpi}, company, 1 month ahead: error in % of what came",
            kpi=KPIS[result.answer("people").kpi].name(lang),
        ),
        caption=lang.say("Accuracy over time"),
    )


def _spans_title(table: pd.DataFrame, lang: Language) -> str:
    mine = table[table["stage"] == OWN[COMPANY]].sort_values("first")
    if len(mine) < 2:
        return lang.say("Error of each stage over time")
    before, now = mine["error"].iloc[-2:]
    words = {"now": lang.percent(now), "before": lang.percent(before)}
    if now < before:
        return lang.say("The final figure erred {now} lately, {before} in the span before", **words)
    return lang.say("The final figure erred {now} lately, up from {before}", **words)


def _signal(result: ForecastStudy, lang: Language) -> Any:
    from workbench.charts import Measure, columns, signal_line

    signals = result.answer("people").signals
    try:
        line = signals.line(level=COMPANY, series_id=COMPANY)
    except InputError:
        return None
    alarms = int(line["alarm"].sum())
    title = (
        lang.say_n(
            "The final figure left its limits in {n} month",
            "The final figure left its limits in {n} months",
            alarms,
        )
        if alarms
        else lang.say("The final figure stayed within its limits")
    )
    return signal_line(
        line,
        lang=lang,
        title=title,
        subtitle=lang.say("Tracking signal: errors of 12 months over their mean size"),
        measure=Measure("number", decimals=1),
        limit_label=lang.say("limit of chance"),
        width=columns(5),
    )


def _bias(result: ForecastStudy, lang: Language) -> TableView:
    """Bias of the company's figure, a row a stage, columns by months ahead."""
    table = result.answer("people").bias
    wide = pd.DataFrame({"stage": list(dict.fromkeys(table["stage"]))})
    columns = [Col("stage", lang.say("Forecast stage"))]
    for horizon in sorted(table["horizon"].unique()):
        part = table[table["horizon"] == horizon].set_index("stage").reindex(wide["stage"])
        wide[f"bias{horizon}"] = part["bias"].to_numpy()
        wide[f"mark{horizon}"] = part["verdict"].map(MARKS).fillna("").to_numpy()
        label = lang.say("{months} ahead", months=months_ahead(int(horizon), lang))
        columns.append(Col(f"bias{horizon}", label, "signed_percent", mark=f"mark{horizon}"))
    biased = int(table["verdict"].isin(list(MARKS)).sum())
    return TableView(
        wide.assign(stage=[stage_name(name, lang) for name in wide["stage"]]),
        columns,
        lang=lang,
        title=lang.say(
            "{n} of {count} figures lean to one side",
            n=lang.number(biased),
            count=lang.number(len(table)),
        ),
        subtitle=lang.say("Company: mean error in % of what came"),
        caption=lang.say("Bias of stages"),
        note=lang.say("△ surely too high, ▽ surely too low; chance finds held to 5%."),
    )


def _leaning(result: ForecastStudy) -> pd.DataFrame:
    table = result.answer("people").leaning
    found = table[table["verdict"].isin(list(MARKS))]
    return found.iloc[(-found["bias"].abs()).argsort(kind="stable")]


def _who(result: ForecastStudy, lang: Language) -> TableView:
    table = _leaning(result)
    high = int((table["verdict"] == "too_high").sum())
    return TableView(
        table.assign(
            name=node_names(result, table["series_id"], lang),
            verdict=[lang.pick(*VERDICTS[name]) for name in table["verdict"]],
        ),
        [
            Col("name", lang.say("Team or rep")),
            Col("bias", lang.say("Bias"), "signed_percent"),
            Col("low", lang.say("from"), "signed_percent"),
            Col("high", lang.say("to"), "signed_percent"),
            Col("periods", lang.say("Months counted"), "integer"),
            Col("verdict", lang.say("Bias found")),
        ],
        lang=lang,
        title=lang.say(
            "{low} teams and reps state too little, {high} too much",
            low=lang.number(len(table) - high),
            high=lang.number(high),
        ),
        subtitle=lang.say("1 month ahead: mean error in % of what came, with its 95% interval"),
        caption=lang.say("Whose figures lean to one side"),
        keep=MOST,
    )


def _alarms(result: ForecastStudy, lang: Language) -> str:
    latest = result.answer("people").signals.latest()
    current = latest[latest["period"] == latest["period"].max()]
    raised = current[(current["alarm"] != "") & (current["level"] != COMPANY)]
    if raised.empty:
        return full(lang, [lang.say("No team or rep is outside the limits of the signal now")])
    names = node_names(result, raised["series_id"].head(3), lang)
    return full(
        lang,
        [
            lang.say(
                "{n} of {count} teams and reps are outside the limits of the signal now, {names}"
                " furthest",
                n=lang.number(len(raised)),
                count=lang.number(len(current)),
                names=lang.pause.join(names),
            )
        ],
    )
