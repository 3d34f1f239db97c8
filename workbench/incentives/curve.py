"""What does attainment pay? The plan's pay over a grid of attainment.

On the grid a person's attainment is the same in every month, and what is not attained against a
quota (collections) follows it in proportion. "What do I earn if": `what_if`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, ParameterError
from workbench.incentives.blocks import Block, Credit
from workbench.incentives.cost import PlanCost, credit_of
from workbench.incentives.payees import Floats, Payees
from workbench.incentives.terms import terms_of
from workbench.pay.parts import Modifier, Needs
from workbench.pay.plan import Plan

#: Attainment up to which curves are drawn.
TOP = 1.8


@dataclass(frozen=True)
class Curves:
    """Pay over attainment.

    Attributes
    ----------
    people : Payees
    grid : array, shape (points,)
        Attainment.
    pay : array, shape (points, people)
        Year's pay other than base pay.
    """

    people: Payees
    grid: Floats
    pay: Floats

    @cached_property
    def roles(self) -> dict[str, Floats]:
        """Mean pay of each role over the grid, of those in post all year; shape (points,)."""
        whole, roles = _whole_year(self.people), self.people.roles
        found = {str(role): (roles == role) & whole for role in sorted(set(roles))}
        return {role: self.pay[:, who].mean(axis=1) for role, who in found.items() if who.any()}

    def of_role(self, role: str, attainment: ArrayLike) -> Floats:
        """Mean pay of a role at attainments, straight between the points of the grid."""
        return np.interp(np.asarray(attainment, float), self.grid, self.roles[role])

    def by_role(self) -> pd.DataFrame:
        """Mean pay of each role over the grid: role, attainment, pay, ratio (to that at 100%)."""
        at_target = int(np.abs(self.grid - 1).argmin())
        unit = [pay[at_target] if pay[at_target] > 0 else np.nan for pay in self.roles.values()]
        pay = np.array(list(self.roles.values()))
        return pd.DataFrame(
            {
                "role": np.repeat(list(self.roles), len(self.grid)),
                "attainment": np.tile(self.grid, len(self.roles)),
                "pay": pay.ravel(),
                "ratio": (pay / np.array(unit)[:, None]).ravel(),
            }
        )

    def ratios(self) -> pd.DataFrame:
        """By role: pay at 100%, leverage, upside at 150% and what is left at 50%.

        Leverage is the pay of one more per cent at 100%, in per cent of the pay at 100%.
        """
        rows = []
        for role in self.roles:
            pay = self.of_role(role, [0.5, 0.95, 1.0, 1.05, 1.5])
            rows.append(
                {
                    "role": role,
                    "pay_at_target": pay[2],
                    "leverage": (pay[3] - pay[1]) / pay[2] / 0.1 if pay[2] else np.nan,
                    "upside": pay[4] / pay[2] if pay[2] else np.nan,
                    "at_half": pay[0] / pay[2] if pay[2] else np.nan,
                }
            )
        return pd.DataFrame(rows)


def expected_credit(result: PlanCost, draws: Mapping[str, Any]) -> dict[str, Floats]:
    """Credit at 100% by measure and person, (months, people): as the draws have it on average.

    A measure with quotas has the quota; another has its mean per unit of the mean attainment.
    """
    found: dict[str, Floats] = {}
    quota = result.people.quota(result.measure).T
    mean = {
        name: each.values.mean(axis=0) * each.factor
        for name, each in credit_of(result.people, draws).items()
    }
    own = mean[result.measure].sum(axis=0)
    for name, each in mean.items():
        ratio = np.where(own > 0, each.sum(axis=0) / np.where(own > 0, own, 1.0), 0.0)
        found[name] = np.ascontiguousarray(
            quota * (1.0 if name == result.measure else ratio[None, :])
        )
    return found


def grid_of(*plans: Plan) -> Floats:
    """Attainments to draw plans over: every two points up to 180%, and both sides of each step."""
    steps = {step for plan in plans for step in attainment_steps(plan) if step <= TOP}
    sides = [step + side for step in steps for side in (-1e-7, 0.0)]
    return np.unique(np.append(np.round(np.arange(0, TOP + 0.001, 0.02), 4), sides))


def attainment_steps(plan: Plan) -> list[float]:
    """Attainments at which a plan steps, as it says them; in rising order."""
    found: set[float] = set()
    for component in plan.components.values():
        for modifier in component.modify:
            found |= {at for _, at in steps_of(modifier, plan)}
        rates = component.rates
        if rates is not None and rates.kind == "whole" and rates.on == "attainment":
            found |= {float(each) for each in rates.starts()}
    return sorted(each for each in found if each > 0)


def steps_of(modifier: Modifier, plan: Plan) -> list[tuple[str, float]]:
    """Indicators of attainment by which a modifier steps, and where."""
    if modifier.times is not None and modifier.times.kind == "step":
        name = modifier.times.indicator
        if plan.indicators[name].attainment:
            return [(name, float(step.from_)) for step in modifier.times.steps]
    if modifier.matrix is not None:
        return [
            (axis.indicator, float(each))
            for axis in (modifier.matrix.down, modifier.matrix.across)
            if plan.indicators[axis.indicator].attainment
            for each in axis.from_
        ]
    return bounds_of(modifier.gate, plan) if modifier.gate is not None else []


def bounds_of(needs: Needs, plan: Plan) -> list[tuple[str, float]]:
    """The same of a condition."""
    if not plan.indicators[needs.indicator].attainment:
        return []
    ends = (needs.at_least, needs.below)
    return [(needs.indicator, float(each)) for each in ends if each is not None]


def curves(people: Payees, at_target: Mapping[str, Floats], grid: ArrayLike) -> Curves:
    """Pay of every person over a grid of attainment.

    Parameters
    ----------
    people : Payees
    at_target : mapping of str to array, shape (months, people)
        Credit of each measure at 100%, from `expected_credit`.
    grid : array_like
        Attainments, 1 is 100%.
    """
    points = np.asarray(grid, float)
    values = np.tile(points, (len(people.ids), len(people.names), 1)).T
    credits = {name: Credit(values, factor) for name, factor in at_target.items()}
    return Curves(people, points, _variable(people, credits))


def what_if(
    people: Payees,
    credit: Mapping[str, Floats],
    *,
    rep: str,
    change: Mapping[str, ArrayLike],
) -> pd.DataFrame:
    """What does a person earn if they sell so much?

    Parameters
    ----------
    people : Payees
    credit : mapping of str to array, shape (months, people)
        Credit of everybody as it stands or is expected.
    rep : str
        Whose pay.
    change : mapping of str to array_like, shape (cases, months) or (months,)
        Own credit of that person by measure in each case.

    Returns
    -------
    DataFrame
        One row a case: a column for each component that pays, and `total`.

    Raises
    ------
    ParameterError
        If the person is not known.
    InputError
        If cases differ in number.
    """
    if rep not in people.ids:
        raise ParameterError(f"there is nobody with the id {rep}", do="use an id of the people")
    person = people.ids.index(rep)
    own = {name: np.atleast_2d(np.asarray(each, float)) for name, each in change.items()}
    counts = {len(each) for each in own.values()}
    if len(counts) != 1:
        raise InputError("cases differ in number", where="change", do="give each measure as many")
    cases = counts.pop()
    credits = {}
    for name, each in credit.items():
        values = np.repeat(each.T[:, :, None], cases, axis=2).T
        if name in own:
            values[:, :, person] = own[name]
        credits[name] = Credit(values, np.ones(each.shape))
    paid = {name: np.zeros(cases) for name in (*people.plan.components, *people.plan.payment.draw)}

    def keep(name: str, pay: Floats, ends: NDArray[np.intp], at: NDArray[np.intp]) -> None:
        place = int(np.searchsorted(at, person))
        if place < len(at) and at[place] == person:
            paid[name] += pay[place].sum(axis=0)

    names = [name for name, each in terms_of(people).items() if person in each.at]
    Block(people, credits, cents=True).run(keep, names=names)
    table = pd.DataFrame({name: each for name, each in paid.items() if each.any()})
    return table.assign(total=sum(paid.values(), np.zeros(cases)))


def _variable(people: Payees, credits: Mapping[str, Credit]) -> Floats:
    components = people.plan.components
    block = Block(people, credits)
    total = np.zeros((block.persons, block.draws))

    def keep(name: str, pay: Floats, ends: NDArray[np.intp], at: NDArray[np.intp]) -> None:
        if name not in components or components[name].payroll != "base":
            total[at] += pay.sum(axis=1)

    names = [name for name, each in components.items() if each.payroll != "base"]
    block.run(keep, names=None if people.plan.payment.draw else names)
    return total.T


def _whole_year(people: Payees) -> NDArray[np.bool_]:
    """Who is in post in all months; everybody where nobody is."""
    whole = np.asarray((people.staff.days > 0).all(axis=1))
    return whole if whole.any() else np.ones(len(people.ids), bool)
