"""Discounts as the share that is taken off: 8.5折 is 0.15.

Whether 85 in a column means that 85% is paid, or 15 that 15% is off, the column decides, best
against list and net prices; where nothing tells, it is asked. 折扣额 is money: `money.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from workbench.loaders.values.discount_forms import DiscountPlan, discount_plan
from workbench.loaders.values.parsed import Parsed, ParsedColumn
from workbench.loaders.values.results import Codes, bits, tidy
from workbench.loaders.values.texts import (
    Coded,
    coded,
    digit_sums,
    digits_of,
    plain,
    planned,
    skeleton,
)
from workbench.text import mark

if TYPE_CHECKING:
    import numpy as np

Meaning = Literal["paid", "off", "money", "ask"]


def parse_discount(text: str | None, meaning: Meaning = "ask") -> Parsed:
    """Read one text as a discount.

    Parameters
    ----------
    text : str or None
    meaning : {"paid", "off", "money", "ask"}
        What a number means that does not say it. "paid": 0.85, 8.5 and 85 are 85% paid (up to 1
        a share, up to 10 tenths, else per cent). "off": 0.15 and 15 are 15% off. With "ask" and
        "money" such numbers are refused.

    Returns
    -------
    Parsed
        `value` is the share off, a Decimal from 0 to 1; `unit` is "share".
    """
    text = text or ""
    plan = discount_plan(skeleton(text))
    if plan.fixed is not None:
        return Parsed(tidy(plan.fixed), unit="share", flags=plan.flags)
    if not plan.kind:
        return Parsed(None, reason=plan.reason)
    number = Decimal(digits_of(text, plan.places, plan.weights)).scaleb(-plan.decimals - plan.per)
    off = _off(number, plan.kind, meaning)
    if isinstance(off, str):
        return Parsed(None, reason=off)
    flags = (*plan.flags, "scale_decided") if plan.kind in ("bare", "percent") else plan.flags
    return Parsed(tidy(off), unit="share", flags=flags)


def _off(number: Decimal, kind: str, meaning: Meaning) -> Decimal | str:
    """Share off, or the reason why it is not known."""
    if kind == "fold":
        paid = number / 10 if number <= 10 else number / 100
        return 1 - paid if 0 < paid <= 1 else "discount_out_of_range"
    if kind in ("bare", "percent") and meaning in ("ask", "money"):
        return "discount_unclear"
    if kind == "bare" and meaning == "off":
        if number == 1:
            return "discount_unclear"
        number = number / 100 if number > 1 else number
    if kind == "bare" and meaning == "paid":
        number = number / 100 if number > 10 else number / 10 if number > 1 else number
    if not 0 <= number <= 1:
        return "discount_out_of_range"
    return 1 - number if meaning == "paid" and kind != "off" else number


def discount_column(texts: Any, meaning: Meaning, list_prices: Any = None) -> ParsedColumn:
    """Read a column of texts as discounts; every text as `parse_discount` reads it.

    Parameters
    ----------
    texts : pyarrow.Array or ChunkedArray of string, or what `pyarrow.array` takes
    meaning : {"paid", "off", "money", "ask"}
    list_prices : array_like of float, optional
        With meaning "money": prices from which the amounts are taken off. Without them amounts
        give no share and are refused ("discount_is_money").

    Returns
    -------
    ParsedColumn
        `values` are float64 shares off.
    """
    if meaning == "money":
        return _money(texts, list_prices)
    column, plans = _planned(texts)
    return _shares(column, plans, meaning)


def _shares(column: Coded, plans: list[DiscountPlan], meaning: Meaning) -> ParsedColumn:
    import numpy as np
    import pyarrow as pa

    names = Codes()
    reasons = names.of_forms([plan.reason for plan in plans])[column.codes]
    flags = np.array([*(bits(plan.flags) for plan in plans), 0], np.uint32)[column.codes]
    kinds = np.array([*(plan.kind for plan in plans), ""])[column.codes]
    fixed = [*(float(p.fixed) if p.fixed is not None else 0.0 for p in plans), 0.0]
    off, wrong = _offs(_numbers(column, plans), kinds, meaning)
    off = np.where(kinds == "fixed", np.array(fixed)[column.codes], off)
    for reason, where in wrong.items():
        if where.any():
            reasons[where] = names.code(reason)
    known = (kinds != "") & (reasons == 0)
    said = known & np.isin(kinds, ["bare", "percent"])
    flags[said] |= np.uint32(bits(["scale_decided"]))
    flags[~known] = 0
    values = pa.array(np.round(off, 12) + 0.0, mask=~known)
    return ParsedColumn(values, None, flags, reasons, names.codes)


def _planned(texts: Any) -> tuple[Coded, list[DiscountPlan]]:
    return planned(coded(texts), discount_plan, lambda plan: bool(plan.kind))


def _numbers(column: Coded, plans: list[DiscountPlan]) -> np.ndarray[Any, Any]:
    """Numbers as written, per cent divided out."""
    import numpy as np

    sums = digit_sums(column, [p.places for p in plans], [p.weights for p in plans])
    return sums / np.array([*(10.0 ** (p.decimals + p.per) for p in plans), 1.0])[column.codes]


def _offs(
    number: np.ndarray[Any, Any], kinds: np.ndarray[Any, Any], meaning: Meaning
) -> tuple[np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]:
    """Shares off, and where they are not known, by reason."""
    import numpy as np

    fold, bare, percent = (kinds == name for name in ("fold", "bare", "percent"))
    unclear = (bare | percent) & (meaning == "ask")
    size = number.copy()
    size = np.where(fold, np.where(number <= 10, number / 10, number / 100), size)
    if meaning == "paid":
        tenths = np.where(number > 10, number / 100, np.where(number > 1, number / 10, number))
        size = np.where(bare, tenths, size)
    if meaning == "off":
        unclear |= bare & (number == 1)
        size = np.where(bare & (number > 1), number / 100, size)
    used = (kinds != "") & (kinds != "fixed") & ~unclear
    outside = used & ((size > 1) | (size < 0) | (fold & (size == 0)))
    paid = fold | ((bare | percent) & (meaning == "paid"))
    off = np.where(paid, 1 - size, size)
    return off, {"discount_unclear": unclear, "discount_out_of_range": outside}


def _money(texts: Any, list_prices: Any) -> ParsedColumn:
    """Amounts off as shares of the list price; discounts that say themselves stay what they are."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from workbench.loaders.values.money import money_column

    column, plans = _planned(texts)
    own = _shares(column, plans, "ask")
    amounts = money_column(column.texts, number_style="plain")
    amount = amounts.values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    prices = np.full(len(column), np.nan) if list_prices is None else _floats(list_prices)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(prices > 0, amount / prices, np.nan)
    stated = np.asarray(own.values.is_valid())
    good = ~stated & (share >= 0) & (share <= 1)
    names = Codes()
    reasons = np.zeros(len(column), np.uint8)
    there = ~stated & ~np.isnan(amount)
    reasons[there & np.isnan(share)] = names.code("discount_is_money")
    reasons[there & ((share < 0) | (share > 1))] = names.code("discount_out_of_range")
    refused = ~stated & np.isnan(amount) & (amounts.reasons > 0)
    reasons[refused] = names.code("not_a_discount")
    values = pa.array(np.where(good, np.round(share, 12), np.nan), mask=~good)
    flags = np.where(stated, own.flags, 0).astype(np.uint32)
    return ParsedColumn(pc.coalesce(own.values, values), None, flags, reasons, names.codes)


def _floats(prices: Any) -> np.ndarray[Any, Any]:
    """Prices of any holder, decimals of Arrow as well, as floats; missing ones are NaN."""
    import numpy as np
    import pyarrow as pa

    if isinstance(prices, (pa.Array, pa.ChunkedArray)):
        prices = prices.cast(pa.float64()).to_pandas()
    return np.asarray(prices, float)


@dataclass(frozen=True, slots=True)
class DiscountContext:
    """What the numbers of a column of discounts mean.

    Attributes
    ----------
    meaning : {"paid", "off", "money", "ask"}
    evidence : str
        Catalogue key.
    fields : dict of str to str
    """

    meaning: Meaning
    evidence: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def evidence_text(self) -> str:
        """The evidence in English."""
        return self.evidence.format(**self.fields)


#: Headers that say it themselves.
_HEADERS: dict[Meaning, re.Pattern[str]] = {
    "money": re.compile(
        "折扣额|折扣金额|优惠额|优惠金额|折让额|折让金额|让利额|立减"
        "|DISCOUNT *_?(?:AMOUNT|AMT|VALUE)|AMOUNT *_?OFF"
    ),
    "off": re.compile(
        "优惠率|让利率|折让率|降价幅度|下浮率|优惠比例|让利比例|MARKDOWN|(?:%|PERCENT) *OFF"
        r"|DISCOUNT *(?:%|\(%\)|,? ?PERCENT|RATE|PCT|_PCT|_PERCENT)"
    ),
    "paid": re.compile(
        r"折数|折扣\(折\)|几折|实付比例|实收比例|成交折扣|PAID *(?:%|SHARE)|PRICE *(?:%|RATIO)"
    ),
}

#: Rows that must agree before prices decide, and the part of them that must.
_AGREE = 0.9


class DiscountEvidence:
    """What headers, texts and prices show of the meaning of a column of discounts.

    In this order: net against list prices; words of the header; 折 or "off" in the texts beside
    numbers; amounts above 100; tenths such as 8.5 among numbers of 5 to 10. Else it is asked.
    Blocks are added with `update`, other evidence with `merge`.

    Parameters
    ----------
    header : str
    """

    def __init__(self, header: str) -> None:
        self.header = header
        self.paid = self.off = self.money = self.compared = 0
        self.folds = self.offs = self.numbers = self.large = self.tenths = self.other = 0

    def update(
        self, texts: Any, list_prices: Any = None, net_prices: Any = None
    ) -> DiscountEvidence:
        """Add texts, with the prices of the same rows where they are known."""
        import numpy as np

        column, plans = _planned(texts)
        kinds = np.array([*(plan.kind for plan in plans), ""])[column.codes]
        number = _numbers(column, plans)
        bare = (kinds == "bare") | (kinds == "percent")
        self.folds += int(((kinds == "fold") | (kinds == "fixed")).sum())
        self.offs += int((kinds == "off").sum())
        used = bare & (number > 0)
        self.numbers += int(used.sum())
        self.large += int((used & (number > 100)).sum())
        tenths = used & (kinds == "bare") & (number >= 5) & (number <= 10)
        self.tenths += int((tenths & (number % 1 > 0)).sum())
        self.other += int((used & ~tenths).sum())
        if list_prices is not None and net_prices is not None:
            self._compare(used, number, kinds, list_prices, net_prices)
        return self

    def _compare(
        self,
        used: np.ndarray[Any, Any],
        number: np.ndarray[Any, Any],
        kinds: np.ndarray[Any, Any],
        list_prices: Any,
        net_prices: Any,
    ) -> None:
        """Hold every number against what was paid; rows at half price tell nothing."""
        import numpy as np

        full, net = _floats(list_prices), _floats(net_prices)
        with np.errstate(divide="ignore", invalid="ignore"):
            paid = np.where(full > 0, net / full, np.nan)
        rows = used & (paid > 0) & (paid < 1) & (np.abs(paid - 0.5) > 0.02)
        self.compared += int(rows.sum())
        paid_offs = _offs(number, kinds, "paid")[0]
        off_offs = _offs(number, kinds, "off")[0]
        self.paid += int((rows & (np.abs(paid_offs - (1 - paid)) < 0.006)).sum())
        self.off += int((rows & (np.abs(off_offs - (1 - paid)) < 0.006)).sum())
        near = np.abs(number - (full - net)) <= np.maximum(0.01, 0.001 * full)
        self.money += int((rows & (kinds == "bare") & near).sum())

    def merge(self, other: DiscountEvidence) -> DiscountEvidence:
        """Add the evidence of other texts of the same column."""
        for name in ("paid", "off", "money", "compared", "folds", "offs", "numbers", "large",
                     "tenths", "other"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def decide(self) -> DiscountContext:
        """The meaning of the column."""
        votes: Sequence[tuple[Meaning, int]] = (
            ("paid", self.paid), ("off", self.off), ("money", self.money),
        )  # fmt: skip
        meaning, count = max(votes, key=lambda vote: vote[1])
        if self.compared and count >= _AGREE * self.compared:
            key = mark("{n} of {of} rows agree with list and net price")
            return DiscountContext(meaning, key, {"n": f"{count:,}", "of": f"{self.compared:,}"})
        said = self._header()
        if said:
            return DiscountContext(said, mark("the header says so"))
        return self._texts()

    def _header(self) -> Meaning | None:
        text = plain(self.header)
        for meaning, pattern in _HEADERS.items():
            if pattern.search(text):
                return meaning
        return None

    def _texts(self) -> DiscountContext:
        fields = {"n": f"{self.numbers:,}"}
        if not self.numbers or (self.folds and not self.offs):
            return DiscountContext("paid", mark("the texts say 折 themselves"))
        if self.offs and not self.folds:
            return DiscountContext("off", mark("the texts say that it is off"))
        if self.large:
            return DiscountContext("money", mark("numbers above 100 are no share of a price"))
        if self.tenths and not self.other:
            return DiscountContext("paid", mark("all numbers are tenths such as 8.5"))
        key = mark("{n} numbers may say what is paid or what is taken off")
        return DiscountContext("ask", key, fields)
