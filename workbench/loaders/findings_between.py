"""Findings about tables held against each other: broken and misspelt references, things unused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.loaders.findings_view import Rule, View
from workbench.loaders.findings_words import SHOWN, name_key, nearest
from workbench.loaders.outcome import Finding
from workbench.tables import TABLES
from workbench.text import mark

Views = Mapping[str, View]

#: Which rows one expects of a thing: "5 of 35 reps have no opportunity".
USED_BY = {
    "rep": ("opportunity", "order_line", "contract", "quote"),
    "product": ("order_line", "quote", "opportunity"),
    "account": ("opportunity", "order_line", "contract"),
    "partner": ("order_line", "sell_out"),
}

#: Columns of words that several tables share; the table named first is the measure.
SHARED = (("product", "product_line"), ("team", "region"))


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


def spelled_apart(views: Views) -> Iterator[Finding]:
    """Names that a plain join loses, although the other table has them spelled another way."""
    for reference in _references(views):
        yield from _apart(views[reference.table], reference)
    for other, column in SHARED:
        for table, view in views.items():
            if table != other and other in views and view.has(column) and views[other].has(column):
                known = {word: word for word in _texts(views[other], column)}
                yield from _apart(view, _compare(view, column, other, known, near=False))


def broken_reference(views: Views) -> Iterator[Finding]:
    """References to rows that the other table does not have."""
    for reference in _references(views):
        rows = sum(count for _, count in reference.broken)
        if rows:
            yield views[reference.table].finding(
                "broken_reference", rows, column=reference.column, other=reference.other,
                example=reference.broken[0][0], values=len(reference.broken),
            )  # fmt: skip


def unused(views: Views) -> Iterator[Finding]:
    """Things of a table that no row of another is about."""
    references = list(_references(views))
    for other, tables in USED_BY.items():
        for table in tables:
            used = [r.found for r in references if (r.table, r.other) == (table, other)]
            if not any(used):
                continue
            things = _things(views[other])
            idle = [key for key in things if key not in frozenset().union(*used)]
            if idle:
                yield views[table].finding(
                    "unused", len(idle), len(things), other=other, example=things[idle[0]]
                )


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
        mark("{count} of {of} in {other} have no row in {table}, such as {example}."),
        between=unused,
    ),
)


def _references(views: Views) -> Iterator[Reference]:
    for view in views.values():
        for column in view.filled:
            other = _named_by(view.table, column)
            if other in views and other != view.table and _things(views[other]):
                yield _compare(view, column, other, _known(views[other]))


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
    view: View, column: str, other: str, known: dict[str, str], *, near: bool = True
) -> Reference:
    """Hold the distinct values of a column against known texts (text -> key)."""
    counts = _texts(view, column)
    alike: dict[str, str] = {}
    for text in known:
        alike.setdefault(name_key(text), text)
    found, apart, broken = set(), [], []
    for text, rows in counts.most_common():
        name: str | None = text if text in known else alike.get(name_key(text))
        if name is None and near and not any(sign.isdigit() for sign in text):
            name = nearest(text, known) if len(known) <= 20_000 else None
        if name is None:
            broken.append((text, rows))
            continue
        found.add(known[name])
        if name != text:
            apart.append((text, name, rows))
    return Reference(view.table, column, other, frozenset(found), apart, broken)


def _apart(view: View, reference: Reference) -> Iterator[Finding]:
    for text, name, rows in reference.apart[:SHOWN]:
        yield view.finding(
            "spelled_apart", rows, column=reference.column, other=reference.other,
            text=text, name=name,
        )  # fmt: skip


def _texts(view: View, column: str) -> Counter[str]:
    """Distinct texts of a column with their rows."""
    counts = view.frame[column].dropna().value_counts()
    return Counter({str(text): int(rows) for text, rows in counts.items()})


def _known(view: View) -> dict[str, str]:
    """Texts by which rows of a table may be named: keys, names; with their key."""
    things = _things(view)
    return {**{name: key for key, name in reversed(things.items())}, **{key: key for key in things}}


def _things(view: View) -> dict[str, str]:
    """Key and name of the things of a table, each once; names alone are keys too."""
    key = TABLES[view.table].key[0] if view.table in TABLES else ""
    columns = [column for column in (key, "name") if view.has(column)]
    if not columns:
        return {}
    rows = view.frame.drop_duplicates(columns[0]).dropna(subset=columns[:1])
    return dict(zip(rows[columns[0]].astype(str), rows[columns[-1]].astype(str), strict=True))
