"""Nested records as flat rows: `Owner.name`, lists joined, look-ups of each system unfolded.

Numbers keep the digits they were written with: the reader hands them over as `Number`, a text that
remembers it was one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

#: Between the items of a list in one cell.
JOINT = ";"

#: Names of Odoo fields that hold truth values; false means empty in all other fields.
_ODOO_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_ODOO_FLAG = re.compile(r"^(active|won|lost)$|^(is|has|can)_|_(ok|enabled|archived)$")

Flat = dict[str, str | bool | None]


class Number(str):
    """A number of JSON, as written."""

    __slots__ = ()


def flat(record: dict[str, Any], system: str = "") -> Flat:
    """One record as headers and texts; truth values stay, `Columns.cells` says what they mean.

    Parameters
    ----------
    record : dict
    system : str
        "hubspot" takes the fields in `properties` out of it.

    Returns
    -------
    dict of str to str, bool or None
    """
    if system == "hubspot" and isinstance(record.get("properties"), dict):
        record = {**_except(record, "properties"), **record["properties"]}
    if system == "salesforce":
        record = _except(record, "attributes")
    return dict(_walk(record, "", system))


class Columns:
    """Headers of all records in the order they first appear, and what their truth values mean."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.paired = False
        self._kinds: dict[str, set[str]] = {}

    def add(self, row: Flat) -> None:
        """Take note of the fields of a record."""
        for name, value in row.items():
            kinds = self._kinds.setdefault(name, set())
            if isinstance(value, bool):
                kinds.add(str(value))
            elif value is not None:
                kinds.add("text")

    @property
    def headers(self) -> list[str]:
        """All names; one that is only ever empty beside its own parts (`Owner`) is left out."""
        split = {name.rpartition(".")[0] for name in self._kinds if "." in name}
        return [
            name
            for name, kinds in self._kinds.items()
            if not (name in split and not kinds - self._empty_marks())
        ]

    def cells(self, row: Flat, headers: list[str]) -> list[str | None]:
        """Texts of a record under the headers."""
        return [self._text(name, row.get(name)) for name in headers]

    def _text(self, name: str, value: str | bool | None) -> str | None:
        if value is False and self.system == "odoo" and not self._is_flag(name):
            return None
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if value and self.system == "odoo" and _ODOO_INSTANT.fullmatch(value):
            return f"{value.replace(' ', 'T')}Z"  # its interface hands out UTC without saying so
        return str(value) if value else None

    def _is_flag(self, name: str) -> bool:
        """Whether a field of Odoo holds truth values: only such, and one of them true or named so.

        Odoo writes false for every empty field.
        """
        kinds = self._kinds[name]
        return "text" not in kinds and ("True" in kinds or bool(_ODOO_FLAG.search(name)))

    def _empty_marks(self) -> set[str]:
        return {"False"} if self.system == "odoo" else set()


def _walk(value: Any, name: str, system: str) -> Iterator[tuple[str, str | bool | None]]:
    if isinstance(value, dict):
        inner = _except(value, "attributes") if system == "salesforce" else value
        if not inner:
            yield name, None
        for key, part in inner.items():
            yield from _walk(part, f"{name}.{key}" if name else str(key), system)
    elif isinstance(value, list):
        yield from _listed(value, name)
    elif value is None or isinstance(value, bool):
        yield name, value
    else:
        yield name, str(value) or None


def _listed(items: list[Any], name: str) -> Iterator[tuple[str, str | None]]:
    """A look-up of Odoo ([12, "Name"]) as id and name; other lists joined."""
    if len(items) == 2 and isinstance(items[0], Number) and type(items[1]) is str:
        yield f"{name}.id", str(items[0])
        yield f"{name}.name", items[1] or None
        return
    yield name, JOINT.join(_item(item) for item in items if item is not None) or None


def _item(item: Any) -> str:
    if isinstance(item, dict):
        named = item.get("name") or item.get("label") or item.get("display_value")
        return str(named) if isinstance(named, str) else json.dumps(item, ensure_ascii=False)
    if isinstance(item, bool):
        return "TRUE" if item else "FALSE"
    return json.dumps(item, ensure_ascii=False) if isinstance(item, list) else str(item)


def _except(record: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != key}
