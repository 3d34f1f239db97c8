"""What is known of a plan's year: people, lines, quotas, scores; measures and indicators from them.

Everything that pays asks here: how much of a measure a person has by month, what an indicator is
at a settlement.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.exactly import COUNT_DIGITS, Ints, Ratio, shared, to_floats
from workbench.pay.exceptions import Exceptions, highest_rate
from workbench.pay.lines import Lines, selected
from workbench.pay.parts import MONTHS, Indicator
from workbench.pay.plan import Plan
from workbench.pay.quotas import QuotaTable, next_level
from workbench.pay.staff import Months, Staff, to_day_numbers
from workbench.text import later
from workbench.units import minor_digits


@dataclass(frozen=True, slots=True, eq=False)
class Credited:
    """Credit of a measure by line; arrays of shape (n,).

    Attributes
    ----------
    row : int32 array
        Position of the line; -1 - month for the company's credit of a month.
    person, month, amount : arrays
        Whose it is, when it counts, and how much in whole units.
    anchor : int64 array or None
        Position here of the line that it corrects, else its own; None where none corrects another.
    start : int16 array
        Month of the anchor.
    day : int32 array
        Day of the anchor.
    """

    row: NDArray[np.int32]
    person: NDArray[np.int32]
    month: NDArray[np.int16]
    amount: Ints
    anchor: Ints | None
    start: NDArray[np.int16]
    day: NDArray[np.int32]


@dataclass(slots=True)
class Book:
    """The facts of a plan's year; figures are worked out when first asked for."""

    plan: Plan
    months: Months
    staff: Staff
    lines: Lines
    quotas: QuotaTable
    scores: pd.DataFrame | None
    exceptions: Exceptions
    _kept: dict[Any, Any] = field(default_factory=dict)

    @property
    def even(self) -> bool:
        """Whether halves are rounded to even."""
        return self.plan.rounding.mode == "half_even"

    @property
    def shape(self) -> tuple[int, int]:
        """People and months."""
        return len(self.staff), len(self.months.names)

    def digits(self, measure: str) -> int:
        """Decimals of the units of a measure."""
        money = self.plan.measures[measure].unit == "money"
        return minor_digits(self.plan.currency) if money else COUNT_DIGITS

    def credited(self, measure: str) -> Credited:
        """Lines of a measure with whose credit they are, leavers and teams seen to.

        Those asked for last are kept; there may be many millions.
        """
        name, kept = self._kept.get("credited", (None, None))
        if name != measure:
            kept = self._credited(measure)
            self._kept["credited"] = measure, kept
            people, months = self.shape
            total = kernels.by_month(kept.amount, kept.person, kept.month, people, months)
            self._kept["totals", measure] = total
        return kept

    def totals(self, measure: str) -> Ints:
        """Credit of a measure by person and month."""
        if ("totals", measure) not in self._kept:
            self.credited(measure)
        return self._kept["totals", measure]

    def let_go(self) -> None:
        """Forget the lines asked for last."""
        self._kept.pop("credited", None)

    def company(self, measure: str) -> Ints:
        """Credit of all people by month, each line counted once."""
        index, amount = selected(self.lines, self.plan.measures[measure])
        months = self.lines.month[index].astype(np.int64)
        return np.asarray(kernels.summed(amount, months, self.shape[1]))

    def indicator(self, name: str) -> tuple[Ratio, NDArray[np.bool_]]:
        """Value of an indicator by person and month to date, and where there is none.

        Where there is none the value is the indicator's `otherwise`, or 0.
        """
        if ("indicator", name) not in self._kept:
            about = self.plan.indicators[name]
            value, missing = self._indicator(about)
            if about.otherwise is not None:
                other = Ratio.constant(about.otherwise, self.shape)
                value, missing = value.chosen(~missing, other), np.zeros(self.shape, bool)
            self._kept["indicator", name] = value, missing
        return self._kept["indicator", name]

    # -- measures ---------------------------------------------------------------------------

    def _credited(self, name: str) -> Credited:
        measure = self.plan.measures[name]
        if measure.credit == "company":
            return self._of_company(name)
        row, amount = selected(self.lines, measure)
        person, month = self.lines.person[row], self.lines.month[row]
        anchor, start, day = None, month, self.lines.day[row]
        if self.lines.corrections is not None:
            anchor = self.lines.corrections.anchors(row)
            start, day = month[anchor], day[anchor]
        credited = Credited(row, person, month, amount, anchor, start, day)
        credited = self._after_leaving(credited, name)
        return self._of_team(credited) if measure.credit == "team" else credited

    def _after_leaving(self, credited: Credited, measure: str) -> Credited:
        """Apply the rule of leavers to credit that arose after they left."""
        rule = self.plan.payment.leaver
        if not (self.staff.left < self.months.ends[-1]).any():
            return credited
        late = credited.day > self.staff.left[credited.person]
        if rule.rule == "on_collection" or not late.any():
            return credited
        amount = credited.amount.copy()
        passed = shared(amount[late], rule.share, even=self.even)
        if rule.rule == "handover":
            amount[late] = passed
        elif rule.rule == "none":
            self._note_void(credited, late, measure)
            amount[late] = 0
        heirs = self.staff.successor[credited.person]
        given = late & (heirs >= 0) if rule.rule == "successor" else np.zeros(len(late), bool)
        if not given.any():
            return replace(credited, amount=amount)
        taken = shared(amount[given], rule.share, even=self.even)
        amount[given] -= taken
        return _joined(
            replace(credited, amount=amount),
            _part(credited, given, person=heirs[given], amount=taken),
        )

    def _note_void(self, credited: Credited, late: NDArray[np.bool_], measure: str) -> None:
        """List credit that is void, once a measure, at the highest rate it might have earned."""
        rate = highest_rate(self.plan, measure, self.staff, self.quotas)
        if not rate or ("void", measure) in self._kept:
            return
        self._kept["void", measure] = True
        for at in np.nonzero(late & (credited.amount != 0))[0]:
            row = int(credited.row[at])
            credit = float(credited.amount[at]) / 10 ** self.digits(measure)
            self.exceptions.add(
                "leaver_void",
                rep_id=str(self.staff.ids[credited.person[at]]),
                line_id=str(self.lines.names([row])[0]),
                period=self.months.names[credited.month[at]],
                date=str(np.datetime64(int(self.lines.day[row]), "D")),
                credit=credit,
                at_stake=round(abs(credit) * rate, 2),
            )

    def _of_team(self, credited: Credited) -> Credited:
        """Give each line to all managers above its person, as they were in the month it began."""
        parts = []
        manager = self.staff.manager
        for _ in range(20):
            above = manager[credited.person, credited.start]
            known = above >= 0
            if not known.any():
                break
            parts.append(_part(credited, known, person=above[known]))
            manager = next_level(manager, self.staff)
        if not parts:
            return _part(credited, np.zeros(len(credited.row), bool))
        whole = parts[0]
        for part in parts[1:]:
            whole = _joined(whole, part)
        return whole

    def _of_company(self, name: str) -> Credited:
        """One line a month for everybody: the company's total."""
        people, months = self.shape
        total = self.company(name)
        month = np.tile(np.arange(months, dtype=np.int16), people)
        return Credited(
            -1 - month.astype(np.int32),
            np.repeat(np.arange(people, dtype=np.int32), months),
            month,
            np.tile(total, people),
            None,
            month,
            np.tile(self.months.ends.astype(np.int32), people),
        )

    # -- indicators -------------------------------------------------------------------------

    def _indicator(self, about: Indicator) -> tuple[Ratio, NDArray[np.bool_]]:
        if about.score is not None:
            return self._score(about)
        if about.rank is not None:
            place, none = self._rank(about)
            return Ratio.of(place), none
        if about.attainment is not None:
            above = self._to_date(self.totals(about.attainment), about)
            team = self.plan.measures[about.attainment].credit == "team"
            quota = self.quotas.of(about.quota or about.attainment, self.staff, team=team)
            below = self._to_date(quota, about)
            return Ratio.of(above, below), below == 0
        first, second = about.ratio or ("", "")
        above = self._to_date(self.totals(first), about)
        below = self._to_date(self.totals(second), about)
        sign = np.sign(below)
        scaled = Ratio.of(above * sign, np.abs(below))
        units = Fraction(10) ** (self.digits(second) - self.digits(first))
        return scaled * Ratio.constant(units, self.shape), below == 0

    def _to_date(self, values: Ints, about: Indicator) -> Ints:
        """Sum since the window began, at the level asked for."""
        return summed_within(self._at_level(values, about.level), MONTHS[about.over])

    def _at_level(self, values: Ints, level: str) -> Ints:
        if level == "rep":
            return values
        if level == "company":
            return np.broadcast_to(values.sum(axis=0), self.shape)
        months = np.broadcast_to(np.arange(self.shape[1]), self.shape)
        totals = np.zeros((len(self.staff.teams), self.shape[1]), np.int64)
        np.add.at(totals, (self.staff.team, months), values)
        return totals[self.staff.team, months]

    def _rank(self, about: Indicator) -> tuple[Ints, NDArray[np.bool_]]:
        """Place among the people of the same role in post, and who has none.

        1 is the first; ties share the better place. Who has nothing to be ranked by has no place
        and comes after everybody.
        """
        values = summed_within(self.totals(about.rank or ""), MONTHS[about.over])
        place = np.full(self.shape, self.shape[0] + 1, np.int64)
        for month in range(self.shape[1]):
            for role in range(len(self.staff.roles)):
                who = (self.staff.role[:, month] == role) & (self.staff.days[:, month] > 0)
                who &= values[:, month] > 0
                column = values[who, month]
                place[who, month] = 1 + np.searchsorted(np.sort(-column), -column, side="left")
        return place, place > self.shape[0]

    def _score(self, about: Indicator) -> tuple[Ratio, NDArray[np.bool_]]:
        value = np.zeros(self.shape, np.int64)
        missing = np.ones(self.shape, bool)
        if self.scores is not None and len(self.scores):
            rows = _score_rows(self.scores, about)
            month = self.months.of(to_day_numbers(rows["date"]).astype(np.int64))
            scores = to_floats(rows["value"], name=later("scores, column {column}", column="value"))
            units = np.rint(scores * 10**6).astype(np.int64)
            for node, at, unit in zip(rows["node"].astype(str), month, units, strict=True):
                if at < 0:
                    continue
                who = self._who(node, about.level, int(at))
                value[who, at], missing[who, at] = unit, False
            value, missing = _carried(value, missing, MONTHS[about.over])
        return Ratio.of(value, 10**6), missing

    def _who(self, node: str, level: str, month: int) -> Any:
        if level == "company":
            return np.ones(self.shape[0], bool)
        if level == "team":
            if node not in self.staff.teams:
                return np.zeros(self.shape[0], bool)
            return self.staff.team[:, month] == self.staff.teams.index(node)
        found = self.staff.index.get_indexer(pd.Index([node], dtype=object))
        return found[found >= 0]


def summed_within(values: Ints, width: int) -> Ints:
    """Running sums along months that begin anew every `width` months."""
    result = np.array(values, np.int64)
    for begin in range(0, result.shape[-1], width):
        window = result[..., begin : begin + width]
        np.cumsum(window, axis=-1, out=window)
    return result


def _score_rows(scores: pd.DataFrame, about: Indicator) -> pd.DataFrame:
    missing = [each for each in ("node", "name", "date", "value") if each not in scores]
    if missing:
        raise InputError(
            later("scores lack the column {column}", column=missing[0]),
            do=later(
                "hand in node (rep, team or company), name, date (a day of the month) and value"
            ),
        )
    return scores[scores["name"].eq(str(about.score)) & scores["value"].notna()]


def _carried(value: Ints, missing: NDArray[np.bool_], width: int) -> tuple[Ints, NDArray[np.bool_]]:
    """A score of a quarter or year holds in each of its months from when it was given."""
    for month in range(1, value.shape[1]):
        if month % width:
            take = missing[:, month] & ~missing[:, month - 1]
            value[take, month], missing[take, month] = value[take, month - 1], False
    return value, missing


def _part(
    credited: Credited,
    rows: NDArray[np.bool_],
    *,
    person: NDArray[np.int32] | None = None,
    amount: Ints | None = None,
) -> Credited:
    """Some of the lines, for other people or of other amounts; anchors found anew."""
    anchor = None
    if credited.anchor is not None:
        place = np.cumsum(rows) - 1
        anchor = credited.anchor[rows]
        anchor = np.where(rows[anchor], place[anchor], np.arange(int(rows.sum())))
    month = credited.month[rows]
    return Credited(
        credited.row[rows],
        credited.person[rows] if person is None else person,
        month,
        credited.amount[rows] if amount is None else amount,
        anchor,
        month if credited.start is credited.month else credited.start[rows],
        credited.day[rows],
    )


def _joined(first: Credited, second: Credited) -> Credited:
    """Both, in order of the lines; anchors moved along."""
    row = np.append(first.row, second.row)
    order = np.argsort(row, kind="stable")
    anchor = None
    if first.anchor is not None and second.anchor is not None:
        place = np.empty(len(row), np.int64)
        place[order] = np.arange(len(row))
        anchor = place[np.append(first.anchor, second.anchor + len(first.row))[order]]
    return Credited(
        row[order],
        np.append(first.person, second.person)[order],
        np.append(first.month, second.month)[order],
        np.append(first.amount, second.amount)[order],
        anchor,
        np.append(first.start, second.start)[order],
        np.append(first.day, second.day)[order],
    )
