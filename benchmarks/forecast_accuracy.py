"""How good are the forecasts of public series, and do their intervals hold?

Every set is forecast once from the start of its test part with the same settings. Measures as in
the M4 competition: OWA against Naive2, MASE, sMAPE; share of values inside the intervals, interval
score; sums of a year inside the ranges of their draws; and how often intervals would have held had
the series ended earlier. `--effort thorough` offers more models. statsmodels' theta and exponential
smoothing stand beside ours on a sample of the monthly M3 series, with their time.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from typing import Any

from benchmarks.harness import save
from benchmarks.reference import SETS, Split, folder, split

GOALS = {
    "m3_monthly": "OWA .821 / .809 / .798", "m3_quarterly": "OWA .904 / .892 / .880",
    "m3_yearly": "OWA .833 / .825 / .815", "m1_monthly": "OWA .910 / .887 / .875",
    "m1_quarterly": "OWA .897 / .887 / .875", "m1_yearly": "OWA .797 / .774 / .762",
    "tourism_monthly": "MASE 1.53 / 1.44 / 1.40", "tourism_quarterly": "MASE 1.50 / 1.48 / 1.45",
    "tourism_yearly": "MASE 2.71 / 2.67 / 2.62", "hospital": "MASE .770 / .765 / .755",
}  # fmt: skip
SAMPLE = 60
#: How many horizons earlier series are taken to end, and what must be left of them.
ENDS, LEAST = (0.5, 1.0, 1.5, 2.0), 8


def set_row(name: str, effort: str) -> str:
    """One set: accuracy, coverage, series a second."""
    import numpy as np

    from workbench.forecasting.engine import forecast_points, interval, learn
    from workbench.forecasting.measures import coverage, interval_score, naive_scale

    data = split(name)
    start = time.process_time()
    groups = learn(data.history, data.horizon, effort=effort)
    made = forecast_points(data.history, groups, data.horizon)
    seconds = time.process_time() - start
    shown = errors(data, made.values)
    inside, minima = [], data.history.minima()
    for level in (80, 95):
        low, high = interval(made.values, made.scale, groups, level, minima=minima)
        inside.append(f"{100 * coverage(data.actual, low, high).mean():.1f}")
    score = interval_score(data.actual, low, high, 0.95) / naive_scale(data.history)
    return (
        f"| {name} | {len(data.history)} | {shown} | {inside[0]} | {inside[1]} "
        f"| {np.nanmean(score):.2f} | {sums_inside(data, groups, made)} "
        f"| {len(data.history) / seconds:.0f} | {GOALS[name]} |"
    )


def sums_inside(data: Split, groups: Any, made: Any) -> str:
    """Shares of sums of a year (of four years) inside the ranges of their draws, as a cell."""
    import numpy as np
    from scipy.special import ndtr

    from workbench.forecasting.paths import over_leads
    from workbench.scenarios import streams

    generator = streams(0)["sums"]
    periods = min(data.history.season if data.history.season > 1 else 4, data.horizon)
    came = data.actual[:, :periods].sum(axis=1)
    least = np.where(data.history.minima() >= 0, 0.0, -np.inf)[:, None]
    inside = np.zeros((len(came), 2))
    for group in groups:
        for start in range(0, len(group.numbers), 100):
            some = group.numbers[start : start + 100]
            normals = generator.standard_normal((1000, len(some), data.horizon))
            away = group.quantiles.errors(ndtr(over_leads(normals, group.ties)))
            drawn = np.maximum(made.values[some] + away * made.scale[some], least[some])
            sums = drawn[:, :, :periods].sum(axis=2)
            for place, tail in enumerate((0.1, 0.025)):
                low, high = np.quantile(sums, [tail, 1 - tail], axis=0)
                inside[some, place] = (low <= came[some]) & (came[some] <= high)
    return " / ".join(f"{100 * one:.1f}" for one in inside.mean(axis=0))


def earlier_ends(name: str) -> str:
    """Shares inside the ranges had the series ended earlier: whether misses go one way."""
    import numpy as np

    from workbench.forecasting.engine import forecast_points, interval, learn
    from workbench.forecasting.measures import coverage

    data = split(name)
    whole, horizon = data.panel.batch, data.horizon
    cells = []
    for end in ENDS:
        cut = horizon + round(end * horizon)
        long = np.flatnonzero(whole.lengths - cut >= LEAST)
        history = whole.take(long).cut(cut)
        places = whole.offsets[long + 1, None] - cut + np.arange(horizon)
        groups = learn(history, horizon)
        made = forecast_points(history, groups, horizon)
        inside = []
        for level in (80, 95):
            minima = history.minima()
            low, high = interval(made.values, made.scale, groups, level, minima=minima)
            inside.append(100 * coverage(whole.values[places], low, high).mean())
        cells.append(inside)
    means = np.mean(cells, axis=0)
    shown = " | ".join(f"{one:.1f} / {two:.1f}" for one, two in [*cells, means])
    return f"| {name} | {shown} |"


def errors(data: Split, points: Any) -> str:
    """OWA, MASE and sMAPE as cells of a table."""
    import numpy as np

    from workbench.forecasting.measures import mase, naive_scale, smape
    from workbench.forecasting.models import model

    scale = naive_scale(data.history)
    naive = model("naive2").points(data.history, data.horizon)
    ours = np.nanmean(mase(data.actual, points, scale)), smape(data.actual, points).mean()
    theirs = np.nanmean(mase(data.actual, naive, scale)), smape(data.actual, naive).mean()
    owa = (ours[0] / theirs[0] + ours[1] / theirs[1]) / 2
    return f"{owa:.4f} | {ours[0]:.4f} | {ours[1]:.3f}"


def beside_statsmodels() -> list[str]:
    """The same series by statsmodels, one after the other, and by the default combination."""
    import numpy as np

    from workbench.forecasting.engine import forecast_points, learn

    whole = split("m3_monthly")
    numbers = np.linspace(0, len(whole.history) - 1, SAMPLE).astype(int)
    data = Split(whole.panel, whole.history.take(numbers), whole.actual[numbers], whole.horizon)

    def ours() -> Any:
        groups = learn(data.history, data.horizon)
        return forecast_points(data.history, groups, data.horizon).values

    def theta(values: Any) -> Any:
        from statsmodels.tsa.forecasting.theta import ThetaModel

        return ThetaModel(values, period=12).fit().forecast(data.horizon)

    def smoothing(values: Any) -> Any:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        seasonal = "add" if len(values) >= 26 else None
        model = ETSModel(
            values, trend="add", damped_trend=True, seasonal=seasonal, seasonal_periods=12
        )
        return model.fit(disp=False).forecast(data.horizon)

    def one_by_one(way: Callable[[Any], Any]) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.stack([way(data.history.series(i)) for i in range(SAMPLE)])

    ways = {
        "workbench, default combination": ours,
        "statsmodels ThetaModel": lambda: one_by_one(theta),
        "statsmodels ETSModel (A, Ad, A)": lambda: one_by_one(smoothing),
    }
    ours()  # compiled before it is timed
    lines, first = [], 0.0
    for name, way in ways.items():
        spent = []
        for _ in range(5):
            start = time.process_time()
            points = way()
            spent.append(time.process_time() - start)
        seconds = sorted(spent)[2]
        first = first or seconds
        lines.append(
            f"| {name} | {errors(data, points)} | {1000 * seconds / SAMPLE:.1f} "
            f"| {seconds / first:.1f} |"
        )
    return lines


def main() -> None:
    """Print the tables; `--save` writes them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--effort", default="default")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    folder()
    load = os.getloadavg()[0]
    set_row("m3_monthly", options.effort)  # compiled before it is timed
    lines = [
        f"Effort {options.effort}; one setting for all sets; goals are floor / goal / stretch.",
        "",
        "| set | series | OWA | MASE | sMAPE | in 80% | in 95% | MSIS95 "
        "| sums in 80 / 95% | series/cpu s | goals |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(set_row(name, options.effort) for name in SETS),
    ]
    if options.effort == "default":
        lines += [
            "",
            "Shares inside the 80% and 95% ranges had all series ended so many horizons earlier:",
            "",
            f"| set | {' | '.join(map(str, ENDS))} | mean |",
            "|---|" + "---|" * (len(ENDS) + 1),
            *(earlier_ends(name) for name in SETS),
            "",
            f"The same {SAMPLE} monthly M3 series, statsmodels one by one (median of 5 runs):",
            "",
            "| way | OWA | MASE | sMAPE | cpu ms a series | time against ours |",
            "|---|---|---|---|---|---|",
            *beside_statsmodels(),
        ]
    print("\n".join(lines))
    if options.save:
        module = "benchmarks.forecast_accuracy"
        other = options.effort != "default"
        save(
            f"{module}_{options.effort}" if other else module,
            "\n".join(lines),
            load=load,
            how="figures do not vary from run to run",
            asked=f"{module} --effort {options.effort}" if other else module,
        )


if __name__ == "__main__":
    main()
