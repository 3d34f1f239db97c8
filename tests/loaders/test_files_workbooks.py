"""Workbooks: typed cells as text, merged cells, hidden sheets, and files under a wrong name."""

import datetime as dt
import re
import zipfile

import openpyxl
import pytest

from workbench.loaders.files import open_paths
from workbench.loaders.files.cells import exact_text, sheet_text
from workbench.loaders.layout import open_sheet
from workbench.loaders.raw import BLANK, DATA, SUBTOTAL, TOTAL


def workbook(tmp_path, rows, merged=(), name="t.xlsx"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "明细"
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    path = tmp_path / name
    book.save(path)
    return path


def sheet_of(path, tmp_path):
    [grid], skipped = open_paths([path], work=tmp_path / "work")
    assert not skipped
    return open_sheet(grid, work=tmp_path / "work")


def rows_of(sheet):
    return [
        (int(number), list(cells))
        for block in sheet.blocks()
        for number, *cells in zip(
            block.rows, *(column.to_pylist() for column in block.cells), strict=True
        )
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1235000.0, "1235000"),
        (0.6, "0.6"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333333333333"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (999_999_999_999_999.0, "999999999999999"),
        (911101081234567890.0, "9.11101081234568E+17"),
        (911101081234567890, "9.11101081234568E+17"),
        (float("nan"), None),
        (True, "TRUE"),
        (dt.date(2024, 8, 21), "2024-08-21"),
        (dt.datetime(2024, 8, 21, 9, 30), "2024-08-21T09:30:00"),
        (dt.datetime(2024, 8, 21, 9, 29, 59, 999600), "2024-08-21T09:30:00"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(hours=30), "30:00:00"),
        ("00123", "00123"),
        ("", None),
        (None, None),
    ],
)
def test_cells_of_a_workbook_become_text(value, text):
    assert sheet_text(value) == text


def test_exact_numbers_keep_their_digits():
    assert exact_text(4000000000000200001) == "4000000000000200001"


def test_a_sheet_as_people_make_it(tmp_path):
    path = workbook(
        tmp_path,
        [
            ["2026年8月销售商机明细表"],
            ["单位：万元", None, None, "制表人：张三"],
            ["区域", "客户", "2026年", None, None, "日期"],
            [None, None, "1月", "2月", "3月", None],
            ["华东", "甲公司", 1, 2.5, 3, dt.date(2026, 8, 1)],
            [None, "合计科技", 4, 5, 6, dt.date(2026, 8, 2)],
            ["华东", "小计", 5, 7.5, 9],
            ["华北", "丙公司", 7, 8, 9, dt.date(2026, 8, 3)],
            [None],
            ["合　计", None, 12, 15.5, 18],
            ["制表：李四"],
        ],
        ["A1:F1", "A3:A4", "B3:B4", "C3:E3", "F3:F4", "A5:A6"],
    )
    sheet = sheet_of(path, tmp_path)
    assert sheet.headers == ["区域", "客户", "2026年 1月", "2026年 2月", "2026年 3月", "日期"]
    assert (sheet.first_row, sheet.source.sheet) == (5, "明细")
    assert sheet.counts == {DATA: 3, TOTAL: 1, SUBTOTAL: 1, BLANK: 2}
    assert rows_of(sheet)[1] == (6, ["华东", "合计科技", "4", "5", "6", "2026-08-02"])
    assert sheet.notes["unit"] == "万元"
    assert sheet.notes["footer"] == "制表：李四"


def test_an_amount_merged_over_rows_counts_once(tmp_path):
    rows = [
        ["合同", "年", "产品", "金额"],
        ["C1", 2026, "甲", 500],
        [None] * 4,
        ["C2", 2026, "丙", 7],
    ]
    rows[2][2] = "乙"
    sheet = sheet_of(workbook(tmp_path, rows, ["A2:A3", "B2:B3", "D2:D3"]), tmp_path)
    assert rows_of(sheet)[:2] == [(2, ["C1", "2026", "甲", "500"]), (3, ["C1", "2026", "乙", None])]
    assert (sheet.notes["merged_cells"], sheet.notes["merged_numbers"]) == ("2", "1")


def test_errors_and_formulas_without_result_are_not_lost(tmp_path):
    rows = [["客户", "金额", "份额"], ["甲&乙", "=B9*2", "#N/A"], ["丙", 3, 0.5]]
    path = workbook(tmp_path, rows)
    sheet = sheet_of(path, tmp_path)
    assert rows_of(sheet) == [(2, ["甲&乙", "=B9*2", "#N/A"]), (3, ["丙", "3", "0.5"])]
    assert sheet.notes["cells_without_result"] == "2"


def test_every_sheet_is_a_grid_and_empty_ones_are_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "一月"
    book.active.append(["客户", "金额"])
    book.create_sheet("空")
    hidden = book.create_sheet("旧")
    hidden.append(["客户", "金额"])
    hidden.sheet_state = "hidden"
    book.create_chartsheet("图")
    book.save(tmp_path / "t.xlsx")
    grids, skipped = open_paths([tmp_path / "t.xlsx"], work=tmp_path / "work")
    assert [(g.source.sheet, g.notes.get("hidden")) for g in grids] == [
        ("一月", None),
        ("旧", "yes"),
    ]
    assert [(s.file, s.refused) for s in skipped] == [
        ("t.xlsx [图]", False),
        ("t.xlsx [空]", False),
    ]
    assert [list(grid.rows()) for grid in grids] == [[(1, ["客户", "金额"])]] * 2
    assert list(grids[0].rows()) == [(1, ["客户", "金额"])]  # and a second time


def test_a_sheet_that_begins_further_in_keeps_its_row_numbers(tmp_path):
    book = openpyxl.Workbook()
    for row, cells in enumerate([["客户", "金额"], ["甲", 1]], 4):
        for column, value in enumerate(cells, 3):
            book.active.cell(row, column, value)
    book.save(tmp_path / "t.xlsx")
    sheet = sheet_of(tmp_path / "t.xlsx", tmp_path)
    assert sheet.headers == ["客户", "金额"]
    assert rows_of(sheet) == [(5, ["甲", "1"])]


def test_external_links_are_told_and_not_followed(tmp_path):
    path = workbook(tmp_path, [["客户", "金额"], ["甲", 1]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    sheet = sheet_of(path, tmp_path)
    assert sheet.notes["external_links"] == "1"
    assert rows_of(sheet) == [(2, ["甲", "1"])]


HTML = (
    "<html><head><meta charset=gbk><style>td{}</style></head><body><table border=1>"
    "<tr><th rowspan=2>客户</th><th colspan=2>2026年</th></tr><tr><th>1月</th><th>2月</th></tr>"
    "<tr><td>甲&amp;乙<br>公司</td><td>1,200</td><td>2</td></tr><tr><td>丙<td>3<td>4</table></body>"
)

XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>
<Row><Cell><Data ss:Type="String">客户</Data></Cell><Cell><Data ss:Type="String">金额</Data></Cell>
<Cell><Data ss:Type="String">备注</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">甲</Data></Cell><Cell ss:Index="3">
<Data ss:Type="String">x</Data></Cell></Row></Table></Worksheet></Workbook>"""


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="S">{}</table:table></office:spreadsheet>'
    "</office:body></office:document-content>"
)


def test_an_ods_is_read_and_other_open_documents_are_told(tmp_path):
    def cells(*texts):
        inner = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p>'
            "</table:table-cell>"
            for text in texts
        )
        return f"<table:table-row>{inner}</table:table-row>"

    for name, kind in (("t.ods", "spreadsheet"), ("t.odt", "text")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
            archive.writestr("content.xml", ODS.format(cells("客户", "金额") + cells("甲", "1")))
            archive.writestr("META-INF/manifest.xml", "<manifest/>")
    [grid], [skipped] = open_paths([tmp_path / "t.ods", tmp_path / "t.odt"], work=tmp_path / "w")
    assert list(grid.rows()) == [(1, ["客户", "金额"]), (2, ["甲", "1"])]
    assert (skipped.message, skipped.refused) == ("this is a document, not a table", False)


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_html_under_the_name_of_a_workbook(tmp_path, codec):
    (tmp_path / "export.xls").write_bytes(HTML.encode(codec))
    sheet = sheet_of(tmp_path / "export.xls", tmp_path)
    assert sheet.notes["format"] == "HTML"
    assert sheet.headers == ["客户", "2026年 1月", "2026年 2月"]
    assert rows_of(sheet) == [(3, ["甲&乙\n公司", "1,200", "2"]), (4, ["丙", "3", "4"])]


def test_the_xml_of_old_spreadsheets(tmp_path):
    (tmp_path / "export.xls").write_text(XML, "utf-8")
    sheet = sheet_of(tmp_path / "export.xls", tmp_path)
    assert sheet.headers == ["客户", "金额", "备注"]
    assert rows_of(sheet) == [(2, [None] * 3), (3, ["甲", None, "x"])]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("客户\t金额\n甲\t1\n".encode("gbk"), "TSV"),
        ("客户,金额\n甲,1\n".encode("utf-8-sig"), "CSV"),
    ],
)
def test_text_under_the_name_of_a_workbook(tmp_path, content, form):
    (tmp_path / "export.xlsx").write_bytes(content)
    sheet = sheet_of(tmp_path / "export.xlsx", tmp_path)
    assert (sheet.notes["format"], rows_of(sheet)) == (form, [(2, ["甲", "1"])])


def test_a_workbook_under_the_name_of_text(tmp_path):
    sheet = sheet_of(workbook(tmp_path, [["客户"], ["甲"]]).rename(tmp_path / "t.csv"), tmp_path)
    assert sheet.notes["format"] == "XLSX"


def test_a_workbook_cut_off_is_refused(tmp_path):
    path = workbook(tmp_path, [["客户", "金额"]] * 500)
    path.write_bytes(path.read_bytes()[:-400])
    grids, [skipped] = open_paths([path], work=tmp_path / "work")
    assert not grids
    assert "damaged or was not copied whole" in skipped.message


def test_a_workbook_with_a_broken_sheet_is_refused(tmp_path):
    path, broken = workbook(tmp_path, [["客户", "金额"]]), tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:150] if re.search("sheet1.xml$", name) else content)
    grids, [skipped] = open_paths([broken], work=tmp_path / "work")
    assert not grids
    assert "cannot be read" in skipped.message
    assert skipped.do
