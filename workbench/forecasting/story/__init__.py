"""The report of the forecast: answers turned into sentences, pictures and tables.

`first_page.py` with `tiles.py`, `first_blocks.py` and `sentences.py`; below it one section a
question: `models.py` (leaderboard, coverage), `nodes.py` (fans, hierarchy, risk), `causes.py`
(drivers, changes), `judged.py` (value added), `cash.py` (collections). `summary.py` names what is
recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.errors import (
    BasisError,
    MissingTableError,
    NotIdentifiedError,
    ParameterError,
)
from workbench.report import MissingBox, SoWhat, WarningBox
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.forecasting.study_forecast import ForecastStudy


def sections() -> dict[str, Callable[[ForecastStudy, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.forecasting.story import cash, causes, judged, models, nodes

    return {
        "leaderboard": models.leaderboard,
        "calibration": models.calibration,
        "fans": nodes.fans,
        "drivers": causes.drivers,
        "coverage": nodes.coverage,
        "hierarchy": nodes.hierarchy,
        "risk": nodes.risk,
        "value_added": judged.value_added,
        "changes": causes.changes,
        "collections": cash.collections,
    }


def section(result: ForecastStudy, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks and how to add it.

    Raises
    ------
    ParameterError
        If there is no section of that name.
    """
    if name == "so_what":
        from workbench.forecasting.story.sentences import so_what

        return SoWhat(so_what(result, lang), lang=lang)
    builders = sections()
    if name not in builders:
        raise ParameterError(
            f"there is no section {name!r}",
            where=f"section={name!r}",
            do=f"use one of {', '.join([*builders, 'so_what'])}",
        )
    try:
        return builders[name](result, lang)
    except MissingTableError as error:
        return MissingBox.of(error, lang=lang, stands=lang.say("The other sections stand."))
    except (BasisError, NotIdentifiedError) as error:
        return WarningBox.of(error, lang=lang)


def figures(result: ForecastStudy, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    from workbench.charts.figure import Figure

    found: dict[str, Figure] = {}
    blocks = {"first_page": result.page(lang).blocks}
    blocks |= {name: getattr(result.section(name, lang), "parts", ()) for name in sections()}
    for name, parts in blocks.items():
        drawn = [part.body for part in parts if isinstance(part.body, Figure)]
        found |= {f"{name}_{place}": figure for place, figure in enumerate(drawn, start=1)}
    return found
