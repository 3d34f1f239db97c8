"""Shares by which a total is divided among its series.

Shares of forecasts go down level by level; shares of history are one step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Floats
from workbench.forecasting.hierarchy.levels import refines
from workbench.forecasting.hierarchy.structure import Hierarchy


def forecast_shares(hierarchy: Hierarchy, points: Floats) -> Floats:
    """Share of each series in the total by forecasts, shape (..., series, horizon).

    Notes
    -----
    Going down, a node gets its forecast over the sum of those of its siblings (Athanasopoulos,
    Ahmed & Hyndman 2009, equation 8). That needs levels nested in each other: where keys are
    crossed, the way down is the longest chain of levels that each divide the one before. Siblings
    whose forecasts sum to zero share alike.
    """
    shares = np.ones((*points.shape[:-2], len(hierarchy.series), points.shape[-1]))
    parent = np.zeros(len(hierarchy.series), dtype=np.int64)
    for number in _chain(hierarchy):
        level = hierarchy.levels[number]
        code = hierarchy.codes(number)
        _, first = np.unique(code, return_index=True)
        above = parent[first]
        values = points[..., level.start : level.stop, :]
        family = np.zeros((int(above.max()) + 1, *values.shape[:-2], values.shape[-1]))
        np.add.at(family, above, np.moveaxis(values, -2, 0))
        many = np.bincount(above)[above][:, None]
        whole = np.moveaxis(family[above], 0, -2)
        some = np.abs(whole) > 0
        part = np.where(some, values / np.where(some, whole, 1.0), 1.0 / many)
        shares = shares * part[..., code, :]
        parent = code
    return shares


def history_shares(hierarchy: Hierarchy, history: ArrayLike | None) -> Floats:
    """Share of each series in the total of average history, shape (series, 1).

    Gross & Sohl (1990), method F; NaN counts as not observed.

    Raises
    ------
    ParameterError
        If no history is given.
    InputError
        If it does not fit, or its total is not positive.
    """
    if history is None:
        raise ParameterError(
            "method 'top_down_history' needs history",
            where="history",
            do="give the values of the series, or take top_down",
        )
    values = np.asarray(history, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(hierarchy.series):
        raise InputError(
            f"history of shape {values.shape} does not fit {len(hierarchy.series)} series",
            where="history",
            do="give a row a series, in the order of `hierarchy.series`",
        )
    seen = np.isfinite(values)
    mean = np.where(seen, values, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    total = float(mean.sum())
    if not total > 0:
        raise InputError(
            "history sums to zero or less, so that it gives no shares",
            where="history",
            do="take another method",
        )
    return (mean / total)[:, None]


def share_out(hierarchy: Hierarchy, shares: Floats, total: Floats) -> Floats:
    """Values of all nodes from shares (..., series, horizon or 1) and a total (..., horizon)."""
    return hierarchy.aggregate(shares * total[..., None, :])


def _chain(hierarchy: Hierarchy) -> list[int]:
    """Numbers of levels from under the total to the series, each dividing the one before."""
    codes = [hierarchy.codes(number) for number in range(len(hierarchy.levels))]
    order = sorted(range(len(codes)), key=lambda number: (len(hierarchy.levels[number]), number))
    longest: dict[int, list[int]] = {}
    for number in order:
        before = [
            longest[other]
            for other in longest
            if len(hierarchy.levels[other]) < len(hierarchy.levels[number])
            and refines(codes[number], codes[other])
        ]
        longest[number] = [*max(before, key=len, default=[]), number]
    chain = longest[len(codes) - 1]
    return [
        number for number in chain if len(hierarchy.levels[number]) > 1 or number == len(codes) - 1
    ]
