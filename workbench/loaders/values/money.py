"""Amounts of money out of text: one of them, or a column at once.

What a form of text says: `amount_forms.py`. Whether points group the digits of a whole column:
`MoneyEvidence`. The unit that a header states (万元): `headers.unit_of`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import ParameterError
from workbench.loaders.values.amount_forms import AmountPlan, Style, amount_plan
from workbench.loaders.values.parsed import Parsed, ParsedColumn, flag_bit
from workbench.loaders.values.results import Codes, bits, tidy
from workbench.loaders.values.texts import Coded, coded, digit_sums, plain, planned, skeleton
from workbench.text import mark

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Decimals that are kept, and the first amount that is refused as too large.
DECIMALS = 6
LIMIT = 10**14

_STEP = Decimal(1).scaleb(-DECIMALS)
_ROUNDED = flag_bit("rounded")


def parse_money(
    text: str | None,
    *,
    unit: int | Decimal = 1,
    currency: str = "",
    number_style: Style = "auto",
) -> Parsed:
    """Read one text as an amount of money.

    Parameters
    ----------
    text : str or None
    unit : int
        What the header multiplies by (10000 for 万元), a power of ten. A text that states its own
        unit (5亿, 300元) is not multiplied by it.
    currency : str
        ISO 4217 code that holds where the text states none, and that settles shared signs ($, ¥).
    number_style : {"auto", "plain", "european"}
        European: 1.234,56. One text alone never proves that, so "auto" refuses such.

    Returns
    -------
    Parsed
        `value` is a Decimal of at most six decimals (half up), `unit` the currency.
    """
    plan = amount_plan(skeleton(text or ""), _known(number_style))
    if not plan.readable:
        return Parsed(None, reason=plan.reason)
    return _read(text or "", plan, _shift(plan, unit), currency)


def _read(text: str, plan: AmountPlan, powers: Sequence[int], currency: str) -> Parsed:
    exact, about = _exact(text, plan, powers)
    value = exact.quantize(_STEP, ROUND_HALF_UP) if abs(exact) < LIMIT else exact
    if abs(value) >= LIMIT:
        return Parsed(None, reason="too_large")
    flags = list(plan.flags)
    if about and "approximate" not in flags:
        flags.insert(0, "approximate")
    if value != exact:
        flags.append("rounded")
    return Parsed(tidy(value), unit=_currency(plan, currency), flags=tuple(flags))


def money_column(
    texts: Any,
    *,
    unit: int | Decimal = 1,
    currency: str = "",
    number_style: Style = "auto",
) -> ParsedColumn:
    """Read a column of texts as amounts; every text as `parse_money` reads it.

    Parameters
    ----------
    texts : pyarrow.Array or ChunkedArray of string, or what `pyarrow.array` takes
    unit, currency, number_style
        As in `parse_money`; "auto" lets the column itself decide (`MoneyEvidence`). A caller that
        reads block by block decides once for all blocks.
    """
    whole = coded(texts)
    column, plans = _planned(whole, _known(number_style))
    if number_style == "auto":
        evidence = MoneyEvidence()
        evidence.update_planned(column, plans)
        if evidence.decide().number_style == "european":
            column, plans = _planned(whole, "european")
    powers = [_shift(plan, unit) for plan in plans]
    fast = [_is_fast(plan, own) for plan, own in zip(plans, powers, strict=True)]
    return _Column(column, plans, powers, fast, currency).parsed()


@dataclass(frozen=True, slots=True)
class MoneyContext:
    """How the amounts of a column are written.

    Attributes
    ----------
    number_style : {"plain", "european"}
    evidence : str
        Catalogue key, why; "" where nothing spoke for European.
    fields : dict of str to str
    currencies : dict of str to int
        Texts that state each currency.
    """

    number_style: Style
    evidence: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)

    @property
    def evidence_text(self) -> str:
        """The evidence in English."""
        return self.evidence.format(**self.fields)


class MoneyEvidence:
    """What the texts of a column show of the way its amounts are written.

    A column is European where a text can be read in no other way (1.234,56; 1.234.567,8), or two
    have a comma with one or two digits behind it, and none can only be plain (1,234.56; 12.5).
    Blocks are added with `update`, other evidence with `merge`.
    """

    def __init__(self) -> None:
        self.european = self.comma = self.plain = 0
        self.example = ""
        self.currencies: dict[str, int] = {}

    def update(self, texts: Any) -> MoneyEvidence:
        """Add texts (as in `money_column`)."""
        return self.update_planned(*_planned(coded(texts), "plain"))

    def update_planned(self, column: Coded, plans: Sequence[AmountPlan]) -> MoneyEvidence:
        """Add texts whose forms have been looked at already, as plain ones."""
        for form, plan, count in zip(column.forms, plans, column.counts(), strict=True):
            if plan.reason in ("european_number", "ambiguous_comma"):
                sure = plan.reason == "european_number"
                self.european += count * sure
                self.comma += count * (not sure)
                self.example = self.example or column.first(form)
            elif plan.readable:
                self.plain += count * _only_plain(form, plan)
                if plan.currency:
                    self.currencies[plan.currency] = self.currencies.get(plan.currency, 0) + count
        return self

    def merge(self, other: MoneyEvidence) -> MoneyEvidence:
        """Add the evidence of other texts of the same column."""
        self.european += other.european
        self.comma += other.comma
        self.plain += other.plain
        self.example = self.example or other.example
        for code, count in other.currencies.items():
            self.currencies[code] = self.currencies.get(code, 0) + count
        return self

    def decide(self) -> MoneyContext:
        """The style of the column."""
        proved = (self.european or self.comma > 1) and not self.plain
        if not proved:
            return MoneyContext("plain", currencies=dict(self.currencies))
        fields = {"n": f"{self.european + self.comma:,}", "example": self.example}
        key = mark("{n} amounts have a decimal comma (such as {example}), none a decimal point")
        return MoneyContext("european", key, fields, dict(self.currencies))


def _planned(column: Coded, style: Style) -> tuple[Coded, list[AmountPlan]]:
    return planned(column, lambda form: amount_plan(form, style), lambda plan: plan.readable)


def _known(style: Style) -> Style:
    """The style without the question: unless it is proved, an amount is plain."""
    return "plain" if style == "auto" else style


def _only_plain(form: str, plan: AmountPlan) -> bool:
    """Whether the point of a number can only be its decimal sign."""
    return amount_plan(form, "european").reason == "misgrouped" and min(plan.powers) < 0


def _shift(plan: AmountPlan, unit: int | Decimal) -> tuple[int, ...]:
    """Powers of ten of the digits, the header's unit multiplied in."""
    if plan.scaled or unit == 1:
        return plan.powers
    power = Decimal(unit).adjusted()
    if Decimal(unit) != Decimal(10) ** power:
        raise ParameterError(
            f"{unit} is not a power of ten", where="unit", do="write 10000 for 万元, 1000 for '000"
        )
    return tuple(own + power for own in plan.powers)


def _currency(plan: AmountPlan, given: str) -> str:
    """Currency that a text states, shared signs settled by what is given, else what is given."""
    if given and plan.family and (given in plan.family or "*" in plan.family):
        return given
    return plan.currency or given


def _exact(text: str, plan: AmountPlan, powers: Sequence[int]) -> tuple[Decimal, bool]:
    """The amount to its last digit, and whether zeros had to be filled in (1.2E5)."""
    lowest = min(powers)
    figures = "".join(text[place] for place in plan.places)
    if powers[0] - lowest == len(powers) - 1:
        whole = int(figures)
    else:  # a compound: parts that leave places out between them
        whole = sum(int(f) * 10 ** (p - lowest) for f, p in zip(figures, powers, strict=True))
    about = False
    if plan.exponent is not None:
        up = int(plain(text[slice(*plan.exponent)]))
        about = up > max(0, -min(plan.powers))
        lowest += up
    return Decimal(-whole if plan.negative else whole).scaleb(lowest), about


def _is_fast(plan: AmountPlan, powers: Sequence[int]) -> bool:
    """Whether the digits of a form fit an integer of 64 bits at the decimals that are kept."""
    if not plan.readable or plan.exponent is not None:
        return False
    return max(powers) + _decimals(powers) <= 17 and min(powers) >= -DECIMALS - 12


def _decimals(powers: Sequence[int]) -> int:
    return min(DECIMALS, max(0, -min(powers)))


@dataclass
class _Column:
    """One column on its way: forms, plans, and the arrays of the result."""

    column: Coded
    plans: list[AmountPlan]
    powers: list[tuple[int, ...]]
    fast: list[bool]
    currency: str

    def parsed(self) -> ParsedColumn:
        import numpy as np

        by_form, codes = self._by_form(), self.column.codes
        self.reasons = Codes()
        flags = by_form["flags"][codes]
        reasons = self.reasons.of_forms([plan.reason for plan in self.plans])[codes]
        known = by_form["readable"][codes]
        amounts = self._sums()
        amounts += self._round(flags)
        large = known & (amounts >= by_form["limit"][codes])
        negative = by_form["negative"][codes]
        low, high = _wide(amounts, by_form["factor"][codes], negative)
        reasons[large] = self.reasons.code("too_large")
        known &= ~large
        units = self._units(codes)
        units[~known] = -1
        self._one_by_one(low, high, known, flags, reasons, units)
        flags[~known] = 0
        values = _decimal_array(low, high, known)
        return ParsedColumn(
            values, self._unit_array(units), flags, reasons.astype(np.uint8), self.reasons.codes
        )

    def _by_form(self) -> dict[str, Any]:
        """What each form says, as arrays; the last entry is that of nulls."""
        import numpy as np

        kept = [_decimals(own) if ok else 0 for own, ok in zip(self.powers, self.fast, strict=True)]
        return {
            "readable": np.array([*self.fast, False]),
            "negative": np.array([*(plan.negative for plan in self.plans), False]),
            "flags": np.array([*(bits(plan.flags) for plan in self.plans), 0], np.uint32),
            "limit": np.array([*(LIMIT * 10**k if k <= 4 else 2**62 for k in kept), 0], np.int64),
            "factor": np.array([*(10 ** (DECIMALS - k) for k in kept), 1], np.int64),
        }

    def _sums(self) -> np.ndarray[Any, Any]:
        """Digits that are kept, in units of each form's last decimal."""
        places, weights = [], []
        for plan, own, ok in zip(self.plans, self.powers, self.fast, strict=True):
            kept = _decimals(own) if ok else 0
            chosen = [
                (place, 10 ** (power + kept))
                for place, power in zip(plan.places, own, strict=True)
                if ok and power + kept >= 0
            ]
            places.append([place for place, _ in chosen])
            weights.append([weight for _, weight in chosen])
        return digit_sums(self.column, places, weights)

    def _round(self, flags: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | int:
        """One more where the first digit dropped is five or more; a flag where any was not zero."""
        import numpy as np

        dropped = [
            [(place, power) for place, power in zip(plan.places, own, strict=True)
             if ok and power < -DECIMALS]
            for plan, own, ok in zip(self.plans, self.powers, self.fast, strict=True)
        ]  # fmt: skip
        if not any(dropped):
            return 0
        places = [[place for place, _ in row] for row in dropped]
        weights = [[1000 if power == -DECIMALS - 1 else 1 for _, power in row] for row in dropped]
        rest = digit_sums(self.column, places, weights)
        flags[rest > 0] |= np.uint32(_ROUNDED)
        return (rest >= 5000).astype(np.int64)

    def _units(self, codes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Place of each text's currency in `self.names`; -1 for none."""
        import numpy as np

        stated = [_currency(plan, self.currency) for plan in self.plans]
        self.names = sorted({name for name in stated if name})
        place = [self.names.index(name) if name else -1 for name in stated]
        return np.array([*place, -1], np.int32)[codes]

    def _unit_array(self, units: np.ndarray[Any, Any]) -> pa.Array | None:
        import pyarrow as pa

        if not self.names:
            return None
        places = pa.array(units, mask=units < 0)
        return pa.DictionaryArray.from_arrays(places, pa.array(self.names)).dictionary_decode()

    def _one_by_one(
        self,
        low: np.ndarray[Any, Any],
        high: np.ndarray[Any, Any],
        known: np.ndarray[Any, Any],
        flags: np.ndarray[Any, Any],
        reasons: np.ndarray[Any, Any],
        units: np.ndarray[Any, Any],
    ) -> None:
        """Read what no sum of digits gives (1.2E5, very long numbers) like single texts."""
        import numpy as np

        slow = [plan.readable and not ok for plan, ok in zip(self.plans, self.fast, strict=True)]
        if not any(slow):
            return
        rows = np.flatnonzero(np.array([*slow, False])[self.column.codes])
        for row, text in zip(rows.tolist(), self.column.texts.take(rows).to_pylist(), strict=True):
            form = self.column.codes[row]
            read = _read(text, self.plans[form], self.powers[form], self.currency)
            flags[row] = bits(read.flags)
            if read.reason:
                reasons[row] = self.reasons.code(read.reason)
                continue
            whole = int(Decimal(read.value or 0).scaleb(DECIMALS))
            low[row], high[row] = whole & (2**64 - 1), whole >> 64
            known[row] = True
            units[row] = self.names.index(read.unit) if read.unit else -1


def _wide(
    amounts: np.ndarray[Any, Any], factor: np.ndarray[Any, Any], negative: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """amounts x factor as 128 bits, low and high half, the sign turned where negative."""
    import numpy as np

    lower = (amounts & 0xFFFFFFFF) * factor
    upper = (amounts >> 32) * factor + (lower >> 32)
    low = ((upper & 0xFFFFFFFF).astype(np.uint64) << np.uint64(32)) | (
        (lower & 0xFFFFFFFF).astype(np.uint64)
    )
    high = upper >> 32
    turned = negative & ((low != 0) | (high != 0))
    low = np.where(turned, ~low + np.uint64(1), low)
    high = np.where(turned, ~high + (low == 0), high)
    return low, high


def _decimal_array(
    low: np.ndarray[Any, Any], high: np.ndarray[Any, Any], known: np.ndarray[Any, Any]
) -> pa.Array:
    """128-bit integers as decimal128(38, 6)."""
    import numpy as np
    import pyarrow as pa

    both = np.empty((len(low), 2), np.uint64)
    both[:, 0], both[:, 1] = low, high.view(np.uint64)
    valid = np.packbits(known, bitorder="little")
    return pa.Array.from_buffers(
        pa.decimal128(38, DECIMALS), len(low), [pa.py_buffer(valid), pa.py_buffer(both)]
    )
