"""The theta method: exponential smoothing with half the slope of the trend line.

Assimakopoulos and Nikolopoulos, "The theta model: a decomposition approach to forecasting",
International Journal of Forecasting 16 (2000). Hyndman and Billah, "Unmasking the Theta method",
same journal 19 (2003), showed what is computed here: simple exponential smoothing with drift.
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.seasonal_adjustment import adjust

#: Smoothing parameter: what is searched, by steps and then within the best step.
LOWEST, HIGHEST, STEPS = 0.02, 0.99, 16
REFINEMENTS = 8
GOLDEN = 0.6180339887498949


def theta(batch: Batch, horizon: int) -> Floats:
    """Forecast with the standard theta method on seasonally adjusted series.

    Notes
    -----
    With theta lines 0 and 2 in equal parts (Hyndman and Billah, equation 5):

        x(n+h) = level(n) + slope / 2 (h - 1 + 1/a - (1 - a)^n / a)

    where `level` is simple exponential smoothing with parameter `a` and `slope` that of the
    least-squares line. First level and `a` minimise the squared one-step errors.
    """
    scaled, scale = batch.scaled()
    adjusted = adjust(scaled)
    points = _theta(adjusted.batch.values, adjusted.batch.offsets, horizon)
    return adjusted.restore(points) * scale[:, None]


@njit(cache=True)
def _theta(values: Floats, offsets: Ints, horizon: int) -> Floats:
    points = np.empty((len(offsets) - 1, horizon))
    for row in range(len(offsets) - 1):
        series = values[offsets[row] : offsets[row + 1]]
        smoothing = best_smoothing(series)
        _, level = smoothed(series, smoothing)
        half = line_slope(series) / 2.0
        ahead = (1.0 - (1.0 - smoothing) ** len(series)) / smoothing
        for step in range(horizon):
            points[row, step] = level + half * (step + ahead)
    return points


@njit(cache=True)
def smoothed(series: Floats, smoothing: float) -> tuple[float, float]:
    """Smooth exponentially from the best first level.

    Returns
    -------
    (float, float)
        Sum of squared one-step errors, and the level at the end.

    Notes
    -----
    The level at any step is a part that does not know the first level plus its remaining share of
    it, so that the errors are linear in the first level and least squares gives it.
    """
    known, share = 0.0, 1.0
    squares, cross, power = 0.0, 0.0, 0.0
    for value in series:
        error = value - known
        squares += error * error
        cross += error * share
        power += share * share
        known += smoothing * error
        share *= 1.0 - smoothing
    first = cross / power
    return squares - first * cross, known + share * first


@njit(cache=True)
def best_smoothing(series: Floats) -> float:
    """Return the smoothing parameter with the smallest squared errors: steps, then golden section.

    With one or two values any parameter fits; the middle is returned.
    """
    if len(series) < 3:
        return 0.5
    width = (HIGHEST - LOWEST) / (STEPS - 1)
    best, least = 0.5, np.inf
    for step in range(STEPS):
        squares, _ = smoothed(series, LOWEST + step * width)
        if squares < least:
            best, least = LOWEST + step * width, squares
    low, high = max(LOWEST, best - width), min(HIGHEST, best + width)
    for _ in range(REFINEMENTS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if smoothed(series, left)[0] < smoothed(series, right)[0]:
            high = right
        else:
            low = left
    middle = (low + high) / 2.0
    return middle if smoothed(series, middle)[0] < least else best


@njit(cache=True)
def line_slope(series: Floats) -> float:
    """Return the slope of the least-squares line; 0 for one value."""
    count = len(series)
    if count < 2:
        return 0.0
    middle = (count - 1) / 2.0
    cross = 0.0
    for step in range(count):
        cross += (step - middle) * series[step]
    return cross / (count * (count * count - 1.0) / 12.0)


MODEL_THETA = Model("theta", ("Theta", "Theta 法"), theta)
