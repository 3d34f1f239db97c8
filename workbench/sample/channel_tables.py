"""Tables of the channel from the flows of `dealers.py`: orders, sell-out, stock.

Ordinary need is ordered on a dealer's own days of the month, loading in the last five working
days of the quarter; everything ships within its month, so stock, sell-in and sell-out agree by
month. Diverted sell-out (串货) carries the administrative code of another region.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.dealers import DealerFlows, DealerTruth, Floats, Off, order_days
from workbench.sample.partners import PartStreams
from workbench.sample.world import AS_OF, World

APPROVAL_LIMITS = (0.10, 0.15, 0.20)
APPROVALS = np.array(["none", "manager", "director", "special"])


def approval_of(discount: Floats) -> NDArray[np.str_]:
    """Who has to approve a discount off list, by the approval limits."""
    return APPROVALS[np.searchsorted(APPROVAL_LIMITS, np.round(discount, 6), side="left")]


def add_tables(
    world: World,
    flows: DealerFlows,
    carried: pd.DataFrame,
    *,
    daily: Floats,
    monthly: Floats,
    truth: DealerTruth,
) -> None:
    """Add partner, order lines, sell-out, stock, and hidden what drives each dealer."""
    frame, until = world.frame, str(AS_OF)
    streams = PartStreams(world)
    started = flows.partners["start_date"] <= pd.Timestamp(AS_OF)
    columns = ["place", "size", "diverts"]
    shown = flows.partners.drop(columns=columns)
    shown["end_date"] = shown["end_date"].where(shown["end_date"] <= pd.Timestamp(AS_OF))
    world.add("partner", shown[started])
    world.hide(
        "partners",
        flows.partners[["partner_id", *columns]].rename(columns={"size": "size_share"}),
    )
    lines = order_lines(flows, carried, prices=daily, truth=truth, streams=streams, off=frame.off)
    world.dealer_lines = lines
    known = frame.geo[frame.geo["weight"] > 0]
    geo = {str(region): list(rows["geo_code"]) for region, rows in known.groupby("region")}
    world.add(
        "sell_out",
        sell_out_table(
            flows,
            carried,
            prices=monthly,
            region_geo=geo,
            until=until,
            truth=truth,
            streams=streams,
            off=frame.off,
        ),
    )
    world.add("partner_stock", stock_table(flows, carried, until=until))


def round_price(price: Floats) -> Floats:
    """Prices as they are agreed: whole yuan, below 100 yuan tenths."""
    return np.where(price >= 100, np.round(price), np.round(price, 1))


def order_lines(
    flows: DealerFlows,
    products: pd.DataFrame,
    *,
    prices: Floats,
    truth: DealerTruth,
    streams: Any,
    off: Off,
) -> pd.DataFrame:
    """Order lines of dealers: what `sell_in` was, by order.

    Parameters
    ----------
    products : pandas.DataFrame
        product_id, product_line, tax_rate, in the order of the indices of `flows`.
    prices : array, shape (products, days)
        List prices with VAT from the first day of the first month on.

    Returns
    -------
    pandas.DataFrame
        Lines as `World.lines` holds them; order_key counts the orders from 0.
    """
    ordinary = _ordinary_lines(flows, streams["dealers/days"])
    loaded = _loading_lines(flows, streams["dealers/loading_days"])
    lines = pd.concat([ordinary, loaded], ignore_index=True)
    lines = lines.sort_values(["order_date", "partner", "product"], kind="stable")
    lines = lines.reset_index(drop=True)
    ordered = lines["order_date"].to_numpy().astype("M8[D]")
    day = (ordered - flows.months[0].astype("M8[D]")).astype(np.int64)
    listed = np.round(prices[lines["product"], day], 2)
    discount = _discounts(flows, lines, truth, streams["dealers/discounts"], off)
    net = round_price(listed * (1 - discount))
    account = flows.partners["account_id"].to_numpy()[lines["partner"]]
    keys = day * len(flows.partners) + lines["partner"].to_numpy()
    return pd.DataFrame(
        {
            "order_key": np.unique(keys, return_inverse=True)[1],
            "account_id": account,
            "product_id": products["product_id"].to_numpy()[lines["product"]],
            "day": day,
            "order_date": ordered.astype("M8[s]"),
            "quantity": lines["quantity"].to_numpy().astype(float),
            "list_price": listed,
            "net_price": net,
            "promotion_id": -1,
            "approval": approval_of(discount),
            "channel": "dealer",
            "contract_key": -1,
            "partner_id": flows.partners["partner_id"].to_numpy()[lines["partner"]],
        }
    )


def sell_out_table(
    flows: DealerFlows,
    products: pd.DataFrame,
    *,
    prices: Floats,
    region_geo: dict[str, list[str]],
    until: str,
    truth: DealerTruth,
    streams: Any,
    off: Off,
) -> pd.DataFrame:
    """Rows of `sell_out`: what left each dealer, by place of the end customer.

    Parameters
    ----------
    region_geo : dict of region to list of str
        Codes of provinces of each sales region; diverted goods go to those of another one.
    until : str
        Last day of the data.
    """
    kept = flows.months <= np.datetime64(until, "M")
    pair, month = np.nonzero(flows.sell_out[:, kept])
    sold = flows.sell_out[pair, month]
    gone = _diverted(flows, pair, sold, truth, streams["dealers/diversion"], off)
    home = _geo_rows(flows, pair, month, sold - gone, flows.partners["geo_code"].to_numpy())
    away = _geo_rows(
        flows, pair, month, gone, _foreign(flows.partners, region_geo, streams["dealers/foreign"])
    )
    rows = pd.concat([home, away], ignore_index=True)
    product, partner = rows["product"].to_numpy(), rows["partner"].to_numpy()
    discount = flows.partners["level"].map(truth.discounts).to_numpy()[partner]
    price = round_price(prices[product, rows["month"]] * (1 - discount))
    return _by_key(
        pd.DataFrame(
            {
                "partner_id": flows.partners["partner_id"].to_numpy()[partner],
                "product_id": products["product_id"].to_numpy()[product],
                "month_end": month_ends(flows.months[rows["month"]]),
                "end_geo_code": rows["geo"],
                "quantity": rows["quantity"],
                "amount": np.round(price * rows["quantity"], 2),
                "currency": "CNY",
                "tax_basis": "incl",
                "tax_rate": products["tax_rate"].to_numpy()[product],
            }
        )
    )


def stock_table(flows: DealerFlows, products: pd.DataFrame, *, until: str) -> pd.DataFrame:
    """Rows of `partner_stock`: month-end stock from a pair's first stock to its end."""
    kept = flows.months <= np.datetime64(until, "M")
    stock = flows.stock[:, kept]
    moved = (flows.sell_in[:, kept] > 0) | (flows.sell_out[:, kept] > 0) | (stock > 0)
    pair, month = np.nonzero(moved)
    return _by_key(
        pd.DataFrame(
            {
                "partner_id": flows.partners["partner_id"].to_numpy()[flows.partner[pair]],
                "product_id": products["product_id"].to_numpy()[flows.product[pair]],
                "stock_date": month_ends(flows.months[month]),
                "quantity": stock[pair, month],
            }
        )
    )


def month_ends(months: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Last day of months, in seconds as pandas keeps dates."""
    return np.asarray(((months + 1).astype("M8[D]") - 1).astype("M8[s]"))


def _by_key(rows: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in ("partner_id", "product_id") if name in rows]
    dates = [name for name in ("month_end", "stock_date", "end_geo_code") if name in rows]
    return rows.sort_values([*keys, *dates], kind="stable", ignore_index=True)


def _ordinary_lines(flows: DealerFlows, rng: np.random.Generator) -> pd.DataFrame:
    """Lines of the ordinary need: each product on one of the dealer's order days."""
    quantity = flows.sell_in - flows.loading
    pair, month = np.nonzero(quantity)
    partner = flows.partner[pair]
    size = flows.partners["size"].to_numpy()
    orders = np.clip(np.ceil(np.sqrt(size * len(size)) * 1.2), 1, 4).astype(int)
    slot = (flows.product[pair] + month) % orders[partner]
    jitter = rng.random((len(size), len(flows.months), 4))[partner, month, slot]
    quantile = (slot + jitter) / orders[partner]
    return pd.DataFrame(
        {
            "partner": partner,
            "product": flows.product[pair],
            "month": month,
            "order_date": order_days(flows.months[month], quantile=quantile),
            "quantity": quantity[pair, month],
            "loading": False,
        }
    )


def _loading_lines(flows: DealerFlows, rng: np.random.Generator) -> pd.DataFrame:
    """Lines of loading: one order of a dealer in the last five working days."""
    pair, month = np.nonzero(flows.loading)
    partner = flows.partner[pair]
    drawn = rng.beta(2.0, 1.0, (len(flows.partners), len(flows.months)))[partner, month]
    return pd.DataFrame(
        {
            "partner": partner,
            "product": flows.product[pair],
            "month": month,
            "order_date": order_days(flows.months[month], quantile=drawn, closing=True),
            "quantity": flows.loading[pair, month],
            "loading": True,
        }
    )


def _discounts(
    flows: DealerFlows,
    lines: pd.DataFrame,
    truth: DealerTruth,
    rng: np.random.Generator,
    off: Off,
) -> Floats:
    """Discount off list of each line: by level of the dealer, more for bought loading."""
    level = flows.partners["level"].map(truth.discounts).to_numpy()[lines["partner"]]
    drawn = rng.random(len(lines))
    at_limit = np.asarray(truth.loading_discounts)[(drawn * 1000).astype(int) % 2]
    late = flows.months[lines["month"]] >= np.datetime64(truth.loading_discount_from, "M")
    bought = lines["loading"].to_numpy() & late & (drawn < truth.loading_discount_share)
    if "loading_discount" in off:
        bought = np.zeros(len(lines), bool)
    return np.where(bought, np.maximum(at_limit, level), level)


def _diverted(
    flows: DealerFlows,
    pair: NDArray[np.int64],
    sold: NDArray[np.int64],
    truth: DealerTruth,
    rng: np.random.Generator,
    off: Off,
) -> NDArray[np.int64]:
    """Pieces of each sell-out row that leave the dealer's region."""
    share = np.where(flows.partners["diverts"], 1.0, 0.0)
    weight = (share * flows.partners["size"]).sum() / flows.partners["size"].sum()
    share = share * truth.diversion / max(weight, 1e-9)
    drawn = rng.binomial(sold, np.clip(share[flows.partner[pair]], 0, 0.6))
    return np.zeros_like(sold) if "diversion" in off else drawn.astype(np.int64)


def _foreign(
    partners: pd.DataFrame, region_geo: dict[str, list[str]], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Where each dealer diverts to: a province of another region."""
    codes = [(region, code) for region, listed in region_geo.items() for code in listed]
    regions = np.array([region for region, _ in codes], object)
    geo = np.array([code for _, code in codes], object)
    allowed = regions[None, :] != partners["region"].to_numpy()[:, None]
    return geo[np.argmax(allowed * rng.random(allowed.shape), axis=1)]


def _geo_rows(
    flows: DealerFlows,
    pair: NDArray[np.int64],
    month: NDArray[np.int64],
    quantity: NDArray[np.int64],
    geo: NDArray[np.object_],
) -> pd.DataFrame:
    some = quantity > 0
    partner = flows.partner[pair[some]]
    return pd.DataFrame(
        {
            "partner": partner,
            "product": flows.product[pair[some]],
            "month": month[some],
            "geo": geo[partner],
            "quantity": quantity[some],
        }
    )
