"""Money: from order lines and contracts to deliveries, invoices, claims, receipts and matches.

The order of things: goods leave and arrive (`deliveries.py`), some come back (`invoices.py`),
claims arise and fall due (`receivables.py`), customers pay when they do (`payments.py`), dealers
earn rebates and take them in goods (`rebates.py`). Revenue dates go back to the order lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import (
    deliveries,
    invoices,
    payments,
    plan_grid,
    plans,
    rebates,
    receivables,
    reversals,
)
from workbench.sample.clock import NEVER, as_dates, as_days, working_after
from workbench.sample.deliveries import DeliveryTruth
from workbench.sample.invoices import InvoiceTruth
from workbench.sample.payments import PaymentTruth
from workbench.sample.rebates import RebateTruth
from workbench.sample.receivables import TermsTruth
from workbench.sample.world import AS_OF, Frame, World

EFFECTS: dict[str, tuple[str, str]] = (
    deliveries.EFFECTS | invoices.EFFECTS | payments.EFFECTS | rebates.EFFECTS
)
UNTIL = int(AS_OF.astype(int))
PAYMENT_DAYS = np.array([10, 15, 20, 25, 28])


@dataclass(frozen=True)
class MoneyTruth:
    """Planted parameters of everything from delivery to collection."""

    delivery: DeliveryTruth = field(default_factory=DeliveryTruth)
    terms: TermsTruth = field(default_factory=TermsTruth)
    invoice: InvoiceTruth = field(default_factory=InvoiceTruth)
    payment: PaymentTruth = field(default_factory=PaymentTruth)
    rebate: RebateTruth = field(default_factory=RebateTruth)


TRUTH = MoneyTruth()


@dataclass
class Ledger:
    """What one part's money is made of while it is worked out; days are integers.

    `recognised` has a row for each order line; `lines` those that were not cancelled.
    """

    recognised: NDArray[np.int64]
    lines: pd.DataFrame
    back: pd.DataFrame
    claims: pd.DataFrame
    paid: pd.DataFrame
    payers: pd.DataFrame
    rebates: pd.DataFrame


def per_part(world: World) -> None:
    """Add the money tables of a part, and recognised_date to its order lines."""
    ledger = settle(world)
    _add_orders(world, ledger)
    _add_receivables(world, ledger)
    _add_truth(world, ledger)


def per_company(frame: Frame, world: World) -> None:
    """Hide what is recognised and collected after today, by month: what forecasts aim at."""
    last = pd.Timestamp(frame.calendar.days[-1])
    for name in ("future_revenue", "future_collections"):
        rows = frame.totals[name]
        value = rows.columns[-1]
        rows = rows.assign(**{value: rows[value].round(2)})
        frame.hide(name, rows[rows["month"] <= last].reset_index(drop=True))


def settle(world: World, *, truth: MoneyTruth = TRUTH) -> Ledger:
    """Work out deliveries, claims, payments and rebates of a part; adds `delivery`."""
    streams, off, part = world.frame.streams, world.frame.off, _suffix(world)
    table = world.tables["order_line"]
    done = deliveries.fulfil(table, truth=truth.delivery, streams=streams, off=off, part=part)
    net = np.round(table["amount"].to_numpy() / (1 + table["tax_rate"].to_numpy()), 2)
    lines = table.assign(
        net=net,
        ordered=as_days(table["order_date"].to_numpy()),
        shipped=done.shipped,
        received=done.received,
        recognised=done.recognised,
    )
    reversal = reversals.of_lines(lines, world.tables["contract"])
    kept = lines[~reversal.cancelled].reset_index(drop=True)
    kept["lasting"] = _lasting(world, kept, _back(world, kept, reversal, truth), truth)
    timed = plans.work_on_dates(world, kept)
    after = lines["recognised"].to_numpy().copy()
    after[~reversal.cancelled] = timed["recognised"].to_numpy()
    shipments = deliveries.retimed(done.deliveries, lines["recognised"].to_numpy(), after)
    shipments = shipments[~reversal.cancelled[shipments["line"].to_numpy()]]
    world.add("delivery", deliveries.delivery_table(shipments, until=UNTIL))
    recognised = np.where(reversal.cancelled, NEVER, after)
    lines = timed
    back = _back(world, lines, reversal, truth)
    payers = make_payers(world)
    claims, of_order = receivables.claims(
        lines,
        terms_days=payers["terms_days"].to_numpy(),
        prepays=payers["prepays"].to_numpy(),
        truth=truth.terms,
    )
    paid = payments.pay(claims, payers, truth=truth.payment, streams=streams, off=off, part=part)
    claims, paid = _credit_returns(claims, paid, back, of_order)
    found, claims, paid = _rebate(world, claims, paid, truth)
    return Ledger(recognised, lines, back, claims, paid, payers, found)


def make_payers(world: World, *, truth: MoneyTruth = TRUTH) -> pd.DataFrame:
    """How each account pays, by account code."""
    accounts, usual = world.accounts, world.truth.customer.habit
    rng = world.rng("money/payers")
    owner = accounts["ownership"].fillna("private").astype(object)
    late = accounts["habit"].to_numpy(float)
    relative = late / owner.map(usual).to_numpy(float)
    key = (accounts["customer_type"] == "key_account").to_numpy()
    public = owner.isin(("state", "public")).to_numpy()
    drawn, chosen = rng.random(len(accounts)), rng.integers(0, len(PAYMENT_DAYS), len(accounts))
    monthly = key | (public & (drawn < 0.7)) | (drawn < 0.12)
    return pd.DataFrame(
        {
            "ownership": owner,
            "late": late,
            "relative": np.clip(relative, 0.1, 6.0),
            "private_late": np.clip(relative, 0.1, 6.0) * usual["private"],
            "pay_day": np.where(monthly, PAYMENT_DAYS[chosen], 0),
            "key": key,
            "terms_days": _terms(world, truth),
            "prepays": rng.random(len(accounts)) < truth.terms.dealers_prepaying,
        }
    )


def _back(
    world: World, lines: pd.DataFrame, reversal: reversals.Reversal, truth: MoneyTruth
) -> pd.DataFrame:
    """What comes back of lines, by return or reversal."""
    back = invoices.returns(
        lines,
        truth=truth.invoice,
        streams=world.frame.streams,
        off=world.frame.off,
        part=_suffix(world),
    )
    return reversals.with_reversed(back, lines, reversal)


def _lasting(
    world: World, lines: pd.DataFrame, back: pd.DataFrame, truth: MoneyTruth
) -> NDArray[np.float64]:
    """What lasts of each line's revenue: less what comes back, dealers less usual rebates."""
    given = back["amount"].to_numpy() / (1 + back["tax_rate"].to_numpy())
    less = np.bincount(back["line"].to_numpy(), weights=given, minlength=len(lines))
    rebate = truth.rebate.usual if world.on("rebate") else 0.0
    dealer = (lines["channel"] == "dealer").to_numpy()
    return np.asarray((lines["net"].to_numpy() - less) * np.where(dealer, 1 - rebate, 1.0))


def _suffix(world: World) -> str:
    return "" if world.part == 0 else f"#{world.part}"


def _terms(world: World, truth: MoneyTruth) -> NDArray[np.int64]:
    """Days of open account by account code, as in the credit limits; the last limit counts."""
    days = np.full(len(world.accounts), truth.terms.default_days)
    limits = world.tables.get("credit_limit")
    if limits is not None:
        known = limits.dropna(subset=["terms_days"])
        days[known["account_id"].to_numpy()] = known["terms_days"].to_numpy().astype(np.int64)
    return days


def _credit_returns(
    claims: pd.DataFrame,
    paid: pd.DataFrame,
    back: pd.DataFrame,
    of_order: NDArray[np.int64],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns before payment lower the claim; `back.refund` marks those to be refunded."""
    claim = of_order[back["order_id"].to_numpy()]
    first = np.full(len(claims) + 1, NEVER)
    np.minimum.at(first, paid["claim"].to_numpy(), paid["paid"].to_numpy())
    unpaid = (claim >= 0) & (first[claim] > back["returned_on"].to_numpy())
    back["refund"] = ~unpaid
    given = back["amount"].to_numpy()[unpaid]
    less = np.bincount(claim[unpaid], weights=given, minlength=len(claims)).astype(float)
    return _lowered(claims, paid, less)


def _lowered(
    claims: pd.DataFrame, paid: pd.DataFrame, less: NDArray[np.float64]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Claims and their payments lowered by amounts; claims that vanish stay with 0."""
    before = claims["amount"].to_numpy()
    after = np.round(np.maximum(before - less, 0.0), 2)
    of = paid["claim"].to_numpy()
    # A claim in two parts loses it from the first; the second takes what is left.
    head = np.minimum(paid["amount"].to_numpy(), after[of])
    last = ~paid.duplicated("claim", keep="last").to_numpy()
    first_sum = np.bincount(of[~last], weights=head[~last], minlength=len(claims))
    amount = np.where(last, np.round(after[of] - first_sum[of], 2), head)
    return claims.assign(amount=after), paid.assign(amount=amount)


def _rebate(
    world: World, claims: pd.DataFrame, paid: pd.DataFrame, truth: MoneyTruth
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rebates of the part's dealers; those in goods lower the claim that takes them up."""
    dealer = claims[(claims["channel"] == "dealer").to_numpy()]
    partners = world.tables.get("partner")
    if partners is None or dealer.empty or not world.on("rebate"):
        return pd.DataFrame(), claims, paid
    of = np.full(len(world.accounts), -1)
    of[partners["account_id"].to_numpy()] = partners["partner_id"].to_numpy()
    position = np.full(len(claims), -1)
    position[dealer.index.to_numpy()] = np.arange(len(dealer))
    mine = paid[position[paid["claim"].to_numpy()] >= 0]
    mine = mine.assign(claim=position[mine["claim"].to_numpy()])
    found = rebates.earned(dealer.reset_index(drop=True), mine, partner_of=of, truth=truth.rebate)
    found, offsets = rebates.settle(found, dealer, partner_of=of, truth=truth.rebate)
    less = np.zeros(len(claims))
    less[offsets["claim"].to_numpy()] = offsets["amount"].to_numpy()
    return found, *_lowered(claims, paid, less)


def _add_orders(world: World, ledger: Ledger, *, truth: MoneyTruth = TRUTH) -> None:
    """Recognition dates, invoices, returns, rebates."""
    table = world.tables["order_line"]
    until = as_dates(ledger.recognised, until=UNTIL)
    world.tables["order_line"] = table.assign(recognised_date=until)
    lines = ledger.lines
    blue = invoices.blue_invoices(
        lines,
        staged=receivables.staged_lines(lines),
        truth=truth.invoice,
        streams=world.frame.streams,
        part=_suffix(world),
    )
    reds = [invoices.red_for_returns(ledger.back, blue)]
    if len(ledger.rebates):
        account_of = world.tables["partner"]["account_id"].to_numpy()
        reds.append(invoices.red_for_rebates(ledger.rebates, blue, account_of=account_of))
        world.add("rebate", rebates.rebate_table(ledger.rebates, until=UNTIL))
    red = pd.concat(reds, ignore_index=True)
    world.add("invoice", invoices.invoice_table(blue, red, until=UNTIL, part=world.part))
    world.add("return_refund", invoices.return_table(ledger.back, until=UNTIL))


def _add_receivables(world: World, ledger: Ledger, *, truth: MoneyTruth = TRUTH) -> None:
    """Claims, receipts with refunds, matches."""
    streams, off, part = world.frame.streams, world.frame.off, _suffix(world)
    booked = ledger.claims["booked"].to_numpy() <= UNTIL
    kept = booked & (ledger.claims["amount"].to_numpy() > 0)
    number = np.cumsum(kept) - 1
    claims = ledger.claims[kept].reset_index(drop=True)
    world.add("receivable_plan", receivables.plan_table(claims, until=UNTIL))
    _note_collections(world, ledger)
    paid = ledger.paid[kept[ledger.paid["claim"].to_numpy()] & (ledger.paid["amount"] > 0)]
    paid = paid.assign(claim=number[paid["claim"].to_numpy()])
    receipt, match = payments.receipts(
        paid,
        claims,
        ledger.payers,
        refunds=_refunds(ledger),
        until=UNTIL,
        truth=truth.payment,
        streams=streams,
        off=off,
        part=part,
    )
    payer = receipt["payer_account"].to_numpy()
    known = world.accounts["name"].iloc[np.maximum(payer, 0)].reset_index(drop=True)
    receipt["payer"] = known.where(payer >= 0, None)
    world.add("receipt", receipt.drop(columns="payer_account"))
    world.add("receipt_match", match)


def _note_collections(world: World, ledger: Ledger) -> None:
    """Keep collections by month of region and rep, to come included, for plans and pay."""
    claim = ledger.paid["claim"].to_numpy()
    rows = pd.DataFrame(
        {
            "month": plan_grid.month_index(np.minimum(ledger.paid["paid"].to_numpy(), NEVER)),
            "region": ledger.claims["region"].to_numpy()[claim],
            "rep_id": ledger.claims["rep_id"].to_numpy()[claim],
            "amount": ledger.paid["amount"].to_numpy(),
        }
    )
    rows = rows[(rows["month"] >= 0) & (rows["month"] < len(plan_grid.MONTHS))]
    world.add_up("collections", rows, by=["month", "region"], values=["amount"])
    by_rep = rows[rows["rep_id"] >= 0]
    world.add_up("rep_collections", by_rep, by=["rep_id", "month"], values=["amount"])
    lines = ledger.lines[ledger.lines["product_line"] != "service"]
    goods = pd.DataFrame(
        {
            "month": plan_grid.month_index(lines["shipped"].to_numpy()),
            "region": lines["region"].to_numpy(),
            "amount": lines["net"].to_numpy(),
        }
    )
    world.add_up("goods_by_month", goods, by=["month", "region"], values=["amount"])


def _refunds(ledger: Ledger) -> pd.DataFrame:
    """Money given back: returns after payment, rebates in money. Amounts are negative."""
    back = ledger.back[ledger.back["refund"].to_numpy(bool)]
    line = ledger.lines.iloc[back["line"].to_numpy()]
    rows = pd.DataFrame(
        {
            "account_id": line["account_id"].to_numpy(),
            "region": line["region"].to_numpy(),
            "rep_id": line["rep_id"].to_numpy(),
            "received": working_after(back["returned_on"].to_numpy(), 3),
            "amount": -back["amount"].to_numpy(),
            "channel": line["channel"].to_numpy(),
        }
    )
    return rows[rows["received"] <= UNTIL]


def _add_truth(world: World, ledger: Ledger) -> None:
    """Hidden: on which day each account pays (0: any week), and bad debts; sums to come."""
    payers = ledger.payers
    world.hide(
        "payer",
        pd.DataFrame(
            {
                "account_id": np.arange(len(payers)),
                "payment_day": payers["pay_day"].to_numpy(),
            }
        ),
    )
    to_come = ledger.paid[(ledger.paid["paid"] > UNTIL) & (ledger.paid["paid"] < NEVER)]
    claim = to_come["claim"].to_numpy()
    months = to_come["paid"].to_numpy().astype("M8[D]").astype("M8[M]").astype("M8[s]")
    rows = pd.DataFrame(
        {
            "month": months,
            "region": ledger.claims["region"].to_numpy()[claim],
            "amount": to_come["amount"].to_numpy(),
        }
    )
    world.add_up("future_collections", rows, by=["month", "region"], values=["amount"])
    lines = ledger.lines[ledger.lines["recognised"] > UNTIL]
    months = lines["recognised"].to_numpy().astype("M8[D]").astype("M8[M]").astype("M8[s]")
    rows = lines[["region", "product_line", "net"]].assign(month=months)
    keys = ["month", "region", "product_line"]
    world.add_up("future_revenue", rows, by=keys, values=["net"])
    bad = ledger.paid[(ledger.paid["paid"] >= NEVER) & (ledger.paid["amount"] > 0)]
    named = ledger.claims.iloc[bad["claim"].to_numpy()]
    world.hide(
        "bad_debt",
        pd.DataFrame(
            {
                "account_id": named["account_id"].to_numpy(),
                "due_date": as_dates(named["due"].to_numpy()),
                "amount": bad["amount"].to_numpy(),
            }
        ),
    )
