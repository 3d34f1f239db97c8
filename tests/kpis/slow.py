"""The KPIs once more, in plain pandas, without SQL: slow, and nothing shared with the package.

`compute(world, kpi, definition, start, end, by)` gives a dictionary of cell to value. Each KPI
is a function that picks the rows of a period and says the figure of such rows; cells are made by
picking the rows of each value of the cut and asking again.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tests.kpis import slow_money as money
from tests.kpis import slow_pipeline as pipeline
from tests.kpis import slow_rows as rows
from tests.kpis import slow_sales as sales
from tests.kpis.slow_rows import (
    Period,
    World,
    of_period,
    within,
)
from tests.kpis.slow_shapes import Asked, amount, rate


def compute(
    world: World,
    kpi: str,
    definition: int,
    start: str,
    end: str,
    by: str | None = None,
) -> dict[object, float]:
    """Value by cell; the one cell without a cut is None. A cut "month" makes months."""
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if by == "month":
        months = pd.period_range(first, last, freq="M")
        cells = {}
        for month in months:
            low, high = max(month.start_time, first), min(month.end_time.normalize(), last)
            if low <= world.as_of:
                whole = compute(world, kpi, definition, str(low), str(high))
                cells[month.start_time] = whole[None]
        return cells
    period = Period(first, last, min(last, world.as_of))
    frames, figure = SLOW[kpi, definition](world, period)
    if by is None:
        return {None: figure(frames)}
    values = pd.concat([frame[by] for frame in frames.values()]).unique()
    return {
        (None if pd.isna(value) else value): figure(
            {
                name: frame[frame[by].isna() if pd.isna(value) else frame[by] == value]
                for name, frame in frames.items()
            }
        )
        for value in values
    }


QUOTA = ["hunter", "farmer", "key_account", "channel"]

SLOW: dict[tuple[str, int], Callable[[World, Period], Asked]] = {
    ("bookings", 1): lambda w, p: amount(of_period(rows.signed(w), p), "gross"),
    ("bookings", 2): lambda w, p: amount(
        of_period(rows.signed(w)[rows.signed(w)["contract_type"] != "reversal"], p), "gross"
    ),
    ("shipments", 1): lambda w, p: amount(of_period(rows.shipped(w), p), "gross"),
    ("shipments", 2): lambda w, p: amount(
        of_period(rows.shipped(w).assign(day=rows.shipped(w)["received_date"]), p), "gross"
    ),
    ("invoiced", 1): lambda w, p: amount(
        of_period(rows.simple(w, "invoice", "invoice_date"), p), "gross"
    ),
    ("revenue_net", 1): lambda w, p: amount(of_period(rows.revenue(w), p), "net"),
    ("revenue_net", 2): lambda w, p: amount(of_period(rows.shipped(w), p), "net"),
    ("revenue_net", 3): lambda w, p: amount(
        of_period(rows.simple(w, "invoice", "invoice_date"), p), "net"
    ),
    ("collections", 1): lambda w, p: amount(of_period(rows.receipts(w), p), "gross"),
    ("collections", 2): lambda w, p: amount(
        of_period(rows.receipts(w, at_maturity=True), p), "gross"
    ),
    ("attainment", 1): lambda w, p: money.attainment(w, p, 1),
    ("attainment", 2): lambda w, p: money.attainment(w, p, 2),
    ("attainment", 3): lambda w, p: money.attainment(w, p, 3),
    ("pacing_gap", 1): lambda w, p: money.pace(w, p, season=False),
    ("pacing_gap", 2): lambda w, p: money.pace(w, p, season=True),
    ("yoy_growth", 1): lambda w, p: money.on_year(w, p, how="plain"),
    ("yoy_growth", 2): lambda w, p: money.on_year(w, p, how="working days"),
    ("yoy_growth", 3): lambda w, p: money.on_year(w, p, how="aligned"),
    ("pop_growth", 1): money.on_previous,
    ("gross_margin", 1): sales.margin,
    ("gross_margin", 2): sales.contribution,
    ("discount_rate", 1): lambda w, p: sales.discount(w, p, paid=False),
    ("discount_rate", 2): lambda w, p: sales.discount(w, p, paid=True),
    ("average_order_value", 1): lambda w, p: sales.order_value(w, p, "order_id"),
    ("average_order_value", 2): lambda w, p: sales.order_value(w, p, "account_id"),
    ("active_customers", 1): lambda w, p: sales.customers(within(rows.ordered(w), p.year)),
    ("active_customers", 2): lambda w, p: sales.customers(of_period(rows.ordered(w), p)),
    ("new_customers", 1): sales.first_orders,
    ("new_customers", 2): sales.after_a_pause,
    ("new_customer_share", 1): lambda w, p: sales.new_share(w, p, fiscal_year=False),
    ("new_customer_share", 2): lambda w, p: sales.new_share(w, p, fiscal_year=True),
    ("repeat_rate", 1): sales.repeat,
    ("repeat_rate", 2): lambda w, p: sales.kept(w, (p.first, p.seen), p.before),
    ("customer_retention", 1): lambda w, p: sales.kept(w, p.year, p.year_before),
    ("customer_retention", 2): sales.renewals,
    ("net_revenue_retention", 1): sales.revenue_retention,
    ("top10_share", 1): lambda w, p: sales.top_ten(w, p, groups=False),
    ("top10_share", 2): lambda w, p: sales.top_ten(w, p, groups=True),
    ("market_share", 1): lambda w, p: sales.share_of_market(w, p, served=False),
    ("market_share", 2): lambda w, p: sales.share_of_market(w, p, served=True),
    ("lead_conversion", 1): pipeline.leads_followed,
    ("lead_conversion", 2): pipeline.leads_of_period,
    ("new_pipeline", 1): lambda w, p: amount(of_period(rows.deals(w, "created_date"), p), "first"),
    ("new_pipeline", 2): lambda w, p: amount(of_period(rows.deals(w, "created_date"), p), "gross"),
    ("win_rate_count", 1): lambda w, p: pipeline.won_of_closed(w, p, None),
    ("win_rate_count", 2): pipeline.won_of_cohort,
    ("win_rate_amount", 1): lambda w, p: pipeline.won_of_closed(w, p, "gross"),
    ("win_rate_amount", 2): lambda w, p: pipeline.won_of_closed(w, p, "first"),
    ("stage_conversion", 1): lambda w, p: pipeline.steps(w, p, seen_only=False),
    ("stage_conversion", 2): lambda w, p: pipeline.steps(w, p, seen_only=True),
    ("sales_cycle", 1): lambda w, p: pipeline.cycle(w, p, how="median"),
    ("sales_cycle", 2): lambda w, p: pipeline.cycle(w, p, how="survival"),
    ("sales_cycle", 3): lambda w, p: pipeline.cycle(w, p, how="mean"),
    ("open_pipeline", 1): lambda w, p: amount(rows.open_deals(w, p), "gross"),
    ("open_pipeline", 2): lambda w, p: amount(
        rows.open_deals(w, p)[rows.open_deals(w, p)["expected"]], "gross"
    ),
    ("weighted_pipeline", 1): pipeline.weighted,
    ("weighted_pipeline", 2): pipeline.typed,
    ("pipeline_coverage", 1): lambda w, p: money.coverage(w, p, whole=False),
    ("pipeline_coverage", 2): lambda w, p: money.coverage(w, p, whole=True),
    ("slippage_rate", 1): lambda w, p: pipeline.slipped(w, p, None),
    ("slippage_rate", 2): lambda w, p: pipeline.slipped(w, p, "gross"),
    ("stalled_share", 1): lambda w, p: pipeline.stalled(w, p, stay=True, silence=True),
    ("stalled_share", 2): lambda w, p: pipeline.stalled(w, p, stay=True, silence=False),
    ("stalled_share", 3): lambda w, p: pipeline.stalled(w, p, stay=False, silence=True),
    ("collection_rate", 1): money.collected,
    ("collection_rate", 2): lambda w, p: rate(
        of_period(rows.receipts(w), p),
        of_period(rows.simple(w, "invoice", "invoice_date"), p),
        "gross",
    ),
    ("dso", 1): money.turnover,
    ("dso", 2): money.count_back,
    ("overdue_rate", 1): lambda w, p: money.receivables(w, p, "late", 0, as_share=True),
    ("overdue_rate", 2): lambda w, p: money.receivables(w, p, "late", 90, as_share=True),
    ("ar_over_90", 1): lambda w, p: money.receivables(w, p, "late", 90, as_share=False),
    ("ar_over_90", 2): lambda w, p: money.receivables(w, p, "age", 90, as_share=False),
    ("revenue_per_rep", 1): lambda w, p: money.per_head(w, p, QUOTA),
    ("revenue_per_rep", 2): lambda w, p: money.per_head(w, p, None),
    ("selling_expense_ratio", 1): lambda w, p: money.expense(w, p, everything=False),
    ("selling_expense_ratio", 2): lambda w, p: money.expense(w, p, everything=True),
    ("sell_through", 1): lambda w, p: money.sell_through(w, p, by_product=False),
    ("sell_through", 2): lambda w, p: money.sell_through(w, p, by_product=True),
    ("stock_cover_days", 1): money.cover,
    ("return_rate", 1): lambda w, p: money.returns(w, p, of_shipped=True),
    ("return_rate", 2): lambda w, p: money.returns(w, p, of_shipped=False),
}
"""One function for each KPI and definition."""
