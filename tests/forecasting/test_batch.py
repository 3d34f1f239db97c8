"""Series end to end: taking, cutting, scaling and padding keep every value in its place."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.batch import Batch

SERIES = [[1.0, 2.0, 3.0], [10.0], [-4.0, 0.0, 4.0, 8.0]]


@pytest.fixture
def batch() -> Batch:
    return Batch.of(SERIES, season=4)


def test_series_come_back_as_they_went_in(batch: Batch) -> None:
    assert len(batch) == 3
    assert [batch.series(number).tolist() for number in range(3)] == SERIES


def test_taking_keeps_order_and_accepts_a_mask(batch: Batch) -> None:
    taken = batch.take([2, 0])
    assert [taken.series(number).tolist() for number in range(2)] == [SERIES[2], SERIES[0]]
    masked = batch.take(np.array([False, True, False]))
    assert masked.values.tolist() == [10.0]
    assert masked.season == 4


def test_cutting_leaves_what_was_known(batch: Batch) -> None:
    cut = batch.take([0, 2]).cut([1, 3])
    assert [cut.series(number).tolist() for number in range(2)] == [[1.0, 2.0], [-4.0]]
    with pytest.raises(ValueError, match="no observation left"):
        batch.cut(1)


def test_scaling_gives_a_mean_of_one_and_leaves_zeros() -> None:
    scaled, scale = Batch.of([[2.0, 4.0], [0.0, 0.0]]).scaled()
    assert scale.tolist() == [3.0, 1.0]
    assert np.abs(scaled.series(0)).mean() == 1.0
    assert scaled.series(1).tolist() == [0.0, 0.0]


def test_padding_is_to_the_right(batch: Batch) -> None:
    matrix = batch.padded()
    assert matrix.shape == (3, 4)
    assert matrix[:, -1].tolist() == [3.0, 10.0, 8.0]
    assert np.isnan(matrix[1, :3]).all()


def test_minima(batch: Batch) -> None:
    assert batch.minima().tolist() == [1.0, 10.0, -4.0]
