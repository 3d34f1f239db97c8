"""Laws of import: no row is lost, every sum closes, the order of files and of lines is nothing."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.loaders import Answers, import_paths, read_table
from workbench.loaders.outcome import ImportReport

HEADER = ["订单编号", "客户名称", "下单日期", "含税金额", "备注"]
KNOWN = Answers(defaults={"currency": "CNY", "tax_rate": "0.13"})

amounts = st.one_of(
    st.decimals(-(10**9), 10**9, places=2).map(lambda d: f"{d:,.2f}"),
    st.decimals(0, 10**6, places=4).map(str),
    st.sampled_from(["", "-", "壹佰元", "12.5万", "(3.00)", "50%", "１２", "待定", "1.2亿元"]),
)
days = st.one_of(
    st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2090-01-01").date()).map(str),
    st.sampled_from(["", "2026-02-30", "今天", "2026年8月21日", "45525", "2026-08"]),
)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8
)
rows = st.lists(
    st.tuples(st.sampled_from(["S1", "S2", "S3", ""]), words, days, amounts, words), max_size=12
)


def text_of(lines: list[tuple[str, ...]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADER, *lines])
    return stream.getvalue()


def closes(report: ImportReport) -> None:
    """Rows and sums of a report add up."""
    for sheet in report.sheets:
        assert sheet.balanced
    for line in report.money.to_dict("records"):
        parts = sum(line[part] for part in ("kept", "refused", "duplicates", "rounding"))
        assert line["before"] == parts


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=rows.filter(bool))
def test_no_row_is_lost_and_every_sum_closes(tmp_path: Path, lines: list[tuple[str, ...]]) -> None:
    path = tmp_path / "订单.csv"
    path.write_text(text_of(lines), encoding="utf-8")
    frame, report = read_table(path, "order_line")
    assert report.read == len(lines)
    assert len(frame) == report.kept
    closes(report)
    if "amount" in frame:
        kept = sum((Decimal(a) for a in frame["amount"].dropna()), Decimal(0))
        assert kept == report.money["kept"].sum()
    told = set(report.cells.query("verdict == 'refused'")["row"])
    assert report.refused <= len(told)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(rows.filter(bool), min_size=2, max_size=3), data=st.data())
def test_the_order_in_which_files_are_named_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory,
    parts: list[list[tuple[str, ...]]],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("order")
    paths = []
    for place, lines in enumerate(parts):
        paths.append(folder / f"订单{place}.csv")
        paths[-1].write_text(text_of(lines), encoding="utf-8")
    shuffled = data.draw(st.permutations(paths))
    files = []
    for name, order in (("one", paths), ("two", shuffled)):
        known = Answers(table="order_line", defaults=KNOWN.defaults)
        report, _ = import_paths(order, folder / name, answers=known)
        closes(report)
        files.append({p.name: p.read_bytes() for p in sorted((folder / name).glob("*.parquet"))})
    assert files[0] == files[1]
