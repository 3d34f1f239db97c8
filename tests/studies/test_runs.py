"""Runs on disk: found, chosen, tagged, and removed without taking what must stay."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.support.runs import make_run
from workbench.errors import ParameterError, ProjectError
from workbench.frames import write_table
from workbench.studies import find_project, find_run, prune, runs
from workbench.studies.data_prints import print_path
from workbench.studies.prune import plan_pruning
from workbench.studies.runs import Run, select, tag_run, told_apart
from workbench.text import Language

OLD = dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp()
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "workbench.yaml").touch()
    return find_project(tmp_path)


def aged(path: Path) -> None:
    """As if it had been written at the beginning of the month."""
    for each in (*path.rglob("*"), path):
        os.utime(each, (OLD, OLD))


# -- finding and choosing -------------------------------------------------------------------------


def test_a_run_is_found_by_its_tag_if_one_has_it(project):
    first = make_run(project.root, "20261101T080000Z", tags=["budget"])
    second = make_run(project.root, "20261102T080000Z")
    assert find_run(project, "budget").folder == first.folder
    assert find_run(project, "tiny/20261102").folder == second.folder
    tag_run(second, add=["budget"])
    with pytest.raises(ProjectError, match="budget fits 2 runs"):
        find_run(project, "budget")


def test_a_run_that_was_killed_does_not_stand_in_the_way_of_the_whole_one(project):
    killed = make_run(project.root, "20261101T080000Z", "abcdabcd", partial=True)
    assert find_run(project, "abcdabcd").folder == killed.folder
    whole = make_run(project.root, "20261102T080000Z", "abcdabcd")
    assert find_run(project, "abcdabcd").folder == whole.folder


def test_parameters_that_tell_runs_of_a_study_apart(project):
    one = make_run(project.root, "20261101T080000Z", params={"top": 3, "regions": ["east"]})
    two = make_run(project.root, "20261102T080000Z", params={"top": 3, "regions": ["north"]})
    other = make_run(project.root, "20261102T080000Z", study="other", params={"top": 9})
    killed = make_run(project.root, "20261103T080000Z", partial=True)
    assert told_apart([one, two, other, killed]) == {
        one.folder: {"regions": ["east"]},
        two.folder: {"regions": ["north"]},
        other.folder: {},
        killed.folder: {},
    }


def test_a_study_of_the_name_comes_before_a_tag(project):
    make_run(project.root, "20261101T080000Z", study="other", tags=["tiny"])
    meant = make_run(project.root, "20261101T070000Z")
    assert find_run(project, "tiny").folder == meant.folder


CHOSEN = [
    ({"status": "failed"}, ["03"]),
    ({"status": "partial"}, ["05"]),
    ({"tag": "budget"}, ["01"]),
    ({"since": dt.date(2026, 11, 3)}, ["05", "04", "03"]),
    ({"company": "acme"}, ["04", "03", "01"]),
    ({"company": "data/other"}, ["02"]),
    ({"status": "finished", "since": dt.date(2026, 11, 2)}, ["04", "02"]),
]


@pytest.mark.parametrize(("asked", "days"), CHOSEN, ids=[str(c[0]) for c in CHOSEN])
def test_runs_are_chosen_by_what_is_asked(project, asked, days):
    make_run(project.root, "20261101T080000Z", tags=["budget"])
    make_run(project.root, "20261102T080000Z", company={"name": "Zenith", "path": "data/other"})
    make_run(project.root, "20261103T080000Z", status="failed")
    make_run(project.root, "20261104T080000Z", study="other")
    make_run(project.root, "20261105T080000Z", partial=True)
    assert [run.id[6:8] for run in select(runs(project), **asked)] == days


def test_listing_reads_no_manifest_and_no_hidden_folder(project):
    run = make_run(project.root)
    (run.folder / "manifest.json").write_text("not JSON")
    make_run(project.root, "20261102T080000Z", study=".verify-1")
    assert [each.folder for each in runs(project)] == [run.folder]


# -- tags -----------------------------------------------------------------------------------------


def test_tags_given_later_stand_above_those_of_the_run(project):
    run = make_run(project.root, tags=["draft"])
    assert tag_run(run, add=["预算-2027", "b.1"]).tags == ("b.1", "draft", "预算-2027")
    assert tag_run(Run(run.folder), remove=["draft", "nobody"]).tags == ("b.1", "预算-2027")
    assert json.loads((run.folder / "manifest.json").read_text())["tags"] == ["draft"]
    assert sorted(p.name for p in run.folder.iterdir()) == ["manifest.json", "tags.json"]


@pytest.mark.parametrize("tag", ["", "two words", "a/b", "-x", "a,b"])
def test_what_is_no_word_is_no_tag(project, tag):
    run = make_run(project.root)
    with pytest.raises(ParameterError, match="不能作标签"):
        tag_run(run, add=[tag], lang=Language("zh"))
    assert run.tags == ()


# -- removing -------------------------------------------------------------------------------------


def planned(project, **asked):
    plan = plan_pruning(project, now=NOW, **asked)
    going = sorted(each.run.id[6:8] for each in plan.runs if each.run)
    return going, {run.id[6:8]: reason for run, reason in plan.kept}


def test_the_newest_of_each_study_and_tagged_ones_stay(project):
    for day in ("01", "02", "03", "04"):
        make_run(project.root, f"202611{day}T080000Z")
    make_run(project.root, "20261105T080000Z", status="failed")
    tag_run(find_run(project, "20261101"), add=["budget"])
    make_run(project.root, "20261106T080000Z", study="other")
    going, kept = planned(project, keep=1)
    assert going == ["02", "03"]
    assert kept == {
        "01": "tagged",
        "04": "among the newest of its study",
        "05": "among the newest of its study",
        "06": "among the newest of its study",
    }
    assert planned(project, keep=0, study="tiny")[0] == ["02", "03", "04", "05"]
    assert planned(project, keep=0, status="failed")[0] == ["05"]


def test_younger_ones_stay(project):
    make_run(project.root, "20261101T080000Z")
    make_run(project.root, "20261115T080000Z")
    going, kept = planned(project, keep=0, older_than=dt.timedelta(days=10))
    assert (going, kept) == (["01"], {"15": "not old enough"})


def test_a_run_that_may_be_under_way_stays(project, monkeypatch):
    monkeypatch.setattr(prune, "_oldest_command", lambda: float("inf"))
    fresh = make_run(project.root, "20261101T080000Z", partial=True)
    killed = make_run(project.root, "20261102T080000Z", partial=True)
    aged(killed.folder)
    os.utime(fresh.folder, (NOW.timestamp() - 600,) * 2)
    assert planned(project) == (["02"], {"01": "may still be written"})


def test_a_run_whose_command_is_still_there_stays(project):
    """However long nothing was written: a cell may take hours."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", "workbench"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
            run = make_run(project.root, later.strftime("%Y%m%dT%H%M%SZ"), partial=True)
            plan = plan_pruning(project, now=later + dt.timedelta(days=2))
            assert [reason for _, reason in plan.kept] == ["may still be written"]
            assert run.folder.is_dir()
        finally:
            process.communicate()


def test_a_run_that_a_sweep_counts_as_done_stays(project):
    run = make_run(project.root, "20261101T080000Z")
    make_run(project.root, "20261102T080000Z")
    journal = project.runs / "sweeps" / "regions" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    shown = project.shown(run.folder)
    line = {"key": "a" * 16, "status": "finished", "results": {}, "run": shown}
    journal.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert planned(project, keep=0) == (["02"], {"01": "belongs to a sweep"})
    # run with former code or data: the table of the sweep, which has ended, does not name it
    write_table(
        pd.DataFrame({"run": ["runs/tiny/another", None]}), journal.parent / "table.parquet"
    )
    assert planned(project, keep=0) == (["02"], {"01": "belongs to a sweep"})
    (journal.parent / "state.json").write_text('{"status": "finished"}', encoding="utf-8")
    assert planned(project, keep=0) == (["01", "02"], {})


def test_what_lies_elsewhere_is_never_removed(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    away = make_run(elsewhere, "20261101T080000Z")
    (project.runs / "tiny").mkdir(parents=True)
    (project.runs / "tiny" / away.id).symlink_to(away.folder, target_is_directory=True)
    (project.runs / "linked").symlink_to(away.folder.parent, target_is_directory=True)
    plan = plan_pruning(project, keep=0, now=NOW)
    assert [reason for _, reason in plan.kept] == ["reached by a link"] * 2
    assert not plan.removals


def test_only_what_was_planned_goes(project):
    gone = make_run(project.root, "20261101T080000Z")
    stays = make_run(project.root, "20261102T080000Z")
    plan = plan_pruning(project, keep=1, now=NOW)
    assert plan.bytes == sum(p.lstat().st_size for p in (gone.folder, *gone.folder.rglob("*")))
    assert gone.folder.is_dir()  # a plan removes nothing
    assert [error for _, error in prune.prune(plan)] == [None]
    assert [path.name for path in (project.runs / "tiny").iterdir()] == [stays.folder.name]


def test_a_removal_that_fails_is_told_and_stops_no_other(project, monkeypatch):
    bad = make_run(project.root, "20261102T080000Z")
    make_run(project.root, "20261101T080000Z")
    plan = plan_pruning(project, keep=0, now=NOW)
    real = prune.shutil.rmtree

    def refusing(path):
        if bad.id in path.name:
            raise PermissionError("no")
        real(path)

    monkeypatch.setattr(prune.shutil, "rmtree", refusing)
    told = {removal.run.id: error for removal, error in prune.prune(plan)}
    assert isinstance(told[bad.id], PermissionError)
    assert [run.status for run in runs(project)] == ["partial"]  # half removed is no run


def test_prints_go_with_the_last_run_that_needs_them(project):
    folder = project.runs / ".prints"
    folder.mkdir(parents=True)
    states = {"01": "a" * 64, "02": "b" * 64}
    paths = {}
    for day, state in states.items():
        data = {"tables_read": {"order_line": 3}, "table_hashes": {"order_line": state}}
        make_run(project.root, f"202611{day}T080000Z", company=data)
        paths[day] = print_path(folder, "order_line", state)
        paths[day].write_bytes(b"print")
    paths["03"] = folder / "order_line-new.parquet"
    paths["03"].write_bytes(b"of a run that is under way")
    for day in states:
        os.utime(paths[day], (OLD, OLD))
    os.utime(paths["03"], (NOW.timestamp() - 60,) * 2)
    plan = plan_pruning(project, keep=1, now=NOW)
    assert [each.folder for each in plan.prints] == [paths["01"]]
    list(prune.prune(plan))
    assert sorted(folder.iterdir()) == sorted([paths["02"], paths["03"]])
