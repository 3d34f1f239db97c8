"""Dealers as payees of a rebate plan: their credit lines and quotas, of a company's own tables.

A dealer buys from the company, so its lines are what it was invoiced and returned, with VAT as the
rebate is settled, and what of its invoices it paid by the day they were due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

    from workbench.company import Company

#: Quota that growth is held against: purchases of the year before the plan.
LAST_YEAR = "last_year"
_DEALERS = """
select partner_id as rep_id, level as role, name as rep_name_zh,
    coalesce(name_en, name) as rep_name, start_date as hired_date, end_date as left_date
from partner order by partner_id
"""
_BOUGHT = """
select order_line_id as line_id, partner_id as rep_id, recognised_date as date,
    'invoiced' as event, gross_amount(amount, tax_basis, tax_rate) as amount, product_line,
    currency, null as corrects
from order_line where partner_id is not null and recognised_date between $first and $last
"""
_RETURNED = """
select r.return_id, l.partner_id, r.return_date, 'returned',
    gross_amount(r.amount, r.tax_basis, r.tax_rate), l.product_line, r.currency,
    r.order_line_id
from return_refund r join order_line l using (order_line_id)
where l.partner_id is not null and r.return_date between $first and $last
"""
_IN_TIME = """
select m.receipt_id || '/' || m.plan_id, d.partner_id, r.receipt_date, 'paid_in_time',
    m.amount, '', r.currency, null
from receipt_match m join receipt r using (receipt_id) join receivable_plan p using (plan_id)
    join partner d on d.account_id = p.account_id
where r.receipt_date between $first and $last and r.receipt_date <= p.due_date
"""
_BEFORE = """
select partner_id as rep_id, sum(gross_amount(amount, tax_basis, tax_rate)) as value
from order_line where partner_id is not null and recognised_date between $first and $last
group by 1 having value > 0 order by 1
"""


def dealers_of(company: Company) -> pd.DataFrame:
    """Dealers in the columns that the engine reads people by.

    Raises
    ------
    MissingTableError
        If there is no table partner.
    """
    company.require("partner")
    return company.sql(_DEALERS)


def dealer_lines(company: Company, *, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Make credit lines of what dealers bought, sent back and paid in time.

    Parameters
    ----------
    company : Company
    first, last : date
        Days that count, both included.

    Returns
    -------
    DataFrame
        line_id, rep_id (the dealer), date, event (invoiced, returned, paid_in_time), amount (with
        VAT, decimal), product_line, currency, corrects; in order of date and line.

    Raises
    ------
    MissingTableError
        If there is no table partner or order_line.
    """
    company.require("partner", "order_line")
    queries = [_BOUGHT]
    if company.has("return_refund"):
        queries.append(_RETURNED)
    if company.has("receipt", "receipt_match", "receivable_plan"):
        queries.append(_IN_TIME)
    query = " union all ".join(queries) + " order by 3, 1"
    return company.sql(query, {"first": first, "last": last})


def purchases(company: Company, *, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Purchases of each dealer between two days, as the quota `last_year`: rep_id, quota, value."""
    bought = company.sql(_BEFORE, {"first": first, "last": last})
    return bought.assign(quota=LAST_YEAR, value=bought["value"].astype(float))
