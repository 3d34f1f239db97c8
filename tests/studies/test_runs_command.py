"""`workbench runs` as it is typed: list, choose, tag, prune with a dry run first."""

from __future__ import annotations

import pytest

from tests.support.runs import make_run
from workbench import cli


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Calls a command in a project with three runs; gives exit code, output, errors."""
    (tmp_path / "workbench.yaml").touch()
    for day in ("01", "02", "03"):
        make_run(tmp_path, f"202611{day}T080000Z")
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "WORKBENCH_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            cli.main(list(words))
        said = capsys.readouterr()
        return int(exit_.value.code or 0), said.out, said.err

    return run


def days(said):
    return [
        line.split()[0][6:8] for line in said.splitlines() if "Z-" in line and "stays" not in line
    ]


def test_runs_are_tagged_by_name_and_listed_by_tag(call):
    assert days(call("runs", "20261101", "20261103", "--tag", "budget")[1]) == ["01", "03"]
    assert days(call("runs", "--tag", "budget")[1]) == ["03", "01"]
    assert days(call("runs", "tiny", "--tag", "budget", "--limit", "1")[1]) == ["03"]
    call("runs", "20261103", "--untag", "budget")
    assert days(call("runs", "--tag", "budget")[1]) == ["01"]


def test_parameters_that_differ_are_listed(call, tmp_path):
    assert "top=" not in call("runs")[1]
    make_run(tmp_path, "20261104T080000Z", params={"top": 4, "spans": ["ytd", "a b"]})
    said = call("runs")[1]
    assert "Parameters that differ" in said
    assert "top=4" in said
    assert "spans=[ytd, a b]" in said
    assert said.count("top=3") == 3


def test_what_is_alike_in_all_runs_is_not_listed(call, tmp_path):
    head = call("runs")[1].splitlines()[1]
    assert "Company" not in head
    assert "Language" not in head
    make_run(tmp_path, "20261104T080000Z", lang="zh", company={"name": "顶点"})
    head = call("runs")[1].splitlines()[1]
    assert "Company" not in head  # the same one, by its name in the language of the run
    assert "Language" in head
    make_run(tmp_path, "20261105T080000Z", company={"path": "data/other", "name": "Other"})
    assert "Company" in call("runs")[1].splitlines()[1]


def test_where_there_is_none_it_says_so(call):
    assert call("runs", "--tag", "nothing")[1] == "there is no such run\n"


def test_nothing_goes_without_yes(call, tmp_path):
    folder = tmp_path / "runs" / "tiny"
    code, said, _ = call("runs", "--prune", "--keep", "1")
    assert (code, days(said)) == (0, ["02", "01"])
    assert "nothing was removed; with --yes they go for good" in said
    assert "stays: tiny/20261103T080000Z-11111111 (among the newest of its study)" in said
    assert len(list(folder.iterdir())) == 3
    code, said, _ = call("runs", "--prune", "--keep", "1", "--yes")
    assert code == 0
    assert "freed: " in said
    assert [path.name[6:8] for path in folder.iterdir()] == ["03"]
    assert "no run may be removed" in call("runs", "--prune", "--keep", "1", "--yes")[1]


def test_a_removal_that_fails_gives_exit_code_one(call, monkeypatch):
    def refusing(path):
        raise PermissionError("not yours")

    monkeypatch.setattr("workbench.studies.prune.shutil.rmtree", refusing)
    code, said, _ = call("runs", "--prune", "--keep", "2", "--yes")
    assert code == 1
    assert "not removed: runs/tiny/20261101T080000Z-11111111: not yours" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--status", "done"], "done is no status of a run"),
        (["--since", "yesterday"], "yesterday is no date"),
        (["--limit", "0"], "0 is no number of runs"),
        (["--prune", "--older-than", "a while"], "a while is no age"),
        (["--untag", "x"], "no run is named"),
        (["nobody"], "there is no finished run nobody"),
    ],
)
def test_what_cannot_be_asked_is_told(call, words, told):
    code, said, error = call("runs", *words)
    assert code != 0
    assert told in error
    assert not said
