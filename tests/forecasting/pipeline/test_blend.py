"""Hand-over from pipeline to time series: weights of hand, laws, and mixed draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.forecasting.pipeline.blend import blended, falling, hand_over
from workbench.scenarios import cube


def past(near_good=True, origins=40, horizon=6, seed=0):
    rng = np.random.default_rng(seed)
    rows = []
    for origin in range(origins):
        for lead in range(1, horizon + 1):
            actual = 100 + 10 * rng.standard_normal()
            sharp = 2.0 * lead**2 if near_good else 20.0
            rows.append(
                (
                    origin,
                    lead,
                    actual + sharp * rng.standard_normal(),
                    actual + 10 * rng.standard_normal(),
                    actual,
                )
            )
    return pd.DataFrame(rows, columns=["origin", "lead", "pipeline", "series", "actual"])


def test_weights_fall_from_near_to_far():
    table = hand_over(past(origins=200), horizon=6)
    assert table["weight"].is_monotonic_decreasing
    assert table["weight"].iloc[0] > 0.9
    assert table["weight"].iloc[-1] < 0.1
    squares = (table[["pipeline_error", "series_error", "blend_error"]] ** 2).sum()
    assert squares["blend_error"] < squares[["pipeline_error", "series_error"]].min()


def test_the_weight_alone_is_that_of_least_squares():
    frame = past(origins=12)
    table = hand_over(frame, horizon=6)
    mine = frame[frame["lead"] == 3]
    apart, missed = mine["pipeline"] - mine["series"], mine["actual"] - mine["series"]
    want = np.linalg.lstsq(apart.to_numpy()[:, None], missed, rcond=None)[0][0]
    assert table["alone"].iloc[2] == pytest.approx(want)


def test_without_a_past_the_prior_stands():
    table = hand_over(past().iloc[:0], horizon=25)
    assert table["weight"].iloc[0] == 1
    assert table["weight"].iloc[24] == pytest.approx(0.5)
    assert table["weight"].is_monotonic_decreasing
    assert (table["origins"] == 0).all()


def test_money_in_another_unit_gives_the_same_weights():
    frame = past(origins=5)
    scaled = frame.copy()
    scaled[["pipeline", "series", "actual"]] *= 1000
    one, other = hand_over(frame, horizon=6), hand_over(scaled, horizon=6)
    np.testing.assert_allclose(one["weight"], other["weight"], rtol=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_falling_sequences_are_the_closest(values):
    given_ = np.array(values)
    found = falling(given_, np.ones(len(values)))
    assert (np.diff(found) <= 1e-12).all()
    assert found.mean() == pytest.approx(given_.mean())
    np.testing.assert_allclose(falling(found, np.ones(len(values))), found)


def made(values, name="bookings", regions=("east", "north"), unit="CNY"):
    return cube(
        values,
        name=name,
        unit=unit,
        period=["2027-01", "2027-02"],
        keys={"region": list(regions)},
        streams=[name],
    )


def test_mixed_draws_have_the_mixed_mean_and_keep_their_spread():
    rng = np.random.default_rng(1)
    near, far = rng.gamma(4.0, 25.0, (4000, 2, 2)), rng.gamma(16.0, 5.0, (4000, 2, 2))
    weights = pd.DataFrame({"lead": [1, 2], "weight": [0.8, 0.3]})
    mixed = blended(made(near), made(far, name="series"), weights)
    share = np.array([0.8, 0.3])[:, None]
    np.testing.assert_allclose(
        mixed.mean("draw").values, share * near.mean(0) + (1 - share) * far.mean(0)
    )
    total = mixed.sum(["period", "region"]).values
    low = min(near.sum((1, 2)).std(), far.sum((1, 2)).std())
    high = max(near.sum((1, 2)).std(), far.sum((1, 2)).std())
    assert low < total.std() < high  # independent mixing would fall below both parts
    assert set(mixed.attrs["streams"]) == {"bookings", "series"}


def test_all_weight_on_one_side_gives_that_side():
    rng = np.random.default_rng(2)
    near, far = rng.random((50, 2, 2)), rng.random((50, 2, 2))
    ones = pd.DataFrame({"lead": [1, 2], "weight": [1.0, 1.0]})
    np.testing.assert_array_equal(blended(made(near), made(far), ones).values, near)
    none = ones.assign(weight=0.0)
    mixed = blended(made(near), made(far, regions=("north", "east")), none).values
    np.testing.assert_allclose(np.sort(mixed.sum((1, 2))), np.sort(far.sum((1, 2))))
    np.testing.assert_allclose(mixed.mean(0), far.mean(0)[:, ::-1])  # by label, not by place


def test_what_does_not_fit_is_said():
    one = made(np.ones((4, 2, 2)))
    weights = pd.DataFrame({"lead": [1, 2], "weight": [0.5, 0.5]})
    with pytest.raises(InputError, match="units"):
        blended(one, made(np.ones((4, 2, 2)), unit="USD"), weights)
    with pytest.raises(InputError, match="draws"):
        blended(one, made(np.ones((3, 2, 2))), weights)
    with pytest.raises(InputError, match="labels of region"):
        blended(one, made(np.ones((4, 2, 2)), regions=("east", "south")), weights)
    with pytest.raises(InputError, match="no weight"):
        blended(one, one, weights.head(1))
    with pytest.raises(InputError, match="lack"):
        hand_over(pd.DataFrame({"lead": [1]}), horizon=1)
    with pytest.raises(InputError, match="missing or infinite"):
        hand_over(past().assign(actual=np.nan), horizon=6)
