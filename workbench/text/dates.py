"""Days, months, quarters and periods in words.

Months are 1–12月 and Jan–Dec; a period is named by the largest unit that fits it exactly:
2026年, 2026年一季度, 2026年1–7月, 2026年7月3–15日. Periods here are calendar ones; the fiscal
calendar of a company (`workbench.calendars`) says which dates a period has.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workbench.errors import InputError
from workbench.text.numbers import DASH, MISSING_TYPES

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_QUARTERS = "一二三四"
_HOME = "Asia/Shanghai"


def to_date(value: Any) -> date | None:
    """Read a date, datetime, ISO text, numpy or pandas stamp; None if it is missing.

    An instant with a zone is read as its date in Shanghai.

    Raises
    ------
    InputError
        If the value is no date.
    """
    if value is None or type(value).__name__ in MISSING_TYPES or value != value:
        return None
    if hasattr(value, "astype"):
        value = value.astype("datetime64[D]").item()
    if isinstance(value, datetime):
        return (value.astimezone(ZoneInfo(_HOME)) if value.tzinfo else value).date()
    if value is None or isinstance(value, date):
        return value
    return _read(value)


def _read(value: Any) -> date:
    try:
        if hasattr(value, "start_time"):
            return value.start_time.date()
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{value!r} is not a date", do="hand in a date, a timestamp or text such as 2026-07-31"
        ) from error


def day(value: Any, *, code: str, style: str = "iso") -> str:
    """Write a day: "iso" 2026-07-31, "long" 2026年7月31日, "short" 7月31日."""
    when = to_date(value)
    if when is None:
        return DASH
    if style == "iso":
        return when.isoformat()
    if code == "zh":
        text = f"{when.month}月{when.day}日"
        return f"{when.year}年{text}" if style == "long" else text
    if style == "long":
        return f"{when.day} {_LONG_MONTHS[when.month - 1]} {when.year}"
    return f"{when.day} {_MONTHS[when.month - 1]}"


def month_number(value: Any) -> tuple[int | None, int]:
    """Read year and month from 7, "2026-07", (2026, 7), a date or a monthly period."""
    if isinstance(value, tuple):
        year, month = value
    elif isinstance(value, str) and len(value) == 7:
        year, month = int(value[:4]), int(value[5:])
    elif hasattr(value, "month") and hasattr(value, "year"):
        year, month = value.year, value.month
    elif hasattr(value, "astype") and "datetime" in str(getattr(value, "dtype", "")):
        return month_number(to_date(value))
    else:
        year, month = None, int(value)
    if not 1 <= month <= 12:
        raise InputError(f"{value!r} is not a month", do="months run from 1 to 12")
    return year, int(month)


def month(value: Any, *, code: str, year: bool = False, long: bool = False) -> str:
    """Write a month: 7月, "Jul", `long` "July"; with `year` 2026年7月, "Jul 2026"."""
    in_year, number = month_number(value)
    text = f"{number}月" if code == "zh" else (_LONG_MONTHS if long else _MONTHS)[number - 1]
    if not year or in_year is None:
        return text
    return f"{in_year}年{text}" if code == "zh" else f"{text} {in_year}"


def months(first: Any, last: Any, *, code: str, long: bool = False) -> str:
    """Write a run of months without a year: 1–2月, "Jan–Feb", `long` "January to February"."""
    start, end = month_number(first)[1], month_number(last)[1]
    if start == end:
        return month(start, code=code, long=long)
    if code == "zh":
        return f"{start}{DASH}{end}月"
    return _to(long).join(month(each, code=code, long=long) for each in (start, end))


def quarter(year: int, number: int, *, code: str, short: bool = False) -> str:
    """Write a quarter: 2026年一季度, "Q1 2026"; short 2026Q1 for axes, in both languages."""
    if short:
        return f"{year}Q{number}"
    return f"{year}年{_QUARTERS[number - 1]}季度" if code == "zh" else f"Q{number} {year}"


def period(start: Any, end: Any = None, *, code: str, long: bool = False) -> str:
    """Write a period, both ends included, by the largest unit that fits it.

    `start` alone may be a pandas Period; as `end` a Period means its last day. `long` writes
    English months out, for titles: "January to July 2026".
    """
    first = to_date(start)
    last = _last_day(start if end is None else end)
    if first is None or last is None:
        return DASH
    if last < first:
        raise InputError("a period ends before it starts", where=f"{first} to {last}")
    whole = first.day == 1 and (last + timedelta(days=1)).day == 1
    return _whole_months(first, last, code, long) if whole else _days(first, last, code)


def _last_day(value: Any) -> date | None:
    return value.end_time.date() if hasattr(value, "end_time") else to_date(value)


def _whole_months(first: date, last: date, code: str, long: bool) -> str:
    if (first.month, last.month) == (1, 12):
        return years(first.year, last.year, code=code)
    if first.year != last.year:
        ends = [month(end, code=code, year=True, long=long) for end in (first, last)]
        return (DASH if code == "zh" else _to(long)).join(ends)
    if first.month % 3 == 1 and last.month == first.month + 2:
        return quarter(first.year, last.month // 3, code=code)
    text = months(first, last, code=code, long=long)
    return f"{first.year}年{text}" if code == "zh" else f"{text} {first.year}"


def _to(long: bool) -> str:
    return " to " if long else DASH


def _days(first: date, last: date, code: str) -> str:
    if first == last:
        return _dated(first, code)
    if first.year != last.year:
        return DASH.join(_dated(end, code) for end in (first, last))
    if code == "zh":
        tail = f"{last.day}日" if first.month == last.month else day(last, code=code, style="short")
        head = day(first, code=code, style="long")
        return f"{head[:-1] if first.month == last.month else head}{DASH}{tail}"
    same = first.month == last.month
    head = str(first.day) if same else day(first, code=code, style="short")
    return f"{head}{DASH}{_dated(last, code)}"


def _dated(when: date, code: str) -> str:
    text = day(when, code=code, style="short")
    return f"{when.year}年{text}" if code == "zh" else f"{text} {when.year}"


def years(first: int, last: int | None = None, *, code: str) -> str:
    """Write a year or a run of years: 2026年, 2024–2026年."""
    text = str(first) if last in (None, first) else f"{first}{DASH}{last}"
    return text + "年" if code == "zh" else text
