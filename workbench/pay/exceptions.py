"""What could not be paid as it stands, with the money at stake: listed, never dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.pay.exactly import COUNT_DIGITS, Ints, Value
from workbench.pay.parts import Amount
from workbench.pay.plan import Component, Plan
from workbench.pay.quotas import QuotaTable
from workbench.pay.staff import Staff
from workbench.units import minor_digits


@dataclass(slots=True)
class Exceptions:
    """What was found; rows of kind, person, line, month, credit and money at stake."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, **about: Any) -> None:
        """Note one."""
        self.rows.append({"kind": kind} | about)

    def add_all(self, kind: str, about: pd.DataFrame) -> None:
        """Note several."""
        for row in about.to_dict("records"):
            self.rows.append({"kind": kind} | {str(name): each for name, each in row.items()})


@dataclass(frozen=True, slots=True)
class Stakes:
    """What lines of each event pay at most.

    Attributes
    ----------
    by_event : dict of str to dict of Value to float
        Events that measures count, and what one unit of a column pays at the highest rate.
    """

    by_event: Mapping[str, Mapping[Value, float]]

    def of(self, event: str, values: Mapping[Value, Ints]) -> tuple[Any, Any]:
        """Credit of lines of an event, and the money at stake, in units of the currency."""
        parts = {
            key: np.abs(values[key]) / 10 ** key[1] * rate
            for key, rate in self.by_event[event].items()
        }
        first = next(iter(parts))
        return np.abs(values[first]) / 10 ** first[1], np.max(list(parts.values()), axis=0).round(2)


def value_of(plan: Plan, measure: str) -> Value:
    """Column that a measure adds up, and its decimals."""
    about = plan.measures[measure]
    return about.value, minor_digits(plan.currency) if about.unit == "money" else COUNT_DIGITS


def stakes_of(plan: Plan, staff: Staff, quotas: QuotaTable) -> Stakes:
    """Read from a plan what a line of each event pays at most."""
    found: dict[str, dict[Value, float]] = {}
    money_first = sorted(plan.measures.items(), key=lambda item: item[1].unit != "money")
    for name, measure in money_first:
        rate = highest_rate(plan, name, staff, quotas)
        for event in (*measure.events, *measure.less):
            rates = found.setdefault(event, {})
            value = value_of(plan, name)
            rates[value] = max(rates.get(value, 0.0), rate)
    return Stakes(found)


def highest_rate(plan: Plan, measure: str, staff: Staff, quotas: QuotaTable) -> float:
    """Pay for one unit of a measure at the highest rate of all components on it."""
    return max(
        (
            _highest(each, staff, quotas)
            for each in plan.components.values()
            if measure in (each.measure, each.pool.measure if each.pool else None)
        ),
        default=0.0,
    )


def _highest(component: Component, staff: Staff, quotas: QuotaTable) -> float:
    """Pay for one more unit at the component's highest rate."""
    if component.rates is None:
        return float(component.pool.rate or 0) if component.pool else 0.0
    slope = float(max(component.rates.slopes()))
    if component.rates.at_quota is None:
        return slope
    quota = quotas.of(component.rates.quota or component.measure or "", staff)
    whole = float(quota.sum())
    pay = _at_quota(component.rates.at_quota, staff, quota.any(axis=1))
    return slope * pay / whole if whole else 0.0


def _at_quota(amount: Amount, staff: Staff, who: Any) -> float:
    """Pay at quota of some people, minor units."""
    if amount.target_incentive is not None:
        return float(amount.target_incentive) * float(staff.incentive[who, -1].sum())
    if amount.base_pay is not None:
        return float(amount.base_pay) * float(staff.base_pay[who, -1].sum())
    return float(amount.amount or 0) * staff.unit * int(who.sum())
