"""What judgement added: the company's figure stage by stage, and whom naive would have beaten."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.judgement import (
    Gate,
    ValueAdded,
    add_up,
    bias_tests,
    from_entries,
    naive_figures,
    use_naive,
    value_added,
)
from workbench.forecasting.outlook.scope import Scope
from workbench.kpis import kpi

COMPANY = "company"
#: Months scored, the latest ones.
MONTHS = 24
#: Months of history a statistical figure needs.
LEAST_HISTORY = 18


@dataclass(frozen=True)
class People:
    """Value that judgement added.

    Attributes
    ----------
    kpi : str
        KPI of the entries.
    staircase : ValueAdded
        Company, by months ahead.
    gate : Gate or None
        Reps tested against naive.
    bias : pandas.DataFrame
        Of each stage and months ahead, company.
    left_out : pandas.DataFrame
        Entries that give no figure.
    """

    kpi: str
    staircase: ValueAdded
    gate: Gate | None
    bias: pd.DataFrame
    left_out: pd.DataFrame


def people(looked: Scope) -> People:
    """Score the entries of the KPI that most stages have spoken of.

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
    figures = read.figures
    known = figures.dropna(subset=["actual"])
    known = known[known["period"] > pd.Period(looked.last, freq="M") - MONTHS]
    if known.empty:
        raise NotIdentifiedError(
            "no forecast entry is about a month that is over",
            where="forecast_entry",
            do="keep entries; they are scored once their month is over",
        )
    figures = figures[figures["period"].isin(known["period"].unique())]
    company = _company(figures, actuals)
    plain = naive_figures(company, actuals)
    model = _statistical(company, actuals, looked)
    steps = value_added(
        pd.concat([plain, model, company], ignore_index=True), by=("level", "horizon")
    )
    return People(name, steps, _gate(known, actuals), _bias(company), read.left_out)


def _spoken_of(entries: pd.DataFrame) -> str:
    steps = entries.groupby("kpi_id")["step"].nunique().sort_index()
    steps = steps[steps.index.isin(["revenue_net", "bookings", "collections"])]
    if steps.empty:
        raise NotIdentifiedError(
            "no forecast entry is about revenue, bookings or collections",
            where="forecast_entry.kpi_id",
            do="name the KPI of each entry",
        )
    return str(steps.idxmax())


def _actuals(looked: Scope, name: str) -> pd.DataFrame:
    """What came, by rep, team and for the company; series_id, period, actual."""
    parts = []
    # naive and entries need the months scored and a year before; the model all there are
    lately = pd.Timestamp(looked.day) - pd.DateOffset(months=MONTHS + 15)
    long_ago = pd.Timestamp(looked.day) - pd.DateOffset(years=10)
    company = looked.company.at_the_time()
    for by in ((), ("team_id",), ("rep_id",)):
        start = lately if by else long_ago
        rows = kpi(company, name, start=start, end=looked.day, by=("month", *by)).table()
        ids = rows[by[0]] if by else COMPANY
        parts.append(
            pd.DataFrame(
                {
                    "series_id": ids,
                    "period": pd.PeriodIndex(rows["month"], freq="M"),
                    "actual": rows["value"].astype(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).dropna(subset=["series_id", "actual"])


def _company(figures: pd.DataFrame, actuals: pd.DataFrame) -> pd.DataFrame:
    """Entries of lower levels added up to the company, beside its own."""
    own = figures[figures["level"] == COMPANY]
    lower = figures[figures["level"] != COMPANY]
    if lower.empty:
        return own
    parents = lower[["series_id"]].drop_duplicates().assign(parent=COMPANY)
    summed = add_up(lower, parents, actuals, level=COMPANY).drop(columns="parts")
    # a stage that has spoken for the company itself is not added up
    summed = summed[~summed["stage"].isin(own["stage"])]
    return pd.concat([summed, own[summed.columns]], ignore_index=True)


def _statistical(company: pd.DataFrame, actuals: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    """What the history alone said of the same months, from the same origins."""
    from workbench.forecasting.forecaster import forecast

    series = actuals[actuals["series_id"] == COMPANY].set_index("period")["actual"].sort_index()
    wanted = company[["series_id", "level", "period", "horizon", "actual"]].drop_duplicates(
        ["series_id", "period", "horizon"]
    )
    rows = []
    for origin, group in wanted.groupby(wanted["period"] - wanted["horizon"], sort=True):
        known = series[series.index <= origin]
        if len(known) < LEAST_HISTORY or known.index[-1] != origin:
            continue
        panel = pd.DataFrame(
            {"series_id": COMPANY, "period": known.index, "value": known.to_numpy()}
        )
        points = forecast(panel, int(group["horizon"].max())).points[0]
        rows.append(group.assign(stage="statistical", forecast=points[group["horizon"] - 1]))
    if not rows:
        return company.iloc[:0]
    return pd.concat(rows, ignore_index=True)[list(company.columns[:7])]


def _gate(known: pd.DataFrame, actuals: pd.DataFrame) -> Gate | None:
    """Reps whose figure for the next month naive would have beaten."""
    reps = known[(known["level"] == "rep") & (known["stage"] == "rep") & (known["horizon"] == 1)]
    if reps.empty:
        return None
    plain = naive_figures(reps, actuals)
    both = pd.concat([plain, reps[plain.columns]], ignore_index=True)
    return use_naive(both, used="rep")


def _bias(company: pd.DataFrame) -> pd.DataFrame:
    known = company.dropna(subset=["actual"])
    return bias_tests(known, by=("stage", "horizon"))
