"""The parameters of a run: defaults, file and --set merged, checked before any kernel starts.

A fault is told as three answers: which parameter and value, where it was written (file and line,
or the --set), and what is allowed or which name is nearest.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from workbench.contract import Parameter, Params, Study
from workbench.errors import ParameterError
from workbench.text import Language

Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Values as given, and where each was written.

    Attributes
    ----------
    values : dict
        Nested as in YAML; dates as ISO text.
    places : dict of tuple of str to str
        Path of a key to "params/x.yaml, line 3" or "--set x=3".
    """

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Path_, str] = field(default_factory=dict)


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
        YAML with some of the parameters.
    sets : iterable of str
        ``key=value``; dots go into nested values, the value is read as YAML. Later ones win.
    lang : Language, optional
        Language of the errors.

    Raises
    ------
    ParameterError
        If the file cannot be read, or any parameter is unknown, missing, of the wrong kind or out
        of bounds; all faults at once.
    """
    lang = lang or Language("en")
    given = read_file(file, lang) if file is not None else Given()
    for text in sets:
        given = merged(given, _read_set(text, lang))
    return checked(study, given, lang)


def checked(study: Study, given: Given, lang: Language) -> Params:
    """Check values as given against what the study declares; raises as `resolve` does."""
    try:
        return study.params.model_validate(given.values)
    except ValidationError as error:
        raise _faults(error, study, given, lang) from error


def read_file(path: Path, lang: Language) -> Given:
    """Read a params file with the line of every key.

    Raises
    ------
    ParameterError
        If there is no such file, or it is no YAML mapping, or a key stands there twice.
    """
    if not path.is_file():
        raise ParameterError(
            lang.say("there is no params file in this place"),
            where=str(path),
            do=lang.say("name an existing file, or write one from: workbench params NAME"),
        )
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ParameterError(
            lang.say("the params file is no readable YAML"),
            where=f"{path.name}, line {mark.line + 1}" if mark else path.name,
            do=lang.say("mend the line; a parameter is written as name: value"),
        ) from error
    if values is None:
        return Given()
    if not isinstance(node, yaml.MappingNode):
        raise ParameterError(
            lang.say("the params file holds no names and values"),
            where=path.name,
            do=lang.say("mend the line; a parameter is written as name: value"),
        )
    return Given(_literal(values), _lines(node, (), path, lang))


def template(study: Study, lang: Language) -> str:
    """Return a params file with every parameter at its default, explained in comments."""
    head = [f"# {lang.pick(*study.title)}{lang.colon}{lang.pick(*study.question)}"]
    head.append(f"# workbench run {study.name} -p params/{study.name}/base.yaml")
    blocks = [_explained(parameter, lang) for parameter in study.params.declared(lang)]
    return "\n".join([*head, "", *blocks])


# -- reading ------------------------------------------------------------------------------------


def _lines(node: yaml.MappingNode, above: Path_, path: Path, lang: Language) -> dict[Path_, str]:
    places: dict[Path_, str] = {}
    for key, value in node.value:
        here = (*above, str(key.value))
        place = lang.say("{file}, line {line}", file=path.name, line=key.start_mark.line + 1)
        if here in places:
            raise ParameterError(
                lang.say("{name} is given twice", name=".".join(here)),
                where=f"{places[here]}; {place}",
                do=lang.say("keep one of the two"),
            )
        places[here] = place
        if isinstance(value, yaml.MappingNode):
            places |= _lines(value, here, path, lang)
        elif isinstance(value, yaml.SequenceNode):
            for number, item in enumerate(value.value):
                if isinstance(item, yaml.MappingNode):
                    places |= _lines(item, (*here, str(number)), path, lang)
    return places


def _read_set(text: str, lang: Language) -> Given:
    key, equals, value = text.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    try:
        parsed = yaml.safe_load(value) if value.strip() else ""
    except yaml.YAMLError:
        parsed = value
    if not equals or not all(path):
        raise ParameterError(
            lang.say("{text} sets nothing", text=repr(text)),
            where="--set",
            do=lang.say("write --set name=value"),
        )
    nested: Any = _literal(parsed)
    for part in reversed(path):
        nested = {part: nested}
    place = f"--set {text}"
    return Given(nested, {path[: depth + 1]: place for depth in range(len(path))})


def _literal(value: Any) -> Any:
    """Dates as ISO text, so that a text parameter takes "2026-07-31" unquoted as well."""
    if isinstance(value, dict):
        return {str(key): _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def merged(below: Given, above: Given) -> Given:
    """Lay values over others; of mappings, key by key."""
    return Given(_over(below.values, above.values), {**below.places, **above.places})


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        nested = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _over(old, value) if nested else value  # type: ignore[arg-type]
    return merged


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


def _place(path: Path_, given: Given) -> str:
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


# -- writing ------------------------------------------------------------------------------------


def _explained(parameter: Parameter, lang: Language) -> str:
    facts = [parameter.bounds(lang), parameter.unit]
    lines = [f"# {parameter.title}{lang.colon}{parameter.help}"]
    if any(facts):
        lines.append("#   " + lang.semicolon.join(filter(None, facts)))
    if parameter.required:
        lines.append(f"# {parameter.name}:   # " + lang.say("must be given"))
    else:
        value = to_jsonable_python(parameter.default)
        lines.append(f"{parameter.name}: {_yaml(value)}")
    return "\n".join(lines) + "\n"


def _yaml(value: Any) -> str:
    """A value on one line; YAML ends a bare scalar with a line of dots."""
    written = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000)
    return written.removesuffix("\n").removesuffix("...").strip()
