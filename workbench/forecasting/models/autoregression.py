"""Autoregression with a moving-average error on seasonally adjusted series, in four forms.

A fast stand-in for a full search over ARIMA models. Box and Jenkins (1970) for the model, Burnham
and Anderson, Model Selection and Multimodel Inference (2nd edition, 2002), chapter 4, for weighing
forms instead of choosing one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.arima_kernels import continued, summed, with_drift
from workbench.forecasting.models.registry import Model
from workbench.forecasting.models.seasonal_adjustment import adjust

#: Fewer values leave nothing to estimate from.
SHORTEST = 6
#: Orders of the forms; an array, so that the kernels are compiled for one type alone.
FORMS = np.array([[0, 1, 0, 0], [1, 1, 0, 0]])
#: What is left of the drift from one step to the next.
DAMPING = 0.9
#: Share of a difference in AICc that counts. Below the textbook's 1, since all four forms are
#: wrong and differ in how they go on more than in how they fit.
SHARPNESS = 0.2


def autoregression(batch: Batch, horizon: int) -> Floats:
    """Forecast with first-order autoregression and moving average of the changes.

    Returns
    -------
    numpy.ndarray, shape (n, horizon)
        NaN rows for series of fewer than 6 values.

    Notes
    -----
    Forms: order (1, 1, 1) and (0, 1, 1), each on values and, where all are positive, on
    logarithms. Each has a drift, shrunk towards none and dying out by 0.9 a step. Forecasts are
    averaged with weights exp(-0.2 AICc / 2); on logarithms the AICc has twice their sum added, so
    that it speaks of the same values.
    """
    scaled, scale = batch.scaled()
    adjusted = adjust(scaled)
    left = adjusted.batch
    points = _forecast(left.values, left.offsets, left.minima() > 0, horizon)
    return adjusted.restore(points) * scale[:, None]


@njit(cache=True)
def _forecast(values: Floats, offsets: Ints, positive: NDArray[np.bool_], horizon: int) -> Floats:
    points = np.full((len(offsets) - 1, horizon), np.nan)
    ahead, criteria = np.empty((4, horizon)), np.empty(4)
    for row in range(len(offsets) - 1):
        series = values[offsets[row] : offsets[row + 1]]
        if len(series) < SHORTEST:
            continue
        forms = 4 if positive[row] else 2
        for form in range(forms):
            logs = form >= 2
            level = np.log(series) if logs else series
            ahead[form], criteria[form] = _one_form(level, form % 2, horizon)
            if logs:
                ahead[form] = np.exp(ahead[form])
                criteria[form] += 2.0 * level.sum()
        weights = np.exp(-SHARPNESS / 2.0 * (criteria[:forms] - criteria[:forms].min()))
        points[row] = weights @ ahead[:forms] / weights.sum()
    return points


@njit(cache=True)
def _one_form(level: Floats, form: int, horizon: int) -> tuple[Floats, float]:
    """Forecasts and AICc of one form."""
    changes = level[1:] - level[:-1]
    orders = (FORMS[form, 0], FORMS[form, 1], FORMS[form, 2], FORMS[form, 3])
    drift, parameters, squares = with_drift(changes, orders, 1, 1)
    ahead = continued(changes - drift, parameters, orders, 1, horizon)
    for step in range(horizon):
        ahead[step] += drift * DAMPING**step
    return summed(level, ahead, 1, 0, 1), corrected_criterion(
        squares, len(changes), len(parameters) + 2
    )


@njit(cache=True)
def corrected_criterion(squares: float, count: int, free: int) -> float:
    """AICc of Gaussian errors; infinite with no more values than parameters and one.

    Hurvich and Tsai, "Regression and time series model selection in small samples", Biometrika 76
    (1989). Squares are floored so that a perfect fit stays a number; series have size one.
    """
    if count <= free + 1:
        return np.inf
    fit = count * np.log(max(squares / count, 1e-14))
    return fit + 2.0 * free * count / (count - free - 1.0)


MODEL_AR = Model("ar", ("Autoregression", "自回归"), autoregression)
