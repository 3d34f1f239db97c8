"""Dates out of text: one of them, or a column at once.

What a form of text says: `date_forms.py`. Whether 8/9/2024 is August or September in a column:
`date_order.py`. Dates are those of Shanghai: an instant with another offset is moved there, and
its midnight is the day itself. Years run from 1970 to 2100.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any, Literal
from zoneinfo import ZoneInfo

from workbench.loaders.values.date_forms import DatePlan, date_plan
from workbench.loaders.values.parsed import Parsed, ParsedColumn
from workbench.loaders.values.texts import digits_of, skeleton

Order = Literal["ymd", "dmy", "mdy"]

FIRST_YEAR, LAST_YEAR = 1970, 2100

#: Serial numbers of a spreadsheet (1900 system) count days from here; right from March 1900 on.
SERIAL_EPOCH = dt.datetime(1899, 12, 30)

#: Parts of a day in which `date_forms` counts the fraction of a serial number.
DAY_PARTS = 10**12

#: Seconds since 1970 that are taken for an instant: 2001 to 2100.
EPOCH_SECONDS = (978_307_200, 4_133_980_800)

#: A day that means "no end".
OPEN_END = 9999_12_31

_HOME = ZoneInfo("Asia/Shanghai")
_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SPAN = {"month": 1, "dot_month": 1, "quarter": 3, "half": 6}
_GRAINS = {"dot_month": "month", "ymd": "day", "slashed": "day", "short": "day"}


def parse_date(
    text: str | None, *, order: Order | None = None, serial: bool = True, epoch: bool = True
) -> Parsed:
    """Read one text as a date.

    Parameters
    ----------
    text : str or None
    order : {"ymd", "dmy", "mdy"}, optional
        Order of day, month and year in texts such as 8/9/2024 and 24-08-21. Without it those are
        refused; 13/9/2024 reads in one way only.
    serial : bool
        Whether 45525 is a day of a spreadsheet.
    epoch : bool
        Whether ten or thirteen digits are seconds or milliseconds since 1970.

    Returns
    -------
    Parsed
        `value` is ISO text, as coarse as the text (2024-08, 2024Q3, 2024H1, 2024), `grain` says
        how coarse. 0000-00-00 and 9999-12-31 are missing, with a flag.

    Notes
    -----
    A bare 2024 is the year, not the serial number of a day in 1905; 202408 is a month. 2024.1 is
    refused: a spreadsheet makes it of 2024.10.
    """
    text = text or ""
    plan = date_plan(skeleton(text))
    if not plan.kind:
        return Parsed(None, reason=plan.reason)
    number = digits_of(text, *plan.day, base=plan.day_base)
    if plan.kind in ("serial", "epoch_ms", "epoch_s"):
        allowed = serial if plan.kind == "serial" else epoch
        return _counted(text, plan, number) if allowed else Parsed(None, reason="not_a_date")
    if number in (0, OPEN_END) and plan.kind in ("ymd", "slashed"):
        return Parsed(None, flags=("open_end" if number else "zero_date",))
    return _calendar(text, plan, number, order)


def date_column(
    texts: Any, *, order: Order | None = None, serial: bool = True, epoch: bool = True
) -> ParsedColumn:
    """Read a column of texts as dates; every text as `parse_date` reads it.

    Parameters
    ----------
    texts : pyarrow.Array or ChunkedArray of string, or what `pyarrow.array` takes
    order, serial, epoch
        As in `parse_date`; the order of a column is decided by `DateEvidence`.

    Returns
    -------
    ParsedColumn
        `values` are timestamps in microseconds without zone, Shanghai time; `units` the grains.
    """
    from workbench.loaders.values.date_columns import read_dates

    return read_dates(texts, order=order, serial=serial, epoch=epoch)


def _calendar(text: str, plan: DatePlan, number: int, order: Order | None) -> Parsed:
    """A date by year, month and day, or coarser."""
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    flags = plan.flags
    if plan.kind == "slashed":
        chosen = _slashed(month, day, order)
        if isinstance(chosen, str):
            return Parsed(None, reason=chosen)
        decided = order in ("dmy", "mdy") and month != day and max(month, day) <= 12
        flags += ("order_decided",) if decided else ()
        month, day = chosen
    elif plan.kind == "short":
        if order is None:
            return Parsed(None, reason="short_year")
        year, month, day = _by_order((year, month, day), order)
        flags += ("order_decided",)
    elif plan.kind == "dot_month" and month == 1:
        return Parsed(None, reason="ambiguous_date")
    if "two_digit_year" in flags:
        year += 2000 if year < 70 else 1900
    if plan.kind in _SPAN and _SPAN[plan.kind] > 1:
        span = _SPAN[plan.kind]
        month = (month - 1) * span + 1
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(max(year, 1), month)[1]):
        return Parsed(None, reason="invalid_date")
    return _dated(text, plan, (year, month, day), flags)


def _dated(text: str, plan: DatePlan, day: tuple[int, int, int], flags: tuple[str, ...]) -> Parsed:
    """The day with its time, moved to Shanghai where an offset is stated."""
    clock = _time(text, plan)
    if clock is None:
        return Parsed(None, reason="invalid_time")
    if not FIRST_YEAR <= day[0] <= LAST_YEAR:
        return Parsed(None, reason="year_out_of_range")
    moment = dt.datetime(*day) + clock
    if plan.zone is not None:
        offset = digits_of(text, *plan.offset)
        minutes = plan.zone * (offset // 100 * 60 + offset % 100)
        if abs(minutes) > 14 * 60 or offset % 100 > 59:
            return Parsed(None, reason="invalid_time")
        local = _home(moment - dt.timedelta(minutes=minutes))
        flags += ("zone_shifted",) if local != moment else ()
        moment = local
    return _said(moment, _GRAINS.get(plan.kind, plan.kind), flags)


def _time(text: str, plan: DatePlan) -> dt.timedelta | None:
    """Time of day; None where there is no such time."""
    if not plan.timed:
        return dt.timedelta()
    number = digits_of(text, *plan.time)
    hour, minute, second = number // 10_000, number // 100 % 100, number % 100
    if plan.half_day == "am" and hour > 12:
        return None
    if plan.half_day == "am" and hour == 12:
        hour = 0
    if (plan.half_day == "pm" and hour < 12) or (plan.half_day == "noon" and hour < 11):
        hour += 12
    if hour > 23 or minute > 59 or second > 59:
        return None
    part = digits_of(text, *plan.part)
    return dt.timedelta(hours=hour, minutes=minute, seconds=second, microseconds=part)


def _counted(text: str, plan: DatePlan, number: int) -> Parsed:
    """A day of a spreadsheet, or an instant since 1970."""
    part = digits_of(text, *plan.part)
    if plan.kind == "serial":
        moment = SERIAL_EPOCH + dt.timedelta(
            days=number, seconds=(part * 86_400 * 2 + DAY_PARTS) // (2 * DAY_PARTS)
        )
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return Parsed(None, reason="year_out_of_range")
        return _said(moment, "day", plan.flags)
    micros = number * 1000 if plan.kind == "epoch_ms" else number * 10**6 + part
    if not EPOCH_SECONDS[0] <= micros // 10**6 < EPOCH_SECONDS[1]:
        return Parsed(None, reason="year_out_of_range")
    local = _home((_UNIX + dt.timedelta(microseconds=micros)).replace(tzinfo=None))
    return _said(local, "day", plan.flags)


def _home(utc: dt.datetime) -> dt.datetime:
    return utc.replace(tzinfo=dt.UTC).astimezone(_HOME).replace(tzinfo=None)


def _said(moment: dt.datetime, grain: str, flags: tuple[str, ...]) -> Parsed:
    """A moment as ISO text of its grain; a day with a time of day is an instant."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return Parsed(None, reason="year_out_of_range")
    if grain == "day" and moment.time() != dt.time():
        return Parsed(moment.isoformat(), grain="instant", flags=flags)
    texts = {
        "day": moment.date().isoformat(),
        "month": f"{moment:%Y-%m}",
        "quarter": f"{moment.year}Q{(moment.month + 2) // 3}",
        "half": f"{moment.year}H{(moment.month + 5) // 6}",
        "year": f"{moment.year}",
    }
    return Parsed(texts[grain], grain=grain, flags=flags)


def _slashed(first: int, second: int, order: Order | None) -> tuple[int, int] | str:
    """Month and day of two numbers before the year, or the reason why not."""
    if order == "mdy":
        return first, second
    if order == "dmy":
        return second, first
    if first == second or first > 12:
        return second, first
    return (first, second) if second > 12 else "ambiguous_date"


def _by_order(numbers: tuple[int, int, int], order: Order) -> tuple[int, int, int]:
    """Year, month and day out of three numbers in the order given."""
    place = dict(zip(order, numbers, strict=True))
    return place["y"], place["m"], place["d"]
