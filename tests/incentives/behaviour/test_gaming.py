"""The static reading of payout curves, with planted faults, and net-pay cliffs of a tax table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.incentives.behaviour.curve_shape import curve, curve_of
from workbench.incentives.behaviour.gaming import KINDS, gaming_check, net_cliffs
from workbench.pay.curve import payout
from workbench.pay.plan import plan_from
from workbench.text import Language

# Monthly table of individual income tax (China, from 2019): upper bounds, rates and quick
# deductions; a year-end bonus taxed alone takes the rate of a twelfth of it.
BOUNDS = np.array([3_000, 12_000, 25_000, 35_000, 55_000, 80_000])
RATES = np.array([0.03, 0.10, 0.20, 0.25, 0.30, 0.35, 0.45])
QUICK = np.array([0, 210, 1_410, 2_660, 4_410, 7_160, 15_160])


def tax(bonus):
    band = np.searchsorted(BOUNDS, np.asarray(bonus, float) / 12, side="left")
    return np.round(bonus * RATES[band] - QUICK[band], 2)


def kinds(pay, **more) -> list[str]:
    return [each.kind for each in gaming_check([curve(pay, **more)]).findings]


def steps(at: float, height: float, rate: float = 100.0):
    return lambda a: rate * np.asarray(a) + height * (np.asarray(a) >= at)


# -- tax ------------------------------------------------------------------------------------------


def test_one_yuan_over_a_limit_of_the_bonus_table_costs_thousands():
    found = {each.start: each for each in net_cliffs(tax, 12 * BOUNDS)}
    assert found[36_000].amount == 2_310.10
    assert found[144_000].amount == 13_200.20
    assert found[36_000].end == pytest.approx(38_566.67, abs=0.01)  # net is that of 36,000 again
    assert found[144_000].end == pytest.approx(160_500.00, abs=0.01)
    assert len(found) == 6


def test_people_in_the_blind_zone_and_what_they_lose():
    bonuses = np.array([[20_000, 36_000, 36_001, 37_000, 39_000]])
    first = net_cliffs(tax, 12 * BOUNDS, bonuses=bonuses)[0]
    assert first.people == 2
    assert first.at_stake == pytest.approx((2310.10 - 1) + (2310.00 + 100.00 - 1_000))


def test_a_table_without_jumps_has_no_net_cliffs():
    assert net_cliffs(lambda bonus: 0.1 * bonus, [36_000, 144_000]) == ()


# -- shapes ---------------------------------------------------------------------------------------


def test_a_linear_plan_invites_to_nothing():
    assert kinds(lambda a: 100 * np.asarray(a), quota=1000.0) == []


@pytest.mark.parametrize("at", [0.8, 1.0, 1.0312, 1.23456])
@pytest.mark.parametrize("height", [5.0, 50.0, -10.0])
def test_steps_are_found_where_they_are(at, height):
    (found,) = gaming_check([curve(steps(at, height))]).findings
    assert found.kind == ("cliff" if height > 0 else "drop")
    assert found.start == pytest.approx(at, abs=1e-8)
    assert found.amount == pytest.approx(abs(height), abs=1e-5)


@given(
    at=st.floats(0.3, 1.7),
    before=st.floats(10, 100),
    ratio=st.sampled_from([0.5, 1.6, 2.0, 4.0]),
)
def test_kinks_are_found_where_they_are(at, before, ratio):
    def pay(a):
        return before * np.asarray(a) + before * (ratio - 1) * np.clip(np.asarray(a) - at, 0, None)

    (found,) = gaming_check([curve(pay)]).findings
    assert found.kind == "kink"
    assert found.start == pytest.approx(at, abs=1e-6)
    assert found.ratio == pytest.approx(ratio, rel=1e-6)


def test_stretches_without_pay():
    assert kinds(lambda a: 300 * np.clip(np.asarray(a) - 0.7, 0, None)) == ["threshold"]
    assert kinds(lambda a: 100 * np.minimum(np.asarray(a), 0.9)) == ["early_cap"]
    assert kinds(lambda a: 100 * np.minimum(np.asarray(a), 1.2)) == ["cap"]

    def zone(a):
        return 100 * np.minimum(np.asarray(a), 0.9) + 100 * np.clip(np.asarray(a) - 1, 0, None)

    (found,) = gaming_check([curve(zone)], attainment={"": [0.5, 0.95, 1.1]}).findings
    assert (found.kind, found.start, found.end) == ("dead_zone", 0.9, 1.0)
    assert found.people == 1
    assert found.at_stake == pytest.approx((0.05 + 0.1) * 90)  # unpaid points at the mean rate


def test_pay_that_falls_with_sales():
    def pay(a):
        a = np.asarray(a)
        return 100 * a - 150 * np.clip(np.minimum(a, 1.2) - 1, 0, None)

    (found,) = (f for f in gaming_check([curve(pay)]).findings if f.kind == "falling")
    assert (found.start, found.end) == (1.0, 1.2)
    assert found.amount == pytest.approx(10.0)


def test_a_rate_above_sales_or_margin():
    def pay(a):
        return 100 * np.asarray(a) + 1200 * np.clip(np.asarray(a) - 1, 0, None)

    check = gaming_check(
        [curve(pay, quota=1000.0)], margin=0.4, attainment={"": [[0.9, 1.1], [1.0, 1.3]]}
    )
    found = {each.kind: each for each in check.findings}
    assert set(found) == {"kink", "over_sales", "over_margin"}
    assert found["over_sales"].start == 1.0
    assert found["over_sales"].ratio == pytest.approx(1.3)
    assert found["over_sales"].at_stake == pytest.approx(300 * (0.1 + 0.3) / 2)
    assert found["over_margin"].at_stake == pytest.approx(900 * (0.1 + 0.3) / 2)


def test_a_tier_nobody_reaches():
    def pay(a):
        return 100 * np.asarray(a) + 500 * np.clip(np.asarray(a) - 1.8, 0, None)

    drawn = {"": np.linspace(0.4, 1.4, 200)}
    (found,) = (
        f for f in gaming_check([curve(pay)], attainment=drawn).findings if f.kind == "unreachable"
    )
    assert found.start == pytest.approx(1.8)
    assert found.chance == 0
    assert "unreachable" not in kinds(pay)  # nothing is said without knowing where people stand


def test_money_at_a_step_is_that_of_the_people_close_to_it():
    drawn = {"": np.array([[0.5, 0.985, 1.0, 1.015, 1.5], [0.97, 0.99, 1.1, 1.2, 1.3]])}
    (found,) = gaming_check([curve(steps(1.0, 30.0))], attainment=drawn).findings
    assert found.people == (3 + 1) / 2
    assert found.at_stake == pytest.approx(30 * 2)
    with pytest.raises(InputError, match="not finite"):
        gaming_check([curve(steps(1.0, 30.0))], attainment={"": [np.nan]})


# -- a plan ---------------------------------------------------------------------------------------


def component(rates: dict, measure: str = "revenue", **more) -> dict:
    name = {"en": "Commission", "zh": "提成"}
    return {"label": name, "measure": measure, "settle": "year", "rates": rates, **more}


def test_a_plan_is_read_with_its_components_and_measures():
    plan = plan_from(
        {
            "plan": "P",
            "name": {"en": "Plan", "zh": "方案"},
            "starts": "2026-01-01",
            "measures": {"revenue": {}},
            "components": {
                "commission": component(
                    {"on": "attainment", "tiers": [{"rate": "2%"}, {"from": "100%", "rate": "4%"}]}
                ),
                "step": component(
                    {
                        "kind": "whole",
                        "on": "attainment",
                        "tiers": [{"rate": "1%"}, {"from": "100%", "rate": "2%"}],
                    }
                ),
            },
        }
    )
    read = curve_of(payout(plan, quota=1_000_000.0), quota=1_000_000.0)
    check = gaming_check([read], attainment={"": [0.99, 1.0, 1.5]})
    found = {each.kind: each for each in check.findings}
    assert found["cliff"].start == pytest.approx(1.0)
    assert found["cliff"].amount == pytest.approx(10_000, abs=0.01)  # 2% against 1% of a million
    assert found["cliff"].components == ("step",)
    assert found["cliff"].at_stake == pytest.approx(20_000, abs=0.05)
    assert set(found["double"].components) == {"commission", "step"}
    labels = {"commission": "提成", "step": "阶梯奖"}
    assert "提成" in found["double"].said(Language("zh"), labels=labels)
    assert check.summary()["money_at_steps"] == pytest.approx(20_000, abs=0.05)
    assert next(iter(check.table()["kind"])) == check.findings[0].kind


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_kind_is_said_in_both_languages(code):
    lang = Language(code)
    wild = gaming_check(
        [
            curve(steps(1.0, 30.0), role="hunter"),
            curve(steps(0.8, -30.0), role="farmer"),
            curve(lambda a: 100 * np.minimum(np.asarray(a), 0.9), role="channel"),
        ]
    ).findings + net_cliffs(tax, [36_000])
    for each in wild:
        sentence = each.said(lang)
        assert sentence
        assert "{" not in sentence
        assert each.title(lang) in {lang.say(title) for title in KINDS.values()}
    net = wild[-1].said(lang)
    assert "2,310.10" in net
    assert "38,566.67" in net
