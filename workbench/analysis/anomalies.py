"""Anomalies: days whose revenue the calendar does not explain.

Log revenue of a working day is regressed on what is known beforehand: weekday, month, place in
the month's and quarter's last five working days, weeks around the New Year, the days of the
e-commerce festivals, a linear trend. The fit is robust (Huber's weights), the residual is set
against its median absolute deviation, and days beyond the limit are told, with what they had in
excess. A month end or a festival is therefore no anomaly; an unusual one is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.calendars import WorkingCalendar, chinese_new_year

LIMIT = 4.0  # robust standard deviations
HUBER = 1.345  # 95% efficiency at the normal (Huber 1981)
MAD_TO_SD = 1.4826
LEAST_DAYS = 250
FESTIVALS = {"618": (6, range(1, 21)), "double11": (11, range(1, 13))}


def anomalies(daily: pd.Series, *, calendar: WorkingCalendar, limit: float = LIMIT) -> pd.DataFrame:
    """Days that stand out once the calendar is taken into account.

    Parameters
    ----------
    daily : Series with a daily DatetimeIndex
        Revenue by day.
    limit : float
        How many robust standard deviations a day must lie away.

    Returns
    -------
    pandas.DataFrame
        day, net, expected, excess (net - expected), score (robust standard deviations);
        largest |score| first; empty when there are fewer than 250 working days.
    """
    days = pd.DatetimeIndex(daily.index)
    working = calendar.is_working(days.to_numpy().astype("datetime64[D]"))
    seen = daily[working & (daily > 0).to_numpy()]
    columns = ["day", "net", "expected", "excess", "score"]
    if len(seen) < LEAST_DAYS:
        return pd.DataFrame(columns=columns)
    design = _design(pd.DatetimeIndex(seen.index), days[working])
    target = np.log(seen.to_numpy())
    fitted = design @ _robust(design, target)
    residual = target - fitted
    spread = MAD_TO_SD * np.median(np.abs(residual - np.median(residual)))
    score = (residual - np.median(residual)) / spread
    table = pd.DataFrame(
        {
            "day": seen.index,
            "net": seen.to_numpy(),
            "expected": np.exp(fitted + np.median(residual)),
            "score": score,
        }
    )
    table["excess"] = table["net"] - table["expected"]
    table = table[table["score"].abs() > limit]
    order = table["score"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order, columns].reset_index(drop=True)


def _robust(design: np.ndarray, target: np.ndarray, *, rounds: int = 20) -> np.ndarray:
    """Huber's M-estimate by iteratively reweighted least squares."""
    weights = np.ones(len(target))
    for _ in range(rounds):
        weighted = design * weights[:, None]
        # Normal equations: fifty unknowns, and a day that two columns tell alike is no matter.
        coefficients, *_ = np.linalg.lstsq(weighted.T @ design, weighted.T @ target, rcond=None)
        residual = target - design @ coefficients
        spread = MAD_TO_SD * np.median(np.abs(residual)) or 1.0
        weights = np.minimum(1, HUBER * spread / np.maximum(np.abs(residual), 1e-12))
    return coefficients


def _design(days: pd.DatetimeIndex, working: pd.DatetimeIndex) -> np.ndarray:
    columns = [np.ones(len(days)), (days - days[0]).days.to_numpy() / 365]
    columns += [(days.day_of_week == number).astype(float) for number in range(1, 7)]
    columns += [(days.month == number).astype(float) for number in range(2, 13)]
    place = _from_month_end(days, working)
    quarter_end = days.month.isin([3, 6, 9, 12])
    for number in range(5):
        columns.append(((place == number) & ~quarter_end).astype(float))
        columns.append(((place == number) & quarter_end).astype(float))
    new_year = pd.DatetimeIndex([chinese_new_year(year) for year in days.year])
    week = (days - new_year).days.to_numpy() // 7
    columns += [(week == number).astype(float) for number in range(-4, 3)]
    for month, span in FESTIVALS.values():
        columns.append(((days.month == month) & days.day.isin(list(span))).astype(float))
    design = np.column_stack(columns)
    return design[:, design.any(axis=0)]


def _from_month_end(days: pd.DatetimeIndex, working: pd.DatetimeIndex) -> np.ndarray:
    """How many working days of the month follow each day (0: the last one)."""
    table = pd.Series(1, index=working)
    left = table.groupby([working.year, working.month]).cumcount(ascending=False)
    return left.reindex(days).fillna(99).to_numpy()
