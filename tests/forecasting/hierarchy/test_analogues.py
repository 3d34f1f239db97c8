"""New series take season, growth and ramp from series like them, at a level of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch
from workbench.forecasting.hierarchy.analogues import borrow

SEASON = np.array([0.5, 1.0, 1.5, 1.0])
KEYS = pd.DataFrame(
    {"line": ["pumps"] * 3 + ["valves"] * 3, "region": ["East", "West"] * 3},
    index=["p1", "p2", "p3", "v1", "v2", "v3"],
)
NEW = pd.DataFrame({"line": ["pumps"], "region": ["East"]}, index=["new"])


def history(growth: float = 1.0, ramp: np.ndarray | None = None) -> Batch:
    """Pumps have a season, valves none; p3 is launched three years before the end."""
    years = growth ** (np.arange(24) / 4)
    pump = 10 * np.tile(SEASON, 6) * years
    series = [pump, 2 * pump, pump[12:].copy()]
    series[2][:4] *= np.ones(4) if ramp is None else ramp
    return Batch.of([*series, *(np.full(24, 50.0) for _ in range(3))], season=4)


def test_shape_comes_from_those_that_share_keys_and_are_named() -> None:
    (made,) = borrow(NEW, keys=KEYS, history=history(), horizon=6, levels={"new": 7.0}, most=3)
    assert made.analogues == ("p1", "p3", "p2")  # line and region; longer first; line alone
    assert made.shared == (("line", "region"), ("line", "region"), ("line",))
    assert sum(made.weights) == pytest.approx(1.0)
    assert made.weights[0] > made.weights[2]
    assert made.launches == ("p3",)
    assert made.season == pytest.approx(SEASON)
    assert made.points == pytest.approx(7 * np.resize(SEASON, 6))
    assert made.given


def test_without_a_plan_the_level_is_the_median_of_first_seasons() -> None:
    (made,) = borrow(NEW, keys=KEYS, history=history(), horizon=4, most=3)
    assert sorted(made.first_seasons) == pytest.approx([10.0, 10.0, 20.0])
    assert made.scale == pytest.approx(10.0)
    assert not made.given
    assert made.points.mean() == pytest.approx(10.0)


def test_growth_and_ramp_are_those_of_the_analogues() -> None:
    ramp = np.array([0.25, 0.5, 0.75, 1.0])
    plain = history(growth=1.2)
    (made,) = borrow(NEW, keys=KEYS, history=plain, horizon=8, levels={"new": 1.0}, most=3)
    assert made.growth == pytest.approx(1.2, rel=0.02)
    assert made.points[4:].sum() / made.points[:4].sum() == pytest.approx(1.2, rel=0.02)
    (made,) = borrow(
        NEW, keys=KEYS, history=history(ramp=ramp), horizon=8, levels={"new": 1.0}, most=3
    )
    smooth = np.convolve(np.concatenate([ramp[:1], ramp, ramp[-1:]]), np.ones(3) / 3, "valid")
    assert made.ramp == pytest.approx(smooth, rel=0.05)
    assert made.points[:4].mean() == pytest.approx(1.0)
    assert made.points[0] < made.points[4]


def test_a_stranger_takes_the_shape_of_all_and_says_so() -> None:
    stranger = pd.DataFrame({"line": ["other"], "region": ["North"]}, index=["new"])
    (made,) = borrow(stranger, keys=KEYS, history=history(), horizon=4, most=6)
    assert set(made.shared) == {()}
    assert len(made.analogues) == 6
    assert np.isfinite(made.points).all()


def test_units_and_names_do_not_matter() -> None:
    batch = history(growth=1.1)
    large = Batch(batch.values * 1000, batch.offsets, batch.season)
    (plain,) = borrow(NEW, keys=KEYS, history=batch, horizon=9)
    (scaled,) = borrow(NEW, keys=KEYS.rename(index=str.upper), history=large, horizon=9)
    assert scaled.points == pytest.approx(1000 * plain.points)


@pytest.mark.parametrize("values", [np.zeros(24), np.full(24, 3.0), -np.arange(24.0)])
def test_odd_histories_give_finite_forecasts(values: np.ndarray) -> None:
    batch = Batch.of([values, values[:5], values[:4], values[:1], values[:2], values], season=4)
    (made,) = borrow(NEW, keys=KEYS, history=batch, horizon=12)
    assert np.isfinite(made.points).all()
    assert len(made.points) == 12


def test_yearly_series_have_no_season_to_borrow() -> None:
    batch = Batch.of([np.arange(1.0, 7.0)] * 6, season=1)
    (made,) = borrow(NEW, keys=KEYS, history=batch, horizon=3, levels={"new": 2.0})
    assert made.season.tolist() == [1.0]
    assert made.points[0] == pytest.approx(2.0)
    assert made.growth == pytest.approx(6 / 5)


def test_what_cannot_be_borrowed_is_refused() -> None:
    with pytest.raises(InputError, match="no series has a whole season"):
        borrow(NEW, keys=KEYS, history=Batch.of([[1.0]] * 6, season=4), horizon=3)
    with pytest.raises(InputError, match="do not fit"):
        borrow(NEW, keys=KEYS[:5], history=history(), horizon=3)
    with pytest.raises(ParameterError, match="not a number"):
        borrow(NEW, keys=KEYS, history=history(), horizon=3, levels={"new": np.nan})
    with pytest.raises(ParameterError, match="at least 1"):
        borrow(NEW, keys=KEYS, history=history(), horizon=0)
