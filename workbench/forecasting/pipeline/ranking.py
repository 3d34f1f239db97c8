"""What a pipeline forecast is made of: its parts, each open deal, the deals that decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from workbench.forecasting.pipeline.forecast import PipelineForecast

Floats = NDArray[np.float64]
SLIPPED_OFTEN = 2
PARTS = ("open", "new", "unseen")
CATEGORIES = ("commit", "best_case", "pipeline", "omitted", "unknown")
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
            slip_chance=_slip_chance(forecast),
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


def _slip_chance(forecast: PipelineForecast) -> Floats:
    """Chance to be neither won nor lost by the end of the stated month; missing outside it."""
    rows = forecast.rows
    ahead = rows["month"].to_numpy(float) + rows["close_in"].to_numpy(float) - forecast.origin
    inside = (ahead >= 1) & (ahead <= forecast.horizon)
    stays = 1 - np.cumsum(forecast.curves.sum(axis=2), axis=1)
    month = np.where(inside, ahead, 1).astype(np.int64) - 1
    return np.where(inside, stays[np.arange(len(rows)), month], np.nan)


def parts(forecast: PipelineForecast, *, draws: int) -> pd.DataFrame:
    """What the sum of all months is made of; as `PipelineForecast.parts`."""
    open_ = forecast.wins(draws)["open"]
    category = forecast.rows["forecast_category"].to_numpy(object)
    found: list[tuple[str, int, float, float, Floats]] = []
    for name in CATEGORIES:
        mine = category == name
        if mine.any():
            kept = mine[open_.deal]
            sums = _summed(open_.draw[kept], open_.amount[kept], draws)
            mean = forecast.amounts[mine] @ forecast.chance[mine]
            found.append(
                (name, int(mine.sum()), float(forecast.stated[mine].sum()), float(mean), sums)
            )
    later = [forecast.wins(draws)[part] for part in PARTS[1:]]
    to_come = np.zeros(draws)
    for wins in later:
        to_come += _summed(wins.draw, wins.amount, draws)
    found.append(("to_come", 0, 0.0, float(forecast.means[1:].sum()), to_come))
    out = pd.DataFrame([each[:4] for each in found], columns=["part", "deals", "stated", "mean"])
    low, high = np.quantile([each[4] for each in found], tails(80), axis=1)
    return out.assign(lo80=low, hi80=high)


def tails(level: int) -> tuple[float, float]:
    """Lower and upper quantile of a range that holds `level` percent."""
    return 0.5 - level / 200, 0.5 + level / 200


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


def _summed(draw: NDArray[np.int64], amount: Floats, draws: int) -> Floats:
    return np.bincount(draw, weights=amount, minlength=draws).astype(float)
