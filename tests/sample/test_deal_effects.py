"""Leads, deals and what is typed about them: planted habits found, gone when off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.sample.demand_side import Demand, on, without
from workbench.sample.hazards import VOID
from workbench.sample.parameters import STAGES, Truth

DEAL = Truth().deal


def logit_slope(x: np.ndarray, y: np.ndarray) -> float:
    """Slope of a logistic regression of y on x, by Newton's steps."""
    design = np.column_stack([np.ones(len(x)), x])
    beta = np.zeros(2)
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ beta))
        weight = chance * (1 - chance)
        beta += np.linalg.solve((design.T * weight) @ design, design.T @ (y - chance))
    return float(beta[1])


def response_slope(sample: Demand) -> float:
    """Log odds of conversion on log2(1 + hours to the first answer), from one hour on."""
    leads = sample["lead"].dropna(subset=["first_response_at"])
    leads = leads[leads["created_at"] < "2026-05-01"]
    hours = (leads["first_response_at"] - leads["created_at"]).dt.total_seconds() / 3600
    late = hours > 1
    won = (leads["opportunity_id"] >= 0).to_numpy(float)
    return logit_slope(np.log2(1 + hours[late].to_numpy()), won[late.to_numpy()])


def test_late_answers_lose_leads():
    assert response_slope(on()) == pytest.approx(DEAL.lead_decay, abs=0.06)
    assert abs(response_slope(without("lead_response"))) < 0.06


def test_a_lead_names_its_deal_and_account():
    leads = on()["lead"]
    won = leads[leads["opportunity_id"] >= 0]
    deals = on().deals
    assert (
        won["account_id"].to_numpy() == deals["account_id"].to_numpy()[won["opportunity_id"]]
    ).all()
    assert won["opportunity_id"].is_unique
    assert leads.loc[leads["opportunity_id"] < 0, "converted_date"].isna().all()


def source_gap(sample: Demand) -> float:
    """Win rate with existing customers less that of cold calls, closed deals."""
    rate = sample.closed.groupby("source")["won"].mean()
    return float(rate["existing"] - rate["cold_call"])


def test_sources_differ():
    assert source_gap(on()) > 0.12
    assert abs(source_gap(without("lead_source"))) < 0.06


def size_gap(sample: Demand) -> float:
    """Win rate of the smaller half of equipment deals less that of the larger half."""
    closed = sample.closed[sample.closed["product_line"] == "equipment"]
    small = closed["first_amount"] < closed["first_amount"].median()
    return float(closed.loc[small, "won"].mean() - closed.loc[~small, "won"].mean())


def test_large_deals_are_won_less_often():
    # Large accounts have large deals, and are buying customers more often: the gap is what is left.
    assert size_gap(on()) - size_gap(without("deal_size")) > 0.02


def moves_by_age(sample: Demand) -> float:
    """Chance to leave qualification forward in a month: over 90 days in it on under 30."""
    deals = sample.world.deals
    ends = np.flatnonzero(np.diff(sample.frame.calendar.month, append=0))
    young = old = young_moved = old_moved = 0
    for day in ends[6:-8]:
        live = (deals.created <= day) & ((deals.close < 0) | (deals.close > day))
        live &= (deals.entered[:, 1] < -9_000) | (deals.entered[:, 1] > day)
        live &= deals.silent > day
        moved = live & (deals.entered[:, 1] > day) & (deals.entered[:, 1] <= day + 30)
        age = day - deals.created
        young, young_moved = (
            young + (live & (age < 30)).sum(),
            young_moved + (moved & (age < 30)).sum(),
        )
        old, old_moved = old + (live & (age > 90)).sum(), old_moved + (moved & (age > 90)).sum()
    return float(old_moved / old / (young_moved / young))


def test_deals_that_stand_still_move_less():
    assert moves_by_age(on()) < 0.93 * moves_by_age(without("deal_age"))


def cycle_spread(sample: Demand) -> float:
    """Spread of log cycle of won deals that were not typed in late."""
    won = sample.closed[sample.closed["won"]]
    won = won[won["entered_date"] <= won["created_date"]]
    return float(np.log((won["close_date"] - won["created_date"]).dt.days + 1).std())


def test_deals_have_a_hidden_nature():
    assert cycle_spread(on()) > cycle_spread(without("frailty")) + 0.12


def near_date(sample: Demand) -> float:
    """Share of closings within 12 days before the date expected at the last month end."""
    pictures = sample["opportunity_snapshot"].sort_values("snapshot_date")
    last = pictures.groupby("opportunity_id")["expected_close_date"].last()
    closed = sample.closed[sample.closed["opportunity_id"].isin(last.index)]
    ahead = last[closed["opportunity_id"]].to_numpy() - closed["close_date"].to_numpy()
    days = ahead.astype("timedelta64[D]").astype(int)
    return float(((days >= 0) & (days <= 12)).mean())


def test_deals_close_around_the_date_expected():
    assert near_date(on()) > 0.45
    assert near_date(without("deadline")) < 0.3


def passed(sample: Demand) -> float:
    """Share of open pictures whose close date has passed."""
    pictures = sample["opportunity_snapshot"]
    return float((pictures["expected_close_date"] < pictures["snapshot_date"]).mean())


def test_passed_dates_are_left_standing():
    assert passed(on()) > 0.15
    assert passed(without("stale_dates")) < 0.07


def over(sample: Demand) -> float:
    """Typed probability less the share won, pictures of deals that have ended."""
    pictures = sample["opportunity_snapshot"]
    pictures = pictures[pictures["snapshot_date"] < "2025-07-01"]
    status = sample.deals["status"].to_numpy()[pictures["opportunity_id"]]
    ended = status != "open"
    return float(pictures["probability"][ended].mean() - (status[ended] == "won").mean())


def test_typed_probabilities_are_too_high():
    assert over(on()) == pytest.approx(DEAL.optimism, abs=0.025)
    assert abs(over(without("optimism"))) < 0.025


def late_entries(sample: Demand) -> float:
    """Share of closed deals typed in on the day they closed or after."""
    closed = sample.closed
    return float((closed["entered_date"] >= closed["close_date"]).mean())


def test_deals_are_typed_in_afterwards():
    assert late_entries(on()) == pytest.approx(DEAL.backfilled, abs=0.015)
    assert late_entries(without("backfill")) < 0.01


def test_a_deal_typed_in_late_is_in_no_earlier_picture():
    pictures = on()["opportunity_snapshot"]
    entered = on().deals["entered_date"].to_numpy()[pictures["opportunity_id"]]
    assert (entered <= pictures["snapshot_date"].to_numpy()).all()


def test_a_voided_deal_is_lost_without_a_date():
    deals = on().deals
    void = deals["stage"] == "void"
    assert 0.15 < void.mean() < 0.4
    assert deals.loc[void, "close_date"].isna().all()
    assert (deals.loc[void, "status"] == "lost").all()
    hidden = on().world.deals.outcome[deals.loc[void, "deal"]]
    assert (hidden == VOID).all()


def friday_evenings(sample: Demand) -> float:
    """Share of activities typed in on Friday from 17:00 on."""
    at = sample["activity"]["entered_at"]
    return float(((at.dt.day_of_week == 4) & (at.dt.hour >= 17)).mean())


def test_activities_are_typed_in_on_friday_evening():
    assert friday_evenings(on()) == pytest.approx(DEAL.friday, abs=0.05)
    assert friday_evenings(without("friday")) < 0.12


def test_activities_are_typed_in_after_they_happened():
    activities = on()["activity"]
    assert (activities["entered_at"] >= activities["activity_date"]).all()


def reversed_share(sample: Demand) -> float:
    """Reversals as a share of direct contracts."""
    contracts = sample["contract"].query("channel == 'direct'")
    return float(
        (contracts["contract_type"] == "reversal").sum() / (contracts["reverses_id"] < 0).sum()
    )


def test_contracts_are_reversed():
    assert reversed_share(on()) == pytest.approx(DEAL.reversed, abs=0.006)
    assert reversed_share(without("reversals")) == 0


def test_a_reversal_names_its_contract_and_comes_later():
    contracts = on()["contract"].set_index("contract_id")
    back = contracts[contracts["contract_type"] == "reversal"]
    first = contracts.loc[back["reverses_id"]]
    assert (back["signed_date"].to_numpy() > first["signed_date"].to_numpy()).all()
    assert (back["amount"] < 0).all()
    assert (-back["amount"].to_numpy() <= first["amount"].to_numpy() + 0.01).all()


def test_contracts_of_deals_have_their_amount():
    contracts = on()["contract"].query("opportunity_id >= 0 and reverses_id < 0")
    deals = on().deals.set_index("opportunity_id").loc[contracts["opportunity_id"]]
    assert np.allclose(contracts["amount"], deals["amount"])
    assert (deals["status"] == "won").all()


def test_order_lines_of_a_contract_sum_to_it():
    lines = on()["order_line"]
    sums = lines[lines["contract_id"] >= 0].groupby("contract_id")["amount"].sum()
    contracts = on()["contract"].set_index("contract_id")["amount"]
    assert np.allclose(sums, contracts[sums.index])


def test_stages_follow_their_order():
    pictures = on()["opportunity_snapshot"].sort_values(["opportunity_id", "snapshot_date"])
    place = pictures["stage"].map({stage: number for number, stage in enumerate(STAGES)})
    step = place.groupby(pictures["opportunity_id"]).diff().dropna()
    assert (step >= 0).all()


def test_the_truth_holds_the_course_of_deals_after_today():
    hidden = on().world.hidden["deals"]
    still_open = on().deals["status"].to_numpy()[hidden["opportunity_id"]] == "open"
    ends = pd.Series(hidden["outcome_date"])[still_open]
    assert ends.notna().mean() > 0.5
    assert (ends.dropna() > "2026-07-31").all()
