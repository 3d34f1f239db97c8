"""The command `workbench compile`: compile the models once, so that first use is quick."""

from __future__ import annotations

import time
from importlib import import_module

import typer

from workbench.commands.shared import Lang
from workbench.text import mark

app = typer.Typer()

#: Functions that call every compiled kernel of a room on a small example.
ROOMS = (
    "workbench.forecasting.models.registry:compile_all",
    "workbench.incentives.behaviour.dynamic:compile_all",
    "workbench.planning.warm:compile_all",
)


@app.command("compile", help=mark("Compile the models once, so that the first forecast is quick."))
def compile_(context: typer.Context, lang: Lang = None) -> None:
    """Compile what is not compiled yet and say how long it took."""
    began = time.monotonic()
    for room in ROOMS:
        module, function = room.split(":")
        getattr(import_module(module), function)()
    seconds = context.obj.number(time.monotonic() - began)
    print(context.obj.say("models compiled in {seconds} s", seconds=seconds))
