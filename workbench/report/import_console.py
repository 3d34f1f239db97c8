"""The report of an import on the console: about a screen, the rest is in `report.html`."""

from __future__ import annotations

from workbench.loaders.outcome import ImportReport
from workbench.report.import_balance import (
    agreement,
    amount_words,
    basis_word,
    by_currency,
    decimals_needed,
    money_heads,
    money_label,
    rows_grid,
)  # fmt: skip
from workbench.report.import_kinds import Kind, column_words, first_cells, kinds, place, row_words
from workbench.report.import_sentences import finding, lead, what_next
from workbench.report.import_words import (
    option_words,
    question_subject,
    question_words,
    reason_advice,
    reason_title,
)  # fmt: skip
from workbench.report.masking import PARTS, for_people
from workbench.terminal import print_table
from workbench.text import Language

SHEETS, SUMS, REASONS, QUESTIONS = 5, 4, 5, 5  # lines of each part


def print_import_report(report: ImportReport, lang: Language, *, unmask: bool = False) -> None:
    """Print what was read, what was refused, what is open and what to do next.

    Parameters
    ----------
    report : ImportReport
    lang : Language
    unmask : bool
        Show phone numbers, WeChat ids and pay.
    """
    shown = for_people(report, unmask=unmask)
    print(finding(shown, lang))
    if words := lead(shown, lang):
        print(words)
    if shown.sheets:
        _print_rows(shown, lang)
    if len(shown.money):
        _print_money(shown, lang)
    _print_refusals(shown, lang)
    _print_questions(shown, lang)
    _print_skipped(shown, lang)
    for words in what_next(shown, lang):
        print(words)


def _print_rows(report: ImportReport, lang: Language) -> None:
    grid = rows_grid(report, lang, most=SHEETS)
    lines = [*grid.rows, *([grid.rest] if grid.rest else []), *([grid.total] if grid.total else [])]
    print_table(grid.heads, [[str(cell) for cell in line] for line in lines], right=range(2, 8))


def _print_money(report: ImportReport, lang: Language) -> None:
    heads = [lang.say("Sums of money"), lang.say("Currency"), lang.say("Tax basis"),
             *money_heads(lang), lang.say("Check")]  # fmt: skip
    rows = []
    money = report.money.sort_values(["agrees", "rows"], ascending=[True, False], kind="stable")
    for currency, lines in by_currency(money):
        places = decimals_needed(lines)
        rows += [
            [
                money_label(line, lang),
                currency or "–",
                basis_word(str(line["tax_basis"]), lang),
                *(amount_words(line[part], lang, places) for part in PARTS),
                str(agreement(line, lang, places)),
            ]
            for line in lines.to_dict("records")
        ]
    rows, heads = _without_zeros(_first(rows, SUMS, lang), heads)
    print_table(heads, rows, right=range(3, len(heads) - 1))


def _without_zeros(rows: list[list[str]], heads: list[str]) -> tuple[list[list[str]], list[str]]:
    """Leave out parts that are zero in every line: a console is narrow."""
    idle = {"0", ""}
    left = [i for i in range(len(heads)) if i < 5 or any(row[i] not in idle for row in rows)]
    return [[row[i] for i in left] for row in rows], [heads[i] for i in left]


def _print_refusals(report: ImportReport, lang: Language) -> None:
    found = kinds(report, "refused")
    if not found:
        return
    heads = [lang.say("Refused"), lang.say("Cells"), lang.say("First"), lang.say("What to do")]
    rows = [
        [reason_title(kind.code, lang), lang.number(kind.count), _first_place(kind, lang),
         reason_advice(kind.code, lang)]
        for kind in found
    ]  # fmt: skip
    print_table(heads, _first(rows, REASONS, lang), right=(1,))


def _print_questions(report: ImportReport, lang: Language) -> None:
    if not report.questions:
        return
    heads = [lang.say("About"), lang.say("Question"), lang.say("Possible answers")]
    rows = [
        [
            question_subject(question, sheet.table, lang),
            question_words(question, lang),
            lang.join(
                [option_words(question, each, sheet.table, lang) for each in question.options],
                last="or",
            ),
        ]
        for sheet, question in report.questions
    ]
    print_table(heads, _first(rows, QUESTIONS, lang))


def _print_skipped(report: ImportReport, lang: Language) -> None:
    rows = [[each.file, each.message] for each in report.skipped if each.refused]
    if rows:
        print_table([lang.say("File"), lang.say("Why")], _first(rows, QUESTIONS, lang))


def _first_place(kind: Kind, lang: Language) -> str:
    cell = next(iter(first_cells(kind, 1)), None)
    if cell is None:
        return ""
    row = lang.say("row {row}", row=cell.row) if cell.row else row_words(0, lang)
    words = [str(place(cell.file, cell.sheet)), row]
    shown = f'"{cell.text}"' if isinstance(cell.text, str) else lang.say("(empty)")
    return lang.comma.join([*words, str(column_words(cell, lang)), shown])


def _first(rows: list[list[str]], most: int, lang: Language) -> list[list[str]]:
    """The first lines; one more says how many others there are."""
    if len(rows) <= most + 1:
        return rows
    more = lang.say("{n} more", n=lang.number(len(rows) - most))
    return [*rows[:most], [more, *[""] * (len(rows[0]) - 1)]]
