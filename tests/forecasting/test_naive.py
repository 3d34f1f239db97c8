"""Plain forecasts against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.naive import drift, mean, naive, naive2, seasonal_naive

SERIES = [[3.0, 5.0, 4.0, 8.0, 6.0], [2.0]]


def slow_naive2(series: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """Naive2 as the M4 paper writes it, one series at a time."""
    count = len(series)
    apart = series - series.mean()
    correlations = [
        float((apart[lag:] * apart[:-lag]).sum() / (apart**2).sum()) for lag in range(1, season + 1)
    ]
    limit = 1.645 * np.sqrt((1 + 2 * sum(one**2 for one in correlations[:-1])) / count)
    if count < 3 * season or abs(correlations[-1]) <= limit:
        return np.full(horizon, series[-1])
    weights = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    half = len(weights) // 2
    by_place: dict[int, list[float]] = {place: [] for place in range(season)}
    positive = series.min() > 0
    for step in range(half, count - half):
        trend = (weights * series[step - half : step + half + 1]).sum() / season
        by_place[step % season].append(series[step] / trend if positive else series[step] - trend)
    indices = np.array([np.mean(by_place[place]) for place in range(season)])
    ahead = indices[(count + np.arange(horizon)) % season]
    last = indices[(count - 1) % season]
    if positive:
        return series[-1] / last * ahead
    return series[-1] - last + ahead


def test_last_value_mean_and_line() -> None:
    batch = Batch.of(SERIES, 4)
    np.testing.assert_allclose(naive(batch, 2), [[6, 6], [2, 2]])
    np.testing.assert_allclose(mean(batch, 2), [[5.2, 5.2], [2, 2]])
    np.testing.assert_allclose(drift(batch, 2), [[6.75, 7.5], [2, 2]])


def test_last_season_or_last_value() -> None:
    batch = Batch.of(SERIES, 4)
    np.testing.assert_allclose(seasonal_naive(batch, 6), [[5, 4, 8, 6, 5, 4], [2] * 6])


@pytest.mark.parametrize("season", [3, 4, 12])
@pytest.mark.parametrize("shift", [0.0, -100.0])
def test_naive2_is_the_benchmark_of_m4(season: int, shift: float) -> None:
    rng = np.random.default_rng(season)
    pattern = 1 + 0.4 * np.sin(2 * np.pi * np.arange(season) / season)
    series = [
        100 * np.resize(pattern, size) * np.exp(rng.normal(0, noise, size)) + shift
        for size in (2 * season, 3 * season, 5 * season + 1, 7 * season + 2)
        for noise in (0.02, 0.3, 2.0)
    ]
    points = naive2(Batch.of(series, season), 2 * season)
    wanted = [slow_naive2(one, 2 * season, season) for one in series]
    np.testing.assert_allclose(points, wanted, rtol=1e-9)


def test_naive2_leaves_long_seasons_alone() -> None:
    series = np.tile(np.arange(1.0, 53.0), 5)
    np.testing.assert_array_equal(naive2(Batch.of([series], 52), 3), [[52.0] * 3])
