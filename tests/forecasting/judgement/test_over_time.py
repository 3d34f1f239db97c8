"""How sure a mean over time is: coverage on overlapping errors, the mean itself, many tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.forecasting.judgement.over_time import (
    discoveries,
    enough,
    mean_over_time,
    ratio_over_time,
)
from workbench.scenarios import streams


def moving_sums(count: int, length: int, overlap: int) -> np.ndarray:
    """Errors of forecasts so many periods ahead: sums of the last `overlap` surprises."""
    shocks = streams(5)[f"overlap/{length}/{overlap}"].standard_normal((count, length + overlap))
    sums = np.cumsum(shocks, axis=1)
    return (sums[:, overlap:] - sums[:, :-overlap])[:, :length]


@pytest.mark.parametrize(("length", "overlap"), [(12, 1), (12, 3), (24, 6), (60, 1), (60, 3)])
def test_interval_covers_as_often_as_it_says(length: int, overlap: int) -> None:
    errors = moving_sums(1500, length, overlap)
    estimates = [mean_over_time(row, overlap=overlap) for row in errors]
    ends = np.array([estimate.interval(0.95) for estimate in estimates])
    covered = ((ends[:, 0] <= 0) & (ends[:, 1] >= 0)).mean()
    # 1,500 draws: two standard errors are 1.1 points; longest overlaps lose 2 to 3 more
    assert 0.905 <= covered <= 0.97
    naive = stats.ttest_1samp(errors, 0, axis=1).pvalue
    assert overlap == 1 or (naive > 0.05).mean() < 0.85


def test_value_is_the_plain_ratio_and_scale_drops_out() -> None:
    rng = streams(1)["ratio"]
    above, below = rng.normal(1, 1, 40), rng.uniform(1, 2, 40)
    found = ratio_over_time(above, below)
    assert found.value == pytest.approx(above.sum() / below.sum(), rel=1e-12)
    scaled = ratio_over_time(above * 1e6, below * 1e3)
    assert scaled.value == pytest.approx(found.value * 1e3, rel=1e-12)
    assert scaled.error == pytest.approx(found.error * 1e3, rel=1e-9)


def test_full_set_of_cosines_is_the_usual_t_test() -> None:
    # with all T - 1 cosines the estimator is the sample variance (the basis is orthonormal)
    from workbench.forecasting.judgement.over_time import _cosines

    values = streams(2)["t"].normal(size=15)
    weights = _cosines(14, 15) @ (values - values.mean())
    assert weights @ weights / 14 == pytest.approx(values.var(ddof=1), rel=1e-12)


def test_too_few_periods_give_no_interval() -> None:
    assert not enough(7, 1) and enough(8, 1) and not enough(23, 6) and enough(24, 6)
    short = mean_over_time(np.ones(7))
    assert not short.known and short.value == 1 and np.isnan(short.p_value())
    assert np.isnan(short.interval()).all()
    assert np.isnan(ratio_over_time([1.0, 2.0], [0.0, 0.0]).value)


def test_constant_errors_are_certain() -> None:
    assert mean_over_time(np.full(10, 3.0)).p_value() == 0
    assert mean_over_time(np.zeros(10)).p_value() == 1


def test_discoveries_meet_the_published_example() -> None:
    # Benjamini and Hochberg (1995), section 3.3: 15 tests, four of them found at 0.05.
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert discoveries(p_values, rate=0.05).tolist() == [True] * 4 + [False] * 11


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30))
def test_discoveries_are_the_smallest_and_missing_is_none(p_values: list[float]) -> None:
    found = discoveries(p_values)
    given_values = np.array(p_values, dtype=float)
    assert not found[np.isnan(given_values)].any()
    if found.any() and not found.all():
        rest = given_values[~found]
        assert given_values[found].max() <= np.nanmin(np.append(rest, np.inf))
