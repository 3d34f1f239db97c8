"""The figures at the head of the first page: tiles with their year, comparisons, retention."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from workbench.analysis import receivables
from workbench.analysis.measure import Asked, Figure, both_years, figure, measure, value
from workbench.analysis.scope import Scope, Window
from workbench.analysis.trend import Comparison, compare, daily_revenue
from workbench.calendars import WorkingCalendar
from workbench.errors import BasisError
from workbench.kpis import KPIS

TILES = ("bookings", "revenue_net", "gross_margin", "collections", "attainment", "overdue_rate")
# Shown where a company has deals but neither orders nor money.
PIPELINE_TILES = (
    "open_pipeline",
    "weighted_pipeline",
    "new_pipeline",
    "win_rate_count",
    "win_rate_amount",
    "sales_cycle",
)
RETENTION = (
    "customer_retention",
    "net_revenue_retention",
    "repeat_rate",
    "new_customers",
    "active_customers",
)
SPARK_MONTHS = 13


@dataclass(frozen=True)
class Tile:
    """One key figure.

    Attributes
    ----------
    figure : Figure
        Now and a year ago.
    spark : pandas.DataFrame
        month, value, last_year; 13 months up to the end of the window.
    extra : dict of str to float
        Second readings: pacing_gap, year_progress, drafts, over_90.
    """

    figure: Figure
    spark: pd.DataFrame
    extra: dict[str, float]


def asks(scope: Scope) -> list[Asked]:
    """KPIs of the tiles and of retention."""
    found = [ask for kpi_id in _tiles(scope) for ask in both_years(scope, kpi_id)]
    months = [kpi_id for kpi_id in _tiles(scope) if kpi_id != "overdue_rate"]  # see `_long`
    found += [Asked(kpi_id, ("month",), _long_window(scope)) for kpi_id in months]
    found += [ask for asked in _extras(scope).values() for ask in asked.values()]
    return found + [ask for kpi_id in RETENTION for ask in both_years(scope, kpi_id)]


def _tiles(scope: Scope) -> list[str]:
    ids = TILES if scope.company.has("order_line") else PIPELINE_TILES
    return [kpi_id for kpi_id in ids if scope.company.has(*KPIS[kpi_id].definitions[1].tables)]


def tiles(scope: Scope) -> dict[str, Tile]:
    """Key figures whose tables are there, in the order of the page."""
    found = {}
    for kpi_id in _tiles(scope):
        with suppress(BasisError):  # the sections that need the amounts say what is missing
            found[kpi_id] = Tile(
                figure(scope, kpi_id), _spark(scope, kpi_id), _extra(scope, kpi_id)
            )
    return found


def _spark(scope: Scope, kpi_id: str) -> pd.DataFrame:
    long = _long(scope, kpi_id)
    months = pd.DatetimeIndex(long.index[-SPARK_MONTHS:])
    return pd.DataFrame(
        {
            "month": months,
            "value": long.reindex(months).to_numpy(),
            "last_year": long.reindex(months - pd.DateOffset(years=1)).to_numpy(),
        }
    )


def _long(scope: Scope, kpi_id: str) -> pd.Series:
    """Monthly values of the last 25 months, index first day of the month."""
    if "month" not in KPIS[kpi_id].definitions[1].cuts and kpi_id != "overdue_rate":
        return pd.Series(dtype="float64", index=pd.DatetimeIndex([]))
    if kpi_id == "overdue_rate":
        table = receivables.overdue_by_month(scope, months=SPARK_MONTHS + 12)
        index = table["month_end"].dt.to_period("M").dt.to_timestamp()
        return pd.Series(table["overdue"].to_numpy(), index=pd.DatetimeIndex(index))
    table = measure(scope, kpi_id, by=("month",), over=_long_window(scope))
    return table.set_index("month")["value"]


def _long_window(scope: Scope) -> Window:
    end = pd.Timestamp(scope.now.end)
    start = (end.to_period("M") - (SPARK_MONTHS + 11)).to_timestamp().date()
    return Window(start, scope.now.end)


def _extras(scope: Scope) -> dict[str, dict[str, Asked]]:
    """What second readings ask, by tile and name."""
    year = fiscal_year(scope)
    return {
        "attainment": {
            "year_progress": Asked("attainment", definition=2, over=year),
            "pacing_gap": Asked("pacing_gap", over=year, as_of=scope.now.end),
        },
        "collections": {"drafts": Asked("collections", by=("method",))},
    }


def _extra(scope: Scope, kpi_id: str) -> dict[str, float]:
    asked = _extras(scope).get(kpi_id, {})
    if kpi_id == "attainment":
        return {name: value(scope, **vars(ask)) for name, ask in asked.items()}
    if kpi_id == "collections":
        table = measure(scope, **vars(asked["drafts"]))
        drafts = table.loc[table["method"].str.endswith("draft").fillna(False), "value"].sum()
        total = table["value"].sum()
        return {"drafts": float(drafts / total) if total > 0 else float("nan")}
    if kpi_id == "overdue_rate":
        shares = receivables.ageing(scope).set_index("bucket")["share"]
        return {"over_90": float(shares["over_90"])}
    return {}


def fiscal_year(scope: Scope) -> Window:
    """The whole fiscal year that the end of the window lies in."""
    first_month = scope.company.settings.fiscal_start_month
    end = scope.now.end
    year = end.year if end.month >= first_month else end.year - 1
    start = dt.date(year, first_month, 1)
    return Window(start, dt.date(year + 1, first_month, 1) - dt.timedelta(days=1))


def comparisons(scope: Scope, *, calendar: WorkingCalendar) -> dict[str, Comparison]:
    """Growth of revenue, plain, per working day and New-Year-aligned."""
    scope.company.require("order_line")
    return {"revenue_net": compare(daily_revenue(scope), scope.now, calendar=calendar)}


def retention(scope: Scope) -> dict[str, Figure]:
    """Retention, net revenue retention, repeat rate, new customers, active customers."""
    return {kpi_id: figure(scope, kpi_id) for kpi_id in RETENTION}


def left_out(scope: Scope) -> dict[str, int]:
    """Rows that no figure of the window counts, by reason; none where all count."""
    company, now = scope.company, scope.now
    found = {}
    if company.has("receipt"):
        query = f"from receipt where account_id is null and {now.holds('receipt_date')}"
        found["unclaimed"] = int(company.sql(f"select count(*) as n {query}")["n"].iloc[0])
    if company.has("order_line"):
        query = f"from order_line where recognised_date is null and {now.holds('order_date')}"
        found["not_recognised"] = int(company.sql(f"select count(*) as n {query}")["n"].iloc[0])
    return {reason: count for reason, count in found.items() if count}
