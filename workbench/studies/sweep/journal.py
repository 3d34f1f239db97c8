"""The journal of a sweep: one line for each case that is done. On disk means done.

Lines are appended by the process that runs the sweep, each in one write; a line that a kill has cut
short is dropped at the next start, and its case is run again. Two processes cannot run one sweep:
the journal is locked while it is open for writing.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pydantic_core import from_json

from workbench.errors import ProjectError, RunError
from workbench.studies.sweep.cases import Fault, Line
from workbench.text import Language

JOURNAL = "journal.jsonl"

#: Seconds between two syncs: a kill loses nothing, a power cut what came after the last one.
_SYNC = 1.0
_AT_A_TIME = 4096


def read_lines(folder: Path, keys: Iterable[str] | None = None) -> dict[str, Line]:
    """Lines of a journal by key; of a key that stands there twice, the later one.

    Parameters
    ----------
    folder : Path
        Of the sweep; need not have a journal yet.
    keys : iterable of str, optional
        Only these.
    """
    wanted = None if keys is None else frozenset(keys)
    return {line.key: line for line in _lines(folder / JOURNAL, wanted)}


class Journal:
    """A journal that is open for writing, locked against a second process.

    Parameters
    ----------
    folder : Path
        Of the sweep.
    lang : Language
        Of errors.

    Raises
    ------
    ProjectError
        If the sweep is running already.
    RunError
        If the folder cannot be written.
    """

    def __init__(self, folder: Path, lang: Language) -> None:
        self.path = folder / JOURNAL
        self.lang = lang
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise unwritable(error, self.path, lang) from error
        if not _locked(self._file):
            self._file.close()
            raise ProjectError(
                lang.say("this sweep is running already"),
                where=str(folder),
                do=lang.say("wait for it, or see how far it is: workbench sweep status"),
            )
        self._synced = time.monotonic()
        self._mend()

    def append(self, line: Line) -> None:
        """Write a line; from then on its case is done.

        Raises
        ------
        RunError
            If the disk is full; what stood in the journal before is kept whole.
        """
        text = json.dumps(_plain(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(text) != len(text):  # only part of it fitted
                raise OSError(28, os.strerror(28))
            if time.monotonic() - self._synced > _SYNC:
                self.sync()
        except OSError as error:
            self._file.truncate(end)
            raise unwritable(error, self.path, self.lang) from error

    def sync(self) -> None:
        """Bring what was written to the disk itself."""
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def close(self) -> None:
        """Sync and let go of it."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _mend(self) -> None:
        """Cut off a last line that was not written to its end."""
        end = self._file.seek(0, os.SEEK_END)
        whole, step = end, 1 << 16
        while whole > 0:
            start = max(0, whole - step)
            self._file.seek(start)
            last = self._file.read(whole - start).rfind(b"\n")
            if last >= 0:
                whole = start + last + 1
                break
            whole = start
        if whole != end:
            self._file.truncate(whole)


def running(folder: Path) -> bool:
    """Whether a process has the journal of this sweep open."""
    path = folder / JOURNAL
    if not path.is_file():
        return False
    with path.open("a+b") as file:
        return not _locked(file)


def unwritable(error: OSError, path: Path, lang: Language) -> RunError:
    """Tell that a file of a sweep cannot be written, and what to do."""
    full = error.errno == 28
    return RunError(
        lang.say("the disk is full")
        if full
        else lang.say("the folder of the sweep cannot be written"),
        where=f"{path}: {error.strerror or error}",
        do=lang.say("make room and give the same command again")
        if full
        else lang.say("give the folder to this user, or choose another project"),
        kept=lang.say("what is done stands in the journal and is not run again"),
    )


def _lines(path: Path, wanted: frozenset[str] | None) -> Iterator[Line]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        while texts := list(islice(file, _AT_A_TIME)):
            # the key stands first, so that lines of other cases need not be read
            chosen = [text for text in texts if wanted is None or text[8:24] in wanted]
            for entry in _read(chosen):
                try:
                    fault = entry.pop("fault", None)
                    yield Line(**entry, fault=Fault(**fault) if fault else None)
                except (AttributeError, TypeError):  # damaged: not done
                    continue


def _read(texts: list[str]) -> list[Any]:
    """Entries of many lines at once, or one by one where any of them is cut short or damaged."""
    try:
        entries: list[Any] = from_json(f"[{','.join(texts)}]", cache_strings="keys")
        return entries
    except ValueError:
        found = []
        for text in texts:
            with contextlib.suppress(ValueError):
                found.append(from_json(text))
        return found


def _plain(line: Line) -> dict[str, Any]:
    plain = asdict(line)
    return {name: value for name, value in plain.items() if value is not None}


def _locked(file: IO[bytes]) -> bool:
    """Lock a file for this process as long as it is open; False where another one has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return _locked_windows(file)
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _locked_windows(file: IO[bytes]) -> bool:
    import msvcrt

    file.seek(1 << 40)  # beyond the lines: a lock there forbids no reading
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    finally:
        file.seek(0, os.SEEK_END)
    return True
