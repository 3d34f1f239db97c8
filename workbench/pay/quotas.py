"""Quotas by person and month: as set, for the days in post, along the ramp of who is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.pay.exactly import COUNT_DIGITS, Ints, Ratio, to_floats
from workbench.pay.plan import Plan
from workbench.pay.staff import Months, Staff, positions, to_day_numbers
from workbench.text import later
from workbench.units import minor_digits


@dataclass(frozen=True, slots=True)
class QuotaTable:
    """Quotas by name; int64 arrays of shape (people, months), units of the measure.

    Attributes
    ----------
    by_name : dict of str to array
        0 where there is none.
    team : dict of str to array
        Sum of the quotas of all people below a manager, or the manager's own where it was set.
    """

    by_name: dict[str, Ints]
    team: dict[str, Ints]

    def of(self, name: str, staff: Staff, *, team: bool = False) -> Ints:
        """Quotas of a name; zeros where none were handed in."""
        found = (self.team if team else self.by_name).get(name)
        return np.zeros(staff.role.shape, np.int64) if found is None else found


def read_quotas(
    quotas: pd.DataFrame | None, plan: Plan, staff: Staff, months: Months
) -> QuotaTable:
    """Read quotas: rep_id, quota (name), period_start, period_end, value.

    The table `target` is read as well (node, kpi_id, tier: the base tier). A quota of several
    months is spread evenly over them, to whole units that add up; days in post and the ramp then
    lower each month.

    Raises
    ------
    InputError
        If a column is missing, a value is negative, or periods of a quota overlap.
    """
    names = _quota_names(plan)
    if quotas is None or not len(quotas) or not names:
        return QuotaTable({}, {})
    rows = _as_quotas(quotas, plan)
    digits = {name: _digits(plan, name) for name in names}
    shape = staff.role.shape
    lowered: dict[str, Ints] = {}
    for name, part in rows[rows["quota"].isin(names)].groupby("quota", sort=True):
        total, count = _spread(part, digits[str(name)], shape, staff, months)
        lowered[str(name)] = _lowered(total, count, plan, staff)
    team = {
        name: np.where(values > 0, values, _rolled_up(lowered[name], staff))
        if plan.quotas.roll_up
        else values
        for name, values in lowered.items()
    }
    return QuotaTable(lowered, team)


def _quota_names(plan: Plan) -> list[str]:
    names = [
        component.rates.quota or component.measure
        for component in plan.components.values()
        if component.rates is not None and component.rates.on == "attainment"
    ]
    names += [each.quota or each.attainment for each in plan.indicators.values() if each.attainment]
    return list(dict.fromkeys(name for name in names if name))


def _digits(plan: Plan, name: str) -> int:
    for component in plan.components.values():
        if component.rates and name in (component.rates.quota, component.measure):
            measure = plan.measures[component.measure or ""]
            return minor_digits(plan.currency) if measure.unit == "money" else COUNT_DIGITS
    for each in plan.indicators.values():
        if each.attainment and name in (each.quota, each.attainment):
            measure = plan.measures[each.attainment]
            return minor_digits(plan.currency) if measure.unit == "money" else COUNT_DIGITS
    return minor_digits(plan.currency)


def _as_quotas(quotas: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    rows = quotas.copy()
    if "node" in rows and "rep_id" not in rows:
        rows = rows[rows["tier"].eq("base") & rows["level"].eq("rep")] if "tier" in rows else rows
        rows = rows.rename(columns={"node": "rep_id"})
    if "quota" not in rows:
        name = next((each for each in ("measure", "kpi_id") if each in rows), None)
        rows["quota"] = rows[name] if name else _quota_names(plan)[0]
    missing = [each for each in ("rep_id", "value") if each not in rows]
    if missing:
        raise InputError(
            later("quotas lack the column {column}", column=missing[0]), do=later("add it")
        )
    values = to_floats(rows["value"], name=later("quotas, column {column}", column="value"))
    wrong = (values < 0) | np.isnan(values)
    if wrong.any():
        bad = rows["rep_id"][wrong].iloc[0]
        raise InputError(
            later("a quota is negative or missing"),
            where=later("quotas, {rep}", rep=bad),
            do=later("write 0 or more"),
        )
    rows["value"] = values
    return rows


def _spread(
    rows: pd.DataFrame, digits: int, shape: tuple[int, ...], staff: Staff, months: Months
) -> tuple[Ints, Ints]:
    """Quota of each month's period in whole units, and how many months the period has."""
    total, count = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    person = positions(staff, rows["rep_id"])
    start = _bound(rows, "period_start", int(months.starts[0]))
    end = _bound(rows, "period_end", int(months.ends[-1]))
    units = np.rint(rows["value"].to_numpy() * 10**digits).astype(np.int64)
    periods, kind = np.unique(np.stack([start, end]), axis=1, return_inverse=True)
    for number, (first_day, last_day) in enumerate(periods.T.tolist()):
        at = np.nonzero((kind == number) & (person >= 0))[0]
        inside = np.nonzero((months.ends >= first_day) & (months.starts <= last_day))[0]
        before = _months_between(first_day, int(months.starts[0]))
        after = _months_between(int(months.ends[-1]) + 1, last_day + 1)
        cells = np.ix_(person[at], inside)
        if count[cells].any() or len(np.unique(person[at])) < len(at):
            raise InputError(
                later("periods of a quota overlap"),
                where=later("quotas, {rep}", rep=staff.ids[person[at][0]]),
                do=later("keep one row for a person, quota and period"),
            )
        total[cells] = units[at, None]
        count[cells] = len(inside) + before + after
    return total, count


def _bound(rows: pd.DataFrame, name: str, default: int) -> Ints:
    if name not in rows:
        return np.full(len(rows), default, np.int64)
    return to_day_numbers(rows[name])


def _months_between(first: int, last: int) -> int:
    """Whole months from one day to another, none if it is not later."""
    if last <= first:
        return 0
    ends = np.array([first, last], "datetime64[D]").astype("datetime64[M]").astype(int)
    return int(ends[1] - ends[0])


def _lowered(total: Ints, count: Ints, plan: Plan, staff: Staff) -> Ints:
    """Quotas by month for days in post and along the ramp; the sums to date are rounded."""
    share = Ratio.of(np.ones(total.shape, np.int64))
    less = np.zeros(total.shape, bool)
    if plan.quotas.prorate:
        less = staff.days < staff.length
        share = share * Ratio.of(staff.days, staff.length)
    for month, part in enumerate(plan.quotas.ramp):
        new = staff.tenure == month
        less |= new
        share = (share * Ratio.constant(part, total.shape)).chosen(new, share)
    some = less.any(axis=1)
    result = _even(total, count)
    value = Ratio.of(total[some], count[some]) * share[some]
    to_date = np.zeros(value.num.shape, np.int64)
    summed = Ratio.of(np.zeros(len(value.num), np.int64))
    for month in range(total.shape[1]):
        summed = summed + value[:, month]
        to_date[:, month] = summed.rounded(even=False)
    result[some] = np.diff(to_date, axis=1, prepend=0)
    return result


def _even(total: Ints, count: Ints) -> Ints:
    """A quota spread over its months, so that they add up to it."""
    number = np.zeros(total.shape, np.int64)
    for month in range(1, total.shape[1]):
        same = (total[:, month] == total[:, month - 1]) & (count[:, month] == count[:, month - 1])
        number[:, month] = np.where(same, number[:, month - 1] + 1, 0) % np.maximum(
            count[:, month], 1
        )
    size = np.maximum(count, 1)
    return (number + 1) * total // size - number * total // size


def _rolled_up(values: Ints, staff: Staff) -> Ints:
    """Sum over all people below, at any depth, by the managers of each month."""
    total = np.zeros_like(values)
    columns = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    manager = staff.manager
    for _ in range(20):
        known = manager >= 0
        if not known.any():
            break
        np.add.at(total, (manager[known], columns[known]), values[known])
        manager = next_level(manager, staff)
    return total


def next_level(manager: Any, staff: Staff) -> Any:
    """Managers of the managers, by month."""
    columns = np.broadcast_to(np.arange(manager.shape[1]), manager.shape)
    above = staff.manager[np.maximum(manager, 0), columns]
    return np.where(manager >= 0, above, -1)
