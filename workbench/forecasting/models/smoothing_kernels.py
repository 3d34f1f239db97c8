"""Compiled parts of exponential smoothing: one pass over a series, and the search for parameters.

All models of the family share one recursion, the innovations form of Hyndman, Koehler, Ord & Snyder
(2008), *Forecasting with Exponential Smoothing*, tables 2.2 and 2.3. With q = l + phi b:

    expected   mu = q            (no season),  q + s,        q s
    residual   r  = y - mu
    level      l  = q + alpha r                          (r / s with a multiplicative season)
    slope      b  = phi b + beta r                       (r / s)
    season     s  = s + gamma r                          (r / q)

The error is additive or multiplicative only in the likelihood (e = r or r / mu), never in the
recursion, and a model without slope or season is one with beta = b = 0 or gamma = 0.

A vector `theta` holds alpha, beta / alpha, gamma / (1 - alpha), phi, the first level, the first
slope and the first season, so that the usual region is a box.
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.models.seasonal_adjustment import classical_indices

#: Places in `theta`.
ALPHA, BETA, GAMMA, PHI, LEVEL, SLOPE, SEASON = range(7)

#: Kinds of season.
NONE, ADDITIVE, MULTIPLICATIVE = range(3)

#: Observations after which evidence between models counts half.
TEMPER = 10.0


@njit(cache=True)
def smooth(
    y: Floats,
    period: int,
    kind: int,
    relative: bool,
    theta: Floats,
    errors: Floats,
    state: Floats,
    levels: Floats,
) -> float:
    """Run the recursion over a series.

    Parameters
    ----------
    y : ndarray, shape (n,)
    period : int
        Length of the season.
    kind : int
        `NONE`, `ADDITIVE` or `MULTIPLICATIVE` season.
    relative : bool
        Whether the error is multiplicative.
    theta : ndarray, shape (6 + period,)
    errors : ndarray, shape (n,)
        Filled with r, or with r / mu.
    state : ndarray, shape (2 + period,)
        Filled with the last level, slope and season; the season at place ``t % period``.
    levels : ndarray, shape (n,) or (0,)
        Filled with q where there is room for it.

    Returns
    -------
    float
        Mean of log mu where the error is multiplicative, else 0; infinity where the pass left
        the domain of the model (an expected value, level or season not above zero).
    """
    alpha = theta[ALPHA]
    beta = alpha * theta[BETA]
    gamma = (1.0 - alpha) * theta[GAMMA]
    phi = theta[PHI]
    level = theta[LEVEL]
    slope = theta[SLOPE]
    for place in range(period):
        state[2 + place] = theta[SEASON + place]
    product = 1.0
    logs = 0.0
    place = 2
    end = 2 + period
    keep = len(levels) > 0
    for t in range(len(y)):
        slope = phi * slope
        q = level + slope
        if keep:
            levels[t] = q
        if kind == NONE:
            mu = q
            r = y[t] - mu
            level = q + alpha * r
            slope += beta * r
        elif kind == ADDITIVE:
            mu = q + state[place]
            r = y[t] - mu
            level = q + alpha * r
            slope += beta * r
            state[place] += gamma * r
        else:
            s = state[place]
            if q <= 1e-8 or s <= 1e-8:
                return np.inf
            mu = q * s
            r = y[t] - mu
            level = q + alpha * r / s
            slope += beta * r / s
            state[place] = s + gamma * r / q
        place += 1
        if place == end:
            place = 2
        if relative:
            if mu <= 1e-8:
                return np.inf
            errors[t] = r / mu
            product *= mu
            if product > 1e100 or product < 1e-100:
                logs += np.log(product)
                product = 1.0
        else:
            errors[t] = r
    state[0] = level
    state[1] = slope
    if relative:
        return (logs + np.log(product)) / len(y)
    return 0.0


@njit(cache=True)
def scaled_errors(
    y: Floats, period: int, kind: int, relative: bool, theta: Floats, errors: Floats, state: Floats
) -> float:
    """Fill `errors` so that n log of their sum of squares, returned, is -2 log likelihood.

    With a multiplicative error that is n log(sum e^2) + 2 sum log mu (section 5.1 of the book):
    the errors times the geometric mean of mu. So the search is one for least squares.
    """
    mean = smooth(y, period, kind, relative, theta, errors, state, errors[:0])
    if not np.isfinite(mean):
        return np.inf
    factor = np.exp(mean)
    total = 0.0
    for t in range(len(y)):
        errors[t] *= factor
        total += errors[t] * errors[t]
    return total if np.isfinite(total) else np.inf


@njit(cache=True)
def first_season(y: Floats, period: int, kind: int) -> tuple[Floats, Floats]:
    """Return indices of the season by ``t % period``, and the series without them."""
    indices = np.zeros(period)
    out = y.copy()
    if kind == NONE:
        return indices, out
    indices[:] = classical_indices(y, period, kind == MULTIPLICATIVE)
    for t in range(len(y)):
        j = t % period
        if kind == ADDITIVE:
            out[t] = y[t] - indices[j]
        else:
            indices[j] = max(indices[j], 1e-2)
            out[t] = y[t] / indices[j]
    return indices, out


@njit(cache=True)
def first_line(z: Floats, count: int) -> tuple[float, float]:
    """Level before the first and slope of a line through the first `count` values."""
    middle = (count + 1) / 2.0
    mean = z[:count].mean()
    above = 0.0
    below = 0.0
    for t in range(count):
        above += (t + 1 - middle) * (z[t] - mean)
        below += (t + 1 - middle) ** 2
    slope = above / below if below > 0.0 else 0.0
    return mean - slope * middle, slope


@njit(cache=True)
def ahead(
    state: Floats, n: int, period: int, kind: int, phi: float, weight: float, out: Floats
) -> None:
    """Add `weight` times the expected path to `out`, shape (2, horizon): level, season part.

    The point forecasts of table 2.1 of the book: errors at nought.
    """
    damped = 0.0
    power = 1.0
    for k in range(out.shape[1]):
        power *= phi
        damped += power
        q = state[0] + damped * state[1]
        out[0, k] += weight * q
        if kind == ADDITIVE:
            out[1, k] += weight * state[2 + (n + k) % period]
        elif kind == MULTIPLICATIVE:
            out[1, k] += weight * q * (state[2 + (n + k) % period] - 1.0)


@njit(cache=True)
def evidence(criteria: Floats, n: int) -> Floats:
    """Weights of models by their AIC on n observations, tempered; infinite ones have none."""
    weights = np.exp(-0.5 * (criteria - criteria.min()) / (1.0 + n / TEMPER))
    return weights / weights.sum()


@njit(cache=True)
def solve(matrix: Floats, right: Floats, size: int) -> bool:
    """Solve a symmetric positive system in place by Cholesky; False where it is not positive."""
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if total <= 0.0:
                    return False
                matrix[i, i] = np.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(size):
        total = right[i]
        for k in range(i):
            total -= matrix[i, k] * right[k]
        right[i] = total / matrix[i, i]
    for i in range(size - 1, -1, -1):
        total = right[i]
        for k in range(i + 1, size):
            total -= matrix[k, i] * right[k]
        right[i] = total / matrix[i, i]
    return True


@njit(cache=True)
def improve(
    y: Floats,
    period: int,
    kind: int,
    relative: bool,
    theta: Floats,
    free: Ints,
    box: Floats,
    prior: Floats,
    rounds: int,
    tolerance: float,
    state: Floats,
) -> float:
    """Improve `theta` in place within its box by Levenberg's and Marquardt's method.

    What is lowered is n log(S + sum w (theta - c)^2) + sum v (theta - c)^2 with S of
    `scaled_errors`: -2 log posterior under normal priors, v for those in units of their own and w
    for those in units of the error variance (as if the start had been observed).

    Parameters
    ----------
    free : ndarray of int
        Places of `theta` that may change.
    box : ndarray, shape (2, size of theta)
        Lowest and highest values.
    prior : ndarray, shape (3, size of theta)
        Centres c, precisions v and precisions w.
    rounds : int
        At most so many sets of derivatives (forward differences).
    tolerance : float
        Ends when a round lowers the aim by less.

    Returns
    -------
    float
        Sum of squares as in `scaled_errors`, with those of w.
    """
    n = len(y)
    count = len(free)
    errors = np.empty(n)
    moved = np.empty(n)
    slopes = np.empty((count, n))
    normal = np.empty((count, count))
    damped = np.empty((count, count))
    gradient = np.empty(count)
    step = np.empty(count)
    places = np.empty(count, dtype=np.int64)
    trial = theta.copy()
    total = scaled_errors(y, period, kind, relative, theta, errors, state)
    if not np.isfinite(total):
        return total
    total += _distance(theta, free, prior, 2)
    aim = n * np.log(max(total, 1e-300)) + _distance(theta, free, prior, 1)
    damping = 1e-2
    for _ in range(rounds):
        if total <= 1e-14 * n:
            break
        variance = total / n
        size = 0
        for k in range(count):
            j = free[k]
            width = 1e-5 * max(abs(theta[j]), 0.1)
            if theta[j] + width > box[1, j]:
                width = -width
            trial[j] = theta[j] + width
            valid = np.isfinite(scaled_errors(y, period, kind, relative, trial, moved, state))
            trial[j] = theta[j]
            if not valid:
                continue
            down = (prior[2, j] + variance * prior[1, j]) * (theta[j] - prior[0, j])
            for t in range(n):
                slopes[size, t] = (moved[t] - errors[t]) / width
                down += slopes[size, t] * errors[t]
            # a place at its bound that wants to leave the box rests this round
            if (theta[j] <= box[0, j] and down > 0.0) or (theta[j] >= box[1, j] and down < 0.0):
                continue
            gradient[size] = down
            places[size] = j
            size += 1
        if size == 0:
            break
        for a in range(size):
            for b in range(a + 1):
                product = 0.0
                for t in range(n):
                    product += slopes[a, t] * slopes[b, t]
                normal[a, b] = product
            normal[a, a] += prior[2, places[a]] + variance * prior[1, places[a]]
        better = False
        reached = aim
        for _attempt in range(5):
            for a in range(size):
                step[a] = -gradient[a]
                for b in range(a):
                    damped[a, b] = normal[a, b]
                damped[a, a] = normal[a, a] * (1.0 + damping) + 1e-12
            if not solve(damped, step, size):
                damping *= 10.0
                continue
            for a in range(size):
                j = places[a]
                trial[j] = min(max(theta[j] + step[a], box[0, j]), box[1, j])
            squares = scaled_errors(y, period, kind, relative, trial, moved, state)
            if np.isfinite(squares):
                squares += _distance(trial, free, prior, 2)
                reached = n * np.log(max(squares, 1e-300)) + _distance(trial, free, prior, 1)
                if reached < aim:
                    better = True
                    total = squares
                    break
            damping *= 6.0
            for a in range(size):
                trial[places[a]] = theta[places[a]]
        if not better:
            break
        gain = aim - reached
        aim = reached
        damping = max(damping / 6.0, 1e-3)
        for a in range(size):
            theta[places[a]] = trial[places[a]]
        errors, moved = moved, errors
        if gain < tolerance:
            break
    return total


@njit(cache=True)
def _distance(theta: Floats, free: Ints, prior: Floats, row: int) -> float:
    """Weighted squared distance of the free places from the centres of the prior."""
    total = 0.0
    for k in range(len(free)):
        j = free[k]
        total += prior[row, j] * (theta[j] - prior[0, j]) ** 2
    return total
