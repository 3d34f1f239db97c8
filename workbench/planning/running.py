"""The year that runs: its targets as they were set, how it stands, what must still happen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.planning import year_ahead as ahead
from workbench.planning.company_year import REVENUE, Ground
from workbench.planning.one_currency import in_one_currency
from workbench.planning.pace import milestone, pace
from workbench.planning.targets import set_targets
from workbench.planning.tiers import TIERS, Goal

if TYPE_CHECKING:
    from workbench.company import Company


@dataclass(frozen=True, eq=False, repr=False)
class Running:
    """How the running year stands.

    Attributes
    ----------
    standing : pandas.DataFrame
        Of `pace.pace`.
    milestones : pandas.DataFrame or None
        Of `pace.milestone`, for the end of the quarter and of the year: node, by, planned, actual,
        regular, left, size, deals; None without opportunities that were won.
    """

    standing: pd.DataFrame
    milestones: pd.DataFrame | None


def running_year(
    company: Company,
    found: Ground,
    near: ahead.Ahead,
    asked: pd.DataFrame,
    *,
    padding: dict[str, float],
    deals: float,
    unit: float = 10_000.0,
) -> Running | None:
    """Pace of the running year against the company's own targets; None without those.

    `deals` is the part of revenue that comes through deals.
    """
    now = found.last.year
    goals = asked[asked["level"] == "company"].groupby("tier")["value"].sum()
    if found.last.month == 12 or not set(TIERS) <= set(goals.index):
        return None
    cube = near.year(now)
    leaves = list(cube["node"].values)
    reps = asked[(asked["level"] == "rep") & (asked["tier"] == "base")]
    wide = reps.assign(month=reps["month"].dt.strftime("%Y-%m")).pivot_table(
        index="node", columns="month", values="value", aggfunc="sum"
    )
    expected = pd.DataFrame(
        cube.mean("draw").to_numpy().T, index=leaves, columns=list(cube["period"].values)
    )
    basis = wide.reindex(index=leaves, columns=expected.columns)
    basis = basis.where(basis.notna(), expected.clip(lower=0)).fillna(0.0)
    targets = set_targets(
        cube,
        found.tree,
        Goal(REVENUE, value={code: float(goals[code]) for code in TIERS}, unit=unit),
        padding=padding,
        basis={REVENUE: _as_regions(basis, asked, ahead.regions(found))},
    )
    came = found.sales[found.sales["month"].dt.year == now]
    end = (found.last + pd.offsets.MonthEnd(0)).date()
    standing = pace(targets, came[["node", "value"]], kpi=REVENUE, on=end)
    size = _median_size(company)
    if size is None:
        return Running(standing, None)
    quarter = pd.Timestamp(found.last + pd.DateOffset(months=1)).to_period("Q")
    ends = dict.fromkeys([quarter.end_time.date(), dt.date(now, 12, 31)])
    parts = [
        milestone(
            targets,
            came[["node", "value"]],
            kpi=REVENUE,
            on=end,
            by=by,
            regular=1 - deals,
            size=size,
        )
        for by in ends
    ]
    return Running(standing, pd.concat(parts, ignore_index=True))


def _as_regions(basis: pd.DataFrame, asked: pd.DataFrame, region: dict[str, str]) -> pd.DataFrame:
    """Weights of leaves scaled so that each region has the share it was set."""
    rows = asked[(asked["level"] == "region") & (asked["tier"] == "base")]
    goal = rows.groupby("node")["value"].sum()
    of = pd.Series([region[str(leaf)] for leaf in basis.index], index=basis.index)
    if goal.empty or not set(of) <= set(goal.index):
        return basis
    sums = basis.sum(axis=1).groupby(of).sum()
    factor = (goal / sums.where(sums > 0)).fillna(1.0)
    return basis.mul(of.map(factor), axis=0)


def _median_size(company: Company) -> float | None:
    if not company.has("opportunity"):
        return None
    size = in_one_currency(
        company,
        "select median(cast(net_amount(amount, tax_basis, tax_rate) as double)) as size"
        " from opportunity where status = 'won'",
        table="opportunity",
    )["size"].iloc[0]
    return float(size) if size and size > 0 else None
