"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS) by calamine: every sheet a grid.

Results of formulas are those the workbook was saved with; external links are never followed. The
parts of an XLSX are checked by `archives.py` before calamine unpacks them, and `xlsx_parts.py` adds
what calamine leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.loaders.files.cells import sheet_text
from workbench.loaders.files.xlsx_parts import parts_of, unread_cells
from workbench.loaders.raw import Row, Skipped, Source

Cells = list[str | None]

#: Bytes of a workbook up to which its sheets are looked into for emptiness when it is opened.
SMALL = 300_000

#: Name of the stream that an XLSX with a password has in its envelope (MS-OFFCRYPTO 2.3.4).
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass
class Book:
    """A workbook, open as long as sheets of it are still to be read for the first time."""

    path: Path
    name: str
    unread: set[int] = field(default_factory=set)
    _book: Any = None

    def sheet(self, place: int, part: str) -> tuple[Any, dict[int, dict[int, str]]]:
        """A sheet of calamine, and what it leaves out (`xlsx_parts.unread_cells`).

        Raises
        ------
        InputError
            If the workbook is damaged or protected, or its cells stand too far apart.
        """
        unread = unread_cells(self.path, part, self.name) if part else {}
        self._book = self._book or _workbook(self.path, self.name)
        with _translated(self.path, self.name):
            return self._book.get_sheet_by_index(place), unread

    def done(self, place: int) -> None:
        """A sheet has been read; after the last one the workbook is closed."""
        self.unread.discard(place)
        if not self.unread:
            self._book = None


@dataclass
class WorkbookGrid:
    """One sheet of a workbook (a `Grid`); texts merged downwards are filled."""

    source: Source
    book: Book
    place: int
    part: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    system: str = ""
    object: str = ""
    named: bool = False

    def rows(self) -> Iterator[Row]:
        """Rows from the first one of the sheet on, empty ones too."""
        sheet, unread = self.book.sheet(self.place, self.part)
        if not sheet.height:
            return
        left: Cells = [None] * sheet.start[1]
        merged = _Merged(sheet.merged_cell_ranges or [])
        for number, row in enumerate(sheet.iter_rows()):
            cells = left + [sheet_text(value) for value in row]
            for column, text in unread.get(number, {}).items():
                _put(cells, column, text)
            yield number + 1, merged.fill(number, cells, row, len(left))
        self.notes.update(merged.notes)
        if unread:
            self.notes["cells_without_result"] = str(sum(map(len, unread.values())))
        self.book.done(self.place)


class _Merged:
    """Cells merged over several rows of one column: the rows below get the text of the first.

    A number is not repeated, unless it is a year: an amount that stands for several rows would be
    counted several times.
    """

    def __init__(self, ranges: list[Any]) -> None:
        self._last = {
            (top, left): bottom
            for (top, left), (bottom, right) in ranges
            if bottom > top and right == left
        }
        self._first = {top for top, _ in self._last}
        self._texts: dict[int, tuple[str, int]] = {}
        self.notes: dict[str, str] = {}

    def fill(self, number: int, cells: Cells, values: list[Any], offset: int) -> Cells:
        """The row with what stands merged above it, and remember what begins in it."""
        for column, (text, last) in list(self._texts.items()):
            if number > last:
                del self._texts[column]
            elif column >= len(cells) or cells[column] is None:
                _put(cells, column, text)
                self._count("merged_cells")
        if number in self._first:
            self._begin(number, cells, values, offset)
        return cells

    def _begin(self, number: int, cells: Cells, values: list[Any], offset: int) -> None:
        for column, cell in enumerate(cells):
            if cell is None or (number, column) not in self._last:
                continue
            value = values[column - offset] if column >= offset else None
            if isinstance(value, float | int) and not 1990 <= value <= 2100:
                self._count("merged_numbers")
            else:
                self._texts[column] = (cell, self._last[number, column])

    def _count(self, name: str) -> None:
        self.notes[name] = str(int(self.notes.get(name, "0")) + 1)


def open_workbook(path: Path, name: str, form: str) -> list[WorkbookGrid | Skipped]:
    """Sheets of a workbook; sheets that hold charts or nothing are told as skipped.

    Raises
    ------
    InputError
        If the workbook is protected by a password or damaged.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    parts = parts_of(path, name) if form == "XLSX" else None
    book, found = Book(path, name), list[WorkbookGrid | Skipped]()
    small = path.stat().st_size < SMALL
    for place, sheet in enumerate(_workbook(path, name).sheets_metadata):
        source = Source(name, sheet.name)
        part = parts.sheets.get(sheet.name, "") if parts else ""
        try:
            worksheet = sheet.typ == SheetTypeEnum.WorkSheet
            empty = worksheet and small and not book.sheet(place, part)[0].height
        except InputError as error:
            found.append(Skipped(str(source), error.message, error.do or ""))
            continue
        if empty or not worksheet:
            message = "the sheet is empty" if empty else "the sheet holds a chart or a macro"
            found.append(Skipped(str(source), message, refused=False))
            continue
        notes = {"format": form}
        if sheet.visible != SheetVisibleEnum.Visible:
            notes["hidden"] = "yes"
        if parts and parts.external:
            notes["external_links"] = str(parts.external)
        book.unread.add(place)
        found.append(WorkbookGrid(source, book, place, part, notes))
    return found


def _put(cells: Cells, column: int, text: str) -> None:
    cells.extend(None for _ in range(column + 1 - len(cells)))
    cells[column] = text


def _workbook(path: Path, name: str) -> Any:
    from python_calamine import CalamineWorkbook

    with _translated(path, name):
        return CalamineWorkbook.from_path(str(path))


@contextmanager
def _translated(path: Path, name: str) -> Iterator[None]:
    """Faults of calamine as ours; a panic of its Rust code is no Exception, yet only a bad file."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise _protected(name) from error
    except (CalamineError, OSError) as error:
        if _ENCRYPTED in path.read_bytes():
            raise _protected(name) from error
        raise _damaged(name, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name, error) from error


def _protected(name: str) -> InputError:
    return InputError(
        "the workbook is protected by a password",
        where=name,
        do="open it, save it without the password and import that",
    )


def _damaged(name: str, error: BaseException) -> InputError:
    return InputError(
        f"the workbook cannot be read ({error})",
        where=name,
        do="open it in Excel or WPS and save it again as XLSX, or copy it once more",
    )
