"""Deals: their course, and what stands about them in the records.

Arrival: `arrivals.py`. Course: `hazards.py`. Quotes, contracts and order lines: `signed.py`. Here
are the tables opportunity and opportunity_snapshot: what reps type, when, and how far off. A
voided deal (作废) is lost without a closing date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import arrivals, hazards, signed
from workbench.sample.arrivals import LINES
from workbench.sample.hazards import LOST, OPEN, WON, Deals, Snapshots
from workbench.sample.parameters import SOURCES, STAGES
from workbench.sample.world import World, only

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Chance that a deal is won, by stage in a picture of open deals: follows from the hazards
# (measured); what people type lies above it by `optimism`.
CHANCES = (0.087, 0.144, 0.20, 0.298)
OUTCOMES = ("open", "won", "lost", "lost")
ENDS = ("", "won", "lost", "void")
REASON_LABELS = {
    "price": ("Price", "价格"),
    "competitor": ("Competitor", "竞争对手"),
    "budget": ("Budget dropped", "预算取消"),
    "technical": ("Does not fit", "技术不符"),
    "delivery": ("Delivery time", "交期"),
}
REASON_SHARES = (0.36, 0.28, 0.16, 0.12, 0.08)
COMPETED = 0.65  # share of deals in which a competitor is known
NAMES = {"equipment": "设备采购", "service": "服务合同"}


@dataclass(frozen=True)
class Standing:
    """Deals as they stand today, arrays by deal.

    Attributes
    ----------
    outcome, day : int
        Outcome as of today (OPEN for what ends later); the day of the outcome, today while open.
    stage, expected, amount : int, int, float
        As in the last picture for open deals.
    """

    outcome: Ints
    day: Ints
    stage: Ints
    expected: Ints
    amount: Floats


def per_part(world: World) -> None:
    """Simulate deals; add opportunity, opportunity_snapshot, quote; append lines, contracts."""
    deals = arrivals.arrivals(world)
    pictures = hazards.run(world, deals)
    world.deals = deals
    now = _standing(world, deals, pictures)
    world.backfilled, typed = _entered(world, deals, now)
    world.deal_codes = _codes(world, deals)
    paper = signed.won(world, deals, world.deal_codes)
    table = _opportunities(world, deals, now, typed)
    world.add("opportunity", signed.with_contract_amounts(table, paper.contracts))
    world.add("opportunity_snapshot", _snapshots(world, deals, pictures, world.deal_codes))
    world.add("quote", signed.quotes(world, deals, world.deal_codes, paper))
    world.lines.append(paper.lines)
    world.contracts = paper.contracts
    _hide(world, deals, world.deal_codes)


def _codes(world: World, deals: Deals) -> Ints:
    """Code of each deal in table opportunity, by creation; -1 for those not in the records.

    Those created later, and those that ended before the data begin, are not.
    """
    ended_before = (deals.outcome != OPEN) & (deals.close < 0)
    rows = np.flatnonzero((deals.created <= world.calendar.as_of) & ~ended_before)
    rows = rows[np.lexsort((rows, deals.created[rows]))]
    code = np.full(len(deals), -1)
    code[rows] = np.arange(len(rows))
    return code


def _standing(world: World, deals: Deals, pictures: Snapshots) -> Standing:
    as_of = world.calendar.as_of
    last = pictures.day == as_of
    stage, amount, expected = deals.stage.copy(), deals.amount.copy(), deals.expected.copy()
    stage[pictures.deal[last]] = pictures.stage[last]
    amount[pictures.deal[last]] = pictures.amount[last]
    expected[pictures.deal[last]] = pictures.expected[last]
    ended = (deals.outcome != OPEN) & (deals.close <= as_of)
    outcome = np.where(ended, deals.outcome, OPEN)
    return Standing(outcome, np.where(ended, deals.close, as_of), stage, expected, amount)


def _entered(world: World, deals: Deals, now: Standing) -> tuple[NDArray[np.bool_], Ints]:
    """Which deals are typed in after they closed, and the day each is typed in."""
    rng = world.rng("deals/entry")
    late = (rng.random(len(deals)) < world.truth.deal.backfilled) & world.on("backfill")
    late &= np.isin(now.outcome, (WON, LOST))
    after = np.minimum(deals.close + rng.integers(0, 4, len(deals)), world.calendar.as_of)
    return late, np.where(late, after, deals.created)


def _opportunities(world: World, deals: Deals, now: Standing, typed: Ints) -> pd.DataFrame:
    """Table opportunity, in the order of the codes."""
    rng, calendar = world.rng("deals/table"), world.calendar
    rows = np.flatnonzero(world.deal_codes >= 0)
    rows = rows[np.argsort(world.deal_codes[rows])]
    outcome, stage, day = now.outcome[rows], now.stage[rows], now.day[rows]
    account, line = deals.account[rows], np.array(LINES, object)[deals.line[rows]]
    still = outcome == OPEN
    chance = _typed(world, account, stage, np.full(len(rows), calendar.as_of))
    reason = rng.choice(len(REASON_LABELS), len(rows), p=REASON_SHARES)
    rival = rng.choice(world.truth.deal.competitors, len(rows), p=_competitors(world))
    stage_day = np.where(still, deals.entered[rows, stage], day)
    return pd.DataFrame(
        {
            "opportunity_id": np.arange(len(rows)),
            "name": _deal_names(world, account, line),
            "account_id": account,
            "rep_id": world.rep_at(account, day).astype(int),
            "region": world.region_at(account, np.maximum(deals.created[rows], 0)),
            "product_line": line,
            "channel": "direct",
            "source": np.array(SOURCES, object)[deals.source[rows]],
            "stage": np.where(still, np.array(STAGES, object)[stage], np.array(ENDS)[outcome]),
            "status": np.array(OUTCOMES, object)[outcome],
            "amount": np.where(still, now.amount[rows], deals.amount[rows]),
            "first_amount": deals.first_amount[rows],
            "currency": "CNY",
            "tax_basis": "incl",
            "tax_rate": np.where(line == "service", 0.06, 0.13),
            "probability": np.select([still, outcome == WON], [chance, 1.0], 0.0),
            "forecast_category": _category(chance, stage, now.expected[rows] < day, still),
            "created_date": calendar.date(deals.created[rows]),
            "entered_date": calendar.date(typed[rows]),
            "expected_close_date": calendar.date(np.where(still, now.expected[rows], day)),
            "close_date": pd.Series(calendar.date(day)).where(np.isin(outcome, (WON, LOST))),
            "stage_date": calendar.date(np.minimum(stage_day, calendar.as_of)),
            "lost_reason": only(np.array(list(REASON_LABELS))[reason], outcome == LOST),
            "competitor_id": np.where(rng.random(len(rows)) < COMPETED, rival, -1),
            "deal": rows,
        }
    )


def _competitors(world: World) -> Floats:
    weight = 1.0 / (np.arange(world.truth.deal.competitors) + 1.5)
    return np.asarray(weight / weight.sum())


def _deal_names(world: World, account: Ints, line: NDArray[Any]) -> NDArray[Any]:
    brand = world.accounts["brand"].to_numpy(object)[account]
    return np.asarray(brand + pd.Series(line).map(NAMES).to_numpy(object))


def _typed(world: World, account: Ints, stage: Ints, day: Ints) -> Floats:
    """Probabilities as typed: the chance of the stage, the planted optimism, the rep's own."""
    own = world.frame.reps["optimism"].to_numpy()[world.rep_at(account, day)]
    lift = world.truth.deal.optimism + own if world.on("optimism") else 0.0
    typed = np.round((np.array(CHANCES)[stage] + lift) * 20) / 20
    # Without optimism the chance itself is typed, not its nearest twentieth.
    typed = typed if world.on("optimism") else np.array(CHANCES)[stage]
    return np.asarray(np.clip(typed, 0.05, 0.95))


def _category(
    probability: Floats, stage: Ints, passed: NDArray[np.bool_], still: Any = True
) -> NDArray[Any]:
    """Forecast category by stage and typed probability; a passed date makes it pipeline."""
    commit = (stage == len(STAGES) - 1) & (probability >= 0.40) & ~passed
    best = (stage >= len(STAGES) - 2) & ~passed
    found = np.select([commit, best], ["commit", "best_case"], "pipeline")
    return only(found, np.broadcast_to(still, found.shape))


def _snapshots(world: World, deals: Deals, pictures: Snapshots, code: Ints) -> pd.DataFrame:
    """Month-end pictures of open deals that were in the records that day."""
    typed = np.where(world.backfilled, deals.close, deals.created)
    there = (code[pictures.deal] >= 0) & (typed[pictures.deal] <= pictures.day)
    closed = (deals.close[pictures.deal] >= 0) & (deals.close[pictures.deal] <= pictures.day)
    rows = np.flatnonzero(there & ~closed)
    deal, day = pictures.deal[rows], pictures.day[rows]
    probability = _typed(world, deals.account[deal], pictures.stage[rows], day)
    table = pd.DataFrame(
        {
            "snapshot_date": world.calendar.date(day),
            "opportunity_id": code[deal],
            "stage": np.array(STAGES, object)[pictures.stage[rows]],
            "status": "open",
            "amount": pictures.amount[rows],
            "currency": "CNY",
            "tax_basis": "incl",
            "expected_close_date": world.calendar.date(pictures.expected[rows]),
            "probability": probability,
            "forecast_category": _category(
                probability, pictures.stage[rows], pictures.expected[rows] < day
            ),
        }
    )
    return table.sort_values(["opportunity_id", "snapshot_date"], ignore_index=True)


def _hide(world: World, deals: Deals, code: Ints) -> None:
    """Latent quality, pace and true course of deals, what happens after today included."""
    rows = np.flatnonzero(code >= 0)
    rows = rows[np.argsort(code[rows])]
    last = len(world.calendar.days) - 1
    closes = deals.close[rows]
    world.hide(
        "deals",
        pd.DataFrame(
            {
                "opportunity_id": code[rows],
                "quality": deals.quality[rows].round(3),
                "outcome": np.array(["open", "won", "lost", "void"], object)[deals.outcome[rows]],
                "outcome_date": pd.Series(world.calendar.date(np.clip(closes, 0, last))).where(
                    closes >= 0
                ),
            }
        ),
    )
