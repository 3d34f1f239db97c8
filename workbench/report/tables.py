"""Tables for people: labels, one unit, aligned digits, tints and marks at stated limits.

What a cell shows is decided in `cells.py`; here it becomes a real HTML table with a caption and
header scopes. The long picture draws the same cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

import pandas as pd

from workbench.errors import ParameterError
from workbench.report.blocks import across, figure, natural_span
from workbench.report.cells import Cell, Col, cells
from workbench.report.html import Shown, element, text
from workbench.text import Language

_UNSEEN = ' <span aria-hidden="true" style="visibility:hidden">△</span>'
_BAR_HEIGHT = 12


@dataclass(frozen=True)
class Row:
    """One row as it is seen; `kind` says how it is set off."""

    kind: Literal["row", "sub", "rest", "sum"]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, repr=False, eq=False)
class TableView(Shown):
    """A result table as people see it.

    Attributes
    ----------
    frame : pandas.DataFrame
        Rows in the order the title promises.
    columns : sequence of Col
        The first one names the row.
    lang : Language
    title, subtitle : str
        Finding; measure, unit, period and basis.
    caption : str
        Read out by screen readers; the title where it is empty.
    total : mapping or one-row frame, optional
        Values of the last row, by column name.
    note : str
        Small print below: limits of tints, meaning of marks.
    currency : str
        Of the money columns.
    scale : scale of `Language.scale`, optional
        To share one unit with a chart; otherwise chosen for the money columns together.
    subtotal : str, optional
        Boolean column of the frame: rows set in bold.
    max_rows, keep : int
        A longer table shows the first `keep` rows and one line for the rest.

    Raises
    ------
    ParameterError
        If a column is not in the frame, or there are no columns.
    """

    frame: pd.DataFrame
    columns: Sequence[Col]
    lang: Language
    title: str = ""
    subtitle: str = ""
    caption: str = ""
    total: Mapping[str, Any] | pd.DataFrame | None = None
    note: str = ""
    currency: str = "CNY"
    scale: Any = None
    subtotal: str | None = None
    max_rows: int = 12
    keep: int = 10

    def __post_init__(self) -> None:
        asked = [c.name for c in self.columns] + [c.mark for c in self.columns if c.mark]
        absent = [name for name in asked if name not in self.frame.columns]
        if absent or not self.columns:
            raise ParameterError(
                f"the table has no column {', '.join(absent)}" if absent else "no columns asked",
                where=f"table {self.title or self.caption!r}",
                do=f"choose among {', '.join(map(str, self.frame.columns))}",
            )

    @property
    def unit(self) -> str:
        """Unit of the money columns, for the line under the title; "" without money."""
        return str(self._scale.unit) if self._scale is not None else ""

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows as they are seen, the rest line and the total last."""
        cut = len(self.frame) > self.max_rows
        rows = [
            Row("sub" if self.subtotal and record[self.subtotal] else "row", self._cells(record))
            for record in self._records(self.keep if cut else len(self.frame))
        ]
        if not rows:
            rows.append(Row("rest", self._cells(self._nothing(), plain=True)))
        if cut:
            rows.append(Row("rest", self._cells(self._rest(), plain=True)))
        if self.total is not None:
            rows.append(Row("sum", self._cells(self._total(), plain=True)))
        return tuple(rows)

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Group headers with the number of columns under each; [] without groups."""
        runs = [(name, len(list(run))) for name, run in groupby(self.columns, lambda c: c.group)]
        return runs if any(name for name, _ in runs) else []

    def grid(self) -> str:
        """Return the table element alone."""
        caption = element("caption", text(self.caption or self.title), class_="sr")
        body = "".join(self._row(row) for row in self.rows)
        inside = caption + element("thead", self._head()) + element("tbody", body)
        return element("table", inside, style=f"max-width:{across(natural_span(self))}px")

    def fragment(self, *, level: int = 3) -> str:
        """Return the table under its title, with its note."""
        return figure(
            self.grid(), title=self.title, subtitle=self.subtitle, note=self.note, level=level
        )

    def headline(self) -> str:
        """Return title and size."""
        return f"{self.title or self.caption}, {len(self.frame)} x {len(self.columns)}"

    @cached_property
    def _scale(self) -> Any:
        names = [c.name for c in self.columns if c.kind in ("money", "signed_money")]
        if self.scale is not None or not names:
            return self.scale
        amounts = [amount for name in names for amount in self.frame[name].tolist()]
        if self.total is not None:
            amounts += [self._total()[name] for name in names if name in self._total()]
        floats = [None if pd.isna(amount) else float(amount) for amount in amounts]
        return self.lang.scale(floats, currency=self.currency)

    def _records(self, most: int) -> list[dict[str, Any]]:
        """The first rows as dicts of what the columns ask for, each column taken out once."""
        asked = {name: None for c in self.columns for name in (c.name, c.low, c.high, c.mark)}
        asked[self.subtotal] = None
        known = [name for name in asked if name and name in self.frame.columns]
        taken = [self.frame[name].iloc[:most].tolist() for name in known]
        return [dict(zip(known, values, strict=True)) for values in zip(*taken, strict=True)]

    def _cells(self, row: Mapping[str, Any], *, plain: bool = False) -> tuple[Cell, ...]:
        columns = tuple(self.columns)
        return cells(row, columns, lang=self.lang, scale=self._scale, plain=plain)

    def _total(self) -> Mapping[str, Any]:
        if isinstance(self.total, pd.DataFrame):
            return dict(self.total.iloc[0])
        return self.total or {}

    def _rest(self) -> dict[str, Any]:
        rest = self.frame.iloc[self.keep :]
        words = self.lang.say("{count} more rows", count=self.lang.number(len(rest), decimals=0))
        sums = {c.name: rest[c.name].sum() for c in self.columns if c.additive}
        return {self.columns[0].name: words} | sums

    def _nothing(self) -> dict[str, Any]:
        return {self.columns[0].name: self.lang.say("No rows")}

    def _head(self) -> str:
        labels = "".join(
            element("th", text(c.label), scope="col", class_="n" if c.numeric else None)
            for c in self.columns
        )
        if not self.groups:
            return element("tr", labels)
        over = "".join(
            element("th", text(name), scope="colgroup", colspan=size)
            if name
            else "<td></td>" * size
            for name, size in self.groups
        )
        return element("tr", over, class_="gh") + element("tr", labels)

    def _row(self, row: Row) -> str:
        named = element("th", text(row.cells[0].text), scope="row")
        pairs = zip(self.columns[1:], row.cells[1:], strict=True)
        others = "".join(_cell(column, cell) for column, cell in pairs)
        return element("tr", named + others, class_="" if row.kind == "row" else row.kind)


def heat_note(lang: Language, limits: Sequence[float], *, direction: str = "up") -> str:
    """Say at which limits tints begin, for the note of a table.

    Parameters
    ----------
    lang : Language
    limits : sequence of float
        The shares given to `Col.heat`.
    direction : {"up", "down"}
        As in the column.
    """
    each = [lang.number(limit * 100, decimals=_needed(limit)) for limit in limits]
    steps = lang.join(each, last="")
    if direction == "up":
        return lang.say("Tints at {steps}%: petrol up, orange down", steps=steps)
    return lang.say("Tints at {steps}%: petrol down, orange up", steps=steps)


def _needed(limit: float) -> int:
    return 0 if round(limit * 100, 6) == round(limit * 100) else 1


def _cell(column: Col, cell: Cell) -> str:
    if column.drawn:
        return element("td", _bar(column, cell) if cell.span else "", class_="d")
    words = element("b", text(cell.text)) if cell.bold else text(cell.text)
    mark = f" {cell.glyph}" if cell.glyph else _UNSEEN if cell.room and cell.text else ""
    names = ["h" if column.heat else "", "n" if column.numeric else ""]
    names += [cell.tint, cell.judged or ""]
    return element("td", words + mark, class_=" ".join(filter(None, names)))


def _bar(column: Col, cell: Cell) -> str:
    assert cell.span is not None
    start, end = (round(share * column.width, 1) for share in cell.span)
    fill = "--fcm" if cell.tick is None else "--fc80"
    drawn = (
        f'<rect x="{start}" y="1" width="{round(max(end - start, 1), 1)}" height="10" '
        f'fill="var({fill})"/>'
    )
    if cell.tick is not None:
        drawn += (
            f'<rect x="{round(cell.tick * column.width - 1, 1)}" y="0" width="2" '
            f'height="{_BAR_HEIGHT}" fill="var(--fcm)"/>'
        )
    return (
        f'<svg role="img" aria-label="{text(cell.text)}" width="{column.width}" '
        f'height="{_BAR_HEIGHT}" viewBox="0 0 {column.width} {_BAR_HEIGHT}">{drawn}</svg>'
    )
