"""New customers by leaf: whole numbers about the pace of the last two years.

A year is good or bad for everybody together, as past years have been beyond what chance of counts
explains; leaves have the parts they had, drawn to even ones.
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
    first_month,
    stream_name,
)
from workbench.planning.year_ahead import Ahead
from workbench.scenarios import streams

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground

KPI = "new_customers"
#: Months after the first order of all in which old customers look new.
BLIND = 24
#: New customers of an even spread over leaves, and of an even calendar, mixed in.
EVEN_LEAVES, EVEN_MONTHS = 60.0, 120.0


def drawn(company: Company, found: Ground, near: Ahead, year: int) -> Measured:
    """Draw the new customers of a year."""
    company.require("order_line", "account")
    start = first_month(company, "order_line", "order_date") + pd.DateOffset(months=BLIND)
    if start + pd.DateOffset(months=24) > found.last:
        raise NotIdentifiedError(
            "old customers cannot be told from new ones yet",
            where="order_line",
            do=f"load {BLIND + 24} months or more",
        )
    counts = by_month(by_leaf(company, found, KPI, start=start), found, "numerator", start=start)
    table = counts.to_numpy()
    if not table[-24:].sum() > 0:
        raise NotIdentifiedError("no new customers in two years", where="order_line")
    pace = table[-24:].sum() / 24
    leaves = table[-24:].sum(axis=0) + EVEN_LEAVES / table.shape[1]
    month = pd.DatetimeIndex(counts.index).month.to_numpy() - 1
    calendar = np.bincount(month, table.sum(axis=1), 12) + EVEN_MONTHS / 12
    calendar = calendar / (np.bincount(month, minlength=12) + EVEN_MONTHS / 12 / pace)
    rng = streams(near.seed)[stream_name(KPI)]
    count = len(near.values)
    shape = 1 / max(_apart(table.sum(axis=1)), 1e-6)
    good = rng.gamma(shape, 1 / shape, (count, 1, 1))
    rates = calendar[near.months.month.to_numpy() - 1][:, None] * leaves / leaves.sum()
    values = rng.poisson(good * rates).astype(np.float64)
    futures = Ahead(near.leaves, near.months, values, near.seed, counts, KPI)
    return Measured(KPI, futures.year(year), last=float(futures.before(year).to_numpy().sum()))


def _apart(months: np.ndarray) -> float:
    """Variance of a year's rate over its mean squared, beyond that of counts: at least 0.01.

    From sums of six months, which are twice as many as years; a year is taken as uneven as they.
    """
    halves = months[len(months) % 6 :].reshape(-1, 6).sum(axis=1)
    mean = float(halves.mean())
    over = float(halves.var(ddof=1)) - mean if len(halves) > 1 else 0.0
    return max(over / mean**2, 0.01)
