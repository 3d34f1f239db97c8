"""The report of the forecast: answers turned into sentences, pictures and tables.

`first_page.py` with `tiles.py`, `first_blocks.py` and `sentences.py`; below it one section a
question: `models.py` (leaderboard, coverage), `nodes.py` (fans, hierarchy, risk), `causes.py`
(drivers, changes), `judged.py` (value added), `over_time.py` (accuracy and bias over time),
`cash.py` (collections). `records.py` names what is recorded, `assumed.py` what is
taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.forecasting.story.assumed import assumptions
from workbench.forecasting.story.labels import LABELS, codes
from workbench.forecasting.story.records import draws, summary, tables
from workbench.report.story import figures_of, section_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.forecasting.study_forecast import ForecastStudy
    from workbench.report import Page

__all__ = [
    "LABELS",
    "assumptions",
    "codes",
    "draws",
    "figures",
    "page",
    "section",
    "sections",
    "summary",
    "tables",
]


def page(result: ForecastStudy, lang: Language) -> Page:
    """The first page."""
    from workbench.forecasting.story.first_page import first_page

    return first_page(result, lang)


def sections() -> dict[str, Callable[[ForecastStudy, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.forecasting.story import cash, causes, judged, models, nodes, over_time

    return {
        "leaderboard": models.leaderboard,
        "calibration": models.calibration,
        "fans": nodes.fans,
        "drivers": causes.drivers,
        "coverage": nodes.coverage,
        "hierarchy": nodes.hierarchy,
        "risk": nodes.risk,
        "value_added": judged.value_added,
        "over_time": over_time.over_time,
        "changes": causes.changes,
        "collections": cash.collections,
    }


def section(result: ForecastStudy, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks; see `report.story.section_of`."""
    from workbench.forecasting.story.sentences import so_what

    return section_of(result, name, lang, builders=sections(), so_what=so_what)


def figures(result: ForecastStudy, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    return figures_of(result, lang, names=sections())
