"""Is the plan fair? Who reaches target, and how much of pay is luck.

Pay is taken over the target incentive, so that roles and grades compare. Its variance over people
and draws is split in two ways at once, as in a two-way table without repeats: people (what lasts in
a person and their patch), draws (the market, which everybody shares), and the rest (luck of one's
own).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.incentives.cost import PlanCost
from workbench.incentives.payees import Floats


@dataclass(frozen=True, slots=True)
class Fairness:
    """Attainment and luck of a plan.

    Attributes
    ----------
    attainment : DataFrame
        role, people, median, low, high (80% of people and draws), below_half, at_target (shares).
    luck : DataFrame
        role, people, skill, market, luck (shares of the variance of pay over target incentive),
        spread (its standard deviation).
    """

    attainment: pd.DataFrame
    luck: pd.DataFrame

    def share_at_target(self) -> float:
        """Share of people who reach target, all roles."""
        return _weighted(self.attainment, "at_target")

    def share_below_half(self) -> float:
        """Share of people who stay under half of target, all roles."""
        return _weighted(self.attainment, "below_half")

    def share_of_luck(self) -> float:
        """Share of the variance of pay within roles that is one's own luck."""
        return _weighted(self.luck, "luck")


def fairness(result: PlanCost) -> Fairness:
    """Distribution of attainment by role, and pay for luck against pay for skill."""
    people = result.people
    quota = people.quota(result.measure).sum(axis=1) > 0
    target = people.incentive()
    roles = people.roles
    attained, luck = [], []
    for role in sorted(set(roles[quota])):
        who = quota & (roles == role)
        attained.append({"role": role, "people": int(who.sum())} | _attained(result, who))
        paid = who & (target > 0) & (people.staff.days > 0).all(axis=1)
        if paid.sum() >= 2:
            relative = result.variable[:, paid] / target[paid]
            luck.append({"role": role, "people": int(paid.sum())} | variance_parts(relative))
    return Fairness(
        pd.DataFrame(attained),
        pd.DataFrame(luck, columns=["role", "people", "skill", "market", "luck", "spread"]),
    )


def variance_parts(pay: Floats) -> dict[str, float]:
    """Split the variance of pay (draws, people) into people, draws and the rest.

    Returns
    -------
    dict
        skill, market, luck: shares that add up to 1; spread: the standard deviation.

    Notes
    -----
    With p the mean of a person and d that of a draw, the sum of squares is that of p, of d, and of
    x - p - d + mean. A person's mean over n draws keeps 1/n of the luck, which is taken out.
    """
    draws, people = pay.shape
    mean = pay.mean()
    of_person, of_draw = pay.mean(axis=0), pay.mean(axis=1)
    total = float(((pay - mean) ** 2).mean())
    if total == 0:
        return {"skill": np.nan, "market": np.nan, "luck": np.nan, "spread": 0.0}
    skill, market = float(of_person.var()), float(of_draw.var())
    rest = total - skill - market
    # means of n draws (m people) still hold 1/n (1/m) of the rest's variance
    own = rest * draws * people / max((draws - 1) * (people - 1), 1)
    skill = max(skill - own * (people - 1) / (people * draws), 0.0)
    market = max(market - own * (draws - 1) / (people * draws), 0.0)
    whole = skill + market + own
    return {
        "skill": skill / whole,
        "market": market / whole,
        "luck": own / whole,
        "spread": float(np.sqrt(total)),
    }


def _attained(result: PlanCost, who: NDArray[np.bool_]) -> dict[str, float]:
    values = result.attainment[:, who]
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return {
        "median": float(middle),
        "low": float(low),
        "high": float(high),
        "below_half": float((values < 0.5).mean()),
        "at_target": float((values >= 1 - 1e-9).mean()),
    }


def _weighted(table: pd.DataFrame, name: str) -> float:
    known = table.dropna(subset=[name]) if len(table) else table
    if not len(known):
        return float("nan")
    return float(np.average(known[name], weights=known["people"]))
