"""Rows of populations kept for a company, as narrow as the questions at hand allow.

Most questions read a few columns of a few years. What they need is kept when they are asked; where
a later question needs more, all columns and days are kept, so that no third copy is ever made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.company import Company
from workbench.kpis.rows import ROWS


@dataclass(frozen=True, slots=True)
class Need:
    """What statements read of a population.

    Attributes
    ----------
    words : frozenset of str or None
        Names of columns, with other words of the statements among them; None is every column.
    first, last : date or None
        Days looked at; None is without end.
    """

    words: frozenset[str] | None
    first: dt.date | None
    last: dt.date | None

    def __or__(self, other: Need) -> Need:
        """What both need."""
        whole = self.words is None or other.words is None
        return Need(
            None if whole else (self.words or frozenset()) | (other.words or frozenset()),
            None if self.first is None or other.first is None else min(self.first, other.first),
            None if self.last is None or other.last is None else max(self.last, other.last),
        )

    def covers(self, other: Need) -> bool:
        """Whether rows kept for this need serve the other as well."""
        return self | other == self


WHOLE = Need(None, None, None)


def rows_of(company: Company, name: str, columns: Sequence[str] | None = None) -> str:
    """What to select a population from, its rows kept.

    Parameters
    ----------
    name : str
        A population that depends on nothing but tables; the company has all that it can use.
    columns : sequence of str, optional
        Columns that will be read, `day` among them or not; all by default.
    """
    company.require(*ROWS[name].tables, *ROWS[name].optional)
    return _kept(company, name, columns_of(columns))


def columns_of(columns: Sequence[str] | None) -> Need:
    """The need for columns of all days."""
    return WHOLE if columns is None else Need(frozenset({"day", *columns}), None, None)


def kept(company: Company, needs: Mapping[str, Need]) -> dict[str, str]:
    """Keep what is needed of populations; what to select from in place of each, by its name."""
    return {name: _kept(company, name, need) for name, need in needs.items()}


def _kept(company: Company, name: str, need: Need) -> str:
    key = ("kept rows", name)
    known = company.remembered.get(key)
    if known is None or not known[0].covers(need):
        need = need if known is None else WHOLE
        known = company.remembered[key] = (need, company.kept(_query(company, name, need)))
    relation: str = known[1]
    return relation


def _query(company: Company, name: str, need: Need) -> str:
    rows = ROWS[name]
    used = ", ".join(f"{other} as ({_used(company, other)})" for other in rows.uses)
    columns = "*"
    if need.words is not None:
        words = ", ".join(f"'{word}'" for word in sorted(need.words))
        columns = f"columns(lambda each: each in ({words}))"
    days = [f"day >= date '{need.first}'"] if need.first else []
    days += [f"day <= date '{need.last}'"] if need.last else []
    within = f" where {' and '.join(days)}" if days else ""
    return f"{f'with {used} ' if used else ''}select {columns} from ({rows.sql}){within}"


def _used(company: Company, name: str) -> str:
    rows = ROWS[name]
    return f"select * from {_kept(company, name, WHOLE)}" if rows.held else rows.sql
