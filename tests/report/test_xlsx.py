"""The workbook of a run: contents first, labelled sheets, nothing that computes by itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.report.labels import KeyFigure, Meaning, column_meanings, key_figure, title_of
from workbench.report.xlsx import FORMATS, Book, TableSheet, _sheet_names
from workbench.tables import TABLES
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
TABLE = pa.table(
    {
        "account_id": ["00012", "=1+1", "-x", "@me", "+8613800138000"],
        "net": pa.array([Decimal("1.50"), None] * 2 + [Decimal("2")], pa.decimal128(18, 2)),
        "growth": [0.082, -0.01, None, float("nan"), 1.0],
        "shift": [0.012, -0.02, None, 0.0, 0.1],
        "day": pa.array([dt.date(2026, 7, 31)] * 5),
        "count": [1, 2, 3, 4, 5],
    }
)
COLUMNS = (
    Meaning("account_id", "Customer", "text"),
    Meaning("net", "Net", "money", "CNY"),
    Meaning("growth", "Growth", "signed_percent"),
    Meaning("shift", "Shift", "points"),
    Meaning("day", "Day", "date"),
    Meaning("count", "Count", "integer"),
)


@pytest.fixture
def book(tmp_path):
    figures = [
        KeyFigure(Meaning("revenue_net", "Net revenue", "money", "CNY"), 1.5, "1.50"),
        KeyFigure(Meaning("margin", "Margin", "percent"), 0.31),
        KeyFigure(Meaning("shift", "Shift", "points"), 0.012),
        KeyFigure(Meaning("who", "Who"), "=HYPERLINK(1)"),
    ]
    written = Book(
        lang=EN,
        title="Sales",
        company="Acme",
        figures=figures,
        sheets=[TableSheet("by", "By customer", COLUMNS, TABLE)],
    ).write(tmp_path / "results.xlsx")
    return openpyxl.load_workbook(written)


def rows(sheet) -> list[list]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_contents_come_first_with_key_figures(book):
    assert book.sheetnames == ["Contents", "By customer"]
    contents = rows(book["Contents"])
    assert ["Net revenue", 1.5, "CNY"] in contents
    assert ["Margin", 0.31, None] in [[*row[:2], row[2] or None] for row in contents]
    assert ["Shift", pytest.approx(1.2), "pp"] in contents
    (link,) = (row[0] for row in book["Contents"].iter_rows() if row[0].value == "By customer")
    assert link.hyperlink.location == "'By customer'!A1"


def test_a_sheet_has_title_labels_and_frozen_header(book):
    sheet = book["By customer"]
    assert sheet["A1"].value == "By customer"
    heads = ["Customer", "Net (CNY)", "Growth", "Shift (pp)", "Day", "Count"]
    assert [cell.value for cell in sheet[3]] == heads
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:F8"
    assert 8 <= sheet.column_dimensions["A"].width <= 48


def test_values_keep_their_kind(book):
    sheet = book["By customer"]
    assert [cell.value for cell in sheet[4]] == [
        "00012",
        1.5,
        0.082,
        pytest.approx(1.2),
        dt.datetime(2026, 7, 31),
        1,
    ]
    formats = [cell.number_format for cell in sheet[4]]
    kinds = ("text", "money", "signed_percent", "points", "date", "integer")
    assert formats == [FORMATS[kind] for kind in kinds]
    assert [sheet.cell(7, place).value for place in (2, 3)] == [None, None]


def test_nothing_is_a_formula(book):
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    sheet = book["By customer"]
    assert [sheet.cell(row, 1).value for row in (5, 6, 7)] == ["'=1+1", "'-x", "'@me"]
    phone = sheet.cell(8, 1)
    assert (phone.value, phone.quotePrefix) == ("+8613800138000", True)
    assert not sheet["A4"].quotePrefix
    assert ["Who", "'=HYPERLINK(1)", None] in [
        [*r[:2], r[2] or None] for r in rows(book["Contents"])
    ]


@given(st.lists(st.text(max_size=40), max_size=12))
def test_sheet_names_are_allowed_and_differ(titles):
    names = _sheet_names(titles)
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_long_tables_are_cut_and_say_so(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.report.xlsx.MAX_ROWS", 3)
    sheet = TableSheet("by", "By customer", COLUMNS, TABLE)
    path = Book(lang=ZH, title="销售", sheets=[sheet]).write(tmp_path / "x.xlsx")
    written = openpyxl.load_workbook(path)["By customer"]
    assert written.max_row == 3 + 3
    assert [cell.value for cell in written[3]][:2] == ["Customer", "Net（元）"]
    assert written["A2"].value == "共5行，此处为前3行；全部见tables/by.parquet"


# -- labels -------------------------------------------------------------------------------------

SCHEMA = pa.schema(
    [
        ("region", pa.string()),
        ("growth", pa.float64()),
        ("discount", pa.float64()),
        ("after", pa.float64()),
        ("oddity", pa.int64()),
        ("net", pa.decimal128(18, 2)),
    ]
)


def meanings(*columns: dict, lang: Language = ZH) -> list[tuple[str, str, str]]:
    found = column_meanings(columns, SCHEMA, lang, currency="CNY")
    return [(each.label, each.kind, each.unit) for each in found]


def test_labels_given_come_before_those_declared():
    assert meanings({"name": "region"}) == [("大区", "text", "")]
    assert meanings({"name": "region", "label": ["Where", "何处"]}) == [("何处", "text", "")]
    assert meanings({"name": "growth", "label": "增幅", "kind": "percent"}) == [
        ("增幅", "percent", "")
    ]


def test_kinds_come_from_name_and_storage():
    assert meanings({"name": "growth"}) == [("同比", "signed_percent", "")]
    assert meanings({"name": "after"}) == [("本期", "money", "CNY")]
    assert meanings({"name": "net"}, lang=EN) == [("Net of VAT", "money", "CNY")]
    assert meanings({"name": "oddity"}, lang=EN) == [("Oddity", "integer", "")]
    assert meanings({"name": "gone"}) == []


def test_names_that_mean_something_else_in_each_table_get_no_table_s_label():
    titles = {c.titles for t in TABLES.values() for c in t.columns if c.name == "status"}
    assert len(titles) > 1
    assert title_of("status", EN) == "Status"
    assert title_of("amount", ZH) == "金额"


def test_a_code_that_heads_a_column_has_its_label():
    columns = [{"name": "oddity"}]
    (found,) = column_meanings(columns, SCHEMA, ZH, codes={"oddity": ("Odd", "奇")})
    assert found.label == "奇"


def test_key_figures_take_name_and_unit_from_the_kpi_dictionary():
    figure = key_figure({"name": "revenue_net", "value": 386e6}, ZH)
    assert figure.meaning.label == title_of("revenue_net", ZH) == "销售收入（不含税）"
    assert figure.written(ZH) == "3.86亿元"
    own = key_figure(
        {"name": "revenue_net", "value": 0.5, "label": ["Mine", "我的"], "unit": "%"}, EN
    )
    assert (own.meaning.label, own.written(EN)) == ("Mine", "50.0%")


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (None, None, "–", "–"),
        (True, None, "yes", "是"),
        ("east", None, "east", "east"),
        (48.25, ("days", "天"), "48.3 days", "48.3天"),
        (12, ("people", "人"), "12 people", "12人"),
        (0.012, "pp", "+1.2 pp", "+1.2个百分点"),
        (0.31, "share", "31.0%", "31.0%"),
        (48, "days", "48 days", "48天"),
        (9.76e6, "CNY", "CNY 9.8 million", "976万元"),
    ],
)
def test_key_figures_in_words(value, unit, en, zh):
    entry = {"name": "oddity", "value": value, "unit": unit}
    assert (key_figure(entry, EN).written(EN), key_figure(entry, ZH).written(ZH)) == (en, zh)
