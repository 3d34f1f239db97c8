"""One person: what pay would be over attainment, and where the year is heading."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ParameterError
from workbench.incentives.payees import Floats
from workbench.text import mark

if TYPE_CHECKING:
    from workbench.incentives.cost import PlanCost
    from workbench.incentives.study_incentives import Incentives


@dataclass(frozen=True, slots=True)
class OnePerson:
    """Pay of one person under both plans.

    Attributes
    ----------
    rep_id, role : str
    grid : array, shape (points,)
        Attainment; at a step both sides of it.
    today, proposal : array, shape (points,)
        Year's pay other than base pay.
    ahead : array, shape (draws,)
        Attainment of a year ahead.
    year : array, shape (draws,)
        Attainment of the plan's year, months that are over as they were.
    earned : array, shape (draws,)
        Variable pay of that year under today's plan.
    """

    rep_id: str
    role: str
    grid: Floats
    today: Floats
    proposal: Floats
    ahead: Floats
    year: Floats
    earned: Floats

    def at(self, attainment: float) -> tuple[float, float]:
        """Pay at an attainment today and under the proposal, straight between the points."""
        today, proposal = (
            float(np.interp(attainment, self.grid, each)) for each in (self.today, self.proposal)
        )
        return today, proposal


def one_person(result: Incentives, who: str) -> OnePerson:
    """Look at one person.

    Parameters
    ----------
    result : Incentives
    who : str
        As `place_of` reads it.

    Raises
    ------
    ParameterError
        If nobody is called so, or the person has no quota.
    """
    place = place_of(result.today, who)
    people = result.today.people
    return OnePerson(
        rep_id=people.ids[place],
        role=str(people.roles[place]),
        grid=result.curves.grid,
        today=result.curves.pay[:, place],
        proposal=result.curves_proposal.pay[:, place],
        ahead=result.today.attainment[:, place],
        year=result.now.attainment[:, place],
        earned=result.now.variable[:, place],
    )


def place_of(plan: PlanCost, who: str) -> int:
    """Place of a person among those of a plan.

    Parameters
    ----------
    plan : PlanCost
    who : str
        An id; or role and number within it, as in "hunter 3".

    Raises
    ------
    ParameterError
        If nobody is called so, or the person has no quota.
    """
    people = plan.people
    named = {f"{role} {number}": rep for rep, (role, number) in people.numbered().items()}
    rep, where = named.get(" ".join(who.split()), who), f"person: {who}"
    if rep not in people.ids:
        near = difflib.get_close_matches(who, named, n=1) or list(named)[:1]
        raise ParameterError(mark("nobody is called so"), where=where, do=f"{who} → {near[0]}")
    place = people.ids.index(rep)
    if not people.quota(plan.measure)[place].any():
        raise ParameterError(
            mark("this person has no quota, so pay does not go by attainment"),
            where=where,
            do=mark("choose somebody who has one"),
        )
    return place
