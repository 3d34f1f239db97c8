"""Judged marks: a triangle that points where a number went, filled when that is favourable.

Favourable or not comes from the `direction` of the KPI dictionary: "up" or "down" is better,
"band" is best inside a range, "context" is never judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.errors import ParameterError
from workbench.report.html import element, text
from workbench.text.judgement import favourable
from workbench.text.numbers import is_missing

Judged = Literal["good", "bad"]
Direction = Literal["up", "down", "context", "band"]

#: Triangle by (points up, judged); for None nothing is judged and nothing drawn.
TRIANGLES: dict[tuple[bool, str], str] = {
    (True, "good"): "▲",
    (False, "good"): "▼",
    (True, "bad"): "△",
    (False, "bad"): "▽",
}
_JUDGED: dict[str, Judged] = {"▲": "good", "▼": "good", "△": "bad", "▽": "bad"}


def judge(
    change: float | None,
    direction: Direction = "up",
    *,
    band: tuple[float, float] | None = None,
) -> Judged | None:
    """Say whether a change is favourable.

    Parameters
    ----------
    change : float or None
        The change; with `band` the level itself.
    direction : {"up", "down", "context", "band"}
        Which way is better, as the KPI dictionary has it.
    band : (float, float), optional
        Range that is best, ends included; needed for direction "band".

    Returns
    -------
    "good", "bad" or None
        None where nothing is to be judged: no number, no change, inside the band, context.

    Raises
    ------
    ParameterError
        If the direction is unknown, or is "band" and there is no band.
    """
    if direction == "band" and band is None:
        raise ParameterError("a band needs its two ends", where="band", do="pass band=(low, high)")
    if band is not None:
        outside = not is_missing(change) and not band[0] <= float(change or 0) <= band[1]
        return "bad" if outside else None
    good = favourable(change, direction)
    return None if good is None else "good" if good else "bad"


def judged_as(glyph: str) -> Judged | None:
    """Read a triangle back: ▲ and ▼ are "good", △ and ▽ "bad", anything else None."""
    return _JUDGED.get(glyph)


@dataclass(frozen=True, slots=True)
class Mark:
    """Words with a judgement: triangle, colour and the sign in the words say it three times.

    Attributes
    ----------
    text : str
        The words, with their sign, as "+8.2%".
    judged : "good", "bad" or None
        None draws neither triangle nor colour.
    up : bool
        Whether the triangle points up.
    """

    text: str
    judged: Judged | None = None
    up: bool = True

    @classmethod
    def of(cls, words: str, change: float | None, direction: Direction = "up") -> Mark:
        """Judge a change and keep the words it is written with."""
        return cls(words, judge(change, direction), up=change is not None and change > 0)

    @property
    def glyph(self) -> str:
        """The triangle, or nothing."""
        return TRIANGLES[self.up, self.judged] if self.judged else ""

    @property
    def words(self) -> str:
        """Triangle and text."""
        return f"{self.glyph} {self.text}" if self.glyph else self.text

    def html(self) -> str:
        """Return a span of its colour; bare words where nothing is judged."""
        if not self.judged:
            return text(self.text)
        return element("span", text(self.words), class_=self.judged)
