"""The record at the end of an import report: how headers and files were read, what changed.

What was found in the files: `import_sections.py`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from workbench.loaders.mapping import FieldMapping
from workbench.loaders.outcome import Decision, ImportReport, SheetReport
from workbench.report.blocks import Block
from workbench.report.html import element, text
from workbench.report.import_balance import FIRST, by_currency, money_grid, rows_grid, taken_as
from workbench.report.import_kinds import names_of, place
from workbench.report.import_sentences import undo_command, when
from workbench.report.import_tables import (
    LISTED,
    Cell,
    Check,
    Code,
    Foreign,
    Grid,
    Own,
    cut_grid,
    listed,
    shown,
)
from workbench.report.import_words import decision_words, how_word, table_label, target_label
from workbench.report.section import Section
from workbench.text import Language


def headers(report: ImportReport, lang: Language) -> Section | None:
    """How each header was understood; sheets with the same headers stand together."""
    groups: dict[Hashable, list[SheetReport]] = {}
    for sheet in report.sheets:
        if sheet.fields:
            groups.setdefault(_understanding(sheet), []).append(sheet)
    if not groups:
        return None
    blocks = [_understood(sheets, lang) for sheets in groups.values()]
    used = sum(bool(f.target) for sheets in groups.values() for f in sheets[0].fields)
    whole = sum(len(sheets[0].fields) for sheets in groups.values())
    return Section(
        *blocks,
        lang=lang,
        title=lang.say("{used} of {n} headers are used", used=lang.number(used),
                       n=lang.number(whole)),
        reading=lang.say("Verified: seen in the system's own documents. Inferred: named so "
                         "elsewhere; have a look at these."),
    )  # fmt: skip


def tables(report: ImportReport, lang: Language) -> Section | None:
    """What changed in the tables of the company."""
    if not report.changes:
        return None
    names = ("before", "added", "updated", "same", "older", "gone", "derived", "after")
    rows: list[list[Cell]] = [
        [table_label(change.table, lang), *(lang.number(getattr(change, name)) for name in names)]
        for change in sorted(report.changes, key=lambda c: -(c.added + c.updated))
    ]
    heads = [lang.say("Table"), lang.say("Rows before"), lang.say("new"), lang.say("updated"),
             lang.say("equal"), lang.say("older, not taken"), lang.say("no longer there"),
             lang.say("made from names"), lang.say("Rows after")]  # fmt: skip
    kept = lang.say("Rows no longer in the source are kept and listed in {file}.", file="gone.csv")
    touched = sum(bool(c.added or c.updated or c.derived) for c in report.changes)
    return listed(
        heads,
        rows,
        lang,
        numbers=range(1, 9),
        title=lang.say_n("{n} table of the company changed",
                         "{n} tables of the company changed", touched),
        note=kept if any(change.gone for change in report.changes) else "",
    )  # fmt: skip


def all_sums(report: ImportReport, lang: Language) -> Section | None:
    """The sums of the first page in full, where they were cut there."""
    blocks = []
    if len(report.sheets) > FIRST + 1:
        title = lang.say("Rows of all sheets")
        blocks.append(Block(rows_grid(report, lang).fragment(), 12, title=title))
    for currency, lines in by_currency(report.money) if len(report.money) else ():
        if len(lines) > FIRST + 1:
            title = lang.say("All sums in {currency}", currency=currency or "–")
            blocks.append(Block(money_grid(lines, lang).fragment(), 12, title=title))
    if not blocks:
        return None
    return Section(*blocks, lang=lang, title=lang.say("Rows and money in full"))


def skipped(report: ImportReport, lang: Language) -> Section | None:
    """Files that were not read, and why."""
    rows: list[list[Cell]] = [
        [Own(each.file), Foreign(each.message), Foreign(each.do),
         Check(lang.say("refused"), holds=False) if each.refused else lang.say("left out")]
        for each in sorted(report.skipped, key=lambda s: not s.refused)
    ]  # fmt: skip
    if not rows:
        return None
    heads = [lang.say("File"), lang.say("Why"), lang.say("What to do"), lang.say("Verdict")]
    title = lang.say_n("{n} file was not read", "{n} files were not read", len(rows))
    return listed(heads, rows, lang, title=title)


def files(report: ImportReport, lang: Language) -> Section | None:
    """How each file was read, and the record of the import."""
    rows: list[list[Cell]] = [
        [
            place(sheet.file, sheet.sheet),
            taken_as(sheet, lang),
            sheet.notes.get("format", "") or "–",
            sheet.notes.get("encoding", "") or "–",
            _delimiter(sheet.notes.get("delimiter", ""), lang),
            lang.number(sheet.head_rows),
        ]
        for sheet in report.sheets
    ]
    heads = [lang.say("File and sheet"), lang.say("Taken as"), lang.say("Format"),
             lang.say("Encoding"), lang.say("Delimiter"),
             lang.say("Rows above the data")]  # fmt: skip
    grid = cut_grid(heads, rows, lang, lang.say("How the files were read"), numbers={5})
    record = Grid(
        [lang.say("About"), lang.say("Value")],
        list(_record(report, lang)),
        lang,
        lang.say("This import"),
    )
    blocks = [Block(grid.fragment(), 12)] if rows else []
    blocks.append(Block(record.fragment(), 12, title=lang.say("This import")))
    return Section(*blocks, lang=lang, title=lang.say("How the files were read"))


def _understood(sheets: list[SheetReport], lang: Language) -> Block:
    sheet = sheets[0]
    rows: list[list[Cell]] = [
        [Own(f.header), target_label(f.target, sheet.table, lang),
         how_word(f, sheet.system, lang), _read_as(f, lang)]
        for f in sheet.fields if f.target
    ]  # fmt: skip
    unused = [f.header for f in sheet.fields if not f.target]
    heads = [lang.say("Header"), lang.say("Taken as"), lang.say("Settled by"), lang.say("Read as")]
    names = [str(place(each.file, each.sheet)) for each in sheets]
    named = names_of(names, lang, most=3)
    widths: tuple[int, ...] = (26, 34, 22, 18)
    if not any(row[3] for row in rows):  # nothing is read in a special way
        heads, rows, widths = heads[:3], [row[:3] for row in rows], (26, 34, 40)
    grid = Grid(heads, rows, lang, str(named), widths=widths)
    inside = grid.fragment() if rows else ""
    return Block(
        element("p", named.html(lang), class_="u") + inside + _unused(unused, lang),
        12,
        title=taken_as(sheet, lang),
    )


def _unused(headers: list[str], lang: Language) -> str:
    if not headers:
        return ""
    label = text(lang.say("Not used, kept only in the file") + lang.colon)
    own = Own(lang.join(headers[:LISTED], last=""))
    words = element("span", shown(own.words), lang="und", class_="own")
    more = len(headers) - LISTED
    rest = text(lang.comma + lang.say("{n} more", n=lang.number(more))) if more > 0 else ""
    return element("p", label + words + rest, class_="u note")


def _read_as(field: FieldMapping, lang: Language) -> Cell:
    words = [_read_word(name, value, lang) for name, value in sorted(field.read.items())]
    return lang.comma.join(words)


def _read_word(name: str, value: str, lang: Language) -> str:
    codes = {"order": "date_order", "scale": "percent_scale"}
    return decision_words(Decision("", codes.get(name, name), value), "", lang)


def _understanding(sheet: SheetReport) -> Hashable:
    """All that is shown of how a sheet was understood."""
    fields = (
        (f.header, f.target, f.how, f.verified, tuple(sorted(f.read.items()))) for f in sheet.fields
    )
    return sheet.table, sheet.system, tuple(fields)


def _record(report: ImportReport, lang: Language) -> Iterator[list[Cell]]:
    yield [lang.say("Begun"), when(report, lang)]
    if report.into:
        yield [lang.say("Folder of the company"), Own(report.into)]
    if report.id:
        yield [lang.say("Number of the import"), report.id]
    if report.into and report.id:
        yield [lang.say("To take it back"), Code(undo_command(report))]


def _delimiter(sign: str, lang: Language) -> str:
    names = {"\t": lang.say("tab"), ",": lang.say("comma"), ";": lang.say("semicolon"),
             "|": lang.say("bar")}  # fmt: skip
    return names.get(sign, sign) or "–"
