"""What decides the identity of a run, and which runs there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.errors import ProjectError
from workbench.studies import find_project, find_run, runs
from workbench.studies.manifest import MANIFEST, git_state, identity, named_files, versions
from workbench.text import Language

GIVEN = {
    "study": "tiny",
    "lang": "en",
    "params": {"top": 3, "seed": 7},
    "sources": ["a", "b"],
    "data": "d" * 64,
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "workbench.yaml").touch()
    (tmp_path / "studies").mkdir()
    return find_project(tmp_path)


def digest(project, **changes: object) -> str:
    return identity(**{**GIVEN, **changes}, project=project).digest


@pytest.mark.parametrize(
    "change",
    [
        {"study": "other"},
        {"lang": "zh"},
        {"params": {"top": 4, "seed": 7}},
        {"params": {"top": 3, "seed": 8}},
        {"sources": ["a", "c"]},
        {"sources": ["ab"]},
        {"data": "e" * 64},
    ],
)
def test_whatever_can_change_a_number_changes_the_hash(project, change):
    assert digest(project, **change) != digest(project)


def test_order_of_parameters_docs_and_earlier_runs_do_not(project):
    before = digest(project)
    (project.root / "docs").mkdir()
    (project.root / "docs" / "x.md").write_text("words")
    (project.root / "tests.py").write_text("code")
    assert digest(project, params={"seed": 7, "top": 3}) == before


@pytest.mark.parametrize("name", ["studies/study_x.py", "requirements.lock"])
def test_own_studies_and_the_lock_file_do(project, name):
    before = digest(project)
    (project.root / name).write_text("# new")
    assert digest(project) != before


def test_the_seed_is_that_of_the_parameters(project):
    assert identity(**GIVEN, project=project).seed == 7
    assert identity(**{**GIVEN, "params": {}}, project=project).seed is None


def test_versions_name_python_and_what_computes():
    assert {"python", "sales-workbench", "pandas", "duckdb"} <= set(versions())


def test_outside_a_repository_there_is_no_git_state(tmp_path):
    assert git_state(tmp_path) is None


# -- runs on disk -------------------------------------------------------------------------------


@pytest.fixture
def left(project):
    def add(study: str, name: str, status: str | None = "finished") -> Path:
        folder = project.runs / study / name
        folder.mkdir(parents=True)
        if status:
            (folder / MANIFEST).write_text(json.dumps({"status": status}), encoding="utf-8")
        return folder

    add("tiny", "20261101T080000Z-11111111")
    add("tiny", "20261102T080000Z-22222222", "failed")
    add("other", "20261103T080000Z-33333333")
    add("tiny", ".20261104T080000Z-44444444.partial", None)
    add("tiny", "notes", None)
    return project


def test_runs_are_listed_newest_first_with_their_status(left):
    assert [(run.study, run.status) for run in runs(left)] == [
        ("tiny", "partial"),
        ("other", "finished"),
        ("tiny", "failed"),
        ("tiny", "finished"),
    ]
    assert [run.id[-8:] for run in runs(left, study="tiny")] == ["44444444", "22222222", "11111111"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, "33333333"),
        ("tiny", "11111111"),
        ("22222222", "22222222"),
        ("20261102", "22222222"),
        ("20261101T080000Z-11111111", "11111111"),
    ],
)
def test_the_run_that_is_meant(left, name, found):
    assert find_run(left, name).id.endswith(found)


def test_a_run_by_its_folder(left):
    folder = left.runs / "tiny" / "20261102T080000Z-22222222"
    assert find_run(left, str(folder)).status == "failed"


def test_no_run_or_several(left):
    with pytest.raises(ProjectError, match="there is no finished run nobody"):
        find_run(left, "nobody")
    with pytest.raises(ProjectError, match="fits 3 runs"):
        find_run(left, "202611")
    with pytest.raises(ProjectError, match="没有已完成的运行"):
        find_run(left, "x", lang=Language("zh"))


# -- files that parameters name -------------------------------------------------------------------


def test_what_stands_in_named_files_counts_with_what_they_extend(project):
    given = {"plan": "plan.yaml", "kept": "kept", "none": "", "top": 3}

    def hashes() -> dict[str, str]:
        return named_files(("plan", "kept", "none"), given, project)

    (project.root / "plan.yaml").write_text("extends: below.yaml\nrate: 1\n", encoding="utf-8")
    (project.root / "below.yaml").write_text("继承: [lowest.yaml]\n", encoding="utf-8")
    (project.root / "lowest.yaml").write_text("cap: 2\n", encoding="utf-8")
    before = hashes()
    assert set(before) == {"plan"}  # nothing is there for the folder, nothing is named by the last
    (project.root / "lowest.yaml").write_text("cap: 33\n", encoding="utf-8")
    assert hashes() != before
    (project.root / "beside.yaml").write_text("cap: 33\n", encoding="utf-8")
    (project.root / "kept").mkdir()
    (project.root / "kept" / "vintage.parquet").write_bytes(b"1")
    between = hashes()
    assert set(between) == {"plan", "kept"}
    (project.root / "kept" / "vintage.parquet").write_bytes(b"22")
    assert {name for name, digest in hashes().items() if digest != between[name]} == {"kept"}


def test_files_that_extend_each_other_in_a_circle_are_read_once(project):
    for name, other in (("a", "b"), ("b", "a")):
        (project.root / f"{name}.yaml").write_text(f"extends: {other}.yaml\n", encoding="utf-8")
    assert set(named_files(("plan",), {"plan": "a.yaml"}, project)) == {"plan"}


def test_a_file_that_a_parameter_names_is_part_of_the_identity(project):
    assert digest(project, files={"plan": "a" * 64}) != digest(project, files={})
