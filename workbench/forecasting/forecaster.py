"""One call from a long table to forecasts with intervals and draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.draws import draw_normals, ties
from workbench.forecasting.engine import Group, forecast_points, interval, learn
from workbench.forecasting.known import effects_of
from workbench.forecasting.panel import Panel, read_panel

if TYPE_CHECKING:
    import xarray as xr

    from workbench.charts.figure import Figure
    from workbench.executor import Executor
    from workbench.forecasting.hierarchy.locks import Lock
    from workbench.forecasting.hierarchy.reconcile import Reconciled, Reconciler
    from workbench.forecasting.hierarchy.structure import Hierarchy
    from workbench.forecasting.regressors import CalendarDesign, Design, Effects
    from workbench.text import Language

STREAM = "forecast/errors"
#: Level of the intervals that sums of series are held to.
TIE_LEVEL = 80
MINT = "mint"
#: Periods ahead beyond which no evidence of so short a series can speak.
LONGEST_HORIZON = 400


@dataclass(frozen=True)
class Forecast:
    """Forecasts of a panel, of all nodes where there is a hierarchy.

    Attributes
    ----------
    panel : Panel
        What was forecast; `panel.repairs` and `panel.refused` say what was mended or left out.
    horizon : int
    levels : tuple of int
        Levels of the intervals in percent.
    points : numpy.ndarray, shape (n, horizon)
        Expected values; coherent where there is a hierarchy.
    scale : numpy.ndarray, shape (n, horizon)
        Usual size of the errors, what draws and intervals are multiples of.
    made_by : numpy.ndarray of object, shape (n,)
        Model of each series: "combination", "intermittent", or what stood in.
    groups : list of Group
        Members, weights and errors at earlier origins, for series that share models.
    seed : int
    effects : Effects or None
        Of regressors.
    reconciled : Reconciled or None
        How a hierarchy was made to add up.
    reconciler : Reconciler or None
        The method, ready for other points or locks.
    days : CalendarDesign or None
        The calendar used; `days.notes` says which years' days off are not official.
    """

    panel: Panel
    horizon: int
    levels: tuple[int, ...]
    points: Floats
    scale: Floats
    made_by: np.ndarray
    groups: list[Group] = field(repr=False)
    seed: int = 0
    effects: Effects | None = field(default=None, repr=False)
    reconciled: Reconciled | None = field(default=None, repr=False)
    reconciler: Reconciler | None = field(default=None, repr=False)
    days: CalendarDesign | None = field(default=None, repr=False)

    def table(self) -> pd.DataFrame:
        """One row a series and period ahead: mean, interval ends, model.

        Returns
        -------
        pandas.DataFrame
            series_id, period, mean, lo80, hi80 ... for each level, model.
        """
        columns: dict[str, Any] = {
            "series_id": np.repeat(self.panel.ids, self.horizon),
            "period": self.periods(),
            "mean": self.points.ravel(),
        }
        for level in self.levels:
            low, high = self.interval(level)
            columns |= {f"lo{level}": low.ravel(), f"hi{level}": high.ravel()}
        columns["model"] = np.repeat(self.made_by, self.horizon)
        return pd.DataFrame(columns)

    def periods(self) -> pd.Index:
        """Periods ahead of all series, flat, in the form they came in."""
        return self.panel.labels(self.panel.future(self.horizon))

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Ends of the interval of a level in percent, each of shape (n, horizon).

        A node locked in a single period has no range there.
        """
        minima = self.panel.batch.minima()
        low, high = interval(self.points, self.scale, self.groups, level, minima=minima)
        for lock in self.reconciled.locks if self.reconciled is not None else ():
            steps = range(self.horizon) if lock.periods is None else lock.periods
            if self.reconciled is not None and len(steps) == 1:
                at = self.reconciled.hierarchy.place(lock.node), steps[0]
                low[at] = high[at] = self.points[at]
        return low, high

    def draws(self, count: int = 1000) -> xr.DataArray:
        """Draw futures of all series together; each future of a hierarchy adds up.

        Parameters
        ----------
        count : int
            Futures to draw.

        Returns
        -------
        xarray.DataArray
            Dimensions draw, period, series_id.

        Raises
        ------
        ParameterError
            If there is no series, or the series end in different periods: their futures do not
            lie side by side.
        """
        from workbench.scenarios import cube

        last = self.panel.last
        if not len(last):
            raise ParameterError(
                "there is no series to draw futures of",
                where="panel",
                do="`panel.refused` says why none could be forecast",
            )
        if last.min() != last.max():
            ends = self.panel.calendar
            raise ParameterError(
                "the series end in different periods, so their futures do not lie side by side",
                where=f"from {ends.text(int(last.min()))} to {ends.text(int(last.max()))}",
                do="draw from a panel whose series end together",
            )
        return cube(
            np.swapaxes(self._drawn(count), 1, 2),
            name="forecast",
            unit="units",
            period=np.asarray(self._period_labels()),
            keys={"series_id": self.panel.ids},
            seed=self.seed,
            streams=(STREAM,),
        )

    def _period_labels(self) -> pd.Index:
        """Periods ahead of the first series as a cube takes them: pandas periods as text."""
        labels = self.periods()[: self.horizon]
        return labels.astype(str) if isinstance(labels, pd.PeriodIndex) else labels

    def _drawn(self, count: int) -> Floats:
        """Futures, shape (count, n, horizon)."""
        from workbench.scenarios import streams

        generator = streams(self.seed)[STREAM]
        if self.reconciler is not None and self.reconciled is not None:
            return self._drawn_tree(self.reconciler, self.reconciled, generator, count)
        tied = ties(self.panel.batch, self.panel.last)
        normals = draw_normals(tied, self.horizon, generator=generator, count=count)
        values = self.points + self._errors(normals, np.arange(len(self.panel)))
        return np.where(self._never_negative, np.maximum(values, 0.0), values)

    def _drawn_tree(
        self,
        ready: Reconciler,
        mean: Reconciled,
        generator: np.random.Generator,
        count: int,
    ) -> Floats:
        """Series are drawn so that their sums spread as the nodes do; then locks are held."""
        from workbench.forecasting.tree_draws import level_shares, tree_normals

        tree = ready.hierarchy
        codes = [tree.codes(number) for number in range(len(tree.levels) - 1)]
        low, high = self.interval(TIE_LEVEL)
        spread = np.sqrt(((self.points - low).clip(0) ** 2 + (high - self.points) ** 2).sum(axis=1))
        nodes = [spread[level.start : level.stop] for level in tree.levels[:-1]]
        shares = level_shares(codes, nodes, spread[tree.above :])
        normals = tree_normals(codes, shares, self.horizon, generator=generator, count=count)
        series = np.arange(tree.above, len(tree))
        values = mean.unlocked[tree.above :] + self._errors(normals, series)
        positive = bool(self._never_negative.all())
        if positive:
            np.maximum(values, 0.0, out=values)
        whole = tree.aggregate(values)
        if not mean.locks:
            return whole
        return ready.draws(whole, mean=mean, nonnegative=positive)

    def _errors(self, normals: Floats, numbers: Ints) -> Floats:
        """Errors of some series from normals tied over series, shape (count, series, horizon)."""
        from scipy.special import ndtr

        from workbench.forecasting.paths import over_leads

        values = np.empty_like(normals)
        for group in self.groups:
            _, mine, _ = np.intersect1d(numbers, group.numbers, return_indices=True)
            if len(mine):
                tied = over_leads(normals[:, mine], group.ties)
                values[:, mine] = group.quantiles.errors(ndtr(tied))
        return values * self.scale[numbers]

    def changed(
        self, *, locks: Sequence[Lock] = (), factors: Mapping[str, float] | None = None
    ) -> Forecast:
        """The same forecast of a hierarchy under other locks, or with nodes that sell more.

        See `assumptions.changed`; nothing is learnt again.
        """
        from workbench.forecasting.assumptions import changed

        return changed(self, locks=locks, factors=factors)

    def weights(self) -> pd.DataFrame:
        """Members that were offered, their errors at earlier origins, their weights.

        Returns
        -------
        pandas.DataFrame
            group, model, weight, scaled_error, admitted.
        """
        tables = [group.combination.table().assign(group=group.name) for group in self.groups]
        columns = ["group", "model", "weight", "scaled_error", "admitted"]
        if not tables:
            return pd.DataFrame(columns=columns)
        return pd.concat(tables, ignore_index=True)[columns]

    def summary(self) -> dict[str, float]:
        """Series, periods ahead, error of the combination at earlier origins, refusals."""
        rows = sum(group.combination.rows for group in self.groups)
        errors = sum(
            group.combination.error * group.combination.rows
            for group in self.groups
            if group.combination.rows
        )
        return {
            "series": float(len(self.panel)),
            "horizon": float(self.horizon),
            "scaled_error": errors / rows if rows else float("nan"),
            "repaired": float(self.panel.repairs["series_id"].nunique()),
            "refused": float(self.panel.refused["series_id"].nunique()),
        }

    def plot(
        self, series: str | None = None, *, lang: Language | None = None, history: int = 36
    ) -> Figure:
        """Draw one series or node with its bands; see `picture.plot_series`."""
        from workbench.forecasting.picture import plot_series

        return plot_series(self, series, lang=lang, history=history)

    def _repr_html_(self) -> str:
        return self.plot()._repr_html_() if len(self.panel) else "<p>no series</p>"

    @property
    def _never_negative(self) -> np.ndarray:
        mask: np.ndarray = (self.panel.batch.minima() >= 0)[:, None]
        return mask


def forecast(
    panel: pd.DataFrame | Panel,
    horizon: int = 12,
    levels: Sequence[int] = (80, 95),
    *,
    hierarchy: Hierarchy | pd.DataFrame | None = None,
    regressors: str | pd.DataFrame | Design | Sequence[str | pd.DataFrame | Design] | None = None,
    seed: int = 0,
    method: str = MINT,
    locks: Sequence[Lock] = (),
    effort: str = "default",
    season: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Forecast:
    """Forecast every series of a panel.

    Parameters
    ----------
    panel : pandas.DataFrame or Panel
        series_id, period, value, one row a series and period. Periods are months, quarters,
        weeks, days, years or plain numbers; series may start and end at different times.
    horizon : int
        Periods ahead.
    levels : sequence of int
        Levels of the intervals in percent.
    hierarchy : Hierarchy or pandas.DataFrame, optional
        What the series add up to, or their keys (series_id and one column a key). All nodes are
        forecast and made to add up; negative parts are avoided where history has none.
    regressors : str, pandas.DataFrame, Design, or several of them, optional
        "calendar" (working days, New Year, festivals), or a long table of known columns
        (series_id, period, columns) that reaches over the horizon. An effect is kept only where
        the panel shows it.
    seed : int
        Of the draws; points and intervals do not depend on it.
    method : str
        Of reconciliation, see `hierarchy.METHODS`; only with a hierarchy.
    locks : sequence of Lock
        Nodes of the hierarchy whose sum over periods is fixed; the change is spread.
    effort : {"default", "thorough"}
        Thorough offers more models and takes about ten times as long.
    season : int, optional
        Observations in a season, where another than the usual one of the frequency is meant.
    progress : callable, optional
        Called with series done and series in all.
    executor : Executor, optional
        Workers that share the series; the numbers are the same.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If the table cannot be read; the message names series and rule.
    ParameterError
        If horizon, a level, the effort or the method is out of bounds, or there are locks and no
        hierarchy.
    InfeasibleError
        If locks clash.
    """
    _refuse(horizon, levels)
    read = read_panel(panel, season=season)
    tree = None
    if hierarchy is not None:
        from workbench.forecasting.nodes import node_panel, tree_of

        tree = tree_of(hierarchy, read)
        read = node_panel(read, tree)
    elif locks or method != MINT:
        raise ParameterError(
            "locks and methods of reconciliation need a hierarchy",
            where=f"{len(locks)} locks, method={method!r}, hierarchy=None",
            do="give the keys of the series to forecast(..., hierarchy=)",
        )
    effects, days = effects_of(read, horizon, regressors)
    batch = read.batch if effects is None else effects.cleaned
    strata = None if tree is None else _levels(tree)
    groups = learn(batch, horizon, effort=effort, strata=strata)
    made = forecast_points(
        batch, groups, horizon, strata=strata, progress=progress, executor=executor
    )
    points, scale = made.values, made.scale
    if effects is not None:
        points = effects.put_back(points)
        # effects that multiply make errors larger or smaller as well
        scale = scale * np.exp(np.where(effects.relative[:, None], effects.future, 0.0))
    ready = reconciled = None
    if tree is not None:
        ready = _reconciler(tree, read, method)
        positive = bool((read.batch.minima() >= 0).all())
        reconciled = ready.solve(points, locks=locks, nonnegative=positive)
        points = reconciled.points
    return Forecast(
        read,
        horizon,
        tuple(levels),
        points,
        scale,
        made.made_by,
        groups,
        seed,
        effects,
        reconciled,
        ready,
        days,
    )


def _levels(tree: Hierarchy) -> Ints:
    """Level of each node."""
    return np.repeat(np.arange(len(tree.levels)), [len(level) for level in tree.levels])


def _reconciler(tree: Hierarchy, panel: Panel, method: str) -> Reconciler:
    from workbench.forecasting.hierarchy.reconcile import reconciler
    from workbench.forecasting.hierarchy.weights import NEED_RESIDUALS

    residuals = history = None
    if method in NEED_RESIDUALS:
        from workbench.forecasting.models.smoothing import decompose

        batch = panel.batch
        missed = decompose(batch).remainder
        residuals = type(batch)(missed, batch.offsets).padded()
    elif method == "top_down_history":
        history = panel.batch.padded()[tree.above :]
    return reconciler(tree, method, residuals=residuals, history=history)


def _refuse(horizon: int, levels: Sequence[int]) -> None:
    if not isinstance(horizon, Integral) or not 1 <= horizon <= LONGEST_HORIZON:
        raise ParameterError(
            f"a horizon of {horizon} periods cannot be forecast",
            where=f"horizon={horizon!r}",
            do=f"give a whole number from 1 to {LONGEST_HORIZON}",
        )
    if np.ndim(levels) != 1:
        raise ParameterError(
            f"levels are several numbers, not {levels!r}",
            where=f"levels={levels!r}",
            do="give whole percents from 1 to 99, such as (80, 95)",
        )
    wrong = [one for one in levels if not isinstance(one, Integral) or not 1 <= one <= 99]
    if wrong:
        raise ParameterError(
            f"an interval of {wrong[0]} percent is not possible",
            where=f"levels={tuple(levels)}",
            do="give whole percents from 1 to 99, such as (80, 95)",
        )
