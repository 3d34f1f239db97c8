"""The statement of a plan: what is paid to whom in which month, and why.

Everything shown adds up: earnings, their changes and the payment rules are the pay. Money in tables
is in currency units beside whole minor units (`minor`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.book import Book
from workbench.pay.earnings import Earned
from workbench.pay.exactly import Ints
from workbench.pay.payment import RULES, Paid
from workbench.pay.plan import PAYROLL, Plan
from workbench.text import Language, later

if TYPE_CHECKING:
    from workbench.pay.explain import Node

_LINES = ("rep_id", "component", "period", "line_id", "date", "event", "credit", "before", "earned")
_EXCEPTIONS = (
    "kind", "rep_id", "line_id", "period", "component", "indicator", "date", "credit", "at_stake",
    "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a statement was made from."""

    plan: Plan
    credits: Any
    quotas: pd.DataFrame | None
    people: pd.DataFrame | None
    scores: pd.DataFrame | None
    absences: pd.DataFrame | None


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """What a plan pays.

    Attributes
    ----------
    given : Given
    book : Book
        People, months, lines and quotas as read.
    earned : dict of str to Earned
        What each component earns by the facts now known.
    posted : dict of str to int64 array, shape (people, months)
        What is posted: as earned, but closed months as they were.
    corrections : dict of str to int64 array
        Part of `posted` that belongs to months closed before.
    after : dict of str to int64 array, shape (people,)
        Corrections when all months are closed.
    paid : Paid
        Effects of the payment rules.
    closed : int
        Last closed month, -1 for none.
    """

    given: Given
    book: Book
    earned: dict[str, Earned]
    posted: dict[str, Ints]
    corrections: dict[str, Ints]
    after: dict[str, Ints]
    paid: Paid
    closed: int

    @property
    def plan(self) -> Plan:
        """The plan that was settled."""
        return self.given.plan

    @property
    def unit(self) -> int:
        """Minor units of one unit of the currency."""
        return int(10**self.book.lines.digits)

    def with_closed(self, month: str) -> Statement:
        """Close all months up to one; a closed one is never opened.

        Raises
        ------
        InputError
            If it is no month of the plan, or lies before the last closed one.
        """
        number = self.book.months.index(month)
        if number < self.closed:
            raise InputError(
                later("{period} is closed already", period=self.book.months.names[self.closed]),
                do=later("later facts are posted as corrections: correct(previous, ...)"),
            )
        return replace(self, closed=number)

    def closing(self) -> pd.DataFrame:
        """What closed months posted, to be kept until the next is settled: `pay(closing=...)`."""
        from workbench.pay.closing import Closing

        return Closing.of(self).table()

    def delta(self) -> pd.DataFrame:
        """What later facts change of closed months.

        Columns: rep_id, component, period (the closed month), posted, now, difference. The
        differences are what the next open month posts as corrections.
        """
        last = self.closed + 1
        parts = []
        for name, each in self.earned.items():
            was, now = self.posted[name][:, :last], each.total[:, :last]
            person, month = np.nonzero(was != now)
            frame: dict[str, Any] = self._who(person, month)
            parts.append(
                pd.DataFrame(
                    {"rep_id": frame["rep_id"], "component": name, "period": frame["period"]}
                    | {
                        "posted": was[person, month] / self.unit,
                        "now": now[person, month] / self.unit,
                        "difference": (now - was)[person, month] / self.unit,
                    }
                )
            )
        whole = pd.concat(parts, ignore_index=True)
        return whole.sort_values(["rep_id", "component", "period"], ignore_index=True)

    def minor(self) -> Ints:
        """Pay by person and month, minor units."""
        total = sum(self.posted.values(), np.zeros(self.book.shape, np.int64))
        return np.asarray(sum(self.paid.effects.values(), total))

    def table(self, *, lang: Language | None = None) -> pd.DataFrame:
        """Pay by person and month, with the payroll items side by side; rows without pay left out.

        Columns: rep_id, period, base, performance, commission, year_end, pay. With a language, the
        columns carry its labels.
        """
        items = {item: np.zeros(self.book.shape, np.int64) for item in PAYROLL}
        for entry in self._entries():
            items[entry.payroll] = items[entry.payroll] + entry.amount
        total = sum(items.values(), np.zeros(self.book.shape, np.int64))
        any_ = np.zeros(self.book.shape, bool)
        for values in items.values():
            any_ |= values != 0
        person, month = np.nonzero(any_)
        columns: dict[str, Any] = self._who(person, month)
        for item, values in items.items():
            columns[item] = values[person, month] / self.unit
        columns["pay"] = total[person, month] / self.unit
        frame = pd.DataFrame(columns)
        if lang is None:
            return frame
        labels = {"rep_id": lang.say("Person"), "period": lang.say("Month"), "pay": lang.say("Pay")}
        labels |= {item: lang.pick(*names) for item, names in PAYROLL.items()}
        return frame.rename(columns=labels)

    def ledger(self, *, rep: str | None = None) -> pd.DataFrame:
        """Every entry that pay is made of.

        Columns: rep_id, period, component, entry, payroll, amount, minor.

        `entry` is earned, one of the modifiers, correction, or one of the payment rules.
        """
        rows = slice(None) if rep is None else [self._person(rep)]
        parts = []
        for entry in self._entries():
            values = entry.amount[rows]
            person, month = np.nonzero(values)
            at = person if rep is None else np.full(len(person), self._person(rep))
            parts.append(
                pd.DataFrame(
                    self._who(at, month)
                    | {
                        "component": entry.component,
                        "entry": entry.kind,
                        "payroll": entry.payroll,
                        "amount": values[person, month] / self.unit,
                        "minor": values[person, month],
                    }
                )
            )
        parts = [part for part in parts if len(part)]
        if not parts:
            names = ["rep_id", "period", "component", "entry", "payroll", "amount", "minor"]
            return pd.DataFrame(columns=names)
        return pd.concat(parts, ignore_index=True).sort_values(
            ["rep_id", "period"], kind="stable", ignore_index=True
        )

    def totals(self, by: str | Sequence[str] = "component") -> pd.DataFrame:
        """Sum of the ledger by any of its columns (rep_id, period, component, entry, payroll)."""
        keys = [by] if isinstance(by, str) else list(by)
        total = self.ledger().groupby(keys, as_index=False, sort=True)["minor"].sum()
        return total.assign(amount=total["minor"] / self.unit)

    def lines(
        self, *, rep: str | None = None, component: str | None = None, period: str | None = None
    ) -> pd.DataFrame:
        """What each credit line earned: credit, the credit of its window before it, pay.

        A row without line_id says what earlier lines of the window earn more or less because the
        rate, the quota or a gate changed.
        """
        months = None if period is None else self.period_months(period)
        parts = []
        for name, each in self.earned.items():
            if each.rated is not None and component in (None, name):
                parts += self._lines_of(name, each, rep, months)
        if not parts:
            return pd.DataFrame(columns=list(_LINES))
        whole = pd.concat(parts, ignore_index=True)
        return whole.sort_values(
            ["rep_id", "component", "period", "date", "line_id"],
            ignore_index=True,
            na_position="first",
        )

    def explain(self, *, rep: str, period: str, lang: Language | None = None) -> Node:
        """Unfold the pay of a person and month, quarter ("2026-Q3") or plan year ("2026").

        Returns
        -------
        Node
            A tree down to transaction and tier; `.text()` writes it out.
        """
        from workbench.pay.explain import explained

        return explained(self, rep, period, lang or Language("en"))

    def exceptions(self, *, until: str | None = None, lang: Language | None = None) -> pd.DataFrame:
        """What could not be paid as it stands, with the money at stake; largest first.

        Parameters
        ----------
        until : str, optional
            Last month that is looked at; what belongs to later ones is left out.
        lang : Language, optional
            For a column `meaning` that says what each kind is.

        Returns
        -------
        DataFrame
            kind, rep_id, line_id, period, component, indicator, date, credit, at_stake, currency.
        """
        names = self.book.months.names
        last = len(names) - 1 if until is None else self.book.months.index(until)
        ending = self._open_balances() if last + 1 == len(names) else ()
        rows = [*self.book.exceptions.rows, *ending, *self._negative_windows(last)]
        later = set(names[last + 1 :])
        rows = [row for row in rows if row.get("period") not in later]
        frame = pd.DataFrame(rows, columns=list(_EXCEPTIONS))
        frame["currency"] = frame["currency"].astype(object).fillna(self.plan.currency)
        frame = frame.sort_values("at_stake", ascending=False, kind="stable", ignore_index=True)
        if lang is not None:
            from workbench.pay.explain import exception_texts

            frame.insert(1, "meaning", frame["kind"].map(exception_texts(lang)))
        return frame

    def balances(self, month: str) -> pd.DataFrame:
        """What is open at the end of a month: rep_id, held, carried, draw, in currency units.

        Held back and not yet released; deductions carried to later months; draws to be recovered.
        People with nothing open are left out.
        """
        at = self.book.months.index(month)
        columns = {
            "held": self.paid.held[:, at],
            "carried": self.paid.debt[:, at],
            "draw": self.paid.draw_balance[:, at],
        }
        some = np.nonzero(np.any([each != 0 for each in columns.values()], axis=0))[0]
        frame: dict[str, Any] = {"rep_id": self.book.staff.ids[some]}
        return pd.DataFrame(frame | {k: each[some] / self.unit for k, each in columns.items()})

    def period_months(self, period: str) -> list[int]:
        """Months of a period: "2026-09", "2026-Q3" (of the plan), or "2026" (the plan).

        Raises
        ------
        InputError
            If the plan has no such period.
        """
        names = self.book.months.names
        year, _, quarter = period.partition("-Q")
        if quarter in ("1", "2", "3", "4") and year == names[0][:4]:
            first = 3 * (int(quarter) - 1)
            return list(range(first, min(first + 3, len(names))))
        if period == names[0][:4]:
            return list(range(len(names)))
        return [self.book.months.index(period)]

    # -- what is left open ------------------------------------------------------------------

    def _open_balances(self) -> Iterator[dict[str, Any]]:
        """Draws, deductions and held pay that the plan's last month leaves open."""
        balances = {
            "open_draw": self.paid.draw_balance,
            "open_debt": self.paid.debt,
            "still_held": self.paid.held,
        }
        for kind, balance in balances.items():
            for person in np.nonzero(balance[:, -1])[0]:
                yield {
                    "kind": kind,
                    "rep_id": str(self.book.staff.ids[person]),
                    "period": self.book.months.names[-1],
                    "at_stake": float(balance[person, -1]) / self.unit,
                }

    def _negative_windows(self, last: int) -> Iterator[dict[str, Any]]:
        """Windows with more taken back than was credited by the end of a month.

        Each is listed in the last month that changed its credit.
        """
        for name, each in self.earned.items():
            if each.rated is None:
                continue
            rated = each.rated
            unit = 10 ** self.book.digits(self.plan.components[name].measure or "")
            seen = rated.settlement <= last
            total = np.where(seen, kernels.within(rated.amount, rated.first), 0)
            pay = np.where(seen, kernels.within(rated.pay, rated.first) + rated.again, 0)
            keys = rated.person * self.book.shape[1] + rated.window
            windows, at = np.unique(keys, return_inverse=True)
            credit, paid = np.zeros(len(windows), np.int64), np.zeros(len(windows), np.int64)
            np.add.at(credit, at, total)
            np.add.at(paid, at, pay)
            for number in np.nonzero(credit < 0)[0]:
                cell = int(np.nonzero((at == number) & (total != 0))[0][-1])
                yield {
                    "kind": "negative_credit",
                    "rep_id": str(self.book.staff.ids[rated.person[cell]]),
                    "period": self.book.months.names[rated.settlement[cell]],
                    "component": name,
                    "credit": float(credit[number]) / unit,
                    "at_stake": abs(float(paid[number])) / self.unit,
                }

    # -- entries ----------------------------------------------------------------------------

    def _entries(self) -> Iterator[Entry]:
        """All that pay is made of, component by component, then the payment rules."""
        last = self.closed + 1
        for name, each in self.earned.items():
            item = self.plan.components[name].payroll
            correction = self.corrections.get(name)
            if correction is None and (self.posted[name] == each.total).all():
                yield Entry(name, "earned", item, each.base)
                for change in each.changes:
                    yield Entry(name, change.name, item, change.amount)
                continue
            # closed months say what was posted; what they were made of is in their own statement
            open_ = np.arange(self.book.shape[1]) >= last
            correction = np.zeros(self.book.shape, np.int64) if correction is None else correction
            kept = np.where(open_, each.base, self.posted[name] - correction)
            yield Entry(name, "earned", item, kept)
            for change in each.changes:
                yield Entry(name, change.name, item, np.where(open_, change.amount, 0))
            yield Entry(name, "correction", item, correction)
        for (rule, name), effect in self.paid.effects.items():
            item = self.plan.components[name].payroll if name else "commission"
            yield Entry(name, rule, item, effect)

    def _lines_of(
        self, name: str, each: Earned, rep: str | None, months: list[int] | None
    ) -> list[pd.DataFrame]:
        rated = each.rated
        assert rated is not None
        cells = np.ones(len(rated.person), bool)
        if rep is not None:
            cells &= rated.person == self._person(rep)
        if months is not None:
            cells &= np.isin(rated.settlement, months)
        line_cell = rated.cell
        rows = np.nonzero(cells[line_cell])[0]
        line = rated.row[rows]
        unit = 10 ** self.book.digits(self.plan.components[name].measure or "")
        lines = self.book.lines
        cell = line_cell[rows]
        known = line >= 0
        event, ids = np.full((2, len(rows)), "company", object)
        event[known], ids[known] = lines.events(line[known]), lines.names(line[known])
        day = self.book.months.ends[rated.settlement[cell]]
        day[known] = lines.day[line[known]]
        frame = pd.DataFrame(
            {
                "rep_id": self.book.staff.ids[rated.person[cell]],
                "component": name,
                "period": np.array(self.book.months.names, object)[rated.settlement[cell]],
                "line_id": ids,
                "date": day.astype("datetime64[D]").astype("datetime64[s]"),
                "event": event,
                "credit": rated.amount[rows] / unit,
                "before": rated.before(rows) / unit,
                "earned": rated.pay[rows] / self.unit,
            }
        )
        again = np.nonzero(cells & (rated.again != 0))[0]
        if not len(again):
            return [frame]
        more = pd.DataFrame(
            {
                "rep_id": self.book.staff.ids[rated.person[again]],
                "component": name,
                "period": np.array(self.book.months.names, object)[rated.settlement[again]],
                "earned": rated.again[again] / self.unit,
            }
        )
        return [frame, more]

    def _who(self, person: Ints, month: Ints) -> dict[str, Any]:
        return {
            "rep_id": self.book.staff.ids[person],
            "period": np.array(self.book.months.names, object)[month],
        }

    def _person(self, rep: str) -> int:
        found = self.book.staff.index.get_indexer(pd.Index([rep], dtype=object))[0]
        if found < 0:
            raise InputError(later("{rep} is not among the people of the statement", rep=rep))
        return int(found)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One kind of entry of the ledger: by person and month, minor units."""

    component: str
    kind: str
    payroll: str
    amount: Ints


__all__ = ["RULES", "Entry", "Given", "Statement"]
