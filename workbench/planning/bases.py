"""What a year's revenue may be split by: the forecast, history, potential, capacity; and seasons.

Each gives shares by leaf, or by month; the forecast of each leaf is what a split goes by unless
another is asked for. Accounts that nobody owns have no potential or capacity told: they keep what
the forecast expects of them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import InputError, ParameterError
from workbench.planning import split
from workbench.planning.company_year import REVENUE
from workbench.planning.one_currency import in_one_currency
from workbench.planning.year_ahead import Ahead, history, regions
from workbench.text import later

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.prepared import Prepared


def bases_of(company: Company, found: Ground, near: Ahead, year: int) -> dict[str, pd.Series]:
    """Weights by leaf of each way to split that the tables tell; the forecast's own is not one."""
    mean = near.year(year).mean("draw").sum("period")
    expected = pd.Series(mean.to_numpy(), index=near.leaves).clip(lower=0)
    sold = history(found).tail(24).sum().clip(lower=0)
    out = {"history": sold * float(expected.sum() / max(sold.sum(), 1e-9))}
    people = [leaf for leaf in near.leaves if leaf in found.people.index]
    told = {"potential": _potential(company, found), "capacity": _capacity(found, year)}
    for name, weights in told.items():
        if weights is not None and weights.reindex(people).fillna(0).sum() > 0:
            mine = weights.reindex(people).fillna(0.0)
            whole = expected.copy()
            whole[people] = mine * float(expected[people].sum() / mine.sum())
            out[name] = whole
    return out


def seasons_of(found: Ground, before: pd.DataFrame, year: int) -> dict[str, np.ndarray]:
    """Share of each month in a year, by way to split months; the forecast's own is not one."""
    months = [f"{year}-{month:02d}" for month in range(1, 13)]
    out = {"even": np.full(12, 1 / 12)}
    last = np.maximum(before.sum().to_numpy(dtype=np.float64), 0.0)
    if last.sum() > 0:
        out["last_year"] = last / last.sum()
    whole = history(found).sum(axis=1).clip(lower=0)
    with suppress(InputError):  # less than two years of months: the way is not offered
        out["new_year"] = split.season(whole, months=months).to_numpy(dtype=np.float64)
    return out


def split_by(
    prepared: Prepared,
    *,
    basis: pd.Series | None,
    season: np.ndarray | None,
    side: str = "both",
) -> Prepared:
    """The same draws, revenue split by other weights and months.

    `side` is whose figures a person's share goes by: "top_down" the basis alone, "both" with the
    person's promise as far as past ones have earned trust, "bottom_up" the promise where there is
    one.
    """
    ground = prepared.grounds[REVENUE]
    changed: dict[str, Any] = {}
    if basis is not None:
        names = [prepared.tree.nodes[leaf] for leaf in prepared.tree.leaves]
        changed["weights"] = basis.reindex(names).to_numpy(dtype=np.float64)
    if season is not None:
        changed["profiles"] = np.tile(season, (len(ground.profiles), 1))
    if side != "both":
        told = np.isfinite(ground.bottom_up[prepared.tree.leaves]).any(axis=1)
        changed["trust"] = told.astype(np.float64) * (1.0 if side == "bottom_up" else 0.0)
    if not changed:
        return prepared
    grounds = dict(prepared.grounds) | {REVENUE: replace(ground, **changed)}
    return replace(prepared, grounds=grounds, made={})


def chosen(ways: dict[str, Any], name: str, *, field: str) -> Any:
    """The way that is asked for; None for the forecast's own.

    Raises
    ------
    ParameterError
        If the tables do not tell it.
    """
    if name == "forecast":
        return None
    if name not in ways:
        raise ParameterError(
            later("the company's tables do not tell a split by {name}", name=name),
            where=f"{field}={name}",
            do=later(
                "choose from {names}, or load what it needs (market_size)",
                names=", ".join(["forecast", *ways]),
            ),
        )
    return ways[name]


def _potential(company: Company, found: Ground) -> pd.Series | None:
    """Market of the region in the last four quarters, shared by accounts owned; by person."""
    if not company.has("market_size"):
        return None
    market = in_one_currency(
        company,
        "select region, sum(cast(amount as double)) as amount from market_size"
        " where period_end <= ? and period_start > ? group by 1 order by 1",
        [
            (found.last + pd.offsets.MonthEnd(0)).date(),
            (found.last - pd.DateOffset(months=15)).date(),
        ],
        table="market_size",
    ).set_index("region")["amount"]
    region = pd.Series(regions(found))
    owned = found.leaf_of.value_counts().reindex(found.people.index).fillna(0.0)
    size = region.reindex(owned.index).map(market).astype(float)
    within = owned.groupby(region.reindex(owned.index)).transform("sum")
    return (size * owned / within.where(within > 0)).dropna()


def _capacity(found: Ground, year: int) -> pd.Series:
    """Months of full work in the year times what the role brought in a month, by person."""
    months = [f"{year}-{month:02d}" for month in range(1, 13)]
    people = found.people.rename_axis("node").reset_index()[["node", "role", "start"]]
    able = split.capacity(people, months=months).sum(axis=1)
    sold = history(found)[list(found.people.index)].tail(12).mean().clip(lower=0)
    role = sold.groupby(found.people["role"]).transform("mean")
    return able * role
