"""Sections on models: which of them fared best at earlier origins, and how often ranges held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.story import vintages
from workbench.forecasting.story.words import currency, full, known, money
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

COMBINATION = ("Combination", "组合预测")


def model_name(name: str, lang: Language) -> str:
    """Name of a model, of the combination, or of a naive one."""
    from workbench.errors import ParameterError
    from workbench.forecasting.models import model

    if name == "combination":
        return lang.pick(*COMBINATION)
    try:
        return lang.pick(*model(name).title)
    except ParameterError:
        return name


def leaderboard(result: ForecastStudy, lang: Language) -> Section:
    """Errors of every model at earlier origins, naive always among them."""
    table = result.answer("leaderboard")
    shown = table.assign(model=[model_name(name, lang) for name in table["model"]])
    best = shown.iloc[0]
    view = TableView(
        shown,
        [
            Col("model", lang.say("Model")),
            Col("OWA", lang.say("OWA"), "number", decimals=3, bold=True),
            Col("MASE", lang.say("MASE"), "number", decimals=3),
            Col("sMAPE", lang.say("sMAPE, %"), "number", decimals=1),
            Col("bias", lang.say("Bias"), "signed_percent"),
            Col("weight", lang.say("Weight now"), "percent", decimals=0),
            Col("OWA", "", "bar", decimals=2, limits=(0, float(table["OWA"].max()))),
        ],
        lang=lang,
        title=lang.say("{model} has the smallest error", model=best["model"]),
        subtitle=lang.say(
            "Mean over {series} nodes and earlier origins, {months} ahead; OWA: 1 is the naive"
            " forecast with season",
            series=lang.number(table["series"].max()),
            months=lang.count(result.scope.horizon, one="month", many="months", zh="个月"),
        ),
        caption=lang.say("Leaderboard"),
        max_rows=20,
    )
    return Section(Block(view, span=8), lang=lang, reading=_gain(table, lang))


def _gain(table: pd.DataFrame, lang: Language) -> str:
    errors = table.set_index("model")["MASE"]
    if not {"combination", "seasonal_naive"} <= set(errors.index):
        return ""
    gain = 1 - errors["combination"] / errors["seasonal_naive"]
    if not known(gain) or gain <= 0:
        return full(lang, [lang.say("No model beats last year's figure: use that")])
    return full(
        lang,
        [
            lang.say(
                "The combination errs {gain} less than last year's figure",
                gain=lang.percent(gain, decimals=0),
            )
        ],
    )


def calibration(result: ForecastStudy, lang: Language) -> Section:
    """How often what came lay inside the ranges stated before."""
    parts: list[Any] = [_held(result, lang)]
    if result.has("total_before"):
        parts.append(Block(_before(result, lang), span=7))
    if result.has("kept"):
        parts.append(Block(vintages.accuracy(result, lang), span=6))
        if len(result.answer("kept").staircase.steps):
            parts.append(Block(vintages.stair(result, lang), span=6))
    return Section(*parts, lang=lang, reading=_year_ago(result, lang))


def _held(result: ForecastStudy, lang: Language) -> Block:
    table = result.answer("leaderboard").set_index("model").loc["combination"]
    rows = [(lang.say("Months of all nodes"), table["cov80"], table["cov95"])]
    if result.has("total_before"):
        inside = float(result.answer("total_before")["inside"].mean())
        rows.append((lang.say("Totals of earlier origins"), inside, float("nan")))
    frame = pd.DataFrame(rows, columns=["what", "at80", "at95"])
    view = TableView(
        frame,
        [
            Col("what", lang.say("Forecast of")),
            Col("at80", lang.say("Inside the 80% range"), "percent", decimals=0),
            Col("at95", lang.say("Inside the 95% range"), "percent", decimals=0),
        ],
        lang=lang,
        title=lang.say(
            "The 80% range held {share} of the time",
            share=lang.percent(float(table["cov80"]), decimals=0),
        ),
        subtitle=lang.say("At earlier origins, each from what was known there"),
        caption=lang.say("How often ranges held"),
    )
    return Block(view, span=5)


def _before(result: ForecastStudy, lang: Language) -> Any:
    from workbench.charts import Measure, columns, interval_bars

    table = result.answer("total_before").iloc[::-1]
    drawn = pd.DataFrame(
        {
            "label": [lang.month(origin, year=True) for origin in table["origin"]],
            "value": table["forecast"] / table["actual"] - 1,
            "low": table["lo80"] / table["actual"] - 1,
            "high": table["hi80"] / table["actual"] - 1,
            "highlight": ~table["inside"],
        }
    )
    outside = int((~table["inside"]).sum())
    return interval_bars(
        drawn,
        lang=lang,
        title=lang.say(
            "What came lay outside {n} of {count} ranges",
            n=lang.number(outside),
            count=lang.number(len(table)),
        ),
        subtitle=lang.say(
            "Total of {months} ahead by history alone, made after each month, against what came, %",
            months=lang.count(result.scope.horizon, one="month", many="months", zh="个月"),
        ),
        measure=Measure("share", signed=True),
        reference=0.0,
        reference_label=lang.say("what came"),
        join=False,
        width=columns(7),
        row_height=24,
    )


def _year_ago(result: ForecastStudy, lang: Language) -> str:
    if not result.has("year_ago"):
        return ""
    found = result.answer("year_ago")
    # in 亿 as exact as what came, so that it is seen on which side of an end that lies
    decimals = 2 if lang.code == "zh" and abs(found.high) >= 1e8 else None
    return full(
        lang,
        [
            lang.say(
                "A year ago this procedure expected {median}, 80% range {range}; {actual} came",
                median=money(result, found.median, lang),
                range=lang.interval(
                    found.low, found.high, currency=currency(result), decimals=decimals
                ),
                actual=money(result, found.actual, lang),
            )
        ],
    )
