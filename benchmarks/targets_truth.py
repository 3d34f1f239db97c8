"""Are chances of targets what they say, and does correcting entries pay? Both out of time.

200 simulated companies: 60 months of eight people in three regions, the last twelve hidden.
Growth, season, common and own shocks differ from company to company. Draws come once from the very
model, which judges the targets alone, and once from the forecast, which knows nothing of it. Each
company's goals lie around last year's revenue, so that chances of all sizes are stated; counted is
who reached.

Entries: the medium sample company, last twelve months. At each month's end the three months ahead
are told by person; habits and trust come from months that were over on that day.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.harness import save

if TYPE_CHECKING:
    import xarray as xr

FOLDER = Path(tempfile.gettempdir()) / "workbench_benchmark_medium"
COMPANIES, PEOPLE, HISTORY, AHEAD, DRAWS = 200, 8, 48, 12, 1000
REGION = ["east", "east", "east", "north", "north", "south", "south", "south"]
ORIGINS = 12

_SOLD = """
select rep_id as who, date_trunc('month', recognised_date) as month,
    sum(cast(net_amount(amount, tax_basis, tax_rate) as double)) as actual
from order_line where recognised_date is not null and rep_id is not null
group by all order by all
"""
_TOLD = """
select node as who, entry_date as made, date_trunc('month', period_start) as month,
    datediff('month', entry_date, period_start) as lead, cast(sum(value) as double) as submitted
from forecast_entry where step = 'rep' and kpi_id = 'revenue_net' group by all order by all
"""


# -- chances ------------------------------------------------------------------------------------


def simulated(number: int, drift_of_all: float) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Revenue of a company's people, month x person, and how its model stands when it is known."""
    rng = np.random.default_rng([7, number])
    months = HISTORY + AHEAD
    season = np.exp(rng.normal(0, 0.15, 12))
    drift = rng.normal(drift_of_all, 0.004)
    common = np.cumsum(rng.normal(drift, 0.015, months))
    own = np.cumsum(rng.normal(0, 0.02, (PEOPLE, months)), axis=1)
    noise = rng.normal(0, 0.15, (PEOPLE, months)) + rng.normal(0, 0.05, months)
    size = rng.lognormal(13.5, 0.5, PEOPLE)
    values = size[:, None] * season[np.arange(months) % 12] * np.exp(common + own + noise)
    index = pd.date_range("2022-01-01", periods=months, freq="MS")
    sold = pd.DataFrame(values.T, index=index, columns=[f"p{place}" for place in range(PEOPLE)])
    level = size * np.exp(common[HISTORY - 1] + own[:, HISTORY - 1])
    return sold, {"season": season, "drift": drift, "level": level}


def simulated_draws(number: int, drift_of_all: float) -> tuple[pd.DataFrame, xr.DataArray]:
    """Revenue of a company, and futures drawn by the very model from the last month known."""
    from workbench.scenarios import cube

    sold, parts = simulated(number, drift_of_all)
    rng = np.random.default_rng([9, number])
    common = np.cumsum(rng.normal(parts["drift"], 0.015, (DRAWS, AHEAD)), axis=1)[:, :, None]
    own = np.cumsum(rng.normal(0, 0.02, (DRAWS, AHEAD, PEOPLE)), axis=1)
    noise = rng.normal(0, 0.15, (DRAWS, AHEAD, PEOPLE)) + rng.normal(0, 0.05, (DRAWS, AHEAD, 1))
    values = parts["level"] * parts["season"][:, None] * np.exp(common + own + noise)
    months = sold.index[HISTORY:]
    return sold, cube(
        values, name="forecast", unit="CNY", period=months, keys={"node": list(sold.columns)}
    )


def judged(number: int, *, drift_of_all: float, known: bool) -> pd.DataFrame:
    """Stated chances of one company beside what came."""
    from workbench.planning import Goal, set_targets

    if known:
        sold, drawn = simulated_draws(number, drift_of_all)
    else:
        from workbench.forecasting import forecast

        sold, _ = simulated(number, drift_of_all)
        keys = pd.DataFrame({"series_id": sold.columns, "region": REGION})
        past = sold.iloc[:HISTORY].rename_axis("period").reset_index()
        panel = past.melt("period", var_name="series_id")
        drawn = forecast(panel, AHEAD, hierarchy=keys, seed=number).draws(DRAWS)
    tree = pd.DataFrame(
        {
            "node": ["company", *sorted(set(REGION)), *sold.columns],
            "parent": [None, *["company"] * 3, *REGION],
            "kind": ["company", *["region"] * 3, *["person"] * PEOPLE],
        }
    )
    rng = np.random.default_rng([8, number])
    last = float(sold.iloc[HISTORY - 12 : HISTORY].to_numpy().sum())
    goal = Goal("forecast", value=last * rng.uniform(0.95, 1.15), unit=1000.0)
    years = set_targets(drawn, tree, goal).years()
    total = sold.iloc[HISTORY:].sum()
    came = total.to_dict() | {"company": total.sum()}
    came |= {region: total[[each == region for each in REGION]].sum() for region in set(REGION)}
    hit = years["node"].map(came) >= years["target"]
    return years[["kind", "tier", "p_hit"]].assign(hit=hit.astype(float), company=number)


def calibration(count: int, *, drift_of_all: float, known: bool) -> list[str]:
    rows = pd.concat(
        [judged(number, drift_of_all=drift_of_all, known=known) for number in range(count)],
        ignore_index=True,
    )
    source = "drawn by the model that made them" if known else "forecast from 48 months"
    lines = [
        f"### Chances of targets, {count} simulated companies, {source}, "
        f"mean growth {100 * (np.exp(12 * drift_of_all) - 1):.0f}% a year",
        "",
        "Aim: the share that hits within 3 points of what was stated. The error is that of the "
        "difference, companies taken as independent.",
        "",
        "| nodes, tiers or stated chance | stated % | hit % | difference, points | its error |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {tier}, all nodes | {_cells(rows[rows['tier'] == tier])} |" for tier in TIERS]
    lines += [f"| {kind}, all tiers | {_cells(rows[rows['kind'] == kind])} |" for kind in KINDS]
    for low in np.arange(0, 5) / 5:
        within = (rows["p_hit"] >= low) & (rows["p_hit"] < low + 0.2 + (low > 0.7))
        lines.append(f"| {low:.1f} to {low + 0.2:.1f} | {_cells(rows[within])} |")
    return [*lines, f"| all | {_cells(rows)} |"]


TIERS = ("floor", "base", "stretch")
KINDS = ("company", "region", "person")


def _cells(rows: pd.DataFrame) -> str:
    apart = (rows["hit"] - rows["p_hit"]).groupby(rows["company"]).agg(["sum", "size"])
    mean = apart["sum"].sum() / apart["size"].sum()
    error = np.sqrt(((apart["sum"] - mean * apart["size"]) ** 2).sum()) / apart["size"].sum()
    stated, hit = rows["p_hit"].mean(), rows["hit"].mean()
    return f"{100 * stated:.1f} | {100 * hit:.1f} | {100 * mean:+.1f} | {100 * error:.1f}"


# -- entries ------------------------------------------------------------------------------------


def entries(folder: Path) -> list[str]:
    from workbench.company import open_company

    company = open_company(folder)
    sold = company.sql(_SOLD).assign(month=lambda rows: pd.to_datetime(rows["month"]))
    told = company.sql(_TOLD).assign(
        month=lambda rows: pd.to_datetime(rows["month"]),
        made=lambda rows: pd.to_datetime(rows["made"]),
    )
    last = pd.Timestamp(company.data_as_of).to_period("M").start_time
    told = told[told["month"] <= last].merge(sold, on=["who", "month"], how="left")
    told["actual"] = told["actual"].fillna(0.0)
    origins = sorted(told.loc[told["month"] == last, "made"].unique())[0]
    starts = pd.date_range(end=origins, periods=ORIGINS, freq="ME")
    judged_ = pd.concat([_at(told, sold, day) for day in starts], ignore_index=True)
    ways = {
        "entry as told": "submitted",
        "entry corrected": "corrected",
        "last year plus growth": "last_year",
        "corrected and top-down by trust": "mixed",
    }
    lines = [
        f"### Entries of people, medium sample, {ORIGINS} origins, three months ahead",
        "",
        f"{len(judged_):,} rows, a person and month each, judged out of time. WAPE: sum of errors "
        "over sum of revenue.",
        "",
        "| way | person, month % | person, three months % | all, three months % | bias % |",
        "|---|---|---|---|---|",
    ]
    person = judged_.groupby(["made", "who"])[["actual", *ways.values()]].sum()
    whole = judged_.groupby("made")[["actual", *ways.values()]].sum()
    for way, column in ways.items():
        cells = [
            100 * (rows[column] - rows["actual"]).abs().sum() / rows["actual"].sum()
            for rows in (judged_, person, whole)
        ]
        bias = 100 * (judged_[column].sum() / judged_["actual"].sum() - 1)
        lines.append(f"| {way} | {cells[0]:.1f} | {cells[1]:.1f} | {cells[2]:.1f} | {bias:+.1f} |")
    return lines


def _at(told: pd.DataFrame, sold: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """What each way says on a day of the three months ahead, beside what came."""
    from workbench.planning.bottom_up import corrected

    first = (day + pd.Timedelta(days=1)).to_period("M").start_time
    past = told[told["month"] < first].assign(
        top_down=lambda rows: _last_year(sold, rows[["who", "month", "lead"]], growth_at=None)
    )
    ahead = told[(told["made"] == day) & (told["month"] >= first)]
    fixed = corrected(
        ahead.rename(columns={"who": "node", "submitted": "value"}), past, by=("lead",)
    ).rename(columns={"node": "who", "value": "corrected"})
    fixed["last_year"] = _last_year(sold, fixed[["who", "month"]], growth_at=first)
    known = fixed["last_year"] > 0
    top = fixed["last_year"].where(known, fixed["corrected"])
    mixed = fixed["trust"] * fixed["corrected"] + (1 - fixed["trust"]) * top
    return fixed.assign(mixed=mixed, made=day)


def _last_year(
    sold: pd.DataFrame, rows: pd.DataFrame, *, growth_at: pd.Timestamp | None
) -> pd.Series:
    """Same month of the year before times the company's growth as known, of all people together.

    Those who had no such month get none, so each month's figures are raised to its total: what
    the company sold in that month of the year before, times growth. Growth: the twelve months
    before the day (for past months, before each month) over the twelve before those.
    """
    whole = sold.groupby("month")["actual"].sum()
    year = whole.rolling(12).sum()
    growth = (year / year.shift(12)).shift(1)
    month = rows["month"] - pd.DateOffset(years=1)
    before = rows.assign(month=month).merge(sold, on=["who", "month"], how="left")["actual"]
    at = rows["month"] if growth_at is None else pd.Series(growth_at, index=rows.index)
    values = pd.Series(before.fillna(0.0).to_numpy(), index=rows.index)
    lead = rows["lead"] if growth_at is None else 0
    had = values.groupby([rows["month"], lead] if growth_at is None else rows["month"])
    raised = month.map(whole) / had.transform("sum")
    return values * raised.fillna(1.0) * at.map(growth).fillna(1.0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=COMPANIES)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", choices=["chances", "entries"])
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    parts: list[list[str]] = []
    if options.only != "entries":
        for drift, known in ((0.0, True), (0.0, False), (0.004, False)):
            parts.append(calibration(options.companies, drift_of_all=drift, known=known))
    if options.only != "chances":
        if not (options.folder / "order_line.parquet").exists():
            from workbench.sample import generate

            generate(options.folder, seed=7, size="medium")
        parts.append(entries(options.folder))
    text = "\n\n".join("\n".join(part) for part in parts)
    print(text)
    if options.save:
        save("benchmarks.targets_truth", text, load=load, how="once")
