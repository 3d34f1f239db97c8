"""Discounts: how much is given off list, and how much piles up at the approval limits.

Discount is 让利率: 1 - paid / list, weighted by list value. Bunching at a limit compares the
list value in the half point at and just under it with what the neighbourhood would lead one to
expect: the mean density of the two points on either side, without the half point itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.analysis.scope import Scope, Window

BIN = 0.005
EDGES = np.round(np.arange(0, 0.4001, BIN), 4)
NEIGHBOURS = 4  # bins on either side that give the expectation


@dataclass(frozen=True)
class Discounts:
    """Discounts of a window.

    Attributes
    ----------
    rate, rate_before : float or None
        Discount off list, weighted by list value, now and a year ago.
    histogram : pandas.DataFrame
        low, high (discount), list_value (base currency, without VAT), lines.
    bunching : pandas.DataFrame
        limit, share (of list value in the half point up to the limit), expected, excess_value
        (list value beyond expectation), times (share / expected).
    """

    rate: float | None
    rate_before: float | None
    histogram: pd.DataFrame
    bunching: pd.DataFrame


def discounts(scope: Scope) -> Discounts:
    """Discounts off list over the window; lines without list price are left out."""
    histogram = _histogram(scope, scope.now)
    return Discounts(
        rate=_rate(scope, scope.now),
        rate_before=_rate(scope, scope.prior),
        histogram=histogram,
        bunching=bunching(histogram, limits=scope.company.settings.approval_limits),
    )


def by_region(scope: Scope) -> pd.DataFrame:
    """region, rate, rate_before, change; largest change first."""
    rows = scope.company.sql(
        f"""
        select region,
            1 - sum(net) filter ({scope.now.holds("day")})
              / sum(list_net) filter ({scope.now.holds("day")}) as rate,
            1 - sum(net) filter ({scope.prior.holds("day")})
              / sum(list_net) filter ({scope.prior.holds("day")}) as rate_before
        from {scope.lines} where list_net > 0 and quantity > 0
        group by region order by region""",
        money="float",
    )
    rows["change"] = rows["rate"] - rows["rate_before"]
    return rows.sort_values("change", ascending=False, ignore_index=True)


def bunching(histogram: pd.DataFrame, *, limits: tuple[float, ...]) -> pd.DataFrame:
    """Excess of list value in the half point that ends at each approval limit.

    Parameters
    ----------
    histogram : DataFrame
        low, high, list_value in bins of half a point.
    limits : tuple of float
        Discounts at which approval passes upward.
    """
    value = histogram["list_value"].to_numpy()
    total = value.sum()
    rows = []
    for limit in limits:
        place = int(np.searchsorted(EDGES, limit - 1e-9)) - 1
        around = np.r_[
            value[max(place - NEIGHBOURS, 0) : place], value[place + 1 : place + 1 + NEIGHBOURS]
        ]
        expected = around.mean() if len(around) else 0.0
        rows.append(
            {
                "limit": limit,
                "share": value[place] / total if total else np.nan,
                "expected": expected / total if total else np.nan,
                "excess_value": value[place] - expected,
                "times": value[place] / expected if expected else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _rate(scope: Scope, window: Window) -> float | None:
    row = scope.company.sql(
        f"select sum(net) as net, sum(list_net) as list_net from {scope.lines}"
        f" where list_net > 0 and quantity > 0 and {window.holds('day')}",
        money="float",
    ).iloc[0]
    return float(1 - row["net"] / row["list_net"]) if row["list_net"] > 0 else None


def _histogram(scope: Scope, window: Window) -> pd.DataFrame:
    # A discount of exactly the limit belongs to the bin that ends there: bins are (low, high].
    rows = scope.company.sql(
        f"""
        select cast(ceil(round(1 - net / list_net, 4) / {BIN} - 1e-6) as integer) - 1 as bin,
            sum(list_net) as list_value, count(*) as lines
        from {scope.lines}
        where list_net > 0 and quantity > 0 and {window.holds("day")}
        group by 1 order by 1""",
        money="float",
    )
    places = rows["bin"].clip(0, len(EDGES) - 2)
    summed = rows.groupby(places)[["list_value", "lines"]].sum()
    summed = summed.reindex(range(len(EDGES) - 1), fill_value=0)
    return pd.DataFrame(
        {
            "low": EDGES[:-1],
            "high": EDGES[1:],
            "list_value": summed["list_value"].to_numpy("float64"),
            "lines": summed["lines"].to_numpy("int64"),
        }
    )
