"""Levers, padding, pay: what moves when something is changed on the same draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.planning.drawn import MONTHS, SIZES, TREE, revenue
from workbench.errors import NotIdentifiedError, ParameterError
from workbench.planning import Goal, prepare
from workbench.planning.levers import hires, lever_effect, price, promotion
from workbench.planning.money import coverage, pay_and_profit
from workbench.planning.padding import Response as Answer
from workbench.planning.padding import padding_effect
from workbench.planning.response import Response, discount_limit, measured


@pytest.fixture(scope="module")
def ready():
    return prepare(revenue(), TREE, Goal("revenue", value=18_000_000))


def moved(ready, effects, node="company"):
    after = ready.change(effects=effects)
    return ready.targets().draws("revenue", node), after.draws("revenue", node), after


def test_a_price_change_works_through_quantity(ready):
    effects = price(ready, change=0.05, response=Response(-1.5, 0.0))
    before, after, _ = moved(ready, effects)
    assert after / before == pytest.approx(1.05 * 1.05**-1.5, rel=1e-5)


def test_competitors_who_follow_take_the_answer_away(ready):
    effects = price(ready, change=0.05, response=Response(-1.5, 0.2), follow=1.0)
    before, after, _ = moved(ready, effects)
    assert after / before == pytest.approx(1.05, rel=1e-5)


def test_a_lever_works_where_and_when_it_is_pulled(ready):
    effects = price(ready, change=0.1, response=Response(0.0, 0.0), nodes=["a"], start="2027-07")
    _, after, targets = moved(ready, effects, "b")
    assert (after == ready.targets().draws("revenue", "b")).all()
    drawn = revenue().sel(rep=["a1", "a2"]).sum("rep")
    half = drawn.isel(period=slice(6, None)).sum("period").to_numpy()
    own = drawn.sum("period").to_numpy() + 0.1 * half
    assert targets.draws("revenue", "a") == pytest.approx(own, rel=1e-5)
    month = targets.table().query("node == 'a' and month == '2027-09' and tier == 'base'")
    later = 1.1 * drawn.sel(period="2027-09").to_numpy()
    reached = (later >= month["target"].iloc[0]).mean()
    assert month["p_hit"].iloc[0] == pytest.approx(reached, abs=4e-3)


def test_without_its_lever_all_is_as_before(ready):
    pulled = ready.change(effects=price(ready, change=0.1, response=Response(-1.0, 0.1)))
    pd.testing.assert_frame_equal(pulled.change(effects=[]).table(), ready.targets().table())


def test_a_promotion_borrows_from_the_month_after(ready):
    uplift = np.log(1.5)
    effects = promotion(
        ready, months=["2027-06"], response=Response(uplift, 0.0), dip=1.0, discount=0.0
    )
    before, after, _ = moved(ready, effects)
    assert after.mean() == pytest.approx(before.mean(), rel=2e-3)


def test_new_people_ramp_up(ready):
    effects = hires(ready, leaf="a1", count=2, start="2027-07", output=[1e5], ramp=5)
    before, after, _ = moved(ready, effects, "a1")
    # by hand: six months at 1/6 ... 6/6 of two people at 100,000
    assert after - before == pytest.approx(2e5 * 21 / 6, rel=1e-3)


def test_an_effect_has_its_interval(ready):
    effects = price(ready, change=0.05, response=Response(0.2, 0.05))
    found = lever_effect(ready.targets(), ready.change(effects=effects), kpi="revenue")
    assert found.amount.low < found.amount.mean < found.amount.high
    assert found.low <= found.after - found.before <= found.high
    assert found.after > found.before


def planted(slope, *, units=60, periods=30, seed=3):
    rng = np.random.default_rng(seed)
    unit, month = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    season = rng.normal(0, 0.3, periods)[month]
    level = rng.normal(0, 1, units)[unit]
    log_price = 0.4 * level + 0.2 * season + rng.normal(0, 0.1, len(unit))
    quantity = np.exp(3 + level + season + slope * log_price + rng.normal(0, 0.3, len(unit)))
    return pd.DataFrame(
        {"product_id": unit, "month": month, "quantity": quantity, "log_price": log_price}
    )


@pytest.mark.parametrize("slope", [-2.2, -1.0, 0.0])
def test_a_planted_elasticity_is_found_within_its_error(slope):
    found = measured(planted(slope), amount="quantity", lever="log_price")
    assert found.source == "measured" and found.units == 60
    assert abs(found.estimate - slope) < 3 * found.error < 0.5


def test_intervals_of_responses_hold_what_they_say():
    errors = [
        (found.estimate + 1.5) / found.error
        for seed in range(120)
        for found in [measured(planted(-1.5, seed=seed), amount="quantity", lever="log_price")]
    ]
    inside = np.mean(np.abs(errors) < 1.645)
    assert 0.82 <= inside <= 0.97  # 0.9 within three standard errors of 120 trials


def test_a_lever_that_never_moved_is_not_measured():
    still = planted(-1.0).assign(log_price=0.0)
    with pytest.raises(NotIdentifiedError, match="too few to measure by"):
        measured(still, amount="quantity", lever="log_price")


def test_a_tighter_limit_brings_discounts_down_to_it():
    given = [0.05, 0.10, 0.15, 0.15, 0.20]
    # by hand: 0.15 twice becomes 0.10; 0.20 was approved and stays
    assert discount_limit(given, now=0.15, new=0.10) == pytest.approx(4.45 / 4.35 - 1)
    assert discount_limit(given, now=0.15, new=0.18) == pytest.approx(4.29 / 4.35 - 1)
    # most is sold in the deal that needed approval anyway
    worth = [1, 1, 1, 1, 6]
    change = discount_limit(given, now=0.15, new=0.10, worth=worth)
    assert change == pytest.approx((0.95 + 3 * 0.9 + 6 * 0.8) / (0.95 + 0.9 + 1.7 + 4.8) - 1)


# -- padding ------------------------------------------------------------------------------------


def padded(**more):
    ready = prepare(
        revenue(), TREE, Goal("revenue", value=18e6), padding={"region": 0.05, "person": 0.08}
    )
    return padding_effect(ready, kpi="revenue", **more)


def test_without_an_answer_of_people_padding_only_lowers_who_reaches():
    found = padded(response=Answer(0.0, 0.0, 0.0))
    assert found.table["p_company"].nunique() == 1
    assert found.table["reach"].is_monotonic_decreasing
    assert found.stops_at == 0.0 and not found.helps
    row = found.table.query("scale == 1").iloc[0]
    assert row["handed"] == pytest.approx(1.05 * 1.08 - 1, abs=2e-3)


def test_padding_helps_while_targets_are_within_reach_and_then_stops():
    scales = (0.0, 0.5, 1.0, 2.0, 4.0, 7.0)
    found = padded(response=Answer(0.5, 0.05, 0.2), scales=scales)
    assert found.helps
    assert 0 < found.stops_at < found.table["handed"].max()


def test_padding_lowers_pay_and_raises_attrition():
    pay = pd.Series(100_000.0, index=list(SIZES))
    found = padded(response=Answer(0.0, 0.3, 0.4), pay=lambda a: np.clip(a, 0, 2), target_pay=pay)
    assert found.table["pay"].is_monotonic_decreasing
    assert found.table["attrition"].is_monotonic_increasing
    assert found.table["p_company"].iloc[-1] < found.table["p_company"].iloc[0]


def test_without_padding_there_is_nothing_to_judge(ready):
    with pytest.raises(ParameterError, match="no padding to judge"):
        padding_effect(ready, kpi="revenue")
    with pytest.raises(ParameterError, match="no leaf of the tree is a person"):
        padded(kind="seller")


def test_only_people_answer_to_padding():
    other = TREE.assign(kind=TREE["kind"].where(TREE["node"] != "a1", "open"))
    ready = prepare(revenue(), other, Goal("revenue", value=18e6), padding={"person": 0.1})
    answer = Answer(0.0, 1.0, 1.0)
    found = padding_effect(ready, kpi="revenue", response=answer, kind="person").table.iloc[-1]
    # a fifteenth of revenue comes from accounts that nobody leaves
    assert found["output"] == pytest.approx(-14 / 15 * found["attrition"], rel=1e-2)


# -- money --------------------------------------------------------------------------------------


def test_pay_and_profit_add_up_draw_by_draw(ready):
    targets = ready.targets()
    pay = pd.Series(200_000.0, index=list(SIZES))
    found = pay_and_profit(
        targets,
        kpi="revenue",
        pay=lambda a: np.where(a >= 1, 1.0, 0.0),
        target_pay=pay,
        margin=0.4,
        expense=50_000.0,
    ).set_index("node")
    chances = targets.years().query("tier == 'base'").set_index("node")["p_hit"]
    assert found.loc[list(SIZES), "pay"].to_numpy() == pytest.approx(
        200_000 * chances[list(SIZES)].to_numpy(), rel=1e-6
    )
    for column in ("pay", "margin", "expense", "profit"):
        assert found.loc["company", column] == pytest.approx(found.loc[list(SIZES), column].sum())
    assert found.loc["company", "profit_low"] < found.loc["company", "profit"]


def test_coverage_is_what_is_open_against_what_is_left(ready):
    pipeline = pd.DataFrame({"node": ["a1", "a2"], "won": [2e5, 4e5], "open": [1e6, 3e6]})
    found = coverage(ready.targets(), kpi="revenue", pipeline=pipeline, win_rate={"company": 0.25})
    row = found.set_index("node").loc["a"]
    assert row["won"] == 6e5 and row["open"] == 4e6
    assert row["needed"] == pytest.approx(4 * row["left"])
    assert row["coverage"] == pytest.approx(4e6 / (row["target"] - 6e5))
    assert row["short"] == pytest.approx(row["needed"] - 4e6)


def test_months_of_the_plan_are_those_of_levers(ready):
    with pytest.raises(ParameterError, match="is not planned"):
        promotion(ready, months=["2031-01"], response=Response(0.1, 0.0))
    assert MONTHS[0] == "2027-01"


def test_a_price_moved_on_gives_what_it_gives_at_once(ready):
    """What was kept of a move before changes no number, nor does a move of other months."""
    moves = [(0.02, None), (0.05, None), (0.05, "2027-07"), (-0.03, "2027-07")]
    for change, start in moves:
        effects = price(ready, change=change, response=Response(-1.5, 0.2), start=start)
        fresh = prepare(revenue(), TREE, Goal("revenue", value=18_000_000)).change(effects=effects)
        again = ready.change(effects=effects)
        for node in ("company", "b", "b2"):
            assert again.draws("revenue", node) == pytest.approx(
                fresh.draws("revenue", node), rel=1e-6
            )
        parts = [again.draws("revenue", node) for node in ("a", "b")]
        assert sum(parts) == pytest.approx(again.draws("revenue", "company"), rel=1e-6)
