"""Amounts of money for people: which unit, how many decimals, one unit for a whole table.

Chinese counts in 万 and 亿, English in thousands and millions. In running text and tiles each
amount takes the unit of its own size; a table or chart takes one unit for all (`scale`), said
once under its title. No arithmetic with money happens here: see `workbench.units`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from workbench.errors import ParameterError
from workbench.text import numbers

#: Chinese names of the currencies met most often; others are asked of CLDR (babel).
_ZH_CURRENCY = {
    "CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元", "JPY": "日元", "GBP": "英镑",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tier:
    """A unit and the amounts it is used for: those that stay below `limit` units when rounded."""

    divisor: int
    decimals: int
    zh: str
    en: str
    limit: float = float("inf")


_ONES = Tier(1, 0, "", "")
_TEXT_ZH = (
    Tier(1, 0, "", "", 10_000),
    Tier(10**4, 1, "万", "", 10),
    Tier(10**4, 0, "万", "", 10_000),
    Tier(10**8, 2, "亿", ""),
)
_TEXT_EN = (
    Tier(1, 0, "", "", 100_000),
    Tier(10**3, 0, "", "thousand", 1_000),
    Tier(10**6, 1, "", "million", 100),
    Tier(10**6, 0, "", "million", 10_000),
    Tier(10**9, 1, "", "billion"),
)
_TILE_EN = (
    Tier(1, 0, "", "", 10_000),
    Tier(10**3, 0, "", "thousand", 1_000),
    Tier(10**6, 1, "", "million", 10_000),
    Tier(10**9, 1, "", "billion"),
)
# Tables: chosen by the largest amount, so that the small rows still say something.
_TABLE_ZH = (
    Tier(1, 0, "", "", 10**5),
    Tier(10**4, 1, "万", "", 10**2),
    Tier(10**4, 0, "万", "", 10**6),
    Tier(10**8, 2, "亿", ""),
)
_COARSE_ZH = (
    Tier(1, 0, "", "", 10**5),
    Tier(10**4, 1, "万", "", 10**2),
    Tier(10**4, 0, "万", "", 10**4),
    Tier(10**8, 2, "亿", ""),
)
_TABLE_EN = (
    Tier(1, 0, "", "", 10**4),
    Tier(10**3, 0, "", "thousand", 10**4),
    Tier(10**6, 1, "", "million", 10**5),
    Tier(10**9, 1, "", "billion"),
)


@lru_cache(maxsize=128)
def currency_name(currency: str | None, code: str) -> str:
    """Name a currency in a unit: 元, 美元 in Chinese, the ISO code in English, "" for none."""
    if not currency:
        return ""
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise ParameterError(
            f"{currency!r} is not a currency code", do="use an ISO 4217 code such as CNY or USD"
        )
    if code == "en":
        return currency
    if currency in _ZH_CURRENCY:
        return _ZH_CURRENCY[currency]
    from babel.numbers import get_currency_name

    return str(get_currency_name(currency, locale="zh_CN"))


def pick_tier(value: Any, tiers: tuple[Tier, ...]) -> Tier:
    """Choose the first unit in which the rounded amount stays under the unit's limit."""
    for tier in tiers:
        if abs(numbers.rounded(numbers.exact(value) / tier.divisor, tier.decimals)) < tier.limit:
            return tier
    return tiers[-1]


def _tiers(code: str, *, tile: bool = False) -> tuple[Tier, ...]:
    if code == "zh":
        return _TEXT_ZH
    return _TILE_EN if tile else _TEXT_EN


def unit(tier: Tier, currency: str | None, code: str) -> str:
    """Join the words of a unit: 万元, CNY million."""
    name = currency_name(currency, code)
    return tier.zh + name if code == "zh" else " ".join(filter(None, [name, tier.en]))


def parts(value: Any, *, currency: str | None, code: str, sign: bool = False) -> tuple[str, str]:
    """Split an amount into figure and unit, for a tile: ("3.86", "亿元"), ("386.0", "CNY million").

    A missing amount has no unit: ("–", "").
    """
    if numbers.is_missing(value):
        return numbers.MISSING, ""
    tier = pick_tier(value, _tiers(code, tile=True))
    write = numbers.signed if sign else numbers.plain
    return write(numbers.exact(value) / tier.divisor, tier.decimals), unit(tier, currency, code)


def phrase(value: Any, *, currency: str | None, code: str, sign: bool = False) -> str:
    """Write an amount for running text: 3.86亿元, "CNY 386 million"; `sign` writes + as well."""
    if numbers.is_missing(value):
        return numbers.MISSING
    tier = pick_tier(value, _tiers(code))
    write = numbers.signed if sign else numbers.plain
    return around(write(numbers.exact(value) / tier.divisor, tier.decimals), tier, currency, code)


def around(figure: str, tier: Tier, currency: str | None, code: str) -> str:
    """Put currency and unit around a figure as running text has them."""
    name = currency_name(currency, code)
    if code == "zh":
        return f"{figure}{tier.zh}{name}"
    return " ".join(filter(None, [name, figure, tier.en]))


def exact(value: Any, *, currency: str, code: str, decimals: int = 2) -> str:
    """Write an amount in whole units and cents: 2,310.10元, "CNY 2,310.10"."""
    if numbers.is_missing(value):
        return numbers.MISSING
    return around(numbers.plain(value, decimals), _ONES, currency, code)


def interval(
    low: Any, high: Any, *, currency: str | None, code: str, decimals: int | None = None
) -> str:
    """Write a range in the unit of its larger end: 6.9–7.6亿元, "CNY 690–760 million".

    Without `decimals` as few are written as keep the ends apart by more than one step.
    """
    if numbers.is_missing(low) or numbers.is_missing(high):
        return numbers.MISSING
    largest = max(abs(numbers.exact(low)), abs(numbers.exact(high)))
    tier = pick_tier(largest, _tiers(code)) if currency else _ONES
    ends = [numbers.exact(end) / tier.divisor for end in (low, high)]
    if decimals is None:
        decimals = _decimals_apart(abs(ends[1] - ends[0]), least=int(tier.zh == "亿"))
    return around(span(*ends, decimals=decimals, code=code), tier, currency, code)


def span(low: Any, high: Any, *, decimals: int, code: str) -> str:
    """Write two ends with – between them, or a word where one is negative."""
    if numbers.is_missing(low) or numbers.is_missing(high):
        return numbers.MISSING
    texts = [numbers.plain(end, decimals) for end in (low, high)]
    if numbers.MINUS in "".join(texts):
        return (" to " if code == "en" else "至").join(texts)
    return numbers.DASH.join(texts)


def _decimals_apart(width: Decimal, *, least: int) -> int:
    for decimals in (least, 1, 2):
        if width >= 2 * Decimal(1).scaleb(-decimals):
            return decimals
    return 2 if width else least


@dataclass(frozen=True, slots=True)
class Scale:
    """One unit for a whole table or chart.

    Attributes
    ----------
    divisor : int
        What an amount is divided by before it is shown.
    unit : str
        The unit as it stands under a title: 万元, "CNY million".
    decimals : int
        Decimals of every figure in that unit.
    """

    divisor: int
    unit: str
    decimals: int

    def __call__(self, value: Any) -> str:
        """Write one amount in the unit, without the unit: "3,860"."""
        return numbers.plain(self.value(value), self.decimals)

    def signed(self, value: Any) -> str:
        """Write a change in the unit: "+420", "−420"."""
        return numbers.signed(self.value(value), self.decimals)

    def value(self, value: Any) -> Decimal | None:
        """Return the amount in the unit, not rounded; None if it is missing."""
        return None if numbers.is_missing(value) else numbers.exact(value) / self.divisor

    @property
    def d3(self) -> str:
        """The format of axes and marks in Vega-Lite for amounts already divided."""
        return f",.{self.decimals}f"


def scale(values: Any, *, currency: str | None, code: str, coarse: bool = False) -> Scale:
    """Choose one unit for many amounts, by the largest of them.

    Parameters
    ----------
    values : number or array_like of any shape
        Amounts in currency units; missing ones do not count.
    currency : str or None
        ISO 4217; None for counts (unit "", 万 or "thousand").
    code : {"en", "zh"}
    coarse : bool
        Take 亿元 as soon as it fits, for axes of company totals. Changes nothing in English.
    """
    tables = {"en": _TABLE_EN, "zh": _COARSE_ZH if coarse else _TABLE_ZH}
    largest = max((abs(value) for value in numbers.finite(values)), default=Decimal(0))
    tier = pick_tier(largest, tables[code])
    return Scale(tier.divisor, unit(tier, currency, code), tier.decimals)
