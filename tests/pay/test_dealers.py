"""A rebate plan settled for the dealers of the sample company."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.company import open_company
from workbench.errors import ParameterError
from workbench.incentives.settle import settle
from workbench.pay import load_plan

PLAN = Path("params/incentives/plans/dealer_rebate.yaml")


@pytest.fixture(scope="module")
def company():
    return open_company("data/sample")


@pytest.fixture(scope="module")
def made(company):
    return settle(company, load_plan(PLAN), "2026-Q2")


def test_base_rebates_are_those_the_company_settled(company, made):
    booked = company.sql(
        "select partner_id, cast(sum(amount) as double) as amount from rebate"
        " where rebate_type = 'base' and period_start = '2026-04-01' group by 1 order by 1"
    ).set_index("partner_id")["amount"]
    paid = made.payroll().set_index("rep_id")["pay"]
    paid = paid[paid != 0]
    assert paid.index.tolist() == booked.index.tolist()
    # returns are taken off the quarter they came in here, and not there
    assert paid.to_numpy() == pytest.approx(booked.to_numpy(), rel=0.02)
    assert paid.sum() == pytest.approx(booked.sum(), rel=0.001)


def test_dealers_without_a_year_before_are_listed(made):
    assert set(made.exceptions()["kind"]) == {"missing_quota"}
    assert (made.exceptions()["at_stake"] > 0).all()


def test_dealers_have_no_wages(tmp_path):
    path = tmp_path / "wages.yaml"
    text = PLAN.read_text("utf-8")
    path.write_text(text.replace("    settle: quarter\n", "    payroll: base\n"), "utf-8")
    with pytest.raises(ParameterError, match="no payroll items"):
        load_plan(path)
