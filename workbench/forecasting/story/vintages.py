"""Kept forecasts: how the total fared by months ahead, and what each stage of them added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.story.judged import months_ahead, stage_name
from workbench.report import Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy


def accuracy(result: ForecastStudy, lang: Language) -> TableView:
    """Error of kept forecasts of the total, a row a month ahead, columns by stage."""
    found = result.answer("kept")
    table = found.accuracy[found.accuracy["origin"].isna()]
    wide = table.pivot(index="horizon", columns="stage", values="error")
    final = table[table["stage"] == "final"].set_index("horizon")
    shown = wide.assign(
        bias=final["bias"], inside=final["inside80"], rows=final["rows"]
    ).reset_index()
    stages = [name for name in ("statistical", "pipeline", "final") if name in wide.columns]
    origins = found.vintages["origin"].nunique()
    return TableView(
        shown,
        [
            Col("horizon", lang.say("Months ahead")),
            *(Col(name, stage_name(name, lang), "percent") for name in stages),
            Col("bias", lang.say("Bias"), "signed_percent"),
            Col("inside", lang.say("Inside 80%"), "percent", decimals=0),
            Col("rows", lang.say("Months counted"), "integer"),
        ],
        lang=lang,
        title=_title(final, lang),
        subtitle=lang.say(
            "{n} kept forecasts of the total: error in % of what came; bias and range of the final"
            " figure",
            n=lang.number(origins),
        ),
        caption=lang.say("Accuracy of kept forecasts"),
    )


def _title(final: pd.DataFrame, lang: Language) -> str:
    if final.empty:
        return lang.say("No month that was forecast is over yet")
    nearest = int(final.index.min())
    return lang.say(
        "Kept forecasts erred {error}, {months} ahead",
        error=lang.percent(float(final["error"].loc[nearest])),
        months=months_ahead(nearest, lang),
    )


def stair(result: ForecastStudy, lang: Language) -> Any:
    """The staircase of kept forecasts, next month, all nodes."""
    from workbench.charts import Measure, columns, staircase

    steps = result.answer("kept").staircase
    horizon = int(steps.steps["horizon"].min())
    mine = steps.steps[steps.steps["horizon"] == horizon].set_index("stage")
    helped = mine["added"].dropna()
    best = str(helped.idxmax()) if len(helped) else ""
    title = lang.say("What each stage of kept forecasts added")
    if best and float(helped[best]) > 0:
        title = lang.say(
            "The stage {stage} helps most: {points} less error",
            stage=stage_name(best, lang),
            points=lang.points(float(helped[best]), sign=False),
        )
    return staircase(
        steps.stair(lang, horizon=horizon),
        lang=lang,
        title=title,
        subtitle=lang.say(
            "Kept forecasts of all nodes, error in %, {months} ahead, {n} months",
            months=months_ahead(horizon, lang),
            n=lang.number(mine["periods"].max()),
        ),
        measure=Measure("share", decimals=1),
        width=columns(6),
    )
