"""Draws by owner become credit: shared contracts to those who share them, overlay beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.incentives.plans import MONTHS
from workbench.company import open_company
from workbench.incentives.credit_lines import credit_lines
from workbench.incentives.history import COLLECTIONS, REVENUE
from workbench.incentives.payees import Traits
from workbench.incentives.sources import Sources
from workbench.pay import load_plan
from workbench.pay.plan import plan_from
from workbench.scenarios import cube

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PLANS = Path(__file__).parents[2] / "params" / "incentives" / "plans"
PEOPLE = ["A", "B", "C"]


@dataclass(frozen=True)
class Given(Sources):
    """Sources with lines handed in."""

    company: Any = None
    given: Any = None

    @property
    def lines(self) -> pd.DataFrame:  # type: ignore[override]
        return self.given


def line(owner: str, rep: str, amount: float, share: float, kind: str, event: str) -> dict:
    return {"owner": owner, "rep_id": rep, "amount": amount, "share": share,
            "split_type": kind, "event": event}  # fmt: skip


#: A's 100 are shared 60:40 with B, C helps with all of it; B's 50 are B's; C sells nothing.
LINES = pd.DataFrame(
    [line("A", "A", 100, 0.6, "split", "invoiced"), line("A", "B", 100, 0.4, "split", "invoiced"),
     line("A", "C", 100, 0.5, "overlay", "invoiced"), line("B", "B", 50, 1.0, "split", "invoiced"),
     line("A", "A", 80, 1.0, "split", "paid"), line("B", "B", 40, 1.0, "split", "paid")]
)  # fmt: skip


def drawn() -> dict[str, Any]:
    values = np.arange(2 * 12 * 3, dtype=float).reshape(2, 12, 3) + 1
    return {
        name: cube(values, name=name, unit="CNY", period=MONTHS, keys={"person": PEOPLE})
        for name in (REVENUE, COLLECTIONS)
    }


def plan(**measures: Any) -> Any:
    component = {"label": {"en": "C", "zh": "提"}, "rates": {"tiers": [{"rate": "1%"}]}}
    return plan_from(
        {
            "plan": "p", "name": {"en": "P", "zh": "P"}, "starts": "2026-01-01",
            "measures": measures,
            "components": {name: {**component, "measure": name} for name in measures},
        }
    )  # fmt: skip


def test_shared_and_overlay_credit():
    found = Given(given=LINES).credits_for(
        plan(
            own={"events": ["invoiced"]},
            helped={"events": ["invoiced"], "credit": "overlay"},
            both={"events": ["invoiced"], "credit": "both"},
            paid={"events": ["paid"]},
        ),
        drawn(),
    )
    a, b, c = (drawn()[REVENUE].values[:, :, number] for number in range(3))
    expected = {
        "own": (0.6 * a, 0.4 * a + b, c),
        "helped": (0 * a, 0 * a, 0.5 * a),
        "both": (0.6 * a, 0.4 * a + b, c + 0.5 * a),
        "paid": (a, b, c),
    }
    for name, people in expected.items():
        credit = found[name].values * found[name].factor
        assert credit == pytest.approx(np.stack(people, axis=2)), name


def test_the_sample_loses_no_credit_and_shares_some():
    company = open_company(SAMPLE)
    sources = Sources(company)
    people = sorted(company.sql("select distinct rep_id from rep")["rep_id"])
    shares = sources.shares("paid", "split", people)
    assert shares is not None
    assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    given = 1 - np.diag(shares)
    assert (given > 0).sum() > 20 and given[given > 0].mean() < 0.15
    lines = credit_lines(company, first="2026-01-01", last="2026-06-30")
    split = lines[lines["split_type"] == "split"]
    keys = ["line_id", "event"]
    credited = split.assign(credit=split["amount"] * split["share"]).groupby(keys)["credit"].sum()
    amounts = split.drop_duplicates(keys).set_index(keys)["amount"].reindex(credited.index)
    assert credited.to_numpy() == pytest.approx(amounts.to_numpy(), abs=0.02)


def test_traits_of_single_lines():
    sources = Sources(open_company(SAMPLE))
    traits = sources.traits(load_plan(PLANS / "b2b.yaml"))
    # the later money comes in, the less it pays: 1, 0.8, 0.5, 0 by days overdue
    paid = sources.lines[sources.lines["event"] == "paid"]
    value, late = paid["amount"] * paid["share"], paid["days_overdue"]
    factor = np.select([late >= 181, late >= 91, late >= 31, late >= 0], [0, 0.5, 0.8, 1.0], 1.0)
    assert traits.factors["commission"] == pytest.approx((value * factor).sum() / value.sum())
    assert 0.5 < traits.factors["commission"] < 1
    assert sources.traits(load_plan(PLANS / "quota.yaml")) == Traits()


def test_line_factors_and_numbers_of_lines_act_on_pay():
    from workbench.incentives.cost import plan_cost
    from workbench.incentives.payees import payees

    tiers = {"tiers": [{"rate": "1%"}, {"from": 1000, "rate": "2%"}]}
    label = {"en": "C", "zh": "提"}
    made = plan_from(
        {
            "plan": "p", "name": {"en": "P", "zh": "P"}, "starts": "2026-01-01",
            "measures": {"own": {}},
            "components": {
                "single": {"label": label, "measure": "own", "accumulate": "transaction",
                           "rates": tiers},
                "late": {"label": label, "measure": "own", "rates": {"tiers": [{"rate": "1%"}]}},
            },
        }
    )  # fmt: skip
    people = pd.DataFrame({"rep_id": PEOPLE, "hired_date": pd.Timestamp("2020-01-01")})
    values = np.full((1, 12, 3), 3000.0)
    drawn = cube(values, name="own", unit="CNY", period=MONTHS, keys={"person": PEOPLE})
    traits = Traits({"single": 2.0}, {"late": 0.9})
    cost = plan_cost(payees(made, people, traits=traits), drawn)
    # two lines of 1,500: 10 + 10 each; 3,000 at 1% and 0.9
    assert cost.mean_pay[0] == pytest.approx(12 * 2 * (10 + 10))
    assert cost.mean_pay[1] == pytest.approx(12 * 27)
