"""Boosting across series: learns what all share, whatever their order and unit."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.models import boost, model
from workbench.scenarios import streams
from workbench.text import Language


def _panel(n: int = 60, length: int = 72) -> list[np.ndarray]:
    """Monthly series that halve in the year after each year of growth: nothing local sees it."""
    rng = streams(3)["test/boost"]
    months = np.arange(length + 12)
    season = 1 + 0.3 * np.sin(2 * np.pi * months / 12)
    swing = np.where(months // 12 % 2 == 0, 1.0, 0.5)
    levels = rng.uniform(20, 2000, n)
    noise = rng.lognormal(0, 0.03, (n, length + 12))
    return list(levels[:, None] * season * swing * noise)


@pytest.fixture(params=["lightgbm", "scikit-learn"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "lightgbm":
        pytest.importorskip("lightgbm")
    monkeypatch.setattr(boost, "_has_lightgbm", lambda: request.param == "lightgbm")
    return str(request.param)


def test_it_learns_from_all_series_what_theta_cannot_see(engine: str) -> None:
    series = _panel()
    batch = Batch.of([one[:-12] for one in series], season=12)
    actual = np.array([one[-12:] for one in series])
    error = np.abs(boost.points(batch, 12) / actual - 1).mean()
    theta = np.abs(model("theta").points(batch, 12) / actual - 1).mean()
    assert error < 0.7 * theta


def test_order_and_unit_change_nothing(engine: str) -> None:
    series = _panel(40)
    plain = boost.points(Batch.of(series, season=12), 6)
    order = np.random.default_rng(1).permutation(len(series))
    shuffled = boost.points(Batch.of([series[i] for i in order], season=12), 6)
    np.testing.assert_allclose(shuffled, plain[order], rtol=1e-9)
    scaled = boost.points(Batch.of([one * 1000 for one in series], season=12), 6)
    np.testing.assert_allclose(scaled, plain * 1000, rtol=1e-6)


def test_short_series_are_declined_and_the_rest_forecast() -> None:
    series = [*_panel(40), np.array([3.0]), np.arange(1.0, 15.0)]
    forecasts = boost.points(Batch.of(series, season=12), 6)
    assert np.isnan(forecasts[-2:]).all()
    assert np.isfinite(forecasts[:-2]).all()


def test_few_series_are_declined_as_a_whole() -> None:
    assert np.isnan(boost.points(Batch.of(_panel(3), season=12), 6)).all()


def test_zeros_constants_and_negatives_stay_finite() -> None:
    series = [*_panel(40), np.zeros(60), np.full(60, 7.0), -np.arange(60.0)]
    forecasts = boost.points(Batch.of(series, season=12), 6)
    assert np.isfinite(forecasts).all()
    assert (forecasts[:-1] >= 0).all()


def test_the_engine_is_named_when_it_is_not_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boost, "_has_lightgbm", lambda: False)
    assert "scikit-learn" in boost.engine_note(Language("en"))
    assert "scikit-learn" in boost.engine_note(Language("zh"))
    monkeypatch.setattr(boost, "_has_lightgbm", lambda: True)
    assert boost.engine_note(Language("en")) == ""
