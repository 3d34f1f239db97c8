"""Floors, caps and locks on nodes, and the split that keeps them.

A parent's target goes to its children in proportion to their weights; a child whose share would
break a limit gets the limit, and the others share the rest in the same proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.errors import InfeasibleError, ParameterError
from workbench.planning.month_locks import MonthLock
from workbench.planning.tiers import TIERS
from workbench.planning.tree import Ints, Tree
from workbench.text import later

Floats = NDArray[np.float64]
#: What floats lose when some thousand targets are added, in parts of the sum.
LOST = 1e-9
#: Kinds of limits, as errors write them.
SIGNS = {"floor": ">=", "cap": "<=", "lock": "="}


@dataclass(frozen=True)
class Limit:
    """A bound on the target of a node over all months, or a lock of one of its months.

    Attributes
    ----------
    node : str
    kind : {"floor", "cap", "lock"}
        At least, at most, or exactly.
    value : float
        In the unit of the KPI; a multiple of the unit targets are rounded to.
    kpi : str or None
        None where there is one KPI.
    tier : str or None
        None binds the base tier at the value and the others at the value times their distance
        from base, as the company's goal has it.
    month : label of a month or None
        Locks that month alone; the node's other months give way.
    """

    node: str
    kind: Literal["floor", "cap", "lock"]
    value: float
    kpi: str | None = None
    tier: str | None = None
    month: object = None

    def __post_init__(self) -> None:
        if self.kind not in SIGNS:
            raise ParameterError(
                f"{self.kind!r} is no kind of limit",
                where=f"limit of {self.node}",
                do=f"choose from {', '.join(SIGNS)}",
            )

    def __str__(self) -> str:
        """As errors name it."""
        sign = SIGNS[self.kind]
        node = self.node if self.month is None else f"{self.node} {self.month}"
        return f"{self.kind} {node} {sign} {self.value:,.15g}"


@dataclass(frozen=True, eq=False, repr=False)
class Bounds:
    """Least and most of each node in a tier, in units, and the limits they come from."""

    low: Floats
    high: Floats
    limits: tuple[Limit, ...]
    places: Ints
    tier: str = ""


def read_limits(
    limits: Sequence[Limit], tree: Tree, *, unit: float, factor: float, tier: str
) -> Bounds:
    """Limits of one KPI and tier as bounds on nodes in whole units.

    Parameters
    ----------
    limits : sequence of Limit
        Of this KPI.
    tree : Tree
    unit : float
    factor : float
        Of the tier over base, for limits that name no tier.
    tier : str

    Raises
    ------
    ParameterError
        If a value is negative or, where it is meant exactly, no multiple of the unit.
    InputError
        If a node is not in the tree.
    InfeasibleError
        If limits on one node exclude each other.
    """
    kept = [limit for limit in limits if limit.tier in (None, tier) and limit.month is None]
    places = tree.find([limit.node for limit in kept], where="rules")
    low, high = np.zeros(len(tree)), np.full(len(tree), np.inf)
    for limit, place in zip(kept, places, strict=True):
        units = _units(limit, unit, factor)
        if limit.kind in ("floor", "lock"):
            low[place] = max(low[place], units)
        if limit.kind in ("cap", "lock"):
            high[place] = min(high[place], units)
        if low[place] > high[place]:
            mine = [str(other) for other in kept if other.node == limit.node]
            raise InfeasibleError(
                later("rules on {node} exclude each other", node=limit.node),
                where="; ".join(mine),
                do=later("change or release one of them"),
            )
    return Bounds(low, high, tuple(kept), places, tier)


def read_month_locks(
    limits: Sequence[Limit],
    tree: Tree,
    months: pd.Index,
    *,
    unit: float,
    factor: float,
    tier: str,
) -> list[MonthLock]:
    """Locks of months of one KPI and tier in whole units; parameters as those of `read_limits`.

    Raises
    ------
    ParameterError
        If a month is not planned or has a floor or cap, or a value is no multiple of the unit.
    InputError
        If a node is not in the tree.
    InfeasibleError
        If a month of a node is locked twice.
    """
    kept = [limit for limit in limits if limit.month is not None and limit.tier in (None, tier)]
    places = tree.find([limit.node for limit in kept], where="rules")
    found: dict[tuple[int, int], MonthLock] = {}
    for limit, place in zip(kept, places.tolist(), strict=True):
        month = int(months.get_indexer(pd.Index([limit.month]))[0])
        if month < 0 or limit.kind != "lock":
            raise ParameterError(
                later("a month that is planned can be locked; floors and caps are of the year"),
                where=later("rules, {limit}", limit=str(limit)),
                do=later("lock one of {first} to {last}", first=months[0], last=months[-1]),
            )
        if (place, month) in found:
            raise InfeasibleError(
                later("{month} of {node} is locked twice", month=limit.month, node=limit.node),
                where=f"{found[place, month].told}; {limit}",
                do=later("release one of them"),
            )
        units = int(_units(limit, unit, factor))
        found[place, month] = MonthLock(place, month, units, str(limit))
    return list(found.values())


def fill(
    tree: Tree, weights: Floats, *, root: float, bounds: Bounds, padding: Floats, unit: float = 1.0
) -> Floats:
    """Split the root's target over the tree.

    Parameters
    ----------
    tree : Tree
    weights : numpy.ndarray, shape (leaves,)
        Of a leaf, not negative; a node weighs what its leaves weigh. Where all weights are 0 the
        parts are equal.
    root : float
        Target in units.
    bounds : Bounds
    padding : numpy.ndarray, shape (nodes,)
        Children get (1 + padding) times their parent's target together.
    unit : float
        To name amounts in errors.

    Returns
    -------
    numpy.ndarray, shape (nodes,)
        In units.

    Raises
    ------
    InfeasibleError
        If the rules cannot all hold; it names those that clash.
    """
    start, children = tree.child_lists
    low, high = bounds.low.copy(), bounds.high.copy()
    stopped = _tighten(start, children, low, high, padding)
    if stopped >= 0:
        _refuse(tree, bounds, stopped, low[stopped], high[stopped], unit)
    lost = LOST * max(abs(root), 1.0)
    if root < low[0] - lost or root > high[0] + lost:
        _refuse(tree, bounds, 0, low[0], high[0], unit, goal=root)
    return _fill(start, children, tree.up(np.maximum(weights, 0.0)), root, low, high, padding)


def _units(limit: Limit, unit: float, factor: float) -> float:
    if not np.isfinite(limit.value) or limit.value < 0:
        raise ParameterError(
            "a limit is a number that is not negative", where=f"rules, {limit}", do="correct it"
        )
    units = limit.value / unit
    if abs(units - round(units)) > 1e-6:
        raise ParameterError(
            later(
                "a limit of {amount} is no multiple of the unit {unit}",
                amount=f"{limit.value:,.15g}",
                unit=f"{unit:,.15g}",
            ),
            where=later("rules, {limit}", limit=str(limit)),
            do=later("round it, or choose a smaller unit"),
        )
    if limit.tier is not None or factor == 1.0:
        return float(round(units))
    return float(round(units * factor))


def _refuse(
    tree: Tree,
    bounds: Bounds,
    node: int,
    low: float,
    high: float,
    unit: float,
    *,
    goal: float | None = None,
) -> None:
    """Raise, naming the limits at and under a node that make the clash."""
    least = goal is None or goal < low  # what lies below asks for more than there is
    kinds = ("floor", "lock") if least else ("cap", "lock")
    inside = [
        limit
        for limit, place in zip(bounds.limits, bounds.places, strict=True)
        if (place == node and goal is None)
        or (node <= place < tree.end[node] and limit.kind in kinds)
    ]
    below = f"{low * unit:,.15g}" if least else f"{high * unit:,.15g}"
    there = high if goal is None else goal
    told = {
        "node": tree.nodes[node],
        "amount": below,
        "there": f"{there * unit:,.15g}",
        "tier": TIERS.get(bounds.tier, (bounds.tier, bounds.tier)),
    }
    raise InfeasibleError(
        later(
            "the rules under {node} ask for at least {amount}, but it has {there} (tier {tier})",
            **told,
        )
        if least
        else later(
            "the rules under {node} allow at most {amount}, but it has {there} (tier {tier})",
            **told,
        ),
        where="; ".join(str(limit) for limit in inside),
        do=later("change or release one of them, or move the goal"),
    )


@njit()
def _tighten(start: Ints, children: Ints, low: Floats, high: Floats, padding: Floats) -> int:
    """Carry bounds up the tree; the node at which they exclude each other, or -1."""
    for node in range(len(low) - 1, -1, -1):
        if start[node] == start[node + 1]:
            continue
        least, most = 0.0, 0.0
        for place in range(start[node], start[node + 1]):
            least += low[children[place]]
            most += high[children[place]]
        least /= 1.0 + padding[node]
        most /= 1.0 + padding[node]
        own_high, own_low = high[node], low[node]
        low[node] = max(own_low, least)
        high[node] = min(own_high, most)
        if low[node] > high[node] + LOST * max(1.0, abs(low[node])):
            if least > own_high:
                high[node] = own_high
            return node
        high[node] = max(high[node], low[node])
    return -1


@njit()
def _fill(
    start: Ints,
    children: Ints,
    weights: Floats,
    root: float,
    low: Floats,
    high: Floats,
    padding: Floats,
) -> Floats:
    out = np.zeros(len(weights))
    out[0] = root
    for node in range(len(out)):
        if start[node] == start[node + 1]:
            continue
        mine = children[start[node] : start[node + 1]]
        share = weights[mine]
        if share.sum() <= 0.0:
            share = np.ones(len(mine))
        # a weight next to nothing lets the others' caps be met where their weights are zero
        share = share + 1e-12 * share.mean()
        out[mine] = _poured(out[node] * (1.0 + padding[node]), share, low[mine], high[mine])
    return out


@njit()
def _poured(total: float, share: Floats, low: Floats, high: Floats) -> Floats:
    """``clip(x share, low, high)`` with the x at which it sums to the total."""
    count = len(share)
    edges = np.empty(2 * count)
    edges[:count] = low / share
    edges[count:] = high / share
    order = np.argsort(edges)
    held, moving, x = low.sum(), 0.0, 0.0
    for place in range(2 * count):
        edge = edges[order[place]]
        if np.isinf(edge) or (moving > 0.0 and held + moving * edge >= total):
            break
        who = order[place] % count
        if order[place] < count:
            held -= low[who]
            moving += share[who]
        else:
            held += high[who]
            moving -= share[who]
        x = edge
    if moving > 1e-300:
        x = max((total - held) / moving, x)
    return np.minimum(np.maximum(x * share, low), high)
