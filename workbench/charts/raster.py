"""Pictures of the drawings made here, without an engine: in a third of the time, a third as large.

`drawing.py`, `render.py` and `report/drawing.py` write a small part of SVG: groups and drawings set
beside each other, rectangles, lines, polygons, discs, and words in the shipped font. That part is
read here and laid on a canvas (`pixels.py`); for any other drawing `render.py` asks the engine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from xml.etree import ElementTree

import numpy as np

from workbench.charts.pixels import COLOURS, RGB, SHADES, Canvas, discs, mask, shades
from workbench.text.fonts.outlines import contours

_EM = 1000
_PHASES = 2  # places within a pixel at which a letter may stand
_ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}

_SPACE = "{http://www.w3.org/2000/svg}"
_MOVED = re.compile(r"translate\(([-\d.e]+),([-\d.e]+)\)")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_RECTANGLE = re.compile(r"M([^A-Za-z]+)h([^A-Za-z]+)v([^A-Za-z]+)h[^A-Za-z]+Z")
_DISC = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?")
_POLYLINES = re.compile(r"(?:M[-\d.e]+,[-\d.e]+(?:L[-\d.e]+,[-\d.e]+)*Z?)*")

# What an element may say. Joins are round on lines of several parts and square on rectangles.
_KNOWN = {
    "svg": {"width", "height", "viewBox", "font-family", "x", "y", "overflow"},
    "g": {"transform", "fill", "stroke-miterlimit"},
    "rect": {"x", "y", "width", "height", "rx", "fill", "stroke", "stroke-width",
             "stroke-dasharray"},
    "circle": {"cx", "cy", "r", "fill"},
    "line": {"x1", "y1", "x2", "y2", "transform", "stroke", "stroke-width", "stroke-dasharray",
             "opacity"},
    "path": {"d", "transform", "fill", "stroke", "stroke-width", "stroke-linecap",
             "stroke-linejoin", "stroke-dasharray", "opacity"},
    "text": {"x", "y", "transform", "font-size", "font-weight", "fill", "text-anchor"},
}  # fmt: skip

Attributes = Mapping[str, str]


class _UnknownError(Exception):
    """The drawing has something that is not drawn here."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands: pixels of its origin, pixels a unit, and the fill it inherits."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    fill: str = "#000000"

    def moved(self, look: Attributes) -> _Place:
        """Of an element that says where it is moved to."""
        if not (said := look.get("transform")):
            return self
        found = _MOVED.fullmatch(said)
        if found is None:
            raise _UnknownError(said)
        return self.beside(float(found[1]), float(found[2]))

    def beside(self, x: float, y: float, *, times: float = 1.0) -> _Place:
        return replace(
            self, x=self.x + x * self.scale, y=self.y + y * self.scale, scale=self.scale * times
        )

    def at(self, points: np.ndarray) -> np.ndarray:
        return points * self.scale + (self.x, self.y)


def picture(svg: str, *, scale: float) -> bytes | None:
    """Draw an SVG as PNG.

    Parameters
    ----------
    svg : str
        Begins with a rectangle of one colour that covers all of it.
    scale : float
        Pixels a unit.

    Returns
    -------
    bytes or None
        None where it holds anything that is not drawn here, or too many colours.
    """
    root = ElementTree.fromstring(svg)
    try:
        _expect("svg", root.attrib)
        width, height = _number(root.attrib, "width"), _number(root.attrib, "height")
        if root.get("viewBox", f"0 0 {width:g} {height:g}") != f"0 0 {width:g} {height:g}":
            raise _UnknownError("viewBox")
        ground = next(iter(root))
        colours = [_colour(said) for said in dict.fromkeys(_HEX.findall(svg))]
        if len(colours) >= COLOURS:
            raise _UnknownError("colours")
        size = math.ceil(width * scale), math.ceil(height * scale)
        canvas = Canvas(*size, _colour(ground.get("fill", "")), colours)
        for element in root:
            _draw(canvas, element, _Place(scale=scale))
        return canvas.png()
    except (_UnknownError, StopIteration):
        return None


def _draw(canvas: Canvas, element: ElementTree.Element, place: _Place) -> None:
    name = element.tag.removeprefix(_SPACE)
    look = element.attrib
    _expect(name, look)
    if name == "g":
        inside = replace(place.moved(look), fill=look.get("fill", place.fill))
        for each in element:
            _draw(canvas, each, inside)
    elif name == "svg":
        for each in element:
            _draw(canvas, each, _nested(look, place))
    else:
        _DRAWN[name](canvas, element, place.moved(look))


def _nested(look: Attributes, place: _Place) -> _Place:
    """Place of a drawing within a drawing, which is enlarged and may reach over its frame."""
    box = [float(each) for each in look.get("viewBox", "").split()]
    across, down = (_number(look, name) for name in ("width", "height"))
    if look.get("overflow") != "visible" or len(box) != 4 or box[:2] != [0, 0]:
        raise _UnknownError("svg")
    times = min(across / box[2], down / box[3])
    x = _number(look, "x") + (across - box[2] * times) / 2
    y = _number(look, "y") + (down - box[3] * times) / 2
    return place.beside(x, y, times=times)


# -- kinds of elements --------------------------------------------------------------------------


def _rect(canvas: Canvas, element: ElementTree.Element, place: _Place) -> None:
    look = element.attrib
    x, y, width, height = (_number(look, name) for name in ("x", "y", "width", "height"))
    fill, round_ends = look.get("fill", place.fill), _number(look, "rx")
    if round_ends:
        if fill == "none" or "stroke" in look or round_ends < height / 2 - 0.05:
            raise _UnknownError("rx")
        ends = np.array(
            [[x + height / 2, y + height / 2], [x + width - height / 2, y + height / 2]]
        )
        canvas.shape(
            list(_stroked(place.at(ends), height * place.scale, round_ends=True)), _colour(fill)
        )
        return
    _rectangle(canvas, (x, y, x + width, y + height), look, place)


def _circle(canvas: Canvas, element: ElementTree.Element, place: _Place) -> None:
    look = element.attrib
    centre = place.at(np.array([[_number(look, "cx"), _number(look, "cy")]]))
    circle = discs(centre, _number(look, "r") * place.scale)
    canvas.shape([circle], _colour(look.get("fill", place.fill)))


def _line(canvas: Canvas, element: ElementTree.Element, place: _Place) -> None:
    look = element.attrib
    ends = np.array([[_number(look, "x1"), _number(look, "y1")],
                     [_number(look, "x2"), _number(look, "y2")]])  # fmt: skip
    _stroke(canvas, [ends], look, place)


def _path(canvas: Canvas, element: ElementTree.Element, place: _Place) -> None:
    look = element.attrib
    d, fill = look["d"], look.get("fill", place.fill)
    if fill == "none" and "stroke" not in look:
        return
    if found := _RECTANGLE.fullmatch(d):
        x, y = map(float, _NUMBER.findall(found[1]))
        right, foot = x + float(found[2]), y + float(found[3])
        _rectangle(canvas, (x, y, right, foot), look, place)
    elif found := _DISC.fullmatch(d):
        if "stroke" in look:
            raise _UnknownError(d)
        circle = discs(np.array([[place.x, place.y]]), float(found[1]) * place.scale)
        canvas.shape([circle], _colour(fill), float(look.get("opacity", 1)))
    elif _POLYLINES.fullmatch(d):
        parts = [_points(part) for part in d.split("M")[1:]]
        if fill != "none":
            polygons = [place.at(part) for part in parts]
            canvas.shape(polygons, _colour(fill), float(look.get("opacity", 1)))
        if "stroke" in look:
            _stroke(canvas, parts, look, place)
    else:
        raise _UnknownError(d)


def _text(canvas: Canvas, element: ElementTree.Element, place: _Place) -> None:
    look, words = element.attrib, " ".join((element.text or "").split())
    bold = {"400": False, "700": True}.get(look.get("font-weight", "400"))
    if bold is None or len(element):
        raise _UnknownError("text")
    size = float(look["font-size"].removesuffix("px")) * place.scale
    wide = sum(_advance(each, bold) for each in words) * size / _EM
    x = place.x + _number(look, "x") * place.scale
    x -= _ANCHORS[look.get("text-anchor", "start")] * wide
    whole, phase = divmod(round(x * _PHASES), _PHASES)
    if (line := _line_of(words, size, phase, bold)) is not None:
        levels, left, top = line
        y = round(place.y + _number(look, "y") * place.scale)
        canvas.lay(levels, whole + left, y + top, _colour(look.get("fill", place.fill)))


_DRAWN: dict[str, Callable[[Canvas, ElementTree.Element, _Place], None]] = {
    "rect": _rect, "circle": _circle, "line": _line, "path": _path, "text": _text,
}  # fmt: skip


# -- words --------------------------------------------------------------------------------------


@lru_cache(2_000)
def _line_of(words: str, size: float, phase: int, bold: bool) -> tuple[np.ndarray, int, int] | None:
    """Levels of a line of words that starts at a place within a pixel; None where it has no ink.

    With the place of its upper left corner from where the line starts.
    """
    x, drawn = phase / _PHASES, []
    for each in words:
        whole, part = divmod(round(x * _PHASES), _PHASES)
        if (letter := _letter(each, size, part, bold)) is not None:
            levels, left, top = letter
            drawn.append((levels, whole + left, top))
        x += _advance(each, bold) * size / _EM
    if not drawn:
        return None
    first, high = min(at for _, at, _ in drawn), min(up for _, _, up in drawn)
    right = max(at + levels.shape[1] for levels, at, _ in drawn)
    foot = max(up + levels.shape[0] for levels, _, up in drawn)
    line = np.zeros((foot - high, right - first), np.uint8)
    for levels, at, up in drawn:  # letters that touch cover together
        under = line[up - high :, at - first :][: levels.shape[0], : levels.shape[1]]
        np.minimum(under + levels, SHADES, out=under)
    return line, first, high


@lru_cache(20_000)
def _letter(
    character: str, size: float, phase: int, bold: bool
) -> tuple[np.ndarray, int, int] | None:
    """Levels of a letter at a place within a pixel; None where it has no ink."""
    outline = _outline(character, bold, 2 + math.ceil(math.sqrt(size)))
    place = np.array([phase / _PHASES, 0.0])
    drawn = mask([points * (size / _EM, -size / _EM) + place for points in outline])
    return None if drawn is None else (shades(drawn[0]), drawn[1], drawn[2])


@lru_cache(5_000)
def _outline(character: str, bold: bool, bends: int) -> list[np.ndarray]:
    """Outlines of a letter as points, so many of a curve."""
    found = contours(character, bold=bold)
    return [_bent(start, pieces, bends) for start, pieces in (found[1] if found else ())]


@lru_cache(20_000)
def _advance(character: str, bold: bool) -> int:
    found = contours(character, bold=bold)
    if found is None:
        raise _UnknownError(character)
    return found[0]


def _bent(
    start: tuple[float, float], pieces: list[list[tuple[float, float]]], bends: int
) -> np.ndarray:
    t = np.arange(1, bends + 1)[:, None] / bends
    curves = np.array([piece for piece in pieces if len(piece) == 3]).reshape(-1, 3, 1, 2)
    bent = 3 * t * (1 - t) ** 2 * curves[:, 0] + 3 * t**2 * (1 - t) * curves[:, 1]
    along = iter(bent + t**3 * curves[:, 2])
    ends = np.cumsum([start, *(piece[-1] for piece in pieces)], axis=0)
    return np.concatenate(
        [ends[:1]]
        + [
            at + next(along) if len(piece) == 3 else end[None]
            for piece, at, end in zip(pieces, ends[:-1], ends[1:], strict=True)
        ]
    )


# -- lines --------------------------------------------------------------------------------------


def _rectangle(
    canvas: Canvas, box: tuple[float, float, float, float], look: Attributes, place: _Place
) -> None:
    """Fill a rectangle and draw its sides, square at the corners."""
    fill, share = look.get("fill", place.fill), float(look.get("opacity", 1))
    (left, top), (right, foot) = place.at(np.array(box).reshape(2, 2))
    if fill != "none":
        canvas.box(left, top, right, foot, _colour(fill), share)
    if "stroke" not in look:
        return
    half = float(look.get("stroke-width", 1)) * place.scale / 2
    corners = np.array([[left, top], [right, top], [right, foot], [left, foot], [left, top]])
    if dashes := _dashes(look, place):
        runs = _dashed(corners, dashes)
        parts = [part for run in runs for part in _stroked(run, 2 * half, round_ends=False)]
        canvas.shape(parts, _colour(look["stroke"]), share)
        return
    left, right, top, foot = min(left, right), max(left, right), min(top, foot), max(top, foot)
    colour = _colour(look["stroke"])
    canvas.box(left - half, top - half, right + half, top + half, colour, share)
    canvas.box(left - half, foot - half, right + half, foot + half, colour, share)
    canvas.box(left - half, top + half, left + half, foot - half, colour, share)
    canvas.box(right - half, top + half, right + half, foot - half, colour, share)


def _stroke(canvas: Canvas, parts: list[np.ndarray], look: Attributes, place: _Place) -> None:
    round_ends = look.get("stroke-linecap") == "round"
    if look.get("stroke-linejoin") != "round" and any(len(part) > 2 for part in parts):
        raise _UnknownError("stroke-linejoin")
    width, share = float(look.get("stroke-width", 1)) * place.scale, float(look.get("opacity", 1))
    colour, dashes = _colour(look["stroke"]), _dashes(look, place)
    drawn: list[np.ndarray] = []
    for part in map(place.at, parts):
        for run in _dashed(part, dashes) if dashes else [part]:
            along = run[0] == run[-1]
            if len(run) == 2 and along.any() and not round_ends:
                aside = np.where(along, width / 2, 0.0)
                low, high = run.min(axis=0) - aside, run.max(axis=0) + aside
                canvas.box(low[0], low[1], high[0], high[1], colour, share)
            else:
                drawn += _stroked(run, width, round_ends=round_ends)
    if drawn:
        canvas.shape(drawn, colour, share)


def _stroked(points: np.ndarray, width: float, *, round_ends: bool) -> Iterator[np.ndarray]:
    """Polygons that a line covers, all of which turn the same way; its joints are round."""
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    seen = lengths > 0
    if seen.any():
        starts, steps = points[:-1][seen], steps[seen]
        side = np.stack([-steps[:, 1], steps[:, 0]], axis=1) * (width / 2 / lengths[seen, None])
        ends = starts + steps
        yield np.stack([starts - side, ends - side, ends + side, starts + side], axis=1)
    joints = points if round_ends else points[1:-1]
    if len(joints):
        yield discs(joints, width / 2)


def _dashes(look: Attributes, place: _Place) -> list[float]:
    said = look.get("stroke-dasharray", "").replace(",", " ").split()
    return [float(each) * place.scale for each in said] * (1 + len(said) % 2)


def _dashed(points: np.ndarray, dashes: list[float]) -> Iterator[np.ndarray]:
    """Parts of a line between its gaps."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at, number = 0.0, 0
    while at < lengths[-1] and sum(dashes) > 0:
        end = min(at + dashes[number % len(dashes)], lengths[-1])
        if number % 2 == 0:
            within = lengths[(lengths > at) & (lengths < end)]
            along = np.concatenate([[at], within, [end]])
            yield np.stack([np.interp(along, lengths, axis) for axis in points.T], axis=1)
        at, number = end, number + 1


# -- reading ------------------------------------------------------------------------------------


def _expect(name: str, look: Attributes) -> None:
    if not look.keys() <= _KNOWN.get(name, set()) or name not in _KNOWN:
        raise _UnknownError(name)


def _number(look: Attributes, name: str) -> float:
    return float(look.get(name, 0))


def _colour(said: str) -> RGB:
    if not _HEX.fullmatch(said):
        raise _UnknownError(said)
    red, green, blue = bytes.fromhex(said[1:])
    return red, green, blue


def _points(part: str) -> np.ndarray:
    return np.array([float(each) for each in _NUMBER.findall(part)]).reshape(-1, 2)
