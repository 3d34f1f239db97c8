"""Market share: draws of a region's revenue over draws of its market.

People have the share of their region: markets are not split by person. The market grows as it has
grown, with the error of that and of its own measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.planning.measures.measured import (
    Measured,
    expected_revenue,
    rate_cube,
    stream_name,
)
from workbench.planning.one_currency import in_one_currency
from workbench.planning.year_ahead import history, regions
from workbench.scenarios import streams

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.year_ahead import Ahead

KPI = "market_share"
#: Standard deviations between the low and the high figure of a market, taken as 80 % of cases.
WIDTH = 2.563
_MARKET = """
select region, period_start as quarter, sum(cast(amount as double)) as amount,
    sum(cast(coalesce(high, amount) as double)) - sum(cast(coalesce(low, amount) as double)) as span
from market_size where period_end <= ? group by all order by all
"""


def drawn(company: Company, found: Ground, near: Ahead, year: int) -> Measured:
    """Draw the share of a year."""
    company.require("market_size")
    day = (found.last + pd.offsets.MonthEnd(0)).date()
    rows = in_one_currency(company, _MARKET, [day], table="market_size")
    size = rows.pivot_table(index="quarter", columns="region", values="amount", aggfunc="sum")
    if len(size) < 8 or size.tail(4).isna().to_numpy().any():
        raise NotIdentifiedError(
            f"{len(size)} quarters of market sizes do not tell a share",
            where="market_size",
            do="load eight quarters or more for every region",
        )
    region = pd.Series(regions(found)).reindex(near.leaves)
    known = sorted(set(region) & set(size.columns))
    if not known:
        raise NotIdentifiedError("no region of the tree has a market", where="market_size, region")
    size.index = pd.to_datetime(size.index)
    first = size.index[-4]
    share, sold = _last(company, found, region, first)
    growth, error = _growth(size[known].sum(axis=1).to_numpy())
    ahead = year + 0.5 - (first.year + (first.month - 1) / 12 + 0.5)
    rng = streams(near.seed)[stream_name(KPI)]
    count = len(near.values)
    last = rows[rows["quarter"] >= first].groupby("region")[["amount", "span"]].sum()
    width = float((last["span"] / last["amount"]).mean()) / WIDTH
    size_now = {str(code): float(value) for code, value in last["amount"].items()}
    common = growth * ahead + error * np.sqrt(max(ahead, 0.0)) * rng.standard_normal((count, 1))
    market = np.exp(common + width * rng.standard_normal((count, len(known))))
    revenue = near.year(year)
    values = np.zeros((count, 12, len(near.leaves)))
    weights = pd.DataFrame(0.0, index=near.leaves, columns=list(revenue["period"].values))
    expected = expected_revenue(near, year)
    for place, code in enumerate(known):
        mine = region.index[region == code]
        at = [near.leaves.index(leaf) for leaf in mine]
        month = expected.loc[mine].sum()
        parts = expected.loc[mine].sum(axis=1)
        drawn_ = revenue.sel(node=list(mine)).sum("node").to_numpy()
        pace = month.to_numpy() / month.sum()
        values[:, :, at] = (share[code] * drawn_ / (sold[code] * market[:, [place]] * pace))[
            :, :, None
        ]
        amount = size_now[code] * np.exp(growth * ahead)
        weights.loc[mine] = amount * np.outer(parts / parts.sum(), pace)
    whole = sum(share[code] * size_now[code] for code in known)
    return Measured(
        KPI,
        rate_cube(near, KPI, values, year, unit="share"),
        last=whole / sum(size_now[code] for code in known),
        weights=weights,
        unit=0.0005,
    )


def _last(
    company: Company, found: Ground, region: pd.Series, first: pd.Timestamp
) -> tuple[dict[str, float], dict[str, float]]:
    """Share by region over the last four measured quarters, and revenue by leaf of that time."""
    from workbench.kpis import kpi

    end = (first + pd.DateOffset(months=12) - pd.DateOffset(days=1)).date()
    table = kpi(company, KPI, start=first.date(), end=end, by=("region",)).table()
    share = dict(zip(table["region"], table["value"].astype(float), strict=True))
    months = history(found).loc[first : pd.Timestamp(end)]
    sold = months.sum().groupby(region).sum()
    return share, {str(code): max(float(value), 1e-9) for code, value in sold.items()}


def _growth(quarters: np.ndarray) -> tuple[float, float]:
    """Mean yearly log growth of the market, and its standard deviation."""
    logs = np.log(quarters[4:] / quarters[:-4])
    return float(logs.mean()), float(logs.std(ddof=1))
