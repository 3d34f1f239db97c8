"""Collections by leaf: revenue of this and earlier months comes in by fixed parts, then strays.

The parts are the company's own, measured; the New Year and the year's end shift them by calendar
month. What came beside that in past months is drawn in blocks of whole stretches, of all leaves
together, so that it keeps its rhythm and what leaves have in common.

References
----------
- Lawson and Hanson (1974), "Solving Least Squares Problems", chapter 23 (parts not below zero).
- Kuensch (1989), "The jackknife and the bootstrap for general stationary observations", Annals of
  Statistics 17, section 2 (moving blocks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import NotIdentifiedError
from workbench.planning.measures.measured import (
    Measured,
    by_leaf,
    by_month,
    first_month,
    stream_name,
)
from workbench.planning.year_ahead import Ahead, history
from workbench.scenarios import streams

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground

Floats = NDArray[np.float64]
KPI = "collections"
#: Months after which nothing of a month's revenue comes in any more.
LAGS = 7
#: Years of an even calendar that the measured one is drawn to.
EVEN = 2.0
#: Months of common practice that a leaf's own is drawn to.
COMMON = 6.0
FEWEST = 36


def drawn(company: Company, found: Ground, near: Ahead, year: int) -> Measured:
    """Draw the collections of a year from draws of its revenue."""
    company.require("receipt")
    start = first_month(company, "receipt", "receipt_date")
    rows = by_leaf(company, found, KPI, start=start)
    came = by_month(rows, found, "numerator", start=start)
    sold = history(found).reindex(index=came.index).fillna(0.0)
    if len(came) < FEWEST + LAGS:
        raise NotIdentifiedError(
            f"{len(came)} months of receipts do not tell how revenue comes in",
            where="receipt",
            do=f"load {FEWEST + LAGS} months or more",
        )
    parts, calendar = _parts(came.to_numpy().sum(axis=1), sold.to_numpy().sum(axis=1), came.index)
    pull = calendar[pd.DatetimeIndex(came.index).month.to_numpy()[LAGS - 1 :] - 1]
    fitted = _lagged(sold.to_numpy()[None], parts)[0] * pull[:, None]
    known = came.to_numpy()[LAGS - 1 :]
    scale = _scale(known[-24:].sum(axis=0), fitted[-24:].sum(axis=0))
    fitted = fitted * scale
    count = len(near.values)
    recent = np.broadcast_to(sold.to_numpy()[-(LAGS - 1) :], (count, LAGS - 1, len(near.leaves)))
    ahead = _lagged(np.concatenate([recent, near.values], axis=1), parts) * scale
    ahead = ahead * calendar[near.months.month.to_numpy() - 1][:, None]
    spent = LAGS + 11  # parts and calendar are fitted on the same months
    left = (known - fitted) * np.sqrt(len(known) / max(len(known) - spent, len(known) / 2))
    grown = ahead.mean(axis=(0, 1)) / np.where(fitted.mean(axis=0) > 0, fitted.mean(axis=0), np.inf)
    rng = streams(near.seed)[stream_name(KPI)]
    begin = rng.integers(0, len(left) - ahead.shape[1] + 1, count)
    blocks = left[begin[:, None] + np.arange(ahead.shape[1])]
    blocks = (blocks - left.mean(axis=0)) * np.clip(grown, 0.2, 5.0)
    values = np.maximum(ahead + blocks, 0.0)
    futures = Ahead(near.leaves, near.months, values, near.seed, came, KPI)
    return Measured(
        KPI,
        futures.year(year),
        last=float(futures.before(year).to_numpy().sum()),
        unit=10_000.0,
    )


def _parts(came: Floats, sold: Floats, months: pd.Index) -> tuple[Floats, Floats]:
    """Parts of revenue by months later, and how much more or less each calendar month brings."""
    from scipy.optimize import nnls

    month = pd.DatetimeIndex(months).month.to_numpy()[LAGS - 1 :] - 1
    table = np.stack([sold[LAGS - 1 - lag : len(sold) - lag] for lag in range(LAGS)], axis=1)
    money = came[LAGS - 1 :]
    calendar = np.ones(12)
    for _ in range(5):
        pull = calendar[month]
        parts = nnls(table * pull[:, None], money)[0]
        plain = table @ parts
        if not (plain > 0).all():
            raise NotIdentifiedError("receipts do not follow from revenue", where="receipt")
        ratio = money / plain
        sums = np.bincount(month, ratio, 12)
        calendar = (sums + EVEN) / (np.bincount(month, minlength=12) + EVEN)
    return np.asarray(parts, dtype=np.float64), np.asarray(calendar, dtype=np.float64)


def _lagged(sold: Floats, parts: Floats) -> Floats:
    """Sum of parts of this and earlier months, shape (draws, months - LAGS + 1, leaves)."""
    months = sold.shape[1] - LAGS + 1
    out = np.zeros((sold.shape[0], months, sold.shape[2]))
    for lag, part in enumerate(parts):
        begin = LAGS - 1 - lag
        out += part * sold[:, begin : begin + months]
    return out


def _scale(came: Floats, fitted: Floats) -> Floats:
    """How much more or less than common a leaf's revenue brings in, drawn to 1."""
    prior = COMMON / 24 * max(float(fitted.mean()), 1e-9)
    return np.maximum((came + prior) / (np.maximum(fitted, 0.0) + prior), 0.0)
