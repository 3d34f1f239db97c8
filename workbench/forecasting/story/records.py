"""What a run of the forecast records: key figures, result tables and draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.forecasting.outlook import drivers
from workbench.forecasting.outlook.kept import vintage_of
from workbench.forecasting.story import growth
from workbench.forecasting.story.sentences import hit
from workbench.forecasting.story.words import known

if TYPE_CHECKING:
    import xarray as xr

    from workbench.forecasting.study_forecast import ForecastStudy

TABLES = {
    "parts": "parts",
    "deciding": "deciding",
    "coverage": "deal_coverage",
    "leaderboard": "leaderboard",
    "total_before": "total_before",
    "causes": "causes",
    "customers": "claims_by_kind",
    "targets": "targets",
}


def summary(result: ForecastStudy) -> dict[str, float]:
    """Key figures by name."""
    found = result.outlook
    low, median, high = found.quantiles([0.1, 0.5, 0.9])
    figures = {"total_median": median, "total_low80": low, "total_high80": high}
    figures |= {"total_done": float(found.done.iloc[0]), "total_mean": float(found.mean[0])}
    if found.growth is not None:
        figures["total_models"] = float(np.median(found.without.total()))
    figures |= {f"chance_{tier}": hit(result, tier) for tier in ("floor", "base", "stretch")}
    if result.has("money"):
        low, median, high = np.quantile(result.answer("money").total, [0.1, 0.5, 0.9])
        figures |= {
            "collections_median": median,
            "collections_low80": low,
            "collections_high80": high,
            "collections_chance_base": hit(result, "base", of="money_targets"),
        }
    if result.has("coverage") and len(result.answer("coverage")):
        figures["pipeline_coverage"] = float(result.answer("coverage")["coverage"].iloc[0])
    if result.has("slippage"):
        figures["slippage_rate"] = result.answer("slippage")["rate"]
    if result.has("year_ago"):
        figures["error_year_ago"] = result.answer("year_ago").error
    if result.has("leaderboard"):
        table = result.answer("leaderboard")
        mine = list(table["model"]).index("combination")
        figures |= {"mase": table["MASE"].iloc[mine], "inside80": table["cov80"].iloc[mine]}
    return {name: float(value) for name, value in figures.items() if known(value)}


def tables(result: ForecastStudy) -> dict[str, pd.DataFrame]:
    """Result tables that have an answer, by name."""
    found = {
        "forecast": result.outlook.table(),
        "vintage": vintage_of(result.outlook),
        "season": drivers.season(result.outlook),
    }
    if len(growth.entries(result)):
        found["growth_assumed"] = growth.entries(result)
    found |= {
        name: result.answer(question) for question, name in TABLES.items() if result.has(question)
    }
    if result.outlook.handover is not None:
        found["handover"] = result.outlook.handover.table
    if result.has("changes"):
        found["changes"] = result.answer("changes").changes.by_node()
    if result.has("people"):
        judged = result.answer("people")
        found |= {
            "value_added": judged.staircase.table(),
            "stage_bias": judged.bias,
            "leaning": judged.leaning,
            "accuracy": judged.over_time,
            "gate": judged.gate.tested,
            "signals": judged.signals.signals,
        }
    if result.has("kept"):
        found["kept_accuracy"] = result.answer("kept").accuracy
        found["kept_value_added"] = result.answer("kept").staircase.table()
    if result.has("again"):
        found["deals_or_history"] = result.answer("again").weights
        found["stages_again"] = result.answer("again").staircase.table()
    if result.has("promotions"):
        found["promotion_lifts"] = result.answer("promotions").lifts
    if result.has("money") and result.answer("money").claims is not None:
        found["collections_by_month"] = result.answer("money").parts()
    if result.answers.get("overrides") is not None:
        found["ledger"] = result.answers["overrides"].entries()
    return found


def draws(result: ForecastStudy) -> dict[str, xr.DataArray]:
    """Futures of the company's months ahead: what is forecast, and collections if known."""
    from workbench.scenarios import cube

    found = result.outlook
    drawn = {"total_draws": found.draws[:, 0]}
    if result.has("money"):
        drawn["collections_draws"] = result.answer("money").draws
    return {
        name: cube(
            values,
            name=name,
            unit=found.scope.currency,
            period=found.scope.months,
            seed=found.settings.seed,
            streams=["forecast"],
        )
        for name, values in drawn.items()
    }
