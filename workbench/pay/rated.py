"""Pay on a measure by rates: windows, tiers, gates, and each line's part.

To date, a window has earned E(X) of the credit X it holds; a settlement pays what E has grown by
since the one before. A return belongs to the window of the line it corrects, so it takes back what
that line earned, and never more.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.book import Book, Credited
from workbench.pay.exactly import LIMIT, Ints, Ratio, common_denominator
from workbench.pay.lines import line_factors
from workbench.pay.parts import MONTHS, Amount
from workbench.pay.plan import Component
from workbench.text import later

#: Up to so many lines are summed up one by one.
_FEW = 100


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """What a component's rates paid, by line and by cell.

    A cell is a person, a window and a settlement; arrays of lines are sorted by cell.

    Attributes
    ----------
    earned : int64 array, shape (people, months)
        Minor units, at the months of settlement.
    exact : Ratio, shape (people, months)
        The same, not rounded where rounding is per payee.
    row, amount, pay : arrays, shape (lines,)
        Line, credit, minor units earned.
    factor : int32 array, shape (lines,) or (1,)
        Scaled factor of each line, or of all.
    started : int16 array, shape (lines,), or None
        Month of the line that each one corrects; None where none corrects another.
    left : int64 array, shape (lines,), or None
        Of transactions that stand alone: what is left of the one that a line corrects.
    first : int64 array, shape (cells + 1,)
    person, window, settlement, unit, gate, above, below, again : arrays, shape (cells,)
        See `kernels.windowed`.
    starts : int64 array; rates : int64 array, shape (gates, tiers)
    scale : int
        Amounts times this are compared with starts times units.
    factor_scale : int
        Factors are whole numbers over this.
    """

    earned: Ints
    exact: Ratio | None
    row: NDArray[np.int32]
    amount: Ints
    factor: NDArray[np.int32]
    pay: Ints
    started: NDArray[np.int16] | None
    left: Ints | None
    first: Ints
    person: Ints
    window: Ints
    settlement: Ints
    unit: Ints
    gate: Ints
    above: Ints
    below: Ints
    again: Ints
    starts: Ints
    rates: Ints
    scale: int
    factor_scale: int

    @property
    def cell(self) -> Ints:
        """Cell of each line."""
        return np.repeat(np.arange(len(self.person)), np.diff(self.first))

    def factor_of(self, line: int) -> int:
        """Scaled factor of a line."""
        return int(self.factor[line if len(self.factor) > 1 else 0])

    def before(self, rows: Ints) -> Ints:
        """Credit of the window, or left of the transaction that a line corrects, before lines."""
        if self.left is not None:
            return self.left[rows]
        key = self.person * (int(self.window.max(initial=0)) + 1) + self.window
        new = np.append(True, key[1:] != key[:-1])
        begins = np.maximum.accumulate(np.where(new, np.arange(len(key)), 0))
        cell = np.searchsorted(self.first, rows, side="right") - 1
        start = self.first[begins[cell]]
        if len(rows) <= _FEW:
            pairs = zip(start, rows, strict=True)
            return np.array([self.amount[from_:to].sum() for from_, to in pairs], np.int64)
        total = np.cumsum(self.amount) - self.amount
        return np.asarray(total[rows] - total[start])


@dataclass(frozen=True, slots=True)
class _Table:
    """A rate table in whole numbers."""

    starts: Ints
    rates: Ints
    scale: int
    divisor: int
    minor: Fraction


def settlements(book: Book, component: Component) -> NDArray[np.int16]:
    """Month in which each month is settled."""
    width, months = MONTHS[component.settle], book.shape[1]
    month = np.arange(months)
    return np.minimum((month // width + 1) * width - 1, months - 1).astype(np.int16)


def rated(book: Book, name: str, component: Component) -> Rated:
    """Pay all lines of a component by its rates.

    Raises
    ------
    InputError
        If amounts are too large for exact sums.
    """
    credited = _held(book, component)
    settle = settlements(book, component)
    width, months = MONTHS[component.window], book.shape[1]
    keys, first, order, row, amount = _in_cells(book, credited, settle, width)
    factor, factor_scale = _factors(book, component, credited, order, row)
    table = _table(book, component, factor_scale)
    per_window = -(-months // max(width, 1))
    person, window = keys // months // per_window, keys // months % per_window
    settlement = keys % months
    gate = _gates(book, component)[person, settlement]
    unit, above, below = _units(book, name, component, table, person, window, credited)
    _check_size(table, credited, unit, factor)
    whole = kernels.WHOLE if component.rates.kind == "whole" else kernels.MARGINAL  # type: ignore[union-attr]
    per_line, even = book.plan.rounding.per == "line", book.even
    left = None
    if width:
        pay, again, to_date = kernels.windowed(
            whole, amount, factor, first, person * per_window + window, table.starts, table.rates,
            gate, unit, table.scale, above, below, per_line, even,
        )  # fmt: skip
        grown = _grown(to_date, person * per_window + window, above, below)
    else:
        left = _left_of(credited)
        left = left if order is None else left[order]
        pay, numerator = kernels.single(
            whole, amount, left, factor, first, table.starts, table.rates, gate, table.scale,
            int(below[0]) if len(below) else 1, per_line, even,
        )  # fmt: skip
        again = np.zeros(len(keys), np.int64)
        grown = (numerator, below, None)
    cell_pay = kernels.within(pay, first) + again
    codes = person * months + settlement
    earned = kernels.summed(cell_pay, codes, book.shape[0] * months).reshape(book.shape)
    exact = None
    if component.modify and not per_line:
        exact = _exact(book, grown, above, codes)
    return Rated(
        earned, exact, row, amount, factor, pay,
        None if order is None else credited.start[order], left, first,
        person, window, settlement, unit, gate, above, below, again, table.starts, table.rates,
        table.scale, factor_scale,
    )  # fmt: skip


def worth(book: Book, amount: Amount, months: int) -> Ratio:
    """Money of an `Amount` for so many months, by person and month, in minor units."""
    if amount.amount is not None:
        return Ratio.constant(amount.amount * 10**book.lines.digits, book.shape)
    if amount.base_pay is not None:
        share = Ratio.constant(amount.base_pay, book.shape)
        return Ratio.of(book.staff.base_pay) * share
    share = Ratio.constant((amount.target_incentive or Fraction(0)) * months / 12, book.shape)
    return Ratio.of(book.staff.incentive) * share


def in_force(book: Book, component: Component) -> NDArray[np.bool_]:
    """Months in which a component holds at all."""
    from_, to = _validity(component)
    return (book.months.ends >= from_) & (book.months.starts <= to)


# -- lines and cells ----------------------------------------------------------------------------


def _held(book: Book, component: Component) -> Credited:
    """Lines that a component pays: of its roles, in its time."""
    credited = book.credited(component.measure or "")
    if not component.roles and component.from_ is None and component.to is None:
        return credited
    from_, to = _validity(component)
    kept = kernels.held(
        book.staff.has_role(component.roles), credited.person, credited.start, credited.day,
        from_, to,
    )  # fmt: skip
    if len(kept) == len(credited.row):
        return credited
    anchor = None
    if credited.anchor is not None:
        place = np.full(len(credited.row), -1, np.int64)
        place[kept] = np.arange(len(kept))
        anchor = place[credited.anchor[kept]]
        anchor = np.where(anchor >= 0, anchor, np.arange(len(kept)))
    month = credited.month[kept]
    return Credited(
        credited.row[kept], credited.person[kept], month, credited.amount[kept], anchor,
        month if credited.start is credited.month else credited.start[kept],
        credited.day[kept],
    )  # fmt: skip


def _factors(
    book: Book,
    component: Component,
    credited: Credited,
    order: Ints | None,
    row: NDArray[np.int32],
) -> tuple[NDArray[np.int32], int]:
    """Scaled factor of each line, in order of the cells."""
    rows = row
    if order is not None and credited.anchor is not None:
        # a return takes back at the factor of the line it corrects
        rows = credited.row[credited.anchor[order]]
    factor, scale = line_factors(book.lines, component.line_factors, rows)
    if int(factor.max(initial=0)) >= 2**31:
        raise InputError(
            later("line factors are too fine to be multiplied exactly"),
            do=later("use factors with fewer decimals"),
        )
    return factor.astype(np.int32), scale


def _validity(component: Component) -> tuple[int, int]:
    from_ = np.datetime64(component.from_ or "1970-01-01", "D").astype(int)
    to = np.datetime64(component.to or "9999-12-31", "D").astype(int)
    return int(from_), int(to)


def _in_cells(
    book: Book, credited: Credited, settle: NDArray[np.int16], width: int
) -> tuple[Ints, Ints, Ints | None, NDArray[np.int32], Ints]:
    """Keys of all cells, rising, where each begins, and the lines put in their order.

    Every person has a cell for each settlement; returns of lines of earlier windows have more. A
    transaction's window is itself; its cell is that of person and settlement.

    Returns
    -------
    keys, first, order, row, amount
        `order` is None where no line corrects another.
    """
    people, months = book.shape
    per_window = -(-months // width) if width else months
    ends = np.unique(settle).astype(np.int64)
    turn = np.searchsorted(ends, settle.astype(np.int64))
    window = ends // width if width else np.zeros(len(ends), np.int64)
    keys = ((np.arange(people)[:, None] * per_window + window) * months + ends).ravel()
    if credited.anchor is None:
        first, row, amount = kernels.placed(
            credited.person, credited.month, turn, len(ends), people, credited.row,
            credited.amount,
        )  # fmt: skip
        return keys, first, None, row, amount
    month = settle[credited.month].astype(np.int64)
    start = credited.start // width if width else np.zeros(len(month), np.int64)
    own = (credited.person.astype(np.int64) * per_window + start) * months + month
    place = credited.person.astype(np.int64) * len(ends) + turn[credited.month]
    late = start != (month // width if width else 0)
    if late.any():
        more = np.setdiff1d(own[late], keys)
        keys = np.union1d(keys, more)
        place += np.searchsorted(more, own)
        place[late] = np.searchsorted(keys, own[late])
    order, first = kernels.grouped(place, len(keys))
    return keys, first, order, credited.row[order], credited.amount[order]


def _left_of(credited: Credited) -> Ints:
    """Credit left of the transaction that each line corrects; 0 for a line of its own."""
    if credited.anchor is None:
        return np.zeros(len(credited.row), np.int64)
    return np.asarray(kernels.running(credited.amount, credited.anchor, len(credited.row)))


# -- rates --------------------------------------------------------------------------------------


def _table(book: Book, component: Component, factor_scale: int) -> _Table:
    """Whole numbers of a rate table; gates make one row of rates for each way they stand."""
    rates = component.rates
    assert rates is not None and component.measure is not None
    unit = 10 ** book.digits(component.measure)
    starts = [start if rates.on == "attainment" else start * unit for start in rates.starts()]
    scale = common_denominator(starts)
    minor = Fraction(10**book.lines.digits, unit)  # minor units of pay for one unit of a count
    slopes = [slope if rates.at_quota is not None else slope * minor for slope in rates.slopes()]
    rate_scale = common_denominator(slopes)
    needs = _needs(component)
    rows = []
    for way in range(2 ** len(needs)):
        row: list[Fraction] = []
        for number, slope in enumerate(slopes):
            tier = rates.tiers[number] if number < len(rates.tiers) else None
            shut = tier is not None and tier.needs is not None
            shut = shut and not way >> needs.index(tier.needs) & 1  # type: ignore[union-attr]
            row.append(row[-1] if shut else slope)
        rows.append([int(value * rate_scale) for value in row])
    return _Table(
        np.array([int(start * scale) for start in starts], np.int64),
        np.array(rows, np.int64),
        scale,
        rate_scale * factor_scale,
        minor,
    )


def _needs(component: Component) -> list[Any]:
    tiers = component.rates.tiers if component.rates else ()
    return list(dict.fromkeys(tier.needs for tier in tiers if tier.needs is not None))


def _gates(book: Book, component: Component) -> Ints:
    """Which row of rates holds, by person and month."""
    gate = np.zeros(book.shape, np.int64)
    for bit, needs in enumerate(_needs(component)):
        gate |= met(book, needs).astype(np.int64) << bit
    return gate


def met(book: Book, needs: Any) -> NDArray[np.bool_]:
    """Tell by person and month where a condition is met."""
    value, _ = book.indicator(needs.indicator)
    result = np.ones(book.shape, bool)
    if needs.at_least is not None:
        result &= value.at_least(needs.at_least)
    if needs.below is not None:
        result &= ~value.at_least(needs.below)
    return result


def _units(
    book: Book,
    name: str,
    component: Component,
    table: _Table,
    person: Ints,
    window: Ints,
    credited: Credited,
) -> tuple[Ints, Ints, Ints]:
    """What the starts are multiples of, and b and c of each cell."""
    rates, ones = component.rates, np.ones(len(person), np.int64)
    assert rates is not None
    below = ones * (table.scale * table.divisor)
    if rates.on != "attainment":
        return ones, ones, below
    width = MONTHS[component.window]
    team = book.plan.measures[component.measure or ""].credit == "team"
    quota = book.quotas.of(rates.quota or component.measure or "", book.staff, team=team)
    begins = np.arange(0, book.shape[1], width)
    unit = np.add.reduceat(quota, begins, axis=1)[person, window]
    _note_missing(book, name, component, unit == 0, person, window, credited)
    if rates.at_quota is None:
        return unit, (unit > 0).astype(np.int64), below
    months = np.minimum(begins + width, book.shape[1]) - 1
    value = worth(book, rates.at_quota, width)[person, months[window]]
    above, under = value.num, value.den * below.astype(object) * np.maximum(unit, 1)
    common = np.gcd(above, under)
    above, under = above // common, under // common
    if len(above) and max(above.max(), under.max()) >= LIMIT:
        raise InputError(
            later("pay at quota over the quota is too fine to be counted exactly"),
            where=later("component {name}", name=name),
            do=later("use rates with fewer decimals"),
        )
    above = np.where(unit > 0, above, 0)
    return unit, above.astype(np.int64), under.astype(np.int64)


def _note_missing(
    book: Book,
    name: str,
    component: Component,
    none: NDArray[np.bool_],
    person: Ints,
    window: Ints,
    credited: Credited,
) -> None:
    """List people who have credit but no quota to hold it against."""
    if not none.any():
        return
    width = MONTHS[component.window]
    per_window = -(-book.shape[1] // width)
    codes = credited.person.astype(np.int64) * per_window + credited.start // width
    credit = kernels.summed(credited.amount, codes, book.shape[0] * per_window)
    keys = np.unique((person * per_window + window)[none])
    slopes = component.rates.slopes() if component.rates else ()
    slope = float(next((each for each in slopes if each), 0))
    pay_at_quota = component.rates.at_quota if component.rates else None
    target = float(component.rates.multiple_at_target()) if component.rates else 0.0
    digits = 10 ** book.digits(component.measure or "")
    for key in keys[credit[keys] != 0]:
        who, number = divmod(int(key), per_window)
        at_stake = float(credit[key]) / digits * slope
        if pay_at_quota is not None:
            whole = worth(book, pay_at_quota, width)[who, number * width].floats().item()
            at_stake = whole / 10**book.lines.digits * target
        book.exceptions.add(
            "missing_quota",
            rep_id=str(book.staff.ids[who]),
            period=book.months.names[number * width],
            component=name,
            credit=float(credit[key]) / digits,
            at_stake=round(at_stake, 2),
        )


def _check_size(table: _Table, credited: Credited, unit: Ints, factor: Any) -> None:
    people = int(credited.person.max(initial=0)) + 1
    size = kernels.sizes(credited.amount, credited.person, people)
    largest = int(size.max(initial=0)) * table.scale
    product = largest * int(table.rates.max(initial=0)) * int(factor.max(initial=1))
    starts = int(table.starts.max(initial=0)) * int(unit.max(initial=0))
    if max(product, starts) >= LIMIT:
        raise InputError(
            later("amounts are too large for exact pay"),
            where=later(
                "largest credit of a person: {amount} minor units",
                amount=f"{largest / table.scale:.3g}",
            ),
            do=later("check the unit of the amounts, or use rates and tiers with fewer decimals"),
        )


# -- exact amounts ------------------------------------------------------------------------------


def _grown(to_date: Ints, window: Ints, above: Ints, below: Ints) -> tuple[Any, Any, Any]:
    """What each cell added to its window: numerators over `below`, and what was there before."""
    same = np.append(False, window[1:] == window[:-1]) if len(window) else np.zeros(0, bool)
    return to_date, below, same


def _exact(book: Book, grown: tuple[Any, Any, Any], above: Ints, codes: Ints) -> Ratio:
    """Earnings by person and month of settlement, not rounded."""
    numerator, below, same = grown
    value = Ratio(numerator.astype(object) * above, below.astype(object))
    if same is not None:
        previous = Ratio(np.roll(value.num, 1), np.roll(value.den, 1))
        zero = Ratio.constant(Fraction(0), value.num.shape)
        value = value - previous.chosen(same, zero)
    people, months = book.shape
    total = Ratio.constant(Fraction(0), (people * months,))
    order = np.argsort(codes, kind="stable")
    sorted_codes = codes[order]
    begins = np.append(True, sorted_codes[1:] != sorted_codes[:-1]) if len(order) else order > 0
    number = np.arange(len(order))
    # number of the cell among those of one person and settlement
    turn = number - np.maximum.accumulate(np.where(begins, number, 0))
    for each in range(int(turn.max(initial=-1)) + 1):
        cells = order[turn == each]
        added = total[codes[cells]] + value[cells]
        total.num[codes[cells]], total.den[codes[cells]] = added.num, added.den
    return Ratio(total.num.reshape(book.shape), total.den.reshape(book.shape))
