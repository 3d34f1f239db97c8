"""The loops over draws: rate tables and factors on whole years of blocks of draws, in floats.

Credit and indicators are of shape (columns, months, draws), pay of (people of a component,
settlements, draws): `at` is the column of each person, `ends` are the months that settlements end
with. The innermost loop runs along draws, which lie side by side in memory, and is turned into
vector instructions; what differs by person and month is one number there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.compiled import njit

#: A sum of credit that comes this near below a tier's start has reached it: sums of floats lie a
#: hair beside the cents they stand for.
NEAR = 1e-6


@njit(nogil=True, fastmath={"contract"})
def accumulated(
    values: Any, factor: Any, at: Any, window: int, begin: int, out: Any
) -> None:  # pragma: no cover - compiled
    """Credit to date: values times factor, (people, months), summed up within windows.

    Parameters
    ----------
    values : float64 array, shape (columns, months, all draws)
    window : int
        Months after which sums begin anew; 0: each month by itself.
    begin : int
        First of the draws.
    out : float64 array, shape (people, months, draws)
    """
    people, months, draws = out.shape
    for person in range(people):
        for month in range(months):
            row, total = values[at[person], month, begin : begin + draws], out[person, month]
            times = factor[person, month]
            if window == 0 or month % window == 0:
                for draw in range(draws):
                    total[draw] = row[draw] * times
            else:
                before = out[person, month - 1]
                for draw in range(draws):
                    total[draw] = before[draw] + row[draw] * times


@njit(nogil=True, fastmath={"contract"})
def marginal(
    credit: Any, ends: Any, windows: Any, starts: Any, steps: Any, out: Any
) -> None:  # pragma: no cover - compiled
    """Pay each part at the rate of its tier.

    Parameters
    ----------
    credit : float64 array, shape (people, months, draws)
    ends, windows : int arrays, shape (settlements,)
        Month and window of each settlement.
    starts, steps : float64 arrays, shape (windows, tiers, people)
        Starts, and by how much the rate is higher than that of the tier before; those of the
        first tier are 0 and its rate.
    out : float64 array, shape (people, settlements, draws)
    """
    people, settlements, draws = out.shape
    for person in range(people):
        for place in range(settlements):
            window, total, mine = windows[place], credit[person, ends[place]], out[person, place]
            first = steps[window, 0, person]
            for draw in range(draws):
                mine[draw] = first * total[draw]
            for tier in range(1, starts.shape[1]):
                start, step = starts[window, tier, person], steps[window, tier, person]
                for draw in range(draws):
                    mine[draw] += step * max(total[draw] - start, 0.0)


@njit(nogil=True)
def whole(
    credit: Any, ends: Any, windows: Any, starts: Any, rates: Any, out: Any
) -> None:  # pragma: no cover - compiled
    """Pay everything at the rate of the tier reached; arrays as in `marginal`, with rates."""
    people, settlements, draws = out.shape
    for person in range(people):
        for place in range(settlements):
            window, total, mine = windows[place], credit[person, ends[place]], out[person, place]
            mine[:] = rates[window, 0, person]
            for tier in range(1, starts.shape[1]):
                start, rate = starts[window, tier, person] - NEAR, rates[window, tier, person]
                for draw in range(draws):
                    mine[draw] = rate if total[draw] >= start else mine[draw]
            for draw in range(draws):
                mine[draw] *= total[draw]


@njit(nogil=True)
def stepped(
    value: Any, ends: Any, at: Any, scale: Any, starts: Any, factors: Any, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by the factor of the step that value times scale has reached.

    Parameters
    ----------
    value : float64 array, shape (columns, months, draws)
    scale : float64 array, shape (people, settlements)
        One over the quota where the value is credit.
    starts, factors : float64 arrays, shape (steps,)
        The first start is -inf.
    pay : float64 array, shape (people, settlements, draws)
    """
    people, settlements, draws = pay.shape
    factor = np.empty(draws)
    for person in range(people):
        for place in range(settlements):
            row, mine = value[at[person], ends[place]], pay[person, place]
            times = scale[person, place]
            factor[:] = factors[0]
            for step in range(1, len(starts)):
                start, level = starts[step], factors[step]
                near = start - 1e-12 * max(abs(start), 1.0)
                for draw in range(draws):
                    factor[draw] = level if row[draw] * times >= near else factor[draw]
            for draw in range(draws):
                mine[draw] *= factor[draw]


@njit(nogil=True)
def clipped(
    value: Any, ends: Any, at: Any, scale: Any, low: float, high: float, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by value times scale, held between low and high."""
    people, settlements, draws = pay.shape
    for person in range(people):
        for place in range(settlements):
            row, mine = value[at[person], ends[place]], pay[person, place]
            times = scale[person, place]
            for draw in range(draws):
                mine[draw] *= min(max(row[draw] * times, low), high)


@njit(nogil=True)
def lined(
    value: Any, ends: Any, at: Any, scale: Any, starts: Any, factors: Any, low: float, high: float,
    pay: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Multiply pay by a line through points at value times scale, held between low and high.

    Before the first point and after the last the line is level; arrays as in `stepped`, starts
    rise.
    """
    people, settlements, draws = pay.shape
    slopes, factor = np.diff(factors) / np.diff(starts), np.empty(draws)
    for person in range(people):
        for place in range(settlements):
            row, mine = value[at[person], ends[place]], pay[person, place]
            times = scale[person, place]
            factor[:] = factors[0]
            for point in range(len(slopes)):
                start, end, slope = starts[point], starts[point + 1], slopes[point]
                for draw in range(draws):
                    factor[draw] += slope * (min(max(row[draw] * times, start), end) - start)
            for draw in range(draws):
                mine[draw] *= min(max(factor[draw], low), high)


@njit(nogil=True)
def gated(
    value: Any, ends: Any, at: Any, scale: Any, low: float, high: float, otherwise: float, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by a factor where value times scale does not lie in [low, high)."""
    people, settlements, draws = pay.shape
    for person in range(people):
        for place in range(settlements):
            row, mine = value[at[person], ends[place]], pay[person, place]
            times = scale[person, place]
            for draw in range(draws):
                if not (low <= row[draw] * times < high):
                    mine[draw] *= otherwise


@njit(nogil=True)
def added(
    pay: Any, ends: Any, begin: int, year: Any, cost: Any
) -> None:  # pragma: no cover - compiled
    """Add pay to each person's year, (people, all draws), and to the cost, (months, all draws)."""
    people, settlements, draws = pay.shape
    for person in range(people):
        own = year[person, begin : begin + draws]
        for place in range(settlements):
            mine, sums = pay[person, place], cost[ends[place], begin : begin + draws]
            for draw in range(draws):
                own[draw] += mine[draw]
            for draw in range(draws):
                sums[draw] += mine[draw]


@njit(nogil=True)
def beside(
    value: Any, ends: Any, at: Any, scale: Any, starts: Any, widths: Any, pay: Any, rises: Any,
    whose: Any, room: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Count who stands within a width of a step, and the money of the step there.

    Parameters
    ----------
    value : float64 array, shape (columns, months, draws)
    scale : float64 array, shape (people, settlements)
        value times scale is what steps are measured on.
    starts, widths : float64 arrays, shape (steps,)
    pay : float64 array, shape (people, settlements, draws)
    rises : float64 array, shape (settlements, steps, people)
        A step is worth pay times its rise.
    whose : int array
        Positions of the people among all.
    room : float64 array, shape (steps, 2, all people)
        Times and money, added to.
    """
    people, settlements, draws = pay.shape
    gap = np.empty(draws)
    for person in range(people):
        for place in range(settlements):
            row, mine = value[at[person], ends[place]], pay[person, place]
            times = scale[person, place]
            gap[:] = np.inf  # to the nearest step: few stand beside one
            for step in range(len(starts)):
                start, width = starts[step], widths[step]
                for draw in range(draws):
                    gap[draw] = min(gap[draw], abs(row[draw] * times - start) - width)
            for draw in range(draws):
                if gap[draw] > 0:
                    continue
                for step in range(len(starts)):
                    if abs(row[draw] * times - starts[step]) <= widths[step]:
                        money = abs(mine[draw] * rises[place, step, person])
                        if money > 0:
                            room[step, 0, whose[person]] += 1.0
                            room[step, 1, whose[person]] += money


@njit(nogil=True, fastmath={"contract"})
def counted(
    values: Any, factor: Any, at: Any, begin: int, year: Any, credit: Any
) -> None:  # pragma: no cover - compiled
    """Add values times factor to the year, (people, draws), and to the credit, (months, draws)."""
    people, draws = year.shape
    for person in range(people):
        own = year[person]
        for month in range(len(credit)):
            row, sums = values[at[person], month, begin : begin + draws], credit[month]
            times = factor[person, month]
            for draw in range(draws):
                own[draw] += row[draw] * times
            for draw in range(draws):
                sums[draw] += row[draw] * times
