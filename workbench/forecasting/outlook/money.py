"""Collections (回款) to the end of the year, drawn beside the bookings they come from.

From claims owed, the bookings drawn and how customers pay (`pipeline/collections.py`); where there
are no claims, from the history of collections alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import MissingTableError, NotIdentifiedError
from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.bookings import Outlook, Settings
from workbench.forecasting.outlook.fans import cumulated
from workbench.forecasting.outlook.monthly import cells, wide
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

if TYPE_CHECKING:
    import xarray as xr

    from workbench.forecasting.pipeline.collections import CollectionsForecast


@dataclass(frozen=True, eq=False)
class Money:
    """Collections ahead.

    Attributes
    ----------
    scope : Scope
    history : pandas.Series
        What came, by month.
    draws : numpy.ndarray, shape (draws, horizon)
        Futures by month ahead.
    claims : CollectionsForecast or None
        None where collections are forecast from their own history.
    """

    scope: Scope
    history: pd.Series = field(repr=False)
    draws: Floats = field(repr=False)
    claims: CollectionsForecast | None = field(repr=False)

    @cached_property
    def done(self) -> float:
        """What came already and counts in the total."""
        return float(self.history[self.history.index.isin(self.scope.done)].sum())

    @cached_property
    def total(self) -> Floats:
        """Total by draw."""
        return np.asarray(self.draws.sum(axis=1) + self.done)

    def last_year(self) -> pd.Series:
        """The months of the total a year before, by the month they are compared with."""
        before = self.history.reindex(self.scope.whole_before)
        return pd.Series(before.to_numpy(), index=self.scope.whole)

    @cached_property
    def fan(self) -> pd.DataFrame:
        """Table of the fan, cumulated; see `fans.cumulated`."""
        return cumulated(self.scope, self.history, self.draws, self.last_year())

    def by_kind(self) -> pd.DataFrame:
        """Claims owed by kind of customer, what they bring, and terms beyond the legal limit.

        Returns
        -------
        pandas.DataFrame
            kind (of customer), owed, past_due, expected (in the months ahead), share (expected
            of owed), term (median days from booking to due, weighted by amount), limit (legal
            days), beyond (amount owed on terms longer than that; advances and retention money
            are in neither, see `pipeline/terms.py`); most owed first.

        Raises
        ------
        NotIdentifiedError
            If collections are forecast without claims.
        """
        if self.claims is None:
            raise NotIdentifiedError(
                mark("without claims there is nothing to tell by kind of customer"),
                where="receivable_plan",
                do=mark("import the receivable plan with booked and due dates"),
            )
        from workbench.forecasting.pipeline.terms import (
            LIMIT_DAYS,
            NOT_COUNTED,
            PUBLIC_LIMIT_DAYS,
        )

        rows = self.claims.owed.merge(
            self.claims.claims()[["plan_id", "expected"]], on="plan_id", how="left"
        )
        rows = self.scope.chosen(rows)
        limit = np.where(rows["ownership"] == "public", PUBLIC_LIMIT_DAYS, LIMIT_DAYS)
        term = (rows["due"] - rows["booked"]).dt.days
        counted = ~rows["kind"].isin(NOT_COUNTED)
        late = rows["due"] < pd.Timestamp(self.claims.day)
        rows = rows.assign(
            term=term,
            limit=limit,
            counted=rows["left"].where(counted, 0.0),
            past_due=rows["left"].where(late, 0.0),
            beyond=rows["left"].where(counted & (term > limit), 0.0),
        )
        found = []
        for kind, group in rows.groupby("ownership", sort=True):
            owed = float(group["left"].sum())
            found.append(
                {
                    "kind": kind,
                    "owed": owed,
                    "past_due": float(group["past_due"].sum()),
                    "expected": float(group["expected"].sum()),
                    "share": float(group["expected"].sum()) / owed if owed else np.nan,
                    "term": _weighted_median(group["term"], group["counted"]),
                    "limit": int(group["limit"].iloc[0]),
                    "beyond": float(group["beyond"].sum()),
                }
            )
        table = pd.DataFrame(found)
        return table.sort_values("owed", ascending=False, ignore_index=True)

    def parts(self) -> pd.DataFrame:
        """Expected money by month ahead: month, owed, booked, other, drafts.

        Raises
        ------
        NotIdentifiedError
            If collections are forecast without claims.
        """
        if self.claims is None:
            self.by_kind()
        assert self.claims is not None
        table = self.claims.table(levels=(80,), draws=len(self.draws))
        table = table[table["period"].isin(self.scope.months)]
        return table.rename(columns={"period": "month"}).reset_index(drop=True)


def money(looked: Scope, settings: Settings, *, booked: Outlook | None) -> Money:
    """Forecast collections.

    Parameters
    ----------
    looked : Scope
    settings : Settings
    booked : Outlook or None
        Bookings whose draws new claims come from; None or revenue takes what is usual.

    Raises
    ------
    MissingTableError
        If there are no receipts.
    """
    looked.company.require("receipt")
    rows = cells(looked, "collections").assign(series_id="all")
    history = wide(looked, rows, ["all"])["all"]
    try:
        found = _from_claims(looked, settings, booked)
    except (MissingTableError, NotIdentifiedError):
        return Money(looked, history, _from_history(looked, settings, history), None)
    return Money(looked, history, _in_scope(looked, found, settings.draws), found)


def rebooked(found: Money, booked: Outlook) -> Money:
    """The same collections with what growth, locks and overrides make of the bookings."""
    if found.claims is None or booked.base is None:
        return found
    planned = _planned(booked)
    if planned is None:
        return found
    claims = found.claims.with_bookings(planned)
    return replace(found, draws=_in_scope(found.scope, claims, len(found.draws)), claims=claims)


def _in_scope(looked: Scope, found: CollectionsForecast, count: int) -> Floats:
    """Draws by month ahead of the regions looked at."""
    inside = found.periods.isin(looked.months)
    mine = [not looked.regions or name in looked.regions for name in found.regions]
    return np.asarray(found.totals(count)[:, inside][:, :, mine].sum(axis=2))


def _from_claims(looked: Scope, settings: Settings, booked: Outlook | None) -> CollectionsForecast:
    from workbench.forecasting.pipeline.collections import collections_forecast

    return collections_forecast(
        looked.company,
        as_of=looked.day,
        horizon=looked.horizon,
        bookings=None if booked is None else _planned(booked),
        seed=settings.seed,
    )


def _planned(booked: Outlook) -> xr.DataArray | None:
    """Bookings as a plan of collections takes them; None where they do not fit one."""
    from workbench.scenarios import cube

    looked = booked.scope
    # planned bookings are those of the whole company: some regions alone would bring too little
    if looked.kpi != "bookings" or looked.regions:
        return None
    tree = booked.tree
    lines: dict[str, list[int]] = {"equipment": [], "other": []}
    for place, name in enumerate(tree.series):
        line = name.rsplit("/", 1)[-1]
        lines["equipment" if line == "equipment" else "other"].append(tree.above + place)
    values = np.stack([booked.draws[:, at].sum(axis=1) for at in lines.values()], axis=-1)
    return cube(
        values,
        name="bookings",
        unit=looked.currency,
        period=looked.months.to_numpy().astype("datetime64[D]"),
        keys={"product_line": list(lines)},
        seed=booked.settings.seed,
        streams=("forecast/errors",),
    )


def _from_history(looked: Scope, settings: Settings, history: pd.Series) -> Floats:
    from workbench.forecasting.forecaster import forecast

    panel = pd.DataFrame({"series_id": "all", "period": history.index, "value": history.to_numpy()})
    made = forecast(
        panel,
        looked.horizon,
        regressors="calendar" if settings.calendar else None,
        effort=settings.effort,
        seed=settings.seed,
    )
    return np.asarray(made.draws(settings.draws).values[:, :, 0])


def _weighted_median(values: pd.Series, weights: pd.Series) -> float:
    order = np.argsort(values.to_numpy(), kind="stable")
    reached = np.cumsum(weights.to_numpy(float)[order])
    if not len(reached) or not reached[-1] > 0:
        return np.nan
    place = int(np.searchsorted(reached, reached[-1] / 2))
    return float(values.to_numpy()[order][min(place, len(order) - 1)])
