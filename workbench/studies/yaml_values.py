"""YAML as params files have it: a plain word means what it looks like.

YAML 1.1, which PyYAML reads by default, makes `false` of the region NO, 90 of 1:30, 8 of the code
010 and a date of 2026-07-31. Here the core schema of YAML 1.2 holds, which editors follow as well
(https://yaml.org/spec/1.2.2/, section 10.3.2); a number with leading zeros is a code and stays
text. What a field makes of a text, `true` of "yes" or a date of "2026-07-31", is its own business.
"""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar

import yaml

_TAG = "tag:yaml.org,2002:"
_PLAIN = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("merge", r"<<", ["<"]),
)


class Loader(yaml.SafeLoader):
    """Reads plain values by the core schema."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]


class _Dumper(yaml.SafeDumper):
    """Writes so that YAML 1.1 and the core schema read the same."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out: a params file is for people."""
        return True


def _write_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    one_line = text.isprintable()
    return dumper.represent_scalar(_TAG + "str", text, style=None if one_line else '"')


for _name, _pattern, _first in _PLAIN:
    for _class in (Loader, _Dumper):
        _class.add_implicit_resolver(_TAG + _name, re.compile(rf"^(?:{_pattern})$"), _first)
_Dumper.add_representer(str, _write_text)


def read_value(text: str) -> Any:
    """Read one value, as behind ``--set name=``; an empty one is the empty text.

    Raises
    ------
    yaml.YAMLError
        If it is none.
    """
    return yaml.load(text, Loader=Loader) if text.strip() else ""  # a SafeLoader


def write_value(value: Any) -> str:
    """Write a value of literals on one line, so that `read_value` gives it back."""
    written = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=True, width=math.inf
    )
    return written.removesuffix("\n").removesuffix("\n...").strip()
