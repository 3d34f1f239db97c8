"""Working days in China: which days are worked, and how many lie in a period.

The yearly notice of the State Council's General Office sets the days off and the weekends worked
in lieu (调休). Years with a notice are exact (`data/china_days_off.csv`); a year without one is
*expected*: the statutory days off by law, those on a weekend moved to the next weekday, no days
in lieu. The number of working days of an expected year is right, their place is not certain:
ask `announced(year)` and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.calendars.days import ONE_DAY, Days, read_rows, to_date, to_days
from workbench.errors import InputError, ParameterError
from workbench.text import Language

FIRST, LAST = date(2008, 1, 1), date(2050, 12, 31)
"""Days known: from the year of the present list of festivals to the end of the lunar table."""

_FESTIVALS = {
    "new_year": ("New Year", "元旦"),
    "spring_festival": ("Spring Festival", "春节"),
    "qingming": ("Qingming", "清明节"),
    "labour_day": ("Labour Day", "劳动节"),
    "dragon_boat": ("Dragon Boat Festival", "端午节"),
    "mid_autumn": ("Mid-Autumn Festival", "中秋节"),
    "national_day": ("National Day", "国庆节"),
    "victory_day": ("Victory Day", "抗战胜利日"),
}


@dataclass(frozen=True)
class WorkingCalendar:
    """The working days of a company in China.

    Parameters
    ----------
    days_off, days_worked : tuple of date
        What the company does otherwise: a shutdown, a weekend worked. They override the notice.

    Examples
    --------
    >>> calendar = WorkingCalendar()
    >>> calendar.working_days("2024-02-01", "2024-02-29")
    18
    """

    days_off: tuple[date, ...] = ()
    days_worked: tuple[date, ...] = ()

    def announced(self, year: int) -> bool:
        """Tell whether the days off of a year are official; if not, they are expected."""
        return year in announced_years()

    def is_working(self, dates: Any) -> Any:
        """Tell whether days are worked: bool for one date, an array of the same shape for many.

        Raises
        ------
        InputError
            If a date is missing or lies outside 2008 to 2050.
        """
        worked = self._table.worked[_place(to_days(dates))]
        return bool(worked) if np.ndim(worked) == 0 else worked

    def working_days(self, start: Any, end: Any) -> Any:
        """Count working days from `start` to `end`, both included.

        An `end` before `start` counts the days between negatively or as none, so that adjoining
        periods always add up. Many dates give an integer array by numpy's broadcasting.
        """
        counts = self._table.passed
        number = counts[_place(to_days(end)) + 1] - counts[_place(to_days(start))]
        return int(number) if np.ndim(number) == 0 else number

    def working_day_index(self, dates: Any, *, from_end: bool = False, fiscal: Any = None) -> Any:
        """Number the working days of a month from its start, or from its end.

        Parameters
        ----------
        dates : one date or many
        from_end : bool
            Count the working days still left, this day included: the last one is 1.
        fiscal : FiscalCalendar, optional
            Months by closing day; default are calendar months.

        Returns
        -------
        int or numpy.ndarray of int
            A day off has the number of the working day before it (from the end: after it),
            0 if the month has none there.
        """
        from workbench.calendars.fiscal import FiscalCalendar

        months = fiscal or FiscalCalendar()
        if from_end:
            return self.working_days(dates, months.month_end(dates))
        return self.working_days(months.month_start(dates), dates)

    def elapsed_share(self, start: Any, end: Any, *, on: Any) -> Any:
        """Share of a period's working days that have passed at the end of day `on` (时间进度).

        0 before the period, 1 from its end on.

        Raises
        ------
        InputError
            If the period has no working day.
        """
        first, last, today = to_days(start), to_days(end), to_days(on)
        whole = np.asarray(self.working_days(first, last))
        if (whole <= 0).any():
            raise InputError("a period has no working day", where=f"{start} to {end}")
        passed = self.working_days(first, np.clip(today, first - ONE_DAY, last)) / whole
        return float(passed) if np.ndim(passed) == 0 else passed

    def add_working_days(self, dates: Any, number: int) -> Any:
        """Go `number` working days on (back if negative); 0 goes on to the next working day.

        Returns
        -------
        datetime.date or numpy.ndarray of datetime64[D]
        """
        place = _place(to_days(dates))
        table = self._table
        here = table.passed[place] + (table.worked[place] & (number > 0))
        there = here + number - (number > 0)
        if (np.asarray(there) < 0).any() or (np.asarray(there) >= len(table.working)).any():
            raise InputError(f"{number} working days lead outside {FIRST.year} to {LAST.year}")
        days = np.datetime64(FIRST, "D") + table.working[there]
        return days.item() if np.ndim(days) == 0 else days

    def festival(self, dates: Any) -> Any:
        """Name the festival of days off: an id such as "spring_festival", "" for none.

        The weekends inside a festival's days off carry its id too; `festival_name` words it.
        """
        names = _official().festivals
        known = np.array(["", *_FESTIVALS])[names[_place(to_days(dates))]]
        return str(known) if np.ndim(known) == 0 else known

    @property
    def _table(self) -> _Table:
        return _company_table(self.days_off, self.days_worked)


def announced_years() -> frozenset[int]:
    """Return the years whose days off are official."""
    return frozenset(int(row["year"]) for row in _notices())


def festival_name(festival: str, lang: Language) -> str:
    """Word a festival's id: "spring_festival" is 春节."""
    if festival not in _FESTIVALS:
        raise ParameterError(
            f"festival {festival!r} is unknown", do=f"choose one of {', '.join(_FESTIVALS)}"
        )
    return lang.pick(*_FESTIVALS[festival])


class _Table(NamedTuple):
    worked: NDArray[np.bool_]  # one entry a day from FIRST
    passed: NDArray[np.int64]  # working days before each day; one entry more
    working: NDArray[np.int64]  # places of the working days


class _Official(NamedTuple):
    worked: NDArray[np.bool_]
    festivals: NDArray[np.int8]  # place in ("", *_FESTIVALS)


def _place(days: Days) -> Any:
    place = (days - np.datetime64(FIRST, "D")).astype(np.int64)
    if place.size and (place.min() < 0 or place.max() > (LAST - FIRST).days):
        raise InputError(
            f"working days are known from {FIRST.year} to {LAST.year} only",
            where=f"{days.min()} to {days.max()}",
            do="leave out or correct the dates outside",
        )
    return place


@lru_cache(maxsize=16)
def _company_table(days_off: tuple[date, ...], days_worked: tuple[date, ...]) -> _Table:
    worked = _official().worked.copy()
    worked[_place(to_days(list(days_off)))] = False
    worked[_place(to_days(list(days_worked)))] = True
    return _Table(worked, np.append(0, np.cumsum(worked)), np.flatnonzero(worked))


@lru_cache(maxsize=1)
def _official() -> _Official:
    days = np.datetime64(FIRST, "D") + np.arange((LAST - FIRST).days + 1)
    worked = np.is_busday(days)
    festivals = np.zeros(len(days), dtype=np.int8)
    rows = [*_notices(), *_expected()]
    for row in rows:
        place = [(to_date(row[end]) - FIRST).days for end in ("off_from", "off_to")]
        worked[place[0] : place[1] + 1] = False
        festivals[place[0] : place[1] + 1] = 1 + list(_FESTIVALS).index(row["festival"])
    for row in rows:
        for day in filter(None, row["worked"].split(";")):
            worked[(to_date(day) - FIRST).days] = True
    return _Official(worked, festivals)


@lru_cache(maxsize=1)
def _notices() -> tuple[dict[str, str], ...]:
    return tuple(read_rows("china_days_off.csv"))


def _expected() -> list[dict[str, str]]:
    """Days off by law of the years without a notice, one row a day."""
    rows = []
    for lunar in read_rows("china_lunar_days.csv"):
        year = int(lunar["year"])
        if FIRST.year <= year <= LAST.year and year not in announced_years():
            rows += _statutory(year, {name: lunar[name] for name in lunar if name != "year"})
    return rows


def _statutory(year: int, lunar: dict[str, str]) -> list[dict[str, str]]:
    """Days off by law (全国年节及纪念日放假办法, as changed for 2008, 2014 and 2025)."""
    eve_off = year < 2014 or year >= 2025
    new_year = to_date(lunar["new_year"]) - timedelta(days=int(eve_off))
    lengths = {
        "new_year": (date(year, 1, 1), 1),
        "spring_festival": (new_year, 4 if year >= 2025 else 3),
        "qingming": (to_date(lunar["qingming"]), 1),
        "labour_day": (date(year, 5, 1), 2 if year >= 2025 else 1),
        "dragon_boat": (to_date(lunar["dragon_boat"]), 1),
        "mid_autumn": (to_date(lunar["mid_autumn"]), 1),
        "national_day": (date(year, 10, 1), 3),
    }
    fixed = [
        (festival, first + timedelta(days=number))
        for festival, (first, length) in lengths.items()
        for number in range(length)
    ]
    return [_day_off(*each) for each in [*fixed, *_moved(fixed)]]


def _moved(fixed: list[tuple[str, date]]) -> list[tuple[str, date]]:
    """Days off given for those that fall on a weekend or on another festival's day."""
    taken = {day for _, day in fixed}
    met: set[date] = set()
    moved = []
    for festival, day in sorted(fixed, key=lambda each: each[1]):
        if day.weekday() >= 5 or day in met:
            moved.append((festival, _next_weekday(day, taken)))
        met.add(day)
    return moved


def _next_weekday(day: date, taken: set[date]) -> date:
    while day in taken or day.weekday() >= 5:
        day += timedelta(days=1)
    taken.add(day)
    return day


def _day_off(festival: str, day: date) -> dict[str, str]:
    text = day.isoformat()
    return {"festival": festival, "off_from": text, "off_to": text, "worked": ""}
