"""The multinomial logit agrees with statsmodels and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.pipeline import multinomial
from workbench.forecasting.pipeline.sparse import Sparse


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(3000), rng.standard_normal((3000, 4))])
    beta = np.array([[-1.5, -0.5], [0.8, 0.0], [0.0, -0.6], [0.3, 0.3], [0.0, 0.0]])
    chance = multinomial.chances(Sparse.of(design), beta)
    draw = rng.random((3000, 1))
    return design, (draw > np.cumsum(chance, axis=1)).sum(axis=1), beta


def test_without_a_penalty_it_is_that_of_statsmodels(data):
    from statsmodels.discrete.discrete_model import MNLogit

    design, outcome, _ = data
    found = multinomial.fit(Sparse.of(design), outcome, ridge=1e-8, tolerance=1e-12)
    oracle = MNLogit(outcome, design).fit(disp=0).params
    np.testing.assert_allclose(found, oracle, atol=1e-4)


def test_with_a_penalty_its_gradient_is_zero(data):
    design, outcome, _ = data
    weight = np.where(outcome == 0, 2.0, 1.0)
    beta = multinomial.fit(Sparse.of(design), outcome, weight=weight, ridge=50.0, tolerance=1e-12)
    hot = np.equal.outer(outcome, [1, 2])
    chance = multinomial.chances(Sparse.of(design), beta)[:, 1:]
    gradient = design.T @ (weight[:, None] * (hot - chance)) - 50.0 * beta
    gradient[0] += 50.0 * beta[0]  # the intercept bears no penalty
    assert np.abs(gradient).max() < 0.02


def test_two_outcomes_are_the_logit_of_scikit_learn(data):
    from sklearn.linear_model import LogisticRegression

    design, outcome, _ = data
    found = multinomial.fit(
        Sparse.of(design), (outcome == 1) * 1, outcomes=2, ridge=4.0, tolerance=1e-12
    )
    oracle = LogisticRegression(C=1 / 4.0, tol=1e-10, max_iter=1000)
    oracle.fit(design[:, 1:], outcome == 1)
    np.testing.assert_allclose(found[1:, 0], oracle.coef_[0], atol=1e-3)
    np.testing.assert_allclose(found[0, 0], oracle.intercept_[0], atol=1e-3)


def test_it_finds_what_was_planted(data):
    design, outcome, beta = data
    found = multinomial.fit(Sparse.of(design), outcome, ridge=1.0)
    assert np.abs(found - beta).max() < 0.2


def test_an_outcome_that_never_happens_is_borne(data):
    design, outcome, _ = data
    beta = multinomial.fit(Sparse.of(design), np.minimum(outcome, 1), outcomes=3)
    assert np.isfinite(beta).all()
    assert multinomial.chances(Sparse.of(design), beta)[:, 2].max() < 0.01


def test_thinning_keeps_the_weight_of_each_outcome():
    rng = np.random.default_rng(1)
    outcome = rng.choice(3, 20_000, p=[0.9, 0.02, 0.08])
    chosen, weight = multinomial.thinned(outcome, 3_000)
    assert len(chosen) <= 3_000
    assert (np.diff(chosen) > 0).all()
    for kind in range(3):
        total = weight[outcome[chosen] == kind].sum()
        assert total == pytest.approx((outcome == kind).sum())
    assert (outcome[chosen] == 1).sum() == (outcome == 1).sum()  # the rare one is kept whole
    chosen, weight = multinomial.thinned(outcome, 50_000)
    assert len(chosen) == 20_000
    assert (weight == 1).all()
