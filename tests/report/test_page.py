"""The first page: order, structure, language, and what a notebook gets."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.support.pages import charts, document, region_table
from workbench.errors import ParameterError
from workbench.report import Block, Page, Tile, bare
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html

EN = Language("en")


def test_the_page_reads_from_finding_to_foot(page: Page, tree):
    section = tree(page.html()).find("section")
    order = [child.get("class") or child.tag for child in section]
    assert order == ["mast", "h1", "lead", "tiles", *["fig"] * 5, "foot"]
    assert [len(list(section.iter(name))) for name in ("h1", "h2")] == [1, 5]
    assert section.find("h1").text == page.finding


def test_language_is_set(page: Page, tree):
    assert tree(page.html()).get("lang") == {"en": "en", "zh": "zh-CN"}[page.lang.code]


def test_blocks_fill_twelve_columns_row_by_row(page: Page):
    assert [block.span for block in page.blocks] == [7, 5, 5, 4, 3]


def test_drawings_are_hidden_from_readers_who_get_words(page: Page, tree):
    for figure in tree(page.html()).iter("figure"):
        assert figure.get("aria-label") == figure.find("h2").text
        drawing = figure.find("svg")
        assert drawing is None or drawing.get("aria-hidden") == "true"
        assert drawing is None or figure.find("p[@class='sr']").text


def test_ids_of_drawings_do_not_meet(page: Page):
    ids = re.findall(r'\bid="([^"]+)"', page.html())
    assert len(ids) == len(set(ids)) == 4
    assert set(re.findall(r"url\(#([^)]+)\)", page.html())) == set(ids)


def test_tiles_have_four_lines(page: Page, tree):
    tiles = tree(page.html()).findall(".//div[@class='tile']")
    assert [[line.get("class") for line in tile] for tile in tiles] == [["l", "row", "c", "i"]] * 6
    marks = [span.text[0] for tile in tiles for span in tile.iter("span") if span.get("class")]
    assert marks == ["▲", "▲", "▽", "▲", "▽", "△"]


def test_typography_of_every_text(page: Page):
    texts = texts_of_html(document(page))
    assert len(texts) > 50
    assert not [f for text in texts for f in half_width_faults(text, code=page.lang.code)]
    if page.lang.code == "zh":
        assert not [fault for text in texts for fault in english_faults(text)]


def test_no_address_leads_outside(page: Page):
    html = page._repr_html_().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//\w|@import|<script|<link|url\((?!#)", html)


def test_words_are_escaped(page: Page, tree):
    odd = replace(page, finding='A < B & "C"', company="<script>")
    assert tree(odd.html()).find(".//h1").text == 'A < B & "C"'


def test_a_notebook_gets_the_style_and_a_report_does_not(page: Page):
    assert page._repr_html_().startswith("<style data-workbench>")
    assert bare(page._repr_html_()) == page.html()
    assert len(repr(page)) < 200


def test_empty_parts_leave_no_trace(page: Page, tree):
    foot = replace(page.foot, unit="", left_out="")
    plain = replace(page, foot=foot, flag="", tiles=[Tile(label="A", figure="1")])
    section = tree(plain.html()).find("section")
    assert len(section.find("footer")) == 2
    assert section.find(".//*[@class='flag']") is None


@pytest.mark.parametrize("span", [0, 13])
def test_a_block_is_one_to_twelve_columns_wide(span):
    with pytest.raises(ParameterError):
        Block("<p>x</p>", span)


def test_width_comes_from_the_body_where_none_is_given():
    drawn = charts(EN)
    assert [Block(drawn[name]).span for name in ("waterfall", "months", "cover", "overdue")] == [
        7, 5, 4, 3,
    ]  # fmt: skip
    assert Block(region_table(EN)).span == 10
    assert Block("<p>x</p>").span == 12
