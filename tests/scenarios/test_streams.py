"""Named streams: same name, same numbers; other names and seeds, others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ParameterError
from workbench.scenarios import streams


@given(seed=st.integers(0, 2**40), name=st.text(max_size=30))
def test_a_name_gives_its_numbers_again(seed, name):
    first, again = streams(seed)[name].random(5), streams(seed)[name].random(5)
    assert (first == again).all()


def test_drawing_from_one_name_does_not_move_another():
    source = streams(7)
    before = source["b"].random(3)
    source["a"].random(1000)
    assert (source["b"].random(3) == before).all()


def test_names_and_seeds_are_independent():
    numbers = [streams(seed)[name].random(2000) for seed in (7, 8) for name in ("a", "b")]
    correlation = np.corrcoef(numbers) - np.eye(4)
    assert np.abs(correlation).max() < 0.08


def test_a_stream_is_the_same_on_every_machine():
    # PCG64 and SeedSequence are kept by numpy's compatibility policy; bounded integers follow.
    numbers = streams(7)["risk/key_account_loss"].integers(0, 1000, 4)
    assert numbers.tolist() == [974, 821, 138, 469]


def test_a_negative_seed_is_refused():
    with pytest.raises(ParameterError, match="not negative"):
        streams(-1)
