"""Automatic seasonal ARIMA: differences by tests, forecasts near those of statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.stattools import kpss

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.arima import arima, level_statistic, needed_differences


def airline_like(count: int, seed: int) -> np.ndarray:
    """Differences over neighbours and seasons that follow moving averages."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0, 0.02, count + 13)
    values = np.zeros(count + 13)
    values[:13] = 0.2 * np.sin(np.arange(13) * 2 * np.pi / 12)
    for t in range(13, count + 13):
        values[t] = values[t - 1] + values[t - 12] - values[t - 13] + shocks[t]
        values[t] += -0.4 * shocks[t - 1] - 0.6 * shocks[t - 12] + 0.24 * shocks[t - 13]
    return 100 * np.exp(values[13:])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore")
def test_kpss_statistic_is_that_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for series in (rng.normal(size=90), rng.normal(size=90).cumsum()):
        lags = int(4 * (len(series) / 100) ** 0.25)
        assert level_statistic(series) == pytest.approx(kpss(series, nlags=lags)[0], rel=1e-9)


def test_differences_are_taken_where_needed() -> None:
    rng = np.random.default_rng(1)
    season = 3 * np.sin(np.arange(120) * 2 * np.pi / 12)
    assert needed_differences(rng.normal(size=120), 12) == (0, 0)
    assert needed_differences(rng.normal(0.2, 1, size=120).cumsum(), 12) == (0, 1)
    assert needed_differences(season + rng.normal(0, 0.3, 120), 12) == (1, 0)
    assert needed_differences(np.full(60, 2.0), 12) == (0, 0)


def test_forecasts_come_near_the_model_that_made_the_series() -> None:
    apart = []
    for seed in range(6):
        series = airline_like(132, seed)
        fit = ARIMA(np.log(series), order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)).fit()
        points = arima(Batch.of([series], 12), 12)[0]
        apart.append(np.abs(points / np.exp(fit.forecast(12)) - 1).mean())
    assert np.median(apart) < 0.03


def test_too_few_values_are_declined() -> None:
    points = arima(Batch.of([np.arange(1.0, 8.0), 5.0 + np.arange(30.0) % 3]), 3)
    assert np.isnan(points[0]).all()
    assert np.isfinite(points[1]).all()
