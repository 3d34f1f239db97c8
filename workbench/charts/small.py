"""Small lines: the spark of a tile, and many panels on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.charts import compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import MONEY, Measure, Writer
from workbench.charts.plane import Plane
from workbench.charts.rows import column, extent, floats, need, period_names, texts
from workbench.charts.theme import NOTE, Role, columns
from workbench.text import Language

if TYPE_CHECKING:
    import altair as alt

SPARK = 92.0, 34.0
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
        for name, place in (("first", known[0]), ("last", known[-1]))
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
    layers: list[Any] = []  # marks; `alt` is the text alternative here
    facts: list[str] = []
    groups = table.groupby(pd.Series(texts(table, "panel")), sort=False)
    for place, (name, rows) in enumerate(groups):
        box = _Panel(
            (place % per_row) * (across + _GUTTER),
            (place // per_row) * (panel_height + 14),
            across, panel_height, (low, high), max(len(rows) - 1, 1),
        )  # fmt: skip
        layers += box.draw(plane, str(name), rows, writer)
        facts.append(_panel_fact(str(name), rows, writer))
    if not zero and low > 0:
        note = lang.say("axis does not start at zero")
        subtitle = lang.semicolon.join(filter(None, [subtitle, note]))
    key = [KeyEntry(lang.say("last year"), Role.LAST, "line")] if last is not None else []
    return compose.figure(
        plane.draw(*layers), plane, table=table, writer=writer, title=title, subtitle=subtitle,
        key=key, facts=facts, alt=alt,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Panel:
    """A box on the sheet of panels, in px, and its scale."""

    left: float
    top: float
    width: float
    height: float
    domain: tuple[float, float]
    last: int

    def draw(
        self, plane: Plane, name: str, rows: pd.DataFrame, writer: Writer
    ) -> Sequence[alt.Chart | None]:
        values, before = floats(rows, "value"), column(rows, "last_year")
        known = np.flatnonzero(np.isfinite(values))
        end = int(known[-1]) if known.size else 0
        figure = writer.single(values[end]) if known.size else writer(None)
        room = self.width - letters.wide(figure, bold=True) - 10
        head = {"x": self.left, "y": self.top + 8, "text": letters.cut(name, room, bold=True)}
        total = {"x": self.left + self.width, "y": self.top + 8, "text": figure}
        foot = self._y(max(self.domain[0], min(0.0, self.domain[1])))
        base = {"x": self.left, "x2": self.left + self.width, "y": foot, "y2": foot}
        return [
            plane.rules([base]),
            plane.lines(self._line(before), role=Role.LAST, width=1.25),
            plane.lines(self._line(values), width=1.75),
            plane.dots(self._line(values)[end : end + 1] if known.size else [], radius=2.8),
            plane.texts([head, total][:1], bold=True),
            plane.texts([total], bold=True, align="right"),
            *self._periods(plane, rows, writer.lang),
        ]

    def _x(self, place: float) -> float:
        return self.left + 2 + place / self.last * (self.width - 6)

    def _y(self, value: float) -> float:
        low, high = self.domain
        bottom = self.top + self.height - _FOOT
        return bottom - (value - low) / (high - low) * (self.height - _HEAD - _FOOT)

    def _line(self, values: np.ndarray | None) -> list[dict[str, float | None]]:
        if values is None:
            return []
        return [
            {"x": self._x(place), "y": self._y(value) if np.isfinite(value) else None}
            for place, value in enumerate(values)
        ]

    def _periods(self, plane: Plane, rows: pd.DataFrame, lang: Language) -> list[alt.Chart]:
        """Name the first and the last period."""
        names = period_names(rows["period"], lang)
        y = self.top + self.height - _FOOT / 2 + 2
        first = {"x": self.left, "y": y, "text": names[0]}
        last = {"x": self.left + self.width, "y": y, "text": names[-1] if len(names) > 1 else ""}
        return [
            plane.texts([first], role=Role.INK2, size=NOTE),
            plane.texts([last], role=Role.INK2, size=NOTE, align="right"),
        ]


def _panel_fact(name: str, rows: pd.DataFrame, writer: Writer) -> str:
    values = floats(rows, "value")
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return compose.fact(name, writer(None), writer.lang)
    period = period_names(rows["period"], writer.lang)[int(known[-1])]
    return f"{name}{writer.lang.paren(period)} {writer(values[known[-1]])}"
