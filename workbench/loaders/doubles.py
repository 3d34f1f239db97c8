"""Doubles within one import: one row a key stands, the others are listed; sums of both are kept.

Which of two rows with one key stands: the one modified later; without such a time the later file,
then the later line. Where sheets have different columns, each column takes the best row that has
it. Equal lines whose sheet gives no key are kept and said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.loaders.assemble import Assembled
from workbench.loaders.convert import LINE, MODIFIED, PEOPLE, ROW
from workbench.loaders.ledger import Cells, Money
from workbench.loaders.outcome import TableChange
from workbench.tables import TABLES
from workbench.tables.declare import Table

if TYPE_CHECKING:
    import duckdb


@dataclass
class Placed:
    """Rows of one table as they stand after an import.

    Attributes
    ----------
    table : str
    columns : list of str
        Declared columns, in declared order.
    duplicates : dict of int to int
        Rows dropped, by source.
    change : TableChange
    gone : list of str
        Keys flagged as gone.
    """

    table: str
    columns: list[str]
    duplicates: dict[int, int] = field(default_factory=dict)
    change: TableChange | None = None
    gone: list[str] = field(default_factory=list)


def drop_doubles(
    connection: duckdb.DuckDBPyConnection, one: Assembled, cells: Cells, money: Money
) -> Placed:
    """Keep one row for each key as `one_<table>`, list the others, add up what both hold."""
    declared = TABLES[one.table]
    key = ", ".join(f'"{k}"' for k in declared.key)
    rank = (
        f"row_number() over (partition by {key}"
        f" order by {MODIFIED} desc nulls last, _source desc, {ROW} desc)"
    )
    doubled = _has_doubles(connection, one.table, key)
    kind = "table" if doubled else "view"  # ranking two million rows takes seconds
    connection.execute(
        f'create {kind} "ranked_{one.table}" as'
        f' select *, {rank if doubled else "1"} as _rank from "new_{one.table}"'
    )
    placed = Placed(one.table, one.columns)
    _list_doubles(connection, one, declared, cells, placed)
    _list_merged(one, cells, placed)
    _flag_equal_lines(connection, one, cells)
    _book(connection, one, declared, money, doubled=doubled)
    _collapse(connection, one, declared, doubled=doubled)
    return placed


def _has_doubles(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> bool:
    query = f'select count(*), count(distinct ({key})) from "new_{table}"'
    ((rows, keys),) = connection.execute(query).fetchall()
    return bool(rows != keys)


def _list_doubles(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    declared: Table,
    cells: Cells,
    placed: Placed,
) -> None:
    import numpy as np

    joined = " and ".join(f'd."{k}" is not distinct from k."{k}"' for k in declared.key)
    keys = ", ".join(f'd."{k}"' for k in declared.key)
    shown = f"concat_ws(' · ', {keys})"
    rows = connection.execute(
        f"select d._source, d.{ROW}, {shown}, d.{LINE} = k.{LINE}, k._source, k.{ROW}"
        f' from "ranked_{one.table}" d join "ranked_{one.table}" k on k._rank = 1 and {joined}'
        f" where d._rank > 1 order by d._source, d.{ROW}"
    ).fetchall()
    for same, reason in ((True, "double_same"), (False, "double_other")):
        for place, staged in one.staged.items():
            found = [row for row in rows if row[0] == place and row[3] is same]
            if not found:
                continue
            cells.add(
                staged.sheet.source,
                header="",
                target=f"{one.table}.{declared.key[0]}",
                rows=np.array([row[1] for row in found]),
                texts=[str(row[2]) for row in found],
                values=[f"{one.staged[row[4]].sheet.source} #{row[5]}" for row in found],
                reason=reason,
                verdict="flagged",
            )
            placed.duplicates[place] = placed.duplicates.get(place, 0) + len(found)


def _list_merged(one: Assembled, cells: Cells, placed: Placed) -> None:
    """Accounts that were merged into others count as doubles of those."""
    import numpy as np

    for place, staged in one.staged.items():
        found = [row for row in one.merged if row[0] == place]
        if found:
            cells.add(
                staged.sheet.source,
                header="",
                target=f"{one.table}.account_id",
                rows=np.array([row[1] for row in found]),
                texts=[row[2] for row in found],
                values=[row[3] for row in found],
                reason="merged_account",
                verdict="flagged",
            )
            placed.duplicates[place] = placed.duplicates.get(place, 0) + len(found)


def _flag_equal_lines(connection: duckdb.DuckDBPyConnection, one: Assembled, cells: Cells) -> None:
    """Equal lines whose sheet gives no key are kept, and said."""
    import numpy as np

    unkeyed = [place for place, staged in one.staged.items() if not staged.keyed]
    if not unkeyed:
        return
    rows = connection.execute(
        f"select _source, {ROW}, first from (select _source, {ROW},"
        f" row_number() over lines as place, first({ROW}) over lines as first"
        f' from "ranked_{one.table}" where _source in ({", ".join(map(str, unkeyed))})'
        f" window lines as (partition by {LINE}, _source order by {ROW}))"
        f" where place > 1 order by 1, 2"
    ).fetchall()
    for place in unkeyed:
        found = [row for row in rows if row[0] == place]
        if found:
            cells.add(
                one.staged[place].sheet.source,
                header="",
                target=one.table,
                rows=np.array([row[1] for row in found]),
                texts=[None] * len(found),
                values=[f"#{row[2]}" for row in found],
                reason="equal_line",
                verdict="flagged",
            )


def _collapse(
    connection: duckdb.DuckDBPyConnection, one: Assembled, declared: Table, *, doubled: bool
) -> None:
    """One row a key; where sheets have different columns each column takes the best that has it."""
    others = [c for c in one.columns if c not in declared.key]
    shapes = {frozenset(names) for place, names in one.sources.items()}
    own = f"_source, {ROW}, {MODIFIED}, {PEOPLE}"
    if not doubled or len(shapes) <= 1:
        chosen = ", ".join(f'"{c}"' for c in [*declared.key, *others])
        links = "".join(f', "{link}"' for link in one.links)
        query = f'select {chosen}{links}, {own} from "ranked_{one.table}" where _rank = 1'
    else:
        key = ", ".join(f'"{k}"' for k in declared.key)
        best = ", ".join(f'{_best(one, c)} as "{c}"' for c in [*others, *one.links])
        firsts = ", ".join(f"first({c} order by _rank) as {c}" for c in own.split(", "))
        query = (
            f"select {key}{', ' + best if best else ''}, {firsts}"
            f' from "ranked_{one.table}" group by {key}'
        )
    kind = "table" if doubled else "view"
    connection.execute(f'create {kind} "one_{one.table}" as {query}')
    if doubled:
        connection.execute(f'drop table "ranked_{one.table}"')
        connection.execute(f'drop table "new_{one.table}"')


def _best(one: Assembled, column: str) -> str:
    """SQL of a column's value: that of the best row whose sheet has the column."""
    having = [place for place, names in one.sources.items() if column in names or "." in column]
    return f'first("{column}" order by _rank) filter (where {_in(having)})'


def _in(places: list[int]) -> str:
    return f"_source in ({', '.join(map(str, places or [-9]))})"


def _book(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    declared: Table,
    money: Money,
    *,
    doubled: bool,
) -> None:
    """Sums of money columns: kept in the rows that stand, dropped in those that do not."""
    for column in declared.columns:
        having = [p for p, names in one.sources.items() if column.name in names and p >= 0]
        mapped = [p for p in having if _is_read(one, p, column.name)]
        if column.kind != "money" or not mapped:
            continue
        basis = f"'{column.tax_basis}'"
        if column.tax_basis not in ("incl", "excl", "none"):
            basis = "tax_basis" if "tax_basis" in one.columns else "''"
        currency = "currency" if "currency" in one.columns else "''"
        key = ", ".join(f'"{k}"' for k in declared.key)
        used = f"_rank = min(_rank) over (partition by {key})" if doubled else "true"
        rows = connection.execute(
            f"select coalesce({currency}, ''), coalesce({basis}, ''), _used,"
            f' sum("{column.name}") from (select *, {used} as _used'
            f' from "ranked_{one.table}" where {_in(mapped)})'
            f' where "{column.name}" is not null group by all'
        ).fetchall()
        for cur, tax, stands, amount in rows:
            part = "kept" if stands else "duplicates"
            money.add(part, (one.table, column.name, cur, tax), amount)


def _is_read(one: Assembled, place: int, column: str) -> bool:
    return one.staged[place].mapping.place_of(column) is not None
