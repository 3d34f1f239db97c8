"""Words of dates, and why a text that no form of a date fits is refused.

All as `texts.plain` leaves them: half width, capital letters, 9 for every digit.
"""

from __future__ import annotations

import re

from workbench.loaders.values import amount_words as words

MONTHS = {
    name: number
    for number, names in enumerate(
        ("JANUARY JAN", "FEBRUARY FEB", "MARCH MAR", "APRIL APR", "MAY", "JUNE JUN", "JULY JUL",
         "AUGUST AUG", "SEPTEMBER SEPT SEP", "OCTOBER OCT", "NOVEMBER NOV", "DECEMBER DEC"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

HALF_DAYS = {
    "am": ("上午", "凌晨", "早上", "早晨", "清晨", "AM", "A.M."),
    "pm": ("下午", "晚上", "傍晚", "夜里", "晚", "PM", "P.M."),
    "noon": ("中午",),
}

_NAMES = words.one_of(MONTHS)
_HALF_DAY = words.one_of(word for group in HALF_DAYS.values() for word in group)

#: Reasons in the order in which they are looked for, each with what shows it anywhere in the text.
_ANYWHERE = {
    "two_dates": r"(?:9{4}|99?月).*(?:至|到|~| - | TO ).*9|9[-/.]99? *- *9{1,4}[-/.]9|至今",
    "relative_date": (
        "今[天日年]|昨[天日]|明[天日年]|前天|后天|去年|本[周月年季]|[上下](?:个?月|周|季度?|星期)(?!半)"
        "|即日|目前|现在|[天日周月年]前|天后|月后|AGO"
        r"|TODAY|YESTERDAY|TOMORROW|\b(?:THIS|NEXT|LAST|NOW)\b"
    ),
    "lunar_date": (
        "农历|阴历|正月|腊月|冬月|初[一二三四五六七八九十]|闰|廿"
        "|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年"
    ),
    "fiscal_year": "FY|财年|财政年|会计年",
    "week": "W99?|第.{1,3}周|WEEK|CW",
    "vague_date": (
        "[年月季]?[底末初]|[年月]中|[上中下]旬|前后|左右|约|大概|之前|以前|以后|之后|节"
        r"|\b(?:BEFORE|AFTER|ABOUT|CIRCA|EARLY|LATE|MID|END OF)\b"
    ),
}

#: The same for reasons that only the whole text shows.
_WHOLE = {
    "time_only": rf"(?:(?:{_HALF_DAY}) *)?99?[:时点]99?.*",
    "short_year": (
        r"99[-/.]99?[-/.]99?.*|99?[-/.]99?[-/.]99.*|99[-/.年]?Q9|Q9[-/ ']*99|99年.*"
        rf"|(?:{_NAMES})[-/ ']+99|99?[-/ ](?:{_NAMES})[-/ ]99"
    ),
    "no_year": (
        rf"99?月(?:99?[日号]?)?|99?[-/.]99?|(?:{_NAMES})\.? *99?|99?[- ](?:{_NAMES})"
        "|Q9|9季度|第?[一二三四]季度|[上下]半年|H9"
    ),
}

_REASONS = {
    **{reason: re.compile(rf".*?(?:{pattern}).*") for reason, pattern in _ANYWHERE.items()},
    **{reason: re.compile(pattern) for reason, pattern in _WHOLE.items()},
}
#: All of them at once, to pass most texts that are no dates at all.
_ANY = re.compile("|".join(_ANYWHERE.values()))
_ANY_WHOLE = re.compile("|".join(_WHOLE.values()))
_YEAR_IN_WORDS = re.compile("[零〇一二三四五六七八九十]{2,}年")


def why_no_date(text: str) -> str:
    """Reason for a text that no form of a date fits; "" where it means that there is none."""
    bare = text.strip().strip("'").strip()
    if bare in words.MISSING or not bare.strip("-/"):
        return ""
    if bare in words.NOT_YET:
        return "not_yet_known"
    if words.SHEET_ERROR.fullmatch(bare):
        return "spreadsheet_error"
    if _YEAR_IN_WORDS.search(bare) and not _REASONS["lunar_date"].fullmatch(bare):
        return "numerals_in_words"
    if not (_ANY.search(bare) or _ANY_WHOLE.fullmatch(bare)):
        return "not_a_date"
    found = (reason for reason, pattern in _REASONS.items() if pattern.fullmatch(bare))
    return next(found, "not_a_date")
