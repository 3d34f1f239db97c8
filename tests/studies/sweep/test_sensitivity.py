"""Sensitivity against published indices, exact decompositions, and what a design does not tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import sobol_indices

from tests.studies.sweep.made import UNIT_RANGE, Unit, block, ishigami, swept
from workbench.scenarios import uniforms
from workbench.studies.sweep import indices
from workbench.studies.sweep.page import judged
from workbench.studies.sweep.sensitivity import sensitivity
from workbench.studies.sweep.view import views

# Ishigami and Homma (1990), a = 7, b = 0.1; values as in Saltelli et al. (2008), Global
# Sensitivity Analysis, Wiley, section 4.
FIRST, TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]
YS = {"declared": Unit, "formula": ishigami, "meanings": {}}


def found_of(result, name="y"):
    (view,) = views(result)
    return sensitivity(view, name)


def column(found, name):
    return [getattr(effect, name) for effect in found.effects]


@pytest.fixture(scope="module")
def saltelli():
    return swept(block("sensitivity", vary=UNIT_RANGE, size=1024), **YS)


def test_indices_meet_the_published_ones():
    n = 2**15
    cube = np.asarray(uniforms(n, 6, seed=1, name="test", method="sobol"))
    a, b = cube[:, :3], cube[:, 3:]
    mixed = [np.where(np.arange(3) == place, b, a) for place in range(3)]
    made = indices.Saltelli(on_cube(a), on_cube(b), np.stack([on_cube(m) for m in mixed]), 1)
    assert made.first().value == pytest.approx(FIRST, abs=0.005)
    assert made.total().value == pytest.approx(TOTAL, abs=0.005)


def on_cube(points):
    x, y, z = (np.pi * (2 * points - 1)).T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_a_sweep_made_for_it_gives_both_indices(saltelli):
    found = found_of(saltelli)
    assert (found.method, found.points, found.left_out) == ("saltelli", 1024, 0)
    assert column(found, "first") == pytest.approx(FIRST, abs=0.03)
    assert column(found, "total") == pytest.approx(TOTAL, abs=0.03)
    assert [effect.parameter for effect in found.ranked()] == ["x1", "x2", "x3"]


def test_intervals_hold_the_published_indices(saltelli):
    found = found_of(saltelli)
    for name, published in (("first", FIRST), ("total", TOTAL)):
        low, high = column(found, f"{name}_low"), column(found, f"{name}_high")
        assert all(a < b < c for a, b, c in zip(low, published, high, strict=True))
        assert max(np.subtract(high, low)) < 0.2


def test_indices_are_those_of_scipy(saltelli):
    matrices = views(saltelli)[0].means("y").reshape(5, -1)
    a, b, ab = matrices[0], matrices[1], matrices[2:]
    theirs = sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": ab[:, None, :]}, n=len(a))
    ours = indices.Saltelli(a, b, ab, 1)
    assert ours.first().value == pytest.approx(theirs.first_order.ravel(), abs=1e-9)
    assert ours.total().value == pytest.approx(theirs.total_order.ravel(), abs=1e-9)


def test_indices_do_not_depend_on_level_or_unit_of_the_result(saltelli):
    matrices = views(saltelli)[0].means("y").reshape(5, -1)
    plain = indices.Saltelli(matrices[0], matrices[1], matrices[2:], 1)
    moved = indices.Saltelli(*(1e6 + 1e3 * m for m in (matrices[0], matrices[1], matrices[2:])), 1)
    assert moved.first().value == pytest.approx(plain.first().value, abs=1e-8)
    assert moved.total().low == pytest.approx(plain.total().low, abs=1e-8)


def test_g_function_meets_its_closed_form():
    # Saltelli and Sobol' (1995): V_i = 1 / (3 (1 + a_i)^2), V = prod(1 + V_i) - 1
    a = np.array([0.0, 1.0, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + parts) - 1
    first = parts / whole
    total = parts * np.prod(1 + parts) / (1 + parts) / whole

    def g(params):
        x = np.array([params["x1"], params["x2"], params["x3"]])
        return {"y": float(np.prod((np.abs(4 * x - 2) + a) / (1 + a)))}

    result = swept(block("sensitivity", vary=UNIT_RANGE, size=1024), **{**YS, "formula": g})
    found = found_of(result)
    assert column(found, "first") == pytest.approx(first, abs=0.015)
    assert column(found, "total") == pytest.approx(total, abs=0.015)


def test_holes_drop_base_points_across_all_matrices():
    n = 512
    holed = swept(
        block("sensitivity", vary=UNIT_RANGE, size=n),
        fails=lambda case: "boom" if case.number in (3, n + 3, 2 * n + 5, 4 * n + 100) else "",
        **YS,
    )
    found = found_of(holed)
    assert (found.points, found.left_out) == (n - 3, 3)
    assert column(found, "total") == pytest.approx(TOTAL, abs=0.06)


@pytest.mark.parametrize("design", ["latin", "sobol"])
def test_any_sample_gives_first_order_shares_but_no_totals(design):
    found = found_of(swept(block(design, vary=UNIT_RANGE, size=1024), **YS))
    assert found.method == "sample"
    assert column(found, "first") == pytest.approx(FIRST, abs=0.05)
    assert column(found, "total") == [None] * 3
    ends = zip(column(found, "first_low"), FIRST, column(found, "first_high"), strict=True)
    assert all(low <= value <= high for low, value, high in ends)


@pytest.mark.parametrize(("method", "even"), [("latin", False), ("sobol", True)])
@pytest.mark.parametrize("n", [64, 256])
def test_shares_of_samples_are_hardly_biased(method, even, n):
    found = []
    for seed in range(30):
        cube = np.asarray(uniforms(n, 3, seed=seed, name="test", method=method))
        made = indices.first_order(
            list(cube.T), on_cube(cube), levels=[False] * 3, even=even, seed=seed
        )
        found.append(made.value)
    assert np.mean(found, axis=0) == pytest.approx(FIRST, abs=0.05)


def test_a_parameter_of_words_is_judged_by_its_values():
    def formula(params):
        return {"y": {"east": 0.0, "north": 1.0, "south": 2.0}[params["region"]] + params["price"]}

    found = found_of(
        swept(
            block("latin", size=600, vary={
                "region": ["east", "north", "south"], "price": {"from": 0, "to": 1},
            }),
            formula=formula, meanings={},
        )
    )  # fmt: skip
    variances = np.array([2 / 3, 1 / 12])
    assert column(found, "first") == pytest.approx(variances / variances.sum(), abs=0.02)


@pytest.mark.parametrize(
    ("block_of", "why"),
    [
        (block("latin", vary=UNIT_RANGE, size=49), "few"),
        (block("sensitivity", vary=UNIT_RANGE, size=8), "few"),
        (block("list", cases=[{"x1": 0.1}, {"x2": 0.9}]), "list"),
        (block("one_at_a_time", vary={"x1": [0.2, 0.9], "x2": [0.1]}), "one_at_a_time"),
        (block("grid", vary={"x1": [0.1, 0.2, 0.9]}), "one"),
    ],
)
def test_no_number_where_nothing_is_identified(block_of, why):
    found = found_of(swept(block_of, **YS))
    assert (found.method, found.why) == ("", why)
    assert column(found, "first") == [None] * len(found.effects)


def test_a_result_that_never_changes_has_no_shares():
    found = found_of(swept(block("latin", vary=UNIT_RANGE, size=64),
                           **{**YS, "formula": lambda params: {"y": 0.1 + 0.2}}))  # fmt: skip
    assert (found.method, found.why) == ("", "constant")


def test_one_at_a_time_counts_changes_from_the_base():
    found = found_of(
        swept(
            block("one_at_a_time", vary={"x1": [0.2, 0.9], "x2": [0.1, 0.7], "x3": [0.6]}),
            declared=Unit, meanings={},
            formula=lambda p: {"y": 10 * p["x1"] - 2 * p["x2"] + p["x1"] * p["x2"]},
        )
    )  # fmt: skip
    assert found.base == pytest.approx(5 - 1 + 0.25)
    x1, x2, x3 = found.effects
    assert (x1.low, x1.high) == (pytest.approx(-3 - 0.15), pytest.approx(4 + 0.2))
    assert (x2.low, x2.high) == (pytest.approx(-0.4 + 0.1), pytest.approx(0.8 - 0.2))
    assert (x3.low, x3.high) == (0.0, 0.0)
    assert [effect.parameter for effect in found.ranked()] == ["x1", "x2", "x3"]


def test_without_its_base_one_at_a_time_says_nothing():
    result = swept(
        block("one_at_a_time", vary={"x1": [0.2, 0.9]}),
        fails=lambda case: "boom" if case.number == 0 else "", **YS,
    )  # fmt: skip
    assert not found_of(result).has_changes


def test_a_whole_grid_is_divided_exactly():
    # y = a + b + ab on {-1, 1}^2: a third of the variance each, and a third to both together
    found = found_of(
        swept(
            block(vary={"x1": [0.0, 1.0], "x2": [0.0, 1.0]}), declared=Unit, meanings={},
            formula=lambda p: {"y": sum((a := 2 * p["x1"] - 1, b := 2 * p["x2"] - 1, a * b))},
        )
    )  # fmt: skip
    assert found.method == "factorial"
    assert column(found, "first") == pytest.approx([1 / 3, 1 / 3])
    assert column(found, "total") == pytest.approx([2 / 3, 2 / 3])


def test_a_hole_in_a_grid_does_not_tilt_its_changes():
    levels = [0.0, 0.5, 1.0]
    result = swept(
        block(vary={"x1": levels, "x2": levels}), declared=Unit, meanings={},
        formula=lambda p: {"y": 3 * p["x1"] + 100 * p["x2"]},
        fails=lambda case: "boom" if case.number == 8 else "",
    )  # fmt: skip
    found = found_of(result)
    assert (found.method, found.why, found.left_out) == ("", "holes", 1)
    x1, x2 = found.effects
    assert x1.reach == pytest.approx(3)
    assert x2.reach == pytest.approx(100)


def test_replicates_are_averaged_before_points_are_compared():
    result = swept(block(vary={"price": [2, 6], "reps": [10, 30]}, replicates=4))
    found = found_of(result, "profit")
    assert found.points == 4
    frame = result.frame
    by_price = frame.groupby("param.price")["result.profit"].mean()
    assert found.effects[0].reach == pytest.approx(abs(by_price.diff().iloc[-1]))


def test_the_table_of_what_matters_names_levels_as_the_tidy_table_does():
    table = judged(swept(block(vary={"lines": [[], ["pump", "valve"]], "price": [2, 8]})))
    row = table[(table["result"] == "profit") & (table["parameter"] == "price")].iloc[0]
    assert (row["method"], row["at_low"], row["at_high"]) == ("factorial", "8", "2")
    assert set(table["at_low"]) <= {"", "pump, valve", "2", "8"}
