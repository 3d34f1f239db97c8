"""Cells of an import grouped by what was found: one reason, how often, where, first examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.loaders.outcome import ImportReport
from workbench.report.import_tables import Cell, Own
from workbench.report.import_words import declared, reason_verdict, target_label
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kind:
    """All cells with one reason.

    Attributes
    ----------
    code, verdict : str
        Code of the reason or remark; refused, changed or flagged.
    count : int
        All of them.
    headers : tuple of (str, int)
        Columns they stand in, most first.
    cells : pandas.DataFrame
        Those listed in the report, by place.
    """

    code: str
    verdict: str
    count: int
    headers: tuple[tuple[str, int], ...]
    cells: pd.DataFrame

    @property
    def listed(self) -> int:
        """How many of them the report lists."""
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class Example:
    """A cell of a kind: where it stands, what stood there, what was made of it."""

    file: str
    sheet: str
    row: int
    header: str
    target: str
    text: str | None
    value: str | None


def kinds(report: ImportReport, *verdicts: str) -> list[Kind]:
    """Group the cells by reason; those of the verdicts given, the most frequent first."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (_, _, header, reason), count in report.cell_counts.items():
        counts[reason][header] += count
    listed = dict(iter(report.cells.groupby("reason"))) if len(report.cells) else {}
    found = [_kind(code, dict(counts[code]), listed.get(code), report) for code in counts]
    chosen = [kind for kind in found if kind.verdict in verdicts]
    return sorted(chosen, key=lambda kind: (-kind.count, kind.code))


def first_cells(kind: Kind, most: int) -> list[Example]:
    """Some examples: the first of each file and column before the second of any."""
    turn = kind.cells.groupby(["file", "sheet", "header"]).cumcount()
    order = turn.sort_values(kind="stable").index[:most]
    columns = [kind.cells.loc[sorted(order), name] for name in Example.__slots__]
    return [Example(*values) for values in zip(*columns, strict=True)]


def place(file: str, sheet: str) -> Own:
    """File and sheet, as people know them."""
    return Own(f"{file} [{sheet}]" if sheet else file)


def names_of(names: Sequence[str], lang: Language, *, most: int = 1) -> Own:
    """The first of some files and sheets, and how many more there are."""
    named = lang.join(names[:most], last="")
    more = lang.say_n("and {n} more sheet", "and {n} more sheets", len(names) - most)
    return Own(named + (lang.comma + more if len(names) > most else ""))


def row_words(row: int, lang: Language) -> str:
    """Row number as a spreadsheet counts; 0 stands for the whole column."""
    return str(row) if row else lang.say("whole column")


def column_words(cell: Example, lang: Language) -> Cell:
    """The header of a cell; where the file has none, the label of our column, or the whole row."""
    if cell.header:
        return Own(cell.header)
    if declared(cell.target):
        return target_label(cell.target, "", lang)
    return lang.say("whole row")


def text_words(text: object, lang: Language) -> Cell:
    """What stood in a cell."""
    return Own(text) if isinstance(text, str) and text else lang.say("(empty)")


def _kind(
    code: str, headers: dict[str, int], cells: pd.DataFrame | None, report: ImportReport
) -> Kind:
    cells = report.cells.iloc[:0] if cells is None else cells
    verdict = str(cells["verdict"].iloc[0]) if len(cells) else reason_verdict(code)
    order = sorted(headers.items(), key=lambda pair: (-pair[1], pair[0]))
    return Kind(code, verdict, sum(headers.values()), tuple(order), cells)
