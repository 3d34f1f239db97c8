"""Dealers: stock, days of cover, sell-in against sell-out, and goods sold outside the region.

Cover is stock at last year's sell-in price over mean daily sell-out of the last 90 days (three
months). Sell-in above sell-out is loading (压货): it counts as our revenue but not as demand.
"""

from __future__ import annotations

import pandas as pd

from workbench.analysis.scope import Scope


def cover_by_month(scope: Scope, *, months: int = 25, by_region: bool = False) -> pd.DataFrame:
    """Days of cover of all dealers at each month end.

    Returns
    -------
    pandas.DataFrame
        region (only with `by_region`), month_end, stock, sell_out (of three months; both at the
        product's mean sell-in price, without VAT), days.
    """
    key = "region, " if by_region else ""
    rows = scope.company.sql(
        f"""
        with stock as (
            select {key} stock_date as month_end, sum(worth) as stock
            from {_valued(scope, "partner_stock", "stock_date")} group by all
        ), sold as (
            select {key} month_end, sum(worth) as sold from {_sell_out(scope)} group by all
        )
        select {key} month_end, stock, sum(sold) over (
            {"partition by region" if by_region else ""} order by month_end
            rows between 2 preceding and current row) as sell_out
        from stock join sold using ({key} month_end)
        where month_end <= date '{scope.now.end}'
        order by {key} month_end""",
        money="float",
    )
    rows["days"] = rows["stock"] / (rows["sell_out"] / 91)
    last = sorted(rows["month_end"].unique())[-months:]
    return rows[rows["month_end"].isin(last)].reset_index(drop=True)


def sell_out_growth(scope: Scope) -> float | None:
    """Growth of sell-out at constant prices, window against the year before."""
    row = scope.company.sql(
        f"""
        select sum(worth) filter ({scope.now.holds("month_end")}) as after,
            sum(worth) filter ({scope.prior.holds("month_end")}) as before
        from {_sell_out(scope)}""",
        money="float",
    ).iloc[0]
    return row["after"] / row["before"] - 1 if row["before"] else None


def sell_in_and_out(scope: Scope, *, months: int = 25) -> pd.DataFrame:
    """Pieces valued at mean sell-in price: month, sell_in, sell_out (without VAT)."""
    rows = scope.company.sql(
        f"""
        with sold_in as (
            select date_trunc('month', day)::date as month, sum(quantity * price) as sell_in
            from {scope.lines} join {_price(scope)} using (product_id)
            where channel = 'dealer' and day <= date '{scope.now.end}' group by 1
        ), sold_out as (
            select date_trunc('month', month_end)::date as month, sum(worth) as sell_out
            from {_sell_out(scope)} group by 1)
        select month, sell_in, sell_out from sold_in join sold_out using (month) order by month""",
        money="float",
    )
    return rows.tail(months).reset_index(drop=True)


def ranking(scope: Scope) -> pd.DataFrame:
    """Dealers by sell-in of the window.

    Returns
    -------
    pandas.DataFrame
        partner_id, name, name_en, region, after, before (sell-in without VAT), growth, sell_out
        growth, days of cover, outside (share of sell-out outside the dealer's own region).
    """
    now, prior = scope.now, scope.prior
    rows = scope.company.sql(
        f"""
        with sold_in as (
            select account_id, sum(net) filter ({now.holds("day")}) as after,
                sum(net) filter ({prior.holds("day")}) as before
            from {scope.lines} where channel = 'dealer' group by 1
        ), sold_out as (
            select partner_id,
                sum(s.quantity) filter ({now.holds("month_end")}) as out_after,
                sum(s.quantity) filter ({prior.holds("month_end")}) as out_before,
                sum(s.quantity) filter ({now.holds("month_end")} and g.region <> p.region)
                    / sum(s.quantity) filter ({now.holds("month_end")}) as outside,
                sum(s.quantity) filter (month_end > date '{now.end}' - interval 92 day
                    and month_end <= date '{now.end}') as three_months
            from sell_out s join partner p using (partner_id)
            left join (select distinct on (geo_code) geo_code, region from geo_unit) g
                on g.geo_code = s.end_geo_code
            group by 1
        ), stock as (
            select partner_id, sum(quantity) as stock from partner_stock
            where stock_date = (select max(stock_date) from partner_stock
                where stock_date <= date '{now.end}') group by 1)
        select p.partner_id, p.name, p.name_en, p.region, coalesce(after, 0) as after,
            coalesce(before, 0) as before, out_after / nullif(out_before, 0) - 1 as sell_out_growth,
            stock / nullif(three_months, 0) * 91 as days, outside
        from partner p left join sold_in using (account_id) left join sold_out using (partner_id)
        left join stock using (partner_id)
        where {scope.chosen("p.region")} and coalesce(after, before) is not null
        order by after desc, p.partner_id""",
        money="float",
    )
    rows.insert(6, "growth", rows["after"] / rows["before"].where(rows["before"] > 0) - 1)
    return rows


def _price(scope: Scope) -> str:
    """The mean sell-in price of each product, without VAT: product_id, price."""
    return scope.company.kept(
        f"select product_id, sum(net) / sum(quantity) as price from {scope.lines}"
        " where channel = 'dealer' and quantity > 0 group by 1"
    )


def _sell_out(scope: Scope) -> str:
    return _valued(scope, "sell_out", "month_end")


def _valued(scope: Scope, table: str, day: str) -> str:
    """Pieces of dealers at the mean sell-in price: region, the day's column, worth."""
    return scope.company.kept(
        f"""select partner.region, {day}, s.quantity * price.price as worth
        from {table} s join partner using (partner_id) join {_price(scope)} price
            using (product_id)
        where {scope.chosen("partner.region")}"""
    )
