"""Complex exponential smoothing (`ces`): level and a hidden potential as one complex number.

Svetunkov, Kourentzes & Ord (2022), *Complex exponential smoothing*, Naval Research Logistics 69,
1108: without a season, with one in the complex level alone ("simple"), with a real season beside
it ("partial") and with a complex one ("full"). With e = y - expected and lag 1
for the level, m for a season, a pair (l, c) with smoothing a0 + i a1 moves by

    l' = l - (1 - a1) c + (a0 - a1) e
    c' = l + (1 - a0) c + (a0 + a1) e

and the expected value is the sum of the l. One recursion holds levels and trends of any form: at
a1 = 1 the level stays, away from it there is growth. Smoothing constants keep to the stability
region of a pair. Those of the level have a weak normal prior: a0 - 1, the weight of the last error,
near .3, and a1 near 1 (growth has to be earned). The first states are cast back: the recursion runs
over the series, back over it, and again.

As in `smoothing`, the paths of the four forms are averaged with tempered Akaike weights. A form
with a season counts its m first states once, though the complex ones have two parts: cast back,
they are not free.
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models import smoothing_kernels as kernels
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.smoothing_season import without_long_season

#: Prior of (a0, a1): centres and 1 / sd^2.
CENTRES = (1.3, 1.0)
PRECISIONS = (3.0, 80.0)
_ROUNDS = 8
_TOLERANCE = 0.02

#: Season: none, simple, partial, full.
PLAIN, SIMPLE, PARTIAL, FULL = range(4)


def ces_points(batch: Batch, horizon: int) -> Floats:
    """Paths of complex exponential smoothing, averaged over its seasonal forms; never declines."""
    scaled, scale = batch.scaled()
    apart = without_long_season(scaled)
    paths = np.zeros((len(batch), horizon))
    _average(apart.batch.values, apart.batch.offsets, apart.batch.season, paths)
    return apart.restore(paths) * scale[:, None]


MODEL_CES = Model("ces", ("Complex exponential smoothing", "复指数平滑"), ces_points)


@njit(cache=True)
def _average(values: Floats, offsets: Ints, season: int, paths: Floats) -> None:
    """Fit the forms to each series and average their paths into `paths`."""
    for i in range(len(offsets) - 1):
        y = values[offsets[i] : offsets[i + 1]]
        n = len(y)
        period = season if n >= 2 * season + 2 else 1
        forms = 1 if period == 1 else 4
        criteria = np.full(forms, np.inf)
        found = np.zeros((forms, 4))
        kind = kernels.ADDITIVE if forms > 1 else kernels.NONE
        indices, _ = kernels.first_season(y, period, kind)
        for form in range(forms):
            criteria[form] = _fit(y, period, form, indices, found[form])
        weights = kernels.evidence(criteria, n)
        errors = np.empty(n)
        state = np.empty((2, 1 + period))
        for form in range(forms):
            if weights[form] > 1e-6:
                cast(y, period, form, found[form], indices, errors, state)
                _ahead(state, n, period, form, found[form], weights[form], paths[i])


@njit(cache=True)
def cast(
    y: Floats, period: int, form: int, theta: Floats, indices: Floats, errors: Floats, state: Floats
) -> None:
    """Run over the series, back and again, filling the errors and states of the last run.

    `state` has rows l and c; its first column is the level, then the season by ``t % period``.
    """
    count = min(max(10, period), len(y))
    level = y[:count].mean()
    first = 1.0 / max(theta[0], 0.5)
    again = 1.0 / max(theta[2], 0.5)
    state[0, 0] = level
    state[1, 0] = level * first
    for j in range(period):
        state[0, 1 + j] = indices[j] + (level if form == SIMPLE else 0.0)
        state[1, 1 + j] = state[0, 1 + j] * again
    run(y, period, form, theta, errors, state, False)
    run(y, period, form, theta, errors, state, True)
    run(y, period, form, theta, errors, state, False)


@njit(cache=True)
def run(
    y: Floats, period: int, form: int, theta: Floats, errors: Floats, state: Floats, back: bool
) -> None:
    """One run of the recursion over the series, from `state` and in it; last to first if `back`."""
    n = len(y)
    a0, a1, b0, b1 = theta
    level, hidden = state[0, 0], state[1, 0]
    if form == SIMPLE:
        level = 0.0
    place = 1 + (n - 1) % period if back else 1
    for k in range(n):
        t = n - 1 - k if back else k
        e = y[t] - level
        if form != PLAIN:
            e -= state[0, place]
        errors[t] = e
        if form != SIMPLE:
            before = level
            level = before - (1.0 - a1) * hidden + (a0 - a1) * e
            hidden = before + (1.0 - a0) * hidden + (a0 + a1) * e
        if form == PARTIAL:
            state[0, place] += b0 * e
        elif form != PLAIN:
            before = state[0, place]
            other = state[1, place]
            state[0, place] = before - (1.0 - b1) * other + (b0 - b1) * e
            state[1, place] = before + (1.0 - b0) * other + (b0 + b1) * e
        place += -1 if back else 1
        if place == 0:
            place = period
        elif place > period:
            place = 1
    state[0, 0] = level
    state[1, 0] = hidden


@njit(cache=True)
def stable(a0: float, a1: float) -> bool:
    """Whether errors die out: both roots of the discount matrix of a pair inside the circle."""
    determinant = (1.0 - a0 + a1) * (1.0 - a0) + (1.0 - a1) * (1.0 - a0 - a1)
    trace = 2.0 - 2.0 * a0 + a1
    return determinant < 1.0 and abs(trace) < 1.0 + determinant


@njit(cache=True)
def _ahead(
    state: Floats, n: int, period: int, form: int, theta: Floats, weight: float, path: Floats
) -> None:
    """Add `weight` times the path with errors at nought; changes `state`."""
    for k in range(len(path)):
        place = 1 + (n + k) % period
        value = 0.0
        if form != SIMPLE:
            value += state[0, 0]
            _turn(state, 0, theta[0], theta[1])
        if form != PLAIN:
            value += state[0, place]
            if form != PARTIAL:
                _turn(state, place, theta[2], theta[3])
        path[k] += weight * value


@njit(cache=True)
def _turn(state: Floats, place: int, a0: float, a1: float) -> None:
    """Move a pair one step without an error."""
    before = state[0, place]
    state[0, place] = before - (1.0 - a1) * state[1, place]
    state[1, place] = before + (1.0 - a0) * state[1, place]


@njit(cache=True)
def _fit(y: Floats, period: int, form: int, indices: Floats, theta: Floats) -> float:
    """Fit one form into `theta` (a0, a1, b0, b1) by Levenberg and Marquardt; return its AIC."""
    n = len(y)
    free = _free(form)
    size = len(free)
    errors = np.empty(n)
    moved = np.empty(n)
    state = np.empty((2, 1 + period))
    best = np.inf
    starts = _starts(form)
    for k in range(len(starts)):
        aim = _aim(y, period, form, starts[k], indices, moved, state)
        if aim < best:
            best = aim
            theta[:] = starts[k]
            errors, moved = moved, errors
    slopes = np.empty((size, n))
    normal = np.empty((size, size))
    damped = np.empty((size, size))
    gradient = np.empty(size)
    step = np.empty(size)
    trial = theta.copy()
    damping = 1e-2
    for _ in range(_ROUNDS):
        variance = (errors * errors).mean()
        if variance <= 1e-14:
            break
        for a in range(size):
            j = free[a]
            trial[:] = theta
            trial[j] += 1e-5
            cast(y, period, form, trial, indices, moved, state)
            precision, centre = _prior(form, j)
            gradient[a] = variance * precision * (theta[j] - centre)
            for t in range(n):
                slopes[a, t] = (moved[t] - errors[t]) / 1e-5
                gradient[a] += slopes[a, t] * errors[t]
            for b in range(a + 1):
                normal[a, b] = (slopes[a] * slopes[b]).sum()
            normal[a, a] += variance * precision
        gain = 0.0
        for _attempt in range(5):
            damped[:] = normal
            step[:] = -gradient
            for a in range(size):
                damped[a, a] = normal[a, a] * (1.0 + damping) + 1e-12
            trial[:] = theta
            if kernels.solve(damped, step, size):
                for a in range(size):
                    trial[free[a]] += step[a]
                gain = best - _aim(y, period, form, trial, indices, moved, state)
                if gain > 0.0:
                    break
            damping *= 6.0
        if gain <= 0.0:
            break
        best -= gain
        theta[:] = trial
        errors, moved = moved, errors
        damping = max(damping / 6.0, 1e-3)
        if gain < _TOLERANCE:
            break
    parameters = size + 1 + (period if form != PLAIN else 0)
    return n * np.log(max((errors * errors).sum(), 1e-14 * n)) + 2.0 * parameters


@njit(cache=True)
def _aim(
    y: Floats, period: int, form: int, theta: Floats, indices: Floats, errors: Floats, state: Floats
) -> float:
    """-2 log posterior; infinite outside the stable region."""
    if form != SIMPLE and not stable(theta[0], theta[1]):
        return np.inf
    if form in (SIMPLE, FULL) and not stable(theta[2], theta[3]):
        return np.inf
    if form == PARTIAL and not 0.0 <= theta[2] < 1.0:
        return np.inf
    cast(y, period, form, theta, indices, errors, state)
    squares = (errors * errors).sum()
    if not np.isfinite(squares):
        return np.inf
    aim = len(y) * np.log(max(squares, 1e-14 * len(y)))
    for j in range(2):
        precision, centre = _prior(form, j)
        aim += precision * (theta[j] - centre) ** 2
    return aim


@njit(cache=True)
def _prior(form: int, j: int) -> tuple[float, float]:
    """Precision and centre of the prior of a place of theta."""
    if j < 2 and form != SIMPLE:
        return PRECISIONS[j], CENTRES[j]
    return 0.0, 0.0


@njit(cache=True)
def _free(form: int) -> Ints:
    """Places of theta that a form has."""
    if form == PLAIN:
        return np.array([0, 1])
    if form == SIMPLE:
        return np.array([2, 3])
    return np.array([0, 1, 2]) if form == PARTIAL else np.array([0, 1, 2, 3])


@njit(cache=True)
def _starts(form: int) -> Floats:
    """Places to start from."""
    starts = np.ones((6, 4))
    for k in range(6):
        first = (1.1, 1.4, 1.8)[k % 3]
        starts[k, 0] = first
        starts[k, 2] = 1.1 if k < 3 else 1.3
        if form == SIMPLE:
            starts[k, 2] = (1.05, 1.15, 1.3, 1.5, 1.7, 1.9)[k]
        elif form == PARTIAL:
            starts[k, 2] = 0.05 if k < 3 else 0.2
    return starts[:3] if form == PLAIN else starts
