"""How large errors are: from the history of a series, what is forecast, and what a panel shows."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.scale import (
    PRIOR_POWER,
    error_scale,
    learn_scale,
    relative_level,
    traits,
)
from workbench.scenarios import streams

ROWS, HORIZON = 400, 12
SEASON = 1 + 0.6 * np.sin(2 * np.pi * np.arange(HORIZON) / HORIZON)


def seasonal(rows: int = ROWS) -> Batch:
    generator = streams(3)["scale"]
    levels = np.exp(generator.normal(0, 1, rows))
    noise = np.exp(0.1 * generator.standard_normal((rows, 60)))
    return Batch.of(list(levels[:, None] * np.tile(SEASON, 5) * noise), 12)


def errors_that_go_with(points: np.ndarray, power: float) -> np.ndarray:
    noise = streams(6)["errors"].standard_normal(points.shape)
    return (
        points.mean(axis=1, keepdims=True)
        * (points / points.mean(axis=1, keepdims=True)) ** (power)
        * noise
    )


def learnt(batch: Batch, points: np.ndarray, errors: np.ndarray):  # type: ignore[no-untyped-def]
    kinds = np.zeros(len(batch), dtype=np.int64)
    return learn_scale(errors, points, error_scale(batch), traits(batch), kinds)


def test_the_scale_of_mase_and_what_stands_in() -> None:
    season = np.tile([1.0, 3.0, 2.0, 6.0], 3) + np.repeat([0.0, 1.0, 3.0], 4)
    batch = Batch.of([season, [4.0, 7.0, 5.0], [8.0, 8.0, 8.0], [0.0, 0.0]], 4)
    np.testing.assert_allclose(error_scale(batch), [1.5, 2.5, 0.08, 1.0])


def test_traits_are_sizes_over_the_naive_error() -> None:
    season = [1.0, 3.0, 2.0, 6.0, 2.0, 5.0, 2.0, 7.0, 4.0, 5.0, 4.0, 9.0]
    line = np.arange(1.0, 13.0)
    batch = Batch.of([season, line, [5.0]], 4)
    sizes = np.exp(traits(batch)) - 1e-3
    changes = np.array([1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 2.0, 2.0])
    weight = 0.5 ** (np.arange(7, -1, -1) / 8)
    naive = changes.mean()
    wanted = [
        np.abs(np.diff(season)).mean(),
        (weight @ changes) / weight.sum(),
        np.mean(season[-4:]),
        np.abs(changes - changes.mean()).mean(),
    ]
    np.testing.assert_allclose(sizes[0], np.array(wanted) / naive, rtol=1e-9)
    # a line changes by the same every year: its naive error is none of a forecast
    np.testing.assert_allclose(sizes[1], [1 / 4, 1.0, 10.5 / 4, 0.0], atol=1e-9)
    assert np.isfinite(sizes[2]).all()


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_how_errors_go_with_the_forecast_is_learnt(power: float) -> None:
    batch = seasonal()
    points = batch.padded()[:, -HORIZON:]
    model = learnt(batch, points, errors_that_go_with(points, power))
    assert model.power == pytest.approx(power, abs=0.1)
    scale = model.of(batch, points, np.zeros(ROWS, dtype=np.int64))
    ratio = scale.max(axis=1) / scale.min(axis=1)
    wanted = (points.max(axis=1) / points.min(axis=1)) ** model.power
    np.testing.assert_allclose(ratio, wanted, rtol=1e-9)


def test_few_rows_keep_the_usual_power() -> None:
    batch = seasonal(2)
    points = batch.padded()[:, -HORIZON:]
    assert learnt(batch, points, points).power == pytest.approx(PRIOR_POWER, abs=0.2)
    none = learnt(batch.take(np.empty(0, dtype=np.int64)), points[:0], points[:0])
    assert none.power == PRIOR_POWER


def test_the_unit_does_not_matter() -> None:
    batch = seasonal()
    points = batch.padded()[:, -HORIZON:]
    errors = errors_that_go_with(points, 0.7)
    kinds = np.zeros(ROWS, dtype=np.int64)
    plain = learnt(batch, points, errors).of(batch, points, kinds)
    bigger = Batch(batch.values * 1000, batch.offsets, 12)
    thousand = learnt(bigger, points * 1000, errors * 1000).of(bigger, points * 1000, kinds)
    np.testing.assert_allclose(thousand, 1000 * plain, rtol=1e-9)


def test_levels_of_a_hierarchy_have_their_own_size() -> None:
    batch = seasonal()
    points = batch.padded()[:, -HORIZON:]
    kinds = np.arange(ROWS) % 2
    errors = errors_that_go_with(points, 0.5) * np.where(kinds, 3.0, 1.0)[:, None]
    model = learn_scale(errors, points, error_scale(batch), traits(batch), kinds, strata=2)
    assert np.exp(model.levels[1] - model.levels[0]) == pytest.approx(3.0, rel=0.1)


def test_nothing_sold_lately_or_nothing_forecast_stays_finite() -> None:
    batch = Batch.of([np.r_[np.ones(30), np.zeros(12)], np.zeros(20), np.full(30, 5.0)], 12)
    points = np.array([[0.0, 1.0, 1e9]] * 3)
    relative = relative_level(points, error_scale(batch), traits(batch))
    np.testing.assert_array_equal(relative[:2], 1.0)
    np.testing.assert_allclose(relative[2], [0.1, 0.2, 10.0], rtol=1e-6)
