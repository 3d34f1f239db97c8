"""The loops over credit lines: rates applied exactly in integers, line by line.

A line's earning is the numerator n of n * b / c minor units: slices of the line times the rates of
their tiers, all scaled to whole numbers. b and c are those of the cell (person, window and
settlement). Products of 128 bits are rounded without loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.compiled import njit

MARGINAL, WHOLE = 0, 1


@njit(cache=True)
def scaled(a: int, b: int, c: int, even: bool) -> int:  # pragma: no cover - compiled
    """Round a * b / c, half away from zero or to even; c above 0, the result below 2**62."""
    if a == 0 or b == 0:
        return 0
    negative = (a < 0) != (b < 0)
    x, y, z = np.uint64(abs(a)), np.uint64(abs(b)), np.uint64(c)
    if y == np.uint64(1):
        quotient, rest = x // z, x % z
    else:
        high, low = _product(x, y)
        quotient, rest = _quotient(high, low, z)
    over = z - rest  # rest + over = c, so rest > over is more than a half
    if rest > over or (rest == over and (not even or quotient & np.uint64(1))):
        quotient += np.uint64(1)
    result = np.int64(quotient)
    return int(-result if negative else result)


@njit(cache=True)
def windowed(
    kind: int,
    amount: Any,
    factor: Any,
    first: Any,
    window: Any,
    starts: Any,
    rates: Any,
    gate: Any,
    unit: Any,
    scale: int,
    above: Any,
    below: Any,
    per_line: bool,
    even: bool,
) -> tuple[Any, Any, Any]:  # pragma: no cover - compiled
    """Pay lines that accumulate in windows.

    Parameters
    ----------
    kind : int
        MARGINAL or WHOLE.
    amount : int64 array, shape (lines,)
        Credit of each line, sorted by cell, then in order of time.
    factor : int32 array, shape (lines,) or (1,)
        Scaled factor of each line, or of all.
    first : int64 array, shape (cells + 1,)
        Where each cell's lines begin; cells of a window follow each other in time.
    window, gate, unit, above, below : int64 arrays, shape (cells,)
        Window of the cell, row of `rates`, what the starts are multiples of, b and c.
    starts : int64 array, shape (tiers,)
    rates : int64 array, shape (gates, tiers)
    scale : int
        Amounts are multiplied by it to be compared with starts times units.
    per_line : bool
        Round each line; otherwise the sum to date, each line having its part.

    Returns
    -------
    pay : int64 array, shape (lines,)
        Minor units that a line earns in its own cell.
    again : int64 array, shape (cells,)
        What earlier lines of the window earn more (or less) since the cell before.
    to_date : int64 array, shape (cells,)
        Numerator of all the window has earned at the end of the cell.
    """
    lines, cells = len(amount), len(window)
    pay, again = np.zeros(lines, np.int64), np.zeros(cells, np.int64)
    to_date = np.zeros(cells, np.int64)
    begin, credit, earned, settled, tier = 0, 0, 0, 0, -1
    many = len(factor) > 1
    for cell in range(cells):
        new = cell == 0 or window[cell] != window[cell - 1]
        if new:
            begin, credit, earned, settled, tier = first[cell], 0, 0, 0, -1
        b, c, u, row = above[cell], below[cell], unit[cell], rates[gate[cell]]
        changed = not new and (
            gate[cell] != gate[cell - 1]
            or u != unit[cell - 1]
            or b != above[cell - 1]
            or c != below[cell - 1]
        )
        reached = 0
        if kind == WHOLE:
            total = credit
            for line in range(first[cell], first[cell + 1]):
                total += amount[line]
            reached = _tier(total * scale, starts, u)
            changed = changed or (not new and reached != tier)
        if changed:
            credit, earned, before = 0, 0, settled
            settled = 0
            for line in range(begin, first[cell]):
                part = _earning(kind, amount[line], credit, starts, row, u, scale, reached)
                part *= factor[line if many else 0]
                credit += amount[line]
                earned += part
                if per_line:
                    settled += scaled(part, b, c, even)
            if not per_line:
                settled = scaled(earned, b, c, even)
            again[cell] = settled - before
        for line in range(first[cell], first[cell + 1]):
            part = _earning(kind, amount[line], credit, starts, row, u, scale, reached)
            part *= factor[line if many else 0]
            credit += amount[line]
            earned += part
            now = settled + scaled(part, b, c, even) if per_line else scaled(earned, b, c, even)
            pay[line] = now - settled
            settled = now
        to_date[cell] = earned
        tier = reached
    return pay, again, to_date


@njit(cache=True)
def single(
    kind: int,
    amount: Any,
    before: Any,
    factor: Any,
    first: Any,
    starts: Any,
    rates: Any,
    gate: Any,
    scale: int,
    below: int,
    per_line: bool,
    even: bool,
) -> tuple[Any, Any]:  # pragma: no cover - compiled
    """Pay lines that stand alone; `before` is what is left of the line that one corrects.

    Returns the pay of each line and the numerator of each cell, as `windowed`.
    """
    lines, cells = len(amount), len(gate)
    pay, earned = np.zeros(lines, np.int64), np.zeros(cells, np.int64)
    many = len(factor) > 1
    for cell in range(cells):
        row, settled = rates[gate[cell]], 0
        for line in range(first[cell], first[cell + 1]):
            x, was = amount[line], before[line]
            if kind == WHOLE:
                now = was + x
                part = row[_tier(now * scale, starts, 1)] * now
                part = (part - row[_tier(was * scale, starts, 1)] * was) * scale
            else:
                part = _earning(kind, x, was, starts, row, 1, scale, 0)
            part *= factor[line if many else 0]
            earned[cell] += part
            if per_line:
                pay[line] = scaled(part, 1, below, even)
            else:
                now = scaled(earned[cell], 1, below, even)
                pay[line] = now - settled
                settled = now
    return pay, earned


@njit(cache=True)
def summed(values: Any, codes: Any, size: int) -> Any:  # pragma: no cover - compiled
    """Add integers by code, exactly."""
    totals = np.zeros(size, np.int64)
    for index in range(len(values)):
        totals[codes[index]] += values[index]
    return totals


@njit(cache=True)
def sizes(values: Any, codes: Any, size: int) -> Any:  # pragma: no cover - compiled
    """Add the sizes of integers by code, exactly."""
    totals = np.zeros(size, np.int64)
    for index in range(len(values)):
        totals[codes[index]] += abs(values[index])
    return totals


@njit(cache=True)
def within(values: Any, first: Any) -> Any:  # pragma: no cover - compiled
    """Add integers that lie side by side; `first` says where each sum begins."""
    totals = np.zeros(len(first) - 1, np.int64)
    for cell in range(len(totals)):
        for index in range(first[cell], first[cell + 1]):
            totals[cell] += values[index]
    return totals


@njit(cache=True)
def by_month(
    values: Any, person: Any, month: Any, people: int, months: int
) -> Any:  # pragma: no cover - compiled
    """Add integers by person and month, exactly."""
    totals = np.zeros((people, months), np.int64)
    for index in range(len(values)):
        totals[person[index], month[index]] += values[index]
    return totals


@njit(cache=True)
def held(
    holds: Any, person: Any, start: Any, day: Any, from_: int, to: int
) -> Any:  # pragma: no cover - compiled
    """Positions of lines of people in the role by month, between two days."""
    kept, count = np.empty(len(person), np.int64), 0
    for index in range(len(person)):
        if from_ <= day[index] <= to and holds[person[index], start[index]]:
            kept[count] = index
            count += 1
    return kept[:count].copy()


@njit(cache=True)
def placed(
    person: Any, month: Any, turn: Any, turns: int, people: int, row: Any, amount: Any
) -> tuple[Any, Any, Any]:  # pragma: no cover - compiled
    """Put lines in order of person and turn, stable.

    Returns where each person's turn begins, then row and amount of the lines in that order.
    """
    first = np.zeros(people * turns + 1, np.int64)
    for index in range(len(person)):
        first[person[index] * turns + turn[month[index]] + 1] += 1
    for cell in range(people * turns):
        first[cell + 1] += first[cell]
    place = first[:-1].copy()
    rows, amounts = np.empty(len(row), row.dtype), np.empty(len(row), np.int64)
    for index in range(len(person)):
        cell = person[index] * turns + turn[month[index]]
        at = place[cell]
        rows[at], amounts[at] = row[index], amount[index]
        place[cell] += 1
    return first, rows, amounts


@njit(cache=True)
def counted(
    codes: Any, signs: Any, allowed: Any, amounts: Any
) -> tuple[Any, Any]:  # pragma: no cover - compiled
    """Rows whose code counts, and their amounts; -1 takes back, whatever the sign was.

    `signs` has 0, 1 or -1 for each code and a last 0 for none; `allowed` may be of length 1.
    """
    rows, credit = np.empty(len(codes), np.int32), np.empty(len(codes), np.int64)
    count, every = 0, len(allowed) == 1 and allowed[0]
    for index in range(len(codes)):
        sign = signs[codes[index]]
        if sign != 0 and (every or allowed[index]):
            amount = np.int64(amounts[index])
            rows[count] = index
            credit[count] = amount if sign > 0 else -abs(amount)
            count += 1
    return rows[:count].copy(), credit[:count].copy()


@njit(cache=True)
def reached(values: Any, starts: Any) -> Any:  # pragma: no cover - compiled
    """How many of the rising starts each value has reached; none where there is no value."""
    steps = np.zeros(len(values), np.int16)
    for index in range(len(values)):
        value = values[index]
        for start in starts:
            if value >= start:
                steps[index] += 1
    return steps


@njit(cache=True)
def whole_units(
    values: Any, scale: float
) -> tuple[Any, Any, Any, Any]:  # pragma: no cover - compiled
    """Nearest whole units of floats, where there is one, the largest size, and the first too fine.

    Sizes that are not finite are the largest; -1 where no value is too fine.
    """
    units, given = np.zeros(len(values), np.int64), np.ones(len(values), np.bool_)
    largest, finer = 0.0, -1
    for index in range(len(values)):
        value = values[index]
        if np.isnan(value):
            given[index] = False
            continue
        scaled_ = value * scale
        if abs(scaled_) > largest:
            largest = abs(scaled_)
        if largest >= 2.0**52:
            break
        unit = np.rint(scaled_)
        if finer < 0 and abs(scaled_ - unit) > 1e-3:
            finer = index
        units[index] = np.int64(unit)
    return units, given, largest, finer


@njit(cache=True)
def grouped(codes: Any, size: int) -> tuple[Any, Any]:  # pragma: no cover - compiled
    """Order of the entries by code, stable, and where each code begins."""
    first = np.zeros(size + 1, np.int64)
    for code in codes:
        first[code + 1] += 1
    for code in range(size):
        first[code + 1] += first[code]
    place, order = first[:-1].copy(), np.empty(len(codes), np.int64)
    for index in range(len(codes)):
        order[place[codes[index]]] = index
        place[codes[index]] += 1
    return order, first


@njit(cache=True)
def packed(data: Any, offsets: Any, begin: int) -> Any:  # pragma: no cover - compiled
    """Eight bytes of each text from a position on, as a number that sorts as they do."""
    keys = np.zeros(len(offsets) - 1, np.uint64)
    for index in range(len(keys)):
        key, start, end = np.uint64(0), offsets[index] + begin, offsets[index + 1]
        for at in range(start, start + 8):
            key <<= np.uint64(8)
            if at < end:
                key |= np.uint64(data[at])
        keys[index] = key
    return keys


@njit(cache=True)
def alike(data: Any, offsets: Any, first: Any) -> int:  # pragma: no cover - compiled
    """How many bytes all texts begin alike with."""
    same = len(first)
    for index in range(len(offsets) - 1):
        start = offsets[index]
        same = min(same, offsets[index + 1] - start)
        for at in range(same):
            if data[start + at] != first[at]:
                same = at
                break
    return int(same)


@njit(cache=True)
def running(values: Any, keys: Any, size: int) -> Any:  # pragma: no cover - compiled
    """Sum of the earlier entries of the same key."""
    sums, before = np.zeros(size, np.int64), np.zeros(len(values), np.int64)
    for index in range(len(values)):
        before[index] = sums[keys[index]]
        sums[keys[index]] += values[index]
    return before


@njit(cache=True)
def _earning(
    kind: int, amount: int, credit: int, starts: Any, rates: Any, unit: int, scale: int, tier: int
) -> int:  # pragma: no cover - compiled
    if kind == WHOLE:
        return rates[tier] * amount * scale
    low, high, sign = credit * scale, (credit + amount) * scale, 1
    if high < low:
        low, high, sign = high, low, -1
    total, last = 0, len(starts) - 1
    for tier_ in range(last + 1):
        start = starts[tier_] * unit
        from_ = low if tier_ == 0 else max(low, start)
        to = high if tier_ == last else min(high, starts[tier_ + 1] * unit)
        if to > from_:
            total += rates[tier_] * (to - from_)
    return sign * total


@njit(cache=True)
def _tier(amount: int, starts: Any, unit: int) -> int:  # pragma: no cover - compiled
    tier = 0
    for number in range(1, len(starts)):
        if amount >= starts[number] * unit:
            tier = number
    return tier


@njit(cache=True)
def _product(x: Any, y: Any) -> tuple[Any, Any]:  # pragma: no cover - compiled
    """128 bits of a product, in two halves."""
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    x0, x1, y0, y1 = x & mask, x >> half, y & mask, y >> half
    low, middle = x0 * y0, x1 * y0
    middle += low >> half
    other = x0 * y1 + (middle & mask)
    return x1 * y1 + (middle >> half) + (other >> half), (other << half) | (low & mask)


@njit(cache=True)
def _quotient(high: Any, low: Any, z: Any) -> tuple[Any, Any]:  # pragma: no cover - compiled
    """Quotient and rest of 128 bits by a number below 2**63."""
    if high == np.uint64(0):
        return low // z, low % z
    rest, quotient, one = high % z, np.uint64(0), np.uint64(1)
    for bit in range(63, -1, -1):
        rest = (rest << one) | ((low >> np.uint64(bit)) & one)
        quotient <<= one
        if rest >= z:
            rest -= z
            quotient |= one
    return quotient, rest
