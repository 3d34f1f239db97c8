"""Paths in, grids out: every table in them once, whatever cannot be read told beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.errors import InputError
from workbench.loaders.files.archives import LIMITS, Limits, check_workbook
from workbench.loaders.files.delimited import open_delimited
from workbench.loaders.files.html_tables import open_html
from workbench.loaders.files.json_files import open_json, open_json_lines
from workbench.loaders.files.kinds import READ, UNREADABLE
from workbench.loaders.files.parquet_files import open_parquet
from workbench.loaders.files.walk import File, skipped, walk
from workbench.loaders.files.workbooks import open_workbook
from workbench.loaders.raw import Grid, Skipped

#: Endings under which a text counts as a table even with one column.
_TABLE_ENDINGS = ("csv", "tsv", "tab", "xls", "xlsx")


def open_paths(
    paths: Sequence[str | Path], *, work: Path, limits: Limits = LIMITS
) -> tuple[list[Grid], list[Skipped]]:
    """Open files, folders and zips.

    Parameters
    ----------
    paths : sequence of str or Path
    work : Path
        Folder for what is unpacked; must stand as long as the grids are read.
    limits : Limits
        How much an archive may unpack to.

    Returns
    -------
    grids : list of Grid
        Sorted by source, so that the order of files never matters.
    skipped : list of Skipped
        What could not be read (`refused`), or holds no table; sorted by name.
    """
    work.mkdir(parents=True, exist_ok=True)
    grids: list[Grid] = []
    left_out: list[Skipped] = []
    for found in _distinct(list(walk([Path(path) for path in paths], work, limits))):
        for one in [found] if isinstance(found, Skipped) else _open(found, limits):
            (left_out if isinstance(one, Skipped) else grids).append(one)  # type: ignore[arg-type]
    return sorted(grids, key=lambda grid: grid.source), sorted(left_out, key=lambda s: s.file)


def _distinct(found: list[File | Skipped]) -> list[File | Skipped]:
    """Files of one name from two places get a number; a file handed in twice is read once."""
    files = {(one.path.resolve(), one.name): one for one in found if isinstance(one, File)}
    names = Counter(file.name for file in files.values())
    numbered: Counter[str] = Counter()
    distinct: list[File | Skipped] = [one for one in found if isinstance(one, Skipped)]
    for (path, name), file in sorted(files.items(), key=lambda item: str(item[0][0])):
        numbered[name] += 1
        if names[name] > 1:
            file = replace(file, name=f"{path.parent.name}/{name}")
        distinct.append(file)
    return distinct


def _open(file: File, limits: Limits) -> Sequence[Grid | Skipped]:
    """Tables of one file; its faults as what is skipped."""
    if file.kind not in READ:
        return [_unread(file)]
    try:
        return _by_kind(file, limits)
    except (InputError, OSError) as error:
        return [skipped(file.name, error)]


def _by_kind(file: File, limits: Limits) -> Sequence[Grid | Skipped]:
    path, name, kind = file.path, file.name, file.kind
    if kind in ("xlsx", "xlsb", "ods"):
        check_workbook(path, name, limits)
    if kind in ("xlsx", "xlsb", "xls", "ods"):
        return open_workbook(path, name, READ[kind])
    if kind in ("html", "xml"):
        return open_html(path, name, READ[kind])
    if kind == "json":
        return open_json(path, name)
    if kind == "jsonl":
        return [open_json_lines(path, name)]
    if kind == "parquet":
        return [open_parquet(path, name)]
    return [_text(file)]


def _text(file: File) -> Grid | Skipped:
    from workbench.loaders.raw import Source

    grid = open_delimited(file.path, Source(file.name))
    ending = file.name.lower().removesuffix(".gz").rpartition(".")[2]
    if grid.width < 2 and ending not in _TABLE_ENDINGS:
        return Skipped(file.name, "a text without columns", refused=False)
    return grid


def _unread(file: File) -> Skipped:
    if file.kind == "empty":
        return Skipped(file.name, "the file is empty", refused=False)
    if file.kind in UNREADABLE:
        message = f"this is {file.kind}, which is not read"
        return Skipped(file.name, message, "unpack or export it as CSV or XLSX")
    return Skipped(file.name, f"this is {file.kind}, not a table", refused=False)
