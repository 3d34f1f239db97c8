"""Take the season out of many series and put it back into their forecasts.

A series is adjusted where an autocorrelation test finds a season: divided by indices where all its
values are positive, otherwise less them. The theta models, the damped trend and Naive2 work on
what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from workbench.forecasting.batch import Batch, Floats, Ints

Flags = NDArray[np.bool_]

#: 90 % of the normal distribution, two-sided: the level of the test of M4.
CRITICAL = 1.645


@dataclass(frozen=True)
class Adjusted:
    """Series without their season, and the season.

    Attributes
    ----------
    batch : Batch
        The adjusted series, in the place and unit of the originals.
    indices : numpy.ndarray, shape (n, season)
        Season by position: column 0 belongs to the first step after the end of a series. Factors
        with mean one, or amounts with mean zero; ones or zeros where there is no season.
    multiplicative : numpy.ndarray of bool, shape (n,)
        The indices are factors.
    seasonal : numpy.ndarray of bool, shape (n,)
        A season was found.
    """

    batch: Batch
    indices: Floats
    multiplicative: Flags
    seasonal: Flags

    def restore(self, points: Floats) -> Floats:
        """Put the season into forecasts of the adjusted series, shape (n, horizon)."""
        season = self.indices.shape[1]
        ahead = self.indices[:, np.arange(points.shape[1]) % season]
        return np.where(self.multiplicative[:, None], points * ahead, points + ahead)


def adjust(batch: Batch) -> Adjusted:
    """Take the season out where the series have one.

    Notes
    -----
    Test of M4 (Makridakis, Spiliotis and Assimakopoulos 2020): with three seasons or more, the
    autocorrelation at the season is beyond 1.645 sqrt((1 + 2 sum of the squared shorter ones) / n).
    Indices: means by position of the ratio (or difference) to a centred moving average of one
    season, scaled to mean one (or zero).
    """
    count, season = len(batch), batch.season
    multiplicative = batch.minima() > 0
    seasonal = np.zeros(count, dtype=np.bool_)
    indices = np.repeat(multiplicative.astype(np.float64)[:, None], season, axis=1)
    values = batch.values.copy()
    if season > 1:
        _adjust(values, batch.offsets, season, multiplicative, seasonal, indices)
    return Adjusted(Batch(values, batch.offsets, season), indices, multiplicative, seasonal)


@njit(cache=True)
def _adjust(
    values: Floats, offsets: Ints, season: int, factors: Flags, seasonal: Flags, indices: Floats
) -> None:
    """Adjust `values` in place, series by series; fill `seasonal` and `indices`."""
    for row in range(len(offsets) - 1):
        series = values[offsets[row] : offsets[row + 1]]
        if not is_seasonal(series, season):
            continue
        seasonal[row] = True
        found = classical_indices(series, season, factors[row])
        for step in range(len(series)):
            if factors[row]:
                series[step] /= found[step % season]
            else:
                series[step] -= found[step % season]
        for step in range(season):
            indices[row, step] = found[(len(series) + step) % season]


@njit(cache=True)
def is_seasonal(series: Floats, season: int) -> bool:
    """Whether the autocorrelation at the season stands out; never with less than three seasons."""
    count = len(series)
    if season < 2 or count < 3 * season:
        return False
    apart = series - series.mean()
    power = (apart * apart).sum()
    if power <= 0.0:
        return False
    squares = 0.0
    at_season = 0.0
    for lag in range(1, season + 1):
        correlation = (apart[lag:] * apart[:-lag]).sum() / power
        if lag == season:
            at_season = correlation
        else:
            squares += correlation * correlation
    return abs(at_season) > CRITICAL * np.sqrt((1.0 + 2.0 * squares) / count)


@njit(cache=True)
def classical_indices(series: Floats, season: int, factors: bool) -> Floats:
    """Return the indices of a classical decomposition by position; needs two seasons."""
    trend = centred_average(series, season)
    start = season // 2
    sums = np.zeros(season)
    counts = np.zeros(season)
    for step in range(len(trend)):
        place = (step + start) % season
        value = series[step + start]
        sums[place] += value / trend[step] if factors else value - trend[step]
        counts[place] += 1.0
    indices = sums / counts
    return indices / indices.mean() if factors else indices - indices.mean()


@njit(cache=True)
def centred_average(series: Floats, season: int) -> Floats:
    """Return moving averages of one season, with half weights at both ends if it is even.

    The first belongs to step ``season // 2``.
    """
    even = season % 2 == 0
    width = season + 1 if even else season
    averages = np.empty(len(series) - width + 1)
    for step in range(len(averages)):
        window = series[step : step + width]
        total = window.sum()
        if even:
            total -= 0.5 * (window[0] + window[-1])
        averages[step] = total / season
    return averages
