"""The cases that values must meet, as handed over: `zh_parse_cases.csv` of the CRM reference.

An empty expectation means missing where the note says so, else refused with a reason.
"""

from decimal import Decimal

import pytest

from workbench.loaders.reasons import VALUES
from workbench.loaders.values import (
    date_column,
    money_column,
    parse_date,
    parse_money,
    parse_percent,
    percent_column,
)

CASES = [
    ("money", "1234.5", "1234.5", ""),
    ("money", "1,234.5", "1234.5", ""),
    ("money", "CNY 120000", "120000", ""),
    ("money", "123.5万", "1235000", ""),
    ("money", "123.5万元", "1235000", ""),
    ("money", "1.2亿", "120000000", ""),
    ("money", "1.2亿元", "120000000", ""),
    ("money", "3千", "3000", ""),
    ("money", "2千万", "20000000", ""),
    ("money", "-5.5万", "-55000", ""),
    ("money", "(1,234.50)", "-1234.50", "accounting negative"),
    ("money", "（1,234.50）", "-1234.50", "full-width brackets"),
    ("money", "1 234 567", "1234567", "thin or nbsp spaces"),
    ("money", "$1,000", "1000", "currency must be kept aside: USD"),
    ("money", "", "", "missing"),
    ("money", "-", "", "dash = missing"),
    ("money", "约100万", "1000000", "approx marker: keep flag"),
    ("money", "50%", "", "percent in a money column: refuse, report"),
    ("money", "壹佰万元整", "", "formal numerals: refuse unless cn2an is installed"),
    ("percent", "60%", "0.6", ""),
    ("percent", "６０％", "0.6", ""),
    ("percent", "60", "0.6", "column max > 1 -> percent"),
    ("percent", "六成", "", "refuse, report"),
    ("percent", "", "", ""),
    ("date", "2024年08月21日", "2024-08-21", ""),
    ("date", "2024年8月21号", "2024-08-21", ""),
    ("date", "2024-08-21", "2024-08-21", ""),
    ("date", "2024.8.21", "2024-08-21", ""),
    ("date", "20240821", "2024-08-21", ""),
    ("date", "２０２４年８月２１日", "2024-08-21", "full-width"),
    ("date", "2024年8月", "2024-08", "month grain"),
    ("date", "2024-08", "2024-08", "month grain"),
    ("date", "2024年第3季度", "2024Q3", "quarter grain"),
    ("date", "2024年Q3", "2024Q3", ""),
    ("date", "2024Q3", "2024Q3", ""),
    ("date", "2024三季度", "2024Q3", ""),
    ("date", "2024年上半年", "2024H1", ""),
    ("date", "2024-08-21 09:30", "2024-08-21T09:30:00", ""),
    ("date", "2024年8月21日 9时30分", "2024-08-21T09:30:00", ""),
    ("date", "2024/8/21 下午3:05", "2024-08-21T15:05:00", "zh am/pm from Excel"),
    ("date", "45525", "2024-08-21", "Excel serial (1900 system)"),
    ("date", "1724169600000", "2024-08-21", "epoch ms, Asia/Shanghai (Fxiaoke)"),
    ("date", "2024-08-20T16:00:00Z", "2024-08-21", "UTC instant, local Shanghai date"),
    ("date", "2024-08-21T10:00:00+08:00", "2024-08-21T10:00:00", "Zoho offset"),
    ("date", "2024-02-30", "", "invalid: report"),
    ("date", "今天", "", "relative: refuse"),
    ("date", "0000-00-00", "", "missing"),
]

PARSE = {"money": parse_money, "percent": parse_percent, "date": parse_date}
MISSING = {"", "-", "0000-00-00"}


@pytest.mark.parametrize(("kind", "text", "expected", "note"), CASES)
def test_a_case_as_handed_over(kind, text, expected, note):
    read = PARSE[kind](text)
    if expected:
        wanted = expected if kind == "date" else Decimal(expected)
        assert (read.value, read.reason) == (wanted, "")
        return
    assert read.value is None
    assert read.missing == (text in MISSING)
    assert read.missing or read.reason in VALUES


def test_remarks_on_cases_are_kept():
    assert "approximate" in parse_money("约100万").flags
    assert parse_money("$1,000").unit == "USD"
    assert "accounting_negative" in parse_money("(1,234.50)").flags
    assert parse_date("0000-00-00").flags == ("zero_date",)
    grains = {"2024-08": "month", "2024Q3": "quarter", "2024年上半年": "half", "45525": "day"}
    assert {text: parse_date(text).grain for text in grains} == grains


@pytest.mark.parametrize(
    ("kind", "column", "places"),
    [("money", money_column, 0), ("percent", percent_column, 0), ("date", date_column, 10)],
)
def test_columns_read_the_cases_alike(kind, column, places):
    texts = [text for of, text, _, _ in CASES if of == kind]
    values = column(texts).values.to_pylist()
    for text, value in zip(texts, values, strict=True):
        single = PARSE[kind](text).value
        assert (value is None) == (single is None), text
        if kind == "money" and single is not None:
            assert value == single
        if kind == "percent" and single is not None:
            assert value == pytest.approx(float(single), rel=1e-15)
        if kind == "date" and len(str(single)) >= places:
            assert value is None or value.isoformat().removesuffix("T00:00:00") == single
