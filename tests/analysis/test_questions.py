"""The questions of the sales analysis on companies whose answers are known by construction."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.analysis import (
    anomalies,
    baskets,
    customers,
    discounts,
    funnel,
    pipeline,
    receivables,
    trend,
)
from workbench.analysis.scope import Scope, Window

HALF = Window(dt.date(2026, 1, 1), dt.date(2026, 6, 30))


# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (score), 95%.
@pytest.mark.parametrize(
    ("x", "n", "lo", "hi"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_meets_the_published_intervals(x, n, lo, hi):
    found = funnel.wilson(x, n, z=1.959964)
    assert (float(found[0]), float(found[1])) == pytest.approx((lo, hi), abs=5e-5)


def test_wilson_without_trials_knows_nothing():
    assert [float(v) for v in funnel.wilson(0, 0)] == [0, 1]


def test_discounts_are_weighted_by_list_value_and_limits_stand_out(scope_of):
    # 100 lines spread evenly from 5 to 25 percent, 60 more exactly at the limit of 15.
    spread = np.repeat(np.arange(0.05, 0.25, 0.005) + 0.0025, 3)
    prices = [100 * (1 - d) for d in [*spread, *[0.15] * 60]]
    rows = [("A1", "P1", "direct", "2026-03-03", 1, round(p, 2)) for p in prices]
    found = discounts.discounts(scope_of(rows))
    assert found.rate == pytest.approx(1 - np.mean(np.round(prices, 2)) / 100)
    assert found.rate_before is None
    assert found.histogram["list_value"].sum() == pytest.approx(100 * len(prices))
    by_limit = found.bunching.set_index("limit")["times"]
    assert by_limit[0.15] == pytest.approx(63 / 3)
    assert by_limit[0.10] == pytest.approx(1)


def plan_rows(**columns):
    return pd.DataFrame(
        {
            "plan_id": ["I1", "I2", "I3", "I4"],
            "account_id": ["A1", "A1", "A2", "A2"],
            "instalment_type": ["advance", "delivery", "open_account", "retention"],
            "booked_date": "2025-01-01",
            "due_date": ["2026-06-30", "2026-06-29", "2026-05-30", "2026-03-31"],
            "amount": [100.0, 200.0, 300.0, 400.0],
            "currency": "CNY",
            **columns,
        }
    )


def test_ageing_counts_from_the_due_date_and_takes_off_what_is_settled(tmp_path):
    matches = pd.DataFrame(
        {
            "receipt_id": ["R1", "R2"],
            "plan_id": ["I3", "I4"],
            "matched_date": ["2026-06-01", "2026-07-15"],
            "amount": [100.0, 400.0],
            "currency": "CNY",
        }
    )
    company = make_company(
        tmp_path,
        {"order_line": order_lines(), "receivable_plan": plan_rows(), "receipt_match": matches},
        {"data_as_of": "2026-06-30"},
    )
    table = receivables.ageing(Scope(company, HALF)).set_index("bucket")
    # Due that day is not yet past due; the match of July is not known on 30 June.
    assert table["amount"].to_dict() == {
        "not_due": 100,
        "d1_30": 200,
        "d31_90": 200,
        "over_90": 400,
    }
    assert table["share"].sum() == pytest.approx(1)
    debtors = receivables.debtors(Scope(company, HALF))
    assert debtors["overdue"].tolist() == [600, 200]
    behind = receivables.over_90_profile(Scope(company, HALF))
    assert (behind["amount"], behind["mean_days"], behind["retention_share"]) == (400, 91, 1)


def test_baskets_find_the_pair_that_was_planted(scope_of):
    rows = []
    for k in range(60):
        quarter = f"2025-{1 + 3 * (k % 4):02d}-15"
        rows.append((f"A{k}", "P1", "direct", quarter, 1, 100.0))
        if k % 2:
            rows.append((f"A{k}", "P3", "direct", quarter, 1, 10.0))
    table = baskets.pairs(scope_of(rows), least=5)
    # Half of the pump baskets hold filters, and no filter comes without a pump.
    row = table.iloc[0]
    assert {row["first"], row["second"]} == {"pump", "filter"}
    assert (row["together"], row["lift"]) == (30, pytest.approx(1.0))
    assert row["lo95"] <= row["lift"] <= row["hi95"]


def test_cohorts_follow_new_customers_only_as_far_as_quarters_have_ended(scope_of):
    rows = [
        ("OLD", "P1", "direct", "2024-02-01", 1, 100.0),
        ("A1", "P1", "direct", "2025-08-01", 1, 100.0),
        ("A2", "P1", "direct", "2025-09-01", 1, 100.0),
        ("A1", "P1", "direct", "2025-11-01", 1, 100.0),
        ("A2", "P1", "direct", "2026-05-01", 1, 100.0),
    ]
    table = customers.cohorts(scope_of(rows))
    assert table["cohort"].unique().tolist() == ["2025Q3"]
    assert dict(zip(table["age"], table["share"], strict=True)) == {0: 1, 1: 0.5, 2: 0, 3: 0.5}


SNAPSHOTS = pd.DataFrame(
    [
        ("2025-12-31", "W", 100.0, "2026-02-15"),
        ("2025-12-31", "L", 50.0, "2026-01-15"),
        ("2025-12-31", "UP", 80.0, "2026-03-15"),
        ("2026-06-30", "UP", 95.0, "2026-09-15"),
        ("2026-06-30", "NEW", 70.0, "2026-05-15"),
    ],
    columns=["snapshot_date", "opportunity_id", "amount", "expected_close_date"],
).assign(stage="quote", status="open", currency="CNY", tax_basis="incl")
DEALS = pd.DataFrame(
    {
        "opportunity_id": ["W", "L", "UP", "NEW"],
        "stage": ["won", "lost", "quote", "quote"],
        "status": ["won", "lost", "open", "open"],
        "amount": [100.0, 50.0, 95.0, 70.0],
        "currency": "CNY",
        "tax_basis": "incl",
        "tax_rate": 0.13,
        "created_date": ["2025-10-01", "2025-10-01", "2025-10-01", "2026-06-10"],
        "close_date": ["2026-02-20", "2026-03-05", None, None],
        "region": "east",
    }
)


@pytest.fixture
def deals(tmp_path):
    company = make_company(
        tmp_path,
        {"opportunity": DEALS, "opportunity_snapshot": SNAPSHOTS},
        {"data_as_of": "2026-06-30"},
    )
    return Scope(company, HALF)


def test_the_pipeline_moves_from_snapshot_to_snapshot_without_remainder(deals):
    found = pipeline.movement(deals)
    moves = found.moves.set_index("move")["amount"].to_dict()
    assert moves == {"created": 70, "increased": 15, "won": -100, "lost": -50}
    assert found.before + sum(moves.values()) == found.after == 165


def test_age_and_dates_that_have_passed_are_read_from_the_last_snapshot(deals):
    table = pipeline.ageing(deals).set_index("age")
    assert table["amount"].to_dict() == {"0-30": 70, "31-90": 0, "91-180": 0, "over_180": 95}
    assert table["past"].sum() == 70


def test_a_deal_slips_when_its_month_passes_without_closing(deals):
    table = pipeline.slippage(deals).set_index("month")
    # Of December's snapshot only L was expected in January; it closed in March.
    assert table.loc["2026-01-01", ["expected", "slipped"]].tolist() == [1, 1]


def test_win_rates_by_closed_and_by_created_deals(deals):
    found = funnel.win_rates(deals)
    assert (found.closed, found.closed_amount) == (0.5, pytest.approx(100 / 150))
    assert np.isnan(found.created)
    assert found.cycle_median == 142


def daily(calendar, *, level=100.0, growth=0.0, dip=0.05, years=(2023, 2024, 2025, 2026)):
    """Revenue of `level` each working day; `dip` of it within two weeks of New Year."""
    from workbench.calendars import chinese_new_year

    days = pd.date_range(f"{years[0]}-01-01", f"{years[-1]}-06-30")
    working = calendar.is_working(days.to_numpy().astype("datetime64[D]"))
    values = np.where(working, level * (1 + growth) ** (days.year - years[0]), 0.0)
    for year in years:
        since = (days - pd.Timestamp(chinese_new_year(year))).days
        values = np.where((since >= -14) & (since < 14), values * dip, values)
    return pd.Series(values, days)


def test_new_year_alignment_takes_out_a_new_year_that_moved(calendar):
    # New Year lay on 29 January 2025 and lies on 17 February 2026: in January alone plain growth
    # is spoilt by it, while true growth a day is 10 percent each year.
    series = daily(calendar, growth=0.10)
    january = Window(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    found = trend.compare(series, january, calendar=calendar)
    assert found.plain > 0.5
    assert found.new_year == pytest.approx(0.10, abs=0.05)
    assert abs(found.new_year - 0.10) < abs(found.working_day - 0.10)


def test_without_a_year_before_there_is_no_growth(calendar):
    series = daily(calendar)["2026-01-01":]
    found = trend.compare(series, HALF, calendar=calendar)
    assert (found.plain, found.working_day, found.new_year) == (None, None, None)


def test_only_the_planted_day_is_odd(calendar):
    rng = np.random.default_rng(3)
    series = daily(calendar) * np.exp(rng.normal(0, 0.05, len(daily(calendar))))
    series["2026-04-15"] *= 2.5
    table = anomalies.anomalies(series, calendar=calendar, limit=6)
    assert table["day"].tolist() == [pd.Timestamp("2026-04-15")]
    assert table["excess"].iloc[0] == pytest.approx(150, rel=0.25)
    few = anomalies.anomalies(series["2026-01-01":], calendar=calendar)
    assert few.empty


def test_january_and_february_are_read_together():
    months = pd.date_range("2025-12-01", periods=4, freq="MS")
    table = pd.DataFrame({"month": months, "net": [1.0, 2.0, 3.0, 4.0], "plan": [np.nan, 1, 1, 1]})
    joined = trend.two_months_together(table)
    assert joined["net"].tolist() == [1, 5, 4]
    assert joined["months"].tolist() == [1, 2, 1]
    alone = trend.two_months_together(table.tail(2))
    assert alone["months"].tolist() == [1, 1]
