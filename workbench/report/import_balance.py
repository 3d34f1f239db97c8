"""The two sums of an import that must close: rows by sheet, money by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.loaders.outcome import ImportReport, SheetReport
from workbench.report.blocks import Block
from workbench.report.import_tables import Cell, Check, Grid, Own
from workbench.report.import_words import system_name, table_label, target_label
from workbench.report.masking import HIDDEN, PARTS
from workbench.tables import TABLES
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd

ROW_PARTS = ("kept", "refused", "duplicates", "totals", "blank")
#: Lines of a table on the first page; more stand in a section of their own.
FIRST = 8


def rows_block(report: ImportReport, lang: Language, *, most: int = FIRST) -> Block:
    """The rows of every sheet: read = kept + refused + duplicates + totals + blank."""
    return Block(
        rows_grid(report, lang, most=most).fragment(),
        12,
        title=_rows_title(report, lang),
        subtitle=lang.say("Rows below the header, by file and sheet; every row is counted once"),
    )


def rows_grid(report: ImportReport, lang: Language, *, most: int | None = None) -> Grid:
    """The table of rows; those with refusals first where it is cut."""
    sheets = list(report.sheets)
    cut = most is not None and len(sheets) > most + 1
    if cut:
        sheets.sort(key=lambda sheet: (sheet.balanced, -sheet.refused, -sheet.read))
    shown, rest = (sheets[:most], sheets[most:]) if cut else (sheets, [])
    return Grid(
        [lang.say("File and sheet"), lang.say("Taken as"), *row_heads(lang), lang.say("Check")],
        [_sheet_row(sheet, lang) for sheet in shown],
        lang,
        caption=lang.say("Rows read and what became of them"),
        numbers=range(2, 8),
        widths=(27, 19, 9, 9, 8, 8, 6, 6, 8),
        rest=_sum_row(lang.say_n("{n} more sheet", "{n} more sheets", len(rest)), rest, lang)
        if rest
        else None,
        total=_sum_row(lang.say("All"), report.sheets, lang) if len(report.sheets) > 1 else None,
    )


def row_heads(lang: Language) -> list[str]:
    """Heads of the parts, written as the sum they make."""
    return [
        lang.say("Read"),
        lang.say("= kept"),
        lang.say("+ refused"),
        lang.say("+ duplicates"),
        lang.say("+ totals"),
        lang.say("+ blank"),
    ]


def money_blocks(report: ImportReport, lang: Language) -> list[Block]:
    """The sums of money columns, one table for each currency."""
    if not len(report.money):
        return []
    return [
        Block(
            money_grid(lines, lang, most=FIRST).fragment(),
            12,
            title=_money_title(lines, currency, lang),
            subtitle=_money_subtitle(lines, currency, lang),
        )
        for currency, lines in by_currency(report.money)
    ]


def by_currency(money: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Lines of each currency, that with most values first."""
    order = money.groupby("currency")["rows"].sum().sort_values(ascending=False, kind="stable")
    for currency in order.index:
        yield str(currency), money[money["currency"] == currency]


def money_grid(lines: pd.DataFrame, lang: Language, *, most: int | None = None) -> Grid:
    """The table of one currency: before = kept + refused + duplicates + rounding."""
    cut = most is not None and len(lines) > most + 1
    if cut:
        lines = lines.sort_values(["agrees", "rows"], ascending=[True, False], kind="stable")
    shown = lines.head(most) if cut and most is not None else lines
    places = decimals_needed(lines)
    rest = len(lines) - len(shown)
    more = lang.say_n("{n} more column", "{n} more columns", rest)
    return Grid(
        [lang.say("Column"), lang.say("Tax basis"), lang.say("Values"), *money_heads(lang),
         lang.say("Check")],
        [_money_row(line, lang, places) for line in shown.to_dict("records")],
        lang,
        caption=lang.say("Sums of money before and after"),
        numbers=range(2, 8),
        rest=[more, *[""] * 8] if rest else None,
        widths=(18, 8, 8, 14, 14, 11, 11, 7, 9),
    )  # fmt: skip


def money_heads(lang: Language) -> list[str]:
    """Heads of the parts of a sum of money."""
    return [
        lang.say("Before"),
        lang.say("= kept"),
        lang.say("+ refused"),
        lang.say("+ duplicates"),
        lang.say("+ rounding"),
    ]


def decimals_needed(lines: pd.DataFrame) -> int:
    """Decimals that show every amount whole, two at least."""
    amounts = [each for name in PARTS for each in lines[name] if isinstance(each, Decimal)]
    needed = (-int(each.normalize().as_tuple().exponent) for each in amounts if each)
    return max([2, *needed])


def basis_word(basis: str, lang: Language) -> str:
    """With or without VAT; a dash where VAT does not apply."""
    choice = TABLES["opportunity"].column("tax_basis")
    return choice.choice(basis, lang) if basis in choice.choices else "–"


def money_label(line: Mapping[Any, Any], lang: Language) -> str:
    """Table and column of a line, by their labels."""
    table = str(line["table"])
    return lang.colon.join(
        [table_label(table, lang), target_label(str(line["column"]), table, lang)]
    )


def agreement(line: Mapping[Any, Any], lang: Language, places: int = 2) -> Check:
    """Whether a sum of money agrees, and by how much it does not."""
    if line["agrees"]:
        return Check(lang.say("agrees"), holds=True)
    if line["difference"] == HIDDEN:
        return Check(lang.say("does not agree"), holds=False)
    amount = lang.signed(line["difference"], decimals=places)
    return Check(lang.say("differs by {amount}", amount=amount), holds=False)


def row_check(sheet: SheetReport, lang: Language) -> Check:
    """Whether the rows of a sheet add up, and how many do not."""
    missing = sheet.read - sum(getattr(sheet, name) for name in ROW_PARTS)
    if not missing:
        return Check(lang.say("agrees"), holds=True)
    return Check(lang.say("differs by {amount}", amount=lang.signed(missing)), holds=False)


def _sheet_row(sheet: SheetReport, lang: Language) -> list[Cell]:
    name = f"{sheet.file} [{sheet.sheet}]" if sheet.sheet else sheet.file
    figures = [lang.number(getattr(sheet, part)) for part in ("read", *ROW_PARTS)]
    return [Own(name), taken_as(sheet, lang), *figures, row_check(sheet, lang)]


def taken_as(sheet: SheetReport, lang: Language) -> str:
    """Table and system of a sheet."""
    if not sheet.table:
        return lang.say("not recognised")
    system = system_name(sheet.system, lang)
    label = table_label(sheet.table, lang)
    return label + lang.paren(system) if system else label


def _sum_row(name: str, sheets: Sequence[SheetReport], lang: Language) -> list[Cell]:
    sums = {p: sum(getattr(sheet, p) for sheet in sheets) for p in ("read", *ROW_PARTS)}
    missing = sums["read"] - sum(sums[part] for part in ROW_PARTS)
    check = lang.say("agrees") if not missing else lang.signed(missing)
    return [name, "", *(lang.number(each) for each in sums.values()), Check(check, not missing)]


def _money_row(line: Mapping[Any, Any], lang: Language, places: int) -> list[Cell]:
    amounts = [amount_words(line[part], lang, places) for part in PARTS]
    return [
        money_label(line, lang),
        basis_word(str(line["tax_basis"]), lang),
        lang.number(line["rows"]),
        *amounts,
        agreement(line, lang, places),
    ]


def amount_words(value: Any, lang: Language, places: int) -> str:
    """An amount with its decimals; one that is masked stays so."""
    if isinstance(value, str):
        return value
    return lang.number(value, decimals=places if value else 0)


def _rows_title(report: ImportReport, lang: Language) -> str:
    if all(sheet.balanced for sheet in report.sheets):
        return lang.say("Of {n} rows read, none is unaccounted for", n=lang.number(report.read))
    return lang.say("Not every row read is accounted for")


def _money_title(lines: pd.DataFrame, currency: str, lang: Language) -> str:
    lost = int((~lines["agrees"].astype(bool)).sum())
    if lost:
        return lang.say_n(
            "{n} sum of money in {currency} does not agree",
            "{n} sums of money in {currency} do not agree",
            lost,
            currency=currency or "–",
        )
    return lang.say("Sums in {currency} agree to the cent", currency=currency or "–")


def _money_subtitle(lines: pd.DataFrame, currency: str, lang: Language) -> str:
    unit = lang.money_parts(0, currency=currency)[1] if currency else "–"
    said = lang.say(
        "Sums of all values before and after, by column and tax basis, in {unit}", unit=unit
    )
    hidden = any(each == HIDDEN for each in lines["before"])
    return said + (lang.semicolon + lang.say("pay is masked") if hidden else "")
