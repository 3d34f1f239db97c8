"""From the pages of a pull to its file: each record once, whole, in its newest version.

A record comes twice where it was changed while the pages went by, where a pass began anew, or where
it is in the file of the pull before; it comes in pieces where an object has more fields than one
call may ask for. Memory holds where the lines are, never the records.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import InputError
from workbench.loaders.live.spool import json_line

#: Marks a line that says a record was deleted.
DELETED = "_deleted"

_FORMER = -1  # the pass of lines that come from the file of the pull before


@dataclass
class Gathered:
    """What went into the file: records, those removed as deleted, those whose pieces disagree."""

    records: int = 0
    deleted: int = 0
    uneven: int = 0


@dataclass
class _Found:
    """Lines of one record: by pass, where the newest begins and when it was modified."""

    lines: dict[int, tuple[int, float]] = field(default_factory=dict)
    deleted_at: float | None = None

    def note(self, number: int, offset: int, modified: float) -> None:
        known = self.lines.get(number)
        if known is None or modified >= known[1]:
            self.lines[number] = (offset, modified)


def gather(
    part: Path,
    former: Path | None,
    into: Path,
    *,
    marks: Sequence[int],
    passes: int,
    key: str,
    modified: Callable[[Mapping[str, Any]], float],
) -> Gathered:
    """Write the file of a pull that has ended, all or nothing.

    Parameters
    ----------
    part : Path
        Pages as they came.
    former : Path or None
        File of the pull before, which this one changes.
    into : Path
        The file to write; may be `former`.
    marks : sequence of int
        Offsets in the part at which the passes begin.
    passes : int
        Passes that hold pieces of the records; lines of later ones tell what was deleted.
    key : str
        Field that holds a record's id.
    modified : callable
        When a record was modified (seconds since 1970), -inf where it does not say.
    """
    found: dict[str, _Found] = {}
    if former is not None:
        _index(former, found, lambda _: _FORMER, key, modified)
    _index(part, found, lambda offset: bisect_right(marks, offset) - 1, key, modified)
    done = Gathered()
    fresh = into.with_name(into.name + ".new")
    with part.open("rb") as pages, (former or part).open("rb") as before, fresh.open("wb") as out:
        out.write(pages.readline())
        for record in found.values():
            _put(out, record, pages, before, passes, done)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(into)
    return done


def _index(
    path: Path,
    found: dict[str, _Found],
    pass_of: Callable[[int], int],
    key: str,
    modified: Callable[[Mapping[str, Any]], float],
) -> None:
    """Note where the lines of a file begin, by record; a line without an id stands for itself."""
    for offset, line in _lines(path):
        record = _record(line, path)
        name = record.get(key)
        entry = found.setdefault(str(name) if name else f"{path.name}@{offset}", _Found())
        if record.get(DELETED) is True:
            entry.deleted_at = max(modified(record), entry.deleted_at or float("-inf"))
        else:
            entry.note(pass_of(offset), offset, modified(record))


def _record(line: bytes, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise InputError(
            "a line of a pulled file is no record",
            where=str(path),
            do=f"remove it and {path.name}.state, then pull again",
        )
    return record


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines below the first with the offset at which each begins."""
    with path.open("rb") as stream:
        offset = len(stream.readline())
        for line in stream:
            yield offset, line
            offset += len(line)


def _put(
    out: BinaryIO,
    record: _Found,
    pages: BinaryIO,
    before: BinaryIO,
    passes: int,
    done: Gathered,
) -> None:
    """Write one record unless it was deleted after its last change."""
    newest = max((modified for _, modified in record.lines.values()), default=float("-inf"))
    if record.deleted_at is not None and record.deleted_at >= newest:
        done.deleted += bool(record.lines)
        return
    pieces = {number: line for number, line in record.lines.items() if number != _FORMER}
    if not pieces:
        before.seek(record.lines[_FORMER][0])
        out.write(before.readline())
    else:
        places = [(pages, pieces[number][0]) for number in sorted(pieces)]
        if len(pieces) < passes and _FORMER in record.lines:
            places.insert(0, (before, record.lines[_FORMER][0]))
        done.uneven += len(pieces) < passes or len({when for _, when in pieces.values()}) > 1
        out.write(_joined(places))
    done.records += 1


def _joined(places: Sequence[tuple[BinaryIO, int]]) -> bytes:
    """The pieces of a record as one line; a later one holds where two have a field."""
    lines = []
    for stream, offset in places:
        stream.seek(offset)
        lines.append(stream.readline())
    if len(lines) == 1:
        return lines[0]
    whole: dict[str, Any] = {}
    for line in lines:
        whole.update(json.loads(line))
    return json_line(whole)
