"""Plan files: what is read, and what is wrong with one, by line."""

from __future__ import annotations

from fractions import Fraction

import pytest

from workbench.errors import ParameterError
from workbench.pay import load_plan, plan_schema
from workbench.pay.words import CHINESE, exact, exact_text
from workbench.text import Language

SIMPLE = """\
plan: simple
name: {en: Simple, zh: 简单}
starts: 2026-01-01
measures:
  sales: {events: booked}
components:
  commission:
    label: {en: Commission, zh: 提成}
    measure: sales
    accumulate: year
    rates:
      tiers:
        - {from: 0, to: 1000, rate: 4.35%}
        - {from: 1000, rate: 6%}
"""
#: Two rules that hold back of the same component.
TWICE = ", ".join(f"{name}: {{components: [commission], share: 60%}}" for name in "ab")


@pytest.fixture
def write(tmp_path):
    def written(text, name="plan.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.35%", Fraction(87, 2000)),
        ("0.1", Fraction(1, 10)),
        ("1/3", Fraction(1, 3)),
        ("300万", Fraction(3_000_000)),
        ("12,000.50", Fraction(24_001, 2)),
        ("5‰", Fraction(1, 200)),
        (0.1, Fraction(1, 10)),
        (7, Fraction(7)),
    ],
)
def test_numbers_are_exact(text, value):
    assert exact(text) == value
    assert exact(exact_text(value)) == value


@pytest.mark.parametrize(
    ("change", "line", "message", "remedy"),
    [
        (("rate: 6%", "rates: 6%"), 14, "unknown word", "did you mean rate?"),
        (("from: 1000,", "from: 900,"), 14, "tiers overlap", ""),
        (("from: 1000,", "from: 1200,"), 14, "tiers leave a gap", ""),
        (("to: 1000, rate: 4.35%", "rate: 4.35%}\n        - {from: -1, rate: 1%"), 14, "", ""),
        (("measure: sales", "measure: sale"), 9, "did you mean sales?", ""),
        (("rate: 6%", "rate: 6"), 14, "5 per cent is written 5%", ""),
        (("rate: 6%", "rate: six"), 14, "cannot be 'six'", "a number such as 5%"),
        (("accumulate: year", "accumulate: decade"), 10, "'decade'", "quarter or year"),
        (("accumulate: year", "accumulate: yearly"), 10, "'yearly'", "did you mean year?"),
        (("events: booked", "event: booked"), 5, "unknown word", "did you mean events?"),
        (("starts: 2026-01-01", "starts: 2026-13-01"), 3, "starts cannot be", ""),
        (("    measure: sales\n", ""), 7, "measure and rates go together", ""),
        (
            ("      tiers:", "      kind: whole\n      kind: marginal\n      tiers:"),
            13,
            "twice",
            "",
        ),
        (("starts:", "currency: RMB\nstarts:"), 3, "the code of the yuan is CNY", ""),
        (("starts:", "currency: yuan\nstarts:"), 3, "cannot be 'yuan'", "three letters"),
        (("starts:", "exchange: {CNY: 2}\nstarts:"), 3, "other than CNY", ""),
        (("to: 1000,", "to: 1000 USD,"), 13, "'1000 USD'", "in the plan's currency"),
        (("starts:", "payment: {leaver: {share: 150%}}\nstarts:"), 3, "'150%'", "at most 1 (100%)"),
        (("starts:", "months: many\nstarts:"), 3, "'many'", "a whole number"),
        (("starts:", "rounding: half_up\nstarts:"), 3, "'half_up'", "entries by name"),
        (("    accumulate", "  accumulate"), 11, "no readable YAML", ""),
        (("starts:", "[a, b]: 1\nstarts:"), 3, "name of an entry is a word", ""),
        (("events: booked", "events: {a: 1}"), 5, "cannot be", "a word"),
        (("starts:", "months: 0\nstarts:"), 3, "'0'", "at least 1"),
        (("starts:", "exchange: {usd: 7}\nstarts:"), 3, "three capital letters", ""),
        (("    measure", "    valid_to: 2025-12-31\n    measure"), 9, "outside the plan", ""),
        (("    measure", "    valid_from: 2027-01-01\n    measure"), 9, "outside the plan", ""),
        (("    measure", "    in_post: 2027-01-01\n    measure"), 9, "outside the plan", ""),
        (("starts:", f"payment: {{hold: {{{TWICE}}}}}\nstarts:"), 3, "more than 100% of com", ""),
    ],
)
def test_a_fault_names_its_line(write, change, line, message, remedy):
    path = write(SIMPLE.replace(*change))
    with pytest.raises(ParameterError) as caught:
        load_plan(path)
    text = str(caught.value)
    assert f"plan.yaml, line {line}" in text
    assert message in text and remedy in (caught.value.do or "")


def test_tiers_that_do_not_rise(write):
    text = SIMPLE.replace("to: 1000, ", "").replace(
        "{from: 1000, rate: 6%}", "{from: 5000, rate: 6%}\n        - {from: 3000, rate: 7%}"
    )
    with pytest.raises(ParameterError, match="tiers must rise: 3000 follows 5000") as caught:
        load_plan(write(text))
    assert caught.value.where == "plan.yaml, line 15"


def test_faults_are_told_in_chinese(write):
    path = write(SIMPLE.replace("from: 1000,", "from: 900,"))
    with pytest.raises(ParameterError, match="档位重叠：前一档止于1000，后一档起于900") as caught:
        load_plan(path, lang=Language("zh"))
    assert caught.value.where == "plan.yaml第14行"
    with pytest.raises(ParameterError, match="tiers overlap") as caught:
        load_plan(path)
    assert Language("zh").again(caught.value.message).endswith("后一档起于900")
    assert Language("zh").again(caught.value.where) == "plan.yaml第14行"


def test_a_variant_says_only_what_differs(write):
    write(SIMPLE, "base.yaml")
    path = write(
        "extends: base.yaml\n"
        "components:\n  commission:\n    rates:\n      kind: whole\n"
        "  extra:\n    label: {en: Extra, zh: 补贴}\n    pays: {amount: 100}\n"
    )
    plan = load_plan(path)
    assert plan.components["commission"].rates.kind == "whole"
    assert len(plan.components["commission"].rates.tiers) == 2
    gone = write("extends: plan.yaml\ncomponents:\n  extra:\n", "gone.yaml")
    assert list(load_plan(gone).components) == ["commission"]


def test_a_fault_below_is_told_where_it_stands(write):
    write(SIMPLE.replace("rate: 6%", "rate: 600%"), "base.yaml")
    with pytest.raises(ParameterError) as caught:
        load_plan(write("extends: base.yaml\nplan: other\n"))
    assert caught.value.where == "base.yaml, line 14"


def test_a_variant_keeps_the_currency(write):
    write(SIMPLE, "base.yaml")
    with pytest.raises(ParameterError, match="amounts in CNY cannot be read as USD") as caught:
        load_plan(write("extends: base.yaml\ncurrency: USD\n"))
    assert caught.value.where == "plan.yaml, line 2"


def test_unknown_chinese_words_are_told_by_chinese_ones(write):
    path = write(SIMPLE.replace("rate: 6%", "费用率: 6%"))
    with pytest.raises(ParameterError) as caught:
        load_plan(path, lang=Language("zh"))
    assert caught.value.do == "是否指费率？"


def test_files_in_a_circle_are_refused(write):
    write("extends: plan.yaml\n", "base.yaml")
    with pytest.raises(ParameterError, match="circle"):
        load_plan(write("extends: base.yaml\n"))


def test_changed_values_are_checked_anew(write):
    plan = load_plan(write(SIMPLE))
    changed = plan.with_values({"components.commission.rates.tiers.1.rate": "7%"})
    assert changed.components["commission"].rates.tiers[1].rate == Fraction(7, 100)
    with pytest.raises(ParameterError, match="tiers overlap"):
        plan.with_values({"components.commission.rates.tiers.1.from": 500})
    for path in ("9.rate", "x.rate", "1.rate.more"):
        with pytest.raises(ParameterError, match="leads to no entry"):
            plan.with_values({f"components.commission.rates.tiers.{path}": 1})


def test_the_schema_knows_the_words_of_a_file_and_their_chinese():
    schema = plan_schema()
    assert {"extends", "measures", "components"} <= set(schema["properties"])
    tier = schema["$defs"]["Tier"]["properties"]
    assert "from" in tier and tier["rate"]["zh"][0] == "费率"
    assert CHINESE["起点"] == "from" and CHINESE["继承"] == "extends"


def test_choices_are_told_in_the_reader_s_words(write):
    path = write(SIMPLE.replace("accumulate: year", "accumulate: 随时"))
    with pytest.raises(ParameterError) as caught:
        load_plan(path, lang=Language("zh"))
    assert caught.value.do == "可用：每笔、月、季或年"


def test_a_role_that_nobody_can_have_is_told(write):
    path = write(SIMPLE.replace("    measure:", "    roles: [huntr]\n    measure:"))
    assert load_plan(path).components["commission"].roles == ("huntr",)
    with pytest.raises(ParameterError, match="nobody can have the role huntr") as caught:
        load_plan(path, roles=["hunter", "farmer"])
    assert (caught.value.where, caught.value.do) == ("plan.yaml, line 9", "did you mean hunter?")
