"""Which files there are: folders, zips and gzips opened up, nothing outside of them touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workbench.errors import InputError
from workbench.loaders.files.archives import LIMITS, Limits, unpack_gzip, unpack_zip
from workbench.loaders.files.kinds import kind_of
from workbench.loaders.raw import Skipped


@dataclass(frozen=True, slots=True)
class File:
    """A file to be read.

    Attributes
    ----------
    name : str
        As people know it (`export.zip/2026-01.csv`).
    path : Path
        Where its bytes are.
    kind : str
        See `kinds.kind_of`.
    """

    name: str
    path: Path
    kind: str


def walk(paths: Iterable[Path], work: Path, limits: Limits = LIMITS) -> Iterator[File | Skipped]:
    """All files in the paths, folders and archives in them opened up.

    Parameters
    ----------
    paths : iterable of Path
    work : Path
        Folder for what is unpacked.
    limits : Limits
        Of each archive.
    """
    for path in paths:
        if path.is_dir():
            yield from _folder(path, work, limits)
        elif path.is_file():
            yield from _opened(path, path.name, work, limits, depth=0)
        elif path.exists():
            yield Skipped(str(path), "this is neither a file nor a folder", "hand in a file")
        else:
            yield Skipped(str(path), "there is no such file", "check the name and the folder")


def hidden(name: str) -> bool:
    """Whether a file is none of the user's: hidden, a lock of Office, an archive's by-product."""
    parts = PurePosixPath(name).parts
    return any(part.startswith((".", "~$", "__MACOSX")) for part in parts) or (
        parts[-1:] in (("Thumbs.db",), ("desktop.ini",))
    )


def _folder(root: Path, work: Path, limits: Limits) -> Iterator[File | Skipped]:
    whole = root.resolve()
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not hidden(name))
        for name in [*below, *sorted(names)]:
            path = Path(folder, name)
            shown = path.relative_to(root).as_posix()
            if hidden(name) or (path.is_dir() and not path.is_symlink()):
                continue
            if path.is_symlink():
                yield _link(path, shown, whole)
            elif path.is_file():
                yield from _opened(path, shown, work, limits, depth=0)


def _link(path: Path, shown: str, whole: Path) -> Skipped:
    """A link: into the folder, where what it shows is read anyway, or out of it."""
    if path.resolve().is_relative_to(whole) and path.exists():
        return Skipped(shown, "a link to what is in the folder itself", refused=False)
    message = "the link leads out of the folder and is not followed"
    return Skipped(shown, message, "copy the file into the folder, or hand it in by itself")


def _opened(
    path: Path, name: str, work: Path, limits: Limits, *, depth: int
) -> Iterator[File | Skipped]:
    """A file, or what is in it."""
    try:
        kind = kind_of(path, name)
        if kind == "gzip":
            target = _room(work) / "file"
            unpack_gzip(path, name, target, limits)
            inner = name.removesuffix(".gz")
            found = kind_of(target, inner)
            yield from _inner(File(name, target, found), depth, work, limits)
        elif kind == "zip":
            yield from _archive(path, name, work, limits, depth=depth)
        else:
            yield File(name, path, kind)
    except (InputError, OSError) as error:
        yield skipped(name, error)


def _inner(file: File, depth: int, work: Path, limits: Limits) -> Iterator[File | Skipped]:
    if file.kind == "gzip":
        yield Skipped(file.name, "a gzip in a gzip is not opened", "unpack it first")
    elif file.kind == "zip":
        yield from _archive(file.path, file.name, work, limits, depth=depth)
    else:
        yield file


def _archive(
    path: Path, name: str, work: Path, limits: Limits, *, depth: int
) -> Iterator[File | Skipped]:
    if depth > 1:
        yield Skipped(name, "a zip in a zip in a zip is not opened", "unpack it first")
        return
    for entry in unpack_zip(path, name, _room(work), limits):
        shown = f"{name}/{entry.name}"
        if entry.path is None:
            yield Skipped(shown, entry.fault, entry.do)
        elif not hidden(entry.name):
            yield from _opened(entry.path, shown, work, limits, depth=depth + 1)


def _room(work: Path) -> Path:
    """A new folder in `work`."""
    number = sum(1 for _ in work.iterdir())
    room = work / f"u{number:04d}"
    room.mkdir(parents=True)
    return room


def skipped(name: str, error: Exception) -> Skipped:
    """An error of a file as an entry of the report."""
    if isinstance(error, InputError):
        where = {"where": error.where} if error.where and error.where != name else {}
        return Skipped(name, error.message, error.do or "", details=dict(where))
    return Skipped(name, f"the file cannot be read ({error})", "check that you may read it")
