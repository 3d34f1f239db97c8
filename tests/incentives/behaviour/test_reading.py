"""Habits by comparison, and assumptions with their sources."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from workbench.errors import ParameterError
from workbench.incentives.behaviour.assumptions import FIELDS, assumptions
from workbench.incentives.behaviour.person import Behaviour
from workbench.incentives.behaviour.reading import read_behaviour
from workbench.text import Language

TYPES = np.array([0.7, 0.9, 1.1])
PEOPLE = Behaviour(reference_rate=100.0)


def stepped(attainment):
    reached = np.asarray(attainment)
    return 100 * reached + 30.0 * (reached >= 1)


def test_habits_under_a_step():
    found = read_behaviour(stepped, productivity=TYPES, behaviour=PEOPLE)
    mean = found.mean()
    assert mean["more_at_steps"] > 0.05
    assert mean["pulled_in"] > 0.005
    assert mean["hidden"] == 0
    assert found.mean([1, 0, 0])["productivity"] == pytest.approx(0.7)


def test_habits_under_a_straight_line_are_none():
    habits = read_behaviour(
        lambda a: 100 * np.asarray(a), productivity=TYPES, behaviour=PEOPLE
    ).habits
    for name in ("held_back", "pulled_in", "conceded", "gave_up", "hidden", "at_steps"):
        assert habits[name].to_numpy() == pytest.approx(0, abs=1e-9), name
    assert habits["effort"].to_numpy() == pytest.approx(1, rel=1e-6)


def test_what_a_ratchet_hides():
    followed = dataclasses.replace(PEOPLE, ratchet=0.3)
    found = read_behaviour(stepped, productivity=TYPES, behaviour=followed)
    assert found.mean()["hidden"] > 0.005


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_parameter_is_an_assumption_with_its_source(code):
    lang = Language(code)
    rows = assumptions(PEOPLE, estimated={"pull": 0.02, "middle": 0.01}, given=("movers",))
    assert [each.name for each in rows] == list(FIELDS)
    sources = {each.name: each.source for each in rows}
    assert sources["pull"] == "estimated"
    assert sources["movers"] == "given"
    assert sources["noise"] == "usual"
    said = {each.name: each.said(lang) for each in rows}
    assert "±" in said["pull"]
    assert all(each.title(lang) for each in rows)
    with pytest.raises(ParameterError, match="no parameter"):
        assumptions(PEOPLE, given=("mood",))
