"""Numbers as words: rounding, thousands commas, signs, per cent.

Amounts of money: `money.py`. Dates: `dates.py`. The typography is that of both languages:
U+2212 for minus, an en dash for a missing value and for ranges, never a hyphen.
Rounding is half up on the decimal a person would read (0.125 is 0.13, 2.675 is 2.68), which is
what readers of both languages expect; binary halves to even would surprise them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

from workbench.errors import InputError

MINUS = "\u2212"
MISSING = "\u2013"
DASH = "\u2013"
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)  # holds every float, to any decimals asked for
MISSING_TYPES = {"NAType", "NaTType"}  # of pandas, which is too heavy to import for two names


def is_missing(value: Any) -> bool:
    """Tell whether a value has no number to show: None, NaN, NaT, NA or an infinity."""
    if value is None or type(value).__name__ in MISSING_TYPES:
        return True
    if isinstance(value, Decimal):
        return not value.is_finite()
    try:
        return not math.isfinite(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{value!r} is not a number",
            do="hand in an int, float, Decimal or numpy scalar; None or NaN is a missing value",
        ) from error


def exact(value: Any) -> Decimal:
    """Turn a finite number into the decimal that a person reads in it.

    Floats go through their shortest decimal form, so that 0.285 is 0.285 and not
    0.284999...; numpy and pandas scalars are read by their own `item`.
    """
    if isinstance(value, float):
        return Decimal(float.__repr__(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    return exact(value.item()) if hasattr(value, "item") else Decimal(repr(float(value)))


@lru_cache(maxsize=32)
def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def rounded(value: Any, decimals: int = 0) -> Decimal:
    """Round half up to `decimals` places (negative: to tens, hundreds ...); minus zero is zero."""
    result = exact(value).quantize(_step(decimals), context=_WIDE)
    return result or abs(result)


def plain(value: Any, decimals: int = 0) -> str:
    """Write a number with thousands commas, U+2212 for minus and – for a missing value."""
    return MISSING if is_missing(value) else _written(rounded(value, decimals), decimals)


def signed(value: Any, decimals: int = 0) -> str:
    """Write a change: + or − always, except where it rounds to zero."""
    if is_missing(value):
        return MISSING
    number = rounded(value, decimals)
    return ("+" if number > 0 else "") + _written(number, decimals)


def _written(number: Decimal, decimals: int) -> str:
    return f"{number:,.{max(decimals, 0)}f}".replace("-", MINUS)


def times(value: Any, factor: int) -> Any:
    """Multiply exactly for display (0.285 x 100 is 28.5); a missing value stays missing."""
    return None if is_missing(value) else exact(value) * factor


def probability(value: Any) -> str:
    """Write a probability in whole per cent; under 1% and over 99% are written so.

    Raises
    ------
    InputError
        If the value lies outside 0 to 1 by more than rounding noise.
    """
    if is_missing(value):
        return MISSING
    chance = exact(value)
    if not Decimal("-1e-9") <= chance <= Decimal("1.000000001"):
        raise InputError(
            f"{value} is not a probability", do="hand in a share between 0 and 1, not per cent"
        )
    if chance < Decimal("0.01"):
        return "<1%"
    return ">99%" if chance > Decimal("0.99") else plain(chance * 100) + "%"


def finite(values: Any) -> Iterable[Decimal]:
    """Yield the numbers of a scalar, list, array or column (any shape) that are not missing."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, dict):
        values = values.values()
    if isinstance(values, Iterable) and not isinstance(values, str):
        for value in values:
            yield from finite(value)
    elif not is_missing(values):
        yield exact(values)
