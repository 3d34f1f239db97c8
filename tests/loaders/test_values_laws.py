"""Laws of values: a column reads as its single texts do, and what we print parses back."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.loaders.values import (
    DiscountEvidence,
    MoneyEvidence,
    date_column,
    discount_column,
    flag_names,
    money_column,
    parse_date,
    parse_discount,
    parse_money,
    parse_percent,
    percent_column,
)
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")

# Texts as people write them: digits beside the words and signs that mean something, in any order.
DIGITS = st.text("0123456789", min_size=1, max_size=8) | st.text("０１２３４５６７８９", max_size=3)
MONEY_WORDS = st.sampled_from(
    [*"¥￥$€-−()（）,.，．' +~约余万亿千百元角分整K%折", "HK$", "USD", "人民币", "左右", "million",
     "E+", "E5", "\u00a0", "1,234", "12,345.67", "1.234,5", "无", "待定"]
)  # fmt: skip
DATE_WORDS = st.sampled_from(
    [*"-/.年月日号:时分秒 TZQHW上下", "2024", "08", "8", "21", "31", "Aug", "下午", "AM", "季度",
     "+08:00", "星期三", "半年", "第", "今天", "底", "13", "00", "9999", "45525", "1724169600000"]
)  # fmt: skip


def texts(words):
    joined = st.lists(words | DIGITS, max_size=7).map("".join)
    return st.lists(joined | st.none() | st.text(max_size=6), max_size=12)


def _told(column, row):
    """Reason and flags of a row of a column."""
    place = int(column.reasons[row])
    return (column.codes[place - 1] if place else "", set(flag_names(int(column.flags[row]))))


amounts_as_written = st.builds(
    lambda sign, amount, shape: sign + shape.format(amount),
    st.sampled_from(["", "-", "¥", "约", "USD "]),
    st.decimals(0, Decimal("9e12"), places=4),
    st.sampled_from(["{:.2f}", "{:,.4f}", "({:,.0f})", "{:.3f}万", "{:,.1f}亿元", "{:.4E}"]),
)


number = st.integers(0, 33)
dates_as_written = st.builds(
    lambda shape, *numbers: shape.format(*numbers),
    st.sampled_from(
        ["{0}-{1:02}-{2:02}", "{0}/{1}/{2}", "{1}/{2}/{0}", "{2}.{1}.{0}", "{0}年{1}月{2}日",
         "{0}年{1}月", "{3}/{1}/{2}", "{3:02}-{1:02}-{2:02}", "{3:02}年{1}月{2}日", "{0}.{1}",
         "{0}{1:02}", "{0}{1:02}{2:02}",
         "{0}Q{3}", "{0}H{3}", "{1}-Aug-{0}", "Feb {2}, {0}", "{4}", "{4}.{5}", "{6}", "{7}"]
    ),
    st.integers(1965, 2105) | st.sampled_from([0, 9999]), number, number, number,
    st.integers(20_000, 80_000), st.integers(0, 10**9), st.integers(10**9, 5 * 10**9),
    st.integers(10**12, 5 * 10**12),
)  # fmt: skip
times_as_written = st.builds(
    lambda shape, *numbers: shape.format(*numbers),
    st.sampled_from(
        ["", "", " {0}:{1:02}", "T{0:02}:{1:02}:{2:02}", "T{0:02}:{1:02}:{2:02}Z",
         " 下午{0}:{1:02}", "上午{0}点", " 中午{0}时{1:02}分", " {0}:{1:02} PM",
         "T{0:02}:{1:02}:00.{3}+{4:02}:30", "T{0:02}:{1:02}:{2:02}-{4:02}00", " 00:00:00"]
    ),
    st.integers(0, 25), st.integers(0, 61), st.integers(0, 61), st.integers(0, 10**8),
    st.integers(0, 16),
)  # fmt: skip
stamps = st.lists(st.builds("".join, st.tuples(dates_as_written, times_as_written)), max_size=20)


@settings(max_examples=150)
@given(
    texts(MONEY_WORDS) | st.lists(amounts_as_written, max_size=12),
    st.sampled_from([1, 1000, 10_000]),
    st.sampled_from(["plain", "european"]),
    st.sampled_from(["", "USD", "JPY"]),
)
@example(["1.2E5", "0.1234565", "-0.0000005", "(0)", "99999999999999.9999995"], 1, "plain", "")
def test_a_column_of_money_reads_as_its_texts_do(column, unit, style, currency):
    read = money_column(column, unit=unit, number_style=style, currency=currency)
    units = read.units.to_pylist() if read.units is not None else [None] * len(column)
    for row, text in enumerate(column):
        single = parse_money(text, unit=unit, number_style=style, currency=currency)
        assert read.values[row].as_py() == single.value
        assert (units[row] or "") == single.unit
        assert _told(read, row) == (single.reason, set(single.flags))


@settings(max_examples=100)
@given(texts(MONEY_WORDS), st.sampled_from(["share", "percent", "mixed", "ask"]))
@example(["百分之六十", "0.333333333333333", "-5%", "1", "0", "-0%"], "mixed")
def test_a_column_of_percents_reads_as_its_texts_do(column, scale):
    read = percent_column(column, scale=scale)
    for row, text in enumerate(column):
        single = parse_percent(text, scale=scale)
        value = read.values[row].as_py()
        assert (value is None) == (single.value is None)
        assert value is None or value == pytest.approx(float(single.value), rel=1e-15, abs=0)
        assert _told(read, row) == (single.reason, set(single.flags))


@settings(max_examples=250)
@given(
    texts(DATE_WORDS) | stamps,
    st.sampled_from([None, "ymd", "dmy", "mdy"]),
    st.booleans(),
)
@example(["69年8月21日", "70年8月21日", "2024-08-21 中午11:30", "2024-08-21 中午10:30"], None, True)
@example(["8/9/2024", "24-08-21", "1990-07-01T00:00:00Z", "2100-12-31T20:00:00Z"], None, True)
@example(["8/9/2024", "24-08-21", "13/13/2024", "45525.999999", "0/0/0000"], "mdy", True)
def test_a_column_of_dates_reads_as_its_texts_do(column, order, numbers):
    read = date_column(column, order=order, serial=numbers, epoch=numbers)
    for row, text in enumerate(column):
        single = parse_date(text, order=order, serial=numbers, epoch=numbers)
        value = read.values[row].as_py()
        assert (value is None) == (single.value is None), text
        assert (read.units[row].as_py() or "") == single.grain
        assert _told(read, row) == (single.reason, set(single.flags)), text
        if single.grain in ("day", "instant"):
            assert value.isoformat().removesuffix("T00:00:00") == single.value
        elif value is not None:
            assert single.value.startswith(str(value.year))


@settings(max_examples=100)
@given(texts(MONEY_WORDS), st.sampled_from(["paid", "off", "ask"]))
@example(["85折", "八五折", "15% off", "8.5", "0.85", "1", "0", "100%"], "paid")
def test_a_column_of_discounts_reads_as_its_texts_do(column, meaning):
    read = discount_column(column, meaning)
    for row, text in enumerate(column):
        single = parse_discount(text, meaning)
        value = read.values[row].as_py()
        assert (value is None) == (single.value is None)
        assert value is None or value == pytest.approx(float(single.value), abs=1e-12)
        assert _told(read, row) == (single.reason, set(single.flags))


@given(texts(MONEY_WORDS), st.integers(0, 12))
def test_evidence_does_not_depend_on_the_blocks(column, cut):
    parts = MoneyEvidence().update(column[:cut]).merge(MoneyEvidence().update(column[cut:]))
    whole = MoneyEvidence().update(column)
    assert parts.decide().number_style == whole.decide().number_style
    assert parts.decide().currencies == whole.decide().currencies
    halves = (
        DiscountEvidence("").update(column[:cut]).merge(DiscountEvidence("").update(column[cut:]))
    )
    assert halves.decide() == DiscountEvidence("").update(column).decide()


# -- what we print parses back ---------------------------------------------------------------------

amounts = st.decimals(Decimal("-9e11"), Decimal("9e11"), places=2)
currencies = st.sampled_from(["CNY", "USD", "EUR", "HKD", "JPY", "GBP"])


@given(amounts, currencies, st.sampled_from([EN, ZH]))
def test_an_exact_amount_parses_back(amount, currency, lang):
    read = parse_money(lang.exact_money(amount, currency=currency))
    assert (read.value, read.unit) == (amount, currency)


@given(amounts, currencies, st.sampled_from([EN, ZH]), st.booleans())
def test_an_amount_in_words_parses_back_within_its_rounding(amount, currency, lang, sign):
    text = lang.money(amount, currency=currency, sign=sign)
    read = parse_money(text)
    assert read.unit == currency
    # The coarsest unit that is written keeps two figures at least: 1.0万, 10.0亿.
    assert abs(read.value - amount) <= max(Decimal("0.5"), abs(amount) / 18)
    assert lang.money(read.value, currency=currency, sign=sign) == text


@given(st.decimals(-20, 20, places=4), st.integers(0, 4), st.sampled_from([EN, ZH]))
def test_a_percent_parses_back_within_its_rounding(share, decimals, lang):
    for write in (lang.percent, lang.signed_percent, lang.points):
        read = parse_percent(write(share, decimals=decimals))
        assert abs(read.value - share) <= Decimal("0.5").scaleb(-2 - decimals)


days = st.dates(dt.date(1970, 1, 1), dt.date(2100, 12, 31))


@given(days, st.sampled_from([EN, ZH]))
def test_a_date_parses_back_in_every_style_with_a_year(day, lang):
    for style in ("iso", "long"):
        assert parse_date(lang.date(day, style=style)).value == day.isoformat()
    assert parse_date(lang.month(day, year=True)).value == f"{day:%Y-%m}"
    assert parse_date(lang.month(day, year=True, long=True)).value == f"{day:%Y-%m}"
    quarter = (day.month + 2) // 3
    for short in (False, True):
        text = lang.quarter(day.year, quarter, short=short)
        assert parse_date(text).value == f"{day.year}Q{quarter}"
    assert parse_date(lang.year(day.year)).value == str(day.year)


@given(days, st.sampled_from([EN, ZH]))
def test_a_day_without_a_year_is_never_guessed(day, lang):
    assert parse_date(lang.date(day, style="short")).reason == "no_year"


@given(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2100, 12, 30)))
def test_an_instant_parses_back(moment):
    read = parse_date(moment.isoformat())
    wanted = moment.isoformat()
    assert read.value == (wanted if moment.time() != dt.time() else wanted[:10])


@pytest.mark.parametrize(
    "missing", [EN.percent(None), EN.money(None), EN.number(None), EN.date(None)]
)
def test_the_sign_of_a_missing_value_parses_as_missing(missing):
    assert parse_money(missing).missing
    assert parse_percent(missing).missing
    assert parse_date(missing).missing
