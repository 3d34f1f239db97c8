"""Empty sheets to fill in: one XLSX per table, made from its declaration.

The first sheet has a header of labels over text and date cells that spreadsheets leave alone; the
second explains each column. A filled sheet goes back in by `workbench import`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError
from workbench.tables import TABLES, Column, Table, table
from workbench.tables.declare import MONEY_KINDS, TEXT_KINDS, UNITS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ROWS = 1000  # rows that carry formats and drop-down lists
_FORMATS = {
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "money": "#,##0.00",
    "price": "#,##0.0000",
    "share": "0.00%",
    "integer": "0",
}
#: Headers of the sheet that explains the columns; import passes over it.
EXPLAINS = {
    "en": ("Column", "Label", "Needed", "Kind", "Unit or allowed values", "Meaning"),
    "zh": ("列名", "名称", "必填", "类型", "单位或可选值", "含义"),
}
_KIND_ZH = {
    "id": "编号（文本）",
    "text": "文本",
    "choice": "选项",
    "date": "日期",
    "datetime": "时间",
    "money": "金额",
    "price": "单价",
    "number": "数值",
    "integer": "整数",
    "share": "比例",
    "flag": "是否",
}


def write_template(name: str, path: str | Path, lang: object = "en") -> Path:
    """Write an empty sheet for a table.

    Parameters
    ----------
    name : str
        Declared name of the table.
    path : str or Path
        File to write; must end in .xlsx and must not exist yet.
    lang : str or Language
        Language of labels and explanations.

    Raises
    ------
    InputError
        If the table is not declared, the file is no .xlsx or stands there already.
    """
    from openpyxl import Workbook

    declared, target = table(name), Path(path)
    if target.suffix.lower() != ".xlsx":
        raise InputError(
            "a template is an .xlsx file", where=str(target), do=f"use -o {target.stem}.xlsx"
        )
    if target.exists():
        raise InputError(
            "the file is there already", where=str(target), do="choose another name, or remove it"
        )
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(declared.title(lang))
    _fill_sheet(sheet, declared, lang)
    _explain(book.create_sheet("说明" if _chinese(lang) else "Columns"), declared, lang)
    book.save(target)
    return target


def _chinese(lang: object) -> bool:
    return str(getattr(lang, "code", lang)).startswith("zh")


def _fill_sheet(sheet: Worksheet, declared: Table, lang: object) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(declared.columns, start=1):
        head = sheet.cell(1, place, column.title(lang))
        head.font = Font(bold=column.needed)
        head.comment = Comment(f"{column.name}: {column.help(lang)}", "workbench")
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, 2 + 2 * len(column.title(lang)))
        number_format = "@" if column.kind in TEXT_KINDS else _FORMATS.get(column.kind, "General")
        for row in range(2, ROWS + 2):
            sheet.cell(row, place).number_format = number_format
        if column.choices:
            _offer(sheet, column, letter)
    sheet.freeze_panes = "A2"


def _offer(sheet: Worksheet, column: Column, letter: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    offered.add(f"{letter}2:{letter}{ROWS + 1}")
    sheet.add_data_validation(offered)


def _explain(sheet: Worksheet, declared: Table, lang: object) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append([declared.help(lang)])
    sheet.append(list(EXPLAINS["zh" if _chinese(lang) else "en"]))
    for column in declared.columns:
        sheet.append(
            [
                column.name,
                column.title(lang),
                needed_label(column, lang),
                kind_label(column, lang),
                limits(column, lang),
                column.help(lang),
            ]
        )
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (24, 22, 10, 14, 60, 70), strict=True):
        sheet.column_dimensions[letter].width = width
        for cell in sheet[letter][1:]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A3"


def needed_label(column: Column, lang: object) -> str:
    """Whether a column must be filled, in a word."""
    english, chinese = ("yes", "是") if column.needed else ("no", "否")
    return chinese if _chinese(lang) else english


def kind_label(column: Column, lang: object) -> str:
    """Kind of a column, in words."""
    return _KIND_ZH[column.kind] if _chinese(lang) else column.kind


def limits(column: Column, lang: object) -> str:
    """Unit, tax basis, allowed values, reference and bounds of a column, in one line."""
    chinese = _chinese(lang)
    parts = []
    if column.choices:
        parts.append(
            "; ".join(f"{code} = {column.choice(code, lang)}" for code in column.choices)
            if not chinese
            else "；".join(f"{code}：{column.choice(code, lang)}" for code in column.choices)
        )
    if column.unit:
        parts.append(UNITS[column.unit][1 if chinese else 0])
    if column.kind in MONEY_KINDS:
        parts.append(_basis(column, chinese))
    if column.references:
        target, _, field = column.references.partition(".")
        parts.append(
            f"→ {TABLES[target].title(lang)} ({field})"
            if not chinese
            else f"→ {TABLES[target].title(lang)}（{field}）"
        )
    if column.minimum is not None or column.maximum is not None:
        low = "" if column.minimum is None else f"{column.minimum:g}"
        high = "" if column.maximum is None else f"{column.maximum:g}"
        parts.append(f"{low} … {high}".strip())
    return ("；" if chinese else "; ").join(parts)


def _basis(column: Column, chinese: bool) -> str:
    words = {
        "incl": ("with VAT", "含税"),
        "excl": ("without VAT", "不含税"),
        "none": ("VAT does not apply", "不涉及增值税"),
    }
    both = words.get(str(column.tax_basis), ("as the row's tax basis", "按该行税口径"))
    return both[1] if chinese else both[0]
