"""Weights follow the evidence where there is much, stay equal where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.combination import admit, combine, equal
from workbench.forecasting.evidence import Evidence
from workbench.scenarios import streams


def evidence(rows: int, spreads: tuple[float, ...], horizon: int = 6) -> Evidence:
    """Members that miss by so much, each independently."""
    generator = streams(5)["combination"]
    actual = 100 + generator.standard_normal((rows, horizon))
    points = np.stack(
        [actual + spread * generator.standard_normal((rows, horizon)) for spread in spreads]
    )
    names = ("naive", "drift", "theta")[: len(spreads)]
    return Evidence(
        names, np.arange(rows), points, actual, np.ones(rows), np.zeros((rows, 3)), np.full(rows, 9)
    )


def test_much_evidence_favours_the_better_member() -> None:
    found = admit(evidence(2000, (1.0, 5.0)))
    assert found.weights.sum() == pytest.approx(1.0)
    # independent errors: the least mean error lies near the inverse variances, 25 to 1
    assert found.weights[0] == pytest.approx(25 / 26, abs=0.04)
    assert found.error < found.errors.min()


def test_alike_members_get_alike_weights() -> None:
    weights = admit(evidence(2000, (2.0, 2.0, 2.0))).weights
    assert weights == pytest.approx(np.full(3, 1 / 3), abs=0.05)


def test_little_evidence_stays_near_equal() -> None:
    few, many = admit(evidence(3, (1.0, 5.0))).weights, admit(evidence(3000, (1.0, 5.0))).weights
    assert 0.5 <= few[0] < 0.6 < many[0]


def test_no_evidence_is_equal() -> None:
    found = admit(evidence(0, (1.0, 5.0)))
    assert found.weights.tolist() == equal(("naive", "drift")).weights.tolist() == [0.5, 0.5]
    assert found.rows == 0


def test_a_member_that_declines_has_no_say() -> None:
    points = np.array([[[1.0, 1.0], [np.nan, np.nan]], [[3.0, 3.0], [5.0, 5.0]]])
    mixed = combine(points, np.array([0.5, 0.5]))
    assert mixed.tolist() == [[2.0, 2.0], [5.0, 5.0]]
    assert np.isnan(combine(points[:1], np.array([1.0]))[1]).all()


def test_squared_errors_do_not_choose_to_forecast_nothing() -> None:
    # demand in one of four periods: the median is zero, the mean is not
    generator = streams(5)["demand"]
    actual = (generator.random((400, 8)) < 0.25) * 4.0
    points = np.stack([np.zeros_like(actual), np.full_like(actual, 1.0)])
    rows = Evidence(
        ("naive", "mean"), np.arange(400), points, actual, np.ones(400), np.zeros((400, 3)),
        np.full(400, 9),
    )  # fmt: skip
    assert admit(rows).weights[0] > 0.8
    assert admit(rows, squared=True).weights[1] > 0.8
