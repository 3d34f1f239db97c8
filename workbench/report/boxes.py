"""What stands between the pictures: a reading, what it means, what is missing, what needs care."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.errors import MissingTableError, WorkbenchError
from workbench.report.html import Shown, element, paragraph, text
from workbench.text import Language


@dataclass(frozen=True, kw_only=True, repr=False)
class MissingBox(Shown):
    """A dashed box in the place of a section whose tables are missing.

    Attributes
    ----------
    lang : Language
    table : str
        What is missing, by its title.
    purpose : str
        What it is needed for, a sentence.
    how, command : str
        How to add it, a sentence, and what to type for it.
    stands : str
        What still stands without it, a sentence.
    """

    lang: Language
    table: str
    purpose: str = ""
    how: str = ""
    command: str = ""
    stands: str = ""

    @classmethod
    def of(cls, error: MissingTableError, *, lang: Language, stands: str = "") -> MissingBox:
        """Make the box of an error, in the words of the table's declaration."""
        from workbench.tables import table

        declared = table(error.table)
        return cls(
            lang=lang,
            table=declared.title(lang),
            purpose=declared.help(lang),
            how=lang.say("Fill in its template and import it; the next run shows this section."),
            command=f"workbench template {error.table} -o {error.table}.xlsx",
            stands=stands,
        )

    @property
    def title(self) -> str:
        """Heading of the box."""
        return self.lang.say("Not shown, data is missing: {table}", table=self.table)

    def sentences(self) -> list[str]:
        """Return what the box says below its heading."""
        said = (self.purpose, self.how, self.command, self.stands)
        return [words for words in said if words]

    def fragment(self) -> str:
        """Return the box as HTML."""
        command = element("p", element("code", text(self.command))) if self.command else ""
        inside = element("b", text(self.title)) + paragraph(self.purpose, "")
        inside += paragraph(self.how, "hint") + command + paragraph(self.stands, "hint")
        return element("div", inside, class_="state", role="note")

    def headline(self) -> str:
        """Return the heading."""
        return self.title


@dataclass(frozen=True, kw_only=True, repr=False)
class WarningBox(Shown):
    """A result that stands but needs care, or a part that failed: what, where, what to do.

    Attributes are the answers of a `WorkbenchError`; `kept` is what stands in spite of it.
    """

    lang: Language
    message: str
    where: str = ""
    do: str = ""
    kept: str = ""

    @classmethod
    def of(cls, error: WorkbenchError | Warning, *, lang: Language) -> WarningBox:
        """Make the box of an error or warning."""
        if isinstance(error, WorkbenchError):
            answers = {name: getattr(error, name) or "" for name in ("where", "do", "kept")}
            told = {name: lang.again(words) for name, words in answers.items()}
            return cls(lang=lang, message=lang.again(error.message), **told)
        return cls(lang=lang, message=str(error))

    def sentences(self) -> list[str]:
        """Return the answers given, each after its name."""
        named = [
            (self.lang.say("Where"), self.where),
            (self.lang.say("What to do"), self.do),
            (self.lang.say("Kept"), self.kept),
        ]
        return [f"{name}{self.lang.colon}{words}" for name, words in named if words]

    def fragment(self) -> str:
        """Return the box as HTML."""
        lines = "".join(paragraph(words, "hint") for words in self.sentences())
        return element("div", element("b", text(self.message)) + lines, class_="care", role="note")

    def headline(self) -> str:
        """Return the message."""
        return self.message


@dataclass(frozen=True, repr=False)
class Reading(Shown):
    """One sentence that says what is to be seen."""

    text: str
    lang: Language

    def fragment(self) -> str:
        """Return the sentence as a paragraph."""
        return paragraph(self.text, "reading")

    def headline(self) -> str:
        """Return the sentence."""
        return self.text


@dataclass(frozen=True, repr=False)
class SoWhat(Shown):
    """Findings, limits and the next question, computed from the results.

    A sentence that no longer holds is handed in empty, or as None, and disappears.
    """

    sentences: Iterable[str | None]
    lang: Language

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentences", tuple(filter(None, self.sentences)))

    def fragment(self, *, level: int = 2) -> str:
        """Return heading and list; nothing when no sentence holds."""
        items = "".join(element("li", text(words)) for words in self.sentences if words)
        if not items:
            return ""
        title = element(f"h{level}", text(self.lang.say("So what")))
        return element("section", title + element("ul", items, class_="sayso"), class_="sect")

    def headline(self) -> str:
        """Return the number of sentences."""
        return f"{len(tuple(self.sentences))} sentences"
