"""Forecasts looked back on: how the total fared by months ahead, what each stage added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.story.judged import months_ahead, stage_name
from workbench.forecasting.story.words import currency, one_unit
from workbench.report import Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.judgement import ValueAdded
    from workbench.forecasting.study_forecast import ForecastStudy

#: Weight from which deals are called the better guide.
HALF = 0.5


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
    steps = result.answer("kept").staircase
    horizon = int(steps.steps["horizon"].min())
    mine = steps.steps[steps.steps["horizon"] == horizon]
    return stages(
        steps,
        lang,
        subtitle=lang.say(
            "Kept forecasts of all nodes, error in %, {months} ahead, {n} months",
            months=months_ahead(horizon, lang),
            n=lang.number(mine["periods"].max()),
        ),
        horizon=horizon,
    )


def stages(steps: ValueAdded, lang: Language, *, subtitle: str, **where: Any) -> Any:
    """One staircase under the stage that helps most, if one surely does."""
    from workbench.charts import Measure, columns, staircase
    from workbench.forecasting.judgement.value_added import chosen

    told = chosen(steps.steps, where).set_index("stage")
    helped = told.loc[told["verdict"] == "better", "added"]
    title = lang.say("No stage is told from the one before")
    if len(helped):
        title = lang.say(
            "The stage {stage} helps most: {points} less error",
            stage=stage_name(str(helped.idxmax()), lang),
            points=lang.points(float(helped.max()), sign=False),
        )
    return staircase(
        steps.stair(lang, **where),
        lang=lang,
        title=title,
        subtitle=subtitle,
        measure=Measure("share", decimals=1),
        width=columns(6),
    )


def handover(result: ForecastStudy, lang: Language) -> TableView:
    """How far ahead deals are the better guide: errors of both, and the weight deals deserve."""
    table = result.answer("again").handover
    scale = one_unit(result, table["series_error"].fillna(0.0), lang)
    near = table[table["weight"] >= HALF]
    last = int(near["lead"].max()) if len(near) else 0
    title = (
        lang.say("Deals are the better guide up to {months} ahead", months=months_ahead(last, lang))
        if last
        else lang.say("History alone is the better guide at once")
    )
    return TableView(
        table,
        [
            Col("lead", lang.say("Months ahead")),
            Col("pipeline_error", lang.say("With deals"), "money"),
            Col("series_error", lang.say("History alone"), "money"),
            Col("weight", lang.say("Weight of deals"), "percent", decimals=0, bold=True),
            Col("weight", "", "bar", limits=(0, 1)),
            Col("origins", lang.say("Months counted"), "integer"),
        ],
        lang=lang,
        title=title,
        subtitle=lang.say("Root mean square of the company's errors, {unit}", unit=scale.unit),
        caption=lang.say("Hand-over from deals to history"),
        note=lang.say(
            "The weight that would have erred least, drawn to one that falls with the months ahead."
        ),
        currency=currency(result),
        scale=scale,
        max_rows=24,
    )
