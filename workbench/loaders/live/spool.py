"""What a pull has so far, safe against the end of the process at any moment.

    zoho-Deals.jsonl        whole records, from the last pull that ended
    zoho-Deals.jsonl.part   records of the pull under way, page after page
    zoho-Deals.jsonl.state  how far that pull is, or when the next one has to begin

A page is added in one write and forced to disk, then the state that counts it. What stands in the
part beyond the state belongs to a page that was not counted: it is cut off before going on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import ProjectError

_VERSION = 1


@dataclass
class State:
    """How far a pull is.

    Attributes
    ----------
    target : str
        "zoho:Deals".
    started : float
        When it began, by the slower of the two clocks where the system's is known (seconds since
        1970).
    since : float or None
        Only records changed since are asked for; None: all.
    merge : bool
        The records change the file that is there; else they replace it.
    complete : bool
        The pull has ended and its file is made.
    ended : bool
        All pages are here; the file is still to be made.
    whole : bool
        The file that is there holds all records of the object, as they were at `next_since` or
        later.
    next_since : float or None
        Where a pull has to begin that brings this file up to date.
    offset : int
        Bytes of the part that count.
    marks : list of int
        Where each pass over the object begins in the part.
    place : dict
        Where the next page is, in the words of the system.
    records, pages, calls : int
        Counted so far.
    newest : float or None
        Latest modification among the records.
    """

    target: str
    started: float
    since: float | None = None
    merge: bool = False
    complete: bool = False
    ended: bool = False
    whole: bool = False
    next_since: float | None = None
    offset: int = 0
    marks: list[int] = field(default_factory=list)
    place: dict[str, Any] = field(default_factory=dict)
    records: int = 0
    pages: int = 0
    calls: int = 0
    newest: float | None = None
    warnings: list[str] = field(default_factory=list)


class Spool:
    """The three files of one object.

    Parameters
    ----------
    folder : Path
    stem : str
        "zoho-Deals".
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self.path = folder / f"{stem}.jsonl"
        self.part = folder / f"{stem}.jsonl.part"
        self._state = folder / f"{stem}.jsonl.state"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from pulling the same object into the same folder.

        Raises
        ------
        ProjectError
            If another process does.
        """
        self.part.parent.mkdir(parents=True, exist_ok=True)
        with _held(self.part) as ours:
            if not ours:
                raise ProjectError(
                    "another pull of this object is under way",
                    where=str(self.part),
                    do="wait until it ends",
                )
            try:
                yield
            finally:
                if self.part.exists() and self.part.stat().st_size == 0:
                    self.part.unlink()  # nothing was begun

    def load(self, target: str) -> State | None:
        """The state kept; None where there is none that can be used."""
        try:
            kept = json.loads(self._state.read_text(encoding="utf-8"))
            if kept.pop("version") != _VERSION or kept["target"] != target:
                return None
            return State(**kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def can_go_on(self, state: State) -> bool:
        """Whether the pull of this state is unfinished and all it counts is still there."""
        return not state.complete and 0 < state.offset <= self.part.stat().st_size

    def begin(self, state: State, head: Mapping[str, Any]) -> None:
        """Start a part that holds nothing but what it is."""
        self._cut(0)
        state.offset = self._append([head])
        state.marks = [state.offset]
        self.save(state)

    def go_on(self, state: State) -> None:
        """Cut off what came after the state was saved."""
        self._cut(state.offset)

    def add(
        self, state: State, records: Sequence[Mapping[str, Any]], *, new_pass: bool = False
    ) -> None:
        """Append a page and count it; the caller has moved the state's place already."""
        if records:
            state.offset += self._append(records)
        state.records += len(records)
        if new_pass:
            state.marks.append(state.offset)
        self.save(state)

    def back_to_mark(self, state: State) -> None:
        """Give up the pass under way, to begin it again."""
        self._cut(state.marks[-1])
        state.offset = state.marks[-1]
        self.save(state)

    def save(self, state: State) -> None:
        """Replace the state on disk, all or nothing."""
        fresh = self._state.with_name(self._state.name + ".new")
        with fresh.open("w", encoding="utf-8") as stream:
            json.dump({"version": _VERSION, **asdict(state)}, stream, ensure_ascii=False)
            _to_disk(stream.fileno())
        fresh.replace(self._state)

    def clear(self) -> None:
        """Remove the part of a pull that has ended."""
        self.part.unlink(missing_ok=True)

    def _append(self, records: Sequence[Mapping[str, Any]]) -> int:
        lines = b"".join(json_line(record) for record in records)
        with self.part.open("ab") as stream:
            stream.write(lines)
            stream.flush()
            _to_disk(stream.fileno())
        return len(lines)

    def _cut(self, size: int) -> None:
        with self.part.open("r+b") as stream:
            stream.truncate(size)
            _to_disk(stream.fileno())


def json_line(record: Mapping[str, Any]) -> bytes:
    """A record as one line of JSON, UTF-8; a lone surrogate is kept as its escape."""
    try:
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return text + b"\n"


def _to_disk(handle: int) -> None:
    os.fsync(handle)


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Make a file and lock it until the end, be it by force; False where another holds it."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file held open could not be removed either
        path.touch()
        yield True
        return
    with path.open("ab") as held:
        try:
            fcntl.flock(held.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            # One that just ended may have removed the file between our opening and locking it.
            ours = path.exists() and os.fstat(held.fileno()).st_ino == path.stat().st_ino
        except OSError:
            ours = False
        yield ours
