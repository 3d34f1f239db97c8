"""The fiscal calendar of a company: which month, quarter and year a day is booked in.

A month may close before its last day (many factories close on the 25th): the days after it belong
to the next month. Months carry the name of the calendar month they close in; years and quarters
start with the fiscal year's first month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from workbench.calendars.days import ONE_DAY, Days, to_date, to_days
from workbench.errors import InputError, ParameterError
from workbench.text import Language

KINDS = ("week", "month", "quarter", "year")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One fiscal week, month, quarter or year.

    Attributes
    ----------
    start, end : date
        First and last day.
    kind : {"week", "month", "quarter", "year"}
    year : int
        Fiscal year it lies in (for months: calendar year of its name).
    number : int
        Month 1–12 by its name, quarter 1–4 of the fiscal year, week counted from the fiscal
        year's start; 1 for a year.
    calendar_year : bool
        Whether fiscal years are calendar years, which decides how they are worded.
    """

    start: date
    end: date
    kind: str
    year: int
    number: int
    calendar_year: bool = True

    @property
    def days(self) -> int:
        """Number of days, working or not."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day <= self.end

    def label(self, lang: Language, *, short: bool = False) -> str:
        """Name the period: 2026年7月, 2026年一季度, 2026财年; `short` for axes: 7月, 2026Q1."""
        if self.kind == "month":
            return lang.month((self.year, self.number), year=not short)
        if self.kind == "week":
            day = lang.date(self.start, style="short" if short else "long")
            return day if short else lang.pick(f"week from {day}", f"{day}起一周")
        year = lang.year(self.year) if self.calendar_year else lang.fiscal_year(self.year)
        if self.kind == "year":
            return year
        if short:
            return f"{'' if self.calendar_year else 'FY'}{self.year}Q{self.number}"
        if self.calendar_year:
            return lang.quarter(self.year, self.number)
        return lang.pick(f"Q{self.number} {year}", f"{year}{'一二三四'[self.number - 1]}季度")


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """Fiscal months, quarters, years and weeks.

    Parameters
    ----------
    start_month : int, 1 to 12
        First month of the fiscal year.
    closing_day : int, 1 to 31, or None
        Last day of each month; None, 31, and a day the month does not have: its last day.
    week_start : int, 0 to 6
        First day of the week, 0 is Monday.
    named_by : {"start", "end"}
        Whether a fiscal year across two calendar years is named by the first or the second.

    Raises
    ------
    ParameterError
        If one lies outside its bounds.

    Examples
    --------
    >>> FiscalCalendar(closing_day=25).month("2026-07-26")
    8
    """

    start_month: int = 1
    closing_day: int | None = None
    week_start: int = 0
    named_by: str = "start"

    def __post_init__(self) -> None:
        bounds = {"start_month": (1, 12), "closing_day": (1, 31), "week_start": (0, 6)}
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ParameterError(f"{name} is {value}", do=f"choose from {low} to {high}")
        if self.named_by not in ("start", "end"):
            raise ParameterError(f"named_by is {self.named_by!r}", do='choose "start" or "end"')

    def month_key(self, dates: Any) -> Any:
        """Return the calendar month that names each day's fiscal month, as datetime64[M]."""
        days = to_days(dates)
        months = days.astype("datetime64[M]")
        return months + (days > self._closing(months)).astype(int)

    def month(self, dates: Any) -> Any:
        """Return the fiscal month of each day by its name, 1 to 12."""
        return _plain(_month_number(self.month_key(dates)))

    def quarter(self, dates: Any) -> Any:
        """Return the quarter of the fiscal year of each day, 1 to 4."""
        return _plain((_month_number(self.month_key(dates)) - self.start_month) % 12 // 3 + 1)

    def year(self, dates: Any) -> Any:
        """Return the fiscal year of each day."""
        return _plain(self._year(self.month_key(dates)))

    def month_start(self, dates: Any) -> Any:
        """Return the first day of each day's fiscal month, as datetime64[D]."""
        return self._closing(self.month_key(dates) - 1) + ONE_DAY

    def month_end(self, dates: Any) -> Any:
        """Return the last day of each day's fiscal month, as datetime64[D]."""
        return self._closing(self.month_key(dates))

    def period(self, day: Any, *, by: str = "month") -> Period:
        """Return the week, month, quarter or year a day lies in."""
        _check_kind(by)
        when = to_date(day)
        if by == "week":
            return self._week(when - timedelta(days=(when.weekday() - self.week_start) % 7))
        return self._months(self._first_key(self.month_key(when), by), by)

    def periods(self, start: Any, end: Any, *, by: str = "month") -> tuple[Period, ...]:
        """Return all periods that have a day from `start` to `end`, in order.

        The first and last may reach beyond; they are returned whole.

        Raises
        ------
        InputError
            If `end` lies before `start`.
        """
        if to_date(end) < to_date(start):
            raise InputError("the end lies before the start", where=f"{start} to {end}")
        return tuple(self._walk(start, to_date(end), by))

    def year_to_date(self, day: Any) -> tuple[date, date]:
        """Return the first day of the fiscal year and the day itself."""
        return self.period(day, by="year").start, to_date(day)

    def year_period(self, year: int) -> Period:
        """Return a fiscal year by its name."""
        back = self.named_by == "end" and self.start_month > 1
        first = np.datetime64(f"{year - back:04d}-{self.start_month:02d}", "M")
        return self._months(first, "year")

    def month_period(self, year: int, month: int) -> Period:
        """Return a fiscal month by the calendar month that names it."""
        return self._months(np.datetime64(f"{year:04d}-{month:02d}", "M"), "month")

    def label(self, start: Any, end: Any, lang: Language) -> str:
        """Name a stretch of days: 2026年1–7月 where it is whole fiscal months, else its dates."""
        first, last = to_date(start), to_date(end)
        whole = self.month_start(first) == first and self.month_end(last) == last
        if not whole:
            return lang.period(first, last)
        year = self.period(first, by="year")
        if (year.start, year.end) == (first, last):
            return year.label(lang)
        keys = self.month_key([first, last])
        return lang.period(keys[0].astype("datetime64[D]"), _last_day(keys[1]))

    def _closing(self, months: Any) -> Days:
        last = _last_day(months)
        if self.closing_day is None:
            return last
        closing = months.astype("datetime64[D]") + np.timedelta64(self.closing_day - 1, "D")
        return np.minimum(last, closing)

    def _year(self, keys: Any) -> Any:
        years = keys.astype("datetime64[Y]").astype(int) + 1970
        started = years - (_month_number(keys) < self.start_month)
        return started + (self.named_by == "end" and self.start_month > 1)

    def _first_key(self, key: Any, by: str) -> Any:
        return key - (_month_number(key) - self.start_month) % 12 % _MONTHS[by]

    def _months(self, first: Any, by: str) -> Period:
        numbers = {
            "month": int(_month_number(first)),
            "quarter": int((_month_number(first) - self.start_month) % 12 // 3 + 1),
            "year": 1,
        }
        year = first.astype("datetime64[Y]").astype(int) + 1970
        return Period(
            start=to_date(self._closing(first - 1) + ONE_DAY),
            end=to_date(self._closing(first + _MONTHS[by] - 1)),
            kind=by,
            year=int(year if by == "month" else self._year(first)),
            number=numbers[by],
            calendar_year=self.start_month == 1,
        )

    def _week(self, first: date) -> Period:
        year = self.period(first, by="year")
        number = (first - year.start).days // 7 + 1
        plain = self.start_month == 1
        return Period(first, first + timedelta(days=6), "week", year.year, number, plain)

    def _walk(self, start: Any, end: date, by: str) -> Iterator[Period]:
        period = self.period(start, by=by)
        while period.start <= end:
            yield period
            period = self.period(period.end + timedelta(days=1), by=by)


def _last_day(months: Any) -> Any:
    return (months + 1).astype("datetime64[D]") - ONE_DAY


def _month_number(keys: Any) -> Any:
    return keys.astype("datetime64[M]").astype(int) % 12 + 1


def _plain(numbers: Any) -> Any:
    return int(numbers) if np.ndim(numbers) == 0 else numbers


def _check_kind(by: str) -> None:
    if by not in KINDS:
        raise ParameterError(f"periods by {by!r} are unknown", do=f"choose one of {KINDS}")
