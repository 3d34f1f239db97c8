"""Companies in which the answer is known by construction."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.analysis.scope import Scope, Window
from workbench.calendars import WorkingCalendar

HALF = Window(dt.date(2026, 1, 1), dt.date(2026, 6, 30))
PRODUCTS = pd.DataFrame(
    {
        "product_id": ["P1", "P2", "P3"],
        "name": ["泵", "阀", "滤芯"],
        "product_line": ["equipment", "equipment", "consumables"],
        "family": ["pump", "pump", "filter"],
        "list_price": [100.0, 200.0, 10.0],
        "currency": "CNY",
        "tax_basis": "excl",
        "tax_rate": 0.13,
    }
)


@pytest.fixture(scope="session")
def calendar():
    return WorkingCalendar()


@pytest.fixture
def scope_of(tmp_path):
    """A scope over the first half of 2026 from rows (account, product, channel, date, q, price)."""

    def build(rows, regions=(), **tables):
        frame = pd.DataFrame(rows, columns=["account", "product", "channel", "day", "q", "price"])
        lines = order_lines(
            order_line_id=[f"L{i}" for i in range(len(frame))],
            account_id=frame["account"],
            product_id=frame["product"],
            channel=frame["channel"],
            order_date=frame["day"],
            recognised_date=frame["day"],
            quantity=frame["q"].astype(float),
            list_price=100.0,
            amount=frame["q"] * frame["price"],
            tax_basis="excl",
        )
        company = make_company(
            tmp_path / "company",
            {"order_line": lines, "product": PRODUCTS, **tables},
            {"data_as_of": "2026-06-30"},
        )
        return Scope(company, HALF, regions)

    return build
