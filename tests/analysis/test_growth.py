"""Growth by cause: each cause found where it alone is planted, and always without remainder."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.analysis.growth import CAUSES, growth
from workbench.errors import MissingTableError

# An account that buys evenly keeps the customer rows at zero.
BASE = [("A1", "P1", "direct", "2025-03-03", 10, 100.0)]


def effects(scope, calendar):
    found = growth(scope, calendar=calendar)
    assert sum(found.effects["amount"], Decimal(0)) == found.after - found.before
    return found, {k: float(v) for k, v in found.effects.itertuples(index=False)}


def test_a_dearer_price_is_price_and_nothing_else(scope_of, calendar):
    found, by = effects(
        scope_of([*BASE, ("A1", "P1", "direct", "2026-03-03", 10, 110.0)]), calendar
    )
    assert by["price"] == 100
    assert by["new"] == by["lost"] == 0
    assert by["volume"] + by["calendar"] == pytest.approx(0, abs=0.01)
    assert found.change == 100


def test_more_pieces_at_the_same_price_are_volume(scope_of, calendar):
    _, by = effects(scope_of([*BASE, ("A1", "P1", "direct", "2026-03-03", 13, 100.0)]), calendar)
    assert by["volume"] + by["calendar"] == pytest.approx(300, abs=0.01)
    assert by["price"] == by["mix"] == 0


def test_dearer_products_of_a_family_are_mix(scope_of, calendar):
    rows = [
        *BASE,
        ("A1", "P2", "direct", "2025-03-03", 10, 200.0),
        ("A1", "P1", "direct", "2026-03-03", 5, 100.0),
        ("A1", "P2", "direct", "2026-03-03", 15, 200.0),
    ]
    _, by = effects(scope_of(rows), calendar)
    assert by["mix"] == pytest.approx(500, abs=0.01)
    assert by["volume"] + by["calendar"] == pytest.approx(0, abs=0.01)


def test_new_lost_and_sleeping_customers(scope_of, calendar):
    rows = [
        *BASE,
        ("A1", "P1", "direct", "2026-03-03", 10, 100.0),
        ("LOST", "P1", "direct", "2025-03-03", 4, 100.0),
        # Bought in the prior period, not in this one, but last ordered nine months ago: not lost.
        ("PAUSE", "P1", "direct", "2025-02-03", 2, 100.0),
        ("PAUSE", "P1", "direct", "2025-10-09", 2, 100.0),
        ("NEW", "P1", "direct", "2026-05-04", 7, 100.0),
        # Ordered before the prior period and again now: an old customer, no new one.
        ("OLD", "P1", "direct", "2024-05-06", 1, 100.0),
        ("OLD", "P1", "direct", "2026-05-06", 1, 100.0),
    ]
    found, by = effects(scope_of(rows), calendar)
    assert (by["new"], by["lost"]) == (700, -400)
    assert (found.new_accounts, found.lost_accounts) == (1, 1)


def test_stock_that_dealers_added_is_not_volume(scope_of, calendar):
    rows = [
        ("D1", "P1", "dealer", "2025-03-03", 100, 100.0),
        ("D1", "P1", "dealer", "2026-03-03", 130, 100.0),
    ]
    stock = pd.DataFrame(
        {
            "partner_id": "K1",
            "product_id": "P1",
            "stock_date": ["2024-12-31", "2025-06-30", "2025-12-31", "2026-06-30"],
            "quantity": [20.0, 25.0, 25.0, 55.0],
        }
    )
    partner = pd.DataFrame(
        {
            "partner_id": ["K1"],
            "name": "经销商",
            "partner_type": "dealer",
            "account_id": "D1",
            "region": "east",
            "start_date": "2020-01-01",
        }
    )
    found, by = effects(scope_of(rows, partner_stock=stock, partner=partner), calendar)
    assert by["channel_stock"] == 2500  # 30 added this year, 5 last year, at 100
    assert by["volume"] + by["calendar"] == pytest.approx(500, abs=0.01)
    assert float(found.end_demand) == pytest.approx(500 - by["calendar"], abs=0.01)


def test_returns_lower_revenue_on_their_own_date(scope_of, calendar):
    returned = pd.DataFrame(
        {
            "return_id": ["X1"],
            "order_line_id": "L1",
            "return_date": "2026-04-01",
            "quantity": 3.0,
            "amount": 300.0,
            "currency": "CNY",
            "tax_basis": "excl",
            "tax_rate": 0.13,
        }
    )
    scope = scope_of(
        [*BASE, ("A1", "P1", "direct", "2026-03-03", 10, 100.0)], return_refund=returned
    )
    found, by = effects(scope, calendar)
    assert found.change == -300
    assert by["price"] == pytest.approx(0, abs=0.01)


def test_growth_needs_order_lines_and_products(scope_of, calendar):
    scope = scope_of(BASE)
    del scope.company.files["product"]
    with pytest.raises(MissingTableError, match="product"):
        growth(scope, calendar=calendar)


ROW = st.tuples(
    st.sampled_from(["A1", "A2", "A3"]),
    st.sampled_from(["P1", "P2", "P3"]),
    st.sampled_from(["direct", "dealer"]),
    st.sampled_from(["2024-05-06", "2025-02-03", "2025-06-30", "2026-01-05", "2026-06-30"]),
    st.integers(1, 50),
    st.integers(1, 900).map(float),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROW, min_size=1, max_size=25))
def test_the_causes_always_sum_to_the_change(scope_of, calendar, rows):
    found, by = effects(scope_of([*BASE, *rows]), calendar)
    assert list(by) == [cause for cause in CAUSES if cause != "channel_stock"]
    assert by["new"] >= 0 >= by["lost"]
    assert found.end_demand + found.amount("calendar") == found.change
