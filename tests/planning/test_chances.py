"""Chances by kept levels against plain counting, and trees that cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.planning.chances import add_up, count_hits
from workbench.planning.held import Held, from_blocks
from workbench.planning.tree import Tree
from workbench.planning.warm import compile_all

ALONE = Tree.from_table(pd.DataFrame({"node": ["c"], "parent": [None]}))


def held(values, *, whole=False):
    values = np.asarray(values, dtype=np.float32)
    return Held(values, np.ones(values.shape[:2], np.float32), None, whole)


@pytest.mark.parametrize(("spread", "off"), [(0.3, 2e-3), (1.0, 2e-3), (2.0, 6e-3)])
def test_levels_count_nearly_as_draws_do(spread, off):
    rng = np.random.default_rng(1)
    values = rng.lognormal(0, spread, (1, 12, 10_000)).astype(np.float32)
    values[0, :6] *= rng.random((6, 10_000)) > 0.4  # months without a sale
    _, months = add_up(held(values), ALONE)
    goals = np.quantile(values[0], np.linspace(0.02, 0.98, 25), axis=1).T[None]
    plain = (values[0][:, None] >= goals[0][:, :, None]).mean(axis=2)
    assert np.abs(months.chance(goals)[0] - plain)[goals[0] > 0].max() < off


@pytest.mark.parametrize("largest", [5, 300, 511])
def test_counts_are_exact(largest):
    rng = np.random.default_rng(2)
    values = rng.integers(0, largest + 1, (1, 3, 1000)).astype(np.float32)
    _, months = add_up(held(values, whole=True), ALONE)
    goals = np.tile(np.arange(largest + 2, dtype=float), (1, 3, 1))
    plain = (values[0][:, None] >= goals[0][:, :, None]).mean(axis=2)
    assert months.chance(goals)[0] == pytest.approx(plain, abs=1e-12)


def test_sums_of_all_nodes_are_those_of_their_leaves():
    rng = np.random.default_rng(3)
    up = [None, "c", "c", "a", "a", "a2"]
    tree = Tree.from_table(pd.DataFrame({"node": ["c", "a", "b", "a1", "a2", "a21"], "parent": up}))
    values = rng.random((3, 4, 500)).astype(np.float32)
    years, months = add_up(held(values), tree)
    plain = tree.up(values.sum(axis=1).astype(float))
    assert years == pytest.approx(plain, rel=1e-5)
    assert months.mean == pytest.approx(tree.up(values.mean(axis=2).astype(float)), rel=1e-5)
    chance, hits = count_hits(years, plain.mean(axis=1)[:, None], tree.depth, 4)
    assert hits.sum(axis=0).mean() == pytest.approx(chance.sum())


def test_draws_come_in_blocks():
    rng = np.random.default_rng(4)
    values = rng.normal(100, 30, (5, 2, 300))
    found = from_blocks([values[:2], values[2:]], leaves=5, months=2, count=300)
    back = np.stack([found.leaf(number) for number in range(5)])
    assert np.abs(back - values).max() < 200 / 32_767
    with pytest.raises(InputError, match="2 of 5 leaves"):
        from_blocks([values[:2]], leaves=5, months=2, count=300)


@pytest.mark.parametrize(
    ("nodes", "parents", "words"),
    [
        (["a", "a"], [None, None], "more than once"),
        (["a", "b"], [None, "x"], "named as parent but no node"),
        (["a", "b"], [None, None], "2 nodes without a parent"),
        (["r", "a", "b", "c"], [None, "c", "a", "b"], "a -> c -> b -> a"),
    ],
)
def test_trees_that_cannot_be_say_why(nodes, parents, words):
    with pytest.raises(InputError, match=words):
        Tree.from_table(pd.DataFrame({"node": nodes, "parent": parents}))


def test_a_tree_knows_what_is_under_a_node():
    tree = Tree.from_table(
        pd.DataFrame({"node": ["b1", "b", "c", "a"], "parent": ["b", "c", None, "c"]})
    )
    assert tree.nodes == ("c", "a", "b", "b1")
    assert tree.kinds == ("company", "region", "region", "province")
    assert [tree.nodes[place] for place in tree.children(0)] == ["a", "b"]
    assert tree.under(0).tolist() == [0, 1] and tree.under(2).tolist() == [1]


def test_everything_compiles_on_a_small_example():
    compile_all()
