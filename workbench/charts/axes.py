"""Axes: grid lines with their values at the left, periods below, row labels, the empty chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.charts import letters
from workbench.charts.measure import Writer
from workbench.charts.plane import Plane, Rows, ticks
from workbench.charts.rows import PeriodLabel, spread
from workbench.charts.theme import BODY, NOTE, Role
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Drawing, Mark

GAP = 6  # between an axis label and its plot
LABEL_GAP, LINE = 8, 16  # between a line's end and its label, and from label to label
PERIODS, YEARS = 22, 16  # room below for month names, and for years under them


def axis_room(writer: Writer, low: float, high: float) -> float:
    """Return the px the values of a vertical axis need at the left."""
    return letters.widest(writer.axis(ticks(low, high))) + GAP


def grid(plane: Plane, writer: Writer, *, at: Sequence[float] | None = None) -> list[Mark]:
    """Draw at most four grid lines and their values at the left."""
    values = ticks(*plane.y) if at is None else list(at)
    left, right = plane.x
    lines = [{"x": left, "x2": right, "y": value, "y2": value} for value in values]
    labels = [
        {"x": left, "y": value, "text": text}
        for value, text in zip(values, writer.axis(values), strict=True)
    ]
    return [
        plane.rules(lines, role=Role.GRID),
        plane.texts(labels, role=Role.INK2, align="right", dx=-GAP),
    ]


def base(plane: Plane, *, y: float | None = None, role: Role = Role.INK3) -> Mark:
    """Draw the rule along the foot of the plot, or at a y value."""
    left, right = plane.x
    level = plane.y[0] if y is None else y
    return plane.rules([{"x": left, "x2": right, "y": level, "y2": level}], role=role)


def period_room(labels: Sequence[PeriodLabel]) -> float:
    """Return the px that the labels of a time axis need below."""
    return PERIODS + (YEARS if any(label.year for label in labels) else 0)


def period_axis(
    plane: Plane, labels: Sequence[PeriodLabel], *, marks: bool = True, edges: bool = True
) -> list[Mark]:
    """Draw period names below, short ticks, and years under the first month of each.

    `edges` keeps the first and last name inside the plot.
    """
    foot = plane.top + plane.up
    rows = [
        {"x": label.place, "y": plane.at_y(foot + 14), "text": label.text, "year": label.year}
        for label in labels
    ]
    short = [
        {"x": row["x"], "x2": row["x"], "y": plane.y[0], "y2": plane.at_y(foot + 4)} for row in rows
    ]
    layers = [plane.rules(short)] if marks else []
    years = [{**row, "text": row["year"], "y": plane.at_y(foot + 30)} for row in rows]
    for line in (rows, years):
        kept = inside(plane, line) if edges else line
        layers.append(plane.texts(kept, role=Role.INK2, align="center"))
    return layers


def inside(plane: Plane, rows: Rows, *, size: int = NOTE, bold: bool = False) -> Rows:
    """Move centred words so that they end within the drawing."""
    moved = []
    for row in rows:
        half = letters.wide(row["text"], size=size, bold=bold) / 2
        place = min(max(plane.px(row["x"]), half), plane.width - half)
        moved.append({**row, "x": plane.at_x(place)})
    return moved


def below(plane: Plane, rows: Rows) -> Mark:
    """Write words under the plot, the outer ones moved inside the drawing."""
    y = plane.at_y(plane.height - plane.bottom + 14)
    return plane.texts(
        inside(plane, [{**row, "y": y} for row in rows]), role=Role.INK2, align="center"
    )


def apart(plane: Plane, rows: Rows, *, bold: bool = False, gap: float = 4) -> Rows:
    """Keep of centred words, the most important first, those with a gap to the ones kept."""
    kept: Rows = []
    taken: list[tuple[float, float]] = []
    for row in inside(plane, rows, bold=bold):
        half = letters.wide(row["text"], bold=bold) / 2
        left, right = plane.px(row["x"]) - half, plane.px(row["x"]) + half
        if row["text"] and all(left >= b + gap or right + gap <= a for a, b in taken):
            kept.append(row)
            taken.append((left, right))
    return kept


def end_labels(plane: Plane, labels: Sequence[tuple[str, float]]) -> Rows:
    """Place words right of the plot at the height of their value, moved apart where close."""
    room = {"gap": LINE, "low": 6.0, "high": plane.top + plane.up}
    places = spread([plane.py(value) for _, value in labels], **room)
    x = plane.at_x(plane.width - plane.right + LABEL_GAP)
    return [
        {"x": x, "y": plane.at_y(place), "text": text}
        for place, (text, _) in zip(places, labels, strict=True)
    ]


def said_of_zero(subtitle: str, domain: tuple[float, float], lang: Language) -> str:
    """Add to a subtitle that the vertical axis does not start at zero, where it does not."""
    if domain[0] <= 0 <= domain[1]:
        return subtitle
    note = lang.say("axis does not start at zero")
    return lang.semicolon.join(filter(None, [subtitle, note]))


def row_labels(
    plane: Plane, labels: Sequence[str], *, bold: Sequence[bool] | None = None, size: int = NOTE
) -> list[Mark]:
    """Write labels at the left edge, one a row; row i lies between y = i and i + 1."""
    marks = bold if bold is not None else [False] * len(labels)
    rows = [
        {"x": plane.at_x(0), "y": place + 0.5, "text": text, "bold": mark}
        for place, (text, mark) in enumerate(zip(labels, marks, strict=True))
    ]
    return [
        plane.texts([row for row in rows if row["bold"] is flag], size=size, bold=flag)
        for flag in (False, True)
    ]


def fitted(
    labels: Sequence[str], most: float, *, size: int = NOTE, bold: bool = False
) -> tuple[list[str], float]:
    """Cut labels to a width; return them and the width they take."""
    cut = [letters.cut(label, most, size=size, bold=bold) for label in labels]
    return cut, letters.widest(cut, size=size, bold=bold)


def empty(lang: Language, width: float, height: float = 48) -> tuple[Drawing, int]:
    """Draw the chart of a table without rows: the words "no data"; return it and its height."""
    plane = Plane(width=width, height=height)
    words = {"x": 0, "y": 0.5, "text": lang.say("No data")}
    return plane.draw(plane.texts([words], size=BODY, role=Role.INK3)), int(height)
