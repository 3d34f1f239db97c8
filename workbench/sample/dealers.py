"""Dealers: what end customers buy from them, and how they order because of it.

End demand (sell-out) has its own season and grows slowly. A dealer orders up to a target of days
of cover; at quarter ends the target is raised (loading), the months after pay for it, and in 2026
the target itself creeps up: sell-in then grows although end demand does not. Stock is never
drawn: it is last month's stock plus sell-in less sell-out, by dealer, product and month.

Tables from these flows: `channel_tables.py`. Rebates: `rebates.py`. Money is CNY with VAT.
"""

# ruff: noqa: RUF009  `planted` only makes dataclass fields

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from workbench.calendars import WorkingCalendar
from workbench.sample.parameters import planted
from workbench.sample.partners import PartStreams, partners_of
from workbench.sample.world import Frame, World

Off = frozenset[str]
Floats = NDArray[np.float64]

EFFECTS: dict[str, tuple[str, str]] = {
    "dealer_loading": (
        "Dealers are loaded at quarter ends; a dip in orders follows",
        "季度末向经销商压货，随后进货回落",
    ),
    "cover_drift": (
        "Dealers' target cover creeps up from autumn 2025",
        "2025年秋季起经销商目标库存天数持续上升",
    ),
    "dealer_churn": ("Dealers give up and are replaced", "经销商流失并由新经销商接替"),
    "diversion": ("Some dealers sell into other regions", "部分经销商跨区串货"),
    "loading_discount": (
        "Loading of late 2025 on is bought with discounts up to the approval limits",
        "2025年末起压货以接近审批上限的折扣换取",
    ),
}


@dataclass(frozen=True)
class DealerTruth:
    """Planted parameters of the channel; shares are fractions, cover is in days of sell-out."""

    places: int = planted(220, "number", "dealers at a time, small company")
    yearly_value: float = planted(
        368e6, "CNY a year with VAT", "sell-out of 2025 at sell-in prices, small company"
    )
    top: int = planted(20, "number", "large dealers")
    top_share: float = planted(0.60, "share of sell-in", "made by the large dealers")
    head_shift: float = planted(
        2.0, "ranks", "size of a dealer is (rank + this) to a negative power"
    )
    cover_by_month: tuple[float, float, float] = planted(
        (31.0, 31.0, 50.0), "days of sell-out", "cover aimed at in the months of a quarter"
    )
    cover_flat: float = planted(35.0, "days of sell-out", "cover aimed at without loading")
    drift_days: float = planted(14.0, "days of sell-out", "rise of the cover aimed at")
    drift_from: str = planted("2025-08", "month", "last month before the rise (quadratic)")
    drift_to: str = planted("2026-07", "month", "end of the rise")
    end_growth: dict[int, float] = planted(
        {2022: 0.07, 2023: 0.06, 2024: 0.05, 2025: 0.03, 2026: 0.042},
        "share a year",
        "growth of end demand through dealers, in money",
    )
    weak_region: str = planted("northwest_northeast", "code", "region that shrinks in 2026")
    weak_growth: float = planted(-0.05, "share a year", "its growth in 2026")
    churn: float = planted(0.11, "chance a year", "dealers that give up")
    churn_top: float = planted(0.02, "chance a year", "large dealers that give up")
    ramp_months: int = planted(6, "months", "until a new dealer has its full size")
    demand_noise: float = planted(0.20, "log units", "monthly demand of a dealer's product")
    diverting: float = planted(0.30, "share of dealers", "sell into other regions at all")
    diversion: float = planted(0.05, "share of sell-out", "sold outside the dealer's region")
    discounts: dict[str, float] = planted(
        {"core": 0.13, "standard": 0.11, "trial": 0.09}, "share off list", "by level of the dealer"
    )
    loading_discounts: tuple[float, ...] = planted(
        (0.15, 0.20), "share off list", "discounts that buy loading: approval limits"
    )
    loading_discount_from: str = planted("2025-10", "month", "from when loading is bought")
    loading_discount_share: float = planted(0.75, "share of loading lines", "bought with it")
    lines: dict[str, float] = planted(
        {"equipment": 0.62, "consumables": 0.38}, "share of sell-out", "what dealers carry"
    )
    season: tuple[float, ...] = planted(
        (0.98, 0.66, 0.98, 1.14, 1.04, 0.96, 1.06, 0.98, 0.98, 1.10, 1.06, 1.06),
        "index",
        "end demand by month",
    )


@dataclass(frozen=True)
class DealerFlows:
    """What happened, by pair (dealer, product) and month; quantities in pieces.

    `months` are datetime64[M]; matrices are pairs x months. `loading` is the part of `sell_in`
    bought in the last days of a quarter on top of the ordinary need.
    """

    partners: pd.DataFrame
    partner: NDArray[np.int64]
    product: NDArray[np.int64]
    months: NDArray[np.datetime64]
    sell_in: NDArray[np.int64]
    loading: NDArray[np.int64]
    sell_out: NDArray[np.int64]
    stock: NDArray[np.int64]


TRUTH = DealerTruth()


def per_part(world: World, *, truth: DealerTruth = TRUTH) -> None:
    """Add partner, sell_out, partner_stock and the dealers' order lines of a part."""
    from workbench.sample import channel_tables

    frame = world.frame
    partners = partners_of(world, truth=truth)
    carried = carried_products(frame, truth=truth)
    months = np.unique(frame.calendar.days.astype("M8[M]"))
    daily = frame.list_price[carried["product_id"]]
    monthly = daily[:, frame.calendar.index(months.astype("M8[D]"))]
    flows = simulate(
        partners,
        carried,
        prices=monthly,
        months=months,
        truth=truth,
        streams=PartStreams(world),
        off=frame.off,
    )
    channel_tables.add_tables(world, flows, carried, daily=daily, monthly=monthly, truth=truth)


def carried_products(frame: Frame, *, truth: DealerTruth = TRUTH) -> pd.DataFrame:
    """Products dealers carry: product_id, product_line, tax_rate, weight (share of value)."""
    products = frame.products
    share = products["product_line"].map(truth.lines).fillna(0.0)
    weight = share * products["weight_dealer"]
    kept = products.assign(weight=weight)[weight > 0]
    return kept[["product_id", "product_line", "tax_rate", "weight"]].reset_index(drop=True)


def simulate(
    partners: pd.DataFrame,
    products: pd.DataFrame,
    *,
    prices: Floats,
    months: NDArray[np.datetime64],
    truth: DealerTruth,
    streams: Any,
    off: Off,
) -> DealerFlows:
    """Run dealers month by month: demand, sell-out, order up to cover, stock.

    Parameters
    ----------
    partners : pandas.DataFrame
        From `make_partners`.
    products : pandas.DataFrame
        What dealers carry: product_id and weight (share of value); row order is the index used.
    prices : array, shape (products, months)
        List prices with VAT.
    """
    rng = streams["dealers/range"]
    monthly = truth.yearly_value / 12 * (partners["place"].max() + 1) / truth.places
    monthly = monthly * partners["size"].to_numpy()
    partner, product, share = _ranges(partners, products, monthly, prices[:, 0], rng)
    demand = _demand(partners, partner, product, share, prices, months, truth, streams, off)
    alive, ordering = _alive(partners, months)
    cover = cover_target(months, truth=truth, off=off)
    ordinary = cover_target(months, truth=truth, off=off | {"dealer_loading"})
    closes = months.astype(int) % 3 == 2
    pairs, span = demand.shape
    sell_in, loading, sell_out, stock = (np.zeros((pairs, span), np.int64) for _ in range(4))
    lengths = (months + 1).astype("M8[D]") - months.astype("M8[D]")
    days = lengths.astype(int)
    held = np.zeros(pairs, np.int64)
    rounding = streams["dealers/rounding"].random((pairs, span))
    seen = demand[:, :1].repeat(3, axis=1).astype(float) * alive[partner][:, :1]
    for month in range(span):
        lives, orders = alive[partner, month], ordering[partner, month]
        wish = demand[:, month] * lives
        seen = np.column_stack([seen[:, 1:], wish])
        daily = seen.mean(axis=1) * 3 / days[max(0, month - 2) : month + 1].sum()
        if month < 2:
            daily = seen.mean(axis=1) / 30.4
        need = wish + daily * cover[month] - held
        plain = wish + daily * min(ordinary[month], cover[month]) - held
        bought = np.floor(np.clip(need, 0, None) + rounding[:, month]).astype(np.int64) * orders
        if month == 0:  # before the first month: an opening stock, not an order
            opening = np.floor(daily * cover[0] + rounding[:, month]).astype(np.int64) * lives
            held = opening
            bought = np.floor(wish + rounding[:, month]).astype(np.int64) * orders
            plain = bought.astype(float)
        over = np.clip(bought - np.round(np.clip(plain, 0, None)), 0, None) * closes[month]
        sold = np.minimum(
            np.where(_last(alive, partner, month), held + bought, wish), held + bought
        )
        held = held + bought - sold
        sell_in[:, month], loading[:, month] = bought, over
        sell_out[:, month], stock[:, month] = sold, held
    return DealerFlows(partners, partner, product, months, sell_in, loading, sell_out, stock)


def cover_target(months: NDArray[np.datetime64], *, truth: DealerTruth, off: Off) -> Floats:
    """Days of cover dealers order up to, by month: quarter pattern and the drift of 2026."""
    place = months.astype(int) % 3
    base = (
        np.full(len(months), truth.cover_flat)
        if "dealer_loading" in off
        else np.asarray(truth.cover_by_month)[place]
    )
    first, last = np.datetime64(truth.drift_from, "M"), np.datetime64(truth.drift_to, "M")
    gone = np.clip((months - first).astype(int) / (last - first).astype(int), 0, 1)
    # It accelerates: most of the loading falls into 2026.
    return base + (0 if "cover_drift" in off else truth.drift_days * gone**2)


def order_days(
    months: NDArray[np.datetime64], *, quantile: Floats, closing: bool = False
) -> NDArray[np.datetime64]:
    """Working day at a quantile of a month, or of its last five working days if `closing`."""
    calendar = WorkingCalendar()
    unique, place = np.unique(months, return_inverse=True)
    first = unique.astype("M8[D]")
    last = (unique + 1).astype("M8[D]") - 1
    days = np.arange(first[0], last[-1] + 1)
    working = days[calendar.is_working(days)]
    begin = np.searchsorted(working, first)
    end = np.searchsorted(working, last, side="right")
    begin = np.maximum(end - 5, begin) if closing else begin
    step = np.floor(quantile * (end - begin)[place]).astype(int)
    return np.asarray(working[begin[place] + step])


def _ranges(
    partners: pd.DataFrame,
    products: pd.DataFrame,
    monthly: Floats,
    price: Floats,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Which products each dealer carries: pairs (dealer, product) and share of its value.

    A dealer seldom carries what it would sell less than once in some months.
    """
    relative = np.log(partners["size"].to_numpy() / partners["size"].min())
    carried = np.clip(np.round(2.0 + 1.6 * relative), 2, min(12, len(products))).astype(int)
    weight = products["weight"].to_numpy()
    pace = np.clip(0.25 * monthly[:, None] / price[None, :], 1e-9, 1.0)
    keys = np.log(weight) + np.log(pace) + rng.gumbel(size=pace.shape)
    order = np.argsort(-keys, axis=1)
    chosen = np.arange(len(products))[None, :] < carried[:, None]
    rows, ranks = np.nonzero(chosen)
    product = order[rows, ranks]
    raw = weight[product] * pace[rows, product] * rng.gamma(2.0, size=len(rows))
    total = np.bincount(rows, weights=raw)
    return rows, product, raw / total[rows]


def _demand(
    partners: pd.DataFrame,
    partner: NDArray[np.int64],
    product: NDArray[np.int64],
    share: Floats,
    prices: Floats,
    months: NDArray[np.datetime64],
    truth: DealerTruth,
    streams: Any,
    off: Off,
) -> NDArray[np.int64]:
    """Pieces end customers want, by pair and month."""
    rng = streams["dealers/demand"]
    level = np.ones(len(months)) if "growth" in off else _level(months, truth)
    weak = (
        level if {"growth", "weak_region"} & off else _level(months, truth, last=truth.weak_growth)
    )
    regional = np.where((partners["region"] == truth.weak_region).to_numpy()[:, None], weak, level)
    season = np.asarray(truth.season)[months.astype(int) % 12]
    season = season / np.mean(truth.season)
    total = truth.yearly_value / 12 * (partners["place"].max() + 1) / truth.places
    value = total * partners["size"].to_numpy()[:, None] * regional * season
    value = value * _ramp(partners, months, truth.ramp_months)
    discount = partners["level"].map(truth.discounts).to_numpy()[partner]
    paid = prices[product] * (1 - discount)[:, None]
    mean = value[partner] * share[:, None] / paid
    noise = np.exp(truth.demand_noise * rng.standard_normal(mean.shape) - truth.demand_noise**2 / 2)
    # By quantile, so that the same draws serve whatever effect is switched off.
    pieces = np.ceil(special.pdtrik(rng.random(mean.shape), np.maximum(mean * noise, 1e-9)))
    return np.maximum(np.nan_to_num(pieces), 0).astype(np.int64)


def _level(months: NDArray[np.datetime64], truth: DealerTruth, last: float | None = None) -> Floats:
    """Level of end demand by month against 2025, from the growth of each year."""
    growth = dict(truth.end_growth)
    if last is not None:
        growth[max(growth)] = last
    level = {2025: 1.0}
    for year in range(2026, 2030):
        level[year] = level[year - 1] * (1 + growth.get(year, 0.02))
    for year in range(2024, 2018, -1):
        level[year] = level[year + 1] / (1 + growth.get(year + 1, 0.05))
    years = months.astype("M8[Y]").astype(int) + 1970
    return np.array([level[int(year)] for year in years])


def _ramp(partners: pd.DataFrame, months: NDArray[np.datetime64], ramp_months: int) -> Floats:
    start = partners["start_date"].to_numpy().astype("M8[M]")
    age = (months[None, :] - start[:, None]).astype(int)
    return np.clip((age + 2) / (ramp_months + 2), 0.25, 1.0)


def _alive(
    partners: pd.DataFrame, months: NDArray[np.datetime64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a dealer sells, and whether it still orders (not in its last two months)."""
    start = partners["start_date"].to_numpy().astype("M8[M]")
    end = partners["end_date"].to_numpy().astype("M8[M]")
    end = np.where(np.isnat(end), months[-1] + 24, end)
    alive = (months >= start[:, None]) & (months <= end[:, None])
    return alive, alive & (months < end[:, None] - 1)


def _last(alive: NDArray[np.bool_], partner: NDArray[np.int64], month: int) -> NDArray[np.bool_]:
    """Pairs whose dealer sells for the last time this month: what is left goes."""
    if month + 1 >= alive.shape[1]:
        return np.zeros(len(partner), bool)
    return np.asarray(alive[partner, month] & ~alive[partner, month + 1])
