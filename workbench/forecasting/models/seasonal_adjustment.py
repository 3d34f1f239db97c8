"""Take the season out of many series and put it back into their forecasts.

`adjust` lets the season move and shrinks it towards none, as far as the series say; the theta
models and the damped trend work on what it leaves. `adjust_classical` is the plain rule of the M
competitions that Naive2 is defined by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.seasonal_harmonics import wave_season

Flags = NDArray[np.bool_]

#: 90 % of the normal distribution, two-sided: the level of the test of M4.
CRITICAL = 1.645
#: What an older season may weigh against the next one; 1 is a fixed season.
MEMORIES = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
#: The memory that finds the trend the others are compared on.
FIRST_MEMORY = 0.85
#: Seasons of more steps are made of waves instead of one index a position.
LONGEST_BY_POSITION = 24
#: Reach of the local line to either side, in seasons.
REACH = 1.5
#: Logarithms of indices stay within this: a factor of 0.002 to 500.
STRONGEST = 6.2


@dataclass(frozen=True)
class Adjusted:
    """Series without their season, and the season.

    Attributes
    ----------
    batch : Batch
        The adjusted series, in the place and unit of the originals.
    indices : numpy.ndarray, shape (n, season)
        Season by position: column 0 belongs to the first step after the end of a series. Factors
        or amounts, around one or zero; ones or zeros where there is no season.
    multiplicative : numpy.ndarray of bool, shape (n,)
        The indices are factors: all values are positive.
    seasonal : numpy.ndarray of bool, shape (n,)
        A season was looked for and taken out.
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
    """Take out a season that may move, shrunk towards none; series need two seasons.

    Notes
    -----
    In logarithms where all values are positive, by series:

    1. Season and irregular are what a centred moving average of one season leaves; then, once a
       first season is out, what a local line leaves (tricube weights, Cleveland et al. 1990, STL,
       Journal of Official Statistics 6), which reaches both ends.
    2. The season at a position is a mean of its years, weighing ``memory ** distance`` to either
       side; after the end it is that of the last year. Memories are weighed by how well each
       foretold the next year's values: exp(-n/2 log(squared errors)), as a Gaussian likelihood.
    3. The season moves towards none by the James-Stein share, noise variance of an index over
       variance between indices (Miller and Williams 2003, "Shrinkage estimators of time series
       seasonal factors", International Journal of Forecasting 19). No test: a season that is not
       there shrinks away.

    Seasons of more than 24 steps are fixed waves instead: `seasonal_harmonics`.
    """
    return _run(_adjust, batch)


def adjust_classical(batch: Batch) -> Adjusted:
    """Take out a fixed season where the series have one, as Naive2 is defined.

    Notes
    -----
    Test of M4 (Makridakis, Spiliotis and Assimakopoulos 2020): with three seasons or more, the
    autocorrelation at the season is beyond 1.645 sqrt((1 + 2 sum of the squared shorter ones) / n).
    Indices: means by position of the ratio (or difference) to a centred moving average of one
    season, scaled to mean one (or zero).
    """
    return _run(_adjust_classical, batch)


def _run(kernel: Callable[..., None], batch: Batch) -> Adjusted:
    count, season = len(batch), batch.season
    multiplicative = batch.minima() > 0
    seasonal = np.zeros(count, dtype=np.bool_)
    indices = np.repeat(multiplicative.astype(np.float64)[:, None], season, axis=1)
    values = batch.values.copy()
    if season > 1:
        kernel(values, batch.offsets, season, multiplicative, seasonal, indices)
    return Adjusted(Batch(values, batch.offsets, season), indices, multiplicative, seasonal)


@njit(cache=True)
def _adjust(
    values: Floats, offsets: Ints, season: int, factors: Flags, seasonal: Flags, indices: Floats
) -> None:
    """Adjust `values` in place, series by series; fill `seasonal` and `indices`."""
    for row in range(len(offsets) - 1):
        series = values[offsets[row] : offsets[row + 1]]
        count = len(series)
        if count < 2 * season:
            continue
        seasonal[row] = True
        level = np.log(series) if factors[row] else series.copy()
        if season > LONGEST_BY_POSITION:
            pattern = wave_season(level, season)
        else:
            pattern = moving_season(level, season)
        if factors[row]:
            pattern = np.minimum(np.maximum(pattern, -STRONGEST), STRONGEST)
        level -= pattern[:count]
        series[:] = np.exp(level) if factors[row] else level
        ahead = pattern[count:]
        indices[row] = np.exp(ahead) if factors[row] else ahead


@njit(cache=True)
def moving_season(series: Floats, season: int) -> Floats:
    """Return the additive season of a series and of the season after its end."""
    count = len(series)
    apart = np.zeros(count)
    start = season // 2
    average = centred_average(series, season)
    stop = start + len(average)
    apart[start:stop] = series[start:stop] - average
    pattern, _, _ = _smoothed_years(apart, start, stop, season, FIRST_MEMORY)
    apart = series - local_line(series - pattern[:count], int(REACH * season))
    memory = _best_memory(apart, season)
    pattern, noise, years = _smoothed_years(apart, 0, count, season, memory)
    ahead = pattern[count:]
    middle = ahead.mean()
    between = ((ahead - middle) ** 2).sum() / (season - 1)
    share = max(0.0, 1.0 - noise / years / between) if between > 0.0 else 0.0
    return share * (pattern - middle)


@njit(cache=True)
def _best_memory(apart: Floats, season: int) -> float:
    """Return the mean memory, weighing each by how well it foretold the years from the third on."""
    errors = np.zeros(len(MEMORIES))
    count = len(apart) - 2 * season
    if count < 1:
        return FIRST_MEMORY
    for number in range(len(MEMORIES)):
        memory = MEMORIES[number]
        for place in range(season):
            total, weight = 0.0, 0.0
            for step in range(place, len(apart), season):
                if step >= 2 * season:
                    errors[number] += (apart[step] - total / weight) ** 2
                total = memory * total + apart[step]
                weight = memory * weight + 1.0
    least = errors.min()
    if least <= 0.0:
        return MEMORIES[errors.argmin()]
    weights = np.exp(-count / 2.0 * np.log(errors / least))
    return (weights * MEMORIES).sum() / weights.sum()


@njit(cache=True)
def _smoothed_years(
    apart: Floats, start: int, stop: int, season: int, memory: float
) -> tuple[Floats, float, float]:
    """Smooth each position of the season over the years, to both sides.

    Parameters
    ----------
    apart : numpy.ndarray, shape (n,)
        Season and irregular; only steps from `start` to before `stop` are used.

    Returns
    -------
    (numpy.ndarray of shape (n + season,), float, float)
        The season at every step and after the end, variance of the irregular, and how many years
        the index after the end rests on (squared sum of weights over sum of squared weights).
    """
    count = len(apart)
    pattern = np.empty(count + season)
    squares, freedom, rests_on = 0.0, 0.0, 0.0
    for place in range(season):
        first = place
        while first < start:
            first += season
        years = (stop - 1 - first) // season + 1
        before = np.empty((years, 2))
        total, weight, weight2 = 0.0, 0.0, 0.0
        for year in range(years):
            total = memory * total + apart[first + year * season]
            weight = memory * weight + 1.0
            weight2 = memory * memory * weight2 + 1.0
            before[year, 0], before[year, 1] = total, weight
        rests_on += weight * weight / weight2 / season
        last = total / weight
        total, weight = 0.0, 0.0
        for year in range(years - 1, -1, -1):
            value = apart[first + year * season]
            weights = before[year, 1] + memory * weight
            smooth = (before[year, 0] + memory * total) / weights
            total = memory * total + value
            weight = memory * weight + 1.0
            squares += (value - smooth) ** 2
            freedom += 1.0 - 1.0 / weights
            pattern[first + year * season] = smooth
        if first > place:
            pattern[place] = pattern[first]
        for step in range(first + years * season, count + season, season):
            pattern[step] = last
    return pattern, squares / max(freedom, 1e-9), rests_on


@njit(cache=True)
def local_line(series: Floats, reach: int) -> Floats:
    """Smooth by least-squares lines over `reach` steps to either side, fewer beyond an end."""
    count = len(series)
    smooth = np.empty(count)
    for step in range(count):
        low, high = max(0, step - reach), min(count - 1, step + reach)
        widest = max(step - low, high - step) + 1.0
        s0, s1, s2, t0, t1 = 0.0, 0.0, 0.0, 0.0, 0.0
        for other in range(low, high + 1):
            distance = (other - step) / widest
            weight = (1.0 - abs(distance) ** 3) ** 3
            s0 += weight
            s1 += weight * distance
            s2 += weight * distance * distance
            t0 += weight * series[other]
            t1 += weight * distance * series[other]
        determinant = s0 * s2 - s1 * s1
        flat = determinant <= 1e-12 * s0 * s2
        smooth[step] = t0 / s0 if flat else (s2 * t0 - s1 * t1) / determinant
    return smooth


@njit(cache=True)
def _adjust_classical(
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
