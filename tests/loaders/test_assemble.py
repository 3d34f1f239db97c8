"""Staged rows into tables: ids from names, keys, doubles, what is only named, the company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.sheets import ListSheet, mapped
from workbench.company import open_company
from workbench.loaders.assemble import assemble, connect, repoint
from workbench.loaders.convert import LINE, MODIFIED, PEOPLE, ROW, Staged
from workbench.loaders.doubles import drop_doubles
from workbench.loaders.into import existing_tables, merge
from workbench.loaders.ledger import Cells, Money
from workbench.loaders.versions import Change
from workbench.tables import TABLES
from workbench.tables.store import arrow_type

DAY = dt.date(2026, 3, 2)


class Bench:
    """A small import: rows in, tables out."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.staged: list[Staged] = []
        self.cells, self.money = Cells(work / "cells.parquet"), Money()
        self.connection = connect(work)

    def rows(self, table: str, rows: list[dict[str, Any]], file: str = "sheet.csv") -> None:
        """Stage rows as `convert` does."""
        declared = TABLES[table]
        targets = [name for name in rows[0] if not name.startswith("_")]
        sheet = ListSheet(targets, [[str(r[t]) for t in targets] for r in rows], file=file)
        columns: dict[str, Any] = {}
        for target in targets:
            kind = "text" if "." in target else declared.column(target).kind
            columns[target] = pa.array([row[target] for row in rows], arrow_type(kind))
        texts = ["|".join(str(row[t]) for t in targets) for row in rows]
        columns[ROW] = pa.array(range(2, 2 + len(rows)), pa.int64())
        columns[LINE] = pa.array([hash(text) % 2**63 for text in texts], pa.uint64())
        times = [row.get("_modified") for row in rows]
        columns[MODIFIED] = pa.array(times, pa.timestamp("us", "Asia/Shanghai"))
        columns[PEOPLE] = pa.array([row.get("_people") for row in rows], pa.string())
        path = self.work / f"staged{len(self.staged)}.parquet"
        pq.write_table(pa.table(columns), path)
        mapping = mapped(table, {target: target for target in targets})
        own = {target for target in targets if "." not in target}
        keyed = set(declared.key) <= own
        counts = {"taken": len(rows), "refused": 0}
        self.staged.append(
            Staged(sheet, mapping, table, path, columns=own, keyed=keyed, counts=counts)
        )

    def made(self, company: Path | None = None) -> dict[str, pd.DataFrame]:
        """The tables, doubles dropped, in the order of the rows."""
        self.found = assemble(self.connection, self.staged, existing_tables(company))
        self.placed = {
            name: drop_doubles(self.connection, one, self.cells, self.money)
            for name, one in self.found.items()
        }
        return {name: self.frame(name) for name in self.found}

    def frame(self, name: str) -> pd.DataFrame:
        """One table as it was assembled."""
        rows = self.connection.cursor().sql(f'select * from "one_{name}" order by _source, {ROW}')
        return rows.to_arrow_table().to_pandas(date_as_object=False)

    def into(self, company: Path, *, partial: bool = False) -> None:
        """Merge into a company."""
        existing = existing_tables(company)
        self.made(company)
        with Change(company) as change:
            for name, one in self.found.items():
                origins = dict.fromkeys(range(len(self.staged)), "" if partial else f"test:{name}")
                merge(
                    self.connection,
                    one,
                    self.placed[name],
                    existing=existing.get(name),
                    change=change,
                    origins=origins,
                )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.connection.close()


def fresh(tmp_path: Path, name: str) -> Bench:
    """Another import beside the first."""
    folder = tmp_path / name
    folder.mkdir()
    return Bench(folder)


def deal(name: str, account: str = "甲公司", **more: Any) -> dict[str, Any]:
    base = {"name": name, "account.name": account, "created_date": DAY, "status": "open"}
    return {**base, "amount": Decimal("100.00"), **more}


def test_names_become_ids_and_those_only_named_get_a_row(bench: Bench) -> None:
    bench.rows("opportunity", [deal("一", "甲公司"), deal("二", "甲 公司"), deal("三", "乙公司")])
    tables = bench.made()
    deals, accounts = tables["opportunity"], tables["account"]
    assert deals["account_id"].nunique() == 2
    assert set(deals["account_id"]) == set(accounts["account_id"])
    assert sorted(accounts["name"]) == ["乙公司", "甲 公司"]


def test_an_id_of_the_import_or_the_company_goes_before_a_made_one(
    bench: Bench, tmp_path: Path
) -> None:
    company = tmp_path / "company"
    company.mkdir()
    pq.write_table(
        pa.table({"account_id": ["A9"], "name": ["乙公司"]}), company / "account.parquet"
    )
    bench.rows("account", [{"account_id": "A1", "name": "甲公司"}], file="a.csv")
    bench.rows("opportunity", [deal("一", "甲公司"), deal("二", "乙公司")], file="b.csv")
    tables = bench.made(company)
    assert list(tables["opportunity"]["account_id"]) == ["A1", "A9"]
    assert list(tables["account"]["account_id"]) == ["A1"]


def test_a_deal_without_a_key_is_found_again_when_its_amount_has_changed(tmp_path: Path) -> None:
    first, second = fresh(tmp_path, "one"), fresh(tmp_path, "two")
    first.rows("opportunity", [deal("一"), deal("二")])
    second.rows("opportunity", [deal("二", amount=Decimal("900.00")), deal("一")])
    ids = [
        frame.set_index("name")["opportunity_id"].to_dict()
        for frame in (first.made()["opportunity"], second.made()["opportunity"])
    ]
    assert ids[0] == ids[1]


def test_equal_lines_without_a_key_are_kept_and_flagged(bench: Bench) -> None:
    bench.rows("opportunity", [deal("一"), deal("二"), deal("一")])
    frame = bench.made()["opportunity"]
    assert len(frame) == frame["opportunity_id"].nunique() == 3
    flagged = bench.cells.listed()
    assert list(flagged["reason"]) == ["equal_line"]
    assert list(flagged["row"]) == [4]
    assert not bench.placed["opportunity"].duplicates


KEYED = {"opportunity_id": "D1", "name": "一", "status": "open"}


@pytest.mark.parametrize(
    ("rows", "kept", "reason"),
    [
        # the same twice; later line; later change though it stands first
        ([{**KEYED, "amount": 1}, {**KEYED, "amount": 1}], 1, "double_same"),
        ([{**KEYED, "amount": 1}, {**KEYED, "amount": 2}], 2, "double_other"),
        (
            [
                {**KEYED, "amount": 1, "_modified": dt.datetime(2026, 3, 2)},
                {**KEYED, "amount": 2, "_modified": dt.datetime(2026, 3, 1)},
            ],
            1,
            "double_other",
        ),
    ],
)
def test_one_row_a_key_stands(
    bench: Bench, rows: list[dict[str, Any]], kept: int, reason: str
) -> None:
    bench.rows("opportunity", [{**r, "amount": Decimal(r["amount"])} for r in rows])
    frame = bench.made()["opportunity"]
    assert list(frame["amount"]) == [kept]
    assert bench.placed["opportunity"].duplicates == {0: 1}
    assert list(bench.cells.listed()["reason"]) == [reason]


def test_money_kept_and_dropped_adds_up(bench: Bench) -> None:
    rows = [
        {"opportunity_id": key, "amount": Decimal(a), "currency": "CNY", "tax_basis": "incl"}
        for key, a in [("D1", 100), ("D1", 130), ("D2", 7)]
    ]
    bench.rows("opportunity", rows)
    bench.made()
    sums = bench.money.frame().iloc[0]
    assert (sums["kept"], sums["duplicates"]) == (Decimal("137.00"), Decimal("100.00"))


def test_sheets_with_other_columns_complete_each_other(bench: Bench) -> None:
    bench.rows("account", [{"account_id": "A1", "name": "甲", "industry": "food"}], file="a.csv")
    bench.rows("account", [{"account_id": "A1", "phone": "10012345678"}], file="b.csv")
    (row,) = bench.made()["account"].to_dict("records")
    assert (row["name"], row["industry"], row["phone"]) == ("甲", "food", "10012345678")


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    parts = {
        "a.csv": [{**KEYED, "amount": Decimal(1)}],
        "b.csv": [
            {**KEYED, "amount": Decimal(2)},
            {**KEYED, "opportunity_id": "D2", "amount": None},
        ],
    }
    frames = []
    for name, order in (("one", ["a.csv", "b.csv"]), ("two", ["b.csv", "a.csv"])):
        bench = fresh(tmp_path, name)
        for file in order:
            bench.rows("opportunity", parts[file], file=file)
        bench.staged.sort(key=lambda one: one.sheet.source)
        frames.append(bench.made()["opportunity"])
    pd.testing.assert_frame_equal(frames[0], frames[1])


def test_a_merged_account_stands_under_the_id_it_was_merged_into(bench: Bench) -> None:
    bench.rows("account", [{"account_id": "A1", "name": "甲"}, {"account_id": "A2", "name": "乙"}])
    bench.rows("opportunity", [{**KEYED, "account_id": "A2"}])
    found = assemble(bench.connection, bench.staged, {})
    repoint(bench.connection, found, {"A2": "A1"})
    rows = bench.connection.execute('select account_id from "new_opportunity"').fetchall()
    assert rows == [("A1",)]
    placed = drop_doubles(bench.connection, found["account"], bench.cells, bench.money)
    (account,) = bench.frame("account").to_dict("records")
    assert (account["account_id"], account["name"]) == ("A1", "甲")
    assert placed.duplicates == {0: 1}
    assert list(bench.cells.listed()["reason"]) == ["merged_account"]


def test_a_former_name_finds_its_account(bench: Bench, tmp_path: Path) -> None:
    company = tmp_path / "company"
    company.mkdir()
    accounts = {"account_id": ["A1"], "name": ["甲公司"], "former_name": ["旧名公司"]}
    pq.write_table(pa.table(accounts), company / "account.parquet")
    bench.rows("opportunity", [deal("一", "旧名公司")])
    assert list(bench.made(company)["opportunity"]["account_id"]) == ["A1"]


# -- into a company --------------------------------------------------------------------------------


def contract(key: str, amount: int, **more: Any) -> dict[str, Any]:
    row = {"contract_id": key, "signed_date": DAY, "amount": Decimal(amount)}
    return {**row, "currency": "CNY", "tax_basis": "incl", **more}


def amounts(company: Path) -> dict[str, int]:
    frame = pd.read_parquet(company / "contract.parquet")
    return dict(zip(frame["contract_id"], frame["amount"].astype(int), strict=True))


def test_a_second_import_updates_adds_and_flags(tmp_path: Path) -> None:
    company = tmp_path / "company"
    first = fresh(tmp_path, "one")
    first.rows("contract", [contract("C1", 1), contract("C2", 2), contract("C3", 3)])
    first.into(company)
    second = fresh(tmp_path, "two")
    second.rows("contract", [contract("C1", 1), contract("C2", 20), contract("C4", 4)])
    second.into(company)
    assert amounts(company) == {"C1": 1, "C2": 20, "C3": 3, "C4": 4}
    change = second.placed["contract"].change
    assert change is not None
    told = (change.before, change.after, change.added, change.updated, change.same, change.gone)
    assert told == (3, 4, 1, 1, 1, 1)
    assert second.placed["contract"].gone == ["C3"]


def test_a_file_of_the_next_month_calls_nothing_gone(tmp_path: Path) -> None:
    company = tmp_path / "company"
    for name, keys in (("one", ["C1", "C2"]), ("two", ["C3"])):
        bench = fresh(tmp_path, name)
        bench.rows("contract", [contract(key, 1) for key in keys])
        bench.into(company)
    assert not bench.placed["contract"].gone
    assert set(amounts(company)) == {"C1", "C2", "C3"}


def test_an_older_version_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    company = tmp_path / "company"
    for name, amount, day in (("one", 5, 9), ("two", 1, 8), ("three", 6, 10)):
        bench = fresh(tmp_path, name)
        bench.rows("contract", [contract("C1", amount, _modified=dt.datetime(2026, 3, day))])
        bench.into(company)
        change = bench.placed["contract"].change
        assert change is not None
        assert change.older == (name == "two")
    assert amounts(company) == {"C1": 6}


def test_a_column_the_sheet_does_not_have_keeps_what_is_there(tmp_path: Path) -> None:
    company = tmp_path / "company"
    first, second = fresh(tmp_path, "one"), fresh(tmp_path, "two")
    first.rows("contract", [contract("C1", 1, channel="direct", region="east", terms="3-3-3-1")])
    first.into(company)
    second.rows("contract", [contract("C1", 2, channel=None)])
    second.into(company)
    (row,) = pd.read_parquet(company / "contract.parquet").to_dict("records")
    assert (row["amount"], row["terms"]) == (Decimal("2.00"), "3-3-3-1")
    assert row["region"] == "east"
    assert pd.isna(row["channel"])  # the sheet has the column, and it is empty there


def test_a_region_that_nobody_tells_is_unassigned(tmp_path: Path) -> None:
    company, bench = tmp_path / "company", fresh(tmp_path, "one")
    bench.rows("contract", [contract("C1", 1)])
    bench.into(company)
    (row,) = open_company(company).table("contract").to_dict("records")
    assert row["region"] == "unassigned"
    assert open_company(company).label("region", row["region"], "zh") == "未分配"


def test_the_same_import_again_changes_no_byte(tmp_path: Path) -> None:
    company = tmp_path / "company"
    files = []
    for name in ("one", "two"):
        bench = fresh(tmp_path, name)
        bench.rows("contract", [contract("C2", 2), contract("C1", 1)])
        bench.into(company)
        files.append((company / "contract.parquet").read_bytes())
    assert files[0] == files[1]
    change = bench.placed["contract"].change
    assert change is not None and (change.same, change.updated, change.added) == (2, 0, 0)


def test_an_account_known_by_its_id_only_is_called_by_it(bench: Bench) -> None:
    bench.rows("contract", [contract("C1", 1, account_id="A7"), contract("C2", 2, account_id="A7")])
    (account,) = bench.made()["account"].to_dict("records")
    assert (account["account_id"], account["name"]) == ("A7", "A7")


def test_a_product_named_in_a_deal_gives_its_line_though_it_is_spelled_apart(bench: Bench) -> None:
    product = {"product_id": "P1", "name": "GTX Pro", "product_line": "equipment"}
    bench.rows("product", [product], file="a.csv")
    bench.rows("opportunity", [{**KEYED, "product.name": "GTXPro"}], file="b.csv")
    (row,) = bench.made()["opportunity"].to_dict("records")
    assert row["product_line"] == "equipment"
    assert bench.found["opportunity"].loose == [("product", 1, "GTXPro", "GTX Pro")]
