"""Sums of the rows of a sheet by day, week, month, quarter or year: order lines become a series."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.forecasting.periods import period_of
from workbench.forecasting.sheet_cells import Reading

#: What may be summed by, finest first, and pandas' name of it.
STEPS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Sums:
    """Sums by period.

    Attributes
    ----------
    table : pandas.DataFrame
        series_id, period, value.
    idle : int
        Cells without a row, counted as zero: only where rows have days, as order lines do.
    until : str
        Last day in the sheet where working days of its last period lie after it; "".
    """

    table: pd.DataFrame
    idle: int
    until: str


def summed(table: pd.DataFrame, by: str, reading: Reading) -> Sums:
    """Sum the rows of each series.

    Parameters
    ----------
    table : pandas.DataFrame
        series_id, period (text that `period_of` knows), value.
    by : str
        A key of `STEPS`.
    reading : Reading
        For errors.

    Raises
    ------
    InputError
        If it is no period to sum by, or a row has a coarser one.
    """
    _refuse(table, by, reading)
    known = {text: period_of(text) for text in table["period"].unique()}
    starts = {text: _first(*period) for text, period in known.items() if period}
    first = pd.to_datetime(table["period"].map(starts))
    periods = first.dt.to_period(STEPS[by])
    grouped = table.assign(period=periods).groupby(["series_id", "period"], sort=True)["value"]
    values, rows = grouped.sum(min_count=1).unstack(), grouped.size().unstack()
    every = pd.period_range(periods.min(), periods.max())
    values, rows = values.reindex(columns=every), rows.reindex(columns=every)
    begun = rows.notna().cummax(axis=1)
    idle = rows.isna() & begun
    daily = all(p is not None and p[0] == "day" for p in known.values())
    if daily:  # a customer without an order has bought nothing
        values = values.mask(idle, 0.0)
    values.columns = pd.Index([_text(period, by) for period in every], name="period")
    long = values.reset_index().melt("series_id", value_name="value")
    found = long[begun.to_numpy().ravel(order="F")].reset_index(drop=True)
    last = max(_last(*period) for period in known.values() if period)
    ahead = np.busday_count(last + _DAY, every[-1].end_time.date() + _DAY)
    count = int(idle.to_numpy().sum()) if daily else 0
    return Sums(found, count, last.isoformat() if ahead else "")


def _refuse(table: pd.DataFrame, by: str, reading: Reading) -> None:
    say, steps = reading.lang.say, list(STEPS)
    if by not in STEPS:
        raise InputError(
            say("{by} is no period to sum by", by=reading.quoted(by)),
            where="--by",
            do=say("use {names}", names=reading.lang.pause.join(STEPS)),
        )
    for text in table["period"].unique():
        found = period_of(text)
        if found is None or steps.index(found[0]) > steps.index(by):
            number = int(np.argmax(table["period"].to_numpy() == text))
            raise InputError(
                say("{text} is no date to sum by {by}", text=reading.quoted(text), by=by),
                where=reading.at(say("row {row}", row=reading.row(number % len(reading.rows)))),
                do=say("give dates such as 2027-03-01, or leave --by out"),
            )


def _first(kind: str, year: int, part: int) -> dt.date:
    """First day of a period."""
    if kind == "day":
        return dt.date.fromordinal(part)
    if kind == "week":
        return dt.date.fromisocalendar(year, part, 1)
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    return dt.date(year, (max(part, 1) - 1) * months % 12 + 1, 1)


def _last(kind: str, year: int, part: int) -> dt.date:
    """Last day of a period."""
    return pd.Timestamp(_first(kind, year, part)).to_period(STEPS[kind]).end_time.date()


def _text(period: pd.Period, by: str) -> str:
    """A period as `period_of` reads it."""
    if by != "week":
        return str(period)
    year, week, _ = period.start_time.isocalendar()
    return f"{year}-W{week:02d}"
