"""Typed values of a file as the texts that `raw.py` promises.

Numbers of a spreadsheet are binary floats of which Excel shows 15 digits; numbers of JSON and
Parquet are exact and keep every digit. Columns at once: `columns.py`.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

#: From here on a spreadsheet has lost the last digits of a whole number.
LOST_DIGITS = 1e15

#: Below this a plain decimal would be mostly zeros.
TINY = 1e-20


def sheet_text(value: Any) -> str | None:
    """Text of a cell of a workbook; None where it is empty.

    Whole numbers of more than 15 digits come as `9.11101081234568E+17`: what is left of them.
    """
    kind = type(value)
    if kind is str:
        return value or None
    if kind is float or kind is int:
        return float_text(value)
    return exact_text(value)


def exact_text(value: Any) -> str | None:
    """Text of a value whose number of digits is right as it is; None where it is empty."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, dt.datetime):
        return _instant(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _duration(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) or None


def float_text(value: float) -> str | None:
    """A float in at most 15 digits, without an exponent where that can be read; None for NaN."""
    if isinstance(value, int) and abs(value) < LOST_DIGITS:
        return str(value)
    if math.isnan(value):
        return None
    if value == int(value) if math.isfinite(value) and abs(value) < LOST_DIGITS else False:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" not in text:
        return text
    if TINY < abs(value) < LOST_DIGITS:
        return f"{Decimal(text):f}"
    return text.upper()


def _instant(value: dt.datetime) -> str:
    """ISO text; a serial number misses a full second by some microseconds, which is mended."""
    near = round(value.microsecond, -3)
    if near in (0, 1_000_000):
        value = value.replace(microsecond=0) + dt.timedelta(seconds=near // 1_000_000)
    return value.isoformat()


def _duration(value: dt.timedelta) -> str:
    """Hours, minutes and seconds, hours beyond a day as a spreadsheet shows them ([h]:mm:ss)."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
