"""Reconciled values that are not negative: the nearest that add up, in the same distance.

Series are bounded, so sums are too. Many columns (periods, draws) are solved at once; locks couple
those of a draw. Where locks leave little room this may not end, and `bounded.py` goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from workbench.errors import InfeasibleError
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.hierarchy.projection import Projection

ROUNDING = 1e-12
"""What counts as zero, in parts of the largest value of a group of columns."""
PATIENCE, MOST_TURNS = 3, 5000
DETERMINED = 1e-10
"""Smallest eigenvalue of the locks' matrix at which they still have room besides the bounds."""
CHUNK, BATCH = 256, 2**21


@dataclass(frozen=True, eq=False)
class Coupling:
    """Locks over columns.

    Attributes
    ----------
    columns : numpy.ndarray, shape (series, k)
        How the series answer to a push of each locked node.
    between : numpy.ndarray, shape (k, k)
        How the locked nodes answer to each other.
    counts : numpy.ndarray, shape (k, columns)
        Weight with which a column counts in a lock, 0 or 1.
    weights : numpy.ndarray, shape (columns,)
        Weight of a column's period in the distance.
    missing : numpy.ndarray, shape (groups, k)
        What each group lacks of each lock before bounds and locks.
    """

    columns: Floats
    between: Floats
    counts: Floats
    weights: Floats
    missing: Floats

    def take(self, columns: Ints) -> Coupling:
        """Some of the columns."""
        return replace(self, counts=self.counts[:, columns], weights=self.weights[columns])


class Blocks:
    """``V`` between series that have met their bound, grown as more do.

    Parameters
    ----------
    projection : Projection

    Attributes
    ----------
    scale : numpy.ndarray, shape (series,)
        Diagonal of V where known, else 1.
    """

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._place = np.full(len(projection.hierarchy.series), -1)
        self._known = np.zeros(0, dtype=np.int64)
        self._block = np.zeros((0, 0))
        self.scale = np.ones(len(self._place))

    def between(self, series: Ints) -> Floats:
        """V between series that are known: (..., f) to (..., f, f)."""
        places = self._place[series]
        return self._block[places[..., :, None], places[..., None, :]]

    def learn(self, series: Ints) -> None:
        """Add those of the series that are not known yet."""
        new = series[self._place[series] < 0]
        known = np.concatenate([self._known, new])
        rows = np.empty((len(known), len(new)))
        for first in range(0, len(new), CHUNK):
            part = slice(first, first + CHUNK)
            rows[:, part] = self._projection.between(known, new[part])
        old = len(self._known)
        block = np.empty((len(known), len(known)))
        block[:old, :old], block[:, old:] = self._block, rows
        block[old:, :old] = rows[:old].T
        self._block, self._known = block, known
        self._place[new] = np.arange(old, len(known))
        self.scale[new] = block.diagonal()[old:]


def bounded(
    projection: Projection,
    bottom: Floats,
    *,
    start: Floats,
    groups: Ints,
    blocks: Blocks,
    coupling: Coupling | None = None,
) -> tuple[Floats, Floats, Ints]:
    """Nearest values of the series that are not negative.

    Parameters
    ----------
    projection : Projection
    bottom : numpy.ndarray, shape (series, columns)
        Reconciled series, a column for each period (and draw), no lock or bound held.
    start : numpy.ndarray, shape (series, columns)
        A first guess: what is negative there is tried at zero.
    groups : numpy.ndarray of int64, shape (columns,)
        Columns of a group belong together, numbered from 0.
    blocks : Blocks
        V between series at their bound; grown here.
    coupling : Coupling, optional
        Locks within groups.

    Returns
    -------
    values : numpy.ndarray, shape (series, columns)
        >= 0, exactly 0 where a bound holds.
    pushes : numpy.ndarray, shape (series, columns)
        Multipliers of the bounds, >= 0; without locks ``values = bottom + V pushes``.
    unsolved : numpy.ndarray of int64
        Groups whose values cannot be used; none without locks.

    Notes
    -----
    Least (b - x)' V^-1 (b - x) over b >= 0 (Wickramasuriya, Turlach & Hyndman 2020, equation 6)
    has b = x + V z with z >= 0 and z b = 0. Solved by block principal pivoting (Júdice & Pires
    1994; Kim & Park 2011): all series on the wrong side change sides at once; when that has not
    lowered their number for three turns, the last of them alone does, which ends surely. Locks
    enter as a few free multipliers, eliminated in each turn; then the last rule has no proof, and
    the group is given up instead.
    """
    values, pushes, zero = bottom.copy(), np.zeros_like(bottom), start < 0
    count = int(groups.max()) + 1
    size = np.zeros(count)
    np.maximum.at(size, groups, np.abs(np.vstack([bottom, start])).max(axis=0))
    tolerance = (ROUNDING * size)[groups]
    fewest, patience = np.full(count, bottom.size + 1), np.full(count, PATIENCE)
    going, unsolved = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    for _ in range(MOST_TURNS):
        open_columns = np.flatnonzero(going[groups])
        if not len(open_columns):
            return np.where(zero, 0.0, np.maximum(values, 0.0)), pushes, np.flatnonzero(unsolved)
        part = np.ix_(np.arange(len(bottom)), open_columns)
        within = None if coupling is None else coupling.take(open_columns)
        values[part], pushes[part], stuck = _turn(
            projection, blocks, bottom[part], zero[part], groups[open_columns], within
        )
        test = np.where(zero[part], pushes[part] * blocks.scale[:, None], values[part])
        wrong = test < -tolerance[open_columns]
        wrongs = np.bincount(groups[open_columns], wrong.sum(axis=0), count).astype(np.int64)
        unsolved[stuck] = True
        going = (wrongs > 0) & ~unsolved
        better = going & (wrongs < fewest)
        patience = np.where(better, PATIENCE, patience - going)
        fewest = np.where(better, wrongs, fewest)
        tired = going & (patience < 0)
        if coupling is not None:
            unsolved |= tired
            going &= ~tired
        else:
            for at in np.flatnonzero(tired[groups[open_columns]]):
                wrong[: np.flatnonzero(wrong[:, at])[-1:].sum(), at] = False
        zero[part] ^= wrong & going[groups[open_columns]]
    raise InfeasibleError(
        "no answer without negative values was found",
        where="nonnegative=True",
        do="take method wls_structural, whose weights are plainer",
    )


def _turn(
    projection: Projection,
    blocks: Blocks,
    bottom: Floats,
    zero: np.ndarray,
    groups: Ints,
    coupling: Coupling | None,
) -> tuple[Floats, Floats, Ints]:
    """Values and pushes with the series marked held at zero; groups whose locks have no room.

    With F the series of a column at zero, their pushes are -V_FF^-1 (x_F + w c_F m), where c are
    the columns of the locks, m their multipliers and w the weight of the period.
    """
    blocks.learn(np.flatnonzero(zero.any(axis=1)))
    parts = [_inverted(blocks, bottom, zero, some, coupling) for some in _by_number(zero)]
    units = np.zeros((len(projection.hierarchy), bottom.shape[1]))
    pushes = units[projection.hierarchy.above :]  # a view
    for columns, held, answer, _ in parts:
        pushes[held, columns[:, None]] = -answer
    if coupling is None:
        return bottom + projection.spread(units), pushes, np.zeros(0, dtype=np.int64)
    multipliers, stuck = _multipliers(projection, coupling, parts, bottom, groups)
    lock_pushes = multipliers[groups].T * coupling.counts * coupling.weights
    for columns, held, _, by_lock in parts:
        pushes[held, columns[:, None]] -= np.einsum("gfk,kg->gf", by_lock, lock_pushes[:, columns])
    values = bottom + projection.spread(units) + coupling.columns @ lock_pushes
    return values, pushes, stuck


_Part = tuple[Ints, Ints, Floats, Floats]


def _by_number(zero: np.ndarray) -> list[Ints]:
    """Columns with as many series at zero, in batches, so that they are solved together."""
    number = zero.sum(axis=0)
    batches = []
    for size in np.unique(number[number > 0]):
        columns = np.flatnonzero(number == size)
        step = max(1, BATCH // int(size) ** 2)
        batches += [columns[first : first + step] for first in range(0, len(columns), step)]
    return batches


def _inverted(
    blocks: Blocks, bottom: Floats, zero: np.ndarray, columns: Ints, coupling: Coupling | None
) -> _Part:
    """Columns, their series at zero (g, f), and V_FF^-1 of values (g, f) and locks (g, f, k)."""
    held = np.nonzero(zero[:, columns].T)[1].reshape(len(columns), -1)
    block = blocks.between(held)
    scale = 1.0 / np.sqrt(blocks.scale[held])
    block *= scale[:, :, None] * scale[:, None, :]
    right = bottom[held, columns[:, None]][:, :, None]
    if coupling is not None:
        right = np.concatenate([right, coupling.columns[held]], axis=2)
    solved = np.linalg.solve(block, right * scale[:, :, None]) * scale[:, :, None]
    return columns, held, solved[:, :, 0], solved[:, :, 1:]


def _multipliers(
    projection: Projection, coupling: Coupling, parts: list[_Part], bottom: Floats, groups: Ints
) -> tuple[Floats, Ints]:
    """Multipliers of the locks, shape (groups, k), given what is at zero."""
    counts, locks = coupling.counts, len(coupling.between)
    matrix = np.repeat(coupling.between[None], bottom.shape[1], axis=0)
    right = np.zeros((bottom.shape[1], locks))
    for columns, held, answer, by_lock in parts:
        at_zero = coupling.columns[held]
        matrix[columns] -= np.einsum("gfk,gfl->gkl", at_zero, by_lock)
        right[columns] = np.einsum("gfk,gf->gk", at_zero, answer)
    matrix *= (counts[:, None] * counts[None] * coupling.weights).transpose(2, 0, 1)
    whole = np.zeros((len(coupling.missing), locks, locks))
    np.add.at(whole, groups, matrix)
    missing = coupling.missing.copy()
    np.add.at(missing, groups, right * counts.T)
    own = np.zeros((len(missing), locks))
    np.add.at(own, groups, coupling.between.diagonal() * counts.T * coupling.weights[:, None])
    scale = 1.0 / np.sqrt(np.maximum(own, np.finfo(float).tiny))
    whole *= scale[:, :, None] * scale[:, None, :]
    size, axes = np.linalg.eigh(whole)
    room = size > DETERMINED
    inverse = np.where(room, 1.0 / np.where(room, size, 1.0), 0.0)
    turned = np.einsum("gki,gk->gi", axes, missing * scale) * inverse
    stuck = np.setdiff1d(np.flatnonzero(~room.all(axis=1)), np.flatnonzero(own.sum(axis=1) == 0))
    return np.einsum("gki,gi->gk", axes, turned) * scale, stuck
