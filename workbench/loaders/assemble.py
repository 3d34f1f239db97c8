"""Staged rows of all sheets into tables: ids from names, keys, rows for what is only named.

All of it runs in DuckDB over the staged files, on one thread and within a memory limit, so that
the size of a file does not matter and the result is the same each time. Sources are taken in the
order of their names; the order in which files are handed in changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.loaders.convert import LINE, MODIFIED, PEOPLE, ROW, Staged
from workbench.tables import TABLES
from workbench.tables.declare import Table

if TYPE_CHECKING:
    import duckdb

MEMORY = "400MB"

#: Tables whose rows others name, with the prefix of ids that are made from names.
MASTERS = {
    "team": "T",
    "rep": "R",
    "account": "A",
    "partner": "P",
    "product": "G",
    "campaign": "M",
    "competitor": "K",
    "opportunity": "D",
}

#: Those of them that get a row where they are only named; a deal is never made from its name.
NAMED_ONLY = tuple(name for name in MASTERS if name != "opportunity")

#: What tells two rows without a key apart, so that the next import finds the same row again
#: though its amount or stage has changed; other tables take the whole line.
IDENTITY = {
    "opportunity": ("name", "account.name", "account_id", "created_date"),
    "contract": ("account.name", "account_id", "signed_date", "amount"),
}

#: Columns that may be looked up in a table the row refers to.
LOOKUPS = {
    "order_line": (("product_line", "product"), ("region", "account"), ("channel", "account")),
    "contract": (("region", "account"), ("channel", "account")),
    "opportunity": (("region", "account"), ("channel", "account"), ("product_line", "product")),
    "receivable_plan": (("region", "account"),),
    "receipt": (("region", "account"),),
    "invoice": (("region", "account"),),
}

#: Day from which a row holds that states none.
EARLIEST = "2000-01-01"
_EARLIEST_SQL = f"date '{EARLIEST}'"


@dataclass
class Assembled:
    """Rows of one table from all sheets of an import, in DuckDB as `new_<table>`.

    Attributes
    ----------
    table : str
    columns : list of str
        Declared columns that have values, declared order; the key among them.
    links : list of str
        Columns of other tables that the sheets named ("account.name").
    sources : dict of int to set of str
        Which columns each source (place in `staged`) has a say in.
    staged : list of Staged
    merged : list of (source, row, id, id that stands)
        Accounts that were merged into others and are not taken again.
    loose : list of (table, rows, text, name)
        Names found in spite of other spaces, case or width.
    """

    table: str
    columns: list[str]
    links: list[str]
    sources: dict[int, set[str]]
    staged: dict[int, Staged]
    merged: list[tuple[int, int, str, str]] = field(default_factory=list)
    loose: list[tuple[str, int, str, str]] = field(default_factory=list)


def connect(work: Path) -> duckdb.DuckDBPyConnection:
    """A database of its own in `work`, with bounded memory."""
    import duckdb

    (work / "spill").mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        str(work / "import.duckdb"),
        config={
            "threads": 1,
            "memory_limit": MEMORY,
            "temp_directory": str(work / "spill"),
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
        },
    )
    connection.execute("set global timezone = 'Asia/Shanghai'")
    connection.execute(
        # Names are the same whatever their case, spaces and width of brackets.
        "create macro same_name(name) as "
        "lower(regexp_replace(translate(name, '（）　－', '() -'), '\\s+', '', 'g'))"
    )
    return connection


def assemble(
    connection: duckdb.DuckDBPyConnection, staged: list[Staged], existing: dict[str, str]
) -> dict[str, Assembled]:
    """Put the staged rows of all sheets together, by table.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Of `connect`.
    staged : list of Staged
        In the order of their sources.
    existing : dict of str to str
        SQL that reads the tables of the company that are there.

    Returns
    -------
    dict of str to Assembled
        In an order in which tables stand after those they refer to.
    """
    filled = [(place, one) for place, one in enumerate(staged) if one.path is not None]
    tables = dict.fromkeys([*MASTERS, *TABLES])
    found: dict[str, Assembled] = {}
    for name in tables:
        group = {place: one for place, one in filled if one.table == name}
        if group:
            found[name] = _union(connection, TABLES[name], group)
    for name in MASTERS:
        _name_index(connection, name, found.get(name), existing.get(name))
    for one in found.values():
        _resolve(connection, one)
        _give_keys(connection, one)
        if one.table == "opportunity":  # contracts and quotes name deals that have no id of theirs
            connection.execute('drop table "names_opportunity"')
            _name_index(connection, "opportunity", one, existing.get("opportunity"), stage="new")
    for name in NAMED_ONLY:
        _make_named(connection, name, found, existing.get(name))
    for one in found.values():
        _look_up(connection, one, found, existing)
    return {name: found[name] for name in tables if name in found}


def repoint(
    connection: duckdb.DuckDBPyConnection, found: dict[str, Assembled], merged: dict[str, str]
) -> None:
    """Give rows that name a merged account the account that stands.

    The merged account's own row says nothing new: it is put aside (`Assembled.merged`), so that
    it cannot overwrite the account that stands.
    """
    import pyarrow as pa

    pairs = pa.table({"merged_id": list(merged), "keep_id": list(merged.values())})
    connection.register("merged_accounts", pairs)
    for one in found.values():
        if one.table == "account":
            these = "account_id in (select merged_id from merged_accounts)"
            one.merged = connection.execute(
                f"select _source, {ROW}, account_id, keep_id from new_account"
                " join merged_accounts on merged_id = account_id where _source >= 0 order by 1, 2"
            ).fetchall()
            connection.execute(f"delete from new_account where {these}")
        for column in TABLES[one.table].columns:
            if column.name in one.columns and column.references == "account.account_id":
                connection.execute(
                    f'update "new_{one.table}" set "{column.name}" = m.keep_id'
                    f' from merged_accounts m where "{column.name}" = m.merged_id'
                )


def _union(
    connection: duckdb.DuckDBPyConnection, declared: Table, group: dict[int, Staged]
) -> Assembled:
    parts = [
        f"select *, {place} as _source from read_parquet('{quoted(one.path)}')"
        for place, one in group.items()
    ]
    connection.execute(f'create view "raw_{declared.name}" as {" union all by name ".join(parts)}')
    there = {row[0] for row in connection.execute(f'describe "raw_{declared.name}"').fetchall()}
    columns = [name for name in declared.column_names if name in there or name in declared.key]
    links = sorted(name for name in there if "." in name)
    sources = {place: set(one.columns) for place, one in group.items()}
    return Assembled(declared.name, columns, links, sources, group)


def _name_index(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    new: Assembled | None,
    existing: str | None,
    *,
    stage: str = "raw",
) -> None:
    """Ids by name of a table that others name: of the company first, then of the import."""
    key = TABLES[name].key[0]
    parts = []
    if {key, "name"} <= _columns_of(connection, existing):
        parts.append(f"select {key} as id, name, 0 as _rank from ({existing})")
    if {key, "former_name"} <= _columns_of(connection, existing):
        parts.append(f"select {key} as id, former_name as name, 2 as _rank from ({existing})")
    if new is not None and {key, "name"} <= _columns(connection, f"{stage}_{name}"):
        parts.append(f'select {key} as id, name, 1 as _rank from "{stage}_{name}"')
    source = " union all ".join(parts) or "select null as id, null as name, 0 as _rank limit 0"
    connection.execute(
        f'create table "names_{name}" as select same_name(name) as norm,'
        " arg_min(cast(id as varchar), (_rank, cast(id as varchar))) as id,"
        " arg_min(cast(name as varchar), (_rank, cast(id as varchar))) as name"
        f" from ({source}) where id is not null and name is not null group by 1"
    )


def made_id(name: str, expression: str) -> str:
    """SQL of the id made from a name."""
    return f"'{MASTERS[name]}' || substr(md5(same_name({expression})), 1, 12)"


def _resolve(connection: duckdb.DuckDBPyConnection, one: Assembled) -> None:
    """Put ids in place of names: that of the company, else of the import, else made from it."""
    declared, there = TABLES[one.table], _columns(connection, f"raw_{one.table}")
    joins, filled = [], {}
    for master in MASTERS:
        link, column = f"{master}.name", referring(declared, master)
        if link not in one.links or declared.name == master:
            continue
        one.loose += _spelled_apart(connection, one.table, master, link)
        joins.append(
            f'left join "names_{master}" as n_{master} on n_{master}.norm = same_name(raw."{link}")'
        )
        if column is None:  # a deal names a product, and has no column for it: for look-ups only
            filled[_hidden(master)] = f"n_{master}.id"
            continue
        given = f'raw."{column}", ' if column in there else ""
        made = made_id(master, f'raw."{link}"') if master in NAMED_ONLY else "null"
        filled[column] = f"coalesce({given}n_{master}.id, {made})"
        if column not in one.columns:
            one.columns.append(column)
        for place, names in one.sources.items():
            if link in _staged_links(one.staged[place]):
                names.add(column)
    one.columns.sort(key=declared.column_names.index)
    kept = [f'raw."{c}"' for c in there if c not in filled]
    made_columns = [f'{sql} as "{column}"' for column, sql in filled.items()]
    connection.execute(
        f'create table "linked_{one.table}" as select {", ".join([*kept, *made_columns])}'
        f' from "raw_{one.table}" as raw {" ".join(joins)}'
    )
    connection.execute(f'drop view "raw_{one.table}"')


def _spelled_apart(
    connection: duckdb.DuckDBPyConnection, table: str, master: str, link: str
) -> list[tuple[str, int, str, str]]:
    """Names that differ from those of the table they mean by spaces, case or width only."""
    return connection.execute(
        f"select '{master}', count(*), raw.\"{link}\", any_value(n.name)"
        f' from "raw_{table}" as raw join "names_{master}" as n'
        f' on n.norm = same_name(raw."{link}") and n.name <> raw."{link}"'
        f' group by raw."{link}" order by 2 desc, 3'
    ).fetchall()


def referring(declared: Table, master: str) -> str | None:
    """The first column of a table that refers to another one; None for none (or itself)."""
    key = TABLES[master].key[0]
    if declared.name == master:
        return None
    return next((c.name for c in declared.columns if c.references == f"{master}.{key}"), None)


def _hidden(master: str) -> str:
    """Column for the id of a row that is named without a declared column for it."""
    return f"_{master}_id"


def _staged_links(one: Staged) -> set[str]:
    return {field.target for field in one.mapping.fields if field.target and "." in field.target}


def _give_keys(connection: duckdb.DuckDBPyConnection, one: Assembled) -> None:
    """Give every row its key; rows without one get an id made from what tells them apart."""
    declared = TABLES[one.table]
    there = _columns(connection, f"linked_{one.table}")
    key, *others = declared.key
    parts = [f"* exclude ({', '.join(k for k in declared.key if k in there)})"]
    if not set(declared.key) & there:
        parts = ["*"]
    if declared.column(key).kind == "id" and declared.column(key).references is None:
        given = _has_all(connection, one, there, key)
        sql = f'l."{key}"' if given else _key_sql(one, there, key)
        parts.append(f'{sql} as "{key}"')
    else:
        parts.append(f'{_or_null(key, there)} as "{key}"')
    for other in others:
        parts.append(f'{_default_part(other, there)} as "{other}"')
    connection.execute(
        f'create table "new_{one.table}" as select {", ".join(parts)}'
        f' from "linked_{one.table}" as l {_own_name_join(one, there)}'
    )
    connection.execute(f'drop table "linked_{one.table}"')


def _has_all(
    connection: duckdb.DuckDBPyConnection, one: Assembled, there: set[str], key: str
) -> bool:
    """Whether every row brings its key."""
    if key not in there:
        return False
    query = f'select count(*) = count("{key}") from "linked_{one.table}"'
    return bool(connection.execute(query).fetchall()[0][0])


def _own_name_join(one: Assembled, there: set[str]) -> str:
    if one.table in MASTERS and "name" in there:
        return f'left join "names_{one.table}" as n on n.norm = same_name(l.name)'
    return ""


def _key_sql(one: Assembled, there: set[str], key: str) -> str:
    """SQL of the key: as given; for a named table by its name; else made from the row."""
    given = f'l."{key}"' if key in there else "null::varchar"
    if one.table in MASTERS and one.table != "opportunity" and "name" in there:
        base = f"coalesce(n.id, {made_id(one.table, 'l.name')})"
        apart = "same_name(l.name)"
    else:
        prefix = MASTERS.get(one.table, one.table[:1].upper())
        chosen = [c for c in IDENTITY.get(one.table, ()) if c in there]
        if "name" not in chosen and one.table == "opportunity":
            chosen = []
        chosen = chosen or sorted(c for c in there if not c.startswith("_") and c != key)
        texts = ", ".join(f"coalesce(cast(l.\"{c}\" as varchar), '')" for c in chosen)
        apart = f"md5(concat_ws(chr(31), {texts}))"
        base = f"'{prefix}' || substr({apart}, 1, 16)"
    occurrence = (
        f"row_number() over (partition by {apart}, {given} is null order by l._source, l.{ROW})"
    )
    return (
        f"coalesce({given}, {base} ||"
        f" case when {occurrence} > 1 then '-' || {occurrence} else '' end)"
    )


def _or_null(name: str, there: set[str]) -> str:
    return f'l."{name}"' if name in there else "null"


def _default_part(name: str, there: set[str]) -> str:
    if name != "valid_from":
        return _or_null(name, there)
    known = [f'l."{c}"' for c in ("valid_from", "hired_date", "start_date") if c in there]
    return f"coalesce({', '.join([*known, _EARLIEST_SQL])})"


def _make_named(
    connection: duckdb.DuckDBPyConnection,
    master: str,
    found: dict[str, Assembled],
    existing: str | None,
) -> None:
    """Rows for accounts, reps, products ... that other rows refer to and nobody has listed.

    One that is known by its id only is called by it until a list brings its name.
    """
    key = TABLES[master].key[0]
    parts = []
    attributes: set[str] = set()
    for one in found.values():
        column = referring(declared=TABLES[one.table], master=master)
        if column is None or column not in one.columns:
            continue
        own = [link.partition(".")[2] for link in one.links if link.startswith(f"{master}.")]
        attributes |= {*own, "name"}
        chosen = "".join(f', "{master}.{c}" as "{c}"' for c in own)
        name = "" if "name" in own else ", null::varchar as name"
        parts.append(f'select "{column}" as "{key}"{chosen}{name} from "new_{one.table}"')
    if not parts:
        return
    listed = [f'select "{key}" from "new_{master}"'] if master in found else []
    listed += [f"select {key} from ({existing})"] if existing else []
    without = f"and {key} not in ({' union all '.join(listed)})" if listed else ""
    firsts = ", ".join(
        f'coalesce(min(name), "{key}") as name' if c == "name" else f'min("{c}") as "{c}"'
        for c in sorted(attributes)
    )
    connection.execute(
        f'create table "named_{master}" as select "{key}", {firsts} from'
        f" ({' union all by name '.join(parts)}) where {key} is not null {without} group by 1"
    )
    _adopt_named(connection, master, found, sorted(attributes))


def _adopt_named(
    connection: duckdb.DuckDBPyConnection,
    master: str,
    found: dict[str, Assembled],
    attributes: list[str],
) -> None:
    declared = TABLES[master]
    (count,) = connection.execute(f'select count(*) from "named_{master}"').fetchall()[0]
    if not count:
        return
    extra = "".join(
        f", date '{EARLIEST}' as valid_from" for k in declared.key[1:] if k == "valid_from"
    )
    rows = (
        f"select *{extra}, -1 as _source, 0 as {ROW}, 0::ubigint as {LINE},"
        f" null::timestamptz as {MODIFIED}, null::varchar as {PEOPLE}"
        f' from "named_{master}"'
    )
    columns = [declared.key[0], *declared.key[1:], *attributes]
    if master not in found:
        connection.execute(f'create table "new_{master}" as {rows}')
        found[master] = Assembled(master, [], [], {}, {})
    else:
        both = f'select * from "new_{master}" union all by name {rows}'
        connection.execute(f'create or replace table "new_{master}" as {both}')
    one = found[master]
    one.columns = [c for c in declared.column_names if c in {*one.columns, *columns}]
    one.sources[-1] = set(columns)


def _look_up(
    connection: duckdb.DuckDBPyConnection,
    one: Assembled,
    found: dict[str, Assembled],
    existing: dict[str, str],
) -> None:
    """Fill region, product line and channel from the account or product where a row has none."""
    for column, master in LOOKUPS.get(one.table, ()):
        key, reference = TABLES[master].key[0], referring(TABLES[one.table], master)
        sides = []
        if column in _columns_of(connection, existing.get(master)):
            sides.append(f"select {key}, {column} from ({existing[master]})")
        if master in found and column in found[master].columns:
            sides.append(f'select "{key}", "{column}" from "new_{master}"')
        if reference is None and f"{master}.name" in one.links:
            reference = _hidden(master)
        elif reference not in one.columns:
            continue
        if not sides:
            continue
        own = f'o."{column}", ' if column in one.columns else ""
        star = f'* exclude ("{column}")' if own else "*"
        connection.execute(
            f'create or replace table "new_{one.table}" as select o.{star},'
            f' coalesce({own}m."{column}") as "{column}" from "new_{one.table}" as o left join'
            f' (select "{key}", any_value("{column}") as "{column}" from'
            f' ({" union all ".join(sides)}) group by 1) as m on m."{key}" = o."{reference}"'
        )
        if column not in one.columns:
            one.columns.append(column)
            one.columns.sort(key=TABLES[one.table].column_names.index)
            for names in one.sources.values():
                names.add(column)


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    return _columns_of(connection, f'select * from "{name}"')


def _columns_of(connection: duckdb.DuckDBPyConnection, query: str | None) -> set[str]:
    if not query:
        return set()
    return {row[0] for row in connection.execute(f"describe {query}").fetchall()}


def quoted(path: Any) -> str:
    """A path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")
