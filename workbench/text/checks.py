"""Checks of typography and language for texts that people see.

Tests of catalogues, charts and reports use them: each returns a list of faults, empty if the text
is good, and each fault quotes its place. Give them one text at a time (a sentence, a cell, a text
node of a page: `texts_of_html`), never cells run together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

HAN = r"\u3400-\u9fff\uf900-\ufaff"
_FULL = "，。：；、！？（）“”‘’《》"
_ANY = rf"{HAN}{_FULL}"
_UNITS = "个家天元万亿倍次月年日人单笔行项条件台秒"

# What is wrong, and where: each pattern's match is the place. {fields} stand for words or numbers.
_CHINESE_RULES = (
    ("half-width punctuation beside Chinese", rf"(?<=[{_ANY}])\s*[,;:!?]|[,;:!?]\s*(?=[{_ANY}])"),
    ("half-width bracket beside Chinese", rf"\((?=[{_ANY}])|(?<=[{_ANY}])[()]|\)(?=[{_ANY}])"),
    ("half-width full stop after Chinese", rf"(?<=[{HAN}])\.(?![\w.])|(?<=[{_FULL}])\."),
    ("dots instead of ……", rf"(?<=[{_ANY}])\s*\.\.\.+|\.\.\.+(?=[{_ANY}])"),
    ("straight quote beside Chinese", rf"(?<=[{_ANY}])[\"']|[\"'](?=[{_ANY}])"),
    (
        "typed spaces around a number in Chinese",
        rf"(?<=[{HAN}])[ \u00a0]+[+\u2212]?[\d{{][^ {_ANY}]*[ \u00a0]+(?=[{HAN}])",
    ),
    ("typed space between a number and its unit", rf"(?<=[\d}}])[ \u00a0]+(?=[{_UNITS}])"),
    (
        "typed space beside full-width punctuation",
        r"(?<=[，。：；、！？]) +(?=\S)| +(?=[，。：；、！？])",
    ),
    ("hyphen between Chinese words", rf"(?<=[{HAN}])--?(?=[{HAN}])"),
    ("two punctuation marks in a row", r"[，。：；、！？][，。：；、！？]"),
)
_RULES = (
    ("hyphen instead of minus", r"(?<![\w.\-/=#:}])-(?=[\d.]*\d)"),
    (
        "hyphen instead of – in a range",
        r"(?<![\w\-./])[+\u2212]?\d[\d,.]*%?-\d[\d,.]*%?(?![\w\-./])",
    ),
    ("tilde instead of – in a range", r"(?<=[\d%])\s*[~～]\s*(?=\d)"),
)
_ENGLISH_RULES = (
    ("curly quote in English", r"[“”‘’]"),
    ("full-width punctuation in English", r"[，。：；、！？（）]"),
)
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}(-\d{2})?\b", re.ASCII)

_CODE = re.compile(
    r"`[^`]*`|https?://\S+|\b[\w.-]*[_/\\=@][\w./\\=@-]*|\b[\w-]+\.[a-z]{2,5}\b", re.ASCII
)
_WORD = r"[A-Za-z][A-Za-z'’-]+"


def half_width_faults(text: str, *, code: str | None = None) -> list[str]:
    """Find faults of typography in a Chinese or English text.

    Looks for half-width punctuation and brackets beside Chinese, typed spaces around numbers and
    before their units, hyphens as minus or range, and in English for curly quotes and full-width
    marks. A space that parts a label from its figure (保底 6.8) may stand; ISO dates, ids with
    letters and file names keep their hyphens and dots.

    Parameters
    ----------
    text : str
        A sentence, a cell, a text of a page.
    code : {"zh", "en"}, optional
        Language of the page. By default a text with Chinese is Chinese, one with Latin words
        English, and one of figures alone neither.

    Returns
    -------
    list of str
        One entry a fault, with its surroundings; empty if there is none.
    """
    dated = _ISO_DATE.sub("0000", text)
    return [
        f"{fault}: {_around(dated, match)}"
        for fault, pattern in (*_rules_of(text, code), *_RULES)
        for match in re.finditer(pattern, dated, re.ASCII)
    ]


def english_faults(text: str, *, allowed: Iterable[str] = (), least: int = 2) -> list[str]:
    """Find English in a Chinese text outside code, ids and names.

    Parameters
    ----------
    text : str
        One text of a Chinese page.
    allowed : iterable of str
        Phrases that may stand, such as product names; capital abbreviations (KPI, DSO) may
        always stand.
    least : int
        Words in a row that make a fault; 1 finds single words left untranslated too.

    Returns
    -------
    list of str
        The English stretches found.
    """
    text = _CODE.sub(" \0 ", text)
    for phrase in sorted(allowed, key=len, reverse=True):
        text = text.replace(phrase, " \0 ")
    runs = re.findall(rf"{_WORD}(?:[ ,;:'\"()/&-]+{_WORD})*", text)
    return [run for run in runs if len(_plain_words(run)) >= least]


def texts_of_html(html: str) -> list[str]:
    """Return the texts of a page that people read, one an element.

    Left out: scripts, styles, code, and elements marked with another language than the page's.
    Marks of emphasis and links (b, em, a ...) do not break a text; spans do, since they hold
    figures, units and labels. `title`, `alt` and `aria-label` count.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return list(reader.texts())


def _rules_of(text: str, code: str | None) -> tuple[tuple[str, str], ...]:
    if code == "zh" or (code is None and re.search(f"[{HAN}]", text)):
        return _CHINESE_RULES
    return _ENGLISH_RULES if code == "en" or re.search(_WORD, text) else ()


def _plain_words(run: str) -> list[str]:
    return [word for word in re.findall(_WORD, run) if not word.isupper()]


def _around(text: str, match: re.Match[str]) -> str:
    return "…" + text[max(match.start() - 8, 0) : match.end() + 8].strip() + "…"


class _Reader(HTMLParser):
    """Collects texts; a stack remembers which open elements are left out."""

    _INLINE = frozenset(("a", "abbr", "b", "bdi", "em", "mark", "s", "strong", "sub", "sup", "u"))
    _LEFT_OUT = frozenset(("script", "style", "code", "pre", "kbd", "template"))
    _EMPTY = frozenset(
        ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
         "track", "wbr")
    )  # fmt: skip
    _SAID = frozenset(("alt", "title", "aria-label", "placeholder"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = [""]
        self._open: list[tuple[str, bool]] = []
        self._language: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._INLINE:
            self._parts.append("")
        given = dict(attrs)
        if tag == "html":
            self._language = given.get("lang")
        foreign = given.get("lang") not in (None, self._language)
        hidden = self._hidden() or tag in self._LEFT_OUT or foreign
        if not hidden:
            said = [text for name, text in attrs if name in self._SAID and text]
            self._parts[-1:-1] = said
        if tag not in self._EMPTY:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._INLINE:
            self._parts.append("")
        while any(name == tag for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._hidden():
            self._parts[-1] += data

    def texts(self) -> Iterator[str]:
        """Yield the texts collected, spaces drawn together, without the empty ones."""
        for part in self._parts:
            text = re.sub(r"\s+", " ", part).strip()
            if text:
                yield text

    def _hidden(self) -> bool:
        return bool(self._open) and self._open[-1][1]
