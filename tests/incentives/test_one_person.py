"""One person: found by number or id, paid as the plan pays, told in the page and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.company import open_company
from workbench.errors import ParameterError
from workbench.incentives.one_person import place_of
from workbench.incentives.payees import by_number
from workbench.incentives.story.words import who
from workbench.incentives.study_incentives import Params, answer, prepare
from workbench.planners.layouts.incentives import LAYOUT, people
from workbench.text import Language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
BASE = Params(draws=400, person="hunter 3", rates=1.1)


@pytest.fixture(scope="module")
def company() -> Any:
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def result(company: Any) -> Any:
    return answer(prepare(company, BASE), BASE)


def test_people_are_numbered_within_their_role_by_id():
    found = by_number(["b", "a", "c"], ["hunter", "hunter", "farmer"])
    assert found == {"a": ("hunter", 1), "b": ("hunter", 2), "c": ("farmer", 1)}


def test_number_and_id_name_the_same_person(result: Any):
    place = place_of(result.today, "hunter 3")
    rep = result.today.people.ids[place]
    assert place_of(result.today, rep) == place == place_of(result.today, "  hunter   3 ")
    assert who(result, Language("en"))[rep].endswith(" 3")
    assert rep not in who(result, Language("en"))[rep]


def test_the_choices_are_the_people_of_the_plan(company: Any, result: Any):
    numbered = {f"{role} {number}" for role, number in result.today.people.numbered().values()}
    assert set(people(company)) == numbered | {""}


def test_the_curve_is_what_the_plan_pays_this_person(result: Any):
    levels = [0.5, 0.8, 1.0, 1.2, 1.5]
    exact = result.earn("hunter 3", levels)
    for level, today, proposal in zip(levels, exact["today"], exact["proposal"], strict=True):
        assert result.one.at(level) == pytest.approx((today, proposal), rel=1e-3)
    assert (result.one.proposal >= result.one.today - 1e-6).all()  # rates alone are higher
    place = place_of(result.today, "hunter 3")
    assert np.array_equal(result.one.earned, result.now.variable[:, place])


@pytest.mark.parametrize(
    ("said", "words"), [("hunter 300", "nobody is called so"), ("director 1", "no quota")]
)
def test_who_cannot_be_looked_at_is_told_at_the_parameter(result: Any, said: str, words: str):
    with pytest.raises(ParameterError, match=words) as caught:
        answer(result.prepared, BASE.model_copy(update={"person": said}))
    assert caught.value.where == f"person: {said}"


@pytest.mark.parametrize("lang", [Language("en"), Language("zh")], ids=str)
def test_page_and_report_show_the_person(result: Any, lang: Language):
    name = who(result, lang)[result.one.rep_id]
    curve, _, table, *_ = LAYOUT.shown(result, lang, "").blocks
    assert name in curve.fragment(level=2)
    assert name in table.fragment(level=2)
    section = result.section("people", lang).fragment(level=2)
    assert section.count(name) >= 2
    assert result.one.rep_id not in section
    nobody = answer(result.prepared, BASE.model_copy(update={"person": ""}))
    assert nobody.one is None
    assert len(nobody.section("people", lang).fragment(level=2)) < len(section)
