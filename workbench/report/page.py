"""The first page of a report: masthead, finding, lead, tiles, blocks, foot.

The page says what was found before it shows it. Tables: `tables.py`; what stands below the first
page: `section.py`; the page as one long picture or a few lines to paste: `picture.py`, `share.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.report.blocks import Block, hidden
from workbench.report.html import Shown, element, paragraph, text
from workbench.report.marks import Mark
from workbench.text import Language


@dataclass(frozen=True, kw_only=True, repr=False)
class Tile:
    """One key figure in four lines.

    Attributes
    ----------
    label, basis : str
        Name, and in small what it counts (含税·累计).
    figure, unit : str
        As `Language.money_parts` gives them.
    change : Mark or str
        Judged change, or words that are not judged.
    against : str
        What the change is against.
    second : str
        Interval or second reading.
    second_mark : Mark, optional
        A judged figure after it.
    spark : str or chart figure, optional
        SVG of 92 by 34, last year grey.
    """

    label: str
    figure: str
    unit: str = ""
    basis: str = ""
    change: Mark | str = ""
    against: str = ""
    second: str = ""
    second_mark: Mark | None = None
    spark: Any = None

    def fragment(self, lang: Language) -> str:
        """Return the tile as HTML."""
        gap = lang.pick(" ", "")  # between Chinese and a number the style sheet sets the gap
        name = element("span", text(self.label)) + element("small", text(self.basis))
        unit = element("small", text(self.unit)) if self.unit else ""
        lines = (
            element("div", name, class_="l"),
            element(
                "div",
                element("div", text(self.figure) + unit, class_="f") + hidden(self.drawn()),
                class_="row",
            ),
            element("div", gap.join(self._line(self.change, self.against)), class_="c"),
            element("div", gap.join(self._line(self.second, self.second_mark)), class_="i"),
        )
        return element("div", "".join(lines), class_="tile", role="group", aria_label=self.label)

    def drawn(self) -> str:
        """Return the spark as SVG, or nothing."""
        if self.spark is None or isinstance(self.spark, str):
            return self.spark or ""
        return str(self.spark.svg(themed=True, title=False))

    def said(self) -> str:
        """Return the figure with its unit as it is said: 3.86亿元, "CNY 386.0 million"."""
        unit = self.unit.replace("\N{NO-BREAK SPACE}", " ")
        currency, _, size = unit.partition(" ")  # only English units start with a currency
        return f"{currency} {self.figure} {size}" if size else f"{self.figure}{self.unit}"

    @staticmethod
    def _line(*parts: Mark | str | None) -> list[str]:
        written = [part.html() if isinstance(part, Mark) else text(part) for part in parts if part]
        return [part for part in written if part]

    def __repr__(self) -> str:
        return f"<Tile: {self.label} {self.figure}{self.unit}>"


@dataclass(frozen=True, kw_only=True)
class Foot:
    """The foot of a page: what every figure on it stands on.

    Attributes
    ----------
    basis : str
        Tax, date and organisation basis (口径).
    data_as_of : str
        Last day of the data, and the closing day.
    unit : str
        Unit of the charts and tables, and what small lines show.
    left_out : str
        Rows left out, with reasons.
    """

    basis: str
    data_as_of: str
    unit: str = ""
    left_out: str = ""

    def entries(self, lang: Language) -> list[tuple[str, str]]:
        """Return the entries that say something, each with its name."""
        named = [
            (lang.say("Basis"), self.basis),
            (lang.say("Data as of"), self.data_as_of),
            (lang.say("Unit"), self.unit),
            (lang.say("Left out"), self.left_out),
        ]
        return [(name, words) for name, words in named if words]

    def fragment(self, lang: Language) -> str:
        """Return the foot as HTML."""
        spans = (
            element("span", element("b", text(name)) + lang.pick(" ", "") + text(words))
            for name, words in self.entries(lang)
        )
        return element("footer", "".join(spans), class_="foot")


@dataclass(frozen=True, kw_only=True, repr=False)
class Page(Shown):
    """The first page of a study's report; it holds the only `h1`.

    Attributes
    ----------
    study, period, company : str
        Masthead: what, when, whose.
    finding, lead : str
        The finding with its number; one sentence more.
    tiles : sequence of Tile
        Five or six, in the order of the page.
    blocks : sequence of Block
        They fill twelve columns row by row.
    foot : Foot
    lang : Language
    flag : str
        Words of caution beside the company, as for invented data.
    """

    study: str
    period: str
    company: str
    finding: str
    lead: str
    tiles: Sequence[Tile]
    blocks: Sequence[Block]
    foot: Foot
    lang: Language
    flag: str = ""

    def fragment(self) -> str:
        """Return the page as HTML without the element that carries style and language."""
        tiles = "".join(tile.fragment(self.lang) for tile in self.tiles)
        parts = (
            self._masthead(),
            element("h1", text(self.finding)),
            paragraph(self.lead, "lead"),
            element("section", tiles, class_="tiles", aria_label=self.lang.say("Key figures")),
            *(block.fragment(level=2) for block in self.blocks),
            self.foot.fragment(self.lang),
        )
        return element("section", "".join(parts), class_="page", aria_label=self.name)

    @property
    def name(self) -> str:
        """Study and period, as the masthead and the window title have them."""
        return f"{self.study}{self.lang.comma}{self.period}"

    def picture(self, *, scale: float = 2) -> bytes:
        """Return the page as one long PNG; see `picture.long_png`."""
        from workbench.report.picture import long_png

        return long_png(self, scale=scale)

    def share_text(self, *, limit: int = 200) -> str:
        """Return the page in a few words to paste; see `share.share_text`."""
        from workbench.report.share import share_text

        return share_text(self, limit=limit)

    def headline(self) -> str:
        """Return the finding."""
        return self.finding

    def _masthead(self) -> str:
        gap = self.lang.pick(" ", "")
        named = element("b", text(self.study)) + gap + text(self.period)
        flag = gap + element("b", text(self.flag), class_="flag") if self.flag else ""
        whose = element("span", text(self.company) + flag)
        return element("div", element("span", named) + whose, class_="mast")
