"""Sweeps of full runs: each a notebook with its report, its key figures in the sweep's table."""

from __future__ import annotations

import json
import shutil

import pyarrow.parquet as pq
import pytest

from tests.support.projects import make_project
from tests.support.sweeps import write_sweep
from workbench.studies import Run, find_project, run_study
from workbench.studies.sweep.engine import run_sweep
from workbench.studies.sweep.journal import read_lines
from workbench.text.checks import texts_of_html


@pytest.fixture
def home(tmp_path):
    (make_project(tmp_path) / "sweeps").mkdir()
    return find_project(tmp_path)


def sweep(home, lang="zh", **values):
    path = write_sweep(home.root, "tops", study="tiny", mode="notebook", **values)
    return run_sweep(path, project=home, lang=lang, workers=1)


def test_each_point_is_a_run_like_any_other(home):
    done = sweep(home, vary={"top": [1, 2]}, tables=["by_region"])
    assert (done.finished, done.failed, done.warnings) == (2, 0, ())
    table = pq.read_table(done.folder / "table.parquet").to_pandas()
    runs = [Run(home.root / each) for each in table["run"]]
    assert [run.manifest["params"]["top"] for run in runs] == [1, 2]
    assert all(run.status == "finished" and run.report.is_file() for run in runs)
    assert table["result.total"].tolist() == [run.manifest["results"][0]["value"] for run in runs]
    alone = run_study("tiny", sets=["top=1"], lang="zh", project=home)
    assert alone.id[-8:] == runs[0].id[-8:]
    name = "tables/by_region.parquet"
    assert (alone.folder / name).read_bytes() == (runs[0].folder / name).read_bytes()
    gathered = pq.read_table(done.folder / "tables" / "by_region.parquet").to_pandas()
    assert gathered["number"].tolist() == [0, 1, 1]


def test_a_run_that_was_removed_is_run_again_and_no_other(home):
    before = sweep(home, vary={"top": [1, 2]})
    runs = pq.read_table(before.folder / "table.parquet")["run"].to_pylist()
    shutil.rmtree(home.root / runs[0])
    again = sweep(home, vary={"top": [1, 2]})
    assert (again.before, again.finished, again.outdated) == (1, 2, 0)
    now = pq.read_table(again.folder / "table.parquet")["run"].to_pylist()
    assert now[1] == runs[1]
    assert (home.root / now[0] / "report.html").is_file()


def test_key_figures_are_named_in_the_language_of_the_report_whatever_was_run_before(home):
    sweep(home, "zh", vary={"top": [1, 2]})
    done = sweep(home, "en", vary={"top": [1, 2]})
    report = (done.folder / "report.html").read_text("utf-8")
    assert "Total" in report
    assert "合计" not in report
    (total,) = json.loads((done.folder / "meanings.json").read_text("utf-8"))["tiny"]
    assert total["label"] == ["Total", "合计"]


def test_a_cell_that_fails_and_a_table_there_is_not_are_told(home):
    done = sweep(home, vary={"note": ["boom", "fine"]}, tables=["by_regoin"])
    lines = read_lines(done.folder).values()
    told = sorted(line.fault.message for line in lines if line.fault)
    assert "the data ran away" in told[0] + told[1]
    assert "研究tiny没有结果表by_regoin" in told[0] + told[1]
    assert "可用：by_region" in told[0] + told[1]


def test_runs_that_failed_alike_are_told_once(home):
    done = sweep(home, "en", set={"note": "ours"}, vary={"top": [1, 2]})
    assert done.failed == 2
    page = "".join(texts_of_html((done.folder / "report.html").read_text("utf-8")))
    assert page.count("InputError: there is no region west") == 1
    assert "(regions=['west']); use some of east, north" in page
    assert "kept" not in page
