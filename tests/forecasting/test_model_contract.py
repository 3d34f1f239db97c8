"""What every model without further ingredients keeps: finite or declined, pure, free of unit."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.registry import Model, model

PLAIN = ("naive", "mean", "drift", "seasonal_naive", "naive2")
SMOOTH = (*PLAIN, "theta", "dynamic_theta", "ets", "damped", "ces", "ar", "arima")
NAMES = (*SMOOTH, "croston", "sba", "tsb", "imapa")


def awkward(season: int) -> list[list[float]]:
    """Series that break careless arithmetic."""
    wave = np.sin(np.arange(8 * season + 3))
    steps = np.arange(6 * season + 3, dtype=float)
    return [
        [5.0],
        [0.0],
        [-2.0, 3.0],
        [1.0, 2.0, 4.0],
        [0.0] * 40,
        [7.0] * 40,
        [3.0, 3.0, 3.0, 3.0],
        list(steps),
        list(100.0 + 2.0 * steps),
        list(-50.0 + 0.5 * steps),
        list(1.5 ** np.arange(30)),
        list(wave),
        list(50.0 + 10.0 * wave),
        list(np.where(steps % 5 == 0, 3.0, 0.0)),
        [0.0] * 30 + [1e6],
        [1e6] + [0.0] * 30,
        [1e-9, 1e9] * 20,
        [1.0] * 23 + [1e-12],
        list(np.tile(np.arange(1.0, season + 1.0), 6)),
        list(np.tile(np.arange(1.0, season + 1.0), 2)),
    ]


@pytest.fixture(params=NAMES)
def any_model(request: pytest.FixtureRequest) -> Model:
    return model(request.param)


@pytest.mark.parametrize("season", [1, 4, 7, 12, 52])
def test_every_row_is_finite_or_declined(any_model: Model, season: int) -> None:
    batch = Batch.of(awkward(season), season)
    points = any_model.points(batch, 2 * season + 1)
    assert points.shape == (len(batch), 2 * season + 1)
    assert not np.isinf(points).any()
    bad = np.isnan(points)
    assert (bad.all(axis=1) == bad.any(axis=1)).all()


@pytest.mark.parametrize("season", [1, 4, 12])
def test_the_unit_does_not_matter(any_model: Model, season: int) -> None:
    plain = awkward(season)
    once = any_model.points(Batch.of(plain, season), 9)
    thousand = any_model.points(Batch.of([1000.0 * np.array(one) for one in plain], season), 9)
    size = np.array([np.abs(one).max() for one in plain])[:, None] + 1e-300
    np.testing.assert_allclose(thousand / (1000.0 * size), once / size, rtol=1e-6, atol=1e-9)


def test_neighbours_do_not_matter_and_inputs_stay(any_model: Model) -> None:
    rng = np.random.default_rng(3)
    series = [50.0 + rng.normal(size=size).cumsum() for size in (5, 30, 61)]
    batch = Batch.of(series, 12)
    before = batch.values.copy()
    together = any_model.points(batch, 6)
    np.testing.assert_array_equal(batch.values, before)
    np.testing.assert_array_equal(together, any_model.points(batch, 6))
    for number, one in enumerate(series):
        alone = any_model.points(Batch.of([one], 12), 6)
        np.testing.assert_allclose(alone[0], together[number], rtol=1e-12)
    turned = any_model.points(Batch.of(series[::-1], 12), 6)
    np.testing.assert_allclose(turned[::-1], together, rtol=1e-12)


def test_a_constant_series_stays(any_model: Model) -> None:
    if any_model.name == "sba":
        pytest.skip("its correction is for intermittent demand and is known to be low without")
    points = any_model.points(Batch.of([[7.0] * 40], 12), 8)
    np.testing.assert_allclose(points, 7.0, rtol=1e-9)
