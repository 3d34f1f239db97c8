"""KPIs that have targets beside revenue, each drawn on the same futures where it follows from them.

collections.py     what revenue brings in, and when: from the draws of revenue
gross_margin.py    rate by leaf, moved by what is common to all
new_customers.py   whole numbers, with the good and bad years they have
market_share.py    draws of revenue over draws of the market
satisfaction.py    mean answer of customers

A KPI whose tables are not there, or say too little, has no target.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from workbench.errors import MissingTableError, NotIdentifiedError
from workbench.planning.measures.measured import Measured

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.year_ahead import Ahead

__all__ = ["Measured", "measured"]

#: In the order in which they are shown.
KPIS = ("gross_margin", "collections", "new_customers", "market_share", "satisfaction")


def measured(company: Company, found: Ground, near: Ahead, year: int) -> dict[str, Measured]:
    """Draws of a year by KPI, of all KPIs that the company's tables tell.

    Parameters
    ----------
    company : Company
    found : Ground
    near : Ahead
        Draws of revenue up to the end of the year.
    year : int
    """
    out = {}
    for kpi in KPIS:
        room = import_module(f"workbench.planning.measures.{kpi}")
        draw: Callable[..., Measured] = room.drawn
        try:
            out[kpi] = draw(company, found, near, year)
        except (MissingTableError, NotIdentifiedError):
            continue
    return out
