"""What each component earns: by rates, as stated or from a pool, then changed by its modifiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.pay.book import Book, summed_within
from workbench.pay.exactly import Ints, Ratio
from workbench.pay.parts import MONTHS, Factor, Matrix, Modifier, Pool
from workbench.pay.plan import Component
from workbench.pay.rated import Rated, in_force, met, rated, settlements, worth
from workbench.units import allocate


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What one modifier did.

    Attributes
    ----------
    name : str
        times, matrix, gate, cap, floor or in_post.
    number : int
        Which of the component's modifiers; -1 for the rule of being in post.
    amount : int64 array, shape (people, months)
        Change of pay, minor units.
    factor : Ratio or None
        Factor at each month, where it is one.
    """

    name: str
    number: int
    amount: Ints
    factor: Ratio | None


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """Earnings of one component, minor units, arrays of shape (people, months).

    Attributes
    ----------
    name : str
    base : int64 array
        Before modifiers.
    changes : tuple of Change
    total : int64 array
        Base and all changes.
    rated : Rated or None
        Lines and cells, where it is paid by rates.
    """

    name: str
    base: Ints
    changes: tuple[Change, ...]
    total: Ints
    rated: Rated | None


@dataclass(frozen=True, slots=True, eq=False)
class _Late:
    """Lines that correct an earlier settlement: person, that settlement, month, minor units."""

    person: Ints
    settled: Ints
    month: Ints
    pay: Ints


def earned(book: Book, name: str) -> Earned:
    """Work out one component."""
    component = book.plan.components[name]
    by_rates = rated(book, name, component) if component.kind == "rated" else None
    if by_rates is not None:
        base, value = by_rates.earned, by_rates.exact
    elif component.pool is not None:
        base, value = _from_pool(book, component, component.pool), None
    else:
        value = _stated(book, component)
        base = value.rounded(even=book.even)
    changes: list[Change] = []
    total = base
    if component.modify:
        value = value if value is not None else Ratio.of(base)
        late = _late(book, component, by_rates)
        changes += _modified(book, name, component, base, value, late)
        total = base + sum(change.amount for change in changes)
    if component.in_post is not None:
        day = np.datetime64(component.in_post, "D").astype(int)
        gone = (book.staff.left < day) | (book.staff.joined > day)
        lost = np.where(gone[:, None], -total, 0)
        changes.append(Change("in_post", -1, lost, None))
        total = total + lost
    return Earned(name, base, tuple(changes), total, by_rates)


# -- stated pay and pools -----------------------------------------------------------------------


def _eligible(book: Book, component: Component) -> tuple[NDArray[np.bool_], Ints, Ints]:
    """Who gets a stated pay at a settlement; days that count, and days of its period."""
    width = MONTHS[component.settle]
    holds = book.staff.has_role(component.roles) & in_force(book, component)[None, :]
    days = summed_within(np.where(holds, book.staff.days, 0), width)
    length = summed_within(np.ascontiguousarray(book.staff.length), width)
    month = np.arange(book.shape[1])
    due = settlements(book, component) == month
    return (days > 0) & due[None, :], days, length


def _stated(book: Book, component: Component) -> Ratio:
    assert component.pays is not None
    who, days, length = _eligible(book, component)
    value = worth(book, component.pays, MONTHS[component.settle])
    part = who & (days < length)
    if component.prorate and part.any():
        less = value[part] * Ratio.of(days[part], length[part])
        value.num[part], value.den[part] = less.num, less.den
    value.num[~who], value.den[~who] = 0, 1
    return value


def _from_pool(book: Book, component: Component, pool: Pool) -> Ints:
    """Share each pool among those eligible, to the last minor unit."""
    who, _, _ = _eligible(book, component)
    width = MONTHS[component.settle]
    result = np.zeros(book.shape, np.int64)
    weights = _weights(book, pool, width)
    for month in np.nonzero(settlements(book, component) == np.arange(book.shape[1]))[0]:
        size = _pool_size(book, pool, int(month), width)
        share = np.where(who[:, month], np.maximum(weights[:, month], 0), 0)
        if size and share.any():
            result[:, month] = allocate(size, share)
        elif size:
            book.exceptions.add(
                "pool_unshared",
                period=book.months.names[month],
                at_stake=size / 10**book.lines.digits,
            )
    return result


def _pool_size(book: Book, pool: Pool, month: int, width: int) -> int:
    if pool.amount is not None:
        size = pool.amount * 10**book.lines.digits
    else:
        filled = summed_within(book.company(pool.measure or "")[None, :], width)[0, month]
        unit = Fraction(10**book.lines.digits, 10 ** book.digits(pool.measure or ""))
        size = max(int(filled), 0) * (pool.rate or Fraction(0)) * unit
    return int(Ratio.of(np.array([size.numerator]), size.denominator).rounded(even=book.even)[0])


def _weights(book: Book, pool: Pool, width: int) -> Any:
    """What a pool is shared by, as whole numbers by person and month."""
    if pool.by == "equal":
        return np.ones(book.shape, np.int64)
    if pool.by == "base_pay":
        return book.staff.base_pay
    if pool.by in book.plan.measures:
        return summed_within(book.totals(pool.by), width)
    value, _ = book.indicator(pool.by)
    return np.maximum((value.num * 10**9) // value.den, 0).astype(np.int64)


# -- modifiers ----------------------------------------------------------------------------------


def _modified(
    book: Book, name: str, component: Component, base: Ints, value: Ratio, late: _Late | None
) -> Iterator[Change]:
    """Apply the modifiers in turn; yields each change.

    A return that belongs to an earlier settlement changes that settlement's pay as it was worked
    out then, and the difference is paid now: it takes back what was paid and not more.
    """
    columns = np.unique(settlements(book, component)).astype(np.int64)
    width = MONTHS[component.settle]
    window = max(MONTHS[component.window], width)
    who, _, _ = _eligible(book, component)
    people = np.repeat(np.arange(book.shape[0])[:, None], len(columns), axis=1)
    months = np.broadcast_to(columns, people.shape)
    now, before = value[:, columns], base
    restated = _Restated(now, late, columns) if late is not None else None
    if restated is not None:
        now = restated.own
    for number, modifier in enumerate(component.modify):
        if modifier.over == "window" and restated is not None:
            now, restated = now + restated.posted(), None
        factor = _factor(book, name, modifier, now, people, months, who)
        # a factor of 1 changes nothing, not even by a rounding of its own
        same = np.zeros(now.num.shape, bool) if factor is None else factor.num == factor.den
        if modifier.over == "window":
            now = _over_window(book, modifier, now, factor, people, months, window // width, window)
            same[:] = False
        else:
            now = _applied(book, modifier, now, factor, people, months, width, who)
            if restated is not None:
                at = restated.people, restated.months
                inner = _factor(book, name, modifier, None, *at, who)
                restated.steps = [
                    _applied(book, modifier, step, inner, *at, width, who)
                    for step in restated.steps
                ]
                if inner is not None:
                    moved = np.asarray(inner.num != inner.den, bool)
                    same[restated.people[moved], restated.column[moved]] = False
        both = now if restated is None else now + restated.posted()
        after = np.zeros(book.shape, np.int64)
        after[:, columns] = np.where(same, before[:, columns], both.rounded(even=book.even))
        shown = None
        if factor is not None:
            shown = Ratio.constant(Fraction(1), book.shape)
            shown.num[:, columns], shown.den[:, columns] = factor.num, factor.den
        yield Change(modifier.name, number, after - before, shown)
        before = after


class _Restated:
    """Earlier settlements as they stand after each late line: before and after it."""

    def __init__(self, value: Ratio, late: _Late, columns: Ints) -> None:
        self.shape = value.num.shape
        place = np.searchsorted(columns, np.arange(columns[-1] + 1))
        self.people, self.months = late.person, late.settled
        self.column = place[late.month]
        taken = Ratio.constant(Fraction(0), self.shape)
        np.add.at(taken.num, (late.person, self.column), late.pay.astype(object))
        self.own = value - taken
        was = self.own[late.person, place[late.settled]]
        keys = late.person * (columns[-1] + 1) + late.settled
        # lines are in order of time within their key
        before = Ratio.of(_earlier(late.pay, keys))
        self.steps = [was + before, was + before + Ratio.of(late.pay)]

    def posted(self) -> Ratio:
        """Differences, at the settlement in which the line came."""
        change = self.steps[1] - self.steps[0]
        total = Ratio.constant(Fraction(0), self.shape)
        for at, (person, column) in enumerate(zip(self.people, self.column, strict=True)):
            added = total[person : person + 1, column] + change[at : at + 1]
            total.num[person, column], total.den[person, column] = added.num[0], added.den[0]
        return total


def _late(book: Book, component: Component, by_rates: Rated | None) -> _Late | None:
    """Lines that correct one settled before, in order of time."""
    if by_rates is None or by_rates.started is None:
        return None
    started = settlements(book, component).astype(np.int64)[by_rates.started]
    cell = by_rates.cell
    month = by_rates.settlement[cell]
    rows = np.nonzero(started < month)[0]
    if not len(rows):
        return None
    rows = rows[np.argsort(by_rates.row[rows], kind="stable")]
    person = by_rates.person[cell[rows]]
    return _Late(person, started[rows], month[rows], by_rates.pay[rows])


def _earlier(values: Ints, keys: Ints) -> Ints:
    sums: dict[int, int] = {}
    result = np.zeros(len(values), np.int64)
    for at, (value, key) in enumerate(zip(values, keys, strict=True)):
        result[at] = sums.get(int(key), 0)
        sums[int(key)] = result[at] + value
    return result


def _factor(
    book: Book,
    name: str,
    modifier: Modifier,
    value: Ratio | None,
    people: Any,
    months: Any,
    who: Any,
) -> Ratio | None:
    """Factor of a modifier that is one; notes people whose indicator is missing."""
    if modifier.times is not None:
        _note_missing(book, name, modifier.times.indicator, value, people, months)
        return factor_of(
            modifier.times, book.indicator(modifier.times.indicator)[0][people, months]
        )
    if modifier.matrix is not None:
        for axis in (modifier.matrix.down, modifier.matrix.across):
            _note_missing(book, name, axis.indicator, value, people, months)
        return _of_matrix(book, modifier.matrix, people, months)
    if modifier.gate is not None:
        _note_missing(book, name, modifier.gate.indicator, value, people, months)
        open_ = met(book, modifier.gate)[people, months]
        shut = Ratio.constant(modifier.otherwise, open_.shape)
        return Ratio.constant(Fraction(1), open_.shape).chosen(open_, shut)
    return None


def factor_of(factor: Factor, value: Ratio) -> Ratio:
    """Factor by an indicator's values: by steps, along a line, or the value itself."""
    result = value
    if factor.steps:
        shape = value.num.shape
        lowest = factor.steps[0].factor if factor.kind == "interpolated" else Fraction(0)
        result = Ratio.constant(lowest, shape)
        for number, step in enumerate(factor.steps):
            reached = value.at_least(step.from_)
            level = Ratio.constant(step.factor, shape)
            if factor.kind == "interpolated" and number + 1 < len(factor.steps):
                after = factor.steps[number + 1]
                slope = (after.factor - step.factor) / (after.from_ - step.from_)
                over = value - Ratio.constant(step.from_, shape)
                level = level + over * Ratio.constant(slope, shape)
            result = level.chosen(reached, result)
    if factor.floor is not None:
        result = result.chosen(
            result.at_least(factor.floor), Ratio.constant(factor.floor, result.num.shape)
        )
    if factor.cap is not None:
        capped = Ratio.constant(factor.cap, result.num.shape)
        result = capped.chosen(result.at_least(factor.cap), result)
    return result


def _of_matrix(book: Book, matrix: Matrix, people: Any, months: Any) -> Ratio:
    """Factor by two indicators; below the first row or column the first holds."""
    place = []
    for axis in (matrix.down, matrix.across):
        value = book.indicator(axis.indicator)[0][people, months]
        at = np.zeros(value.num.shape, np.int64)
        for number, start in enumerate(axis.from_[1:], start=1):
            at[value.at_least(start)] = number
        place.append(at)
    num = np.array([[each.numerator for each in row] for row in matrix.factors], object)
    den = np.array([[each.denominator for each in row] for row in matrix.factors], object)
    return Ratio(num[place[0], place[1]], den[place[0], place[1]])


def _applied(
    book: Book,
    modifier: Modifier,
    value: Ratio,
    factor: Ratio | None,
    people: Any,
    months: Any,
    width: int,
    who: Any,
) -> Ratio:
    if factor is not None:
        return value * factor
    bound = modifier.cap if modifier.cap is not None else modifier.floor
    assert bound is not None
    limit = worth(book, bound, width)[people, months]
    if modifier.cap is not None:
        return limit.chosen(value.at_least(limit), value)
    return value.chosen(value.at_least(limit) | ~who[people, months], limit)


def _over_window(
    book: Book,
    modifier: Modifier,
    value: Ratio,
    factor: Ratio | None,
    people: Any,
    months: Any,
    turns: int,
    width: int,
) -> Ratio:
    """Apply a modifier to all of the window to date; a settlement has what that has grown by."""
    result = Ratio(value.num.copy(), value.den.copy())
    who = np.ones(book.shape, bool)
    for column in range(value.num.shape[1]):
        own = value[:, column]
        if column % turns == 0:
            total, paid = own, Ratio.constant(Fraction(0), own.num.shape)
        else:
            total = total + own
        part = None if factor is None else factor[:, column]
        at = people[:, column], months[:, column]
        after = _applied(book, modifier, total, part, *at, width, who)
        grown = after - paid
        result.num[:, column], result.den[:, column] = grown.num, grown.den
        paid = after
    return result


def _note_missing(
    book: Book, name: str, indicator: str, value: Ratio | None, people: Any, months: Any
) -> None:
    if value is None or book.plan.indicators[indicator].rank is not None:
        return  # who has no place has sold nothing, which is no fault of the data
    _, missing = book.indicator(indicator)
    found = missing[people, months] & (value.num != 0).astype(bool)
    for at in np.argwhere(found):
        person, month = people[tuple(at)], months[tuple(at)]
        at_stake = value.num[tuple(at)] / value.den[tuple(at)] / 10**book.lines.digits
        book.exceptions.add(
            "missing_indicator",
            rep_id=str(book.staff.ids[person]),
            period=book.months.names[month],
            component=name,
            indicator=indicator,
            at_stake=round(float(at_stake), 2),
        )
