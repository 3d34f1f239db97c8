"""The people of a plan as float arrays: quotas, pay in months, scores, read as the engine does.

Floats are in units of the currency. What is settled to the cent is `workbench.pay`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay.exactly import COUNT_DIGITS
from workbench.pay.parts import MONTHS, Amount, Indicator
from workbench.pay.plan import Component, Plan
from workbench.pay.quotas import QuotaTable, next_level, read_quotas
from workbench.pay.staff import Months, Staff, plan_months, staff_of
from workbench.units import minor_digits

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Traits:
    """What single lines of credit are like on average, by component; what is not named is 1.

    Attributes
    ----------
    lines : mapping of str to float
        Transactions of a person in a month: what is paid by transaction is paid on that many equal
        ones.
    factors : mapping of str to float
        Factor of a line's pay, by days overdue for instance.
    """

    lines: Mapping[str, float] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(each <= 0 for each in self.lines.values()):
            raise InputError(
                "transactions of a month are above 0", where="lines", do="give 1 or more"
            )


@dataclass(frozen=True, slots=True)
class Payees:
    """A plan and its people.

    Attributes
    ----------
    plan : Plan
    months : Months
        The plan's months.
    staff : Staff
        People by month.
    quotas : QuotaTable
    scores : dict of str to array, shape (people, months)
        Value of each indicator that is a score.
    traits : Traits
        What single lines of credit are like.
    """

    plan: Plan
    months: Months
    staff: Staff
    quotas: QuotaTable
    scores: dict[str, Floats]
    traits: Traits
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ids(self) -> list[str]:
        """Ids of the people, in the order of all arrays."""
        return [str(each) for each in self.staff.ids]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the months, 2026-01 and so on."""
        return self.months.names

    @property
    def digits_of_pay(self) -> int:
        """Decimals of the currency."""
        return minor_digits(self.plan.currency)

    @property
    def roles(self) -> NDArray[Any]:
        """Role of each person at the plan's end."""
        return np.array(self.staff.roles, object)[self.staff.role[:, -1]]

    def numbered(self) -> dict[str, tuple[str, int]]:
        """Role and number within it by person: what people go by where no ids are shown."""
        return by_number(self.ids, self.roles)

    def quota(self, measure: str, quota: str | None = None) -> Floats:
        """Quotas of a measure, units of it; shape (people, months)."""
        team = self.plan.measures[measure].credit == "team"
        units = self.quotas.of(quota or measure, self.staff, team=team)
        return units / 10 ** self.digits(measure)

    def digits(self, measure: str) -> int:
        """Decimals of a measure's unit."""
        money = self.plan.measures[measure].unit == "money"
        return minor_digits(self.plan.currency) if money else COUNT_DIGITS

    def worth(self, amount: Amount, months: int) -> Floats:
        """Money of an amount for so many months; shape (people, months)."""
        shape, unit = self.staff.role.shape, 10 ** minor_digits(self.plan.currency)
        if amount.amount is not None:
            return np.full(shape, float(amount.amount))
        if amount.base_pay is not None:
            return self.staff.base_pay * (float(amount.base_pay) / unit)
        return self.staff.incentive * (float(amount.target_incentive or 0) * months / 12 / unit)

    def incentive(self) -> Floats:
        """Target incentive of the plan for the days in post; shape (people,)."""
        unit = 10 ** minor_digits(self.plan.currency)
        share = self.staff.days / self.staff.length
        return np.asarray((self.staff.incentive * share / 12 / unit).sum(axis=1))

    def in_force(self, component: Component) -> Floats:
        """Share of each month's days on which a component holds for a person."""
        first = np.datetime64(component.from_ or "1970-01-01", "D").astype(int)
        last = np.datetime64(component.to or "9999-12-31", "D").astype(int)
        days = np.minimum(self.months.ends, last) - np.maximum(self.months.starts, first) + 1
        share = np.maximum(days, 0) / (self.months.ends - self.months.starts + 1)
        return self.staff.has_role(component.roles) * share[None, :]

    def with_plan(self, plan: Plan, *, traits: Traits | None = None) -> Payees:
        """The same people under a plan of the same months, measures, quotas and scores."""
        return dataclasses.replace(self, plan=plan, traits=traits or self.traits, _kept={})

    def only(self, who: NDArray[np.bool_]) -> Payees:
        """Some of the people; managers and successors outside are none."""
        staff, at = self.staff, np.flatnonzero(who)
        place = np.append(np.cumsum(who) - 1, -1)
        inside = np.append(who, False)

        def among(positions: NDArray[Any]) -> NDArray[Any]:
            return np.where(inside[positions], place[positions], -1).astype(np.int32)

        rows = {
            name: getattr(staff, name)[at]
            for name in ("ids", "role", "team", "base_pay", "incentive", "days", "length",
                         "tenure", "joined", "left")
        }  # fmt: skip
        return dataclasses.replace(
            self,
            staff=dataclasses.replace(
                staff,
                **rows,
                names=(staff.names[0][at], staff.names[1][at]),
                manager=among(staff.manager[at]),
                successor=among(staff.successor[at]),
                index=staff.index[at],
            ),
            quotas=QuotaTable(
                {name: each[at] for name, each in self.quotas.by_name.items()},
                {name: each[at] for name, each in self.quotas.team.items()},
            ),
            scores={name: each[at] for name, each in self.scores.items()},
            _kept={},
        )

    def team_matrix(self) -> tuple[NDArray[Any], list[Floats]]:
        """Managers, and for each month who stands below each of them: (people, managers)."""
        if "team" not in self._kept:
            self._kept["team"] = _below(self.staff)
        return self._kept["team"]


def payees(
    plan: Plan,
    people: pd.DataFrame,
    quotas: pd.DataFrame | None = None,
    *,
    scores: pd.DataFrame | None = None,
    absences: pd.DataFrame | None = None,
    traits: Traits | None = None,
) -> Payees:
    """Read people, quotas and scores for a plan.

    Parameters
    ----------
    plan : Plan
    people, quotas, absences : DataFrame
        As for `workbench.pay.pay`.
    scores : DataFrame, optional
        node, name, date, value; an indicator without a score has its `otherwise`, or 1.
    traits : Traits, optional
        What single lines of credit are like; else one transaction a month, at full pay.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    months = plan_months(plan)
    staff = staff_of(people, plan, months, absences)
    table = read_quotas(quotas, plan, staff, months)
    values = {
        name: _score(each, scores, staff, months)
        for name, each in plan.indicators.items()
        if each.score is not None
    }
    return Payees(plan, months, staff, table, values, traits or Traits())


def by_number(ids: Iterable[str], roles: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Number people within their roles, in the order of their ids: role and number by id."""
    counts: dict[str, int] = {}
    found = {}
    for rep, role in sorted(zip(map(str, ids), map(str, roles), strict=True)):
        counts[role] = counts.get(role, 0) + 1
        found[rep] = role, counts[role]
    return found


def within(values: Floats, width: int) -> Floats:
    """Running sums along the last axis that begin anew every `width` months."""
    result = np.array(values, float)
    if width == 1:
        return result
    for begin in range(0, result.shape[-1], width):
        part = result[..., begin : begin + width]
        np.cumsum(part, axis=-1, out=part)
    return result


def at_level(values: Floats, level: str, staff: Staff) -> Floats:
    """Sums over team or company of an array (people, months)."""
    if level == "company":
        return np.broadcast_to(values.sum(axis=0), values.shape)
    if level == "rep":
        return values
    months = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    totals = np.zeros((len(staff.teams), values.shape[1]))
    np.add.at(totals, (staff.team, months), values)
    return totals[staff.team, months]


def _score(
    about: Indicator, scores: pd.DataFrame | None, staff: Staff, months: Months
) -> NDArray[np.float64]:
    """A score by person and month; the last one given holds on to the end of its window."""
    from workbench.pay.staff import to_day_numbers

    value = np.full(staff.role.shape, np.nan)
    if scores is not None and len(scores):
        rows = scores[scores["name"].eq(about.score or "") & scores["value"].notna()]
        at = months.of(to_day_numbers(rows["date"]).astype(np.int64))
        for node, month, each in zip(
            rows["node"].astype(str), at, rows["value"].astype(float), strict=True
        ):
            if month < 0:
                continue
            if about.level == "company":
                value[:, month] = each
            elif about.level == "team" and node in staff.teams:
                value[staff.team[:, month] == staff.teams.index(node), month] = each
            elif about.level == "rep" and node in staff.index:
                value[staff.index.get_loc(node), month] = each
        width = MONTHS[about.over]
        for month in range(1, len(months.names)):
            if month % width:
                gap = np.isnan(value[:, month])
                value[gap, month] = value[gap, month - 1]
    otherwise = 1.0 if about.otherwise is None else float(about.otherwise)
    return np.where(np.isnan(value), otherwise, value)


def _below(staff: Staff) -> tuple[NDArray[Any], list[Floats]]:
    heads = np.unique(staff.manager[staff.manager >= 0])
    place = np.full(len(staff), -1)
    place[heads] = np.arange(len(heads))
    months = len(staff.role.T)
    matrices = [np.zeros((len(staff), len(heads))) for _ in range(months)]
    above = staff.manager
    for _ in range(20):
        known = above >= 0
        if not known.any():
            break
        for month, matrix in enumerate(matrices):
            who = np.nonzero(known[:, month])[0]
            matrix[who, place[above[who, month]]] = 1.0
        above = next_level(above, staff)
    return heads, matrices
