"""Periods of a query: one, or the months, quarters or years it is cut into, and their windows.

Periods follow the company's fiscal calendar and closing day. Each is seen up to `as_of`; what lies
after it is not known and leaves no row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from workbench.calendars import FiscalCalendar, same_period
from workbench.errors import ParameterError
from workbench.settings import CompanySettings

FINEST = ("month", "quarter", "year")
MONTHS_BACK = 36
"""How far the count-back of receivables looks; older debts than that give no number."""

RUNNING = {"balance": 12, "standing": 1}
"""Windows of running totals, and the number of month ends they are averaged over."""

ONE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """One period.

    Attributes
    ----------
    first, last : date
        First and last day asked for.
    seen : date
        Last day that is known: `last`, or the as-of day if that comes first.
    labels : dict of str to date
        First day of the calendar month that names its fiscal month; of its quarter; of its year.
    year_first : date
        First day of the fiscal year it ends in.
    """

    first: dt.date
    last: dt.date
    seen: dt.date
    labels: dict[str, dt.date]
    year_first: dt.date


def day(value: dt.date | str, name: str) -> dt.date:
    """A date from a date, a timestamp or ISO text.

    Raises
    ------
    ParameterError
        If it is none of these.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"{name} is no date", where=f"{name}={value!r}", do="write it as 2026-07-31"
        ) from error


def fiscal(settings: CompanySettings) -> FiscalCalendar:
    """The company's fiscal calendar."""
    return FiscalCalendar(settings.fiscal_start_month, settings.closing_day, settings.week_start)


def spans(
    start: dt.date, end: dt.date, *, as_of: dt.date, by: Sequence[str], calendar: FiscalCalendar
) -> list[Span]:
    """Periods from `start` to `end`, by the finest time cut of `by`; those after `as_of` left out.

    Raises
    ------
    ParameterError
        If the end lies before the start.
    """
    if end < start:
        raise ParameterError(
            "the period ends before it begins",
            where=f"start={start}, end={end}",
            do="give the earlier day as start",
        )
    finest = next((cut for cut in FINEST if cut in by), None)
    if finest is None:
        stretches = [(start, end)]
    else:
        whole = calendar.periods(start, end, by=finest)
        stretches = [(max(period.start, start), min(period.end, end)) for period in whole]
    return [_span(*each, as_of, calendar) for each in stretches if each[0] <= as_of]


@lru_cache(maxsize=4096)
def _span(first: dt.date, last: dt.date, as_of: dt.date, calendar: FiscalCalendar) -> Span:
    seen = min(last, as_of)
    keys = {cut: calendar.period(last, by=cut) for cut in FINEST}
    labels = {cut: _label(period.start, calendar) for cut, period in keys.items()}
    return Span(first, last, seen, labels, calendar.period(seen, by="year").start)


def _label(start: dt.date, calendar: FiscalCalendar) -> dt.date:
    """First day of the calendar month that names the fiscal month a period starts with."""
    month = calendar.month_key(start).astype("datetime64[D]").item()
    return dt.date(month.year, month.month, 1)


def previous(first: dt.date, last: dt.date, calendar: FiscalCalendar) -> tuple[dt.date, dt.date]:
    """The period of the same length before: as many fiscal months if it is whole months."""
    starts = calendar.month_start(first).item() == first
    if starts and calendar.month_end(last).item() == last:
        count = len(calendar.periods(first, last, by="month"))
        before = first
        for _ in range(count):
            before = calendar.period(before - ONE, by="month").start
        return before, first - ONE
    return first - (last - first) - ONE, first - ONE


def year_up_to(seen: dt.date) -> tuple[dt.date, dt.date]:
    """The twelve months that end with a day."""
    return same_period(seen, seen)[1] + ONE, seen


@dataclass(frozen=True, slots=True)
class Lap:
    """One window of a period: lap 0 is the present one, 1 the one before it."""

    period: int
    number: int
    first: dt.date
    last: dt.date
    ends: int = 0


def laps(periods: Sequence[Span], window: str, count: int, calendar: FiscalCalendar) -> list[Lap]:
    """Windows of all periods; for running totals, stretches of days with their weight."""
    found: list[Lap] = []
    for number, span in enumerate(periods):
        found += _laps(number, span, window, count, calendar)
    if window in RUNNING:  # the oldest stretch stands for all days before it as well
        months, oldest = RUNNING[window], min(lap.first for lap in found)
        found = [replace(lap, first=oldest) if lap.ends == months else lap for lap in found]
    return found


def _laps(
    number: int, span: Span, window: str, count: int, calendar: FiscalCalendar
) -> Iterator[Lap]:
    if window == "months":
        yield from _months(number, span.seen, calendar)
    elif window in RUNNING:
        yield from _running(number, span.seen, RUNNING[window], calendar)
    elif window == "year":
        yield Lap(number, 0, *year_up_to(span.seen))
        if count > 1:
            yield Lap(number, 1, *year_up_to(year_up_to(span.seen)[0] - ONE))
    else:
        yield Lap(number, 0, span.first, span.seen)
        if count > 1:
            yield Lap(number, 1, *previous(span.first, span.seen, calendar))


def _months(number: int, seen: dt.date, calendar: FiscalCalendar) -> Iterator[Lap]:
    last = seen
    for back in range(MONTHS_BACK):
        first = calendar.period(last, by="month").start
        yield Lap(number, back, first, last)
        last = first - ONE


def _running(number: int, seen: dt.date, months: int, calendar: FiscalCalendar) -> Iterator[Lap]:
    """Stretches of days, each with the number of month ends (and the day itself) on or after it.

    A change on a day counts in the balance of that many ends.
    """
    ends = [seen]
    while len(ends) < months:
        ends.append(calendar.period(ends[-1], by="month").start - ONE)
    for place, end in enumerate(ends):
        before = ends[place + 1] + ONE if place + 1 < months else end
        yield Lap(number, 0, before, end, ends=place + 1)
