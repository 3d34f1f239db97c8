"""Claims: which instalments an order or contract gives rise to, when they arise and fall due.

Equipment contracts are paid 3-3-3-1: 30% in advance, 30% on delivery, 30% on acceptance and 10%
retention a year later. Dealers prepay or have 30 days, order by order. Other customers are on
monthly statement (月结): one claim a month, due their terms after its end; platforms settle
e-commerce by the month too. Amounts are CNY with VAT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import NEVER, as_dates, month_end
from workbench.sample.parameters import planted

INSTALMENTS = ("advance", "delivery", "acceptance", "retention")


@dataclass(frozen=True)
class TermsTruth:
    """Planted terms of payment; days from the event, shares of the amount."""

    instalments: tuple[float, float, float, float] = planted(
        (0.3, 0.3, 0.3, 0.1), "share", "advance, delivery, acceptance, retention"
    )
    instalment_days: tuple[int, int, int, int] = planted(
        (15, 60, 120, 365), "days", "from signing, shipment, acceptance, acceptance to the due date"
    )
    dealers_prepaying: float = planted(0.10, "share of dealers", "pay before shipment")
    dealer_days: int = planted(30, "days", "terms of the other dealers")
    platform_days: int = planted(10, "days", "until an e-commerce platform settles")
    default_days: int = planted(90, "days", "terms of customers without a credit limit")


def claims(
    lines: pd.DataFrame,
    *,
    terms_days: NDArray[np.int64],
    prepays: NDArray[np.bool_],
    truth: TermsTruth,
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Instalments of all orders and contracts, past and to come.

    Parameters
    ----------
    lines : pandas.DataFrame
        order_id, contract_id (-1: none), account_id, rep_id, region, channel, product_line,
        amount, and the days (integers) ordered, shipped, received, recognised.
    terms_days : array by account code
        Days of open account.
    prepays : array of bool by account code
        Dealers who pay before shipment.

    Returns
    -------
    (claims, claim_of_order)
        `claims`: account_id, contract_id (staged contracts), order_id (claims of one order),
        region, rep_id, channel, instalment_type, booked, due (integers of days), amount; in
        order of the orders. `claim_of_order`: row of the claim an order went into, the
        acceptance of staged contracts; -1 for none.
    """
    staged = staged_lines(lines)
    orders = _of_orders(lines[~staged], terms_days, prepays, truth)
    deals, deal_of_order = _of_contracts(lines[staged], truth)
    groups, group_of_order = _statements(orders)
    rows = pd.concat([deals, groups], ignore_index=True)
    rank = np.lexsort([rows["due"].to_numpy(), rows["first_order"].to_numpy()])
    place = np.empty(len(rows), np.int64)
    place[rank] = np.arange(len(rows))
    of_order = np.full(int(lines["order_id"].max()) + 1, -1)
    of_order[deal_of_order[0]] = place[deal_of_order[1]]
    of_order[group_of_order[0]] = place[len(deals) + group_of_order[1]]
    return rows.iloc[rank].reset_index(drop=True), of_order


def staged_lines(lines: pd.DataFrame) -> NDArray[np.bool_]:
    """Lines of equipment contracts, paid in instalments."""
    equipment = (lines["product_line"] == "equipment") & (lines["channel"] == "direct")
    return (equipment & (lines["contract_id"] >= 0)).to_numpy()


def plan_table(rows: pd.DataFrame, *, until: int) -> pd.DataFrame:
    """Rows of `receivable_plan` booked up to a day; the id is the row number of `rows`."""
    kept = rows[rows["booked"] <= until]
    return pd.DataFrame(
        {
            "plan_id": np.arange(len(kept)),
            "account_id": kept["account_id"].to_numpy(),
            "contract_id": kept["contract_id"].to_numpy(),
            "order_id": kept["order_id"].to_numpy(),
            "region": kept["region"].to_numpy(),
            "rep_id": kept["rep_id"].to_numpy(),
            "instalment_type": kept["instalment_type"].to_numpy(),
            "booked_date": as_dates(kept["booked"].to_numpy()),
            "due_date": as_dates(kept["due"].to_numpy()),
            "amount": kept["amount"].to_numpy(),
            "currency": "CNY",
        }
    )


def _grouped(lines: pd.DataFrame, key: str) -> pd.DataFrame:
    """One row for each value of `key`: sums, last dates, and what its first line says."""
    amounts: dict[str, Any] = {
        "amount": ("amount", "sum"),
        "ordered": ("ordered", "min"),
        "shipped": ("shipped", "max"),
        "received": ("received", "max"),
        "recognised": ("recognised", "max"),
    }
    same = ["account_id", "contract_id", "order_id", "region", "rep_id", "channel"]
    first = {name: (name, "first") for name in same if name != key}
    return lines.groupby(key, sort=True).agg(**amounts, **first).reset_index()


def _of_contracts(
    lines: pd.DataFrame, truth: TermsTruth
) -> tuple[pd.DataFrame, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Four instalments for each contract; the last takes what rounding leaves."""
    deals = _grouped(lines, "contract_id")
    total = deals["amount"].to_numpy()
    shares = np.asarray(truth.instalments)
    amounts = np.round(total[:, None] * shares, 2)
    amounts[:, -1] = np.round(total - amounts[:, :-1].sum(axis=1), 2)
    events = ("ordered", "shipped", "recognised", "recognised")
    booked = np.column_stack([deals[name].to_numpy() for name in events])
    due = np.minimum(booked + np.asarray(truth.instalment_days), NEVER)
    count = len(INSTALMENTS)
    rows = deals.loc[deals.index.repeat(count)].reset_index(drop=True)
    rows = rows.assign(
        instalment_type=np.tile(INSTALMENTS, len(deals)),
        booked=booked.ravel(),
        due=due.ravel(),
        amount=amounts.ravel(),
        first_order=rows["order_id"],
        order_id=-1,
    )[_COLUMNS]
    return rows, (deals["order_id"].to_numpy(), np.arange(len(deals)) * count + 2)


def _of_orders(
    lines: pd.DataFrame,
    terms_days: NDArray[np.int64],
    prepays: NDArray[np.bool_],
    truth: TermsTruth,
) -> pd.DataFrame:
    """What each order is owed for: when it arose, when due, and the statement it goes on."""
    orders = _grouped(lines, "order_id")
    account = orders["account_id"].to_numpy()
    channel = orders["channel"].to_numpy()
    dealer, platform = channel == "dealer", channel == "ecommerce"
    advance = dealer & prepays[account]
    event = np.where(dealer, orders["shipped"], orders["received"])
    event = np.where(platform | dealer, event, orders["recognised"])
    booked = np.where(advance, orders["ordered"], event)
    days = np.where(platform, truth.platform_days, terms_days[account])
    due = np.where(
        dealer,
        booked + np.where(advance, 0, truth.dealer_days),
        month_end(np.minimum(booked, NEVER - 1)) + days,
    )
    month = booked.astype("M8[D]").astype("M8[M]").astype(np.int64)
    return orders.assign(
        first_order=orders["order_id"],
        contract_id=-1,
        instalment_type=np.where(advance, "advance", "open_account"),
        booked=booked,
        due=np.minimum(due, NEVER),
        month=np.where(dealer, -1 - orders["order_id"], month),
    )


def _statements(
    orders: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """One claim for each account and month; dealers' orders stay apart."""
    keys = ["account_id", "month"]
    group = orders.groupby(keys, sort=True).ngroup().to_numpy()
    same = ["region", "rep_id", "channel", "instalment_type", "contract_id", "due"]
    rows = orders.groupby(keys, sort=True).agg(
        booked=("booked", "max"),
        amount=("amount", "sum"),
        first_order=("first_order", "min"),
        order_id=("order_id", "first"),
        orders=("order_id", "size"),
        **{name: (name, "first") for name in same},
    )
    rows = rows.reset_index()
    rows["amount"] = rows["amount"].round(2)
    rows["order_id"] = rows["order_id"].where(rows["orders"] == 1, -1)
    return rows[_COLUMNS], (orders["order_id"].to_numpy(), np.asarray(group))


_COLUMNS = [
    "account_id",
    "contract_id",
    "order_id",
    "region",
    "rep_id",
    "channel",
    "instalment_type",
    "booked",
    "due",
    "amount",
    "first_order",
]
