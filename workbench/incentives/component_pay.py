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
from workbench.pay.parts import Axis, Factor, Matrix, Modifier

if TYPE_CHECKING:
    from workbench.incentives.blocks import Block


class ComponentPay:
    """One component on a block: only the people who have it."""

    def __init__(self, block: Block, name: str, terms: Terms) -> None:
        self.block, self.name, self.terms = block, name, terms
        self.component, self.width, self.window = terms.component, terms.width, terms.window
        self.factors = [None if m.times is None else Levels.of(m.times) for m in terms.modify]
        shape = block.draws, len(terms.at)
        self.out, self.earned = np.empty(shape), np.empty(shape)
        self.stated = np.full(len(terms.at), np.nan)
        self.over: dict[int, tuple[Floats, Floats]] = {}
        if terms.component.kind == "rated":
            self.before = np.zeros(shape)
            self.alone = np.zeros(shape)
            self.total = np.zeros(shape)

    def month(self, month: int) -> Floats | None:
        """Pay of a settlement; None in other months."""
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

    def _own(self, values: NDArray[Any]) -> NDArray[Any]:
        """Columns of the people who have the component, of an array (draws, people)."""
        if values.shape[1] == len(self.terms.at) and values.flags.c_contiguous:
            return values
        return values.take(self.terms.at, axis=1)

    def _indicator(self, name: str, month: int) -> tuple[Floats, Floats]:
        value, scale = self.block.indicator(name, month)
        return self._own(value), scale[self.terms.at]

    # -- by rates ---------------------------------------------------------------------------

    def _gather(self, month: int) -> None:
        measure = self.component.measure or ""
        if self.window and self.terms.everybody:
            self.total = self.block.to_date(measure, self.window, month)
            return
        values, factor = self.block.credit(measure, month)
        values, factor = self._own(values), factor[self.terms.at] * self.terms.holds[:, month]
        if self.window:
            kernels.gather(self.total, values, factor, month % self.window == 0)
            return
        # each transaction by itself: so many equal ones a month
        lines = self.block.people.traits.lines.get(self.name, 1.0)
        kernels.gather(self.total, values, factor / lines, True)
        self._table(month)
        self.alone += self.out * lines

    def _rated(self, month: int) -> Floats:
        if not self.window:
            pay, self.alone = self.alone, np.zeros_like(self.alone)
            return pay if self.terms.modify else self._rounded(pay)
        if month // self.window != (month - self.width) // self.window:
            self.before[:] = 0.0
        self._table(month)
        self._note_tiers(month)
        if not self.terms.modify:
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
            way |= self._own(self.block.met(each, month)).astype(np.int64) << bit
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
        due = self.terms.due[:, month]
        if self.terms.modify or not np.array_equal(due, self.stated):
            self.earned[:] = due
            self.stated = due
        return self.earned if self.terms.modify else self._rounded(self.earned)

    def _pool(self, month: int) -> Floats:
        pool, block = self.component.pool, self.block
        assert pool is not None
        if pool.by == "equal":
            weight = np.ones(self.out.shape)
        elif pool.by == "base_pay":
            base = block.people.staff.base_pay[self.terms.at, month]
            weight = np.tile(base / 1.0, (block.draws, 1))
        elif pool.by in block.people.plan.measures:
            weight = self._own(block.to_date(pool.by, self.width, month))
        else:
            value, scale = self._indicator(pool.by, month)
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
        if not self.terms.modify:
            return pay
        value = pay
        for number, modifier in enumerate(self.terms.modify):
            if modifier.over == "window":
                value = self._over_window(number, modifier, value, month)
            else:
                value = self._changed(
                    number, value, month, self.width, self.terms.eligible[:, month]
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
        after = self._changed(number, total.copy(), month, window, True)
        self.over[number] = total, after.copy()
        return np.asarray(after - paid)

    def _changed(self, number: int, value: Floats, month: int, width: int, who: Any) -> Floats:
        modifier, levels = self.terms.modify[number], self.factors[number]
        if modifier.times is not None and levels is not None:
            at, scale = self._indicator(modifier.times.indicator, month)
            if self.block.beside is not None:
                self._note_steps(modifier.times, levels, at, scale, value)
            return levels.times(at, scale, value)
        if modifier.matrix is not None:
            return value * self._of_matrix(modifier.matrix, month, value)
        if modifier.gate is not None:
            at, scale = self._indicator(modifier.gate.indicator, month)
            self._note_gate(modifier, at, scale, value)
            kernels.gated(at, scale, *bounds(modifier.gate), float(modifier.otherwise), value)
            return value
        bound = modifier.cap if modifier.cap is not None else modifier.floor
        assert bound is not None
        limit = self.block.people.worth(bound, width)[self.terms.at, month]
        if modifier.cap is not None:
            return np.minimum(value, limit)
        return np.where((value < limit) & who, limit, value)

    def _of_matrix(self, matrix: Matrix, month: int, pay: Floats) -> Floats:
        place, values = [], []
        axes = (matrix.down, matrix.across)
        for axis in axes:
            value, scale = self._indicator(axis.indicator, month)
            starts = np.array([float(each) for each in axis.from_[1:]])
            near = starts - NEAR * np.maximum(np.abs(starts), 1.0)
            values.append(value * scale)
            place.append(np.searchsorted(near, values[-1], side="right"))
        table = np.array([[float(each) for each in row] for row in matrix.factors])
        if self.block.beside is not None:
            for number, axis in enumerate(axes):
                if self.block.people.plan.indicators[axis.indicator].attainment:
                    self._note_matrix(axis, values[number], table, place, number, pay)
        return np.asarray(table[place[0], place[1]])

    # -- who stands beside steps ------------------------------------------------------------

    def _note_steps(
        self, factor: Factor, levels: Levels, at: Floats, scale: Floats, pay: Floats
    ) -> None:
        """Count who stands beside the steps of a factor."""
        about = self.block.people.plan.indicators[factor.indicator]
        if not about.attainment or not levels.by_steps:
            return
        real = np.flatnonzero(levels.starts > 0)
        rises = np.repeat(np.diff(levels.factors)[real - 1, None], len(scale), axis=1)
        self._note(levels.starts[real], at, scale, np.ones(len(real)), pay, rises)

    def _note_tiers(self, month: int) -> None:
        """Count who stands beside the tiers of a table that re-rates everything."""
        rates = self.component.rates
        if self.block.beside is None or rates is None or not self.terms.whole or not self.window:
            return
        starts, levels = self.terms.tables[-1][month // self.window]
        named = np.array([float(each) for each in rates.starts()])
        real = np.flatnonzero(named > 0)
        # on attainment within points of the quota, else within that share of the tier's start
        by_quota = rates.on == "attainment"
        unit = starts[real[0]] / named[real[0]] if by_quota and len(real) else np.ones(1)
        scale = np.where(unit > 0, 1.0 / np.where(unit > 0, unit, 1.0), 0.0)
        scale = np.ascontiguousarray(np.broadcast_to(scale, self.total.shape[1:]))
        apart = np.ones(len(real)) if by_quota else named[real]
        self._note(named[real], self.total, scale, apart, self.total,
                   np.diff(levels, axis=0)[real - 1])  # fmt: skip

    def _note_gate(self, modifier: Modifier, at: Floats, scale: Floats, pay: Floats) -> None:
        """Count who stands beside a condition on attainment."""
        gate = modifier.gate
        if gate is None or not self.block.people.plan.indicators[gate.indicator].attainment:
            return
        ends = np.array([float(each) for each in (gate.at_least, gate.below) if each is not None])
        rises = np.full((len(ends), len(scale)), 1 - float(modifier.otherwise))
        self._note(ends, at, scale, np.ones(len(ends)), pay, rises)

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
            room[step, 0, at] += near.sum(axis=0)
            room[step, 1, at] += np.where(near, money, 0.0).sum(axis=0)

    def _note(
        self, steps: Floats, value: Floats, scale: Floats, apart: Floats, pay: Floats, rises: Floats
    ) -> None:
        beside = self.block.beside
        if beside is None or not len(steps):
            return
        room = beside.room(self.name, steps.tolist(), self.block.persons)
        kernels.beside(value, scale, steps, apart * beside.width, pay, rises, self.terms.at, room)

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

    def times(self, value: Floats, scale: Floats, pay: Floats) -> Floats:
        """Multiply pay by the factor."""
        if self.by_steps:
            kernels.stepped(value, scale, self.starts, self.factors, pay)
            return pay
        if not len(self.starts):
            kernels.clipped(value, scale, self.low, self.high, pay)
            return pay
        kernels.lined(value, scale, self.starts, self.factors, self.low, self.high, pay)
        return pay
