"""What the sample company plants in its forecasts comes back: bias, managers' cut, final figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.forecasting.judgement import add_up, bias_tests, from_entries, value_added
from workbench.forecasting.judgement.figures import with_actuals
from workbench.sample.forecasts import ForecastTruth, rep_forecasts
from workbench.scenarios import streams

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
TRUTH = ForecastTruth()


@pytest.fixture(scope="module")
def actuals() -> pd.DataFrame:
    """Net revenue by rep, team and company and month, as recognised."""
    lines = pd.read_parquet(
        SAMPLE / "order_line.parquet",
        columns=["rep_id", "recognised_date", "amount", "tax_basis", "tax_rate"],
    ).dropna(subset=["recognised_date", "rep_id"])
    vat = np.where(lines["tax_basis"] == "incl", 1 + lines["tax_rate"], 1.0)
    months = pd.PeriodIndex(pd.to_datetime(lines["recognised_date"]), freq="M")
    lines = lines.assign(period=months, actual=lines["amount"].astype(float) / vat)
    lines = lines[lines["period"] <= pd.Period("2026-07", freq="M")]
    reps = lines.groupby(["rep_id", "period"])["actual"].sum().reset_index()
    company = lines.groupby("period")["actual"].sum().reset_index().assign(series_id="company")
    return pd.concat([reps.rename(columns={"rep_id": "series_id"}), company], ignore_index=True)


@pytest.fixture(scope="module")
def figures(actuals: pd.DataFrame) -> pd.DataFrame:
    entries = pd.read_parquet(SAMPLE / "forecast_entry.parquet")
    read = from_entries(entries, actuals, kpi_id="revenue_net")
    assert set(read.left_out["reason"]) == {"other_kpi"}
    assert len(read.figures) + len(read.left_out) == len(entries)
    assert set(read.figures["horizon"]) == {1, 2, 3}
    return read.figures


def parents_of_teams() -> pd.DataFrame:
    """Team of each rep in each month, by the row in force when the month began."""
    rows = pd.read_parquet(SAMPLE / "rep.parquet")
    parts = []
    for month in pd.period_range("2021-09", "2026-10", freq="M"):
        day = month.start_time.date()
        inside = (rows["valid_from"] <= day) & (rows["valid_to"].isna() | (rows["valid_to"] >= day))
        known = rows[inside].drop_duplicates("rep_id", keep="last")
        parts.append(pd.DataFrame({"series_id": known["rep_id"], "parent": known["team_id"],
                                   "period": month}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_managers_cut_what_their_reps_say_as_planted(figures: pd.DataFrame) -> None:
    unknown = pd.DataFrame(columns=["series_id", "period", "actual"])
    reps = figures[(figures["level"] == "rep")]
    summed = add_up(reps, parents_of_teams(), unknown, level="team")
    manager = figures[figures["stage"] == "manager"]
    both = summed.merge(manager, on=["series_id", "period", "horizon"])
    ratio = np.log(both["forecast_y"] / both["forecast_x"]).groupby(both["horizon"]).median()
    # the sample sums the reps by seat, a rep who moves within the horizon counts elsewhere
    assert ratio.to_numpy() == pytest.approx(TRUTH.manager_cut, abs=0.015)


def test_reps_sandbag_near_and_are_optimistic_far(figures: pd.DataFrame) -> None:
    table = bias_tests(figures, by=("stage", "horizon"), measure="log")
    reps = table[table["stage"] == "rep"].set_index("horizon")
    assert reps["verdict"].to_dict() == {1: "too_low", 2: "too_high", 3: "too_high"}


def test_the_staircase_names_the_cut_as_harm_and_the_final_figure_as_gain(
    figures: pd.DataFrame, actuals: pd.DataFrame
) -> None:
    lower = figures[figures["stage"] != "final"]
    parents = lower[["series_id"]].drop_duplicates().assign(parent="company")
    company = add_up(lower, parents, actuals, level="company")
    final = figures[figures["level"] == "company"]
    steps = value_added(pd.concat([company, final]), by=("horizon",)).steps
    assert steps["stage"].tolist() == ["rep", "manager", "final"] * 3
    assert (steps.loc[steps["stage"] == "final", "verdict"] == "better").all()
    # what the reps sum to is already below what the company sells: there the cut does harm
    manager = steps[steps["stage"] == "manager"].set_index("horizon")["verdict"].to_dict()
    assert manager == {1: "no_difference", 2: "worse", 3: "worse"}


def test_bias_of_each_rep_is_the_one_planted() -> None:
    """Reps forecast by the sample's own rule; each has the bias of the horizon and a habit."""
    rng = streams(11)["planted"]
    reps, months = 40, 60
    actual = 1e5 * np.exp(0.1 * rng.standard_normal((reps, months)))
    plan = np.full((reps, months), 1e5)
    said = rep_forecasts(actual, plan, truth=TRUTH, rng=streams(12)["reps"], off=frozenset())
    habit = streams(12)["reps"].normal(0, TRUTH.habit, reps)
    names = [f"R{number}" for number in range(reps)]
    periods = pd.period_range("2021-08", periods=months, freq="M")
    known = pd.DataFrame({
        "series_id": np.repeat(names, months), "period": np.tile(periods, reps),
        "actual": actual.ravel(),
    })  # fmt: skip
    for place, horizon in enumerate(TRUTH.horizons):
        rows = known.drop(columns="actual").assign(
            level="rep", horizon=horizon, stage="rep", forecast=said[:, :, place].ravel()
        )
        table = bias_tests(with_actuals(rows, known), by=("series_id",), measure="log")
        table = table.set_index("series_id").loc[names]
        planted = habit + TRUTH.optimism[place] + TRUTH.sandbagging[place]
        covered = (table["low"] <= planted) & (planted <= table["high"])
        assert covered.mean() >= 0.85  # 40 reps at 95%: fewer than 34 happens once in 1,500
        clear = np.abs(planted) > 0.1
        named = np.where(planted > 0, "too_high", "too_low")
        assert (table["verdict"].to_numpy() == named)[clear].mean() >= 0.95
