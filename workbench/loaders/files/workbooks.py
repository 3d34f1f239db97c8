"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS) by calamine: every sheet a grid.

Results of formulas are those the workbook was saved with; external links are never followed. The
parts of an XLSX are checked by `archives.py` before calamine unpacks them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.loaders.files.cells import sheet_text
from workbench.loaders.raw import Row, Skipped, Source

Cells = list[str | None]


@dataclass
class WorkbookGrid:
    """One sheet of a workbook (a `Grid`); cells merged downwards are filled."""

    source: Source
    path: Path
    place: int
    notes: dict[str, str] = field(default_factory=dict)
    system: str = ""
    object: str = ""
    named: bool = False

    def rows(self) -> Iterator[Row]:
        """Rows from the first one of the sheet on, empty ones too."""
        sheet = _sheet(self.path, self.place, str(self.source))
        if not sheet.height:
            return
        left: Cells = [None] * sheet.start[1]
        filled = _Merged(sheet.merged_cell_ranges or [])
        for number, row in enumerate(sheet.iter_rows()):
            cells = left + [sheet_text(value) for value in row]
            yield number + 1, filled.fill(number, cells)
        if filled.count:
            self.notes["merged_cells"] = str(filled.count)


class _Merged:
    """Cells merged over several rows of one column: the rows below get the text of the first."""

    def __init__(self, ranges: list[Any]) -> None:
        self._open: dict[int, list[int]] = {}
        self._last: dict[tuple[int, int], int] = {}
        for (top, left), (bottom, right) in ranges:
            if bottom > top and right == left:
                self._open.setdefault(top, []).append(left)
                self._last[top, left] = bottom
        self._texts: dict[int, tuple[str, int]] = {}
        self.count = 0

    def fill(self, number: int, cells: Cells) -> Cells:
        """The row with what stands merged above it, and remember what begins in it."""
        for column, (text, last) in list(self._texts.items()):
            if number > last:
                del self._texts[column]
            elif column < len(cells) and cells[column] is None:
                cells[column] = text
                self.count += 1
        for column in self._open.get(number, ()):
            first = cells[column] if column < len(cells) else None
            if first is not None:
                self._texts[column] = (first, self._last[number, column])
        return cells


def open_workbook(path: Path, name: str, form: str) -> list[WorkbookGrid | Skipped]:
    """Sheets of a workbook; sheets that hold charts or nothing are told as skipped.

    Raises
    ------
    InputError
        If the workbook is protected by a password or damaged.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    found: list[WorkbookGrid | Skipped] = []
    for place, sheet in enumerate(_workbook(path, name).sheets_metadata):
        source = Source(name, sheet.name)
        if sheet.typ != SheetTypeEnum.WorkSheet:
            message = "the sheet holds a chart or a macro, no cells"
            found.append(Skipped(str(source), message, refused=False))
            continue
        notes = {"format": form}
        if sheet.visible != SheetVisibleEnum.Visible:
            notes["hidden"] = "yes"
        found.append(WorkbookGrid(source, path, place, notes))
    return found


def _sheet(path: Path, place: int, name: str) -> Any:
    from python_calamine import CalamineError

    book = _workbook(path, name)
    try:
        return book.get_sheet_by_index(place)
    except CalamineError as error:
        raise _damaged(name, error) from error


def _workbook(path: Path, name: str) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise InputError(
            "the workbook is protected by a password",
            where=name,
            do="open it, save it without the password and import that",
        ) from error
    except CalamineError as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        f"the workbook cannot be read ({error})",
        where=name,
        do="open it in Excel or WPS and save it again as XLSX, or copy it once more",
    )
