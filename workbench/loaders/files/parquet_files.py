"""Parquet as texts: exact decimals, ISO dates, instants with their offset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.loaders.files.cells import exact_text
from workbench.loaders.files.flatten import JOINT
from workbench.loaders.raw import Row, Skipped, Source

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 50_000


@dataclass
class ParquetGrid:
    """A Parquet file (a `Grid`); header is row 0, rows count from 1."""

    source: Source
    path: Path
    notes: dict[str, str] = field(default_factory=dict)
    system: str = ""
    object: str = ""
    named: bool = field(default=True, init=False)

    def rows(self) -> Iterator[Row]:
        """Names, then rows."""
        import pyarrow as pa

        number = 0
        for batch in _batches(self.path, str(self.source)):
            table = _flattened(pa.Table.from_batches([batch]))
            if not number:
                yield 0, list(table.column_names)
            columns = [_texts(column) for column in table.columns]
            for cells in zip(*columns, strict=True):
                number += 1
                yield number, list(cells)


def open_parquet(path: Path, name: str) -> ParquetGrid | Skipped:
    """Open a Parquet file.

    Raises
    ------
    InputError
        If it is damaged or was cut off.
    """
    with _file(path, name) as file:
        if not file.metadata.num_rows:
            return Skipped(name, "the file holds no rows", refused=False)
    return ParquetGrid(Source(name), path, {"format": "Parquet"})


def _file(path: Path, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(name, error) from error


def _batches(path: Path, name: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with _file(path, name) as file:
        try:
            yield from file.iter_batches(BATCH)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(name, error) from error


def _flattened(table: pa.Table) -> pa.Table:
    """Structures as dotted columns."""
    import pyarrow as pa

    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        table = table.flatten()
    return table


def _texts(column: pa.ChunkedArray) -> list[str | None]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [text or None for text in column.to_pylist()]
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind):
        return column.cast(pa.string()).to_pylist()
    return [_one(value) for value in column.to_pylist()]


def _one(value: Any) -> str | None:
    if isinstance(value, list):
        return JOINT.join(text for item in value if (text := _one(item))) or None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return exact_text(value)


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        f"the Parquet file is damaged or was not copied whole ({error})",
        where=name,
        do="copy or export it once more",
    )
