"""Claims on customers (应收) and how they were paid, as a day knows them.

A claim is one instalment of table receivable_plan. A payment is a match of a receipt to it,
dated by the receipt; a match made after the day is not known. What an account has paid without a
match yet settles its oldest claims first.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.company import Company
from workbench.errors import NotIdentifiedError
from workbench.forecasting.pipeline.features import month_sql
from workbench.kpis import currency

Floats = NDArray[np.float64]
DRAFTS = ("bank_draft", "commercial_draft")
_TABLES = ("receivable_plan", "receipt", "receipt_match")


@dataclass(frozen=True)
class Claims:
    """Claims and payments up to a day; amounts with VAT in `currency`.

    Attributes
    ----------
    day : datetime.date
    rows : pandas.DataFrame
        plan_id, account_id, region, ownership, customer_type, channel, kind (of instalment),
        booked and due (days), booked_month (number), amount, left (still owed on the day); by
        plan. Text that is missing is "unknown".
    payments : pandas.DataFrame
        claim (row of `rows`), month (number), amount; one row a claim and month, by both.
    receipts : pandas.DataFrame
        month, account_id, draft (bool), matched (amount matched to claims), amount, matures
        (month of drafts), by month.
    """

    day: dt.date
    currency: str
    rows: pd.DataFrame = field(repr=False)
    payments: pd.DataFrame = field(repr=False)
    receipts: pd.DataFrame = field(repr=False)


def claims(company: Company, *, until: dt.date | None = None) -> Claims:
    """Read claims, payments and receipts up to a day.

    Raises
    ------
    MissingTableError
        If receivable_plan, receipt or receipt_match is missing.
    NotIdentifiedError
        If there is no claim up to the day.
    """
    company.require(*_TABLES)
    code, turned = currency.settle(company, _TABLES)
    table = {name: f"({turned.get(name, f'select * from main.{name}')})" for name in _TABLES}
    day = until or company.data_as_of
    rows = _plans(company, day, table)
    if rows.empty:
        raise NotIdentifiedError(
            "no claim was booked before the day of the forecast",
            where=f"receivable_plan up to {day}",
            do="import the receivable plan",
        )
    payments = _payments(company, day, table)
    place = pd.Index(rows["plan_id"]).get_indexer(pd.Index(payments["plan_id"]))
    payments = payments.assign(claim=place)[place >= 0][["claim", "month", "amount"]]
    paid = np.bincount(payments["claim"], weights=payments["amount"], minlength=len(rows))
    left = np.maximum(rows["amount"].to_numpy(float) - paid, 0.0)
    receipts = _receipts(company, day, table)
    rows["left"] = np.where(left < 0.005, 0.0, _after_unmatched(rows, left, receipts))
    payments = payments.sort_values(["claim", "month"], ignore_index=True)
    return Claims(day, code, rows, payments, receipts)


def _plans(company: Company, day: dt.date, table: dict[str, str]) -> pd.DataFrame:
    known = company.has("account")
    own = "c.ownership, c.customer_type, c.channel" if known else "null, null, null"
    join = "left join main.account c using (account_id)" if known else ""
    rows = company.sql(
        f"""select p.plan_id, p.account_id, p.region, {own}, p.instalment_type as kind,
            p.booked_date as booked, p.due_date as due,
            {month_sql(company, "p.booked_date")} as booked_month, p.amount
        from {table["receivable_plan"]} p {join}
        where p.booked_date <= date '{day}' and p.amount > 0 and p.due_date is not null
        order by p.plan_id""",
        money="float",
    )
    names = ["plan_id", "account_id", "region", "ownership", "customer_type", "channel", "kind"]
    rows.columns = [*names, "booked", "due", "booked_month", "amount"]
    for name in names[2:]:
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "unknown")
    return rows.astype({"booked_month": np.int64})


def _payments(company: Company, day: dt.date, table: dict[str, str]) -> pd.DataFrame:
    return company.sql(
        f"""select m.plan_id, {month_sql(company, "r.receipt_date")} as month,
            sum(m.amount) as amount
        from {table["receipt_match"]} m join {table["receipt"]} r using (receipt_id)
        where m.matched_date <= date '{day}' and r.receipt_date <= date '{day}'
        group by 1, 2 having sum(m.amount) > 0 order by 1, 2""",
        money="float",
    ).astype({"month": np.int64})


def _receipts(company: Company, day: dt.date, table: dict[str, str]) -> pd.DataFrame:
    drafts = ", ".join(f"'{name}'" for name in DRAFTS)
    return company.sql(
        f"""with settled as (select receipt_id, sum(amount) as matched
            from {table["receipt_match"]} where matched_date <= date '{day}' group by 1)
        select {month_sql(company, "r.receipt_date")} as month, r.account_id,
            coalesce(r.method in ({drafts}), false) as draft,
            coalesce(s.matched, 0) as matched, r.amount,
            {month_sql(company, "r.draft_due_date")} as matures
        from {table["receipt"]} r left join settled s using (receipt_id)
        where r.receipt_date <= date '{day}' order by r.receipt_date, r.receipt_id""",
        money="float",
    ).astype({"month": np.int64})


def _after_unmatched(rows: pd.DataFrame, left: Floats, receipts: pd.DataFrame) -> Floats:
    """What is owed once money without a match has settled its account's oldest claims.

    Only that of the last three months: older money without a match belongs to no claim.
    """
    recent = receipts[receipts["month"] > receipts["month"].max() - 3]
    spare = (recent["amount"] - recent["matched"]).clip(lower=0).groupby(recent["account_id"]).sum()
    order = np.lexsort([rows["due"].to_numpy(), rows["account_id"].to_numpy(str)])
    account = rows["account_id"].to_numpy()[order]
    owed = left[order]
    before = pd.Series(owed).groupby(account).cumsum().to_numpy() - owed
    money = pd.Series(account).map(spare).fillna(0.0).to_numpy(float)
    out = np.empty(len(left))
    out[order] = owed - np.clip(money - before, 0.0, owed)
    return out
