"""Payments: when customers pay each claim, in which receipts, and how these are matched.

A claim is paid at a hazard that begins a little before it is due. The hazard depends on who pays
(ownership, payment habit), on the season (collections are chased from mid-December to the New
Year, 春节前催款) and on the year (it falls from autumn 2025: customers pay later). Customers
pay on their own payment days, so that one receipt often settles several claims. A few claims are
never paid. Some receipts lie unclaimed (未认领回款) for months, some belong to no claim at all.
"""

# ruff: noqa: RUF009  `planted` only makes dataclass fields

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import (
    FIRST,
    LAST,
    NEVER,
    Days,
    HazardClock,
    as_dates,
    before_new_year,
    day,
    is_working,
    working_after,
)
from workbench.sample.keyed import Keyed
from workbench.sample.parameters import planted

Off = frozenset[str]
Floats = NDArray[np.float64]

KINDS = ("advance", "delivery", "acceptance", "retention", "open_account")
EFFECTS: dict[str, tuple[str, str]] = {
    "collection_peak": (
        "Collections peak from mid-December to the New Year",
        "12月中旬至春节前集中催款",
    ),
    "slower_payment": (
        "Customers pay later from autumn 2025",
        "2025年秋季起客户付款变慢",
    ),
    "state_pays_late": (
        "State-owned customers and public bodies pay later",
        "国有企业与机关事业单位付款较慢",
    ),
    "bad_debt": ("Some claims are never paid", "部分应收款成为坏账"),
    "unclaimed": ("Some receipts lie unclaimed", "部分回款未认领"),
    "joint_payment": (
        "Customers pay on payment days: one receipt settles several claims",
        "客户按付款日集中付款，一笔回款核销多笔应收",
    ),
}


@dataclass(frozen=True)
class PaymentTruth:
    """Planted parameters of payment; how late a customer usually is stands in its habit."""

    stuck: dict[str, float] = planted(
        {"private": 0.030, "foreign": 0.015, "state": 0.09, "public": 0.10},
        "chance a claim",
        "claims in dispute or put off, by ownership",
    )
    stuck_days: float = planted(400.0, "days", "mean delay of such claims")
    dealer_late: float = planted(6.0, "days", "mean delay of dealers on terms")
    dealer_stuck: float = planted(0.008, "chance a claim", "claims of dealers put off")
    early_days: int = planted(26, "days", "before the due date from which customers may pay")
    early_monthly: int = planted(14, "days", "earlier still with customers that pay once a month")
    retention_factor: float = planted(1.6, "ratio", "delay of retention money against others")
    peak_from: str = planted("12-15", "month-day", "start of the chase before the New Year")
    peak: float = planted(3.2, "ratio", "chance to be paid in the chase, against other days")
    day_off: float = planted(0.02, "ratio", "chance to be paid on days off")
    slow_from: str = planted("2025-09-01", "date", "from when customers pay later")
    slow: float = planted(0.82, "ratio", "chance to be paid from then on, against before")
    bad: float = planted(
        0.005,
        "share of claims",
        "never paid: direct, not state-owned, after delivery; a year's are 1% of receivables",
    )
    parts: float = planted(0.25, "share of claims", "large claims paid in two parts")
    parts_over: float = planted(80_000.0, "CNY", "claims counted as large")
    draft_share: float = planted(0.36, "share of receipts", "bank drafts from key accounts")
    commercial_share: float = planted(0.02, "share of receipts", "commercial drafts from them")
    draft_days: int = planted(180, "days", "until a draft is due")
    unclear: float = planted(0.03, "share of receipts", "payer first unknown")
    unclear_days: float = planted(75.0, "days", "mean time until the payer is known")
    stray: float = planted(0.039, "share of receipts", "belong to no claim")
    match_days: float = planted(2.0, "days", "mean time until a receipt is matched")


def payment_clock(truth: PaymentTruth, off: Off) -> HazardClock:
    """Relative chance to be paid by day: days off, the peak before the New Year, slower years."""
    days = np.arange(FIRST, LAST + 1)
    rate = np.where(is_working(days), 1.0, truth.day_off)
    if "collection_peak" not in off:
        rate = np.where(before_new_year(from_month_day=truth.peak_from), rate * truth.peak, rate)
    if "slower_payment" not in off:
        rate = np.where(days >= day(truth.slow_from), rate * truth.slow, rate)
    return HazardClock(rate * 1.45)  # 1.45: so that days late are calendar days on average


def pay(
    claims: pd.DataFrame,
    payers: pd.DataFrame,
    *,
    truth: PaymentTruth,
    streams: Any,
    off: Off,
    part: str = "",
) -> pd.DataFrame:
    """Days and amounts in which claims are paid.

    Parameters
    ----------
    claims : pandas.DataFrame
        From `receivables.claims`.
    payers : pandas.DataFrame
        By account code: ownership, late (usual delay, days), relative (that against others of
        the same ownership), private_late (delay if ownership did not matter), pay_day (day of
        the month; 0: pays any week), key (bool).

    Returns
    -------
    pandas.DataFrame
        claim (row of `claims`), paid (day, `NEVER` for bad debt), amount.
    """
    kind = pd.Categorical(claims["instalment_type"], categories=list(KINDS)).codes
    keys = (claims["account_id"].to_numpy(), claims["booked"].to_numpy(), kind.astype(np.int64))
    draws = Keyed(streams, part, keys)
    account = claims["account_id"].to_numpy()
    late, stuck = _lateness(claims, payers, truth, off)
    drawn, wait = draws.uniform("money/stuck"), draws.exponential("money/payment")
    mean = np.where(drawn < stuck, truth.stuck_days, late)
    monthly = (payers["pay_day"].to_numpy() > 0)[account] & ("joint_payment" not in off)
    early = truth.early_days + truth.early_monthly * monthly
    early = np.where(claims["channel"] == "direct", early, 4)
    start = claims["due"].to_numpy() - early
    paid = payment_clock(truth, off).date(np.minimum(start, LAST), mean * wait)
    paid = np.maximum(paid, claims["booked"].to_numpy())
    direct = (claims["channel"] == "direct").to_numpy()
    if "joint_payment" not in off:
        paid = np.where(direct, _on_payment_day(paid, payers, account), paid)
    paid = np.where(direct, paid, _without_terms(claims, paid))
    bad = _bad(claims, payers, truth, draws, off)
    paid = np.where(bad, NEVER, np.minimum(paid, NEVER))
    return _in_parts(claims, paid, truth, draws)


def receipts(
    paid: pd.DataFrame,
    claims: pd.DataFrame,
    payers: pd.DataFrame,
    *,
    refunds: pd.DataFrame,
    until: int,
    truth: PaymentTruth,
    streams: Any,
    off: Off,
    part: str = "",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `receipt` and `receipt_match` up to a day.

    What one customer pays on one day is one receipt. `refunds` are negative receipts without a
    claim: account_id, region, rep_id, received (day), amount, channel.
    """
    rng = streams[f"money/strays{part}"]
    here = paid[paid["paid"] <= until].reset_index(drop=True)
    claim = here["claim"].to_numpy()
    account = claims["account_id"].to_numpy()[claim]
    span = int(LAST - FIRST + 2)
    keys = (here["paid"].to_numpy() - FIRST) + account.astype(np.int64) * span
    unique, group = np.unique(keys, return_inverse=True)
    received = unique % span + FIRST
    first = np.full(len(unique), len(here))
    np.minimum.at(first, group, np.arange(len(here)))
    of_claim = claim[first]
    frame = pd.DataFrame(
        {
            "account_id": unique // span,
            "region": claims["region"].to_numpy()[of_claim],
            "rep_id": claims["rep_id"].to_numpy()[of_claim],
            "received": received,
            "amount": np.round(np.bincount(group, weights=here["amount"]), 2),
            "channel": claims["channel"].to_numpy()[of_claim],
        }
    )
    keys = (frame["account_id"].to_numpy(), frame["received"].to_numpy())
    draws = Keyed(streams, part, keys)
    frame["method"] = _methods(frame, payers, truth, draws)
    matched = _match_days(frame, truth, draws, off)
    frame["unknown"] = matched > until
    matches = pd.DataFrame(
        {
            "receipt_id": group,
            "plan_id": claim,
            "matched": matched[group],
            "amount": here["amount"].to_numpy(),
            "currency": "CNY",
        }
    )
    matches = matches[matches["matched"] <= until]
    frame = _with_strays(frame, truth, rng, off, until)
    given = refunds.assign(method="transfer", unknown=False, stray=False)
    given["method"] = np.where(given["channel"] == "ecommerce", "platform", "transfer")
    frame, matches = _by_day(pd.concat([frame, given], ignore_index=True), matches)
    return _receipt_table(frame, truth), _match_table(matches)


def _lateness(
    claims: pd.DataFrame, payers: pd.DataFrame, truth: PaymentTruth, off: Off
) -> tuple[Floats, Floats]:
    """Mean days late and chance to get stuck, by claim."""
    owners = payers["ownership"].fillna("private").astype(object)
    if "state_pays_late" in off:
        owners = pd.Series("private", index=payers.index)
    habit = payers["relative"].to_numpy()
    account = claims["account_id"].to_numpy()
    usual = payers["private_late" if "state_pays_late" in off else "late"].to_numpy()
    late = usual[account]
    stuck = (owners.map(truth.stuck).to_numpy(float) * np.sqrt(habit))[account]
    dealer = (claims["channel"] == "dealer").to_numpy()
    platform = (claims["channel"] == "ecommerce").to_numpy()
    late = np.where(dealer, truth.dealer_late * habit[account], np.where(platform, 1.0, late))
    stuck = np.where(dealer, truth.dealer_stuck, np.where(platform, 0.0, stuck))
    held = (claims["instalment_type"] == "retention").to_numpy()
    late = np.where(held, late * truth.retention_factor, late)
    return late.astype(float), np.clip(stuck, 0, 0.5).astype(float)


def _on_payment_day(paid: Days, payers: pd.DataFrame, account: NDArray[np.int64]) -> Days:
    """The payer's next payment day: a day of each month, or a weekday."""
    pay_day = payers["pay_day"].to_numpy()[account]
    usable = np.minimum(paid, LAST - 70)
    month = usable.astype("M8[D]").astype("M8[M]")
    this = month.astype("M8[D]").astype(np.int64) + pay_day - 1
    following = (month + 1).astype("M8[D]").astype(np.int64) + pay_day - 1
    monthly = np.where(this >= usable, this, following)
    weekday = account % 5
    weekly = usable + (weekday - (usable + 3) % 7) % 7
    chosen = np.where(pay_day > 0, monthly, weekly)
    return np.where(paid > LAST - 70, paid, working_after(chosen, 0))


def _without_terms(claims: pd.DataFrame, paid: Days) -> Days:
    """Prepaying dealers pay with the order, platforms on their day of settlement."""
    booked, due = claims["booked"].to_numpy(), claims["due"].to_numpy()
    prepaid = (
        (claims["instalment_type"] == "advance") & (claims["channel"] == "dealer")
    ).to_numpy()
    platform = (claims["channel"] == "ecommerce").to_numpy()
    weekly = due + (3 - (due + 3) % 7) % 7
    paid = np.where(platform, np.minimum(weekly, NEVER), paid)
    return np.where(prepaid, booked, paid)


def _bad(
    claims: pd.DataFrame,
    payers: pd.DataFrame,
    truth: PaymentTruth,
    draws: Keyed,
    off: Off,
) -> NDArray[np.bool_]:
    """Claims that are never paid: direct customers that are not state-owned, after delivery."""
    drawn = draws.uniform("money/bad_debt")
    account = claims["account_id"].to_numpy()
    owner = payers["ownership"].to_numpy()[account]
    habit = payers["relative"].to_numpy()[account]
    exposed = (
        (claims["channel"] == "direct").to_numpy()
        & ~np.isin(owner, ("state", "public"))
        & (claims["instalment_type"] != "advance").to_numpy()
    )
    scale = (habit[exposed].mean() if exposed.any() else 1.0) or 1.0
    bad = exposed & (drawn < truth.bad * habit / scale)
    return np.zeros(len(claims), bool) if "bad_debt" in off else bad


def _in_parts(claims: pd.DataFrame, paid: Days, truth: PaymentTruth, draws: Keyed) -> pd.DataFrame:
    """Some large claims are paid in two parts, the second a month or so later."""
    amount = claims["amount"].to_numpy()
    drawn, gap = draws.uniform("money/parts"), 25.0 * draws.exponential("money/parts_gap")
    two = (amount > truth.parts_over) & (claims["channel"] == "direct").to_numpy()
    two &= (drawn < truth.parts) & (paid < LAST - 200)
    head = np.where(two, np.round(amount * 0.6, 2), amount)
    which = np.flatnonzero(two)
    later = working_after(paid[which] + 5 + gap[which].astype(np.int64), 0)
    rows = pd.DataFrame(
        {
            "claim": np.concatenate([np.arange(len(claims)), which]),
            "paid": np.concatenate([paid, later]),
            "amount": np.concatenate([head, np.round(amount - head, 2)[which]]),
        }
    )
    return rows.sort_values(["claim", "paid"], kind="stable", ignore_index=True)


def _methods(
    frame: pd.DataFrame, payers: pd.DataFrame, truth: PaymentTruth, draws: Keyed
) -> NDArray[np.object_]:
    """How the money comes: drafts from key accounts, the platform, else transfer."""
    drawn = draws.uniform("money/method")
    key = payers["key"].to_numpy()[frame["account_id"].to_numpy()]
    key &= (frame["channel"] == "direct").to_numpy()
    method = np.where(key & (drawn < truth.draft_share), "bank_draft", "transfer").astype(object)
    method[key & (drawn > 1 - truth.commercial_share)] = "commercial_draft"
    method[(frame["channel"] == "ecommerce").to_numpy()] = "platform"
    return method


def _match_days(frame: pd.DataFrame, truth: PaymentTruth, draws: Keyed, off: Off) -> Days:
    """Day on which receipts count as settled; unknown payers are cleared up weeks later."""
    usual = np.floor(truth.match_days * draws.exponential("money/match"))
    waiting = truth.unclear_days * draws.exponential("money/unclear_days")
    unclear = draws.uniform("money/unclear") < truth.unclear
    unclear &= (frame["method"] != "platform").to_numpy()
    if "unclaimed" in off:
        unclear = np.zeros(len(frame), bool)
    usual = np.where(frame["channel"] == "direct", usual, 0)
    wait = np.where(unclear, 3 + waiting, usual).astype(np.int64)
    return np.where(
        wait == 0, frame["received"], working_after(frame["received"].to_numpy() + wait, 0)
    )


def _with_strays(
    frame: pd.DataFrame, truth: PaymentTruth, rng: np.random.Generator, off: Off, until: int
) -> pd.DataFrame:
    """Add receipts that belong to no claim: deposits given back, payments made twice."""
    count = 0 if "unclaimed" in off else round(len(frame) * truth.stray / (1 - truth.stray))
    if not count:
        return frame.assign(stray=False)
    source = frame.iloc[rng.integers(0, len(frame), count)]
    shifted = np.minimum(source["received"].to_numpy() + rng.integers(0, 20, count), until)
    strays = source.assign(
        received=working_after(shifted - 5, 0),
        amount=np.round(np.exp(rng.normal(7.6, 0.9, count)), -1),
        method="transfer",
        unknown=rng.random(count) < 0.6,
        stray=True,
    )
    return pd.concat([frame.assign(stray=False), strays], ignore_index=True)


def _by_day(frame: pd.DataFrame, matches: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Number receipts in order of their day; carry the numbers into the matches."""
    order = np.lexsort([frame["account_id"].to_numpy(), frame["received"].to_numpy()])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    matches = matches.assign(receipt_id=rank[matches["receipt_id"].to_numpy()])
    matches = matches.sort_values(["receipt_id", "plan_id"], kind="stable", ignore_index=True)
    return frame.iloc[order].reset_index(drop=True), matches


def _receipt_table(frame: pd.DataFrame, truth: PaymentTruth) -> pd.DataFrame:
    draft = frame["method"].isin(("bank_draft", "commercial_draft")).to_numpy()
    received = frame["received"].to_numpy()
    unknown = frame["unknown"].to_numpy(bool)
    return pd.DataFrame(
        {
            "receipt_id": np.arange(len(frame)),
            "account_id": np.where(unknown, -1, frame["account_id"].to_numpy()),
            "payer_account": np.where(unknown, frame["account_id"].to_numpy(), -1),
            "region": frame["region"].to_numpy(),
            "rep_id": np.where(unknown, -1, frame["rep_id"].to_numpy()),
            "receipt_date": as_dates(received),
            "amount": frame["amount"].to_numpy(),
            "currency": "CNY",
            "method": frame["method"].to_numpy(),
            "draft_due_date": as_dates(np.where(draft, received + truth.draft_days, NEVER)),
        }
    )


def _match_table(matches: pd.DataFrame) -> pd.DataFrame:
    """Rows of `receipt_match`; two parts of one claim in one receipt are one row."""
    summed = matches.groupby(["receipt_id", "plan_id"], sort=True, as_index=False).agg(
        matched=("matched", "max"), amount=("amount", "sum"), currency=("currency", "first")
    )
    summed["amount"] = summed["amount"].round(2)
    return summed.assign(matched_date=as_dates(summed["matched"].to_numpy())).drop(
        columns="matched"
    )
