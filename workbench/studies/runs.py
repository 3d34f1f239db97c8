"""Runs on disk: which there are, which one is meant.

runs/NAME/20261123T081502Z-1a2b3c4d/            finished or failed, see its manifest
runs/NAME/.20261123T081502Z-1a2b3c4d.partial/   being written, or killed while it was
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.errors import ProjectError
from workbench.studies.manifest import MANIFEST
from workbench.studies.project import Project
from workbench.text import Language

REPORT = "report.html"
WORKBOOK = "results.xlsx"
NOTEBOOK = "notebook.ipynb"
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Run:
    """One run on disk.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @property
    def id(self) -> str:
        """UTC time and first 8 digits of the hash."""
        return self.folder.name.removeprefix(".").removesuffix(".partial")

    @property
    def study(self) -> str:
        """Name of the study."""
        return self.folder.parent.name

    @property
    def partial(self) -> bool:
        """Whether it is still being written, or was killed."""
        return self.folder.name.endswith(".partial")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest; empty where there is none yet."""
        path = self.folder / MANIFEST
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    @property
    def status(self) -> str:
        """ "finished", "failed" or "partial"."""
        return "partial" if self.partial else str(self.manifest.get("status", "partial"))

    @property
    def report(self) -> Path:
        """The report; a failed run has none."""
        return self.folder / REPORT

    @property
    def started(self) -> dt.datetime | None:
        """When it started, UTC; None where the name is none of ours."""
        try:
            moment = dt.datetime.strptime(self.id.partition("-")[0], STAMP)
        except ValueError:
            return None
        return moment.replace(tzinfo=dt.UTC)


def runs(project: Project, *, study: str | None = None) -> list[Run]:
    """Return all runs of a project, or of one study, newest first."""
    found = [run for run in _folders(project, study) if run.started is not None]
    return sorted(found, key=lambda run: (run.id, run.study), reverse=True)


def find_run(project: Project, name: str | None = None, *, lang: Language | None = None) -> Run:
    """Find the run a person means.

    Parameters
    ----------
    name : str, optional
        Folder, id, beginning or end of an id, or a study, whose newest finished run is meant.
        Without it the newest finished run of all.

    Raises
    ------
    ProjectError
        If there is none, or the name fits several.
    """
    lang = lang or Language("en")
    if name and (Path(name) / MANIFEST).is_file():
        return Run(Path(name).resolve())
    known = runs(project)
    if name is None or any(run.study == name for run in known):
        done = [run for run in known if run.status == "finished" and name in (None, run.study)]
        if done:
            return done[0]
    fitting = [run for run in known if name and (run.id.startswith(name) or run.id.endswith(name))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise ProjectError(
            lang.say("{name} fits {n} runs", name=name, n=len(fitting)),
            where=lang.pause.join(f"{run.study}/{run.id}" for run in fitting[:5]),
            do=lang.say("give more of the id"),
        )
    raise ProjectError(
        lang.say("there is no finished run {name}", name=name or ""),
        where=project.shown(project.runs),
        do=lang.say("list them: workbench runs; make one: workbench run NAME"),
    )


def _folders(project: Project, study: str | None) -> Iterator[Run]:
    pattern = f"{study or '*'}/*"
    yield from (Run(path) for path in project.runs.glob(pattern) if path.is_dir())
