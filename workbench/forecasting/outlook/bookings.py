"""Bookings (or revenue) of all nodes: regular business and deals together, with draws.

Regular business, what comes without a deal of the pipeline, is forecast from its own history; deals
from the pipeline near and from their own time series far (`handover.py`). Both are drawn apart and
added draw by draw, then growth assumed (`assumed.py`), locks and overrides are held.
Nodes are the company, regions, product lines and the cells of both; every draw adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.deals_ahead import deal_draws, named
from workbench.forecasting.outlook.fans import cumulated
from workbench.forecasting.outlook.monthly import KEYS, cells, long, wide, won_cells
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

if TYPE_CHECKING:
    from workbench.forecasting.forecaster import Forecast
    from workbench.forecasting.hierarchy.locks import Lock
    from workbench.forecasting.hierarchy.structure import Hierarchy
    from workbench.forecasting.outlook.handover import HandOver
    from workbench.forecasting.outlook.open_deals import OpenDeals
    from workbench.forecasting.pipeline.forecast import PipelineForecast

#: Node of the whole company in a hierarchy.
TOTAL = "Total"


@dataclass(frozen=True, eq=False)
class Settings:
    """How to forecast.

    Attributes
    ----------
    calendar : bool
        Whether working days and the New Year are looked for.
    method : str
        Of reconciliation.
    effort : {"default", "thorough"}
    draws, seed : int
    """

    calendar: bool = True
    method: str = "mint"
    effort: str = "default"
    draws: int = 2000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Outlook:
    """Months ahead of all nodes.

    Attributes
    ----------
    scope : Scope
    settings : Settings
    regular : Forecast
        Of what comes without a deal; all of it where there is no pipeline.
    history : pandas.DataFrame
        month x node: what came, deals included.
    deals_history : pandas.DataFrame
        The same of deals alone; zero without a pipeline.
    pipeline : PipelineForecast or None
    handover : HandOver or None
        How the pipeline and the deals' time series are mixed by month ahead.
    deals : numpy.ndarray, shape (nodes, horizon)
        Expected from deals, mixed.
    points : numpy.ndarray, shape (nodes, horizon)
        Expected in all, locks held.
    draws : numpy.ndarray, shape (draws, nodes, horizon)
        Futures of all nodes; each adds up.
    locks : tuple of Lock
        Held in points and draws.
    apart : dict of str to numpy.ndarray, each of shape (draws,)
        Draws of the company's months ahead: regular (without a deal) and series (of deals, as far
        as their time series counts), nothing locked.
    growth : numpy.ndarray, shape (series, horizon), or None
        What is assumed on top of the models: points and draws hold it, `regular`, `deals` and
        `apart` do not. See `assumed.grown`.
    base : Outlook or None
        What `models` gives where something is assumed or locked.
    open : OpenDeals or None
        What open deals bring by the models' say.
    """

    scope: Scope
    settings: Settings
    regular: Forecast = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    deals_history: pd.DataFrame = field(repr=False)
    pipeline: PipelineForecast | None = field(repr=False)
    handover: HandOver | None = field(repr=False)
    deals: Floats = field(repr=False)
    points: Floats = field(repr=False)
    draws: Floats = field(repr=False)
    locks: tuple[Lock, ...] = ()
    apart: dict[str, Floats] = field(default_factory=dict, repr=False)
    growth: Floats | None = field(default=None, repr=False)
    base: Outlook | None = field(default=None, repr=False)
    open: OpenDeals | None = field(default=None, repr=False)

    @property
    def tree(self) -> Hierarchy:
        """Nodes and what they sum."""
        assert self.regular.reconciler is not None
        return self.regular.reconciler.hierarchy

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes, the company first."""
        return self.tree.nodes

    @cached_property
    def done(self) -> pd.Series:
        """What came already and counts in the total, by node."""
        return self.history.loc[self.history.index.isin(self.scope.done)].sum()

    @cached_property
    def totals(self) -> Floats:
        """Totals by draw and node: what came and what will."""
        return self.draws.sum(axis=2) + self.done.to_numpy()

    @cached_property
    def gained(self) -> Floats:
        """What winning a deal adds to draws of the total: `OpenDeals.gained`, under the growth."""
        assert self.open is not None
        if self.growth is None:
            return self.open.gained
        return self.open.gained_under(self.growth, self.tree.series)

    @property
    def mean(self) -> Floats:
        """Expected total by node."""
        return self.points.sum(axis=1) + self.done.to_numpy()

    def total(self, node: str = TOTAL) -> Floats:
        """Draws of one node's total."""
        return np.asarray(self.totals[:, self.tree.place(node)])

    def quantiles(self, shares: Sequence[float], node: str = TOTAL) -> Floats:
        """Quantiles of one node's total."""
        return np.asarray(np.quantile(self.total(node), shares))

    @property
    def models(self) -> Outlook:
        """As the models say: nothing assumed, nothing locked."""
        return self if self.base is None else self.base

    def grown(self, values: Floats) -> Floats:
        """Values of months ahead, shape (..., nodes, horizon), under the growth assumed."""
        if self.growth is None:
            return values
        return self.tree.aggregate(self.growth * values[..., self.tree.above :, :])

    @cached_property
    def assumed(self) -> Floats:
        """What growth adds to the points of the models, shape (nodes, horizon); before locks."""
        models = self.regular.points + self.deals
        return self.grown(models) - models

    @cached_property
    def without(self) -> Outlook:
        """The same with nothing assumed; the same locks held."""
        return self if self.growth is None else held(self.models, self.locks)

    def last_year(self, node: str = TOTAL) -> pd.Series:
        """The months of the total a year before, by the month they are compared with.

        NaN before the data begin.
        """
        before = self.history[node].reindex(self.scope.whole_before)
        return pd.Series(before.to_numpy(), index=self.scope.whole)

    @cached_property
    def fan(self) -> pd.DataFrame:
        """Table of the company's fan, cumulated; see `fans.cumulated`."""
        history = self.history[TOTAL]
        return cumulated(self.scope, history, self.draws[:, 0], self.last_year())

    @cached_property
    def last_year_totals(self) -> pd.Series:
        """What the months of the total brought a year before, by node; NaN where there is none."""
        return self.history.reindex(self.scope.whole_before).sum(min_count=1)

    def table(self) -> pd.DataFrame:
        """One row a node and month ahead.

        Returns
        -------
        pandas.DataFrame
            node, level, month, mean, regular, deals, lo80, hi80, lo95, hi95.
        """
        nodes = self.tree.table()
        horizon, deals = self.scope.horizon, self.grown(self.deals)
        return pd.DataFrame(
            {
                "node": np.repeat(nodes["node"].to_numpy(), horizon),
                "level": np.repeat(nodes["level"].to_numpy(), horizon),
                "month": np.tile(self.scope.months.to_numpy(), len(nodes)),
                "mean": self.points.ravel(),
                "regular": (self.points - deals).ravel(),
                "deals": deals.ravel(),
                **{
                    name: values.ravel()
                    for name, values in zip(
                        ("lo80", "hi80", "lo95", "hi95"), self._ends, strict=True
                    )
                },
            }
        )

    @cached_property
    def _ends(self) -> Floats:
        """Ends of the 80% and 95% ranges by node and month, low before high."""
        return np.asarray(np.quantile(self.draws, [0.1, 0.9, 0.025, 0.975], axis=0))


def outlook(
    looked: Scope,
    settings: Settings,
    *,
    pipeline: PipelineForecast | None,
    past: pd.DataFrame | None = None,
) -> Outlook:
    """Forecast all nodes.

    Parameters
    ----------
    looked : Scope
    settings : Settings
    pipeline : PipelineForecast or None
        Of the same day; its months that are closed already are left out.
    past : pandas.DataFrame, optional
        What pipeline and series said before, as `HandOver.past` has it; found if not given.

    Raises
    ------
    InputError
        If there is nothing in any closed month.
    """
    whole = named(cells(looked, looked.kpi))
    if whole.empty:
        raise InputError(
            mark("no closed month has anything to forecast from"),
            where=f"{looked.kpi}, {looked.day}",
            do=mark("take a later day of the forecast, or import more months"),
        )
    deals = named(won_cells(looked)) if pipeline is not None else whole.iloc[:0]
    ahead = None if pipeline is None else deal_draws(pipeline, looked, settings.draws)
    parts = [whole, deals] if ahead is None else [whole, deals, ahead.keys]
    keys = pd.concat([part[["series_id", *KEYS]] for part in parts]).drop_duplicates("series_id")
    keys = keys.sort_values("series_id", ignore_index=True)
    ids = list(keys["series_id"])
    of_all, of_deals = wide(looked, whole, ids), wide(looked, deals, ids)
    of_deals = of_deals.reindex(of_all.index).fillna(0.0)
    fc = _series(of_all - of_deals, keys, looked, settings, seed=settings.seed)
    assert fc.reconciler is not None
    tree = fc.reconciler.hierarchy
    drawn = np.swapaxes(fc.draws(settings.draws).values, 1, 2)
    found = Outlook(
        looked,
        settings,
        fc,
        _aggregated(tree, of_all),
        _aggregated(tree, of_deals),
        pipeline,
        handover=None,
        deals=np.zeros_like(fc.points),
        points=fc.points,
        draws=drawn,
        apart={"regular": drawn[:, 0].sum(axis=1)},
    )
    if ahead is None:
        return found
    order = pd.Index(ids).get_indexer(ahead.keys["series_id"])
    bottom = np.zeros((settings.draws, len(ids), looked.horizon))
    bottom[:, order] = ahead.draws
    means = np.zeros((len(ids), looked.horizon))
    means[order] = ahead.mean
    return _with_deals(found, of_deals, keys, bottom, means, past)


def _series(
    table: pd.DataFrame, keys: pd.DataFrame, looked: Scope, settings: Settings, *, seed: int
) -> Forecast:
    """Forecast a table month x series by its own history; nodes keep the order of the keys."""
    from workbench.forecasting.forecaster import forecast

    return forecast(
        long(table),
        looked.horizon,
        (80, 95),
        hierarchy=keys,
        regressors="calendar" if settings.calendar else None,
        seed=seed,
        method=settings.method,
        effort=settings.effort,
    )


def _with_deals(
    found: Outlook,
    of_deals: pd.DataFrame,
    keys: pd.DataFrame,
    drawn: Floats,
    means: Floats,
    past: pd.DataFrame | None,
) -> Outlook:
    """Add what deals bring: the pipeline's draws and means of all series, mixed with theirs."""
    from workbench.forecasting.outlook import handover
    from workbench.forecasting.outlook.open_deals import OpenDeals
    from workbench.scenarios import streams

    looked, settings, tree = found.scope, found.settings, found.tree
    history = found.deals_history[TOTAL]
    begun = history.index[history.to_numpy() > 0]
    own = None
    if len(begun) and len(history.loc[begun[0] :]) >= handover.LEAST_HISTORY:
        # draws of both must not go together, as those of one seed would
        seed = int(streams(settings.seed)["forecast/deals"].integers(2**31))
        own = _series(of_deals.loc[begun[0] :], keys, looked, settings, seed=seed)
        if past is None:
            past = handover.past_of(
                looked,
                history.loc[begun[0] :],
                found.history.loc[begun[0] :, TOTAL],
                calendar=settings.calendar,
            )
    made = handover.handed_over(
        looked,
        handover.NO_PAST if past is None else past,
        pipeline=means.sum(axis=0),
        series=None if own is None else own.points[0],
    )
    weights, expected, draws = made.weights, tree.aggregate(means), tree.aggregate(drawn)
    apart = np.zeros(len(draws))
    if own is not None:
        expected = weights * expected + (1 - weights) * own.points
        other = np.swapaxes(own.draws(settings.draws).values, 1, 2)
        partner = handover.partners(draws[:, 0], other[:, 0])
        other = (1 - weights) * other[partner]
        draws, apart = weights * draws + other, other[:, 0].sum(axis=1)
    assert found.pipeline is not None
    return replace(
        found,
        handover=made,
        open=OpenDeals(looked, found.pipeline, made, settings.draws),
        deals=expected,
        points=found.points + expected,
        draws=found.draws + draws,
        apart={**found.apart, "series": apart},
    )


def held(found: Outlook, locks: Sequence[Lock]) -> Outlook:
    """Hold locks in points and draws, and spread the change over the other nodes.

    Where no node expects less than nothing, none is pushed below it.

    Parameters
    ----------
    found : Outlook
    locks : sequence of Lock
        Sums of nodes over months ahead that are fixed.

    Raises
    ------
    InfeasibleError
        If locks clash, or would leave less than nothing for the rest.
    """
    if not locks:
        return found
    ready = found.regular.reconciler
    assert ready is not None
    positive = bool(found.points.min() >= 0)
    mean = ready.solve(found.points, locks=locks, nonnegative=positive)
    drawn = ready.draws(found.draws, mean=mean, nonnegative=positive)
    return replace(found, points=mean.points, draws=drawn, locks=tuple(locks), base=found.models)


def _aggregated(tree: Hierarchy, table: pd.DataFrame) -> pd.DataFrame:
    """A table month x series as one of month x node."""
    values = tree.aggregate(table[list(tree.series)].to_numpy().T).T
    return pd.DataFrame(values, index=table.index, columns=list(tree.nodes))
