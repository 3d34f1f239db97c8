"""The report of targets: answers turned into sentences, pictures and tables.

`first_page.py` with `blocks.py`; below it `handing_down.py` (split, gap, padding) and
`through_the_year.py` (levers, pay and profit, SMART, pace, so what). `records.py` names what is
recorded, `assumed.py` what is taken for granted, `words.py` holds what several of them say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.report.story import figures_of, section_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.planning.study_targets import TargetStudy
    from workbench.report import Page


def page(result: TargetStudy, lang: Language) -> Page:
    """The first page."""
    from workbench.planning.story.first_page import first_page

    return first_page(result, lang)


def sections() -> dict[str, Callable[[TargetStudy, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.planning.story import handing_down, through_the_year

    return {
        "split": handing_down.split,
        "gap": handing_down.gap,
        "padding": handing_down.padding,
        "levers": through_the_year.levers,
        "money": through_the_year.money_section,
        "smart": through_the_year.smart,
        "pace": through_the_year.pace,
    }


def section(result: TargetStudy, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks; see `report.story.section_of`."""
    from workbench.planning.story.through_the_year import so_what

    return section_of(result, name, lang, builders=sections(), so_what=so_what)


def figures(result: TargetStudy, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    return figures_of(result, lang, names=sections())
