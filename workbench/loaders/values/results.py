"""Small tools for results: reasons as numbers, flags as bits, decimals without empty zeros."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.loaders.values.parsed import flag_bit

if TYPE_CHECKING:
    import numpy as np


class Codes:
    """Reasons met so far: 0 for none, else 1 + the place of the code."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in the order in which they came."""
        return tuple(self._places)

    def code(self, reason: str) -> int:
        """The number of a reason; 0 for ""."""
        return self._places.setdefault(reason, len(self._places) + 1) if reason else 0

    def of_forms(self, reasons: Sequence[str]) -> np.ndarray[Any, Any]:
        """Numbers of the reasons of all forms, and 0 for nulls, which come last."""
        import numpy as np

        return np.array([*(self.code(reason) for reason in reasons), 0], np.uint8)


def bits(flags: Iterable[str]) -> int:
    """Flags by name as one number."""
    return sum(flag_bit(name) for name in flags)


def tidy(value: Decimal) -> Decimal:
    """The same number without zeros at the end of its decimals; zero without a sign."""
    if not value:
        return Decimal(0)
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short
