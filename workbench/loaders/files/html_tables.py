"""Tables in HTML and SpreadsheetML: what many Chinese systems send under the name of an XLS.

Cells are texts as displayed; no script, style or link is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from workbench.loaders.files.encodings import find_encoding, text_lines
from workbench.loaders.raw import Row, Skipped, Source

Cells = list[str | None]

#: Widest span that is believed.
_SPAN = 1000


@dataclass
class HtmlGrid:
    """One table of a page (a `Grid`)."""

    source: Source
    table: list[Cells]
    notes: dict[str, str] = field(default_factory=dict)
    system: str = ""
    object: str = ""
    named: bool = False

    def rows(self) -> Iterator[Row]:
        """Rows of the table, from 1."""
        for number, cells in enumerate(self.table, 1):
            yield number, list(cells)


def open_html(path: Path, name: str, form: str) -> list[HtmlGrid | Skipped]:
    """Tables of a page or of an XML workbook that have more than one column or row.

    Raises
    ------
    InputError
        If no encoding fits the whole file.
    """
    encoding = find_encoding(path, name)
    reader = _Tables()
    for line in text_lines(path, encoding):
        reader.feed(line)
    reader.close()
    tables = [table for table in reader.tables if len(table) > 1]
    if not tables:
        return [Skipped(name, "the page holds no table", refused=False)]
    notes = {"format": form, "encoding": encoding.label}
    return [
        HtmlGrid(Source(name, f"table {n}" if len(tables) > 1 else ""), table, dict(notes))
        for n, table in enumerate(tables, 1)
    ]


class _Tables(HTMLParser):
    """Collects rows of the outermost tables; spans downwards repeat the text, across leave gaps."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Cells]] = []
        self._depth = 0
        self._row: Cells | None = None
        self._cell: list[str] | None = None
        self._spans: dict[int, tuple[str | None, int]] = {}
        self._wide, self._tall = 1, 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        tag = tag.rpartition(":")[2]
        given = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._spans = {}
        elif self._depth != 1:
            return
        elif tag in ("tr", "row"):
            self._end_row()
            self._begin_row(given)
        elif tag in ("td", "th", "cell") and self._row is not None:
            self._end_cell()
            self._begin_cell(given)
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty cell of XML (`<Cell/>`)."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a table, row or cell."""
        tag = tag.rpartition(":")[2]
        if tag == "table" and self._depth:
            self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag in ("tr", "row"):
            self._end_row()
        elif self._depth == 1 and tag in ("td", "th", "cell"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Text within a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def _begin_row(self, given: dict[str, str]) -> None:
        table = self.tables[-1]
        missing = _count(given.get("index", ""), len(table) + 1) - len(table) - 1
        table.extend([None] for _ in range(min(missing, _SPAN)))
        self._row = []
        self._fill()

    def _begin_cell(self, given: dict[str, str]) -> None:
        assert self._row is not None
        place = _count(given.get("index", ""), 0) - 1
        self._row.extend(None for _ in range(min(place, _SPAN) - len(self._row)))
        self._wide = _count(given.get("colspan", ""), 1) + _count(given.get("mergeacross", ""), 0)
        self._tall = _count(given.get("rowspan", ""), 1) + _count(given.get("mergedown", ""), 0)
        self._cell = []

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        text = "".join(self._cell).strip() or None
        if self._tall > 1:
            self._spans[len(self._row)] = (text if self._wide == 1 else None, self._tall - 1)
        self._row.append(text)
        self._row.extend(None for _ in range(self._wide - 1))
        self._cell = None
        self._fill()

    def _fill(self) -> None:
        """Cells that reach down from the rows above."""
        assert self._row is not None
        while len(self._row) in self._spans:
            text, left = self._spans.pop(len(self._row))
            if left > 1:
                self._spans[len(self._row)] = (text, left - 1)
            self._row.append(text)

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self.tables[-1].append(self._row)
        self._row = None


def _count(text: str, otherwise: int) -> int:
    return min(int(text), _SPAN) if text.isdigit() else otherwise
