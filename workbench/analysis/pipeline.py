"""Pipeline: what moved it between two snapshots, how old it is, how deals slip.

All from snapshots: the opportunity table alone shows every deal as it is today, so that
yesterday's pipeline looks better than it was.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from workbench.analysis.scope import Scope
from workbench.errors import NotIdentifiedError

MOVES = ("created", "increased", "decreased", "won", "lost", "reopened")


@dataclass(frozen=True)
class Movement:
    """Open pipeline from one snapshot to another.

    Attributes
    ----------
    first, last : datetime.date
        Days of the two snapshots.
    before, after : float
        Open amount on these days, tax basis of the snapshots.
    moves : pandas.DataFrame
        move (of `MOVES`), amount (signed), deals; before + sum of amounts = after.
    """

    first: dt.date
    last: dt.date
    before: float
    after: float
    moves: pd.DataFrame


def _snapshots(scope: Scope) -> str:
    region, join = scope.region_of("o", "created_date")
    return f"""(select s.*, {region} as region, o.created_date, o.close_date,
            o.status as final, o.stage_date
        from opportunity_snapshot s join opportunity o using (opportunity_id) {join}
        where s.status = 'open' and {scope.chosen(region)})"""


def _seen(scope: Scope, day: dt.date) -> str:
    """Open deals of one snapshot: opportunity_id, amount, expected_close_date, created_date."""
    return scope.company.kept(
        f"""select opportunity_id, amount, expected_close_date, created_date
        from {_snapshots(scope)} where snapshot_date = date '{day}'"""
    )


def days(scope: Scope) -> list[dt.date]:
    """Snapshot days up to the end of the window, oldest first."""
    found = scope.company.sql_once(
        f"select distinct snapshot_date as day from opportunity_snapshot"
        f" where snapshot_date <= date '{scope.now.end}' order by 1"
    )
    return [day.date() for day in found["day"]]


def movement(scope: Scope) -> Movement | None:
    """Pipeline from the last snapshot before the window to the last in it; None without two."""
    known = days(scope)
    earlier = [day for day in known if day < scope.now.start] or known[:1]
    if not known or earlier[-1] == known[-1]:
        return None
    first, last = earlier[-1], known[-1]
    rows = scope.company.sql(
        f"""
        with one as (select * from {_seen(scope, first)}),
        two as (select * from {_seen(scope, last)}),
        gone as (select opportunity_id, status from opportunity)
        select coalesce(one.amount, 0) as before, coalesce(two.amount, 0) as after,
            case when one.opportunity_id is null and two.created_date > date '{first}'
                    then 'created'
                when one.opportunity_id is null then 'reopened'
                when two.opportunity_id is null then
                    case when gone.status = 'won' then 'won' else 'lost' end
                when two.amount >= one.amount then 'increased' else 'decreased' end as move
        from one full join two using (opportunity_id)
        left join gone using (opportunity_id)""",
        money="float",
    )
    rows["amount"] = rows["after"] - rows["before"]
    changed = rows[rows["amount"] != 0]
    moves = changed.groupby("move")["amount"].agg(["sum", "size"]).reindex(MOVES).dropna()
    moves = moves.rename(columns={"sum": "amount", "size": "deals"}).reset_index()
    return Movement(first, last, float(rows["before"].sum()), float(rows["after"].sum()), moves)


def ageing(scope: Scope) -> pd.DataFrame:
    """Open deals of the last snapshot by age.

    Returns
    -------
    pandas.DataFrame
        age ("0-30", "31-90", "91-180", "over_180" days since creation), amount, deals, past
        (amount whose expected close date has passed), share.

    Raises
    ------
    NotIdentifiedError
        If there is no picture of open deals up to the end of the window.
    """
    known = days(scope)
    if not known:
        raise NotIdentifiedError(
            "no picture of open deals lies in the period",
            where=f"opportunity_snapshot up to {scope.now.end}",
            do="import the open deals again, with --as-of the day they were exported",
        )
    last = known[-1]
    rows = scope.company.sql(
        f"""
        select case when age <= 30 then '0-30' when age <= 90 then '31-90'
                when age <= 180 then '91-180' else 'over_180' end as age,
            sum(amount) as amount, count(*) as deals,
            coalesce(sum(amount) filter (expected_close_date < date '{last}'), 0) as past
        from (select *, date '{last}' - created_date as age from {_seen(scope, last)})
        group by 1""",
        money="float",
    ).set_index("age")
    rows = rows.reindex(["0-30", "31-90", "91-180", "over_180"], fill_value=0).reset_index()
    return rows.assign(share=rows["amount"] / rows["amount"].sum())


def slippage(scope: Scope, *, months: int = 13) -> pd.DataFrame:
    """Deals expected in a month, at its beginning, and what became of them.

    Returns
    -------
    pandas.DataFrame
        month, expected (deals), slipped (neither closed nor lost by the end of the month), rate,
        amount (expected), amount_slipped.
    """
    rows = _slipped(scope, since=_months_back(scope.now.end, months + 3))
    if len(rows) < months:  # months without a deal expected lie between
        rows = _slipped(scope, since=dt.date.min)
    rows["rate"] = rows["slipped"] / rows["expected"]
    return rows.tail(months).reset_index(drop=True)


def _slipped(scope: Scope, *, since: dt.date) -> pd.DataFrame:
    """As `slippage`, of all months whose eve lies on a day or after it."""
    eves = [day + dt.timedelta(days=1) for day in days(scope)]
    months = [(eve.year, eve.month) for eve in eves if eve.day <= 7]
    # One picture a month needs no search for the first.
    number = (
        "1"
        if len(set(months)) == len(months)
        else """row_number() over (
                    partition by opportunity_id,
                    date_trunc('month', snapshot_date + interval 1 day) order by snapshot_date)"""
    )
    return scope.company.sql(
        f"""
        with eve as (
            select *, date_trunc('month', snapshot_date + interval 1 day)::date as month,
                {number} as number
            from {_snapshots(scope)}
            where day(snapshot_date + interval 1 day) <= 7 and snapshot_date >= date '{since}')
        select month, count(*) as expected, sum(amount) as amount,
            count(*) filter (slipped) as slipped,
            coalesce(sum(amount) filter (slipped), 0) as amount_slipped
        from (select *, coalesce(close_date > last_day(month), true) as slipped from eve
            where number = 1 and expected_close_date between month and last_day(month))
        where last_day(month) <= date '{scope.now.end}'
        group by 1 order by 1""",
        money="float",
    )


def _months_back(day: dt.date, months: int) -> dt.date:
    return (pd.Timestamp(day) - pd.DateOffset(months=months)).date()
