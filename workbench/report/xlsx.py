"""The workbook of a run, as people mail it: contents with key figures, then one sheet a table.

Labels and formats come from `labels.py`. Numbers stay numbers in full units, ids stay text, and a
text that begins like a formula is marked as `tables/export.py` says; import takes the mark off.
The file itself: `xlsx_file.py`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.report.labels import KeyFigure, Meaning
from workbench.report.xlsx_file import Look, XlsxFile, letters
from workbench.text import Language

if TYPE_CHECKING:
    import pyarrow as pa

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
_LOOKS = {
    "": Look(),
    "title": Look(size=14, bold=True),
    "head": Look(bold=True, colour="4A5765", head=True),
    "link": Look(underlined=True),
    **{kind: Look(shape) for kind, shape in FORMATS.items()},
}
_FORBIDDEN = re.compile(r"[\\/*?:\[\]\x00-\x1f\ud800-\udfff\ufffe\uffff]")


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
        names = _sheet_names([self.lang.say("Contents"), *(sheet.title for sheet in self.sheets)])
        with XlsxFile(path, title=self.title, creator="Sales Workbench", looks=_LOOKS) as file:
            self._contents(file, names)
            for name, sheet in zip(names[1:], self.sheets, strict=True):
                self._table(file, name, sheet)
        return path

    def _contents(self, file: XlsxFile, names: list[str]) -> None:
        say, lines = self.lang.say, filter(None, [self.company, *self.lines])
        rows = [[file.text(self.title, "title")], *([file.text(line, "")] for line in lines)]
        links = {}
        if self.figures:
            heads = (say("Key figure"), say("Value"), say("Unit"))
            rows += [[], [file.text(word, "head") for word in heads]]
            rows += [_key_figure(file, figure, self.lang) for figure in self.figures]
        if self.sheets:
            rows += [[], [file.text(word, "head") for word in (say("Table"), say("Rows"))]]
            for name, sheet in zip(names[1:], self.sheets, strict=True):
                size = file.values([sheet.table.num_rows], "integer")
                rows.append([file.text(sheet.title, "link"), *size])
                links[f"A{len(rows)}"] = name
        file.sheet(names[0], rows, widths=(44, 22, 18), links=links)

    def _table(self, file: XlsxFile, name: str, sheet: TableSheet) -> None:
        columns = sheet.columns
        shown = sheet.table.select([column.name for column in columns]).slice(0, MAX_ROWS)
        values = [_values(shown.column(c.name), c.kind) for c in columns]
        heads = [_head(column, self.lang) for column in columns]
        made = [_column(file, held, c.kind) for held, c in zip(values, columns, strict=True)]
        above = [
            [file.text(sheet.title, "title")],
            [file.text(self._note(sheet), "")],
            [file.text(head, "head") for head in heads],
        ]
        file.sheet(
            name,
            chain(above, zip(*made, strict=True)),
            widths=list(_widths(heads, values, columns)),
            frozen="B4",
            filtered=f"A3:{letters(len(heads))}{3 + shown.num_rows}" if columns else "",
        )

    def _note(self, sheet: TableSheet) -> str:
        if sheet.table.num_rows <= MAX_ROWS:
            return ""
        return self.lang.say(
            "The first {shown} of {rows} rows; all are in tables/{name}.parquet",
            shown=self.lang.number(MAX_ROWS),
            rows=self.lang.number(sheet.table.num_rows),
            name=sheet.name,
        )


def _column(file: XlsxFile, values: Sequence[Any], kind: str) -> list[str]:
    """Make the cells of a column; those of text once for all that say the same."""
    if not any(isinstance(value, str) for value in values):
        return file.values(values, kind if kind in FORMATS else "number")
    return [_cell(file, value, kind) for value in values]


def _cell(file: XlsxFile, value: Any, kind: str) -> str:
    if isinstance(value, str):
        return file.text(value, kind if kind in ("text", "month") else "")
    return file.values([value], kind if kind in FORMATS else "number")[0]


def _key_figure(file: XlsxFile, figure: KeyFigure, lang: Language) -> list[str]:
    kind = figure.meaning.kind
    value = Decimal(figure.exact) if figure.exact else figure.value
    if kind == "points" and value is not None:
        value = value * 100
    unit = _unit(figure.meaning, lang)
    return [file.text(figure.meaning.label, ""), _cell(file, value, kind), file.text(unit, "")]


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
    if words.isascii():
        return len(words)
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
