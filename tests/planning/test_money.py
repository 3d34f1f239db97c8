"""Pay along a curve and the ends of ranges agree with numpy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.planning.money import RANGE, _ends
from workbench.planning.year_ahead import STEP, along_curve

NUMBERS = st.floats(-1e6, 1e6)


@given(
    st.lists(NUMBERS, min_size=2, max_size=40),
    st.lists(st.floats(-0.5, 4.0), max_size=20),
)
def test_pay_along_a_curve_is_linear_between_its_points_and_flat_beyond(values, at):
    grid = STEP * np.arange(len(values))
    expected = np.interp(at, grid, values)
    found = along_curve(np.array(values), np.array(at))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_table_of_attainments_keeps_its_shape():
    at = np.linspace(0, 3, 12).reshape(3, 4)
    assert along_curve(np.arange(101.0), at).shape == (3, 4)


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_ends_are_the_quantiles(count, seed):
    drawn = np.random.default_rng(seed).normal(size=(2, count))
    assert _ends(drawn) == pytest.approx(np.quantile(drawn, RANGE, axis=1))
