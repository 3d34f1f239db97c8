"""Commands on projects: make one, open JupyterLab on it, the versions in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.commands.shared import Home, Lang
from workbench.text import mark

app = typer.Typer()


@app.command(help=mark("Make a project of one's own: notebooks, params and an empty company."))
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help=mark("Folder to make; empty or new."))],
    lang: Lang = None,
) -> None:
    """Make a project and say what to do next."""
    from workbench.studies.new_project import make_project

    made = make_project(folder, lang=context.obj)
    say = context.obj.say
    print(say("project made: {folder}", folder=made.root))
    print(say("next: read {file}", file=made.root / "README.md"))


@app.command(help=mark("Open JupyterLab on the project, with a kernel of this installation."))
def lab(
    context: typer.Context,
    project: Home = None,
    lang: Lang = None,
    options: Annotated[
        list[str] | None, typer.Argument(help=mark("Options for JupyterLab, after --."))
    ] = None,
) -> None:
    """Start JupyterLab and wait until it ends."""
    from workbench.studies import find_project
    from workbench.studies.lab import start_lab

    home = find_project(project, context.obj)
    raise typer.Exit(start_lab(home, options or [], lang=context.obj))


@app.command(help=mark("Print the versions of the workbench and of what it computes with."))
def version(context: typer.Context, lang: Lang = None) -> None:
    """Print versions."""
    from workbench.studies.manifest import versions

    for name, number in versions().items():
        print(f"{name} {number}")
