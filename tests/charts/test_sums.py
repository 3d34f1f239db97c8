"""Rounded parts add up to the rounded sum, each within one step of itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.charts import rounded_together

AMOUNTS = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("parts", "total", "rounded"),
    [
        ([0.4, 0.4, 0.4], 1, [1, 0, 0]),
        ([1.5, 1.5], 3, [2, 1]),
        ([-0.6, 0.6], 0, [-1, 1]),
        ([2.0, 3.0], 5, [2, 3]),
        ([0.0, 0.5, 0.5], 1, [0, 1, 0]),
    ],
)
def test_largest_remainders_are_rounded_up(parts: list, total: float, rounded: list) -> None:
    assert rounded_together(parts, total=total, step=1).tolist() == rounded


@given(parts=AMOUNTS, step=st.sampled_from([1.0, 100.0, 10_000.0]))
def test_parts_add_up_and_stay_close(parts: list[float], step: float) -> None:
    total = np.round(sum(parts) / step) * step
    written = rounded_together(parts, total=total, step=step)
    assert written.sum() == pytest.approx(total / step)
    assert (np.abs(written - np.array(parts) / step) <= 1 + 1e-6).all()
