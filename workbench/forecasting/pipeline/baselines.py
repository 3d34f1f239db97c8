"""What a forecast from open deals must beat: stage-weighted sums and forecast categories.

Both are what sales teams do by hand. The weights of stages come from the company's settings (as
typed into the CRM) or are the shares won in the past; categories are summed as stated, and as
past pictures of the same category came true.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.company import Company
from workbench.errors import NotIdentifiedError
from workbench.forecasting.pipeline.features import WON, Pictures, month_start

Floats = NDArray[np.float64]
CATEGORIES = ("commit", "best_case", "pipeline", "omitted", "unknown")


def typed_weights(company: Company) -> pd.Series:
    """Probability of each open stage as set in `company.yaml`.

    Raises
    ------
    NotIdentifiedError
        If no stage has one.
    """
    known = {
        stage.code: stage.probability
        for stage in company.settings.stages
        if stage.status == "open" and stage.probability is not None
    }
    if not known:
        raise NotIdentifiedError(
            "no stage has a probability",
            where="stages in company.yaml",
            do="set `probability` there, or use weights learned from the past",
        )
    return pd.Series(known, name="weight", dtype=float)


def learned_weights(
    pictures: Pictures, ends: pd.DataFrame, *, origin: int, horizon: int = 12
) -> pd.Series:
    """Share of pictures of each stage won within a horizon, from those an origin can judge."""
    rows, won = _judged(pictures, ends, origin=origin, horizon=horizon)
    return pd.Series(won, index=rows.index).groupby(rows["stage"]).mean().rename("weight")


def stage_weighted(
    rows: pd.DataFrame, weights: pd.Series, *, origin: int, horizon: int = 12
) -> pd.DataFrame:
    """Sum of amount x weight of the stage, in the month of the stated close.

    A stated close that has passed counts in the first month ahead; one beyond the horizon, or
    none, counts in no month.

    Returns
    -------
    pandas.DataFrame
        period, mean, deals.
    """
    value = rows["amount"].fillna(0).to_numpy(float)
    weight = rows["stage"].map(weights).fillna(0.0).to_numpy(float)
    sums, deals = _by_stated_month(rows, value * weight, origin, horizon)
    return pd.DataFrame({"period": _periods(origin, horizon), "mean": sums, "deals": deals})


def category_sums(
    rows: pd.DataFrame, yields: pd.DataFrame | None = None, *, origin: int, horizon: int = 12
) -> pd.DataFrame:
    """Stated amounts by forecast category, and what they are worth by past yield.

    Returns
    -------
    pandas.DataFrame
        period, forecast_category, deals, stated, and with `yields` mean (stated x yield).
    """
    found = []
    for category in [name for name in CATEGORIES if (rows["forecast_category"] == name).any()]:
        mine = rows[rows["forecast_category"] == category]
        value = mine["amount"].fillna(0).to_numpy(float)
        sums, deals = _by_stated_month(mine, value, origin, horizon)
        found.append(
            pd.DataFrame(
                {
                    "period": _periods(origin, horizon),
                    "forecast_category": category,
                    "deals": deals,
                    "stated": sums,
                }
            )
        )
    out = pd.concat(found, ignore_index=True)
    if yields is not None:
        share = out["forecast_category"].map(yields.set_index("forecast_category")["yielded"])
        out["mean"] = out["stated"] * share.fillna(0.0)
    return out


def category_yields(
    pictures: Pictures, ends: pd.DataFrame, *, origin: int, horizon: int = 12
) -> pd.DataFrame:
    """What past pictures of each category came to.

    Returns
    -------
    pandas.DataFrame
        forecast_category, pictures, stated, won (amount within the horizon), yielded (won over
        stated), share_won (of deals).
    """
    rows, won = _judged(pictures, ends, origin=origin, horizon=horizon)
    told = pd.DataFrame(
        {
            "forecast_category": rows["forecast_category"].to_numpy(),
            "stated": rows["amount"].fillna(0).to_numpy(float),
            "won": np.where(won, rows["amount"].fillna(0).to_numpy(float), 0.0),
            "share_won": won.astype(float),
            "pictures": 1,
        }
    )
    how = {"pictures": "sum", "stated": "sum", "won": "sum", "share_won": "mean"}
    out = told.groupby("forecast_category").agg(how)
    out["yielded"] = out["won"] / out["stated"].where(out["stated"] > 0)
    order = [name for name in CATEGORIES if name in out.index]
    return out.reindex(order).reset_index()


def won_within(rows: pd.DataFrame, ends: pd.DataFrame, horizon: int) -> NDArray[np.bool_]:
    """Whether each picture's deal was won in the months after it, up to a horizon."""
    known = ends[ends["end"] == WON].set_index("opportunity_id")["month"]
    month = rows["opportunity_id"].map(known).to_numpy(float)
    after = month - rows["month"].to_numpy(float)
    return np.asarray((after >= 1) & (after <= horizon))


def _judged(
    pictures: Pictures, ends: pd.DataFrame, *, origin: int, horizon: int
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    rows = pictures.rows
    rows = rows[rows["month"] <= origin - horizon].reset_index(drop=True)
    if rows.empty:
        raise NotIdentifiedError(
            f"no picture is {horizon} months old",
            where="opportunity_snapshot",
            do="judge a shorter horizon, or keep pictures for longer",
        )
    return rows, won_within(rows, ends[ends["month"] <= origin], horizon)


def _by_stated_month(
    rows: pd.DataFrame, value: Floats, origin: int, horizon: int
) -> tuple[Floats, NDArray[np.int64]]:
    stated = rows["month"].to_numpy(float) + rows["close_in"].to_numpy(float) - origin
    ahead = np.where(np.isfinite(stated), np.maximum(stated, 1), horizon + 1).astype(np.int64)
    kept = ahead <= horizon
    sums = np.bincount(ahead[kept] - 1, weights=value[kept], minlength=horizon)
    return sums.astype(float), np.bincount(ahead[kept] - 1, minlength=horizon)


def _periods(origin: int, horizon: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([month_start(origin + number + 1) for number in range(horizon)])
