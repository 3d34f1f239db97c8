"""The report of the sales analysis: answers turned into sentences, pictures and tables.

`first_page.py` with `first_blocks.py` and `sentences.py`; below it one section a question:
`market_side.py` (trend, cuts, market), `buyers.py` (customers, baskets), `deals.py` (funnel,
pipeline), `money.py` (discounts, receivables), `trade.py` (dealers, odd days). `summary.py` names
what is recorded.
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
    from workbench.analysis.study_sales_analysis import SalesAnalysis
    from workbench.charts.figure import Figure


def sections() -> dict[str, Callable[[SalesAnalysis, Language], Any]]:
    """Builders of the sections by name, in the order of the report."""
    from workbench.analysis.story import buyers, deals, market_side, money, trade

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
    }


def section(result: SalesAnalysis, name: str, lang: Language) -> Any:
    """One section, or a box that says which table it lacks and how to add it.

    Raises
    ------
    ParameterError
        If there is no section of that name.
    """
    if name == "so_what":
        from workbench.analysis.story.sentences import so_what

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


def figures(result: SalesAnalysis, lang: Language) -> dict[str, Figure]:
    """Charts of the first page and of all sections, named after section and place."""
    from workbench.charts.figure import Figure

    found: dict[str, Figure] = {}
    blocks = {"first_page": result.page(lang).blocks}
    blocks |= {name: getattr(result.section(name, lang), "parts", ()) for name in sections()}
    for name, parts in blocks.items():
        drawn = [part.body for part in parts if isinstance(part.body, Figure)]
        found |= {f"{name}_{place}": figure for place, figure in enumerate(drawn, start=1)}
    return found
