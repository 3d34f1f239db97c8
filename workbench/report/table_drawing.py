"""A table of the long picture: the cells of `tables.py`, laid out and drawn on a sheet."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.report.cells import Cell, Col
from workbench.report.drawing import Anchor, Sheet, wide
from workbench.report.tables import Row, TableView

BODY, NOTE = 28.0, 24.0
_GAP, _PAD, _ROW = 16.0, 8.0, 1.85
_DRAWN_WIDTH = 1.6  # px of the page to units of the picture, for bars


@dataclass(frozen=True)
class Layout:
    """Where the columns of a table stand.

    Attributes
    ----------
    left, right : tuple of float
        Edges of each column, from the left of the sheet.
    scale : float
        Factor on all sizes, 1 unless the table is wider than the sheet.
    """

    left: tuple[float, ...]
    right: tuple[float, ...]
    scale: float

    @property
    def body(self) -> float:
        """Size of the values."""
        return BODY * self.scale

    @property
    def note(self) -> float:
        """Size of the headers."""
        return NOTE * self.scale


def draw_table(sheet: Sheet, view: TableView) -> None:
    """Draw a table over the width of the sheet and move below it."""
    layout = lay_out(view, width=sheet.inner, start=sheet.margin)
    if view.groups:
        _group_headers(sheet, view, layout)
    _headers(sheet, view, layout)
    for row in view.rows:
        _row(sheet, view, row, layout)


def lay_out(view: TableView, *, width: float, start: float) -> Layout:
    """Give every column the room its longest words need, and share out what is left."""
    need = [
        _need(column, [row.cells[i] for row in view.rows]) for i, column in enumerate(view.columns)
    ]
    gaps = _GAP * (len(need) - 1)
    scale = min(1.0, width / (sum(need) + gaps))
    spare = max(width - sum(need) - gaps, 0.0) / max(len(need) - 1, 1)
    left, right, at = [], [], start
    for i, room in enumerate(need):
        left.append(at)
        right.append(at + (room + (spare if i else 0.0)) * scale)
        at = right[-1] + _GAP * scale
    return Layout(tuple(left), tuple(right), scale)


def _need(column: Col, cells: list[Cell]) -> float:
    head = wide(column.label, size=NOTE)
    if column.drawn:
        return max(head, column.width * _DRAWN_WIDTH)
    pad = 2 * _PAD if column.heat else 0.0
    values = (wide(_with_room(c), size=BODY, bold=True) + pad for c in cells)
    return max([head + pad / 2, *values])


def _with_room(cell: Cell) -> str:
    return f"{cell.text} △" if cell.glyph or (cell.room and cell.text) else cell.text


def _group_headers(sheet: Sheet, view: TableView, layout: Layout) -> None:
    first = 0
    for name, size in view.groups:
        if name:
            left, right = layout.left[first], layout.right[first + size - 1]
            sheet.words(
                name,
                x=(left + right) / 2,
                y=sheet.y,
                size=layout.note,
                colour="--ink2",
                anchor="middle",
            )
            under = sheet.y + layout.note * 1.5
            sheet.box(x=left, y=under, width=right - left, height=2, fill="--rule")
        first += size
    sheet.y += layout.note * 1.5 + 8


def _headers(sheet: Sheet, view: TableView, layout: Layout) -> None:
    for i, column in enumerate(view.columns):
        _place(
            sheet, column.label, layout, i,
            right=column.numeric, size=layout.note, colour="--ink2", inset=_inset(column),
        )  # fmt: skip
    sheet.y += layout.note * 1.5
    sheet.rule(colour="--ink3", thick=2)


def _row(sheet: Sheet, view: TableView, row: Row, layout: Layout) -> None:
    height, top = layout.body * _ROW, sheet.y
    if row.kind == "sum":
        sheet.rule(colour="--ink3", thick=2)
    for i, (column, cell) in enumerate(zip(view.columns, row.cells, strict=True)):
        _tinted(sheet, view, cell, layout, i, top=top, height=height)
        sheet.y = top + (height - layout.body) / 2
        if cell.span is not None:
            _bar(sheet, cell, layout, i)
        else:
            _cell(sheet, column, cell, layout, i, strong=row.kind in ("sub", "sum"))
    sheet.y = top + height
    if row.kind != "sum":
        sheet.rule(colour="--grid", thick=2)


def _cell(sheet: Sheet, column: Col, cell: Cell, layout: Layout, i: int, *, strong: bool) -> None:
    colour = {"good": "--good", "bad": "--badtext"}.get(cell.judged or "", "--ink")
    bold = strong or cell.bold or bool(cell.judged)
    room = wide(" △", size=layout.body, bold=bold) if cell.glyph or cell.room else 0.0
    pad = _inset(column)
    _place(
        sheet, cell.text, layout, i,
        right=column.numeric, size=layout.body, bold=bold, colour=colour, inset=room + pad,
    )  # fmt: skip
    if cell.glyph:
        _place(sheet, cell.glyph, layout, i, right=True, size=layout.body, colour=colour, inset=pad)


def _inset(column: Col) -> float:
    return _PAD if column.heat else 0.0


def _place(
    sheet: Sheet,
    written: str,
    layout: Layout,
    i: int,
    *,
    right: bool,
    size: float,
    bold: bool = False,
    colour: str = "--ink",
    inset: float = 0.0,
) -> None:
    x = layout.right[i] - inset if right else layout.left[i]
    anchor: Anchor = "end" if right else "start"
    sheet.words(written, x=x, y=sheet.y, size=size, bold=bold, colour=colour, anchor=anchor)


def _tinted(
    sheet: Sheet, view: TableView, cell: Cell, layout: Layout, i: int, *, top: float, height: float
) -> None:
    if not cell.tint:
        return
    beside = i > 0 and bool(view.columns[i - 1].heat)
    left = layout.right[i - 1] + 3 if beside else layout.left[i] - _PAD
    fill = "--wash" if cell.tint == "z0" else f"--{cell.tint}"
    sheet.box(x=left, y=top, width=layout.right[i] - left, height=height - 2, fill=fill)


def _bar(sheet: Sheet, cell: Cell, layout: Layout, i: int) -> None:
    assert cell.span is not None
    left, across = layout.left[i], layout.right[i] - layout.left[i]
    start, end = (left + share * across for share in cell.span)
    fill = "--fcm" if cell.tick is None else "--fc80"
    tall = layout.body * 0.8
    top = sheet.y + layout.body * 0.15
    sheet.box(x=start, y=top, width=max(end - start, 2), height=tall, fill=fill)
    if cell.tick is not None:
        at = left + cell.tick * across
        sheet.box(x=at - 2, y=top - 3, width=4, height=tall + 6, fill="--fcm")
