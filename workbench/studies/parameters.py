"""The parameters of a run: defaults, file and --set merged, checked before any kernel starts.

A fault is told as three answers: which parameter and value, where it was written (file and line,
or the --set), and what is allowed or which name is nearest. Files and --set: `given.py`. Params
files that explain themselves: `params_text.py`. For editors: `schema.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from workbench.contract import UNIT_WORDS, Parameter, Params, Study
from workbench.errors import ParameterError
from workbench.params import own_words
from workbench.studies.given import Given, Keys, merged, read_file, read_set
from workbench.studies.params_text import resolved_yaml, template
from workbench.studies.yaml_values import write_value
from workbench.text import Language

__all__ = ["Given", "checked", "merged", "read_file", "resolve", "resolved_yaml", "template"]


def resolve(
    study: Study,
    *,
    file: Path | None = None,
    sets: Iterable[str] = (),
    lang: Language | None = None,
) -> Params:
    """Merge a params file and --set over the defaults and check the whole.

    Parameters
    ----------
    study : Study
    file : Path, optional
        YAML with some of the parameters; what it extends lies below it.
    sets : iterable of str
        ``key=value``; dots go into nested values, the value is read as YAML. Later ones win.
    lang : Language, optional
        Language of the errors.

    Raises
    ------
    ParameterError
        If a file cannot be read, or any parameter is unknown, missing, of the wrong kind or out
        of bounds; all faults at once.
    """
    lang = lang or Language("en")
    given = read_file(file, lang) if file is not None else Given()
    for text in sets:
        given = merged(given, read_set(text, lang))
    return checked(study, given, lang)


def checked(study: Study, given: Given, lang: Language) -> Params:
    """Check values as given against what the study declares; raises as `resolve` does."""
    try:
        return study.params.model_validate(given.values)
    except ValidationError as error:
        raise _faults(error, study, given, lang) from error


# -- faults -------------------------------------------------------------------------------------

#: What a run takes beside its parameters, by an option of its own.
_OPTIONS = frozenset({"company", "lang"})


@dataclass(frozen=True, slots=True)
class _Fault:
    message: str
    where: str
    do: str


def _faults(error: ValidationError, study: Study, given: Given, lang: Language) -> ParameterError:
    """All faults as one error; what several kinds of one value say is said together."""
    declared = {parameter.name: parameter for parameter in study.params.declared(lang)}
    told = [_fault(dict(fault), declared, given, lang) for fault in error.errors()]
    messages = list(dict.fromkeys(fault.message for fault in told))
    message = lang.semicolon.join(messages)
    if len(messages) > 1:
        count = lang.say_n("{n} parameter is not valid", "{n} parameters are not valid", len(told))
        message = count + lang.colon + message
    return ParameterError(
        message,
        where=lang.semicolon.join(dict.fromkeys(fault.where for fault in told)),
        do=lang.semicolon.join(dict.fromkeys(fault.do for fault in told)),
    )


def _fault(
    fault: dict[str, Any], declared: Mapping[str, Parameter], given: Given, lang: Language
) -> _Fault:
    keys = _keys(fault, given)
    name = ".".join(keys)
    where = _place(keys, given) or lang.say("parameters of the study")
    if fault["type"] == "extra_forbidden":
        message = lang.say("unknown parameter {name}", name=name)
        if name in _OPTIONS:
            return _Fault(message, where, lang.say("say it with {option}", option=f"--{name}"))
        return _Fault(message, where, _nearest(keys, declared, lang))
    if fault["type"] == "missing":
        do = lang.say("give it in the params file or by --set {name}=...", name=name)
        return _Fault(lang.say("parameter {name} is missing", name=name), where, do)
    parameter = declared.get(keys[0]) if keys else None
    if parameter is None:  # a rule between parameters
        return _Fault(own_words(fault, lang), where, lang.say("change one of the two"))
    message = lang.say(
        "{title} ({name}) cannot be {value}",
        title=parameter.title,
        name=name,
        value=as_written(fault["input"], lang),
    )
    return _Fault(message, where, _allowed(fault, parameter, lang))


def _keys(fault: Mapping[str, Any], given: Given) -> Keys:
    """Path of the value at fault; without the kinds that pydantic tried on it."""
    path = tuple(str(part) for part in fault["loc"])
    if fault["type"] in ("extra_forbidden", "missing"):
        return path
    value: Any = given.values
    for depth, key in enumerate(path):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return path[: max(depth, 1)]
    return path


def _place(keys: Keys, given: Given) -> str:
    for depth in range(len(keys), 0, -1):
        if keys[:depth] in given.places:
            return given.places[keys[:depth]]
    return ""


def _nearest(keys: Keys, declared: Mapping[str, Parameter], lang: Language) -> str:
    """The name that was meant; of a nested value, among those of the nested model."""
    known: Iterable[str] = declared
    if len(keys) > 1:
        known = getattr(type(declared[keys[0]].default), "model_fields", ())
    name, before = keys[-1], "".join(f"{key}." for key in keys[:-1])
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    if near:
        return lang.say("did you mean {name}?", name=before + near[0])
    return lang.say("use one of: {names}", names=lang.join(list(known), last="or") or "–")


def _allowed(fault: dict[str, Any], parameter: Parameter, lang: Language) -> str:
    kind = kind_wanted(str(fault["type"]), lang)
    bounds = parameter.bounds(lang)
    allowed = lang.comma.join(filter(None, [kind, bounds])) or own_words(fault, lang)
    named = parameter.unit and not parameter.choices
    named = named and parameter.unit not in UNIT_WORDS["seed"]  # it counts nothing
    unit = lang.pick(" ", "") + parameter.unit if named else ""
    do = lang.say("allowed: {what}", what=allowed + unit)
    if fault["type"] == "string_type" and isinstance(fault["input"], bool | int | float):
        quoted = f'"{as_written(fault["input"], lang)}"'
        do += lang.semicolon + lang.say(
            "a text that looks like none stands in quotes: {text}", text=quoted
        )
    return do


def kind_wanted(fault: str, lang: Language) -> str:
    """What kind of value a fault asks for, in words; "" where its bounds say enough."""
    whole, number = lang.say("a whole number"), lang.say("a number")
    day, names = lang.say("a date such as 2026-07-31"), lang.say("names and values")
    several = lang.say("a list such as [a, b]")
    kinds = {
        "int": whole,
        "float": number,
        "finite": number,
        "decimal": number,
        "bool": lang.say("true or false"),
        "date": day,
        "datetime": day,
        "string": lang.say("a text"),
        "tuple": several,
        "list": several,
        "set": several,
        "dict": names,
        "model": names,
    }
    return kinds.get(fault.split("_")[0], "")


def as_written(value: Any, lang: Language) -> str:
    """A value as YAML would have it, texts in quotes; a long one is cut."""
    if value is None or value == "":
        return lang.say("empty")
    written = (
        repr(value)
        if isinstance(value, str)
        else write_value(to_jsonable_python(value, fallback=str))
    )
    return written if len(written) <= 80 else written[:77] + "…"
