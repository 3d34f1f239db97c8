"""Small numbers in Chinese words (六十, 六点五, 八五), for percents and discounts only."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SHAPE = re.compile(
    "(?:(?P<all>一?百)|(?P<tens>[一二三四五六七八九]?)(?P<ten>十)(?P<ones>[一二三四五六七八九]?)"
    "|(?P<one>[零〇一二两三四五六七八九]))(?:[点點](?P<decimals>[零〇一二三四五六七八九]+))?"
)


def small_number(text: str) -> Decimal | None:
    """A number up to 100 in words, with decimals (六十五点五); None where it is none."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        return None
    if match["all"]:
        whole = 100
    elif match["ten"]:
        whole = 10 * _DIGITS.get(match["tens"], 1) + _DIGITS.get(match["ones"], 0)
    else:
        whole = _DIGITS[match["one"]]
    decimals = "".join(str(_DIGITS[sign]) for sign in match["decimals"] or "")
    return Decimal(f"{whole}.{decimals}" if decimals else whole)


def folds(text: str) -> Decimal | None:
    """The number before 折 in words: 九 is 9, 八五 is 8.5, 九点五 is 9.5; None where it is none."""
    if len(text) == 2 and all(sign in _DIGITS for sign in text):
        return Decimal(f"{_DIGITS[text[0]]}.{_DIGITS[text[1]]}")
    number = small_number(text)
    return number if number is not None and 0 < number <= 10 else None
