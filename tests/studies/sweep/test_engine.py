"""A sweep with real workers: nothing is run twice, no failure stops others, no kill loses any."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from tests.support.sweeps import calls, make_sweep_project, write_sweep
from workbench.errors import ProjectError
from workbench.studies import find_project
from workbench.studies.sweep.engine import run_sweep
from workbench.studies.sweep.journal import JOURNAL, Journal, read_lines
from workbench.studies.sweep.status import sweep_states
from workbench.text import Language

SECONDS = 90


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The project, and the file in which computations count themselves."""
    monkeypatch.setenv("COUNT_FILE", str(tmp_path / "count"))
    return find_project(make_sweep_project(tmp_path / "project"))


@pytest.fixture
def counted(tmp_path):
    return lambda: calls(tmp_path / "count")


def sweep(home, workers=1, **values):
    return run_sweep(write_sweep(home.root, **values), project=home, workers=workers)


def results(home, name="prices"):
    """Results by the parameters of the case; what must not depend on how a sweep was run."""
    lines = read_lines(home.runs / "sweeps" / name)
    return {key: line.results for key, line in lines.items()}


def test_a_sweep_leaves_table_workbook_and_report(home):
    done = sweep(home, vary={"price": [1, 5, 9], "region": ["east", "north"]})
    assert (done.cases, done.finished, done.failed, done.before) == (6, 6, 0, 0)
    names = {path.name for path in done.folder.iterdir()}
    assert names >= {
        JOURNAL, "table.parquet", "results.xlsx", "report.html", "manifest.json", "sweep.yaml",
    }  # fmt: skip
    table = pq.read_table(done.folder / "table.parquet").to_pandas()
    assert table["param.price"].tolist() == [1, 1, 5, 5, 9, 9]
    assert table["result.calls"].tolist() == [30] * 6
    best = table.loc[table["result.profit"].idxmax()]
    assert best["param.price"] == 5
    manifest = json.loads((done.folder / "manifest.json").read_text("utf-8"))
    assert (manifest["status"], manifest["cases"], manifest["failed"]) == ("finished", 6, 0)


def test_an_objective_that_is_no_key_figure_is_told(home):
    aims = {"profit": "max", "proft": "min"}
    done = sweep(home, vary={"price": [1, 5]}, objectives=aims)
    (said,) = done.warnings
    assert said == "Objectives that are no key figure: proft; there are: profit, calls."
    assert said in (done.folder / "report.html").read_text("utf-8")
    failed = sweep(home, cases=[{"trouble": "error"}], objectives=aims)
    assert (failed.failed, failed.warnings) == (1, ())


def test_what_is_done_is_not_done_again(home, counted):
    sweep(home, vary={"price": [1, 2]})
    again = sweep(home, vary={"price": [1, 2]})
    assert (again.before, again.finished) == (2, 2)
    assert len(counted()) == 2


def test_a_point_more_runs_just_that_point(home, counted):
    sweep(home, vary={"price": [1, 2]})
    more = sweep(home, vary={"price": [1, 2, 3]})
    assert (more.before, more.cases, more.outdated) == (2, 3, 0)
    assert [line.split()[0] for line in counted()[2:]] == ["3.0"]
    fewer = sweep(home, vary={"price": [3]})
    assert (fewer.before, fewer.outdated) == (1, 2)


def test_changed_code_is_run_again_and_said(home, counted):
    sweep(home, vary={"price": [1, 2]})
    study = home.studies / "study_parabola.py"
    study.write_text(study.read_text("utf-8").replace("reps * 10", "reps * 20"), encoding="utf-8")
    again = sweep(home, vary={"price": [1, 2]})
    assert (again.before, again.outdated) == (0, 2)
    assert len(counted()) == 4
    assert {line["calls"] for line in results(home).values()} == {30, 60}


def test_a_failure_stops_no_other_and_is_told(home):
    done = sweep(
        home,
        time_limit=6,
        retries=1,
        cases=[{"price": 1}, {"trouble": "error"}, {"trouble": "crash"}, {"trouble": "sleep"},
               {"price": 2}],
    )  # fmt: skip
    assert (done.finished, done.failed) == (2, 3)
    faults = {line.fault.kind: line for line in read_lines(done.folder).values() if line.fault}
    assert set(faults) == {"error", "crash", "time"}
    assert faults["error"].fault.message == "no such price"
    assert faults["crash"].attempts == 2
    report = (done.folder / "report.html").read_text("utf-8")
    assert "no such price" in report


def test_failed_runs_are_kept_or_run_again_as_asked(home, counted):
    cases = [{"price": 1}, {"trouble": "error"}]
    sweep(home, cases=cases)
    kept = sweep(home, cases=cases)
    assert (kept.before, kept.failed) == (2, 1)
    path = write_sweep(home.root, cases=cases)
    again = run_sweep(path, project=home, workers=1, retry_failed=True)
    assert (again.before, again.failed) == (1, 1)
    assert len(counted()) == 3


def test_replicates_differ_and_repeat(home):
    done = sweep(home, vary={"price": [5]}, replicates=8)
    profits = [line.results["profit"] for line in read_lines(done.folder).values()]
    assert len(set(profits)) == 8
    table = pq.read_table(done.folder / "table.parquet").to_pandas()
    assert table["param.seed"].tolist() == list(range(7, 15))


def test_tables_asked_for_are_kept_with_the_number_of_the_run(home):
    done = sweep(home, vary={"price": [1, 2]}, tables=["draws"])
    table = pq.read_table(done.folder / "tables" / "draws.parquet").to_pandas()
    assert table["number"].tolist() == [0, 0, 1, 1]
    assert table["profit"].iloc[0] == -table["profit"].iloc[1]


def test_several_studies_in_one_file(home):
    blocks = [
        {"study": "parabola", "vary": {"price": [1, 2]}},
        {"study": "parabola", "set": {"region": "north"}, "cases": [{"price": 3, "reps": 4}]},
    ]
    done = sweep(home, studies=blocks)
    assert [done.cases, done.finished] == [3, 3]


def test_a_running_sweep_refuses_a_second_and_says_how_far_it_is(home):
    path = write_sweep(home.root, vary={"price": [1]})
    folder = run_sweep(path, project=home, workers=1).folder
    (state,) = sweep_states(home)
    assert (state.status, state.finished, state.cases) == ("finished", 1, 1)
    with Journal(folder, Language("en")), pytest.raises(ProjectError, match="running already"):
        run_sweep(path, project=home, workers=1)


# -- killed -------------------------------------------------------------------------------------

MANY = {"vary": {"price": [1, 2, 3, 4, 5]}, "replicates": 200}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Results of 1,000 runs that nothing has disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    project = find_project(make_sweep_project(folder / "project"))
    os.environ["COUNT_FILE"] = str(folder / "count")
    try:
        sweep(project, workers=2, **MANY)
    finally:
        del os.environ["COUNT_FILE"]
    assert len(calls(folder / "count")) == 1000
    return results(project)


def start(home, path: Path, workers: int, count: Path) -> subprocess.Popen:
    words = ["-m", "workbench", "sweep", str(path), "--workers", str(workers)]
    return subprocess.Popen(
        [sys.executable, *words, "--project", str(home.root)],
        env={**os.environ, "COUNT_FILE": str(count), "COUNT_SLEEP": "0.004"},
        start_new_session=True,
        # a test run in the background ignores Ctrl-C, and what it starts would as well
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def wait_for(count: Path, lines: int) -> None:
    end = time.monotonic() + SECONDS
    while len(calls(count)) < lines:
        assert time.monotonic() < end, "the sweep does not get on"
        time.sleep(0.01)


def family(process: subprocess.Popen) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def kill_all(process: subprocess.Popen) -> None:
    """SIGKILL the whole family at one moment, as when the machine is switched off."""
    members = family(process)
    groups = {os.getpgid(member.pid) for member in members}
    for group in groups:
        os.killpg(group, signal.SIGKILL)
    psutil.wait_procs(members, timeout=SECONDS)
    process.wait(SECONDS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to kill")
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_killed_in_the_middle_and_resumed_nothing_done_is_done_again(
    home, counted, undisturbed, workers, tmp_path
):
    path = write_sweep(home.root, **MANY)
    process = start(home, path, workers, tmp_path / "count")
    wait_for(tmp_path / "count", 400)
    kill_all(process)
    done = set(read_lines(home.runs / "sweeps" / "prices"))
    before = Counter(counted())
    assert 300 < len(done) < 1000
    resumed = run_sweep(path, project=home, workers=workers)
    again = [line for line, times in Counter(counted()).items() if times > 1]
    finished = {key: undisturbed[key] for key in done}
    assert resumed.before == len(done)
    # run twice were only cases that had been counted and had no line in the journal yet
    assert sum(Counter(counted()).values()) == 1000 + sum(before.values()) - len(done)
    assert len(again) == sum(before.values()) - len(done)
    assert len(again) <= 8 * workers
    assert {key: results(home)[key] for key in done} == finished
    assert results(home) == undisturbed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a group")
def test_ctrl_c_ends_all_processes_and_says_how_to_go_on(home, tmp_path):
    path = write_sweep(home.root, **MANY)
    process = start(home, path, 2, tmp_path / "count")
    wait_for(tmp_path / "count", 100)
    members = family(process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "goes on where it was" in said.decode()
    assert "Traceback" not in said.decode()
    _, alive = psutil.wait_procs(members, timeout=10)
    assert not alive
    (state,) = sweep_states(home)
    assert state.status == "stopped"
    assert 90 <= state.finished < 1000
