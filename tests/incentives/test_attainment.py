"""Draws of attainment: levels recovered from what was planted, years that are over kept."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from workbench.errors import NotIdentifiedError, ParameterError
from workbench.incentives.attainment import attainment_draws, levels
from workbench.incentives.history import History
from workbench.incentives.payees import Payees, payees
from workbench.pay.plan import plan_from
from workbench.scenarios import streams

LASTING, PASSING, MEAN, QUOTA = 0.15, 0.20, 0.95, 100_000.0


def planted(people: int = 60, years: int = 6, *, seed: int = 1) -> tuple[History, np.ndarray]:
    """Years of people with known levels; two thirds of the last year are over."""
    rng = streams(seed)["tests/history"]
    level = MEAN + LASTING * rng.standard_normal(people)
    rows = []
    for year in range(2026 - years, 2027):
        attained = np.maximum(level + PASSING * rng.standard_normal(people), 0.05)
        months = 12 if year < 2026 else 8
        for person in range(people):
            for month in range(months):
                sold = attained[person] * QUOTA
                rows.append((f"R{person:03d}", "hunter", pd.Timestamp(year, month + 1, 1), QUOTA,
                             sold, 1.1 * sold))  # fmt: skip
    names = ["rep_id", "role", "month", "quota", "revenue_net", "collections"]
    return History(pd.DataFrame(rows, columns=names), dt.date(2026, 8, 31)), level


def plan_people(history: History) -> Payees:
    ids = sorted(history.rows["rep_id"].unique())
    people = pd.DataFrame(
        {"rep_id": ids, "role": "hunter", "hired_date": pd.Timestamp("2019-01-01")}
    )
    quotas = pd.DataFrame({"rep_id": ids, "quota": "revenue_net", "value": 12 * QUOTA})
    plan = plan_from(
        {
            "plan": "p",
            "name": {"en": "P", "zh": "方案"},
            "starts": "2026-01-01",
            "measures": {"revenue_net": {}},
            "indicators": {"year": {"attainment": "revenue_net", "over": "year"}},
            "components": {"none": {"label": {"en": "N", "zh": "无"}, "pays": {"amount": 1}}},
        }
    )
    return payees(plan, people, quotas)


def test_what_lasts_and_what_passes_are_recovered():
    history, level = planted()
    found = levels(history)
    role = found.roles.iloc[0]
    assert role["mean"] == pytest.approx(MEAN, abs=0.05)
    assert role["lasting"] == pytest.approx(LASTING, abs=0.04)
    assert role["passing"] == pytest.approx(PASSING, abs=0.03)
    people = found.people.sort_values("rep_id")
    # shrunk levels lie nearer to the truth than observed means
    error = np.abs(people["level"].to_numpy() - level).mean()
    assert error < np.abs(people["observed"].to_numpy() - level).mean()
    assert people["error"].mean() == pytest.approx(
        np.std(people["level"].to_numpy() - level), rel=0.35
    )


def test_people_without_difference_share_one_level():
    history, _ = planted(seed=3)
    rows, rng = history.rows.copy(), streams(9)["tests/mixed"]
    year = rows["month"].dt.year
    mixed = rows["revenue_net"].to_numpy().copy()
    for each in sorted(set(year)):  # every year people change places, for all of its months
        at = np.flatnonzero(year == each)
        mixed[at] = mixed[at].reshape(60, -1)[rng.permutation(60)].ravel()
    found = levels(History(rows.assign(revenue_net=mixed, collections=mixed), history.as_of))
    assert found.roles["lasting"].iloc[0] < 0.08


def test_draws_have_the_spread_of_the_years_they_repeat():
    history, _ = planted()
    people = plan_people(history)
    drawn = attainment_draws(history, people, draws=600, market_sd=0.0, known=False)
    attained = drawn["revenue_net"].values.sum(axis=1) / (12 * QUOTA)
    assert attained.mean() == pytest.approx(MEAN, abs=0.05)
    assert attained.std(axis=0).mean() == pytest.approx(np.hypot(PASSING, 0.07), rel=0.2)
    assert attained.mean(axis=0).std() == pytest.approx(LASTING, rel=0.35)
    ratio = drawn["collections"].values.sum() / drawn["revenue_net"].values.sum()
    assert ratio == pytest.approx(1.1, rel=0.02)


def test_months_that_are_over_are_as_they_were():
    history, _ = planted(people=10)
    people = plan_people(history)
    drawn = attainment_draws(history, people, draws=50)["revenue_net"].values
    rows = history.rows[history.rows["month"] >= "2026-01-01"]
    was = rows.pivot_table(index="month", columns="rep_id", values="revenue_net").to_numpy()
    assert np.array_equal(drawn[:, :8], np.broadcast_to(was, (50, 8, 10)))
    assert (drawn[:, 8:].std(axis=0) > 0).all()


def test_the_market_moves_everybody_and_people_keep_their_draws():
    history, _ = planted(people=30)
    people = plan_people(history)
    calm, rough = (
        attainment_draws(history, people, draws=300, market_sd=sd, known=False)["revenue_net"]
        for sd in (0.0, 0.3)
    )
    spread = [each.values.sum(axis=(1, 2)).std() for each in (calm, rough)]
    assert spread[1] > 3 * spread[0]
    few = History(history.rows[history.rows["rep_id"] < "R025"], history.as_of)
    again = attainment_draws(history, plan_people(few), draws=300, market_sd=0.0, known=False)
    assert np.array_equal(again["revenue_net"].values, calm.values[:, :, :25])


def test_the_same_seed_gives_the_same_draws():
    history, _ = planted(people=5)
    people = plan_people(history)
    one, two, other = (
        attainment_draws(history, people, draws=20, seed=seed)["revenue_net"].values
        for seed in (7, 7, 8)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_too_little_history_is_no_number():
    history, _ = planted(people=3)
    short = History(history.rows[history.rows["month"] >= "2026-01-01"], history.as_of)
    with pytest.raises(NotIdentifiedError, match="whole years"):
        levels(short)
    with pytest.raises(ParameterError, match="draws"):
        attainment_draws(history, plan_people(history), draws=0)
