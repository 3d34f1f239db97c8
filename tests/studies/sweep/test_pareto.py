"""The Pareto front against its definition, and ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.studies.sweep.pareto import front, ranked

# few distinct values, so that ties are common
NUMBERS = st.one_of(st.integers(-3, 3).map(float), st.just(float("nan")), st.floats(-1e6, 1e6))
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=40)
AIMS = st.tuples(st.sampled_from(["max", "min"]), st.sampled_from(["max", "min"]))


@given(points=POINTS, aims=AIMS)
def test_on_the_front_is_who_is_not_dominated(points, aims):
    x, y = (np.array([point[i] for point in points], dtype=float) for i in (0, 1))
    signs = [1 if aim == "max" else -1 for aim in aims]

    def dominates(a: int, b: int) -> bool:
        gains = [(values[a] - values[b]) * sign for values, sign in zip((x, y), signs, strict=True)]
        return min(gains) >= 0 and max(gains) > 0

    known = [i for i in range(len(points)) if np.isfinite(x[i]) and np.isfinite(y[i])]
    expected = [i in known and not any(dominates(j, i) for j in known) for i in range(len(points))]
    assert front(x, y, aims=aims).tolist() == expected


@pytest.mark.parametrize(
    ("aims", "on"),
    [
        (("max", "max"), [2, 3, 4]),
        (("min", "min"), [0]),
        (("max", "min"), [4]),
        (("min", "max"), [0, 1, 2, 3]),
    ],
)
def test_front_of_six_points(aims, on):
    x = [0, 1, 2, 2, 3, 1]
    y = [0, 2, 3, 3, 0, np.nan]
    assert np.flatnonzero(front(x, y, aims=aims)).tolist() == on


@given(values=st.lists(NUMBERS, max_size=30), aim=st.sampled_from(["max", "min"]))
def test_ranked_begins_with_the_best_and_leaves_out_what_is_missing(values, aim):
    order = ranked(values, aim=aim)
    found = [values[place] for place in order]
    assert len(found) == sum(np.isfinite(values))
    assert found == sorted(found, reverse=aim == "max")


def test_ties_keep_their_order():
    assert ranked([2, 1, 2, 1], aim="min").tolist() == [1, 3, 0, 2]
