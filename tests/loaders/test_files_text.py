"""Text files: encodings, delimiters and quotes, told by evidence and read without a loss."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.loaders.files import clean_blocks, open_paths
from workbench.loaders.layout import open_sheet
from workbench.loaders.raw import DATA, TOTAL

FIXTURES = Path(__file__).parent / "fixtures"
TABLE = "客户,金额\n甲公司,120\n乙公司,￥3\n"
ROWS = [["客户", "金额"], ["甲公司", "120"], ["乙公司", "￥3"]]


def opened(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_paths([path], work=tmp_path / "work")


def grid_of(tmp_path, content, name="t.csv"):
    grids, skipped = opened(tmp_path, content, name)
    assert not skipped
    return grids[0]


def texts(grid):
    return [[cell or "" for cell in cells] for _, cells in grid.rows()]


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_encoding_gives_the_same_rows(tmp_path, codec, label, ends):
    grid = grid_of(tmp_path, TABLE.replace("\n", ends).encode(codec))
    assert texts(grid) == ROWS
    assert grid.notes["encoding"] == label


def test_the_three_exports_of_one_sheet_are_equal(tmp_path):
    grids, skipped = open_paths(sorted(FIXTURES.glob("zh_*.csv")), work=tmp_path)
    assert not skipped
    first, *others = [texts(grid) for grid in grids]
    assert len(first) == 7
    assert [others[0], others[1]] == [first, first]
    counts = [open_sheet(grid, work=tmp_path).counts for grid in grids]
    assert [(c[DATA], c[TOTAL]) for c in counts] == [(5, 1)] * 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TABLE.encode() + b"\xff\xff" + TABLE.encode(), "UTF-8 up to a damaged place"),
        (b"a,b\n1,\x80\xff\n", "neither UTF-8 nor GB18030"),
        ("nom,prénom,café\nrené,élodie,crème\n".encode("cp1252"), "neither UTF-8"),
        ("Name,Ort\nMüller,Köln\nJäger,Fürth\n".encode("cp1252"), "Western encoding"),
        (b"\xef\xbb\xbf" + "客户".encode("gbk"), "says it is UTF-8 with BOM"),
    ],
)
def test_what_no_encoding_decodes_is_refused_with_its_place(tmp_path, content, told):
    grids, [skipped] = opened(tmp_path, content)
    assert not grids
    assert skipped.refused
    assert told in skipped.message
    assert "byte" in skipped.details["where"]
    assert "UTF-8" in skipped.do


def test_the_place_of_a_damaged_byte_is_named(tmp_path):
    _, [skipped] = opened(tmp_path, TABLE.encode() + b"x,\xff\n")
    assert skipped.details["where"] == f"t.csv, byte {len(TABLE.encode()) + 3} in line 4"


def test_a_file_cut_within_a_character_keeps_the_rows_before(tmp_path):
    grid = grid_of(tmp_path, (TABLE * 2).encode()[:-4])  # within ￥, which has three bytes
    assert texts(grid)[:5] == ROWS + ROWS[:2]
    assert grid.notes["truncated"] == "within a character"
    assert grid.notes["encoding"] == "UTF-8"


@pytest.mark.parametrize(
    ("content", "delimiter", "first"),
    [
        ("a,b,c\n1,2,3\n", "comma", ["a", "b", "c"]),
        ("a\tb,x\tc\n1\t2,5\t3\n", "tab", ["a", "b,x", "c"]),
        ("name;x;y\nA;1,5;2,5\nB;1,7;2,9\n", "semicolon", ["name", "x", "y"]),
        ("a|b\n1|2\n", "bar", ["a", "b"]),
        ("客户，金额\n甲，12\n", "full-width comma", ["客户", "金额"]),
        ("2026年8月明细\n\n客户,金额,日期\n甲,1,2\n", "comma", ["2026年8月明细"]),
        ("客户,地址\n甲,上海；北京；广州\n乙,x;y\n", "comma", ["客户", "地址"]),
        ('"a;b","c"\n"1;2","3"\n', "comma", ["a;b", "c"]),
    ],
)
def test_the_delimiter_is_found_by_evidence(tmp_path, content, delimiter, first):
    grid = grid_of(tmp_path, content)
    assert grid.notes["delimiter"] == delimiter
    assert texts(grid)[0] == first


def test_the_line_for_excel_names_the_delimiter_and_is_no_row(tmp_path):
    grid = grid_of(tmp_path, "sep=|\na|b,c\n1|2,3\n")
    assert list(grid.rows()) == [(2, ["a", "b,c"]), (3, ["1", "2,3"])]
    sheet = open_sheet(grid, work=tmp_path)
    assert sheet.headers == ["a", "b,c"]
    assert sheet.first_row == 3


def test_quotes_hold_delimiters_line_ends_and_quotes(tmp_path):
    grid = grid_of(tmp_path, '客户,说明\n甲,"一,二\n三 ""四"""\n乙,x\n')
    assert list(grid.rows())[1:] == [(2, ["甲", '一,二\n三 "四"']), (3, ["乙", "x"])]


def test_a_quote_that_the_end_of_the_file_leaves_open_is_told(tmp_path):
    grid = grid_of(tmp_path, '客户,说明\n甲,x\n乙,"cut o')
    assert texts(grid) == [["客户", "说明"], ["甲", "x"]]
    assert grid.notes["truncated"] == '乙,"cut o'
    assert open_sheet(grid, work=tmp_path).notes["truncated"] == '乙,"cut o'


@pytest.mark.parametrize("closed", ["", '丁,"x"\n'])
def test_a_stray_quote_swallows_no_rows(tmp_path, closed):
    rows = "".join(f"客户{i},{i}\n" for i in range(30))
    grid = grid_of(tmp_path, f'客户,数量\n甲,"5\n{rows}{closed}')
    assert texts(grid)[1] == ["甲", '"5']
    assert texts(grid)[2:32] == [[f"客户{i}", str(i)] for i in range(30)]
    assert open_sheet(grid, work=tmp_path).counts[DATA] == 31 + bool(closed)
    assert grid.notes["stray_quotes"]


def test_a_quote_never_closed_in_a_long_file_swallows_no_rows(tmp_path):
    rows = "".join(f"客户{i},{i}\n" for i in range(20_000))
    grid = grid_of(tmp_path, f'客户,数量\n甲,"5\n{rows}')
    assert open_sheet(grid, work=tmp_path).counts[DATA] == 20_001


def test_inches_are_no_quotes(tmp_path):
    grid = grid_of(tmp_path, 'item,size\npipe,5"\nhose,7" long\n')
    assert texts(grid)[1:] == [["pipe", '5"'], ["hose", '7" long']]


def test_nul_and_control_characters_are_taken_out_and_counted(tmp_path):
    grid = grid_of(tmp_path, "客户,金额\n甲\0\x07,1\n")
    assert texts(grid) == [["客户", "金额"], ["甲", "1"]]
    assert grid.notes["control_characters"] == "2"


def test_a_field_of_any_length_is_read(tmp_path):
    grid = grid_of(tmp_path, f"a,b\n{'x' * 300_000},1\n2,3\n")
    assert [len(cells[0]) for cells in texts(grid)] == [1, 300_000, 1]


def test_a_gzip_is_read_under_its_own_name(tmp_path):
    grid = grid_of(tmp_path, gzip.compress(TABLE.encode("gbk")), "t.csv.gz")
    assert texts(grid) == ROWS
    assert grid.source.file == "t.csv.gz"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("", "t.csv", "the file is empty"),
        (" \n\n", "t.csv", "the file is empty"),
        ("# Notes\nnothing here\n", "README.md", "this is a text, not a table"),
        ("some words\nin lines\n", "notes.txt", "a text without columns"),
        (b"%PDF-1.7 ...", "offer.pdf", "this is a PDF, not a table"),
        (b"\x89PNG\r\n", "logo.png", "this is a picture, not a table"),
    ],
)
def test_what_holds_no_table_is_left_out_and_told(tmp_path, content, name, message):
    grids, [skipped] = opened(tmp_path, content, name)
    assert not grids
    assert (skipped.message, skipped.refused) == (message, False)


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"))
    | st.sampled_from('\n",;\t|，'),
    max_size=8,
)


@st.composite
def tables(draw):
    width = draw(st.integers(2, 5))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12))
    return [[f"name{i}" for i in range(width)], *rows]


@settings(max_examples=80, deadline=None)
@given(
    table=tables(),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read_back(tmp_path_factory, table, codec, delimiter, quoting, ends):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ends).writerows(table)
    content = f"sep={delimiter}{ends}{text.getvalue()}"
    folder = tmp_path_factory.mktemp("t")
    grid = grid_of(folder, content.encode(codec))
    assert [(n, cells) for n, cells in grid.rows()] == list(enumerate(table, 2))


@settings(max_examples=40, deadline=None)
@given(table=tables(), times=st.integers(1, 40), quoting=st.sampled_from([0, 1]))
def test_columns_and_records_agree(tmp_path_factory, table, times, quoting):
    """Blocks by column hold what the records hold, wherever a block ends."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting).writerows([table[0], *table[1:] * times])
    folder = tmp_path_factory.mktemp("t")
    grid = grid_of(folder, "sep=,\n" + text.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clean_blocks, "SIZE", 64)
        patch.setattr(clean_blocks, "LONGEST", 512)
        pieces = list(grid.pieces(2))
    read = []
    for piece in pieces:
        if isinstance(piece, list):
            read += [(n, [cell or None for cell in cells]) for n, cells in piece]
        else:
            rows = zip(*(column.to_pylist() for column in piece[1]), strict=True)
            read += [(piece[0] + i, list(row)) for i, row in enumerate(rows)]
    expected = [(n, [cell or None for cell in cells]) for n, cells in grid.rows()]
    assert read == expected[1:]
