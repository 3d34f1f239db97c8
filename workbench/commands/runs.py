"""Commands on runs: list what was run, open a report."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.commands.shared import Home, Lang
from workbench.terminal import has_browser, print_table
from workbench.text import mark

app = typer.Typer()


@app.command(help=mark("List the runs, newest first."))
def runs(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help=mark("Only those of this study."))] = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """List runs with status, company and time."""
    from workbench.studies import find_project
    from workbench.studies import runs as known

    say = context.obj.say
    status = {
        "finished": say("finished"),
        "failed": say("failed"),
        "partial": say("not finished"),
    }
    rows = [
        (
            run.id,
            run.study,
            status.get(run.status, run.status),
            run.manifest.get("lang", ""),
            run.manifest.get("company", {}).get("name", ""),
            f"{sum(run.manifest.get('seconds', {}).values()):.1f}",
        )
        for run in known(find_project(project), study=name)
    ]
    print_table(
        (
            say("Run"),
            say("Study"),
            say("Status"),
            say("Language"),
            say("Company", context="run"),
            say("Seconds"),
        ),
        rows,
        right=(5,),
    )


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

    home = find_project(project)
    found = find_run(home, run, lang=context.obj)
    shown = found.report if found.report.is_file() else found.folder / "notebook.ipynb"
    print(shown)
    if not path and has_browser():
        import webbrowser

        webbrowser.open(shown.as_uri())
