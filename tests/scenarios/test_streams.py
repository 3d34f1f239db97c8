"""Named streams: same name, same numbers; other names, blocks and seeds, others."""

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


@given(
    names=st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=5, unique=True),
    counts=st.lists(st.integers(0, 500), min_size=5, max_size=5),
)
def test_what_is_drawn_elsewhere_leaves_a_stream_bit_identical(names, counts):
    kept, *others = names
    alone = streams(7)[kept].random(8)
    source = streams(7)
    for other, count in zip(others, counts, strict=False):
        source[other].normal(size=count)
        source.block(kept, 3).random(count)
    assert source[kept].random(8).tobytes() == alone.tobytes()


def test_names_blocks_and_seeds_are_independent():
    numbers = [streams(seed)[name].random(2000) for seed in (7, 8) for name in ("a", "b")]
    numbers += [streams(7).block("a", number).random(2000) for number in (0, 1, 2**33)]
    correlation = np.corrcoef(numbers) - np.eye(len(numbers))
    assert np.abs(correlation).max() < 0.08


def test_a_block_is_sought_directly_and_in_any_order():
    backwards = [streams(7).block("a", number).random(4) for number in reversed(range(5))]
    forwards = [streams(7).block("a", number).random(4) for number in range(5)]
    assert np.array_equal(backwards[::-1], forwards)


def test_a_stream_is_the_same_on_every_machine():
    # PCG64 and SeedSequence are kept by numpy's compatibility policy; bounded integers follow.
    numbers = streams(7)["risk/key_account_loss"].integers(0, 1000, 4)
    assert numbers.tolist() == [974, 821, 138, 469]
    numbers = streams(7).block("risk/key_account_loss", 2).integers(0, 1000, 4)
    assert numbers.tolist() == [999, 989, 999, 569]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: streams(-1),
        lambda: streams(1.5),
        lambda: streams("7"),
        lambda: streams(1).block("a", -1),
    ],
)
def test_what_is_no_whole_number_from_0_is_refused(ask):
    with pytest.raises(ParameterError, match="whole number from 0"):
        ask()
