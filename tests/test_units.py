"""Units: no mixing of bases, exact minor units, exact splitting."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BasisError, InputError, ParameterError
from workbench.units import (
    Amounts,
    allocate,
    from_minor,
    minor_digits,
    require_single,
    to_minor,
)

CNY = {"currency": "CNY", "tax_basis": "excl"}
cents = st.integers(-(10**12), 10**12)
weight_lists = st.lists(
    st.one_of(st.integers(0, 10**9), st.floats(0, 1e9)), min_size=1, max_size=40
).filter(any)


def money(*values, **basis):
    return Amounts(list(values), **{**CNY, **basis})


@pytest.mark.parametrize("other", [{"currency": "USD"}, {"tax_basis": "incl"}])
@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__truediv__"])
def test_amounts_of_another_basis_are_refused_with_an_answer(operation, other):
    with pytest.raises(BasisError) as refused:
        getattr(money(1.0), operation)(money(1.0, **other))
    assert refused.value.where and refused.value.do


def test_a_plain_number_has_no_basis():
    with pytest.raises(BasisError, match="plain number"):
        money(1.0) + 5
    with pytest.raises(BasisError, match="plain number"):
        5 + money(1.0)
    with pytest.raises(BasisError, match="multiplied by money"):
        money(1.0) * money(1.0)


def test_sums_differences_and_ratios_of_one_basis():
    a, b = money(3.0, 4.0), money(1.0, 0.0)
    assert (a + b).values.tolist() == [4.0, 4.0]
    assert (a - b).values.tolist() == [2.0, 4.0]
    ratio = a / b
    assert isinstance(ratio, np.ndarray) and ratio[0] == 3.0 and np.isnan(ratio[1])
    assert sum([a, b]).sum().item() == 8.0
    assert (a / 2).currency == "CNY" and (np.array([2.0, 2.0]) * a).values.tolist() == [6.0, 8.0]
    assert (-a)[:1].values.tolist() == [-3.0] and len(a) == 2


def test_decimals_stay_exact_and_missing_ones_stay_missing():
    column = pd.Series([Decimal("0.10")] * 10 + [None])
    amounts = Amounts(column, **CNY)
    assert amounts[:10].sum().item() == Decimal("1.00")
    assert amounts.sum().item().is_nan()
    arrow = pd.Series([Decimal("1.10"), None], dtype="object").convert_dtypes()
    assert Amounts(arrow, **CNY)[:1].sum().item() == Decimal("1.10")


def test_vat_by_line_in_floats_and_decimals():
    gross = money(113.0, 106.0, tax_basis="incl")
    net = gross.convert_tax([0.13, 0.06], to="excl")
    assert net.tax_basis == "excl" and net.values == pytest.approx([100, 100])
    exact = Amounts([Decimal("113.00")], currency="CNY", tax_basis="incl")
    assert exact.convert_tax(0.13, to="excl").values.tolist() == [Decimal(100)]
    assert net.convert_tax(0.13, to="excl") is net


@pytest.mark.parametrize("rate", [13, -0.01, 1.0, float("nan"), [0.13, 6]])
def test_a_rate_in_per_cent_is_refused(rate):
    with pytest.raises(ParameterError, match="outside 0 to 1"):
        money(113.0, 106.0, tax_basis="incl").convert_tax(rate, to="excl")


def test_pay_has_no_vat_to_convert():
    with pytest.raises(BasisError, match="untouched by VAT"):
        money(1.0, tax_basis="none").convert_tax(0.13, to="incl")
    with pytest.raises(BasisError):
        money(1.0).convert_tax(0.13, to="none")


@given(
    amount=st.decimals("-1e9", "1e9", places=2), rate=st.sampled_from(["0.13", "0.09", "0.06", "0"])
)
def test_putting_vat_on_and_taking_it_out_returns_the_amount(amount, rate):
    net = Amounts([amount], **CNY)
    there_and_back = net.convert_tax(Decimal(rate), to="incl").convert_tax(Decimal(rate), to="excl")
    assert there_and_back.rounded(2).values[0] == amount


def test_only_a_single_amount_is_an_item():
    with pytest.raises(InputError, match="2 amounts"):
        money(1.0, 2.0).item()


def test_exchange_changes_the_currency():
    dollars = Amounts([Decimal("10.00")], currency="USD", tax_basis="none")
    yuan = dollars.exchange(Decimal("7.1234"), to="CNY").rounded()
    assert (yuan.currency, yuan.values[0]) == ("CNY", Decimal("71.23"))


@pytest.mark.parametrize(("currency", "basis"), [("RMB¥", "excl"), ("cny", "excl"), ("CNY", "税")])
def test_amounts_know_their_currency_and_basis(currency, basis):
    with pytest.raises(ParameterError):
        Amounts([1.0], currency=currency, tax_basis=basis)


def test_text_is_no_amount():
    with pytest.raises(InputError):
        Amounts(["12，500"], **CNY)


@pytest.mark.parametrize("column", [["CNY"] * 3, pd.Series(["CNY"] * 3, dtype="category")])
def test_one_currency_passes(column):
    assert require_single(column, "currency") == "CNY"


@pytest.mark.parametrize("make", [list, pd.Series])
def test_several_currencies_are_counted_in_the_message(make):
    column = make(["CNY", "CNY", "USD", None])
    with pytest.raises(BasisError) as refused:
        require_single(column, "currency", where="order_line, column currency")
    assert "CNY (2 rows), USD (1 rows), none (1 rows)" in str(refused.value)
    assert "order_line" in str(refused.value)


def test_no_rows_is_not_one_currency():
    with pytest.raises(InputError, match="no rows"):
        require_single([], "currency")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (12.34, "CNY", 1234),
        (Decimal("0.29"), "CNY", 29),
        (0.29, "CNY", 29),
        (-5, "CNY", -500),
        (1500, "JPY", 1500),
        (Decimal("1.234"), "KWD", 1234),
    ],
)
def test_minor_units(amount, currency, minor):
    assert to_minor(amount, currency=currency) == minor
    assert from_minor(minor, currency=currency) == Decimal(str(amount))


def test_what_is_finer_than_a_fen_is_refused_or_rounded_half_up():
    with pytest.raises(InputError, match="finer"):
        to_minor([1.0, 2.345], currency="CNY")
    assert to_minor([1.0, 2.345], currency="CNY", rounding=True).tolist() == [100, 235]
    with pytest.raises(InputError, match="missing"):
        to_minor([1.0, None], currency="CNY")


@given(minor=st.lists(cents, max_size=20), currency=st.sampled_from(["CNY", "JPY", "KWD"]))
def test_minor_units_come_back(minor, currency):
    amounts = from_minor(np.array(minor, dtype=np.int64), currency=currency)
    assert to_minor(amounts, currency=currency).tolist() == minor
    assert all(-value.as_tuple().exponent == minor_digits(currency) for value in amounts)


@given(total=cents, weights=weight_lists)
def test_parts_sum_to_the_total_and_lie_within_one_unit(total, weights):
    parts = allocate(total, weights)
    assert int(parts.sum()) == total
    exact = np.array([Decimal(total) * Decimal(w) for w in weights]) / sum(map(Decimal, weights))
    assert all(
        abs(part - share) < Decimal("1.000001") for part, share in zip(parts, exact, strict=True)
    )


@given(total=st.integers(0, 10**9), weights=weight_lists)
def test_a_larger_weight_never_gets_less_and_none_gets_nothing(total, weights):
    parts = allocate(total, weights)
    order = np.argsort(np.array(weights, dtype=float), kind="stable")
    assert all(np.diff(parts[order]) >= -1)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert (allocate(-total, weights) == -parts).all()


def test_the_earlier_of_equals_gets_the_odd_unit():
    assert allocate(100, [1, 1, 1]).tolist() == [34, 33, 33]
    assert allocate(5, [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")]).tolist() == [3, 1, 1]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1, float("nan")], [float("inf")]])
def test_weights_that_cannot_split_are_refused(weights):
    with pytest.raises(ParameterError):
        allocate(10, weights)
