"""Receivables, people, dealers, growth and targets in plain pandas, for `slow.py`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.kpis import slow_rows as rows
from tests.kpis.slow_rows import (
    NONE,
    Frames,
    Period,
    World,
    of_period,
    over,
    total,
    within,
    year_up_to,
)
from tests.kpis.slow_shapes import Asked, amount, part, rate
from workbench.calendars import WorkingCalendar, aligned_parts


def collected(w: World, p: Period) -> Asked:
    plan = rows.simple(w, "receivable_plan", "booked_date")
    plan = plan[(plan["due_date"] >= p.first) & (plan["due_date"] <= p.seen)]
    match = w.table("receipt_match")
    paid = match[match["matched_date"] <= p.seen].groupby("plan_id")["amount"].sum()
    done = np.minimum(plan["plan_id"].map(paid).fillna(0), plan["amount"])
    plan = rows.placed(w, plan.assign(done=done), pd.Series(p.seen, plan.index))
    return rate(plan, plan, "done", "amount")


def turnover(w: World, p: Period) -> Asked:
    ends = pd.date_range(end=p.seen, periods=13, freq="ME")[-12:]
    if not p.seen.is_month_end:
        ends = pd.DatetimeIndex([*pd.date_range(end=p.seen, periods=11, freq="ME"), p.seen])
    owed = pd.concat([rows.balance(w, day) for day in ends])
    sales = within(rows.sold(w), p.year)
    frames, figure = rate(owed, sales, "left", "gross")
    return frames, lambda f: figure(f) / 12 * 365


def count_back(w: World, p: Period) -> Asked:
    def figure(f: Frames) -> float:
        left = float(f["owed"]["left"].sum())
        if left <= 0:
            return 0.0
        end = p.seen
        for _ in range(36):
            start = end.replace(day=1)
            sales = max(float(within(f["sold"], (start, end))["gross"].sum()), 0.0)
            if sales > 0 and sales >= left - 1e-6:
                return (p.seen - end).days + ((end - start).days + 1) * left / sales
            left -= sales
            end = start - pd.Timedelta(days=1)
        return NONE

    return {"owed": rows.balance(w, p.seen), "sold": rows.sold(w)}, figure


def receivables(w: World, p: Period, column: str, limit: int, *, as_share: bool) -> Asked:
    frame = rows.open_items(w, p.seen)
    chosen = frame[column] > limit
    return part(frame, chosen, "left") if as_share else amount(frame[chosen], "left")


def per_head(w: World, p: Period, roles: list[str] | None) -> Asked:
    heads = rows.headcount(w, p)
    heads = heads[heads["role"].isin(roles)] if roles else heads
    return rate(of_period(rows.revenue(w), p), heads, "net", "days")


def expense(w: World, p: Period, *, everything: bool) -> Asked:
    spent = of_period(rows.simple_own(w, "expense", "expense_date"), p)
    less = of_period(rows.rebates(w), p)
    if not everything:
        spent, less = spent[spent["expense_type"] != "freight"], less.iloc[:0]
    frames = {"spent": spent, "less": less, "all": of_period(rows.revenue(w), p)}
    return frames, lambda f: over(
        total(f["spent"]["amount"]) + total(f["less"]["net"]), total(f["all"]["net"])
    )


def sell_through(w: World, p: Period, *, by_product: bool) -> Asked:
    gone = of_period(rows.dealer_rows(w, "sell_out", "month_end"), p)
    came = of_period(rows.dealer_rows(w, "order_line", "recognised_date"), p)
    stock = rows.dealer_rows(w, "partner_stock", "stock_date")
    days = stock["day"][stock["day"] < p.first]
    had = stock[stock["day"] == days.max()]
    frames = {"gone": gone, "came": came, "had": had}
    if not by_product:
        return frames, lambda f: over(
            total(f["gone"]["worth"]), total(f["came"]["worth"]) + total(f["had"]["worth"])
        )

    def figure(f: Frames) -> float:
        key = ["partner_id", "product_id"]
        sold = f["gone"].groupby(key)["worth"].sum()
        there = pd.concat([f["came"], f["had"]]).groupby(key)["worth"].sum()
        moved = set(sold[sold > 0].index)
        return over(len(moved), len(moved | set(there[there > 0].index)))

    return frames, figure


def cover(w: World, p: Period) -> Asked:
    stock = rows.dealer_rows(w, "partner_stock", "stock_date")
    day = stock["day"][stock["day"] <= p.seen].max()
    begin = day.replace(day=1) - pd.DateOffset(months=2)
    gone = within(rows.dealer_rows(w, "sell_out", "month_end"), (begin, day))
    frames, figure = rate(stock[stock["day"] == day], gone, "worth")
    return frames, lambda f: figure(f) * ((day - begin).days + 1)


def returns(w: World, p: Period, *, of_shipped: bool) -> Asked:
    back, out = rows.returned(w), rows.shipped(w)
    if not of_shipped:
        return rate(of_period(back, p), of_period(out, p), "net")
    out = out[out["day"] <= w.as_of]
    first = out.groupby("order_line_id")["day"].min()
    lines = first[(first >= p.first) & (first <= p.seen)].index
    back = back[back["order_line_id"].isin(lines) & (back["day"] <= w.as_of)]
    return rate(back, out[out["order_line_id"].isin(lines)], "net")


def net_between(w: World, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    return within(rows.revenue(w), (first, last))


def year_ago(day: pd.Timestamp) -> pd.Timestamp:
    return year_up_to(day)[0] - pd.Timedelta(days=1)


def on_year(w: World, p: Period, *, how: str) -> Asked:
    calendar = WorkingCalendar()
    now = net_between(w, p.first, p.seen)
    if how == "aligned":
        parts = []
        for each in aligned_parts(p.first, p.seen):
            there = calendar.working_days(each.other_start, each.other_end)
            factor = calendar.working_days(each.start, each.end) / there
            then = net_between(w, pd.Timestamp(each.other_start), pd.Timestamp(each.other_end))
            parts.append(then.assign(net=then["net"] * factor))
        frames, figure = rate(now, pd.concat(parts), "net")
        return frames, lambda f: figure(f) - 1
    start = p.first - pd.DateOffset(years=1)
    then = net_between(w, start, year_ago(p.seen))
    factor = 1.0
    if how == "working days":
        there = calendar.working_days(start, year_ago(p.seen))
        factor = there / calendar.working_days(p.first, p.seen)
    frames, figure = rate(now, then, "net")
    return frames, lambda f: figure(f) * factor - 1


def on_previous(w: World, p: Period) -> Asked:
    frames, figure = rate(net_between(w, p.first, p.seen), net_between(w, *p.before), "net")
    return frames, lambda f: figure(f) - 1


def planned(w: World, first: pd.Timestamp, last: pd.Timestamp, kpi: str) -> pd.DataFrame:
    """Base targets of months by company and region, the company's as region None."""
    target = w.table("target")
    target = target[(target["kpi_id"] == kpi) & (target["tier"] == "base")]
    target = target[target["product_line"] == "all"]
    return target[(target["period_start"] >= first) & (target["period_end"] <= last)]


def against(
    w: World, actual: pd.DataFrame, plan: pd.DataFrame, column: str, less: float = 0.0
) -> Asked:
    plan = plan.rename(columns={"node": "region"})
    regions = plan[plan["level"] == "region"]
    whole = plan[plan["level"] == "company"].assign(region="whole")

    def figure(f: Frames) -> float:
        goal = f["regions"] if len(f["regions"]) < len(regions) else whole
        return over(total(f["actual"][column]), total(goal["value"])) - less

    return {"actual": actual, "regions": regions}, figure


def attainment(w: World, p: Period, n: int) -> Asked:
    first, last = p.first, p.last
    if n > 1:
        first = pd.Timestamp(p.seen.year, 1, 1)
        last = pd.Timestamp(p.seen.year, 12, 31) if n == 2 else p.seen
    actual = net_between(w, first, min(last, p.seen))
    return against(w, actual, planned(w, first, last, "revenue_net"), "net")


def pace(w: World, p: Period, *, season: bool) -> Asked:
    elapsed = WorkingCalendar().elapsed_share(p.first, p.last, on=w.as_of)
    if season:
        reached = whole = 0.0
        began = rows.revenue(w)["day"].min()
        for years in (1, 2, 3):
            back = pd.DateOffset(years=years)
            start, until, end = p.first - back, p.seen - back, p.last - back
            if start >= began.to_period("M").start_time:
                reached += total(net_between(w, start, until)["net"])
                whole += total(net_between(w, start, end)["net"])
        elapsed = reached / whole
    actual = net_between(w, p.first, p.seen)
    return against(w, actual, planned(w, p.first, p.last, "revenue_net"), "net", less=elapsed)


def coverage(w: World, p: Period, *, whole: bool) -> Asked:
    expected = rows.open_deals(w, p)
    expected = expected[expected["expected"]]
    signed = of_period(rows.signed(w), p)
    plan = planned(w, p.first, p.last, "bookings").rename(columns={"node": "region"})
    regions = plan[plan["level"] == "region"]
    company = plan[plan["level"] == "company"]

    def figure(f: Frames) -> float:
        goal = total((f["regions"] if len(f["regions"]) < len(regions) else company)["value"])
        done = 0.0 if whole else total(f["signed"]["gross"])
        return over(total(f["expected"]["gross"]), goal - done)

    return {"expected": expected, "signed": signed, "regions": regions}, figure
