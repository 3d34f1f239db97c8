"""Rows of a database: what does one query return, as text cells like those of any export?

The query runs once, in a transaction that may only read, and its rows are kept as text in a file
of the import's working folder, batch by batch; so memory is bounded, and they can be read again
although the database has moved on. Values as text: `sql_cells.py`; what the rows mean:
`recognise.py`. Passwords stand in no message, note or name of a source.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from workbench.errors import InputError
from workbench.loaders.raw import Row, Source
from workbench.loaders.sql_cells import cell_text

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection, Engine
    from sqlalchemy import Row as Record
    from sqlalchemy.engine import URL

#: Rows fetched, put into text and written at a time.
BATCH = 10_000

#: Drivers taken where a url names none; SQLAlchemy 2.0 would take one we do not ask for.
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

INSTALL = 'python -m pip install "sales-workbench[sql]"'

#: What a query may begin with.
BEGINNINGS = frozenset({"select", "with", "table", "values"})

# Parts of a query in which a semicolon or a verb means nothing: quoted text and names, comments.
_QUOTED = re.compile(
    r"""
    [eE]'(?:[^'\\]|\\.|'')*'            # 'escaped \' text' of PostgreSQL
    | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`
    | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
    | --[^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)
_WRITES = re.compile(r"\binto\b|\bdelete\s+from\b|\bupdate\b(?=.*\bset\b)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def query_grid(
    url: str,
    query: str,
    *,
    name: str,
    work: Path,
    environment: Mapping[str, str] | None = None,
) -> QueryGrid:
    """Run a query and keep its rows as a grid.

    Parameters
    ----------
    url : str
        As SQLAlchemy writes it (``postgresql://user:${PGPASSWORD}@host/db``,
        ``sqlite:///crm.db``); `${NAME}` is taken from the environment.
    query : str
        One statement that only reads: SELECT, WITH, TABLE or VALUES.
    name : str
        What people know the query by (its file); the sheet of the source.
    work : Path
        Folder for the rows; they are read from there until the import ends.
    environment : mapping of str to str, optional
        Where `${NAME}` is looked up; the process's by default.

    Returns
    -------
    QueryGrid
        First row: the names of the columns. Instants with a zone carry their offset.

    Raises
    ------
    InputError
        If SQLAlchemy or the driver is absent, the url, the statement or a column cannot be used,
        or the database refuses.
    """
    statement = single_statement(query, where=name)
    address = _parsed(_expanded(url, os.environ if environment is None else environment))
    engine = _engine(address)
    spool = Path(_spool_name(work))
    try:
        _keep(engine, statement, spool, name)
    except BaseException as problem:
        spool.unlink(missing_ok=True)
        _translate(problem, address, name)
        raise
    finally:
        engine.dispose()
    dialect = address.get_backend_name()
    return QueryGrid(Source(shown(address), name), {"format": "sql", "dialect": dialect}, spool)


@dataclass(frozen=True)
class QueryGrid:
    """The rows of a query, as `raw.Grid`; `path` is the Parquet file that holds them as text."""

    source: Source
    notes: dict[str, str]
    path: Path
    system: str = field(default="", init=False)
    object: str = field(default="", init=False)
    named: bool = field(default=True, init=False)

    def rows(self) -> Iterator[Row]:
        """Names of the columns as row 1, then the rows in the order of the query."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            names = json.loads(file.schema_arrow.metadata[b"names"])
            yield 1, list(names)
            number = 1
            for batch in file.iter_batches(BATCH):
                for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield number, list(cells)


def single_statement(query: str, *, where: str = "query") -> str:
    """The query without comments and closing semicolon, if it is one statement that only reads.

    Raises
    ------
    InputError
        If it is empty, several statements, or begins or goes on with what may write.

    Notes
    -----
    This is the first fence and the only one for databases other than PostgreSQL and SQLite; theirs
    are told that the transaction may only read.
    """
    text = _without_comments(query).strip().rstrip("; \t\r\n")
    bare = _QUOTED.sub(" '' ", text)
    words = re.findall(r"\w+", bare.lower())
    if ";" in bare:
        _refuse("the query holds more than one statement", where)
    if not words or words[0] not in BEGINNINGS:
        found = words[0].upper() if words else "nothing"
        _refuse(f"the query begins with {found}; only reading is done", where)
    if _WRITES.search(bare.lower()):
        _refuse("the query writes or locks; only reading is done", where)
    return text


def shown(url: URL) -> str:
    """The url as it may be shown: system, host, port and database; no user, password or option."""
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}"


def _refuse(message: str, where: str) -> None:
    raise InputError(
        message, where=where, do="write one SELECT (or WITH, TABLE, VALUES) and nothing else"
    )


def _without_comments(query: str) -> str:
    """The query with comments as blanks; those in /* */ may be nested."""
    out, place, depth = [], 0, 0
    while place < len(query):
        pair = query[place : place + 2]
        quoted = None if depth else _QUOTED.match(query, place)
        if pair == "/*" or (depth and pair == "*/"):
            depth += 1 if pair == "/*" else -1
            place += 2
            out.append(" ")
        elif quoted and quoted.end() > place:
            out.append(" " if pair == "--" else quoted.group())
            place = quoted.end()
        else:
            out.append(query[place] if not depth else "")
            place += 1
    return "".join(out)


# -- the database --------------------------------------------------------------------------------


def _expanded(url: str, environment: Mapping[str, str]) -> str:
    """Put variables of the environment in; those of user, password and options are quoted."""
    user_ends = url.rfind("@")
    options_begin = url.find("?", user_ends + 1) if "?" in url[user_ends + 1 :] else len(url)

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise InputError(
                f"the variable {name} is not set", where="url", do=f"export {name}=... first"
            )
        plain = user_ends < match.start() < options_begin
        return environment[name] if plain else quote(environment[name], safe="")

    return _VARIABLE.sub(value, url)


def _parsed(url: str) -> URL:
    try:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError
    except ModuleNotFoundError:
        raise InputError(
            "reading from a database needs SQLAlchemy, which is not installed", do=INSTALL
        ) from None
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # its message would show the url, password and all
        raise InputError(
            "the address of the database cannot be read",
            where="url",
            do="write it as postgresql://user:${PGPASSWORD}@host/database",
        ) from None
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def _engine(url: URL) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    try:
        if url.get_backend_name() == "sqlite":
            return create_engine("sqlite://", creator=_sqlite(url), poolclass=NullPool)
        return create_engine(url, poolclass=NullPool)
    except ModuleNotFoundError as absent:
        ours = url.get_backend_name() == "postgresql"
        raise InputError(
            f"the driver {absent.name} of this database is not installed",
            where=shown(url),
            do=INSTALL if ours else f"python -m pip install {absent.name}",
        ) from None
    except ArgumentError:
        raise InputError(
            f"there is no driver for {url.drivername}",
            where=shown(url).split("/")[0],
            do="use postgresql:// or sqlite://, or install SQLAlchemy's dialect for it",
        ) from None


def _sqlite(url: URL) -> Callable[[], Any]:
    """Opens an SQLite file so that nothing can be written, and a missing one is not made."""
    import sqlite3

    path = Path(url.database or "")
    if not path.is_file():
        raise InputError("there is no such database", where=shown(url), do="check the path")
    uri = f"{path.resolve().as_uri()}?mode=ro"
    return lambda: sqlite3.connect(uri, uri=True)


def _keep(engine: Engine, statement: str, spool: Path, name: str) -> None:
    """Stream the rows of a statement into a Parquet file of text columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with engine.connect() as connection:
        result = _reading(connection).exec_driver_sql(statement)
        names = list(result.keys())
        # Names of a result may repeat; those of the file may not, so they stand beside it.
        schema = pa.schema(
            [(str(place), pa.string()) for place in range(len(names))],
            metadata={"names": json.dumps(names)},
        )
        with pq.ParquetWriter(spool, schema, compression="zstd") as writer:
            for records in result.partitions(BATCH):
                columns = _texts(list(records), names, name)
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _reading(connection: Connection) -> Connection:
    """The connection set to read only and to stream, the statement passed on untouched."""
    options: dict[str, Any] = {"stream_results": True, "yield_per": BATCH, "no_parameters": True}
    if connection.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    return connection.execution_options(**options)


def _spool_name(work: Path) -> str:
    work.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="query-", suffix=".parquet", dir=work)
    os.close(handle)
    return name


def _translate(problem: BaseException, url: URL, name: str) -> None:
    """Say an error of the database as ours, its first line, without statement or password."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    if not isinstance(problem, (SQLAlchemyError, *_driver_errors(url))):
        return
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    line = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
    for secret in _secrets(url):
        line = line.replace(secret, "***")
    raise InputError(
        f"the database did not answer the query: {line}",
        where=f"{shown(url)}, {name}",
        do="check address, rights and query; cast a value that cannot be read to text",
    ) from None


def _driver_errors(url: URL) -> tuple[type[Exception], ...]:
    """Errors that a driver raises while rows are fetched, past SQLAlchemy."""
    if url.get_backend_name() == "postgresql":
        import psycopg

        return (psycopg.Error,)
    return ()


def _secrets(url: URL) -> list[str]:
    secret = [str(url.password)] if url.password else []
    for option, value in url.query.items():
        if "pass" in option.lower():
            secret += [value] if isinstance(value, str) else list(value)
    return [text for text in secret if text]


def _texts(records: list[Record[Any]], names: list[str], name: str) -> list[pa.Array]:
    import pyarrow as pa

    columns = []
    for header, values in zip(names, zip(*records, strict=True), strict=True):
        try:
            columns.append(pa.array([cell_text(value) for value in values], pa.string()))
        except TypeError:
            raise InputError(
                f"the column {header} holds bytes, which no table takes",
                where=name,
                do=f"leave it out of the query, or return it as text: encode({header}, 'hex')",
            ) from None
    return columns
