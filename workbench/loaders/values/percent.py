"""Percents out of text, as shares: 60%, 60 and 0.6 may all mean 0.6.

A number without a sign of per cent is a percent or a share; the column decides (`scale`), because
one number does not know. How numbers are written: `amount_forms.py`. Discounts: `discount.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from workbench.loaders.values import amount_words as words
from workbench.loaders.values.amount_forms import number_at, reason_without_digits
from workbench.loaders.values.numerals import small_number
from workbench.loaders.values.parsed import Parsed, ParsedColumn, flag_bit
from workbench.loaders.values.results import Codes, bits, tidy
from workbench.loaders.values.texts import (
    Coded,
    coded,
    digit_sums,
    digits_of,
    has_wide,
    plain,
    planned,
    skeleton,
)
from workbench.text import mark

if TYPE_CHECKING:
    import numpy as np

Scale = Literal["share", "percent", "mixed", "ask"]

#: Above this a bare number beside shares is a percent, and no share of more than all.
SURELY_PERCENT = 10


@dataclass(frozen=True, slots=True)
class PercentPlan:
    """How texts of one form are read.

    Attributes
    ----------
    places, weights : tuple of int
        Digits and what they count, in units of 10**-decimals.
    decimals : int
        Decimals of the number as written.
    per : int
        Power of ten that the text divides by: 2 for %, 3 for per mille; 0 where it states none.
    sign : int
        1 or -1.
    flags : tuple of str
    reason : str
    fixed : Decimal or None
        The value itself, where the form has it (百分之六十).
    """

    places: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    decimals: int = 0
    per: int = 0
    sign: int = 1
    flags: tuple[str, ...] = ()
    reason: str = ""
    fixed: Decimal | None = None

    @property
    def readable(self) -> bool:
        """Whether there is a number made of digits."""
        return bool(self.places)


def parse_percent(text: str | None, *, scale: Scale | None = None) -> Parsed:
    """Read one text as a percent.

    Parameters
    ----------
    text : str or None
    scale : {"share", "percent", "mixed"}, optional
        What a number without a sign means: "share" as it stands, "percent" a hundredth of it,
        "mixed" a percent above 1 and a share below. None is as "mixed", for a text alone.
        A bare 1 that may be either is refused.

    Returns
    -------
    Parsed
        `value` is a Decimal, 0.6 for 60%; `unit` is "share".
    """
    text = text or ""
    plan = percent_plan(skeleton(text))
    if plan.fixed is not None:
        return Parsed(plan.fixed, unit="share", flags=plan.flags)
    if not plan.readable:
        return Parsed(None, reason=plan.reason)
    number = Decimal(plan.sign * digits_of(text, plan.places, plan.weights)).scaleb(-plan.decimals)
    return _single(number, plan, scale)


def _single(number: Decimal, plan: PercentPlan, scale: Scale | None) -> Parsed:
    flags, per = plan.flags, plan.per
    if not per:
        size = abs(number)
        if scale in (None, "mixed", "ask"):
            if (scale == "ask" and size) or size == 1:
                return Parsed(None, reason="ambiguous_percent")
            per = 2 if size > 1 else 0
            flags += ("scale_decided",) if size and (per or scale is None) else ()
            flags += ("mixed_scale",) if scale == "mixed" and 0 < size < 1 else ()
        else:
            per = 2 if scale == "percent" else 0
            flags += ("scale_decided",) if size and per else ()
    value = number.scaleb(-per)
    return Parsed(tidy(value), unit="share", flags=flags)


def percent_column(texts: Any, *, scale: Scale | None = None) -> ParsedColumn:
    """Read a column of texts as percents; every text as `parse_percent` reads it.

    Parameters
    ----------
    texts : pyarrow.Array or ChunkedArray of string, or what `pyarrow.array` takes
    scale : {"share", "percent", "mixed", "ask"}, optional
        As `PercentEvidence` decides; None lets these texts decide. With "ask" bare numbers other
        than 0 are refused.

    Returns
    -------
    ParsedColumn
        `values` are float64 shares.
    """
    import numpy as np
    import pyarrow as pa

    column, plans = _planned(coded(texts))
    if scale is None:
        evidence = PercentEvidence()
        evidence.update_planned(column, plans)
        scale = evidence.decide().scale
    reasons = Codes()
    number, known = _numbers(column, plans)
    found = reasons.of_forms([plan.reason for plan in plans])[column.codes]
    flags = np.array([*(bits(plan.flags) for plan in plans), 0], np.uint32)[column.codes]
    divisor, unclear = _divisors(number, known, plans, column, scale, flags)
    found[unclear] = reasons.code("ambiguous_percent") if unclear.any() else 0
    known &= ~unclear
    values = number / divisor + 0.0
    fixed = [plan.fixed for plan in plans]
    if any(one is not None for one in fixed):
        own = np.array([*(np.nan if one is None else float(one) for one in fixed), np.nan])
        own = own[column.codes]
        known |= ~np.isnan(own)
        values = np.where(np.isnan(own), values, own)
    flags[~known] = 0
    return ParsedColumn(pa.array(values, mask=~known), None, flags, found, reasons.codes)


def _planned(column: Coded) -> tuple[Coded, list[PercentPlan]]:
    return planned(column, percent_plan, lambda plan: plan.readable or plan.fixed is not None)


def _numbers(
    column: Coded, plans: list[PercentPlan]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The numbers as written, signs of per cent apart, and which texts have one.

    A whole number of up to 15 digits divided by a power of ten is the nearest float there is.
    """
    import numpy as np

    sums = digit_sums(column, [p.places for p in plans], [p.weights for p in plans])
    scales = np.array([*(10.0**p.decimals for p in plans), 1.0])[column.codes]
    signs = np.array([*(p.sign for p in plans), 1])[column.codes]
    known = np.array([*(p.readable for p in plans), False])[column.codes]
    return sums * signs / scales, known


def _divisors(
    number: np.ndarray[Any, Any],
    known: np.ndarray[Any, Any],
    plans: list[PercentPlan],
    column: Coded,
    scale: Scale,
    flags: np.ndarray[Any, Any],
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """What each number is divided by, and where that cannot be told; flags are added."""
    import numpy as np

    per = np.array([*(p.per for p in plans), 0])[column.codes]
    bare, size = known & (per == 0), np.abs(number)
    unclear = np.zeros(len(number), bool)
    if scale == "percent":
        as_percent = bare & (size > 0)
    elif scale == "mixed":
        as_percent, unclear = bare & (size > 1), bare & (size == 1)
        flags[bare & (size > 0) & (size < 1)] |= np.uint32(flag_bit("mixed_scale"))
    else:
        as_percent = np.zeros(len(number), bool)
        unclear = bare & (size > 0) if scale == "ask" else unclear
    flags[as_percent] |= np.uint32(flag_bit("scale_decided"))
    return 10.0 ** np.where(as_percent, 2, per), unclear


@dataclass(frozen=True, slots=True)
class PercentContext:
    """What the bare numbers of a column mean.

    Attributes
    ----------
    scale : {"share", "percent", "mixed", "ask"}
    bare : int
        Texts without a sign of per cent, zeros apart.
    evidence : str
        Catalogue key; "" without bare numbers.
    fields : dict of str to str
    """

    scale: Scale
    bare: int = 0
    evidence: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def evidence_text(self) -> str:
        """The evidence in English."""
        return self.evidence.format(**self.fields)


class PercentEvidence:
    """What the bare numbers of a column show of their scale.

    All within 1: shares (ones and zeros only as well). All above 1: percents. Some within 1 and
    some above 10: mixed. Some within 1 and the others up to 10, as 0.92 and 1.08 of attainment
    are: that may be either, so it is asked. A header that says per cent decides (`scale_of`).
    Blocks are added with `update`, other evidence with `merge`.
    """

    def __init__(self, header: str = "") -> None:
        from workbench.loaders.values.headers import scale_of

        self.stated = scale_of(header)
        self.zeros = self.ones = self.below = self.above = self.far = 0
        self.least = self.most = 0.0

    def update(self, texts: Any) -> PercentEvidence:
        """Add texts (as in `percent_column`)."""
        return self.update_planned(*_planned(coded(texts)))

    def update_planned(self, column: Coded, plans: list[PercentPlan]) -> PercentEvidence:
        """Add texts whose forms have been looked at already."""
        import numpy as np

        if not any(plan.readable and not plan.per for plan in plans):
            return self
        number, known = _numbers(column, plans)
        per = np.array([*(p.per for p in plans), 0])[column.codes]
        size = np.abs(number[known & (per == 0)])
        self.zeros += int((size == 0).sum())
        self.ones += int((size == 1).sum())
        self.below += int(((size > 0) & (size < 1)).sum())
        self.above += int((size > 1).sum())
        self.far += int((size > SURELY_PERCENT).sum())
        used = size[size > 0]
        if len(used):
            self.least = min(self.least or float(used.min()), float(used.min()))
            self.most = max(self.most, float(used.max()))
        return self

    def merge(self, other: PercentEvidence) -> PercentEvidence:
        """Add the evidence of other texts of the same column."""
        for name in ("zeros", "ones", "below", "above", "far"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        lows = [low for low in (self.least, other.least) if low]
        self.least, self.most = min(lows, default=0.0), max(self.most, other.most)
        return self

    def decide(self) -> PercentContext:
        """The scale of the column."""
        bare = self.ones + self.below + self.above
        if not bare:
            return PercentContext("share")
        fields = {"n": f"{bare:,}", "low": f"{self.least:g}", "high": f"{self.most:g}"}
        if self.stated:
            key = mark("the header says how the {n} numbers without a per cent sign are meant")
            return PercentContext(self.stated, bare, key, fields)
        key = mark("{n} numbers without a per cent sign lie between {low} and {high}")
        return PercentContext(self._scale(), bare, key, fields)

    def _scale(self) -> Scale:
        if not self.above:
            return "share"
        if not self.below:
            return "percent"
        return "mixed" if self.far else "ask"


@lru_cache(maxsize=8192)
def percent_plan(form: str) -> PercentPlan:
    """What a text of this form (`texts.skeleton`) says as a percent."""
    text = plain(form)
    if len(text) > 40:
        return _refused("not_a_percent")
    first, last = text.find("9"), text.rfind("9")
    if first < 0:
        return _in_words(text)
    if text[first - 1 : first] == ".":
        first -= 1
    match = _BEFORE.fullmatch(text[:first])
    after = _AFTER.fullmatch(text[last + 1 :])
    if match is None or after is None:
        return _refused(_why_not(text))
    number = number_at(text, first, last + 1, "plain")
    if number.reason or number.units or number.exponent is not None:
        return _refused(_why_not(text, number.reason))
    signs = len(match["minus"] or "") + (after["close"] is not None)
    if signs > 1 or (match["open"] is None) != (after["close"] is None):
        return _refused("not_a_percent")
    return _plan(form, number.places, number.powers, _per(match, after), signs, match, after)


@lru_cache(maxsize=64)
def _refused(reason: str) -> PercentPlan:
    """The plan of all texts refused for a reason; "" for those that are missing."""
    return PercentPlan(reason=reason)


_BEFORE = re.compile(
    rf"[ ']*(?P<about>{words.one_of(words.ABOUT_BEFORE)})? *(?P<open>\()? *"
    r"(?P<minus>-|负|)\+? *(?P<part>百分之|千分之|万分之)?(?P<inner>负)? *"
)
_AFTER = re.compile(
    r"\.? *(?P<per>%|‰|‱|个?百分点|个点|PERCENT|PER CENT|PCT|PP|BPS|BP|个?基点)? *(?P<close>\))? *"
    rf"(?P<about>{words.one_of(('左右', '上下', '多', '+'))})? *"
)
_PERS = {"%": 2, "‰": 3, "‱": 4, "百分之": 2, "千分之": 3, "万分之": 4, "BP": 4, "BPS": 4}
_PERS |= {"基点": 4, "个基点": 4}


def _per(before: re.Match[str], after: re.Match[str]) -> int:
    said = before["part"] or after["per"]
    return _PERS.get(said, 2) if said else 0


def _plan(
    form: str,
    places: Sequence[int],
    powers: Sequence[int],
    per: int,
    signs: int,
    before: re.Match[str],
    after: re.Match[str],
) -> PercentPlan:
    decimals = max(0, -min(powers))
    if max(powers) + decimals >= 18 or (before["part"] and after["per"]):
        return _refused("not_a_percent")
    flags = [
        *(["approximate"] if before["about"] or after["about"] else []),
        *(["accounting_negative"] if before["open"] else []),
        *(["full_width"] if has_wide(form) else []),
    ]
    return PercentPlan(
        places=tuple(places),
        weights=tuple(10 ** (power + decimals) for power in powers),
        decimals=decimals,
        per=per,
        sign=-1 if signs or before["inner"] else 1,
        flags=tuple(flags),
    )


def _in_words(text: str) -> PercentPlan:
    """A text without digits: missing, 百分之六十, or refused."""
    bare = text.strip()
    match = re.fullmatch(r"(负?)(百分之|千分之)(负?)(.+)", bare)
    if match:
        number = small_number(match[4])
        if number is not None:
            value = number.scaleb(-_PERS[match[2]])
            return PercentPlan(fixed=tidy(-value if match[1] or match[3] else value))
    reason = reason_without_digits(text)
    if "成" in bare:
        return _refused("tenths_in_words")
    renamed = {"not_a_number": "not_a_percent", "percent_in_money": "not_a_percent"}
    return _refused(renamed.get(reason, reason))


def _why_not(text: str, reason: str = "") -> str:
    if words.SHEET_ERROR.fullmatch(text.strip()):
        return "spreadsheet_error"
    if "成" in text:
        return "tenths_in_words"
    if "折" in text:
        return "discount_in_percent"
    if re.search(r"9%? *(?:-|~|至|到) *9", text):
        return "percent_range"
    kept = ("two_numbers", "misgrouped", "ambiguous_comma", "european_number")
    return reason if reason in kept else "not_a_percent"
