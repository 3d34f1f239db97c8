"""What should one know about the content before relying on it?

Rules look at the rows that an import keeps: what is missing and what that gives away, signs and
prices, words close to known ones, tables that do not fit each other. Each is declared once, in
`FINDINGS`, with its sentence; the rules stand in `findings_*.py`. What is wrong with single cells:
`reasons.py`. A finding changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from workbench.loaders import (
    findings_between,
    findings_common,
    findings_deals,
    findings_lines,
    findings_words,
)
from workbench.loaders.findings_view import Rule, View
from workbench.loaders.outcome import Finding
from workbench.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from workbench.text import Language

#: All rules, in the order in which they are said: what misleads most comes first.
FINDINGS: tuple[Rule, ...] = (
    *findings_deals.RULES,
    *findings_lines.RULES,
    *findings_between.RULES,
    *findings_words.RULES,
    *findings_common.RULES,
)

#: A smaller share would be said as 0.0%.
LEAST_SHARE = 0.0005

_SENTENCES = {rule.code: rule.sentence for rule in FINDINGS}
_DAYS = ("day", "first", "last")
_TABLES = ("table", "other")
_NUMBERS = ("value", "product", "middle")


def find(
    table: str,
    frame: pd.DataFrame,
    *,
    raw: pd.DataFrame | None = None,
    others: Mapping[str, pd.DataFrame] | None = None,
    today: dt.date | None = None,
) -> tuple[Finding, ...]:
    """Look at the rows of one table.

    Parameters
    ----------
    table : str
        Declared name.
    frame : pandas.DataFrame
        Declared columns, as many as there are; money may be Decimal. Further columns are looked at
        for their words.
    raw : pandas.DataFrame, optional
        Texts as they stood, by header, in the same rows: keys, and columns that are not kept.
    others : mapping of str to pandas.DataFrame, optional
        Tables it refers to; then what `find_between` says of it comes too.
    today : datetime.date, optional
        Later days are in the future; the present day by default.

    Returns
    -------
    tuple of Finding
        In the order of `FINDINGS`.
    """
    view = View(table, frame, raw, today or dt.date.today())
    found: list[Finding] = []
    for rule in FINDINGS if len(frame) else ():
        if rule.look and (not rule.tables or table in rule.tables) and table in TABLES:
            found += _news(rule.look(view), found)
    if others:
        between = find_between(
            {**others, table: frame}, raw={} if raw is None else {table: raw}, today=today
        )
        found += [finding for finding in between if finding.fields["table"] == table]
    return tuple(found)


def find_between(
    tables: Mapping[str, pd.DataFrame],
    *,
    raw: Mapping[str, pd.DataFrame] | None = None,
    today: dt.date | None = None,
) -> tuple[Finding, ...]:
    """Hold tables against each other.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Frames by declared name, as for `find`.
    raw : mapping of str to pandas.DataFrame, optional
        By declared name, columns of the sheets that no declared column takes: one whose texts are
        mostly names of another table is held against it too.
    today : datetime.date, optional
        As for `find`.

    Returns
    -------
    tuple of Finding
        `fields["table"]` is the table whose rows are counted, `fields["other"]` the one they are
        held against.
    """
    day = today or dt.date.today()
    beside = raw or {}
    views = {
        name: View(name, frame, beside.get(name), day)
        for name, frame in tables.items()
        if len(frame)
    }
    tables_between = findings_between.Between(views)
    found: list[Finding] = []
    for rule in FINDINGS:
        if rule.between:
            found += rule.between(tables_between)
    return tuple(found)


def say(finding: Finding, lang: Language) -> str:
    """The sentence of a finding, with labels of columns and tables, in the language given.

    Parameters
    ----------
    finding : Finding
    lang : Language

    Returns
    -------
    str
        One or two sentences with their full stop.
    """
    said = {name: _worded(name, finding, lang) for name in finding.fields}
    share = finding.count / finding.of if finding.of else 0.0
    return lang.say(
        _SENTENCES[finding.code],
        **{
            **said,
            "count": lang.number(finding.count),
            "of": lang.number(finding.of),
            "share": lang.percent(share) if share >= LEAST_SHARE else f"<{lang.percent(0.001)}",
        },
    )


def _news(more: Iterable[Finding], found: list[Finding]) -> list[Finding]:
    """Findings that say more than those there are: gaps that were explained need no count."""
    explained = {f.fields.get("column") for f in found if f.code.startswith("missing_")}
    return [f for f in more if f.code != "missing" or f.fields["column"] not in explained]


def _worded(name: str, finding: Finding, lang: Language) -> str:
    """A field of a finding in words."""
    text, table = finding.fields[name], finding.fields.get("table", "")
    if name == "tables":
        return lang.pause.join(TABLES[part].title(lang) for part in text.split(","))
    if name in _TABLES:
        return TABLES[text].title(lang) if text in TABLES else text
    if name in ("column", "status") and table in TABLES:
        names = TABLES[table].column_names
        if name == "column":
            return TABLES[table].column(text).title(lang) if text in names else text
        status = TABLES[table].column("status")
        return lang.pause.join(status.choice(code, lang) for code in text.split(","))
    if name in _DAYS:
        return lang.date(dt.date.fromisoformat(text))
    if name == "month":
        return lang.month(text, year=True)
    return lang.number(float(text), decimals=2) if name in _NUMBERS else text
