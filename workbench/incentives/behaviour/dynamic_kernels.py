"""Compiled steps of the dynamic model: backward, end of a window, forward; types side by side.

Nodes of attainment lie `step` apart. Noise is normal, its weights those of the cells around the
nodes. Between nodes values are linear, and mass is split linearly, so that both passes agree. At
the end of a window each node stands for its cell, cut into `PARTS`, so that a step of pay at a node
is met by half of the cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit

Floats = NDArray[np.float64]
PARTS = 4
SURE = 1e-9  # gain over leaving things as they are that makes somebody move a date, relative


def sub_points(grid: Floats, step: float) -> Floats:
    """Middles of the parts of the cells around nodes, flat, in order."""
    inside = ((np.arange(PARTS) + 0.5) / PARTS - 0.5) * step
    return np.asarray((grid[:, None] + inside).ravel())


@njit(cache=True)
def _bell(sd: float, step: float) -> Floats:
    """Chances of the cells -reach ... reach of a normal quantity; they sum to 1."""
    reach = max(1, math.ceil(6.0 * sd / step))
    out = np.empty(2 * reach + 1)
    scale = step / (sd * math.sqrt(2.0))
    for place in range(2 * reach + 1):
        x = place - reach
        out[place] = 0.5 * (math.erf((x + 0.5) * scale) - math.erf((x - 0.5) * scale))
    return out / out.sum()


@njit(cache=True)
def _blurred(values: Floats, bell: Floats) -> Floats:
    """Expected value at each node after noise; values run on straight beyond the grid."""
    nodes, reach = len(values), len(bell) // 2
    padded = np.empty(nodes + 2 * reach)
    below, above = values[1] - values[0], values[-1] - values[-2]
    for place in range(reach):
        padded[place] = values[0] - below * (reach - place)
        padded[nodes + reach + place] = values[-1] + above * (place + 1)
    padded[reach : reach + nodes] = values
    out = np.empty(nodes)
    for node in range(nodes):
        total = 0.0
        for place in range(len(bell)):
            total += bell[place] * padded[node + place]
        out[node] = total
    return out


@njit(cache=True)
def _best_sales(
    values: Floats,
    scale: float,
    step: float,
    rate: float,
    pride: float,
    gamma: float,
    most: float,
    out_value: Floats,
    out_sales: Floats,
) -> None:
    """Expected sales of a month that are best at each node, and their value.

    Best node first; then in the two cells beside it, where the value is linear, the point at which
    marginal cost equals slope and pride.
    """
    nodes = len(values)
    far = math.floor(scale * most / step + 1e-9)
    level = rate * (1 + pride) * scale / (1 + gamma)
    cost = np.empty(far + 2)
    for j in range(far + 2):
        cost[j] = level * (j * step / scale) ** (1 + gamma) - pride * rate * j * step
    slope_end = values[nodes - 1] - values[nodes - 2]
    for node in range(nodes):
        best, at = -np.inf, 0
        for j in range(far + 1):
            place = node + j
            if place < nodes:
                here = values[place] - cost[j]
            else:
                here = values[nodes - 1] + slope_end * (place - nodes + 1) - cost[j]
            if here > best:
                best, at = here, j
        sales = at * step
        for side in range(2):
            left = at - 1 + side
            if left < 0:
                continue
            place = node + left
            if place + 1 < nodes:
                first, slope = values[place], values[place + 1] - values[place]
            else:
                first, slope = values[nodes - 1] + slope_end * (place - nodes + 1), slope_end
            drive = slope / step / rate + pride
            wish = scale * (drive / (1 + pride)) ** (1 / gamma) if drive > 0 else 0.0
            wish = min(max(wish, left * step), (left + 1) * step, scale * most)
            here = first + slope * (wish / step - left)
            here -= level * (wish / scale) ** (1 + gamma) - pride * rate * wish
            if here > best:
                best, sales = here, wish
        out_value[node] = best
        out_sales[node] = sales


@njit(cache=True)
def backward(
    terminal: Floats,
    theta: Floats,
    spread: Floats,
    weights: Floats,
    step: float,
    rate: float,
    pride: float,
    gamma: float,
    most: float,
) -> tuple[Floats, Floats]:
    """Value at a window's start and expected sales by month, from the value at its end.

    Parameters
    ----------
    terminal : array, shape (types, nodes)

    Returns
    -------
    value : array, shape (types, nodes)
    sales : array, shape (types, months, nodes)
    """
    types, nodes = terminal.shape
    months = len(weights)
    sales = np.empty((types, months, nodes))
    value = np.empty((types, nodes))
    for number in range(types):
        now = terminal[number].copy()
        for month in range(months - 1, -1, -1):
            bell = _bell(spread[number] * math.sqrt(weights[month]), step)
            later = _blurred(now, bell)
            _best_sales(
                later,
                theta[number] * weights[month],
                step,
                rate,
                pride,
                gamma,
                most,
                now,
                sales[number, month],
            )
        value[number] = now
    return value, sales


@njit(cache=True)
def forward(
    mass: Floats,
    sales: Floats,
    grid: Floats,
    theta: Floats,
    spread: Floats,
    weights: Floats,
    step: float,
    rate: float,
    pride: float,
    gamma: float,
    low: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Distribution at a window's end, with expected effort, its cost net of pride, and giving up.

    Returns
    -------
    effort : array, shape (types, months)
    cost, gave_up : array, shape (types,)
    mass : array, shape (types, nodes)
    """
    types, nodes = mass.shape
    months = len(weights)
    effort, cost, gave_up = np.zeros((types, months)), np.zeros(types), np.zeros(types)
    out = np.empty((types, nodes))
    late = months - max(1, months // 3)
    for number in range(types):
        now = mass[number].copy()
        for month in range(months):
            scale = theta[number] * weights[month]
            moved = np.zeros(nodes)
            for node in range(nodes):
                if now[node] == 0.0:
                    continue
                sold = sales[number, month, node]
                done = sold / scale
                effort[number, month] += now[node] * done
                toil = rate * (1 + pride) * scale * done ** (1 + gamma) / (1 + gamma)
                cost[number] += now[node] * (toil - pride * rate * sold)
                if month >= late and done < low and grid[node] < 1.0:
                    gave_up[number] += now[node] / (months - late)
                place = node + sold / step
                left = min(int(place), nodes - 2)
                part = min(place - left, 1.0)
                moved[left] += now[node] * (1 - part)
                moved[left + 1] += now[node] * part
            bell = _bell(spread[number] * math.sqrt(weights[month]), step)
            reach = len(bell) // 2
            now = np.zeros(nodes)
            for node in range(nodes):
                if moved[node] == 0.0:
                    continue
                for place in range(len(bell)):
                    goal = min(max(node + place - reach, 0), nodes - 1)
                    now[goal] += moved[node] * bell[place]
        out[number] = now
    return effort, cost, gave_up, out


def window_end(
    points: Floats,
    grid: Floats,
    left: Floats,
    at_nodes: Floats,
    worth: Callable[[Floats], Floats],
    following: Floats,
    quotas: Floats,
    *,
    limits: Floats,
    costs: Floats,
    lost: float,
    patience: float,
    ratchet: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Best booking at the end of a window from each point of matured attainment.

    Booked can be any node within reach, the point itself, or the ends of what can be held back or
    pulled in; a rise is pulled in, conceded or both.

    Parameters
    ----------
    points : array, shape (points,)
    left, at_nodes : array
        Utility of pay at the points and at the nodes.
    worth : callable
        The same for other attainments.
    following : array, shape (types, quotas, nodes)
        Value of the next window by its quota and start.
    limits, costs : array, shape (3,)
        Of holding back, pulling in and conceding: most, and trouble per unit.

    Returns
    -------
    value, booked, moved, conceded : array, shape (types, points)
        moved is positive for deals held back.
    """
    ends = (points - limits[0], points + limits[1])
    return _ends(
        points, grid, left, at_nodes, worth(ends[0]), worth(ends[1]), following, quotas, limits,
        costs, lost, patience, ratchet,
    )  # fmt: skip


@njit(cache=True)
def _later(
    following: Floats, quotas: Floats, quota: float, start: float, low: float, step: float
) -> float:
    """Value of the next window at a start and a quota, linear in both."""
    nodes = following.shape[1]
    place = min(max((start / quota - low) / step, 0.0), nodes - 1.0)
    node = min(int(place), nodes - 2)
    part = place - node
    if len(quotas) == 1:
        return float(following[0, node] * (1 - part) + following[0, node + 1] * part)
    spot = (quota - quotas[0]) / (quotas[1] - quotas[0])
    spot = min(max(spot, 0.0), len(quotas) - 1.0)
    row = min(int(spot), len(quotas) - 2)
    share = spot - row
    first = following[row, node] * (1 - part) + following[row, node + 1] * part
    second = following[row + 1, node] * (1 - part) + following[row + 1, node + 1] * part
    return float(first * (1 - share) + second * share)


@njit(cache=True)
def _ends(
    points: Floats,
    grid: Floats,
    left: Floats,
    at_nodes: Floats,
    at_held: Floats,
    at_pulled: Floats,
    following: Floats,
    quotas: Floats,
    limits: Floats,
    costs: Floats,
    lost: float,
    patience: float,
    ratchet: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    types, count, nodes = following.shape[0], len(points), len(grid)
    step, low = grid[1] - grid[0], grid[0]
    value, booked = np.empty((types, count)), np.empty((types, count))
    moved, conceded = np.zeros((types, count)), np.zeros((types, count))
    hold, pull, concede = limits
    for number in range(types):
        nexts = following[number]
        for point in range(count):
            here = points[point]
            first = math.ceil((here - hold - low) / step - 1e-9)
            last = math.floor((here + pull + concede - low) / step + 1e-9)
            first, last = max(first, 0), min(last, nodes - 1)
            quota = 1 + ratchet * max(here - 1, 0.0)
            best = left[point] + patience * _later(nexts, quotas, quota, 0.0, low, step)
            sure = SURE * (abs(best) + 1e-12)
            chosen, stock, given = here, 0.0, 0.0
            # the point itself stands; then the two ends, then every node within reach
            for option in range(-2, last - first + 1):
                if option == -2:
                    if hold == 0.0:
                        continue
                    goal, paid = here - hold, at_held[point]
                elif option == -1:
                    if pull == 0.0:
                        continue
                    goal, paid = here + pull, at_pulled[point]
                else:
                    goal, paid = grid[first + option], at_nodes[first + option]
                gap = goal - here
                quota = 1 + ratchet * max(goal - 1, 0.0)
                # a rise: as much pulled in as can be, or as much conceded as can be
                for way in range(2 if gap > 0 and concede > 0 else 1):
                    if gap <= 0:
                        stock_now, given_now = -gap, 0.0
                    elif way == 0:
                        given_now = max(gap - pull, 0.0)
                        stock_now = given_now - gap
                    else:
                        given_now = min(gap, concede)
                        stock_now = given_now - gap
                    start = stock_now * (1 - lost) if stock_now > 0 else stock_now
                    trouble = costs[0] * stock_now if stock_now > 0 else -costs[1] * stock_now
                    gain = paid - trouble - costs[2] * given_now
                    gain += patience * _later(nexts, quotas, quota, start, low, step)
                    if gain > best + sure:
                        best, sure = gain, 0.0
                        chosen, stock, given = goal, stock_now, given_now
            value[number, point] = best
            booked[number, point] = chosen
            moved[number, point] = stock
            conceded[number, point] = given
    return value, booked, moved, conceded


@njit(cache=True)
def histogram(mass: Floats, where: Floats, grid: Floats, step: float) -> Floats:
    """Mass by cell that begins at a node, shape (types, nodes)."""
    types, nodes = mass.shape[0], len(grid)
    out = np.zeros((types, nodes))
    for number in range(types):
        for point in range(mass.shape[1]):
            place = math.floor((where[number, point] - grid[0]) / step + 1e-9)
            out[number, min(max(place, 0), nodes - 1)] += mass[number, point]
    return out


@njit(cache=True)
def placed(mass: Floats, where: Floats, grid: Floats, step: float) -> Floats:
    """Mass split linearly between nodes, shape (types, nodes)."""
    types, nodes = mass.shape[0], len(grid)
    out = np.zeros((types, nodes))
    for number in range(types):
        for point in range(mass.shape[1]):
            place = min(max((where[number, point] - grid[0]) / step, 0.0), nodes - 1.0)
            left = min(int(place), nodes - 2)
            out[number, left] += mass[number, point] * (left + 1 - place)
            out[number, left + 1] += mass[number, point] * (place - left)
    return out


def as_effort(sales: Floats, theta: Floats, weights: Floats) -> Floats:
    """Effort of a month from its expected sales."""
    return np.asarray(sales / (theta[:, None, None] * weights[None, :, None]))
