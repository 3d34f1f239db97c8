"""The plane charts are drawn on: data coordinates, room around them, and the few marks used.

A chart is one layered Vega-Lite view of exact size (no automatic padding), so that left edges
align on a page and nothing is cut. Axes are drawn like everything else, because labels are
words of a language. Marks take rows (dicts) in data coordinates; `px` shifts are for labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.charts.drawing import Drawing, Kind, Mark
from workbench.charts.theme import NOTE, Role

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]
Align = Literal["left", "center", "right"]
Baseline = Literal["top", "middle", "bottom", "alphabetic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Data coordinates on a drawing of exact size.

    Attributes
    ----------
    width, height : float
        Size of the whole drawing in px.
    left, right, top, bottom : float
        Room around the plot in px.
    x, y : pair of float
        Values at left and right, at bottom and top of the plot.
    """

    width: float
    height: float
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    @property
    def across(self) -> float:
        """Width of the plot in px."""
        return self.width - self.left - self.right

    @property
    def up(self) -> float:
        """Height of the plot in px."""
        return self.height - self.top - self.bottom

    def px(self, x: float) -> float:
        """Return the px of an x value, from the left edge of the drawing."""
        return self.left + (x - self.x[0]) / (self.x[1] - self.x[0]) * self.across

    def py(self, y: float) -> float:
        """Return the px of a y value, from the top edge of the drawing."""
        return self.top + (self.y[1] - y) / (self.y[1] - self.y[0]) * self.up

    def at_x(self, px: float) -> float:
        """Return the x value at a px from the left edge of the drawing."""
        return self.x[0] + (px - self.left) / self.across * (self.x[1] - self.x[0])

    def at_y(self, px: float) -> float:
        """Return the y value at a px from the top edge of the drawing."""
        return self.y[1] - (px - self.top) / self.up * (self.y[1] - self.y[0])

    # -- marks: rows with x, y (x2, y2, text, fill) in data coordinates

    def rects(self, rows: Iterable[Row], *, outline: Role | None = None) -> Mark:
        """Draw rectangles from (x, y) to (x2, y2), each in its own `fill` (hex)."""
        line = {} if outline is None else {"stroke": outline.light, "strokeWidth": 1.25}
        return self._mark(rows, "rect", ("x", "y", "x2", "y2"), ("fill",), **line)

    def rules(
        self,
        rows: Iterable[Row],
        *,
        role: Role = Role.INK3,
        width: float = 1,
        dash: Sequence[float] | None = None,
        opacity: float = 1,
    ) -> Mark:
        """Draw straight lines from (x, y) to (x2, y2)."""
        style: dict[str, Any] = {"color": role.light, "strokeWidth": width}
        if dash is not None:
            style["strokeDash"] = list(dash)
        if opacity != 1:
            style["opacity"] = opacity
        return self._mark(rows, "rule", ("x", "y", "x2", "y2"), (), **style)

    def texts(
        self,
        rows: Iterable[Row],
        *,
        size: int = NOTE,
        bold: bool = False,
        role: Role = Role.INK,
        align: Align = "left",
        baseline: Baseline = "middle",
        dx: float = 0,
        dy: float = 0,
    ) -> Mark:
        """Write `text` at (x, y); rows without words are left out."""
        style: dict[str, Any] = {"color": role.light, "fontSize": size, "align": align}
        style |= {"baseline": baseline, "dx": dx, "dy": dy}
        if bold:
            style["fontWeight"] = 700
        written = [row for row in rows if row["text"]]
        return self._mark(written, "text", ("x", "y"), ("text",), **style)

    def lines(
        self,
        rows: Iterable[Row],
        *,
        role: Role = Role.ACTUAL,
        width: float = 2,
        dash: Sequence[float] | None = None,
    ) -> Mark:
        """Draw one line through (x, y) for each `part`; it breaks where y is missing."""
        rows = [{"part": "", **row} for row in rows]
        style: dict[str, Any] = {"color": role.light, "strokeWidth": width}
        if dash is not None:
            style |= {"strokeDash": list(dash), "strokeCap": "butt"}
        return self._mark(rows, "line", ("x", "y"), ("part",), **style)

    def areas(self, rows: Iterable[Row], *, role: Role) -> Mark:
        """Fill between y and y2 along x; it breaks where either is missing."""
        whole = [
            row if _finite(row["y"]) and _finite(row["y2"]) else {**row, "y": None, "y2": None}
            for row in rows
        ]
        return self._mark(whole, "area", ("x", "y", "y2"), (), color=role.light)

    def dots(self, rows: Iterable[Row], *, role: Role = Role.ACTUAL, radius: float = 3.2) -> Mark:
        """Draw dots at (x, y), in `fill` where a row has it."""
        rows = [{"fill": role.light, **row} for row in rows]
        area = round(math.pi * radius**2, 2)
        return self._mark(rows, "point", ("x", "y"), ("fill",), size=area, shape="circle")

    def draw(self, *layers: Mark | None) -> Drawing:
        """Put marks on top of each other, first below; None and marks without rows drop out."""
        used = [layer for layer in layers if layer is not None and layer.values]
        return Drawing(
            tuple(used),
            across=self.across,
            up=self.up,
            left=self.left,
            right=self.right,
            top=self.top,
            bottom=self.bottom,
            x=self.x,
            y=self.y,
        )

    def _mark(
        self,
        rows: Iterable[Row],
        kind: Kind,
        places: Sequence[str],
        extra: Sequence[str],
        **style: Any,
    ) -> Mark:
        kept = (*places, *extra)
        values = [{name: _plain(row[name]) for name in kept if name in row} for row in rows]
        return Mark(kind, values, kept, style)


def ticks(low: float, high: float, *, most: int = 4) -> list[float]:
    """Return round values inside a range: at most so many, steps of 1, 2, 2.5 or 5 times 10^k."""
    if not high > low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    for step in (1, 2, 2.5, 5, 10, 20, 25):
        size = step * power
        first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
        if last - first + 1 <= most:
            return [round(n * size, 12) for n in range(first, last + 1)]
    return [low]


def _finite(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; a missing number is null."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
