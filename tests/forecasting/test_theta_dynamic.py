"""The dynamic optimised theta model against the equations of its paper, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.theta_dynamic import (
    SPREAD,
    START,
    USUAL_WEIGHT,
    dynamic_theta,
    fitted,
    lines,
)


def walk(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (60 + rng.normal(0.5, 1, count).cumsum() + rng.normal(0, 1, count)) / 60


def recursion(
    series: np.ndarray, smoothing: float, first: float, weight: float, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fiorucci et al. (2016): one-step errors, and forecasts that stand in for values."""
    known, level, errors = list(series), first, []
    for time in range(1, len(series) + horizon + 1):
        past = np.array(known[: time - 1])
        slope = intercept = 0.0
        if len(past) > 1:
            slope, intercept = np.polyfit(np.arange(1, time), past, 1)
        elif len(past) == 1:
            intercept = past[0]
        share = (1 - smoothing) ** (time - 1)
        line = share * intercept + (1 - (1 - smoothing) ** time) / smoothing * slope
        mu = level + weight * line
        if time > len(series):
            known.append(mu)
        errors.append(known[time - 1] - mu)
        level = smoothing * known[time - 1] + (1 - smoothing) * level
    return np.array(errors[: len(series)]), np.array(known[len(series) :])


def test_lines_through_the_first_values() -> None:
    series = walk(20, 0)
    intercepts, slopes = lines(series)
    for count in range(2, 21):
        wanted = np.polyfit(np.arange(1, count + 1), series[:count], 1)
        assert slopes[count - 1] == pytest.approx(wanted[0], rel=1e-9)
        assert intercepts[count - 1] == pytest.approx(wanted[1], rel=1e-9)


@pytest.mark.parametrize("smoothing", [0.1, 0.5, 0.95])
def test_first_level_and_weight_are_the_best(smoothing: float) -> None:
    """The errors are linear in both, so that least squares with one more row is the oracle."""
    series = walk(30, 2)
    at_zero, at_first, at_weight = (
        recursion(series, smoothing, *pair, 0)[0][START:] for pair in ((0, 0), (1, 0), (0, 1))
    )
    columns = np.column_stack([at_zero - at_first, at_zero - at_weight])
    free, squares, _, _ = np.linalg.lstsq(columns, at_zero)
    assert 0 < free[1] < 1
    trust = squares[0] / (len(at_zero) - 2) / SPREAD
    columns = np.vstack([columns, [0.0, np.sqrt(trust)]])
    wanted, squares, _, _ = np.linalg.lstsq(columns, np.r_[at_zero, np.sqrt(trust) * USUAL_WEIGHT])
    found = fitted(series, *lines(series), smoothing)
    np.testing.assert_allclose(found, [squares[0], *wanted], rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_forecasts_follow_the_recursion(seed: int) -> None:
    series = walk(45, seed)
    series = series / series.mean()
    intercepts, slopes = lines(series)
    grid = np.linspace(0.1, 0.99, 400)
    smoothing = min(grid, key=lambda value: fitted(series, intercepts, slopes, value)[0])
    _, first, weight = fitted(series, intercepts, slopes, smoothing)
    _, wanted = recursion(series, smoothing, first, weight, 10)
    np.testing.assert_allclose(dynamic_theta(Batch.of([series]), 10)[0], wanted, rtol=3e-3)


def test_a_straight_line_goes_on_most_of_the_way() -> None:
    series = 10.0 + 2.0 * np.arange(30)
    points = dynamic_theta(Batch.of([series]), 5)[0]
    np.testing.assert_allclose(points, 10.0 + 2.0 * np.arange(30, 35), rtol=1e-3)
