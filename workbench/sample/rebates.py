"""Rebates (返利): what dealers earn by quarter and year, and how it is settled.

3% base on sell-in, 2% a year for growth, 1% for paying on time; settled in goods: the next large
order is paid less by the rebate. Where no order is large enough it is settled in money. A rebate
lowers revenue; it is never a kickback (回扣).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import as_dates, quarter_end, working_after
from workbench.sample.parameters import planted

EFFECTS: dict[str, tuple[str, str]] = {
    "rebate": ("Dealers earn rebates, settled in goods", "经销商获得返利，以货物结算"),
}


@dataclass(frozen=True)
class RebateTruth:
    """Planted rules of rebates."""

    base: float = planted(0.03, "share of sell-in", "base rebate, by quarter")
    growth: float = planted(0.02, "share of sell-in", "rebate of a year that grew enough")
    payment: float = planted(0.01, "share of sell-in", "rebate of a quarter paid on time")
    usual: float = planted(0.045, "share of sell-in", "all rebates, as plans reckon with them")
    growth_from: float = planted(1.05, "ratio", "sell-in against last year from which growth pays")
    on_time: float = planted(0.95, "share", "of a quarter's claims paid within the grace days")
    grace_days: int = planted(5, "days", "grace after the due date")
    settle_days: int = planted(30, "working days", "from the end of the period to settlement")
    window: int = planted(75, "days", "in which an order may take up a rebate in goods")


def earned(
    claims: pd.DataFrame, paid: pd.DataFrame, *, partner_of: NDArray[np.int64], truth: RebateTruth
) -> pd.DataFrame:
    """Rebates by partner, kind and period.

    Parameters
    ----------
    claims, paid : pandas.DataFrame
        Dealer claims (booked, due, amount, account_id) and their payments (claim, paid).
    partner_of : array by account code
        Code of the partner an account is; -1 for none.

    Returns
    -------
    pandas.DataFrame
        partner_id, rebate_type, period_start, period_end (integers of days), rate, amount (with
        VAT), settled (day).
    """
    rows = claims.assign(
        partner_id=partner_of[claims["account_id"].to_numpy()],
        quarter=quarter_end(claims["booked"].to_numpy()),
    )
    paid_on = np.full(len(claims), 1 << 40)
    paid_on[paid["claim"].to_numpy()] = paid["paid"].to_numpy()
    timely = paid_on <= rows["due"].to_numpy() + truth.grace_days
    rows["timely"] = np.where(timely, rows["amount"], 0.0)
    quarters = rows.groupby(["partner_id", "quarter"], as_index=False)[["amount", "timely"]].sum()
    good = quarters[quarters["timely"] >= truth.on_time * quarters["amount"]]
    parts = [
        _kind(quarters, "base", truth.base, 3),
        _kind(good, "payment", truth.payment, 3),
        _kind(_grown(rows, truth), "growth", truth.growth, 12),
    ]
    found = pd.concat(parts, ignore_index=True)
    found["settled"] = working_after(found["period_end"].to_numpy(), truth.settle_days)
    found = found[found["amount"] >= 1.0]
    return found.sort_values(
        ["period_end", "partner_id", "rebate_type"], kind="stable", ignore_index=True
    )


def settle(
    rebates: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    partner_of: NDArray[np.int64],
    truth: RebateTruth,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which order takes up each settlement.

    Returns
    -------
    (rebates, offsets)
        `rebates` with settled_in; `offsets`: claim (label of `claims`), amount to take off it.
    """
    sums = rebates.groupby(["partner_id", "settled"], as_index=False)["amount"].sum()
    later = pd.DataFrame(
        {
            "partner_id": partner_of[claims["account_id"].to_numpy()],
            "claim": claims.index.to_numpy(),
            "booked": claims["booked"].to_numpy(),
            "worth": claims["amount"].to_numpy(),
        }
    )
    pairs = sums.merge(later, on="partner_id")
    wait = pairs["booked"] - pairs["settled"]
    fits = (wait >= 0) & (wait <= truth.window) & (pairs["worth"] > pairs["amount"] + 1)
    pairs = pairs[fits].sort_values(["partner_id", "settled", "worth", "claim"], kind="stable")
    taken = pairs.drop_duplicates(["partner_id", "settled"], keep="last")
    taken = taken.drop_duplicates("claim", keep="first")
    marked = rebates.merge(
        taken[["partner_id", "settled", "claim"]], on=["partner_id", "settled"], how="left"
    )
    marked["settled_in"] = np.where(marked["claim"].notna(), "goods", "money")
    return marked.drop(columns="claim"), taken[["claim", "amount"]].reset_index(drop=True)


def rebate_table(rebates: pd.DataFrame, *, until: int) -> pd.DataFrame:
    """Rows of `rebate` for periods that have ended; unsettled ones have no settlement."""
    kept = rebates[rebates["period_end"] <= until].reset_index(drop=True)
    settled = (kept["settled"] <= until).to_numpy()
    return pd.DataFrame(
        {
            "rebate_id": np.arange(len(kept)),
            "partner_id": kept["partner_id"].to_numpy(),
            "rebate_type": kept["rebate_type"].to_numpy(),
            "period_start": as_dates(kept["period_start"].to_numpy()),
            "period_end": as_dates(kept["period_end"].to_numpy()),
            "rate": kept["rate"].to_numpy(),
            "amount": kept["amount"].to_numpy(),
            "currency": "CNY",
            "tax_basis": "incl",
            "tax_rate": 0.13,
            "settled_in": kept["settled_in"].where(settled, None),
            "settled_date": as_dates(kept["settled"].to_numpy(), until=until),
        }
    )


def _kind(sums: pd.DataFrame, kind: str, rate: float, months: int) -> pd.DataFrame:
    end = sums["quarter"].to_numpy()
    first = (end.astype("M8[D]").astype("M8[M]") - (months - 1)).astype("M8[D]").astype(np.int64)
    return pd.DataFrame(
        {
            "partner_id": sums["partner_id"].to_numpy(),
            "rebate_type": kind,
            "period_start": first,
            "period_end": end,
            "rate": rate,
            "amount": np.round(rate * sums["amount"].to_numpy(), 2),
        }
    )


def _grown(rows: pd.DataFrame, truth: RebateTruth) -> pd.DataFrame:
    """Partners and years (their last day) whose sell-in grew enough on a full year before."""
    year = rows["booked"].to_numpy().astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    sums = rows.assign(year=year).groupby(["partner_id", "year"], as_index=False)["amount"].sum()
    first = int(sums["year"].min())
    before = sums.assign(year=sums["year"] + 1)
    both = sums.merge(before, on=["partner_id", "year"], suffixes=("", "_before"))
    both = both[
        (both["year"] > first + 1) & (both["amount"] >= truth.growth_from * both["amount_before"])
    ]
    last = ((both["year"].to_numpy() - 1969).astype("M8[Y]").astype("M8[D]") - 1).astype(np.int64)
    return both.assign(quarter=last)
