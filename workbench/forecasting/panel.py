"""A panel: many series in a long table, checked, put in order and ready for the models.

Nothing is filled in silence: every repair is a row of `Panel.repairs`, every series that cannot be
forecast a row of `Panel.refused`. What makes the whole table meaningless is one error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Ints
from workbench.forecasting.periods import Calendar, coarser_series, read_periods
from workbench.text import Language

COLUMNS = ("series_id", "period", "value")
#: A series may lack this share of its periods; more is not a gap but another series.
LARGEST_GAP_SHARE = 0.5
_ROUNDS = 4
WEEK = 7


@dataclass(frozen=True)
class Panel:
    """Series that end where each ends, without gaps.

    Attributes
    ----------
    ids : numpy.ndarray of object, shape (n,)
        Names, sorted.
    batch : Batch
        Values.
    first : numpy.ndarray of int64, shape (n,)
        Ordinal of the first period of each series.
    calendar : Calendar
        How periods are counted and written.
    observed : numpy.ndarray of bool, shape (sum of lengths,)
        False where a value was filled in.
    repairs : pandas.DataFrame
        series_id, rule, count: what was mended.
    refused : pandas.DataFrame
        series_id, reason: what cannot be forecast.
    """

    ids: np.ndarray
    batch: Batch
    first: Ints
    calendar: Calendar
    observed: np.ndarray
    repairs: pd.DataFrame
    refused: pd.DataFrame

    def __len__(self) -> int:
        """Number of series."""
        return len(self.ids)

    @property
    def last(self) -> Ints:
        """Ordinal of the last period of each series."""
        return self.first + self.batch.lengths - 1

    def future(self, horizon: int) -> Ints:
        """Ordinals of the periods ahead, shape (n, horizon)."""
        return self.last[:, None] + np.arange(1, horizon + 1)

    def take(self, numbers: np.ndarray) -> Panel:
        """The series of these numbers; notes on repairs stay with the whole."""
        return Panel(
            self.ids[numbers],
            self.batch.take(numbers),
            self.first[numbers],
            self.calendar,
            Batch(self.observed.astype(np.float64), self.batch.offsets).take(numbers).values > 0,
            self.repairs.iloc[:0],
            self.refused.iloc[:0],
        )

    def long(self) -> pd.DataFrame:
        """The series as a long table: series_id, period, value."""
        lengths = self.batch.lengths
        ordinals = np.repeat(self.first - self.batch.offsets[:-1], lengths)
        ordinals = ordinals + np.arange(len(self.batch.values))
        return pd.DataFrame(
            {
                "series_id": np.repeat(self.ids, lengths),
                "period": self.labels(ordinals),
                "value": self.batch.values,
            }
        )

    def labels(self, ordinals: Ints) -> pd.Index:
        """Periods as they came in, flat, each distinct one written once."""
        places, distinct = pd.factorize(ordinals.ravel())
        return pd.Index(self.calendar.labels(distinct)).take(places)


def read_panel(
    table: pd.DataFrame | Panel, *, season: int | None = None, lang: Language | None = None
) -> Panel:
    """Read a long table.

    Parameters
    ----------
    table : pandas.DataFrame
        series_id, period, value, one row a period; other columns are ignored, rows in any order.
    season : int, optional
        Observations in a season, where another than the usual one of the frequency is meant.
    lang : Language, optional
        Of the errors; English by default.

    Returns
    -------
    Panel

    Raises
    ------
    InputError
        If columns lack, a value is text, a period cannot be read, frequencies are mixed or a
        series has two values of one period. The message names series and rule.
    ParameterError
        If the season is shorter than one period.
    """
    if isinstance(table, Panel):
        return table
    say = (lang or Language("en")).say
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            say("a panel is a table, not {kind}", kind=type(table).__name__),
            where="panel",
            do=say("give a long table of series_id, period, value: one row a series and period"),
        )
    if season is not None and season < 1:
        raise ParameterError(
            say("a season has no {season} periods", season=season),
            where=f"season={season}",
            do=say("give 1 or more"),
        )
    lacking = [name for name in COLUMNS if name not in table.columns]
    if lacking:
        raise InputError(
            say("the panel lacks {columns}", columns=", ".join(lacking)),
            where=say("columns {names}", names=", ".join(map(str, table.columns[:12]))),
            do=say("give a long table of series_id, period, value: one row a series and period"),
        )
    if table.empty:
        raise InputError(
            say("the panel has no rows"), where="panel", do=say("give at least one series")
        )
    table = table.reset_index(drop=True)
    values = _numbers(table, say)
    codes, ids = _codes(table["series_id"], say)
    ordinals, calendar = read_periods(table["period"], codes, season, lang=lang)
    order = np.lexsort((ordinals, codes))
    codes, ordinals, values = codes[order], ordinals[order], values[order]
    _refuse_doubles(codes, ordinals, ids, calendar, say)
    other = coarser_series(ordinals, codes, calendar.kind)
    if other is not None:
        raise InputError(
            say("a series is of another frequency: it has only every few of the periods"),
            where=say("series {name}", name=ids[other]),
            do=say("forecast series of another frequency in a panel of their own"),
        )
    return _assembled(ids, codes, ordinals, values, calendar)


def _numbers(table: pd.DataFrame, say: Callable[..., str]) -> np.ndarray:
    column = table["value"]
    if column.dtype == bool or not pd.api.types.is_numeric_dtype(column):
        read = pd.to_numeric(column, errors="coerce")
        wrong = read.isna() & column.notna()
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputError(
                say("a value is not a number: {text}", text=repr(column[row])),
                where=_cell(table, row, say),
                do=say("give numbers; leave a missing value empty"),
            )
        column = read
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        raise InputError(
            say("a value is infinite"),
            where=_cell(table, int(np.flatnonzero(np.isinf(numbers))[0]), say),
            do=say("give a finite number or leave it empty"),
        )
    return numbers


def _cell(table: pd.DataFrame, row: int, say: Callable[..., str]) -> str:
    name, period = table["series_id"][row], table["period"][row]
    return say("series {name}, period {period}", name=name, period=period)


def _codes(column: pd.Series, say: Callable[..., str]) -> tuple[Ints, np.ndarray]:
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise InputError(
            say("a row names no series"),
            where=say("column series_id, row {row}", row=row + 1),
            do=say("name it"),
        )
    codes, ids = pd.factorize(column, sort=True)
    return codes.astype(np.int64), np.asarray(ids, dtype=object)


def _refuse_doubles(
    codes: Ints, ordinals: Ints, ids: np.ndarray, calendar: Calendar, say: Callable[..., str]
) -> None:
    twice = (np.diff(codes) == 0) & (np.diff(ordinals) == 0)
    if twice.any():
        place = int(np.flatnonzero(twice)[0])
        period = calendar.text(int(ordinals[place]))
        raise InputError(
            say(
                "a series has two values of one period ({n} such rows in all)",
                n=int(twice.sum()),
            ),
            where=say("series {name}, period {period}", name=ids[codes[place]], period=period),
            do=say("sum or choose them first; a period has one value"),
        )


def _assembled(
    ids: np.ndarray, codes: Ints, ordinals: Ints, values: np.ndarray, calendar: Calendar
) -> Panel:
    """Drop empty ends, find gaps and fill them, each noted."""
    repairs: list[pd.DataFrame] = []
    refused: list[pd.DataFrame] = []
    known = ~np.isnan(values)
    counts = np.bincount(codes[known], minlength=len(ids))
    empty = counts == 0
    if empty.any():
        refused.append(_note(ids[empty], reason="no value at all"))
    codes, ordinals, values = codes[known], ordinals[known], values[known]
    starts = np.flatnonzero(np.r_[True, np.diff(codes) != 0]) if len(codes) else np.empty(0, int)
    ends = np.r_[starts[1:], len(codes)] - 1 if len(codes) else starts
    present = codes[starts] if len(codes) else np.empty(0, dtype=np.int64)
    spans = ordinals[ends] - ordinals[starts] + 1
    lengths = ends - starts + 1
    sparse = lengths < spans * (1 - LARGEST_GAP_SHARE)
    if sparse.any():
        refused.append(
            _note(ids[present[sparse]], reason="more than half of its periods are missing")
        )
    keep = ~sparse
    chosen = np.repeat(keep, lengths)
    codes, ordinals, values = codes[chosen], ordinals[chosen], values[chosen]
    present, spans, lengths = present[keep], spans[keep], lengths[keep]
    first = ordinals[np.r_[0, np.cumsum(lengths)[:-1]].astype(int)] if len(present) else spans
    offsets = np.zeros(len(present) + 1, dtype=np.int64)
    np.cumsum(spans, out=offsets[1:])
    filled = np.full(int(offsets[-1]), np.nan)
    filled[np.repeat(offsets[:-1] - first, lengths) + ordinals] = values
    observed = ~np.isnan(filled)
    gaps = spans - lengths
    if calendar.kind == "day" and gaps.any():
        closed = _close_days(filled, offsets, first)
        if closed.any():
            repairs.append(
                _note(
                    ids[present[closed > 0]],
                    rule="weekdays without any value counted as zero",
                    count=closed[closed > 0],
                )
            )
        gaps = gaps - closed
    if gaps.any():
        _fill(filled, offsets, np.flatnonzero(gaps), calendar.season)
        repairs.append(
            _note(
                ids[present[gaps > 0]],
                rule="missing periods filled from their neighbours and last year's shape",
                count=gaps[gaps > 0],
            )
        )
    return Panel(
        ids[present],
        Batch(filled, offsets, calendar.season),
        first,
        calendar,
        observed,
        _joined(repairs, ["series_id", "rule", "count"]),
        _joined(refused, ["series_id", "reason"]),
    )


def _close_days(filled: np.ndarray, offsets: Ints, first: Ints) -> Ints:
    """Set weekdays that no week of a series has, of two at least, to zero; how many days of each.

    A shop that is closed on Sundays sells nothing then, and will sell nothing on those ahead.
    """
    lengths = np.diff(offsets)
    series = np.repeat(np.arange(len(lengths)), lengths)
    ordinals = np.arange(len(filled)) - (offsets[:-1] - first)[series]
    weekday = series * WEEK + ordinals % WEEK
    seen = np.bincount(weekday, ~np.isnan(filled), minlength=len(lengths) * WEEK)
    closed = (seen[weekday] == 0) & (lengths[series] >= 2 * WEEK)
    filled[closed] = 0.0
    return np.bincount(series, closed, minlength=len(lengths)).astype(np.int64)


def _fill(filled: np.ndarray, offsets: Ints, numbers: np.ndarray, season: int) -> None:
    """Fill gaps by a line between neighbours, on the season's shape where two years are known."""
    for number in numbers:
        values = filled[offsets[number] : offsets[number + 1]]
        places = np.arange(len(values))
        known = ~np.isnan(values)
        straight = np.interp(places, places[known], values[known])
        if 1 < season <= 24 and known.sum() >= 2 * season:
            phase = places % season
            times = np.maximum(np.bincount(phase[known], minlength=season), 1)
            for _ in range(_ROUNDS):  # the level a shape is measured from holds what was filled
                level = pd.Series(straight).rolling(season, center=True, min_periods=1).mean()
                away = values[known] - level.to_numpy()[known]
                shape = np.bincount(phase[known], away, minlength=season) / times
                rest = values - shape[phase]
                straight = np.interp(places, places[known], rest[known]) + shape[phase]
            if values[known].min() >= 0:
                straight = np.maximum(straight, 0.0)
        values[~known] = straight[~known]


def _note(ids: np.ndarray, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"series_id": ids, **columns})


def _joined(notes: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not notes:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return pd.concat(notes, ignore_index=True)[columns]
