"""Commands on sweeps: run one, resume it, say how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.commands.shared import INTERRUPTED, CompanyFolder, Home, Lang
from workbench.errors import ParameterError, ProjectError
from workbench.terminal import print_table
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.studies import Project
    from workbench.studies.sweep.engine import Sweep

app = typer.Typer()

STATUS = "status"


@app.command(
    help=mark(
        "Run a study at many points of its parameters, resumed where it stopped; or: sweep status."
    )
)
def sweep(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="FILE|status", help=mark("Sweep file, YAML."))],
    name: Annotated[
        str | None, typer.Argument(help=mark("With status: only the sweep of this name."))
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help=mark("Processes; else one a processor."))
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help=mark("local-cluster or tcp://host:port: distribute by Dask.")),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help=mark("Run again what has failed."))
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=mark("Only check the file and count the runs."))
    ] = False,
    company: CompanyFolder = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Run what is not done yet, say what came out and where; exit 1 where runs have failed."""
    from workbench.studies import find_project
    from workbench.studies.sweep.engine import run_sweep
    from workbench.studies.sweep.plan import plan_sweep

    speak = context.obj
    home = find_project(project, speak)
    home = replace(home, lang=home.lang or speak.code)
    asked = lang or context.find_root().params.get("lang")
    if what == STATUS:
        _say_status(home, name, speak)
        return
    if name is not None:
        raise ParameterError(
            speak.say("one sweep file at a time"), do=speak.say("give {name} alone", name=what)
        )
    if dry_run:
        plan = plan_sweep(what, project=home, company=company, lang=asked)
        print(_counted(len(plan.cases), speak))
        return
    try:
        with _bar(Path(what).stem, speak) as on_progress:
            done = run_sweep(
                what,
                project=home,
                company=company,
                lang=asked,
                workers=workers,
                scheduler=scheduler,
                retry_failed=retry_failed,
                on_progress=on_progress,
            )
    except KeyboardInterrupt:
        print(speak.say("stopped; the same command goes on where it was"), file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    _say_done(done, home, speak)
    raise typer.Exit(1 if done.failed else 0)


def _counted(runs: int, lang: Language) -> str:
    return lang.say_n("{n} run", "{n} runs", runs)


def _say_done(done: Sweep, home: Project, lang: Language) -> None:
    say = lang.say
    fresh = done.finished + done.failed - done.before
    print(
        say(
            "{name}: {finished} of {cases} runs finished, {fresh} of them now in {seconds} s",
            name=done.name,
            finished=f"{done.finished:,}",
            cases=f"{done.cases:,}",
            fresh=f"{fresh:,}",
            seconds=f"{done.seconds:.1f}",
        )
    )
    if done.outdated:
        print(
            say(
                "{n} runs in the journal are of other points, code or data; they are left there",
                n=f"{done.outdated:,}",
            )
        )
    for warning in done.warnings:
        print(say("mind: {message}", message=warning), file=sys.stderr)
    if done.failed:
        words = lang.say_n(
            "{n} run has failed; the report says why, --retry-failed runs it again",
            "{n} runs have failed; the report says why, --retry-failed runs them again",
            done.failed,
        )
        print(words, file=sys.stderr)
    for kind, words in (
        ("html", mark("report: {path}")),
        ("xlsx", mark("workbook: {path}")),
        ("table", mark("table: {path}")),
    ):
        if kind in done.outputs:
            print(say(words, path=home.shown(done.outputs[kind])))


def _say_status(home: Project, name: str | None, lang: Language) -> None:
    from workbench.studies.sweep.status import sweep_states

    say, known = lang.say, sweep_states(home)
    states = [state for state in known if name in (None, state.name)]
    if not known:
        print(say("no sweep has been run"))
        return
    if not states:
        raise ProjectError(
            say("there is no sweep {name}", name=name),
            do=say(
                "use one of: {names}", names=lang.join([each.name for each in known], last="or")
            ),
        )
    words = {"running": say("running"), "stopped": say("stopped"), "finished": say("finished")}
    rows = [
        (
            state.name,
            words.get(state.status, state.status),
            f"{state.finished:,}",
            f"{state.failed:,}",
            f"{state.cases:,}",
            _duration(state.seconds_left, lang),
        )
        for state in states
    ]
    heads = (
        say("Sweep"),
        say("Status"),
        say("Finished", context="runs"),
        say("Failed", context="runs"),
        say("Runs"),
        say("Time left"),
    )
    print_table(heads, rows, right=(2, 3, 4, 5))


def _duration(seconds: float | None, lang: Language) -> str:
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


@contextmanager
def _bar(name: str, lang: Language) -> Iterator[Callable[[int, int, int, int], None] | None]:
    """A bar with the time left on a terminal; nothing where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)  # how many is told when they are laid out

        def tell(finished: int, failed: int, cases: int, before: int) -> None:
            words = f"{name} {lang.paren(lang.say('{n} failed', n=failed))}" if failed else name
            bar.update(task, completed=finished + failed, total=cases, description=words)

        yield tell
