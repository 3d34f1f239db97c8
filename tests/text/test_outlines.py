"""Outlines of words: those of the font, at the place and size at which text would stand."""

from __future__ import annotations

import re

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont

from workbench.text import fonts
from workbench.text.fonts import outlines

SVG = '<svg><text x="10" y="20" font-size="12px" fill="#123456">{words}</text></svg>'
PATH = re.compile(r'<path transform="([^"]*)" d="([^"]*)" fill="#123456"/>')
PLACE = re.compile(r"translate\(([-\d.]+),([-\d.]+)\)scale\(([-\d.e]+),([-\d.e]+)\)$")


def drawn(contours: outlines.Outline) -> list[tuple[str, tuple[object, ...]]]:
    """Steps of a pen along contours, as those of fontTools."""
    pen = RecordingPen()
    for x, y, rest in contours:
        parse_path(f"M{x:g} {y:g}{rest}z", pen)
    return tidy(pen.value)


def tidy(steps: list[tuple[str, tuple[object, ...]]]) -> list[tuple[str, tuple[object, ...]]]:
    """Numbers as floats; without the line back to the start that closing draws anyway."""
    found: list[tuple[str, tuple[object, ...]]] = []
    start: object = None
    for name, points in steps:
        rounded = tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)
        if name == "moveTo":
            start = rounded[-1]
        closing = name in ("closePath", "endPath")
        if closing and found and found[-1][0] == "lineTo" and found[-1][1][-1] == start:
            found.pop()
        found.append(("closePath" if closing else name, rounded))
    return found


@pytest.mark.parametrize("weight", ["400", "700"])
def test_outlines_are_those_of_the_font(weight: str) -> None:
    font = TTFont(fonts.directory() / outlines._FILES[weight])
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    some = [code for code in names if code < 0x250] + list(names)[:: len(names) // 300]
    for code in some:
        pen = RecordingPen()
        glyphs[names[code]].draw(pen)
        advance, contours = outlines._glyph(weight, chr(code)) or (0, ())
        assert advance == font["hmtx"][names[code]][0], chr(code)
        assert drawn(contours) == tidy(pen.value), chr(code)


@pytest.mark.parametrize(
    ("anchor", "left"),
    [("start", 10.0), ("middle", 10.0 - 24), ("end", 10.0 - 48)],
)
def test_words_stand_at_their_anchor(anchor: str, left: float) -> None:
    look = f'<text text-anchor="{anchor}" x="10" y="20" font-size="12px" '
    (transform, _), *more = PATH.findall(
        outlines.outlined(
            SVG.format(words="收入按月").replace('<text x="10" y="20" font-size="12px" ', look)
        )
    )
    place = PLACE.search(transform)
    assert place and not more
    assert [float(each) for each in place.groups()] == pytest.approx([left, 20, 0.012, -0.012])


def test_words_are_as_wide_as_they_measure() -> None:
    words = "A & B 3.86亿元"
    ((_, path),) = PATH.findall(outlines.outlined(SVG.format(words="A &amp;  B 3.86亿元")))
    bounds = BoundsPen(None)
    parse_path(path, bounds)
    measured = fonts.width(words, size=1000)
    assert measured - 120 < bounds.bounds[2] <= measured


def test_a_transform_comes_before_the_own_place() -> None:
    turned = SVG.replace("<text", '<text transform="translate(5,6)"').format(words="a")
    ((transform, _),) = PATH.findall(outlines.outlined(turned))
    assert transform.startswith("translate(5,6)translate(10.000000,20.000000)scale(")


@pytest.mark.parametrize(
    "svg",
    [
        SVG.format(words="\U0001f600 a"),  # no glyph
        SVG.replace('fill="#123456"', "").format(words="a"),
        SVG.replace("<text", '<text opacity="0.5"').format(words="a"),
        SVG.replace("<text", '<text font-weight="300"').format(words="a"),
        SVG.format(words="a<tspan>b</tspan>"),
    ],
)
def test_what_is_not_understood_stays_text(svg: str) -> None:
    assert outlines.outlined(svg) == svg


def test_blank_words_draw_nothing() -> None:
    assert outlines.outlined(SVG.format(words=" ")) == "<svg></svg>"
