"""Luck and skill, winners and losers, cliffs and curves: known answers on drawn years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.incentives.plans import B2B, MONTHS, b2b, lines_of, money, staff
from workbench.errors import InputError, ParameterError
from workbench.incentives.cliffs import at_step, cliffs
from workbench.incentives.compare import compare
from workbench.incentives.cost import plan_cost
from workbench.incentives.curve import curves, expected_credit, what_if
from workbench.incentives.fairness import fairness, variance_parts
from workbench.incentives.payees import payees
from workbench.incentives.roles import role_pay
from workbench.pay.engine import pay
from workbench.pay.plan import plan_from
from workbench.scenarios import cube, streams


def drawn(count: int = 20, draws: int = 200) -> tuple:  # type: ignore[type-arg]
    people, quotas = staff(count)
    cubes = {
        "revenue": money(count, draws),
        "margin": money(count, draws, level=3e5, name="margin"),
    }
    return people, quotas, cubes


def test_variance_splits_into_what_was_planted() -> None:
    rng = streams(3)["tests/variance"]
    skill, market, luck = rng.normal(0, 0.3, 400), rng.normal(0, 0.1, 500), (500, 400)
    values = 1 + skill[None] + market[:, None] + rng.normal(0, 0.2, luck)
    parts = variance_parts(values)
    whole = skill.var() + market.var() + 0.04
    assert parts["skill"] == pytest.approx(skill.var() / whole, abs=0.01)
    assert parts["market"] == pytest.approx(market.var() / whole, abs=0.01)
    assert parts["luck"] == pytest.approx(0.04 / whole, abs=0.01)
    assert sum(parts[name] for name in ("skill", "market", "luck")) == pytest.approx(1)


def test_pure_luck_of_few_draws_is_no_skill() -> None:
    values = streams(4)["tests/luck"].normal(1, 0.2, (20, 50))
    parts = variance_parts(values)
    assert parts["skill"] < 0.05
    assert parts["luck"] > 0.9


def test_fairness_counts_people_at_target() -> None:
    people, quotas, _ = drawn(10)
    plan = plan_from({**B2B, "components": {"commission": B2B["components"]["commission"]}})
    about = payees(plan, people, quotas)
    values = np.ones((10, 12, 10)) * np.where(np.arange(10) < 3, 1.05, 0.4)
    shares = cube(values, name="attainment", unit="share", period=MONTHS,
                  keys={"person": about.ids})  # fmt: skip
    found = fairness(plan_cost(about, shares))
    assert found.share_at_target() == pytest.approx(0.3)
    assert found.share_below_half() == pytest.approx(0.7)


def test_a_plan_against_itself_changes_nothing() -> None:
    people, quotas, cubes = drawn()
    result = plan_cost(payees(b2b(), people, quotas), cubes)
    found = compare(result, result)
    assert found.cost.mean == 0
    assert (found.people["verdict"] == "same").all()


def test_winners_and_losers_add_up_to_the_cost() -> None:
    people, quotas, cubes = drawn()
    before = payees(b2b(), people, quotas)
    after = payees(
        b2b().with_values({"components.commission.rates.tiers.2.rate": "3"}), people, quotas
    )
    found = compare(plan_cost(before, cubes), plan_cost(after, cubes))
    assert found.people["difference"].sum() == pytest.approx(found.cost.mean)
    roles = found.by_role()
    assert (roles["won"] + roles["lost"]).to_numpy() == pytest.approx(
        roles["difference"].to_numpy()
    )
    assert (roles["wins"] + roles["loses"] + roles["same"] == roles["people"]).all()
    best = found.people.iloc[0]
    items = found.person(best["rep_id"])
    assert (items["proposal"] - items["today"]).sum() == pytest.approx(best["difference"])


def test_other_people_are_not_compared() -> None:
    people, quotas, cubes = drawn()
    one = plan_cost(payees(b2b(), people, quotas), cubes)
    few = {name: each[:100] for name, each in cubes.items()}
    with pytest.raises(InputError, match="same people and draws"):
        compare(one, plan_cost(payees(b2b(), people, quotas), few))


def test_a_step_holds_the_money_the_plan_says() -> None:
    people, quotas, _ = drawn(10)
    people["hired_date"], people["left_date"] = pd.Timestamp("2020-01-01"), pd.NaT
    bonus = {
        "label": {"en": "Bonus", "zh": "奖金"}, "pays": {"amount": 30000}, "settle": "year",
        "modify": [{"times": {"indicator": "year", "steps": [
            {"from": "80%", "factor": "50%"}, {"from": 1, "factor": 1}]}}],
    }  # fmt: skip
    plan = plan_from({**B2B, "components": {"bonus": bonus}})
    about = payees(plan, people, quotas)
    level = np.array([0.5, 0.79, 0.81, 0.9, 0.979, 0.985, 0.999, 1.0, 1.015, 1.5])
    shares = cube(np.ones((4, 12, 10)) * level, name="attainment", unit="share", period=MONTHS,
                  keys={"person": about.ids})  # fmt: skip
    found = cliffs(plan_cost(about, shares, beside=0.02))
    assert at_step(found, 1.0) == (pytest.approx(4), pytest.approx(4 * 15000))
    assert at_step(found, 0.8) == (pytest.approx(2), pytest.approx(2 * 15000))


def test_curves_are_the_plan_at_equal_attainment() -> None:
    people, quotas, cubes = drawn()
    plan = b2b()
    about = payees(plan, people, quotas)
    result = plan_cost(about, cubes)
    at_target = expected_credit(result, cubes)
    found = curves(about, at_target, np.linspace(0, 2, 41))
    assert (np.diff(found.pay, axis=0) >= -1e-9).all()
    ratios = found.ratios().set_index("role")
    assert (ratios["upside"] > 1).all()
    one = role_pay(about, at_target, "hunter", "revenue")
    place = about.ids.index(one.rep_id)
    alone = one([0.0, 0.5, 1.0, 2.0])
    # the company's factor follows one's own attainment, as everybody attains the same
    assert alone == pytest.approx(found.pay[[0, 10, 20, 40], place])
    assert sum(one.by_component([1.0]).values()) == pytest.approx(alone[2:3])


def test_what_if_answers_as_the_engine_does() -> None:
    people, quotas, cubes = drawn(60, 1)
    about = payees(b2b(), people, quotas)
    credit = {name: each.values[0] for name, each in cubes.items()}
    rep = about.ids[7]
    change = {"revenue": np.round(credit["revenue"][:, 7] * 1.2, 2)}
    found = what_if(about, credit, rep=rep, change=change)
    lines = lines_of(cubes, 0, {"revenue": "amount", "margin": "margin"})
    own = lines["rep_id"] == rep
    lines.loc[own, "amount"] = change["revenue"]
    statement = pay(b2b(), lines, quotas, people)
    exact = sum(each.total[7].sum() for each in statement.earned.values()) / 100
    assert found["total"].iloc[0] == pytest.approx(exact, abs=0.005)
    with pytest.raises(ParameterError, match="nobody"):
        what_if(about, credit, rep="X", change=change)
