"""What only a browser can tell of the report of an import: it fits, breaks where it may, prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.support.imports import import_report
from tests.support.shots import Tab, print_pdf
from workbench.loaders.outcome import ImportReport
from workbench.report.import_page import import_page
from workbench.text import Language

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(chromium: str) -> Iterator[Tab]:
    with Tab.opened(chromium) as opened:
        yield opened


@cache
def document(code: str) -> str:
    return import_page(import_report(), Language(code)).document()


@pytest.fixture
def html(lang: Language) -> str:
    return document(lang.code)


def long_named() -> ImportReport:
    """The same report from a file whose name and texts have no place to break."""
    report = import_report()
    sheets = [replace(s, file="a_very_long_name_" * 9 + ".xlsx") for s in report.sheets]
    return report.with_(sheets=tuple(sheets), cells=report.cells.assign(text="0123456789" * 12))


def test_the_first_page_fits_a_screen(tab: Tab, html: str):
    tab.show(html, width=1440, height=900)
    assert tab.ask("document.querySelector('.page').getBoundingClientRect().bottom") <= 900
    assert tab.ask("document.documentElement.scrollWidth") == 1440


@pytest.mark.parametrize("width", [1280, 1000, 400])
def test_nothing_runs_over(tab: Tab, html: str, width: int):
    tab.show(html, width=width, height=900)
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.ask(OVERFULL) == []


@pytest.mark.parametrize("width", [1440, 900])
def test_long_names_break_and_figures_do_not(tab: Tab, width: int):
    tab.show(import_page(long_named(), Language("en")).document(), width=width, height=900)
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.ask(WRAPPED) == []


def test_no_text_is_under_twelve_pixels(tab: Tab, html: str):
    tab.show(html, width=1440, height=900)
    assert tab.ask(SMALLEST) >= 12


def test_figures_of_tables_below_each_other_share_their_edges(tab: Tab, html: str):
    tab.show(html, width=1440, height=900)
    edges = tab.ask(EDGES)
    assert len(edges) == 2
    assert edges[0] == pytest.approx(edges[1], abs=1)


def test_dark_follows_the_system(tab: Tab, html: str):
    tab.show(html, width=1440, height=900, scheme="dark")
    assert tab.ask("getComputedStyle(document.body).backgroundColor") == "rgb(17, 23, 30)"


def test_print_begins_with_one_page_of_a4(lang: Language, tmp_path: Path, chromium: str):
    page = import_page(import_report(), lang)
    (tmp_path / "first.html").write_text(replace(page, parts=()).document(), encoding="utf-8")
    assert print_pdf(tmp_path / "first.html", tmp_path / "first.pdf") == 1


OVERFULL = """
[...document.querySelectorAll('.tile,.tile>div,h1,h2,h3,.lead,.mast>span,.foot>span,.u,li')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'inline')
  .map(e => e.className + ': ' + e.textContent.slice(0, 40))
"""
WRAPPED = """
[...document.querySelectorAll('td.n')].filter(e => e.getClientRects().length &&
  e.textContent && !e.querySelector('.own') && [...e.childNodes].some(n => {
    const range = document.createRange(); range.selectNodeContents(n);
    return range.getClientRects().length > 1; })).map(e => e.textContent)
"""
SMALLEST = """
Math.min(...[...document.querySelectorAll('main *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize)))
"""
EDGES = """
[...document.querySelectorAll('.page table')].slice(1).map(t =>
  [...t.querySelectorAll('thead th')].map(e => e.getBoundingClientRect().right))
"""
