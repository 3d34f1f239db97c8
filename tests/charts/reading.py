"""Reading a drawn chart: its words and where they stand, its bars, its colours."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from workbench.charts import Figure
from workbench.text import fonts

_SVG = "{http://www.w3.org/2000/svg}"
_SHIFT = re.compile(r"translate\(([-\d.e]+)[, ]+([-\d.e]+)\)")
_RECT = re.compile(r"M([-\d.e]+),([-\d.e]+)h([-\d.e]+)v([-\d.e]+)h[-\d.e]+Z")
_ANCHOR = {"start": 0.0, "middle": 0.5, "end": 1.0}


@cache
def svg_of(figure: Figure, *, themed: bool = False, title: bool = False) -> str:
    """Draw a figure, once for all tests that look at it."""
    return figure.svg(themed=themed, title=title)


@dataclass(frozen=True)
class Word:
    """One text of a drawing: its box in px."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    fill: str

    def meets(self, other: Word, *, slack: float = 1.0) -> bool:
        """Tell whether two boxes overlap by more than the slack."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > slack and down > slack


@dataclass(frozen=True)
class Bar:
    """One rectangle of a drawing, in px."""

    left: float
    top: float
    width: float
    height: float
    fill: str

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


def words(svg: str) -> list[Word]:
    """Return the texts of a drawing with their boxes."""
    return [
        _word(node, x, y) for node, x, y in _placed(svg) if node.tag == f"{_SVG}text" and node.text
    ]


def bars(svg: str) -> list[Bar]:
    """Return the rectangles drawn as marks."""
    found = []
    for node, x, y in _placed(svg):
        match = _RECT.fullmatch(node.get("d", "")) if node.tag == f"{_SVG}path" else None
        if match and node.get("fill"):
            left, top, width, height = map(float, match.groups())
            found.append(Bar(x + left, y + top, width, height, node.get("fill", "")))
    return found


def size(svg: str) -> tuple[float, float]:
    """Return width and height."""
    root = ET.fromstring(svg)
    return float(root.get("width", "")), float(root.get("height", ""))


def faults(figure: Figure) -> list[object]:
    """Return what is wrong in any drawing: words cut off, over each other, small or unknown."""
    svg = svg_of(figure, title=True)
    small = [word.text for word in words(svg) if word.size < 12]
    unknown = sorted(fonts.missing("".join(word.text for word in words(svg))))
    return [*cut_off(svg_of(figure)), *cut_off(svg), *overlapping(svg), *small, *unknown]


def cut_off(svg: str) -> list[str]:
    """Return the texts that do not lie within the drawing (1 px for rounding)."""
    width, height = size(svg)
    return [
        word.text
        for word in words(svg)
        if word.left < -1 or word.right > width + 1 or word.top < -1 or word.bottom > height + 1
    ]


def overlapping(svg: str) -> list[tuple[str, str]]:
    """Return the pairs of texts that run over each other."""
    return [(a.text, b.text) for a, b in combinations(words(svg), 2) if a.meets(b)]


def _placed(svg: str) -> Iterator[tuple[ET.Element, float, float]]:
    def walk(node: ET.Element, x: float, y: float) -> Iterator[tuple[ET.Element, float, float]]:
        shift = _SHIFT.search(node.get("transform", ""))
        if shift:
            x, y = x + float(shift[1]), y + float(shift[2])
        yield node, x, y
        for child in node:
            yield from walk(child, x, y)

    return walk(ET.fromstring(svg), 0.0, 0.0)


def _word(node: ET.Element, x: float, y: float) -> Word:
    x, y = x + float(node.get("x", 0)), y + float(node.get("y", 0))
    px = float(node.get("font-size", "0").removesuffix("px"))
    bold = node.get("font-weight") == "700"
    text = node.text or ""
    wide = fonts.width(text, size=px, bold=bold)
    left = x - wide * _ANCHOR[node.get("text-anchor", "start")]
    # capitals of the font are 0.73 high, descenders 0.2 deep
    return Word(
        text, left, y - 0.76 * px, left + wide, y + 0.12 * px, px, bold, node.get("fill", "")
    )


def png(data: bytes) -> np.ndarray:
    """Pixels of a PNG of 8 bits, shape (rows, columns, 3); those used here know two filters."""
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, part = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert zlib.crc32(name + part) == struct.unpack(">I", data[at + 8 + length :][:4])[0]
        chunks[name] = chunks.get(name, b"") + part
        at += 12 + length
    channels = {2: 3, 3: 1, 6: 4}[kind]
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    rows = raw.reshape(height, width * channels + 1)
    filters, pixels = rows[:, 0], rows[:, 1:].reshape(height, width, channels).copy()
    assert depth == 8 and set(filters.tolist()) <= {0, 1}
    left = filters == 1  # each pixel as what it adds to the one before
    pixels[left] = np.cumsum(pixels[left], axis=1, dtype=np.uint8)
    if kind == 3:
        return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[pixels[..., 0]]
    return pixels[..., :3]
