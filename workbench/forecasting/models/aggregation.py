"""Intermittent demand, smoothed at several levels of aggregation over time.

Petropoulos and Kourentzes, "Forecast combinations for intermittent demand", Journal of the
Operational Research Society 66 (2015): IMAPA, the intermittent multiple aggregation prediction
algorithm.
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.theta import smoothed

#: Smoothing parameters tried at every level; those above 0.3 chase single demands.
SMOOTHINGS = np.linspace(0.1, 0.3, 9)


def imapa(batch: Batch, horizon: int) -> Floats:
    """Forecast the mean over levels of smoothed sums of 1, 2, ... periods, brought to one period.

    Notes
    -----
    Levels go up to the mean interval between demands, rounded, but leave two sums at least. Sums
    do not overlap and end with the last period. At each level simple exponential smoothing from
    the best first level, parameter from 0.1 to 0.3, whichever has the least squared errors.
    """
    scaled, scale = batch.scaled()
    rates = _imapa(scaled.values, scaled.offsets)
    return np.repeat((rates * scale)[:, None], horizon, axis=1)


@njit(cache=True)
def _imapa(values: Floats, offsets: Ints) -> Floats:
    rates = np.zeros(len(offsets) - 1)
    for row in range(len(rates)):
        series = values[offsets[row] : offsets[row + 1]]
        demands = (series != 0.0).sum()
        if demands == 0:
            continue
        levels = min(int(np.round(len(series) / demands)), len(series) // 2)
        levels = max(levels, 1)
        for width in range(1, levels + 1):
            rates[row] += _smoothed_level(summed_over(series, width)) / width / levels
    return rates


@njit(cache=True)
def summed_over(series: Floats, width: int) -> Floats:
    """Sums of `width` periods that end with the last; the first periods may be left over."""
    sums = np.zeros(len(series) // width)
    over = len(series) % width
    for step in range(over, len(series)):
        sums[(step - over) // width] += series[step]
    return sums


@njit(cache=True)
def _smoothed_level(series: Floats) -> float:
    least, found = np.inf, 0.0
    for smoothing in SMOOTHINGS:
        squares, level = smoothed(series, smoothing)
        if squares < least:
            least, found = squares, level
    return found


MODEL_IMAPA = Model("imapa", ("Multiple aggregation", "多重时间聚合"), imapa, intermittent=True)
