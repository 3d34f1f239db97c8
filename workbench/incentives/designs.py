"""Better rates for the company's own plan: the design search on its people.

Designs change today's plan by the numbers of `changes.py`. People answer to each of them as the
model of behaviour has it; their productivity is set so that under today's plan they sell what the
draws expect, and luck is theirs and the market's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from workbench.incentives.behaviour.design import Choice, DesignSearch, Goal, search_design
from workbench.incentives.behaviour.judge import Judge, Outcome, Team
from workbench.incentives.behaviour.person import Behaviour
from workbench.incentives.changes import Changes, changed
from workbench.incentives.habits import USUAL_ELASTICITY, Quick, roles_with_quota
from workbench.incentives.history import REVENUE
from workbench.incentives.payees import Floats
from workbench.incentives.prepared import Prepared
from workbench.incentives.roles import RolePay, role_pay
from workbench.pay.plan import Plan

#: Values that are tried.
CHOICES: dict[str, tuple[float, ...]] = {
    "rates": (0.8, 0.9, 1.0, 1.1, 1.2),
    "thresholds": (0.9, 1.0, 1.1),
    "accelerator": (0.5, 1.0, 1.5, 2.0),
}
#: Draws of luck, types of productivity, and step of attainment.
_DRAWS, _STRATA, _STEP = 1000, 7, 0.02


@dataclass(frozen=True, slots=True)
class Designs:
    """What the search found.

    Attributes
    ----------
    search : DesignSearch
    target : float
        Sales that are to be reached, a year.
    margin : float
        Gross margin that sales are counted with.
    """

    search: DesignSearch
    target: float
    margin: float


def designs_of(
    prepared: Prepared,
    *,
    goal: Goal,
    knobs: Sequence[str],
    most_cost: float,
    roles: tuple[str, ...],
    elasticity: float | None,
    movable: float,
    market_sd: float,
    seed: int,
) -> Designs | None:
    """Search for rates, thresholds and an accelerator that serve a goal.

    Parameters
    ----------
    prepared : Prepared
    goal : {"profit", "p_hit", "fairness"}
    knobs : sequence of str
        Which of `CHOICES` may move.
    most_cost : float
        Most expected pay, in multiples of today's.
    roles : tuple of str
        Whose pay may change; everybody's if empty.
    elasticity, movable, market_sd : float
        As of the study; None takes what the data say.
    seed : int

    Returns
    -------
    Designs or None
        None where no role has a quota, or costs of products are not known.
    """
    margin = prepared.sources.margin
    teams, middles = _teams(prepared, elasticity=elasticity, movable=movable)
    if not teams or margin is None:
        return None
    target = _target(prepared)
    judge = Judge(
        teams,
        margin=margin,
        budget=np.inf,
        target=target,
        uniforms=_luck(teams, market_sd=market_sd, seed=seed),
        step=_STEP,
        strata=_STRATA,
    )
    start = prepared.people.plan
    judge = _as_expected(judge, _pays(start, middles), prepared)
    limit = judge(_pays(start, middles)).cost * most_cost
    judge = dataclasses.replace(judge, budget=limit)

    def outcome(design: _Knobs) -> Outcome:
        return judge(_pays(design.plan, middles))

    found = search_design(
        _Knobs(start, start, roles, tuple(sorted(set(prepared.people.roles)))),
        [Choice(name, CHOICES[name]) for name in knobs],
        judge=outcome,
        goal=goal,
        budget=limit,
    )
    return Designs(found, target, margin)


@dataclass(frozen=True, slots=True)
class _Knobs:
    """A plan whose entries are the numbers of `Changes`; all start from the first plan."""

    start: Plan
    plan: Plan
    roles: tuple[str, ...]
    known: tuple[str, ...]

    def with_values(self, values: Mapping[str, Any]) -> Self:
        changes = Changes(roles=self.roles, **values)
        plan = self.start if changes.none else changed(self.start, changes, roles=self.known)
        return dataclasses.replace(self, plan=plan)


def _teams(
    prepared: Prepared, *, elasticity: float | None, movable: float
) -> tuple[dict[str, Team], dict[str, RolePay]]:
    """People with quotas by role, and the person in the middle of each."""
    today, levels = prepared.today, prepared.levels
    about = levels.roles.set_index("role")
    lasting = levels.people.drop_duplicates("rep_id", keep="last").set_index("rep_id")["level"]
    quota = today.people.quota(today.measure).sum(axis=1)
    found = prepared.elasticity
    answer = elasticity if elasticity is not None else found[0] if found else USUAL_ELASTICITY
    means, spreads, noises = (
        about[n].astype(float).to_dict() for n in ("mean", "lasting", "passing")
    )
    teams, middles = {}, {}
    for role in roles_with_quota(today):
        if role not in about.index:
            continue
        middle = role_pay(today.people, prepared.at_target, role, today.measure)
        who = (today.people.roles == role) & (quota > 0)
        level = lasting.reindex(np.array(today.people.ids)[who]).fillna(means[role]).to_numpy()
        middles[role] = middle
        teams[role] = Team(
            quota[who],
            np.maximum(_spread(level, means[role], spreads[role]), 0.1),
            Behaviour(
                reference_rate=max(float(middle([1.0])[0]), 1.0),
                elasticity=answer,
                noise=float(np.clip(noises[role], 0.02, 1.0)),
                pull=movable,
            ),
        )
    return teams, middles


def _spread(level: Floats, mean: float, lasting: float) -> Floats:
    """Levels in their order, as far apart as people are; shrunk ones lie too close."""
    from scipy.special import ndtri

    place = (np.argsort(np.argsort(level, kind="stable"), kind="stable") + 0.5) / len(level)
    return np.asarray(mean + lasting * ndtri(place))


def _luck(teams: Mapping[str, Team], *, market_sd: float, seed: int) -> Floats:
    """Uniforms of people, (draws, people): each its own, and a market that all share."""
    from scipy.special import ndtr, ndtri

    from workbench.scenarios import streams

    noise = np.concatenate([np.full(len(each.quota), each.behaviour.noise)
                            for each in teams.values()])  # fmt: skip
    random = streams(seed)
    own = random["incentives/design"].standard_normal((_DRAWS, len(noise)))
    market = ndtri((np.arange(_DRAWS) + 0.5) / _DRAWS)[:, None]
    share = market_sd**2 / (market_sd**2 + noise**2)
    return np.asarray(ndtr(np.sqrt(share) * market + np.sqrt(1 - share) * own))


def _pays(plan: Plan, middles: Mapping[str, RolePay]) -> dict[str, Quick]:
    """Pay over attainment by role under a plan."""
    return {
        role: Quick.of(dataclasses.replace(each, people=each.people.with_plan(plan)))
        for role, each in middles.items()
    }


def _as_expected(judge: Judge, pays: Mapping[str, Quick], prepared: Prepared) -> Judge:
    """Productivity under which people sell under today's plan what the draws expect."""
    today = prepared.today
    with_quota = today.people.quota(today.measure).sum(axis=1) > 0
    named = with_quota & np.isin(today.people.roles, list(judge.teams))
    expected = float(np.nansum(today.attainment.mean(axis=0)[named]
                               * today.people.quota(today.measure).sum(axis=1)[named]))  # fmt: skip
    for _ in range(3):
        times = expected / max(judge(pays).sales, 1.0)
        teams = {
            role: dataclasses.replace(each, productivity=each.productivity * times)
            for role, each in judge.teams.items()
        }
        judge = dataclasses.replace(judge, teams=teams)
    return judge


def _target(prepared: Prepared) -> float:
    """Company's target of the year; what people are asked for together where it has none."""
    table = prepared.company.sql(
        "select cast(sum(value) as double) as value from target where level = 'company'"
        f" and kpi_id = '{REVENUE}' and tier = 'base' and product_line = 'all'"
        f" and year(period_start) = {prepared.year}"
    )["value"]
    if len(table) and table.iloc[0] == table.iloc[0]:
        return float(table.iloc[0])
    return float(prepared.people.quota(prepared.today.measure).sum())
