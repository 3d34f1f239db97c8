"""Plans: tiers, exact sums, padding, the pile at 100%, and forecasts with their planted bias."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sample.following import Sample, on, without
from workbench.sample import plans, quotas, rebates
from workbench.sample.clock import day
from workbench.sample.world import AS_OF

QUOTA, TOLD = plans.TRUTH.quota, plans.TRUTH.forecast
FULL = (2022, 2023, 2024, 2025)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return on()


def revenue_targets(one: Sample, level: str, tier: str = "base") -> pd.DataFrame:
    rows = one["target"].query("kpi_id == 'revenue_net'")
    rows = rows[(rows["level"] == level) & (rows["tier"] == tier)]
    return rows.assign(year=rows["period_start"].dt.year)


def sold(one: Sample) -> pd.DataFrame:
    """Revenue of lines less returns (on their own date) and usual rebates: rep_id, year, net."""
    lines = one.lines().dropna(subset=["recognised_date"])
    rebate = np.where(lines["channel"] == "dealer", rebates.RebateTruth().usual, 0)
    lines = lines.assign(net=lines["net"] * (1 - rebate), year=lines["recognised_date"].dt.year)
    back = one["return_refund"].merge(lines[["order_line_id", "rep_id"]], on="order_line_id")
    given = -back["amount"] / (1 + back["tax_rate"])
    back = back.assign(net=given, year=back["return_date"].dt.year)
    columns = ["rep_id", "year", "net"]
    return pd.concat([lines[columns], back[columns]], ignore_index=True)


def attainments(one: Sample) -> pd.Series:
    """Attainment of rep-years with at least nine months in post, by rep and year."""
    quota = revenue_targets(one, "rep")
    quota["rep_id"] = quota["node"].str[1:].astype(int) - 1
    asked = quota.groupby(["rep_id", "year"])["value"].agg(["sum", "size"])
    done = sold(one).groupby(["rep_id", "year"])["net"].sum()
    asked["done"] = done.reindex(asked.index).fillna(0)
    rows = asked[(asked["size"] >= 9) & asked.index.get_level_values("year").isin(FULL)]
    return rows["done"] / rows["sum"]


def test_attainment_has_the_planted_shape(sample: Sample) -> None:
    reached = attainments(sample)
    assert len(reached) > 150
    assert reached.median() == pytest.approx(0.92, abs=0.06)
    assert reached.std() == pytest.approx(0.28, abs=0.06)
    assert (reached >= 1).mean() == pytest.approx(0.42, abs=0.07)
    assert (reached < 0.5).mean() == pytest.approx(0.07, abs=0.05)


def test_attainment_piles_up_just_over_100_and_leaves_a_gap_below(sample: Sample) -> None:
    def counts(one: Sample) -> tuple[float, float]:
        reached = attainments(one)
        rep = reached.index.get_level_values("rep_id")
        group = one.frame.seats["group"].to_numpy()[one.frame.reps["seat"].to_numpy()[rep]]
        reached = reached[~np.isin(group, ("channel", "online"))]  # they cannot move dates
        over = ((reached >= 1) & (reached < 1.04)).sum()
        under = ((reached >= 0.95) & (reached < 1)).sum()
        return over, under

    over, under = counts(sample)
    assert over > 1.8 * under
    plain_over, plain_under = counts(without("pull_in"))
    assert (over - under) - (plain_over - plain_under) >= 4


def test_reps_far_above_quota_hold_december_back(sample: Sample) -> None:
    def december(one: Sample) -> float:
        """Share of direct goods of the year's last days that reps above quota book then."""
        lines = one.lines().dropna(subset=["recognised_date"])
        lines = lines[lines["channel"] == "direct"]
        year = lines["recognised_date"].dt.year
        reached = attainments(without("hold_back"))
        above = reached[reached > QUOTA.hold_from + 0.1].index
        mine = pd.MultiIndex.from_arrays([lines["rep_id"], year]).isin(above)
        late = (lines["recognised_date"].dt.month == 12) & (lines["recognised_date"].dt.day >= 8)
        net = lines["net"]
        return float(net[late & mine].sum() / net[mine].sum())

    assert december(sample) < 0.93 * december(without("hold_back"))


def test_targets_of_regions_sum_to_the_company_and_tiers_are_in_order(sample: Sample) -> None:
    keys = ["product_line", "period_start"]
    company = revenue_targets(sample, "company").set_index(keys)["value"]
    regions = revenue_targets(sample, "region").groupby(keys)["value"].sum()
    assert (regions.sort_index() == company.sort_index()).all()
    lines = company.drop("all", level=0).groupby("period_start").sum()
    assert (lines == company["all"].sort_index()).all()
    node = ["kpi_id", "level", "node", "product_line", "period_start"]
    wide = sample["target"].set_index([*node, "tier"])["value"].unstack()
    assert (wide["floor"] <= wide["base"]).all() and (wide["base"] <= wide["stretch"]).all()
    money = sample["target"].query("kpi_id != 'gross_margin'")
    assert (money["value"] % QUOTA.unit == 0).all()


def test_quotas_sum_to_more_than_the_target(sample: Sample) -> None:
    def padding(one: Sample, level: str) -> pd.Series:
        sums = revenue_targets(one, level).groupby("year")["value"].sum()
        base = revenue_targets(one, "company").query("product_line == 'all'")
        return (sums / base.groupby("year")["value"].sum()).loc[list(FULL)]

    low, high = QUOTA.padding
    assert padding(sample, "rep").between(low - 0.005, high + 0.005).all()
    assert padding(sample, "team").to_numpy() == pytest.approx(QUOTA.team_padding, abs=0.01)
    for level in ("rep", "team"):
        assert padding(without("padding"), level).to_numpy() == pytest.approx(1, abs=0.012)


def test_targets_exist_for_all_months_of_the_running_year(sample: Sample) -> None:
    for kpi in ("revenue_net", "bookings", "collections", "gross_margin"):
        rows = sample["target"].query("level == 'company' and tier == 'base'")
        rows = rows[(rows["kpi_id"] == kpi) & (rows["product_line"] == "all")]
        months = rows["period_start"]
        assert (months.dt.year == 2026).sum() == 12
        assert (rows["value"] > 0).all()
    basis = sample["target"].groupby("kpi_id")["tax_basis"].agg(lambda each: set(each.dropna()))
    assert basis["revenue_net"] == {"excl"} and basis["collections"] == {"incl"}


def bias(one: Sample, step: str) -> pd.DataFrame:
    """Log of forecast over actual by months ahead: mean and spread, past months."""
    rows = one["forecast_entry"].query("kpi_id == 'revenue_net'")
    rows = rows[rows["step"] == step]
    rows = rows[rows["period_end"] <= pd.Timestamp(AS_OF)]
    ahead = (
        rows["period_start"].dt.year * 12
        + rows["period_start"].dt.month
        - rows["entry_date"].dt.year * 12
        - rows["entry_date"].dt.month
    )
    lines = one.lines().dropna(subset=["recognised_date"])
    month = lines["recognised_date"].dt.to_period("M")
    if step == "rep":
        done = lines.groupby(["rep_id", month])["net"].sum()
        index = pd.MultiIndex.from_arrays([rows["by_id"], rows["period_start"].dt.to_period("M")])
    else:
        reps = one.frame.reps
        own = lines["rep_id"].isin(reps.loc[reps["quota"], "rep_id"])
        done = lines[own].groupby(month[own])["net"].sum()
        index = pd.Index(rows["period_start"].dt.to_period("M"))
    actual = done.reindex(index).to_numpy()
    good = (actual > 20_000) & (rows["value"] > 0).to_numpy()
    error = np.log(rows["value"].to_numpy()[good] / actual[good])
    return pd.Series(error).groupby(ahead[good].to_numpy()).agg(["median", "std"])


def test_reps_are_optimistic_far_ahead(sample: Sample) -> None:
    def slope(one: Sample) -> float:
        found = bias(one, "rep")["median"]
        return float(found[3] - found[2])

    planted = TOLD.optimism[2] - TOLD.optimism[1]
    assert slope(sample) - slope(without("rep_optimism")) == pytest.approx(planted, abs=0.03)


def test_reps_sandbag_the_coming_month(sample: Sample) -> None:
    def reserve(one: Sample) -> float:
        found = bias(one, "rep")["median"]
        return float(found[1] - found[2])

    change = reserve(sample) - reserve(without("rep_sandbagging"))
    assert change == pytest.approx(TOLD.sandbagging[0], abs=0.03)


def test_managers_cut_what_their_reps_say(sample: Sample) -> None:
    def cut(one: Sample) -> float:
        rows = one["forecast_entry"].query("kpi_id == 'revenue_net'")
        far = rows[(rows["period_start"] - rows["entry_date"]).dt.days > 50]
        keys = ["entry_date", "period_start"]
        sums = far.groupby(["step", *keys])["value"].sum()
        return float(np.log(sums["manager"] / sums["rep"]).median())

    assert cut(sample) == pytest.approx(TOLD.manager_cut[2], abs=0.03)
    assert abs(cut(without("manager_cut"))) < 0.015


def test_each_step_of_a_forecast_is_kept_and_errs_less_far_ahead(sample: Sample) -> None:
    rows = sample["forecast_entry"]
    assert rows["entry_id"].is_unique
    assert (rows["entry_date"] < rows["period_start"]).all()
    assert (rows["entry_date"] <= pd.Timestamp(AS_OF)).all()
    assert rows.groupby("step").size().loc[["rep", "manager", "final"]].gt(150).all()
    mine, final = bias(sample, "rep"), bias(sample, "final")
    assert (final["std"] < mine["std"]).all()
    assert mine["std"].is_monotonic_increasing


@given(
    gap=st.floats(0.01, 0.11),
    worth=st.lists(st.floats(0.001, 0.1), min_size=1, max_size=12),
)
def test_a_rep_pulls_in_only_if_it_takes_him_over_the_quota(gap: float, worth: list[float]) -> None:
    last = day("2023-12-31")
    value = np.array([1 - gap, *worth])
    recognised = np.array([last - 60, *(last + 1 + np.arange(len(worth)))])
    ordered = np.full(len(value), last - 80)
    truth = quotas.QuotaTruth(pull=1.0, pull_from=0.88, pull_days=60)
    out = quotas.shift_timing(
        recognised,
        ordered,
        np.zeros(len(value), np.int64),
        value,
        np.ones(len(value), bool),
        np.ones((1, 2)),
        first_year=2023,
        truth=truth,
        rng=np.random.default_rng(1),
        off=frozenset({"hold_back"}),
    )
    before, after = value[recognised <= last].sum(), value[out <= last].sum()
    assert after >= 1 or after == before
    moved = out != recognised
    assert (out[moved] <= last).all() and (out[moved] >= last - 6).all()
    if sum(worth) > gap * 1.01:
        assert after >= 1
