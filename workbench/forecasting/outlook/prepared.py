"""The slow part of the study: what locks, overrides, targets and lengths of lists leave as it is.

A planner prepares once and then answers again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from workbench.forecasting.outlook import (
    again,
    bookings,
    changes,
    deals,
    money,
    past,
    people,
    promotions,
    targets,
)
from workbench.forecasting.outlook.bookings import Outlook, Settings
from workbench.forecasting.outlook.deals_ahead import deals_ahead
from workbench.forecasting.outlook.scope import Scope
from workbench.told import Missing, WhenAsked, attempt


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that is learnt from the data.

    Attributes
    ----------
    scope : Scope
    settings : Settings
    outlook : Outlook
        Months ahead, nothing locked or overridden.
    answers : dict of str to result or Missing
        pipeline (`PipelineForecast`), money (`Money`, from the bookings of `outlook`), month_ago
        (`Outlook`), slippage, leaderboard, total_before, year_ago, people, promotions,
        again (`Again`, or None where no month is to be forecast again).
    held : dict of tuple to mapping
        Answers about the months ahead by the locks that hold, which changed targets leave as they
        are.
    """

    scope: Scope
    settings: Settings
    outlook: Outlook = field(repr=False)
    answers: dict[str, Any] = field(repr=False)
    held: dict[tuple[Any, ...], WhenAsked] = field(default_factory=dict, repr=False)

    @cached_property
    def set_targets(self) -> dict[str, dict[tuple[str, str], float]]:
        """Targets that are set, by KPI, then node and tier."""
        kpis = (self.scope.kpi, "collections")
        return {kpi: targets.set_targets(self.scope, kpi) for kpi in kpis}


def prepared(looked: Scope, settings: Settings, *, look_back: int = 0) -> Prepared:
    """Forecast and look back; without deals where they lack.

    Parameters
    ----------
    looked : Scope
    settings : Settings
    look_back : int
        Earlier months to forecast again, see `again.again`.
    """
    pipeline = attempt(partial(deals_ahead, looked, settings))
    found = bookings.outlook(
        looked, settings, pipeline=None if isinstance(pipeline, Missing) else pipeline
    )
    questions: dict[str, Callable[[], Any]] = {
        "money": partial(money.money, looked, settings, booked=found),
        "month_ago": partial(changes.a_month_ago, found),
        "slippage": partial(deals.slippage, looked),
        "leaderboard": partial(past.leaderboard, found),
        "total_before": partial(past.total_before, found),
        "year_ago": partial(past.a_year_ago, found),
        "people": partial(people.people, looked),
        "promotions": partial(promotions.promotions, looked),
        "again": partial(again.again, found, look_back),
    }
    answers = {name: attempt(question) for name, question in questions.items()}
    return Prepared(looked, settings, found, {"pipeline": pipeline, **answers})
