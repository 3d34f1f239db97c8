"""Ranges of practice planted in the sample, and what its files measure.

Each range is a question in SQL over the written files; `measured(folder)` answers all of them.
The table stands in `docs/sample_company.md` (`markdown`), tests hold every value to its range.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Range:
    """A planted range and how it is measured.

    Attributes
    ----------
    area, what : str
        Room of the table; what is measured, one line.
    low, high : float
        Range, both ends included.
    unit : str
        "%" (values are shares), "million", "days", "number", "CNY", "x" ...
    sql : str
        One row, one value; tables are views by their names, truth tables by `truth_<name>`.
    """

    area: str
    what: str
    low: float
    high: float
    unit: str
    sql: str


# Rooms that hold ranges, in the order of the table.
ROOMS = ("ranges_demand", "ranges_following")


def all_ranges() -> tuple[Range, ...]:
    """Ranges of demand and of what follows from it."""
    rooms = (import_module(f"workbench.sample.{room}") for room in ROOMS)
    return tuple(each for room in rooms for each in room.RANGES)


def measured(folder: str | Path) -> pd.DataFrame:
    """Every range with what the files of a sample measure.

    Returns
    -------
    pandas.DataFrame
        area, what, low, high, unit, value, inside.
    """
    connection = _connect(Path(folder))
    rows = []
    for each in all_ranges():
        (value,) = connection.execute(each.sql).fetchone()
        value = float("nan") if value is None else float(value)
        inside = each.low <= value <= each.high
        rows.append((each.area, each.what, each.low, each.high, each.unit, value, inside))
    columns = ["area", "what", "low", "high", "unit", "value", "inside"]
    return pd.DataFrame(rows, columns=columns)


def markdown(table: pd.DataFrame) -> str:
    """The table planted, measured as Markdown."""
    lines = ["| area | what | planted | measured |", "|---|---|---:|---:|"]
    for row in table.to_dict("records"):
        low, high, value = (_number(row[each], row["unit"]) for each in ("low", "high", "value"))
        lines.append(f"| {row['area']} | {row['what']} | {low} – {high} | {value} |")
    return "\n".join(lines)


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{100 * value:.1f}%"
    if unit == "million":
        return f"{value / 1e6:,.1f} million"
    if unit in ("number", "CNY", "days"):
        places = 1 if value < 20 else 0
        text = f"{value:,.{places}f}"
        return text if unit == "number" else f"{text} {unit}"
    return f"{value:.2f}{unit}"


def _connect(folder: Path) -> Any:
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set timezone = 'Asia/Shanghai'")
    for place, prefix in ((folder, ""), (folder / "truth", "truth_")):
        for path in sorted(place.glob("*.parquet")):
            connection.execute(
                f"create view \"{prefix}{path.stem}\" as select * from '{path.as_posix()}'"
            )
    return connection
