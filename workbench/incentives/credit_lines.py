"""Credit lines of a company's own tables: what was booked, invoiced, returned and paid, by whom.

Orders and invoices are without VAT, receipts with VAT as they came in. Contracts that are shared
are shared in every event, and overlay credit stands apart. Events: booked (order date), invoiced
(recognised), returned (corrects the line of the order), paid (receipt date; `days_overdue` against
the due date of the instalment; a receipt without a stated match settles its account's oldest
first); and where a plan asks for them shipped (by what was delivered of a line) and new_customer
(an account's first order in two years, one unit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.pay.receipts import match_receipts

if TYPE_CHECKING:
    from collections.abc import Collection

    from workbench.company import Company

COLUMNS = (
    "line_id", "rep_id", "date", "event", "amount", "margin", "units", "product_line",
    "days_overdue", "currency", "share", "split_type", "corrects", "owner", "account_id", "channel",
)  # fmt: skip
#: Events that every company with orders and receipts has.
USUAL = ("booked", "invoiced", "returned", "paid")

_EVENTS = {
    "booked": """
select order_line_id as line_id, rep_id, order_date as date, 'booked' as event,
    net, net - cost as margin, quantity as units, product_line, 0 as days_overdue, currency,
    contract_id, null as corrects, account_id, channel
from lines where order_date between '{first}' and '{last}'
""",
    "invoiced": """
select order_line_id as line_id, rep_id, recognised_date as date, 'invoiced' as event,
    net, net - cost as margin, quantity as units, product_line, 0 as days_overdue, currency,
    contract_id, null as corrects, account_id, channel
from lines where recognised_date between '{first}' and '{last}'
""",
    "shipped": """
select l.order_line_id as line_id, l.rep_id, d.ship_date as date, 'shipped' as event,
    l.net * d.quantity / nullif(l.quantity, 0) as net,
    (l.net - l.cost) * d.quantity / nullif(l.quantity, 0) as margin, d.quantity as units,
    l.product_line, 0 as days_overdue, l.currency, l.contract_id, null as corrects,
    l.account_id, l.channel
from delivery d join lines l using (order_line_id)
where d.ship_date between '{first}' and '{last}'
""",
    "returned": """
select r.return_id as line_id, l.rep_id, r.return_date as date, 'returned' as event,
    net_amount(r.amount, r.tax_basis, r.tax_rate) as net,
    net_amount(r.amount, r.tax_basis, r.tax_rate) - l.cost * r.quantity / nullif(l.quantity, 0)
        as margin,
    r.quantity as units, l.product_line, 0 as days_overdue, r.currency, l.contract_id,
    r.order_line_id as corrects, l.account_id, l.channel
from return_refund r join lines l using (order_line_id)
where r.return_date between '{first}' and '{last}'
""",
    "new_customer": """
select order_line_id as line_id, rep_id, order_date as date, 'new_customer' as event,
    net, net - cost as margin, 1 as units, product_line, 0 as days_overdue, currency,
    contract_id, null as corrects, account_id, channel
from (
    select *, lag(order_date) over earlier as before, row_number() over earlier as number
    from lines where account_id is not null
    window earlier as (partition by account_id order by order_date, order_line_id)
) where order_date between '{first}' and '{last}'
    and (number = 1 or before < order_date - interval 2 year)
    and order_date >= (select min(order_date) from lines) + interval 2 year
""",
}
#: Tables that events need beside the order lines.
_TABLES = {"shipped": "delivery", "returned": "return_refund"}
_COSTED = """
select l.*, net_amount(l.amount, l.tax_basis, l.tax_rate) as net,
    coalesce(cast(l.quantity * c.cost as decimal(18, 2)), 0) as cost
from order_line l left join unit_cost c on c.product_id = l.product_id
    and l.order_date >= c.valid_from and (c.valid_to is null or l.order_date <= c.valid_to)
"""
_UNCOSTED = """
select *, net_amount(amount, tax_basis, tax_rate) as net,
    net_amount(amount, tax_basis, tax_rate) as cost from order_line
"""
_PAID = """
select m.receipt_id || '/' || m.plan_id as line_id, coalesce(p.rep_id, r.rep_id) as rep_id,
    r.receipt_date as date, 'paid' as event, m.amount as net, m.amount as margin, 1 as units,
    '' as product_line, date_diff('day', p.due_date, r.receipt_date) as days_overdue, r.currency,
    p.contract_id, null as corrects, r.account_id, '' as channel
from receipt_match m join receipt r using (receipt_id)
    left join receivable_plan p on p.plan_id = m.plan_id
where r.receipt_date between '{first}' and '{last}'
"""
_OPEN = """
select r.receipt_id, r.account_id, r.rep_id, r.receipt_date, r.currency,
    r.amount - coalesce(m.used, 0) as amount
from receipt r left join (
    select receipt_id, sum(amount) as used from receipt_match group by 1
) m using (receipt_id)
where r.receipt_date <= '{last}' and r.amount <> coalesce(m.used, 0) order by r.receipt_id
"""
_DUE = """
select p.plan_id as invoice_id, p.account_id, p.rep_id, p.contract_id, p.currency,
    p.booked_date as invoice_date, coalesce(p.due_date, p.booked_date) as due_date,
    p.amount - coalesce(m.used, 0) as amount
from receivable_plan p left join (
    select plan_id, sum(amount) as used from receipt_match group by 1
) m using (plan_id)
where p.booked_date <= '{last}' and p.account_id in ({accounts})
    and p.amount > coalesce(m.used, 0) order by p.plan_id
"""


def credit_lines(
    company: Company, *, first: str, last: str, events: Collection[str] = USUAL
) -> pd.DataFrame:
    """Make credit lines of the days from first to last (2026-01-01).

    Parameters
    ----------
    company : Company
    first, last : str
    events : collection of str
        Those wanted; what the tables do not tell is left out.

    Returns
    -------
    DataFrame
        Columns as in `COLUMNS`, in order of date and id. Lines without a person have an empty
        rep_id: the engine lists them as exceptions. `owner` is whose line it was before credit
        was shared.

    Raises
    ------
    MissingTableError
        If order_line is not there.
    """
    company.require("order_line")
    source = _COSTED if company.has("unit_cost") else _UNCOSTED
    asked = [
        query
        for event, query in _EVENTS.items()
        if event in events and (event not in _TABLES or company.has(_TABLES[event]))
    ]
    parts = []
    if asked:
        query = f"with lines as ({source}) " + " union all ".join(f"({each})" for each in asked)
        parts.append(company.sql(query.format(first=first, last=last) + " order by 3, 1, 4"))
    if "paid" in events and company.has("receipt", "receipt_match", "receivable_plan"):
        parts.append(company.sql(_PAID.format(first=first, last=last) + " order by 3, 1"))
        parts.append(_matched(company, first, last))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    lines = pd.concat(parts, ignore_index=True).rename(columns={"net": "amount"})
    for name in ("amount", "margin", "units"):
        lines[name] = lines[name].astype(float).round(2)
    lines["days_overdue"] = lines["days_overdue"].astype(float).fillna(0.0)
    lines["date"] = pd.to_datetime(lines["date"])
    lines["share"], lines["split_type"] = 1.0, "split"
    lines["owner"] = lines["rep_id"] = lines["rep_id"].fillna("").astype(str)
    shared = _shared(company, lines) if company.has("credit_split") else lines
    shared["rep_id"] = shared["rep_id"].fillna("").astype(str)
    order = shared.sort_values(["date", "line_id", "split_type", "rep_id"], ignore_index=True)
    return order[list(COLUMNS)]


def _matched(company: Company, first: str, last: str) -> pd.DataFrame:
    """Lines of receipts that no match is stated for: the account's oldest open instalment first.

    Money of unknown accounts, or beyond all instalments, goes to the receipt's own rep, if any.
    """
    receipts = company.sql(_OPEN.format(last=last))
    accounts = ", ".join(f"'{each}'" for each in sorted(receipts["account_id"].dropna().unique()))
    due = company.sql(_DUE.format(last=last, accounts=accounts or "''"))
    parts = []
    for currency, some in receipts.groupby("currency"):
        found = match_receipts(some, due[due["currency"] == currency], currency=str(currency))
        parts.append(found.assign(currency=currency))
    if not parts:
        return receipts.iloc[:0]
    matched = pd.concat(parts, ignore_index=True)
    # money in advance counts when it comes in, as it does where a match is stated
    received = receipts.set_index("receipt_id")["receipt_date"]
    matched["date"] = pd.to_datetime(matched["receipt_id"].map(received))
    matched = matched[matched["date"].between(pd.Timestamp(first), pd.Timestamp(last))]
    matched = matched.merge(due[["invoice_id", "rep_id", "contract_id"]], how="left")
    own = matched["receipt_id"].map(receipts.set_index("receipt_id")["rep_id"])
    named = "/" + matched["invoice_id"].fillna("").astype(str)
    return pd.DataFrame(
        {
            "line_id": matched["receipt_id"] + named.where(named != "/", ""),
            "rep_id": matched["rep_id"].fillna(own),
            "date": matched["date"],
            "event": "paid",
            "net": matched["amount"],
            "margin": matched["amount"],
            "units": 1,
            "product_line": "",
            "days_overdue": matched["days_overdue"],
            "currency": matched["currency"],
            "contract_id": matched["contract_id"],
            "corrects": None,
            "account_id": matched["account_id"],
            "channel": "",
        }
    )


def _shared(company: Company, lines: pd.DataFrame) -> pd.DataFrame:
    """Give lines of shared contracts to those who share them; overlay credit is added."""
    splits = company.sql(
        "select contract_id, rep_id, split_type, cast(share as double) as share from credit_split"
        " where contract_id is not null order by contract_id, split_type, rep_id"
    )
    own = splits[(splits["split_type"] == "split") & (splits["share"] < 1)]
    over = splits[splits["split_type"] == "overlay"]
    keep = lines[~lines["contract_id"].isin(own["contract_id"])]
    bare = lines.drop(columns=["rep_id", "share", "split_type"])
    parts = [keep]
    for part in (own, over):
        joined = bare.merge(part, on="contract_id", how="inner")
        parts.append(joined[lines.columns])
    return pd.concat([part for part in parts if len(part)], ignore_index=True)
