"""Result tables as charts read them: columns checked, periods worded, labels laid out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.charts import letters
from workbench.charts.theme import Role
from workbench.errors import InputError
from workbench.text import Language


def need(table: pd.DataFrame, *columns: str, chart: str) -> pd.DataFrame:
    """Return the table with a plain row index, or say which columns the chart lacks.

    Raises
    ------
    InputError
        If a column is missing.
    """
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        raise InputError(
            f"{chart} needs the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}",
            where=f"table with the columns {', '.join(map(str, table.columns))}",
            do="rename or add them; the docstring of the chart says what they hold",
        )
    return table.reset_index(drop=True)


def column(table: pd.DataFrame, name: str) -> np.ndarray | None:
    """Return a column as floats (missing is NaN), or None if it is absent or all missing."""
    if name not in table.columns:
        return None
    values = floats(table, name)
    return values if np.isfinite(values).any() else None


def floats(table: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column as floats, missing is NaN."""
    return as_floats(table[name])


def as_floats(values: pd.Series) -> np.ndarray:
    """Return values as floats; what is missing or no number is NaN."""
    if values.dtype == np.float64:
        return values.to_numpy().copy()
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def texts(table: pd.DataFrame, name: str) -> list[str]:
    """Return a column as words; missing and absent ones are empty."""
    if name not in table.columns:
        return [""] * len(table)
    return ["" if pd.isna(value) else str(value) for value in table[name]]


def flags(table: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column as booleans; missing and absent ones are False."""
    if name not in table.columns:
        return np.zeros(len(table), dtype=bool)
    return np.array([bool(value) and not pd.isna(value) for value in table[name]], dtype=bool)


def roles(table: pd.DataFrame) -> list[Role]:
    """Return the column `kind` as roles, actual where it is absent or missing.

    Raises
    ------
    InputError
        If a kind is no role.
    """
    names = [name or Role.ACTUAL.value for name in texts(table, "kind")]
    unknown = sorted(set(names) - {role.value for role in Role})
    if unknown:
        raise InputError(
            f"colours {', '.join(unknown)} are no roles",
            where="column kind",
            do="use a role of workbench.charts.theme, such as actual, last, good or bad",
        )
    return [Role(name) for name in names]


@dataclass(frozen=True, slots=True)
class PeriodLabel:
    """A label under a time axis: where, its words, and the year on a second line if it is new."""

    place: int
    text: str
    year: str


def period_names(periods: Iterable[Any], lang: Language) -> list[str]:
    """Return each period in full: 2026年7月; words given stay as they are."""
    return [
        str(value) if isinstance(value, str) else lang.month(value, year=True)
        for value in _months(periods)
    ]


def period_labels(periods: Iterable[Any], lang: Language, *, room: float) -> list[PeriodLabel]:
    """Choose labels for an axis of periods: all that fit, else quarter ends, half years, Januaries.

    Parameters
    ----------
    periods : iterable of month Period, date, Timestamp or str
        Evenly spaced, in order; words are used as they are.
    lang : Language
    room : float
        Length of the axis in px.
    """
    values = _months(periods)
    if not values:
        return []
    if isinstance(values[0], str):
        return _thinned([str(value) for value in values], room)
    names = [lang.month(value) for value in values]
    fits = max(1, int(room / (letters.widest(names) + 10)))
    every = next((step for step in (1, 3, 6, 12) if len(values) / step <= fits), 12)
    wanted = 1 if every == 12 else 0  # January itself, else the last month of quarter or half
    places = [
        place for place, value in enumerate(values)
        if every == 1 or value.month % every == wanted % every
    ] or [len(values) - 1]  # fmt: skip
    if every == 12:  # long spans: years alone
        return [PeriodLabel(place, lang.year(values[place].year), "") for place in places]
    labels, told = [], None
    several = values[0].year != values[-1].year or len(values) == 1
    for place in places:
        year = values[place].year
        labels.append(
            PeriodLabel(place, names[place], lang.year(year) if several and year != told else "")
        )
        told = year
    return labels


def _thinned(names: Sequence[str], room: float) -> list[PeriodLabel]:
    fits = max(1, int(room / (letters.widest(names) + 10)))
    every = -(-len(names) // fits)
    last = (len(names) - 1) % every
    return [PeriodLabel(place, names[place], "") for place in range(last, len(names), every)]


def _months(periods: Iterable[Any]) -> list[Any]:
    """Return words as they are and anything else as the first day of its month."""
    values = list(periods)
    if all(isinstance(value, str) for value in values):
        return values
    stamps = [value.start_time if isinstance(value, pd.Period) else value for value in values]
    return [date(stamp.year, stamp.month, 1) for stamp in map(pd.Timestamp, stamps)]


def spread(places: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move labels apart so that neighbours keep a gap, as little as that needs.

    Parameters
    ----------
    places : sequence of float
        Where labels want to be (px), in any order.
    gap : float
        Least distance between two.
    low, high : float
        Room; labels stay inside as long as they fit.
    """
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(order))
    # with the gaps taken off, labels have to rise: the least move is an isotonic regression
    blocks: list[list[float]] = []
    for place in np.array(places, dtype=float)[order] - steps:
        blocks.append([place])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    risen = np.concatenate([[np.mean(block)] * len(block) for block in blocks] or [[]])
    if steps.size and steps[-1] <= high - low:
        risen = np.clip(risen, low, high - steps[-1])
    moved = np.empty_like(risen)
    moved[order] = risen + steps
    return [float(place) for place in moved]


def extent(
    *values: np.ndarray | None, zero: bool = False, room: float = 0.0
) -> tuple[float, float]:
    """Return the range that holds all finite values, with room at the open ends.

    Parameters
    ----------
    *values : arrays, None is left out
    zero : bool
        Take zero in; an end at zero gets no room.
    room : float
        Share of the range added.
    """
    given = [np.ravel(array) for array in values if array is not None]
    pooled = np.concatenate([*given, np.empty(0)])
    pooled = pooled[np.isfinite(pooled)]
    low, high = (pooled.min(), pooled.max()) if pooled.size else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (0.0, 1.0) if low == 0 else (low - 0.1 * abs(low), high + 0.1 * abs(high))
    add = room * (high - low)
    return (
        float(low if zero and low == 0 else low - add),
        float(high if zero and high == 0 else high + add),
    )
