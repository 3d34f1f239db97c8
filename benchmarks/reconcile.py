"""Reconciliation: 10,000 series by MinT, the textbook formula beside it, and a planner's refresh.

The textbook way is what one writes with numpy: the shrunk covariance as a whole matrix, inverted
(Wickramasuriya, Athanasopoulos & Hyndman 2019); for locks, all of the conditions of the least
distance as one dense system. Both give the same numbers; the sizes are what they can do.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.harness import Job, main

if TYPE_CHECKING:
    from workbench.forecasting.hierarchy import Hierarchy, Lock

HORIZON, PERIODS, REFRESHES, DRAWS = 12, 60, 20, 1000
LARGE, MIDDLE = (20, 50, 10), (10, 20, 5)


def crossed(sizes: tuple[int, ...], levels: list[tuple[str, ...]] | None = None) -> Hierarchy:
    """Region x product x channel, all crossings of two as levels too."""
    from workbench.forecasting.hierarchy import Hierarchy

    names = ["region", "product", "channel"]
    index = np.indices(sizes).reshape(len(sizes), -1)
    keys = pd.DataFrame({name: row.astype(str) for name, row in zip(names, index, strict=True)})
    keys.index = [f"s{number}" for number in range(len(keys))]
    every = [pair for size in range(3) for pair in combinations(names, size)]
    return Hierarchy.from_keys(keys, levels=levels or every)


def forecasts(hierarchy: Hierarchy, *, off: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Base forecasts and residuals: sizes far apart, errors with a part in common.

    `off` is how far forecasts of the series are from adding up, in parts of their size.
    """
    rng = np.random.default_rng(7)
    level = rng.lognormal(0, 1.5, len(hierarchy.series))
    season = 1 + 0.3 * np.sin(np.arange(HORIZON) / HORIZON * 2 * np.pi)
    base = hierarchy.aggregate(np.outer(level, season))
    noise = rng.normal(size=(len(level), PERIODS)) + 0.3 * rng.normal(size=PERIODS)
    errors = hierarchy.aggregate(0.3 * level[:, None] * noise)
    errors += 0.05 * base[:, :1] * rng.normal(size=errors.shape)
    share = np.where(np.arange(len(hierarchy)) < hierarchy.above, 0.05, off)[:, None]
    return base * (1 + share * rng.normal(size=base.shape)), errors


def told(points: np.ndarray, hierarchy: Hierarchy) -> list[float]:
    """What ways must agree on: some nodes, to seven digits."""
    hierarchy.check(points)
    nodes = [0, 1, hierarchy.above - 1, hierarchy.above, len(hierarchy) - 1]
    return [float(f"{value:.7g}") for value in points[nodes].sum(axis=1)]


# -- MinT ---------------------------------------------------------------------------------------


def our_mint(
    sizes: tuple[int, ...], nonnegative: bool = False
) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.forecasting.hierarchy import reconcile

        hierarchy = crossed(sizes)
        points, errors = forecasts(hierarchy, off=0.6 if nonnegative else 0.05)

        def work() -> object:
            done = reconcile(points, hierarchy, residuals=errors, nonnegative=nonnegative)
            return told(done.points, hierarchy)

        return work

    return way


def textbook_mint(sizes: tuple[int, ...]) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        hierarchy = crossed(sizes)
        points, errors = forecasts(hierarchy)
        summing = hierarchy.summing.toarray()

        def work() -> object:
            inverse = np.linalg.inv(shrunk(errors))
            weighted = summing.T @ inverse
            series = np.linalg.solve(weighted @ summing, weighted @ points)
            return told(summing @ series, hierarchy)

        return work

    return way


def shrunk(errors: np.ndarray) -> np.ndarray:
    """Covariance with correlations shrunk to zero, as a whole matrix."""
    periods = errors.shape[1]
    deviation = np.sqrt((errors**2).mean(axis=1))
    x = errors / deviation[:, None]
    correlation = x @ x.T / periods
    noise = ((x**2) @ (x**2).T - periods * correlation**2) / (periods * (periods - 1))
    apart = ~np.eye(len(x), dtype=bool)
    shrinkage = min(1.0, noise[apart].sum() / (correlation[apart] ** 2).sum())
    correlation[apart] *= 1 - shrinkage
    return correlation * np.outer(deviation, deviation)


# -- a planner's refresh ------------------------------------------------------------------------


def planned() -> tuple[Hierarchy, np.ndarray, np.ndarray, list[list[Lock]]]:
    """196 nodes, and twenty changes of a lock on a region's year beside a lock on two months."""
    from workbench.forecasting.hierarchy import Lock

    hierarchy = crossed(
        (5, 6, 5), [(), ("region",), ("product",), ("channel",), ("region", "product")]
    )
    points, errors = forecasts(hierarchy)
    year, start = float(points[1].sum()), float(points[0, :2].sum())
    changes = [
        [Lock(hierarchy.nodes[1], year * (1.05 + 0.01 * step)), Lock("Total", start, (0, 1))]
        for step in range(REFRESHES)
    ]
    return hierarchy, points, errors, changes


def our_refresh() -> Callable[[], object]:
    from workbench.forecasting.hierarchy import reconciler

    hierarchy, points, _, changes = planned()
    ready = reconciler(hierarchy, "wls_structural")

    def work() -> object:
        return told(sum(ready.solve(points, locks=locks).points for locks in changes), hierarchy)

    return work


def textbook_refresh() -> Callable[[], object]:
    hierarchy, points, _, changes = planned()
    summing = hierarchy.summing.toarray()
    series = summing.shape[1]

    def solved(locks: list[Lock]) -> np.ndarray:
        by_sums = summing.T / hierarchy.sizes
        loose = np.linalg.solve(by_sums @ summing, by_sums @ points)
        share = np.abs(loose).sum(axis=0) / np.abs(loose).sum(axis=0).mean()
        whole = np.kron(np.diag(1 / share), by_sums @ summing)
        right = ((by_sums @ points) / share).T.ravel()
        rows = np.zeros((len(locks), series * HORIZON))
        for row, lock in zip(rows, locks, strict=True):
            steps = range(HORIZON) if lock.periods is None else lock.periods
            for step in steps:
                row[step * series : (step + 1) * series] = summing[hierarchy.place(lock.node)]
        system = np.block([[whole, rows.T], [rows, np.zeros((len(locks), len(locks)))]])
        values = np.concatenate([right, [lock.value for lock in locks]])
        flat = np.linalg.solve(system, values)[: series * HORIZON]
        return summing @ flat.reshape(HORIZON, series).T

    def work() -> object:
        return told(sum(solved(locks) for locks in changes), hierarchy)

    return work


def our_draws(nonnegative: bool) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.forecasting.hierarchy import reconciler

        hierarchy, points, errors, changes = planned()
        spread = np.random.default_rng(1).normal(size=(DRAWS, *points.shape))
        draws = points + errors.std(axis=1)[:, None] * spread
        ready = reconciler(hierarchy, "mint", residuals=errors)
        mean = ready.solve(points, locks=changes[0])

        def work() -> object:
            done = ready.draws(draws, mean=mean, nonnegative=nonnegative)
            lock = changes[0][0]
            apart = done[:, hierarchy.place(lock.node)].sum(axis=1) - lock.value
            return bool(np.abs(apart).max() < 1e-9 * lock.value)

        return work

    return way


JOBS = [
    Job(
        title="MinT, 10,000 series in 11,781 nodes, 12 periods, from forecasts and residuals",
        ways={"workbench": our_mint(LARGE)},
        goal="under 5 s and 1 GB",
    ),
    Job(
        title="the same without negative values, where 5,000 would be negative",
        ways={"workbench": our_mint(LARGE, nonnegative=True)},
        goal="under 5 s and 1 GB",
    ),
    Job(
        title="MinT, 1,000 series in 1,336 nodes",
        ways={"workbench": our_mint(MIDDLE), "textbook, dense numpy": textbook_mint(MIDDLE)},
    ),
    Job(
        title="20 refreshes with a changed lock, 196 nodes, 12 periods, a lock on a year",
        ways={"workbench": our_refresh, "all conditions as one system": textbook_refresh},
        goal="under 40 ms each",
    ),
    Job(
        title="1,000 draws of it, each of which keeps the locks",
        ways={"workbench": our_draws(False), "not negative either": our_draws(True)},
    ),
]

if __name__ == "__main__":
    main("benchmarks.reconcile", JOBS)
