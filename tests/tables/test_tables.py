"""The declarations: complete in both languages, consistent with each other, and enforced."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.companies import order_lines
from workbench.errors import InputError
from workbench.tables import AREAS, TABLES, UNITS, table
from workbench.tables.checks import (
    CREDIT_ALPHABET,
    credit_check_character,
    credit_code,
    geo_code,
    whole_id,
)
from workbench.tables.declare import MONEY_KINDS
from workbench.tables.schema import broken_references, faults, validate

COLUMNS = [(t, c) for t in TABLES.values() for c in t.columns]

# Tables the design names, and those DOMAIN adds: contract of the whole project.
NAMED = {
    "account",
    "contact",
    "lead",
    "opportunity",
    "opportunity_snapshot",
    "activity",
    "quote",
    "contract",
    "order_line",
    "delivery",
    "invoice",
    "receivable_plan",
    "receipt",
    "receipt_match",
    "return_refund",
    "product",
    "price_promotion",
    "expense",
    "unit_cost",
    "exchange_rate",
    "credit_limit",
    "credit_split",
    "partner",
    "partner_stock",
    "sell_out",
    "rebate",
    "rep",
    "team",
    "territory",
    "assignment",
    "account_pool_event",
    "target",
    "forecast_entry",
    "pay_plan",
    "case",
    "campaign",
    "survey_response",
    "competitor",
    "market_size",
    "market_share",
    "risk",
    "geo_unit",
}


def test_every_named_table_is_declared():
    assert set(TABLES) >= NAMED


@pytest.mark.parametrize("name", TABLES)
def test_titles_and_helps_stand_in_both_languages(name):
    declared = table(name)
    assert declared.area in AREAS
    for both in [
        declared.titles,
        declared.purposes,
        *(c.titles for c in declared.columns),
        *(c.helps for c in declared.columns),
        *(v for c in declared.columns for v in c.choices.values()),
    ]:
        assert both[0].strip() and not re.search("[一-鿿]", both[0])
        assert re.search("[一-鿿]", both[1])
        assert not re.search("[一-鿿][,;:?!()]|[,;:?!()][一-鿿]", both[1]), both[1]


@pytest.mark.parametrize(("declared", "column"), COLUMNS, ids=lambda x: x.name)
def test_references_units_currency_and_basis_point_to_something(declared, column):
    if column.references:
        target, _, field = column.references.partition(".")
        assert field in table(target).column_names
    assert column.unit is None or column.unit in UNITS
    assert bool(column.choices) == (column.kind == "choice")
    assert (column.currency is not None) == (column.kind in MONEY_KINDS)
    if column.kind in MONEY_KINDS:
        assert column.currency in declared.column_names
        assert column.tax_basis in ("incl", "excl", "none", *declared.column_names)


def test_unknown_table_names_the_nearest():
    with pytest.raises(InputError, match="opportunity"):
        table("opportunty")


def test_a_good_frame_passes_and_takes_the_declared_types():
    checked = validate(order_lines(amount=[113.0, 226.0]), "order_line")
    assert checked["amount"].sum() == 339
    assert str(checked["amount"].dtype).startswith("decimal128(18, 2)")
    assert checked["order_date"].dt.year.eq(2026).all()


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"channel": "by post"}, "channel", "allowed"),
        ({"amount": None}, "amount", "missing"),
        ({"tax_rate": 13.0}, "tax_rate", "bounds"),
        ({"currency": "yuan"}, "currency", "form"),
        ({"order_date": "soon"}, "order_date", "kind"),
        ({"account_id": "9.11E+17"}, "account_id", "spreadsheet"),
    ],
)
def test_each_kind_of_fault_names_row_column_and_reason(change, column, reason):
    bad = order_lines(order_line_id=["L1", "L2", "L3"]).astype(dict.fromkeys(change, object))
    bad.loc[1, list(change)] = list(change.values())
    found = faults(bad, "order_line")
    assert found["column"].tolist() == [column]
    assert found["row"].tolist() == [1]
    assert reason in found["reason"].iloc[0]
    assert found["do"].str.len().gt(5).all()


def test_a_missing_column_and_a_doubled_key_are_told():
    frame = order_lines(order_line_id=["L1", "L1"]).drop(columns="tax_rate")
    found = faults(frame, "order_line")
    assert set(found["column"]) == {"tax_rate", "order_line_id"}
    with pytest.raises(InputError, match="order_line are refused"):
        validate(frame, "order_line")


def test_broken_references_are_counted_with_an_example():
    lines = order_lines(product_id=["P1", "P2", "P9"])
    found = broken_references(
        {"order_line": lines, "product": pd.DataFrame({"product_id": ["P1", "P2"]})}
    )
    assert found.to_dict("records") == [
        {
            "table": "order_line",
            "column": "product_id",
            "references": "product.product_id",
            "count": 1,
            "example": "P9",
        }
    ]


# Codes printed in GB 32100-2015 explanations and on public registers' samples of the algorithm.
@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L"])
def test_known_credit_codes_hold(code):
    assert credit_code(pd.Series([code])).all()
    assert credit_check_character(code[:17]) == code[17]


@given(st.text(CREDIT_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_any_single_changed_character_breaks_a_credit_code(first17, place, data):
    code = first17 + credit_check_character(first17)
    other = data.draw(st.sampled_from([c for c in CREDIT_ALPHABET if c != code[place]]))
    broken = code[:place] + other + code[place + 1 :]
    assert credit_code(pd.Series([code, broken, None])).tolist() == [True, False, True]


def test_credit_codes_of_wrong_length_or_letters_fail():
    bad = pd.Series(["", "9135", "91350100M000100Y4I", "9.11E+17", "91350100m000100y43"])
    assert not credit_code(bad).any()


def test_geo_codes_and_ids():
    codes = pd.Series(["110000", "441900", "990000", "11000", np.nan])
    assert geo_code(codes).tolist() == [True, True, False, False, True]
    ids = pd.Series(["A1", "9.11E+17", "123.0", "123", np.nan])
    assert whole_id(ids).tolist() == [True, False, False, True, True]
