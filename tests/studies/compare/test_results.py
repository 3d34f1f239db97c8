"""What came out of two runs: sizes, order, sentences; tables by rows and cells."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.runs import make_run, result
from workbench.studies.compare.draws import draws_changes
from workbench.studies.compare.results import results_change
from workbench.studies.compare.tables import table_changes
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


def pair(folder, before, after, **more):
    """Two runs that have recorded these results."""
    return (
        make_run(folder, "20261101T080000Z", results=before, **more.get("a", {})),
        make_run(folder, "20261102T080000Z", results=after, **more.get("b", {})),
    )


# -- results --------------------------------------------------------------------------------------

SENTENCES = [
    (
        ("money", "CNY", 386_000_000.0, 398_400_000.0),
        "Sales is 3.2% higher (CNY +12.4 million): CNY 386 million → CNY 398 million",
        "Sales上升3.2%（+1,240万元）：3.86亿元 → 3.98亿元",
    ),
    (
        ("percent", "", 0.12, 0.105),
        "Sales is 1.5 pp lower: 12.0% → 10.5%",
        "Sales下降1.5个百分点：12.0% → 10.5%",
    ),
    (
        ("signed_percent", "", 0.05, -0.01),
        "Sales is 6.0 pp lower: +5.0% → −1.0%",
        "Sales下降6.0个百分点：+5.0% → −1.0%",
    ),
    (
        ("integer", "customers", 100, 101),
        "Sales is 1.0% higher (+1 customers): 100 customers → 101 customers",
        "Sales上升1.0%（+1customers）：100customers → 101customers",
    ),
    (
        ("number", "", -2.0, 3.5),
        "Sales changes by +5.50: −2 → 3.50",
        "Sales变动+5.50：−2 → 3.50",
    ),
    (
        ("number", "", 0.0, 4.0),
        "Sales changes by +4: 0 → 4",
        "Sales变动+4：0 → 4",
    ),
    (
        ("number", "", 1.0, 50.0),
        "Sales changes by +49: 1 → 50",
        "Sales变动+49：1 → 50",
    ),
    (
        ("money", "CNY", 386_000_000.0, 386_000_001.0),
        "Sales is 0.0000003% higher (CNY +1): CNY 386,000,000.00 → CNY 386,000,001.00",
        "Sales上升0.0000003%（+1元）：386,000,000.00元 → 386,000,001.00元",
    ),
    (("text", "", "east", "north"), "Sales: east → north", "Sales：east → north"),
    (("number", "", None, 3.0), "Sales: – → 3", "Sales：– → 3"),
]


@pytest.mark.parametrize(("values", "english", "chinese"), SENTENCES)
def test_a_change_is_said_with_its_size(tmp_path, values, english, chinese):
    kind, unit, before, after = values
    runs = pair(
        tmp_path, [result("sales", before, kind, unit)], [result("sales", after, kind, unit)]
    )
    for lang, said in ((EN, english), (ZH, chinese)):
        (change,) = results_change(*runs, lang).changes
        change = type(change)(
            **{n: getattr(change, n) for n in change.__slots__} | {"label": "Sales"}
        )
        assert change.sentence(lang) == said


def test_changes_stand_by_size_whatever_their_unit(tmp_path):
    before = [
        result("small", 1_000_000.0, "money", "CNY"),
        result("share", 0.10, "percent"),
        result("large", 10, "integer"),
        result("text", "a", "text"),
        result("same", 5.0),
        result("gone", 1.0),
    ]
    after = [
        result("small", 1_010_000.0, "money", "CNY"),
        result("share", 0.15, "percent"),
        result("large", 15, "integer"),
        result("text", "b", "text"),
        result("same", 5.0),
        result("new", 2.0),
        result("empty", None),
    ]
    found = results_change(*pair(tmp_path, before, after), EN)
    assert [each.name for each in found.changes] == [
        "large", "share", "small", "text", "gone", "new"
    ]  # fmt: skip
    assert found.same == 2  # one that only one run has, without a value, is no change
    sentences = [each.sentence(EN) for each in found.changes[-2:]]
    assert sentences == ["Gone: only in run A, 1", "New: only in run B, 2"]


SAME = [
    ({"value": 0.1 + 0.2}, {"value": 0.3}, "rounding"),
    ({"value": 0.3, "exact": "0.30"}, {"value": 0.3, "exact": "0.30"}, "same"),
    ({"value": 1e15, "exact": "1" + "0" * 15 + ".01"},
     {"value": 1e15, "exact": "1" + "0" * 15 + ".02"}, "changed"),
    ({"value": True}, {"value": 1}, "changed"),
    ({"value": 3}, {"value": 3.0}, "same"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "verdict"), SAME)
def test_what_counts_as_the_same(tmp_path, before, after, verdict):
    sides = [[result("x", None) | side] for side in (before, after)]
    found = results_change(*pair(tmp_path, *sides), EN)
    counted = {"same": found.same, "rounding": len(found.rounding), "changed": len(found.changes)}
    assert counted == {"same": 0, "rounding": 0, "changed": 0} | {verdict: 1}


def test_texts_of_two_languages_are_not_compared(tmp_path):
    runs = pair(
        tmp_path,
        [result("best", "East", "text"), result("n", 1)],
        [result("best", "华东", "text"), result("n", 2, label="数")],
        b={"lang": "zh"},
    )
    found = results_change(*runs, ZH)
    assert [each.label for each in found.changes] == ["数"]  # of the run that speaks Chinese
    assert (found.unsaid, found.same) == (1, 0)


@given(
    before=st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-6),
    after=st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-6),
)
def test_no_sentence_hides_a_change(before, after, tmp_path_factory):
    """Higher or lower is right, and what is shown before and after is not the same text."""
    folder = tmp_path_factory.mktemp("pair")
    found = results_change(*pair(folder, [result("x", before)], [result("x", after)]), EN)
    for change in found.changes:
        said = change.sentence(EN)
        if change.relative is not None:
            assert ("higher" in said) == (after > before)
        left, right = change.written(EN)
        assert left != right


# -- tables ---------------------------------------------------------------------------------------

REGIONS = pd.DataFrame(
    {
        "region": ["east", "north", "west"],
        "month": [dt.date(2026, 1, 1)] * 3,
        "net": [Decimal("1.00"), Decimal("2.00"), None],
        "rate": [0.1, np.nan, 0.3],
    }
)

TABLES = [
    ("nothing", lambda t: t, None),
    ("another order of rows", lambda t: t.iloc[::-1], (0, 0, 0, 3, 0)),
    ("a cell", lambda t: t.assign(rate=[0.1, np.nan, 0.4]), (0, 0, 1, 2, 1)),
    ("a cell filled", lambda t: t.assign(rate=[0.1, 0.2, 0.3]), (0, 0, 1, 2, 1)),
    ("a cent", lambda t: t.assign(net=[Decimal("1.01"), Decimal("2.00"), None]), (0, 0, 1, 2, 1)),
    ("a row less", lambda t: t.iloc[:2], (0, 1, 0, 2, 0)),
    ("another name", lambda t: t.assign(region=["east", "north", "south"]), (1, 1, 0, 2, 0)),
    ("two cells of a row", lambda t: t.assign(net=[Decimal("9.00"), Decimal("2.00"), None],
                                              rate=[0.9, np.nan, 0.3]), (0, 0, 1, 2, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change", "counts"), TABLES, ids=[t[0] for t in TABLES])
def test_tables_are_compared_by_rows_and_cells(tmp_path, what, change, counts):
    before = make_run(tmp_path, "20261101T080000Z", tables={"by_region": REGIONS})
    after = make_run(tmp_path, "20261102T080000Z", tables={"by_region": change(REGIONS)})
    found, same = table_changes(before, after, EN)
    if counts is None:
        assert (found, same) == ([], 1)
        return
    (table,) = found
    told = (table.added, table.removed, table.changed, table.same, table.cells)
    assert told == counts
    assert table.key == ("region", "month")


def test_rows_that_nothing_names_are_compared_whole(tmp_path):
    bins = pd.DataFrame({"low": [0.0, 1.0, 1.0], "count": [5, 6, 6]})
    before = make_run(tmp_path, "20261101T080000Z", tables={"bins": bins})
    other = bins.assign(count=[5, 6, 7])
    after = make_run(tmp_path, "20261102T080000Z", tables={"bins": other})
    ((table,), _) = table_changes(before, after, EN)
    assert (table.added, table.removed, table.same, table.key) == (1, 1, 2, ())


def test_columns_and_tables_that_only_one_run_has(tmp_path):
    before = make_run(
        tmp_path, "20261101T080000Z", tables={"by_region": REGIONS, "old": REGIONS[["region"]]}
    )
    after = make_run(
        tmp_path, "20261102T080000Z", tables={"by_region": REGIONS.rename(columns={"rate": "pct"})}
    )
    found = {each.name: each for each in table_changes(before, after, EN)[0]}
    assert found["old"].only == "A"
    assert found["by_region"].columns_added == ("pct",)
    assert found["by_region"].columns_removed == ("rate",)
    assert (found["by_region"].changed, found["by_region"].same) == (0, 3)


# -- draws ----------------------------------------------------------------------------------------


def with_draws(folder, moment, values, seed):
    from workbench.scenarios import cube, save_cube

    drawn = cube(
        values[:, None],
        name="profit",
        unit="CNY",
        period=["2026-01"],
        seed=seed,
        streams=["profit"],
    )
    run = make_run(folder, moment, draws=[{"name": "profit", "label": "Profit"}])
    (run.folder / "draws").mkdir()
    save_cube(drawn, run.folder / "draws" / "profit.parquet")
    return run


@pytest.mark.parametrize(("seed", "paired"), [(7, True), (8, False)])
def test_draws_are_paired_where_they_share_the_seed(tmp_path, seed, paired):
    luck = np.random.default_rng(1).normal(1e6, 2e5, 400)
    before = with_draws(tmp_path, "20261101T080000Z", luck, 7)
    after = with_draws(tmp_path, "20261102T080000Z", luck * 1.01, seed)
    (change,) = draws_changes(before, after, EN)
    assert change.difference is not None
    assert change.difference.mean == pytest.approx(luck.mean() * 0.01)
    assert (change.difference.paired, change.by_draw is not None) == (paired, paired)
    assert change.difference.clear == paired  # drawn apart, the same gain may be chance
    assert "B is on average CNY 9,836 above A" in change.sentence(EN, a="A", b="B")
