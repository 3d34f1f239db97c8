"""The report of an intake: its books and its sheets as plain data (`outcome.py`)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from workbench.loaders.content import loose_names
from workbench.loaders.mapping import Question, SheetMapping
from workbench.loaders.outcome import Finding, ImportReport, SheetReport
from workbench.loaders.raw import BLANK, DATA, SUBTOTAL, TOTAL, Sheet

if TYPE_CHECKING:
    from workbench.loaders.assemble import Assembled
    from workbench.loaders.convert import Staged
    from workbench.loaders.doubles import Placed
    from workbench.loaders.intake import Intake


def report_of(
    intake: Intake,
    placed: dict[str, Placed],
    assembled: dict[str, Assembled],
    findings: dict[str, tuple[Finding, ...]],
    *,
    started: dt.datetime,
    id: str = "",
    into: str = "",
) -> ImportReport:
    """The report of all that an intake has read."""
    intake.cells.close()
    sheets = []
    for place, staged in enumerate(intake.staged):
        dropped = placed[staged.table].duplicates if staged.table in placed else {}
        said = list(findings.get(staged.table, ()))
        first = next(s for s in intake.staged if s.table == staged.table) is staged
        sheets.append(_sheet_report(staged, dropped.get(place, 0), said if first else []))
    sheets += [_unknown_report(sheet, mapping) for sheet, mapping in intake.unknown]
    return ImportReport(
        id=id,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        into=into,
        sheets=tuple(sorted(sheets, key=lambda s: (s.file, s.sheet))),
        cells=intake.cells.listed(),
        cell_counts=dict(intake.cells.counts),
        money=intake.money.frame(),
        changes=tuple(p.change for p in placed.values() if p.change is not None),
        skipped=tuple(intake.skipped),
        findings=findings.get("", ()) + loose_names(assembled),
    )


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


def _each_once(items: list[Any]) -> tuple[Any, ...]:
    """Items without doubles, in their order."""
    return tuple(item for place, item in enumerate(items) if item not in items[:place])
