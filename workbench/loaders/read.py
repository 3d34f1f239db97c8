"""The front door: paths in, a table or a company out, with the report of what was done.

`read_table` reads one table and keeps nothing; `import_paths` puts all that it finds into a
company's folder. Both walk the same way: files, header, recognition, values, keys.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError, WorkbenchError
from workbench.loaders.mapping import Question, SheetMapping
from workbench.loaders.outcome import Finding, ImportReport, SheetReport
from workbench.loaders.raw import BLANK, DATA, SUBTOTAL, TOTAL, Grid, Sheet, Skipped

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from workbench.loaders.assemble import Assembled
    from workbench.loaders.convert import Staged
    from workbench.loaders.doubles import Placed

#: Rows of a table that the findings look at; more say the same and take the memory.
LOOKED_AT = 300_000


@dataclass
class Answers:
    """What is known beforehand about the files.

    Attributes
    ----------
    table : str or None
        Table that every sheet is taken for.
    mappings : sequence
        Entries of mapping files (`mapping_files.read_mapping`).
    stages : dict of str to str
        The company's own stages: open, won or lost.
    defaults : dict of str to str
        Answers for all sheets: `currency`, `tax_basis`, `tax_rate`.
    merged : dict of str to str
        Accounts that were merged: id to the id that stands.
    """

    table: str | None = None
    mappings: Sequence[Any] = ()
    stages: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)


class Intake:
    """Files read and recognised, their rows staged; used in a `with` statement.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, folders and zips of them.
    answers : Answers
    grids : sequence of Grid
        Sources that are no files (a query).
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        answers: Answers,
        *,
        grids: Iterable[Grid] = (),
    ) -> None:
        self.paths, self.answers, self.extra = paths, answers, list(grids)
        self._stack = ExitStack()
        self.staged: list[Staged] = []
        self.unknown: list[tuple[Sheet, SheetMapping]] = []
        self.skipped: list[Skipped] = []

    def __enter__(self) -> Intake:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-import-"))
        self.work = Path(folder)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def recognise(self) -> list[tuple[Sheet, SheetMapping]]:
        """Open everything and say what it is, in the order of the sources."""
        from workbench.loaders.files import open_paths
        from workbench.loaders.layout import open_sheet
        from workbench.loaders.recognise import recognise

        grids, self.skipped = open_paths(self.paths, work=self.work) if self.paths else ([], [])
        found: list[tuple[Sheet, SheetMapping]] = []
        for grid in sorted([*grids, *self.extra], key=lambda g: g.source):
            try:
                sheet = open_sheet(grid, work=self.work)
            except WorkbenchError as error:
                self.skipped.append(Skipped(str(grid.source), error.message, error.do or ""))
                continue
            if not sheet.headers or not sum(sheet.counts.values()):
                nothing = Skipped(str(grid.source), "there are no rows in it", "", refused=False)
                self.skipped.append(nothing)
                continue
            if _explains(sheet):
                words = "explains the columns of a template"
                self.skipped.append(Skipped(str(grid.source), words, "", refused=False))
                continue
            mapping = recognise(
                sheet,
                table=self.answers.table,
                mappings=self.answers.mappings,
                settings_stages=self.answers.stages,
            )
            found.append((sheet, mapping))
        return found

    def stage(self, found: list[tuple[Sheet, SheetMapping]]) -> None:
        """Read the rows of all sheets that were recognised."""
        from workbench.loaders.convert import stage
        from workbench.loaders.ledger import Cells, Money

        self.cells, self.money = Cells(self.work / "cells.parquet"), Money()
        for place, (sheet, mapping) in enumerate(found):
            if mapping.table is None:
                self.unknown.append((sheet, mapping))
                continue
            staged = stage(
                sheet,
                mapping,
                work=self.work,
                name=f"sheet{place:04d}",
                cells=self.cells,
                money=self.money,
                defaults=self.answers.defaults,
            )
            self.staged.append(staged)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """The database in which tables are put together, closed with the intake."""
        from workbench.loaders.assemble import connect

        made = connect(self.work)
        self._stack.callback(made.close)
        return made

    def report(
        self,
        placed: dict[str, Placed],
        assembled: dict[str, Assembled],
        findings: dict[str, tuple[Finding, ...]],
        *,
        started: dt.datetime,
        id: str = "",
        into: str = "",
    ) -> ImportReport:
        """The report of all that was read."""
        self.cells.close()
        sheets = []
        for place, staged in enumerate(self.staged):
            dropped = placed[staged.table].duplicates if staged.table in placed else {}
            said = list(findings.get(staged.table, ()))
            first = next(s for s in self.staged if s.table == staged.table) is staged
            sheets.append(_sheet_report(staged, dropped.get(place, 0), said if first else []))
        sheets += [_unknown_report(sheet, mapping) for sheet, mapping in self.unknown]
        return ImportReport(
            id=id,
            started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            into=into,
            sheets=tuple(sorted(sheets, key=lambda s: (s.file, s.sheet))),
            cells=self.cells.listed(),
            cell_counts=dict(self.cells.counts),
            money=self.money.frame(),
            changes=tuple(p.change for p in placed.values() if p.change is not None),
            skipped=tuple(self.skipped),
            findings=findings.get("", ()) + _loose_names(assembled),
        )


def read_table(
    path: str | Path,
    table: str | None = None,
    *,
    mapping: str | Path | None = None,
    tax_basis: str | None = None,
    tax_rate: float | None = None,
    currency: str = "CNY",
) -> tuple[pd.DataFrame, ImportReport]:
    """Read one table from a file, a folder or a zip, with a report of what was done.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, XLSX, XLS, Parquet, JSON, JSON lines; a folder or zip of them.
    table : str, optional
        Declared table the rows are; recognised from the headers by default.
    mapping : str or Path, optional
        Mapping file that says what headers mean.
    tax_basis : {"incl", "excl"}, optional
        Whether amounts hold VAT where the file does not say.
    tax_rate : float, optional
        VAT rate where the file does not say (0.13 is 13 %).
    currency : str
        ISO 4217 code of amounts that name none.

    Returns
    -------
    frame : pandas.DataFrame
        Declared columns that the file has, in declared order, then names of what rows refer to
        ("account.name"); rows in the order of the file.
    report : ImportReport
        read = kept + refused + duplicates + totals + blank.

    Raises
    ------
    InputError
        If nothing can be read, the table is not recognised, or there are several tables and
        `table` does not say which.
    """
    started = dt.datetime.now(dt.UTC)
    answers = Answers(table=table, defaults=_defaults(currency, tax_basis, tax_rate))
    if mapping is not None:
        from workbench.loaders.mapping_files import read_mapping

        answers.mappings = read_mapping(mapping)
    with Intake([path], answers) as intake:
        found = intake.recognise()
        _one_table(found, intake, path)
        intake.stage(found)
        connection = intake.connection()
        placed, assembled = assembled_tables(intake, connection, {})
        name = next(iter({staged.table for staged in intake.staged}))
        frame = _frame(connection, assembled.get(name))
        findings = (
            content_findings(connection, {name: assembled[name]}) if name in assembled else {}
        )
        return frame, intake.report(placed, assembled, findings, started=started)


def _defaults(currency: str, tax_basis: str | None, tax_rate: float | None) -> dict[str, str]:
    known = {"currency": currency, "tax_basis": tax_basis, "tax_rate": tax_rate}
    return {name: str(value) for name, value in known.items() if value is not None}


def _one_table(found: list[tuple[Sheet, SheetMapping]], intake: Intake, path: str | Path) -> None:
    if not found:
        why = "; ".join(f"{s.file}: {s.message}" for s in intake.skipped)
        raise InputError(
            "nothing could be read",
            where=why or str(path),
            do=next((s.do for s in intake.skipped if s.do), "give a file with a header and rows"),
        )
    tables = sorted({mapping.table for _, mapping in found if mapping.table})
    if not tables:
        sheet, mapping = found[0]
        near = next((q.options for q in mapping.questions if q.code == "table"), ())
        raise InputError(
            "the table was not recognised",
            where=f"{sheet.source}: {', '.join(sheet.headers[:12])}",
            do=f"say which it is, table={' or '.join(near[:3]) or 'NAME'}, or give a mapping file",
        )
    if len(tables) > 1:
        places = ", ".join(f"{sheet.source}: {mapping.table}" for sheet, mapping in found)
        raise InputError(
            f"there are several tables: {', '.join(tables)}",
            where=places,
            do="say which one to read with table=..., or import all of them into a company",
        )


def assembled_tables(
    intake: Intake,
    connection: duckdb.DuckDBPyConnection,
    existing: dict[str, str],
) -> tuple[dict[str, Placed], dict[str, Assembled]]:
    """All staged rows as tables: new ones by name, doubles dropped and listed."""
    from workbench.loaders.assemble import assemble, repoint
    from workbench.loaders.doubles import drop_doubles

    assembled = assemble(connection, intake.staged, existing)
    if intake.answers.merged:
        repoint(connection, assembled, intake.answers.merged)
    placed = {
        name: drop_doubles(connection, one, intake.cells, intake.money)
        for name, one in assembled.items()
    }
    return placed, assembled


def _frame(connection: duckdb.DuckDBPyConnection, one: Assembled | None) -> pd.DataFrame:
    """The rows of the one table read, in the order of the file."""
    import pandas as pd
    import pyarrow as pa

    from workbench.loaders.convert import ROW
    from workbench.loaders.into import as_declared
    from workbench.tables import TABLES

    if one is None:
        return pd.DataFrame()
    columns = ", ".join(f'"{c}"' for c in [*one.columns, *one.links])
    rows = (
        connection.cursor()
        .sql(f'select {columns} from "one_{one.table}" order by _source, {ROW}')
        .to_arrow_table()
    )
    rows = as_declared(rows, TABLES[one.table])

    def mapped(kind: pa.DataType) -> Any:
        return pd.ArrowDtype(kind) if pa.types.is_decimal(kind) else None

    return rows.to_pandas(types_mapper=mapped, date_as_object=False)


def content_findings(
    connection: duckdb.DuckDBPyConnection, assembled: dict[str, Assembled]
) -> dict[str, tuple[Finding, ...]]:
    """What one should know about the rows of each table, and (under "") between tables."""
    from workbench.loaders.findings import find, find_between
    from workbench.loaders.into import as_declared
    from workbench.tables import TABLES

    frames = {}
    for name, one in assembled.items():
        columns = ", ".join(f'"{c}"' for c in _told_by_sheets(one))
        rows = (
            connection.cursor()
            .sql(
                f'select {columns} from "one_{name}" where _source >= 0'
                f" order by _source, _row limit {LOOKED_AT}"
            )
            .to_arrow_table()
        )
        if rows.num_rows:
            frames[name] = as_declared(rows, TABLES[name]).to_pandas(date_as_object=False)
    found = {name: find(name, frame) for name, frame in frames.items()}
    unused = {name: _unused_columns(one) for name, one in assembled.items() if one.staged}
    found[""] = find_between(frames, raw=unused)
    return found


def _unused_columns(one: Assembled) -> pd.DataFrame:
    """Columns of the first sheet that no declared column takes: names in them may be known."""
    import pandas as pd

    staged = next(iter(one.staged.values()))
    free = [f for f in staged.mapping.fields if not f.target]
    columns = {f.header: staged.sheet.column(f.place).slice(0, LOOKED_AT).to_pandas() for f in free}
    return pd.DataFrame(columns)


def _told_by_sheets(one: Assembled) -> list[str]:
    """Columns that the sheets tell something about, not those looked up elsewhere."""
    from workbench.loaders.assemble import MASTERS, referring
    from workbench.tables import TABLES

    declared = TABLES[one.table]
    named = {
        referring(declared, link.partition(".")[0])
        for link in one.links
        if link.partition(".")[0] in MASTERS
    }
    told = {*declared.key, *named}.union(*(staged.columns for staged in one.staged.values()))
    return [c for c in one.columns if c in told] or list(declared.key)


def _loose_names(assembled: dict[str, Assembled]) -> tuple[Finding, ...]:
    """Names found in spite of other spaces, case or width, by table."""
    found = []
    for one in assembled.values():
        masters = dict.fromkeys(master for master, *_ in one.loose)
        for master in masters:
            rows = [row for row in one.loose if row[0] == master]
            fields = {"table": one.table, "other": master, "text": rows[0][2], "name": rows[0][3]}
            found.append(Finding("spelled_apart", sum(r[1] for r in rows), len(rows), fields))
    return tuple(found)


def _sheet_report(staged: Staged, dropped: int, findings: list[Finding]) -> SheetReport:
    sheet, counts = staged.sheet, staged.sheet.counts
    return SheetReport(
        file=sheet.source.file,
        sheet=sheet.source.sheet,
        table=staged.table,
        system=staged.mapping.system,
        read=sum(counts.values()),
        kept=staged.counts["taken"] - dropped,
        refused=staged.counts["refused"],
        duplicates=dropped,
        totals=counts.get(TOTAL, 0) + counts.get(SUBTOTAL, 0),
        blank=counts.get(BLANK, 0),
        head_rows=sheet.head_rows,
        notes=dict(sheet.notes),
        fields=staged.mapping.fields,
        decisions=_each_once(staged.decisions),
        findings=tuple(findings),
        questions=_each_once(staged.questions),
        total_checks=tuple(staged.total_checks),
    )


def _unknown_report(sheet: Sheet, mapping: SheetMapping) -> SheetReport:
    """A sheet nobody could tell the table of: all its rows are refused, and asked about."""
    counts = sheet.counts
    questions = mapping.questions or (Question("table", str(sheet.source)),)
    return SheetReport(
        file=sheet.source.file,
        sheet=sheet.source.sheet,
        table="",
        system=mapping.system,
        read=sum(counts.values()),
        kept=0,
        refused=counts.get(DATA, 0),
        duplicates=0,
        totals=counts.get(TOTAL, 0) + counts.get(SUBTOTAL, 0),
        blank=counts.get(BLANK, 0),
        head_rows=sheet.head_rows,
        notes=dict(sheet.notes),
        fields=mapping.fields,
        questions=questions,
    )


def _explains(sheet: Sheet) -> bool:
    """Whether a sheet is the second one of our own templates."""
    from workbench.tables.template import EXPLAINS

    return tuple(sheet.headers) in EXPLAINS.values()


def _each_once(items: list[Any]) -> tuple[Any, ...]:
    """Items without doubles, in their order."""
    return tuple(item for place, item in enumerate(items) if item not in items[:place])
