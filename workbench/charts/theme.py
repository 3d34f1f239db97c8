"""The look of charts: colours by role, sizes of the page grid, the Vega-Lite configuration.

Colours stand once, in `tokens.css`, light and dark; `Role` names them. A chart is drawn in light
hex, one hex a role, so that a page can swap each for its CSS variable (`render.py`) and dark mode
follows without drawing again. Nothing here is registered with Altair globally.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from workbench.errors import ParameterError

#: Smallest text in px, body of charts, and titles.
NOTE, BODY, TITLE = 12, 13, 15

_PAGE, _COLUMNS, _GUTTER = 1376, 12, 28
_COLOUR = re.compile(r"--(\w+):\s*(#[0-9A-Fa-f]{6});")


class Role(StrEnum):
    """What a colour means; the value is the name of its CSS variable without the dashes."""

    PAPER = "paper"
    WASH = "wash"  # quiet panel, normal band, no data
    RULE = "rule"
    GRID = "grid"
    INK = "ink"
    INK2 = "ink2"
    INK3 = "ink3"
    ACTUAL = "actual"
    LAST = "last"  # last year, and anything past or neutral
    PLAN = "plan"  # outline only
    FC95 = "fc95"
    FC80 = "fc80"
    FC50 = "fc50"
    FCM = "fcm"
    GOOD = "good"
    BAD = "bad"
    BADTEXT = "badtext"
    FOCUS = "focus"
    G1 = "g1"
    G2 = "g2"
    G3 = "g3"
    B1 = "b1"
    B2 = "b2"
    B3 = "b3"
    LINE2 = "line2"
    LINE3 = "line3"
    LINE4 = "line4"

    @property
    def light(self) -> str:
        """Hex on the light page."""
        return palette()[0][self.value]

    @property
    def dark(self) -> str:
        """Hex on the dark page."""
        return palette()[1][self.value]

    @property
    def css(self) -> str:
        """The colour as a page writes it: "var(--ink)"."""
        return f"var(--{self.value})"


#: Lines told apart by name, where names are needed: five at most.
NAMED = (Role.ACTUAL, Role.LINE2, Role.LINE3, Role.LINE4, Role.LAST)


def columns(count: int) -> int:
    """Return the width in px of a number of page columns: 12 of 1376 px, gutter 28.

    Raises
    ------
    ParameterError
        If the count is not 1 to 12.
    """
    if not 1 <= count <= _COLUMNS:
        raise ParameterError(f"a page has no {count} columns", where="columns", do="use 1 to 12")
    one = (_PAGE - (_COLUMNS - 1) * _GUTTER) // _COLUMNS
    return count * one + (count - 1) * _GUTTER


def tokens() -> str:
    """Return the style sheet of colours, type and page parts."""
    return _packaged("tokens.css")


@lru_cache(maxsize=1)
def palette() -> tuple[dict[str, str], dict[str, str]]:
    """Return the colours of the light and the dark page, by name: {"ink": "#1C2733", ...}."""
    light, rest = tokens().split("/* dark */")
    dark = rest.split("[data-theme=dark]")[0]
    return dict(_COLOUR.findall(light)), dict(_COLOUR.findall(dark))


@lru_cache(maxsize=1)
def _config() -> str:
    return _packaged("theme.json")


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration, a fresh copy each time.

    `chart.configure(**config())` gives a chart shown by Altair itself the same look; `render.py`
    applies it in any case.
    """
    settings: dict[str, Any] = json.loads(_config())
    return settings


@lru_cache(maxsize=1)
def font() -> str:
    """Return the font stack of charts."""
    return str(config()["font"])


def _packaged(name: str) -> str:
    return resources.files("workbench.charts").joinpath(name).read_text("utf-8")
