"""What of a person is masked in reports, and what is left as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.imports import PAY, PHONE, WECHAT, import_report
from workbench.loaders.outcome import Finding
from workbench.report.masking import (
    HIDDEN,
    for_people,
    mask_frame,
    mask_report,
    masked,
    private_kind,
)


@pytest.mark.parametrize(
    ("header", "target", "kind"),
    [
        ("x", "account.phone", "phone"),
        ("x", "contact.wechat", "wechat"),
        ("x", "rep.base_pay", "pay"),
        ("x", "payroll.amount", "pay"),
        ("x", "opportunity.amount", ""),
        ("手机号", "", "phone"),
        ("联系电话", "", "phone"),
        ("MobilePhone", "", "phone"),
        ("mobilephone", "", "phone"),
        ("Phone 2", "", "phone"),
        ("Tel.", "", "phone"),
        ("微信号", "", "wechat"),
        ("WeChat ID", "", "wechat"),
        ("底薪（元）", "", "pay"),
        ("应发工资", "", "pay"),
        ("提成", "", "pay"),
        ("base_pay", "", "pay"),
        ("Annual Salary", "", "pay"),
        ("Commission rate", "", "pay"),
        ("Payment terms", "", ""),
        ("付款方式", "", ""),
        ("应发货数量", "", ""),
        ("Headphones", "", ""),
        ("Hotel", "", ""),
        ("金额", "opportunity.amount", ""),
        ("@modified_at", "@modified_at", ""),
    ],
)
def test_a_column_is_private_by_declaration_or_by_its_header(header, target, kind):
    assert private_kind(header, target) == kind


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("13812345678", "phone", "138****5678"),
        ("138 1234 5678", "phone", "138 **** 5678"),
        ("138-1234-5678", "", "138-****-5678"),
        ("+86 13812345678", "", "+86 138****5678"),
        ("8613812345678", "", "86138****5678"),
        ("021-68880000", "phone", "02*-******00"),
        ("+1 415 555 0100", "phone", "+1 4** *** **00"),
        ("王 13812345678，李 13987654321", "", "王 138****5678，李 139****4321"),
        ("无", "phone", HIDDEN),
        ("", "phone", ""),
        ("wx_abc", "wechat", HIDDEN),
        ("12500", "pay", HIDDEN),
        ("  ", "pay", "  "),
        ("12812345678", "", "12812345678"),
        ("911101081234567890", "", "911101081234567890"),
        ("2024-08-21", "", "2024-08-21"),
    ],
)
def test_texts_are_masked(text, kind, shown):
    assert masked(text, kind) == shown


@given(
    st.integers(3, 9), st.integers(0, 10**9 - 1), st.sampled_from(["", "电话", "tel:", "+86 "]),
    st.sampled_from(["", " 转 8", "，王"]),
)  # fmt: skip
def test_no_mobile_number_stays_whole(second, rest, before, after):
    number = f"1{second}{rest:09d}"
    shown = masked(before + number + after)
    assert number not in shown
    assert shown == f"{before}{number[:3]}****{number[-4:]}{after}"


def test_listed_cells_are_masked_and_the_frame_is_left_alone():
    cells = import_report().cells
    shown = mask_frame(cells)
    everything = " ".join(map(str, shown.to_numpy().ravel()))
    assert not re.search(f"{PHONE}|{WECHAT}|{PAY}|1391234|13912345678", everything)
    assert PHONE in set(cells["text"])
    kept = ["file", "sheet", "row", "header", "target", "reason", "verdict"]
    assert shown[kept].equals(cells[kept])
    open_rows = ~shown["text"].fillna("").str.contains(r"\*")
    assert shown[open_rows].equals(cells[open_rows])


def test_a_report_keeps_no_private_text_anywhere():
    shown = repr(mask_report(import_report()).with_(lineage={}))
    assert not re.search(f"{PHONE}|{WECHAT}|{PAY}|68880000|750000", shown)
    assert "612,304.50" in shown  # a total that is not private


def test_money_of_pay_is_hidden_but_still_held_together():
    masked_money = for_people(import_report()).money
    open_money = for_people(import_report(), unmask=True).money
    assert list(masked_money["agrees"]) == list(open_money["agrees"]) == [True] * 3 + [False, True]
    pay = masked_money["table"] == "rep"
    hidden = ["before", "kept", "refused", "duplicates", "rounding", "difference"]
    assert set(masked_money.loc[pay, hidden].to_numpy().ravel()) == {HIDDEN}
    assert masked_money.loc[~pay, hidden].equals(open_money.loc[~pay, hidden])


def test_findings_keep_what_their_sentence_reads():
    fields = {"table": "account", "column": "phone", "day": "2024-03-01", "example": PHONE}
    report = import_report().with_(findings=(Finding("x", 1, 2, fields),))
    (finding,) = mask_report(report).findings
    assert finding.fields == {**fields, "example": "138****8000"}
