"""Findings about words and names: spelling close to a known word, doubles, placeholders.

Only distinct values are compared, so a column of millions of rows costs no more than its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.loaders.findings_view import Rule, View
from workbench.loaders.outcome import Finding
from workbench.text import mark

if TYPE_CHECKING:
    import pandas as pd

#: Industries as sheets of companies call them, of one word each or two.
INDUSTRIES = (
    "accounting", "advertising", "aerospace", "agriculture", "automotive", "aviation", "banking",
    "biotechnology", "chemicals", "communications", "construction", "consulting", "consumer goods",
    "defense", "distribution", "education", "electronics", "employment", "energy", "engineering",
    "entertainment", "environment", "fashion", "finance", "financial services", "food",
    "forestry", "furniture", "gaming", "government", "health care", "healthcare", "hospitality",
    "hotels", "insurance", "internet", "investment", "jewelry", "law", "legal", "logistics",
    "machinery", "manufacturing", "marketing", "media", "medical", "metallurgy", "military",
    "mining", "nonprofit", "oil and gas", "packaging", "paper", "petroleum", "pharmaceuticals",
    "plastics", "printing", "publishing", "real estate", "recreation", "restaurants", "retail",
    "security", "semiconductors", "services", "shipping", "software", "sports", "steel",
    "technology", "telecommunications", "textiles", "tobacco", "tourism", "transportation",
    "travel", "utilities", "warehousing", "wholesale",
)  # fmt: skip

#: Declared columns that hold words of a short list, and headers of others that do.
WORD_COLUMNS = ("industry", "region", "product_line", "family", "source", "lost_reason", "channel")
_PLACE_HEADER = re.compile(r"country|nation|territor|location|office|region|国家|国别|地区", re.I)
_TRADE_HEADER = re.compile(r"industr|sector|vertical|行业", re.I)

#: Tables whose rows are things with a name of their own.
NAMED = ("account", "product", "partner", "competitor")

#: Words of fewer letters are near to too many.
LETTERS = 5
#: A word this many times as frequent as one a letter apart is taken for the right one.
USUAL = 20
#: More distinct values are names or remarks, not words of a list.
DISTINCT = 3_000
#: Findings of one kind about a column; more make a list nobody reads.
SHOWN = 5

_PLACEHOLDER = re.compile(
    r"(test|testing|demo|dummy|asdf+|qwerty|xxx+|abc|aaa+|n/?a|none|null|unknown|tbd|todo|sample"
    r"|测试.{0,4}|试用|未知|不详|无|暂无|待定|示例)[\s\d_-]*",
    re.IGNORECASE,
)


def near_words(view: View) -> Iterator[Finding]:
    """Words that are one letter from a known or much more frequent word."""
    for header, values in _word_columns(view):
        counts = values.dropna().astype("str").str.strip().value_counts()
        if not 0 < len(counts) <= DISTINCT:
            continue
        known = _vocabulary(header) if any(map(is_latin, counts.index)) else {}
        found = 0
        for word, count in counts.items():
            near = _near(str(word), int(count), counts, known)
            if near and found < SHOWN:
                found += 1
                yield view.finding(
                    "near_word", count, values.notna().sum(), column=header, text=word, name=near
                )


def double_names(view: View) -> Iterator[Finding]:
    """Things of one table that bear the same name, but for case, width and spaces."""
    if not view.has("name"):
        return
    names = _one_each(view)["name"].dropna()
    keys = names.map(name_key)
    double = keys.duplicated(keep=False) & (keys != "")
    if double.any():
        yield view.finding(
            "double_names", double.sum(), len(names), column="name", example=names[double].iloc[0]
        )


def placeholders(view: View) -> Iterator[Finding]:
    """Names that were typed to try something out, or for want of one."""
    if view.has("name"):
        names = view.frame["name"].dropna().astype("str")
        odd = names[names.str.fullmatch(_PLACEHOLDER)]
        if len(odd):
            yield view.finding(
                "placeholders", len(odd), len(names), column="name", example=odd.iloc[0]
            )


RULES = (
    Rule(
        "near_word",
        mark('{column}: "{text}" ({count} of {of} rows) is one letter from "{name}".'),
        near_words,
    ),
    Rule(
        "double_names",
        mark(
            '{count} of {of} names in {table} occur more than once, such as "{example}": the same'
            " twice, or two of one name?"
        ),
        double_names,
        tables=NAMED,
    ),
    Rule(
        "placeholders",
        mark('{count} of {of} names in {table} name nothing, such as "{example}".'),
        placeholders,
        tables=(*NAMED, "campaign", "opportunity", "contact", "rep"),
    ),
)


# -- comparing words, also for tables held against each other -----------------------------------


def name_key(text: object) -> str:
    """A name without what typing changes: case, width, spaces, hyphens, points, brackets."""
    plain = unicodedata.normalize("NFKC", str(text)).casefold()
    return re.sub(r"[\s\-_.,·•'’\"()\[\]/&]+", "", plain)


def is_latin(text: object) -> bool:
    """Whether a word is of Latin letters and long enough to tell a slip from another word."""
    letters = re.sub(r"[^A-Za-z]", "", str(text))
    return len(letters) >= LETTERS and str(text).isascii()


def one_letter_apart(a: str, b: str) -> bool:
    """Whether one letter added, left out, changed or swapped turns one word into the other.

    Figures never count as slips: "Region 1" and "Region 2" are two regions; nor does a letter
    that stands alone ("Team A").
    """
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    start = min(len(a), len(b)) if start is None else start
    end_a, end_b = len(a), len(b)
    while end_a > start and end_b > start and a[end_a - 1] == b[end_b - 1]:
        end_a, end_b = end_a - 1, end_b - 1
    left, right = a[start:end_a], b[start:end_b]
    one = max(len(left), len(right)) == 1 or (len(left) == 2 and left == right[::-1])
    inside = re.search(r"[^\W\d_]*$", a[:start])
    after = re.match(r"[^\W\d_]*", a[end_a:])
    word = len(inside.group() if inside else "") + len(after.group() if after else "")
    return one and (left + right).isalpha() and word >= LETTERS - 2


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The first of known words that is one letter from the word; None for words of others."""
    if not is_latin(word):
        return None
    low = word.lower()
    return next((other for other in known if one_letter_apart(low, other.lower())), None)


def _near(word: str, count: int, counts: pd.Series, known: dict[str, str]) -> str | None:
    if word.lower() in known or not is_latin(word):
        return None
    frequent = [str(other) for other, n in counts.items() if n >= USUAL * count]
    return nearest(word, [*frequent, *known.values()])


def _word_columns(view: View) -> Iterator[tuple[str, pd.Series]]:
    for name in view.filled:
        if name in WORD_COLUMNS or (_has_list(name) and not name.endswith("_id")):
            yield name, view.frame[name]
    if view.raw is not None:
        for header in view.raw:
            if _has_list(str(header)) and str(header) not in view.filled:
                yield str(header), view.raw[header]


def _has_list(header: str) -> bool:
    return bool(_TRADE_HEADER.search(header) or _PLACE_HEADER.search(header))


def _vocabulary(header: str) -> dict[str, str]:
    """Words one may expect below a header, by their lower case; none where there is no list."""
    if _TRADE_HEADER.search(header):
        return {word: word for word in INDUSTRIES}
    return _countries() if _PLACE_HEADER.search(header) else {}


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """English names of countries (Unicode CLDR, as babel carries it), without accents."""
    from babel import Locale

    names: Collection[str] = Locale("en").territories.values()
    plain = [unicodedata.normalize("NFKD", name).encode("ascii", "ignore") for name in names]
    return {name.decode().lower(): name.decode() for name in sorted(plain)}


def _one_each(view: View) -> pd.DataFrame:
    """Rows with the versions of one thing left out."""
    key = f"{view.table}_id"
    return view.frame.drop_duplicates(key) if view.has(key) else view.frame
