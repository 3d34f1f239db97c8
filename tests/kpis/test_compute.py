"""Asking for a KPI: names, cuts, organisation, missing tables, many at once."""

import datetime as dt

import pandas as pd
import pytest

from tests.kpis.slow import compute
from tests.kpis.slow_rows import World
from tests.support.companies import make_company, order_lines
from workbench.errors import MissingTableError, ParameterError
from workbench.kpis import KPIS, kpi, kpi_many

HALF = {"start": "2026-01-01", "end": "2026-06-30"}


def test_an_unknown_kpi_names_the_nearest(little):
    with pytest.raises(ParameterError, match="no KPI 'revenu_net'") as raised:
        kpi(little, "revenu_net", **HALF)
    assert "revenue_net" in raised.value.do


def test_a_cut_that_does_not_go_names_those_that_do(little):
    with pytest.raises(ParameterError, match="cut by 'stage'") as raised:
        kpi(little, "revenue_net", **HALF, by="stage")
    assert "product_line" in raised.value.do
    with pytest.raises(ParameterError, match="market_share cannot be cut by 'month'"):
        kpi(little, "market_share", **HALF, by="month")
    with pytest.raises(ParameterError, match="cut twice"):
        kpi(little, "revenue_net", **HALF, by=("region", "region"))


def test_a_definition_that_is_not_there_lists_those_that_are(little):
    with pytest.raises(ParameterError, match="no definition 7") as raised:
        kpi(little, "gross_margin", **HALF, definition=7)
    assert "cost of goods" in raised.value.do


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "2026-07-01"}, "ends before it begins"),
        ({"start": "July"}, "start is no date"),
        ({"as_of": 7}, "as_of is no date"),
    ],
)
def test_a_wrong_period_is_refused(little, change, message):
    with pytest.raises(ParameterError, match=message):
        kpi(little, "bookings", **{**HALF, **change})


def test_growth_of_a_rate_is_refused(little):
    with pytest.raises(ParameterError, match="growth of gross_margin"):
        kpi(little, "yoy_growth", **HALF, of="gross_margin")
    with pytest.raises(ParameterError, match="growth of dso"):
        kpi(little, "yoy_growth", **HALF, of="dso", definition=2)


def test_one_value_needs_no_cut(little):
    with pytest.raises(ParameterError, match="one value for each of region"):
        _ = kpi(little, "bookings", **HALF, by="region").value


def test_a_missing_table_is_named_and_an_optional_one_is_said(tmp_path, little):
    lines = order_lines(amount=[113.0])
    alone = make_company(tmp_path, {"order_line": lines}, {"data_as_of": "2026-06-30"})
    with pytest.raises(MissingTableError) as raised:
        kpi(alone, "gross_margin", **HALF)
    assert raised.value.table == "unit_cost"
    with pytest.raises(MissingTableError, match="account"):
        kpi(alone, "revenue_net", **HALF, by="customer_type")
    found = kpi(alone, "revenue_net", **HALF)
    assert found.value == 100
    assert found.left_out == ("partner", "rebate", "return_refund")
    assert kpi(little, "revenue_net", **HALF).left_out == ()


def test_without_accounts_the_rows_own_region_stands(tmp_path):
    lines = order_lines(amount=[113.0, 226.0], region=["east", "west"])
    alone = make_company(tmp_path, {"order_line": lines}, {"data_as_of": "2026-06-30"})
    found = kpi(alone, "revenue_net", **HALF, by=("region", "team_id")).table()
    assert found["region"].tolist() == ["east", "west"]
    assert found["team_id"].isna().all()


def test_stage_conversion_asks_for_the_stages_of_the_company(tmp_path, little):
    names = ("opportunity", "opportunity_snapshot")
    bare = make_company(tmp_path, {name: little.table(name) for name in names})
    with pytest.raises(ParameterError, match="setting 'stages'"):
        kpi(bare, "stage_conversion", **HALF)


def test_stages_of_the_company_decide_their_order(little):
    found = kpi(little, "stage_conversion", **HALF, by="stage").table()
    assert set(found["stage"]) == {"qualify", "solution", "quote", "negotiate"}


@pytest.mark.parametrize(
    "kpi_id", ["revenue_net", "bookings", "active_customers", "overdue_rate", "win_rate_amount"]
)
def test_region_follows_the_organisation_asked_for(little, kpi_id):
    today = kpi(little, kpi_id, **HALF, by="region").table()
    then = kpi(little.at_the_time(), kpi_id, **HALF, by="region")
    world = World(little.at_the_time(), pd.Timestamp(HALF["end"]))
    expected = compute(world, kpi_id, 1, *HALF.values(), "region")
    assert dict(zip(then.table()["region"], then.table()["value"], strict=True)) == pytest.approx(
        expected, rel=1e-8
    )
    before = kpi(little.as_of("2025-06-30"), kpi_id, **HALF, by="region").table()
    assert before["value"].tolist() != today["value"].tolist()
    assert kpi(little.as_of("2026-07-31"), kpi_id, **HALF, by="region").table().equals(today)


def test_the_result_says_whose_organisation_it_is(little):
    assert kpi(little.as_of("2025-06-30"), "bookings", **HALF).organisation == dt.date(2025, 6, 30)
    assert kpi(little, "bookings", **HALF).organisation == "today"


def test_rows_after_the_as_of_day_are_not_seen(little):
    early = kpi(little, "invoiced", **HALF, as_of="2026-03-31")
    assert early.value == kpi(little, "invoiced", start="2026-01-01", end="2026-03-31").value
    months = kpi(little, "invoiced", **HALF, as_of="2026-03-31", by="month").table()
    assert months["month"].max() == pd.Timestamp("2026-03-01")


def test_fiscal_years_and_closing_days_shape_the_periods(tmp_path):
    lines = order_lines(
        amount=[113.0, 226.0, 339.0],
        recognised_date=["2026-03-25", "2026-03-26", "2026-04-26"],
    )
    settings = {"fiscal_start_month": 4, "closing_day": 25, "data_as_of": "2026-12-31"}
    made = make_company(tmp_path, {"order_line": lines}, settings)
    found = kpi(
        made, "revenue_net", start="2025-04-26", end="2026-12-31", by=("year", "quarter", "month")
    ).table()
    labels = found[["year", "quarter", "month"]].map(lambda day: day.strftime("%Y-%m"))
    assert labels.values.tolist() == [
        ["2025-04", "2026-01", "2026-03"],
        ["2026-04", "2026-04", "2026-04"],
        ["2026-04", "2026-04", "2026-05"],
    ]
    assert found["value"].tolist() == [100, 200, 300]


def test_tables_are_ordered_by_their_cuts_missing_last(little):
    found = kpi(little, "invoiced", **HALF, by=("region", "month")).table()
    assert found.columns.tolist() == ["region", "month", "value", "numerator", "denominator"]
    again = found.sort_values(["region", "month"], na_position="last", ignore_index=True)
    assert found.equals(again)
    assert found["region"].isna().iloc[-1]


def test_many_at_once_are_the_same_as_one_by_one(little, tmp_path):
    ids = ["bookings", "gross_margin", "yoy_growth:bookings"]
    found = kpi_many(little, ids, **HALF)
    assert list(found) == ids
    assert found["gross_margin"].value == kpi(little, "gross_margin", **HALF).value
    growth = kpi(little, "yoy_growth", **HALF, of="bookings")
    assert found["yoy_growth:bookings"].value == growth.value
    alone = make_company(tmp_path, {"order_line": order_lines(amount=[113.0])})
    assert list(kpi_many(alone, ["bookings", "revenue_net"], **HALF, missing="skip")) == [
        "revenue_net"
    ]
    with pytest.raises(MissingTableError):
        kpi_many(alone, ["bookings"], **HALF)


def test_pipeline_coverage_and_attainment_by_rep_and_tier(little):
    found = kpi(little, "attainment", **HALF, by="rep_id").table().set_index("rep_id")
    assert found.loc["R2", "denominator"] > 0  # left in March: the months in post count
    floor = kpi(little, "attainment", **HALF, tier="floor")
    base = kpi(little, "attainment", **HALF)
    assert floor.numerator == base.numerator and floor.denominator != base.denominator
    with pytest.raises(ParameterError, match="no tier 'top'"):
        kpi(little, "attainment", **HALF, tier="top")
    with pytest.raises(ParameterError, match="one level at a time"):
        kpi(little, "attainment", **HALF, by=("region", "team_id"))


@pytest.mark.parametrize("kpi_id", list(KPIS))
def test_a_period_without_rows_has_no_rates_and_zero_sums(little, kpi_id):
    found = kpi(little, kpi_id, start="2019-01-01", end="2019-03-31")
    if found.kpi.unit in ("money", "count") and kpi_id != "average_order_value":
        assert found.value == 0
    else:
        assert pd.isna(found.value) or found.value == 0
