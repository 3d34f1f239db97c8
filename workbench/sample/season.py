"""When customers order: the weight of every day, by channel.

A day's weight is its month, weekday and distance from the New Year; within a month the last five
working days take their share; what December holds back falls into January. Months are set so that
a year with the New Year on 10 February (2024) has exactly the planted profile; in other years the
holiday moves through it. Every year sums to the same demand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.calendars import WorkingCalendar, chinese_new_year
from workbench.sample.parameters import SeasonTruth
from workbench.sample.world import LAST_DAY, Frame

Floats = NDArray[np.float64]
REFERENCE_YEAR = 2024
FROM = np.datetime64("2020-01-01", "D")
OPENING_DAYS = 8  # working days that give and take at the turn of the year


def per_frame(frame: Frame) -> None:
    """Set `frame.weights` for the days of the calendar."""
    line = _Line()
    season = frame.truth.season
    kept = line.days >= frame.calendar.days[0]
    direct = direct_weights(line, season, frame.off)
    online = online_weights(line, season, frame.off)
    frame.weights = {"direct": direct[kept], "dealer": direct[kept], "ecommerce": online[kept]}


class _Line:
    """All days from 2020 on, with what the weights need of them."""

    def __init__(self) -> None:
        self.days = np.arange(FROM, LAST_DAY + 1)
        self.year = self.days.astype("datetime64[Y]").astype(int) + 1970
        months = self.days.astype("datetime64[M]").astype(int)
        self.month = months - months[0]  # number of the month from FROM
        self.of_year = months % 12
        self.weekday = (self.days.astype(int) + 3) % 7
        self.working = np.asarray(WorkingCalendar().is_working(self.days))
        count = np.bincount(self.month, weights=self.working)
        passed = np.cumsum(self.working)
        before = np.concatenate([[0], np.cumsum(count)[:-1]])[self.month]
        self.from_start = np.where(self.working, passed - before, 0).astype(int)
        self.from_end = np.where(self.working, count[self.month] - self.from_start + 1, 0)
        self.from_end = self.from_end.astype(int)
        self.new_year = np.full(len(self.days), 999)
        for year in np.unique(self.year):
            eve = np.datetime64(chinese_new_year(int(year)), "D") - 1
            distance = (self.days - eve).astype(int)
            near = np.abs(distance) < 40
            self.new_year[near] = distance[near]


def direct_weights(line: _Line, season: SeasonTruth, off: frozenset[str]) -> Floats:
    """Weights of direct customers and dealers; each year has mean 1."""
    months = np.asarray(season.months, float)
    held = 0.0 if "opening" in off else season.held_back
    push = "month_end" not in off
    day = _weekdays(line, season.weekdays, off) * _new_year(line, season, off)
    if push:
        day = _last_days(line, day, season.last_days)
    if "season" in off:
        months = _flat(line, day)
    # What December holds back is added to the following January, so both are set before it.
    last = (line.of_year == 11) & (line.from_end >= 1) & (line.from_end <= OPENING_DAYS)
    reference = line.year == REFERENCE_YEAR
    december = reference & (line.of_year == 11)
    moved = held * day[last & reference].sum() / day[december].sum()
    profile = months.copy()
    if "season" not in off:
        profile[11] = months[11] / (1 - moved)
        profile[0] = months[0] - moved * profile[11]
    weights = _to_profile(line, day, profile)
    return _yearly(line, _opening(line, weights, last, held))


def online_weights(line: _Line, season: SeasonTruth, off: frozenset[str]) -> Floats:
    """Weights of e-commerce with the shopping festivals; each year has mean 1."""
    day = _weekdays(line, season.online_weekdays, off)
    softened = np.sqrt(_new_year(line, season, off))
    day = day * np.where(line.new_year < 7, _new_year(line, season, off), softened)
    months = np.asarray(season.online_months, float)
    if "season" in off:
        months = _flat(line, day)
    weights = _to_profile(line, day, months)
    if "festivals" not in off:
        weights = weights * festival_index(line.days, season)
    return _yearly(line, weights)


def festival_index(days: NDArray[np.datetime64], season: SeasonTruth) -> Floats:
    """Index of 618 and Double 11 with the dips before and after them."""
    months = days.astype("datetime64[M]")
    of_year = months.astype(int) % 12 + 1
    of_month = (days - months.astype("datetime64[D]")).astype(int) + 1
    index = np.ones(len(days))
    since_june = (of_year - 6) * 31 + of_month  # exact within two months of 1 June
    since_november = (of_year - 11) * 31 + of_month
    for since, first, last, height in (
        (since_june, 5, 18, season.shopping_618),
        (since_november, 1, 11, season.shopping_1111),
    ):
        index[(since >= first - 10) & (since < first)] = season.shopping_dip
        index[(since > last) & (since <= last + 14)] = season.shopping_dip
        index[(since >= first) & (since <= last)] = height
    return index


def _weekdays(line: _Line, index: tuple[float, ...], off: frozenset[str]) -> Floats:
    if "weekday" in off:
        return np.ones(len(line.days))
    weights = np.asarray(index)[line.weekday]
    weekend = line.weekday >= 5
    weights = np.where(weekend & line.working, 0.8, weights)
    return np.asarray(np.where(~weekend & ~line.working, index[6], weights))


def _new_year(line: _Line, season: SeasonTruth, off: frozenset[str]) -> Floats:
    index = np.ones(len(line.days))
    if "new_year" in off:
        return index
    index[(line.new_year >= -7) & (line.new_year < 0)] = season.before_new_year
    index[(line.new_year >= 7) & (line.new_year < 14)] = season.after_new_year
    week = (line.new_year >= 0) & (line.new_year < 7)
    # Days off are all but dead already: the week as a whole comes to the planted share.
    index[week] = season.new_year_week
    return index


def _last_days(line: _Line, day: Floats, last_days: dict[str, float]) -> Floats:
    """Give the last five working days of each month their share of it."""
    last = (line.from_end >= 1) & (line.from_end <= int(last_days["number"]))
    share = np.where(line.of_year % 3 == 2, last_days["quarter"], last_days["month"])
    whole = np.bincount(line.month, weights=day)
    tail = np.bincount(line.month, weights=day * last)
    up = (share * whole[line.month]) / tail[line.month]
    down = (1 - share) * whole[line.month] / (whole - tail)[line.month]
    return np.asarray(day * np.where(last, up, down))


def _to_profile(line: _Line, day: Floats, profile: Floats) -> Floats:
    reference = line.year == REFERENCE_YEAR
    sums = np.bincount(line.of_year[reference], weights=day[reference], minlength=12)
    return np.asarray(day * (profile / sums)[line.of_year])


def _flat(line: _Line, day: Floats) -> Floats:
    """A profile without season: months as their days alone make them."""
    reference = line.year == REFERENCE_YEAR
    sums = np.bincount(line.of_year[reference], weights=day[reference], minlength=12)
    return np.asarray(100 * sums / sums.sum())


def _opening(line: _Line, weights: Floats, last: NDArray[np.bool_], held: float) -> Floats:
    moved = np.bincount(line.year, weights=weights * last * held)
    weights = weights * np.where(last, 1 - held, 1)
    first = (line.of_year == 0) & (line.from_start >= 1) & (line.from_start <= OPENING_DAYS)
    base = np.bincount(line.year, weights=weights * first)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1 + moved[line.year - 1] / base[line.year]
    return np.asarray(np.where(first, weights * factor, weights))


def _yearly(line: _Line, weights: Floats) -> Floats:
    total = np.bincount(line.year, weights=weights)
    count = np.bincount(line.year)
    return np.asarray(weights / (total / np.maximum(count, 1))[line.year])
