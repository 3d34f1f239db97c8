"""The command `workbench forecast`: sheets as people have them, an error or a listed repair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from workbench import cli

REGIONS = ("华东", "华南", "华北")


def call(capsys, *words: object) -> tuple[int, str, str]:
    """Run a command; give exit code, output and errors."""
    with pytest.raises(SystemExit) as exit_:
        cli.main([str(word) for word in words])
    said = capsys.readouterr()
    return int(exit_.value.code or 0), said.out, said.err


@pytest.fixture
def sheet() -> pd.DataFrame:
    """Three regions, three years of months, as a Chinese sheet writes them."""
    rng = np.random.default_rng(0)
    months = pd.period_range("2023-01", periods=36, freq="M")
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(36) / 12)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "月份": [f"{month.year}年{month.month}月" for month in months],
                    "地区": name,
                    "销售额": (100 * size * season + rng.normal(0, 3, 36)).round(2),
                }
            )
            for size, name in enumerate(REGIONS, start=1)
        ],
        ignore_index=True,
    )


def run(capsys, folder: Path, sheet: pd.DataFrame, *words: object, encoding: str = "utf-8"):
    path = folder / "sales.csv"
    sheet.to_csv(path, index=False, encoding=encoding)
    out = folder / "out.xlsx"
    code, said, wrong = call(
        capsys, "forecast", path, "-o", out, "--lang", "zh", "--origins", 0, *words
    )
    return code, said, wrong, out


def test_a_sheet_of_chinese_excel_gives_a_workbook(tmp_path, capsys, sheet):
    code, said, _, out = run(capsys, tmp_path, sheet, "--horizon", 6, encoding="gbk")
    assert code == 0
    assert "读法：期间取自“月份”，数值取自“销售额”。序列按地区区分。" in said
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[:3] == ["目录", "各期并列", "预测与区间"]
    rows = list(book["各期并列"].iter_rows(min_row=3, values_only=True))
    assert rows[0] == ("序列", *(f"2026-{month:02d}" for month in range(1, 7)), "预测期合计")
    assert [row[0] for row in rows[1:4]] == ["华东", "华北", "华南"]
    for row in rows[1:4]:
        assert row[-1] == pytest.approx(sum(row[1:-1]))


def test_periods_as_columns_with_a_row_of_totals(tmp_path, capsys, sheet):
    order = list(dict.fromkeys(sheet["月份"]))
    wide = sheet.pivot(index="地区", columns="月份", values="销售额")[order]
    wide.loc["合计"] = wide.sum()
    code, said, _, out = run(capsys, tmp_path, wide.reset_index())
    assert code == 0 and "已略去合计行1行。" in said
    rows = list(openpyxl.load_workbook(out)["各期并列"].iter_rows(min_row=4, values_only=True))
    assert {row[0] for row in rows if row[0]} == set(REGIONS)


def test_gaps_and_values_below_zero_are_listed(tmp_path, capsys, sheet):
    sheet.loc[40, "销售额"] = -5.0
    code, said, _, out = run(capsys, tmp_path, sheet.drop(index=[10, 11]))
    assert code == 0
    assert "缺失期间按相邻期间与上年形态补齐（华东）" in said
    assert "含负值，不使用乘法模型（华南）" in said
    rows = list(
        openpyxl.load_workbook(out)["修补与未能预测"].iter_rows(min_row=4, values_only=True)
    )
    assert ("华东", 2) in {(row[0], row[2]) for row in rows}
    assert ("华南", 1) in {(row[0], row[2]) for row in rows}


@pytest.mark.parametrize(
    ("spoil", "words", "said"),
    [
        (lambda s: pd.concat([s, s.iloc[[3]]]), (), "同一序列在同一期间有两个数值"),
        (lambda s: s.astype({"销售额": object}).replace(s["销售额"][5], "待定"), (), "待定"),
        (lambda s: s.replace("2023年1月", "2023Q1"), (), "混有不同频率的期间"),
        (lambda s: s.replace("2023年1月", "不详"), (), "不详"),
        (lambda s: s, ("--horizon", 0), "无法向前预测0期"),
        (lambda s: s, ("--horizon", 37), "历史过短，无法向前预测37期"),
        (lambda s: s[["地区"]], (), "没有期间列"),
        (lambda s: s.iloc[:0], (), "表头之下没有数据行"),
    ],
)
def test_what_cannot_be_used_is_one_error(tmp_path, capsys, sheet, spoil, words, said):
    code, out, wrong, path = run(capsys, tmp_path, spoil(sheet), *words)
    assert code != 0
    assert said in wrong + out
    assert "Traceback" not in wrong
    assert not path.exists()


def test_a_series_that_never_changes_has_no_scaled_error(tmp_path, capsys, sheet):
    sheet["销售额"] = 5.0
    path = tmp_path / "flat.csv"
    sheet.to_csv(path, index=False)
    code, said, _ = call(capsys, "forecast", path, "-o", tmp_path / "o.csv", "--origins", 1)
    assert code == 0
    assert "nan" not in said and "inf" not in said
    made = pd.read_csv(tmp_path / "o.csv")
    assert made["mean"].to_numpy() == pytest.approx(5.0)


def test_a_sheet_of_gaps_alone_is_one_error(tmp_path, capsys, sheet):
    code, out, wrong, _ = run(capsys, tmp_path, sheet[sheet["地区"] == "华东"].iloc[[0, 9, 20, 35]])
    assert code == 1
    assert "没有可以预测的序列" in wrong + out
    assert "超过一半期间缺失；没有销售的期间请填0" in wrong + out


def test_sums_are_forecast_beside_a_series_without_values(tmp_path, capsys, sheet):
    sheet.loc[sheet["地区"] == "华北", "销售额"] = np.nan
    code, said, _, out = run(capsys, tmp_path, sheet, "--add-up", "--horizon", 3)
    assert code == 0
    assert "1条序列：没有任何数值（华北）" in said
    rows = list(openpyxl.load_workbook(out)["各期并列"].iter_rows(min_row=4, values_only=True))
    names = [row[0] for row in rows if row[0]]
    assert names == ["合计", "华东", "华南"]
    sums = {row[0]: row[-1] for row in rows if row[0]}
    assert sums["合计"] == pytest.approx(sums["华东"] + sums["华南"])


def test_a_series_that_ended_early_and_the_months_known_are_said(tmp_path, capsys, sheet):
    early = sheet[~((sheet["地区"] == "华南") & sheet["月份"].str.startswith("2025年"))]
    code, said, _, _ = run(capsys, tmp_path, early, "--horizon", 3)
    assert code == 0
    assert "1条序列：早于其余序列结束，自其末期起预测（华南）" in said
    assert "已知至2025-12，预测2026-01至2026-03。" in said


def test_a_folder_that_is_not_there_is_told_before_anything_is_read(tmp_path, capsys, sheet):
    path = tmp_path / "sales.csv"
    sheet.to_csv(path, index=False)
    code, _, wrong = call(
        capsys, "forecast", path, "-o", tmp_path / "no" / "x.xlsx", "--lang", "zh"
    )
    assert code == 2 and "没有这个文件夹" in wrong
