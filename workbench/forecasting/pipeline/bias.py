"""Bias of submissions: how what people say turns out, by person, shrunk to that of all.

The log of actual over submitted, each month of a person one observation, is normal around the
person's own bias; biases are normal around that of all. A person with few months is drawn to the
mean of all, one with many keeps his own. Months ahead are estimated apart: far ahead people are
hopeful, near the month they keep a reserve.

References
----------
- Efron and Morris (1975), "Data analysis using Stein's estimator and its generalizations",
  JASA 70, eq. 2.6-2.8 (normal means with a normal prior).
- DerSimonian and Laird (1986), "Meta-analysis in clinical trials", Controlled Clinical Trials 7,
  eq. 8 (spread of the means by moments).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.company import Company
from workbench.errors import InputError, NotIdentifiedError
from workbench.forecasting.pipeline.baselines import won_within
from workbench.forecasting.pipeline.features import Pictures
from workbench.forecasting.pipeline.level import frailty

Floats = NDArray[np.float64]
NEEDED = ("who", "submitted", "actual")
COLUMNS = ["who", "count", "raw", "ratio", "low", "high", "weight", "all"]
LARGEST = 3.0  # log ratios beyond it are taken as it: one mistyped figure must not rule a person


def bias(told: pd.DataFrame, *, by: tuple[str, ...] = ("lead",)) -> pd.DataFrame:
    """Shrunk ratio of actual to submitted by person.

    Parameters
    ----------
    told : pandas.DataFrame
        who, submitted, actual (money, any one unit), and the columns of `by` within which
        persons are compared (months ahead, forecast category). Rows with nothing submitted
        are left out; nothing actual counts as a twentieth of what was submitted.
    by : tuple of str
        Columns that part the estimate; may be empty.

    Returns
    -------
    pandas.DataFrame
        columns of `by`, who, count, raw (ratio as it was), ratio (shrunk: multiply a submission
        by it), low, high (80% range of the ratio), weight (of the person's own record, 0 to 1),
        all (ratio of all persons together).

    Raises
    ------
    InputError
        If a column is missing.
    NotIdentifiedError
        If no row has anything submitted.
    """
    missing = [name for name in (*NEEDED, *by) if name not in told.columns]
    if missing:
        raise InputError(
            f"submissions lack the column {missing[0]}",
            where=f"columns {', '.join(map(str, told.columns))}",
            do=f"give {', '.join((*NEEDED, *by))}",
        )
    used = told[(told["submitted"] > 0) & told["actual"].notna()]
    if used.empty:
        raise NotIdentifiedError(
            "nothing was submitted that has come due",
            where="submissions",
            do="keep submissions until their months are over",
        )
    share = np.maximum(used["actual"] / used["submitted"], 0.05)
    used = used.assign(log=np.clip(np.log(share), -LARGEST, LARGEST))
    if not by:
        return _shrunk(used)
    parts = []
    for label, rows in used.groupby(list(by), sort=True):
        found = _shrunk(rows)
        values: list[Any] = list(label)
        for name, value in zip(by, values, strict=True):
            found[name] = value
        parts.append(found[[*by, *COLUMNS]])
    return pd.concat(parts, ignore_index=True)


def submissions(
    company: Company, actual: pd.DataFrame, *, step: str = "rep", kpi: str = "revenue_net"
) -> pd.DataFrame:
    """Past submissions of table forecast_entry beside what came.

    Parameters
    ----------
    actual : pandas.DataFrame
        who (rep, team or "company", as `node` of the table), month (first day), actual (money on
        the tax basis of the submissions).
    step : {"rep", "manager", "final"}
    kpi : str
        Which figure was forecast.

    Returns
    -------
    pandas.DataFrame
        who, month, lead (months from the submission to the month), submitted, actual; only
        months that `actual` holds, missing persons within them had nothing.
    """
    rows = company.sql(
        """select node as who, date_trunc('month', period_start) as month,
            datediff('month', entry_date, period_start) as lead, sum(value) as submitted
        from forecast_entry where step = ? and kpi_id = ? and coalesce(product_line, 'all') = 'all'
            and forecast_category is null
        group by 1, 2, 3 order by 1, 2, 3""",
        [step, kpi],
        money="float",
    )
    months = pd.to_datetime(actual["month"])
    rows = rows[rows["month"].isin(months)]
    out = rows.merge(actual.assign(month=months), on=["who", "month"], how="left")
    return out.assign(actual=out["actual"].fillna(0.0))


def category_bias(
    pictures: Pictures, ends: pd.DataFrame, *, origin: int, horizon: int = 3
) -> pd.DataFrame:
    """How often what a rep puts into each category is won, shrunk to the share of all reps.

    Deals of one rep and month are few, so counts are shrunk (gamma frailty, `level.py`), not
    ratios of money.

    Returns
    -------
    pandas.DataFrame
        forecast_category, who (rep), deals (pictures), won (within the horizon), all (share won
        of all reps), raw (own share), share (shrunk).
    """
    rows = pictures.rows[pictures.rows["month"] <= origin - horizon]
    won = won_within(rows, ends[ends["month"] <= origin], horizon)
    told = rows.assign(won=won, deals=1).rename(columns={"rep_id": "who"})
    sums = told.groupby(["forecast_category", "who"])[["deals", "won"]].sum().reset_index()
    parts = []
    for _, mine in sums.groupby("forecast_category", sort=True):
        overall = mine["won"].sum() / mine["deals"].sum()
        expected = np.maximum(overall * mine["deals"].to_numpy(float), 1e-9)
        effect = frailty(mine["won"].to_numpy(float), expected)
        share = np.minimum(overall * np.exp(effect), 1.0)
        parts.append(mine.assign(all=overall, raw=mine["won"] / mine["deals"], share=share))
    return pd.concat(parts, ignore_index=True)


def _shrunk(rows: pd.DataFrame) -> pd.DataFrame:
    groups = rows.groupby("who", sort=True)["log"]
    mean, count = groups.mean().to_numpy(), groups.size().to_numpy().astype(float)
    noise = _within(rows, count)
    own = noise / count
    between = _between(mean, own)
    pull = 1 / (between + own)
    middle = float(np.sum(pull * mean) / np.sum(pull))
    weight = between / (between + own)
    log = middle + weight * (mean - middle)
    spread = 1.2816 * np.sqrt(weight * own)
    return pd.DataFrame(
        {
            "who": groups.mean().index,
            "count": count.astype(np.int64),
            "raw": np.exp(mean),
            "ratio": np.exp(log),
            "low": np.exp(log - spread),
            "high": np.exp(log + spread),
            "weight": weight,
            "all": np.exp(middle),
        }
    )


def _within(rows: pd.DataFrame, count: Floats) -> float:
    """Variance of one month around the person's mean, pooled."""
    left = rows["log"] - rows.groupby("who")["log"].transform("mean")
    freedom = count.sum() - len(count)
    pooled = float((left**2).sum() / freedom) if freedom > 0 else float(rows["log"].var(ddof=0))
    return max(pooled, 1e-8)


def _between(mean: Floats, own: Floats) -> float:
    """Variance of persons around the mean of all, by moments; 0 where chance explains it."""
    if len(mean) < 2:
        return 0.0
    weight = 1 / own
    middle = np.sum(weight * mean) / np.sum(weight)
    excess = np.sum(weight * (mean - middle) ** 2) - (len(mean) - 1)
    return float(max(excess / (np.sum(weight) - np.sum(weight**2) / np.sum(weight)), 0.0))
