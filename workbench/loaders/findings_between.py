"""Findings about tables held against each other: broken and misspelt references, things unused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.loaders.findings_view import Rule, View
from workbench.loaders.findings_words import SHOWN, name_key, nearest
from workbench.loaders.outcome import Finding
from workbench.tables import TABLES
from workbench.text import mark

if TYPE_CHECKING:
    import pandas as pd

#: Which rows one expects of a thing: "5 of 35 reps have no opportunity".
USED_BY = {
    "rep": ("opportunity", "order_line", "contract", "quote"),
    "product": ("order_line", "quote", "opportunity"),
    "account": ("opportunity", "order_line", "contract"),
    "partner": ("order_line", "sell_out"),
}

#: Distinct values above which letters are not compared: a name close to one of 5,000 is no slip.
COMPARED = 5_000

#: Columns of words that several tables share; the table named first is the measure.
SHARED = (("product", "product_line"), ("team", "region"))


def spelled_apart(tables: Between) -> Iterator[Finding]:
    """Names that a plain join loses, although the other table has them spelled another way."""
    for reference in tables.references:
        yield from _apart(tables.views[reference.table], reference)
    for other, column in SHARED:
        for table, view in tables.views.items():
            measure = tables.views.get(other)
            if measure and table != other and view.has(column) and measure.has(column):
                known = {str(word): str(word) for word in measure.frame[column].dropna().unique()}
                reference = _compare(table, view.frame[column], other, known, near=False)
                yield from _apart(view, reference)


def broken_reference(tables: Between) -> Iterator[Finding]:
    """References to rows that the other table does not have."""
    for reference in tables.references:
        rows = sum(count for _, count in reference.broken)
        if rows:
            yield tables.views[reference.table].finding(
                "broken_reference", rows, column=reference.column, other=reference.other,
                example=reference.broken[0][0],
            )  # fmt: skip


def unused(tables: Between) -> Iterator[Finding]:
    """Things of a table that no row of the tables one expects them in is about."""
    for other, users in USED_BY.items():
        those = [r for r in tables.references if r.other == other and r.table in users and r.found]
        if not those:
            continue
        things = tables.things(other)
        used = frozenset().union(*(reference.found for reference in those))
        idle = [key for key in things if key not in used]
        if idle:
            names = dict.fromkeys(reference.table for reference in those)
            yield tables.views[those[0].table].finding(
                "unused", len(idle), len(things), other=other, example=things[idle[0]],
                tables=",".join(names),
            )  # fmt: skip


RULES = (
    Rule(
        "spelled_apart",
        mark(
            '{table} say "{text}" in {count} rows where {other} say "{name}": a plain join loses'
            " them."
        ),
        between=spelled_apart,
    ),
    Rule(
        "broken_reference",
        mark(
            "{column} names nothing in {other} in {count} of {of} rows of {table}, such as"
            ' "{example}".'
        ),
        between=broken_reference,
    ),
    Rule(
        "unused",
        mark("{count} of {of} in {other} have no row in {tables}, such as {example}."),
        between=unused,
    ),
)


@dataclass(frozen=True, slots=True)
class Reference:
    """The values of a column that names rows of another table.

    Attributes
    ----------
    table, column, other : str
        Where it stands, and whose rows it names.
    found : frozenset of str
        Keys of the other table that are named, misspelt ones among them.
    apart : list of (text, name, rows)
        Values that differ from a known one by spaces, case, width or one letter.
    broken : list of (text, rows)
        Values that name no row.
    """

    table: str
    column: str
    other: str
    found: frozenset[str]
    apart: list[tuple[str, str, int]]
    broken: list[tuple[str, int]]


@dataclass(eq=False)
class Between:
    """Several tables, what each holds and which rows of others each names; looked up once."""

    views: Mapping[str, View]
    _things: dict[str, dict[str, str]] = field(default_factory=dict)

    @cached_property
    def references(self) -> list[Reference]:
        """All columns that name rows of another of the tables."""
        found = []
        for view in self.views.values():
            for column in view.filled:
                other = _named_by(view.table, column)
                if other in self.views and other != view.table and self.things(other):
                    values = view.frame[column]
                    found.append(_compare(view.table, values, other, self.known(other)))
            found += self._beside(view)
        return found

    def _beside(self, view: View) -> Iterator[Reference]:
        """Columns that are not kept, most of whose texts are names of another of the tables."""
        if view.raw is None:
            return
        for header in view.raw:
            values = view.raw[header].dropna()
            texts = set(map(str, values.unique()))
            for other in USED_BY:
                if other in self.views and other != view.table and len(texts) > 1:
                    known = self.known(other)
                    mostly = sum(text in known for text in texts) >= len(texts) / 2
                    if mostly and values.isin(list(known)).mean() >= 0.5:
                        yield _compare(view.table, values, other, known)

    def things(self, table: str) -> dict[str, str]:
        """Key and name of the things of a table, each once; names alone are keys too."""
        if table not in self._things:
            self._things[table] = _things(self.views[table])
        return self._things[table]

    def known(self, table: str) -> dict[str, str]:
        """Texts by which rows of a table may be named: keys and names, with their key."""
        things = self.things(table)
        return {**{name: key for key, name in reversed(things.items())}, **{k: k for k in things}}


def _named_by(table: str, column: str) -> str:
    """The table whose rows a column names; "" where it names none."""
    declared = {c.name: c.references for c in TABLES[table].columns} if table in TABLES else {}
    if declared.get(column):
        return str(declared[column]).split(".")[0]
    if column in declared:
        return ""
    plain = column.removesuffix(".name").removesuffix("_id")
    return plain if plain in TABLES else ""


def _compare(
    table: str, values: pd.Series, other: str, known: dict[str, str], *, near: bool = True
) -> Reference:
    """Hold the distinct values of a column against known texts (text -> key).

    Only values that are not known as they stand are looked at closely: they are few, or the
    column does not belong here at all.
    """
    texts = values.dropna().unique()
    found = {known[text] for text in map(str, texts) if text in known}
    strange = [text for text in texts if str(text) not in known]
    apart, broken = [], []
    alike = _alike(known) if strange else {}
    for text, rows in _counts(values, strange):
        name = alike.get(name_key(text))
        if name is None and near and len(strange) <= COMPARED and len(known) <= COMPARED:
            name = nearest(text, known)
        if name is None:
            broken.append((text, rows))
        else:
            found.add(known[name])
            apart.append((text, name, rows))
    return Reference(table, str(values.name), other, frozenset(found), apart, broken)


def _alike(known: dict[str, str]) -> dict[str, str]:
    """The first known text of each spelling."""
    alike: dict[str, str] = {}
    for text in known:
        alike.setdefault(name_key(text), text)
    return alike


def _counts(values: pd.Series, texts: list[object]) -> Iterator[tuple[str, int]]:
    """Some values of a column with their rows, most frequent first."""
    if texts:
        counts = values[values.isin(texts)].value_counts()
        yield from ((str(text), int(rows)) for text, rows in counts.items())


def _apart(view: View, reference: Reference) -> Iterator[Finding]:
    for text, name, rows in reference.apart[:SHOWN]:
        yield view.finding(
            "spelled_apart", rows, column=reference.column, other=reference.other,
            text=text, name=name,
        )  # fmt: skip


def _things(view: View) -> dict[str, str]:
    key = TABLES[view.table].key[0] if view.table in TABLES else ""
    columns = [column for column in (key, "name") if view.has(column)]
    if not columns:
        return {}
    rows = view.frame.drop_duplicates(columns[0]).dropna(subset=columns[:1])
    return dict(zip(rows[columns[0]].astype(str), rows[columns[-1]].astype(str), strict=True))
