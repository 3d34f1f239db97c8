"""JSON, JSON lines and Parquet: any nesting flat, numbers as written, systems by their shape."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from workbench.loaders.files import open_paths
from workbench.loaders.layout import open_sheet
from workbench.loaders.raw import DATA

FIXTURES = Path(__file__).parent / "fixtures"


def grid_of(tmp_path, content, name="t.json"):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    grids, skipped = open_paths([path], work=tmp_path / "work")
    assert not skipped
    return grids[0]


def records(grid):
    """Rows as dictionaries without their empty cells."""
    (_, names), *rows = grid.rows()
    return [
        {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
        for _, cells in rows
    ]


def fixture(name, tmp_path):
    grids, skipped = open_paths([FIXTURES / name], work=tmp_path)
    assert not skipped
    return grids[0]


@pytest.mark.parametrize(
    ("name", "system", "kind", "cells"),
    [
        (
            "zoho_v8_deals_page1.json",
            "zoho",
            "",
            {
                "id": "4000000000000200001",
                "Owner.name": "Lin Demo",
                "Owner.id": "4000000000000100001",
                "Account_Name.name": "Demo account 1",
                "Amount": "120000",
                "Expected_Revenue": "12000.0",
                "$editable": "TRUE",
            },
        ),
        (
            "fxiaoke_query_newopportunity.json",
            "fxiaoke",
            "NewOpportunityObj",
            {
                "sales_stage": "opt1",
                "sales_stage__r": "需求确认",
                "amount": "120000.00",
                "close_date": "1796054400000",
                "owner": "1000",
                "owner__r.name": "演示员工",
                "is_deleted": "FALSE",
            },
        ),
        (
            "hubspot_deals_page.json",
            "hubspot",
            "",
            {"id": "123", "dealname": "Demo 1", "amount": "120000.5", "hs_is_closed_won": "false"},
        ),
        (
            "salesforce_query_page1.json",
            "salesforce",
            "Opportunity",
            {"Id": "006000000000001AAA", "Account.Name": "Demo account", "IsWon": "FALSE"},
        ),
        (
            "odoo_search_read_crm_lead.json",
            "odoo",
            "",
            {
                "partner_id.id": "12",
                "partner_id.name": "Demo account",
                "expected_revenue": "120000.0",
                "active": "TRUE",
            },
        ),
    ],
)
def test_replies_of_each_system_are_read_and_known_by_their_shape(
    tmp_path, name, system, kind, cells
):
    grid = fixture(name, tmp_path)
    assert (grid.system, grid.object, grid.named) == (system, kind, True)
    assert cells.items() <= records(grid)[0].items()


def test_an_object_beside_its_own_parts_is_no_column(tmp_path):
    (_, names), *_ = fixture("zoho_v8_deals_page1.json", tmp_path).rows()
    assert "Owner" not in names
    assert "Contact_Name" in names  # empty in every record: nothing says that it has parts
    (_, names), *_ = fixture("salesforce_query_page1.json", tmp_path).rows()
    assert not [name for name in names if "attributes" in name]


def test_false_of_odoo_is_empty_but_in_fields_of_truth(tmp_path):
    (_, names), (_, cells), *_ = fixture("odoo_search_read_crm_lead.json", tmp_path).rows()
    row = dict(zip(names, cells, strict=True))
    assert row["date_closed"] is None
    assert row["lost_reason_id"] is None
    lead = {"jsonrpc": "2.0", "result": [{"id": 1, "phone": False, "active": False, "flag": True}]}
    lead["result"].append({"id": 2, "phone": "1", "active": False, "flag": False})
    assert records(grid_of(tmp_path, lead)) == [
        {"id": "1", "active": "FALSE", "flag": "TRUE"},
        {"id": "2", "phone": "1", "active": "FALSE", "flag": "FALSE"},
    ]


@pytest.mark.parametrize(
    ("value", "system", "kind"),
    [
        ([{"a": 1}], "", ""),
        ({"data": [{"a": 1}]}, "", ""),
        ({"records": [{"a": 1}]}, "", ""),
        ({"results": [{"a": 1}]}, "", ""),
        ({"message": [{"a": 1, "doctype": "Opportunity"}]}, "erpnext", "Opportunity"),
        ({"data": [{"a": 1}], "info": {"more_records": False}}, "zoho", ""),
        (
            {"@odata.context": "x/$metadata#opportunities(a)", "value": [{"a": 1}]},
            "dynamics365",
            "opportunities",
        ),
        ({"total": 1, "list": [{"a": 1}]}, "espocrm", ""),
        ({"errorCode": 0, "data": {"dataList": [{"a": 1}]}}, "fxiaoke", ""),
    ],
)
def test_records_are_found_in_every_wrapper(tmp_path, value, system, kind):
    grid = grid_of(tmp_path, value)
    assert records(grid)[0]["a"] == "1"
    assert (grid.system, grid.object, grid.source.sheet) == (system, kind, "")


def test_several_lists_are_several_sheets(tmp_path):
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"accounts": [{"a": 1}], "deals": [{"b": 2}, {"b": 3}]}))
    grids, _ = open_paths([path], work=tmp_path / "work")
    assert [grid.source.sheet for grid in grids] == ["accounts", "deals"]
    assert records(grids[1]) == [{"b": "2"}, {"b": "3"}]


def test_numbers_keep_every_digit_and_nesting_becomes_flat(tmp_path):
    text = (
        '[{"id": 4000000000000200001, "x": 0.10, "big": 1e400, "nan": NaN, "tags": ["a", "b"],'
        ' "people": [{"id": 1, "name": "林某"}, {"name": "王某"}], "deep": {"a": {"b": true}},'
        ' "pair": ["1", "2"], "none": [], "raw": [{"k": 1}]}]'
    )
    assert records(grid_of(tmp_path, text)) == [
        {
            "id": "4000000000000200001",
            "x": "0.10",
            "big": "1e400",
            "tags": "a;b",
            "people": "林某;王某",
            "deep.a.b": "TRUE",
            "pair": "1;2",
            "raw": '{"k": "1"}',
        }
    ]


def test_records_need_not_have_the_same_fields(tmp_path):
    grid = grid_of(tmp_path, [{"a": 1}, {"b": 2, "a": None}])
    assert list(grid.rows()) == [(0, ["a", "b"]), (1, ["1", None]), (2, [None, "2"])]
    sheet = open_sheet(grid, work=tmp_path)
    assert (sheet.headers, sheet.first_row, sheet.head_rows) == (["a", "b"], 1, 0)
    assert sheet.counts[DATA] == 2


def test_the_first_line_of_a_pull_names_system_and_object_and_is_no_row(tmp_path):
    lines = (
        '{"_system": "zoho", "_object": "Deals"}\n{"id": 1, "Owner": {"name": "L"}}\n\n{"x": 2}\n'
    )
    grid = grid_of(tmp_path, lines, "pull.jsonl")
    assert (grid.system, grid.object) == ("zoho", "Deals")
    assert list(grid.rows()) == [
        (0, ["id", "Owner.name", "x"]),
        (2, ["1", "L", None]),
        (4, [None, None, "2"]),
    ]


def test_json_lines_cut_off_keep_the_whole_lines(tmp_path):
    grid = grid_of(tmp_path, '{"a": 1}\n{"a": 2}\n{"a": 3, "b', "t.ndjson")
    assert records(grid) == [{"a": "1"}, {"a": "2"}]
    assert grid.notes["truncated"] == "line 3"


def test_json_lines_under_the_name_of_json_are_read(tmp_path):
    assert records(grid_of(tmp_path, '{"a": 1}\n{"a": 2}\n')) == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fxiaoke_error_offset.json", "10013: offset out of range 10000"),
        ("zoho_error_invalid_token.json", "INVALID_TOKEN: demo"),
        ("zoho_oauth_refresh_bad.json", "invalid_code"),
    ],
)
def test_an_error_saved_as_a_file_is_told(tmp_path, name, told):
    grids, [skipped] = open_paths([FIXTURES / name], work=tmp_path)
    assert not grids
    assert skipped.refused
    assert skipped.message.endswith(told)


@pytest.mark.parametrize(
    "name", ["fxiaoke_describe_newopportunity.json", "zoho_settings_fields_deals.json"]
)
def test_descriptions_of_fields_are_no_records(tmp_path, name):
    grids, [skipped] = open_paths([FIXTURES / name], work=tmp_path)
    assert not grids
    assert not skipped.refused


@pytest.mark.parametrize(
    ("content", "message", "where"),
    [
        ('[{"a": 1}, {"a": 2', "the JSON was cut off", "t.json, line 1, column 19"),
        ('[{"a": 1},\n {"a" 2}]', "the file is not JSON", "t.json, line 2, column 7"),
        ("[" * 100_000, "nested too deeply", ""),
        ('{"a": 1}\n[2]\n', "no JSON record", "t.json, line 2"),
    ],
)
def test_broken_json_is_refused_with_its_place(tmp_path, content, message, where):
    path = tmp_path / "t.json"
    path.write_text(content)
    grids, [skipped] = open_paths([path], work=tmp_path / "work")
    assert not grids
    assert message in skipped.message
    assert skipped.details.get("where", "") == where


def test_parquet_comes_as_exact_text(tmp_path):
    table = pa.table(
        {
            "id": pa.array([4000000000000200001, None]),
            "amount": pa.array([Decimal("120000.50"), None], pa.decimal128(18, 2)),
            "share": [0.6, float("nan")],
            "whole": [1235000.0, 1e-7],
            "day": pa.array([dt.date(2024, 8, 21), None]),
            "at": pc.assume_timezone(
                pa.array([dt.datetime(2024, 8, 21, 9, 30), None], pa.timestamp("ms")),
                "Asia/Shanghai",
            ),
            "plain": pa.array([dt.datetime(2024, 8, 21, 9, 30), None]),
            "won": [True, False],
            "owner": pa.array([{"id": 1, "name": "林某"}, None]),
            "tags": pa.array([["a", "b"], []]),
            "stage": pa.array(["赢单", ""]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    [grid], skipped = open_paths([tmp_path / "t.parquet"], work=tmp_path / "work")
    assert not skipped
    assert records(grid) == [
        {
            "id": "4000000000000200001",
            "amount": "120000.50",
            "share": "0.6",
            "whole": "1235000",
            "day": "2024-08-21",
            "at": "2024-08-21T09:30:00+08:00",
            "plain": "2024-08-21T09:30:00",
            "won": "TRUE",
            "owner.id": "1",
            "owner.name": "林某",
            "tags": "a;b",
            "stage": "赢单",
        },
        {"whole": "0.0000001", "won": "FALSE"},
    ]
    sheet = open_sheet(grid, work=tmp_path)
    assert sheet.counts[DATA] == 2
    assert sheet.column(sheet.headers.index("amount")).to_pylist() == ["120000.50", None]
    assert [list(block.rows) for block in sheet.blocks()] == [[1, 2]]


def test_a_parquet_cut_off_is_refused(tmp_path):
    pq.write_table(pa.table({"a": list(range(1000))}), tmp_path / "t.parquet")
    content = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(content[: len(content) // 2])
    grids, [skipped] = open_paths([tmp_path / "t.parquet"], work=tmp_path / "work")
    assert not grids
    assert "damaged or was not copied whole" in skipped.message
