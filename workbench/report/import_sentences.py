"""What an import report says first: finding, lead, tiles. Every sentence is computed."""

from __future__ import annotations

import datetime as dt
import shlex

from workbench.loaders.outcome import ImportReport
from workbench.report.import_words import decided
from workbench.report.page import Foot, Tile
from workbench.text import Language

MAPPING = "imports/mapping.yaml"  # in the company's folder
_LEAST = 0.001  # smallest share that is written


def finding(report: ImportReport, lang: Language) -> str:
    """How many rows are in the company, and how many were refused."""
    n = {name: lang.number(getattr(report, name)) for name in ("read", "kept", "refused")}
    if not report.read:
        return lang.say("Nothing usable was found")
    if not report.kept:
        return lang.say("None of {read} rows could be used; {refused} were refused", **n)
    if report.refused:
        return _refusing(report, lang, n)
    if report.kept == report.read:
        if report.into:
            return lang.say("All {read} rows are in the company", **n)
        return lang.say("All {read} rows were read", **n)
    if report.into:
        return lang.say("{kept} of {read} rows are in the company; none was refused", **n)
    return lang.say("{kept} of {read} rows were read; none was refused", **n)


def _refusing(report: ImportReport, lang: Language, n: dict[str, str]) -> str:
    if report.into and report.refused == 1:
        return lang.say("{kept} of {read} rows are in the company; one was refused", **n)
    if report.into:
        return lang.say("{kept} of {read} rows are in the company; {refused} were refused", **n)
    if report.refused == 1:
        return lang.say("{kept} of {read} rows were read; one was refused", **n)
    return lang.say("{kept} of {read} rows were read; {refused} were refused", **n)


def lead(report: ImportReport, lang: Language) -> str:
    """What became of the other rows, whether the money agrees, what is left to answer."""
    return lang.sentences([*balance_sentences(report, lang), *open_sentences(report, lang)])


def balance_sentences(report: ImportReport, lang: Language) -> list[str]:
    """Whether rows and money are all accounted for."""
    open_sheets = [sheet for sheet in report.sheets if not sheet.balanced]
    said = []
    if open_sheets:
        n = len(open_sheets)
        said.append(lang.say_n("The rows of {n} sheet do not add up.",
                               "The rows of {n} sheets do not add up.", n))  # fmt: skip
    elif report.read:
        said.append(lang.say("Every row read is accounted for."))
    if len(report.money):
        lost = int((~report.money["agrees"].astype(bool)).sum())
        said.append(
            lang.say_n("{n} sum of money does not agree.", "{n} sums of money do not agree.", lost)
            if lost
            else lang.say("All sums of money agree to the cent, before and after.")
        )
    return said


def open_sentences(report: ImportReport, lang: Language) -> list[str]:
    """Cells refused, questions open, files not read."""
    cells, questions = report.refused_cells, len(report.questions)
    files = sum(each.refused for each in report.skipped)
    said = [
        lang.say_n("{n} cell could not be read.", "{n} cells could not be read.", cells)
        if cells
        else "",
        lang.say_n("{n} question is open.", "{n} questions are open.", questions)
        if questions
        else "",
        lang.say_n("{n} file was refused.", "{n} files were refused.", files) if files else "",
    ]
    return [sentence for sentence in said if sentence]


def what_next(report: ImportReport, lang: Language) -> list[str]:
    """What is to be done now, in the order it is best done."""
    said = []
    if report.questions and report.into:
        said.append(
            lang.say("Answer the open questions: import the same files once more with {option}, "
                     "or write the answers into {file}.", option="--review", file=MAPPING)
        )  # fmt: skip
    elif report.questions:
        said.append(
            lang.say("Answer the open questions in a mapping file and read the files once more.")
        )
    if report.refused and report.into:
        said.append(
            lang.say("Mend the rows in {file} and import that file; nothing else need be "
                     "repeated.", file="refused.csv")
        )  # fmt: skip
    if report.into and report.id:
        said.append(lang.say("To take this import back: {command}", command=undo_command(report)))
    return said


def undo_command(report: ImportReport) -> str:
    """What to type to take an import back."""
    return f"workbench import --undo --into {shlex.quote(report.into)}"


def when(report: ImportReport, lang: Language) -> str:
    """Time of the start, to the minute, UTC; as it stands where it is no time."""
    try:
        moment = dt.datetime.fromisoformat(report.started)
    except ValueError:
        return report.started
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC)
    return f"{lang.date(moment.date())} {moment:%H:%M} UTC"


def tiles(report: ImportReport, lang: Language) -> list[Tile]:
    """Read, kept, refused, duplicates, totals and blank rows, questions."""
    return [
        _tile(lang.say("Rows read"), report.read, lang, change=_sources(report, lang)),
        _tile(
            lang.say("Rows kept"),
            report.kept,
            lang,
            change=_share(report.kept, report, lang),
            second=_changes(report, lang),
        ),
        _tile(
            lang.say("Refused"),
            report.refused,
            lang,
            change=_share(report.refused, report, lang),
            second=_cells(report, lang),
        ),
        _tile(
            lang.say("Duplicates"),
            report.duplicates,
            lang,
            change=lang.say("kept once") if report.duplicates else "",
        ),
        _tile(
            lang.say("Totals and blank rows"),
            report.totals + report.blank,
            lang,
            change=_totals(report, lang),
        ),
        _questions_tile(report, lang),
    ]


def _questions_tile(report: ImportReport, lang: Language) -> Tile:
    n = len(report.questions)
    settled = len(decided(report, lang))
    return Tile(
        label=lang.say("Open questions"),
        figure=lang.number(n),
        unit=lang.pick("", "个"),
        change=lang.say("to be answered") if n else lang.say("nothing to answer"),
        second=lang.say("{n} decided by evidence", n=lang.number(settled)) if settled else "",
    )


def _tile(label: str, n: int, lang: Language, *, change: str = "", second: str = "") -> Tile:
    unit = lang.pick("row" if n == 1 else "rows", "行")
    return Tile(label=label, figure=lang.number(n), unit=unit, change=change, second=second)


def _share(part: int, report: ImportReport, lang: Language) -> str:
    """Share of the rows read; a few of many are no 0%, nearly all are no 100%."""
    if not report.read or not part:
        return ""
    if part == report.read:
        return lang.say("all rows read")
    share = part / report.read
    if share < _LEAST:
        least = lang.percent(_LEAST)
        return lang.say("under {share} of the rows read", share=least)
    if share > 1 - _LEAST:
        return lang.say("over {share} of the rows read", share=lang.percent(1 - _LEAST))
    return lang.say("{share} of the rows read", share=lang.percent(share))


def _sources(report: ImportReport, lang: Language) -> str:
    files = len({sheet.file for sheet in report.sheets})
    said = lang.say_n("from {n} file", "from {n} files", files)
    if len(report.sheets) > files:
        sheets = lang.say_n("{n} sheet", "{n} sheets", len(report.sheets))
        said = f"{said}{lang.comma}{sheets}"
    return said


def _changes(report: ImportReport, lang: Language) -> str:
    own = {sheet.table for sheet in report.sheets}  # others got rows made from theirs
    changes = [change for change in report.changes if change.table in own]
    added, updated = sum(c.added for c in changes), sum(c.updated for c in changes)
    parts = [
        lang.say("{n} new", n=lang.number(added)) if added else "",
        lang.say("{n} updated", n=lang.number(updated)) if updated else "",
    ]
    return lang.comma.join(part for part in parts if part)


def _cells(report: ImportReport, lang: Language) -> str:
    n = report.refused_cells
    return lang.say_n("{n} cell not read", "{n} cells not read", n) if n else ""


def _totals(report: ImportReport, lang: Language) -> str:
    parts = [
        lang.say_n("{n} total", "{n} totals", report.totals) if report.totals else "",
        lang.say("{n} blank", n=lang.number(report.blank)) if report.blank else "",
    ]
    return lang.comma.join(part for part in parts if part)


def foot(report: ImportReport, lang: Language, *, unmask: bool) -> Foot:
    """What the figures stand on."""
    masked = lang.say("phone numbers, WeChat ids and pay are masked")
    shown = lang.say("phone numbers, WeChat ids and pay are shown")
    kept_apart = lang.say("amounts of one currency and tax basis each, never added across")
    return Foot(
        basis=lang.semicolon.join([kept_apart, shown if unmask else masked]),
        data_as_of=when(report, lang),
        unit=lang.say("rows; amounts to the cent"),
        left_out=_left_out(report, lang),
    )


def _left_out(report: ImportReport, lang: Language) -> str:
    n = len(report.skipped)
    return lang.say_n("{n} file not read", "{n} files not read", n) if n else ""
