"""Triangles point where the number went; filled is favourable."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ParameterError
from workbench.report import Mark, judge

# From VISUAL, "Three codes at once": rising overdue is hollow and up, falling cost filled and down.
EXAMPLES = [
    ("+5.6%", 0.056, "up", "▲ +5.6%", "good"),
    ("−1.2 pp", -0.012, "up", "▽ −1.2 pp", "bad"),
    ("+2.6 pp", 0.026, "down", "△ +2.6 pp", "bad"),
    ("−150", -150.0, "down", "▼ −150", "good"),
    ("+3", 3.0, "context", "+3", None),
    ("0.0%", 0.0, "up", "0.0%", None),
    ("–", math.nan, "up", "–", None),
    ("–", None, "down", "–", None),
]


@pytest.mark.parametrize(("words", "change", "direction", "shown", "judged"), EXAMPLES)
def test_mark_shows_direction_and_judgement(words, change, direction, shown, judged):
    mark = Mark.of(words, change, direction)
    assert (mark.words, mark.judged) == (shown, judged)


@pytest.mark.parametrize(("level", "judged"), [(19, "bad"), (20, None), (45, None), (46, "bad")])
def test_band_is_judged_outside_its_ends(level, judged):
    assert judge(level, "band", band=(20, 45)) == judged


def test_judged_mark_carries_its_colour_and_a_bare_one_does_not():
    assert Mark.of("+5%", 0.05).html() == '<span class="good">▲ +5%</span>'
    assert Mark("<5%").html() == "&lt;5%"


@pytest.mark.parametrize("direction", ["band", "higher"])
def test_direction_without_meaning_is_refused(direction):
    with pytest.raises(ParameterError):
        judge(1.0, direction)


@given(change=st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_good_one_way_is_bad_the_other(change):
    both = {judge(change, "up"), judge(change, "down")}
    assert both == ({None} if change == 0 else {"good", "bad"})
