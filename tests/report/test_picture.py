"""The long picture: its size, that every word is on it, and that nothing leaves the sheet."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from tests.support.pages import Drawn, example_page, region_table
from workbench.report import Block, MissingBox, Page, WarningBox
from workbench.report.drawing import Sheet
from workbench.report.picture import long_png, long_svg
from workbench.text import Language, fonts

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def drawn(page: Page) -> ET.Element:
    return ET.fromstring(long_svg(page))


def words(root: ET.Element) -> str:
    """Everything written, without spaces: lines break where they must."""
    return "".join("".join(root.itertext()).split())


def own_texts(root: ET.Element) -> list[ET.Element]:
    """Texts of the sheet itself, not those inside charts."""
    return root.findall(f"{SVG}text")


def test_picture_is_a_png_of_twice_1080_pixels(page: Page):
    picture = long_png(page)
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 2160
    assert height == 2 * int(ET.fromstring(long_svg(page)).get("height"))


def test_everything_the_page_says_is_on_it(page: Page, drawn: ET.Element):
    written = words(drawn)
    said = [page.finding, page.lead, page.study, page.period, page.company, page.flag]
    for tile in page.tiles:
        said += [tile.label, tile.basis, tile.figure, tile.unit, tile.against, tile.second]
    for block in page.blocks:
        said += [block.title, block.subtitle, block.note, *(e.label for e in block.key)]
    said += [words for entry in page.foot.entries(page.lang) for words in entry]
    said += [cell.text for row in region_table(page.lang).rows for cell in row.cells]
    assert [part for part in said if "".join(part.split()) not in written] == []


def test_every_line_stays_between_the_margins(drawn: ET.Element):
    for text in own_texts(drawn):
        width = fonts.width(
            text.text or "",
            size=float(text.get("font-size")),
            bold=text.get("font-weight") == "700",
        )
        shift = {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")]
        left = float(text.get("x")) - shift * width
        assert left >= 31.5, text.text
        assert left + width <= 1080 - 31.5, text.text


def test_nested_drawings_stay_on_the_sheet(drawn: ET.Element):
    nested = drawn.findall(f"{SVG}svg")
    assert len(nested) == 4
    assert all(float(n.get("x")) + float(n.get("width")) <= 1080 - 31 for n in nested)


def test_body_text_is_28_and_none_under_24_outside_charts(drawn: ET.Element):
    sizes = [float(text.get("font-size")) for text in own_texts(drawn)]
    assert sizes.count(28.0) > 30
    assert min(sizes) >= 22


def test_the_font_has_every_character(page: Page, drawn: ET.Element):
    assert not fonts.missing(words(drawn))


def test_a_chart_made_for_narrow_places_is_taken(page: Page):
    block = page.blocks[0]
    narrow = Drawn(block.title, block.subtitle, "", 436, 300)
    svg = long_svg(replace(page, blocks=[replace(block, narrow=narrow)]))
    chart = ET.fromstring(svg).findall(f"{SVG}svg")[0]
    assert float(chart.get("width")) / 436 == pytest.approx(28 / 12, abs=0.01)


def test_boxes_and_plain_html_are_drawn(page: Page, lang: Language):
    boxes = [
        MissingBox(lang=lang, table="snapshots", purpose="For ageing.", stands="All else stands."),
        WarningBox(lang=lang, message="7 rows refused", where="orders.xlsx"),
        "<p>Plain <b>words</b></p>",
    ]
    written = words(ET.fromstring(long_svg(replace(page, blocks=[Block(b) for b in boxes]))))
    for part in ("snapshots", "Forageing.", "Allelsestands.", "7rowsrefused", "Plainwords"):
        assert part in written


def test_one_page_gives_the_same_picture_twice():
    page = example_page(Language("zh"))
    assert long_svg(page) == long_svg(page)


def test_a_paragraph_moves_the_cursor_by_its_lines():
    sheet = Sheet(width=300, margin=20)
    sheet.paragraph("word " * 30, size=20, leading=1.5)
    lines = ET.fromstring(sheet.svg()).findall(f"{SVG}text")
    assert len(lines) > 1
    assert sheet.y == pytest.approx(len(lines) * 30)
