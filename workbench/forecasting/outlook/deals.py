"""What the total is made of, which open deals decide it, and whether the open deals cover the gap.

Everything is counted on the same draws as the total, so parts, chances and deals belong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.scope import Scope
from workbench.kpis import kpi

if TYPE_CHECKING:
    from workbench.forecasting.pipeline.forecast import PipelineForecast
    from workbench.forecasting.pipeline.simulate import Wins

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
#: Open deals whose lift is worked out: the others carry next to nothing of the spread.
MOST_TRIED = 200


def parts(found: Outlook) -> pd.DataFrame:
    """What the total is made of.

    Returns
    -------
    pandas.DataFrame
        part (a key of `PARTS`), deals, stated (amount in the picture), measured (share of it
        expected), typed (its mean typed probability by amount), mean, lo80, hi80, deals that are
        won; the last row, "total", is their sum with its own range (ranges do not add up).
    """
    count = len(found.draws)
    rows = [_row("won", float(found.done[TOTAL]))]
    if found.pipeline is not None:
        rows += _open_parts(found, found.pipeline, count)
    # the rest of the draws: locks move them as a whole
    regular = float(found.regular.points[0].sum())
    rows.append(_row("regular", regular, found.apart["regular"]))
    if found.plain is not None:
        rows.append(_row("assumed", float(found.assumed[0].sum())))
    gap = float(found.mean[0]) - sum(row["mean"] for row in rows)
    if found.locks:
        rows.append(_row("adjustment", gap))
    low, high = np.quantile(found.total(), [0.1, 0.9])
    total = _row("total", float(found.mean[0])) | {"lo80": low, "hi80": high}
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
    tried = _tried(found)
    now = float(np.mean(found.total() >= target))
    lift = np.mean(tried.totals >= target, axis=1) - now
    table = tried.deals.assign(lift=lift, weight=np.maximum(lift, 0) * tried.deals["probability"])
    order = ["weight", "spread", "opportunity_id"]
    table = table.sort_values(order, ascending=[False, False, True]).head(count)
    order[0] = "lift"
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return table.drop(columns="weight")


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
    assert found.pipeline is not None
    pipeline, looked = found.pipeline, found.scope
    rows = pipeline.rows
    region = rows["region"].to_numpy(object)
    known = {TOTAL, *region}
    closes = pd.to_datetime(rows["day"]) + pd.to_timedelta(rows["to_close"], unit="D")
    until = pd.Timestamp(looked.closing(looked.end))
    in_time = (closes <= until).to_numpy() & _in_regions(rows, looked)
    regular_ahead = found.grown(found.regular.points).sum(axis=1)
    base = targets[targets["tier"] == "base"].set_index("node")["target"]
    rates = _win_rates(looked)
    found_rows = []
    for node in found.nodes:
        if node not in known or node not in base.index:
            continue
        mine = in_time if node == TOTAL else in_time & (region == node)
        regular = float(regular_ahead[found.tree.place(node)])
        missing = float(base[node]) - float(found.done[node]) - regular
        open_ = float(pipeline.stated[mine].sum())
        rate = rates.get(node, np.nan)
        found_rows.append(
            {
                "node": node,
                "target": float(base[node]),
                "missing": max(missing, 0.0),
                "open": open_,
                "coverage": open_ / missing if missing > 0 else np.nan,
                "needed": 1 / rate if rate and rate > 0 else np.nan,
            }
        )
    return pd.DataFrame(found_rows)


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


@dataclass(frozen=True, eq=False)
class _Tried:
    """Deals whose lift is worked out, and the totals with each of them won; no target in it.

    Attributes
    ----------
    deals : pandas.DataFrame
        One row a deal.
    totals : numpy.ndarray, shape (deals, draws)
    """

    deals: pd.DataFrame
    totals: Floats


@lru_cache(maxsize=4)  # a planner moves the target again and again
def _tried(found: Outlook) -> _Tried:
    """The deals with the largest spread, each put in the place of what the draws make of it."""
    assert found.pipeline is not None
    pipeline, weights = found.pipeline, _weights_of_deals(found)
    inside = pipeline.periods.isin(found.scope.months)
    chance = pipeline.curves[:, inside, 0].sum(axis=1)
    counts = np.einsum("dm,dm->d", pipeline.curves[..., 0], weights) / np.maximum(chance, 1e-12)
    mine = _in_regions(pipeline.rows, found.scope)
    spread = np.where(mine, chance * (1 - chance) * pipeline.amounts**2, 0.0)
    chosen = np.argsort(-spread, kind="stable")[:MOST_TRIED]
    chosen = chosen[spread[chosen] > 0]
    wins = pipeline.wins(len(found.draws))["open"]
    by_deal = np.argsort(wins.deal, kind="stable")
    ends = np.searchsorted(wins.deal[by_deal], np.arange(len(chance) + 1))
    totals = found.total() + (pipeline.amounts * counts)[chosen, None]
    for row, deal in zip(totals, chosen, strict=True):
        its = by_deal[ends[deal] : ends[deal + 1]]
        # a deal is won once at most in a draw
        row[wins.draw[its]] -= wins.amount[its] * weights[deal, wins.month[its]]
    table = pd.DataFrame(
        {
            "opportunity_id": pipeline.rows["opportunity_id"].to_numpy()[chosen],
            "probability": chance[chosen],
            "spread": spread[chosen] / max(spread.sum(), 1e-12),
        }
    )
    told = pipeline.deals().drop(columns="probability")
    return _Tried(
        _with_names(table.merge(told, on="opportunity_id", how="left"), found.scope), totals
    )


def _open_parts(found: Outlook, pipeline: PipelineForecast, count: int) -> list[dict[str, Any]]:
    looked, weights = found.scope, _weights(found)
    mine = _in_regions(pipeline.rows, looked)
    category = pipeline.rows["forecast_category"].to_numpy(object)
    typed = pipeline.rows["typed"].to_numpy(float)
    expected = pipeline.amounts * (pipeline.curves[..., 0] @ weights)
    wins = pipeline.wins(count)
    open_ = wins["open"]
    rows = []
    for name in ("commit", "best_case", "pipeline", "omitted", "unknown"):
        of = mine & (category == name)
        if not of.any():
            continue
        stated = pipeline.stated[of]
        draws = _sums(open_, weights, of[open_.deal], count)
        known = np.isfinite(typed[of])
        weight = float(stated[known].sum())
        row = _row(name, float(expected[of].sum()), draws)
        rows.append(
            row
            | {
                "deals": int(of.sum()),
                "stated": float(stated.sum()),
                "measured": row["mean"] / float(stated.sum()) if stated.sum() else np.nan,
                "typed": float(typed[of][known] @ stated[known]) / weight if weight else np.nan,
            }
        )
    frames = {"new": pipeline.coming.like, "unseen": pipeline.coming.unseen_like}
    draws = np.zeros(count)
    for part, frame in frames.items():
        draws += _sums(wins[part], weights, _in_regions(frame, looked)[wins[part].deal], count)
    inside = _in_regions(pipeline.cells, looked)
    mean = float(weights @ pipeline.means[1:].sum(axis=0)[:, inside].sum(axis=1))
    rows.append(_row("to_come", mean, draws))
    if found.handover is not None and (found.handover.weights < 1).any():
        table = found.handover.table
        series = float(((1 - table["weight"]) * table["series"]).sum())
        rows.append(_row("series", series, found.apart["series"]))
    return rows


def _weights(found: Outlook) -> Floats:
    """Weight of each month of the pipeline in the total; 0 for months that are not looked at."""
    assert found.pipeline is not None and found.handover is not None
    out = np.zeros(found.pipeline.horizon)
    out[found.pipeline.periods.isin(found.scope.months)] = found.handover.weights
    return out


def _weights_of_deals(found: Outlook) -> Floats:
    """Weight of each open deal in the draws of the total by month, with growth assumed."""
    assert found.pipeline is not None
    rows, weights = found.pipeline.rows, _weights(found)
    out = np.tile(weights, (len(rows), 1))
    if found.growth is not None:
        growth = np.ones((len(found.tree.series) + 1, len(weights)))  # the last row: no series
        growth[:-1, found.pipeline.periods.isin(found.scope.months)] = found.growth
        cells = rows["region"].astype(str) + "/" + rows["product_line"].astype(str)
        out *= growth[pd.Index(found.tree.series).get_indexer(pd.Index(cells))]
    return out


def _row(part: str, mean: float, draws: Floats | None = None) -> dict[str, Any]:
    low, high = (np.nan, np.nan) if draws is None else np.quantile(draws, [0.1, 0.9])
    empty = dict.fromkeys(("stated", "measured", "typed"), np.nan)
    return {"part": part, "deals": np.nan, **empty, "mean": mean, "lo80": low, "hi80": high}


def _sums(wins: Wins, weights: Floats, chosen: np.ndarray, count: int) -> Floats:
    amounts = wins.amount[chosen] * weights[wins.month[chosen]]
    return np.bincount(wins.draw[chosen], weights=amounts, minlength=count).astype(float)


def _in_regions(rows: pd.DataFrame, looked: Scope) -> np.ndarray:
    if not looked.regions:
        return np.ones(len(rows), dtype=bool)
    return np.asarray(rows["region"].isin(looked.regions))


def _win_rates(looked: Scope) -> dict[str, float]:
    """Share of closed amounts won in twelve months, of the company and each region."""
    first = looked.last - pd.DateOffset(months=11)
    start = looked.calendar.month_period(first.year, first.month).start
    whole = kpi(looked.company, "win_rate_amount", start=start, end=looked.day).table()
    by_region = kpi(
        looked.company, "win_rate_amount", start=start, end=looked.day, by="region"
    ).table()
    by_region = looked.chosen(by_region)
    found = dict(zip(by_region["region"], by_region["value"].astype(float), strict=True))
    if looked.regions:
        total = by_region["numerator"].sum() / max(by_region["denominator"].sum(), 1e-9)
        return {str(key): value for key, value in found.items()} | {TOTAL: float(total)}
    first_value = float(whole["value"].iloc[0]) if len(whole) else np.nan
    return {str(key): value for key, value in found.items()} | {TOTAL: first_value}


def _with_names(table: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    ids = "', '".join(str(one).replace("'", "''") for one in table["opportunity_id"])
    has = looked.company.has("account")
    names = looked.company.sql(
        f"""select o.opportunity_id, o.name, {"a.name" if has else "null"} as account,
            {"a.name_en" if has else "null"} as account_en
        from opportunity o {"left join account a using (account_id)" if has else ""}
        where o.opportunity_id in ('{ids}') order by 1"""
    )
    return table.merge(names, on="opportunity_id", how="left")
