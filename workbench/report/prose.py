"""Text of a notebook for one reader: the cells of one language, as HTML.

A Markdown cell carries English, then a line ``<!-- zh -->``, then Chinese; JupyterLab shows both,
a report only its own. A cell without that line is for readers of both languages.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import mistune

from workbench.report.html import element, text
from workbench.text import Language

_SWITCH = re.compile(r"^[ \t]*<!--[ \t]*(en|zh)[ \t]*-->[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def in_language(source: str, lang: Language) -> str:
    """Return the part of a Markdown cell that is for readers of the language.

    Parameters
    ----------
    source : str
        English first; ``<!-- zh -->`` and ``<!-- en -->`` on lines of their own switch.
    lang : Language

    Returns
    -------
    str
        Markdown; all of it where no line switches, "" where nothing is for this reader.
    """
    pieces = _SWITCH.split(source)
    if len(pieces) == 1:
        return source.strip()
    pairs = zip(["en", *pieces[1::2]], pieces[0::2], strict=True)
    return "\n\n".join(piece.strip() for code, piece in pairs if code == lang.code).strip()


def prose(source: str, lang: Language, *, top: int = 1) -> str:
    """Write a Markdown cell as HTML, in one language.

    Parameters
    ----------
    source : str
        The cell.
    lang : Language
    top : int
        Level of its first-order headings: 2 below a page that holds the only `h1`. Those of the
        second order stay `h2`.

    Returns
    -------
    str
        HTML without addresses: a link to the web becomes its words and where it leads to. Raw
        HTML of the cell is shown as text, comments are left out. "" for nothing to say.
    """
    words = _COMMENT.sub("", in_language(source, lang)).strip()
    return str(_writer(top)(words)).strip() if words else ""


@cache
def _writer(top: int) -> mistune.Markdown:
    return mistune.create_markdown(renderer=_Writer(top), plugins=["table", "strikethrough"])


class _Writer(mistune.HTMLRenderer):
    """Headings moved, links and pictures without addresses."""

    def __init__(self, top: int) -> None:
        super().__init__(escape=True)
        self.top = top

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        moved = self.top if level == 1 else max(level, 2)
        return f"<h{moved}>{text}</h{moved}>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith("#"):
            return f'<a href="{self.escape_attribute(url)}">{text}</a>'
        parts = urlsplit(url)
        place = (parts.netloc + parts.path).rstrip("/")
        bare = re.sub(r"^\w+://", "", text)
        return bare if place in ("", bare.rstrip("/")) else f"{text} ({_escaped(place)})"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith("data:image/"):
            source = self.safe_url(url)
            return f'<img src="{source}" alt="{self.escape_attribute(text)}">'
        return element("span", text)


def _escaped(words: str) -> str:
    return text(words)
