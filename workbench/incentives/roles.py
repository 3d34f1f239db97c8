"""One person, by himself or to stand for a role: pay as a function of attainment."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.incentives.blocks import Block, Credit
from workbench.incentives.curve import bounds_of, curves, steps_of
from workbench.incentives.payees import Floats, Payees, within
from workbench.pay.parts import MONTHS


@dataclass(frozen=True, slots=True)
class RolePay:
    """Pay of one person as a function of attainment.

    Attributes
    ----------
    role, rep_id : str
        The role, and the person: as a rule the one whose pay at 100% is the median of it.
    people : Payees
        That person alone.
    at_target : dict of str to array, shape (months, 1)
        Credit at 100% by measure.
    quota : float
        Of the year.
    """

    role: str
    rep_id: str
    people: Payees
    at_target: dict[str, Floats]
    quota: float

    def __call__(self, attainment: ArrayLike) -> Floats:
        """Year's pay other than base pay."""
        parts = self.by_component(attainment)
        return np.asarray(sum(parts.values(), np.zeros(np.shape(np.atleast_1d(attainment)))))

    def by_component(self, attainment: ArrayLike) -> dict[str, Floats]:
        """The same by component; those that pay nothing to the role are left out."""
        points = np.maximum(np.atleast_1d(np.asarray(attainment, float)), 0.0)
        values = np.tile(points, (1, len(self.people.names), 1)).T
        credits = {name: Credit(values, factor) for name, factor in self.at_target.items()}
        found: dict[str, Floats] = {}

        def keep(name: str, pay: Floats, ends: NDArray[np.intp], at: NDArray[np.intp]) -> None:
            found[name] = pay[0].sum(axis=0)

        components = self.people.plan.components
        names = [
            name
            for name, each in components.items()
            if (not each.roles or self.role in each.roles) and each.payroll != "base"
        ]
        Block(self.people, credits).run(keep, names=names)
        return found

    def jumps(self) -> list[float]:
        """Attainments at which pay may jump, in rising order.

        Steps of factors, matrices and conditions that go by attainment, and starts of tables that
        re-rate everything; of tables on amounts where this person's credit reaches them.
        """
        plan = self.people.plan
        found: set[float] = set()
        for name, component in plan.components.items():
            if component.roles and self.role not in component.roles:
                continue
            ends = MONTHS[component.settle]
            steps = [each for modifier in component.modify for each in steps_of(modifier, plan)]
            rates = component.rates
            for tier in rates.tiers if rates is not None else ():
                if tier.needs is not None:
                    steps += bounds_of(tier.needs, plan)
            for indicator, at in steps:
                found |= self._attained(indicator, at, ends)
            if rates is not None and rates.kind == "whole":
                for start in rates.starts():
                    found |= self._reached(name, float(start), ends)
        return sorted(each for each in found if each > 0)

    def last_start(self) -> float:
        """Attainment at which the last tier of any of the person's tables begins; 0 without."""
        found = {0.0}
        for name, component in self.people.plan.components.items():
            if component.rates is None or (component.roles and self.role not in component.roles):
                continue
            start = float(component.rates.starts()[-1])
            found |= self._reached(name, start, MONTHS[component.settle])
        return max(found)

    def _attained(self, indicator: str, value: float, ends: int) -> set[float]:
        """Attainments at which an indicator reaches a value, at any settlement."""
        about = self.people.plan.indicators[indicator]
        quota = self.people.quota(about.attainment or "", about.quota)
        credit = self.at_target[about.attainment or ""].T
        width = MONTHS[about.over]
        return _where(value * within(quota, width)[0], within(credit, width)[0], ends)

    def _reached(self, name: str, start: float, ends: int) -> set[float]:
        """Attainments at which credit to date reaches the start of a tier, at any settlement."""
        component = self.people.plan.components[name]
        measure, rates = component.measure or "", component.rates
        credit, width = self.at_target[measure].T, MONTHS[component.window]
        months = np.arange(credit.shape[1])
        if not width:
            lines = self.people.traits.lines.get(name, 1.0)
            return _where(np.full(len(months), start * lines), credit[0], 1)
        asked = np.full(len(months), start)
        if rates is not None and rates.on == "attainment":
            quota = self.people.quota(measure, rates.quota)[0]
            begins = months - months % width
            asked = start * np.array([quota[n : n + width].sum() for n in begins])
        return _where(asked, within(credit, width)[0], ends)

    def under(self, people: Payees, at_target: Mapping[str, Floats], place: int) -> RolePay:
        """The same person under another plan; `place` is theirs among its people."""
        one = np.zeros(len(people.ids), bool)
        one[place] = True
        return dataclasses.replace(
            self,
            people=people.only(one),
            at_target={name: np.ascontiguousarray(each[:, one])
                       for name, each in at_target.items()},
        )  # fmt: skip

    def measures(self) -> dict[str, str]:
        """What each component pays for."""
        components = self.people.plan.components
        return {
            name: components[name].measure or ""
            for name in self.by_component([1.0])
            if name in components and components[name].measure
        }


def _where(asked: Floats, credit: Floats, ends: int) -> set[float]:
    """Asked over credit at the ends of settlements."""
    at = np.arange(len(credit))
    at = at[((at + 1) % ends == 0) & (credit > 0)]
    return {float(each) for each in np.round(asked[at] / credit[at], 9)}


def role_pay(people: Payees, at_target: Mapping[str, Floats], role: str, measure: str) -> RolePay:
    """Find the person in the middle of a role and their pay.

    Parameters
    ----------
    people : Payees
    at_target : mapping of str to array, shape (months, people)
        From `curve.expected_credit`.
    role : str
    measure : str
        Whose quota attainment is of.
    """
    quota = people.quota(measure).sum(axis=1)
    whole = (people.staff.days > 0).all(axis=1)
    who = (people.roles == role) & (quota > 0)
    who = who & whole if (who & whole).any() else who
    pay = curves(people, at_target, [1.0]).pay[0]
    place = np.flatnonzero(who)
    return pay_of(people, at_target, int(place[_middle(pay[place])]), measure)


def pay_of(people: Payees, at_target: Mapping[str, Floats], place: int, measure: str) -> RolePay:
    """Pay of one person; arguments as of `role_pay`, `place` among the people."""
    one = np.zeros(len(people.ids), bool)
    one[place] = True
    return RolePay(
        str(people.roles[place]),
        people.ids[place],
        people.only(one),
        {name: np.ascontiguousarray(each[:, one]) for name, each in at_target.items()},
        float(people.quota(measure)[place].sum()),
    )


def _middle(pay: Floats) -> int:
    """Place of the lower median."""
    return int(np.argsort(pay, kind="stable")[(len(pay) - 1) // 2])
