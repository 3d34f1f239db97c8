"""Errors are brought to the size they have lately, as far as rows can tell."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.recent import brought_to_latest, near_origins
from workbench.scenarios import streams

HORIZON = 8


def evidence(rows: int, sizes: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
    """Errors of origins so many observations before the end, as large as said."""
    generator = streams(6)["recent"]
    errors, back = [], []
    for steps, size in sizes.items():
        part = size * generator.standard_normal((rows, HORIZON))
        part[:, steps:] = np.nan
        errors.append(part)
        back += [steps] * rows
    return np.concatenate(errors), np.array(back)


@pytest.mark.parametrize(
    ("horizon", "backs"),
    [(1, ()), (2, (1,)), (3, (1, 2)), (4, (1, 2)), (18, (4, 9)), (24, (6, 12))],
)
def test_origins_near_the_end(horizon: int, backs: tuple[int, ...]) -> None:
    assert near_origins(horizon) == backs


def test_calm_times_make_all_errors_small() -> None:
    errors, back = evidence(400, {2: 0.5, 4: 0.5, 8: 1.0, 12: 1.0})
    brought = brought_to_latest(errors, back)
    for steps in (2, 4, 8, 12):
        size = np.nanmean(np.abs(brought[back == steps]))
        # half a normal's mean absolute value; what lies further back still counts a little
        assert 0.5 < size / np.sqrt(2 / np.pi) < 0.65


def test_times_alike_change_nothing_much() -> None:
    errors, back = evidence(400, dict.fromkeys((2, 4, 8, 12), 1.0))
    ratio = brought_to_latest(errors, back) / errors
    assert np.nanmax(np.abs(np.log(ratio))) < 0.12


def test_few_rows_say_little() -> None:
    many = evidence(400, {4: 0.5, 8: 1.0})
    few = evidence(2, {4: 0.5, 8: 1.0})
    moved = [np.log(np.nanmean(brought_to_latest(*one) / one[0])) for one in (many, few)]
    assert abs(moved[1]) < 0.3 * abs(moved[0])


def test_the_unit_of_errors_and_the_order_of_rows_do_not_matter() -> None:
    errors, back = evidence(50, {4: 0.5, 8: 1.0})
    order = np.random.default_rng(1).permutation(len(back))
    plain = brought_to_latest(errors, back)
    np.testing.assert_allclose(brought_to_latest(errors[order], back[order]), plain[order])
    np.testing.assert_allclose(brought_to_latest(1000 * errors, back), 1000 * plain, rtol=0.02)


def test_nothing_seen_stays_nothing() -> None:
    none = np.empty((0, HORIZON))
    assert brought_to_latest(none, np.empty(0, dtype=np.int64)).shape == (0, HORIZON)
    zeros = brought_to_latest(np.zeros((3, HORIZON)), np.array([8, 8, 12]))
    np.testing.assert_array_equal(zeros, np.zeros((3, HORIZON)))
