"""Rows kept and answers remembered: the same figures as without, and faults where they belong."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.kpis.little import little_company
from tests.support.companies import make_company, order_lines
from workbench.company import Company
from workbench.contract import open_project_company
from workbench.errors import InputError, MissingTableError
from workbench.kpis import KPIS, kpi
from workbench.recording import read_journal

SETTINGS = {"name": {"en": "Pump Works", "zh": "泵业"}, "data_as_of": "2026-03-31"}
LINES = {
    "account_id": ["A1", "A1", "A2"],
    "order_date": ["2025-02-01", "2026-02-01", "2026-03-01"],
    "amount": [113.00, 226.00, 106.00],
}
# The others are made of two KPIs.
WITH_STATEMENT = [name for name, one in KPIS.items() if not one.definitions[one.default].derived]
SUM = "select account_id, sum(amount) as amount from order_line group by 1 order by 1"


@pytest.fixture
def company(tmp_path):
    return make_company(tmp_path, {"order_line": order_lines(**LINES)}, SETTINGS)


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    return little_company(tmp_path_factory.mktemp("little"))


@pytest.mark.parametrize("organisation", ["today", "at_the_time"])
@pytest.mark.parametrize("kpi_id", WITH_STATEMENT)
def test_a_kpi_from_kept_rows_is_that_of_its_own_statement(little, kpi_id, organisation):
    view = little if organisation == "today" else little.at_the_time()
    by = ("region",) if "region" in KPIS[kpi_id].definitions[1].cuts else ()
    found = kpi(view, kpi_id, start="2026-01-01", end="2026-06-30", by=by)
    assert "kept." not in found.sql
    whole = view.sql(found.sql, money="float")
    if by:  # cells that have rows, as the KPI has them
        whole = whole[whole[["value", "numerator", "denominator"]].notna().any(axis=1)]
    pd.testing.assert_frame_equal(found.table(), whole.reset_index(drop=True))


def test_kept_rows_are_computed_once(company: Company):
    name = company.kept(SUM)
    assert company.kept(SUM) == name
    pd.testing.assert_frame_equal(company.sql(f"select * from {name} order by 1"), company.sql(SUM))
    assert company.kept(f"select * from {name} limit 1") != name


def test_a_query_that_is_refused_says_so_where_its_column_is_read(company: Company):
    rows = company.kept("select account_id, cast(account_id as integer) as number from order_line")
    assert company.sql(f"select count(distinct account_id) as n from {rows}")["n"].tolist() == [2]
    with pytest.raises(InputError):
        company.sql(f"select sum(number) as n from {rows}")


def test_rows_of_a_table_that_is_not_there_are_missed_when_read(company: Company):
    rows = company.kept("select * from receipt")
    with pytest.raises(MissingTableError):
        company.sql(f"select * from {rows}")


def test_each_view_of_the_organisation_keeps_its_own_rows(little):
    query = "select region, count(*) as n from attribution group by 1 order by 1"
    now, then = little, little.at_the_time()
    for view in (now, then, now):
        kept = view.sql(f"select * from {view.kept(query)} order by 1")
        pd.testing.assert_frame_equal(kept, view.sql(query))


def test_an_answer_is_remembered_and_cannot_be_spoilt(company: Company, monkeypatch):
    asked = []
    sql = Company.sql
    monkeypatch.setattr(
        Company,
        "sql",
        lambda self, *given, **more: asked.append(given) or sql(self, *given, **more),
    )
    first = company.sql_once(SUM)
    first["amount"] = 0
    again = company.sql_once(SUM)
    assert len(asked) == 1
    pd.testing.assert_frame_equal(again, sql(company, SUM))
    assert company.sql_once(SUM, money="float")["amount"].dtype == "float64"
    where = "select account_id from order_line where account_id = ? order by 1"
    for account, count in (("A1", 2), ("A2", 1)):
        assert len(company.sql_once(where, [account])) == count


def test_a_run_notes_the_tables_of_kept_rows(company: Company, tmp_path, monkeypatch):
    run = tmp_path / "run"
    run.mkdir()
    monkeypatch.setenv("WORKBENCH_RUN", str(run))
    opened = open_project_company(str(company.folder))
    name = opened.kept(SUM)
    opened.sql(f"select * from {name} order by 1")
    assert {table for entry in read_journal(run) for table in entry["tables"]} == {"order_line"}
