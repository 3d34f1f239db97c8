"""Seasons of many steps (weeks in a year) as a few waves, fitted beside a wandering level.

With two or three years a mean by week would be noise. Harmonic regression with autocorrelated
errors, as in Young, Pedregal and Tych, "Dynamic harmonic regression", Journal of Forecasting 18
(1999), and Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd edition, 2021),
section 10.5; here by a search over the autocorrelation (Hildreth and Lu 1960).
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Floats

#: Waves at most: 8 in a year follow a peak of some six weeks.
MOST_WAVES = 8
#: Autocorrelations of the errors tried.
CORRELATIONS = np.array([0.0, 0.3, 0.6, 0.8, 0.9, 1.0])
#: Columns before the waves: a constant and a line.
PLAIN = 2


@njit(cache=True)
def wave_season(series: Floats, season: int) -> Floats:
    """Return the additive season of a series and of the season after its end.

    Parameters
    ----------
    series : numpy.ndarray, shape (n,)
        Two seasons at least, of size about one or logarithms.

    Returns
    -------
    numpy.ndarray, shape (n + season,)

    Notes
    -----
    y(t) = a + b t + sum over k <= K of (c_k cos + s_k sin)(2 pi k t / m) + u(t), u(t) = r u(t-1) +
    e(t), by least squares on y(t) - r y(t-1). K and r have the lowest AICc. The waves are
    multiplied by max(0, 1 - 1/F), F being their F ratio: the James-Stein share of a regression.
    """
    count = len(series)
    columns = _columns(count, season, min(MOST_WAVES, (season - 1) // 2))
    waves = np.zeros(len(columns))
    least = np.inf
    for correlation in CORRELATIONS:
        first = 0 if correlation < 1.0 else 1
        rows = columns[first:, 1:count] - correlation * columns[first:, : count - 1]
        values = series[1:] - correlation * series[:-1]
        criterion, found = _best_waves(rows, values, PLAIN - first)
        if criterion < least:
            least = criterion
            waves[:] = 0.0
            waves[PLAIN:] = found
    return waves @ columns


@njit(cache=True)
def _columns(count: int, season: int, most: int) -> Floats:
    """Constant, line and waves as rows, for the steps of the series and of one season more."""
    columns = np.empty((PLAIN + 2 * most, count + season))
    for step in range(count + season):
        columns[0, step] = 1.0
        columns[1, step] = step / count - 0.5
        for wave in range(most):
            angle = 2.0 * np.pi * (wave + 1) * step / season
            columns[PLAIN + 2 * wave, step] = np.cos(angle)
            columns[PLAIN + 2 * wave + 1, step] = np.sin(angle)
    return columns


@njit(cache=True)
def _best_waves(rows: Floats, values: Floats, plain: int) -> tuple[float, Floats]:
    """AICc and shrunk weights of the best number of waves; one pass of Cholesky's root for all."""
    size, count = rows.shape
    products, cross = rows @ rows.T, rows @ values
    root, projected = np.zeros((size, size)), np.zeros(size)
    squares = (values * values).sum()
    without = squares
    least, best, share = np.inf, 0, 0.0
    for row in range(size):
        for column in range(row + 1):
            rest = products[row, column]
            for other in range(column):
                rest -= root[row, other] * root[column, other]
            if row == column:
                root[row, row] = np.sqrt(max(rest, 1e-10 * products[row, row]))
            else:
                root[row, column] = rest / root[column, column]
        rest = cross[row]
        for other in range(row):
            rest -= root[row, other] * projected[other]
        projected[row] = rest / root[row, row]
        squares = max(squares - projected[row] ** 2, 0.0)
        used = row + 1
        free = used + 2
        if used == plain:
            without = squares
        if used < plain or (used - plain) % 2 or count - free - 1 <= 2:
            continue
        criterion = count * np.log(max(squares / count, 1e-14))
        criterion += 2.0 * free * count / (count - free - 1.0)
        if criterion < least:
            least, best = criterion, used
            noise = max(squares, 1e-14 * count) / (count - used)
            by_waves = (without - squares) / max(used - plain, 1)
            share = max(0.0, 1.0 - noise / by_waves) if by_waves > 0.0 else 0.0
    weights = np.zeros(size)
    for row in range(best - 1, -1, -1):
        rest = projected[row]
        for other in range(row + 1, best):
            rest -= root[other, row] * weights[other]
        weights[row] = rest / root[row, row]
    return least, share * weights[plain:]
