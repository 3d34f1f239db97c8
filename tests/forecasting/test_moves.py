"""Moves of the planner one after another: what a move leaves as it is is kept, and is right."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.company import open_company
from workbench.forecasting.outlook import targets
from workbench.forecasting.outlook.bookings import TOTAL
from workbench.forecasting.study_forecast import STUDY, Params, answer, prepare
from workbench.planners.prepared import STORE, shared
from workbench.text import Language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
EN = Language("en")
MOVES = {
    "as it stands": {},
    "targets": {"targets": "growth", "growth": 0.1},
    "tiers": {"targets": "growth", "growth": 0.1, "tier_gap": 0.2},
    "lock": {"locks": ("east=230000000",)},
    "growth": {"assumed": 0.05},
    "growth and lock": {"assumed_parts": ("east=-10%",), "locks": ("south=250000000",)},
    "entries": {"entries": True},
    "list": {"top": 4},
}


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def ready(company):
    return prepare(company, asked())


@pytest.fixture(scope="module")
def alone(ready):
    """Each move by itself, nothing kept from another."""
    return {name: shown(answer(unmoved(ready), asked(**move))) for name, move in MOVES.items()}


def asked(**values):
    return Params(draws=200, **values)


def unmoved(ready):
    """The same as prepared, without anything that was kept since."""
    deals = ready.outlook.open
    outlook = replace(ready.outlook, open=replace(deals))
    return replace(ready, outlook=outlook, held={})


def shown(result):
    """Figures and tables of the first page, and its HTML."""
    tables = {name: result.answer(name) for name in ("parts", "deciding", "coverage", "targets")}
    page = result.page(EN)
    return result.summary(), tables, [block.fragment() for block in page.blocks], page.finding


def same(one, other):
    assert one[0] == other[0]
    for name, table in one[1].items():
        pd.testing.assert_frame_equal(table, other[1][name], check_exact=True)
    assert one[2:] == other[2:]


@settings(max_examples=3, deadline=None)
@given(order=st.permutations(list(MOVES)))
def test_no_move_depends_on_those_before(ready, alone, order):
    for name in order:
        same(shown(answer(ready, asked(**MOVES[name]))), alone[name])


def test_a_moved_target_leaves_the_months_ahead(ready):
    one, other = (answer(ready, asked(targets="growth", growth=growth)) for growth in (0.1, 0.2))
    assert one.outlook is other.outlook
    assert one.outlook.fan is other.outlook.fan
    for name in ("money", "parts", "changes", "causes"):
        assert one.answer(name) is other.answer(name)
    assert one.answer("money").fan is other.answer("money").fan
    assert not one.answer("targets").equals(other.answer("targets"))


def test_locks_and_growth_leave_what_open_deals_bring(ready):
    plain = answer(ready, asked()).outlook
    locked = answer(ready, asked(**MOVES["lock"])).outlook
    grown = answer(ready, asked(**MOVES["growth"])).outlook
    assert locked.open is plain.open is grown.open
    assert locked.gained is plain.gained
    assert grown.gained is not plain.gained


def test_what_is_kept_is_bounded(ready):
    for step in range(12):
        answer(ready, asked(assumed=step / 100, targets="growth", growth=step / 100)).page(EN)
    assert len(ready.held) <= 4


@pytest.mark.parametrize("name", ["as it stands", "lock", "growth and lock"])
def test_a_deal_won_stands_in_the_place_of_what_is_drawn_of_it(ready, name):
    found = answer(ready, asked(**MOVES[name])).outlook
    pipeline, months = found.pipeline, found.scope.months
    ids = list(pipeline.rows["opportunity_id"])
    wins = pipeline.wins(len(found.draws))["open"]
    factors = (
        {} if found.growth is None else dict(zip(found.tree.series, found.growth, strict=True))
    )
    for row in (0, 7, 50):
        deal = ids.index(found.open.tried["opportunity_id"].iloc[row])
        place = "/".join(pipeline.rows.iloc[deal][["region", "product_line"]])
        weight = pd.Series(0.0, index=pipeline.periods)
        weight[months] = found.handover.weights * factors.get(place, 1.0)
        curve = pipeline.curves[deal, :, 0]
        chance = curve[pipeline.periods.isin(months)].sum()
        won = pipeline.amounts[deal] * (curve @ weight.to_numpy()) / chance
        drawn = np.zeros(len(found.draws))
        for draw, month, amount in zip(
            *(values[wins.deal == deal] for values in (wins.draw, wins.month, wins.amount)),
            strict=True,
        ):
            drawn[draw] += amount * weight.iloc[month]
        np.testing.assert_allclose(found.gained[row], won - drawn, rtol=1e-9, atol=1e-3)


def test_the_lift_of_a_deal_is_the_share_of_draws_it_brings_over_the_target(ready):
    result = answer(ready, asked())
    found, base = result.outlook, targets.of(result.answer("targets"))["base"]
    table = result.answer("deciding").set_index("opportunity_id")
    place = {name: row for row, name in enumerate(found.open.tried["opportunity_id"])}
    for name, lift in table["lift"].items():
        with_it = found.total() + found.gained[place[name]]
        assert lift == pytest.approx(np.mean(with_it >= base) - np.mean(found.total() >= base))
    assert table["lift"].is_monotonic_decreasing


def test_a_chance_is_the_share_of_draws_that_reach_the_target(ready):
    result = answer(ready, asked(targets="growth", growth=0.02))
    table, found = result.answer("targets"), result.outlook
    for row in table.itertuples():
        assert row.probability == np.mean(found.total(row.node) >= row.target)
    mine = table[table["node"] == TOTAL].set_index("tier")
    assert targets.of(table) == mine["target"].to_dict()
    assert targets.of(table, "probability") == mine["probability"].to_dict()


def test_no_target_without_a_year_before():
    table = targets.tiers(pd.Series({TOTAL: np.nan}), known={}, growth=0.05, gap=0.05)
    assert list(table.columns) == ["node", "tier", "target", "origin"]
    assert targets.of(table) == {}


def test_what_was_kept_goes_with_what_is_prepared(ready, company, alone, tmp_path, monkeypatch):
    shown(answer(ready, asked(**MOVES["lock"])))  # something is kept
    monkeypatch.setenv(STORE, str(tmp_path))
    shared(STUDY, company, {}, lambda: replace(ready, held={}))
    read = shared(STUDY, company, {}, pytest.fail)
    assert read is not ready
    same(shown(answer(read, asked(**MOVES["targets"]))), alone["targets"])
