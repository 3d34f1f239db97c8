"""How earlier forecasts fared: models at earlier origins, and the total as forecast a year ago."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.outlook.bookings import (
    TOTAL,
    Outlook,
    Settings,
    outlook,
)
from workbench.forecasting.outlook.deals_ahead import deals_ahead
from workbench.forecasting.outlook.handover import NO_PAST
from workbench.forecasting.outlook.monthly import long
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

#: Earlier origins of the total, a month apart.
ORIGINS = 12
#: Months of history that a forecast at an earlier origin needs.
LEAST_HISTORY = 25
#: Draws of forecasts that are only looked back on.
FEW_DRAWS = 500


@dataclass(frozen=True)
class YearAgo:
    """The total as it was forecast a year ago from the same month, and what came.

    Attributes
    ----------
    median, low, high : float
        Of the total, with its 80% range.
    actual : float
    whole : bool
        Whether deals were forecast as well, or the history alone.
    """

    median: float
    low: float
    high: float
    actual: float
    whole: bool

    @property
    def error(self) -> float:
        """Relative error of the median; positive is too high."""
        return self.median / self.actual - 1


def leaderboard(found: Outlook, *, origins: int = 6) -> pd.DataFrame:
    """Errors of every model on all nodes at earlier origins, best first.

    Returns
    -------
    pandas.DataFrame
        As `Backtest.table`: model, OWA, MASE, sMAPE, RMSSE, bias, cov80, cov95, series, and
        `weight` of the model in the combination now.

    Raises
    ------
    NotIdentifiedError
        If the history is too short for any.
    """
    from workbench.forecasting.backtesting import backtest
    from workbench.forecasting.evidence import FEWEST

    _refuse_short(len(found.history), found.scope.horizon + FEWEST)
    made = backtest(long(found.history), found.scope.horizon, origins, effort=found.settings.effort)
    weights = found.regular.weights().groupby("model")["weight"].max()
    table = made.table()
    return table.assign(weight=table["model"].map(weights))


def total_before(found: Outlook, *, origins: int = ORIGINS) -> pd.DataFrame:
    """The sum of as many months ahead, as its own history alone forecast it at earlier origins.

    Returns
    -------
    pandas.DataFrame
        origin (last month known), forecast, lo80, hi80, actual, error (relative), inside.

    Raises
    ------
    NotIdentifiedError
        If the history is too short for any.
    """
    from workbench.forecasting.forecaster import forecast

    series, horizon = found.history[TOTAL], found.scope.horizon
    rows = []
    for back in range(origins):
        known = series.iloc[: len(series) - horizon - back]
        if len(known) < LEAST_HISTORY:
            break
        came = series.iloc[len(known) : len(known) + horizon].sum()
        panel = pd.DataFrame({"series_id": TOTAL, "period": known.index, "value": known.to_numpy()})
        made = forecast(panel, horizon, seed=found.settings.seed)
        sums = made.draws(FEW_DRAWS).values.sum(axis=(1, 2))
        low, median, high = np.quantile(sums, [0.1, 0.5, 0.9])
        rows.append((known.index[-1], median, low, high, came))
    if not rows:
        _refuse_short(len(series), LEAST_HISTORY + horizon)
    table = pd.DataFrame(rows, columns=["origin", "forecast", "lo80", "hi80", "actual"])
    return table.assign(
        error=table["forecast"] / table["actual"] - 1,
        inside=(table["lo80"] <= table["actual"]) & (table["actual"] <= table["hi80"]),
    )


def _refuse_short(months: int, needed: int) -> None:
    if months < needed:
        raise NotIdentifiedError(
            mark("the history is too short to look back on earlier forecasts"),
            where=f"{months} < {needed}",
            do=mark("give a longer history"),
        )


def a_year_ago(found: Outlook) -> YearAgo:
    """Forecast the same months a year earlier, from what was known then, and compare.

    Raises
    ------
    NotIdentifiedError
        If there was too little to forecast from.
    """
    looked = found.scope.a_year_ago()
    known = int((found.history.index <= looked.last).sum())
    if known < LEAST_HISTORY:
        raise NotIdentifiedError(
            mark("a year ago the history was too short to forecast from"),
            where=f"{looked.last:%Y-%m}: {known} < {LEAST_HISTORY}",
            do=mark("give a longer history"),
        )
    settings = replace(found.settings, draws=FEW_DRAWS)
    then = earlier(looked, settings, deals=found.pipeline is not None)
    low, median, high = then.quantiles([0.1, 0.5, 0.9])
    months = looked.whole
    actual = float(found.history.loc[found.history.index.isin(months), TOTAL].sum())
    return YearAgo(median, low, high, actual, then.pipeline is not None)


def earlier(
    looked: Scope, settings: Settings, *, deals: bool, past: pd.DataFrame = NO_PAST
) -> Outlook:
    """The outlook of an earlier month, with deals where there were enough of them then.

    `past` is what pipeline and series said before, as `HandOver.past` has it; of months that were
    not over then nothing is used. Without it the hand-over is that of the prior.
    """
    pipeline = None
    if deals:
        try:
            pipeline = deals_ahead(looked, settings)
        except NotIdentifiedError:
            pipeline = None
    return outlook(looked, settings, pipeline=pipeline, past=past)
