"""A command at a fixed time: the line for cron, and the service and timer for systemd.

Nothing is installed. Both forms are written whole: absolute paths, quoted for the shell that cron
calls or for systemd, which reads command lines by rules of its own.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.errors import ParameterError
from workbench.studies.plan import plan_run
from workbench.studies.project import Project
from workbench.studies.runs import checked_tags
from workbench.studies.sweep.plan import plan_sweep
from workbench.text import Language

Every = Literal["day", "weekday", "week", "month"]

#: Day of month and day of week as cron has them; what systemd calls the same.
_CRON = {"day": "* * *", "weekday": "* * 1-5", "week": "* * 1", "month": "1 * *"}
_SYSTEMD = {
    "day": "*-*-*",
    "weekday": "Mon..Fri *-*-*",
    "week": "Mon *-*-*",
    "month": "*-*-01",
}
_LINGER = "loginctl enable-linger"
_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")
_UNIT_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A command and when it runs, in the time of the machine.

    Attributes
    ----------
    name : str
        What is run, for the names of units.
    command : sequence of str
        Program and arguments; the program an absolute path.
    folder : Path
        Working directory, absolute.
    hour, minute : int
    every : str
        "day", "weekday" (Monday to Friday), "week" (on Monday) or "month" (on its first day).
    """

    name: str
    command: Sequence[str]
    folder: Path
    hour: int
    minute: int
    every: Every = "day"

    @property
    def unit(self) -> str:
        """Name of the units of systemd, without their ending."""
        return f"workbench-{_UNIT_NAME.sub('-', self.name).strip('-') or 'run'}"

    def cron(self) -> str:
        """Line of a crontab.

        Cron ends a command at a bare percent sign, whatever its quotes; so each is escaped.
        """
        command = f"cd {shlex.quote(str(self.folder))} && {shlex.join(self.command)}"
        return f"{self.minute} {self.hour} {_CRON[self.every]} {_for_cron(command)}"

    def service(self) -> str:
        """Text of the service: `<unit>.service`."""
        words = " ".join(_for_systemd(word) for word in self.command)
        return "\n".join(
            [
                "[Unit]",
                f"Description={_specifiers(f'Sales Workbench: {self.name}')}",
                "",
                "[Service]",
                "Type=oneshot",
                f"WorkingDirectory={_specifiers(str(self.folder))}",
                f"ExecStart={words}",
            ]
        )

    def timer(self) -> str:
        """Text of the timer: `<unit>.timer`; a time slept through is made up for."""
        when = f"{_SYSTEMD[self.every]} {self.hour:02d}:{self.minute:02d}:00"
        return "\n".join(
            [
                "[Unit]",
                f"Description={_specifiers(f'Sales Workbench: {self.name}')}",
                "",
                "[Timer]",
                f"OnCalendar={when}",
                "Persistent=true",
                "",
                "[Install]",
                "WantedBy=timers.target",
            ]
        )

    def text(self, lang: Language) -> str:
        """Both forms with a word on where each goes, as comments."""
        say = lang.say
        user = "~/.config/systemd/user"
        return "\n".join(
            [
                f"# {say('cron: put this line in with crontab -e')}",
                self.cron(),
                "",
                f"# {say('systemd: save as {path}', path=f'{user}/{self.unit}.service')}",
                self.service(),
                "",
                f"# {say('systemd: save as {path}', path=f'{user}/{self.unit}.timer')}",
                self.timer(),
                "",
                f"# {say('then: {command}', command=self._enable)}",
                f"# {say('with nobody logged in it runs after: {command}', command=_LINGER)}",
            ]
        )

    @property
    def _enable(self) -> str:
        return f"systemctl --user daemon-reload && systemctl --user enable --now {self.unit}.timer"


def schedule_study(
    name: str,
    *,
    project: Project,
    at: str,
    every: Every = "day",
    params_file: Path | None = None,
    sets: Sequence[str] = (),
    company: Path | None = None,
    tag: Sequence[str] = (),
    lang: str | None = None,
    speak: Language,
) -> Schedule:
    """A run of a study at a fixed time; it is checked as a run is, and nothing is started.

    Parameters
    ----------
    name, params_file, sets, company, tag, lang, project
        As for `run_study`.
    at : str
        Time of day, such as 06:30.
    every : "day", "weekday", "week" or "month"
    speak : Language
        Of errors.

    Raises
    ------
    ParameterError, ProjectError
        As `run_study`; if `at` is no time; if a word of the command holds a line break.
    """
    hour, minute = clock(at, speak)
    plan_run(
        name,
        params_file=params_file,
        sets=sets,
        company=company,
        lang=lang or project.lang or speak,
        project=project,
    )
    checked_tags(tag, lang=speak)
    words = ["run", name]
    words += ["-p", str(params_file.resolve())] if params_file else []
    words += [word for each in sets for word in ("--set", each)]
    words += ["--company", str(company.resolve())] if company else []
    words += [word for each in tag for word in ("--tag", each)]
    command = _command(words, lang, speak)
    return Schedule(
        name=name, command=command, folder=project.root, hour=hour, minute=minute, every=every
    )


def schedule_sweep(
    file: Path,
    *,
    project: Project,
    at: str,
    every: Every = "day",
    company: Path | None = None,
    lang: str | None = None,
    speak: Language,
) -> Schedule:
    """A sweep at a fixed time, checked as a sweep is. Takes and raises as `schedule_study`."""
    hour, minute = clock(at, speak)
    plan = plan_sweep(file, project=project, company=company, lang=lang or project.lang or speak)
    words = ["sweep", str(file.resolve())]
    words += ["--company", str(company.resolve())] if company else []
    command = _command(words, lang, speak)
    return Schedule(
        name=plan.spec.name,
        command=command,
        folder=project.root,
        hour=hour,
        minute=minute,
        every=every,
    )


def _command(words: Sequence[str], lang: str | None, speak: Language) -> list[str]:
    command = [sys.executable, "-m", "workbench", *words, *(["--lang", lang] if lang else [])]
    for word in command:
        if not word.isprintable():
            raise ParameterError(
                speak.say("a scheduled command stands on one line"),
                where=repr(word),
                do=speak.say("put the value into a params file and name that with -p"),
            )
    return command


def clock(text: str, lang: Language) -> tuple[int, int]:
    """Read a time of day such as 06:30.

    Raises
    ------
    ParameterError
        If it is none.
    """
    found = _CLOCK.fullmatch(text.strip().replace("：", ":"))
    if not found:
        raise ParameterError(
            lang.say("{text} is no time of day", text=text),
            where=f"--at {text}",
            do=lang.say("write hours and minutes, such as 06:30"),
        )
    return int(found["hour"]), int(found["minute"])


def _for_cron(command: str) -> str:
    return command.replace("%", r"\%")


def _for_systemd(word: str) -> str:
    """A word of ExecStart: C escapes in double quotes, `%` and `$` doubled."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    plain = _specifiers(escaped).replace("$", "$$")
    return plain if re.fullmatch(r"[\w@%+=:,./$-]+", plain, re.ASCII) else f'"{plain}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
