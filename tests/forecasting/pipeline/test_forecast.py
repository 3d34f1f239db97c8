"""The pipeline forecast: sums that agree with the draws, a year that came within its range."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.errors import ParameterError
from workbench.forecasting.pipeline.arrivals import fit_counts
from workbench.forecasting.pipeline.features import WON, month_number
from workbench.forecasting.pipeline.forecast import pipeline_forecast
from workbench.scenarios import check_cube

ORIGIN_DAY = dt.date(2025, 7, 31)
ORIGIN = month_number(ORIGIN_DAY)


@pytest.fixture(scope="module")
def came(whole):
    """Bookings of the twelve months after the origin."""
    won = whole.ends[(whole.ends["end"] == WON) & (whole.ends["month"] > ORIGIN)]
    return won.groupby("month")["amount"].sum().to_numpy()[:12]


def test_means_are_those_of_the_draws(forecast):
    cube = check_cube(forecast.draws(1000))
    drawn = cube.sum(["region", "product_line"]).values
    error = drawn.std(axis=0) / np.sqrt(1000)
    assert (np.abs(drawn.mean(axis=0) - forecast.table()["mean"]) < 4 * error).all()
    assert cube.attrs["unit"] == "CNY"
    assert cube.sizes["region"] == 6


def test_the_year_that_came_lies_in_the_range(forecast, came):
    table = forecast.table()
    inside = (table["lo95"] <= came) & (came <= table["hi95"])
    assert inside.all()
    assert ((table["lo80"] <= came) & (came <= table["hi80"])).sum() >= 9
    total = forecast.draws().sum(["period", "region", "product_line"]).values
    assert np.quantile(total, 0.05) < came.sum() < np.quantile(total, 0.95)
    assert table["mean"].sum() == pytest.approx(came.sum(), rel=0.10)


def test_draws_depend_on_the_seed_alone(forecast):
    once = forecast.draws(50).values
    np.testing.assert_array_equal(once, replace(forecast).draws(50).values)
    assert (once != replace(forecast, seed=4).draws(50).values).any()


def test_within_a_month_the_rest_of_it_is_forecast(sample, whole, forecast):
    """A picture of 15 July: July is the first month, with the part of it that is left."""
    rows = whole.pictures.rows[whole.pictures.rows["month"] <= ORIGIN]
    newest = rows["month"] == ORIGIN
    day = rows["day"].mask(newest, pd.Timestamp("2025-07-15").as_unit("us"))
    shown = replace(whole.pictures, rows=rows.assign(day=day))
    ends = whole.ends[whole.ends["month"] < ORIGIN]
    middle = pipeline_forecast(sample, as_of=dt.date(2025, 7, 15), horizon=3, known=(shown, ends))
    assert middle.origin == ORIGIN - 1
    assert 0.4 < middle.exposure < 0.6
    assert middle.periods[0] == pd.Timestamp("2025-07-01")
    whole_month = replace(middle, exposure=1.0)
    part = middle.curves[:, 0].sum() / whole_month.curves[:, 0].sum()
    assert middle.exposure - 0.02 < part < 0.85
    assert middle.draws(100).sizes["period"] == 3


def test_parts_add_up_to_the_whole(forecast):
    parts = forecast.parts()
    assert parts["mean"].sum() == pytest.approx(forecast.table()["mean"].sum())
    assert set(parts["part"]) == {"commit", "best_case", "pipeline", "to_come"}
    assert parts["deals"].sum() == len(forecast.rows)
    assert (parts["lo80"] < parts["mean"]).all()
    assert (parts["mean"] < parts["hi80"]).all()
    regions = forecast.by_key("region")
    assert regions["mean"].sum() == pytest.approx(forecast.draws().sum().item() / 1000)


def test_every_deal_is_told(forecast):
    deals = forecast.deals()
    assert len(deals) == len(forecast.rows)
    assert deals["expected"].is_monotonic_decreasing
    assert deals["probability"].between(0, 1).all()
    assert (deals["slipped_often"] == (deals["slips"] >= 2)).all()
    assert (deals["passed"] == (deals["stated_close"] < pd.Timestamp(ORIGIN_DAY))).all()
    assert deals["month"].between("2025-08-01", "2026-07-01").all()


def test_slippage_came_as_foreseen(forecast, whole):
    """Of deals stated to close in the next three months, as many were still open after it."""
    rows = forecast.rows
    chance = forecast.deals().set_index("opportunity_id")["slip_chance"]
    soon = rows[rows["close_in"].between(1, 3)]
    month = soon["opportunity_id"].map(whole.ends.set_index("opportunity_id")["month"])
    slipped = ~(month <= ORIGIN + soon["close_in"])
    expected = chance.loc[soon["opportunity_id"]].to_numpy()
    assert len(soon) > 400
    error = np.sqrt((expected * (1 - expected)).sum()) / len(soon)
    assert abs(slipped.mean() - expected.mean()) < 2.6 * error
    assert chance.isna().sum() == (~rows["close_in"].between(1, 12)).sum()


def test_deciding_deals_carry_most_of_the_spread(forecast):
    ten = forecast.deciding()
    assert len(ten) == 10
    assert ten["spread"].is_monotonic_decreasing
    assert 0.05 < ten["spread"].sum() < 1
    until = forecast.deciding(until=dt.date(2025, 12, 31))
    both = until.merge(ten, on="opportunity_id", suffixes=("_until", ""))
    assert (both["probability_until"] <= both["probability"]).all()


def test_a_won_deal_helps_to_reach_a_target(forecast):
    middle = float(np.median(forecast.totals(1000).sum(axis=1)))
    ten = forecast.deciding(target=middle)
    assert (ten["lift"] > 0).all()
    assert ten["lift"].is_monotonic_decreasing
    assert ten["amount"].min() > forecast.rows["amount"].median()
    assert forecast.probability(middle) == pytest.approx(0.5, abs=0.01)
    assert forecast.probability(middle, booked=middle) == 1
    assert forecast.probability(middle, until=dt.date(2025, 8, 31)) == 0


def test_what_cannot_be_forecast_is_said(sample, forecast):
    with pytest.raises(ParameterError, match="months"):
        pipeline_forecast(sample, horizon=0)
    with pytest.raises(ParameterError, match="no key"):
        forecast.by_key("rep")
    with pytest.raises(ParameterError, match="before the first month"):
        forecast.probability(1.0, until=dt.date(2025, 7, 1))


def test_counts_have_a_season_only_where_there_is_one():
    months = np.arange(24_000, 24_060)
    rng = np.random.default_rng(7)
    season = np.where(months % 12 == 11, 2.0, 1.0)
    found = fit_counts(rng.poisson(80 * season).astype(float), months, horizon=12)
    ahead = (months[-1] + np.arange(1, 13)) % 12
    assert found.mean[ahead == 11][0] == pytest.approx(160, rel=0.1)
    flat = fit_counts(rng.poisson(np.full(60, 80.0)).astype(float), months, horizon=12)
    assert flat.mean.std() / flat.mean.mean() < 0.05
    drawn = found.draw(np.random.default_rng(0), 4000)
    np.testing.assert_allclose(drawn.mean(axis=0), found.mean, rtol=0.03)
    half = fit_counts(rng.poisson(np.full(60, 80.0)).astype(float), months, horizon=2, exposure=0.5)
    assert half.mean[0] < 0.6 * half.mean[1]
    assert fit_counts(np.zeros(5), months[:5], horizon=3).mean.tolist() == [0, 0, 0]
    assert fit_counts(np.zeros(0), months[:0], horizon=3).mean.tolist() == [0, 0, 0]
