"""Sums are exact at every level and month, for any tree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.planning.rounding import round_months, round_years
from workbench.planning.tree import Tree

TREES = 10_000


def grown(rng: np.random.Generator, count: int) -> Tree:
    """A random tree: each node hangs under one that came before."""
    parents = [-1, *(int(rng.integers(0, node)) for node in range(1, count))]
    names = [f"n{node:03d}" for node in range(count)]
    up = [None if parent < 0 else names[parent] for parent in parents]
    return Tree.from_table(pd.DataFrame({"node": names, "parent": up}))


def problem(rng, tree, *, months, padding=0.0):
    """Real targets that children share, and month profiles with closed months."""
    leaves = len(tree.leaves)
    weights = rng.lognormal(0, 1, leaves)
    profiles = rng.lognormal(0, 0.5, (leaves, months)) * (rng.random((leaves, months)) > 0.2)
    profiles[profiles.sum(axis=1) == 0] = 1.0
    profiles /= profiles.sum(axis=1, keepdims=True)
    root = int(rng.integers(0, 20 * len(tree)))
    pads = np.zeros(len(tree))
    pads[tree.inner] = padding
    shares = tree.up(weights)
    real = np.zeros(len(tree))
    real[0] = root
    for node in range(1, len(tree)):
        up = tree.parent[node]
        whole = shares[tree.children(int(up))].sum()
        real[node] = real[up] * (1 + pads[up]) * shares[node] / whole
    return real, root, pads, profiles


def test_sums_are_exact_for_ten_thousand_random_trees():
    rng = np.random.default_rng(11)
    for number in range(TREES):
        tree = grown(rng, int(rng.integers(1, 16)))
        manager, padding = bool(number % 2), [0.0, 0.07][number // 2 % 2]
        months = int(rng.integers(1, 13))
        real, root, pads, profiles = problem(rng, tree, months=months, padding=padding)
        years = round_years(tree, real, root=root, padding=pads, manager=manager)
        rounded = round_months(tree, years, profiles)
        assert years[0] == root
        assert (rounded.units.sum(axis=1) == years).all()
        below = rounded.own.copy()
        np.add.at(below, tree.parent[1:], rounded.units[1:])
        assert (below[tree.inner] == rounded.units[tree.inner]).all()
        assert (rounded.units >= 0).all()
        cells = years[tree.leaves, None] * profiles
        assert np.abs(rounded.units[tree.leaves] - cells).max() < 1 + 1e-4
        assert np.abs(years - real)[tree.leaves].max() < 1 + 1e-6


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 60))
def test_years_of_all_nodes_are_within_a_unit(seed, count):
    rng = np.random.default_rng(seed)
    tree = grown(rng, count)
    real, root, pads, _ = problem(rng, tree, months=1)
    years = round_years(tree, real, root=root, padding=pads, manager=False)
    assert np.abs(years - real).max() < 1 + 1e-6


@pytest.mark.parametrize(
    ("real", "whole"),
    # by hand: floors first, then one each to the largest fractions, of equal ones the first
    [
        ([2.6, 3.6, 3.8], [3, 3, 4]),
        ([0.9, 0.6, 0.5], [1, 1, 0]),
        ([1.2, 1.2, 1.6], [1, 1, 2]),
        ([4.0, 5.0, 1.0], [4, 5, 1]),
    ],
)
def test_years_go_by_largest_remainder(real, whole):
    tree = Tree.from_table(pd.DataFrame({"node": list("rabc"), "parent": [None, "r", "r", "r"]}))
    values = np.array([sum(real), *real])
    root = round(sum(real))
    years = round_years(tree, values, root=root, padding=np.zeros(4), manager=False)
    assert years[1:].tolist() == whole


def test_the_manager_keeps_what_rounding_leaves():
    tree = Tree.from_table(pd.DataFrame({"node": list("rabc"), "parent": [None, "r", "r", "r"]}))
    real = np.array([10.0, 2.6, 3.6, 3.8])
    years = round_years(tree, real, root=10, padding=np.zeros(4), manager=True)
    rounded = round_months(tree, years, np.full((3, 2), 0.5))
    assert years.tolist() == [10, 2, 3, 3]
    assert rounded.own.sum(axis=1).tolist() == [2, 0, 0, 0]
    assert rounded.units[0].sum() == 10


def test_months_that_are_whole_already_stay():
    tree = Tree.from_table(pd.DataFrame({"node": list("rabc"), "parent": [None, "r", "r", "r"]}))
    handed = np.array([7, 0, 5, 9, 1, 2])
    profile = np.tile(handed / handed.sum(), (3, 1))
    rounded = round_months(tree, np.array([24, 8, 8, 8]), profile)
    assert rounded.units[0].tolist() == handed.tolist()
