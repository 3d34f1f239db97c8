"""Months that are locked hold exactly, at any node, and everything still adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.planning.drawn import MONTHS, TREE, rate, revenue
from tests.planning.test_rounding import grown, problem
from workbench.errors import InfeasibleError, ParameterError
from workbench.planning import Goal, Limit, Rules, set_targets
from workbench.planning.month_locks import MonthLock
from workbench.planning.rounding import round_months, round_years

GOAL = Goal("revenue", value=18_000_000, unit=10_000)


def lock(node, month, value, **more):
    return Limit(node, "lock", value, month=month, **more)


def units(targets, node, tier="base"):
    found, place = targets.kpis["revenue"], targets.tree.place[node]
    return found.units[targets.tiers.index(tier)][place] * found.unit


def test_locks_of_a_solution_that_exists_hold_on_random_trees():
    rng = np.random.default_rng(5)
    held = 0
    for number in range(1500):
        tree = grown(rng, int(rng.integers(2, 16)))
        padding = [0.0, 0.07][number % 2]
        months = int(rng.integers(3, 13))
        real, root, pads, profiles = problem(rng, tree, months=months, padding=padding)
        years = round_years(tree, real, root=root, padding=pads, manager=bool(number % 3))
        other = rng.dirichlet(np.full(months, 3.0), len(tree.leaves))
        wanted = round_months(tree, years, other).units
        # one month of half of the nodes as that other solution has it
        nodes = rng.choice(len(tree), max(1, len(tree) // 2), replace=False)
        locks = [MonthLock(int(n), 1, int(wanted[n, 1]), f"n{n}") for n in nodes]
        try:
            rounded = round_months(tree, years, profiles, locks)
        except InfeasibleError:
            continue  # what inner nodes keep may leave no room: it follows the people under them
        held += 1
        assert all(rounded.units[each.node, each.month] == each.units for each in locks)
        assert (rounded.units.sum(axis=1) == years).all()
        below = rounded.own.copy()
        np.add.at(below, tree.parent[1:], rounded.units[1:])
        assert (below[tree.inner] == rounded.units[tree.inner]).all()
    assert held > 1000


def test_a_locked_month_of_a_person_leaves_the_year_and_moves_the_others():
    plain = set_targets(revenue(), TREE, GOAL)
    targets = plain.change(rules=Rules((lock("a1", "2027-03", 250_000),)))
    place = MONTHS.index("2027-03")
    assert units(targets, "a1")[place] == 250_000
    assert units(targets, "a1").sum() == units(plain, "a1").sum()
    rest = np.delete(units(targets, "a1") / units(plain, "a1"), place)
    assert rest == pytest.approx(np.full(11, rest.mean()), abs=0.2)


def test_locks_of_a_region_and_of_a_person_in_it_hold_together_in_all_tiers():
    rules = Rules((lock("b", "2027-02", 500_000), lock("b1", "2027-02", 200_000)))
    targets = set_targets(revenue(), TREE, GOAL, rules=rules, padding={"person": 0.05})
    place = MONTHS.index("2027-02")
    assert units(targets, "b")[place] == 500_000
    assert units(targets, "b1")[place] == 200_000
    assert units(targets, "b", "floor")[place] == 460_000
    assert units(targets, "b1", "stretch")[place] == 220_000  # 21.6 units, in whole ones


def test_a_lock_of_the_company_moves_every_region():
    targets = set_targets(revenue(), TREE, GOAL, rules=Rules((lock("company", "2027-12", 3e6),)))
    assert units(targets, "company")[11] == 3e6
    assert (units(targets, "a") + units(targets, "b") == units(targets, "company")).all()


@pytest.mark.parametrize(
    ("limits", "error", "match"),
    [
        ((lock("a1", "2028-01", 1e5),), ParameterError, "planned can be locked"),
        ((Limit("a1", "cap", 1e5, month="2027-01"),), ParameterError, "planned can be locked"),
        ((lock("a1", "2027-01", 1e5), lock("a1", "2027-01", 2e5)), InfeasibleError, "twice"),
        ((lock("a1", "2027-01", 9e6),), InfeasibleError, "cannot both hold"),
        (
            (lock("a", "2027-01", 1e5), lock("a1", "2027-01", 2e5)),
            InfeasibleError,
            "cannot both hold",
        ),
        ((lock("a1", "2027-01", 12_345.0),), ParameterError, "no multiple"),
    ],
)
def test_what_cannot_hold_is_named(limits, error, match):
    with pytest.raises(error, match=match) as caught:
        set_targets(revenue(), TREE, GOAL, rules=Rules(limits))
    assert limits[0].node in str(caught.value)


def test_months_of_an_average_are_not_locked():
    cube = rate()
    weights = {"margin_rate": pd.Series(1.0, index=["a1", "a2", "b1", "b2", "b3"])}
    goal = Goal("margin_rate", value=0.4, unit=0.001)
    with pytest.raises(ParameterError, match="averaged"):
        set_targets(cube, TREE, goal, weights=weights, rules=Rules((lock("a1", "2027-01", 0.4),)))
