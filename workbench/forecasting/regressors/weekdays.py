"""Which days were worked from 1980 on: the working calendar, and the law of the time before it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.calendars import WorkingCalendar, chinese_new_year
from workbench.calendars.china import FIRST, LAST

_START = np.datetime64("1980-01-01", "D")


@lru_cache(maxsize=4)
def daily_working(calendar: WorkingCalendar) -> tuple[np.datetime64, NDArray[np.bool_]]:
    """Return the first day known and, for each day from it to 2050, whether it is worked.

    Notes
    -----
    Before 2008: weekdays less the days off by law (全国年节及纪念日放假办法): New Year's Day, three
    days of the Chinese New Year, 1 May and 1 to 2 October, from 2000 on three days each; those on
    a weekend are given on the next weekday. Saturdays, worked until 1995, count as off all along.
    """
    known = np.arange(np.datetime64(FIRST, "D"), np.datetime64(LAST, "D") + 1)
    before = np.arange(_START, known[0])
    worked = np.concatenate([_by_law(before), calendar.is_working(known)])
    return _START, worked


def _by_law(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    worked = np.is_busday(days)
    for year in range(1980, FIRST.year):
        may, october = (3, 3) if year >= 2000 else (1, 2)
        new_year = np.datetime64(chinese_new_year(year), "D")
        for first, length in (
            (np.datetime64(f"{year}-01-01"), 1),
            (new_year, 3),
            (np.datetime64(f"{year}-05-01"), may),
            (np.datetime64(f"{year}-10-01"), october),
        ):
            place = int((first - _START).astype(int))
            given = np.flatnonzero(worked[place:])[:length] + place
            worked[given] = False
    return worked
