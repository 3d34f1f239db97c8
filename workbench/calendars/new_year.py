"""Comparing around the Chinese New Year, which moves between 21 January and 20 February.

Three comparisons stand beside plain year on year: January and February read together, a period
shifted with the New Year (`aligned_period`), and a longer period cut at the holiday into parts of
equal standing (`aligned_parts`). For monthly models, `new_year_share` says how much of the
holiday's reach falls into each month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.calendars.days import ONE_DAY, read_rows, to_date, to_days
from workbench.errors import InputError

_Stretch = tuple[date, date]
FIRST_YEAR, LAST_YEAR = 1980, 2050


@lru_cache(maxsize=1)
def _new_years() -> dict[int, date]:
    rows = read_rows("china_lunar_days.csv")
    return {int(row["year"]): date.fromisoformat(row["new_year"]) for row in rows}


def chinese_new_year(year: int) -> date:
    """Return the first day of the Chinese New Year in a calendar year, 1980 to 2050."""
    try:
        return _new_years()[int(year)]
    except KeyError:
        raise InputError(
            f"the Chinese New Year of {year} is not known",
            do=f"keep to {FIRST_YEAR} to {LAST_YEAR}",
        ) from None


def days_from_new_year(dates: Any) -> Any:
    """Count days from the nearest New Year: 0 is New Year's Day, −1 its eve.

    Returns
    -------
    int or numpy.ndarray of int, from about −192 to 192
    """
    days = to_days(dates)
    known = np.array(list(_new_years().values()), dtype="datetime64[D]")
    if days.size and (days.min() < known[0] or days.max() > known[-1]):
        raise InputError(f"dates lie outside {known[0]} to {known[-1]}")
    after = np.clip(np.searchsorted(known, days), 1, len(known) - 1)
    passed = (days - known[after - 1]).astype(int)
    ahead = (days - known[after]).astype(int)
    offset = np.where(passed < -ahead, passed, ahead)
    return int(offset) if np.ndim(days) == 0 else offset


def new_year_share(
    starts: Any, ends: Any, *, before: int = 7, after: int = 14
) -> NDArray[np.float64]:
    """Share of the New Year's reach that falls into each period.

    Parameters
    ----------
    starts, ends : dates, shape (n,)
        Periods, both ends included; New Years that touch a period count, each as 1.
    before, after : int
        Reach: days before New Year's Day, and from it on.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Over periods that cover a reach without gaps the shares sum to 1.

    Notes
    -----
    Holiday regressor for months as in Lin and Liu, "Modeling and seasonal adjustment of the
    Chinese New Year effect" (2003), with one flat window.
    """
    first, last = np.atleast_1d(to_days(starts)), np.atleast_1d(to_days(ends))
    known = np.array(list(_new_years().values()), dtype="datetime64[D]")
    reach = (known - np.timedelta64(before, "D"), known + np.timedelta64(after - 1, "D"))
    overlap = np.minimum(last[:, None], reach[1]) - np.maximum(first[:, None], reach[0]) + ONE_DAY
    return np.clip(overlap.astype(int), 0, None).sum(axis=1) / (before + after)


def same_period(start: Any, end: Any, *, years: int = -1) -> tuple[date, date]:
    """Return the same calendar dates of another year; the end of a month stays its end."""
    return _moved(to_date(start), years), _moved(to_date(end), years)


def aligned_period(start: Any, end: Any, *, years: int = -1) -> tuple[date, date]:
    """Return the period of another year that lies the same number of days from its New Year.

    The New Year is the one nearest to `start`, so that December goes with the coming one. Meant
    for periods near the holiday (January, 20 days before it, the weeks after); for longer ones,
    whose far end has nothing to do with the holiday, see `aligned_parts`.
    """
    first, last = to_date(start), to_date(end)
    year = (first - timedelta(days=days_from_new_year(first))).year
    shift = chinese_new_year(year + years) - chinese_new_year(year)
    return first + shift, last + shift


@dataclass(frozen=True, slots=True)
class AlignedPart:
    """A stretch of this period and the stretch of the other year that it is compared with.

    `name` is "before", "around" or "after" the New Year, or "whole"; both ends are included.
    The two stretches may differ in length: compare them per working day.
    """

    name: str
    start: date
    end: date
    other_start: date
    other_end: date


def aligned_parts(
    start: Any, end: Any, *, years: int = -1, before: int = 7, after: int = 14
) -> tuple[AlignedPart, ...]:
    """Cut a period at the New Year so that each part has a fair partner in another year.

    Parameters
    ----------
    start, end : date
        The period, both ends included.
    years : int
        −1 compares with the year before.
    before, after : int
        Reach of the holiday: days before New Year's Day, and from it on.

    Returns
    -------
    tuple of AlignedPart
        If the reach lies well inside the period in both years: the stretches before, around
        and after it, which together are the same calendar dates of both years. If only a part
        of it lies inside, in either year: one part, shifted with the New Year. If it touches
        neither, or the period is longer than a year: one part, the same dates.

    Notes
    -----
    The other year restated on this year's calendar is the sum over parts of
    amount x working days here / working days there.
    """
    here = (to_date(start), to_date(end))
    there = same_period(*here, years=years)
    reaches = [_reach(*period, before, after) for period in (here, there)]
    long = here[1] - here[0] > timedelta(days=366)
    if long or all(reach is None for reach in reaches):
        return (AlignedPart("whole", *here, *there),)
    cuts = [_cut(*each) for each in zip((here, there), reaches, strict=True)]
    if not all(cuts):
        return (AlignedPart("whole", *here, *aligned_period(*here, years=years)),)
    names = ("before", "around", "after")
    return tuple(AlignedPart(name, *a, *b) for name, a, b in zip(names, *cuts, strict=True))


def _cut(period: _Stretch, reach: _Stretch | None) -> tuple[_Stretch, ...]:
    """Stretches before, in and after the reach; none unless all three have days."""
    if reach is None or not period[0] < reach[0] <= reach[1] < period[1]:
        return ()
    one = timedelta(days=1)
    return (period[0], reach[0] - one), reach, (reach[1] + one, period[1])


def _reach(start: date, end: date, before: int, after: int) -> _Stretch | None:
    for year in range(start.year, end.year + 1):
        centre = chinese_new_year(year)
        first, last = centre - timedelta(days=before), centre + timedelta(days=after - 1)
        if first <= end and start <= last:
            return first, last
    return None


def _moved(day: date, years: int) -> date:
    month_ends = (day + timedelta(days=1)).day == 1
    if not month_ends:
        return day.replace(year=day.year + years)
    following = date(day.year + years + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)
