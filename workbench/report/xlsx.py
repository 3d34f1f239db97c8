"""The workbook of a run, as people mail it: contents with key figures, then one sheet a table.

Labels and formats come from `labels.py`. Numbers stay numbers in full units, ids stay text, and a
text that begins like a formula is marked as `tables/export.py` says; import takes the mark off.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.report.labels import KeyFigure, Meaning
from workbench.tables.export import neutral
from workbench.text import Language

if TYPE_CHECKING:
    import pyarrow as pa
    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook

#: Rows written of one table; the whole is in its Parquet file.
MAX_ROWS = 100_000
MIN_WIDTH, MAX_WIDTH = 8, 48
_MEASURED = 200  # rows looked at for the width of a column

FORMATS = {
    "text": "@",
    "month": "@",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "flag": "General",
    "integer": "#,##0",
    "number": "#,##0.0##",
    "money": "#,##0.00",
    "signed_money": "+#,##0.00;\u2212#,##0.00;0.00",
    "price": "#,##0.0000",
    "percent": "0.0%",
    "signed_percent": "+0.0%;\u22120.0%;0.0%",
    "points": "+0.0;\u22120.0;0.0",
    "probability": "0%",
}
_SIGNS = ("+", "-")  # of numbers and phones kept as text
_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class TableSheet:
    """One recorded table.

    Attributes
    ----------
    name, title : str
        As recorded; for people.
    columns : sequence of Meaning
        Columns shown, in order.
    table : pyarrow.Table
        Holds at least these columns.
    """

    name: str
    title: str
    columns: Sequence[Meaning]
    table: pa.Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """What the workbook holds.

    Attributes
    ----------
    lang : Language
    title, company : str
        Study and company.
    lines : sequence of str
        Under the title: period of the data, run.
    figures : sequence of KeyFigure
    sheets : sequence of TableSheet
        In the order they were recorded.
    """

    lang: Language
    title: str
    company: str = ""
    lines: Sequence[str] = ()
    figures: Sequence[KeyFigure] = ()
    sheets: Sequence[TableSheet] = ()

    def write(self, path: Path) -> Path:
        """Write the workbook; sheets in the order given, the contents first."""
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        book.properties.title = self.title
        book.properties.creator = "Sales Workbench"
        pen = _Pen(book, self.lang)
        names = _sheet_names([self.lang.say("Contents"), *(sheet.title for sheet in self.sheets)])
        self._contents(book, pen, names)
        for name, sheet in zip(names[1:], self.sheets, strict=True):
            self._table(book, pen, name, sheet)
        book.save(path)
        return path

    def _contents(self, book: Workbook, pen: _Pen, names: list[str]) -> None:
        page = book.create_sheet(names[0])
        for letter, width in zip("ABC", (44, 22, 18), strict=True):
            page.column_dimensions[letter].width = width
        say = self.lang.say
        page.append([pen.text(page, self.title, "title")])
        for line in filter(None, [self.company, *self.lines]):
            page.append([pen.text(page, line)])
        if self.figures:
            page.append([])
            heads = (say("Key figure"), say("Value"), say("Unit"))
            page.append([pen.text(page, word, "head") for word in heads])
            for figure in self.figures:
                page.append(pen.key_figure(page, figure))
        if self.sheets:
            page.append([])
            page.append([pen.text(page, word, "head") for word in (say("Table"), say("Rows"))])
            for name, sheet in zip(names[1:], self.sheets, strict=True):
                rows = pen.cell(page, sheet.table.num_rows, "integer")
                page.append([pen.link(page, sheet.title, name), rows])

    def _table(self, book: Workbook, pen: _Pen, name: str, sheet: TableSheet) -> None:
        page = book.create_sheet(name)
        shown = sheet.table.select([column.name for column in sheet.columns]).slice(0, MAX_ROWS)
        values = [_values(shown.column(c.name), c.kind) for c in sheet.columns]
        heads = [_head(column, self.lang) for column in sheet.columns]
        for place, width in enumerate(_widths(heads, values, sheet.columns), start=1):
            page.column_dimensions[_letter(place)].width = width
        page.freeze_panes = "B4"
        if sheet.columns:
            page.auto_filter.ref = f"A3:{_letter(len(heads))}{3 + shown.num_rows}"
        page.append([pen.text(page, sheet.title, "title")])
        page.append([pen.text(page, self._note(sheet))])
        page.append([pen.text(page, head, "head") for head in heads])
        kinds = [column.kind for column in sheet.columns]
        for row in zip(*values, strict=True):
            page.append([pen.cell(page, v, k) for v, k in zip(row, kinds, strict=True)])

    def _note(self, sheet: TableSheet) -> str:
        if sheet.table.num_rows <= MAX_ROWS:
            return ""
        return self.lang.say(
            "The first {shown} of {rows} rows; all are in tables/{name}.parquet",
            shown=self.lang.number(MAX_ROWS),
            rows=self.lang.number(sheet.table.num_rows),
            name=sheet.name,
        )


class _Pen:
    """Makes cells in the few styles a workbook has; styles are registered once."""

    def __init__(self, book: Workbook, lang: Language) -> None:
        self.lang = lang
        from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side

        rule = Border(bottom=Side(style="thin", color="66727F"))
        ink = Font(name="Calibri", size=11)
        styles = {
            "title": NamedStyle("wb title", font=Font(name="Calibri", size=14, bold=True)),
            "head": NamedStyle(
                "wb head",
                font=Font(name="Calibri", size=11, bold=True, color="4A5765"),
                border=rule,
                alignment=Alignment(wrap_text=True, vertical="bottom"),
            ),
            "link": NamedStyle("wb link", font=Font(name="Calibri", size=11, underline="single")),
            "": NamedStyle("wb plain", font=ink),
        }
        for kind, shape in FORMATS.items():
            styles[kind] = NamedStyle(f"wb {kind}", font=ink, number_format=shape)
        for style in styles.values():
            book.add_named_style(style)
        self.styles = {name: style.name for name, style in styles.items()}
        self._looks: dict[str, Any] = {}

    def cell(self, page: Any, value: Any, kind: str) -> Cell | None:
        if value is None:
            return None
        if isinstance(value, str):
            return self.text(page, value, kind if kind in ("text", "month") else "")
        return self._styled(page, value, kind if kind in FORMATS else "number")

    def text(self, page: Any, words: str, style: str = "") -> Cell:
        """Return a text cell that no spreadsheet computes, and that stays text when edited."""
        clean = _CONTROL.sub("", words)
        made = self._styled(page, neutral(clean), style)
        made.data_type = "s"
        if made.value == clean and clean.startswith(_SIGNS):
            made.quotePrefix = True
        return made

    def link(self, page: Any, words: str, sheet: str) -> Cell:
        from openpyxl.worksheet.hyperlink import Hyperlink

        made = self.text(page, words, "link")
        quoted = sheet.replace("'", "''")
        made.hyperlink = Hyperlink(ref="A1", location=f"'{quoted}'!A1")
        return made

    def key_figure(self, page: Any, figure: KeyFigure) -> list[Any]:
        kind = figure.meaning.kind
        value = Decimal(figure.exact) if figure.exact else figure.value
        if kind == "points" and value is not None:
            value = value * 100
        unit = _unit(figure.meaning, self.lang)
        return [
            self.text(page, figure.meaning.label),
            self.cell(page, value, kind),
            self.text(page, unit),
        ]

    def _styled(self, page: Any, value: Any, style: str) -> Cell:
        from openpyxl.cell import WriteOnlyCell

        made: Any = WriteOnlyCell(page, value)
        if style not in self._looks:  # looked up once, then copied: half the time of a cell
            made.style = self.styles[style]
            self._looks[style] = copy(made._style)
        made._style = copy(self._looks[style])
        return cast("Cell", made)


def _values(column: pa.ChunkedArray, kind: str) -> list[Any]:
    """Values as a sheet takes them: missing ones empty, instants in their own zone without it."""
    values = column.to_pylist()
    if kind == "points":
        return [None if value is None else value * 100 for value in values]
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, (list, dict, bytes)):
        return str(value)
    return value


def _unit(meaning: Meaning, lang: Language) -> str:
    """Unit as a sheet says it: points are written out, a currency has its word."""
    if meaning.kind == "points":
        return lang.pick("pp", "百分点")
    if meaning.kind in ("money", "signed_money", "price") and meaning.unit.isascii():
        return lang.money_parts(0, currency=meaning.unit)[1] if meaning.unit else ""
    return meaning.unit


def _head(column: Meaning, lang: Language) -> str:
    unit = _unit(column, lang)
    return column.label + (lang.paren(unit) if unit else "")


def _widths(
    heads: Sequence[str], values: Sequence[Sequence[Any]], columns: Sequence[Meaning]
) -> Iterator[float]:
    for head, held, column in zip(heads, values, columns, strict=True):
        longest = max(map(_wide, _looks(held[:_MEASURED], column.kind)), default=0)
        yield min(max(longest + 2, min(_wide(head) + 3, 20), MIN_WIDTH), MAX_WIDTH)


def _looks(values: Iterable[Any], kind: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            yield f"{value:,.2f}" if kind in ("money", "signed_money") else f"{value:,.1f}"
        elif isinstance(value, dt.date):
            yield "2026-07-31 00:00" if kind == "datetime" else "2026-07-31"
        elif value is not None:
            yield str(value)


def _wide(words: str) -> int:
    return sum(2 if ord(each) > 0x2E7F else 1 for each in words)


def _sheet_names(titles: Iterable[str]) -> list[str]:
    """Names a workbook allows: 31 characters, some signs forbidden, no two alike."""
    names: list[str] = []
    for title in titles:
        base = _FORBIDDEN.sub(" ", title).strip().strip("'")[:31] or "–"
        name, number = base, 1
        while name.casefold() in {known.casefold() for known in names}:
            number += 1
            ending = f" {number}"
            name = base[: 31 - len(ending)] + ending
        names.append(name)
    return names


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place)
