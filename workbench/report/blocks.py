"""A block: one figure or table under its finding, a number of the page's twelve columns wide.

What a chart or table brings along (title, subtitle, key, text alternative) is taken over, so that
most blocks say only how wide they are. Charts are known by what they offer, not by their class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from workbench.errors import ParameterError
from workbench.report.html import element, own_ids, paragraph, text

#: Columns of the page, px between them, px of all together.
COLUMNS, GUTTER, PAGE = 12, 28, 1376


@runtime_checkable
class Drawing(Protocol):
    """What a page asks of a chart: words about it, and itself as SVG."""

    title: str
    subtitle: str
    key: Any
    alt: str

    def svg(self, *, themed: bool = True, title: bool = True) -> str:
        """Draw; `themed` with colour variables, `title` with title and subtitle inside."""
        ...


@dataclass(frozen=True, repr=False)
class Block:
    """A figure, table or box with its finding, and its width on the page.

    Attributes
    ----------
    body : chart figure, TableView, box or str
        A str is HTML already and is taken as it stands.
    span : int, optional
        Columns of twelve; what the body needs if None.
    title, subtitle, alt : str
        Finding; measure, unit, period and basis; text alternative. Taken from the body when
        empty.
    key : sequence, optional
        Entries of the key (`charts.KeyEntry`); None takes those of the body.
    note : str
        Small print below.
    narrow : chart figure or TableView, optional
        Drawn instead of the body in the long picture, where a wide chart would become small.

    Raises
    ------
    ParameterError
        If the span is not 1 to 12.
    """

    body: Any
    span: int | None = None
    title: str = ""
    subtitle: str = ""
    key: Any = None
    note: str = ""
    alt: str = ""
    narrow: Any = None

    def __post_init__(self) -> None:
        if self.span is None:
            object.__setattr__(self, "span", natural_span(self.body))
        if self.span is None or not 1 <= self.span <= COLUMNS:
            raise ParameterError(
                f"a block cannot be {self.span} columns wide", where="span", do="use 1 to 12"
            )
        source = None if is_box(self.body) else self.body  # a box holds its own words
        for name in ("title", "subtitle", "alt", "note"):
            own = getattr(self, name) or getattr(source, name, "")
            object.__setattr__(self, name, own if isinstance(own, str) else "")
        if self.key is None:
            object.__setattr__(self, "key", tuple(getattr(source, "key", None) or ()))

    def fragment(self, *, level: int = 2) -> str:
        """Return the block as HTML, its title a heading of this level."""
        if is_box(self.body) and not self.title:
            place = f"grid-column:span {self.span}"
            return element("div", str(self.body.fragment()), style=place)
        return figure(
            content(self.body),
            title=self.title,
            subtitle=self.subtitle,
            key=self.key,
            note=self.note,
            alt=self.alt,
            level=level,
            span=self.span,
        )

    def __repr__(self) -> str:
        return f"<Block {self.span}: {self.title or type(self.body).__name__}>"


def is_box(body: Any) -> bool:
    """Tell whether a body is a box or sentence: it draws itself and is no chart or table."""
    return hasattr(body, "fragment") and not hasattr(body, "grid")


def natural_span(body: Any) -> int:
    """Return the columns a body needs: a chart by its width, a table by its own columns."""
    if isinstance(width := getattr(body, "width", None), (int, float)):
        return min(COLUMNS, max(1, math.ceil((width + GUTTER) / (PAGE + GUTTER) * COLUMNS - 0.05)))
    if hasattr(body, "grid"):
        return min(COLUMNS, 2 + len(body.columns))
    return COLUMNS


def across(columns: int) -> int:
    """Return the px of a number of columns."""
    return columns * (PAGE + GUTTER) // COLUMNS - GUTTER


def content(body: Any) -> str:
    """Return the inside of a block as HTML: the drawing, the bare table, the box."""
    if isinstance(body, str):
        return body
    if callable(getattr(body, "svg", None)):
        return hidden(body.svg(themed=True, title=False))
    return str(body.grid() if hasattr(body, "grid") else body.fragment())


def hidden(svg: str) -> str:
    """Keep a drawing from screen readers, which get its text alternative, and its ids apart."""
    return own_ids(svg).replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)


def figure(
    inside: str,
    *,
    title: str,
    subtitle: str = "",
    key: Iterable[Any] = (),
    note: str = "",
    alt: str = "",
    level: int = 2,
    span: int | None = None,
) -> str:
    """Frame HTML as a figure: finding, subtitle with key, content, note, text alternative."""
    parts = (
        element(f"h{level}", text(title)) if title else "",
        _under(subtitle, tuple(key)),
        inside,
        paragraph(note, "u note"),
        paragraph(alt, "sr"),
    )
    place = f"grid-column:span {span}" if span else None
    return element(
        "figure", "".join(parts), class_="fig", style=place, role="group", aria_label=title
    )


def _under(subtitle: str, key: tuple[Any, ...]) -> str:
    if not key:
        return paragraph(subtitle, "u")
    entries = "".join(
        element("span", element("i", "", style=entry.css) + text(entry.label)) for entry in key
    )
    return f'<p class="u"><span class="key">{text(subtitle)} {entries}</span></p>'
