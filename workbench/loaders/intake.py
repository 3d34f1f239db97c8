"""Files read and recognised, their rows staged: what reading one table and importing share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.loaders.mapping import SheetMapping
from workbench.loaders.raw import Grid, Sheet, Skipped
from workbench.tables import TABLES

if TYPE_CHECKING:
    import duckdb

    from workbench.loaders.assemble import Assembled
    from workbench.loaders.convert import Staged
    from workbench.loaders.doubles import Placed


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
    stated : dict of str to str
        The same, said for this import: it goes before what a mapping file says.
    merged : dict of str to str
        Accounts that were merged: id to the id that stands.
    """

    table: str | None = None
    mappings: Sequence[Any] = ()
    stages: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
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
    on_sheet : callable, optional
        Called with the number of sheets read and of all.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        answers: Answers,
        *,
        grids: Iterable[Grid] = (),
        on_sheet: Callable[[int, int], None] | None = None,
    ) -> None:
        self.paths, self.answers, self.extra = paths, answers, list(grids)
        self.on_sheet = on_sheet
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
            found.append((sheet, self._stated(mapping)))
        return found

    def _stated(self, mapping: SheetMapping) -> SheetMapping:
        """The mapping with what was said for this import, as far as its table has the columns."""
        if mapping.table is None:
            return mapping
        names = TABLES[mapping.table].column_names
        said = {name: value for name, value in self.answers.stated.items() if name in names}
        return replace(mapping, set={**mapping.set, **said})

    def stage(self, found: list[tuple[Sheet, SheetMapping]]) -> None:
        """Read the rows of all sheets that were recognised."""
        from workbench.loaders.convert import stage
        from workbench.loaders.ledger import Cells, Money

        self.cells, self.money = Cells(self.work / "cells.parquet"), Money()
        for place, (sheet, mapping) in enumerate(found):
            if self.on_sheet is not None:
                self.on_sheet(place + 1, len(found))
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


def _explains(sheet: Sheet) -> bool:
    """Whether a sheet is the second one of our own templates."""
    from workbench.tables.template import EXPLAINS

    return tuple(sheet.headers) in EXPLAINS.values()
