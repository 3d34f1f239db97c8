"""JSON Schema of a params file, for editors that complete, explain and check while one types.

Draft 2020-12 (https://json-schema.org/draft/2020-12), in one language. What pydantic makes of
the types is kept; titles, helps, units and choices are put into the language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from workbench.contract import Parameter, Study
from workbench.studies.given import EXTENDS
from workbench.text import Language

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_DECIMAL = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)$"


def json_schema(study: Study, lang: Language) -> dict[str, Any]:
    """Return the schema of the params files of a study.

    Parameters
    ----------
    study : Study
    lang : Language
        Of titles and descriptions.

    Returns
    -------
    dict
        One property a parameter, with title, description, bounds, default and, where there are
        choices, `enum` with `enumDescriptions`; and `extends`. Nothing else is allowed. What must
        be given may be left to a file that is extended.
    """
    made = study.params.model_json_schema()
    declared = {parameter.name: parameter for parameter in study.params.declared(lang)}
    properties = {
        name: _described(about, declared[name], lang) for name, about in made["properties"].items()
    }
    schema = {
        "$schema": DRAFT,
        "title": lang.pick(*study.title),
        "description": lang.pick(*study.question),
        "type": "object",
        "properties": {EXTENDS: _extends(lang)} | properties,
        "additionalProperties": False,
    }
    if made.get("required"):
        schema["anyOf"] = [{"required": made["required"]}, {"required": [EXTENDS]}]
    if "$defs" in made:
        schema["$defs"] = made["$defs"]
    return schema


def schema_text(study: Study, lang: Language) -> str:
    """Return the schema as a file."""
    return json.dumps(json_schema(study, lang), ensure_ascii=False, indent=2) + "\n"


def _described(about: dict[str, Any], parameter: Parameter, lang: Language) -> dict[str, Any]:
    own = {key: value for key, value in about.items() if not key.startswith("x-")}
    own |= {"title": parameter.title, "description": _meaning(parameter, lang)}
    if parameter.choices:
        _name_choices(own, parameter, lang)
    if parameter.unit:
        own["x-unit"] = parameter.unit
    _hold_decimals(own.get("anyOf", ()))
    return own


def _hold_decimals(parts: Iterable[dict[str, Any]]) -> None:
    """A decimal may be written as a text, which pydantic leaves open: let it be a number."""
    if any(part.get("type") == "number" for part in parts):
        for part in parts:
            if part == {"type": "string"}:
                part["pattern"] = _DECIMAL


def _meaning(parameter: Parameter, lang: Language) -> str:
    facts = lang.semicolon.join(filter(None, [parameter.bounds(lang), parameter.unit]))
    return "\n\n".join(filter(None, [parameter.help, facts]))


def _name_choices(own: dict[str, Any], parameter: Parameter, lang: Language) -> None:
    """Write the label of each choice beside it, where the editor looks for it."""
    place = next((part for part in (own, own.get("items")) if part and "enum" in part), None)
    if place is not None:
        place["enumDescriptions"] = [
            parameter.choices.get(code, "") if code is not None else lang.say("empty")
            for code in place["enum"]
        ]


def _extends(lang: Language) -> dict[str, Any]:
    file = {"type": "string", "minLength": 1}
    meaning = lang.say(
        "Params files below this one, which states only what differs; of a list, later ones win."
    )
    return {"description": meaning, "anyOf": [file, {"type": "array", "items": file}]}
