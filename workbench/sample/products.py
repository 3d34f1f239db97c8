"""Products, list prices by day, costs, promotions, and how discounts come to be.

List prices rise once a year, each family by its own step, announced a month ahead: customers buy
ahead of it and less after. Discounts asked for are spread; what lies a little below an approval
limit is pulled up to it. Tenders go deeper.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.catalogue import FAMILIES, SERIES
from workbench.sample.world import FIRST_DAY, Frame

Floats = NDArray[np.float64]
FAMILY_LABELS = {family.code: (family.en, family.zh) for family in FAMILIES}
APPROVAL_CODES = ("none", "manager", "director", "special")
# Day on which list prices of a line rise.
RISE_DAYS = {"consumables": "03-01", "equipment": "04-01", "service": "07-01"}
PROMOTED_PER_YEAR = 5
PRICE_BASE = np.datetime64("2025-06-30", "D")  # catalogue prices hold on this day


def per_frame(frame: Frame) -> None:
    """Set products, promotions, list_price; add product, price_promotion, unit_cost."""
    frame.products = _products(frame)
    rises = _rises(frame)
    frame.list_price = _list_prices(frame, rises)
    frame.promotions = _promotions(frame, rises)
    products = frame.products
    products["list_price"] = frame.list_price[:, frame.calendar.as_of]
    frame.add("product", products.assign(currency="CNY", tax_basis="incl"))
    shown = frame.promotions[frame.promotions["start_day"] <= frame.calendar.as_of]
    frame.add("price_promotion", shown)
    frame.add("unit_cost", _unit_costs(frame))


def _products(frame: Frame) -> pd.DataFrame:
    rng = frame.rng("products/catalogue")
    rows = []
    for place, family in enumerate(FAMILIES):
        steps = np.linspace(0, 1, family.number)
        prices = family.low * (family.high / family.low) ** steps
        spread = rng.dirichlet(np.full(family.number, 3.0), 3)
        for number, price in enumerate(prices):
            model = f"{SERIES[place % len(SERIES)]}{(number + 1) * 10}"
            rows.append(
                {
                    "name": f"{family.zh} {model}",
                    "name_en": f"{family.en} {model}",
                    "product_line": family.line,
                    "family": family.code,
                    "base_price": _rounded(price),
                    "weight_direct": family.direct * spread[0, number],
                    "weight_dealer": family.dealer * spread[1, number],
                    "weight_online": family.online * spread[2, number],
                }
            )
    products = pd.DataFrame(rows)
    for channel in ("direct", "dealer", "online"):
        column = f"weight_{channel}"
        total = products.groupby("product_line")[column].transform("sum")
        products[column] = (products[column] / total).round(6)
    products["product_id"] = np.arange(len(products))
    products["tax_rate"] = products["product_line"].map(frame.truth.price.vat)
    started = frame.rng("products/launch").integers(300, 4000, len(products))
    products["launch_date"] = FIRST_DAY - started
    return products


def _rounded(price: float) -> float:
    """A price as price lists have it: two significant digits and a five or a zero."""
    digits = 10 ** max(0, int(np.floor(np.log10(price))) - 2)
    return float(round(price / digits / 5) * 5 * digits)


def _rises(frame: Frame) -> pd.DataFrame:
    """Rises of list prices: family, day index, rise."""
    truth, rng = frame.truth.price, frame.rng("products/rises")
    rows = []
    for family in FAMILIES:
        for year, mean in truth.rises.items():
            shock = rng.standard_normal()
            rise = max(-0.02, mean + truth.rise_spread * shock)
            day = frame.calendar.index(np.datetime64(f"{year}-{RISE_DAYS[family.line]}"))
            rows.append((family.code, int(day), round(rise, 3)))
    return pd.DataFrame(rows, columns=["family", "day", "rise"])


def _list_prices(frame: Frame, rises: pd.DataFrame) -> Floats:
    """List price with VAT by product and day, rounded to the yuan below 10,000, else to ten."""
    days = np.arange(len(frame.calendar.days))
    level = {
        family: np.prod(
            [
                np.where(days >= day, 1 + rise, 1.0)
                for day, rise in zip(rows["day"], rows["rise"], strict=True)
            ],
            axis=0,
        )
        for family, rows in rises.groupby("family")
    }
    steps = np.array([level[family] for family in frame.products["family"]])
    base = frame.calendar.index(PRICE_BASE)
    prices = frame.products["base_price"].to_numpy()[:, None] * steps / steps[:, [base]]
    unit = np.where(prices >= 10_000, 10.0, np.where(prices >= 200, 1.0, 0.1))
    return np.asarray(np.round(np.round(prices / unit) * unit, 4))


def _promotions(frame: Frame, rises: pd.DataFrame) -> pd.DataFrame:
    """Price changes by product, promotions of families, shopping festivals."""
    products = frame.products[["product_id", "product_line", "family"]]
    changes = rises.merge(products, on="family")
    changes = changes.rename(columns={"rise": "price_change", "day": "start_day"})
    changes["promotion_type"], changes["channel"], changes["end_day"] = "price_change", None, -1
    year = frame.calendar.year[changes["start_day"]].astype(str)
    labels = changes["family"].map(FAMILY_LABELS)
    changes["name"] = year + "年" + labels.str[1] + "调价"
    changes["name_en"] = labels.str[0] + " list price " + year
    every = pd.concat([changes, _offers(frame), _festivals(frame)], ignore_index=True)
    every = every.sort_values(["start_day", "product_id"], kind="stable", ignore_index=True)
    every["product_id"] = every["product_id"].fillna(-1).astype(int)
    every["promotion_id"] = np.arange(len(every))
    every["start_date"] = frame.calendar.date(every["start_day"])
    ends = pd.Series(frame.calendar.date(every["end_day"]))
    every["end_date"] = ends.where(every["end_day"] >= 0)
    return every


def _offers(frame: Frame) -> pd.DataFrame:
    """Promotions of consumables families for direct customers, three weeks each."""
    rng, truth = frame.rng("products/offers"), frame.truth.price
    families = [family for family in FAMILIES if family.line == "consumables"]
    rows = []
    for year in np.unique(frame.calendar.year):
        for _ in range(PROMOTED_PER_YEAR):
            family, week = families[rng.integers(0, len(families))], int(rng.integers(12, 46))
            start = int(frame.calendar.index(np.datetime64(f"{year}-01-01"))) + 7 * week
            members = frame.products.index[frame.products["family"] == family.code]
            rows += [
                {
                    "family": family.code,
                    "product_id": product,
                    "product_line": family.line,
                    "start_day": start,
                    "end_day": start + 20,
                    "channel": "direct",
                    "promotion_type": "promotion",
                    "price_change": truth.promotion_depth,
                    "name": f"{year}年{family.zh}促销",
                    "name_en": f"{family.en} promotion {year}",
                }
                for product in members
            ]
    offers = pd.DataFrame(rows).drop_duplicates(["product_id", "start_day"])
    return offers[offers["start_day"] >= 0]


def _festivals(frame: Frame) -> pd.DataFrame:
    rows = []
    for year in np.unique(frame.calendar.year):
        for name, name_en, first, last in (
            ("618大促", "618 festival", "06-05", "06-18"),
            ("双11大促", "Double 11 festival", "11-01", "11-11"),
        ):
            start, end = (
                frame.calendar.index(np.datetime64(f"{year}-{day}")) for day in (first, last)
            )
            if start >= 0:
                rows.append(
                    {
                        "product_id": None,
                        "start_day": int(start),
                        "end_day": int(end),
                        "channel": "ecommerce",
                        "promotion_type": "festival",
                        "price_change": -0.10,
                        "name": f"{year}年{name}",
                        "name_en": f"{name_en} {year}",
                    }
                )
    return pd.DataFrame(rows)


def _unit_costs(frame: Frame) -> pd.DataFrame:
    """Cost a piece without VAT by half year; set so that the planned margin holds in mid 2025."""
    truth, products = frame.truth.price, frame.products
    rng = frame.rng("products/costs")
    base = frame.calendar.index(PRICE_BASE)
    net = frame.list_price[:, base] / (1 + products["tax_rate"].to_numpy())
    margin = products["product_line"].map(truth.margin).to_numpy()
    margin = margin + 0.03 * rng.standard_normal(len(products))
    cost = net * (1 - 0.125) * (1 - margin)
    starts = np.array(
        [f"{year}-{month:02d}-01" for year in range(2021, 2027) for month in (1, 7)],
        "datetime64[D]",
    )
    rate = truth.cost_drift if frame.on("cost_drift") else 0.0
    years = (starts - PRICE_BASE).astype(int) / 365.25
    wobble = 1 + 0.006 * rng.standard_normal((len(products), len(starts)))
    costs = np.round(cost[:, None] * (1 + rate) ** years * wobble, 4)
    ends = np.append(starts[1:] - 1, np.datetime64("NaT"))
    kept = starts <= frame.calendar.days[frame.calendar.as_of]
    frame_costs = pd.DataFrame(
        {
            "product_id": np.repeat(np.arange(len(products)), kept.sum()),
            "cost": costs[:, kept].ravel(),
            "currency": "CNY",
            "valid_from": np.tile(starts[kept], len(products)),
            "valid_to": np.tile(ends[kept], len(products)),
        }
    )
    last = frame_costs["valid_from"] == starts[kept][-1]
    frame_costs["valid_to"] = frame_costs["valid_to"].mask(last)
    return frame_costs


def demand_index(frame: Frame, channel: str) -> Floats:
    """How demand of a channel for each product answers to price on each day; 1 on the base day.

    Price by its elasticity, buying ahead of rises and the dip after, promotions of the channel.

    Returns
    -------
    array, shape (products, days)
    """
    truth, products = frame.truth.price, frame.products
    lines = ["ecommerce" if channel == "ecommerce" else line for line in products["product_line"]]
    index = np.ones(frame.list_price.shape)
    if frame.on("elasticity"):
        base = frame.calendar.index(PRICE_BASE)
        power = np.array([truth.elasticity[line] for line in lines])[:, None]
        index = (frame.list_price / frame.list_price[:, [base]]) ** power
    span = truth.ahead_days
    for row in frame.promotions.to_dict("records"):
        product, start = row["product_id"], row["start_day"]
        if row["promotion_type"] == "price_change" and frame.on("ahead"):
            lift = truth.ahead_lift * max(row["price_change"], 0)
            index[product, max(0, start - span) : start] *= 1 + lift
            index[product, start : start + span] *= max(0.2, 1 - lift)
        promoted = row["promotion_type"] == "promotion" and row["channel"] == channel
        if promoted and frame.on("promotion"):
            index[product, start : row["end_day"] + 1] *= truth.promotion_lift
    return index


def promotion_on(frame: Frame, channel: str) -> NDArray[np.int64]:
    """Code of the promotion or festival in force by product and day; -1 for none."""
    found = np.full(frame.list_price.shape, -1)
    for row in frame.promotions.to_dict("records"):
        if row["promotion_type"] == "price_change" or row["channel"] != channel:
            continue
        products = slice(None) if row["product_id"] < 0 else row["product_id"]
        found[products, row["start_day"] : row["end_day"] + 1] = row["promotion_id"]
    return found


def wanted(
    frame: Frame, line: Any, day: Any, rng: np.random.Generator, *, shift: Any = 0.0
) -> Floats:
    """Discounts customers ask for, share off list: mean of the line, spread, drift of 2026.

    Parameters
    ----------
    line : text array
        Keys of `truth.price.wanted` (product line, or "ecommerce").
    day : int array
        Day indices.
    shift : float or array
        Of the customer: bargaining power.
    """
    truth = frame.truth.price
    mean = pd.Series(line).map(truth.wanted).to_numpy(float)
    spread = truth.wanted_spread * rng.standard_normal(len(mean))
    late = frame.calendar.year[np.asarray(day)] >= 2026
    drift = truth.drift * late if frame.on("discount_drift") else 0.0
    return np.asarray(np.clip(mean + spread + drift + shift, 0.0, 0.32))


def piled(frame: Frame, asked: Any, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Discounts given, and the place in APPROVAL_CODES of who approved them.

    Of those up to four points below an approval limit the planted share is pulled up to it; the
    others are given to the half point.
    """
    truth = frame.truth.price
    limits = np.asarray(truth.limits)
    asked = np.asarray(asked, float)
    given = np.round(asked * 200) / 200
    draw = rng.random(len(asked))
    if frame.on("limits"):
        for limit in limits:
            near = (asked < limit) & (asked >= limit - 0.04) & (draw < truth.piled)
            given = np.where(near, limit, given)
    level = (given[:, None] > limits + 1e-9).sum(axis=1)
    return np.round(given, 4), level


def net_price(listed: Any, discount: Any) -> Floats:
    """Price a piece after discount, rounded up as quotes are: to 0.1, 1 or 10 yuan by size.

    Rounding up keeps a discount of exactly an approval limit within it.
    """
    price = np.asarray(listed, float) * (1 - np.asarray(discount, float))
    unit = np.where(price >= 100_000, 10.0, np.where(price >= 1_000, 1.0, 0.1))
    return np.asarray(np.round(np.ceil(np.round(price / unit, 6)) * unit, 4))
