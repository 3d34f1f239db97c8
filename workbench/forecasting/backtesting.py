"""Backtest: what every model, and the combination, would have said at earlier origins.

At each origin the combination and its intervals are learnt afresh from what was known there, so
the table shows what a user would have got. The naive forecast is always in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.engine import INTERMITTENT, SMOOTH, forecast_points, interval, learn
from workbench.forecasting.evidence import FEWEST
from workbench.forecasting.measures import (
    coverage,
    interval_score,
    mase,
    naive_scale,
    rmsse,
    smape,
)
from workbench.forecasting.models import model
from workbench.forecasting.panel import Panel, read_panel

COMBINATION = "combination"
ALWAYS = ("naive", "seasonal_naive", "naive2")
LEVELS = (80, 95)


@dataclass(frozen=True)
class Backtest:
    """Errors of every model at earlier origins.

    Attributes
    ----------
    errors : pandas.DataFrame
        series_id, origin, model, MASE, sMAPE, RMSSE, bias, and for the combination cov80, cov95,
        MSIS95: one row a series, origin and model, averaged over leads.
    leads : pandas.DataFrame
        model, lead, MASE, bias: averaged over series and origins.
    skipped : int
        Series too short for any origin.
    """

    errors: pd.DataFrame = field(repr=False)
    leads: pd.DataFrame = field(repr=False)
    horizon: int
    skipped: int

    def table(self) -> pd.DataFrame:
        """Leaderboard, best first: by MASE, by sMAPE where histories are too short for it.

        Returns
        -------
        pandas.DataFrame
            model, OWA (against naive2), MASE, sMAPE, RMSSE, bias (mean error over the mean level),
            cov80, cov95, MSIS95, series: means over series and origins.
        """
        means = self.errors.groupby("model", sort=False).mean(numeric_only=True)
        reference = means.loc["naive2"]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = means[["MASE", "sMAPE"]] / reference[["MASE", "sMAPE"]]
        means.insert(0, "OWA", ratio.mean(axis=1, skipna=True))
        means["series"] = self.errors.groupby("model", sort=False)["series_id"].nunique()
        return (
            means.drop(columns="origin", errors="ignore")
            .sort_values(["MASE", "sMAPE"])
            .reset_index()
        )


def backtest(
    panel: pd.DataFrame | Panel,
    horizon: int = 12,
    origins: int = 6,
    *,
    models: Sequence[str] | None = None,
    effort: str = "default",
    season: int | None = None,
) -> Backtest:
    """Forecast from earlier origins and compare with what came.

    Parameters
    ----------
    panel : pandas.DataFrame or Panel
        As for `forecast`.
    horizon : int
        Periods ahead, each fully seen: the last origin lies `horizon` periods before the end.
    origins : int
        Spaced by a third of the horizon. Short series have fewer.
    models : sequence of str, optional
        Models besides the combination and the naive ones; otherwise all that it is offered.
    effort : {"default", "thorough"}
        Of the combination.
    season : int, optional
        Observations in a season.

    Returns
    -------
    Backtest

    Raises
    ------
    InputError
        If no series is long enough for one origin.
    ParameterError
        If a number is out of bounds or a model is not known.
    """
    if origins < 1 or horizon < 1:
        raise ParameterError(
            "a backtest needs at least one origin and one period ahead",
            where=f"horizon={horizon}, origins={origins}",
            do="give 1 or more of each",
        )
    read = read_panel(panel, season=season)
    offered = tuple(models) if models is not None else _offered(read.batch, effort)
    names = (*ALWAYS, *(name for name in offered if name not in ALWAYS))
    step = max(1, horizon // 3)
    parts, leads = [], []
    for origin in range(origins):
        cut = horizon + origin * step
        able = np.flatnonzero(read.batch.lengths - cut >= FEWEST)
        if len(able) == 0:
            break
        table, by_lead = _origin(read, able, cut, horizon, names, effort)
        parts.append(table.assign(origin=-cut))
        leads.append(by_lead)
    if not parts:
        longest = int(read.batch.lengths.max(initial=0))
        raise InputError(
            f"no series has the {horizon + FEWEST} observations that one origin needs",
            where=f"horizon={horizon}; the longest series has {longest}",
            do="shorten the horizon or give longer series",
        )
    errors = pd.concat(parts, ignore_index=True)
    means = pd.concat(leads).groupby(["model", "lead"], sort=False).mean().reset_index()
    return Backtest(errors, means, horizon, len(read) - errors["series_id"].nunique())


def _offered(batch: Batch, effort: str) -> tuple[str, ...]:
    from workbench.forecasting.engine import is_intermittent

    sparse = is_intermittent(batch)
    names = SMOOTH[effort] if not sparse.all() else ()
    return (*names, *(name for name in INTERMITTENT if sparse.any() and name not in names))


def _origin(
    panel: Panel, able: Ints, cut: int, horizon: int, names: tuple[str, ...], effort: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    chosen = panel.batch.take(able)
    history = chosen.cut(cut)
    places = (chosen.offsets[:-1] + history.lengths)[:, None] + np.arange(horizon)
    actual = chosen.values[places]
    scale = naive_scale(history)
    level = np.abs(actual).mean(axis=1)
    ids = panel.ids[able]
    tables: list[pd.DataFrame] = []
    leads: list[pd.DataFrame] = []

    def add(name: str, points: Floats, **columns: Floats) -> None:
        there = np.asarray(np.isfinite(points).all(axis=1))
        away = points - actual
        with np.errstate(divide="ignore", invalid="ignore"):
            table = {
                "series_id": ids,
                "model": name,
                "MASE": mase(actual, points, scale),
                "sMAPE": smape(actual, points),
                "RMSSE": rmsse(actual, points, scale),
                "bias": np.where(level > 0, away.mean(axis=1) / level, np.nan),
                **columns,
            }
            scaled = away / scale[:, None]
        tables.append(pd.DataFrame(table).loc[there])
        seen = there & np.isfinite(scale)
        leads.append(
            pd.DataFrame(
                {
                    "model": name,
                    "lead": np.arange(1, horizon + 1),
                    "MASE": np.abs(scaled[seen]).mean(axis=0) if seen.any() else np.nan,
                    "bias": scaled[seen].mean(axis=0) if seen.any() else np.nan,
                }
            )
        )

    for name in names:
        add(name, model(name).points(history, horizon))
    groups = learn(history, horizon, effort=effort)
    made = forecast_points(history, groups, horizon)
    columns: dict[str, Floats] = {}
    for wanted in LEVELS:
        low, high = interval(made.values, made.scale, groups, wanted, minima=history.minima())
        columns[f"cov{wanted}"] = coverage(actual, low, high)
        columns[f"MSIS{wanted}"] = interval_score(actual, low, high, wanted / 100) / scale
    add(COMBINATION, made.values, **columns)
    joined: tuple[pd.DataFrame, pd.DataFrame] = (
        pd.concat(tables, ignore_index=True),
        pd.concat(leads, ignore_index=True),
    )
    return joined
