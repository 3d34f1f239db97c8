"""Names of stages into open, won and lost, with a probability only as a prior."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.loaders import stages
from workbench.loaders.stages import STATUSES, plain_stage, stage_status

FACTS = Path(stages.__file__).parent / "facts" / "stages.csv"
ROWS = list(csv.DictReader(FACTS.read_text(encoding="utf-8").splitlines()))


def one(name: str, system: str = "generic_zh", own: dict[str, str] | None = None):
    (found,) = stage_status([name], system, own)
    return found


@pytest.mark.parametrize(
    ("name", "system", "status", "probability", "evidence"),
    [
        ("Qualification", "zoho", "open", 0.1, "zoho"),
        ("资格审查", "zoho", "open", 0.1, "zoho"),
        ("成交", "zoho", "won", 1.0, "zoho"),
        ("Closed Lost to Competition", "zoho", "lost", 0.0, "zoho"),
        ("Qualification", "espocrm", "open", 0.2, "espocrm"),
        ("Qualification", "generic_en", "open", None, "general"),
        ("appointmentscheduled", "hubspot", "open", 0.2, "hubspot"),
        ("Appointment Scheduled", "hubspot", "open", 0.2, "hubspot"),
        ("Proposition", "odoo", "open", None, "odoo"),
        ("2-Develop", "dynamics365", "open", None, "dynamics365"),
        ("验证客户", "fxiaoke", "open", None, "fxiaoke"),
        ("方案报价", "fxiaoke", "open", None, "fxiaoke"),
        ("赢单", "generic_zh", "won", 1.0, "general"),
        ("丢单", "generic_zh", "lost", 0.0, "general"),
        ("Won", "generic_en", "won", 1.0, "general"),
        ("Engaging", "generic_en", "open", None, "general"),
        ("进行中", "fxiaoke", "open", None, "general"),
    ],
)
def test_stages_say_what_became_of_a_deal(name, system, status, probability, evidence):
    found = one(name, system)
    assert (found.status, found.probability, found.evidence) == (status, probability, evidence)
    assert found.known and not found.note


@pytest.mark.parametrize("name", ["搁置", "取消", "作废", "无效", "On Hold", "Cancelled"])
def test_void_deals_are_lost_and_can_be_told_apart(name):
    found = one(name)
    assert (found.status, found.note) == ("lost", f"void: {name}")


@pytest.mark.parametrize("name", ["opt1", "未知阶段", "Closed", "预计成交客户", "5f2e"])
def test_an_unknown_stage_is_open_and_said_to_be_unknown(name):
    found = one(name)
    assert (found.status, found.probability, found.evidence) == ("open", None, "")
    assert not found.known


def test_words_that_hold_another_are_not_taken_for_it():
    assert one("未成交").status == "open"
    assert one("待成交").status == "open"
    assert one("未中标").status == "lost"
    assert not one("赢单率高").known


def test_own_stages_go_before_everything():
    own = {"签约": "won", "Nurture again": "void", "成交": "open"}
    assert one("签约", own=own).status == "won"
    assert one("签约").status == "open"
    assert one("nurture_again", own=own).note == "void: nurture_again"
    assert (one("成交", "zoho", own).status, one("成交", "zoho", own).evidence) == (
        "open",
        "settings",
    )


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("3-方案报价", "方案报价"),
        ("03. Proposal", "proposal"),
        ("阶段2：需求确认", "需求确认"),
        ("S1 Discovery", "discovery"),
        ("Stage 4: Negotiation", "negotiation"),
        ("谈判（80%）", "谈判"),
        ("赢单 100%", "赢单"),
        ("Negotiation / Review", "negotiationreview"),
        ("ＰＯＣ", "poc"),
        ("90%", "90%"),
    ],
)
def test_numbers_and_percentages_are_passed_over(name, plain):
    assert plain_stage(name) == plain


def test_a_percentage_in_the_name_is_the_prior_before_any_vendor_s():
    assert one("谈判（85%）").probability == 0.85
    assert one("Qualification 15%", "zoho").probability == 0.15
    assert one("奇怪 30%").probability == 0.3
    assert one("赢单 90%").probability == 1.0
    assert one("报价 250%").probability is None


def test_doubles_and_empty_names_are_left_out_in_order():
    found = stage_status(["b", "", "a", " b ", None], "")  # type: ignore[list-item]
    assert [row.stage for row in found] == ["b", "a"]


def test_facts_hold_known_words_and_no_contradiction():
    assert {row["status"] for row in ROWS} == set(STATUSES)
    assert {row["evidence"] for row in ROWS} == {"verified", "inferred"}
    seen: dict[tuple[str, str], str] = {}
    for row in ROWS:
        status = seen.setdefault((row["system"], plain_stage(row["stage"])), row["status"])
        assert status == row["status"], row


@pytest.mark.parametrize("system", sorted({row["system"] for row in ROWS}))
def test_every_fact_is_found_in_its_system(system):
    rows = [row for row in ROWS if row["system"] == system]
    found = stage_status([row["stage"] for row in rows], system)
    outcome = {"void": "lost"}
    assert [f.status for f in found] == [outcome.get(r["status"], r["status"]) for r in rows]
    assert all(f.known for f in found)


@given(name=st.text(min_size=1), status=st.sampled_from(STATUSES))
def test_any_name_in_the_settings_means_what_they_say(name, status):
    for found in stage_status([name], "zoho", {name.strip(): status}):
        expected = "lost" if status == "void" else status
        assert (found.status, found.evidence) == (expected, "settings")
        assert bool(found.note) == (status == "void")
