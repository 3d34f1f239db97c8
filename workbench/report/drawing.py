"""A sheet to draw on from top to bottom: text that wraps, rules, boxes, nested drawings, as SVG.

Colours stay variables; `charts.render.svg_png` puts in those of the light page. Widths of words
come from the shipped font, so what is measured is what is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from workbench.charts.render import size as size_of
from workbench.report.html import own_ids, text
from workbench.text import fonts

FONT = fonts.FAMILY
_OPENING = re.compile(r"<svg\b[^>]*>")
_BASELINE = 0.88  # of the size below the top of the letters, for Noto Sans SC

Anchor = Literal["start", "middle", "end"]


@dataclass
class Sheet:
    """A drawing that grows downwards; `y` is where the next thing begins.

    Attributes
    ----------
    width : float
        Width of the sheet.
    margin : float
        Left and right margin.
    y : float
        Cursor, from the top.
    """

    width: float
    margin: float
    y: float = 0.0
    _parts: list[str] = field(default_factory=list)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin

    def words(
        self,
        written: str,
        *,
        x: float,
        y: float,
        size: float,
        bold: bool = False,
        colour: str = "--ink",
        anchor: Anchor = "start",
    ) -> float:
        """Write one line, the top of its letters at `y`; return its width."""
        if not written.strip():
            return 0.0
        weight = ' font-weight="700"' if bold else ""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(
            f'<text x="{x:.1f}" y="{y + _BASELINE * size:.1f}" font-size="{size:g}"{weight}{place} '
            f'fill="var({colour})">{text(written)}</text>'
        )
        return wide(written, size=size, bold=bold)

    def paragraph(
        self,
        written: str,
        *,
        size: float,
        leading: float,
        bold: bool = False,
        colour: str = "--ink",
        x: float | None = None,
        width: float | None = None,
    ) -> None:
        """Write a text over as many lines as it needs and move below it."""
        if not written:
            return
        left = self.margin if x is None else x
        for line in lines(written, size=size, bold=bold, width=width or self.inner):
            lift = (leading - 1) * size / 2
            self.words(line, x=left, y=self.y + lift, size=size, bold=bold, colour=colour)
            self.y += leading * size

    def rule(
        self, *, colour: str, thick: float, x: float | None = None, width: float | None = None
    ) -> None:
        """Draw a rule across, the cursor below it."""
        left, across = self.margin if x is None else x, width or self.inner
        self.box(x=left, y=self.y, width=across, height=thick, fill=colour)
        self.y += thick

    def box(
        self,
        *,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "",
        stroke: str = "",
        dashed: bool = False,
        round: bool = False,
    ) -> None:
        """Draw a rectangle; `round` gives it half-round ends."""
        line = f' stroke="var({stroke})" stroke-width="2"' if stroke else ""
        line += ' stroke-dasharray="8 6"' if dashed else ""
        line += f' rx="{height / 2:.1f}"' if round else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{f"var({fill})" if fill else "none"}"{line}/>'
        )

    def nest(self, svg: str, *, x: float, y: float, scale: float) -> tuple[float, float]:
        """Put a drawing at a place, enlarged; return its width and height on the sheet."""
        width, height = size_of(svg)
        across, down = width * scale, height * scale
        opening = (
            f'<svg x="{x:.1f}" y="{y:.1f}" width="{across:.1f}" height="{down:.1f}" '
            f'viewBox="0 0 {width:g} {height:g}" overflow="visible">'
        )
        self._parts.append(_OPENING.sub(lambda _: opening, own_ids(svg), count=1))
        return across, down

    def svg(self, *, bottom: float = 0.0) -> str:
        """Return the whole sheet as SVG, with a margin at the bottom."""
        height = round(self.y + bottom)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{self.width:g}" height="{height}" viewBox="0 0 {self.width:g} {height}" '
            f'font-family="{FONT}">{"".join(self._parts)}</svg>'
        )


def wide(written: str, *, size: float, bold: bool = False) -> float:
    """Return the width of one line in the shipped font."""
    return fonts.width(written, size=size, bold=bold)


def lines(written: str, *, size: float, width: float, bold: bool = False) -> Sequence[str]:
    """Break a text into lines that fit a width, as each script is broken."""
    return fonts.wrap(written, size=size, width=width, bold=bold)
