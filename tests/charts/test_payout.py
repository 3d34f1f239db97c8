"""The payout curve: cliffs are vertical, people stand on the same axis, the alternative says it."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.charts import bin_table, payout_curve
from workbench.errors import InputError
from workbench.text import Language

CURVE = pd.DataFrame({"attainment": [0, 0.5, 1.0, 1.0, 1.8], "pay": [0, 0.2, 0.7, 1.0, 1.6]})
BINS = bin_table(
    [0.55, 0.72, 0.95, 1.01, 1.02, 1.3], [0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8]
)


def drawn(lang: str = "en", **changes):
    words = {"title": "Crossing 100% pays 30%", "marks": [(1.0, "step +30%")]} | changes
    return payout_curve(CURVE, BINS, lang=Language(lang), **words)


def test_a_cliff_is_a_vertical_rule_with_its_money():
    figure = drawn()
    rules = [mark for mark in figure.chart.marks if mark.kind == "rule"]
    cliff = [row for mark in rules for row in mark.values if row.get("x") == row.get("x2") == 1.0]
    assert [(row["y"], row["y2"]) for row in cliff] == [(0.7, 1.0)]
    assert "step +30%" in figure.svg()


def test_the_line_breaks_at_the_cliff():
    lines = [mark for mark in drawn().chart.marks if mark.kind == "line"]
    parts = {row["part"] for row in lines[0].values}
    assert len(parts) == 2


def test_people_at_target_are_favourable():
    rects = next(mark for mark in drawn().chart.marks if mark.kind == "rect")
    fills = {row["x"]: row["fill"] for row in rects.values}
    assert fills[1.0] == fills[1.2] != fills[0.8]


def test_the_alternative_names_pay_and_cliff():
    assert "100%" in drawn().alt
    assert "step +30%" in drawn().alt


def test_a_second_plan_is_named_at_its_end():
    other = pd.DataFrame({"attainment": [0, 1.8], "pay": [0, 1.5]})
    svg = drawn(other=other, names=("Today", "Proposal")).svg()
    assert "Today" in svg
    assert "Proposal" in svg


def test_missing_columns_are_named():
    with pytest.raises(InputError, match="pay"):
        payout_curve(CURVE[["attainment"]], BINS, lang=Language("en"), title="")
