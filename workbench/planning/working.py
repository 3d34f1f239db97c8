"""Targets of one KPI: tiers of the company, split, whole units, chances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import ParameterError
from workbench.planning.averages import move
from workbench.planning.chances import count_hits
from workbench.planning.limits import Bounds, fill, read_limits, read_month_locks
from workbench.planning.month_locks import MonthLock
from workbench.planning.prepared import Ground, Prepared, padding_of
from workbench.planning.rounding import round_months, round_years
from workbench.planning.tiers import Goal, base_tier, tier_values
from workbench.planning.tree import Ints, Tree

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class KpiTargets:
    """Targets of one KPI.

    Attributes
    ----------
    unit : float
        Amount of one unit.
    units, own : numpy.ndarray of int64, shape (tiers, nodes, months)
        Targets and what inner nodes keep themselves (below zero: padding handed down), in units.
    years : numpy.ndarray of int64, shape (tiers, nodes)
        Sums over months; of a KPI that is averaged, its target for all months together.
    top_down : numpy.ndarray, shape (tiers, nodes, months)
        Share of the company's goal, before padding, entries and rounding, in units.
    top_down_years : numpy.ndarray, shape (tiers, nodes)
    chance : numpy.ndarray, shape (nodes, tiers)
        Chance of the year.
    hits : numpy.ndarray of int32, shape (kinds, tiers, draws)
        How many nodes of each kind reach the year in each draw.
    """

    unit: float
    units: Ints
    own: Ints
    years: Ints
    top_down: Floats
    top_down_years: Floats
    chance: Floats
    hits: Ints


def of_kpi(prepared: Prepared, kpi: str, ground: Ground) -> KpiTargets:
    """Set the targets of one KPI.

    Raises
    ------
    ParameterError
        If its goal or a limit is no number that can be kept.
    InfeasibleError
        If its limits cannot all hold.
    """
    goal, tree = prepared.goals[kpi], prepared.tree
    heavy = ground.held.weights
    company = ground.years[0] if heavy is None else ground.years[0] / heavy[0].sum()
    amounts = tier_values(goal, tiers=prepared.tiers, draws=company)
    base = amounts[base_tier(prepared.tiers)]
    limits = prepared.rules.of(kpi, alone=len(prepared.goals) == 1)
    down = goal.down
    padding = padding_of(prepared.padding, tree) * (-1 if down else 1)
    parts = []
    for tier, amount in zip(prepared.tiers, amounts, strict=True):
        factor = float(amount / base) if base > 0 else 1.0
        bounds = read_limits(limits, tree, unit=goal.unit, factor=factor, tier=tier)
        root = int(np.rint(amount / goal.unit))
        held = read_month_locks(
            limits,
            tree,
            prepared.draws.months,
            unit=goal.unit,
            factor=factor,
            tier=tier,
        )
        if heavy is None:
            parts.append(_summed(prepared, ground, goal, root, bounds, held, padding, factor))
        elif held:
            raise ParameterError(
                f"{kpi} is averaged: its months are not split, and cannot be locked",
                where=f"rules, {held[0].told}",
                do="lock the year, or a KPI that adds up",
            )
        else:
            parts.append(_averaged(prepared, ground, goal, root, bounds))
    units, own, years, top, top_years = (np.stack(part) for part in zip(*parts, strict=True))
    thresholds = years.T * goal.unit
    if heavy is not None:
        thresholds = thresholds * heavy.sum(axis=1)[:, None]
    kinds, counts = kinds_of(tree)
    chance, hits = count_hits(ground.years, thresholds, kinds, len(counts), down=down)
    return KpiTargets(goal.unit, units, own, years, top, top_years, chance, hits)


def kinds_of(tree: Tree) -> tuple[Ints, list[int]]:
    """Number of each node's kind, and how many nodes each kind has."""
    order = {kind: number for number, kind in enumerate(tree.levels)}
    kinds = np.array([order[kind] for kind in tree.kinds], dtype=np.int64)
    return kinds, np.bincount(kinds, minlength=len(order)).tolist()


def _summed(
    prepared: Prepared,
    ground: Ground,
    goal: Goal,
    root: int,
    bounds: Bounds,
    held: list[MonthLock],
    padding: Floats,
    factor: float,
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    tree = prepared.tree
    none = np.zeros(len(tree))
    plain = fill(tree, ground.weights, root=root, bounds=_loose(tree), padding=none, unit=goal.unit)
    entered = ground.bottom_up[tree.leaves].sum(axis=1) / goal.unit * factor
    top = plain[tree.leaves]
    told = np.isfinite(entered) & (ground.trust > 0)
    weights = np.where(told, (1 - ground.trust) * top + ground.trust * entered, top)
    real = fill(tree, weights, root=root, bounds=bounds, padding=padding, unit=goal.unit)
    manager = prepared.rules.residual == "manager"
    years = round_years(tree, real, root=root, padding=padding, manager=manager)
    rounded = round_months(tree, years, ground.profiles, held)
    months = tree.up(top[:, None] * ground.profiles)
    return rounded.units, rounded.own, years, months, plain


def _averaged(
    prepared: Prepared, ground: Ground, goal: Goal, root: int, bounds: Bounds
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    tree = prepared.tree
    heavy = ground.held.weights
    assert heavy is not None
    whole = heavy.sum(axis=1)
    sums = ground.years.mean(axis=1).astype(np.float64)
    company = sums[0] / whole[0]
    expected = np.where(whole > 0, sums / np.where(whole > 0, whole, 1.0), company) / goal.unit
    month = np.where(heavy > 0, ground.months.mean / np.where(heavy > 0, heavy, 1.0), np.nan)
    season = np.nan_to_num(month / goal.unit - expected[:, None])
    plain = move(tree, expected, whole, root=root, bounds=_loose(tree), unit=goal.unit)
    real = move(tree, expected, whole, root=root, bounds=bounds, unit=goal.unit)
    years = np.rint(real).astype(np.int64)
    units = np.maximum(np.rint(real[:, None] + season), 0).astype(np.int64)
    return units, np.zeros_like(units), years, plain[:, None] + season, plain


def _loose(tree: Tree) -> Bounds:
    return Bounds(np.zeros(len(tree)), np.full(len(tree), np.inf), (), np.zeros(0, dtype=np.int64))
