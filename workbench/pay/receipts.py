"""Receipts matched to invoices, and credit lines made of them.

A receipt settles the oldest open invoice of its account unless a match is stated. What finds no
invoice stays, unclaimed or paid in advance: it is listed, never dropped.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.text import later
from workbench.units import to_minor

_MATCH = ("receipt_id", "invoice_id", "account_id", "date", "amount", "days_overdue")


def match_receipts(
    receipts: pd.DataFrame,
    invoices: pd.DataFrame,
    *,
    stated: pd.DataFrame | None = None,
    currency: str = "CNY",
) -> pd.DataFrame:
    """Match money received to invoices: as stated, else the oldest open invoice first.

    Parameters
    ----------
    receipts : DataFrame
        receipt_id, account_id (empty while unclaimed), receipt_date, amount; below 0 a refund,
        which takes back what the account settled last.
    invoices : DataFrame
        invoice_id, account_id, invoice_date, due_date, amount.
    stated : DataFrame, optional
        receipt_id, invoice_id, amount.

    Returns
    -------
    DataFrame
        receipt_id, invoice_id (empty for money without an invoice), account_id, date, amount,
        days_overdue (below 0 when early). Amounts of a receipt add up to it exactly. A receipt in
        advance counts on the day of the invoice.

    Raises
    ------
    InputError
        If a column is missing, or stated matches are more than their receipt or invoice.
    """
    for table, name, columns in (
        (receipts, "receipts", ("receipt_id", "account_id", "receipt_date", "amount")),
        (invoices, "invoices", ("invoice_id", "account_id", "invoice_date", "due_date", "amount")),
    ):
        missing = [each for each in columns if each not in table]
        if missing:
            raise InputError(
                later("{name} lack the column {column}", name=name, column=missing[0]),
                do=later("add it"),
            )
    book = _Accounts(invoices, currency)
    rows: list[tuple[Any, ...]] = []
    left = dict(
        zip(receipts["receipt_id"], _minor(receipts["amount"], currency).tolist(), strict=True)
    )
    dated = receipts.assign(received_day=pd.to_datetime(receipts["receipt_date"]))
    about = {row.receipt_id: row for row in dated.itertuples(index=False)}
    if stated is not None:
        amounts = _minor(stated["amount"], currency).tolist()
        for row, amount in zip(stated.itertuples(index=False), amounts, strict=True):
            _take(left, row.receipt_id, amount)
            receipt = about[row.receipt_id]
            rows.append(book.settle(receipt, row.invoice_id, amount))
    for receipt in dated.sort_values(["received_day", "receipt_id"]).itertuples(index=False):
        amount = left[receipt.receipt_id]
        if amount:
            rows += book.oldest_first(receipt, amount)
    frame = pd.DataFrame(rows, columns=list(_MATCH))
    unit = to_minor(1, currency=currency)
    return frame.assign(amount=frame["amount"].astype(float) / unit)


def paid_lines(
    matches: pd.DataFrame, owners: pd.DataFrame, *, splits: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Make credit lines of matched receipts.

    Parameters
    ----------
    matches : DataFrame
        From `match_receipts`.
    owners : DataFrame
        invoice_id, rep_id, and any columns to filter or weigh lines by.
    splits : DataFrame, optional
        invoice_id, rep_id, split_type, share: instead of the owner's whole credit.

    Returns
    -------
    DataFrame
        line_id, rep_id, date, event (paid, or refunded with a positive amount), amount, share,
        split_type, days_overdue, and the owners' columns. Money without an invoice has no rep: the
        engine lists it as an exception.
    """
    lines = matches.assign(
        line_id=matches["receipt_id"].astype(str)
        + "/"
        + matches["invoice_id"].fillna("").astype(str),
        event=np.where(matches["amount"] < 0, "refunded", "paid"),
        amount=matches["amount"].abs(),
    )
    number = lines.groupby("line_id").cumcount()
    again = number > 0
    lines.loc[again, "line_id"] += "/" + number[again].astype(str)
    lines = lines.merge(owners, on="invoice_id", how="left")
    lines["share"], lines["split_type"] = 1.0, "split"
    lines["rep_id"] = lines["rep_id"].fillna("")
    if splits is None or not len(splits):
        return lines
    shared = lines["invoice_id"].isin(splits.loc[splits["split_type"] == "split", "invoice_id"])
    own = lines.drop(columns=["rep_id", "share", "split_type"])
    parts = own.merge(splits, on="invoice_id", how="inner")
    return pd.concat([lines[~shared], parts[lines.columns]], ignore_index=True)


class _Accounts:
    """Open invoices by account, the oldest first."""

    def __init__(self, invoices: pd.DataFrame, currency: str) -> None:
        frame = invoices.assign(
            _open=_minor(invoices["amount"], currency),
            _day=pd.to_datetime(invoices["invoice_date"]),
            _due=pd.to_datetime(invoices["due_date"]),
        ).sort_values(["_day", "invoice_id"])
        self.open = dict(zip(frame["invoice_id"], frame["_open"].tolist(), strict=True))
        self.day = dict(zip(frame["invoice_id"], frame["_day"], strict=True))
        self.due = dict(zip(frame["invoice_id"], frame["_due"], strict=True))
        self.queue: dict[Any, deque[Any]] = defaultdict(deque)
        self.settled: dict[Any, list[list[Any]]] = defaultdict(list)
        for account, invoice in zip(frame["account_id"], frame["invoice_id"], strict=True):
            self.queue[account].append(invoice)

    def settle(self, receipt: Any, invoice: Any, amount: int) -> tuple[Any, ...]:
        """One row of a match."""
        if invoice is None:
            return (
                receipt.receipt_id,
                None,
                receipt.account_id,
                receipt.received_day,
                amount,
                None,
            )
        _take(self.open, invoice, amount)
        self.settled[receipt.account_id].append([invoice, amount])
        date = max(receipt.received_day, self.day[invoice])
        days = (date - self.due[invoice]).days
        return (receipt.receipt_id, invoice, receipt.account_id, date, amount, days)

    def oldest_first(self, receipt: Any, amount: int) -> list[tuple[Any, ...]]:
        """Rows of a receipt, or of a refund, which goes back the way the money came."""
        if amount < 0:
            return self._given_back(receipt, -amount)
        rows = []
        queue = self.queue[receipt.account_id] if pd.notna(receipt.account_id) else deque()
        while amount and queue:
            if not self.open[queue[0]] > 0:
                queue.popleft()
                continue
            part = min(amount, self.open[queue[0]])
            rows.append(self.settle(receipt, queue[0], part))
            amount -= part
        if amount:
            rows.append(self.settle(receipt, None, amount))
        return rows

    def _given_back(self, receipt: Any, amount: int) -> list[tuple[Any, ...]]:
        rows = []
        settled = self.settled[receipt.account_id]
        while amount and settled:
            invoice, was = settled[-1]
            part = min(amount, was)
            settled[-1][1] -= part
            if not settled[-1][1]:
                settled.pop()
            self.open[invoice] += part
            self.queue[receipt.account_id].appendleft(invoice)
            days = (receipt.received_day - self.due[invoice]).days
            rows.append(
                (receipt.receipt_id, invoice, receipt.account_id, receipt.received_day, -part, days)
            )
            amount -= part
        if amount:
            rows.append(self.settle(receipt, None, -amount))
        return rows


def _take(left: dict[Any, int], name: Any, amount: int) -> None:
    if name not in left or abs(amount) > abs(left[name]):
        raise InputError(
            later("{name} is settled by more than it has", name=name),
            where=later("stated matches"),
            do=later("lower the amount, or leave the match to the oldest invoice"),
        )
    left[name] -= amount


def _minor(column: pd.Series[Any], currency: str) -> Any:
    return to_minor(column.to_numpy(), currency=currency, rounding=True)
