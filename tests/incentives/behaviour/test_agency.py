"""Closed forms of agency, held against solvers that do not know them.

The square-root example computes the formulas of Basu, Lal, Srinivasan and Staelin (1985) for
h=200, k=40, c=4, d=.6, g=2, U0=20, m=.5.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InfeasibleError, ParameterError
from workbench.incentives.behaviour.agency import (
    GammaWorld,
    LinearWorld,
    best_linear,
    free_schedule,
    person_answers,
    root_schedule,
    solve_free,
    solve_linear,
)

LINEAR = LinearWorld(margin=0.6, productivity=4, risk_aversion=0.02, cost=0.8, sd=30)
GAMMA = GammaWorld(base=200, productivity=40, shape=4, cost=0.6, exponent=2, outside=20, margin=0.5)


def test_best_linear_rate():
    assert best_linear(LINEAR).rate == pytest.approx(0.3157894736842105, rel=1e-14)
    assert solve_linear(LINEAR).rate == pytest.approx(0.3157894736842105, rel=1e-10)


@given(
    margin=st.floats(0.05, 1),
    productivity=st.floats(0.5, 20),
    risk=st.floats(0.0, 0.1),
    cost=st.floats(0.1, 5),
    sd=st.floats(0, 50),
)
def test_closed_form_and_solver_agree(margin, productivity, risk, cost, sd):
    world = LinearWorld(
        margin=margin, productivity=productivity, risk_aversion=risk, cost=cost, sd=sd
    )
    closed, solved = best_linear(world), solve_linear(world)
    assert solved.rate == pytest.approx(closed.rate, rel=1e-10)
    assert solved.profit == pytest.approx(closed.profit, rel=1e-10, abs=1e-12)
    surer = dataclasses.replace(world, sd=sd / 2)
    assert best_linear(surer).rate >= closed.rate  # less noise, more incentive
    assert best_linear(surer).profit >= closed.profit


@pytest.mark.parametrize("exponent", [1.5, 2.5, 3.0])
def test_solver_finds_the_top_with_other_costs(exponent):
    world = dataclasses.replace(LINEAR, exponent=exponent)
    best = solve_linear(world)
    rates = np.linspace(0.001, world.margin, 2001)
    assert best.profit >= max(world.contract(rate).profit for rate in rates) - 1e-9
    with pytest.raises(ParameterError, match="quadratic"):
        best_linear(world)


def test_square_root_schedule():
    found = root_schedule(GAMMA)
    assert found.effort == pytest.approx(1.0033227894707577, rel=1e-10)
    assert found.a == pytest.approx(6.688034645626312, rel=1e-10)
    assert found.b == pytest.approx(0.015049841842061365, rel=1e-10)
    assert found.pay == pytest.approx(109.39632284809817, rel=1e-10)
    assert found.profit == pytest.approx(10.670132941316993, rel=1e-10)


def test_a_schedule_of_any_form_agrees():
    found = root_schedule(GAMMA)
    sales, pay, expected = free_schedule(GAMMA, effort=found.effort)
    assert pay == pytest.approx(found(sales), rel=1e-10)
    assert expected == pytest.approx(found.pay, rel=1e-12)
    effort, profit = solve_free(GAMMA)
    assert effort == pytest.approx(found.effort, rel=1e-6)
    assert profit == pytest.approx(found.profit, rel=1e-12)


def test_the_person_does_what_the_schedule_wants():
    assert person_answers(GAMMA, root_schedule(GAMMA)) == pytest.approx(
        root_schedule(GAMMA).effort, rel=1e-10
    )


@pytest.mark.parametrize("delta", [0.4, 0.6])
def test_free_schedules_keep_and_move_people_with_other_utilities(delta):
    outside = dataclasses.replace(GAMMA, outside=40)
    # few nodes reach less far out, where pay of another form than the square root turns negative
    _, low, cheap = free_schedule(outside, effort=0.5, delta=delta, nodes=12)
    _, high, dear = free_schedule(outside, effort=0.6, delta=delta, nodes=12)
    assert (np.diff(low) > 0).all()
    assert (np.diff(high) > 0).all()
    assert dear > cheap


def test_more_effort_than_positive_pay_can_call_for():
    with pytest.raises(InfeasibleError, match="low sales"):
        root_schedule(dataclasses.replace(GAMMA, outside=1), effort=2.0)
    with pytest.raises(InfeasibleError, match="no schedule"):
        free_schedule(dataclasses.replace(GAMMA, outside=1), effort=3.0)
