"""A hierarchy finds its levels, names its nodes, sums its series and tells what does not add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tests.support.hierarchies import crossed, drawn_hierarchies, tree
from workbench.errors import InputError, ParameterError
from workbench.forecasting.hierarchy.structure import Hierarchy

KEYS = pd.DataFrame(
    {
        "series_id": [f"s{number}" for number in range(8)],
        "state": ["North"] * 4 + ["South"] * 4,
        "region": ["N1", "N1", "N2", "N2", "S1", "S1", "S2", "S2"],
        "purpose": ["Work", "Play"] * 4,
    }
)


def test_nested_and_crossed_keys_give_the_levels_of_australian_tourism() -> None:
    hierarchy = Hierarchy.from_keys(KEYS)
    assert [level.name for level in hierarchy.levels] == [
        "Total",
        "state",
        "region",
        "purpose",
        "state / purpose",
        "state / region / purpose",
    ]
    assert [len(level) for level in hierarchy.levels] == [1, 2, 4, 2, 4, 8]
    assert hierarchy.levels[-1].bottom
    assert hierarchy.series == tuple(KEYS["series_id"])


def test_nodes_have_names_that_can_be_read_and_found() -> None:
    hierarchy = Hierarchy.from_keys(KEYS)
    assert hierarchy.nodes[0] == "Total"
    assert "North / Work" in hierarchy.nodes
    assert hierarchy.labels[hierarchy.place("s2")] == "North / N2 / Work"
    assert hierarchy.place("North / N2 / Work") == hierarchy.place("s2")
    with pytest.raises(ParameterError, match="perhaps North"):
        hierarchy.place("north / w")


def test_nodes_called_alike_carry_their_keys() -> None:
    keys = pd.DataFrame({"line": ["Direct", "B"], "channel": ["X", "Direct"]}, index=["1", "2"])
    hierarchy = Hierarchy.from_keys(keys, levels=[(), "line", "channel"])
    assert hierarchy.nodes[1:5] == ("B", "line=Direct", "channel=Direct", "X")


def test_keys_that_say_the_same_make_one_level() -> None:
    keys = KEYS.assign(code=KEYS["region"].str.lower(), country="All")
    names = [level.name for level in Hierarchy.from_keys(keys).levels]
    assert "code" not in names and "country" not in names and "region" in names


def test_series_with_the_same_keys_stay_apart() -> None:
    keys = pd.DataFrame({"region": ["E", "E", "W"]}, index=["a", "b", "c"])
    hierarchy = Hierarchy.from_keys(keys)
    assert hierarchy.nodes == ("Total", "E", "W", "a", "b", "c")
    assert hierarchy.levels[-1].name == "series"


@given(drawn_hierarchies())
def test_sums_of_parts_vanish_where_values_add_up_and_only_there(hierarchy: Hierarchy) -> None:
    values = hierarchy.aggregate(np.random.default_rng(1).normal(size=(len(hierarchy.series), 3)))
    hierarchy.check(values)
    assert np.abs(hierarchy.sums @ values).max(initial=0) < 1e-12
    assert np.linalg.matrix_rank(hierarchy.sums.toarray()) == hierarchy.above
    if hierarchy.above:
        values[0, 1] += 1
        with pytest.raises(InputError, match="do not add up"):
            hierarchy.check(values)


def test_aggregation_keeps_leading_axes_and_missing_values() -> None:
    hierarchy = tree()
    draws = np.random.default_rng(0).normal(size=(5, 9, 2))
    assert np.allclose(hierarchy.aggregate(draws)[3], hierarchy.aggregate(draws[3]))
    draws[0, 4, 0] = np.nan
    missing = np.isnan(hierarchy.aggregate(draws[0])[:, 0])
    assert [hierarchy.nodes[at] for at in np.flatnonzero(missing)] == ["Total", "B", "BB"]


def test_a_panel_is_summed_from_where_its_series_begin() -> None:
    keys = pd.DataFrame({"region": ["E", "E", "W"]}, index=["a", "b", "c"])
    hierarchy = Hierarchy.from_keys(keys)
    rows = [
        ("a", 2, 1.0),
        ("a", 3, 2.0),
        ("b", 3, 5.0),
        ("c", 1, 7.0),
        ("c", 2, 7.0),
        ("c", 3, 7.0),
    ]
    panel = pd.DataFrame(rows, columns=["series_id", "period", "value"])
    summed = hierarchy.aggregate_panel(panel)
    east = summed[summed["series_id"] == "E"]
    assert east[["period", "value"]].to_numpy().tolist() == [[2, 1.0], [3, 7.0]]
    assert summed[summed["series_id"] == "Total"]["value"].tolist() == [7.0, 8.0, 14.0]
    hierarchy.check(summed)


def test_what_does_not_add_up_is_named_with_period_and_difference() -> None:
    hierarchy = Hierarchy.from_keys(KEYS)
    panel = pd.DataFrame(
        {
            "series_id": np.repeat(KEYS["series_id"], 2),
            "period": ["2024-01", "2024-02"] * 8,
            "value": np.arange(16.0),
        }
    )
    nodes = hierarchy.aggregate_panel(panel)
    wrong = (nodes["series_id"] == "South") & (nodes["period"] == "2024-02")
    nodes.loc[wrong, "value"] += 0.25
    with pytest.raises(InputError) as error:
        hierarchy.check(nodes)
    assert "+0.25" in error.value.message
    assert error.value.where == "node 'South', period 2024-02"


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda panel: panel.drop(index=1), "missing inside"),
        (lambda panel: pd.concat([panel, panel[:1]]), "stand twice"),
        (lambda panel: panel.assign(series_id="x"), "not in the hierarchy"),
    ],
)
def test_panels_that_do_not_fit_are_refused(change, match: str) -> None:
    panel = pd.DataFrame(
        {"series_id": ["AA"] * 3 + ["AB"] * 3, "period": [1, 2, 3] * 2, "value": 1.0}
    )
    with pytest.raises(InputError, match=match):
        tree().aggregate_panel(change(panel))


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        (pd.DataFrame({"series_id": ["a", "a"], "k": ["1", "2"]}), "several rows"),
        (pd.DataFrame({"series_id": ["a", "b"], "k": ["1", None]}), "have no k"),
        (pd.DataFrame({"series_id": ["a", "b"], "k": ["1", " "]}), "have no k"),
        (pd.DataFrame({"series_id": [], "k": []}), "no series"),
    ],
)
def test_keys_that_cannot_be_used_are_refused(keys: pd.DataFrame, match: str) -> None:
    with pytest.raises(InputError, match=match):
        Hierarchy.from_keys(keys)


def test_levels_must_name_keys() -> None:
    with pytest.raises(ParameterError, match="no key 'city'"):
        Hierarchy.from_keys(KEYS, levels=[(), "city"])
    with pytest.raises(ParameterError, match="twice"):
        Hierarchy.from_keys(KEYS, levels=[("state", "purpose"), ("purpose", "state")])


def test_parts_are_few_where_levels_nest() -> None:
    hierarchy = crossed(5, 6, 4)
    total = hierarchy.sums[[0]]
    assert total.nnz == 1 + 4  # the smallest level, not 120 series
