"""The parameters of a run: defaults, file and --set merged, checked before any kernel starts.

A fault is told as three answers: which parameter and value, where it was written (file and line,
or the --set), and what is allowed or which name is nearest. Files and --set: `given.py`. Params
files that explain themselves: `params_text.py`. For editors: `schema.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.contract import Parameter, Params, Study
from workbench.errors import ParameterError
from workbench.studies.given import Given, Keys, merged, read_file, read_set
from workbench.studies.params_text import resolved_yaml, template
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


def _faults(error: ValidationError, study: Study, given: Given, lang: Language) -> ParameterError:
    declared = {parameter.name: parameter for parameter in study.params.declared(lang)}
    told = [_fault(dict(fault), declared, given, lang) for fault in error.errors()]
    if len(told) == 1:
        message, where, do = told[0]
        return ParameterError(message, where=where, do=do)
    return ParameterError(
        lang.say_n("{n} parameter is not valid", "{n} parameters are not valid", len(told))
        + lang.colon
        + lang.semicolon.join(message for message, _, _ in told),
        where=lang.semicolon.join(dict.fromkeys(where for _, where, _ in told)),
        do=lang.semicolon.join(dict.fromkeys(do for _, _, do in told)),
    )


def _fault(
    fault: dict[str, Any], declared: Mapping[str, Parameter], given: Given, lang: Language
) -> tuple[str, str, str]:
    path = tuple(str(part) for part in fault["loc"])
    name = ".".join(path)
    where = _place(path, given) or lang.say("parameters of the study")
    if fault["type"] == "extra_forbidden":
        return (
            lang.say("unknown parameter {name}", name=name),
            where,
            _nearest(name, declared, lang),
        )
    parameter = declared.get(path[0]) if path else None
    if fault["type"] == "missing":
        do = lang.say("give it in the params file or by --set {name}=...", name=name)
        return (lang.say("parameter {name} is missing", name=name), where, do)
    if parameter is None:  # a rule between parameters
        return (_own_words(fault), where, lang.say("change one of the two"))
    message = lang.say(
        "{title} ({name}) cannot be {value}",
        title=parameter.title,
        name=name,
        value=_quoted(fault["input"]),
    )
    return (message, where, _allowed(fault, parameter, lang))


def _place(path: Keys, given: Given) -> str:
    for depth in range(len(path), 0, -1):
        if path[:depth] in given.places:
            return given.places[path[:depth]]
    return ""


def _nearest(name: str, declared: Mapping[str, Parameter], lang: Language) -> str:
    near = difflib.get_close_matches(name, declared, n=1, cutoff=0.5)
    if near:
        return lang.say("did you mean {name}?", name=near[0])
    return lang.say("use one of: {names}", names=lang.join(declared, last="or") or "–")


def _allowed(fault: dict[str, Any], parameter: Parameter, lang: Language) -> str:
    kinds = {
        "int": lang.say("a whole number"),
        "float": lang.say("a number"),
        "finite": lang.say("a number"),
        "decimal": lang.say("a number"),
        "bool": lang.say("true or false"),
        "date": lang.say("a date such as 2026-07-31"),
        "string": lang.say("a text"),
    }
    kind = kinds.get(fault["type"].split("_")[0], "")
    bounds = parameter.bounds(lang)
    allowed = lang.comma.join(filter(None, [kind, bounds])) or _own_words(fault)
    named = parameter.unit and not parameter.choices
    unit = lang.pick(" ", "") + parameter.unit if named else ""
    return lang.say("allowed: {what}", what=allowed + unit)


def _own_words(fault: dict[str, Any]) -> str:
    return str(fault["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _quoted(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)
