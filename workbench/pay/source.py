"""A plan file as it was written: every value as its own text, with the line it stands on.

A rate such as 4.35% must never pass through a binary float, so plain values are not turned into
numbers here: `words.py` reads them exactly. What the texts may say is decided by `plan.py`; Chinese
words for entries and choices are read as the English ones (`words.CHINESE`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workbench.errors import ParameterError
from workbench.text import later

Keys = tuple[str, ...]

#: Entry of a plan file that names the file or files it builds on.
EXTENDS = "extends"
_EMPTY = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Source:
    """What a plan file and those below it say.

    Attributes
    ----------
    values : dict
        Nested mappings, lists and texts; an empty value is None.
    places : dict of tuple of str to str
        Path of an entry to "b2b.yaml, line 12".
    """

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Keys, str] = field(default_factory=dict)

    def place(self, keys: Keys) -> str:
        """Where an entry stands; that of the nearest one around it if it was not written."""
        for depth in range(len(keys), 0, -1):
            if keys[:depth] in self.places:
                return self.places[keys[:depth]]
        return ""


def read_source(path: Path, *, chinese: Mapping[str, str]) -> Source:
    """Read a plan file over the files it extends.

    Mappings are merged entry by entry, everything else is replaced whole; an entry set to nothing
    takes out what the file below says.

    Parameters
    ----------
    path : Path
    chinese : mapping of str to str
        Chinese names of entries, and the English ones they are read as.

    Raises
    ------
    ParameterError
        If a file is missing, is no YAML mapping in UTF-8, says an entry twice, or files extend
        each other in a circle.
    """
    source = _read(path, chinese, trail=())
    return Source(_pruned(source.values), source.places)


def laid_over(below: Source, above: Source) -> Source:
    """Lay entries over others; of what is replaced whole the places go as well."""
    gone = set(_replaced(below.values, above.values))
    kept = {
        keys: place
        for keys, place in below.places.items()
        if not any(keys[:depth] in gone for depth in range(1, len(keys) + 1))
    }
    return Source(_over(below.values, above.values), kept | above.places)


# -- files --------------------------------------------------------------------------------------


def _read(path: Path, chinese: Mapping[str, str], *, trail: tuple[Path, ...]) -> Source:
    here = path.resolve()
    if here in trail:
        raise ParameterError(
            later("plan files extend each other in a circle"),
            where=" → ".join(each.name for each in (*trail, here)),
            do=later("take one `extends` out"),
        )
    own = _read_one(path, chinese)
    named = own.values.pop(EXTENDS, None) or []
    below = Source()
    for name in [named] if isinstance(named, str) else named:
        below = laid_over(below, _read(path.parent / str(name), chinese, trail=(*trail, here)))
    _check_currency(below, own)
    return laid_over(below, own)


def _check_currency(below: Source, own: Source) -> None:
    """Refuse a variant in another currency: amounts it builds on would silently change theirs."""
    was, now = below.values.get("currency"), own.values.get("currency")
    if below.values and now is not None and now != (was or "CNY"):
        raise ParameterError(
            later("amounts in {was} cannot be read as {now}", was=was or "CNY", now=now),
            where=own.place(("currency",)),
            do=later("keep the currency of the plan it extends, or state the plan anew"),
        )


def _read_one(path: Path, chinese: Mapping[str, str]) -> Source:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParameterError(
            later("there is no plan file in this place"),
            where=str(path),
            do=later("name an existing file; examples are in params/incentives/plans"),
        ) from error
    except UnicodeDecodeError as error:
        raise ParameterError(
            later("the plan file is not UTF-8 text"),
            where=path.name,
            do=later("save it as UTF-8"),
        ) from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ParameterError(
            later("the plan file is no readable YAML"),
            where=_where(path, mark.line) if mark else path.name,
            do=later("mend the line; an entry is written as `name: value`"),
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise ParameterError(
            later("a plan file says `name: value`, line by line"),
            where=path.name,
            do=later("see params/incentives/plans for examples"),
        )
    places: dict[Keys, str] = {}
    values = _built(node, (), path, places, chinese)
    return Source(values, places)


def _built(
    node: yaml.Node,
    keys: Keys,
    path: Path,
    places: dict[Keys, str],
    chinese: Mapping[str, str],
) -> Any:
    """Nested values of a node; notes the line of every entry in `places`."""
    if isinstance(node, yaml.ScalarNode):
        plain = node.style is None
        return None if plain and node.value in _EMPTY else node.value
    if isinstance(node, yaml.SequenceNode):
        items = []
        for number, item in enumerate(node.value):
            places[(*keys, str(number))] = _where(path, item.start_mark.line)
            items.append(_built(item, (*keys, str(number)), path, places, chinese))
        return items
    result: dict[str, Any] = {}
    for name_node, value_node in node.value:
        if not isinstance(name_node, yaml.ScalarNode):
            raise ParameterError(
                later("the name of an entry is a word"),
                where=_where(path, name_node.start_mark.line),
                do=later("mend the line; an entry is written as `name: value`"),
            )
        name = chinese.get(name_node.value, name_node.value)
        here = (*keys, name)
        if name in result:
            raise ParameterError(
                later("{name} is said twice", name=".".join(here)),
                where=later(
                    "{first} and {second}",
                    first=places[here],
                    second=_where(path, name_node.start_mark.line),
                ),
                do=later("keep one of the two"),
            )
        places[here] = _where(path, name_node.start_mark.line)
        result[name] = _built(value_node, here, path, places, chinese)
    return result


def _where(path: Path, line: int) -> str:
    return later("{file}, line {line}", file=path.name, line=line + 1)


# -- merging ------------------------------------------------------------------------------------


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = _over(old, value) if both else value  # type: ignore[arg-type]
    return result


def _replaced(below: Mapping[str, Any], above: Mapping[str, Any], at: Keys = ()) -> Iterator[Keys]:
    for key, value in above.items():
        old, here = below.get(key), (*at, key)
        if isinstance(old, dict) and isinstance(value, dict):
            yield from _replaced(old, value, here)
        elif key in below:
            yield here


def _pruned(value: Any) -> Any:
    """Take out entries set to nothing: the default holds, or the component is gone."""
    if isinstance(value, dict):
        return {key: _pruned(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_pruned(each) for each in value]
    return value
