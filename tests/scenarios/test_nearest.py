"""The nearest correlation matrix: published cases, and what holds for any matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError, ParameterError
from workbench.scenarios import nearest_correlation


@st.composite
def guessed(draw: st.DrawFn) -> np.ndarray:
    """A symmetric matrix of guesses with ones on its diagonal; mostly none that can hold."""
    size = draw(st.integers(1, 6))
    count = size * (size - 1) // 2
    values = draw(st.lists(st.floats(-1, 1), min_size=count, max_size=count))
    matrix = np.eye(size)
    matrix[np.triu_indices(size, 1)] = values
    return np.maximum(matrix, matrix.T) + np.minimum(matrix, matrix.T) - np.diag(np.diag(matrix))


def test_the_example_of_higham_2002_and_nag_g02aa():
    # Higham (2002), IMA J. Numer. Anal. 22, p. 342; digits from the example of NAG's g02aa.
    found = nearest_correlation(
        [[2, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]], smallest=0
    )
    published = [
        [1.0, -0.8084125, 0.1915875, 0.10677505],
        [-0.8084125, 1.0, -0.65623269, 0.1915875],
        [0.1915875, -0.65623269, 1.0, -0.8084125],
        [0.10677505, 0.1915875, -0.8084125, 1.0],
    ]
    assert np.abs(found.matrix - published).max() < 5e-9
    assert found.pair == ("1", "2")
    assert found.largest_change == pytest.approx(1 - 0.65623269, abs=5e-9)


def test_three_that_cannot_all_hold_as_published():
    # Higham (2002), section 1: the matrix [1 1 0; 1 1 1; 0 1 1], distance 0.5278.
    found = nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]], smallest=0, names="abc")
    assert found.matrix[0] == pytest.approx([1, 0.7607, 0.1573], abs=5e-5)
    assert found.distance == pytest.approx(0.5278, abs=5e-5)
    assert found.changed


@given(matrix=guessed())
def test_what_comes_back_is_a_correlation_matrix(matrix):
    found = nearest_correlation(matrix, smallest=1e-6)
    assert (np.diag(found.matrix) == 1).all()
    assert np.array_equal(found.matrix, found.matrix.T)
    assert np.linalg.eigvalsh(found.matrix)[0] > 0.99e-6
    assert np.abs(found.matrix).max() <= 1


@given(matrix=guessed(), seed=st.integers(0, 100))
def test_no_other_correlation_matrix_lies_nearer(matrix, seed):
    found = nearest_correlation(matrix)
    # Of a convex set: all of it lies beyond the plane through the nearest point.
    shape = (20, len(matrix), len(matrix) + 2)
    factors = np.random.default_rng(seed).normal(size=shape)
    factors /= np.linalg.norm(factors, axis=2, keepdims=True)
    others = factors @ factors.transpose(0, 2, 1)
    across = ((matrix - found.matrix) * (others - found.matrix)).sum(axis=(1, 2))
    assert across.max() < 1e-6


@given(matrix=guessed())
def test_a_correlation_matrix_is_left_as_it_is(matrix):
    once = nearest_correlation(matrix, smallest=0.01).matrix
    again = nearest_correlation(once, smallest=0.009)
    assert again.steps == 0
    assert again.distance == 0
    assert not again.changed
    assert np.array_equal(again.matrix, once)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 0.5]], "is square"),
        ([[1, 0.5], [0.4, 1]], "is symmetric"),
        ([[1, np.nan], [np.nan, 1]], "holds numbers only"),
    ],
)
def test_what_is_no_such_matrix_is_refused(matrix, message):
    with pytest.raises(InputError, match=message):
        nearest_correlation(matrix)


def test_a_bound_that_no_matrix_can_meet_is_refused():
    with pytest.raises(ParameterError, match="the bound"):
        nearest_correlation(np.eye(2), smallest=1)
