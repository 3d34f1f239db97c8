"""What a lever does to draws: parts added to amounts of some leaves, months and draws.

`levers.py` says how large the parts are; here they are laid on draws already held, so that the
same draws with and without a lever lie side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.errors import ParameterError
from workbench.planning.held import STEPS, Held, Singles
from workbench.planning.tree import Ints, Tree

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Effect:
    """A change of one KPI: amount x becomes ``x (1 + share months draws) + amount months draws``.

    Attributes
    ----------
    kpi : str
    leaves : numpy.ndarray of int64
        Numbers of the leaves concerned.
    months : numpy.ndarray, shape (months,)
        How much of the effect each month has: 0 before the start, growing through a ramp to 1.
    draws : numpy.ndarray, shape (draws,)
        Size of the effect in each draw: its uncertainty.
    adds : bool
        False: draws are parts of the amount (0.03 is 3 % more). True: they are added, in the unit
        of the KPI, to each leaf's month.
    """

    kpi: str
    leaves: Ints
    months: Floats
    draws: Floats
    adds: bool = False


def affected(
    held: Held,
    tree: Tree,
    years: Singles,
    effects: Sequence[Effect],
    *,
    known: dict[bytes, Singles] | None = None,
) -> Singles:
    """Years of all nodes with effects on one KPI, shape (nodes, draws).

    One share of all leaves moves the same months however large it is: what those months hold is
    kept in `known`, so that a planner who moves it on need not add the leaves up again.
    """
    if known is not None and _moves_all(held, effects):
        key = effects[0].months.tobytes()
        if key not in known:
            one = replace(effects[0], draws=np.ones_like(effects[0].draws))
            known.clear()  # one at a time: it is as large as the years
            known[key] = affected(held, tree, years, [one])
            known[key] -= years
        return _along(years, known[key], effects[0].draws.astype(np.float32))
    group, factors, added = _groups(held, effects)
    weight = _leaf_weights(held, tree)
    parts = factors - 1
    moves, adds = (np.asarray(each.any(axis=2)) for each in (parts, added))
    touched = np.zeros(len(tree), dtype=np.bool_)
    touched[tree.leaves[group >= 0]] = True
    for node in range(len(tree) - 1, 0, -1):
        touched[tree.parent[node]] |= touched[node]
    new = np.empty_like(years)
    _pull(
        held.values, held.scale, tree.parent, tree.leaf_number, touched, group,
        parts, added, moves, adds, weight, years, new,
    )  # fmt: skip
    return new


def _moves_all(held: Held, effects: Sequence[Effect]) -> bool:
    leaves, months, draws = held.values.shape
    return (
        len(effects) == 1
        and not effects[0].adds
        and len(np.unique(effects[0].leaves)) == leaves
        and (len(effects[0].months), len(effects[0].draws)) == (months, draws)
    )


def with_effects(held: Held, tree: Tree, effects: Sequence[Effect]) -> Held:
    """Draws with effects on one KPI, held as they were."""
    group, factors, added = _groups(held, effects)
    weight = _leaf_weights(held, tree)
    values, scale = held.values.copy(), held.scale.copy()
    for number in np.flatnonzero(group >= 0):
        amounts = held.leaf(int(number)) * factors[group[number]]
        amounts += added[group[number]] * weight[number][:, None]
        if values.dtype == np.int16:
            largest = np.abs(amounts).max(axis=1)
            scale[number] = np.where(largest > 0, largest, 1.0) / STEPS
            amounts = np.rint(amounts / scale[number][:, None])
        values[number] = amounts
    return replace(held, values=values, scale=scale, whole=False)


def _groups(held: Held, effects: Sequence[Effect]) -> tuple[Ints, Singles, Singles]:
    """Leaves that the same effects touch, with the factor and the amount of each month and draw."""
    leaves, months, draws = held.values.shape
    touched = np.zeros((leaves, len(effects)), dtype=np.bool_)
    for number, effect in enumerate(effects):
        if len(effect.months) != months or len(effect.draws) != draws:
            raise ParameterError(
                f"an effect on {effect.kpi} has {len(effect.months)} months and "
                f"{len(effect.draws)} draws, the draws have {months} and {draws}",
                where="effects",
                do="make it for these draws",
            )
        touched[effect.leaves, number] = True
    sets, group = np.unique(touched, axis=0, return_inverse=True)
    factors = np.ones((len(sets), months, draws), dtype=np.float32)
    added = np.zeros((len(sets), months, draws), dtype=np.float32)
    for place in range(len(sets)):
        for effect in (effects[column] for column in np.flatnonzero(sets[place]).tolist()):
            part = np.outer(effect.months, effect.draws).astype(np.float32)
            if effect.adds:
                added[place] += part
            else:
                factors[place] *= 1 + part
    mine = group.ravel().astype(np.int64)
    mine[~touched.any(axis=1)] = -1
    return mine, factors, added


def _leaf_weights(held: Held, tree: Tree) -> Singles:
    shape = held.values.shape[:2]
    if held.weights is None:
        return np.ones(shape, dtype=np.float32)
    return held.weights[tree.leaves].astype(np.float32)


@njit(fastmath=True)
def _pull(
    values: NDArray[Any],
    scale: Singles,
    parent: Ints,
    leaf: Ints,
    touched: NDArray[np.bool_],
    group: Ints,
    parts: Singles,
    added: Singles,
    moves: NDArray[np.bool_],
    adds: NDArray[np.bool_],
    weight: Singles,
    before: Singles,
    after: Singles,
) -> None:
    """Years with effects: leaves first, whose sums go up; what no effect touches is as it was."""
    for node in range(len(parent)):
        if leaf[node] < 0 and touched[node]:
            after[node] = np.float32(0.0)
        else:
            after[node] = before[node]
    for node in range(len(parent) - 1, -1, -1):
        row, number = after[node], leaf[node]
        if number >= 0 and group[number] >= 0:
            which = group[number]
            for month in range(values.shape[1]):
                if moves[which, month]:
                    _grow(row, values[number, month], scale[number, month], parts[which, month])
                if adds[which, month]:
                    _more(row, added[which, month], weight[number, month])
        if node and touched[parent[node]]:
            _more(after[parent[node]], row, np.float32(1.0))


@njit(fastmath=True)
def _along(years: Singles, moved: Singles, draws: Singles) -> Singles:
    """Each draw moved by its part of what may move."""
    out = np.empty_like(years)
    for node in range(len(years)):
        for draw in range(len(draws)):
            out[node, draw] = years[node, draw] + moved[node, draw] * draws[draw]
    return out


@njit(fastmath=True)
def _grow(row: Singles, amounts: NDArray[Any], size: np.float32, part: Singles) -> None:
    for draw in range(len(row)):
        row[draw] += amounts[draw] * size * part[draw]


@njit(fastmath=True)
def _more(row: Singles, amounts: Singles, times: np.float32) -> None:
    for draw in range(len(row)):
        row[draw] += amounts[draw] * times
