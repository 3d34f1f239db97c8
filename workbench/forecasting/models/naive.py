"""The plainest forecasts, the ones every other has to beat.

Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd edition, 2021), section 5.2,
has the mean, naive, seasonal naive and drift methods; Naive2 is the benchmark of the M competitions
(Makridakis and Hibon 2000; Makridakis, Spiliotis and Assimakopoulos 2020).
"""

from __future__ import annotations

import numpy as np

from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.models.registry import Model

#: Above this many observations a season is not used by the benchmarks; as in M4, where weekly
#: series were judged against the last value.
LONGEST_SEASON = 24


def naive(batch: Batch, horizon: int) -> Floats:
    """Repeat the last value."""
    last = batch.values[batch.offsets[1:] - 1]
    return np.repeat(last[:, None], horizon, axis=1)


def mean(batch: Batch, horizon: int) -> Floats:
    """Repeat the mean of all history."""
    scaled, scale = batch.scaled()
    means = np.add.reduceat(scaled.values, scaled.offsets[:-1]) / scaled.lengths * scale
    return np.repeat(means[:, None], horizon, axis=1)


def drift(batch: Batch, horizon: int) -> Floats:
    """Go on along the line from the first value to the last; one value alone is repeated."""
    first = batch.values[batch.offsets[:-1]]
    last = batch.values[batch.offsets[1:] - 1]
    slope = (last - first) / np.maximum(batch.lengths - 1, 1)
    return last[:, None] + slope[:, None] * np.arange(1, horizon + 1)


def seasonal_naive(batch: Batch, horizon: int) -> Floats:
    """Repeat the last season; the last value where a series has not a full season."""
    season = np.where(batch.lengths >= batch.season, batch.season, 1)[:, None]
    back = season - np.arange(horizon) % season
    return batch.values[batch.offsets[1:, None] - back]


def naive2(batch: Batch, horizon: int) -> Floats:
    """Repeat the last seasonally adjusted value and put the season back.

    Notes
    -----
    The season is taken out by the indices of a classical decomposition where the autocorrelation
    test of M4 finds one, multiplicative where all values are positive. Seasons above 24
    observations are left alone, as in M4.
    """
    if batch.season > LONGEST_SEASON:
        return naive(batch, horizon)
    from workbench.forecasting.models.seasonal_adjustment import adjust_classical

    scaled, scale = batch.scaled()
    adjusted = adjust_classical(scaled)
    return adjusted.restore(naive(adjusted.batch, horizon)) * scale[:, None]


MODEL_NAIVE = Model("naive", ("Naive", "朴素法"), naive)
MODEL_MEAN = Model("mean", ("Mean of history", "历史均值"), mean)
MODEL_DRIFT = Model("drift", ("Drift", "漂移法"), drift)
MODEL_SEASONAL_NAIVE = Model("seasonal_naive", ("Seasonal naive", "季节朴素法"), seasonal_naive)
MODEL_NAIVE2 = Model("naive2", ("Naive 2", "季节调整朴素法"), naive2)
