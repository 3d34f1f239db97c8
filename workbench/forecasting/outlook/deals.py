"""What the total is made of, which open deals decide it, and whether the open deals cover the gap.

Everything is counted on the same draws as the total, so parts, chances and deals belong together.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.open_deals import part
from workbench.forecasting.outlook.scope import Scope
from workbench.kpis import kpi

PARTS: dict[str, tuple[str, str]] = {
    "won": ("Booked", "已签"),
    "commit": ("Commit", "承诺"),
    "best_case": ("Best case", "争取"),
    "pipeline": ("Pipeline", "储备"),
    "omitted": ("Left out by reps", "不计入"),
    "unknown": ("No category", "未分类"),
    "to_come": ("Still to be created", "尚待新建"),
    "series": ("Deals by their own history", "按商机历史推算"),
    "regular": ("Without a deal", "日常业务"),
    "assumed": ("Assumptions", "假设"),
    "adjustment": ("Locks and overrides", "锁定与调整"),
}


def parts(found: Outlook) -> pd.DataFrame:
    """What the total is made of.

    Returns
    -------
    pandas.DataFrame
        part (a key of `PARTS`), deals, stated (amount in the picture), measured (share of it
        expected), typed (its mean typed probability by amount), mean, lo80, hi80, deals that are
        won; the last row, "total", is their sum with its own range (ranges do not add up).
    """
    rows = [part("won", float(found.done[TOTAL]))]
    if found.open is not None:
        rows += found.open.parts
        table = found.open.handover.table
        if (table["weight"] < 1).any():
            series = float(((1 - table["weight"]) * table["series"]).sum())
            rows.append(part("series", series, found.apart["series"]))
    # the rest of the draws: locks move them as a whole
    regular = float(found.regular.points[0].sum())
    rows.append(part("regular", regular, found.apart["regular"]))
    if found.growth is not None:
        rows.append(part("assumed", float(found.assumed[0].sum())))
    gap = float(found.mean[0]) - sum(row["mean"] for row in rows)
    if found.locks:
        rows.append(part("adjustment", gap))
    low, high = found.quantiles([0.1, 0.9])
    total = part("total", float(found.mean[0])) | {"lo80": low, "hi80": high}
    return pd.DataFrame([*rows, total])


def deciding(found: Outlook, target: float, *, count: int = 10) -> pd.DataFrame:
    """Open deals on which the chance to reach a target hangs most.

    Parameters
    ----------
    found : Outlook
        With a pipeline.
    target : float
        Of the whole total.
    count : int
        How many.

    Returns
    -------
    pandas.DataFrame
        opportunity_id, lift (chance with the deal won less the chance as it stands), probability
        (won within the months), amount, stage, region, rep_id, month, slips, slipped_often,
        passed, forecast_category, name and account where the tables have them; by lift.

    Notes
    -----
    A deal is taken out of each draw and put in at its expected amount, all else being equal; in
    months ahead where the deals' time series counts as well, by the pipeline's weight. Those with
    the largest probability x lift are taken: a deal that would lift the chance, but will hardly be
    won, decides nothing.
    """
    assert found.open is not None
    tried = found.open.tried
    short = target - found.total()
    now = np.count_nonzero(short <= 0) / len(short)
    lift = np.count_nonzero(found.gained >= short, axis=1) / len(short) - now
    weight = np.maximum(lift, 0) * tried["probability"].to_numpy(float)
    spread, names = tried["spread"].to_numpy(float), tried["opportunity_id"].to_numpy(str)
    most = np.lexsort((names, -spread, -weight))[:count]
    order = most[np.lexsort((names[most], -spread[most], -lift[most]))]
    return tried.iloc[order].assign(lift=lift[order]).reset_index(drop=True)


def coverage(found: Outlook, targets: pd.DataFrame) -> pd.DataFrame:
    """Whether open deals cover what deals still have to bring for the base target.

    Returns
    -------
    pandas.DataFrame
        node (the company and regions), target, missing (target less what is booked and what
        regular business is expected to bring, growth assumed in it), open (stated amount of deals
        expected to close in the months), coverage (open over missing; none where nothing is
        missing), needed (1 over the share of closed amounts won in the last twelve months).
    """
    assert found.open is not None
    regular = found.grown(found.regular.points).sum(axis=1)
    base = targets[targets["tier"] == "base"]
    target = dict(zip(base["node"], base["target"].astype(float), strict=True))
    rows = []
    for place, node in enumerate(found.nodes):
        if node not in target or node not in found.open.cover:
            continue
        missing = target[node] - float(found.done[node]) - float(regular[place])
        there, needed = found.open.cover[node]
        rows.append(
            {
                "node": node,
                "target": target[node],
                "missing": max(missing, 0.0),
                "open": there,
                "coverage": there / missing if missing > 0 else np.nan,
                "needed": needed,
            }
        )
    return pd.DataFrame(rows)


def slippage(looked: Scope) -> dict[str, float]:
    """Share of deals expected in a month that moved beyond it, by the KPI dictionary.

    Returns
    -------
    dict of str to float
        rate (of the last twelve months together), before (of the twelve before).

    Raises
    ------
    MissingTableError
        If there are no pictures of deals.
    """
    looked.company.require("opportunity", "opportunity_snapshot")
    rates = {}
    for name, back in (("rate", 0), ("before", 12)):
        last = looked.last - pd.DateOffset(months=back)
        first = last - pd.DateOffset(months=11)
        found = kpi(
            looked.company,
            "slippage_rate",
            start=looked.calendar.month_period(first.year, first.month).start,
            end=looked.closing(last),
            by="month",
        ).table()
        whole = float(found["denominator"].sum())
        rates[name] = float(found["numerator"].sum()) / whole if whole else np.nan
    return rates
