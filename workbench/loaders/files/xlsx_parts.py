"""What calamine does not tell of an XLSX: error values, formulas never computed, external links.

calamine gives an empty cell for `#REF!` and for a formula that was saved without its result (a
program wrote it, no spreadsheet has opened it since). Both would be lost in silence, so the XML of
the sheet is looked through for them. Layout of the parts: ECMA-376 part 1, 18.3 (worksheets).
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import InputError

#: Bytes of XML looked at in one go.
CHUNK = 4 << 20

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]+)"([^>]*)>(.*?)</c>', re.DOTALL)
_ERROR = re.compile(rb'<c r="[A-Z]{1,3}[0-9]+"[^>]*?t="e"[^>]*>(?:(?!</c>).)*</c>', re.DOTALL)
_BARE = re.compile(
    rb'<c r="[A-Z]{1,3}[0-9]+"(?![^>]*t="str")[^>]*><f[^>]*>[^<]*</f>(?:<v\s*/>|<v></v>)?</c>'
)
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_FORMULA = re.compile(rb"<f[^>]*>([^<]*)</f>")


@dataclass(frozen=True)
class Parts:
    """Parts of a workbook.

    Attributes
    ----------
    sheets : dict of str to str
        Name of each sheet and its part ("xl/worksheets/sheet1.xml").
    external : int
        Workbooks that formulas refer to; they are never opened.
    """

    sheets: dict[str, str] = field(default_factory=dict)
    external: int = 0


def parts_of(path: Path, name: str) -> Parts:
    """Parts of an XLSX; none where its lists are not as usual.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            external = sum(bool(re.match(r"xl/externalLinks/[^/]+\.xml$", one)) for one in names)
            return Parts(_sheets(archive, set(names)), external)
    except (zipfile.BadZipFile, OSError, zlib.error, ValueError) as error:
        raise _damaged(name, error) from error


def unread_cells(path: Path, part: str, name: str) -> dict[int, dict[int, str]]:
    """Error values and formulas without a result, by row and column from 0: `#N/A`, `=A1+B1`.

    Raises
    ------
    InputError
        If the part is damaged.
    """
    found: dict[int, dict[int, str]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for piece in _pieces(archive, part):
                for pattern, one in ((_ERROR, _VALUE), (_BARE, _FORMULA)):
                    for cell in pattern.finditer(piece):
                        _put(found, cell.group(), one, "=" if one is _FORMULA else "")
    except (zipfile.BadZipFile, OSError, zlib.error, KeyError, EOFError) as error:
        raise _damaged(name, error) from error
    return found


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML in pieces that end with a cell; those without what is looked for are left out."""
    rest = b""
    with archive.open(part) as file:
        while more := file.read(CHUNK):
            text = rest + more
            end = text.rfind(b"</c>") + 4
            piece, rest = (text[:end], text[end:]) if end > 3 else (b"", text)
            if b't="e"' in piece or b"</f></c>" in piece or b"</f><v" in piece:
                yield piece


def _put(
    found: dict[int, dict[int, str]], cell: bytes, value: re.Pattern[bytes], before: str
) -> None:
    at, text = _CELL.match(cell), value.search(cell)
    if not at or not text:
        return
    column = 0
    for letter in at.group(1):
        column = column * 26 + letter - 64
    shown = before + html.unescape(text.group(1).decode("utf-8", "replace"))
    found.setdefault(int(at.group(2)) - 1, {})[column - 1] = shown


def _sheets(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    lists = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    if not names.issuperset(lists):
        return {}
    book, relations = (archive.read(one).decode("utf-8", "replace") for one in lists)
    targets = {
        _attribute(one, "Id"): _attribute(one, "Target")
        for one in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", relations)
    }
    sheets = {}
    for one in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        target = targets.get(_attribute(one, r"\w+:id"), "")
        part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
        if part in names:
            sheets[html.unescape(_attribute(one, "name"))] = part
    return sheets


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found.group(1) if found else ""


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        f"the workbook is damaged or was not copied whole ({error})",
        where=name,
        do="copy or export it once more",
    )
