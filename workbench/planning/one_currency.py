"""Queries on tables whose rows carry several currencies, in the company's base currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company


def in_one_currency(
    company: Company, query: str, given: Sequence[Any] | None = None, *, table: str
) -> pd.DataFrame:
    """Rows of a query whose money is that of one table, each at the rate of its own day.

    Parameters
    ----------
    company : Company
    query : str
        It may begin with `with`.
    given : sequence, optional
        What stands for its question marks.
    table : str

    Raises
    ------
    BasisError
        If the table has several currencies and one of them has no exchange rate.
    """
    from workbench.kpis.currency import settle

    _, views = settle(company, [table])
    if not views:
        return company.sql(query, given)
    named = ", ".join(f"{name} as ({view})" for name, view in views.items())
    words = query.strip()
    rest = f", {words[5:]}" if words[:5].lower() == "with " else f" {words}"
    return company.sql(f"with {named}{rest}", given)
