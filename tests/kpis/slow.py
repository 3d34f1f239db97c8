"""The KPIs once more, in plain pandas, without SQL: slow, and nothing shared with the package.

`compute(world, kpi, definition, start, end, by)` gives a dictionary of cell to value. Each KPI
is a function that picks the rows of a period and says the figure of such rows; cells are made by
picking the rows of each value of the cut and asking again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.kpis import slow_rows as rows
from tests.kpis.slow_rows import (
    NONE,
    Figure,
    Frames,
    Period,
    World,
    known_sum,
    of_period,
    over,
    total,
    within,
    year_up_to,
)
from workbench.calendars import WorkingCalendar, aligned_parts

Asked = tuple[Frames, Figure]


def compute(
    world: World,
    kpi: str,
    definition: int,
    start: str,
    end: str,
    by: str | None = None,
) -> dict[object, float]:
    """Value by cell; the one cell without a cut is None. A cut "month" makes months."""
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if by == "month":
        months = pd.period_range(first, last, freq="M")
        cells = {}
        for month in months:
            low, high = max(month.start_time, first), min(month.end_time.normalize(), last)
            if low <= world.as_of:
                whole = compute(world, kpi, definition, str(low), str(high))
                cells[month.start_time] = whole[None]
        return cells
    period = Period(first, last, min(last, world.as_of))
    frames, figure = SLOW[kpi, definition](world, period)
    if by is None:
        return {None: figure(frames)}
    values = pd.concat([frame[by] for frame in frames.values()]).unique()
    return {
        (None if pd.isna(value) else value): figure(
            {
                name: frame[frame[by].isna() if pd.isna(value) else frame[by] == value]
                for name, frame in frames.items()
            }
        )
        for value in values
    }


# -- shapes ------------------------------------------------------------------------------------


def amount(frame: pd.DataFrame, column: str) -> Asked:
    """A sum."""
    return {"a": frame}, lambda f: known_sum(f["a"][column])


def rate(upper: pd.DataFrame, lower: pd.DataFrame, column: str, below: str | None = None) -> Asked:
    """Sum over sum."""
    return {"a": upper, "b": lower}, lambda f: over(
        total(f["a"][column]), total(f["b"][below or column])
    )


def part(frame: pd.DataFrame, chosen: pd.Series, column: str | None = None) -> Asked:
    """Share of the rows chosen, by number or by amount."""
    frame = frame.assign(chosen=chosen, one=1.0)
    name = column or "one"
    return {"a": frame}, lambda f: over(total(f["a"][f["a"]["chosen"]][name]), total(f["a"][name]))


def buyers(frame: pd.DataFrame) -> set[str]:
    return set(frame["account_id"])


# -- orders and customers ----------------------------------------------------------------------


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


# -- pipeline ----------------------------------------------------------------------------------


def leads_followed(w: World, p: Period) -> Asked:
    frame = of_period(rows.simple(w, "lead", "created_at"), p)
    frame = frame[frame["day"] + pd.Timedelta(days=90) <= w.as_of]
    return part(frame, frame["converted_date"] <= frame["day"] + pd.Timedelta(days=90))


def leads_of_period(w: World, p: Period) -> Asked:
    made = of_period(rows.simple(w, "lead", "created_at"), p)
    turned = of_period(rows.simple(w, "lead", "converted_date"), p)
    return rate(turned.assign(one=1.0), made.assign(one=1.0), "one")


def closed(w: World, p: Period) -> pd.DataFrame:
    frame = of_period(rows.deals(w, "close_date"), p)
    frame = frame[frame["status"].isin(["won", "lost"])]
    return frame.assign(days=(frame["close_date"] - frame["created_date"]).dt.days)


def won_of_closed(w: World, p: Period, column: str | None) -> Asked:
    frame = closed(w, p)
    return part(frame, frame["status"] == "won", column)


def won_of_cohort(w: World, p: Period) -> Asked:
    frame = of_period(rows.deals(w, "created_date"), p)
    year_later = frame["day"] + pd.DateOffset(months=12)
    frame, until = frame[year_later <= w.as_of], year_later[year_later <= w.as_of]
    return part(frame, (frame["status"] == "won") & (frame["close_date"] <= until))


def steps(w: World, p: Period, *, seen_only: bool) -> Asked:
    stages = w.company.settings.stages
    places = {stage.code: n for n, stage in enumerate(stages) if stage.status == "open"}
    snapshots = w.table("opportunity_snapshot")
    snapshots = snapshots[(snapshots["snapshot_date"] <= w.as_of)]
    of_deal = snapshots.groupby("opportunity_id")["stage"].agg(set)
    found = []
    for row in of_period(rows.deals(w, "created_date"), p).itertuples():
        seen = set(of_deal.get(row.opportunity_id, set()))
        begun = row.created_date if pd.isna(row.stage_date) else row.stage_date
        if begun <= w.as_of:
            seen |= {row.stage}
        seen = {places[stage] for stage in seen if stage in places}
        over_by_now = pd.notna(row.close_date) and row.close_date <= w.as_of
        won = row.status == "won" and over_by_now
        reached = max(seen, default=0)
        for stage, place in places.items():
            entered = won or place <= reached
            left = won or over_by_now or place < reached
            if entered and left and (place in seen or not seen_only):
                passed = won or reached > place
                cell = {"region": row.region, "product_line": row.product_line, "stage": stage}
                found.append({**cell, "passed": passed})
    frame = pd.DataFrame(found, columns=["region", "product_line", "stage", "passed"])
    return part(frame, frame["passed"].astype(bool))


def cycle(w: World, p: Period, *, how: str) -> Asked:
    frame = closed(w, p)
    frame = frame[frame["days"] >= 3]
    if how == "survival":
        return {"a": frame}, survival_median
    frame = frame[frame["status"] == "won"]
    return {"a": frame}, lambda f: float(getattr(f["a"]["days"], how)())


def survival_median(f: Frames) -> float:
    staying, frame = 1.0, f["a"]
    for days in sorted(frame["days"].unique()):
        at_risk = (frame["days"] >= days).sum()
        won = ((frame["days"] == days) & (frame["status"] == "won")).sum()
        staying *= 1 - won / at_risk
        if staying <= 0.5 + 1e-12:
            return float(days)
    return NONE


def weighted(w: World, p: Period) -> Asked:
    snapshots = w.table("opportunity_snapshot").merge(
        w.table("opportunity")[["opportunity_id", "created_date", "close_date", "status"]],
        on="opportunity_id",
        suffixes=("", "_now"),
    )
    day = snapshots["snapshot_date"]
    old, young = p.seen - pd.DateOffset(months=36), p.seen - pd.DateOffset(months=12)
    seen = snapshots[(day > old) & (day <= young) & (snapshots["status"] == "open")]
    won = (seen["status_now"] == "won") & (seen["close_date"] <= p.seen)
    age = (seen["snapshot_date"] - seen["created_date"]).dt.days
    seen = seen.assign(won=won.astype(float), band=np.searchsorted([60, 120, 240], age))
    chances = {}
    for stage, of_stage in seen.groupby("stage"):
        for band in range(4):
            cell = of_stage[of_stage["band"] == band]
            enough = cell if len(cell) >= 30 else of_stage
            chances[stage, band] = enough["won"].mean()
    frame = rows.staged(w, p)
    band = np.searchsorted([60, 120, 240], frame["age"])
    chance = [chances.get(key, NONE) for key in zip(frame["stage"], band, strict=True)]
    return amount(frame.assign(worth=frame["gross"] * np.array(chance, dtype=float)), "worth")


def typed(w: World, p: Period) -> Asked:
    frame = rows.open_deals(w, p)
    prior = {stage.code: stage.probability for stage in w.company.settings.stages}
    known = frame["stage_date"].isna() | (frame["stage_date"] <= p.seen)
    usual = frame["stage"].where(known).map(prior)
    chance = frame["probability"].fillna(usual)
    return amount(frame.assign(worth=frame["gross"] * chance.astype(float)), "worth")


def slipped(w: World, p: Period, column: str | None) -> Asked:
    snapshots = w.table("opportunity_snapshot")
    days = snapshots["snapshot_date"].drop_duplicates()
    opening = days[days <= p.first].max()
    start = snapshots[(snapshots["snapshot_date"] == opening) & (snapshots["status"] == "open")]
    expected = start["expected_close_date"]
    start = start[(expected >= p.first) & (expected <= p.last)]
    deals = w.table("opportunity").drop(
        columns=["amount", "tax_basis", "expected_close_date", "stage", "status", "probability"]
    )
    start = start.drop(columns=["probability", "currency"]).merge(deals, on="opportunity_id")
    later = snapshots[
        (snapshots["snapshot_date"] > opening) & (snapshots["snapshot_date"] <= p.seen)
    ].sort_values("snapshot_date")
    last = later.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    at_last = start["opportunity_id"].map(last["expected_close_date"])
    still = start["opportunity_id"].map(last["status"]) == "open"
    start = start.assign(gross=rows.gross(start), moved=still & (at_last > p.last))
    start = rows.placed(w, start, pd.Series(p.seen, start.index))
    return part(start, start["moved"], column)


def stalled(w: World, p: Period, *, stay: bool, silence: bool) -> Asked:
    frame = rows.staged(w, p) if stay else rows.open_deals(w, p)
    chosen = pd.Series(False, frame.index)
    if stay:
        limit = frame["stage"].map(usual_stays(w, p))
        chosen |= (p.seen - frame["entered"]).dt.days > limit
    if silence:
        done = w.table("activity")
        last = done[done["activity_date"] <= p.seen].groupby("opportunity_id")["activity_date"]
        latest = last.max().reindex(frame["opportunity_id"])
        seen = pd.Series(latest.to_numpy(), frame.index)
        quiet = seen.where(seen > frame["created_date"], frame["created_date"])
        chosen |= (p.seen - quiet).dt.days >= 30
    return part(frame, chosen, "gross")


def usual_stays(w: World, p: Period) -> pd.Series:
    """Days that 80% of won deals did not stay longer in a stage."""
    deals = w.table("opportunity")
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= p.seen)]
    snapshots = w.table("opportunity_snapshot")
    seen = snapshots[snapshots["status"] == "open"].merge(
        won[["opportunity_id", "created_date", "close_date"]], on="opportunity_id"
    )
    seen = seen[seen["snapshot_date"] <= seen["close_date"]]
    keys = ["opportunity_id", "stage", "created_date", "close_date"]
    entered = seen.groupby(keys)["snapshot_date"].min().reset_index()
    entered = entered.sort_values(["opportunity_id", "snapshot_date", "stage"])
    of_deal = entered.groupby("opportunity_id")["snapshot_date"]
    begun = entered["snapshot_date"].where(of_deal.cumcount() > 0, entered["created_date"])
    gone = of_deal.shift(-1).fillna(entered["close_date"])
    days = (gone - begun).dt.days
    return days.groupby(entered["stage"]).quantile(0.8)


# -- money, people, dealers --------------------------------------------------------------------


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


# -- comparisons -------------------------------------------------------------------------------


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


QUOTA = ["hunter", "farmer", "key_account", "channel"]

SLOW: dict[tuple[str, int], Callable[[World, Period], Asked]] = {
    ("bookings", 1): lambda w, p: amount(of_period(rows.signed(w), p), "gross"),
    ("bookings", 2): lambda w, p: amount(
        of_period(rows.signed(w)[rows.signed(w)["contract_type"] != "reversal"], p), "gross"
    ),
    ("shipments", 1): lambda w, p: amount(of_period(rows.shipped(w), p), "gross"),
    ("shipments", 2): lambda w, p: amount(
        of_period(rows.shipped(w).assign(day=rows.shipped(w)["received_date"]), p), "gross"
    ),
    ("invoiced", 1): lambda w, p: amount(
        of_period(rows.simple(w, "invoice", "invoice_date"), p), "gross"
    ),
    ("revenue_net", 1): lambda w, p: amount(of_period(rows.revenue(w), p), "net"),
    ("revenue_net", 2): lambda w, p: amount(of_period(rows.shipped(w), p), "net"),
    ("revenue_net", 3): lambda w, p: amount(
        of_period(rows.simple(w, "invoice", "invoice_date"), p), "net"
    ),
    ("collections", 1): lambda w, p: amount(of_period(rows.receipts(w), p), "gross"),
    ("collections", 2): lambda w, p: amount(
        of_period(rows.receipts(w, at_maturity=True), p), "gross"
    ),
    ("attainment", 1): lambda w, p: attainment(w, p, 1),
    ("attainment", 2): lambda w, p: attainment(w, p, 2),
    ("attainment", 3): lambda w, p: attainment(w, p, 3),
    ("pacing_gap", 1): lambda w, p: pace(w, p, season=False),
    ("pacing_gap", 2): lambda w, p: pace(w, p, season=True),
    ("yoy_growth", 1): lambda w, p: on_year(w, p, how="plain"),
    ("yoy_growth", 2): lambda w, p: on_year(w, p, how="working days"),
    ("yoy_growth", 3): lambda w, p: on_year(w, p, how="aligned"),
    ("pop_growth", 1): on_previous,
    ("gross_margin", 1): margin,
    ("gross_margin", 2): contribution,
    ("discount_rate", 1): lambda w, p: discount(w, p, paid=False),
    ("discount_rate", 2): lambda w, p: discount(w, p, paid=True),
    ("average_order_value", 1): lambda w, p: order_value(w, p, "order_id"),
    ("average_order_value", 2): lambda w, p: order_value(w, p, "account_id"),
    ("active_customers", 1): lambda w, p: customers(within(rows.ordered(w), p.year)),
    ("active_customers", 2): lambda w, p: customers(of_period(rows.ordered(w), p)),
    ("new_customers", 1): first_orders,
    ("new_customers", 2): after_a_pause,
    ("new_customer_share", 1): lambda w, p: new_share(w, p, fiscal_year=False),
    ("new_customer_share", 2): lambda w, p: new_share(w, p, fiscal_year=True),
    ("repeat_rate", 1): repeat,
    ("repeat_rate", 2): lambda w, p: kept(w, (p.first, p.seen), p.before),
    ("customer_retention", 1): lambda w, p: kept(w, p.year, p.year_before),
    ("customer_retention", 2): renewals,
    ("net_revenue_retention", 1): revenue_retention,
    ("top10_share", 1): lambda w, p: top_ten(w, p, groups=False),
    ("top10_share", 2): lambda w, p: top_ten(w, p, groups=True),
    ("market_share", 1): lambda w, p: share_of_market(w, p, served=False),
    ("market_share", 2): lambda w, p: share_of_market(w, p, served=True),
    ("lead_conversion", 1): leads_followed,
    ("lead_conversion", 2): leads_of_period,
    ("new_pipeline", 1): lambda w, p: amount(of_period(rows.deals(w, "created_date"), p), "first"),
    ("new_pipeline", 2): lambda w, p: amount(of_period(rows.deals(w, "created_date"), p), "gross"),
    ("win_rate_count", 1): lambda w, p: won_of_closed(w, p, None),
    ("win_rate_count", 2): won_of_cohort,
    ("win_rate_amount", 1): lambda w, p: won_of_closed(w, p, "gross"),
    ("win_rate_amount", 2): lambda w, p: won_of_closed(w, p, "first"),
    ("stage_conversion", 1): lambda w, p: steps(w, p, seen_only=False),
    ("stage_conversion", 2): lambda w, p: steps(w, p, seen_only=True),
    ("sales_cycle", 1): lambda w, p: cycle(w, p, how="median"),
    ("sales_cycle", 2): lambda w, p: cycle(w, p, how="survival"),
    ("sales_cycle", 3): lambda w, p: cycle(w, p, how="mean"),
    ("open_pipeline", 1): lambda w, p: amount(rows.open_deals(w, p), "gross"),
    ("open_pipeline", 2): lambda w, p: amount(
        rows.open_deals(w, p)[rows.open_deals(w, p)["expected"]], "gross"
    ),
    ("weighted_pipeline", 1): weighted,
    ("weighted_pipeline", 2): typed,
    ("pipeline_coverage", 1): lambda w, p: coverage(w, p, whole=False),
    ("pipeline_coverage", 2): lambda w, p: coverage(w, p, whole=True),
    ("slippage_rate", 1): lambda w, p: slipped(w, p, None),
    ("slippage_rate", 2): lambda w, p: slipped(w, p, "gross"),
    ("stalled_share", 1): lambda w, p: stalled(w, p, stay=True, silence=True),
    ("stalled_share", 2): lambda w, p: stalled(w, p, stay=True, silence=False),
    ("stalled_share", 3): lambda w, p: stalled(w, p, stay=False, silence=True),
    ("collection_rate", 1): collected,
    ("collection_rate", 2): lambda w, p: rate(
        of_period(rows.receipts(w), p),
        of_period(rows.simple(w, "invoice", "invoice_date"), p),
        "gross",
    ),
    ("dso", 1): turnover,
    ("dso", 2): count_back,
    ("overdue_rate", 1): lambda w, p: receivables(w, p, "late", 0, as_share=True),
    ("overdue_rate", 2): lambda w, p: receivables(w, p, "late", 90, as_share=True),
    ("ar_over_90", 1): lambda w, p: receivables(w, p, "late", 90, as_share=False),
    ("ar_over_90", 2): lambda w, p: receivables(w, p, "age", 90, as_share=False),
    ("revenue_per_rep", 1): lambda w, p: per_head(w, p, QUOTA),
    ("revenue_per_rep", 2): lambda w, p: per_head(w, p, None),
    ("selling_expense_ratio", 1): lambda w, p: expense(w, p, everything=False),
    ("selling_expense_ratio", 2): lambda w, p: expense(w, p, everything=True),
    ("sell_through", 1): lambda w, p: sell_through(w, p, by_product=False),
    ("sell_through", 2): lambda w, p: sell_through(w, p, by_product=True),
    ("stock_cover_days", 1): cover,
    ("return_rate", 1): lambda w, p: returns(w, p, of_shipped=True),
    ("return_rate", 2): lambda w, p: returns(w, p, of_shipped=False),
}
"""One function for each KPI and definition."""
