"""Months that are locked: what a node is to have in a month, exactly; its other months give way.

A lock fixes the sum of a node's month. Leaves under it share what deeper locks leave, in the
proportions they had; each leaf's free months then take what the year still has, in theirs. Where
locks ask a leaf for more than its year, the two are repeated in turn (Deming and Stephan 1940, "On
a least squares adjustment of a sampled frequency table", section 5), until both hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InfeasibleError
from workbench.planning.tree import Ints, Tree
from workbench.text import later

Floats = NDArray[np.float64]
ROUNDS = 500
#: Units by which a lock may be off before cells are made whole.
NEAR = 1e-7


@dataclass(frozen=True)
class MonthLock:
    """A node's month in whole units; `told` is how errors name it."""

    node: int
    month: int
    units: int
    told: str


def held_cells(tree: Tree, years: Ints, profiles: Floats, locks: Sequence[MonthLock]) -> Floats:
    """Months of leaves, in units, at which every lock holds and every leaf keeps its year.

    Parameters
    ----------
    tree : Tree
    years : numpy.ndarray of int64, shape (nodes,)
    profiles : numpy.ndarray, shape (leaves, months)
        Share of each month in a leaf's year without locks.
    locks : sequence of MonthLock

    Raises
    ------
    InfeasibleError
        If locks and years cannot both hold; it names the locks.
    """
    cells = np.asarray(years[tree.leaves, None] * profiles, dtype=np.float64)
    whole = years[tree.leaves].astype(np.float64)
    factor = _kept_factor(tree, years)
    ordered = sorted(locks, key=lambda lock: -int(tree.depth[lock.node]))
    parts = [_part(tree, lock, ordered, factor) for lock in ordered]
    free = np.ones(cells.shape, dtype=bool)
    for lock in ordered:
        free[tree.under(lock.node), lock.month] = False
    flat = np.where(free, np.maximum(profiles, 1e-12), 0.0)
    for _ in range(ROUNDS):
        for lock, part in zip(ordered, parts, strict=True):
            _meet(cells, lock, part, whole)
        off = _years_kept(cells, whole, free, flat)
        for lock, part in zip(ordered, parts, strict=True):
            off = max(
                off, abs(part.fixed + part.weight @ cells[part.rows, lock.month] - lock.units)
            )
        if off < NEAR:
            return cells
    raise InfeasibleError(
        later("locked months and the targets of the year cannot both hold"),
        where="; ".join(lock.told for lock in ordered),
        do=later("release one of them, or move the year of the nodes they stand on"),
    )


def exact(tree: Tree, micro: Ints, ends: Ints, locks: Sequence[MonthLock], *, part: int) -> Ints:
    """Cells in parts of a unit, moved by what floats lost, so that locks hold to the part.

    Parameters
    ----------
    tree : Tree
    micro : numpy.ndarray of int64, shape (rows, months)
        Leaves first, then what inner nodes keep.
    ends : numpy.ndarray of int64, shape (rows,)
        Node each row stands at.
    locks : sequence of MonthLock
    part : int
        Parts of a unit.
    """
    out = micro.copy()
    held = np.zeros(out.shape, dtype=bool)
    inside = {lock: (ends >= lock.node) & (ends < tree.end[lock.node]) for lock in locks}
    for lock, rows in inside.items():
        held[rows, lock.month] = True
    done = np.zeros(out.shape, dtype=bool)
    for lock in sorted(locks, key=lambda lock: -int(tree.depth[lock.node])):
        rows = inside[lock]
        off = lock.units * part - int(out[rows, lock.month].sum())
        can = rows & ~done[:, lock.month] & ~held.all(axis=1)
        if off and can.any():
            row = int(np.flatnonzero(can)[np.abs(out[can, lock.month]).argmax()])
            other = np.where(held[row], -1, np.abs(out[row]))
            out[row, lock.month] += off
            out[row, int(other.argmax())] -= off
        done[rows, lock.month] = True
    return out


@dataclass(frozen=True)
class _Part:
    """What a lock may move: leaves that no deeper lock of the month holds, and their weight."""

    rows: Ints
    weight: Floats
    fixed: float


def _kept_factor(tree: Tree, years: Ints) -> Floats:
    """What a node has over what its children have together, by which months go up the tree."""
    below = np.zeros(len(tree))
    np.add.at(below, tree.parent[1:], years[1:])
    return np.where(below > 0, years / np.where(below > 0, below, 1.0), 1.0)


def _part(tree: Tree, lock: MonthLock, locks: Sequence[MonthLock], factor: Floats) -> _Part:
    def way(node: int) -> float:
        out = 1.0
        while node != lock.node:
            node = int(tree.parent[node])
            out *= float(factor[node])
        return out

    inside = [
        other
        for other in locks
        if other.month == lock.month and lock.node < other.node < tree.end[lock.node]
    ]
    taken = np.zeros(len(tree.leaves), dtype=bool)
    for other in inside:
        taken[tree.under(other.node)] = True
    tops = [
        other
        for other in inside
        if not any(up.node < other.node < tree.end[up.node] for up in inside)
    ]
    rows = tree.under(lock.node)
    rows = rows[~taken[rows]]
    weight = np.array([way(int(tree.leaves[row])) for row in rows])
    return _Part(rows, weight, float(sum(way(other.node) * other.units for other in tops)))


def _meet(cells: Floats, lock: MonthLock, part: _Part, whole: Floats) -> None:
    """Scale the leaves of a lock so that it holds; those without a month share by their years."""
    wanted = lock.units - part.fixed
    mine = cells[part.rows, lock.month]
    there = float(part.weight @ mine)
    if there <= 0 < wanted and len(part.rows):
        mine = np.maximum(whole[part.rows], 0.0)
        there = float(part.weight @ mine)
    if there > 0:
        cells[part.rows, lock.month] = mine * max(wanted, 0.0) / there


def _years_kept(cells: Floats, whole: Floats, free: NDArray[np.bool_], flat: Floats) -> float:
    """Let free months take what locked ones leave of a year; how far a year is off at most."""
    held = np.where(free, 0.0, cells).sum(axis=1)
    rest = whole - held
    shape = flat.sum(axis=1)
    open_ = (shape > 0) & (rest >= 0)
    scale = np.where(open_, rest / np.where(shape > 0, shape, 1.0), 0.0)
    cells[free] = (flat * scale[:, None])[free]
    tight = ~open_ & (held > 0)
    cells[tight] *= (whole[tight] / cells[tight].sum(axis=1))[:, None]
    return float(np.abs(cells.sum(axis=1) - whole).max(initial=0.0))
