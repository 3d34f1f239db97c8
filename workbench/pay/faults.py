"""Faults of a plan file as one error: what is wrong, on which line, which word was meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from workbench.errors import ParameterError
from workbench.pay.source import Keys, Source
from workbench.text import Language


def plan_error(
    error: ValidationError, model: type[BaseModel], source: Source, lang: Language
) -> ParameterError:
    """Turn what pydantic found into one error; the places are those of the file."""
    told = [_told(dict(fault), model, source, lang) for fault in error.errors()]
    messages, places, remedies = (list(dict.fromkeys(part)) for part in zip(*told, strict=True))
    return ParameterError(
        lang.semicolon.join(messages),
        where=lang.semicolon.join(filter(None, places)) or lang.say("the plan"),
        do=lang.semicolon.join(filter(None, remedies)) or lang.say("mend the entry"),
    )


def _told(
    fault: Mapping[str, Any], model: type[BaseModel], source: Source, lang: Language
) -> tuple[str, str, str]:
    context = fault.get("ctx", {})
    keys = _keys(fault["loc"], context.get("keys", ()), source.values)
    name, place = ".".join(keys), source.place(keys)
    if fault["type"] == "extra_forbidden":
        known = _known(keys[:-1], model)
        near = difflib.get_close_matches(keys[-1].casefold(), known, n=1, cutoff=0.5)
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
    given = fault["input"] if isinstance(fault["input"], str) else type(fault["input"]).__name__
    message = lang.say("{name} cannot be {value}", name=name, value=repr(given))
    return message, place, lang.say("allowed: {what}", what=_own(fault, lang))


def _own(fault: Mapping[str, Any], lang: Language) -> str:
    if fault["type"] == "exact":
        return lang.say("a number such as 5%, 0.05, 12,000 or 1/3")
    if fault["type"] == "literal_error":
        return str(fault["ctx"]["expected"])
    return str(fault["msg"])


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
