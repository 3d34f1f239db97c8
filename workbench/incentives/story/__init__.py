"""The report of incentives: answers turned into sentences, pictures and tables.

`first_page.py` with `blocks.py`; below it `money.py` (mix, cliffs), `fair.py` (attainment, luck),
`people_side.py` (gaming check, behaviour), `versus.py` (two plans). `records.py` names what is
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
    from workbench.incentives.study_incentives import Incentives


def sections() -> dict[str, Callable[[Incentives, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.incentives.story import fair, money, people_side, versus

    return {
        "mix": money.mix,
        "cliffs": money.cliffs,
        "attainment": fair.attainment,
        "luck": fair.luck,
        "gaming": people_side.gaming,
        "behaviour": people_side.behaviour,
        "compare": versus.compare,
        "people": versus.people,
    }


def section(result: Incentives, name: str, lang: Language) -> Any:
    """One section of the report.

    Raises
    ------
    ParameterError
        If there is no section of that name.
    """
    if name == "so_what":
        from workbench.incentives.story.versus import so_what

        return SoWhat(so_what(result, lang), lang=lang)
    builders = sections()
    if name not in builders:
        raise ParameterError(
            f"there is no section {name!r}",
            where=f"section={name!r}",
            do=f"use one of {', '.join([*builders, 'so_what'])}",
        )
    return builders[name](result, lang)


def figures(result: Incentives, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    from workbench.charts.figure import Figure

    found: dict[str, Figure] = {}
    blocks = {"first_page": result.page(lang).blocks}
    blocks |= {name: getattr(result.section(name, lang), "parts", ()) for name in sections()}
    for name, parts in blocks.items():
        drawn = [part.body for part in parts if isinstance(part.body, Figure)]
        found |= {f"{name}_{place}": figure for place, figure in enumerate(drawn, start=1)}
    return found
