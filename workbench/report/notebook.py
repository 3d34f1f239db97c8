"""From an executed notebook to its report: one HTML file that needs nothing else.

The first page, an output of one of the cells, stands on top; the narrative follows in the order of
the notebook, in one language (`prose.py`); code is there but hidden; parameters, results, data and
the record of the run close it. No script, no address, no network (`outputs.py`). The document
around it: `document.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.report import outputs
from workbench.report.document import document
from workbench.report.html import element, text
from workbench.report.prose import prose
from workbench.text import Language

_PAGE = re.compile(r'<section\b[^>]*class="page"')
_PLACED = re.compile(r'class="(?:sw|sect)\b')


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table at the end of a report: what the run was made of.

    Attributes
    ----------
    title : str
    head : tuple of str
        Labels of the columns.
    rows : sequence of sequence of str
        Texts; the first names its row.
    numbers : frozenset of int
        Columns set right.
    note : str
        Small print below.
    """

    title: str
    head: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    note: str = ""

    def html(self) -> str:
        """Return heading and table; nothing where there are no rows."""
        if not self.rows:
            return ""
        head = "".join(self._cell("th", place, word, "col") for place, word in enumerate(self.head))
        body = "".join(
            element("tr", "".join(self._body(place, word) for place, word in enumerate(row)))
            for row in self.rows
        )
        caption = element("caption", text(self.title), class_="sr")
        table = element(
            "table",
            caption + element("thead", element("tr", head)) + element("tbody", body),
            class_="sheet",
        )
        note = element("p", text(self.note), class_="note") if self.note else ""
        title = element("h2", text(self.title))
        return element("section", title + table + note, class_="sect about")

    def _body(self, place: int, word: str) -> str:
        return self._cell("td" if place else "th", place, word, None if place else "row")

    def _cell(self, name: str, place: int, word: str, scope: str | None) -> str:
        class_ = "n" if place in self.numbers else None
        return element(name, text(word), scope=scope, class_=class_)


@dataclass(frozen=True, kw_only=True)
class Report:
    """An executed notebook and what its report says besides.

    Attributes
    ----------
    cells : sequence of mapping
        Cells as the notebook format has them, executed.
    lang : Language
    title : str
        Of the study; title of the window.
    company : str
    sheets : sequence of Sheet
        Parameters, results, data, record of the run.
    """

    cells: Sequence[Mapping[str, Any]]
    lang: Language
    title: str
    company: str = ""
    sheets: Sequence[Sheet] = field(default_factory=tuple)

    def html(self) -> str:
        """Return the report as one HTML document."""
        parts = self._parts()
        return document(
            lang=self.lang,
            title=" · ".join(filter(None, [self.title, self.company])),
            page=parts.page,
            parts=[*parts.narrative, *self._closing()],
            has_code=any(cell["cell_type"] == "code" for cell in self.cells),
        )

    @property
    def warnings(self) -> list[outputs.Warned]:
        """All warnings of all cells, in order."""
        return [
            each
            for number, cell in self._numbered()
            for each in outputs.warned(cell.get("outputs", ()), number)
        ]

    def _parts(self) -> _Parts:
        drawn = {number: self._drawn(cell) for number, cell in self._numbered()}
        page = next((p for parts in drawn.values() for p in parts if _PAGE.search(p)), "")
        narrative: list[str] = []
        number = deeper = 0
        for cell in self.cells:
            if cell["cell_type"] == "markdown":
                words = prose(_source(cell), self.lang, top=2 if page else 1)
                narrative += [element("section", words, class_="prose")] if words else []
                deeper = 1 if "<h2" in words else deeper
            elif cell["cell_type"] == "code":
                number += 1
                parts = [_demoted(part, deeper) for part in drawn[number] if part != page]
                narrative += self._code_cell(cell, number, parts)
        titled = bool(narrative) and "<h1>" in narrative[0]
        if titled and not page:  # without a first page the title stands on top
            page = narrative.pop(0)
        return _Parts(page=page, narrative=narrative)

    def _code_cell(self, cell: Mapping[str, Any], number: int, drawn: list[str]) -> list[str]:
        """Code, warnings for readers, outputs."""
        source = _source(cell).strip()
        code = element("pre", element("code", text(source)), class_="code") if source else ""
        care = outputs.care(outputs.warned(cell.get("outputs", ()), number), self.lang)
        shown = [part if _PLACED.search(part) else _section(part) for part in drawn]
        return [part for part in (code, _section(care) if care else "", *shown) if part]

    def _drawn(self, cell: Mapping[str, Any]) -> list[str]:
        shown = (outputs.drawn(output, self.lang) for output in cell.get("outputs", ()))
        return [part for part in shown if part]

    def _numbered(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        code = (cell for cell in self.cells if cell["cell_type"] == "code")
        yield from enumerate(code, start=1)

    def _closing(self) -> Iterator[str]:
        yield from filter(None, (sheet.html() for sheet in self.sheets))
        notes = list(self._technical())
        if notes:
            summary = element("summary", text(self.lang.say("Technical notes")))
            # In the words of the programs that wrote them, whatever the language of the report.
            inside = element("div", "".join(notes), lang="en")
            yield _section(element("details", summary + inside), "about")

    def _technical(self) -> Iterator[str]:
        for number, cell in self._numbered():
            said = outputs.remarks(cell.get("outputs", ()))
            others = outputs.warned(cell.get("outputs", ()), number)
            lines = [f"{w.category}: {w.message}" for w in others if not w.for_readers]
            if said or lines:
                words = "\n".join(filter(None, [f"cell {number}", *lines, said]))
                yield element("pre", text(words), class_="said")


@dataclass(frozen=True, slots=True)
class _Parts:
    page: str
    narrative: list[str]


def _section(html: str, kind: str = "") -> str:
    return element("section", html, class_=f"sect {kind}".strip())


def _demoted(html: str, levels: int) -> str:
    """Headings of an output below those of the narrative; none stays one of the first order."""

    def moved(match: re.Match[str]) -> str:
        return f"{match[1]}{min(max(int(match[2]), 2) + levels, 6)}"

    return re.sub(r"(</?h)([1-6])(?=[\s>])", moved, html)


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
