"""What went into two runs and differs: parameters, rows of the data, files and versions of code.

Taken from the manifests, from `sources.json` and from the prints of tables
(`studies/data_prints.py`). What came out: `results.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workbench.contract import Params
from workbench.errors import WorkbenchError
from workbench.studies import data_prints, registry
from workbench.studies.data_prints import RowDifference
from workbench.studies.manifest import SOURCES
from workbench.studies.project import Project
from workbench.studies.runs import Run
from workbench.tables import TABLES
from workbench.text import Language

#: Stands where a run did not have the parameter.
ABSENT = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterChange:
    """A parameter that differs.

    Attributes
    ----------
    name, label, unit : str
        For people; the name where the study no longer declares it.
    before, after : str
        As written for people.
    """

    name: str
    label: str
    unit: str
    before: str
    after: str


TableState = Literal["changed", "only_before", "only_after", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """A table of the company that differs between what two runs have read.

    Attributes
    ----------
    name : str
    state : str
        "changed"; "only_before" or "only_after" where it has changed and only one run read it;
        "unknown" where a manifest does not say which state was read.
    rows_before, rows_after : int or None
    rows : RowDifference or None
        None where there is no print of one of the states: the files differ, rows cannot be told.
    """

    name: str
    state: TableState
    rows_before: int | None
    rows_after: int | None
    rows: RowDifference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChange:
    """What differs in the data.

    Attributes
    ----------
    tables : list of TableChange
        Of those read.
    same : int
        Tables read that are in the same state.
    unread : list of str
        Tables that differ and were not read by either run.
    company : (str, str) or None
        Names and folders, where the runs are of different ones.
    rest : bool
        Whether the company differs although none of its tables does: then it is its settings.
    """

    tables: list[TableChange]
    same: int
    unread: list[str]
    company: tuple[str, str] | None
    rest: bool

    @property
    def any(self) -> bool:
        """Whether anything differs that can have changed a number."""
        changed = any(each.rows is None or each.rows.any for each in self.tables)
        return changed or self.rest or self.company is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """What differs in the code.

    Attributes
    ----------
    changed, added, removed : list of str
        Files of the package and of the project's own studies.
    told : bool
        Whether both runs list their files; otherwise only the hashes are compared.
    code, notebook, lock : bool
        Whether the hash of all files, of the notebook's source, of the lock file differs.
    versions : dict of str to (str, str)
        Packages whose versions differ; "–" where one is not there.
    commits : (str, str) or None
        Git commits of the two runs, "+" after one with changes not committed; None where they are
        the same or not known.
    """

    changed: list[str]
    added: list[str]
    removed: list[str]
    told: bool
    code: bool
    notebook: bool
    lock: bool
    versions: dict[str, tuple[str, str]]
    commits: tuple[str, str] | None

    @property
    def any(self) -> bool:
        """Whether anything differs that can have changed a number."""
        return self.code or self.notebook or self.lock or bool(self.versions)


# -- parameters ---------------------------------------------------------------------------------


def parameter_changes(
    project: Project, before: Run, after: Run, lang: Language
) -> list[ParameterChange]:
    """Parameters that differ, or whose files do, in the order in which the study declares them."""
    values = before.manifest.get("params", {}), after.manifest.get("params", {})
    contents = before.manifest.get("files", {}), after.manifest.get("files", {})
    labelled = _declared(project, before.study, lang)
    names = list(dict.fromkeys([*labelled, *values[0], *values[1]]))
    missing = object()
    found = []
    for name in names:
        pair = [each.get(name, missing) for each in values]
        if _same(*pair) and contents[0].get(name) == contents[1].get(name):
            continue
        known = labelled.get(name)
        written = [
            ABSENT if value is missing else known.written(value, lang) if known else _plain(value)
            for value in pair
        ]
        if _same(*pair):
            written[1] += lang.paren(lang.say("with other contents"))
        found.append(
            ParameterChange(
                name=name,
                label=known.title if known else name,
                unit=known.unit if known else "",
                before=written[0],
                after=written[1],
            )
        )
    return found


def _declared(project: Project, study: str, lang: Language) -> dict[str, Any]:
    """Parameters of the study as it is declared today; none where it can no longer be read."""
    try:
        params: type[Params] = registry.card(study, project, lang).load().params
    except (WorkbenchError, ImportError, SyntaxError):
        return {}
    return {parameter.name: parameter for parameter in params.declared(lang)}


def _same(before: Any, after: Any) -> bool:
    """Whether two literals are the same; a flag is no number."""
    return before == after and isinstance(before, bool) == isinstance(after, bool)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# -- data ---------------------------------------------------------------------------------------


def data_change(project: Project, before: Run, after: Run, lang: Language) -> DataChange:
    """What differs in the data; rows are counted where both states have a print."""
    read = [run.manifest.get("company", {}).get("tables_read", {}) for run in (before, after)]
    hashes = [run.manifest.get("company", {}).get("hash") for run in (before, after)]
    if hashes[0] == hashes[1]:
        same = len({*read[0]} | {*read[1]})
        return DataChange(tables=[], same=same, unread=[], company=None, rest=False)
    states = [run.manifest.get("company", {}).get("table_hashes", {}) for run in (before, after)]
    names = [name for name in TABLES if name in read[0] or name in read[1]]
    changes, same = [], 0
    for name in names:
        change = _table_change(project, name, read, states)
        if change is None:
            same += 1
        else:
            changes.append(change)
    every = sorted({*states[0]} | {*states[1]})
    differing = [name for name in every if states[0].get(name) != states[1].get(name)]
    told = all(states)
    return DataChange(
        tables=changes,
        same=same,
        unread=[name for name in differing if told and name not in names],
        company=_companies(before, after, lang),
        rest=told and not differing,
    )


def _table_change(
    project: Project,
    name: str,
    read: list[Mapping[str, int]],
    states: list[Mapping[str, str]],
) -> TableChange | None:
    rows = [each.get(name) for each in read]
    known = [each.get(name) for each in states]
    if known[0] and known[0] == known[1]:
        return None
    state: TableState = "changed" if all(known) else "unknown"
    if name not in read[0] or name not in read[1]:
        state = "only_after" if name not in read[0] else "only_before"
    return TableChange(
        name=name,
        state=state,
        rows_before=rows[0],
        rows_after=rows[1],
        rows=_rows(project, name, known),
    )


def _rows(project: Project, name: str, states: list[str | None]) -> RowDifference | None:
    """Rows that differ, where both states have a print."""
    folder = project.runs / data_prints.FOLDER
    paths = [data_prints.print_path(folder, name, state) for state in states if state]
    if len(paths) < 2 or not all(path.is_file() for path in paths):
        return None
    return data_prints.difference(paths[0], paths[1])


def _companies(before: Run, after: Run, lang: Language) -> tuple[str, str] | None:
    """Two companies, if they are two: by folder, whatever their names are in which language."""
    sides = [run.manifest.get("company", {}) for run in (before, after)]
    if sides[0].get("path") == sides[1].get("path"):
        return None
    named = [f"{side.get('name', '')}{lang.paren(side.get('path', ''))}" for side in sides]
    return named[0], named[1]


# -- code ---------------------------------------------------------------------------------------


def code_change(before: Run, after: Run) -> CodeChange:
    """What differs in files, notebook, lock file, versions and commits."""
    a, b = before.manifest, after.manifest
    files = [_files(run) for run in (before, after)]
    told = all(files)
    versions = [run.manifest.get("versions", {}) for run in (before, after)]
    return CodeChange(
        changed=[n for n in files[0] if n in files[1] and files[0][n] != files[1][n]],
        added=[name for name in files[1] if told and name not in files[0]],
        removed=[name for name in files[0] if told and name not in files[1]],
        told=told,
        code=a.get("code") != b.get("code"),
        notebook=a.get("notebook", {}).get("hash") != b.get("notebook", {}).get("hash"),
        lock=a.get("lock") != b.get("lock"),
        versions={
            name: (versions[0].get(name, ABSENT), versions[1].get(name, ABSENT))
            for name in sorted({*versions[0]} | {*versions[1]})
            if versions[0].get(name) != versions[1].get(name)
        },
        commits=_commits(a.get("git"), b.get("git")),
    )


def _files(run: Run) -> dict[str, str]:
    path = run.folder / SOURCES
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _commits(before: Any, after: Any) -> tuple[str, str] | None:
    if not (before and after) or before == after:
        return None
    one, other = (git["commit"][:12] + ("+" if git.get("dirty") else "") for git in (before, after))
    return one, other
