"""Targets of figures that are averaged: shares, rates, scores. They are not split by sum.

Every node moves from what is expected of it by as many points as the one above it moves; so the
weighted mean of children is their parent's target, and months average to the year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InfeasibleError
from workbench.planning.limits import Bounds
from workbench.planning.tree import Tree

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
    _hold(tree, bounds, 0, 0, root, unit)
    for node in tree.inner:
        children = tree.children(int(node))
        wanted = float(out[node])
        out[children] = _moved(
            tree, bounds, int(node), wanted, expected[children], weights[children], unit
        )
    return out


def _moved(
    tree: Tree,
    bounds: Bounds,
    node: int,
    wanted: float,
    expected: Floats,
    weights: Floats,
    unit: float,
) -> Floats:
    """Children at ``clip(expected + x, low, high)`` with weighted mean `wanted`.

    Where a limit is touched, x is found by bisection.
    """
    children = tree.children(node)
    low, high = bounds.low[children], bounds.high[children]
    share = (
        weights / weights.sum() if weights.sum() > 0 else np.full(len(children), 1 / len(children))
    )
    _hold(tree, bounds, node, node, wanted, unit, float(share @ low), float(share @ high))
    plain = expected + (wanted - float(share @ expected))
    if (plain >= low).all() and (plain <= high).all():
        return plain  # no limit is touched
    gap = wanted - expected
    least, most = float((gap - np.abs(gap)).min()), float((gap + np.abs(gap)).max())
    limits = np.concatenate([low - expected, high - expected])
    limits = limits[np.isfinite(limits)]
    least, most = min([least, *limits.tolist()]), max([most, *limits.tolist()])
    for _ in range(200):
        middle = (least + most) / 2
        if share @ np.clip(expected + middle, low, high) < wanted:
            least = middle
        else:
            most = middle
        if most - least <= 1e-13 * max(1.0, abs(most)):
            break
    return np.clip(expected + (least + most) / 2, low, high)


def _hold(
    tree: Tree,
    bounds: Bounds,
    node: int,
    place: int,
    wanted: float,
    unit: float,
    low: float | None = None,
    high: float | None = None,
) -> None:
    least = bounds.low[place] if low is None else low
    most = bounds.high[place] if high is None else high
    if least - 1e-9 * max(1, abs(least)) <= wanted <= most + 1e-9 * max(1, abs(most)):
        return
    inside = [
        str(limit)
        for limit, at in zip(bounds.limits, bounds.places, strict=True)
        if node <= at < tree.end[node]
    ]
    raise InfeasibleError(
        f"the rules under {tree.nodes[node]} leave {least * unit:,.6g} to {most * unit:,.6g}, "
        f"but its target is {wanted * unit:,.6g}",
        where="; ".join(inside),
        do="change or release one of them, or move the goal",
    )
