"""Columns of a table of credit lines as compact arrays: days, positions, shares, steps, ids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.exactly import Ints, to_floats, to_units
from workbench.pay.lines import SHARE_DIGITS, WHOLE_SHARE, step_key
from workbench.pay.parts import LineFactor
from workbench.pay.staff import Staff
from workbench.text import later


def steps(table: pa.Table, factor: LineFactor) -> NDArray[np.int16]:
    """How many steps of a line factor each line has reached."""
    given = table.column(factor.column).cast(pa.float64()).to_numpy()
    reached: NDArray[np.int16] = kernels.reached(given, np.array(step_key(factor)[1]))
    return reached


def credit_shares(table: pa.Table) -> dict[Any, NDArray[Any]]:
    """Share of each line and whether it is counted apart, where the table says so."""
    result: dict[Any, NDArray[Any]] = {}
    if "share" in table.column_names:
        column = table.column("share")
        if not (pa.types.is_decimal(column.type) or pa.types.is_integer(column.type)):
            # a third has no end
            nearest = to_floats(column.to_pandas(), name="share").round(SHARE_DIGITS)
            column = pa.array(nearest, from_pandas=True)
        share, given = to_units(column, digits=SHARE_DIGITS, name="share")
        share[~given] = WHOLE_SHARE
        wrong = np.nonzero((share < 0) | (share > WHOLE_SHARE))[0]
        if len(wrong):
            at = int(wrong[0])
            raise InputError(
                later(
                    "a share of {share} is no part of a transaction",
                    share=f"{share[at] / WHOLE_SHARE:g}",
                ),
                where=later("credit lines, {line}", line=table.column("line_id")[at].as_py()),
                do=later("write 60% as 0.6"),
            )
        result["share"] = share
    if "split_type" in table.column_names:
        texts = table.column("split_type").cast(pa.string())
        result["overlay"] = np.asarray(pc.fill_null(pc.equal(texts, "overlay"), False))
    return result


def positions(column: Any, staff: Staff) -> NDArray[np.int32]:
    """Position of each line's person among the staff, -1 for others."""
    texts = column if not pa.types.is_dictionary(column.type) else column.cast(pa.string())
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        texts = texts.cast(pa.string())
    known = pa.array([str(each) for each in staff.ids], type=texts.type)
    found = pc.fill_null(pc.index_in(texts, value_set=known), -1)
    return np.asarray(found).astype(np.int32)


def day_numbers(column: Any) -> NDArray[np.int32]:
    """Days since 1970-01-01; far in the past where there is no date."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = _dates(column)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.local_timestamp(column)
    days = column.cast(pa.date32(), safe=False).cast(pa.int32())
    return np.asarray(pc.fill_null(days, -(2**30))).astype(np.int32)


def _dates(column: Any) -> Any:
    """Dates of texts: 2026-01-31, else any form that pandas knows."""
    try:
        return pc.strptime(column, format="%Y-%m-%d", unit="s")
    except pa.ArrowInvalid:
        texts = column.to_pandas()
        parsed = pd.to_datetime(texts, errors="coerce", format="mixed")
        bad = texts[parsed.isna() & texts.notna()]
        if len(bad):
            raise InputError(
                later("{value} is no date", value=bad.iloc[0]),
                where=later("credit lines, column date"),
                do=later("write 2026-01-31"),
            ) from None
        return pa.chunked_array([pa.Array.from_pandas(parsed)])


def compact(column: Any, rows: Ints) -> Any:
    """Ids of the kept rows; texts in buffers no larger than they are."""
    array = column.combine_chunks()
    if len(rows) < len(array):
        array = array.take(pa.array(rows))
    if pa.types.is_integer(array.type):
        return array
    data, offsets = bytes_of(array.cast(pa.string()))
    begin, end = int(offsets[0]), int(offsets[-1])
    buffers = [pa.py_buffer(offsets - begin), pa.py_buffer(data[begin:end].copy())]
    return pa.Array.from_buffers(pa.string(), len(array), [None, *buffers])


def short(units: Ints) -> NDArray[Any]:
    """Whole numbers in 32 bits where none is larger."""
    fits = max(int(units.max(initial=0)), -int(units.min(initial=0))) < 2**31
    return units.astype(np.int32) if fits else units


def bytes_of(array: Any) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Bytes of texts, and where each begins and ends."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)
    offsets = offsets[array.offset : array.offset + len(array) + 1]
    return np.frombuffer(array.buffers()[2] or b"", np.uint8), offsets
