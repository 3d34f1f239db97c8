"""A page as one long PNG for a telephone: 1080 wide, one column, drawn without a browser.

The page is composed as one SVG: text measured in the shipped font, charts nested, tables drawn
from the same cells as their HTML; then it is turned into a PNG. In a chat the picture is shown at
a third of its size or so, which is why the body text is 28 and charts are enlarged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.charts.figure import KeyEntry
from workbench.charts.render import size as size_of
from workbench.charts.render import svg_png
from workbench.report.blocks import Block
from workbench.report.boxes import MissingBox, WarningBox
from workbench.report.drawing import Sheet, lines, wide
from workbench.report.marks import Mark
from workbench.report.page import Page, Tile
from workbench.report.table_drawing import draw_table
from workbench.report.tables import TableView

WIDTH = 1080
MARGIN = 32
BODY, NOTE, TITLE, LEAD, FINDING, FIGURE = 28, 24, 32, 30, 48, 60
_GUTTER = 32
_LARGEST = BODY / 12  # a chart's 12 px become body text, not more
_SPARK = 2.2
_SWATCH = {"line": 44, "dash": 44, "none": 0}
_PAD = 20


def long_png(page: Page, *, scale: float = 2) -> bytes:
    """Draw a page as one long picture.

    Parameters
    ----------
    page : Page
    scale : float
        Pixels per unit: at 2 the picture is 2160 pixels wide.

    Returns
    -------
    bytes
        A PNG.
    """
    return svg_png(long_svg(page), scale=scale)


def long_svg(page: Page) -> str:
    """Compose the long picture of a page as SVG, 1080 wide."""
    sheet = Sheet(width=WIDTH, margin=MARGIN, y=28)
    _masthead(sheet, page)
    sheet.y += 14
    sheet.paragraph(page.finding, size=FINDING, leading=1.3, bold=True)
    sheet.y += 8
    sheet.paragraph(page.lead, size=LEAD, leading=1.55, colour="--ink2")
    sheet.y += 20
    _tiles(sheet, page.tiles)
    for block in page.blocks:
        sheet.y += 44
        _block(sheet, block)
    sheet.y += 36
    _foot(sheet, page)
    return sheet.svg(bottom=32)


def _masthead(sheet: Sheet, page: Page) -> None:
    sheet.rule(colour="--ink", thick=6)
    sheet.y += 14
    left = sheet.words(page.study, x=MARGIN, y=sheet.y, size=NOTE, bold=True)
    sheet.words(page.period, x=MARGIN + left + 10, y=sheet.y, size=NOTE, colour="--ink2")
    flagged = wide(page.flag, size=NOTE, bold=True) if page.flag else 0.0
    right, room = WIDTH - MARGIN, wide(page.company, size=NOTE) + flagged + 10
    if MARGIN + left + 10 + wide(page.period, size=NOTE) + 24 + room > right:
        sheet.y += NOTE * 1.5
    sheet.words(
        page.flag, x=right, y=sheet.y, size=NOTE, bold=True, colour="--badtext", anchor="end"
    )
    edge = right - (flagged + 10 if flagged else 0)
    sheet.words(page.company, x=edge, y=sheet.y, size=NOTE, colour="--ink2", anchor="end")
    sheet.y += NOTE * 1.5


def _tiles(sheet: Sheet, tiles: Sequence[Tile]) -> None:
    """Draw tiles in pairs, a rule above each pair and between the two."""
    width = (sheet.inner - 2 * _GUTTER) / 2
    for start in range(0, len(tiles), 2):
        sheet.rule(colour="--ink3" if start == 0 else "--rule", thick=2)
        top, ends = sheet.y + 14, []
        for side, tile in enumerate(tiles[start : start + 2]):
            x = MARGIN + side * (width + 2 * _GUTTER)
            ends.append(_tile(sheet, tile, x=x, y=top, width=width))
        sheet.y = max(ends) + 14
        middle = MARGIN + width + _GUTTER - 1
        sheet.box(x=middle, y=top - 14, width=2, height=sheet.y - top + 14, fill="--rule")
    sheet.rule(colour="--rule", thick=2)


def _tile(sheet: Sheet, tile: Tile, *, x: float, y: float, width: float) -> float:
    sheet.words(tile.label, x=x, y=y, size=BODY, bold=True)
    sheet.words(tile.basis, x=x + width, y=y + 4, size=NOTE, colour="--ink3", anchor="end")
    y += BODY * 1.4
    end = x + sheet.words(tile.figure, x=x, y=y, size=FIGURE, bold=True) + 8
    edge = x + width
    spark = tile.drawn()
    if spark:
        edge -= size_of(spark)[0] * _SPARK
        sheet.nest(spark, x=edge, y=y - 2, scale=_SPARK)
    _unit(sheet, tile.unit, x=end, y=y, room=edge - end)
    y += FIGURE * 1.35
    y = _line(sheet, (tile.change, tile.against), x=x, y=y, width=width, size=BODY, colour="--ink")
    second = (tile.second, tile.second_mark)
    return _line(sheet, second, x=x, y=y, width=width, size=NOTE, colour="--ink2")


def _unit(sheet: Sheet, unit: str, *, x: float, y: float, room: float) -> None:
    """Write a unit on the line of its figure; its words stand above each other if they must."""
    words = [unit] if wide(unit, size=BODY) <= room else unit.split(" ")
    size = BODY if len(words) == 1 else NOTE
    low = y + FIGURE * 0.88 - size * 0.88  # letters stand on the same line as the figure
    for up, word in enumerate(reversed(words)):
        sheet.words(word, x=x, y=low - up * size * 1.1, size=size, colour="--ink2")


def _line(
    sheet: Sheet,
    parts: Sequence[Mark | str | None],
    *,
    x: float,
    y: float,
    width: float,
    size: float,
    colour: str,
) -> float:
    """Write marks and words after each other, wrapping words; return the y below."""
    at = x
    marks = [part if isinstance(part, Mark) else Mark(part) for part in parts if part]
    for judged, words in ((mark.judged, mark.words) for mark in marks):
        own = {"good": "--good", "bad": "--badtext"}.get(judged or "", colour)
        if at > x and at + wide(words, size=size, bold=bool(judged)) > x + width:
            at, y = x, y + size * 1.4
        *full, last = lines(words, size=size, bold=bool(judged), width=width)
        for line in full:
            sheet.words(line, x=at, y=y, size=size, bold=bool(judged), colour=own)
            at, y = x, y + size * 1.4
        at += sheet.words(last, x=at, y=y, size=size, bold=bool(judged), colour=own) + size / 3
    return y + size * 1.4


def _block(sheet: Sheet, block: Block) -> None:
    sheet.paragraph(block.title, size=TITLE, leading=1.35, bold=True)
    sheet.y += 2
    _under(sheet, block)
    sheet.y += 12
    body = block.narrow if block.narrow is not None else block.body
    if isinstance(body, TableView):
        draw_table(sheet, body)
    elif isinstance(body, (MissingBox, WarningBox)):
        _boxed(sheet, body)
    elif isinstance(body, str):
        sheet.paragraph(_words_of(body), size=BODY, leading=1.5)
    else:
        drawn = body.svg(themed=True, title=False)
        scale = min(_LARGEST, sheet.inner / size_of(drawn)[0])
        sheet.y += sheet.nest(drawn, x=MARGIN, y=sheet.y, scale=scale)[1]
    if block.note:
        sheet.y += 12
        sheet.paragraph(block.note, size=NOTE, leading=1.45, colour="--ink2")


def _under(sheet: Sheet, block: Block) -> None:
    """Write the line under the title, then the key with its swatches."""
    if block.subtitle:
        sheet.paragraph(block.subtitle, size=NOTE, leading=1.45, colour="--ink2")
    if not block.key:
        return
    x = float(MARGIN)
    for entry in block.key:
        room = _SWATCH.get(entry.swatch, 34)
        need = room + wide(entry.label, size=NOTE)
        if x > MARGIN and x + need > WIDTH - MARGIN:
            x, sheet.y = float(MARGIN), sheet.y + NOTE * 1.45
        _swatch(sheet, entry, x=x)
        sheet.words(entry.label, x=x + room, y=sheet.y + 5, size=NOTE, colour="--ink2")
        x += need + 28
    sheet.y += NOTE * 1.45


def _swatch(sheet: Sheet, entry: KeyEntry, *, x: float) -> None:
    top, colour = sheet.y + 8, entry.colour
    if entry.swatch == "none":
        return
    if entry.swatch in ("line", "dash"):
        widths = (34,) if entry.swatch == "line" else (14, 14)
        for i, width in enumerate(widths):
            sheet.box(x=x + 20 * i, y=top + 8, width=width, height=4, fill=colour)
    elif entry.swatch == "outline":
        sheet.box(x=x + 1, y=top + 1, width=22, height=18, stroke=colour)
    else:
        size = 16 if entry.swatch == "dot" else 24
        sheet.box(x=x, y=top, width=size, height=min(size, 20), fill=colour, round=size == 16)


def _boxed(sheet: Sheet, box: MissingBox | WarningBox) -> None:
    missing = isinstance(box, MissingBox)
    colour, edge = ("--ink", "--ink3") if missing else ("--badtext", "--badtext")
    top, x, width = sheet.y, MARGIN + _PAD, sheet.inner - 2 * _PAD
    sheet.y += _PAD
    sheet.paragraph(
        box.headline(), size=BODY, leading=1.5, bold=True, colour=colour, x=x, width=width
    )
    for sentence in box.sentences():
        sheet.paragraph(sentence, size=NOTE, leading=1.5, colour="--ink2", x=x, width=width)
    sheet.y += _PAD
    sheet.box(x=MARGIN, y=top, width=sheet.inner, height=sheet.y - top, stroke=edge, dashed=missing)


def _foot(sheet: Sheet, page: Page) -> None:
    sheet.rule(colour="--ink3", thick=2)
    sheet.y += 14
    for name, words in page.foot.entries(page.lang):
        start = wide(name, size=NOTE, bold=True) + 12
        sheet.words(name, x=MARGIN, y=sheet.y + 5, size=NOTE, bold=True)
        sheet.paragraph(
            words,
            size=NOTE,
            leading=1.45,
            colour="--ink2",
            x=MARGIN + start,
            width=sheet.inner - start,
        )
        sheet.y += 4


def _words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
