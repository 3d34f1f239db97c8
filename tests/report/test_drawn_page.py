"""The page with its real charts: what stand-ins cannot show."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET

import pytest

from tests.support.drawn import drawn_page
from tests.support.pages import document
from tests.support.shots import Tab
from workbench.report import Page
from workbench.report.picture import long_svg
from workbench.text import Language, fonts


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request: pytest.FixtureRequest) -> Page:
    return drawn_page(Language(request.param))


def test_charts_fill_their_columns(page: Page):
    assert [block.body.width for block in page.blocks if hasattr(block.body, "chart")] == [
        791, 557, 440, 323,
    ]  # fmt: skip


def test_text_alternatives_carry_the_numbers(page: Page):
    html = page.html()
    for words in re.findall(r'<p class="sr">([^<]+)</p>', html):
        assert re.search(r"\d", words)
    assert html.count('class="sr"') == 5  # four charts and the caption of the table


def test_colours_are_variables_so_that_dark_follows(page: Page):
    assert not re.findall(r'(?:fill|stroke)="#[0-9A-Fa-f]+"', page.html())


def test_the_long_picture_enlarges_every_chart(page: Page):
    nested = ET.fromstring(long_svg(page)).findall("{http://www.w3.org/2000/svg}svg")
    charts = [n for n in nested if float(n.get("width")) > 400]
    scales = [float(n.get("width")) / float(n.get("viewBox").split()[2]) for n in charts]
    assert len(charts) == 4
    assert min(scales) > 1.7  # 12 px become 20 and more


def test_the_long_picture_has_every_glyph_and_its_size(page: Page):
    svg = long_svg(page)
    assert not fonts.missing("".join(ET.fromstring(svg).itertext()))
    picture = page.picture(scale=0.5)
    assert struct.unpack(">I", picture[16:20]) == (540,)


@pytest.mark.browser
def test_the_page_fits_a_screen_and_no_chart_leaves_its_place(page: Page, chromium: str):
    with Tab.opened(chromium) as tab:
        tab.show(document(page), width=1440, height=900)
        assert tab.ask("document.querySelector('.page').getBoundingClientRect().bottom") <= 900
        assert tab.ask(BEYOND) == []


# Words of charts that stand outside the figure they belong to. A browser sets Chinese and figures
# apart by an eighth of an em, which the measure of the font does not know: 6 of the gutter's 28 px.
BEYOND = """
[...document.querySelectorAll('.fig svg text')].filter(t => {
  const mine = t.getBoundingClientRect(), place = t.closest('.fig').getBoundingClientRect();
  return mine.left < place.left - 2 || mine.right > place.right + 6
    || mine.top < place.top || mine.bottom > place.bottom + 2; }).map(t => t.textContent)
"""
