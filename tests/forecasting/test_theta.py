"""The theta method against its own first definition and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from statsmodels.tsa.forecasting.theta import ThetaModel

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.theta import best_smoothing, line_slope, smoothed, theta


def walk(count: int, seed: int, drift: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 60 + rng.normal(drift, 1, count).cumsum() + rng.normal(0, 1, count)


def squared_errors(series: np.ndarray, smoothing: float, first: float) -> tuple[float, float]:
    level, total = first, 0.0
    for value in series:
        total += (value - level) ** 2
        level += smoothing * (value - level)
    return total, level


@pytest.mark.parametrize("smoothing", [0.05, 0.4, 0.9])
def test_the_first_level_is_the_best_one(smoothing: float) -> None:
    series = walk(25, 1)
    squares, level = smoothed(series, smoothing)
    best = minimize(lambda first: squared_errors(series, smoothing, first[0])[0], [series[0]])
    assert squares == pytest.approx(best.fun, rel=1e-8)
    assert level == pytest.approx(squared_errors(series, smoothing, best.x[0])[1], rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_no_smoothing_parameter_does_better(seed: int) -> None:
    series = walk(60, seed)
    grid = [smoothed(series, value)[0] for value in np.linspace(0.02, 0.99, 2000)]
    assert smoothed(series, best_smoothing(series))[0] <= min(grid) * (1 + 1e-5)


def test_it_is_the_mean_of_two_theta_lines() -> None:
    """Assimakopoulos and Nikolopoulos: line 0 goes straight on, line 2 is smoothed."""
    series = walk(40, 3)
    scale = series.mean()
    time = np.arange(1, 41)
    slope, intercept = np.polyfit(time, series, 1)
    line = intercept + slope * time
    smoothing = best_smoothing(series / scale)
    first = minimize(lambda at: squared_errors(series, smoothing, at[0])[0], [series[0]]).x[0]
    _, level = squared_errors(2 * series - line, smoothing, 2 * first - line[0])
    wanted = 0.5 * (intercept + slope * np.arange(41, 49)) + 0.5 * level
    np.testing.assert_allclose(theta(Batch.of([series]), 8)[0], wanted, rtol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_statsmodels_comes_near(seed: int) -> None:
    series = walk(80, seed)
    oracle = ThetaModel(series, deseasonalize=False, method="auto").fit().forecast(12)
    np.testing.assert_allclose(theta(Batch.of([series]), 12)[0], oracle, rtol=0.01)


def test_slope_of_the_line() -> None:
    series = walk(31, 8)
    assert line_slope(series) == pytest.approx(np.polyfit(np.arange(31), series, 1)[0], rel=1e-9)
    assert line_slope(series[:1]) == 0.0
