"""The command `workbench pay`: what it writes, who may read it, and that its sums agree."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from workbench import cli
from workbench.company import open_company
from workbench.incentives.company_plan import company_plan
from workbench.incentives.credit_lines import credit_lines
from workbench.incentives.settle import settle
from workbench.pay import load_plan
from workbench.text.checks import half_width_faults

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PERIOD = "2026-06"


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


def call(capsys, *words: object) -> tuple[int, str, str]:
    """Run a command; give exit code, output and errors."""
    with pytest.raises(SystemExit) as exit_:
        cli.main([str(word) for word in words])
    said = capsys.readouterr()
    return int(exit_.value.code or 0), said.out, said.err


@pytest.fixture
def paid(tmp_path, capsys):
    """Pay of one month, with the statements of two people."""
    out = tmp_path / "pay"
    words = ["--company", SAMPLE, "--period", PERIOD, "-o", out, "--rep", "R0001", "--rep", "R0010"]
    code, said, _ = call(capsys, "--lang", "zh", "pay", *words)
    assert code == 0
    return out, said


def test_base_pay_and_commission_are_those_of_the_payroll(company):
    made = settle(company, company_plan(company, 2026), PERIOD)
    table = company.sql(
        "select component, cast(sum(amount) as double) as amount from payroll"
        " where month_end = '2026-06-30' group by 1"
    ).set_index("component")["amount"]
    payroll = made.payroll()
    # base pay to the cent, people and months in post being the same
    assert payroll["base"].sum() == pytest.approx(table["base"], abs=0.005)
    # the company pays on owners, the plan on splits and the quarter to date
    assert payroll["commission"].sum() == pytest.approx(table["commission"], rel=0.03)
    assert payroll["performance"].sum() == pytest.approx(table["performance"], rel=0.10)


def test_sums_agree_and_exceptions_never_vanish(company):
    made = settle(company, company_plan(company, 2026), PERIOD)
    assert (made.controls()["difference"] == 0).all()
    assert made.components()["amount"].sum() == pytest.approx(made.payroll()["pay"].sum())
    lines = credit_lines(company, first="2026-01-01", last="2026-06-30")
    unclaimed = lines[(lines["rep_id"] == "")]
    exceptions = made.statement.exceptions()
    unknown = exceptions[exceptions["kind"] == "unknown_rep"]
    assert set(unclaimed["line_id"]) <= set(unknown["line_id"])
    assert unknown["at_stake"].sum() > 0


def test_credit_lines_hold_what_the_tables_hold(company):
    lines = credit_lines(company, first="2026-01-01", last="2026-06-30")
    own = lines[lines["split_type"] == "split"]
    sums = (own["amount"] * own["share"]).groupby(own["event"]).sum()
    revenue = company.sql(
        "select cast(sum(net_amount(amount, tax_basis, tax_rate)) as double) as net from order_line"
        " where recognised_date between '2026-01-01' and '2026-06-30'"
    )["net"].iloc[0]
    received = company.sql(
        "select cast(sum(amount) as double) as amount from receipt"
        " where receipt_date between '2026-01-01' and '2026-06-30'"
    )["amount"].iloc[0]
    assert sums["paid"] == pytest.approx(received, rel=1e-3)
    assert sums["invoiced"] == pytest.approx(revenue, rel=1e-3)


def test_events_that_only_some_plans_ask_for(company):
    days = {"first": "2026-01-01", "last": "2026-06-30"}
    lines = credit_lines(company, **days, events=("shipped", "new_customer"))
    own = lines[lines["split_type"] == "split"]
    shipped = company.sql(
        "select cast(sum(quantity) as double) as n from delivery"
        " where ship_date between '2026-01-01' and '2026-06-30'"
    )["n"].iloc[0]
    units = (own["units"] * own["share"])[own["event"] == "shipped"].sum()
    assert units == pytest.approx(shipped)
    new = lines[lines["event"] == "new_customer"]
    assert new.drop_duplicates("line_id")["account_id"].is_unique
    before = company.sql(
        "select distinct account_id from order_line"
        " where order_date between '2024-07-01' and '2025-12-31'"
    )["account_id"]
    assert not set(new["account_id"]) & set(before)
    assert 10 < new["line_id"].nunique() < 500


def test_a_receipt_without_a_match_settles_the_oldest_instalment(company):
    lines = credit_lines(company, first="2026-01-01", last="2026-06-30")
    loose = company.sql(
        "select receipt_id, account_id from receipt anti join receipt_match using (receipt_id)"
        " where receipt_date between '2026-01-01' and '2026-06-30'"
    )
    paid = lines[lines["event"] == "paid"].assign(
        receipt_id=lines["line_id"].str.split("/").str[0],
        plan_id=lines["line_id"].str.split("/").str[1],
    )
    paid = paid.drop(columns="account_id").merge(loose, on="receipt_id")
    known = paid["account_id"].notna()
    assert paid.loc[~known, "plan_id"].isna().all()
    assert paid.loc[known, "plan_id"].notna().sum() > 50  # the others have none open: in advance
    assert (paid.loc[paid["plan_id"].notna(), "rep_id"] != "").all()


def test_files_are_for_their_owner_only(paid):
    out, _ = paid
    files = sorted(path for path in out.rglob("*") if path.is_file())
    assert [path.name for path in files if path.parent.name == "statements"] == [
        f"{rep}_{PERIOD}.{kind}" for rep in ("R0001", "R0010") for kind in ("html", "xlsx")
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (out, out / "statements")} == {0o700}


def test_the_payroll_file_keeps_commission_and_bonus_apart(paid):
    out, said = paid
    raw = (out / "payroll.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(out / "payroll.csv", dtype={"人员": str})
    assert {"提成", "年终奖", "税前应发"} <= set(table.columns)
    items = table[["底薪", "绩效工资", "提成", "年终奖"]].sum(axis=1)
    assert items.to_numpy() == pytest.approx(table["税前应发"].to_numpy(), abs=0.005)
    assert not re.search(r"R\d{4}", said)  # nobody's pay is printed


def test_a_statement_adds_up_and_speaks_one_language(paid):
    out, _ = paid
    table = pd.read_csv(out / "payroll.csv", dtype={"人员": str}).set_index("人员")
    book = openpyxl.load_workbook(out / "statements" / f"R0001_{PERIOD}.xlsx")
    rows = list(book[book.sheetnames[1]].iter_rows(values_only=True))
    assert rows[-1][1] == pytest.approx(table["税前应发"]["R0001"])
    made = list(book[book.sheetnames[2]].iter_rows(min_row=4, values_only=True))
    top = sum(row[2] for row in made if row[0] == 0)
    assert top == pytest.approx(table["税前应发"]["R0001"], abs=0.005)
    page = (out / "statements" / f"R0001_{PERIOD}.html").read_text("utf-8")
    assert "税前应发" in page
    assert not half_width_faults(re.sub(r"<[^>]+>", "\n", page.split("<body")[1]))


def test_the_next_period_leaves_what_was_paid(company, tmp_path, capsys):
    """May is paid; a receipt of March that is found later is paid in June."""
    plan = company_plan(company, 2026)
    lines = credit_lines(company, first="2026-01-01", last="2026-06-30")
    lines.to_parquet(tmp_path / "all.parquet")
    late = lines["line_id"].eq(lines.loc[lines["date"].dt.month == 3, "line_id"].iloc[-1])
    lines[~late & (lines["date"] < "2026-06-01")].to_parquet(tmp_path / "known.parquet")
    words = ["--lang", "en", "pay", "--company", SAMPLE, "--rep", "R0001"]
    may, june = tmp_path / "may", tmp_path / "june"
    known = ["--credits", tmp_path / "known.parquet"]
    assert call(capsys, *words, "--period", "2026-05", "-o", may, *known)[0] == 0
    more = ["--credits", tmp_path / "all.parquet", "--after", may]
    code, _, told = call(capsys, *words, "--period", "2026-06", "-o", june, *more)
    assert code == 0, told
    kept, now = pd.read_parquet(may / "closing.parquet"), pd.read_parquet(june / "closing.parquet")
    both = now[now["period"] < "2026-06"].merge(
        kept, on=["kind", "component", "rule", "rep_id", "period"], suffixes=("", "_was")
    )
    assert len(both) and (both["minor"] == both["minor_was"]).all()
    assert len(now[now["kind"] == "correction"].query("minor != 0"))
    at_once = settle(company, plan, "2026-06", credits=lines).statement.minor()[:, :6].sum()
    assert now[now["kind"] != "correction"]["minor"].sum() == at_once
    code, _, told = call(capsys, *words, "--period", "2026-05", "-o", june, *more)
    assert code == 1 and "closed already" in told
    code, _, told = call(capsys, *words, "--period", "2026-07", "-o", june, *more)
    assert code == 1 and "2026-06 would be left out" in told and "settle 2026-06 first" in told


def test_a_period_that_is_not_over_is_refused(tmp_path, capsys):
    words = ["--company", SAMPLE, "--period", "2026-09", "-o", tmp_path / "pay"]
    code, _, told = call(capsys, "--lang", "en", "pay", *words)
    assert code == 1
    assert "2026-07-31" in told
    code, _, told = call(capsys, "--lang", "en", "pay", *words[:2], "--period", "June", *words[4:])
    assert code == 2


def test_faults_of_lines_are_told_in_the_reader_s_language(tmp_path, capsys):
    lines = tmp_path / "lines.csv"
    lines.write_text("line_id,rep_id,event,date,amount\nA,R0001,booked,2026-06-01,many\n")
    words = ["--company", SAMPLE, "--period", PERIOD, "-o", tmp_path / "pay", "--credits", lines]
    words += ["--plan", "params/incentives/plans/simple.yaml"]
    told = call(capsys, "--lang", "zh", "pay", *words)[2]
    assert told.splitlines()[0] == "many不是数字" and "amount，第1行" in told
    assert "many is no number" in call(capsys, "--lang", "en", "pay", *words)[2]


def test_scores_come_as_a_spreadsheet_saves_them(tmp_path, capsys):
    """Objectives of everybody in a CSV of a Chinese spreadsheet, in GBK."""
    plan = "params/incentives/plans/quota.yaml"
    made = settle(open_company(SAMPLE), load_plan(plan), PERIOD)
    ids = made.payroll()["rep_id"]
    scores = pd.DataFrame({"node": ids, "name": "mbo", "date": "2026-06-30", "value": 1.0})
    scores.assign(备注="季度评分").to_csv(tmp_path / "scores.csv", index=False, encoding="gbk")
    words = ["--company", SAMPLE, "--plan", plan, "--period", PERIOD, "-o", tmp_path / "pay"]
    words += ["--rep", "R0001"]
    code, _, told = call(capsys, "--lang", "en", "pay", *words, "--scores", tmp_path / "scores.csv")
    assert code == 0, told
    payroll = pd.read_csv(tmp_path / "pay" / "payroll.csv").set_index("Person")
    assert payroll["Performance pay"]["R0001"] > 0
    (tmp_path / "empty.csv").write_text("")
    code, _, told = call(capsys, "--lang", "en", "pay", *words, "--scores", tmp_path / "empty.csv")
    assert code == 1 and "cannot be read as a table" in told


def test_a_plan_that_voids_credit_after_leaving_is_warned_of(tmp_path, capsys):
    plan = tmp_path / "void.yaml"
    whole = Path("params/incentives/plans/china.yaml").resolve()
    plan.write_text(f"extends: {whole}\npayment:\n  leaver: {{rule: none}}\n", "utf-8")
    words = ["--company", SAMPLE, "--plan", plan, "--period", PERIOD, "-o", tmp_path / "pay"]
    code, said, told = call(capsys, "--lang", "en", "pay", *words, "--rep", "R0001")
    assert code == 0, told
    assert "courts have held such clauses invalid" in said
    exceptions = pd.read_csv(tmp_path / "pay" / "exceptions.csv")
    assert exceptions["Exception"].str.contains("void by the plan").any()


def test_somebody_without_pay_is_named(tmp_path, capsys):
    words = ["--company", SAMPLE, "--period", PERIOD, "-o", tmp_path / "pay", "--rep", "R9999"]
    code, _, told = call(capsys, "--lang", "en", "pay", *words)
    assert code == 2
    assert "R9999" in told
    shutil.rmtree(tmp_path / "pay", ignore_errors=True)


@pytest.fixture
def little(tmp_path):
    """A company that has people and nothing else, a plan without quotas, and credit lines."""
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "company.yaml").write_text("name: {en: Little, zh: 小公司}\n", "utf-8")
    people = pd.read_parquet(SAMPLE / "rep.parquet").drop_duplicates("rep_id").head(3)
    ids = ["R1", "R2", "A/..\\b"]
    people = people.assign(rep_id=ids, manager_id=None, left_date=None, valid_to=None)
    people.to_parquet(folder / "rep.parquet", index=False)
    plan = Path("params/incentives/plans/simple.yaml").resolve()
    lines = tmp_path / "lines.csv"

    def words(text: str) -> list[object]:
        lines.write_text("line_id,rep_id,event,date,amount\n" + text, "utf-8")
        given = ["--plan", plan, "--credits", lines, "-o", tmp_path / "pay"]
        return ["--lang", "en", "pay", "--company", folder, "--period", "2026-03", *given]

    return words


def test_a_plan_without_quotas_needs_no_targets(little, tmp_path, capsys):
    code, _, told = call(capsys, *little('L1,R1,booked,2026-03-05,"10,000"\n'))
    assert code == 0, told
    assert pd.read_csv(tmp_path / "pay" / "payroll.csv")["Pay before tax"].tolist() == [60.0]


def test_who_is_paid_nothing_because_all_is_deferred_has_a_statement(little, tmp_path, capsys):
    code, _, told = call(capsys, *little("L1,R2,booked,2026-03-05,-1000\n"))
    assert code == 0, told
    assert pd.read_csv(tmp_path / "pay" / "payroll.csv")["Pay before tax"].tolist() == [0.0]
    assert "−6.00" in (tmp_path / "pay" / "statements" / "R2_2026-03.html").read_text("utf-8")
    found = pd.read_csv(tmp_path / "pay" / "exceptions.csv")
    assert found["Exception"].str.contains("more returns than sales").any()


def test_ids_do_not_lead_out_of_the_folder(little, tmp_path, capsys):
    code, _, told = call(capsys, *little("L1,A/..\\b,booked,2026-03-05,1000\n"))
    assert code == 0, told
    names = sorted(path.name for path in (tmp_path / "pay" / "statements").iterdir())
    assert names == ["A%2F..%5Cb_2026-03.html", "A%2F..%5Cb_2026-03.xlsx"]


def test_events_that_no_measure_counts_are_named(little, capsys):
    code, said, _ = call(capsys, *little("L1,R1,boked,2026-03-05,5\nL2,R1,booked,2026-03-05,5\n"))
    assert code == 0 and "does not count: boked (1)" in said


def test_a_folder_that_is_a_file_is_refused(little, tmp_path, capsys):
    (tmp_path / "pay").write_text("")
    code, _, told = call(capsys, *little("L1,R1,booked,2026-03-05,5\n"))
    assert code == 1 and "cannot be written into" in told
