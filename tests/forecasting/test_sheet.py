"""Sheets as people have them become panels: long, wide, Chinese, with amounts in any form."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from workbench.errors import BasisError, InputError
from workbench.forecasting.panel import read_panel
from workbench.forecasting.sheet import read_sheet
from workbench.text import Language

MONTHS = [f"2025-{month:02d}" for month in range(1, 7)]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "sheet.csv"
    path.write_text(text, encoding=encoding)
    return path


def saved(folder: Path, rows: list[list[object]]) -> Path:
    path = folder / "sheet.xlsx"
    pd.DataFrame(rows).to_excel(path, index=False, header=False)
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
    assert sheet.table["series_id"].tolist() == ["华东", "华东", "华北"]
    assert sheet.table["value"].tolist() == [31200.5, 0.0, 50.0]
    assert sheet.table["period"].astype(str).tolist() == ["2024-01", "2024-02", "2024-02"]
    assert sheet.until == "2024-02-01"


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
    assert "row 15" in (caught.value.where or "")


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


@pytest.mark.parametrize(
    ("cells", "kind", "after"),
    [
        (["2025年1月1日", "2025年1月2日", "2025年1月3日"], "day", "2025-01-04"),
        (["20250101", "20250102", "20250103"], "day", "2025-01-04"),
        (["12/30/2024", "12/31/2024", "1/1/2025"], "day", "2025-01-02"),
        (["Jan-25", "Feb-25", "Mar-25"], "month", "2025-04"),
        (["November 2024", "December 2024", "January 2025"], "month", "2025-02"),
        (["24年11月", "24年12月", "25年1月份"], "month", "2025-02"),
        (["2025年第8周", "2025年第9周", "2025年第10周"], "week", "2025-W11"),
    ],
)
def test_dates_as_people_write_them(
    tmp_path: Path, cells: list[str], kind: str, after: str
) -> None:
    text = "\n".join(["日期,销售额", *(f"{cell},{n}" for n, cell in enumerate(cells))])
    panel = read_panel(read_sheet(written(tmp_path, text)).table)
    assert panel.calendar.kind == kind
    assert panel.calendar.text(int(panel.last[0]) + 1) == after


def test_a_day_that_no_calendar_has_is_named_with_its_row(tmp_path: Path) -> None:
    text = "\n".join(["date,sales", *(f"2025-02-{day},1" for day in range(20, 30))])
    with pytest.raises(InputError, match="'2025-02-29' is no period") as caught:
        read_sheet(written(tmp_path, text))
    assert "column date, row 11" in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "beside"),
    [
        (["年份,1月,2月,3月,全年", "2024年,1,2,3,6", "2025年,4,5,6,15"], "年份"),
        (["Year,Jan,Feb,Mar", "2024,1,2,3", "2025,4,5,6"], "Year"),
        (["月份,2024年,2025年", "1月,1,4", "2月,2,5", "3月,3,6"], "月份"),
    ],
)
def test_a_table_of_years_by_months_is_one_series(
    tmp_path: Path, rows: list[str], beside: str
) -> None:
    made = read_sheet(written(tmp_path, "\n".join(rows)))
    table = made.table.sort_values("period")
    assert made.beside == beside
    assert table["period"].tolist() == [f"{y}-{m:02d}" for y in (2024, 2025) for m in (1, 2, 3)]
    assert table["value"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["series_id"].unique().tolist() == ["series"]


def test_years_by_quarters_keep_the_names_of_their_rows(tmp_path: Path) -> None:
    rows = ["大区,年度,一季度,二季度,三季度,四季度", "华东,2024,1,2,3,4", "华东,2025,5,6,7,8"]
    table = read_sheet(written(tmp_path, "\n".join(rows))).table
    assert set(table["series_id"]) == {"华东"}
    assert table.set_index("period")["value"].sort_index().tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_sums_of_years_beside_months_are_not_periods(tmp_path: Path) -> None:
    made = read_sheet(written(tmp_path, "区,2025年1月,2025年2月,2025年3月,2025年\n甲,1,2,3,6\n"))
    assert made.left_out == ("2025年",)
    assert made.table["value"].tolist() == [1, 2, 3]


def test_two_rows_of_header_and_dates_as_headers_are_periods(tmp_path: Path) -> None:
    two: list[list[object]] = [
        ["大区", "2024年", None, "2025年", None],
        [None, "11月", "12月", "1月", "2月"],
    ]
    panel = read_panel(read_sheet(saved(tmp_path, [*two, ["华东", 1, 2, 3, 4]])).table)
    assert panel.batch.values.tolist() == [1, 2, 3, 4]
    heads = ["大区", *(dt.datetime(2025, month, 1) for month in range(1, 6))]
    panel = read_panel(read_sheet(saved(tmp_path, [heads, ["华东", 1, 2, 3, 4, 5]])).table)
    assert (panel.calendar.kind, panel.batch.values.tolist()) == ("month", [1, 2, 3, 4, 5])


def test_a_cell_with_a_unit_of_its_own_is_brought_to_that_of_the_header(tmp_path: Path) -> None:
    text = "月份,销售额（万元）\n2025-01,11000\n2025-02,1.2亿\n2025-03,13000\n"
    made = read_sheet(written(tmp_path, text))
    assert made.table["value"].tolist() == [11000, 12000, 13000]
    assert (made.unit, made.scaled) == ("万元", 1)


def test_a_unit_in_the_title_is_kept(tmp_path: Path) -> None:
    text = "某公司\n单位：万元\n月份,大区,销售额\n2025-01,华东,1\n2025-02,华东,2\n2025-03,华东,3\n"
    made = read_sheet(written(tmp_path, text))
    assert (made.unit, made.scaled, made.table["value"].tolist()) == ("万元", 0, [1, 2, 3])


def test_several_currencies_are_refused(tmp_path: Path) -> None:
    text = "month,name,sales\n2025-01,A,¥1\n2025-02,A,¥2\n2025-01,B,$3\n2025-02,B,$4\n"
    with pytest.raises(BasisError, match="several currencies: CNY, USD"):
        read_sheet(written(tmp_path, text))


def test_marks_of_missing_values_are_missing(tmp_path: Path) -> None:
    text = "month,sales\n2025-01,1\n2025-02,-\n2025-03,3\n2025-04,N/A\n2025-05,5\n"
    assert read_sheet(written(tmp_path, text)).table["value"].isna().sum() == 2


def test_order_lines_without_a_month_sold_nothing_in_it(tmp_path: Path) -> None:
    rows = ["2025-01-05,甲,1", "2025-03-09,甲,2", "2025-02-01,乙,3", "2025-04-12,乙,4"]
    made = read_sheet(written(tmp_path, "\n".join(["日期,客户,金额", *rows])), by="month")
    sums = {name: part["value"].tolist() for name, part in made.table.groupby("series_id")}
    assert sums == {"甲": [1, 0, 2, 0], "乙": [3, 0, 4]}
    assert made.until == "2025-04-12"


@pytest.mark.parametrize(
    ("by", "periods"),
    [
        ("day", ["2025-01-29", "2025-01-30", "2025-01-31", "2025-02-01", "2025-02-02"]),
        ("week", ["2025-W05"]),
        ("month", ["2025-01", "2025-02"]),
        ("quarter", ["2025Q1"]),
        ("year", ["2025"]),
    ],
)
def test_rows_are_summed_by_any_period(tmp_path: Path, by: str, periods: list[str]) -> None:
    text = "日期,金额\n2025年1月29日,1\n2025年2月2日,2\n2025年1月29日,3\n"
    made = read_sheet(written(tmp_path, text), by=by)
    assert made.table["period"].tolist() == periods
    assert made.table["value"].sum() == 6
    assert len(read_panel(made.table)) == 1


def test_finer_periods_are_summed_but_a_coarser_one_is_not_parted(tmp_path: Path) -> None:
    rows = [f"2024年{month}月,10" for month in (*range(1, 13), 3)]
    path = written(tmp_path, "\n".join(["月份,销售额", *rows]))
    with pytest.raises(InputError, match="two values of one period"):
        read_sheet(path)
    assert read_sheet(path, by="month").table["value"].tolist()[:4] == [10, 10, 20, 10]
    assert read_sheet(path, by="quarter").table["value"].tolist() == [40, 30, 30, 30]
    with pytest.raises(InputError, match="no date to sum by week"):
        read_sheet(path, by="week")


def test_a_month_summed_until_its_last_friday_is_over(tmp_path: Path) -> None:
    rows = ["2025-05-30,1", "2025-05-30,2"]  # a Friday
    assert read_sheet(written(tmp_path, "\n".join(["日期,金额", *rows])), by="month").until == ""


def test_faults_are_told_in_chinese(tmp_path: Path) -> None:
    text = "月份,达成率\n2025-01,85%\n2025-02,90%\n2025-03,95%\n"
    with pytest.raises(InputError) as caught:
        read_sheet(written(tmp_path, text), lang=Language("zh"))
    said = str(caught.value)
    assert "没有数字列" in said
    assert "“85%”（金额列中出现百分数）" in said
