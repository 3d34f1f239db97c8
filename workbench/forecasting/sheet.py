"""A panel out of a sheet as people have it: CSV or workbook, long, or with periods as columns.

Which column is the period, which the value and which name the series is told by their headers and
cells; what is not settled is one error that lists the choices. Amounts are read as the import reads
them (1,234.50, 1.2万, ¥), and a cell that is no amount is an error with its row.
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
from workbench.forecasting.periods import period_of

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
#: Periods as columns: so many headers that are periods.
FEWEST_PERIODS = 3
#: Share of cells that must be periods, or amounts, for a column to count as such.
SURE = 0.9
#: Columns that hold the month or quarter alone, beside one of the year.
PARTS = (
    ("month", ("month", "月份", "月"), re.compile(r"(0?[1-9]|1[0-2])月?")),
    ("quarter", ("quarter", "季度", "季"), re.compile(r"(?:[Qq]|第)?([1-4一二三四])(?:季度?)?")),
)
YEARS = re.compile(r"(\d{4})年?")
STEPS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
JOIN = " / "


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
    """

    table: pd.DataFrame
    period: str
    value: str
    keys: tuple[str, ...]
    names: pd.DataFrame
    left_out: tuple[str, ...]
    totals: int = 0


def read_sheet(
    path: str | Path,
    *,
    period: str | None = None,
    value: str | None = None,
    series: Sequence[str] | None = None,
    by: str | None = None,
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
        than what is forecast.

    Raises
    ------
    InputError
        If there is no table, no period or value column, a cell is no amount, or a series has two
        values of one period.
    """
    from workbench.loaders.files.opening import open_paths
    from workbench.loaders.layout import open_sheet

    with TemporaryDirectory(prefix="workbench-forecast-") as work:
        grids, skipped = open_paths([path], work=Path(work) / "files")
        columns: dict[str, Any] = {}
        first = totals = 0
        for number, grid in enumerate(grids):
            sheet = open_sheet(grid, work=Path(work) / str(number))
            found, left = _columns(sheet)
            if not columns or (_told(found) and not _told(columns)):
                columns, first, totals = found, sheet.first_row, left
        if not columns:
            why = f": {skipped[0].message}" if skipped else ""
            usual = "give a CSV or workbook with a header, one row a period or one column a period"
            raise InputError(
                f"there is no table to forecast{why}",
                where=str(path),
                do=(skipped[0].do if skipped else "") or usual,
            )
    made = _understood(columns, str(path), first, period, value, series, by)
    _refuse_doubles(made, str(path), summed=by is not None)
    return replace(made, totals=totals)


def _refuse_doubles(made: SheetPanel, where: str, *, summed: bool) -> None:
    """Say what rows that are finer than the periods need, where they are."""
    twice = made.table.duplicated(["series_id", "period"])
    if summed or not twice.any():
        return
    first = made.table[twice].iloc[0]
    raise InputError(
        f"a series has two values of one period ({int(twice.sum())} such rows in all)",
        where=f"{where}: series {first['series_id']}, period {first['period']}",
        do="add --by month (or day, week, quarter, year) to sum them, name with --series what else"
        " tells them apart, or keep one row a period",
    )


def _columns(sheet: Any) -> tuple[dict[str, pa.ChunkedArray], int]:
    """Cells of the data rows, by header, and how many rows of totals are not among them."""
    import pyarrow as pa

    blocks = [block for block in sheet.blocks() if len(block.rows)]
    totals = sum(int((block.kinds != 0).sum()) for block in blocks)
    kept: dict[str, list[pa.Array]] = {name: [] for name in sheet.headers}
    for block in blocks:
        data = pa.array(block.kinds == 0)
        for name, cells in zip(sheet.headers, block.cells, strict=True):
            kept[name].append(cells.filter(data))
    columns = {name: pa.chunked_array(parts, type=pa.string()) for name, parts in kept.items()}
    return columns, totals


def _told(columns: dict[str, Any]) -> bool:
    wide = sum(period_of(name.strip()) is not None for name in columns) >= FEWEST_PERIODS
    return wide or any(_share_of_periods(cells) >= SURE for cells in columns.values())


def _share_of_periods(cells: pa.ChunkedArray) -> float:
    sample = [str(cell).strip() for cell in cells.slice(0, 200).to_pylist() if cell]
    return sum(period_of(text) is not None for text in sample) / len(sample) if sample else 0.0


def _share_of_amounts(cells: pa.ChunkedArray) -> float:
    from workbench.loaders.values import money_column

    sample = cells.slice(0, 200).drop_null()
    if len(sample) == 0:
        return 0.0
    return 1 - money_column(sample).values.null_count / len(sample)


def _understood(
    columns: dict[str, Any],
    where: str,
    first: int,
    period: str | None,
    value: str | None,
    series: Sequence[str] | None,
    by: str | None,
) -> SheetPanel:
    for name in filter(None, (period, value, *(series or ()))):
        if name not in columns:
            raise InputError(
                f"there is no column {name!r}", where=where, do=f"there are {', '.join(columns)}"
            )
    if period is None:
        columns = _joined_periods(columns)
    wide = [name for name in columns if period_of(name.strip()) is not None]
    if period is None and len(wide) >= FEWEST_PERIODS:
        return _wide(columns, wide, where, first, series)
    shown = period or _recognised(columns, PERIOD_WORDS, _share_of_periods)
    if shown is None:
        raise InputError(
            "no column holds periods",
            where=f"{where}: {', '.join(columns)}",
            do="name it with --period; periods are 2027-03, 2027Q1, 2027-W09, 2027-03-01 or 2027",
        )
    rest = {name: cells for name, cells in columns.items() if name != shown}
    amounts = value or _value(rest, where, series)
    keys = tuple(series) if series is not None else _keys(rest, amounts)
    names = _joined(columns, keys, len(columns[shown]))
    table = pd.DataFrame(
        {
            "series_id": names,
            "period": columns[shown].to_pandas(),
            "value": _amounts(columns[amounts], amounts, where, first),
        }
    )
    if by is not None:
        table = summed(table, by, where)
    left = tuple(name for name in columns if name not in (shown, amounts, *keys))
    return SheetPanel(table, shown, amounts, keys, _names(columns, keys, names), left)


def _joined_periods(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns with the year and the month (or quarter) of a row in one, where they stand apart."""
    import pyarrow as pa

    years = [name for name, cells in columns.items() if _all(cells, YEARS)]
    for kind, words, pattern in PARTS:
        parts = [
            name
            for name, cells in columns.items()
            if _rank(name, words) < len(words) and _all(cells, pattern)
        ]
        if not years or not parts:
            continue
        form = "{}-{:02d}" if kind == "month" else "{}Q{}"
        joined = [
            None if year is None or part is None else form.format(*_numbers(year, part, pattern))
            for year, part in zip(
                columns[years[0]].to_pylist(), columns[parts[0]].to_pylist(), strict=True
            )
        ]
        rest = {name: cells for name, cells in columns.items() if name not in (years[0], parts[0])}
        return {f"{years[0]} {parts[0]}": pa.chunked_array([joined], type=pa.string()), **rest}
    return columns


def _numbers(year: str, part: str, pattern: re.Pattern[str]) -> tuple[int, int]:
    found = pattern.fullmatch(part.strip())
    assert found is not None
    number = "一二三四".find(found.group(1)) + 1 or int(found.group(1))
    return int(year.strip()[:4]), number


def _all(cells: pa.ChunkedArray, pattern: re.Pattern[str]) -> bool:
    texts = [text.strip() for text in cells.to_pylist() if text]
    return bool(texts) and all(pattern.fullmatch(text) for text in texts)


def _recognised(columns: dict[str, Any], words: Sequence[str], share: Any) -> str | None:
    """The column whose cells fit; among several the one whose header is a usual word."""
    fitting = [name for name, cells in columns.items() if share(cells) >= SURE]
    by_word = sorted(fitting, key=lambda name: _rank(name, words))
    return by_word[0] if by_word else None


def _rank(name: str, words: Sequence[str]) -> int:
    plain = name.strip().casefold()
    return words.index(plain) if plain in words else len(words)


def _value(rest: dict[str, Any], where: str, series: Sequence[str] | None) -> str:
    named = set(series or ())
    numeric = [
        name
        for name, cells in rest.items()
        if name not in named and _share_of_amounts(cells) >= SURE
    ]
    known = sorted((_rank(name, VALUE_WORDS), name) for name in numeric)
    if known and (len(known) == 1 or known[0][0] < len(VALUE_WORDS)):
        return known[0][1]
    if numeric:
        raise InputError(
            f"several columns hold numbers: {', '.join(numeric)}",
            where=where,
            do="name the one to forecast with --value",
        )
    raise InputError(
        "no column holds numbers",
        where=f"{where}: {', '.join(rest)}",
        do="name the column to forecast with --value",
    )


def _keys(rest: dict[str, Any], amounts: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, cells in rest.items()
        if name != amounts and cells.null_count < len(cells) and _share_of_amounts(cells) < SURE
    )


def _joined(columns: dict[str, Any], keys: Sequence[str], rows: int) -> Any:
    if not keys:
        return ["series"] * rows
    import pyarrow.compute as pc

    parts = [pc.fill_null(columns[key], "") for key in keys]
    joined = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, JOIN)
    return joined.to_pandas()


def _names(columns: dict[str, Any], keys: Sequence[str], names: Any) -> pd.DataFrame:
    """The cells that name each series, once."""
    table = pd.DataFrame({"series_id": names})
    for key in keys:
        table[key] = columns[key].fill_null("").to_pandas()
    return table.drop_duplicates("series_id", ignore_index=True)


def _amounts(cells: pa.ChunkedArray, name: str, where: str, first: int) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    from workbench.loaders.values import money_column

    read = money_column(cells)
    wrong = pc.and_(pc.is_null(read.values), pc.is_valid(cells.combine_chunks()))
    if pc.any(wrong).as_py():
        row = wrong.to_pylist().index(True)
        raise InputError(
            f"a value is not a number: {cells[row].as_py()!r}",
            where=f"{where}, column {name}, data row {row + 1} (from row {first} on)",
            do="correct the cell, or leave it empty where the value is missing",
        )
    return read.values.cast(pa.float64(), safe=False).to_pandas()


def _wide(
    columns: dict[str, Any], wide: list[str], where: str, first: int, series: Sequence[str] | None
) -> SheetPanel:
    rest = {name: cells for name, cells in columns.items() if name not in wide}
    keys = tuple(series) if series is not None else _keys(rest, "")
    rows = len(columns[wide[0]])
    names = _joined(columns, keys, rows)
    parts = [
        pd.DataFrame(
            {
                "series_id": names,
                "period": name.strip(),
                "value": _amounts(columns[name], name, where, first),
            }
        )
        for name in wide
    ]
    left = tuple(name for name in rest if name not in keys)
    table = pd.concat(parts, ignore_index=True)
    return SheetPanel(table, "columns", "columns", keys, _names(columns, keys, names), left)


def summed(table: pd.DataFrame, by: str, where: str = "") -> pd.DataFrame:
    """Sum rows of a series within each day, week, month, quarter or year.

    Raises
    ------
    InputError
        If the periods are not dates or finer periods than asked for.
    """
    if by not in STEPS:
        raise InputError(
            f"{by!r} is no period to sum by", where=where, do=f"use {', '.join(STEPS)}"
        )
    days = pd.to_datetime(table["period"], errors="coerce", format="mixed")
    if days.isna().any():
        row = int(days.isna().to_numpy().nonzero()[0][0])
        raise InputError(
            f"{table['period'].iloc[row]!r} is no date to sum by {by}",
            where=f"{where} data row {row + 1}".strip(),
            do="give dates such as 2027-03-01, or leave --by out",
        )
    periods = days.dt.to_period(STEPS[by])
    grouped = table.assign(period=periods).groupby(["series_id", "period"], sort=True)["value"]
    return grouped.sum(min_count=1).reset_index()
