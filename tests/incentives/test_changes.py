"""A plan changed by a few numbers: each number does what it says, and nothing else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.incentives.plans import B2B, b2b, money, staff
from workbench.errors import ParameterError
from workbench.incentives.changes import Changes, changed, uncapped
from workbench.incentives.cost import plan_cost
from workbench.incentives.payees import payees
from workbench.pay.plan import Plan, plan_from

ROLES = ("farmer", "hunter")
MARGIN = "margin_bonus"


def tiers(plan: Plan, name: str = "commission") -> list[tuple[Fraction, Fraction]]:
    rates = plan.components[name].rates
    assert rates is not None
    return list(zip(rates.starts(), rates.slopes(), strict=True))


def steps(plan: Plan, name: str, number: int = 0) -> list[tuple[Fraction, Fraction]]:
    factor = plan.components[name].modify[number].times
    assert factor is not None
    return [(step.from_, step.factor) for step in factor.steps]


def same(plan: Plan, other: Plan, *names: str) -> bool:
    return all(plan.components[name] == other.components[name] for name in names)


def test_nothing_changed_is_the_same_plan():
    plan = b2b()
    assert changed(plan, Changes()).components == plan.components
    assert Changes(roles=("hunter",)).none


def test_rates_move_tables_and_leave_stated_pay():
    plan = b2b()
    made = changed(plan, Changes(rates=1.1))
    assert [rate for _, rate in tiers(made)] == [rate * Fraction(11, 10) for _, rate in tiers(plan)]
    assert [start for start, _ in tiers(made)] == [start for start, _ in tiers(plan)]
    assert same(made, plan, "performance", "year_end")


def test_thresholds_move_tiers_steps_and_gates_of_attainment():
    made = changed(b2b(), Changes(thresholds=0.95))
    assert [start for start, _ in tiers(made)] == [0, *map(Fraction, ("0.57", "0.95", "1.425"))]
    assert [start for start, _ in tiers(made, MARGIN)] == [0, 380_000]
    assert [start for start, _ in steps(made, "year_end")] == [
        *map(Fraction, ("0.57", "0.76", "0.95"))
    ]
    gate = made.components[MARGIN].modify[0].gate
    assert gate is not None and gate.at_least == Fraction("0.76")
    # attainment itself as the factor: full pay at 95%, the cap of 150% at 142.5%
    assert steps(made, "performance") == [(0, 0), (Fraction("0.95"), 1),
                                          (Fraction("1.425"), Fraction("1.5"))]  # fmt: skip


def test_the_accelerator_moves_what_is_paid_above_target_only():
    made = changed(b2b(), Changes(accelerator=2))
    # the tier below target pays 100%: 200% becomes 300%, the last one's 50% becomes 0
    assert [rate for _, rate in tiers(made)] == [Fraction("0.6"), 1, 3, 0]
    assert [level for _, level in steps(made, "year_end")] == [Fraction("0.6"), 1, 2]
    assert steps(made, "performance") == [(0, 0), (1, 1), (Fraction("1.5"), 2)]
    flat = changed(b2b(), Changes(accelerator=0))
    assert [rate for _, rate in tiers(flat)] == [Fraction("0.6"), 1, 1, 1]


def test_the_cap_holds_in_every_draw_and_an_open_one_changes_nothing():
    people, quotas = staff(20)
    cubes = {
        name: money(20, 40, name=name, level=level)
        for name, level in (("revenue", 1.2e6), ("margin", 4e5))
    }

    def pay(plan: Plan) -> Any:
        who = payees(plan, people, quotas)
        cost = plan_cost(who, cubes)
        return cost, who.incentive()

    cost, incentive = pay(changed(b2b(), Changes(cap=0.3)))
    free, _ = pay(b2b())
    at = cost.items.index("commission")
    whole = incentive > 0
    assert (cost.mean_pay[at][whole] <= 0.3 * people["target_incentive"][whole] + 1e-6).all()
    assert cost.mean_pay[at].sum() < free.mean_pay[at].sum()
    wide, _ = pay(changed(b2b(), Changes(cap=10)))
    assert np.allclose(wide.variable, free.variable, rtol=1e-12, atol=1e-6)


def test_changes_for_one_role_take_a_shared_component_apart():
    people, quotas = staff(20)
    cubes = {name: money(20, 30, name=name) for name in ("revenue", "margin")}
    plan = plan_from(
        {**B2B, "payment": {"draw": {"least": {"amount": {"amount": 3000},
                                               "components": ["commission"]}}}}
    )  # fmt: skip
    made = changed(plan, Changes(rates=1.2, roles=("hunter",)), roles=ROLES)
    before, after = (plan_cost(payees(each, people, quotas), cubes) for each in (plan, made))
    hunters = before.people.roles == "hunter"
    assert np.array_equal(before.variable[:, ~hunters], after.variable[:, ~hunters])
    assert (after.variable[:, hunters] >= before.variable[:, hunters] - 1e-6).all()
    assert after.variable[:, hunters].sum() > before.variable[:, hunters].sum()
    assert made.payment.draw["least"].components == ("commission", "commission_changed")


@pytest.mark.parametrize(
    ("changes", "word"),
    [(Changes(roles=("chef",), rates=2), "chef"), (Changes(rates=-1), "below|from 0")],
)
def test_what_no_plan_can_have_is_told(changes: Changes, word: str):
    with pytest.raises(ParameterError) as error:
        changed(b2b(), changes, roles=ROLES)
    import re

    assert re.search(word, f"{error.value} {error.value.do}")


def test_a_matrix_and_a_pool_follow():
    plan = plan_from(
        {
            "plan": "m", "name": {"en": "M", "zh": "M"}, "starts": "2026-01-01",
            "measures": {"revenue": {}},
            "indicators": {"year": {"attainment": "revenue", "over": "year"},
                           "kpi": {"score": "kpi"}},
            "components": {
                "bonus": {
                    "label": {"en": "B", "zh": "奖"}, "settle": "year", "pays": {"amount": 1000},
                    "modify": [{"matrix": {
                        "down": {"indicator": "year", "from": [0, "80%", "120%"]},
                        "across": {"indicator": "kpi", "from": [0, 1]},
                        "factors": [[0, 0], ["0.5", 1], [1, 2]],
                    }}],
                },
                "pool": {"label": {"en": "P", "zh": "包"}, "pool": {"measure": "revenue",
                                                                    "rate": "2%"}},
            },
        }
    )  # fmt: skip
    made = changed(plan, Changes(rates=1.5, thresholds=0.9, accelerator=2))
    matrix, pool = made.components["bonus"].modify[0].matrix, made.components["pool"].pool
    assert matrix is not None and pool is not None
    assert matrix.down.from_ == (0, Fraction("0.72"), Fraction("1.08"))
    assert matrix.across.from_ == (0, 1)
    assert matrix.factors == ((0, 0), (Fraction("0.5"), 1), (Fraction("1.5"), 3))
    assert pool.rate == Fraction("0.03")


def test_an_interpolated_table_keeps_what_whole_tiers_pay():
    plan = plan_from(
        {
            "plan": "i", "name": {"en": "I", "zh": "I"}, "starts": "2026-01-01",
            "measures": {"revenue": {}},
            "components": {"pay": {
                "label": {"en": "P", "zh": "酬"}, "measure": "revenue", "accumulate": "year",
                "settle": "year",
                "rates": {"kind": "interpolated", "on": "attainment", "tiers": [
                    {"from": 0, "amount": 1000}, {"from": 1, "to": "150%", "amount": 1000}]},
            }},
        }
    )  # fmt: skip
    made = changed(plan, Changes(thresholds=0.8))
    rates = made.components["pay"].rates
    assert rates is not None
    assert [tier.amount for tier in rates.tiers] == [1000, 1000]
    assert rates.starts() == (0, Fraction("0.8"), Fraction("1.2"))
    steep = changed(plan, Changes(accelerator=2)).components["pay"].rates
    assert steep is not None  # 1000 a point below target, 2000 above: then 3000
    assert [tier.amount for tier in steep.tiers] == [1000, 1500]


def test_without_caps_nothing_pays_less_and_what_was_capped_pays_more():
    people, quotas = staff(20)
    cubes = {
        name: money(20, 40, name=name, level=level)
        for name, level in (("revenue", 1.6e6), ("margin", 4e5))
    }
    capped = changed(b2b(), Changes(cap=0.3))
    free = uncapped(capped)
    assert tiers(free) == tiers(capped)
    before, after = (plan_cost(payees(each, people, quotas), cubes) for each in (capped, free))
    gain = after.mean_pay - before.mean_pay
    assert gain.min() > -1e-6
    assert gain[before.items.index("commission")].sum() > 0
    assert gain[before.items.index("performance")].sum() > 0  # its factor ends at 150%
