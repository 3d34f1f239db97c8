"""Targets: a large tree set in full, and a planner's refresh after a lock or lever is moved.

The other way is what one writes with numpy: add the draws up the tree as float32, count the draws
that reach each target. It does the same counting for months, where ours reads kept levels; the
split and the rounding it takes as given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.harness import Job, main

if TYPE_CHECKING:
    from workbench.planning import Goal, Prepared, Tree
    from workbench.planning.held import Draws
    from workbench.planning.targets import Targets

REGIONS, PROVINCES, NODES, MONTHS, COUNT = 30, 270, 2000, 12, 10_000
KPIS = ("revenue", "collections", "new_customers")
REFRESHES = 10


def tree() -> Tree:
    from workbench.planning import Tree

    kinds = ["company"] + ["region"] * REGIONS + ["province"] * PROVINCES
    above = [None] + [0] * REGIONS + [1 + number % REGIONS for number in range(PROVINCES)]
    people = NODES - len(kinds)
    above += [1 + REGIONS + number % PROVINCES for number in range(people)]
    kinds += ["person"] * people
    names = [f"n{number:04d}" for number in range(NODES)]
    up = [None if place is None else names[place] for place in above]
    return Tree.from_table(pd.DataFrame({"node": names, "parent": up, "kind": kinds}))


def blocks(leaves: int, seed: int) -> Iterator[np.ndarray]:
    """Draws a leaf at a time: what all share, a size of its own, and noise."""
    rng = np.random.default_rng(seed)
    common = rng.lognormal(0, 0.2, COUNT).astype(np.float32)
    for _ in range(leaves):
        size = np.float32(rng.lognormal(13, 0.6))
        noise = rng.random((1, MONTHS, COUNT), dtype=np.float32) + np.float32(0.5)
        yield size * common * noise


@cache
def drawn() -> Draws:
    from workbench.planning.held import Draws, from_blocks
    from workbench.planning.warm import compile_all

    compile_all()
    grown = tree()
    leaves = len(grown.leaves)
    kpis = {
        kpi: from_blocks(blocks(leaves, number), leaves=leaves, months=MONTHS, count=COUNT)
        for number, kpi in enumerate(KPIS)
    }
    months = pd.Index([f"2027-{month:02d}" for month in range(1, MONTHS + 1)])
    return Draws(grown, months, kpis, seed=1)


def goals() -> list[Goal]:
    from workbench.planning import Goal

    return [Goal(kpi, chance=0.5) for kpi in KPIS]


def ready() -> Prepared:
    from workbench.planning import prepare

    prepared = prepare(drawn(), drawn().tree, goals(), padding={"region": 0.03, "person": 0.05})
    prepared.targets()
    return prepared


def our_whole() -> Callable[[], object]:
    from workbench.planning import set_targets

    draws = drawn()

    def work() -> object:
        targets = set_targets(draws, draws.tree, goals(), padding={"region": 0.03, "person": 0.05})
        table, joint, years = targets.table(), targets.joint(), targets.years()
        return [len(table), len(joint), len(years)]

    return work


def plain_counting() -> Callable[[], object]:
    draws = drawn()
    grown = draws.tree

    def work() -> object:
        rows = 0
        for kpi in KPIS:
            held = draws.kpis[kpi]
            year = np.zeros((len(grown), COUNT), dtype=np.float32)
            for month in range(MONTHS):
                sums = np.zeros((len(grown), COUNT), dtype=np.float32)
                sums[grown.leaves] = held.values[:, month] * held.scale[:, month, None]
                for node in range(len(grown) - 1, 0, -1):
                    sums[grown.parent[node]] += sums[node]
                year += sums
                goal = sums.mean(axis=1)
                for factor in (0.92, 1.0, 1.08):
                    rows += len((sums >= (factor * goal)[:, None]).mean(axis=1))
            goal = year.mean(axis=1)
            for factor in (0.92, 1.0, 1.08):
                (year >= (factor * goal)[:, None]).mean(axis=1)
        return [rows, 60, 3 * len(grown) * len(KPIS)]

    return work


def refreshed(targets: Targets) -> np.ndarray:
    """Targets of the year; months and chances are worked out too, as a planner shows them."""
    found = targets.kpis["revenue"]
    assert found.units.shape[:2] == found.chance.T.shape
    return targets.target("revenue")


def our_locks() -> Callable[[], object]:
    from workbench.planning import Limit, Rules

    prepared = ready()
    region = prepared.tree.nodes[1]
    held = prepared.targets().target("revenue")[1, 1]

    def work() -> object:
        locked = []
        for step in range(REFRESHES):
            value = float(held * (1 + step / 100) // 10_000 * 10_000)
            rules = Rules((Limit(region, "lock", value, kpi="revenue"),))
            years = refreshed(prepared.change(rules=rules))
            locked.append(bool(years[1, 1] == value))
        return locked

    return work


def our_levers(share: float) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.planning.levers import price
        from workbench.planning.response import Response

        prepared = ready()
        nodes = None if share == 1 else [prepared.tree.nodes[1]]

        def work() -> object:
            done = 0
            for step in range(REFRESHES):
                effects = price(
                    prepared,
                    change=0.01 * (step + 1),
                    response=Response(-1.5, 0.3),
                    nodes=nodes,
                    start="2027-04",
                )
                done += len(refreshed(prepared.change(effects=effects)))
            return done

        return work

    return way


JOBS = [
    Job(
        title="2,000 nodes, 12 months, 3 KPIs, 10,000 draws in memory: all tables",
        ways={"workbench": our_whole, "counting alone, numpy": plain_counting},
        goal="under 3 s and 2 GB",
    ),
    Job(
        title="10 refreshes of it with a lock of a region moved",
        ways={"workbench": our_locks},
        goal="under 150 ms each",
    ),
    Job(
        title="10 refreshes with a price moved in one region from April on",
        ways={"workbench": our_levers(0.03)},
        goal="under 150 ms each",
    ),
    Job(
        title="10 refreshes with a price moved everywhere from April on",
        ways={"workbench": our_levers(1)},
        goal="under 150 ms each",
    ),
]

if __name__ == "__main__":
    main("benchmarks.targets", JOBS)
