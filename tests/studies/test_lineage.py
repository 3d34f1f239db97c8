"""Where rows came from, by the papers of real imports, and what a run takes for granted."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.support.companies import make_company, order_lines
from tests.support.sheets import write
from workbench.contract import Params, field
from workbench.loaders import Answers, import_paths, undo
from workbench.report.import_page import write_import_report
from workbench.studies.assumptions import assumptions
from workbench.studies.lineage import LISTED, lineage
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
KNOWN = Answers(defaults={"currency": "CNY", "tax_basis": "incl", "tax_rate": "0.13"})
DEALS = """客户名称,负责人,商机名称,预计成交日期,商机金额,销售阶段,创建时间
演示客户甲,林某,演示项目一,2026-08-21,100,方案报价,2026-01-05
演示客户乙,王某,演示项目二,2026-09-30,{amount},合同谈判,2026-01-06
"""


def taken_in(folder, day, amount="200", *, report=True):
    """Import a file of two deals on a day of November 2026, with or without its report."""
    path = write(folder, f"deals{day:02d}.csv", DEALS.format(amount=amount))
    moment = dt.datetime(2026, 11, day, 8, tzinfo=dt.UTC)
    found, papers = import_paths([path], folder / "own", answers=KNOWN, now=moment)
    if report:
        write_import_report(found, papers, EN)


def test_an_import_is_named_with_day_file_and_rows(tmp_path):
    taken_in(tmp_path, 3, "0x")
    found = lineage(tmp_path / "own", ["opportunity", "order_line"])
    (source,) = found.sources["opportunity"]
    assert (source.kind, source.day, source.files) == ("import", "2026-11-03", ("deals03.csv",))
    assert source.kept + source.refused == 2
    assert "order_line" not in found.sources
    rows = f"{source.kept} rows kept, {source.refused} refused"
    said = f"import {source.id} of 2026-11-03: deals03.csv ({rows})"
    assert found.told("opportunity", EN) == said
    assert found.told("order_line", EN) == "no import on record; the file lies in the folder"
    assert found.record()["opportunity"][0]["id"] == source.id


def test_an_import_without_its_report_still_names_its_files(tmp_path):
    taken_in(tmp_path, 3, report=False)
    found = lineage(tmp_path / "own", ["opportunity"])
    assert found.told("opportunity", ZH) == (
        "2026-11-03导入（编号20261103T080000000Z）：deals03.csv"
    )


def test_what_was_undone_is_left_out(tmp_path):
    taken_in(tmp_path, 3)
    taken_in(tmp_path, 4, "300")
    undo(tmp_path / "own")
    found = lineage(tmp_path / "own", ["opportunity"])
    assert [source.day for source in found.sources["opportunity"]] == ["2026-11-03"]


def test_of_many_imports_the_newest_are_listed(tmp_path):
    for day in range(1, LISTED + 3):
        taken_in(tmp_path, day, str(day), report=False)
    said = lineage(tmp_path / "own", ["opportunity"]).told("opportunity", EN)
    assert said.startswith("2 earlier imports; import 20261103T080000000Z of 2026-11-03: ")
    assert said.endswith(f" of 2026-11-{LISTED + 2:02d}: deals{LISTED + 2:02d}.csv")


def test_the_sample_says_so(tmp_path):
    company = make_company(tmp_path, {"order_line": order_lines()})
    found = lineage(company.folder, company.tables, sample=True)
    assert found.told("order_line", ZH) == "示例数据，未经导入"


# -- what is taken for granted ------------------------------------------------------------------


class Two(Params):
    top: int = field(
        3, ge=1, le=9, step=1, unit="rows", title="Rows", help="Shown", zh=("行", "行")
    )
    low: int = field(3, ge=1, le=9, step=1, unit="rows", title="Low", help="Shown", zh=("低", "低"))


def taken(tmp_path, lang=EN, stated=(), params=None, **settings):
    company = make_company(tmp_path, {}, {"base_currency": "CNY", **settings})
    return assumptions(company, (params or Two()).describe(lang), stated, lang)


def test_settings_of_the_company_are_assumptions(tmp_path):
    rows = dict(taken(tmp_path, fiscal_start_month=4, closing_day=25, tax_basis="excl",
                      data_as_of="2026-07-31", base_currency="EUR"))  # fmt: skip
    assert rows["Fiscal year"] == "begins in April"
    assert rows["Month end"] == "closes on day 25"
    assert rows["Tax basis"] == "amounts that state none exclude VAT"
    assert rows["Data complete to"] == "2026-07-31"
    assert rows["Base currency"] == "EUR"
    assert rows["KPIs defined by the company"] == "none; all as in the KPI dictionary"


def test_what_is_not_set_is_said_as_well(tmp_path):
    rows = dict(taken(tmp_path))
    assert rows["Month end"] == "last day of the month"
    assert rows["Tax basis"] == "as each row states; none is assumed"
    assert rows["Data complete to"] == "not set: the last day found in the data"


def test_overrides_are_named(tmp_path):
    rows = dict(taken(tmp_path, kpis={"win_rate_count": {"definition": 2}}, terms={"quota": "aim"}))
    assert rows["KPIs defined by the company"] == "win_rate_count"
    assert rows["Own words for terms"] == "quota = aim"


@pytest.mark.parametrize(
    ("params", "usual"), [(Two(), "Rows, Low"), (Two(top=4), "Low"), (Two(top=4, low=4), None)]
)
def test_parameters_left_as_usual_are_named(tmp_path, params, usual):
    assert dict(taken(tmp_path, params=params)).get("Parameters left as usual") == usual


def test_what_the_study_states_comes_first(tmp_path):
    stated = [{"subject": "期间", "text": "全年。"}, {"subject": "", "text": "按含税。"}]
    rows = taken(tmp_path, ZH, stated)
    assert rows[:2] == [("期间", "全年。"), ("研究自身说明", "按含税。")]
