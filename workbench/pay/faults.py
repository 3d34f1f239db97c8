"""Faults of a plan file as one error: what is wrong, on which line, which word was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from workbench.errors import ParameterError
from workbench.pay.source import Keys, Source
from workbench.pay.words import CHINESE, CHOICES, exact_text
from workbench.text import Language
from workbench.text.later import Later


def plan_error(error: ValidationError, model: type[BaseModel], source: Source) -> ParameterError:
    """Turn what pydantic found into one error in both languages; the places are the file's."""
    english, chinese = (_answers(error, model, source, Language(code)) for code in ("en", "zh"))
    both = zip(english, chinese, strict=True)
    message, where, do = (Later("{told}", {"told": pair}) for pair in both)
    return ParameterError(message, where=where, do=do)


def _answers(
    error: ValidationError, model: type[BaseModel], source: Source, lang: Language
) -> tuple[str, str, str]:
    """All faults: what is wrong, where, and what to do."""
    told = [_told(dict(fault), model, source, lang) for fault in error.errors()]
    messages, places, remedies = (list(dict.fromkeys(part)) for part in zip(*told, strict=True))
    return (
        lang.semicolon.join(messages),
        lang.semicolon.join(filter(None, places)) or lang.say("the plan"),
        lang.semicolon.join(filter(None, remedies)) or lang.say("mend the entry"),
    )


def _told(
    fault: Mapping[str, Any], model: type[BaseModel], source: Source, lang: Language
) -> tuple[str, str, str]:
    context = fault.get("ctx", {})
    keys = _keys(fault["loc"], context.get("keys", ()), source.values)
    name, place = ".".join(keys), lang.again(source.place(keys))
    if fault["type"] == "extra_forbidden":
        known = _known(keys[:-1], model)
        chinese = {english: word for word, english in CHINESE.items()}
        own = [chinese.get(each, each) for each in known]
        near = difflib.get_close_matches(keys[-1].casefold(), [*known, *own], n=1, cutoff=0.5)
        known = own if lang.code == "zh" else known
        return (
            lang.say("unknown word {name}", name=name),
            place,
            lang.say("did you mean {name}?", name=near[0])
            if near
            else lang.say("use one of: {names}", names=lang.join(known, last="or")),
        )
    if fault["type"] == "missing":
        return lang.say("{name} is missing", name=name), place, lang.say("add the entry")
    if fault["type"] == "broken_rule":
        text = lang.pick(context["english"], context["zh"])
        return f"{name}{lang.colon}{text}" if name else text, place, lang.say("mend the entry")
    if fault["type"] == "currency_mark":
        return (
            lang.say("{name} cannot be {value}", name=name, value=repr(fault["input"])),
            place,
            lang.say("all amounts are in the plan's currency: write the number alone"),
        )
    given = _written(keys, source.values)
    if given is None:
        given = fault["input"] if isinstance(fault["input"], str) else _sort(fault["input"], lang)
    message = lang.say("{name} cannot be {value}", name=name, value=repr(given))
    if fault["type"] == "literal_error":
        allowed, meant = _choices(str(context["expected"]), given, lang)
        names = lang.join(allowed, last="or")
        if meant:
            return message, place, lang.say("did you mean {name}?", name=meant)
        return message, place, lang.say("use one of: {names}", names=names)
    return message, place, lang.say("allowed: {what}", what=_own(fault, lang))


def _choices(expected: str, given: str, lang: Language) -> tuple[list[str], str | None]:
    """Words of a choice in the reader's language, and which of either one was meant."""
    english = re.findall(r"'([^']+)'", expected)
    chinese = CHOICES.get(frozenset(english), {})
    near = difflib.get_close_matches(given.casefold(), [*english, *chinese], n=1, cutoff=0.6)
    own = list({word: name for name, word in reversed(chinese.items())}.values())
    return (own[::-1] if lang.code == "zh" and own else english), (near[0] if near else None)


def _own(fault: Mapping[str, Any], lang: Language) -> str:
    """What would be allowed, where we can say it; else what pydantic says."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "exact":
        return lang.say("a number such as 5%, 0.05, 12,000 or 1/3")
    if kind == "string_type":
        return lang.say("a word")
    if kind in ("greater_than_equal", "greater_than"):
        bound = context.get("ge", context.get("gt"))
        return lang.say("at least {bound}", bound=exact_text(Fraction(bound)))
    if kind in ("less_than_equal", "less_than"):
        bound = context.get("le", context.get("lt"))
        # 1 is the whole of something
        text = "1 (100%)" if bound == 1 else exact_text(Fraction(bound))
        return lang.say("at most {bound}", bound=text)
    if kind == "string_pattern_mismatch":
        return lang.say("a code of three letters, such as CNY")
    if kind.startswith("date"):
        return lang.say("a date such as 2026-01-31")
    if kind.startswith("bool"):
        return lang.say("true or false")
    if kind.startswith("int"):
        return lang.say("a whole number")
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return lang.say("entries by name below it")
    return str(fault["msg"])


def _written(keys: Keys, values: Any) -> str | None:
    """The text that stands in the file, where it is one."""
    here = values
    for key in keys:
        if isinstance(here, dict):
            here = here.get(key)
        elif isinstance(here, list) and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        else:
            return None
    return here if isinstance(here, str) else None


def _sort(value: Any, lang: Language) -> str:
    """What stands there that is no text."""
    if value is None:
        return lang.say("an empty entry")
    if isinstance(value, list | tuple):
        return lang.say("a list")
    return lang.say("entries by name") if isinstance(value, dict) else str(value)


def _keys(loc: tuple[Any, ...], below: Any, values: Any) -> Keys:
    """Path of the entry; without the kinds that pydantic tried on the way."""
    path: list[str] = []
    here = values
    for part in loc:
        key = str(part)
        if isinstance(here, dict):
            path.append(key)
            here = here.get(key)
        elif isinstance(here, list) and key.isdigit():
            path.append(key)
            here = here[int(key)] if int(key) < len(here) else None
    return (*path, *map(str, below))


def _known(keys: Keys, model: type[BaseModel]) -> list[str]:
    """Words that may stand below a path."""
    here: Any = model
    for key in keys:
        if not (isinstance(here, type) and issubclass(here, BaseModel)):
            break
        fields = {info.alias or name: info for name, info in here.model_fields.items()}
        if key in fields:
            here = _model_in(fields[key].annotation)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return []
    return [info.alias or name for name, info in here.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """The model that an entry holds: itself, optional, in a list or by name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(each) for each in get_args(annotation))
    return next((each for each in found if each is not None), None)
