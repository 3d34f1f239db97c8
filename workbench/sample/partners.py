"""Channel partners: which dealers there are, how large, from when to when.

The company has a number of places for dealers; a few are large. Dealers give up, small ones more
often, and a successor takes the place some weeks later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.world import World

if TYPE_CHECKING:
    from workbench.sample.dealers import DealerTruth

PLACES_PER_ACCOUNT = 0.66  # of the dealer accounts; the others are successors
VACANT_DAYS = 45  # until a successor starts


def partners_of(world: World, *, truth: DealerTruth) -> pd.DataFrame:
    """Dealers of a part, from its accounts of kind "dealer"."""
    frame, accounts = world.frame, world.accounts
    mine = np.flatnonzero((accounts["kind"] == "dealer").to_numpy())
    places = max(8, round(len(mine) * PLACES_PER_ACCOUNT))
    today = np.full(len(mine), frame.calendar.as_of)
    chosen = accounts.iloc[mine].assign(
        account_id=mine, rep_id=world.rep_at(mine, today), region=world.region_at(mine, today)
    )
    return make_partners(
        chosen,
        places=places,
        truth=truth,
        streams=PartStreams(world),
        off=frame.off,
        start=str(frame.calendar.days[0]),
        end=str(frame.calendar.days[-1]),
    )


class PartStreams:
    """Named random numbers of one part."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __getitem__(self, name: str) -> np.random.Generator:
        return self.world.rng(name)


def make_partners(
    accounts: pd.DataFrame,
    *,
    places: int,
    truth: DealerTruth,
    streams: Any,
    off: frozenset[str],
    start: str,
    end: str,
) -> pd.DataFrame:
    """Dealers with their life: one row for each that ever held a place.

    Parameters
    ----------
    accounts : pandas.DataFrame
        The dealer accounts: account_id, name, name_en, region, geo_code, rep_id. Each becomes at
        most one partner; successors take the accounts that are left.
    places : int
        Dealers at a time.
    start, end : str
        First and last day simulated, ISO.

    Returns
    -------
    pandas.DataFrame
        The columns of `partner` (partner_id is the row number), and hidden: place, size (share
        of all sell-out), diverts.
    """
    rng = streams["dealers/lives"]
    span = int((np.datetime64(end) - np.datetime64(start)).astype(int))
    size = dealer_sizes(places, top=truth.top, top_share=truth.top_share, shift=truth.head_shift)
    lives = _lives(size, truth=truth, rng=rng, off=off, days=span, most=len(accounts))
    first = np.datetime64(start, "D")
    earlier = rng.integers(200, 3000, len(lives))
    began = np.where(lives["from"] == 0, -earlier, lives["from"]).astype("m8[D]")
    ended = pd.Series(first + lives["to"].fillna(0).to_numpy().astype("m8[D]"))
    rank = lives["place"].to_numpy() / places
    chosen = accounts.iloc[: len(lives)].reset_index(drop=True)
    return pd.DataFrame(
        {
            "partner_id": np.arange(len(lives)),
            "name": chosen["name"],
            "name_en": chosen["name_en"],
            "partner_type": "dealer",
            "account_id": chosen["account_id"],
            "level": np.select([rank < 0.1, rank < 0.6], ["core", "standard"], "trial"),
            "geo_code": chosen["geo_code"],
            "region": chosen["region"],
            "rep_id": chosen["rep_id"],
            "start_date": (first + began).astype("M8[s]"),
            "end_date": ended.where(lives["to"].notna()),
            "place": lives["place"],
            "size": size[lives["place"]],
            "diverts": rng.random(len(lives)) < truth.diverting,
        }
    )


def dealer_sizes(places: int, *, top: int, top_share: float, shift: float) -> NDArray[np.float64]:
    """Shares of sell-out by rank, such that the first `top` of 220 make `top_share`.

    With another number of places the same share of them (`top / 220`) is taken as the head.
    """
    ranks = np.arange(1, places + 1)
    head = max(1, round(places * top / 220))
    if head >= places:
        return np.full(places, 1 / places)
    low, high = 0.0, 6.0
    for _ in range(60):
        power = (low + high) / 2
        weights = (ranks + shift * places / 220) ** -power
        low, high = (
            (power, high) if weights[:head].sum() < top_share * weights.sum() else (low, power)
        )
    return np.asarray(weights / weights.sum())


def _lives(
    size: NDArray[np.float64],
    *,
    truth: DealerTruth,
    rng: np.random.Generator,
    off: frozenset[str],
    days: int,
    most: int,
) -> pd.DataFrame:
    """Sequence of holders of each place: place, from, to (days; missing while active)."""
    places = len(size)
    top = max(1, round(places * truth.top / 220))
    rate = np.full(places, (truth.churn * places - truth.churn_top * top) / (places - top))
    rate[:top] = truth.churn_top
    if "dealer_churn" in off:
        rate[:] = 0
    rounds = 8
    gaps = rng.exponential(1, (rounds, places)) / np.maximum(rate, 1e-9) * 365
    gaps = np.clip(gaps, 200, None)
    ends = np.cumsum(gaps + VACANT_DAYS, axis=0) - VACANT_DAYS
    starts = np.vstack([np.zeros(places), ends[:-1] + VACANT_DAYS])
    rows = pd.DataFrame(
        {
            "place": np.tile(np.arange(places), rounds),
            "from": starts.ravel().round(),
            "to": ends.ravel().round(),
        }
    )
    rows = rows[rows["from"] < days - 60].sort_values(["from", "place"], kind="stable")
    rows = rows.iloc[:most].reset_index(drop=True)
    rows["to"] = rows["to"].where(rows["to"] < days)
    return rows
