"""Result tables on disk: the same frame gives the same bytes.

Fixed writer settings, no pandas metadata, decimals kept, kinds that only pandas knows made plain.
The company's own tables: `tables/store.py`.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARQUET = {
    "compression": "zstd",
    "compression_level": 9,
    "version": "2.6",
    "data_page_version": "1.0",
    "row_group_size": 1 << 20,
}


def write_table(frame: pd.DataFrame, path: Path) -> int:
    """Write a frame as Parquet, the same bytes for the same frame; return its rows.

    Periods and categories become text, dates without a time become dates, a named index becomes
    columns; decimals stay decimals.

    Raises
    ------
    InputError
        If a column mixes kinds of values.
    """
    import pyarrow.parquet as pq

    table = _arrow(frame)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, **PARQUET)
    return int(table.num_rows)


def table_bytes(frame: pd.DataFrame) -> bytes:
    """Return what `write_table` writes."""
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(_arrow(frame), stream, **PARQUET)
    return stream.getvalue()


def _arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    plain = flat(frame)
    try:
        arrays = [_array(plain.iloc[:, place]) for place in range(plain.shape[1])]
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            "a column mixes kinds of values",
            where=str(error).splitlines()[0][:200],
            do="give each column of a recorded table one kind",
        ) from error
    return pa.Table.from_arrays(arrays, names=[str(column) for column in plain.columns])


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn a named index and levels of columns into plain columns."""
    named = any(name is not None for name in frame.index.names)
    plain = frame.reset_index() if named else frame
    if plain.columns.nlevels > 1:
        plain = plain.set_axis([_joined(tuple(levels)) for levels in plain.columns], axis=1)
    return plain


def _joined(levels: tuple[object, ...]) -> str:
    return "_".join(str(level) for level in levels if level != "")


def _array(values: pd.Series) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    if isinstance(values.dtype, (pd.PeriodDtype, pd.IntervalDtype, pd.CategoricalDtype)):
        values = values.astype(str).where(values.notna(), None)
    array = pa.array(values, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        return array.cast(pa.string())
    if pa.types.is_decimal(array.type):  # precision as stored, not as these values happen to need
        precision = 18 if array.type.precision <= 18 else 38
        return array.cast(pa.decimal128(precision, array.type.scale))
    naive = pa.types.is_timestamp(array.type) and array.type.tz is None
    if naive and bool((values.dropna() == values.dropna().dt.normalize()).all()):
        return array.cast(pa.date32())
    return array
