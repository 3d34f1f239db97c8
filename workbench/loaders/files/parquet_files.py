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
    names: list[str | None]
    notes: dict[str, str] = field(default_factory=dict)
    system: str = ""
    object: str = ""
    named: bool = field(default=True, init=False)

    def rows(self) -> Iterator[Row]:
        """Names, then rows."""
        yield 0, self.names
        for first, columns in self.pieces(0):
            cells = zip(*(column.to_pylist() for column in columns), strict=True)
            for number, row in enumerate(cells, first):
                yield number, [text or None for text in row]

    def pieces(self, after: int) -> Iterator[tuple[int, list[pa.Array]]]:
        """Rows by column, as `spool.Columnar` says; the header is the only row before them."""
        import pyarrow as pa

        number = after + 1
        for batch in _batches(self.path, str(self.source)):
            columns = _flattened(pa.Table.from_batches([batch])).columns
            yield number, [_texts(column.combine_chunks()) for column in columns]
            number += batch.num_rows


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
        names: list[str | None] = _flattened(file.schema_arrow.empty_table()).column_names
    return ParquetGrid(Source(name), path, names, {"format": "Parquet"})


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


def _texts(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if text or pa.types.is_decimal(kind) or pa.types.is_integer(kind) or pa.types.is_date32(kind):
        return column.cast(pa.string())
    return pa.array([_one(value) for value in column.to_pylist()], pa.string())


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
