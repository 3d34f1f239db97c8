"""Runs that may go: which, why others stay, and removing them.

Nothing is removed without being listed first. Never: a tagged run, one that may still be written,
one that a sweep counts as done, anything reached by a link or outside of the runs' folder. What
runs there are: `runs.py`. Prints of tables that no run needs any longer go as well.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.studies import data_prints
from workbench.studies.project import Project
from workbench.studies.runs import Run, runs, select
from workbench.text import mark

#: A folder written to within this time may belong to a run that is under way.
QUIET = dt.timedelta(hours=1)

# Why a run stays.
TAGGED = mark("tagged")
RECENT = mark("among the newest of its study")
YOUNG = mark("not old enough")
BUSY = mark("may still be written")
SWEPT = mark("belongs to a sweep")
LINKED = mark("reached by a link")


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that may go.

    Attributes
    ----------
    folder : Path
        Of a run, or the file of a print.
    run : Run or None
        None for a print.
    bytes : int
        That it takes on disk.
    """

    folder: Path
    run: Run | None
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What would go and what would stay.

    Attributes
    ----------
    removals : list of Removal
        Runs, then prints.
    kept : list of (Run, str)
        Runs that were asked about and stay, each with a reason of this module.
    """

    removals: list[Removal]
    kept: list[tuple[Run, str]]

    @property
    def runs(self) -> list[Removal]:
        """The runs that would go."""
        return [each for each in self.removals if each.run is not None]

    @property
    def prints(self) -> list[Removal]:
        """The prints that would go."""
        return [each for each in self.removals if each.run is None]

    @property
    def bytes(self) -> int:
        """What would be freed."""
        return sum(each.bytes for each in self.removals)


def plan_pruning(
    project: Project,
    *,
    study: str | None = None,
    keep: int = 5,
    older_than: dt.timedelta | None = None,
    status: str | None = None,
    now: dt.datetime | None = None,
) -> Pruning:
    """Say which runs may go; remove nothing.

    Parameters
    ----------
    project : Project
    study : str, optional
        Only its runs.
    keep : int
        The newest so many finished runs of each study stay, and as many failed ones.
    older_than : timedelta, optional
        Younger ones stay.
    status : str, optional
        Only runs of this status: "finished", "failed" or "partial".
    now : datetime, optional
        With a time zone; else the present.
    """
    now = now or dt.datetime.now(dt.UTC)
    known = runs(project)
    recent = _recent(known, keep)
    swept = _swept(project)
    going: list[Run] = []
    kept: list[tuple[Run, str]] = []
    for run in select((r for r in known if study in (None, r.study)), status=status):
        reason = (
            (LINKED if _is_linked(run, project) else None)
            or (TAGGED if run.tags else None)
            or (BUSY if run.status == "partial" and _is_busy(run, now) else None)
            or (SWEPT if project.shown(run.folder) in swept else None)
            or (RECENT if run.folder in recent else None)
            or (YOUNG if _is_young(run, older_than, now) else None)
        )
        if reason is None:
            going.append(run)
        else:
            kept.append((run, reason))
    leaving = {run.folder for run in going}
    staying = (run for run in known if run.folder not in leaving)
    removals = [Removal(run.folder, run, _size(run.folder)) for run in going]
    return Pruning(removals=[*removals, *_prints(project, staying, now)], kept=kept)


def prune(pruning: Pruning) -> Iterator[tuple[Removal, OSError | None]]:
    """Remove what may go, one after the other; yield each with what went wrong, if anything did.

    A run first loses its name, so that one that is half removed never looks like a run.
    """
    for removal in pruning.removals:
        try:
            _remove(removal)
        except OSError as error:
            yield removal, error
        else:
            yield removal, None


# -- what stays ---------------------------------------------------------------------------------


def _recent(known: Iterable[Run], keep: int) -> set[Path]:
    """Folders of the newest finished and failed runs of each study."""
    counted: Counter[tuple[str, str]] = Counter()
    found = set()
    for run in known:  # newest first
        counted[run.study, run.status] += 1
        if run.status != "partial" and counted[run.study, run.status] <= keep:
            found.add(run.folder)
    return found


def _swept(project: Project) -> set[str]:
    """Folders, as a project shows them, of runs that a sweep counts as done.

    Of a sweep that has come to its end those of its table, not those of its journal that were run
    with former code or data; of any other all of its journal.
    """
    from workbench.studies.sweep.journal import read_lines
    from workbench.studies.sweep.outputs import runs_of_table
    from workbench.studies.sweep.status import FOLDER, read_state

    found: set[str] = set()
    for journal in (project.runs / FOLDER).glob("*/journal.jsonl"):
        ended = read_state(journal.parent).get("status") == "finished"
        of_table = runs_of_table(journal.parent) if ended else None
        if of_table is None:
            of_table = {line.run for line in read_lines(journal.parent).values() if line.run}
        found |= of_table
    return found


def _is_linked(run: Run, project: Project) -> bool:
    """Whether the folder lies elsewhere than its path says."""
    return run.folder.resolve() != project.runs.resolve() / run.study / run.folder.name


def _is_young(run: Run, older_than: dt.timedelta | None, now: dt.datetime) -> bool:
    return older_than is not None and run.started is not None and now - run.started < older_than


def _is_busy(run: Run, now: dt.datetime) -> bool:
    """Whether the folder was written to a short time ago, or a command of then is still there."""
    newest = max((path.lstat().st_mtime for path in _all(run.folder)), default=0.0)
    if now.timestamp() - newest < QUIET.total_seconds():
        return True
    return run.started is not None and _oldest_command() <= run.started.timestamp()


def _oldest_command() -> float:
    """When the oldest other command of the workbench that is still at work was started."""
    import psutil

    times = [
        process.info["create_time"]
        for process in psutil.process_iter(["pid", "cmdline", "create_time"])
        if process.info["pid"] != os.getpid()
        and any(Path(word).stem == "workbench" for word in process.info["cmdline"] or ())
    ]
    return min(times, default=float("inf"))


def _prints(project: Project, staying: Iterable[Run], now: dt.datetime) -> list[Removal]:
    """Prints that no run needs which stays; one just made may belong to a run under way."""
    folder = project.runs / data_prints.FOLDER
    if not folder.is_dir() or folder.is_symlink():
        return []
    needed = {
        data_prints.print_path(folder, name, state)
        for run in staying
        for name, state in data_prints.states_read(run.manifest).items()
    }
    old = now.timestamp() - QUIET.total_seconds()
    return [
        Removal(path, None, path.lstat().st_size)
        for path in sorted(folder.iterdir())
        if path not in needed and path.is_file() and path.lstat().st_mtime < old
    ]


# -- files --------------------------------------------------------------------------------------


def _remove(removal: Removal) -> None:
    if removal.run is None:
        removal.folder.unlink(missing_ok=True)
        return
    doomed = removal.folder
    if not removal.run.partial:
        doomed = doomed.rename(doomed.with_name(f".{removal.run.id}.partial"))
    shutil.rmtree(doomed)


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in _all(folder))


def _all(folder: Path) -> Iterator[Path]:
    """The folder and all in it; links are not followed."""
    for place, folders, files in os.walk(folder):
        yield Path(place)
        yield from (Path(place, name) for name in (*folders, *files))
