"""Header, titles, totals, blank rows and footers of sheets as people make them."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.loaders import spool
from workbench.loaders.files import open_paths
from workbench.loaders.layout import find_layout, letters, open_sheet
from workbench.loaders.raw import BLANK, DATA, SUBTOTAL, TOTAL, Source
from workbench.loaders.row_kinds import is_value, total_kind


class Rows:
    """Rows given by a test, as a grid."""

    def __init__(self, text, named=False):
        rows = csv.reader(io.StringIO(text), delimiter="|")
        self._rows = [(i, [cell or None for cell in cells]) for i, cells in enumerate(rows, 1)]
        self.source, self.notes, self.named = Source("t"), {}, named
        self.system = self.object = ""

    def rows(self):
        yield from self._rows


def sheet_of(text, tmp_path):
    return open_sheet(Rows(text), work=tmp_path)


def kinds_of(sheet):
    return [int(kind) for block in sheet.blocks() for kind in block.kinds]


def data_of(sheet):
    """Rows of data with their numbers."""
    rows = []
    for block in sheet.blocks():
        cells = zip(*(column.to_pylist() for column in block.cells), strict=True)
        for number, kind, row in zip(block.rows, block.kinds, cells, strict=True):
            if kind == DATA:
                rows.append((int(number), list(row)))
    return rows


@pytest.mark.parametrize(
    ("text", "headers", "first_row"),
    [
        ("客户|金额\n甲|1\n", ["客户", "金额"], 2),
        ("2026年8月销售商机明细表\n\n客户|负责人|金额\n甲|林某|1\n", ["客户", "负责人", "金额"], 4),
        ("表||\n制：张|部门：东|单位：元\n客户|负责|金额\n甲|林|1\n", ["客户", "负责", "金额"], 4),
        ("客户|2024|2025|2026\n甲|1|2|3\n乙|4|5|6\n", ["客户", "2024", "2025", "2026"], 2),
        ("客户|1月|2月\n甲|1|2\n", ["客户", "1月", "2月"], 2),
        ("客户|客户|\n甲|乙|丙\n丁|戊|己\n", ["客户", "客户 (2)", "column C"], 2),
        ("客户|负责人\n甲|林某\n乙|王某\n", ["客户", "负责人"], 2),
        ("客户\n甲\n乙\n", ["客户"], 2),
        ("客户|金额||\n甲|1||\n乙|2||手写\n", ["客户", "金额", "column D"], 2),
        ("客户|金额\n", ["客户", "金额"], 2),
        ('"预计\n成交日期"|"Deal\nname"\n2024-01-01|x\n', ["预计成交日期", "Deal name"], 2),
        ("Report\n\nAccount|Stage|Amount\nA|Won|1\n", ["Account", "Stage", "Amount"], 4),
        ("甲|2024-08-21|100\n乙|2024-08-22|200\n", ["column A", "column B", "column C"], 1),
        ("|客户|金额\n|甲|1\n|乙|2\n", ["客户", "金额"], 2),
        ("customer|api99|api00\nA|1|2\nB|3|4\n", ["customer", "api99", "api00"], 2),
    ],
)  # fmt: skip
def test_the_header_is_found(tmp_path, text, headers, first_row):
    sheet = sheet_of(text, tmp_path)
    assert (sheet.headers, sheet.first_row) == (headers, first_row)
    assert sheet.head_rows == first_row - 1


def test_no_row_is_lost_where_there_is_no_header(tmp_path):
    sheet = sheet_of("甲|2024-08-21|100\n乙|2024-08-22|200\n", tmp_path)
    assert sheet.notes["header"] == "none"
    assert data_of(sheet) == [(1, ["甲", "2024-08-21", "100"]), (2, ["乙", "2024-08-22", "200"])]


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (
            "区域|客户|2026年|||备注\n||1月|2月|3月|\n东|甲|1|2|3|x\n东|乙|4|5|6|\n",
            ["区域", "客户", "2026年 1月", "2026年 2月", "2026年 3月", "备注"],
        ),
        (
            "客户|目标||实际|\n客户|数量|金额|数量|金额\n甲|1|2|3|4\n乙|5|6|7|8\n",
            ["客户", "目标 数量", "目标 金额", "实际 数量", "实际 金额"],
        ),
    ],
)
def test_a_header_of_two_rows_is_joined(tmp_path, text, headers):
    sheet = sheet_of(text, tmp_path)
    assert sheet.headers == headers
    assert (sheet.first_row, sheet.notes["header"]) == (3, "two rows")
    assert sheet.counts[DATA] == 2


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("单位：万元", "万元"),
        ("销售明细（单位：元）", "元"),
        ("金额单位:千元  2026年8月", "千元"),
        ("Unit: CNY thousand", "CNY thousand"),
        ("Sales, in thousands", "thousands"),
        ("1、金额单位为万元", "万元"),
        ("2026年销售计划（万元）", "万元"),
        ("编制单位：某某公司", None),
        ("编制单位：某某公司  单位：元", "元"),
        ("单位：台", None),
        ("单位名称表", None),
    ],
)
def test_the_unit_of_a_title_is_noted(tmp_path, title, unit):
    sheet = sheet_of(f"{title}||\n客户|负责人|金额\n甲|林某|1\n乙|王某|2\n", tmp_path)
    assert sheet.notes.get("unit") == unit
    assert sheet.headers == ["客户", "负责人", "金额"]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("合计", TOTAL),
        ("合　计", TOTAL),
        ("总 计：", TOTAL),
        ("合计（元）", TOTAL),
        ("共计 12 条记录", TOTAL),
        ("本页合计", TOTAL),
        ("Total", TOTAL),
        ("GRAND TOTAL:", TOTAL),
        ("Ｔｏｔａｌ", TOTAL),
        ("Grand Totals (15 records)", TOTAL),
        ("小计", SUBTOTAL),
        ("华东小计", SUBTOTAL),
        ("1月合计", SUBTOTAL),
        ("East Total", SUBTOTAL),
        ("Subtotal", SUBTOTAL),
        ("合计科技", DATA),
        ("统计局", DATA),
        ("Total Energies Demo", DATA),
        ("设计", DATA),
        ("Amount", DATA),
    ],
)
def test_labels_of_totals(label, kind):
    assert total_kind(label) == kind


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("合计||||300", TOTAL),
        ("|合计|||300", TOTAL),
        ("|||合计|300", TOTAL),
        ("华东|小计|||300", SUBTOTAL),
        ("Total||||300", TOTAL),
        ("合计科技|林某|华东|赢单|300", DATA),
        ("Total|Lin|East|Won|300", DATA),
        ("丙公司|林某|华东|合计|300", DATA),
        ("　| |||", BLANK),
        ("客户|负责人|区域|阶段|金额", BLANK),
        ("明细表||||", BLANK),
    ],
)
def test_kinds_of_rows(tmp_path, row, kind):
    data = "甲|林某|华东|赢单|100\n乙|王某|华北|输单|200\n"
    text = f"明细表\n客户|负责人|区域|阶段|金额\n{data}{row}\n{data}"
    sheet = sheet_of(text, tmp_path)
    assert kinds_of(sheet) == [DATA, DATA, kind, DATA, DATA]
    assert sum(sheet.counts.values()) == 5


def test_repeated_headers_and_titles_of_pages_are_counted(tmp_path):
    page = "明细表\n客户|负责人|金额\n甲|林某|1\n乙|王某|2\n"
    sheet = sheet_of(page * 3, tmp_path)
    assert sheet.counts == {DATA: 6, TOTAL: 0, SUBTOTAL: 0, BLANK: 4}
    assert sheet.notes["repeated_headers"] == "4"


@pytest.mark.parametrize(
    ("footer", "texts"),
    [
        ("制表：张三\n", "制表：张三"),
        ("\n注：含税||\n第 1 页，共 3 页\n", "注：含税 | 第 1 页，共 3 页"),
        ("制表：张三|审核：李四|日期：2026-08-31\n", "制表：张三 审核：李四 日期：2026-08-31"),
        ("合计||3\n以人民币计\n", "以人民币计"),
        ("丙公司||\n", None),
        ("丙公司|赵某|\n", None),
    ],
)
def test_notes_below_the_table_are_no_data_and_not_lost(tmp_path, footer, texts):
    sheet = sheet_of("客户|负责人|金额\n甲|林某|1\n乙|王某|2\n" + footer, tmp_path)
    assert sheet.notes.get("footer") == texts
    assert sheet.counts[DATA] == (2 if texts else 3)
    assert sum(sheet.counts.values()) == 2 + len(footer.splitlines())


def test_cells_beyond_the_header_are_kept_and_told(tmp_path):
    text = "客户|备注\n甲|x\n乙|y|z\n丙|w||\n丁\n"
    sheet = sheet_of(text, tmp_path)
    assert sheet.ragged == [(3, 3)]
    assert [row for _, row in data_of(sheet)] == [
        ["甲", "x"],
        ["乙", "y,z"],
        ["丙", "w"],
        ["丁", None],
    ]


def test_texts_are_stripped_of_every_kind_of_space(tmp_path):
    sheet = sheet_of("客户|备注\n　甲 公司\u00a0|\u200b\n\ufeff乙| x \n", tmp_path)
    assert [row for _, row in data_of(sheet)] == [["甲 公司", None], ["乙", "x"]]


def test_a_named_grid_has_no_header_to_find(tmp_path):
    sheet = open_sheet(Rows("1|2\n3|4\n", named=True), work=tmp_path)
    assert (sheet.headers, data_of(sheet)) == (["1", "2"], [(2, ["3", "4"])])


def test_a_grid_without_cells_gives_an_empty_sheet(tmp_path):
    sheet = sheet_of("\n\n", tmp_path)
    assert (sheet.headers, list(sheet.blocks()), sum(sheet.counts.values())) == ([], [], 0)


def test_a_sheet_is_read_again_and_again_by_block_and_column(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "ROWS", 7)
    text = "编号|金额\n" + "".join(f"n{i}|{i}\n" for i in range(50)) + "合计|1225\n"
    sheet = sheet_of(text, tmp_path)
    assert [len(block.rows) for block in sheet.blocks()] == [7] * 7 + [2]
    assert sheet.column(0).to_pylist() == [*(f"n{i}" for i in range(50)), "合计"]
    assert sheet.column(1).to_pylist()[-1] == "1225"
    assert [row[1] for _, row in data_of(sheet)] == [str(i) for i in range(50)]
    assert sheet.counts == {DATA: 50, TOTAL: 1, SUBTOTAL: 0, BLANK: 0}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.50", True), ("￥1", True), ("123.5万", True), ("８０％", True),
        ("2024年8月21日", True), ("2024/1/5 9:15", True), ("45298.5", True), ("-", True),
        ("TRUE", True), ("8.5折", True),
        ("CNY 120000", True), ("(1,200)", True), ("21-Aug-2024", True), ("甲公司", False),
        ("3M中国", False), ("api99", False), ("P-100", False), ("2026年", False), ("Q1", False),
    ],
)  # fmt: skip
def test_values_are_told_from_names(cell, value):
    assert is_value(cell) == value


@pytest.mark.parametrize(
    ("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_the_letters_of_a_spreadsheet(place, name):
    assert letters(place) == name


CELL = st.sampled_from(
    [None, "甲", "合计", "小计", "Total", "1", "1,200.5", " ", "2024-01-05", "注：x", "客户"]
)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=25), titles=st.integers(0, 2))
def test_every_row_is_counted_once(tmp_path_factory, rows, titles):
    grid = Rows("")
    head = [["明细表"]] * titles + [["客户", "负责人", "金额", "日期"]]
    grid._rows = list(enumerate([*head, *rows], 1))
    sheet = open_sheet(grid, work=tmp_path_factory.mktemp("s"))
    assert sheet.head_rows + sum(sheet.counts.values()) == len(grid._rows)
    numbers = [int(n) for block in sheet.blocks() for n in block.rows]
    assert numbers == list(range(sheet.first_row, len(grid._rows) + 1))
    assert find_layout(grid).head_rows == sheet.head_rows


def test_the_work_folder_holds_no_file_of_the_user(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    [grid], _ = open_paths([tmp_path / "t.csv"], work=tmp_path / "work")
    open_sheet(grid, work=tmp_path / "work")
    assert [path.suffix for path in (tmp_path / "work").iterdir()] == [".arrow"]
