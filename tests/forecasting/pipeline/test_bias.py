"""Bias of submissions: shrinkage helps, and the planted habits of reps are found."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError, NotIdentifiedError
from workbench.forecasting.pipeline.bias import bias, category_bias, submissions
from workbench.forecasting.pipeline.features import month_number

ORIGIN = month_number(dt.date(2025, 7, 31))


def told(habits, months, noise=0.2, seed=0, common=0.1):
    rng = np.random.default_rng(seed)
    who = np.repeat([f"R{n:03d}" for n in range(len(habits))], months)
    log = common + np.repeat(habits, months) + noise * rng.standard_normal(len(who))
    submitted = rng.uniform(50, 150, len(who))
    return pd.DataFrame({"who": who, "submitted": submitted, "actual": submitted * np.exp(log)})


def test_shrunk_ratios_lie_nearer_the_truth_than_raw_ones():
    habits = np.random.default_rng(1).normal(0, 0.08, 200)
    table = bias(told(habits, 6), by=())
    truth = np.exp(0.1 + habits)
    shrunk, raw = (np.mean((table[name] - truth) ** 2) for name in ("ratio", "raw"))
    assert shrunk < 0.8 * raw
    assert table["all"].iloc[0] == pytest.approx(np.exp(0.1), rel=0.02)
    inside = (table["low"] <= truth) & (truth <= table["high"])
    assert 0.7 < inside.mean() < 0.9


def test_those_with_more_months_keep_more_of_their_own():
    frame = told(np.random.default_rng(2).normal(0, 0.1, 80), 12)
    short = frame.groupby("who").head(3)
    few = short[short["who"] < "R040"]
    table = bias(pd.concat([few, frame[frame["who"] >= "R040"]]), by=()).set_index("who")
    assert table.loc["R000", "weight"] < table.loc["R050", "weight"] < 1


def test_without_differences_all_get_the_same():
    table = bias(told(np.zeros(60), 8, noise=0.3, seed=5), by=())
    assert table["ratio"].std() < 0.4 * table["raw"].std()


def test_another_unit_gives_the_same():
    frame = told(np.linspace(-0.2, 0.2, 20), 5)
    scaled = frame.assign(submitted=frame["submitted"] * 1000, actual=frame["actual"] * 1000)
    pd.testing.assert_frame_equal(bias(frame, by=()), bias(scaled, by=()))


def test_the_planted_pattern_over_months_ahead(sample):
    """Reps keep a reserve in the month at hand (-7%) and are hopeful two and three ahead."""
    actual = sample.sql(
        """select rep_id as who, date_trunc('month', recognised_date) as month,
            sum(net_amount(amount, tax_basis, tax_rate)) as actual
        from order_line where recognised_date is not null group by 1, 2""",
        money="float",
    )
    table = bias(submissions(sample, actual))
    overall = table.groupby("lead")["all"].first()
    assert overall[1] == pytest.approx(np.exp(0.07), abs=0.03)
    assert overall[3] < overall[2] < 1 < overall[1]
    spread = np.log(table.loc[table["lead"] == 1, "ratio"]).std()
    assert 0.05 < spread < 0.12  # planted: 0.08


def test_categories_by_rep_are_drawn_to_all(whole):
    table = category_bias(whole.pictures, whole.ends, origin=ORIGIN)
    for _, mine in table.groupby("forecast_category"):
        many = mine[mine["deals"] > 20]
        assert many["share"].std() <= many["raw"].std()
    assert (table["share"] <= 1).all()


def test_what_is_missing_is_said():
    with pytest.raises(InputError, match="actual"):
        bias(pd.DataFrame({"who": ["a"], "submitted": [1.0]}), by=())
    with pytest.raises(NotIdentifiedError):
        bias(pd.DataFrame({"who": ["a"], "submitted": [0.0], "actual": [1.0]}), by=())


def test_one_month_of_one_person_is_borne():
    table = bias(pd.DataFrame({"who": ["a"], "submitted": [10.0], "actual": [0.0]}), by=())
    assert np.isfinite(table["ratio"]).all()
