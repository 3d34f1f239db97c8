"""What deals leave on paper: quotes, and the contracts and order lines of those that are won.

A won deal is filled with a product whose price fits its amount; the contract's sum becomes the
amount of the deal. Discounts pile up at approval limits, tenders go deeper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.arrivals import LINES
from workbench.sample.hazards import WON, Deals
from workbench.sample.parameters import SOURCES, STAGES
from workbench.sample.products import APPROVAL_CODES, net_price, piled, wanted
from workbench.sample.world import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
QUOTE_STAGE = STAGES.index("quote")
SECOND_QUOTE = 0.35  # share of deals quoted twice, the second time two points deeper


@dataclass(frozen=True)
class Paper:
    """What won deals leave: order lines, contracts, and by won deal what was sold at which price.

    Attributes
    ----------
    lines, contracts : pandas.DataFrame
        Those after today included; a line and a contract each.
    deal, product : int
        Place of the deal, code of the product.
    quantity, discount : float
    """

    lines: pd.DataFrame
    contracts: pd.DataFrame
    deal: Ints
    product: Ints
    quantity: Floats
    discount: Floats


def won(world: World, deals: Deals, code: Ints) -> Paper:
    """Fill won deals with products and price them."""
    rng, frame = world.rng("deals/lines"), world.frame
    rows = np.flatnonzero((deals.outcome == WON) & (deals.close >= 0))
    rows = rows[np.argsort(deals.close[rows], kind="stable")]
    line, day = np.array(LINES, object)[deals.line[rows]], deals.close[rows]
    discount = _discounts(world, deals, rows, day, rng)
    product, quantity = _fill(world, line, deals.amount[rows], day, discount, rng)
    lines = pd.DataFrame(
        {
            "order_key": np.arange(len(rows)),
            "account_id": deals.account[rows],
            "product_id": product,
            "day": day,
            "quantity": quantity,
            "list_price": frame.list_price[product, day],
            "net_price": net_price(frame.list_price[product, day], discount),
            "promotion_id": -1,
            "approval": _approval(world, discount),
            "channel": "direct",
            "contract_key": np.arange(len(rows)),
            "opportunity_id": code[rows],
        }
    )
    contracts = lines[["contract_key", "account_id", "day", "opportunity_id"]].assign(
        amount=(lines["quantity"] * lines["net_price"]).round(2),
        product_line=line,
        contract_type=np.where(line == "service", "service", "sale"),
        terms=np.where(line == "service", "5-5", "3-3-3-1"),
    )
    return Paper(lines, contracts, rows, product, quantity, discount)


def with_contract_amounts(table: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    """Opportunities in which a won deal's amount is that of its contract."""
    known = contracts[contracts["opportunity_id"] >= 0].set_index("opportunity_id")["amount"]
    signed = table["opportunity_id"].map(known)
    return table.assign(amount=table["amount"].mask(table["status"] == "won", signed))


def quotes(world: World, deals: Deals, code: Ints, paper: Paper) -> pd.DataFrame:
    """Quotes of deals that reached the stage; the last one of a won deal is its contract."""
    rng, frame, as_of = world.rng("deals/quotes"), world.frame, world.calendar.as_of
    first = deals.entered[:, QUOTE_STAGE]
    rows = np.flatnonzero((first >= 0) & (first <= as_of) & (code >= 0) & ~world.backfilled)
    again = rng.random(len(rows)) < SECOND_QUOTE
    end = np.where(deals.close[rows] >= 0, np.minimum(deals.close[rows], as_of), as_of)
    second = np.minimum(first[rows] + 5 + rng.integers(0, 25, len(rows)), end)
    deal = np.concatenate([rows, rows[again]])
    day = world.calendar.next_working(np.concatenate([first[rows], second[again]]))
    day = np.minimum(day, as_of)
    line = np.array(LINES, object)[deals.line[deal]]
    is_last = np.concatenate([~again, np.ones(again.sum(), bool)])
    discount = _discounts(world, deals, deal, day, rng, shift=np.where(is_last, 0.0, -0.02))
    product, quantity = _fill(world, line, deals.amount[deal], day, discount, rng)
    # What was signed had been quoted: the same machine, at last at the same discount.
    place = np.full(len(deals), -1)
    place[paper.deal] = np.arange(len(paper.deal))
    sold = place[deal] >= 0
    at = place[deal[sold]]
    product[sold], quantity[sold] = paper.product[at], paper.quantity[at]
    agreed = paper.discount[at]
    discount[sold] = np.where(is_last[sold], agreed, np.maximum(agreed - 0.02, 0))
    listed = frame.list_price[product, day]
    table = pd.DataFrame(
        {
            "opportunity_id": code[deal],
            "account_id": deals.account[deal],
            "product_id": product,
            "rep_id": world.rep_at(deals.account[deal], day).astype(int),
            "quote_date": world.calendar.date(day),
            "quantity": quantity,
            "list_price": listed,
            "net_price": net_price(listed, discount),
            "currency": "CNY",
            "tax_basis": "incl",
            "tax_rate": np.where(line == "service", 0.06, 0.13),
            "approval": _approval(world, discount),
        }
    )
    table = table.iloc[np.lexsort((deal, day))].reset_index(drop=True)
    return table.assign(quote_id=np.arange(len(table)))


def _discounts(
    world: World, deals: Deals, rows: Ints, day: Ints, rng: np.random.Generator, *, shift: Any = 0.0
) -> Floats:
    """Discounts of deals: asked for by the customer and piled up, or deep in a tender."""
    power = world.accounts["bargaining"].to_numpy()[deals.account[rows]]
    line = np.array(LINES, object)[deals.line[rows]]
    asked = wanted(world.frame, line, day, rng, shift=power + shift)
    discount, _ = piled(world.frame, asked, rng)
    low, high = world.truth.price.tender
    deep = np.round(low + (high - low) * rng.random(len(rows)), 3)
    tender = (deals.source[rows] == SOURCES.index("tender")) & world.on("tender_price")
    return np.asarray(np.where(tender, deep, discount))


def _approval(world: World, discount: Floats) -> NDArray[Any]:
    """Who approves a discount."""
    limits = np.asarray(world.truth.price.limits)
    level = (discount[:, None] > limits + 1e-9).sum(axis=1)
    return np.array(APPROVAL_CODES, object)[level]


def _fill(
    world: World,
    line: NDArray[Any],
    amount: Floats,
    day: Ints,
    discount: Floats,
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:
    """A product whose price fits the amount of a deal, and how many of it."""
    frame = world.frame
    product = np.zeros(len(line), np.int64)
    for each in LINES:
        pool = np.flatnonzero((frame.products["product_line"] == each).to_numpy())
        weight = frame.products["weight_direct"].to_numpy()[pool]
        rows = np.flatnonzero(line == each)
        price = frame.list_price[pool][:, day[rows]] * (1 - discount[rows])
        pieces = amount[rows] / price
        # Few pieces of a machine that fits: one to five are natural, more are not.
        fit = np.exp(-np.abs(np.log(np.maximum(pieces, 1e-6) / 1.6)) * 1.6)
        score = np.log(weight[:, None] * fit + 1e-12) + rng.gumbel(size=fit.shape)
        product[rows] = pool[np.argmax(score, axis=0)]
    price = frame.list_price[product, day] * (1 - discount)
    quantity = np.maximum(1, np.floor(amount / price + rng.random(len(line))))
    return product, quantity
