"""Money with its currency and tax basis, and exact splitting of amounts.

Amounts with and without VAT, or of two currencies, are never added or divided: a mix would be
a plain 13% error that no later check can see. Columns are checked once, at the door, with
`require_single`; `Amounts` carries the basis along. Settled money is counted in minor units
(fen, cents) as integers. Words and numbers for people: `workbench.text`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import BasisError, InputError, ParameterError

TAX_BASES = ("incl", "excl", "none")
"""With VAT (含税), without VAT (不含税), and money that VAT does not touch (pay, drafts)."""

# ISO 4217: currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = dict.fromkeys(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
     "XAF", "XOF", "XPF"), 0
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """Amounts of money that share a currency and a tax basis.

    Parameters
    ----------
    values : array_like of any shape
        Amounts in currency units. Decimals stay Decimals (object array, a missing one is NaN);
        everything else becomes float64.
    currency : str
        ISO 4217 code.
    tax_basis : {"incl", "excl", "none"}
        With VAT, without VAT, or untouched by VAT.

    Raises
    ------
    ParameterError
        If currency or tax basis are not of the allowed form.
    InputError
        If a value is not a number.

    Examples
    --------
    >>> gross = Amounts([113.0, 226.0], currency="CNY", tax_basis="incl")
    >>> gross.convert_tax(0.13, to="excl").values.tolist()
    [100.0, 200.0]
    """

    values: NDArray[Any]
    currency: str
    tax_basis: str
    __array_ufunc__ = None  # so that array * amounts asks Amounts, not each element

    def __init__(self, values: ArrayLike, currency: str, tax_basis: str) -> None:
        object.__setattr__(self, "values", _array(values))
        object.__setattr__(self, "currency", _currency(currency))
        object.__setattr__(self, "tax_basis", _basis(tax_basis))

    def __len__(self) -> int:
        """Number of amounts along the first axis."""
        return len(self.values)

    def __getitem__(self, key: Any) -> Amounts:
        """Select amounts as numpy does, by index, slice or mask."""
        return replace(self, values=self.values[key])

    def __add__(self, other: Amounts) -> Amounts:
        """Add amounts of the same basis; a bare number has none and is refused."""
        return replace(self, values=self.values + self._same(other, "added").values)

    def __radd__(self, other: Any) -> Amounts:
        """Let `sum` of several Amounts begin with its zero."""
        return self if isinstance(other, int) and other == 0 else self + other

    def __sub__(self, other: Amounts) -> Amounts:
        """Subtract amounts of the same basis."""
        return replace(self, values=self.values - self._same(other, "subtracted").values)

    def __neg__(self) -> Amounts:
        """Turn the sign."""
        return replace(self, values=-self.values)

    def __mul__(self, factor: ArrayLike) -> Amounts:
        """Multiply by plain numbers (shares, quantities), never by money."""
        if isinstance(factor, Amounts):
            raise BasisError(
                "money cannot be multiplied by money", do="multiply by a share or a quantity"
            )
        return replace(self, values=self.values * _like(factor, self.values))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        """Divide by money of the same basis to a plain float array, by numbers to Amounts.

        Where the divisor is zero the ratio is NaN.
        """
        if not isinstance(other, Amounts):
            return replace(self, values=self.values / _like(other, self.values))
        top = self.values.astype(float)
        below = self._same(other, "divided").values.astype(float)
        return np.divide(top, np.where(below == 0, np.nan, below))

    def sum(self, axis: int | None = None) -> Amounts:
        """Sum over all, or over one axis; a missing amount makes the sum missing."""
        return replace(self, values=np.sum(self.values, axis=axis))

    def item(self) -> Any:
        """Return the one amount held, as a plain float or Decimal.

        Raises
        ------
        InputError
            If there are several.
        """
        if self.values.size != 1:
            raise InputError(
                f"{self.values.size} amounts where one was expected", do="sum() or select one"
            )
        return self.values.item()

    def rounded(self, decimals: int = 2) -> Amounts:
        """Round to cents, half up for Decimals (floats: numpy's rounding)."""
        if self.values.dtype != object:
            return replace(self, values=np.round(self.values, decimals))
        return replace(self, values=_quantize(self.values, Decimal(1).scaleb(-decimals)))

    def convert_tax(self, rate: ArrayLike, *, to: str) -> Amounts:
        """Take VAT out or put it on.

        Parameters
        ----------
        rate : array_like
            VAT rate of each line, 0.13 for 13%, from 0 up to 1.
        to : {"incl", "excl"}
            Basis wanted; amounts already on it come back as they are.

        Raises
        ------
        BasisError
            If the amounts are untouched by VAT, or `to` is neither basis.
        ParameterError
            If a rate lies outside 0 to 1 (13 instead of 0.13).

        Notes
        -----
        Without VAT = with VAT / (1 + rate), by line; nothing is rounded.
        """
        if "none" in (self.tax_basis, to) or to not in TAX_BASES:
            raise BasisError(
                f"amounts {_words(self.tax_basis)} cannot be turned into {_words(to)}",
                where=f"tax_basis={self.tax_basis!r}, to={to!r}",
                do='convert only between "incl" and "excl"',
            )
        factor = 1 + _like(_rate(rate), self.values)
        if to == self.tax_basis:
            return self
        values = self.values / factor if to == "excl" else self.values * factor
        return Amounts(values, currency=self.currency, tax_basis=to)

    def exchange(self, rate: ArrayLike, *, to: str) -> Amounts:
        """Exchange into currency `to`; `rate` is units of `to` for one of the present currency."""
        values = self.values * _like(rate, self.values)
        return Amounts(values, currency=to, tax_basis=self.tax_basis)

    def _same(self, other: Any, verb: str) -> Amounts:
        if not isinstance(other, Amounts):
            raise BasisError(
                f"a plain number cannot be {verb}: it has no currency and no tax basis",
                where=f"{type(other).__name__} beside amounts in {self._basis_words()}",
                do="make it Amounts with its currency and tax basis",
            )
        if (self.currency, self.tax_basis) != (other.currency, other.tax_basis):
            raise BasisError(
                f"amounts of different basis cannot be {verb}",
                where=f"{self._basis_words()} and {other._basis_words()}",
                do="bring both to one basis first: convert_tax(rate, to=...), exchange(rate, to=)",
            )
        return other

    def _basis_words(self) -> str:
        return f"{self.currency} {_words(self.tax_basis)}"


def require_single(values: Any, what: str, *, where: str | None = None) -> str:
    """Return the one value that a column of currencies or tax bases holds.

    Parameters
    ----------
    values : iterable or pandas Series
        One entry a row.
    what : str
        What the column says, for the message: "currency", "tax basis".
    where : str, optional
        Table and column, for the message.

    Raises
    ------
    BasisError
        If there are several values, or rows without one; the message counts the rows of each.
    InputError
        If there are no rows at all.
    """
    counts = _counts(values)
    if not counts:
        raise InputError(f"no rows, so no {what}", where=where, do="check the filter")
    missing = counts.pop(None, 0)
    if len(counts) == 1 and not missing:
        return str(next(iter(counts)))
    found = [f"{value} ({number:,} rows)" for value, number in counts.most_common()]
    found += [f"none ({missing:,} rows)"] if missing else []
    raise BasisError(
        f"amounts of more than one {what}: {', '.join(found)}",
        where=where,
        do=f"choose one {what}, or convert the amounts first",
    )


def minor_digits(currency: str) -> int:
    """Return the decimals of a currency's minor unit: 2 for CNY, 0 for JPY (ISO 4217)."""
    return _MINOR_DIGITS.get(_currency(currency), 2)


def to_minor(amounts: Any, *, currency: str, rounding: bool = False) -> Any:
    """Count money in minor units: 12.34 yuan are 1,234 fen.

    Parameters
    ----------
    amounts : number or array_like
        Amounts in currency units; floats are read by their shortest decimal form.
    rounding : bool
        Round half up what is finer than the minor unit; otherwise it is an error.

    Returns
    -------
    int or numpy.ndarray of int64

    Raises
    ------
    InputError
        If an amount is missing, no number, or finer than the minor unit.
    """
    step = Decimal(1).scaleb(-minor_digits(currency))
    decimals = _decimals(amounts)
    if not all(value.is_finite() for value in decimals.flat):
        raise InputError("a missing amount cannot be counted", do="drop or fill it first")
    units = _quantize(decimals, step)
    if not rounding and (units != decimals).any():
        finer = decimals[units != decimals].flat[0]
        raise InputError(
            f"{finer} {currency} is finer than the minor unit",
            do="round first, or pass rounding=True",
        )
    counted = np.asarray(units / step).astype(np.int64)
    return int(counted) if np.ndim(amounts) == 0 else counted


def from_minor(minor: Any, *, currency: str) -> Any:
    """Turn minor units back into Decimals of the currency unit; the inverse of `to_minor`."""
    digits = minor_digits(currency)
    if np.ndim(minor) == 0:
        return Decimal(int(minor)).scaleb(-digits)
    flat = [Decimal(int(unit)).scaleb(-digits) for unit in np.ravel(minor)]
    return _objects(flat).reshape(np.shape(minor))


def allocate(total: int, weights: ArrayLike) -> NDArray[np.int64]:
    """Split a whole number of units by weights so that the parts sum to it exactly.

    Parameters
    ----------
    total : int
        Minor units, people, or any units that cannot be broken; may be negative.
    weights : array_like, shape (n,)
        Finite, >= 0, not all zero. Only their ratios count.

    Returns
    -------
    numpy.ndarray of int64, shape (n,)
        Each part lies less than one unit from its exact share.

    Raises
    ------
    ParameterError
        If the weights are empty, negative, not finite or all zero.

    Notes
    -----
    Largest remainders (Hamilton); of equal remainders the earlier gets the unit, so the result
    does not depend on the machine. Exact in integers for any size of total.
    """
    shares = _whole_weights(weights)
    size = abs(int(total))
    quotas = shares * size
    whole = int(shares.sum())
    parts, rests = quotas // whole, quotas % whole
    left = size - int(parts.sum())
    parts[np.argsort(-rests, kind="stable")[:left]] += 1
    return (parts if total >= 0 else -parts).astype(np.int64)


def _whole_weights(weights: ArrayLike) -> NDArray[Any]:
    """Scale weights to integers of the same ratios (every float is a fraction of integers)."""
    try:
        ratios = [value.as_integer_ratio() for value in _decimals_or_floats(weights)]
    except (OverflowError, ValueError) as error:
        raise ParameterError("a weight is not finite", do="drop or fill it first") from error
    common = math.lcm(*(below for _, below in ratios))
    shares = _objects([top * (common // below) for top, below in ratios])
    if not len(shares) or min(shares) < 0 or not any(shares):
        raise ParameterError(
            "weights must be >= 0 and not all zero", do="check what the total is split by"
        )
    return shares


def _decimals_or_floats(weights: ArrayLike) -> list[Any]:
    flat = np.asarray(weights).ravel().tolist()
    return [value if isinstance(value, (Decimal, int)) else float(value) for value in flat]


def _array(values: ArrayLike) -> NDArray[Any]:
    if type(values).__module__.startswith("pandas"):
        values = values.to_numpy()  # type: ignore[union-attr]
    array = np.asarray(values)
    if array.dtype == object and any(isinstance(value, Decimal) for value in array.flat):
        return _decimals(array)
    try:
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"amounts are not numbers: {error}", do="read them as numbers") from error


def _decimals(values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    try:
        flat = [_decimal(value) for value in array.ravel().tolist()]
    except (InvalidOperation, TypeError, ValueError) as error:
        raise InputError("an amount is not a number", do="read it as a number") from error
    return _objects(flat).reshape(array.shape)


def _decimal(value: Any) -> Decimal:
    if value is None or type(value).__name__ == "NAType":
        return Decimal("NaN")
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _objects(items: list[Any]) -> NDArray[Any]:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _quantize(decimals: NDArray[Any], step: Decimal) -> NDArray[Any]:
    flat = [value.quantize(step, rounding=ROUND_HALF_UP) for value in np.ravel(decimals)]
    return _objects(flat).reshape(np.shape(decimals))


def _like(numbers: ArrayLike, values: NDArray[Any]) -> Any:
    """Numbers fit to meet `values`: Decimals beside Decimals, floats beside floats."""
    return _decimals(numbers) if values.dtype == object else np.asarray(numbers, dtype=float)


def _rate(rate: ArrayLike) -> ArrayLike:
    shares = np.asarray(rate, dtype=float)
    if not ((shares >= 0) & (shares < 1)).all():
        raise ParameterError(
            "a VAT rate lies outside 0 to 1",
            where=f"rate={rate!r}",
            do="write 13% as 0.13, and give every line its rate",
        )
    return rate


def _currency(currency: str) -> str:
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isupper()):
        raise ParameterError(
            f"{currency!r} is not a currency", do="use an ISO 4217 code such as CNY"
        )
    return currency


def _basis(tax_basis: str) -> str:
    if tax_basis not in TAX_BASES:
        raise ParameterError(
            f"tax basis {tax_basis!r} is unknown", do=f"choose one of {', '.join(TAX_BASES)}"
        )
    return tax_basis


def _words(tax_basis: str) -> str:
    return {"incl": "with VAT", "excl": "without VAT", "none": "untouched by VAT"}.get(
        tax_basis, repr(tax_basis)
    )


def _counts(values: Iterable[Any]) -> Counter[Any]:
    if hasattr(values, "value_counts"):
        counted = values.value_counts(dropna=False).items()
    else:
        counted = Counter(values).items()
    counts: Counter[Any] = Counter()
    for value, number in counted:
        counts[None if _is_missing(value) else value] += int(number)
    return counts


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or value != value
