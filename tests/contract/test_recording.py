"""What a notebook hands to its run: files, journal, and what is displayed outside one."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.contract import record, record_results
from workbench.errors import InputError, ParameterError
from workbench.frames import write_table
from workbench.recording import JOURNAL, note_tables, read_journal
from workbench.report import Col, TableView
from workbench.scenarios import cube, load_cube
from workbench.text import Language

EN = Language("en")
FRAME = pd.DataFrame({"region": ["east", "north"], "amount": [Decimal("1.50"), Decimal("2")]})


class Drawing:
    """A figure as far as a run is concerned."""

    title = "A finding"

    def svg(self, *, themed: bool = True) -> str:
        return f"<svg width='9' height='9'>{'themed' if themed else 'plain'}</svg>"


class FirstPage:
    """A page as far as a run is concerned."""

    def picture(self) -> bytes:
        return b"PNG"

    def share_text(self) -> str:
        return "收入增长"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUN", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (3, {"value": 3}),
        (np.float64(0.25), {"value": 0.25}),
        (np.int64(7), {"value": 7}),
        (float("nan"), {"value": None}),
        (Decimal("386012000.10"), {"value": 386012000.1, "exact": "386012000.10"}),
        (dt.date(2026, 7, 31), {"value": "2026-07-31"}),
        (pd.Timestamp("2026-07-31"), {"value": "2026-07-31"}),
        (pd.NaT, {"value": None}),
        (dt.datetime(2026, 7, 31, 8, 15), {"value": "2026-07-31T08:15:00"}),
        (True, {"value": True}),
        ("east", {"value": "east"}),
        (None, {"value": None}),
    ],
)
def test_values_go_to_the_journal(folder, value, kept):
    record("x", value, label=("X", "某"), unit="CNY")
    (entry,) = read_journal(folder)
    assert entry == {"kind": "result", "name": "x", "label": ["X", "某"], "unit": "CNY", **kept}


def test_outside_a_run_it_is_displayed_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("WORKBENCH_RUN", raising=False)
    monkeypatch.chdir(tmp_path)
    record("revenue", 386_000_000, label=("Revenue", "收入"), unit="CNY")
    record("growth", 0.0823)
    record("by_region", FRAME)
    record("quiet", 1, show=False)
    said = capsys.readouterr().out
    assert said.startswith("Revenue 收入: 386,000,000 CNY\ngrowth: 0.0823\n")
    assert "east" in said
    assert "quiet" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Revenue", "1st", "a b", "", "收入", "a/b"])
def test_a_name_is_a_name(name):
    with pytest.raises(ParameterError):
        record(name, 1)


@pytest.mark.parametrize("value", [1, FRAME, Drawing()])
def test_a_name_is_recorded_once(folder, value):
    record("x", value)
    with pytest.raises(ParameterError, match="recorded before"):
        record("x", value)
    record("xx", value)


def test_what_cannot_be_kept_is_refused(folder):
    with pytest.raises(InputError, match="a list cannot be recorded"):
        record("x", [1, 2])
    assert not (folder / JOURNAL).exists()


def test_a_table_becomes_a_file_with_its_labels(folder):
    record("by_region", FRAME, label=("By region", "分大区"), columns={"region": ("Where", "何处")})
    stored = pq.read_table(folder / "tables" / "by_region.parquet")
    assert stored.schema.field("amount").type == pa.decimal128(18, 2)
    assert stored.to_pylist()[1] == {"region": "north", "amount": Decimal("2.00")}
    (entry,) = read_journal(folder)
    assert entry["rows"] == 2
    assert entry["columns"] == [{"name": "region", "label": ["Where", "何处"]}, {"name": "amount"}]


def test_a_table_of_a_report_brings_title_labels_and_kinds(folder):
    view = TableView(
        FRAME,
        [Col("region", "Region"), Col("amount", "Amount", kind="money")],
        lang=EN,
        title="East is half of north",
    )
    record("by_region", view)
    (entry,) = read_journal(folder)
    assert entry["label"] == "East is half of north"
    assert entry["columns"] == [
        {"name": "region", "label": "Region", "kind": "text"},
        {"name": "amount", "label": "Amount", "kind": "money", "unit": "CNY"},
    ]


def test_a_series_is_a_table(folder):
    record("shares", pd.Series([0.25, 0.75], index=pd.Index(["a", "b"], name="who"), name="share"))
    stored = pq.read_table(folder / "tables" / "shares.parquet")
    assert stored.to_pydict() == {"who": ["a", "b"], "share": [0.25, 0.75]}


def test_figures_and_pages(folder):
    record("finding", Drawing())
    record("first_page", FirstPage())
    assert "plain" in (folder / "figures" / "finding.svg").read_text()
    assert (folder / "figures" / "first_page.png").read_bytes() == b"PNG"
    assert (folder / "share.txt").read_text("utf-8") == "收入增长\n"
    entries = {entry["name"]: entry for entry in read_journal(folder)}
    assert entries["finding"]["label"] == "A finding"
    assert entries["finding"]["files"] == ["finding.svg", "finding.png"]


def test_all_results_at_once(folder):
    @dataclass(frozen=True)
    class Found:
        def summary(self):
            return {"total": 3.5}

        def tables(self):
            return {"by_region": FRAME}

        def draws(self):
            values = np.zeros((5, 1))
            return {"ahead": cube(values, name="sales", unit="CNY", period=["2027-01"], seed=7)}

        def figures(self, lang):
            return {"finding": Drawing()}

        def labels(self):
            return {
                "total": ("Total", "合计", "money"),
                "ahead": ("Ahead", "未来"),
                "by_region": ("By region", "分大区"),
                "amount": ("Sold", "销量", "number"),
            }

    record_results(Found(), EN)
    kinds = [(entry["kind"], entry["name"]) for entry in read_journal(folder)]
    assert kinds == [
        ("result", "total"), ("table", "by_region"), ("draws", "ahead"), ("figure", "finding")
    ]  # fmt: skip
    total, table, draws, _ = read_journal(folder)
    assert (draws["label"], draws["unit"], draws["seed"]) == (["Ahead", "未来"], "CNY", 7)
    assert (folder / "draws" / "ahead.parquet").is_file()
    assert (total["label"], total["value_kind"]) == (["Total", "合计"], "money")
    assert table["label"] == ["By region", "分大区"]
    assert table["columns"][1] == {"name": "amount", "label": ["Sold", "销量"], "kind": "number"}


def test_a_line_cut_short_is_left_out(folder):
    record("a", 1)
    with (folder / JOURNAL).open("a") as stream:
        stream.write('{"kind": "result", "na')
    assert [entry["name"] for entry in read_journal(folder)] == ["a"]


PRESENT = ["account", "case", "order_line", "quote", "rep"]


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("select * from order_line l join attribution a on 1", ["account", "order_line"]),
        ('select 1 from order_line l, "rep" as r, account where 1',
         ["account", "order_line", "rep"]),
        ("with a as (select * from\n  order_line) select * from a asof left join rep using (x)",
         ["order_line", "rep"]),
        ("SELECT x FROM x WHERE y IN (SELECT z FROM rep)", ["rep"]),
        ("select case when level = 'rep' then quote end as account from kept.rows_1", []),
        ("select 1 from x where a is distinct from case when b then 1 end", []),
        ("select order_lines from order_lines", []),
    ],
)  # fmt: skip
def test_tables_that_a_query_reads(folder, query, read):
    note_tables(query, PRESENT)
    assert [entry["tables"] for entry in read_journal(folder)] == ([read] if read else [])


# -- Parquet ------------------------------------------------------------------------------------


def stored(frame: pd.DataFrame, path) -> pa.Table:
    write_table(frame, path)
    return pq.read_table(path)


def test_kinds_that_only_pandas_knows_become_plain(tmp_path):
    frame = pd.DataFrame(
        {
            "month": pd.period_range("2026-01", periods=2, freq="M"),
            "size": pd.Categorical(["small", None]),
            "day": pd.to_datetime(["2026-07-31", None]),
            "instant": pd.to_datetime(["2026-07-31 08:15", "2026-08-01 00:00"]),
            "text": ["a", None],
            "amount": pd.Series(["1.10", None], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
        }
    )
    table = stored(frame, tmp_path / "t.parquet")
    assert table.to_pylist()[0] == {
        "month": "2026-01",
        "size": "small",
        "day": dt.date(2026, 7, 31),
        "instant": dt.datetime(2026, 7, 31, 8, 15),
        "text": "a",
        "amount": Decimal("1.10"),
    }
    assert [table.column(name)[1].as_py() for name in ("size", "day", "text", "amount")] == [
        None
    ] * 4
    assert table.schema.metadata is None


def test_levels_of_columns_and_rows_become_names(tmp_path):
    frame = pd.DataFrame(
        [[1, 2]],
        index=pd.MultiIndex.from_tuples([("east", 2026)], names=["region", "year"]),
        columns=pd.MultiIndex.from_tuples([("revenue", "now"), ("revenue", "before")]),
    )
    table = stored(frame, tmp_path / "t.parquet")
    assert table.column_names == ["region", "year", "revenue_now", "revenue_before"]


def test_mixed_columns_are_refused(tmp_path):
    with pytest.raises(InputError, match="mixes kinds"):
        write_table(pd.DataFrame({"x": [1, "a"]}), tmp_path / "t.parquet")


@given(
    numbers=st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=1, max_size=20),
    words=st.lists(st.none() | st.text(max_size=6), min_size=1, max_size=20),
)
def test_the_same_frame_gives_the_same_bytes(tmp_path_factory, numbers, words):
    folder, size = tmp_path_factory.mktemp("bytes"), min(len(numbers), len(words))
    digests = set()
    for turn in range(2):
        frame = pd.DataFrame({"number": numbers[:size], "word": words[:size]})
        frame.attrs["turn"] = turn  # what pandas would keep in its metadata
        write_table(frame, folder / f"{turn}.parquet")
        digests.add(hashlib.sha256((folder / f"{turn}.parquet").read_bytes()).hexdigest())
    assert len(digests) == 1


# -- draws and assumptions ----------------------------------------------------------------------


def test_a_scenario_cube_is_kept_with_the_run(folder):
    draws = cube(
        [[[1.0, 2.0]], [[3.0, 4.0]]],
        name="sales",
        unit="CNY",
        period=["2027-01"],
        keys={"region": ["east", "north"]},
        seed=7,
    )
    record("sales", draws, label=("Sales", "销售"))
    (entry,) = read_journal(folder)
    assert entry == {
        "kind": "draws",
        "name": "sales",
        "label": ["Sales", "销售"],
        "unit": "CNY",
        "dims": {"draw": 2, "period": 1, "region": 2},
        "seed": 7,
        "files": ["sales.parquet"],
    }
    assert load_cube(folder / "draws" / "sales.parquet").identical(draws)


def test_a_cube_is_described_in_words(folder, capsys):
    draws = cube(np.zeros((1200, 1)), name="sales", unit="CNY", period=["2027-01"])
    record("sales", draws)
    said = "sales: draws/sales.parquet, 1,200 draw x 1 period"
    assert capsys.readouterr().out.strip() == said


@dataclass(frozen=True)
class Assuming:
    """Results that say what they rest on."""

    def summary(self):
        return {}

    tables = labels = summary

    def figures(self, lang):
        return {}

    def assumptions(self, lang):
        return [("Period", "The year."), "All in CNY."]


def test_what_results_take_for_granted_is_filed(folder):
    record_results(Assuming(), EN)
    assert [(each["subject"], each["text"]) for each in read_journal(folder)] == [
        ("Period", "The year."),
        ("", "All in CNY."),
    ]
