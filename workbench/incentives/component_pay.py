"""One component on a block of draws: rates, stated pay, pools, and the modifiers in order.

Only the people who have the component are worked on. Where its credit and indicators come from:
`blocks.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.incentives import kernels
from workbench.incentives.payees import Floats
from workbench.incentives.terms import NEAR, Terms, bounds
from workbench.pay.parts import Axis, Factor, Matrix, Modifier, Needs

if TYPE_CHECKING:
    from workbench.incentives.blocks import Block

#: An indicator, months of settlements, columns of people, and scale: as the kernels take them.
Place = tuple[Floats, NDArray[np.intp], NDArray[np.intp], Floats]


class ComponentPay:
    """One component on a block: only the people who have it.

    Attributes
    ----------
    ends : int array, shape (settlements,)
        Months that settlements end with.
    """

    def __init__(self, block: Block, name: str, terms: Terms) -> None:
        self.block, self.name, self.terms = block, name, terms
        self.component, self.width, self.window = terms.component, terms.width, terms.window
        months = np.arange(block.months)
        self.ends = months[((months + 1) % self.width == 0) | (months + 1 == block.months)]
        self.shape = len(terms.at), len(self.ends), block.draws

    def year(self) -> Floats:
        """Pay of all settlements; shape (people who have it, settlements, draws)."""
        if self.component.kind == "rated":
            pay = self._rated()
        else:
            pay = self._stated() if self.component.pays is not None else self._pool()
        for modifier in self.terms.modify:
            if modifier.over == "window":
                pay = self._over_window(modifier, pay)
            else:
                who = self.terms.eligible[:, self.ends, None]
                pay = self._changed(modifier, pay, self.width, who)
        pay = self._rounded(pay)
        return pay if self.terms.stays is None else pay * self.terms.stays[:, None, None]

    def _goes_on(self, window: int) -> NDArray[np.bool_]:
        """Whether a settlement lies in the same window as the one before."""
        at = self.ends // window
        return np.append(False, at[1:] == at[:-1])

    def _place(self, indicator: str) -> Place:
        """An indicator at the settlements of these people."""
        value, scale = self.block.indicator(indicator)
        at = self.terms.at
        return value, self.ends, self.block.columns(value, at), scale[np.ix_(at, self.ends)]

    def _value(self, indicator: str) -> Floats:
        """The same as one array, of the shape of pay."""
        value, _, _, scale = self._place(indicator)
        return self._at_settlements(value) * scale[:, :, None]

    def _at_settlements(self, values: Floats) -> Floats:
        """Values of the block (columns, months, draws) of these people at settlements."""
        return values[np.ix_(self.block.columns(values, self.terms.at), self.ends)]

    # -- by rates ---------------------------------------------------------------------------

    def _rated(self) -> Floats:
        values, factor, at, begin = self.block.credit(self.component.measure or "", self.terms.at)
        factor = factor * self.terms.holds
        total = np.empty((self.shape[0], self.block.months, self.block.draws))
        if not self.window:
            # each transaction by itself: so many equal ones a month
            lines = self.block.people.traits.lines.get(self.name, 1.0)
            kernels.accumulated(values, factor / lines, at, 0, begin, total)
            months = np.arange(self.block.months)
            alone = self._table(total, months, np.zeros_like(months)) * lines
            pay = np.add.reduceat(alone, np.append(0, self.ends[:-1] + 1), axis=1)
            return pay if self.terms.modify else self._rounded(pay)
        kernels.accumulated(values, factor, at, self.window, begin, total)
        windows = self.ends // self.window
        pay = self._table(total, self.ends, windows)
        self._note_tiers(total, windows)
        return _grown(pay if self.terms.modify else self._rounded(pay), self._goes_on(self.window))

    def _table(self, total: Floats, ends: NDArray[np.intp], windows: NDArray[np.intp]) -> Floats:
        """Earned to date by the rate table at some months, each of a window."""
        pay = kernels.whole if self.terms.whole else kernels.marginal
        tables = self.terms.tables
        out = np.empty((self.shape[0], len(ends), self.shape[2]))
        pay(total, ends, windows, *tables[-1], out)
        if not self.terms.needs:
            return out
        way = np.zeros(out.shape, np.int64)
        for bit, each in enumerate(self.terms.needs):
            way |= self.block.met(each, self.terms.at)[:, ends].astype(np.int64) << bit
        other = np.empty_like(out)
        for number, table in enumerate(tables[:-1]):
            here = way == number
            if here.any():
                pay(total, ends, windows, *table, other)
                out[here] = other[here]
        return out

    # -- stated and pools -------------------------------------------------------------------

    def _stated(self) -> Floats:
        return np.repeat(self.terms.due[:, self.ends, None], self.block.draws, axis=2)

    def _pool(self) -> Floats:
        pool, block = self.component.pool, self.block
        assert pool is not None
        if pool.by == "equal":
            weight = np.ones(self.shape)
        elif pool.by == "base_pay":
            base = block.people.staff.base_pay[np.ix_(self.terms.at, self.ends)] / 1.0
            weight = np.repeat(base[:, :, None], block.draws, axis=2)
        elif pool.by in block.people.plan.measures:
            weight = self._at_settlements(block.to_date(pool.by, self.width))
        else:
            weight = self._value(pool.by)
        weight = np.maximum(weight, 0.0) * (self.terms.due[:, self.ends, None] > 0)
        if pool.amount is not None:
            size: Any = float(pool.amount)
        else:
            own = block.to_date(pool.measure or "", self.width)[:, self.ends]
            about = block.people.plan.measures[pool.measure or ""]
            filled = own[:1] if about.credit == "company" else own.sum(axis=0, keepdims=True)
            size = np.maximum(filled, 0.0) * float(pool.rate or 0)
        whole = weight.sum(axis=0, keepdims=True)
        return np.where(whole > 0, size * weight / np.where(whole > 0, whole, 1.0), 0.0)

    # -- modifiers --------------------------------------------------------------------------

    def _over_window(self, modifier: Modifier, value: Floats) -> Floats:
        """Act on all of the window to date; the settlement has what that has grown by."""
        window = max(self.window, self.width)
        goes_on, total = self._goes_on(window), value.copy()
        for place in np.flatnonzero(goes_on):
            total[:, place] += total[:, place - 1]
        return _grown(self._changed(modifier, total, window, True), goes_on)

    def _changed(self, modifier: Modifier, value: Floats, width: int, who: Any) -> Floats:
        """Pay changed by one modifier, in place where that is quicker."""
        if modifier.times is not None:
            levels = Levels.of(modifier.times)
            self._note_steps(modifier.times, levels, value)
            return levels.times(*self._place(modifier.times.indicator), value)
        if modifier.matrix is not None:
            return value * self._of_matrix(modifier.matrix, value)
        if modifier.gate is not None:
            self._note_gate(modifier, modifier.gate, value)
            low, high = bounds(modifier.gate)
            place = self._place(modifier.gate.indicator)
            kernels.gated(*place, low, high, float(modifier.otherwise), value)
            return value
        bound = modifier.cap if modifier.cap is not None else modifier.floor
        assert bound is not None
        limit = self.block.people.worth(bound, width)[self.terms.at][:, self.ends, None]
        if modifier.cap is not None:
            return np.minimum(value, limit)
        return np.where((value < limit) & who, limit, value)

    def _of_matrix(self, matrix: Matrix, pay: Floats) -> Floats:
        place, values = [], []
        axes = (matrix.down, matrix.across)
        for axis in axes:
            starts = np.array([float(each) for each in axis.from_[1:]])
            near = starts - NEAR * np.maximum(np.abs(starts), 1.0)
            values.append(self._value(axis.indicator))
            place.append(np.searchsorted(near, values[-1], side="right"))
        table = np.array([[float(each) for each in row] for row in matrix.factors])
        for number, axis in enumerate(axes):
            if self.block.people.plan.indicators[axis.indicator].attainment:
                self._note_matrix(axis, values[number], table, place, number, pay)
        return np.asarray(table[place[0], place[1]])

    # -- who stands beside steps ------------------------------------------------------------

    def _note_steps(self, factor: Factor, levels: Levels, pay: Floats) -> None:
        """Count who stands beside the steps of a factor."""
        about = self.block.people.plan.indicators[factor.indicator]
        if not about.attainment or not levels.by_steps:
            return
        real = np.flatnonzero(levels.starts > 0)
        rises = np.diff(levels.factors)[real - 1]
        self._note(levels.starts[real], rises, np.ones(len(real)), factor.indicator, pay)

    def _note_gate(self, modifier: Modifier, gate: Needs, pay: Floats) -> None:
        """Count who stands beside a condition on attainment."""
        if not self.block.people.plan.indicators[gate.indicator].attainment:
            return
        ends = np.array([float(each) for each in (gate.at_least, gate.below) if each is not None])
        rises = np.full(len(ends), 1 - float(modifier.otherwise))
        self._note(ends, rises, np.ones(len(ends)), gate.indicator, pay)

    def _note(
        self, steps: Floats, rises: Floats, apart: Floats, indicator: str, pay: Floats
    ) -> None:
        beside = self.block.beside
        if beside is None or not len(steps):
            return
        room = beside.room(self.name, steps.tolist(), self.block.persons)
        by_person = np.tile(rises[None, :, None], (self.shape[1], 1, self.shape[0]))
        kernels.beside(
            *self._place(indicator), steps, apart * beside.width, pay, by_person, self.terms.at,
            room,
        )  # fmt: skip

    def _note_tiers(self, total: Floats, windows: NDArray[np.intp]) -> None:
        """Count who stands beside the tiers of a table that re-rates everything."""
        rates, beside = self.component.rates, self.block.beside
        if beside is None or rates is None or not self.terms.whole:
            return
        starts, levels = (each[windows] for each in self.terms.tables[-1])
        named = np.array([float(each) for each in rates.starts()])
        real = np.flatnonzero(named > 0)
        if not len(real):
            return
        # on attainment within points of the quota, else within that share of the tier's start
        by_quota = rates.on == "attainment"
        unit = starts[:, real[0]] / named[real[0]] if by_quota else np.ones(1)
        scale = np.where(unit > 0, 1.0 / np.where(unit > 0, unit, 1.0), 0.0)
        scale = np.ascontiguousarray(np.broadcast_to(scale, self.shape[1::-1]).T)
        apart = np.ones(len(real)) if by_quota else named[real]
        steps = named[real]
        room = beside.room(self.name, steps.tolist(), self.block.persons)
        rises = np.ascontiguousarray(np.diff(levels, axis=1)[:, real - 1])
        where = np.arange(self.shape[0])
        kernels.beside(
            total, self.ends, where, scale, steps, apart * beside.width, total[:, self.ends], rises,
            self.terms.at, room,
        )  # fmt: skip

    def _note_matrix(
        self,
        axis: Axis,
        value: Floats,
        table: Floats,
        place: list[NDArray[np.intp]],
        number: int,
        pay: Floats,
    ) -> None:
        """Count who stands beside a start of an axis; what it is worth depends on the other one."""
        beside, at = self.block.beside, self.terms.at
        if beside is None:
            return
        starts = [float(each) for each in axis.from_[1:]]
        room = beside.room(self.name, starts, self.block.persons)
        table = table if number == 0 else table.T
        other = place[1 - number]
        for step, start in enumerate(starts):
            money = np.abs(pay * (table[step + 1, other] - table[step, other]))
            near = (np.abs(value - start) <= beside.width) & (money > 0)
            room[step, 0, at] += near.sum(axis=(1, 2))
            room[step, 1, at] += np.where(near, money, 0.0).sum(axis=(1, 2))

    def _rounded(self, pay: Floats) -> Floats:
        if not self.block.cents:
            return pay
        # half up as the engine has it, with a hair for floats that lie beside a half cent
        units = np.abs(pay) * 10**self.block.people.digits_of_pay
        return np.sign(pay) * np.floor(units + 0.5 + 1e-6) / 10**self.block.people.digits_of_pay


@dataclass(frozen=True, slots=True)
class Levels:
    """A factor by an indicator in floats; of steps the first starts at -inf."""

    by_steps: bool
    starts: Floats
    factors: Floats
    low: float
    high: float

    @staticmethod
    def of(factor: Factor) -> Levels:
        """Read a factor."""
        starts = np.array([float(step.from_) for step in factor.steps])
        levels = np.array([float(step.factor) for step in factor.steps])
        low = -np.inf if factor.floor is None else float(factor.floor)
        high = np.inf if factor.cap is None else float(factor.cap)
        by_steps = bool(factor.steps) and factor.kind == "step"
        if by_steps:
            # under the first step the factor is 0, which a floor lifts
            starts, levels = np.append(-np.inf, starts), np.append(0.0, levels)
            levels = np.clip(levels, low, high)
        return Levels(by_steps, starts, levels, low, high)

    def times(
        self,
        value: Floats,
        ends: NDArray[np.intp],
        at: NDArray[np.intp],
        scale: Floats,
        pay: Floats,
    ) -> Floats:
        """Multiply pay by the factor; arrays as of the kernels."""
        if self.by_steps:
            kernels.stepped(value, ends, at, scale, self.starts, self.factors, pay)
        elif len(self.starts):
            kernels.lined(
                value, ends, at, scale, self.starts, self.factors, self.low, self.high, pay
            )
        else:
            kernels.clipped(value, ends, at, scale, self.low, self.high, pay)
        return pay


def _grown(pay: Floats, goes_on: NDArray[np.bool_]) -> Floats:
    """What pay to date has grown by since the settlement before, where its window goes on."""
    for place in np.flatnonzero(goes_on)[::-1]:
        pay[:, place] -= pay[:, place - 1]
    return pay
