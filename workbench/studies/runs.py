"""Runs on disk: which there are, which one is meant, what they are tagged.

runs/NAME/20261123T081502Z-1a2b3c4d/            finished or failed, see its manifest
    tags.json                                   tags given later; they stand above the manifest's
runs/NAME/.20261123T081502Z-1a2b3c4d.partial/   being written, or killed while it was

Folders are listed by their names; a manifest is read when it is asked for, so that the newest of
many thousand runs are found at once. Removing runs: `prune.py`. Comparing them: `compare/`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.errors import ParameterError, ProjectError
from workbench.studies.manifest import MANIFEST
from workbench.studies.project import Project
from workbench.studies.whole import write_json
from workbench.text import Language

REPORT = "report.html"
WORKBOOK = "results.xlsx"
NOTEBOOK = "notebook.ipynb"
TAGS = "tags.json"
STAMP = "%Y%m%dT%H%M%SZ"

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-|$)", re.ASCII)
_TAG = re.compile(r"\w[\w.\-]*")


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

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Tags in alphabetical order: those given later, else those it was run with."""
        path = self.folder / TAGS
        later = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return tuple(sorted(self.manifest.get("tags", ()) if later is None else later))

    @property
    def company(self) -> str:
        """Name of the company in the language of the run; "" where nothing says it."""
        return str(self.manifest.get("company", {}).get("name", ""))

    @property
    def place(self) -> str:
        """Folder of the company as the run has it; "" where nothing says it."""
        return str(self.manifest.get("company", {}).get("path", ""))

    @property
    def report(self) -> Path:
        """The report; a failed run has none."""
        return self.folder / REPORT

    @property
    def started(self) -> dt.datetime | None:
        """When it started, UTC; None where the name is none of ours."""
        found = _MOMENT.match(self.id)  # many times faster than strptime
        if found is None:
            return None
        year, month, day, hour, minute, second = map(int, found.groups())
        try:
            return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
        except ValueError:
            return None


def runs(project: Project, *, study: str | None = None) -> list[Run]:
    """Return all runs of a project, or of one study, newest first; no manifest is read."""
    found = [run for run in _folders(project, study) if run.started is not None]
    return sorted(found, key=lambda run: (run.id, run.study), reverse=True)


def select(
    known: Iterable[Run],
    *,
    status: str | None = None,
    tag: str | None = None,
    since: dt.date | None = None,
    company: str | None = None,
) -> Iterator[Run]:
    """Yield the runs that fit all that is asked, in the order given.

    Parameters
    ----------
    known : iterable of Run
    status : str, optional
        "finished", "failed" or "partial".
    tag : str, optional
    since : date, optional
        First day, UTC.
    company : str, optional
        Part of the company's name, or its folder as the run has it; case does not matter.
    """
    for run in known:
        begun = run.started
        if since is not None and (begun is None or begun.date() < since):
            continue
        if tag is not None and not (_mentions(run, tag) and tag in run.tags):
            continue
        if status not in (None, run.status):
            continue
        if company is None or _is_of(run, company):
            yield run


def told_apart(chosen: Iterable[Run]) -> dict[Path, dict[str, Any]]:
    """Parameters that are not the same in all of some runs of a study, by folder of the run."""
    of_study: dict[str, list[Run]] = {}
    for run in chosen:
        of_study.setdefault(run.study, []).append(run)
    found = {}
    for alike in of_study.values():
        given = {run.folder: run.manifest.get("params", {}) for run in alike}
        names = dict.fromkeys(name for params in given.values() for name in params)
        whole = [params for params in given.values() if params]
        differing = [
            name for name in names if any(each.get(name) != whole[0].get(name) for each in whole)
        ]
        for folder, params in given.items():
            found[folder] = {name: params[name] for name in differing if name in params}
    return found


def tag_run(
    run: Run,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    lang: Language | None = None,
) -> Run:
    """Tag a run, or take tags off; return it as it is now.

    Parameters
    ----------
    run : Run
    add, remove : iterable of str
        Letters, digits, "_", "-" and "."; a tag that is not there is removed in silence.
    lang : Language, optional
        Of errors.

    Raises
    ------
    ParameterError
        If a tag to add is no such word.
    """
    added = checked_tags(add, lang=lang or Language("en"))
    tags = sorted(({*run.tags} | {*added}) - {*remove})
    write_json(run.folder / TAGS, tags)
    return Run(run.folder)


def checked_tags(tags: Iterable[str], *, lang: Language) -> list[str]:
    """The tags as given; a ParameterError where one is no such word."""
    found = list(tags)
    for tag in found:
        if not _TAG.fullmatch(tag):
            raise ParameterError(
                lang.say("{tag} is no tag", tag=repr(tag)),
                do=lang.say(
                    "use letters, digits, hyphens, underscores and points, such as budget-2027"
                ),
            )
    return found


def find_run(project: Project, name: str | None = None, *, lang: Language | None = None) -> Run:
    """Find the run a person means.

    Parameters
    ----------
    name : str, optional
        Folder, id, beginning or end of an id, ``study/id``, a study, whose newest finished run is
        meant, or a tag that one run has. Without it the newest finished run of all. A run that
        was killed is meant only where no whole one is called so.

    Raises
    ------
    ProjectError
        If there is none, or the name fits several.
    """
    lang = lang or Language("en")
    if name and (Path(name) / MANIFEST).is_file():
        return Run(Path(name).resolve())
    known = runs(project)
    newest = next(select((r for r in known if name in (None, r.study)), status="finished"), None)
    if newest is not None:
        return newest
    fitting = [run for run in known if name and _is_called(run, name)]
    fitting = [run for run in fitting if not run.partial] or fitting
    fitting = fitting or list(select(known if name else (), tag=name))
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


def _is_called(run: Run, name: str) -> bool:
    study, _, short = name.rpartition("/")
    named = run.id.startswith(short) or run.id.endswith(short)
    return bool(short) and named and study in ("", run.study)


def _mentions(run: Run, tag: str) -> bool:
    """Whether the tag can stand in the files of the run; they are read, but not understood."""
    if (run.folder / TAGS).is_file():
        return True
    path = run.folder / MANIFEST
    return path.is_file() and json.dumps(tag, ensure_ascii=False).encode() in path.read_bytes()


def _is_of(run: Run, company: str) -> bool:
    return company.casefold() in run.company.casefold() or company == run.place


def _folders(project: Project, study: str | None) -> Iterator[Run]:
    """Folders that may be runs; what is hidden beside the studies is none."""
    names = [study] if study else _names(project.runs)
    for name in names:
        if not name.startswith("."):
            folder = project.runs / name
            yield from (Run(folder / each) for each in _names(folder))


def _names(folder: Path) -> list[str]:
    """Names of the folders in a folder; none where it is not there."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.is_dir()]
