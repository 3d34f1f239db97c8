"""Grammar of numbers and amounts, over forms (`texts.py`): what a text of this form says.

    [about] [sign] [bracket] [currency] number [magnitude] [unit or currency] [about] [bracket]

Digits of a number are grouped in threes by comma, space or apostrophe. Where a column has shown
it, points group and the comma is the decimal sign (`european`); a single text never proves that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from workbench.loaders.values import amount_words as words
from workbench.loaders.values.texts import has_wide, plain

Style = Literal["auto", "plain", "european"]


@dataclass(frozen=True, slots=True)
class AmountPlan:
    """How texts of one form are read as an amount.

    Attributes
    ----------
    places : tuple of int
        Signs of the text that are digits of the number.
    powers : tuple of int
        The power of ten that each of them counts.
    negative : bool
    currency : str
        As the text states it, else "".
    family : frozenset of str
        Currencies that a shared sign ($, ¥, 元) may also mean; empty where it is sure.
    scaled : bool
        Whether the text states its own magnitude or unit, so that the header's does not count.
    flags : tuple of str
    reason : str
        Why texts of this form are refused; "" where they are read or missing.
    exponent : (int, int) or None
        Where the exponent of 1.2E5 begins and ends; such texts are read one by one.
    """

    places: tuple[int, ...] = ()
    powers: tuple[int, ...] = ()
    negative: bool = False
    currency: str = ""
    family: frozenset[str] = frozenset()
    scaled: bool = False
    flags: tuple[str, ...] = ()
    reason: str = ""
    exponent: tuple[int, int] | None = None

    @property
    def readable(self) -> bool:
        """Whether there is a number in it."""
        return bool(self.places)


@lru_cache(maxsize=8192)
def amount_plan(form: str, style: Style = "auto") -> AmountPlan:
    """What a text of this form says as money.

    Parameters
    ----------
    form : str
        Of `texts.skeleton`.
    style : {"auto", "plain", "european"}
        "auto" and "plain" take the point as decimal sign.
    """
    text = plain(form)
    first, last = text.find("9"), text.rfind("9")
    if first < 0:
        return _refused(reason_without_digits(text))
    reason = refused_at_sight(text)
    if reason:
        return _refused(reason)
    if text[first - 1 : first] == ".":
        first -= 1
    if text[last + 1 : last + 2] == ".":
        last += 1
    before = _tokens(_BEFORE, text[:first])
    after = _tokens(_AFTER, text[last + 1 :])
    if before is None or after is None:
        return _refused("not_a_number")
    number = number_at(text, first, last + 1, style)
    return _whole(form, text, before, number, after)


@lru_cache(maxsize=64)
def _refused(reason: str) -> AmountPlan:
    """The plan of all texts refused for a reason; "" for those that are missing."""
    return AmountPlan(reason=reason)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within a text: digits, their powers of ten, or why it is none."""

    places: tuple[int, ...] = ()
    powers: tuple[int, ...] = ()
    reason: str = ""
    exponent: tuple[int, int] | None = None
    units: tuple[tuple[int, str], ...] = ()  # of a compound: where each part ends, and its unit


def number_at(text: str, start: int, end: int, style: Style) -> Number:
    """Read text[start:end], which begins and ends with a digit or point, as a number."""
    middle = text[start:end]
    if _SCIENTIFIC.fullmatch(middle):
        cut = middle.index("E")
        body = _decimal(middle[:cut], start, ".")
        return replace(body, exponent=(start + cut + 1, end))
    patterns, sign = (_EUROPEAN, ",") if style == "european" else (_POINTED, ".")
    if any(pattern.fullmatch(middle) for pattern in patterns):
        return _decimal(middle, start, sign)
    if _COMPOUND.fullmatch(middle):
        return _compound(middle, start)
    return Number(reason=_why_not(middle, style))


def refused_at_sight(text: str) -> str:
    """Reason for texts that hold digits but are no amount whatever their parts say."""
    if len(text) > LONGEST:
        return "not_a_number"
    if words.SHEET_ERROR.fullmatch(text.strip()):
        return "spreadsheet_error"
    if any(sign in text for sign in "%‰‱") or "百分" in text or "成" in text:
        return "percent_in_money"
    if "折" in text:
        return "discount_in_money"
    if _DATE_LIKE.search(text):
        return "date_in_money"
    return ""


def reason_without_digits(text: str) -> str:
    """Reason for a text without digits; "" where it means that there is none."""
    bare = text.strip().strip("'").strip()
    if is_missing(bare):
        return ""
    if bare in words.NOT_YET:
        return "not_yet_known"
    if not _SPEAKING.search(bare):
        return "not_a_number"
    if words.SHEET_ERROR.fullmatch(bare):
        return "spreadsheet_error"
    tenths = any(sign in bare for sign in "%‰成") or "百分" in bare
    if tenths and (bare[0] in "百千" or words.NUMERALS.match(bare)):
        return "percent_in_money"
    for sign in ("人民币", "大写", ":", "负", "约"):
        bare = bare.replace(sign, "")
    if words.NUMERALS.fullmatch(bare.strip()):
        return "numerals_in_words"
    return "not_a_number"


def is_missing(bare: str) -> bool:
    """Whether a text without digits says that there is nothing: 无, N/A, -, or "$ -"."""
    if bare in words.MISSING or not bare.strip("-"):
        return True
    return bare.endswith("-") and _CURRENCY_ONLY.fullmatch(bare.rstrip("- ")) is not None


#: No amount is longer; a text that is goes unread.
LONGEST = 60

_POINTED = (
    re.compile(r"9*\.9+|9+\.?"),
    re.compile(r"9{1,3}(?:,9{3})+(?:\.9*)?"),
    re.compile(r"9{1,3}(?: 9{3})+(?:\.9*)?"),
    re.compile(r"9{1,3}(?:'9{3})+(?:\.9*)?"),
)
_EUROPEAN = (
    re.compile(r"9+(?:,9+)?"),
    re.compile(r"9{1,3}(?:\.9{3})+(?:,9+)?"),
    re.compile(r"9{1,3}(?: 9{3})+(?:,9+)?"),
    re.compile(r"9{1,3}(?:'9{3})+(?:,9+)?"),
)
_SCIENTIFIC = re.compile(r"9+(?:\.9+)?E[+-]?9{1,3}")
_UNIT = words.one_of([*(m for m in words.MAGNITUDES if not m.isascii()), *words.SMALL_UNITS])
_PART = r"9+(?:,9{3})*(?:\.9+)?"
_COMPOUND = re.compile(rf"{_PART}(?:(?:{_UNIT})零?{_PART})+")
_COMPOUND_PART = re.compile(rf"(?P<number>{_PART})(?P<unit>{_UNIT}|$)零?")
_RANGE = re.compile(r"[9.,' ]*9\D{0,4}?\s*(?:-|~|至|到| TO )+\s*[^\d-]{0,3}9.*")
_DATE_LIKE = re.compile(r"9{4}([-/.])99?\1 ?99?(?!9)|99?([/.])99?\2 ?9{4}|9年|9月|99:99")

_BEFORE = re.compile(
    rf"(?P<currency>{words.one_of([*words.CURRENCIES, *words.SHARED])})"
    rf"|(?P<bound>{words.one_of(words.BOUND_BEFORE)})"
    rf"|(?P<about>{words.one_of(words.ABOUT_BEFORE)})"
    r"|(?P<minus>-|负)|(?P<plus>\+)|(?P<open>\()|(?P<skip>[ ':]+)"
)
_AFTER = re.compile(
    rf"(?P<currency>{words.one_of([*words.CURRENCIES, *words.SHARED, *words.YUAN])})"
    rf"|(?P<small>角|毛|分)"
    rf"|(?P<bound>{words.one_of(words.BOUND_AFTER)})"
    rf"|(?P<magnitude>{words.one_of(words.MAGNITUDES)})"
    rf"|(?P<about>{words.one_of(words.ABOUT_AFTER)})"
    r"|(?P<minus>-)|(?P<close>\))|(?P<skip>[ ]+|整|正|钱)"
)
#: Signs without which a text that has no digits says nothing about a number.
_SPEAKING = re.compile(
    r"[#%‰成零〇一二三四五六七八九两十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億弍参點点]"
)
_CURRENCY_ONLY = re.compile(
    rf"[ ]*(?:{words.one_of([*words.CURRENCIES, *words.SHARED, *words.YUAN])})[ ]*"
)


def _tokens(pattern: re.Pattern[str], text: str) -> dict[str, list[str]] | None:
    """Words before or after the number by kind; None where something else stands there."""
    found: dict[str, list[str]] = {}
    place = 0
    while place < len(text):
        match = pattern.match(text, place)
        if match is None:
            return None
        found.setdefault(str(match.lastgroup), []).append(match.group())
        place = match.end()
    return found


def _whole(
    form: str,
    text: str,
    before: dict[str, list[str]],
    number: Number,
    after: dict[str, list[str]],
) -> AmountPlan:
    """Number and words around it as one plan."""
    if number.reason:
        return _refused(number.reason)
    if before.get("bound") or after.get("bound"):
        return _refused("amount_bound")
    negative, reason = _sign(before, after)
    currency, family, clash = _currency(before, after)
    reason = reason or clash
    power, unit_reason = _power(number, after)
    reason = reason or unit_reason
    if reason:
        return _refused(reason)
    flags = [
        *(["approximate"] if before.get("about") or after.get("about") else []),
        *(["scaled"] if after.get("magnitude") or _scaled_parts(number) else []),
        *(["accounting_negative"] if before.get("open") else []),
        *(["full_width"] if has_wide(form) else []),
        *(["currency"] if currency else []),
    ]
    powers = _powers(number, power)
    own_unit = bool(after.get("magnitude") or after.get("small") or number.units)
    own_unit = own_unit or any(word in words.YUAN for word in after.get("currency", ()))
    if number.places and not powers:
        return _refused("parts_overlap")
    return AmountPlan(
        places=number.places,
        powers=powers,
        negative=negative,
        currency=currency,
        family=family,
        scaled=own_unit,
        flags=tuple(flags),
        exponent=number.exponent,
    )


def _sign(before: dict[str, list[str]], after: dict[str, list[str]]) -> tuple[bool, str]:
    brackets = len(before.get("open", ())), len(after.get("close", ()))
    minus = len(before.get("minus", ())) + len(after.get("minus", ()))
    if brackets not in ((0, 0), (1, 1)):
        return False, "not_a_number"
    if brackets[0] + minus + len(before.get("plus", ())) > 1:
        return False, "two_signs"
    return bool(brackets[0] or minus), ""


def _currency(
    before: dict[str, list[str]], after: dict[str, list[str]]
) -> tuple[str, frozenset[str], str]:
    """Currency stated, what else a shared sign may mean, and "two_currencies" where they differ."""
    stated = [*before.get("currency", ()), *after.get("currency", ())]
    sure = {words.CURRENCIES[word] for word in stated if word in words.CURRENCIES}
    shared = [words.SHARED[word] for word in stated if word in words.SHARED]
    yuan = any(word in words.YUAN for word in stated) or bool(after.get("small"))
    if len(sure) > 1 or any(sure and not sure <= family for _, family in shared):
        return "", frozenset(), "two_currencies"
    if len({usual for usual, _ in shared}) > 1 or (yuan and not sure and "$" in stated):
        return "", frozenset(), "two_currencies"
    if sure:
        return sure.pop(), frozenset(), ""
    if shared:
        return shared[0][0], shared[0][1], ""
    return ("CNY", frozenset(["*"]), "") if yuan else ("", frozenset(), "")


def _power(number: Number, after: dict[str, list[str]]) -> tuple[int, str]:
    magnitudes, small = after.get("magnitude", []), after.get("small", [])
    if len(magnitudes) > 1 or len(small) > 1 or (magnitudes and small):
        return 0, "not_a_number"
    if number.units and not (magnitudes or small or after.get("currency")):
        return 0, "compound_unfinished"  # 1万2: said for 12,000, written for nothing sure
    if magnitudes:
        return words.MAGNITUDES[magnitudes[0]], ""
    return (words.SMALL_UNITS[small[0]] if small else 0), ""


def _scaled_parts(number: Number) -> bool:
    return any(unit in words.MAGNITUDES for _, unit in number.units)


def _decimal(middle: str, start: int, sign: str) -> Number:
    """Digits of a number whose decimal sign is known."""
    cut = middle.find(sign)
    whole = middle if cut < 0 else middle[:cut]
    places = [place for place, character in enumerate(middle) if character == "9"]
    before = whole.count("9")
    powers = [before - 1 - rank for rank in range(len(places))]
    return Number(tuple(start + place for place in places), tuple(powers))


def _compound(middle: str, start: int) -> Number:
    """1亿2000 of 1亿2000万: digits with the powers of their parts; the last part has none yet."""
    places: list[int] = []
    powers: list[int] = []
    units: list[tuple[int, str]] = []
    for part in _COMPOUND_PART.finditer(middle):
        number = _decimal(part["number"], start + part.start(), ".")
        power = words.MAGNITUDES.get(part["unit"], words.SMALL_UNITS.get(part["unit"], 0))
        places += number.places
        powers += [power + own for own in number.powers]
        if part["unit"]:
            units.append((len(places), part["unit"]))
    return Number(tuple(places), tuple(powers), units=tuple(units))


def _powers(number: Number, power: int) -> tuple[int, ...]:
    """Powers of all digits; () where a part reaches into the one before it (1万20000)."""
    if not number.units:
        return tuple(own + power for own in number.powers)
    tail = number.units[-1][0]
    powers = [*number.powers[:tail], *(own + power for own in number.powers[tail:])]
    edges = [0, *(end for end, _ in number.units)]
    units = [words.MAGNITUDES.get(u, words.SMALL_UNITS.get(u, 0)) for _, u in number.units]
    for edge, unit in zip(edges[1:], units, strict=True):
        if powers[edge] >= unit:
            return ()
    return tuple(powers)


def _why_not(middle: str, style: Style) -> str:
    """Reason why digits and signs between the first and last digit are no number."""
    if _RANGE.fullmatch(middle):
        return "amount_range"
    if set(middle) - set("9.,' "):
        return "two_numbers" if re.search(r"9[^9.,]+9", middle) else "not_a_number"
    if style != "european" and any(pattern.fullmatch(middle) for pattern in _EUROPEAN[1:]):
        return "european_number"
    if " " in middle:
        return "two_numbers"
    if style != "european" and re.fullmatch("9+,9{1,2}", middle):
        return "ambiguous_comma"
    return "misgrouped"
