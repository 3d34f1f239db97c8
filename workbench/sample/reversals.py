"""Reversed contracts: what becomes of their goods.

A contract cancelled before its goods are recognised is never delivered. One cancelled or halved
afterwards gives goods or money back: a return for the whole or half of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import NEVER, Days, as_days, working_after

REASON = "contract_reversed"


@dataclass(frozen=True)
class Reversal:
    """By order line: day of the reversal (`NEVER` for none), its share, and whether cancelled."""

    day: Days
    share: NDArray[np.float64]
    cancelled: NDArray[np.bool_]


def of_lines(lines: pd.DataFrame, contracts: pd.DataFrame) -> Reversal:
    """What reversals do to order lines.

    Parameters
    ----------
    lines : pandas.DataFrame
        contract_id (-1: none), channel, recognised (day).
    contracts : pandas.DataFrame
        contract_id, contract_type, reverses_id, signed_date, amount.
    """
    back = contracts[contracts["contract_type"] == "reversal"]
    count = int(contracts["contract_id"].max()) + 1 if len(contracts) else 0
    amount = np.ones(count + 1)
    amount[contracts["contract_id"].to_numpy()] = contracts["amount"].to_numpy()
    of = back["reverses_id"].to_numpy()
    day, share = np.full(count + 1, NEVER), np.zeros(count + 1)
    day[of] = as_days(back["signed_date"].to_numpy())
    share[of] = np.clip(-back["amount"].to_numpy() / np.maximum(amount[of], 0.01), 0, 1)
    contract = np.where(lines["channel"] == "dealer", -1, lines["contract_id"])
    whole = share[contract] > 0.999
    cancelled = whole & (day[contract] <= lines["recognised"].to_numpy())
    return Reversal(day[contract], share[contract], cancelled)


def with_reversed(back: pd.DataFrame, lines: pd.DataFrame, reversal: Reversal) -> pd.DataFrame:
    """Add what comes back through reversals to the returns.

    Parameters
    ----------
    back : pandas.DataFrame
        From `invoices.returns`, for the lines that were not cancelled.
    lines : pandas.DataFrame
        These lines.
    """
    kept = ~reversal.cancelled
    day, share = reversal.day[kept], reversal.share[kept]
    rows = np.flatnonzero((share > 0) & ~np.isin(np.arange(len(lines)), back["line"]))
    late = np.maximum(day[rows], lines["recognised"].to_numpy()[rows])
    some = late < NEVER - 60
    rows, late = rows[some], late[some]
    given = pd.DataFrame(
        {
            "line": rows,
            "order_line_id": lines["order_line_id"].to_numpy()[rows],
            "order_id": lines["order_id"].to_numpy()[rows],
            "account_id": lines["account_id"].to_numpy()[rows],
            "returned_on": working_after(late, 2),
            "quantity": np.floor(lines["quantity"].to_numpy()[rows] * share[rows]),
            "amount": np.round(lines["amount"].to_numpy()[rows] * share[rows], 2),
            "tax_rate": lines["tax_rate"].to_numpy()[rows],
            "reason": REASON,
        }
    )
    both = pd.concat([back, given], ignore_index=True)
    return both.sort_values(["line", "returned_on"], kind="stable", ignore_index=True)
