"""Laws of parameters: what is written is read again, and files lie over each other as layers."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from workbench.contract import Params, Study, field
from workbench.params import Parameter
from workbench.studies import studies
from workbench.studies.given import EXTENDS, Given, merged, read_file
from workbench.studies.parameters import resolve, resolved_yaml
from workbench.studies.yaml_values import read_value, write_value
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
ANY = {"title": "Any", "help": "Any value", "zh": ("任意", "任意值")}
BASES = {"net": ("net", "不含税"), "gross": ("gross", "含税")}

#: Texts that YAML could take for something else stand beside arbitrary ones.
TEXTS = st.sampled_from(
    ["", "no", "NO", "on", "null", "~", "true", "007", "0x1F", "0o17", "1e5", "1_000", "1:30", ".5",
     "2026-07-31", "<<", "=", "- a", "a: b", "a #b", "'", '"', " x ", "x\n", "\t", "\u2028",
     "华东：", "{a}", "[", "*x", "&x", "!x", "%x", "@x", "`x", "|", ">", "?", "---", "..."]
) | st.text(st.characters(exclude_categories=("Cs",)), max_size=12)  # fmt: skip


class Level(Enum):
    LOW = "low"
    HIGH = "no"


class Deep(BaseModel):
    a: int = 1
    text: str = ""


class Kinds(Params):
    """A field of every kind."""

    count: int = field(3, ge=-9, le=9_999_999, step=1, unit="rows", **ANY)
    rate: float = field(0.5, gt=-1e9, lt=1e9, step=0.1, unit="share", **ANY)
    price: Decimal = field(Decimal("9.50"), ge=0, le=10**9, step=1, unit="CNY", **ANY)
    limit: float | None = field(None, ge=0, le=1, step=0.1, unit="share", **ANY)
    day: dt.date = field(dt.date(2026, 7, 31), **ANY)
    last: dt.date | None = field(None, **ANY)
    text: str = field("", **ANY)
    note: str | None = field(None, **ANY)
    regions: tuple[str, ...] = field((), **ANY)
    years: tuple[int, ...] = field((), **ANY)
    flag: bool = field(False, **ANY)
    basis: str = field("net", choices=BASES, **ANY)
    span: Literal["ytd", "no"] = field("ytd", **ANY)
    level: Level = field(Level.LOW, **ANY)
    weights: dict[str, float] = field({}, **ANY)
    deep: Deep = field(Deep(), **ANY)


def study(params: type[Params]) -> Study:
    both = ("T", "题")
    return Study(name="kinds", number=1, title=both, question=both, params=params, compute=print)


FINITE = st.floats(allow_nan=False, allow_infinity=False)
OF_KIND: dict[str, st.SearchStrategy[Any]] = {
    "price": st.decimals(0, 10**9, places=2),
    "text": TEXTS,
    "note": st.none() | TEXTS,
    "regions": st.lists(TEXTS, max_size=4).map(tuple),
    "years": st.lists(st.integers(2000, 2100), max_size=4).map(tuple),
    "weights": st.dictionaries(TEXTS, FINITE, max_size=3),
    "deep": st.builds(Deep, a=st.integers(), text=TEXTS),
}


def values_of(parameter: Parameter, annotation: Any) -> st.SearchStrategy[Any]:
    """Any value that a declaration allows, read from the declaration."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)] or [annotation]
    empty = st.none() if type(None) in get_args(annotation) else st.nothing()
    kind = kinds[0] if get_origin(annotation) not in (tuple, dict, Literal) else annotation
    if parameter.choices and get_origin(kind) is not tuple:
        return empty | st.sampled_from(list(parameter.choices))
    low, high = parameter.low, parameter.high
    if kind is int:
        return empty | st.integers(int(low), int(high))
    if kind is float:
        open_ = {"exclude_min": parameter.low_open, "exclude_max": parameter.high_open}
        return empty | st.floats(low, high, **open_)
    simple = {bool: st.booleans(), dt.date: st.dates(), str: TEXTS}
    if get_origin(kind) is tuple:
        each = st.sampled_from(list(parameter.choices)) if parameter.choices else TEXTS
        return st.lists(each, max_size=4).map(tuple)
    return empty | simple[kind]


def any_of(model: type[Params], own: dict[str, Any] | None = None) -> st.SearchStrategy[Params]:
    """Parameters of a model with any values that it allows."""
    declared = {parameter.name: parameter for parameter in model.declared(EN)}
    given_ = {
        name: own[name] if own and name in own else values_of(declared[name], info.annotation)
        for name, info in model.model_fields.items()
    }
    return st.fixed_dictionaries(given_).map(lambda values: model(**values))


def read(text: str, model: type[Params]) -> Params:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "base.yaml"
        path.write_bytes(text.encode())
        return resolve(study(model), file=path)


@given(params=any_of(Kinds, OF_KIND), lang=st.sampled_from([EN, ZH]))
def test_parameters_written_and_read_are_the_same(params, lang):
    text = resolved_yaml(study(Kinds), params, lang)
    again = read(text, Kinds)
    assert again == params
    assert resolved_yaml(study(Kinds), again, lang) == text


#: Of parameters whose texts have a form of their own.
OF_STUDY = {
    "forecast": {
        "assumed_parts": st.lists(
            st.builds(
                "{}{}={}%".format,
                st.sampled_from(["east", "华东", "east/equipment"]),
                st.sampled_from(["", "@2026-10"]),
                st.integers(-50, 100),
            ),
            max_size=4,
            unique_by=lambda entry: entry.partition("=")[0],
        ).map(tuple),
        "locks": st.lists(
            st.builds(
                "{}={}".format,
                st.sampled_from(["east", "华东", "east/equipment"]),
                st.sampled_from(["320000000", "320,000,000", "3.2亿", "0"]),
            ),
            max_size=4,
        ).map(tuple),
    },
    "targets": {
        "locks": st.lists(
            st.builds(
                "{}{}{}".format,
                st.sampled_from(
                    ["east", "华东@2027年3月", "回款额/R0021", "collections/east@2027-03"]
                ),
                st.sampled_from(["=", ">=", "<=", "＝", "≥"]),
                st.sampled_from(["320000000", "320,000,000", "3.2亿", "1e8", "0"]),
            ),
            max_size=4,
        ).map(tuple),
        # rules between parameters: one has a weight, and the range is one
        "weight_revenue": st.floats(0, 1, exclude_min=True),
        "achievable_low": st.floats(0, 0.5, exclude_max=True),
        "achievable_high": st.floats(0.5, 1),
    },
}


@pytest.mark.parametrize("name", sorted(studies()))
@given(data=st.data())
def test_so_are_those_of_every_study(name, data):
    found = studies()[name].load()
    params = data.draw(any_of(found.params, OF_STUDY.get(name)))
    text = resolved_yaml(found, params, EN)
    again = read(text, found.params)
    assert again == params
    assert resolved_yaml(found, again, EN) == text


SCALARS = st.none() | st.booleans() | st.integers() | FINITE | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)


@given(value=VALUES)
def test_a_value_written_on_one_line_is_read_again(value):
    written = write_value(value)
    assert "\n" not in written
    assert read_value(written) == value or value == ""
    # Readers of YAML 1.1 see the same, so that a kept file means the same everywhere.
    assert yaml.safe_load(written) == value


# -- layers --------------------------------------------------------------------------------------

ITEMS = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
#: Layers of any shape; and such that agree which entries are mappings, as parameters of one model.
LAYERS = st.dictionaries(
    st.sampled_from("abc"),
    ITEMS | st.dictionaries(st.sampled_from("abc"), ITEMS, max_size=2),
    max_size=3,
)
ALIKE = st.fixed_dictionaries(
    {},
    optional={
        "a": ITEMS,
        "b": ITEMS,
        "m": st.fixed_dictionaries(
            {}, optional={"a": ITEMS, "n": st.dictionaries(st.sampled_from("ab"), ITEMS)}
        ),
    },
)


def paths(values: Any, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Paths of all keys, and of the items of lists."""
    if isinstance(values, list):
        values = {str(number): item for number, item in enumerate(values)}
    if not isinstance(values, dict):
        return set()
    here = {(*at, key) for key in values}
    return here.union(*(paths(value, (*at, key)) for key, value in values.items()))


def layer(name: str, values: dict[str, Any]) -> Given:
    return Given(values, dict.fromkeys(paths(values), name))


@given(a=ALIKE, b=ALIKE, c=ALIKE)
def test_layers_of_one_model_are_associative(a, b, c):
    a, b, c = layer("a", a), layer("b", b), layer("c", c)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@given(a=LAYERS, b=LAYERS)
def test_nothing_and_the_same_again_change_nothing(a, b):
    a, b = layer("a", a), layer("b", b)
    assert merged(a, Given()) == a == merged(Given(), a)
    assert merged(a, a) == a
    assert merged(merged(a, b), b) == merged(a, b)


@given(a=LAYERS, b=LAYERS)
def test_the_last_word_wins_and_every_place_is_that_of_its_value(a, b):
    result = merged(layer("a", a), layer("b", b))
    assert set(result.places) == paths(result.values)
    for path in paths(b):
        assert result.places[path] == "b"
        assert at(result.values, path) == at(b, path) or isinstance(at(b, path), dict)
    for path, name in result.places.items():
        if name == "a" and not isinstance(at(result.values, path), dict):
            assert at(result.values, path) == at(a, path)


def at(values: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        values = values[int(key)] if isinstance(values, list) else values[key]
    return values


@given(layers=st.lists(LAYERS, min_size=1, max_size=4), listed=st.booleans())
def test_files_that_extend_are_the_layers_laid_over_each_other(layers, listed):
    whole = Given()
    with tempfile.TemporaryDirectory() as folder:
        for number, values in enumerate(layers):
            whole = merged(whole, Given(values))
            below: Any = f"{number - 1}.yaml" if number else None
            if listed and number == len(layers) - 1:
                below = [f"{before}.yaml" for before in range(number)]
            content = ({EXTENDS: below} if below else {}) | values
            if listed and number < len(layers) - 1:
                content = values
            path = Path(folder) / f"{number}.yaml"
            path.write_text(yaml.safe_dump(content), encoding="utf-8")
        assert read_file(path, EN).values == whole.values
