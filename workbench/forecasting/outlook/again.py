"""The forecast made again in earlier months: what deals add to history alone, by months ahead.

Each earlier month is forecast twice from what was known then, as it is now (deals and the rest) and
from the history of the whole alone. Held against what came, this tells how far ahead deals are the
better guide, and where the time series takes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.batch import Floats
from workbench.forecasting.judgement import ValueAdded, from_entries, naive_figures, value_added
from workbench.forecasting.judgement.figures import COLUMNS, with_actuals
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.handover import NO_PAST
from workbench.forecasting.outlook.monthly import KEYS, long
from workbench.forecasting.outlook.past import FEW_DRAWS, LEAST_HISTORY, earlier
from workbench.forecasting.outlook.said import COMPANY
from workbench.forecasting.pipeline.blend import hand_over
from workbench.text import mark

#: Stages compared.
STAGES = ("naive", "statistical", "pipeline", "final")


@dataclass(frozen=True)
class Again:
    """What the forecast would have said in earlier months.

    Attributes
    ----------
    figures : pandas.DataFrame
        `judgement.figures.COLUMNS`: all nodes, months ahead and stages (final: what people entered
        for the company, where they did).
    staircase : ValueAdded
        By level of the hierarchy ("company" is the total) and months ahead.
    weights : pandas.DataFrame
        As `pipeline.blend.hand_over`, of the company: the weight that the forecast with deals
        deserves against the history of the whole alone, a row a month ahead.
    origins : int
        Earlier months forecast.
    """

    figures: pd.DataFrame
    staircase: ValueAdded
    weights: pd.DataFrame
    origins: int


def again(found: Outlook, count: int) -> Again | None:
    """Forecast so many earlier months again.

    Parameters
    ----------
    found : Outlook
        With a pipeline.
    count : int
        Earlier months, the latest ones; none for 0.

    Returns
    -------
    Again or None
        None for 0.

    Raises
    ------
    NotIdentifiedError
        If there is no pipeline, or no earlier month had enough history.
    """
    if not count:
        return None
    if found.pipeline is None:
        raise NotIdentifiedError(
            mark("without deals there is nothing to hold against the history"),
            where="opportunity",
            do=mark("import deals and their snapshots"),
        )
    parts = list(_origins(found, count))
    if not parts:
        raise NotIdentifiedError(
            mark("the history is too short to look back on earlier forecasts"),
            where=f"{len(found.history)} < {LEAST_HISTORY + 1}",
            do=mark("give a longer history"),
        )
    actuals = long(found.history, "actual")
    said = with_actuals(pd.concat(parts, ignore_index=True), actuals)
    figures = pd.concat([naive_figures(said, actuals), said], ignore_index=True)
    entered = _entered(found, actuals)
    scored = pd.concat([figures, entered], ignore_index=True)
    return Again(
        scored,
        value_added(scored, stages=STAGES, by=("level", "horizon")),
        _weights(figures, found.scope.horizon),
        len(parts),
    )


def _origins(found: Outlook, count: int) -> Iterator[pd.DataFrame]:
    """Both forecasts of each earlier month: series_id, level, period, horizon, stage, forecast."""
    settings = replace(found.settings, draws=FEW_DRAWS)
    past = NO_PAST if found.handover is None else found.handover.past
    for back in range(1, count + 1):
        looked = found.scope.earlier(back, horizon=found.scope.horizon)
        if int((found.history.index <= looked.last).sum()) < LEAST_HISTORY:
            return
        made = earlier(looked, settings, deals=True, past=past)
        if made.pipeline is None:
            return
        yield pd.concat(
            [
                _rows(made, _by_history(made), "statistical"),
                _rows(made, made.points, "pipeline"),
            ],
            ignore_index=True,
        )


def _rows(made: Outlook, points: Floats, stage: str) -> pd.DataFrame:
    nodes, months = made.tree.table(), pd.PeriodIndex(made.scope.months, freq="M")
    level = nodes["level"].where(nodes["node"] != TOTAL, COMPANY)
    count = len(months)
    return pd.DataFrame(
        {
            "series_id": np.repeat(nodes["node"].to_numpy(), count),
            "level": np.repeat(level.to_numpy(), count),
            "period": np.tile(months, len(nodes)),
            "horizon": np.tile(np.arange(1, count + 1), len(nodes)),
            "stage": stage,
            "forecast": points.ravel(),
        }
    )


def _by_history(made: Outlook) -> Floats:
    """The same months of all nodes from the history of the whole, deals not looked at."""
    from workbench.forecasting.forecaster import forecast

    series = list(made.tree.series)
    keys = pd.DataFrame([name.split("/", 1) for name in series], columns=list(KEYS))
    settings = made.settings
    whole = forecast(
        long(made.history[series]),
        made.scope.horizon,
        hierarchy=keys.assign(series_id=series)[["series_id", *KEYS]],
        regressors="calendar" if settings.calendar else None,
        method=settings.method,
        effort=settings.effort,
    )
    assert whole.reconciler is not None
    order = pd.Index(whole.reconciler.hierarchy.nodes).get_indexer(pd.Index(made.nodes))
    return np.asarray(whole.points[order])


def _entered(found: Outlook, actuals: pd.DataFrame) -> pd.DataFrame:
    """What people entered for the company as the final figure; no rows without entries."""
    company = found.scope.company
    if not company.has("forecast_entry"):
        return pd.DataFrame(columns=list(COLUMNS))
    entries = company.table("forecast_entry", money="float")
    known = pd.to_datetime(entries["entry_date"]) <= pd.Timestamp(found.scope.day)
    total = actuals[actuals["series_id"] == TOTAL].assign(series_id=COMPANY)
    read = from_entries(
        entries[known & (entries["level"] == COMPANY) & (entries["step"] == "final")],
        total,
        kpi_id=found.scope.kpi,
    ).figures
    return read[list(COLUMNS)].assign(series_id=TOTAL)


def _weights(figures: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Weights of deals by month ahead, from the company's months that are over."""
    known = figures[(figures["series_id"] == TOTAL) & figures["actual"].notna()]
    wide = known.pivot(
        index=["period", "horizon", "actual"], columns="stage", values="forecast"
    ).reset_index()
    wide = wide.dropna(subset=["pipeline", "statistical"])
    past = pd.DataFrame(
        {
            "origin": wide["period"] - wide["horizon"],
            "lead": wide["horizon"],
            "pipeline": wide["pipeline"],
            "series": wide["statistical"],
            "actual": wide["actual"],
        }
    )
    return hand_over(past, horizon=horizon)
