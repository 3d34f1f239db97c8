"""Tables of fans: what came, and quantiles of what may come."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.scope import Scope

#: Closed months shown before the fan opens.
BEFORE = 2
#: Ends of a fan by column.
SHARES = {"median": 0.5, "low50": 0.25, "high50": 0.75, "low80": 0.1, "high80": 0.9,
          "low95": 0.025, "high95": 0.975}  # fmt: skip


def cumulated(
    looked: Scope, history: pd.Series, draws: Floats, last_year: pd.Series
) -> pd.DataFrame:
    """Table of a fan: months from shortly before today, all cumulated from the beginning.

    Parameters
    ----------
    history : pandas.Series
        By month.
    draws : numpy.ndarray, shape (draws, horizon)
    last_year : pandas.Series
        All months of the total, by the month compared with; dropped where months lack.

    Returns
    -------
    pandas.DataFrame
        period, actual, the columns of `SHARES` from the last closed month on, last_year.
    """
    done = history[history.index.isin(looked.done)].cumsum()
    start = float(done.iloc[-1]) if len(done) else 0.0
    if not len(done):
        done = pd.Series([start], index=pd.DatetimeIndex([looked.last]))
    shown = done.iloc[-1 - BEFORE :]
    ahead = looked.horizon
    paths = start + draws.cumsum(axis=1)
    ends = np.quantile(paths, list(SHARES.values()), axis=0)
    closed = len(shown) - 1  # the fan opens at the last closed month
    months = shown.index.append(looked.months)
    columns = {
        "period": months,
        "actual": np.append(shown.to_numpy(float), np.full(ahead, np.nan)),
    }
    for name, end in zip(SHARES, ends, strict=True):
        columns[name] = np.concatenate([np.full(closed, np.nan), [start], end])
    if last_year.notna().all():
        columns["last_year"] = last_year.cumsum().reindex(months).to_numpy()
    return pd.DataFrame(columns)
