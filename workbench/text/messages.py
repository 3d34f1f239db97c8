"""Message catalogues: from the English sentence to the Chinese one.

One gettext file per room, `catalogues/zh_CN/<room>.po`; all are merged when first asked for. The
files are read by a small reader of our own rather than by babel: 1,500 messages take babel about
100 ms with its import, this reader 12 ms, and nothing compiled has to be shipped or kept fresh.
A test holds the reader against babel's on every catalogue.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from workbench.errors import InputError

FOLDER = Path(__file__).with_name("catalogues") / "zh_CN"


@dataclass(slots=True)
class Entry:
    """One message of a catalogue, as it stands in the file.

    `context` is None for most; `plural` is the English plural where there is one. `line` is the
    line of `msgid`, counted from 1.
    """

    msgid: str = ""
    msgstr: str = ""
    context: str | None = None
    plural: str | None = None
    flags: tuple[str, ...] = ()
    line: int = 0
    _field: str = field(default="", repr=False)

    @property
    def fuzzy(self) -> bool:
        """Whether a translator marked the message as not yet sure."""
        return "fuzzy" in self.flags


_KEYS = {"msgid": "msgid", "msgstr": "msgstr", "msgctxt": "context", "msgid_plural": "plural"}
_KEYS["msgstr[0]"] = "msgstr"  # Chinese has one form for all numbers


@lru_cache(maxsize=1)
def chinese() -> Mapping[tuple[str | None, str], str]:
    """Return all Chinese messages of all rooms by (context, English)."""
    merged: dict[tuple[str | None, str], str] = {}
    for path in sorted(FOLDER.glob("*.po")):
        merged |= {(entry.context, entry.msgid): entry.msgstr for entry in read(path)}
    return MappingProxyType(merged)


def read(path: Path) -> list[Entry]:
    """Read the messages of one catalogue, without its header and its obsolete entries.

    Raises
    ------
    InputError
        If a line is no line of a gettext catalogue.
    """
    return [entry for entry in _entries(path) if entry.msgid]


def _entries(path: Path) -> Iterator[Entry]:
    entry = Entry()
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        begins = line.startswith(("#", "msgctxt", "msgid ")) or not line
        if begins and entry._field == "msgstr":
            yield entry
            entry = Entry()
        if line.startswith("#,"):
            entry.flags = tuple(flag.strip() for flag in line[2:].split(","))
        elif line and not line.startswith("#"):
            _take(entry, line, where=f"{path.name}, line {number}", number=number)
    if entry._field == "msgstr":
        yield entry


def _take(entry: Entry, line: str, *, where: str, number: int) -> None:
    key, _, rest = ("", "", line) if line.startswith('"') else line.partition(" ")
    name = _KEYS.get(key, "") if key else entry._field
    try:
        text = ast.literal_eval(rest.strip()) if "\\" in rest else _bare(rest.strip())
    except (SyntaxError, ValueError):
        name = ""
    if not name:
        raise InputError("not a line of a gettext catalogue", where=where, do="mend the line")
    if key == "msgid":
        entry.line = number
    setattr(entry, name, (getattr(entry, name) or "") + text)
    entry._field = name


def _bare(quoted: str) -> str:
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"' or '"' in quoted[1:-1]:
        raise ValueError(quoted)
    return quoted[1:-1]
