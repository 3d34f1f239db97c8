"""Views of studies that have a report: tiles by name, pages from its first page and sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.planners.key_figures import KeyFigure, Kind, from_summary
from workbench.planners.layout import View
from workbench.report.marks import Direction
from workbench.text import Language

#: The page of the answer that shows the first page of the report.
OVERVIEW = "overview"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A key figure of ``summary()`` as a tile.

    Attributes
    ----------
    name : str
        In the summary; one that is not there gives no tile.
    label : (str, str)
        Short, English and Chinese; that of ``labels()`` where empty.
    basis : (str, str)
        In small: what it counts.
    kind, direction
        As `KeyFigure` has them; None and "" take those of the study's labels.
    interval : (str, str)
        Names of the ends of its 80% interval in the summary.
    """

    name: str
    label: tuple[str, str] = ("", "")
    basis: tuple[str, str] = ("", "")
    kind: Kind | None = None
    direction: Direction | None = None
    interval: tuple[str, str] = ("", "")


def reported(shown: Sequence[Shown]) -> Callable[[Any, Language, str], View]:
    """Make the view of a study whose results have ``page(lang)`` and ``section(name, lang)``."""

    def view(results: Any, lang: Language, tab: str) -> View:
        first = results.page(lang)
        blocks = first.blocks if tab in ("", OVERVIEW) else [results.section(tab, lang)]
        return View(
            figures=_figures(results, shown, lang),
            blocks=blocks,
            foot=first.foot,
            lead=first.finding,
        )

    return view


def _figures(results: Any, shown: Sequence[Shown], lang: Language) -> list[KeyFigure]:
    summary: Mapping[str, Any] = results.summary()
    known = {each.name: each for each in from_summary(summary, results.labels(), lang)}
    made = []
    for tile in shown:
        found = known.get(tile.name)
        if found is None:
            continue
        low, high = (summary.get(name) for name in tile.interval)
        made.append(
            replace(
                found,
                label=lang.pick(*tile.label) or found.label,
                basis=lang.pick(*tile.basis),
                kind=tile.kind or found.kind,
                direction=tile.direction or found.direction,
                low=low,
                high=high,
            )
        )
    return made
