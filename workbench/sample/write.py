"""Writing the sample company: codes to ids, declared Arrow types, small and repeatable files.

One part gives `<table>.parquet`; several give `<table>/part-00000.parquet` ... Money is stored as
decimals in integers; columns take the encoding that suits what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.sample.parameters import Size
from workbench.tables import TABLES, Column, Table
from workbench.tables.store import arrow_schema, decimals

# Entity -> prefix of its ids. An entity is the table a column refers to, or the column's own.
PREFIXES = {
    "account": "A",
    "account_pool_event": "PE",
    "activity": "AC",
    "campaign": "CM",
    "case": "CS",
    "competitor": "CP",
    "contact": "CT",
    "contract": "C",
    "delivery": "D",
    "expense": "EX",
    "forecast_entry": "FE",
    "invoice": "I",
    "lead": "LD",
    "opportunity": "OP",
    "order": "SO",
    "order_line": "L",
    "partner": "P",
    "price_promotion": "PR",
    "product": "M",
    "quote": "Q",
    "rebate": "RB",
    "receipt": "RC",
    "receivable_plan": "RP",
    "rep": "R",
    "response": "SR",
    "return_refund": "RT",
    "risk": "RK",
    "team": "T",
    "training": "TR",
    "pay_plan": "PP",
    "territory": "TY",
}
# Entities of the whole company: few, counted over all parts, three or four digits.
SHARED = {
    "campaign": 4,
    "competitor": 2,
    "price_promotion": 3,
    "product": 3,
    "rep": 4,
    "risk": 3,
    "team": 3,
    "training": 5,
    "forecast_entry": 6,
    "expense": 6,
    "pay_plan": 3,
    "territory": 3,
}
# Ids whose entity no reference tells.
ENTITIES = {"order_id": "order", "response_id": "response", "original_id": "account"}


def entity(table: Table, column: Column) -> str:
    """The entity whose ids a column holds; "" where they are texts of another kind."""
    if column.references:
        target = column.references.partition(".")[0]
        return "" if target == "geo_unit" else target
    if column.name in ENTITIES:
        return ENTITIES[column.name]
    return table.name if column.name == table.key[0] and column.kind == "id" else ""


@dataclass
class Writer:
    """Writes the tables of a company, part by part.

    Attributes
    ----------
    folder : Path
    size : Size
    offsets : dict of str to int
        How many of an entity earlier parts hold.
    rows : dict of str to int
        Rows written by table.
    """

    folder: Path
    size: Size
    offsets: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def table(self, name: str, frame: pd.DataFrame, *, part: int | None = None) -> Path:
        """Write a declared table, or one part of it."""
        arrow = self.arrow(name, frame)
        self.rows[name] = self.rows.get(name, 0) + arrow.num_rows
        return self._write(self.folder, name, arrow, part)

    def hidden(self, name: str, frame: pd.DataFrame, *, part: int | None = None) -> Path:
        """Write latent values below truth/; `<entity>_id` columns become ids."""
        columns = {column: self._latent(column, frame[column]) for column in frame.columns}
        return self._write(self.folder / "truth", name, pa.table(columns), part)

    def arrow(self, name: str, frame: pd.DataFrame) -> pa.Table:
        """A frame of codes as the declared Arrow table."""
        declared = TABLES[name]
        schema = arrow_schema(declared, frame.columns)
        arrays = [
            self._column(frame[each.name], declared, declared.column(each.name), each.type)
            for each in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)

    def next_part(self, counts: dict[str, int]) -> None:
        """Move the ids on by what a part used of each entity."""
        for name, count in counts.items():
            self.offsets[name] = self.offsets.get(name, 0) + count

    def ids(self, codes: Any, name: str) -> pa.Array:
        """Codes as ids of an entity; negative codes are missing."""
        codes = np.asarray(codes, np.int64)
        digits = SHARED.get(name, self.size.digits)
        numbers = codes + 1 + (0 if name in SHARED else self.offsets.get(name, 0))
        text = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), digits, padding="0")
        text = pc.binary_join_element_wise(PREFIXES[name], text, "")
        missing = pa.array(codes < 0)
        return pc.if_else(missing, pa.scalar(None, pa.string()), text)

    def _column(
        self, values: pd.Series, table: Table, column: Column, kind: pa.DataType
    ) -> pa.Array:
        named = entity(table, column)
        if named and pd.api.types.is_integer_dtype(values.dtype):
            return self.ids(values.to_numpy(), named)
        return _plain(values, kind)

    def _latent(self, column: str, values: pd.Series) -> pa.Array:
        name = ENTITIES.get(column, column.removesuffix("_id"))
        if name in PREFIXES and name != column and pd.api.types.is_integer_dtype(values.dtype):
            return self.ids(values.to_numpy(), name)
        if pd.api.types.is_datetime64_any_dtype(values.dtype):
            return _plain(values, pa.date32())
        array = pa.array(values, from_pandas=True)
        return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array

    def _write(self, folder: Path, name: str, arrow: pa.Table, part: int | None) -> Path:
        path = folder / (f"{name}.parquet" if part is None else f"{name}/part-{part:05d}.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        dictionary, encodings = _encodings(arrow, trial=self.size.level > 9)
        pq.write_table(
            arrow,
            path,
            compression="zstd",
            compression_level=self.size.level,
            use_dictionary=dictionary,
            column_encoding=encodings,
            store_decimal_as_integer=True,
            write_statistics=True,
            row_group_size=1 << 20,
            data_page_size=1 << 20,
        )
        return path


def _plain(values: pd.Series, kind: pa.DataType) -> pa.Array:
    """Values that are no codes in their declared type."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return pa.array(values, from_pandas=True).dictionary_decode().cast(kind)
    if pa.types.is_decimal(kind) and pd.api.types.is_float_dtype(values.dtype):
        return decimals(values.to_numpy("float64"), kind.scale)
    if pa.types.is_date(kind):
        return pa.array(values.astype("datetime64[s]"), from_pandas=True).cast(kind)
    if pa.types.is_timestamp(kind) and getattr(values.dtype, "tz", None) is None:
        stamps = values.astype("datetime64[us]").dt.tz_localize(kind.tz)
        return pa.array(stamps, from_pandas=True).cast(kind)
    return pa.array(values, from_pandas=True).cast(kind, safe=not pa.types.is_decimal(kind))


# Encodings worth a trial, by Arrow type; "" is a dictionary.
SPLIT, DELTA, PLAIN = "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED", "PLAIN"
TRIED_ROWS = 60_000


def _encodings(arrow: pa.Table, *, trial: bool) -> tuple[list[str], dict[str, str]]:
    """Columns to keep in a dictionary, and the encoding of the others.

    With `trial` the smallest encoding of the first rows is taken; otherwise repeated values go
    into a dictionary.
    """
    dictionary, encodings = [], {}
    for each in arrow.schema:
        choices = _choices(each.type)
        head = arrow.select([each.name]).slice(0, TRIED_ROWS)
        if len(choices) == 1:
            best = choices[0]
        elif trial:
            best = min(choices, key=lambda choice: _bytes(head, choice))
        else:
            few = pc.count_distinct(head.column(0)).as_py() <= 0.25 * len(head)
            best = "" if few else choices[1]
        if best:
            encodings[each.name] = best
        else:
            dictionary.append(each.name)
    return dictionary, encodings


def _choices(kind: pa.DataType) -> tuple[str, ...]:
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return (PLAIN,)
    if pa.types.is_string(kind):
        return ("", "DELTA_BYTE_ARRAY", PLAIN)
    if pa.types.is_decimal(kind):
        return ("", SPLIT, PLAIN)
    if pa.types.is_temporal(kind) or pa.types.is_integer(kind):
        return ("", SPLIT, DELTA, PLAIN)
    return ("", SPLIT)


def _bytes(column: pa.Table, encoding: str) -> int:
    """Bytes of a column in an encoding."""
    name, sink = column.column_names[0], pa.BufferOutputStream()
    pq.write_table(
        column,
        sink,
        compression="zstd",
        compression_level=6,
        use_dictionary=not encoding,
        column_encoding={name: encoding} if encoding else None,
        store_decimal_as_integer=True,
    )
    return int(sink.getvalue().size)
