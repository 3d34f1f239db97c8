"""Merging accounts: every reference re-pointed, nothing else changed, undone byte for byte."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.loaders.dedup import (
    apply_merge,
    merged_ids,
    propose,
    undo_merge,
)
from workbench.loaders.dedup.console import apply_merge_file, find_duplicates, undo_newest_merge
from workbench.loaders.dedup.merge_file import resolve
from workbench.loaders.dedup.validity import free_days
from workbench.loaders.versions import Change
from workbench.tables import TABLES
from workbench.tables.store import arrow_schema
from workbench.text import Language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
DAY = dt.date(2026, 1, 1)
REFERRING = {
    name: [c.name for c in table.columns if c.references == "account.account_id"]
    for name, table in TABLES.items()
    if any(c.references == "account.account_id" for c in table.columns)
}


def day(month: int, number: int = 1) -> dt.date:
    return dt.date(2026, month, number)


# -- a small company with one row in every table that names accounts


def company(folder: Path) -> Path:
    """Accounts A1 to A4; every referring table has rows of A1, A2 and A3."""
    folder.mkdir(parents=True, exist_ok=True)
    write(
        folder,
        "account",
        [
            {"account_id": "A1", "name": "恒拓电子有限公司", "credit_code": "X1", "phone": None},
            {
                "account_id": "A2",
                "name": "恒拓电子有限责任公司",
                "phone": "021-1",
                "industry": "电子",
            },
            {"account_id": "A3", "name": "恒拓", "phone": "021-2", "former_name": "恒达"},
            {"account_id": "A4", "name": "澜岳", "phone": None},
        ],
        created_date=DAY,
        customer_type="regular",
    )
    for name in REFERRING:
        rows = [{"account_id": f"A{k}", TABLES[name].key[0]: f"K{k}"} for k in (1, 2, 3)]
        if "account_id" not in TABLES[name].key:
            write(folder, name, rows)
    owners = [("A1", 3, None), ("A2", 1, 5), ("A3", 1, 2), ("A4", 1, None)]
    write(
        folder,
        "assignment",
        [
            {"account_id": a, "rep_id": f"R{a}", "valid_from": day(f), "valid_to": t and day(t)}
            for a, f, t in owners
        ],
        region="east",
    )
    limits = [("A1", 2, 100), ("A1", 9, 120), ("A2", 1, 40), ("A2", 6, 50)]
    write(
        folder,
        "credit_limit",
        [{"account_id": a, "valid_from": day(m), "limit_amount": Decimal(x)} for a, m, x in limits],
        currency="CNY",
    )
    (folder / "company.yaml").write_text("base_currency: CNY\n")
    return folder


def write(folder: Path, name: str, rows: list[dict], **same: object) -> None:
    rows = [{**same, **row} for row in rows]
    schema = arrow_schema(name, {column for row in rows for column in row})
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")


def read(folder: Path, name: str) -> list[dict]:
    return pq.ParquetFile(folder / f"{name}.parquet").read().to_pylist()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the papers of changes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).as_posix().startswith("imports/2")
    }


def test_every_declared_reference_is_repointed(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    result = apply_merge(folder, {"A2": "A1", "A3": "A1"})
    for name, columns in REFERRING.items():
        for column in columns:
            assert {row[column] for row in read(folder, name)} <= {"A1", "A4"}, name
    assert [row["account_id"] for row in read(folder, "account")] == ["A1", "A4"]
    counted = result.repointed.set_index("table")["rows"].to_dict()
    assert counted == dict.fromkeys(REFERRING, 2)


def test_gaps_are_filled_and_what_is_there_stays(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    result = apply_merge(folder, {"A2": "A1", "A3": "A1"})
    kept = read(folder, "account")[0]
    assert (kept["name"], kept["credit_code"]) == ("恒拓电子有限公司", "X1")
    assert (kept["phone"], kept["industry"]) == ("021-1", "电子")  # the first that has it
    assert kept["former_name"] == "恒拓电子有限责任公司"
    filled = result.filled.set_index("column")
    assert filled["from_id"].to_dict() == {"phone": "A2", "industry": "A2", "former_name": "A2"}
    assert set(filled["account_id"]) == {"A1"}


@pytest.mark.parametrize(
    ("standing", "merged", "former"),
    [
        ({"name": "甲"}, {"name": "乙"}, "乙"),
        ({"name": "甲"}, {"name": "甲"}, None),
        ({"name": "甲", "former_name": "丙"}, {"name": "乙"}, "丙"),
        ({"name": "甲"}, {"name": "乙", "former_name": "丁"}, "丁"),
        ({"name": "甲"}, {"name": "乙", "former_name": "甲"}, "乙"),  # not its own name
    ],
)
def test_former_name_is_another_name_it_can_be_found_by(
    tmp_path: Path, standing: dict, merged: dict, former: str | None
) -> None:
    rows = [{"account_id": "A1", **standing}, {"account_id": "A2", **merged}]
    write(tmp_path, "account", rows)
    apply_merge(tmp_path, {"A2": "A1"})
    assert read(tmp_path, "account")[0].get("former_name") == former


def test_owners_stay_one_a_day(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    result = apply_merge(folder, {"A2": "A1", "A3": "A1"})
    owners = [
        (row["rep_id"], row["valid_from"], row["valid_to"])
        for row in read(folder, "assignment")
        if row["account_id"] == "A1"
    ]
    assert owners == [("RA2", day(1), day(2, 28)), ("RA1", day(3), None)]
    listed = result.overlapping[result.overlapping["table"] == "assignment"]
    assert dict(zip(listed["key"], listed["done"], strict=True)) == {
        "A2 · 2026-01-01": "cut to 2026-01-01 to 2026-02-28",
        "A3 · 2026-01-01": "dropped",
    }


def test_the_limit_of_the_account_that_stands_goes_on(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    result = apply_merge(folder, {"A2": "A1"})
    limits = [(row["valid_from"], row["limit_amount"]) for row in read(folder, "credit_limit")]
    assert limits == [(day(1), 40), (day(2), 100), (day(9), 120)]
    listed = result.overlapping[result.overlapping["table"] == "credit_limit"]
    assert listed[["key", "done"]].to_numpy().tolist() == [["A2 · 2026-06-01", "dropped"]]


@given(
    span=st.tuples(st.integers(0, 30), st.integers(0, 12)),
    held=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=5),
)
def test_free_days_are_the_days_that_nobody_holds(
    span: tuple[int, int], held: list[tuple[int, int]]
) -> None:
    def days(first: int, more: int) -> tuple[dt.date, dt.date]:
        return DAY + dt.timedelta(first), DAY + dt.timedelta(first + more)

    def each(spans: list[tuple[dt.date, dt.date]]) -> list[dt.date]:
        return [a + dt.timedelta(k) for a, b in spans for k in range((b - a).days + 1)]

    taken = [days(*one) for one in held]
    free = each(free_days(days(*span), taken))
    assert free == sorted(set(each([days(*span)])) - set(each(taken)))


def test_undo_brings_back_every_byte(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    states = [contents(folder)]
    apply_merge(folder, {"A3": "A2"})
    states.append(contents(folder))
    apply_merge(folder, {"A2": "A1"})
    assert merged_ids(folder) == {"A3": "A1", "A2": "A1"}  # the former merge follows
    for before in reversed(states):
        undo_merge(folder)
        assert contents(folder) == before
    assert merged_ids(folder) == {}


def test_an_import_after_the_merge_is_not_undone_by_it(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    apply_merge(folder, {"A2": "A1"})
    with Change(folder, kind="import") as change:
        change.write_text("note.txt", "later")
    before = contents(folder)
    with pytest.raises(InputError, match="no merge"):
        undo_merge(folder)
    assert contents(folder) == before


def test_tables_in_parts_are_rewritten_and_come_back(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    whole = pq.read_table(folder / "invoice.parquet")
    (folder / "invoice.parquet").unlink()
    (folder / "invoice").mkdir()
    for place in range(len(whole)):
        pq.write_table(whole.slice(place, 1), folder / "invoice" / f"part-{place}.parquet")
    before = contents(folder)
    apply_merge(folder, {"A2": "A1"})
    assert [row["account_id"] for row in read(folder, "invoice")] == ["A1", "A1", "A3"]
    undo_merge(folder)
    assert contents(folder) == before


def test_tables_that_name_no_merged_account_keep_their_bytes(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    before = contents(folder)
    result = apply_merge(folder, {"A4": "A1"})
    after = contents(folder)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"account.parquet", "assignment.parquet"}
    assert result.repointed["table"].tolist() == ["assignment"]


def test_origins_of_rows_follow(tmp_path: Path) -> None:
    folder = company(tmp_path / "c")
    origins = folder / "imports" / "keys"
    origins.mkdir(parents=True)
    keys = {
        "account": ["A1", "A2", "A4"],
        "credit_limit": ["A1\x1f2026-02-01", "A2\x1f2026-01-01", "A2\x1f2026-06-01"],
    }
    for name, values in keys.items():
        table = pa.table({"key": values, "origin": ["crm"] * len(values)})
        pq.write_table(table, origins / f"{name}.parquet")
    apply_merge(folder, {"A2": "A1"})
    left = {name: pq.read_table(origins / f"{name}.parquet")["key"].to_pylist() for name in keys}
    assert left["account"] == ["A1", "A4"]  # else A2 would be called gone by the next import
    assert left["credit_limit"] == ["A1\x1f2026-01-01", "A1\x1f2026-02-01"]


@pytest.mark.parametrize(
    ("merges", "said"),
    [
        ({}, "no merge is approved"),
        ({"A9": "A1"}, "1 ids are no accounts"),
        ({"A1": "A9"}, "1 ids are no accounts"),
        ({"A3": "A2", "A2": "A1"}, "to stand and to be merged"),
    ],
)
def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    tmp_path: Path, merges: dict[str, str], said: str
) -> None:
    folder = company(tmp_path / "c")
    before = contents(folder)
    with pytest.raises(InputError, match=said):
        apply_merge(folder, merges)
    assert contents(folder) == before


# -- the whole sample


CHECKED = {"account", "assignment", "credit_limit", "contact", "order_line", "contract", "receipt"}


@pytest.fixture(scope="module")
def merged_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company with all proposals merged."""
    folder = tmp_path_factory.mktemp("sample") / "company"
    folder.mkdir()
    for name in CHECKED:
        shutil.copy(SAMPLE / f"{name}.parquet", folder)
    found = propose(pd.read_parquet(SAMPLE / "account.parquet"))
    apply_merge(folder, resolve(zip(found["account_id"], found["duplicate_id"], strict=True)))
    return folder


def test_no_row_and_no_money_is_lost_in_the_sample(merged_sample: Path) -> None:
    levels = {"account", "assignment", "credit_limit"}  # rows of these are meant to go
    for name in sorted(CHECKED - levels):
        path = SAMPLE / f"{name}.parquet"
        old, new = pq.read_table(path), pq.read_table(merged_sample / path.name)
        assert old.schema.equals(new.schema, check_metadata=True)
        same = [name for name in old.column_names if name != "account_id"]
        assert old.select(same).equals(new.select(same)), name
    lines = "order_line.parquet"
    old, new = (pd.read_parquet(folder / lines) for folder in (SAMPLE, merged_sample))
    assert old["account_id"].nunique() > new["account_id"].nunique()
    assert old["amount"].sum() == new["amount"].sum()


def test_each_account_of_the_sample_has_one_owner_a_day(merged_sample: Path) -> None:
    rows = pd.read_parquet(merged_sample / "assignment.parquet")
    rows = rows.sort_values(["account_id", "valid_from"])
    following = rows.groupby("account_id")["valid_from"].shift(-1)
    ends = rows["valid_to"].fillna(dt.date.max)
    assert (ends[following.notna()] < following[following.notna()]).all()
    accounts = pd.read_parquet(merged_sample / "account.parquet")["account_id"]
    assert set(rows["account_id"]) <= set(accounts)


# -- the command


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_finds_applies_and_undoes(tmp_path: Path, lang: str) -> None:
    folder, said = company(tmp_path / "c"), Language(lang)
    before, path = contents(folder), tmp_path / "merge.csv"
    lines = find_duplicates(folder, path, lang=said)
    assert str(path) in "".join(lines)
    sheet = pd.read_csv(path, dtype=str)
    assert {"A1", "A2"} <= set(sheet.iloc[0])
    sheet.iloc[0, -1] = "y"
    sheet.to_csv(path, index=False)
    lines = apply_merge_file(folder, path, lang=said)
    assert "1" in lines[0]
    paper = next((folder / "imports").glob("2*/merge.csv"))
    assert str(paper) in "".join(lines)
    assert {"merged", "filled", "re-pointed"} <= set(pd.read_csv(paper)["done"])
    undo_newest_merge(folder, lang=said)
    assert contents(folder) == before


def test_the_command_says_where_nothing_looks_alike(tmp_path: Path) -> None:
    write(tmp_path, "account", [{"account_id": "A1", "name": "甲"}], created_date=DAY)
    lines = find_duplicates(tmp_path, tmp_path / "merge.csv", lang=Language("en"))
    assert lines == ["1 accounts, none looks like another"]
    assert not (tmp_path / "merge.csv").exists()
