"""Zips, gzips and the zip inside an XLSX, unpacked within bounds and never outside their folder.

Entries are written under numbers of our own in the folder `work`; their names are only shown. What
an archive says of its sizes is not trusted: bytes are counted while they come.
"""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from workbench.errors import InputError

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to.

    Attributes
    ----------
    total : int
        Bytes of all entries together.
    ratio : int
        Bytes unpacked for one packed, beyond `free` bytes.
    free : int
    entries : int
    """

    total: int = 2048 * MEGABYTE
    ratio: int = 200
    free: int = 50 * MEGABYTE
    entries: int = 10_000


LIMITS = Limits()

#: What `zipfile` raises over a damaged or strange file.
ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive, unpacked; `fault` says why it was not."""

    name: str
    path: Path | None = None
    fault: str = ""
    do: str = ""


def unpack_zip(path: Path, name: str, work: Path, limits: Limits = LIMITS) -> Iterator[Entry]:
    """Unpack the files of a zip one after the other.

    Yields
    ------
    Entry
        With a path in `work`, or with a fault where the entry is protected or its name leads out of
        the archive.

    Raises
    ------
    InputError
        If the zip is damaged, or larger inside than `limits` allow; before that nothing is
        unpacked where its own list says so.
    """
    with _opened(path, name) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _within(path, name, entries, limits)
        budget = _Budget(name, path.stat().st_size, limits)
        for number, info in enumerate(entries):
            shown = entry_name(info)
            fault, do = _fault(info, shown)
            if fault:
                yield Entry(shown, fault=fault, do=do)
                continue
            target = work / f"{number:05d}{PurePosixPath(shown).suffix.lower()}"
            try:
                with archive.open(info) as packed:
                    budget.copy(packed, target)
            except ZIP_FAULTS as error:
                yield Entry(shown, fault=f"the entry cannot be unpacked ({error})", do=_AGAIN)
                continue
            yield Entry(shown, target)


def unpack_gzip(path: Path, name: str, target: Path, limits: Limits = LIMITS) -> None:
    """Unpack a gzip to `target`.

    Raises
    ------
    InputError
        If it is damaged, was cut off, or is larger inside than `limits` allow.
    """
    try:
        with gzip.open(path) as packed:
            _Budget(name, path.stat().st_size, limits).copy(packed, target)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"the gzip is damaged or was not copied whole ({error})", where=name, do=_AGAIN
        ) from error


def check_workbook(path: Path, name: str, limits: Limits = LIMITS) -> list[str]:
    """Names of the parts of an XLSX or ODS, checked against `limits` before anything unpacks it.

    Raises
    ------
    InputError
        If the file is damaged or was cut off, or unpacks to more than allowed, whatever its own
        list says.
    """
    with _opened(path, name) as archive:
        entries = archive.infolist()
        _within(path, name, entries, limits)
        for entry in entries:
            if entry.compress_size * _DEFLATE_MOST > limits.free and _lies(path, entry):
                raise _bomb(name, "a part is larger than it says")
        return [entry.filename for entry in entries]


def entry_name(info: zipfile.ZipInfo) -> str:
    """Name of an entry; without the mark for UTF-8 it may be UTF-8 all the same, or GBK."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        raw = name.encode("cp437", "replace")
        for codec in ("utf-8", "gb18030"):
            try:
                name = raw.decode(codec)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


_AGAIN = "copy or export it once more"

#: Deflate packs at most 1,032 bytes into one.
_DEFLATE_MOST = 1032


class _Budget:
    """Bytes that may still come."""

    def __init__(self, name: str, packed: int, limits: Limits) -> None:
        self.name = name
        self.left = min(limits.total, max(limits.free, limits.ratio * packed))

    def copy(self, packed: IO[bytes] | gzip.GzipFile, target: Path) -> None:
        with target.open("wb") as file:
            while block := packed.read(MEGABYTE):
                self.left -= len(block)
                if self.left < 0:
                    file.close()
                    target.unlink()
                    raise _bomb(self.name, "it unpacks to more than is allowed")
                file.write(block)


def _opened(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except ZIP_FAULTS as error:
        raise InputError(
            f"the file is damaged or was not copied whole ({error})", where=name, do=_AGAIN
        ) from error


def _within(path: Path, name: str, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.entries:
        raise _bomb(name, f"it holds {len(entries):,} files, more than {limits.entries:,}")
    if total > limits.total:
        allowed = limits.total // MEGABYTE
        raise _bomb(name, f"it unpacks to {total // MEGABYTE:,} MB, more than {allowed:,} MB")
    packed = max(1, path.stat().st_size)
    if total > limits.free and total > limits.ratio * packed:
        raise _bomb(name, f"it unpacks to {total // packed:,} times its size")


def _lies(path: Path, entry: zipfile.ZipInfo) -> bool:
    """Whether an entry unpacks to more bytes than the archive's list says."""
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        return False
    unpack, count, left = zlib.decompressobj(-15), 0, entry.compress_size
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        head = file.read(30)
        file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
        while left > 0 and not unpack.eof:
            block = file.read(min(left, 1 << 16))
            left -= len(block)
            while block and count <= entry.file_size:
                count += len(unpack.decompress(block, MEGABYTE))
                block = unpack.unconsumed_tail
            if not block and not left:
                break
            if count > entry.file_size:
                return True
    return count > entry.file_size


def _fault(info: zipfile.ZipInfo, shown: str) -> tuple[str, str]:
    parts = PurePosixPath(shown).parts
    if shown.startswith("/") or ".." in parts or shown[1:2] == ":":
        return "the name of the entry leads out of the archive", "unpack it and look at it first"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "the entry is a link, not a file", "put the file itself into the archive"
    if info.flag_bits & 1:
        return "the entry is protected by a password", "unpack it and import the folder"
    return "", ""


def _bomb(name: str, why: str) -> InputError:
    return InputError(
        f"the archive is not unpacked: {why}",
        where=name,
        do="if you know what is in it, unpack it yourself and import the folder",
    )
