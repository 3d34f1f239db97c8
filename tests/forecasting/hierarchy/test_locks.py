"""Locks hold exactly, cost the least, and are named when they clash; bounds hold with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize

from tests.support.hierarchies import crossed, drawn_hierarchies, tree, values_for
from workbench.errors import InfeasibleError, InputError, ParameterError
from workbench.forecasting.hierarchy import nonnegative as nonnegative_module
from workbench.forecasting.hierarchy import projection
from workbench.forecasting.hierarchy.locks import Lock, period_weights, read_locks
from workbench.forecasting.hierarchy.reconcile import METHODS, Reconciler, reconciler
from workbench.forecasting.hierarchy.structure import Hierarchy


def ready(hierarchy: Hierarchy, method: str = "mint", **more: str) -> Reconciler:
    return reconciler(
        hierarchy,
        method,
        residuals=values_for(hierarchy, 7, 12),
        history=np.abs(values_for(hierarchy, 6, 9)[hierarchy.above :]),
        **more,
    )


def total_of(hierarchy: Hierarchy, points: np.ndarray, lock: Lock) -> np.ndarray:
    steps = list(range(points.shape[-1]) if lock.periods is None else lock.periods)
    return points[..., hierarchy.place(lock.node), :][..., steps].sum(axis=-1)


def nearest(done: Reconciler, points: np.ndarray, locks: list[Lock], least: float | None):
    """The same problem, by a general solver on the series; returns series and distance."""
    hierarchy = done.hierarchy
    covariance = np.diag(done.projection.weights.own)
    covariance += done.projection.weights.shared @ done.projection.weights.shared.T
    inverse, summing = np.linalg.inv(covariance), hierarchy.summing.toarray()
    share = period_weights(done.coherent(points)[hierarchy.above :])
    shape = (len(hierarchy.series), points.shape[1])

    def distance(flat: np.ndarray) -> float:
        apart = summing @ flat.reshape(shape) - points
        return float(np.einsum("it,ij,jt,t->", apart, inverse, apart, 1 / share))

    def slope(flat: np.ndarray) -> np.ndarray:
        apart = summing @ flat.reshape(shape) - points
        return (2 * summing.T @ inverse @ apart / share).ravel()

    conditions = []
    for lock in locks:
        held = np.zeros(shape)
        steps = range(shape[1]) if lock.periods is None else lock.periods
        held[np.ix_(summing[hierarchy.place(lock.node)] > 0, list(steps))] = 1
        row = held.ravel()
        conditions.append(
            {
                "type": "eq",
                "fun": lambda flat, row=row, value=lock.value: row @ flat - value,
                "jac": lambda flat, row=row: row,
            }
        )
    found = minimize(
        distance,
        np.ones(shape).ravel(),
        jac=slope,
        bounds=[(least, None)] * (shape[0] * shape[1]),
        constraints=conditions,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    return found.x.reshape(shape), distance


LOCKS = [Lock("00", 6.0), Lock("01", 2.0, (0, 1)), Lock("Total", 5.0, (0,)), Lock("s5", 0.3, (2,))]


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("bounds", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_locks_and_bounds_cost_the_least(count: int, bounds: bool, seed: int) -> None:
    hierarchy = crossed(2, 3)
    points = 0.7 * hierarchy.sizes[:, None] + 2 * np.random.default_rng(seed).normal(size=(12, 3))
    done = ready(hierarchy)
    got = done.solve(points, locks=LOCKS[:count], nonnegative=bounds)
    expected, distance = nearest(done, points, LOCKS[:count], 0.0 if bounds else None)
    series = got.points[hierarchy.above :]
    assert series == pytest.approx(expected, abs=1e-5)
    # the solver's answer breaks its conditions by some 1e-11, and is so much cheaper
    assert distance(series) <= distance(expected) * (1 + 1e-9)
    hierarchy.check(got.points)
    for lock in LOCKS[:count]:
        assert total_of(hierarchy, got.points, lock) == pytest.approx(lock.value, rel=1e-9)
    assert not bounds or series.min() >= 0


@given(
    drawn_hierarchies(),
    st.lists(st.tuples(st.integers(0, 99), st.floats(-5, 50), st.integers(0, 3)), max_size=5),
    st.sampled_from(list(METHODS)),
    st.booleans(),
    st.booleans(),
)
def test_any_locks_hold_to_rounding_or_are_refused(
    hierarchy: Hierarchy,
    asked: list[tuple[int, float, int]],
    method: str,
    bounds: bool,
    proportional: bool,
) -> None:
    assume(not method.startswith("top_down") or len(hierarchy.levels[0]) == 1)
    locks = [
        Lock(hierarchy.nodes[node % len(hierarchy)], value, None if step == 3 else (step,))
        for node, value, step in asked
    ]
    points = values_for(hierarchy, 3, 3)
    done = ready(hierarchy, method, spread="proportional" if proportional else "weights")
    try:
        got = done.solve(points, locks=locks, nonnegative=bounds).points
    except InfeasibleError as error:
        named = [lock for lock in locks if str(lock) in str(error.where)]
        assert named
        with pytest.raises(InfeasibleError):
            done.solve(points, locks=named, nonnegative=bounds)
        return
    size = max([np.abs(got).max(), *(abs(lock.value) for lock in locks)])
    for lock in locks:
        assert total_of(hierarchy, got, lock) == pytest.approx(lock.value, abs=1e-9 * size)
    hierarchy.check(got)
    assert not bounds or got.min() >= 0


def test_a_lock_on_the_year_is_spread_in_proportion_to_the_months() -> None:
    hierarchy = tree()
    season = np.array([1.0, 2.0, 4.0, 1.0])
    points = hierarchy.aggregate(np.outer(np.arange(1.0, 10.0), season))
    lock = Lock("A", float(points[1].sum() * 1.2))
    for done in (ready(hierarchy, "bottom_up"), ready(hierarchy, spread="proportional")):
        moved = done.solve(points, locks=[lock])
        assert moved.points[4:7] == pytest.approx(1.2 * points[4:7])
        assert moved.points[7:] == pytest.approx(points[7:])
        assert moved.moved()["node"].tolist() == ["Total", "A", "AA", "AB", "AC"]


def test_locks_that_agree_are_kept_once() -> None:
    hierarchy = tree()
    done = ready(hierarchy).solve(
        values_for(hierarchy, 1),
        locks=[
            Lock(node, value, (0,))
            for node, value in [("A", 1.0), ("B", 2.0), ("C", 3.0), ("Total", 6.0), ("A", 1.0)]
        ],
    )
    assert len(done.locks) == 3
    assert done.points[0, 0] == pytest.approx(6.0)


def test_locks_that_contradict_each_other_are_named() -> None:
    hierarchy = tree()
    locks = [Lock("B", 9.0), Lock("A", 1.0, (0,)), Lock("AA", 1.0, (0,)), Lock("AB", 2.0, (0,))]
    with pytest.raises(InfeasibleError) as error:
        ready(hierarchy).solve(values_for(hierarchy, 1), locks=[*locks, Lock("AC", 3.0, (0,))])
    assert error.value.message == "4 locks contradict each other: the last must be -2"
    assert "B = 9" not in str(error.value.where)


def test_locks_that_clash_with_bounds_are_named() -> None:
    hierarchy = tree()
    locks = [Lock("B", 9.0), Lock("A", 5.0, (0, 1)), Lock("AA", 7.0, (0, 1))]
    solver = ready(hierarchy)
    points = np.abs(values_for(hierarchy, 1))
    assert solver.solve(points, locks=locks).points.min() < 0
    with pytest.raises(InfeasibleError, match="2 locks cannot all hold without") as error:
        solver.solve(points, locks=locks, nonnegative=True)
    assert "B = 9" not in str(error.value.where)
    with pytest.raises(InfeasibleError, match="a lock cannot hold"):
        solver.solve(points, locks=[Lock("A", -1.0)], nonnegative=True)


def test_a_node_may_be_locked_at_nothing() -> None:
    hierarchy = tree()
    solver = ready(hierarchy)
    done = solver.solve(
        np.abs(values_for(hierarchy, 1)), locks=[Lock("A", 0.0), Lock("AA", 0.0)], nonnegative=True
    )
    assert np.abs(done.points[4:7]).max() < 1e-12
    assert done.points.min() >= 0


@pytest.mark.parametrize("method", ["mint", "ols", "bottom_up"])
@pytest.mark.parametrize("bounds", [False, True])
def test_every_draw_keeps_the_locks(method: str, bounds: bool) -> None:
    hierarchy = crossed(2, 3)
    solver = ready(hierarchy, method)
    draws = np.stack([2 * values_for(hierarchy, seed, 3) for seed in range(40)])
    mean = solver.solve(draws.mean(axis=0), locks=LOCKS, nonnegative=bounds)
    done = solver.draws(draws, mean=mean, nonnegative=bounds)
    for lock in LOCKS:
        assert total_of(hierarchy, done, lock) == pytest.approx(np.full(40, lock.value), rel=1e-9)
    for number in range(40):
        hierarchy.check(done[number])
    if bounds:
        assert done.min() >= 0
    else:
        assert done.mean(axis=0) == pytest.approx(mean.points, abs=1e-9)


def test_draws_may_keep_their_spread_around_a_locked_mean() -> None:
    hierarchy = crossed(2, 3)
    solver = ready(hierarchy)
    draws = np.stack([values_for(hierarchy, seed, 3) for seed in range(40)])
    mean = solver.solve(draws.mean(axis=0), locks=LOCKS)
    loose = solver.draws(draws, mean=solver.solve(draws.mean(axis=0)))
    done = solver.draws(draws, mean=mean, locks_hold="mean")
    assert done.std(axis=0) == pytest.approx(loose.std(axis=0))
    for lock in LOCKS:
        assert total_of(hierarchy, done, lock).mean() == pytest.approx(lock.value)
    with pytest.raises(ParameterError, match="each or mean"):
        solver.draws(draws, mean=mean, locks_hold="some")


def test_a_draw_with_bounds_is_what_it_would_be_alone() -> None:
    hierarchy = crossed(2, 3)
    solver = ready(hierarchy)
    draws = np.stack([2 * values_for(hierarchy, seed, 3) for seed in range(30)])
    mean = solver.solve(draws.mean(axis=0), locks=LOCKS[:2])
    together = solver.draws(draws, mean=mean, nonnegative=True)
    alone = [solver.draws(draws[[at]], mean=mean, nonnegative=True)[0] for at in range(30)]
    assert together == pytest.approx(np.array(alone), abs=1e-10)


@pytest.mark.parametrize("locks", [[], LOCKS[:2]])
def test_the_ways_to_bound_agree(locks: list[Lock], monkeypatch: pytest.MonkeyPatch) -> None:
    hierarchy = crossed(3, 4, 2)
    solver = ready(hierarchy)
    points = 0.3 * hierarchy.sizes[:, None] + np.random.default_rng(5).normal(size=(60, 4))
    quick = solver.solve(points, locks=locks, nonnegative=True).points
    # one series at a time without locks, and the dual method with them
    monkeypatch.setattr(nonnegative_module, "PATIENCE", 0)
    slow = solver.solve(points, locks=locks, nonnegative=True).points
    # covariances from the inverse of the system, and from its factors
    monkeypatch.setattr(projection, "SMALL", 0)
    held = ready(hierarchy).solve(points, locks=locks, nonnegative=True).points
    monkeypatch.setattr(projection, "HELD", 0)
    factors = ready(hierarchy).solve(points, locks=locks, nonnegative=True).points
    assert (quick[hierarchy.above :] == 0).sum() > 10
    for other in (slow, held, factors):
        assert other == pytest.approx(quick, abs=1e-10)


@pytest.mark.parametrize("method", list(METHODS))
def test_bounds_leave_what_is_not_negative(method: str) -> None:
    hierarchy = crossed(3, 4)
    points = hierarchy.aggregate(np.random.default_rng(3).random((12, 5)))
    done = ready(hierarchy, method)
    plain = done.solve(points).points
    bounded = done.solve(points, nonnegative=True).points
    assert bounded == pytest.approx(plain, abs=1e-12)


def test_locks_are_read_from_a_table() -> None:
    table = pd.DataFrame(
        {
            "node": ["East", "West"],
            "value": [320, 12.5],
            "first": ["2025-02", None],
            "last": ["", "2025-02"],
        }
    )
    locks = read_locks(table, periods=["2025-01", "2025-02", "2025-03"])
    assert locks == [Lock("East", 320.0, (1, 2)), Lock("West", 12.5, (0, 1))]
    assert str(locks[0]) == "East = 320 over periods 2 to 3"
    with pytest.raises(InputError, match="'2024-12' is not forecast"):
        read_locks(table.assign(first="2024-12"), periods=["2025-01", "2025-02"])
    with pytest.raises(InputError, match="before it begins"):
        read_locks(table.assign(first="2025-02", last="2025-01"), periods=["2025-01", "2025-02"])


@pytest.mark.parametrize(
    ("lock", "match"),
    [
        (Lock("D", 1.0), "no node 'D'"),
        (Lock("A", float("nan")), "cannot be kept"),
        (Lock("A", 1.0, ()), "cannot be kept"),
        (Lock("A", 1.0, (4,)), "cannot be kept"),
    ],
)
def test_locks_that_mean_nothing_are_refused(lock: Lock, match: str) -> None:
    hierarchy = tree()
    with pytest.raises(ParameterError, match=match):
        ready(hierarchy).solve(values_for(hierarchy, 1), locks=[lock])
