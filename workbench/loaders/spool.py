"""The rows of a sheet on disk, by column: read once from the source, then as often as needed.

Rows go in blocks as compressed Arrow into the work folder, so that a file of any length needs the
memory of one block. Neighbours: `layout.py` (which calls this), `row_kinds.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from uuid import uuid4

from workbench.loaders.layout import Layout, squeezed
from workbench.loaders.raw import BLANK, DATA, SUBTOTAL, TOTAL, Block, Grid, Row, Source
from workbench.loaders.row_kinds import TOTAL_HINT, is_footer, row_kind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    #: Rows with their numbers, or the number of the first row and all columns.
    Piece = list[Row] | tuple[int, list[pa.Array]]

#: Rows of a block.
ROWS = 50_000

#: Columns in which a label of a total is looked for in every row.
LABELS = 3

#: Rows that are listed one by one in notes and in `ragged`.
LISTED = 1000

#: White space at the ends of a cell, ideographic and invisible kinds among it.
_SPACE = " \t\r\n\x0b\x0c\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u202f\u3000\ufeff"


@runtime_checkable
class Columnar(Protocol):
    """A grid that can give its rows by column, which is quicker."""

    def pieces(self, after: int) -> Iterator[Piece]:
        """Rows beyond a number, those of a piece either by row or by column."""
        ...


@dataclass
class SpooledSheet:
    """A sheet whose rows lie in an Arrow file (a `Sheet`)."""

    source: Source
    headers: list[str]
    first_row: int
    head_rows: int
    notes: dict[str, str]
    system: str
    object: str
    path: Path
    fields: list[int]
    counts: dict[int, int] = field(default_factory=dict)
    ragged: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[np.ndarray[Any, Any]] = field(default_factory=list)
    kinds: list[np.ndarray[Any, Any]] = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        """All rows below the header, in order."""
        for place in range(len(self.numbers)):
            yield self.block(place)

    def block(self, place: int) -> Block:
        """One of the blocks."""
        import pyarrow as pa

        with pa.memory_map(str(self.path)) as file, pa.ipc.open_file(file) as reader:
            batch = reader.get_batch(place)
        columns = [batch.column(field) for field in self.fields]
        return Block(self.numbers[place], columns, self.kinds[place])

    def column(self, place: int) -> pa.ChunkedArray:
        """One column whole (string)."""
        import pyarrow as pa

        if not self.numbers:
            return pa.chunked_array([], pa.string())
        options = pa.ipc.IpcReadOptions(included_fields=[self.fields[place]])
        with (
            pa.memory_map(str(self.path)) as file,
            pa.ipc.open_file(file, options=options) as reader,
        ):
            return reader.read_all().column(0)


def spool(grid: Grid, layout: Layout, rows: Iterator[Row], work: Path) -> SpooledSheet:
    """Read a grid to its end and keep the rows below its header.

    Parameters
    ----------
    grid : Grid
    layout : Layout
    rows : iterator of Row
        All rows of the grid, those above the data too.
    work : Path
        Folder for the file.
    """
    work.mkdir(parents=True, exist_ok=True)
    sheet = SpooledSheet(
        grid.source, layout.headers, layout.head_rows + 1, layout.head_rows, {},
        grid.system, grid.object, work / f"{uuid4().hex}.arrow", list(range(len(layout.headers))),
    )  # fmt: skip
    if layout.headers:
        _Writer(sheet, layout).write(grid, rows)
    sheet.notes = {**grid.notes, **layout.notes, **sheet.notes}
    return sheet


class _Writer:
    """One walk through a grid."""

    def __init__(self, sheet: SpooledSheet, layout: Layout) -> None:
        self.sheet, self.layout = sheet, layout
        self.width = len(layout.headers)
        self.repeated = 0
        self.filled: set[int] = set()

    def write(self, grid: Grid, rows: Iterator[Row]) -> None:
        """Blocks to the file; then what only shows at the end."""
        import pyarrow as pa

        schema = pa.schema([(f"c{i}", pa.string()) for i in range(self.width)])
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(str(self.sheet.path), schema, options=options) as file:
            for numbers, columns in self._blocks(grid, rows):
                columns = [_trimmed(column) for column in columns]
                file.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
                self.sheet.numbers.append(numbers)
                self.sheet.kinds.append(self._kinds(columns, len(numbers)))
                self.filled |= {i for i, c in enumerate(columns) if c.null_count < len(c)}
        self._finish()

    def _blocks(
        self, grid: Grid, rows: Iterator[Row]
    ) -> Iterator[tuple[np.ndarray[Any, Any], list[pa.Array]]]:
        """Numbers and columns of the rows below the header, block by block."""
        import numpy as np

        if not isinstance(grid, Columnar):
            head = self.layout.head_rows
            below = itertools.dropwhile(lambda row: row[0] <= head, rows)
            while chunk := list(itertools.islice(below, ROWS)):
                yield self._turned(chunk)
            return
        for piece in grid.pieces(self.layout.head_rows):
            if isinstance(piece, list):
                yield self._turned(piece)
                continue
            first, columns = piece
            numbers = np.arange(first, first + len(columns[0]), dtype=np.int64)
            yield numbers, self._narrowed(numbers, columns)

    def _turned(self, chunk: list[Row]) -> tuple[np.ndarray[Any, Any], list[pa.Array]]:
        """Rows as columns."""
        import numpy as np
        import pyarrow as pa

        numbers = np.array([number for number, _ in chunk], np.int64)
        cells = [self._fitted(number, row) for number, row in chunk]
        return numbers, [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]

    def _narrowed(self, numbers: np.ndarray[Any, Any], columns: list[pa.Array]) -> list[pa.Array]:
        """Columns as many as headers."""
        import pyarrow as pa

        missing = self.width - len(columns)
        if missing > 0:
            return columns + [pa.nulls(len(numbers), pa.string())] * missing
        if all(column.null_count == len(column) for column in columns[self.width :]):
            return columns[: self.width]
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        chunk = [(int(n), list(row)) for n, row in zip(numbers, rows, strict=True)]
        return self._turned(chunk)[1]

    def _fitted(self, number: int, row: list[str | None]) -> list[str | None]:
        """A row as wide as the header; what is beyond goes into the last cell."""
        if len(row) == self.width:
            return row
        if len(row) < self.width:
            return row + [None] * (self.width - len(row))
        beyond = [cell for cell in row[self.width :] if cell and cell.strip(_SPACE)]
        if not beyond:
            return row[: self.width]
        if len(self.sheet.ragged) < LISTED:
            self.sheet.ragged.append((number, len(row)))
        last = [cell or "" for cell in row[self.width - 1 :]]
        return [*row[: self.width - 1], ",".join(last).rstrip(",")]

    def _kinds(self, columns: list[pa.Array], count: int) -> np.ndarray[Any, Any]:
        """Kind of each row: by whole columns first, row by row only where there is a hint."""
        import numpy as np

        kinds = np.full(count, DATA, np.int8)
        filled = np.zeros(count, np.int32)
        for column in columns:
            filled += ~column.is_null().to_numpy(zero_copy_only=False)
        kinds[filled == 0] = BLANK
        for i in self._hinted(columns, filled):
            cells = [column[i].as_py() for column in columns]
            if squeezed(cells) in self.layout.repeats:
                kinds[i] = BLANK
                self.repeated += 1
            else:
                kinds[i] = row_kind(cells, self.layout.texts)
        return kinds

    def _hinted(self, columns: list[pa.Array], filled: np.ndarray[Any, Any]) -> list[int]:
        """Rows to look at: a label of a total among their first cells, or anywhere in those with
        fewer cells than usual; rows that begin like the header or a title."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        first = pc.coalesce(*columns) if len(columns) > 1 else columns[0]
        starts = pa.array(sorted(self.layout.starts), pa.string())
        hinted = _matches(first) | pc.is_in(first, starts).to_numpy(zero_copy_only=False)
        sparse = np.flatnonzero((filled > 0) & (filled < np.median(filled)) & ~hinted)
        for column in columns[1:LABELS]:
            hinted |= _matches(column)
        for column in columns[LABELS:] if len(sparse) else []:
            hinted[sparse] |= _matches(column.take(pa.array(sparse)))
        return [int(i) for i in np.flatnonzero(hinted)]

    def _finish(self) -> None:
        import numpy as np

        self._footer()
        self._drop_margins()
        kinds = self.sheet.kinds
        self.sheet.counts = {
            kind: sum(int(np.count_nonzero(block == kind)) for block in kinds)
            for kind in (DATA, TOTAL, SUBTOTAL, BLANK)
        }
        if self.repeated:
            self.sheet.notes["repeated_headers"] = str(self.repeated)

    def _drop_margins(self) -> None:
        """Leave out columns with neither a name nor a cell, such as an empty one at the left."""
        kept = [i for i in self.sheet.fields if i in self.filled or i not in self.layout.unnamed]
        self.sheet.headers = [self.layout.headers[i] for i in kept]
        self.sheet.fields = kept

    def _footer(self) -> None:
        """Notes below the table, from the end upwards until a row is data or a total."""
        if not self.sheet.kinds:
            return
        kinds, found = self.sheet.kinds[-1], []
        block = self.sheet.block(len(self.sheet.kinds) - 1)
        for i in range(len(kinds) - 1, max(-1, len(kinds) - LISTED), -1):
            if kinds[i] == BLANK:
                continue
            cells = [column[i].as_py() for column in block.cells]
            if kinds[i] != DATA or not is_footer(cells, self._after_total(kinds, block, i)):
                break
            found.append((i, " ".join(cell for cell in cells if cell)))
        for i, _ in found:
            kinds[i] = BLANK
        if found:
            self.sheet.notes["footer"] = " | ".join(text for _, text in reversed(found))

    def _after_total(self, kinds: np.ndarray[Any, Any], block: Block, i: int) -> bool:
        """Whether the last row above that is neither blank nor a single text is a total."""
        for above in range(i - 1, max(-1, i - LISTED), -1):
            if kinds[above] == BLANK or sum(c[above].is_valid for c in block.cells) == 1:
                continue
            return bool(kinds[above] in (TOTAL, SUBTOTAL))
        return False


def _trimmed(column: pa.Array) -> pa.Array:
    """Texts without white space at their ends; empty ones as null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pc.utf8_trim(column, characters=_SPACE)
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _matches(column: pa.Array) -> np.ndarray[Any, Any]:
    import pyarrow.compute as pc

    found = pc.match_substring_regex(column, TOTAL_HINT)
    return pc.fill_null(found, False).to_numpy(zero_copy_only=False).copy()
