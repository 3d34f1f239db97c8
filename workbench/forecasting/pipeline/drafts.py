"""Drafts (承兑汇票) and money without a claim, as shares of what is collected.

A draft counts as collected on the day it is received and turns into money when it is due. Money
that no claim takes (deposits, payments made twice, refunds with their sign) is a share of that
on claims, month by month.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.forecasting.pipeline.claims import Claims

Floats = NDArray[np.float64]
MONTHS = 24
OWN = 8.0  # receipts of an account that weigh as much as the share of its kind of customer
SETTLED_AFTER = 4  # months until money without a match is held to belong to no claim


@dataclass(frozen=True)
class Drafts:
    """Shares learned from receipts.

    Attributes
    ----------
    overall : float
        Share of drafts in money on claims.
    accounts, kinds : pandas.Series
        That share by account (shrunk) and by kind of customer.
    held : dict of int to float
        Drafts held on the day, by the month (number) they are due.
    months : numpy.ndarray
        Share of drafts that are due so many months after receipt, from 0.
    unclaimed, unclaimed_sd : float
        Money without a claim over money on claims, and how that varies from month to month.
    regions : dict of str to float
        Share of each region in recent claims.
    """

    overall: float
    accounts: pd.Series = field(repr=False)
    kinds: pd.Series = field(repr=False)
    held: dict[int, float] = field(repr=False)
    months: Floats = field(repr=False)
    unclaimed: float
    unclaimed_sd: float
    regions: dict[str, float] = field(repr=False)

    def share(self, rows: pd.DataFrame) -> Floats:
        """Share of drafts in what each claim's account pays."""
        kind = rows["customer_type"].map(self.kinds).fillna(self.overall)
        return np.asarray(rows["account_id"].map(self.accounts).fillna(kind).to_numpy(float))

    def matured(self, received: Floats, origin: int) -> Floats:
        """Money from drafts in each month ahead: those held, and those received by then."""
        horizon = len(received)
        out = np.array([self.held.get(origin + ahead + 1, 0.0) for ahead in range(horizon)])
        return np.asarray(out + np.convolve(received, self.months)[:horizon])

    def unclaimed_draws(self, rng: np.random.Generator, draws: int, horizon: int) -> Floats:
        """Share of money without a claim by draw and month."""
        return self.unclaimed + self.unclaimed_sd * rng.standard_normal((draws, horizon))


def fit_drafts(claims: Claims, *, origin: int) -> Drafts:
    """Learn shares from the receipts of the last two years."""
    receipts = claims.receipts
    recent = receipts[receipts["month"] > origin - MONTHS]
    on_claims = recent[recent["matched"] > 0]
    whole = max(float(on_claims["matched"].sum()), 1e-9)
    drafts = on_claims["draft"].to_numpy(bool)
    overall = float(on_claims["matched"].to_numpy(float)[drafts].sum() / whole)
    named = claims.rows.drop_duplicates("account_id").set_index("account_id")["customer_type"]
    kind = on_claims["account_id"].map(named)
    kinds = _ratio(on_claims, drafts, kind)
    account = on_claims["account_id"]
    base = account.drop_duplicates().map(named).map(kinds).fillna(overall)
    base.index = pd.Index(account.drop_duplicates())
    number = account.value_counts()
    weight = number / (number + OWN)
    accounts = weight * _ratio(on_claims, drafts, account) + (1 - weight) * base
    held = receipts[receipts["draft"] & (receipts["matures"] > origin)]
    share, spread = _unclaimed(receipts, origin)
    lately = claims.rows[claims.rows["booked_month"] > origin - 12]
    lately = lately if len(lately) else claims.rows
    every = pd.Series(0.0, index=sorted(claims.rows["region"].unique()))
    region = lately.groupby("region")["amount"].sum() / lately["amount"].sum()
    region = region.add(every, fill_value=0.0)
    due = held.groupby("matures")["amount"].sum()
    return Drafts(
        overall=overall,
        accounts=accounts,
        kinds=kinds,
        held=dict(zip(due.index.to_numpy(np.int64).tolist(), due.to_numpy(float), strict=True)),
        months=_months_due(receipts),
        unclaimed=share,
        unclaimed_sd=spread,
        regions={str(name): float(value) for name, value in region.items()},
    )


def _ratio(rows: pd.DataFrame, drafts: NDArray[np.bool_], by: pd.Series) -> pd.Series:
    matched = rows["matched"]
    return (matched * drafts).groupby(by).sum() / matched.groupby(by).sum()


def _months_due(receipts: pd.DataFrame) -> Floats:
    known = receipts[receipts["draft"] & receipts["matures"].notna()]
    if known.empty:
        return np.ones(1)
    after = (known["matures"] - known["month"]).clip(0, 12).to_numpy().astype(np.int64)
    sums = np.bincount(after, weights=known["amount"])
    return np.asarray(sums / sums.sum())


def _unclaimed(receipts: pd.DataFrame, origin: int) -> tuple[float, float]:
    """Mean and spread over months; only months old enough that what has no match has none."""
    old = receipts[receipts["month"] <= origin - SETTLED_AFTER]
    old = old[old["month"] > origin - SETTLED_AFTER - MONTHS]
    if old.empty:
        return 0.0, 0.0
    spare = (old["amount"] - old["matched"]).groupby(old["month"]).sum()
    matched = old["matched"].groupby(old["month"]).sum()
    ratio = (spare / matched.where(matched > 0)).dropna()
    if ratio.empty:
        return 0.0, 0.0
    return float(spare.sum() / matched.sum()), float(ratio.std(ddof=0))
