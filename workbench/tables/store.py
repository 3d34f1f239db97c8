"""Tables on disk: one Parquet file a table, in the declared Arrow types, the same bytes each time.

Written by the sample company, by import and by tests; read by `company.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError
from workbench.tables import Column, Table, table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

COMPRESSION = {"compression": "zstd", "compression_level": 12}


def arrow_type(kind: str) -> pa.DataType:
    """Arrow type of a declared kind."""
    import pyarrow as pa

    return {
        "money": pa.decimal128(18, 2),
        "price": pa.decimal128(18, 4),
        "date": pa.date32(),
        "datetime": pa.timestamp("us", tz="Asia/Shanghai"),
        "number": pa.float64(),
        "share": pa.float64(),
        "integer": pa.int64(),
        "flag": pa.bool_(),
    }.get(kind, pa.string())


def arrow_schema(declared: Table | str, columns: Iterable[str] | None = None) -> pa.Schema:
    """Arrow schema of a declared table, of all columns or of those named (declared order)."""
    declared = table(declared) if isinstance(declared, str) else declared
    chosen = set(columns) if columns is not None else set(declared.column_names)
    import pyarrow as pa

    return pa.schema(
        [pa.field(c.name, arrow_type(c.kind)) for c in declared.columns if c.name in chosen],
        metadata={"table": declared.name},
    )


def to_arrow(frame: pd.DataFrame, declared: Table | str) -> pa.Table:
    """A frame in the declared Arrow types; columns in declared order, others left out.

    Floats become decimals by rounding half to even at the declared places.

    Raises
    ------
    InputError
        If values cannot become the declared type; names the column.
    """
    import pyarrow as pa

    declared = table(declared) if isinstance(declared, str) else declared
    schema = arrow_schema(declared, frame.columns)
    arrays = [_array(frame[field.name], declared.column(field.name)) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def write_parquet(frame: pd.DataFrame, declared: Table | str, folder: str | Path) -> Path:
    """Write a frame as `<folder>/<table>.parquet` and return the path."""
    import pyarrow.parquet as pq

    declared = table(declared) if isinstance(declared, str) else declared
    path = Path(folder) / f"{declared.name}.parquet"
    pq.write_table(to_arrow(frame, declared), path, **COMPRESSION)
    return path


def _array(values: pd.Series, column: Column) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    kind = arrow_type(column.kind)
    try:
        if pa.types.is_decimal(kind) and pd.api.types.is_float_dtype(values.dtype):
            return decimals(values.to_numpy("float64"), kind.scale)
        if column.kind == "date":
            values = pd.to_datetime(values).astype("datetime64[s]")
        array = pa.array(values, from_pandas=True)
        return array.cast(kind, safe=not pa.types.is_decimal(kind))
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise InputError(
            f"column {column.name} does not hold {column.kind} values",
            where=str(error).splitlines()[0][:200],
            do=f"give values of the kind {column.kind} ({column.arrow_type})",
        ) from error


def decimals(values: object, scale: int) -> pa.Array:
    """Float64 values as decimal128(18, scale), rounded half to even; NaN becomes missing.

    Built from scaled integers in one buffer: a hundred times the speed of a cast by text.
    """
    import numpy as np
    import pyarrow as pa

    floats = np.asarray(values, "float64")
    missing = np.isnan(floats)
    scaled = np.rint(np.where(missing, 0.0, floats) * 10**scale).astype("int64")
    words = np.empty((len(scaled), 2), "int64")
    words[:, 0] = scaled
    words[:, 1] = scaled >> 63  # sign extension to 128 bits
    valid = None
    if missing.any():
        valid = pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(
        pa.decimal128(18, scale), len(scaled), [valid, pa.py_buffer(words)]
    )
