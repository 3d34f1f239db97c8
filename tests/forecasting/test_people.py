"""What judgement added on the sample company: all levels and months ahead, over time, the gate."""

from pathlib import Path

import numpy as np
import pytest

from workbench.company import open_company
from workbench.forecasting.outlook.people import OWN, people
from workbench.forecasting.outlook.said import COMPANY, said
from workbench.forecasting.outlook.scope import scope

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def looked():
    return scope(open_company(SAMPLE))


@pytest.fixture(scope="module")
def read(looked):
    return said(looked)


@pytest.fixture(scope="module")
def found(looked):
    return people(looked)


def test_every_level_has_its_staircase_for_each_month_ahead(found):
    steps = found.staircase.steps
    assert set(steps["level"]) == {"company", "team", "rep"}
    for _, part in steps.groupby("level"):
        assert set(part["horizon"]) == {1, 2, 3}
    company = steps[(steps["level"] == COMPANY) & (steps["horizon"] == 1)]
    assert list(company["stage"]) == ["naive", "statistical", "rep", "manager", "final"]
    team = steps[(steps["level"] == "team") & (steps["horizon"] == 1)]
    assert list(team["stage"]) == ["naive", "statistical", "rep", "manager"]


def test_steps_add_up_to_the_gain_on_naive(found):
    for _, part in found.staircase.steps.groupby(["level", "horizon"]):
        assert part["added"].sum() == pytest.approx(part["added_naive"].iloc[-1])


def test_sums_of_a_level_are_those_of_the_level_below(read):
    rows = read.figures
    at = (rows["stage"] == "rep") & (rows["horizon"] == 2)
    company = rows[at & (rows["level"] == COMPANY)].set_index("period")["forecast"]
    reps = rows[at & (rows["level"] == "rep")].groupby("period")["forecast"].sum()
    teams = rows[at & (rows["level"] == "team")].groupby("period")["forecast"].sum()
    assert company.to_numpy() == pytest.approx(reps.reindex(company.index).to_numpy())
    assert teams.to_numpy() == pytest.approx(reps.reindex(teams.index).to_numpy())


def test_no_figure_knows_its_month(read, looked):
    rows = read.figures
    closed = rows["actual"].notna()
    assert rows.loc[closed, "period"].max().start_time == looked.last
    assert (rows["horizon"] >= 1).all()


def test_the_gate_tests_every_node_by_the_figure_it_goes_by(found, read):
    tested = found.gate.tested
    assert set(tested["level"]) == set(OWN)
    assert set(tested["horizon"]) == {1, 2, 3}
    company = tested[(tested["level"] == COMPANY) & (tested["horizon"] == 1)].iloc[0]
    final = found.staircase.steps.query("level == 'company' and horizon == 1 and stage == 'final'")
    assert company["error_used"] == pytest.approx(final["error"].iloc[0])


def test_spans_over_time_are_the_months_scored(found):
    table = found.over_time
    final = table[table["stage"] == "final"]
    assert len(final) == 4 and (final["periods"] == 6).all()
    assert (final["first"].iloc[1:].to_numpy() > final["last"].iloc[:-1].to_numpy()).all()
    assert (table["error"] >= table["bias"].abs() - 1e-12).all()


def test_who_leans_and_whose_signal_is_out(found):
    assert set(found.leaning["level"]) == {"team", "rep"}
    assert found.leaning["verdict"].isin(["too_high", "too_low", "no_bias", "too_few"]).all()
    line = found.signals.line(level=COMPANY, series_id=COMPANY)
    assert len(line) == 24 and np.isfinite(line["value"]).all()
    assert 0.9 < found.covered < 1
