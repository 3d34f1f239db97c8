"""Dealers: the identity of stock, and every planted habit found and gone when switched off."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sample.following import Sample, on, without
from workbench.sample import dealers, partners, rebates
from workbench.sample.world import AS_OF

TRUTH = dealers.TRUTH
REBATE = rebates.RebateTruth()


def sell_in(sample: Sample) -> pd.DataFrame:
    lines = sample["order_line"]
    return lines[lines["channel"] == "dealer"].assign(
        month=lambda rows: rows["order_date"].dt.to_period("M")
    )


def cover(sample: Sample) -> pd.Series:
    """Days of cover by month: stock over sell-out of three months, at sell-in prices."""
    sold = sample["sell_out"]
    price = sold.groupby(["partner_id", "product_id"])[["amount", "quantity"]].sum()
    price = (price["amount"] / price["quantity"]).rename("price")
    stock = sample["partner_stock"].join(price, on=["partner_id", "product_id"])
    held = (stock["quantity"] * stock["price"]).groupby(stock["stock_date"]).sum()
    daily = sold.groupby("month_end")["amount"].sum().rolling(3).sum() / 91.3
    return (held / daily).dropna()


def by_place(values: pd.Series, *, until: str) -> pd.Series:
    """Mean of a monthly series by place in the quarter (0, 1, 2)."""
    early = values[values.index <= until]
    return early.groupby((early.index.month - 1) % 3).mean()


@pytest.fixture(scope="module")
def sample() -> Sample:
    return on()


def test_stock_is_stock_before_plus_sell_in_less_sell_out(sample: Sample) -> None:
    keys = ["partner_id", "product_id", "month"]
    stock = sample["partner_stock"].assign(month=lambda rows: rows["stock_date"].dt.to_period("M"))
    sold = sample["sell_out"].assign(month=lambda rows: rows["month_end"].dt.to_period("M"))
    sides = pd.concat(
        [
            stock.set_index(keys)["quantity"].rename("stock"),
            sell_in(sample).groupby(keys)["quantity"].sum().rename("bought"),
            sold.groupby(keys)["quantity"].sum().rename("sold"),
        ],
        axis=1,
    ).fillna(0.0)
    wide = sides.unstack("month").fillna(0.0).swaplevel(axis=1)
    months = sorted(set(wide.columns.get_level_values(0)))
    for before, month in pairwise(months):
        now = wide[month]
        expected = wide[before]["stock"] + now["bought"] - now["sold"]
        assert (now["stock"] == expected).all()
    assert len(months) == 60
    assert (stock["quantity"] >= 0).all() and (sold["quantity"] > 0).all()


def test_dealers_orders_ship_within_their_month(sample: Sample) -> None:
    mine = sell_in(sample)
    shipped = sample["delivery"].merge(
        mine[["order_line_id", "month", "quantity"]],
        "right",
        on="order_line_id",
        suffixes=("", "_ordered"),
    )
    assert (shipped["ship_date"].dt.to_period("M") == shipped["month"]).all()
    assert (shipped["quantity"] == shipped["quantity_ordered"]).all()


def test_the_large_dealers_make_the_planted_share_of_sell_in(sample: Sample) -> None:
    year = sell_in(sample).query("month >= '2025-08'").groupby("account_id")["amount"].sum()
    share = year.nlargest(TRUTH.top).sum() / year.sum()
    assert share == pytest.approx(TRUTH.top_share, abs=0.05)


@given(places=st.integers(30, 900), share=st.floats(0.3, 0.8))
def test_sizes_fall_and_the_head_makes_its_share(places: int, share: float) -> None:
    size = partners.dealer_sizes(places, top=20, top_share=share, shift=3.0)
    head = round(places * 20 / 220)
    assert (np.diff(size) <= 0).all()
    assert size.sum() == pytest.approx(1)
    assert size[:head].sum() == pytest.approx(share, abs=1e-6)


def test_cover_peaks_at_quarter_ends_and_orders_dip_after(sample: Sample) -> None:
    def measure(one: Sample) -> tuple[float, float]:
        days = by_place(cover(one), until="2025-06-30")
        orders = sell_in(one).groupby("month")["amount"].sum()
        orders.index = orders.index.to_timestamp()
        dip = by_place(orders, until="2025-06-30")
        return days[2] - days[[0, 1]].mean(), dip[0] / dip.mean()

    peak, dip = measure(sample)
    assert 10 < peak < 22 and dip < 0.75
    flat, no_dip = measure(without("dealer_loading"))
    assert abs(flat) < 5 and no_dip > 0.85


def test_ordinary_cover_and_cover_after_a_quarter_are_as_planted(sample: Sample) -> None:
    days = by_place(cover(sample), until="2025-06-30")
    assert 33 < days[1] < 42
    assert 49 < days[2] < 60


def test_cover_creeps_up_in_the_last_year(sample: Sample) -> None:
    def rise(one: Sample) -> float:
        days = cover(one)
        return days["2026-05-31":"2026-07-31"].mean() - days["2025-05-31":"2025-07-31"].mean()

    assert 5 < rise(sample) < 14
    assert abs(rise(without("cover_drift"))) < 4


def test_sell_in_outgrows_end_demand_by_the_creep(sample: Sample) -> None:
    def growth(rows: pd.DataFrame, date: str) -> float:
        day = rows[date]
        part = rows[day.dt.month <= 7].groupby(day.dt.year)["amount"].sum()
        return part[2026] / part[2025] - 1

    def gap(one: Sample) -> float:
        return growth(sell_in(one), "order_date") - growth(one["sell_out"], "month_end")

    assert 0.0 < growth(sample["sell_out"], "month_end") < 0.05
    assert gap(sample) > 0.025
    assert gap(without("cover_drift")) < 0.02


def test_dealers_give_up_at_the_planted_rate(sample: Sample) -> None:
    held = sample["partner"]
    first = pd.Timestamp("2021-08-01")
    ends = held["end_date"].fillna(pd.Timestamp(AS_OF))
    years = ((ends - held["start_date"].clip(lower=first)).dt.days / 365.25).sum()
    assert held["end_date"].notna().sum() / years == pytest.approx(TRUTH.churn, abs=0.03)
    assert without("dealer_churn")["partner"]["end_date"].isna().all()


def test_a_dealer_that_gave_up_neither_orders_nor_holds_stock(sample: Sample) -> None:
    ended = sample["partner"].set_index("partner_id")["end_date"].dropna()
    last = sell_in(sample).groupby("partner_id")["order_date"].max().reindex(ended.index)
    assert (last.dropna() <= ended[last.notna()]).all()
    stock = sample["partner_stock"].join(ended, on="partner_id")
    after = stock["stock_date"] > stock["end_date"] + pd.Timedelta(days=31)
    assert (stock.loc[after, "quantity"] == 0).all()


def test_the_planted_share_is_sold_outside_the_region(sample: Sample) -> None:
    def diverted(one: Sample) -> float:
        areas = one["geo_unit"].drop_duplicates("geo_code").set_index("geo_code")["region"]
        rows = one["sell_out"].merge(one["partner"][["partner_id", "geo_code"]], on="partner_id")
        away = rows["end_geo_code"].map(areas) != rows["geo_code"].map(areas)
        return rows.loc[away, "amount"].sum() / rows["amount"].sum()

    assert diverted(sample) == pytest.approx(TRUTH.diversion, abs=0.012)
    assert diverted(without("diversion")) == 0


def test_late_loading_is_bought_at_approval_limits(sample: Sample) -> None:
    def at_limits(one: Sample) -> float:
        rows = sell_in(one)
        rows = rows[rows["month"].astype(str).isin(["2025-12", "2026-03", "2026-06"])]
        rows = rows[rows["order_date"].dt.day >= 24]
        discount = 1 - rows["net_price"] / rows["list_price"]
        limits = np.abs(discount.to_numpy()[:, None] - TRUTH.loading_discounts).min(axis=1)
        return float((limits < 0.004).mean())

    assert at_limits(sample) > 0.25
    assert at_limits(without("loading_discount")) < 0.03


def test_dealers_of_the_weak_region_sell_less(sample: Sample) -> None:
    def gap(one: Sample) -> float:
        rows = one["sell_out"].merge(one["partner"][["partner_id", "region"]], on="partner_id")
        rows = rows[rows["month_end"].dt.month <= 7]
        keys = [rows["region"] == TRUTH.weak_region, rows["month_end"].dt.year]
        sums = rows.groupby(keys)["amount"].sum().unstack()
        grown = sums[2026] / sums[2025] - 1
        return float(grown[True] - grown[False])

    planted = TRUTH.weak_growth - TRUTH.end_growth[2026]
    assert gap(sample) - gap(without("weak_region")) == pytest.approx(planted, abs=0.03)


def test_base_rebate_is_its_share_of_the_quarter_and_growth_has_to_be_earned(
    sample: Sample,
) -> None:
    found = sample["rebate"]
    account = sample["partner"].set_index("partner_id")["account_id"]
    mine = sell_in(sample)
    base = found[found["rebate_type"] == "base"]
    bought = mine.groupby(["account_id", mine["order_date"].dt.to_period("Q")])["amount"].sum()
    keys = [base["partner_id"].map(account), base["period_end"].dt.to_period("Q")]
    expected = bought.reindex(pd.MultiIndex.from_arrays(keys)).to_numpy() * REBATE.base
    assert base["amount"].to_numpy() == pytest.approx(expected, abs=0.02)
    year = mine.groupby(["account_id", mine["order_date"].dt.year])["amount"].sum()
    growth = found[found["rebate_type"] == "growth"]
    names = growth["partner_id"].map(account)
    pairs = [
        pd.MultiIndex.from_arrays([names, growth["period_end"].dt.year - back]) for back in (0, 1)
    ]
    now, before = (year.reindex(each).to_numpy() for each in pairs)
    assert len(growth) > 50 and (now >= REBATE.growth_from * before * 0.999).all()
    assert without("rebate").tables.get("rebate") is None


def test_rebates_in_goods_lower_what_an_order_is_owed_for(sample: Sample) -> None:
    found = sample["rebate"].dropna(subset=["settled_date"])
    assert (found["settled_in"] == "goods").mean() > 0.85
    owed = sample["receivable_plan"]
    orders = sell_in(sample).groupby("order_id")["amount"].sum()
    owed = owed[owed["order_id"].isin(orders.index)].groupby("order_id")["amount"].sum()
    taken = (orders.reindex(owed.index) - owed).sum()
    goods = found.loc[found["settled_in"] == "goods", "amount"].sum()
    assert taken == pytest.approx(goods, rel=0.02)
    assert (orders.reindex(owed.index) - owed > -0.01).all()
