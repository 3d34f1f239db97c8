"""JSON Schema of params files: what it lets through is what a run takes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Literal

import pytest
from jsonschema import Draft202012Validator

from workbench.contract import Params, Study, field
from workbench.errors import ParameterError
from workbench.studies import studies
from workbench.studies.given import Given
from workbench.studies.parameters import checked
from workbench.studies.schema import json_schema
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
WORDS = {"title": "Any", "help": "Any value", "zh": ("任意", "任意值")}
BASES = {"net": ("without VAT", "不含税"), "gross": ("with VAT", "含税")}


class Level(Enum):
    LOW = "low"
    HIGH = "high"


class Kinds(Params):
    target: float = field(gt=0, le=1, step=0.1, unit="share", **WORDS)
    top: int = field(3, ge=1, le=9, step=1, unit="rows", **WORDS)
    price: Decimal = field(Decimal("9.5"), ge=0, le=100, step=1, unit="CNY", **WORDS)
    day: dt.date | None = field(None, **WORDS)
    regions: tuple[str, ...] = field((), **WORDS)
    basis: str = field("net", choices=BASES, **WORDS)
    also: str | None = field(None, choices=BASES, **WORDS)
    bases: tuple[str, ...] = field((), choices=BASES, **WORDS)
    span: Literal["ytd", "month"] = field("ytd", **WORDS)
    level: Level = field(Level.LOW, **WORDS)
    flag: bool = field(False, **WORDS)


STUDY = Study(
    name="kinds",
    number=1,
    title=("Kinds", "种类"),
    question=("Which kinds?", "有哪些种类？"),
    params=Kinds,
    compute=print,
)


def valid(values: object, lang: Language = EN) -> bool:
    return Draft202012Validator(json_schema(STUDY, lang)).is_valid(values)


@pytest.mark.parametrize("lang", [EN, ZH])
def test_it_is_a_schema_and_the_defaults_keep_to_it(lang):
    for found in (STUDY, *(card.load() for card in studies().values())):
        schema = json_schema(found, lang)
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        needed = {"target": 0.5} if found is STUDY else {}
        values = found.params(**needed).literals()
        assert Draft202012Validator(schema).is_valid(values)
        assert list(schema["properties"]) == ["extends", *found.params.model_fields]


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("target", 1, True), ("target", 0, False), ("target", 1.1, False), ("target", "x", False),
        ("top", 9, True), ("top", 10, False), ("top", 2.5, False), ("top", True, False),
        ("price", 9.5, True), ("price", "9.50", True), ("price", "cheap", False),
        ("day", "2026-07-31", True), ("day", None, True), ("day", 20260731, False),
        ("regions", ["east"], True), ("regions", "east", False), ("regions", [1], False),
        ("basis", "gross", True), ("basis", "tax", False), ("basis", None, False),
        ("also", "net", True), ("also", None, True), ("also", "tax", False),
        ("bases", ["net", "gross"], True), ("bases", ["tax"], False),
        ("span", "month", True), ("span", "year", False),
        ("level", "high", True), ("level", "middle", False),
        ("flag", True, True), ("flag", 3, False),
        ("unknown", 1, False),
    ],
)  # fmt: skip
def test_it_lets_through_what_a_run_takes(name, value, good):
    values = {"target": 0.5, name: value}
    assert valid(values) is good
    try:
        checked(STUDY, Given(values), EN)
    except ParameterError:
        assert not good
    else:
        assert good


def test_what_must_be_given_may_stand_in_a_file_that_is_extended():
    assert not valid({"top": 3})
    assert valid({"extends": "base.yaml", "top": 3})
    assert valid({"extends": ["base.yaml", "high.yaml"]})
    assert not valid({"extends": 3, "target": 0.5})


def test_it_explains_each_parameter_in_the_language():
    top = json_schema(STUDY, EN)["properties"]["top"]
    assert (top["title"], top["description"]) == ("Any", "Any value\n\n1 to 9; rows")
    assert (top["minimum"], top["maximum"], top["default"], top["x-unit"]) == (1, 9, 3, "rows")
    assert json_schema(STUDY, EN)["properties"]["target"]["exclusiveMinimum"] == 0
    basis = json_schema(STUDY, ZH)["properties"]["basis"]
    assert (basis["title"], basis["enum"]) == ("任意", ["net", "gross"])
    assert basis["enumDescriptions"] == ["不含税", "含税"]
    assert json_schema(STUDY, ZH)["properties"]["also"]["enumDescriptions"][-1] == "空值"


def test_a_model_gives_its_schema_in_python_as_well():
    schema = Kinds.model_json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["basis"]["enum"] == ["net", "gross"]
    assert schema["properties"]["bases"]["items"]["enum"] == ["net", "gross"]
    assert schema["properties"]["top"]["x-zh"] == ["任意", "任意值"]
    assert schema["required"] == ["target"]
