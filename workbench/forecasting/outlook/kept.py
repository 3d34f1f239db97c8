"""Forecasts that were kept: how they fared since, and what changed against the last of them.

Every run of the study records its forecast as a vintage (`vintage_of`); a folder of such runs, or
one filled by `judgement.keep`, is what later forecasts are told to look back on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workbench.contract import in_project
from workbench.errors import InputError, NotIdentifiedError
from workbench.forecasting.judgement import (
    Changes,
    ValueAdded,
    accuracy_over_time,
    load,
    naive_figures,
    scored,
    value_added,
    what_changed,
)
from workbench.forecasting.judgement.vintages import SCHEMA
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.changes import vintage
from workbench.forecasting.outlook.monthly import long
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

#: Where a run of the study keeps its vintage, below the folder of the run.
IN_RUN = Path("tables") / "vintage.parquet"
_RUN_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Kept:
    """What earlier forecasts said.

    Attributes
    ----------
    vintages : pandas.DataFrame
        `judgement.vintages.SCHEMA`: earlier forecasts of the same measure and regions, one an
        origin (the latest made).
    accuracy : pandas.DataFrame
        As `judgement.accuracy_over_time`, of the total, by stage and months ahead.
    staircase : ValueAdded
        Of all nodes, by months ahead: naive, then with deals the pipeline, else statistical, final.
    changes : Changes
        From the last of them to this forecast.
    day : datetime.date
        Last day of the data the last of them knew.
    """

    vintages: pd.DataFrame
    accuracy: pd.DataFrame
    staircase: ValueAdded
    changes: Changes
    day: dt.date


def vintage_of(found: Outlook) -> pd.DataFrame:
    """A forecast as it is kept: all nodes, months and stages, ranges at the final stage.

    Returns
    -------
    pandas.DataFrame
        `judgement.vintages.SCHEMA`; made_at is the day of the data, as the time of the run is no
        part of a result.
    """
    rows = vintage(found)
    ends = found.table().rename(columns={"node": "series_id", "month": "period"})
    ends = ends[["series_id", "period", "lo80", "hi80", "lo95", "hi95"]].assign(stage="final")
    rows = rows.merge(ends, on=["series_id", "period", "stage"], how="left")
    day = pd.Timestamp(found.scope.day)
    return rows.assign(
        made_at=day,
        origin=day,
        kpi_id=found.scope.kpi,
        unit=_unit(found.scope),
        freq="M",
        period=[f"{month:%Y-%m}" for month in pd.DatetimeIndex(rows["period"])],
    )[list(SCHEMA)]


def kept(found: Outlook, folder: str) -> Kept | None:
    """Look back on forecasts kept in a folder.

    Parameters
    ----------
    found : Outlook
        The forecast now.
    folder : str
        Of runs of the study (runs/forecast) or of vintages, as named or from the project's folder;
        empty for none.

    Returns
    -------
    Kept or None
        None where no folder is given.

    Raises
    ------
    InputError
        If the folder does not exist.
    NotIdentifiedError
        If it holds no earlier forecast of the same measure and regions.
    """
    if not folder:
        return None
    looked = found.scope
    vintages = _earlier(_read(in_project(folder)), looked)
    if vintages.empty:
        raise NotIdentifiedError(
            mark("no earlier forecast of the same measure and regions is kept"),
            where=folder,
            do=mark("run the study each month; every run keeps its forecast"),
        )
    actuals = long(found.history, "actual")
    last = vintages[vintages["origin"] == vintages["origin"].max()]
    # with deals the statistical figure is that of the rest alone: no forecast of the whole
    model = "statistical" if found.pipeline is None else "pipeline"
    whole = vintages[vintages["stage"].isin([model, "final"])]
    return Kept(
        vintages,
        accuracy_over_time(whole[whole["series_id"] == TOTAL], actuals),
        _staircase(whole, actuals, ("naive", model, "final")),
        _changes(last, found),
        last["origin"].iloc[0].date(),
    )


def _unit(looked: Scope) -> str:
    """Currency, tax basis and regions: forecasts that differ in one of them are not compared."""
    basis = "incl" if looked.kpi == "bookings" else "excl"
    some = f" {'+'.join(sorted(looked.regions))}" if looked.regions else ""
    return f"{looked.currency} {basis}{some}"


def _read(folder: Path) -> pd.DataFrame:
    if not folder.is_dir():
        raise InputError(
            mark("there is no folder of kept forecasts"),
            where=str(folder),
            do=mark("give that of earlier runs, such as runs/forecast, or leave kept empty"),
        )
    parts = [load(folder), *_runs(folder)]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _runs(folder: Path) -> Iterator[pd.DataFrame]:
    for path in sorted(folder.glob(f"*/{IN_RUN.as_posix()}")):
        rows = pd.read_parquet(path)
        stamp = path.parents[1].name.split("-")[0]
        try:
            made = dt.datetime.strptime(stamp, _RUN_TIME)
        except ValueError:
            made = None
        if set(SCHEMA) <= set(rows.columns):
            yield rows if made is None else rows.assign(made_at=pd.Timestamp(made))


def _earlier(rows: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    """Those of the same measure made from less data, of each origin the latest."""
    day = pd.Timestamp(looked.day)
    same = (rows["kpi_id"] == looked.kpi) & (rows["unit"] == _unit(looked))
    rows = rows[same & (pd.to_datetime(rows["origin"]) < day)].copy()
    rows["origin"] = pd.to_datetime(rows["origin"])
    latest = rows.groupby("origin")["made_at"].transform("max")
    rows = rows[rows["made_at"] == latest]
    rows["period"] = pd.PeriodIndex(rows["period"].astype(str), freq="M")
    return rows.drop_duplicates(["origin", "series_id", "period", "stage"], keep="last")


def _staircase(vintages: pd.DataFrame, actuals: pd.DataFrame, stages: Sequence[str]) -> ValueAdded:
    rows = scored(vintages, actuals)
    rows = rows[rows["horizon"] >= 1]
    figures = pd.concat([naive_figures(rows, actuals), rows], ignore_index=True)
    return value_added(figures, stages=stages, by=("horizon",))


def _changes(last: pd.DataFrame, found: Outlook) -> Changes:
    shared = [node for node in found.nodes if node in set(last["series_id"])]
    since = found.history.index > last["origin"].iloc[0]
    actuals = long(found.history.loc[since, shared], "actual")
    begin = pd.Period(found.scope.begin, freq="M")
    inside = last["series_id"].isin(shared) & (last["period"] >= begin)
    return what_changed(last[inside], vintage(found, shared), actuals=actuals)
