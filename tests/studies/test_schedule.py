"""Lines for cron and units for systemd, read back by the rules of each."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.projects import make_project
from workbench import cli
from workbench.errors import ParameterError
from workbench.studies import find_project
from workbench.studies.schedule import Schedule, clock, schedule_study, schedule_sweep
from workbench.text import Language

EN = Language("en")
SWEEP = "study: tiny\nvary:\n  top: [1, 2]\n"


def planned(**changes: object) -> Schedule:
    given = {"name": "tiny", "command": ["/bin/echo", "a b"], "folder": Path("/srv/sales data"),
             "hour": 6, "minute": 30}  # fmt: skip
    return Schedule(**{**given, **changes})


@pytest.fixture
def project(tmp_path):
    return find_project(make_project(tmp_path / "my sales"))


def command_of_cron(line: str) -> str:
    """The command that cron hands to its shell; a bare percent sign would have cut it off."""
    whole = line.split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", whole)
    return whole.replace(r"\%", "%")


def words_of_systemd(text: str) -> list[str]:
    """The words of ExecStart by systemd's rules: C escapes in quotes, %% and $$ for one each."""
    (line,) = re.findall(r"(?m)^ExecStart=(.*)$", text)
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    plain = (re.sub(r"\\(.)", r"\1", quoted) if quoted or not bare else bare
             for quoted, bare in words)  # fmt: skip
    return [word.replace("%%", "%").replace("$$", "$") for word in plain]


@pytest.mark.parametrize(
    ("every", "cron", "calendar"),
    [
        ("day", "30 6 * * *", "*-*-* 06:30:00"),
        ("weekday", "30 6 * * 1-5", "Mon..Fri *-*-* 06:30:00"),
        ("week", "30 6 * * 1", "Mon *-*-* 06:30:00"),
        ("month", "30 6 1 * *", "*-*-01 06:30:00"),
    ],
)
def test_cron_and_systemd_mean_the_same_time(every, cron, calendar):
    schedule = planned(every=every)
    assert schedule.cron().startswith(f"{cron} cd ")
    assert f"OnCalendar={calendar}" in schedule.timer().splitlines()


@given(
    word=st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1)
)
def test_whatever_the_words_the_same_command_comes_out(word):
    schedule = planned(command=["/bin/echo", word])
    _, *rest = shlex.split(command_of_cron(schedule.cron()).partition(" && ")[2])
    assert rest == [word]
    assert words_of_systemd(schedule.service()) == ["/bin/echo", word]


def test_the_folder_is_changed_into():
    assert command_of_cron(planned().cron()).startswith("cd '/srv/sales data' && ")
    assert "WorkingDirectory=/srv/sales data" in planned().service().splitlines()
    odd = planned(folder=Path("/srv/50% off"))
    assert "WorkingDirectory=/srv/50%% off" in odd.service().splitlines()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd")
@pytest.mark.parametrize("every", ["day", "weekday", "week", "month"])
def test_systemd_takes_the_units(tmp_path, every):
    command = ["/bin/echo", 'a "b" $c 100% \\ d', "区域=[east]"]
    schedule = planned(name="销售 100%", command=command, folder=tmp_path, every=every)
    for ending, text in (("service", schedule.service()), ("timer", schedule.timer())):
        (tmp_path / f"{schedule.unit}.{ending}").write_text(text + "\n", encoding="utf-8")
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    checked = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60
    )
    about = [line for line in checked.stderr.splitlines() if schedule.unit in line]
    assert about == []


@pytest.mark.parametrize(
    ("text", "time"), [("06:30", (6, 30)), ("6:05", (6, 5)), ("23：59", (23, 59)), ("0:00", (0, 0))]
)
def test_times_of_day(text, time):
    assert clock(text, EN) == time


@pytest.mark.parametrize("text", ["24:00", "6", "06:60", "half past six", ""])
def test_what_is_no_time_of_day(text):
    with pytest.raises(ParameterError, match="is no time of day"):
        clock(text, EN)


def test_a_study_is_scheduled_with_all_that_was_asked(project, monkeypatch):
    monkeypatch.chdir(project.root)
    schedule = schedule_study(
        "tiny", project=project, at="22:15", params_file=Path("params/tiny/base.yaml"),
        sets=["note=50% off"], company=Path("data/sample"), tag=["budget-2027"], lang="zh",
        speak=EN,
    )  # fmt: skip
    assert list(schedule.command) == [
        sys.executable, "-m", "workbench", "run", "tiny",
        "-p", str(project.root / "params/tiny/base.yaml"), "--set", "note=50% off",
        "--company", str(project.root / "data/sample"), "--tag", "budget-2027", "--lang", "zh",
    ]  # fmt: skip
    assert schedule.folder == project.root
    assert Path(schedule.command[0]).is_absolute()


def test_what_is_wrong_is_said_now_not_at_night(project, tmp_path):
    with pytest.raises(ParameterError, match="unknown parameter tpo"):
        schedule_study("tiny", project=project, at="6:00", sets=["tpo=3"], speak=EN)
    with pytest.raises(ParameterError, match="no sweep file"):
        schedule_sweep(tmp_path / "none.yaml", project=project, at="6:00", speak=EN)
    with pytest.raises(ParameterError, match="stands on one line"):
        schedule_study("tiny", project=project, at="6:00", sets=['note="a\nb"'], speak=EN)


def test_a_sweep_is_scheduled(project):
    file = project.root / "sweeps" / "tops.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(SWEEP, encoding="utf-8")
    schedule = schedule_sweep(file, project=project, at="6:00", every="week", speak=EN)
    assert list(schedule.command)[3:] == ["sweep", str(file)]
    assert schedule.unit == "workbench-tops"
    file.write_text("study: tiny\nvary:\n  top: [1, 2000]\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="cannot be 2000"):
        schedule_sweep(file, project=project, at="6:00", speak=EN)


def test_the_language_of_the_system_is_written_down_as_cron_has_none(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit):
        cli.main(["schedule", "tiny", "--at", "6:00"])
    assert "workbench run tiny --lang zh\n" in capsys.readouterr().out
    (project.root / "workbench.yaml").write_text("lang: en\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        cli.main(["schedule", "tiny", "--at", "6:00"])
    assert "workbench run tiny\n" in capsys.readouterr().out


def test_the_text_says_where_each_part_goes_in_both_languages():
    for code, words in (("en", "crontab -e"), ("zh", "保存为")):
        text = planned().text(Language(code))
        assert words in text
        comments = [line for line in text.splitlines() if line.startswith("#")]
        assert len(comments) == 5
        assert planned().cron() in text.splitlines()


def test_the_command_prints_it(project, capsys):
    asked = ["schedule", "tiny", "--at", "5:00", "--every", "month", "--project", str(project.root)]
    with pytest.raises(SystemExit) as left:
        cli.main([*asked, "--lang", "zh"])
    assert not left.value.code
    lines = capsys.readouterr().out.splitlines()
    assert "OnCalendar=*-*-01 05:00:00" in lines
    assert any(line.startswith("0 5 1 * * cd ") for line in lines)


def test_a_study_or_a_sweep_not_both_and_not_neither(project, capsys):
    for asked in ([], ["tiny", "--sweep", "a.yaml"]):
        with pytest.raises(SystemExit) as left:
            cli.main(["schedule", *asked, "--project", str(project.root), "--lang", "en"])
        assert left.value.code == 2
        assert "name a study or a sweep file, one of the two" in capsys.readouterr().err
