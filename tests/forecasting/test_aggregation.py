"""Multiple aggregation over time, against a plain loop."""

from __future__ import annotations

import numpy as np

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.aggregation import SMOOTHINGS, imapa, summed_over
from workbench.forecasting.models.theta import smoothed


def slow_imapa(series: np.ndarray) -> float:
    demands = np.count_nonzero(series)
    levels = max(1, min(round(len(series) / demands), len(series) // 2))
    rates = []
    for width in range(1, levels + 1):
        kept = series[len(series) % width :]
        sums = kept.reshape(-1, width).sum(axis=1)
        rates.append(min(smoothed(sums, one) for one in SMOOTHINGS)[1] / width)
    return float(np.mean(rates))


def test_sums_end_with_the_last_period() -> None:
    series = np.arange(1.0, 8.0)
    assert summed_over(series, 1).tolist() == series.tolist()
    assert summed_over(series, 3).tolist() == [9.0, 18.0]
    assert summed_over(series, 7).tolist() == [28.0]


def test_it_is_the_mean_over_levels() -> None:
    rng = np.random.default_rng(4)
    series = [
        np.where(rng.random(size) < share, rng.poisson(4, size) + 1.0, 0.0)
        for size in (24, 39, 60)
        for share in (0.1, 0.3, 0.9)
    ]
    assert all(one.any() for one in series)
    points = imapa(Batch.of(series, 12), 3)
    np.testing.assert_allclose(points[:, 0], [slow_imapa(one) for one in series], rtol=1e-9)
    np.testing.assert_array_equal(points[:, 0], points[:, 2])


def test_no_demand_is_zero() -> None:
    points = imapa(Batch.of([np.zeros(12), [0.0], [4.0]]), 2)
    np.testing.assert_array_equal(points, [[0, 0], [0, 0], [4, 4]])
