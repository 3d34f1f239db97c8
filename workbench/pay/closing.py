"""Closed months: what they posted stays, and what later facts change comes in the next open month.

A closing is what has to be kept of a statement, from one month's settlement to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay.book import Book
from workbench.pay.exactly import Ints
from workbench.pay.payment import Paid
from workbench.pay.staff import Staff
from workbench.text import later

if TYPE_CHECKING:
    from workbench.pay.earnings import Earned
    from workbench.pay.statement import Statement

_COLUMNS = ("kind", "component", "rule", "rep_id", "period", "minor")
_POSTED, _CORRECTION, _RULE = "posted", "correction", "rule"


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """What closed months posted; arrays of shape (people, closed months), minor units.

    Attributes
    ----------
    ids : ndarray of str
        People.
    months : tuple of str
        Closed months, from the plan's first.
    posted : dict of str to int64 array
        By component.
    corrections : dict of str to int64 array
        Part of it that belongs to months closed before.
    effects : dict of (rule, component) to int64 array
        What payment rules added.
    """

    ids: NDArray[Any]
    months: tuple[str, ...]
    posted: Mapping[str, Ints]
    corrections: Mapping[str, Ints]
    effects: Mapping[tuple[str, str], Ints]

    @staticmethod
    def of(statement: Statement) -> Closing:
        """Take it from a statement with closed months."""
        last = statement.closed + 1
        return Closing(
            statement.book.staff.ids,
            statement.book.months.names[:last],
            {name: each[:, :last] for name, each in statement.posted.items()},
            {name: each[:, :last] for name, each in statement.corrections.items()},
            {key: each[:, :last] for key, each in statement.paid.effects.items()},
        )

    @staticmethod
    def read(table: pd.DataFrame, book: Book) -> Closing:
        """Read a table as `table` writes it.

        Raises
        ------
        InputError
            If a column is missing, or the table is that of another plan year.
        """
        missing = [name for name in _COLUMNS if name not in table]
        if missing:
            raise InputError(
                later("the closing lacks the column {column}", column=missing[0]),
                do=later("hand in the table as it was written when the month was closed"),
            )
        months = tuple(sorted(table["period"].unique()))
        if months != book.months.names[: len(months)]:
            raise InputError(
                later("the closing is not that of the plan's first months"),
                where=later(
                    "it holds {months}; the plan begins with {first}",
                    months=", ".join(months),
                    first=book.months.names[0],
                ),
                do=later("hand in the closing of the month before"),
            )
        ids = np.array(sorted(table["rep_id"].unique()), object)
        person = pd.Index(ids).get_indexer(pd.Index(table["rep_id"].astype(object)))
        month = pd.Index(months).get_indexer(pd.Index(table["period"].astype(object)))
        found: dict[tuple[str, str, str], Ints] = {}
        grouped = table[["kind", "component", "rule"]].groupby(["kind", "component", "rule"])
        for key, rows in grouped.indices.items():
            kind, component, rule = cast("tuple[str, str, str]", key)
            values = np.zeros((len(ids), len(months)), np.int64)
            values[person[rows], month[rows]] = table["minor"].to_numpy()[rows]
            found[kind, component, rule] = values
        return Closing(
            ids,
            months,
            {name: each for (kind, name, _), each in found.items() if kind == _POSTED},
            {name: each for (kind, name, _), each in found.items() if kind == _CORRECTION},
            {(rule, name): each for (kind, name, rule), each in found.items() if kind == _RULE},
        )

    def table(self) -> pd.DataFrame:
        """Everything in rows: kind, component, rule, rep_id, period, minor.

        Who was paid anything has a row for each closed month and component.
        """
        every = (*self.posted.values(), *self.effects.values())
        some = np.any([each.any(axis=1) for each in every], axis=0)
        who = np.nonzero(some if some.any() else np.arange(len(some)) == 0)[0]
        keys = [(_POSTED, name, "", each) for name, each in self.posted.items()]
        keys += [(_CORRECTION, name, "", each) for name, each in self.corrections.items()]
        keys += [(_RULE, name, rule, each) for (rule, name), each in self.effects.items()]
        parts = [
            pd.DataFrame(
                {
                    "kind": kind,
                    "component": component,
                    "rule": rule,
                    "rep_id": np.repeat(self.ids[who], len(self.months)),
                    "period": np.tile(np.array(self.months, object), len(who)),
                    "minor": values[who].ravel(),
                }
            )
            for kind, component, rule, values in keys
        ]
        return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, slots=True, eq=False)
class Posted:
    """Earnings as they are posted, by component; see `Statement`."""

    posted: dict[str, Ints]
    corrections: dict[str, Ints]
    after: dict[str, Ints]


def posted(closing: Closing, book: Book, earned: Mapping[str, Earned]) -> Posted:
    """Post closed months as before, and what changes of them in the next one.

    Raises
    ------
    InputError
        If somebody who was paid, or a component that paid, is no longer there.
    """
    place = _places(closing, book.staff)
    last = len(closing.months)
    for name, each in closing.posted.items():
        if name not in earned and each.any():
            raise InputError(
                later(
                    "the component {name} paid in closed months and is no longer in the plan",
                    name=name,
                ),
                do=later("keep it, with `valid_to` on its last day"),
            )
    found = Posted({}, {}, {})
    for name, one in earned.items():
        result = one.total.copy()
        old = np.zeros((len(result), last), np.int64)
        older = np.zeros_like(old)
        if name in closing.posted:
            old[place] = closing.posted[name]
        if name in closing.corrections:
            older[place] = closing.corrections[name]
        change = result[:, :last].sum(axis=1) - old.sum(axis=1)
        result[:, :last] = old
        correction = np.zeros_like(result)
        correction[:, :last] = older
        if last < result.shape[1]:
            result[:, last] += change
            correction[:, last] = change
        elif change.any():
            found.after[name] = change
        found.posted[name] = result
        if correction.any():
            found.corrections[name] = correction
    return found


def kept_rules(closing: Closing, book: Book, rules: Paid) -> Paid:
    """Payment rules of closed months as they were; a difference goes to the next month."""
    last, months = len(closing.months), book.shape[1]
    if last == 0:
        return rules
    place = _places(closing, book.staff)
    effects = {}
    for key in dict.fromkeys((*closing.effects, *rules.effects)):
        new = rules.effects.get(key, np.zeros(book.shape, np.int64)).copy()
        old = np.zeros((len(new), last), np.int64)
        if key in closing.effects:
            old[place] = closing.effects[key]
        change = new[:, :last].sum(axis=1) - old.sum(axis=1)
        new[:, :last] = old
        if last < months:
            new[:, last] += change
        effects[key] = new
    return Paid(effects, rules.draw_balance, rules.debt, rules.held)


def _places(closing: Closing, after: Staff) -> Any:
    place = after.index.get_indexer(pd.Index(closing.ids, dtype=object))
    if (place < 0).any():
        gone = closing.ids[int(np.nonzero(place < 0)[0][0])]
        raise InputError(
            later("{rep} was in the closed statement and is no longer among the people", rep=gone),
            do=later("keep people who left in the table, with their last day"),
        )
    return place
