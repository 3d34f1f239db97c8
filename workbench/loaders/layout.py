"""Where a sheet's header is, what stands above it, and which rows below it are data.

Rows come from `files/` or `sql.py`; `row_kinds.py` tells totals from data, `spool.py` keeps the
rows for those who read them several times. Nothing is judged by position alone: people put titles,
a unit and blank rows above the header, split it over two rows and repeat it on every page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.loaders.raw import Grid, Row
from workbench.loaders.row_kinds import LABELLED, is_total_label, is_value, squeeze

if TYPE_CHECKING:
    from workbench.loaders.spool import SpooledSheet

#: Rows in which the header is looked for.
HEAD = 50

#: How much of the width of the data a header fills.
FILLED = 0.6

#: A unit of money: 万元, 人民币元, CNY thousand.
_MONEY = r"[^\s，,;；）)、|]*(?:[元币万亿千]|rmb|cny|usd|eur|hkd|[¥￥$€])[^\s，,;；）)、|]{0,12}"

#: Where a title states it: "单位：万元" (but not 编制单位, who made the sheet), "计划（万元）".
_UNIT = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|金额|货币|计价|数据)单位\s*[:：为]\s*({_MONEY})"
    rf"|\bunits?\s*[:：]\s*({_MONEY}(?: [a-z]+)?)|[（(]\s*((?:人民币)?[亿万千百]*元)\s*[）)]",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\bin (thousands|millions)\b", re.IGNORECASE)

#: Names of periods, which head the columns of a cross table.
_PERIOD = re.compile(
    r"(19|20)\d\d年?|(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|((19|20)\d\d[-/.年]?)?(0?[1-9]|1[0-2])月|(19|20)\d\d[-/.](0?[1-9]|1[0-2])"
    r"|((19|20)\d\d年?[-/ ]?)?[QH][1-4]|Q[1-4][-/ ](19|20)\d\d|fy\s?\d\d(\d\d)?",
    re.IGNORECASE,
)

_CJK = "[\u3000-\u9fff\uff00-\uffef]"
_BREAK = re.compile(rf"(?<={_CJK})\s*[\r\n]+\s*(?={_CJK})")


@dataclass(frozen=True)
class Layout:
    """What was found above the data.

    Attributes
    ----------
    headers : list of str
        One for each column; unique, none empty.
    head_rows : int
        Rows of titles and header.
    repeats : frozenset of tuple of str
        Squeezed texts of header and titles, which may be repeated further down.
    starts : frozenset of str
        First text of each of them, as it stands.
    unnamed : frozenset of int
        Places of columns whose header is empty.
    texts : float
        Texts (not numbers or dates) in a usual data row.
    notes : dict of str to str
        "unit" as a title states it, "titles", "header" ("two rows", "none").
    """

    headers: list[str]
    head_rows: int
    repeats: frozenset[tuple[str, ...]] = frozenset()
    starts: frozenset[str] = frozenset()
    unnamed: frozenset[int] = frozenset()
    texts: float = 1.0
    notes: dict[str, str] = field(default_factory=dict)


def find_layout(grid: Grid) -> Layout:
    """Find the header among the first rows of a grid.

    Parameters
    ----------
    grid : Grid

    Returns
    -------
    Layout
        Without headers if the grid holds no cell in its first rows.
    """
    return layout_of(list(islice(grid.rows(), HEAD)), named=grid.named)


def layout_of(rows: list[Row], *, named: bool) -> Layout:
    """Find the header among rows.

    Parameters
    ----------
    rows : list of Row
        The first `HEAD` rows of a grid.
    named : bool
        The first one is the header for sure.
    """
    if named:
        number, cells = rows[0] if rows else (0, [])
        return Layout(_unique([cell or "" for cell in cells]), number)
    return _searched([(number, [_clean(cell) for cell in cells]) for number, cells in rows])


def open_sheet(grid: Grid, *, work: Path) -> SpooledSheet:
    """Read a grid once and keep its rows in `work`, as a `Sheet`.

    Parameters
    ----------
    grid : Grid
    work : Path
        Folder for the rows; must stand as long as the sheet is read.

    Returns
    -------
    SpooledSheet
        Without headers and rows if the grid holds no cell.

    Raises
    ------
    InputError
        If the source proves damaged while it is read.
    """
    from workbench.loaders.spool import spool

    rows = grid.rows()
    head = list(islice(rows, HEAD))
    layout = layout_of(head, named=grid.named)
    return spool(grid, layout, chain(head, rows), work)


# -- the search ------------------------------------------------------------------------------------


def _searched(rows: list[Row]) -> Layout:
    full = [(number, cells) for number, cells in rows if any(cells)]
    if not full:
        return Layout([], 0)
    width = _data_width([cells for _, cells in full])
    place, deep = _header_place([cells for _, cells in full], width)
    if place is None:
        return _headless(full)
    top = full[place][1]
    below = [cells for _, cells in full[place + 1 + deep :]]
    head = [top, full[place + 1][1]] if deep else [top]
    last = full[place + deep][0]
    names = _joined(head, max(len(cells) for cells in head))
    titles = [cells for _, cells in full[:place]]
    notes = _title_notes(titles)
    if deep:
        notes["header"] = "two rows"
    above = [*titles, *head]
    repeats = frozenset(squeezed(cells) for cells in above)
    starts = frozenset(next(cell for cell in cells if cell) for cells in above)
    unnamed = frozenset(i for i, name in enumerate(names) if not name)
    return Layout(_unique(names), last, repeats, starts, unnamed, _usual_texts(below), notes)


def _header_place(rows: list[list[str | None]], width: int) -> tuple[int | None, bool]:
    """Place of the header and whether it has two rows; None where no row is one."""
    for place, cells in enumerate(rows):
        below = rows[place + 1 :]
        if _is_upper(cells, below, width):
            return place, True
        if _is_header(cells, below, width):
            return place, False
    return None, False


def _is_header(cells: list[str | None], below: list[list[str | None]], width: int) -> bool:
    """Names, most of them distinct, about as wide as the data, and not values as below."""
    filled = [cell for cell in cells if cell]
    if len(filled) < max(1, FILLED * width) or all(LABELLED.match(cell) for cell in filled):
        return False
    if 2 * len(set(filled)) < len(filled) or is_total_label(filled[0]):
        return False
    if width > 1 and len(filled) == 1:
        return False
    names = [i for i, cell in enumerate(cells) if cell and _is_name(cell)]
    if len(names) < 0.8 * len(filled):
        return False
    return not _same_kind(cells, below)


def _same_kind(cells: list[str | None], below: list[list[str | None]]) -> bool:
    """Whether a row has values where the rows below have values: it is data, not a header."""
    values = [i for i, cell in enumerate(cells) if cell and is_value(cell)]
    alike = [i for i in values if _share_of_values(below, i) > 0.5]
    heads = [i for i in values if _PERIOD.fullmatch(cells[i] or "") and not _periods(below, i)]
    return bool(alike) and len(heads) < len(values)


def _is_upper(cells: list[str | None], below: list[list[str | None]], width: int) -> bool:
    """Whether a row groups the names in the row below it (2026年 over 1月, 2月).

    Every group has a gap to its right; below it are names, below those values. A column outside of
    the groups has nothing or the same text in the second row.
    """
    if len(below) < 2 or sum(1 for cell in cells if cell) < 2:
        return False
    second, data = below[0], below[1:]
    columns = max(_width(second), _width(cells))
    grouped = _grouped(_padded(cells, columns), _padded(second, columns))
    if not grouped or _filled(cells, second) < FILLED * width:
        return False
    names = all(_is_name(second[i] or "") for i in grouped)
    values = sum(1 for i in grouped if _share_of_values(data, i) >= 0.5)
    return names and values >= 0.8 * len(grouped)


def _grouped(first: list[str | None], second: list[str | None]) -> list[int]:
    """Columns of the groups; empty where the two rows do not fit together."""
    groups: list[int] = []
    gaps = 0
    for i, (upper, lower) in enumerate(zip(first, second, strict=True)):
        if upper and lower and upper != lower:
            groups.append(i)
        elif not upper and lower:
            if i - 1 not in groups:
                return []
            groups.append(i)
            gaps += 1
    return groups if gaps else []


def _headless(full: list[Row]) -> Layout:
    """No row holds names: columns are called by their letters, and no row is lost."""
    rows = [cells for _, cells in full]
    titles = 0
    width = _data_width(rows)
    while titles < len(rows) - 1 and _width_filled(rows[titles]) < FILLED * width:
        titles += 1
    columns = max(_width(cells) for cells in _like(rows[titles:], width))
    notes = {**_title_notes(rows[:titles]), "header": "none"}
    head = full[titles - 1][0] if titles else 0
    texts = _usual_texts(rows[titles:])
    unnamed = frozenset(range(columns))
    return Layout(_unique([""] * columns), head, unnamed=unnamed, texts=texts, notes=notes)


# -- what rows are like ----------------------------------------------------------------------------


def squeezed(cells: Sequence[str | None]) -> tuple[str, ...]:
    """Texts of a row without blanks and without the empty cells at its end."""
    texts = [squeeze(cell) if cell else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _is_name(cell: str) -> bool:
    return not is_value(cell) or bool(_PERIOD.fullmatch(cell))


def _share_of_values(rows: list[list[str | None]], column: int) -> float:
    cells = [row[column] for row in rows if column < len(row) and row[column]]
    return sum(1 for cell in cells if is_value(cell or "")) / len(cells) if cells else 0.0


def _periods(rows: list[list[str | None]], column: int) -> bool:
    """Whether most cells of a column are years or months themselves."""
    cells = [row[column] or "" for row in rows if column < len(row) and row[column]]
    return 2 * sum(1 for cell in cells if _PERIOD.fullmatch(cell)) > len(cells)


def _data_width(rows: list[list[str | None]]) -> int:
    """Filled cells of a usual row: of the fuller half, because titles and blanks are narrow."""
    counts = sorted(_width_filled(cells) for cells in rows)
    return counts[(3 * len(counts)) // 4]


def _width_filled(cells: list[str | None]) -> int:
    return sum(1 for cell in cells if cell)


def _filled(first: list[str | None], second: list[str | None]) -> int:
    columns = max(_width(first), _width(second))
    pairs = zip(_padded(first, columns), _padded(second, columns), strict=True)
    return sum(1 for upper, lower in pairs if upper or lower)


def _width(cells: list[str | None]) -> int:
    """Columns up to the last filled cell."""
    return max((i + 1 for i, cell in enumerate(cells) if cell), default=0)


def _like(rows: list[list[str | None]], width: int) -> list[list[str | None]]:
    """Rows that the number of columns may be read from: a single wide one is ragged."""
    widths = sorted(_width(cells) for cells in rows)
    usual = widths[(9 * len(widths)) // 10] if widths else 0
    return [cells for cells in rows if _width(cells) <= max(usual, width)]


def _padded(cells: list[str | None], columns: int) -> list[str | None]:
    return cells[:columns] + [None] * (columns - len(cells))


def _usual_texts(rows: list[list[str | None]]) -> float:
    """Texts in a usual data row: the median."""
    counts = sorted(sum(1 for c in cells if c and not is_value(c)) for cells in rows)
    return float(counts[len(counts) // 2]) if counts else 1.0


# -- names and notes -------------------------------------------------------------------------------


def _clean(cell: str | None) -> str | None:
    from workbench.tables.export import plain

    return (plain(cell.strip().strip("\ufeff\u200b")) or None) if cell else None


def _joined(head: list[list[str | None]], columns: int) -> list[str]:
    """Names of one header row, or of two with the group before the name."""
    rows = [_padded(cells, columns) for cells in head]
    if len(rows) == 1:
        return [_one_line(cell or "") for cell in rows[0]]
    grouped = set(_grouped(rows[0], rows[1]))
    names, group = [], ""
    for i, (upper, lower) in enumerate(zip(rows[0], rows[1], strict=True)):
        group = (upper or group) if i in grouped else ""
        parts = [group, lower or ""] if i in grouped else [upper or lower or ""]
        names.append(" ".join(_one_line(part) for part in parts if part))
    return names


def _one_line(name: str) -> str:
    """A name without its line breaks; between Chinese characters nothing takes their place."""
    return " ".join(_BREAK.sub("", name).split()) if "\n" in name or "\r" in name else name


def _unique(names: list[str]) -> list[str]:
    """Names made distinct: empty ones by their column's letters, doubled ones by a number."""
    taken: set[str] = set()
    unique = []
    for place, name in enumerate(names):
        base = name or f"column {letters(place)}"
        tried, number = base, 1
        while tried in taken:
            number += 1
            tried = f"{base} ({number})"
        taken.add(tried)
        unique.append(tried)
    return unique


def letters(place: int) -> str:
    """Letters of a column as a spreadsheet has them, from place 0: A, B, ... Z, AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _title_notes(titles: list[list[str | None]]) -> dict[str, str]:
    """Texts above the header, and the unit they state for all amounts."""
    texts = [" ".join(dict.fromkeys(cell for cell in cells if cell)) for cells in titles]
    notes = {"titles": " | ".join(texts)} if texts else {}
    for text in texts:
        if unit := _unit_in(text):
            notes["unit"] = unit
            break
    return notes


def _unit_in(text: str) -> str:
    if stated := _UNIT.search(text):
        return next(unit for unit in stated.groups() if unit).strip()
    scale = _THOUSANDS.search(text)
    return scale.group(1).lower() if scale else ""
