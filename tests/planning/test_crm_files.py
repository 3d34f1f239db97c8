"""Files for CRM systems: the targets that were set, under headings that can be changed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workbench.cli import main
from workbench.company import open_company
from workbench.errors import ParameterError
from workbench.planning.crm_files import COLUMNS, write_crm
from workbench.planning.study_targets import Params, compute

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def result():
    return compute(open_company(SAMPLE), Params(draws=200))


def test_rows_for_zoho_are_the_months_of_all_tiers(result, tmp_path):
    table = pd.read_csv(write_crm(result, tmp_path, system="zoho"), dtype={"Target Owner.id": str})
    assert list(table.columns) == list(COLUMNS["zoho"].values())
    rows = table[(table["Level"] == "Company") & table["Currency"].eq("CNY")]
    assert rows["Target Owner.id"].isna().all()  # nobody heads the sample company
    base = result.targets.target("revenue_net")[0, 1]
    sold = rows[rows["KPI"] == "Sales revenue, net of VAT"]
    assert sold["Target"].sum() == base
    assert len(sold) == 12
    assert sold["Start Date"].iloc[0] == "2027-01-01"
    assert sold["End Date"].iloc[1] == "2027-02-28"
    owners = table[table["Level"] == "Region"]["Target Owner.id"]
    assert set(owners) <= {result.ground.heads[str(node)] for node in result.ground.heads}
    assert owners.str.startswith("R").all()
    year = table.assign(node=table["Target Name"].str.extract(r"\((\w+)\)$")[0])
    year = year.groupby(["node", "KPI"])[["Floor", "Target", "Stretch"]].sum()
    unit = 10_000  # each tier is rounded on its own
    assert (year["Floor"] <= year["Target"] + unit).all()
    assert (year["Target"] <= year["Stretch"] + unit).all()
    assert not table["Target Name"].duplicated().any()


def test_rows_for_fxiaoke_have_a_column_a_month_and_sum_to_the_year(result, tmp_path):
    path = write_crm(result, tmp_path, system="fxiaoke")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(path)
    months = [f"{month}月目标值" for month in range(1, 13)]
    assert (table[months].sum(axis=1) == table["全年目标值"]).all()
    assert set(table["层级"]) == {"公司", "大区", "个人"}
    assert {"销售收入（不含税）", "回款额", "新增成交客户数"} == set(table["目标规则"])
    people = (result.nodes["kind"] == "person").sum()
    assert len(table[table["层级"] == "个人"]) == 3 * people


def test_headings_are_the_readers_to_change(result, tmp_path):
    path = write_crm(result, tmp_path, system="zoho", columns={"base": "Quota", "level": ""})
    columns = pd.read_csv(path, nrows=1).columns
    assert "Quota" in columns
    assert "Level" not in columns


@pytest.mark.parametrize(
    ("system", "columns", "match"),
    [
        ("siebel", {}, "no target file"),
        ("zoho", {"quota": "Quota"}, "no field quota"),
        ("zoho", {"base": "Floor"}, "heading of its own"),
    ],
)
def test_what_is_not_there_is_named(result, tmp_path, system, columns, match):
    with pytest.raises(ParameterError, match=match):
        write_crm(result, tmp_path, system=system, columns=columns)


def test_a_new_user_goes_from_company_to_sheets(tmp_path, capsys):
    out = tmp_path / "mail"
    arguments = ["--lang", "zh", "target-sheets", "-o", str(out), "--company", str(SAMPLE)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--set", "draws=200"])
    assert ended.value.code == 0
    names = {path.name for path in out.iterdir()}
    assert {"target_2027.csv", "targets_2027_zoho.csv", "targets_2027_fxiaoke.csv"} < names
    assert "targets_2027_east.xlsx" in names
    assert f"共{len(names)}个文件" in capsys.readouterr().out
