"""The study on a company of three sellers, whose answers can be worked out on paper."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.planning.hand import NAMES, hand_made
from workbench.errors import BasisError
from workbench.kpis import kpi
from workbench.planning import year_ahead
from workbench.planning.company_year import ground
from workbench.planning.crm_files import write_crm
from workbench.planning.sheets import write_sheets
from workbench.planning.study_targets import Params, answer, compute, prepare
from workbench.text import Language

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = [Language("en"), Language("zh")]


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return hand_made(tmp_path_factory.mktemp("hand"))


@pytest.fixture(scope="module")
def made(company):
    return prepare(company, Params(draws=200))


@pytest.fixture(scope="module")
def result(made):
    return answer(made, Params(draws=200))


def test_without_optional_tables_sections_say_what_they_need(result):
    assert {"lines", "money", "pace"} & set(result.tables()) == set()
    page = result.page(LANGUAGES[0])._repr_html_()
    assert "No level adds to what it hands down" in page
    # nobody stands in a province: teams do, and are called so
    assert (
        ">Team<" in page and ">Province<" not in page and "the least likely region and team" in page
    )


def test_what_has_neither_owner_nor_region_stays_in_the_company(company, tmp_path):
    tables = {name: company.sql(f"select * from {name}") for name in ("order_line", "account")}
    for table in tables.values():
        table.loc[table["account_id"] == "K", "region"] = None
    other = compute(hand_made(tmp_path, **tables), Params(draws=200, residual="remainder"))
    whole = kpi(other.company, "revenue_net", start="2025-01-01", end="2025-12-31").value
    year = other.ground.sales["month"].dt.year == 2025
    assert other.ground.sales[year]["value"].sum() == pytest.approx(float(whole))
    assert other.nodes.loc["open:", "parent"] == "company"
    assert other.handed["over"].abs().max() < 1e-12
    for lang in LANGUAGES:
        assert other.page(lang)._repr_html_() and other.section("split", lang)._repr_html_()


def test_the_fixed_part_of_pay_is_what_was_agreed_without_a_payroll(company, tmp_path):
    days = pd.Timestamp("2025-08-01").date(), pd.Timestamp("2026-07-31").date()
    assert year_ahead.fixed_part(company, *days) == 1.0
    rep = company.sql("select * from rep").assign(base_pay=10_000.0, target_pay=200_000.0)
    assert year_ahead.fixed_part(hand_made(tmp_path, rep=rep), *days) == pytest.approx(0.6)


def test_one_seller_is_a_company(company, tmp_path):
    tables = {name: company.sql(f"select * from {name}") for name in ("order_line", "account")}
    alone = {name: rows[rows["account_id"] == "KA"] for name, rows in tables.items()}
    other = compute(hand_made(tmp_path, **alone), Params(draws=200))
    assert "handed_over" not in other.tables()
    assert "Nobody could take over" in other.section("leaver", LANGUAGES[0])._repr_html_()
    assert other.nodes.loc["A", "base"] == other.nodes.loc["company", "base"]


def test_deals_in_another_currency_count_at_the_rate_of_their_day(tmp_path):
    def deals(currency):
        return pd.DataFrame(
            {
                "opportunity_id": ["W", "L", "O", "P"],
                "name": ["won", "lost", "open", "of somebody who left, the account nobody's"],
                "account_id": ["KA", "KA", "KA", "K"],
                "rep_id": ["A", "A", "A", "gone"],
                "created_date": "2026-01-05",
                "stage": "negotiation",
                "status": ["won", "lost", "open", "open"],
                "close_date": ["2026-05-01", "2026-05-02", None, None],
                "expected_close_date": ["2026-05-01", "2026-05-02", "2026-12-01", "2026-12-01"],
                "amount": [700.0, 700.0, 100.0, 50.0],
                "currency": ["CNY", "CNY", currency, "CNY"],
                "tax_basis": "excl",
                "tax_rate": 0.13,
            }
        )

    rates = pd.DataFrame({"currency": ["USD"], "rate_date": ["2020-01-01"], "rate": [7.0]})
    for currency, amount in (("CNY", 100.0), ("USD", 700.0)):
        more = {"opportunity": deals(currency), "exchange_rate": rates}
        company = hand_made(tmp_path / currency, **more)
        found = year_ahead.pipeline(company, ground(company), 2027)
        assert found.open.to_dict() == {"A": amount, "open:east": 50.0}
        assert found.win_rate == 0.5
    with pytest.raises(BasisError, match="exchange rates"):
        company = hand_made(tmp_path / "EUR", opportunity=deals("EUR"))
        year_ahead.pipeline(company, ground(company), 2027)


def test_a_leaver_and_a_locked_node_may_be_told_by_name(made):
    params = Params(draws=200, leaver="王五", locks=("王五=4000万", "东区一部≤3700万"))
    found = answer(made, params)
    assert found.handed_over["node"].iloc[0] == "C"
    base = found.nodes["base"]
    assert base["C"] == 4e7 and base["T1"] <= 3.7e7
    # he is alone in his team and region: all others take over, each month's total unchanged
    months = found.handed_over.groupby("month")[["before", "after"]].sum()
    assert months["before"].to_numpy() == pytest.approx(months["after"].to_numpy())
    assert set(found.handed_over["node"]) == {"A", "B", "C"}


def test_a_chance_near_nothing_is_written_as_elsewhere(made):
    result = answer(made, Params(draws=200, growth=0.5))
    tile = result.page(LANGUAGES[0]).tiles[0]
    assert (tile.figure, tile.unit) == ("<1", "%")


def test_sheets_and_files_keep_names_with_commas_and_quotes(result, tmp_path):
    paths = write_sheets(result, tmp_path, lang=LANGUAGES[1])
    assert [path.name for path in paths][:2] == ["targets_2027_east.xlsx", "targets_2027_west.xlsx"]
    book = openpyxl.load_workbook(paths[0])
    signs = [row[0].value for row in book[book.sheetnames[-1]].iter_rows(min_row=4)]
    assert NAMES["A"] in signs and 'O\'Neil "Bo" Li' in signs
    for system, owner in (("zoho", "Target Owner"), ("fxiaoke", "考核对象")):
        table = pd.read_csv(write_crm(result, tmp_path, system=system))
        assert {NAMES["A"], 'O\'Neil "Bo" Li', NAMES["C"]} <= set(table[owner])
    rows = pd.read_csv(paths[-1])
    sums = rows[rows["tier"] == "base"].groupby("level")["value"].sum()
    kept = result.nodes.groupby("kind")["base"].sum()
    assert sums.to_dict() == {
        "company": kept["company"],
        "region": kept["region"],
        "team": kept["team"],
        "rep": kept["person"],
    }


@pytest.mark.parametrize("page", ["targets.md", "targets.zh-CN.md"])
def test_examples_of_the_page_run_as_printed(page, tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), flags=re.S)
    assert len(blocks) == 2
    monkeypatch.chdir(DOCS.parent)
    here = {}
    for block in blocks:
        exec(block.replace('"mail"', repr(str(tmp_path))), here)
    assert here["targets"].target("revenue_net").shape == (6, 3)
    assert list(tmp_path.iterdir())


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_every_node_has_a_name_where_tables_give_no_english_ones(made, lang):
    names = [lang.pick(*both) for both in made.ground.names.values()]
    assert all(isinstance(name, str) and name for name in names)
    assert {" ".join(name.split()) for name in NAMES.values()} <= set(names)
    assert made.ground.names["T1"] == ("东区一部", "东区一部")
