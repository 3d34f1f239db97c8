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


def open_items(scope: Scope, day: dt.date) -> str:
    """SQL of instalments open on a day: plan_id, account_id, region, instalment_type, due_date,
    open_amount, days_past_due; amounts with VAT in the currency of the plan."""
    region, join = scope.region_of("p", "booked_date")
    matched = (
        f"""left join (select plan_id, sum(amount) as settled from receipt_match
            where matched_date <= date '{day}' group by 1) m using (plan_id)"""
        if scope.company.has("receipt_match")
        else "cross join (select 0 as settled) m"
    )
    return f"""(
        select p.plan_id, p.account_id, {region} as region, p.instalment_type, p.due_date,
            p.amount - coalesce(m.settled, 0) as open_amount,
            greatest(date '{day}' - p.due_date, 0) as days_past_due
        from receivable_plan p {matched} {join}
        where p.booked_date <= date '{day}' and p.amount - coalesce(m.settled, 0) > 0
          and {scope.chosen(region)})"""


def ageing(scope: Scope, day: dt.date | None = None) -> pd.DataFrame:
    """Open receivables by days past due.

    Returns
    -------
    pandas.DataFrame
        bucket (in order), amount (with VAT), share of all, items.
    """
    day = day or scope.now.end
    cases = " ".join(
        f"when days_past_due >= {start} then '{name}'"
        for name, start in reversed(BUCKETS.items())
        if start
    )
    rows = scope.company.sql(
        f"""select case {cases} else 'not_due' end as bucket, sum(open_amount) as amount,
            count(*) as items
        from {open_items(scope, day)} group by 1""",
        money="float",
    ).set_index("bucket")
    rows = rows.reindex(list(BUCKETS), fill_value=0).rename_axis("bucket").reset_index()
    total = rows["amount"].sum()
    return rows.assign(share=rows["amount"] / total if total else float("nan"))


def overdue_by_month(scope: Scope, *, months: int = 13) -> pd.DataFrame:
    """month_end, overdue (share past due), over_90 (share), receivables (with VAT).

    For the last months up to the end of the window; the last point is that day itself.
    """
    ends = pd.date_range(
        end=pd.Timestamp(scope.now.end) + pd.offsets.MonthEnd(0), periods=months, freq="ME"
    )
    days = [min(end, pd.Timestamp(scope.now.end)).date() for end in ends]
    rows = []
    for day in days:
        table = ageing(scope, day).set_index("bucket")["amount"]
        total = table.sum()
        rows.append(
            {
                "month_end": pd.Timestamp(day),
                "overdue": 1 - table["not_due"] / total if total else float("nan"),
                "over_90": table["over_90"] / total if total else float("nan"),
                "receivables": total,
            }
        )
    return pd.DataFrame(rows)


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
