"""Levels and frailties: what is chance is not taken for a difference, what is not is found."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.pipeline.level import NO_LEVEL, Level, frailty, local_level


def test_a_steady_level_is_found_and_does_not_move():
    rng = np.random.default_rng(2)
    expected = np.full(60, 50.0)
    level = local_level(rng.poisson(expected * 1.2).astype(float), expected)
    assert level.mean == pytest.approx(np.log(1.2), abs=0.05)
    assert level.step_sd < 0.03


def test_a_level_that_rises_is_followed():
    rng = np.random.default_rng(3)
    expected = np.full(60, 400.0)
    path = np.linspace(0, 0.6, 60)
    level = local_level(rng.poisson(expected * np.exp(path)).astype(float), expected)
    assert level.mean == pytest.approx(0.6, abs=0.1)
    assert level.step_sd > 0


def test_shocks_that_a_fit_has_bent_towards_are_those_of_months_left_out():
    rng = np.random.default_rng(6)
    bent, left_out = [], []
    for _ in range(40):
        shocks = 0.2 * rng.standard_normal(36)
        counts = rng.poisson(400 * np.exp(shocks)).astype(float)
        fitted = np.tile(
            counts.reshape(3, 12).mean(axis=0), 3
        )  # an effect of each place in the year
        bent.append(local_level(counts, fitted).shock_sd)
        left_out.append(local_level(counts, fitted, own=np.full(36, 1 / 3)).shock_sd)
    # a mean of two other years errs as well: 0.2 times the root of 1 + 1/2
    assert np.mean(left_out) == pytest.approx(0.245, abs=0.02)
    assert np.mean(bent) < 0.18
    seen_once = local_level(counts[:12], counts[:12], own=np.ones(12))
    assert seen_once == local_level(counts[:12], counts[:12])


def test_months_without_anything_expected_are_left_out():
    assert local_level(np.zeros(4), np.zeros(4)).mean == 0
    assert local_level(np.array([3.0, 0.0]), np.array([3.0, 0.0])).mean == pytest.approx(0)


def test_paths_raise_no_mean():
    level = Level(0.1, 0.2, 0.05, 0.1)
    paths = level.paths(np.random.default_rng(0), 40_000, 6)
    np.testing.assert_allclose(paths.mean(axis=0), np.exp(0.1), rtol=0.01)
    assert (np.diff(paths.std(axis=0)) > 0).all()
    assert (NO_LEVEL.paths(np.random.default_rng(0), 5, 3) == 1).all()
    assert level.around().mean == 0


def test_frailties_of_chance_alone_are_small_and_planted_ones_are_found():
    rng = np.random.default_rng(4)
    expected = rng.uniform(5, 60, 300)
    none = frailty(rng.poisson(expected).astype(float), expected)
    assert none.std() < 0.08
    ratio = rng.gamma(1 / 0.09, 0.09, 300)
    found = np.exp(frailty(rng.poisson(expected * ratio).astype(float), expected))
    raw = np.mean((rng.poisson(expected * ratio) / expected - ratio) ** 2)
    assert np.corrcoef(found, ratio)[0, 1] > 0.75
    assert np.mean((found - ratio) ** 2) < raw
