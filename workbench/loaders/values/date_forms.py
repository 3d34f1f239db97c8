"""Grammar of dates, over forms (`texts.py`): which digits are year, month, day, time and offset.

    date [weekday] [time] [offset]

A year has four digits; two are read only beside 年 (24年8月21日) or where the order is known. A
text that is vague (年底), relative (今天), of another calendar (农历) or of a fiscal year is
refused with its own reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.loaders.values import amount_words as words
from workbench.loaders.values.date_words import HALF_DAYS, MONTHS, why_no_date
from workbench.loaders.values.texts import has_wide, plain

Kind = Literal[
    "", "ymd", "slashed", "short", "month", "dot_month", "quarter", "half", "year",
    "serial", "epoch_ms", "epoch_s",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DatePlan:
    """How texts of one form are read as a date.

    Attributes
    ----------
    kind : str
        "ymd" a day; "slashed" two numbers before the year, "short" three numbers of two digits:
        the order has to be known; "month", "quarter", "half", "year" coarser; "serial" days of a
        spreadsheet; "epoch_ms", "epoch_s" since 1970; "" where refused or missing.
    day : tuple of int and tuple of int
        Places and weights of the number yyyymmdd (or the serial or epoch itself).
    day_base : int
        What the form adds (a month by name, the first of a month).
    time : tuple
        Places and weights of the number hhmmss.
    part : tuple
        Places and weights of the fraction: microseconds, of serials parts of 10**-12 of a day.
    offset : tuple
        Places and weights of the offset, hhmm.
    half_day : str
        "am", "pm", "noon" or "": what the text says of the hour.
    zone : int or None
        Sign of the offset, 0 for UTC; None where the text states none.
    timed : bool
        Whether a time of day is stated.
    flags : tuple of str
    reason : str
    """

    kind: Kind = ""
    day: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    day_base: int = 0
    time: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    part: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    offset: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    half_day: str = ""
    zone: int | None = None
    timed: bool = False
    flags: tuple[str, ...] = ()
    reason: str = ""


@lru_cache(maxsize=8192)
def date_plan(form: str) -> DatePlan:
    """What a text of this form (`texts.skeleton`) says as a date."""
    text = plain(form)
    if len(text) > LONGEST:
        return _refused("not_a_date")
    text = _WEEKDAY.sub(lambda match: " " * len(match.group()), text)
    match = _WHOLE.fullmatch(text)
    if match is None:
        return _refused(why_no_date(text))
    kind = next(name for name in _KINDS if match[name] is not None)
    if kind not in _TIMED and match["clock"]:
        return _refused("not_a_date")
    reader = _KINDS[kind]
    flags = ("full_width",) if has_wide(form) else ()
    return reader(match, flags)


@lru_cache(maxsize=64)
def _refused(reason: str) -> DatePlan:
    """The plan of all texts refused for a reason; "" for those that are missing."""
    return DatePlan(reason=reason)


#: No date is longer; a text that is goes unread.
LONGEST = 60

_NAMES = words.one_of(MONTHS)
_QUARTERS = {sign: number for number, sign in enumerate("一二三四", start=1)}

_WEEKDAY = re.compile(
    r"\(? *(?:星期|礼拜|周)[一二三四五六日天] *\)?"
    r"|\b(?:MON|TUES?|WED(?:NES)?|THU(?:RS?)?|FRI|SAT(?:UR)?|SUN)(?:DAY)?\b\.?,?"
)
_HALF_DAY = words.one_of(word for group in HALF_DAYS.values() for word in group)
_OFFSET = r"(?:Z|UTC|GMT)?(?P<sign>[+-])(?P<offset>99(?::?99)?)|(?P<utc>Z|UTC|GMT)"
_CLOCK = (
    rf"(?P<clock>(?: *T *| +|(?<=[日号])|(?= *(?:{_HALF_DAY})) *)"
    rf"(?:(?P<half1>{_HALF_DAY}) *)?(?P<hour>99?)"
    r"(?: *[:时点] *(?P<minute>99)分?|[:时点](?P<minute1>9)分|[时点]整?)"
    r"(?: *[:]? *(?P<second>99?)秒?(?:[.,](?P<fraction>9{1,9}))?)?"
    rf"(?: *(?P<half2>{_HALF_DAY}))?(?: *(?:{_OFFSET}))?)?"
)
_DATES = (
    # 2024-08-21, 2024年8月21日, 20240821093000
    r"(?P<ymd>(?P<y1>9999) *(?:(?P<s1>[-/.]) *(?P<m1>99?) *(?P=s1) *(?P<d1>99?)"
    r"|年 *(?P<m2>99?) *月 *(?P<d2>99?) *[日号]?))",
    r"(?P<compact>(?P<y3>9999)(?P<m3>99)(?P<d3>99)(?:T?(?P<t3>9999(?:99)?))?)",
    r"(?P<zh_short>(?P<y4>99) *年 *(?P<m4>99?) *月 *(?P<d4>99?) *[日号]?)",
    # 21/8/2024, 8/21/24
    r"(?P<slashed>(?P<a5>99?)(?P<s5>[-/.]) *(?P<b5>99?)(?P=s5) *(?P<y5>9999))",
    r"(?P<short>(?P<a6>99?)(?P<s6>[-/.])(?P<b6>99?)(?P=s6)(?P<c6>99))",
    # 21-Aug-2024, Aug 21, 2024, 2024-Aug-21
    rf"(?P<named>(?P<d7>99?)(?:ST|ND|RD|TH)?(?: OF)?[-/., ]*(?P<n7>{_NAMES})[-/., ]*(?P<y7>9999)"
    rf"|(?P<n8>{_NAMES})[-/. ]*(?P<d8>99?)(?:ST|ND|RD|TH)?[-/, ]+(?P<y8>9999)"
    rf"|(?P<y9>9999)[-/ ](?P<n9>{_NAMES})[-/ ](?P<d9>99?))",
    rf"(?P<named_month>(?P<n10>{_NAMES})[-/., ]*(?P<y10>9999)"
    rf"|(?P<y11>9999)[-/ ]?(?P<n11>{_NAMES}))",
    r"(?P<month>(?P<y12>9999) *(?:[-/] *(?P<m12>99?)|年 *(?P<m13>99?) *月份?)"
    r"|(?P<y14>9999)(?P<m14>99)|(?P<m15>99?)[-/](?P<y15>9999))",
    r"(?P<dot_month>(?P<y16>9999)\.(?P<m16>99?))",
    r"(?P<quarter>(?P<y17>9999) *[年/_-]? *(?:Q(?P<q17>9)|第? *(?P<q18>[9一二三四]) *季度?)(?:度)?"
    r"|Q(?P<q19>9)[-/_ ,']*(?P<y19>9999)年?|(?P<q20>9)Q[- ]?(?P<y20>9999))",
    r"(?P<half>(?P<y21>9999) *年?度? *(?P<h21>上|下)半年度?|(?P<y22>9999) *[年/_-]? *H(?P<h22>9)"
    r"|H(?P<h23>9)[-/_ ,]*(?P<y23>9999)年?|(?P<h24>9)H[- ]?(?P<y24>9999))",
    r"(?P<year>(?P<y25>9999) *(?:年度?)?)",
    r"(?P<number>(?P<i26>9{5}|9{10}|9{13})(?:\.(?P<f26>9+))?)",
)
_WHOLE = re.compile(rf" *'?(?:{'|'.join(_DATES)}) *{_CLOCK} *")
_TIMED = ("ymd", "zh_short", "slashed", "short", "named", "compact")


def _digits(
    match: re.Match[str], *groups: tuple[str, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Places and weights of groups of digits, each worth as much as said; absent groups none."""
    places: list[int] = []
    weights: list[int] = []
    for name, worth in groups:
        if match[name] is None:
            continue
        start, end = match.span(name)
        places += range(start, end)
        weights += [worth * 10 ** (end - 1 - place) for place in range(start, end)]
    return tuple(places), tuple(weights)


_Parts = tuple[tuple[int, ...], tuple[int, ...]]


def _clock(match: re.Match[str]) -> dict[str, object]:
    """Time of day, fraction and offset of a text."""
    if not match["clock"]:
        return {}
    start = match.start("fraction")
    fraction = range(start, match.end("fraction"))[:6] if match["fraction"] else range(0)
    half = match["half1"] or match["half2"]
    zone = None
    if match["utc"] or match["sign"]:
        zone = 0 if match["utc"] else (1 if match["sign"] == "+" else -1)
    return {
        "timed": True,
        "time": _digits(match, ("hour", 10_000), ("minute", 100), ("minute1", 100), ("second", 1)),
        "part": (tuple(fraction), tuple(10 ** (5 - rank) for rank in range(len(fraction)))),
        "half_day": next((name for name, group in HALF_DAYS.items() if half in group), ""),
        "zone": zone,
        "offset": _offset(match),
    }


def _offset(match: re.Match[str]) -> _Parts:
    if not match["offset"]:
        return (), ()
    start, end = match.span("offset")
    places = [place for place in range(start, end) if match.string[place] == "9"]
    return tuple(places), (1000, 100, 10, 1)[: len(places)]


def _ymd(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    return _day(match, flags, ("y1", 10_000), ("m1", 100), ("m2", 100), ("d1", 1), ("d2", 1))


def _compact(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    if match["t3"] and match["clock"]:
        return _refused("not_a_date")
    plan = _day(match, flags, ("y3", 10_000), ("m3", 100), ("d3", 1))
    if not match["t3"]:
        return plan
    own = _digits(match, ("t3", 1 if len(match["t3"]) == 6 else 100))
    return DatePlan("ymd", day=plan.day, time=own, timed=True, flags=flags)


def _zh_short(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    groups = ("y4", 10_000), ("m4", 100), ("d4", 1)
    return _day(match, (*flags, "two_digit_year"), *groups)


def _slashed(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    return _day(match, flags, ("y5", 10_000), ("a5", 100), ("b5", 1), kind="slashed")


def _short(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    groups = ("a6", 10_000), ("b6", 100), ("c6", 1)
    return _day(match, (*flags, "two_digit_year"), *groups, kind="short")


def _named(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    month = next(MONTHS[match[name]] for name in ("n7", "n8", "n9") if match[name])
    years = [(name, 10_000) for name in ("y7", "y8", "y9")]
    days = [(name, 1) for name in ("d7", "d8", "d9")]
    return _day(match, flags, *years, *days, base=100 * month)


def _day(
    match: re.Match[str],
    flags: tuple[str, ...],
    *groups: tuple[str, int],
    kind: Kind = "ymd",
    base: int = 0,
) -> DatePlan:
    clock = _clock(match)
    return DatePlan(kind, day=_digits(match, *groups), day_base=base, flags=flags, **clock)  # type: ignore[arg-type]


def _coarse(
    kind: Kind, match: re.Match[str], flags: tuple[str, ...], base: int, *groups: tuple[str, int]
) -> DatePlan:
    return DatePlan(kind, _digits(match, *groups), base, flags=("coarse", *flags))


def _named_month(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    month = next(MONTHS[match[name]] for name in ("n10", "n11") if match[name])
    return _coarse("month", match, flags, 100 * month + 1, ("y10", 10_000), ("y11", 10_000))


def _month(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    years = [(name, 10_000) for name in ("y12", "y14", "y15")]
    months = [(name, 100) for name in ("m12", "m13", "m14", "m15")]
    return _coarse("month", match, flags, 1, *years, *months)


def _dot_month(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    kind: Kind = "dot_month" if len(match["m16"]) == 1 else "month"
    return _coarse(kind, match, flags, 1, ("y16", 10_000), ("m16", 100))


def _quarter(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    years = [(name, 10_000) for name in ("y17", "y19", "y20")]
    word = match["q18"] if match["q18"] in _QUARTERS else ""
    quarters = [
        (name, 100) for name in ("q17", "q18", "q19", "q20") if not (word and name == "q18")
    ]
    return _coarse("quarter", match, flags, 100 * _QUARTERS.get(word, 0) + 1, *years, *quarters)


def _half(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    years = [(name, 10_000) for name in ("y21", "y22", "y23", "y24")]
    halves = [(name, 100) for name in ("h22", "h23", "h24")]
    base = {"上": 100, "下": 200}.get(match["h21"] or "", 0)
    return _coarse("half", match, flags, base + 1, *years, *halves)


def _year(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    return _coarse("year", match, flags, 101, ("y25", 10_000))


def _number(match: re.Match[str], flags: tuple[str, ...]) -> DatePlan:
    kinds: dict[int, Kind] = {5: "serial", 10: "epoch_s", 13: "epoch_ms"}
    kind = kinds[len(match["i26"])]
    if match["f26"] and kind == "epoch_ms":
        return _refused("not_a_date")
    finest = 12 if kind == "serial" else 6
    start, end = match.span("f26") if match["f26"] else (0, 0)
    fraction = range(start, min(end, start + finest))
    part = tuple(fraction), tuple(10 ** (finest - 1 - rank) for rank in range(len(fraction)))
    flag = "serial" if kind == "serial" else "epoch"
    return DatePlan(kind, _digits(match, ("i26", 1)), part=part, flags=(*flags, flag))


_KINDS = {
    "ymd": _ymd, "compact": _compact, "zh_short": _zh_short, "slashed": _slashed, "short": _short,
    "named": _named, "named_month": _named_month, "month": _month, "dot_month": _dot_month,
    "quarter": _quarter, "half": _half, "year": _year, "number": _number,
}  # fmt: skip
