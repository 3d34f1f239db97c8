"""The books of an import: every cell that was refused, changed or flagged, and every sum of money.

`Cells` keeps all of them on disk and the first of each kind in memory, so that two million scaled
amounts do not fill it. `Money` adds amounts exactly, before and after, by currency and tax basis.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.loaders.outcome import CELL_COLUMNS, MONEY_COLUMNS
from workbench.loaders.raw import Source

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

#: How many cells of one kind (file, sheet, header, reason) stand in the report itself.
CELL_LIMIT = 200

MoneyKey = tuple[str, str, str, str]  # table, column, currency, tax basis
PARTS = ("before", "kept", "refused", "duplicates", "rounding")


class Cells:
    """Cells that were refused, changed or flagged.

    Parameters
    ----------
    path : Path
        Where all of them are kept, Parquet with `CELL_COLUMNS`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: dict[tuple[str, str, str, str], int] = defaultdict(int)
        self._first: list[pd.DataFrame] = []
        self._writer: Any = None

    def add(
        self,
        source: Source,
        *,
        header: str,
        target: str,
        rows: np.ndarray[Any, Any],
        texts: pa.Array | list[str | None],
        values: list[str | None] | None,
        reason: str,
        verdict: str,
    ) -> None:
        """Note cells of one header with one reason, in the order of their rows."""
        import pandas as pd
        import pyarrow as pa

        if not len(rows):
            return
        count = len(rows)
        batch = pa.table(
            {
                "file": pa.repeat(source.file, count),
                "sheet": pa.repeat(source.sheet, count),
                "row": pa.array(rows, pa.int64()),
                "header": pa.repeat(header, count),
                "target": pa.repeat(target, count),
                "text": texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string()),
                "value": pa.array(values, pa.string()) if values else pa.nulls(count, pa.string()),
                "reason": pa.repeat(reason, count),
                "verdict": pa.repeat(verdict, count),
            }
        ).select(list(CELL_COLUMNS))
        kind = (source.file, source.sheet, header, reason)
        room = CELL_LIMIT - self.counts[kind]
        if room > 0:
            self._first.append(pd.DataFrame(batch.slice(0, room).to_pylist()))
        self.counts[kind] += count
        self._write(batch)

    def listed(self) -> pd.DataFrame:
        """The first cells of each kind, by place."""
        import pandas as pd

        if not self._first:
            return pd.DataFrame(columns=list(CELL_COLUMNS))
        whole = pd.concat(self._first, ignore_index=True)
        return whole.sort_values(["file", "sheet", "row", "header"], ignore_index=True)

    def close(self) -> None:
        """Finish the file of all cells."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self, batch: pa.Table) -> None:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, batch.schema, compression="zstd")
        self._writer.write_table(batch)


class Money:
    """Exact sums of money columns, by table, column, currency and tax basis."""

    def __init__(self) -> None:
        self._sums: dict[MoneyKey, dict[str, Decimal]] = {}
        self._rows: dict[MoneyKey, int] = defaultdict(int)

    def add(self, part: str, key: MoneyKey, amount: Decimal | None, rows: int = 0) -> None:
        """Add an amount to one of `PARTS` of a money column."""
        sums = self._sums.setdefault(key, dict.fromkeys(PARTS, Decimal(0)))
        sums[part] += amount or Decimal(0)
        self._rows[key] += rows

    def add_column(
        self,
        part: str,
        *,
        table: str,
        column: str,
        values: pa.Array,
        currencies: pa.Array,
        bases: pa.Array,
    ) -> None:
        """Add a column of decimals, each under its row's currency and tax basis."""
        import pyarrow as pa

        grouped = (
            pa.table({"c": currencies, "b": bases, "v": values})
            .group_by(["c", "b"])
            .aggregate([("v", "sum"), ("v", "count")])
        )
        for row in grouped.to_pylist():
            key = (table, column, row["c"] or "", row["b"] or "")
            self.add(part, key, row["v_sum"], row["v_count"] if part == "before" else 0)

    def frame(self) -> pd.DataFrame:
        """All sums, each counted where it arose, so that the report can hold them together."""
        import pandas as pd

        lines = []
        for key, sums in sorted(self._sums.items()):
            lines.append((*key, self._rows[key], *(sums[part] for part in PARTS)))
        return pd.DataFrame(lines, columns=list(MONEY_COLUMNS))
