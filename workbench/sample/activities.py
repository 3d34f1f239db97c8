"""Activities: visits, calls and messages of deals and customers, and when they were typed in.

A deal is followed while it is open, a buying customer is visited through the year. Much is typed
in on Friday evening for the whole week.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.sample.hazards import WON
from workbench.sample.pool import buying
from workbench.sample.world import World

PER_DEAL_DAY = 1 / 27  # activities a day of an open deal
PER_CUSTOMER_YEAR = 8.0
DEAL_TYPES = {"visit": 0.26, "call": 0.26, "wechat": 0.26, "email": 0.08, "demo": 0.08, "bid": 0.06}
CUSTOMER_TYPES = {"visit": 0.30, "call": 0.32, "wechat": 0.32, "email": 0.06}


def per_part(world: World) -> None:
    """Add table activity."""
    found = pd.concat([_of_deals(world), _of_customers(world)], ignore_index=True)
    # By customer and deal: files stay small, and a story reads in one place.
    found = found.sort_values(
        ["account_id", "opportunity_id", "day"], kind="stable", ignore_index=True
    )
    day, account = found["day"].to_numpy(), found["account_id"].to_numpy()
    found["activity_id"] = np.arange(len(found))
    found["activity_date"] = world.calendar.date(day)
    found["entered_at"] = _entered(world, day)
    found["rep_id"] = world.rep_at(account, day).astype(np.int64)
    world.add("activity", found)


def _of_deals(world: World) -> pd.DataFrame:
    """Activities between the beginning and the end of a deal; won ones see some more."""
    rng, deals, as_of = world.rng("activities/deals"), world.deals, world.calendar.as_of
    rows = np.flatnonzero(world.deal_codes >= 0)
    first = np.maximum(deals.created[rows], 0)
    end = np.where(deals.close[rows] >= 0, np.minimum(deals.close[rows], as_of), as_of)
    length = np.maximum(end - first, 1)
    zeal = np.where(deals.outcome[rows] == WON, 1.25, 0.92)
    number = rng.poisson(length * PER_DEAL_DAY * zeal) + 1
    deal = np.repeat(np.arange(len(rows)), number)
    day = first[deal] + (rng.random(len(deal)) * (length[deal] + 1)).astype(np.int64)
    day = np.minimum(world.calendar.next_working(np.minimum(day, end[deal])), as_of)
    return pd.DataFrame(
        {
            "account_id": deals.account[rows][deal],
            "opportunity_id": world.deal_codes[rows][deal],
            "day": day,
            "activity_type": _types(rng, DEAL_TYPES, len(deal)),
        }
    )


def _of_customers(world: World) -> pd.DataFrame:
    """Visits and calls to buying direct customers; the larger ones see more of them."""
    rng, spells, as_of = world.rng("activities/customers"), buying(world), world.calendar.as_of
    direct = (world.accounts["kind"] == "direct").to_numpy()[spells.account]
    account, first = spells.account[direct], spells.first[direct]
    last = np.minimum(spells.last[direct], as_of)
    potential = world.accounts["potential"].to_numpy()[account]
    rate = PER_CUSTOMER_YEAR / 365 * np.clip(potential, 0.05, 9) ** 0.35
    rate = rate * min(1.0, 2 * world.frame.size.activity)
    number = rng.poisson(np.maximum(last - first, 0) * rate)
    spell = np.repeat(np.arange(len(account)), number)
    span = np.maximum(last - first, 1)[spell]
    day = first[spell] + (rng.random(len(spell)) * span).astype(np.int64)
    day = np.minimum(world.calendar.next_working(day), as_of)
    return pd.DataFrame(
        {
            "account_id": account[spell],
            "opportunity_id": -1,
            "day": day,
            "activity_type": _types(rng, CUSTOMER_TYPES, len(spell)),
        }
    )


def _types(rng: np.random.Generator, shares: dict[str, float], count: int) -> np.ndarray:
    share = np.array(list(shares.values()))
    place = rng.choice(len(share), count, p=share / share.sum())
    return np.array(list(shares), object)[place]


def _entered(world: World, day: np.ndarray) -> pd.Series:
    """When each was typed in: on Friday evening of its week, or the same day or the next."""
    rng, calendar = world.rng("activities/entered"), world.calendar
    draw, later = rng.random((2, len(day)))
    weekday = (calendar.days[day].astype(int) + 3) % 7
    friday = (draw < world.truth.deal.friday) & (weekday <= 4) & world.on("friday")
    typed = np.where(friday, day + 4 - weekday, day + (later < 0.2))
    minute = np.where(
        friday,
        17 * 60 + rng.integers(0, 13, len(day)) * 15,
        9 * 60 + rng.integers(0, 49, len(day)) * 15,
    )
    stamps = (calendar.days[0] + typed).astype("datetime64[m]") + minute
    limit = np.datetime64(calendar.days[calendar.as_of]).astype("datetime64[m]") + 23 * 60
    return pd.Series(np.minimum(stamps, limit))
