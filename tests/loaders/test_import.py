"""Whole imports, as a new user would do them: files in, a company and its report out."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from tests.support.sheets import write
from workbench.company import open_company
from workbench.errors import InputError
from workbench.loaders import Answers, import_paths, read_table, undo
from workbench.loaders.outcome import ImportReport
from workbench.loaders.reasons import REASONS
from workbench.tables import TABLES
from workbench.tables.template import write_template

# Invented: units, percents in four forms, a serial date, two owners in a cell, no date, a line
# that stands twice and a total that counts it twice.
DEALS = """客户名称,负责人,商机名称,预计成交日期,商机金额,销售阶段,赢率,客户标签,创建时间
演示客户甲,林某,演示项目一,2024年8月21日,￥1,方案报价,60%,"重点;微信",2024/1/5 9:15
演示客户乙（上海）,王某,演示项目二,2024-09-30,123.5万,合同谈判,８０％,,2024-01-06 10:00:00
演示客户丙,"林某,王某",演示项目三,2024/10/8,"1,234,567.89",赢单,100,老客户,45298.5
演示客户丁,林某,演示项目四,,1.2亿元,需求确认,0.3,,2024.1.9
演示客户甲,林某,演示项目一,2024年8月21日,￥1,方案报价,60%,"重点;微信",2024/1/5 9:15
合计,,,,"122,469,569.89",,,,
"""
KNOWN = Answers(defaults={"currency": "CNY", "tax_basis": "incl", "tax_rate": "0.13"})


def counts(report: ImportReport) -> dict[str, int]:
    names = ("read", "kept", "refused", "duplicates", "totals", "blank")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def agrees(report: ImportReport) -> None:
    """Rows and money of a report add up."""
    assert all(sheet.balanced for sheet in report.sheets)
    for line in report.money.to_dict("records"):
        parts = sum(line[name] for name in ("kept", "refused", "duplicates", "rounding"))
        assert line["before"] == parts, line


# -- one table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_export_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    frame, report = read_table(write(tmp_path, "deals.csv", DEALS, encoding))
    assert counts(report) == {"read": 6, "kept": 5, "totals": 1}
    agrees(report)
    (check,) = report.sheets[0].total_checks
    assert check.agrees and check.stated == "122,469,569.89"
    assert list(frame["amount"]) == [
        Decimal(text) for text in ("1", "1235000", "1234567.89", "120000000", "1")
    ]
    assert list(frame["probability"]) == pytest.approx([0.6, 0.8, 1.0, 0.3, 0.6])
    assert list(frame["status"]) == ["open", "open", "won", "open", "open"]
    dates = frame["created_date"].dt.date
    assert [day.day for day in dates] == [5, 6, 7, 9, 5]
    assert frame["close_date"].notna().sum() == 1
    assert list(frame["rep.name"]) == ["林某", "王某", "林某", "林某", "林某"]


def test_what_the_file_does_not_say_is_asked(tmp_path: Path) -> None:
    path = write(tmp_path, "deals.csv", DEALS)
    _, report = read_table(path)
    assert {q.code for _, q in report.questions} == {"tax_basis", "tax_rate"}
    _, report = read_table(path, tax_basis="incl", tax_rate=0.13)
    assert not report.questions


def test_an_equal_line_is_kept_and_flagged(tmp_path: Path) -> None:
    _, report = read_table(write(tmp_path, "deals.csv", DEALS))
    (line,) = report.cells.query("reason == 'equal_line'").to_dict("records")
    assert (line["row"], line["value"], line["verdict"]) == (6, "#2", "flagged")


def test_several_tables_are_listed(tmp_path: Path) -> None:
    write(tmp_path, "a/deals.csv", DEALS)
    write(tmp_path, "a/receipts.csv", "回款日期,回款金额,客户名称\n2026-03-02,100,甲公司\n")
    with pytest.raises(InputError, match="several tables: opportunity, receipt"):
        read_table(tmp_path / "a")


def test_nothing_to_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing could be read"):
        read_table(write(tmp_path, "empty.csv", ""))
    with pytest.raises(InputError, match="not recognised"):
        read_table(write(tmp_path, "odd.csv", "colour,shape\nred,round\nblue,square\n"))


def typed_workbook(path: Path) -> Path:
    """A colleague's sheet: title row, unit line, typed cells, merged customers, a total."""
    book = Workbook()
    sheet = book.active
    sheet.title = "订单"
    sheet.append(["2026年3月销售订单明细表"])
    sheet.merge_cells("A1:F1")
    sheet.append(["单位：元"])
    sheet.append(["订单编号", "客户名称", "下单日期", "产品名称", "数量", "含税金额"])
    for row in (
        ["SO-1", "甲公司", dt.date(2026, 3, 2), "泵", 2, 113000.5],
        ["SO-1", None, dt.date(2026, 3, 2), "阀", 10, 2260],
        ["SO-2", "乙公司", dt.date(2026, 3, 9), "泵", 1, 56500.25],
        [None, None, None, None, None, None],
        ["合计", None, None, None, 13, 171760.75],
    ):
        sheet.append(row)
    sheet.merge_cells("B4:B5")
    book.save(path)
    return path


def test_a_typed_workbook_with_a_title_row(tmp_path: Path) -> None:
    frame, report = read_table(typed_workbook(tmp_path / "orders.xlsx"))
    assert counts(report) == {"read": 5, "kept": 3, "totals": 1, "blank": 1}
    agrees(report)
    assert list(frame["account.name"]) == ["甲公司", "甲公司", "乙公司"]
    assert list(frame["amount"]) == [Decimal("113000.50"), Decimal("2260"), Decimal("56500.25")]
    assert set(frame["tax_basis"]) == {"incl"}
    assert frame["order_line_id"].is_unique and list(frame["order_id"]) == ["SO-1", "SO-1", "SO-2"]
    assert all(check.agrees for check in report.sheets[0].total_checks)


BAD = """订单编号,客户名称,下单日期,含税金额
SO-1,甲公司,2026-03-02,100.50
SO-2,甲公司,2026-02-30,200
SO-3,乙公司,2026-03-04,壹佰万元整
SO-4,乙公司,2026-03-05,"1,000.005"
SO-5,丙公司,,300
"""


def test_refused_rows_are_told_cell_by_cell(tmp_path: Path) -> None:
    frame, report = read_table(write(tmp_path, "订单.csv", BAD))
    assert counts(report) == {"read": 5, "kept": 2, "refused": 3}
    agrees(report)
    refused = report.cells.query("verdict == 'refused'")
    told = {(c["row"], c["header"], c["text"]) for c in refused.to_dict("records")}
    assert {row for row, *_ in told} == {3, 4, 6}
    assert (4, "含税金额", "壹佰万元整") in told and (3, "下单日期", "2026-02-30") in told
    (line,) = report.money.to_dict("records")
    assert line["refused"] == Decimal("500") and line["kept"] == Decimal("1100.50")
    assert line["rounding"] == Decimal("0.005")
    assert report.exit_code == 1
    assert len(frame) == 2


# -- into a company ------------------------------------------------------------------------------


def monthly_zip(path: Path) -> Path:
    """A zip of monthly files, the names in GBK as Chinese systems write them."""
    with zipfile.ZipFile(path, "w") as archive:
        for month, rows in (
            (1, ["SO-1,甲公司,2026-01-05,100"]),
            (2, ["SO-2,乙公司,2026-02-06,200"]),
        ):
            text = "订单编号,客户名称,下单日期,含税金额\n" + "\n".join(rows) + "\n"
            archive.writestr(f"2026年{month}月.csv", text.encode("gb18030"))
    return path


def imported(into: Path, *paths: Path, **more: Any) -> ImportReport:
    report, _ = import_paths(list(paths), into, answers=KNOWN, **more)
    agrees(report)
    return report


def test_files_of_every_kind_become_one_company(tmp_path: Path) -> None:
    company = tmp_path / "company"
    deals = write(tmp_path, "deals.csv", DEALS, "gb18030")
    report = imported(
        company, deals, typed_workbook(tmp_path / "o.xlsx"), monthly_zip(tmp_path / "m.zip")
    )
    assert report.exit_code == 0
    opened = open_company(company)
    rows = {name: len(opened.table(name)) for name in opened.tables}
    assert rows["opportunity"] == 5 and rows["order_line"] == 5
    assert rows["opportunity_snapshot"] == 4  # one of the five is won
    accounts = opened.table("account")
    assert accounts["name"].is_unique
    lines = opened.table("order_line")
    assert set(lines["account_id"]) <= set(accounts["account_id"])
    splits = opened.table("credit_split")
    assert list(splits["share"]) == [0.5, 0.5] and splits["opportunity_id"].nunique() == 1
    assert set(splits["rep_id"]) <= set(opened.table("rep")["rep_id"])


def test_the_order_of_files_changes_no_byte(tmp_path: Path) -> None:
    deals = write(tmp_path, "deals.csv", DEALS)
    months = monthly_zip(tmp_path / "m.zip")
    made = []
    for name, paths in (("one", [deals, months]), ("two", [months, deals])):
        imported(tmp_path / name, *paths, day=dt.date(2026, 3, 31))
        made.append({p.name: p.read_bytes() for p in sorted((tmp_path / name).glob("*.parquet"))})
    assert made[0] == made[1]


def test_a_later_export_is_a_picture_beside_the_first(tmp_path: Path) -> None:
    company = tmp_path / "company"
    imported(company, write(tmp_path, "deals_2026-03-31.csv", DEALS))
    later = DEALS.replace("123.5万,合同谈判", "150万,合同谈判").replace(
        "122,469,569.89", "122,734,569.89"
    )
    report = imported(company, write(tmp_path, "deals_2026-04-30.csv", later))
    opened = open_company(company)
    pictures = opened.table("opportunity_snapshot").set_index(["opportunity_id", "snapshot_date"])
    changed = opened.table("opportunity").query("name == '演示项目二'")["opportunity_id"].iloc[0]
    amounts = pictures.loc[changed, "amount"]
    assert list(amounts) == [Decimal("1235000"), Decimal("1500000")]
    change = next(c for c in report.changes if c.table == "opportunity")
    assert (change.updated, change.same, change.added) == (1, 4, 0)


def test_undo_brings_back_every_byte(tmp_path: Path) -> None:
    company = tmp_path / "company"
    imported(company, write(tmp_path, "deals.csv", DEALS))
    before = {p.name: p.read_bytes() for p in company.glob("*.parquet")}
    imported(company, monthly_zip(tmp_path / "m.zip"))
    undo(company)
    assert {p.name: p.read_bytes() for p in company.glob("*.parquet")} == before


def test_refused_rows_come_back_when_they_are_mended(tmp_path: Path) -> None:
    company = tmp_path / "company"
    report, papers = import_paths([write(tmp_path, "订单.csv", BAD)], company, answers=KNOWN)
    refused = papers / "refused.csv"
    assert refused.read_bytes().startswith("﻿".encode())
    assert refused.stat().st_mode & 0o077 == 0
    text = refused.read_text(encoding="utf-8-sig")
    assert f"下单日期: {REASONS['invalid_date'].title}" in text
    text = text.replace("2026-02-30", "2026-02-28").replace("壹佰万元整", "1000000")
    report = imported(company, write(tmp_path, "mended.csv", text))
    assert counts(report)["kept"] == 2
    lines = open_company(company).table("order_line")
    assert sorted(lines["order_id"]) == ["SO-1", "SO-2", "SO-3", "SO-4"]


def test_nothing_usable_leaves_the_company_as_it_was(tmp_path: Path) -> None:
    company = tmp_path / "company"
    imported(company, write(tmp_path, "deals.csv", DEALS))
    before = {p.name: p.read_bytes() for p in company.glob("*.parquet")}
    report, papers = import_paths([write(tmp_path, "odd.csv", "a,b\n1,x\n2,y\n")], company)
    assert report.exit_code == 3 and papers.is_dir()
    assert {p.name: p.read_bytes() for p in company.glob("*.parquet")} == before


def test_the_mapping_is_written_and_used_again(tmp_path: Path) -> None:
    company = tmp_path / "company"
    odd = "Wer,Wann,Wieviel\n甲公司,2026-03-02,100\n"
    path = write(tmp_path, "odd.csv", odd)
    mapping = """
sheets:
  - table: receipt
    columns: {Wer: account.name, Wann: receipt_date, Wieviel: amount}
"""
    from workbench.loaders.mapping_files import read_mapping

    known = Answers(mappings=read_mapping(write(tmp_path, "mapping.yaml", mapping)))
    report, _ = import_paths([path], company, answers=known)
    assert report.kept == 1
    report, _ = import_paths([write(tmp_path, "odd2.csv", odd.replace("100", "120"))], company)
    assert report.kept == 1 and report.sheets[0].table == "receipt"


def test_an_answer_given_once_is_not_asked_again(tmp_path: Path) -> None:
    company = tmp_path / "company"
    imported(company, write(tmp_path, "deals.csv", DEALS))
    report, _ = import_paths([write(tmp_path, "deals.csv", DEALS)], company)
    assert not report.questions
    assert set(open_company(company).table("opportunity")["tax_basis"]) == {"incl"}


def test_a_money_sum_of_both_tables_stays(tmp_path: Path) -> None:
    company = tmp_path / "company"
    imported(company, monthly_zip(tmp_path / "m.zip"))
    total = open_company(company).sql("select sum(amount) as total from order_line")
    assert total["total"].iloc[0] == Decimal("300.00")
    assert isinstance(pd.read_parquet(company / "order_line.parquet")["amount"].iloc[0], Decimal)


def test_a_currency_beside_an_amount_goes_before_that_of_the_company(tmp_path: Path) -> None:
    text = "订单编号,客户名称,下单日期,含税金额\nSO-1,甲,2026-03-02,$100\nSO-2,乙,2026-03-02,50\n"
    frame, report = read_table(write(tmp_path, "订单.csv", text), currency="CNY")
    assert list(frame["currency"]) == ["USD", "CNY"]
    assert dict(zip(report.money["currency"], report.money["kept"], strict=True)) == {
        "CNY": Decimal(50),
        "USD": Decimal(100),
    }


def test_an_instant_of_odoo_is_read_as_its_shanghai_day(tmp_path: Path) -> None:
    record = {"id": 7, "name": "Demo", "type": "opportunity", "partner_id": [12, "Demo account"],
        "stage_id": [3, "New"], "expected_revenue": 5.0, "probability": 50.0, "active": True,
        "create_date": "2026-01-05 17:15:00"}  # fmt: skip
    reply = {"jsonrpc": "2.0", "id": 1, "result": [record]}
    frame, _ = read_table(write(tmp_path, "leads.json", json.dumps(reply)))
    assert str(frame["created_date"].iloc[0].date()) == "2026-01-06"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_filled_template_comes_back_whole(tmp_path: Path, lang: str) -> None:
    path = write_template("opportunity", tmp_path / "t.xlsx", lang)
    book = load_workbook(path)
    filled = {
        "opportunity_id": "D1", "stage": "proposal", "status": "open", "amount": 100.5,
        "currency": "CNY", "tax_basis": "incl", "tax_rate": 0.13, "probability": 1,
        "created_date": dt.date(2026, 3, 2),
    }  # fmt: skip
    for place, column in enumerate(TABLES["opportunity"].columns, start=1):
        book.worksheets[0].cell(2, place, filled.get(column.name))
    book.save(path)
    frame, report = read_table(path)
    assert counts(report) == {"read": 1, "kept": 1} and not report.questions
    (row,) = frame.to_dict("records")
    assert row["amount"] == Decimal("100.50") and row["created_date"] == pd.Timestamp("2026-03-02")
    assert row["probability"] == 1  # a share in our own sheets, not one per cent


@pytest.mark.parametrize(
    ("texts", "quantities", "refused"),
    [
        (["2台", "10 台", "3"], [2, 10, 3], 0),
        (["2台", "10箱", "3"], [None, None, 3], 2),  # two units in a column are not added up
    ],
)
def test_measure_words_behind_numbers(
    tmp_path: Path, texts: list[str], quantities: list[float | None], refused: int
) -> None:
    lines = [f"SO-{i},甲,2026-03-02,{text},100" for i, text in enumerate(texts)]
    text = "订单编号,客户名称,下单日期,数量,含税金额\n" + "\n".join(lines) + "\n"
    frame, report = read_table(write(tmp_path, "订单.csv", text))
    assert [None if pd.isna(q) else q for q in frame["quantity"]] == quantities
    assert report.refused_cells == refused and report.kept == 3


FIXTURES = Path(__file__).with_name("systems")


@pytest.mark.parametrize(
    ("name", "amounts", "status"),
    [
        ("zoho_v8_deals_page1.json", ["120000.00", "880000.50"], ["open", "open"]),
        ("zoho_deals_export.csv", ["120000.00"], ["open"]),
        (
            "fxiaoke_query_newopportunity.json",
            ["120000.00", "880000.50", "50000.00"],
            ["open", "open", "won"],
        ),
        ("hubspot_deals_page.json", ["120000.50"], ["open"]),
        ("odoo_search_read_crm_lead.json", ["120000.00"], ["open"]),
        ("salesforce_query_page1.json", ["120000.00"], ["open"]),
    ],
)
def test_what_a_system_hands_out_is_read_as_it_means_it(
    name: str, amounts: list[str], status: list[str]
) -> None:
    frame, report = read_table(FIXTURES / name)
    assert report.kept == report.read == len(amounts) and report.exit_code == 0
    assert [str(amount) for amount in frame["amount"]] == amounts
    assert list(frame["status"]) == status
    assert (frame["created_date"].dt.year == 2026).all()
    closed = frame["status"] != "open"
    assert (frame["close_date"].notna() == closed).all()
    assert frame["opportunity_id"].str.len().gt(0).all()
