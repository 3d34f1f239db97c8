"""Reconciled forecasts add up, meet the textbook and published figures, and leave what is right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hierarchies import crossed, drawn_hierarchies, textbook, tree, values_for
from workbench.errors import InputError, ParameterError
from workbench.forecasting.hierarchy import projection
from workbench.forecasting.hierarchy.projection import prepare
from workbench.forecasting.hierarchy.reconcile import METHODS, reconcile, reconciler
from workbench.forecasting.hierarchy.structure import Hierarchy
from workbench.forecasting.hierarchy.weights import WEIGHTED, Weights, weights

LINEAR = [*WEIGHTED, "bottom_up"]


def apart(hierarchy: Hierarchy, values: np.ndarray) -> float:
    """Largest difference between a node and its sum, in parts of the largest value."""
    sums = hierarchy.summing @ values[..., hierarchy.above :, :].reshape(len(hierarchy.series), -1)
    return float(np.abs(values.reshape(len(hierarchy), -1) - sums).max() / np.abs(values).max())


@given(drawn_hierarchies(), st.sampled_from(list(METHODS)), st.integers(0, 99))
def test_all_methods_add_up(hierarchy: Hierarchy, method: str, seed: int) -> None:
    if method.startswith("top_down") and len(hierarchy.levels[0]) > 1:
        hierarchy = tree()
    points = np.abs(values_for(hierarchy, seed)) + 0.1
    done = reconcile(
        points,
        hierarchy,
        method=method,
        residuals=values_for(hierarchy, seed + 1, 12),
        history=np.abs(values_for(hierarchy, seed, 6)[hierarchy.above :]),
    )
    assert apart(hierarchy, done.points) < 1e-9
    assert np.isfinite(done.points).all()


@given(drawn_hierarchies(), st.sampled_from(list(WEIGHTED)), st.integers(0, 99))
def test_methods_meet_the_textbook_formula(hierarchy: Hierarchy, method: str, seed: int) -> None:
    points, residuals = values_for(hierarchy, seed), values_for(hierarchy, seed + 1, 15)
    chosen = weights(hierarchy, method, residuals)
    covariance = np.diag(chosen.own) + chosen.shared @ chosen.shared.T
    expected = textbook(hierarchy, covariance, points)
    assert reconcile(points, hierarchy, method=method, residuals=residuals).points == pytest.approx(
        expected, rel=1e-8, abs=1e-8 * np.abs(points).max()
    )


@pytest.mark.parametrize("shared", [True, False])
def test_sparse_and_dense_factors_agree(shared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    hierarchy = crossed(4, 5, 3)
    points, residuals = values_for(hierarchy, 1), values_for(hierarchy, 2, 10)
    chosen = weights(hierarchy, "mint" if shared else "wls_variance", residuals)
    dense = prepare(hierarchy, chosen)
    monkeypatch.setattr(projection, "DENSE", 0)
    monkeypatch.setattr(projection, "FILLED", 1.0)
    monkeypatch.setattr(projection, "SMALL", 0)
    sparse = prepare(hierarchy, chosen)
    nodes = [0, 3, 40, len(hierarchy) - 1]
    assert sparse.coherent(points) == pytest.approx(dense.coherent(points), rel=1e-10, abs=1e-10)
    assert sparse.covariance(nodes) == pytest.approx(dense.covariance(nodes), rel=1e-9, abs=1e-12)
    pushes = np.eye(len(hierarchy))[:, nodes]
    assert sparse.spread(pushes) == pytest.approx(dense.spread(pushes), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", LINEAR)
def test_forecasts_that_add_up_stay_as_they_are(method: str) -> None:
    hierarchy = crossed(3, 4)
    points = hierarchy.aggregate(np.random.default_rng(3).normal(size=(12, 5)))
    done = reconcile(points, hierarchy, method=method, residuals=values_for(hierarchy, 4, 9))
    assert done.points == pytest.approx(points, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("method", list(METHODS))
def test_units_do_not_matter(method: str) -> None:
    hierarchy = crossed(3, 4)
    given_ = {
        "residuals": values_for(hierarchy, 4, 9),
        "history": np.abs(values_for(hierarchy, 6, 9)[hierarchy.above :]),
    }
    points = np.abs(values_for(hierarchy, 5))
    plain = reconcile(points, hierarchy, method=method, **given_).points
    large = {name: 1000 * values for name, values in given_.items()}
    scaled = reconcile(1000 * points, hierarchy, method=method, **large).points
    assert scaled == pytest.approx(1000 * plain, rel=1e-9)


def test_shrinkage_is_that_of_schaefer_and_strimmer() -> None:
    hierarchy = tree()
    errors = values_for(hierarchy, 8, 20)
    chosen = weights(hierarchy, "mint", errors)
    periods = errors.shape[1]
    variance = (errors**2).mean(axis=1)
    x = errors / np.sqrt(variance)[:, None]
    noise = signal = 0.0
    for one in range(len(x)):
        for other in range(len(x)):
            if one != other:
                products = x[one] * x[other]
                mean = products.mean()
                spread = ((products - mean) ** 2).sum() / (periods * (periods - 1))
                noise, signal = noise + spread, signal + mean**2
    assert chosen.shrinkage == pytest.approx(noise / signal, rel=1e-10)
    correlation = (1 - chosen.shrinkage) * (x @ x.T / periods)
    np.fill_diagonal(correlation, 1.0)
    expected = correlation * np.sqrt(variance)[:, None] * np.sqrt(variance)
    got = np.diag(chosen.own) + chosen.shared @ chosen.shared.T
    assert got == pytest.approx(expected, rel=1e-10)


def test_nodes_without_errors_and_with_gaps_have_a_covariance() -> None:
    hierarchy = tree()
    errors = values_for(hierarchy, 8, 20)
    errors[-1] = 0.0  # a series that is always zero
    errors[5, :15] = np.nan  # one that began late
    points = values_for(hierarchy, 1)
    done = reconcile(points, hierarchy, method="mint", residuals=errors)
    assert apart(hierarchy, done.points) < 1e-9
    assert done.points[-1] == pytest.approx(points[-1], rel=1e-3)  # trusted, for it never erred
    chosen = weights(hierarchy, "mint", errors)
    whole = np.diag(chosen.own) + chosen.shared @ chosen.shared.T
    assert np.linalg.eigvalsh(whole).min() > 0
    assert whole[5, 5] == pytest.approx(np.nanmean(errors[5] ** 2))


def test_ols_weights_of_a_balanced_tree() -> None:
    # S (S'S)^-1 S' of a total, three groups and nine series, the example of Hyndman, Ahmed,
    # Athanasopoulos & Shang (2011), worked out in fractions.
    weight = reconcile(np.eye(13), tree(), method="ols").points
    assert weight[0, [0, 1, 4]] == pytest.approx(np.array([36, 12, 4]) / 52)
    assert weight[1, [0, 1, 2, 4, 7]] == pytest.approx(np.array([12, 30, -9, 10, -3]) / 52)
    series = np.array([4, 10, -3, 38, -14, -1]) / 52
    assert weight[4, [0, 1, 2, 4, 5, 7]] == pytest.approx(series)


# Tasmanian trips by purpose, ETS one step ahead, reconciled by R's fabletools: S. Prabhakaran,
# "Optimal Forecast Reconciliation in R: MinT with fable" (r-statistics.co). Total first.
PURPOSES = pd.DataFrame(
    {"purpose": ["Business", "Holiday", "Other", "Visiting"]}, index=list("bhov")
)
TASMANIA_OLS = np.array([1100.455, 157.418, 647.584, 45.434, 250.019])
TASMANIA_WLS = np.array([1064.7766, 142.3641, 659.3065, 26.3276, 236.7784])
TASMANIA_GAP = 98.686
TASMANIA_COVARIANCE = np.array(
    [
        [6267.2, 494.2, 4132.1, 207.6, 1499.8],
        [494.2, 529.6, 24.5, 20.3, 25.2],
        [4132.1, 24.5, 3557.9, 102.7, 690.8],
        [207.6, 20.3, 102.7, 71.4, 27.0],
        [1499.8, 25.2, 690.8, 27.0, 734.7],
    ]
)


def test_weights_by_variance_meet_fabletools() -> None:
    hierarchy = Hierarchy.from_keys(PURPOSES)
    # OLS moves each of five nodes by a fifth of the gap, which gives the base forecasts.
    base = (TASMANIA_OLS + TASMANIA_GAP / 5 * np.array([1, -1, -1, -1, -1]))[:, None]
    assert reconcile(base, hierarchy, method="ols").points[:, 0] == pytest.approx(
        TASMANIA_OLS, abs=1e-3
    )
    one_error = np.sqrt(TASMANIA_COVARIANCE.diagonal())[:, None]
    done = reconcile(base, hierarchy, method="wls_variance", residuals=one_error)
    assert done.points[:, 0] == pytest.approx(TASMANIA_WLS, abs=2e-3)


def test_the_least_trace_meets_fabletools() -> None:
    hierarchy = Hierarchy.from_keys(PURPOSES)
    own = 1.0  # what the diagonal part takes; the rest is shared, and positive definite
    shared = np.linalg.cholesky(TASMANIA_COVARIANCE - own * np.eye(5))
    ready = prepare(hierarchy, Weights(np.full(5, own), shared))
    trace = np.trace(ready.covariance(np.arange(5)))
    assert trace == pytest.approx(10885.0, rel=2e-4)  # covariances are printed to one decimal


def test_top_down_goes_level_by_level() -> None:
    hierarchy = tree()
    points = np.abs(values_for(hierarchy, 3, 2)) + 1
    done = reconcile(points, hierarchy, method="top_down").points
    group = points[1:4] / points[1:4].sum(axis=0) * points[0]
    expected = [
        points[4 + row] / points[4 + 3 * (row // 3) :][:3].sum(axis=0) * group[row // 3]
        for row in range(9)
    ]
    assert done[4:] == pytest.approx(np.array(expected))
    assert done[0] == pytest.approx(points[0])
    history = np.arange(1.0, 10.0)[:, None] * np.ones(4)
    shared = reconcile(points, hierarchy, method="top_down_history", history=history).points
    assert shared[4:] == pytest.approx(np.arange(1.0, 10.0)[:, None] / 45 * points[0])


def test_top_down_shares_nothing_alike() -> None:
    points = np.zeros((13, 1))
    points[0] = 9.0
    assert reconcile(points, tree(), method="top_down").points[4:] == pytest.approx(1.0)


@pytest.mark.parametrize("method", list(METHODS))
def test_draws_add_up_and_their_mean_is_the_reconciled_mean(method: str) -> None:
    hierarchy = crossed(3, 4)
    ready = reconciler(
        hierarchy,
        method,
        residuals=values_for(hierarchy, 1, 9),
        history=np.abs(values_for(hierarchy, 6, 9)[hierarchy.above :]),
    )
    draws = np.stack([np.abs(values_for(hierarchy, seed, 3)) for seed in range(50)])
    mean = ready.solve(draws.mean(axis=0))
    done = ready.draws(draws, mean=mean)
    assert max(apart(hierarchy, draw) for draw in done) < 1e-9
    assert done.mean(axis=0) == pytest.approx(mean.points, rel=1e-9, abs=1e-9)


def test_better_where_errors_are_known() -> None:
    hierarchy = crossed(4, 5)
    rng = np.random.default_rng(0)
    noise = 0.2 + 2.0 * rng.random(len(hierarchy))
    truth = hierarchy.aggregate(10 + rng.normal(size=(20, 400)))
    forecasts = truth + noise[:, None] * rng.normal(size=truth.shape)
    errors = (forecasts - truth)[:, :100]
    lost = {
        method: np.square(
            reconcile(forecasts[:, 100:], hierarchy, method=method, residuals=errors).points
            - truth[:, 100:]
        ).sum()
        for method in WEIGHTED
    }
    base = np.square(forecasts - truth)[:, 100:].sum()
    assert lost["wls_variance"] < lost["ols"] < base
    assert lost["mint"] < 1.02 * lost["wls_variance"]


def test_the_table_names_nodes_and_what_came_before() -> None:
    hierarchy = tree()
    points = values_for(hierarchy, 2, 2)
    table = reconcile(points, hierarchy, method="ols").table(["2025-01", "2025-02"])
    assert list(table.columns) == ["node", "level", "period", "mean", "base", "before_locks"]
    assert len(table) == 26
    assert table["base"].iloc[3] == points[1, 1]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda h, p: reconcile(p, h, method="magic"), ParameterError, "no method 'magic'"),
        (lambda h, p: reconcile(p, h, method="mint"), ParameterError, "needs residuals"),
        (lambda h, p: reconcile(p, h, method="top_down_history"), ParameterError, "needs history"),
        (lambda h, p: reconcile(p[1:], h, method="ols"), InputError, "do not fit 13 nodes"),
        (lambda h, p: reconcile(p * np.nan, h, method="ols"), InputError, "a forecast is missing"),
        (lambda h, p: reconcile(p, h, residuals=p[1:]), InputError, "do not fit 13 nodes"),
        (lambda h, p: reconcile(p, h, residuals=p * np.nan), InputError, "have no residual"),
        (lambda h, p: reconcile(p, h, method="ols", spread="x"), ParameterError, "'x'"),
    ],
)
def test_what_cannot_be_reconciled_is_refused(call, error: type[Exception], match: str) -> None:
    hierarchy = tree()
    with pytest.raises(error, match=match):
        call(hierarchy, values_for(hierarchy, 1))


def test_top_down_needs_a_total() -> None:
    hierarchy = crossed(2, 2, levels=[("k0",)])
    with pytest.raises(ParameterError, match="has none"):
        reconcile(values_for(hierarchy, 1), hierarchy, method="top_down")
