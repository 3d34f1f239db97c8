"""Measures of error against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.measures import (
    coverage,
    interval_score,
    mase,
    naive_scale,
    rmsse,
    smape,
)

# history 1, 2, 4 (mean change 1.5), then 5 and 6, forecast 4 and 4
SCALE = naive_scale(Batch.of([[1.0, 2.0, 4.0]]))
ACTUAL = np.array([[5.0, 6.0]])
POINTS = np.array([[4.0, 4.0]])


def test_scale_is_the_mean_change() -> None:
    assert SCALE.tolist() == [1.5]
    assert np.isnan(naive_scale(Batch.of([[3.0, 3.0], [7.0]]))).all()


def test_seasonal_scale_compares_with_the_season_before() -> None:
    assert naive_scale(Batch.of([[1.0, 2.0, 5.0, 9.0]], season=2)).tolist() == [5.5]


def test_errors_of_points() -> None:
    assert mase(ACTUAL, POINTS, SCALE)[0] == pytest.approx(1.0)
    assert smape(ACTUAL, POINTS)[0] == pytest.approx(100 * (2 / 9 + 4 / 10) / 2)
    assert rmsse(ACTUAL, POINTS, SCALE)[0] == pytest.approx(np.sqrt(2.5) / 1.5)


def test_zero_against_zero_is_no_error() -> None:
    assert smape(np.zeros((1, 2)), np.zeros((1, 2))).tolist() == [0.0]


def test_leads_that_were_not_seen_do_not_count() -> None:
    actual = np.array([[5.0, np.nan]])
    assert mase(actual, POINTS, SCALE)[0] == pytest.approx(1 / 1.5)
    assert coverage(actual, POINTS - 1, POINTS + 1).tolist() == [1.0]


def test_intervals() -> None:
    low, high = np.array([[3.0, 3.0]]), np.array([[5.0, 5.0]])
    assert coverage(ACTUAL, low, high).tolist() == [0.5]
    # width 2, one value 1 above: 2/0.2 * 1 at level 80
    assert interval_score(ACTUAL, low, high, 0.80)[0] == pytest.approx((2 + 2 + 10) / 2)
