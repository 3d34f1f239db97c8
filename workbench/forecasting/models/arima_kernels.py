"""Autoregression with moving-average errors on one series, compiled: errors, fit, drift, forecasts.

Box and Jenkins, Time Series Analysis: Forecasting and Control (1970), multiplicative seasonal form:

    phi(B) Phi(B^m) (w(t) - drift) = theta(B) Theta(B^m) e(t),  w = (1-B)^d (1-B^m)^D y

Orders are a tuple (p, q, P, Q), each of p and q up to 2, P and Q up to 1; parameters come in that
order. Errors before the first value are taken as zero, and so are values less the drift: the
conditional sum of squares of chapter 7 of the book. `arima.py` and `autoregression.py` choose and
combine.
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Floats, Ints

Orders = tuple[int, int, int, int]

#: Roots stay outside the unit circle by about this much.
LIMIT = 0.985
#: Steps of the search for parameters, and the relative gain below which it stops.
MOST_STEPS = 10
SMALL_GAIN = 1e-4
#: Expanded polynomials have at most this many lags: 2 + 1 + 2.
MOST_LAGS = 5
DIFFERENCE = 1e-5


@njit(cache=True)
def fitted(series: Floats, orders: Orders, season: int, start: Floats) -> tuple[Floats, float]:
    """Find the parameters with the least squared errors, Levenberg-Marquardt from `start`.

    Parameters
    ----------
    series : numpy.ndarray, shape (n,)
        Differenced as wanted, less its drift.
    start : numpy.ndarray, shape (p + q + P + Q,)
        As from `usual`.

    Returns
    -------
    (numpy.ndarray of shape (p + q + P + Q,), float)
        Parameters inside the stationary and invertible region, sum of squared errors.
    """
    count, size = len(series), orders[0] + orders[1] + orders[2] + orders[3]
    best = start.copy()
    errors, trial_errors = np.empty(count), np.empty(count)
    squares = residuals(series, best, orders, season, errors)
    slopes, trial = np.empty((size, count)), best.copy()
    damping = 0.01
    for _ in range(MOST_STEPS):
        if size == 0 or squares <= 0.0:
            break
        for number in range(size):
            shift = DIFFERENCE if best[number] < 0.0 else -DIFFERENCE
            trial[:] = best
            trial[number] += shift
            residuals(series, trial, orders, season, trial_errors)
            slopes[number] = (trial_errors - errors) / shift
        curvature, gradient = slopes @ slopes.T, slopes @ errors
        better = squares
        for _ in range(6):
            step = _solved(curvature, gradient, damping)
            trial[:] = best - step
            if inside(trial, orders):
                better = residuals(series, trial, orders, season, trial_errors)
                if better < squares:
                    break
            damping = 5.0 * damping + 0.001
        if not better < squares:
            break
        gain = 1.0 - better / squares
        best[:], errors[:], squares = trial, trial_errors, better
        damping *= 0.2
        if gain < SMALL_GAIN:
            break
    return best, squares


@njit(cache=True)
def with_drift(
    series: Floats, orders: Orders, season: int, differences: int
) -> tuple[float, Floats, float]:
    """Fit with a drift, the mean of `series`, shrunk towards none.

    Returns
    -------
    (float, numpy.ndarray, float)
        Drift, parameters, sum of squared errors.

    Notes
    -----
    Parameters are found around the plain mean, then the mean by generalised least squares (the
    errors of the series regressed on those of a constant one), then the parameters again. Both
    means are multiplied by max(0, 1 - variance / mean^2), the positive-part James-Stein share.
    """
    count, mean = len(series), series.mean()
    spread = ((series - mean) ** 2).sum() / max(count - 1, 1) / count
    start = _shrunk(mean, spread)
    parameters, _ = fitted(series - start, orders, season, usual(orders, differences))
    errors, ones = np.empty(count), np.empty(count)
    residuals(series - mean, parameters, orders, season, errors)
    residuals(np.ones(count), parameters, orders, season, ones)
    power = (ones * ones).sum()
    correction = (errors * ones).sum() / power
    spread = ((errors - correction * ones) ** 2).sum() / power
    drift = _shrunk(mean + correction, spread / max(count - len(parameters) - 1, 1))
    parameters, squares = fitted(series - drift, orders, season, parameters)
    return drift, parameters, squares


@njit(cache=True)
def _shrunk(mean: float, variance: float) -> float:
    return mean * max(0.0, 1.0 - variance / (mean * mean)) if mean != 0.0 else 0.0


@njit(cache=True)
def residuals(
    series: Floats, parameters: Floats, orders: Orders, season: int, errors: Floats
) -> float:
    """Fill `errors` with one-step errors; return the sum of their squares."""
    lags, weights, shocks, shares = _expanded(parameters, orders, season)
    squares = 0.0
    for step in range(len(series)):
        error = series[step]
        for number in range(len(lags)):
            if step >= lags[number]:
                error -= weights[number] * series[step - lags[number]]
        for number in range(len(shocks)):
            if step >= shocks[number]:
                error -= shares[number] * errors[step - shocks[number]]
        errors[step] = error
        squares += error * error
    return squares


@njit(cache=True)
def continued(
    series: Floats, parameters: Floats, orders: Orders, season: int, horizon: int
) -> Floats:
    """Expected values after the end, errors to come being zero."""
    count = len(series)
    known, errors = np.zeros(count + horizon), np.zeros(count + horizon)
    known[:count] = series
    residuals(series, parameters, orders, season, errors[:count])
    lags, weights, shocks, shares = _expanded(parameters, orders, season)
    for step in range(count, count + horizon):
        for number in range(len(lags)):
            if step >= lags[number]:
                known[step] += weights[number] * known[step - lags[number]]
        for number in range(len(shocks)):
            if step >= shocks[number]:
                known[step] += shares[number] * errors[step - shocks[number]]
    return known[count:]


@njit(cache=True)
def _expanded(parameters: Floats, orders: Orders, season: int) -> tuple[Ints, Floats, Ints, Floats]:
    """Lags and weights of past values and of past errors, the polynomials multiplied out."""
    p, q, seasonal_p, seasonal_q = orders
    lags, weights = np.empty(MOST_LAGS, np.int64), np.empty(MOST_LAGS)
    shocks, shares = np.empty(MOST_LAGS, np.int64), np.empty(MOST_LAGS)
    past = 0
    for number in range(p):
        lags[past], weights[past] = number + 1, parameters[number]
        past += 1
    if seasonal_p:
        outer = parameters[p + q]
        lags[past], weights[past] = season, outer
        past += 1
        for number in range(p):
            lags[past], weights[past] = season + number + 1, -outer * parameters[number]
            past += 1
    shocked = 0
    for number in range(q):
        shocks[shocked], shares[shocked] = number + 1, parameters[p + number]
        shocked += 1
    if seasonal_q:
        outer = parameters[p + q + seasonal_p]
        shocks[shocked], shares[shocked] = season, outer
        shocked += 1
        for number in range(q):
            shocks[shocked] = season + number + 1
            shares[shocked] = outer * parameters[p + number]
            shocked += 1
    return lags[:past], weights[:past], shocks[:shocked], shares[:shocked]


@njit(cache=True)
def inside(parameters: Floats, orders: Orders) -> bool:
    """Whether all parts are stationary and invertible, with a margin."""
    p, q, seasonal_p, seasonal_q = orders
    if not _stationary(parameters[:p]) or not _stationary(-parameters[p : p + q]):
        return False
    if seasonal_p and abs(parameters[p + q]) > LIMIT:
        return False
    return not (seasonal_q and abs(parameters[p + q + seasonal_p]) > LIMIT)


@njit(cache=True)
def _stationary(weights: Floats) -> bool:
    """The triangle of the second order (Box and Jenkins 1970, section 3.2.4) and its like."""
    if len(weights) == 0:
        return True
    if len(weights) == 1:
        return bool(abs(weights[0]) <= LIMIT)
    first, second = weights
    return bool(max(abs(second), second + first, second - first) <= LIMIT)


@njit(cache=True)
def usual(orders: Orders, differences: int) -> Floats:
    """Where a search starts, by how often neighbours were differenced."""
    p, q, seasonal_p, seasonal_q = orders
    parameters = np.zeros(p + q + seasonal_p + seasonal_q)
    if p:
        parameters[0] = 0.1 if differences else 0.7
    if q:
        parameters[p] = -0.3 if differences else -0.1
    if seasonal_q:
        parameters[p + q + seasonal_p] = -0.5
    return parameters


@njit(cache=True)
def _solved(curvature: Floats, gradient: Floats, damping: float) -> Floats:
    """Solve the damped normal equations by Cholesky's root; zeros where they are singular."""
    size = len(gradient)
    root, step = np.zeros((size, size)), gradient.copy()
    for row in range(size):
        for column in range(row + 1):
            rest = curvature[row, column]
            if row == column:
                rest += damping * rest
            for other in range(column):
                rest -= root[row, other] * root[column, other]
            if row > column:
                root[row, column] = rest / root[column, column]
            elif rest > 1e-14 * curvature[row, row]:
                root[row, row] = np.sqrt(rest)
            else:
                return np.zeros(size)
    for row in range(size):
        for other in range(row):
            step[row] -= root[row, other] * step[other]
        step[row] /= root[row, row]
    for row in range(size - 1, -1, -1):
        for other in range(row + 1, size):
            step[row] -= root[other, row] * step[other]
        step[row] /= root[row, row]
    return step


@njit(cache=True)
def differenced(series: Floats, differences: int, seasonal: int, season: int) -> Floats:
    """Difference over the season, then between neighbours, as often as said."""
    for _ in range(seasonal):
        series = series[season:] - series[:-season]
    for _ in range(differences):
        series = series[1:] - series[:-1]
    return series


@njit(cache=True)
def summed(series: Floats, changes: Floats, differences: int, seasonal: int, season: int) -> Floats:
    """Undo `differenced` for forecasts of it: values after the end of `series`."""
    ahead = changes.copy()
    horizon = len(ahead)
    for done in range(differences - 1, -1, -1):
        level = differenced(series, done, seasonal, season)[-1]
        for step in range(horizon):
            level += ahead[step]
            ahead[step] = level
    for done in range(seasonal - 1, -1, -1):
        base = differenced(series, 0, done, season)
        for step in range(horizon):
            ahead[step] += (
                base[len(base) - season + step] if step < season else ahead[step - season]
            )
    return ahead
