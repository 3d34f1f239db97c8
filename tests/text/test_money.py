"""Money: the unit of an amount, one unit for a table, ranges."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ParameterError
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
amounts = st.floats(-1e12, 1e12) | st.decimals("-1e11", "1e11", places=2)


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (386e6, "3.86亿元", "CNY 386 million"),
        (99_999_500, "1.00亿元", "CNY 100 million"),  # rounds into the next unit
        (99_994_999, "9,999万元", "CNY 100 million"),
        (-350e6, "−3.50亿元", "CNY −350 million"),
        (29.3e6, "2,930万元", "CNY 29.3 million"),
        (99.96e6, "9,996万元", "CNY 100 million"),
        (999_600, "100万元", "CNY 1.0 million"),
        (300_000, "30万元", "CNY 300 thousand"),
        (99_960, "10万元", "CNY 99,960"),
        (16_000, "1.6万元", "CNY 16,000"),
        (9_999.6, "1.0万元", "CNY 10,000"),
        (9_000, "9,000元", "CNY 9,000"),
        (0, "0元", "CNY 0"),
        (-0.2, "0元", "CNY 0"),
        (12e9, "120.00亿元", "CNY 12.0 billion"),
        (Decimal("386000000.00"), "3.86亿元", "CNY 386 million"),
        (np.float32(5e5), "50万元", "CNY 500 thousand"),
    ],
)
def test_an_amount_in_running_text(amount, zh, en):
    assert ZH.money(amount) == zh
    assert EN.money(amount) == en


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (386e6, ("3.86", "亿元"), ("386.0", "CNY million")),
        (29.3e6, ("2,930", "万元"), ("29.3", "CNY million")),
        (8_500, ("8,500", "元"), ("8,500", "CNY")),
        (-1.2e9, ("−12.00", "亿元"), ("−1,200.0", "CNY million")),
    ],
)
def test_figure_and_unit_of_a_tile(amount, zh, en):
    assert ZH.money_parts(amount) == zh
    assert EN.money_parts(amount) == en


@pytest.mark.parametrize(
    ("currency", "zh", "en"),
    [
        ("USD", "500万美元", "USD 5.0 million"),
        ("EUR", "500万欧元", "EUR 5.0 million"),
        ("JPY", "500万日元", "JPY 5.0 million"),
        ("KRW", "500万韩元", "KRW 5.0 million"),  # named by CLDR
    ],
)
def test_other_currencies(currency, zh, en):
    assert ZH.money(5e6, currency=currency) == zh
    assert EN.money(5e6, currency=currency) == en


@pytest.mark.parametrize("currency", ["￥", "cny", "RMB1", "人民币"])
def test_a_currency_is_a_code(currency):
    with pytest.raises(ParameterError, match="ISO 4217"):
        ZH.money(1, currency=currency)


def test_changes_carry_a_sign():
    assert ZH.signed_money(29.3e6) == "+2,930万元"
    assert EN.signed_money(29.3e6) == "CNY +29.3 million"
    assert ZH.money_parts(-8.2e6, sign=True) == ("−820", "万元")
    assert ZH.signed_money(0.3) == "0元"


def test_prices_and_pay_to_the_cent():
    assert ZH.exact_money(Decimal("2310.10")) == "2,310.10元"
    assert EN.exact_money(13203.2) == "CNY 13,203.20"


@pytest.mark.parametrize(
    ("values", "zh", "en"),
    [
        ([386e6, 54.8e6, 12_000], ("万元", "38,600"), ("CNY million", "386.0")),
        ([28.6e6, 9.6e6], ("万元", "2,860"), ("CNY million", "28.6")),
        ([3.12e6, None, 4e5], ("万元", "312"), ("CNY thousand", "3,120")),
        ([245_000], ("万元", "24.5"), ("CNY thousand", "245")),
        ([9_000], ("元", "9,000"), ("CNY", "9,000")),
        ([2.5e10], ("亿元", "250.00"), ("CNY million", "25,000.0")),
        ([], ("元", "–"), ("CNY", "–")),
    ],
)
def test_one_unit_for_a_table(values, zh, en):
    largest = max((value for value in values if value is not None), default=None)
    for lang, (unit, first) in ((ZH, zh), (EN, en)):
        scale = lang.scale(values)
        assert (scale.unit, scale(largest)) == (unit, first)


def test_a_scale_reads_arrays_and_columns_of_any_shape():
    table = pd.DataFrame({"a": [386e6, None], "b": [-4e8, 1.0]})
    for values in (table.to_numpy(), table["b"], [table["a"], table["b"]], np.float64(-4e8), -4e8):
        assert ZH.scale(values).unit == "万元"
    scale = ZH.scale(table["b"])
    assert scale.signed(4.2e6) == "+420" and scale.signed(-4.2e6) == "−420" and scale(0) == "0"
    assert scale.divisor == 10_000 and scale.d3 == ",.0f"


def test_axes_of_company_totals_may_take_the_larger_unit():
    assert ZH.scale([386e6], coarse=True).unit == "亿元"
    assert ZH.scale([386e6], coarse=True)(386e6) == "3.86"
    assert ZH.scale([38e6], coarse=True).unit == "万元"
    assert EN.scale([386e6], coarse=True) == EN.scale([386e6])


def test_counts_scale_without_a_currency():
    assert ZH.scale([5_000_000], currency=None).unit == "万"
    assert EN.scale([50_000_000], currency=None).unit == "million"
    assert EN.scale([500], currency=None).unit == ""


@given(amounts)
def test_no_figure_reaches_the_limit_of_its_unit(amount):
    figure, unit = ZH.money_parts(amount)
    size = abs(float(figure.replace(",", "").replace("−", "-")))
    limits = {"元": 10_000, "万元": 10_000, "亿元": float("inf")}
    assert size < limits[unit]
    if unit == "亿元":
        assert size >= 1 and len(figure.split(".")[1]) == 2


@given(amounts)
def test_the_figure_times_its_unit_is_the_amount(amount):
    for lang, units in (
        (ZH, {"元": 1, "万元": 1e4, "亿元": 1e8}),
        (EN, {"CNY": 1, "CNY thousand": 1e3, "CNY million": 1e6, "CNY billion": 1e9}),
    ):
        figure, unit = lang.money_parts(amount)
        decimals = len(figure.partition(".")[2])
        back = float(figure.replace(",", "").replace("−", "-")) * units[unit]
        assert back == pytest.approx(float(amount), abs=0.5001 * units[unit] * 10**-decimals)


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (690e6, 760e6, "6.9–7.6亿元", "CNY 690–760 million"),
        (26.4e6, 32.4e6, "2,640–3,240万元", "CNY 26–32 million"),
        (90e6, 120e6, "0.9–1.2亿元", "CNY 90–120 million"),
        (702e6, 707e6, "7.02–7.07亿元", "CNY 702–707 million"),
        (-4e6, 5e6, "−400至500万元", "CNY −4 to 5 million"),
        (1.2e6, 1.9e6, "120–190万元", "CNY 1.2–1.9 million"),
    ],
)
def test_ranges_of_amounts(low, high, zh, en):
    assert ZH.interval(low, high, currency="CNY") == zh
    assert EN.interval(low, high, currency="CNY") == en


def test_ranges_in_words():
    spoken = ZH.interval(690e6, 760e6, currency="CNY")
    assert ZH.often(spoken) == "十次有八次落在6.9–7.6亿元"
    assert ZH.often(spoken, share=0.95) == "二十次有十九次落在6.9–7.6亿元"
    assert ZH.often(spoken, share=0.7) == "70%区间6.9–7.6亿元"
    assert EN.often(EN.interval(690, 760)) == "80% interval 690–760"
