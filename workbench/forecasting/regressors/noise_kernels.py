"""Compiled recursions of the noise models; `noise.py` says what they are."""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit

#: Parameters tried: ordinary and seasonal moving average of the airline model, and the ratio of
#: variances of the local level (0 is a constant mean).
ORDINARY = np.array([-0.3, 0.0, 0.3, 0.5, 0.7, 0.85])
SEASONAL = np.array([0.0, 0.3, 0.5, 0.7, 0.9])
RATIOS = np.array([0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0])


@njit(cache=True)
def kept_counts(offsets, season, observed, noise):  # type: ignore[no-untyped-def]
    """Number of innovations of each series."""
    kept = np.zeros(len(offsets) - 1, dtype=np.int64)
    for i in range(len(kept)):
        if noise[i, 1] >= 0:
            kept[i] = offsets[i + 1] - offsets[i] - season - 1
        else:
            kept[i] = max(0, _count(observed, offsets[i], offsets[i + 1]) - 1)
    return kept


@njit(cache=True)
def whiten_all(values, offsets, season, columns, observed, noise, places):  # type: ignore[no-untyped-def]
    """Innovations of values and columns, each series from its place on."""
    out = np.empty((places[-1], columns.shape[1] + 1))
    for i in range(len(offsets) - 1):
        a, b = offsets[i], offsets[i + 1]
        block = _block(values, columns, a, b)
        if noise[i, 1] >= 0:
            filtered, _ = _airline(_differenced(block, season), noise[i, 0], noise[i, 1], season)
        else:
            filtered, _ = _level(block, observed[a:b], noise[i, 0])
        out[places[i] : places[i + 1]] = filtered
    return out


@njit(cache=True)
def choose_all(values, offsets, season, seasonal, columns, observed):  # type: ignore[no-untyped-def]
    """Likeliest noise of each series: (t, T) or (q, -1)."""
    chosen = np.empty((len(offsets) - 1, 2))
    for i in range(len(chosen)):
        a, b = offsets[i], offsets[i + 1]
        block = _block(values, columns, a, b)
        best = -np.inf
        if seasonal[i]:
            block = _differenced(block, season)
            for ordinary in ORDINARY:
                for yearly in SEASONAL:
                    filtered, logs = _airline(block, ordinary, yearly, season)
                    fit = _likelihood(filtered, logs)
                    if fit > best:
                        best = fit
                        chosen[i] = ordinary, yearly
        else:
            chosen[i] = RATIOS[0], -1.0
            for ratio in RATIOS:
                filtered, logs = _level(block, observed[a:b], ratio)
                fit = _likelihood(filtered, logs)
                if fit > best:
                    best = fit
                    chosen[i] = ratio, -1.0
    return chosen


@njit(cache=True)
def _count(observed, a, b):  # type: ignore[no-untyped-def]
    total = 0
    for t in range(a, b):
        total += observed[t]
    return total


@njit(cache=True)
def _block(values, columns, a, b):  # type: ignore[no-untyped-def]
    """Values and columns of one series, side by side."""
    block = np.empty((b - a, columns.shape[1] + 1))
    for t in range(a, b):
        block[t - a, 0] = values[t]
        for c in range(columns.shape[1]):
            block[t - a, c + 1] = columns[t, c]
    return block


@njit(cache=True)
def _differenced(block, season):  # type: ignore[no-untyped-def]
    out = np.empty((block.shape[0] - season - 1, block.shape[1]))
    for t in range(out.shape[0]):
        for c in range(out.shape[1]):
            now = block[t + season + 1, c] - block[t + season, c]
            out[t, c] = now - (block[t + 1, c] - block[t, c])
    return out


@njit(cache=True)
def _airline(block, ordinary, yearly, season):  # type: ignore[no-untyped-def]
    """Innovations of a moving average with lags 1, s and s + 1, exactly, and log determinant.

    Band Cholesky of the covariance; every column is solved against it on the way.
    """
    n, k = block.shape
    reach = season + 1
    weights = np.zeros(reach + 1)
    weights[0] = 1.0
    weights[1] -= ordinary
    weights[season] -= yearly
    weights[reach] += ordinary * yearly
    covariance = np.zeros(reach + 1)
    for lag in range(reach + 1):
        for j in range(reach + 1 - lag):
            covariance[lag] += weights[j] * weights[j + lag]
    lower = np.zeros((n, reach + 1))  # lower[i, d] is L[i, i - d]
    out = np.empty((n, k))
    logs = 0.0
    for i in range(n):
        start = max(0, i - reach)
        for j in range(start, i + 1):
            left = covariance[i - j]
            for m in range(max(start, j - reach), j):
                left -= lower[i, i - m] * lower[j, j - m]
            if j < i:
                lower[i, i - j] = left / lower[j, 0]
            else:
                lower[i, 0] = np.sqrt(left)
                logs += 2.0 * np.log(lower[i, 0])
        for c in range(k):
            left = block[i, c]
            for m in range(start, i):
                left -= lower[i, i - m] * out[m, c]
            out[i, c] = left / lower[i, 0]
    return out, logs


@njit(cache=True)
def _level(block, observed, ratio):  # type: ignore[no-untyped-def]
    """Innovations of a wandering level, its start unknown, and log determinant."""
    n, k = block.shape
    out = np.empty((max(0, _count(observed, 0, n) - 1), k))
    level = np.zeros(k)
    spread, logs, row, started = 0.0, 0.0, 0, False
    for t in range(n):
        if observed[t] and not started:
            level[:] = block[t]
            spread, started = 1.0, True
        elif observed[t]:
            total_spread = spread + 1.0
            gain = spread / total_spread
            for c in range(k):
                error = block[t, c] - level[c]
                out[row, c] = error / np.sqrt(total_spread)
                level[c] += gain * error
            spread *= 1.0 - gain
            logs += np.log(total_spread)
            row += 1
        if started:
            spread += ratio
    return out, logs


@njit(cache=True)
def _likelihood(filtered, logs):  # type: ignore[no-untyped-def]
    """Log likelihood with variance and effects profiled out, up to a constant.

    Where a series has too few innovations for its columns, their effects count as none.
    """
    n, k = filtered.shape[0], filtered.shape[1] - 1
    if n < 2:
        return -np.inf
    total = 0.0
    for t in range(n):
        total += filtered[t, 0] ** 2
    left = _unexplained(filtered) if 0 < k < n - 3 else total
    return -0.5 * (n * np.log(max(left, 1e-12 * (1.0 + total)) / n) + logs)


@njit(cache=True)
def _unexplained(filtered):  # type: ignore[no-untyped-def]
    """Sum of squares of the first column that the others leave; those of no news are passed over.

    Elimination in the matrix of products, the first column put last.
    """
    n, k = filtered.shape[0], filtered.shape[1] - 1
    table = np.zeros((k + 1, k + 1))
    for t in range(n):
        for i in range(k + 1):
            one = filtered[t, (i + 1) % (k + 1)]
            for j in range(i + 1):
                table[i, j] += one * filtered[t, (j + 1) % (k + 1)]
    whole = np.empty(k)
    for i in range(k):
        whole[i] = table[i, i]
    for i in range(k):
        if table[i, i] > 1e-10 * whole[i]:
            for row in range(i + 1, k + 1):
                share = table[row, i] / table[i, i]
                for column in range(i + 1, row + 1):
                    table[row, column] -= share * table[column, i]
    return table[k, k]


@njit(cache=True)
def ahead_all(values, offsets, season, noise, horizon):  # type: ignore[no-untyped-def]
    """Forecasts of the noise model from the end of each series."""
    out = np.empty((len(offsets) - 1, horizon))
    for i in range(len(out)):
        y = values[offsets[i] : offsets[i + 1]]
        if noise[i, 1] >= 0:
            out[i] = _airline_ahead(y, noise[i, 0], noise[i, 1], season, horizon)
        else:
            level, spread = y[0], 1.0
            for t in range(1, len(y)):
                spread += noise[i, 0]
                gain = spread / (spread + 1.0)
                level += gain * (y[t] - level)
                spread *= 1.0 - gain
            out[i] = level
    return out


@njit(cache=True)
def _airline_ahead(y, ordinary, yearly, season, horizon):  # type: ignore[no-untyped-def]
    """Forecasts of the airline model; errors before the first difference count as none."""
    n = len(y)
    errors = np.zeros(n + horizon)
    path = np.empty(n + horizon)
    path[:n] = y
    for t in range(season + 1, n + horizon):
        expected = path[t - 1] + path[t - season] - path[t - season - 1]
        expected -= ordinary * errors[t - 1] + yearly * errors[t - season]
        expected += ordinary * yearly * errors[t - season - 1]
        if t < n:
            errors[t] = path[t] - expected
        else:
            path[t] = expected
    return path[n:]
