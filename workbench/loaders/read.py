"""Read one table from a file, a folder or a zip, with a report of what was done.

It walks the same way as an import into a company (`importing.py`) and keeps nothing.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.loaders.content import content_findings
from workbench.loaders.intake import Answers, Intake, assembled_tables
from workbench.loaders.mapping import SheetMapping
from workbench.loaders.outcome import ImportReport
from workbench.loaders.raw import Sheet
from workbench.loaders.reporting import report_of

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from workbench.loaders.assemble import Assembled


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
        return frame, report_of(intake, placed, assembled, findings, started=started)


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
