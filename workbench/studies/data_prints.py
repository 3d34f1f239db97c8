"""What a table held when a run read it: two fingerprints a row, so that a later run can be told
how many rows came, went and changed, without a copy of the data.

A print is a file `<table>-<16 hex>.parquet` with the columns `key` (uint64) and `row` (uint32),
sorted. Its name follows from the bytes of the table's files (`manifest.table_hashes`), so the same
state is written once and shared by all runs that read it. Who reads them: `compare/`.

A fingerprint is the first bytes of an MD5 over the values as text, each with the name of its column
and its family; gaps leave no trace. So neither the order of rows or columns nor the storage type of
a number matters, and prints of different versions of the workbench can be compared. Two rows of a
million share a key by chance once in 40 million tables; a change is missed once in 4 billion.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.studies.manifest import table_hashes
from workbench.tables import TABLES, table

if TYPE_CHECKING:
    import duckdb

    from workbench.company import Company

#: Folder of the prints, below that of the runs.
FOLDER = ".prints"

#: Raised where the text of a value changes; old prints then no longer match.
_FORM = 1

_PLACES = 4  # of declared prices; numbers that fit are written with so many


@dataclass(frozen=True, slots=True)
class TablePrint:
    """The print of a table in one state.

    Attributes
    ----------
    rows : int
        Rows of the table.
    hash : str
        Of the table's files, as `manifest.table_hashes` gives it.
    path : Path
    """

    rows: int
    hash: str
    path: Path


@dataclass(frozen=True, slots=True)
class RowDifference:
    """How many rows of a table came, went, changed and stayed.

    A row with a key that both states have, but other values, has changed. Where a key stands more
    than once, rows of one state are set against rows of the other as far as they go.

    Attributes
    ----------
    added, removed, changed, same : int
    """

    added: int
    removed: int
    changed: int
    same: int

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed)


def keep(company: Company, tables: Iterable[str], folder: Path) -> dict[str, TablePrint]:
    """Keep a print of each table; one that is there already is not made again.

    Parameters
    ----------
    company : Company
    tables : iterable of str
        Names of tables the company has.
    folder : Path
        Where prints are kept; made if need be.

    Returns
    -------
    dict of str to TablePrint
        In the order given.

    Raises
    ------
    MissingTableError
        If the company does not have one of the tables.
    """
    names = list(tables)
    company.require(*names)
    folder.mkdir(parents=True, exist_ok=True)
    states = table_hashes(company)
    paths = {name: print_path(folder, name, states[name]) for name in names}
    missing = [name for name, path in paths.items() if not path.is_file()]
    if missing:
        with _connection() as duck:
            for name in missing:
                _make(duck, company, name, paths[name])
    return {
        name: TablePrint(rows=_rows(path), hash=states[name], path=path)
        for name, path in paths.items()
    }


def print_path(folder: Path, name: str, state: str) -> Path:
    """Where the print of a state lies, or would lie.

    Parameters
    ----------
    folder : Path
        Of the prints.
    name : str
        Of the table.
    state : str
        Hash of the table's files. Its key goes into the name as well: rows told apart by another
        key make another print.
    """
    words = [str(_FORM), *table(name).key, state]
    return folder / f"{name}-{hashlib.sha256(' '.join(words).encode()).hexdigest()[:16]}.parquet"


def states_read(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Tables that a run has read, and the hash of each, out of its manifest."""
    company = manifest.get("company", {})
    hashes = company.get("table_hashes", {})
    read = [name for name in company.get("tables_read", ()) if name in TABLES]
    return {name: hashes[name] for name in read if name in hashes}


def difference(before: Path, after: Path) -> RowDifference:
    """Count the rows that differ between two prints of one table.

    Parameters
    ----------
    before, after : Path
        Files as `keep` writes them.
    """
    if before == after:
        return RowDifference(added=0, removed=0, changed=0, same=_rows(before))
    with _connection() as duck:
        counts = duck.execute(_DIFFERENCE, {"a": str(before), "b": str(after)}).fetchone()
    added, removed, changed, same = (int(count or 0) for count in counts or ())
    return RowDifference(added=added, removed=removed, changed=changed, same=same)


# Rows that both have, one for one; what is left over of a key on both sides has changed.
_DIFFERENCE = """
with before as (
    select key, row, count(*) as n from read_parquet($a) group by key, row
), after as (
    select key, row, count(*) as n from read_parquet($b) group by key, row
), paired as (
    select coalesce(before.key, after.key) as key,
        coalesce(before.n, 0) as was, coalesce(after.n, 0) as is_now
    from before full join after on before.key = after.key and before.row = after.row
), by_key as (
    select sum(least(was, is_now)) as same,
        sum(was - least(was, is_now)) as went, sum(is_now - least(was, is_now)) as came
    from paired group by key
)
select sum(came - least(came, went)), sum(went - least(came, went)), sum(least(came, went)),
    sum(same)
from by_key
"""


# -- making one -----------------------------------------------------------------------------------


def _make(duck: duckdb.DuckDBPyConnection, company: Company, name: str, path: Path) -> None:
    """Write the print under a name of this process, then give it its own: never half a print."""
    unfinished = path.with_name(f".{path.stem}-{os.getpid()}.partial")
    try:
        _write(duck, company, name, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(duck: duckdb.DuckDBPyConnection, company: Company, name: str, path: Path) -> None:
    files = ", ".join(_quoted(str(part)) for part in company.files[name])
    source = f"read_parquet([{files}])"
    kinds = {row[0]: row[1] for row in duck.execute(f"describe from {source}").fetchall()}
    declared = table(name)
    whole = _text(sorted(set(declared.column_names) & set(kinds)), kinds)
    key = _text([column for column in declared.key if column in kinds], kinds)
    key_md5 = "md5_number(coalesce(nullif(key_text, ''), text))"
    duck.execute(
        f"copy (select {_first(key_md5, bits=64)}::ubigint as key,"
        f" {_first('md5_number(text)', bits=32)}::uinteger as row"
        f" from (select {key} as key_text, {whole} as text from {source})"
        f" order by key, row) to {_quoted(str(path))}"
        " (format parquet, compression zstd, row_group_size 1000000)"
    )


def _first(number: str, *, bits: int) -> str:
    """SQL of the first bytes of an MD5; `md5_number_lower` takes four times as long."""
    return f"({number} & {(1 << bits) - 1}::uhugeint)"


def _text(columns: Iterable[str], kinds: dict[str, str]) -> str:
    """SQL of the values of a row as one text; empty where all are missing."""
    parts = [_tagged(column, kinds[column]) for column in columns]
    return f"concat({', '.join(parts)})" if parts else "''"


def _tagged(column: str, kind: str) -> str:
    """SQL of one value as text behind its column's name and family; null where it is missing."""
    value = '"' + column.replace('"', '""') + '"'
    if kind.startswith("DECIMAL("):
        return _prefixed(column, "n", _decimal(value, scale=int(kind[:-1].partition(",")[2])))
    if kind in ("DOUBLE", "FLOAT"):
        return _prefixed(column, "n", _float(f"{value}::double"))
    if kind.endswith(("INT", "INTEGER")):
        return _prefixed(column, "n", f"{value}::varchar || '.{'0' * _PLACES}'")
    if kind == "DATE":
        return _prefixed(column, "d", f"{value}::varchar")
    if kind.startswith("TIMESTAMP"):
        family = "i" if "ZONE" in kind else "w"  # an instant, or a wall clock
        return _prefixed(column, family, f"epoch_us({value}::{_MOMENTS[family]})::varchar")
    if kind == "BOOLEAN":
        return _prefixed(column, "b", f"{value}::varchar")
    # Text may hold anything, also what looks like the next column: its length goes first.
    return _prefixed(column, "s", f"strlen({value}::varchar)::varchar || ':' || {value}::varchar")


_MOMENTS = {"i": "timestamptz", "w": "timestamp"}


def _prefixed(column: str, family: str, text: str) -> str:
    return f"{_quoted(f'|{column}={family}')} || {text}"


def _decimal(value: str, *, scale: int) -> str:
    if scale <= _PLACES:
        zeros = "0" * (_PLACES - scale)
        return f"{value}::varchar || '{'' if scale else '.'}{zeros}'"
    short = f"cast({value} as decimal(38, {_PLACES}))"
    return (
        f"case when {short} = {value} then {short}::varchar else rtrim({value}::varchar, '0') end"
    )


def _float(value: str) -> str:
    """Equal numbers, equal text: as a decimal would be written where it is one, else shortest."""
    short = f"try_cast({value} as decimal(18, {_PLACES}))"
    whole = f"try_cast({value} as hugeint)"
    return (
        f"case when {short}::double = {value} then {short}::varchar"
        f" when {whole}::double = {value} then {whole}::varchar || '.{'0' * _PLACES}'"
        f" else {value}::varchar end"
    )


# -- files ----------------------------------------------------------------------------------------


def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


@lru_cache(1_000)
def _rows(path: Path) -> int:
    """Rows of a print, whose name follows from its content."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
