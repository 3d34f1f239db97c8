"""A plan on a block of draws: what each component earns, month by month, in floats.

The rules are those of `workbench.pay` (windows, settlements, gates, modifiers in order), on credit
by month in place of lines. A block is a few draws of all people, small enough to stay in the
processor's cache. A component on it: `component_pay.py`. What it is used for: `cost.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.incentives import kernels
from workbench.incentives.component_pay import ComponentPay
from workbench.incentives.guarantees import Guarantees, Keep
from workbench.incentives.payees import Floats, Payees, at_level, within
from workbench.incentives.terms import bounds, terms_of
from workbench.pay.parts import MONTHS, Indicator, Needs


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit of a measure by draw: values times factor.

    Attributes
    ----------
    values : array, shape (draws, months, people)
        Attainment, or money itself.
    factor : array, shape (months, people)
        What values are multiplied by: quotas, or ones.
    """

    values: Floats
    factor: Floats

    def rows(self, rows: slice) -> Credit:
        """Some of the draws."""
        return Credit(self.values[rows], self.factor)


@dataclass(slots=True)
class Beside:
    """Who stands beside a step of pay at a settlement, and how much the step is.

    Attributes
    ----------
    width : float
        Points of attainment on both sides that count as beside.
    rooms : dict of (component, steps) to array, shape (steps, 2, people)
        Sums over draws: settlements beside a step, and the money of the step there.
    """

    width: float
    rooms: dict[tuple[str, tuple[float, ...]], Floats] = field(default_factory=dict)

    def room(self, name: str, steps: Sequence[float], people: int) -> Floats:
        """Sums of some steps of a component, to be added to; shape (steps, 2, people)."""
        key = name, tuple(float(each) for each in steps)
        if key not in self.rooms:
            self.rooms[key] = np.zeros((len(steps), 2, people))
        return self.rooms[key]

    def found(self) -> dict[tuple[str, float], Floats]:
        """The sums by component and step; shape (2, people)."""
        result: dict[tuple[str, float], Floats] = {}
        for (name, steps), sums in self.rooms.items():
            for step, each in zip(steps, sums, strict=True):
                result[name, step] = result.get((name, step), 0.0) + each
        return result


class Block:
    """Some draws of a plan's year.

    Parameters
    ----------
    people : Payees
    credits : mapping of str to Credit
        By measure.
    cents : bool
        Round each settlement to the minor unit as the engine does.
    beside : Beside, optional
        Where to count who stands beside steps of pay.
    """

    def __init__(
        self,
        people: Payees,
        credits: Mapping[str, Credit],
        *,
        cents: bool = False,
        beside: Beside | None = None,
    ) -> None:
        self.people, self.credits, self.cents, self.beside = people, credits, cents, beside
        first = next(iter(credits.values()))
        self.draws, self.months, self.persons = first.values.shape
        self._amounts: dict[str, tuple[int, Any]] = {}
        self._totals: dict[tuple[str, int], tuple[int, Any]] = {}
        self._indicators: dict[str, tuple[int, Any]] = {}
        self._quotas: dict[Any, Floats] = {}

    def run(self, keep: Keep, *, names: Collection[str] | None = None) -> None:
        """Work through the year; `keep` gets the pay of each settlement.

        With names, only these components.
        """
        parts = [
            ComponentPay(self, name, each)
            for name, each in terms_of(self.people).items()
            if len(each.at) and (names is None or name in names)
        ]
        guarantees = Guarantees(self, keep)
        for month in range(self.months):
            for part in parts:
                pay = part.month(month)
                if pay is not None:
                    keep(month, part.name, pay, part.terms.at)
                    guarantees.take(part.name, pay, part.terms.at)
            guarantees.month(month)

    # -- measures and indicators ------------------------------------------------------------

    def credit(self, measure: str, month: int) -> tuple[Floats, Floats]:
        """Credit of a measure in a month as values (draws, people) and factor (people,)."""
        about, source = self.people.plan.measures[measure], self.credits[measure]
        values, factor = source.values[:, month], source.factor[month]
        if about.credit not in ("team", "company"):
            return values, factor
        if self._amounts.get(measure, (-1,))[0] != month:
            self._amounts[measure] = month, self._shared(values * factor, about.credit, month)
        return self._amounts[measure][1], self._ones

    @cached_property
    def _ones(self) -> Floats:
        return np.ones(self.persons)

    def _shared(self, own: Floats, credit: str, month: int) -> Floats:
        """Credit of a team for its managers, or of the company for everybody."""
        if credit == "company":
            return np.repeat(own.sum(axis=1, keepdims=True), self.persons, axis=1)
        heads, below = self.people.team_matrix()
        result = np.zeros_like(own)
        result[:, heads] = own @ below[month]
        return result

    def to_date(self, measure: str, width: int, month: int) -> Floats:
        """Credit since the window of so many months began; asked once a month, in order."""
        key = measure, width
        last, total = self._totals.get(key, (-1, None))
        if total is None:
            total = np.empty((self.draws, self.persons))
        for each in range(last + 1, month + 1):
            values, factor = self.credit(measure, each)
            kernels.gather(total, values, factor, each % width == 0)
        self._totals[key] = month, total
        return total

    def indicator(self, name: str, month: int) -> tuple[Floats, Floats]:
        """An indicator as values (draws, people), times a scale (people,)."""
        if self._indicators.get(name, (-1,))[0] != month:
            self._indicators[name] = month, self._indicator(name, month)
        return self._indicators[name][1]

    def _indicator(self, name: str, month: int) -> tuple[Floats, Floats]:
        about = self.people.plan.indicators[name]
        width = MONTHS[about.over]
        otherwise = 0.0 if about.otherwise is None else float(about.otherwise)
        if about.score is not None:
            value = np.broadcast_to(self.people.scores[name][:, month], (self.draws, self.persons))
            return value, self._ones
        if about.rank is not None:
            return self._rank(self.to_date(about.rank, width, month), month), self._ones
        if about.attainment is not None:
            total = self._level(self.to_date(about.attainment, width, month), about, month)
            quota = self._quota(about)[:, month]
            if otherwise == 0 or (quota > 0).all():
                return total, np.where(quota > 0, 1.0 / np.where(quota > 0, quota, 1.0), 0.0)
            value = np.where(quota > 0, total / np.where(quota > 0, quota, 1.0), otherwise)
            return value, self._ones
        first, second = about.ratio or ("", "")
        above = self._level(self.to_date(first, width, month), about, month)
        below = self._level(self.to_date(second, width, month), about, month)
        empty = below == 0
        return np.where(empty, otherwise, above / np.where(empty, 1.0, below)), self._ones

    def _quota(self, about: Indicator) -> Floats:
        key = about.attainment, about.quota, about.over, about.level
        if key not in self._quotas:
            quota = self.people.quota(about.attainment or "", about.quota)
            level = at_level(quota, about.level, self.people.staff)
            self._quotas[key] = within(level, MONTHS[about.over])
        return self._quotas[key]

    def _level(self, values: Floats, about: Indicator, month: int) -> Floats:
        if about.level == "rep":
            return values
        if about.level == "company":
            return np.broadcast_to(values.sum(axis=1, keepdims=True), values.shape)
        staff = self.people.staff
        member = np.zeros((self.persons, len(staff.teams)))
        member[np.arange(self.persons), staff.team[:, month]] = 1.0
        return np.ascontiguousarray((values @ member)[:, staff.team[:, month]])

    def _rank(self, values: Floats, month: int) -> Floats:
        from scipy.stats import rankdata

        staff, place = self.people.staff, np.ones_like(values)
        for role in range(len(staff.roles)):
            who = (staff.role[:, month] == role) & (staff.days[:, month] > 0)
            if who.any():
                place[:, who] = rankdata(-values[:, who], method="min", axis=1)
        return place

    def met(self, needs: Needs, month: int) -> NDArray[np.bool_]:
        """Tell where a condition holds."""
        value, scale = self.indicator(needs.indicator, month)
        low, high = bounds(needs)
        value = value * scale
        return (value >= low) & (value < high)
