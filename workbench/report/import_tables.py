"""Tables of an import report: their cells tell whose words they hold.

A report speaks one language; what stands in a file may be in any. Words of a file are marked as
such, so that a screen reader does not read them in the wrong voice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.report.html import Shown, element, text
from workbench.report.section import Section
from workbench.text import Language

LONGEST = 120  # characters of a file's text that are shown
LISTED = 40  # rows of a list
_ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,;:]+[A-Za-z]{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Own:
    """Words of a file: a header, a text of a cell, a name."""

    words: str

    def __str__(self) -> str:
        return self.words if len(self.words) <= LONGEST else self.words[: LONGEST - 1] + "…"

    def html(self, lang: Language) -> str:
        """Return the words, spaces kept, in no language."""
        return element("span", shown(str(self)), lang="und", class_="own")


@dataclass(frozen=True, slots=True)
class Foreign:
    """Words that may be in the other language, such as messages of errors and evidence."""

    words: str

    def __str__(self) -> str:
        return self.words

    def html(self, lang: Language) -> str:
        """Return the words, marked with their language where it is not that of the report."""
        chinese = bool(_HAN.search(self.words))
        if chinese and lang.code == "en":
            return element("span", shown(self.words), lang="zh-CN")
        if not chinese and lang.code != "en" and _ENGLISH.search(self.words):
            return element("span", shown(self.words), lang="en")
        return shown(self.words)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a sum holds; one that does not is set off."""

    words: str
    holds: bool

    def __str__(self) -> str:
        return self.words

    def html(self, lang: Language) -> str:
        """Return the words, judged where the sum does not hold."""
        return shown(self.words) if self.holds else element("span", shown(self.words), class_="bad")


@dataclass(frozen=True, slots=True)
class Code:
    """A command or a name to type."""

    words: str

    def __str__(self) -> str:
        return self.words

    def html(self, lang: Language) -> str:
        """Return the words as code."""
        return element("code", shown(self.words))


Cell = str | Own | Foreign | Check | Code


@dataclass(frozen=True, repr=False)
class Grid(Shown):
    """A table of words and figures.

    Attributes
    ----------
    heads : sequence of str
    rows : sequence of sequence of Cell
        The first cell names its row.
    lang : Language
    caption : str
        Read out by screen readers.
    numbers : collection of int
        Columns set right.
    total : sequence of Cell, optional
        Last row, set off.
    rest : sequence of Cell, optional
        The row that stands for those not shown.
    widths : sequence of int
        Per cent of the width, so that tables one below the other share their edges; by content
        where empty.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    lang: Language
    caption: str
    numbers: Collection[int] = ()
    total: Sequence[Cell] | None = None
    rest: Sequence[Cell] | None = None
    widths: Sequence[int] = ()

    def fragment(self) -> str:
        """Return the table element."""
        head = "".join(
            element(
                "th", shown(word), scope="col", class_=self._class(place), style=self._width(place)
            )
            for place, word in enumerate(self.heads)
        )
        body = [self._row(row) for row in self.rows]
        body += [self._row(self.rest, "rest")] if self.rest else []
        body += [self._row(self.total, "sum")] if self.total else []
        inside = element("caption", shown(self.caption), class_="sr")
        inside += element("thead", element("tr", head)) + element("tbody", "".join(body))
        return element("table", inside, class_="sheet words")

    def headline(self) -> str:
        """Return caption and size."""
        return f"{self.caption}, {len(self.rows)} x {len(self.heads)}"

    def _row(self, row: Sequence[Cell], class_: str = "") -> str:
        first = element("th", cell_html(row[0], self.lang), scope="row")
        others = (
            element("td", cell_html(cell, self.lang), class_=self._class(place))
            for place, cell in enumerate(row[1:], start=1)
        )
        return element("tr", first + "".join(others), class_=class_)

    def _width(self, place: int) -> str | None:
        return f"width:{self.widths[place]}%" if self.widths else None

    def _class(self, place: int) -> str | None:
        return "n" if place in self.numbers else None


def shown(words: object) -> str:
    """Escape words for HTML; signs that no page can hold are shown as replaced."""
    return text(_CONTROL.sub("\ufffd", str(words)))


def cell_html(cell: Cell, lang: Language) -> str:
    """Return the inside of a cell."""
    return shown(cell) if isinstance(cell, str) else cell.html(lang)


def cut_grid(
    heads: list[str],
    rows: list[list[Cell]],
    lang: Language,
    caption: str,
    *,
    numbers: Collection[int] = (),
) -> Grid:
    """A table of the first rows; the last line says how many more there are and where."""
    more = len(rows) - LISTED
    rest: list[Cell] = [
        lang.say_n("{n} more in {file}", "{n} more in {file}", more, file="report.json"),
        *[""] * (len(heads) - 1),
    ]
    return Grid(heads, rows[:LISTED], lang, caption, numbers, rest=rest if more > 0 else None)


def listed(
    heads: list[str],
    rows: list[list[Cell]],
    lang: Language,
    *,
    title: str,
    reading: str = "",
    note: str = "",
    numbers: Collection[int] = (),
) -> Section:
    """A section of one table, cut where it is long."""
    grid = cut_grid(heads, rows, lang, title, numbers=numbers)
    return Section(grid.fragment(), lang=lang, title=title, reading=reading, note=note)
