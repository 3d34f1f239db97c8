"""Params files that explain themselves: the template of a study, and the parameters of a run."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_jsonable_python

from workbench.contract import Parameter, Params, Study
from workbench.studies.yaml_values import write_value
from workbench.text import Language


def template(study: Study, lang: Language) -> str:
    """Return a params file with every parameter at its default, explained in comments."""
    blocks = [_block(each, each.default, lang) for each in study.params.declared(lang)]
    usual = f"# workbench run {study.name} -p params/{study.name}/base.yaml"
    return "\n".join([_head(study, lang), usual, "", *blocks])


def resolved_yaml(study: Study, params: Params, lang: Language) -> str:
    """Return the parameters of a run as a params file, each explained, for `-p` to take again.

    A value that is not the default says the default in its comment.
    """
    values = params.literals()
    blocks = [_block(each, values[each.name], lang) for each in study.params.declared(lang)]
    return "\n".join([_head(study, lang), "", *blocks])


def _head(study: Study, lang: Language) -> str:
    return f"# {lang.pick(*study.title)}{lang.colon}{lang.pick(*study.question)}"


def _block(parameter: Parameter, value: Any, lang: Language) -> str:
    """One parameter: what it means, what is allowed, its value."""
    facts = [parameter.bounds(lang), parameter.unit]
    if value is not ... and _literal(value) != _literal(parameter.default):
        usual = "" if parameter.required else _written(parameter.default)
        facts.append(lang.say("default {value}", value=usual) if usual else "")
    lines = [f"# {parameter.title}{lang.colon}{parameter.help}"]
    if any(facts):
        lines.append("#   " + lang.semicolon.join(filter(None, facts)))
    if value is ...:
        lines.append(f"# {parameter.name}:   # " + lang.say("must be given"))
    else:
        lines.append(f"{parameter.name}: {_written(value)}")
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    return write_value(_literal(value))


def _literal(value: Any) -> Any:
    return value if value is ... else to_jsonable_python(value)
