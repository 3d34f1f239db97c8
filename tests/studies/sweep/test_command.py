"""The command sweep: what it says, in which language, with which exit code."""

from __future__ import annotations

import pytest

from tests.support.sweeps import make_sweep_project, write_sweep
from workbench import cli
from workbench.text.checks import half_width_faults


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run the command in a project; give exit code, output and errors."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "WORKBENCH_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COUNT_FILE", str(tmp_path / "count"))
    monkeypatch.chdir(make_sweep_project(tmp_path / "project"))

    def call(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            cli.main(["sweep", *(str(word) for word in words)])
        said = capsys.readouterr()
        return int(exit_.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def write(tmp_path):
    return lambda **values: write_sweep(tmp_path / "project", **values)


def test_it_says_what_was_done_and_where_it_is(call, write):
    path = write(vary={"price": [1, 2]})
    code, said, _ = call(path, "--workers", 1)
    assert code == 0
    assert "prices: 2 of 2 runs finished, 2 of them now" in said
    assert "report: runs/sweeps/prices/report.html" in said
    code, said, _ = call(path, "--workers", 1, "--lang", "zh")
    assert code == 0
    assert "prices：2次运行已完成2次，本次完成0次" in said
    assert not half_width_faults(said.splitlines()[0])
    code, said, _ = call("status")
    assert said.strip().splitlines()[-1].split()[:5] == [
        "prices", "finished", "2", "0", "2",
    ]  # fmt: skip


def test_the_state_of_no_sweep_and_of_one_that_is_not_there(call, write):
    assert call("status")[:2] == (0, "no sweep has been run\n")
    call(write(vary={"price": [1]}, objectives={"proft": "max"}), "--workers", 1)
    code, _, error = call("status", "price")
    assert (code, error) == (2, "there is no sweep price\n  do: use one of: prices\n")
    assert call("status", "prices")[0] == 0


def test_what_needs_care_is_said(call, write):
    _, _, said = call(write(vary={"price": [1]}, objectives={"proft": "max"}), "--workers", 1)
    assert "mind: Objectives that are no key figure: proft; there are: profit, calls." in said


def test_a_dry_run_checks_and_counts_and_runs_nothing(call, write, tmp_path):
    code, said, _ = call(write(vary={"price": [1, 2, 3]}, replicates=4), "--dry-run")
    assert (code, said.strip()) == (0, "12 runs")
    assert not (tmp_path / "count").exists()
    code, _, said = call(write(vary={"price": [1, 99]}), "--dry-run")
    assert code == 2
    assert "0 to 10" in said


def test_failed_runs_are_said_and_are_the_exit_code(call, write):
    code, said, errors = call(write(cases=[{"price": 1}, {"trouble": "error"}]), "--workers", 1)
    assert code == 1
    assert "1 of 2 runs finished" in said
    assert "1 run has failed; the report says why, --retry-failed runs it again" in errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("none.yaml",), "there is no sweep file in this place"),
        (("a.yaml", "b.yaml"), "one sweep file at a time"),
    ],
)
def test_a_command_that_is_not_right_says_so(call, words, message):
    code, _, said = call(*words)
    assert code == 2
    assert message in said
