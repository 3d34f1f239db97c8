"""The curve in floats against the exact engine."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from tests.pay.little import NAMES, plan_of, rated
from workbench.errors import InputError
from workbench.pay import pay
from workbench.pay.curve import payout
from workbench.scenarios import streams

PLAN = plan_of(
    {
        "commission": rated(
            [
                {"rate": 0.5},
                {"from": "50%", "rate": 1},
                {"from": "100%", "rate": 2, "needs": {"indicator": "yearly", "at_least": "60%"}},
            ],
            rates={"on": "attainment", "of": {"target_incentive": "60%"}},
            settle="month",
            modify=[{"cap": {"target_incentive": "110%"}, "over": "window"}],
        ),
        "whole": rated(
            [{"rate": "1%"}, {"from": "80%", "rate": "1.5%"}, {"from": "120%", "rate": "2%"}],
            rates={"on": "attainment", "kind": "whole"},
            accumulate="quarter",
        ),
        "kpi": {
            "label": NAMES,
            "pays": {"base_pay": "30%"},
            "payroll": "performance",
            "modify": [
                {
                    "times": {
                        "indicator": "monthly",
                        "kind": "interpolated",
                        "steps": [{"from": "50%", "factor": 0}, {"from": "150%", "factor": 1.5}],
                    }
                }
            ],
        },
        "bonus": {
            "label": NAMES,
            "pays": {"amount": 3000},
            "settle": "quarter",
            "modify": [
                {
                    "matrix": {
                        "down": {"indicator": "quarterly", "from": [0, "90%", "110%"]},
                        "across": {"indicator": "yearly", "from": [0, "100%"]},
                        "factors": [[0, 0.5], [1, 1.2], [1.5, 2]],
                    }
                }
            ],
        },
    },
    indicators={
        "monthly": {"attainment": "sales"},
        "quarterly": {"attainment": "sales", "over": "quarter"},
        "yearly": {"attainment": "sales", "over": "year"},
    },
)
PEOPLE = 40


def _cents(values):
    return np.round(values * 100) / 100


@pytest.fixture(scope="module")
def people():
    number = np.arange(PEOPLE)
    return pd.DataFrame(
        {
            "rep_id": [f"R{each:03d}" for each in number],
            "base_pay": 8_000.0 + 100 * number,
            "target_incentive": 60_000.0 + 1_200 * number,
        }
    )


@pytest.fixture(scope="module")
def quotas(people):
    return pd.DataFrame({"rep_id": people["rep_id"], "value": 1_200_000.0 + 12_000 * people.index})


def test_months_agree_with_the_engine_to_half_a_cent(people, quotas):
    spread = streams(5)["pay/curve"].lognormal(0, 0.5, (PEOPLE, 12))
    credit = _cents(spread * quotas["value"].to_numpy()[:, None] / 12)
    credits = pd.DataFrame(
        {
            "line_id": [f"{n:05d}" for n in range(credit.size)],
            "rep_id": np.repeat(people["rep_id"].to_numpy(), 12),
            "date": np.tile(pd.date_range("2026-01-01", periods=12, freq="MS"), PEOPLE),
            "amount": credit.ravel(),
        }
    )
    statement = pay(PLAN, credits, quotas, people)
    curve = payout(
        PLAN,
        quota=quotas["value"].to_numpy(),
        base_pay=people["base_pay"].to_numpy(),
        target_incentive=people["target_incentive"].to_numpy(),
    )
    for name, pays in curve.by_month({"sales": credit}).items():
        exact = statement.posted[name] / 100
        settled = (exact != 0).sum(axis=1).max()
        assert np.abs(pays - exact).max() <= 0.0051 * 2, name
        assert np.abs(pays.sum(axis=1) - exact.sum(axis=1)).max() <= 0.0051 * settled, name


@pytest.mark.parametrize("attainment", [0.0, 0.3, 0.55, 0.85, 1.0, 1.07, 1.3, 1.9])
def test_a_year_at_one_attainment_agrees_with_even_months(people, quotas, attainment):
    credit = np.full((PEOPLE, 12), attainment) * quotas["value"].to_numpy()[:, None] / 12
    curve = payout(
        PLAN,
        quota=quotas["value"].to_numpy(),
        base_pay=people["base_pay"].to_numpy(),
        target_incentive=people["target_incentive"].to_numpy(),
    )
    whole = curve.by_component(np.full(PEOPLE, attainment))
    for name, months in curve.by_month({"sales": credit}).items():
        assert whole[name] == pytest.approx(months.sum(axis=1), abs=1e-6), name


def test_what_do_i_earn_if_answers_at_once():
    curve = payout(PLAN, quota=1_200_000, base_pay=10_000, target_incentive=80_000)
    grid = np.linspace(0, 2, 401)
    curve(grid)
    begin = time.perf_counter()
    curve(grid)
    assert time.perf_counter() - begin < 0.02


def test_pay_rises_with_attainment_where_the_plan_has_no_way_down():
    curve = payout(PLAN, quota=1_200_000, base_pay=10_000, target_incentive=80_000)
    assert (np.diff(curve(np.linspace(0, 2, 2001))) >= -1e-9).all()


def test_equal_transactions_and_line_factors_agree_with_the_engine():
    """Tiers of single transactions need their number; factors of lines their mean."""
    tiers = [{"rate": "1%"}, {"from": 30_000, "rate": "2%"}]
    late = {"column": "days_overdue",
            "steps": [{"from": 0, "factor": 1}, {"from": 31, "factor": "0.8"}]}  # fmt: skip
    plan = plan_of(
        {
            "spiff": rated(tiers, accumulate="transaction"),
            "plain": rated([{"rate": "1%"}], line_factors=[late]),
            "pool": {"label": NAMES, "pool": {"amount": 1000}},
        }
    )
    month = np.repeat(np.arange(12), 2)
    credits = pd.DataFrame(
        {
            "line_id": [f"{n:03d}" for n in range(24)],
            "rep_id": "R1",
            "date": pd.Timestamp("2026-01-05") + month * pd.Timedelta(days=30),
            "amount": 20_000.0 + 5_000 * month,
            "days_overdue": np.tile([0, 40], 12),
        }
    )
    statement = pay(plan, credits, None, pd.DataFrame({"rep_id": ["R1"]}))
    months = np.zeros((1, 12))
    np.add.at(months[0], credits["date"].dt.month.to_numpy() - 1, credits["amount"].to_numpy())
    curve = payout(plan, lines={"spiff": 2}, line_factors={"plain": 0.9})
    assert curve.left_out == ("pool",)
    for name, pays in curve.by_month({"sales": months}).items():
        assert pays == pytest.approx(statement.posted[name] / 100, abs=0.011), name
    year = curve.by_component([1.0])
    assert year["spiff"] == pytest.approx(24 * (1 / 24) * 0.01)  # one yuan of credit in 24 parts


def test_what_attainment_does_not_tell_is_left_out_and_named():
    spiff = rated([{"rate": "1%"}, {"from": 100, "rate": "2%"}], accumulate="transaction")
    plan = plan_of({"commission": rated([{"rate": "3%"}]), "spiff": spiff})
    curve = payout(plan, quota=1000)
    assert curve.components == ("commission",) and curve.left_out == ("spiff",)
    assert curve(1.0) == pytest.approx(30)
    with pytest.raises(InputError, match="single transactions"):
        payout(plan, component="spiff", quota=1000)(1.0)
