"""What a plan means for each person before anything is drawn: tiers in money, stated pay, dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.incentives.payees import Floats, Payees, within
from workbench.pay.parts import MONTHS, Modifier, Needs, Rates
from workbench.pay.plan import Component

#: Indicators this near under a bound have reached it: quotients of floats.
NEAR = 1e-12

#: Starts and rates of a table by window, tier and person; of a marginal table the steps between
#: rates.
Table = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one component; arrays of shape (people who have it, months).

    Attributes
    ----------
    component : Component
    modify : tuple of Modifier
        Changes of its pay, in order.
    at : int array
        Positions of the people for whom it holds on some day.
    width, window : int
        Months of a settlement and of the window, 0 where each transaction stands alone.
    holds : array
        Share of each month on which the component holds.
    everybody : bool
        Whether it holds for all people in all months.
    eligible : bool array
        Who has days in post in the period to date.
    due : array
        Stated pay at each settlement; of a pool 1 where somebody shares in it.
    needs : list of Needs
        Conditions of tiers.
    whole : bool
        Whether everything is paid at the rate of the tier reached.
    tables : list of Table
        By how the conditions stand (bits).
    stays : bool array or None, shape (people,)
        Who is in post on the day asked for.
    """

    component: Component
    modify: tuple[Modifier, ...]
    at: NDArray[np.intp]
    width: int
    window: int
    holds: Floats
    everybody: bool
    eligible: Any
    due: Floats
    needs: list[Needs]
    whole: bool
    tables: list[Table]
    stays: Any


def terms_of(people: Payees, *, known: Payees | None = None) -> dict[str, Terms]:
    """Terms of all components of a plan; worked out once, or taken over from a plan known."""
    if "terms" not in people._kept:
        same = () if known is None else alike(people, known)
        people._kept["terms"] = {
            name: terms_of(known)[name] if known and name in same else _terms(people, name, each)
            for name, each in people.plan.components.items()
        }
    return people._kept["terms"]


def told_alike(people: Payees, other: Payees) -> bool:
    """Whether two plans are of the very same people, quotas and scores, and count alike."""
    plan, against = people.plan, other.plan
    return (
        people.staff is other.staff
        and people.quotas is other.quotas
        and people.scores is other.scores
        and people.months is other.months
        and plan.currency == against.currency
        and plan.measures == against.measures
        and plan.indicators == against.indicators
    )


def alike(people: Payees, other: Payees) -> frozenset[str]:
    """Components that pay the same under two plans, whatever is credited."""
    if not told_alike(people, other):
        return frozenset()
    against, mine, theirs = other.plan.components, people.traits, other.traits
    return frozenset(
        name
        for name, each in people.plan.components.items()
        if name in against
        and each == against[name]
        and mine.lines.get(name) == theirs.lines.get(name)
        and mine.factors.get(name) == theirs.factors.get(name)
    )


def bounds(needs: Needs) -> tuple[float, float]:
    """The half-open range that meets a condition, a hair wider for quotients of floats."""
    ends = []
    for bound, none in ((needs.at_least, -np.inf), (needs.below, np.inf)):
        end = none if bound is None else float(bound)
        ends.append(end if bound is None else end - NEAR * max(1.0, abs(end)))
    return ends[0], ends[1]


def _terms(people: Payees, name: str, component: Component) -> Terms:
    width, holds, staff = MONTHS[component.settle], people.in_force(component), people.staff
    at = np.flatnonzero(holds.any(axis=1))
    days = within(np.where(holds > 0, staff.days, 0.0)[at], width)
    length = within(np.asarray(staff.length, float)[at], width)
    due, stays = (days > 0).astype(float), None
    if component.pays is not None:
        share = days / length if component.prorate else due
        due = people.worth(component.pays, width)[at] * share
    if component.in_post is not None:
        day = np.datetime64(component.in_post, "D").astype(int)
        stays = ~((staff.left < day) | (staff.joined > day))[at]
    needs, tables, whole = [], [], False
    if component.rates is not None:
        needs = list(dict.fromkeys(t.needs for t in component.rates.tiers if t.needs is not None))
        whole = component.rates.kind == "whole"
        factor = people.traits.factors.get(name, 1.0)
        tables = _tables(people, component, component.rates, needs, at, factor=factor)
    return Terms(
        component=component,
        modify=tuple(component.modify),
        at=at,
        width=width,
        window=MONTHS[component.window] if component.kind == "rated" else 0,
        holds=holds[at],
        everybody=bool((holds == 1).all()),
        eligible=days > 0,
        due=due,
        needs=needs,
        whole=whole,
        tables=tables,
        stays=stays,
    )


def _tables(
    people: Payees,
    component: Component,
    rates: Rates,
    needs: list[Needs],
    at: NDArray[np.intp],
    *,
    factor: float,
) -> list[Table]:
    unit, gain = (each[:, at] for each in _units(people, component, rates))
    gain = gain * factor  # what a line's pay is multiplied by, on average
    starts = np.array([float(each) for each in rates.starts()])[:, None]
    result = []
    for way in range(2 ** len(needs)):
        row: list[float] = []
        for number, slope in enumerate(rates.slopes()):
            tier = rates.tiers[number] if number < len(rates.tiers) else None
            asked = tier.needs if tier is not None else None
            shut = asked is not None and not way >> needs.index(asked) & 1
            row.append(row[-1] if shut else float(slope))
        levels = np.array(row)[:, None]
        if rates.kind != "whole":
            levels = np.diff(levels, axis=0, prepend=0.0)
        result.append((starts * unit[:, None, :], levels * gain[:, None, :]))
    return result


def _units(people: Payees, component: Component, rates: Rates) -> tuple[Floats, Floats]:
    """What starts are multiples of, and pay of a rate of 1; by window and person."""
    width, count = MONTHS[component.window], len(people.names)
    begins = np.arange(0, count, width) if width else np.array([0])
    unit = np.ones((len(begins), len(people.staff)))
    if rates.on != "attainment":
        return unit, unit
    quota = people.quota(component.measure or "", rates.quota)
    unit = np.ascontiguousarray(np.add.reduceat(quota, begins, axis=1).T)
    if rates.at_quota is None:
        return unit, (unit > 0).astype(float)
    ends = np.minimum(begins + width, count) - 1
    worth = people.worth(rates.at_quota, width)[:, ends].T
    return unit, np.where(unit > 0, worth / np.where(unit > 0, unit, 1.0), 0.0)
