"""The report of the sales analysis: answers turned into sentences, pictures and tables.

`first_page.py` with `first_blocks.py` and `sentences.py`; below it one section a question:
`market_side.py` (trend, cuts, market), `buyers.py` (customers, baskets), `deals.py` (funnel,
pipeline), `money.py` (discounts, receivables), `trade.py` (dealers, odd days), `explored.py` (one
KPI closely). `records.py` names what is recorded, `assumed.py` what is
taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.analysis.story.assumed import assumptions
from workbench.analysis.story.labels import LABELS, codes
from workbench.analysis.story.records import summary, tables
from workbench.report.story import figures_of, section_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis
    from workbench.charts.figure import Figure
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


def page(result: SalesAnalysis, lang: Language) -> Page:
    """The first page."""
    from workbench.analysis.story.first_page import first_page

    return first_page(result, lang)


def sections() -> dict[str, Callable[[SalesAnalysis, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.analysis.story import buyers, deals, explored, market_side, money, trade

    return {
        "trend": market_side.trend,
        "cuts": market_side.cuts,
        "customers": buyers.customers,
        "retention": buyers.retention,
        "baskets": buyers.baskets,
        "market": market_side.market,
        "funnel": deals.funnel,
        "pipeline": deals.pipeline,
        "discounts": money.discounts,
        "receivables": money.receivables,
        "dealers": trade.dealers,
        "anomalies": trade.anomalies,
        "explored": explored.explored,
    }


def section(result: SalesAnalysis, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks; see `report.story.section_of`."""
    from workbench.analysis.story.sentences import so_what

    return section_of(result, name, lang, builders=sections(), so_what=so_what)


def figures(result: SalesAnalysis, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    return figures_of(result, lang, names=sections())
