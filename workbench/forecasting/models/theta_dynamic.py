"""The dynamic optimised theta model: how far the trend goes on is estimated, and so is its line.

Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, "Models for optimising the theta method and
their relationship to state space models", International Journal of Forecasting 32 (2016).
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.seasonal_adjustment import adjust
from workbench.forecasting.models.theta import GOLDEN

#: Smoothing parameter: what is searched, by steps and then within the best step.
LOWEST, HIGHEST, STEPS = 0.1, 0.99, 12
REFINEMENTS = 8
#: Errors before this many observations are not counted: the line is not known yet.
START = 3
#: Normal distribution of the weight of the line before a series is seen: mean and variance. It
#: matters only where a series says little.
USUAL_WEIGHT, SPREAD = 0.5, 0.5


def dynamic_theta(batch: Batch, horizon: int) -> Floats:
    """Forecast with the dynamic optimised theta model on seasonally adjusted series.

    Notes
    -----
    Equations of the paper, with w = 1 - 1/theta between 0 and 1:

        mu(t) = l(t-1) + w ((1-a)^(t-1) A(t-1) + (1 - (1-a)^t) / a B(t-1))
        l(t) = a y(t) + (1-a) l(t-1)

    A and B are intercept and slope of the least-squares line through the values up to then,
    brought forward value by value; beyond the end forecasts stand in for values. The errors are
    linear in the first level and in w, so that least squares gives both for any `a`, and only `a`
    is searched. Unlike in the paper the weight is drawn a little to one half (theta = 2).
    """
    scaled, scale = batch.scaled()
    adjusted = adjust(scaled)
    points = _forecast(adjusted.batch.values, adjusted.batch.offsets, horizon)
    return adjusted.restore(points) * scale[:, None]


@njit(cache=True)
def _forecast(values: Floats, offsets: Ints, horizon: int) -> Floats:
    points = np.empty((len(offsets) - 1, horizon))
    for row in range(len(offsets) - 1):
        series = values[offsets[row] : offsets[row + 1]]
        if len(series) <= START:
            points[row] = series[-1]
            continue
        intercepts, slopes = lines(series)
        smoothing = _best_smoothing(series, intercepts, slopes)
        _, first, weight = fitted(series, intercepts, slopes, smoothing)
        points[row] = _ahead(series, slopes[-1], smoothing, first, weight, horizon)
    return points


@njit(cache=True)
def lines(series: Floats) -> tuple[Floats, Floats]:
    """Return intercept and slope of the line through the first 1, 2, ... values (time from 1)."""
    intercepts, slopes = np.empty(len(series)), np.empty(len(series))
    mean, slope = 0.0, 0.0
    for step in range(len(series)):
        mean, slope = _extended(series[step], step + 1, mean, slope)
        intercepts[step] = mean - (step + 2) / 2.0 * slope
        slopes[step] = slope
    return intercepts, slopes


@njit(cache=True)
def _extended(value: float, time: int, mean: float, slope: float) -> tuple[float, float]:
    """Mean and slope with the value of `time` (from 1) added."""
    if time == 1:
        return value, 0.0
    slope = ((time - 2) * slope + 6.0 / time * (value - mean)) / (time + 1)
    return ((time - 1) * mean + value) / time, slope


@njit(cache=True)
def fitted(
    series: Floats, intercepts: Floats, slopes: Floats, smoothing: float
) -> tuple[float, float, float]:
    """Fit first level and weight of the line for one smoothing parameter.

    Returns
    -------
    (float, float, float)
        Sum of squared one-step errors from `START` on and of the pull on the weight, first level,
        weight.
    """
    known, share = 0.0, 1.0
    share2, share_line, line2, share_error, line_error, error2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for step in range(len(series)):
        error = series[step] - known
        if step >= START:
            line = (
                share * intercepts[step - 1]
                + (1.0 - share * (1.0 - smoothing)) / smoothing * slopes[step - 1]
            )
            share2 += share * share
            share_line += share * line
            line2 += line * line
            share_error += share * error
            line_error += line * error
            error2 += error * error
        known += smoothing * error
        share *= 1.0 - smoothing
    counted = len(series) - START
    first, weight = _normal(share2, share_line, line2, share_error, line_error, 0.0)
    noise = max(error2 - first * share_error - weight * line_error, 0.0) / max(counted - 2, 1)
    trust = noise / SPREAD
    first, weight = _normal(share2, share_line, line2, share_error, line_error, trust)
    squares = (
        error2
        - 2.0 * (first * share_error + weight * line_error)
        + first * first * share2
        + 2.0 * first * weight * share_line
        + weight * weight * line2
        + trust * (weight - USUAL_WEIGHT) ** 2
    )
    return squares, first, weight


@njit(cache=True)
def _normal(
    share2: float,
    share_line: float,
    line2: float,
    share_error: float,
    line_error: float,
    trust: float,
) -> tuple[float, float]:
    """First level and weight from the normal equations, the weight drawn to the usual one."""
    line2 += trust
    line_error += trust * USUAL_WEIGHT
    determinant = share2 * line2 - share_line * share_line
    weight = USUAL_WEIGHT
    if determinant > 1e-12 * share2 * line2:
        weight = (share2 * line_error - share_line * share_error) / determinant
    weight = min(max(weight, 0.0), 1.0)
    return (share_error - weight * share_line) / share2, weight


@njit(cache=True)
def _best_smoothing(series: Floats, intercepts: Floats, slopes: Floats) -> float:
    """Return the smoothing parameter with the smallest squared errors."""
    width = (HIGHEST - LOWEST) / (STEPS - 1)
    best, least = LOWEST, np.inf
    for step in range(STEPS):
        squares = fitted(series, intercepts, slopes, LOWEST + step * width)[0]
        if squares < least:
            best, least = LOWEST + step * width, squares
    low, high = max(LOWEST, best - width), min(HIGHEST, best + width)
    for _ in range(REFINEMENTS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        below = fitted(series, intercepts, slopes, left)[0]
        if below < fitted(series, intercepts, slopes, right)[0]:
            high = right
        else:
            low = left
    middle = (low + high) / 2.0
    return middle if fitted(series, intercepts, slopes, middle)[0] < least else best


@njit(cache=True)
def _ahead(
    series: Floats, slope: float, smoothing: float, first: float, weight: float, horizon: int
) -> Floats:
    """Go on beyond the end, forecasts standing in for values."""
    level, share = first, 1.0
    for value in series:
        level += smoothing * (value - level)
        share *= 1.0 - smoothing
    points = np.empty(horizon)
    mean = series.mean()
    for step in range(horizon):
        time = len(series) + step
        line = share * (mean - (time + 1) / 2.0 * slope)
        line += (1.0 - share * (1.0 - smoothing)) / smoothing * slope
        points[step] = level + weight * line
        level += smoothing * (points[step] - level)
        share *= 1.0 - smoothing
        mean, slope = _extended(points[step], time + 1, mean, slope)
    return points


MODEL_DYNAMIC_THETA = Model(
    "dynamic_theta", ("Dynamic optimised theta", "动态优化 Theta 法"), dynamic_theta
)
