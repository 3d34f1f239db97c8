"""Do chances hold: reliability by decile with its binomial band, Brier score and its parts.

References
----------
- Brier (1950), "Verification of forecasts expressed in terms of probability", Monthly Weather
  Review 78, eq. 2 (halved: one outcome).
- Murphy (1973), "A new vector partition of the probability score", J. Applied Meteorology 12,
  eq. 12 (reliability, resolution, uncertainty).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.errors import InputError


def reliability(
    chance: ArrayLike, happened: ArrayLike, *, groups: int = 10, level: float = 0.99
) -> pd.DataFrame:
    """Chances against what happened, in groups of equal size by chance.

    Parameters
    ----------
    chance : array_like, shape (n,)
    happened : array_like of bool, shape (n,)
    groups : int
    level : float
        Of the band; it holds for all groups together (each has its share of what is left over).

    Returns
    -------
    pandas.DataFrame
        group (from 1, lowest chances), deals, chance (mean), share (that happened), off (share
        less chance), low, high (binomial band of the share if the chances hold), inside.
    """
    chances, came = _checked(chance, happened)
    order = np.argsort(chances, kind="stable")
    rows = [
        _group(number, chances[part], came[part], 1 - (1 - level) / groups)
        for number, part in enumerate(np.array_split(order, groups), start=1)
        if len(part)
    ]
    return pd.DataFrame(rows)


def brier(chance: ArrayLike, happened: ArrayLike) -> float:
    """Mean squared difference of chance and outcome."""
    chances, came = _checked(chance, happened)
    return float(np.mean((chances - came) ** 2))


def skill(chance: ArrayLike, other: ArrayLike, happened: ArrayLike) -> float:
    """Share of another method's Brier score that a method saves: 0.2 is a fifth better."""
    return 1 - brier(chance, happened) / brier(other, happened)


def _group(
    number: int, chances: np.ndarray, came: np.ndarray, level: float
) -> dict[str, float | int | bool]:
    from scipy.stats import binom

    count, mean, share = len(chances), float(chances.mean()), float(came.mean())
    low, high = binom.interval(level, count, mean)
    low, high = low / count, high / count
    return {
        "group": number,
        "deals": count,
        "chance": mean,
        "share": share,
        "off": share - mean,
        "low": low,
        "high": high,
        "inside": bool(low <= share <= high),
    }


def _checked(chance: ArrayLike, happened: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    chances, came = np.asarray(chance, float), np.asarray(happened, float)
    if chances.shape != came.shape or chances.ndim != 1 or not len(chances):
        raise InputError(
            "each chance needs one outcome",
            where=f"{chances.size} chances, {came.size} outcomes",
            do="give two columns of the same length, at least one row",
        )
    if not (np.isfinite(chances).all() and (chances >= 0).all() and (chances <= 1).all()):
        raise InputError(
            "chances lie between 0 and 1", where="chance", do="leave out rows without a chance"
        )
    return chances, came
