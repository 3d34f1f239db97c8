"""Two scenarios compared: what was planted is found, as often and as exactly as promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.errors import InputError, ParameterError
from workbench.scenarios import cube, paired_difference, streams
from workbench.text import Language

PLANTED = 5.0


def scenario(seed: int, *, gain: float = 0.0, streams_: tuple[str, ...] = ("market", "deals")):
    """Sales of 400 draws in two regions: a common market, deals, and a planted gain."""
    source = streams(seed)
    market = source[streams_[0]].normal(1000, 100, (400, 1, 1))
    deals = source[streams_[1]].normal(0, 10, (400, 1, 2))
    return cube(
        market + deals + gain * source["gain"].uniform(0, 1, (400, 1, 2)),
        name="sales", unit="CNY", period=["2027"], keys={"region": ["east", "north"]},
        seed=seed, streams=streams_,
    )  # fmt: skip


def test_a_planted_difference_is_found_and_its_error_is_small():
    # Two regions gain 5 each on average: uniform on (0, 10) in each.
    before, after = scenario(1), scenario(1, gain=2 * PLANTED)
    found = paired_difference(before, after)
    apart = paired_difference(before, scenario(2, gain=2 * PLANTED))
    assert found.paired
    assert found.low < 2 * PLANTED < found.high
    assert found.clear
    assert found.chance_better == 1.0
    assert (apart.paired, apart.reason) == (False, "seed")
    # Sd of the paired difference is 10 sqrt(2/12) = 4.1, of sales 200: a ratio of 70.
    ratio = (apart.high - apart.low) / (found.high - found.low)
    assert ratio == pytest.approx(200 * np.sqrt(2) / (10 * np.sqrt(2 / 12)), rel=0.15)


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_hold_the_true_mean_as_often_as_they_say(paired, level):
    generator = np.random.default_rng(5)
    times, held, means = 1000, 0, []
    for _ in range(times):
        a = generator.normal(10, 3, 12)
        b = a + generator.normal(1, 1, 12) if paired else generator.normal(11, 1, 30)
        found = paired_difference(a, b, level=level)
        assert found.paired is paired
        held += found.low <= 1 <= found.high
        means.append(found.mean)
    error = np.sqrt(level * (1 - level) / times)
    assert abs(held / times - level) < 3.5 * error
    assert abs(np.mean(means) - 1) < 4 * np.std(means) / np.sqrt(times)


@given(
    a=st.lists(st.integers(-50, 50), min_size=3, max_size=20),
    b=st.lists(st.integers(-50, 50), min_size=3, max_size=20),
)
def test_figures_are_those_of_scipy(a, b):
    found = paired_difference(a, b, level=0.8)
    if len(a) == len(b):
        oracle = stats.ttest_rel(b, a)
    else:
        oracle = stats.ttest_ind(b, a, equal_var=False)
        u = stats.mannwhitneyu(b, a).statistic
        assert found.chance_better == pytest.approx(u / len(a) / len(b))
    interval = oracle.confidence_interval(0.8)
    if found.standard_error > 0:
        assert [found.low, found.high] == pytest.approx([interval.low, interval.high], abs=1e-9)
    assert found.mean == pytest.approx(np.mean(b) - np.mean(a))


@given(
    a=st.lists(st.integers(-5, 5), min_size=2, max_size=20),
    shift=st.lists(st.integers(-2, 2), min_size=20, max_size=20),
)
def test_turning_the_question_round_turns_the_answer_round(a, shift):
    b = [value + more for value, more in zip(a, shift, strict=False)]
    there, back = paired_difference(a, b), paired_difference(b, a)
    costs = paired_difference(a, b, higher_is_better=False)
    assert there.mean == -back.mean
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.chance_better + back.chance_better == pytest.approx(1)
    assert costs.chance_better == pytest.approx(back.chance_better)


def test_more_draws_narrow_the_mean_but_not_the_difference_itself():
    generator = np.random.default_rng(1)
    a, gain = np.zeros(40_000), generator.normal(1, 2, 40_000)
    few, many = paired_difference(a[:400], gain[:400]), paired_difference(a, gain)
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(10, rel=0.1)
    assert many.difference_low == pytest.approx(1 - 1.645 * 2, abs=0.06)
    assert many.difference_high == pytest.approx(1 + 1.645 * 2, abs=0.06)


def test_the_difference_of_draws_apart_spreads_as_both_do():
    generator = np.random.default_rng(1)
    found = paired_difference(generator.normal(0, 3, 5000), generator.normal(1, 4, 6000))
    assert found.difference_low == pytest.approx(1 - 1.645 * 5, abs=0.2)
    assert found.difference_high == pytest.approx(1 + 1.645 * 5, abs=0.2)
    assert found.chance_better == pytest.approx(stats.norm.cdf(1 / 5), abs=0.01)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (scenario(1, streams_=("market", "other")), None),
        (scenario(1, streams_=("else", "other")), "streams"),
        (scenario(2), "seed"),
        (scenario(1).isel(draw=slice(0, 300)), "draws"),
        (scenario(1).assign_coords(draw=range(400, 800)), "draws"),
    ],
)
def test_cubes_are_paired_where_they_share_seed_draws_and_streams(other, reason):
    found = paired_difference(scenario(1), other)
    assert found.reason == reason
    assert found.paired is (reason is None)


def test_a_cube_without_a_seed_is_paired_on_demand_only():
    bare = [scenario(1, gain=gain) for gain in (0, 10)]
    for each in bare:
        del each.attrs["seed"]
    assert paired_difference(*bare).reason == "seed"
    assert paired_difference(*bare, paired=True).paired


def test_equal_scenarios_differ_by_nothing():
    found = paired_difference(scenario(1), scenario(1))
    assert (found.mean, found.low, found.high, found.chance_better) == (0, 0, 0, 0.5)
    assert found.summary()["chance_better"] == 0.5
    assert found.table()["n"].tolist() == [400]
    assert found.sentence(Language("en"), a="base", b="plan").startswith(
        "plan is on average the same as base"
    )


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: paired_difference([1, 2], [1, 2], level=1), ParameterError, "level"),
        (lambda: paired_difference([1], [2]), InputError, "at least two draws"),
        (lambda: paired_difference([1, np.nan], [2, 3]), InputError, "none missing"),
        (lambda: paired_difference(np.eye(2), np.eye(2)), InputError, "one number each"),
        (
            lambda: paired_difference([1, 2, 3], [1, 2], paired=True),
            ParameterError,
            "a has 3 draws, b has 2",
        ),
        (
            lambda: paired_difference(scenario(1), scenario(1).assign_attrs(unit="USD")),
            InputError,
            "CNY and USD",
        ),
        (
            lambda: paired_difference(*[scenario(1).assign_attrs(additive=())] * 2),
            InputError,
            "does not add up",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


A = np.array([2e8, 3e8, 4e8, 5e8])
GAIN = np.array([2e6, 4e6, 6e6, 4e6])


@pytest.mark.parametrize(
    ("code", "asked", "words"),
    [
        ("en", {"unit": "CNY"}, ["plan is on average CNY 4.0 million above base", ">99% of 4"]),
        ("zh", {"unit": "CNY"}, ["plan平均比base高400万元（平均差异的90%区间：", "4次抽样"]),
        ("en", {"unit": "CNY", "paired": False}, ["drawn apart", "may be chance"]),
        ("zh", {"unit": "CNY", "paired": False}, ["分别抽样", "可能只是偶然"]),
    ],
)
def test_the_sentence_says_size_interval_and_chance(code, asked, words):
    said = paired_difference(A, A + GAIN, **asked).sentence(Language(code), a="base", b="plan")
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("unit", "scale", "word", "said"),
    [
        ("share", 1e-9, None, "B is on average 0.4 pp below A"),
        ("per cent", 1e-7, None, "B is on average 0.4 pp below A"),
        ("deals", 1e-6, None, "B is on average 4 deals below A"),
        ("days", 1e-6, "working days", "B is on average 4 working days below A"),
        (None, 1e-8, None, "B is on average 0.04 below A"),
        ("CNY", 1e-7, None, "B is on average CNY 0.40 below A"),
    ],
)
def test_the_sentence_writes_the_unit(unit, scale, word, said):
    found = paired_difference(scale * (A + GAIN), scale * A, unit=unit, higher_is_better=False)
    assert found.chance_better == 1
    assert found.sentence(Language("en"), unit=word).startswith(said)
