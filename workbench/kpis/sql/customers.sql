-- rows: first_orders
-- en: The first order of each customer, in the data
-- zh: 每个客户在数据中的首单
-- tables: order_line
-- cuts: account, channel
-- Few lines are of a customer's first day, so that only few need an order among them.
select l.account_id, l.region, l.channel, l.rep_id, l.order_date as day
from order_line l join (
    select account_id, min(order_date) as first_day from order_line group by account_id) f
    on f.account_id is not distinct from l.account_id and f.first_day = l.order_date
qualify row_number() over (partition by l.account_id order by l.order_line_id) = 1;

-- rows: orders_after_a_pause
-- en: First orders, and orders after 24 months or more without one
-- zh: 首单，以及停购满24个月后的订单
-- tables: order_line
-- cuts: account, channel
select account_id, region, channel, rep_id, order_date as day
from order_line
qualify coalesce(
    lag(order_date) over (partition by account_id order by order_date, order_line_id)
        <= order_date - interval 24 month, true);

-- rows: revenue_by_age
-- en: Revenue net of VAT with the date of the customer's first order
-- zh: 不含税收入，附客户首单日期
-- tables: order_line
-- uses: revenue
-- cuts: account, product_line, channel, product_id, partner_id
-- organisation: order_date
select r.*, f.first_day
from revenue r left join (
    select account_id, min(order_date) as first_day from order_line group by 1) f
    using (account_id);

-- rows: service_renewals
-- en: Service contracts by first anniversary, and whether another was signed within 90 days of it
-- zh: 服务合同，按一周年日期，以及前后90天内是否续签
-- tables: contract
-- cuts: account
select c.account_id, c.region, c.rep_id, c.contract_id,
    cast(c.signed_date + interval 12 month as date) as day,
    exists (
        select 1 from contract n
        where n.account_id = c.account_id and n.contract_type = 'service'
            and n.contract_id <> c.contract_id and n.signed_date > c.signed_date
            and n.signed_date <= {as_of}
            and abs(date_diff('day', cast(c.signed_date + interval 12 month as date),
                n.signed_date)) <= 90) as renewed
from contract c
where c.contract_type = 'service' and c.amount > 0
    and cast(c.signed_date + interval 12 month as date) <= {as_of} - 90;
