"""How wide is a text, where may its lines break, and which characters have no glyph?"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import ParameterError

FAMILY = "Noto Sans SC"
_EM = 1000
_LATIN = 555  # advance of a figure, for characters the font lacks
# Marks that no line may start or end with (GB/T 15834, requirements for Chinese text layout).
_NOT_FIRST = set("，。、；：？！）》〉」』】〕”’…—–·％%‰℃°,.;:?!)]}")
_NOT_LAST = set("（《〈「『【〔“‘([{￥¥$€£#")
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}


def directory() -> Path:
    """Return the folder of the font files, for vl-convert and other drawing programs."""
    return Path(__file__).parent


def characters() -> frozenset[str]:
    """Return the characters that have a glyph in both weights."""
    return _metrics()[0]


def missing(text: str) -> set[str]:
    """Return the characters of a text that the font cannot draw.

    Line breaks and other characters without a shape never count.
    """
    absent = set(text) - characters()
    return {each for each in absent if unicodedata.category(each) not in _INVISIBLE}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a text of one line.

    Parameters
    ----------
    text : str
    size : float
        Font size in px.
    bold : bool
        Weight 700 instead of 400.

    Returns
    -------
    float
        Sum of the advance widths in px. A character without a glyph counts as the system font
        would draw it: full width if it is Chinese, else as wide as a figure.
    """
    table = _metrics()[1][bold]
    return sum(table[each] if each in table else _guess(each) for each in text) * size / _EM


def wrap(
    text: str, width: float, size: float, *, bold: bool = False, lang: Any = None
) -> list[str]:
    """Break a text into lines that fit.

    Chinese breaks between any two characters, but no line starts with closing punctuation or ends
    with an opening mark; Latin words, numbers and their units (3.86亿, 8.2%) stay whole. A word
    wider than the line is broken where it must be.

    Parameters
    ----------
    text : str
        Line breaks in it are kept.
    width : float
        Width of the line in px.
    size : float
        Font size in px.
    bold : bool
    lang : Language, optional
        Not needed to break; taken so that callers may pass what they have.

    Returns
    -------
    list of str
        Lines without spaces at their ends; [""] for an empty text.

    Raises
    ------
    ParameterError
        If the line is narrower than one character.
    """
    if width < size:
        raise ParameterError(
            f"a line of {width:g} px cannot hold a character of {size:g} px",
            do="make the line wider or the type smaller",
        )
    lines = [list(_lines(part, width, size, bold)) for part in text.split("\n")]
    return [line for part in lines for line in part]


def _lines(text: str, limit: float, size: float, bold: bool) -> Iterator[str]:
    line = ""
    for piece in _pieces(text):
        if line and _wide(line + piece, size, bold) > limit:
            yield line.rstrip()
            line = ""
        line = (line + piece) if line else piece.lstrip()
        while _wide(line, size, bold) > limit:
            head = _longest_head(line, limit, size, bold)
            yield head
            line = line[len(head) :]
    yield line.rstrip()


def _wide(line: str, size: float, bold: bool) -> float:
    return width(line.rstrip(), size, bold=bold)


def _longest_head(line: str, limit: float, size: float, bold: bool) -> str:
    end = 1
    while end < len(line) - 1 and width(line[: end + 1], size, bold=bold) <= limit:
        end += 1
    return line[:end]


_WORD = re.compile(
    r"[^\S\n]*(?:[+\u2212±<>≤≥]?[\d.,]+(?:[万亿]?元|个百分点|[%‰万亿年月日天个家倍])?|[A-Za-z0-9_'\u00c0-\u017f/&-]+|.)",
)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text where lines may break; each piece has its leading space."""
    held = ""
    for piece in _WORD.findall(text):
        if held and (piece.lstrip()[:1] in _NOT_FIRST or held[-1] in _NOT_LAST):
            held += piece
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _guess(character: str) -> int:
    if unicodedata.category(character) in _INVISIBLE or unicodedata.combining(character):
        return 0
    return _EM if unicodedata.east_asian_width(character) in "WFA" else _LATIN


@lru_cache(maxsize=1)
def _metrics() -> tuple[frozenset[str], tuple[dict[str, int], dict[str, int]]]:
    stored = json.loads((directory() / "metrics.json").read_text(encoding="utf-8"))
    known = stored["characters"]
    regular, bold = (
        dict.fromkeys(known, _EM) | stored["widths"][weight] for weight in ("400", "700")
    )
    return frozenset(known), (regular, bold)
