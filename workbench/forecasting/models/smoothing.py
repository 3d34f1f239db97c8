"""Exponential smoothing in state space form, all admissible models averaged (`ets`), and the damped
trend on seasonally adjusted data (`damped`).

Models and likelihood: Hyndman, Koehler, Ord & Snyder (2008), *Forecasting with Exponential
Smoothing*, chapters 2 and 5; the damped trend: Gardner & McKenzie (1985), Management Science 31,
1237. Error additive or multiplicative, trend none, additive or damped, season none, additive or
multiplicative: the fifteen of the book that are stable. A multiplicative season with an additive
error is left out, and so is what is multiplicative where a value is not above zero.

Instead of one model picked by information criterion, the paths of all are averaged with Akaike
weights (Burnham & Anderson, 2002, *Model Selection and Multimodel Inference*, section 2.9):
models that the data cannot tell apart differ in their paths more than in their fit. The evidence
is tempered, exp(-dAIC / 2 / (1 + n / 10)), because the errors of a smoothing model are not
independent draws from it: a hundred of them say less than a hundred (a power likelihood; Grünwald
& van Ommen, 2017, Bayesian Analysis 12, 1069). Parameters have weak normal priors: the slope moves
little (beta / alpha near 0, sd .13) and the first level is near that of a line through the start.

Seasons longer than 24 observations are taken out first (`smoothing_season.py`). The recursion and
its search are in `smoothing_kernels.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models import smoothing_kernels as kernels
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.seasonal_adjustment import adjust
from workbench.forecasting.models.smoothing_kernels import (
    ALPHA,
    BETA,
    GAMMA,
    LEVEL,
    MULTIPLICATIVE,
    NONE,
    PHI,
    SEASON,
    SLOPE,
)
from workbench.forecasting.models.smoothing_season import LONGEST_SEASON, without_long_season

#: Damping of a trend: below, it is gone in a few steps; above, it is none.
PHI_RANGE = (0.8, 0.97)
#: 1 / sd^2 of beta / alpha around nought.
BETA_PRECISION = 60.0
#: Observations that the start of the level counts for.
LEVEL_PRECISION = 5.0
#: Models that fit so much worse without a slope (in tempered log weight) are not tried with one.
HOPELESS = 4.0
_ROUNDS = 5
_TOLERANCE = 0.02

_NO_TREND, _TREND, _DAMPED = range(3)


@dataclass(frozen=True)
class Decomposition:
    """What a smoothing model sees in each series; in the unit of the series.

    Attributes
    ----------
    level, season, remainder : ndarray, shape of ``batch.values``
        End to end as in the batch; they add up to the values. The level (with its trend) and the
        season are those expected one step before; the remainder is the one-step error.
    ahead_level, ahead_season : ndarray, shape (n, horizon)
        Their paths after the last observation; they add up to the points of the model `ets`.
    """

    level: Floats
    season: Floats
    remainder: Floats
    ahead_level: Floats
    ahead_season: Floats


def decompose(batch: Batch, horizon: int = 0) -> Decomposition:
    """Split series into level, season and remainder by the averaged smoothing models."""
    scaled, scale = batch.scaled()
    apart = without_long_season(scaled)
    ahead = np.zeros((len(batch), 2, horizon))
    parts = np.zeros((2, len(batch.values)))
    _average(apart.batch.values, apart.batch.offsets, apart.batch.season, ahead, parts)
    fitted = parts.sum(axis=0)
    factors = np.repeat(apart.multiplicative, batch.lengths)
    before, after = scaled.values, apart.batch.values
    with np.errstate(divide="ignore", invalid="ignore"):
        fitted = np.where(factors, fitted * (before / after), fitted + (before - after))
    each = np.repeat(scale, batch.lengths)
    return Decomposition(
        level=parts[0] * each,
        season=(fitted - parts[0]) * each,
        remainder=batch.values - fitted * each,
        ahead_level=ahead[:, 0] * scale[:, None],
        ahead_season=(apart.restore(ahead.sum(axis=1)) - ahead[:, 0]) * scale[:, None],
    )


def ets_points(batch: Batch, horizon: int) -> Floats:
    """Paths of the smoothing models, averaged by Akaike weights; never declines."""
    scaled, scale = batch.scaled()
    apart = without_long_season(scaled)
    ahead = np.zeros((len(batch), 2, horizon))
    nothing = np.empty((2, 0))
    _average(apart.batch.values, apart.batch.offsets, apart.batch.season, ahead, nothing)
    return apart.restore(ahead.sum(axis=1)) * scale[:, None]


def damped_points(batch: Batch, horizon: int) -> Floats:
    """Damped trend on seasonally adjusted data, season put back; never declines."""
    scaled, scale = batch.scaled()
    long = scaled.season > LONGEST_SEASON
    apart = without_long_season(scaled) if long else adjust(scaled)
    points = np.empty((len(batch), horizon))
    _damped(apart.batch.values, apart.batch.offsets, points)
    return apart.restore(points) * scale[:, None]


MODEL_ETS = Model("ets", ("Exponential smoothing", "指数平滑"), ets_points)
MODEL_DAMPED = Model("damped", ("Damped trend", "阻尼趋势"), damped_points)


@njit(cache=True)
def _average(values: Floats, offsets: Ints, season: int, ahead: Floats, parts: Floats) -> None:
    """Fit and average all models of each series; fills `ahead` and, where it has room, `parts`."""
    for i in range(len(offsets) - 1):
        y = values[offsets[i] : offsets[i + 1]]
        period = season if len(y) >= 2 * season + 2 else 1
        criteria, thetas = _fit_all(y, period)
        weights = kernels.evidence(criteria, len(y))
        state = np.empty(2 + period)
        errors = np.empty(len(y))
        levels = np.empty(len(y) if parts.shape[1] else 0)
        for model in range(len(weights)):
            if weights[model] < 1e-6:
                continue
            kind = model // 6
            theta = thetas[model]
            kernels.smooth(y, period, kind, False, theta, errors, state, levels)
            kernels.ahead(state, len(y), period, kind, theta[PHI], weights[model], ahead[i])
            for t in range(len(levels)):
                parts[0, offsets[i] + t] += weights[model] * levels[t]
                if kind != NONE:
                    parts[1, offsets[i] + t] += weights[model] * (y[t] - errors[t] - levels[t])


@njit(cache=True)
def _fit_all(y: Floats, period: int) -> tuple[Floats, Floats]:
    """Return the criterion (infinite where a model is not fitted) and theta of all models.

    Model number is 6 kind + 3 (error multiplicative) + trend. All are fitted without a slope
    first; those that then fit hopelessly are not tried with one.
    """
    criteria = np.full(18, np.inf)
    thetas = np.zeros((18, 6 + period))
    positive = y.min() > 0.0
    kinds = 1 if period == 1 else (3 if positive else 2)
    indices = np.zeros((3, period))
    adjusted = np.empty((3, len(y)))
    for kind in range(kinds):
        indices[kind], adjusted[kind] = kernels.first_season(y, period, kind)
    hopeless = np.inf
    for stage in range(2):
        for kind in range(kinds):
            for relative in range(2 if positive else 1):
                plain = 6 * kind + 3 * relative
                if not relative and kind == MULTIPLICATIVE:
                    continue
                if stage and not criteria[plain] <= hopeless:
                    continue
                for trend in range(1, 3) if stage else range(1):
                    model = plain + trend
                    near = model - 3 if relative and kind != MULTIPLICATIVE else model - 1
                    criteria[model] = _fit(
                        y,
                        adjusted[kind],
                        period,
                        kind,
                        relative == 1,
                        trend,
                        indices[kind],
                        thetas[max(near, 0)],
                        thetas[model],
                    )
        hopeless = criteria.min() + 2.0 * HOPELESS * (1.0 + len(y) / kernels.TEMPER)
    if not np.isfinite(criteria.min()):
        criteria[0] = 0.0
        thetas[0, LEVEL] = y.mean()
        thetas[0, PHI] = 1.0
    return criteria, thetas


@njit(cache=True)
def _fit(
    y: Floats,
    adjusted: Floats,
    period: int,
    kind: int,
    relative: bool,
    trend: int,
    indices: Floats,
    near: Floats,
    theta: Floats,
) -> float:
    """Fit one model into `theta`, from where its neighbour `near` ended; return its AIC."""
    n = len(y)
    count = min(max(10, 2 * period), n)
    level, slope = kernels.first_line(adjusted, count)
    if trend == _NO_TREND:
        level, slope = adjusted[:count].mean(), 0.0
    theta[LEVEL] = level
    theta[SLOPE] = slope
    theta[SEASON:] = indices
    theta[PHI] = 1.0 if trend != _DAMPED else 0.9
    state = np.empty(2 + period)
    errors = np.empty(n)
    starts = _starts(kind, relative, trend, near)
    best = np.inf
    chosen = -1
    for k in range(len(starts)):
        theta[ALPHA : GAMMA + 1] = starts[k]
        total = kernels.scaled_errors(y, period, kind, relative, theta, errors, state)
        if total < best:
            best = total
            chosen = k
    if chosen < 0:
        return np.inf
    theta[ALPHA : GAMMA + 1] = starts[chosen]
    box, prior, free = _bounds(theta, kind, trend)
    kernels.improve(y, period, kind, relative, theta, free, box, prior, _ROUNDS, _TOLERANCE, state)
    total = kernels.scaled_errors(y, period, kind, relative, theta, errors, state)
    if not np.isfinite(total):
        return np.inf
    parameters = len(free) + 1 + (period - 1 if kind != NONE else 0)
    return n * np.log(max(total, 1e-14 * n)) + 2.0 * parameters


@njit(cache=True)
def _starts(kind: int, relative: bool, trend: int, near: Floats) -> Floats:
    """Places to start from, rows of (alpha, beta / alpha, gamma / (1 - alpha))."""
    if relative and kind != MULTIPLICATIVE:
        return near[ALPHA : GAMMA + 1].copy().reshape((1, 3))
    if trend == _NO_TREND:
        starts = np.zeros((8 if kind != NONE else 4, 3))
        for k in range(len(starts)):
            starts[k, 0] = (0.1, 0.3, 0.6, 0.9)[k % 4]
            if kind != NONE:
                starts[k, 2] = 0.05 if k < 4 else 0.3
        return starts
    starts = np.zeros((3, 3))
    starts[:, 2] = near[GAMMA]
    starts[0, 0] = near[ALPHA]
    starts[1, 0] = near[ALPHA]
    starts[2, 0] = 0.15
    if trend == _TREND:
        starts[:, 1] = (0.02, 0.15, 0.1)
    else:
        starts[:, 1] = (near[BETA], 0.2, 0.2)
    return starts


@njit(cache=True)
def _bounds(theta: Floats, kind: int, trend: int) -> tuple[Floats, Floats, Ints]:
    """Box, prior (as in `improve`, centred on the first states given) and free places."""
    box = np.empty((2, len(theta)))
    box[0] = -1e9
    box[1] = 1e9
    box[0, :LEVEL] = (1e-3, 1e-4, 1e-4, PHI_RANGE[0])
    box[1, :LEVEL] = (0.9999, 0.9999, 0.9999, PHI_RANGE[1])
    prior = np.zeros((3, len(theta)))
    prior[0] = theta
    prior[0, BETA] = 0.0
    prior[1, BETA] = BETA_PRECISION
    prior[2, LEVEL] = LEVEL_PRECISION
    free = [ALPHA, LEVEL]
    if kind != NONE:
        free.append(GAMMA)
    if trend != _NO_TREND:
        free.append(BETA)
        free.append(SLOPE)
    if trend == _DAMPED:
        free.append(PHI)
    return box, prior, np.array(free)


@njit(cache=True)
def _damped(values: Floats, offsets: Ints, points: Floats) -> None:
    """Fit the damped trend to each series, without a season; fills `points`."""
    nothing = np.zeros(1)
    state = np.zeros(3)
    for i in range(len(offsets) - 1):
        y = values[offsets[i] : offsets[i + 1]]
        near = np.array([0.4, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0])
        theta = np.zeros(7)
        _fit(y, y, 1, NONE, False, _DAMPED, nothing, near, theta)
        if y.min() > 0.0:
            near[:] = theta
            _fit(y, y, 1, NONE, True, _DAMPED, nothing, near, theta)
        kernels.smooth(y, 1, NONE, False, theta, np.empty(len(y)), state, np.empty(0))
        path = np.zeros((2, points.shape[1]))
        kernels.ahead(state, len(y), 1, NONE, theta[PHI], 1.0, path)
        points[i] = path[0]
