"""Sheets in memory for tests of import: headers and rows of text, without a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.loaders.mapping import FieldMapping, SheetMapping
from workbench.loaders.raw import DATA, Block, Source


class ListSheet:
    """Rows of text as a `Sheet`; kinds may be given, all are data by default."""

    def __init__(
        self,
        headers: Sequence[str],
        rows: Sequence[Sequence[str | None]],
        *,
        file: str = "sheet.csv",
        kinds: Sequence[int] | None = None,
        block: int = 3,
    ) -> None:
        self.source = Source(file)
        self.headers = list(headers)
        self.cells = [list(row) for row in rows]
        self.kinds = list(kinds or [DATA] * len(rows))
        self.first_row, self.head_rows = 2, 1
        self.counts = {kind: self.kinds.count(kind) for kind in set(self.kinds)}
        self.ragged: list[tuple[int, int]] = []
        self.notes: dict[str, str] = {}
        self.system = self.object = ""
        self.block = block

    def blocks(self) -> Iterator[Block]:
        """Blocks of a few rows, so that what spans blocks is tried."""
        for start in range(0, len(self.cells), self.block):
            rows = self.cells[start : start + self.block]
            columns = [
                pa.array([row[place] for row in rows], pa.string())
                for place in range(len(self.headers))
            ]
            numbers = np.arange(start + 2, start + 2 + len(rows))
            yield Block(numbers, columns, np.array(self.kinds[start : start + self.block], "int8"))

    def column(self, place: int) -> pa.ChunkedArray:
        """One column whole."""
        return pa.chunked_array([[row[place] for row in self.cells]], pa.string())


def mapped(
    table: str, targets: dict[str, str | None], *, system: str = "generic_en", **more: object
) -> SheetMapping:
    """A mapping from headers to targets, in order."""
    fields = tuple(
        FieldMapping(header, place, target, "mapping" if target else "")
        for place, (header, target) in enumerate(targets.items())
    )
    return SheetMapping(table, system, "mapping", fields, **more)  # type: ignore[arg-type]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a text file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path
