"""Waves of a long season: the least squares of numpy, exact on waves, little on noise."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.seasonal_adjustment import adjust
from workbench.forecasting.models.seasonal_harmonics import CORRELATIONS, MOST_WAVES, wave_season


def season_of(steps: np.ndarray) -> np.ndarray:
    angle = 2 * np.pi * steps / 52
    return 0.3 * np.sin(angle) + 0.1 * np.cos(3 * angle)


def slow_season(series: np.ndarray, season: int) -> np.ndarray:
    """Every number of waves and autocorrelation by numpy's least squares."""
    count = len(series)
    steps = np.arange(count + season)
    best = (np.inf, np.zeros(count + season))
    for correlation in CORRELATIONS:
        for waves in range(MOST_WAVES + 1):
            plain = [np.ones(count + season), steps / count - 0.5][int(correlation == 1.0) :]
            angles = [2 * np.pi * (wave + 1) * steps / season for wave in range(waves)]
            turning = [turn(angle) for angle in angles for turn in (np.cos, np.sin)]
            rows = np.array(plain + turning)
            design = (rows[:, 1:count] - correlation * rows[:, : count - 1]).T
            values = series[1:] - correlation * series[:-1]
            weights = np.linalg.lstsq(design, values)[0]
            squares = ((values - design @ weights) ** 2).sum()
            without = (
                values
                - design[:, : len(plain)] @ (np.linalg.lstsq(design[:, : len(plain)], values)[0])
            )
            free, size = len(rows) + 2, len(values)
            criterion = size * np.log(squares / size) + 2 * free * size / (size - free - 1)
            if criterion < best[0]:
                found = np.zeros(count + season)
                if waves:
                    ratio = ((without**2).sum() - squares) / (2 * waves)
                    ratio /= squares / (size - len(rows))
                    found = max(0, 1 - 1 / ratio) * weights[len(plain) :] @ rows[len(plain) :]
                best = (criterion, found)
    return best[1]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [104, 131, 260])
def test_it_is_the_search_by_plain_least_squares(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    steps = np.arange(count)
    series = 1 + season_of(steps) + rng.normal(0, 0.05, count).cumsum() + rng.normal(0, 0.1, count)
    np.testing.assert_allclose(wave_season(series, 52), slow_season(series, 52), atol=1e-8)


def test_waves_are_found_and_go_on() -> None:
    steps = np.arange(156 + 52)
    series = 2.0 + 0.002 * steps[:156] + season_of(steps[:156])
    np.testing.assert_allclose(wave_season(series, 52), season_of(steps), atol=1e-3)


def test_noise_has_hardly_a_season() -> None:
    rng = np.random.default_rng(3)
    strength = [wave_season(rng.normal(0, 1, 156), 52).std() for _ in range(60)]
    assert np.median(strength) < 0.15


def test_long_seasons_are_taken_out_and_put_back() -> None:
    steps = np.arange(156 + 26)
    values = 50 * np.exp(season_of(steps))
    adjusted = adjust(Batch.of([values[:156], values[:90]], 52))
    assert adjusted.seasonal.tolist() == [True, False]
    np.testing.assert_allclose(adjusted.batch.series(0), 50.0, rtol=1e-2)
    np.testing.assert_allclose(adjusted.restore(np.full((2, 26), 50.0))[0], values[156:], rtol=1e-2)
