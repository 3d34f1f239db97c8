"""Collections forecast (回款): what is owed now, what will be booked, and money without a claim.

Claims owed on the day are paid by the hazard of `payments.py`, each by its own days past due;
claims still to be booked follow bookings (`flows.py`), whose plan may be handed in as draws, and
are paid like recent claims of the same kind. Bank and commercial drafts (承兑汇票) count as
collected when received and are shown apart, with the months in which they turn into money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.company import Company
from workbench.errors import InputError, NotIdentifiedError, ParameterError
from workbench.forecasting.pipeline import flows
from workbench.forecasting.pipeline.cash import profile
from workbench.forecasting.pipeline.claims import claims
from workbench.forecasting.pipeline.drafts import Drafts, fit_drafts
from workbench.forecasting.pipeline.features import month_number, month_start, remaining
from workbench.forecasting.pipeline.owed import OwedCash
from workbench.forecasting.pipeline.payments import PaymentHazard, fit_payments
from workbench.scenarios import check_cube, cube, streams

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
STREAMS = tuple(
    f"forecasting/collections/{name}" for name in ("level", "claims", "booked", "other", "bookings")
)
BOOKING_DRAWS = 1000


@dataclass(frozen=True)
class CollectionsForecast:
    """Collections to come, by month; money with VAT in `currency`.

    Attributes
    ----------
    day : datetime.date
    origin : int
        Last month that is over (number).
    exposure : float
        Share of the first month ahead still to come.
    cash : OwedCash
        Of claims with something left.
    profiles : dict of str to numpy.ndarray
        For each kind of claim, shape (horizon, horizon): share paid in each month (column) of
        claims booked in a month (row).
    bookings : numpy.ndarray, shape (draws or 1, horizon, 2)
        Bookings of the months ahead that new claims come from, by `flows.GROUPS`.
    received : pandas.Series
        Money received by month (number), up to the day.
    past_error : float
        Error of the same forecast a year earlier, relative to the money of claims still to be
        booked; draws spread by it beside what they spread by bookings and delays.
    """

    day: dt.date
    origin: int
    exposure: float
    horizon: int
    seed: int
    currency: str
    cash: OwedCash = field(repr=False)
    found: list[flows.Flow] = field(repr=False)
    profiles: dict[str, Floats] = field(repr=False)
    past: Floats = field(repr=False)
    bookings: Floats = field(repr=False)
    drafts: Drafts = field(repr=False)
    received: pd.Series = field(repr=False)
    past_error: float = 0.0

    @property
    def periods(self) -> pd.DatetimeIndex:
        """First days of the months ahead."""
        return pd.DatetimeIndex([month_start(self.origin + n + 1) for n in range(self.horizon)])

    @cached_property
    def regions(self) -> list[str]:
        """Regions that money comes from."""
        return sorted(self.drafts.regions)

    @property
    def owed(self) -> pd.DataFrame:
        """Claims with something left, as `Claims.rows`."""
        return self.cash.rows

    @property
    def hazard(self) -> PaymentHazard:
        """How claims are paid."""
        return self.cash.hazard

    def with_bookings(self, bookings: xr.DataArray) -> CollectionsForecast:
        """The same with other bookings planned; see `collections_forecast`.

        What is drawn of claims owed is kept, so that this takes milliseconds.

        Raises
        ------
        InputError
            If the cube does not begin with the first month ahead or ends before the last.
        """
        return replace(
            self, bookings=_future(bookings, self.origin, self.horizon, signed=self.past)
        )

    def table(self, *, levels: Sequence[int] = (80, 95), draws: int = 1000) -> pd.DataFrame:
        """Months ahead.

        Returns
        -------
        pandas.DataFrame
            period, owed (of claims booked by the day), booked (of claims still to be booked),
            other (money without a claim, refunds taken off), mean (their sum), drafts (part of
            the mean that comes as drafts), matured (drafts that turn into money; not in the
            mean), lo80, hi80 ...
        """
        mean = self.means.sum(axis=0)
        draft = self.draft_share * (self.means[0] + self.means[1])
        out = pd.DataFrame({"period": self.periods})
        for name, values in zip(("owed", "booked", "other"), self.means, strict=True):
            out[name] = values
        out["mean"], out["drafts"] = mean, draft
        out["matured"] = self.drafts.matured(draft, self.origin)
        total = self.totals(draws).sum(axis=2)
        for level in levels:
            tails = (0.5 - level / 200, 0.5 + level / 200)
            out[f"lo{level}"], out[f"hi{level}"] = np.quantile(total, tails, axis=0)
        return out

    def claims(self) -> pd.DataFrame:
        """Each claim owed: plan_id, account_id, region, kind, due, left, late (days past due),
        paid (chance of a payment within the horizon), expected (amount within it), month (by
        which half of that has come), most first.
        """
        rows = self.owed
        cash = self.cash.expected
        expected = cash.sum(axis=1)
        half = np.argmax(np.cumsum(cash, axis=1) >= expected[:, None] / 2, axis=1)
        late = (pd.Timestamp(self.day) - rows["due"]).dt.days
        names = ["plan_id", "account_id", "region", "kind", "due", "left"]
        return (
            rows[names]
            .assign(
                late=late,
                paid=1 - np.prod(1 - self.cash.hazards[0], axis=1),
                expected=expected,
                month=self.periods[half],
            )
            .sort_values(["expected", "plan_id"], ascending=[False, True], ignore_index=True)
        )

    def draws(self, count: int = 1000) -> xr.DataArray:
        """Collections as a cube: draw x period x region."""
        return cube(
            self.totals(count),
            name="collections",
            unit=self.currency,
            period=self.periods.to_numpy().astype("datetime64[D]"),
            keys={"region": self.regions},
            seed=self.seed,
            streams=STREAMS,
        )

    # -- underneath ----------------------------------------------------------------------------

    @cached_property
    def means(self) -> Floats:
        """Expected money, shape (3, horizon): of claims owed, of those to come, without claim."""
        owed = self.cash.expected.sum(axis=0)
        new = self._booked_cash(self.bookings.mean(axis=0, keepdims=True))[0]
        return np.stack([owed, new, self.drafts.unclaimed * (owed + new)])

    @cached_property
    def draft_share(self) -> Floats:
        """Share of each month's money on claims that comes as drafts."""
        share = self.drafts.share(self.owed)
        owed = (self.cash.expected * share[:, None]).sum(axis=0)
        whole = self.means[0] + self.means[1]
        return (owed + self.drafts.overall * self.means[1]) / np.maximum(whole, 1e-9)

    def _unforeseen(self, rng: np.random.Generator, count: int) -> Floats:
        """Factors with mean 1: half of the past error stays through all months, half does not."""
        once, each = rng.standard_normal((count, 1)), rng.standard_normal((count, self.horizon))
        normal = np.sqrt(0.5) * (once + each)
        return np.asarray(np.exp(self.past_error * normal - self.past_error**2 / 2))

    def _booked_cash(self, bookings: Floats, noise: Floats | None = None) -> Floats:
        """Money of claims still to be booked, shape (draws, horizon)."""
        out = np.zeros((len(bookings), self.horizon))
        for number, flow in enumerate(self.found):
            booked = flow.booked(self.past, bookings)
            if noise is not None:
                booked = booked * np.maximum(1 + flow.spread * noise[number], 0)
            out += booked @ self.profiles[flow.kind]
        return out

    @cached_property
    def _drawn(self) -> dict[int, Floats]:
        return {}

    def totals(self, count: int) -> Floats:
        """Money by draw, month and region as `draws` has it; made once for a number of draws."""
        if count not in self._drawn:
            booked, other = (streams(self.seed)[name] for name in STREAMS[2:4])
            regions = self.regions
            share = np.array([self.drafts.regions[name] for name in regions])
            future = self.bookings[np.arange(count) % len(self.bookings)]
            noise = booked.standard_normal((len(self.found), count, self.horizon))
            # Faster payment moves money of later months forward; new claims share its effect.
            new = self._booked_cash(future, noise) * self.cash.paths(count) ** 0.5
            new *= self._unforeseen(booked, count)
            spare = self.drafts.unclaimed_draws(other, count, self.horizon)
            owed = self.cash.drawn(count, regions)
            whole = owed + new[:, :, None] * share
            self._drawn[count] = whole * (1 + spare)[:, :, None]
        return self._drawn[count]


def collections_forecast(
    company: Company,
    *,
    as_of: dt.date | None = None,
    horizon: int = 12,
    bookings: xr.DataArray | None = None,
    seed: int = 0,
) -> CollectionsForecast:
    """Forecast collections from claims owed and from bookings past and planned.

    Parameters
    ----------
    company : Company
        With receivable_plan, receipt and receipt_match; contract and account if there.
    as_of : datetime.date, optional
        Nothing after this day is read; by default the last day of the data.
    horizon : int
        Months ahead, 1 to 36.
    bookings : xarray.DataArray, optional
        All contracts to be signed in the months ahead, with VAT: a cube (draw x period, with
        product_line if there). By default what level and season of past contracts let expect.
    seed : int

    Raises
    ------
    MissingTableError
        If a table is missing.
    InputError
        If the cube does not begin with the first month ahead or ends before the last.
    NotIdentifiedError
        If there are no claims, or too few payments.
    """
    if not 1 <= horizon <= 36:
        raise ParameterError(
            f"{horizon} months cannot be forecast", where=f"horizon={horizon}", do="give 1 to 36"
        )
    day = as_of or company.data_as_of
    made = _made(company, day, horizon, bookings, seed)
    return replace(made, past_error=_past_error(company, made))


def _past_error(company: Company, made: CollectionsForecast) -> float:
    """Root mean square of what the forecast of a year earlier missed, relative to claims to come.

    The month at hand is left out: nearly all of it is owed already. 0 without such a past.
    """
    day = (pd.Timestamp(made.day) - pd.DateOffset(years=1)).date()
    try:
        then = _made(company, day, 12, None, made.seed)
    except NotIdentifiedError:
        return 0.0
    receipts = made.received
    came = receipts.reindex(then.origin + 1 + np.arange(12), fill_value=0.0).to_numpy(float)
    booked = np.maximum(then.means[1], 1e-9)
    missed = (came - then.means.sum(axis=0)) / booked
    return float(np.sqrt(np.mean(missed[1:] ** 2)))


def _made(
    company: Company,
    day: dt.date,
    horizon: int,
    bookings: xr.DataArray | None,
    seed: int,
) -> CollectionsForecast:
    closing = company.settings.closing_day
    month = month_number(day, closing)
    exposure = remaining(month, day, closing)
    origin = month if exposure == 0 else month - 1
    exposure = exposure or 1.0
    signed = flows.read_bookings(company, until_month=origin, until=day)
    if bookings is not None:
        future = _future(
            bookings, origin, horizon, signed=None if signed is None else signed.amounts
        )
    elif signed is not None:
        future = flows.usual_bookings(
            signed,
            streams(seed)[STREAMS[-1]],
            draws=BOOKING_DRAWS,
            horizon=horizon,
            exposure=exposure,
        )
    else:
        future = np.zeros((1, horizon, 2))
    known = claims(company, until=day)
    hazard = fit_payments(known, origin=origin)
    found = flows.fit_flows(known, signed, origin=origin, horizon=horizon, exposure=exposure)
    owed = known.rows[known.rows["left"] > 0].reset_index(drop=True)
    return CollectionsForecast(
        day=day,
        origin=origin,
        exposure=exposure,
        horizon=horizon,
        seed=seed,
        currency=known.currency,
        cash=OwedCash(owed, hazard, origin, horizon, exposure, seed, *STREAMS[:2]),
        found=found,
        profiles={flow.kind: profile(known, hazard, flow.kind, origin, horizon) for flow in found},
        past=np.zeros((flows.LAGS - 1, 2)) if signed is None else signed.amounts,
        bookings=future,
        drafts=fit_drafts(known, origin=origin),
        received=known.receipts.groupby("month")["amount"].sum(),
    )


def _future(planned: xr.DataArray, origin: int, horizon: int, *, signed: Floats | None) -> Floats:
    """Planned bookings as draws x horizon x group."""
    check_cube(planned)
    periods = pd.DatetimeIndex(planned["period"].values)
    numbers = np.array([month_number(period.date()) for period in periods])
    wanted = origin + 1 + np.arange(horizon)
    if not np.isin(wanted, numbers).all():
        raise InputError(
            "planned bookings do not cover the months of the forecast",
            where=f"periods from {periods[0].date()} to {periods[-1].date()}",
            do=f"give the months from {month_start(wanted[0]).date()} on, {horizon} of them",
        )
    taken = planned.isel(period=[int(np.flatnonzero(numbers == month)[0]) for month in wanted])
    keys = [str(dim) for dim in taken.dims if dim not in ("draw", "period", "product_line")]
    taken = taken.sum(keys) if keys else taken
    if "product_line" in taken.dims:
        equipment = taken["product_line"].values == "equipment"
        values = taken.transpose("draw", "period", "product_line").values
        return np.stack([values[..., equipment].sum(-1), values[..., ~equipment].sum(-1)], axis=-1)
    share = 0.0
    if signed is not None:
        last = signed[-12:].sum(axis=0)
        share = float(last[0] / max(last.sum(), 1e-9))
    return np.stack([taken.values * share, taken.values * (1 - share)], axis=-1)
