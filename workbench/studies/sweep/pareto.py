"""Points that no other point beats in two results at once, and the best and worst of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

Aim = Literal["max", "min"]


def front(first: ArrayLike, second: ArrayLike, *, aims: tuple[Aim, Aim]) -> np.ndarray:
    """Which points stand on the Pareto front of two results.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Results of each point; a point that lacks one is not on the front.
    aims : pair of {"max", "min"}
        Which way is better.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        True where no other point is at least as good in both and better in one. Points alike in
        both are on it together.
    """
    import numpy as np

    x, y = (
        np.asarray(values, dtype=float) * (1 if aim == "max" else -1)
        for values, aim in zip((first, second), aims, strict=True)
    )
    on = np.zeros(len(x), dtype=bool)
    places = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not places.size:
        return on
    order = places[np.lexsort((-y[places], -x[places]))]  # best first result first, then second
    fresh = np.r_[True, np.diff(x[order]) != 0]
    best = y[order][fresh][np.cumsum(fresh) - 1]  # of all with the same first result
    before = np.r_[-np.inf, np.maximum.accumulate(y[order])[:-1]]
    reached = before[fresh][np.cumsum(fresh) - 1]  # by any with a better first result
    on[order] = (y[order] == best) & (y[order] > reached)
    return on


def ranked(values: ArrayLike, *, aim: Aim) -> np.ndarray:
    """Places of the points that have the result, the best first; ties in their own order."""
    import numpy as np

    found = np.asarray(values, dtype=float)
    places = np.flatnonzero(np.isfinite(found))
    return places[np.argsort(found[places] * (1 if aim == "min" else -1), kind="stable")]
