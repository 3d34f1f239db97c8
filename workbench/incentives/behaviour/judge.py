"""What a plan leads to when people answer to it: profit, cost, chance to hit, fairness.

Every plan meets the same luck, so that plans differ by their rules and not by chance. Search over
plans: `design.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import ParameterError
from workbench.incentives.behaviour.dynamic import Pay, respond
from workbench.incentives.behaviour.person import Behaviour

Floats = NDArray[np.float64]
LEVELS = 1000  # of luck, evenly spaced


@dataclass(frozen=True)
class Outcome:
    """What a plan leads to; money in currency a year.

    Attributes
    ----------
    profit : float
        Expected gross margin less pay and price given away; deals moved into or out of the year
        count where they arose, and those lost on the way are lost.
    cost : float
        Expected pay.
    over_budget : float
        Chance that pay exceeds the budget.
    p_hit : float
        Chance that sales reach the company's target.
    fairness : float
        Share of the differences in pay within roles that productivity explains and luck does
        not; 1 is fair.
    sales, given_away : float
        Expected.
    reached : float
        Expected share of people at or above 100%.
    """

    profit: float
    cost: float
    over_budget: float
    p_hit: float
    fairness: float
    sales: float
    given_away: float
    reached: float


@dataclass(frozen=True)
class Team:
    """People of a role.

    Attributes
    ----------
    quota : array, shape (people,)
        Money of 100%, currency.
    productivity : array, shape (people,)
        Attainment at effort 1.
    behaviour : Behaviour
    """

    quota: Floats
    productivity: Floats
    behaviour: Behaviour


@dataclass(frozen=True)
class Judge:
    """Judges payout curves by what teams would do, with common luck.

    Attributes
    ----------
    teams : mapping of str to Team
    margin : float
        Gross margin, share of sales.
    budget : float
        Pay a year, currency.
    target : float
        Sales the company wants, currency.
    uniforms : array, shape (draws, people)
        Luck of people, teams one after another in the order of `teams`.
    step : float
        Of attainment, in the dynamic model.
    strata : int
        Types of productivity in a team; people count as the nearest.
    """

    teams: Mapping[str, Team]
    margin: float
    budget: float
    target: float
    uniforms: Floats
    step: float = 0.01
    strata: int = 15

    @classmethod
    def of(
        cls,
        teams: Mapping[str, Team],
        *,
        margin: float,
        budget: float,
        target: float,
        rng: np.random.Generator,
        draws: int = 1000,
    ) -> Judge:
        """Draw the luck from a stream; in each person's draws every level of luck comes once."""
        people = sum(len(team.quota) for team in teams.values())
        strata = np.arange(draws)[:, None] + rng.random((draws, people))
        uniforms = rng.permuted(strata, axis=0) / draws
        return cls(teams, margin, budget, target, uniforms)

    def __call__(self, pays: Mapping[str, Pay]) -> Outcome:
        """Judge pay by attainment for each team.

        Raises
        ------
        ParameterError
            If a team has no pay.
        """
        missing = [role for role in self.teams if role not in pays]
        if missing:
            raise ParameterError(
                "a team has no pay", where=", ".join(missing), do="give a curve for every role"
            )
        parts = [self._team(role, pays[role], first) for role, first in self._columns()]
        sales = np.sum([part.sales for part in parts], axis=0)
        pay = np.sum([part.pay for part in parts], axis=0)
        given_away = sum(part.given_away for part in parts)
        carried = sum(part.carried for part in parts)
        explained = sum(part.explained for part in parts)
        spread = sum(part.spread for part in parts)
        people = self.uniforms.shape[1]
        return Outcome(
            profit=float(self.margin * (sales.mean() + carried) - pay.mean() - given_away),
            cost=float(pay.mean()),
            over_budget=float((pay > self.budget).mean()),
            p_hit=float((sales >= self.target).mean()),
            fairness=explained / spread if spread > 0 else 1.0,
            sales=float(sales.mean()),
            given_away=given_away,
            reached=sum(part.reached for part in parts) / people,
        )

    def _columns(self) -> list[tuple[str, int]]:
        """Teams, and where their people begin among the columns of luck."""
        sizes = [len(team.quota) for team in self.teams.values()]
        firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
        return list(zip(self.teams, map(int, firsts), strict=True))

    def _team(self, role: str, pay: Pay, first: int) -> _Part:
        team = self.teams[role]
        kinds, kind = _types(team.productivity, self.strata)

        def paid(attainment: Floats) -> Floats:
            return np.asarray(pay(np.maximum(attainment, 0.0)), float)

        found = respond(paid, productivity=kinds, behaviour=team.behaviour, step=self.step)
        levels = (np.arange(LEVELS) + 0.5) / LEVELS
        table = found.quantile(np.tile(levels[:, None], (1, len(kinds))))
        luck = self.uniforms[:, first : first + len(team.quota)]
        reached = table[np.minimum((luck * LEVELS).astype(int), LEVELS - 1), kind]
        earned = paid(table.ravel()).reshape(table.shape)
        each = earned[np.minimum((luck * LEVELS).astype(int), LEVELS - 1), kind]
        kept = found.held[:, 0] * (1 - team.behaviour.lost) - found.pulled[:, 0]
        means = earned.mean(axis=0)[kind]
        return _Part(
            sales=reached @ team.quota,
            pay=each.sum(axis=1),
            given_away=float(found.given_away[kind, 0] @ team.quota),
            carried=float(kept[kind] @ team.quota),
            explained=float(means.var() * len(kind)),
            spread=float((means.var() + earned.var(axis=0)[kind].mean()) * len(kind)),
            reached=float((reached >= 1).sum(axis=1).mean()),
        )


@dataclass(frozen=True)
class _Part:
    """What one team adds: sales and pay by draw, and expected values."""

    sales: Floats
    pay: Floats
    given_away: float
    carried: float
    explained: float
    spread: float
    reached: float


def _types(productivity: Floats, strata: int) -> tuple[Floats, NDArray[np.intp]]:
    """Types of productivity, evenly spaced, and each person's nearest."""
    low, high = float(productivity.min()), float(productivity.max())
    if high - low < 1e-9:
        return np.array([low]), np.zeros(len(productivity), np.intp)
    place = np.rint((productivity - low) / (high - low) * (strata - 1)).astype(np.intp)
    return np.linspace(low, high, strata), place
