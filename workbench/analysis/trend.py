"""Trend: revenue by month, and growth compared in three ways.

Plain year on year misleads where New Year moves between January and February, or a month has a
working day more. Beside it stand

- per working day: (revenue / working days) now against then;
- New-Year-aligned: working days near the New Year are weighted with what they are worth in this
  company. The weight of a week before or after the New Year is its revenue a working day over
  that of the normal weeks of the same year's first half, the geometric mean over the years in the
  data, pulled a little to 1 where few years speak. Growth is then revenue per weighted day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.analysis.measure import Asked, measure
from workbench.analysis.scope import Scope, Window, month_of
from workbench.calendars import WorkingCalendar, chinese_new_year

LONG = 25  # months that a long view shows
WEEKS = range(-5, 4)  # weeks around New Year's day that get a weight of their own
PULL = 0.25  # years of evidence that "normal" counts for
LEAST = 0.02  # a week is worth at least this, so that its logarithm exists


@dataclass(frozen=True)
class Comparison:
    """Growth of one measure over the window, on three bases.

    Attributes
    ----------
    plain, working_day, new_year : float or None
        Growth as a share; None where the prior period is missing, zero or negative.
    working_days : (int, int)
        Working days of the prior period and of this one.
    """

    plain: float | None
    working_day: float | None
    new_year: float | None
    working_days: tuple[int, int]

    def table(self) -> pd.DataFrame:
        """basis, growth."""
        rows = [(basis, getattr(self, basis)) for basis in ("plain", "working_day", "new_year")]
        return pd.DataFrame(rows, columns=["basis", "growth"])


def daily_revenue(scope: Scope) -> pd.Series:
    """Revenue net of VAT by day, every day from the first to the end of the window.

    Rebates are booked at the end of their period and would spoil daily comparisons: left out.
    """
    days = scope.company.sql_once(
        f"select day, sum(net) as net from {scope.lines} where day <= date '{scope.now.end}'"
        " group by day order by day",
        money="float",
    )
    series = pd.Series(days["net"].to_numpy(), pd.DatetimeIndex(days["day"]), name="net")
    return series.asfreq("D", fill_value=0.0) if len(series) else series


def monthly(scope: Scope, *, months: int | None = None) -> pd.DataFrame:
    """Revenue by month beside last year's and the plan.

    Parameters
    ----------
    months : int, optional
        How many months up to the end of the window; the months of the window by default.

    Returns
    -------
    pandas.DataFrame
        month (first day), net, last_year, plan; base currency without VAT, missing where unknown.
    """
    count = months or _months(scope)
    reach = _reach(scope, count)
    found = measure(scope, "revenue_net", by=("month",), over=reach).set_index("month")["value"]
    last = month_of(scope.now.end, scope.company.settings.closing_day)
    index = pd.date_range(end=last, periods=count, freq="MS", name="month")
    year_ago = index - pd.DateOffset(years=1)
    plan = planned(scope).reindex(index)
    return pd.DataFrame(
        {
            "month": index,
            "net": found.reindex(index).to_numpy(),
            "last_year": found.reindex(year_ago).to_numpy(),
            "plan": plan.to_numpy(),
        }
    )


def asks(scope: Scope) -> list[Asked]:
    """KPIs of the months that a study shows."""
    reaches = [_reach(scope, count) for count in (_months(scope), LONG)]
    return [Asked("revenue_net", by=("month",), over=reach) for reach in reaches]


def _months(scope: Scope) -> int:
    return max(1, round(scope.now.days / 30.44))


def _reach(scope: Scope, months: int) -> Window:
    return Window(_first_of(scope.now.end, months + 12), scope.now.end)


def _first_of(day: dt.date, months_back: int) -> dt.date:
    count = day.year * 12 + day.month - 1 - months_back
    return dt.date(count // 12, count % 12 + 1, 1)


def planned(scope: Scope) -> pd.Series:
    """Base target of net revenue by month; empty where there is no target table."""
    empty = pd.Series(dtype="float64", index=pd.DatetimeIndex([]))
    if not scope.company.has("target"):
        return empty
    level = "level = 'region' and " + scope.chosen("node") if scope.regions else "level = 'company'"
    rows = scope.company.sql_once(
        f"""select period_start as month, sum(value) as value from target
        where kpi_id = 'revenue_net' and tier = 'base' and product_line = 'all' and {level}
          and period_end < period_start + interval 32 day
        group by 1 order by 1""",
        money="float",
    )
    return rows.set_index("month")["value"] if len(rows) else empty


def two_months_together(table: pd.DataFrame) -> pd.DataFrame:
    """Join January and February of a monthly table: New Year moves between them.

    Returns
    -------
    pandas.DataFrame
        The same columns and months (1 or 2: how many months the row covers). A lone January
        stays as it is.
    """
    year, month = table["month"].dt.year, table["month"].dt.month
    pair = month.isin([1, 2]) & year.map(month.isin([1, 2]).groupby(year).sum()).eq(2)
    key = table["month"].where(~pair, pd.to_datetime(year.astype(str) + "-01-01"))
    values = [column for column in table.columns if column != "month"]
    joined = table.groupby(key.rename("month"))[values].sum(min_count=1)
    joined["months"] = table.groupby(key)["month"].count().to_numpy()
    return joined.reset_index()


def compare(
    daily: pd.Series, now: Window, *, calendar: WorkingCalendar, prior: Window | None = None
) -> Comparison:
    """Growth of a daily series over a window against the year before, on three bases.

    Parameters
    ----------
    daily : Series with a daily DatetimeIndex
        The measure.
    now, prior : Window
        Window and its comparison; the same days a year ago by default.
    """
    prior = prior or now.back()
    before, after = _total(daily, prior), _total(daily, now)
    days = tuple(int(calendar.working_days(w.start, w.end)) for w in (prior, now))
    if before is None or after is None or before <= 0:
        return Comparison(None, None, None, (days[0], days[1]))
    weights = new_year_weights(daily, calendar=calendar)
    worth = [_worth(window, weights, calendar) for window in (prior, now)]
    return Comparison(
        plain=after / before - 1,
        working_day=(after / days[1]) / (before / days[0]) - 1,
        new_year=(after / worth[1]) / (before / worth[0]) - 1,
        working_days=(days[0], days[1]),
    )


def new_year_weights(daily: pd.Series, *, calendar: WorkingCalendar) -> pd.Series:
    """What a working day is worth in each week around the New Year, normal days being 1.

    Returns
    -------
    pandas.Series
        Index week (0 begins on New Year's day), values weight.
    """
    total = pd.Series(0.0, index=list(WEEKS))
    years = pd.Series(0.0, index=list(WEEKS))
    days = pd.DatetimeIndex(daily.index)
    for year in sorted(set(days.year)):
        half = daily[f"{year}-01-01" : f"{year}-06-30"]
        if len(half) < 150:
            continue
        there = pd.DatetimeIndex(half.index)
        working = calendar.is_working(there.to_numpy().astype("datetime64[D]"))
        week = _week(there, chinese_new_year(year))
        amounts = half.to_numpy()
        usual = amounts[working & ~np.isin(week, list(WEEKS))]
        normal = usual.mean() if len(usual) else 0.0
        for number in WEEKS:
            here = working & (week == number)
            if here.any() and normal > 0:
                total[number] += np.log(max(amounts[here].mean() / normal, LEAST))
                years[number] += 1
    return (total / (years + PULL)).map(np.exp)


def _week(days: pd.DatetimeIndex, new_year: dt.date) -> np.ndarray:
    return (days - pd.Timestamp(new_year)).days.to_numpy() // 7


def _total(daily: pd.Series, window: Window) -> float | None:
    if daily.empty or daily.index[0] > pd.Timestamp(window.start) + pd.Timedelta(days=31):
        return None
    return float(daily[str(window.start) : str(window.end)].sum())


def _worth(window: Window, weights: pd.Series, calendar: WorkingCalendar) -> float:
    days = pd.date_range(window.start, window.end)
    working = calendar.is_working(days.to_numpy().astype("datetime64[D]"))
    worth = np.ones(len(days))
    for year in sorted(set(days.year)):
        week = _week(days, chinese_new_year(year))
        for number, weight in weights.items():
            worth[week == number] = weight
    return float(worth[working].sum())
