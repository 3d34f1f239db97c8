"""The command `workbench app`: planners in the browser, for people who never see a notebook."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from workbench.commands.shared import Home, Lang
from workbench.text import mark

app = typer.Typer()


@app.command("app", help=mark("Serve the planners to a browser on this machine."))
def app_(
    context: typer.Context,
    port: Annotated[int, typer.Option(help=mark("Port; the next free one is taken."))] = 8866,
    host: Annotated[
        str, typer.Option(help=mark("Address to listen on; any but this machine needs a token."))
    ] = "127.0.0.1",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help=mark("Only print the address."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Serve until interrupted; the token is made, or taken from WORKBENCH_APP_TOKEN."""
    from workbench.planners.app.server import serve
    from workbench.studies import find_project
    from workbench.text import Language

    home = find_project(project, context.obj)
    asked = lang or context.find_root().params.get("lang") or home.lang
    speak = Language(asked) if asked else context.obj
    token = os.environ.get("WORKBENCH_APP_TOKEN", "")
    serve(home, lang=speak, port=port, host=host, token=token, browser=not no_browser)
