"""The command `workbench compile`: compile all kernels once, so that first use is quick.

A kernel is compiled for the types of the arrays it is given, so it is compiled by use: rooms call
theirs on small examples, and every study runs on a small company that is made for it. What stands
in the cache for this state of the code is not compiled again.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import typer

from workbench import compiled
from workbench.commands.shared import Lang
from workbench.text import Language, mark

app = typer.Typer()

_DRAWS = 200


@app.command("compile", help=mark("Compile the models once, so that first use is quick."))
def compile_(context: typer.Context, lang: Lang = None) -> None:
    """Compile what is not compiled yet and say how long it took."""
    say = context.obj.say
    began = time.monotonic()
    known = compiled.kept()
    if known is None:
        print(say("compiling the models, once on this machine: one to two minutes"), flush=True)
        known = compile_all()
    seconds = context.obj.number(round(time.monotonic() - began, 1))
    print(say("{n} functions compiled, in {seconds} s", n=len(known), seconds=seconds))


def compile_all() -> list[str]:
    """Compile every kernel of the package in two processes; return the names of those that are.

    Raises
    ------
    WorkbenchError
        What a study raises on the small company.
    """
    from workbench.sample import generate

    with tempfile.TemporaryDirectory(prefix="workbench-compile-") as name:
        folder = Path(name)
        generate(folder / "company", size="tiny")
        found = _beside([_models, partial(_rooms, folder)])
        found |= _beside([partial(_study, each, folder) for each in _studies()])
    compiled.keep(found)
    return sorted(found)


def _beside(parts: list[Callable[[], set[str]]]) -> set[str]:
    """Do parts in two processes; return what all have made ready."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    fresh = multiprocessing.get_context("spawn")
    workers = min(2, os.cpu_count() or 1, len(parts))
    with ProcessPoolExecutor(workers, mp_context=fresh, max_tasks_per_child=1) as pool:
        return set().union(*pool.map(_call, parts))


def _call(part: Callable[[], set[str]]) -> set[str]:
    return part()


def _models() -> set[str]:
    from workbench.forecasting.warm import compile_models

    compile_models()
    return compiled.ready()


def _rooms(folder: Path) -> set[str]:
    from workbench.company import open_company
    from workbench.forecasting.warm import compile_around
    from workbench.incentives.warm import compile_all as of_incentives
    from workbench.planning.warm import compile_all as of_planning

    of_planning()
    compile_around()
    of_incentives(open_company(folder / "company"), folder)
    return compiled.ready()


def _studies() -> list[str]:
    """Studies of the package; those of a project are its own."""
    from workbench.studies import studies

    return list(studies())


def _study(name: str, folder: Path) -> set[str]:
    """Ask everything of a study."""
    from workbench.company import open_company
    from workbench.studies import study as study_of

    study = study_of(name)
    few = {"draws": _DRAWS} if "draws" in study.params.model_fields else {}
    results = study.compute(open_company(folder / "company"), study.params(**few))
    results.summary()
    results.tables()
    results.figures(Language("en"))
    return compiled.ready()
