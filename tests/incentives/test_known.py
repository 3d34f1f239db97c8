"""What two plans have alike is taken over, and the result is that of a run from the start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.incentives.plans import B2B, b2b, money, staff
from workbench.incentives import cost as costs
from workbench.incentives.changes import Changes, changed
from workbench.incentives.cost import PlanCost, plan_cost
from workbench.incentives.payees import payees
from workbench.incentives.terms import alike
from workbench.pay.plan import Plan, plan_from

PEOPLE, DRAWS = 12, 30
ROLES = ("farmer", "hunter")
ADVANCE = {"draw": {"least": {"amount": {"amount": 3000}, "components": ["commission"]}}}
CUBES: dict[str, Any] = {
    name: money(PEOPLE, DRAWS, name=name, level=level)
    for name, level in (("revenue", 9e5), ("margin", 3e5))
}


def run(plan: Plan, **how: Any) -> PlanCost:
    people, quotas = staff(PEOPLE)
    return plan_cost(payees(plan, people, quotas), CUBES, beside=0.02, **how)


def rerun(plan: Plan, known: PlanCost) -> PlanCost:
    return plan_cost(known.people.with_plan(plan), CUBES, beside=0.02, known=known)


@settings(max_examples=25, deadline=None)
@given(
    rates=some.sampled_from([1.0, 0.8, 1.25]),
    thresholds=some.sampled_from([1.0, 0.95]),
    accelerator=some.sampled_from([1.0, 1.5]),
    cap=some.sampled_from([None, 0.4]),
    roles=some.sampled_from([(), ("hunter",), ROLES]),
    payment=some.sampled_from([None, ADVANCE]),
)
def test_a_plan_run_from_a_known_one_gives_exactly_what_it_gives_alone(
    payment: Any, **asked: Any
) -> None:
    plan = b2b() if payment is None else b2b(payment=payment)
    other = changed(plan, Changes(**asked), roles=ROLES)
    alone, quick = run(other), rerun(other, run(plan))
    for name in ("cost", "variable", "mean_pay", "credit"):
        assert np.array_equal(getattr(quick, name), getattr(alone, name)), name
    assert np.array_equal(quick.attainment, alone.attainment, equal_nan=True)
    assert list(quick.beside) == list(alone.beside)
    assert all(np.array_equal(quick.beside[key], each) for key, each in alone.beside.items())


def test_only_what_differs_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    earn = costs._earn

    def counted(made: PlanCost, block: Any, names: list[str]) -> None:
        asked.append(names)
        earn(made, block, names)

    today = run(b2b())
    monkeypatch.setattr(costs, "_earn", counted)
    rerun(b2b(), today)
    assert asked == []
    rerun(changed(b2b(), Changes(rates=1.1)), today)
    assert asked == [["commission", "margin_bonus"]]


def test_components_are_alike_only_where_people_measures_and_indicators_are() -> None:
    today = run(b2b()).people
    assert alike(today.with_plan(b2b()), today) == set(today.plan.components)
    apart = plan_from({**B2B, "indicators": {**B2B["indicators"], "year": {
        "attainment": "revenue", "over": "quarter"}}})  # fmt: skip
    assert not alike(today.with_plan(apart), today)
    people, quotas = staff(PEOPLE)
    assert not alike(payees(b2b(), people, quotas), today)  # read anew: nobody knows
