"""Target sheets as planners keep them: a row a node, months as columns (1月 ... 12月)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from workbench.errors import InputError

_MONTHS = (
    re.compile(r"(?P<month>\d{1,2})\s*月(份|目标|指标)?"),
    re.compile(r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*月?(份|目标|指标)?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})"),
    re.compile(r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?", re.I),
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOTALS = re.compile(
    r"\s*(全年|年度|合计|总计|小计|[一二三四1-4]季度|q[1-4]|h[12]|[上下]半年|total|year)\s*"
    r"(合计|目标|指标)?\s*",
    re.I,
)


def unpivot_months(
    sheet: pd.DataFrame, *, year: int | None = None, keys: Sequence[str] | None = None
) -> pd.DataFrame:
    """Turn month columns into rows.

    Parameters
    ----------
    sheet : pandas.DataFrame
        Columns such as 1月, 01月, 2027-03, 202703, Jan; sums of quarters and years are left out.
    year : int, optional
        Of columns that do not tell it.
    keys : sequence of str, optional
        Columns to keep beside each value; by default all that are neither months nor sums.

    Returns
    -------
    pandas.DataFrame
        The keys, month (period of a month), value (float); empty cells give no row.

    Raises
    ------
    InputError
        If no column is a month, a month occurs twice, the year is not told, or a value is no
        number.
    """
    found = {column: month for column in sheet.columns if (month := _month(str(column), year))}
    if not found:
        raise InputError(
            "no column is a month",
            where=f"columns {', '.join(map(str, sheet.columns))}",
            do="name the columns 1月 to 12月, or 2027-01 and so on",
        )
    if len(set(found.values())) < len(found):
        doubles = pd.Series(found).astype(str)
        named = doubles[doubles.duplicated(keep=False)].index
        raise InputError(
            "a month has more than one column",
            where=f"columns {', '.join(map(str, named))}",
            do="keep one of them",
        )
    rest = [column for column in sheet.columns if column not in found]
    kept = list(keys) if keys is not None else [c for c in rest if not _TOTALS.fullmatch(str(c))]
    long = sheet[[*kept, *found]].melt(id_vars=kept, var_name="month", value_name="value")
    values = pd.to_numeric(long["value"], errors="coerce")
    wrong = long[values.isna() & long["value"].notna() & (long["value"] != "")]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            f"{len(wrong)} targets are not numbers",
            where=f"column {row['month']} ({row['value']!r})",
            do="write plain numbers in one unit",
        )
    months = pd.PeriodIndex([found[column] for column in long["month"]], freq="M")
    long = long.assign(month=months, value=values.astype(float))
    return long.dropna(subset=["value"]).reset_index(drop=True)


def _month(column: str, year: int | None) -> pd.Period | None:
    for form in _MONTHS:
        match = form.fullmatch(column.strip())
        if not match:
            continue
        parts = match.groupdict()
        name = parts.get("name")
        month = _NAMES.index(name.lower()) + 1 if name else int(parts["month"])
        told = int(parts["year"]) if parts.get("year") else year
        if not 1 <= month <= 12:
            return None
        if told is None:
            raise InputError(
                "the year of the months is not told", where=f"column {column}", do="give `year`"
            )
        return pd.Period(year=told, month=month, freq="M")
    return None
