"""Customers: cohorts, retention, concentration, recency-frequency-money.

A customer is an account (legal entity); groups are told beside where `account.group_id` is
filled. All amounts are revenue net of VAT.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.analysis.measure import measure
from workbench.analysis.scope import Scope
from workbench.errors import NotIdentifiedError


def cohorts(scope: Scope, *, quarters: int = 8) -> pd.DataFrame:
    """Share of each quarter's new customers that still order in the quarters after.

    Returns
    -------
    pandas.DataFrame
        cohort (such as 2025Q1), customers, age (quarters since the first order), active, share;
        only ages whose quarter has ended by the end of the window.

    Raises
    ------
    NotIdentifiedError
        If no quarter after the first one of the data has new customers.
    """
    rows = scope.company.sql(
        f"""
        with orders as (
            select distinct account_id, date_trunc('quarter', day)::date as quarter
            from {scope.orders} where day <= date '{scope.now.end}'
              and account_id in (select account_id from {scope.customers})
        ), first as (select account_id, min(quarter) as cohort from orders group by 1)
        select cohort, quarter, count(*) as active
        from orders join first using (account_id) group by all order by all"""
    )
    last_full = pd.Timestamp(scope.now.end).to_period("Q")
    if pd.Timestamp(scope.now.end) < last_full.end_time.normalize():
        last_full -= 1
    cohort, quarter = (rows[c].dt.to_period("Q") for c in ("cohort", "quarter"))
    table = pd.DataFrame(
        {
            "cohort": cohort.astype(str),
            "age": [(q - c).n for q, c in zip(quarter, cohort, strict=True)],
            "active": rows["active"].to_numpy(),
        }
    )
    # The first quarter of the data holds old customers, not new ones.
    known = (cohort > cohort.min()) & (cohort > last_full - quarters) & (quarter <= last_full)
    if not known.any():
        raise NotIdentifiedError(
            "the orders are too few to follow new customers",
            where=f"orders up to {scope.now.end}",
            do="add orders of more than two quarters",
        )
    return _every_age(table[known.to_numpy()], last_full)


def _every_age(table: pd.DataFrame, last: pd.Period) -> pd.DataFrame:
    """Cohorts with a row for each age that has passed, nobody active being 0."""
    size = table[table["age"] == 0].set_index("cohort")["active"]
    pairs = [
        (cohort, age)
        for cohort in sorted(size.index)
        for age in range((last - pd.Period(cohort, "Q")).n + 1)
    ]
    index = pd.MultiIndex.from_tuples(pairs, names=["cohort", "age"])
    active = table.set_index(["cohort", "age"])["active"].reindex(index, fill_value=0)
    whole = active.reset_index()
    whole.insert(1, "customers", whole["cohort"].map(size))
    return whole.assign(share=whole["active"] / whole["customers"])


@dataclass(frozen=True)
class Concentration:
    """How much of revenue few customers make.

    Attributes
    ----------
    curve : pandas.DataFrame
        rank, account_id, name, name_en, net, cumulative (share of revenue), largest first.
    top10, top10_groups, top_fifth : float
        Share of the ten largest accounts, of the ten largest groups (missing without groups),
        of the largest fifth of accounts.
    customers : int
        Customers with revenue in the window.
    """

    curve: pd.DataFrame
    top10: float
    top10_groups: float
    top_fifth: float
    customers: int


def concentration(scope: Scope) -> Concentration:
    """Concentration of the window's revenue; accounts with returns only are left out."""
    curve = measure(scope, "revenue_net", by=("account_id",)).rename(columns={"value": "net"})
    curve = curve.loc[curve["net"] > 0, ["account_id", "net"]]
    curve = _named(scope, curve).sort_values(
        ["net", "account_id"], ascending=[False, True], ignore_index=True
    )
    total = curve["net"].sum()
    curve.insert(0, "rank", np.arange(1, len(curve) + 1))
    curve["cumulative"] = curve["net"].cumsum() / total
    groups = curve.groupby("group_id")["net"].sum().nlargest(10).sum() / total
    return Concentration(
        curve=curve.drop(columns="group_id"),
        top10=float(curve["net"].head(10).sum() / total) if total else float("nan"),
        top10_groups=float(groups) if total else float("nan"),
        top_fifth=float(curve["net"].head(-(-len(curve) // 5)).sum() / total)
        if total
        else float("nan"),
        customers=len(curve),
    )


def _named(scope: Scope, curve: pd.DataFrame) -> pd.DataFrame:
    if not scope.company.has("account"):
        own = curve["account_id"]
        return curve.assign(name=own, name_en=own, group_id=own)
    columns = ["account_id", "name", "name_en", "group_id"]
    named = curve.merge(scope.company.table("account", columns=columns), how="left")
    return named.assign(group_id=named["group_id"].fillna(named["account_id"]))


SEGMENTS = ("champion", "loyal", "new", "at_risk", "sleeping")
RECENT_DAYS, LATE_DAYS = 90, 180


def rfm(scope: Scope) -> pd.DataFrame:
    """Customers of the last 24 months by recency, frequency and money.

    Rules, so that anyone can check them: *new* first ordered within 90 days; *champion* ordered
    within 90 days and is in the top fifth of revenue; *loyal* ordered within 90 days; *at risk*
    90 to 180 days ago; *sleeping* longer ago.

    Returns
    -------
    pandas.DataFrame
        segment (in the order of `SEGMENTS`), customers, net (revenue of 24 months), share,
        orders (mean a customer), recency (median days since the last order).
    """
    end = scope.now.end
    rows = scope.company.sql(
        f"""
        select account_id, count(distinct order_id) as orders,
            date '{end}' - max(day) as recency, date '{end}' - min(first) as since,
            sum(net) as net
        from {scope.orders}
        join (select account_id, min(day) as first from {scope.orders} group by 1) begun
            using (account_id)
        where day > date '{end}' - interval 24 month and day <= date '{end}'
          and account_id in (select account_id from {scope.customers})
        group by account_id order by account_id""",
        money="float",
    )
    top = rows["net"] >= rows["net"].quantile(0.8)
    recent = rows["recency"] <= RECENT_DAYS
    rows["segment"] = np.select(
        [
            recent & (rows["since"] <= RECENT_DAYS),
            recent & top,
            recent,
            rows["recency"] <= LATE_DAYS,
        ],
        ["new", "champion", "loyal", "at_risk"],
        "sleeping",
    )
    table = rows.groupby("segment").agg(
        customers=("account_id", "size"),
        net=("net", "sum"),
        orders=("orders", "mean"),
        recency=("recency", "median"),
    )
    table = table.reindex([s for s in SEGMENTS if s in table.index])
    table.insert(2, "share", table["net"] / table["net"].sum())
    return table.reset_index()
