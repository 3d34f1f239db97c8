"""What the calendar does to sales: working days, the Chinese New Year, quarter ends, festivals.

Columns by length of period: months have the New Year's shares before, during and after, working
days and the quarter's last month; weeks and days have shopping festivals too; in quarters the New
Year never moves out of the first. In months and quarters every column is centred by its mean over
the years at that place of the year, so that the season keeps what comes back each year.

The reach of the New Year (how many days before and after) is left open: the columns carry
variants, between which the evidence decides.

Sources
-------
Lin and Liu, "Modeling and seasonal adjustment of the Chinese New Year effect" (2003): three
windows, each month's share of them, minus the mean of the calendar month. `genhol` of X-13 does
the same. Trading days as a logarithm: Bell and Hillmer, "Modeling time series with calendar
variation" (1983).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.calendars import WorkingCalendar, announced_years, new_year_share
from workbench.calendars.days import to_days
from workbench.errors import InputError
from workbench.forecasting.batch import Floats
from workbench.forecasting.regressors.design import Column, Design
from workbench.forecasting.regressors.weekdays import daily_working
from workbench.text import Language

#: Days of the New Year's windows: before it, from New Year's Day on, and after those.
BEFORE, DURING, AFTER = (7, 14, 20), 7, (15, 23)
#: First and last day of shopping festivals and of the October holiday, as month and day.
FESTIVALS = {
    "shopping_618": ("06-01", "06-20", ("618 sales", "618大促")),
    "shopping_1111": ("11-01", "11-11", ("11.11 sales", "双11大促")),
    "national_day": ("10-01", "10-07", ("National Day holiday", "国庆长假")),
}
#: Working days at a quarter's end on which deals are pulled in.
QUARTER_END_DAYS = 10
_YEARS = np.arange(1981, 2050)  # of the table of New Years, its ends left out
_NEW_YEAR = {
    "before": ("Days before the New Year", "春节前"),
    "during": ("New Year holiday", "春节假期"),
    "after": ("Days after the New Year", "春节后"),
}
_Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class CalendarDesign:
    """Columns of the calendar on one timeline.

    Attributes
    ----------
    columns : tuple of Column
    matrix : numpy.ndarray, shape (periods, k)
    flags : pandas.DataFrame
        place (row of the matrix), year, reason: "expected" where the days off are not announced
        yet, "by_law" where no official list is held for a past year.
    """

    columns: tuple[Column, ...]
    matrix: Floats
    flags: pd.DataFrame

    def beside(self, *, starts: ArrayLike, lengths: ArrayLike, horizon: int) -> Design:
        """Lay the timeline beside series; see `Design.of_timeline`."""
        return Design.of_timeline(
            self.columns, self.matrix, starts=starts, lengths=lengths, horizon=horizon
        )

    def notes(self, lang: Language) -> list[str]:
        """Say which years' days off are not official."""
        said = []
        for reason, rows in self.flags.groupby("reason", sort=True):
            years = ", ".join(str(year) for year in sorted(rows["year"].unique()))
            if reason == "expected":
                said.append(
                    lang.say(
                        "Days off of {years} are not announced yet: their number is by law, "
                        "their place and the weekends worked in lieu are not known.",
                        years=years,
                    )
                )
            else:
                said.append(
                    lang.say("Days off of {years} are by the law of the time.", years=years)
                )
        return said


def calendar_design(
    periods: Any, ends: Any = None, *, calendar: WorkingCalendar | None = None
) -> CalendarDesign:
    """Make the calendar's columns for a timeline of periods.

    Parameters
    ----------
    periods : pandas.PeriodIndex, or first days of the periods, shape (n,)
        From the first of the history to the last of the horizon, without gaps.
    ends : dates, shape (n,), optional
        Last days, where `periods` are first days: fiscal months, 4-4-5 weeks.
    calendar : WorkingCalendar, optional
        The company's; default is the public one of China.

    Returns
    -------
    CalendarDesign

    Raises
    ------
    InputError
        If periods lie outside 1981 to 2049, or differ too much in length to be of one kind.
    """
    first, last = _days(periods, ends)
    if len(first) == 0:
        return CalendarDesign((), np.empty((0, 0)), _flags(first, last))
    years = (_year(first).min(), _year(last).max())
    if years[0] < _YEARS[0] or years[1] > _YEARS[-1]:
        raise InputError(
            f"the calendar is known from {_YEARS[0]} to {_YEARS[-1]}",
            where=f"periods of {years[0]} to {years[1]}",
            do="leave out the calendar's columns, or give the periods their real dates",
        )
    days = float(np.median((last - first).astype(int) + 1))
    spans = (last - first).astype(int) + 1
    if spans.min() < 0.8 * days or spans.max() > 1.3 * days:
        raise InputError(
            "periods of different length are mixed", where=f"{spans.min()} to {spans.max()} days"
        )
    made = list((_long if days > 20 else _short)(first, last, calendar, days))
    matrix = np.column_stack([values for _, values in made])
    return CalendarDesign(tuple(column for column, _ in made), matrix, _flags(first, last))


_Made = Iterator[tuple[Column, Floats]]


def _long(first: _Dates, last: _Dates, calendar: WorkingCalendar | None, days: float) -> _Made:
    """Columns of months, quarters and years, centred by place of the year."""
    places = [_moved(first, last, int(year)) for year in _YEARS]
    every_first = np.stack([one for one, _ in places])
    every_last = np.stack([one for _, one in places])
    for column, share in _new_year(days, prior=0.3):
        values = share(first, last)
        means = share(every_first.ravel(), every_last.ravel()).reshape(every_first.shape).mean(0)
        if np.ptp(values - means) > 1e-9 and days < 80:
            yield column, values - means
    worked = np.log(_working(first, last, calendar))
    means = np.log(_working(every_first.ravel(), every_last.ravel(), calendar))
    centred = worked - means.reshape(every_first.shape).mean(axis=0)
    yield _column("working_days", ("Working days", "工作日"), 1.0), centred
    if days < 80:
        closing = _month(first + (last - first) // 2) % 3 == 0
        title = ("Working days of the quarter's last month", "季末月工作日")
        yield _column("quarter_end", title, 1.0), centred * closing


def _short(first: _Dates, last: _Dates, calendar: WorkingCalendar | None, days: float) -> _Made:
    """Columns of weeks and days: days of each kind, as a share of the period."""
    worked = _working(first, last, calendar)
    usual = np.busday_count(first, last + 1).astype(float)
    if days > 1:
        yield _column("working_days", ("Working days", "工作日"), 1.0), (worked - usual) / 5.0
    else:
        off, in_lieu = ("Day off in the week", "工作日放假"), ("Weekend worked", "周末调休上班")
        yield _column("days_off", off, 1.0, "working_days"), np.maximum(usual - worked, 0.0)
        yield _column("in_lieu", in_lieu, 1.0, "working_days"), np.maximum(worked - usual, 0.0)
    for column, share in _new_year(days, prior=1.0):
        yield column, share(first, last)
    for name, (opens, closes, title) in FESTIVALS.items():
        yield _column(name, title, 1.0), _festival_days(first, last, opens, closes) / days
    title = (
        f"Last {QUARTER_END_DAYS} working days of a quarter",
        f"季末{QUARTER_END_DAYS}个工作日",
    )
    ahead = _working(last + 1, _quarter_end(last), calendar)
    left = np.clip(QUARTER_END_DAYS - ahead, 0, worked)
    yield _column("quarter_end", title, 1.0), left / (5.0 if days > 1 else 1.0)


def _new_year(days: float, *, prior: float) -> Iterator[tuple[Column, Any]]:
    """Windows of the New Year with their variants; each a function of first and last days.

    A column is the window's share in months, its days as a share of the period in weeks and days.
    """
    reaches = [(b, a) for b in (0, *BEFORE) for a in (0, *AFTER)]

    def column(part: str, reach: int, used: list[tuple[int, int]]) -> Column:
        variants = tuple(f"-{b}/+{DURING + a}" for b, a in used)
        name = f"new_year_{part}_{reach}"
        return Column(name, "new_year", _NEW_YEAR[part], prior, calendar=True, variants=variants)

    def window(opens: int, closes: int) -> Any:
        # Days from `opens` to before `closes`, 0 being New Year's Day.
        unit = closes - opens if days > 20 else days

        def share(first: _Dates, last: _Dates) -> Floats:
            return (_reached(first, last, opens, closes)) / unit

        return share

    for b in BEFORE:
        yield column("before", b, [one for one in reaches if one[0] == b]), window(-b, 0)
    yield column("during", DURING, reaches), window(0, DURING)
    for a in AFTER:
        used = [one for one in reaches if one[1] == a]
        yield column("after", a, used), window(DURING, DURING + a)


def _reached(first: _Dates, last: _Dates, opens: int, closes: int) -> Floats:
    """Days of a New Year's window in each period; windows begin at or before New Year's Day."""
    if opens <= 0:
        return new_year_share(first, last, before=-opens, after=closes) * (closes - opens)
    whole = new_year_share(first, last, before=0, after=closes) * closes
    return whole - new_year_share(first, last, before=0, after=opens) * opens


def _column(name: str, title: tuple[str, str], prior: float, family: str = "") -> Column:
    return Column(name, family or name, title, prior, calendar=True)


def _days(periods: Any, ends: Any) -> tuple[_Dates, _Dates]:
    if isinstance(periods, pd.PeriodIndex):
        return (
            periods.start_time.to_numpy().astype("datetime64[D]"),
            periods.end_time.to_numpy().astype("datetime64[D]"),
        )
    if ends is None:
        raise InputError(
            "periods need their last days", where="ends", do="hand in a PeriodIndex, or both ends"
        )
    first, last = np.atleast_1d(to_days(periods)), np.atleast_1d(to_days(ends))
    if first.shape != last.shape or (last < first).any():
        raise InputError("first and last days of the periods do not fit", where="ends")
    return first, last


def _working(first: _Dates, last: _Dates, calendar: WorkingCalendar | None) -> Floats:
    """Working days of each period."""
    days, worked = daily_working(calendar or WorkingCalendar())
    passed = np.append(0, np.cumsum(worked))
    counts = passed[(last - days).astype(int) + 1] - passed[(first - days).astype(int)]
    return np.asarray(counts, dtype=np.float64)


def _festival_days(first: _Dates, last: _Dates, opens: str, closes: str) -> Floats:
    days = np.zeros(len(first))
    for year in range(_year(first).min(), _year(last).max() + 1):
        start, end = np.datetime64(f"{year}-{opens}"), np.datetime64(f"{year}-{closes}")
        overlap = np.minimum(last, end) - np.maximum(first, start)
        days += np.clip(overlap.astype(int) + 1, 0, None)
    return days


def _quarter_end(days: _Dates) -> _Dates:
    months = days.astype("datetime64[M]")
    closing = months + (2 - months.astype(int) % 3)
    ends: _Dates = (closing + 1).astype("datetime64[D]") - 1
    return ends


def _moved(first: _Dates, last: _Dates, year: int) -> tuple[_Dates, _Dates]:
    """The same periods in another year, each by its middle; the end of February stays its end."""
    shift = year - _year(first + (last - first) // 2)
    return _shifted(first, shift), _shifted(last + 1, shift) - 1


def _shifted(days: _Dates, years: NDArray[np.int64]) -> _Dates:
    months = days.astype("datetime64[M]")
    inside = days - months.astype("datetime64[D]")
    moved: _Dates = (months + 12 * years).astype("datetime64[D]") + inside
    return moved


def _year(days: _Dates) -> NDArray[np.int64]:
    return days.astype("datetime64[Y]").astype(np.int64) + 1970


def _month(days: _Dates) -> NDArray[np.int64]:
    return days.astype("datetime64[M]").astype(np.int64) % 12 + 1


def _flags(first: _Dates, last: _Dates) -> pd.DataFrame:
    official = sorted(announced_years())
    years = np.stack([_year(first), _year(last)])
    unsure = ~np.isin(years, official)
    year = np.where(unsure[1], years[1], years[0])
    places = np.flatnonzero(unsure.any(axis=0))
    reasons = np.where(year[places] > official[-1], "expected", "by_law")
    return pd.DataFrame({"place": places, "year": year[places], "reason": reasons})
