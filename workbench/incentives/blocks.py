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

#: Credit of some people, as `kernels.accumulated` takes it: values (columns, months, draws), factor
#: (people, months), columns of the people, first draw.
Share = tuple[Floats, Floats, NDArray[np.intp], int]


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit of a measure by draw: values times factor.

    Attributes
    ----------
    values : array, shape (draws, months, people)
        Attainment, or money itself; as `side_by_side` lays it, which is what is quick.
    factor : array, shape (months, people)
        What values are multiplied by: quotas, or ones.
    """

    values: Floats
    factor: Floats


def side_by_side(people: int, months: int, draws: int) -> Floats:
    """Zeros of shape (draws, months, people) in which the draws of a month lie side by side."""
    return np.zeros((people, months, draws)).T


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
    rows : slice, optional
        Draws of the credits; all of them if None.
    """

    def __init__(
        self,
        people: Payees,
        credits: Mapping[str, Credit],
        *,
        cents: bool = False,
        beside: Beside | None = None,
        rows: slice | None = None,
    ) -> None:
        self.people, self.credits, self.cents, self.beside = people, credits, cents, beside
        first = next(iter(credits.values()))
        count, self.months, self.persons = first.values.shape
        self.begin, end, _ = (rows or slice(None)).indices(count)
        self.draws = end - self.begin
        self._amounts: dict[str, Floats] = {}
        self._totals: dict[tuple[str, int], Floats] = {}
        self._indicators: dict[str, tuple[Floats, Floats]] = {}
        self._quotas: dict[Any, Floats] = {}

    def run(self, keep: Keep, *, names: Collection[str] | None = None) -> None:
        """Work through the year; `keep` gets the pay of each component, then of guarantees.

        With names, only these components.
        """
        guarantees = Guarantees(self)
        for name, terms in terms_of(self.people).items():
            if not len(terms.at) or (names is not None and name not in names):
                continue
            part = ComponentPay(self, name, terms)
            pay = part.year()
            keep(name, pay, part.ends, terms.at)
            guarantees.take(name, pay, part.ends, terms.at)
        guarantees.add(keep)

    def columns(self, values: Floats, at: NDArray[np.intp]) -> NDArray[np.intp]:
        """Columns of people in values, which may be one for everybody."""
        return at if len(values) == self.persons else np.zeros_like(at)

    # -- measures and indicators ------------------------------------------------------------

    def credit(self, measure: str, at: NDArray[np.intp]) -> Share:
        """Credit of a measure of some people: values, factor, their columns, and first draw."""
        about, source = self.people.plan.measures[measure], self.credits[measure]
        if about.credit not in ("team", "company"):
            factor = np.ascontiguousarray(source.factor.T[at])
            return source.values.T, factor, at, self.begin
        if measure not in self._amounts:
            rows = slice(self.begin, self.begin + self.draws)
            own = source.values.T[:, :, rows] * source.factor.T[:, :, None]
            self._amounts[measure] = self._shared(own, about.credit)
        values = self._amounts[measure]
        return values, np.ones((len(at), self.months)), self.columns(values, at), 0

    @cached_property
    def _ones(self) -> Floats:
        return np.ones((self.persons, self.months))

    def _shared(self, own: Floats, credit: str) -> Floats:
        """Credit of a team for its managers, or of the company for everybody."""
        if credit == "company":
            return own.sum(axis=0, keepdims=True)
        heads, below = self.people.team_matrix()
        result = np.zeros_like(own)
        for month, members in enumerate(below):
            result[heads, month] = members.T @ own[:, month]
        return result

    def to_date(self, measure: str, width: int) -> Floats:
        """Credit since the window of so many months began; shape (people, months, draws)."""
        key = measure, width
        if key not in self._totals:
            values, factor, at, begin = self.credit(measure, np.arange(self.persons))
            total = np.empty((self.persons, self.months, self.draws))
            kernels.accumulated(values, factor, at, width, begin, total)
            self._totals[key] = total
        return self._totals[key]

    def indicator(self, name: str) -> tuple[Floats, Floats]:
        """An indicator as values (columns, months, draws), times a scale (people, months)."""
        if name not in self._indicators:
            self._indicators[name] = self._indicator(self.people.plan.indicators[name], name)
        return self._indicators[name]

    def _indicator(self, about: Indicator, name: str) -> tuple[Floats, Floats]:
        width = MONTHS[about.over]
        otherwise = 0.0 if about.otherwise is None else float(about.otherwise)
        if about.score is not None:
            return np.repeat(self.people.scores[name][:, :, None], self.draws, axis=2), self._ones
        if about.rank is not None:
            place = self._rank(self.to_date(about.rank, width))
            if about.otherwise is not None:
                place[place > self.persons] = otherwise
            return place, self._ones
        if about.attainment is not None:
            total = self._level(self.to_date(about.attainment, width), about)
            quota = self._quota(about)
            some = quota > 0
            if otherwise == 0 or some.all():
                return total, np.where(some, 1.0 / np.where(some, quota, 1.0), 0.0)
            value = total / np.where(some, quota, 1.0)[:, :, None]
            return np.where(some[:, :, None], value, otherwise), self._ones
        first, second = about.ratio or ("", "")
        above = self._level(self.to_date(first, width), about)
        below = self._level(self.to_date(second, width), about)
        empty = below == 0
        return np.where(empty, otherwise, above / np.where(empty, 1.0, below)), self._ones

    def _quota(self, about: Indicator) -> Floats:
        key = about.attainment, about.quota, about.over, about.level
        if key not in self._quotas:
            quota = self.people.quota(about.attainment or "", about.quota)
            level = at_level(quota, about.level, self.people.staff)
            self._quotas[key] = within(level, MONTHS[about.over])
        return self._quotas[key]

    def _level(self, values: Floats, about: Indicator) -> Floats:
        """Sums over the company, one column for everybody, or over each person's team."""
        if about.level == "rep":
            return values
        if about.level == "company":
            return values.sum(axis=0, keepdims=True)
        staff, result = self.people.staff, np.empty_like(values)
        for month in range(self.months):
            team = staff.team[:, month]
            member = np.zeros((len(staff.teams), self.persons))
            member[team, np.arange(self.persons)] = 1.0
            result[:, month] = (member @ values[:, month])[team]
        return result

    def _rank(self, values: Floats) -> Floats:
        """Places within a role; who has nothing to be ranked by comes after everybody."""
        from scipy.stats import rankdata

        staff, place = self.people.staff, np.full_like(values, self.persons + 1)
        for month in range(self.months):
            for role in range(len(staff.roles)):
                who = (staff.role[:, month] == role) & (staff.days[:, month] > 0)
                if who.any():
                    own = values[who, month]
                    rank = rankdata(-own, method="min", axis=0)
                    place[who, month] = np.where(own > 0, rank, self.persons + 1)
        return place

    def met(self, needs: Needs, at: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell where a condition holds for some people; shape (people, months, draws)."""
        value, scale = self.indicator(needs.indicator)
        low, high = bounds(needs)
        value = value[self.columns(value, at)] * scale[at][:, :, None]
        return (value >= low) & (value < high)
