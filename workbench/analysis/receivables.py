"""Receivables: what is owed, what is past due and for how long, who owes it.

Past due (逾期) counts from the due date of each instalment; it is not age (账龄). An instalment
is open by its amount less what receipts matched up to the day have settled.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from workbench.analysis.scope import Scope

# Days past due at which buckets begin; the last is open.
BUCKETS = {"not_due": None, "d1_30": 1, "d31_90": 31, "over_90": 91}


MONTHS = 25  # month ends that a study looks at


def open_items(scope: Scope, *days: dt.date) -> str:
    """SQL of the instalments open on each of some days.

    Columns: day, account_id, instalment_type, open_amount, days_past_due; amounts with VAT in the
    currency of the plan. The days of the last `MONTHS` month ends are worked out once and kept.
    """
    ends = month_ends(scope, MONTHS)
    if not set(days) <= set(ends):
        return f"({_open_items(scope, *days)})"
    within = ", ".join(f"date '{day}'" for day in days)
    return (
        f"(select * from {scope.company.kept(_open_items(scope, *ends))} where day in ({within}))"
    )


def month_ends(scope: Scope, months: int) -> list[dt.date]:
    """Ends of the last months up to the end of the window, which is the last of them."""
    end = pd.Timestamp(scope.now.end)
    ends = pd.date_range(end=end + pd.offsets.MonthEnd(0), periods=months, freq="ME")
    return [min(day, end).date() for day in ends]


def _open_items(scope: Scope, *days: dt.date) -> str:
    region, join = scope.region_of("d", "booked_date")
    matches = (
        "receipt_match"
        if scope.company.has("receipt_match")
        else "(select '' as plan_id, date '9999-12-31' as matched_date, 0 as amount)"
    )
    listed = ", ".join(map(str, days))
    # An instalment whose matches cover it is settled from the day of the last one; only the few
    # that are not settled meet the days, and of their matches those up to the day are added up.
    return f"""
        with day as (select unnest('[{listed}]'::date[]) as day),
        matched as (
            select plan_id, sum(amount) as amount, max(matched_date) as last_day
            from {matches} group by plan_id
        ), plan as (
            select p.*, case when m.amount >= p.amount then m.last_day
                else date '9999-12-31' end as settled_on, m.plan_id is not null as touched
            from receivable_plan p left join matched m using (plan_id)
            where p.booked_date <= date '{max(days)}'
        ), due as (
            select day.day, p.plan_id, p.account_id, p.region, p.instalment_type, p.booked_date,
                p.due_date, p.amount, p.touched
            from plan p join day on p.booked_date <= day.day and p.settled_on > day.day
            where p.settled_on > date '{min(days)}'
        ), paid as (
            select d.day, d.plan_id, sum(m.amount) as settled
            from due d join {matches} m on m.plan_id = d.plan_id and m.matched_date <= d.day
            where d.touched
            group by all)
        select d.day, d.account_id, d.instalment_type,
            d.amount - coalesce(paid.settled, 0) as open_amount,
            greatest(d.day - d.due_date, 0) as days_past_due
        from due d left join paid on paid.day = d.day and paid.plan_id = d.plan_id {join}
        where d.amount > coalesce(paid.settled, 0) and {scope.chosen(region)}"""


def ageing(scope: Scope, day: dt.date | None = None) -> pd.DataFrame:
    """Open receivables by days past due.

    Returns
    -------
    pandas.DataFrame
        bucket (in order), amount (with VAT), share of all, items.
    """
    rows = _by_bucket(scope, day or scope.now.end).set_index("bucket")[["amount", "items"]]
    rows = rows.reindex(list(BUCKETS), fill_value=0).rename_axis("bucket").reset_index()
    total = rows["amount"].sum()
    return rows.assign(share=rows["amount"] / total if total else float("nan"))


def overdue_by_month(scope: Scope, *, months: int = 13) -> pd.DataFrame:
    """month_end, overdue (share past due), over_90 (share), receivables (with VAT).

    For the last months up to the end of the window; the last point is that day itself.
    """
    ends = month_ends(scope, months)
    days = pd.DatetimeIndex(ends)
    rows = _by_bucket(scope, *ends)
    wide = rows.pivot(index="day", columns="bucket", values="amount")
    wide = wide.reindex(index=days, columns=list(BUCKETS), fill_value=0).fillna(0.0)
    total = wide.sum(axis=1)
    shares = wide.div(total.where(total > 0), axis=0)
    return pd.DataFrame(
        {
            "month_end": days,
            "overdue": (1 - shares["not_due"]).to_numpy(),
            "over_90": shares["over_90"].to_numpy(),
            "receivables": total.to_numpy(),
        }
    )


def _by_bucket(scope: Scope, *days: dt.date) -> pd.DataFrame:
    cases = " ".join(
        f"when days_past_due >= {start} then '{name}'"
        for name, start in reversed(BUCKETS.items())
        if start
    )
    ends = month_ends(scope, MONTHS)
    known = set(days) <= set(ends)
    rows = scope.company.sql_once(
        f"""select day, case {cases} else 'not_due' end as bucket, sum(open_amount) as amount,
            count(*) as items
        from {open_items(scope, *(ends if known else days))} group by all order by all""",
        money="float",
    )
    return rows[rows["day"].isin(pd.DatetimeIndex(days))].reset_index(drop=True)


def debtors(scope: Scope, day: dt.date | None = None) -> pd.DataFrame:
    """Accounts with money past due, most first.

    Returns
    -------
    pandas.DataFrame
        account_id, name, ownership, receivables, overdue, over_90 (with VAT), days (of the
        oldest open instalment past due).
    """
    day = day or scope.now.end
    named = scope.company.has("account")
    columns = "acc.name, acc.name_en, acc.ownership," if named else "account_id as name,"
    join = "left join account acc using (account_id)" if named else ""
    return scope.company.sql(
        f"""
        select account_id, {columns} sum(open_amount) as receivables,
            sum(open_amount) filter (days_past_due > 0) as overdue,
            coalesce(sum(open_amount) filter (days_past_due > 90), 0) as over_90,
            max(days_past_due) as days
        from {open_items(scope, day)} item {join}
        group by all having sum(open_amount) filter (days_past_due > 0) > 0
        order by overdue desc, account_id""",
        money="float",
    )


def over_90_profile(scope: Scope, day: dt.date | None = None) -> pd.Series:
    """What lies behind money over 90 days past due.

    Returns
    -------
    pandas.Series
        amount, state_share (owed by state-owned customers and public bodies), mean_days
        (weighted by amount), retention_share (retention money).
    """
    day = day or scope.now.end
    owner = "acc.ownership in ('state', 'public')" if scope.company.has("account") else "null"
    join = "left join account acc using (account_id)" if scope.company.has("account") else ""
    return scope.company.sql(
        f"""
        select sum(open_amount) as amount,
            sum(open_amount) filter ({owner}) / sum(open_amount) as state_share,
            sum(open_amount * days_past_due) / sum(open_amount) as mean_days,
            coalesce(sum(open_amount) filter (instalment_type = 'retention'), 0)
                / sum(open_amount) as retention_share
        from {open_items(scope, day)} item {join} where days_past_due > 90""",
        money="float",
    ).iloc[0]
