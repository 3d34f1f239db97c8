"""Designs: which points, in which order, under which keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sweeps import make_sweep_project, write_sweep
from workbench.errors import ParameterError, ProjectError
from workbench.studies import find_project
from workbench.studies.sweep.designs import count, design, points
from workbench.studies.sweep.spec import Block, read_sweep
from workbench.text import Language

EN = Language("en")


def block(**values: object) -> Block:
    return Block.model_validate({"study": "parabola"} | values)


def laid(given: Block, params=None, whole=frozenset()):
    return list(points(given, params or {}, whole))


@pytest.fixture
def cases(tmp_path):
    home = find_project(make_sweep_project(tmp_path))

    def cases(base=None, **values: object):
        file = read_sweep(write_sweep(tmp_path, **values), EN)
        found = design(
            file, project=home, base=lambda study: {"study": study.name} | (base or {}), lang=EN
        )
        return found.cases

    return cases


def test_a_grid_lists_every_combination_the_last_varying_fastest():
    found = laid(block(vary={"a": [1, 2], "b": ["x", "y", "z"]}))
    assert [(p["a"], p["b"]) for p in found] == [
        (1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z"),
    ]  # fmt: skip


def test_a_range_has_even_steps_or_even_ratios():
    even = laid(block(vary={"a": {"from": 0.1, "to": 0.4, "steps": 4}}))
    assert [p["a"] for p in even] == [0.1, 0.2, 0.3, 0.4]
    ratios = laid(block(vary={"a": {"from": 1, "to": 100, "steps": 3, "scale": "log"}}))
    assert [p["a"] for p in ratios] == [1, 10, 100]
    whole = laid(block(vary={"a": {"from": 1, "to": 4, "steps": 7}}), whole=frozenset({"a"}))
    assert [p["a"] for p in whole] == [1, 2, 3, 4]


def test_one_at_a_time_departs_from_the_base():
    given_ = block(design="one_at_a_time", vary={"a": [1, 2, 3], "b": ["x", "y"]})
    assert laid(given_, {"a": 2, "b": "x"}) == [
        {"a": 2, "b": "x"}, {"a": 1}, {"a": 3}, {"b": "y"},
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["latin", "sobol"])
def test_samples_fill_each_range_evenly(kind):
    vary = {"a": {"from": 10, "to": 20}, "b": ["x", "y"], "c": {"from": 1, "to": 4}}
    found = laid(block(design=kind, size=64, vary=vary), whole=frozenset({"c"}))
    assert len(found) == 64
    a = np.sort([p["a"] for p in found])
    assert np.histogram(a, bins=8, range=(10, 20))[0].tolist() == [8] * 8
    assert sum(p["b"] == "x" for p in found) == 32
    assert {c: sum(p["c"] == c for p in found) for c in (1, 2, 3, 4)} == dict.fromkeys(
        (1, 2, 3, 4), 16
    )
    assert laid(block(design=kind, size=64, vary=vary), whole=frozenset({"c"})) == found


def test_sensitivity_exchanges_one_column_at_a_time():
    vary = {"a": {"from": 0, "to": 1}, "b": {"from": 0, "to": 1}}
    found = laid(block(design="sensitivity", size=8, vary=vary))
    a, b, ab_a, ab_b = (found[start : start + 8] for start in (0, 8, 16, 24))
    assert [p["a"] for p in ab_a] == [p["a"] for p in b]
    assert [p["b"] for p in ab_a] == [p["b"] for p in a]
    assert [p["a"] for p in ab_b] == [p["a"] for p in a]
    assert [p["b"] for p in ab_b] == [p["b"] for p in b]
    assert not {p["a"] for p in a} & {p["a"] for p in b}


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.integers(1, 4),
)
def test_the_count_is_that_of_the_points(sizes, replicates):
    vary = {f"p{place}": list(range(size)) for place, size in enumerate(sizes)}
    given_ = block(vary=vary, replicates=replicates)
    assert count(given_) == len(laid(given_)) * replicates


def test_replicates_differ_by_seed_and_share_their_point(cases):
    found = cases(vary={"price": [1, 2]}, replicates=3)
    assert [case.params["seed"] for case in found] == [7, 8, 9, 7, 8, 9]
    assert [case.point for case in found] == [0, 0, 0, 1, 1, 1]
    assert [case.replicate for case in found] == [0, 1, 2, 0, 1, 2]
    assert [case.number for case in found] == list(range(6))
    assert len({case.key for case in found}) == 6


def test_a_key_changes_with_whatever_can_change_a_number_and_only_then(cases):
    (first,) = cases(cases=[{"price": 2}])
    (same,) = cases(vary={"price": [2.0]}, base={})
    (other,) = cases(cases=[{"price": 2.5}])
    (newer,) = cases(cases=[{"price": 2}], base={"code": "changed"})
    assert first.key == same.key
    assert len({first.key, other.key, newer.key}) == 3
    assert len(first.key) == 16


def test_set_and_params_file_hold_for_all_points(cases, tmp_path):
    (tmp_path / "params" / "parabola").mkdir(parents=True)
    (tmp_path / "params" / "parabola" / "base.yaml").write_text("reps: 5\nprice: 4\n")
    found = cases(vary={"price": [1, 2]}, set={"region": "north"})
    assert [(c.params["price"], c.params["reps"], c.params["region"]) for c in found] == [
        (1.0, 5, "north"), (2.0, 5, "north"),
    ]  # fmt: skip
    assert [case.varied for case in found] == [{"price": 1.0}, {"price": 2.0}]


@pytest.mark.parametrize(
    ("values", "message", "do"),
    [
        ({"vary": {"prize": [1]}}, "unknown parameter prize", "did you mean price?"),
        ({"vary": {"price": [1, 11]}}, "Price (price) cannot be 11", "0 to 10"),
        ({"set": {"reps": 0}, "vary": {"price": [1]}}, "Reps (reps) cannot be 0", "1 to 99"),
        ({"cases": [{"price": 1}, {"region": "west"}]}, "cannot be 'west'", "east"),
        ({"vary": {"price": {"from": 0, "to": 1}}}, "a range without steps", "give steps"),
        ({"vary": {"price": {"from": 0, "to": 10, "steps": 10_000}}, "replicates": 1000},
         "asks for 10,000,000 runs", "take fewer values"),
        ({"vary": {"seed": [1, 2]}, "replicates": 2}, "cannot differ by their seed", "replicates"),
        ({"vary": {"price": [1]}, "set": {"seed": 99_999}, "replicates": 3},
         "Seed (seed) cannot be 100001", "allowed: 0 to 100000"),
    ],
)  # fmt: skip
def test_a_point_that_cannot_run_is_told_before_any_runs(cases, values, message, do):
    with pytest.raises(ParameterError) as caught:
        cases(**values)
    assert message in str(caught.value)
    assert do in str(caught.value)
    assert "prices.yaml, line" in (caught.value.where or "")


def test_a_study_that_is_not_there_is_told_with_its_line(cases):
    with pytest.raises(ProjectError) as caught:
        cases(study="parable", vary={"a": [1]})
    assert caught.value.message == "there is no study parable"
    assert ", line " in (caught.value.where or "")
