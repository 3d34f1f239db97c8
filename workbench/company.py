"""A company: its tables and settings, read lazily from a folder of Parquet files.

Queries run on DuckDB over the files themselves; nothing is copied or cached on disk. Rows that
many queries start from may be kept in memory (`Company.kept`) while the company is open. One thread
is used so that every result, sums of floats included, is the same bit for bit on each run.

Organisation. `company` sees today's organisation (现组织口径): each account belongs to whoever
owns it on the last day of the data. `company.as_of(day)` sees that of another day and
`company.at_the_time()` sees each row with the organisation of its own date (原口径). All three
give the same view `attribution`, so a query is written once:

    select ... from order_line l
    left join attribution a on a.account_id = l.account_id
     and l.order_date between a.valid_from and a.valid_to
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import warnings
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.errors import BasisError, InputError, MissingTableError
from workbench.settings import SETTINGS_FILE, CompanySettings, read_settings
from workbench.tables import TABLES, Column, table
from workbench.text import later

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

Money = Literal["decimal", "float"]

DUCK_TYPES = {
    "string": "VARCHAR",
    "date32": "DATE",
    "timestamp[us, tz=Asia/Shanghai]": "TIMESTAMPTZ",
    "decimal128(18, 2)": "DECIMAL(18,2)",
    "decimal128(18, 4)": "DECIMAL(18,4)",
    "float64": "DOUBLE",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
}

# Label of what an import could not place: regions and product lines that no sheet tells.
UNASSIGNED = ("Unassigned", "未分配")

# The view that says who owns an account.
ATTRIBUTION = "attribution"

# What the macros below say of an amount whose basis is not known.
NO_BASIS = "tax basis is neither incl nor excl"

# An amount on the other tax basis, rounded to the cent per row. The division runs in float64:
# its error (1e-7 of a yuan at 1 billion) cannot reach a half cent unless the quotient ends there.
MACROS = """
create macro net_amount(amount, tax_basis, tax_rate) as case tax_basis
    when 'excl' then cast(amount as decimal(18,2))
    when 'incl' then cast(round(amount / (1 + tax_rate), 2) as decimal(18,2))
    else error('tax basis is neither incl nor excl') end;
create macro gross_amount(amount, tax_basis, tax_rate) as case tax_basis
    when 'incl' then cast(amount as decimal(18,2))
    when 'excl' then cast(round(amount * (1 + tax_rate), 2) as decimal(18,2))
    else error('tax basis is neither incl nor excl') end;
"""


def open_company(folder: str | Path) -> Company:
    """Open a folder that holds a company: `company.yaml` and `<table>.parquet` files.

    Parameters
    ----------
    folder : str or Path
        The folder. A table is `<name>.parquet` or a folder `<name>/` of Parquet parts.

    Raises
    ------
    InputError
        If the folder does not exist, or holds neither settings nor a known table.
    ParameterError
        If `company.yaml` is not valid.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(
            "there is no company in this place",
            where=str(folder),
            do="give the folder that holds company.yaml, or make one with `workbench sample -o`",
        )
    files = {name: parts for name in TABLES if (parts := _parts(path, name))}
    if not files and not (path / SETTINGS_FILE).exists():
        raise InputError(
            "the folder holds no company",
            where=str(folder),
            do=f"put {SETTINGS_FILE} or a table such as order_line.parquet into it",
        )
    return Company(folder=path, settings=read_settings(path), files=files)


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file in hex; read once a process while time, size and place stay the same."""
    found = os.stat(path)  # noqa: PTH116 - a run asks for hundreds, by their texts
    return _hash(str(path), found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=4096)
def _hash(path: str, changed: int, size: int, place: int) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parts(folder: Path, name: str) -> tuple[Path, ...]:
    single = folder / f"{name}.parquet"
    if single.exists():
        return (single,)
    return tuple(sorted((folder / name).glob("*.parquet")))


@dataclass(frozen=True)
class Company:
    """Tables and settings of one company.

    Attributes
    ----------
    folder : Path
        Where it lies.
    settings : CompanySettings
        `company.yaml`, typed.
    files : dict of str to tuple of Path
        Parquet files of each table present.
    organisation : datetime.date or "today" or "at_the_time"
        Which organisation rows are attributed to.
    """

    folder: Path
    settings: CompanySettings
    files: dict[str, tuple[Path, ...]] = field(repr=False)
    organisation: dt.date | Literal["today", "at_the_time"] = "today"

    # -- what is there -------------------------------------------------------------------------

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables present, in the order of the declarations."""
        return tuple(self.files)

    def has(self, *names: str) -> bool:
        """Whether all of these tables are present."""
        return all(name in self.files for name in names)

    def require(self, *names: str) -> None:
        """Raise a `MissingTableError` for the first of these tables that is not present."""
        for name in names:
            if name not in self.files:
                raise _missing(table(name).name)

    def name(self, lang: object = "en") -> str:
        """Name of the company in the language given."""
        chinese = str(getattr(lang, "code", lang)).startswith("zh")
        return self.settings.name.zh if chinese else self.settings.name.en

    def label(self, column: str, code: object, lang: object = "en") -> str:
        """Label of a code: from `company.yaml`, else from the declarations, else the code."""
        text = "" if code is None else str(code)
        own = self._labels.get(column, {}).get(text)
        chinese = str(getattr(lang, "code", lang)).startswith("zh")
        if own is not None:
            return own[1] if chinese else own[0]
        for declared in TABLES.values():
            for candidate in declared.columns:
                if candidate.name == column and text in candidate.choices:
                    return candidate.choice(text, lang)
        return UNASSIGNED[chinese] if text == "unassigned" else text

    @cached_property
    def _labels(self) -> dict[str, dict[str, tuple[str, str]]]:
        stages = {stage.code: stage.labels for stage in self.settings.stages}
        return {"stage": stages, **self.settings.labels}

    @cached_property
    def data_as_of(self) -> dt.date:
        """Last day the data are complete for: as set, else the last day that any sale carries."""
        return self._last_day()

    @cached_property
    def file_hashes(self) -> dict[str, str]:
        """SHA-256 of the settings and of every Parquet file, by path from the folder."""
        settings = self.folder / SETTINGS_FILE
        paths = [settings] if settings.exists() else []
        paths += [part for parts in self.files.values() for part in parts]
        return {path.relative_to(self.folder).as_posix(): file_hash(path) for path in paths}

    @property
    def content_hash(self) -> str:
        """Hash over the settings and every byte of every table, 64 hex digits."""
        lines = (f"{name} {digest}\n" for name, digest in self.file_hashes.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    # -- organisation --------------------------------------------------------------------------

    def as_of(self, day: dt.date | str) -> Company:
        """The same company with every row attributed to the organisation of `day`."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return replace(self, organisation=day)

    def at_the_time(self) -> Company:
        """The same company with each row attributed to the organisation of its own date."""
        return replace(self, organisation="at_the_time")

    # -- reading -------------------------------------------------------------------------------

    def table(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        parameters: Sequence[object] | None = None,
        money: Money = "decimal",
    ) -> pd.DataFrame:
        """Read a table, or the part of it that is needed.

        Parameters
        ----------
        name : str
            Declared name.
        columns : sequence of str, optional
            Columns to read; all that are declared by default.
        where : str, optional
            Condition in SQL, such as ``"order_date >= DATE '2026-01-01'"``; values may be
            given as ``?`` with `parameters`.
        money : {"decimal", "float"}
            Amounts as exact decimals (for sums that settle) or float64 (for models).

        Returns
        -------
        pandas.DataFrame
            Rows in the order of the file; dates as datetime64, text as str.

        Raises
        ------
        MissingTableError
            If the company does not have the table.
        InputError
            If a column is not declared or the condition is no SQL.
        """
        declared = table(name)
        self.require(name)
        unknown = [column for column in columns or () if column not in declared.column_names]
        if unknown:
            raise InputError(
                f"table {name} has no column {unknown[0]!r}",
                where=f"columns={list(columns or ())}",
                do=f"use some of {', '.join(declared.column_names)}",
            )
        chosen = ", ".join(f'"{column}"' for column in columns) if columns else "*"
        condition = f" where {where}" if where else ""
        return self.sql(f'select {chosen} from "{name}"{condition}', parameters, money=money)

    def sql(
        self,
        query: str,
        parameters: Sequence[object] | dict[str, object] | None = None,
        *,
        money: Money = "decimal",
    ) -> pd.DataFrame:
        """Run a query on DuckDB; every table present is a view by its name.

        `net_amount(amount, tax_basis, tax_rate)` and `gross_amount(...)` turn an amount to
        the other tax basis; `attribution` holds who owns an account (see the module).
        Declared columns that a file lacks read as missing. Order the rows in the query.

        Raises
        ------
        MissingTableError
            If the query names a declared table that is not present.
        InputError
            If DuckDB refuses the query; its message is kept.
        """
        return _to_pandas(self._query(query, parameters), money)

    def sql_once(
        self,
        query: str,
        parameters: Sequence[object] | None = None,
        *,
        money: Money = "decimal",
    ) -> pd.DataFrame:
        """As `sql`, for what is asked again and again: the answer is remembered."""
        key = (query, tuple(parameters or ()), money)
        if key not in self.remembered:
            self.remembered[key] = self.sql(query, parameters, money=money)
        return self.remembered[key].copy()

    @cached_property
    def remembered(self) -> dict[Hashable, Any]:
        """Answers given while the company is open, by what was asked; not to be changed."""
        return {}

    def kept(self, query: str) -> str:
        """Keep the rows of a query for the queries that start from them.

        They are computed when first asked for and held while the company is open, so that many
        small queries do not each read and join the files again.

        Returns
        -------
        str
            What to select from: a table; or, where DuckDB refuses the query, the query itself in
            brackets, so that its fault shows where the column that has it is read.
        """
        if query not in self._kept:
            name = f"kept.rows_{len(self._kept)}"
            try:
                self._query(f"create table {name} as {query}")
            except (BasisError, InputError):
                name = f"({query})"
            self._kept[query] = name
        return self._kept[query]

    @cached_property
    def _kept(self) -> dict[str, str]:
        self._connection.execute("create schema kept")
        return {}

    def _query(
        self, query: str, parameters: Sequence[object] | dict[str, object] | None = None
    ) -> pa.Table:
        import duckdb

        try:
            cursor = self._run(query, parameters)
            with warnings.catch_warnings():
                # It says that a relation would copy less; but that would plan the query twice.
                warnings.filterwarnings("ignore", "Arrow output on a DB-API result")
                return cursor.to_arrow_table()
        except duckdb.CatalogException as error:
            named = re.search(r"Table with name (\w+) does not exist", str(error))
            if named and named[1] in (*TABLES, ATTRIBUTION):
                raise _missing("assignment" if named[1] == ATTRIBUTION else named[1]) from error
            raise _refused(query, error) from error
        except duckdb.Error as error:
            raise _refused(query, error) from error

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        connection = duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})
        connection.execute("set global timezone = 'Asia/Shanghai'")  # cursors inherit it
        connection.execute(MACROS)
        return connection

    def _run(
        self, query: str, parameters: Sequence[object] | dict[str, object] | None = None
    ) -> duckdb.DuckDBPyConnection:
        self._show(query)
        return self._connection.cursor().execute(query, parameters)

    def _show(self, query: str) -> None:
        """Make the views that a query may name; most companies have many tables it does not."""
        for name in [name for name in self._hidden if name in query]:
            self._hidden.remove(name)
            if name != ATTRIBUTION:
                _make_view(self._connection, name, self.files[name])
            elif attribution := self._attribution():
                self._run(f"create table {ATTRIBUTION} as {attribution}")

    @cached_property
    def _hidden(self) -> list[str]:
        """Names of views that no query has named yet."""
        return [*self.files, ATTRIBUTION]

    def _last_day(self) -> dt.date:
        if self.settings.data_as_of:
            return self.settings.data_as_of
        for name, column in _LAST_DAYS:
            if self.has(name):
                (day,) = self._run(f"select max({column}) from {name}").fetchone() or (None,)
                if day is not None:
                    return day
        raise InputError(
            later("the last day of the data is not known"),
            where=str(self.folder),
            do=later("set `data_as_of: YYYY-MM-DD` in {file}", file=SETTINGS_FILE),
        )

    def _attribution(self) -> str | None:
        if self.has("assignment"):
            return self._assigned()
        if self.has("account"):
            return (
                "select account_id, owner_id as rep_id, null::varchar as team_id, region,"
                " date '0001-01-01' as valid_from, date '9999-12-31' as valid_to from account"
            )
        return None

    def _assigned(self) -> str:
        if self.organisation == "at_the_time":
            return (
                "select account_id, rep_id, team_id, region, valid_from,"
                " coalesce(valid_to, date '9999-12-31') as valid_to from assignment"
            )
        today = self.organisation == "today"
        day = self._last_day() if today else self.organisation
        # The owner on the day; where nobody owns the account then, whoever owned it last before.
        return (
            "select account_id, rep_id, team_id, region,"
            " date '0001-01-01' as valid_from, date '9999-12-31' as valid_to from assignment"
            f" where valid_from <= date '{day}'"
            " qualify row_number() over (partition by account_id order by valid_from desc) = 1"
        )


_LAST_DAYS = (
    ("order_line", "order_date"),
    ("contract", "signed_date"),
    ("opportunity_snapshot", "snapshot_date"),
    ("receipt", "receipt_date"),
    ("opportunity", "greatest(created_date, close_date)"),
)


def _make_view(connection: duckdb.DuckDBPyConnection, name: str, parts: tuple[Path, ...]) -> None:
    import duckdb

    files = ", ".join("'" + part.as_posix().replace("'", "''") + "'" for part in parts)
    source = f"read_parquet([{files}])"

    def make(present: Collection[str]) -> None:
        columns = ", ".join(_stored(column, present) for column in TABLES[name].columns)
        connection.execute(f'create view "{name}" as select {columns} from {source}')

    try:
        make(TABLES[name].column_names)
    except duckdb.BinderException:  # some column is not there
        described = connection.execute(f"describe select * from {source}").fetchall()
        make({row[0] for row in described})


def _stored(column: Column, present: Collection[str]) -> str:
    if column.name in present:
        return f'"{column.name}"'
    return f'null::{DUCK_TYPES[column.arrow_type]} as "{column.name}"'


def _to_pandas(result: pa.Table, money: Money) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    if money == "float":
        fields = [
            pa.field(f.name, pa.float64()) if pa.types.is_decimal(f.type) else f
            for f in result.schema
        ]
        result = result.cast(pa.schema(fields))

    def mapped(kind: pa.DataType) -> Any:
        return pd.ArrowDtype(kind) if pa.types.is_decimal(kind) else None

    return result.to_pandas(types_mapper=mapped, date_as_object=False)


def _missing(name: str) -> MissingTableError:
    declared = TABLES[name]
    return MissingTableError(
        name,
        later("the company has no table {name} ({title})", name=name, title=declared.titles),
        where=later("needed for: {purpose}", purpose=declared.purposes),
        do=later(
            "import an export that has it with `workbench import`, or fill in the empty sheet"
            " that `workbench template {name} -o {name}.xlsx` gives",
            name=name,
        ),
    )


def _refused(query: str, error: Exception) -> InputError:
    if NO_BASIS in str(error):
        return BasisError(
            "the query cannot be run: amounts cannot be brought to one basis",
            where=f"{NO_BASIS}: {' '.join(query.split())[:160]}",
            do=f"{NO_BASIS} in some rows: import them again with --tax-basis and --tax-rate",
        )
    return InputError(
        "the query cannot be run",
        where=" ".join(query.split())[:200],
        do=str(error).splitlines()[0],
    )
