"""Ranges of what follows from demand: dealers, money, people, and the story of July 2026.

As `ranges.py`: each range is a question in SQL over the written files.
"""

from __future__ import annotations

from workbench.sample.ranges import Range

TODAY, YEAR_AGO = "2026-07-31", "2025-07-31"
SELLING = "('hunter', 'farmer', 'key_account', 'channel')"
KEY_RECEIPTS = """receipt r join account a using (account_id)
    where r.amount > 0 and a.customer_type = 'key_account'"""


def _open(day: str) -> str:
    """Open claims on a day: account_id, due_date, left_open."""
    return f"""(select p.account_id, p.due_date, p.amount - coalesce(m.paid, 0) as left_open
        from receivable_plan p left join (select plan_id, sum(amount) as paid from receipt_match
            where matched_date <= date '{day}' group by 1) m using (plan_id)
        where p.booked_date <= date '{day}' and p.amount > coalesce(m.paid, 0))"""


def _overdue(day: str, days: int = 0) -> str:
    return f"""(select sum(left_open) filter (date '{day}' - due_date > {days}) / sum(left_open)
        from {_open(day)})"""


def _sold(condition: str = "true") -> str:
    return f"""(select sum(o.amount) from order_line o join account a using (account_id)
        where o.recognised_date > date '{YEAR_AGO}' and o.recognised_date <= date '{TODAY}'
        and {condition})"""


def _outstanding(condition: str) -> str:
    """Days of sales outstanding today of direct customers of a kind."""
    kind = f"a.channel = 'direct' and {condition}"
    return f"""select sum(left_open) / {_sold(kind)} * 365
        from {_open(TODAY)} join account a using (account_id) where {kind}"""


def _cover(condition: str) -> str:
    """Mean days of cover at month ends: stock over sell-out of three months, at their value."""
    return f"""with price as (select partner_id, product_id, sum(amount) / sum(quantity) as p
            from sell_out group by all),
        held as (select stock_date as d, sum(quantity * p) as v from partner_stock
            join price using (partner_id, product_id) group by 1),
        sold as (select month_end as d, sum(amount) as v from sell_out group by 1)
        select avg(days) from (select h.d, h.v / (select sum(s.v) / 91.3 from sold s
            where s.d <= h.d and s.d > h.d - interval 85 day) as days
            from held h) where {condition}"""


def _growth(table: str, date: str, value: str, condition: str = "true") -> str:
    """January to July 2026 over the same months of 2025."""
    return f"""(select sum({value}) filter (year({date}) = 2026)
        / sum({value}) filter (year({date}) = 2025) - 1
        from {table} where month({date}) <= 7 and {condition})"""


ATTAINED = """(with quota as (select node as rep_id, year(period_start) as y, sum(value) as asked,
        count(*) as months from target where kpi_id = 'revenue_net' and level = 'rep'
        and tier = 'base' group by all),
    sold as (select rep_id, year(recognised_date) as y, amount / (1 + tax_rate)
            * case when channel = 'dealer' then 0.955 else 1 end as net  -- less usual rebates
        from order_line where recognised_date is not null
        union all select rep_id, year(return_date), -r.amount / (1 + r.tax_rate)
        from return_refund r join order_line using (order_line_id)),
    done as (select rep_id, y, sum(net) as net from sold group by all)
    select coalesce(net, 0) / asked as reached from quota left join done using (rep_id, y)
    where months >= 9 and y between 2022 and 2025)"""
NET = "amount / (1 + tax_rate)"
DEALERS = "channel = 'dealer'"

CHANNEL = (
    Range(
        "Channel",
        "Dealers at a time",
        200,
        235,
        "number",
        "select count(*) from partner where end_date is null",
    ),
    Range(
        "Channel",
        "Sell-in of the 20 largest dealers, last twelve months",
        0.55,
        0.65,
        "%",
        f"""with d as (select sum(amount) as s from order_line where {DEALERS}
            and order_date > date '{YEAR_AGO}' group by partner_id order by s desc)
        select (select sum(s) from (select s from d limit 20)) / sum(s) from d""",
    ),
    Range(
        "Channel",
        "Cover in the second month of quarters, to mid 2025",
        33,
        42,
        "days",
        _cover("month(d) % 3 = 2 and d between date '2022-01-01' and date '2025-06-30'"),
    ),
    Range(
        "Channel",
        "Cover at quarter ends, to mid 2025",
        49,
        60,
        "days",
        _cover("month(d) % 3 = 0 and d between date '2022-01-01' and date '2025-06-30'"),
    ),
    Range(
        "Channel",
        "Sold outside the dealer's region",
        0.04,
        0.06,
        "%",
        """select sum(s.amount) filter (g.region <> h.region) / sum(s.amount) from sell_out s
        join partner p using (partner_id) join geo_unit g on g.geo_code = s.end_geo_code
        join geo_unit h on h.geo_code = p.geo_code""",
    ),
    Range(
        "Channel",
        "Dealers that give up in a year",
        0.08,
        0.14,
        "%",
        f"""select count(end_date) / (sum(coalesce(end_date, date '{TODAY}')
            - greatest(start_date, date '2021-08-01')) / 365.25) from partner""",
    ),
    Range(
        "Channel",
        "Base rebate on sell-in",
        0.028,
        0.031,
        "%",
        f"""select sum(amount) / (select sum(amount) from order_line where {DEALERS}
            and order_date < date '2026-07-01') from rebate where rebate_type = 'base'""",
    ),
    Range(
        "Channel",
        "Rebates settled in goods",
        0.85,
        1.0,
        "%",
        """select sum(amount) filter (settled_in = 'goods') / sum(amount) from rebate
        where settled_date is not null""",
    ),
)
MONEY = (
    Range(
        "Money",
        "Days of sales outstanding, month ends of a year",
        62,
        82,
        "days",
        f"""with ends as (select last_day(d) as d from range(date '2025-08-01', date '2026-08-01',
            interval 1 month) t(d)),
        owed as (select ends.d, sum(p.amount) as a from ends join receivable_plan p
            on p.booked_date <= ends.d group by 1),
        paid as (select ends.d, sum(m.amount) as a from ends join receipt_match m
            on m.matched_date <= ends.d group by 1)
        select avg(owed.a - paid.a) / {_sold()} * 365 from owed join paid using (d)""",
    ),
    Range(
        "Money",
        "State-owned customers",
        130,
        190,
        "days",
        _outstanding("a.ownership = 'state'"),
    ),
    Range("Money", "Private customers", 80, 130, "days", _outstanding("a.ownership = 'private'")),
    Range("Money", "Receivables past due", 0.17, 0.28, "%", f"select {_overdue(TODAY)}"),
    Range("Money", "More than 90 days past due", 0.09, 0.15, "%", f"select {_overdue(TODAY, 90)}"),
    Range(
        "Money",
        "Claims of 2023 not paid by now (state-owned left out)",
        0.002,
        0.010,
        "%",
        """with paid as (select plan_id, sum(amount) as paid from receipt_match group by 1)
        select avg((p.amount > coalesce(paid, 0) + 0.005)::int) from receivable_plan p
        join account a using (account_id) left join paid using (plan_id)
        where year(p.due_date) = 2023 and a.channel = 'direct'
        and a.ownership in ('private', 'foreign') and p.instalment_type <> 'advance'""",
    ),
    Range(
        "Money",
        "Receipts that settle nothing",
        0.034,
        0.046,
        "%",
        """select avg((m.receipt_id is null)::int) from receipt r left join
        (select distinct receipt_id from receipt_match) m using (receipt_id) where r.amount > 0""",
    ),
    Range(
        "Money",
        "Bank drafts in receipts of key accounts",
        0.30,
        0.40,
        "%",
        f"select avg((r.method = 'bank_draft')::int) from {KEY_RECEIPTS}",
    ),
    Range(
        "Money",
        "Goods that come back",
        0.010,
        0.020,
        "%",
        """select (select sum(amount) from return_refund) / sum(amount) from order_line
        where recognised_date is not null""",
    ),
    Range(
        "Money",
        "of e-commerce",
        0.06,
        0.10,
        "%",
        """select sum(r.amount) / (select sum(amount) from order_line
            where channel = 'ecommerce' and recognised_date is not null)
        from return_refund r join order_line o using (order_line_id)
        where o.channel = 'ecommerce'""",
    ),
    Range(
        "Money",
        "Receipts",
        60_000,
        110_000,
        "number",
        "select count(*) from receipt",
    ),
)
PAY = (
    Range("Pay", "Attainment, median", 0.86, 0.98, "%", f"select median(reached) from {ATTAINED}"),
    Range("Pay", "its spread", 0.22, 0.34, "%", f"select stddev(reached) from {ATTAINED}"),
    Range(
        "Pay",
        "Reps that reach their quota",
        0.36,
        0.48,
        "%",
        f"select avg((reached >= 1)::int) from {ATTAINED}",
    ),
    Range(
        "Pay",
        "Reps that stay under half",
        0.03,
        0.11,
        "%",
        f"select avg((reached < 0.5)::int) from {ATTAINED}",
    ),
    Range(
        "Pay",
        "Pile: between 100 and 105% against between 95 and 100%",
        1.4,
        15.0,
        "x",
        f"""select count(*) filter (reached >= 1 and reached < 1.05)
            / count(*) filter (reached >= 0.95 and reached < 1) from {ATTAINED}""",
    ),
    Range(
        "Pay",
        "Quotas of reps over the company's target, 2025",
        1.08,
        1.15,
        "x",
        """select sum(value) filter (level = 'rep') / sum(value) filter (level = 'company')
        from target where kpi_id = 'revenue_net' and tier = 'base' and product_line = 'all'
        and year(period_start) = 2025""",
    ),
    Range(
        "Pay",
        "Pay on target a year, median",
        180e3,
        300e3,
        "CNY",
        f"select median(target_pay) from rep where role in {SELLING}",
    ),
    Range(
        "Pay",
        "Base pay a month, median",
        8e3,
        15e3,
        "CNY",
        f"select median(base_pay) from rep where role in {SELLING}",
    ),
    Range(
        "Pay",
        "Year-end bonus, median of those paid",
        1.0,
        4.0,
        "months",
        """select median(p.amount / r.base_pay) from payroll p
        join (select rep_id, any_value(base_pay) as base_pay from rep group by 1) r using (rep_id)
        where component = 'year_end'""",
    ),
    Range(
        "Pay",
        "Pay of the sales force with contributions over collections, 2025",
        0.038,
        0.06,
        "%",
        """select (select sum(amount) from expense where expense_type = 'pay'
            and year(expense_date) = 2025) / sum(amount) from receipt
        where year(receipt_date) = 2025""",
    ),
)
STORY = (
    Range(
        "Story",
        "Revenue January to July 2026 on 2025",
        0.04,
        0.10,
        "%",
        f"select {_growth('order_line', 'recognised_date', NET)}",
    ),
    Range(
        "Story",
        "End demand at dealers",
        0.0,
        0.04,
        "%",
        f"select {_growth('sell_out', 'month_end', 'amount')}",
    ),
    Range(
        "Story",
        "Sell-in of dealers",
        0.04,
        0.12,
        "%",
        f"select {_growth('order_line', 'recognised_date', NET, DEALERS)}",
    ),
    Range(
        "Story",
        "Cover at the end of July 2026",
        45,
        58,
        "days",
        _cover(f"d = date '{TODAY}'"),
    ),
    Range(
        "Story",
        "Share past due, change on the year",
        0.005,
        0.05,
        "%",
        f"select {_overdue(TODAY)} - {_overdue(YEAR_AGO)}",
    ),
)
RANGES = (*CHANNEL, *MONEY, *PAY, *STORY)
