from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.pay.little import plan_of, rated
from workbench.company import open_company
from workbench.pay import pay
from workbench.pay.company import company_credits

YEAR = {"first": dt.date(2025, 1, 1), "last": dt.date(2025, 12, 31)}


@pytest.fixture(scope="module")
def company():
    return open_company("data/sample")


@pytest.fixture(scope="module")
def credits(company):
    return company_credits(company, **YEAR)


def test_money_that_came_in_is_all_there(company, credits):
    matched = company.sql(
        "select sum(amount) as total from receipt_match"
        " where matched_date between '2025-01-01' and '2025-12-31'"
    )["total"][0]
    paid = credits[credits["event"].isin(["paid", "refunded"]) & (credits["rep_id"] != "")]
    own = paid[paid["split_type"] == "split"]
    signed = own["amount"].where(own["event"] == "paid", -own["amount"])
    shared = sum(
        amount * Decimal(str(share)) for amount, share in zip(signed, own["share"], strict=True)
    )
    assert abs(shared - matched) < Decimal("0.01")


def test_the_year_of_the_sample_company_is_settled(company, credits):
    plan = plan_of(
        {
            "commission": rated([{"rate": "1%"}]) | {"measure": "collected"},
            "signing": rated([{"rate": "0.5%"}]) | {"measure": "booked"},
        },
        starts="2025-01-01",
        measures={
            "collected": {"events": "paid", "less": "refunded"},
            "booked": {"events": "booked", "less": "reversed"},
        },
    )
    people = company.sql("select * from rep order by rep_id, valid_from", money="float")
    statement = pay(plan, credits, None, people)
    collected = statement.book.company("collected").sum() / 100
    assert statement.totals().set_index("component")["amount"]["commission"] == pytest.approx(
        collected * 0.01, abs=1
    )
    found = statement.exceptions()
    unclaimed = found[(found["kind"] == "unknown_rep")]
    assert len(unclaimed) == (credits["rep_id"] == "").sum() > 0
    assert (unclaimed["at_stake"] > 0).all()
    assert not found["kind"].isin(["split_under", "split_over"]).any()
