"""Which models a combination holds and with what weight, decided by rolling-origin evidence.

One set of weights a panel: errors of a single series are too few to choose by, those of a panel are
not. With little evidence the weights stay equal, which is hard to beat (Clemen 1989; Makridakis et
al. 2020); with much they follow the errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.evidence import Evidence
from workbench.forecasting.models import models

_Loss = Callable[[Floats], tuple[float, Floats]]

#: Rows of evidence at which observed and equal weights count alike.
PRIOR_ROWS = 120.0
#: What a total that is out by all of itself costs, in squared errors of the equal combination.
BIAS_COST = 5.0
#: A member below this weight is left out.
SMALLEST_WEIGHT = 0.03


@dataclass(frozen=True)
class Combination:
    """Members and their weights.

    Attributes
    ----------
    members : tuple of str
    weights : numpy.ndarray, shape (members,)
        Sum to one.
    rows : int
        Series and origins the weights rest on; 0 where they are equal for want of evidence.
    errors : numpy.ndarray, shape (members,)
        Mean scaled absolute error of each member alone; NaN without evidence.
    error : float
        That of the combination.
    """

    members: tuple[str, ...]
    weights: Floats
    rows: int
    errors: Floats
    error: float

    def points(self, batch: Batch, horizon: int) -> Floats:
        """Forecast by the members that have a weight; the rest is not computed."""
        used = np.flatnonzero(self.weights > 0)
        chosen = models([self.members[place] for place in used])
        return combine(
            np.stack([member.points(batch, horizon) for member in chosen]), self.weights[used]
        )

    def table(self) -> pd.DataFrame:
        """Members, best first: model, weight, scaled_error, admitted."""
        return pd.DataFrame(
            {
                "model": self.members,
                "weight": self.weights,
                "scaled_error": self.errors,
                "admitted": self.weights > 0,
            }
        ).sort_values(["weight", "scaled_error"], ascending=[False, True], ignore_index=True)


def equal(members: tuple[str, ...]) -> Combination:
    """All members alike, where there is no evidence."""
    count = len(members)
    return Combination(members, np.full(count, 1 / count), 0, np.full(count, np.nan), np.nan)


def combine(points: Floats, weights: Floats) -> Floats:
    """Weighted mean of forecasts, shape (members, n, horizon); who declined a series has no say.

    A series that all decline stays NaN.
    """
    there = np.asarray(np.isfinite(points).all(axis=2))
    share = weights[:, None] * there
    total = share.sum(axis=0)
    share = share / np.where(total > 0, total, 1.0)
    mixed = np.einsum("mn,mnh->nh", share, np.where(there[:, :, None], points, 0.0))
    mixed[total == 0] = np.nan
    return mixed


def admit(evidence: Evidence, *, squared: bool = False) -> Combination:
    """Weigh members by what they would have said.

    The weights minimise the mean absolute error of the combination over series, origins and leads,
    half of it scaled as MASE is, half as sMAPE, on the simplex, and are drawn towards equal weights
    by `PRIOR_ROWS` rows' worth.

    Parameters
    ----------
    evidence : Evidence
    squared : bool
        Minimise squared errors and the bias of the total instead: for intermittent demand, whose
        median is zero, the absolute error would choose to forecast nothing.

    Returns
    -------
    Combination
    """
    members = evidence.members
    points, actual, scale = _usable(evidence)
    if len(actual) == 0:
        return equal(members)
    errors = np.array([_scaled(one, actual, scale) for one in points])
    weights = _optimal(points, actual, scale, squared)
    share = len(actual) / (len(actual) + PRIOR_ROWS)
    weights = share * weights + (1 - share) / len(members)
    weights[weights < SMALLEST_WEIGHT] = 0.0
    weights /= weights.sum()
    error = _scaled(np.einsum("m,mnh->nh", weights, points), actual, scale)
    return Combination(members, weights, len(actual), errors, error)


def _usable(evidence: Evidence) -> tuple[Floats, Floats, Floats]:
    """Rows with a forecast of at least one member, gaps filled by the others' mean."""
    points = evidence.points
    there = np.asarray(np.isfinite(points).all(axis=2))
    rows = there.any(axis=0)
    points, there = points[:, rows], there[:, rows]
    counted = np.where(there[:, :, None], points, 0.0)
    mean = counted.sum(axis=0) / there.sum(axis=0)[:, None]
    filled = np.where(there[:, :, None], points, mean)
    return filled, evidence.actual[rows], evidence.scale[rows]


def _scaled(points: Floats, actual: Floats, scale: Floats) -> float:
    with np.errstate(invalid="ignore"):
        error = np.nanmean(np.abs(points - actual), axis=1) / scale
    return float(np.mean(error))


def _optimal(points: Floats, actual: Floats, scale: Floats, squared: bool) -> Floats:
    from scipy.optimize import minimize

    count = len(points)
    equally = np.full(count, 1 / count)
    loss = (_squares if squared else _absolutes)(points, actual, scale)
    if loss is None:
        return equally
    found = minimize(
        loss,
        equally,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(count)},
        options={"maxiter": 60, "ftol": 1e-7},
    )
    weights = np.clip(found.x, 0.0, None)
    return weights / weights.sum()


def _absolutes(points: Floats, actual: Floats, scale: Floats) -> _Loss | None:
    """Absolute errors, half scaled as MASE is and half as sMAPE; each row counts once."""
    seen = np.isfinite(actual)
    leads = seen.sum(axis=1)
    level = np.abs(actual) + np.abs(points.mean(axis=0))
    by_scale = 1.0 / (scale * leads)[:, None]
    by_level = 2.0 / (np.where(level > 0, level, np.inf) * leads[:, None])
    typical = np.abs(points.mean(axis=0) - actual)
    loss_scale, loss_level = np.nansum(typical * by_scale), np.nansum(typical * by_level)
    if loss_scale == 0:
        return None
    cost = by_scale if loss_level == 0 else by_scale / loss_scale + by_level / loss_level
    cost = np.broadcast_to(cost, actual.shape)[seen]
    offers, truth = points[:, seen], actual[seen]

    def loss(weights: Floats) -> tuple[float, Floats]:
        away = weights @ offers - truth
        return float(np.abs(away) @ cost), offers @ (np.sign(away) * cost)

    return loss


def _squares(points: Floats, actual: Floats, scale: Floats) -> _Loss | None:
    """Squared errors over the scale, as counts vary with their mean, and the bias of the total.

    Who stocks by the forecast of many sparse series lives by their total.
    """
    seen = np.isfinite(actual)
    offers, truth = points[:, seen], actual[seen]
    cost = np.broadcast_to(1.0 / scale[:, None], actual.shape)[seen]
    size = float(((points.mean(axis=0)[seen] - truth) ** 2) @ cost)
    total = float(truth.sum())
    if size == 0:
        return None

    def loss(weights: Floats) -> tuple[float, Floats]:
        away = weights @ offers - truth
        value, slope = float(away**2 @ cost) / size, 2 * (offers @ (away * cost)) / size
        if total > 0:
            bias = float(away.sum()) / total
            value += BIAS_COST * bias**2
            slope += BIAS_COST * 2 * bias * offers.sum(axis=1) / total
        return value, slope

    return loss
