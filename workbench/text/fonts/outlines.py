"""Words of a drawing as outlines, for programs that turn a drawing into pixels.

Such a program takes the font apart anew for every letter, which is most of the time of a picture.
Here each glyph is read once. The shipped fonts have no kerning and no ligatures, so a word is its
glyphs side by side, as in `measure.py`. Glyph programs: `glyphs.py`; format: Adobe Technical Note
5177, of which the shipped fonts use the fourteen operators for lines and curves.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from itertools import accumulate

from workbench.text.fonts import glyphs
from workbench.text.fonts.measure import directory

_EM = 1000
_FILES = {"400": "NotoSansSC-Regular.otf", "700": "NotoSansSC-Bold.otf"}
_TEXT = re.compile(r"<text\b(?P<look>[^<>]*)>(?P<words>[^<>]*)</text>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_UNDERSTOOD = {"x", "y", "text-anchor", "transform", "font-size", "font-weight", "fill"}
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
# Operators by their byte; a move starts an outline.
_MOVES = {21: "rmoveto", 22: "hmoveto", 4: "vmoveto"}
_END = 14

Point = tuple[float, float]
Pairs = list[Point]
#: Where an outline starts, and its lines (one point) and curves (three), each from where it starts.
Contour = tuple[Point, list[Pairs]]


def outlined(svg: str) -> str:
    """Replace the texts of a drawing by their outlines.

    Parameters
    ----------
    svg : str
        Its texts have one line, set in the shipped font. One that has other attributes than place,
        anchor, size, weight and colour, or a character without a glyph, stays as it is.

    Returns
    -------
    str
        The same picture without those texts.
    """
    return _TEXT.sub(_replaced, svg)


@lru_cache(maxsize=5_000)
def contours(character: str, *, bold: bool = False) -> tuple[int, tuple[Contour, ...]] | None:
    """Return the advance and the outlines of a character; None where the font has none.

    In thousandths of the size; up is positive.
    """
    weight = "700" if bold else "400"
    font = glyphs.read(directory() / _FILES[weight])
    number = font.glyph_of.get(ord(character))
    if number is None:
        return None
    (advance,) = struct.unpack_from(">H", font.advances[number])
    return advance, tuple(_pieces(font.programs[number]))


def _replaced(found: re.Match[str]) -> str:
    look = dict(_ATTRIBUTE.findall(found["look"]))
    words = " ".join(unescape(found["words"]).split())
    weight = look.get("font-weight", "400")
    known = look.keys() <= _UNDERSTOOD and {"font-size", "fill"} <= look.keys() and weight in _FILES
    drawn = [_glyph(weight, each) for each in words] if known else [None]
    whole = [each for each in drawn if each is not None]
    if len(whole) < len(drawn):
        return found[0]
    size = float(look["font-size"].removesuffix("px"))
    wide = sum(advance for advance, _ in whole) * size / _EM
    x = float(look.get("x", 0)) - wide * _BEFORE[look.get("text-anchor", "start")]
    place = f"{look.get('transform', '')}translate({x:.6f},{float(look.get('y', 0)):.6f})"
    scale = f"scale({size / _EM:g},{-size / _EM:g})"
    path = "".join(_beside(whole))
    return f'<path transform="{place}{scale}" d="{path}" fill="{look["fill"]}"/>' if path else ""


def _beside(drawn: list[tuple[int, Outline]]) -> Iterator[str]:
    at = 0
    for advance, outline in drawn:
        for x, y, rest in outline:
            yield f"M{at + x:g} {y:g}{rest}z"
        at += advance


#: Contours of a glyph: where each starts, in thousandths of its size, and its path from there.
Outline = tuple[tuple[float, float, str], ...]


@lru_cache(maxsize=20_000)
def _glyph(weight: str, character: str) -> tuple[int, Outline] | None:
    """Advance and contours of a character; None where the font has none."""
    font = glyphs.read(directory() / _FILES[weight])
    number = font.glyph_of.get(ord(character))
    if number is None:
        return None
    (advance,) = struct.unpack_from(">H", font.advances[number])
    return advance, tuple(_contours(font.programs[number]))


def _contours(program: bytes) -> Iterator[tuple[float, float, str]]:
    for start, pieces in _pieces(program):
        path = (
            ("c" if len(points) == 3 else "l") + " ".join(f"{a:g} {b:g}" for a, b in points)
            for points in pieces
        )
        yield (*start, "".join(path))


def _pieces(program: bytes) -> Iterator[Contour]:
    x = y = 0.0
    start: Point = (0.0, 0.0)
    pieces: list[Pairs] = []
    for operator, given in _steps(program):
        if operator in _MOVES or operator == _END:
            if pieces:
                yield start, pieces
            dx, dy = _move(operator, given)
            x, y = x + dx, y + dy
            start, pieces = (x, y), []
            continue
        for steps in _drawn(operator, given):
            pieces.append(list(accumulate(steps, _sum)))
            x, y = _sum((x, y), pieces[-1][-1])


def _sum(one: Point, other: Point) -> Point:
    return one[0] + other[0], one[1] + other[1]


def _steps(program: bytes) -> Iterator[tuple[int, list[float]]]:
    """Read a program: operators, each with the numbers before it."""
    given: list[float] = []
    at = 0
    while at < len(program):
        byte = program[at]
        if byte < 28 or 29 <= byte <= 31:
            yield byte, given
            given, at = [], at + 1
        else:
            number, length = _operand(program, at)
            given.append(number)
            at += length


def _operand(program: bytes, at: int) -> tuple[float, int]:
    byte = program[at]
    if byte == 28:
        return struct.unpack_from(">h", program, at + 1)[0], 3
    if byte == 255:
        return struct.unpack_from(">l", program, at + 1)[0] / 65536, 5
    if byte <= 246:
        return byte - 139, 1
    if byte <= 250:
        return (byte - 247) * 256 + program[at + 1] + 108, 2
    return -(byte - 251) * 256 - program[at + 1] - 108, 2


def _move(operator: int, given: list[float]) -> tuple[float, float]:
    """Where a move goes; a number before its own is the width of the glyph."""
    if operator == 21:
        return given[-2], given[-1]
    if operator == _END:
        return 0.0, 0.0
    return (given[-1], 0.0) if operator == 22 else (0.0, given[-1])


def _drawn(operator: int, n: list[float]) -> Iterator[Pairs]:
    """Lines (one point) and curves (three) of an operator, each step from the point before."""
    pairs = list(zip(n[::2], n[1::2], strict=False))
    if operator == 5:  # rlineto
        yield from ([pair] for pair in pairs)
    elif operator in (6, 7):  # hlineto, vlineto: by turns
        across = operator == 6
        for step in n:
            yield [(step, 0.0) if across else (0.0, step)]
            across = not across
    elif operator in (8, 24):  # rrcurveto, rcurveline
        end = len(pairs) - (operator == 24)
        yield from _bends(pairs[:end])
        yield from ([pair] for pair in pairs[end:])
    elif operator == 25:  # rlinecurve
        yield from ([pair] for pair in pairs[:-3])
        yield from _bends(pairs[-3:])
    elif operator in (26, 27):  # vvcurveto, hhcurveto: begin and end upright, or level
        yield from _level(n, across=operator == 27)
    elif operator in (30, 31):  # vhcurveto, hvcurveto: by turns
        yield from _turning(n, across=operator == 31)
    else:
        raise ValueError(f"the shipped fonts have no operator {operator}")


def _bends(pairs: Pairs) -> Iterator[Pairs]:
    for at in range(0, len(pairs), 3):
        yield pairs[at : at + 3]


def _level(n: list[float], *, across: bool) -> Iterator[Pairs]:
    aside = n[0] if len(n) % 4 else 0.0
    n = n[len(n) % 4 :]
    for at in range(0, len(n), 4):
        first, x, y, last = n[at : at + 4]
        if across:
            yield [(first, aside), (x, y), (last, 0.0)]
        else:
            yield [(aside, first), (x, y), (0.0, last)]
        aside = 0.0


def _turning(n: list[float], *, across: bool) -> Iterator[Pairs]:
    for at in range(0, len(n) - 3, 4):
        first, x, y, last = n[at : at + 4]
        more = n[at + 4] if len(n) - at == 5 else 0.0
        if across:
            yield [(first, 0.0), (x, y), (more, last)]
        else:
            yield [(0.0, first), (x, y), (last, more)]
        across = not across
