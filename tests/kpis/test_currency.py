"""Amounts of one currency stand; of several they are converted by the day, or refused."""

import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.errors import BasisError
from workbench.kpis import kpi

YEAR = {"start": "2026-01-01", "end": "2026-12-31"}
MIXED = order_lines(
    amount=[100.0, 10.0, 10.0],
    currency=["CNY", "USD", "USD"],
    recognised_date=["2026-02-01", "2026-02-28", "2026-03-01"],
    tax_basis="excl",
)
RATES = pd.DataFrame(
    {"currency": "USD", "rate_date": ["2025-12-31", "2026-03-01"], "rate": [7.0, 7.5]}
)
SETTINGS = {"data_as_of": "2026-12-31"}


def made(folder, **tables):
    return make_company(folder, tables, SETTINGS)


def test_one_foreign_currency_stays_what_it_is(tmp_path):
    company = made(tmp_path, order_line=order_lines(currency=["USD"], tax_basis="excl"))
    found = kpi(company, "revenue_net", **YEAR)
    assert (found.value, found.currency) == (113, "USD")


def test_several_currencies_without_rates_are_refused(tmp_path):
    with pytest.raises(BasisError, match="CNY and USD") as raised:
        kpi(made(tmp_path, order_line=MIXED), "revenue_net", **YEAR)
    assert "exchange_rate" in raised.value.do


def test_each_row_is_converted_at_the_rate_of_its_day(tmp_path):
    found = kpi(made(tmp_path, order_line=MIXED, exchange_rate=RATES), "revenue_net", **YEAR)
    assert (found.value, found.currency) == (100 + 70 + 75, "CNY")


def test_two_tables_of_different_currencies_meet_in_the_base_currency(tmp_path):
    cost = pd.DataFrame({"product_id": ["P1"], "cost": [50.0], "currency": ["CNY"],
        "valid_from": ["2020-01-01"]})  # fmt: skip
    lines = order_lines(amount=[10.0], currency=["USD"], tax_basis="excl", quantity=[1.0])
    company = made(tmp_path, order_line=lines, unit_cost=cost, exchange_rate=RATES)
    assert kpi(company, "gross_margin", **YEAR).value == pytest.approx((75 - 50) / 75)


def test_a_day_before_the_first_rate_is_refused_not_dropped(tmp_path):
    late = RATES[RATES["rate_date"] == "2026-03-01"]
    with pytest.raises(BasisError, match="one basis") as raised:
        kpi(made(tmp_path, order_line=MIXED, exchange_rate=late), "revenue_net", **YEAR)
    assert "no exchange rate on its day" in raised.value.where


def test_a_match_settles_its_instalment_at_the_rate_of_the_instalment(tmp_path):
    plan = pd.DataFrame({"plan_id": ["P1", "P2"], "account_id": "A1", "due_date": "2026-02-01",
        "instalment_type": "delivery", "booked_date": "2026-01-01", "amount": [10.0, 5.0],
        "currency": ["USD", "CNY"]})  # fmt: skip
    match = pd.DataFrame({"receipt_id": ["I1"], "plan_id": ["P1"], "amount": [10.0],
        "matched_date": ["2026-04-01"], "currency": ["USD"]})  # fmt: skip
    company = made(tmp_path, receivable_plan=plan, receipt_match=match, exchange_rate=RATES)
    found = kpi(company, "overdue_rate", **YEAR)
    assert found.denominator == 5  # nothing is left of the first by the change of the rate


def test_an_unknown_tax_basis_is_refused(tmp_path):
    company = made(tmp_path, order_line=order_lines(tax_basis=["?"]))
    with pytest.raises(BasisError, match="one basis") as raised:
        kpi(company, "revenue_net", **YEAR)
    assert "neither incl nor excl" in raised.value.where


@pytest.mark.parametrize("wrong", [{"tax_basis": "incl"}, {"currency": "USD"}])
def test_a_target_on_another_basis_is_refused(tmp_path, wrong):
    target = pd.DataFrame([{"kpi_id": "revenue_net", "level": "company", "node": "company",
        "product_line": "all", "period_start": "2026-01-01", "period_end": "2026-12-31",
        "tier": "base", "value": 1000.0, "currency": "CNY", "tax_basis": "excl",
        **wrong}])  # fmt: skip
    company = made(tmp_path, order_line=order_lines(amount=[100.0]), target=target)
    with pytest.raises(BasisError, match="another basis"):
        kpi(company, "attainment", **YEAR)
