"""The hidden course of deals: day by day, each stage is left by moving on, losing or voiding.

Every deal carries exponential thresholds, one for each stage and way out; its hazards add up day
by day until the first threshold is crossed. Chance is thus drawn once per deal, and a change of
one effect moves only the deals that it touches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.sample.parameters import STAGES
from workbench.sample.world import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
OPEN, WON, LOST, VOID = 0, 1, 2, 3
LAST_STAGE = len(STAGES) - 1
DEADLINE_DAYS = 12
REMAINING = (112.0, 84.0, 56.0, 28.0)  # median days to the decision a customer plans, by stage
NEEDED = (105.0, 72.0, 40.0, 1.0)  # days still needed from each stage; hurry begins below
SHORTEST = np.array([0, 20, 12, 5])  # days that must be left after a step
SILENT_UPDATE = 0.02  # dates of silent deals are moved on at this share of the usual rate
NEVER_SILENT = 10**6
MOVED_ON = 0.6  # a passed close date is moved on by this share of the days above, mean


@dataclass
class Deals:
    """Deals as arrays, one entry a deal; days are day indices (may be negative).

    Attributes
    ----------
    account, created, source, line : int
        Account code, day, place in SOURCES, 0 equipment or 1 service.
    amount, first_amount : float
        CNY with VAT.
    quality : float
        Hidden log hazard of moving forward: source, size, frailty.
    stage, stage_day, outcome, close : int
        Present stage, day it began, outcome, day of the outcome (-1 while open).
    entered : int, shape (deals, 4)
        Day each stage was entered; -1 for never.
    expected : int
        Expected close date as the rep has typed it.
    silent : int
        Day on which the customer lost interest without a word (`NEVER_SILENT`: did not). The deal
        stays open, nothing moves, until it is voided months later.
    """

    account: Ints
    created: Ints
    source: Ints
    line: Ints
    amount: Floats
    quality: Floats
    pace: Floats
    optimism: Floats = field(default_factory=lambda: np.empty(0))
    first_amount: Floats = field(default_factory=lambda: np.empty(0))
    stage: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    stage_day: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    outcome: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    close: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    entered: Ints = field(default_factory=lambda: np.empty((0, 4), np.int64))
    expected: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    silent: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True)
class Snapshots:
    """Open deals at month ends: day, deal, stage, amount, expected (day index)."""

    day: Ints
    deal: Ints
    stage: Ints
    amount: Floats
    expected: Ints


def run(world: World, deals: Deals) -> Snapshots:
    """Let all deals run from their creation to the last day simulated; month-end pictures.

    Changes `deals` in place. Days before the data use the calendar of a year later.
    """
    state = _State(world, deals)
    calendar = world.calendar
    ends = np.flatnonzero(np.diff(calendar.month, append=0))
    month_ends = set(ends[ends <= calendar.as_of].tolist())
    order = np.argsort(deals.created, kind="stable")
    begun = np.searchsorted(deals.created[order], np.arange(state.first, state.last + 2))
    pictures: list[tuple[Ints, ...]] = []
    live = np.empty(0, np.int64)
    for number, day in enumerate(range(state.first, state.last + 1)):
        low, high = (begun[number - 1] if number else 0), begun[number]
        live = np.concatenate([live, order[low:high]])
        if state.working[day - state.first] and len(live):
            state.step(live, day)
            live = live[deals.outcome[live] == OPEN]
        if day in month_ends:
            rows = np.sort(live)
            pictures.append(
                (
                    np.full(len(rows), day),
                    rows,
                    deals.stage[rows].copy(),
                    deals.amount[rows].copy(),
                    deals.expected[rows].copy(),
                )
            )
    joined = [np.concatenate(each) for each in zip(*pictures, strict=True)]
    return Snapshots(*joined)


class _State:
    """What a day's step needs: calendar factors and thresholds."""

    def __init__(self, world: World, deals: Deals) -> None:
        self.world, self.deals = world, deals
        self.truth = world.truth.deal
        self.first, self.last = int(deals.created.min()), len(world.calendar.days) - 1
        days = np.arange(self.first, self.last + 1)
        mirrored = np.where(days < 0, days + 364, days)
        self.mirrored = mirrored
        self.working = world.calendar.working[mirrored]
        weights = world.frame.weights["direct"][mirrored]
        self.push = (weights / weights[self.working].mean()) ** self.truth.push
        self.calm = np.minimum(self.push, 1.0)
        rng = world.rng("deals/thresholds")
        self.need = rng.exponential(size=(len(deals), len(STAGES), 3))
        self.passed = np.zeros((len(deals), 3))
        self.move_on = rng.exponential(size=(len(deals), 8))
        self.waited = np.zeros(len(deals))
        self.careless = rng.random(len(deals)) < self.truth.careless
        self.moves = np.zeros(len(deals), np.int64)
        self.guess = rng.standard_normal((len(deals), len(STAGES) + 8))
        self.month_end = rng.random((len(deals), len(STAGES) + 8)) < 0.4
        self.haggle = rng.standard_normal((len(deals), 2))
        draw = world.rng("deals/silence").standard_normal(len(deals))
        self.silence = np.exp(self.truth.silence_sd * draw)
        deals.silent = np.full(len(deals), NEVER_SILENT)
        deals.first_amount = deals.amount.copy()
        deals.stage = np.zeros(len(deals), np.int64)
        deals.stage_day = deals.created.copy()
        deals.outcome = np.full(len(deals), OPEN)
        deals.close = np.full(len(deals), -1)
        deals.entered = np.full((len(deals), len(STAGES)), -10_000)
        deals.entered[:, 0] = deals.created
        deals.expected = deals.created + self._remaining(np.arange(len(deals)), 0)

    def step(self, live: Ints, day: int) -> None:
        """One working day of the open deals."""
        quiet = self.deals.silent[live] <= day
        self._void(live[quiet], day)
        live = live[~quiet]
        hazards = self._hazards(live, day)
        self.passed[live] += hazards
        stage = self.deals.stage[live]
        over = self.passed[live] >= self.need[live, stage]
        hit = over.any(axis=1)
        self._move_dates(live[~hit], day)
        if not hit.any():
            return
        rows, cause = (
            live[hit],
            _first_cause(
                self.passed[live[hit]], self.need[live[hit], stage[hit]], hazards[hit], over[hit]
            ),
        )
        self._leave(rows, cause, day)

    def _hazards(self, live: Ints, day: int) -> Floats:
        """Hazards of moving on, losing, voiding of open deals on a working day."""
        world, truth, deals = self.world, self.truth, self.deals
        stage, place = deals.stage[live], day - self.first
        stale = np.log1p((day - deals.stage_day[live]) / 30)
        known = self.mirrored[place] if day < 0 else day
        rep = world.rep_at(deals.account[live], np.full(len(live), known))
        skill = world.frame.rep_skill[rep, known]
        age = truth.age * stale if world.on("deal_age") else 0.0
        forward = deals.quality[live] + age + world.truth.rep.skill_deals * skill
        last = stage == LAST_STAGE
        # Signing follows the calendar; ordinary work only stands still at the New Year.
        flow = np.where(last, self.push[place], self.calm[place])
        left = deals.expected[live] - day
        near = (left >= 0) & (left <= DEADLINE_DAYS)
        due, hurry, quiet = np.ones(len(live)), np.zeros(len(live)), np.ones(len(live))
        if world.on("deadline"):
            due = np.where(near, truth.deadline, truth.undecided)
            quiet = np.where(left < 0, *truth.quiet)
            # The nearer the customer's date, the sooner the steps before it are taken.
            needed = np.array(NEEDED)[stage]
            hurry = truth.urgency * np.clip((needed - left) / needed, -1.0, 1.0)
        pace = deals.pace[live]
        out = np.empty((len(live), 3))
        out[:, 0] = np.array(truth.advance)[stage] * np.exp(forward) * flow * pace
        out[:, 0] *= np.where(last, 1.0, np.exp(hurry))
        out[:, 0] *= np.where(last, due, 1.0)
        out[:, 1] = np.array(truth.lose)[stage] * flow * due * pace
        out[:, 2] = np.array(truth.void)[stage] * np.exp(truth.void_age * stale) * quiet * pace
        return out

    def _void(self, quiet: Ints, day: int) -> None:
        """Void deals that have been silent long enough; the dates of the others pass."""
        deals = self.deals
        median = np.array(self.truth.silence)[deals.stage[quiet]]
        over = quiet[day >= deals.silent[quiet] + median * self.silence[quiet]]
        deals.outcome[over], deals.close[over] = VOID, day
        self._move_dates(quiet, day, SILENT_UPDATE)

    def _leave(self, rows: Ints, cause: Ints, day: int) -> None:
        deals = self.deals
        on = (cause == 0) & (deals.stage[rows] < LAST_STAGE)
        deals.silent[rows[cause == 2]] = day
        done = rows[~on & (cause < 2)]
        ended = np.where(cause[~on & (cause < 2)] == 0, WON, LOST)
        deals.outcome[done], deals.close[done] = ended, day
        moved = rows[on]
        deals.stage[moved] += 1
        deals.stage_day[moved] = day
        deals.entered[moved, deals.stage[moved]] = day
        self.passed[moved] = 0.0
        late = deals.stage[moved] >= LAST_STAGE - 1
        talks = moved[late]
        step = deals.stage[talks] - LAST_STAGE + 1
        change = -0.03 + 0.10 * self.haggle[talks, step]
        deals.amount[talks] = np.round(deals.amount[talks] * np.exp(change), -2)
        # A date that leaves no time for the next steps is thought over again.
        tight = moved[deals.expected[moved] < day + SHORTEST[deals.stage[moved]]]
        deals.expected[tight] = day + self._remaining(tight, deals.stage[tight])

    def _move_dates(self, live: Ints, day: int, share: float = 1.0) -> None:
        """Move passed close dates on, some days after they passed; `share` slows it."""
        deals, truth = self.deals, self.truth
        passed = live[deals.expected[live] < day]
        rate = np.where(self.careless[passed], truth.update[1], truth.update[0]) * share
        self.waited[passed] += rate if self.world.on("stale_dates") else 5.0
        move = self.moves[passed] % self.move_on.shape[1]
        due = passed[self.waited[passed] >= self.move_on[passed, move]]
        self.waited[due] = 0.0
        self.moves[due] += 1
        draw = self.guess[due, len(STAGES) + self.moves[due] % 8]
        later = MOVED_ON * np.array(REMAINING)[deals.stage[due]]
        deals.expected[due] = day + 5 + (later * np.exp(0.4 * draw - 0.08)).astype(int)
        self._to_month_end(due, len(STAGES) + self.moves[due] % 8)

    def _remaining(self, rows: Ints, stage: Any) -> Ints:
        """Days until the customer means to decide, from a stage."""
        stage = np.broadcast_to(stage, rows.shape)
        mean = np.array(REMAINING)[stage] / self.deals.pace[rows]
        spread = self.truth.date_sd
        return (mean * np.exp(spread * self.guess[rows, stage])).astype(np.int64) + 2

    def _to_month_end(self, rows: Ints, column: Ints) -> None:
        """Four of ten dates are typed as the end of a month."""
        chosen = rows[self.month_end[rows, column]]
        dates = self.world.calendar.days[0] + self.deals.expected[chosen]
        ends = (dates.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
        self.deals.expected[chosen] = (ends - self.world.calendar.days[0]).astype(np.int64)


def _first_cause(passed: Floats, need: Floats, hazard: Floats, over: NDArray[np.bool_]) -> Ints:
    """Which threshold was crossed first within the day."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moment = 1 - (passed - need) / hazard
    return np.argmin(np.where(over, moment, np.inf), axis=1)
