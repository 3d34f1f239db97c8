"""Open deals of a pipeline forecast: what is expected of each, and which decide the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from workbench.forecasting.pipeline.forecast import PipelineForecast

Floats = NDArray[np.float64]
SLIPPED_OFTEN = 2
MOST_TRIED = 200  # deals whose lift is worked out: the others carry next to nothing of the spread


def deals(forecast: PipelineForecast) -> pd.DataFrame:
    """Each open deal, by expected amount; columns as in `PipelineForecast.deals`."""
    rows = forecast.rows
    half = np.argmax(
        np.cumsum(forecast.curves[..., 0], axis=1) >= forecast.chance[:, None] / 2, axis=1
    )
    to_close = pd.to_timedelta(rows["to_close"], unit="D")
    names = ["opportunity_id", "rep_id", "region", "product_line", "stage", "forecast_category"]
    return (
        rows[[*names, "amount"]]
        .assign(
            stated_close=rows["day"] + to_close,
            probability=forecast.chance,
            lost=forecast.curves[..., 1].sum(axis=1),
            typed=rows["typed"],
            month=forecast.periods[half],
            expected=forecast.chance * forecast.amounts,
            slips=rows["slips"].astype(int),
            slipped_often=rows["slips"] >= SLIPPED_OFTEN,
            passed=rows["to_close"] < 0,
            no_amount=rows["amount"].isna(),
        )
        .sort_values(["expected", "opportunity_id"], ascending=[False, True], ignore_index=True)
    )


def deciding(
    forecast: PipelineForecast, *, count: int, target: float | None, months: int, draws: int
) -> pd.DataFrame:
    """The deals that decide the total of the first months; as `PipelineForecast.deciding`."""
    chance = forecast.curves[:, :months, 0].sum(axis=1)
    variance = chance * (1 - chance) * forecast.amounts**2
    share = variance / max(variance.sum(), 1e-12)
    out = forecast.rows[["opportunity_id"]].assign(probability=chance, spread=share)
    if target is not None:
        out["lift"] = _lift(forecast, share, target, months, draws)
    told = deals(forecast).drop(columns="probability")
    out = out.merge(told, on="opportunity_id")
    order = ["spread"] if target is None else ["lift", "spread"]
    ascending = [False] * len(order) + [True]
    out = out.sort_values([*order, "opportunity_id"], ascending=ascending, ignore_index=True)
    return out.head(count)


def _lift(
    forecast: PipelineForecast, share: Floats, target: float, months: int, draws: int
) -> Floats:
    """Chance to reach the target if a deal is won, less that if it is not.

    The deal is taken out of each draw and put in again, so that one set of draws serves all.
    """
    total = forecast.totals(draws)[:, :months].sum(axis=1)
    wins = forecast.wins(draws)["open"]
    lift = np.zeros(len(share))
    for deal in np.argsort(-share, kind="stable")[:MOST_TRIED]:
        mine = (wins.deal == deal) & (wins.month < months)
        own = np.bincount(wins.draw[mine], weights=wins.amount[mine], minlength=draws)
        others = total - own
        lift[deal] = np.mean(others + forecast.amounts[deal] >= target) - np.mean(others >= target)
    return lift
