"""Claims: which instalments an order or contract gives rise to, when they arise and fall due.

Equipment contracts are paid 3-3-3-1: 30% in advance, 30% on delivery, 30% on acceptance and 10%
retention a year later. Dealers prepay or have 30 days; other orders are on open account with the
customer's terms; platforms settle e-commerce. Amounts are CNY with VAT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import NEVER, Days, as_dates, as_days
from workbench.sample.parameters import planted

INSTALMENTS = ("advance", "delivery", "acceptance", "retention")


@dataclass(frozen=True)
class TermsTruth:
    """Planted terms of payment; days from the event, shares of the amount."""

    instalments: tuple[float, float, float, float] = planted(
        (0.3, 0.3, 0.3, 0.1), "share", "advance, delivery, acceptance, retention"
    )
    instalment_days: tuple[int, int, int, int] = planted(
        (7, 15, 30, 365), "days", "from signing, shipment, acceptance, acceptance to the due date"
    )
    dealers_prepaying: float = planted(0.55, "share of dealers", "pay before shipment")
    dealer_days: int = planted(30, "days", "terms of the other dealers")
    platform_days: int = planted(10, "days", "until an e-commerce platform settles")
    default_days: int = planted(45, "days", "terms of customers without a credit limit")


def claims(
    lines: pd.DataFrame,
    *,
    terms_days: NDArray[np.int64],
    prepays: NDArray[np.bool_],
    truth: TermsTruth,
) -> pd.DataFrame:
    """Instalments of all orders and contracts, past and to come.

    Parameters
    ----------
    lines : pandas.DataFrame
        order_id, contract_id (-1: none), account_id, rep_id, region, channel, product_line,
        amount, returned (amount given back before payment), and the days (integers) ordered,
        shipped, received, recognised.
    terms_days : array by account code
        Days of open account.
    prepays : array of bool by account code
        Dealers who pay before shipment.

    Returns
    -------
    pandas.DataFrame
        account_id, contract_id, order_id, region, rep_id, channel, instalment_type, booked, due
        (integers of days), amount; sorted by booked.
    """
    staged = (
        (lines["contract_id"] >= 0)
        & (lines["product_line"] == "equipment")
        & (lines["channel"] == "direct")
    )
    parts = [
        _of_contracts(lines[staged], truth),
        _of_orders(lines[~staged], terms_days, prepays, truth),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["amount"] > 0]
    return rows.sort_values(["booked", "account_id", "due"], kind="stable", ignore_index=True)


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
        "returned": ("returned", "sum"),
        "ordered": ("ordered", "min"),
        "shipped": ("shipped", "max"),
        "received": ("received", "max"),
        "recognised": ("recognised", "max"),
    }
    same = ["account_id", "contract_id", "order_id", "region", "rep_id", "channel"]
    first = {name: (name, "first") for name in same if name != key}
    return lines.groupby(key, sort=True).agg(**amounts, **first).reset_index()


def _of_contracts(lines: pd.DataFrame, truth: TermsTruth) -> pd.DataFrame:
    """Four instalments for each contract; the last takes what rounding leaves."""
    deals = _grouped(lines, "contract_id")
    total = (deals["amount"] - deals["returned"]).to_numpy()
    shares = np.asarray(truth.instalments)
    amounts = np.round(total[:, None] * shares, 2)
    amounts[:, -1] = np.round(total - amounts[:, :-1].sum(axis=1), 2)
    events = ("ordered", "shipped", "recognised", "recognised")
    booked = np.column_stack([deals[name].to_numpy() for name in events])
    due = np.minimum(booked + np.asarray(truth.instalment_days), NEVER)
    count = len(INSTALMENTS)
    rows = deals.loc[deals.index.repeat(count)].reset_index(drop=True)
    return rows.assign(
        instalment_type=np.tile(INSTALMENTS, len(deals)),
        booked=booked.ravel(),
        due=due.ravel(),
        amount=amounts.ravel(),
    )[_COLUMNS]


def _of_orders(
    lines: pd.DataFrame,
    terms_days: NDArray[np.int64],
    prepays: NDArray[np.bool_],
    truth: TermsTruth,
) -> pd.DataFrame:
    """One claim for each order: prepaid, on open account, or through the platform."""
    orders = _grouped(lines, "order_id")
    account = orders["account_id"].to_numpy()
    channel = orders["channel"].to_numpy()
    dealer, platform = channel == "dealer", channel == "ecommerce"
    advance = dealer & prepays[account]
    event = np.where(dealer, orders["shipped"], orders["received"])
    event = np.where(platform | dealer, event, orders["recognised"])
    booked = np.where(advance, orders["ordered"], event)
    days = np.where(dealer, truth.dealer_days, terms_days[account])
    days = np.where(platform, truth.platform_days, days)
    return orders.assign(
        instalment_type=np.where(advance, "advance", "open_account"),
        booked=booked,
        due=np.minimum(booked + np.where(advance, 0, days), NEVER),
        amount=np.round(orders["amount"] - orders["returned"], 2),
    )[_COLUMNS]


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
]


def days_of(frame: pd.DataFrame, column: str) -> Days:
    """Integers of the dates of a column."""
    return as_days(frame[column].to_numpy())
