"""Forecasts that hang together or pause: a hierarchy of trips, car parts, weekly jewellery.

Each is forecast once from the start of its test part with the settings of all other sets. Trips:
MASE of nodes by level, reconciled by minimum trace and by other methods. Car parts: pooled root
mean squared error, bias of the total, and how often the total of half a year stayed under the
quantiles of its draws, by which one stocks. Jewellery: MASE with the naive error of one week.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import save
from benchmarks.reference import folder, split

METHODS = ("mint", "wls_structural", "ols", "bottom_up")
STOCK = (0.5, 0.8, 0.95)
DRAWS = 1_000


def trips() -> list[str]:
    """MASE by level of the hierarchy of trips, shares inside ranges, how exactly nodes add up."""
    from workbench.forecasting import Hierarchy, forecast
    from workbench.forecasting.measures import coverage, mase, naive_scale

    data = split("tourism_hierarchy")
    keys = pd.read_csv(folder() / "tourism_hierarchy_keys.csv", dtype=str)
    tree = Hierarchy.from_keys(keys)
    ids = [str(one) for one in data.panel.ids]
    order = [ids.index(name) for name in tree.series]
    actual = tree.aggregate(data.actual[order])
    known = pd.read_csv(folder() / "tourism_hierarchy.csv.gz", dtype={"series_id": str})
    known = known.groupby("series_id").head(len(known) // len(ids) - data.horizon)
    names = [" x ".join(level.keys) or "total" for level in tree.levels]
    lines = [
        f"### Trips: {len(tree.series)} series, {len(tree)} nodes, {data.horizon} quarters",
        "",
        "Goal: MASE of all nodes 1.180 / 1.166 / 1.150.",
        "",
        f"| method | {' | '.join(names)} | all nodes | in 80% | in 95% | adds up to |",
        "|---|" + "---|" * (len(names) + 4),
    ]
    for method in METHODS:
        made = forecast(known, data.horizon, hierarchy=tree, method=method)
        scores = mase(actual, made.points, naive_scale(made.panel.batch))
        levels = [
            scores[tree.levels[one].start : tree.levels[one].stop].mean()
            for one in range(len(tree.levels))
        ]
        inside = [100 * coverage(actual, *made.interval(level)).mean() for level in (80, 95)]
        apart = np.abs(tree.aggregate(made.points[tree.above :]) - made.points).max()
        cells = " | ".join(f"{one:.3f}" for one in [*levels, scores.mean()])
        lines.append(
            f"| {method} | {cells} | {inside[0]:.1f} | {inside[1]:.1f} "
            f"| {apart / made.points.max():.0e} |"
        )
    return lines


def parts() -> list[str]:
    """Errors of car parts by way, and quantiles of their totals."""
    from workbench.forecasting.engine import forecast_points, learn
    from workbench.forecasting.models import model

    data = split("carparts")
    ways: dict[str, Any] = {
        name: model(name).points(data.history, data.horizon)
        for name in ("imapa", "tsb", "sba", "mean")
    }
    for effort in ("thorough", "default"):
        groups = learn(data.history, data.horizon, effort=effort)
        ways[f"combination, {effort}"] = forecast_points(data.history, groups, data.horizon).values
    lines = [
        f"### Car parts: {len(data.history):,} series with pauses, {data.horizon} months",
        "",
        "Goal: pooled RMSE 1.19 / 1.14 / 1.12, bias of the total within 10%.",
        "",
        "| way | pooled RMSE | bias of the total % |",
        "|---|---|---|",
    ]
    for name, points in reversed(ways.items()):
        error = np.sqrt(np.mean((points - data.actual) ** 2))
        bias = 100 * (points.sum() / data.actual.sum() - 1)
        lines.append(f"| {name} | {error:.4f} | {bias:+.1f} |")
    return [*lines, "", *stock(data)]


def stock(data: Any) -> list[str]:
    """How often the total of a part stayed at or under a quantile of its draws."""
    from workbench.forecasting import forecast

    whole = data.panel
    kept = np.flatnonzero(whole.last == whole.last.max())
    known = whole.take(kept)
    there = np.arange(len(known.observed)) - np.repeat(
        known.batch.offsets[:-1], known.batch.lengths
    )
    before = there < np.repeat(known.batch.lengths - data.horizon, known.batch.lengths)
    panel = replace(known, batch=known.batch.cut(data.horizon), observed=known.observed[before])
    totals = forecast(panel, data.horizon).draws(DRAWS).sum("period").values
    came = data.actual[kept].sum(axis=1)
    cells = [f"{100 * np.mean(came <= np.quantile(totals, one, axis=0)):.1f}" for one in STOCK]
    return [
        f"Totals of {data.horizon} months at or under the quantile of {DRAWS:,} draws, in %:",
        "",
        f"| {' | '.join(f'{100 * one:.0f}%' for one in STOCK)} |",
        "|" + "---|" * len(STOCK),
        f"| {' | '.join(cells)} |",
    ]


def jewellery() -> list[str]:
    """Errors of weekly series with two Christmas peaks."""
    from workbench.forecasting.engine import forecast_points, interval, learn
    from workbench.forecasting.measures import coverage, mase, naive_scale, smape
    from workbench.forecasting.models import model

    data = split("jewelry")
    scale = naive_scale(data.history)
    groups = learn(data.history, data.horizon)
    made = forecast_points(data.history, groups, data.horizon)
    lines = [
        f"### Jewellery: {len(data.history)} weekly series, {data.horizon} weeks",
        "",
        "Beside: simple smoothing by statsforecast 0.635, a profile of two years on it 0.633.",
        "",
        "| way | MASE | sMAPE | in 80% | in 95% |",
        "|---|---|---|---|---|",
    ]
    inside = [
        100
        * coverage(
            data.actual,
            *interval(made.values, made.scale, groups, level, minima=data.history.minima()),
        ).mean()
        for level in (80, 95)
    ]
    ways = {"combination": made.values, "naive": model("naive").points(data.history, data.horizon)}
    for name, points in ways.items():
        ranges = [f"{one:.1f}" for one in inside] if name == "combination" else ["–", "–"]
        lines.append(
            f"| {name} | {np.nanmean(mase(data.actual, points, scale)):.3f} "
            f"| {smape(data.actual, points).mean():.2f} | {' | '.join(ranges)} |"
        )
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    folder()
    load = os.getloadavg()[0]
    text = "\n\n".join("\n".join(part()) for part in (trips, parts, jewellery))
    print(text)
    if options.save:
        how = "figures do not vary from run to run"
        save("benchmarks.forecast_structure", text, load=load, how=how)
