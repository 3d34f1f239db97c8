"""Sheets as they are mailed: sums that close, a sign-off sheet, a table that can be imported."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from workbench.company import open_company
from workbench.planning.sheets import _stems, month_rows, target_rows, write_sheets
from workbench.planning.story.words import wide
from workbench.planning.study_targets import Params, compute
from workbench.planning.target_sheet import unpivot_months
from workbench.text import Language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def result():
    return compute(open_company(SAMPLE), Params(draws=200))


def test_names_of_regions_never_share_a_file():
    assert _stems(["华东", "华北", "a/b", "a b", "east"]) == [
        "华东",
        "华北",
        "a_b",
        "a_b_2",
        "east",
    ]


def test_months_of_a_region_are_its_year_and_can_be_read_back(result):
    rows = month_rows(result, "east")
    base = wide(result)["base"]
    assert rows["node"].iloc[0] == "east"
    assert rows.set_index("node")["total"].to_dict() == base[rows["node"]].to_dict()
    long = unpivot_months(rows, keys=["node"])
    assert len(long) == 12 * len(rows)
    assert long[long["node"] == "east"]["value"].sum() == base["east"]


def test_rows_are_those_of_the_table_of_targets(result):
    rows = target_rows(result)
    columns = open_company(SAMPLE).sql("select * from target limit 1").columns
    assert set(rows.columns) == set(columns)
    assert set(rows["kpi_id"]) == set(result.targets.kpis)
    assert rows[rows["kpi_id"] == "collections"]["tax_basis"].eq("incl").all()
    assert rows[rows["kpi_id"] == "gross_margin"]["currency"].isna().all()
    rows = rows[rows["kpi_id"] == "revenue_net"]
    teams = rows[(rows["level"] == "team") & (rows["tier"] == "base")]["value"].sum()
    people = rows[(rows["level"] == "rep") & (rows["tier"] == "base")]["value"].sum()
    assert teams == people
    company = rows[(rows["level"] == "company") & (rows["tier"] == "base")]
    assert company["value"].sum() == wide(result)["base"].iloc[0]
    assert len(company) == 12
    assert set(rows["level"]) == {"company", "region", "province", "team", "rep"}
    keys = ["kpi_id", "level", "node", "product_line", "period_start", "tier"]
    assert not rows.duplicated(keys).any()
    places = rows[(rows["level"] == "province") & (rows["tier"] == "base")]
    table = wide(result)
    assert places["value"].sum() == table[table["kind"] == "province"]["base"].sum()
    shared = table[table.index.str.endswith(":440000")]  # Guangdong lies in two regions
    assert len(shared) == 2
    assert places[places["node"] == "440000"]["value"].sum() == shared["base"].sum()


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_workbook_for_each_region(result, code, tmp_path):
    paths = write_sheets(result, tmp_path / "mail", lang=Language(code))
    regions = (wide(result)["kind"] == "region").sum()
    assert len(paths) == regions + 1
    book = openpyxl.load_workbook(paths[0])
    assert len(book.sheetnames) == 5
    head, *rows = list(book[book.sheetnames[1]].iter_rows(min_row=3, values_only=True))
    back = unpivot_months(pd.DataFrame(rows, columns=head).dropna(how="all"))
    assert len(back) == 12 * len(month_rows(result, "central"))
    words = " ".join(str(cell.value) for row in book[book.sheetnames[0]].rows for cell in row)
    assert "____" in words
    heads = [str(cell.value) for row in book[book.sheetnames[4]].rows for cell in row]
    assert {"en": "Signature", "zh": "签字"}[code] in heads
    assert len(pd.read_csv(paths[-1])) == len(target_rows(result))
