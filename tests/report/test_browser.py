"""What only a browser can tell: the page fits, nothing runs over, digits stand under each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pages import document, example_page, region_table
from tests.support.shots import Tab, print_pdf
from workbench.report import Section
from workbench.text import Language

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(chromium: str) -> Iterator[Tab]:
    with Tab.opened(chromium) as opened:
        yield opened


@pytest.fixture
def html(lang: Language) -> str:
    return document(example_page(lang))


def test_the_first_page_fits_a_screen(tab: Tab, html: str):
    tab.show(html, width=1440, height=900)
    assert tab.ask("document.querySelector('.page').getBoundingClientRect().bottom") <= 900
    assert tab.ask("document.documentElement.scrollWidth") == 1440


@pytest.mark.parametrize("width", [1440, 1280, 1000, 720, 400])
def test_nothing_runs_over_or_into_another(tab: Tab, html: str, width: int):
    tab.show(html, width=width, height=900)
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.ask(OVERFULL) == []
    assert tab.ask(OVERLAPPING) == []


def test_narrow_pages_have_one_column_and_tiles_in_pairs(tab: Tab, html: str):
    tab.show(html, width=1000, height=900)
    assert tab.ask(LEFT_EDGES % "'.fig'") == 1
    assert tab.ask(LEFT_EDGES % "'.tile'") == 2


def test_no_text_is_under_twelve_pixels(tab: Tab, html: str):
    tab.show(html, width=1440, height=900)
    assert tab.ask(SMALLEST) >= 12


def test_digits_stand_under_each_other_with_and_without_a_mark(tab: Tab, html: str):
    tab.show(html, width=1440, height=900)
    for column, rows in (("last-child", 7), ("nth-child(2)", 7)):
        edges = tab.ask(DIGIT_EDGES % column)
        assert len(edges) == rows
        assert max(edges) - min(edges) < 0.6


@pytest.mark.parametrize(("theme", "system", "paper"), [
    ("", "light", "rgb(255, 255, 255)"),
    ("", "dark", "rgb(17, 23, 30)"),
    ("light", "dark", "rgb(255, 255, 255)"),
    ("dark", "light", "rgb(17, 23, 30)"),
])  # fmt: skip
def test_dark_follows_the_system_unless_told(tab: Tab, theme: str, system: str, paper: str):
    page = example_page(Language("en"))
    tab.show(document(page, theme=theme), width=1440, height=900, scheme=system)
    assert tab.ask("getComputedStyle(document.body).backgroundColor") == paper


def test_print_is_light(tab: Tab):
    dark = document(example_page(Language("en")), theme="dark")
    tab.show(dark, width=1440, height=900, media="print")
    assert tab.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_print_gives_one_page_of_a4_across(html: str, tmp_path: Path, chromium: str):
    pages, pdf = printed(html, tmp_path)
    assert pages == 1
    width, height = map(float, re.search(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (width, height) == pytest.approx((841.9, 595.3), abs=1.0)


def test_what_follows_begins_on_a_page_of_its_own(lang: Language, tmp_path: Path, chromium: str):
    section = Section(region_table(lang), lang=lang, title="T")
    assert printed(document(example_page(lang), section), tmp_path)[0] == 2


def printed(html: str, folder: Path) -> tuple[int, bytes]:
    (folder / "page.html").write_text(html, encoding="utf-8")
    pages = print_pdf(folder / "page.html", folder / "page.pdf")
    return pages, (folder / "page.pdf").read_bytes()


# Elements whose text is wider than they are. Figures may scroll on narrow screens.
OVERFULL = """
[...document.querySelectorAll('.tile,.tile>div,h1,h2,.lead,.mast>span,.foot>span,.u')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'inline')
  .map(e => e.className + ': ' + e.textContent.slice(0, 40))
"""
OVERLAPPING = """
(() => { const all = [...document.querySelectorAll('.mast>span,h1,.lead,.tile,.fig,.foot>span')];
  const box = all.map(e => e.getBoundingClientRect()), hits = [];
  for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
    const across = Math.min(box[i].right, box[j].right) - Math.max(box[i].left, box[j].left);
    const down = Math.min(box[i].bottom, box[j].bottom) - Math.max(box[i].top, box[j].top);
    if (across > 1 && down > 1) hits.push(all[i].className + ' / ' + all[j].className);
  } return hits; })()
"""
LEFT_EDGES = """
new Set([...document.querySelectorAll(%s)].map(e => Math.round(e.getBoundingClientRect().x))).size
"""
SMALLEST = """
Math.min(...[...document.querySelectorAll('.page *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize)))
"""
DIGIT_EDGES = """
[...document.querySelectorAll('tbody tr>:%s')].map(cell => {
  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), node = walk.nextNode();
  const text = node.textContent, range = document.createRange();
  range.setStart(node, 0); range.setEnd(node, text.match(/^[\\d.,]+/)[0].length);
  return range.getBoundingClientRect().right; })
"""
