"""Targets of figures that are averaged: shares, rates, scores. They are not split by sum.

Every node moves from what is expected of it by as many points as the one above it moves; so the
weighted mean of children is their parent's target, and months average to the year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.errors import InfeasibleError
from workbench.planning.limits import Bounds
from workbench.planning.tiers import TIERS
from workbench.planning.tree import Ints, Tree
from workbench.text import later

Floats = NDArray[np.float64]


def move(
    tree: Tree,
    expected: Floats,
    weights: Floats,
    *,
    root: float,
    bounds: Bounds,
    unit: float,
) -> Floats:
    """Targets of all nodes whose weighted means are those above them.

    Parameters
    ----------
    tree : Tree
    expected : numpy.ndarray, shape (nodes,)
        Weighted means of the draws, in units.
    weights : numpy.ndarray, shape (nodes,)
    root : float
        Target of the root in units.
    bounds : Bounds
    unit : float
        To name amounts in errors.

    Returns
    -------
    numpy.ndarray, shape (nodes,)

    Raises
    ------
    InfeasibleError
        If limits leave no room; it names the node and the limits under it.
    """
    out = np.empty(len(tree))
    out[0] = root
    start, children = tree.child_lists
    stopped, least, most = _move(start, children, expected, weights, bounds.low, bounds.high, out)
    if stopped >= 0:
        _refuse(tree, bounds, stopped, least * unit, most * unit, float(out[stopped]) * unit)
    return out


def _refuse(
    tree: Tree, bounds: Bounds, node: int, least: float, most: float, wanted: float
) -> None:
    inside = [
        str(limit)
        for limit, at in zip(bounds.limits, bounds.places, strict=True)
        if node <= at < tree.end[node]
    ]
    raise InfeasibleError(
        later(
            "the rules under {node} leave {least} to {most}, but its target is {wanted}"
            " (tier {tier})",
            node=tree.nodes[node],
            least=f"{least:,.6g}",
            most=f"{most:,.6g}",
            wanted=f"{wanted:,.6g}",
            tier=TIERS.get(bounds.tier, (bounds.tier, bounds.tier)),
        ),
        where="; ".join(inside),
        do=later("change or release one of them, or move the goal"),
    )


@njit()
def _move(
    start: Ints,
    children: Ints,
    expected: Floats,
    weights: Floats,
    low: Floats,
    high: Floats,
    out: Floats,
) -> tuple[int, float, float]:
    """Fill `out` from its root down; the node whose limits leave no room, or -1, and that room."""
    if not _within(low[0], out[0], high[0]):
        return 0, low[0], high[0]
    for node in range(len(out)):
        mine = children[start[node] : start[node + 1]]
        if len(mine) == 0:
            continue
        share = weights[mine]
        whole = share.sum()
        share = share / whole if whole > 0 else np.full(len(mine), 1.0 / len(mine))
        least, most, middle = 0.0, 0.0, 0.0
        for place in range(len(mine)):
            if share[place] > 0:  # what weighs nothing may lie anywhere
                least += share[place] * low[mine[place]]
                most += share[place] * high[mine[place]]
                middle += share[place] * expected[mine[place]]
        if not _within(least, out[node], most):
            return node, least, most
        out[mine] = _moved(expected[mine], share, low[mine], high[mine], out[node], middle)
    return -1, 0.0, 0.0


@njit()
def _within(least: float, wanted: float, most: float) -> bool:
    return least - 1e-9 * max(1.0, abs(least)) <= wanted and wanted <= most + 1e-9 * max(
        1.0, abs(most)
    )


@njit()
def _moved(
    expected: Floats, share: Floats, low: Floats, high: Floats, wanted: float, middle: float
) -> Floats:
    """``clip(expected + x, low, high)`` with weighted mean `wanted`; x by bisection if it must."""
    plain = expected + (wanted - middle)
    if (plain >= low).all() and (plain <= high).all():
        return plain
    # x lies where even the last to be held is held, or where those never held close the sum
    least, most, rest, free = 0.0, 0.0, wanted, 0.0
    for place in range(len(expected)):
        least = min(least, low[place] - expected[place])
        if np.isfinite(high[place]):
            most = max(most, high[place] - expected[place])
            rest -= share[place] * high[place]
        else:
            rest -= share[place] * expected[place]
            free += share[place]
    if free > 0.0:
        most = max(most, rest / free)
    for _ in range(200):
        x = (least + most) / 2
        if (share * np.minimum(np.maximum(expected + x, low), high)).sum() < wanted:
            least = x
        else:
            most = x
        if most - least <= 1e-13 * max(1.0, abs(most)):
            break
    return np.minimum(np.maximum(expected + (least + most) / 2, low), high)
