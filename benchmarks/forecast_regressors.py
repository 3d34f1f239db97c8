"""What the calendar and known promotions are worth: Chinese trade, orange juice, cheese.

Chinese trade: one origin each December, 15 years before it, both series together; error of each
month's share of January to March, in points, with the calendar's columns and without. Orange juice
and cheese: log units of the last 12 and 8 weeks, future prices and promotions known. Same settings
throughout; the base forecasters are the default combination of the engine and the noise model.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import save
from benchmarks.reference import folder

YEARS = range(2000, 2007)
KNOWN_MONTHS = 180
GOALS = {
    "imports": "2.35 / 1.67 / 1.40, and 15% below without",
    "exports": "not worse than without",
    "orange_juice": ".77 / .59 / .53",
    "cheese": ".465 / .315 / .29",
}


def bases() -> dict[str, Callable[[Any, int], Any]]:
    from workbench.forecasting.engine import forecast_points, learn
    from workbench.forecasting.models import model
    from workbench.forecasting.regressors.noise import noise_points

    def combination(batch: Any, horizon: int) -> Any:
        return forecast_points(batch, learn(batch, horizon), horizon).values

    return {
        "default combination": combination,
        "dynamic theta": model("dynamic_theta").points,
        "noise model": noise_points,
    }


def trade() -> list[str]:
    """Errors of the shares, by base and series, with the calendar and without."""
    from workbench.forecasting.batch import Batch
    from workbench.forecasting.regressors import calendar_design, fit_effects

    table = pd.read_csv(folder() / "china_trade.csv.gz").pivot(
        index="period", columns="series_id", values="value"
    )
    months = pd.PeriodIndex(table.index, freq="M")
    calendar = calendar_design(months)
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for year in YEARS:
        now = int(np.flatnonzero(months == f"{year}-01")[0])
        start = max(0, now - KNOWN_MONTHS)
        batch = Batch.of(list(table.to_numpy().T[:, start:now]), season=12)
        design = calendar.beside(starts=[start] * 2, lengths=[now - start] * 2, horizon=12)
        effects = fit_effects(batch, design)
        actual = table.to_numpy().T[:, now : now + 12]
        for name, base in bases().items():
            points = {
                "with": effects.put_back(base(effects.cleaned, 12)),
                "without": base(batch, 12),
            }
            for way, point in points.items():
                found.setdefault((name, way), []).append(np.abs(_shares(point) - _shares(actual)))
    lines = []
    for place, series in enumerate(table.columns):
        kind = series.removeprefix("china_")
        for name in bases():
            error = {w: np.mean([e[place] for e in found[name, w]]) for w in ("with", "without")}
            change = 100 * (error["with"] / error["without"] - 1)
            lines.append(
                f"| {kind} | {name} | {error['with']:.3f} | {error['without']:.3f} "
                f"| {change:+.0f}% | {GOALS[kind]} |"
            )
    return lines


def promotions(name: str) -> list[str]:
    """Errors of log units with known future prices, and without."""
    from workbench.forecasting.panel import read_panel
    from workbench.forecasting.regressors import (
        fit_effects,
        observed_mask,
        price_columns,
        regressor_design,
    )

    table, horizon, settings, groups = READERS[name]()
    known = table[~table["test"]]
    panel = read_panel(known)
    start = time.process_time()
    weights = np.exp(known["value"]).groupby(known["series_id"]).mean().to_dict()
    made, columns = price_columns(_gapless(table), weights=weights, **settings)
    seen = observed_mask(known, panel)
    design = regressor_design(made, panel, horizon=horizon, columns=columns, observed=seen)
    own = [groups[one] for one in panel.ids] if groups is not None else None
    effects = fit_effects(panel.batch, design, groups=own, observed=seen, scale="additive")
    spent = time.process_time() - start
    keys = pd.MultiIndex.from_arrays([np.repeat(panel.ids, horizon), panel.future(horizon).ravel()])
    actual = table.set_index(["series_id", "period"])["value"].reindex(keys).to_numpy()
    lines = []
    for base_name, base in bases().items():
        error = {}
        for way, points in (
            ("with", effects.put_back(base(effects.cleaned, horizon))),
            ("without", base(panel.batch, horizon)),
        ):
            error[way] = np.sqrt(np.nanmean((points.ravel() - actual) ** 2))
        lines.append(
            f"| {name} | {base_name} | {error['with']:.3f} | {error['without']:.3f} "
            f"| {spent:.1f} | {GOALS[name]} |"
        )
    kept = ", ".join(effects.families.loc[effects.families["kept"], "family"])
    lines.append(f"| {name}: kept are {kept} | | | | | |")
    return lines


def elasticities() -> list[str]:
    """Own-price elasticities of the juices: those of the panel beside plain least squares."""
    from workbench.forecasting.panel import read_panel
    from workbench.forecasting.regressors import (
        fit_effects,
        observed_mask,
        price_columns,
        regressor_design,
    )

    table, _, settings, groups = _orange_juice()
    panel = read_panel(table)
    made, columns = price_columns(
        _gapless(table), promotions=settings["promotions"], carry_over=False
    )
    seen = observed_mask(table, panel)
    design = regressor_design(made, panel, horizon=0, columns=columns, observed=seen)
    own = [groups[one] for one in panel.ids]
    keep = ("price", "deal", "feat")
    found = fit_effects(panel.batch, design, groups=own, observed=seen, scale="additive", keep=keep)
    price = pd.Series(found.coefficients[:, 0]).groupby(own).mean()
    logs = table.assign(price=np.log(table["price"]))
    figures = ["price", "deal", "feat", "value"]
    centred = logs[figures] - logs.groupby("series_id")[figures].transform("mean")
    lines = []
    for brand, rows in centred.groupby(table["brand"]):
        plain = np.linalg.lstsq(rows[figures[:3]].to_numpy(), rows["value"].to_numpy(), rcond=None)
        lines.append(f"| {brand} | {price[brand]:.2f} | {plain[0][0]:.2f} |")
    return lines


def _orange_juice() -> tuple[pd.DataFrame, int, dict[str, Any], Any]:
    table = pd.read_csv(folder() / "orange_juice.csv.gz").rename(columns={"week": "period"})
    table["series_id"] = table["store"].astype(str) + "/" + table["brand"].astype(str)
    table["value"] = np.log(table["units"])
    table["test"] = table["period"] >= 149
    groups = table.groupby("series_id")["brand"].first()
    return table, 12, {"promotions": ("deal", "feat"), "market": "store"}, groups


def _cheese() -> tuple[pd.DataFrame, int, dict[str, Any], Any]:
    table = pd.read_csv(folder() / "cheese.csv.gz").rename(
        columns={"week": "period", "retailer": "series_id"}
    )
    table["value"] = np.log(table["volume"])
    last = table.groupby("series_id")["period"].transform("max")
    table["test"] = table["period"] > last - 8
    return table, 8, {"promotions": ("display",)}, None


READERS = {"orange_juice": _orange_juice, "cheese": _cheese}


def _gapless(table: pd.DataFrame) -> pd.DataFrame:
    """Regressors of every week: weeks without sales, which are not scored, keep the last price."""
    periods = range(table["period"].min(), table["period"].max() + 1)
    every = pd.MultiIndex.from_product(
        [sorted(table["series_id"].unique()), periods], names=["series_id", "period"]
    )
    whole = table.set_index(["series_id", "period"]).reindex(every).groupby("series_id").ffill()
    return whole.groupby("series_id").bfill().reset_index()


def _shares(values: np.ndarray) -> np.ndarray:
    first = values[:, :3]
    return 100 * first / first.sum(axis=1, keepdims=True)


def main() -> None:
    """Print the tables; `--save` writes them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    folder()
    load = os.getloadavg()[0]
    lines = [
        "Error of the January-March shares in points, one origin each December 2000 to 2006.",
        "",
        "| series | base | with calendar | without | change | floor / goal / stretch |",
        "|---|---|---|---|---|---|",
        *trade(),
        "",
        "RMSE of log units with known future prices and promotions.",
        "",
        "| set | base | with | without | design and fit, cpu s | floor / goal / stretch |",
        "|---|---|---|---|---|---|",
        *promotions("orange_juice"),
        *promotions("cheese"),
        "",
        "Own-price elasticity of orange juices, beside deal and feature, over all weeks.",
        "",
        "| brand | pooled, noise of each series | least squares with store effects |",
        "|---|---|---|",
        *elasticities(),
    ]
    print("\n".join(lines))
    if options.save:
        save(
            "benchmarks.forecast_regressors",
            "\n".join(lines),
            load=load,
            how="figures do not vary from run to run",
        )


if __name__ == "__main__":
    main()
