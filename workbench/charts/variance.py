"""Variance bars: actual in front, plan outlined behind right, last year behind left.

The differences stand in a row above, on the same scale, so that they can be compared with what
they are differences of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import MONEY, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import column, floats, need, texts
from workbench.charts.theme import NOTE, Role, columns
from workbench.errors import ParameterError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

# Bars of one group, px from its middle, where groups are 85 px apart; narrower in proportion.
_PITCH = 85.0
_ACTUAL, _LAST, _PLAN = (-15.0, 15.0), (-33.0, -11.0), (-7.0, 25.0)
_WORDS = 16.0  # height of a line of labels
_FOOT = 20.0
_LONG = 60.0  # a name of a period is shorter


def variance_bars(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = MONEY,
    against: Literal["plan", "last_year"] | None = None,
    direction: str = "up",
    width: float = columns(5),
    height: float = 200,
    alt: str = "",
) -> Figure:
    """Draw actual beside plan and last year, with the differences above.

    Parameters
    ----------
    table : DataFrame
        One row a group: `label` (words, such as 1–2月), `actual`; optional `plan`, `last_year`.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
    against : {"plan", "last_year"}, optional
        What the differences are against; None takes the plan if there is one.
    direction : {"up", "down"}
        Whether more is favourable.
    width, height : float
        Size in px.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If columns are missing.
    ParameterError
        If the table has no column to compare with.
    """
    table = need(table, "label", "actual", chart="variance_bars")
    if against is not None and column(table, against) is None:
        raise ParameterError(
            f"there is no {against} to compare with", where="against", do="name another column"
        )
    groups = _Groups.read(table, lang, measure, against)
    if not np.isfinite(groups.actual).any():
        return compose.nothing(
            table=table, lang=lang, writer=groups.writer, title=title, subtitle=subtitle,
            width=width,
        )  # fmt: skip
    plane, level = _plane(groups, width=width, height=height)
    chart = plane.draw(
        *_bars(plane, groups),
        *_differences(plane, groups, level, direction),
        axes.base(plane, y=0),
        _labels(plane, groups),
        *_names(plane, groups),
    )
    return compose.figure(
        chart, plane, table=table, writer=groups.writer, title=title, subtitle=subtitle,
        key=_key(groups), facts=groups.facts(), alt=alt,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Groups:
    labels: Sequence[str]
    actual: np.ndarray
    plan: np.ndarray | None
    last: np.ndarray | None
    difference: np.ndarray | None
    against: str
    writer: Writer

    @classmethod
    def read(
        cls, table: pd.DataFrame, lang: Language, measure: Measure, against: str | None
    ) -> _Groups:
        actual = floats(table, "actual")
        plan, last = column(table, "plan"), column(table, "last_year")
        name = against or ("plan" if plan is not None else "last_year")
        base = plan if name == "plan" else last
        pooled = np.concatenate([part for part in (actual, plan, last) if part is not None])
        return cls(
            texts(table, "label"), actual, plan, last, None if base is None else actual - base,
            name, measure.writer(lang, pooled),
        )  # fmt: skip

    @property
    def tops(self) -> np.ndarray:
        """Highest bar of each group, at least zero."""
        parts = [part for part in (self.actual, self.plan, self.last) if part is not None]
        return np.nan_to_num(np.vstack([*parts, np.zeros(len(self.actual))])).max(axis=0)

    @property
    def lowest(self) -> float:
        """Lowest end of a bar, at most zero."""
        parts = [part for part in (self.actual, self.plan, self.last) if part is not None]
        return float(min(0.0, np.nanmin(np.concatenate(parts))))

    def difference_words(self) -> list[str]:
        """Words of each difference; none where there is nothing to compare with."""
        if self.difference is None:
            return []
        return [
            self.writer.difference(value) if np.isfinite(value) else "" for value in self.difference
        ]

    def facts(self) -> list[str]:
        facts = []
        for row, label in enumerate(self.labels):
            words = compose.fact(label, self.writer(self.actual[row]), self.writer.lang)
            if self.difference is not None and np.isfinite(self.difference[row]):
                words += self.writer.lang.paren(self.writer.difference(self.difference[row]))
            facts.append(words)
        return facts


def _plane(groups: _Groups, *, width: float, height: float) -> tuple[Plane, float]:
    """Find the largest scale at which bars, values and the row of differences fit.

    Returns the plane and the y value of the zero line of the differences.
    """
    highest, lowest = float(groups.tops.max()), groups.lowest
    room = height - _FOOT - _WORDS - 6

    def needed(scale: float) -> float:
        return (highest - lowest) * scale + sum(_row_of_differences(groups, scale, width))

    low, high = 0.0, room / max(highest - lowest, 1e-9)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) <= room else (low, middle)
    scale = low or 1.0
    _, below = _row_of_differences(groups, scale, width)
    level = highest + (_WORDS + 2 + below) / scale
    plane = Plane(
        width=width, height=height, bottom=_FOOT, x=(0, len(groups.labels)),
        y=(lowest, lowest + (height - _FOOT) / scale),
    )  # fmt: skip
    return plane, level


def _row_of_differences(groups: _Groups, scale: float, width: float) -> tuple[float, float]:
    """Return the px the differences take above and below their zero line, words included."""
    if groups.difference is None:
        return 0.0, 0.0
    known = groups.difference[np.isfinite(groups.difference)]
    beside = _words_beside(groups, width)

    def side(sizes: np.ndarray) -> float:
        if not sizes.size:
            return 0.0
        tall = float(sizes.max()) * scale
        return max(tall, _WORDS) if beside else tall + _WORDS

    return side(known[known >= 0]), side(-known[known < 0])


def _words_beside(groups: _Groups, width: float) -> bool:
    """Tell whether differences can stand beside their bars instead of at their ends."""
    pitch = width / len(groups.labels)
    bar = (_ACTUAL[1] - _ACTUAL[0]) * min(1.0, pitch / _PITCH)
    return letters.widest(groups.difference_words()) + bar + 8 <= pitch


def _unit(plane: Plane) -> float:
    """Return the x of one px of a bar, narrower where groups are close."""
    pitch = plane.across / plane.x[1]
    return min(1.0, pitch / _PITCH) / pitch


def _bars(plane: Plane, groups: _Groups) -> list[Mark]:
    def rows(values: np.ndarray | None, place: tuple[float, float], role: Role) -> Rows:
        if values is None:
            return []
        unit = _unit(plane)
        return [
            {"x": row + 0.5 + place[0] * unit, "x2": row + 0.5 + place[1] * unit, "y": 0,
             "y2": value, "fill": role.light}
            for row, value in enumerate(values) if np.isfinite(value)
        ]  # fmt: skip

    return [
        plane.rects(rows(groups.last, _LAST, Role.LAST)),
        plane.rects(rows(groups.plan, _PLAN, Role.PAPER), outline=Role.PLAN),
        plane.rects(rows(groups.actual, _ACTUAL, Role.ACTUAL)),
    ]


def _differences(plane: Plane, groups: _Groups, level: float, direction: str) -> list[Mark]:
    if groups.difference is None:
        return []
    unit = _unit(plane)
    rects: Rows = []
    words: Rows = []
    for row, text in enumerate(groups.difference_words()):
        value = float(groups.difference[row])
        if not np.isfinite(value):
            continue
        left, right = (row + 0.5 + edge * unit for edge in _ACTUAL)
        good = (value >= 0) == (direction == "up")
        fill = (Role.GOOD if good else Role.BAD).light
        rects.append({"x": left, "x2": right, "y": level, "y2": level + value, "fill": fill})
        words.append({"x": right, "y": level, "text": text, "value": value})
    base = axes.base(plane, y=level)
    if _words_beside(groups, plane.width):
        up, down = _by_sign(words)
        return [
            plane.rects(rects),
            base,
            plane.texts(up, dx=4, dy=-9),
            plane.texts(down, dx=4, dy=9),
        ]
    at_ends = [
        {**word, "x": (rect["x"] + rect["x2"]) / 2, "y": rect["y2"]}
        for word, rect in zip(words, rects, strict=True)
    ]
    largest = sorted(at_ends, key=lambda word: -abs(word["value"]))
    up, down = _by_sign(axes.apart(plane, largest))
    return [
        plane.rects(rects),
        base,
        plane.texts(up, align="center", dy=-9),
        plane.texts(down, align="center", dy=9),
    ]


def _by_sign(words: Rows) -> tuple[Rows, Rows]:
    return [word for word in words if word["value"] >= 0], [w for w in words if w["value"] < 0]


def _labels(plane: Plane, groups: _Groups) -> Mark:
    """Write the actual above each group; where there is no room, highest, last and lowest."""
    known = np.flatnonzero(np.isfinite(groups.actual))
    rows = [
        {"x": row + 0.5, "y": groups.tops[row], "text": groups.writer(groups.actual[row])}
        for row in known
    ]
    if letters.widest((row["text"] for row in rows), bold=True) + 4 > plane.across / plane.x[1]:
        actual = groups.actual[known]
        order = [int(actual.argmax()), len(known) - 1, int(actual.argmin())]
        rows = axes.apart(plane, [rows[place] for place in order], bold=True)
    return plane.texts(rows, bold=True, align="center", dy=-9)


def _names(plane: Plane, groups: _Groups) -> list[Mark]:
    """Write the names below: all, every second or third of short ones, or cut where long."""
    pitch = plane.across / plane.x[1]
    widest = letters.widest(groups.labels)
    every = 1 if widest > _LONG else max(1, -(-int(widest + 4) // int(max(pitch, 1))))
    rows = [
        {"x": row + 0.5, "y": plane.at_y(plane.height - _FOOT + 13),
         "text": letters.cut(label, every * pitch - 4, size=NOTE)}
        for row, label in enumerate(groups.labels)
        if (len(groups.labels) - 1 - row) % every == 0
    ]  # fmt: skip
    return [plane.texts(axes.inside(plane, rows), role=Role.INK2, align="center")]


def _key(groups: _Groups) -> list[KeyEntry]:
    lang = groups.writer.lang
    entries = [KeyEntry(lang.say("actual"), Role.ACTUAL)]
    if groups.plan is not None:
        entries.append(KeyEntry(lang.say("plan"), Role.PLAN, "outline"))
    if groups.last is not None:
        entries.append(KeyEntry(lang.say("last year"), Role.LAST))
    if groups.difference is not None:
        words = {
            "plan": lang.say("top row: less plan"),
            "last_year": lang.say("top row: less last year"),
        }
        entries.append(KeyEntry(words[groups.against], Role.PAPER, "none"))
    return entries
