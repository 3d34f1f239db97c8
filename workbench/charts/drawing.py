"""A drawing: marks on a plane, written as SVG here, or given as an Altair chart.

The few marks of `plane.py` need no engine: a linear scale, six shapes. What is written here is,
character for character, what Vega makes of the Altair definition of the same marks once it is
cleaned of what a page does not need (`render.py`); tests hold one against the other. So pages and
files are drawn without starting an engine, and whoever wants a chart to go on with gets one from
`Drawing.altair`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import altair as alt

Kind = Literal["rect", "rule", "text", "line", "area", "point"]
Range = tuple[float, float]

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
# How far below its y the foot of a text lies, in font sizes; as Vega has it.
_FOOT = {"top": 0.79, "middle": 0.3, "bottom": -0.21, "alphabetic": 0.0}


@dataclass(frozen=True, slots=True)
class Mark:
    """Marks of one kind and style.

    Attributes
    ----------
    kind : str
    values : list of dict
        One a mark, or one a point of a line or area: x, y, x2, y2 in data coordinates (None where
        missing), fill (hex), text, part.
    channels : tuple of str
        Keys of `values` that are drawn.
    style : dict
        As `altair.MarkDef` takes it.
    """

    kind: Kind
    values: list[dict[str, Any]]
    channels: tuple[str, ...]
    style: dict[str, Any]


# A chart without marks still has its size, and a Vega-Lite definition needs a layer.
_NOTHING = "<g><text/></g>"
_BLANK = Mark("text", [{"x": 0, "y": 0, "text": ""}], ("x", "y", "text"), {})


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks on top of each other, first below.

    Attributes
    ----------
    marks : tuple of Mark
    across, up : float
        Size of the plot in px.
    left, right, top, bottom : float
        Room around it in px.
    x, y : pair of float
        Values at its left and right, bottom and top.
    """

    marks: tuple[Mark, ...]
    across: float
    up: float
    left: float
    right: float
    top: float
    bottom: float
    x: Range
    y: Range

    def svg(self) -> str:
        """Write the marks as SVG, without the `svg` element around them."""
        place = f"translate({_number(self.left)},{_number(self.top)})"
        marks = "".join(_WRITERS[mark.kind](self, mark) for mark in self.marks) or _NOTHING
        return (
            f'<g fill="none" stroke-miterlimit="10" transform="{place}"><g>'
            f"{self._framed(marks)}</g></g>"
        )

    def altair(self) -> alt.LayerChart:
        """Return the same drawing as an Altair chart."""
        import altair as alt

        padding = {
            "left": self.left, "right": self.right, "top": self.top, "bottom": self.bottom,
        }  # fmt: skip
        return alt.LayerChart(
            layer=[self._defined(mark) for mark in self.marks or [_BLANK]],
            width=self.across,
            height=self.up,
            padding=padding,
            autosize={"type": "none"},
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the Vega-Lite definition."""
        found: dict[str, Any] = self.altair().to_dict()
        return found

    # -- what the marks are written with

    def px(self, value: float) -> float:
        """Return the px of an x value from the left of the plot."""
        return self.across * _share(value, self.x)

    def py(self, value: float) -> float:
        """Return the px of a y value from the top of the plot."""
        return self.up * (1 - _share(value, self.y))

    def framed_each(self, paths: Sequence[str]) -> str:
        """Write paths, each in a group of its own."""
        return f"<g>{''.join(self._framed(f'<g>{path}</g>') for path in paths)}</g>"

    def _framed(self, inside: str) -> str:
        width, height = _number(self.across), _number(self.up)
        ground = f'<path d="M0,0h{width}v{height}h-{width}Z"/>'
        return f'<g transform="translate(0,0)">{ground}<g>{inside}</g></g>'

    def _defined(self, mark: Mark) -> alt.Chart:
        import altair as alt

        channels: dict[str, Callable[[], Any]] = {
            "x": lambda: alt.X(field="x", type="quantitative", axis=None, scale=_fixed(self.x)),
            "y": lambda: alt.Y(field="y", type="quantitative", axis=None, scale=_fixed(self.y)),
            "x2": lambda: alt.X2(field="x2"),
            "y2": lambda: alt.Y2(field="y2"),
            "fill": lambda: alt.Fill(field="fill", type="nominal", scale=None, legend=None),
            "text": lambda: alt.Text(field="text", type="nominal"),
            "part": lambda: alt.Detail(field="part", type="nominal"),
        }
        encoding = alt.FacetedEncoding(
            **{"detail" if name == "part" else name: channels[name]() for name in mark.channels}
        )
        definition = alt.MarkDef(type=mark.kind, **mark.style)
        return alt.Chart(alt.Data(values=mark.values), mark=definition, encoding=encoding)


def _fixed(domain: Range) -> alt.Scale:
    import altair as alt

    return alt.Scale(domain=list(domain), nice=False, zero=False)


def _share(value: float, ends: Range) -> float:
    return (value - ends[0]) / (ends[1] - ends[0])


# -- kinds of marks -----------------------------------------------------------------------------


def _rects(drawing: Drawing, mark: Mark) -> str:
    written = []
    for row in _placed(mark):
        left, right = sorted((drawing.px(row["x"]), drawing.px(row["x2"])))
        top, foot = sorted((drawing.py(row["y"]), drawing.py(row["y2"])))
        width, height = _number(right - left), _number(foot - top)
        back = _number(-(right - left))
        path = f"M{_number(left)},{_number(top)}h{width}v{height}h{back}Z"
        written.append(f'<path d="{path}"{_paint(mark, row.get("fill"))}/>')
    return f"<g>{''.join(written)}</g>"


def _rules(drawing: Drawing, mark: Mark) -> str:
    written = []
    for row in _placed(mark):
        x, y = drawing.px(row["x"]), drawing.py(row["y"])
        ends = _number(drawing.px(row["x2"]) - x), _number(drawing.py(row["y2"]) - y)
        place = f"translate({_number(x)},{_number(y)})"
        written.append(f'<line transform="{place}" x2="{ends[0]}" y2="{ends[1]}"{_paint(mark)}/>')
    return f"<g>{''.join(written)}</g>"


def _texts(drawing: Drawing, mark: Mark) -> str:
    style = mark.style
    size, anchor = style["fontSize"], _ANCHORS[style["align"]]
    low = style["dy"] + _rounded(_FOOT[style["baseline"]] * size)
    weight = f' font-weight="{style["fontWeight"]}"' if "fontWeight" in style else ""
    look = f'font-size="{_number(size)}px"{weight} fill="{style["color"]}"'
    written = []
    for row in _placed(mark):
        x, y = drawing.px(row["x"]) + style["dx"], drawing.py(row["y"]) + low
        place = f"translate({_number(x)},{_number(y)})"
        words = escape(str(row["text"]).strip(), quote=False)
        written.append(f'<text text-anchor="{anchor}" transform="{place}" {look}>{words}</text>')
    return f"<g>{''.join(written)}</g>"


def _lines(drawing: Drawing, mark: Mark) -> str:
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in mark.values:
        parts.setdefault(row["part"], []).append(row)
    paths = ("".join(_path(_points(drawing, rows, "y"))) for rows in parts.values())
    return drawing.framed_each([f"<path{_shape(path)}{_paint(mark)}/>" for path in paths])


def _areas(drawing: Drawing, mark: Mark) -> str:
    upper, lower = (_runs(_points(drawing, mark.values, name)) for name in ("y", "y2"))
    pairs = zip(upper, lower, strict=True)
    path = "".join(f"M{'L'.join([*above, *reversed(below)])}Z" for above, below in pairs)
    return f"<g><path{_shape(path)}{_paint(mark, mark.style['color'])}/></g>"


def _dots(drawing: Drawing, mark: Mark) -> str:
    r = _short(math.sqrt(mark.style["size"]) / 2)
    path = f"M{r},0A{r},{r},0,1,1,-{r},0A{r},{r},0,1,1,{r},0"
    written = []
    for row in _placed(mark):
        place = f"translate({_number(drawing.px(row['x']))},{_number(drawing.py(row['y']))})"
        look = f'fill="{row["fill"]}" stroke-width="2" opacity="1"'
        written.append(f'<path transform="{place}" d="{path}" {look}/>')
    return f"<g>{''.join(written)}</g>"


_WRITERS: dict[Kind, Callable[[Drawing, Mark], str]] = {
    "rect": _rects, "rule": _rules, "text": _texts, "line": _lines, "area": _areas, "point": _dots,
}  # fmt: skip


def _placed(mark: Mark) -> Iterator[dict[str, Any]]:
    """Rows that have a place; the others are not drawn."""
    return (row for row in mark.values if row["x"] is not None and row["y"] is not None)


def _paint(mark: Mark, fill: str | None = None) -> str:
    """Write fill and stroke in the order in which Vega does."""
    style = mark.style
    line = style.get("stroke") or (style["color"] if mark.kind in ("rule", "line") else None)
    round_ends = mark.kind == "line"
    written = {
        "fill": fill,
        "stroke": line,
        "stroke-width": _number(style["strokeWidth"]) if "strokeWidth" in style else None,
        "stroke-linecap": style.get("strokeCap", "round") if round_ends else None,
        "stroke-linejoin": "round" if round_ends else None,
        "stroke-dasharray": ",".join(map(_number, style.get("strokeDash", ()))),
        "opacity": _number(style["opacity"]) if "opacity" in style else None,
    }
    return "".join(f' {name}="{value}"' for name, value in written.items() if value)


# -- paths and numbers --------------------------------------------------------------------------


def _points(drawing: Drawing, rows: Sequence[dict[str, Any]], name: str) -> list[str | None]:
    """Points along x as a path has them; None where one is missing."""
    along = sorted(rows, key=lambda row: -math.inf if row["x"] is None else row["x"])
    return [
        None
        if row["x"] is None or row[name] is None
        else f"{_short(drawing.px(row['x']))},{_short(drawing.py(row[name]))}"
        for row in along
    ]


def _runs(points: Sequence[str | None]) -> list[list[str]]:
    """Cut points where one is missing."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _path(points: Sequence[str | None]) -> Iterator[str]:
    for run in _runs(points):
        yield f"M{'L'.join(run)}" + ("Z" if len(run) == 1 else "")


def _shape(path: str) -> str:
    return f' d="{path}"' if path else ""


def _rounded(value: float) -> int:
    """Round halves up, as JavaScript does."""
    return math.floor(value + 0.5)


def _short(value: float) -> str:
    return _number(_rounded(value * 1000) / 1000)


def _number(value: float) -> str:
    """Write a number as JavaScript does: no ".0", a power of ten only for the smallest."""
    if value == int(value):
        return str(int(value))
    text = repr(float(value))
    if "e" not in text:
        return text
    digits, power = text.split("e")
    return f"{digits}e{int(power)}" if int(power) < -6 else format(Decimal(text), "f")
