"""Complex exponential smoothing: against its matrix form, and that nothing upsets it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench.forecasting.batch import Batch
from workbench.forecasting.models import smoothing_complex as ces
from workbench.scenarios import streams

Floats = NDArray[np.float64]

THETA = np.array([1.3, 0.97, 1.2, 1.02])
FORMS = pytest.mark.parametrize("form", [ces.PLAIN, ces.SIMPLE, ces.PARTIAL, ces.FULL])


def _series(n: int, number: int = 0) -> Floats:
    noise = streams(number)["complex"].normal(0, 0.1, n)
    wave = np.array([1.2, 0.9, 0.7, 1.2])
    return 3 + np.tile(wave, n // 4 + 1)[:n] + np.cumsum(noise) / 2 + noise


def _matrix(a0: float, a1: float) -> tuple[Floats, Floats]:
    """Transition and persistence of a pair: F and g of v' = F v + g e."""
    return np.array([[1.0, a1 - 1.0], [1.0, 1.0 - a0]]), np.array([a0 - a1, a0 + a1])


def _by_matrices(y: Floats, form: int, state: Floats, horizon: int) -> tuple[Floats, Floats]:
    """Errors and path; every place of the season has its own pair."""
    period = state.shape[1] - 1
    a0, a1, b0, b1 = THETA
    (f, g), (fs, gs) = _matrix(a0, a1), _matrix(b0, b1)
    if form == ces.PARTIAL:
        fs, gs = np.eye(2), np.array([b0, 0.0])
    level = np.zeros(2) if form == ces.SIMPLE else state[:, 0].copy()
    seasons = [state[:, 1 + j] * (form != ces.PLAIN) for j in range(period)]
    errors, path = [], []
    for t in range(len(y) + horizon):
        j = t % period
        expected = level[0] + seasons[j][0]
        e = y[t] - expected if t < len(y) else 0.0
        (errors if t < len(y) else path).append(e if t < len(y) else expected)
        if form != ces.SIMPLE:
            level = f @ level + g * e
        if form != ces.PLAIN:
            seasons[j] = fs @ seasons[j] + gs * e
    return np.array(errors), np.array(path)


@FORMS
def test_the_recursion_is_its_matrix_form(form: int) -> None:
    y = _series(30)
    state = np.vstack([np.linspace(1.0, 2.0, 5), np.linspace(0.5, 1.0, 5)])
    errors, path = np.empty(30), np.zeros(7)
    wanted, ahead = _by_matrices(y, form, state, 7)
    ces.run(y, 4, form, THETA, errors, state, False)
    np.testing.assert_allclose(errors, wanted, rtol=1e-10, atol=1e-12)
    ces._ahead(state, 30, 4, form, THETA, 1.0, path)
    np.testing.assert_allclose(path, ahead, rtol=1e-10)


@FORMS
def test_a_run_back_is_a_run_over_the_series_turned_round(form: int) -> None:
    y = _series(29)
    state = np.vstack([np.linspace(1.0, 2.0, 5), np.linspace(0.5, 1.0, 5)])
    turned = state.copy()
    turned[:, 1:] = state[:, 1 + (28 - np.arange(4)) % 4]
    errors, other = np.empty(29), np.empty(29)
    ces.run(y, 4, form, THETA, errors, state, True)
    ces.run(y[::-1].copy(), 4, form, THETA, other, turned, False)
    np.testing.assert_allclose(errors[::-1], other, rtol=1e-12, atol=1e-14)


@given(st.floats(-0.5, 3.5), st.floats(-1.5, 3.0))
def test_stable_means_that_errors_die_out(a0: float, a1: float) -> None:
    transition, persistence = _matrix(a0, a1)
    discount = transition - np.outer(persistence, [1.0, 0.0])
    radius = np.abs(np.linalg.eigvals(discount)).max()
    if abs(radius - 1.0) > 1e-6:
        assert ces.stable(a0, a1) == (radius < 1.0)


@FORMS
def test_the_fit_is_stable_and_not_beaten_by_a_grid(form: int) -> None:
    y = _series(48)
    y /= y.mean()
    indices = np.array([0.05, -0.03, -0.07, 0.05])
    theta = np.zeros(4)
    ces._fit(y, 4, form, indices, theta)
    work = (np.empty(48), np.empty((2, 5)))
    found = ces._aim(y, 4, form, theta, indices, *work)
    assert np.isfinite(found)
    for a0 in np.arange(1.0, 2.01, 0.1):
        for a1 in (0.95, 1.0, 1.05):
            for b0 in (0.0, 0.1, 0.3) if form == ces.PARTIAL else (1.05, 1.2, 1.5):
                other = np.array([a0, a1, b0, 1.0])
                assert found <= ces._aim(y, 4, form, other, indices, *work) + 0.1


def test_every_series_gets_a_finite_path() -> None:
    batch = Batch.of(
        [
            _series(60),
            _series(10, 1),
            [5.0],
            [5.0, 7.0],
            [0.0] * 40,
            [3.0] * 40,
            _series(50, 3) - 4,
            np.where(np.arange(48) % 5 == 0, 4.0, 0.0),
        ],
        season=4,
    )
    points = ces.MODEL_CES.points(batch, 18)
    assert points.shape == (8, 18)
    assert np.isfinite(points).all()
    np.testing.assert_allclose(points[[2, 5]], [[5.0], [3.0]] * np.ones(18), rtol=1e-4)
    np.testing.assert_allclose(points[4], 0.0, atol=1e-12)


def test_unit_and_order_do_not_matter() -> None:
    batch = Batch.of([_series(60, k) for k in range(5)], season=4)
    points = ces.ces_points(batch, 12)
    bigger = Batch(batch.values * 1000, batch.offsets, 4)
    np.testing.assert_allclose(ces.ces_points(bigger, 12), points * 1000, rtol=1e-6)
    order = np.array([3, 0, 4])
    assert (ces.ces_points(batch.take(order), 12) == points[order]).all()


def test_a_clean_season_goes_on() -> None:
    wave = np.array([12.0, 9.0, 7.0, 13.0])
    points = ces.ces_points(Batch.of([np.tile(wave, 10)[:38]], 4), 6)
    np.testing.assert_allclose(points[0], wave[(38 + np.arange(6)) % 4], rtol=0.01)


@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=40),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([1, 4, 7, 12]),
)
@settings(max_examples=60, deadline=None)
def test_any_finite_series_is_taken(series: list[list[float]], season: int) -> None:
    assert np.isfinite(ces.ces_points(Batch.of(series, season), 9)).all()
