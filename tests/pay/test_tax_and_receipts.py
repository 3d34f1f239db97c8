from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from workbench.errors import InputError, ParameterError
from workbench.pay.receipts import match_receipts, paid_lines
from workbench.pay.tax import load_tax

TABLE = Path("params/incentives/tax/china_year_end_bonus.yaml")
DAY = dt.date(2027, 1, 15)


def test_one_yuan_over_36000_costs_2310_10():
    table = load_tax(TABLE)
    tax = table.tax([36_000, 36_001, 144_000, 144_001], on=DAY)
    assert (tax[1] - tax[0]).round(2) == 2_310.10
    assert (tax[3] - tax[2]).round(2) == 13_200.20


def test_cliffs_say_what_they_cost_and_where_the_net_is_whole_again():
    cliffs = load_tax(TABLE).cliffs()
    assert [(cliff.bonus, cliff.tax) for cliff in cliffs][:2] == [
        (36_000, 2_310.10),
        (144_000, 13_200.20),
    ]
    table = load_tax(TABLE)
    for cliff in cliffs:
        before = cliff.bonus - table.tax([cliff.bonus], on=DAY)[0]
        after = cliff.again - table.tax([cliff.again], on=DAY)[0]
        assert after == pytest.approx(before, abs=0.01)


def test_a_table_out_of_force_is_refused():
    with pytest.raises(ParameterError, match="not in force"):
        load_tax(TABLE).tax([1], on=dt.date(2028, 1, 1))


INVOICES = pd.DataFrame(
    {
        "invoice_id": ["I2", "I1", "I3"],
        "account_id": ["A", "A", "B"],
        "invoice_date": ["2026-02-01", "2026-01-01", "2026-01-10"],
        "due_date": ["2026-03-01", "2026-01-31", "2026-02-10"],
        "amount": [500.0, 300.0, 80.0],
    }
)


def _receipts(*rows):
    return pd.DataFrame(rows, columns=["receipt_id", "account_id", "receipt_date", "amount"])


def test_a_receipt_settles_the_oldest_invoice_first():
    matched = match_receipts(_receipts(("R1", "A", "2026-02-10", 400.0)), INVOICES)
    assert matched[["invoice_id", "amount", "days_overdue"]].values.tolist() == [
        ["I1", 300.0, 10],
        ["I2", 100.0, -19],
    ]


def test_a_stated_match_goes_before_the_oldest():
    stated = pd.DataFrame({"receipt_id": ["R1"], "invoice_id": ["I2"], "amount": [150.0]})
    receipts = _receipts(("R1", "A", "2026-02-10", 400.0))
    matched = match_receipts(receipts, INVOICES, stated=stated)
    assert matched[["invoice_id", "amount"]].values.tolist() == [["I2", 150.0], ["I1", 250.0]]
    stated["amount"] = 900.0
    with pytest.raises(InputError, match="settled by more"):
        match_receipts(receipts, INVOICES, stated=stated)


def test_money_without_an_invoice_stays_and_a_refund_goes_back_the_same_way():
    receipts = _receipts(
        ("R1", "B", "2026-02-01", 100.0),
        ("R2", None, "2026-02-01", 7.0),
        ("R3", "B", "2026-03-01", -30.0),
    )
    matched = match_receipts(receipts, INVOICES)
    assert matched["amount"].tolist() == [80.0, 20.0, 7.0, -30.0]
    assert matched["invoice_id"].isna().tolist() == [False, True, True, False]
    assert matched["amount"].sum() == receipts["amount"].sum()


def test_matched_money_becomes_credit_lines_by_split():
    matched = match_receipts(_receipts(("R1", "A", "2026-02-10", 400.0)), INVOICES)
    owners = pd.DataFrame({"invoice_id": ["I1", "I2", "I3"], "rep_id": ["X", "X", "Y"]})
    splits = pd.DataFrame(
        {"invoice_id": "I1", "rep_id": ["X", "Z"], "split_type": "split", "share": [0.7, 0.3]}
    )
    lines = paid_lines(matched, owners, splits=splits)
    assert lines[["rep_id", "amount", "share"]].values.tolist() == [
        ["X", 100.0, 1.0],
        ["X", 300.0, 0.7],
        ["Z", 300.0, 0.3],
    ]
