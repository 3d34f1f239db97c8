"""A run held against its repetition: the same, or what differs and what has changed since."""

from __future__ import annotations

import json

import pytest

from tests.support.projects import make_project
from workbench.errors import ProjectError
from workbench.studies import find_project, run_study, runs
from workbench.studies.runs import Run
from workbench.studies.verify import ResultCheck, TableCheck, Verification, verify
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return find_project(make_project(tmp_path_factory.mktemp("verify")))


@pytest.fixture(scope="module")
def run(project):
    return run_study("tiny", sets=["top=2"], lang="zh", project=project)


@pytest.fixture(scope="module")
def found(project, run):
    return verify(run, project=project)


@pytest.fixture(scope="module")
def changed(project, run, found):
    """Found after a row of the data, and the study itself, have changed; kept."""
    from tests.support.companies import make_company, order_lines

    lines = order_lines(region=["north", "east", "south"], amount=[113.0, 339.0, 56.5])
    settings = {"base_currency": "CNY", "name": {"en": "Acme", "zh": "顶点"}}
    make_company(project.root / "data" / "sample", {"order_line": lines}, settings)
    study = project.root / "studies" / "study_tiny.py"
    study.write_text(study.read_text("utf-8") + "\n# one remark more\n", encoding="utf-8")
    return verify(run, project=project, keep=True)


def test_the_same_comes_out_the_same(found):
    assert found.same
    assert (found.checked, found.figures) == (1, 1)
    assert (found.tables, found.results) == ((), ())
    assert found.lines(EN)[0] == "the same: 1 table byte for byte, 1 key figure"
    assert found.lines(ZH)[0] == "结果相同：1张表逐字节一致，1个关键数字一致"


def test_the_repetition_leaves_nothing_behind(project, run, found):
    assert found.again is None
    assert {path.name for path in project.runs.iterdir()} == {"tiny", ".prints"}
    assert [each.folder for each in runs(project)][-1] == run.folder


def test_what_differs_is_told_and_what_has_changed_since(changed):
    assert not changed.same
    assert changed.tables == (TableCheck(name="tables/by_region", before=2, now=2, gone=1, new=1),)
    assert changed.results == (
        ResultCheck(name="total", label="合计", before="300.00", now="400.00"),
    )
    assert changed.changed["data"] == ("order_line",)
    assert "studies/study_tiny.py" in changed.changed["code"]


def test_a_repetition_that_is_kept_is_a_run(project, changed):
    assert changed.again is not None
    assert changed.again.folder in [each.folder for each in runs(project)]
    assert changed.again.manifest["params"]["top"] == 2


def test_an_unfinished_run_cannot_be_verified(project, tmp_path):
    folder = tmp_path / "tiny" / "20261101T080000Z-11111111"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"status": "failed"}), encoding="utf-8")
    with pytest.raises(ProjectError, match="只有已完成的运行才能核验"):
        verify(Run(folder), project=project, lang=ZH)


def told(**parts: object) -> list[str]:
    nothing = {"run": Run, "again": None, "checked": 2, "figures": 1, "changed": {},
               "tables": (), "results": ()}  # fmt: skip
    return Verification(**{**nothing, **parts}).lines(EN)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((None, 3, None, None), "tables/x: was not there before"),
        ((3, None, None, None), "tables/x: is no longer made"),
        ((3, 3, None, None), "tables/x: its columns are others"),
        ((3, 3, 0, 0), "tables/x: the same rows in another order or form"),
        ((3, 4, 1, 2), "tables/x: 1 of 3 rows are gone, 2 of 4 are new"),
    ],
)
def test_each_way_to_differ_has_its_words(counts, words):
    names = ("before", "now", "gone", "new")
    table = TableCheck(name="tables/x", **dict(zip(names, counts, strict=True)))
    lines = told(tables=(table,))
    assert lines[0].startswith("not the same")
    assert lines[1].strip() == words
    assert lines[2] == "nothing of its identity has changed since: the study is not pure"


def test_what_has_changed_without_effect_is_told_beside_the_verdict():
    names = tuple(f"workbench/{letter}.py" for letter in "abcdefg")
    first, second = told(changed={"code": names})
    assert first.startswith("the same")
    assert second == (
        "changed since: code (workbench/a.py, workbench/b.py, workbench/c.py, workbench/d.py, "
        "workbench/e.py, 2 more)"
    )


@pytest.mark.parametrize(("differs", "code"), [(False, 0), (True, 1)])
def test_the_command_says_it_and_exits_with_it(project, run, monkeypatch, capsys, differs, code):
    from workbench.cli import main

    results = (ResultCheck(name="total", label="Total", before=1, now=2),) if differs else ()
    found = Verification(
        run=run, again=None, checked=1, figures=1, changed={}, tables=(), results=results
    )
    monkeypatch.setattr("workbench.studies.verify.verify", lambda *_, **__: found)
    with pytest.raises(SystemExit) as left:
        main(["verify", run.id, "--project", str(project.root), "--lang", "en"])
    assert (left.value.code or 0) == code
    assert capsys.readouterr().out.splitlines() == found.lines(EN)
