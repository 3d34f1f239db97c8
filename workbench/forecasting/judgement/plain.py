"""The first stage of the staircase: what one would have said without any forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ParameterError
from workbench.forecasting.judgement.figures import (
    COLUMNS,
    as_periods,
    need,
    period_length,
    with_actuals,
)

if TYPE_CHECKING:
    import pandas as pd


def naive_figures(
    figures: pd.DataFrame, actuals: pd.DataFrame, *, season: int = 12
) -> pd.DataFrame:
    """Say of each series, period and horizon what was last known of the same season.

    Parameters
    ----------
    figures : DataFrame
        `figures.COLUMNS`; only which series, periods and horizons there are is used.
    actuals : DataFrame
        series_id, period, actual, from a season before the first period on.
    season : int
        Periods in a season; 1 repeats the last value known.

    Returns
    -------
    DataFrame
        `figures.COLUMNS` with stage "naive"; rows whose past is not known are left out.

    Raises
    ------
    InputError
        If columns are missing.
    ParameterError
        If the season is shorter than one period.

    Notes
    -----
    y_(t - m s) with the least m for which m s reaches back to the origin t - h: what was made in a
    period may use that period, as entries made on its last day do. Hyndman and Athanasopoulos
    (2021), "Forecasting: Principles and Practice", section 5.2.
    """
    if season < 1:
        raise ParameterError(f"a season has no {season} periods", where="season", do="give 1, 12 …")
    need(figures, *COLUMNS, what="figures")
    freq = period_length(figures)
    rows = figures[["series_id", "level", "period", "horizon", "actual"]].drop_duplicates(
        ["series_id", "period", "horizon"]
    )
    back = season * np.maximum(-(-rows["horizon"].to_numpy(int) // season), 1)
    periods = as_periods(rows["period"], freq=freq)
    past = rows[["series_id"]].assign(period=periods - back)
    known = with_actuals(past, actuals, freq=freq)["actual"].to_numpy(float)
    found = rows.assign(stage="naive", forecast=known)[list(COLUMNS)]
    return found[np.isfinite(known)].reset_index(drop=True)
