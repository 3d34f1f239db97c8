"""Targets: exact, with chances that are those of the draws, and laws that hold for any wish."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.drawn import MONTHS, SIZES, TREE, rate, revenue
from workbench.errors import InfeasibleError, InputError, ParameterError
from workbench.planning import Goal, Limit, Rules, prepare, set_targets

GOAL = Goal("revenue", value=18_000_000)
YEARS = ["node", "tier", "target", "p_hit"]


@pytest.fixture(scope="module")
def draws():
    return revenue()


@pytest.fixture(scope="module")
def ready(draws):
    return prepare(draws, TREE, GOAL)


def base(targets, column="target", kpi=None):
    rows = targets.years()
    rows = rows[(rows["tier"] == "base") & (rows["kpi"] == (kpi or rows["kpi"].iloc[0]))]
    return rows.set_index("node")[column]


def sums_hold(targets, kpi="revenue"):
    tree, found = targets.tree, targets.kpis[kpi]
    for units, own in zip(found.units, found.own, strict=True):
        below = own.copy()
        np.add.at(below, tree.parent[1:], units[1:])
        assert (below[tree.inner] == units[tree.inner]).all()
    assert (found.units.sum(axis=2) == found.years).all()


def test_a_target_has_the_chance_that_draws_reach_it(draws, ready):
    targets = ready.targets()
    sums_hold(targets)
    years = draws.sum("period").to_pandas()
    for leaf in SIZES:
        row = targets.years().query("node == @leaf and tier == 'stretch'").iloc[0]
        assert row["p_hit"] == pytest.approx((years[leaf] >= row["target"]).mean(), abs=1e-3)
    company = years.sum(axis=1)
    assert base(targets, "p_hit")["company"] == pytest.approx((company >= 18e6).mean(), abs=1e-3)


def test_months_have_the_chance_of_their_own(draws, ready):
    table = ready.targets().table()
    assert len(table) == 8 * 12 * 3
    for row in table.sample(60, random_state=1).itertuples():
        leaves = [leaf for leaf in SIZES if row.node in ("company", leaf, leaf[0])]
        month = draws.sel(period=row.month, rep=leaves).sum("rep").to_numpy()
        assert row.p_hit == pytest.approx((month >= row.target).mean(), abs=4e-3)


def test_whole_numbers_are_counted_exactly():
    # one customer a month in half of the draws, two in the other: P(2 or more) is a half
    import xarray as xr

    values = np.ones((40, 2, 1))
    values[::2] = 2
    cube = xr.DataArray(
        values,
        dims=("draw", "period", "rep"),
        coords={"draw": range(40), "period": ["2027-01", "2027-02"], "rep": ["a"]},
        name="new_customers",
    )
    tree = pd.DataFrame({"node": ["a"], "parent": [None]})
    targets = set_targets(cube, tree, Goal("new_customers", value=4, unit=1), tiers=("base",))
    assert targets.table()["target"].tolist() == [2, 2]
    assert targets.table()["p_hit"].tolist() == [0.5, 0.5]
    assert targets.years()["p_hit"].tolist() == [0.5]


def test_joint_chances_are_counted_in_the_same_draw(draws, ready):
    targets = ready.targets()
    years = draws.sum("period").to_pandas()
    goals = base(targets)
    hits = np.stack([(years[leaf] >= goals[leaf]).to_numpy() for leaf in SIZES])
    joint = targets.joint().query("tier == 'base'").set_index("kind")
    assert joint.loc["person", "p_all"] == pytest.approx(hits.all(axis=0).mean(), abs=1e-3)
    assert joint.loc["person", "reach"] == pytest.approx(hits.mean(), abs=1e-3)
    assert joint.loc["all", "p_all"] <= joint["p_all"].drop("all").min()
    assert joint.loc["company", "p_all"] == base(targets, "p_hit")["company"]


@pytest.mark.parametrize(
    ("goal", "amount"),
    [
        (Goal("revenue", value=1.8e7), 18_000_000),
        (Goal("revenue", growth=0.08, last=1.7e7), 18_360_000),
        (Goal("revenue", share=0.3, market=6e7), 18_000_000),
        (Goal("revenue", value={"floor": 1e7, "base": 2e7, "stretch": 3e7}), 20_000_000),
    ],
)
def test_goals_are_told_in_four_ways(draws, goal, amount):
    assert base(set_targets(draws, TREE, goal))["company"] == amount


def test_a_goal_by_chance_has_that_chance(draws):
    goal = Goal("revenue", chance={"floor": 0.8, "base": 0.5, "stretch": 0.2}, unit=1000.0)
    company = set_targets(draws, TREE, goal).years().query("node == 'company'")
    assert company["p_hit"].to_numpy() == pytest.approx([0.8, 0.5, 0.2], abs=2e-3)


@settings(max_examples=25, deadline=None)
@given(value=st.integers(100, 3000), more=st.integers(0, 500))
def test_a_higher_goal_is_never_more_likely(ready, value, more):
    low = ready.change(goals=[Goal("revenue", value=value * 1e4)])
    high = ready.change(goals=[Goal("revenue", value=(value + more) * 1e4)])
    for column, sign in (("p_hit", 1), ("target", -1)):
        apart = low.years()[column] - high.years()[column]
        company = low.years()["node"] == "company"
        assert (sign * apart[company] >= 0).all()
    # of others rounding may move a target by a unit, never more
    assert (low.years()["target"] - high.years()["target"]).max() <= 1e4


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(len(TREE))), reps=st.permutations(list(SIZES)))
def test_the_order_of_rows_does_not_matter(draws, ready, order, reps):
    moved = set_targets(draws.sel(rep=list(reps)), TREE.iloc[list(order)], GOAL)
    pd.testing.assert_frame_equal(moved.years(), ready.targets().years())


@settings(max_examples=40, deadline=None)
@given(
    lock=st.integers(100, 900),
    floor=st.integers(0, 300),
    cap=st.integers(400, 900),
    manager=st.booleans(),
)
def test_limits_hold_exactly(ready, lock, floor, cap, manager):
    limits = (
        Limit("b", "lock", lock * 1e4 + 1e5, tier="base"),
        Limit("a1", "floor", floor * 1e4),
        Limit("a2", "cap", cap * 1e4 + 1e7),
    )
    rules = Rules(limits, residual="manager" if manager else "remainder")
    targets = ready.change(rules=rules)
    sums_hold(targets)
    goals = base(targets)
    assert goals["b"] == lock * 1e4 + 1e5
    assert goals["a1"] >= floor * 1e4 - (1e4 if manager else 0)
    assert goals["company"] == 18_000_000


@settings(max_examples=20, deadline=None)
@given(region=st.floats(0, 0.2), person=st.floats(0, 0.2))
def test_padding_is_handed_down_and_shown(ready, region, person):
    targets = ready.change(padding={"region": region, "person": person})
    sums_hold(targets)
    rows = targets.years().query("tier == 'base'").set_index("node")
    handed = rows.loc[["a", "b"], "target"].sum()
    assert handed == pytest.approx(18e6 * (1 + region), abs=1e4)
    assert rows.loc["company", "own"] == pytest.approx(18e6 - handed)
    people = rows.loc[list(SIZES), "target"].sum()
    assert people == pytest.approx(handed * (1 + person), abs=2e4)


@pytest.mark.parametrize("name", ["a0", "zz"])
def test_padding_does_not_depend_on_names_of_what_has_another_kind(draws, name):
    """Accounts without an owner beside people: first or last by name, padding is the same."""
    other = TREE.replace({"node": {"a1": name}})
    other.loc[other["node"] == name, "kind"] = "open"
    cube = draws.assign_coords(rep=[name if leaf == "a1" else leaf for leaf in SIZES])
    padded = set_targets(cube, other, GOAL, padding={"person": 0.1})
    rows = padded.years().query("tier == 'base'").set_index("node")
    leaves = [name if leaf == "a1" else leaf for leaf in SIZES]
    assert rows.loc[leaves, "target"].sum() == pytest.approx(18e6 * 1.1, abs=2e4)


def test_a_change_gives_what_setting_anew_gives(draws, ready):
    rules = Rules((Limit("b", "lock", 9_000_000),))
    changed = ready.change(rules=rules, padding={"person": 0.04})
    anew = set_targets(draws, TREE, GOAL, rules=rules, padding={"person": 0.04})
    pd.testing.assert_frame_equal(changed.table(), anew.table())
    pd.testing.assert_frame_equal(changed.joint(), anew.joint())


def test_rates_are_averaged_not_added(draws):
    weights = {"margin_rate": pd.Series(SIZES)}
    goals = [GOAL, Goal("margin_rate", value=0.41, unit=0.0001, steps={"base": 1.0})]
    targets = set_targets(
        {"revenue": draws, "margin_rate": rate()}, TREE, goals, tiers=("base",), weights=weights
    )
    goal = base(targets, kpi="margin_rate")
    heavy = pd.Series(SIZES)
    assert goal["company"] == pytest.approx(0.41)
    mean = (goal[heavy.index] * heavy).sum() / heavy.sum()
    assert mean == pytest.approx(0.41, abs=1e-4)
    months = rate().mean("period").to_pandas()
    own = (months["b3"] >= goal["b3"]).mean()
    assert base(targets, "p_hit", kpi="margin_rate")["b3"] == pytest.approx(own, abs=2e-3)
    assert 0 <= targets.scores()["p_hit"].min() <= targets.scores()["p_hit"].max() <= 1


def test_entries_count_as_much_as_they_are_trusted(draws):
    entries = pd.DataFrame({"node": list(SIZES), "value": [4e6, 1e6, 1e6, 1e6, 1e6], "trust": 1.0})
    targets = set_targets(draws, TREE, GOAL, bottom_up=entries)
    goal = base(targets)
    assert goal["a1"] == pytest.approx(18e6 / 2, abs=1e4)
    rows = targets.years().query("node == 'company' and tier == 'base'").iloc[0]
    assert rows["bottom_up"] == pytest.approx(8e6)
    assert rows["gap"] == pytest.approx(1e7)


def test_large_cubes_are_held_in_two_bytes_without_loss(draws, monkeypatch):
    from workbench.planning import held

    small = set_targets(draws, TREE, GOAL)
    monkeypatch.setattr(held, "SMALL", 0)
    large = set_targets(draws, TREE, GOAL)
    assert large.prepared.grounds["revenue"].held.values.dtype == np.int16
    apart = large.years()["p_hit"] - small.years()["p_hit"]
    assert apart.abs().max() <= 2e-3


BAD = {
    "cycle": (
        lambda: set_targets(
            revenue(draws=5),
            pd.DataFrame({"node": list("rab"), "parent": [None, "b", "a"]}),
            GOAL,
        ),
        InputError,
        "circle: a -> b -> a",
    ),
    "negative": (
        lambda: set_targets(revenue(draws=5), TREE, Goal("revenue", value=-1.0)),
        ParameterError,
        "not negative",
    ),
    "no draws": (
        lambda: set_targets(revenue(draws=5), TREE, [GOAL, Goal("collections", value=1e6)]),
        InputError,
        "collections has a goal but no data",
    ),
    "no draws of a leaf": (
        lambda: set_targets(revenue(draws=5).sel(rep=["a1", "a2"]), TREE, GOAL),
        InputError,
        "no data of b1, b2, b3",
    ),
    "children above a locked parent": (
        lambda: set_targets(
            revenue(draws=5),
            TREE,
            GOAL,
            rules=Rules(
                (
                    Limit("a", "lock", 1_000_000),
                    Limit("a1", "floor", 800_000),
                    Limit("a2", "floor", 400_000),
                    Limit("b1", "floor", 10_000),
                )
            ),
        ),
        InfeasibleError,
        "lock a = 1,000,000; floor a1 >= 800,000; floor a2 >= 400,000",
    ),
    "caps below the goal": (
        lambda: set_targets(
            revenue(draws=5),
            TREE,
            GOAL,
            rules=Rules((Limit("a", "cap", 1_000_000), Limit("b", "cap", 1_000_000))),
        ),
        InfeasibleError,
        "cap a <= 1,000,000; cap b <= 1,000,000",
    ),
    "not a multiple": (
        lambda: set_targets(
            revenue(draws=5), TREE, GOAL, rules=Rules((Limit("a", "lock", 1_234_567.0),))
        ),
        ParameterError,
        "no multiple",
    ),
    "falling tiers": (
        lambda: set_targets(
            revenue(draws=5),
            TREE,
            Goal("revenue", value={"floor": 3e6, "base": 2e6, "stretch": 4e6}),
        ),
        ParameterError,
        "tiers fall",
    ),
    "rates without weights": (
        lambda: set_targets(rate(draws=5), TREE, Goal("margin_rate", value=0.4, unit=0.01)),
        InputError,
        "needs weights",
    ),
    "children above a locked parent, in the amounts that were stated": (
        lambda: set_targets(
            revenue(draws=5),
            TREE,
            GOAL,
            rules=Rules((Limit("a", "lock", 5_000_000), Limit("a1", "floor", 5_500_000))),
        ),
        InfeasibleError,
        "ask for at least 5,500,000, but it has 5,000,000 (tier Base)",
    ),
    "a limit of no kind": (
        lambda: Limit("a", "max", 1_000_000),
        ParameterError,
        "choose from floor, cap, lock",
    ),
    "rounding that goes to nobody": (
        lambda: Rules(residual="company"),
        ParameterError,
        "choose from remainder, manager",
    ),
    "a goal under half a unit": (
        lambda: set_targets(revenue(draws=5), TREE, Goal("revenue", value=4_000.0)),
        ParameterError,
        "nothing in whole units of 10,000",
    ),
    "draws that are no cube": (
        lambda: set_targets(np.zeros((5, 12, 5)), TREE, GOAL),
        InputError,
        "not ndarray",
    ),
    "entries without node": (
        lambda: set_targets(
            revenue(draws=5), TREE, GOAL, bottom_up=pd.DataFrame({"who": ["a1"], "value": [1.0]})
        ),
        InputError,
        "lack the column node",
    ),
    "one name for tiers": (
        lambda: set_targets(revenue(draws=5), TREE, GOAL, tiers="base"),
        ParameterError,
        "a list of names",
    ),
    "a node without a name": (
        lambda: set_targets(revenue(draws=5), TREE.replace({"node": {"b3": None}}), GOAL),
        InputError,
        "has no name",
    ),
    "padding of no kind": (
        lambda: set_targets(revenue(draws=5), TREE, GOAL, padding={"province": 0.1}),
        ParameterError,
        "choose from region, person",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_told_in_one_error(name):
    call, error, words = BAD[name]
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_months_keep_the_labels_of_the_draws(ready):
    assert list(ready.targets().months) == MONTHS
