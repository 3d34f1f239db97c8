"""Draws of a hierarchy: bottom series tied so that sums spread as their own errors say.

Each series' normal is a sum of one common to all, ones common to the nodes it lies under at each
level, and its own. The shares are chosen so that nodes of every level spread, on average over the
level, as wide as the errors of that level were at earlier origins; a series keeps its own
distribution. Draws of nodes are sums of draws of series, so all add up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.forecasting.batch import Floats, Ints


def level_shares(codes: Sequence[Ints], spread: Sequence[Floats], own: Floats) -> Floats:
    """Share of the variance that nodes of each level have in common.

    Parameters
    ----------
    codes : sequence of numpy.ndarray of int64, each of shape (series,)
        Node of each series at every level above the bottom.
    spread : sequence of numpy.ndarray, each of shape (nodes of the level,)
        Wanted standard deviation of the nodes.
    own : numpy.ndarray, shape (series,)
        Standard deviation of the series.

    Returns
    -------
    numpy.ndarray, shape (levels + 1,)
        Not negative, sum to one; the last is what a series has for itself.
    """
    from scipy.optimize import nnls

    count = len(codes)
    rows = np.zeros((count, count + 1))
    for level in range(count):
        wanted = float((spread[level] ** 2).sum())
        for other in range(count):
            cell = codes[level] * (int(codes[other].max()) + 1) + codes[other]
            _, places = np.unique(cell, return_inverse=True)
            rows[level, other] = (np.bincount(places, own) ** 2).sum() / wanted
        rows[level, count] = (own**2).sum() / wanted
    # one heavy row holds the sum to one; the others meet the levels as well as they can
    heavy = 1e3 * max(1.0, float(rows.max(initial=1.0)))
    system = np.vstack([rows, np.full(count + 1, heavy)])
    shares, _ = nnls(system, np.append(np.ones(count), heavy))
    total = shares.sum()
    return shares / total if total > 0 else np.append(np.zeros(count), 1.0)


def tree_normals(
    codes: Sequence[Ints],
    shares: Floats,
    horizon: int,
    *,
    generator: np.random.Generator,
    count: int,
) -> Floats:
    """Standard normals of the series, not yet tied over leads, shape (count, series, horizon).

    `codes` and `shares` are as for `level_shares`.
    """
    series = len(codes[0])
    mixed = generator.standard_normal((count, series, horizon))
    mixed *= np.sqrt(shares[-1])
    for code, share in zip(codes, shares[:-1], strict=True):
        if share > 0:
            common = generator.standard_normal((count, int(code.max()) + 1, horizon))
            mixed += np.sqrt(share) * common[:, code]
    return mixed
