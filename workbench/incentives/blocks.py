"""A plan on a block of draws: what each component earns, month by month, in floats.

The rules are those of `workbench.pay` (windows, settlements, gates, modifiers in order), on credit
by month in place of lines. A block is a few draws of all people, small enough to stay in the
processor's cache. What it is used for: `cost.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.incentives import kernels
from workbench.incentives.payees import Floats, Payees, at_level, within
from workbench.incentives.terms import Terms, terms_of
from workbench.pay.parts import MONTHS, Factor, Indicator, Matrix, Modifier, Needs
from workbench.pay.plan import Component, Draw

#: Indicators this near under a bound have reached it: quotients of floats.
NEAR = 1e-12


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
    found : dict of (component, step) to array, shape (2, people)
        Sums over draws: settlements beside the step, and the money of the step there.
    """

    width: float
    found: dict[tuple[str, float], Floats] = field(default_factory=dict)

    def add(self, name: str, step: float, distance: Floats, money: Floats) -> None:
        """Count settlements; distance (draws, people) in attainment, money that of the step."""
        near = (np.abs(distance) <= self.width) & (np.abs(money) > 0)
        sums = np.stack([near.sum(axis=0), np.where(near, np.abs(money), 0.0).sum(axis=0)])
        self.found[name, step] = self.found.get((name, step), 0.0) + sums


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

    def run(
        self, keep: Callable[[int, str, Floats], None], *, names: Collection[str] | None = None
    ) -> None:
        """Work through the year; `keep` gets month, component and pay (draws, people).

        With names, only these components.
        """
        parts = [
            _Part(self, name, each)
            for name, each in terms_of(self.people).items()
            if names is None or name in names
        ]
        guarantees = _Guarantees(self, keep)
        for month in range(self.months):
            for part in parts:
                pay = part.month(month)
                if pay is not None:
                    keep(month, part.name, pay)
                    guarantees.take(part.name, pay)
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
            return np.ascontiguousarray(value), self._ones
        if about.rank is not None:
            return self._rank(self.to_date(about.rank, width, month), month), self._ones
        if about.attainment is not None:
            total = self._level(self.to_date(about.attainment, width, month), about, month)
            quota = self._quota(about)[:, month]
            if (quota > 0).all():
                return total, 1.0 / quota
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
            return np.repeat(values.sum(axis=1, keepdims=True), self.persons, axis=1)
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


def bounds(needs: Needs) -> tuple[float, float]:
    """The half-open range that meets a condition, a hair wider for quotients of floats."""
    ends = []
    for bound, none in ((needs.at_least, -np.inf), (needs.below, np.inf)):
        end = none if bound is None else float(bound)
        ends.append(end if bound is None else end - NEAR * max(1.0, abs(end)))
    return ends[0], ends[1]


class _Part:
    """One component on a block."""

    def __init__(self, block: Block, name: str, terms: Terms) -> None:
        self.block, self.name, self.terms = block, name, terms
        self.component, self.width, self.window = terms.component, terms.width, terms.window
        shape = block.draws, block.persons
        self.out, self.earned = np.empty(shape), np.empty(shape)
        self.over: dict[int, tuple[Floats, Floats]] = {}
        if terms.component.kind == "rated":
            self.before = np.zeros(shape)
            self.alone = np.zeros(shape)
            self.total = np.zeros(shape)

    def month(self, month: int) -> Floats | None:
        """Pay of a settlement; None in other months, or where nobody has the component."""
        if self.terms.nobody:
            return None
        if self.component.kind == "rated":
            self._gather(month)
        if (month + 1) % self.width and month + 1 != self.block.months:
            return None
        if self.component.kind == "rated":
            pay = self._rated(month)
        else:
            pay = self._stated(month) if self.component.pays is not None else self._pool(month)
        pay = self._modified(pay, month)
        return pay if self.terms.stays is None else pay * self.terms.stays

    # -- by rates ---------------------------------------------------------------------------

    def _gather(self, month: int) -> None:
        measure = self.component.measure or ""
        if self.window and self.terms.everybody:
            self.total = self.block.to_date(measure, self.window, month)
            return
        values, factor = self.block.credit(measure, month)
        factor = factor * self.terms.holds[:, month]
        if self.window:
            kernels.gather(self.total, values, factor, month % self.window == 0)
            return
        lines = self.block.people.lines  # each transaction by itself: so many equal ones a month
        kernels.gather(self.total, values, factor / lines, True)
        self._table(month)
        self.alone += self.out * lines

    def _rated(self, month: int) -> Floats:
        if not self.window:
            pay, self.alone = self.alone, np.zeros_like(self.alone)
            return pay if self.component.modify else self._rounded(pay)
        if month // self.window != (month - self.width) // self.window:
            self.before[:] = 0.0
        self._table(month)
        self._note_tiers(month)
        if not self.component.modify:
            self.out[:] = self._rounded(self.out)
        kernels.grown(self.out, self.before, self.earned)
        return self.earned

    def _table(self, month: int) -> None:
        """Earned to date by the rate table, into `out`."""
        needs, at = self.terms.needs, month // self.window if self.window else 0
        tables = self.terms.tables
        self._apply(tables[-1][at], self.out)
        if not needs:
            return
        way = np.zeros(self.out.shape, np.int64)
        for bit, each in enumerate(needs):
            way |= self.block.met(each, month).astype(np.int64) << bit
        other = np.empty_like(self.out)
        for number, table in enumerate(tables[:-1]):
            here = way == number
            if here.any():
                self._apply(table[at], other)
                self.out[here] = other[here]

    def _apply(self, table: tuple[Floats, Floats], out: Floats) -> None:
        starts, rates = table
        pay = kernels.whole if self.terms.whole else kernels.marginal
        pay(self.total, starts, rates, out)

    # -- stated and pools -------------------------------------------------------------------

    def _stated(self, month: int) -> Floats:
        self.earned[:] = self.terms.due[:, month]
        return self.earned if self.component.modify else self._rounded(self.earned)

    def _pool(self, month: int) -> Floats:
        pool, block = self.component.pool, self.block
        assert pool is not None
        if pool.by == "equal":
            weight = np.ones((block.draws, block.persons))
        elif pool.by == "base_pay":
            weight = np.tile(block.people.staff.base_pay[:, month] / 1.0, (block.draws, 1))
        elif pool.by in block.people.plan.measures:
            weight = block.to_date(pool.by, self.width, month).copy()
        else:
            value, scale = block.indicator(pool.by, month)
            weight = value * scale
        weight = np.maximum(weight, 0.0) * (self.terms.due[:, month] > 0)
        if pool.amount is not None:
            size: Any = float(pool.amount)
        else:
            own = block.to_date(pool.measure or "", self.width, month)
            about = block.people.plan.measures[pool.measure or ""]
            filled = own[:, :1] if about.credit == "company" else own.sum(axis=1, keepdims=True)
            size = np.maximum(filled, 0.0) * float(pool.rate or 0)
        whole = weight.sum(axis=1, keepdims=True)
        return np.where(whole > 0, size * weight / np.where(whole > 0, whole, 1.0), 0.0)

    # -- modifiers --------------------------------------------------------------------------

    def _modified(self, pay: Floats, month: int) -> Floats:
        if not self.component.modify:
            return pay
        value = pay
        for number, modifier in enumerate(self.component.modify):
            if modifier.over == "window":
                value = self._over_window(number, modifier, value, month)
            else:
                value = self._changed(
                    modifier, value, month, self.width, self.terms.eligible[:, month]
                )
        return self._rounded(value)

    def _over_window(self, number: int, modifier: Modifier, value: Floats, month: int) -> Floats:
        """Act on all of the window to date; the settlement has what that has grown by."""
        window = max(self.window, self.width)
        total, paid = self.over.get(number, (None, None))
        if total is None or paid is None or month // window != (month - self.width) // window:
            total, paid = value.copy(), np.zeros_like(value)
        else:
            total = total + value
        after = self._changed(modifier, total.copy(), month, window, True)
        self.over[number] = total, after.copy()
        return np.asarray(after - paid)

    def _changed(
        self, modifier: Modifier, value: Floats, month: int, width: int, who: Any
    ) -> Floats:
        block = self.block
        if modifier.times is not None:
            at, scale = block.indicator(modifier.times.indicator, month)
            if block.beside is not None:
                self._note_steps(modifier.times, at * scale, value)
            return _times(modifier.times, at, scale, value)
        if modifier.matrix is not None:
            return value * _of_matrix(block, modifier.matrix, month)
        if modifier.gate is not None:
            at, scale = block.indicator(modifier.gate.indicator, month)
            kernels.gated(at, scale, *bounds(modifier.gate), float(modifier.otherwise), value)
            return value
        bound = modifier.cap if modifier.cap is not None else modifier.floor
        assert bound is not None
        limit = block.people.worth(bound, width)[:, month]
        if modifier.cap is not None:
            return np.minimum(value, limit)
        return np.where((value < limit) & who, limit, value)

    def _note_steps(self, factor: Factor, at: Floats, pay: Floats) -> None:
        """Count who stands beside the steps of a factor."""
        about = self.block.people.plan.indicators[factor.indicator]
        if not about.attainment or factor.kind != "step" or self.block.beside is None:
            return
        levels = np.array([0.0, *(float(step.factor) for step in factor.steps)])
        low = None if factor.floor is None else float(factor.floor)
        high = None if factor.cap is None else float(factor.cap)
        if low is not None or high is not None:
            levels = np.clip(levels, low, high)
        for number, step in enumerate(factor.steps):
            if step.from_ > 0:
                rise = float(levels[number + 1] - levels[number])
                self.block.beside.add(
                    self.name, float(step.from_), at - float(step.from_), pay * rise
                )

    def _note_tiers(self, month: int) -> None:
        """Count who stands beside the tiers of a table that re-rates everything."""
        rates, beside = self.component.rates, self.block.beside
        if beside is None or rates is None or not self.terms.whole or not self.window:
            return
        starts, levels = self.terms.tables[-1][month // self.window]
        for number, start in enumerate(rates.starts()):
            if start > 0:
                unit = np.where(starts[number] > 0, starts[number] / float(start), np.inf)
                if rates.on != "attainment":
                    unit = np.where(starts[number] > 0, starts[number], np.inf)
                distance = (self.total - starts[number]) / unit
                money = self.total * (levels[number] - levels[number - 1])
                beside.add(self.name, float(start), distance, money)

    def _rounded(self, pay: Floats) -> Floats:
        if not self.block.cents:
            return pay
        # half up as the engine has it, with a hair for floats that lie beside a half cent
        units = np.abs(pay) * 10**self.block.people.digits_of_pay
        return np.sign(pay) * np.floor(units + 0.5 + 1e-6) / 10**self.block.people.digits_of_pay


class _Guarantees:
    """What draws add to earnings: guarantees, and advances that are never recovered."""

    def __init__(self, block: Block, keep: Callable[[int, str, Floats], None]) -> None:
        self.block, self.keep = block, keep
        plan = block.people.plan
        self.rules = {
            name: (_minimum(block.people, draw), _counted(draw, plan.components), draw)
            for name, draw in plan.payment.draw.items()
        }
        shape = block.draws, block.persons
        self.sums = {name: np.zeros(shape) for name in self.rules}
        self.open = {name: np.zeros(shape) for name in self.rules}

    def take(self, name: str, pay: Floats) -> None:
        """Count pay of a component towards the draws that are held against it."""
        for rule, (_, counted, _) in self.rules.items():
            if name in counted:
                self.sums[rule] += pay

    def month(self, month: int) -> None:
        """Top up at the end of a month."""
        for name, (minimum, _, draw) in self.rules.items():
            earned = np.maximum(self.sums[name], 0.0)
            lacking = np.maximum(minimum[:, month] - earned, 0.0)
            if draw.recoverable and month + 1 >= draw.recover_from:
                excess = np.maximum(earned - minimum[:, month], 0.0) * float(draw.recover)
                back = np.minimum(self.open[name], excess)
                self.open[name] -= back
                lacking = lacking - back
            self.keep(month, name, lacking)
            if draw.recoverable:
                self.open[name] += np.maximum(lacking, 0.0)
            self.sums[name][:] = 0.0


def _counted(draw: Draw, components: Mapping[str, Component]) -> tuple[str, ...]:
    others = tuple(name for name, each in components.items() if each.payroll != "base")
    return draw.components or others


def _minimum(people: Payees, draw: Draw) -> Floats:
    staff = people.staff
    value = people.worth(draw.amount, 1) * staff.days / staff.length
    who = staff.has_role(draw.roles)
    if draw.months is not None:
        who = who & (staff.tenure >= 0) & (staff.tenure < draw.months)
    return np.where(who, value, 0.0)


def _times(factor: Factor, value: Floats, scale: Floats, pay: Floats) -> Floats:
    """Multiply pay by a factor of an indicator."""
    starts = np.array([float(step.from_) for step in factor.steps])
    levels = np.array([float(step.factor) for step in factor.steps])
    low = -np.inf if factor.floor is None else float(factor.floor)
    high = np.inf if factor.cap is None else float(factor.cap)
    if factor.steps and factor.kind == "step":
        # under the first step the factor is 0, which a floor lifts
        starts, levels = np.append(-np.inf, starts), np.append(0.0, levels)
        kernels.stepped(value, scale, starts, np.clip(levels, low, high), pay)
        return pay
    if not factor.steps:
        kernels.clipped(value, scale, low, high, pay)
        return pay
    return pay * np.clip(np.interp(value * scale, starts, levels), low, high)


def _of_matrix(block: Block, matrix: Matrix, month: int) -> Floats:
    place = []
    for axis in (matrix.down, matrix.across):
        value, scale = block.indicator(axis.indicator, month)
        starts = np.array([float(each) for each in axis.from_[1:]])
        near = starts - NEAR * np.maximum(np.abs(starts), 1.0)
        place.append(np.searchsorted(near, value * scale, side="right"))
    table = np.array([[float(each) for each in row] for row in matrix.factors])
    return np.asarray(table[place[0], place[1]])
