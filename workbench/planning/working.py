"""Targets of one KPI: tiers of the company, split, whole units, chances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

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
from workbench.text import later

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class TierTargets:
    """Targets of one KPI and tier, in units; months are split when they are first asked for.

    Attributes
    ----------
    years : numpy.ndarray of int64, shape (nodes,)
        Sums over months; of a KPI that is averaged, its target for all months together.
    top_down_years : numpy.ndarray, shape (nodes,)
        Share of the company's goal, before padding, entries and rounding.
    split : callable
        Makes `units`, `own` and `top_down`.
    """

    years: Ints
    top_down_years: Floats
    split: Callable[[], tuple[Ints, Ints, Floats]]

    @property
    def units(self) -> Ints:
        """Targets by month, shape (nodes, months)."""
        return self._months[0]

    @property
    def own(self) -> Ints:
        """What inner nodes keep themselves; below zero, padding that they hand down."""
        return self._months[1]

    @property
    def top_down(self) -> Floats:
        """`top_down_years` by month."""
        return self._months[2]

    def check(self) -> None:
        """Split the months now, so that locks of months that cannot hold are told."""
        _ = self._months

    @cached_property
    def _months(self) -> tuple[Ints, Ints, Floats]:
        return self.split()


@dataclass(frozen=True, eq=False, repr=False)
class KpiTargets:
    """Targets of one KPI; months and chances are worked out when they are first asked for.

    Attributes
    ----------
    unit : float
        Amount of one unit.
    by_tier : tuple of TierTargets
    tree : Tree
    ground : Ground
        Whose draws chances are counted on.
    down : bool
        Less is better.
    """

    unit: float
    by_tier: tuple[TierTargets, ...]
    tree: Tree
    ground: Ground
    down: bool

    @cached_property
    def years(self) -> Ints:
        """Targets of the year in units, shape (tiers, nodes)."""
        return np.stack([each.years for each in self.by_tier])

    @cached_property
    def top_down_years(self) -> Floats:
        """Shares of the goal before padding, entries, rounding, shape (tiers, nodes)."""
        return np.stack([each.top_down_years for each in self.by_tier])

    @cached_property
    def units(self) -> Ints:
        """Targets by month, shape (tiers, nodes, months)."""
        return np.stack([each.units for each in self.by_tier])

    @cached_property
    def own(self) -> Ints:
        """What inner nodes keep themselves, shape (tiers, nodes, months)."""
        return np.stack([each.own for each in self.by_tier])

    @cached_property
    def top_down(self) -> Floats:
        """`top_down_years` by month, shape (tiers, nodes, months)."""
        return np.stack([each.top_down for each in self.by_tier])

    @property
    def chance(self) -> Floats:
        """Chance of the year, shape (nodes, tiers)."""
        return self._counted[0]

    @property
    def hits(self) -> Ints:
        """How many nodes of each kind reach the year in each draw, shape (kinds, tiers, draws)."""
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[Floats, Ints]:
        heavy = self.ground.held.weights
        thresholds = np.asarray(self.years.T * self.unit, dtype=np.float64)
        if heavy is not None:
            thresholds = thresholds * heavy.sum(axis=1)[:, None]
        kinds, count = self.tree.kind_number, len(self.tree.levels)
        return count_hits(self.ground.years, thresholds, kinds, count, down=self.down)


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
    parts: dict[str, TierTargets] = {}
    # base first: what cannot hold is told in the amounts that were stated
    told = dict(zip(prepared.tiers, amounts.tolist(), strict=True))
    for tier in sorted(told, key=lambda tier: tier != prepared.tiers[base_tier(prepared.tiers)]):
        amount = told[tier]
        factor = float(amount / base) if base > 0 else 1.0
        bounds = read_limits(limits, tree, unit=goal.unit, factor=factor, tier=tier)
        root = _units(goal, amount)
        held = read_month_locks(
            limits,
            tree,
            prepared.draws.months,
            unit=goal.unit,
            factor=factor,
            tier=tier,
        )
        if heavy is None:
            part = _summed(prepared, ground, goal, root, bounds, padding, factor, held)
            if held:
                part.check()
            parts[tier] = part
        elif held:
            raise ParameterError(
                later("{kpi} is averaged: its months are not split, and cannot be locked", kpi=kpi),
                where=later("rules, {limit}", limit=held[0].told),
                do=later("lock the year, or a KPI that adds up"),
            )
        else:
            parts[tier] = _averaged(prepared, ground, goal, root, bounds)
    ordered = tuple(parts[tier] for tier in prepared.tiers)
    return KpiTargets(goal.unit, ordered, tree, ground, down)


def _units(goal: Goal, amount: float) -> int:
    root = int(np.rint(amount / goal.unit))
    if amount > 0 and not root:
        raise ParameterError(
            later(
                "a goal of {amount} is nothing in whole units of {unit}",
                amount=f"{amount:,.15g}",
                unit=f"{goal.unit:,.15g}",
            ),
            where=later("goal of {kpi}", kpi=goal.kpi),
            do=later("give a smaller unit"),
        )
    return root


def _summed(
    prepared: Prepared,
    ground: Ground,
    goal: Goal,
    root: int,
    bounds: Bounds,
    padding: Floats,
    factor: float,
    held: list[MonthLock],
) -> TierTargets:
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
    return TierTargets(years, plain, partial(_months, tree, years, top, ground.profiles, held))


def _months(
    tree: Tree, years: Ints, top: Floats, profiles: Floats, held: list[MonthLock]
) -> tuple[Ints, Ints, Floats]:
    rounded = round_months(tree, years, profiles, held)
    return rounded.units, rounded.own, tree.up(top[:, None] * profiles)


def _averaged(
    prepared: Prepared, ground: Ground, goal: Goal, root: int, bounds: Bounds
) -> TierTargets:
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
    real = plain
    if bounds.limits:
        real = move(tree, expected, whole, root=root, bounds=bounds, unit=goal.unit)
    years = np.rint(real).astype(np.int64)
    return TierTargets(years, plain, partial(_seasonal, real, plain, season))


def _seasonal(real: Floats, plain: Floats, season: Floats) -> tuple[Ints, Ints, Floats]:
    units = np.maximum(np.rint(real[:, None] + season), 0).astype(np.int64)
    return units, np.zeros_like(units), plain[:, None] + season


def _loose(tree: Tree) -> Bounds:
    return Bounds(np.zeros(len(tree)), np.full(len(tree), np.inf), (), np.zeros(0, dtype=np.int64))
