"""How wide words are, where they are cut and how they are wrapped: labels have to fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.charts.theme import NOTE
from workbench.text import fonts

ELLIPSIS = "…"


def wide(words: str, *, size: float = NOTE, bold: bool = False) -> float:
    """Return the width of one line in px, in the shipped font."""
    return fonts.width(words, size=size, bold=bold)


def widest(texts: Iterable[str], *, size: float = NOTE, bold: bool = False) -> float:
    """Return the width of the widest of several lines; 0 if there are none."""
    return max((wide(text, size=size, bold=bold) for text in texts), default=0.0)


def cut(words: str, room: float, *, size: float = NOTE, bold: bool = False) -> str:
    """Cut words that are too long for the room, with an ellipsis at the end.

    Where not even the ellipsis fits, nothing is left.
    """
    if wide(words, size=size, bold=bold) <= room:
        return words
    room -= wide(ELLIPSIS, size=size, bold=bold)
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        fits = wide(words[:middle], size=size, bold=bold) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return words[:low].rstrip() + ELLIPSIS if room >= 0 else ""


def lines(words: str, room: float, *, size: float = NOTE, bold: bool = False) -> Sequence[str]:
    """Break words into lines that fit the room; none for no words."""
    return fonts.wrap(words, size=size, width=room, bold=bold) if words else ()
