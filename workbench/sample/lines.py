"""All order lines together: ids, dirt, contracts of orders, and the hidden future.

Lines of direct customers, online buyers, won deals and dealers are sorted by day and numbered.
Part of the later business of a company entered twice goes to its second entry. Dealers' orders
and larger orders of consumables are contracts too; three in a hundred contracts are reversed.
The order lines of a reversed contract stay as they are: they were ordered; what the reversal does
to claims and deliveries is the affair of `money.py`.

Lines and contracts after today are here too, because later rooms need them (what is collected in
autumn, what forecasts are judged by); `cut.py` takes them away at the end.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.sample.world import World

CONTRACT_FROM = 5_000.0  # CNY; smaller orders of consumables need no contract
ON_DUPLICATE = 0.45  # share of orders booked on the second entry once it exists


def per_part(world: World) -> None:
    """Add order_line and contract, those after today included."""
    lines = _joined(world)
    lines = _number(world, lines)
    contracts = _contracts(world, lines)
    world.add("order_line", lines)
    world.add("contract", contracts)


def _joined(world: World) -> pd.DataFrame:
    """Lines of all rooms in one frame, order keys made unique."""
    offset, parts = 0, []
    frames = [*world.lines, *([_dealers(world)] if world.dealer_lines is not None else [])]
    for part in frames:
        part = part.assign(order_key=part["order_key"] + offset)
        offset = int(part["order_key"].max()) + 1 if len(part) else offset
        parts.append(part)
    lines = pd.concat(parts, ignore_index=True)
    for column in ("contract_key", "opportunity_id", "partner_id"):
        values = lines[column] if column in lines else pd.Series(-1, index=lines.index)
        lines[column] = values.fillna(-1).astype(np.int64)
    day, account = lines["day"].to_numpy(), lines["account_id"].to_numpy()
    if "rep_id" in lines:
        known = lines["rep_id"].fillna(-1).to_numpy(np.int64)
    else:
        known = np.full(len(lines), -1)
    lines["rep_id"] = np.where(known >= 0, known, world.rep_at(account, np.maximum(day, 0)))
    lines["region"] = world.region_at(account, np.maximum(day, 0))
    products = world.frame.products
    product = lines["product_id"].to_numpy()
    lines["product_line"] = products["product_line"].to_numpy(object)[product]
    lines["tax_rate"] = products["tax_rate"].to_numpy()[product]
    lines["amount"] = np.round(lines["quantity"] * lines["net_price"], 2)
    lines["currency"], lines["tax_basis"] = "CNY", "incl"
    return _to_duplicates(world, lines)


def _dealers(world: World) -> pd.DataFrame:
    found = world.dealer_lines
    assert found is not None
    return found.assign(day=world.calendar.index(found["order_date"]), channel="dealer")


def _to_duplicates(world: World, lines: pd.DataFrame) -> pd.DataFrame:
    """Book part of the orders of a company entered twice on its second entry."""
    double = world.accounts["duplicate_of"].to_numpy()
    second = np.flatnonzero(double >= 0)
    if not len(second):
        return lines
    target = np.full(len(double), -1)
    target[double[second]] = second
    since = np.full(len(double), 10**6)
    since[double[second]] = world.accounts["created_day"].to_numpy()[second] + 3
    account = lines["account_id"].to_numpy()
    draw = world.rng("lines/duplicates").random(int(lines["order_key"].max()) + 1)
    moved = (
        (target[account] >= 0)
        & (lines["day"].to_numpy() >= since[account])
        & (draw[lines["order_key"]] < ON_DUPLICATE)
        & (lines["contract_key"].to_numpy() < 0)
    )
    return lines.assign(account_id=np.where(moved, target[account], account))


def _number(world: World, lines: pd.DataFrame) -> pd.DataFrame:
    """Sort by day and order; codes of orders and lines."""
    order = np.lexsort((lines["product_id"], lines["order_key"], lines["account_id"], lines["day"]))
    lines = lines.iloc[order].reset_index(drop=True)
    key = lines["order_key"].to_numpy()
    new = np.ones(len(lines), bool)
    new[1:] = key[1:] != key[:-1]
    lines["order_id"] = np.cumsum(new) - 1
    lines["order_line_id"] = np.arange(len(lines))
    lines["order_date"] = world.calendar.date(lines["day"])
    lines["recognised_date"] = pd.Series(pd.NaT, index=lines.index, dtype="datetime64[s]")
    return lines


def _contracts(world: World, lines: pd.DataFrame) -> pd.DataFrame:
    """Contracts of deals and of orders, numbered by day, with reversals; sets contract_id."""
    orders = lines.groupby("order_id", sort=True).agg(
        account_id=("account_id", "first"), day=("day", "first"), rep_id=("rep_id", "first"),
        region=("region", "first"), channel=("channel", "first"), amount=("amount", "sum"),
        contract_key=("contract_key", "max"), opportunity_id=("opportunity_id", "max"),
        product_line=("product_line", "first"), tax_rate=("tax_rate", "first"),
        partner_id=("partner_id", "max"),
    ).reset_index()  # fmt: skip
    deal = orders["contract_key"] >= 0
    direct = (orders["channel"] == "direct") & (orders["amount"] >= CONTRACT_FROM)
    signed = orders[deal | (orders["channel"] == "dealer") | direct].copy()
    before = signed.reset_index(drop=True)
    code = np.full(len(orders), -1)
    code[before["order_id"]] = np.arange(len(before))
    lines["contract_id"] = code[lines["order_id"]]
    keys = world.contracts.set_index("contract_key")
    with_deal = before["contract_key"].to_numpy()
    kind = np.where(before["product_line"] == "service", "service", "sale").astype(object)
    terms = np.where(before["channel"] == "dealer", "10", "0-10").astype(object)
    terms[with_deal >= 0] = keys["terms"].reindex(with_deal[with_deal >= 0]).to_numpy(object)
    table = before.assign(
        contract_id=np.arange(len(before)),
        contract_type=kind,
        signed_date=world.calendar.date(before["day"]),
        amount=before["amount"].round(2),
        currency="CNY",
        tax_basis="incl",
        reverses_id=-1,
        terms=terms,
    )
    return _with_reversals(world, table)


def _with_reversals(world: World, contracts: pd.DataFrame) -> pd.DataFrame:
    """Add rows that cancel or halve a contract some weeks after it was signed."""
    rng, calendar = world.rng("lines/reversals"), world.calendar
    draw, part, wait = rng.random((3, len(contracts)))
    rate = world.truth.deal.reversed if world.on("reversals") else 0.0
    day = calendar.next_working(
        np.minimum(contracts["day"] + 12 + (wait * 75).astype(int), len(calendar.days) - 1)
    )
    # Direct business only: what a dealer has bought stands in its stock.
    direct = (contracts["channel"] == "direct").to_numpy()
    rows = np.flatnonzero((draw < rate) & direct & (day < len(calendar.days) - 1))
    share = np.where(part[rows] < 0.65, 1.0, 0.5)
    back = contracts.iloc[rows].reset_index(drop=True)
    back = back.assign(
        reverses_id=back["contract_id"],
        contract_id=len(contracts) + np.arange(len(back)),
        contract_type="reversal",
        amount=-np.round(back["amount"].to_numpy() * share, 2),
        signed_date=calendar.date(day[rows]),
        day=day[rows],
    )
    return pd.concat([contracts, back], ignore_index=True)
