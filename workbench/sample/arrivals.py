"""Where deals come from: leads that convert, customers, tenders, referrals; which account each is.

Leads: `leads.py`. The course of a deal: `hazards.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.sample import leads
from workbench.sample.accounts import scale
from workbench.sample.demand import growth_index
from workbench.sample.hazards import Deals
from workbench.sample.parameters import SOURCES
from workbench.sample.world import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WARM_UP = 260  # days before the data begin from which deals may still be open
LINES = ("equipment", "service")
# A few hundred large deals make a year: of several draws the one whose years run most evenly, so
# that the default seed tells of causes and not of luck.
DRAW = "a"


def arrivals(world: World) -> Deals:
    """Deals as they are created: account, day, source, line, amount, hidden quality."""
    from_leads = leads.per_deals(world)
    direct = _direct_arrivals(world)
    account = np.concatenate([from_leads["account"], direct["account"]])
    created = np.concatenate([from_leads["day"], direct["day"]])
    source = np.concatenate([from_leads["source"], direct["source"]])
    world.lead_rows = np.concatenate([from_leads["lead"], np.full(len(direct["account"]), -1)])
    rng, truth = world.rng(f"deals/what{DRAW}"), world.truth.deal
    count = len(account)
    buys = direct_state(world, account, created) == "buying"
    line = ((rng.random(count) < truth.line_service * 1.6) & buys).astype(np.int64)
    potential = np.log(np.maximum(world.accounts["potential"].to_numpy()[account], 1e-3))
    centred = potential - potential.mean()
    noise = np.sqrt(truth.amount_sigma**2 - (truth.amount_account * potential.std()) ** 2)
    log_amount = truth.amount_account * centred + noise * rng.standard_normal(count)
    median = np.array([truth.amount_median[each] for each in LINES])[line]
    amount = np.round(np.maximum(median * np.exp(log_amount), 8_000), -2)
    quality = np.zeros(count)
    if world.on("deal_size"):
        quality += truth.size * log_amount
    if world.on("lead_source"):
        quality += np.array([truth.source[each] for each in SOURCES])[source]
    if world.on("frailty"):
        quality += truth.frailty * rng.standard_normal(count)
    pace = np.array([truth.pace.get(each, 1.0) for each in SOURCES])[source]
    if world.on("frailty"):
        pace = pace * np.exp(truth.pace_sd * rng.standard_normal(count))
    return Deals(account, created, source, line, amount, quality, pace)


def direct_state(world: World, account: Ints, day: Ints) -> NDArray[Any]:
    """State of accounts on days: "", "idle", "engaged", "buying"."""
    spells = world.spells
    shift = 4 * len(world.calendar.days)
    key = spells["account_id"].to_numpy() * shift + spells["from_day"].to_numpy() + shift // 2
    ask = account * shift + np.maximum(day, 0) + shift // 2
    place = np.searchsorted(key, ask, side="right") - 1
    same = (place >= 0) & (spells["account_id"].to_numpy()[place] == account)
    inside = same & (spells["to_day"].to_numpy()[place] >= day)
    return np.where(inside, spells["state"].to_numpy(object)[place], "")


def pick_accounts(
    world: World, day: Ints, buying_only: NDArray[np.bool_], rng: np.random.Generator
) -> Ints:
    """An account for each deal: direct, worked on or buying that day, likelier the larger."""
    accounts = world.accounts
    direct = (accounts["kind"] == "direct").to_numpy() & (accounts["duplicate_of"] < 0).to_numpy()
    weight = np.where(direct, accounts["potential"].to_numpy() ** 0.6, 0.0)
    table = np.cumsum(weight)
    # A region that shrinks brings fewer deals.
    level = growth_index(world.frame)
    level = level / level.max(axis=0)
    region = world.frame.province_region[accounts["province"], -1]
    chosen = np.full(len(day), -1)
    open_rows = np.arange(len(day))
    for _ in range(40):
        draw = np.searchsorted(table, rng.random(len(open_rows)) * table[-1], side="right")
        state = direct_state(world, draw, day[open_rows])
        good = (state == "buying") | ((state == "engaged") & ~buying_only[open_rows])
        good &= rng.random(len(draw)) < level[region[draw], np.maximum(day[open_rows], 0)]
        chosen[open_rows[good]] = draw[good]
        open_rows = open_rows[~good]
        if not len(open_rows):
            break
    return chosen


def creation_rate(world: World) -> Floats:
    """Deals created a day, warm-up included: working days, season softened, growth."""
    weights = world.frame.weights["direct"]
    level = growth_index(world.frame).mean(axis=0)
    rate = weights**0.35 * world.calendar.working * level
    year = world.calendar.year == 2025
    rate = rate * world.truth.deal.deals_year * scale(world) / rate[year].sum()
    mirrored = np.arange(-WARM_UP, 0) + 364
    return np.concatenate([rate[mirrored], rate])


def _direct_arrivals(world: World) -> dict[str, Ints]:
    """Deals that begin without a lead."""
    rng, truth = world.rng("deals/arrivals"), world.truth.deal
    names = [source for source in SOURCES if source not in leads.SOURCES_OF_LEADS]
    share = np.array([truth.sources[source] for source in names])
    number = rng.poisson(creation_rate(world) * share.sum())
    day = np.repeat(np.arange(len(number)) - WARM_UP, number)
    source = rng.choice([SOURCES.index(name) for name in names], len(day), p=share / share.sum())
    account = pick_accounts(world, day, source == SOURCES.index("existing"), rng)
    some = account >= 0
    return {"account": account[some], "day": day[some], "source": source[some]}
