"""The terms of the trade in both languages, and the translations to avoid.

`glossary.csv` has one term a row: `zh` is the word to use, `also_zh` others in use, `avoid_zh`
literal translations that mean something else, `wrong_zh` those of them that are wrong in any text
about sales. Ids are stable. A company may call things by its own names in its settings.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from workbench.errors import ParameterError
from workbench.text.language import Language

_FILE = Path(__file__).with_name("glossary.csv")


@dataclass(frozen=True, slots=True)
class Term:
    """One term: id, English, Chinese, other Chinese words in use, and those to avoid."""

    id: str
    en: str
    zh: str
    also_zh: tuple[str, ...]
    avoid_zh: tuple[str, ...]
    wrong_zh: tuple[str, ...]
    note: str


@lru_cache(maxsize=1)
def terms() -> Mapping[str, Term]:
    """Return all terms by id."""
    rows = csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines())
    return MappingProxyType({row["id"]: _term(row) for row in rows})


def term(term_id: str, lang: Language) -> str:
    """Return a term's word: `term("quota", Language("zh"))` is 销售指标.

    Raises
    ------
    ParameterError
        If there is no such term; the message names similar ones.
    """
    if term_id not in terms():
        near = difflib.get_close_matches(term_id, terms(), n=3)
        raise ParameterError(
            f"the glossary has no term {term_id!r}",
            do=f"did you mean {' or '.join(near)}?" if near else "see workbench/text/glossary.csv",
        )
    found = terms()[term_id]
    return lang.pick(found.en, found.zh)


def wrong_terms(text: str) -> list[str]:
    """List the words in a Chinese text that are wrong in any text about sales, such as 回扣."""
    return [f"{bad} (use {each.zh})" for each in terms().values() for bad in _in(each, text)]


def avoided_terms(en: str, zh: str) -> list[str]:
    """List the words in a Chinese sentence that its English term should not be rendered by.

    A word counts only where the English names the term, and not where another term named there
    is rightly rendered by it: "dealers and agents" may hold both 经销商 and 代理商.
    """
    named = [each for each in terms().values() if _names(each.en, en)]
    right = {word for each in named for word in (each.zh, *each.also_zh)}
    return [
        f"{bad} for {each.en!r} (use {each.zh})"
        for each in named
        for bad in each.avoid_zh
        if bad in _without(right, zh)
    ]


def _in(each: Term, text: str) -> list[str]:
    return [bad for bad in each.wrong_zh if bad in text]


def _names(head: str, en: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(head)}(s|es)?(?![\w-])", en, re.IGNORECASE))


def _without(words: set[str], text: str) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "\0")
    return text


def _term(row: dict[str, str]) -> Term:
    also, avoid, wrong = (
        tuple(filter(None, row[key].split(";"))) for key in ("also_zh", "avoid_zh", "wrong_zh")
    )
    return Term(row["id"], row["en"], row["zh"], also, avoid, wrong, row["note"])
