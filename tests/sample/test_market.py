"""Market: shares fit sales and size, the rival gains, cases follow satisfaction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.sample.following import Sample, on, without
from workbench.sample import market
from workbench.sample.market import LABELS
from workbench.sample.world import AS_OF

TRUTH = market.TRUTH
KEYS = ["product_line", "region", "period_start"]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return on()


def own_sales(one: Sample) -> pd.Series:
    lines = one.lines().dropna(subset=["recognised_date"])
    start = lines["recognised_date"].dt.to_period("Q").dt.start_time.rename("period_start")
    return lines.groupby(["product_line", "region", start])["net"].sum()


def test_own_share_is_own_sales_over_the_size_of_the_market(sample: Sample) -> None:
    size = sample["market_size"].set_index(KEYS)
    share = sample["market_share"].query("who == 'own'").set_index(KEYS)["share"]
    sold = own_sales(sample).reindex(size.index).fillna(0)
    error = np.log(share[sold > 1e5] / (sold / size["amount"])[sold > 1e5])
    assert abs(error.mean()) < 0.02
    assert error.std() == pytest.approx(np.hypot(TRUTH.noise, TRUTH.share_noise), abs=0.02)
    assert (size["low"] < size["amount"]).all() and (size["amount"] < size["high"]).all()


def test_the_market_share_of_2025_is_as_planted(sample: Sample) -> None:
    size = sample["market_size"].query("'2025-01-01' <= period_start <= '2025-12-31'")
    sold = own_sales(sample).reindex(pd.MultiIndex.from_frame(size[KEYS])).to_numpy()
    for line, planted in TRUTH.share.items():
        mine = (size["product_line"] == line).to_numpy()
        assert np.nansum(sold[mine]) / size.loc[mine, "amount"].sum() == pytest.approx(
            planted, rel=0.4
        )


def test_markets_grow_at_the_planted_pace(sample: Sample) -> None:
    def growth(one: Sample, line: str) -> float:
        rows = one["market_size"].query("product_line == @line")
        year = rows.groupby(rows["period_start"].dt.year)["amount"].sum()
        return float(np.log(year[2025] / year[2022]) / 3)

    for line, planted in TRUTH.growth.items():
        assert growth(sample, line) == pytest.approx(np.log1p(planted), abs=0.015)
        assert abs(growth(without("market_growth"), line)) < 0.015


def test_one_competitor_gains_in_equipment(sample: Sample) -> None:
    def gain(one: Sample) -> float:
        rows = one["market_share"].query("product_line == 'equipment' and who == 'CP02'")
        year = rows.groupby(rows["period_start"].dt.year)["share"].mean()
        return float((year[2025] - year[2022]) / 3)

    assert gain(sample) == pytest.approx(TRUTH.rival_gain, abs=0.008)
    assert abs(gain(without("rival"))) < 0.006


def test_shares_of_a_market_never_exceed_the_whole(sample: Sample) -> None:
    sums = sample["market_share"].groupby(KEYS)["share"].sum()
    assert (sums < 1).all() and (sample["market_share"]["share"] > 0).mean() > 0.99


def test_dissatisfied_customers_open_more_cases(sample: Sample) -> None:
    def slope(one: Sample) -> float:
        lines = one["order_line"].dropna(subset=["recognised_date"])
        lines = lines[lines["recognised_date"] < "2026-04-01"]
        felt = market.satisfaction_at(one.world, lines["account_id"], lines["order_date"])
        level = pd.Series(np.round(felt)).clip(5, 9)
        number = level.groupby(level).size()
        cases = one["case"]
        felt = market.satisfaction_at(one.world, cases["account_id"], cases["opened_date"])
        level = pd.Series(np.round(felt)).clip(5, 9)
        odds = np.log(level.groupby(level).size() / number)
        return float(np.polyfit(odds.index, odds, 1)[0])

    assert slope(sample) == pytest.approx(TRUTH.cases_slope, abs=0.13)
    assert abs(slope(without("case_satisfaction"))) < 0.1


def test_cases_are_in_order(sample: Sample) -> None:
    rows = sample["case"]
    assert (rows["opened_date"] <= pd.Timestamp(AS_OF)).all()
    closed = rows.dropna(subset=["closed_date"])
    assert (closed["closed_date"] >= closed["opened_date"]).all()
    assert rows["score"].dropna().between(1, 5).all()
    assert rows.loc[rows["closed_date"].isna(), "score"].isna().all()
    assert set(rows["case_type"]) == {"complaint", "repair", "question"}


def test_the_register_holds_twelve_risks_with_labelled_codes(sample: Sample) -> None:
    rows = sample["risk"]
    assert len(rows) == 12 and rows["name"].is_unique and rows["name_en"].is_unique
    assert (rows["loss_low"] < rows["loss_mode"]).all()
    assert (rows["loss_mode"] < rows["loss_high"]).all()
    for column in ("category", "owner", "response"):
        assert set(rows[column]) <= set(LABELS[column])
    assert set(sample["market_size"]["source"]) <= set(LABELS["source"])


def test_campaigns_run_before_the_leads_they_bring(sample: Sample) -> None:
    held = sample["campaign"].set_index("campaign_id")
    assert (held["end_date"] >= held["start_date"]).all() and (held["cost"] > 0).all()
    leads = sample["lead"].query("campaign_id >= 0")
    assert len(leads) > 500
    begun = held["start_date"].reindex(leads["campaign_id"]).to_numpy()
    created = pd.to_datetime(leads["created_at"]).dt.tz_localize(None).dt.normalize()
    assert (created.to_numpy() >= begun).all()
