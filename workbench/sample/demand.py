"""Running orders: consumables and service of direct customers, everything of online buyers.

An account orders at a rate set by its potential while it buys. Days follow the day weights of the
channel, growth, the region's fate and the skill of the rep responsible; products follow price,
promotions and the needs of the industry. Order sizes are lognormal in what the account needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.accounts import END_INDUSTRIES, scale
from workbench.sample.parameters import LINES, REGIONS
from workbench.sample.pool import buying
from workbench.sample.products import (
    APPROVAL_CODES,
    demand_index,
    net_price,
    piled,
    promotion_on,
    wanted,
)
from workbench.sample.world import Frame, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Needs of industries: how they weight families of consumables, beside the weights of the channel.
NEEDS = {
    "food": {"ink": 1.6, "solvent": 1.3, "label_stock": 1.2},
    "pharma": {"label_stock": 2.2, "ribbon": 1.5, "ink": 0.7},
    "electronics": {"ribbon": 2.4, "label_stock": 1.4, "solvent": 0.6},
    "automotive": {"filter": 2.5, "nozzle_kit": 1.8},
    "chemicals": {"solvent": 1.8, "ink": 1.2, "ribbon": 0.6},
    "building": {"ink": 1.5, "filter": 1.4, "label_stock": 0.6},
}
# Orders kept by a rep of skill s: exp(effect x s), cut at the cap; the mean over all reps.
SKILL_CAP, SKILL_MEAN = 1.7, 0.97


@dataclass(frozen=True)
class Stream:
    """One stream of running orders.

    Attributes
    ----------
    name, channel : str
    year : float
        Value of 2025 with VAT, small company, CNY.
    median, sigma : float
        Median value of an order and its spread (log units).
    lines : float
        Mean number of further lines of an order.
    mix : dict of str to float
        Share of value by product line.
    """

    name: str
    channel: str
    year: float
    median: float
    sigma: float
    lines: float
    mix: dict[str, float]


def streams_of(world: World) -> tuple[Stream, ...]:
    """The three streams with their planted totals."""
    truth = world.truth.customer
    return (
        Stream("consumables", "direct", truth.consumables_year, truth.order_median,
               truth.order_sigma, 0.7, {"consumables": 1.0}),
        Stream("service", "direct", truth.service_year, 8_500.0, 0.7, 0.1, {"service": 1.0}),
        Stream("ecommerce", "ecommerce", truth.online_year, 4_200.0, 0.75, 0.25,
               {"consumables": 0.60, "equipment": 0.30, "service": 0.10}),
    )  # fmt: skip


def per_part(world: World) -> None:
    """Append the order lines of the running orders to world.lines."""
    offset = 0
    for stream in streams_of(world):
        lines = _orders(world, stream)
        lines["order_key"] += offset
        offset = int(lines["order_key"].max()) + 1 if len(lines) else offset
        world.lines.append(lines)


def growth_index(frame: Frame) -> Floats:
    """Level of need by region (place in REGIONS) and day; 1 in 2025."""
    truth, year = frame.truth.customer, frame.calendar.year
    level = {2025: 1.0}
    for later in (2026, 2027):
        level[later] = level[later - 1] * (1 + truth.growth.get(later, 0.0))
    for earlier in range(2024, 2020, -1):
        level[earlier] = level[earlier + 1] / (1 + truth.growth.get(earlier + 1, 0.0))
    if not frame.on("growth"):
        level = dict.fromkeys(level, 1.0)
    index = np.tile(np.array([level[int(each)] for each in year]), (len(REGIONS), 1))
    if frame.on("weak_region"):
        row = REGIONS.index(truth.weak_region)
        index[row, year >= 2026] *= (1 + truth.weak_growth) / (1 + truth.growth[2026])
    return np.asarray(index)


def _orders(world: World, stream: Stream) -> pd.DataFrame:
    """Order lines of a stream: account, day, product, quantity, prices."""
    rng = world.rng(f"demand/{stream.name}")
    curve = _curve(world, stream)
    value = _yearly_value(world, stream)
    size = _order_size(world, stream, value)
    account, area = _spells(world, stream, curve)
    mean_order = size[account] * np.exp(_noise_sigma(stream) ** 2 / 2)
    intensity = value[account] / 365 / mean_order
    if stream.channel == "direct":
        intensity = intensity * SKILL_CAP / SKILL_MEAN  # thinned below
    number = rng.poisson(intensity * area[2])
    spell = np.repeat(np.arange(len(account)), number)
    day = _draw_days(rng, curve, area, spell)
    order_account = account[spell]
    kept = _kept_by_skill(world, stream, order_account, day, rng)
    order_account, day = order_account[kept], day[kept]
    return _lines(world, stream, order_account, day, size, rng)


def _curve(world: World, stream: Stream) -> Floats:
    """Weight of a day by region: season, growth, answer to price; shape (regions, days)."""
    frame = world.frame
    index = demand_index(frame, stream.channel)
    weights = _weights(frame, stream)
    answer = (weights[:, None] * index).sum(axis=0) / weights.sum()
    return np.asarray(frame.weights[stream.channel] * growth_index(frame) * answer)


def _weights(frame: Frame, stream: Stream) -> Floats:
    """Share of a stream's value by product."""
    column = "weight_online" if stream.channel == "ecommerce" else "weight_direct"
    line = frame.products["product_line"].to_numpy()
    return np.asarray(
        frame.products[column].to_numpy() * np.array([stream.mix.get(each, 0.0) for each in line])
    )


def _yearly_value(world: World, stream: Stream) -> Floats:
    """What each account buys a year at the level of 2025, CNY with VAT; scaled to the total."""
    accounts = world.accounts
    rng = world.rng(f"demand/{stream.name}/needs")
    kind = "online" if stream.channel == "ecommerce" else "direct"
    need = np.exp(0.5 * rng.standard_normal(len(accounts)))
    relative = np.where(accounts["kind"] == kind, accounts["potential"] * need, 0.0)
    relative = np.where(accounts["duplicate_of"] >= 0, 0.0, relative)
    calendar, spells = world.calendar, buying(world)
    first = calendar.index(np.datetime64("2025-01-01"))
    lived = np.clip(
        np.minimum(spells.last, first + 364) - np.maximum(spells.first, first) + 1, 0, None
    )
    total = float((relative[spells.account] * lived).sum()) / 365
    return np.asarray(relative * (stream.year * scale(world) / max(total, 1e-9)))


def _order_size(world: World, stream: Stream, value: Floats) -> Floats:
    """Median order of each account: grows with what it buys; the stream's median over orders."""
    median = np.median(value[value > 0]) if (value > 0).any() else 1.0
    size = np.where(value > 0, value / median, 1.0) ** 0.35
    # Orders, not accounts, have the planted median: weigh by the number of orders.
    weight = np.where(value > 0, value / size, 0.0)
    order = np.argsort(size, kind="stable")
    half = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    return np.asarray(size / size[order][min(half, len(size) - 1)] * stream.median)


def _noise_sigma(stream: Stream) -> float:
    """Spread of orders within an account, so that all orders have the planted spread."""
    return float(np.sqrt(max(stream.sigma**2 - 0.40**2, 0.05)))


def _spells(
    world: World, stream: Stream, curve: Floats
) -> tuple[Ints, tuple[Ints, Floats, Floats]]:
    """Buying spells of the stream's accounts with the area below the curve.

    The area is (region, area before the spell, area of the spell); the region is that of the
    middle of the spell, which is exact but for accounts of provinces that moved.
    """
    kind = "online" if stream.channel == "ecommerce" else "direct"
    spells = buying(world)
    chosen = (world.accounts["kind"] == kind).to_numpy()[spells.account]
    account, first, last = spells.account[chosen], spells.first[chosen], spells.last[chosen]
    province = world.accounts["province"].to_numpy()[account]
    region = world.frame.province_region[province, -1]
    summed = np.concatenate([np.zeros((len(curve), 1)), np.cumsum(curve, axis=1)], axis=1)
    before = summed[region, first]
    return account, (region, before, summed[region, last + 1] - before)


def _draw_days(
    rng: np.random.Generator, curve: Floats, area: tuple[Ints, Floats, Floats], spell: Ints
) -> Ints:
    """Days of orders below the curve of their region, between the ends of their spell."""
    region, before, whole = area
    target = before[spell] + rng.random(len(spell)) * whole[spell]
    day = np.zeros(len(spell), np.int64)
    for number in range(len(curve)):
        rows = region[spell] == number
        day[rows] = np.searchsorted(np.cumsum(curve[number]), target[rows], side="right")
    return np.minimum(day, curve.shape[1] - 1)


def _kept_by_skill(
    world: World, stream: Stream, account: Ints, day: Ints, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Thin orders by the skill of the rep responsible: a strong rep keeps more of them."""
    draw = rng.random(len(account))
    if stream.channel != "direct":
        return np.ones(len(account), bool)
    skill = world.frame.rep_skill[world.rep_at(account, day), day]
    factor = np.exp(world.truth.rep.skill_orders * skill)
    return np.asarray(draw < factor / SKILL_CAP)


def _lines(
    world: World, stream: Stream, account: Ints, day: Ints, size: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """Lines of orders: products by need and price of the day, quantities by the order's value."""
    frame = world.frame
    value = size[account] * np.exp(_noise_sigma(stream) * rng.standard_normal(len(account)))
    number = 1 + rng.poisson(stream.lines, len(account))
    order = np.repeat(np.arange(len(account)), number)
    share = rng.gamma(2.0, size=len(order))
    share = share / np.bincount(order, weights=share, minlength=len(account))[order]
    product = _draw_products(world, stream, account[order], day[order], rng)
    price = frame.list_price[product, day[order]]
    exact = value[order] * share / price
    # Rounded up or down at random, so that dear products are ordered seldom, not every time.
    quantity = np.floor(exact + rng.random(len(order)))
    some = quantity > 0
    order, quantity, product = order[some], quantity[some], product[some]
    order = np.unique(order, return_inverse=True)[1] if len(order) else order
    rows = np.flatnonzero(some)
    line_account, line_day = np.repeat(account, number)[rows], np.repeat(day, number)[rows]
    return _priced(world, stream, line_account, line_day, product, quantity, order, rng)


def _draw_products(
    world: World, stream: Stream, account: Ints, day: Ints, rng: np.random.Generator
) -> Ints:
    """A product for each line, by the industry's needs and the index of the day."""
    frame, products = world.frame, world.frame.products
    index = demand_index(frame, stream.channel)
    line = products["product_line"].to_numpy()
    column = "weight_online" if stream.channel == "ecommerce" else "weight_direct"
    mix = np.array([stream.mix.get(each, 0.0) for each in line])
    industry = pd.Categorical(world.accounts["industry"].to_numpy()[account], END_INDUSTRIES).codes
    draw = rng.random(len(account))
    product = np.zeros(len(account), np.int64)
    for code, name in enumerate(END_INDUSTRIES):
        need = np.array([NEEDS[name].get(family, 1.0) for family in products["family"]])
        weights = products[column].to_numpy() * mix * need
        table = np.cumsum(weights[:, None] * index, axis=0)
        rows = np.flatnonzero(industry == code)
        days = day[rows]
        target = draw[rows] * table[-1, days]
        found = np.zeros(len(rows), np.int64)
        step = 1 << (len(table) - 1).bit_length()
        while step:  # binary search down the column of each row's day
            ahead = found + step
            inside = ahead <= len(table) - 1
            below = table[np.minimum(ahead, len(table) - 1) - 1, days] <= target
            found = np.where(inside & below, ahead, found)
            step >>= 1
        product[rows] = found
    return product


def _priced(
    world: World,
    stream: Stream,
    account: Ints,
    day: Ints,
    product: Ints,
    quantity: Floats,
    order: Ints,
    rng: np.random.Generator,
) -> pd.DataFrame:
    frame = world.frame
    line = frame.products["product_line"].to_numpy()[product]
    asked_line: Any = np.full(len(line), "ecommerce") if stream.name == "ecommerce" else line
    power = world.accounts["bargaining"].to_numpy()[account]
    # One discount an order: asked for by the customer, not line by line.
    count = int(order.max()) + 1 if len(order) else 0
    head = np.searchsorted(order, np.arange(count))
    asked = wanted(frame, asked_line[head], day[head], rng, shift=power[head])
    given, level = piled(frame, asked, rng)
    discount, approval = given[order], level[order]
    promotion = promotion_on(frame, stream.channel)[product, day]
    cut = np.zeros(len(frame.promotions) + 1)
    cut[: len(frame.promotions)] = frame.promotions["price_change"].to_numpy()
    discount = np.where(promotion >= 0, np.maximum(discount, -cut[promotion]), discount)
    listed = frame.list_price[product, day]
    return pd.DataFrame(
        {
            "order_key": order,
            "account_id": account,
            "product_id": product,
            "day": day,
            "quantity": quantity,
            "list_price": listed,
            "net_price": net_price(listed, discount),
            "promotion_id": promotion,
            "approval": np.array(APPROVAL_CODES, object)[approval],
            "channel": stream.channel,
            "contract_key": -1,
        }
    )


assert set(NEEDS) == set(END_INDUSTRIES) and "service" in LINES
