-- rows: signed
-- en: Contracts by signing date; orders under framework agreements by order date
-- zh: 合同，按签订日期；框架协议项下订单按下单日期
-- tables: contract, order_line?
-- cuts: account, product_line, channel
select account_id, region, rep_id, product_line, channel, contract_type, signed_date as day,
    gross_amount(amount, tax_basis, tax_rate) as gross
from contract
where contract_type <> 'framework'
union all
select l.account_id, l.region, l.rep_id, l.product_line, l.channel, 'call_off', l.order_date,
    gross_amount(l.amount, l.tax_basis, l.tax_rate)
from order_line l join contract c using (contract_id)
where c.contract_type = 'framework';

-- rows: invoices
-- en: Invoices by date of issue, red-letter invoices negative
-- zh: 发票，按开票日期，红字为负
-- tables: invoice
-- cuts: account
select account_id, region, null::varchar as rep_id, invoice_date as day,
    gross_amount(amount, tax_basis, tax_rate) as gross,
    net_amount(amount, tax_basis, tax_rate) as net
from invoice;

-- rows: receipts
-- en: Receipts and refunds of known customers, by date of receipt
-- zh: 已认领到账与退款，按到账日期
-- tables: receipt
-- cuts: account, method
select account_id, region, rep_id, method, receipt_date as day, amount as gross
from receipt
where account_id is not null;

-- rows: receipts_at_maturity
-- en: Receipts and refunds of known customers, drafts by the day they turn into money
-- zh: 已认领到账与退款，承兑汇票按到期日
-- tables: receipt
-- cuts: account, method
select account_id, region, rep_id, method,
    case when method in ('bank_draft', 'commercial_draft')
        then coalesce(draft_due_date, receipt_date) else receipt_date end as day,
    amount as gross
from receipt
where account_id is not null;

-- rows: due
-- en: Instalments due in the period, and what of them had been collected by its end
-- zh: 期内到期的应收，以及截至期末已回款部分
-- dated: period
-- tables: receivable_plan, receipt_match
-- cuts: account
select t.period, t.seen as org_day, p.account_id, p.region, p.rep_id, p.amount as gross,
    least(coalesce(m.settled, 0), p.amount) as collected
from receivable_plan p join periods t on p.due_date between t.first and t.seen
left join (
    select m.plan_id, t.period, sum(m.amount) as settled
    from receipt_match m join receivable_plan p using (plan_id)
    join periods t on p.due_date between t.first and t.seen and m.matched_date <= t.seen
    group by all) m on m.plan_id = p.plan_id and m.period = t.period;

-- rows: open_instalments
-- en: Instalments open on the day: booked by then, not yet settled in full
-- zh: 时点未结清的应收计划行
-- dated: period
-- tables: receivable_plan, receipt_match?
-- cuts: account
with settled as (
    select plan_id, sum(amount) as settled, max(matched_date) as last_day
    from receipt_match group by plan_id
), candidates as (
    select t.period, t.seen, p.*
    from receivable_plan p left join settled s using (plan_id)
    join periods t on p.booked_date <= t.seen
        and (s.plan_id is null or s.settled < p.amount or s.last_day > t.seen)
), matched as (
    select c.period, c.plan_id, sum(m.amount) as settled
    from candidates c join receipt_match m on m.plan_id = c.plan_id
        and m.matched_date <= c.seen
    group by all
)
select c.period, c.booked_date as org_day, c.account_id, c.region, c.rep_id,
    c.amount - coalesce(m.settled, 0) as open_amount,
    greatest(date_diff('day', c.due_date, c.seen), 0) as days_past_due,
    date_diff('day', c.booked_date, c.seen) as age
from candidates c left join matched m on m.plan_id = c.plan_id and m.period = c.period
where c.amount - coalesce(m.settled, 0) > 0;

-- rows: receivable_changes
-- en: Receivables as they arise and are settled; their running total is the balance
-- zh: 应收的发生与结清，累计即为余额
-- tables: receivable_plan, receipt_match?
-- cuts: account
select account_id, region, rep_id, booked_date as day, booked_date as org_day, amount as gross
from receivable_plan
union all
select p.account_id, p.region, p.rep_id, greatest(m.matched_date, p.booked_date), p.booked_date,
    -m.amount
from receipt_match m join receivable_plan p using (plan_id);
