"""The report of targets: answers turned into sentences, pictures and tables.

`first_page.py` with `blocks.py`; below it `handing_down.py` (split, gap, padding) and
`through_the_year.py` (levers, pay and profit, SMART, pace, so what). `records.py` names what is
recorded, `assumed.py` what is taken for granted, `words.py` holds what several of them say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.errors import ParameterError
from workbench.report import SoWhat
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.planning.study_targets import TargetStudy


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
    """One section of the report.

    Raises
    ------
    ParameterError
        If there is no section of that name.
    """
    if name == "so_what":
        from workbench.planning.story.through_the_year import so_what

        return SoWhat(so_what(result, lang), lang=lang)
    builders = sections()
    if name not in builders:
        raise ParameterError(
            f"there is no section {name!r}",
            where=f"section={name!r}",
            do=f"use one of {', '.join([*builders, 'so_what'])}",
        )
    return builders[name](result, lang)


def figures(result: TargetStudy, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    from workbench.charts.figure import Figure

    found: dict[str, Figure] = {}
    blocks = {"first_page": result.page(lang).blocks}
    blocks |= {name: getattr(result.section(name, lang), "parts", ()) for name in sections()}
    for name, parts in blocks.items():
        drawn = [part.body for part in parts if isinstance(part.body, Figure)]
        found |= {f"{name}_{place}": figure for place, figure in enumerate(drawn, start=1)}
    return found
