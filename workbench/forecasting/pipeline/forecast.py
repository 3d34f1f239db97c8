"""The pipeline forecast: bookings of open deals and of deals still to be created, by month.

`pipeline_forecast(company)` fits on what the day knew and gives a `PipelineForecast`. Chances:
`hazard.py`; deals to come: `arrivals.py`; draws: `simulate.py`; what people said: `baselines.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.company import Company
from workbench.errors import ParameterError
from workbench.forecasting.pipeline import hazard as hazards
from workbench.forecasting.pipeline import ranking, simulate
from workbench.forecasting.pipeline.arrivals import Arrivals, arrivals
from workbench.forecasting.pipeline.features import (
    Basis,
    Pictures,
    endings,
    month_start,
    pictures,
    remaining,
)
from workbench.forecasting.pipeline.hazard import Hazard
from workbench.forecasting.pipeline.ranking import PARTS, tails
from workbench.forecasting.pipeline.simulate import Revision, Wins, revision
from workbench.scenarios import cube, streams

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
KEYS = ("region", "product_line")
STREAMS = tuple(f"forecasting/pipeline/{name}" for name in ("level", "open", "new", "unseen"))


@dataclass(frozen=True)
class PipelineForecast:
    """Bookings to come, by month; money in `currency`, with VAT where `basis` is "incl".

    Attributes
    ----------
    day : datetime.date
        Of the newest picture.
    origin : int
        Last month that is over (number); the first month ahead follows it.
    exposure : float
        Share of the first month ahead that was still to come on that day.
    rows : pandas.DataFrame
        Open deals of the picture.
    hazard : Hazard
    revised : Revision
    coming : Arrivals
    """

    day: dt.date
    origin: int
    exposure: float
    horizon: int
    seed: int
    basis: Basis
    currency: str
    rows: pd.DataFrame = field(repr=False)
    hazard: Hazard = field(repr=False)
    revised: Revision = field(repr=False)
    coming: Arrivals = field(repr=False)

    @property
    def periods(self) -> pd.DatetimeIndex:
        """First days of the months ahead."""
        return pd.DatetimeIndex([month_start(self.origin + n + 1) for n in range(self.horizon)])

    @property
    def cells(self) -> pd.DataFrame:
        """Region and product line of each cell, in the order of `means`."""
        regions, lines = self._labels
        return pd.DataFrame([(one, other) for one in regions for other in lines], columns=KEYS)

    # -- what to expect ------------------------------------------------------------------------

    def table(self, *, levels: Sequence[int] = (80, 95), draws: int = 1000) -> pd.DataFrame:
        """Months ahead: period, open, new, unseen (expected amounts), mean, lo80, hi80 ..."""
        return self._with_ranges(self.means.sum(axis=2).T, levels, draws)

    def by_key(self, key: str, *, levels: Sequence[int] = (80,), draws: int = 1000) -> pd.DataFrame:
        """The same sum over all months for each region or product line."""
        if key not in KEYS:
            raise ParameterError(
                f"the pipeline has no key {key!r}", where=f"key={key!r}", do=f"use one of {KEYS}"
            )
        sums = self.draws(draws).sum("period")
        sums = sums.sum([other for other in KEYS if other != key])
        out = pd.DataFrame({key: sums[key].values, "mean": sums.mean("draw").values})
        for level in levels:
            low, high = np.quantile(sums.values, tails(level), axis=0)
            out[f"lo{level}"], out[f"hi{level}"] = low, high
        return out

    def parts(self, *, draws: int = 1000) -> pd.DataFrame:
        """What the sum of all months is made of.

        Returns
        -------
        pandas.DataFrame
            part (a forecast category of open deals, or "to_come": not yet in any picture), deals,
            stated (amount in the picture), mean, lo80, hi80.
        """
        return ranking.parts(self, draws=draws)

    def deals(self) -> pd.DataFrame:
        """Each open deal, by expected amount.

        Returns
        -------
        pandas.DataFrame
            opportunity_id, rep_id, region, product_line, stage, forecast_category, amount,
            stated_close, probability (won within the horizon), lost (chance), typed, month
            (by which half of the chance to be won has passed), expected (amount), slip_chance
            (still open after the stated month; missing where that is over or beyond the
            horizon), slips, slipped_often (twice or more), passed (stated close has passed),
            no_amount.
        """
        return ranking.deals(self)

    def deciding(
        self,
        *,
        count: int = 10,
        target: float | None = None,
        booked: float = 0.0,
        until: dt.date | None = None,
        draws: int = 1000,
    ) -> pd.DataFrame:
        """The deals that decide the forecast.

        Parameters
        ----------
        count : int
            How many.
        target : float, optional
            Bookings aimed at; deals are ordered by how much winning them lifts the chance to
            reach it. Without it, by their share in the spread of the total.
        booked : float
            What is won already and counts towards the target.
        until : datetime.date, optional
            Last day that counts; by default the end of the horizon.

        Returns
        -------
        pandas.DataFrame
            As `deals`, with probability up to that day, spread (share of the variance of what
            open deals bring) and, with a target, lift (points of probability: target reached if
            won, less if not).
        """
        return ranking.deciding(
            self,
            count=count,
            target=None if target is None else target - booked,
            months=self.months_until(until),
            draws=draws,
        )

    def probability(
        self,
        target: float,
        *,
        booked: float = 0.0,
        until: dt.date | None = None,
        draws: int = 1000,
    ) -> float:
        """Chance that what is booked and what comes until a day reach a target."""
        total = self.totals(draws)[:, : self.months_until(until)].sum(axis=1)
        return float(np.mean(total + booked >= target))

    # -- draws ---------------------------------------------------------------------------------

    def draws(self, count: int = 1000) -> xr.DataArray:
        """Bookings as a cube: draw x period x region x product_line."""
        regions, lines = self._labels
        shape = (count, self.horizon, len(regions), len(lines))
        flat = np.zeros(int(np.prod(shape)))
        for part, wins in self.wins(count).items():
            code = self._codes[part][wins.deal]
            place = (wins.draw * self.horizon + wins.month) * (shape[2] * shape[3]) + code
            flat += np.bincount(place, weights=wins.amount, minlength=len(flat))
        return cube(
            flat.reshape(shape),
            name="bookings",
            unit=self.currency,
            period=self.periods.to_numpy().astype("datetime64[D]"),
            keys={"region": regions, "product_line": lines},
            seed=self.seed,
            streams=STREAMS,
        )

    # -- underneath ----------------------------------------------------------------------------

    @cached_property
    def curves(self) -> Floats:
        """Chance of each open deal to be won and lost in each month, shape (n, horizon, 2)."""
        return hazards.curves(self._hazard)

    @cached_property
    def chance(self) -> Floats:
        """Chance of each open deal to be won within the horizon."""
        return np.asarray(self.curves[..., 0].sum(axis=1))

    @cached_property
    def stated(self) -> Floats:
        """Amounts of open deals in the picture; where none is stated, that usual in the line."""
        return _known(self.rows, self.coming.like)

    @cached_property
    def amounts(self) -> Floats:
        """Amounts of open deals to expect when won."""
        return self.stated * self.revised.mean(self.rows["stage"])

    @cached_property
    def means(self) -> Floats:
        """Expected amounts, shape (parts, horizon, cells of region x product line)."""
        cells = len(self._labels[0]) * len(self._labels[1])
        out = np.zeros((len(PARTS), self.horizon, cells))
        for month in range(self.horizon):
            won = self.curves[:, month, 0] * self.amounts
            out[0, month] = np.bincount(self._codes["open"], weights=won, minlength=cells)
        like, number = self.coming.like, self.coming.new.mean
        value = self._new_amount * self.revised.mean(like["stage"])
        for begin, hazard in enumerate(self._new_hazards):
            won = hazards.curves(hazard)[..., 0] * value[:, None] * number[begin]
            for month in range(won.shape[1]):
                sums = np.bincount(self._codes["new"], weights=won[:, month], minlength=cells)
                out[1, begin + 1 + month] += sums / max(len(like), 1)
        unseen = self.coming.unseen_like["amount"].to_numpy(float)
        sums = np.bincount(self._codes["unseen"], weights=unseen, minlength=cells)
        out[2] = np.outer(self.coming.unseen.mean, sums / max(len(unseen), 1))
        return out

    @cached_property
    def _hazard(self) -> Floats:
        start = np.full(len(self.rows), self.origin)
        return self.hazard.monthly(self.rows, self.horizon, exposure=self.exposure, start=start)

    @cached_property
    def _new_hazards(self) -> list[Floats]:
        like = self.coming.like
        return [
            self.hazard.monthly(
                like, self.horizon - begin, start=np.full(len(like), self.origin + begin)
            )
            for begin in range(1, self.horizon)
        ]

    @cached_property
    def _new_amount(self) -> Floats:
        return _known(self.coming.like, self.coming.like)

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        frames = (self.rows, self.coming.like, self.coming.unseen_like)
        return dict(zip(PARTS, frames, strict=True))

    @cached_property
    def _labels(self) -> tuple[list[str], list[str]]:
        found = [
            sorted({str(label) for frame in self._frames.values() for label in frame[key]})
            for key in KEYS
        ]
        return found[0], found[1]

    @cached_property
    def _codes(self) -> dict[str, NDArray[np.int64]]:
        regions, lines = self._labels
        return {
            part: _places(frame["region"], regions) * len(lines)
            + _places(frame["product_line"], lines)
            for part, frame in self._frames.items()
        }

    @cached_property
    def _drawn(self) -> dict[int, dict[str, Wins]]:
        return {}

    def wins(self, draws: int) -> dict[str, Wins]:
        """Wins of each part; made once for a number of draws."""
        if draws not in self._drawn:
            named = streams(self.seed)
            level, open_, new, unseen = (named[name] for name in STREAMS)
            paths = self.hazard.level.around().paths(level, draws, self.horizon)
            self._drawn[draws] = {
                "open": simulate.open_wins(
                    open_,
                    self._hazard,
                    paths,
                    amount=self.stated,
                    stage=self.rows["stage"].to_numpy(object),
                    revised=self.revised,
                ),
                "new": simulate.new_wins(
                    new,
                    self.coming,
                    self._new_hazards,
                    paths,
                    amount=self._new_amount,
                    revised=self.revised,
                ),
                "unseen": simulate.unseen_wins(unseen, self.coming, draws),
            }
        return self._drawn[draws]

    def totals(self, draws: int) -> Floats:
        """Bookings by draw and month."""
        total = np.zeros(draws * self.horizon)
        for wins in self.wins(draws).values():
            place = wins.draw * self.horizon + wins.month
            total += np.bincount(place, weights=wins.amount, minlength=len(total))
        return total.reshape(draws, self.horizon)

    def _with_ranges(self, parts: Floats, levels: Sequence[int], draws: int) -> pd.DataFrame:
        out = pd.DataFrame({"period": self.periods, **dict(zip(PARTS, parts.T, strict=True))})
        out["mean"] = parts.sum(axis=1)
        total = self.totals(draws)
        for level in levels:
            low, high = np.quantile(total, tails(level), axis=0)
            out[f"lo{level}"], out[f"hi{level}"] = low, high
        return out

    def months_until(self, until: dt.date | None) -> int:
        """Months ahead that begin up to a day; all without one."""
        if until is None:
            return self.horizon
        count = int((self.periods <= pd.Timestamp(until)).sum())
        if not count:
            raise ParameterError(
                "the day lies before the first month of the forecast",
                where=f"until={until}",
                do=f"give a day from {self.periods[0].date()} on",
            )
        return count


def pipeline_forecast(
    company: Company,
    *,
    as_of: dt.date | None = None,
    horizon: int = 12,
    basis: Basis = "incl",
    seed: int = 0,
    known: tuple[Pictures, pd.DataFrame] | None = None,
    hazard: Hazard | None = None,
) -> PipelineForecast:
    """Forecast bookings from open deals and deals still to be created.

    Parameters
    ----------
    company : Company
        With opportunity and opportunity_snapshot.
    as_of : datetime.date, optional
        Day of the forecast: nothing after it is read. By default the last day of the data.
    horizon : int
        Months ahead, 1 to 36.
    basis : {"incl", "excl"}
        Bookings with VAT, as contracts are counted, or without.
    seed : int
        Of the draws.
    known : (Pictures, DataFrame), optional
        Pictures and endings read for this very day already.
    hazard : Hazard, optional
        Fitted on an earlier day, to be asked again on this one.

    Raises
    ------
    ParameterError
        If the horizon is out of bounds.
    NotIdentifiedError
        If there are no pictures, or too few deals were won to learn from.
    """
    if not 1 <= horizon <= 36:
        raise ParameterError(
            f"{horizon} months cannot be forecast", where=f"horizon={horizon}", do="give 1 to 36"
        )
    day = as_of or company.data_as_of
    shown, ends = known or (
        pictures(company, until=day, basis=basis),
        endings(company, until=day, basis=basis),
    )
    newest = shown.months[-1]
    rows = shown.at(newest)
    taken = rows["day"].iloc[0].date()
    exposure = remaining(newest, taken, company.settings.closing_day)
    # A picture within a month: that month is the first ahead, in part.
    origin = newest if exposure == 0 else newest - 1
    exposure = exposure or 1.0
    fitted = hazard
    if fitted is None and known is not None:
        fitted = hazards.fit(shown, ends, origin=origin)
    elif fitted is None:
        # the slow part, the same for every horizon, seed and look back from a later day
        asked = ("pipeline/hazard", basis, day)
        if asked not in company.remembered:
            company.remembered[asked] = hazards.fit(shown, ends, origin=origin)
        fitted = company.remembered[asked]
    return PipelineForecast(
        day=taken,
        origin=origin,
        exposure=exposure,
        horizon=horizon,
        seed=seed,
        basis=basis,
        currency=shown.currency,
        rows=rows,
        hazard=fitted,
        revised=revision(shown.rows, ends, origin=origin),
        coming=arrivals(shown, ends, origin=origin, horizon=horizon, exposure=exposure),
    )


def _known(rows: pd.DataFrame, like: pd.DataFrame) -> Floats:
    usual = like.groupby("product_line")["amount"].mean()
    filled = rows["product_line"].map(usual).fillna(like["amount"].mean())
    return np.asarray(rows["amount"].fillna(filled).fillna(0.0).to_numpy(float))


def _places(column: pd.Series, labels: list[str]) -> NDArray[np.int64]:
    return np.asarray(pd.Categorical(column, categories=labels).codes, dtype=np.int64)
