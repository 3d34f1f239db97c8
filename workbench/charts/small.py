"""Small lines: the spark of a tile, and many panels on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import MONEY, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import column, extent, floats, need, period_names, texts
from workbench.charts.theme import NOTE, Role, columns
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

SPARK = 92.0, 34.0
_FIRST, _LAST = mark("first"), mark("last")
_GUTTER, _HEAD, _FOOT = 28.0, 22.0, 20.0


def spark(
    table: pd.DataFrame, *, lang: Language, title: str = "", measure: Measure = MONEY, alt: str = ""
) -> Figure:
    """Draw the small line of a tile: thirteen months, last year grey, the last value a dot.

    Parameters
    ----------
    table : DataFrame
        `actual`; optional `last_year`; one row a month, oldest first.
    lang : Language
    title : str
        For the text alternative; a spark has no words of its own.
    measure : Measure
    alt : str
        Own text alternative.

    Returns
    -------
    Figure
        92 x 34 px.

    Raises
    ------
    InputError
        If `actual` is missing.
    """
    table = need(table, "actual", chart="spark")
    actual, last = floats(table, "actual"), column(table, "last_year")
    writer = measure.writer(lang, actual)
    width, height = SPARK
    count = len(table)
    plane = Plane(
        width=width, height=height, left=1, right=4, top=4, bottom=4,
        x=(0, count - 1) if count > 1 else (-1, 1), y=extent(actual, last),
    )  # fmt: skip
    known = np.flatnonzero(np.isfinite(actual))
    ends = [{"x": int(known[-1]), "y": actual[known[-1]]}] if known.size else []
    before = [] if last is None else [{"x": x, "y": y} for x, y in enumerate(last)]
    chart = plane.draw(
        plane.lines(before, role=Role.LAST, width=1.25),
        plane.lines([{"x": x, "y": y} for x, y in enumerate(actual)], width=1.75),
        plane.dots(ends, radius=2.55),
    )
    facts = [
        compose.fact(lang.say(name), writer.full(actual[place]), lang)
        for name, place in ((_FIRST, known[0]), (_LAST, known[-1]))
    ] if known.size else [lang.say("No data")]  # fmt: skip
    return Figure(
        chart=chart, title=title, subtitle="", key=(), data=table, lang=lang,
        alt=alt or compose.told(title, facts, unit="", lang=lang),
        width=round(width), height=round(height),
    )  # fmt: skip


def small_multiples(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = MONEY,
    zero: bool = True,
    per_row: int = 3,
    width: float = columns(12),
    panel_height: float = 110,
    alt: str = "",
) -> Figure:
    """Draw one line a panel, all panels on one scale.

    Parameters
    ----------
    table : DataFrame
        `panel`, `period`, `value`, one row a panel and period, panels in the order met; optional
        `last_year`.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
    zero : bool
        Take zero in; else the subtitle says that the axis does not start there.
    per_row : int
        Panels side by side.
    width, panel_height : float
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
    """
    table = need(table, "panel", "period", "value", chart="small_multiples")
    values, last = floats(table, "value"), column(table, "last_year")
    writer = measure.writer(lang, values)
    if not np.isfinite(values).any():
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    names = list(dict.fromkeys(texts(table, "panel")))
    low, high = extent(values, last, zero=zero, room=0.05)
    lines = math.ceil(len(names) / per_row)
    plane = Plane(
        width=width, height=lines * (panel_height + 14) - 14, x=(0, width),
        y=(lines * (panel_height + 14) - 14, 0),
    )  # fmt: skip
    across = (width - (per_row - 1) * _GUTTER) / per_row
    boxes = []
    for place, (name, rows) in enumerate(
        table.groupby(pd.Series(texts(table, "panel")), sort=False)
    ):
        left = (place % per_row) * (across + _GUTTER)
        top = (place // per_row) * (panel_height + 14)
        boxes.append(_Panel(str(name), rows, left, top, across, panel_height, (low, high)))
    subtitle = axes.said_of_zero(subtitle, (low, high), lang)
    key = [KeyEntry(lang.say("last year"), Role.LAST, "line")] if last is not None else []
    return compose.figure(
        plane.draw(*_panels(plane, boxes, writer)), plane, table=table, writer=writer,
        title=title, subtitle=subtitle, key=key, facts=[box.fact(writer) for box in boxes], alt=alt,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Panel:
    """A box on the sheet of panels, in px, and its scale."""

    name: str
    rows: pd.DataFrame
    left: float
    top: float
    width: float
    height: float
    domain: tuple[float, float]

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def last(self) -> int | None:
        """Row of the last value that is known."""
        known = np.flatnonzero(np.isfinite(floats(self.rows, "value")))
        return int(known[-1]) if known.size else None

    def figure(self, writer: Writer) -> str:
        """Write the last value."""
        return writer(None) if self.last is None else writer.single(self._value)

    def line(self, name: str) -> Rows:
        """Return the points of a series."""
        values = column(self.rows, name)
        if values is None:
            return []
        step = (self.width - 6) / max(len(values) - 1, 1)
        return [
            {"x": self.left + 2 + place * step, "y": self._y(value), "part": self.name}
            for place, value in enumerate(values)
        ]

    def base(self) -> dict[str, float]:
        """Return the rule at zero, or at the end of the scale nearest to it."""
        foot = self._y(min(max(0.0, self.domain[0]), self.domain[1]))
        return {"x": self.left, "x2": self.right, "y": foot, "y2": foot}

    def fact(self, writer: Writer) -> str:
        """Name the panel with its last period and value."""
        if self.last is None:
            return compose.fact(self.name, writer(None), writer.lang)
        period = period_names(self.rows["period"], writer.lang)[self.last]
        return f"{self.name}{writer.lang.paren(period)} {writer(self._value)}"

    @property
    def _value(self) -> float:
        return float(floats(self.rows, "value")[self.last or 0])

    def _y(self, value: float) -> float:
        low, high = self.domain
        foot = self.top + self.height - _FOOT
        return foot - (value - low) / (high - low) * (self.height - _HEAD - _FOOT)


def _panels(plane: Plane, boxes: Sequence[_Panel], writer: Writer) -> list[Mark]:
    """Draw all panels: lines, the last value as a dot and at the head, first and last period."""
    figures = [box.figure(writer) for box in boxes]
    rooms = [box.width - letters.wide(text, bold=True) - 10
             for box, text in zip(boxes, figures, strict=True)]  # fmt: skip
    heads = [
        {"x": box.left, "y": box.top + 8, "text": letters.cut(box.name, room, bold=True)}
        for box, room in zip(boxes, rooms, strict=True)
    ]
    totals = [
        {"x": box.right, "y": box.top + 8, "text": text}
        for box, text in zip(boxes, figures, strict=True)
    ]
    first, last = [], []
    for box in boxes:
        names = period_names(box.rows["period"], writer.lang)
        y = box.top + box.height - _FOOT / 2 + 2
        first.append({"x": box.left, "y": y, "text": names[0]})
        last.append({"x": box.right, "y": y, "text": names[-1] if len(names) > 1 else ""})
    return [
        plane.rules([box.base() for box in boxes]),
        plane.lines([row for box in boxes for row in box.line("last_year")],
                    role=Role.LAST, width=1.25),
        plane.lines([row for box in boxes for row in box.line("value")], width=1.75),
        plane.dots([box.line("value")[box.last] for box in boxes if box.last is not None],
                   radius=2.8),
        plane.texts(heads, bold=True),
        plane.texts(totals, bold=True, align="right"),
        plane.texts(first, role=Role.INK2, size=NOTE),
        plane.texts(last, role=Role.INK2, size=NOTE, align="right"),
    ]  # fmt: skip
