"""Tables for people: what is shown, how it is judged, and how it is marked up."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages import HEAT, REGIONS, region_table
from workbench.errors import ParameterError
from workbench.report import Col, TableView, heat_note
from workbench.text import Language

EN = Language("en")


def one(value: object, column: Col, lang: Language = EN) -> object:
    """The cell a single value gives."""
    frame = pd.DataFrame({"name": ["a"], column.name: [value]})
    view = TableView(frame, [Col("name", "Name"), column], lang=lang)
    return view.rows[0].cells[1]


# -- what is written


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (0.082, "percent", "8.2%"),
        (-0.064, "signed_percent", "−6.4%"),
        (-0.012, "points", "−1.2"),
        (0.004, "probability", "<1%"),
        (1234.56, "number", "1,234.6"),
        (49.4, "integer", "49"),
        (Decimal("54800000.00"), "money", "54.8"),
        ("2026-07-31", "date", "2026-07-31"),
        ("2026-07", "month", "Jul"),
        (True, "text", "yes"),
        (None, "percent", "–"),
        (float("nan"), "money", "–"),
        (0.0, "percent", "0.0%"),
    ],
)
def test_values_are_written_by_kind(value, kind, written):
    assert one(value, Col("x", "X", kind)).text == written


def test_money_takes_one_unit_for_all_columns_and_the_total():
    frame = pd.DataFrame({"r": ["a"], "now": [9.1e6], "before": [2.0e6]})
    columns = [Col("r", "R"), Col("now", "Now", "money"), Col("before", "Before", "money")]
    small = TableView(frame, columns, lang=EN)
    large = TableView(frame, columns, lang=EN, total={"now": 386e6, "before": 356.7e6})
    assert small.unit == "CNY thousand"
    assert large.unit == "CNY million"
    assert [cell.text for cell in large.rows[0].cells] == ["a", "9.1", "2.0"]


def test_a_given_scale_is_used():
    scale = EN.scale([1e9], currency="CNY")
    view = TableView(pd.DataFrame({"x": [5e6]}), [Col("x", "X", "money")], lang=EN, scale=scale)
    assert view.unit == scale.unit


# -- how it is judged


@pytest.mark.parametrize(
    ("value", "direction", "tint"),
    [
        (0.0099, "up", "g1"),  # shown as 1.0%
        (0.0094, "up", "z0"),
        (0.01, "up", "g1"),
        (0.05, "up", "g2"),
        (0.0999, "up", "g3"),  # shown as 10.0%
        (-0.023, "up", "b1"),
        (-0.064, "up", "b2"),
        (-0.5, "up", "b3"),
        (0.12, "down", "b3"),
        (-0.12, "down", "g3"),
        (0.12, "context", "z0"),
    ],
)
def test_tints_begin_at_their_limits_as_shown(value, direction, tint):
    column = Col("x", "X", "signed_percent", heat=HEAT, direction=direction)
    assert one(value, column).tint == tint


@pytest.mark.parametrize(
    ("value", "glyph"), [(45.4, ""), (45.6, "△"), (19.6, ""), (19.4, "▽"), (30, ""), (None, "")]
)
def test_band_marks_what_is_shown_outside(value, glyph):
    cell = one(value, Col("x", "X", "integer", band=(20, 45)))
    assert (cell.glyph, cell.room) == (glyph, not glyph)


def test_judged_changes_point_where_they_went():
    column = Col("x", "X", "signed_percent", judged=True, direction="down")
    assert [one(v, column).glyph for v in (0.026, -0.02, 0.0002)] == ["△", "▼", ""]


def test_marks_may_be_handed_in():
    frame = pd.DataFrame({"x": [1, 2], "m": ["△", ""]})
    view = TableView(frame, [Col("x", "X", "integer", mark="m")], lang=EN)
    assert [row.cells[0].glyph for row in view.rows] == ["△", ""]


def test_the_total_is_not_tinted_but_marked():
    total = region_table(EN).rows[-1]
    assert total.kind == "sum"
    assert {cell.tint for cell in total.cells} == {""}
    assert total.cells[-1].glyph == "△"


@given(st.floats(-1, 1), st.sampled_from(["up", "down"]))
def test_tint_and_sign_agree(value, direction):
    tint = one(value, Col("x", "X", "signed_percent", heat=HEAT, direction=direction)).tint
    if tint != "z0":
        assert (tint[0] == "g") == ((value > 0) == (direction == "up"))


# -- bars and intervals


def test_intervals_share_one_scale_and_are_cut_at_its_ends():
    frame = pd.DataFrame({"n": ["a"], "lo": [-10.0], "mid": [50.0], "hi": [75.0]})
    column = Col("mid", "Mid", "interval", low="lo", high="hi", limits=(0, 100))
    cell = TableView(frame, [Col("n", "N"), column], lang=EN).rows[0].cells[1]
    assert (cell.span, cell.tick) == ((0.0, 0.75), 0.5)


def test_bars_begin_at_zero():
    frame = pd.DataFrame({"n": ["a", "b"], "x": [-50.0, 100.0]})
    view = TableView(frame, [Col("n", "N"), Col("x", "X", "bar", limits=(-100, 100))], lang=EN)
    assert [row.cells[1].span for row in view.rows] == [(0.25, 0.5), (0.5, 1.0)]


# -- long tables


@pytest.mark.parametrize(("rows", "shown"), [(12, 12), (13, 11)])
def test_over_twelve_rows_become_ten_and_a_rest_line(rows, shown):
    frame = pd.DataFrame({"n": [f"c{i}" for i in range(rows)], "x": [1e6] * rows})
    columns = [Col("n", "N"), Col("x", "X", "money", additive=True)]
    view = TableView(frame, columns, lang=EN, total={"n": "All", "x": 1e6 * rows})
    assert len(view.rows) == shown + 1
    if rows > 12:
        rest = view.rows[-2]
        assert [cell.text for cell in rest.cells] == ["3 more rows", "3.0"]


def test_an_empty_table_says_so(lang):
    frame = pd.DataFrame({"n": [], "x": []})
    view = TableView(frame, [Col("n", "N"), Col("x", "X", "money")], lang=lang)
    assert [cell.text for cell in view.rows[0].cells] == [lang.pick("No rows", "无记录"), ""]


# -- the HTML


def test_table_has_caption_scopes_and_aligned_marks(lang, tree):
    root = tree(region_table(lang).grid())
    assert root.find("caption").text
    heads = root.findall("thead/tr")[1].findall("th")
    assert {head.get("scope") for head in heads} == {"col"}
    assert root.find("thead/tr[@class='gh']/th").get("scope") == "colgroup"
    for row in root.findall("tbody/tr"):
        assert row[0].tag == "th" and row[0].get("scope") == "row"
        assert len(row) == len(heads)
        last = "".join(row[-1].itertext())
        assert last.endswith(" △")  # seen or not, so that digits stand under each other


def test_marks_that_are_not_there_are_not_read_out(tree):
    root = tree(region_table(EN).grid())
    unseen = [s for s in root.iter("span") if "hidden" in (s.get("style") or "")]
    assert len(unseen) == 3
    assert {s.get("aria-hidden") for s in unseen} == {"true"}


def test_words_are_escaped(tree):
    frame = pd.DataFrame({"n": ["<b>&\"'"]})
    view = TableView(frame, [Col("n", "<N>")], lang=EN, title="A < B")
    assert tree(view.html()).find(".//tbody/tr/th").text == "<b>&\"'"


def test_column_names_are_not_shown(lang):
    html = region_table(lang).html()
    assert not [name for name in REGIONS.columns if f">{name}<" in html]


# -- faults


def test_unknown_columns_are_named():
    with pytest.raises(ParameterError, match="no column profit"):
        TableView(REGIONS, [Col("profit", "Profit")], lang=EN)


@pytest.mark.parametrize("heat", [(0.05, 0.01, 0.1), (-0.1, 0.1, 0.2)])
def test_heat_limits_must_rise_from_zero(heat):
    with pytest.raises(ParameterError, match="rise"):
        Col("x", "X", heat=heat)


def test_an_interval_needs_its_scale():
    with pytest.raises(ParameterError, match="interval"):
        Col("x", "X", "interval", low="a", high="b")


def test_note_states_the_limits():
    assert heat_note(EN, HEAT) == "Tints at 1, 5, 10%: petrol up, orange down"
    assert heat_note(Language("zh"), (0.005, 0.05, 0.1)) == "底色分级0.5、5、10%，蓝绿增、橙减"
