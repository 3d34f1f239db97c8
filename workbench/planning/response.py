"""How amounts answer to levers: measured on the company's own data, or stated as an assumption.

References
----------
- Two-way fixed effects with errors clustered by unit: Cameron and Miller (2015), "A practitioner's
  guide to cluster-robust inference", Journal of Human Resources 50, eq. 11 and section III.B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, NotIdentifiedError, ParameterError
from workbench.scenarios import streams

Floats = NDArray[np.float64]
#: Units (products, customers) whose own changes a measured response must rest on.
FEWEST = 8


@dataclass(frozen=True)
class Response:
    """How amounts answer to a lever.

    Attributes
    ----------
    estimate : float
        Change of the log of the amount per unit of the lever: an elasticity, or the log of a
        promotion's uplift.
    error : float
        Standard error.
    source : {"measured", "assumed"}
    units : int
        Products or customers it was measured on; 0 of an assumption.
    """

    estimate: float
    error: float
    source: Literal["measured", "assumed"] = "assumed"
    units: int = 0

    def draws(self, count: int, *, seed: int, name: str) -> Floats:
        """Draws of it from the stream `targets/lever/<name>`, shape (count,)."""
        normal = streams(seed)[f"targets/lever/{name}"].standard_normal(count)
        return self.estimate + self.error * normal


def measured(
    panel: pd.DataFrame,
    *,
    amount: str,
    lever: str,
    unit: str = "product_id",
    period: str = "month",
) -> Response:
    """Measure a response within units over time.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a unit and period: `amount` (> 0), `lever` (log of a price, or 0 and 1 of a
        promotion), unit, period.
    amount, lever, unit, period : str
        Names of the columns.

    Returns
    -------
    Response
        Slope of log(amount) on the lever beside what is a unit's own and what all units share in
        a period; error clustered by unit.

    Raises
    ------
    InputError
        If a column is missing.
    NotIdentifiedError
        If the lever has not moved within enough units.
    """
    if lacking := [c for c in (amount, lever, unit, period) if c not in panel.columns]:
        raise InputError(
            f"the panel lacks the column {lacking[0]}",
            where=f"columns {', '.join(map(str, panel.columns))}",
            do="name the columns that hold it",
        )
    rows = panel[(panel[amount] > 0) & np.isfinite(panel[lever].astype(float))]
    if rows.empty:
        raise NotIdentifiedError(
            "there is no amount and lever to measure by",
            where=f"columns {amount}, {lever}",
            do="state an assumption, or give data that hold both",
        )
    groups = [pd.factorize(rows[name])[0] for name in (unit, period)]
    x = _without_means(rows[lever].to_numpy(float), groups)
    y = _without_means(np.log(rows[amount].to_numpy(float)), groups)
    power = pd.Series(x**2).groupby(groups[0]).sum()
    moving = int((power > 1e-8).sum())
    if moving < FEWEST or not float(x @ x) > 1e-8:
        raise NotIdentifiedError(
            f"the lever has moved within {moving} of {len(power)} units, too few to measure by",
            where=f"column {lever}",
            do=f"state an assumption, or give data in which it moves within {FEWEST} units or more",
        )
    whole = float(x @ x)
    slope = float(x @ y) / whole
    scores = pd.Series(x * (y - slope * x)).groupby(groups[0]).sum().to_numpy()
    error = float(np.sqrt((scores @ scores) * moving / (moving - 1))) / whole
    return Response(slope, error, "measured", moving)


def discount_limit(
    discounts: ArrayLike, *, now: float, new: float, worth: ArrayLike | None = None
) -> float:
    """Change of the average price when the limit of discounts moves; hand it to `price`.

    Parameters
    ----------
    discounts : array_like
        Discounts given, as shares off list.
    now, new : float
        Limit without approval today and to come.
    worth : array_like, optional
        What each was given on, at list; large deals get more off than small ones. All alike by
        default.

    Returns
    -------
    float
        Such as -0.01: customers pay 1 % less. Deals piled up at the limit today go to the new
        one; tightened, all deals above the new limit and up to the old come down to it.

    Raises
    ------
    ParameterError
        If a limit does not lie from 0 to below 1.
    NotIdentifiedError
        If no deal stands at or under the limit.
    """
    given = np.asarray(discounts, dtype=np.float64)
    if not (0 <= now < 1 and 0 <= new < 1):
        raise ParameterError(
            "a discount lies from 0 to below 1", where=f"now={now}, new={new}", do="give 0.15"
        )
    if not len(given) or not (given <= now + 1e-6).any():
        raise NotIdentifiedError(
            "no deal stands at or under the limit of discounts",
            where=f"limit {now}",
            do="give discounts as shares off list, such as 0.12",
        )
    own = given <= now + 1e-6  # those above had approval, which the limit does not move
    at_limit = own & (given >= now - 1e-3)
    moved = np.where(at_limit if new > now else own & (given > new), new, given)
    heavy = np.ones(len(given)) if worth is None else np.asarray(worth, dtype=np.float64)
    return float(heavy @ (1 - moved) / (heavy @ (1 - given)) - 1)


def _without_means(values: Floats, groups: Sequence[NDArray[np.int64]]) -> Floats:
    """Take away the means of units and periods, in turn until they stay 0."""
    left = values - values.mean()
    for _ in range(500):
        before = left
        for group in groups:
            means = np.bincount(group, left) / np.maximum(np.bincount(group), 1)
            left = left - means[group]
        if np.abs(left - before).max(initial=0.0) < 1e-10:
            break
    return left
