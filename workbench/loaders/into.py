"""Assembled rows into a company: newer versions taken, former ones kept, what is gone flagged.

A row of the company stands against an older version of itself. A column that a sheet does not have
keeps what is there. Rows that a former import of the same source had and this one lacks are
flagged, never removed. Doubles within one import: `doubles.py`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.loaders.assemble import EARLIEST, Assembled, made_id, quoted
from workbench.loaders.convert import MODIFIED, PEOPLE
from workbench.loaders.doubles import Placed
from workbench.loaders.outcome import TableChange
from workbench.loaders.versions import IMPORTS, Change
from workbench.tables import TABLES
from workbench.tables.declare import Table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: Where the last version of each row came from: key, source, time of change.
KEYS = f"{IMPORTS}/keys"

#: What rows count as whose sales region or product line nobody tells, so that cuts hold all rows.
UNASSIGNED = "unassigned"
UNASSIGNED_COLUMNS = ("region", "product_line")

#: Share of a former import that must come again before what is missing is called gone: a file of
#: the next month brings none of the rows of the last one, and nothing of them is gone.
SAME_SOURCE = 0.5


def existing_tables(folder: Path | None) -> dict[str, str]:
    """SQL that reads each table the company has."""
    if folder is None:
        return {}
    found = {}
    for name in TABLES:
        single, parts = folder / f"{name}.parquet", folder / name
        path = single if single.exists() else parts / "*.parquet" if parts.is_dir() else None
        if path is not None:
            found[name] = f"select * from read_parquet('{quoted(path)}')"
    return found


def merge(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    placed: Placed,
    *,
    existing: str | None,
    change: Change,
    origins: dict[int, str],
) -> None:
    """Write the table with the new rows put in, and where each row came from."""
    declared = TABLES[one.table]
    old = _old_rows(connection, one.table, declared, existing, change.company)
    columns = [
        c.name
        for c in declared.columns
        if c.name in {*one.columns, *old} or (c.needed and c.name in UNASSIGNED_COLUMNS)
    ]
    _put_together(connection, one, declared, columns, old)
    placed.columns = columns
    counts = _count_changes(connection, one.table, declared, columns, old)
    placed.gone = _gone(connection, one, declared, origins, change.company)
    write_ordered(
        connection,
        f'select {", ".join(_q(columns))} from "final_{one.table}"',
        declared,
        columns,
        change.path(one.table),
    )
    _write_keys(connection, one, declared, origins, change)
    placed.change = TableChange(
        table=one.table,
        gone=len(placed.gone),
        derived=counts.pop("derived"),
        **counts,
    )


def _old_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    declared: Table,
    existing: str | None,
    company: Path,
) -> set[str]:
    """The company's rows as `old_<table>` with the time each was changed; their columns."""
    columns: list[str] = []
    if existing:
        described = connection.execute(f"describe {existing}").fetchall()
        columns = [row[0] for row in described if row[0] in declared.column_names]
    keys = company / KEYS / f"{name}.parquet"
    if not columns:
        nothing = ", ".join(f'null as "{k}"' for k in declared.key)
        connection.execute(
            f'create table "old_{name}" as select {nothing}, null::timestamptz as {MODIFIED},'
            " null::varchar as _origin limit 0"
        )
        return set()
    chosen = ", ".join(_q(columns))
    if keys.exists():
        connection.execute(
            f'create table "old_{name}" as select e.*, k.modified as {MODIFIED},'
            f" k.origin as _origin from (select {chosen} from ({existing})) e left join"
            f" read_parquet('{quoted(keys)}') k on k.key = {_key_text(declared, 'e')}"
        )
    else:
        connection.execute(
            f'create table "old_{name}" as select {chosen}, null::timestamptz as {MODIFIED},'
            f" null::varchar as _origin from ({existing})"
        )
    return set(columns)


def _put_together(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    declared: Table,
    columns: list[str],
    old: set[str],
) -> None:
    """`final_<table>`: new rows over old ones, unless the old one was changed later."""
    if not old:
        chosen = ", ".join(
            _assigned(c, f'"{c}"' if c in one.columns else "null", declared) for c in columns
        )
        connection.execute(
            f'create view "final_{one.table}" as select {chosen}, true as _new,'
            " null::boolean as _old, true as _taken, _source = -1 as _named, _source,"
            f" {MODIFIED} as _modified, null::timestamptz as _old_modified,"
            f' null::varchar as _origin from "one_{one.table}"'
        )
        return
    joined = " and ".join(f'n."{k}" is not distinct from o."{k}"' for k in declared.key)
    newer = (
        f"(o._here is null or o.{MODIFIED} is null or n.{MODIFIED} is null"
        f" or n.{MODIFIED} >= o.{MODIFIED})"
    )
    listed = _listed_columns(one)
    values = []
    for name in columns:
        if name in declared.key:
            values.append(f'coalesce(n."{name}", o."{name}") as "{name}"')
            continue
        new = f'n."{name}"' if name in one.columns else "null"
        was = f'o."{name}"' if name in old else "null"
        if name in listed:
            taken = f"case when n._here and {newer} then {new} else {was} end"
        else:  # only some sheets have it, or none: what is there stays
            taken = f"case when n._here and {newer} then coalesce({new}, {was}) else {was} end"
        values.append(_assigned(name, taken, declared))
    named = "n._source = -1"
    connection.execute(
        f'create table "final_{one.table}" as select {", ".join(values)},'
        f" n._here as _new, o._here as _old, coalesce(n._here and {newer}, false) as _taken,"
        f" coalesce({named}, false) as _named, n._source, n.{MODIFIED} as _modified,"
        f" o.{MODIFIED} as _old_modified, o._origin"
        f' from (select *, true as _here from "one_{one.table}") n'
        f' full join (select *, true as _here from "old_{one.table}") o on {joined}'
    )


def _assigned(name: str, value: str, declared: Table) -> str:
    """SQL of a column; a region or product line that is needed and not known is "unassigned"."""
    if name in UNASSIGNED_COLUMNS and declared.column(name).needed:
        value = f"coalesce({value}, '{UNASSIGNED}')"
    return f'{value} as "{name}"'


def _listed_columns(one: Assembled) -> set[str]:
    """Columns that every sheet of the import has for this table."""
    sheets = [names for place, names in one.sources.items() if place >= 0]
    return set.intersection(*sheets) if sheets and -1 not in one.sources else set()


def _count_changes(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    declared: Table,
    columns: list[str],
    old: set[str],
) -> dict[str, int]:
    names = ("before", "after", "added", "updated", "same", "older", "derived")
    if not old:
        query = f'select count(*), count(*) filter (where _named) from "final_{name}"'
        ((rows, derived),) = connection.execute(query).fetchall()
        return dict(zip(names, (0, rows, rows - derived, 0, 0, 0, derived), strict=True))
    joined = " and ".join(f'f."{k}" is not distinct from o."{k}"' for k in declared.key)
    compared = [c for c in columns if c not in declared.key]
    was = {c: f'o."{c}"' if c in old else "null" for c in compared}
    differs = " or ".join(f'f."{c}" is distinct from {was[c]}' for c in compared) or "false"
    row = connection.execute(
        "select count(*) filter (where _old), count(*),"
        " count(*) filter (where _new and not coalesce(_old, false) and not _named),"
        f" count(*) filter (where _new and _old and _taken and ({differs})),"
        f" count(*) filter (where _new and _old and _taken and not ({differs})),"
        " count(*) filter (where _new and _old and not _taken),"
        " count(*) filter (where _named and not coalesce(_old, false))"
        f' from "final_{name}" f left join "old_{name}" o on f._old and {joined}'
    ).fetchall()[0]
    return dict(zip(names, row, strict=True))


def _gone(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    declared: Table,
    origins: dict[int, str],
    company: Path,
) -> list[str]:
    """Keys that came from the same source before and are not in it now."""
    keys = company / KEYS / f"{one.table}.parquet"
    if not keys.exists():
        return []
    gone: list[str] = []
    for origin in sorted({origins[p] for p in one.staged if origins.get(p)}):
        text = origin.replace("'", "''")
        rows = connection.execute(
            f"select k.key, n.key is not null from read_parquet('{quoted(keys)}') k left join"
            f' (select {_key_text(declared)} as key from "one_{one.table}") n on n.key = k.key'
            f" where k.origin = '{text}' order by 1"
        ).fetchall()
        again = sum(1 for _, there in rows if there)
        if rows and again >= SAME_SOURCE * len(rows):
            gone += [key for key, there in rows if not there]
    return gone


def _write_keys(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    declared: Table,
    origins: dict[int, str],
    change: Change,
) -> None:
    """Where the last version of each row came from, beside the tables."""
    import pyarrow.parquet as pq

    keys = change.company / KEYS / f"{one.table}.parquet"
    cases = " ".join(
        f"when {place} then '{origin.replace(chr(39), chr(39) * 2)}'"
        for place, origin in origins.items()
        if place in one.staged
    )
    origin = f"case _source {cases} else '' end" if cases else "''"
    former = (
        f"select * from read_parquet('{quoted(keys)}')"
        if keys.exists()
        else "select null as key, null as origin, null::timestamptz as modified,"
        " null as import limit 0"
    )
    table = (
        connection.cursor()
        .sql(
            f"with taken as (select {_key_text(declared)} as key, {origin} as origin,"
            f" coalesce(_modified, _old_modified) as modified, '{change.id}' as import"
            f' from "final_{one.table}" where _taken)'
            f" select * from taken union all by name select * from ({former}) f"
            " where f.key not in (select key from taken) order by key"
        )
        .to_arrow_table()
    )
    pq.write_table(table, change.file(f"{KEYS}/{one.table}.parquet"), compression="zstd")


def write_ordered(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    declared: Table,
    columns: list[str],
    path: Path,
    *,
    order: str = "",
) -> int:
    """Write a query as the declared table, ordered by its key, in batches; the number of rows."""
    import pyarrow.parquet as pq

    from workbench.tables.store import COMPRESSION, arrow_schema

    schema = arrow_schema(declared, columns)
    order = order or ", ".join(_q(declared.key))
    count = 0
    with pq.ParquetWriter(path, schema, **COMPRESSION) as writer:
        for batch in _batches(connection, f"{query} order by {order}"):
            writer.write_batch(_cast(batch, schema))
            count += batch.num_rows
    return count


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.cursor().sql(query).to_arrow_reader(100_000)


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def as_declared(rows: pa.Table, declared: Table) -> pa.Table:
    """Rows of a query with declared columns in their declared types, others as they are."""
    from workbench.tables.store import arrow_schema

    for field in arrow_schema(declared):
        place = rows.schema.get_field_index(field.name)
        if place >= 0:
            rows = rows.set_column(place, field.name, rows.column(place).cast(field.type))
    return rows


def snapshots(day: dt.date, columns: list[str]) -> str | None:
    """SQL of the picture of this import's open deals on a day; None where none can be told."""
    declared = TABLES["opportunity_snapshot"]
    shared = [c for c in declared.column_names if c in columns and c != "snapshot_date"]
    if "status" not in columns:
        return None
    return (
        f"select date '{day}' as snapshot_date, {', '.join(_q(shared))}"
        " from \"final_opportunity\" where _new and status = 'open'"
    )


def add_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    query: str,
    existing: dict[str, str],
    change: Change,
    placed: dict[str, Placed],
) -> None:
    """Put rows that the import made itself into a table, over those with the same key.

    Where the import has rows of that table of its own, those stand before.
    """
    declared = TABLES[name]
    if name in placed:
        return
    connection.execute(f'create table "made_{name}" as {query}')
    there = [r[0] for r in connection.execute(f'describe "made_{name}"').fetchall()]
    chosen = ", ".join(_q([c for c in declared.column_names if c in there]))
    key = ", ".join(_q([k for k in declared.key if k in there]))
    former = ""
    if name in existing:
        joined = " and ".join(
            f'm."{k}" is not distinct from e."{k}"' for k in declared.key if k in there
        )
        former = (
            f" union all by name select e.* from ({existing[name]}) e where not exists"
            f' (select 1 from "made_{name}" m where {joined})'
        )
    query = f'select {chosen} from "made_{name}"{former}'
    described = connection.execute(f"describe {query}").fetchall()
    columns = [c for c in declared.column_names if c in {row[0] for row in described}]
    before = _count(connection, existing[name]) if name in existing else 0
    made = _count(connection, f'select * from "made_{name}"')
    after = write_ordered(
        connection,
        f"select {', '.join(_q(columns))} from ({query})",
        declared,
        columns,
        change.path(name),
        order=key,
    )
    placed[name] = Placed(name, columns)
    placed[name].change = TableChange(
        table=name, before=before, after=after, added=after - before,
        updated=made - (after - before), same=0, older=0, gone=0,
    )  # fmt: skip


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (count,) = connection.execute(f"select count(*) from ({query})").fetchall()[0]
    return int(count)


def shared_credit(connection: duckdb.DuckDBPyConnection, one: Assembled) -> str | None:
    """SQL of credit splits from cells that name several people; None where there are none."""
    key = {"opportunity": "opportunity_id", "contract": "contract_id"}.get(one.table)
    if key is None:
        return None
    (count,) = connection.execute(f'select count({PEOPLE}) from "one_{one.table}"').fetchone() or (
        0,
    )
    if not count:
        return None
    begins = {"opportunity": "created_date", "contract": "signed_date"}[one.table]
    start = f'"{begins}"' if begins in one.columns else "null"
    made = made_id("rep", "person")
    return (
        f"with people as (select {key}, coalesce({start}, date '{EARLIEST}') as valid_from,"
        f' string_split({PEOPLE}, chr(31)) as people from "one_{one.table}"'
        f" where {PEOPLE} is not null), each as (select {key}, valid_from,"
        " unnest(people) as person, len(people) as n from people)"
        f" select {key}, coalesce(r.id, {made}) as rep_id, 'split' as split_type,"
        " 1.0 / n as share, valid_from, person from each"
        ' left join "names_rep" r on r.norm = same_name(person)'
    )


def _key_text(declared: Table, alias: str = "") -> str:
    """SQL of a key as one text."""
    dot = f"{alias}." if alias else ""
    parts = [f"coalesce(cast({dot}\"{k}\" as varchar), '')" for k in declared.key]
    return f"concat_ws(chr(31), {', '.join(parts)})"


def _q(names: Any) -> list[str]:
    return [f'"{name}"' for name in names]
