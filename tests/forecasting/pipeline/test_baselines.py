"""Stage weights and category sums against a slow count."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from workbench.errors import NotIdentifiedError
from workbench.forecasting.pipeline import baselines
from workbench.forecasting.pipeline.features import WON, month_number

ORIGIN = month_number(dt.date(2025, 7, 31))


def rows(**columns):
    base = {
        "month": [100] * 4,
        "close_in": [-3.0, 1.0, 2.0, np.nan],
        "amount": [10.0, 20.0, np.nan, 40.0],
        "stage": ["quote", "quote", "negotiate", "negotiate"],
        "forecast_category": ["pipeline", "commit", "commit", "commit"],
    }
    return pd.DataFrame({**base, **columns})


def test_stage_weighted_by_hand():
    weights = pd.Series({"quote": 0.5, "negotiate": 0.8})
    table = baselines.stage_weighted(rows(), weights, origin=100, horizon=3)
    # A passed date falls into the first month; no amount counts nothing; no date no month.
    assert table["mean"].tolist() == [15.0, 0.0, 0.0]
    assert table["deals"].tolist() == [2, 1, 0]
    assert table["period"].iloc[0] == pd.Timestamp(year=101 // 12, month=101 % 12 + 1, day=1)


def test_categories_by_hand():
    yields = pd.DataFrame({"forecast_category": ["commit", "pipeline"], "yielded": [0.5, 0.1]})
    table = baselines.category_sums(rows(), yields, origin=100, horizon=2)
    commit = table[table["forecast_category"] == "commit"]
    assert commit["stated"].tolist() == [20.0, 0.0]
    assert commit["mean"].tolist() == [10.0, 0.0]
    assert table["forecast_category"].unique().tolist() == ["commit", "pipeline"]


def test_yields_and_weights_agree_with_a_slow_count(whole):
    shown, ends = whole.pictures, whole.ends
    won = ends[ends["end"] == WON].set_index("opportunity_id")["month"]
    old = shown.rows[shown.rows["month"] <= ORIGIN - 6]
    after = old["opportunity_id"].map(won) - old["month"]
    hit = (after >= 1) & (after <= 6)
    table = baselines.category_yields(shown, ends, origin=ORIGIN, horizon=6)
    for line in table.itertuples():
        mine = old["forecast_category"] == line.forecast_category
        assert line.share_won == pytest.approx(hit[mine].mean())
    learned = baselines.learned_weights(shown, ends, origin=ORIGIN, horizon=6)
    assert learned["quote"] == pytest.approx(hit[old["stage"] == "quote"].mean())


def test_categories_rank_as_they_should(whole):
    table = baselines.category_yields(whole.pictures, whole.ends, origin=ORIGIN)
    share = table.set_index("forecast_category")["share_won"]
    assert share["commit"] > share["best_case"] > share["pipeline"]


def test_no_old_picture_is_said(whole):
    with pytest.raises(NotIdentifiedError, match="no picture"):
        baselines.category_yields(whole.pictures, whole.ends, origin=whole.pictures.months[2])


def test_typed_weights_are_those_of_the_settings(sample):
    assert baselines.typed_weights(sample)["negotiate"] == 0.45
