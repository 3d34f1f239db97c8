"""The design search on the company's own plan: never worse, within the limit, its numbers real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.company import open_company
from workbench.incentives.behaviour.design import GOALS
from workbench.incentives.designs import designs_of
from workbench.incentives.study_incentives import Params, answer, prepare

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def prepared() -> Any:
    return prepare(open_company(SAMPLE), Params(draws=200))


def search(prepared: Any, **asked: Any) -> Any:
    usual = {"goal": "profit", "knobs": ("rates", "accelerator"), "most_cost": 1.0, "roles": (),
             "elasticity": 0.5, "movable": 0.1, "market_sd": 0.05, "seed": 7}  # fmt: skip
    return designs_of(prepared, **{**usual, **asked})


@pytest.mark.parametrize("goal", GOALS)
def test_the_best_is_no_worse_than_today_and_pays_no_more(prepared: Any, goal: str):
    found = search(prepared, goal=goal).search
    start, best = found.start.outcome, found.best.outcome
    assert getattr(best, goal) >= getattr(start, goal)
    assert all(each.outcome.cost <= start.cost * (1 + 1e-6) for each in found.front)
    assert found.best in found.front or not found.best.values


def test_today_sells_in_the_model_what_the_draws_expect(prepared: Any):
    found = search(prepared)
    today = prepared.today
    expected = today.attainment.mean(axis=0) * today.people.quota(today.measure).sum(axis=1)
    assert found.search.start.outcome.sales == pytest.approx(np.nansum(expected), rel=0.01)
    assert found.target == pytest.approx(741.67e6)


def test_more_money_allows_more_and_gains_come_from_answers_to_pay(prepared: Any):
    tight, wide = (search(prepared, most_cost=each).search.best.outcome for each in (1.0, 1.3))
    assert wide.profit >= tight.profit
    gains = []
    for elasticity in (0.05, 0.8):
        found = search(prepared, elasticity=elasticity, most_cost=1.3).search
        gains.append(found.best.outcome.profit - found.start.outcome.profit)
    assert gains[1] > gains[0] >= 0


def test_the_study_asks_with_its_parameters(prepared: Any):
    none = answer(prepared, Params(draws=200, goal="none"))
    assert none.designs is None
    asked = Params(draws=200, knobs=("rates",), roles=("hunter",))
    found = answer(prepared, asked).designs
    assert found is not None and found is answer(prepared, asked).designs
    assert {name for each in found.search.tried for name in each.values} == {"rates"}
