"""Rows that an account has one at a time: owner and credit limit, after a merge.

The account that stands keeps its rows. A row of a merged account stays where nothing else holds,
cut to the days that are free; where none are, it is dropped and listed. So no day gets two owners
or two limits. Other tables: `merge.py`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.loaders.dedup.stored import table_files
from workbench.loaders.versions import Change
from workbench.tables.declare import Table

if TYPE_CHECKING:
    import pyarrow as pa

FROM, TO = "valid_from", "valid_to"
_DAY = dt.timedelta(days=1)

Span = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the rows of merged accounts in a table.

    Attributes
    ----------
    table : str
    rows : int
        Rows of merged accounts before.
    keys : set of tuple
        Keys of the table afterwards, dates as ISO text; empty where it did not change.
    overlapping : list of (key, what was done)
    """

    table: str
    rows: int = 0
    keys: set[tuple[str, ...]] = field(default_factory=set)
    overlapping: list[tuple[str, str]] = field(default_factory=list)


def move_rows(
    company: Path, table: Table, column: str, merges: dict[str, str], change: Change
) -> Moved:
    """Give rows of merged accounts to those that stand, where these have none of their own."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    files = table_files(company, table.name)
    if not files or column not in pq.read_schema(files[0]).names:
        return Moved(table.name)
    rows = pa.concat_tables([pq.ParquetFile(path).read() for path in files])
    ids = rows[column].cast(pa.string())
    merged = pc.is_in(ids, pa.array(list(merges)))
    mine = rows.filter(merged).to_pylist()
    if not mine:
        return Moved(table.name)
    standing = pc.is_in(ids, pa.array(sorted(set(merges.values()))))
    taken = rows.filter(standing).to_pylist()
    pieces, overlapping = _placed(mine, taken, table, column, merges)
    stay = rows.filter(pc.invert(merged))
    made = pa.concat_tables([stay, pa.Table.from_pylist(pieces, schema=rows.schema)])
    made = made.sort_by([(name, "ascending") for name in table.key])
    change.write(table.name, made)
    return Moved(table.name, len(mine), _keys(made, table), overlapping)


def free_days(span: Span, held: list[Span]) -> list[Span]:
    """Parts of a span of days (both ends belong to it) that no other span holds."""
    free = [span]
    for first, last in held:
        free = [part for each in free for part in _without(each, first, last)]
    return free


def _without(span: Span, first: dt.date, last: dt.date) -> list[Span]:
    start, end = span
    if last < start or end < first:
        return [span]
    before = [(start, first - _DAY)] if start < first else []
    return before + ([(last + _DAY, end)] if last < end else [])


def _placed(
    mine: list[dict[str, Any]],
    taken: list[dict[str, Any]],
    table: Table,
    column: str,
    merges: dict[str, str],
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Rows under the account that stands, and those that had to be cut or dropped."""
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in taken:
        held[row[column]].append(row)
    pieces, overlapping = [], []
    order = [name for name in table.key if name != column]
    for row in sorted(mine, key=lambda row: [str(row[name]) for name in (column, *order)]):
        shown = " · ".join(str(row[name]) for name in table.key)
        moved = row | {column: merges[row[column]]}
        others = held[moved[column]]
        parts = _free_parts(moved, others) if FROM in row else _free_key(moved, others, table)
        if parts != [moved]:
            overlapping.append((shown, _said(parts)))
        pieces += parts
        others += parts
    return pieces, overlapping


def _free_parts(row: dict[str, Any], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row on the days that no other row of the account holds."""
    if TO not in row:  # a row holds until the next: only what is before all others stays
        return [row] if all(row[FROM] < other[FROM] for other in others) else []
    free = free_days(_span(row), [_span(other) for other in others])
    return [row | {FROM: first, TO: None if last == dt.date.max else last} for first, last in free]


def _free_key(
    row: dict[str, Any], others: list[dict[str, Any]], table: Table
) -> list[dict[str, Any]]:
    same = any(all(row[name] == other[name] for name in table.key) for other in others)
    return [] if same else [row]


def _span(row: dict[str, Any]) -> Span:
    return row[FROM], row[TO] or dt.date.max


def _said(parts: list[dict[str, Any]]) -> str:
    if not parts:
        return "dropped"
    spans = [f"{part[FROM]} to {part[TO] or 'further notice'}" for part in parts]
    return f"cut to {', '.join(spans)}"


def _keys(rows: pa.Table, table: Table) -> set[tuple[str, ...]]:
    columns = [[str(value) for value in rows[name].to_pylist()] for name in table.key]
    return set(zip(*columns, strict=True))
