"""VAT invoices and returns: what is invoiced when, what comes back, what is credited.

A red-letter invoice (红字发票) is a negative row that corrects a blue one: for returns, for
rebates and for contracts cancelled after invoicing. Amounts are CNY with VAT.
"""

# ruff: noqa: RUF009  `planted` only makes dataclass fields

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import LAST, Days, as_dates, month_end, working_after
from workbench.sample.deliveries import line_draws
from workbench.sample.keyed import Keyed
from workbench.sample.parameters import planted

Off = frozenset[str]

EFFECTS: dict[str, tuple[str, str]] = {
    "returns": ("Goods come back, most from e-commerce", "部分商品退货，电商最多"),
}
LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "reason": {
        "quality": ("Quality", "质量问题"),
        "wrong_item": ("Wrong item", "错发"),
        "no_longer_needed": ("No longer needed", "不再需要"),
        "damaged_in_transit": ("Damaged in transit", "运输损坏"),
        "contract_reversed": ("Contract reversed", "合同作废或减项"),
    }
}
REASONS = ("quality", "wrong_item", "no_longer_needed", "damaged_in_transit")


@dataclass(frozen=True)
class InvoiceTruth:
    """Planted parameters of invoices and returns."""

    returned: dict[str, float] = planted(
        {"direct": 0.030, "dealer": 0.0, "ecommerce": 0.085},
        "share of lines",
        "consumables lines that come back, by channel; dealers' stock stays with them",
    )
    returned_equipment: float = planted(0.004, "share of lines", "equipment that comes back")
    return_days: tuple[int, int] = planted((3, 25), "days", "from receipt to return")
    on_statement: float = planted(
        0.5, "share of accounts", "direct accounts invoiced once a month on statement"
    )
    first_share: float = planted(0.6, "share", "of an equipment contract invoiced on delivery")
    delay: int = planted(3, "working days", "longest delay of an invoice after its event")
    online: float = planted(0.45, "share", "of e-commerce orders whose buyer wants an invoice")


def returns(
    lines: pd.DataFrame, *, truth: InvoiceTruth, streams: Any, off: Off, part: str = ""
) -> pd.DataFrame:
    """What comes back: line (row of `lines`), its ids, returned_on (day), quantity, amount."""
    draws = line_draws(lines, lines["ordered"].to_numpy(), streams, part)
    chance = lines["channel"].map(truth.returned).to_numpy(float)
    line, channel = lines["product_line"].to_numpy(), lines["channel"].to_numpy()
    chance = np.where(
        (line == "equipment") & (channel == "direct"), truth.returned_equipment, chance
    )
    chance = np.where(line == "service", 0.0, chance)
    drawn, share = draws.uniform("money/returned"), draws.uniform("money/returned_share")
    wait = draws.integers("money/return_days", *truth.return_days)
    reason = np.searchsorted((0.35, 0.50, 0.85), draws.uniform("money/return_reason"))
    back = np.flatnonzero((drawn < chance) & ("returns" not in off))
    quantity = lines["quantity"].to_numpy()[back]
    whole = (share[back] < 0.6) | (quantity <= 1) | (channel[back] == "ecommerce")
    given = np.where(whole, quantity, np.maximum(1, np.floor(quantity * share[back])))
    amount = np.round(lines["amount"].to_numpy()[back] * given / quantity, 2)
    return pd.DataFrame(
        {
            "line": back,
            "order_line_id": lines["order_line_id"].to_numpy()[back],
            "order_id": lines["order_id"].to_numpy()[back],
            "account_id": lines["account_id"].to_numpy()[back],
            "returned_on": working_after(lines["received"].to_numpy()[back] + wait[back], 0),
            "quantity": given,
            "amount": amount,
            "tax_rate": lines["tax_rate"].to_numpy()[back],
            "reason": np.array(REASONS, object)[reason[back]],
        }
    )


def return_table(rows: pd.DataFrame, *, until: int) -> pd.DataFrame:
    """Rows of `return_refund` up to a day."""
    kept = rows[rows["returned_on"] <= until]
    return pd.DataFrame(
        {
            "return_id": np.arange(len(kept)),
            "order_line_id": kept["order_line_id"].to_numpy(),
            "return_date": as_dates(kept["returned_on"].to_numpy()),
            "quantity": kept["quantity"].to_numpy(),
            "amount": kept["amount"].to_numpy(),
            "currency": "CNY",
            "tax_basis": "incl",
            "tax_rate": kept["tax_rate"].to_numpy(),
            "reason": kept["reason"].to_numpy(),
        }
    )


def blue_invoices(
    lines: pd.DataFrame,
    *,
    staged: NDArray[np.bool_],
    truth: InvoiceTruth,
    streams: Any,
    part: str = "",
) -> pd.DataFrame:
    """Invoices of orders and of staged contracts, past and to come.

    Parameters
    ----------
    lines : pandas.DataFrame
        As for `receivables.claims`, with tax_rate.
    staged : bool array, shape (lines,)
        Lines of equipment contracts, invoiced by contract in two parts.

    Returns
    -------
    pandas.DataFrame
        account_id, contract_id, order_id, region, invoiced (day), amount, tax_rate.
    """
    keys = ["order_id", "tax_rate"]
    orders = _sums(lines[~staged], keys)
    draws = Keyed(streams, part, (orders["account_id"].to_numpy(), orders["shipped"].to_numpy()))
    delay = draws.integers("money/invoice_delay", 0, truth.delay)
    usual = working_after(orders["shipped"].to_numpy(), delay)
    usual = np.where(orders["channel"] == "dealer", orders["shipped"], usual)
    statement = (orders["account_id"].to_numpy() * 7 % 100) < truth.on_statement * 100
    statement &= (orders["channel"] == "direct").to_numpy()
    silent = (orders["channel"] == "ecommerce").to_numpy() & (
        draws.uniform("money/invoice_wanted") > truth.online
    )
    orders["invoiced"] = np.where(statement, month_end(orders["shipped"].to_numpy()), usual)
    orders = _statements(orders[~silent].assign(contract_id=-1), statement[~silent])
    deals = _sums(lines[staged], ["contract_id", "tax_rate"])
    head = np.round(deals["amount"].to_numpy() * truth.first_share, 2)
    first = deals.assign(amount=head, invoiced=working_after(deals["shipped"].to_numpy(), 3))
    second = deals.assign(
        amount=np.round(deals["amount"].to_numpy() - head, 2),
        invoiced=working_after(deals["recognised"].to_numpy(), 3),
    )
    rows = pd.concat([orders, first, second], ignore_index=True)
    return rows[rows["amount"] > 0].reset_index(drop=True)


def invoice_table(
    blue: pd.DataFrame, red: pd.DataFrame, *, until: int, part: int = 0
) -> pd.DataFrame:
    """Rows of `invoice` up to a day, numbered in order of the day.

    Parameters
    ----------
    red : pandas.DataFrame
        Rows as `blue` with negative amounts, and corrects: row of `blue` corrected.
    part : int
        Part of a large company; keeps invoice numbers apart.
    """
    rows = pd.concat(
        [blue.assign(corrects=-1, source=np.arange(len(blue))), red.assign(source=-1)],
        ignore_index=True,
    )
    rows = rows[rows["invoiced"] <= until]
    rows = rows.sort_values(["invoiced", "source", "order_id"], kind="stable", ignore_index=True)
    place = np.full(len(blue) + 1, -1)
    is_blue = rows["source"].to_numpy() >= 0
    place[rows["source"].to_numpy()[is_blue]] = np.flatnonzero(is_blue)
    return pd.DataFrame(
        {
            "invoice_id": np.arange(len(rows)),
            "invoice_number": _numbers(rows["invoiced"].to_numpy(), part),
            "invoice_type": np.where(is_blue, "blue", "red"),
            "account_id": rows["account_id"].to_numpy(),
            "contract_id": rows["contract_id"].to_numpy(),
            "order_id": rows["order_id"].to_numpy(),
            "region": rows["region"].to_numpy(),
            "invoice_date": as_dates(rows["invoiced"].to_numpy()),
            "amount": rows["amount"].to_numpy(),
            "currency": "CNY",
            "tax_basis": "incl",
            "tax_rate": rows["tax_rate"].to_numpy(),
            "corrects_id": place[rows["corrects"].to_numpy()],
        }
    )


def red_for_returns(back: pd.DataFrame, blue: pd.DataFrame) -> pd.DataFrame:
    """Credit notes of returns, five working days later, against the last invoice before."""
    wanted = back.assign(day=back["returned_on"])
    return _corrected(wanted, blue, by=["account_id", "tax_rate"], wait=5)


def red_for_rebates(
    settled: pd.DataFrame, blue: pd.DataFrame, *, account_of: NDArray[np.int64]
) -> pd.DataFrame:
    """Credit notes of settled rebates, against the dealer's last invoice before.

    Parameters
    ----------
    settled : pandas.DataFrame
        partner_id, settled (day), amount.
    account_of : array by partner code
        Account of each partner.
    """
    sums = settled.groupby(["partner_id", "settled"], as_index=False)["amount"].sum()
    sums["account_id"] = account_of[sums["partner_id"].to_numpy()]
    return _corrected(sums.assign(day=sums["settled"]), blue, by=["account_id"], wait=0)


def _corrected(
    wanted: pd.DataFrame, blue: pd.DataFrame, *, by: list[str], wait: int
) -> pd.DataFrame:
    """Red rows for amounts to take back on a day, against the last fitting blue invoice."""
    known: pd.DataFrame = blue[by].assign(
        day=blue["invoiced"].to_numpy(), corrects=np.arange(len(blue))
    )
    known = known.sort_values(by=["day", "corrects"], kind="stable")
    asked = wanted[[*by, "day", "amount"]].sort_values(by=["day", *by], kind="stable")
    found = pd.merge_asof(asked, known, on="day", by=by).dropna(subset=["corrects"])
    corrects = found["corrects"].to_numpy().astype(np.int64)
    rows = blue.iloc[corrects].reset_index(drop=True)
    day = np.minimum(np.maximum(found["day"].to_numpy(), rows["invoiced"]), LAST - 30)
    return rows.assign(
        amount=-found["amount"].to_numpy(),
        invoiced=working_after(np.asarray(day), wait),
        corrects=corrects,
    )


def _statements(orders: pd.DataFrame, statement: NDArray[np.bool_]) -> pd.DataFrame:
    """Orders on statement as one invoice a month and tax rate; the others as they are."""
    keys = ["account_id", "invoiced", "tax_rate"]
    named = {name: (name, "first") for name in ("region", "channel", "contract_id", "order_id")}
    sums = (
        orders[statement]
        .groupby(keys, sort=True)
        .agg(amount=("amount", "sum"), orders=("amount", "size"), **named)
        .reset_index()
    )
    sums["order_id"] = sums["order_id"].where(sums["orders"] == 1, -1)
    sums["amount"] = sums["amount"].round(2)
    return pd.concat([orders[~statement], sums], ignore_index=True)


def _sums(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row for each combination of `keys`, with what its first line says."""
    first = ["account_id", "contract_id", "order_id", "region", "channel"]
    named = {name: (name, "first") for name in first if name not in keys}
    found = (
        lines.groupby(keys, sort=True)
        .agg(
            amount=("amount", "sum"),
            shipped=("shipped", "max"),
            recognised=("recognised", "max"),
            **named,
        )
        .reset_index()
    )
    found["amount"] = found["amount"].round(2)
    if "order_id" not in keys:
        found["order_id"] = -1
    return found


def _numbers(days: Days, part: int) -> NDArray[np.object_]:
    """Numbers of 20 digits, as electronic invoices carry them: year, place, running number."""
    if not len(days):
        return np.empty(0, object)
    year = days.astype("M8[D]").astype("M8[Y]").astype(np.int64) - 30
    running = np.char.zfill((part * 10**9 + np.arange(1, len(days) + 1)).astype("U16"), 16)
    head = np.char.zfill((year * 100 + 32).astype("U4"), 4)
    return np.asarray(np.char.add(head, running).astype(object))
