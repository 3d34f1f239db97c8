"""Months, quarters and years of a series add up, by the published weights; nodes may too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hierarchies import crossed, textbook, values_for
from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.hierarchy.locks import Lock
from workbench.forecasting.hierarchy.reconcile import reconciler
from workbench.forecasting.hierarchy.temporal import (
    METHODS,
    factors_of,
    forecast_in_time,
    reconcile_in_time,
    season_hierarchy,
    sum_blocks,
)


def drawn(season: int, years: int, series: int, seed: int) -> dict[int, Floats]:
    rng = np.random.default_rng(seed)
    return {
        length: length * (1 + 0.3 * rng.normal(size=(series, years * season // length)))
        for length in factors_of(season)
    }


def season_naive(batch: Batch, horizon: int) -> Floats:
    rows = []
    for number in range(len(batch)):
        values = batch.series(number)
        last = values[-batch.season :] if len(values) >= batch.season else values[-1:]
        rows.append(np.resize(last, horizon))
    return np.array(rows)


def test_blocks_end_with_the_series() -> None:
    batch = Batch.of([np.arange(7.0), np.arange(3.0)], season=12)
    blocks = sum_blocks(batch, 3)
    assert blocks.season == 4
    assert [blocks.series(at).tolist() for at in range(2)] == [[6.0, 15.0], [3.0]]
    with pytest.raises(ParameterError, match="do not divide"):
        sum_blocks(batch, 5)
    with pytest.raises(ValueError, match="shorter than 4"):
        sum_blocks(batch, 4)


def test_the_hierarchy_of_a_year_has_the_published_blocks() -> None:
    # Athanasopoulos, Hyndman, Kourentzes & Petropoulos (2017), section 2: months give 28 nodes.
    hierarchy = season_hierarchy(12)
    assert [len(level) for level in hierarchy.levels] == [1, 2, 3, 4, 6, 12]
    assert len(hierarchy) == 28
    assert hierarchy.nodes[hierarchy.levels[3].start + 3] == "10-12"
    assert [len(level) for level in season_hierarchy(12, (12, 3, 1)).levels] == [1, 4, 12]
    assert [len(level) for level in season_hierarchy(7).levels] == [1, 7]


@given(
    st.sampled_from([2, 4, 7, 12]), st.sampled_from(METHODS), st.integers(1, 3), st.integers(0, 9)
)
def test_all_lengths_add_up_and_meet_the_textbook(
    season: int, method: str, years: int, seed: int
) -> None:
    points, errors = drawn(season, years, 3, seed), drawn(season, 4, 3, seed + 50)
    done = reconcile_in_time(points, season=season, method=method, residuals=errors)
    for length in factors_of(season):
        assert done[length].shape == points[length].shape
        blocks = done[1].reshape(3, -1, length).sum(axis=2)
        assert done[length] == pytest.approx(blocks, rel=1e-12)
    lengths = factors_of(season)
    variance = {
        "ols": [1.0 for _ in lengths],
        "wls_structural": [float(length) for length in lengths],
        "wls_variance": [float(np.mean(errors[length][1] ** 2)) for length in lengths],
    }[method]
    weight = np.repeat(variance, [season // length for length in lengths])
    first = np.concatenate([points[length][1, : season // length] for length in lengths])
    expected = textbook(season_hierarchy(season), np.diag(weight), first[:, None])
    assert done[1][1, :season] == pytest.approx(expected[-season:, 0], rel=1e-9)


def test_forecasts_that_add_up_stay_and_missing_lengths_are_done_without() -> None:
    months = np.random.default_rng(1).normal(size=(2, 24))
    points = {length: months.reshape(2, -1, length).sum(axis=2) for length in factors_of(12)}
    assert reconcile_in_time(points, season=12)[1] == pytest.approx(months)
    for length in (12, 6, 4, 3, 2):
        points[length][0] = np.nan
    points[12][1] += 5.0
    done = reconcile_in_time(points, season=12)[1]
    assert done[0] == pytest.approx(months[0])
    assert (done[1] > months[1]).all()


def test_series_are_forecast_on_all_lengths_they_have() -> None:
    season = np.array([1.0, 3.0, 2.0, 6.0])
    long, short = np.tile(season, 6), np.array([2.0, 4.0])
    done = forecast_in_time(Batch.of([long, short], season=4), 6, season_naive)
    assert done[0] == pytest.approx(np.resize(season, 6))
    assert done[1] == pytest.approx([4.0] * 6)  # too short for blocks: the model's own


def test_what_a_model_declines_stays_declined() -> None:
    def declines(batch: Batch, horizon: int) -> Floats:
        made = season_naive(batch, horizon)
        made[batch.minima() <= 0] = np.nan
        return made

    batch = Batch.of([np.arange(20.0), np.arange(1.0, 21.0)], season=4)
    done = forecast_in_time(batch, 3, declines)
    assert np.isnan(done[0]).all() and np.isfinite(done[1]).all()


def test_units_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    series = [rng.random(40) + 1 for _ in range(3)]
    plain = forecast_in_time(Batch.of(series, season=12), 12, season_naive)
    large = forecast_in_time(Batch.of([1000 * one for one in series], 12), 12, season_naive)
    assert large == pytest.approx(1000 * plain, rel=1e-10)


@pytest.mark.parametrize("bounds", [False, True])
def test_nodes_and_time_add_up_together(bounds: bool) -> None:
    hierarchy = crossed(2, 3)
    points = drawn(4, 2, len(hierarchy), 5)
    points = {length: values * hierarchy.sizes[:, None] for length, values in points.items()}
    in_time = reconcile_in_time(points, season=4)
    solver = reconciler(hierarchy, "mint", residuals=values_for(hierarchy, 1, 12))
    if not bounds:  # over nodes, each length alone gives the same sums over time
        for length, values in in_time.items():
            quarters = solver.solve(in_time[1]).points
            blocks = quarters.reshape(len(hierarchy), -1, length).sum(axis=2)
            assert solver.solve(values).points == pytest.approx(blocks, rel=1e-9)
    lock = Lock("Total", 10.0, (0, 1, 2, 3))
    done = solver.solve(in_time[1], locks=[lock], nonnegative=bounds).points
    hierarchy.check(done)
    hierarchy.check(done.reshape(len(hierarchy), 2, 4).sum(axis=2))
    assert done[0, :4].sum() == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"season": 5}, ParameterError, "do not fit a season of 5"),
        ({"season": 1}, ParameterError, "do not fit a season of 1"),
        ({"method": "mint"}, ParameterError, "no method 'mint' over time"),
        ({"method": "wls_variance"}, ParameterError, "needs residuals"),
        ({"points": {4: np.ones((2, 1)), 1: np.ones((2, 8))}}, InputError, "same whole seasons"),
        ({"points": {4: np.ones((2, 1)), 1: np.full((2, 4), np.nan)}}, InputError, "of its own"),
    ],
)
def test_what_does_not_fit_is_refused(change, error: type[Exception], match: str) -> None:
    options = {"points": drawn(4, 1, 2, 0), "season": 4} | change
    with pytest.raises(error, match=match):
        reconcile_in_time(options.pop("points"), **options)
