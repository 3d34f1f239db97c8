"""KPIs of which less is better: what stays at or under the target has reached it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.planning.drawn import MONTHS, TREE, revenue
from workbench.errors import ParameterError
from workbench.planning import Goal, set_targets
from workbench.planning.effects import Effect
from workbench.planning.levers import lever_effect
from workbench.planning.padding import padding_effect

OVER = "ar_over_90"
CUBE = revenue().rename(OVER)


def overdue(**more):
    told = {"value": 20_000_000, "unit": 10_000.0} | more
    return set_targets(CUBE, TREE, Goal(OVER, **told), padding=told.pop("padding", None))


def test_the_dictionary_says_of_which_kpi_less_is_better():
    assert Goal(OVER, value=1.0).down
    assert Goal("dso", value=1.0).down
    assert not Goal("revenue_net", value=1.0).down
    assert not Goal("something of our own", value=1.0).down
    assert Goal("something of our own", value=1.0, less=True).down


def test_what_stays_under_the_target_has_reached_it():
    targets = overdue()
    goal, drawn = targets.target(OVER)[0], targets.draws(OVER, "company")
    chance = targets.kpis[OVER].chance[0]
    assert goal.tolist() == [21_600_000, 20_000_000, 18_400_000]
    assert chance == pytest.approx([(drawn <= each).mean() for each in goal])
    assert (np.diff(chance) < 0).all()
    months = targets.table().query("node == 'a1' and tier == 'base'").set_index("month")
    drawn = CUBE.sel(rep="a1").to_pandas()
    for month in MONTHS:
        share = (drawn[month] <= months["target"][month]).mean()
        assert months["p_hit"][month] == pytest.approx(share, abs=6e-3)


def test_a_lower_target_is_harder_and_a_chance_gives_it():
    chances = [overdue(value=value).kpis[OVER].chance[0, 1] for value in (15e6, 18e6, 21e6)]
    assert chances == sorted(chances)
    told = Goal(OVER, chance=0.3)
    targets = set_targets(CUBE, TREE, told)
    assert targets.kpis[OVER].chance[0, 1] == pytest.approx(0.3, abs=0.01)


def test_padding_asks_those_below_for_less():
    targets = set_targets(CUBE, TREE, Goal(OVER, value=20_000_000), padding={"person": 0.1})
    base = dict(zip(targets.tree.nodes, targets.target(OVER)[:, 1], strict=True))
    assert base["a1"] + base["a2"] == pytest.approx(0.9 * base["a"], abs=20_000)
    with pytest.raises(ParameterError, match="less is better"):
        padding_effect(targets.prepared, kpi=OVER)


def test_all_levels_are_counted_by_what_stays_under():
    targets = overdue()
    rows = targets.joint().set_index(["tier", "kind"])
    goal = dict(zip(targets.tree.nodes, targets.target(OVER)[:, 1], strict=True))
    both = np.all([targets.draws(OVER, node) <= goal[node] for node in ("a", "b")], axis=0)
    assert rows.loc[("base", "region"), "p_all"] == pytest.approx(both.mean())


def test_a_score_of_one_is_the_target_and_more_money_is_less_score():
    row = overdue().scores().query("node == 'company' and tier == 'base'").iloc[0]
    drawn = overdue().draws(OVER, "company")
    assert row["score"] == pytest.approx((2 - drawn / 20_000_000).mean(), rel=1e-6)


def test_a_lever_that_adds_lowers_the_chance():
    targets = overdue()
    more = Effect(OVER, np.arange(5), np.ones(12), np.full(2000, 0.1))
    effect = lever_effect(targets, targets.change(effects=[more]), kpi=OVER)
    assert effect.after < effect.before
    assert effect.high < 0


def test_tiers_that_rise_are_refused():
    with pytest.raises(ParameterError, match="rise"):
        overdue(value={"floor": 1e7, "base": 2e7, "stretch": 3e7})
