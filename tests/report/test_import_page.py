"""The report of an import: sums that close, sections that appear only when they say something."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.imports import (
    DEALS,
    GAP,
    NO_NUMBER,
    PAY,
    PHONE,
    WECHAT,
    clean_report,
    import_report,
    nothing_report,
)
from workbench.loaders.mapping import FieldMapping, Question
from workbench.loaders.outcome import CELL_COLUMNS, Decision, SheetReport, TotalCheck
from workbench.loaders.raw import Skipped
from workbench.loaders.reasons import REASONS
from workbench.loaders.values.parsed import FLAGS
from workbench.report.import_page import (
    import_page,
    print_import_report,
    question_text,
    write_import_report,
)
from workbench.report.import_words import FLAGS as FLAG_WORDS
from workbench.report.import_words import decision_words, option_words, target_label
from workbench.tables import TABLES
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html

EN, ZH = Language("en"), Language("zh")
TAGS = {
    "div", "section", "span", "b", "h1", "h2", "h3", "p", "small", "figure", "table", "caption",
    "thead", "tbody", "tr", "th", "td", "footer", "ul", "li", "code",
}  # fmt: skip
NAMES = ("Fxiaoke", "Zoho CRM", "Parquet")


@pytest.fixture
def written(tmp_path, lang):
    return write_import_report(import_report(), tmp_path, lang)


@cache
def whole(code: str) -> str:
    """The document of the report with every kind of thing in it."""
    return import_page(import_report(), Language(code)).document()


def heads(html: str, level: int = 2) -> list[str]:
    found = re.findall(rf"<h{level}[^>]*>(.*?)</h{level}>", html)
    return [re.sub("<[^>]+>", "", each) for each in found]


# -- the first screen


@pytest.mark.parametrize(
    ("report", "en", "zh"),
    [
        (import_report(), "31,196 of 31,332 rows are in the company; 8 were refused",
         "共读取31,332行，入库31,196行，拒收8行"),
        (clean_report(), "All 120 rows were read", "120行全部读取"),
        (nothing_report(), "None of 12 rows could be used; 12 were refused",
         "读取的12行均不可用，拒收12行"),
        (clean_report().with_(sheets=()), "Nothing usable was found", "没有可用的内容"),
        (clean_report().with_(into="/c"), "All 120 rows are in the company", "120行全部入库"),
    ],
)  # fmt: skip
def test_the_finding_says_how_many_rows_are_in(report, en, zh):
    assert (import_page(report, EN).headline(), import_page(report, ZH).headline()) == (en, zh)


@pytest.mark.parametrize(
    ("kept", "refused", "blank", "into", "en"),
    [
        (11, 1, 0, "/c", "11 of 12 rows are in the company; one was refused"),
        (11, 1, 0, "", "11 of 12 rows were read; one was refused"),
        (10, 2, 0, "", "10 of 12 rows were read; 2 were refused"),
        (10, 0, 2, "/c", "10 of 12 rows are in the company; none was refused"),
        (10, 0, 2, "", "10 of 12 rows were read; none was refused"),
    ],
)
def test_one_and_none_have_words_of_their_own(kept, refused, blank, into, en):
    sheet = SheetReport("a.csv", "", "account", "", 12, kept, refused, 0, 0, blank)
    report = clean_report().with_(sheets=(sheet,), into=into)
    assert import_page(report, EN).headline() == en


def test_rows_stand_as_the_sum_they_make(tree):
    page = tree(import_page(import_report(), EN).html())
    table = page.findall(".//table")[0]
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[0][2:] == [
        "Read", "= kept", "+ refused", "+ duplicates", "+ totals", "+ blank", "Check",
    ]  # fmt: skip
    assert rows[1] == [
        "纷享销客_商机.xlsx [商机]", "Opportunities (Fxiaoke)",
        "16,260", "16,144", "5", "96", "3", "12", "agrees",
    ]  # fmt: skip
    assert rows[-1][0] == "All"
    for row in rows[1:]:
        read, *parts = (int(figure.replace(",", "")) for figure in row[2:8])
        assert read == sum(parts)


def test_a_row_that_is_lost_is_said():
    sheet = replace(clean_report().sheets[0], kept=118)
    html = import_page(clean_report().with_(sheets=(sheet,)), EN).html()
    assert "The rows of 1 sheet do not add up." in html
    assert '<span class="bad">differs by +2</span>' in html


def test_money_agrees_by_currency_and_basis_or_says_by_how_much(tree):
    html = import_page(import_report(), EN).html()
    assert "Sums in CNY agree to the cent" in html
    assert "1 sum of money in USD does not agree" in html
    tables = tree(html).findall(".//table")
    cny, usd = (
        [["".join(cell.itertext()) for cell in row] for row in t.iter("tr")] for t in tables[1:3]
    )
    assert cny[2] == [
        "Order lines: Amount", "with VAT", "15,007", "384,120,077.913", "384,000,000.000",
        "20,077.910", "100,000.000", "0.003", "agrees",
    ]  # fmt: skip
    assert cny[4] == ["Reps: Base pay a month", "–", "61", *["***"] * 5, "agrees"]
    assert usd[1][3:] == ["55,010.00", "55,000.00", "0", "0", "0", "differs by +10.00"]


def test_many_sheets_and_columns_are_cut_with_their_sums_and_shown_in_full_below():
    one = clean_report().sheets[0]
    sheets = tuple(
        replace(one, file=f"{n}.csv", read=120 + n, kept=120, refused=n) for n in range(30)
    )
    report = clean_report().with_(sheets=sheets)
    html = import_page(report, EN).html()
    first, _, below = html.partition("<h2>Rows and money in full</h2>")
    assert "22 more sheets" in first
    assert "29.csv" in first
    assert ">3.csv" not in first.split("</table>")[0]
    assert all(f">{n}.csv<" in below for n in range(30))


# -- sections


def test_sections_come_in_the_order_of_use():
    titles = heads(whole("en"))
    assert titles == [
        "Of 31,332 rows read, none is unaccounted for",
        "Sums in CNY agree to the cent",
        "1 sum of money in USD does not agree",
        "What to do next",
        "3 questions are open",
        "8 cells were refused",
        "16,145 values were changed or flagged in reading",
        "8 things were decided for whole columns",
        "1 total of the files does not agree with its rows",
        "4 things to know about the content",
        "17 of 22 headers are used",
        "4 tables of the company changed",
        "2 files were not read",
        "How the files were read",
    ]


def test_what_has_nothing_to_say_disappears():
    assert heads(import_page(clean_report(), EN).document()) == [
        "Of 120 rows read, none is unaccounted for",
        "How the files were read",
    ]


def test_refusals_say_what_it_is_what_to_do_and_where(tree):
    page = import_page(import_report(), EN)
    html = next(part for part in page.parts if "cells were refused" in part)
    titles = [REASONS[code].say(EN) for code in (NO_NUMBER, GAP)]
    assert heads(html, 3) == [
        f"{title[0].upper()}{title[1:]}: {count}"
        for title, count in zip(titles, ("7 cells", "1 cell"), strict=True)
    ]
    assert f"What to do: {REASONS[NO_NUMBER].advise(EN)}" in html
    rows = [[*("".join(c.itertext()) for c in row)] for row in tree(html).findall(".//tbody/tr")]
    assert ["纷享销客_商机.xlsx [商机]", "342", "商机金额（万元）", "12，5OO"] in rows
    assert ["orders_2026.zip/2026-08.csv", "78", "Amount", "n/a <b>"] in rows
    assert ["2 more cells", "", "", ""] in rows
    assert ["纷享销客_商机.xlsx [商机]", "977", "商机编号", "(empty)"] in rows
    assert "The first 6 of 8 are listed in cells.csv." in html


def test_examples_come_from_every_file_before_a_second_of_any():
    cell = dict(
        zip(CELL_COLUMNS, ("a", "", 1, "h", "", "x", None, NO_NUMBER, "refused"), strict=True)
    )
    cells = pd.DataFrame(
        [cell | {"row": n} for n in range(1, 9)] + [cell | {"file": "b"}],
        columns=list(CELL_COLUMNS),
    )
    report = clean_report().with_(cells=cells, cell_counts={("a", "", "h", NO_NUMBER): 9})
    html = import_page(report, EN).html()
    assert '<span lang="und" class="own">b</span>' in html


def test_what_concerns_a_whole_row_or_has_no_header_is_said_with_our_words(tmp_path):
    rows = [
        ("a.csv", "", 4, "", "order_line", None, "3", "equal_line", "flagged"),
        ("a.csv", "", 5, "", "order_line.amount", None, None, GAP, "refused"),
    ]
    counts = {("a.csv", "", "", "equal_line"): 1, ("a.csv", "", "", GAP): 1}
    cells = pd.DataFrame(rows, columns=list(CELL_COLUMNS))
    report = clean_report().with_(cells=cells, cell_counts=counts)
    html = import_page(report, EN).html()
    assert '<span lang="und" class="own">whole row</span>' in html
    assert "<td>Order lines: Amount</td>" in html
    listed = read_csv(write_import_report(report, tmp_path, EN)["cells"])
    assert [row[4] for row in listed[1:]] == ["Order lines", "Order lines: Amount"]


def test_sheets_with_the_same_headers_stand_together():
    html = next(
        part for part in import_page(import_report(), EN).parts if "headers are used" in part
    )
    assert heads(html, 3) == [
        "Opportunities (Fxiaoke)", "Order lines (English sheet)", "Reps (Chinese sheet)",
    ]  # fmt: skip
    assert "Fxiaoke, inferred" in html
    assert "Not used, kept only in the file: " in html
    assert "opportunity_id" not in html
    assert "@modified_at" not in html


def test_no_column_name_of_ours_is_shown(lang):
    texts = " ".join(texts_of_html(whole(lang.code)))
    names = {c.name for t in TABLES.values() for c in t.columns if "_" in c.name}
    assert not [name for name in names if re.search(rf"\b{name}\b", texts)]


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Decision("d", "date_order", "dmy"), "read as day, month, year"),
        (Decision("d", "unit", "万元"), "amounts are in 万元"),
        (Decision("d", "unit", "10000"), "amounts are multiplied by 10,000"),
        (Decision("", "tax_rate", "0.13"), "the VAT rate is 13%"),
        (Decision("", "recognised_date", "order_date"), "Recognised on is taken from Ordered on"),
        (Decision("s", "stage", "谈判: open"), "stage 谈判 counts as Open"),
        (Decision("", "unheard_of", "x"), "decided: x"),
    ],
)
def test_decisions_are_said_with_labels(decision, words):
    assert decision_words(decision, "order_line", EN) == words


def test_questions_offer_answers_in_words():
    asked = Question("tax_basis", "金额", ("incl", "excl"))
    assert question_text(asked, EN) == "金额: Are the amounts with or without VAT?"
    assert option_words(asked, "excl", "opportunity", ZH) == "不含税"
    assert option_words(Question("table", "x"), "receipt", "", EN) == "Receipts"
    assert option_words(Question("tax_rate", "x"), "0.13", "", EN) == "13%"
    assert question_text(Question("never_seen", "x"), EN) == "x: What does it mean?"


def test_targets_have_labels():
    assert target_label("account.name", "opportunity", EN) == "Accounts: Account name"
    assert target_label("amount", "opportunity", ZH) == "商机金额"
    assert target_label("@never_seen", "opportunity", EN) == "used in reading"
    assert target_label(None, "opportunity", EN) == ""


def test_every_remark_on_a_value_has_its_words():
    assert set(FLAG_WORDS) >= set(FLAGS)


# -- language, typography, safety


def test_the_document_needs_nothing_else(written, lang):
    html = written["html"].read_text("utf-8")
    assert html.startswith("<!doctype html>\n<html lang=" + f'"{lang.html}"')
    assert not re.search(r"<script|<link|@import|https?://|url\((?!data:)", html)
    assert html.count("<h1>") == 1


def test_words_of_files_are_escaped():
    html = whole("en")
    assert "n/a &lt;b&gt;" in html
    assert "n/a <b>" not in html


def test_typography_of_every_text(lang):
    texts = texts_of_html(whole(lang.code))
    assert len(texts) > 150
    assert not [f for text in texts for f in half_width_faults(text, code=lang.code)]


def test_the_chinese_report_speaks_chinese():
    report = import_report()
    known = {key: n for key, n in report.cell_counts.items() if key[3] in FLAGS}
    cells = report.cells[report.cells["reason"].isin(FLAGS)]
    page = import_page(report.with_(cells=cells, cell_counts=known), ZH)
    texts = texts_of_html(page.document())
    assert not [f for text in texts for f in english_faults(text, allowed=NAMES)]


def test_english_evidence_is_marked_as_english():
    html = import_page(import_report(), ZH).html()
    assert '<span lang="en">13 of 200 values have a second number over 12</span>' in html
    assert "的第二个数大于12" not in html


def test_evidence_that_is_a_sentence_of_ours_is_said_in_the_language():
    decision = Decision("d", "date_order", "mdy", "{share} of the rows read", {"share": "6%"})
    sheet = replace(clean_report().sheets[0], decisions=(decision,))
    html = import_page(clean_report().with_(sheets=(sheet,)), ZH).html()
    assert "占读取行数的6%" in html


@given(st.text(max_size=20))
def test_whatever_stands_in_a_file_the_page_stays_whole(words):
    field = FieldMapping(words, 0, "amount", "headers", read={"unit": words})
    unused = FieldMapping(words, 1, None)
    sheet = replace(
        clean_report().sheets[0],
        file=words,
        sheet=words,
        fields=(field, unused),
        decisions=(Decision(words, "stage", words, words), Decision("", words, words)),
        questions=(Question("stage", words, (words, words), words),),
        total_checks=(TotalCheck(3, words, words, words, agrees=False),),
        notes={"encoding": words},
    )
    cells = pd.DataFrame(
        [(words, words, 1, words, "", words, words, NO_NUMBER, "refused")],
        columns=list(CELL_COLUMNS),
    )
    counts = {(words, words, words, NO_NUMBER): 1}
    skipped = (Skipped(words, words, words),)
    report = clean_report().with_(sheets=(sheet,), cells=cells, cell_counts=counts, skipped=skipped)
    page = ET.fromstring(import_page(report, ZH, unmask=True).html())
    assert {each.tag for each in page.iter()} <= TAGS


# -- masking and the files beside


def test_nothing_private_is_written(written):
    for path in written.values():
        text = path.read_text("utf-8-sig")
        assert not re.search(f"{PHONE}|{WECHAT}|{PAY}|68880000|8613912345678", text), path
    assert "138****8000" in written["html"].read_text("utf-8")


def test_unmasked_everything_is_written(tmp_path):
    paths = write_import_report(import_report(), tmp_path, EN, unmask=True)
    for path in (paths["json"], paths["cells"]):
        text = path.read_text("utf-8-sig")
        assert all(words in text for words in (PHONE, WECHAT, PAY)), path
    assert "are shown" in paths["html"].read_text("utf-8")


def test_json_has_everything_under_stable_keys(written):
    data = json.loads(written["json"].read_text("utf-8"))
    assert list(data) == [
        "format", "id", "started", "into", "masked", "exit_code", "rows", "balanced",
        "refused_cells", "sheets", "money", "cells", "cell_counts", "reasons", "changes", "skipped",
        "findings", "lineage",
    ]  # fmt: skip
    assert data["exit_code"] == 1
    rows = data["rows"]
    assert rows["read"] == sum(rows[name] for name in rows if name != "read") == 31_332
    assert data["money"][1]["before"] == "384120077.913"
    assert [line["agrees"] for line in data["money"]] == [True, True, True, False, True]
    assert data["money"][4]["before"] == "***"
    assert data["sheets"][0]["fields"][3]["read"] == {"unit": "万元"}
    assert data["reasons"][NO_NUMBER]["verdict"] == "refused"
    assert data["lineage"]["sources"]["contact"] == "138****8000"
    assert len(data["cells"]) == len(import_report().cells)


def test_amounts_of_json_are_exact(tmp_path):
    paths = write_import_report(import_report(), tmp_path, EN, unmask=True)
    money = json.loads(paths["json"].read_text("utf-8"))["money"]
    for line, first in zip(money, import_report().money.to_dict("records"), strict=True):
        for name in ("before", "kept", "refused", "duplicates", "rounding"):
            assert Decimal(line[name]) == first[name]


def read_csv(path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_cells_are_listed_with_place_reason_and_advice(tmp_path):
    rows = read_csv(write_import_report(import_report(), tmp_path, EN)["cells"])
    assert rows[0] == [
        "File", "Sheet", "Row", "Column", "Taken as", "Text", "Read as", "Verdict", "What",
        "What to do",
    ]  # fmt: skip
    assert rows[2] == [
        *DEALS, "342", "商机金额（万元）", "Opportunities: Amount", "12，5OO", "", "refused",
        REASONS[NO_NUMBER].say(EN), REASONS[NO_NUMBER].advise(EN),
    ]  # fmt: skip
    assert [row[5] for row in rows if row[2] == "77"] == ["'=SUM(A1:A9)"]
    assert len(rows) == 1 + len(import_report().cells)


def test_all_cells_of_the_import_are_listed_where_they_are_kept(tmp_path):
    report = import_report()
    more = pd.concat([report.cells, report.cells.iloc[[0]].assign(row=9_999, text=PHONE)])
    more.to_parquet(tmp_path / "cells.parquet")
    paths = write_import_report(report, tmp_path, EN)
    rows = read_csv(paths["cells"])
    assert rows[-1][2:6] == ["9999", "商机金额（万元）", "Opportunities: Amount", "138****8000"]
    assert "All are listed in cells.csv." in paths["html"].read_text("utf-8")


def test_a_report_without_any_cell_is_written(tmp_path, lang):
    paths = write_import_report(clean_report(), tmp_path, lang)
    assert len(read_csv(paths["cells"])) == 1
    assert json.loads(paths["json"].read_text("utf-8"))["exit_code"] == 0


# -- console


def test_the_console_says_the_same_in_a_screen(capsys, lang):
    print_import_report(import_report(), lang)
    said = capsys.readouterr().out
    assert said.startswith(import_page(import_report(), lang).headline())
    assert "16,144" in said
    assert "384,120,077.913" in said
    assert "workbench import --undo --into" in said
    assert not re.search(f"{PHONE}|{WECHAT}|{PAY}", said)
    assert len([line for line in said.splitlines() if line.strip()]) <= 40


def test_the_console_is_short_where_there_is_little_to_say(capsys):
    print_import_report(clean_report(), EN)
    said = capsys.readouterr().out
    assert "Refused" not in said
    assert "--undo" not in said
    assert len(said.splitlines()) <= 8


def test_pay_is_printed_only_when_asked(capsys):
    print_import_report(import_report(), EN, unmask=True)
    assert "762,567.000" in capsys.readouterr().out
