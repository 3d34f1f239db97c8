-- rows: sold
-- en: Order lines recognised, less returns on their own date
-- zh: 已确认收入的订单行，减退货（按退货日期）
-- tables: order_line
-- uses: returned?
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select account_id, product_id, product_line, region, channel, rep_id, partner_id, order_date,
    recognised_date as day, quantity,
    net_amount(amount, tax_basis, tax_rate) as net,
    gross_amount(amount, tax_basis, tax_rate) as gross
from order_line
where recognised_date is not null
union all
select account_id, product_id, product_line, region, channel, rep_id, partner_id, order_date,
    day, -quantity, -net, -gross
from returned;

-- rows: rebates
-- en: Rebates on the last day of their period, shared over what the partner bought in it
-- zh: 返利计入其期间最后一日，按渠道商期内所购商品分摊
-- tables: rebate, partner, order_line?
-- cuts: account, product_line, channel, product_id, partner_id
with spans as (
    select distinct partner_id, period_start, period_end from rebate
), bought as (
    select s.*, l.account_id, l.product_id, l.product_line, l.region, l.channel, l.rep_id, l.net,
        cast(sum(l.net) over (partition by s.period_end, s.partner_id, s.period_start
            order by l.order_line_id) as decimal(18, 2)) as up_to,
        cast(sum(l.net) over (partition by s.period_end, s.partner_id, s.period_start)
            as decimal(18, 2)) as total
    from spans s join (
        select *, net_amount(amount, tax_basis, tax_rate) as net from order_line
        where partner_id is not null and amount > 0
    ) l on l.partner_id = s.partner_id
        and l.recognised_date between s.period_start and s.period_end
), earned as (
    select r.*, net_amount(r.amount, r.tax_basis, r.tax_rate) as net, p.account_id, p.region,
        p.rep_id
    from rebate r join partner p using (partner_id)
)
-- Cents are shared along the running total, so that the shares add up to the rebate.
select coalesce(b.account_id, e.account_id) as account_id, b.product_id, b.product_line,
    coalesce(b.region, e.region) as region, coalesce(b.channel, 'dealer') as channel,
    coalesce(b.rep_id, e.rep_id) as rep_id, e.partner_id, e.period_end as day,
    case when b.total > 0 then cast(round(e.net * (b.up_to / b.total), 2) as decimal(18, 2))
        - cast(round(e.net * (cast(b.up_to - b.net as decimal(18, 2)) / b.total), 2)
            as decimal(18, 2))
        else e.net end as net
from earned e left join bought b using (partner_id, period_start, period_end);

-- rows: revenue
-- en: Order lines recognised, less returns and rebates
-- zh: 已确认收入的订单行，减退货与返利
-- uses: sold, rebates?
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select account_id, product_id, product_line, region, channel, rep_id, partner_id, order_date,
    day, net from sold
union all
select account_id, product_id, product_line, region, channel, rep_id, partner_id, day, day, -net
from rebates;

-- rows: sold_at_cost
-- en: Order lines recognised, less returns, with the unit cost of the day
-- zh: 已确认收入的订单行，减退货，附当日单位成本
-- tables: unit_cost
-- uses: sold
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select s.*, cast(s.quantity * c.cost as decimal(28, 6)) as cost
from sold s join unit_cost c on c.product_id = s.product_id
    and s.day >= c.valid_from and (c.valid_to is null or s.day <= c.valid_to);

-- rows: ordered
-- en: Order lines by order date
-- zh: 订单行，按下单日期
-- tables: order_line
-- cuts: account, product_line, channel, product_id, partner_id, approval
select account_id, order_id, product_id, product_line, region, channel, rep_id, partner_id,
    approval, order_date as day,
    gross_amount(amount, tax_basis, tax_rate) as gross,
    net_amount(amount, tax_basis, tax_rate) as net,
    net_amount(cast(quantity * list_price as decimal(28, 6)), tax_basis, tax_rate) as list_net
from order_line;

-- rows: shipped
-- en: Delivery lines by ship date, at the price of their order line
-- zh: 发货行，按发货日期，以订单行价格计
-- tables: delivery, order_line
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select l.account_id, l.order_line_id, l.product_id, l.product_line, l.region, l.channel,
    l.rep_id, l.partner_id, l.order_date, d.ship_date as day,
    cast(gross_amount(l.amount, l.tax_basis, l.tax_rate) * d.quantity / nullif(l.quantity, 0)
        as decimal(28, 6)) as gross,
    cast(net_amount(l.amount, l.tax_basis, l.tax_rate) * d.quantity / nullif(l.quantity, 0)
        as decimal(28, 6)) as net
from delivery d join order_line l using (order_line_id);

-- rows: received_by_customer
-- en: Delivery lines by the date the customer signed for them
-- zh: 发货行，按客户签收日期
-- tables: delivery, order_line
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select l.account_id, l.product_id, l.product_line, l.region, l.channel, l.rep_id, l.partner_id,
    l.order_date, d.received_date as day,
    cast(gross_amount(l.amount, l.tax_basis, l.tax_rate) * d.quantity / nullif(l.quantity, 0)
        as decimal(28, 6)) as gross
from delivery d join order_line l using (order_line_id);

-- rows: returned
-- en: Returns by return date
-- zh: 退货，按退货日期
-- tables: return_refund, order_line
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
-- held: whole
select l.account_id, l.product_id, l.product_line, l.region, l.channel, l.rep_id, l.partner_id,
    l.order_date, r.return_date as day, r.quantity,
    net_amount(r.amount, r.tax_basis, r.tax_rate) as net,
    gross_amount(r.amount, r.tax_basis, r.tax_rate) as gross,
    net_amount(cast(r.quantity * l.list_price as decimal(18, 2)), l.tax_basis, l.tax_rate)
        as list_net
from return_refund r join order_line l using (order_line_id);

-- rows: returned_of_shipped
-- en: Returns up to the as-of day of what was shipped in the period, by first ship date
-- zh: 期内发货订单截至时点的退货，按首次发货日期
-- tables: return_refund, order_line, delivery
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select l.account_id, l.product_id, l.product_line, l.region, l.channel, l.rep_id, l.partner_id,
    l.order_date, s.day, net_amount(r.amount, r.tax_basis, r.tax_rate) as net
from return_refund r join order_line l using (order_line_id)
join (select order_line_id, min(ship_date) as day from delivery group by 1) s
    using (order_line_id)
where r.return_date <= {as_of};

-- rows: shipped_once
-- en: Order lines by first ship date, with all that was shipped of them up to the as-of day
-- zh: 订单行，按首次发货日期，含截至时点的全部发货
-- uses: shipped
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select order_line_id, any_value(account_id) as account_id, any_value(product_id) as product_id,
    any_value(product_line) as product_line, any_value(region) as region,
    any_value(channel) as channel, any_value(rep_id) as rep_id,
    any_value(partner_id) as partner_id, any_value(order_date) as order_date,
    min(day) as day, sum(net) as net
from shipped where day <= {as_of} group by order_line_id;
