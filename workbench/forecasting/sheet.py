"""A panel out of a sheet as people have it: CSV or workbook, long, wide, or a table of years.

Which column is the period, which the value and which name the series is told by their headers and
cells; what is not settled is one error that lists the choices. The cells: `sheet_cells.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import InputError
from workbench.forecasting.sheet_cells import (
    FEWEST_PERIODS,
    SURE,
    Reading,
    crossed,
    joined_periods,
    period_columns,
    share_of_amounts,
    share_of_periods,
)
from workbench.forecasting.sheet_sums import summed
from workbench.text import Language

if TYPE_CHECKING:
    import pyarrow as pa

PERIOD_WORDS = (
    "period", "date", "day", "week", "month", "quarter", "year", "time", "ds",
    "日期", "时间", "期间", "月份", "月", "年月", "季度", "年度", "年份", "周",
)  # fmt: skip
VALUE_WORDS = (
    "value", "sales", "revenue", "amount", "quantity", "qty", "units", "volume", "demand", "y",
    "值", "数值", "销售额", "收入", "金额", "数量", "销量", "签约", "回款",
)  # fmt: skip
JOIN = " / "
#: Stands for a cell that should name a series and is empty.
NAMELESS = "–"


@dataclass(frozen=True)
class SheetPanel:
    """A long table out of a sheet.

    Attributes
    ----------
    table : pandas.DataFrame
        series_id, period, value.
    period, value : str
        Headers they were taken from; "columns" where periods are columns.
    keys : tuple of str
        Headers whose cells name the series.
    names : pandas.DataFrame
        series_id and a column each key: what a hierarchy is built of.
    left_out : tuple of str
        Headers not used.
    totals : int
        Rows of totals that were left out.
    unit : str
        Of the values, as the sheet states it (万元); "" where it states none.
    scaled : int
        Cells that stated a unit of their own (1.2亿) and were brought to that of the values.
    idle : int
        Periods of a series without a row that count as zero, where days are summed.
    until : str
        Last day in the sheet, where it is summed and its last period seems not to be over.
    beside : str
        The column that gives the other part of periods as columns (the year beside 1月, 2月); "".
    """

    table: pd.DataFrame
    period: str
    value: str
    keys: tuple[str, ...]
    names: pd.DataFrame
    left_out: tuple[str, ...]
    totals: int = 0
    unit: str = ""
    scaled: int = 0
    idle: int = 0
    until: str = ""
    beside: str = ""


def read_sheet(
    path: str | Path,
    *,
    period: str | None = None,
    value: str | None = None,
    series: Sequence[str] | None = None,
    by: str | None = None,
    lang: Language | None = None,
) -> SheetPanel:
    """Read a sheet.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, XLSX, XLS, Parquet or JSON; of a workbook the first sheet with periods.
    period, value : str, optional
        Headers, where they are not recognised.
    series : sequence of str, optional
        Headers that name a series; by default all text columns.
    by : {"day", "week", "month", "quarter", "year"}, optional
        Sum the rows of a series within each such period: for order lines and other rows finer
        than what is forecast. Where rows have days, a period without any counts as zero once a
        series has begun.
    lang : Language, optional
        Of the errors; English by default.

    Raises
    ------
    InputError
        If there is no table, no period or value column, a cell is no amount, amounts are in
        several currencies, or a series has two values of one period.
    """
    from workbench.loaders.files.opening import open_paths
    from workbench.loaders.layout import open_sheet

    lang = lang or Language("en")
    with TemporaryDirectory(prefix="workbench-forecast-") as work:
        grids, skipped = open_paths([path], work=Path(work) / "files")
        columns: dict[str, Any] = {}
        reading = Reading(str(path), lang)
        totals = 0
        for number, grid in enumerate(grids):
            sheet = open_sheet(grid, work=Path(work) / str(number))
            found, rows, left = _columns(sheet)
            if not columns or (_told(found) and not _told(columns)):
                columns, totals = found, left
                reading = replace(reading, rows=rows, unit=sheet.notes.get("unit", ""))
        if not columns:
            why = f"{lang.colon}{skipped[0].message}" if skipped else ""
            raise InputError(
                lang.say("there is no table to forecast") + why,
                where=str(path),
                do=(skipped[0].do if skipped else "")
                or lang.say(
                    "give a CSV or workbook with a header, one row a period or one column a period"
                ),
            )
    made = _understood(columns, reading, period, value, series)
    if by is not None:
        sums = summed(made.table, by, reading)
        made = replace(made, table=sums.table, idle=sums.idle, until=sums.until)
    _refuse_doubles(made, reading)
    return replace(made, totals=totals)


def _refuse_doubles(made: SheetPanel, reading: Reading) -> None:
    """Say what rows that are finer than the periods need, where they are."""
    twice = made.table.duplicated(["series_id", "period"])
    if not twice.any():
        return
    say, first = reading.lang.say, made.table[twice].iloc[0]
    place = say("series {name}, period {period}", name=first["series_id"], period=first["period"])
    unused = ""
    if made.left_out:
        names = reading.lang.pause.join(made.left_out)
        unused = reading.lang.semicolon + say("columns not used: {columns}", columns=names)
    raise InputError(
        say("a series has two values of one period ({n} such rows in all)", n=int(twice.sum())),
        where=reading.at(place) + unused,
        do=say(
            "add --by month (or day, week, quarter, year) to sum them, name with --series what"
            " else tells them apart, or keep one row a period"
        ),
    )


def _columns(sheet: Any) -> tuple[dict[str, pa.ChunkedArray], list[int], int]:
    """Cells of the data rows by header, their rows in the file, and how many totals are left."""
    import pyarrow as pa

    blocks = [block for block in sheet.blocks() if len(block.rows)]
    totals = sum(int((block.kinds != 0).sum()) for block in blocks)
    kept: dict[str, list[pa.Array]] = {name: [] for name in sheet.headers}
    rows: list[int] = []
    for block in blocks:
        data = block.kinds == 0
        rows.extend(block.rows[data].tolist())
        for name, cells in zip(sheet.headers, block.cells, strict=True):
            kept[name].append(cells.filter(pa.array(data)))
    columns = {name: pa.chunked_array(parts, type=pa.string()) for name, parts in kept.items()}
    return columns, rows, totals


def _told(columns: dict[str, Any]) -> bool:
    if len(period_columns(columns)) >= FEWEST_PERIODS or crossed(columns) is not None:
        return True
    return any(share_of_periods(cells) >= SURE for cells in columns.values())


def _understood(
    columns: dict[str, Any],
    reading: Reading,
    period: str | None,
    value: str | None,
    series: Sequence[str] | None,
) -> SheetPanel:
    say = reading.lang.say
    for name in filter(None, (period, value, *(series or ()))):
        if name not in columns:
            raise InputError(
                say("there is no column {name}", name=reading.quoted(name)),
                where=reading.where,
                do=say("there are {names}", names=reading.lang.pause.join(columns)),
            )
    if not reading.rows:
        raise InputError(
            say("there is no row below the header"),
            where=reading.at(reading.lang.pause.join(columns)),
            do=say("give at least one row a series, better two years of periods"),
        )
    if period is None and value is None:
        table = crossed(columns)
        if table is not None:
            beside, wide = table
            return _wide(columns, wide, reading, series, beside=beside)
        wide = period_columns(columns)
        if len(wide) >= FEWEST_PERIODS:
            return _wide(columns, wide, reading, series)
    if period is None:
        columns = joined_periods(columns)
    return _long(columns, reading, period, value, series)


def _long(
    columns: dict[str, Any],
    reading: Reading,
    period: str | None,
    value: str | None,
    series: Sequence[str] | None,
) -> SheetPanel:
    """One row a period."""
    say = reading.lang.say
    shown = period or _recognised(columns)
    if shown is None:
        raise InputError(
            say("no column holds periods"),
            where=reading.at(reading.lang.pause.join(columns)),
            do=say(
                "name it with --period; periods are 2027-03, 2027Q1, 2027-W09, 2027-03-01 or 2027"
            ),
        )
    rest = {name: cells for name, cells in columns.items() if name != shown}
    amounts = value or _value(rest, reading, series)
    keys = tuple(series) if series is not None else _keys(rest, amounts)
    names = _joined(columns, keys, len(reading.rows))
    read = reading.amounts({amounts: columns[amounts]})
    table = pd.DataFrame(
        {
            "series_id": names,
            "period": reading.periods(columns[shown], shown),
            "value": read.values[amounts],
        }
    )
    left = tuple(name for name in columns if name not in (shown, amounts, *keys))
    named = _names(columns, keys, names)
    return SheetPanel(table, shown, amounts, keys, named, left, unit=read.unit, scaled=read.scaled)


def _wide(
    columns: dict[str, Any],
    wide: dict[str, str],
    reading: Reading,
    series: Sequence[str] | None,
    *,
    beside: str = "",
) -> SheetPanel:
    """One column a period; or a column each month, and `beside` it the year of a row (or both)."""
    rest = {name: cells for name, cells in columns.items() if name not in wide and name != beside}
    keys = tuple(series) if series is not None else _keys(rest, "")
    names = _joined(columns, keys, len(reading.rows))
    read = reading.amounts({name: columns[name] for name in wide})
    parts = [
        pd.DataFrame(
            {
                "series_id": names,
                "period": reading.crossed(form, columns[beside], beside) if beside else form,
                "value": read.values[name],
            }
        )
        for name, form in wide.items()
    ]
    left = tuple(name for name in rest if name not in keys)
    table = pd.concat(parts, ignore_index=True)
    named = _names(columns, keys, names)
    return SheetPanel(
        table,
        "columns",
        "columns",
        keys,
        named,
        left,
        unit=read.unit,
        scaled=read.scaled,
        beside=beside,
    )


def _recognised(columns: dict[str, Any]) -> str | None:
    """The column whose cells are periods; among several the one whose header is a usual word."""
    fitting = [name for name, cells in columns.items() if share_of_periods(cells) >= SURE]
    by_word = sorted(fitting, key=lambda name: _rank(name, PERIOD_WORDS))
    return by_word[0] if by_word else None


def _rank(name: str, words: Sequence[str]) -> int:
    plain = re.sub(r"[（(\[].*?[）)\]]", "", name).strip().casefold()  # 销售额（万元）
    return words.index(plain) if plain in words else len(words)


def _value(rest: dict[str, Any], reading: Reading, series: Sequence[str] | None) -> str:
    named, lang = set(series or ()), reading.lang
    open_ = {name: cells for name, cells in rest.items() if name not in named}
    numeric = [name for name, cells in open_.items() if share_of_amounts(cells) >= SURE]
    known = sorted((_rank(name, VALUE_WORDS), name) for name in numeric)
    if known and (len(known) == 1 or known[0][0] < len(VALUE_WORDS)):
        return known[0][1]
    do = lang.say("name the column to forecast with --value")
    if numeric:
        names = lang.pause.join(numeric)
        raise InputError(
            lang.say("several columns hold numbers: {names}", names=names),
            where=reading.where,
            do=do,
        )
    shown = lang.pause.join(reading.faults(open_)) or lang.pause.join(rest)
    raise InputError(lang.say("no column holds numbers"), where=reading.at(shown), do=do)


def _keys(rest: dict[str, Any], amounts: str) -> tuple[str, ...]:
    return tuple(
        name for name, cells in rest.items() if name != amounts and share_of_amounts(cells) < SURE
    )


def _joined(columns: dict[str, Any], keys: Sequence[str], rows: int) -> Any:
    if not keys:
        return ["series"] * rows
    import pyarrow.compute as pc

    parts = [pc.fill_null(columns[key], NAMELESS) for key in keys]
    joined = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, JOIN)
    return joined.to_pandas()


def _names(columns: dict[str, Any], keys: Sequence[str], names: Any) -> pd.DataFrame:
    """The cells that name each series, once."""
    table = pd.DataFrame({"series_id": names})
    for key in keys:
        table[key] = columns[key].fill_null(NAMELESS).to_pandas()
    return table.drop_duplicates("series_id", ignore_index=True)
