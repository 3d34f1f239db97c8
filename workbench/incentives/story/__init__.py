"""The report of incentives: answers turned into sentences, pictures and tables.

`first_page.py` with `blocks.py`; below it `money.py` (mix, cliffs), `fair.py` (attainment, luck),
`people_side.py` (gaming check, behaviour), `better.py` (design search), `versus.py` (two plans).
`records.py` names what is recorded, `assumed.py` what is taken for granted, `words.py` holds what
several of them say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.incentives.story.assumed import assumptions
from workbench.incentives.story.records import LABELS, codes, summary, tables
from workbench.report.story import figures_of, section_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.incentives.study_incentives import Incentives
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


def page(result: Incentives, lang: Language) -> Page:
    """The first page."""
    from workbench.incentives.story.first_page import first_page

    return first_page(result, lang)


def sections() -> dict[str, Callable[[Incentives, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.incentives.story import better, fair, money, people_side, versus

    return {
        "mix": money.mix,
        "cliffs": money.cliffs,
        "attainment": fair.attainment,
        "luck": fair.luck,
        "gaming": people_side.gaming,
        "behaviour": people_side.behaviour,
        "designs": better.designs,
        "compare": versus.compare,
        "people": versus.people,
    }


def section(result: Incentives, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks; see `report.story.section_of`."""
    from workbench.incentives.story.versus import so_what

    return section_of(result, name, lang, builders=sections(), so_what=so_what)


def figures(result: Incentives, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    return figures_of(result, lang, names=sections())
