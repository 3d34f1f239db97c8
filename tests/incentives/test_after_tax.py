"""Steps of pay after tax in the study: the limits of the table, and whose bonus lies there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.company import open_company
from workbench.incentives.after_tax import bonus_of, steps_after_tax
from workbench.incentives.study_incentives import TAX, Params, compute
from workbench.pay.tax import load_tax

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def result() -> Any:
    return compute(open_company(ROOT / "data" / "sample"), Params(draws=200, tax=str(ROOT / TAX)))


def test_the_limits_are_those_of_the_dated_table(result: Any) -> None:
    found = {each.start: each.amount for each in result.after_tax}
    # one yuan over 36,000 costs 2,310.10, over 144,000 costs 13,200.20
    assert found[36_000] == pytest.approx(2310.10)
    assert found[144_000] == pytest.approx(13_200.20)
    assert len(found) == 6


def test_money_is_that_of_bonuses_in_between(result: Any) -> None:
    prepared = result.prepared
    credit = prepared.sources.credits_for(prepared.people.plan, prepared.ahead)
    bonuses = bonus_of(result.today, credit)
    items = [n for n, each in result.today.people.plan.components.items()
             if each.payroll == "year_end"]  # fmt: skip
    mean = sum(result.today.mean_pay[result.today.items.index(name)] for name in items)
    assert bonuses.mean(axis=0) == pytest.approx(mean)
    step = result.after_tax[0]
    inside = (bonuses > 36_000) & (bonuses < step.end)
    assert step.people == pytest.approx(inside.sum(axis=1).mean())
    net = np.where(bonuses <= 36_000, bonuses * 0.97, bonuses * 0.9 + 210)
    assert step.at_stake == pytest.approx(
        np.where(inside, 36_000 * 0.97 - net, 0).sum(axis=1).mean(), rel=1e-3
    )
    kinds = [each.kind for each in result.gaming.findings]
    assert ("net_cliff" in kinds) == (step.people > 0)


def test_a_table_of_other_years_says_nothing(result: Any) -> None:
    table = load_tax(ROOT / TAX)
    past = table.model_copy(update={"valid_to": table.valid_from})
    prepared = result.prepared
    credit = prepared.sources.credits_for(prepared.people.plan, prepared.ahead)
    assert steps_after_tax(result.today, credit, past) == ()
