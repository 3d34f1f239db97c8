"""The dynamic model against closed forms, against brute force, and laws of what people do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from workbench.errors import InputError, ParameterError
from workbench.incentives.behaviour.dynamic import respond
from workbench.incentives.behaviour.person import Behaviour

TYPES = np.array([0.6, 0.8, 0.9, 1.0, 1.2])
PEOPLE = Behaviour(reference_rate=100.0)
STILL = PEOPLE.without("moves")


def linear(rate: float):
    return lambda attainment: rate * np.asarray(attainment)


def stepped(attainment):
    """Pay by the piece, and a bonus of 30 at the target."""
    reached = np.asarray(attainment)
    return 100 * reached + 30.0 * (reached >= 1)


def dead_zone(attainment):
    """Nothing below 80%, then dearly."""
    return 500 * np.clip(np.asarray(attainment) - 0.8, 0, None)


def capped(attainment):
    return 100 * np.minimum(np.asarray(attainment), 1.05)


# -- closed forms ---------------------------------------------------------------------------------


@settings(max_examples=15)
@given(rate=st.floats(20, 200), pride=st.floats(0, 3), elasticity=st.floats(0.1, 1.5))
def test_a_linear_plan_calls_for_one_effort_everywhere(rate, pride, elasticity):
    people = dataclasses.replace(STILL, pride=pride, elasticity=elasticity)
    found = respond(linear(rate), productivity=TYPES, behaviour=people, step=0.02)
    assert found.policy == pytest.approx(float(people.effort(rate)), rel=1e-6)
    # the highest cells hold what goes beyond: only types far from them are exact
    assert found.effort == pytest.approx(float(people.effort(rate)), rel=1e-6)


def test_effort_is_one_at_the_reference_and_has_the_elasticity_stated():
    assert float(PEOPLE.effort(100.0)) == 1
    change = np.log(PEOPLE.effort(101.0) / PEOPLE.effort(99.0)) / np.log(101 / 99)
    assert float(change) == pytest.approx(PEOPLE.elasticity, rel=1e-3)


def test_one_month_is_the_one_shot_problem():
    """Pay r a + B at a >= 1, normal noise: r mu + B P(mu + noise >= 1) - C(mu) is greatest."""
    for theta in TYPES:
        found = respond(stepped, productivity=theta, behaviour=STILL, months=[1.0], step=0.002)
        gamma, pride, rate = STILL.gamma, STILL.pride, STILL.reference_rate

        def loss(sales, theta=theta, gamma=gamma, pride=pride, rate=rate):
            toil = rate * (1 + pride) * theta * (sales / theta) ** (1 + gamma) / (1 + gamma)
            bonus = 30 * norm.cdf((sales - 1) / STILL.noise)
            return toil - pride * rate * sales - 100 * sales - bonus

        best = minimize_scalar(loss, bounds=(0.1, 3 * theta), options={"xatol": 1e-10})
        assert found.effort[0, 0, 0] * theta == pytest.approx(best.x, abs=2e-3)
        assert found.value[0, 0] == pytest.approx(-best.fun, rel=1e-5)
        assert found.share(1.0, 9.0)[0] == pytest.approx(
            norm.sf((1 - best.x) / STILL.noise), abs=3e-3
        )


def test_results_converge():
    values = [
        respond(stepped, productivity=TYPES, behaviour=PEOPLE, step=step)
        for step in (0.02, 0.01, 0.005, 0.0025)
    ]
    for name in ("promised", "sales", "pay", "pulled"):
        found = [getattr(each, name).sum() for each in values]
        errors = np.abs(np.diff(found))
        assert errors[2] < errors[0] / 2
        assert errors[2] < 2e-3 * abs(found[-1])


# -- both passes say the same ---------------------------------------------------------------------


@pytest.mark.parametrize("pay", [stepped, dead_zone, capped])
@pytest.mark.parametrize("windows", [1, 3])
def test_the_forward_pass_keeps_what_the_backward_pass_promised(pay, windows):
    people = dataclasses.replace(PEOPLE, concede=0.02, ratchet=0.2, risk_aversion=0.5)
    found = respond(
        pay, productivity=TYPES, behaviour=people, months=np.ones(4), windows=windows, step=0.01
    )
    weights = people.patience ** np.arange(windows + 1)
    total = np.column_stack([found.value, found.later]) @ weights
    assert total == pytest.approx(found.promised, rel=1e-4, abs=1e-2)
    assert found.booked.sum(axis=2) == pytest.approx(1.0, abs=1e-9)


def test_movers_and_others_mix():
    alone = respond(stepped, productivity=TYPES, behaviour=PEOPLE)
    still = respond(stepped, productivity=TYPES, behaviour=dataclasses.replace(PEOPLE, movers=0.0))
    mixed = respond(stepped, productivity=TYPES, behaviour=dataclasses.replace(PEOPLE, movers=0.7))
    assert mixed.pay == pytest.approx(0.7 * alone.pay + 0.3 * still.pay)
    assert still.pulled == pytest.approx(0)
    assert still.share(0.95, 1.0) == pytest.approx(still.share(0.95, 1.0, of="matured"))


def test_the_same_uniforms_give_the_same_attainment():
    found = respond(stepped, productivity=TYPES, behaviour=PEOPLE)
    uniforms = np.tile(((np.arange(4000) + 0.5) / 4000)[:, None], (1, len(TYPES)))
    drawn = found.quantile(uniforms)
    assert drawn.mean(axis=0) == pytest.approx(found.sales[:, 0], abs=0.005)
    assert (drawn >= 1).mean(axis=0) == pytest.approx(found.share(1.0, 9.0), abs=1e-3)


# -- what people do -------------------------------------------------------------------------------


def test_a_bonus_at_target_makes_a_pile_over_it_and_a_gap_under_it():
    found = respond(stepped, productivity=TYPES, behaviour=PEOPLE)
    over, under = found.share(1.0, 1.03), found.share(0.95, 1.0)
    assert (over > 3 * under).all()
    assert (found.pulled > 0.001).all()
    apart = respond(stepped, productivity=TYPES, behaviour=STILL)
    ratio = apart.share(1.0, 1.03) / apart.share(0.95, 0.98)
    assert (over / np.maximum(under, 1e-9) > ratio).all()


def test_a_cap_makes_people_hold_back_and_slow_down():
    strong = np.array([1.1, 1.3])
    capped_, free = (
        respond(pay, productivity=strong, behaviour=PEOPLE) for pay in (capped, linear(100.0))
    )
    assert (capped_.held > 0.005).all()
    assert free.held == pytest.approx(0, abs=1e-12)
    assert free.pulled == pytest.approx(0, abs=1e-12)
    assert (capped_.effort[:, 0, -1] < capped_.effort[:, 0, 0]).all()
    assert (capped_.sales < free.sales).all()


def test_who_cannot_reach_the_threshold_gives_up():
    weak = respond(dead_zone, productivity=np.array([0.35, 0.5, 1.1]), behaviour=STILL)
    assert weak.gave_up[0, 0] > 0.95
    assert weak.gave_up[2, 0] < 0.1
    assert weak.gave_up[:, 0] == pytest.approx(np.sort(weak.gave_up[:, 0])[::-1])
    floor = float(STILL.effort(0.0))
    assert weak.effort[0, 0, -1] == pytest.approx(floor, rel=0.02)  # pride alone is left
    at = {round(a, 3): place for place, a in enumerate(weak.attainment)}
    last = weak.policy[2, 0, -1]
    assert last[at[0.4]] == pytest.approx(floor, rel=1e-6)  # out of reach in the last month
    assert last[at[0.75]] > 1


def test_a_quota_that_follows_success_makes_people_hide_it():
    strong = np.array([1.0, 1.3])
    followed = dataclasses.replace(PEOPLE, ratchet=0.5)
    free, wary = (
        respond(linear(100.0), productivity=strong, behaviour=each) for each in (PEOPLE, followed)
    )
    assert (wary.sales < free.sales).all()
    assert (wary.held > free.held).all()


def test_discounts_buy_the_last_points_to_the_bonus():
    people = dataclasses.replace(PEOPLE, pull=0.0, concede=0.05)
    found = respond(stepped, productivity=TYPES, behaviour=people)
    assert (found.conceded > 0.001).all()
    assert found.given_away == pytest.approx(people.discount * found.conceded)
    none = respond(linear(10.0), productivity=TYPES, behaviour=people)
    assert none.conceded == pytest.approx(0)


@settings(max_examples=20)
@given(
    change=st.sampled_from(
        [("pull", 0.05), ("hold", 0.05), ("concede", 0.03), ("pull_cost", -0.05), ("most", 0.5)]
    ),
    pay=st.sampled_from([stepped, dead_zone, capped]),
)
def test_who_may_do_more_is_never_worse_off(change, pay):
    name, by = change
    more = dataclasses.replace(PEOPLE, **{name: getattr(PEOPLE, name) + by})
    before, after = (
        respond(pay, productivity=TYPES, behaviour=each, step=0.02, months=np.ones(4))
        for each in (PEOPLE, more)
    )
    assert (after.promised >= before.promised * (1 - 2e-3) - 0.05).all()


def test_better_people_and_better_pay_bring_more():
    found = respond(stepped, productivity=TYPES, behaviour=PEOPLE)
    assert (np.diff(found.promised) > 0).all()
    assert (np.diff(found.share(1.0, 9.0)) > 0).all()
    raised = respond(lambda a: 1.4 * stepped(a), productivity=TYPES, behaviour=PEOPLE)
    assert (raised.sales > found.sales).all()
    low = respond(linear(100.0), productivity=TYPES, behaviour=STILL)
    high = respond(linear(140.0), productivity=TYPES, behaviour=STILL)
    assert high.sales / low.sales == pytest.approx(float(STILL.effort(140.0)), rel=1e-4)


# -- moving deals inside a window only costs ------------------------------------------------------


def test_moves_are_worth_making_at_the_end_of_a_window_only():
    """Brute force over a stock that may be held or pulled every month, and at the end alone."""
    every, end = (_brute(when) for when in ("every", "end"))
    assert every == pytest.approx(end, abs=1e-9)
    assert end > _brute("never") + 0.5


def _brute(when: str, months: int = 3, step: float = 0.1) -> float:
    """Value of a person at the start: attainment x stock in tenths, effort 0 ... 0.6, noise."""
    reached = np.arange(-4, 25)
    stocks = (-1, 0, 1)
    trouble = {-1: 2.0, 0: 0.0, 1: 1.0}
    after = {each: 0.9 * 80.0 * each * step * (0.95 if each > 0 else 1.0) for each in stocks}
    value = {(a, z): float(stepped(a * step)) + after[z] for a in reached for z in stocks}
    for month in range(months, 0, -1):
        free = when == "every" or (when == "end" and month == months)
        open_to = stocks if free else (0,)

        def moved(a, z, value=value, open_to=open_to):
            """Best stock to keep; what was held is booked, what was pulled is made good."""
            options = []
            for keep in open_to:
                booked = a + z - keep
                if reached[0] <= booked <= reached[-1]:
                    options.append(value[(booked, keep)] - trouble[keep])
            return max(options)

        earlier = {}
        for a in reached:
            for z in stocks:
                options = []
                for effort in range(7):
                    goals = [
                        min(max(a + effort + noise, reached[0] + 1), reached[-1] - 1)
                        for noise in (-1, 0, 1)
                    ]
                    mean = sum(
                        chance * moved(goal, z)
                        for goal, chance in zip(goals, (0.25, 0.5, 0.25), strict=True)
                    )
                    options.append(mean - 18.0 * (effort * step / 0.3) ** 2)
                earlier[(a, z)] = max(options)
        value = earlier
    return value[(0, 0)]


def test_bad_input_is_named():
    with pytest.raises(ParameterError, match="elasticity"):
        dataclasses.replace(PEOPLE, elasticity=-1.0)
    with pytest.raises(ParameterError, match="whole number of steps"):
        respond(stepped, productivity=TYPES, behaviour=PEOPLE, step=0.007)
    with pytest.raises(InputError, match="every attainment"):
        respond(lambda a: np.full(np.shape(a), np.nan), productivity=TYPES, behaviour=PEOPLE)
    with pytest.raises(InputError, match="positive"):
        respond(stepped, productivity=[0.0, 1.0], behaviour=PEOPLE)
    with pytest.raises(InputError, match="month"):
        respond(stepped, productivity=TYPES, behaviour=PEOPLE, months=[1.0, 0.0])
