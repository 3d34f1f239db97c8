"""The canonical tables: what a company's data look like, declared once.

`declare.py` says what a column and a table are; `customers.py`, `pipeline.py`, `orders.py`,
`products.py`, `people.py` and `surroundings.py` declare them; `schema.py` validates,
`checks.py` holds the checks of Chinese codes, `template.py` and `dictionary.py` write
empty sheets and the data dictionary.
"""

from __future__ import annotations

import difflib

from workbench.errors import InputError
from workbench.tables import customers, orders, people, pipeline, products, surroundings
from workbench.tables.declare import ARROW_TYPES, TAX_BASES, UNITS, Column, Table

TABLES: dict[str, Table] = {
    declared.name: declared
    for room in (customers, pipeline, orders, products, people, surroundings)
    for declared in room.TABLES
}

AREAS: dict[str, tuple[str, str]] = {
    "customers": ("Customers", "客户"),
    "pipeline": ("Leads and pipeline", "线索与商机"),
    "orders": ("Contracts, orders and money", "合同、订单与资金"),
    "products": ("Products and prices", "产品与价格"),
    "channels": ("Channels", "渠道"),
    "people": ("People and organisation", "人员与组织"),
    "planning": ("Targets and forecasts", "目标与预测"),
    "market": ("Market and geography", "市场与地理"),
    "risk": ("Risk", "风险"),
}


def table(name: str) -> Table:
    """Declaration of a table by name.

    Raises
    ------
    InputError
        If no table of that name is declared; names the nearest.
    """
    if name not in TABLES:
        near = difflib.get_close_matches(name, TABLES, n=3)
        raise InputError(
            f"there is no table {name!r}",
            where=f"name={name!r}",
            do=f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(TABLES)}",
        )
    return TABLES[name]


__all__ = [
    "AREAS",
    "ARROW_TYPES",
    "TABLES",
    "TAX_BASES",
    "UNITS",
    "Column",
    "Table",
    "table",
]
