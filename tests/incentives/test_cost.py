"""The plan on draws pays what the exact engine pays on the same credit as lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.incentives.plans import B2B, MONTHS, b2b, lines_of, money, staff
from workbench.errors import InputError
from workbench.incentives.cost import plan_cost
from workbench.incentives.payees import payees
from workbench.pay.engine import pay
from workbench.pay.plan import Plan, plan_from
from workbench.scenarios import cube

PEOPLE = 12
LABEL = {"en": "Pay", "zh": "报酬"}


def differences(plan: Plan, cubes: dict[str, Any], columns: dict[str, str], draw: int) -> Any:
    """Largest difference to the engine of one draw: by settlement of all, by payee and year."""
    people, quotas = staff(PEOPLE)
    result = plan_cost(payees(plan, people, quotas), cubes, cents=True)
    statement = pay(plan, lines_of(cubes, draw, columns), quotas, people)
    by_item = [
        np.abs(result.cost[result.items.index(name), draw] - each.total.sum(axis=0) / 100).max()
        for name, each in statement.earned.items()
    ]
    variable = [
        each.total for name, each in statement.earned.items()
        if plan.components[name].payroll != "base"
    ]  # fmt: skip
    year = sum(variable).sum(axis=1) / 100
    return max(by_item), np.abs(result.variable[draw] - year).max()


def with_component(**component: Any) -> Plan:
    """The plan with one more component, named extra."""
    components = {**B2B["components"], "extra": {"label": LABEL, **component}}
    indicators = {
        **B2B["indicators"],
        "team": {"attainment": "revenue", "over": "quarter", "level": "team"},
        "rate": {"ratio": ["margin", "revenue"], "over": "year"},
        "place": {"rank": "revenue", "over": "quarter"},
    }
    measures = {
        **B2B["measures"],
        "below": {"events": ["booked"], "credit": "team"},
        "all": {"events": ["booked"], "credit": "company"},
    }
    return plan_from({**B2B, "components": components, "indicators": indicators,
                      "measures": measures})  # fmt: skip


TIERS = [
    {"from": 0, "rate": "1%"},
    {"from": "200万", "rate": "2%"},
    {"from": "500万", "rate": "1%"},
]
EXTRAS: dict[str, dict[str, Any]] = {
    "none": {"pays": {"amount": 1}},
    "whole amount by the year": {
        "measure": "revenue", "accumulate": "year", "rates": {"kind": "whole", "tiers": TIERS},
    },
    "interpolated by the quarter": {
        "measure": "revenue", "settle": "quarter",
        "rates": {"kind": "interpolated", "on": "attainment", "tiers": [
            {"from": 0, "to": 1, "amount": 9000}, {"from": 1, "to": 2, "amount": 20000}]},
    },
    "single transactions": {"measure": "revenue", "rates": {"tiers": TIERS}},
    "whole amount by transaction": {
        "measure": "revenue", "accumulate": "transaction",
        "rates": {"kind": "whole", "tiers": TIERS},
    },
    "a tier that needs a margin": {
        "measure": "revenue", "accumulate": "year",
        "rates": {"tiers": [{"from": 0, "rate": "1%"}, {"from": "300万", "rate": "3%", "needs": {
            "indicator": "rate", "at_least": "34%"}}]},
    },
    "caps and floors of the period": {
        "measure": "revenue", "settle": "quarter", "rates": {"tiers": TIERS},
        "modify": [{"cap": {"amount": 40000}}, {"floor": {"base_pay": 1}}],
    },
    "a cap over the window": {
        "measure": "revenue", "accumulate": "year", "rates": {"tiers": TIERS},
        "modify": [{"cap": {"target_incentive": 1}, "over": "window"}],
    },
    "a factor over the window": {
        "measure": "revenue", "accumulate": "quarter", "rates": {"tiers": TIERS},
        "modify": [{"times": {"indicator": "team", "steps": [
            {"from": 0, "factor": "50%"}, {"from": "90%", "factor": "120%"}]}, "over": "window"}],
    },
    "a matrix": {
        "pays": {"target_incentive": "10%"}, "settle": "quarter",
        "modify": [{"matrix": {
            "down": {"indicator": "quarter", "from": [0, "80%", 1]},
            "across": {"indicator": "rate", "from": [0, "30%"]},
            "factors": [[0, "50%"], [1, "120%"], ["150%", 2]]}}],
    },
    "an interpolated factor": {
        "pays": {"base_pay": 1}, "modify": [{"times": {"indicator": "quarter", "floor": "10%",
            "kind": "interpolated", "steps": [{"from": "50%", "factor": 0},
                                              {"from": 1, "factor": 1},
                                              {"from": "150%", "factor": 3}]}}],
    },
    "steps with a floor": {
        "pays": {"base_pay": 1}, "modify": [{"times": {"indicator": "quarter", "floor": "25%",
            "steps": [{"from": "90%", "factor": 1}]}}],
    },
    "a contest": {
        "pays": {"amount": 5000}, "settle": "quarter", "prorate": False,
        "modify": [{"times": {"indicator": "place", "steps": [
            {"from": 1, "factor": 1}, {"from": 4, "factor": 0}]}}],
    },
    "credit of the team": {"measure": "below", "rates": {"tiers": TIERS}, "settle": "quarter"},
    "credit of the company": {"measure": "all", "rates": {"tiers": TIERS}, "settle": "year"},
    "one role, part of the year": {
        "measure": "revenue", "roles": ["hunter"], "accumulate": "year", "valid_from": "2026-04-01",
        "rates": {"tiers": TIERS},
    },
    "only in post": {"pays": {"base_pay": 1}, "settle": "year", "in_post": "2026-12-31"},
    "base pay": {"pays": {"base_pay": 1}, "payroll": "base"},
}  # fmt: skip


@pytest.mark.parametrize("name", EXTRAS)
def test_draws_pay_what_the_engine_pays(name: str) -> None:
    cubes = {"revenue": money(PEOPLE, 2), "margin": money(PEOPLE, 2, level=3e5, name="margin")}
    cubes |= {"below": cubes["revenue"], "all": cubes["revenue"]}
    plan = with_component(**EXTRAS[name])
    columns = {"revenue": "amount", "margin": "margin"}
    for draw in range(2):
        item, payee = differences(plan, cubes, columns, draw)
        assert item < 0.005
        assert payee < 0.005


def test_draws_without_rounding_stay_within_half_a_cent_of_each_settlement() -> None:
    people, quotas = staff(PEOPLE)
    cubes = {"revenue": money(PEOPLE, 2), "margin": money(PEOPLE, 2, level=3e5, name="margin")}
    made = [plan_cost(payees(b2b(), people, quotas), cubes, cents=each) for each in (False, True)]
    # a year settles commission once to date, the others 4 + 4 + 1 times
    assert np.abs(made[0].variable - made[1].variable).max() <= 0.005 * 10 + 1e-6


def test_guarantees_and_draws_cost_what_the_engine_adds() -> None:
    payment = {
        "draw": {
            "advance": {"amount": {"base_pay": "60%"}, "components": ["commission"],
                        "recover_from": 3, "recover": "80%"},
            "start": {"amount": {"amount": 7000}, "recoverable": False, "months": 9},
        }
    }  # fmt: skip
    plan = b2b(payment=payment)
    people, quotas = staff(PEOPLE)
    cubes = {"revenue": money(PEOPLE, 1), "margin": money(PEOPLE, 1, level=3e5, name="margin")}
    result = plan_cost(payees(plan, people, quotas), cubes, cents=True)
    statement = pay(
        plan, lines_of(cubes, 0, {"revenue": "amount", "margin": "margin"}), quotas, people
    )
    effects = {rule: each.sum(axis=0) / 100 for (rule, _), each in statement.paid.effects.items()}
    advance = effects["advance"] + effects["recovered"]
    assert np.allclose(result.cost[result.items.index("advance"), 0], advance, atol=0.05)
    assert np.allclose(result.cost[result.items.index("start"), 0], effects["guarantee"], atol=0.05)


def test_attainment_is_multiplied_by_the_quotas_of_each_month() -> None:
    people, quotas = staff(4)
    plan = plan_from({**B2B, "components": {"commission": B2B["components"]["commission"]}})
    about = payees(plan, people, quotas)
    ones = cube(
        np.ones((3, 12, 4)), name="attainment", unit="share", period=MONTHS,
        keys={"person": about.ids},
    )  # fmt: skip
    result = plan_cost(about, ones)
    assert result.attainment == pytest.approx(1)
    # at quota: 60% of the pay up to 60% of quota, then full pay; half of the target incentive
    expected = about.worth(plan.components["commission"].rates.of, 12)[:, -1] * (0.36 + 0.4)  # type: ignore[union-attr, arg-type]
    assert result.variable[0] == pytest.approx(expected)


def test_results_do_not_depend_on_threads_or_order_of_people() -> None:
    people, quotas = staff(60)
    cubes = {"revenue": money(60, 600), "margin": money(60, 600, level=3e5, name="margin")}
    about = payees(b2b(), people, quotas)
    one, four = (plan_cost(about, cubes, threads=each) for each in (1, 4))
    assert np.array_equal(one.cost, four.cost)
    assert np.array_equal(one.variable, four.variable)
    turned = {name: each.isel(person=slice(None, None, -1)) for name, each in cubes.items()}
    assert np.array_equal(plan_cost(about, turned).variable, one.variable)


def test_missing_months_people_and_measures_are_named() -> None:
    people, quotas = staff(4)
    about = payees(b2b(), people, quotas)
    revenue = money(4, 2)
    with pytest.raises(InputError, match="no draws of margin"):
        plan_cost(about, {"revenue": revenue})
    with pytest.raises(InputError, match="lack 2026-12"):
        plan_cost(about, {"revenue": revenue[:, :11], "margin": revenue})
    with pytest.raises(InputError, match="lack R0003"):
        plan_cost(about, {"revenue": revenue[:, :, :3], "margin": revenue})


def test_the_fan_ends_at_the_year_and_probability_counts_draws() -> None:
    people, quotas = staff(20)
    cubes = {"revenue": money(20, 200), "margin": money(20, 200, level=3e5, name="margin")}
    result = plan_cost(payees(b2b(), people, quotas), cubes)
    total = result.total()
    assert total == pytest.approx(result.variable.sum(axis=1))
    assert result.fan()["q50"].iloc[-1] == pytest.approx(np.median(total))
    assert result.over(float(np.quantile(total, 0.73))) == pytest.approx(0.27, abs=0.01)
    assert result.mix()["amount"].sum() == pytest.approx(result.total(base=True).mean())
