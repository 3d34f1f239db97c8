"""Surveys: what customers and staff answer, from what they truly feel.

Customers answer from the satisfaction that also decides whether they stay. Staff answer from
their engagement and the climate of their team; who will leave within half a year says so, in
part, before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.parameters import planted
from workbench.sample.world import AS_OF, FIRST_DAY, Frame, World

EFFECTS: dict[str, tuple[str, str]] = {
    "survey_satisfaction": (
        "Customer answers show true satisfaction",
        "客户问卷反映真实满意度",
    ),
    "leaving_mood": ("Staff who will leave answer lower before", "离职前员工评分下降"),
    "team_climate": ("Teams differ in climate", "各团队氛围不同"),
}
QUESTIONS = ("recommend", "quality", "delivery", "service", "price")
OFFSETS = (0.2, 0.5, 0.0, 0.1, -0.9)
STAFF_QUESTIONS = ("engagement", "manager", "pay", "growth", "stay")
STAFF_OFFSETS = (0.0, 0.2, -0.8, -0.3, 0.1)
MOOD_WEIGHTS = (1.0, 0.5, 0.7, 0.8, 1.6)


@dataclass(frozen=True)
class SurveyTruth:
    """Planted parameters of surveys; scores from 0 to 10."""

    asked: float = planted(0.062, "share of buyers a quarter", "customers that answer")
    noise: float = planted(1.1, "points", "of one answer around the truth")
    climate: float = planted(0.6, "points", "spread between teams")
    staff_share: float = planted(0.85, "share", "of staff that answer")
    staff_noise: float = planted(0.9, "points", "of one answer around the truth")
    leaving: float = planted(-1.4, "points", "of those who leave within the window")
    leaving_days: int = planted(180, "days", "before leaving in which it shows")


def customers(world: World, *, truth: SurveyTruth) -> pd.DataFrame:
    """Answers of customers that bought in the twelve months before, quarter by quarter."""
    rng = world.rng("people/customer_survey")
    bought = _buying(world)
    quarters = bought.shape[1]
    asked = rng.random(bought.shape) < truth.asked
    first = np.datetime64(FIRST_DAY.astype("M8[M]"), "M") - 1  # July 2021, a quarter's start
    account, quarter = np.nonzero(bought & asked)
    start = (first + 3 * quarter).astype("M8[D]")
    answered = start + rng.integers(20, 80, len(account)).astype("m8[D]")
    inside = (answered <= AS_OF) & (answered >= FIRST_DAY)
    account, quarter, answered = account[inside], quarter[inside], answered[inside]
    feeling = world.satisfaction[account, np.minimum(quarter, quarters - 1)].astype(float)
    if not world.on("survey_satisfaction"):
        feeling = np.full(len(account), world.truth.customer.satisfaction_mean)
    order = np.lexsort([account, answered])
    account, answered, feeling = account[order], answered[order], feeling[order]
    noise = rng.normal(0, truth.noise, (len(account), len(QUESTIONS)))
    score = feeling[:, None] + np.asarray(OFFSETS) + noise
    return _sheets(np.arange(len(account)), "customer", account, -1, answered, QUESTIONS, score)


def add_staff(world: World, *, truth: SurveyTruth) -> None:
    """Add the answers of the staff, after those of customers, and hide the climate of teams."""
    frame = world.frame
    rng = frame.rng("people/staff_survey")
    climate = rng.normal(0, truth.climate, len(frame.teams)) * frame.on("team_climate")
    rows = []
    for number, start in enumerate(_staff_dates(frame)):
        here = frame.rng(f"people/staff_survey/{number}")
        drawn, wait = here.random(len(frame.reps)), here.integers(0, 12, len(frame.reps))
        noise = here.normal(0, truth.staff_noise, (len(frame.reps), len(STAFF_QUESTIONS)))
        day = frame.calendar.next_working(start + wait)
        left = frame.reps["left"].to_numpy()
        there = (frame.reps["hired"].to_numpy() < start - 30) & ((left < 0) | (left > day))
        leaving = (left >= 0) & (left - day <= truth.leaving_days)
        leaving &= frame.on("leaving_mood")
        team = frame.seats["team"].to_numpy()[frame.reps["seat"].to_numpy()]
        feeling = frame.reps["engagement"].to_numpy() + climate[team]
        score = feeling[:, None] + np.asarray(STAFF_OFFSETS) + noise
        score = score + np.where(leaving, truth.leaving, 0.0)[:, None] * np.asarray(MOOD_WEIGHTS)
        chosen = np.flatnonzero(there & (drawn < truth.staff_share) & (day <= frame.calendar.as_of))
        rows.append((chosen, frame.calendar.date(day)[chosen], score[chosen]))
    rep = np.concatenate([row[0] for row in rows])
    dates, score = (np.concatenate([row[place] for row in rows]) for place in (1, 2))
    known = world.tables["survey_response"]
    first = 0 if known.empty else int(known["response_id"].max()) + 1
    sheets = first + np.arange(len(rep))
    table = _sheets(sheets, "staff", -1, rep, dates, STAFF_QUESTIONS, score)
    world.add("survey_response", table)
    frame.hide(
        "team_climate",
        pd.DataFrame({"team_id": frame.teams["team_id"], "climate": climate.round(4)}),
    )


def _buying(world: World) -> NDArray[np.bool_]:
    """Whether accounts ordered in the twelve months before each quarter."""
    lines = world.tables["order_line"]
    quarters = world.satisfaction.shape[1]
    first = int(FIRST_DAY.astype("M8[M]").astype(np.int64)) // 3
    quarter = lines["order_date"].to_numpy().astype("M8[M]").astype(np.int64) // 3 - first
    ordered = np.zeros((len(world.accounts), quarters + 1), bool)
    ordered[lines["account_id"].to_numpy(), np.clip(quarter, 0, quarters)] = True
    out = np.zeros((len(world.accounts), quarters), bool)
    for back in range(4):
        out[:, back:] |= ordered[:, : quarters - back]
    return out


def _staff_dates(frame: Frame) -> list[int]:
    """Days on which staff surveys open: mid April and mid October."""
    days = [
        np.datetime64(f"{year}-{month:02d}-15")
        for year in np.unique(frame.calendar.year)
        for month in (4, 10)
    ]
    places = [int(frame.calendar.index(each)) for each in days]
    return [place for place in places if 60 <= place <= frame.calendar.as_of]


def _sheets(
    sheets: NDArray[np.int64],
    survey: str,
    account: NDArray[np.int64] | int,
    rep: NDArray[np.int64] | int,
    dates: NDArray[np.datetime64],
    questions: tuple[str, ...],
    score: NDArray[np.float64],
) -> pd.DataFrame:
    """One row a question; scores are whole points from 0 to 10."""
    count = len(questions)
    repeat = np.repeat(np.arange(len(sheets)), count)
    of = [np.broadcast_to(each, len(sheets))[repeat] for each in (account, rep)]
    return pd.DataFrame(
        {
            "response_id": sheets[repeat],
            "survey": survey,
            "account_id": of[0],
            "rep_id": of[1],
            "answer_date": dates.astype("M8[s]")[repeat],
            "question": np.tile(np.asarray(questions, object), len(sheets)),
            "score": np.clip(np.round(score), 0, 10).ravel(),
        }
    )
