"""Prepared once, answered often: the same numbers, and quick."""

from __future__ import annotations

import io
import pickle
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.company import Company, open_company
from workbench.errors import InputError, ParameterError
from workbench.incentives.blocks import Block
from workbench.incentives.study_incentives import SLOW, Params, answer, compute, prepare
from workbench.planners import prepared as prepared_elsewhere
from workbench.planners.layouts import incentives
from workbench.text import Language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
BASE = Params(draws=400)


@pytest.fixture(scope="module")
def company() -> Any:
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def prepared(company: Any) -> Any:
    return prepare(company, BASE)


def asked(**changes: Any) -> Params:
    return BASE.model_copy(update=changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rates": 1.1, "roles": ("hunter",)},
        {"thresholds": 0.95, "accelerator": 1.5, "budget": 9e6},
        {"proposal": "params/incentives/plans/china.yaml", "cap": 1.0},
    ],
    ids=lambda each: "+".join(each) or "usual",
)
def test_an_answer_is_what_compute_gives(company: Any, prepared: Any, changes: dict[str, Any]):
    quick, whole = answer(prepared, asked(**changes)), compute(company, asked(**changes))
    assert quick.summary() == whole.summary()
    assert np.array_equal(quick.proposal.variable, whole.proposal.variable)
    assert np.array_equal(quick.curves_proposal.pay, whole.curves_proposal.pay)
    for name, table in whole.tables().items():
        assert table.equals(quick.tables()[name]), name


def test_changes_act_on_the_proposal_and_leave_today_alone(prepared: Any):
    usual, more = answer(prepared, BASE), answer(prepared, asked(rates=1.1))
    assert more.today is usual.today
    assert more.summary()["proposal_cost"] > more.summary()["ahead_cost"]
    commission = [n for n in more.today.items if n.startswith("commission")]
    before, after = (
        sum(each.mean_pay[each.items.index(name)].sum() for name in commission)
        for each in (more.today, more.proposal)
    )
    assert after == pytest.approx(1.1 * before)
    losers = more.comparison.people["verdict"].eq("loses").sum()
    assert losers == 0


def test_every_slow_parameter_is_one_and_a_role_nobody_has_is_told(prepared: Any):
    assert set(SLOW) < set(Params.model_fields)
    with pytest.raises(ParameterError, match="chef"):
        answer(prepared, asked(rates=1.1, roles=("chef",)))


def test_an_answer_reads_nothing_and_takes_a_small_part_of_what_is_prepared(
    company: Any, prepared: Any, monkeypatch: pytest.MonkeyPatch
):
    """`prepared` stands first, so that what is compiled is loaded before anything is timed."""

    def seconds(work: Any) -> tuple[float, Any]:
        began = time.process_time()
        done = work()
        return time.process_time() - began, done

    def moved(rates: float) -> None:
        result = answer(ready, Params(rates=rates, thresholds=0.98))
        result.summary(), result.curves, result.curves_proposal, result.comparison.by_role()

    whole, ready = seconds(lambda: prepare(company, Params()))
    moved(1.01)

    def read(*_: Any, **__: Any) -> None:
        raise AssertionError("an answer asks the company's tables")

    monkeypatch.setattr(Company, "sql", read)
    moves = [partial(moved, 1 + step / 100) for step in (2, 3, 4)]
    assert min(seconds(each)[0] for each in moves) < whole / 8


def test_what_do_i_earn_if_is_asked_of_one_person_alone(
    prepared: Any, monkeypatch: pytest.MonkeyPatch
):
    result = answer(prepared, asked(rates=1.1))
    table = result.earn("hunter", [0.8, 1.0, 1.2])
    assert table["today"].is_monotonic_increasing
    assert (table["difference"] > 0).all()
    # 10% more for rates, nothing more for what is stated
    assert (table["proposal"] < 1.1 * table["today"]).all()
    whole = result.curves
    person = result.today.people.ids.index(result._pay_of("hunter")[0].rep_id)
    at = int(np.abs(whole.grid - 1.2).argmin())
    assert table["today"].iloc[2] == pytest.approx(whole.pay[at, person])
    asked_of: list[tuple[int, int]] = []
    run = Block.run

    def counted(self: Block, *args: Any, **how: Any) -> None:
        asked_of.append((self.draws, self.persons))
        run(self, *args, **how)

    monkeypatch.setattr(Block, "run", counted)
    result.earn("hunter", [0.9, 1.3])
    assert asked_of == [(2, 1), (2, 1)]  # two points of one person, under both plans
    with pytest.raises(ParameterError, match="director"):
        result.earn("director", 1.0)


def test_caps_take_away_what_the_plan_pays_without_them(prepared: Any):
    result = answer(prepared, asked(cap=0.5))
    assert prepared.cut_by_caps >= 0
    assert result.proposal.total().mean() < prepared.today.total().mean()


def test_draws_of_a_file_take_the_place_of_own_ones(company: Any, prepared: Any, tmp_path: Path):
    """Everybody at 100% in all draws: quotas are credited, and what is over stays as it was."""
    from workbench.scenarios import cube, load_cube, save_cube

    people, names = prepared.people.ids, list(prepared.people.names)
    ones = cube(
        np.ones((40, 12, len(people))), name="attainment", unit="share", period=names,
        keys={"person": people},
    )  # fmt: skip
    file = save_cube(ones, tmp_path / "draws.parquet")
    assert load_cube(file).shape == ones.shape
    given = prepare(company, asked(given=str(file)))
    quota = given.people.quota("revenue_net")
    assert given.ahead.drawn["revenue_net"].values[3] == pytest.approx(quota.T)
    assert given.today.attainment.shape == (40, len(people))
    own, over = prepared.now.to_date(), prepared.over
    assert given.now.to_date()[0, over - 1] == pytest.approx(own[0, over - 1])
    fewer = save_cube(ones.isel(period=slice(0, 6)), tmp_path / "half.parquet")
    with pytest.raises(InputError, match="lack 2026-07"):
        prepare(company, asked(given=str(fewer)))


def test_what_stands_beside_the_plan_runs_no_plan_again(
    prepared: Any, monkeypatch: pytest.MonkeyPatch
):
    before = answer(prepared, asked(rates=1.15))

    def run(*_: Any, **__: Any) -> None:
        raise AssertionError("a plan is run again")

    monkeypatch.setattr(Block, "run", run)
    after = answer(prepared, asked(rates=1.15, budget=9e6, movable=0.2))
    assert after.tried is before.tried
    assert after.budget == 9e6


def test_what_is_prepared_is_written_with_its_draws_apart(prepared: Any):
    """Arrays that lie in one piece are mapped by sessions; others would be copied into each."""
    buffers: list[pickle.PickleBuffer] = []
    whole = io.BytesIO()
    prepared_elsewhere._Pickler(whole, protocol=5, buffer_callback=buffers.append).dump(prepared)
    apart = sum(each.raw().nbytes for each in buffers)
    one = prepared.today.attainment.nbytes * 12  # credit of a measure by draw, month and person
    assert apart > 4 * one  # revenue and collections, twice
    assert whole.tell() < one


@pytest.mark.parametrize("budget", [1.0, 2e5, 9e6, 1e12])
def test_the_picture_of_cost_has_some_tens_of_bars_whatever_the_budget(
    prepared: Any, budget: float
):
    picture = incentives._cost(answer(prepared, asked(budget=budget)), Language("en"))
    assert 4 < len(picture.data) < 50
    assert picture.data["count"].sum() == pytest.approx(100)
