"""What calamine does not tell of an XLSX: error values, formulas never computed, far cells, links.

calamine gives an empty cell for `#REF!` and for a formula that was saved without its result (a
program wrote it, no spreadsheet has opened it since). Both would be lost in silence, so the XML of
the sheet is looked through for them. And it holds the whole rectangle up to the last cell in
memory, so that one cell at XFD1048576 would end the process: such a sheet is refused before.
Layout of the parts: ECMA-376 part 1, 18.3 (worksheets).
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import InputError
from workbench.loaders.files.archives import ZIP_FAULTS

#: Bytes of XML looked at in one go.
CHUNK = 4 << 20

#: Cells of the rectangle that a sheet may span, filled or not.
EXTENT = 50_000_000

_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]+)"')
_ERROR = re.compile(rb'<c r="[A-Z]{1,3}[0-9]+"[^>]*?t="e"[^>]*>(?:(?!</c>).)*</c>', re.DOTALL)
_BARE = re.compile(
    rb'<c r="[A-Z]{1,3}[0-9]+"(?![^>]*t="str")[^>]*><f[^>]*>[^<]*</f>(?:<v\s*/>|<v></v>)?</c>'
)

#: A cell with content beyond column Z or row 99,999.
_FAR = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{2,3}[0-9]{1,7}|[A-Z][0-9]{6,7})"[^>]*(?<!/)>'
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
    except ZIP_FAULTS as error:
        raise _damaged(name, error) from error


def unread_cells(path: Path, part: str, name: str) -> dict[int, dict[int, str]]:
    """Error values and formulas without a result, by row and column from 0: `#N/A`, `=A1+B1`.

    Raises
    ------
    InputError
        If the part is damaged, or has cells so far apart that the rectangle around them is larger
        than `EXTENT`.
    """
    found: dict[int, dict[int, str]] = {}
    bottom, right = 99_999, 26
    try:
        with zipfile.ZipFile(path) as archive:
            for piece in _pieces(archive, part):
                for row, column in map(_place, _FAR.findall(piece)):
                    bottom, right = max(bottom, row + 1), max(right, column + 1)
                if bottom * right > EXTENT:
                    raise _too_far(name, bottom, right)
                _gather(piece, found)
    except ZIP_FAULTS as error:
        raise _damaged(name, error) from error
    return found


def _gather(piece: bytes, found: dict[int, dict[int, str]]) -> None:
    """Texts of what calamine would leave empty."""
    if b't="e"' not in piece and b"</f></c>" not in piece and b"</f><v" not in piece:
        return
    for pattern, value, before in ((_ERROR, _VALUE, ""), (_BARE, _FORMULA, "=")):
        for cell in pattern.finditer(piece):
            at, text = _CELL.match(cell.group()), value.search(cell.group())
            if at and text:
                row, column = _place(at.group(1))
                shown = html.unescape(text.group(1).decode("utf-8", "replace"))
                found.setdefault(row, {})[column] = before + shown


def _place(reference: bytes) -> tuple[int, int]:
    """Row and column from 0 of a reference such as B9."""
    column = 0
    letters = reference.rstrip(b"0123456789")
    for letter in letters:
        column = column * 26 + letter - 64
    return int(reference[len(letters) :]) - 1, column - 1


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML in pieces that end with a cell."""
    rest = b""
    with archive.open(part) as file:
        while more := file.read(CHUNK):
            text = rest + more
            end = text.rfind(b"</c>") + 4
            piece, rest = (text[:end], text[end:]) if end > 3 else (b"", text)
            yield piece
    yield rest


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


def _too_far(name: str, bottom: int, right: int) -> InputError:
    return InputError(
        f"a sheet spans {bottom:,} rows and {right:,} columns because of cells far from its table",
        where=name,
        do="delete the rows and columns beyond the table, save it and import that",
    )


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        f"the workbook is damaged or was not copied whole ({error})",
        where=name,
        do="copy or export it once more",
    )
