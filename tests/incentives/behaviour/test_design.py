"""The design search: never worse than the start, within the budget, with a real front."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import ParameterError
from workbench.incentives.behaviour.design import (
    GOALS,
    Choice,
    search_design,
)
from workbench.incentives.behaviour.judge import Judge, Outcome, Team
from workbench.incentives.behaviour.person import Behaviour
from workbench.pay.curve import payout
from workbench.pay.plan import Plan, plan_from
from workbench.scenarios import streams
from workbench.text import Language

QUOTA = 1_000_000.0
PEOPLE = Behaviour(reference_rate=40_000.0)
START = plan_from(
    {
        "plan": "P",
        "name": {"en": "Plan", "zh": "方案"},
        "starts": "2026-01-01",
        "measures": {"revenue": {}},
        "components": {
            "commission": {
                "label": {"en": "Commission", "zh": "提成"},
                "measure": "revenue",
                "settle": "year",
                "rates": {
                    "on": "attainment",
                    "tiers": [{"rate": "4%"}, {"from": "100%", "rate": "4%"}],
                },
            }
        },
    }
)
RATE = "components.commission.rates.tiers.0.rate"
ABOVE = "components.commission.rates.tiers.1.rate"
FROM = "components.commission.rates.tiers.1.from"
CHOICES = (
    Choice(RATE, (0.03, 0.04, 0.05)),
    Choice(ABOVE, (0.04, 0.06, 0.08)),
    Choice(FROM, (0.9, 1.0, 1.1)),
)


def judge(draws: int = 400) -> Judge:
    rng = streams(7)["test/productivity"]
    productivity = np.clip(rng.lognormal(np.log(0.95), 0.2, 20), 0.4, 1.8)
    return Judge.of(
        {"sales": Team(np.full(20, QUOTA), productivity, PEOPLE)},
        margin=0.3,
        budget=900_000.0,
        target=0.95 * 20 * QUOTA,
        rng=streams(7)["test/luck"],
        draws=draws,
    )


def curves(plan: Plan):
    return {"sales": payout(plan, quota=QUOTA)}


def judged(plan: Plan, using: Judge = judge()) -> Outcome:  # noqa: B008  drawn once
    return using(curves(plan))


def test_outcome_of_a_linear_plan_is_that_of_arithmetic():
    outcome = judged(START)
    assert outcome.cost == pytest.approx(0.04 * outcome.sales, rel=1e-6)
    assert outcome.profit == pytest.approx(0.26 * outcome.sales, rel=1e-6)
    assert 0 < outcome.fairness < 1
    assert 0 < outcome.p_hit < 1


def test_better_pay_for_effort_brings_sales_and_costs_more():
    steep = judged(START.with_values({RATE: 0.05, ABOVE: 0.05}))
    flat = judged(START)
    assert steep.sales > flat.sales
    assert steep.cost > flat.cost


@pytest.mark.parametrize("goal", GOALS)
def test_the_best_is_never_worse_than_the_start_and_within_the_budget(goal):
    budget = judged(START).cost * 1.05
    found = search_design(START, CHOICES, judge=judged, goal=goal, budget=budget)
    assert len(found.tried) == 1 + 27
    best, start = getattr(found.best.outcome, goal), getattr(found.start.outcome, goal)
    assert best >= start
    assert found.best.outcome.cost <= budget
    allowed = [each for each in found.tried if each.outcome.cost <= budget]
    assert best == max(getattr(each.outcome, goal) for each in allowed)
    for one in found.front:
        beaten = [
            other
            for other in allowed
            if all(getattr(other.outcome, g) >= getattr(one.outcome, g) for g in GOALS)
            and any(getattr(other.outcome, g) > getattr(one.outcome, g) for g in GOALS)
        ]
        assert not beaten
    assert len(found.table()) == 1 + len(found.front)
    for code in ("en", "zh"):
        said = found.reasons(found.front[0], Language(code))
        assert len(said) >= 4
        assert all("{" not in each for each in said)


def test_a_start_beyond_the_budget_stays_possible():
    found = search_design(START, CHOICES, judge=judged, budget=1.0)
    assert found.best.outcome.cost <= found.start.outcome.cost * (1 + 1e-9)
    assert found.best.outcome.profit >= found.start.outcome.profit


def test_a_search_is_the_same_again():
    runs = [
        search_design(START, CHOICES[:1], judge=lambda plan: judge(100)(curves(plan)), budget=1e6)
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_values_no_plan_can_have_are_listed_with_their_reason():
    wrong = Choice(FROM, (0.0, 1.0))
    found = search_design(START, [wrong], judge=judged, budget=1e6)
    assert [values for values, _ in found.refused] == [{FROM: 0.0}]
    assert found.refused[0][1]


def test_bad_questions_are_refused():
    with pytest.raises(ParameterError, match="each once"):
        search_design(START, [CHOICES[0], CHOICES[0]], judge=judged, budget=1e6)
    with pytest.raises(ParameterError, match="no goal"):
        search_design(START, CHOICES, judge=judged, goal="joy", budget=1e6)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="no pay"):
        judge()({"other": payout(START, quota=QUOTA)})


# -- large searches -------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Dials:
    """A plan of numbers, so that a search of many can be watched."""

    values: tuple[tuple[str, float], ...] = ()

    def with_values(self, values):
        return Dials(tuple(sorted(values.items())))


@settings(max_examples=30)
@given(
    tops=st.lists(st.integers(0, 9), min_size=4, max_size=4),
    tilt=st.floats(-0.3, 0.3),
    budget=st.floats(5, 60),
)
def test_a_climb_over_many_designs_never_ends_below_the_start(tops, tilt, budget):
    names = "abcd"

    def hills(plan: Dials) -> Outcome:
        at = [dict(plan.values).get(name, 4.0) for name in names]
        away = [x - top for x, top in zip(at, tops, strict=True)]
        loss = sum(x * x for x in away) + tilt * away[0] * away[1]
        return Outcome(-loss, sum(at), 0.0, 0.5, 0.5, 0.0, 0.0, 0.0)

    choices = [Choice(name, tuple(map(float, range(10)))) for name in names]
    found = search_design(Dials(), choices, judge=hills, budget=budget)
    assert found.best.outcome.profit >= found.start.outcome.profit
    assert found.best.outcome.cost <= max(budget, 16.0) * (1 + 1e-6)
    assert len(found.tried) < 2000  # of 10,000
    if budget >= sum(tops) + 4:  # the top is affordable, and so are the ways to it
        assert found.best.outcome.profit == pytest.approx(0, abs=1e-9)
