"""Orders, margins and customers in plain pandas, for `slow.py`."""

from __future__ import annotations

import pandas as pd

from tests.kpis import slow_rows as rows
from tests.kpis.slow_rows import (
    Frames,
    Period,
    World,
    of_period,
    over,
    total,
    within,
)
from tests.kpis.slow_shapes import Asked, buyers, part, rate


def margin(w: World, p: Period) -> Asked:
    frame = of_period(rows.at_cost(w), p)
    return rate(frame.assign(left=frame["net"] - frame["cost"]), frame, "left", "net")


def contribution(w: World, p: Period) -> Asked:
    goods = of_period(rows.at_cost(w), p)
    freight = of_period(rows.simple_own(w, "expense", "expense_date"), p)
    freight = freight[freight["expense_type"] == "freight"]
    pay = w.table("payroll").rename(columns={"month_end": "day"})
    pay = of_period(pay[pay["component"] == "commission"], p)
    pay = pay.assign(region=pay["rep_id"].map(rows.homes(w)["region"]))
    less = of_period(rows.rebates(w), p)
    frames = {"goods": goods, "freight": freight, "pay": pay, "rebates": less}
    return frames, lambda f: over(
        total(f["goods"]["net"])
        - total(f["goods"]["cost"])
        - total(f["rebates"]["net"])
        - total(f["freight"]["amount"])
        - total(f["pay"]["amount"]),
        total(f["goods"]["net"]),
    )


def discount(w: World, p: Period, *, paid: bool) -> Asked:
    frame = of_period(rows.ordered(w), p)
    frame = frame[frame["list_net"] > 0]
    frame = frame.assign(off=frame["list_net"] - frame["net"])
    return rate(frame, frame, "net" if paid else "off", "list_net")


def order_value(w: World, p: Period, by: str) -> Asked:
    frame = of_period(rows.ordered(w), p)
    return {"a": frame}, lambda f: over(total(f["a"]["gross"]), f["a"][by].nunique())


def customers(frame: pd.DataFrame) -> Asked:
    return {"a": frame}, lambda f: float(f["a"]["account_id"].nunique())


def first_orders(w: World, p: Period) -> Asked:
    lines = rows.ordered(w).sort_values(["order_date", "order_line_id"])
    return customers(of_period(lines.drop_duplicates("account_id"), p))


def after_a_pause(w: World, p: Period) -> Asked:
    lines = rows.ordered(w).sort_values(["order_date", "order_line_id"])
    last = lines.groupby("account_id")["order_date"].shift()
    paused = last.isna() | (last <= lines["order_date"] - pd.DateOffset(months=24))
    return customers(of_period(lines[paused], p))


def new_share(w: World, p: Period, *, fiscal_year: bool) -> Asked:
    first = w.table("order_line").groupby("account_id")["order_date"].min()
    frame = of_period(rows.revenue(w), p)
    began = frame["account_id"].map(first)
    new = frame["day"] < began + pd.DateOffset(months=12)
    if fiscal_year:
        new = began >= pd.Timestamp(p.seen.year, 1, 1)
    return part(frame, new, "net")


def repeat(w: World, p: Period) -> Asked:
    frame = of_period(rows.ordered(w), p)

    def figure(f: Frames) -> float:
        orders = f["a"].groupby("account_id")["order_id"].nunique()
        return over(float((orders >= 2).sum()), len(orders))

    return {"a": frame}, figure


def kept(w: World, now: tuple, before: tuple) -> Asked:
    lines = rows.ordered(w)

    def figure(f: Frames) -> float:
        old = buyers(f["before"])
        return over(len(old & buyers(f["now"])), len(old))

    return {"now": within(lines, now), "before": within(lines, before)}, figure


def renewals(w: World, p: Period) -> Asked:
    service = rows.simple(w, "contract", "signed_date")
    service = service[service["contract_type"] == "service"]
    due = service.assign(day=service["signed_date"] + pd.DateOffset(months=12))
    due = due[(due["amount"] > 0) & (due["day"] <= w.as_of - pd.Timedelta(days=90))]
    due = of_period(due, p)
    pairs = due.merge(service, on="account_id", suffixes=("", "_next"))
    follows = (
        (pairs["contract_id"] != pairs["contract_id_next"])
        & (pairs["signed_date_next"] > pairs["signed_date"])
        & (pairs["signed_date_next"] <= w.as_of)
        & ((pairs["signed_date_next"] - pairs["day"]).abs() <= pd.Timedelta(days=90))
    )
    return part(due, due["contract_id"].isin(pairs["contract_id"][follows]))


def revenue_retention(w: World, p: Period) -> Asked:
    frame = rows.revenue(w)

    def figure(f: Frames) -> float:
        before = f["before"].groupby("account_id")["net"].sum()
        before = before[before > 0]
        now = f["now"].groupby("account_id")["net"].sum()
        return over(float(now.reindex(before.index).fillna(0).sum()), float(before.sum()))

    return {"now": within(frame, p.year), "before": within(frame, p.year_before)}, figure


def top_ten(w: World, p: Period, *, groups: bool) -> Asked:
    frame = of_period(rows.revenue(w), p)
    if groups:
        group = w.table("account").set_index("account_id")["group_id"]
        own = frame["account_id"]
        frame = frame.assign(account_id=own.map(group).fillna(own))

    def figure(f: Frames) -> float:
        each = f["a"].groupby("account_id")["net"].sum()
        return over(float(each.nlargest(10).sum()), total(f["a"]["net"]))

    return {"a": frame}, figure


def share_of_market(w: World, p: Period, *, served: bool) -> Asked:
    sizes = w.table("market_size")
    sizes = sizes[(sizes["period_start"] >= p.first) & (sizes["period_end"] <= p.seen)]
    quarters = sizes[["product_line", "period_start", "period_end"]].drop_duplicates()
    both = rows.sold(w).merge(quarters, on="product_line")
    inside = (both["day"] >= both["period_start"]) & (both["day"] <= both["period_end"])
    if served:
        lines = w.table("order_line")
        met = [
            bool(
                (
                    (lines["region"] == row.region)
                    & (lines["product_line"] == row.product_line)
                    & (lines["recognised_date"] >= row.period_start)
                    & (lines["recognised_date"] <= row.period_end)
                ).any()
            )
            for row in sizes.itertuples()
        ]
        sizes = sizes[pd.Series(met, sizes.index, dtype=bool)]
    return rate(both[inside], sizes, "net", "amount")
