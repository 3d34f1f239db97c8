"""Terms of payment beyond the legal limit: whose, how far, and how much money.

Regulation on payments to small and medium enterprises (保障中小企业款项支付条例, State Council,
in force as amended from 1 June 2025): public bodies pay within 30 days of delivery, large
enterprises within 60 days. Days are counted from the day a claim is booked to the day it is due.
Advances and retention money (质保金) are not payment for what was delivered and are left out.
Whether a seller counts as small or medium is not in the data: a flag says look, not breach.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.forecasting.pipeline.claims import Claims

LIMIT_DAYS = 60
PUBLIC_LIMIT_DAYS = 30
NOT_COUNTED = ("advance", "retention")


def beyond_terms(claims: Claims, *, months: int = 12) -> pd.DataFrame:
    """Claims of the last months whose terms go beyond the legal limit.

    Parameters
    ----------
    claims : Claims
    months : int
        How far back claims were booked.

    Returns
    -------
    pandas.DataFrame
        plan_id, account_id, region, ownership, kind, booked, due, days (terms), limit, over
        (days beyond it), amount, left; most days over first.
    """
    rows = claims.rows
    newest = pd.Timestamp(claims.day)
    rows = rows[(rows["booked"] > newest - pd.DateOffset(months=months))]
    rows = rows[~rows["kind"].isin(NOT_COUNTED)]
    public = rows["ownership"] == "public"
    days = (rows["due"] - rows["booked"]).dt.days
    limit = np.where(public, PUBLIC_LIMIT_DAYS, LIMIT_DAYS)
    names = ["plan_id", "account_id", "region", "ownership", "kind", "booked", "due"]
    out = rows[names].assign(
        days=days, limit=limit, over=days - limit, amount=rows["amount"], left=rows["left"]
    )
    return out[out["over"] > 0].sort_values(
        ["over", "plan_id"], ascending=[False, True], ignore_index=True
    )


def beyond_terms_by_account(claims: Claims, *, months: int = 12) -> pd.DataFrame:
    """The same by account: account_id, ownership, claims, days (longest), limit, amount, left."""
    rows = beyond_terms(claims, months=months)
    out = rows.groupby(["account_id", "ownership", "limit"], as_index=False).agg(
        claims=("plan_id", "size"),
        days=("days", "max"),
        amount=("amount", "sum"),
        left=("left", "sum"),
    )
    order = ["account_id", "ownership", "claims", "days", "limit", "amount", "left"]
    return out[order].sort_values(
        ["amount", "account_id"], ascending=[False, True], ignore_index=True
    )
