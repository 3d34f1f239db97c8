"""Headers that state a unit, a currency or a tax basis; ids and phones that stay text."""

import pyarrow as pa
import pytest

from workbench.loaders.reasons import VALUES
from workbench.loaders.values import clean_phone, flag_names, id_column, tax_basis_of, unit_of


@pytest.mark.parametrize(
    ("header", "unit", "currency"),
    [
        ("合同金额（万元）", 10_000, "CNY"),
        ("合同金额(万元)", 10_000, "CNY"),
        ("金额(元)", 1, "CNY"),
        ("金额 单位：万元", 10_000, "CNY"),
        ("金额（单位：百万元）", 1_000_000, "CNY"),
        ("金额（含税，万元）", 10_000, "CNY"),
        ("金额（亿元）", 100_000_000, "CNY"),
        ("金额（千元）", 1000, "CNY"),
        ("金额(万美元)", 10_000, "USD"),
        ("金额（人民币：元）", 1, "CNY"),
        ("合同金额万元", 10_000, "CNY"),
        ("Amount (USD'000)", 1000, "USD"),
        ("Amount (USD '000)", 1000, "USD"),
        ("Amount (000)", 1000, ""),
        ("Revenue [RMB million]", 1_000_000, "CNY"),
        ("Revenue (in thousands)", 1000, ""),
        ("Deal size, $M", 1_000_000, "USD"),
        ("Amount (k€)", 1000, "EUR"),
        ("Amount_USD", 1, "USD"),
        ("Amount ($)", 1, "USD"),
        ("金额", 1, ""),
        ("数量(台)", 1, ""),
        ("千岛湖项目金额", 1, ""),
        ("Amount (incl. VAT)", 1, ""),
        ("", 1, ""),
    ],
)
def test_a_header_states_unit_and_currency(header, unit, currency):
    assert unit_of(header) == (unit, currency)


@pytest.mark.parametrize(
    ("header", "basis"),
    [
        ("含税金额", "incl"),
        ("金额（含税）", "incl"),
        ("价税合计", "incl"),
        ("Amount incl. VAT", "incl"),
        ("Total (tax included)", "incl"),
        ("Amount with tax", "incl"),
        ("不含税金额", "excl"),
        ("金额（不含税）", "excl"),
        ("未税金额", "excl"),
        ("Amount excl. tax", "excl"),
        ("Price ex VAT", "excl"),
        ("Net of VAT", "excl"),
        ("amount_untaxed", "excl"),
        ("是否含税", ""),
        ("含税/不含税", ""),
        ("税额", ""),
        ("税率", ""),
        ("应税销售额", ""),
        ("税后工资", ""),
        ("税前奖金", ""),
        ("销售额", ""),
        ("合同金额", ""),
        ("Tax", ""),
        ("Example amount", ""),
    ],
)
def test_a_header_states_its_tax_basis_or_nothing(header, basis):
    assert tax_basis_of(header) == basis


def _said(read):
    return [read.codes[place - 1] if place else "" for place in read.reasons]


def test_ids_stay_text_and_spoilt_ones_are_refused():
    texts = [
        "00123",
        "9.11E+17",
        "3101101990030788",
        "'007",
        "",
        None,
        "#N/A",
        "A-12.0",
        "ＡＢ１２",
    ]
    read = id_column(texts)
    assert read.values.to_pylist() == [
        "00123", None, "3101101990030788", "007", None, None, None, "A-12.0", "AB12",
    ]  # fmt: skip
    assert _said(read) == ["", "spoilt_id", "", "", "", "", "spreadsheet_error", "", ""]
    assert flag_names(int(read.flags[-1])) == ("full_width",)
    assert all(VALUES[code].verdict == "refused" for code in read.codes)


def test_a_point_and_zero_go_where_every_id_has_them():
    assert id_column(["1001.0", None, "1002.0"]).values.to_pylist() == ["1001", None, "1002"]
    assert id_column(["1001.0", "1.2"]).values.to_pylist() == ["1001.0", "1.2"]


def test_a_credit_code_is_checked_by_its_last_character():
    # 91350100M000100Y43 is the example of GB 32100-2015.
    texts = ["91350100M000100Y43", " 91350100m0001 00y43 ", "91350100M000100Y44", "9.13501E+17"]
    read = id_column(texts, check="credit_code")
    assert read.values.to_pylist() == ["91350100M000100Y43"] * 2 + [None, None]
    assert _said(read) == ["", "", "bad_credit_code", "spoilt_id"]


def test_an_administrative_code_written_as_a_number_is_mended():
    read = id_column(["310115.0", "110000.0"], check="geo_code")
    assert read.values.to_pylist() == ["310115", "110000"]
    assert _said(id_column(["990000", "31"], check="geo_code")) == ["bad_geo_code"] * 2


def test_a_form_that_is_required_is_held():
    read = id_column(["12345678", "123"], pattern="[0-9]{8,20}")
    assert read.values.to_pylist() == ["12345678", None]
    assert _said(read) == ["", "wrong_form"]


def test_phones_are_text():
    read = clean_phone(pa.chunked_array([["13800138000", "+86 138 0013 8000"], ["1.38E+10"]]))
    assert read.values.to_pylist() == ["13800138000", "+86 138 0013 8000", None]
