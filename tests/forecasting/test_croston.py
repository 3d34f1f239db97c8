"""Methods for intermittent demand against the papers' recursions, written plainly."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.models.croston import (
    SMOOTHINGS,
    SMOOTHINGS_OF_PROBABILITY,
    croston,
    croston_rate,
    sba,
    tsb,
    tsb_rate,
)

DEMAND = np.array([0, 0, 3, 0, 5, 0, 0, 0, 2, 2, 0, 0, 4, 0], dtype=float)


def slow_croston(series: np.ndarray, smoothing: float) -> float:
    """Size and interval smoothed over the demands alone."""
    places = np.flatnonzero(series)
    sizes, intervals = series[places], np.diff(np.r_[-1, places])
    size, interval = sizes[0], float(intervals[0])
    for demand, wait in zip(sizes[1:], intervals[1:], strict=True):
        size = smoothing * demand + (1 - smoothing) * size
        interval = smoothing * wait + (1 - smoothing) * interval
    return size / interval


@pytest.mark.parametrize("smoothing", [0.05, 0.1, 0.3])
def test_croston_and_its_correction(smoothing: float) -> None:
    rate = croston_rate(DEMAND, smoothing, False)[1]
    assert rate == pytest.approx(slow_croston(DEMAND, smoothing))
    corrected = croston_rate(DEMAND, smoothing, True)[1]
    assert corrected == pytest.approx((1 - smoothing / 2) * rate)


@pytest.mark.parametrize("corrected", [False, True])
def test_one_step_errors_use_what_was_known(corrected: bool) -> None:
    squares, _ = croston_rate(DEMAND, 0.1, corrected)
    rates = [croston_rate(DEMAND[:step], 0.1, corrected)[1] for step in range(3, len(DEMAND))]
    assert squares == pytest.approx(((DEMAND[3:] - rates) ** 2).sum())


def test_probability_falls_while_nothing_sells() -> None:
    size, probability = DEMAND[DEMAND > 0].mean(), (DEMAND > 0).mean()
    squares = 0.0
    for value in DEMAND:
        squares += (value - probability * size) ** 2
        probability += 0.2 * ((value > 0) - probability)
        if value:
            size += 0.1 * (value - size)
    assert tsb_rate(DEMAND, 0.1, 0.2) == pytest.approx((squares, probability * size))


def test_smoothing_parameters_have_the_least_errors() -> None:
    batch = Batch.of([DEMAND])
    for corrected, points in ((False, croston(batch, 1)), (True, sba(batch, 1))):
        tried = [croston_rate(DEMAND, one, corrected) for one in SMOOTHINGS]
        assert points[0, 0] == pytest.approx(min(tried)[1])
    tried = [tsb_rate(DEMAND, a, b) for a in SMOOTHINGS for b in SMOOTHINGS_OF_PROBABILITY]
    assert tsb(batch, 1)[0, 0] == pytest.approx(min(tried)[1])


@pytest.mark.parametrize("method", [croston, sba, tsb])
def test_the_rate_of_regular_demand_is_found(method) -> None:
    series = np.tile([0.0, 0.0, 6.0], 30)
    points = method(Batch.of([series, np.zeros(20)]), 4)
    np.testing.assert_allclose(points[0], 2.0, rtol=0.2)
    assert (points[0] == points[0, 0]).all()
    np.testing.assert_array_equal(points[1], 0.0)


def test_without_the_correction_the_rate_is_too_high() -> None:
    """Syntetos and Boylan: the ratio of the two smoothed numbers is biased upwards."""
    rng = np.random.default_rng(0)
    demand = np.where(rng.random((1500, 60)) < 0.3, 4.0, 0.0)
    batch = Batch.of(list(demand))
    assert croston(batch, 1).mean() > 1.03 * 1.2
    assert abs(sba(batch, 1).mean() / 1.2 - 1) < 0.05


def test_obsolete_products_are_seen_by_tsb_alone() -> None:
    series = np.r_[np.tile([0.0, 5.0], 20), np.zeros(20)]
    batch = Batch.of([series])
    assert tsb(batch, 1)[0, 0] < 0.5 < 1.5 < croston(batch, 1)[0, 0]
