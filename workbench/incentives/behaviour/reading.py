"""What people do under a plan, in words a manager uses: sizes of each habit, by comparison.

Each habit is the difference that it makes: with moves against without, with the ratchet against
without, and at every step of pay what lands just over it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.incentives.behaviour.curve_shape import curve
from workbench.incentives.behaviour.dynamic import MONTHS, Pay, Response, respond
from workbench.incentives.behaviour.person import Behaviour

Floats = NDArray[np.float64]
OVER = 0.03  # attainment above a step that counts as just over it


@dataclass(frozen=True)
class Reading:
    """Habits of types of people under a plan; expected values a window, shares of quota.

    Attributes
    ----------
    response : Response
        What they do.
    habits : pandas.DataFrame
        A row a type: productivity, sales, effort, held_back, pulled_in, conceded, given_away,
        gave_up (chance), hidden (sales not made because quotas follow success), at_steps (chance
        to land just over a step of pay), more_at_steps (less the chance without moves).
    """

    response: Response
    habits: pd.DataFrame

    def mean(self, weights: ArrayLike | None = None) -> pd.Series:
        """Habits of all people together, by weights of types."""
        share = np.ones(len(self.habits)) if weights is None else np.asarray(weights, float)
        values = self.habits.to_numpy(float)
        return pd.Series(share @ values / share.sum(), index=self.habits.columns)


def read_behaviour(
    pay: Pay,
    *,
    productivity: ArrayLike,
    behaviour: Behaviour,
    months: ArrayLike = MONTHS,
    windows: int = 1,
    step: float = 0.01,
) -> Reading:
    """Read habits of people under a plan; arguments as of `respond`."""

    def solved(people: Behaviour) -> Response:
        return respond(
            pay,
            productivity=productivity,
            behaviour=people,
            months=months,
            windows=windows,
            step=step,
        )

    response = solved(behaviour)
    still = solved(behaviour.without("moves"))
    free = solved(behaviour.without("ratchet")) if behaviour.ratchet else response
    steps = [each.at for each in curve(_from_zero(pay)).breaks if each.jump > 0]
    landed, luck = (
        sum((each.share(at, at + OVER) for at in steps), np.zeros(len(response.productivity)))
        for each in (response, still)
    )
    weights = np.asarray(months, float) / np.sum(months)
    habits = pd.DataFrame(
        {
            "productivity": response.productivity,
            "sales": response.sales.mean(axis=1),
            "effort": (response.effort @ weights).mean(axis=1),
            "held_back": response.held.mean(axis=1),
            "pulled_in": response.pulled.mean(axis=1),
            "conceded": response.conceded.mean(axis=1),
            "given_away": response.given_away.mean(axis=1),
            "gave_up": response.gave_up.mean(axis=1),
            "hidden": (free.sales - response.sales).mean(axis=1),
            "at_steps": landed,
            "more_at_steps": landed - luck,
        }
    )
    return Reading(response, habits)


def _from_zero(pay: Pay) -> Pay:
    return lambda attainment: pay(np.maximum(attainment, 0.0))
