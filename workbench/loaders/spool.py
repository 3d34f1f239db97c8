"""The rows of a sheet on disk, by column: read once from the source, then as often as needed.

Rows go in blocks as compressed Arrow into the work folder, so that a file of any length needs the
memory of one block. Neighbours: `layout.py` (which calls this), `row_kinds.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from workbench.loaders.layout import Layout, squeezed
from workbench.loaders.raw import BLANK, DATA, SUBTOTAL, TOTAL, Block, Grid, Row, Source
from workbench.loaders.row_kinds import TOTAL_HINT, is_footer, row_kind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Rows of a block.
ROWS = 50_000

#: Rows that are listed one by one in notes and in `ragged`.
LISTED = 1000

#: White space at the ends of a cell, ideographic and invisible kinds among it.
_SPACE = " \t\r\n\x0b\x0c\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u202f\u3000\ufeff"


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
    counts: dict[int, int] = field(default_factory=dict)
    ragged: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[np.ndarray[Any, Any]] = field(default_factory=list)
    kinds: list[np.ndarray[Any, Any]] = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        """All rows below the header, in order."""
        import pyarrow as pa

        if not self.numbers:
            return
        with pa.memory_map(str(self.path)) as file, pa.ipc.open_file(file) as reader:
            for i, (rows, kinds) in enumerate(zip(self.numbers, self.kinds, strict=True)):
                yield Block(rows, reader.get_batch(i).columns, kinds)

    def column(self, place: int) -> pa.ChunkedArray:
        """One column whole (string)."""
        import pyarrow as pa

        if not self.numbers:
            return pa.chunked_array([], pa.string())
        options = pa.ipc.IpcReadOptions(included_fields=[place])
        with (
            pa.memory_map(str(self.path)) as file,
            pa.ipc.open_file(file, options=options) as reader,
        ):
            return reader.read_all().column(0)


def spool(grid: Grid, layout: Layout, work: Path) -> SpooledSheet:
    """Read a grid to its end and keep the rows below its header.

    Parameters
    ----------
    grid : Grid
    layout : Layout
    work : Path
        Folder for the file.
    """
    work.mkdir(parents=True, exist_ok=True)
    sheet = SpooledSheet(
        grid.source, layout.headers, layout.head_rows + 1, layout.head_rows, {},
        grid.system, grid.object, work / f"{uuid4().hex}.arrow",
    )  # fmt: skip
    if layout.headers:
        _Writer(sheet, layout).write(grid)
    sheet.notes = {**grid.notes, **layout.notes, **sheet.notes}
    return sheet


class _Writer:
    """One walk through a grid."""

    def __init__(self, sheet: SpooledSheet, layout: Layout) -> None:
        self.sheet, self.layout = sheet, layout
        self.width = len(layout.headers)
        self.repeated = 0
        self.tail: list[Row] = []  # rows since the last full one: they may be the footer
        self.last_total = False

    def write(self, grid: Grid) -> None:
        """Blocks to the file; then what only shows at the end."""
        import pyarrow as pa

        schema = pa.schema([(f"c{i}", pa.string()) for i in range(self.width)])
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        rows = (row for row in grid.rows() if row[0] > self.layout.head_rows)
        with pa.ipc.new_file(str(self.sheet.path), schema, options=options) as file:
            while chunk := list(itertools.islice(rows, ROWS)):
                file.write_batch(self._block(chunk, schema))
        self._finish()

    def _block(self, chunk: list[Row], schema: pa.Schema) -> pa.RecordBatch:
        import numpy as np
        import pyarrow as pa

        numbers = [number for number, _ in chunk]
        cells = [self._fitted(number, row) for number, row in chunk]
        columns = [_trimmed(pa.array(column, pa.string())) for column in zip(*cells, strict=True)]
        kinds = self._kinds(columns, len(chunk))
        self.sheet.numbers.append(np.array(numbers, np.int64))
        self.sheet.kinds.append(kinds)
        return pa.RecordBatch.from_arrays(columns, schema=schema)

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
        """Rows to look at: a label of a total where rows begin, or anywhere in a sparse row; rows
        that begin like the header or a title."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        first = pc.coalesce(*columns) if len(columns) > 1 else columns[0]
        hinted = _matches(first)
        starts = {next(text for text in row if text) for row in self.layout.repeats if any(row)}
        begins = {text for text in pc.unique(first).to_pylist() if text} if starts else set()
        like = [text for text in begins if squeezed([text])[0] in starts]
        if like:
            hinted |= pc.is_in(first, pa.array(like, pa.string())).to_numpy(zero_copy_only=False)
        sparse = np.flatnonzero((filled > 0) & (filled <= len(columns) - 1) & ~hinted)
        for column in columns[1:] if len(sparse) else []:
            hinted[sparse] |= _matches(column.take(pa.array(sparse)))
        return [int(i) for i in np.flatnonzero(hinted)]

    def _finish(self) -> None:
        import numpy as np

        self._footer()
        kinds = self.sheet.kinds
        self.sheet.counts = {
            kind: sum(int(np.count_nonzero(block == kind)) for block in kinds)
            for kind in (DATA, TOTAL, SUBTOTAL, BLANK)
        }
        if self.repeated:
            self.sheet.notes["repeated_headers"] = str(self.repeated)

    def _footer(self) -> None:
        """Notes below the table, from the end upwards until a row is data or a total."""
        if not self.sheet.kinds:
            return
        kinds, found = self.sheet.kinds[-1], []
        block = list(self.sheet.blocks())[-1]
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
