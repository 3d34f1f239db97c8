"""Targets of every node, KPI, month and tier, with the chance that each is reached.

`set_targets` goes from draws, a tree and goals to targets whose sums are exact at every level.
Moving things afterwards: `prepared.py`. Goals in tiers: `tiers.py`. Floors, caps and locks:
`limits.py`. Whole units: `rounding.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import ParameterError
from workbench.planning.chances import Months, add_up
from workbench.planning.effects import with_effects
from workbench.planning.prepared import Ground, Prepared, Rules, prepare
from workbench.planning.tiers import Goal
from workbench.planning.tree import Tree
from workbench.planning.working import KpiTargets, of_kpi

Floats = NDArray[np.float64]
ALL = "all"


def set_targets(
    draws: Any,
    tree: Tree | pd.DataFrame,
    goals: Goal | Sequence[Goal],
    *,
    tiers: Sequence[str] = ("floor", "base", "stretch"),
    padding: Mapping[str, float] | None = None,
    rules: Rules | None = None,
    basis: Mapping[str, Any] | None = None,
    weights: Mapping[str, Any] | None = None,
    bottom_up: pd.DataFrame | None = None,
) -> Targets:
    """Set targets in tiers, split them over the tree and the months, and say how likely each is.

    Parameters
    ----------
    draws : DataArray, or mapping of KPI to DataArray or to a function that makes one
        Scenario cubes (draw x period x node), labels of the last dimension being leaves of the
        tree; with a dimension "kpi" several KPIs in one.
    tree : Tree or DataFrame
        node, parent (empty for the root), optionally kind.
    goals : Goal or sequence of Goal
        What the company wants, one a KPI.
    tiers : sequence of str
        From low to high.
    padding : mapping of str to float, optional
        By kind: {"region": 0.03} hands regions 3 % more than their parent's own target. Of KPIs
        that add up; one that is averaged is handed down as it is.
    rules : Rules, optional
        Floors, caps, locks, and who gets what rounding leaves.
    basis : mapping of str to Series or DataFrame, optional
        For a KPI, weights of the split by leaf, or by leaf and month (`split.py` makes them); by
        default what the draws expect.
    weights : mapping of str to Series or DataFrame, optional
        For a KPI that is averaged, what a leaf (and month) weighs.
    bottom_up : DataFrame, optional
        node (leaf), value, optionally kpi, month, and trust: the weight, 0 to 1, that the entry
        has in the split beside the top-down share (`bottom_up.py` makes it).

    Returns
    -------
    Targets

    Raises
    ------
    InputError
        If the tree is none, or a KPI lacks draws.
    ParameterError
        If a goal, padding or limit is no number that can be kept.
    InfeasibleError
        If rules cannot all hold; it names them.
    """
    return work_out(
        prepare(
            draws,
            tree,
            goals,
            tiers=tiers,
            padding=padding,
            rules=rules,
            basis=basis,
            weights=weights,
            bottom_up=bottom_up,
        ),
        {},
    )


@dataclass(frozen=True, eq=False, repr=False)
class Targets:
    """Targets of all nodes.

    Attributes
    ----------
    prepared : Prepared
        What they stand on; `change` sets them again after a change.
    kpis : dict of str to KpiTargets
    """

    prepared: Prepared
    kpis: Mapping[str, KpiTargets]
    _months: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        what = f"{', '.join(self.kpis)}; {', '.join(self.tiers)}"
        return f"Targets({len(self.tree)} nodes, {len(self.months)} months; {what})"

    def change(self, **wishes: Any) -> Targets:
        """Targets after a change, as `Prepared.change`."""
        changed: Targets = self.prepared.change(**wishes)
        return changed

    @property
    def tree(self) -> Tree:
        """The tree they are set on."""
        return self.prepared.tree

    @property
    def tiers(self) -> tuple[str, ...]:
        """Tiers from low to high."""
        return self.prepared.tiers

    @property
    def months(self) -> pd.Index:
        """Labels of the months."""
        return self.prepared.draws.months

    def target(self, kpi: str) -> Floats:
        """Targets of the year in the unit of the KPI, shape (nodes, tiers)."""
        found = self.kpis[kpi]
        return np.asarray(found.years.T * found.unit, dtype=np.float64)

    def draws(self, kpi: str, node: str) -> Floats:
        """Draws of a node's year in the unit of the KPI, shape (draws,)."""
        return self._draws_of(kpi, int(self.tree.find([node], where="draws")[0]))

    def table(self) -> pd.DataFrame:
        """Targets by month.

        Returns
        -------
        pandas.DataFrame
            node, kpi, month, tier, target, p_hit (of the month), top_down (share of the goal
            before padding and entries), bottom_up (what was entered, corrected), gap (top_down
            less bottom_up); amounts in the unit of the KPI.
        """
        tree, tiers, months = self.tree, self.tiers, self.months
        shape = (len(tree), len(months), len(tiers))
        parts: list[tuple[Floats, Floats, Floats, Floats]] = []
        for kpi, found in self.kpis.items():
            ground = self.prepared.grounds[kpi]
            target = np.asarray(np.moveaxis(found.units, 0, 2) * found.unit, dtype=np.float64)
            top = np.moveaxis(found.top_down, 0, 2) * found.unit
            entered = np.broadcast_to(ground.bottom_up[:, :, None], shape)
            parts.append((target, self._month_chance(kpi, target), top, entered))
        node, month, tier = (axis.ravel() for axis in np.indices(shape, dtype=np.int32))
        many = len(parts)
        kpi_codes = np.repeat(np.arange(many, dtype=np.int32), len(node))
        target, chance, top, entered = (
            np.concatenate([part[at].ravel() for part in parts]) for at in range(4)
        )
        return pd.DataFrame(
            {
                "node": pd.Categorical.from_codes(np.tile(node, many), pd.Index(tree.nodes)),
                "kpi": pd.Categorical.from_codes(kpi_codes, pd.Index(list(self.kpis))),
                "month": months.take(np.tile(month, many)),
                "tier": pd.Categorical.from_codes(
                    np.tile(tier, many), pd.Index(tiers), ordered=True
                ),
                "target": target,
                "p_hit": chance,
                "top_down": top,
                "bottom_up": entered,
                "gap": top - entered,
            },
            copy=False,
        )

    def years(self) -> pd.DataFrame:
        """Targets of all months together.

        Returns
        -------
        pandas.DataFrame
            node, parent, kind, kpi, tier, target, own (what an inner node keeps beside its
            children; below zero it hands down more than it has), p_hit, expected (mean of the
            draws), top_down, bottom_up, gap.
        """
        tree, tiers = self.tree, self.tiers
        names = tree.table()
        many = len(tiers)
        parts: dict[str, list[Any]] = {}
        for kpi, found in self.kpis.items():
            entered = np.tile(self._entered(kpi), many)
            top = (found.top_down_years * found.unit).ravel()
            columns = {
                "kpi": np.full(many * len(tree), kpi, dtype=object),
                "tier": np.repeat(np.array(tiers, dtype=object), len(tree)),
                "target": (found.years * found.unit).ravel(),
                "own": (found.own.sum(axis=2) * found.unit).ravel(),
                "p_hit": found.chance.T.ravel(),
                "expected": np.tile(self.expected(kpi), many),
                "top_down": top,
                "bottom_up": entered,
                "gap": top - entered,
            }
            for name, values in columns.items():
                parts.setdefault(name, []).append(values)
        times = many * len(self.kpis)
        keys = {
            name: np.tile(names[name].to_numpy(dtype=object), times)
            for name in ("node", "parent", "kind")
        }
        return pd.DataFrame(keys | {name: np.concatenate(values) for name, values in parts.items()})

    def joint(self) -> pd.DataFrame:
        """Chances that all nodes of a kind reach their year, together and as a share.

        Returns
        -------
        pandas.DataFrame
            tier, kpi ("all": every KPI), kind ("all": every node), nodes (how many), p_all,
            reach (expected share of them that reach), reach_low, reach_high (80 % of draws).
        """
        tree = self.tree
        counts = np.bincount(tree.kind_number, minlength=len(tree.levels)).tolist()
        rows: list[tuple[Any, ...]] = []
        every = np.ones((len(counts) + 1, len(self.tiers), self.prepared.draws.count), dtype=bool)
        for kpi, found in self.kpis.items():
            hits = np.concatenate([found.hits, found.hits.sum(axis=0, keepdims=True)])
            for place, (kind, size) in enumerate(
                zip((*tree.levels, ALL), (*counts, len(tree)), strict=True)
            ):
                every[place] &= hits[place] == size
                for number, tier in enumerate(self.tiers):
                    share = hits[place, number] / size
                    low, high = np.quantile(share, [0.1, 0.9])
                    p_all = float((hits[place, number] == size).mean())
                    rows.append(
                        (tier, kpi, kind, size, p_all, float(share.mean()), float(low), float(high))
                    )
        if len(self.kpis) > 1:
            for place, (kind, size) in enumerate(
                zip((*tree.levels, ALL), (*counts, len(tree)), strict=True)
            ):
                for number, tier in enumerate(self.tiers):
                    p_all = float(every[place, number].mean())
                    rows.append((tier, ALL, kind, size, p_all, np.nan, np.nan, np.nan))
        names = ["tier", "kpi", "kind", "nodes", "p_all", "reach", "reach_low", "reach_high"]
        return pd.DataFrame(rows, columns=names)

    def scores(self, nodes: Sequence[str] | None = None) -> pd.DataFrame:
        """Weighted attainment over all KPIs by node and tier.

        Parameters
        ----------
        nodes : sequence of str, optional
            All by default.

        Returns
        -------
        pandas.DataFrame
            node, tier, score (mean of the attainments weighted as the goals are; 1 is reached, and
            where less is better what is over the target counts as missing), low, high (80 % of
            draws), p_hit (that it reaches 1).

        Raises
        ------
        ParameterError
            If all goals weigh nothing.
        """
        goals = self.prepared.goals
        whole = sum(goal.weight for goal in goals.values())
        if whole <= 0:
            raise ParameterError(
                "no KPI weighs anything", where="goals", do="give one a weight above 0"
            )
        targets = {kpi: self.target(kpi) for kpi in self.kpis}
        names = self.tree.nodes if nodes is None else tuple(nodes)
        found = []
        for place in self.tree.find(names, where="nodes").tolist():
            score = np.zeros((len(self.tiers), self.prepared.draws.count))
            for kpi, goal in ((kpi, goals[kpi]) for kpi in self.kpis):
                drawn = self._draws_of(kpi, place)
                for number, target in enumerate(targets[kpi][place]):
                    part = _attained(drawn, float(target), down=goal.down)
                    score[number] += goal.weight / whole * part
            low, high = np.quantile(score, [0.1, 0.9], axis=1)
            found.append((score.mean(axis=1), low, high, (score >= 1 - 1e-7).mean(axis=1)))
        mean, low, high, p_hit = (np.concatenate(each) for each in zip(*found, strict=True))
        return pd.DataFrame(
            {
                "node": np.repeat(np.array(names, dtype=object), len(self.tiers)),
                "tier": np.tile(np.array(self.tiers, dtype=object), len(names)),
                "score": mean,
                "low": low,
                "high": high,
                "p_hit": p_hit,
            }
        )

    def _draws_of(self, kpi: str, place: int) -> Floats:
        ground = self.prepared.grounds[kpi]
        years = ground.years[place].astype(np.float64)
        if ground.held.weights is None:
            return years
        heavy = ground.held.weights[place].sum()
        return years / (heavy if heavy > 0 else np.nan)

    def expected(self, kpi: str) -> Floats:
        """Mean of the draws of the year in the unit of the KPI, shape (nodes,)."""
        ground = self.prepared.grounds[kpi]
        mean = ground.years.mean(axis=1).astype(np.float64)
        if ground.held.weights is None:
            return mean
        heavy = ground.held.weights.sum(axis=1)
        return mean / np.where(heavy > 0, heavy, np.nan)

    def _entered(self, kpi: str) -> Floats:
        entered = self.prepared.grounds[kpi].bottom_up
        told = np.isfinite(entered).any(axis=1)
        heavy = self.prepared.grounds[kpi].held.weights
        if heavy is None:
            return np.where(told, np.nansum(entered, axis=1), np.nan)
        whole = heavy.sum(axis=1)
        mean = np.nansum(entered * heavy, axis=1) / np.where(whole > 0, whole, np.nan)
        return np.where(told, mean, np.nan)

    def _month_chance(self, kpi: str, target: Floats) -> Floats:
        ground = self.prepared.grounds[kpi]
        if kpi not in self._months:
            self._months[kpi] = self._month_levels(kpi, ground)
        heavy = ground.held.weights
        wanted = target if heavy is None else target * heavy[:, :, None]
        levels: Months = self._months[kpi]
        return levels.chance(wanted, down=self.prepared.goals[kpi].down)

    def _month_levels(self, kpi: str, ground: Ground) -> Months:
        mine = [effect for effect in self.prepared.effects if effect.kpi == kpi]
        if not mine:
            return ground.months
        return add_up(with_effects(ground.held, self.tree, mine), self.tree)[1]


def _attained(draws: Floats, target: float, *, down: bool) -> Floats:
    """Part of a target that is reached; a target of nothing is met by nothing."""
    if not target > 0:
        return np.where(draws <= 0, 1.0, 0.0) if down else np.ones_like(draws)
    return 2 - draws / target if down else draws / target


def work_out(prepared: Prepared, known: Mapping[str, KpiTargets]) -> Targets:
    """Targets of what is prepared; those in `known` are taken as they are."""
    found = {
        kpi: known[kpi] if kpi in known else of_kpi(prepared, kpi, ground)
        for kpi, ground in prepared.grounds.items()
    }
    prepared.made["targets"] = found
    return Targets(prepared, found)
