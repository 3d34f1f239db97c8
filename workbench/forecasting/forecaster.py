"""One call from a long table to forecasts with intervals and draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.forecasting.batch import Floats
from workbench.forecasting.draws import draw_normals, errors_at, ties
from workbench.forecasting.engine import Group, Points, forecast_points, learn
from workbench.forecasting.panel import Panel, read_panel

if TYPE_CHECKING:
    import xarray as xr

STREAM = "forecast/errors"
#: Periods ahead beyond which no evidence of so short a series can speak.
LONGEST_HORIZON = 400


@dataclass(frozen=True)
class Forecast:
    """Forecasts of a panel.

    Attributes
    ----------
    panel : Panel
        What was forecast; `panel.repairs` and `panel.refused` say what was mended or left out.
    horizon : int
    levels : tuple of int
        Levels of the intervals in percent.
    points : numpy.ndarray, shape (n, horizon)
        Expected values.
    half_widths : dict of int to numpy.ndarray, shape (n, horizon)
        Half the width of the interval of each level.
    made_by : numpy.ndarray of object, shape (n,)
        Model of each series: "combination", "intermittent", or what stood in.
    groups : list of Group
        Members, weights and errors at earlier origins, for series that share models.
    seed : int
    """

    panel: Panel
    horizon: int
    levels: tuple[int, ...]
    points: Floats
    half_widths: dict[int, Floats]
    made_by: np.ndarray
    groups: list[Group] = field(repr=False)
    seed: int = 0
    _scale: Floats = field(default_factory=lambda: np.empty(0), repr=False)

    def table(self) -> pd.DataFrame:
        """One row a series and period ahead: mean, interval ends, model.

        Returns
        -------
        pandas.DataFrame
            series_id, period, mean, lo80, hi80 ... for each level, model.
        """
        columns: dict[str, Any] = {
            "series_id": np.repeat(self.panel.ids, self.horizon),
            "period": self.panel.labels(self.panel.future(self.horizon)),
            "mean": self.points.ravel(),
        }
        for level in self.levels:
            low, high = self.interval(level)
            columns |= {f"lo{level}": low.ravel(), f"hi{level}": high.ravel()}
        columns["model"] = np.repeat(self.made_by, self.horizon)
        return pd.DataFrame(columns)

    def interval(self, level: int) -> tuple[Floats, Floats]:
        """Ends of the interval of a level, each of shape (n, horizon)."""
        half = self.half_widths[level]
        low, high = self.points - half, self.points + half
        return np.where(self._never_negative, np.maximum(low, 0.0), low), high

    def draws(self, count: int = 1000) -> xr.DataArray:
        """Draw futures of all series together.

        Parameters
        ----------
        count : int
            Futures to draw.

        Returns
        -------
        xarray.DataArray
            Dimensions draw, period, series_id. Series that end at different times need draws of
            their own: their periods ahead differ.

        Raises
        ------
        ParameterError
            If the series end in different periods.
        """
        from scipy.special import ndtr

        from workbench.scenarios import cube, streams

        last = self.panel.last
        if len(last) and last.min() != last.max():
            ends = self.panel.calendar
            raise ParameterError(
                "the series end in different periods, so their futures do not lie side by side",
                where=f"from {ends.text(int(last.min()))} to {ends.text(int(last.max()))}",
                do="draw from a panel whose series end together, or choose with Forecast.take()",
            )
        generator = streams(self.seed)[STREAM]
        errors = np.concatenate([group.errors for group in self.groups])
        tied = ties(errors, self.panel.batch, last)
        share = ndtr(draw_normals(tied, generator=generator, count=count))
        values = np.empty((count, len(self.panel), self.horizon))
        for group in self.groups:
            mine = group.numbers
            values[:, mine] = errors_at(share[:, mine], group.quantiles)
        values = self.points + values * self._scale[:, None]
        values = np.where(self._never_negative, np.maximum(values, 0.0), values)
        return cube(
            np.swapaxes(values, 1, 2),
            name="forecast",
            unit="units",
            period=self.panel.labels(self.panel.future(self.horizon)[:1]),
            keys={"series_id": self.panel.ids},
            seed=self.seed,
            streams=(STREAM,),
        )

    def weights(self) -> pd.DataFrame:
        """Members that were offered, their errors at earlier origins, their weights.

        Returns
        -------
        pandas.DataFrame
            group, model, weight, scaled_error, admitted.
        """
        tables = [group.combination.table().assign(group=group.name) for group in self.groups]
        return pd.concat(tables, ignore_index=True)[
            ["group", "model", "weight", "scaled_error", "admitted"]
        ]

    @property
    def _never_negative(self) -> np.ndarray:
        mask: np.ndarray = (self.panel.batch.minima() >= 0)[:, None]
        return mask


def forecast(
    panel: pd.DataFrame | Panel,
    horizon: int = 12,
    levels: Sequence[int] = (80, 95),
    *,
    effort: str = "default",
    season: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
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
    effort : {"default", "thorough"}
        Thorough offers more models and takes about ten times as long.
    season : int, optional
        Observations in a season, where another than the usual one of the frequency is meant.
    seed : int
        Of the draws; points and intervals do not depend on it.
    progress : callable, optional
        Called with series done and series in all.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If the table cannot be read; the message names series and rule.
    ParameterError
        If horizon, a level or the effort is out of bounds.
    """
    _refuse(horizon, levels)
    read = read_panel(panel, season=season)
    groups = learn(read.batch, horizon, effort=effort)
    points = forecast_points(read.batch, groups, horizon, progress=progress)
    widths = {level: _half_widths(groups, points, level / 100) for level in levels}
    return Forecast(
        read,
        horizon,
        tuple(levels),
        points.values,
        widths,
        points.made_by,
        groups,
        seed,
        points.scale,
    )


def _half_widths(groups: list[Group], points: Points, level: float) -> Floats:
    half = np.empty_like(points.values)
    for group in groups:
        width = group.quantiles.half_width(level)
        half[group.numbers] = points.scale[group.numbers, None] * width
    return half


def _refuse(horizon: int, levels: Sequence[int]) -> None:
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise ParameterError(
            f"a horizon of {horizon} periods cannot be forecast",
            where=f"horizon={horizon}",
            do=f"give 1 to {LONGEST_HORIZON}",
        )
    wrong = [level for level in levels if not 1 <= level <= 99]
    if wrong:
        raise ParameterError(
            f"an interval of {wrong[0]} percent is not possible",
            where=f"levels={tuple(levels)}",
            do="give whole percents from 1 to 99, such as (80, 95)",
        )
