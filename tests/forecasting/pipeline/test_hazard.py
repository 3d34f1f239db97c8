"""Chances of open deals: laws, and whether they hold out of time on the small sample."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.errors import NotIdentifiedError
from workbench.forecasting.pipeline import hazard
from workbench.forecasting.pipeline.baselines import learned_weights, typed_weights, won_within
from workbench.forecasting.pipeline.calibration import reliability, skill
from workbench.forecasting.pipeline.features import LOST, WON, month_number

ORIGIN = month_number(dt.date(2025, 7, 31))


@pytest.fixture(scope="module")
def judged(early, whole):
    """Deals open at the origin, their chance to be won in a year, and whether they were."""
    rows = whole.pictures.at(ORIGIN - 12)
    curves = early.curves(rows, 12)
    return rows, curves, won_within(rows, whole.ends, 12)


def test_chances_are_chances(judged):
    _, curves, _ = judged
    assert (curves >= 0).all()
    assert (curves.sum(axis=(1, 2)) <= 1 + 1e-12).all()


def test_curves_are_the_products_of_hazards():
    rates = np.array([[[0.2, 0.1], [0.5, 0.0], [0.0, 0.4]]])
    expected = [[[0.2, 0.1], [0.35, 0.0], [0.0, 0.14]]]
    np.testing.assert_allclose(hazard.curves(rates), expected)


def test_landmarks_agree_with_a_slow_count():
    rows = pd.DataFrame({"opportunity_id": ["a", "a", "b", "c"], "month": [10, 11, 10, 10]})
    ends = pd.DataFrame({"opportunity_id": ["a", "b"], "month": [12, 15], "end": [WON, LOST]})
    pairs = hazard.landmark_rows(rows, ends, origin=13, leads=12)
    found = list(zip(pairs.place, pairs.lead, pairs.outcome, strict=True))
    # a is won in month 12; b ends after the origin: still open then; c never ends.
    want = [(0, 1, 0), (0, 2, WON), (1, 1, WON)]
    want += [(place, lead, 0) for place in (2, 3) for lead in (1, 2, 3)]
    assert found == want


def test_out_of_time_chances_hold_within_the_band(judged):
    _, curves, won = judged
    table = reliability(curves[..., 0].sum(axis=1), won, level=0.99)
    assert table["deals"].min() >= 150
    assert table["inside"].all(), table


def test_next_quarter_holds_within_the_band_too(judged, whole):
    rows, curves, _ = judged
    table = reliability(curves[:, :3, 0].sum(axis=1), won_within(rows, whole.ends, 3), level=0.99)
    assert table["inside"].all(), table


@pytest.mark.parametrize(("months", "margin"), [(3, 0.30), (12, 0.15)])
def test_brier_beats_stage_weights_by_a_margin(judged, whole, sample, months, margin):
    rows, curves, _ = judged
    won = won_within(rows, whole.ends, months)
    chance = curves[:, :months, 0].sum(axis=1)
    typed = rows["stage"].map(typed_weights(sample)).to_numpy()
    assert skill(chance, typed, won) > margin
    # The shares each stage really had are a harder measure than what was typed.
    learned = learned_weights(whole.pictures, whole.ends, origin=ORIGIN - 12, horizon=months)
    assert skill(chance, rows["stage"].map(learned).to_numpy(), won) > 0.05


def test_the_hidden_ends_of_open_deals_are_foreseen(whole, truth):
    """Deals open today end in the months to come as the sample hides it."""
    fitted = hazard.fit(whole.pictures, whole.ends, most_rows=40_000)
    rows = whole.pictures.at(whole.pictures.months[-1])
    curves = fitted.curves(rows, 5)
    hidden = truth.set_index("opportunity_id").loc[rows["opportunity_id"]]
    soon = (pd.to_datetime(hidden["outcome_date"]) <= "2026-12-31").to_numpy()
    won = soon & (hidden["outcome"] == "won").to_numpy()
    chance = curves[..., 0].sum(axis=1)
    spread = np.sqrt((chance * (1 - chance)).sum() + (0.1 * chance.sum()) ** 2)
    assert abs(won.sum() - chance.sum()) < 2.6 * spread
    assert reliability(chance, won, groups=5)["inside"].all()


def test_planted_sources_come_out_in_their_order(early, whole):
    """Tender and cold call are planted below referral and existing customers."""
    rows = whole.pictures.at(ORIGIN - 12)
    mean = {}
    for source in ("tender", "cold_call", "referral", "existing"):
        mean[source] = early.curves(rows.assign(source=source), 12)[..., 0].sum(axis=1).mean()
    assert max(mean["tender"], mean["cold_call"]) < min(mean["referral"], mean["existing"])


def test_money_in_another_unit_changes_no_chance(whole):
    shown, ends = whole.pictures, whole.ends
    rows = shown.rows.assign(amount=shown.rows["amount"] * 1000)
    kept = {"origin": ORIGIN - 12, "most_rows": 8_000}
    one = hazard.fit(shown, ends, **kept)
    other = hazard.fit(replace(shown, rows=rows), ends, **kept)
    some = shown.at(ORIGIN).head(200)
    scaled = some.assign(amount=some["amount"] * 1000)
    np.testing.assert_allclose(one.curves(some, 6), other.curves(scaled, 6), atol=2e-4)


def test_what_ends_after_the_origin_changes_no_fit(whole):
    ends = whole.ends
    later = ends["month"] > ORIGIN - 12
    turned = ends.assign(end=np.where(later, 3 - ends["end"], ends["end"]))
    kept = {"origin": ORIGIN - 12, "most_rows": 5_000}
    one = hazard.fit(whole.pictures, ends, **kept)
    other = hazard.fit(whole.pictures, turned, **kept)
    np.testing.assert_array_equal(one.beta, other.beta)


def test_a_part_of_a_month_has_a_part_of_its_ends(early, whole):
    rows = whole.pictures.at(ORIGIN).head(300)
    full, half = early.monthly(rows, 3), early.monthly(rows, 3, exposure=0.5)
    stays = (1 - half[:, 0].sum(axis=1)) ** 2
    np.testing.assert_allclose(stays, 1 - full[:, 0].sum(axis=1), atol=1e-9)
    np.testing.assert_array_equal(full[:, 1:], half[:, 1:])


def test_deals_without_amount_date_or_known_labels_have_a_chance(early, whole):
    rows = whole.pictures.at(ORIGIN).head(50)
    bare = rows.assign(
        amount=np.nan, to_close=np.nan, close_in=np.nan, typed=np.nan, source="new", stage="new"
    )
    assert np.isfinite(early.curves(bare, 12)).all()


def test_too_few_wins_are_said(whole):
    with pytest.raises(NotIdentifiedError, match="too few"):
        hazard.fit(whole.pictures, whole.ends, origin=whole.pictures.months[0])
