"""Shares of the variance of a result that parameters explain: from samples to indices.

First-order: what of the variance would go if the parameter were known. Total: what would stay if
all others were known; it holds the interactions as well. Arrays in, shares out; which design
allows which: `sensitivity.py`.

Sources: Saltelli et al. (2010), Computer Physics Communications 181, 259-270, Table 2 (b) and (f);
Plischke, Borgonovo and Smith (2013), European Journal of Operational Research 226, 536-550, for
first-order shares from given data; Kelley (1935), PNAS 21, 554-559, for the correction of bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

#: Coverage of the intervals.
COVERAGE = 0.95

_RESAMPLES = 1_000
#: Numbers drawn for all resamples together; larger samples are resampled less often.
_MOST_DRAWS = 20_000_000
_FEWEST_RESAMPLES = 200
_GROUPS = 25  # left out in turn


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the variance, each with an interval; missing where not identified.

    Attributes
    ----------
    value, low, high : numpy.ndarray, shape (parameters,)
        Estimates of small indices may lie below 0 by chance.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def enough_spread(values: np.ndarray) -> bool:
    """Whether values differ by more than rounding of their own size."""
    import numpy as np

    return (
        bool(np.ptp(values) > 1e-12 * max(np.abs(values).max(), 1e-300)) if values.size else False
    )


# -- a sample made for it -------------------------------------------------------------------------


@dataclass(frozen=True)
class Saltelli:
    """Results at the matrices of Saltelli's design, complete base points only.

    Attributes
    ----------
    a, b : numpy.ndarray, shape (n,)
        At A and at B.
    ab : numpy.ndarray, shape (parameters, n)
        At A with one column from B.
    seed : int
        Of the resamples.
    """

    a: np.ndarray
    b: np.ndarray
    ab: np.ndarray
    seed: int

    def first(self) -> Shares:
        """First-order indices: mean of f(B) (f(AB) − f(A)) over the variance."""
        return self._shares(0)

    def total(self) -> Shares:
        """Total indices: half the mean of (f(A) − f(AB))² over the variance."""
        return self._shares(1)

    def _shares(self, which: int) -> Shares:
        import numpy as np

        found, again = self._found[which], self._again[which]
        low, high = np.quantile(again, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], axis=0)
        return Shares(*(np.round(each, 12) for each in (found, low, high)))

    @cached_property
    def _centred(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        import numpy as np

        both = np.concatenate([self.a, self.b])
        scale = both.std()
        a, b, ab = ((each - both.mean()) / scale for each in (self.a, self.b, self.ab))
        return a, b, ab

    @cached_property
    def _moments(self) -> np.ndarray:
        """Per base point what the indices are made of, shape (n, 3 + 3 parameters)."""
        import numpy as np

        a, b, ab = self._centred
        own = [a + b, a * a + b * b]
        return np.column_stack([*own, *(ab - a), *(b * (ab - a)), *((ab - a) ** 2)])

    @cached_property
    def _found(self) -> tuple[np.ndarray, np.ndarray]:
        return self._from(self._moments.mean(axis=0)[None, :], squeeze=True)

    @cached_property
    def _again(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices of samples drawn again from the base points, shape (resamples, parameters)."""
        import numpy as np

        from workbench.scenarios import streams

        n = len(self.a)
        times = int(np.clip(_MOST_DRAWS // n, _FEWEST_RESAMPLES, _RESAMPLES))
        stream = streams(self.seed)["sweep/sensitivity"]
        weights = stream.multinomial(n, np.full(n, 1 / n), size=times)
        return self._from(weights @ self._moments / n)

    def _from(self, means: np.ndarray, *, squeeze: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """First-order and total indices from mean moments."""
        width = len(self.ab)
        middle = means[:, :1] / 2
        variance = means[:, 1:2] / 2 - middle**2
        step, cross, square = (
            means[:, 2 + part * width : 2 + (part + 1) * width] for part in range(3)
        )
        first, total = (cross - middle * step) / variance, square / 2 / variance
        return (first[0], total[0]) if squeeze else (first, total)


# -- any sample -----------------------------------------------------------------------------------


def first_order(
    columns: Sequence[np.ndarray],
    values: np.ndarray,
    *,
    levels: Sequence[bool],
    even: bool,
    seed: int,
) -> Shares:
    """First-order shares from a sample that was not made for it.

    Parameters
    ----------
    columns : sequence of numpy.ndarray, each of shape (n,)
        Values of each parameter; codes where they are `levels`.
    values : numpy.ndarray, shape (n,)
        The result.
    levels : sequence of bool
        Whether a parameter has few values, each a class of its own. Others are cut into classes
        of as many runs each, with a line fitted in each, so that no variance is lost inside.
    even : bool
        Whether the others are spread evenly within each class, as by Sobol' sequences and grids.
        Then classes explain next to nothing by chance, and there is nothing to correct.
    seed : int
        Of the groups left out in turn.

    Returns
    -------
    Shares
        1 − variance within classes over variance of all; corrected, unless `even`, for what as
        many classes explain by chance. Interval by the jackknife over groups of runs.

    Notes
    -----
    Parameters must vary independently, as in grids, Latin hypercubes and Sobol' sequences.
    """
    import numpy as np
    from scipy import stats

    from workbench.scenarios import streams

    n = len(values)
    groups = min(_GROUPS, n)
    order = streams(seed)["sweep/groups"].permutation(n)
    group = np.empty(n, dtype=np.intp)
    group[order] = np.arange(n) % groups
    scaled = (values - values.mean()) / values.std()
    reach = float(stats.t.ppf((1 + COVERAGE) / 2, groups - 1))
    found = [
        _jackknife(column, scaled, group, groups, is_level, even, reach)
        for column, is_level in zip(columns, levels, strict=True)
    ]
    return Shares(*(np.round(np.array(each), 12) for each in zip(*found, strict=True)))


def _jackknife(
    column: np.ndarray,
    y: np.ndarray,
    group: np.ndarray,
    groups: int,
    levels: bool,
    even: bool,
    reach: float,
) -> tuple[float, float, float]:
    """The share, and an interval from leaving out each group of runs once."""
    import numpy as np

    classes, x = _classes(column, levels)
    count = int(classes.max()) + 1
    cell = group * count + classes
    sums = np.stack(
        [
            np.bincount(cell, weights=weight, minlength=groups * count).reshape(groups, count)
            for weight in (np.ones_like(y), x, y, x * x, x * y, y * y)
        ]
    )
    whole = sums.sum(axis=1)
    share = float(_share(whole, line=not levels, even=even))
    again = _share(whole[:, None, :] - sums, line=not levels, even=even)
    error = float(np.sqrt((groups - 1) / groups * ((again - again.mean()) ** 2).sum()))
    return share, share - reach * error, share + reach * error


def _classes(column: np.ndarray, levels: bool) -> tuple[np.ndarray, np.ndarray]:
    """Class of each run, and where it lies within its class."""
    import numpy as np

    if levels:
        return np.unique(column, return_inverse=True)[1], np.zeros(len(column))
    n = len(column)
    count = int(np.clip(round(n ** (1 / 3)), 3, 32))
    place = np.empty(n, dtype=np.intp)
    place[np.argsort(column, kind="stable")] = np.arange(n)
    classes = place * count // n
    middle = np.bincount(classes, weights=column) / np.bincount(classes)
    spread = column.std() or 1.0
    return classes, (column - middle[classes]) / spread


def _share(sums: np.ndarray, *, line: bool, even: bool) -> Any:
    """1 − variance within classes over variance of all; the last axis are the classes."""
    import numpy as np

    n, x, y, xx, xy, yy = sums
    some = np.where(n > 0, n, 1)
    within = yy - y * y / some
    if line:
        spread = xx - x * x / some
        slope = np.where(spread > 1e-12, (xy - x * y / some) ** 2 / np.maximum(spread, 1e-12), 0.0)
        within = within - slope
    total = n.sum(axis=-1)
    everything = yy.sum(axis=-1) - y.sum(axis=-1) ** 2 / total
    left = np.maximum(within, 0).sum(axis=-1) / everything
    used = (n > 0).sum(axis=-1) * (2 if line else 1)
    return 1 - left * (1 if even else (total - 1) / np.maximum(total - used, 1))


# -- every combination ----------------------------------------------------------------------------


def factorial_shares(cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First-order and total shares of a whole grid: exact, for its levels taken as alike.

    Parameters
    ----------
    cube : numpy.ndarray
        One axis a parameter, one value a combination.

    Returns
    -------
    (first, total) : numpy.ndarray, each of shape (axes,)
    """
    import numpy as np

    axes = range(cube.ndim)
    variance = cube.var()
    first = [cube.mean(axis=tuple(o for o in axes if o != axis)).var() for axis in axes]
    rest = [cube.mean(axis=axis).var() for axis in axes]
    shares = np.array(first) / variance, 1 - np.array(rest) / variance
    return np.round(shares[0], 12), np.round(shares[1], 12)
