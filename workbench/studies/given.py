"""Values of parameters as people give them: files that extend files, --set, and where each stands.

The place of every key, file and line, goes along through all merging, so that a fault can name
it. What is allowed of these values: `parameters.py`. How plain YAML is read: `yaml_values.py`.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workbench.errors import ParameterError
from workbench.studies.yaml_values import Loader, read_value
from workbench.text import Language

Keys = tuple[str, ...]

#: Entry of a params file that names the files it builds on; no parameter may be called so.
EXTENDS = "extends"


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
    places: dict[Keys, str] = field(default_factory=dict)


def merged(below: Given, above: Given) -> Given:
    """Lay values over others: of mappings key by key, anything else is replaced whole.

    The last word wins, and of what is replaced the places go as well. Associative where the layers
    agree which entries are mappings, as those of one model do; files are laid from below.
    """
    gone = set(_replaced(below.values, above.values))
    kept = {path: place for path, place in below.places.items() if not _begins(path, gone)}
    return Given(_over(below.values, above.values), kept | above.places)


def read_file(path: Path, lang: Language) -> Given:
    """Read a params file, and below it those that it extends, with the line of every key.

    ``extends: base.yaml``, or a list of files of which later ones win, is relative to the file
    that says it; it is followed and taken out.

    Raises
    ------
    ParameterError
        If there is no such file, it is no YAML mapping in UTF-8, a key stands there twice, or
        files extend each other in a circle.
    """
    if not path.is_file():
        raise ParameterError(
            lang.say("there is no params file in this place"),
            where=str(path),
            do=lang.say("name an existing file, or write one from: workbench params NAME"),
        )
    return _read(path, lang, trail=())


def read_set(text: str, lang: Language) -> Given:
    """Read one ``--set name=value``; dots go into nested values, the value is read as YAML.

    Raises
    ------
    ParameterError
        If it sets nothing.
    """
    key, equals, value = text.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path):
        raise ParameterError(
            lang.say("{text} sets nothing", text=repr(text)),
            where="--set",
            do=lang.say("write --set name=value"),
        )
    try:
        nested: Any = _literal(read_value(value))
    except yaml.YAMLError:
        nested = value
    for part in reversed(path):
        nested = {part: nested}
    place = f"--set {text}"
    return Given(nested, {path[: depth + 1]: place for depth in range(len(path))})


# -- merging ------------------------------------------------------------------------------------


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = _over(old, value) if both else value  # type: ignore[arg-type]
    return result


def _replaced(below: Mapping[str, Any], above: Mapping[str, Any], at: Keys = ()) -> Iterator[Keys]:
    """Paths whose values below give way whole."""
    for key, value in above.items():
        old, here = below.get(key), (*at, key)
        if isinstance(old, dict) and isinstance(value, dict):
            yield from _replaced(old, value, here)
        elif key in below:
            yield here


def _begins(path: Keys, gone: set[Keys]) -> bool:
    return any(path[:depth] in gone for depth in range(1, len(path) + 1))


# -- files --------------------------------------------------------------------------------------


def _read(path: Path, lang: Language, *, trail: tuple[Path, ...]) -> Given:
    """Read a file on those it extends; `trail` are the files that led here, the first one first."""
    home = (trail[0] if trail else path).parent
    shown = Path(os.path.relpath(path, home)).as_posix() if trail else path.name
    own = _read_one(path, shown, lang)
    if EXTENDS not in own.values:
        return own
    below, place = Given(), own.places.get((EXTENDS,), shown)
    chain = (*trail, path)
    for name in _named(own.values[EXTENDS], place, lang):
        base = path.parent / name
        _refuse_circle(base, chain, place, lang)
        if not base.is_file():
            raise _not_there(base, name, place, lang)
        below = merged(below, _read(base, lang, trail=chain))
    values = {key: value for key, value in own.values.items() if key != EXTENDS}
    places = {keys: at for keys, at in own.places.items() if keys[0] != EXTENDS}
    return merged(below, Given(values, places))


def _named(value: Any, place: str, lang: Language) -> list[str]:
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list) and all(isinstance(name, str) and name for name in names):
        return names
    raise ParameterError(
        lang.say("extends names no file"),
        where=place,
        do=lang.say("write extends: base.yaml, or a list of files of which later ones win"),
    )


def _refuse_circle(base: Path, chain: tuple[Path, ...], place: str, lang: Language) -> None:
    known = [path.resolve() for path in chain]
    if base.resolve() in known:
        circle = [*chain[known.index(base.resolve()) :], base]
        raise ParameterError(
            lang.say("params files extend each other in a circle"),
            where=f"{place}{lang.colon}{' → '.join(path.name for path in circle)}",
            do=lang.say("take one extends out of the circle"),
        )


def _not_there(base: Path, name: str, place: str, lang: Language) -> ParameterError:
    beside = {path.stem: path.name for path in sorted(base.parent.glob("*.y*ml"))}
    near = difflib.get_close_matches(base.stem, beside, n=1, cutoff=0.5)
    return ParameterError(
        lang.say("extends names a file that is not there: {file}", file=name),
        where=place,
        do=lang.say("did you mean {name}?", name=beside[near[0]])
        if near
        else lang.say("name an existing file, seen from the folder of this one"),
    )


def _read_one(path: Path, shown: str, lang: Language) -> Given:
    text = _text(path, shown, lang)
    try:
        node = yaml.compose(text, Loader=Loader)
        values = yaml.load(text, Loader=Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ParameterError(
            lang.say("the params file is no readable YAML"),
            where=_line(shown, mark.line, lang) if mark else shown,
            do=_mending(text, mark.line if mark else 0, lang),
        ) from error
    if values is None:
        return Given()
    if not isinstance(node, yaml.MappingNode):
        raise ParameterError(
            lang.say("the params file holds no names and values"),
            where=shown,
            do=_mending(text, text.count("\n"), lang),
        )
    return Given(_literal(values), _lines(node, (), shown, lang))


def _text(path: Path, shown: str, lang: Language) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParameterError(
            lang.say("the params file is not written in UTF-8"),
            where=_line(shown, raw[: error.start].count(b"\n"), lang),
            do=lang.say("save it as UTF-8 in your editor; GBK and Unicode (UTF-16) are not read"),
        ) from error


def _mending(text: str, line: int, lang: Language) -> str:
    """Say what is likely wrong at or above a line, counted from 0."""
    above = text.splitlines()[: line + 1]
    if any("：" in each.partition("#")[0] for each in above):
        return lang.say("write the colon as in English, with a space behind it: name: value")
    if above and "\t" in above[-1][: len(above[-1]) - len(above[-1].lstrip()) + 1]:
        return lang.say("indent by spaces; YAML takes no tabs")
    return lang.say("mend the line; a parameter is written as name: value")


def _lines(node: yaml.MappingNode, at: Keys, shown: str, lang: Language) -> dict[Keys, str]:
    """Lines of all keys and items; refuse a key that is given twice."""
    places: dict[Keys, str] = {}
    taken: dict[Keys, str] = {}
    for key, value in node.value:
        if key.tag.endswith(":merge"):
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in reversed(sources):
                taken |= _lines(source, at, shown, lang)
            continue
        here = (*at, str(key.value))
        place = _line(shown, key.start_mark.line, lang)
        if here in places:
            raise ParameterError(
                lang.say("{name} is given twice", name=".".join(here)),
                where=f"{places[here]}{lang.semicolon}{place}",
                do=lang.say("keep one of the two"),
            )
        places[here] = place
        places |= _below(value, here, shown, lang)
    return taken | places


def _below(value: yaml.Node, here: Keys, shown: str, lang: Language) -> dict[Keys, str]:
    places: dict[Keys, str] = {}
    if isinstance(value, yaml.MappingNode):
        return _lines(value, here, shown, lang)
    if isinstance(value, yaml.SequenceNode):
        for number, item in enumerate(value.value):
            places[(*here, str(number))] = _line(shown, item.start_mark.line, lang)
            places |= _below(item, (*here, str(number)), shown, lang)
    return places


def _line(shown: str, line: int, lang: Language) -> str:
    return lang.say("{file}, line {line}", file=shown, line=line + 1)


def _literal(value: Any) -> Any:
    """Keys as text; a `!!timestamp` somebody insists on as ISO text."""
    if isinstance(value, dict):
        return {str(key): _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
