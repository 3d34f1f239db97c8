"""The command `workbench import` as it is typed: exit codes, languages, masks, review, queries."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.loaders.test_import import BAD, DEALS, monthly_zip
from tests.support.postgres import DATABASE, OWNER, url_of
from tests.support.sheets import write
from workbench import cli
from workbench.company import open_company
from workbench.text.checks import half_width_faults, texts_of_html

Call = Callable[..., tuple[int, str, str]]
PHONE = "13812345678"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command; give exit code, output and errors."""

    def called(*words: object, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as exit_:
            cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return int(exit_.value.code or 0), said.out, said.err

    return called


def papers(company: Path) -> Path:
    """Folder of the newest import."""
    return max(path.parent for path in company.glob("imports/*/report.html"))


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [(DEALS, "deals.csv", 0), (BAD, "订单.csv", 1), ("a,b\nx,1\ny,2\n", "odd.csv", 3)],
)
def test_the_exit_code_says_how_clean_it_was(
    call: Call, tmp_path: Path, text: str, name: str, code: int
) -> None:
    path = write(tmp_path, name, text)
    given, said, _ = call("import", path, "--into", tmp_path / "c", "--tax-basis", "incl")
    assert given == code
    assert str(papers(tmp_path / "c") / "report.html") in said


def test_the_report_speaks_the_language_asked_for(call: Call, tmp_path: Path) -> None:
    path = write(tmp_path, "订单.csv", BAD)
    _, said, _ = call("import", path, "--into", tmp_path / "c", "--lang", "zh")
    assert "共读取5行" in said
    page = (papers(tmp_path / "c") / "report.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN"' in page
    assert not [f for text in texts_of_html(page) for f in half_width_faults(text)]


def test_undo_takes_the_last_import_back(call: Call, tmp_path: Path) -> None:
    company = tmp_path / "c"
    call("import", write(tmp_path, "deals.csv", DEALS), "--into", company)
    call("import", monthly_zip(tmp_path / "m.zip"), "--into", company)
    assert open_company(company).has("order_line")
    code, said, _ = call("import", "--undo", "--into", company)
    assert code == 0 and "Order lines" in said
    assert not open_company(company).has("order_line")
    code, _, error = call("import", "--undo", "--into", tmp_path / "nowhere")
    assert code == 1 and "nothing to undo" in error


def test_phones_are_masked_unless_asked_for(call: Call, tmp_path: Path) -> None:
    text = f"客户名称,电话,微信号,统一社会信用代码\n甲公司,{PHONE},wx_abc,9.11E+17\n乙,{PHONE}x,,\n"
    path = write(tmp_path, "客户.csv", text)
    for options, shown in (((), False), (("--unmask",), True)):
        company = tmp_path / f"c{shown}"
        call("import", path, "--table", "account", "--into", company, *options)
        folder = papers(company)
        for name in ("report.html", "report.json", "cells.csv"):
            assert (PHONE in (folder / name).read_text(encoding="utf-8-sig")) <= shown, name
    assert open_company(company).table("account")["phone"].iloc[0] == PHONE


def test_what_the_command_says_goes_before_what_was_said_last_time(
    call: Call, tmp_path: Path
) -> None:
    company = tmp_path / "c"
    path = write(tmp_path, "deals.csv", DEALS)
    people = write(tmp_path, "人员.csv", "姓名,入职日期,部门\n林某,2024-03-01,华东\n")
    for basis in ("incl", "excl"):
        options = ("--tax-basis", basis, "--tax-rate", "0.13")
        code, _, error = call("import", path, people, "--into", company, *options)
        assert code == 0, error  # a table without tax columns is not troubled by them
        assert set(open_company(company).table("opportunity")["tax_basis"]) == {basis}


def test_review_asks_and_keeps_the_answers(call: Call, tmp_path: Path) -> None:
    company = tmp_path / "c"
    path = write(tmp_path, "deals.csv", DEALS)
    code, said, _ = call("import", path, "--into", company, "--review", typed="1\n0.13\n")
    assert code == 0
    assert "Are the amounts with or without VAT?" in said and "Which VAT rate applies?" in said
    deals = open_company(company).table("opportunity")
    assert set(deals["tax_basis"]) == {"incl"} and set(deals["tax_rate"]) == {0.13}
    _, said, _ = call("import", path, "--into", company, "--review", typed="")
    assert "with or without VAT?" not in said


def test_dates_told_apart_in_review(call: Call, tmp_path: Path) -> None:
    text = "Receipt date,Amount received,Customer\n8/9/2026,100,A\n7/6/2026,200,B\n"
    path = write(tmp_path, "receipts.csv", text)
    company = tmp_path / "c"
    call("import", path, "--table", "receipt", "--into", company, "--review", typed="dmy\n")
    days = open_company(company).table("receipt")["receipt_date"]
    assert sorted(str(day.date()) for day in days) == ["2026-06-07", "2026-09-08"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing to import is named"),
        (("x.csv", "--tax-basis", "gross"), "gross is no tax basis"),
        (("sqlite:///x.db",), "a database needs a query"),
        (("x.csv", "--query", "q.sql"), "a query needs a database"),
        (("x.csv", "--as-of", "soon"), "soon is no date"),
    ],
)
def test_a_wrong_command_is_one_clear_error(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "q.sql", "select 1")
    write(tmp_path, "x.csv", DEALS)
    code, _, error = call("import", *words, "--into", tmp_path / "c")
    assert code == 2 and told in error
    assert not (tmp_path / "c" / "opportunity.parquet").exists()


def test_a_file_that_is_not_there_is_said(call: Call, tmp_path: Path) -> None:
    code, said, error = call("import", tmp_path / "gone.csv", "--into", tmp_path / "c")
    assert code in (1, 3) and "gone.csv" in said + error


def test_a_query_of_postgresql_becomes_opportunities(
    call: Call, tmp_path: Path, postgres: Path
) -> None:
    with psycopg.connect(
        host=str(postgres), user=OWNER, dbname=DATABASE, autocommit=True
    ) as connection:
        connection.execute("drop table if exists deal")
        connection.execute(
            "create table deal (opportunity_id text, name text, stage text, amount numeric(18,2),"
            " created timestamptz)"
        )
        connection.execute(
            "insert into deal values ('D1', '演示项目一', '方案报价', 1235000.50,"
            " '2026-01-05T16:30:00Z'), ('D2', '演示项目二', '赢单', 7, '2026-02-01T00:00:00Z')"
        )
    query = write(
        tmp_path,
        "deals.sql",
        "select opportunity_id, name, stage, amount, created as created_date from deal order by 1",
    )
    company = tmp_path / "c"
    code, said, _ = call(
        "import", url_of(postgres), "--query", query, "--as", "opportunity", "--into", company,
        "--tax-basis", "incl", "--tax-rate", "0.13",
    )  # fmt: skip
    assert code == 0, said
    deals = open_company(company).table("opportunity")
    assert [str(amount) for amount in deals["amount"]] == ["1235000.50", "7.00"]
    assert str(deals["created_date"].iloc[0].date()) == "2026-01-06"  # its Shanghai date
    assert list(deals["status"]) == ["open", "won"]


def test_a_password_is_nowhere_in_what_an_import_leaves(call: Call, tmp_path: Path) -> None:
    url = "postgresql://me:topsecret@127.0.0.1:1/crm"
    query = write(tmp_path, "q.sql", "select 1")
    code, said, error = call("import", url, "--query", query, "--into", tmp_path / "c")
    assert code == 1 and "topsecret" not in said + error
    left = [p.read_bytes() for p in (tmp_path / "c").rglob("*") if p.is_file()]
    assert not any(b"topsecret" in text for text in left)


def test_sqlite_is_a_database_too(call: Call, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("create table r (day text, amount real, who text)")
        connection.execute("insert into r values ('2026-03-02', 12.5, '甲')")
    query = write(tmp_path, "r.sql", 'select day as receipt_date, amount, who as "付款方" from r')
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    code, _, _ = call("import", url, "--query", query, "--as", "receipt", "--into", tmp_path / "c")
    assert code == 0
    assert len(open_company(tmp_path / "c").table("receipt")) == 1


def test_duplicates_are_proposed_merged_and_taken_back(call: Call, tmp_path: Path) -> None:
    company = tmp_path / "c"
    text = (
        "客户编号,客户名称,电话\nA1,甲精密机械（上海）有限公司,02155551234\n"
        "A2,甲精密机械(上海)有限责任公司,02155551234\nA3,乙化工有限公司,02155559999\n"
    )
    call("import", write(tmp_path, "客户.csv", text), "--table", "account", "--into", company)
    merge = tmp_path / "merge.csv"
    code, said, _ = call("dedup", "--company", company, "-o", merge)
    assert code == 0 and "merge file" in said
    approved = merge.read_text(encoding="utf-8-sig").rstrip().splitlines()
    approved[1] = approved[1].rsplit(",", 1)[0] + ",yes"
    merge.write_text("\n".join(approved) + "\n", encoding="utf-8-sig")
    call("dedup", "--company", company, "--apply", merge)
    assert len(open_company(company).table("account")) == 2
    call("import", write(tmp_path, "客户.csv", text), "--table", "account", "--into", company)
    assert len(open_company(company).table("account")) == 2  # the merged one is not taken again
    call("import", "--undo", "--into", company)
    call("dedup", "--company", company, "--undo")
    assert len(open_company(company).table("account")) == 3


def test_the_json_report_has_everything(call: Call, tmp_path: Path) -> None:
    call("import", write(tmp_path, "订单.csv", BAD), "--into", tmp_path / "c")
    report = json.loads((papers(tmp_path / "c") / "report.json").read_text(encoding="utf-8"))
    assert report["rows"]["read"] == 5 and report["rows"]["refused"] == 3
    assert report["balanced"] is True and report["exit_code"] == 1
    assert {cell["row"] for cell in report["cells"] if cell["verdict"] == "refused"} == {3, 4, 6}
