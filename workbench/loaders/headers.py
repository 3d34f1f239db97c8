"""What is known of headers: which system's object calls which column what, and who saw it.

Facts: `facts/headers.csv`, carried from the systems' public documentation, source code and usual
sheets (`facts/README.md`), with our own templates added from the declared tables. Which system a
sheet comes from: `systems.py`. `header_pages.py` writes docs/import_systems.md.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from workbench.tables import TABLES
from workbench.tables.declare import Table

#: Our own templates and exports.
OWN = "workbench"

#: Sheets that come from no known system, by language.
GENERIC = ("generic_zh", "generic_en")

_FILLERS = re.compile(r"[\s_/\\\-–—·.。、,，:：*＊#%'\"“”()（）\[\]【】<>|?]+")
_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_UNIT_BEHIND = re.compile(r"[/／\s_-]+(?:万元|亿元|千元|元|万|亿|rmb|cny|usd|eur|%)\s*$", re.I)
_CHINESE = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Fact:
    """One header of one object of one system.

    Attributes
    ----------
    system, object, table : str
        Where it stands; `table` is "" for objects that no declared table holds.
    target : str or None
        See `mapping.py`; None for a known column that no declared column holds.
    header, kind : str
        As written there; "api", "en" or "zh".
    verified : bool
        Seen in that system's own documents or code; else inferred.
    rank : int
        Of several headers with one target the lowest is taken.
    source : str
        Short name of the source, explained in `facts/README.md`.
    """

    system: str
    object: str
    table: str
    target: str | None
    header: str
    kind: str
    verified: bool
    rank: int
    source: str


@lru_cache(maxsize=20_000)
def plain(header: str) -> str:
    """A header without width, case, spaces, punctuation: `Closing_Date *` is `closingdate`."""
    return _FILLERS.sub("", unicodedata.normalize("NFKC", header)).casefold()


@lru_cache(maxsize=2_000)
def forms(header: str) -> tuple[str, ...]:
    """Ways to look a header up: as it stands, then without brackets and units at its end."""
    text = unicodedata.normalize("NFKC", header).strip()
    bare = _BRACKETS.sub("", text).strip(" :*")
    short = _UNIT_BEHIND.sub("", bare)
    return tuple(dict.fromkeys(p for p in map(plain, (text, bare, short)) if p))


def has_chinese(text: str) -> bool:
    """Whether Chinese characters stand in a text."""
    return bool(_CHINESE.search(text))


@cache
def groups() -> dict[tuple[str, str, str], dict[str, Fact]]:
    """Facts by (system, object, table), then by plain header."""
    found: dict[tuple[str, str, str], dict[str, Fact]] = defaultdict(dict)
    for fact in facts():
        found[fact.system, fact.object, fact.table].setdefault(plain(fact.header), fact)
    return dict(found)


@cache
def own_facts(table: str) -> tuple[Fact, ...]:
    """Column names and labels of one of our own tables: names first, then English, Chinese."""
    columns = TABLES[table].columns
    named = [(c.name, c.name, "api") for c in columns]
    named += [(c.name, c.titles[0], "en") for c in columns]
    named += [(c.name, c.titles[1], "zh") for c in columns]
    return tuple(
        Fact(OWN, table, table, t, header, kind, True, 1, OWN) for t, header, kind in named
    )


@cache
def own_group(table: str) -> dict[str, Fact]:
    """The same by plain header; a column name goes before a label."""
    return {plain(fact.header): fact for fact in reversed(own_facts(table))}


@cache
def facts() -> tuple[Fact, ...]:
    """All facts of the packaged file, in its order."""
    path = files("workbench.loaders") / "facts" / "headers.csv"
    with path.open(encoding="utf-8") as lines:
        return tuple(
            Fact(
                system=row["system"],
                object=row["object"],
                table=row["table"],
                target=row["target"] or None,
                header=row["header"],
                kind=row["kind"],
                verified=row["status"] == "verified",
                rank=int(row["rank"]),
                source=row["source"],
            )
            for row in csv.DictReader(lines)
        )


@cache
def spread() -> dict[str, tuple[int, int]]:
    """How many tables and how many systems know a plain header: the fewer, the more it says."""
    tables: dict[str, set[str]] = defaultdict(set)
    systems: dict[str, set[str]] = defaultdict(set)
    for (system, _, table), known in groups().items():
        for key in known:
            tables[key].add(table)
            systems[key].add(system)
    return {key: (len(tables[key]), len(systems[key])) for key in tables}


@cache
def agreed(table: str) -> dict[str, Fact]:
    """Headers that every system which knows them for a table takes for the same column."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for (_, _, name), known in groups().items():
        if name == table:
            for key, fact in known.items():
                found[key].append(fact)
    return {
        key: all_facts[0]
        for key, all_facts in found.items()
        if len({fact.target for fact in all_facts}) == 1
    }


def referring(declared: Table, master: str) -> str | None:
    """The column of a table that holds ids of another one; None where it has none."""
    if declared.name == master or master not in TABLES:
        return None
    key = TABLES[master].key[0]
    wanted = f"{master}.{key}"
    return next((c.name for c in declared.columns if c.references == wanted), None)


def counterpart(declared: Table, target: str) -> tuple[str, str] | None:
    """Both targets of a reference, name and id: ("account.name", "account_id"); else None."""
    master, dot, _ = target.partition(".")
    if dot:
        column = referring(declared, master)
        return (f"{master}.name", column) if column else None
    if target in declared.column_names:
        master = (declared.column(target).references or "").partition(".")[0]
        if master and referring(declared, master) == target and "name" in _names(master):
            return f"{master}.name", target
    return None


def _names(table: str) -> tuple[str, ...]:
    return TABLES[table].column_names
