"""Leads: when they come in, how soon they are answered, which become deals.

The chance to become a deal falls with the hours to the first answer. A lead that converts begins
a deal of an account that is worked on; the others name no account.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.parameters import REGIONS, SOURCES
from workbench.sample.world import World

SOURCES_OF_LEADS = ("exhibition", "website", "cold_call")
QUALITY = {"exhibition": 0.1, "website": 0.0, "cold_call": -0.2}  # log odds
TYPICAL = 0.17  # share that converts with the planted answers, to set how many come in


def per_deals(world: World) -> dict[str, NDArray[Any]]:
    """Simulate leads and keep them; those that became deals: account, day, source, lead."""
    from workbench.sample.arrivals import WARM_UP, creation_rate, pick_accounts

    rng, truth = world.rng("leads/arrivals"), world.truth.deal
    share = np.array([truth.sources[source] for source in SOURCES_OF_LEADS])
    number = rng.poisson(creation_rate(world) * share.sum() / TYPICAL)
    day = np.repeat(np.arange(len(number)) - WARM_UP, number)
    source = rng.choice(len(share), len(day), p=share / share.sum())
    draw, clock = rng.random(len(day)), rng.standard_normal(len(day))
    median, spread = truth.lead_hours
    hours = np.round(median * np.exp(spread * clock), 2)
    chance = conversion(world, hours, source)
    wins = draw < chance
    account = np.full(len(day), -1)
    wait = 1 + (hours / 24 + rng.exponential(9.0, len(day))).astype(np.int64)
    deal_day = day + wait
    rows = np.flatnonzero(wins & (deal_day < len(world.calendar.days)))
    account[rows] = pick_accounts(world, deal_day[rows], np.zeros(len(rows), bool), rng)
    became = np.flatnonzero(account >= 0)
    world.leads = pd.DataFrame(
        {
            "day": day,
            "source": source,
            "hours": hours,
            "account": account,
            "deal_day": deal_day,
            "never": rng.random(len(day)) < 0.06,
        }
    )
    places = np.array([SOURCES.index(each) for each in SOURCES_OF_LEADS])
    return {
        "account": account[became],
        "day": deal_day[became],
        "source": places[source[became]],
        "lead": became,
    }


def conversion(world: World, hours: Any, source: Any) -> NDArray[np.float64]:
    """Chance that a lead becomes a deal, by hours to the answer and source (place)."""
    truth = world.truth.deal
    odds = np.log(truth.lead_rate / (1 - truth.lead_rate))
    slope = truth.lead_decay if world.on("lead_response") else 0.0
    quality = np.array([QUALITY[each] for each in SOURCES_OF_LEADS])[source]
    log_odds = odds + slope * np.maximum(np.log2(1 + np.asarray(hours)) - 1, 0) + quality
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def per_part(world: World) -> None:
    """Add table lead."""
    rng, calendar, as_of = world.rng("leads/table"), world.calendar, world.calendar.as_of
    known = world.leads
    opportunity = np.full(len(known), -1)
    some = world.lead_rows >= 0
    opportunity[world.lead_rows[some]] = world.deal_codes[some]
    rows = np.flatnonzero((known["day"] >= 0) & (known["day"] <= as_of))
    part = known.iloc[rows].reset_index(drop=True)
    code = opportunity[rows]
    converted = code >= 0
    day = part["day"].to_numpy()
    minute = rng.integers(8 * 60, 21 * 60, len(part))
    created = calendar.date(day).astype("datetime64[m]") + minute
    answered = created + np.round(part["hours"].to_numpy() * 60).astype("timedelta64[m]")
    limit = np.datetime64(calendar.days[as_of] + 1).astype("datetime64[m]")
    silent = (part["never"].to_numpy() & ~converted) | (answered >= limit)
    weight = world.frame.geo["weight"].to_numpy()
    province = rng.choice(len(weight), len(part), p=weight / weight.sum())
    account = np.where(converted, part["account"], -1)
    province = np.where(account >= 0, world.accounts["province"].to_numpy()[account], province)
    year = calendar.year[day] - calendar.year[0]
    region = np.array(REGIONS, object)[world.frame.province_region[province, year]]
    source = np.array(SOURCES_OF_LEADS, object)[part["source"]]
    world.add(
        "lead",
        pd.DataFrame(
            {
                "lead_id": np.arange(len(part)),
                "created_at": pd.Series(created),
                "source": source,
                "campaign_id": _campaigns(world, day, source, region, rng),
                "geo_code": world.frame.geo["geo_code"].to_numpy(object)[province],
                "region": region,
                "product_line": "equipment",
                "rep_id": _reps(world, account, province, day, rng),
                "first_response_at": pd.Series(answered).where(~silent),
                "account_id": account,
                "opportunity_id": code,
                "converted_date": pd.Series(calendar.date(part["deal_day"])).where(converted),
            }
        ).sort_values(["created_at"], kind="stable", ignore_index=True).assign(
            lead_id=np.arange(len(part))
        ),
    )  # fmt: skip


def _reps(
    world: World, account: Any, province: Any, day: Any, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Who answers: the owner, else a hunter of the region."""
    from workbench.sample.organisation import seats_of

    region = world.frame.province_region[
        province, world.calendar.year[day] - world.calendar.year[0]
    ]
    draw = rng.random(len(day))
    seat = np.zeros(len(day), np.int64)
    for number in range(len(REGIONS)):
        seats = seats_of(world.frame, "hunter", number)
        rows = region == number
        seat[rows] = seats[(draw[rows] * len(seats)).astype(int)]
    found = world.frame.seat_rep[seat, day]
    owned = np.asarray(account) >= 0
    found[owned] = world.rep_at(np.asarray(account)[owned], np.asarray(day)[owned])
    return found.astype(np.int64)


def _campaigns(
    world: World, day: Any, source: Any, region: Any, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The campaign behind a lead: one that ran in the 30 days before, of a kind that fits."""
    campaigns = world.frame.campaigns
    found = np.full(len(day), -1)
    if not len(campaigns):
        return found
    fits = {"exhibition": ("exhibition", "seminar"), "website": ("online", "mailing")}
    begin = world.calendar.index(campaigns["start_date"])
    end = world.calendar.index(campaigns["end_date"]) + 30
    kind = campaigns["campaign_type"].to_numpy()
    place = campaigns["region"].to_numpy(object)
    for number in range(len(campaigns)):
        for name, kinds in fits.items():
            if kind[number] in kinds:
                same = (place[number] == region) | pd.isna(place[number])
                rows = (source == name) & (day >= begin[number]) & (day <= end[number]) & same
                found[rows & (rng.random(len(day)) < 0.7)] = number
    return found
