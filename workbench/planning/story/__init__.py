"""The report of targets: answers turned into sentences, pictures and tables.

`first_page.py` with `blocks.py`; below it `handing_down.py` (split, gap, padding),
`lines.py`, `several_kpis.py`, `levers.py` (and pay and profit), `checked.py` (SMART, so what) and
`through_the_year.py` (pace, leaver). `records.py` names what is recorded, `assumed.py` what is
taken for granted, `words.py` holds what several of them say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.planning.story.assumed import assumptions
from workbench.planning.story.records import LABELS, codes, summary, tables
from workbench.report.story import figures_of, section_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.planning.target_study import TargetStudy
    from workbench.report import Page

__all__ = [
    "LABELS",
    "assumptions",
    "codes",
    "figures",
    "page",
    "section",
    "sections",
    "summary",
    "tables",
]


def page(result: TargetStudy, lang: Language) -> Page:
    """The first page."""
    from workbench.planning.story.first_page import first_page

    return first_page(result, lang)


def sections() -> dict[str, Callable[[TargetStudy, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.planning.story import checked, handing_down, levers, lines, several_kpis
    from workbench.planning.story import through_the_year as running

    return {
        "split": handing_down.split,
        "lines": lines.lines,
        "kpis": several_kpis.kpis,
        "gap": handing_down.gap,
        "padding": handing_down.padding,
        "levers": levers.levers,
        "money": levers.money_section,
        "smart": checked.smart,
        "pace": running.pace,
        "leaver": running.leaver,
    }


def section(result: TargetStudy, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks; see `report.story.section_of`."""
    from workbench.planning.story.checked import so_what

    return section_of(result, name, lang, builders=sections(), so_what=so_what)


def figures(result: TargetStudy, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    return figures_of(result, lang, names=sections())
