"""A section below the first page: the finding, a sentence, the picture, the table."""

from __future__ import annotations

from typing import Any

from workbench.report.blocks import Block
from workbench.report.html import Shown, element, paragraph, text
from workbench.text import Language


class Section(Shown):
    """One finding of the narrative with what proves it, so that a notebook cell is one line.

    Parameters
    ----------
    *parts : chart figure, TableView, box or Block
        In the order they are read. A Block keeps its width; a chart or table takes the columns it
        needs, so that what fits stands side by side.
    lang : Language
    title : str
        The finding; leave it empty where the first figure says it.
    reading : str
        The sentence under the finding.
    note : str
        Small print at the end.
    """

    def __init__(
        self, *parts: Any, lang: Language, title: str = "", reading: str = "", note: str = ""
    ) -> None:
        self.parts = tuple(p if isinstance(p, Block) else Block(p) for p in parts)
        self.lang = lang
        self.title = title
        self.reading = reading
        self.note = note

    def fragment(self, *, level: int = 2) -> str:
        """Return the section as HTML; titles of figures are one level below its own."""
        below = level + 1 if self.title else level
        inside = (
            element(f"h{level}", text(self.title)) if self.title else "",
            paragraph(self.reading, "reading"),
            *(block.fragment(level=below) for block in self.parts),
            paragraph(self.note, "note"),
        )
        return element("section", "".join(inside), class_="sect", aria_label=self.title)

    def headline(self) -> str:
        """Return the finding."""
        return self.title or next((block.title for block in self.parts), "")
