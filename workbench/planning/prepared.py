"""What targets need of the draws, worked out once, so that a planner can move things.

`prepare` adds draws up over tree and months; `change` then sets targets again after a moved goal,
lock, padding or lever, and touches only the KPIs that it concerns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError, ParameterError
from workbench.planning.chances import Months, add_up
from workbench.planning.effects import Effect, affected
from workbench.planning.held import Draws, Held, Singles, hold
from workbench.planning.limits import Limit
from workbench.planning.tiers import Goal
from workbench.planning.tree import Tree, as_tree
from workbench.text import later

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """How targets are split and rounded.

    Attributes
    ----------
    limits : tuple of Limit
        Floors, caps and locks.
    residual : {"remainder", "manager"}
        Who gets what rounding leaves: the largest remainders, or the manager above the leaves,
        whose people then have their shares rounded down.
    """

    limits: tuple[Limit, ...] = ()
    residual: Literal["remainder", "manager"] = "remainder"

    def __post_init__(self) -> None:
        if self.residual not in ("remainder", "manager"):
            raise ParameterError(
                f"nobody called {self.residual!r} can get what rounding leaves",
                where="rules, residual",
                do="choose from remainder, manager",
            )

    def of(self, kpi: str, *, alone: bool) -> tuple[Limit, ...]:
        """Limits on one KPI; those that name none hold where there is one KPI.

        Raises
        ------
        ParameterError
            If a limit names no KPI and there are several.
        """
        if not alone and any(limit.kpi is None for limit in self.limits):
            unnamed = next(limit for limit in self.limits if limit.kpi is None)
            raise ParameterError(
                "a rule does not say which KPI it binds",
                where=f"rules, {unnamed}",
                do="give it a KPI, as there are several",
            )
        return tuple(limit for limit in self.limits if limit.kpi in (None, kpi))


@dataclass(frozen=True, eq=False, repr=False)
class Ground:
    """What targets of one KPI stand on.

    Attributes
    ----------
    held : Held
    years : numpy.ndarray of float32, shape (nodes, draws)
        Of a KPI that is averaged: sums of amount times weight.
    months : Months
    weights : numpy.ndarray or None, shape (leaves,)
        That the split goes by.
    profiles : numpy.ndarray, shape (leaves, months)
        Share of each month in a leaf's year.
    bottom_up : numpy.ndarray, shape (nodes, months)
        What people have entered, corrected; missing where nobody has.
    trust : numpy.ndarray, shape (leaves,)
        Weight of the entries in the split, 0 to 1.
    """

    held: Held
    years: Singles
    months: Months
    weights: Floats
    profiles: Floats
    bottom_up: Floats
    trust: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Prepared:
    """Draws added up over tree and months, and the wishes as they stand.

    Attributes
    ----------
    draws : Draws
    grounds : dict of str to Ground
    goals : dict of str to Goal
    tiers : tuple of str
    padding : dict of str to float
        By kind of the nodes that get the padded target.
    rules : Rules
    effects : tuple of Effect
        Of levers.
    plain : dict of str to Ground or None
        Grounds without effects, where there are any.
    made : dict
        Targets by KPI once they are worked out, so that a change need not repeat them.
    moved : dict
        By KPI, what a share of all leaves moved last; see `effects.affected`.
    """

    draws: Draws
    grounds: Mapping[str, Ground]
    goals: Mapping[str, Goal]
    tiers: tuple[str, ...]
    padding: Mapping[str, float]
    rules: Rules
    effects: tuple[Effect, ...] = ()
    plain: Mapping[str, Ground] | None = field(default=None, repr=False)
    made: dict[str, Any] = field(default_factory=dict, repr=False)
    moved: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def tree(self) -> Tree:
        """The tree targets are set on."""
        return self.draws.tree

    def targets(self) -> Any:
        """Targets as things stand.

        Returns
        -------
        Targets
        """
        from workbench.planning.targets import work_out

        return work_out(self, {})

    def only(self, kpis: Sequence[str]) -> Prepared:
        """The same on some of the KPIs."""
        return replace(
            self,
            grounds={kpi: self.grounds[kpi] for kpi in kpis},
            goals={kpi: self.goals[kpi] for kpi in kpis},
            made={name: {kpi: found[kpi] for kpi in kpis} for name, found in self.made.items()},
        )

    def change(
        self,
        *,
        goals: Sequence[Goal] | None = None,
        padding: Mapping[str, float] | None = None,
        rules: Rules | None = None,
        effects: Sequence[Effect] | None = None,
    ) -> Any:
        """Targets after a change; what is not given stays.

        Parameters
        ----------
        goals : sequence of Goal, optional
            In place of those on the same KPIs.
        padding, rules
            In place of those before.
        effects : sequence of Effect, optional
            Of levers, in place of those before; `levers.py` makes them.

        Returns
        -------
        Targets
            Its `prepared` takes further changes.

        Raises
        ------
        ParameterError, InfeasibleError
            As `set_targets`.
        """
        from workbench.planning.targets import work_out

        wanted = dict(self.goals) | {goal.kpi: goal for goal in goals or ()}
        _check_goals(wanted, self.grounds)
        _check_rules(rules, wanted)
        new = replace(
            self,
            goals=wanted,
            padding=self.padding if padding is None else read_padding(padding, self.tree),
            rules=self.rules if rules is None else rules,
            effects=self.effects if effects is None else tuple(effects),
            grounds=self.grounds if effects is None else self._pulled(tuple(effects)),
            plain=self.plain if effects is None else self.plain or self.grounds,
            made={},
        )
        return work_out(new, self._reusable(new))

    def _pulled(self, effects: tuple[Effect, ...]) -> Mapping[str, Ground]:
        """Grounds with the years that levers make of the draws as they were."""
        plain = self.plain or self.grounds
        out = dict(plain)
        for kpi, ground in plain.items():
            mine = [effect for effect in effects if effect.kpi == kpi]
            if mine:
                known = self.moved.setdefault(kpi, {})
                years = affected(ground.held, self.tree, ground.years, mine, known=known)
                out[kpi] = replace(ground, years=years)
        return out

    def _reusable(self, new: Prepared) -> dict[str, Any]:
        """Targets of KPIs that a change leaves as they were."""
        if "targets" not in self.made or new.padding != self.padding:
            return {}
        alone = len(self.goals) == 1
        same = new.rules.residual == self.rules.residual
        return {
            kpi: found
            for kpi, found in self.made["targets"].items()
            if same
            and new.goals[kpi] == self.goals[kpi]
            and new.rules.of(kpi, alone=alone) == self.rules.of(kpi, alone=alone)
            and new.grounds[kpi] is self.grounds[kpi]
        }


def prepare(
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
) -> Prepared:
    """Add draws up and keep the wishes beside them; parameters as those of `set_targets`."""
    grown = as_tree(tree)
    held = hold(draws, grown, weights=weights)
    listed = [goals] if isinstance(goals, Goal) else list(goals)
    wanted = {goal.kpi: goal for goal in listed}
    if len(wanted) < len(listed) or not listed:
        raise ParameterError(
            "each KPI has one goal", where="goals", do="join them, or leave one out"
        )
    _check_goals(wanted, held.kpis)
    if isinstance(tiers, str) or not tiers or len(set(tiers)) < len(tuple(tiers)):
        raise ParameterError(
            "tiers are a list of names, each once",
            where=f"tiers={tiers!r}",
            do='give such as ("floor", "base", "stretch"), from easy to hard',
        )
    _check_rules(rules, wanted)
    grounds = {
        kpi: _ground(kpi, held, basis or {}, bottom_up, alone=len(wanted) == 1) for kpi in wanted
    }
    return Prepared(
        held, grounds, wanted, tuple(tiers), read_padding(padding or {}, grown), rules or Rules()
    )


def read_padding(padding: Mapping[str, float], tree: Tree) -> dict[str, float]:
    """Padding by kind, checked.

    Raises
    ------
    ParameterError
        If a kind is not in the tree or is the root's, or a number is not between 0 and 1.
    """
    known = [kind for kind in tree.levels if kind != tree.kinds[0]]
    for kind, part in padding.items():
        if kind not in known or not 0 <= part <= 1:
            raise ParameterError(
                "padding is a share between 0 and 1 of the nodes of a kind below the root",
                where=f"padding, {kind}={part}",
                do=f"choose from {', '.join(known) or 'a tree with more than one level'}",
            )
    return {kind: float(part) for kind, part in padding.items() if part}


def padding_of(padding: Mapping[str, float], tree: Tree) -> Floats:
    """What each node adds as it hands its target down, shape (nodes,).

    Of children of several kinds, as provinces beside accounts without an owner, the kind with the
    most padding tells it for all.
    """
    part = np.array([padding.get(kind, 0.0) for kind in tree.levels])
    out = np.zeros(len(tree))
    np.maximum.at(out, tree.parent[1:], part[tree.kind_number[1:]])
    return out


def _check_goals(goals: Mapping[str, Goal], known: Mapping[str, Any]) -> None:
    if without := [kpi for kpi in goals if kpi not in known]:
        raise InputError(
            f"KPI {without[0]} has a goal but no data",
            where=f"draws of {', '.join(known)}",
            do="give draws of it, or take its goal away",
        )


def _check_rules(rules: Rules | None, goals: Mapping[str, Goal]) -> None:
    """Refuse limits on a KPI without a goal: they would bind nothing."""
    for limit in rules.limits if rules else ():
        if limit.kpi is not None and limit.kpi not in goals:
            raise ParameterError(
                later("{kpi} has no target that a rule could bind", kpi=limit.kpi),
                where=later("rules, {limit}", limit=str(limit)),
                do=later("choose from {names}", names=", ".join(goals)),
            )


def _ground(
    kpi: str, draws: Draws, basis: Mapping[str, Any], bottom_up: pd.DataFrame | None, *, alone: bool
) -> Ground:
    held, tree = draws.kpis[kpi], draws.tree
    years, months = add_up(held, tree)
    expected = np.maximum(months.mean[tree.leaves], 0.0)
    given = basis.get(kpi)
    if given is not None:
        expected = _read_basis(kpi, given, tree, draws.months, expected)
    total = expected.sum(axis=1)
    known = total > 0
    common = expected.sum(axis=0)
    flat = np.full(len(common), 1 / len(common))
    profile = common / common.sum() if common.sum() > 0 else flat
    profiles = np.tile(profile, (len(total), 1))
    profiles[known] = expected[known] / total[known, None]
    entered, trust = _entries(kpi, bottom_up, draws, profiles, alone=alone)
    return Ground(held, years, months, total, profiles, entered, trust)


def _read_basis(kpi: str, given: Any, tree: Tree, months: pd.Index, expected: Floats) -> Floats:
    """A split basis by leaf, or by leaf and month; months as expected where it has none."""
    names = [tree.nodes[leaf] for leaf in tree.leaves]
    table = given.reindex(names)
    values = table.to_numpy(dtype=np.float64)
    if isinstance(given, pd.DataFrame):
        values = given.reindex(index=names, columns=months).to_numpy(dtype=np.float64)
    else:
        total = expected.sum(axis=1, keepdims=True)
        common = expected.sum(axis=0) / max(expected.sum(), 1e-300)
        shape = np.where(total > 0, expected / np.where(total > 0, total, 1.0), common)
        values = values[:, None] * shape
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError(
            f"the split basis of {kpi} is missing or negative for a leaf",
            where=f"basis, KPI {kpi}",
            do="give every leaf a number of 0 or more",
        )
    return values


def _entries(
    kpi: str, table: pd.DataFrame | None, draws: Draws, profiles: Floats, *, alone: bool
) -> tuple[Floats, Floats]:
    """Bottom-up figures of all nodes and months, and their trust by leaf."""
    tree = draws.tree
    values = np.full(profiles.shape, np.nan)
    trust = np.zeros(len(profiles))
    if table is not None:
        if lacking := [name for name in ("node", "value") if name not in table.columns]:
            raise InputError(
                f"bottom-up figures lack the column {lacking[0]}",
                where=f"bottom_up, columns {', '.join(map(str, table.columns))}",
                do="give node and value, and optionally kpi, month, trust",
            )
        rows = table[table["kpi"] == kpi] if "kpi" in table and not alone else table
        if "kpi" in table and alone:
            rows = table[table["kpi"].isin([kpi])]
        places = tree.leaf_number[tree.find(rows["node"], where="bottom_up, column node")]
        if (places < 0).any():
            raise InputError(
                "bottom-up figures stand at the leaves of the tree",
                where=f"bottom_up, node {rows['node'].to_numpy()[places < 0][0]}",
                do="give those of people; nodes above are their sums",
            )
        if "month" in rows:
            month = draws.months.get_indexer(pd.Index(rows["month"]))
            kept = month >= 0
            values[places[kept], month[kept]] = rows["value"].to_numpy(float)[kept]
        else:
            values[places] = rows["value"].to_numpy(float)[:, None] * profiles[places]
        if "trust" in rows:
            trust[places] = rows["trust"].to_numpy(float)
    sums = tree.up(np.nan_to_num(values))
    told = tree.up(np.isfinite(values).astype(float))
    return np.where(told > 0, sums, np.nan), np.clip(trust, 0.0, 1.0)
