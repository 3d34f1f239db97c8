"""Periods of a panel: read in the forms people have them, counted as whole numbers, written back.

Within the engine a period is an ordinal: months since year 0, quarters, weeks, days, years or a
plain counter. What comes out has the form that went in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.forecasting.batch import Ints
from workbench.text import Language

#: Observations in a season of each kind of period.
SEASONS = {"month": 12, "quarter": 4, "week": 52, "day": 7, "year": 1, "count": 1}
#: How many of one kind make a coarser period that could be taken for it.
_COARSER = {
    "month": (3, 6, 12),
    "quarter": (2, 4),
    "day": (7,),
    "week": (4, 13),
    "year": (),
    "count": (),
}
_OBSERVATIONS_TO_TELL = 6
_EPOCH = dt.date(1970, 1, 1).toordinal()

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "|".join(_MONTHS)
_ENDINGS = "uary|ruary|ch|il|e|y|ust|t|tember|ober|ember"
_DIGITS = "一二三四"

#: Forms of periods other than days; a year of two digits is one of this century.
_TEXTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "month",
        re.compile(r"(?P<year>\d{4})(?: ?[-/.] ?| ?年 ?| )(?P<part>0?[1-9]|1[0-2])(?: ?月份?)?"),
    ),
    ("month", re.compile(r"(?P<year>(?:19|20)\d{2})(?P<part>0[1-9]|1[0-2])")),
    ("month", re.compile(r"(?P<year>\d{2})年(?P<part>0?[1-9]|1[0-2])月份?")),
    (
        "month",
        re.compile(
            rf"(?P<part>{_MONTH})(?:{_ENDINGS})?\.?[ \-/,']*(?P<year>\d{{4}}|\d{{2}})",
            re.IGNORECASE,
        ),
    ),
    (
        "quarter",
        re.compile(r"(?P<year>\d{4})(?:[-/ ]?[Qq]| ?年 ?第?)(?P<part>[1-4一二三四])(?: ?季度?)?"),
    ),
    ("week", re.compile(r"(?P<year>\d{4})(?:-?[Ww]| ?年 ?第?)(?P<part>\d{1,2})周?")),
    ("year", re.compile(r"(?:FY ?)?(?P<year>\d{4}) ?(?:年度?|财年)?", re.IGNORECASE)),
)
_DATE = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日)(?:[T ].*)?"
    r"|((?:19|20)\d{2})(\d{2})(\d{2})"
)


@dataclass(frozen=True)
class Calendar:
    """How the periods of a panel are counted and written.

    Attributes
    ----------
    kind : {"month", "quarter", "week", "day", "year", "count"}
    season : int
        Observations in a season.
    form : {"text", "period", "start", "end", "whole"}
        What came in: text, pandas periods, dates at the start or end of the period, numbers.
    weeks52 : bool
        Whether every year of the data has 52 weeks, also one in which ISO counts 53.
    anchor : int
        Weekday of weekly dates, Monday 0.
    """

    kind: str
    season: int
    form: str = "text"
    weeks52: bool = True
    anchor: int = 0

    def labels(self, ordinals: Ints) -> Any:
        """Periods in the form they came in: an array of text, dates, periods or numbers."""
        if self.form == "whole":
            return np.asarray(ordinals)
        if self.form == "text":
            return np.array([self.text(int(one)) for one in ordinals], dtype=object)
        if self.form == "period":
            return pd.PeriodIndex(self.starts(ordinals), freq=self._alias())
        starts = self.starts(ordinals)
        return starts if self.form == "start" else self._ends(starts)

    def text(self, ordinal: int) -> str:
        """A period as text: 2027-03, 2027Q1, 2027-W09, 2027-03-01, 2027."""
        if self.kind == "month":
            return f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}"
        if self.kind == "quarter":
            return f"{ordinal // 4:04d}Q{ordinal % 4 + 1}"
        if self.kind == "week":
            year, week = self._week(ordinal)
            return f"{year:04d}-W{week:02d}"
        if self.kind == "day":
            return dt.date.fromordinal(ordinal).isoformat()
        return f"{ordinal:04d}" if self.kind == "year" else str(ordinal)

    def starts(self, ordinals: Ints) -> pd.DatetimeIndex:
        """First day of each period.

        Raises
        ------
        InputError
            If the periods are counters or years that no calendar has.
        """
        if self.kind == "count":
            raise InputError(
                "the periods are numbers, not dates, so no calendar applies to them",
                where="column period",
                do="give months such as 2027-03, quarters, weeks, days or years",
            )
        days = [self._start(int(one)) for one in ordinals]
        return pd.DatetimeIndex(pd.to_datetime(days))

    def _start(self, ordinal: int) -> dt.date:
        if self.kind == "month":
            return dt.date(ordinal // 12, ordinal % 12 + 1, 1)
        if self.kind == "quarter":
            return dt.date(ordinal // 4, ordinal % 4 * 3 + 1, 1)
        if self.kind == "year":
            return dt.date(ordinal, 1, 1)
        if self.kind == "week":
            year, week = self._week(ordinal)
            return dt.date.fromisocalendar(year, week, 1) + dt.timedelta(days=self.anchor)
        return dt.date.fromordinal(ordinal)

    def _ends(self, starts: pd.DatetimeIndex) -> pd.DatetimeIndex:
        if self.kind in ("day", "week"):
            return starts
        return starts.to_period(self._alias()).end_time.normalize()

    def _week(self, ordinal: int) -> tuple[int, int]:
        if self.weeks52:
            return ordinal // 52, ordinal % 52 + 1
        year, week, _ = dt.date.fromordinal(ordinal * 7 + 1).isocalendar()
        return year, week

    def _alias(self) -> str:
        return {"month": "M", "quarter": "Q", "week": "W", "day": "D", "year": "Y"}[self.kind]


def read_periods(
    column: pd.Series, codes: Ints, season: int | None, *, lang: Language | None = None
) -> tuple[Ints, Calendar]:
    """Count the periods of a column.

    Parameters
    ----------
    column : pandas.Series
        Texts, dates, pandas periods or whole numbers, one a row.
    codes : numpy.ndarray of int64
        Number of the series of each row, to tell months from quarters where dates are given.
    season : int, optional
        Observations in a season, where another than the usual one is meant.
    lang : Language, optional
        Of the errors; English by default.

    Returns
    -------
    ordinals : numpy.ndarray of int64
    calendar : Calendar

    Raises
    ------
    InputError
        If a period cannot be read or forms are mixed; it names the row.
    """
    say = (lang or Language("en")).say
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise InputError(
            say("a period is empty"),
            where=_place(row, say),
            do=say("fill in the period or leave the row out"),
        )
    values = column.dtype
    if isinstance(values, pd.PeriodDtype):
        return _from_periods(column, season)
    if pd.api.types.is_datetime64_any_dtype(values):
        return _from_days(column, codes, season)
    if pd.api.types.is_integer_dtype(values) and not isinstance(values, pd.CategoricalDtype):
        whole = column.to_numpy(dtype=np.int64)
        years = len(whole) > 0 and whole.min() >= 1500 and whole.max() <= 2500
        kind = "year" if years else "count"
        return whole, Calendar(kind, season or 1, "whole")
    return _from_texts(column, codes, season, say)


def _from_periods(column: pd.Series, season: int | None) -> tuple[Ints, Calendar]:
    index = pd.PeriodIndex(column)
    alias = index.freqstr.split("-")[0]
    kinds = {"M": "month", "Q": "quarter", "W": "week", "D": "day", "Y": "year", "A": "year"}
    if alias not in kinds:
        raise InputError(
            f"periods of frequency {index.freqstr} are not forecast",
            where="column period",
            do="give days, weeks, months, quarters or years",
        )
    starts = pd.Series(index.start_time)
    kind = kinds[alias]
    calendar = Calendar(kind, season or SEASONS[kind], "period", weeks52=False)
    return _ordinals_of_days(starts, kind), calendar


def _from_days(column: pd.Series, codes: Ints, season: int | None) -> tuple[Ints, Calendar]:
    if getattr(column.dtype, "tz", None) is not None:
        column = column.dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    days = column.dt.normalize()
    firsts, lasts = bool(days.dt.is_month_start.all()), bool(days.dt.is_month_end.all())
    if firsts or lasts:
        months = _ordinals_of_days(days, "month")
        step = _common_step(months, codes)
        kind = "year" if step % 12 == 0 else "quarter" if step % 3 == 0 else "month"
        # quarters and years of a fiscal calendar start in other months: they stay months apart
        if kind != "month" and len(np.unique(months % (12 if kind == "year" else 3))) > 1:
            kind = "month"
        calendar = Calendar(kind, season or SEASONS[kind], "start" if firsts else "end")
        return _ordinals_of_days(days, kind), calendar
    weekdays = days.dt.day_of_week.unique()
    kind = "week" if len(weekdays) == 1 and _common_step(_day_numbers(days), codes) >= 7 else "day"
    anchor = int(weekdays[0]) if kind == "week" else 0
    calendar = Calendar(kind, season or SEASONS[kind], "start", weeks52=False, anchor=anchor)
    return _ordinals_of_days(days, kind), calendar


def _from_texts(
    column: pd.Series, codes: Ints, season: int | None, say: Callable[..., str]
) -> tuple[Ints, Calendar]:
    places, distinct = pd.factorize(column)
    texts = [str(one).strip() for one in distinct]
    kinds: dict[str, int] = {}
    numbers = np.empty(len(texts), dtype=np.int64)
    parsed: list[tuple[int, int]] = []
    for number, text in enumerate(texts):
        found = period_of(text)
        if found is None:
            raise InputError(
                say("{text} is no period", text=repr(text)),
                where=_place(int(np.flatnonzero(places == number)[0]), say),
                do=say("write 2027-03, 2027Q1, 2027-W09, 2027-03-01 or 2027"),
            )
        kind, year, part = found
        kinds.setdefault(kind, number)
        parsed.append((year, part))
    if len(kinds) > 1:
        one, other = (texts[first] for first in list(kinds.values())[:2])
        raise InputError(
            say(
                "periods of different frequency are mixed: {one} and {other}", one=one, other=other
            ),
            where=say("column period"),
            do=say("forecast one frequency at a time"),
        )
    kind = next(iter(kinds), "month")
    if kind == "day":
        days = np.array([part for _, part in parsed])[places] - _EPOCH
        return _from_days(pd.Series(days.astype("datetime64[D]")), codes, season)
    weeks52 = kind != "week" or _every_year_has_52(parsed)
    calendar = Calendar(kind, season or SEASONS[kind], "text", weeks52=weeks52)
    count: dict[str, Callable[[int, int], int]] = {
        "month": lambda year, part: year * 12 + part - 1,
        "quarter": lambda year, part: year * 4 + part - 1,
        "year": lambda year, part: year,
        "week": lambda year, part: (
            year * 52 + part - 1
            if weeks52
            else (dt.date.fromisocalendar(year, part, 1).toordinal() - 1) // 7
        ),
    }
    for number, (year, part) in enumerate(parsed):
        numbers[number] = count[kind](year, part)
    return numbers[places], calendar


def period_of(text: str) -> tuple[str, int, int] | None:
    """Kind, year and part that a text names (of a day its ordinal); None where it names none."""
    date = _DATE.fullmatch(text)
    if date:
        year, month, day = (int(one) for one in date.groups() if one and one.isdigit())
        try:
            return "day", year, dt.date(year, month, day).toordinal()
        except ValueError:
            return None
    for kind, pattern in _TEXTS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        year, part = int(match["year"]), match.groupdict().get("part", "0")
        year += 2000 if len(match["year"]) == 2 else 0
        if kind == "week" and not 1 <= int(part) <= _weeks(year):
            return None
        if part.lower() in _MONTHS:
            return kind, year, _MONTHS.index(part.lower()) + 1
        return kind, year, _DIGITS.find(part) + 1 or int(part)
    return None


def _weeks(year: int) -> int:
    """Weeks of a year by ISO 8601; 53 in a year that no calendar has."""
    return dt.date(year, 12, 28).isocalendar().week if year else 53


def _every_year_has_52(weeks: list[tuple[int, int]]) -> bool:
    """Whether a 53rd week that ISO counts was passed over, and none was ever named."""
    if any(week == 53 for _, week in weeks):
        return False
    first, last = min(weeks), max(weeks)
    years = range(first[0], last[0])  # the last one may not be over
    return any(_weeks(year) == 53 for year in years)


def _place(row: int, say: Callable[..., str]) -> str:
    return say("column period, row {row}", row=row + 1)


def _day_numbers(days: pd.Series) -> Ints:
    whole: Ints = days.to_numpy().astype("datetime64[D]").astype(np.int64) + _EPOCH
    return whole


def _ordinals_of_days(days: pd.Series, kind: str) -> Ints:
    if kind == "day":
        return _day_numbers(days)
    if kind == "week":
        return (_day_numbers(days) - 1) // 7
    months = days.to_numpy().astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return months // {"month": 1, "quarter": 3, "year": 12}[kind]


def _common_step(ordinals: Ints, codes: Ints) -> int:
    """Largest step that all distances between observations of one series are multiples of."""
    order = np.lexsort((ordinals, codes))
    steps = np.diff(ordinals[order])[np.diff(codes[order]) == 0]
    return int(np.gcd.reduce(steps[steps > 0])) if (steps > 0).any() else 1


def coarser_series(ordinals: Ints, codes: Ints, kind: str) -> int | None:
    """A series that has only every third, sixth, twelfth ... period: of another frequency."""
    if not _COARSER[kind] or len(ordinals) < 2:
        return None
    same = np.diff(codes) == 0
    steps = np.diff(ordinals)
    starts = np.flatnonzero(np.r_[True, ~same])
    padded = np.where(np.r_[False, same], np.r_[0, steps], 0)
    step = np.gcd.reduceat(padded, starts)
    counts = np.diff(np.r_[starts, len(ordinals)])
    found = np.isin(step, _COARSER[kind]) & (counts >= _OBSERVATIONS_TO_TELL)
    if not found.any() or found.all():
        return None
    return int(codes[starts[np.flatnonzero(found)[0]]])
