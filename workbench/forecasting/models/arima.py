"""Seasonal ARIMA with automatic order, for efforts that may take their time.

Hyndman and Khandakar, "Automatic time series forecasting: the forecast package for R", Journal of
Statistical Software 27 (2008): differences by tests, orders by AICc. Here all orders are weighed
by their AICc instead of one being chosen (Burnham and Anderson 2002, chapter 4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.arima_kernels import continued, differenced, summed, with_drift
from workbench.forecasting.models.autoregression import corrected_criterion
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.seasonal_adjustment import REACH, local_line, moving_season

#: Values to be left after differencing.
SHORTEST = 8
#: Longest season that is modelled by orders.
LONGEST_SEASON = 24
#: Strength of the season (0 to 1) from which it is differenced: Hyndman and Athanasopoulos,
#: Forecasting: Principles and Practice (3rd edition, 2021), section 9.1.
STRONG = 0.64
#: 5 % value of the test for a level: Kwiatkowski, Phillips, Schmidt and Shin, "Testing the null
#: hypothesis of stationarity", Journal of Econometrics 54 (1992), table 1.
LEVEL_CRITICAL = 0.463
#: Orders searched: p and q from 0 to this, seasonal ones 0 and 1.
HIGHEST = 2
#: What is left of the drift from one step to the next, after differencing.
DAMPING = 0.95


def arima(batch: Batch, horizon: int) -> Floats:
    """Forecast with seasonal ARIMA models, weighed over 36 orders.

    Returns
    -------
    numpy.ndarray, shape (n, horizon)
        NaN rows for series with fewer than 8 values left after differencing.

    Notes
    -----
    One seasonal difference where the season is strong, 1 - var(irregular) / var(season +
    irregular) > 0.64; then one more where the KPSS test rejects a level at 5 %. Weights
    exp(-AICc / 2) over p, q in 0..2 and P, Q in 0..1. Where all values are positive, the mean of
    the forecasts from values and from logarithms.
    """
    scaled, scale = batch.scaled()
    season = batch.season if batch.season <= LONGEST_SEASON else 1
    points = _forecast(scaled.values, scaled.offsets, season, scaled.minima() > 0, horizon)
    return points * scale[:, None]


@njit(cache=True)
def _forecast(
    values: Floats, offsets: Ints, season: int, positive: NDArray[np.bool_], horizon: int
) -> Floats:
    points = np.zeros((len(offsets) - 1, horizon))
    for row in range(len(offsets) - 1):
        series = values[offsets[row] : offsets[row + 1]]
        scales = 2 if positive[row] else 1
        for scale in range(scales):
            level = np.log(series) if scale else series
            ahead = _on_scale(level, season, horizon)
            points[row] += (np.exp(ahead) if scale else ahead) / scales
    return points


@njit(cache=True)
def _on_scale(level: Floats, season: int, horizon: int) -> Floats:
    seasonal, differences = needed_differences(level, season)
    if len(level) - seasonal * season - differences < SHORTEST:
        return np.full(horizon, np.nan)
    return _weighed(level, season, seasonal, differences, horizon)


@njit(cache=True)
def _weighed(level: Floats, season: int, seasonal: int, differences: int, horizon: int) -> Floats:
    changes = differenced(level, differences, seasonal, season)
    outer = 2 if season > 1 and len(changes) >= 2 * season else 1
    forms = (HIGHEST + 1) ** 2 * outer * outer
    ahead, criteria = np.empty((forms, horizon)), np.empty(forms)
    for form in range(forms):
        orders = (
            form % (HIGHEST + 1),
            form // (HIGHEST + 1) % (HIGHEST + 1),
            form // (HIGHEST + 1) ** 2 % outer,
            form // (HIGHEST + 1) ** 2 // outer,
        )
        drift, parameters, squares = with_drift(changes, orders, season, differences)
        criteria[form] = corrected_criterion(squares, len(changes), len(parameters) + 2)
        ahead[form] = continued(changes - drift, parameters, orders, season, horizon)
        for step in range(horizon):
            ahead[form, step] += drift * (DAMPING**step if differences + seasonal else 1.0)
    weights = np.exp(-0.5 * (criteria - criteria.min()))
    return summed(level, weights @ ahead / weights.sum(), differences, seasonal, season)


@njit(cache=True)
def needed_differences(series: Floats, season: int) -> tuple[int, int]:
    """Return how often to difference over the season and between neighbours, each 0 or 1."""
    seasonal = 0
    if season > 1 and len(series) >= 3 * season:
        pattern = moving_season(series, season)[: len(series)]
        irregular = series - pattern
        irregular = irregular - local_line(irregular, int(REACH * season))
        both = (irregular + pattern).var()
        seasonal = int(both > 0.0 and 1.0 - irregular.var() / both > STRONG)
    changes = differenced(series, 0, seasonal, season)
    return seasonal, int(level_statistic(changes) > LEVEL_CRITICAL)


@njit(cache=True)
def level_statistic(series: Floats) -> float:
    """KPSS statistic for a level, Bartlett weights over 4 (n / 100)^(1/4) lags."""
    count = len(series)
    apart = series - series.mean()
    sums = np.cumsum(apart)
    lags = int(4.0 * (count / 100.0) ** 0.25)
    variance = (apart * apart).sum()
    floor = 1e-12 * variance
    for lag in range(1, min(lags, count - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * (apart[lag:] * apart[:-lag]).sum()
    if variance <= floor:
        return 0.0
    return (sums * sums).sum() / count / variance


MODEL_ARIMA = Model("arima", ("Seasonal ARIMA", "季节 ARIMA"), arima)
