"""Goals in tiers (保底/基准/挑战): as a value, as growth, as share of a market, by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import ParameterError

Floats = NDArray[np.float64]
TIERS: dict[str, tuple[str, str]] = {
    "floor": ("Floor", "保底"),
    "base": ("Base", "基准"),
    "stretch": ("Stretch", "挑战"),
}
#: Tiers about the base where a goal gives one number only.
STEPS: dict[str, float] = {"floor": 0.92, "base": 1.0, "stretch": 1.08}
_WAYS = ("value", "growth", "share", "chance")

Amounts = float | Mapping[str, float]


@dataclass(frozen=True)
class Goal:
    """What the company wants of one KPI. One of value, growth, share and chance is given.

    Attributes
    ----------
    kpi : str
        Of the dictionary, as the draws name it.
    value : float or mapping of tier to float
        In the unit of the draws.
    growth : float or mapping
        Over `last`: 0.08 is 8 % more.
    share : float or mapping
        Of `market`: 0.3 is 30 %.
    chance : float or mapping
        That the company reaches it, from the draws: 0.5 is the median.
    last, market : float
        What growth and share are of.
    steps : mapping of tier to float
        Factors on one number given for all tiers, unless a mapping gives each its own; for a
        chance the factor is applied to the amount it leads to.
    unit : float
        Targets are whole multiples of it: 10,000 for 万元, 0.001 for a tenth of a point.
    weight : float
        In the score over several KPIs.
    less : bool or None
        Less is better, as of overdue money: reached is what stays at or under the target, and
        tiers fall from floor to stretch. None asks the KPI dictionary, more being better where it
        does not say.
    """

    kpi: str
    value: Amounts | None = None
    growth: Amounts | None = None
    share: Amounts | None = None
    chance: Amounts | None = None
    last: float | None = None
    market: float | None = None
    steps: Mapping[str, float] | None = None
    unit: float = 10_000.0
    weight: float = 1.0
    less: bool | None = None

    def __post_init__(self) -> None:
        where = f"goal of {self.kpi}"
        given = [way for way in _WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            raise ParameterError(
                f"a goal is told in one way, not {len(given)}",
                where=where,
                do="give one of value, growth, share and chance",
            )
        for way, base in (("growth", "last"), ("share", "market")):
            if given == [way] and not (getattr(self, base) or 0) > 0:
                raise ParameterError(
                    f"a goal by {way} needs `{base}`, a number above 0", where=where, do="give it"
                )
        if not self.unit > 0 or not self.weight >= 0:
            raise ParameterError(
                "a unit is above 0 and a weight not below it",
                where=f"{where}, unit={self.unit}, weight={self.weight}",
                do="give a unit such as 10000",
            )

    @property
    def way(self) -> str:
        """Which of value, growth, share, chance is given."""
        return next(way for way in _WAYS if getattr(self, way) is not None)

    @property
    def down(self) -> bool:
        """Whether less is better."""
        if self.less is not None:
            return self.less
        from workbench.kpis import KPIS

        return self.kpi in KPIS and KPIS[self.kpi].direction == "down"


def tier_values(goal: Goal, *, tiers: Sequence[str], draws: ArrayLike) -> Floats:
    """Targets of the company by tier, before rounding.

    Parameters
    ----------
    goal : Goal
    tiers : sequence of str
        From easy to hard; "base" is the one a single number stands for, if it is among them,
        otherwise the middle one.
    draws : array_like, shape (draws,)
        Of the company's period, for a goal told by its chance.

    Raises
    ------
    ParameterError
        If a tier has no number, a target is negative or none, a chance lies outside 0 to 1, or
        tiers do not get harder from one to the next.
    """
    given = getattr(goal, goal.way)
    numbers = dict(given) if isinstance(given, Mapping) else dict.fromkeys(tiers, given)
    if lacking := [tier for tier in tiers if tier not in numbers]:
        raise ParameterError(
            f"tier {lacking[0]} has no goal",
            where=f"goal of {goal.kpi}",
            do=f"give {goal.way} for each of {', '.join(tiers)}",
        )
    amounts = np.array([_amount(goal, float(numbers[tier]), draws) for tier in tiers])
    if not isinstance(given, Mapping):
        amounts = amounts * _steps(goal, tiers)
    _check(goal, tiers, amounts)
    return amounts


def base_tier(tiers: Sequence[str]) -> int:
    """Place of the tier that one number stands for."""
    names = list(tiers)
    return names.index("base") if "base" in names else len(names) // 2


def _amount(goal: Goal, number: float, draws: ArrayLike) -> float:
    if goal.way == "growth":
        return float(goal.last or 0.0) * (1 + number)
    if goal.way == "share":
        return float(goal.market or 0.0) * number
    if goal.way == "chance":
        if not 0 < number < 1:
            raise ParameterError(
                "a chance lies between 0 and 1",
                where=f"goal of {goal.kpi}, chance={number}",
                do="give 0.5 for the median",
            )
        part = number if goal.down else 1 - number
        return float(np.quantile(np.asarray(draws, dtype=np.float64), part))
    return number


def _steps(goal: Goal, tiers: Sequence[str]) -> Floats:
    steps = STEPS if goal.steps is None else goal.steps
    if len(tiers) == 1:
        return np.ones(1)
    if lacking := [tier for tier in tiers if tier not in steps]:
        raise ParameterError(
            f"tier {lacking[0]} has no step",
            where=f"goal of {goal.kpi}",
            do="give `steps`, or a number for each tier",
        )
    told = np.array([steps[tier] for tier in tiers], dtype=np.float64)
    return 2 - told if goal.down and goal.steps is None else told


def _check(goal: Goal, tiers: Sequence[str], amounts: Floats) -> None:
    if not np.isfinite(amounts).all() or (amounts < 0).any():
        wrong, do = "a target is a number that is not negative", "correct the goal"
    elif (np.diff(amounts) * (-1 if goal.down else 1) < 0).any():
        wrong = "tiers fall from one to the next"
        if goal.down:
            wrong = "tiers rise from one to the next where less is better"
        do = "order them from easy to hard"
    else:
        return
    told = ", ".join(f"{tier} {amount:,.15g}" for tier, amount in zip(tiers, amounts, strict=True))
    raise ParameterError(wrong, where=f"goal of {goal.kpi}: {told}", do=do)
