"""The XLSX files written here, read back by two programs that did not write them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from workbench.report.xlsx_file import Look, XlsxFile, letters
from workbench.tables.export import plain

LOOKS = {"": Look(), "money": Look("#,##0.00"), "date": Look("yyyy-mm-dd"), "head": Look(head=True)}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30)


def written(rows, name="S", **how) -> bytes:
    stream = io.BytesIO()
    with XlsxFile(stream, title="T", creator="C", looks=LOOKS) as file:
        file.sheet(name, rows(file), widths=(10, 20), **how)
    return stream.getvalue()


def _has_a_sign_in_xml(each: str) -> bool:
    return each in "\t\n" or (each >= " " and each not in "\ufffe\uffff")


def test_values_come_back_as_they_were():
    numbers = [1, -(2**40), 0.1 + 0.2, 1e-17, 1e300, True, False, Decimal("1.50"), Decimal("1E+3")]
    days = [dt.date(2026, 7, 31), dt.datetime(2026, 7, 31, 13, 45, 30), dt.date(1900, 1, 31)]
    data = written(lambda file: [file.values(numbers, "money"), file.values(days, "date")])
    first, second = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    assert list(first) == [float(n) if isinstance(n, Decimal) else n for n in numbers]
    assert [type(each) for each in first[5:7]] == [bool, bool]
    assert second[:3] == (
        dt.datetime(2026, 7, 31), dt.datetime(2026, 7, 31, 13, 45, 30), dt.datetime(1900, 1, 31),
    )  # fmt: skip


def test_what_is_no_number_is_left_empty():
    nothing = [None, float("nan"), float("inf"), Decimal("NaN"), 1]
    data = written(lambda file: [file.values(nothing, "money")])
    (row,) = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()
    assert [cell.value for cell in row] == [None, None, None, None, 1]


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_texts_come_back_as_they_were(texts):
    data = written(lambda file: [[file.text(words, "")] for words in texts])
    shown = ["".join(filter(_has_a_sign_in_xml, words)) for words in texts]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        root = ElementTree.fromstring(file.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    held = ["".join(item.itertext()).replace("_x005F_", "_") for item in root]
    places = [int(value.text) for value in sheet.iter() if value.tag.endswith("}v")]
    assert [plain(held[place]) for place in places] == [words for words in shown if words]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    assert rows.end is None or rows.end[0] < len(texts)


def test_a_text_that_looks_like_a_code_of_excel_stays_a_text():
    data = written(lambda file: [[file.text("a_x0041_ _x00e9_", "")]])
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python() == [
        ["a_x0041_ _x00e9_"]
    ]


def test_a_long_text_is_cut_where_a_cell_ends():
    data = written(lambda file: [[file.text("好" * 40_000, "")]])
    assert openpyxl.load_workbook(io.BytesIO(data)).active["A1"].value == "好" * 32_767


def test_panes_filters_widths_and_links():
    def rows(file: XlsxFile):
        head = [file.text("one", "head"), file.text("two", "head")]
        return [[], head, ["", *file.values([2], "money")]]

    name = "O'Neil & <Co>"
    data = written(rows, name, frozen="B3", filtered="A2:B3", links={"A2": name})
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[name]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B3", "A2:B3")
    assert sheet["A2"].hyperlink.location == "'O''Neil & <Co>'!A1"
    assert sheet["A2"].alignment.wrap_text
    assert (sheet["B3"].value, sheet["B3"].number_format) == (2, "#,##0.00")
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [10, 20]
    assert (book.properties.title, book.properties.creator) == ("T", "C")


def test_many_rows_and_columns_have_their_places():
    data = written(lambda file: [file.values(range(n, n + 30), "") for n in range(2_500)])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert (sheet.max_row, sheet.max_column) == (2_500, 30)
    assert sheet["AD2500"].value == 2_499 + 29


def test_letters_of_columns():
    known = {1: "A", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA"}
    assert {place: letters(place) for place in known} == known


def test_nothing_is_left_open_where_rows_fail(tmp_path):
    def rows(file: XlsxFile):
        yield [file.text("one", "")]
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        (tmp_path / "x.xlsx").write_bytes(written(rows))
