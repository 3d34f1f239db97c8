"""Whole units that add up: over people, over months, at every level at once.

Years are rounded down the tree by largest remainder; then months are rounded so that each node's
months sum to its year and each month's parts to the month above. That both can hold at once is
the theorem of controlled rounding: the sums over the tree and those over months are two nested
families, so rounding is a flow, and a flow with whole bounds can be whole.

References
----------
- Hamilton's method of largest remainders, as in Balinski and Young (1982), "Fair Representation".
- Cox (1987), "A constructive procedure for unbiased controlled rounding", JASA 82, section 2
  (fractions are pushed round cycles until one of them is whole).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.errors import InfeasibleError
from workbench.planning.month_locks import MonthLock, exact, held_cells
from workbench.planning.tree import Ints, Tree
from workbench.text import later

Floats = NDArray[np.float64]
#: Fractions are whole multiples of one part in so many, so that sums of them are exact.
PARTS = 1 << 20
#: How near to a whole number counts as whole: what floats lose in a sum of some thousand nodes.
CLOSE = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Rounded:
    """Whole units by node and month.

    Attributes
    ----------
    units : numpy.ndarray of int64, shape (nodes, months)
        Of each node; those of a parent are its children's and its own together.
    own : numpy.ndarray of int64, shape (nodes, months)
        What an inner node keeps beside its children: rounding left with the manager, or, below
        zero, padding that it hands down beyond its own target.
    """

    units: Ints
    own: Ints


def round_years(tree: Tree, real: Floats, *, root: int, padding: Floats, manager: bool) -> Ints:
    """Whole years of all nodes by largest remainder, each within one unit of its real value.

    Parameters
    ----------
    tree : Tree
    real : numpy.ndarray, shape (nodes,)
        In units; children sum to (1 + padding) times their parent.
    root : int
        Of the root, within one of its real value.
    padding : numpy.ndarray, shape (nodes,)
        What each node adds when it hands its target down; 0 of leaves.
    manager : bool
        Leaves are rounded down and their parent keeps what is left; otherwise it goes to the
        largest remainders.
    """
    start, children = tree.child_lists
    leaf = tree.leaf_number >= 0
    return _years(start, children, leaf, real, int(root), padding, manager)


def kept_years(tree: Tree, years: Ints) -> Ints:
    """What each inner node keeps of its year beside its children; 0 of leaves, shape (nodes,)."""
    kept = years.copy()
    kept[tree.leaves] = 0
    np.subtract.at(kept, tree.parent[1:], years[1:])
    return kept


def round_months(
    tree: Tree, years: Ints, profiles: Floats, locks: Sequence[MonthLock] = ()
) -> Rounded:
    """Whole months of all nodes that sum to the years, and over the tree.

    Parameters
    ----------
    tree : Tree
    years : numpy.ndarray of int64, shape (nodes,)
        Whole units; where children do not sum to their parent the rest is its own.
    profiles : numpy.ndarray, shape (leaves, months)
        Share of each month in a leaf's year; rows sum to 1.
    locks : sequence of MonthLock
        Months of nodes that are to be met exactly.

    Returns
    -------
    Rounded
        Each leaf's month is one of the two whole numbers next to its share of the whole year.

    Raises
    ------
    InfeasibleError
        If locked months cannot all hold.
    """
    months = profiles.shape[1]
    cells = np.zeros((len(tree), months))
    own = np.zeros((len(tree), months))
    cells[tree.leaves] = (
        held_cells(tree, years, profiles, locks) if locks else years[tree.leaves, None] * profiles
    )
    kept = kept_years(tree, years)
    for node in tree.inner[::-1]:
        below = cells[tree.children(node)].sum(axis=0)
        if kept[node]:
            whole = below.sum()
            shape = below / whole if whole else np.full(months, 1 / months)
            own[node] = kept[node] * shape
        cells[node] = below + own[node]
    rounded = _with_virtual(tree, years, kept, cells, own, locks)
    if broken := [lock for lock in locks if rounded.units[lock.node, lock.month] != lock.units]:
        raise InfeasibleError(
            later("locked months leave no whole units for the others"),
            where="; ".join(lock.told for lock in broken),
            do=later("release one of them, or choose a smaller unit"),
        )
    return rounded


def _with_virtual(
    tree: Tree,
    years: Ints,
    kept: Ints,
    cells: Floats,
    own: Floats,
    locks: Sequence[MonthLock],
) -> Rounded:
    """Round, a node's own part being one more leaf under it."""
    keepers = np.flatnonzero(kept)
    count = len(tree)
    up = np.concatenate([tree.parent, keepers])
    real = np.concatenate([cells[tree.leaves], own[keepers]])
    ends = np.concatenate([tree.leaves, count + np.arange(len(keepers))])
    micro = _micro(real, np.concatenate([years[tree.leaves], kept[keepers]]))
    if locks:
        at = np.concatenate([tree.leaves, keepers])
        micro = exact(tree, micro, at, locks, part=PARTS)
    units = _flow(up, ends, micro)
    mine = np.zeros((count, cells.shape[1]), dtype=np.int64)
    mine[keepers] = units[count:]
    return Rounded(units[:count], mine)


def _micro(real: Floats, years: Ints) -> Ints:
    """Cells in parts of a unit that sum to whole years exactly; the largest takes what is off."""
    micro = np.rint(real * PARTS).astype(np.int64)
    rows = np.arange(len(micro))
    micro[rows, np.abs(micro).argmax(axis=1)] += years * PARTS - micro.sum(axis=1)
    sums = micro.sum(axis=0)
    off = sums - np.rint(sums / PARTS).astype(np.int64) * PARTS
    if np.abs(off).max() < PARTS * CLOSE * 100 and off.sum() == 0:
        # months that were whole stay whole: the largest leaf takes what is off
        micro[np.abs(micro).sum(axis=1).argmax()] -= off
    return micro


@njit()
def _years(
    start: Ints,
    children: Ints,
    leaf: NDArray[np.bool_],
    real: Floats,
    root: int,
    padding: Floats,
    manager: bool,
) -> Ints:
    years = np.zeros(len(real), dtype=np.int64)
    years[0] = root
    for node in range(len(real)):
        mine = children[start[node] : start[node + 1]]
        if len(mine) == 0:
            continue
        value = real[mine]
        low = np.floor(value + CLOSE)
        fraction = np.maximum(value - low, 0.0)
        wanted = np.int64(np.rint(years[node] * (1.0 + padding[node])))
        least = np.int64(low.sum())
        most = least + np.int64((fraction > CLOSE).sum())
        extra = min(max(wanted, least), most) - least
        years[mine] = low.astype(np.int64)
        if manager:
            # leaves stay down: what would have gone to them stays here
            for place in range(len(mine)):
                if leaf[mine[place]]:
                    fraction[place] = -1.0
            extra = min(extra, np.int64((fraction > CLOSE).sum()))
        order = np.argsort(-fraction, kind="mergesort")
        for place in range(extra):
            years[mine[order[place]]] += 1
    return years


@njit()
def _flow(up: Ints, ends: Ints, micro: Ints) -> Ints:
    """Round cells so that sums over the tree, by month, and over months, by leaf, stay next door.

    An arc is the amount of a node and month, from its parent's junction of that month to its own,
    or, of a leaf, to the junction of its year. `up` may hold parents after their children.
    """
    nodes, months = len(up), micro.shape[1]
    flow = np.zeros((nodes, months), dtype=np.int64)
    final = np.zeros(nodes, dtype=np.bool_)
    for row in range(len(ends)):
        final[ends[row]] = True
        node = ends[row]
        while node >= 0:
            flow[node] += micro[row]
            node = up[node]
    value = flow.ravel()
    tail, head = _ends(up, final, months)
    first, arcs = _touching(tail, head, nodes * months + 1)
    _cancel(value, tail, head, first, arcs)
    return flow // PARTS


@njit()
def _ends(up: Ints, final: NDArray[np.bool_], months: int) -> tuple[Ints, Ints]:
    """Junctions that each arc leaves and enters; the last one lies above the root.

    An inner node has a junction each month; of a leaf's, the first stands for its year.
    """
    nodes = len(up)
    tail = np.empty(nodes * months, dtype=np.int64)
    head = np.empty(nodes * months, dtype=np.int64)
    for node in range(nodes):
        for month in range(months):
            arc = node * months + month
            tail[arc] = nodes * months if up[node] < 0 else up[node] * months + month
            head[arc] = node * months if final[node] else arc
    return tail, head


@njit()
def _touching(tail: Ints, head: Ints, junctions: int) -> tuple[Ints, Ints]:
    """Arcs at each junction: those that leave it (to its children) before the one from above."""
    first = np.zeros(junctions + 1, dtype=np.int64)
    for arc in range(len(tail)):
        first[tail[arc] + 1] += 1
        first[head[arc] + 1] += 1
    first = np.cumsum(first)
    fill = first[:-1].copy()
    arcs = np.empty(2 * len(tail), dtype=np.int64)
    for arc in range(len(tail)):
        arcs[fill[tail[arc]]] = arc
        fill[tail[arc]] += 1
    for arc in range(len(tail)):
        arcs[fill[head[arc]]] = arc
        fill[head[arc]] += 1
    return first, arcs


@njit()
def _cancel(value: Ints, tail: Ints, head: Ints, first: Ints, arcs: Ints) -> None:
    """Walk along arcs that are not whole until the walk closes; push round, go on from there."""
    junctions = len(first) - 1
    fraction = PARTS - 1
    point = first[:-1].copy()
    at = np.full(junctions, -1, dtype=np.int64)
    places = np.empty(junctions + 1, dtype=np.int64)
    taken = np.empty(junctions + 1, dtype=np.int64)
    for begin in range(len(value)):
        while value[begin] & fraction:
            places[0] = tail[begin]
            at[places[0]] = 0
            steps = 0
            while True:
                here = places[steps]
                while point[here] < first[here + 1] and not value[arcs[point[here]]] & fraction:
                    point[here] += 1
                look = point[here]
                while look < first[here + 1] and (
                    not value[arcs[look]] & fraction or (steps and arcs[look] == taken[steps - 1])
                ):
                    look += 1
                if look == first[here + 1]:
                    break
                arc = arcs[look]
                there = head[arc] if tail[arc] == here else tail[arc]
                taken[steps] = arc
                if at[there] < 0:
                    steps += 1
                    places[steps] = there
                    at[there] = steps
                    continue
                back = at[there]
                _push(value, tail, places, taken, back, steps)
                keep = back
                while keep < steps and value[taken[keep]] & fraction:
                    keep += 1
                for place in range(keep + 1, steps + 1):
                    at[places[place]] = -1
                steps = keep
            for place in range(steps + 1):
                at[places[place]] = -1


@njit()
def _push(value: Ints, tail: Ints, places: Ints, taken: Ints, back: int, steps: int) -> None:
    """Push the least amount round the cycle that makes one of its arcs whole."""
    fraction = PARTS - 1
    forward, backward = PARTS, PARTS
    for place in range(back, steps + 1):
        part = value[taken[place]] & fraction
        along = tail[taken[place]] == places[place]
        rest = PARTS - part
        forward = min(forward, rest if along else part)
        backward = min(backward, part if along else rest)
    amount = forward if forward <= backward else -backward
    for place in range(back, steps + 1):
        along = tail[taken[place]] == places[place]
        value[taken[place]] += amount if along else -amount
