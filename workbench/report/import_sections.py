"""What stands below the first page of an import report: what was found in the files.

Next steps, questions, refusals, changes, decisions, total rows, findings; one with nothing to say
is left out. How things were read and what changed in the company: `import_record.py`. Sums of
rows and money: `import_balance.py`.
"""

from __future__ import annotations

from workbench.loaders.outcome import Finding, ImportReport
from workbench.report import import_record as record
from workbench.report.blocks import Block
from workbench.report.html import element, text
from workbench.report.import_kinds import (
    Kind,
    column_words,
    first_cells,
    kinds,
    names_of,
    place,
    row_words,
    text_words,
)
from workbench.report.import_sentences import undo_command, what_next
from workbench.report.import_tables import LISTED, Cell, Check, Foreign, Grid, Own, listed, shown
from workbench.report.import_words import (
    decided,
    evidence_words,
    finding_words,
    option_words,
    question_subject,
    question_words,
    reason_advice,
    reason_title,
    verdict_word,
)
from workbench.report.section import Section
from workbench.text import Language

EXAMPLES = 5  # of one reason
ALL_CELLS = "cells.csv"


def sections(report: ImportReport, lang: Language, *, complete: bool = False) -> list[str]:
    """All sections that have something to say, as HTML, in the order they are read.

    Parameters
    ----------
    report : ImportReport
        As people see it (`masking.for_people`).
    lang : Language
    complete : bool
        Whether `cells.csv` has every cell, not only those the report lists.
    """
    made = (
        next_steps(report, lang),
        questions(report, lang),
        refusals(report, lang, complete=complete),
        changes_of_cells(report, lang, complete=complete),
        decisions(report, lang),
        totals(report, lang),
        findings(report, lang),
        record.headers(report, lang),
        record.tables(report, lang),
        record.all_sums(report, lang),
        record.skipped(report, lang),
        record.files(report, lang),
    )
    return [section.fragment() for section in made if section is not None]


def next_steps(report: ImportReport, lang: Language) -> Section | None:
    """What is to be done now."""
    items = [text(words) for words in what_next(report, lang)]
    if not items:
        return None
    command = text(undo_command(report))
    marked = (item.replace(command, element("code", command)) for item in items)
    steps = element("ul", "".join(element("li", item) for item in marked), class_="sayso words")
    return Section(steps, lang=lang, title=lang.say("What to do next"))


def questions(report: ImportReport, lang: Language) -> Section | None:
    """What could not be decided and was not guessed, with the possible answers."""
    rows: list[list[Cell]] = []
    for sheet, question in report.questions:
        options = [option_words(question, each, sheet.table, lang) for each in question.options]
        rows.append(
            [
                Own(question_subject(question, sheet.table, lang)),
                question_words(question, lang),
                Own(lang.join(options, last="or")),
                Foreign(evidence_words(question.evidence, question.fields, lang)),
                place(sheet.file, sheet.sheet),
            ]
        )
    if not rows:
        return None
    heads = [lang.say("About"), lang.say("Question"), lang.say("Possible answers"),
             lang.say("What was seen"), lang.say("File and sheet")]  # fmt: skip
    return listed(
        heads,
        rows,
        lang,
        title=lang.say_n("{n} question is open", "{n} questions are open", len(rows)),
        reading=lang.say("Nothing was guessed: what the question is about stays empty until it is "
                         "answered."),
    )  # fmt: skip


def refusals(report: ImportReport, lang: Language, *, complete: bool) -> Section | None:
    """Every reason for a refusal, with its first cells."""
    found = kinds(report, "refused")
    if not found:
        return None
    cells = sum(kind.count for kind in found)
    return Section(
        *(_refusal(kind, lang) for kind in found),
        lang=lang,
        title=lang.say_n("{n} cell was refused", "{n} cells were refused", cells),
        reading=lang.say("A refused cell stays empty; a row that says nothing without it was "
                         "refused with it."),
        note=_all_in(found, lang, complete=complete),
    )  # fmt: skip


def changes_of_cells(report: ImportReport, lang: Language, *, complete: bool) -> Section | None:
    """Values that stand but are not what a plain reading gives, and those that want a look."""
    found = kinds(report, "changed", "flagged")
    if not found:
        return None
    rows = [_change(kind, lang) for kind in found]
    heads = [lang.say("What"), lang.say("Verdict"), lang.say("Cells"), lang.say("Columns"),
             lang.say("First example"), lang.say("Read as"), lang.say("Place"),
             lang.say("What to do")]  # fmt: skip
    count = sum(kind.count for kind in found)
    return listed(
        heads,
        rows,
        lang,
        numbers={2},
        title=lang.say_n("{n} value was changed or flagged in reading",
                         "{n} values were changed or flagged in reading", count),
        note=_all_in(found, lang, complete=complete),
    )  # fmt: skip


def decisions(report: ImportReport, lang: Language) -> Section | None:
    """What was decided for whole columns, and why; the same of many files is said once."""
    rows: list[list[Cell]] = []
    for (subject, words), cases in decided(report, lang).items():
        first = cases[0][1]
        why = Foreign(evidence_words(first.evidence, first.fields, lang))
        names = [str(place(sheet.file, sheet.sheet)) for sheet, _ in cases]
        rows.append([Own(subject), words, why, names_of(names, lang)])
    if not rows:
        return None
    heads = [lang.say("Column"), lang.say("Decided"), lang.say("Evidence"),
             lang.say("File and sheet")]  # fmt: skip
    return listed(
        heads,
        rows,
        lang,
        title=lang.say_n("{n} thing was decided for a whole column",
                         "{n} things were decided for whole columns", len(rows)),
        reading=lang.say("To decide otherwise, change the mapping file and import again."),
    )  # fmt: skip


def totals(report: ImportReport, lang: Language) -> Section | None:
    """Total rows of the files held against the sums of the rows above them."""
    rows: list[list[Cell]] = []
    faults = 0
    for sheet in report.sheets:
        for check in sheet.total_checks:
            faults += not check.agrees
            words = lang.say("agrees") if check.agrees else lang.say("does not agree")
            rows.append(
                [Own(check.header), str(check.row), Own(check.stated), Own(check.computed),
                 Check(words, check.agrees), place(sheet.file, sheet.sheet)]
            )  # fmt: skip
    if not rows:
        return None
    rows.sort(key=lambda row: str(row[4]) == lang.say("agrees"))
    heads = [lang.say("Column"), lang.say("Row"), lang.say("Stated"), lang.say("Sum of the rows"),
             lang.say("Check"), lang.say("File and sheet")]  # fmt: skip
    title = (
        lang.say_n("{n} total of the files does not agree with its rows",
                   "{n} totals of the files do not agree with their rows", faults)
        if faults
        else lang.say_n("The {n} total of the files agrees with its rows",
                        "All {n} totals of the files agree with their rows", len(rows))
    )  # fmt: skip
    return listed(heads, rows, lang, numbers={1, 2, 3}, title=title)


def findings(report: ImportReport, lang: Language) -> Section | None:
    """What one should know about the content before relying on it."""
    items: list[str] = []
    for sheet in report.sheets:
        items += [_finding(each, lang, place(sheet.file, sheet.sheet)) for each in sheet.findings]
    items += [_finding(each, lang) for each in report.findings]
    if not items:
        return None
    more = len(items) - LISTED
    note = lang.say_n("{n} more in {file}", "{n} more in {file}", more, file="report.json")
    return Section(
        element("ul", "".join(items[:LISTED]), class_="sayso"),
        lang=lang,
        title=lang.say_n("{n} thing to know about the content",
                         "{n} things to know about the content", len(items)),
        note=note if more > 0 else "",
    )  # fmt: skip


# -- parts


def _refusal(kind: Kind, lang: Language) -> Block:
    cells = first_cells(kind, EXAMPLES)
    rows: list[list[Cell]] = [
        [place(cell.file, cell.sheet), row_words(cell.row, lang), column_words(cell, lang),
         text_words(cell.text, lang)]
        for cell in cells
    ]  # fmt: skip
    title = _sentence(reason_title(kind.code, lang), lang)
    count = lang.say_n("{n} cell", "{n} cells", kind.count)
    heads = [lang.say("File and sheet"), lang.say("Row"), lang.say("Column"), lang.say("Text")]
    more = kind.count - len(rows)
    rest: list[Cell] = [lang.say_n("{n} more cell", "{n} more cells", more), "", "", ""]
    grid = Grid(heads, rows, lang, title, {1}, rest=rest if more else None, widths=(32, 8, 22, 38))
    under = lang.say("What to do: {advice}", advice=reason_advice(kind.code, lang))
    return Block(grid.fragment(), 12, title=f"{title}{lang.colon}{count}", subtitle=under)


def _change(kind: Kind, lang: Language) -> list[Cell]:
    first = next(iter(first_cells(kind, 1)), None)
    headers = [header or lang.say("whole row") for header, _ in kind.headers]
    more = len(headers) - 4
    named = lang.join(headers[:4], last="") + (
        lang.paren(lang.say("{n} more", n=lang.number(more))) if more > 0 else ""
    )
    example: list[Cell] = ["–", "–", "–"]
    if first is not None:
        where = f"{place(first.file, first.sheet)}{lang.comma}{row_words(first.row, lang)}"
        example = [
            text_words(first.text, lang), text_words(first.value, lang), Own(where)
        ]  # fmt: skip
    return [
        _sentence(reason_title(kind.code, lang), lang),
        verdict_word(kind.verdict, lang),
        lang.number(kind.count),
        Own(named),
        *example,
        reason_advice(kind.code, lang),
    ]


def _finding(finding: Finding, lang: Language, where: Own | None = None) -> str:
    words = shown(finding_words(finding, lang))
    if where is not None:
        words += " " + element("span", where.html(lang), class_="mute")
    return element("li", words)


def _sentence(words: str, lang: Language) -> str:
    return words[:1].upper() + words[1:] if lang.code == "en" else words


def _all_in(found: list[Kind], lang: Language, *, complete: bool) -> str:
    count, listed = (sum(getattr(kind, name) for kind in found) for name in ("count", "listed"))
    if complete or count == listed:
        return lang.say("All are listed in {file}.", file=ALL_CELLS)
    return lang.say(
        "The first {n} of {count} are listed in {file}.",
        n=lang.number(listed),
        count=lang.number(count),
        file=ALL_CELLS,
    )
