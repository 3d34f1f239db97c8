"""The page as it is drawn: what is wide stays inside it, words and figures keep their room."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from tests.support.shots import Tab
from workbench.planners import page
from workbench.planners.app.handlers import whole_css
from workbench.planners.key_figures import KeyFigure
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

pytestmark = pytest.mark.browser
EN = Language("en")


@pytest.fixture(scope="module")
def tab(chromium: str) -> Iterator[Tab]:
    with Tab.opened(chromium) as opened:
        yield opened


def shown(tab: Tab, width: int, **regions: str) -> Tab:
    frame = page.frame("p", regions, EN)
    html = f"<style>{whole_css()}</style><body data-workbench-app='/'>{frame}</body>"
    tab.show(html, width=width, height=900)
    return tab


def table(words: str, *, title: str = "Title", columns: int = 6) -> str:
    row = {"who": "Limit of discounts", **{f"n{i}": 1234.5 for i in range(columns)}, "why": words}
    view = TableView(
        pd.DataFrame([row]),
        [Col("who", "Lever"), *(Col(f"n{i}", f"Figure {i}", "number") for i in range(columns)),
         Col("why", "Response")],
        lang=EN, title=title, caption="Levers",
    )  # fmt: skip
    return page.charts_html([str(Block(view).fragment(level=2))])


@pytest.mark.parametrize("width", [1440, 1280, 390])
def test_a_table_with_long_words_stays_inside_the_page(tab: Tab, width: int):
    words = "log uplift measured on 69 products; 30% of them promoted in the last twelve months; "
    shown(tab, width, charts=table(2 * words))
    assert tab.ask("document.documentElement.scrollWidth") <= width


def test_a_title_is_no_wider_than_its_table_and_the_table_no_wider_than_its_cells(tab: Tab):
    shown(tab, 1440, charts=table("short", title="Finding " * 30, columns=2))
    fig = tab.ask("document.querySelector('.fig').getBoundingClientRect().width")
    cells = tab.ask("document.querySelector('.fig table').getBoundingClientRect().width")
    assert fig == cells < 500
    assert tab.ask("[...document.querySelectorAll('td')].every(e => e.offsetHeight < 32)")


@pytest.mark.parametrize("width", [1440, 1280])
def test_what_a_tile_says_stays_in_its_tile_and_what_it_counts_is_not_broken(tab: Tab, width: int):
    figures = [
        KeyFigure(name=str(i), label="People reach base", value=1_453_600_000.0, kind="money",
                  basis="with VAT, drafts in")
        for i in range(6)
    ]  # fmt: skip
    shown(tab, width, tiles=page.tiles_html(figures, {}, EN, tried=False))
    assert tab.ask(
        "[...document.querySelectorAll('.tile')].every(tile => {"
        " const right = tile.getBoundingClientRect().right;"
        " return tile.querySelector('.l small').offsetHeight < 24 &&"
        " [...tile.querySelectorAll('small')]"
        ".every(each => each.getBoundingClientRect().right <= right); })"
    )


def test_tables_of_a_section_are_no_wider_than_their_cells_where_the_window_is_small(tab: Tab):
    view = TableView(
        pd.DataFrame({"who": ["East", "North"], "n": [1.0, 2.0]}),
        [Col("who", "Region"), Col("n", "Change", "number")], lang=EN, title="T", caption="C",
    )  # fmt: skip
    section = Section(view, lang=EN)
    shown(tab, 1280, charts=page.charts_html([section.fragment(level=2)]))
    assert tab.ask("document.querySelector('table').offsetWidth") < 400


@pytest.mark.parametrize("width", [1440, 1280])
def test_scenarios_side_by_side_stay_inside_the_page(tab: Tab, width: int):
    figures = {
        str(i): KeyFigure(name=str(i), label="Expected pay a year ahead", value=7e6, kind="money")
        for i in range(6)
    }
    name = "Growth of the base target 5%, Padding to provinces or teams 0%, 3 more changed"
    rows = [page.Compared(str(i), name, figures, current=i == 1) for i in range(2)]
    shown(tab, width, strip=page.strip_html(rows, list(figures.values()), EN))
    right = tab.ask("document.querySelector('.r-strip table').getBoundingClientRect().right")
    assert right <= width - 28
