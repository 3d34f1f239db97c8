"""Sums up the tree, averages down it, and money by node, each against the plain way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.drawn import SIZES, TREE, revenue
from workbench.errors import InfeasibleError
from workbench.planning import Goal, Limit, Rules, money, prepare
from workbench.planning.averages import move
from workbench.planning.limits import Bounds
from workbench.planning.tree import Tree

SEEDS = st.integers(0, 2**32 - 1)


def grown(rng: np.random.Generator, count: int) -> Tree:
    parents = [None, *(f"n{rng.integers(0, node):02d}" for node in range(1, count))]
    names = [f"n{node:02d}" for node in range(count)]
    return Tree.from_table(pd.DataFrame({"node": names, "parent": parents}))


@given(SEEDS, st.integers(1, 20), st.integers(1, 25))
@settings(deadline=None)
def test_a_node_is_the_sum_of_the_leaves_under_it(seed, count, size):
    rng = np.random.default_rng(seed)
    tree = grown(rng, count)
    values = rng.normal(size=(len(tree.leaves), 3))
    sums = tree.up(values)
    plain = [values[tree.under(node)].sum(axis=0) for node in range(count)]
    assert sums == pytest.approx(np.array(plain), abs=1e-12)
    assert tree.up(values[:, 0]).tolist() == sums[:, 0].tolist()
    pieces = list(tree.blocks_up(lambda leaves: values[leaves], size=size))
    assert np.concatenate([part for _, part in pieces[::-1]]).tolist() == sums.tolist()
    assert sum(rows.stop - rows.start for rows, _ in pieces) == count


def test_nodes_are_of_their_kinds():
    tree = Tree.from_table(TREE)
    assert tree.of_kind("region", "nowhere").sum() == 2
    assert tree.of_kind("person").tolist() == [kind == "person" for kind in tree.kinds]


@given(SEEDS, st.integers(2, 15))
@settings(deadline=None)
def test_averages_keep_their_limits_and_the_mean_above(seed, count):
    rng = np.random.default_rng(seed)
    tree = grown(rng, count)
    some = rng.random(len(tree.leaves)) * (rng.random(len(tree.leaves)) > 0.2)
    weights, expected = tree.up(some), rng.normal(10, 2, count)
    low, high = np.zeros(count), np.full(count, np.inf)
    held = rng.random(count) < 0.3
    low[held] = rng.normal(9, 1, held.sum())
    high[held] = low[held] + rng.exponential(2, held.sum())
    bounds = Bounds(low, high, (), np.zeros(0, dtype=np.int64))
    try:
        found = move(tree, expected, weights, root=10.0, bounds=bounds, unit=1.0)
    except InfeasibleError:
        return
    assert found[0] == 10.0
    for node in tree.inner:
        mine = tree.children(int(node))
        if weights[mine].sum() > 0:
            mean = np.average(found[mine], weights=weights[mine])
            assert mean == pytest.approx(found[node], abs=1e-6)
    loose = np.isinf(high) & (low == 0)
    within = (found >= low - 1e-6) & (found <= high + 1e-6)
    assert (within | loose).all()


def test_a_leaf_that_weighs_nothing_refuses_nothing():
    tree = Tree.from_table(TREE)
    weights = tree.up(np.array([1.0, 0.0, 2.0, 0.0, 3.0]))
    bounds = Bounds(np.zeros(8), np.full(8, np.inf), (), np.zeros(0, dtype=np.int64))
    found = move(tree, np.full(8, 0.4), weights, root=0.42, bounds=bounds, unit=1.0)
    assert found == pytest.approx(np.full(8, 0.42))


# -- money --------------------------------------------------------------------------------------


def test_money_in_small_pieces_is_money_of_each_draw(monkeypatch):
    targets = prepare(revenue(draws=200), TREE, Goal("revenue", value=18_000_000)).targets()
    paid = pd.Series({"a1": 1e5, "b1": 2e5, "b2": 3e5})
    margin = pd.Series(np.linspace(0.2, 0.4, 5), index=list(SIZES))

    def curve(reached):
        return np.clip(reached, 0.5, 1.4)

    def found():
        return money.pay_and_profit(
            targets, kpi="revenue", pay=curve, target_pay=paid, margin=margin, expense=4e4
        ).set_index("node")

    table = found()
    monkeypatch.setattr(Tree.blocks_up, "__kwdefaults__", {"size": 3})
    pd.testing.assert_frame_equal(found(), table)
    goals = dict(zip(targets.tree.nodes, targets.target("revenue")[:, 1], strict=True))
    for node, leaves in {"a1": ["a1"], "a": ["a1", "a2"], "company": list(SIZES)}.items():
        drawn = {leaf: targets.draws("revenue", leaf) for leaf in leaves}
        pay = sum(paid.get(leaf, 0.0) * curve(drawn[leaf] / goals[leaf]) for leaf in leaves)
        profit = sum(drawn[leaf] * margin[leaf] - 4e4 for leaf in leaves) - pay
        row = table.loc[node]
        assert row[["pay_low", "pay_high"]].tolist() == pytest.approx(np.quantile(pay, [0.1, 0.9]))
        assert row["profit"] == pytest.approx(profit.mean())
        assert row["profit_high"] == pytest.approx(np.quantile(profit, 0.9))
        assert row["p_loss"] == pytest.approx((profit < 0).mean())


# -- what is worked out when it is asked for ----------------------------------------------------


def test_months_and_chances_wait_until_somebody_asks():
    ready = prepare(revenue(draws=200), TREE, Goal("revenue", value=18_000_000, unit=1e4))
    found = ready.change(padding={"person": 0.05}).kpis["revenue"]
    assert not {"_counted", "units"} & set(vars(found))
    assert not any("_months" in vars(each) for each in found.by_tier)
    assert found.by_tier[1].units[0].sum() == found.years[1, 0]
    assert "_months" not in vars(found.by_tier[0])
    assert found.chance.shape == (8, 3)


def test_months_that_cannot_be_locked_are_refused_at_once():
    ready = prepare(revenue(draws=200), TREE, Goal("revenue", value=18_000_000, unit=1e4))
    locks = tuple(
        Limit("a1", "lock", 9_000_000.0, kpi="revenue", month=month)
        for month in ("2027-01", "2027-02")
    )
    with pytest.raises(InfeasibleError):
        ready.change(rules=Rules(locks))
