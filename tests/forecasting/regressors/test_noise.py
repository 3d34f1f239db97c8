"""Noise models against slow independent ones: likelihood, innovations, forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import toeplitz

from workbench.forecasting.batch import Batch
from workbench.forecasting.regressors.noise import choose_noise, noise_points, whiten
from workbench.scenarios import streams


def _differences(values: np.ndarray, season: int) -> np.ndarray:
    once = np.diff(values, axis=0)
    return once[season:] - once[:-season]


def _airline_covariance(n: int, ordinary: float, yearly: float, season: int) -> np.ndarray:
    weights = np.zeros(season + 2)
    weights[[0, 1, season, season + 1]] = 1, -ordinary, -yearly, ordinary * yearly
    lags = [weights[: len(weights) - lag] @ weights[lag:] for lag in range(len(weights))]
    return toeplitz(np.r_[lags, np.zeros(n)][:n])


@pytest.mark.parametrize(("ordinary", "yearly"), [(0.7, 0.5), (0.0, 0.0), (-0.3, 0.9)])
def test_airline_innovations_give_the_gls_sums_of_the_full_covariance(
    ordinary: float, yearly: float
) -> None:
    rng = streams(1)["test/airline"]
    values, columns = rng.normal(size=60).cumsum(), rng.normal(size=(60, 2))
    noise = np.array([[ordinary, yearly]])
    seen = np.ones(60, dtype=bool)
    y, x, offsets = whiten(Batch.of([values], 12), columns, seen, noise)
    plain_y, plain_x = _differences(values, 12), _differences(columns, 12)
    inverse = np.linalg.inv(_airline_covariance(len(plain_y), ordinary, yearly, 12))
    assert offsets.tolist() == [0, 47]
    np.testing.assert_allclose(x.T @ x, plain_x.T @ inverse @ plain_x, rtol=1e-8)
    np.testing.assert_allclose(x.T @ y, plain_x.T @ inverse @ plain_y, rtol=1e-8)


@pytest.mark.parametrize("ratio", [0.0, 0.03, 1.0])
def test_level_innovations_pass_over_what_was_not_observed(ratio: float) -> None:
    rng = streams(2)["test/level"]
    values, columns = rng.normal(size=40), rng.normal(size=(40, 2))
    seen = rng.uniform(size=40) > 0.2
    y, x, _ = whiten(Batch.of([values], 1), columns, seen, np.array([[ratio, -1.0]]))
    # Covariance of level + noise at the observed times; the unknown start is projected out.
    times = np.flatnonzero(seen)
    cover = np.eye(len(times)) + ratio * np.minimum.outer(times, times)
    inverse = np.linalg.inv(cover)
    ones = np.ones(len(times))
    project = inverse - np.outer(inverse @ ones, ones @ inverse) / (ones @ inverse @ ones)
    np.testing.assert_allclose(x.T @ x, columns[seen].T @ project @ columns[seen], rtol=1e-8)
    np.testing.assert_allclose(x.T @ y, columns[seen].T @ project @ values[seen], atol=1e-8)


def test_choice_of_noise_is_the_likeliest_of_statsmodels() -> None:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    rng = streams(5)["test/choice"]
    shocks = rng.normal(size=170)
    moved = shocks.copy()
    moved[1:] -= 0.6 * shocks[:-1]
    values = moved.cumsum()
    for t in range(12, 170):
        values[t] += values[t - 12]
    values = values[20:] / 10
    found = choose_noise(Batch.of([values], 12), np.empty((150, 0)), np.ones(150, dtype=bool))[0]
    model = SARIMAX(values, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), simple_differencing=True)

    def likelihood(ordinary: float, yearly: float) -> float:
        variances = np.geomspace(0.2, 5, 60) * np.var(np.diff(values[12:] - values[:-12]))
        return max(model.loglike([-ordinary, -yearly, v]) for v in variances)

    best = max(
        ((a, b) for a in (-0.3, 0.0, 0.3, 0.5, 0.7, 0.85) for b in (0.0, 0.3, 0.5, 0.7, 0.9)),
        key=lambda pair: likelihood(*pair),
    )
    assert tuple(found) == best


def test_forecasts_repeat_trend_and_season_whatever_the_unit() -> None:
    months = np.arange(84)
    pure = np.exp(0.01 * months + 0.3 * np.sin(2 * np.pi * months / 12))
    forecasts = noise_points(Batch.of([pure[:72], pure[:72] * 1000], 12), 12)
    np.testing.assert_allclose(forecasts[0], pure[72:], rtol=1e-6)
    np.testing.assert_allclose(forecasts[1], forecasts[0] * 1000, rtol=1e-9)


@pytest.mark.parametrize(
    "values", [[5.0], [5.0, 5.0], [0.0] * 40, [3.0] * 40, list(range(-20, 20)), [0.0, 9.0] * 20]
)
def test_odd_series_are_forecast_with_finite_numbers(values: list[float]) -> None:
    assert np.isfinite(noise_points(Batch.of([values], 12), 6)).all()
