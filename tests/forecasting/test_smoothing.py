"""Averaged smoothing models: what they see, what they foretell, and that nothing upsets them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.smoothing import (
    MODEL_DAMPED,
    MODEL_ETS,
    decompose,
    ets_points,
)
from workbench.forecasting.models.smoothing_season import without_long_season
from workbench.scenarios import streams

Floats = NDArray[np.float64]

MODELS = pytest.mark.parametrize("model", [MODEL_ETS, MODEL_DAMPED], ids=lambda one: one.name)
WAVE = np.array([0.7, 0.8, 1.0, 1.1, 1.2, 1.1, 0.9, 0.8, 1.0, 1.2, 1.3, 0.9])


def _sales(n: int, number: int = 0) -> Floats:
    noise = streams(number)["smoothing"].normal(0, 0.06, n)
    return 100 * np.tile(WAVE, n // 12 + 1)[:n] * np.exp(np.cumsum(noise) / 3 + noise / 2)


def _mixed() -> Batch:
    return Batch.of(
        [
            _sales(60),
            _sales(26, 1),
            _sales(25, 2),
            [5.0],
            [5.0, 7.0],
            [0.0] * 40,
            [3.0] * 40,
            _sales(50, 3) - 100,
            np.where(np.arange(48) % 5 == 0, 4.0, 0.0),
            np.arange(1.0, 41.0),
            [1e-9] * 20 + [1e9] * 20,
        ],
        season=12,
    )


@MODELS
def test_every_series_gets_a_finite_path(model: Model) -> None:
    points = model.points(_mixed(), 18)
    assert points.shape == (11, 18)
    assert np.isfinite(points).all()
    np.testing.assert_allclose(points[3], 5.0, rtol=1e-6)
    np.testing.assert_allclose(points[5], 0.0, atol=1e-12)
    np.testing.assert_allclose(points[6], 3.0, rtol=1e-6)


@MODELS
def test_unit_company_and_order_do_not_matter(model: Model) -> None:
    batch = Batch.of([_sales(60, k) for k in range(4)] + [_sales(50, 9) - 100], season=12)
    points = model.points(batch, 12)
    bigger = Batch(batch.values * 1000, batch.offsets, 12)
    np.testing.assert_allclose(model.points(bigger, 12), points * 1000, rtol=1e-6)
    order = np.array([3, 0, 4, 2])
    assert (model.points(batch.take(order), 12) == points[order]).all()
    assert (model.points(batch, 12) == points).all()


@MODELS
def test_a_clean_season_goes_on(model: Model) -> None:
    series = 100 * np.tile(WAVE, 5)[:55]
    ahead = 100 * WAVE[(55 + np.arange(12)) % 12]
    np.testing.assert_allclose(model.points(Batch.of([series], 12), 12)[0], ahead, rtol=2e-3)
    shifted = model.points(Batch.of([series - 100], 12), 12)[0]  # values below zero: additive
    np.testing.assert_allclose(shifted, ahead - 100, atol=0.3)


def test_a_clean_line_goes_on() -> None:
    points = ets_points(Batch.of([np.arange(10.0, 50.0)]), 6)
    np.testing.assert_allclose(points[0], np.arange(50.0, 56.0), rtol=0.01)


def test_a_horizon_begins_with_the_shorter_one() -> None:
    batch = _mixed()
    np.testing.assert_allclose(ets_points(batch, 18)[:, :5], ets_points(batch, 5), rtol=1e-12)


@pytest.mark.parametrize("season", [1, 12, 52])
def test_parts_add_up_to_series_and_paths(season: int) -> None:
    batch = Batch.of([_sales(130), _sales(130, 1) - 100, _sales(20, 2), [4.0] * 110], season)
    parts = decompose(batch, horizon=15)
    total = parts.level + parts.season + parts.remainder
    np.testing.assert_allclose(total, batch.values, rtol=1e-10, atol=1e-9)
    ahead = parts.ahead_level + parts.ahead_season
    np.testing.assert_allclose(ahead, ets_points(batch, 15), rtol=1e-10, atol=1e-9)
    assert parts.ahead_level.shape == (4, 15)
    if season == 1:
        assert np.abs(parts.season).max() == 0.0


def test_the_season_is_told_from_the_level() -> None:
    parts = decompose(Batch.of([100 * np.tile(WAVE, 8)], 12))
    np.testing.assert_allclose(parts.level[36:], 100.0, atol=1.0)
    np.testing.assert_allclose(parts.season[36:], 100 * np.tile(WAVE - 1, 5), atol=1.0)
    assert np.abs(parts.remainder[36:]).max() < 0.5


def test_a_long_season_is_shrunk_by_the_years_seen() -> None:
    wave = np.exp(0.3 * np.sin(2 * np.pi * np.arange(52) / 52))
    smooth = (np.roll(wave, 1) * wave * np.roll(wave, -1)) ** (1 / 3)  # neighbours lend
    for years in (2, 5):
        series = np.tile(wave, years) * 20
        apart = without_long_season(Batch.of([series, series[:80]], 52))
        assert apart.batch.season == 1
        assert apart.seasonal.tolist() == [True, False]
        share = (years - 1) / years
        wanted = share * np.log(smooth)
        found = np.log(apart.indices[0])
        np.testing.assert_allclose(found - found.mean(), wanted - wanted.mean(), atol=0.01)
        np.testing.assert_allclose(apart.batch.series(0) * np.tile(apart.indices[0], years), series)
        assert (apart.indices[1] == 1.0).all()
        assert (apart.batch.series(1) == series[:80]).all()


def test_a_short_season_is_left_to_the_models() -> None:
    batch = _mixed()
    apart = without_long_season(batch)
    assert apart.batch is batch
    points = np.ones((len(batch), 15))
    assert (apart.restore(points) == points).all()


@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=40),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([1, 4, 7, 12]),
)
@settings(max_examples=60, deadline=None)
def test_any_finite_series_is_taken(series: list[list[float]], season: int) -> None:
    batch = Batch.of(series, season)
    for model in (MODEL_ETS, MODEL_DAMPED):
        assert np.isfinite(model.points(batch, 9)).all()
    parts = decompose(batch)
    assert np.isfinite(parts.level).all()
    assert np.isfinite(parts.season).all()
