"""During the year: pace, the chance still there, what must happen, and a leaver's target.

References
----------
Burgers, van Leeuwen and Evensen (1998), "Analysis scheme in the ensemble Kalman filter", Monthly
Weather Review 126, eq. 9-14: draws of what is to come are moved by what has come, in proportion
to how the two go together in the draws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.calendars import WorkingCalendar
from workbench.errors import InputError, ParameterError
from workbench.planning.effects import with_effects
from workbench.planning.rounding import round_months, round_years
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier
from workbench.planning.tree import Tree
from workbench.text import later

Floats = NDArray[np.float64]


def pace(
    targets: Targets,
    actual: pd.DataFrame,
    *,
    kpi: str,
    on: dt.date,
    calendar: WorkingCalendar | None = None,
) -> pd.DataFrame:
    """Where each node stands, and the chance that it still reaches each tier.

    Parameters
    ----------
    targets : Targets
        Their months must be readable as periods of a month.
    actual : pandas.DataFrame
        node (leaf), value: what has come from the first month of the plan to `on`.
    kpi : str
        One that adds up.
    on : date
        Last day counted.
    calendar : WorkingCalendar, optional
        Of the company.

    Returns
    -------
    pandas.DataFrame
        node, kind, tier, target, actual, planned (by the months' targets, the running month by
        its working days), pace (actual over planned), left (target less actual, not below 0),
        p_hit (now), p_start (when the target was set).

    Notes
    -----
    Months that are over are known; draws of the rest are moved by what was learnt from them, and
    of the running month the part of the working days still to come is taken.
    """
    tree, ground = targets.tree, targets.prepared.grounds[kpi]
    if not ground.held.adds_up:
        raise InputError(f"{kpi} is averaged, it has no pace", where=f"kpi={kpi}")
    share = elapsed(targets.months, on=on, calendar=calendar)
    came = _on_leaves(tree, actual)
    past, rest = _split_draws(targets, kpi, share)
    known = tree.up(came)
    moved = _learnt(past, rest, known)
    sign = -1.0 if targets.prepared.goals[kpi].down else 1.0
    rows = []
    for number, tier in enumerate(targets.tiers):
        months = targets.kpis[kpi].units[number] * targets.kpis[kpi].unit
        goal = targets.target(kpi)[:, number]
        planned = months @ share
        least = sign * (goal - known) - 1e-6 * np.abs(goal)
        hit = (sign * moved >= least[:, None]).mean(axis=1)
        rows.append(
            tree.table()[["node", "kind"]].assign(
                tier=tier,
                target=goal,
                actual=known,
                planned=planned,
                pace=known / np.where(planned > 0, planned, np.nan),
                left=np.maximum(goal - known, 0.0),
                p_hit=hit,
                p_start=targets.kpis[kpi].chance[:, number],
            )
        )
    return pd.concat(rows, ignore_index=True)


def elapsed(months: pd.Index, *, on: dt.date, calendar: WorkingCalendar | None = None) -> Floats:
    """Part of each month's working days that is over at the end of a day, shape (months,)."""
    days = calendar or WorkingCalendar()
    periods = pd.PeriodIndex([pd.Period(month, freq="M") for month in months])
    return np.array(
        [
            float(days.elapsed_share(period.start_time.date(), period.end_time.date(), on=on))
            for period in periods
        ]
    )


def milestone(
    targets: Targets,
    actual: pd.DataFrame,
    *,
    kpi: str,
    on: dt.date,
    by: dt.date,
    regular: float,
    size: float,
    tier: str = "base",
    calendar: WorkingCalendar | None = None,
) -> pd.DataFrame:
    """What must happen by a day, so that the plan up to it is met: deals beside regular business.

    Parameters
    ----------
    targets, actual, kpi, on, calendar
        As of `pace`.
    by : date
        Later than `on`.
    regular : float
        Part of what is expected of the time between that comes without deals.
    size : float
        Median amount of a deal.
    tier : str

    Returns
    -------
    pandas.DataFrame
        node, kind, by, planned (up to the day), actual, regular, left (not below 0), size, deals
        (whole, rounded up).

    Raises
    ------
    ParameterError
        If the day does not lie after `on`, or a number is out of bounds.
    """
    if not by > on or not 0 <= regular <= 1 or not size > 0:
        raise ParameterError(
            "a milestone lies ahead, regular business is a share, and a deal has a size",
            where=f"on={on}, by={by}, regular={regular}, size={size}",
            do="correct it",
        )
    tree, found = targets.tree, targets.kpis[kpi]
    which = targets.tiers.index(tier)
    over, then = (elapsed(targets.months, on=day, calendar=calendar) for day in (on, by))
    known = tree.up(_on_leaves(tree, actual))
    planned = found.units[which] * found.unit @ then
    common = np.maximum(targets.prepared.grounds[kpi].months.mean @ (then - over), 0.0) * regular
    left = np.maximum(planned - known - common, 0.0)
    return tree.table()[["node", "kind"]].assign(
        by=by,
        planned=planned,
        actual=known,
        regular=common,
        left=left,
        size=size,
        deals=np.ceil(left / size - 1e-9).astype(np.int64),
    )


def resplit(
    targets: Targets,
    *,
    kpi: str,
    leaver: str,
    first: object,
    to: Mapping[str, float] | None = None,
    tier: str | None = None,
) -> pd.DataFrame:
    """Hand a leaver's remaining months to others; the total of every month stays the same.

    Parameters
    ----------
    targets : Targets
    kpi : str
        One that adds up.
    leaver : str
        A leaf.
    first : label of a month
        First month that is handed over.
    to : mapping of leaf to weight, optional
        Who takes it; by default the leaver's siblings that are leaves, by their own targets.
    tier : str, optional
        Base by default.

    Returns
    -------
    pandas.DataFrame
        node, month, before, after of the leaver and the takers; amounts in the unit of the KPI.

    Raises
    ------
    InputError, ParameterError
        If somebody is no leaf, nobody takes it, or the month is not planned.

    Notes
    -----
    Each taker's whole is rounded by largest remainder, then its months, so that nobody is more
    than a unit from his share.
    """
    tree, found = targets.tree, targets.kpis[kpi]
    which = targets.tiers.index(tier) if tier else base_tier(targets.tiers)
    leaver_place = int(tree.find([leaver], where="leaver")[0])
    begin = int(targets.months.get_indexer(pd.Index([first]))[0])
    weights = to if to is not None else _siblings(targets, kpi, leaver_place, which)
    takers = np.sort(tree.find(list(weights), where="to"))
    shares = np.array([float(weights[tree.nodes[place]]) for place in takers])
    leaves = bool((tree.leaf_number[[leaver_place, *takers]] >= 0).all())
    if not leaves or leaver_place in takers or not (shares >= 0).all() or not shares.sum() > 0:
        raise ParameterError(
            later("a leaver's target goes from a person to other people, who have a target"),
            where=f"leaver={leaver}, to={dict(weights)}",
            do=later("name a person of the tree, and who takes over"),
        )
    if begin < 0:
        raise ParameterError(
            later("month {month} is not planned", month=first),
            where="first",
            do=later("choose from {first} on", first=targets.months[0]),
        )
    units = found.units[which]
    handed = units[leaver_place, begin:]
    names = ("", *(tree.nodes[place] for place in takers))
    above = np.array([-1] + [0] * len(takers), dtype=np.int64)
    star = Tree(names, ("",) * len(names), above)
    real = np.concatenate([[1.0], shares / shares.sum()]) * handed.sum()
    none = np.zeros(len(star))
    years = round_years(star, real, root=int(handed.sum()), padding=none, manager=False)
    more = np.zeros((len(takers), len(units[0])), dtype=np.int64)
    if handed.sum():
        profile = np.tile(handed / handed.sum(), (len(takers), 1))
        more[:, begin:] = round_months(star, years, profile).units[1:]
    places = [leaver_place, *takers.tolist()]
    after = units[places].copy()
    after[0, begin:] = 0
    after[1:] += more
    return pd.DataFrame(
        {
            "node": np.repeat([tree.nodes[place] for place in places], units.shape[1]),
            "month": np.tile(targets.months.to_numpy(), len(places)),
            "before": units[places].ravel() * found.unit,
            "after": after.ravel() * found.unit,
        }
    )


def _siblings(targets: Targets, kpi: str, leaver: int, which: int) -> dict[str, float]:
    tree = targets.tree
    parent = int(tree.parent[leaver])
    mates = tree.children(parent) if parent >= 0 else np.zeros(0, dtype=np.int64)
    goal = targets.target(kpi)[:, which]
    return {
        tree.nodes[mate]: float(goal[mate])
        for mate in mates
        if mate != leaver and tree.leaf_number[mate] >= 0
    }


def _on_leaves(tree: Tree, actual: pd.DataFrame) -> Floats:
    sums = actual.groupby("node")["value"].sum()
    places = tree.leaf_number[tree.find(sums.index, where="actual, column node")]
    if (places < 0).any():
        raise InputError(
            "what has come stands at the leaves of the tree",
            where=f"actual, node {sums.index[places < 0][0]}",
            do="give it by person; nodes above are their sums",
        )
    came = np.zeros(len(tree.leaves))
    came[places] = sums.to_numpy(float)
    return came


def _split_draws(targets: Targets, kpi: str, share: Floats) -> tuple[Any, Any]:
    """Draws of what is over and of what is to come, each of shape (nodes, draws)."""
    tree, held = targets.tree, targets.prepared.grounds[kpi].held
    pulled = [effect for effect in targets.prepared.effects if effect.kpi == kpi]
    if pulled:
        held = with_effects(held, tree, pulled)
    past = np.zeros((len(tree.leaves), held.draws), dtype=np.float32)
    rest = np.zeros_like(past)
    over = share.astype(np.float32)
    for number in range(len(past)):
        months = held.leaf(number)
        past[number] = over @ months
        rest[number] = (1 - over) @ months
    return tree.up(past), tree.up(rest)  # type: ignore[arg-type]


def _learnt(past: Any, rest: Any, known: Floats) -> Any:
    """Draws of the rest, moved by how far the past was off in each draw."""
    apart = past - past.mean(axis=1, keepdims=True)
    around = rest - rest.mean(axis=1, keepdims=True)
    power = (apart**2).mean(axis=1)
    together = (apart * around).mean(axis=1)
    slope = np.where(power > 0, together / np.where(power > 0, power, 1.0), 0.0)
    moved = rest + slope[:, None] * (known[:, None] - past)
    return np.where((rest >= 0).all(axis=1, keepdims=True), np.maximum(moved, 0.0), moved)
