"""Leads and opportunities in plain pandas, for `slow.py`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.kpis import slow_rows as rows
from tests.kpis.slow_rows import (
    NONE,
    Frames,
    Period,
    World,
    of_period,
)
from tests.kpis.slow_shapes import Asked, amount, part, rate


def leads_followed(w: World, p: Period) -> Asked:
    frame = of_period(rows.simple(w, "lead", "created_at"), p)
    frame = frame[frame["day"] + pd.Timedelta(days=90) <= w.as_of]
    return part(frame, frame["converted_date"] <= frame["day"] + pd.Timedelta(days=90))


def leads_of_period(w: World, p: Period) -> Asked:
    made = of_period(rows.simple(w, "lead", "created_at"), p)
    turned = of_period(rows.simple(w, "lead", "converted_date"), p)
    return rate(turned.assign(one=1.0), made.assign(one=1.0), "one")


def closed(w: World, p: Period) -> pd.DataFrame:
    frame = of_period(rows.deals(w, "close_date"), p)
    frame = frame[frame["status"].isin(["won", "lost"])]
    return frame.assign(days=(frame["close_date"] - frame["created_date"]).dt.days)


def won_of_closed(w: World, p: Period, column: str | None) -> Asked:
    frame = closed(w, p)
    return part(frame, frame["status"] == "won", column)


def won_of_cohort(w: World, p: Period) -> Asked:
    frame = of_period(rows.deals(w, "created_date"), p)
    year_later = frame["day"] + pd.DateOffset(months=12)
    frame, until = frame[year_later <= w.as_of], year_later[year_later <= w.as_of]
    return part(frame, (frame["status"] == "won") & (frame["close_date"] <= until))


def steps(w: World, p: Period, *, seen_only: bool) -> Asked:
    stages = w.company.settings.stages
    places = {stage.code: n for n, stage in enumerate(stages) if stage.status == "open"}
    snapshots = w.table("opportunity_snapshot")
    snapshots = snapshots[(snapshots["snapshot_date"] <= w.as_of)]
    of_deal = snapshots.groupby("opportunity_id")["stage"].agg(set)
    found = []
    for row in of_period(rows.deals(w, "created_date"), p).itertuples():
        seen = set(of_deal.get(row.opportunity_id, set()))
        begun = row.created_date if pd.isna(row.stage_date) else row.stage_date
        if begun <= w.as_of:
            seen |= {row.stage}
        seen = {places[stage] for stage in seen if stage in places}
        over_by_now = pd.notna(row.close_date) and row.close_date <= w.as_of
        won = row.status == "won" and over_by_now
        reached = max(seen, default=0)
        for stage, place in places.items():
            entered = won or place <= reached
            left = won or over_by_now or place < reached
            if entered and left and (place in seen or not seen_only):
                passed = won or reached > place
                cell = {"region": row.region, "product_line": row.product_line, "stage": stage}
                found.append({**cell, "passed": passed})
    frame = pd.DataFrame(found, columns=["region", "product_line", "stage", "passed"])
    return part(frame, frame["passed"].astype(bool))


def cycle(w: World, p: Period, *, how: str) -> Asked:
    frame = closed(w, p)
    frame = frame[frame["days"] >= 3]
    if how == "survival":
        return {"a": frame}, survival_median
    frame = frame[frame["status"] == "won"]
    return {"a": frame}, lambda f: float(getattr(f["a"]["days"], how)())


def survival_median(f: Frames) -> float:
    staying, frame = 1.0, f["a"]
    for days in sorted(frame["days"].unique()):
        at_risk = (frame["days"] >= days).sum()
        won = ((frame["days"] == days) & (frame["status"] == "won")).sum()
        staying *= 1 - won / at_risk
        if staying <= 0.5 + 1e-12:
            return float(days)
    return NONE


def weighted(w: World, p: Period) -> Asked:
    snapshots = w.table("opportunity_snapshot").merge(
        w.table("opportunity")[["opportunity_id", "created_date", "close_date", "status"]],
        on="opportunity_id",
        suffixes=("", "_now"),
    )
    day = snapshots["snapshot_date"]
    old, young = p.seen - pd.DateOffset(months=36), p.seen - pd.DateOffset(months=12)
    seen = snapshots[(day > old) & (day <= young) & (snapshots["status"] == "open")]
    won = (seen["status_now"] == "won") & (seen["close_date"] <= p.seen)
    age = (seen["snapshot_date"] - seen["created_date"]).dt.days
    seen = seen.assign(won=won.astype(float), band=np.searchsorted([60, 120, 240], age))
    chances = {}
    for stage, of_stage in seen.groupby("stage"):
        for band in range(4):
            cell = of_stage[of_stage["band"] == band]
            enough = cell if len(cell) >= 30 else of_stage
            chances[stage, band] = enough["won"].mean()
    frame = rows.staged(w, p)
    band = np.searchsorted([60, 120, 240], frame["age"])
    chance = [chances.get(key, NONE) for key in zip(frame["stage"], band, strict=True)]
    return amount(frame.assign(worth=frame["gross"] * np.array(chance, dtype=float)), "worth")


def typed(w: World, p: Period) -> Asked:
    frame = rows.open_deals(w, p)
    prior = {stage.code: stage.probability for stage in w.company.settings.stages}
    known = frame["stage_date"].isna() | (frame["stage_date"] <= p.seen)
    usual = frame["stage"].where(known).map(prior)
    chance = frame["probability"].fillna(usual)
    return amount(frame.assign(worth=frame["gross"] * chance.astype(float)), "worth")


def slipped(w: World, p: Period, column: str | None) -> Asked:
    snapshots = w.table("opportunity_snapshot")
    days = snapshots["snapshot_date"].drop_duplicates()
    opening = days[days <= p.first].max()
    start = snapshots[(snapshots["snapshot_date"] == opening) & (snapshots["status"] == "open")]
    expected = start["expected_close_date"]
    start = start[(expected >= p.first) & (expected <= p.last)]
    deals = w.table("opportunity").drop(
        columns=["amount", "tax_basis", "expected_close_date", "stage", "status", "probability"]
    )
    start = start.drop(columns=["probability", "currency"]).merge(deals, on="opportunity_id")
    later = snapshots[
        (snapshots["snapshot_date"] > opening) & (snapshots["snapshot_date"] <= p.seen)
    ].sort_values("snapshot_date")
    last = later.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    at_last = start["opportunity_id"].map(last["expected_close_date"])
    still = start["opportunity_id"].map(last["status"]) == "open"
    start = start.assign(gross=rows.gross(start), moved=still & (at_last > p.last))
    start = rows.placed(w, start, pd.Series(p.seen, start.index))
    return part(start, start["moved"], column)


def stalled(w: World, p: Period, *, stay: bool, silence: bool) -> Asked:
    frame = rows.staged(w, p) if stay else rows.open_deals(w, p)
    chosen = pd.Series(False, frame.index)
    if stay:
        limit = frame["stage"].map(usual_stays(w, p))
        chosen |= (p.seen - frame["entered"]).dt.days > limit
    if silence:
        done = w.table("activity")
        last = done[done["activity_date"] <= p.seen].groupby("opportunity_id")["activity_date"]
        latest = last.max().reindex(frame["opportunity_id"])
        seen = pd.Series(latest.to_numpy(), frame.index)
        quiet = seen.where(seen > frame["created_date"], frame["created_date"])
        chosen |= (p.seen - quiet).dt.days >= 30
    return part(frame, chosen, "gross")


def usual_stays(w: World, p: Period) -> pd.Series:
    """Days that 80% of won deals did not stay longer in a stage."""
    deals = w.table("opportunity")
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= p.seen)]
    snapshots = w.table("opportunity_snapshot")
    seen = snapshots[snapshots["status"] == "open"].merge(
        won[["opportunity_id", "created_date", "close_date"]], on="opportunity_id"
    )
    seen = seen[seen["snapshot_date"] <= seen["close_date"]]
    keys = ["opportunity_id", "stage", "created_date", "close_date"]
    entered = seen.groupby(keys)["snapshot_date"].min().reset_index()
    entered = entered.sort_values(["opportunity_id", "snapshot_date", "stage"])
    of_deal = entered.groupby("opportunity_id")["snapshot_date"]
    begun = entered["snapshot_date"].where(of_deal.cumcount() > 0, entered["created_date"])
    gone = of_deal.shift(-1).fillna(entered["close_date"])
    days = (gone - begun).dt.days
    return days.groupby(entered["stage"]).quantile(0.8)
