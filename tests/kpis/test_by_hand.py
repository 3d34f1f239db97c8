"""The figures that are easy to get wrong, on a few rows that a reader can add up."""

import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.kpis import kpi

YEAR = {"start": "2026-01-01", "end": "2026-12-31"}
STAGES = [
    {"code": "first", "labels": ["First", "一"]},
    {"code": "second", "labels": ["Second", "二"]},
    {"code": "third", "labels": ["Third", "三"]},
    {"code": "won", "labels": ["Won", "赢单"], "status": "won"},
    {"code": "lost", "labels": ["Lost", "输单"], "status": "lost"},
]


def company(folder, **tables):
    settings = {"data_as_of": "2026-12-31", "stages": STAGES}
    return make_company(folder, tables, settings)


def deals(**columns):
    n = len(next(iter(columns.values())))
    base = {
        "opportunity_id": [f"O{i}" for i in range(n)],
        "stage": "first",
        "status": "open",
        "amount": 100.0,
        "currency": "CNY",
        "tax_basis": "incl",
        "tax_rate": 0.13,
        "created_date": "2026-01-01",
    }
    return pd.DataFrame({**base, **columns}, index=range(n))


def snapshots(*rows):
    frame = pd.DataFrame(
        rows, columns=["snapshot_date", "opportunity_id", "stage", "expected_close_date"]
    )
    return frame.assign(status="open", amount=100.0, currency="CNY", tax_basis="incl")


def instalments(**columns):
    n = len(next(iter(columns.values())))
    base = {
        "plan_id": [f"P{i}" for i in range(n)],
        "account_id": "A1",
        "region": "east",
        "instalment_type": "delivery",
        "booked_date": "2026-01-01",
        "due_date": "2026-01-01",
        "currency": "CNY",
    }
    return pd.DataFrame({**base, **columns}, index=range(n))


def rebates(**columns):
    base = {
        "rebate_id": "Z1",
        "partner_id": "D1",
        "rebate_type": "base",
        "period_start": "2026-01-01",
        "period_end": "2026-03-31",
        "rate": 0.03,
        "currency": "CNY",
        "tax_basis": "excl",
        "tax_rate": 0.13,
    }
    return pd.DataFrame({**base, **columns})


def partners():
    one = {"partner_id": "D1", "name": "d", "partner_type": "dealer", "account_id": "A1"}
    return pd.DataFrame([{**one, "region": "east", "start_date": "2020-01-01"}])


# -- revenue -----------------------------------------------------------------------------------


def test_revenue_is_net_of_vat_by_line_less_returns_and_rebates(tmp_path):
    lines = order_lines(
        order_line_id=["L1", "L2", "L3"],
        amount=[113.0, 106.0, 50.0],
        tax_rate=[0.13, 0.06, 0.13],
        tax_basis=["incl", "incl", "excl"],
        partner_id=[None, "D1", "D1"],
        product_line=["equipment", "service", "equipment"],
        recognised_date=["2026-02-01", "2026-02-01", None],
    )
    back = pd.DataFrame({"return_id": ["B1"], "order_line_id": ["L1"], "amount": [11.3],
        "return_date": ["2026-03-01"], "quantity": [0.1], "currency": ["CNY"],
        "tax_basis": ["incl"], "tax_rate": [0.13]})  # fmt: skip
    rebate, partner = rebates(amount=[5.0]), partners()
    made = company(tmp_path, order_line=lines, return_refund=back, rebate=rebate, partner=partner)
    assert kpi(made, "revenue_net", **YEAR).value == 100 + 100 - 10 - 5
    months = kpi(made, "revenue_net", **YEAR, by="month").table()
    assert months["value"].tolist() == [200, -15]
    by_line = kpi(made, "revenue_net", **YEAR, by="product_line").table()
    assert by_line.set_index("product_line")["value"].to_dict() == {
        "equipment": 90,  # L3 is not recognised
        "service": 95,  # the only line the partner bought in the quarter bears the rebate
    }


def test_cents_of_a_rebate_shared_over_lines_add_up_to_it(tmp_path):
    lines = order_lines(
        amount=[100.0, 100.0, 100.0],
        tax_basis="excl",
        partner_id="D1",
        product_id=["P1", "P2", "P3"],
        recognised_date="2026-02-01",
    )
    rebate, partner = rebates(amount=[10.0]), partners()
    made = company(tmp_path, order_line=lines, rebate=rebate, partner=partner)
    values = kpi(made, "revenue_net", **YEAR, by="product_id").table()["value"]
    assert values.tolist() == [96.67, 96.66, 96.67]
    assert values.sum() == pytest.approx(290)


def test_discount_is_weighted_by_list_value(tmp_path):
    # 10% off 1,000 and 50% off 100: 150 of 1,100, not the mean of the two rates.
    lines = order_lines(
        quantity=[10.0, 1.0], list_price=[100.0, 100.0], amount=[900.0, 50.0], tax_basis="excl"
    )
    made = company(tmp_path, order_line=lines)
    assert kpi(made, "discount_rate", **YEAR).value == pytest.approx(150 / 1100)
    assert kpi(made, "discount_rate", **YEAR, definition=2).value == pytest.approx(950 / 1100)


def test_contracts_net_of_reversals_and_framework_orders_in_place_of_the_framework(tmp_path):
    contracts = pd.DataFrame({
        "contract_id": ["C1", "C2", "C3"], "contract_type": ["sale", "reversal", "framework"],
        "account_id": "A1", "region": "east", "signed_date": "2026-02-01",
        "amount": [200.0, -50.0, 9000.0], "currency": "CNY", "tax_basis": ["excl", "incl", "incl"],
        "tax_rate": 0.13})  # fmt: skip
    lines = order_lines(contract_id=["C3", "C1"], amount=[30.0, 226.0], order_date="2026-04-01")
    made = company(tmp_path, contract=contracts, order_line=lines)
    assert kpi(made, "bookings", **YEAR).value == 226 - 50 + 30
    assert kpi(made, "bookings", **YEAR, definition=2).value == 226 + 30


# -- growth ------------------------------------------------------------------------------------


@pytest.fixture
def two_years(tmp_path):
    """100 a month in 2025, 120 in 2026; but January 2026 has 40, February 200."""
    months = pd.date_range("2025-01-01", "2026-12-01", freq="MS")
    amounts = [100.0] * 12 + [40.0, 200.0] + [120.0] * 10
    return company(
        tmp_path,
        order_line=order_lines(
            amount=amounts, tax_basis="excl", recognised_date=[str(m.date()) for m in months]
        ),
    )


def test_january_and_february_have_one_growth_rate_together(two_years):
    found = kpi(two_years, "yoy_growth", **YEAR, by="month").table()
    assert found["value"].tolist()[:3] == pytest.approx([0.2, 0.2, 0.2])
    assert found["numerator"].tolist()[:3] == [240, 240, 120]
    assert pd.isna(kpi(two_years, "yoy_growth", start="2026-01-01", end="2026-01-31").value)
    both = kpi(two_years, "yoy_growth", start="2026-01-01", end="2026-02-28")
    assert both.value == pytest.approx(0.2)


def test_a_base_of_zero_gives_no_rate_but_the_difference(two_years):
    found = kpi(two_years, "yoy_growth", start="2025-03-01", end="2025-03-31")
    assert pd.isna(found.value)
    assert (found.numerator, found.denominator) == (100, 0)


def test_growth_per_working_day_divides_each_side_by_its_own_days(two_years):
    # March has 22 working days in 2026 and 21 in 2025.
    found = kpi(two_years, "yoy_growth", start="2026-03-01", end="2026-03-31", definition=2)
    assert found.value == pytest.approx((120 / 22) / (100 / 21) - 1)


def test_growth_on_the_previous_month_counts_whole_months_only(two_years):
    found = kpi(two_years, "pop_growth", start="2026-01-01", end="2026-03-15", by="month").table()
    assert found["value"].tolist()[:2] == pytest.approx([-0.6, 4.0])
    assert pd.isna(found["value"].iloc[2])
    whole = kpi(two_years, "pop_growth", start="2026-04-01", end="2026-06-30")
    assert whole.value == pytest.approx(0.0)


# -- targets -----------------------------------------------------------------------------------


def targets(values, *, grain="MS", **columns):
    starts = pd.date_range("2026-01-01", "2026-12-01", freq=grain)
    ends = starts + (pd.offsets.MonthEnd(0) if grain == "MS" else pd.offsets.QuarterEnd(0))
    base = {
        "kpi_id": "revenue_net", "level": "company", "node": "company", "product_line": "all",
        "tier": "base", "currency": "CNY", "tax_basis": "excl",
        "period_start": starts, "period_end": ends, "value": values,
    }  # fmt: skip
    return pd.DataFrame({**base, **columns}, index=range(len(starts)))


def test_a_year_written_by_month_and_again_by_quarter_counts_once(tmp_path):
    both = pd.concat([targets(100.0), targets(300.0, grain="QS", node="company")])
    # Same key for the month and the quarter that begin together: the table would refuse it, the
    # formula must not count it twice.
    lines = order_lines(amount=[600.0], tax_basis="excl", recognised_date="2026-03-10")
    made = company(tmp_path, order_line=lines, target=both)
    assert kpi(made, "attainment", **YEAR).value == pytest.approx(600 / 1200)
    quarters = kpi(made, "attainment", **YEAR, by="quarter").table()
    assert quarters["value"].tolist() == [2, 0, 0, 0]


def test_attainments_of_regions_are_not_averaged(tmp_path):
    lines = order_lines(
        amount=[90.0, 20.0], region=["east", "west"], tax_basis="excl", account_id=["A1", "A2"]
    )
    goals = [targets(10.0, level="region", node=node) for node in ("east", "west")]
    whole = targets(20.0)
    made = company(tmp_path, order_line=lines, target=pd.concat([*goals, whole]))
    by_region = kpi(made, "attainment", **YEAR, by="region").table()["value"].tolist()
    assert by_region == pytest.approx([90 / 120, 20 / 120])
    assert kpi(made, "attainment", **YEAR).value == pytest.approx(110 / 240)


def test_a_target_missing_for_a_month_gives_no_rate(tmp_path):
    lines = order_lines(amount=[90.0], tax_basis="excl")
    made = company(tmp_path, order_line=lines, target=targets(100.0).drop(index=4))
    assert pd.isna(kpi(made, "attainment", **YEAR).value)
    first = kpi(made, "attainment", start="2026-01-01", end="2026-04-30")
    assert first.value == pytest.approx(90 / 400)


def test_pace_is_share_of_target_less_share_of_working_days(tmp_path):
    lines = order_lines(amount=[300.0], tax_basis="excl")
    made = company(tmp_path, order_line=lines, target=targets(100.0))
    found = kpi(made, "pacing_gap", **YEAR, as_of="2026-06-30")
    elapsed = found.table()["elapsed"].iloc[0]
    assert found.value == pytest.approx(300 / 1200 - elapsed)
    assert 0.45 < elapsed < 0.5  # New Year and the May holiday lie in the first half


# -- receivables -------------------------------------------------------------------------------


def test_an_instalment_without_any_receipt_is_not_collected(tmp_path):
    plan = instalments(amount=[100.0, 50.0], due_date="2026-05-01")
    match = pd.DataFrame({"receipt_id": ["I1"], "plan_id": ["P0"], "amount": [40.0],
        "matched_date": ["2026-05-20"], "currency": ["CNY"]})  # fmt: skip
    made = company(tmp_path, receivable_plan=plan, receipt_match=match)
    assert kpi(made, "collection_rate", **YEAR).value == pytest.approx(40 / 150)
    early = kpi(made, "collection_rate", start="2026-05-01", end="2026-05-10")
    assert early.value == 0


def test_overdue_counts_from_the_due_date_of_each_instalment(tmp_path):
    plan = instalments(amount=[10.0, 20.0, 30.0, 40.0],
        due_date=["2026-12-31", "2026-12-30", "2026-10-02", "2026-10-01"])  # fmt: skip
    made = company(tmp_path, receivable_plan=plan)
    assert kpi(made, "overdue_rate", **YEAR).value == pytest.approx(0.9)
    assert kpi(made, "overdue_rate", **YEAR, definition=2).value == pytest.approx(0.4)
    assert kpi(made, "ar_over_90", **YEAR).value == 40
    assert kpi(made, "overdue_rate", **YEAR).left_out == ("receipt_match",)


def test_count_back_walks_from_the_latest_month(tmp_path):
    # Owed 250: all of December's 100 (31 days), November's 100 (30), half of October's (31).
    lines = order_lines(
        amount=[100.0, 100.0, 100.0, 900.0],
        recognised_date=["2026-12-10", "2026-11-10", "2026-10-10", "2026-09-10"],
    )
    made = company(tmp_path, order_line=lines, receivable_plan=instalments(amount=[250.0]))
    assert kpi(made, "dso", **YEAR, definition=2).value == pytest.approx(31 + 30 + 31 / 2)


def test_average_receivables_are_those_of_twelve_month_ends(tmp_path):
    # 120 booked on 1 July is there at 6 of 12 month ends; sales of the year are 365.
    lines = order_lines(amount=[365.0], recognised_date="2026-03-03")
    plan = instalments(amount=[120.0], booked_date="2026-07-01")
    made = company(tmp_path, order_line=lines, receivable_plan=plan)
    assert kpi(made, "dso", **YEAR).value == pytest.approx(60)


# -- pipeline ----------------------------------------------------------------------------------


def test_lost_deals_lengthen_the_cycle_as_censored(tmp_path):
    # Freireich's leukaemia patients on 6-MP: 21, with a median remission of 23 weeks
    # (Kaplan-Meier; Cox 1972, table 1). Relapse stands for won, censoring for lost.
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    days = pd.Series([*relapsed, *censored])
    found = deals(
        status=["won"] * 9 + ["lost"] * 12,
        close_date=(pd.Timestamp("2026-01-01") + pd.to_timedelta(days, unit="D")).tolist(),
    )
    made = company(tmp_path, opportunity=found)
    assert kpi(made, "sales_cycle", **YEAR, definition=2).value == 23
    assert kpi(made, "sales_cycle", **YEAR).value == 10
    assert kpi(made, "sales_cycle", **YEAR, definition=3).value == pytest.approx(109 / 9)


def test_backfilled_deals_do_not_shorten_the_cycle(tmp_path):
    found = deals(status=["won", "won"], close_date=["2026-01-03", "2026-02-10"])
    made = company(tmp_path, opportunity=found)
    assert kpi(made, "sales_cycle", **YEAR).value == 40


def test_slipped_means_moved_beyond_the_period_not_lost_nor_moved_within(tmp_path):
    def seen(day, *expected):
        return [(day, f"O{i}", "first", when) for i, when in enumerate(expected) if when]

    pictures = snapshots(
        *seen("2026-03-31", "2026-05-01", "2026-05-01", "2026-06-30", "2026-07-01", "2026-04-02"),
        # O0 moved within, O1 beyond, O2 gone (closed), O3 was never expected, O4 twice
        *seen("2026-04-30", "2026-06-01", "2026-05-01", None, "2026-07-01", "2026-09-01"),
        *seen("2026-05-31", "2026-06-01", "2026-08-01", None, "2026-07-01", "2026-06-15"),
    )
    made = company(tmp_path, opportunity=deals(amount=[1.0] * 5), opportunity_snapshot=pictures)
    found = kpi(made, "slippage_rate", start="2026-04-01", end="2026-06-30")
    assert (found.numerator, found.denominator) == (1, 4)


def test_stages_passed_are_counted_by_how_far_a_deal_came(tmp_path):
    found = deals(
        status=["won", "lost", "open", "lost"],
        stage=["won", "lost", "second", "lost"],
        close_date=["2026-06-01", "2026-06-01", None, "2026-06-01"],
        stage_date=["2026-06-01", "2026-06-01", "2026-03-01", "2026-06-01"],
    )
    pictures = snapshots(
        ("2026-02-28", "O0", "first", None),  # then straight to won: second and third skipped
        ("2026-02-28", "O1", "second", None),
        ("2026-02-28", "O2", "second", None),  # still there: says nothing about the second
    )
    made = company(tmp_path, opportunity=found, opportunity_snapshot=pictures)
    steps = kpi(made, "stage_conversion", **YEAR, by="stage").table().set_index("stage")
    assert steps["numerator"].to_dict() == {"first": 3, "second": 1, "third": 1}
    assert steps["denominator"].to_dict() == {"first": 4, "second": 2, "third": 1}
    seen = kpi(made, "stage_conversion", **YEAR, by="stage", definition=2).table()
    assert seen.set_index("stage")["denominator"].to_dict() == {"first": 1, "second": 1}


def test_cohorts_not_yet_followed_long_enough_are_left_out(tmp_path):
    leads = pd.DataFrame({
        "lead_id": ["X1", "X2", "X3"],
        "created_at": pd.to_datetime(
            ["2026-01-01 00:30", "2026-01-02 09:00", "2026-12-01 09:00"]
        ).tz_localize("Asia/Shanghai"),
        "converted_date": ["2026-04-01", "2026-04-03", "2026-12-02"]})  # fmt: skip
    made = company(tmp_path, lead=leads)
    found = kpi(made, "lead_conversion", **YEAR)
    assert (found.numerator, found.denominator) == (1, 2)  # 90 days, 91 days, too young
    assert kpi(made, "lead_conversion", **YEAR, definition=2).value == 1
    # What began in the period is followed beyond it, unless an as-of day says otherwise.
    quarter = {"start": "2026-01-01", "end": "2026-03-31"}
    assert kpi(made, "lead_conversion", **quarter).denominator == 2
    assert kpi(made, "lead_conversion", **quarter, as_of="2026-03-31").denominator == 0
    # Half past midnight in Shanghai is the day before in London.
    assert kpi(made, "lead_conversion", start="2025-12-31", end="2025-12-31").denominator == 0


def test_open_on_the_day_is_not_open_today(tmp_path):
    found = deals(status=["won", "open"], close_date=["2026-06-01", None],
        created_date=["2026-01-01", "2026-05-31"], amount=[100.0, 10.0])  # fmt: skip
    made = company(tmp_path, opportunity=found)
    months = kpi(made, "open_pipeline", start="2026-04-01", end="2026-06-30", by="month").table()
    assert months["value"].tolist() == [100, 110, 10]


# -- customers ---------------------------------------------------------------------------------


def test_customers_new_active_kept_and_back(tmp_path):
    lines = order_lines(
        account_id=["A1", "A1", "A2", "A3", "A3", "A4"],
        order_date=["2025-03-01", "2026-03-01", "2026-04-01", "2023-12-01", "2026-05-01",
                    "2025-06-01"],
    )  # fmt: skip
    made = company(tmp_path, order_line=lines)

    def value(kpi_id, definition=1):
        return kpi(made, kpi_id, **YEAR, definition=definition).value

    assert value("active_customers") == 3
    assert value("new_customers") == 1  # A2
    assert value("new_customers", 2) == 2  # and A3, back after more than 24 months
    assert value("customer_retention") == pytest.approx(1 / 2)  # A1 of A1, A4
    assert value("repeat_rate") == 0
    half = kpi(made, "active_customers", start="2026-01-01", end="2026-06-30", definition=2)
    assert half.value == 3


def test_days_of_cover_divide_the_stock_by_three_months_of_sell_out(tmp_path):
    stock = pd.DataFrame({"partner_id": "D1", "product_id": ["P1", "P2"],
        "stock_date": "2026-11-30", "quantity": [91.0, 0.0]})  # fmt: skip
    sold = pd.DataFrame({"partner_id": "D1", "product_id": "P1", "end_geo_code": "310000",
        "month_end": ["2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30"],
        "quantity": [500.0, 30.0, 31.0, 30.0], "amount": 1.0, "currency": "CNY",
        "tax_basis": "incl", "tax_rate": 0.13})  # fmt: skip
    partner = partners()
    product = pd.DataFrame({"product_id": ["P1", "P2"], "name": "p", "product_line": "consumables",
        "list_price": [10.0, 999.0], "currency": "CNY", "tax_basis": "incl",
        "tax_rate": 0.13})  # fmt: skip
    made = company(tmp_path, partner_stock=stock, sell_out=sold, partner=partner, product=product)
    assert kpi(made, "stock_cover_days", **YEAR).value == pytest.approx(91)
