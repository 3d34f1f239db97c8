"""Tables of a company as they are stored: one Parquet file, or a folder of parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


def table_files(company: Path, name: str) -> list[Path]:
    """Files of a table; none where the company lacks it."""
    single = company / f"{name}.parquet"
    return [single] if single.exists() else sorted((company / name).glob("*.parquet"))


def read_stored(company: Path, name: str) -> pa.Table:
    """A whole table, in its stored types.

    Raises
    ------
    InputError
        If the company lacks it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = table_files(company, name)
    if not files:
        raise InputError(
            f"the company has no table {name}",
            where=str(company),
            do="import its accounts first, or name its folder",
        )
    parts = [pq.ParquetFile(path).read() for path in files]
    return pa.concat_tables(parts, promote_options="default")
