"""Days as integers: working days, dates by hazard. Shared by deliveries, claims and payments.

A day is an integer count since 1970-01-01 (as datetime64[D] counts). `NEVER` stands for a date
beyond everything simulated.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.calendars import WorkingCalendar, chinese_new_year

Days = NDArray[np.int64]
FIRST = int(np.datetime64("2015-01-01", "D").astype(int))
LAST = int(np.datetime64("2032-12-31", "D").astype(int))
NEVER = LAST + 1


def day(iso: str) -> int:
    """Integer of an ISO date."""
    return int(np.datetime64(iso, "D").astype(int))


def as_days(dates: ArrayLike) -> Days:
    """Integers of dates; missing ones become `NEVER`."""
    values = np.asarray(dates).astype("M8[D]")
    return np.where(np.isnat(values), NEVER, values.astype(np.int64))


def as_dates(days: Days, *, until: int = LAST) -> NDArray[np.datetime64]:
    """Dates of integers (seconds, as pandas keeps them); missing where later than `until`."""
    dates = np.asarray(days, np.int64).astype("M8[D]").astype("M8[s]")
    return np.where(np.asarray(days) > until, np.datetime64("NaT", "s"), dates)


@lru_cache(maxsize=1)
def _working() -> tuple[NDArray[np.bool_], Days, Days]:
    days = np.arange(FIRST, LAST + 1)
    worked = WorkingCalendar().is_working(days.astype("M8[D]"))
    return worked, np.cumsum(worked), days[worked]


def is_working(days: Days) -> NDArray[np.bool_]:
    """Whether days are worked in China."""
    return np.asarray(_working()[0][np.asarray(days) - FIRST])


def working_after(days: Days, number: ArrayLike) -> Days:
    """The day `number` working days on; 0 is the day itself, or the next one worked."""
    worked, passed, listed = _working()
    place = np.asarray(days) - FIRST
    gone = passed[place] - worked[place] + np.asarray(number, np.int64)
    return np.asarray(listed[np.minimum(gone, len(listed) - 1)])


def quarter_end(days: Days) -> Days:
    """Last day of the quarter of days."""
    months = np.asarray(days).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return ((months // 3 * 3 + 3).astype("M8[M]").astype("M8[D]") - 1).astype(np.int64)


def month_end(days: Days) -> Days:
    """Last day of the month of days."""
    months = np.asarray(days).astype("M8[D]").astype("M8[M]")
    return ((months + 1).astype("M8[D]") - 1).astype(np.int64)


def before_new_year(*, from_month_day: str) -> NDArray[np.bool_]:
    """Days from a date in December until the eve of the Chinese New Year, over all days."""
    days = np.arange(FIRST, LAST + 1)
    inside = np.zeros(len(days), bool)
    for year in range(2016, 2033):
        start, end = day(f"{year - 1}-{from_month_day}"), day(chinese_new_year(year).isoformat())
        inside[max(0, start - FIRST) : end - FIRST] = True
    return inside


class HazardClock:
    """Turns exposure into dates when the chance of an event varies by day.

    Parameters
    ----------
    rate : array, shape (LAST - FIRST + 1,)
        Relative chance of each day; 1 is an ordinary one.

    Notes
    -----
    An event of hazard h after day s happens on the first day t at which the sum of `rate` over
    (s, t] reaches an exponential draw / h: a draw and a search, no loop over days.
    """

    def __init__(self, rate: NDArray[np.float64]) -> None:
        self.passed = np.concatenate([[0.0], np.cumsum(rate)])

    def date(self, start: Days, exposure: NDArray[np.float64]) -> Days:
        """Day on which `exposure` is used up after `start`; `NEVER` if beyond the last day."""
        begin = self.passed[np.clip(np.asarray(start) - FIRST + 1, 0, len(self.passed) - 1)]
        place = np.searchsorted(self.passed, begin + exposure, side="left")
        return np.where(place >= len(self.passed), NEVER, FIRST + place - 1)
