"""The recursion and its search against the equations written out and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.forecasting.models import smoothing_kernels as kernels
from workbench.forecasting.models.smoothing_kernels import ADDITIVE, MULTIPLICATIVE, NONE
from workbench.scenarios import streams

Floats = NDArray[np.float64]

ALPHA, BETA, GAMMA, PHI = 0.4, 0.1, 0.2, 0.9
SEASONS = {NONE: [0.0], ADDITIVE: [0.3, -0.1, -0.2, 0.0], MULTIPLICATIVE: [1.3, 0.9, 0.8, 1.0]}
MODELS = [(kind, relative) for kind in SEASONS for relative in (False, True)]


def _series(n: int = 40) -> Floats:
    noise = streams(3)["smoothing"].normal(0, 0.08, n)
    wave = np.tile([1.3, 0.9, 0.8, 1.0], n // 4 + 1)[:n]
    return (2.0 + 0.03 * np.arange(n)) * wave * np.exp(np.cumsum(noise) / 3 + noise)


def _theta(kind: int) -> Floats:
    share = [BETA / ALPHA, GAMMA / (1 - ALPHA)]
    return np.array([ALPHA, *share, PHI, 2.0, 0.05, *SEASONS[kind]])


def _by_the_book(y: Floats, kind: int, relative: bool) -> tuple[Floats, Floats, list[float]]:
    """Tables 2.2 and 2.3 as printed, the multiplicative error in terms of e; also the path."""
    level, slope, season = 2.0, 0.05, list(SEASONS[kind])
    expected, errors = [], []
    for t, value in enumerate(y):
        s = season[t % len(season)]
        base = level + PHI * slope
        mu = {NONE: base, ADDITIVE: base + s, MULTIPLICATIVE: base * s}[kind]
        e = value / mu - 1 if relative else value - mu
        if not relative:
            part = e / s if kind == MULTIPLICATIVE else e
            turn = e / base if kind == MULTIPLICATIVE else e
        elif kind == MULTIPLICATIVE:
            part, turn = base * e, s * e
        else:
            part, turn = mu * e, mu * e
        level, slope = base + ALPHA * part, PHI * slope + BETA * part
        if kind != NONE:
            season[t % len(season)] = s + GAMMA * turn
        expected.append(mu)
        errors.append(e)
    path = []
    for k in range(1, 9):
        base = level + sum(PHI**j for j in range(1, k + 1)) * slope
        s = season[(len(y) + k - 1) % len(season)]
        path.append({NONE: base, ADDITIVE: base + s, MULTIPLICATIVE: base * s}[kind])
    return np.array(expected), np.array(errors), path


@pytest.mark.parametrize(("kind", "relative"), MODELS)
def test_the_recursion_is_that_of_the_book(kind: int, relative: bool) -> None:
    y = _series()
    period = len(SEASONS[kind])
    errors, levels, state = np.empty(len(y)), np.empty(len(y)), np.empty(2 + period)
    mean = kernels.smooth(y, period, kind, relative, _theta(kind), errors, state, levels)
    expected, wanted, path = _by_the_book(y, kind, relative)
    np.testing.assert_allclose(errors, wanted, rtol=1e-11, atol=1e-13)
    assert mean == pytest.approx(np.log(expected).mean() if relative else 0.0, abs=1e-12)
    if kind == NONE:
        np.testing.assert_allclose(levels, expected, rtol=1e-12)
    out = np.zeros((2, 8))
    kernels.ahead(state, len(y), period, kind, PHI, 1.0, out)
    np.testing.assert_allclose(out.sum(axis=0), path, rtol=1e-11)


@pytest.mark.parametrize(("kind", "relative"), MODELS)
def test_the_likelihood_is_that_of_statsmodels(kind: int, relative: bool) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    y = _series()
    n, period = len(y), len(SEASONS[kind])
    model = ETSModel(
        y,
        error="mul" if relative else "add",
        trend="add",
        damped_trend=True,
        seasonal={NONE: None, ADDITIVE: "add", MULTIPLICATIVE: "mul"}[kind],
        seasonal_periods=period if kind else None,
        initialization_method="known",
        initial_level=2.0,
        initial_trend=0.05,
        initial_seasonal=SEASONS[kind] if kind else None,
    )
    # statsmodels divides by the new level where the book divides by q, so the multiplicative
    # season stands still here; that it moves by the book is tested above
    gamma = 0.0 if kind == MULTIPLICATIVE else GAMMA
    theta = _theta(kind)
    theta[2] = gamma / (1 - ALPHA)
    names = {
        "smoothing_level": ALPHA,
        "smoothing_trend": BETA,
        "smoothing_seasonal": gamma,
        "damping_trend": PHI,
    }
    fixed = [names[name] for name in model.param_names if name in names]
    result = model.smooth(fixed)
    squares = kernels.scaled_errors(
        y, period, kind, relative, theta, np.empty(n), np.empty(2 + period)
    )
    deviance = n * np.log(squares) + n * (1 + np.log(2 * np.pi / n))
    assert deviance == pytest.approx(-2 * result.llf, rel=1e-9)


@pytest.mark.parametrize(("kind", "relative"), MODELS)
def test_the_search_ends_where_a_slow_one_ends(kind: int, relative: bool) -> None:
    from scipy.optimize import minimize

    y = _series()
    period = len(SEASONS[kind])
    work = (np.empty(len(y)), np.empty(2 + period))
    free = np.array([0, 1, 3, 4, 5] if kind == NONE else [0, 1, 2, 3, 4, 5])
    box = np.vstack([np.full(6 + period, -5.0), np.full(6 + period, 5.0)])
    box[:, :4] = [[1e-3, 1e-4, 1e-4, 0.8], [0.999, 0.999, 0.999, 0.98]]
    prior = np.zeros((3, 6 + period))
    prior[:, 1] = [0.0, 20.0, 0.0]
    prior[:, 4] = [2.0, 0.0, 3.0]

    def aim(places: Floats) -> float:
        theta = _theta(kind)
        theta[free] = places
        squares = kernels.scaled_errors(y, period, kind, relative, theta, *work)
        squares += 3.0 * (theta[4] - 2.0) ** 2
        return float(len(y) * np.log(squares) + 20.0 * theta[1] ** 2)

    theta = _theta(kind)
    kernels.improve(y, period, kind, relative, theta, free, box, prior, 60, 1e-9, work[1])
    found = aim(theta[free])
    slow = min(
        minimize(
            aim, start, method="Nelder-Mead", bounds=box[:, free].T, options={"maxiter": 20000}
        ).fun
        for start in (_theta(kind)[free], theta[free])
    )
    assert found <= slow + 1e-3
    assert (theta[free] >= box[0, free]).all()
    assert (theta[free] <= box[1, free]).all()


def test_leaving_the_domain_has_no_likelihood() -> None:
    theta = _theta(MULTIPLICATIVE)
    theta[4] = -1.0
    args = (_series(), 4, MULTIPLICATIVE, False, theta, np.empty(40), np.empty(6))
    assert kernels.smooth(*args, np.empty(0)) == np.inf
    assert kernels.scaled_errors(*args) == np.inf


def test_evidence_weighs_by_tempered_aic() -> None:
    weights = kernels.evidence(np.array([10.0, 12.0, np.inf]), 30)
    assert weights[2] == 0.0
    assert weights.sum() == pytest.approx(1.0)
    assert weights[1] / weights[0] == pytest.approx(np.exp(-1.0 / (1.0 + 30 / kernels.TEMPER)))


def test_cholesky_solves_and_refuses() -> None:
    matrix = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    right = np.array([1.0, 2.0, 3.0])
    wanted = np.linalg.solve(matrix, right)
    assert kernels.solve(matrix.copy(), right, 3)
    np.testing.assert_allclose(right, wanted, rtol=1e-13)
    assert not kernels.solve(np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2), 2)


def test_the_first_season_of_a_clean_series_is_exact() -> None:
    wave = np.array([0.5, 0.8, 1.0, 1.7])
    indices, left = kernels.first_season(10 * np.tile(wave, 5), 4, MULTIPLICATIVE)
    np.testing.assert_allclose(indices, wave, rtol=1e-12)
    np.testing.assert_allclose(left, 10.0, rtol=1e-12)
    indices, left = kernels.first_season(10 + np.tile(wave - 1, 5), 4, ADDITIVE)
    np.testing.assert_allclose(indices, wave - 1, atol=1e-12)
    np.testing.assert_allclose(left, 10.0, rtol=1e-12)
    assert kernels.first_line(3.0 + 2.0 * np.arange(1, 9), 8) == pytest.approx((3.0, 2.0))
