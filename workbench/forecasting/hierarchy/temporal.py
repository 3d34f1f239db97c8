"""Temporal hierarchies: months, quarters, half-years and years of one series made to add up.

Each level is forecast for itself (trend shows in years, season in months) and all are reconciled,
per year of the horizon. Over nodes and time: first in time for each node, then over nodes with
`reconcile.py`. Its map is the same for each period and both are linear, so that values add up both
ways; with bounds or locks the months are what counts, and all else is summed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.hierarchy.structure import Hierarchy
from workbench.forecasting.hierarchy.weights import LEAST

METHODS = ("ols", "wls_structural", "wls_variance")
LEAST_BLOCKS = 3
"""Sums a series must have on a level for that level to be forecast and used."""


def factors_of(season: int) -> tuple[int, ...]:
    """All lengths that divide a season, longest first: 12, 6, 4, 3, 2, 1 for months."""
    return tuple(factor for factor in range(season, 0, -1) if season % factor == 0)


def season_hierarchy(season: int, factors: tuple[int, ...] | None = None) -> Hierarchy:
    """Hierarchy of one season: its series are the periods, its nodes the blocks they sum to.

    Parameters
    ----------
    season : int
        Periods in a year: 12 for months.
    factors : tuple of int, optional
        Lengths of blocks, such as (12, 6, 3, 1) for year, half-year, quarter and month; all that
        divide the season without it.

    Raises
    ------
    ParameterError
        If a length does not divide the season.
    """
    lengths = _checked(season, factors)
    wide = len(str(season))  # so that names sort as numbers do
    starts = {length: np.arange(season) // length * length for length in lengths[1:-1]}
    keys = pd.DataFrame(
        {
            f"{length} periods": [f"{at + 1:0{wide}d}-{at + length:0{wide}d}" for at in start]
            for length, start in starts.items()
        },
        index=[f"{at + 1}" for at in range(season)],
    )
    return Hierarchy.from_keys(keys, levels=[(), *((column,) for column in keys.columns)])


def sum_blocks(batch: Batch, factor: int) -> Batch:
    """Sums of `factor` observations, the last block ending with the series.

    The oldest observations that do not fill a block are left out; every series must fill one.
    """
    if batch.season % factor:
        raise ParameterError(
            f"blocks of {factor} do not divide a season of {batch.season}",
            where="factor",
            do=f"choose from {', '.join(map(str, factors_of(batch.season)))}",
        )
    counts = batch.lengths // factor
    if len(batch) and counts.min() < 1:
        raise ValueError(f"a series is shorter than {factor} observations")
    offsets = np.zeros(len(batch) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    skipped = batch.offsets[1:] - counts * factor - offsets[:-1] * factor
    first = np.repeat(skipped, counts) + np.arange(offsets[-1]) * factor
    sums = batch.values[first[:, None] + np.arange(factor)].sum(axis=1)
    return Batch(sums, offsets, batch.season // factor)


def reconcile_in_time(
    points: Mapping[int, ArrayLike],
    *,
    season: int,
    method: str = "wls_structural",
    residuals: Mapping[int, ArrayLike] | None = None,
) -> dict[int, Floats]:
    """Make forecasts of several block lengths add up.

    Parameters
    ----------
    points : mapping of int to array_like, shape (n, horizon / length)
        Forecasts by block length, 1 among them; horizons cover the same whole seasons. A row of
        NaN is a level that a series does without (but for length 1).
    season : int
    method : str
        ``ols``; ``wls_structural`` (a block's variance is its length); ``wls_variance`` (mean
        square residual of its level). Athanasopoulos, Hyndman, Kourentzes & Petropoulos (2017),
        section 3.
    residuals : mapping of int to array_like, shape (n, periods), optional
        One-step errors by block length, NaN where there is none; for ``wls_variance``.

    Returns
    -------
    dict of int to numpy.ndarray
        As `points`, and adding up.

    Raises
    ------
    ParameterError, InputError
        If there is no such method, or lengths, shapes or residuals do not fit.
    """
    lengths = _checked(season, tuple(points))
    base = {length: np.asarray(points[length], dtype=np.float64) for length in lengths}
    years = _years(base, season)
    hierarchy = season_hierarchy(season, lengths)
    series = len(base[1])
    stacked = np.concatenate(
        [base[length].reshape(series, years, season // length) for length in lengths], axis=2
    )
    variance = _variances(lengths, series, method, residuals)
    present = ~np.isnan(stacked).any(axis=1)
    node_variance = np.repeat(variance, [season // length for length in lengths], axis=1)
    precision = np.where(present, 1.0 / node_variance, 0.0)
    summing = hierarchy.summing.toarray()
    normal = np.einsum("im,ni,ik->nmk", summing, precision, summing, optimize=True)
    weighted = np.where(present[:, None], stacked, 0.0) * precision[:, None]
    months = np.linalg.solve(normal, (weighted @ summing).transpose(0, 2, 1)).transpose(0, 2, 1)
    months = months.reshape(series, years * season)
    return {length: months.reshape(series, -1, length).sum(axis=2) for length in lengths}


def forecast_in_time(
    batch: Batch,
    horizon: int,
    points: Callable[[Batch, int], Floats],
    *,
    factors: tuple[int, ...] | None = None,
    method: str = "wls_structural",
) -> Floats:
    """Forecast series by a model on every level of time, reconciled.

    Parameters
    ----------
    batch : Batch
    horizon : int
        Periods; whole seasons are forecast and cut.
    points : callable
        ``points(batch, horizon)`` of a model.
    factors : tuple of int, optional
        Block lengths; all without it. A level with fewer than three blocks is left out for a
        series, as is one that the model declines.
    method : str
        ``ols`` or ``wls_structural``.

    Returns
    -------
    numpy.ndarray, shape (n, horizon)
        NaN where the model declines the series itself.
    """
    lengths = _checked(batch.season, factors)
    ahead = -(-horizon // batch.season) * batch.season
    made: dict[int, Floats] = {}
    for length in lengths:
        enough = np.flatnonzero(batch.lengths >= (LEAST_BLOCKS * length if length > 1 else 1))
        answer = np.full((len(batch), ahead // length), np.nan)
        if len(enough):
            answer[enough] = points(sum_blocks(batch.take(enough), length), ahead // length)
        made[length] = answer
    able = np.flatnonzero(np.isfinite(made[1]).all(axis=1))
    answer = np.full((len(batch), horizon), np.nan)
    if len(able):
        part = {length: values[able] for length, values in made.items()}
        answer[able] = reconcile_in_time(part, season=batch.season, method=method)[1][:, :horizon]
    return answer


def _checked(season: int, factors: tuple[int, ...] | None) -> tuple[int, ...]:
    lengths = tuple(sorted(set(factors_of(season) if factors is None else factors), reverse=True))
    wrong = [length for length in lengths if length < 1 or season % length]
    if wrong or season < 2 or not {1, season} <= set(lengths):
        raise ParameterError(
            f"block lengths {lengths} do not fit a season of {season}",
            where="factors",
            do=f"take 1, {season} and any of {', '.join(map(str, factors_of(season)))}"
            if season > 1
            else "give series that have a season: years have no blocks",
        )
    return lengths


def _years(base: Mapping[int, Floats], season: int) -> int:
    months = base[1].shape[1] if base[1].ndim == 2 else 0
    fits = {length: (len(base[1]), months // length) for length in base}
    wrong = [length for length in base if base[length].shape != fits[length]]
    if months == 0 or months % season or wrong:
        raise InputError(
            "forecasts of different block lengths do not cover the same whole seasons",
            where=", ".join(f"length {length}: {values.shape}" for length, values in base.items()),
            do=f"forecast a multiple of {season} periods, and as many blocks as fill them",
        )
    if np.isnan(base[1]).any():
        raise InputError(
            "a series has no forecast of its own periods",
            where=f"points[1], row {int(np.argwhere(np.isnan(base[1]))[0][0])}",
            do="leave the series out",
        )
    return months // season


def _variances(
    lengths: tuple[int, ...],
    series: int,
    method: str,
    residuals: Mapping[int, ArrayLike] | None,
) -> Floats:
    """Variance of a block by series and level, shape (n, levels)."""
    if method not in METHODS:
        raise ParameterError(
            f"there is no method {method!r} over time",
            where="method",
            do=f"choose from {', '.join(METHODS)}",
        )
    if method == "ols":
        return np.ones((series, len(lengths)))
    structural = np.tile(np.array(lengths, dtype=np.float64), (series, 1))
    if method == "wls_structural":
        return structural
    if residuals is None or any(length not in residuals for length in lengths):
        raise ParameterError(
            "method 'wls_variance' needs residuals of every block length",
            where="residuals",
            do="give them, or take wls_structural",
        )
    columns = []
    for length in lengths:
        errors = np.asarray(residuals[length], dtype=np.float64)
        seen = np.isfinite(errors)
        square = np.where(seen, errors, 0.0) ** 2
        columns.append(square.sum(axis=1) / np.maximum(seen.sum(axis=1), 1))
    variance = np.stack(columns, axis=1)
    largest = variance.max(axis=1, keepdims=True)
    return np.where(largest > 0, np.maximum(variance, LEAST * largest), structural)
