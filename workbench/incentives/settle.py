"""A month's pay of a company: settled, summed up for payroll, checked, exceptions listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.incentives.credit_lines import credit_lines
from workbench.incentives.history import people_of
from workbench.incentives.sources import Sources
from workbench.pay.engine import pay
from workbench.pay.plan import Plan
from workbench.pay.statement import Statement
from workbench.text import later

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.text import Language


@dataclass(frozen=True, slots=True)
class Settlement:
    """Pay of one period.

    Attributes
    ----------
    statement : Statement
        The whole plan year up to the period's end.
    period : str
        2026-09, 2026-Q3 or 2026.
    months : tuple of str
        Months of the period.
    """

    statement: Statement
    period: str
    months: tuple[str, ...]

    def payroll(self) -> pd.DataFrame:
        """One row a payee: rep_id, the plan's payroll items, pay before tax.

        Whose entries come to nothing has a row as well: what they earned may have been held back.
        """
        table = self.statement.table()
        table = table[table["period"].isin(self.months)]
        items = [*self.statement.plan.items, "pay"]
        who = np.union1d(table["rep_id"], self._ledger()["rep_id"])
        grouped = table.groupby("rep_id")[items].sum().reindex(who, fill_value=0.0).round(2)
        return grouped.rename_axis("rep_id").reset_index()

    def controls(self) -> pd.DataFrame:
        """Sums that must agree: check, payroll, ledger, difference."""
        payroll, ledger = self.payroll(), self._ledger()
        rows = [
            (item, float(payroll[item].sum()), _item(ledger, item))
            for item in [*self.statement.plan.items, "pay"]
        ]
        table = pd.DataFrame(rows, columns=["check", "payroll", "ledger"]).round(2)
        return table.assign(difference=(table["payroll"] - table["ledger"]).round(2))

    def components(self) -> pd.DataFrame:
        """Totals of the period by component and entry: component, entry, people, amount."""
        ledger = self._ledger()
        grouped = ledger.groupby(["component", "entry"], as_index=False, sort=True)
        table = grouped.agg(people=("rep_id", "nunique"), amount=("minor", "sum"))
        return table.assign(amount=table["amount"] / self.statement.unit)

    def exceptions(self, *, lang: Language | None = None) -> pd.DataFrame:
        """What could not be paid as it stands, up to the period's end; see `Statement`."""
        return self.statement.exceptions(until=self.months[-1], lang=lang)

    def balances(self) -> pd.DataFrame:
        """What is open at the period's end: rep_id, held, carried, draw."""
        return self.statement.balances(self.months[-1])

    def closing(self) -> pd.DataFrame:
        """What is kept until the next period is settled: all months up to this one's end."""
        return self.statement.with_closed(self.months[-1]).closing()

    def _ledger(self) -> pd.DataFrame:
        ledger = self.statement.ledger()
        return ledger[ledger["period"].isin(self.months)]


def settle(
    company: Company,
    plan: Plan,
    period: str,
    *,
    credits: pd.DataFrame | None = None,
    quotas: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    absences: pd.DataFrame | None = None,
    closing: pd.DataFrame | None = None,
) -> Settlement:
    """Settle a plan for a period of its year.

    Parameters
    ----------
    company : Company
    plan : Plan
    period : str
        2026-09, 2026-Q3 or 2026.
    credits, quotas, scores, absences : DataFrame, optional
        As `workbench.pay.pay` takes them; lines and quotas in place of those of the tables.
    closing : DataFrame, optional
        What earlier months posted, from `Settlement.closing`: they stay as they were paid, and
        what later facts change of them is paid in the period.

    Raises
    ------
    InputError
        If the period is none of the plan, the company's data end before it, or the closing holds
        months of the period.
    """
    from workbench.pay.staff import plan_months

    months = plan_months(plan)
    first = pd.Timestamp(plan.starts)
    names = _names(period, months.names)
    end = pd.Timestamp(int(months.ends[months.names.index(names[-1])]), unit="D")
    if credits is None and company.data_as_of < end.date():
        raise InputError(
            later(
                "the data end on {day}, before {period} does",
                day=company.data_as_of,
                period=period,
            ),
            where=later("period {period}, to {end}", period=period, end=f"{end:%Y-%m-%d}"),
            do=later("settle a period that is over, or hand in credit lines (--credits)"),
        )
    read = _of_dealers if plan.payees == "dealers" else _of_people
    people, lines, own = read(company, plan, first, end, credits is None, quotas is None)
    credits = lines if credits is None else credits
    given = own if quotas is None else quotas
    if closing is not None:
        _check_follows(closing, period, names, months.names)
    statement = pay(plan, credits, given, people, scores=scores, absences=absences, closing=closing)
    return Settlement(statement, period, names)


def _check_follows(
    closing: pd.DataFrame, period: str, names: tuple[str, ...], months: tuple[str, ...]
) -> None:
    """Refuse a period that is closed, or one that leaves out the month after the closed ones."""
    if "period" not in closing:
        return  # told where the closing is read
    closed = set(closing["period"])
    if closed & set(names):
        raise InputError(
            later("{period} is closed already", period=period),
            where=later("the closing handed in"),
            do=later("settle the next period, or hand in the closing of the month before"),
        )
    left = [month for month in months[: months.index(names[0])] if month not in closed]
    if left:
        raise InputError(
            later("{month} would be left out: it is neither closed nor settled", month=left[0]),
            where=later("the closing handed in"),
            do=later(
                "settle {month} first, and then {period} after it", month=left[0], period=period
            ),
        )


def _of_people(
    company: Company, plan: Plan, first: pd.Timestamp, end: pd.Timestamp, lines: bool, quotas: bool
) -> tuple[pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None]:
    """People, and their lines and quotas where these are asked for."""
    credits = None
    if lines:
        measures = plan.measures.values()
        events = {event for each in measures for event in (*each.events, *each.less)}
        span = {"first": f"{first:%Y-%m-%d}", "last": f"{end:%Y-%m-%d}"}
        credits = credit_lines(company, **span, events=events)
    people = people_of(company)
    here = set(people_of(company, year=first.year)["rep_id"])
    if credits is not None:
        # money that comes in after somebody left falls under the plan's rule of leavers
        here |= set(credits["rep_id"])
    people = people[people["rep_id"].isin(here)]
    return people, credits, Sources(company).quotas_for(plan) if quotas else None


def _of_dealers(
    company: Company, plan: Plan, first: pd.Timestamp, end: pd.Timestamp, lines: bool, quotas: bool
) -> tuple[pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None]:
    """Dealers, and their lines and quotas where these are asked for."""
    from workbench.pay.dealers import dealer_lines, dealers_of, purchases

    credits = dealer_lines(company, first=first.date(), last=end.date()) if lines else None
    year = pd.DateOffset(years=1)
    day = pd.Timedelta(days=1)
    before = purchases(company, first=(first - year).date(), last=(first - day).date())
    return dealers_of(company), credits, before if quotas else None


def _names(period: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Months of a period of the plan."""
    year, _, quarter = period.partition("-Q")
    if period in names:
        return (period,)
    if quarter in ("1", "2", "3", "4") and year == names[0][:4]:
        return names[3 * (int(quarter) - 1) :][:3]
    if period == names[0][:4]:
        return names
    raise InputError(
        later("the plan has no period {period}", period=period),
        where=later("the plan runs from {first} to {last}", first=names[0], last=names[-1]),
        do=later(
            "name a month such as {month}, a quarter such as {year}-Q1, or the year",
            month=names[0],
            year=names[0][:4],
        ),
    )


def _item(ledger: pd.DataFrame, item: str) -> float:
    rows = ledger if item == "pay" else ledger[ledger["payroll"] == item]
    return float(rows["amount"].sum())
