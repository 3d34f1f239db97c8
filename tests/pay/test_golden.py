"""Worked payouts of the field, to the cent. Sources stand beside the cases.

"published" means the number is the source's, "computed" its rule and our arithmetic.
"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.pay.little import credits_of, monthly, paid, people_of, plan_of, quota_of, rated
from workbench.pay import pay

TRANSACTIONS = [200, 300, 1_500, 1_200, 2_000, 4_500]


def test_step_rates_of_single_transactions():
    """Oracle, "Examples of Calculating Earnings Using Step Rates"; published."""
    tiers = [
        {"rate": "1%"},
        {"from": 1000, "rate": "2%"},
        {"from": 3000, "rate": "3%"},
        {"from": 8000, "rate": "5%"},
    ]
    statement = pay(
        plan_of({"c": rated(tiers, accumulate="transaction")}), credits_of(TRANSACTIONS)
    )
    assert statement.lines()["earned"].tolist() == [2, 3, 20, 14, 30, 95]
    assert statement.table()["pay"].tolist() == [164]


def test_interpolated_amounts_of_single_transactions():
    """Oracle, "Examples of Calculating Earnings Using Interpolated Rates"; published."""
    tiers = [
        {"from": 0, "to": 1000, "amount": 10},
        {"from": 1000, "to": 3000, "amount": 40},
        {"from": 3000, "to": 8000, "amount": 100},
        {"from": 8000, "to": 20000, "amount": 2000},
    ]
    component = rated(tiers, accumulate="transaction", rates={"kind": "interpolated"})
    statement = pay(plan_of({"c": component}), credits_of(TRANSACTIONS))
    assert statement.lines()["earned"].tolist() == [2, 3, 20, 14, 30, 80]
    assert statement.table()["pay"].tolist() == [149]


@pytest.mark.parametrize(("sales", "pay_"), [(5_000, 50), (15_000, 300), (60_000, 1_800)])
def test_whole_amount_takes_the_rate_reached(sales, pay_):
    """Oracle, "Options for Splitting Attainment Numbers Across Rate Tiers"; rates published."""
    tiers = [
        {"rate": "1%"},
        {"from": 10_000, "rate": "2%"},
        {"from": 50_000, "rate": "3%"},
        {"from": 100_000, "rate": "4%"},
    ]
    plan = plan_of({"c": rated(tiers, rates={"kind": "whole"})})
    assert paid(plan, credits_of([sales])) == pay_


def test_trace_of_split_rates():
    """Oracle, "24B What's New", trace of split rates; published."""
    tiers = [
        {"rate": "1%"},
        {"from": 1000, "rate": "2%"},
        {"from": 5000, "rate": "3%"},
        {"from": 10_000, "rate": "0%"},
    ]
    statement = pay(plan_of({"c": rated(tiers)}), credits_of([2500]))
    line = statement.explain(rep="R1", period="2026-01").children[0].children[0]
    assert [child.label for child in line.children] == ["1,000.00 at 1%", "1,500.00 at 2%"]
    assert [float(child.amount) for child in line.children] == [10, 30]
    assert line.amount == 40


def test_deal_across_a_tier_start():
    """Salesforce, "Spiff: marginal payout rules" (Trailhead); published."""
    tiers = [
        {"rate": "4%"},
        {"from": 150_000, "rate": "6%"},
        {"from": 250_000, "rate": "8%"},
    ]
    credits = credits_of([145_000, 20_000], dates=["2026-01-05", "2026-02-05"])
    assert monthly(pay(plan_of({"c": rated(tiers)}), credits))[1] == 1_100


@pytest.mark.parametrize(("attainment", "pay_"), [(0.8, 15_975), (1.0, 22_500)])
def test_tiers_in_percent_of_quota(attainment, pay_):
    """UVADS/ds2001, R_functions_quota.R; rule published, computed."""
    tiers = [
        {"rate": "7%"},
        {"from": "40%", "rate": "10%"},
        {"from": "70%", "rate": "13%"},
        {"from": "90%", "rate": "16%"},
    ]
    plan = plan_of({"c": rated(tiers, rates={"on": "attainment"})})
    assert paid(plan, credits_of([225_000 * attainment]), quotas=quota_of([225_000])) == pay_


def test_marginal_above_quota():
    """corticon/accelerators, classic_commission; rule published, computed."""
    tiers = [
        {"rate": "1%"},
        {"from": "100%", "rate": "5%"},
        {"from": "125%", "rate": "10%"},
        {"from": "150%", "rate": "15%"},
    ]
    plan = plan_of({"c": rated(tiers, rates={"on": "attainment"})})
    assert paid(plan, credits_of([160_000]), quotas=quota_of([100_000])) == 6_250


@pytest.mark.parametrize(("kind", "pay_"), [("marginal", 132_750), ("whole", 234_000)])
def test_marginal_is_not_whole(kind, pay_):
    """getcarvd.com, commission errors; rule published, computed."""
    tiers = [{"rate": "9%"}, {"from": "100%", "rate": "13.5%"}, {"from": "125%", "rate": "18%"}]
    plan = plan_of({"c": rated(tiers, rates={"on": "attainment", "kind": kind})})
    assert paid(plan, credits_of([1_300_000]), quotas=quota_of([1_000_000])) == pay_


def test_recoverable_draw_with_later_recovery():
    """Oracle, "Example of Incentive Compensation Draw and Recovery"; published (months 1-3)."""
    plan = plan_of(
        {"c": rated([{"rate": "10%"}])},
        payment={"draw": {"minimum": {"amount": {"amount": 1000}, "recover_from": 4}}},
    )
    dates = ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05"]
    statement = pay(plan, credits_of([5000, 7000, 4000, 16_000], dates=dates))
    assert (statement.paid.effects["advance", ""][0, :3] / 100).tolist() == [500, 300, 600]
    assert monthly(statement)[:3] == [1000, 1000, 1000]
    assert (statement.paid.draw_balance[0, :3] / 100).tolist() == [500, 800, 1400]
    # month 4 earns 600 above the minimum, all of which is recovered
    assert monthly(statement)[3] == 1000
    assert statement.paid.draw_balance[0, 3] == 80_000


def test_rate_of_a_line_beats_the_default():
    """etendosoftware/etendo_core#680; published."""
    default = rated([{"rate": "10%"}]) | {"measure": "others"}
    own = rated([{"rate": "50%"}]) | {"measure": "special"}
    plan = plan_of(
        {"default": default, "special": own},
        measures={
            "others": {"unless": {"product": "B"}},
            "special": {"where": {"product": "B"}},
        },
    )
    statement = pay(plan, credits_of([20, 30], product=["A", "B"]))
    assert statement.lines()["earned"].tolist() == [2, 15]
    assert statement.table()["pay"].tolist() == [17]


def test_refund_is_taken_back_once():
    """guillermoscript/lms-front#511; published."""
    plan = plan_of(
        {"c": rated([{"rate": "80%"}])},
        measures={"sales": {"events": "paid", "less": "refunded"}},
    )
    credits = credits_of(
        [100, 900, 100],
        dates=["2026-01-05", "2026-02-05", "2026-02-20"],
        event=["paid", "paid", "refunded"],
        corrects=[None, None, "L0000"],
    )
    statement = pay(plan, credits)
    assert monthly(statement)[:2] == [80, 640]  # 80 was paid before the refund
    assert statement.table()["pay"].sum() == 720


def test_team_quota_of_people_on_the_ramp():
    """PostHog handbook, "How we work" (sales); published."""
    people = pd.DataFrame(
        {
            "rep_id": ["M", "A", "B", "C", "D"],
            "manager_id": [None, "M", "M", "M", "M"],
            "hired_date": pd.to_datetime(["2020-01-01"] * 4 + ["2026-01-01"]),
        }
    )
    quotas = pd.DataFrame(
        {
            "rep_id": ["A", "B", "C", "D"],
            "value": 250_000,
            "period_start": pd.Timestamp("2026-01-01"),
            "period_end": pd.Timestamp("2026-03-31"),
        }
    )
    tiers = [{"rate": "1%"}, {"from": "100%", "rate": "2%"}]
    plan = plan_of(
        {"c": rated(tiers, accumulate="quarter", rates={"on": "attainment"})},
        measures={"sales": {"credit": "team"}},
        quotas={"ramp": ["50%", "50%", "50%"]},
    )
    statement = pay(plan, credits_of([875_001], rep="A"), quotas=quotas, people=people)
    assert statement.book.quotas.team["sales"][-1, :3].sum() == 87_500_000
    assert statement.table()["pay"].tolist() == [8_750.02]


def test_base_commission_rate_with_accelerator():
    """sourcegraph/handbook, commissions; rule published, computed."""
    tiers = [{"rate": 1}, {"from": "100%", "rate": 2}]
    rates = {"on": "attainment", "of": {"target_incentive": "60%"}}
    plan = plan_of({"c": rated(tiers, rates=rates)})
    credits = credits_of([900_000, 200_000], dates=["2026-01-05", "2026-02-05"])
    statement = pay(
        plan,
        credits,
        quotas=quota_of([1_000_000]),
        people=people_of(target_incentive=[100_000]),
    )
    assert monthly(statement)[1] == 18_000
