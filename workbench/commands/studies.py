"""Commands on studies: run one, verify a run, list them, print their parameters, make one."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.commands.shared import INTERRUPTED, CompanyFolder, Home, Lang, project_or_none
from workbench.errors import ParameterError
from workbench.terminal import print_table, progress
from workbench.text import mark

app = typer.Typer()

KernelTimeout = Annotated[
    float | None,
    typer.Option(
        "--kernel-timeout",
        min=0.001,
        metavar="S",
        help=mark("Seconds the kernel may take to start, and each cell to end."),
    ),
]


class Every(StrEnum):
    """How often a schedule runs."""

    DAY = "day"
    WEEKDAY = "weekday"
    WEEK = "week"
    MONTH = "month"


@app.command(help=mark("Run a study: parameters checked, notebook executed, report written."))
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the study."))],
    params: Annotated[
        Path | None, typer.Option("-p", "--params", help=mark("Params file, YAML."))
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help=mark("One parameter, name=value; may be repeated.")),
    ] = None,
    company: CompanyFolder = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help=mark("Word to find the run by; may be repeated.")),
    ] = None,
    kernel_timeout: KernelTimeout = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Run a study and say where its report is."""
    from workbench.studies import find_project, run_study

    home = find_project(project, context.obj)
    say = context.obj.say
    try:
        with progress(name, context.obj) as on_cell:
            done = run_study(
                name,
                params_file=params,
                sets=sets or (),
                company=company,
                lang=context.obj,
                project=home,
                tag=tag or (),
                kernel_timeout=kernel_timeout,
                on_cell=on_cell,
            )
    except KeyboardInterrupt:
        print(say("stopped; the run is not finished"), file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    seconds = sum(done.manifest["seconds"].values())
    title = done.manifest["title"]
    print(say("{title}: finished in {seconds} s", title=title, seconds=f"{seconds:.1f}"))
    cared = [w for w in done.manifest["warnings"] if w["category"] == "WorkbenchWarning"]
    for warning in cared:
        print(say("mind: {message}", message=warning["message"]), file=sys.stderr)
    print(say("report: {path}", path=done.report))
    print(say("run: {path}", path=home.shown(done.folder)))


@app.command(help=mark("Run a finished run again and compare: the same numbers, byte for byte?"))
def verify(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RUN", help=mark("Id or folder of a run."))],
    keep: Annotated[
        bool, typer.Option("--keep", help=mark("Keep the repetition among the runs."))
    ] = False,
    kernel_timeout: KernelTimeout = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Say whether a run still gives what it gave; exit 1 where it does not."""
    from workbench.studies import find_project, find_run
    from workbench.studies.verify import verify as verified

    home, speak = find_project(project, context.obj), context.obj
    run = find_run(home, name, lang=speak)
    with progress(run.study, speak) as on_cell:
        found = verified(
            run,
            project=home,
            lang=speak,
            keep=keep,
            kernel_timeout=kernel_timeout,
            on_cell=on_cell,
        )
    print("\n".join(found.lines(speak)))
    if found.again is not None:
        print(speak.say("run: {path}", path=home.shown(found.again.folder)))
    raise typer.Exit(0 if found.same else 1)


@app.command(help=mark("Print what runs a study or a sweep at fixed times, for cron and systemd."))
def schedule(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help=mark("Name of the study."))] = None,
    params: Annotated[
        Path | None, typer.Option("-p", "--params", help=mark("Params file, YAML."))
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help=mark("One parameter, name=value; may be repeated.")),
    ] = None,
    sweep: Annotated[
        Path | None, typer.Option("--sweep", help=mark("Sweep file, in the place of a study."))
    ] = None,
    at: Annotated[str, typer.Option("--at", help=mark("Time of day."))] = "06:30",
    every: Annotated[Every, typer.Option("--every", help=mark("How often."))] = Every.DAY,
    company: CompanyFolder = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help=mark("Word to find the run by; may be repeated.")),
    ] = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Check what is asked, then print it; nothing is installed."""
    from workbench.studies import find_project
    from workbench.studies.schedule import schedule_study, schedule_sweep

    home, speak = find_project(project, context.obj), context.obj
    asked = lang or context.find_root().params.get("lang")
    if not home.lang:  # cron and systemd have no locale to go by
        asked = asked or speak.code
    if (name is None) == (sweep is None):
        raise ParameterError(
            speak.say("name a study or a sweep file, one of the two"),
            do="workbench schedule NAME -p FILE; workbench schedule --sweep FILE",
        )
    when: dict[str, Any] = {"at": at, "every": every.value, "project": home, "speak": speak}
    if sweep is not None:
        planned = schedule_sweep(sweep, company=company, lang=asked, **when)
    else:
        planned = schedule_study(
            str(name),
            params_file=params,
            sets=sets or (),
            company=company,
            tag=tag or (),
            lang=asked,
            **when,
        )
    print(planned.text(speak))


@app.command(help=mark("List the studies: name, question, area, parameters."))
def studies(context: typer.Context, project: Home = None, lang: Lang = None) -> None:
    """List all studies that are found."""
    from workbench.studies import studies as known

    speak = context.obj
    rows = [
        (
            card.name,
            speak.pick(*card.question),
            card.area(speak),
            ", ".join(card.parameters) or "–",
        )
        for card in known(project_or_none(project, speak)).values()
    ]
    heads = (speak.say("Study"), speak.say("Question"), speak.say("Area"), speak.say("Parameters"))
    print_table(heads, rows)


@app.command(help=mark("Print a params file for a study, every parameter explained."))
def params(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the study."))],
    schema: Annotated[
        bool,
        typer.Option("--schema", help=mark("Print the JSON Schema of its params files instead.")),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("-o", help=mark("Write to this file, which must be new."))
    ] = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Print or write the template to save under params/NAME/, or the schema for editors."""
    from workbench.studies import registry
    from workbench.studies.new_study import write_new
    from workbench.studies.parameters import template
    from workbench.studies.schema import schema_text

    speak = context.obj
    study = registry.card(name, project_or_none(project, speak), speak).load()
    text = schema_text(study, speak) if schema else template(study, speak)
    if out is None:
        print(text, end="")
        return
    write_new(out, text, speak)
    print(speak.say("written: {path}", path=out))


@app.command("new-study", help=mark("Make a study that works at once, with notebook and tests."))
def new_study(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the study, as in: workbench run NAME"))],
    area: Annotated[int, typer.Option("--area", help=mark("Number of the area, 1 to 11."))] = 7,
    title: Annotated[str | None, typer.Option("--title", help=mark("Title in English."))] = None,
    title_zh: Annotated[
        str | None, typer.Option("--title-zh", help=mark("Title in Chinese."))
    ] = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Write the files, say where they are and what to do next."""
    from workbench.studies import find_project
    from workbench.studies.new_study import make_study

    home, speak = find_project(project, context.obj), context.obj
    made = make_study(home, name, area=area, title=(title, title_zh), lang=speak)
    for path in made.files:
        print(speak.say("written: {path}", path=home.shown(path)))
    print(speak.say("next: workbench run {name}; then change it to your question", name=name))
