"""How fast are forecasts: points of a competition, a sheet, 100,000 series, a planner's refresh?

The monthly M3 series come from the folder that WORKBENCH_REFERENCE names; the other jobs make
their own series in the system's temporary folder. statsmodels does a tenth of the M3 series one by
one. Each job has a section of its own in the results: `--only 2 --save` leaves those of the others
as they were measured. Run with OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Job, main
from benchmarks.reference import folder, split

FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-forecast"
MONTHLY, MANY, LENGTH = 1_000, 100_000, 60
#: Series of the planner's hierarchy: 225 nodes with their sums.
NODES = 120


def prepare() -> None:
    """Write the sheet of 1,000 series and compile what is compiled."""
    FOLDER.mkdir(exist_ok=True)
    long_table(MONTHLY, 84).to_csv(FOLDER / "sheet.csv", index=False)
    subprocess.run(sheet_command(), check=True, capture_output=True)


def long_table(count: int, length: int):  # type: ignore[no-untyped-def]
    """Seasonal series with trend and noise, some with pauses, as a long table."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(5)
    months = pd.period_range("2019-01", periods=length, freq="M").astype(str)
    time = np.arange(length)
    season = 1 + 0.3 * np.sin(2 * np.pi * (time + rng.integers(0, 12, (count, 1))) / 12)
    trend = np.exp(rng.normal(0.003, 0.006, (count, 1)) * time + rng.normal(5, 1, (count, 1)))
    values = trend * season * np.exp(0.12 * rng.standard_normal((count, length)))
    pauses = rng.random(count) < 0.1
    values[pauses] *= rng.random((pauses.sum(), length)) < 0.3
    names = np.array([f"S{number:06d}" for number in range(count)])
    return pd.DataFrame(
        {
            "series_id": pd.Categorical.from_codes(np.repeat(np.arange(count), length), names),
            "period": pd.Categorical.from_codes(np.tile(time, count), months),
            "value": values.ravel().round(2),
        }
    )


def sheet_command() -> list[str]:
    """The command of a person who has a sheet."""
    sheet, out = FOLDER / "sheet.csv", FOLDER / "sheet.xlsx"
    command = [sys.executable, "-m", "workbench", "forecast", str(sheet), "-o", str(out)]
    return [*command, "--horizon", "12"]


def points() -> Callable[[], object]:
    """Points of the default combination, evidence and intervals included."""
    from workbench.forecasting.engine import forecast_points, learn

    data = split("m3_monthly")
    learn(data.history.take(range(4)), 18)

    def run() -> object:
        groups = learn(data.history, data.horizon)
        return len(forecast_points(data.history, groups, data.horizon).values)

    return run


def statsmodels_theta() -> Callable[[], object]:
    """ThetaModel for every series."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    data = split("m3_monthly")

    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return sum(
                len(ThetaModel(data.history.series(i), period=12).fit().forecast(18)) > 0
                for i in range(len(data.history))
            )

    return run


def sheet() -> Callable[[], object]:
    """The command, from CSV to workbook."""

    def run() -> object:
        subprocess.run(sheet_command(), check=True, capture_output=True)
        return (FOLDER / "sheet.xlsx").stat().st_size > 100_000

    return run


def many() -> Callable[[], object]:
    """100,000 series of 60 months from a table in memory."""
    from workbench.forecasting import forecast

    table = long_table(MANY, LENGTH)

    def run() -> object:
        return len(forecast(table, horizon=12).points)

    return run


def planned(*, draws: int = 0) -> Callable[[], Callable[[], object]]:
    """Locks and factors moved on a forecast of a hierarchy, with its table, and draws if asked."""

    def way() -> Callable[[], object]:
        import numpy as np
        import pandas as pd

        from workbench.forecasting import forecast
        from workbench.forecasting.hierarchy.locks import Lock

        table = long_table(NODES, LENGTH)
        number = np.arange(NODES)
        keys = pd.DataFrame(
            {
                "series_id": sorted(table["series_id"].unique()),
                "region": [f"R{one}" for one in number % 6],
                "line": [f"L{one}" for one in number // 6 % 5],
                "channel": [f"C{one}" for one in number // 30 % 3],
            }
        )
        made = forecast(table, 12, hierarchy=keys)
        year = made.table().groupby("series_id")["mean"].sum()

        def refresh(step: int) -> int:
            locks = [Lock("R1", year["R1"] * (1 + 0.01 * step))]
            moved = made.changed(locks=locks, factors={"R2": 1 + 0.01 * step})
            return moved.draws(draws).shape[0] if draws else len(moved.table())

        refresh(1)
        return lambda: [len(made.panel), sum(refresh(step) > 0 for step in range(2, 22))]

    return way


if __name__ == "__main__":
    folder()
    main(
        "benchmarks.forecast_speed",
        [
            Job(
                "Points with intervals of 714 monthly M3 series",
                {"workbench": points, "statsmodels theta": statsmodels_theta},
                "150 / 400 / 1,000 series a cpu second: 4.8 / 1.8 / 0.71 s",
                key="points",
            ),
            Job(
                "1,000 monthly series with leaderboard and intervals, CSV to workbook",
                {"workbench": sheet},
                "30 / 10 / 5 s",
                key="sheet",
            ),
            Job(
                "100,000 series of 60 months",
                {"workbench": many},
                "peak memory under 3 GB",
                key="many",
            ),
            Job(
                "20 refreshes of a hierarchy of 225 nodes, a lock and an assumption moved",
                {"table with ranges": planned(), "1,000 draws": planned(draws=1_000)},
                "500 / 100 / 40 ms each: 10 / 2 / 0.8 s",
                key="refresh",
            ),
        ],
        prepare,
    )
