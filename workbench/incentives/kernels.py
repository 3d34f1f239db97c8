"""The loops over draws: rate tables on whole blocks of credit, in floats.

Blocks are of shape (draws, people). Tables differ by person, so they are arrays of shape
(tiers, people); the innermost loop runs along people and is turned into vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.compiled import njit

#: A sum of credit that comes this near below a tier's start has reached it: sums of floats lie a
#: hair beside the cents they stand for.
NEAR = 1e-6


@njit(nogil=True, fastmath={"contract"})
def gather(total: Any, values: Any, factor: Any, new: bool) -> None:  # pragma: no cover - compiled
    """Add values times factor to a running total, which begins anew where asked."""
    draws, people = total.shape
    for draw in range(draws):
        if new:
            for person in range(people):
                total[draw, person] = values[draw, person] * factor[person]
        else:
            for person in range(people):
                total[draw, person] += values[draw, person] * factor[person]


@njit(nogil=True, fastmath={"contract"})
def marginal(credit: Any, starts: Any, steps: Any, out: Any) -> None:  # pragma: no cover - compiled
    """Pay each part at the rate of its tier.

    Parameters
    ----------
    credit, out : float64 arrays, shape (draws, people)
    starts, steps : float64 arrays, shape (tiers, people)
        Starts, and by how much the rate is higher than that of the tier before; those of the
        first tier are 0 and its rate.
    """
    draws, people = credit.shape
    for draw in range(draws):
        for person in range(people):
            out[draw, person] = steps[0, person] * credit[draw, person]
        for tier in range(1, len(starts)):
            for person in range(people):
                over = credit[draw, person] - starts[tier, person]
                out[draw, person] += steps[tier, person] * max(over, 0.0)


@njit(nogil=True)
def whole(credit: Any, starts: Any, rates: Any, out: Any) -> None:  # pragma: no cover - compiled
    """Pay everything at the rate of the tier reached; arrays as in `marginal`, with rates."""
    draws, people = credit.shape
    for draw in range(draws):
        for person in range(people):
            out[draw, person] = rates[0, person]
        for tier in range(1, len(starts)):
            for person in range(people):
                if credit[draw, person] >= starts[tier, person] - NEAR:
                    out[draw, person] = rates[tier, person]
        for person in range(people):
            out[draw, person] *= credit[draw, person]


@njit(nogil=True)
def grown(total: Any, before: Any, out: Any) -> None:  # pragma: no cover - compiled
    """What a total has grown by since before; before becomes the total."""
    draws, people = total.shape
    for draw in range(draws):
        for person in range(people):
            now = total[draw, person]
            out[draw, person] = now - before[draw, person]
            before[draw, person] = now


@njit(nogil=True)
def stepped(
    value: Any, scale: Any, starts: Any, factors: Any, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by the factor of the step that value times scale has reached.

    Parameters
    ----------
    value, pay : float64 arrays, shape (draws, people)
    scale : float64 array, shape (people,)
        One over the quota where the value is credit.
    starts, factors : float64 arrays, shape (steps,)
        The first start is -inf.
    """
    draws, people = value.shape
    factor = np.empty(people)
    for draw in range(draws):
        factor[:] = factors[0]
        for step in range(1, len(starts)):
            start, level = starts[step], factors[step]
            near = start - 1e-12 * max(abs(start), 1.0)
            for person in range(people):
                if value[draw, person] * scale[person] >= near:
                    factor[person] = level
        for person in range(people):
            pay[draw, person] *= factor[person]


@njit(nogil=True)
def clipped(
    value: Any, scale: Any, low: float, high: float, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by value times scale, held between low and high."""
    draws, people = value.shape
    for draw in range(draws):
        for person in range(people):
            factor = value[draw, person] * scale[person]
            pay[draw, person] *= min(max(factor, low), high)


@njit(nogil=True)
def lined(
    value: Any, scale: Any, starts: Any, factors: Any, low: float, high: float, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by a line through points at value times scale, held between low and high.

    Before the first point and after the last the line is level; arrays as in `stepped`.
    """
    draws, people = value.shape
    last = len(starts) - 1
    for draw in range(draws):
        for person in range(people):
            at = value[draw, person] * scale[person]
            if at <= starts[0]:
                factor = factors[0]
            elif at >= starts[last]:
                factor = factors[last]
            else:
                point = 0
                while at >= starts[point + 1]:
                    point += 1
                slope = (factors[point + 1] - factors[point]) / (starts[point + 1] - starts[point])
                factor = factors[point] + slope * (at - starts[point])
            pay[draw, person] *= min(max(factor, low), high)


@njit(nogil=True)
def gated(
    value: Any, scale: Any, low: float, high: float, otherwise: float, pay: Any
) -> None:  # pragma: no cover - compiled
    """Multiply pay by a factor where value times scale does not lie in [low, high)."""
    draws, people = value.shape
    for draw in range(draws):
        for person in range(people):
            at = value[draw, person] * scale[person]
            if not (low <= at < high):
                pay[draw, person] *= otherwise


@njit(nogil=True)
def added(pay: Any, year: Any, cost: Any) -> None:  # pragma: no cover - compiled
    """Add pay to each person's year and to the cost of each draw.

    Parameters
    ----------
    pay, year : float64 arrays, shape (draws, people of the component)
    cost : float64 array, shape (draws,)
    """
    draws, people = pay.shape
    for draw in range(draws):
        total = 0.0
        for person in range(people):
            total += pay[draw, person]
            year[draw, person] += pay[draw, person]
        cost[draw] += total


@njit(nogil=True)
def spread(year: Any, at: Any, out: Any) -> None:  # pragma: no cover - compiled
    """Add pay of some people, (draws, some), to that of all at their positions."""
    draws, people = year.shape
    for draw in range(draws):
        for person in range(people):
            out[draw, at[person]] += year[draw, person]


@njit(nogil=True)
def beside(
    value: Any, scale: Any, starts: Any, widths: Any, pay: Any, rises: Any, at: Any, room: Any
) -> None:  # pragma: no cover - compiled
    """Count who stands within a width of a step, and the money of the step there.

    Parameters
    ----------
    value, pay : float64 arrays, shape (draws, people of the component)
    scale : float64 array, shape (people of the component,)
        value times scale is what steps are measured on.
    starts, widths : float64 arrays, shape (steps,)
    rises : float64 array, shape (steps, people of the component)
        A step is worth pay times its rise.
    at : int array
        Positions of these people.
    room : float64 array, shape (steps, 2, all people)
        Times and money, added to.
    """
    draws, people = value.shape
    for draw in range(draws):
        for person in range(people):
            here = value[draw, person] * scale[person]
            for step in range(len(starts)):
                if abs(here - starts[step]) <= widths[step]:
                    money = abs(pay[draw, person] * rises[step, person])
                    if money > 0:
                        room[step, 0, at[person]] += 1.0
                        room[step, 1, at[person]] += money


@njit(nogil=True, fastmath={"contract"})
def counted(
    values: Any, factor: Any, year: Any, credit: Any
) -> None:  # pragma: no cover - compiled
    """Add values times factor to the year and, summed over people, to the credit of each draw."""
    draws, people = values.shape
    for draw in range(draws):
        total = 0.0
        for person in range(people):
            amount = values[draw, person] * factor[person]
            year[draw, person] += amount
            total += amount
        credit[draw] += total
