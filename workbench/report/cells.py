"""Cells of a table: from values to what is seen, the same for HTML and for the long picture.

A value is written first and judged as written: 45.3 days shown as 45 lie inside a band that ends
at 45, and a change shown as 0.0% has neither triangle nor tint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.report.marks import TRIANGLES, Direction, Judged, judge, judged_as
from workbench.text import Language
from workbench.text.numbers import MISSING, rounded, times

Kind = Literal[
    "text", "number", "integer", "money", "signed_money", "percent", "signed_percent", "points",
    "probability", "date", "month", "bar", "interval",
]  # fmt: skip

#: Decimals shown, and by how many places the writing shifts the point (0.082 is 8.2%).
_PLACES: dict[str, tuple[int, int]] = {
    "number": (1, 0), "integer": (0, 0), "percent": (1, 2), "signed_percent": (1, 2),
    "points": (1, 2), "probability": (0, 2), "bar": (1, 0), "interval": (0, 0),
}  # fmt: skip
_DRAWN = ("bar", "interval")


@dataclass(frozen=True)
class Col:
    """One column of a table for people.

    Attributes
    ----------
    name, label : str
        Column of the frame; what the reader sees above it.
    kind : str
        How values are written. Shares are fractions (0.082 is 8.2%); "points" are differences of
        shares, written in percentage points without the unit, which the label says. Money takes
        the one unit of the table. "bar" and "interval" are drawn.
    decimals : int, optional
        Decimals of the whole column, where the usual ones do not serve.
    group : str
        Header over neighbouring columns of the same group.
    heat : (float, float, float), optional
        Limits on the size of the value from which the three tints begin.
    direction : {"up", "down", "context", "band"}
        Which way is favourable, for tints and triangles.
    band : (float, float), optional
        Values outside are marked, above with △ and below with ▽.
    judged : bool
        Whether changes carry a triangle.
    mark : str, optional
        Column of the frame that holds the triangle itself, or nothing.
    bold, additive : bool
        Bold values; values the rest line may add up.
    low, high : str
        Columns with the ends of an interval; `name` is its median.
    limits : (float, float), optional
        Ends of the scale that bars or intervals share.
    width : int
        Width of a drawn column in px.
    right : bool
        Whether text stands at the right, as figures do whose unit differs from row to row.
    """

    name: str
    label: str
    kind: Kind = "text"
    decimals: int | None = None
    group: str = ""
    heat: tuple[float, float, float] | None = None
    direction: Direction = "up"
    band: tuple[float, float] | None = None
    judged: bool = False
    mark: str | None = None
    bold: bool = False
    additive: bool = False
    low: str = ""
    high: str = ""
    limits: tuple[float, float] | None = None
    width: int = 124
    right: bool = False

    def __post_init__(self) -> None:
        if self.heat is not None and not 0 <= self.heat[0] < self.heat[1] < self.heat[2]:
            raise ParameterError(
                f"heat limits must rise from 0: {self.heat}", where=f"column {self.name}"
            )
        if self.kind == "interval" and not (self.low and self.high and self.limits):
            raise ParameterError(
                "an interval needs low, high and limits", where=f"column {self.name}"
            )

    @property
    def numeric(self) -> bool:
        """Whether values stand at the right."""
        return (self.kind != "text" or self.right) and not self.drawn

    @property
    def drawn(self) -> bool:
        """Whether the column shows a bar or an interval."""
        return self.kind in _DRAWN

    @property
    def marked(self) -> bool:
        """Whether its cells may carry a triangle, so that all keep room for one."""
        return self.judged or self.band is not None or self.mark is not None


@dataclass(frozen=True)
class Cell:
    """What one cell shows.

    Attributes
    ----------
    text : str
    glyph : str
        Triangle after the text.
    room : bool
        Whether room is kept for a triangle that is not there.
    judged : "good", "bad" or None
        Colour of the text.
    tint : str
        Heat class g1-g3, b1-b3, z0 (under the first limit) or "".
    bold : bool
    span, tick : optional
        Ends of a bar or interval and the place of its median, as shares of the scale.
    """

    text: str = ""
    glyph: str = ""
    room: bool = False
    judged: Judged | None = None
    tint: str = ""
    bold: bool = False
    span: tuple[float, float] | None = None
    tick: float | None = None


def cells(
    row: Mapping[str, Any], columns: tuple[Col, ...], *, lang: Language, scale: Any, plain: bool
) -> tuple[Cell, ...]:
    """Return the cells of one row; in a `plain` row (totals) nothing is tinted.

    A column the row has no entry for gives an empty cell; an entry that is missing gives "–".
    """
    return tuple(_cell(row, column, lang=lang, scale=scale, plain=plain) for column in columns)


def _cell(row: Mapping[str, Any], column: Col, *, lang: Language, scale: Any, plain: bool) -> Cell:
    if column.name not in row or (plain and column.drawn):
        return Cell(room=column.marked)
    value = row[column.name]
    missing = _missing(value)
    if column.drawn:
        return Cell() if missing else _drawn(row, column, lang=lang)
    shown = MISSING if missing else _write(value, column, lang, scale)
    if missing or column.kind == "text":
        return Cell(shown, room=column.marked, bold=column.bold)
    level = _level(value, column)
    glyph = _glyph(row, column, level)
    return Cell(
        shown,
        glyph=glyph,
        room=column.marked and not glyph,
        judged=judged_as(glyph),
        tint="" if plain or column.heat is None else _tint(level, column),
        bold=column.bold,
    )


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _level(value: Any, column: Col) -> float:
    """The value to judge, as it is shown; 0 in a column where none is judged."""
    if column.heat is None and column.band is None and not column.judged:
        return 0.0
    if column.kind in _PLACES:
        return _as_shown(float(value), column)
    return float(value) if hasattr(value, "__float__") else 0.0


def _write(value: Any, column: Col, lang: Language, scale: Any) -> str:
    places, _ = _PLACES.get(column.kind, (0, 0))
    decimals = places if column.decimals is None else column.decimals
    return _WRITERS[column.kind](value, lang, scale, decimals)


def _words(value: Any, lang: Language) -> str:
    if isinstance(value, bool | np.bool_):
        return lang.say("yes") if value else lang.say("no")
    return str(value)


#: How each kind is written: value, language, scale of the table's money, decimals.
_WRITERS: dict[str, Callable[[Any, Language, Any, int], str]] = {
    "text": lambda value, lang, scale, decimals: _words(value, lang),
    "number": lambda value, lang, scale, decimals: lang.number(value, decimals=decimals),
    "integer": lambda value, lang, scale, decimals: lang.number(value, decimals=0),
    "money": lambda value, lang, scale, decimals: scale(value),
    "signed_money": lambda value, lang, scale, decimals: scale.signed(value),
    "percent": lambda value, lang, scale, decimals: lang.percent(value, decimals=decimals),
    "signed_percent": lambda value, lang, scale, decimals: lang.signed_percent(
        value, decimals=decimals
    ),
    "points": lambda value, lang, scale, decimals: lang.signed(
        float(value) * 100, decimals=decimals
    ),
    "probability": lambda value, lang, scale, decimals: lang.probability(value),
    "date": lambda value, lang, scale, decimals: lang.date(value),
    "month": lambda value, lang, scale, decimals: lang.month(value),
}


def _as_shown(value: float, column: Col) -> float:
    """Round a value to what the reader sees of it."""
    places, shift = _PLACES[column.kind]
    decimals = places if column.decimals is None else column.decimals
    return float(rounded(times(value, 10**shift), decimals)) / 10**shift


def _glyph(row: Mapping[str, Any], column: Col, level: float) -> str:
    if column.mark is not None:
        glyph = row.get(column.mark)
        return glyph if isinstance(glyph, str) else ""
    if column.band is not None:
        up, verdict = level > column.band[1], judge(level, "band", band=column.band)
    elif column.judged:
        up, verdict = level > 0, judge(level, column.direction)
    else:
        return ""
    return TRIANGLES[up, verdict] if verdict else ""


def _tint(level: float, column: Col) -> str:
    assert column.heat is not None
    step = sum(abs(level) >= limit for limit in column.heat)
    if step == 0 or column.direction == "context":
        return "z0"
    return ("g" if judge(level, column.direction) == "good" else "b") + str(step)


def _drawn(row: Mapping[str, Any], column: Col, *, lang: Language) -> Cell:
    low, high = column.limits or (0.0, 1.0)

    def place(value: Any) -> float:
        return min(max((float(value) - low) / ((high - low) or math.inf), 0.0), 1.0)

    decimals = column.decimals or 0
    if column.kind == "bar":
        ends = sorted((place(0), place(row[column.name])))
        return Cell(lang.number(row[column.name], decimals=decimals), span=(ends[0], ends[1]))
    if _missing(row[column.low]) or _missing(row[column.high]):
        return Cell()
    ends = [place(row[column.low]), place(row[column.high])]
    words = "–".join(
        lang.number(row[name], decimals=decimals) for name in (column.low, column.high)
    )
    return Cell(words, span=(ends[0], ends[1]), tick=place(row[column.name]))
