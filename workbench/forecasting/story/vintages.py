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
    title = lang.say("No stage surely differs from the one before")
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


def with_deals(result: ForecastStudy, lang: Language) -> TableView:
    """Errors of the forecast with deals and of history alone, by months ahead."""
    table = result.answer("again").weights
    better = table["pipeline_error"] < table["series_error"]
    last = int(table["lead"].where(better.cummin()).max()) if better.iloc[0] else 0
    title = (
        lang.say("With deals it errs less up to {months} ahead", months=months_ahead(last, lang))
        if last
        else lang.say("History alone errs less at once")
    )
    return _weights(
        table,
        result,
        lang,
        title=title,
        names=(lang.say("With deals"), lang.say("History alone")),
        caption=lang.say("With deals or history alone"),
    )


def handover(result: ForecastStudy, lang: Language) -> TableView:
    """How much of deals ahead is taken from open deals, and how much from their own history."""
    found = result.outlook.handover
    assert found is not None
    near, far = found.weights[0], found.weights[-1]
    return _weights(
        found.table,
        result,
        lang,
        title=lang.say(
            "Open deals weigh {near} next month, {far} in the last one",
            near=lang.percent(float(near), decimals=0),
            far=lang.percent(float(far), decimals=0),
        ),
        names=(lang.say("Open deals"), lang.say("Own history")),
        caption=lang.say("Hand-over from open deals to their history"),
    )


def _weights(
    table: pd.DataFrame,
    result: ForecastStudy,
    lang: Language,
    *,
    title: str,
    names: tuple[str, str],
    caption: str,
) -> TableView:
    errors = table[["pipeline_error", "series_error"]].to_numpy(float).ravel()
    scale = one_unit(result, errors, lang)
    return TableView(
        table,
        [
            Col("lead", lang.say("Months ahead")),
            Col("pipeline_error", names[0], "money"),
            Col("series_error", names[1], "money"),
            Col("weight", lang.say("Weight of deals"), "percent", decimals=0, bold=True),
            Col("weight", "", "bar", limits=(0, 1)),
            Col("origins", lang.say("Months counted"), "integer"),
        ],
        lang=lang,
        title=title,
        subtitle=lang.say("Root mean square of the company's errors, {unit}", unit=scale.unit),
        caption=caption,
        note=lang.say(
            "The weight that would have erred least, drawn to one that falls with the months ahead."
        ),
        currency=currency(result),
        scale=scale,
        max_rows=24,
    )
