"""Published estimates of the effort model, and what must hold for any.

Moments and counts: DellaVigna and Pope (2018), replication data; efforts are points scored in ten
minutes, piece rates US dollars for 100 points. Estimates: their Table 5.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError, NotIdentifiedError
from workbench.incentives.behaviour.effort import (
    EffortCost,
    held_out,
    least_squares,
    minimum_distance,
)

RATES = (0.0, 0.01, 0.1)
MEANS = (1521.0, 2029.0, 2175.0)  # as the paper prints them: rounded to whole points
# people by effort, rounded to hundreds: 0, 100, 200 ...; treatments 1.3, 1.1 and 1.2
COUNTS = {
    0.0: "9 16 10 10 9 14 12 13 9 8 27 24 30 24 17 33 28 27 18 22 33 36 27 19 18 17 11 3 5 3 1 4 2"
    " 1",
    0.01: "1 4 6 2 2 5 6 8 2 3 9 12 8 14 12 12 21 29 22 28 46 38 44 41 32 39 31 25 19 16 11 3 1 2"
    " 1 2 0 0 0 0 1",
    0.1: "2 0 1 0 0 4 2 0 2 3 6 6 10 14 11 17 23 30 24 27 36 29 36 37 53 39 39 37 24 18 13 6 7 6 1"
    " 0 2 1",
}


def people() -> tuple[list[float], list[float], list[float]]:
    """Rate, effort (25 for those that round to none, as in the paper) and count of people."""
    rows = [
        (rate, max(100.0 * place, 25.0), float(count))
        for rate, line in COUNTS.items()
        for place, count in enumerate(line.split())
        if count != "0"
    ]
    rate, effort, count = map(list, zip(*rows, strict=True))
    return rate, effort, count


@pytest.mark.parametrize(
    ("shape", "gamma", "k", "s"),
    [
        ("power", 33.1366618894823, 2.55707804694592e-112, 7.12662387503565e-07),
        ("exponential", 0.0157690845464564, None, 3.32004179416987e-06),
    ],
)
def test_minimum_distance_meets_published_parameters(shape, gamma, k, s):
    found = minimum_distance(RATES, MEANS, shape=shape)
    assert found.gamma == pytest.approx(gamma, rel=1e-10)
    assert found.s == pytest.approx(s, rel=1e-10)
    if k is not None:
        assert found.k == pytest.approx(k, rel=1e-9)
    assert found.effort(RATES) == pytest.approx(MEANS, rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "power", "exponential", "actual", "sd", "n"),
    [
        (0.04, 2115.68178002381, 2116.89637759622, 2131.8576512455516, 626.2334859999899, 562),
        (0.001, 1892.83341933838, 1883.17019658473, 1883.193308550186, 663.6438544443351, 538),
    ],
)
def test_arms_held_out_are_predicted_as_published(rate, power, exponential, actual, sd, n):
    for shape, effort in (("power", power), ("exponential", exponential)):
        cost = minimum_distance(RATES, MEANS, shape=shape)
        found = held_out(cost, [rate], [actual], se=[sd / n**0.5])
        assert found["predicted"] == pytest.approx([effort], rel=1e-10)
        assert abs(found["z"][0]) < 1


def test_least_squares_meets_published_exponential_estimates():
    rate, effort, count = people()
    fit = least_squares(rate, effort, shape="exponential", counts=count)
    assert fit.people == 558 + 566 + 540
    assert fit.cost.gamma == pytest.approx(0.015641071, rel=1e-6)
    assert fit.cost.k == pytest.approx(1.70926702e-16, rel=1e-6)
    assert fit.cost.s == pytest.approx(3.72225938e-6, rel=1e-6)
    assert fit.rss == pytest.approx(709519964.7, rel=1e-6)
    assert fit.errors["gamma"] == pytest.approx(0.0041, abs=2e-4)  # Table 5: (0.0041)


def test_least_squares_beats_published_optimum_of_the_power_shape():
    rate, effort, count = people()
    fit = least_squares(rate, effort, shape="power", counts=count)
    assert fit.rss < 672.381462
    assert fit.cost.gamma == pytest.approx(21.2657, abs=1e-3)


def test_more_rates_than_parameters_are_met_as_nearly_as_can_be():
    rates = np.array([0.0, 0.001, 0.01, 0.04, 0.1])
    means = np.array([1520.68, 1883.19, 2029.44, 2131.86, 2174.62])
    for shape in ("power", "exponential"):
        cost = minimum_distance(rates, means, shape=shape)
        loss = ((cost.effort(rates) - means) ** 2).sum()
        for change in (1.02, 0.98):
            for name in ("gamma", "s"):
                other = {"gamma": cost.gamma, "s": cost.s, name: getattr(cost, name) * change}
                # the level that suits the changed parameter best, so that a valley is no escape
                shifts = np.linspace(-2, 2, 4001) * cost.gamma * (0.1 if shape == "power" else 20)
                worst = min(
                    ((EffortCost(shape, k=0.0, log_k=cost.log_k + x, **other).effort(rates) - means)
                     ** 2).sum()
                    for x in shifts
                )  # fmt: skip
                assert worst >= loss * (1 - 1e-9)


@given(
    gamma=st.floats(2, 40),
    s=st.floats(1e-7, 1e-2),
    level=st.floats(100, 3000),
    shape=st.sampled_from(["power", "exponential"]),
)
def test_parameters_that_made_the_efforts_are_found(gamma, s, level, shape):
    gamma = gamma if shape == "power" else gamma / 1000
    log_k = np.log(s) - gamma * (np.log(level) if shape == "power" else level)
    truth = EffortCost(shape, gamma, float(np.exp(log_k)), s, float(log_k))
    rates = np.array([0.0, 0.01, 0.1])
    found = minimum_distance(rates, truth.effort(rates), shape=shape)
    assert found.gamma == pytest.approx(gamma, rel=1e-6)
    assert found.s == pytest.approx(s, rel=1e-4)
    assert found.motivation(found.effort([0.02, 0.05])) == pytest.approx([0.02, 0.05], rel=1e-8)


@given(pay=st.floats(0.001, 1.0), shape=st.sampled_from(["power", "exponential"]))
def test_effort_is_where_its_marginal_cost_equals_pay_and_pride(pay, shape):
    cost = minimum_distance(RATES, MEANS, shape=shape)
    best = float(cost.effort(pay))

    def gain(effort: float) -> float:
        return (cost.s + pay) * effort - float(cost.cost(effort))

    assert gain(best) >= max(gain(best * 1.001), gain(best * 0.999))
    step = (cost.effort(pay * 1.0001) - cost.effort(pay / 1.0001)) / best / np.log(1.0001**2)
    assert step == pytest.approx(cost.elasticity(pay), rel=1e-3)


def test_praise_and_gifts_are_worth_less_than_a_cent():
    cost = minimum_distance(RATES, MEANS, shape="exponential")
    worth = cost.motivation([1848.365, 1761.293, 1739.536, 1601.899])  # ranking, task, gift ...
    assert ((worth > 0) & (worth < 0.01)).all()


def test_no_number_where_nothing_is_identified():
    with pytest.raises(NotIdentifiedError, match="less and less"):
        minimum_distance(RATES, (2000.0, 1900.0, 2100.0), shape="power")
    with pytest.raises(NotIdentifiedError, match="less and less"):
        minimum_distance((0.0, 1.0, 2.0), (1.0, 2.0, 4.0), shape="exponential")
    with pytest.raises(NotIdentifiedError, match="three piece rates"):
        least_squares([0.0, 0.1, 0.1], [1.0, 2.0, 3.0], shape="exponential")
    with pytest.raises(InputError, match="1 rows"):
        least_squares([0.0, 0.1, 0.2], [0.0, 2.0, 3.0], shape="power")
