"""Locked nodes: "East is fixed at 320 million for the year, spread the change", solved exactly.

A lock fixes the sum of a node over some periods. What the rest does is the answer nearest to the
reconciled forecast, in the distance of the weights, among all that add up and keep the locks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, InputError, ParameterError
from workbench.forecasting.batch import Floats
from workbench.forecasting.hierarchy.projection import Projection
from workbench.forecasting.hierarchy.structure import Hierarchy

CLASH = 1e-9
"""Difference from which two locks that fix the same thing contradict each other, relative."""


@dataclass(frozen=True)
class Lock:
    """A node whose sum over periods is fixed.

    Attributes
    ----------
    node : str
        Name or label in the hierarchy.
    value : float
        In the unit of the forecast; the sum over the periods.
    periods : tuple of int or None
        Steps of the horizon, from 0; None for all of them. For a value in each period give a lock
        each.
    """

    node: str
    value: float
    periods: tuple[int, ...] | None = None

    def __str__(self) -> str:
        steps = "all periods" if self.periods is None else _steps(self.periods)
        value = f"{self.value:,.10g}" if isinstance(self.value, Real) else repr(self.value)
        return f"{self.node} = {value} over {steps}"


@dataclass(frozen=True, eq=False)
class Fixed:
    """Locks as numbers.

    Attributes
    ----------
    locks : tuple of Lock
    nodes : numpy.ndarray of int64, shape (k,)
        Place of each lock's node.
    periods : numpy.ndarray of float64, shape (k, horizon)
        1 where a period counts.
    values : numpy.ndarray, shape (k,)
    """

    locks: tuple[Lock, ...]
    nodes: np.ndarray
    periods: Floats
    values: Floats

    def __len__(self) -> int:
        """Number of locks."""
        return len(self.locks)

    def sums(self, points: Floats) -> Floats:
        """What the locked nodes sum to, shape (..., k) for points (..., nodes, horizon)."""
        return np.einsum("...kh,kh->...k", points[..., self.nodes, :], self.periods)

    def take(self, chosen: Sequence[int]) -> Fixed:
        """Some of the locks."""
        places = np.asarray(chosen, dtype=np.int64)
        locks = tuple(self.locks[place] for place in places)
        return Fixed(locks, self.nodes[places], self.periods[places], self.values[places])

    def within(self, periods: np.ndarray) -> Fixed:
        """Locks on some periods; those that a lock couples must be given together."""
        part = self.take(np.flatnonzero(self.periods[:, periods].any(axis=1)).tolist())
        return Fixed(part.locks, part.nodes, part.periods[:, periods], part.values)


def read_locks(table: pd.DataFrame, *, periods: Sequence[object]) -> list[Lock]:
    """Locks from a table, as people write them.

    Parameters
    ----------
    table : pandas.DataFrame
        `node`, `value`, and optionally `first` and `last`: labels of periods; empty means from the
        first, or to the last, of the horizon.
    periods : sequence
        Labels of the horizon's periods, in order.

    Raises
    ------
    InputError
        If a label is not in the horizon, or the first comes after the last.
    """
    labels = [str(period) for period in periods]
    locks = []
    for number, row in enumerate(table.to_dict("records"), start=1):
        first = _label(row.get("first"), labels, labels[0], number)
        last = _label(row.get("last"), labels, labels[-1], number)
        if first > last:
            raise InputError(
                "a lock ends before it begins",
                where=f"locks, row {number}",
                do="swap first and last",
            )
        locks.append(Lock(str(row["node"]), float(row["value"]), tuple(range(first, last + 1))))
    return locks


def fix(hierarchy: Hierarchy, locks: Sequence[Lock], horizon: int) -> Fixed:
    """Check locks against the hierarchy and each other; drop those that others already imply.

    Raises
    ------
    ParameterError
        If a node, period or value is none.
    InfeasibleError
        If locks contradict each other; it names those that do.
    """
    periods = np.zeros((len(locks), horizon))
    for row, lock in enumerate(locks):
        steps = range(horizon) if lock.periods is None else lock.periods
        outside = [step for step in steps if not 0 <= step < horizon]
        if outside or not len(steps) or not _is_finite(lock.value):
            raise ParameterError(
                "a lock cannot be kept: its value or its periods are none",
                where=f"locks, {lock}",
                do=f"give a finite value and steps from 0 to {horizon - 1}",
            )
        periods[row, list(steps)] = 1.0
    nodes = np.array([hierarchy.place(lock.node) for lock in locks], dtype=np.int64)
    values = np.array([lock.value for lock in locks], dtype=np.float64)
    fixed = Fixed(tuple(locks), nodes, periods, values)
    return fixed.take(_independent(hierarchy, fixed)) if len(locks) else fixed


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def period_weights(bottom: Floats) -> Floats:
    """How much of a change each period takes: in proportion to its forecast, as is usual.

    Parameters
    ----------
    bottom : numpy.ndarray, shape (series, horizon)

    Returns
    -------
    numpy.ndarray, shape (horizon,)
        Sum of absolute forecasts over its mean, at least 1e-6.
    """
    size = np.abs(bottom).sum(axis=0)
    mean = float(size.mean())
    return np.maximum(size / mean, 1e-6) if mean > 0 else np.ones_like(size)


def hold(
    projection: Projection, points: Floats, fixed: Fixed, *, periods: Floats | None = None
) -> Floats:
    """Move reconciled values to the nearest that keep the locks.

    Parameters
    ----------
    projection : Projection
    points : numpy.ndarray, shape (..., nodes, horizon)
        Coherent. Leading axes are draws: each then keeps the locks.
    fixed : Fixed
    periods : numpy.ndarray, shape (horizon,), optional
        Weights of the periods, as from `period_weights`; alike without.

    Returns
    -------
    numpy.ndarray, shape (..., nodes, horizon)
        Coherent, and the locks hold.

    Notes
    -----
    Least (y - x)' (K (x) W)^-1 (y - x) over coherent y with L y = v, where K holds the period
    weights: y = x + (K (x) V) L' (L (K (x) V) L')^-1 (v - L x), V the covariance of the projection.
    (Equality constrained generalised least squares; on coherent y the distance to the base
    forecasts and that to x differ by a constant.) Locks that sum over periods couple them.
    """
    if not len(fixed):
        return points
    share = np.ones(points.shape[-1]) if periods is None else periods
    gram = lock_gram(projection, fixed, share)
    scale = 1.0 / np.sqrt(gram.diagonal())
    columns = lock_columns(projection, fixed)
    moved = np.moveaxis(points, -2, 0)
    summing = projection.hierarchy.summing
    for _ in range(2):  # the second time takes away what rounding has left
        kept = np.moveaxis(fixed.sums(np.moveaxis(moved, 0, -2)), -1, 0).reshape(len(fixed), -1)
        missing = (fixed.values[:, None] - kept) * scale[:, None]
        pushes = np.linalg.solve(gram * scale[:, None] * scale, missing) * scale[:, None]
        bottom = moved[projection.hierarchy.above :].reshape(len(columns), -1, len(share))
        change = np.einsum("ik,kd,kh->idh", columns, pushes, fixed.periods * share, optimize=True)
        flat = np.asarray(summing @ (bottom + change).reshape(len(columns), -1))
        moved = flat.reshape(moved.shape)
    return np.moveaxis(moved, 0, -2)


def lock_gram(projection: Projection, fixed: Fixed, share: Floats) -> Floats:
    """``L (K (x) V) L'``, shape (k, k)."""
    together = (fixed.periods * share) @ fixed.periods.T
    return projection.covariance(fixed.nodes) * together


def lock_columns(projection: Projection, fixed: Fixed) -> Floats:
    """How each series answers to a push of each locked node, shape (series, k)."""
    units = np.zeros((len(projection.hierarchy), len(fixed)))
    units[fixed.nodes, np.arange(len(fixed))] = 1.0
    return projection.spread(units)


def _independent(hierarchy: Hierarchy, fixed: Fixed) -> list[int]:
    """Locks that say something the ones before do not.

    Rank is told from counts of the series and periods two locks share, which are whole numbers
    and so free of the weights' scale.
    """
    holds = hierarchy.summing[fixed.nodes]
    shared = (holds @ holds.T).toarray() * (fixed.periods @ fixed.periods.T)
    size = np.sqrt(shared.diagonal())
    likeness = shared / size[:, None] / size
    kept: list[int] = []
    for number in range(len(fixed)):
        by = np.zeros(0)
        if kept:
            inside = likeness[np.ix_(kept, kept)]
            by = np.linalg.solve(inside, likeness[kept, number])
        left = 1.0 - float(likeness[number, kept] @ by)
        if left > 1e-10:
            kept.append(number)
            continue
        factors = by * size[number] / size[kept]
        implied = float(factors @ fixed.values[kept])
        about = abs(fixed.values[number]) + float(np.abs(factors) @ np.abs(fixed.values[kept]))
        if abs(implied - fixed.values[number]) > CLASH * about:
            clash = [kept[at] for at in np.flatnonzero(np.abs(factors) > 1e-6)] + [number]
            raise InfeasibleError(
                f"{len(clash)} locks contradict each other: the last must be {implied:,.10g}",
                where="; ".join(str(fixed.locks[one]) for one in clash),
                do="change or release one of them",
            )
    return kept


def _label(value: object, labels: list[str], default: str, number: int) -> int:
    empty = value is None or value == "" or value is pd.NaT or value != value  # NaN is not itself
    text = default if empty else str(value)
    if text not in labels:
        raise InputError(
            f"period {text!r} is not forecast",
            where=f"locks, row {number}",
            do=f"choose from {labels[0]} to {labels[-1]}",
        )
    return labels.index(text)


def _steps(periods: Sequence[int]) -> str:
    if not periods:
        return "no period"
    first, last = min(periods), max(periods)
    if first == last:
        return f"period {first + 1}"
    if len(periods) == last - first + 1:
        return f"periods {first + 1} to {last + 1}"
    return f"periods {', '.join(str(one + 1) for one in periods)}"
