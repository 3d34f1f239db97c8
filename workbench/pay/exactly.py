"""Exact arithmetic on whole arrays: minor units, ratios, and one rounding at the end.

Sums of money are int64 minor units. What is no whole number of them (a quota's share, a product
of coefficients) is a `Ratio` of Python integers, so that no size overflows and a cent on the edge
falls on the stated side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.words import exact
from workbench.text import later

Ints = NDArray[np.int64]
Objects = NDArray[Any]
#: Decimals that counts are kept with.
COUNT_DIGITS = 4
#: A column of numbers and the decimals it is kept with.
Value = tuple[str, int]
#: Largest size that sums and products are let grow to.
LIMIT = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """An array of fractions: `num` over `den`, Python integers, `den` above 0."""

    num: Objects
    den: Objects

    @staticmethod
    def of(num: Any, den: Any = 1) -> Ratio:
        """Make fractions of integers or integer arrays; where `den` is 0 the value is 0."""
        above, below = np.broadcast_arrays(_objects(num), _objects(den))
        empty = below == 0
        return Ratio(np.where(empty, 0, above), np.where(empty, 1, below))

    @staticmethod
    def constant(value: Fraction, shape: tuple[int, ...]) -> Ratio:
        """Fill an array with one fraction."""
        return Ratio(_filled(value.numerator, shape), _filled(value.denominator, shape))

    def __add__(self, other: Ratio) -> Ratio:
        same = self.den == other.den
        num = np.where(same, self.num + other.num, self.num * other.den + other.num * self.den)
        return Ratio(num, np.where(same, self.den, self.den * other.den))

    def __sub__(self, other: Ratio) -> Ratio:
        return self + Ratio(-other.num, other.den)

    def __mul__(self, other: Ratio) -> Ratio:
        return Ratio(self.num * other.num, self.den * other.den)

    def __getitem__(self, key: Any) -> Ratio:
        return Ratio(self.num[key], self.den[key])

    def at_least(self, bound: Ratio | Fraction) -> NDArray[np.bool_]:
        """Tell where the value reaches a bound."""
        if isinstance(bound, Fraction):
            bound = Ratio.constant(bound, self.num.shape)
        return np.asarray(self.num * bound.den >= bound.num * self.den, bool)

    def chosen(self, where: NDArray[np.bool_], other: Ratio) -> Ratio:
        """Keep the value where a condition holds, else take the other's."""
        return Ratio(np.where(where, self.num, other.num), np.where(where, self.den, other.den))

    def rounded(self, *, even: bool) -> Ints:
        """Round to integers, half away from zero or half to even."""
        if (self.den == 1).all():
            return _whole(self.num)
        num, den = self._small()
        size = abs(num)
        whole, rest = size // den, size % den
        twice = 2 * rest
        tie = twice == den
        up = (twice > den) | (tie & ((whole % 2 == 1) if even else True))
        result = np.where(num < 0, -(whole + up), whole + up)
        return _whole(result)

    def _small(self) -> tuple[Any, Any]:
        """Both as 64-bit integers where none is too large for that, which are quicker."""
        try:
            num, den = self.num.astype(np.int64), self.den.astype(np.int64)
        except OverflowError:
            return self.num, self.den
        largest = max(int(num.max(initial=0)), -int(num.min(initial=0)), int(den.max(initial=1)))
        return (num, den) if largest < LIMIT else (self.num, self.den)

    def floats(self) -> NDArray[np.float64]:
        """Nearest floats, for reading."""
        num, den = np.asarray(self.num, object), np.asarray(self.den, object)
        flat = [n / d for n, d in zip(num.ravel(), den.ravel(), strict=True)]
        return np.array(flat, float).reshape(num.shape)


def shared(values: Ints, share: Fraction, *, even: bool) -> Ints:
    """Take a share of whole amounts, rounded."""
    if share in (0, 1):
        return values * int(share)
    most = int(np.abs(values).max(initial=0)) * share.numerator
    if most >= LIMIT:
        return Ratio.of(values * np.array(share.numerator, object), share.denominator).rounded(
            even=even
        )
    size = np.abs(values) * share.numerator
    whole, rest = np.divmod(size, share.denominator)
    tie = 2 * rest == share.denominator
    up = (2 * rest > share.denominator) | (tie & (whole % 2 == 1) if even else tie)
    return np.sign(values) * (whole + up)


def common_denominator(values: Iterable[Fraction]) -> int:
    """Least whole number that makes all fractions whole."""
    return math.lcm(*(value.denominator for value in values))


def to_units(column: Any, *, digits: int, name: str) -> tuple[Ints, NDArray[np.bool_]]:
    """Read a column of numbers as whole units of 10**-digits.

    Parameters
    ----------
    column : pyarrow array
        Integers, floats (read by their nearest unit), decimals, or texts as a plan writes numbers
        ("12,000.50", "60%", "1万").
    digits : int
        2 for cents.
    name : str
        For messages.

    Returns
    -------
    units : numpy.ndarray of int64
        0 where there is none.
    given : numpy.ndarray of bool
        Where there is a number.

    Raises
    ------
    InputError
        If the column holds no numbers, or a number finer than the unit or too large.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if pa.types.is_decimal(kind):
        return _of_decimals(array, digits, name)
    if pa.types.is_null(kind):
        return np.zeros(len(array), np.int64), np.zeros(len(array), bool)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_texts(array, digits, name)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise InputError(
            later("{name} holds no numbers", name=name),
            where=later("type {kind}", kind=kind),
            do=later("write numbers"),
        )
    if pa.types.is_integer(kind) and not array.null_count:
        whole = array.to_numpy(zero_copy_only=False).astype(np.int64)
        if int(np.abs(whole).max(initial=0)) * 10**digits >= LIMIT:
            raise _overflow(name)
        return whole * 10**digits, np.ones(len(whole), bool)
    floats = array.to_numpy(zero_copy_only=False).astype(float)
    units, given, largest, finer = kernels.whole_units(floats, 10.0**digits)
    if largest >= 2**52:
        raise _overflow(name)
    if finer >= 0:
        raise _finer(floats[finer], digits, name, row=finer)
    return units, given


def to_floats(column: pd.Series, *, name: str) -> NDArray[np.float64]:
    """Read a column of numbers, or of texts as a plan writes them, as floats; NaN where none is.

    Raises
    ------
    InputError
        If something is no number.
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(float, na_value=np.nan)
    given = column.notna().to_numpy() & column.astype(str).str.strip().ne("").to_numpy()
    result = np.full(len(column), np.nan)
    for row in np.nonzero(given)[0]:
        result[row] = float(
            _number(column.iloc[row], later("{name}, row {row}", name=name, row=row + 1))
        )
    return result


def _number(value: Any, where: str) -> Fraction:
    try:
        return exact(value)
    except PydanticCustomError as error:
        raise InputError(
            later("{value} is no number", value=value),
            where=where,
            do=later("write a number such as 12,000.50, 5% or 1万, without a currency"),
        ) from error


def _of_texts(array: Any, digits: int, name: str) -> tuple[Ints, NDArray[np.bool_]]:
    texts = array.to_pylist()
    given = np.array([text is not None and text.strip() != "" for text in texts], bool)
    units = np.zeros(len(texts), np.int64)
    for row in np.nonzero(given)[0]:
        value = _number(texts[row], later("{name}, row {row}", name=name, row=row + 1)) * 10**digits
        if value.denominator != 1:
            raise _finer(texts[row], digits, name, row=int(row))
        if abs(value) >= LIMIT:
            raise _overflow(name)
        units[row] = int(value)
    return units, given


def _of_decimals(array: Any, digits: int, name: str) -> tuple[Ints, NDArray[np.bool_]]:
    given = array.is_valid().to_numpy(zero_copy_only=False)
    try:
        rescaled = array.cast(pa.decimal128(38, digits))
    except pa.ArrowInvalid as error:
        row = _first_finer(array, digits)
        raise _finer(array[row], digits, name, row=row) from error
    rescaled = pc.fill_null(rescaled, pa.scalar(0, pa.int64()).cast(pa.decimal128(38, digits)))
    words = np.frombuffer(rescaled.buffers()[1], "<i8").reshape(-1, 2)
    words = words[rescaled.offset : rescaled.offset + len(rescaled)]
    low = words[:, 0].astype(np.int64)
    if (words[:, 1] != low >> 63).any() or np.abs(low).max(initial=0) >= LIMIT:
        raise _overflow(name)
    return low, given


def _first_finer(array: Any, digits: int) -> int:
    """First of the decimals that has more digits."""
    values = ((row, value) for row, value in enumerate(array.to_pylist()) if value is not None)
    return next(row for row, value in values if value != round(value, digits))


def _finer(value: Any, digits: int, name: str, *, row: int) -> InputError:
    return InputError(
        later("{value} is finer than the smallest unit", value=value),
        where=later(
            "{name}, row {row}, kept with {digits} decimals", name=name, row=row + 1, digits=digits
        ),
        do=later("round it first"),
    )


def _overflow(name: str) -> InputError:
    return InputError(
        later("amounts are too large to be added exactly"),
        where=name,
        do=later("check the unit: amounts are in units of the currency, not in cents"),
    )


def _whole(values: Objects) -> Ints:
    try:
        whole = values.astype(np.int64)
    except OverflowError as error:
        raise _overflow("pay") from error
    if max(int(whole.max(initial=0)), -int(whole.min(initial=0))) >= LIMIT:
        raise _overflow("pay")
    return whole


def _objects(values: Any) -> Objects:
    return np.asarray(values).astype(object)


def _filled(value: int, shape: tuple[int, ...]) -> Objects:
    result = np.empty(shape, object)
    result.fill(value)
    return result
