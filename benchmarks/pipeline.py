"""Pipeline forecast: do chances hold out of time, how much better than stage weights, how fast.

Chances of deals to be won within twelve and within three months, on the medium sample company
(100,000 accounts), which no setting was chosen on alone. The hazard is fitted four times, a
quarter apart, on what each day knew; every deal is judged once, in the first picture that shows
it from July 2024 on, by the fit of that quarter. Outcomes are those of the tables a year later.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.harness import Job, main

FOLDER = Path(tempfile.gettempdir()) / "workbench_benchmark_medium"
SMALL = Path(__file__).parents[1] / "data" / "sample"
FIRST = dt.date(2024, 7, 31)
FITS, EVERY = 4, 3


def prepare() -> None:
    """Make the medium company once."""
    from workbench.sample import generate

    if not (FOLDER / "opportunity_snapshot.parquet").exists():
        generate(FOLDER, seed=7, size="medium")


def calibration(months: int) -> Callable[[], object]:
    """Get ready to judge chances to be won within some months."""
    import numpy as np
    import pandas as pd

    from workbench.company import open_company
    from workbench.forecasting.pipeline import hazard
    from workbench.forecasting.pipeline.baselines import learned_weights, typed_weights, won_within
    from workbench.forecasting.pipeline.calibration import brier, reliability
    from workbench.forecasting.pipeline.features import endings, month_number, pictures

    company = open_company(FOLDER)
    shown, ends = pictures(company), endings(company)
    first = month_number(FIRST)

    def judge() -> object:
        rows = shown.rows[shown.rows["month"].between(first, first + FITS * EVERY - 1)]
        rows = rows.drop_duplicates("opportunity_id")
        typed = typed_weights(company)
        parts = []
        for number in range(FITS):
            origin = first + number * EVERY
            mine = rows[rows["month"].between(origin, origin + EVERY - 1)]
            fitted = hazard.fit(shown, ends, origin=origin)
            stage = learned_weights(shown, ends, origin=origin, horizon=months)
            parts.append(
                pd.DataFrame(
                    {
                        "chance": fitted.curves(mine, months)[..., 0].sum(axis=1),
                        "typed": mine["stage"].map(typed).to_numpy(),
                        "stage": mine["stage"].map(stage).to_numpy(),
                        "won": won_within(mine, ends, months),
                    }
                )
            )
        told = pd.concat(parts, ignore_index=True)
        table = reliability(told["chance"], told["won"])
        own = brier(told["chance"], told["won"])
        return {
            "deals": len(told),
            "fewest deals in a tenth": int(table["deals"].min()),
            "off by tenth, points": np.round(100 * table["off"], 1).tolist(),
            "largest, points": round(float(100 * table["off"].abs().max()), 2),
            "Brier": round(own, 4),
            "stage weights as typed": round(brier(told["typed"], told["won"]), 4),
            "saved": f"{1 - own / brier(told['typed'], told['won']):.0%}",
            "stage weights learned": round(brier(told["stage"], told["won"]), 4),
            "saved on these": f"{1 - own / brier(told['stage'], told['won']):.0%}",
        }

    return judge


def planner(folder: Path) -> Callable[[], object]:
    """Get ready to forecast a year of bookings, draws and ten deciding deals included."""
    from workbench.company import open_company
    from workbench.forecasting.pipeline.forecast import pipeline_forecast

    company = open_company(folder)

    def run() -> object:
        company.remembered.clear()  # what an earlier repeat has fitted
        made = pipeline_forecast(company, as_of=dt.date(2025, 7, 31))
        table = made.table()
        made.deciding(target=float(table["mean"].sum()))
        came = company.sql(
            """select sum(gross_amount(amount, tax_basis, tax_rate)) as amount from opportunity
            where status = 'won' and close_date between date '2025-08-01' and date '2026-07-31'""",
            money="float",
        )["amount"].iloc[0]
        return {
            "open deals": len(made.rows),
            "forecast over what came": round(float(table["mean"].sum() / came), 3),
        }

    return run


def ranges(folder: Path, every: int) -> Callable[[], object]:
    """Get ready to hold sums of won amounts against their ranges, from earlier month ends."""
    import numpy as np
    import pandas as pd

    from workbench.company import open_company
    from workbench.forecasting.pipeline.features import WON, endings
    from workbench.forecasting.pipeline.forecast import pipeline_forecast

    company = open_company(folder)
    ends = endings(company)
    won = ends[ends["end"] == WON]

    def run() -> object:
        below, off = [], []
        for day in pd.date_range("2023-07-31", "2025-07-31", freq="ME")[::every]:
            made = pipeline_forecast(company, as_of=day.date())
            drawn = made.totals(1000).cumsum(axis=1)
            for months in (1, 3, 6, 12):
                mine = won["month"].between(made.origin + 1, made.origin + months)
                came = float(won.loc[mine, "amount"].sum())
                below.append(float(np.mean(drawn[:, months - 1] < came)))
            off.append(float(made.means.sum()) / came - 1)
        place = np.array(below)
        return {
            "sums": len(place),
            "within 80%": f"{np.mean((place >= 0.1) & (place <= 0.9)):.0%}",
            "within 95%": f"{np.mean((place >= 0.025) & (place <= 0.975)):.0%}",
            "year, mean error": f"{np.mean(off):+.1%}",
            "year, root mean square": f"{np.sqrt(np.mean(np.square(off))):.1%}",
        }

    return run


def cash(folder: Path) -> Callable[[], object]:
    """Get ready to forecast a year of collections."""
    from workbench.company import open_company
    from workbench.forecasting.pipeline.collections import collections_forecast

    company = open_company(folder)

    def run() -> object:
        made = collections_forecast(company, as_of=dt.date(2025, 7, 31))
        table = made.table()
        came = company.sql(
            """select date_trunc('month', receipt_date) as month, sum(amount) as amount
            from receipt where receipt_date > date '2025-07-31' group by 1 order by 1""",
            money="float",
        )["amount"].to_numpy()
        mean = table["mean"].to_numpy()
        inside = (table["lo80"].to_numpy() <= came[:12]) & (came[:12] <= table["hi80"].to_numpy())
        return {
            "claims owed": len(made.owed),
            "quarter over what came": round(float(mean[:3].sum() / came[:3].sum()), 3),
            "year over what came": round(float(mean.sum() / came[:12].sum()), 3),
            "months within 80%": int(inside.sum()),
        }

    return run


JOBS = [
    Job(
        "Chance to be won within twelve months, out of time, medium",
        {"ours": partial(calibration, 12)},
        goal="2,000 deals in each tenth, reliability within 3 points",
        repeats=1,
    ),
    Job(
        "Chance to be won within three months, out of time, medium",
        {"ours": partial(calibration, 3)},
        goal="as above",
        repeats=1,
    ),
    Job("A year of bookings as of July 2025, small", {"ours": partial(planner, SMALL)}),
    Job("The same, medium", {"ours": partial(planner, FOLDER)}, repeats=1),
    Job(
        "Sums of 1, 3, 6 and 12 months within their ranges, out of time, small",
        {"ours": partial(ranges, SMALL, 2)},
        goal="80% and 95%; the sums overlap",
        repeats=1,
    ),
    Job("The same, medium", {"ours": partial(ranges, FOLDER, 4)}, repeats=1),
    Job("A year of collections as of July 2025, small", {"ours": partial(cash, SMALL)}),
    Job("The same, medium", {"ours": partial(cash, FOLDER)}, repeats=1),
]

if __name__ == "__main__":
    main("benchmarks.pipeline", JOBS, prepare)
