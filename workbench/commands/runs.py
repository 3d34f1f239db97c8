"""Commands on runs: list and tag what was run, remove old ones, compare, open a report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.commands.shared import Home, Lang
from workbench.errors import ParameterError
from workbench.terminal import has_browser, print_table
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.studies import Project, Run
    from workbench.studies.prune import Pruning

app = typer.Typer()

STATUS = {
    "finished": mark("finished"),
    "failed": mark("failed"),
    "partial": mark("not finished"),
}
_AGES = {"h": "hours", "d": "days", "w": "weeks"}
LISTED = 20  # runs that stay, told one by one


@app.command(help=mark("List the runs, newest first; tag them, or remove old ones."))
def runs(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help=mark("Only those of this study; with --tag and ids: runs to tag.")),
    ] = None,
    status: Annotated[
        str | None, typer.Option(help=mark("Only finished, failed or partial."))
    ] = None,
    tag: Annotated[
        str | None, typer.Option(help=mark("Only runs with this tag; with ids: tag them so."))
    ] = None,
    untag: Annotated[
        str | None, typer.Option(help=mark("Take this tag off the runs named."))
    ] = None,
    since: Annotated[
        str | None, typer.Option(help=mark("Only from this day on, such as 2026-11-01."))
    ] = None,
    company: Annotated[
        str | None, typer.Option(help=mark("Only of this company: part of its name, or folder."))
    ] = None,
    limit: Annotated[int | None, typer.Option(help=mark("At most so many."))] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help=mark("Say which runs may be removed; nothing goes yet."))
    ] = False,
    keep: Annotated[
        int, typer.Option(help=mark("With --prune: the newest of each study that stay."))
    ] = 5,
    older_than: Annotated[
        str | None, typer.Option(help=mark("With --prune: only runs older than 90d, 12h or 8w."))
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help=mark("With --prune: remove them now."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """List, tag or prune runs."""
    from workbench.studies import find_project
    from workbench.studies import runs as known
    from workbench.studies.runs import select

    home, speak = find_project(project, context.obj), context.obj
    if status not in (None, *STATUS):
        raise ParameterError(
            speak.say("{value} is no status of a run", value=status),
            do=speak.say("use one of: {names}", names=speak.pause.join(STATUS)),
        )
    for value, least in ((limit, 1), (keep, 0)):
        if value is not None and value < least:
            raise ParameterError(
                speak.say("{value} is no number of runs", value=value),
                do=speak.say("give a whole number from {low}", low=least),
            )
    study = _study(home, names or [], speak)
    if prune:
        _prune(home, study, keep=keep, older_than=older_than, status=status, yes=yes, lang=speak)
        return
    if names and (untag or (tag and study is None)):
        _tag(home, names, tag, untag, speak)
        return
    if untag:
        raise ParameterError(
            speak.say("no run is named"), do=speak.say("name the runs: workbench runs ID --untag T")
        )
    chosen = select(
        known(home, study=study) if study or not names else _named(home, names, speak),
        status=status,
        tag=tag,
        since=_day(since, speak) if since else None,
        company=company,
    )
    _print_runs(islice(chosen, limit), speak)


@app.command(help=mark("Say what differs between runs: parameters, data, code, results."))
def compare(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN_A RUN_B...",
            help=mark("Id, part of an id, folder, tag or study; the first is the base."),
        ),
    ],
    html: Annotated[
        Path | None, typer.Option("--html", help=mark("File of the report; else in runs/compare."))
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=mark("Print every difference, not only the largest."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Print the differences and write them as one HTML file."""
    from workbench.studies import find_project
    from workbench.studies.compare import compare_runs, print_comparison, write_comparison

    home = find_project(project, context.obj)
    asked = lang or context.find_root().params.get("lang")
    compared = compare_runs(home, names, lang=asked or None, speak=context.obj)
    print_comparison(compared, everything=everything)
    path = write_comparison(compared, html)
    print(compared.lang.say("report: {path}", path=path))


@app.command("open", help=mark("Open the report of a run, by default of the newest."))
def open_(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(help=mark("Id, part of an id, folder, or study whose newest is meant.")),
    ] = None,
    path: Annotated[
        bool, typer.Option("--path", help=mark("Only print where the report is."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Open a report in the browser; where there is none, print its path."""
    from workbench.studies import find_project, find_run

    home = find_project(project, context.obj)
    found = find_run(home, run, lang=context.obj)
    shown = found.report if found.report.is_file() else found.folder / "notebook.ipynb"
    print(shown)
    if not path and has_browser():
        import webbrowser

        webbrowser.open(shown.as_uri())


# -- listing and tagging --------------------------------------------------------------------------


def _study(project: Project, names: list[str], lang: Language) -> str | None:
    """The study named, if one name is given and runs of it, or the study itself, are there."""
    from workbench.studies import studies

    if len(names) != 1:
        return None
    (name,) = names
    there = (project.runs / name).is_dir() and not name.startswith(".") and "/" not in name
    return name if there or name in studies(project) else None


def _named(project: Project, names: Iterable[str], lang: Language) -> list[Run]:
    from workbench.studies import find_run

    return [find_run(project, name, lang=lang) for name in names]


def _tag(
    project: Project, names: list[str], tag: str | None, untag: str | None, lang: Language
) -> None:
    from workbench.studies.runs import tag_run

    found = _named(project, names, lang)  # all of them, before one is tagged
    add, remove = [tag] if tag else [], [untag] if untag else []
    _print_runs((tag_run(run, add=add, remove=remove, lang=lang) for run in found), lang)


def _print_runs(chosen: Iterable[Run], lang: Language) -> None:
    from workbench.studies.runs import told_apart

    say, found = lang.say, list(chosen)
    if not found:
        print(say("there is no such run"))
        return
    apart = told_apart(found)
    columns = {
        say("Run"): [run.id for run in found],
        say("Study"): [run.study for run in found],
        say("Status"): [say(STATUS.get(run.status, run.status)) for run in found],
        say("Language"): [run.manifest.get("lang", "") for run in found],
        say("Company", context="run"): [run.company for run in found],
        say("Seconds"): [_seconds(run) for run in found],
        say("Tags"): [lang.pause.join(run.tags) for run in found],
        say("Parameters that differ"): [_parameters(apart[run.folder]) for run in found],
    }
    # what is alike in all of them takes no room from what tells them apart
    hidden = {
        say("Language"): len({run.manifest["lang"] for run in found if run.manifest}) < 2,
        say("Company", context="run"): len({run.place for run in found} - {""}) < 2,
        **{head: not any(columns[head]) for head in (say("Tags"), say("Parameters that differ"))},
    }
    shown = {head: texts for head, texts in columns.items() if not hidden.get(head)}
    right = list(shown).index(say("Seconds"))
    rows = zip(*shown.values(), strict=True)
    print_table(list(shown), rows, right=(right,), whole=(0, 1, 2, right))


def _seconds(run: Run) -> str:
    spent = run.manifest.get("seconds")
    return f"{sum(spent.values()):.1f}" if spent else "–"


def _parameters(values: Mapping[str, Any]) -> str:
    """Parameters as --set takes them, a line each."""
    from workbench.studies.yaml_values import write_value

    return "\n".join(f"{name}={write_value(value)}" for name, value in values.items())


def _day(text: str, lang: Language) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            lang.say("{value} is no date", value=text), do=lang.say("write it as 2026-07-31")
        ) from None


# -- pruning --------------------------------------------------------------------------------------


def _prune(
    project: Project,
    study: str | None,
    *,
    keep: int,
    older_than: str | None,
    status: str | None,
    yes: bool,
    lang: Language,
) -> None:
    from workbench.studies import prune as pruning

    age = _age(older_than, lang) if older_than else None
    plan = pruning.plan_pruning(project, study=study, keep=keep, older_than=age, status=status)
    _say_kept(plan, lang)
    _say_going(plan, lang)
    if not plan.removals:
        return
    if not yes:
        print(lang.say("nothing was removed; with --yes they go for good"))
        return
    freed, failed = 0, 0
    for removal, error in pruning.prune(plan):
        if error is None:
            freed += removal.bytes
        else:
            failed += 1
            place = project.shown(removal.folder)
            print(lang.say("not removed: {place}: {reason}", place=place, reason=str(error)))
    print(lang.say("freed: {size} MB", size=_megabytes(freed, lang)))
    if failed:
        raise typer.Exit(1)


def _say_kept(plan: Pruning, lang: Language) -> None:
    for run, reason in plan.kept[:LISTED]:
        print(
            lang.say(
                "stays: {run}{why}", run=f"{run.study}/{run.id}", why=lang.paren(lang.say(reason))
            )
        )
    if len(plan.kept) > LISTED:
        print(lang.say("{n} more stay", n=lang.number(len(plan.kept) - LISTED)))


def _say_going(plan: Pruning, lang: Language) -> None:
    say = lang.say
    rows = [
        (each.run.id, each.run.study, say(STATUS[each.run.status]), _megabytes(each.bytes, lang))
        for each in plan.runs
        if each.run is not None
    ]
    if rows:
        heads = (say("Run"), say("Study"), say("Status"), "MB")
        print_table(heads, rows, right=(3,))
    size = _megabytes(plan.bytes, lang)
    n, prints = lang.number(len(rows)), lang.number(len(plan.prints))
    if not plan.removals:
        print(say("no run may be removed"))
    elif plan.prints:
        print(
            say(
                "may go: {n} runs and {prints} prints of tables, {size} MB",
                n=n,
                prints=prints,
                size=size,
            )
        )
    else:
        print(say("may go: {n} runs, {size} MB", n=n, size=size))


def _age(text: str, lang: Language) -> dt.timedelta:
    found = re.fullmatch(r"(\d{1,5})([hdw])", text.strip())
    if not found:
        raise ParameterError(
            lang.say("{value} is no age", value=text), do=lang.say("write it as 90d, 12h or 8w")
        )
    return dt.timedelta(**{_AGES[found[2]]: int(found[1])})


def _megabytes(size: int, lang: Language) -> str:
    return lang.number(size / 1e6, decimals=1)
