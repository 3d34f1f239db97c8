"""What an import has done, as plain data: `report/` draws it, the command line prints it.

For every sheet: read = kept + refused + duplicates + totals + blank. For every money column:
before = kept + refused + duplicates + rounding, by currency and tax basis, to the last decimal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.loaders.mapping import FieldMapping, Question
from workbench.loaders.raw import Skipped

if TYPE_CHECKING:
    import pandas as pd

#: Columns of `ImportReport.cells`: one row for each refused, changed or flagged cell. `row` is 0
#: for what concerns a whole column; `target` is the declared column ("table.column"), `text` what
#: stood there, `value` what was made of it, `reason` a code of `reasons.REASONS` or a flag of
#: `values.parsed.FLAGS`, `verdict` refused, changed or flagged.
CELL_COLUMNS = ("file", "sheet", "row", "header", "target", "text", "value", "reason", "verdict")

#: Columns of `ImportReport.money`; amounts are Decimal.
MONEY_COLUMNS = (
    "table", "column", "currency", "tax_basis", "rows",
    "before", "kept", "refused", "duplicates", "rounding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """Something decided for a whole column from its evidence, and said.

    Attributes
    ----------
    header : str
    code : str
        "date_order", "percent_scale", "discount", "tax_basis", "currency", "unit", "stage",
        "snapshot_date", "derived_key", "account_ids" ...
    answer : str
        What was decided ("mdy", "percent", "paid", "incl").
    evidence : str
        Why, short: "13 of 200 values have a first number over 12"; a catalogue key with {fields}
        where `fields` are given.
    fields : dict of str to str
        What the evidence names.
    """

    header: str
    code: str
    answer: str
    evidence: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the content that one should know before relying on it.

    Attributes
    ----------
    code : str
        See `findings.FINDINGS`.
    count, of : int
        How many rows (or values), out of how many.
    fields : dict of str to str
        What its sentence names: column, example, partner.
    """

    code: str
    count: int
    of: int
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A total or subtotal row held against the sum of the rows it stands for."""

    row: int
    header: str
    stated: str
    computed: str
    agrees: bool


@dataclass(frozen=True)
class SheetReport:
    """One sheet of one file.

    Attributes
    ----------
    file, sheet : str
    table, system : str
        "" where not recognised.
    read, kept, refused, duplicates, totals, blank : int
        Rows below the header.
    head_rows : int
        Title and header rows above.
    notes : dict of str to str
        encoding, delimiter, format.
    fields, decisions, findings, questions, total_checks
    """

    file: str
    sheet: str
    table: str
    system: str
    read: int
    kept: int
    refused: int
    duplicates: int
    totals: int
    blank: int
    head_rows: int = 1
    notes: dict[str, str] = field(default_factory=dict)
    fields: tuple[FieldMapping, ...] = ()
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    total_checks: tuple[TotalCheck, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether every row read is accounted for."""
        parts = self.kept + self.refused + self.duplicates + self.totals + self.blank
        return self.read == parts


@dataclass(frozen=True, slots=True)
class TableChange:
    """What an import did to one table of the company.

    Attributes
    ----------
    table : str
    before, after : int
        Rows in the company.
    added, updated, same, older : int
        Rows of the import: new keys; newer versions; equal; older than what is there (not taken).
    gone : int
        Rows that a former import of the same source had and this one lacks: flagged, kept.
    derived : int
        Rows made from names in other tables (an account named in a deal).
    """

    table: str
    before: int
    after: int
    added: int
    updated: int
    same: int
    older: int
    gone: int
    derived: int = 0


@dataclass(frozen=True)
class ImportReport:
    """All an import has read, changed and refused.

    Attributes
    ----------
    id, started : str
        Id of the import ("" for `read_table`), UTC time of its start.
    into : str
        Folder of the company, "" for `read_table`.
    sheets : tuple of SheetReport
    cells : pandas.DataFrame
        `CELL_COLUMNS`; the first `cell_limit` of each reason, `cell_counts` has all.
    cell_counts : dict of (file, sheet, header, reason) to int
    money : pandas.DataFrame
        `MONEY_COLUMNS`.
    changes : tuple of TableChange
    skipped : tuple of Skipped
    findings : tuple of Finding
        About tables held against each other.
    """

    id: str
    started: str
    into: str
    sheets: tuple[SheetReport, ...]
    cells: pd.DataFrame
    cell_counts: dict[tuple[str, str, str, str], int]
    money: pd.DataFrame
    changes: tuple[TableChange, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    findings: tuple[Finding, ...] = ()
    lineage: dict[str, Any] = field(default_factory=dict)

    def _sum(self, name: str) -> int:
        return sum(getattr(sheet, name) for sheet in self.sheets)

    @property
    def read(self) -> int:
        """Rows read below the headers of all sheets."""
        return self._sum("read")

    @property
    def kept(self) -> int:
        """Rows kept."""
        return self._sum("kept")

    @property
    def refused(self) -> int:
        """Rows refused."""
        return self._sum("refused")

    @property
    def duplicates(self) -> int:
        """Rows whose key was there already with the same content or an older version."""
        return self._sum("duplicates")

    @property
    def totals(self) -> int:
        """Total and subtotal rows."""
        return self._sum("totals")

    @property
    def blank(self) -> int:
        """Blank rows."""
        return self._sum("blank")

    @property
    def questions(self) -> tuple[tuple[SheetReport, Question], ...]:
        """What is left open, with its sheet."""
        return tuple((sheet, question) for sheet in self.sheets for question in sheet.questions)

    @property
    def refused_cells(self) -> int:
        """Cells refused, those of refused rows among them."""
        from workbench.loaders.reasons import REASONS

        return sum(
            count
            for (*_, reason), count in self.cell_counts.items()
            if reason in REASONS and REASONS[reason].verdict == "refused"
        )

    @property
    def exit_code(self) -> int:
        """0 clean, 1 with refusals, 3 nothing usable."""
        if not self.kept:
            return 3
        refused = self.refused or self.refused_cells or any(s.refused for s in self.skipped)
        return 1 if refused else 0

    def with_(self, **changes: Any) -> ImportReport:
        """The same report with some fields replaced."""
        return replace(self, **changes)
