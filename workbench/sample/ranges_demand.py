"""Ranges of practice for the demand side: size, deals, prices, season, people, pool and dirt.

Those of what follows from demand: `ranges_following.py`. How they are measured: `ranges.py`.
"""

from __future__ import annotations

from workbench.sample.ranges import Range

NET = "amount / (1 + tax_rate)"
YEAR_NET = f"select sum({NET}) from order_line where year(recognised_date) = 2025"
CLOSED = "(select * from opportunity where close_date is not null)"
WON = f"(select *, close_date - created_date as days from {CLOSED} where status = 'won')"
IN_TIME = f"(select * from {WON} where entered_date <= created_date)"
ORDERS = (
    "(select order_id, any_value(channel) as channel, sum(amount) as amount"
    " from order_line where product_line = 'consumables' group by 1)"
)
DISCOUNTS = "1 - sum(quantity * net_price) / sum(quantity * list_price)"


def _share(condition: str, of: str = "") -> str:
    where = f" and {of}" if of else ""
    return (
        f"select sum({NET}) filter ({condition}) / sum({NET}) from order_line"
        f" where year(recognised_date) = 2025{where}"
    )


def _margin(line: str) -> str:
    return f"""select 1 - sum(quantity * cost) / sum({NET}) from order_line o join unit_cost u
        on u.product_id = o.product_id and o.order_date >= u.valid_from
        and o.order_date <= coalesce(u.valid_to, date '9999-12-31')
        where product_line = '{line}' and year(order_date) = 2025"""


def _win(source: str) -> str:
    return f"select avg((status = 'won')::int) from {CLOSED} where source = '{source}'"


def _month(number: int) -> str:
    return f"""select sum(amount) filter (month(order_date) = {number}) / sum(amount)
        from order_line where year(order_date) in (2022, 2024)"""


def _festival(first: str, last: str) -> str:
    """Daily e-commerce orders of a festival against ordinary days of the months around it."""
    return f"""with day as (select order_date, sum(amount) as amount,
            strftime(order_date, '%m-%d') as md from order_line
            where channel = 'ecommerce' group by 1)
        select avg(amount) filter (md between '{first}' and '{last}')
            / avg(amount) filter (md between '05-01' and '05-25' or md between '07-05' and '07-31'
                or md between '09-01' and '09-28')
        from day"""


SCALE = (
    Range("Size", "Revenue without VAT, 2025", 700e6, 740e6, "million", YEAR_NET),
    Range("Size", "Equipment in revenue", 0.52, 0.58, "%", _share("product_line = 'equipment'")),
    Range("Size", "Consumables", 0.27, 0.33, "%", _share("product_line = 'consumables'")),
    Range("Size", "Service", 0.125, 0.165, "%", _share("product_line = 'service'")),
    Range("Size", "Direct business in revenue", 0.43, 0.48, "%", _share("channel = 'direct'")),
    Range("Size", "Dealers", 0.42, 0.47, "%", _share("channel = 'dealer'")),
    Range("Size", "E-commerce", 0.08, 0.12, "%", _share("channel = 'ecommerce'")),
    Range("Size", "Gross margin of equipment", 0.30, 0.34, "%", _margin("equipment")),
    Range("Size", "Gross margin of consumables", 0.43, 0.47, "%", _margin("consumables")),
    Range("Size", "Gross margin of service", 0.53, 0.58, "%", _margin("service")),
    Range("Size", "Accounts", 4_900, 5_100, "number", "select count(*) from account"),
    Range(
        "Size",
        "Accounts with an order in twelve months",
        1_750,
        2_150,
        "number",
        "select count(distinct account_id) from order_line where order_date > '2025-07-31'",
    ),
    Range(
        "Size",
        "Ten largest accounts in orders, 2025",
        0.215,
        0.285,
        "%",
        """with a as (select sum(amount) as s from order_line where year(order_date) = 2025
            group by account_id order by s desc)
        select (select sum(s) from (select s from a limit 10)) / sum(s) from a""",
    ),
    Range(
        "Size",
        "Largest fifth of accounts",
        0.75,
        0.82,
        "%",
        """with a as (select sum(amount) as s, row_number() over (order by sum(amount) desc) as k,
            count(*) over () as n from order_line where year(order_date) = 2025
            group by account_id)
        select sum(s) filter (k <= 0.2 * n) / sum(s) from a""",
    ),
    Range("Size", "Opportunities", 14_500, 17_500, "number", "select count(*) from opportunity"),
    Range(
        "Size",
        "Snapshots of opportunities",
        70_000,
        95_000,
        "number",
        "select count(*) from opportunity_snapshot",
    ),
    Range("Size", "Order lines", 160_000, 210_000, "number", "select count(*) from order_line"),
    Range("Size", "Activities", 135_000, 165_000, "number", "select count(*) from activity"),
)
DEALS = (
    Range(
        "Deals",
        "First amount of equipment deals, median",
        280e3,
        320e3,
        "CNY",
        "select median(first_amount) from opportunity where product_line = 'equipment'",
    ),
    Range(
        "Deals",
        "its spread, log units",
        0.82,
        0.98,
        "",
        "select stddev(ln(first_amount::double)) from opportunity where product_line = 'equipment'",
    ),
    Range(
        "Deals",
        "Consumables order of direct customers, median",
        7_500,
        10_500,
        "CNY",
        f"select median(amount) from {ORDERS} where channel = 'direct'",
    ),
    Range(
        "Deals",
        "Won of closed deals",
        0.27,
        0.33,
        "%",
        f"select avg((status = 'won')::int) from {CLOSED}",
    ),
    Range(
        "Deals",
        "Won within twelve months of created deals",
        0.18,
        0.22,
        "%",
        """select avg((status = 'won' and close_date <= created_date + 365)::int)
        from opportunity where created_date between '2021-08-01' and '2025-07-31'""",
    ),
    Range("Deals", "Won of closed tenders", 0.19, 0.25, "%", _win("tender")),
    Range("Deals", "Won of deals with existing customers", 0.41, 0.49, "%", _win("existing")),
    Range("Deals", "Won of referrals", 0.36, 0.44, "%", _win("referral")),
    Range(
        "Deals",
        "Leads that become won deals",
        0.03,
        0.05,
        "%",
        """select avg(coalesce(status = 'won', false)::int) from lead
        left join opportunity using (opportunity_id) where created_at < '2025-10-01'""",
    ),
    Range("Deals", "Cycle, median", 88, 102, "days", f"select median(days) from {IN_TIME}"),
    Range("Deals", "Cycle, mean", 118, 140, "days", f"select avg(days) from {IN_TIME}"),
    Range(
        "Deals",
        "Cycle of tenders, median",
        138,
        165,
        "days",
        f"select median(days) from {IN_TIME} where source = 'tender'",
    ),
    Range(
        "Deals",
        "Deals expected in a month that slip",
        0.34,
        0.50,
        "%",
        """with eve as (select s.snapshot_date, last_day(s.snapshot_date + 1) as e,
            s.expected_close_date, o.stage_date, o.status
            from opportunity_snapshot s join opportunity o using (opportunity_id)
            where s.snapshot_date < '2026-07-01')
        select avg((status = 'open' or stage_date > e)::int) from eve
        where expected_close_date > snapshot_date and expected_close_date <= e""",
    ),
    Range(
        "Deals",
        "Open deals whose close date has passed",
        0.17,
        0.30,
        "%",
        """select avg((expected_close_date < date '2026-07-31')::int) from opportunity
        where status = 'open'""",
    ),
    Range(
        "Deals",
        "Closed deals typed in afterwards",
        0.085,
        0.115,
        "%",
        f"select avg((entered_date >= close_date)::int) from {CLOSED}",
    ),
    Range(
        "Deals",
        "Typed probability above what was won",
        0.10,
        0.15,
        "%",
        """select avg(s.probability) - avg((o.status = 'won')::int)
        from opportunity_snapshot s join opportunity o using (opportunity_id)
        where s.snapshot_date < '2025-07-01' and o.status <> 'open'""",
    ),
)
PRICES = (
    Range("Prices", "Discount off list", 0.105, 0.135, "%", f"select {DISCOUNTS} from order_line"),
    Range(
        "Prices",
        "Direct list value within 0.5 points of an approval limit",
        0.30,
        0.55,
        "%",
        """with d as (select round(1 - net_price / list_price, 4) as d, quantity * list_price as v
            from order_line where channel = 'direct')
        select sum(v) filter ((d > 0.095 and d <= 0.1) or (d > 0.145 and d <= 0.15)
            or (d > 0.195 and d <= 0.2)) / sum(v) from d""",
    ),
    Range(
        "Prices",
        "Discount in tenders won",
        0.19,
        0.24,
        "%",
        f"""select {DISCOUNTS} from order_line l join contract c using (contract_id)
        join opportunity o on o.opportunity_id = c.opportunity_id where o.source = 'tender'""",
    ),
)
SEASON = (
    *(
        Range("Season", f"Orders of month {number}, 2022 and 2024", low, high, "%", _month(number))
        for number, low, high in (
            (1, 0.050, 0.085), (2, 0.040, 0.065), (3, 0.085, 0.110), (4, 0.060, 0.090),
            (5, 0.075, 0.100), (6, 0.090, 0.120), (7, 0.045, 0.080), (8, 0.060, 0.080),
            (9, 0.085, 0.120), (10, 0.055, 0.080), (11, 0.075, 0.100), (12, 0.115, 0.145),
        )
    ),
    Range(
        "Season",
        "Last five working days of quarter-end months",
        0.35,
        0.45,
        "%",
        """with d as (select order_date as d, sum(amount) as s from order_line group by 1),
        w as (select d, s, row_number() over (partition by date_trunc('month', d)
            order by d desc) as k from d where isodow(d) <= 5 and s > 0)
        select sum(s) filter (k <= 5) / (select sum(s) from d where month(d) % 3 = 0) from w
        where month(d) % 3 = 0""",
    ),
    Range(
        "Season",
        "New Year week against an ordinary week",
        0.0,
        0.08,
        "%",
        """select sum(amount) filter (order_date between '2024-02-09' and '2024-02-15')
            / (sum(amount) / 366 * 7) from order_line where year(order_date) = 2024""",
    ),
    Range("Season", "618 against ordinary days", 1.6, 2.0, "x", _festival("06-05", "06-18")),
    Range("Season", "Double 11", 2.0, 2.4, "x", _festival("11-01", "11-11")),
)  # fmt: skip
PEOPLE = (
    Range(
        "People",
        "Reps with a quota",
        52,
        64,
        "number",
        """select count(distinct rep_id) from rep where valid_to is null and left_date is null
        and role in ('hunter', 'farmer', 'key_account', 'channel')""",
    ),
    Range(
        "People",
        "Revenue a seat, 2025",
        11e6,
        13e6,
        "million",
        f"select ({YEAR_NET}) / 60",
    ),
    Range(
        "People",
        "Reps to a manager",
        5.0,
        8.0,
        "number",
        """select count(*) filter (role in ('hunter', 'farmer', 'key_account', 'channel'))
            / count(*) filter (role = 'manager') from rep
        where valid_to is null and left_date is null""",
    ),
    Range(
        "People",
        "Reps who leave in a year",
        0.18,
        0.27,
        "%",
        """select count(distinct rep_id) filter (left_date is not null) / 5 / 60 from rep
        where role in ('hunter', 'farmer', 'key_account', 'channel')""",
    ),
    Range(
        "People",
        "Leavers between February and April",
        0.40,
        0.65,
        "%",
        """select avg((month(left_date) between 2 and 4)::int) from
        (select distinct rep_id, left_date from rep where left_date is not null)""",
    ),
)
DIRT = (
    Range(
        "Pool",
        "Accounts claimed again that order within 180 days",
        0.055,
        0.105,
        "%",
        """with again as (select account_id, event_date from account_pool_event
            where event = 'claim' and event_date < '2026-01-31'),
        hit as (select a.*, exists (select 1 from order_line o where o.account_id = a.account_id
            and o.order_date between a.event_date and a.event_date + 180) as won from again a)
        select avg(won::int) from hit""",
    ),
    Range(
        "Pool",
        "Accounts of the fullest rep",
        60,
        200,
        "number",
        """select max(n) from (select count(*) as n from account a join
            (select distinct rep_id from rep where role in ('hunter', 'farmer')) r
            on r.rep_id = a.owner_id where status = 'owned' and customer_type = 'regular'
            group by owner_id)""",
    ),
    Range(
        "Dirt",
        "Companies entered twice",
        0.03,
        0.04,
        "%",
        "select (select count(*) from truth_duplicates) / count(*) from account",
    ),
    Range(
        "Dirt",
        "Accounts without credit code",
        0.13,
        0.19,
        "%",
        "select avg((credit_code is null)::int) from account",
    ),
    Range(
        "Dirt",
        "Activities typed in on Friday evening",
        0.40,
        0.55,
        "%",
        "select avg((isodow(entered_at) = 5 and hour(entered_at) >= 17)::int) from activity",
    ),
    Range(
        "Dirt",
        "Direct contracts reversed",
        0.02,
        0.04,
        "%",
        """select count(*) filter (contract_type = 'reversal')
            / count(*) filter (contract_type <> 'reversal') from contract
        where channel = 'direct'""",
    ),
)
RANGES: tuple[Range, ...] = (*SCALE, *DEALS, *PRICES, *SEASON, *PEOPLE, *DIRT)
