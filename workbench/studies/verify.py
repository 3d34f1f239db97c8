"""Does a run still give what it gave? It is run again and compared, piece by piece.

The same are Parquet tables byte for byte and key figures digit for digit; report and workbook are
not part of the promise. What has changed since (code, data, lock file) is told beside it. Two runs
that are there already: `compare/`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ProjectError
from workbench.studies import manifest
from workbench.studies.execution import Progress
from workbench.studies.kernel import Kernel
from workbench.studies.project import Project
from workbench.studies.run import StartKernel, run_study
from workbench.studies.runs import Run
from workbench.text import Language, mark

#: Folders of a run with Parquet files.
KEPT = ("tables", "draws")
#: Names listed before the rest is counted.
LISTED = 5

#: Pieces of an identity: key of the manifest and words for it.
_PIECES = {
    "params": mark("parameters"),
    "files": mark("files that parameters name"),
    "notebook": mark("notebook"),
    "code": mark("code"),
    "data": mark("data"),
    "lock": mark("lock file"),
    "versions": mark("versions of packages"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCheck:
    """A table that did not come out the same.

    Attributes
    ----------
    name : str
        "tables/by_region" or "draws/revenue".
    before, now : int or None
        Rows; None where the table is missing.
    gone, new : int or None
        Rows that only the former, only the new table has; both 0 where rows are alike and their
        order or form is not; None where columns differ.
    """

    name: str
    before: int | None
    now: int | None
    gone: int | None
    new: int | None

    def told(self, lang: Language) -> str:
        """Say it in one sentence."""
        say, name = lang.say, self.name
        if self.before is None:
            return say("{name}: was not there before", name=name)
        if self.now is None:
            return say("{name}: is no longer made", name=name)
        if self.gone is None or self.new is None:
            return say("{name}: its columns are others", name=name)
        if not self.gone and not self.new:
            return say("{name}: the same rows in another order or form", name=name)
        return say(
            "{name}: {gone} of {before} rows are gone, {new} of {now} are new",
            name=name,
            gone=lang.number(self.gone),
            before=lang.number(self.before),
            new=lang.number(self.new),
            now=lang.number(self.now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCheck:
    """A key figure that did not come out the same; None where it is missing."""

    name: str
    label: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A run held against its repetition.

    Attributes
    ----------
    run : Run
    again : Run or None
        The repetition, where it was kept.
    checked : int
        Parquet files compared.
    figures : int
        Key figures compared.
    changed : dict of str to tuple of str
        Pieces of the identity that are others now, with the names of files or tables behind it.
    tables, results
        What did not come out the same.
    """

    run: Run
    again: Run | None
    checked: int
    figures: int
    changed: Mapping[str, tuple[str, ...]]
    tables: tuple[TableCheck, ...]
    results: tuple[ResultCheck, ...]

    @property
    def same(self) -> bool:
        """Whether all tables and key figures came out the same."""
        return not self.tables and not self.results

    def lines(self, lang: Language) -> list[str]:
        """Say what was found, for people, the verdict first."""
        counts = {
            "tables": lang.say_n("{n} table", "{n} tables", self.checked),
            "figures": lang.say_n("{n} key figure", "{n} key figures", self.figures),
        }
        said = (
            mark("the same: {tables} byte for byte, {figures}")
            if self.same
            else mark("not the same; compared: {tables}, {figures}")
        )
        return [lang.say(said, **counts), *self._differences(lang), *self._since(lang)]

    def _differences(self, lang: Language) -> Iterator[str]:
        yield from (f"  {table.told(lang)}" for table in self.tables)
        for result in self.results:
            before, now = (_written(value) for value in (result.before, result.now))
            named = f"{result.label}{lang.colon}"
            yield "  " + named + lang.say("{before} before, {now} now", before=before, now=now)

    def _since(self, lang: Language) -> Iterator[str]:
        if not self.changed:
            if not self.same:
                yield lang.say("nothing of its identity has changed since: the study is not pure")
            return
        for piece, names in self.changed.items():
            shown = lang.pause.join(names[:LISTED])
            more = len(names) - LISTED
            if more > 0:
                shown += lang.pause + lang.say_n("{n} more", "{n} more", more)
            words = lang.say("changed since: {what}", what=lang.say(_PIECES[piece]))
            yield words + (lang.paren(shown) if shown else "")


def verify(
    run: Run,
    *,
    project: Project,
    lang: Language | None = None,
    keep: bool = False,
    kernel_timeout: float | None = None,
    on_cell: Progress | None = None,
    start_kernel: StartKernel = Kernel,
) -> Verification:
    """Run a run again, as its manifest says, and compare.

    Parameters
    ----------
    run : Run
        Finished.
    project : Project
        In which it was run.
    lang : Language, optional
        Of errors; the repetition is in the language of the run.
    keep : bool
        Keep the repetition among the runs; else it is written beside them and removed.
    kernel_timeout, on_cell, start_kernel
        As for `run_study`.

    Raises
    ------
    ProjectError
        If the run is not finished, or its study or company is no longer there.
    ParameterError
        If the study no longer takes its parameters.
    RunError
        If the notebook fails now.
    """
    lang = lang or Language("en")
    if run.status != "finished":
        raise ProjectError(
            lang.say("only a finished run can be verified"),
            where=project.shown(run.folder),
            do=lang.say("list them: workbench runs; make one: workbench run NAME"),
        )
    former = run.manifest
    place = project.runs if keep else project.runs / f".verify-{run.id}-{os.getpid()}"
    try:
        again = run_study(
            former["study"],
            values=former["params"],
            company=project.resolve(former["company"]["path"]),
            lang=former["lang"],
            project=project,
            kernel_timeout=kernel_timeout,
            on_cell=on_cell,
            start_kernel=start_kernel,
            into=place,
        )
        return _compared(run, again, keep)
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


def _compared(run: Run, again: Run, keep: bool) -> Verification:
    names = sorted(_files(run.folder) | _files(again.folder))
    results = {each["name"] for each in (*run.manifest["results"], *again.manifest["results"])}
    return Verification(
        run=run,
        again=again if keep else None,
        checked=len(names),
        figures=len(results),
        changed=dict(_changed(run, again)),
        tables=tuple(filter(None, (_table(name, run.folder, again.folder) for name in names))),
        results=tuple(_results(run.manifest["results"], again.manifest["results"])),
    )


def _files(folder: Path) -> set[str]:
    found = (path for name in KEPT for path in (folder / name).glob("*.parquet"))
    return {path.relative_to(folder).as_posix() for path in found}


# -- tables and key figures ---------------------------------------------------------------------


def _table(name: str, before: Path, now: Path) -> TableCheck | None:
    """Compare two files; None where they are the same byte for byte."""
    first, second = before / name, now / name
    both = first.is_file() and second.is_file()
    if both and first.read_bytes() == second.read_bytes():
        return None
    gone, new = _rows_apart(first, second) if both else (None, None)
    return TableCheck(
        name=name.removesuffix(".parquet"),
        before=_rows(first),
        now=_rows(second),
        gone=gone,
        new=new,
    )


def _rows(path: Path) -> int | None:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows) if path.is_file() else None


def _rows_apart(first: Path, second: Path) -> tuple[int | None, int | None]:
    """Rows that only the first, only the second has, each counted as often as it stands there."""
    import duckdb
    import pyarrow.parquet as pq

    if not pq.read_schema(first).equals(pq.read_schema(second)):
        return None, None
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        counts = [
            connection.execute(
                "select count(*) from (from read_parquet(?) except all from read_parquet(?))",
                [str(one), str(other)],
            ).fetchall()[0][0]
            for one, other in ((first, second), (second, first))
        ]
    return counts[0], counts[1]


def _results(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[ResultCheck]:
    former, latter = ({each["name"]: each for each in entries} for entries in (before, now))
    for name in former | latter:
        one, other = former.get(name, {}), latter.get(name, {})
        if _value(one) != _value(other) or not one or not other:
            label = (one or other)["label"]
            yield ResultCheck(name=name, label=label, before=_value(one), now=_value(other))


def _value(entry: Mapping[str, Any]) -> Any:
    """The value to its last digit."""
    return entry.get("exact", entry.get("value"))


def _written(value: Any) -> str:
    return "–" if value is None else str(value)


# -- what has changed since ---------------------------------------------------------------------


def _changed(run: Run, again: Run) -> Iterator[tuple[str, tuple[str, ...]]]:
    former, latter = run.manifest, again.manifest
    for piece in _PIECES:
        one, other = _piece(former, piece), _piece(latter, piece)
        if one != other:
            yield piece, tuple(_behind(piece, run, again))


def _piece(record: Mapping[str, Any], piece: str) -> Any:
    if piece == "notebook":
        return record["notebook"]["hash"]
    return record["company"]["hash"] if piece == "data" else record.get(piece)


def _behind(piece: str, run: Run, again: Run) -> list[str]:
    """Names of what makes the difference: files of code, tables, parameters, packages."""
    if piece == "code":
        pairs = [_sources(run.folder), _sources(again.folder)]
    elif piece == "data":
        pairs = [each.manifest["company"].get("table_hashes", {}) for each in (run, again)]
    elif piece in ("params", "files", "versions"):
        pairs = [each.manifest.get(piece, {}) for each in (run, again)]
    else:
        return []
    return sorted(name for name in pairs[0] | pairs[1] if pairs[0].get(name) != pairs[1].get(name))


def _sources(folder: Path) -> dict[str, str]:
    path = folder / manifest.SOURCES
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
