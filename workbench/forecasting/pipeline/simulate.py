"""Draws of won amounts: open deals, deals still to be created, wins no picture shows.

Deals are independent given the level of wins, which all share: each draw has one path of it, so
that totals spread as wide as past years did. Amounts when won are the stated ones times a ratio
drawn from past wins of the same stage. Money is float64 in the currency of the pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.pipeline.arrivals import POOL_MONTHS, Arrivals
from workbench.forecasting.pipeline.features import WON

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AT_ONCE = 4_000_000  # deals x draws in memory
LEAST_RATIOS = 40


@dataclass(frozen=True)
class Revision:
    """Amount when won over the amount in the picture.

    Attributes
    ----------
    ratios : dict of str to numpy.ndarray
        Past ratios by stage, mean as it was; "" holds all stages.
    """

    ratios: dict[str, Floats]

    def mean(self, stage: pd.Series) -> Floats:
        """Mean ratio of each deal."""
        means = {name: float(found.mean()) for name, found in self.ratios.items()}
        return np.asarray(stage.map(means).fillna(means[""]).to_numpy(float))

    def draw(self, rng: np.random.Generator, stage: NDArray[np.object_]) -> Floats:
        """A ratio for each deal, drawn from those of its stage."""
        out = np.empty(len(stage))
        uniform = rng.random(len(stage))
        for name in pd.unique(stage):
            mine = stage == name
            found = self.ratios.get(name, self.ratios[""])
            out[mine] = found[(uniform[mine] * len(found)).astype(np.int64)]
        return out


@dataclass(frozen=True)
class Wins:
    """Wins of all draws, one entry each: draw, month ahead (from 0), deal (row), amount."""

    draw: Ints
    month: Ints
    deal: Ints
    amount: Floats


def revision(rows: pd.DataFrame, ends: pd.DataFrame, *, origin: int) -> Revision:
    """Learn how amounts change until won, from wins up to an origin; 1 where none is known."""
    won = ends[(ends["end"] == WON) & (ends["month"] <= origin) & (ends["amount"] > 0)]
    won = won[won["month"] > origin - 2 * POOL_MONTHS]
    both = rows[rows["amount"] > 0].merge(
        won[["opportunity_id", "month", "amount"]], on="opportunity_id", suffixes=("", "_won")
    )
    both = both[both["month"] < both["month_won"]]
    ratio = (both["amount_won"] / both["amount"]).to_numpy(float)
    # One mistyped amount must not move the mean of a stage.
    ratio = np.clip(ratio, *np.quantile(ratio, [0.005, 0.995])) if len(ratio) else np.ones(1)
    ratios = {"": ratio}
    for stage, index in both.reset_index(drop=True).groupby("stage").groups.items():
        if len(index) >= LEAST_RATIOS:
            ratios[str(stage)] = ratio[np.asarray(index)]
    return Revision(ratios)


def open_wins(
    rng: np.random.Generator,
    hazard: Floats,
    paths: Floats,
    *,
    amount: Floats,
    stage: NDArray[np.object_],
    revised: Revision,
) -> Wins:
    """Draw when each open deal is won, if it is.

    Parameters
    ----------
    hazard : numpy.ndarray, shape (deals, horizon, 2)
        Of winning and losing, from `Hazard.monthly`.
    paths : numpy.ndarray, shape (draws, horizon)
        Factors on the odds of winning that all deals of a draw share.
    amount : numpy.ndarray, shape (deals,)
        As in the picture.
    """
    draws, deals = len(paths), len(hazard)
    block = max(AT_ONCE // max(draws, 1), 1)
    found = []
    for low in range(0, deals, block):
        part = np.arange(low, min(low + block, deals))
        draw = np.repeat(np.arange(draws), len(part))
        deal = np.tile(part, draws)
        found.append(_course(rng, hazard, paths, draw, deal, 0))
    return _valued(rng, found, amount, stage, revised)


def new_wins(
    rng: np.random.Generator,
    coming: Arrivals,
    hazards: list[Floats],
    paths: Floats,
    *,
    amount: Floats,
    revised: Revision,
) -> Wins:
    """Draw deals still to be created and when they are won; `deal` is a row of `coming.like`.

    `hazards` holds for each month of creation those of `coming.like` in the months after it.
    """
    draws, horizon = paths.shape
    number = coming.new.draw(rng, draws)
    found = []
    for begin, hazard in enumerate(hazards):
        draw = np.repeat(np.arange(draws), number[:, begin])
        if not len(draw) or not len(coming.like):
            continue
        deal = rng.integers(0, len(coming.like), len(draw))
        whole = np.zeros((len(coming.like), horizon, 2))
        whole[:, begin + 1 :] = hazard
        found.append(_course(rng, whole, paths, draw, deal, begin + 1))
    stage = coming.like["stage"].to_numpy(object)
    return _valued(rng, found, amount, stage, revised)


def unseen_wins(rng: np.random.Generator, coming: Arrivals, draws: int) -> Wins:
    """Draw wins that no picture shows; `deal` is a row of `coming.unseen_like`."""
    number = coming.unseen.draw(rng, draws)
    draw = np.repeat(np.arange(draws), number.sum(axis=1))
    month = np.repeat(np.tile(np.arange(number.shape[1]), draws), number.ravel())
    deal = rng.integers(0, max(len(coming.unseen_like), 1), len(draw))
    return Wins(draw, month, deal, coming.unseen_like["amount"].to_numpy(float)[deal])


def _course(
    rng: np.random.Generator, hazard: Floats, paths: Floats, draw: Ints, deal: Ints, first: int
) -> tuple[Ints, Ints, Ints]:
    """Draws, months and deals of wins, by month."""
    month = _month_won(rng.random(len(deal)), hazard, paths, draw, deal, first)
    won = np.flatnonzero(month >= 0)
    won = won[np.argsort(month[won], kind="stable")]
    return draw[won], month[won], deal[won]


@njit(cache=True)
def _month_won(
    uniform: Floats, hazard: Floats, paths: Floats, draw: Ints, deal: Ints, first: int
) -> Ints:
    """Month each deal is won, or -1; one uniform a deal, rescaled while the deal stays open."""
    out = np.full(len(deal), -1)
    for each in range(len(deal)):
        left = uniform[each]
        for month in range(first, hazard.shape[1]):
            won, lost = hazard[deal[each], month, 0], hazard[deal[each], month, 1]
            factor = paths[draw[each], month]
            lifted = won * factor / (1 - won + won * factor)
            if left < lifted:
                out[each] = month
                break
            ends = lifted + lost * (1 - lifted) / max(1 - won, 1e-12)
            if left < ends:
                break
            left = (left - ends) / max(1 - ends, 1e-12)
    return out


def _valued(
    rng: np.random.Generator,
    found: list[tuple[Ints, Ints, Ints]],
    amount: Floats,
    stage: NDArray[np.object_],
    revised: Revision,
) -> Wins:
    if not found:
        empty = np.zeros(0, np.int64)
        return Wins(empty, empty, empty, np.zeros(0))
    draw, month, deal = (np.concatenate(each) for each in zip(*found, strict=True))
    return Wins(draw, month, deal, amount[deal] * revised.draw(rng, stage[deal]))
