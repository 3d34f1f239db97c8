"""Measures of forecast error, as the M4 competition has them, for many series at once.

Sources: Hyndman & Koehler (2006) for MASE, Makridakis, Spiliotis & Assimakopoulos (2020) for OWA,
Gneiting & Raftery (2007) for the interval score.
"""

from __future__ import annotations

import numpy as np

from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.scale import mean_change


def naive_scale(batch: Batch) -> Floats:
    """Mean absolute error of the seasonal naive forecast within each series; NaN where zero.

    The lag is the season, but 1 for seasons above 24 (weeks), as in M4.
    """
    scale = mean_change(batch, batch.season if batch.season <= 24 else 1)
    return np.where(scale > 0, scale, np.nan)


def smape(actual: Floats, points: Floats) -> Floats:
    """Symmetric absolute percentage error of each row, in percent; 0/0 counts as 0."""
    size = np.abs(actual) + np.abs(points)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(size > 0, np.abs(actual - points) / size, 0.0)
    return _mean_seen(200 * np.where(np.isfinite(actual), share, np.nan))


def mase(actual: Floats, points: Floats, scale: Floats) -> Floats:
    """Mean absolute error of each row over the naive scale of its series."""
    return _mean_seen(np.abs(actual - points)) / scale


def rmsse(actual: Floats, points: Floats, scale: Floats) -> Floats:
    """Root mean squared error of each row over the naive scale of its series."""
    return np.sqrt(_mean_seen((actual - points) ** 2)) / scale


def coverage(actual: Floats, low: Floats, high: Floats) -> Floats:
    """Share of values inside the interval, each row."""
    inside = ((actual >= low) & (actual <= high)).astype(np.float64)
    return _mean_seen(np.where(np.isfinite(actual), inside, np.nan))


def interval_score(actual: Floats, low: Floats, high: Floats, level: float) -> Floats:
    """Interval score of each row: width, plus 2/alpha times what lies outside."""
    alpha = 1 - level
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return _mean_seen(np.where(np.isfinite(actual), high - low + 2 / alpha * outside, np.nan))


def _mean_seen(values: Floats) -> Floats:
    seen = np.isfinite(values)
    total = np.where(seen, values, 0.0).sum(axis=1)
    count = seen.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
