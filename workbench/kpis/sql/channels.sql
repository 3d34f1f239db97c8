-- rows: dealer_goods
-- en: List value of each product without VAT, to add up pieces of different products
-- zh: 各产品不含税目录价，用于不同产品数量的加总
-- tables: product
select product_id, product_line,
    case tax_basis when 'excl' then cast(list_price as double)
        when 'incl' then list_price / (1 + tax_rate)
        else error('tax basis is neither incl nor excl') end as price
from product;

-- rows: sell_out_rows
-- en: Sell-out of dealers by month, at list price
-- zh: 经销商终端销量，按月，按目录价折算
-- tables: sell_out, partner
-- uses: dealer_goods
-- cuts: account, partner_id, product_id, product_line
select p.account_id, p.region, p.rep_id, s.partner_id, s.product_id, g.product_line,
    s.month_end as day, s.quantity, s.quantity * g.price as worth
from sell_out s join partner p using (partner_id) join dealer_goods g using (product_id);

-- rows: sell_in_rows
-- en: Order lines of dealers recognised, at list price
-- zh: 经销商进货，按收入确认日期，按目录价折算
-- tables: order_line, partner
-- uses: dealer_goods
-- cuts: account, partner_id, product_id, product_line
select p.account_id, p.region, p.rep_id, l.partner_id, l.product_id, g.product_line,
    l.recognised_date as day, l.quantity, l.quantity * g.price as worth
from order_line l join partner p using (partner_id) join dealer_goods g using (product_id)
where l.recognised_date is not null and l.channel = 'dealer';

-- rows: opening_stock
-- en: Stock of dealers at the last count before the period
-- zh: 期初之前最近一次盘点的渠道库存
-- dated: period
-- tables: partner_stock, partner
-- uses: dealer_goods
-- cuts: account, partner_id, product_id, product_line
with counts as (
    select t.period, t.seen, max(s.stock_date) as stock_date
    from periods t join (select distinct stock_date from partner_stock) s
        on s.stock_date < t.first
    group by all
)
select c.period, c.seen as org_day, p.account_id, p.region, p.rep_id, s.partner_id, s.product_id,
    g.product_line, s.quantity, s.quantity * g.price as worth
from counts c join partner_stock s using (stock_date) join partner p using (partner_id)
join dealer_goods g using (product_id);

-- rows: dealer_flow
-- en: What dealers sold, and what they had to sell: opening stock and sell-in of the period
-- zh: 经销商所售与可售：期初库存与期内进货
-- dated: period
-- uses: sell_out_rows, sell_in_rows, opening_stock
-- cuts: account, partner_id, product_id, product_line
select t.period, o.day as org_day, o.account_id, o.region, o.rep_id, o.partner_id, o.product_id,
    o.product_line, o.worth as sold, 0.0 as stocked
from sell_out_rows o join periods t on o.day between t.first and t.seen
union all
select t.period, i.day, i.account_id, i.region, i.rep_id, i.partner_id, i.product_id,
    i.product_line, 0.0, i.worth
from sell_in_rows i join periods t on i.day between t.first and t.seen
union all
select period, org_day, account_id, region, rep_id, partner_id, product_id, product_line, 0.0,
    worth
from opening_stock;

-- rows: stock_and_run
-- en: Stock at the last count up to the day, and sell-out a day of the three months before it
-- zh: 时点之前最近一次盘点的库存，以及此前三个月的日均终端销量
-- dated: period
-- tables: partner_stock, partner
-- uses: dealer_goods, sell_out_rows
-- cuts: account, partner_id, product_id, product_line
with counts as (
    select t.period, t.seen, max(s.stock_date) as stock_date
    from periods t join (select distinct stock_date from partner_stock) s
        on s.stock_date <= t.seen
    group by all
), spans as (
    select *, cast(date_trunc('month', stock_date) - interval 2 month as date) as run_start
    from counts
)
select c.period, c.seen as org_day, p.account_id, p.region, p.rep_id, s.partner_id, s.product_id,
    g.product_line, s.quantity * g.price as stocked, 0.0 as sold_a_day
from spans c join partner_stock s using (stock_date) join partner p using (partner_id)
join dealer_goods g using (product_id)
union all
select c.period, c.seen, o.account_id, o.region, o.rep_id, o.partner_id, o.product_id,
    o.product_line, 0.0, o.worth / (date_diff('day', c.run_start, c.stock_date) + 1)
from spans c join sell_out_rows o on o.day between c.run_start and c.stock_date;
