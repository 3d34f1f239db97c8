"""Payment-delay hazard: chance that a claim is paid in each month, by days past due.

Each month a claim is owed is a row with outcome paid or not; the log odds depend on the days past
due at the beginning of the month (hat functions, apart for public owners and for each channel),
the kind of instalment and customer, the size, whether a part is paid, and the month: its place in
the year and the days of the chase before the New Year (春节前催款). The account's own habit is a
frailty, and how customers pay of late a level, both as in `level.py`. Payments are in full, or
of a part with the rest later.

References
----------
- Allison (1982), "Discrete-time methods for the analysis of event histories", Sociological
  Methodology 13, eq. 9.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.calendars import chinese_new_year
from workbench.errors import NotIdentifiedError
from workbench.forecasting.pipeline import multinomial
from workbench.forecasting.pipeline.claims import Claims
from workbench.forecasting.pipeline.design import codes, labels
from workbench.forecasting.pipeline.features import month_start
from workbench.forecasting.pipeline.level import NO_LEVEL, Level, frailty, local_level
from workbench.forecasting.pipeline.sparse import Columns, Hats, Sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DUE_KNOTS = np.array([-330, -120, -75, -50, -30, -15, 0, 15, 30, 60, 100, 160, 260, 420, 700.0])
CHOICES = ("kind", "ownership", "customer_type", "channel", "region")
SLOW = ("state", "public")
MOST_ROWS = 80_000
RIDGE = 5.0
LEAST = 50
LONGEST = 36  # months after booking that are looked at
HALF_LIFE = 18.0
SIZES = (0.5, 0.8, 0.95)  # quantiles of the amount between which partial payment is told apart


@dataclass(frozen=True)
class PaymentHazard:
    """A fitted hazard of payment.

    Attributes
    ----------
    labels : dict of str to tuple of str
        Labels of `CHOICES` that have a column.
    size, spread : float
        Mean and standard deviation of the log amount.
    beta : numpy.ndarray, shape (p, 1)
    accounts : pandas.Series
        Log frailty by account.
    level : Level
        How much faster than usual customers pay of late (log odds).
    part_from, parts, part : numpy.ndarray, numpy.ndarray, float
        Lower bounds of sizes; chance that the first payment is a part, by size; mean share it
        then has.
    """

    labels: dict[str, tuple[str, ...]]
    size: float
    spread: float
    beta: Floats = field(repr=False)
    accounts: pd.Series = field(repr=False)
    level: Level
    part_from: Floats
    parts: Floats
    part: float

    def monthly(self, rows: pd.DataFrame, start: Ints, horizon: int, *, partly: bool) -> Floats:
        """Hazard of a payment in each month ahead.

        Parameters
        ----------
        rows : pandas.DataFrame
            As `Claims.rows`.
        start : numpy.ndarray of int, shape (n,)
            Month before the first one.
        horizon : int
        partly : bool
            Whether a part is paid already.

        Returns
        -------
        numpy.ndarray, shape (n, horizon)
        """
        own = rows["account_id"].map(self.accounts).fillna(0.0).to_numpy(float)
        place = np.repeat(np.arange(len(rows)), horizon)
        month = start[place] + np.tile(np.arange(1, horizon + 1), len(rows))
        columns = self.columns(rows, place, month, np.full(len(place), float(partly)))
        offset = (own + self.level.mean)[place, None]
        return multinomial.chances(columns, self.beta, offset)[:, 1].reshape(-1, horizon)

    def columns(self, rows: pd.DataFrame, place: Ints, month: Ints, part: Floats) -> Sparse:
        """Design of pairs of a claim and a month it is owed in."""
        amount = np.log(np.maximum(rows["amount"].to_numpy(float), 1))
        size = ((amount - self.size) / self.spread)[place]
        slow = rows["ownership"].isin(SLOW).to_numpy().astype(float)[place]
        months, back = np.unique(month, return_inverse=True)
        first = np.array([month_start(int(number)).to_datetime64() for number in months])
        late = _days(first[back]) - _days(rows["due"].to_numpy()[place])
        born = (rows["booked_month"].to_numpy(np.int64)[place] == month).astype(float)
        # In the month of booking only what is left of it counts.
        booked = (_days(rows["booked"].to_numpy()[place]) - _days(first[back])) * born
        curve = Hats.of(late, DUE_KNOTS)
        chase = np.array([_chase(int(number)) for number in months])
        made = Columns()
        made.add(np.ones((len(place), 1)))
        made.spline(curve)
        made.spline(curve.times(slow))
        channels = self.labels["channel"]
        made.spline(curve, codes=codes(rows["channel"], channels)[place], count=len(channels))
        for name in CHOICES:
            known = self.labels[name]
            made.labels(codes(rows[name], known)[place], len(known))
        made.add(np.column_stack([size, size**2, part, part * slow, born, booked / 30]))
        made.labels(month % 12, 12)
        made.add(chase[back][:, None])
        return made.done()

    def partial(self, amount: Floats) -> Floats:
        """Chance that the first payment of a claim is a part, by its amount."""
        return self.parts[np.searchsorted(self.part_from, amount, side="right")]


def fit_payments(claims: Claims, *, origin: int, most_rows: int = MOST_ROWS) -> PaymentHazard:
    """Fit on all months up to an origin in which a claim was owed.

    Raises
    ------
    NotIdentifiedError
        If fewer than 50 claims were paid by then.
    """
    if len(claims.payments) < LEAST:
        raise NotIdentifiedError(
            f"only {len(claims.payments)} payments are matched to claims: too few to learn delays",
            where="receipt_match up to the day of the forecast",
            do="match receipts to the receivable plan",
        )
    rows = claims.rows
    place, month, paid, part = _owed(claims, origin)
    chosen, weight = multinomial.thinned(paid, most_rows, outcomes=2)
    place, month, paid, part = place[chosen], month[chosen], paid[chosen], part[chosen]
    amount = np.log(np.maximum(rows["amount"].to_numpy(float), 1))
    bounds, parts, share = _partial(claims)
    model = PaymentHazard(
        labels={name: labels(rows[name]) for name in CHOICES},
        size=float(amount.mean()),
        spread=float(amount.std()) or 1.0,
        beta=np.zeros((0, 1)),
        accounts=pd.Series(dtype=float),
        level=NO_LEVEL,
        part_from=bounds,
        parts=parts,
        part=share,
    )
    columns = model.columns(rows, place, month, part)
    recent = 0.5 ** ((origin - month) / HALF_LIFE)
    beta = multinomial.fit(columns, paid, weight=weight * recent, outcomes=2, ridge=RIDGE)
    chance = multinomial.chances(columns, beta)[:, 1]
    told = pd.DataFrame(
        {
            "account": rows["account_id"].to_numpy()[place],
            "month": month,
            "paid": paid * weight,
            "expected": chance * weight,
        }
    )
    by_month = told.groupby("month")[["paid", "expected"]].sum()
    level = local_level(by_month["paid"].to_numpy(), by_month["expected"].to_numpy())
    own = told.groupby("account")[["paid", "expected"]].sum()
    effect = frailty(own["paid"].to_numpy(), own["expected"].to_numpy())
    accounts = pd.Series(effect, index=own.index)
    return replace(model, beta=beta, accounts=accounts, level=level)


def _owed(claims: Claims, origin: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Claim, month, paid in it, and whether a part was paid before, while a claim is owed."""
    rows, payments = claims.rows, claims.payments
    booked = rows["booked_month"].to_numpy(np.int64)
    whole = rows["amount"].to_numpy(float)
    of = payments["claim"].to_numpy(np.int64)
    sums = payments.groupby("claim")["amount"].cumsum().to_numpy(float)
    done = np.full(len(rows), origin + 1)
    final = sums >= whole[of] * 0.995
    np.minimum.at(done, of[final], payments["month"].to_numpy(np.int64)[final])
    # What the account paid without a match may have settled the claim: it is no longer watched.
    settled = (rows["left"].to_numpy() <= 0) & (done > origin)
    until = np.minimum(np.minimum(done, origin), booked + LONGEST)
    count = np.where(settled, 0, np.maximum(until - booked + 1, 0))
    place = np.repeat(np.arange(len(rows)), count)
    month = booked[place] + np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    key = of * 100_000 + payments["month"].to_numpy(np.int64)
    paid = np.isin(place * 100_000 + month, key).astype(np.int64)
    first = np.full(len(rows), np.iinfo(np.int64).max)
    np.minimum.at(first, of, payments["month"].to_numpy(np.int64))
    return place, month, paid, (month > first[place]).astype(float)


def _partial(claims: Claims) -> tuple[Floats, Floats, float]:
    first = claims.payments.drop_duplicates("claim")
    whole = claims.rows["amount"].to_numpy(float)[first["claim"].to_numpy(np.int64)]
    share = first["amount"].to_numpy(float) / whole
    part = share < 0.98
    bounds = np.unique(np.quantile(whole, SIZES))
    group = np.searchsorted(bounds, whole, side="right")
    size = len(bounds) + 1
    # Half a claim of the overall chance in each group keeps a rare size from 0 or 1.
    number = np.bincount(group, minlength=size) + 20.0
    parts = (np.bincount(group, weights=part, minlength=size) + 20.0 * part.mean()) / number
    return bounds, parts, float(share[part].mean()) if part.any() else 0.5


def _days(days: NDArray[np.generic]) -> Floats:
    return np.asarray(days.astype("datetime64[D]").astype(np.int64), dtype=float)


def _chase(month: int) -> float:
    """Share of a month's days between mid-December and the New Year."""
    first = month_start(month).date()
    last = (pd.Timestamp(first) + pd.offsets.MonthEnd(0)).date()
    year = first.year + (first.month == 12)
    begin, end = dt.date(year - 1, 12, 15), chinese_new_year(year)
    days = (min(last, end) - max(first, begin)).days + 1
    return max(days, 0) / last.day
