"""A document of its own: one HTML file with style and fonts inside that needs nothing else.

A first page on top, the rest below it under a list of contents. What stands in it: `notebook.py`
(the report of a study), `import_page.py` (the report of an import).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from importlib import resources
from typing import TYPE_CHECKING

from workbench.report.style import style
from workbench.text import Language, fonts

if TYPE_CHECKING:
    from jinja2 import Template

_HEADING = re.compile(r"<h2\b(?P<given>[^>]*)>(?P<inside>.*?)</h2>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ID = re.compile(r'\bid="([^"]+)"')


def document(
    *, lang: Language, title: str, page: str, parts: Sequence[str], has_code: bool = False
) -> str:
    """Put a first page and the parts below it into one document.

    Parameters
    ----------
    lang : Language
    title : str
        Of the window.
    page : str
        HTML of the first page; the only `h1` stands there.
    parts : sequence of str
        HTML of the parts; their `h2` make the list of contents.
    has_code : bool
        Whether hidden code can be shown.

    Returns
    -------
    str
        HTML without script, address or network; the fonts carry just its glyphs.
    """
    headings = _Headings()
    body = "".join(headings.named(part) for part in parts)
    made = _template().render(
        lang=lang,
        title=title,
        style=_style(),
        page=page,
        body=body,
        contents=headings.found,
        say=_words(lang),
        has_code=has_code,
    )
    return made.replace("/*fonts*/", fonts.embed_css(_visible(made)), 1)


class _Headings:
    """Gives each second-order heading a place to link to and lists it for the contents."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def named(self, html: str) -> str:
        return _HEADING.sub(self._name, html)

    def _name(self, match: re.Match[str]) -> str:
        own = _ID.search(match["given"])
        place = own[1] if own else f"s{len(self.found) + 1}"
        self.found.append((place, unescape(_TAG.sub("", match["inside"])).strip()))
        given = match["given"] if own else f'{match["given"]} id="{place}"'
        return f"<h2{given}>{match['inside']}</h2>"


def _words(lang: Language) -> dict[str, str]:
    say = lang.say
    return {
        "skip": say("Skip to the report"),
        "contents": say("Contents"),
        "code": say("Show the code of the calculation"),
        "show": say("Show code"),
        "hide": say("Hide code"),
    }


def _visible(page: str) -> str:
    return unescape(_TAG.sub(" ", page[page.index("<body") :]))


@cache
def _style() -> str:
    own = resources.files("workbench.report").joinpath("notebook.css").read_text("utf-8")
    return style("document") + "\n" + re.sub(r"/\*.*?\*/\n?", "", own, flags=re.DOTALL)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    source = resources.files("workbench.report").joinpath("report.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)
