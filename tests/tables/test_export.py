"""Texts that leave the house: what is marked, what is not, and that reading takes the mark off."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tables.export import (
    neutral,
    neutral_frame,
    neutral_texts,
    plain,
    plain_texts,
    write_csv,
)

FORMULAS = [
    "=1+1",
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("x","y")',
    "@SUM(A1)",
    "@王经理",
    "+1+2",
    "+cmd",
    "-2+3",
    "-1*A1",
    "- 待确认",
    "-",
    "＝1+1",
    "＋A1",
    "－A1",
    "＠x",
    "\t=1",
    "\r=1",
    "\ntext",
    "  =1+1",
    "\u3000=1",
    "\ufeff=1",
    "-5e",
    "+86 13800138000 =1",
    "-12.5\n=1",
]
LEFT_ALONE = [
    "",
    "华东",
    "a=b",
    "1-2",
    "'quoted'",
    "'",
    "−12.5",
    "-12.5",
    "－１２.５",
    "+1,234.00",
    "-12,500",
    "-3.2%",
    "-8.5％",
    "-¥1,200",
    "-￥12万元",
    "-1.2亿",
    "+5e3",
    "-.5",
    "-7USD",
    "+8613800138000",
    "+86 138 0013 8000",
    "+86-21-6888 0000",
    "+1 (415) 555-0100",
    "+86 21 6888 0000转801",
    "+86 21 6888 0000 ext. 12",
]
PIECES = st.sampled_from(
    [*"=+-@'＝＋－＠\t\r\n \u3000\u00a0\ufeff.,()%1２a张", "12", "万", "元", "CNY", "+86 138"]
)
TEXTS = st.one_of(st.text(max_size=12), st.lists(PIECES, max_size=7).map("".join))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_like_a_formula_is_marked(text):
    assert neutral(text) == "'" + text
    assert plain("'" + text) == text


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_numbers_phones_and_other_texts_stay(text):
    assert neutral(text) == text
    assert plain("'" + text) == "'" + text


@given(TEXTS)
def test_reading_gives_back_what_was_written(text):
    assert plain(neutral(text)) == text
    assert plain(neutral(neutral(text))) == neutral(text)


@given(st.lists(st.none() | TEXTS, max_size=8))
def test_columns_are_marked_as_single_texts_are(texts):
    column = pa.array(texts, pa.string())
    marked = neutral_texts(column)
    assert marked.to_pylist() == [t if t is None else neutral(t) for t in texts]
    assert plain_texts(marked).to_pylist() == texts
    assert plain_texts(column).to_pylist() == [t if t is None else plain(t) for t in texts]


def test_chunked_and_large_columns_keep_their_type():
    column = pa.chunked_array([["=1", None], ["x"]], pa.large_string())
    marked = neutral_texts(column)
    assert marked.type == column.type
    assert marked.to_pylist() == ["'=1", None, "x"]
    assert plain_texts(marked) == column
    assert plain_texts(pa.chunked_array([], pa.string())).to_pylist() == []


def test_a_frame_is_marked_with_its_names_and_other_values_stay():
    frame = pd.DataFrame(
        {
            "=name": ["=1", None, "x"],
            "mixed": ["@a", 2, Decimal("-3")],
            "kind": pd.Categorical(["-a", "b", "-a"]),
            "number": [-1.5, 2.0, float("nan")],
        }
    )
    marked = neutral_frame(frame)
    assert list(marked.columns) == ["'=name", "mixed", "kind", "number"]
    assert list(marked["'=name"].dropna()) == ["'=1", "x"]
    assert list(marked["'=name"].isna()) == [False, True, False]
    assert list(marked["mixed"]) == ["'@a", 2, Decimal("-3")]
    assert list(marked["kind"]) == ["'-a", "b", "'-a"]
    assert marked["number"].dtype == "float64"
    assert next(iter(frame.columns)) == "=name"


def test_a_csv_opens_as_it_is_meant(tmp_path):
    frame = pd.DataFrame(
        {
            "编号": ["00012", "=1+1", "+8613800138000"],
            "金额": [Decimal("1E+3"), Decimal("-0.0000001"), None],
            "数量": [1e16, 0.1, float("nan")],
            "日期": [dt.date(2024, 8, 21), None, dt.date(2024, 1, 2)],
            "时刻": pd.to_datetime(["2024-08-21 09:30", None, "2024-08-22 00:00"]),
            "天": pd.to_datetime(["2024-08-21", None, "2024-08-22"]),
            "已删": [True, False, None],
            "备注": ['a,"b"', "x\r\ny", "\r"],
        }
    )
    path = write_csv(frame, tmp_path / "x.csv")
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["编号", "金额", "数量", "日期", "时刻", "天", "已删", "备注"],
        ["00012", "1000", "10000000000000000", "2024-08-21", "2024-08-21T09:30:00", "2024-08-21",
         "TRUE", 'a,"b"'],
        ["'=1+1", "-0.0000001", "0.1", "", "", "", "FALSE", "x\r\ny"],
        ["+8613800138000", "", "", "2024-01-02", "2024-08-22T00:00:00", "2024-08-22", "", "'\r"],
    ]  # fmt: skip


def test_frames_are_written_one_after_the_other(tmp_path):
    frames = (pd.DataFrame({"x": [text]}) for text in ("a", "=b"))
    assert write_csv(frames, tmp_path / "x.csv").read_bytes() == b"\xef\xbb\xbfx\r\na\r\n'=b\r\n"


def test_doubled_names_and_no_rows_are_written(tmp_path):
    doubled = pd.DataFrame([["a", "=b"]], columns=["x", "x"])
    assert write_csv(doubled, tmp_path / "d.csv").read_bytes().endswith(b"x,x\r\na,'=b\r\n")
    empty = pd.DataFrame({"x": []})
    assert write_csv(empty, tmp_path / "e.csv").read_bytes() == b"\xef\xbb\xbfx\r\n"
