"""Quotas of reps, and what reps do about them at the year's end.

A year's company target is last year's revenue and a planned growth; the quotas of the reps sum to
8 to 15% more (层层加码). A quota follows what the planner knows of a rep's accounts, with error.
Towards the year's end reps who are close below their quota have deliveries and acceptances of
January hurried into December (pull-in); reps far above it keep December's for January
(hold-back, 开门红). That makes the pile just over 100% and the gap below it.
"""

# ruff: noqa: RUF009  `planted` only makes dataclass fields

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.sample.clock import Days, day, working_after
from workbench.sample.parameters import planted

Floats = NDArray[np.float64]

EFFECTS: dict[str, tuple[str, str]] = {
    "pull_in": (
        "Reps close below quota hurry January's deliveries into December",
        "接近指标的销售员把一月的交付提前到十二月",
    ),
    "hold_back": (
        "Reps far above quota keep December's deliveries for January",
        "远超指标的销售员把十二月的交付留到一月",
    ),
    "padding": ("Quotas of reps sum to more than the company's target", "个人指标层层加码"),
}


@dataclass(frozen=True)
class QuotaTruth:
    """Planted parameters of quotas and of timing at the year's end."""

    planned_growth: dict[int, float] = planted(
        {2022: 0.040, 2023: 0.035, 2024: 0.035, 2025: 0.030, 2026: 0.070},
        "share a year",
        "growth the company's base target asks for",
    )
    padding: tuple[float, float] = planted(
        (1.08, 1.15), "ratio", "sum of reps' quotas over the company's target, by year"
    )
    team_padding: float = planted(1.04, "ratio", "sum of teams' targets over the company's")
    known: float = planted(
        0.80, "share", "weight of a rep's own accounts in its quota, against the region's mean"
    )
    error: float = planted(0.29, "log units", "error of the planner about a rep's year")
    pull_from: float = planted(0.86, "attainment", "from which reps pull in to reach 100%")
    pull: float = planted(0.90, "chance", "that such a rep does")
    pull_days: int = planted(80, "days", "of the new year from which can be pulled in")
    hold_from: float = planted(1.12, "attainment", "above which reps hold back")
    hold: float = planted(0.30, "share", "of December's deliveries held back by such reps")
    floor: float = planted(0.92, "ratio", "floor tier against base")
    stretch: float = planted(1.08, "ratio", "stretch tier against base")
    unit: float = planted(10_000.0, "CNY", "unit targets are rounded to")


def padding_of(years: NDArray[np.int64], *, truth: QuotaTruth, streams: Any, on: bool) -> Floats:
    """Sum of quotas over the company's target, by year."""
    drawn = streams["plans/padding"].random(10)[(years - 2021) % 10]
    low, high = truth.padding
    return low + (high - low) * drawn if on else np.ones(len(years))


def rep_quotas(
    actual: Floats,
    in_post: Floats,
    group: NDArray[np.int64],
    *,
    total: Floats,
    truth: QuotaTruth,
    rng: np.random.Generator,
) -> Floats:
    """Quota of reps by year.

    Parameters
    ----------
    actual : array, shape (reps, years)
        Revenue without VAT the rep's accounts will bring before any timing.
    in_post : array, shape (reps, years)
        Share of the year in a seat with a quota.
    group : int array, shape (reps,)
        Reps compared with one another (role).
    total : array, shape (years,)
        What the quotas of a year sum to.

    Returns
    -------
    numpy.ndarray, shape (reps, years)
        CNY without VAT; 0 for reps not in post.
    """
    worked = in_post > 0.04
    rate = np.where(worked, actual / np.maximum(in_post, 0.04), 0.0)
    mean = np.ones_like(rate)
    for each in np.unique(group):
        rows = group == each
        count = np.maximum((rate[rows] > 0).sum(axis=0), 1)
        mean[rows] = rate[rows].sum(axis=0) / count
    safe = np.where(rate > 0, rate, np.maximum(mean, 1.0))
    known = np.exp(truth.known * np.log(safe) + (1 - truth.known) * np.log(np.maximum(mean, 1.0)))
    noisy = known * np.exp(truth.error * rng.standard_normal(actual.shape)) * in_post * worked
    sums = noisy.sum(axis=0)
    return noisy * np.where(sums > 0, total / np.maximum(sums, 1e-9), 0.0)


def shift_timing(
    recognised: Days,
    ordered: Days,
    rep: NDArray[np.int64],
    value: Floats,
    movable: NDArray[np.bool_],
    quota: Floats,
    *,
    first_year: int,
    truth: QuotaTruth,
    rng: np.random.Generator,
    off: frozenset[str],
) -> Days:
    """Days of recognition after reps have worked on them.

    Parameters
    ----------
    recognised, ordered : int arrays, shape (lines,)
        Days; `rep` and `value` (without VAT) likewise, rep -1 for none.
    movable : bool array, shape (lines,)
        Lines whose delivery or acceptance the rep can move.
    quota : array, shape (reps, years)
    """
    out = recognised.copy()
    reps, years = quota.shape
    pulls, holds = rng.random((reps, years)), rng.random(len(out))
    hurry, wait = rng.integers(0, 5, len(out)), rng.integers(3, 14, len(out))
    mine = rep >= 0
    for place in range(years - 1):
        year = first_year + place
        last = day(f"{year}-12-31")
        inside = mine & (out > day(f"{year - 1}-12-31")) & (out <= last)
        total = np.bincount(rep[inside], weights=value[inside], minlength=reps)
        target = quota[:, place]
        reached = np.where(target > 0, total / np.maximum(target, 1.0), np.nan)
        if "pull_in" not in off:
            wants = (reached >= truth.pull_from) & (reached < 1) & (pulls[:, place] < truth.pull)
            soon = mine & movable & (out > last) & (out <= last + truth.pull_days)
            soon &= (ordered <= last - 3) & wants[rep]
            moved = _enough(np.flatnonzero(soon), out, rep, value, (target - total) * 1.002)
            out[moved] = working_after(np.full(len(moved), last - 6), hurry[moved])
            out[moved] = np.clip(out[moved], ordered[moved] + 1, last)
        if "hold_back" not in off:
            late = inside & movable & (out > last - 24) & (holds < truth.hold)
            late &= (reached > truth.hold_from)[rep]
            out[late] = working_after(np.full(int(late.sum()), last + 1), wait[late])
    return out


def _enough(
    lines: NDArray[np.int64], days: Days, rep: NDArray[np.int64], value: Floats, gap: Floats
) -> NDArray[np.int64]:
    """The first lines of each rep that fill its gap; none where all of them do not."""
    order = lines[np.lexsort([days[lines], rep[lines]])]
    owner, worth = rep[order], value[order]
    running = np.cumsum(worth)
    begin = np.searchsorted(owner, owner, side="left")
    before = running - worth - (running - worth)[begin] if len(order) else running
    possible = np.bincount(owner, weights=worth, minlength=len(gap)) >= gap
    return order[(before < gap[owner]) & possible[owner]]
