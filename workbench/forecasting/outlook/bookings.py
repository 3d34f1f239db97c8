"""Bookings (or revenue) of all nodes: regular business and deals together, with draws.

Regular business, what comes without a deal of the pipeline, is forecast from its own history; deals
from the pipeline. Both are drawn apart and added draw by draw, then locks and overrides are held.
Nodes are the company, regions, product lines and the cells of both; every draw adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.monthly import KEYS, cells, long, wide, won_cells
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

if TYPE_CHECKING:
    from workbench.forecasting.forecaster import Forecast
    from workbench.forecasting.hierarchy.locks import Lock
    from workbench.forecasting.hierarchy.structure import Hierarchy
    from workbench.forecasting.pipeline.forecast import PipelineForecast

#: Share of what won deals brought that contracts must name, before deals are taken apart.
NAMED_SHARE = 0.5
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
    deals : numpy.ndarray, shape (nodes, horizon)
        Expected from deals.
    points : numpy.ndarray, shape (nodes, horizon)
        Expected in all, locks held.
    draws : numpy.ndarray, shape (draws, nodes, horizon)
        Futures of all nodes; each adds up.
    locks : tuple of Lock
        Held in points and draws.
    """

    scope: Scope
    settings: Settings
    regular: Forecast = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    deals_history: pd.DataFrame = field(repr=False)
    pipeline: PipelineForecast | None = field(repr=False)
    deals: Floats = field(repr=False)
    points: Floats = field(repr=False)
    draws: Floats = field(repr=False)
    locks: tuple[Lock, ...] = ()

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

    def last_year(self, node: str = TOTAL) -> pd.Series:
        """The months of the total a year before, by the month they are compared with.

        NaN before the data begin.
        """
        months = pd.date_range(self.scope.begin, self.scope.end, freq="MS")
        before = self.history[node].reindex(months - pd.DateOffset(years=1))
        return pd.Series(before.to_numpy(), index=months)

    def table(self) -> pd.DataFrame:
        """One row a node and month ahead.

        Returns
        -------
        pandas.DataFrame
            node, level, month, mean, regular, deals, lo80, hi80, lo95, hi95.
        """
        ends = np.quantile(self.draws, [0.1, 0.9, 0.025, 0.975], axis=0)
        nodes = self.tree.table()
        horizon = self.scope.horizon
        return pd.DataFrame(
            {
                "node": np.repeat(nodes["node"].to_numpy(), horizon),
                "level": np.repeat(nodes["level"].to_numpy(), horizon),
                "month": np.tile(self.scope.months.to_numpy(), len(nodes)),
                "mean": self.points.ravel(),
                "regular": (self.points - self.deals).ravel(),
                "deals": self.deals.ravel(),
                **{
                    name: values.ravel()
                    for name, values in zip(("lo80", "hi80", "lo95", "hi95"), ends, strict=True)
                },
            }
        )


def outlook(
    looked: Scope,
    settings: Settings,
    *,
    pipeline: PipelineForecast | None,
) -> Outlook:
    """Forecast all nodes.

    Parameters
    ----------
    looked : Scope
    settings : Settings
    pipeline : PipelineForecast or None
        Of the same day; its months that are closed already are left out.
    """
    from workbench.forecasting.forecaster import forecast

    whole = _named(cells(looked, looked.kpi))
    deals = _named(won_cells(looked)) if pipeline is not None else whole.iloc[:0]
    ahead = None if pipeline is None else _deal_draws(pipeline, looked, settings.draws)
    parts = [whole, deals] if ahead is None else [whole, deals, ahead.keys]
    keys = pd.concat([part[["series_id", *KEYS]] for part in parts]).drop_duplicates("series_id")
    keys = keys.sort_values("series_id", ignore_index=True)
    ids = list(keys["series_id"])
    of_all, of_deals = wide(looked, whole, ids), wide(looked, deals, ids)
    of_deals = of_deals.reindex(of_all.index).fillna(0.0)
    rest = of_all - of_deals
    fc = forecast(
        long(rest),
        looked.horizon,
        (80, 95),
        hierarchy=keys,
        regressors="calendar" if settings.calendar else None,
        seed=settings.seed,
        method=settings.method,
        effort=settings.effort,
    )
    assert fc.reconciler is not None
    tree = fc.reconciler.hierarchy
    drawn = np.swapaxes(fc.draws(settings.draws).values, 1, 2)
    expected = np.zeros_like(fc.points)
    if ahead is not None:
        order = pd.Index(ids).get_indexer(ahead.keys["series_id"])
        bottom = np.zeros((settings.draws, len(ids), looked.horizon))
        bottom[:, order] = ahead.draws
        means = np.zeros((len(ids), looked.horizon))
        means[order] = ahead.mean
        # the hierarchy keeps the order of the keys it was given
        drawn = drawn + tree.aggregate(bottom)
        expected = tree.aggregate(means)
    return Outlook(
        looked,
        settings,
        fc,
        _aggregated(tree, of_all),
        _aggregated(tree, of_deals),
        pipeline,
        expected,
        fc.points + expected,
        drawn,
    )


def held(found: Outlook, locks: Sequence[Lock]) -> Outlook:
    """Hold locks in points and draws, and spread the change over the other nodes.

    Parameters
    ----------
    found : Outlook
    locks : sequence of Lock
        Sums of nodes over months ahead that are fixed.

    Raises
    ------
    InfeasibleError
        If locks clash.
    """
    if not locks:
        return found
    ready = found.regular.reconciler
    assert ready is not None
    mean = ready.solve(found.points, locks=locks)
    drawn = ready.draws(found.draws, mean=mean)
    return replace(found, points=mean.points, draws=drawn, locks=tuple(locks))


def deals_ahead(looked: Scope, settings: Settings) -> PipelineForecast:
    """The pipeline forecast that goes with a scope.

    Raises
    ------
    MissingTableError, NotIdentifiedError
        If there is none, or contracts do not say which deal they come from: then deals and the
        rest cannot be told apart, and adding both would count deals twice.
    """
    from workbench.forecasting.pipeline.forecast import pipeline_forecast

    looked.company.require("opportunity", "opportunity_snapshot")
    if looked.kpi != "bookings":
        raise NotIdentifiedError(
            mark("open deals tell of bookings, not of revenue"),
            where=f"kpi={looked.kpi}",
            do=mark("forecast bookings to see what open deals bring; it needs the table contract"),
        )
    year = pd.Timestamp(looked.day) - pd.DateOffset(years=1)
    won = looked.company.sql(
        "select coalesce(sum(gross_amount(amount, tax_basis, tax_rate)), 0) as value"
        f" from opportunity where status = 'won' and close_date > date '{year.date()}'"
        f" and close_date <= date '{looked.day}'",
        money="float",
    )["value"].iloc[0]
    signed = won_cells(looked)
    named = signed.loc[signed["month"] > year, "value"].sum()
    if named < NAMED_SHARE * won and not looked.regions:
        raise NotIdentifiedError(
            mark("contracts do not say which deal they come from"),
            where="contract.opportunity_id",
            do=mark("import the deal of each contract; till then bookings are forecast as a whole"),
        )
    late = (looked.last.year * 12 + looked.last.month - 1) - _newest(looked)
    return pipeline_forecast(
        looked.company,
        as_of=looked.day,
        horizon=looked.horizon + max(late, 0),
        seed=settings.seed,
    )


@dataclass(frozen=True)
class _Ahead:
    keys: pd.DataFrame
    draws: Floats
    mean: Floats


def _deal_draws(pipeline: PipelineForecast, looked: Scope, count: int) -> _Ahead:
    """Draws and means of deals by cell, shape (draws, cells, horizon), chosen regions only."""
    cube = pipeline.draws(count)
    inside = pipeline.periods.isin(looked.months)
    regions, lines = list(cube["region"].values), list(cube["product_line"].values)
    keys = pd.DataFrame(
        [(region, line) for region in regions for line in lines], columns=list(KEYS)
    )
    values = cube.values[:, inside].reshape(count, int(inside.sum()), len(keys))
    means = pipeline.means[:, inside].sum(axis=0)
    some = (values.any(axis=(0, 1)) | means.any(axis=0)) & (
        keys["region"].isin(looked.regions or regions).to_numpy()
    )
    keys = _named(keys[some].reset_index(drop=True))
    return _Ahead(keys, np.swapaxes(values[:, :, some], 1, 2), means[:, some].T)


def _newest(looked: Scope) -> int:
    """Number of the month of the newest picture that is over on the day."""
    found = looked.company.sql(
        "select max(snapshot_date) as day from opportunity_snapshot"
        f" where snapshot_date <= date '{looked.day}'"
    )["day"].iloc[0]
    if pd.isna(found):
        return looked.last.year * 12 + looked.last.month - 1
    month = looked.calendar.period(pd.Timestamp(found).date())
    over = month.end <= pd.Timestamp(found).date()
    key = np.asarray(looked.calendar.month_key([month.start]))[0].astype(int)
    return int(key) + 1970 * 12 - (not over)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the series of rows by region and product line."""
    return rows.assign(series_id=rows["region"].astype(str) + "/" + rows["product_line"])


def _aggregated(tree: Hierarchy, table: pd.DataFrame) -> pd.DataFrame:
    """A table month x series as one of month x node."""
    values = tree.aggregate(table[list(tree.series)].to_numpy().T).T
    return pd.DataFrame(values, index=table.index, columns=list(tree.nodes))
