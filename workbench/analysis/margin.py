"""Gross margin rate: how much of its change is price, cost and mix.

With s the share of revenue, p the price and c the unit cost of a product in a channel,
1 after and 0 before:  mix = sum (s1 - s0) m0,  price = sum s1 ((1 - c0/p1) - m0),
cost = sum s1 (m1 - (1 - c0/p1)),  m = 1 - c/p.  The three sum to the change exactly; products
sold in one of the periods only count as mix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.analysis.scope import Scope


@dataclass(frozen=True)
class MarginChange:
    """Change of the gross margin rate by cause, in shares (0.01 is one point).

    Attributes
    ----------
    now, before : float
        Gross margin rate.
    price, cost, mix : float
        They sum to now - before.
    """

    now: float
    before: float
    price: float
    cost: float
    mix: float


def margin_change(scope: Scope) -> MarginChange:
    """Split the change of the gross margin rate over the year.

    Raises
    ------
    MissingTableError
        If order_line or unit_cost is not there.
    """
    scope.company.require("order_line", "unit_cost")
    cells = _cells(scope)
    share, price, cost = {}, {}, {}
    for age in ("0", "1"):
        net = cells[f"net{age}"]
        quantity = cells[f"quantity{age}"].where(cells[f"quantity{age}"] > 0)
        share[age] = net / net.sum()
        price[age] = net / quantity
        cost[age] = cells[f"cost{age}"] / quantity
    margin = {age: 1 - cost[age] / price[age] for age in ("0", "1")}
    both = margin["0"].notna() & margin["1"].notna()
    known = margin["0"].where(margin["0"].notna(), margin["1"])
    at_old_cost = (1 - cost["0"] / price["1"]).where(both, known)
    after = margin["1"].where(margin["1"].notna(), known)
    return MarginChange(
        now=float(np.nansum(share["1"] * after)),
        before=float(np.nansum(share["0"] * known)),
        price=float(np.nansum(share["1"] * (at_old_cost - known))),
        cost=float(np.nansum(share["1"] * (after - at_old_cost))),
        mix=float(np.nansum((share["1"] - share["0"]) * known)),
    )


def _cells(scope: Scope) -> pd.DataFrame:
    now, prior = scope.now.holds("day"), scope.prior.holds("day")
    return scope.company.sql(
        f"""
        with line as (
            select line.*, line.quantity * c.cost as cost from {scope.lines} line
            left join unit_cost c on c.product_id = line.product_id and line.day >= c.valid_from
             and line.day <= coalesce(c.valid_to, date '9999-12-31')
            where {now} or {prior})
        select product_id, channel,
            coalesce(sum(quantity) filter ({prior}), 0) as quantity0,
            coalesce(sum(quantity) filter ({now}), 0) as quantity1,
            coalesce(sum(net) filter ({prior}), 0) as net0,
            coalesce(sum(net) filter ({now}), 0) as net1,
            coalesce(sum(cost) filter ({prior}), 0) as cost0,
            coalesce(sum(cost) filter ({now}), 0) as cost1
        from line group by all order by all""",
        money="float",
    )
