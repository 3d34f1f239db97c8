"""Grammar of discounts, over forms (`texts.py`).

8.5折, 85折 and 八五折 say that 85% is paid, 15% off and 减15% that 15% is not; 85, 0.85 and 85%
do not say which of the two they mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from workbench.loaders.values import amount_words as words
from workbench.loaders.values.amount_forms import reason_without_digits
from workbench.loaders.values.numerals import folds
from workbench.loaders.values.percent import percent_plan
from workbench.loaders.values.texts import has_wide, plain

Kind = Literal["", "fold", "off", "percent", "bare", "fixed"]


@dataclass(frozen=True, slots=True)
class DiscountPlan:
    """How texts of one form are read.

    Attributes
    ----------
    kind : str
        "fold" a number before 折; "off" per cent that is not paid; "percent" per cent of which it
        is not said; "bare" a number alone; "fixed" words; "" where refused or missing.
    places, weights : tuple of int
        Digits and what they count, in units of 10**-decimals.
    decimals : int
        Decimals as written; those of per cent are in `per`.
    per : int
        Power of ten that the text divides by.
    fixed : Decimal or None
        Share off, where the form says it all (九折).
    flags : tuple of str
    reason : str
    """

    kind: Kind = ""
    places: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    decimals: int = 0
    per: int = 0
    fixed: Decimal | None = None
    flags: tuple[str, ...] = ()
    reason: str = ""


@lru_cache(maxsize=8192)
def discount_plan(form: str) -> DiscountPlan:
    """What a text of this form (`texts.skeleton`) says as a discount."""
    text = plain(form)
    if "9" not in text:
        return _in_words(text)
    match = _FOLD.fullmatch(text)
    flags = ("full_width",) if has_wide(form) else ()
    if match:
        return _number(match, "fold", 0, flags)
    match = _OFF.fullmatch(text)
    if match:
        return _number(match, "off", 2, flags)
    number = percent_plan(form)
    if not number.places or number.sign < 0:
        return _refused(_renamed(number.reason) if number.reason else "not_a_discount")
    return DiscountPlan(
        "percent" if number.per else "bare",
        number.places,
        number.weights,
        number.decimals,
        number.per,
        flags=number.flags,
    )


@lru_cache(maxsize=64)
def _refused(reason: str) -> DiscountPlan:
    """The plan of all texts refused for a reason; "" for those that are missing."""
    return DiscountPlan(reason=reason)


_NUMBER = r"(?P<number>9+(?:\.9+)?)"
_FOLD = re.compile(rf" *(?:打|享|优惠|按)? *{_NUMBER} *折(?:优惠|扣)? *")
_OFF = re.compile(
    rf" *(?:(?:减|降|让利|优惠|直降|立减|折让|下浮|-) *{_NUMBER} *% *"
    rf"|{_NUMBER.replace('number', 'own')} *% *(?:OFF|优惠|折让|DISCOUNT) *)"
)
_FULL = frozenset(["无折扣", "不打折", "原价", "全价", "无优惠", "NO DISCOUNT", "十折"])


def _number(match: re.Match[str], kind: Kind, per: int, flags: tuple[str, ...]) -> DiscountPlan:
    group = "number" if match["number"] else "own"
    start, end = match.span(group)
    cut = match[group].find(".")
    decimals = 0 if cut < 0 else end - start - cut - 1
    places = tuple(p for p in range(start, end) if match.string[p] == "9")
    if len(places) > 15:
        return _refused("not_a_discount")
    weights = tuple(10 ** (len(places) - 1 - rank) for rank in range(len(places)))
    return DiscountPlan(kind, places, weights, decimals, per, flags=flags)


def _in_words(text: str) -> DiscountPlan:
    bare = text.strip()
    if bare in _FULL:
        return DiscountPlan("fixed", fixed=Decimal(0))
    if bare in ("半价", "对折", "五折"):
        return DiscountPlan("fixed", fixed=Decimal("0.5"))
    match = re.fullmatch(r"打?(.{1,4})折(?:优惠)?", bare)
    paid = folds(match[1]) if match else None
    if paid is not None and 0 < paid <= 10:
        return DiscountPlan("fixed", fixed=1 - paid / 10)
    if bare in words.MISSING or not bare.strip("-"):
        return _refused("")
    return _refused(_renamed(reason_without_digits(text)))


def _renamed(reason: str) -> str:
    kept = ("", "not_yet_known", "spreadsheet_error", "two_numbers", "percent_range")
    return reason if reason in kept else "not_a_discount"
