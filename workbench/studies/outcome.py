"""What a run leaves for people: the report and the workbook, made from notebook and journal.

The manifest keeps the same facts for programs. Labels are in the language of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import ParameterRow, Study
from workbench.recording import read_journal
from workbench.studies.assumptions import assumptions
from workbench.studies.lineage import Lineage, lineage
from workbench.studies.plan import SAMPLE
from workbench.studies.runs import REPORT, WORKBOOK
from workbench.tables import TABLES
from workbench.text import Language

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.company import Company
    from workbench.report.labels import KeyFigure
    from workbench.report.notebook import Report, Sheet


@dataclass(frozen=True)
class Outcome:
    """A notebook that has run, and all that was recorded.

    Attributes
    ----------
    folder : Path
        Of the run, while it is written.
    cells : list of dict
        Executed cells.
    study : Study
    rows : sequence of ParameterRow
        Parameters in the language.
    company : Company
    place : str
        Path of the company as the notebook got it.
    lang : Language
    facts : mapping of str to str
        Lines of the run's record, label to text.
    """

    folder: Path
    cells: list[dict[str, Any]]
    study: Study
    rows: tuple[ParameterRow, ...]
    company: Company
    place: str
    lang: Language
    facts: Mapping[str, str]

    @cached_property
    def journal(self) -> list[dict[str, Any]]:
        """What the notebook recorded, in order."""
        return read_journal(self.folder)

    @cached_property
    def figures(self) -> list[KeyFigure]:
        """Recorded numbers with label, kind and unit."""
        from workbench.report.labels import key_figure

        currency = self.company.settings.base_currency
        return [key_figure(entry, self.lang, currency=currency) for entry in self._of("result")]

    @property
    def tables_read(self) -> list[str]:
        """Tables of the company the notebook has read, in the order of the declarations."""
        read = {name for entry in self._of("read") for name in entry["tables"]}
        return [name for name in self.company.tables if name in read]

    @cached_property
    def lineage(self) -> Lineage:
        """Imports behind the tables read."""
        sample = self.place == SAMPLE
        return lineage(self.company.folder, self.tables_read, sample=sample)

    @cached_property
    def report(self) -> Report:
        """The report, not yet written."""
        from workbench.report.notebook import Report

        return Report(
            cells=self.cells,
            lang=self.lang,
            title=self.lang.pick(*self.study.title),
            company=self.company.name(self.lang),
            sheets=list(self._sheets()),
        )

    def write_report(self) -> Path:
        """Write `report.html`."""
        path = self.folder / REPORT
        path.write_text(self.report.html(), encoding="utf-8")
        return path

    def write_workbook(self) -> Path:
        """Write `results.xlsx`."""
        from workbench.report.xlsx import Book

        return Book(
            lang=self.lang,
            title=self.lang.pick(*self.study.title),
            company=self.company.name(self.lang),
            lines=[self.lang.pick(*self.study.question)],
            figures=self.figures,
            sheets=list(self._table_sheets()),
        ).write(self.folder / WORKBOOK)

    def results(self) -> list[dict[str, Any]]:
        """Recorded numbers as the manifest keeps them; named in both languages for comparisons."""
        from workbench.report.labels import key_figure

        currency = self.company.settings.base_currency
        languages = (Language("en"), Language("zh"))
        return [
            {
                "name": figure.meaning.name,
                "label": figure.meaning.label,
                "value": figure.value,
                **({"exact": figure.exact} if figure.exact else {}),
                "kind": figure.meaning.kind,
                "unit": figure.meaning.unit,
                "both": [
                    [known.label, known.unit]
                    for known in (
                        key_figure(entry, lang, currency=currency).meaning for lang in languages
                    )
                ],
            }
            for entry, figure in zip(self._of("result"), self.figures, strict=True)
        ]

    def files(self, kind: str) -> list[dict[str, Any]]:
        """Recorded tables, draws, figures or pages as the manifest keeps them."""
        keys = ("name", "label", "unit", "rows", "dims", "seed", "files")
        return [{k: entry[k] for k in keys if k in entry} for entry in self._of(kind)]

    def data(self) -> dict[str, int]:
        """Rows of each table read."""
        company, hashes = self.company, self.company.file_hashes
        return {
            name: sum(
                _rows(part, hashes[part.relative_to(company.folder).as_posix()])
                for part in company.files[name]
            )
            for name in self.tables_read
        }

    def stated(self) -> list[dict[str, str]]:
        """What the study has said it takes for granted: subject, which may be "", and text."""
        names = ("subject", "text")
        return [{name: entry[name] for name in names} for entry in self._of("assumption")]

    # -- parts ----------------------------------------------------------------------------------

    def _of(self, kind: str) -> Iterable[dict[str, Any]]:
        return (entry for entry in self.journal if entry["kind"] == kind)

    def _table_sheets(self) -> Iterable[Any]:
        import pyarrow.parquet as pq

        from workbench.report.labels import column_meanings, label
        from workbench.report.xlsx import TableSheet

        settings = self.company.settings
        codes = {code: both for group in settings.labels.values() for code, both in group.items()}
        for entry in self._of("table"):
            path = self.folder / "tables" / f"{entry['name']}.parquet"
            stored = pq.ParquetFile(path).read(use_threads=False)  # small ones
            own = {about["name"]: about.get("codes", {}) for about in entry["columns"]}
            table = _labelled(stored, self.company, self.lang, own)
            yield TableSheet(
                name=entry["name"],
                title=label(entry, self.lang),
                columns=column_meanings(
                    entry["columns"],
                    table.schema,
                    self.lang,
                    currency=settings.base_currency,
                    codes=codes,
                ),
                table=table,
            )

    def _sheets(self) -> Iterable[Sheet]:
        from workbench.report.notebook import Sheet

        say, lang = self.lang.say, self.lang
        yield Sheet(
            say("Key figures recorded"),
            (say("Key figure"), say("Value")),
            [(figure.meaning.label, figure.written(lang)) for figure in self.figures],
            numbers=frozenset({1}),
        )
        yield Sheet(
            say("Parameters"),
            (say("Parameter"), say("Value"), say("Unit"), say("Meaning")),
            [
                (row.parameter.title, row.value, row.parameter.unit, row.parameter.help)
                for row in self.rows
            ],
            numbers=frozenset({1}),
        )
        yield Sheet(
            say("Assumptions"),
            (say("Assumption"), say("How it is taken")),
            assumptions(self.company, self.rows, self.stated(), lang),
        )
        yield Sheet(
            say("Data used"),
            (say("Table"), say("Rows"), say("Where its rows came from"), say("What it is for")),
            [self._used(name, rows) for name, rows in self.data().items()],
            numbers=frozenset({1}),
        )
        record = list(self.facts.items())
        yield Sheet(say("Record of the run"), (say("Entry"), say("Value")), record)

    def _used(self, name: str, rows: int) -> tuple[str, ...]:
        declared, lang = TABLES[name], self.lang
        came = self.lineage.told(name, lang)
        return (declared.title(lang), lang.number(rows), came, declared.help(lang))


def _labelled(
    table: pa.Table, company: Company, lang: Language, own: Mapping[str, Mapping[str, Any]]
) -> pa.Table:
    """Put labels in the place of codes: of regions, lines, stages, declared choices, the study."""
    import pyarrow as pa

    coded = {"stage", *company.settings.labels}
    coded |= {column.name for each in TABLES.values() for column in each.columns if column.choices}
    coded |= {name for name, codes in own.items() if codes}
    for place, name in enumerate(table.column_names):
        if name in coded and pa.types.is_string(table.schema.field(place).type):
            codes = table.column(place).combine_chunks().dictionary_encode()
            known = own.get(name) or {}
            labels = [
                lang.pick(*known[code]) if code in known else company.label(name, code, lang)
                for code in codes.dictionary.to_pylist()
            ]
            decoded = pa.DictionaryArray.from_arrays(codes.indices, pa.array(labels, pa.string()))
            table = table.set_column(place, name, decoded.cast(pa.string()))
    return table


@lru_cache(1_000)
def _rows(path: Path, content: str) -> int:
    """Rows of a file with this content; read once for all runs of a process."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
