"""How large the errors of a series usually are, from its history alone.

The naive error is the start; a panel then teaches how far recent changes, changes from one period
to the next and the level say more. Intervals of a panel are of one shape and as wide as this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.forecasting.batch import Batch, Floats, Ints

#: Rows of evidence at which what the panel teaches counts half.
PRIOR_ROWS = 30.0
#: The same for the level of a stratum.
PRIOR_ROWS_STRATUM = 3.0
#: Changes count half after so many seasons (of at least three observations).
HALF_LIFE_SEASONS = 2.0
#: Power that errors go with, and what it weighs: the sum of squares, over rows and leads, of the
#: log of what was forecast, at which the panel's own power counts half.
PRIOR_POWER, PRIOR_LEADS = 0.5, 20.0
#: Forecasts further from the level than by this factor count as this far.
WIDEST = 10.0
#: Added to scaled errors before their log is taken: a forecast that hits by chance says little.
SMALL_ERROR = 0.05
_LEAST = 1e-3
_LEVEL = 2  # place of the recent level among the traits


def error_scale(batch: Batch) -> Floats:
    """Mean absolute error of the seasonal naive forecast within each series.

    Falls back on the naive forecast for series of one season or less, and on a share of the level
    where a series never changes. Source: Hyndman & Koehler (2006), "Another look at measures of
    forecast accuracy", the scale of MASE.
    """
    lag = batch.season if batch.season <= 24 else 1
    seasonal = mean_change(batch, lag)
    plain = mean_change(batch, 1)
    level = np.add.reduceat(np.abs(batch.values), batch.offsets[:-1]) / batch.lengths
    scale = np.where(np.isfinite(seasonal) & (seasonal > 0), seasonal, plain)
    scale = np.where(np.isfinite(scale) & (scale > 0), scale, 0.01 * level)
    return np.where(scale > 0, scale, 1.0)


def mean_change(batch: Batch, lag: int) -> Floats:
    """Mean absolute change over `lag` observations, NaN for series not longer than it."""
    lengths = batch.lengths
    changes = np.zeros(len(batch.values))
    changes[lag:] = np.abs(batch.values[lag:] - batch.values[:-lag]) if lag < len(changes) else 0.0
    place = np.arange(len(changes)) - np.repeat(batch.offsets[:-1], lengths)
    changes[place < lag] = 0.0
    total = np.add.reduceat(changes, batch.offsets[:-1])
    counted = lengths - lag
    return np.where(counted > 0, total / np.maximum(counted, 1), np.nan)


def traits(batch: Batch) -> Floats:
    """Logs of other sizes over the naive error: what a panel learns to scale errors by.

    Returns
    -------
    numpy.ndarray, shape (n, 4)
        Change from one period to the next, recent change from the season before, recent level,
        and how far changes lie from their mean: a steady trend is no error.
    """
    naive = error_scale(batch)
    lengths = batch.lengths
    ends = np.repeat(lengths, lengths) - 1
    place = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], lengths)
    age = ends - place
    span = max(batch.season if batch.season <= 24 else 1, 3)
    lag = batch.season if batch.season <= 24 else 1
    lags = np.where(lengths > lag + 2, lag, 1)
    by_row = np.repeat(lags, lengths)
    before = np.maximum(np.arange(len(place)) - by_row, 0)
    change = batch.values - batch.values[before]
    there = (place >= by_row).astype(np.float64)
    weight = there * 0.5 ** (age / (HALF_LIFE_SEASONS * span))
    start = batch.offsets[:-1]
    total = np.add.reduceat(weight, start)
    recent = np.add.reduceat(weight * np.abs(change), start) / np.where(total > 0, total, 1.0)
    counted = np.maximum(lengths - lags, 1)
    drift = np.add.reduceat(there * change, start) / counted
    apart = np.add.reduceat(there * np.abs(change - np.repeat(drift, lengths)), start) / counted
    apart = np.where(lengths - lags > 1, apart, naive)
    last = (age < span).astype(np.float64)
    level = np.add.reduceat(last * np.abs(batch.values), start) / np.add.reduceat(last, start)
    step = mean_change(batch, 1)
    sizes = np.stack([np.where(np.isfinite(step), step, naive), recent, level, apart], axis=1)
    return np.log(sizes / naive[:, None] + _LEAST)


def relative_level(points: Floats, naive: Floats, known: Floats) -> Floats:
    """Forecasts over the level of the last season, within a tenth and ten times of it.

    Parameters
    ----------
    points : numpy.ndarray, shape (rows, horizon)
    naive : numpy.ndarray, shape (rows,)
    known : numpy.ndarray, shape (rows, traits)

    Returns
    -------
    numpy.ndarray, shape (rows, horizon)
        One where nothing sold in the last season.
    """
    level = (naive * (np.exp(known[:, _LEVEL]) - _LEAST))[:, None]
    there = level > _LEAST * naive[:, None]
    share = np.divide(np.abs(points), level, out=np.ones_like(points), where=there)
    return np.clip(share, 1 / WIDEST, WIDEST)


@dataclass(frozen=True)
class ScaleModel:
    """What a panel teaches about the size of errors.

    Attributes
    ----------
    weights : numpy.ndarray, shape (traits,)
        Exponents of the traits.
    centre : numpy.ndarray, shape (traits,)
        Their means in the evidence.
    levels : numpy.ndarray, shape (strata,)
        How much larger, in logs, the errors of each stratum are than the traits say.
    power : float
        How errors of a series go with what is forecast: 0 not at all, 1 in proportion. In the
        months that sell most they are larger.
    """

    weights: Floats
    centre: Floats
    levels: Floats
    power: float = PRIOR_POWER

    def scale(self, points: Floats, naive: Floats, known: Floats, strata: Ints) -> Floats:
        """Usual size of the error, shape (rows, horizon), from forecasts and what was known."""
        series = self.of_series(naive, known, strata)
        return series[:, None] * relative_level(points, naive, known) ** self.power

    def of_series(self, naive: Floats, known: Floats, strata: Ints) -> Floats:
        """The same where the forecast is the level of the last season, shape (rows,)."""
        return naive * np.exp((known - self.centre) @ self.weights + self.levels[strata])

    def of(self, batch: Batch, points: Floats, strata: Ints) -> Floats:
        """Usual size of the error of forecasts of a batch, shape (n, horizon)."""
        return self.scale(points, error_scale(batch), traits(batch), strata)


def learn_scale(
    errors: Floats,
    points: Floats,
    naive: Floats,
    known: Floats,
    kinds: Ints,
    *,
    strata: int = 1,
) -> ScaleModel:
    """Learn how traits, forecasts and errors go together, drawn towards the naive error alone.

    Ridge regression of the log of each row's mean absolute error over its naive error; what is
    left is averaged by stratum (level of a hierarchy), drawn towards none. Then, within rows, the
    log of the error on that of what was forecast.

    Parameters
    ----------
    errors, points : numpy.ndarray, shape (rows, horizon)
        In the unit of the series; errors NaN where not seen.
    naive : numpy.ndarray, shape (rows,)
    known : numpy.ndarray, shape (rows, traits)
    kinds : numpy.ndarray of int64, shape (rows,)
        Stratum of each row, below `strata`.
    strata : int
        How many there are.
    """
    count = known.shape[1]
    if len(errors) == 0:
        return ScaleModel(np.zeros(count), np.zeros(count), np.zeros(strata))
    size = np.nanmean(np.abs(errors), axis=1) / naive
    target = np.log(size + _LEAST)
    centre = known.mean(axis=0)
    centred = known - centre
    information = centred.T @ centred + PRIOR_ROWS * np.eye(count)
    weights = np.linalg.solve(information, centred.T @ (target - target.mean()))
    left = target - target.mean() - centred @ weights
    rows = np.bincount(kinds, minlength=strata)
    levels = np.bincount(kinds, left, minlength=strata) / (rows + PRIOR_ROWS_STRATUM)
    series = ScaleModel(weights, centre, levels).of_series(naive, known, kinds)
    relative = np.log(relative_level(points, naive, known))
    return ScaleModel(weights, centre, levels, _power(errors / series[:, None], relative))


def _power(errors: Floats, relative: Floats) -> float:
    """Slope of the log of scaled errors on that of what was forecast, beside that of the lead."""
    seen = np.isfinite(errors)
    lead = np.log(np.arange(1, errors.shape[1] + 1)) * np.ones_like(errors)
    size = np.log(np.where(seen, np.abs(errors), 1.0) + SMALL_ERROR)
    size, relative, lead = (_within_rows(one, seen) for one in (size, relative, lead))
    crossed = (relative * lead).sum()
    information = np.array(
        [[(relative**2).sum() + PRIOR_LEADS, crossed], [crossed, (lead**2).sum() + _LEAST]]
    )
    moved = np.array([(relative * size).sum() + PRIOR_LEADS * PRIOR_POWER, (lead * size).sum()])
    return float(np.clip(np.linalg.solve(information, moved)[0], 0.0, 1.0))


def _within_rows(values: Floats, seen: np.ndarray) -> Floats:
    """Values less the mean of their row, nought where not seen."""
    total = np.where(seen, values, 0.0).sum(axis=1, keepdims=True)
    mean = total / np.maximum(seen.sum(axis=1, keepdims=True), 1)
    return np.where(seen, values - mean, 0.0)
