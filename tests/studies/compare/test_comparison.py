"""What differs between runs, what it can come from, and how it is shown."""

from __future__ import annotations

import re

import pytest

from tests.support.companies import make_company, order_lines
from tests.support.projects import make_project
from tests.support.runs import HASH, make_run, result
from workbench import cli
from workbench.errors import ProjectError
from workbench.studies import find_project, run_study
from workbench.studies.compare import Pair, compare_runs, comparison_page, print_comparison
from workbench.studies.compare.inputs import code_change, data_change
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html

EN, ZH = Language("en"), Language("zh")
OTHER = "f" * 64


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return find_project(make_project(tmp_path_factory.mktemp("compare")))


@pytest.fixture(scope="module")
def real(tiny):
    """Runs of a real study, each with one thing changed against the first."""
    found = {"base": run_study("tiny", project=tiny)}
    found["parameters"] = run_study("tiny", sets=["top=1"], project=tiny)
    table = tiny.root / "data" / "sample" / "order_line.parquet"
    whole = table.read_bytes()
    lines = order_lines(region=["north", "east", "south", "south"], amount=[90.4, 226.0, 56.5, 1.0])
    make_company(tiny.root / "data" / "other", {"order_line": lines})
    (tiny.root / "data" / "other" / "order_line.parquet").replace(table)
    found["data"] = run_study("tiny", project=tiny)
    table.write_bytes(whole)
    study = tiny.studies / "study_tiny.py"
    study.write_text(study.read_text("utf-8").replace("order by region", "order by net"), "utf-8")
    found["code"] = run_study("tiny", project=tiny)
    return found


def pair(project, before, after, lang=EN):
    return Pair(project, before, after, "A", "B", lang)


# -- real runs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", ["parameters", "data", "code"])
def test_a_cause_that_stands_alone_is_named(tiny, real, cause):
    compared = pair(tiny, real["base"], real[cause])
    assert compared.causes == [cause]
    assert compared.results_differ
    assert "alone" in compared.why()


def test_parameters_are_told_by_label_and_unit(tiny, real):
    (change,) = pair(tiny, real["base"], real["parameters"], ZH).parameters
    assert (change.label, change.before, change.after, change.unit) == ("行数", "2", "1", "行")


def test_rows_of_data_are_counted_by_their_prints(tiny, real):
    found = pair(tiny, real["base"], real["data"]).data
    (change,) = found.tables
    assert change.rows is not None
    counts = (change.rows.added, change.rows.removed, change.rows.changed, change.rows.same)
    assert counts == (1, 0, 1, 2)
    assert (found.company, found.rest, found.unread) == (None, False, [])


def test_files_of_code_are_named(tiny, real):
    found = pair(tiny, real["base"], real["code"]).code
    assert (found.changed, found.added, found.removed) == (["studies/study_tiny.py"], [], [])
    assert not (found.notebook or found.lock or found.versions)


def test_the_command_prints_and_writes_the_differences(tiny, real, capsys):
    words = ["compare", real["base"].id, real["data"].id, "--project", str(tiny.root)]
    with pytest.raises(SystemExit) as exit_:
        cli.main([*words, "--lang", "zh"])
    said = capsys.readouterr().out
    assert not exit_.value.code
    assert "只有数据不同，因此变动全部来自数据。" in said
    path = tiny.runs / "compare" / f"{real['base'].id}-{real['data'].id}.html"
    assert str(path) in said
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"<script|https?://(?!www\.w3\.org)|@import|<link", page)


# -- made-up runs ---------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    (tmp_path / "workbench.yaml").touch()
    return find_project(tmp_path)


def runs_with(project, **changed):
    """Two runs, the second with other entries in its manifest."""
    before = make_run(project.root, "20261101T080000Z", results=[result("x", 1.0)])
    after = make_run(project.root, "20261102T080000Z", **{"results": [result("x", 2.0)], **changed})
    return before, after


WHYS = [
    ({}, [], "not repeatable"),
    ({"params": {"top": 4}}, ["parameters"], "these alone: top."),
    ({"params": {"top": 3, "seed": 1}}, ["parameters"], "Only the seed"),
    ({"company": {"hash": OTHER}}, [], "not repeatable"),
    ({"code": OTHER}, ["code"], "Only the code"),
    ({"notebook": {"hash": OTHER}}, ["code"], "Only the code"),
    ({"lock": OTHER}, ["code"], "Only the code"),
    ({"versions": {"python": "3.12"}}, ["code"], "Only the code"),
    ({"git": {"commit": "a" * 40, "dirty": False}}, [], "not repeatable"),
    ({"params": {"top": 4}, "code": OTHER}, ["parameters", "code"], "Parameters and code differ"),
    ({"results": [result("x", 1.0)], "code": OTHER}, ["code"], "Nothing that came out differs."),
    ({"results": [result("x", 1.0)]}, [], "they are the same"),
]


@pytest.mark.parametrize(("changed", "causes", "said"), WHYS)
def test_what_a_difference_can_come_from(project, changed, causes, said):
    compared = pair(project, *runs_with(project, **changed))
    assert compared.causes == causes
    assert said in compared.why()


def company(hash_=OTHER, read=("order_line",), **hashes):
    return {
        "hash": hash_,
        "tables_read": dict.fromkeys(read, 3),
        "table_hashes": {"order_line": HASH, "account": HASH} | hashes,
    }


DATA = [
    ("settings only", company(), {"rest": True}, True),
    ("a table no run has read", company(account=OTHER), {"unread": ["account"]}, False),
    ("a table without a print", company(order_line=OTHER), {"states": ["changed"]}, True),
    (
        "a table more, changed",
        company(read=("order_line", "account"), account=OTHER),
        {"states": ["only_after"]},
        True,
    ),
    ("a table more, the same", company(HASH, read=("order_line", "account")), {}, False),
    ("the same", company(HASH), {}, False),
]


@pytest.mark.parametrize(("what", "after", "told", "differs"), DATA, ids=[d[0] for d in DATA])
def test_what_differs_in_the_data(project, what, after, told, differs):
    before = make_run(project.root, "20261101T080000Z", company=company(HASH))
    other = make_run(project.root, "20261102T080000Z", company=after)
    found = data_change(project, before, other, EN)
    assert [each.state for each in found.tables] == told.get("states", [])
    assert (found.unread, found.rest) == (told.get("unread", []), told.get("rest", False))
    assert all(each.rows is None for each in found.tables)
    assert found.any == differs


def test_files_that_came_and_went(project):
    before = make_run(project.root, "20261101T080000Z", sources={"a.py": "1", "b.py": "1"})
    after = make_run(
        project.root,
        "20261102T080000Z",
        sources={"b.py": "2", "c.py": "1"},
        code=OTHER,
        versions={"python": "3.11", "pandas": "3.1"},
        git={"commit": "b" * 40, "dirty": True},
    )
    found = code_change(before, after)
    assert (found.changed, found.added, found.removed) == (["b.py"], ["c.py"], ["a.py"])
    assert found.versions == {"pandas": ("–", "3.1")}
    assert found.commits is None  # one run was outside a repository


REFUSED = [
    (["20261101"], "2 to 9 runs can be compared, not 1"),
    (["20261101", "20261101"], "a run is named twice"),
    (["20261101", "20261103"], "runs of different studies"),
    (["20261101", "20261104"], "is not finished"),
    (["20261101", "nobody"], "there is no finished run nobody"),
]


@pytest.mark.parametrize(("names", "told"), REFUSED)
def test_what_cannot_be_compared_is_refused(project, names, told):
    make_run(project.root, "20261101T080000Z")
    make_run(project.root, "20261103T080000Z", study="other")
    make_run(project.root, "20261104T080000Z", partial=True)
    with pytest.raises(ProjectError, match=told):
        compare_runs(project, names, speak=EN)


def three(project, lang):
    names = ["20261101", "20261102", "20261103"]
    for moment, sales, status in zip(names, (1e6, 1.1e6, 0.8e6), ("finished",) * 3, strict=True):
        make_run(
            project.root,
            f"{moment}T080000Z",
            params={"top": int(moment[-1])},
            status=status,
            lang=lang.code,
            results=[result("sales", sales, "money", "CNY", label=lang.pick("Sales", "销售额"))],
            title=lang.pick("Tiny study", "小研究"),
            company={"name": lang.pick("Acme", "顶点")},
        )
    return compare_runs(project, names, speak=EN)


def test_three_runs_stand_side_by_side(project, capsys):
    compared = three(project, EN)
    print_comparison(compared)
    said = capsys.readouterr().out
    assert said.startswith("C differs most from A: Sales is 20.0% lower")
    (row,) = (line for line in said.splitlines() if line.startswith(" Sales"))
    assert re.split(r"  +", row.strip()) == [
        "Sales", "CNY 1.0 million", "CNY 1.1 million (+10.0%)", "CNY 800 thousand (−20.0%)"
    ]  # fmt: skip


def test_the_headline_is_said_once_and_no_larger_change_is_left_out(project, capsys):
    for moment, sales, chance in (("20261101", 100.0, 0.1), ("20261102", 101.0, 0.4)):
        make_run(
            project.root,
            f"{moment}T080000Z",
            results=[
                result("sales", sales, "money", "CNY"),
                result("chance", chance, "percent"),
            ],
        )
    print_comparison(compare_runs(project, ["20261101", "20261102"], speak=EN))
    said = capsys.readouterr().out.partition("Runs compared")[0].splitlines()
    assert [line.split()[0] for line in said if "higher" in line] == ["Sales", "Chance"]


def test_a_failed_run_is_compared_by_what_it_has(project, capsys):
    make_run(project.root, "20261101T080000Z", results=[result("x", 1.0)])
    make_run(project.root, "20261102T080000Z", status="failed")
    compared = compare_runs(project, ["20261101", "20261102"], speak=EN)
    print_comparison(compared)
    said = capsys.readouterr().out
    assert "Not finished, so compared by what is there: B." in said
    assert "X: only in run A, 1" in said


def test_pages_speak_one_language(project):
    page = comparison_page(three(project, ZH))  # that of the runs
    faults = [
        fault
        for text in texts_of_html(page)
        for fault in (*half_width_faults(text), *english_faults(text))
    ]
    assert faults == []
