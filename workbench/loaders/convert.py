"""One recognised sheet into rows of its declared table, block by block.

Texts are read by `readers.py`, rows put together by `compose.py`. Rows that are taken go to a
staged Parquet file with what `assemble.py` needs to know of them; rows that are refused go to
another with their texts as they stood; every cell that was not read plainly goes to the books
(`ledger.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.loaders import compose
from workbench.loaders.ledger import Cells, Money
from workbench.loaders.mapping import FieldMapping, Question, SheetMapping
from workbench.loaders.outcome import Decision, TotalCheck
from workbench.loaders.raw import DATA, Block, Sheet
from workbench.loaders.readers import Read, Reader, reader_for
from workbench.loaders.reasons import REASONS
from workbench.loaders.totals import Totals
from workbench.loaders.values.parsed import flag_bit
from workbench.tables import TABLES, table
from workbench.tables.declare import Column, Table

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Flags that are listed cell by cell; the others are said once for the column.
LISTED_FLAGS = (
    "approximate",
    "scaled",
    "accounting_negative",
    "full_width",
    "coarse",
    "serial",
    "mixed_scale",
    "rounded",
    "zero_date",
)

#: Columns a staged row carries besides those of its table.
ROW, LINE, MODIFIED, PEOPLE, DELETED = "_row", "_line", "_modified", "_people", "_deleted"


@dataclass
class Staged:
    """Rows of one sheet, read and waiting to be put into their table.

    Attributes
    ----------
    sheet, mapping, table
        Where they come from and what they are.
    path : Path or None
        Parquet of the rows taken; None where there are none.
    refused_path : Path or None
        Parquet of the rows refused: `_row`, `_reason`, then the texts under their headers.
    columns : set of str
        Declared columns that the sheet has a say in.
    constants : dict of str to str
        Values for columns the sheet does not have, as they were known.
    counts : dict
        "taken" and "refused" rows; the sheet knows totals and blanks.
    """

    sheet: Sheet
    mapping: SheetMapping
    table: str
    path: Path | None = None
    refused_path: Path | None = None
    columns: set[str] = field(default_factory=set)
    keyed: bool = False
    constants: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"taken": 0, "refused": 0})
    decisions: list[Decision] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    total_checks: list[TotalCheck] = field(default_factory=list)


def stage(
    sheet: Sheet,
    mapping: SheetMapping,
    *,
    work: Path,
    name: str,
    cells: Cells,
    money: Money,
    defaults: dict[str, str],
) -> Staged:
    """Read all rows of a sheet.

    Parameters
    ----------
    sheet, mapping
        The rows, and what they are; `mapping.table` must be known.
    work : Path
        Folder for the staged files.
    name : str
        Stem of their names, unique.
    cells, money
        The books of the import.
    defaults : dict of str to str
        Company-wide answers: `currency`, `tax_basis`, `tax_rate`.
    """
    declared = table(str(mapping.table))
    staged = Staged(sheet, mapping, declared.name)
    staged.questions += mapping.questions
    readers = _readers(sheet, mapping, declared)
    for reader in readers:
        staged.decisions += reader.decisions
        staged.questions += reader.questions
    rules = compose.Rules(sheet, mapping, declared, readers, defaults)
    staged.decisions += rules.decisions
    staged.constants = rules.constants
    staged.questions = rules.open_questions(staged.questions)
    work_through = _Pass(staged, declared, readers, rules, cells, money, work / name)
    for block in sheet.blocks():
        work_through.take(block)
    work_through.close()
    return staged


def open_questions(
    sheet: Sheet, mapping: SheetMapping, *, defaults: dict[str, str]
) -> list[Question]:
    """What is left to be asked of a sheet whose table is known, before its rows are read."""
    declared = table(str(mapping.table))
    readers = _readers(sheet, mapping, declared)
    asked = [*mapping.questions, *(q for reader in readers for q in reader.questions)]
    return compose.Rules(sheet, mapping, declared, readers, defaults).open_questions(asked)


def target_column(target: str, declared: Table) -> Column | None:
    """Declaration behind a target ("amount", "account.name"); None for helpers."""
    if target.startswith("@"):
        return None
    owner, dot, name = target.partition(".")
    home = TABLES[owner] if dot else declared
    return home.column(name if dot else target)


def _readers(sheet: Sheet, mapping: SheetMapping, declared: Table) -> list[Reader]:
    def beside(target: str) -> pa.ChunkedArray | None:
        place = mapping.place_of(target)
        return None if place is None else sheet.column(place)

    def reader(field: FieldMapping) -> Reader:
        return reader_for(
            field,
            target_column(str(field.target), declared),
            sheet.column(field.place),
            system=mapping.system,
            beside=beside,
        )

    made = [reader(field) for field in mapping.fields if field.target]
    proved = {d.answer for one in made for d in one.decisions if d.code == "date_order"}
    if len(proved) != 1:
        return made
    (order,) = proved
    return [_in_order(one, order, reader) for one in made]


def _in_order(one: Reader, order: str, again: Callable[[FieldMapping], Reader]) -> Reader:
    """The reader of a column of dates whose order only another column of the sheet proves."""
    if not any(question.code == "date_order" for question in one.questions):
        return one
    field = replace(one.field, read={**one.field.read, "order": order})
    decision = Decision(field.header, "date_order", order, "sheet")
    return replace(again(field), field=field, decisions=(decision,))


class _Pass:
    """One walk through the blocks of a sheet."""

    def __init__(
        self,
        staged: Staged,
        declared: Table,
        readers: list[Reader],
        rules: compose.Rules,
        cells: Cells,
        money: Money,
        stem: Path,
    ) -> None:
        self.staged, self.declared, self.readers, self.rules = staged, declared, readers, rules
        self.cells, self.money, self.stem = cells, money, stem
        self._taken: Any = None
        self._refused: Any = None
        self._totals = Totals(readers)

    def take(self, block: Block) -> None:
        """Read one block: totals are held against the sums so far, data rows are staged."""
        import numpy as np

        wide = [block.cells[reader.field.place] for reader in self.readers]
        reads = [reader.read(texts) for reader, texts in zip(self.readers, wide, strict=True)]
        self._totals.take(block, reads)
        at = np.flatnonzero(block.kinds == DATA)
        if len(at) == len(block.rows):
            self._data(block.rows, block.cells, reads)
        elif len(at):
            rows = block.rows[at]
            self._data(rows, [cell.take(at) for cell in block.cells], [_at(r, at) for r in reads])

    def close(self) -> None:
        """Finish the staged files."""
        for writer in (self._taken, self._refused):
            if writer is not None:
                writer.close()
        self.staged.total_checks += self._totals.checks

    # -- data rows -----------------------------------------------------------------------------

    def _data(self, rows: np.ndarray[Any, Any], texts: list[pa.Array], reads: list[Read]) -> None:
        import numpy as np

        refused = self._note_cells(rows, texts, reads)
        made = self.rules.compose(reads, texts, len(rows))
        reasons = np.where(refused, 1, 0)
        reasons = np.where((reasons == 0) & made.lacking, 2, reasons)
        reasons = np.where((reasons == 0) & made.deleted, 3, reasons)
        codes = ("", "cell_refused", "needed_missing", "deleted_in_system")
        self._note_lacking(rows, made, reasons == 2)
        self._note_made(rows, texts, made)
        self._book(reads, made, reasons > 0)
        self._keep_refused(rows, texts, [codes[r] for r in reasons.tolist()], reasons > 0)
        self._keep_taken(rows, texts, made, reasons == 0)

    def _note_cells(
        self, rows: np.ndarray[Any, Any], texts: list[pa.Array], reads: list[Read]
    ) -> np.ndarray[Any, Any]:
        """Enter refused and changed cells into the books; true where they refuse the row."""
        import numpy as np

        refused = np.zeros(len(rows), bool)
        for reader, read in zip(self.readers, reads, strict=True):
            cell = texts[reader.field.place]
            if read.reasons is not None and read.reasons.any():
                for place, code in enumerate(read.codes, start=1):
                    self._note(reader, cell, rows, read.reasons == place, code, read)
                if self.rules.refuses_row(reader):
                    refused |= read.reasons > 0
            if read.flags is not None and read.flags.any():
                for name in LISTED_FLAGS:
                    self._note(reader, cell, rows, (read.flags & flag_bit(name)) > 0, name, read)
        return refused

    def _note(
        self,
        reader: Reader,
        texts: pa.Array,
        rows: np.ndarray[Any, Any],
        where: np.ndarray[Any, Any],
        reason: str,
        read: Read,
    ) -> None:
        import numpy as np
        import pyarrow as pa

        at = np.flatnonzero(where)
        if not len(at):
            return
        verdict = REASONS[reason].verdict if reason in REASONS else "changed"
        values = None
        if verdict == "changed":
            values = [None if v is None else str(v) for v in read.values.take(at).to_pylist()]
        self.cells.add(
            self.staged.sheet.source,
            header=reader.field.header,
            target=self._target(reader),
            rows=rows[at],
            texts=texts.take(pa.array(at)),
            values=values,
            reason=reason,
            verdict=verdict,
        )

    def _target(self, reader: Reader) -> str:
        target = reader.field.target or ""
        return target if "." in target or "@" in target else f"{self.declared.name}.{target}"

    def _note_lacking(
        self, rows: np.ndarray[Any, Any], made: compose.Made, where: np.ndarray[Any, Any]
    ) -> None:
        import numpy as np

        at = np.flatnonzero(where)
        for column in made.lacking_columns:
            lacks = at[made.lacks(column)[at]]
            self.cells.add(
                self.staged.sheet.source,
                header=self.rules.header_of(column),
                target=f"{self.declared.name}.{column}",
                rows=rows[lacks],
                texts=[None] * len(lacks),
                values=None,
                reason="needed_missing",
                verdict="refused",
            )

    def _note_made(
        self, rows: np.ndarray[Any, Any], texts: list[pa.Array], made: compose.Made
    ) -> None:
        """Enter what the rules of the table found remarkable."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        for target, codes in made.notes:
            reader = self.rules.targets[target]
            for code in sorted(filter(None, codes.unique().to_pylist())):
                here = pc.fill_null(pc.equal(codes, code), False)
                at = np.flatnonzero(here.to_numpy(zero_copy_only=False))
                self.cells.add(
                    self.staged.sheet.source,
                    header=reader.field.header,
                    target=f"{self.declared.name}.geo_code",
                    rows=rows[at],
                    texts=texts[reader.field.place].take(pa.array(at)),
                    values=None,
                    reason=code,
                    verdict=REASONS[code].verdict,
                )

    def _book(self, reads: list[Read], made: compose.Made, refused: np.ndarray[Any, Any]) -> None:
        """Add the money of the block: all of it before, the refused part, what rounding changed."""
        import pyarrow as pa
        import pyarrow.compute as pc

        bases: Any = made.columns.get("tax_basis")
        for reader, read in zip(self.readers, reads, strict=True):
            column = reader.column
            if column is None or column.kind != "money" or "." in (reader.field.target or ""):
                continue
            fixed = column.tax_basis if column.tax_basis in ("incl", "excl", "none") else None
            basis = pa.repeat(fixed, len(refused)) if fixed else bases
            if basis is None:
                basis = pa.nulls(len(refused), pa.string())
            place = {"table": self.declared.name, "column": column.name}
            money = {"currencies": made.currency, "bases": basis}
            exact, kept = read.exact, read.values
            assert exact is not None
            out = pa.array(refused)
            self.money.add_column("before", **place, values=exact, **money)
            self.money.add_column("refused", **place, values=pc.if_else(out, exact, None), **money)
            wide = pa.decimal128(30, 6)  # a difference needs one digit more than its parts
            lost = pc.subtract(exact.cast(wide), kept.cast(wide))
            self.money.add_column(
                "rounding", **place, values=pc.if_else(out, None, lost).cast(exact.type), **money
            )

    def _keep_refused(
        self,
        rows: np.ndarray[Any, Any],
        texts: list[pa.Array],
        reasons: list[str],
        where: np.ndarray[Any, Any],
    ) -> None:
        import numpy as np
        import pyarrow as pa

        at = np.flatnonzero(where)
        if not len(at):
            return
        named = dict(zip(self.staged.sheet.headers, texts, strict=True))
        batch = pa.table({ROW: pa.array(rows), "_reason": pa.array(reasons), **named}).take(at)
        self._refused = self._append(self._refused, batch, ".refused.parquet")
        self.staged.refused_path = self.stem.with_suffix(".refused.parquet")
        self.staged.counts["refused"] += len(at)

    def _keep_taken(
        self,
        rows: np.ndarray[Any, Any],
        texts: list[pa.Array],
        made: compose.Made,
        where: np.ndarray[Any, Any],
    ) -> None:
        import numpy as np
        import pyarrow as pa

        at = np.flatnonzero(where)
        own = {
            ROW: pa.array(rows, pa.int64()),
            LINE: pa.array(_line_hashes(texts)),
            MODIFIED: made.modified,
            PEOPLE: made.people,
        }
        batch = pa.table({**made.columns, **made.links, **own})
        batch = batch if len(at) == len(rows) else batch.take(at)
        self._taken = self._append(self._taken, batch, ".taken.parquet")
        self.staged.path = self.stem.with_suffix(".taken.parquet")
        self.staged.columns |= set(made.columns)
        self.staged.keyed = made.keyed
        self.staged.counts["taken"] += len(at)

    def _append(self, writer: Any, batch: pa.Table, ending: str) -> Any:
        import pyarrow.parquet as pq

        if writer is None:
            path = self.stem.with_suffix(ending)
            writer = pq.ParquetWriter(path, batch.schema, compression="lz4")
        writer.write_table(batch)
        return writer


def _at(read: Read, at: np.ndarray[Any, Any]) -> Read:
    """The read values of some rows."""
    import pyarrow as pa

    places = pa.array(at)
    return Read(
        read.values.take(places),
        None if read.flags is None else read.flags[at],
        None if read.reasons is None else read.reasons[at],
        read.codes,
        None if read.exact is None else read.exact.take(places),
        None if read.units is None else read.units.take(places),
    )


def _line_hashes(texts: list[pa.Array]) -> np.ndarray[Any, Any]:
    """A number for the whole line as it stands: equal lines have equal numbers."""
    import numpy as np
    import pandas as pd

    total = np.zeros(len(texts[0]), "uint64")
    for place, column in enumerate(texts):
        codes = pd.util.hash_array(column.to_numpy(zero_copy_only=False), categorize=True)
        total = total * np.uint64(1_000_003) + codes * np.uint64(2 * place + 1)
    return total
