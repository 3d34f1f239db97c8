"""What comes of reading one text or a whole column of them as money, percent or date."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Remarks on a value that was read, in the order of their bits in `ParsedColumn.flags`.
FLAGS: tuple[str, ...] = (
    "approximate",  # 约100万: about
    "scaled",  # a unit such as 万 or 亿 was multiplied in
    "accounting_negative",  # (1,234.50)
    "full_width",  # digits or signs of full width were read as plain ones
    "currency",  # a currency was stated; it stands in `unit`
    "coarse",  # month, quarter, half or year only
    "serial",  # a spreadsheet's serial number of a day
    "epoch",  # milliseconds since 1970
    "zone_shifted",  # an instant moved to Shanghai time
    "order_decided",  # day and month told apart by the evidence of the column
    "scale_decided",  # share or percent told apart by the evidence of the column
    "mixed_scale",  # a share among percents
    "rounded",  # more decimals than are kept
    "zero_date",  # 0000-00-00, read as missing
    "two_digit_year",  # 24年8月21日: 1970 to 2069
    "open_end",  # 9999-12-31, read as missing
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One text, read.

    Attributes
    ----------
    value : Decimal, str or None
        Decimal for money and percent (as a share); ISO text for dates, as coarse as the text
        (`2024-08`, `2024Q3`, `2024H1`); None when missing or refused.
    unit : str
        Money: ISO 4217 code if the text states one, else "". Percent: "share".
    grain : str
        Dates: "instant", "day", "month", "quarter", "half" or "year"; else "".
    flags : tuple of str
        Of `FLAGS`.
    reason : str
        Code of `reasons.VALUES` why the text is refused; "" when it was read or is missing.
    """

    value: Decimal | str | None
    unit: str = ""
    grain: str = ""
    flags: tuple[str, ...] = ()
    reason: str = ""

    @property
    def missing(self) -> bool:
        """Whether there was nothing to read."""
        return self.value is None and not self.reason


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """A column of texts, read at once; every array has the length of the texts.

    Attributes
    ----------
    values : pyarrow.Array
        Money decimal128(38, 6); percent float64 share; dates timestamp[us] without zone, Shanghai
        time, first moment of a coarse period; null where missing or refused.
    units : pyarrow.Array or None
        Money: ISO 4217 code where the text states one. Dates: grain. Null where none.
    flags : numpy.ndarray of uint32
        Bit k set: `FLAGS[k]`.
    reasons : numpy.ndarray of uint8
        0, or 1 + the place of the code in `codes`.
    codes : tuple of str
        Codes of `reasons.VALUES` that occur.
    """

    values: pa.Array
    units: pa.Array | None
    flags: np.ndarray[Any, Any]
    reasons: np.ndarray[Any, Any]
    codes: tuple[str, ...] = ()


def flag_bit(name: str) -> int:
    """The bit of a flag."""
    return 1 << FLAGS.index(name)


def flag_names(bits: int) -> tuple[str, ...]:
    """Names of the flags set."""
    return tuple(name for place, name in enumerate(FLAGS) if bits >> place & 1)
