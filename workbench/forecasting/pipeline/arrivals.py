"""Deals still to be created: how many in each month, and what they are like.

Counts are Poisson around level x place in the year; the place in the year is shrunk as the
counts allow, the level moves as in `level.py`, so that draws spread wider than Poisson's. What
new deals are like is drawn from those of the last two years. Deals that no picture ever showed
(won in the month they began, or typed in afterwards, 补录) are counted apart: they come as wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.forecasting.pipeline.features import WON, Pictures
from workbench.forecasting.pipeline.level import NO_LEVEL, Level, frailty, local_level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
POOL_MONTHS = 24
POOL_ROWS = 1_200


@dataclass(frozen=True)
class Counts:
    """Counts of the months ahead.

    Attributes
    ----------
    mean : numpy.ndarray, shape (horizon,)
        Expected counts.
    level : Level
        How the level moves; its mean is within `mean` already.
    """

    mean: Floats
    level: Level

    def draw(self, rng: np.random.Generator, draws: int) -> Ints:
        """Counts by draw and month, shape (draws, horizon)."""
        factor = self.level.around().paths(rng, draws, len(self.mean))
        return np.asarray(rng.poisson(self.mean * factor), dtype=np.int64)


@dataclass(frozen=True)
class Arrivals:
    """Deals still to come.

    Attributes
    ----------
    new : Counts
        Deals that pictures will show for the first time.
    like : pandas.DataFrame
        Pictures new deals are drawn from, all equally likely.
    unseen : Counts
        Wins of deals that no picture shows.
    unseen_like : pandas.DataFrame
        amount, region, product_line of such wins, all equally likely.
    """

    new: Counts
    like: pd.DataFrame = field(repr=False)
    unseen: Counts
    unseen_like: pd.DataFrame = field(repr=False)


def fit_counts(counts: Floats, months: Ints, *, horizon: int, exposure: float = 1.0) -> Counts:
    """Forecast counts of consecutive months.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n,)
        Oldest first.
    months : numpy.ndarray of int, shape (n,)
        Their numbers.
    exposure : float
        Share of the first month ahead that is still to come.

    Returns
    -------
    Counts
        All zero where nothing was ever counted.
    """
    ahead = (months[-1] if len(months) else 0) + np.arange(1, horizon + 1)
    if not len(counts) or counts.sum() == 0:
        return Counts(np.zeros(horizon), NO_LEVEL)
    base = counts.mean()
    season = np.exp(_season(counts, months, base))
    level = local_level(counts, base * season[months % 12], drifts=True)
    mean = base * season[ahead % 12] * np.exp(level.ahead(horizon))
    mean[0] *= exposure
    return Counts(mean, level)


def arrivals(
    pictures: Pictures,
    ends: pd.DataFrame,
    *,
    origin: int,
    horizon: int,
    exposure: float = 1.0,
) -> Arrivals:
    """What will be created after an origin, from pictures and endings up to it."""
    rows = pictures.rows[pictures.rows["month"] <= origin]
    begin = int(rows["month"].min()) + 1  # all deals of the first picture are new to it
    months = np.arange(begin, origin + 1)
    entered = rows[rows["first"] & (rows["month"] >= begin)]
    like = entered[entered["month"] > origin - POOL_MONTHS]
    like = like.iloc[_even(len(like), POOL_ROWS)].reset_index(drop=True)
    wins = ends[(ends["end"] == WON) & ~ends["seen"]]
    wins = wins[(wins["month"] >= begin) & (wins["month"] <= origin)]
    recent = wins[(wins["month"] > origin - POOL_MONTHS) & wins["amount"].notna()]
    return Arrivals(
        new=fit_counts(_by_month(entered, months), months, horizon=horizon, exposure=exposure),
        like=like,
        unseen=fit_counts(_by_month(wins, months), months, horizon=horizon, exposure=exposure)
        if len(recent)
        else fit_counts(np.zeros(0), months[:0], horizon=horizon),
        unseen_like=recent[["amount", "region", "product_line"]].reset_index(drop=True),
    )


def _season(counts: Floats, months: Ints, base: float) -> Floats:
    """Shrunk log effect of each place in the year; months never seen have none."""
    place = months % 12
    found = np.bincount(place, weights=counts, minlength=12)
    expected = np.bincount(place, minlength=12).astype(float) * base
    return np.asarray(frailty(found.astype(float), np.maximum(expected, 1e-9)) * (expected > 0))


def _by_month(rows: pd.DataFrame, months: Ints) -> Floats:
    if not len(months):
        return np.zeros(0)
    place = rows["month"].to_numpy(np.int64) - months[0]
    return np.bincount(place, minlength=len(months)).astype(float)


def _even(count: int, most: int) -> Ints:
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(np.int64))
