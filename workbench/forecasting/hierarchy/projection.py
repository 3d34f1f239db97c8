"""The projection on values that add up, prepared once for a hierarchy and its weights.

`Prepared` holds one factorisation; points, draws and locks then cost a few products each. Locks
and bounds build on it: `locks.py`, `nonnegative.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from workbench.errors import InputError
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.hierarchy.structure import Hierarchy
from workbench.forecasting.hierarchy.weights import Weights

DENSE = 300
"""Sums up to which the system is always factorised densely."""
FILLED, LARGEST = 0.02, 8000
"""Share of entries from which a larger one is too, as factors of a sparse one would fill up, and
the most sums for which that is done: half a gigabyte."""
SMALL = 1000
"""Nodes up to which the covariance of the reconciled values is held whole."""
HELD = 4000
"""Sums up to which the inverse of the system is, where bounds ask for many series."""


class Projection(Protocol):
    """What locks and bounds need to know of a way to make values add up.

    V, shape (nodes, nodes), tells how reconciled values answer when they are pushed: nodes that are
    trusted less move more.
    """

    @property
    def hierarchy(self) -> Hierarchy:
        """Nodes and what they sum."""

    def coherent(self, points: ArrayLike) -> Floats:
        """Values of all nodes, (..., nodes, periods), made to add up."""

    def spread(self, pushes: Floats) -> Floats:
        """``V @ pushes`` for the series: (nodes, k) to (series, k)."""

    def covariance(self, nodes: ArrayLike) -> Floats:
        """``V[nodes][:, nodes]``, symmetric."""

    def between(self, rows: Ints, columns: Ints) -> Floats:
        """V between series, by their numbers: ``V_b[rows][:, columns]``."""


@dataclass(frozen=True, eq=False)
class Summed:
    """Series as they are, summed; a push moves each by its own size.

    Attributes
    ----------
    hierarchy : Hierarchy
    own : numpy.ndarray, shape (series,)
        How much each series moves, > 0. In proportion to its forecast, a lock moves all series
        under it by the same percentage.
    """

    hierarchy: Hierarchy
    own: Floats

    def coherent(self, points: ArrayLike) -> Floats:
        """Values of all nodes from those of the series."""
        values = check_points(self.hierarchy, points)
        return self.hierarchy.aggregate(values[..., self.hierarchy.above :, :])

    def spread(self, pushes: Floats) -> Floats:
        """Answer of the series when nodes are pushed."""
        return self.own[:, None] * np.asarray(self.hierarchy.summing.T @ pushes)

    def covariance(self, nodes: ArrayLike) -> Floats:
        """How pushes of these nodes move each other."""
        holds = self.hierarchy.summing[np.asarray(nodes, dtype=np.int64)]
        return np.asarray(((holds * self.own) @ holds.T).toarray())

    def between(self, rows: Ints, columns: Ints) -> Floats:
        """How pushes of series move each other: not at all."""
        return np.where(rows[:, None] == columns, self.own[rows][:, None], 0.0)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Projection of all nodes on what adds up, the nearest in the distance of the weights.

    Notes
    -----
    With C the constraints (``hierarchy.sums``) and W the weights, the projection is
    I - W C' (C W C')^-1 C (Wickramasuriya, Athanasopoulos & Hyndman 2019, equation 12, which
    equals S (S' W^-1 S)^-1 S' W^-1), and V = W - W C' (C W C')^-1 C W is the covariance of what
    it gives. The result is taken from its series and summed again, so that it adds up to rounding.
    """

    hierarchy: Hierarchy
    weights: Weights
    solver: Callable[[Floats], Floats]

    def coherent(self, points: ArrayLike) -> Floats:
        """Reconcile values of all nodes.

        Parameters
        ----------
        points : array_like, shape (..., nodes, periods)

        Returns
        -------
        numpy.ndarray, shape (..., nodes, periods)

        Raises
        ------
        InputError
            If there are not as many rows as nodes, or a value is missing.
        """
        values = check_points(self.hierarchy, points)
        moved = np.moveaxis(values, -2, 0)
        flat = moved.reshape(len(moved), -1)
        bottom = flat[self.hierarchy.above :] - self._correction(flat)
        summed = np.asarray(self.hierarchy.summing @ bottom)
        return np.moveaxis(summed.reshape(moved.shape), 0, -2)

    def spread(self, pushes: Floats) -> Floats:
        """``V @ pushes`` for the series: how they answer when nodes are pushed.

        Parameters
        ----------
        pushes : numpy.ndarray, shape (nodes, k)

        Returns
        -------
        numpy.ndarray, shape (series, k)
        """
        if self._covariance is not None:
            return np.asarray(self._covariance[self.hierarchy.above :] @ pushes)
        weighted = self.weights.times(pushes)
        return weighted[self.hierarchy.above :] - self._correction(weighted)

    def covariance(self, nodes: ArrayLike) -> Floats:
        """``V[nodes][:, nodes]``, symmetric."""
        chosen = np.asarray(nodes, dtype=np.int64)
        if self._covariance is not None:
            return self._covariance[np.ix_(chosen, chosen)]
        return self._block(chosen)

    def between(self, rows: Ints, columns: Ints) -> Floats:
        """V between series, by their numbers."""
        above = self.hierarchy.above
        if self._covariance is not None:
            return self._covariance[np.ix_(above + rows, above + columns)]
        if self._inverse is None:
            units = np.zeros((len(self.hierarchy), len(columns)))
            units[above + columns, np.arange(len(columns))] = 1.0
            return self.spread(units)[rows]
        return self._between(above + rows, above + columns)

    def _between(self, rows: Ints, columns: Ints) -> Floats:
        """V from (C W C')^-1 held whole: a series is part of few sums, so this gathers a few.

        With W = D + U U', C W e = C D e + (C U) U' e, multiplied out.
        """
        own, shared = self.weights.own, self.weights.shared
        sums = self.hierarchy.sums.tocsc()
        left, right = sums[:, rows] * own[rows], sums[:, columns] * own[columns]
        inverse = self._inverse
        common = np.asarray(self.hierarchy.sums @ shared)
        solved = inverse @ common
        few = np.eye(shared.shape[1]) - common.T @ solved
        block = -np.asarray(left.T @ np.asarray(right.T @ inverse).T)
        block -= np.asarray(left.T @ solved) @ shared[columns].T
        block -= shared[rows] @ np.asarray(right.T @ solved).T
        block += shared[rows] @ few @ shared[columns].T
        block[rows[:, None] == columns] += own[rows[np.isin(rows, columns)]]
        return block

    @cached_property
    def _inverse(self) -> Floats | None:
        above = self.hierarchy.above
        return None if above > HELD else self.solver(np.eye(above))

    @cached_property
    def _covariance(self) -> Floats | None:
        if len(self.hierarchy) > SMALL:
            return None
        return self._block(np.arange(len(self.hierarchy)))

    def _block(self, nodes: np.ndarray) -> Floats:
        """V between nodes: their columns for the series, summed."""
        units = np.zeros((len(self.hierarchy), len(nodes)))
        units[nodes, np.arange(len(nodes))] = 1.0
        weighted = self.weights.times(units)
        bottom = weighted[self.hierarchy.above :] - self._correction(weighted)
        block = np.asarray(self.hierarchy.summing[nodes] @ bottom)
        return (block + block.T) / 2

    def _correction(self, values: Floats) -> Floats:
        """``W C' (C W C')^-1 C values`` for the series."""
        constraints = self.hierarchy.sums
        inner = self.solver(np.asarray(constraints @ values))
        pushed = np.asarray(constraints.T @ inner)
        above = self.hierarchy.above
        shared = self.weights.shared
        return self.weights.own[above:, None] * pushed[above:] + shared[above:] @ (
            shared.T @ pushed
        )


def prepare(hierarchy: Hierarchy, weights: Weights) -> Prepared:
    """Factorise C W C' once.

    Sparsely, with the shared columns by Woodbury's identity: a sum holds parts of the next level,
    so that few entries fill in. Densely where there are few sums, or most of them meet.
    """
    constraints = hierarchy.sums
    own = (constraints * weights.own) @ constraints.T
    shared = np.asarray(constraints @ weights.shared)
    scale = 1.0 / np.sqrt(own.diagonal() + np.sum(shared * shared, axis=1))
    filled = own.nnz > FILLED * hierarchy.above**2 and hierarchy.above <= LARGEST
    factorise = _dense if filled or hierarchy.above <= DENSE else _sparse
    return Prepared(hierarchy, weights, factorise(own, shared, scale))


def check_points(hierarchy: Hierarchy, points: ArrayLike) -> Floats:
    """Values of all nodes as an array.

    Raises
    ------
    InputError
        If there are not as many rows as nodes, or a value is missing.
    """
    values = np.asarray(points, dtype=np.float64)
    if values.ndim < 2 or values.shape[-2] != len(hierarchy):
        raise InputError(
            f"forecasts of shape {values.shape} do not fit {len(hierarchy)} nodes",
            where="points",
            do="give a row a node, in the order of `hierarchy.nodes`",
        )
    if not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][-2])
        raise InputError(
            "a forecast is missing",
            where=f"points, node {hierarchy.labels[row]!r}",
            do="forecast every node, or use method bottom_up with the series alone",
        )
    return values


def _dense(own: sparse.csr_array, shared: Floats, scale: Floats) -> Callable[[Floats], Floats]:
    from scipy.linalg import blas, cho_factor

    scaled = (own * scale).multiply(scale[:, None])
    whole = scaled.toarray(order="F")
    if shared.shape[1]:
        few = np.asfortranarray(scale[:, None] * shared)
        whole = blas.dsyrk(1.0, few, beta=1.0, c=whole, lower=1, overwrite_c=1)
    factor = cho_factor(whole, lower=True, overwrite_a=True, check_finite=False)
    return partial(_solved, factor, scale)


def _solved(factor: tuple[Floats, bool], scale: Floats, right: Floats) -> Floats:
    from scipy.linalg import cho_solve

    if not len(scale):
        return right
    solved: Floats = scale[:, None] * cho_solve(factor, scale[:, None] * right, check_finite=False)
    return solved


def _sparse(own: sparse.csr_array, shared: Floats, scale: Floats) -> Callable[[Floats], Floats]:
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse.linalg import splu

    scaled = sparse.csc_array((own * scale).multiply(scale[:, None]))
    factor = splu(
        scaled, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}, diag_pivot_thresh=0.0
    )
    few = scale[:, None] * shared
    solved = factor.solve(few) if few.shape[1] else few
    inner = cho_factor(np.eye(few.shape[1]) + few.T @ solved, lower=True)

    def solve(right: Floats) -> Floats:
        first = factor.solve(scale[:, None] * right)
        if few.shape[1]:
            first -= solved @ cho_solve(inner, few.T @ first)
        return scale[:, None] * first

    return solve
