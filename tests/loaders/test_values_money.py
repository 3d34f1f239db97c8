"""Money out of texts: how amounts are written, what is refused and why, columns and evidence."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from workbench.errors import ParameterError
from workbench.loaders.reasons import VALUES
from workbench.loaders.values import MoneyEvidence, flag_names, money_column, parse_money


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0"),
        ("-0", "0"),
        (" 1234.50 ", "1234.5"),
        (".5", "0.5"),
        ("100.", "100"),
        ("１２３，４５６．７８", "123456.78"),
        ("12，500", "12500"),
        ("1\u00a0234\u00a0567.5", "1234567.5"),
        ("1\u2009234\u2009567", "1234567"),
        ("1'234'567.50", "1234567.5"),
        ("'123", "123"),  # the mark of text in a spreadsheet
        ("−5", "-5"),
        ("－5", "-5"),
        ("5-", "-5"),
        ("负5万", "-50000"),
        ("+5", "5"),
        ("-¥5", "-5"),
        ("¥-5", "-5"),
        ("$(1,234.50)", "-1234.5"),
        ("(¥1,234.50)", "-1234.5"),
        ("1千", "1000"),
        ("3百万", "3000000"),
        ("2千万元", "20000000"),
        ("1.5百万美元", "1500000"),
        ("1亿2000万", "120000000"),
        ("3亿5千万", "350000000"),
        ("1亿零500万元", "105000000"),
        ("2万5千元", "25000"),
        ("1万2000元", "12000"),
        ("3元5角2分", "3.52"),
        ("5角", "0.5"),
        ("100元整", "100"),
        ("￥100元整", "100"),
        ("人民币：1,200元", "1200"),
        ("5K", "5000"),
        ("5M", "5000000"),
        ("5.2 million", "5200000"),
        ("USD 1.5bn", "1500000000"),
        ("100w", "1000000"),
        ("1.2E5", "120000"),
        ("1.5e-3", "0.0015"),
        ("99999999999999.99", "99999999999999.99"),
        ("0.1234565", "0.123457"),  # half up at six decimals
        ("123,456,789,012.345678", "123456789012.345678"),
    ],
)
def test_an_amount_is_read(text, amount):
    read = parse_money(text)
    assert (read.value, read.reason) == (Decimal(amount), "")


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1000", ""),
        ("¥1000", "CNY"),
        ("RMB 1000", "CNY"),
        ("1000元", "CNY"),
        ("100万美元", "USD"),
        ("US$5", "USD"),
        ("HK$5M", "HKD"),
        ("5万港币", "HKD"),
        ("€1.5m", "EUR"),
        ("10欧元", "EUR"),
        ("£5", "GBP"),
        ("JPY ¥100", "JPY"),
        ("￥100日元", "JPY"),
        ("HKD $100", "HKD"),
    ],
)
def test_a_currency_is_kept_aside(text, currency):
    assert parse_money(text).unit == currency
    assert ("currency" in parse_money(text).flags) == bool(currency)


def test_shared_signs_follow_what_is_known_and_clear_ones_do_not():
    assert parse_money("$5", currency="HKD").unit == "HKD"
    assert parse_money("5元", currency="USD").unit == "USD"
    assert parse_money("€5", currency="USD").unit == "EUR"
    assert parse_money("$5", currency="CNY").unit == "USD"
    assert parse_money("5", currency="CNY").unit == "CNY"


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("约100万", ("approximate", "scaled")),
        ("大约100", ("approximate",)),
        ("近100", ("approximate",)),
        ("~100", ("approximate",)),
        ("≈100", ("approximate",)),
        ("100左右", ("approximate",)),
        ("100余万", ("approximate", "scaled")),
        ("100多万元", ("approximate", "scaled", "currency")),
        ("100万+", ("approximate", "scaled")),
        ("（1,234.50）", ("accounting_negative", "full_width")),
        ("0.12345678", ("rounded",)),
        ("1.2E5", ("approximate",)),  # two digits are known of six
        ("1.25E2", ()),
        ("1234", ()),
    ],
)
def test_what_was_not_plain_is_remarked(text, flags):
    assert parse_money(text).flags == flags


@pytest.mark.parametrize("text", ["", " ", "-", "--", "—", "——", "–", "/", "N/A", "NA", "null",
                                  "None", "无", "暂无", "$ -", " ¥ - ", None])  # fmt: skip
def test_nothing_is_missing(text):
    assert parse_money(text).missing


REFUSED = [
    ("待定", "not_yet_known"),
    ("面议", "not_yet_known"),
    ("TBD", "not_yet_known"),
    ("#REF!", "spreadsheet_error"),
    ("#N/A", "spreadsheet_error"),
    ("#####", "spreadsheet_error"),
    ("50%", "percent_in_money"),
    ("５０％", "percent_in_money"),
    ("6成", "percent_in_money"),
    ("百分之五", "percent_in_money"),
    ("8.5折", "discount_in_money"),
    ("2024-08-21", "date_in_money"),
    ("8/21/2024", "date_in_money"),
    ("2024年8月", "date_in_money"),
    ("壹佰万元整", "numerals_in_words"),
    ("人民币壹佰万元整", "numerals_in_words"),
    ("三百万", "numerals_in_words"),
    ("10-20万", "amount_range"),
    ("10~20万", "amount_range"),
    ("10万至20万", "amount_range"),
    (">100万", "amount_bound"),
    ("100万以上", "amount_bound"),
    ("不超过100万", "amount_bound"),
    ("100/200", "two_numbers"),
    ("100 20", "two_numbers"),
    ("100；200", "two_numbers"),
    ("12,34,567", "misgrouped"),
    ("1,2345", "misgrouped"),
    ("1234,567", "misgrouped"),
    ("1.2.3", "misgrouped"),
    ("1.234,56", "european_number"),
    ("1.234.567", "european_number"),
    ("1 234,56", "european_number"),
    ("1,23", "ambiguous_comma"),
    ("0,5", "ambiguous_comma"),
    ("(-5)", "two_signs"),
    ("--5", "two_signs"),
    ("¥5 USD", "two_currencies"),
    ("$100元", "two_currencies"),
    ("1万2", "compound_unfinished"),
    ("1万20000元", "parts_overlap"),
    ("9.11E+17", "too_large"),
    ("310110199003078888", "too_large"),
    ("nan", "not_a_number"),
    ("inf", "not_a_number"),
    ("-inf", "not_a_number"),
    ("(5", "not_a_number"),
    ("5万万", "not_a_number"),
    ("100元/台", "not_a_number"),
    ("合同100元", "not_a_number"),
    ("abc", "not_a_number"),
    ("５²", "not_a_number"),
    ("①", "not_a_number"),
    ("1" * 80, "not_a_number"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_text_that_is_no_amount_is_refused_with_its_reason(text, reason):
    read = parse_money(text)
    assert (read.value, read.reason) == (None, reason)
    assert VALUES[reason].verdict == "refused"


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("12.5", 10_000, "125000"),
        ("¥12.5", 10_000, "125000"),  # a sign of currency says nothing of the unit
        ("3亿", 10_000, "300000000"),
        ("300元", 10_000, "300"),
        ("1.2345678", 10_000, "12345.678"),
        ("5", Decimal(1000), "5000"),
    ],
)
def test_the_unit_of_the_header_counts_where_the_cell_has_none(text, unit, amount):
    assert parse_money(text, unit=unit).value == Decimal(amount)
    assert money_column([text], unit=unit).values[0].as_py() == Decimal(amount)


def test_the_unit_of_a_header_is_no_remark_on_every_cell():
    assert parse_money("12.5", unit=10_000).flags == ()


def test_a_unit_is_a_power_of_ten():
    with pytest.raises(ParameterError, match="power of ten"):
        parse_money("5", unit=12)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1.234,56", "1234.56"), ("1.234", "1234"), ("12,5", "12.5"), ("1 234,5", "1234.5"),
     ("-1.234.567,89 €", "-1234567.89")],
)  # fmt: skip
def test_a_european_amount_is_read_where_that_is_stated(text, amount):
    assert parse_money(text, number_style="european").value == Decimal(amount)


def test_a_point_that_cannot_group_is_refused_in_a_european_column():
    assert parse_money("1.5", number_style="european").reason == "misgrouped"


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["1.234,56", "1.234"], "european"),
        (["12,50", "8,90"], "european"),
        (["12,50"], "plain"),  # one may be a slip
        (["1.234,56", "12.5"], "plain"),
        (["1.234", "5.678"], "plain"),
        (["1,234", "5,678"], "plain"),
        (["1.234.567"], "european"),
        ([], "plain"),
    ],
)
def test_a_column_proves_the_style_of_its_numbers(texts, style):
    assert MoneyEvidence().update(texts).decide().number_style == style


def test_a_column_left_to_itself_reads_by_its_evidence():
    read = money_column(["1.234,56", "7.000", None])
    assert read.values.to_pylist() == [Decimal("1234.56"), Decimal(7000), None]


def test_evidence_of_blocks_adds_up():
    blocks = [["1.234,56", "$5"], ["2,5", "¥7"], ["$8"]]
    whole = MoneyEvidence().update([text for block in blocks for text in block]).decide()
    merged = MoneyEvidence()
    for block in reversed(blocks):
        merged.merge(MoneyEvidence().update(block))
    assert merged.decide().number_style == whole.number_style == "european"
    assert merged.decide().currencies == whole.currencies == {"USD": 2, "CNY": 1}
    assert "2 amounts" in whole.evidence_text and "1.234,56" in whole.evidence_text


def test_a_column_tells_values_currencies_flags_and_reasons():
    read = money_column(pa.array(["$1,000", None, "约5万", "50%", "", "1.2E5", "abc"]))
    assert read.values.type == pa.decimal128(38, 6)
    assert read.values.to_pylist() == [1000, None, 50_000, None, None, 120_000, None]
    assert read.units.to_pylist() == ["USD", None, None, None, None, None, None]
    assert [flag_names(int(bits)) for bits in read.flags] == [
        ("currency",), (), ("approximate", "scaled"), (), (), ("approximate",), (),
    ]  # fmt: skip
    said = [read.codes[place - 1] if place else "" for place in read.reasons]
    assert said == ["", "", "", "percent_in_money", "", "", "not_a_number"]


def test_no_currency_at_all_is_no_array():
    assert money_column(["1", "2"]).units is None


@pytest.mark.parametrize("texts", [
    [], [None, None], pa.array([], pa.string()), pa.chunked_array([], pa.string()),
    pa.nulls(3, pa.string()), np.array(["1"], object), pa.array(["1"], pa.large_string()),
])  # fmt: skip
def test_any_holder_of_texts_is_taken(texts):
    assert len(money_column(texts).values) == len(texts)


def test_a_slice_or_chunks_read_like_the_whole():
    texts = pa.array(["1", None, "（2）", "3万", "５", "x", "1.2E5", "0.1234567"])
    whole = money_column(texts)
    part = money_column(texts.slice(2, 5))
    assert part.values.equals(whole.values.slice(2, 5))
    chunked = money_column(pa.chunked_array([texts.slice(0, 3), texts.slice(3)]))
    assert chunked.values.equals(whole.values)
    assert (chunked.flags == whole.flags).all()


def test_many_rows_of_few_forms_are_read_exactly():
    cents = np.random.default_rng(3).integers(0, 10**11, 150_000)
    texts = [f"{c // 100:,}.{c % 100:02d}" if c % 3 else f"({c / 100:.2f})" for c in cents.tolist()]
    wanted = pa.array([Decimal(c if c % 3 else -c) / 100 for c in cents.tolist()])
    assert money_column(texts).values.equals(wanted.cast(pa.decimal128(38, 6)))
