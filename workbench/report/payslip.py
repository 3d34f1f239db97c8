"""A pay statement for one person: what is paid, and why, down to the transaction and the tier.

One file a person, readable by its owner alone. HTML unfolds without script; the workbook holds the
same figures as numbers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.report.document import document
from workbench.report.html import element, paragraph, text
from workbench.report.labels import Meaning
from workbench.report.xlsx import Book, TableSheet
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.pay.explain import Node

OWNER_ONLY = 0o600


@dataclass(frozen=True, kw_only=True, slots=True)
class Payslip:
    """What a person gets to see.

    Attributes
    ----------
    lang : Language
    rep_id, name, role : str
    company, plan, period : str
        For people.
    items : mapping of str to float
        Payroll items that pay, by their names, in order.
    total : float
    tree : Node
        What pay is made of.
    lines : DataFrame
        component, date, line_id, credit, earned: the credit lines behind it.
    open_ : mapping of str to float
        What is open at the period's end, by its names: held back, carried, drawn.
    currency : str
    rebate : bool
        Whether it is a dealer's rebate and not somebody's pay.
    """

    lang: Language
    rep_id: str
    name: str
    role: str
    company: str
    plan: str
    period: str
    items: Mapping[str, float]
    total: float
    tree: Node
    lines: pd.DataFrame
    open_: Mapping[str, float] = field(default_factory=dict)
    currency: str = "CNY"
    rebate: bool = False

    @property
    def title(self) -> str:
        """Title of the file."""
        who = self.rep_id if self.name == self.rep_id else f"{self.rep_id} {self.name}"
        if self.rebate:
            return self.lang.say("Rebate statement {period}, {who}", period=self.period, who=who)
        return self.lang.say("Pay statement {period}, {who}", period=self.period, who=who)

    def html(self) -> str:
        """The statement as a page of its own."""
        return document(lang=self.lang, title=self.title, page=self._page(), parts=[])

    def write(self, folder: Path, *, stem: str) -> list[Path]:
        """Write HTML and workbook, both and their folder for their owner only."""
        folder.mkdir(mode=0o700, exist_ok=True)
        page, book = folder / f"{stem}.html", folder / f"{stem}.xlsx"
        write_private(page, self.html())
        book.unlink(missing_ok=True)
        os.close(os.open(book, os.O_CREAT | os.O_WRONLY, OWNER_ONLY))
        self._book().write(book)
        book.chmod(OWNER_ONLY)
        return [page, book]

    @property
    def _kind(self) -> str:
        return self.lang.say("Rebate statement") if self.rebate else self.lang.say("Pay statement")

    @property
    def _total(self) -> str:
        return self.lang.say("Rebate in all") if self.rebate else self.lang.say("Pay before tax")

    # -- page -------------------------------------------------------------------------------

    def _page(self) -> str:
        say = self.lang.say
        mast = element(
            "div",
            f"<span><b>{text(self._kind)}</b> {text(self.period)}</span>"
            + element("span", text(self.company)),
            class_="mast",
        )
        amount = self.lang.exact_money(self.total, currency=self.currency)
        rebate = say("Rebate of {amount}", amount=amount)
        pay = say("{amount} before tax", amount=amount)
        heading = element("h1", text(rebate if self.rebate else pay))
        who = self.lang.comma.join(
            [each for each in (self.rep_id, self.name, self.role, self.plan) if each]
        )
        return element(
            "main",
            mast + heading + paragraph(who, "lead") + self._items() + self._tree() + self._foot(),
            class_="page",
        )

    def _items(self) -> str:
        say = self.lang.say
        item = say("Rebate item") if self.rebate else say("Payroll item")
        paid = self._sums(item, self.items, say("Pay by payroll item"), self._total)
        if self.open_:
            name = say("Open at the end of the period")
            paid += self._sums(name, self.open_, name)
        return element("section", paid, class_="fig", style="grid-column:span 5")

    def _sums(self, head: str, amounts: Mapping[str, float], caption: str, total: str = "") -> str:
        """Table of amounts by their names, with the pay as its sum."""
        top = element(
            "tr",
            element("th", text(head), scope="col")
            + element("th", text(self.currency), scope="col", class_="n"),
        )
        rows = [
            element(
                "tr", element("td", text(name)) + element("td", self._money(amount), class_="n")
            )
            for name, amount in amounts.items()
        ]
        if total:
            whole = element("td", text(total)) + element("td", self._money(self.total), class_="n")
            rows.append(element("tr", whole, class_="sum"))
        return element(
            "table",
            element("caption", text(caption), class_="sr")
            + element("thead", top)
            + element("tbody", "".join(rows)),
            style="margin-bottom:28px",
        )

    def _tree(self) -> str:
        inside = element("h2", text(self.lang.say("What it is made of")))
        inside += "".join(self._node(child, level=0) for child in self.tree.children)
        return element("section", inside, class_="fig", style="grid-column:span 7")

    def _node(self, node: Node, *, level: int) -> str:
        line = text(node.label) + element(
            "span", self._money(float(node.amount)), class_="n", style="position:absolute;right:0"
        )
        style = (
            f"position:relative;padding:3px 110px 3px {20 * level}px;"
            "border-bottom:1px solid var(--grid);color:var(--ink)"
        )
        if not node.children:
            return element("div", line, style=style)
        below = "".join(self._node(child, level=level + 1) for child in node.children)
        summary = element("summary", line, style=style)
        attributes = {"open": "open"} if level == 0 else {}
        return element("details", summary + below, **attributes)

    def _foot(self) -> str:
        say = self.lang.say
        words = (
            say("A question about a line: name its number. For the dealer named only.")
            if self.rebate
            else say(
                "Pay before tax; a question about a line: name its number."
                " For the person named only."
            )
        )
        return element("div", element("span", text(words)), class_="foot")

    def _money(self, amount: float) -> str:
        """To the cent; parts of one are written out as far as they go."""
        cents = round(amount, 2) == round(amount, 6)
        written = self.lang.number(amount, decimals=2 if cents else 6)
        return text(written if cents else written.rstrip("0"))

    # -- workbook ---------------------------------------------------------------------------

    def _book(self) -> Book:
        import pyarrow as pa

        say = self.lang.say
        items = pd.DataFrame(
            {
                "item": [*self.items, self._total],
                "amount": [*self.items.values(), self.total],
            }
        )
        left = pd.DataFrame({"item": [*self.open_], "amount": [*self.open_.values()]})
        tree = pd.DataFrame(list(_flat(self.tree)), columns=["level", "what", "amount"])
        labels = {
            "item": (say("Payroll item"), "text"),
            "amount": (say("Amount"), "money"),
            "level": (say("Level"), "integer"),
            "what": (say("What it is made of"), "text"),
            "component": (say("Component"), "text"),
            "date": (say("Date"), "date"),
            "line_id": (say("Line"), "text"),
            "credit": (say("Credit"), "money"),
            "earned": (say("Pay"), "money"),
        }
        sheets = [
            TableSheet(
                name,
                title,
                [Meaning(column, *labels[column]) for column in table.columns],
                pa.Table.from_pandas(table, preserve_index=False),
            )
            for name, title, table in (
                ("items", say("Pay by payroll item"), items),
                *((("open", say("Open at the end of the period"), left),) if self.open_ else ()),
                ("made_of", say("What it is made of"), tree),
                ("lines", say("Credit lines"), self.lines),
            )
        ]
        return Book(
            lang=self.lang,
            title=self.title,
            company=self.company,
            lines=[self.plan, self.role],
            sheets=sheets,
        )


def write_private(path: Path, words: str, *, encoding: str = "utf-8") -> None:
    """Write a file that its owner alone may read, from its first byte on."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
        file.write(words)


def _flat(node: Node, level: int = 0) -> Iterator[tuple[int, str, float]]:
    for child in node.children:
        yield level, child.label, float(child.amount)
        yield from _flat(child, level + 1)
