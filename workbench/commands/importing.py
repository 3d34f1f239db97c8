"""The command `workbench import`, joined from reading (`loaders/`) and drawing (`report/`).

Its sources may be files, folders, zips, a database address or `zoho:Deals`, `fxiaoke:AccountObj`.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import ParameterError
from workbench.tables import table
from workbench.terminal import progress
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.loaders.intake import Answers
    from workbench.loaders.mapping import Question, SheetMapping
    from workbench.loaders.raw import Grid, Sheet

_PULL = re.compile(r"(zoho|fxiaoke):\w+")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the command line asked for.

    Attributes
    ----------
    sources : sequence of str
        As typed.
    into : Path
        Folder of the company.
    table, mapping, tax_basis, tax_rate, currency
        Answers for all sheets; None where not given.
    query : Path or None
        File with the SQL of a database source.
    day : datetime.date or None
        Day of the picture of open opportunities.
    partial, full, review, unmask : bool
    """

    sources: Sequence[str]
    into: Path
    table: str | None = None
    mapping: Path | None = None
    tax_basis: str | None = None
    tax_rate: float | None = None
    currency: str | None = None
    query: Path | None = None
    day: dt.date | None = None
    partial: bool = False
    full: bool = False
    review: bool = False
    unmask: bool = False


def run_import(wanted: Wanted, lang: Language) -> int:
    """Import, write the report, print it; the exit status: 0 clean, 1 with refusals, 3 nothing."""
    from workbench.loaders.importing import import_paths, remembered
    from workbench.loaders.intake import Intake
    from workbench.report.import_page import print_import_report, write_import_report

    answers = remembered(wanted.into, _answers(wanted))
    files, pulled, incomplete = _pulled(wanted, lang)
    with Intake([*files, *pulled], answers) as intake:
        intake.extra += _queries(wanted, intake.work)
        found = intake.recognise()
        if wanted.review:
            found = _reviewed(found, answers, lang)
        words = mark("{name}: sheet {done} of {whole}")
        with progress(lang.say("import"), lang, words) as intake.on_sheet:
            report, papers = import_paths(
                (),
                wanted.into,
                intake=intake,
                recognised=found,
                day=wanted.day,
                partial=wanted.partial or incomplete,
                lang=lang,
            )
    written = write_import_report(report, papers, lang, unmask=wanted.unmask)
    print_import_report(report, lang, unmask=wanted.unmask)
    print(lang.say("report: {path}", path=written["html"]))
    return report.exit_code


def undo_import(into: Path, lang: Language) -> int:
    """Undo the newest change of a company and say which it was."""
    from workbench.loaders.versions import undo

    record = undo(into)
    tables = [Path(f["path"]).stem for f in record["files"] if f["path"].endswith(".parquet")]
    named = lang.pause.join(table(name).title(lang) for name in dict.fromkeys(tables))
    print(lang.say("undone: {id} ({files})", id=record["id"], files=named))
    return 0


def _answers(wanted: Wanted) -> Answers:
    """What the options and the company's settings say beforehand."""
    from workbench.loaders.intake import Answers
    from workbench.loaders.mapping_files import read_mapping
    from workbench.settings import read_settings

    settings = read_settings(wanted.into)
    known = {"currency": settings.base_currency, "tax_basis": settings.tax_basis}
    stated = {
        "currency": wanted.currency,
        "tax_basis": wanted.tax_basis,
        "tax_rate": wanted.tax_rate,
    }
    stages: dict[str, str] = {
        name: stage.status for stage in settings.stages for name in (stage.code, *stage.labels)
    }
    return Answers(
        table=wanted.table,
        mappings=read_mapping(wanted.mapping) if wanted.mapping else (),
        stages=stages,
        defaults={name: str(value) for name, value in known.items() if value is not None},
        stated={name: str(value) for name, value in stated.items() if value is not None},
    )


def _pulled(wanted: Wanted, lang: Language) -> tuple[list[str], list[Path], bool]:
    """Sources that are files, those pulled from a system, and whether any lacks records."""
    from workbench.loaders.live import pull

    files: list[str] = []
    pulled: list[Path] = []
    partial = False
    for source in wanted.sources:
        if "://" in source:
            continue
        if not _PULL.fullmatch(source):
            files.append(source)
            continue
        done = pull(source, into=wanted.into / "imports" / "pulls", full=wanted.full)
        for warning in done.warnings:
            print(lang.say("mind: {message}", message=warning), file=sys.stderr)
        print(
            lang.say("{source}: {records} records", source=source, records=f"{done.records:,}"),
            file=sys.stderr,
        )
        pulled.append(done.path)
        partial |= not done.complete
    return files, pulled, partial


def _queries(wanted: Wanted, work: Path) -> Iterable[Grid]:
    from workbench.loaders.sql import query_grid

    urls = [source for source in wanted.sources if "://" in source]
    if urls and wanted.query is None:
        raise ParameterError(
            "a database needs a query",
            where=f"--query for {len(urls)} database source",
            do="write the SELECT into a file and name it with --query",
        )
    if wanted.query is None:
        return []
    if not urls:
        raise ParameterError(
            "a query needs a database",
            where=f"--query {wanted.query}",
            do='give its address as the source, such as "postgresql://user@host/name"',
        )
    text = wanted.query.read_text(encoding="utf-8")
    return [query_grid(url, text, name=wanted.query.stem, work=work) for url in urls]


# -- review ----------------------------------------------------------------------------------------


def _reviewed(
    found: list[tuple[Sheet, SheetMapping]], answers: Answers, lang: Language
) -> list[tuple[Sheet, SheetMapping]]:
    from workbench.loaders.review import review

    return review(found, answers, lambda sheet, question: ask(sheet, question, lang))


def ask(sheet: Sheet, question: Question, lang: Language) -> str:
    """Ask one question on the console; "" leaves it open."""
    from workbench.report.import_page import question_text
    from workbench.report.import_words import option_words

    say = lang.say
    print(f"\n{sheet.source}{lang.colon}{question_text(question, lang)}")
    for number, option in enumerate(question.options, start=1):
        print(f"  {number} {option_words(question, option, '', lang)}")
    print(say("number or answer, Enter leaves it open: "), end="", flush=True)
    answer = sys.stdin.readline().strip()
    if answer.isdigit() and 1 <= int(answer) <= len(question.options):
        return question.options[int(answer) - 1]
    return answer
