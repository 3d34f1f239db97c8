"""Commands on studies: run one, list them, print their parameters."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.commands.shared import CompanyFolder, Home, Lang, project_or_none
from workbench.terminal import print_table, progress
from workbench.text import mark

app = typer.Typer()


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
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Run a study and say where its report is."""
    from workbench.studies import find_project, run_study

    home = find_project(project)
    say = context.obj.say
    asked = lang or context.find_root().params.get("lang")
    with progress(name, context.obj) as on_cell:
        done = run_study(
            name,
            params_file=params,
            sets=sets or (),
            company=company,
            lang=asked or home.lang or context.obj,
            project=home,
            on_cell=on_cell,
        )
    seconds = sum(done.manifest["seconds"].values())
    title = done.manifest["title"]
    print(say("{title}: finished in {seconds} s", title=title, seconds=f"{seconds:.1f}"))
    cared = [w for w in done.manifest["warnings"] if w["category"] == "WorkbenchWarning"]
    for warning in cared:
        print(say("mind: {message}", message=warning["message"]), file=sys.stderr)
    print(say("report: {path}", path=done.report))
    print(say("run: {path}", path=home.shown(done.folder)))


@app.command(help=mark("List the studies: name, question, area."))
def studies(context: typer.Context, project: Home = None, lang: Lang = None) -> None:
    """List all studies that are found."""
    from workbench.studies import studies as known

    speak = context.obj
    rows = [
        (card.name, speak.pick(*card.question), card.area(speak))
        for card in known(project_or_none(project)).values()
    ]
    heads = (speak.say("Study"), speak.say("Question"), speak.say("Area"))
    print_table(heads, rows)


@app.command(help=mark("Print a params file for a study, every parameter explained."))
def params(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the study."))],
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Print the template to save under params/NAME/."""
    from workbench.studies import registry
    from workbench.studies.parameters import template

    study = registry.card(name, project_or_none(project), context.obj).load()
    print(template(study, context.obj), end="")
