"""CSV, TSV and their like: the delimiter from evidence, quotes that were never closed, NUL bytes.

The encoding is found by `encodings.py`. Nothing is swallowed: where a quote opens and never closes,
its lines are read one by one, and only a last line that was cut off is left out and told.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import dropwhile, islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.loaders.files.clean_blocks import IrregularError, parsed, record_blocks
from workbench.loaders.files.encodings import CONTROLS, Encoding, find_encoding, text_lines
from workbench.loaders.raw import Row, Source

if TYPE_CHECKING:
    from workbench.loaders.spool import Piece

Cells = list[str | None]

#: Rows of a piece that is read record by record.
PIECE = 50_000

DELIMITERS = (",", "\t", ";", "|")

#: Lines looked at for the delimiter.
SAMPLE = 200

#: How a delimiter is named in the report.
NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", "，": "full-width comma"}


@dataclass
class DelimitedGrid:
    """A text file with delimiters (a `Grid`)."""

    source: Source
    path: Path
    encoding: Encoding
    delimiter: str
    width: int
    declared: bool
    notes: dict[str, str] = field(default_factory=dict)
    system: str = ""
    object: str = ""
    named: bool = False

    def rows(self) -> Iterator[Row]:
        """Records with their number; what was odd about them is in `notes` at the end."""
        lines = text_lines(self.path, self.encoding)
        if self.encoding.controls:
            lines = _cleaned(lines)
        if self.declared:
            next(lines)
        yield from enumerate(self._records(lines), 1 + self.declared)
        if self.encoding.controls > 0:
            self.notes["control_characters"] = str(self.encoding.controls)
        if self.encoding.cut and "truncated" not in self.notes:
            self.notes["truncated"] = "within a character"

    def pieces(self, after: int) -> Iterator[Piece]:
        """Rows beyond a number, as `spool.Columnar` says: by column where the text is regular."""
        number = after + 1
        try:
            for piece in self._regular_pieces(after):
                yield piece
                number += len(piece) if isinstance(piece, list) else len(piece[1][0])
        except IrregularError:
            rest = dropwhile(lambda row: row[0] < number, self.rows())
            while rows := list(islice(rest, PIECE)):
                yield rows

    def _regular_pieces(self, after: int) -> Iterator[Piece]:
        """Blocks by column, or by record where Arrow does not take them.

        Raises
        ------
        IrregularError
            Where quotes are astray: only the count of the records so far is certain.
        """
        if self.encoding.controls or self.encoding.cut:
            raise IrregularError
        number = after + 1
        for block in record_blocks(self.path, self.encoding, skip=self._lines_before(after)):
            columns = parsed(block, self.delimiter, self.width)
            if columns is not None:
                yield number, columns
                number += len(columns[0])
                continue
            lines = io.StringIO(block.decode(), newline="")
            rows = list(enumerate(self._records(lines, strict=True), number))
            yield rows
            number += len(rows)

    def _lines_before(self, after: int) -> int:
        """Lines that the records up to a number take."""
        count = 0

        def counted() -> Iterator[str]:
            nonlocal count
            for line in text_lines(self.path, self.encoding):
                count += 1
                yield line

        lines = counted()
        if self.declared:
            next(lines)
        for _ in islice(self._records(lines), max(0, after - self.declared)):
            pass
        return count

    def _records(self, lines: Iterator[str], *, strict: bool = False) -> Iterator[Cells]:
        """Records; where quotes are astray, line by line, or with `strict` an error."""
        held = _Held()
        fed = _fed(lines, held)
        reader = csv.reader(fed, delimiter=self.delimiter)
        while True:
            held.lines.clear()
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error:  # a field beyond the limit: a quote that is not closed for long
                record = None
            several = len(held.lines) > 1
            if record and not held.ended and not (several and self._stray(record, held.lines)):
                yield cast(Cells, record)
            elif record == []:
                yield []
            elif strict:
                raise IrregularError
            elif record and held.ended:
                yield from self._unclosed(held.lines)
            else:
                yield from self._one_by_one(held.lines)
                reader = csv.reader(fed, delimiter=self.delimiter)

    def _unclosed(self, held: list[str]) -> Iterator[Cells]:
        """The file ends within quotes: one cut line, or a stray quote some lines before."""
        if len(held) == 1 or not self._fits(held[1:]):
            self.notes["truncated"] = "".join(held)[:200].strip()
            return
        yield from self._one_by_one(held)

    def _stray(self, record: list[str], held: list[str]) -> bool:
        """A quote opened by mistake and closed by the next one some lines later."""
        return (len(record) != self.width or self._malformed(held)) and self._fits(held)

    def _malformed(self, held: list[str]) -> bool:
        """Whether something stands between a closing quote and the delimiter."""
        try:
            next(csv.reader(held, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return True
        return False

    def _fits(self, lines: list[str]) -> bool:
        full = sum(len(_plain(line, self.delimiter)) == self.width for line in lines)
        return self.width > 1 and full >= 0.8 * len(lines)

    def _one_by_one(self, held: list[str]) -> Iterator[Cells]:
        self.notes["stray_quotes"] = str(int(self.notes.get("stray_quotes", "0")) + 1)
        for line in held:
            yield _plain(line, self.delimiter)


def open_delimited(path: Path, source: Source) -> DelimitedGrid:
    """Find encoding and delimiter of a text file.

    Raises
    ------
    InputError
        If no encoding fits the whole file.
    """
    encoding = find_encoding(path, str(source))
    sample = list(islice(text_lines(path, encoding), SAMPLE))
    declared = _declared(sample[0]) if sample else ""
    delimiter, width = _measured(sample[1:], declared) if declared else find_delimiter(sample)
    notes = {
        "format": "CSV" if delimiter != "\t" else "TSV",
        "encoding": encoding.label,
        "delimiter": NAMES.get(delimiter, delimiter),
    }
    return DelimitedGrid(source, path, encoding, delimiter, width, bool(declared), notes)


def find_delimiter(lines: list[str]) -> tuple[str, int]:
    """Delimiter and number of columns; (",", 1) where nothing separates anything.

    The delimiter is the one under which most lines have the same width, of two such the one that
    holds from an earlier line on (a decimal comma is not in the header), then the wider one.
    """
    found = [(_evidence(lines, mark), mark) for mark in DELIMITERS]
    (agree, _, width), mark = max(found, key=lambda one: (one[0][0] >= 0.8, one[0][1], one[0]))
    if width < 2:
        (agree, _, width), mark = _evidence(lines, "，"), "，"
    return (mark, width) if width > 1 and agree > 0 else (",", 1)


def _evidence(lines: list[str], delimiter: str) -> tuple[float, int, int]:
    """Share of lines with the commonest width, minus the place of the first, and that width."""
    widths = [len(record) for record in _sampled(lines, delimiter) if any(record)]
    common = Counter(width for width in widths if width > 1)
    if not common:
        return 0.0, -len(lines), 1
    width = max(common, key=lambda one: (common[one], one))
    return common[width] / len(widths), -widths.index(width), width


def _measured(lines: list[str], delimiter: str) -> tuple[str, int]:
    return delimiter, _evidence(lines, delimiter)[2]


def _sampled(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter))
    except csv.Error:
        return [cast(list[str], _plain(line, delimiter)) for line in lines]


def _declared(line: str) -> str:
    """Delimiter of the line `sep=;` that Excel understands; "" where there is none."""
    mark = line.strip("\r\n").removeprefix('"').removesuffix('"')
    return mark[4] if len(mark) == 5 and mark.lower().startswith("sep=") else ""


def _plain(line: str, delimiter: str) -> Cells:
    """A line read for itself: with its quotes where they close, else with quotes as letters."""
    line = line.rstrip("\r\n")
    try:
        return cast(Cells, next(csv.reader([line], delimiter=delimiter, strict=True), []))
    except csv.Error:
        return cast(Cells, line.split(delimiter))


@dataclass(slots=True)
class _Held:
    """Lines of the record that is being read, and whether the file ended within it."""

    lines: list[str] = field(default_factory=list)
    ended: bool = False


def _fed(lines: Iterator[str], held: _Held) -> Iterator[str]:
    """Lines for the reader, held until their record is whole."""
    keep = held.lines.append
    for line in lines:
        keep(line)
        yield line
    held.ended = True


def _cleaned(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line.translate(_NOTHING)


_NOTHING = dict.fromkeys(CONTROLS)
