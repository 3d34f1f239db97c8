"""Targets of revenue by product line: each region's target, split over its lines, sums exact.

A line has the part of its region's revenue that it had in the last twelve months; in each draw the
part strays as parts have strayed from one year to the next, so that a line's chance is counted on
the same futures as its region's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import NotIdentifiedError
from workbench.planning.company_year import REVENUE, ROOT
from workbench.planning.rounding import round_years
from workbench.planning.tree import Tree
from workbench.scenarios import streams

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.targets import Targets

Floats = NDArray[np.float64]
MONTHS = 60
#: Part of a region under which a line has no part of its own to split by.
LEAST = 0.002


@dataclass(frozen=True, eq=False, repr=False)
class Lines:
    """Parts of product lines in their region's revenue.

    Attributes
    ----------
    parts : pandas.DataFrame
        region x line, rows sum to 1: of the last twelve months.
    last : pandas.DataFrame
        region x line: their revenue.
    stray : float
        Standard deviation of a year's change of the log part.
    """

    parts: pd.DataFrame
    last: pd.DataFrame
    stray: float


def lines_of(company: Company, found: Ground) -> Lines:
    """Read the parts.

    Raises
    ------
    NotIdentifiedError
        If there is one line alone, or nothing was sold in the last twelve months.
    """
    from workbench.kpis import kpi

    start = found.last - pd.DateOffset(months=MONTHS - 1)
    table = kpi(
        company,
        REVENUE,
        start=start.date(),
        end=(found.last + pd.offsets.MonthEnd(0)).date(),
        by=("month", "region", "product_line"),
    ).table()
    table = table.assign(
        value=table["value"].astype(float).clip(lower=0),
        ago=[
            (found.last.year - month.year) * 12 + found.last.month - month.month
            for month in pd.to_datetime(table["month"].astype(str))
        ],
    )
    years = [
        rows.pivot_table(index="region", columns="product_line", values="value", aggfunc="sum")
        for _, rows in table.groupby(table["ago"] // 12)
    ]
    last = years[0].fillna(0.0) if years else pd.DataFrame()
    last = last[last.sum(axis=1) > 0]
    if last.shape[1] < 2 or last.empty:
        raise NotIdentifiedError(
            "there are no product lines to split by", where="order_line, product.product_line"
        )
    parts = last.div(last.sum(axis=1), axis=0)
    parts = parts.where(parts >= LEAST, 0.0)
    return Lines(parts.div(parts.sum(axis=1), axis=0), last, _stray(years))


def by_line(targets: Targets, lines: Lines, *, seed: int) -> pd.DataFrame:
    """Split the regions' targets over lines.

    Returns
    -------
    pandas.DataFrame
        node (region or company), line, tier, target, p_hit, expected, last (twelve months); those
        of the company are sums over regions.
    """
    tree, found = targets.tree, targets.kpis[REVENUE]
    names = list(lines.parts.columns)
    rng = streams(seed)["targets/lines"]
    count = targets.prepared.draws.count
    drift = lines.stray * rng.standard_normal((len(names), count))  # common to all regions
    whole = np.zeros((len(targets.tiers), len(names)))
    drawn_all = np.zeros((len(names), count))
    rows = []
    regions = [node for node in lines.parts.index if node in tree.place]
    for region in regions:
        part = lines.parts.loc[region].to_numpy(dtype=np.float64)
        moved = part[:, None] * np.exp(drift)
        drawn = moved / moved.sum(axis=0) * targets.draws(REVENUE, region)
        drawn_all += drawn
        for number, tier in enumerate(targets.tiers):
            units = _whole(int(found.years[number, tree.place[region]]), part)
            whole[number] += units
            rows += _rows(region, names, tier, units * found.unit, drawn, lines.last.loc[region])
    last = lines.last.loc[regions].sum()
    for number, tier in enumerate(targets.tiers):
        rows += _rows(ROOT, names, tier, whole[number] * found.unit, drawn_all, last)
    columns = ["node", "line", "tier", "target", "p_hit", "expected", "last"]
    return pd.DataFrame(rows, columns=columns)


def _rows(
    node: str, names: list[str], tier: str, goal: Floats, drawn: Floats, last: pd.Series
) -> list[tuple[object, ...]]:
    hit = (drawn >= (goal * (1 - 1e-7))[:, None]).mean(axis=1)
    mean = drawn.mean(axis=1)
    return [
        (node, line, tier, float(goal[at]), float(hit[at]), float(mean[at]), float(last[line]))
        for at, line in enumerate(names)
    ]


def _whole(units: int, part: Floats) -> Floats:
    """Units over lines by largest remainder."""
    star = Tree(
        ("", *(f"{number:04d}" for number in range(len(part)))),
        ("",) * (len(part) + 1),
        np.array([-1] + [0] * len(part), dtype=np.int64),
    )
    real = np.concatenate([[1.0], part]) * units
    none = np.zeros(len(star))
    years = round_years(star, real, root=units, padding=none, manager=False)
    return years[1:].astype(np.float64)


def _stray(years: list[pd.DataFrame]) -> float:
    """How much log parts of lines change in a year, over regions and years, by revenue."""
    moves, weights = [], []
    for after, before in pairwise(years):
        one, other = (each.div(each.sum(axis=1), axis=0) for each in (after, before))
        both = (one > LEAST) & (other.reindex_like(one) > LEAST)
        ratio = (one / other.reindex_like(one)).where(both)
        moves.append(np.log(ratio.to_numpy(dtype=np.float64)).ravel())
        weights.append(after.where(both).to_numpy().ravel())
    if not moves:
        return 0.1
    move, weight = np.concatenate(moves), np.concatenate(weights)
    known = np.isfinite(move) & np.isfinite(weight)
    return float(np.sqrt(np.average(move[known] ** 2, weights=weight[known])))
