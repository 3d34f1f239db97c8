"""Partial pooling against the same model written out as one large Gaussian."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.regressors.pooling import _Level, pool
from workbench.scenarios import streams


def _panel(n: int, k: int, between: float, seed: int = 1) -> tuple[np.ndarray, ...]:
    rng = streams(seed)["test/pooling"]
    effects = np.array([1.0, -2.0, 0.5])[:k] + between * rng.normal(size=(n, k))
    columns = rng.normal(size=(n, 25, k))
    values = np.einsum("ntk,nk->nt", columns, effects) + rng.normal(size=(n, 25))
    return columns, values, effects


def _sums(columns: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.einsum("nti,ntj->nij", columns, columns),
        np.einsum("nti,nt->ni", columns, values),
    )


def test_posterior_and_evidence_are_those_of_the_joint_gaussian() -> None:
    columns, values, _ = _panel(6, 2, 0.4)
    prior = np.array([2.0, 1.5])
    found = pool(*_sums(columns, values), prior, np.zeros(6, dtype=np.int64))
    spread = found.spreads[0] ** 2
    # All values at once: covariance from noise, own deviations and the common centre.
    stacked = np.zeros((150, 14))
    for i in range(6):
        rows = slice(25 * i, 25 * i + 25)
        stacked[rows, 2 * i : 2 * i + 2] = columns[i]
        stacked[rows, 12:] = columns[i]
    before = np.diag(np.r_[np.tile(spread, 6), prior**2])
    cover = np.eye(150) + stacked @ before @ stacked.T
    flat = values.ravel()
    means = before @ stacked.T @ np.linalg.solve(cover, flat)
    np.testing.assert_allclose(found.effects, means[:12].reshape(6, 2) + means[12:], rtol=1e-8)
    evidence = -0.5 * (flat @ np.linalg.solve(cover, flat) + np.linalg.slogdet(cover)[1])
    assert found.evidence == pytest.approx(evidence + 0.5 * flat @ flat, rel=1e-9)
    after = before - before @ stacked.T @ np.linalg.solve(cover, stacked @ before)
    own = np.hstack([np.eye(12), np.tile(np.eye(2), (6, 1))])
    errors = np.sqrt(np.diag(own @ after @ own.T)).reshape(6, 2)
    np.testing.assert_allclose(found.errors, errors, rtol=0.02)


@pytest.mark.parametrize("between", [0.1, 0.5])
def test_spread_between_series_is_found(between: float) -> None:
    columns, values, effects = _panel(1500, 2, between)
    found = pool(*_sums(columns, values), np.full(2, 3.0), np.zeros(1500, dtype=np.int64))
    np.testing.assert_allclose(found.centres[0], [1.0, -2.0], atol=0.07)
    np.testing.assert_allclose(found.spreads[0], between, rtol=0.15)
    alone = np.linalg.solve(*_sums(columns, values)[:1], _sums(columns, values)[1][..., None])
    assert np.mean((found.effects - effects) ** 2) < np.mean((alone[..., 0] - effects) ** 2)


def test_series_without_evidence_take_the_effect_of_the_panel() -> None:
    columns, values, _ = _panel(30, 2, 0.2)
    grams, products = _sums(columns, values)
    grams[0], products[0] = 0.0, 0.0
    found = pool(grams, products, np.full(2, 3.0), np.zeros(30, dtype=np.int64))
    np.testing.assert_allclose(found.effects[0], found.centres[0], rtol=1e-9)


def test_groups_keep_their_own_centres_and_help_small_ones() -> None:
    columns, values, _ = _panel(60, 1, 0.1)
    groups = np.repeat([0, 1, 2], [29, 30, 1])
    values[groups == 1] += 3.0 * columns[groups == 1][..., 0]
    found = pool(*_sums(columns, values), np.array([3.0]), groups)
    assert found.centres[0, 0] == pytest.approx(1.0, abs=0.15)
    assert found.centres[1, 0] == pytest.approx(4.0, abs=0.15)


def test_settled_spread_is_a_fixed_point_of_em() -> None:
    columns, values, _ = _panel(50, 2, 0.5)
    grams, products = _sums(columns, values)
    prior = np.full(2, 3.0)
    level = _Level.of(grams, products, prior)
    centre = level.centre(prior)
    means, deviations = level.posterior(centre)
    told = np.einsum("nii->i", grams) / 50
    em = (((means - centre) ** 2 + deviations**2).sum(0) + 2 * 0.25 / told) / 52
    np.testing.assert_allclose(level.spread, em, rtol=1e-3)
