"""Words of choice columns into declared codes; what is not known is not invented."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from workbench.loaders import choices
from workbench.loaders.choices import choice_column, code_of
from workbench.loaders.reasons import REASONS
from workbench.tables import TABLES

FACTS = Path(choices.__file__).parent / "facts" / "choices.csv"
ROWS = list(csv.DictReader(FACTS.read_text(encoding="utf-8").splitlines()))
CHOICES = [
    (name, column)
    for name, table in TABLES.items()
    for column in table.columns
    if column.kind == "choice"
]


def code(table: str, column: str, text: str, system: str = "") -> str | None:
    return code_of(text, TABLES[table].column(column), system)


@pytest.mark.parametrize(
    ("table", "column", "text", "expected"),
    [
        ("opportunity", "source", "招标", "tender"),
        ("opportunity", "source", "老客户转介绍", None),
        ("opportunity", "source", "转介绍", "referral"),
        ("opportunity", "source", "Employee Referral", "referral"),
        ("opportunity", "source", "Trade Show", "exhibition"),
        ("opportunity", "source", "Web Download", "website"),
        ("lead", "source", "陌拜", "cold_call"),
        ("opportunity", "forecast_category", "Best Case", "best_case"),
        ("opportunity", "forecast_category", "OMIT", "omitted"),
        ("opportunity", "forecast_category", "承诺", "commit"),
        ("order_line", "channel", "经销商", "dealer"),
        ("order_line", "channel", "天猫", "ecommerce"),
        ("order_line", "tax_basis", "未税", "excl"),
        ("order_line", "tax_basis", "是", "incl"),
        ("opportunity", "status", "已赢单", "won"),
        ("opportunity", "status", "正在进行", "open"),
        ("account", "status", "公海", "pool"),
        ("account", "size_class", "Ａ级", "A"),
        ("partner", "partner_type", "代理", "agent"),
        ("partner", "level", "核心", "core"),
        ("target", "level", "大区", "region"),
        ("geo_unit", "level", "区", "county"),
        ("receipt", "method", "银承", "bank_draft"),
        ("receipt", "method", "现金", None),
        ("pay_plan", "component", "绩效奖金", "performance"),
        ("pay_plan", "component", "提成", "commission"),
        ("activity", "activity_type", "上门拜访", "visit"),
        ("contract", "contract_type", "购销合同", "sale"),
        ("invoice", "invoice_type", "红冲", "red"),
        ("opportunity", "status", "闻所未闻", None),
    ],
)
def test_a_word_stands_for_a_code_or_for_none(table, column, text, expected):
    assert code(table, column, text) == expected


def test_words_of_a_system_hold_in_that_system_only():
    assert code("opportunity", "status", "1", "dynamics365") == "won"
    assert code("opportunity", "status", "1", "fxiaoke") is None
    assert code("opportunity", "status", "Closed", "erpnext") == "lost"
    assert code("opportunity", "status", "Closed") is None


@pytest.mark.parametrize(("table", "column"), CHOICES, ids=lambda value: getattr(value, "name", ""))
def test_codes_and_labels_of_both_languages_are_read(table, column):
    for own, labels in column.choices.items():
        for text in (own, *labels, f" {labels[0].upper()} "):
            assert code_of(text, column) == own, (table, column.name, text)


def test_a_column_is_read_at_once():
    texts = pa.array(["直销", None, "", " ", "Direct sales", "外星", "ecommerce"])
    codes, unknown = choice_column(texts, TABLES["order_line"].column("channel"))
    assert codes.to_pylist() == ["direct", None, None, None, "direct", None, "ecommerce"]
    assert unknown.tolist() == [False, False, False, False, False, True, False]


def test_an_empty_column_is_read():
    codes, unknown = choice_column(pa.nulls(2, pa.string()), TABLES["account"].column("channel"))
    assert codes.to_pylist() == [None, None] and not unknown.any()
    codes, unknown = choice_column(pa.array([], pa.string()), TABLES["account"].column("channel"))
    assert len(codes) == len(unknown) == 0


def test_unknown_words_have_a_reason():
    assert REASONS["unknown_choice"].verdict == "refused"


def test_facts_name_declared_codes_without_contradiction():
    declared = {(column.name, own) for _, column in CHOICES for own in column.choices}
    assert {(row["column"], row["code"]) for row in ROWS} <= declared
    for table, column in CHOICES:
        seen: dict[tuple[str, str], str] = {}
        for row in ROWS:
            if row["column"] == column.name and row["code"] in column.choices:
                key = row["system"], choices._plain(row["text"])
                assert seen.setdefault(key, row["code"]) == row["code"], (table, row)
