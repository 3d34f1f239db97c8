"""How far a sweep is: from its state file and the length of its journal, while it runs as well."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.studies.project import Project
from workbench.studies.sweep.journal import JOURNAL, running
from workbench.studies.whole import write_json

#: Below the runs of a project.
FOLDER = "sweeps"
STATE = "state.json"


@dataclass(frozen=True, kw_only=True)
class SweepState:
    """How far a sweep is.

    Attributes
    ----------
    name : str
    status : str
        "running", "stopped" or "finished".
    cases, finished, failed : int
    seconds_left : float or None
        At the pace so far, while it is running.
    """

    name: str
    status: str
    cases: int
    finished: int
    failed: int
    seconds_left: float | None = None


def sweep_states(project: Project) -> list[SweepState]:
    """How far the sweeps of a project are, by name."""
    folders = sorted((project.runs / FOLDER).glob("*"))
    return [_how_far(path) for path in folders if (path / STATE).is_file()]


def sweep_folder(project: Project, name: str) -> Path:
    """Folder of the sweep of that name."""
    return project.runs / FOLDER / name


def read_state(folder: Path) -> dict[str, Any]:
    """How far the sweep was when it was last worked on; empty where it never was."""
    path = folder / STATE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def mark_state(folder: Path, status: str) -> None:
    """Say in the state of a sweep that it has finished or stopped."""
    write_json(folder / STATE, read_state(folder) | {"status": status})


def _how_far(folder: Path) -> SweepState:
    state = read_state(folder)
    fresh, failed = _since(folder, int(state.get("journal") or 0))
    finished = int(state["before"]) - int(state["failed_before"]) + fresh - failed
    failed += int(state["failed_before"])
    known = SweepState(
        name=folder.name,
        status=state["status"],
        cases=state["cases"],
        finished=finished,
        failed=failed,
    )
    if state["status"] == "finished":
        return known
    if not running(folder):
        return replace(known, status="stopped")
    spent = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(state["started"])
    left = state["cases"] - finished - failed
    pace = spent.total_seconds() / fresh * left if fresh else None
    return replace(known, status="running", seconds_left=pace)


def _since(folder: Path, offset: int) -> tuple[int, int]:
    """Lines written since, and how many of them failed; without reading what they say."""
    with (folder / JOURNAL).open("rb") as file:
        file.seek(offset)
        lines = file.read().splitlines()
    return len(lines), sum(b'"status":"failed"' in line[:60] for line in lines)
