"""Year by year, person by person: draws of what people sell and book under a plan.

`dynamic.py` knows the distribution; estimation needs people one by one, so that moments of theirs
are taken in the same way as those of real people. The same normals give the same luck.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError
from workbench.incentives.behaviour.dynamic import MONTHS, Pay, Response, respond
from workbench.incentives.behaviour.dynamic_kernels import PARTS
from workbench.incentives.behaviour.person import Behaviour

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Luck:
    """Common draws: the same for every parameter that is tried.

    Attributes
    ----------
    normals : array, shape (people, months)
        Of monthly noise.
    moves : array, shape (people,)
        Uniform; who is below the share of movers moves dates.
    """

    normals: Floats
    moves: Floats

    @classmethod
    def of(cls, rng: np.random.Generator, *, people: int, months: int = 12) -> Luck:
        """Draw from a stream; both signs of each normal, so that means are exact."""
        half = rng.standard_normal(((people + 1) // 2, months))
        normals = np.concatenate([half, -half])[:people]
        return cls(normals, rng.random(people))


@dataclass(frozen=True)
class Years:
    """Booked sales by person and month, as shares of the year's quota.

    Attributes
    ----------
    booked : array, shape (people, months)
        As recognised: what was pulled in stands in the last month, what was held back does not.
    moved : array, shape (people,)
        Deals held back (positive) or pulled in (negative) at the year's end.
    """

    booked: Floats
    moved: Floats

    @property
    def attainment(self) -> Floats:
        """Booked attainment of the year, shape (people,)."""
        return np.asarray(np.round(self.booked.sum(axis=1), 9))  # who lands on 100% is there


def simulate(
    pay: Pay,
    *,
    productivity: ArrayLike,
    behaviour: Behaviour,
    luck: Luck,
    months: ArrayLike = MONTHS,
    step: float = 0.01,
) -> Years:
    """One window of people of several types, who share the draws evenly.

    Parameters
    ----------
    productivity : array_like, shape (types,)
        Person i is of type i modulo the number of types.

    Raises
    ------
    InputError
        If there are fewer people than types, or draws for another number of months.
    """
    theta = np.atleast_1d(np.asarray(productivity, float))
    weights = np.asarray(months, float) / np.sum(months)
    people = len(luck.moves)
    if people < len(theta) or luck.normals.shape != (people, len(weights)):
        raise InputError(
            "draws do not fit people and months",
            where=f"{luck.normals.shape} normals, {len(theta)} types, {len(weights)} months",
            do="draw at least one person of each type, with one normal a month",
        )
    kind = np.arange(people) % len(theta)
    mover = luck.moves < behaviour.movers
    booked, moved = np.empty((people, len(weights))), np.zeros(people)
    for does in (True, False):
        if not (mover == does).any():
            continue
        alike = dataclasses.replace(behaviour, movers=float(does))
        found = respond(pay, productivity=theta, behaviour=alike, months=weights, step=step)
        for number in range(len(theta)):
            rows = np.flatnonzero((kind == number) & (mover == does))
            noise = behaviour.noise * np.sqrt(weights) * luck.normals[rows]
            booked[rows], moved[rows] = _year(found, number, noise, weights, step)
    return Years(booked, moved)


def _year(
    found: Response, number: int, noise: Floats, weights: Floats, step: float
) -> tuple[Floats, Floats]:
    """Months of the people of one type."""
    grid, theta = found.attainment, found.productivity[number]
    reached = np.zeros(len(noise))
    sold = np.empty(noise.shape)
    for month, weight in enumerate(weights):
        effort = np.interp(reached, grid, found.policy[number, 0, month])
        sold[:, month] = theta * weight * effort + noise[:, month]
        reached = reached + sold[:, month]
    place = np.floor((reached - grid[0] + step / 2) / step * PARTS).astype(int)
    place = np.clip(place, 0, found.chosen.shape[2] - 1)
    moved = found.moved[number, 0, place]
    goal = found.chosen[number, 0, place]
    # who lands on a node does so exactly, whatever the point of the cell; others stay as they are
    change = np.where(moved < 0, goal - reached, -moved)
    change = np.where((moved > 0) & _on_node(goal, step), goal - reached, change)
    sold[:, -1] += change
    return sold, -change


def _on_node(values: Floats, step: float) -> NDArray[np.bool_]:
    return np.abs(values / step - np.round(values / step)) < 1e-6
