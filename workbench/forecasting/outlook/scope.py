"""What a forecast looks at: a company, the last closed month, the months ahead, the regions.

Months are those of the company's fiscal calendar, named by the calendar month they close in. A
month that is not over counts as a month ahead: its part seen so far is in no figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.calendars import FiscalCalendar
from workbench.company import Company
from workbench.errors import InputError, ParameterError
from workbench.text import mark

#: What may be forecast, with the table it is counted from and the date that counts.
SOURCES = {
    "bookings": ("contract", "signed_date"),
    "revenue_net": ("order_line", "recognised_date"),
    "collections": ("receipt", "receipt_date"),
}


@dataclass(frozen=True)
class Scope:
    """A company seen from the end of a month.

    Attributes
    ----------
    company : Company
        Its organisation setting decides the region of each row.
    kpi : {"bookings", "revenue_net"}
        What is forecast beside collections.
    last : pandas.Timestamp
        Name of the last closed month (its first calendar day).
    horizon : int
        Months ahead.
    from_year_start : bool
        Whether the total counts from the beginning of the fiscal year, or the months ahead alone.
    regions : tuple of str
        Codes of the regions looked at; empty means all.
    """

    company: Company
    kpi: str
    last: pd.Timestamp
    horizon: int
    from_year_start: bool = True
    regions: tuple[str, ...] = ()

    @cached_property
    def months(self) -> pd.DatetimeIndex:
        """Months ahead, by the first calendar day of the month that names them."""
        return pd.date_range(self.last, periods=self.horizon + 1, freq="MS")[1:]

    @cached_property
    def begin(self) -> pd.Timestamp:
        """First month of the total."""
        first = self.months[0]
        if not self.from_year_start:
            return first
        back = (first.month - self.company.settings.fiscal_start_month) % 12
        return first - pd.DateOffset(months=back)

    @property
    def end(self) -> pd.Timestamp:
        """Last month of the total."""
        return self.months[-1]

    @cached_property
    def calendar(self) -> FiscalCalendar:
        """The company's fiscal calendar."""
        return fiscal(self.company)

    @property
    def day(self) -> dt.date:
        """Last day of the last closed month: what later days brought is not looked at."""
        return self.closing(self.last)

    @property
    def calendar_start(self) -> dt.date:
        """First day of the total."""
        return self.calendar.month_period(self.begin.year, self.begin.month).start

    def closing(self, month: pd.Timestamp) -> dt.date:
        """Last day of a month of the company's calendar."""
        return self.calendar.month_period(month.year, month.month).end

    @cached_property
    def done(self) -> pd.DatetimeIndex:
        """Closed months of the total."""
        return pd.date_range(self.begin, self.last, freq="MS")

    @cached_property
    def whole(self) -> pd.DatetimeIndex:
        """All months of the total."""
        return pd.date_range(self.begin, self.end, freq="MS")

    @cached_property
    def whole_before(self) -> pd.DatetimeIndex:
        """The months of the total a year before."""
        return self.whole - pd.DateOffset(years=1)

    @property
    def currency(self) -> str:
        """Base currency of the company."""
        return self.company.settings.base_currency

    def earlier(self, months: int, *, horizon: int | None = None) -> Scope:
        """The same seen some months earlier; the total ends where it did unless told otherwise."""
        last = self.last - pd.DateOffset(months=months)
        return replace(self, last=last, horizon=horizon or self.horizon + months)

    def a_year_ago(self) -> Scope:
        """The same seen a year earlier."""
        return self.earlier(12, horizon=self.horizon)

    def chosen(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of the regions looked at."""
        if not self.regions or "region" not in frame.columns:
            return frame
        return frame[frame["region"].isin(self.regions)].reset_index(drop=True)


def scope(
    company: Company,
    *,
    kpi: str = "auto",
    as_of: dt.date | None = None,
    horizon: int = 0,
    regions: Sequence[str] = (),
) -> Scope:
    """What to look at.

    Parameters
    ----------
    company : Company
    kpi : {"auto", "bookings", "revenue_net"}
        Auto takes bookings where there are contracts, else revenue.
    as_of : datetime.date, optional
        Day of the forecast; the last day of the data if none.
    horizon : int
        Months ahead; 0 goes to the end of the fiscal year.
    regions : sequence of str
        Only these.

    Raises
    ------
    InputError
        If the company has nothing to forecast, or no month is closed yet.
    ParameterError
        If a region is not known.
    """
    found = _kpi(company, kpi)
    day = min(as_of or company.data_as_of, company.data_as_of)
    last = _last_closed(fiscal(company), day)
    to_year_end = 12 - (last.month - company.settings.fiscal_start_month + 1) % 12
    looked = Scope(
        company,
        found,
        last,
        horizon or to_year_end,
        from_year_start=not horizon,
        regions=tuple(regions),
    )
    _check_regions(looked)
    return looked


def fiscal(company: Company) -> FiscalCalendar:
    """Fiscal calendar of a company."""
    settings = company.settings
    return FiscalCalendar(settings.fiscal_start_month, settings.closing_day, settings.week_start)


def _kpi(company: Company, asked: str) -> str:
    offered = [asked] if asked != "auto" else ["bookings", "revenue_net"]
    for name in offered:
        if company.has(SOURCES[name][0]):
            return name
    if asked != "auto":
        company.require(SOURCES[asked][0])
    raise InputError(
        mark("there is nothing to forecast"),
        where=str(company.folder),
        do=mark("add contract or order_line: `workbench template order_line -o lines.xlsx`"),
    )


def _last_closed(calendar: FiscalCalendar, day: dt.date) -> pd.Timestamp:
    month = calendar.period(day)
    key = np.asarray(calendar.month_key([day]))[0]
    name = pd.Timestamp(key.astype("datetime64[D]"))
    return name if month.end <= day else name - pd.DateOffset(months=1)


def _check_regions(looked: Scope) -> None:
    if not looked.regions:
        return
    from workbench.forecasting.outlook.monthly import cells

    known = sorted(set(cells(looked, looked.kpi, every=True)["region"]))
    unknown = sorted(set(looked.regions) - set(known))
    if unknown:
        raise ParameterError(
            mark("there is no region of this code"),
            where=f"regions: {', '.join(unknown)}",
            do=", ".join(known),
        )
