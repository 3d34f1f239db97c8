"""Claims still to be booked: how bookings turn into claims of each kind, month by month.

Claims booked in a month, by kind of instalment, are a sum of shares of the bookings of that month
and of the months before; the shares are those of least squares that are not negative. Equipment
and all else have shares of their own: equipment is paid in stages, months apart. A kind that
bookings do not explain (a short history, or no contracts) follows its own level and season.

References
----------
- Lawson and Hanson (1974), "Solving least squares problems", ch. 23 (non-negative solution).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.company import Company
from workbench.forecasting.pipeline.arrivals import Counts, fit_counts
from workbench.forecasting.pipeline.claims import Claims
from workbench.forecasting.pipeline.features import month_sql

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GROUPS = ("equipment", "other")
LAGS = 7
LEAST_MONTHS = 24


@dataclass(frozen=True)
class Bookings:
    """Contracts signed (with VAT) by month.

    Attributes
    ----------
    months : numpy.ndarray of int, shape (n,)
        Numbers, consecutive, oldest first.
    amounts : numpy.ndarray, shape (n, 2)
        By month and group of `GROUPS`.
    """

    months: Ints
    amounts: Floats


@dataclass(frozen=True)
class Flow:
    """How claims of one kind arise.

    Attributes
    ----------
    kind : str
    shares : numpy.ndarray, shape (LAGS, 2)
        Share of bookings booked as claims so many months later, by group.
    level : numpy.ndarray, shape (horizon,)
        Claims expected where shares are all 0.
    spread : float
        Standard deviation of a month's claims around what is expected, relative.
    """

    kind: str
    shares: Floats
    level: Floats = field(repr=False)
    spread: float

    def booked(self, past: Floats, future: Floats) -> Floats:
        """Claims of the months ahead.

        Parameters
        ----------
        past : numpy.ndarray, shape (n, 2)
            Bookings up to the origin, n >= LAGS - 1.
        future : numpy.ndarray, shape (draws, horizon, 2)
            Bookings of the months ahead.

        Returns
        -------
        numpy.ndarray, shape (draws, horizon)
        """
        if not self.shares.any():
            return np.broadcast_to(self.level, future.shape[:2])
        before = np.broadcast_to(past[-(LAGS - 1) :], (len(future), LAGS - 1, 2))
        whole = np.concatenate([before, future], axis=1)
        horizon = future.shape[1]
        out = np.zeros(future.shape[:2])
        for lag in range(LAGS):
            low = LAGS - 1 - lag
            out += whole[:, low : low + horizon] @ self.shares[lag]
        return out


def read_bookings(company: Company, *, until_month: int, until: object) -> Bookings | None:
    """Contracts signed by month up to an origin, reversals taken off; None without contracts."""
    if not company.has("contract"):
        return None
    rows = company.sql(
        f"""select {month_sql(company, "signed_date")} as month,
            coalesce(product_line, 'other') = 'equipment' as equipment,
            sum(gross_amount(amount, tax_basis, tax_rate)) as amount
        from contract where signed_date <= date '{until}' group by 1, 2 order by 1, 2""",
        money="float",
    )
    rows = rows[rows["month"] <= until_month]
    if rows.empty:
        return None
    months = np.arange(int(rows["month"].min()), until_month + 1)
    amounts = np.zeros((len(months), 2))
    place = rows["month"].to_numpy(np.int64) - months[0]
    column = (~rows["equipment"].to_numpy(bool)).astype(np.int64)
    np.add.at(amounts, (place, column), rows["amount"].to_numpy(float))
    return Bookings(months, amounts)


def usual_bookings(
    bookings: Bookings, rng: np.random.Generator, *, draws: int, horizon: int, exposure: float
) -> Floats:
    """Draws of the months ahead by level and season of the past, shape (draws, horizon, 2).

    Months scatter as gamma around a level that moves; the mean of the draws is that expected.
    """
    out = np.zeros((draws, horizon, len(GROUPS)))
    for group in range(len(GROUPS)):
        found, unit = _amounts(bookings.amounts[:, group], bookings.months, horizon, exposure)
        if unit > 0:
            mean = found.mean * found.level.around().paths(rng, draws, horizon)
            drawn = rng.gamma(np.maximum(mean, 1e-9)) * unit
            out[:, :, group] = drawn * (found.mean * unit / drawn.mean(axis=0))
    return out


def fit_flows(
    claims: Claims, bookings: Bookings | None, *, origin: int, horizon: int, exposure: float
) -> list[Flow]:
    """Learn how claims of each kind arise, from months up to an origin."""
    from scipy.optimize import nnls

    rows = claims.rows[claims.rows["booked_month"] <= origin]
    begin = int(rows["booked_month"].min())
    months = np.arange(begin, origin + 1)
    found = []
    for kind, mine in rows.groupby("kind", sort=True):
        place = mine["booked_month"].to_numpy(np.int64) - begin
        amounts = np.bincount(place, weights=mine["amount"], minlength=len(months)).astype(float)
        counted, unit = _amounts(amounts, months, horizon, exposure)
        level = counted.mean * unit
        shares = np.zeros((LAGS, 2))
        first = begin if bookings is None else max(begin, int(bookings.months[0]) + LAGS - 1)
        used = origin + 1 - first
        spread = float(amounts.std() / max(amounts.mean(), 1e-9))
        if bookings is not None and used >= LEAST_MONTHS:
            design = _lagged(bookings, first, used)
            target = amounts[first - begin :]
            solved, residual = nnls(design, target)
            explained = 1 - residual**2 / max(float(np.sum((target - target.mean()) ** 2)), 1e-9)
            if explained > 0:
                shares = solved.reshape(LAGS, 2)
                spread = float(residual / np.sqrt(used) / max(target.mean(), 1e-9))
        found.append(Flow(str(kind), shares, level, spread))
    return found


def _amounts(amounts: Floats, months: Ints, horizon: int, exposure: float) -> tuple[Counts, float]:
    """Level and season of amounts, as counts of a unit; the unit, 0 where all is 0.

    In units of their variance over their mean, amounts scatter like counts. The variance is that
    left by the place in the year, where there are two years to tell it from.
    """
    mean = amounts.mean()
    if mean <= 0:
        return fit_counts(amounts * 0, months, horizon=horizon), 0.0
    rest, free = amounts - mean, len(amounts) - 1
    if len(amounts) >= 24:
        place = months % 12
        usual = np.bincount(place, weights=amounts, minlength=12)
        rest = amounts - (usual / np.maximum(np.bincount(place, minlength=12), 1))[place]
        free = len(amounts) - 12
    unit = max(float(np.sum(rest**2) / max(free, 1) / mean), float(mean) / 1e6)
    return fit_counts(amounts / unit, months, horizon=horizon, exposure=exposure), unit


def _lagged(bookings: Bookings, first: int, count: int) -> Floats:
    start = first - int(bookings.months[0])
    columns = [bookings.amounts[start - lag : start - lag + count] for lag in range(LAGS)]
    return np.stack(columns, axis=1).reshape(count, LAGS * 2)
