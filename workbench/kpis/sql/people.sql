-- rows: selling_expense
-- en: Expense of selling by booking date
-- zh: 销售费用，按入账日期
-- tables: expense
-- cuts: region, team_id, expense_type
select region, team_id, null::varchar as rep_id, expense_type, expense_date as day, amount
from expense;

-- rows: commission
-- en: Commission paid to reps, by month end
-- zh: 销售人员提成，按月末
-- tables: payroll, rep, team
-- cuts: region, team_id, rep_id
-- by: rep
select rep_id, month_end as day, amount
from payroll
where component = 'commission';

-- rows: headcount
-- en: Days in post of each rep in the period, by role
-- zh: 期内各销售人员在岗天数，按岗位
-- dated: period
-- tables: rep, team
-- cuts: region, team_id, rep_id
-- by: rep
select t.period, t.seen as org_day, r.rep_id, r.role,
    date_diff('day',
        greatest(t.first, r.valid_from, r.hired_date),
        least(t.seen, coalesce(r.valid_to, t.seen), coalesce(r.left_date, t.seen))) + 1 as days,
    date_diff('day', t.first, t.seen) + 1 as period_days
from rep r join periods t on r.valid_from <= t.seen and r.hired_date <= t.seen
    and coalesce(r.valid_to, t.first) >= t.first
    and coalesce(r.left_date, t.first) >= t.first
where greatest(t.first, r.valid_from, r.hired_date)
    <= least(t.seen, coalesce(r.valid_to, t.seen), coalesce(r.left_date, t.seen));

-- rows: market_sizes
-- en: Market size of the whole quarters in the period
-- zh: 期内完整季度的市场容量
-- dated: period
-- tables: market_size, order_line
-- cuts: region, product_line
select t.period, m.region, m.product_line, m.amount,
    exists (select 1 from order_line l
        where l.region = m.region and l.product_line = m.product_line
            and l.recognised_date between m.period_start and m.period_end) as served
from market_size m join periods t on m.period_start >= t.first and m.period_end <= t.seen;

-- rows: sold_in_measured_quarters
-- en: Order lines recognised in the quarters with a market size, less returns
-- zh: 有市场容量数据的季度内的收入，减退货
-- dated: period
-- tables: market_size
-- uses: sold
-- cuts: region, product_line
-- by: account
select t.period, s.order_date as org_day, s.account_id, s.region, s.rep_id, s.product_line, s.net
from sold s join (
        select distinct product_line, period_start, period_end from market_size) m
    on m.product_line = s.product_line and s.day between m.period_start and m.period_end
join periods t on m.period_start >= t.first and m.period_end <= t.seen;
