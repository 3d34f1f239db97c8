"""The tidy table and the workbook of a sweep."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.studies.sweep.made import EN, ZH, block, business, swept
from workbench.frames import table_bytes
from workbench.studies.sweep import workbook
from workbench.studies.sweep.page import judged
from workbench.studies.sweep.table import by_point, tidy
from workbench.studies.sweep.workbook import write_workbook

GRID = block(vary={"region": ["east", "north"], "price": [2, 4.5]}, replicates=3)


def test_one_row_a_case_with_what_is_varied_beside_what_came_out():
    frame = tidy(swept(GRID))
    assert len(frame) == 12
    assert [c for c in frame if c.startswith("param.")] == [
        "param.price", "param.region", "param.seed",
    ]  # fmt: skip
    row = frame.iloc[7]
    assert (row["number"], row["point"], row["replicate"], row["status"]) == (7, 2, 1, "finished")
    assert (row["param.region"], row["param.price"], row["param.seed"]) == ("north", 2.0, 8)
    expected = business({"region": "north", "price": 2.0, "seed": 8, "reps": 20, "discount": 0.1})
    assert row["result.profit"] == expected["profit"]
    assert frame["message"].isna().all()


def test_failed_and_undone_cases_keep_their_rows():
    result = swept(
        GRID,
        fails=lambda case: "no such price" if case.number == 4 else "",
        skips=lambda case: case.number == 5,
    )
    frame = tidy(result)
    assert frame["status"].tolist()[3:7] == ["finished", "failed", "pending", "finished"]
    assert frame["message"][4] == "ValueError: no such price"
    assert frame["fault"][4] == "error"
    assert frame.loc[4:5, "result.profit"].isna().all()
    assert pd.isna(frame["seconds"][5])


def test_lists_of_any_length_become_the_same_text_in_both_languages():
    lists = block(vary={"lines": [[], ["pump"], ["pump", "valve"]]})
    texts = {tuple(tidy(swept(lists, lang=lang))["param.lines"]) for lang in (EN, ZH)}
    assert texts == {("", "pump", "pump, valve")}


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2, None], "Int64"),
        ([1, 2.5, None], "float64"),
        ([True, False, None], "boolean"),
        (["a", "b", None], "str"),
        ([1, "b", None], "str"),
        ([1, True, None], "str"),
        ([2**70, 1, None], "float64"),
    ],
)
def test_a_result_has_one_kind(values, dtype):
    by_price = dict(zip((1, 2, 3), values, strict=True))
    result = swept(
        block(vary={"price": [1, 2, 3]}), formula=lambda params: {"x": by_price[params["price"]]}
    )
    column = tidy(result)["result.x"]
    assert str(column.dtype) == dtype
    assert column.isna().tolist() == [False, False, True]


def test_the_same_sweep_gives_the_same_bytes():
    assert table_bytes(tidy(swept(GRID))) == table_bytes(tidy(swept(GRID, lang=ZH)))


def test_studies_with_other_parameters_share_one_table():
    both = swept(GRID, block(vary={"discount": [0.1, 0.2]}), studies=["prices", "other"])
    frame = tidy(both)
    assert frame["study"].tolist() == ["prices"] * 12 + ["other"] * 2
    assert frame["block"].tolist() == [0] * 12 + [1] * 2
    assert frame["param.discount"].tolist()[-2:] == [0.1, 0.2]


def test_points_have_mean_and_spread_of_their_finished_runs():
    result = swept(GRID, fails=lambda case: "boom" if case.number in (0, 9, 10) else "")
    frame, points = tidy(result), by_point(result)
    assert points["runs"].tolist() == [2, 3, 3, 1]
    assert points["failed"].tolist() == [1, 0, 0, 2]
    runs = frame.loc[frame["point"] == 1, "result.profit"]
    row = points.iloc[1]
    assert row["result.profit.mean"] == pytest.approx(runs.mean())
    assert row["result.profit.sd"] == pytest.approx(runs.std())
    assert (row["result.profit.min"], row["result.profit.max"]) == (runs.min(), runs.max())
    assert pd.isna(points["result.profit.sd"][3])
    assert "param.seed" not in points


@pytest.mark.parametrize(
    ("lang", "names", "head"),
    [
        (EN, ["Contents", "All runs", "Points", "Sensitivity", "Failed runs"], "Profit (CNY)"),
        (ZH, ["目录", "全部运行", "参数点", "敏感性分析", "失败的运行"], "利润（元）"),
    ],
)
def test_the_workbook_has_labels_units_and_words_of_the_language(tmp_path, lang, names, head):
    result = swept(GRID, lang=lang, fails=lambda case: "boom" if case.number == 4 else "")
    path = write_workbook(result, judged(result), tmp_path / "results.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == names
    runs = book[names[1]]
    heads = [cell.value for cell in runs[3]]
    assert head in heads
    region = heads.index(lang.pick("Region", "大区"))
    assert runs.cell(4, region + 1).value == lang.pick("East", "华东")
    assert runs.max_row == 3 + 12
    failed = [cell.value for cell in book[names[-1]][4]]
    assert "ValueError: boom" in failed
    assert lang.pick("Error of the study", "研究报错") in failed


def test_no_two_columns_of_a_sheet_have_the_same_head(tmp_path):
    result = swept(block(design="one_at_a_time", vary={"price": [1, 5, 9], "reps": [1, 3]}))
    book = openpyxl.load_workbook(write_workbook(result, judged(result), tmp_path / "r.xlsx"))
    for sheet in book.worksheets[1:]:
        heads = [cell.value for cell in sheet[3] if cell.value]
        assert len(heads) == len(set(heads)), sheet.title


def test_the_workbook_has_labels_in_the_place_of_codes(tmp_path):
    result = swept(block(vary={"lines": [["pump"], ["pump", "valve"]]}), lang=ZH)
    path = write_workbook(result, judged(result), tmp_path / "results.xlsx")
    sheet = openpyxl.load_workbook(path)["全部运行"]
    place = [cell.value for cell in sheet[3]].index("产品线") + 1
    assert [sheet.cell(row, place).value for row in (4, 5)] == ["水泵", "水泵、阀门"]


def test_a_long_sweep_is_cut_in_the_workbook_and_whole_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 20)
    result = swept(
        block("latin", vary={"price": {"from": 1, "to": 8}}, size=25),
        formula=lambda params: {"profit": params["price"]},
    )
    path = write_workbook(result, judged(result).iloc[:0], tmp_path / "results.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Contents", "All runs"]
    assert book["All runs"].max_row == 3 + 20
    said = [cell.value for cell in book["Contents"]["A"]]
    assert "A sheet holds the first 20 rows; all runs are in table.parquet." in said
    assert len(tidy(result)) == 25


def test_the_table_is_read_back_as_it_was(tmp_path):
    from workbench.studies.sweep.page import write_outputs

    result = swept(GRID, fails=lambda case: "boom" if case.number == 4 else "")
    paths = write_outputs(result, tmp_path)
    assert set(paths) == {"table", "xlsx", "html", "sensitivity"}
    stored = pq.read_table(paths["table"]).to_pandas()
    assert stored["result.profit"].tolist()[:4] == tidy(result)["result.profit"].tolist()[:4]
    assert pq.read_table(paths["sensitivity"]).column("method").to_pylist() == ["factorial"] * 6
