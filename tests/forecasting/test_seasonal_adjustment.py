"""What the season is taken out by: exact on pure seasons, nothing on noise, follows a change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.seasonal import seasonal_decompose

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.seasonal_adjustment import (
    adjust,
    adjust_classical,
    classical_indices,
    is_seasonal,
    local_line,
)

PATTERN = np.array([0.6, 0.9, 1.1, 1.4])


def seasonal(years: int, *, growth: float = 0.01, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    steps = np.arange(4 * years)
    errors = np.random.default_rng(seed).normal(0, noise, 4 * years)
    return 80 * np.exp(growth * steps + errors) * PATTERN[steps % 4]


@pytest.mark.parametrize("season", [4, 7, 12])
@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_classical_indices_agree_with_statsmodels(season: int, kind: str) -> None:
    rng = np.random.default_rng(season)
    series = rng.gamma(20, 5, size=6 * season + 2)
    oracle = seasonal_decompose(series, model=kind, period=season).seasonal[:season]
    found = classical_indices(series, season, kind == "multiplicative")
    np.testing.assert_allclose(found, oracle, rtol=1e-10)


@pytest.mark.parametrize("rule", [adjust, adjust_classical])
def test_a_pure_season_is_taken_out_and_put_back(rule) -> None:
    batch = Batch.of([seasonal(8, growth=0.0), seasonal(8, growth=0.0) - 80.0], 4)
    adjusted = rule(batch)
    assert adjusted.multiplicative.tolist() == [True, False]
    assert adjusted.seasonal.all()
    for number in range(2):
        left = adjusted.batch.series(number)
        np.testing.assert_allclose(left, left[0], rtol=1e-3, atol=1e-3)
    level = np.array([one[-1] for one in map(adjusted.batch.series, range(2))])
    ahead = adjusted.restore(np.repeat(level[:, None], 6, axis=1))
    np.testing.assert_allclose(ahead, [batch.series(0)[:6], batch.series(1)[:6]], rtol=1e-3)


def test_two_years_are_needed() -> None:
    adjusted = adjust(Batch.of([seasonal(2)[:7], seasonal(2)], 4))
    assert adjusted.seasonal.tolist() == [False, True]
    np.testing.assert_array_equal(adjusted.batch.series(0), seasonal(2)[:7])
    np.testing.assert_array_equal(adjusted.indices[0], 1.0)


def test_noise_has_hardly_a_season() -> None:
    rng = np.random.default_rng(5)
    noise = [100 * np.exp(rng.normal(0, 0.1, 72)) for _ in range(200)]
    shrunk = np.log(adjust(Batch.of(noise, 12)).indices).std(axis=1)
    raw = np.array([np.log(classical_indices(one, 12, True)).std() for one in noise])
    assert np.median(shrunk) < 0.35 * np.median(raw)


def test_a_season_that_changes_is_followed() -> None:
    before, after = PATTERN, PATTERN[::-1]
    series = 100 * np.r_[np.tile(before, 8), np.tile(after, 6)]
    series = series * np.exp(np.random.default_rng(1).normal(0, 0.01, len(series)))
    followed = adjust(Batch.of([series], 4)).indices[0]
    fixed = adjust_classical(Batch.of([series], 4)).indices[0]
    assert np.abs(followed - after).max() < 0.15 < np.abs(fixed - after).max()


def test_adjusted_values_times_season_are_the_series() -> None:
    batch = Batch.of([seasonal(9, noise=0.1)], 4)
    adjusted = adjust(batch)
    season = batch.values / adjusted.batch.values
    assert (season > 0).all()
    np.testing.assert_allclose(season[-4:], adjusted.indices[0], rtol=0.1)


def test_the_test_for_a_season() -> None:
    assert is_seasonal(seasonal(5, noise=0.05), 4)
    assert not is_seasonal(seasonal(2), 4)
    assert not is_seasonal(np.full(40, 3.0), 4)
    assert not is_seasonal(seasonal(5), 1)


@given(
    st.lists(st.floats(-5, 5), min_size=2, max_size=2),
    st.integers(3, 40),
    st.integers(1, 20),
)
@settings(max_examples=50, deadline=None)
def test_a_line_is_its_own_local_line(line: list[float], count: int, reach: int) -> None:
    straight = line[0] + line[1] * np.arange(count)
    np.testing.assert_allclose(local_line(straight, reach), straight, atol=1e-8)
