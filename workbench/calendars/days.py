"""Reading dates: one or many, from Python, numpy, pandas or Arrow, to numpy days.

An instant with a zone is read as its date in Shanghai.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError

Days = NDArray[np.datetime64]
ONE_DAY = np.timedelta64(1, "D")
_HOME = "Asia/Shanghai"


def to_days(dates: Any) -> Days:
    """Turn dates of any kind and shape into datetime64[D] of the same shape.

    Parameters
    ----------
    dates : date, datetime, ISO text, numpy or pandas dates, or a list of them

    Raises
    ------
    InputError
        If one is missing or no date.
    """
    try:
        days = np.asarray(_without_zone(dates), dtype="datetime64[D]")
    except (TypeError, ValueError) as error:
        raise InputError(
            f"not dates: {error}", do="hand in dates, timestamps or text such as 2026-07-31"
        ) from error
    if np.isnat(days).any():
        raise InputError(
            f"{int(np.isnat(days).sum()):,} of {days.size:,} dates are missing",
            do="leave the rows without a date out first, and count them",
        )
    return days


def to_date(value: Any) -> date:
    """Turn one date of any kind into a `datetime.date`."""
    day: date = to_days(value).item()  # type: ignore[assignment]  # days are dates, never integers
    return day


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a packaged CSV of `workbench/data`."""
    text = files("workbench").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _without_zone(dates: Any) -> Any:
    if isinstance(dates, datetime):
        return _home(dates)
    if _zone_of(getattr(dates, "dtype", None)) is not None:
        stamps = getattr(dates, "dt", dates)  # a Series has them under dt, an index is them
        dates = stamps.tz_convert(_HOME)
        dates = getattr(dates, "dt", dates).tz_localize(None)
    if hasattr(dates, "to_numpy"):
        dates = dates.to_numpy()
    if isinstance(dates, (list, tuple)):
        return [_home(each) if isinstance(each, datetime) else each for each in dates]
    return dates


def _zone_of(dtype: Any) -> Any:
    return getattr(getattr(dtype, "pyarrow_dtype", dtype), "tz", None)


def _home(instant: datetime) -> date | None:
    if instant != instant:  # NaT of pandas is a datetime that is not itself
        return None
    return (instant.astimezone(ZoneInfo(_HOME)) if instant.tzinfo else instant).date()
