"""Gross margin rate by leaf: as in the last twelve months, moved by all together and each alone.

How far the company's rate moves in a year is read off its own past; what a leaf's rate is, beyond
noise, by shrinkage. A month's rate strays with the size of the month: few orders, any mix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.planning.measures.measured import (
    Measured,
    by_leaf,
    by_month,
    expected_revenue,
    rate_cube,
    shrunk,
    stream_name,
)
from workbench.scenarios import streams

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.year_ahead import Ahead

KPI = "gross_margin"
MONTHS = 48
LOWEST, HIGHEST = -0.5, 0.95


def drawn(company: Company, found: Ground, near: Ahead, year: int) -> Measured:
    """Draw the rate of a year."""
    company.require("unit_cost", "order_line")
    start = found.last - pd.DateOffset(months=MONTHS - 1)
    rows = by_leaf(company, found, KPI, start=start)
    earned, sold = (
        by_month(rows, found, column, start=start).to_numpy()
        for column in ("numerator", "denominator")
    )
    if not (sold[-12:].sum() > 0 and sold[:12].sum() > 0):
        raise NotIdentifiedError("no margin in the last years", where="order_line, unit_cost")
    rate = np.divide(earned, sold, out=np.zeros_like(sold), where=sold > 0)
    whole = np.maximum(sold[-12:].sum(axis=0), 0.0)
    leaf = np.divide(earned[-12:].sum(axis=0), whole, out=np.zeros_like(whole), where=whole > 0)
    kept = sold[-12:] > 0
    noise = float((np.where(kept, (rate[-12:] - leaf) ** 2 * sold[-12:], 0.0)).sum() / kept.sum())
    mine, error = shrunk(earned[-12:].sum(axis=0), whole, noise)
    weights = expected_revenue(near, year)
    rng = streams(near.seed)[stream_name(KPI)]
    count = len(near.values)
    common = rng.normal(0, _yearly_move(earned.sum(axis=1), sold.sum(axis=1)), (count, 1, 1))
    own = error * rng.standard_normal((count, 1, len(mine)))
    month = np.sqrt(noise / np.maximum(weights.to_numpy().T, whole.mean() / 120))
    stray = month * rng.standard_normal((count, 12, len(mine)))
    values = np.clip(mine + common + own + stray, LOWEST, HIGHEST)
    _known(values, weights, rate, sold, found, year)
    return Measured(
        KPI,
        rate_cube(near, KPI, values, year, unit="share"),
        last=float(earned[-12:].sum() / sold[-12:].sum()),
        weights=weights,
        unit=0.001,
    )


def _known(
    values: np.ndarray,
    weights: pd.DataFrame,
    rate: np.ndarray,
    sold: np.ndarray,
    found: Ground,
    year: int,
) -> None:
    """Put what came in the months of the year that are over."""
    over = found.last.month if found.last.year == year else 0
    if over:
        values[:, :over] = rate[-over:]
        weights.iloc[:, :over] = np.maximum(sold[-over:].T, 1e-9)


def _yearly_move(earned: np.ndarray, sold: np.ndarray) -> float:
    """Standard deviation of the change of the twelve-month rate from one year to the next."""
    rate = np.convolve(earned, np.ones(12), "valid") / np.convolve(sold, np.ones(12), "valid")
    moved = rate[12:] - rate[:-12]
    return float(np.sqrt((moved**2).mean()))
