"""One value of a database as the text of a cell: exact figures, ISO days, instants with offset.

The rows themselves: `sql.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

# Whole numbers of a float from here on have lost digits for certain or by their like: see `raw.py`.
_FLOAT_DIGITS = 10**15


def cell_text(value: Any) -> str | None:
    """One value of a database as the text of a cell, as `raw.py` says; None where empty.

    Raises
    ------
    TypeError
        If it is bytes, which no cell can hold.
    """
    known = _TEXT.get(type(value))
    if known is not None:
        return known(value)
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("bytes")
    return str(value) or None


def _of_float(value: float) -> str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return str(Decimal(value))
    if abs(value) >= _FLOAT_DIGITS:
        return f"{value:.15G}"
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _of_decimal(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    return format(value, "f") if value.is_finite() else str(value)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_inside_json)


def _inside_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return cell_text(value)


_TEXT: dict[type, Callable[[Any], str | None]] = {
    str: lambda value: value or None,
    int: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    float: _of_float,
    Decimal: _of_decimal,
    dt.date: dt.date.isoformat,
    dt.datetime: dt.datetime.isoformat,
    dt.time: dt.time.isoformat,
    UUID: str,
    dict: _as_json,
    list: _as_json,
    tuple: _as_json,
}
