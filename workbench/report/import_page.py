"""What an import has read, changed and refused, for people: one page, and the files beside it.

First screen: how many rows are in, and the two sums that must close (`import_balance.py`). Below:
`import_sections.py`. On the console: `import_console.py`. The report itself is plain data of
`loaders/outcome.py`; what is private in it is masked first (`masking.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.loaders.outcome import ImportReport
from workbench.report.document import document
from workbench.report.html import Shown
from workbench.report.import_balance import money_blocks, rows_block
from workbench.report.import_console import print_import_report
from workbench.report.import_json import as_json
from workbench.report.import_kinds import row_words
from workbench.report.import_sections import ALL_CELLS, sections
from workbench.report.import_sentences import finding, foot, lead, tiles, when
from workbench.report.import_words import (
    question_text,
    reason_advice,
    reason_title,
    target_label,
    verdict_word,
)  # fmt: skip
from workbench.report.masking import for_people, mask_frame
from workbench.report.page import Page
from workbench.tables.export import write_csv
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ImportPage",
    "cells_table",
    "import_page",
    "print_import_report",
    "question_text",
    "write_import_report",
]

BATCH = 50_000  # cells written at a time
ALL_OF_THEM = "cells.parquet"  # as an import leaves them beside its report


@dataclass(frozen=True, repr=False)
class ImportPage(Shown):
    """The report of an import.

    Attributes
    ----------
    page : Page
        First screen: finding, tiles, rows and money that add up.
    parts : tuple of str
        Sections below it, HTML.
    lang : Language
    """

    page: Page
    parts: tuple[str, ...]
    lang: Language

    def fragment(self) -> str:
        """Return page and sections as HTML."""
        return self.page.fragment() + "".join(self.parts)

    def document(self) -> str:
        """Return one HTML file that needs nothing else."""
        title = " · ".join(filter(None, [self.page.study, self.page.company]))
        return document(lang=self.lang, title=title, page=self.page.fragment(), parts=self.parts)

    def headline(self) -> str:
        """Return the finding."""
        return self.page.finding


def import_page(
    report: ImportReport, lang: Language, *, unmask: bool = False, complete: bool = False
) -> ImportPage:
    """Make the page of an import.

    Parameters
    ----------
    report : ImportReport
    lang : Language
    unmask : bool
        Show phone numbers, WeChat ids and pay.
    complete : bool
        Whether every refused or changed cell is listed beside it, not only the first ones.

    Returns
    -------
    ImportPage
        Shows itself in a notebook; `document()` is a file of its own.
    """
    shown = for_people(report, unmask=unmask)
    page = Page(
        study=lang.say("Import report"),
        period=when(shown, lang),
        company=Path(shown.into).name,
        finding=finding(shown, lang),
        lead=lead(shown, lang),
        tiles=tiles(shown, lang),
        blocks=[
            *([rows_block(shown, lang)] if shown.sheets else []),
            *money_blocks(shown, lang),
        ],
        foot=foot(shown, lang, unmask=unmask),
        lang=lang,
    )
    return ImportPage(page, tuple(sections(shown, lang, complete=complete)), lang)


def write_import_report(
    report: ImportReport,
    folder: Path,
    lang: Language,
    *,
    unmask: bool = False,
    all_cells: Path | None = None,
) -> dict[str, Path]:
    """Write the report of an import.

    Parameters
    ----------
    report : ImportReport
    folder : Path
        Must be there; the papers of the import, or any other.
    lang : Language
    unmask : bool
        Show phone numbers, WeChat ids and pay.
    all_cells : Path, optional
        Parquet file of every cell (`ledger.Cells`), by default `cells.parquet` in the folder;
        where there is none, the cells the report lists are written.

    Returns
    -------
    dict of str to Path
        "html" (`report.html`, one file), "json" (`report.json`), "cells" (`cells.csv`).
    """
    all_cells = all_cells or folder / ALL_OF_THEM
    complete = all_cells.exists()
    page = import_page(report, lang, unmask=unmask, complete=complete)
    data = as_json(for_people(report, unmask=unmask), unmask=unmask)
    paths = {
        "html": folder / "report.html",
        "json": folder / "report.json",
        "cells": folder / ALL_CELLS,
    }
    paths["html"].write_text(page.document(), encoding="utf-8")
    written = json.dumps(data, ensure_ascii=False, indent=1)
    paths["json"].write_text(written + "\n", encoding="utf-8")
    frames = _batches(all_cells) if complete else iter([report.cells])
    write_csv((cells_table(each, lang, unmask=unmask) for each in frames), paths["cells"])
    return paths


def cells_table(cells: pd.DataFrame, lang: Language, *, unmask: bool = False) -> pd.DataFrame:
    """Cells (`outcome.CELL_COLUMNS`) under labels, with what is wrong and what to do in words."""
    import pandas as pd

    shown = cells if unmask else mask_frame(cells)
    said = {code: reason_title(code, lang) for code in shown["reason"].unique()}
    advice = {code: reason_advice(code, lang) for code in said}
    targets = {t: target_label(t, "", lang) for t in shown["target"].dropna().unique()}
    verdicts = {v: verdict_word(v, lang) for v in shown["verdict"].unique()}
    rows = {row: row_words(row, lang) for row in shown["row"].unique()}
    columns = {
        lang.say("File"): shown["file"],
        lang.say("Sheet"): shown["sheet"],
        lang.say("Row"): shown["row"].map(rows),
        lang.say("Column"): shown["header"],
        lang.say("Taken as"): shown["target"].map(targets),
        lang.say("Text"): shown["text"],
        lang.say("Read as"): shown["value"],
        lang.say("Verdict"): shown["verdict"].map(verdicts),
        lang.say("What"): shown["reason"].map(said),
        lang.say("What to do"): shown["reason"].map(advice),
    }
    return pd.DataFrame(columns)


def _batches(path: Path) -> Iterator[pd.DataFrame]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH):
            yield batch.to_pandas()
