"""Seasonal ARMA on one series against a plain recursion and statsmodels' exact likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.arima_process import arma_generate_sample

from workbench.forecasting.models.arima_kernels import (
    continued,
    differenced,
    fitted,
    inside,
    residuals,
    summed,
    usual,
    with_drift,
)

ORDERS = [(1, 0, 0, 0), (0, 1, 0, 0), (2, 1, 0, 0), (1, 2, 0, 0), (1, 1, 1, 1), (2, 2, 1, 1)]


def sample(count: int, seed: int = 0) -> np.ndarray:
    state = np.random.default_rng(seed)
    return arma_generate_sample(
        [1, -0.6], [1, 0.3], count, distrvs=lambda size: state.normal(size=size), burnin=50
    )


def slow_errors(series: np.ndarray, parameters: np.ndarray, orders, season: int) -> np.ndarray:
    """Polynomials multiplied out by numpy, errors by the definition."""
    p, q, outer_p, outer_q = orders
    ar = np.r_[1.0, -parameters[:p]]
    ma = np.r_[1.0, parameters[p : p + q]]
    if outer_p:
        ar = np.convolve(ar, np.r_[1.0, np.zeros(season - 1), -parameters[p + q]])
    if outer_q:
        ma = np.convolve(ma, np.r_[1.0, np.zeros(season - 1), parameters[p + q + outer_p]])
    errors = np.zeros(len(series))
    for step in range(len(series)):
        for lag in range(min(len(ar), step + 1)):
            errors[step] += ar[lag] * series[step - lag]
        for lag in range(1, min(len(ma), step + 1)):
            errors[step] -= ma[lag] * errors[step - lag]
    return errors


def some_parameters(orders) -> np.ndarray:
    p, q, outer_p, outer_q = orders
    return np.r_[[0.5, -0.2][:p], [0.4, 0.1][:q], [0.3] * outer_p, [-0.4] * outer_q]


@pytest.mark.parametrize("orders", ORDERS)
def test_errors_are_those_of_the_polynomials(orders) -> None:
    series, parameters, errors = sample(60), some_parameters(orders), np.empty(60)
    squares = residuals(series, parameters, orders, 4, errors)
    wanted = slow_errors(series, parameters, orders, 4)
    np.testing.assert_allclose(errors, wanted, atol=1e-12)
    assert squares == pytest.approx((wanted**2).sum())


@pytest.mark.parametrize("orders", ORDERS)
def test_forecasts_have_no_errors(orders) -> None:
    series, parameters = sample(60), some_parameters(orders)
    longer = np.r_[series, continued(series, parameters, orders, 4, 9)]
    np.testing.assert_allclose(slow_errors(longer, parameters, orders, 4)[60:], 0, atol=1e-12)


@pytest.mark.parametrize("orders", [one for one in ORDERS if sum(one) <= 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_general_search_finds_no_better_fit(orders, seed: int) -> None:
    series = sample(150, seed)

    def squares(parameters: np.ndarray) -> float:
        if not inside(parameters, orders):
            return 1e9
        return float((slow_errors(series, parameters, orders, 4) ** 2).sum())

    _, found = fitted(series, orders, 4, usual(orders, 0))
    best = minimize(squares, usual(orders, 0), method="Nelder-Mead")
    assert found <= best.fun * 1.002


def test_it_comes_near_exact_likelihood() -> None:
    series = 5.0 + sample(400, 7)
    drift, parameters, _ = with_drift(series, (1, 1, 0, 0), 1, 0)
    exact = ARIMA(series, order=(1, 0, 1), trend="c").fit().params
    np.testing.assert_allclose([drift, *parameters], exact[:3], atol=0.03)


def test_a_drift_that_is_not_there_goes() -> None:
    noise = np.random.default_rng(2).normal(size=100)
    drift, _, _ = with_drift(noise - noise.mean(), (0, 1, 0, 0), 1, 1)
    assert drift == pytest.approx(0.0, abs=1e-6)


def test_where_parameters_may_lie() -> None:
    assert inside(np.array([0.5, 0.3]), (2, 0, 0, 0))
    assert not inside(np.array([0.8, 0.3]), (2, 0, 0, 0))
    assert not inside(np.array([1.0]), (0, 1, 0, 0))
    assert not inside(np.array([-0.99]), (0, 0, 1, 0))


@pytest.mark.parametrize("differences", [0, 1, 2])
@pytest.mark.parametrize("seasonal", [0, 1, 2])
def test_summing_undoes_differencing(differences: int, seasonal: int) -> None:
    whole = sample(50, 4).cumsum()
    changes = differenced(whole, differences, seasonal, 4)
    ahead = summed(whole[:38], changes[-12:], differences, seasonal, 4)
    np.testing.assert_allclose(ahead, whole[38:], atol=1e-9)
