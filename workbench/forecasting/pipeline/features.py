"""Open deals as they stood on the day of a picture, and how they ended.

One row for each open deal and month: the last picture of the month. Every feature comes from that
picture, from earlier ones, or from facts fixed when the deal began; the owner is the one of that
day. What the deal is today (its stage, amount, status, owner) is never looked at, and each month
at risk is a row of its own, so that lasting deals do not pass for all deals. How deals ended is
a table of its own (`endings`), cut at a day as well. A deal typed in after a picture (补录) was
not known then and is not in it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench.calendars import WorkingCalendar
from workbench.company import Company
from workbench.errors import NotIdentifiedError, ParameterError
from workbench.kpis import currency

Basis = Literal["incl", "excl"]
WON, LOST = 1, 2
_TABLES = ("opportunity", "opportunity_snapshot")


@dataclass(frozen=True)
class Pictures:
    """Month pictures of open deals.

    Attributes
    ----------
    rows : pandas.DataFrame
        opportunity_id, day (of the picture), month (number, see `month_number`), first (first
        picture that shows the deal), stage, stage_age and age (days), amount, change (log of
        amount over the first one seen), to_close (days to the stated close; negative: passed),
        close_in (months to the stated close), slips (times the date was moved later), source,
        product_line, region, channel, customer_type, ownership, rep_id, typed (probability),
        forecast_category; by deal and month. Text that is missing is "unknown".
    basis : {"incl", "excl"}
        Whether amounts hold VAT.
    currency : str
        ISO 4217 code of amounts.
    """

    rows: pd.DataFrame
    basis: Basis
    currency: str

    @property
    def months(self) -> list[int]:
        """Months that have a picture, oldest first."""
        return [int(month) for month in np.unique(self.rows["month"])]

    def at(self, month: int) -> pd.DataFrame:
        """Open deals of one month's picture, with rows numbered anew."""
        return self.rows[self.rows["month"] == month].reset_index(drop=True)


def pictures(company: Company, *, until: dt.date | None = None, basis: Basis = "incl") -> Pictures:
    """Read the last picture of each month up to a day.

    Parameters
    ----------
    company : Company
        With opportunity and opportunity_snapshot; account and assignment if there.
    until : datetime.date, optional
        Nothing after this day is read; by default the last day of the data.
    basis : {"incl", "excl"}
        Amounts with VAT (as contracts are counted) or without.

    Raises
    ------
    MissingTableError
        If a table is missing.
    NotIdentifiedError
        If there is no picture of open deals up to the day.
    """
    company.require(*_TABLES)
    code, converted = _money(company, basis)
    end = until or company.data_as_of
    if end <= company.data_as_of and _closes_month(end, company.settings.closing_day):
        # each row looks back alone: rows up to a month's end are those of all rows up to then
        asked = ("pipeline/pictures", basis)
        if asked not in company.remembered:
            query = _query(company, company.data_as_of, basis, converted)
            company.remembered[asked] = company.sql(query, money="float")
        rows = company.remembered[asked]
        rows = rows[rows["day"] <= pd.Timestamp(end)].reset_index(drop=True)
    else:
        rows = company.sql(_query(company, end, basis, converted), money="float")
    if rows.empty:
        raise NotIdentifiedError(
            "no picture of open deals lies before the day of the forecast",
            where=f"opportunity_snapshot up to {end}",
            do="import the open deals again, with --as-of the day they were exported",
        )
    return Pictures(_filled(rows), basis, code)


def endings(
    company: Company, *, until: dt.date | None = None, basis: Basis = "incl"
) -> pd.DataFrame:
    """How and when deals ended, as far as a day knows.

    A deal that is in no picture any more and has no closing day (作废) was lost in the month after
    its last picture.

    Returns
    -------
    pandas.DataFrame
        opportunity_id, end (`WON` or `LOST`), month (number of the month it ended), amount (that
        of the deal when won; missing where none is stated), seen (was in a picture before it
        ended), late (typed in after it closed, 补录), region, product_line; by deal.
    """
    company.require(*_TABLES)
    _, converted = _money(company, basis)
    end = until or company.data_as_of
    month = month_sql(company, "o.close_date")
    last = month_sql(company, "s.last")
    rows = company.sql(
        f"""
        with opportunity as ({converted["opportunity"]}),
        seen as (select opportunity_id, min(snapshot_date) as first, max(snapshot_date) as last
            from opportunity_snapshot where status = 'open' and snapshot_date <= date '{end}'
            group by 1),
        newest as (select max(snapshot_date) as day from opportunity_snapshot
            where snapshot_date <= date '{end}')
        select o.opportunity_id,
            case when o.status = 'won' and o.close_date <= date '{end}' then {WON}
                else {LOST} end as "end",
            case when o.close_date <= date '{end}' then {month} else {last} + 1 end as month,
            {_in_basis("o.amount", "o", basis)} as amount,
            coalesce(s.first < o.close_date, s.first is not null) as seen,
            coalesce(o.entered_date > o.created_date and o.entered_date >= o.close_date, false)
                as late,
            {_region(company, "o.region", "coalesce(o.close_date, s.last)")} as region,
            coalesce(o.product_line, 'unknown') as product_line
        from opportunity o left join seen s using (opportunity_id) cross join newest
        {_owner(company, "coalesce(o.close_date, s.last)")}
        where (o.close_date <= date '{end}' and o.status in ('won', 'lost')
                and coalesce(o.entered_date, o.created_date) <= date '{end}')
            or ((o.close_date is null or o.close_date > date '{end}') and s.last < newest.day)
        order by o.opportunity_id""",
        money="float",
    )
    return rows.astype({"end": np.int64, "month": np.int64})


def month_number(day: dt.date, closing_day: int | None = None) -> int:
    """Number of the month a day is counted in: 12 x year + month - 1."""
    later = closing_day is not None and day.day > closing_day
    return day.year * 12 + day.month - 1 + later


def _closes_month(day: dt.date, closing_day: int | None) -> bool:
    """Whether a day is the last one of its month."""
    after = day + dt.timedelta(days=1)
    return month_number(day, closing_day) != month_number(after, closing_day)


def month_start(month: int) -> pd.Timestamp:
    """First calendar day of a month by its number."""
    return pd.Timestamp(year=month // 12, month=month % 12 + 1, day=1)


def remaining(month: int, day: dt.date, closing_day: int | None = None) -> float:
    """Share of a month's working days that lie after a day of it."""
    last = month_start(month).date() + dt.timedelta(days=31)
    last = last.replace(day=1) - dt.timedelta(days=1)
    first = month_start(month).date()
    if closing_day:
        first, last = (end.replace(day=closing_day) for end in (first - dt.timedelta(days=1), last))
        first += dt.timedelta(days=1)
    calendar = WorkingCalendar()
    if day >= last:
        return 0.0
    left = calendar.working_days(day + dt.timedelta(days=1), last)
    return float(left / max(calendar.working_days(first, last), 1))


def month_sql(company: Company, column: str) -> str:
    """SQL: number of the month a date is counted in, by the company's closing day."""
    number = f"(year({column}) * 12 + month({column}) - 1"
    closing = company.settings.closing_day
    return number + (f" + cast(day({column}) > {closing} as integer))" if closing else ")")


def _in_basis(amount: str, table: str, basis: Basis) -> str:
    """SQL: an amount with or without VAT, at the deal's rate."""
    if basis not in ("incl", "excl"):
        raise ParameterError(
            f"there is no tax basis {basis!r}", where=f"basis={basis!r}", do="use incl or excl"
        )
    turn = "gross_amount" if basis == "incl" else "net_amount"
    return f"{turn}({amount}, {table}.tax_basis, o.tax_rate)"


def _money(company: Company, basis: Basis) -> tuple[str, dict[str, str]]:
    """Currency of the amounts, and what to select each table from so that all are in it."""
    code, turned = currency.settle(company, _TABLES)
    return code, {name: turned.get(name, f"select * from main.{name}") for name in _TABLES}


def _owner(company: Company, day: str) -> str:
    """SQL: the owner of the deal's account on a day, as `a`."""
    if not company.has("assignment"):
        return ""
    return (
        " left join main.assignment a on a.account_id = o.account_id"
        f" and {day} between a.valid_from and coalesce(a.valid_to, date '9999-12-31')"
    )


def _region(company: Company, own: str, day: str) -> str:
    found = f"coalesce(a.region, {own})" if company.has("assignment") else own
    return f"coalesce({found}, 'unknown')"


def _query(company: Company, end: dt.date, basis: Basis, converted: dict[str, str]) -> str:
    account = company.has("account")
    kinds = (
        "c.customer_type, c.ownership" if account else "null as customer_type, null as ownership"
    )
    rep = "coalesce(a.rep_id, o.rep_id)" if company.has("assignment") else "o.rep_id"
    return f"""
    with opportunity as ({converted["opportunity"]}),
    pictured as ({converted["opportunity_snapshot"]}),
    known as (
        select s.opportunity_id, s.snapshot_date as day, s.stage, s.probability as typed,
            s.forecast_category, s.expected_close_date as expected, o.created_date,
            {_in_basis("s.amount", "s", basis)} as amount,
            o.account_id, o.rep_id, o.region, o.channel, o.source, o.product_line
        from pictured s join opportunity o using (opportunity_id)
        where s.status = 'open' and s.snapshot_date <= date '{end}'
            and coalesce(o.entered_date, o.created_date) <= s.snapshot_date),
    before as (
        select *, lag(day) over deal as day_before, lag(stage) over deal as stage_before,
            lag(expected) over deal as expected_before,
            first_value(amount) over deal as amount_first
        from known window deal as (partition by opportunity_id order by day)),
    told as (
        select *, sum(cast(expected > expected_before as integer)) over upto as slips,
            max(case when day_before is null then created_date
                when stage <> stage_before then day_before end) over upto as stage_since,
            day_before is null as first,
            row_number() over (partition by opportunity_id, {month_sql(company, "day")}
                order by day desc) as place
        from before window upto as (partition by opportunity_id order by day
            rows between unbounded preceding and current row)),
    dates as (select {month_sql(company, "snapshot_date")} as month, max(snapshot_date) as day
        from opportunity_snapshot where snapshot_date <= date '{end}' group by 1)
    select o.opportunity_id, o.day, dates.month, o.stage, o.amount,
        coalesce(o.forecast_category, 'unknown') as forecast_category, o.typed,
        ln(greatest(o.amount, 1) / greatest(o.amount_first, 1)) as change,
        cast(o.day - o.created_date as double) as age,
        cast(o.day - o.stage_since as double) as stage_age,
        cast(o.expected - o.day as double) as to_close,
        cast({month_sql(company, "o.expected")} - dates.month as double) as close_in,
        cast(coalesce(o.slips, 0) as double) as slips,
        coalesce(o.source, 'unknown') as source,
        coalesce(o.product_line, 'unknown') as product_line,
        coalesce(o.channel, 'unknown') as channel,
        {_region(company, "o.region", "o.day")} as region,
        coalesce({rep}, 'unknown') as rep_id,
        {kinds}
    from told o join dates using (day) {_owner(company, "o.day")}
    {"left join main.account c on c.account_id = o.account_id" if account else ""}
    where place = 1 order by o.opportunity_id, o.day"""


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with text that is missing named, and the first picture of each deal marked."""
    rows = rows.drop_duplicates(["opportunity_id", "month"], ignore_index=True)
    for column in ("customer_type", "ownership"):
        rows[column] = rows[column].astype(object).where(rows[column].notna(), "unknown")
    rows["first"] = ~rows.duplicated("opportunity_id")
    return rows.astype({"month": np.int64})
