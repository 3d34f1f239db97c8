"""Design search: rates, thresholds and accelerators that reach a goal under a budget.

Every design is judged by what people would do under it (`dynamic.py`) with the same luck for all
designs, so that designs differ by their rules and not by chance. The search is deterministic and
begins with the plan as it is: what it proposes is that plan or something better.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InfeasibleError, ParameterError
from workbench.incentives.behaviour.judge import Outcome
from workbench.text import Language, mark

Floats = NDArray[np.float64]
Goal = Literal["profit", "p_hit", "fairness"]
GOALS: tuple[Goal, ...] = ("profit", "p_hit", "fairness")
ALL = 300  # up to so many designs all are tried
LEAST = 1e-9  # relative gain that counts as better


class Changeable(Protocol):
    """A plan some of whose entries can be set by dotted paths (`workbench.pay.plan.Plan`)."""

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return the plan with other values; raises ParameterError where it does not hold."""


P = TypeVar("P", bound=Changeable)


@dataclass(frozen=True)
class Choice:
    """An entry of the plan and the values it may take.

    Attributes
    ----------
    path : str
        Dotted path as in the plan's file.
    values : tuple
        In rising order.
    """

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Design:
    """A plan that was tried.

    Attributes
    ----------
    values : dict of str to any
        By dotted path; the start plan has none.
    outcome : Outcome
    """

    values: dict[str, Any]
    outcome: Outcome


@dataclass(frozen=True)
class DesignSearch:
    """Result of a search.

    Attributes
    ----------
    start, best : Design
    front : tuple of Design
        Designs within the budget of which none is better in one of profit, chance to hit and
        fairness without being worse in another; in order of the goal.
    tried : tuple of Design
    refused : tuple of (dict, str)
        Values that no plan can have, with the reason.
    goal : str
    budget : float
    """

    start: Design
    best: Design
    front: tuple[Design, ...]
    tried: tuple[Design, ...]
    refused: tuple[tuple[dict[str, Any], str], ...]
    goal: Goal
    budget: float

    def table(self) -> pd.DataFrame:
        """Designs of the front beside the start: values by path, then the outcome."""
        rows = [
            {"design": number, **each.values, **_fields(each.outcome)}
            for number, each in enumerate((self.start, *self.front))
        ]
        return pd.DataFrame(rows)

    def reasons(self, design: Design, lang: Language, *, currency: str = "CNY") -> tuple[str, ...]:
        """Why a design stands on the front: what it changes, and what each goal gains or loses."""
        new, old = design.outcome, self.start.outcome
        said = []
        if not design.values:
            said.append(lang.say("The plan as it is."))
        for path, value in design.values.items():
            said.append(lang.say("{path} becomes {value}.", path=path, value=value))
        said.append(
            lang.say(
                "Expected profit {profit}, pay {cost}.",
                profit=lang.signed_money(new.profit - old.profit, currency=currency),
                cost=lang.signed_money(new.cost - old.cost, currency=currency),
            )
        )
        said.append(
            lang.say(
                "Chance to reach the target {new} instead of {old}.",
                new=lang.probability(new.p_hit),
                old=lang.probability(old.p_hit),
            )
        )
        said.append(
            lang.say(
                "{new} of the differences in pay come from ability, {old} before.",
                new=lang.percent(new.fairness, decimals=0),
                old=lang.percent(old.fairness, decimals=0),
            )
        )
        said += [lang.say(_LEADS[goal]) for goal in self.leads(design)]
        return tuple(said)

    def leads(self, design: Design) -> tuple[Goal, ...]:
        """Goals in which no design of the front is better."""
        return tuple(
            goal
            for goal in GOALS
            if _value(design.outcome, goal)
            >= max(_value(each.outcome, goal) for each in self.front) - 1e-12
        )


_LEADS = {
    "profit": mark("No other design within the budget has more profit."),
    "p_hit": mark("No other design within the budget has a better chance to reach the target."),
    "fairness": mark("No other design within the budget pays more for ability."),
}


def search_design(
    plan: P,
    choices: Sequence[Choice],
    *,
    judge: Callable[[P], Outcome],
    goal: Goal = "profit",
    budget: float,
    most_over: float = 1.0,
    rounds: int = 6,
) -> DesignSearch:
    """Choose values of a plan that are best for a goal under a budget.

    Up to 300 designs all are tried; with more, one entry after the other, then pairs of
    neighbouring values, until nothing gets better.

    Parameters
    ----------
    plan : Plan
        The plan as it is; where the search begins.
    choices : sequence of Choice
    judge : callable
        What a plan leads to; `Judge` over the curves of the plan, for instance.
    goal : {"profit", "p_hit", "fairness"}
    budget : float
        Most expected pay, currency. If the start is dearer, its pay is the limit.
    most_over : float
        Highest chance that pay exceeds the judge's budget.
    rounds : int
        Most rounds through all entries.

    Raises
    ------
    ParameterError
        If choices are empty or double, or the goal is unknown.
    InfeasibleError
        If the plan as it is cannot be judged.
    """
    _check(choices, goal)
    book = _Book(plan, judge)
    start = book.design({})
    if start is None:
        raise InfeasibleError(
            "the plan to start from does not hold", where=book.refused[0][1], do="mend it first"
        )
    limit = max(budget, start.outcome.cost * (1 + LEAST))
    surest = max(most_over, start.outcome.over_budget)

    def allowed(design: Design) -> bool:
        return design.outcome.cost <= limit and design.outcome.over_budget <= surest

    if np.prod([len(each.values) for each in choices], dtype=float) <= ALL:
        for values in itertools.product(*(each.values for each in choices)):
            book.design(dict(zip((each.path for each in choices), values, strict=True)))
    else:
        _climb(book, start, choices, goal, allowed, rounds)
    good = [each for each in book.tried if allowed(each)]
    best = start
    for each in good:
        if _better(each, best, goal):
            best = each
    front = sorted(_front(good), key=lambda each: -_value(each.outcome, goal))
    return DesignSearch(
        start, best, tuple(front), tuple(book.tried), tuple(book.refused), goal, limit
    )


# -- search ---------------------------------------------------------------------------------------


class _Book:
    """Designs tried, each once, in the order of trial."""

    def __init__(self, plan: Any, judge: Callable[[Any], Outcome]) -> None:
        self.plan, self.judge = plan, judge
        self.tried: list[Design] = []
        self.refused: list[tuple[dict[str, Any], str]] = []
        self.known: dict[tuple[tuple[str, Any], ...], Design | None] = {}

    def design(self, values: dict[str, Any]) -> Design | None:
        """The design with these values; None where no plan can have them."""
        key = tuple(sorted(values.items()))
        if key not in self.known:
            try:
                plan = self.plan.with_values(values) if values else self.plan
                made = Design(values, self.judge(plan))
                self.tried.append(made)
                self.known[key] = made
            except ParameterError as error:
                self.refused.append((values, error.message))
                self.known[key] = None
        return self.known[key]


def _climb(
    book: _Book,
    start: Design,
    choices: Sequence[Choice],
    goal: Goal,
    allowed: Callable[[Design], bool],
    rounds: int,
) -> None:
    """One entry at a time over all its values, then two at a time to neighbours of the best."""
    best = start

    def take(values: dict[str, Any]) -> None:
        nonlocal best
        made = book.design(values)
        if made is not None and allowed(made) and _better(made, best, goal):
            best = made

    for _ in range(rounds):
        before = best
        for each in choices:
            for value in each.values:
                take({**best.values, each.path: value})
        if best is not before:
            continue
        for one, other in itertools.combinations(choices, 2):
            for value, second in itertools.product(_beside(one, best), _beside(other, best)):
                take({**best.values, one.path: value, other.path: second})
        if best is before:
            return


def _beside(choice: Choice, design: Design) -> list[Any]:
    """Values next to that of a design; the ends where it has none yet."""
    if choice.path not in design.values:
        return [choice.values[0], choice.values[-1]]
    place = choice.values.index(design.values[choice.path])
    return list(choice.values[max(place - 1, 0) : place + 2])


def _value(outcome: Outcome, goal: Goal) -> float:
    return float(getattr(outcome, goal))


def _better(one: Design, other: Design, goal: Goal) -> bool:
    """Better in the goal; with the same goal, cheaper."""
    gain = _value(one.outcome, goal) - _value(other.outcome, goal)
    least = LEAST * max(abs(_value(other.outcome, goal)), 1e-12)
    if abs(gain) > least:
        return gain > 0
    return one.outcome.cost < other.outcome.cost * (1 - LEAST)


def _front(designs: Sequence[Design]) -> list[Design]:
    """Designs that no other beats in all goals; of equals the first."""
    points = np.array([[_value(each.outcome, goal) for goal in GOALS] for each in designs])
    kept = []
    for number, point in enumerate(points):
        as_good, better = (points >= point).all(axis=1), (points > point).any(axis=1)
        same = (points[:number] == point).all(axis=1).any()
        if not (as_good & better).any() and not same:
            kept.append(designs[number])
    return kept


def _fields(outcome: Outcome) -> dict[str, float]:
    return {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}


def _check(choices: Sequence[Choice], goal: str) -> None:
    paths = [each.path for each in choices]
    if not paths or len(set(paths)) < len(paths) or not all(each.values for each in choices):
        raise ParameterError(
            "a search needs entries of the plan, each once and with values",
            where=", ".join(paths) or "none",
            do="give a Choice for each dotted path",
        )
    if goal not in GOALS:
        raise ParameterError(
            f"a design has no goal {goal!r}", where="goal", do=f"choose from {', '.join(GOALS)}"
        )
