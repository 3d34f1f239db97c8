"""What an analysis looks at: a company, a period, the regions chosen, the prior period beside it.

Every question starts from the same two pieces of SQL, so that the same figure is the same
everywhere: `scope.lines` (order lines and returns, net of VAT, with the region of the
organisation in use; computed once and kept) and `scope.region_of(...)`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from workbench.company import Company
from workbench.errors import ParameterError
from workbench.kpis import rows_of

ORDERS = ("account_id", "order_id", "day", "net")


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends included."""

    start: dt.date
    end: dt.date

    def back(self, years: int = 1) -> Window:
        """The same calendar days some years earlier; 29 February becomes the 28th."""
        return Window(_years_back(self.start, years), _years_back(self.end, years, last=True))

    def holds(self, column: str) -> str:
        """SQL condition that a date column lies in the window."""
        return f"{column} between date '{self.start}' and date '{self.end}'"

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1


def _years_back(day: dt.date, years: int, *, last: bool = False) -> dt.date:
    # A window that ends with the month must end with it in the other year as well.
    if last and (day + dt.timedelta(days=1)).day == 1:
        following = day + dt.timedelta(days=1)
        return following.replace(year=following.year - years) - dt.timedelta(days=1)
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def window(
    span: str, as_of: dt.date, *, fiscal_start_month: int = 1, closing_day: int | None = None
) -> Window:
    """The window of a span that ends at `as_of`.

    Parameters
    ----------
    span : {"ytd", "quarter", "month", "rolling12"}
        Fiscal year to date, fiscal quarter to date, month to date, last twelve months.
    as_of : datetime.date
        Last day.
    closing_day : int or None
        Day the month closes; days after it belong to the next month. None: calendar months.

    Raises
    ------
    ParameterError
        If the span is not one of these.
    """
    month = month_of(as_of, closing_day)
    months_in = (month.month - fiscal_start_month) % 12
    back = {"ytd": months_in, "quarter": months_in % 3, "month": 0, "rolling12": 11}
    if span not in back:
        raise ParameterError(
            f"there is no span {span!r}", where=f"span={span!r}", do=f"use one of {', '.join(back)}"
        )
    if span == "rolling12":
        return Window(_years_back(as_of, 1, last=True) + dt.timedelta(days=1), as_of)
    count = month.year * 12 + month.month - 1 - back[span]
    first = dt.date(count // 12, count % 12 + 1, 1)
    if closing_day:
        closed = (first - dt.timedelta(days=1)).replace(day=closing_day)
        first = closed + dt.timedelta(days=1)
    return Window(first, as_of)


def month_of(day: dt.date, closing_day: int | None) -> dt.date:
    """First calendar day of the month a day is counted in."""
    first = day.replace(day=1)
    if closing_day and day.day > closing_day:
        return (first + dt.timedelta(days=32)).replace(day=1)
    return first


@dataclass(frozen=True)
class Scope:
    """A company seen over one window, in some regions or all.

    Attributes
    ----------
    company : Company
        Its organisation setting (today, a day, at the time) decides the region of each row.
    now : Window
        The period reported.
    regions : tuple of str
        Codes of the regions looked at; empty means all.
    """

    company: Company
    now: Window
    regions: tuple[str, ...] = ()

    @property
    def prior(self) -> Window:
        """The same calendar period a year ago."""
        return self.now.back()

    @cached_property
    def known_regions(self) -> tuple[str, ...]:
        """Codes of all regions that own an account or carry a sale, in alphabetical order."""
        sources = ["attribution"] if self.company.has("assignment") else []
        sources += [name for name in ("order_line", "opportunity") if self.company.has(name)]
        union = " union ".join(f"select region from {name}" for name in sources)
        found = self.company.sql(
            f"select region from ({union}) where region is not null order by 1"
        )
        return tuple(found["region"])

    @cached_property
    def first_day(self) -> dt.date | None:
        """First day of recognised revenue, or of deals; what lies before it is not known."""
        sources = {"order_line": "recognised_date", "opportunity": "created_date"}
        name, column = next(pair for pair in sources.items() if self.company.has(pair[0]))
        found = self.company.sql(f"select min({column}) as day from {name}")["day"].iloc[0]
        return None if pd.isna(found) else found.date()

    def month(self, column: str) -> str:
        """SQL: first day of the month a date is counted in, by the company's closing day."""
        closing = self.company.settings.closing_day
        month = f"date_trunc('month', {column})"
        if closing:
            month += f" + case when day({column}) > {closing} then interval 1 month"
            month += " else interval 0 month end"
        return f"cast({month} as date)"

    @property
    def has_prior(self) -> bool:
        """Whether the data reach back over the whole prior period."""
        return self.first_day is not None and self.first_day <= self.prior.start + dt.timedelta(31)

    def region_of(self, table: str, date: str, *, own: str | None = "region") -> tuple[str, str]:
        """SQL for the region of a table's rows: an expression and the join it needs.

        Parameters
        ----------
        table : str
            Alias of the table; must have account_id.
        date : str
            Its date column, for the organisation of the time.
        own : str or None
            Its own region column, used where nobody owns the account.
        """
        if not self.company.has("assignment") and not self.company.has("account"):
            return (f"{table}.{own}" if own else "null"), ""
        join = (
            f"left join attribution a on a.account_id = {table}.account_id"
            f" and {table}.{date} between a.valid_from and a.valid_to"
        )
        return (f"coalesce(a.region, {table}.{own})" if own else "a.region"), join

    def chosen(self, expression: str) -> str:
        """SQL condition that a region is one of those chosen; `true` when all are."""
        if not self.regions:
            return "true"
        quoted = ", ".join("'" + region.replace("'", "''") + "'" for region in self.regions)
        return f"{expression} in ({quoted})"

    @property
    def lines(self) -> str:
        """Recognised order lines and returns: what to select from in SQL.

        Columns: account_id, product_id, product_line, region, channel, day, quantity, net
        (without VAT), list_net (at list price without VAT; missing without list price).
        Returns are rows with negative quantity and net on their return date.
        """
        return self.company.kept(self._lines)

    @cached_property
    def _lines(self) -> str:
        region, join = self.region_of("l", "order_date")
        sold = f"""
            select l.account_id, l.product_id, l.product_line, {region} as region, l.channel,
                l.recognised_date as day, l.quantity,
                net_amount(l.amount, l.tax_basis, l.tax_rate) as net,
                net_amount(cast(l.quantity * l.list_price as decimal(18,2)),
                    l.tax_basis, l.tax_rate) as list_net
            from order_line l {join} where l.recognised_date is not null"""
        if not self.company.has("return_refund"):
            return f"select * from ({sold}) where {self.chosen('region')}"
        returned = f"""
            select l.account_id, l.product_id, l.product_line, {region} as region, l.channel,
                l.day, -l.quantity, -l.net as net, -l.list_net as list_net
            from {rows_of(self.company, "returned")} l {join}"""
        return f"select * from ({sold} union all {returned}) where {self.chosen('region')}"

    @property
    def customers(self) -> str:
        """Accounts with recognised lines or returns in the regions chosen: account_id."""
        return self.company.kept(f"select distinct account_id from {self.lines}")

    @property
    def orders(self) -> str:
        """Order lines by order date: what to select from in SQL.

        Columns: account_id, order_id, day, net (without VAT); of all regions.
        """
        return rows_of(self.company, "ordered", ORDERS)

    @property
    def rebates(self) -> str:
        """SQL of rebates earned, net of VAT: account_id, region, day (end of period), net."""
        region, join = self.region_of("p", "period_end")
        return f"""
            (select p.account_id, {region} as region, p.period_end as day,
                net_amount(p.amount, p.tax_basis, p.tax_rate) as net
            from (select * from rebate join partner using (partner_id)) p {join}
            where {self.chosen(region)})"""
