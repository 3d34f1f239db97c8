"""What each stage said of the company, its teams and reps, and what came: the rows that are scored.

Entries of reps and managers are added up to every level above, so that each stage is judged where
people look at it; what the history alone said stands beside them for the company and its teams.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.judgement import add_up, from_entries, naive_figures
from workbench.forecasting.outlook.scope import Scope
from workbench.kpis import kpi
from workbench.text import mark

COMPANY = "company"
#: Levels from the top, and the column of the KPI that names their nodes.
LEVELS = {COMPANY: None, "team": "team_id", "rep": "rep_id"}
#: Months scored, the latest ones.
MONTHS = 24
#: Months of history a statistical figure needs.
LEAST_HISTORY = 18


@dataclass(frozen=True)
class Said:
    """Figures of all stages and levels.

    Attributes
    ----------
    kpi : str
    figures : pandas.DataFrame
        `judgement.figures.COLUMNS`, every level, naive and statistical among the stages.
    left_out : pandas.DataFrame
        Entries that give no figure.
    """

    kpi: str
    figures: pd.DataFrame
    left_out: pd.DataFrame


def said(looked: Scope) -> Said:
    """Read the entries of the KPI that most stages have spoken of, up to the day.

    Raises
    ------
    MissingTableError
        If there are no entries.
    NotIdentifiedError
        If none of them can be scored.
    """
    looked.company.require("forecast_entry")
    entries = looked.company.table("forecast_entry", money="float")
    entries = entries[pd.to_datetime(entries["entry_date"]) <= pd.Timestamp(looked.day)]
    name = _spoken_of(entries)
    actuals = _actuals(looked, name)
    read = from_entries(entries, actuals, kpi_id=name)
    known = read.figures.dropna(subset=["actual"])
    known = known[known["period"] > pd.Period(looked.last, freq="M") - MONTHS]
    if known.empty:
        raise NotIdentifiedError(
            mark("no forecast entry is about a month that is over"),
            where="forecast_entry",
            do=mark("keep entries; they are scored once their month is over"),
        )
    figures = read.figures[read.figures["period"].isin(known["period"].unique())]
    people = _added_up(figures.drop(columns=["made", "entry_id"]), actuals, looked)
    above = people[people["level"].isin([COMPANY, "team"])]
    parts = [naive_figures(people, actuals), _statistical(above, actuals), people]
    return Said(name, pd.concat(parts, ignore_index=True), read.left_out)


def _spoken_of(entries: pd.DataFrame) -> str:
    steps = entries.groupby("kpi_id")["step"].nunique().sort_index()
    steps = steps[steps.index.isin(["revenue_net", "bookings", "collections"])]
    if steps.empty:
        raise NotIdentifiedError(
            mark("no forecast entry is about revenue, bookings or collections"),
            where="forecast_entry.kpi_id",
            do=mark("name the KPI of each entry"),
        )
    return str(steps.idxmax())


def _actuals(looked: Scope, name: str) -> pd.DataFrame:
    """What came, by rep, team and for the company; series_id, period, actual."""
    parts = []
    # reps are held against naive alone, which looks back a year; the model needs all there is
    lately = pd.Timestamp(looked.day) - pd.DateOffset(months=MONTHS + 15)
    long_ago = pd.Timestamp(looked.day) - pd.DateOffset(years=10)
    company = looked.company.at_the_time()
    for level, column in LEVELS.items():
        start = lately if level == "rep" else long_ago
        by = ("month",) if column is None else ("month", column)
        rows = kpi(company, name, start=start, end=looked.day, by=by).table()
        parts.append(
            pd.DataFrame(
                {
                    "series_id": COMPANY if column is None else rows[column],
                    "period": pd.PeriodIndex(rows["month"], freq="M"),
                    "actual": rows["value"].astype(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).dropna(subset=["series_id", "actual"])


def _added_up(figures: pd.DataFrame, actuals: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    """Entries, and those of lower levels added up to teams and to the company."""
    found = [figures]
    for level in ("team", COMPANY):
        lower = figures[~figures["level"].isin([level, COMPANY])]
        parents = _parents(lower, level, looked)
        if lower.empty or parents.empty:
            continue
        summed = add_up(lower, parents, actuals, level=level).drop(columns="parts")
        # a stage that has spoken for the level itself is not added up
        own = figures.loc[figures["level"] == level, "stage"]
        found.append(summed[~summed["stage"].isin(own)])
    return pd.concat(found, ignore_index=True)


def _parents(lower: pd.DataFrame, level: str, looked: Scope) -> pd.DataFrame:
    if level == COMPANY:
        return lower[["series_id"]].drop_duplicates().assign(parent=COMPANY)
    if not looked.company.has("rep"):
        return pd.DataFrame(columns=["series_id", "parent", "period"])
    rows = looked.company.sql(
        "select rep_id as series_id, team_id as parent, valid_from, valid_to from main.rep"
        " where team_id is not null order by rep_id, valid_from"
    )
    wanted = lower[["series_id", "period"]].drop_duplicates()
    joined = wanted.merge(rows, on="series_id")
    starts = joined["period"].dt.start_time
    inside = (pd.to_datetime(joined["valid_from"]).fillna(starts) <= starts) & (
        pd.to_datetime(joined["valid_to"]).fillna(starts) >= starts
    )
    known = joined[inside].drop_duplicates(["series_id", "period"], keep="last")
    return known[["series_id", "parent", "period"]]


def _statistical(above: pd.DataFrame, actuals: pd.DataFrame) -> pd.DataFrame:
    """What the history alone said of the same months, from the same origins."""
    from workbench.forecasting.forecaster import forecast

    columns = ["series_id", "level", "period", "horizon", "actual"]
    wanted = above[columns].drop_duplicates(["series_id", "period", "horizon"])
    history = actuals[actuals["series_id"].isin(wanted["series_id"].unique())]
    rows = []
    for origin, group in wanted.groupby(wanted["period"] - wanted["horizon"], sort=True):
        known = history[history["period"] <= origin].sort_values("period")
        spans = known.groupby("series_id")["period"].agg(["size", "last"])
        ready = spans.index[(spans["size"] >= LEAST_HISTORY) & (spans["last"] == origin)]
        mine = group[group["series_id"].isin(ready)]
        if mine.empty:
            continue
        panel = known[known["series_id"].isin(ready)].rename(columns={"actual": "value"})
        made = forecast(panel, int(mine["horizon"].max()))
        place = {name: number for number, name in enumerate(made.panel.ids)}
        at = mine["series_id"].map(place).to_numpy(int)
        points = made.points[at, mine["horizon"].to_numpy(int) - 1]
        rows.append(mine.assign(stage="statistical", forecast=points))
    if not rows:
        return pd.DataFrame(columns=[*columns, "stage", "forecast"])
    return pd.concat(rows, ignore_index=True)
