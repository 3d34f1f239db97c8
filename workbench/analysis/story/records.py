"""What a run of the sales analysis records: key figures and result tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

TABLES = (
    "heat",
    "monthly",
    "movers",
    "provinces",
    "cohorts",
    "rfm",
    "baskets",
    "market_lines",
    "rivals",
    "win_by_source",
    "funnel",
    "pipeline_age",
    "slippage",
    "discounts_by_region",
    "ageing",
    "overdue",
    "debtors",
    "cover",
    "cover_by_region",
    "sell_in_and_out",
    "dealers",
    "anomalies",
)


OTHER_NAMES = {"overdue": "overdue_by_month"}


def summary(result: SalesAnalysis) -> dict[str, float]:
    """Key figures by name: ids of the KPI dictionary, then causes of growth and win rates."""
    figures = {kpi: tile.figure.now for kpi, tile in result.answers["tiles"].items()}
    tiles = result.answers["tiles"]
    if "revenue_net" in tiles:
        figures["revenue_growth"] = tiles["revenue_net"].figure.growth
    if result.has("comparisons"):
        comparison = result.answer("comparisons")["revenue_net"]
        figures["growth_per_working_day"] = comparison.working_day
        figures["growth_new_year_aligned"] = comparison.new_year
    if result.has("growth"):
        effects = result.answer("growth").effects
        figures |= {f"growth_{cause}": float(amount) for cause, amount in effects.values}
    if result.has("concentration"):
        figures["top10_share"] = result.answer("concentration").top10
    if result.has("win_rates"):
        rates = result.answer("win_rates")
        figures |= {"win_rate_closed": rates.closed, "win_rate_created": rates.created}
    if result.has("cover"):
        figures["stock_cover_days"] = float(result.answer("cover")["days"].iloc[-1])
    return {name: value for name, value in figures.items() if value is not None}


def tables(result: SalesAnalysis) -> dict[str, pd.DataFrame]:
    """Result tables that have an answer, by name."""
    found = {
        OTHER_NAMES.get(name, name): result.answer(name) for name in TABLES if result.has(name)
    }
    if result.has("growth"):
        found = {"growth_by_cause": result.answer("growth").table()} | found
    if result.has("comparisons"):
        found["comparisons"] = result.answer("comparisons")["revenue_net"].table()
    if result.has("concentration"):
        found["concentration"] = result.answer("concentration").curve.head(100)
    if result.has("discounts"):
        found["discounts"] = result.answer("discounts").histogram
        found["discount_limits"] = result.answer("discounts").bunching
    if result.has("movement") and result.answer("movement") is not None:
        found["pipeline_moves"] = result.answer("movement").moves
    return found
