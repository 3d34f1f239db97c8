"""Why the months ahead differ from the same months a year before: causes that add up exactly.

Season falls out, as the same months are compared; `season` shows it beside.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.promotions import Promotions, brought
from workbench.text import mark

CAUSES: dict[str, tuple[str, str]] = {
    "calendar": ("Calendar", "日历"),
    "promotions": ("Promotions", "促销"),
    "trend": ("Trend of regular business", "日常业务趋势"),
    "deals": ("Deals", "商机"),
    "assumed": ("Assumptions", "假设"),
    "adjustment": ("Locks and overrides", "锁定与调整"),
}
#: Months over which the place in the year is averaged.
SEASON_YEARS = 3


def causes(found: Outlook, *, promoted: Promotions | None = None) -> pd.DataFrame:
    """Months ahead against the same months a year before.

    Parameters
    ----------
    found : Outlook
    promoted : Promotions, optional
        What promotions bring; without it they are part of the trend.

    Returns
    -------
    pandas.DataFrame
        cause ("before", the keys of `CAUSES`, "after"), amount: the first and the last are
        totals, what lies between adds up to their difference.

    Raises
    ------
    NotIdentifiedError
        If the months a year before are not in the data.
    """
    months = found.scope.months
    back = months - pd.DateOffset(years=1)
    if not back.isin(found.history.index).all():
        raise NotIdentifiedError(
            mark("the same months a year before are not in the data"),
            where=f"{back[0]:%Y-%m} – {back[-1]:%Y-%m}",
            do=mark("give a longer history"),
        )
    before = float(found.history.loc[back, TOTAL].sum())
    deals_before = float(found.deals_history.loc[back, TOTAL].sum())
    deals = float(found.deals[0].sum()) - deals_before
    regular = float(found.regular.points[0].sum()) - (before - deals_before)
    calendar = _calendar(found, back)
    after = float(found.points[0].sum())
    assumed = float(found.assumed[0].sum())
    adjustment = after - before - deals - regular - assumed
    rows = [("before", before), ("calendar", calendar)]
    trend = regular - calendar
    if promoted is not None:
        then, usual = brought(found, promoted)
        rows.append(("promotions", usual - then))
        trend -= usual - then
    rows += [("trend", trend), ("deals", deals)]
    if found.growth is not None:
        rows.append(("assumed", assumed))
    if found.locks:
        rows.append(("adjustment", adjustment))
    return pd.DataFrame([*rows, ("after", after)], columns=["cause", "amount"])


def season(found: Outlook) -> pd.DataFrame:
    """Each month ahead: its usual share of a year's mean month, and its forecast.

    Returns
    -------
    pandas.DataFrame
        month, usual (mean of up to three years, 1 is the mean month), mean (forecast).
    """
    whole = found.history[TOTAL].tail(12 * SEASON_YEARS)
    level = whole.groupby(np.arange(len(whole))[::-1] // 12).transform("mean")
    shape = (whole / level).groupby(pd.DatetimeIndex(whole.index).month).mean()
    months = found.scope.months
    return pd.DataFrame(
        {
            "month": months,
            "usual": shape.reindex(months.month).to_numpy(),
            "mean": found.points[0],
        }
    )


def families(found: Outlook) -> pd.DataFrame:
    """Families of calendar columns: family, evidence (log odds), kept."""
    effects = found.regular.effects
    if effects is None:
        return pd.DataFrame(columns=["family", "evidence", "kept"])
    return effects.families[["family", "evidence", "kept"]]


def _calendar(found: Outlook, back: pd.DatetimeIndex) -> float:
    """What working days and the New Year bring now, less what they brought a year before."""
    effects = found.regular.effects
    if effects is None:
        return 0.0
    relative = bool(effects.relative[0])
    history, ahead = 0.0, 0.0
    batch = effects.cleaned
    past = np.zeros(int(batch.lengths[0]))
    future = np.zeros(found.scope.horizon)
    for family in effects.families.loc[effects.families["kept"], "family"]:
        mine, to_come = effects.share_of(family)
        past += mine[: len(past)]
        future += to_come[0]
    places = found.history.index.get_indexer(back)
    plain = batch.values[: len(past)][places]
    points = found.regular.points[0]
    if relative:
        history = float((plain * (np.exp(past[places]) - 1)).sum())
        ahead = float((points * (1 - np.exp(-future))).sum())
    else:
        history, ahead = float(past[places].sum()), float(future.sum())
    return ahead - history
