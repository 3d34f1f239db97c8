"""What is wrong with a sweep file, as one error: which entry, in which line, what may stand there.

Names of entries are as they are written, so that they are found in the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workbench.errors import ParameterError
from workbench.params import own_words
from workbench.studies.parameters import Given, as_written, kind_wanted
from workbench.text import Language, mark

Keys = tuple[str, ...]

#: What pydantic says of bounds: key of its context and the words for it.
_BOUNDS = {
    "gt": mark("above {low}"),
    "ge": mark("from {low}"),
    "lt": mark("below {high}"),
    "le": mark("up to {high}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Entries that a sweep file knows: of the whole, of a block, of a range."""

    of_sweep: Keys
    of_block: Keys
    of_range: Keys

    def at(self, keys: Keys) -> Keys:
        """Those that may stand where the last of some keys does."""
        if "vary" in keys[:-1]:
            return self.of_range
        return self.of_block if keys[:1] == ("blocks",) and len(keys) > 2 else self.of_sweep


def not_valid(
    error: ValidationError, file: str, given: Given, names: Names, lang: Language
) -> ParameterError:
    """All faults of a file as one error.

    Parameters
    ----------
    error : ValidationError
        Of `SweepSpec`.
    file : str
        Name of the file, for faults that have no line.
    given : Given
        Values as written and the line of each key.
    names : Names
    lang : Language
    """
    told = [_told(dict(fault), file, given, names, lang) for fault in error.errors()]
    return _one(told, lang)


def beside_studies(
    rest: Iterable[str], file: str, given: Given, names: Names, lang: Language
) -> ParameterError:
    """Entries beside `studies` that are none of the whole sweep, as one error."""
    told = []
    for name in rest:
        place = given.places.get((name,), file)
        if name in names.of_block:
            message = lang.say("{name} stands beside studies", name=name)
            told.append((message, place, lang.say("write it into each block below studies")))
        else:
            message, do = _unknown(name, (*names.of_sweep, "studies"), lang)
            told.append((message, place, do))
    return _one(told, lang)


def _one(told: list[tuple[str, str, str]], lang: Language) -> ParameterError:
    messages, places, advice = (
        lang.semicolon.join(dict.fromkeys(texts)) for texts in zip(*told, strict=True)
    )
    return ParameterError(messages, where=places, do=advice)


def _told(
    fault: Mapping[str, Any], file: str, given: Given, names: Names, lang: Language
) -> tuple[str, str, str]:
    """Message, place and advice of one fault."""
    loc = tuple(str(part) for part in fault["loc"])
    keys, kind = _written(loc, several="studies" in given.values), str(fault["type"])
    inside = keys[2:] if keys[:1] == ("studies",) and len(keys) > 2 else keys
    place, name = _place(keys, file, given), ".".join(key for key in inside if not key.isdigit())
    how = lang.say("docs/studies.md shows how one is written")
    if kind == "extra_forbidden":
        message, do = _unknown(keys[-1], names.at(loc), lang)
        return message, place, do
    if kind == "missing":
        return lang.say("{name} is missing in the sweep file", name=name), place, how
    if kind == "broken_rule":
        return own_words(fault, lang), place, how
    if kind == "too_short":
        return lang.say("{name} varies over no value", name=keys[-1]), place, how
    message = lang.say(
        "{name} of the sweep file cannot be {value}",
        name=name,
        value=as_written(fault["input"], lang),
    )
    return message, place, _allowed(fault, keys, lang)


def _unknown(name: str, known: Keys, lang: Language) -> tuple[str, str]:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return lang.say("{name} is nothing a sweep file knows", name=name), (
        lang.say("did you mean {name}?", name=near[0])
        if near
        else lang.say("use one of: {names}", names=lang.join(sorted(known), last="or"))
    )


def _allowed(fault: Mapping[str, Any], keys: Keys, lang: Language) -> str:
    about = fault.get("ctx", {})
    if fault["type"] == "literal_error":
        allowed = re.findall(r"'([^']*)'", about["expected"])
        return lang.say("use one of: {names}", names=lang.join(allowed, last="or"))
    if keys[-2:-1] == ("vary",):
        return lang.say("a list of values, [a, b], or a range, {what}", what="{from: 1, to: 9}")
    bounds = [
        lang.say(words, low=f"{about[key]:g}", high=f"{about[key]:g}")
        for key, words in _BOUNDS.items()
        if key in about
    ]
    allowed = bounds or [kind_wanted(str(fault["type"]), lang) or own_words(fault, lang)]
    return lang.say("allowed: {what}", what=lang.comma.join(allowed))


def _written(loc: Keys, *, several: bool) -> Keys:
    """Keys as they stand in the file: a sweep of one study has its block at the top."""
    if loc[:1] == ("blocks",):
        loc = ("studies", *loc[1:]) if several else loc[2:]
    if "vary" in loc:  # behind the parameter stands which form of values was meant
        form = loc.index("vary") + 2
        loc = loc[:form] + loc[form + 1 :]
    return loc


def _place(keys: Keys, file: str, given: Given) -> str:
    """File and line of the innermost key that has one."""
    found = (given.places.get(keys[:depth]) for depth in range(len(keys), 0, -1))
    return next(filter(None, found), file)
