"""Sheets as people have them become panels: long, wide, Chinese, with amounts in any form."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.forecasting.sheet import read_sheet

MONTHS = [f"2025-{month:02d}" for month in range(1, 7)]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "sheet.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_a_long_sheet(tmp_path: Path) -> None:
    rows = [f"{region},{line},{month},10" for region in "EN" for line in "AB" for month in MONTHS]
    sheet = read_sheet(written(tmp_path, "\n".join(["Region,Line,Month,Sales", *rows])))
    assert (sheet.period, sheet.value, sheet.keys) == ("Month", "Sales", ("Region", "Line"))
    assert sheet.table["series_id"].unique().tolist() == ["E / A", "E / B", "N / A", "N / B"]
    assert sheet.names.columns.tolist() == ["series_id", "Region", "Line"]
    assert len(sheet.names) == 4


def test_a_sheet_in_chinese_with_amounts_as_people_write_them(tmp_path: Path) -> None:
    text = '下单日期,大区,金额\n2024/1/3,华东,"1,200.5"\n2024/1/9,华东,3万\n2024/2/1,华北,￥50\n'
    sheet = read_sheet(written(tmp_path, text, "gbk"), by="month")
    assert sheet.table["series_id"].tolist() == ["华东", "华北"]
    assert sheet.table["value"].tolist() == [31200.5, 50.0]
    assert sheet.table["period"].astype(str).tolist() == ["2024-01", "2024-02"]


@pytest.mark.parametrize("names", [MONTHS, [f"2025年{month}月" for month in range(1, 7)]])
def test_periods_as_columns(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "wide.xlsx"
    table = pd.DataFrame([["East", *range(1, 7)], ["North", *range(2, 8)]])
    table.columns = ["Region", *names]
    table.to_excel(path, index=False)
    sheet = read_sheet(path)
    assert sheet.period == "columns"
    assert len(sheet.table) == 12
    assert sheet.table.query("series_id == 'North'")["value"].tolist() == [2, 3, 4, 5, 6, 7]


def test_one_series_needs_no_name(tmp_path: Path) -> None:
    text = "\n".join(["date,value", *(f"{month}-01,{n}" for n, month in enumerate(MONTHS))])
    assert read_sheet(written(tmp_path, text)).table["series_id"].unique().tolist() == ["series"]


def test_columns_can_be_named(tmp_path: Path) -> None:
    text = "\n".join(["m,name,plan,actual", *(f"{month},a,1,2" for month in MONTHS)])
    path = written(tmp_path, text)
    with pytest.raises(InputError, match="several columns hold numbers: plan, actual"):
        read_sheet(path)
    sheet = read_sheet(path, value="actual")
    assert sheet.table["value"].tolist() == [2.0] * 6
    assert sheet.left_out == ("plan",)


@pytest.mark.parametrize(
    ("text", "asked", "says"),
    [
        ("a,b\nx,1\ny,2\n", {}, "no column holds periods"),
        ("month,b\n2025-01,x\n2025-02,y\n", {}, "no column holds numbers"),
        ("month,value\n2025-01,1\n2025-02,2\n", {"value": "price"}, "no column 'price'"),
        ("month,value\n2025-01,1\n2025-02,2\n", {"by": "decade"}, "no period to sum by"),
    ],
)
def test_what_is_not_settled_is_one_error(
    tmp_path: Path, text: str, asked: dict[str, str], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_sheet(written(tmp_path, text), **asked)  # type: ignore[arg-type]
    assert caught.value.do


def test_a_cell_that_is_no_amount_is_named(tmp_path: Path) -> None:
    rows = [f"{2020 + n // 12}-{n % 12 + 1:02d},{n}" for n in range(40)]
    rows[13] = "2021-02,see note"
    with pytest.raises(InputError, match="'see note'") as caught:
        read_sheet(written(tmp_path, "\n".join(["month,value", *rows])))
    assert "data row 14" in (caught.value.where or "")


def test_an_empty_file_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_sheet(written(tmp_path, ""))


@pytest.mark.parametrize(
    ("header", "first"),
    [("年份,月份", "2025,1月"), ("year,month", "2025,01"), ("年,季度", "2025,第1季度")],
)
def test_year_and_month_in_two_columns_are_one_period(
    tmp_path: Path, header: str, first: str
) -> None:
    steps = ["2025,2月", "2025,3月"] if "月" in first else ["2025,02", "2025,03"]
    steps = ["2025,第2季度", "2025,第3季度"] if "季" in first else steps
    rows = [f"{step},华东,{n}" for n, step in enumerate([first, *steps])]
    path = tmp_path / "s.csv"
    path.write_text("\n".join([f"{header},地区,销售额", *rows]), encoding="utf-8")
    made = read_sheet(path)
    expected = (
        ["2025Q1", "2025Q2", "2025Q3"] if "季" in first else ["2025-01", "2025-02", "2025-03"]
    )
    assert list(made.table["period"]) == expected
    assert made.keys == ("地区",)


def test_rows_finer_than_a_period_say_how_to_sum_them(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(
        "日期,金额\n2025-01-01,1\n2025-01-01,2\n2025-02-01,3\n2025-03-01,4\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="two values of one period") as caught:
        read_sheet(path)
    assert "--by month" in str(caught.value)
    assert list(read_sheet(path, by="month").table["value"]) == [3.0, 3.0, 4.0]


def test_rows_of_totals_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(
        "地区,2025-01,2025-02,2025-03\n华东,1,2,3\n华南,4,5,6\n合计,5,7,9\n", encoding="utf-8"
    )
    made = read_sheet(path)
    assert made.totals == 1
    assert set(made.table["series_id"]) == {"华东", "华南"}
