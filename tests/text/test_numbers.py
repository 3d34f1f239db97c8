"""Numbers: edges are rows; what is written reads back as what was rounded."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
numbers = st.one_of(
    st.floats(-1e15, 1e15), st.integers(-(10**18), 10**18), st.decimals("-1e12", "1e12", places=4)
)
MISSING = [None, float("nan"), np.nan, pd.NA, pd.NaT, Decimal("NaN"), float("inf"), -np.inf]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5, 1, "1,234.5"),
        (0, 0, "0"),
        (-0.04, 1, "0.0"),
        (-1234, 0, "−1,234"),
        (999.95, 1, "1,000.0"),
        (0.125, 2, "0.13"),  # half up, as people round
        (2.675, 2, "2.68"),
        (-2.5, 0, "−3"),
        (1_234_567, -3, "1,235,000"),
        (1e22, 0, "10,000,000,000,000,000,000,000"),
        (1e300, 2, "1" + ",000" * 100 + ".00"),
        (Decimal("12.345"), 2, "12.35"),
        (np.float64(0.5), 0, "1"),
        (np.int64(-7), 0, "−7"),
        (np.array(3.14), 1, "3.1"),
        (True, 0, "1"),
    ],
)
def test_numbers(value, decimals, text):
    assert EN.number(value, decimals=decimals) == ZH.number(value, decimals=decimals) == text


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_value_is_a_dash_everywhere(missing):
    for lang in (EN, ZH):
        for write in (
            lang.number, lang.signed, lang.percent, lang.signed_percent, lang.points,
            lang.probability, lang.ratio, lang.days, lang.money, lang.signed_money,
            lang.exact_money, lang.scale([1e6]),
        ):  # fmt: skip
            assert write(missing) == "–"
        assert lang.money_parts(missing) == ("–", "")
        assert lang.interval(missing, 1) == lang.percent_interval(0.1, missing) == "–"
        assert lang.change(missing, 1) == lang.change(1, missing) == "–"


@pytest.mark.parametrize(
    ("value", "text"), [(0.82, "+0.8"), (-0.82, "−0.8"), (0, "0.0"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_a_change_has_its_sign_unless_it_rounds_to_zero(value, text):
    assert EN.signed(value, decimals=1) == text


@pytest.mark.parametrize(
    ("write", "value", "en", "zh"),
    [
        ("percent", 0.082, "8.2%", "8.2%"),
        ("percent", 0.285, "28.5%", "28.5%"),  # 28.499999999999996 in binary
        ("signed_percent", -0.064, "−6.4%", "−6.4%"),
        ("signed_percent", 0.0004, "0.0%", "0.0%"),
        ("points", -0.012, "−1.2 pp", "−1.2个百分点"),
        ("points", 0.026, "+2.6 pp", "+2.6个百分点"),
        ("ratio", 2.4, "2.4×", "2.4倍"),
        ("days", 49, "49 days", "49天"),
        ("days", 1, "1 day", "1天"),
        ("probability", 0.41, "41%", "41%"),
        ("probability", 0.0099, "<1%", "<1%"),
        ("probability", 0.01, "1%", "1%"),
        ("probability", 0.99, "99%", "99%"),
        ("probability", 0.9901, ">99%", ">99%"),
        ("probability", 0.0, "<1%", "<1%"),  # none of many draws is not never
        ("probability", 1.0 + 1e-12, ">99%", ">99%"),
    ],
)
def test_shares_and_counts(write, value, en, zh):
    assert getattr(EN, write)(value) == en
    assert getattr(ZH, write)(value) == zh


@pytest.mark.parametrize("value", [41, -0.2, 1.1])
def test_a_probability_in_per_cent_is_refused(value):
    with pytest.raises(InputError, match="not a probability"):
        EN.probability(value)


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(386, 357, "+8.1%"), (90, 100, "−10.0%"), (1, 0, "–"), (1, -5, "–"), (100, 100, "0.0%")],
)
def test_relative_change_needs_a_positive_base(now, before, text):
    assert EN.change(now, before) == text


def test_text_is_no_number():
    with pytest.raises(InputError, match="not a number"):
        EN.number("12,500")


def test_counts_have_a_noun_or_a_measure_word():
    words = {"one": "customer", "many": "customers", "zh": "家"}
    assert [EN.count(n, **words) for n in (1, 212)] == ["1 customer", "212 customers"]
    assert ZH.count(1212, **words) == "1,212家"


@given(numbers, st.integers(0, 4))
def test_what_is_written_reads_back_within_half_a_step(value, decimals):
    text = EN.number(value, decimals=decimals)
    assert "-" not in text and not text.startswith("−0.0000001")
    back = Decimal(text.replace(",", "").replace("−", "-"))
    assert abs(back - Decimal(repr(value) if isinstance(value, float) else value)) <= Decimal(
        5
    ).scaleb(-decimals - 1)


@given(numbers)
def test_a_change_and_its_opposite_differ_in_the_sign_only(value):
    there, back = EN.signed(value, decimals=1), EN.signed(-value, decimals=1)
    assert there.lstrip("+−") == back.lstrip("+−")
    assert (there == back) == (there == "0.0")


@pytest.mark.parametrize(
    ("low", "high", "en", "zh"),
    [(0.28, 0.46, "28–46%", "28–46%"), (-0.02, 0.03, "−2 to 3%", "−2至3%")],
)
def test_ranges_of_shares(low, high, en, zh):
    assert EN.percent_interval(low, high) == en
    assert ZH.percent_interval(low, high) == zh
