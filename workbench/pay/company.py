"""Credit lines of a company's own tables: what was signed and what came in, by whom.

Events: booked and reversed (contracts, without VAT), paid and refunded (receipts matched to
instalments, with VAT: measures of the two are never added). Splits of a contract stand in for its
rep, overlay credit comes beside; money that matches no instalment has no rep and is listed by the
engine as an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.company import Company
from workbench.errors import InputError

if TYPE_CHECKING:
    import datetime as dt

_SIGNED = """
select c.contract_id as line_id, c.signed_date as "date",
    case when c.reverses_id is null then 'booked' else 'reversed' end as event,
    c.reverses_id as corrects, coalesce(c.reverses_id, c.contract_id) as deal,
    c.rep_id, abs(net_amount(c.amount, c.tax_basis, c.tax_rate)) as amount, c.currency,
    c.product_line, c.channel, 0 as days_overdue
from contract c where c.signed_date between $first and $last
"""

_PAID = """
select m.receipt_id || '/' || m.plan_id as line_id, m.matched_date as "date",
    case when m.amount < 0 then 'refunded' else 'paid' end as event,
    null as corrects, p.contract_id as deal,
    p.rep_id, abs(cast(m.amount as decimal(18, 2))) as amount, m.currency,
    c.product_line, c.channel,
    greatest(date_diff('day', p.due_date, m.matched_date), 0) as days_overdue
from receipt_match m join receivable_plan p using (plan_id)
left join contract c on c.contract_id = p.contract_id
where m.matched_date between $first and $last
union all
select r.receipt_id as line_id, r.receipt_date as "date",
    case when r.amount < 0 then 'refunded' else 'paid' end as event,
    null, null, '' as rep_id,
    abs(cast(r.amount - coalesce(u.used, 0) as decimal(18, 2))) as amount, r.currency,
    null, null, 0
from receipt r
left join (select receipt_id, sum(amount) as used from receipt_match group by 1) u
    using (receipt_id)
where r.receipt_date between $first and $last and r.amount <> coalesce(u.used, 0)
"""


def company_credits(company: Company, *, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Make the credit lines of a span of days from contracts, receipts and credit splits.

    Parameters
    ----------
    company : Company
    first, last : date
        Days that count, both included.

    Returns
    -------
    DataFrame
        line_id, rep_id, date, event, amount (decimal), currency, share, split_type, corrects,
        product_line, channel, days_overdue; ordered by line and person.

    Raises
    ------
    InputError
        If there are neither contracts nor receipts.
    """
    queries = [_SIGNED] if company.has("contract") else []
    if company.has("receipt", "receipt_match", "receivable_plan", "contract"):
        queries.append(_PAID)
    if not queries:
        raise InputError(
            "the company has neither contracts nor receipts",
            do="import contract, receipt, receipt_match and receivable_plan",
        )
    lines = " union all ".join(f"select * from ({query})" for query in queries)
    split = "select null as contract_id, null as rep_id, null as split_type, 0.0 as share limit 0"
    if company.has("credit_split"):
        split = (
            "select contract_id, rep_id, split_type, share from credit_split"
            " where contract_id is not null"
        )
    query = f"""
    with lines as ({lines}), split as ({split}),
    shared as (select distinct contract_id from split where split_type = 'split')
    select l.line_id, l.rep_id, l."date", l.event, l.amount, l.currency, 1.0 as share,
        'split' as split_type, l.corrects, l.product_line, l.channel, l.days_overdue
    from lines l left join shared s on s.contract_id = l.deal where s.contract_id is null
    union all
    select l.line_id, s.rep_id, l."date", l.event, l.amount, l.currency, s.share,
        s.split_type, l.corrects, l.product_line, l.channel, l.days_overdue
    from lines l join split s on s.contract_id = l.deal
    order by line_id, split_type, rep_id
    """
    return company.sql(query, {"first": first, "last": last})
