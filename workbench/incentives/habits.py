"""What do people do under a plan? Its curve read for what it invites to, and a model of behaviour.

Both look at the person in the middle of each role (`roles.py`). Parameters of behaviour come from
the company's data where they can be estimated, else they are usual settings and say so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.errors import MissingTableError, NotIdentifiedError
from workbench.incentives.behaviour.assumptions import Assumption, assumptions
from workbench.incentives.behaviour.curve_shape import curve
from workbench.incentives.behaviour.gaming import GamingCheck, gaming_check
from workbench.incentives.behaviour.person import Behaviour
from workbench.incentives.behaviour.reading import Reading, read_behaviour
from workbench.incentives.payees import Floats
from workbench.incentives.roles import RolePay, role_pay

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.incentives.cost import PlanCost
    from workbench.incentives.prepared import Prepared

#: Quantiles of the normal distribution for people of low, usual and high productivity.
_TYPES = np.array([-1.15, -0.32, 0.32, 1.15])
_TOP = 2.5
#: Attainment beyond which no curve is read.
_FURTHEST = 10.0
USUAL_ELASTICITY = 0.4


@dataclass(frozen=True, slots=True)
class Habits:
    """What people of the largest role with quotas would do under both plans.

    Attributes
    ----------
    role : str
    people : int
    behaviour : Behaviour
    today, proposal : Reading
    assumptions : tuple of Assumption
    """

    role: str
    people: int
    behaviour: Behaviour
    today: Reading
    proposal: Reading
    assumptions: tuple[Assumption, ...]

    def table(self) -> pd.DataFrame:
        """Mean habits under both plans: habit, today, proposal (shares of quota)."""
        before, after = self.today.mean(), self.proposal.mean()
        names = [
            "sales", "pulled_in", "held_back", "given_away", "gave_up", "at_steps", "more_at_steps",
        ]  # fmt: skip
        return pd.DataFrame(
            {"habit": names, "today": before[names].to_numpy(), "proposal": after[names].to_numpy()}
        )


def roles_with_quota(result: PlanCost) -> list[str]:
    """Roles whose people have quotas, the largest first."""
    people = result.people
    own = people.quota(result.measure).sum(axis=1) > 0
    counts = pd.Series(people.roles[own]).value_counts()
    return sorted(counts.index, key=lambda role: (-counts[role], role))


def gaming_of(
    result: PlanCost, at_target: Mapping[str, Floats], *, margin: float | None = None
) -> GamingCheck:
    """Read the curves of all roles with quotas; a gross margin limits the marginal rate."""
    found = []
    attained: dict[str, ArrayLike] = {}
    own = result.people.quota(result.measure).sum(axis=1) > 0
    for role in roles_with_quota(result):
        middle = role_pay(result.people, at_target, role, result.measure)
        high = _read_to(middle)
        quick = Quick.of(middle, top=max(high, _TOP))
        found.append(
            curve(
                quick,
                role=role,
                parts=quick.by_component,
                measures=middle.measures(),
                quota=middle.quota,
                high=high,
            )
        )
        attained[role] = result.attainment[:, own & (result.people.roles == role)]
    check = gaming_check(found, attainment=attained, margin=margin)
    # a break lies between the two sides of its step: a hair beside the round number
    return GamingCheck(
        tuple(
            dataclasses.replace(each, start=round(each.start, 6), end=round(each.end, 6))
            for each in check.findings
        )
    )


def _read_to(pay: RolePay) -> float:
    """How far a curve is read: to 200%, or a little beyond the last tier that lies further."""
    return min(max(2.0, round(pay.last_start() + 0.1, 2)), _FURTHEST)


def habits_of(
    prepared: Prepared,
    proposal: PlanCost,
    at_target_proposal: Mapping[str, Floats],
    *,
    elasticity: float | None,
    movable: float,
) -> Habits | None:
    """Solve the model of behaviour for the largest role with quotas under both plans."""
    today, levels = prepared.today, prepared.levels
    roles = roles_with_quota(today)
    known = levels.roles.set_index("role")
    roles = [role for role in roles if role in known.index]
    if not roles:
        return None
    role = roles[0]
    about = known.loc[role]
    pays = [
        role_pay(each.people, credit, role, each.measure)
        for each, credit in ((today, prepared.at_target), (proposal, at_target_proposal))
    ]
    answer, error = (elasticity, None) if elasticity is not None else _estimated(prepared)
    behaviour = Behaviour(
        reference_rate=max(float(pays[0]([1.0])[0]), 1.0),
        elasticity=answer,
        noise=float(np.clip(about["passing"], 0.02, 1.0)),
        pull=movable,
    )
    types = np.maximum(about["mean"] + about["lasting"] * _TYPES, 0.1)
    months = pays[0].people.quota(today.measure)[0]
    months = months[months > 0]  # who joined in the year, or has targets for a part of it
    readings = [
        read_behaviour(Quick.of(pay), productivity=types, behaviour=behaviour, months=months)
        for pay in pays
    ]
    years = float(levels.people.loc[levels.people["role"] == role, "years"].sum())
    errors = {"noise": behaviour.noise / np.sqrt(2 * max(years, 1.0))}
    errors |= {} if error is None else {"elasticity": error}
    usual = Behaviour(reference_rate=1.0)
    given = tuple(
        name
        for name, own in (("pull", movable), ("elasticity", elasticity))
        if own is not None and own != getattr(usual, name)
    )
    return Habits(
        role=role,
        people=int((today.people.roles == role).sum()),
        behaviour=behaviour,
        today=readings[0],
        proposal=readings[1],
        assumptions=assumptions(behaviour, estimated=errors, given=given),
    )


@dataclass(frozen=True, slots=True)
class Quick:
    """Pay of a role as a table over attainment, both sides of each step in it."""

    grid: Floats
    parts: dict[str, Floats]

    @staticmethod
    def of(pay: RolePay, *, top: float = _TOP) -> Quick:
        """Work out the table up to an attainment, beyond which pay stays as it is there."""
        sides = [at + side for at in pay.jumps() if at <= top for side in (-1e-9, 1e-9)]
        grid = np.unique(np.append(np.round(np.arange(0, top + 0.001, 0.005), 6), sides))
        return Quick(grid, pay.by_component(grid))

    def by_component(self, attainment: ArrayLike) -> dict[str, Floats]:
        """Pay by component."""
        at = np.asarray(attainment, float)
        return {name: np.interp(at, self.grid, paid) for name, paid in self.parts.items()}

    def __call__(self, attainment: ArrayLike) -> Floats:
        """Pay of the year."""
        paid = sum(self.parts.values(), np.zeros(len(self.grid)))
        return np.interp(np.asarray(attainment, float), self.grid, paid)


def estimated_elasticity(company: Company, year: int) -> tuple[float, float] | None:
    """Elasticity of output from changes of rates, with its error; None where data have none."""
    from workbench.incentives.behaviour.observe import observed_elasticity

    first = company.data_as_of.year - 4
    try:
        found = observed_elasticity(company, first=first, last=min(year, company.data_as_of.year))
    except (NotIdentifiedError, MissingTableError):
        return None
    if not 0.02 <= found.value <= 2 or not np.isfinite(found.error):
        return None
    return found.value, found.error


def _estimated(prepared: Prepared) -> tuple[float, float | None]:
    return prepared.elasticity or (USUAL_ELASTICITY, None)
