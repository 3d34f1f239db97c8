"""The autoregression: what it declines, how it weighs its forms, that it follows what it should."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.arima_kernels import continued, with_drift
from workbench.forecasting.models.autoregression import (
    DAMPING,
    SHARPNESS,
    autoregression,
    corrected_criterion,
)


def changing(count: int, seed: int, level: float = 100.0) -> np.ndarray:
    """Values whose changes follow an autoregression of 0.7."""
    rng = np.random.default_rng(seed)
    changes = np.zeros(count)
    for step in range(1, count):
        changes[step] = 0.7 * changes[step - 1] + rng.normal()
    return level + changes.cumsum()


def slow_forecast(series: np.ndarray, horizon: int) -> np.ndarray:
    scale = np.abs(series).mean()
    level = series / scale
    ahead, criteria = [], []
    for logs in (False, True) if level.min() > 0 else (False,):
        path = np.log(level) if logs else level
        for p in (0, 1):
            changes = np.diff(path)
            drift, parameters, squares = with_drift(changes, (p, 1, 0, 0), 1, 1)
            steps = continued(changes - drift, parameters, (p, 1, 0, 0), 1, horizon)
            on = path[-1] + np.cumsum(steps + drift * DAMPING ** np.arange(horizon))
            ahead.append(np.exp(on) if logs else on)
            count, free = len(changes), p + 3
            criterion = count * np.log(squares / count) + 2 * free
            criterion += 2 * free * (free + 1) / (count - free - 1)
            criteria.append(criterion + (2 * path.sum() if logs else 0.0))
    weights = np.exp(-SHARPNESS * (np.array(criteria) - min(criteria)) / 2)
    return scale * weights @ np.array(ahead) / weights.sum()


@pytest.mark.parametrize("level", [100.0, 0.0])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_weighed_mean_of_its_forms(level: float, seed: int) -> None:
    series = changing(60, seed, level)
    points = autoregression(Batch.of([series]), 10)[0]
    np.testing.assert_allclose(points, slow_forecast(series, 10), rtol=1e-9)


def test_fewer_than_six_values_are_declined() -> None:
    points = autoregression(Batch.of([[1.0, 2, 3, 4, 5], [1.0, 2, 3, 4, 5, 6]]), 3)
    assert np.isnan(points[0]).all()
    assert np.isfinite(points[1]).all()


def test_changes_that_persist_are_foreseen() -> None:
    """The best possible forecast has 0.81 of the last value's error; the model comes near."""
    series = np.array([changing(120, seed) for seed in range(600)])
    points = autoregression(Batch.of(list(series[:, :-3])), 3)[:, -1]
    of_model = np.abs(points - series[:, -1]).mean()
    assert of_model < 0.87 * np.abs(series[:, -4] - series[:, -1]).mean()


def test_criterion_of_too_many_parameters() -> None:
    assert corrected_criterion(1.0, 4, 3) == np.inf
    assert corrected_criterion(2.0, 50, 3) > corrected_criterion(1.0, 50, 3)
    assert np.isfinite(corrected_criterion(0.0, 50, 3))
