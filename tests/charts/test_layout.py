"""The parts charts are made of: ticks, planes, periods, labels kept apart and cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.charts import letters
from workbench.charts.plane import Plane, ticks
from workbench.charts.rows import extent, period_labels, spread
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
PX = st.floats(0, 300)


@given(low=st.floats(-1e9, 1e9), width=st.floats(1e-3, 1e9), most=st.integers(2, 6))
def test_ticks_are_few_even_and_inside(low: float, width: float, most: int) -> None:
    values = ticks(low, low + width, most=most)
    assert 1 <= len(values) <= most
    slack = 1e-6 * max(abs(low), width)
    assert all(low - slack <= value <= low + width + slack for value in values)
    assert np.ptp(np.diff(values)) <= slack if len(values) > 2 else True


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 100, [0, 50, 100]), (0, 57, [0, 20, 40]), (3.6, 8.1, [4, 6, 8]), (5, 5, [5])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected


@given(x=st.floats(-5, 5), y=st.floats(-5, 5))
def test_plane_goes_there_and_back(x: float, y: float) -> None:
    plane = Plane(width=400, height=200, left=50, right=20, top=10, bottom=30, x=(-2, 3), y=(-1, 4))
    assert plane.at_x(plane.px(x)) == pytest.approx(x, abs=1e-9)
    assert plane.at_y(plane.py(y)) == pytest.approx(y, abs=1e-9)
    assert plane.px(-2) == 50 and plane.px(3) == 380
    assert plane.py(4) == 10 and plane.py(-1) == 170


@given(st.lists(PX, min_size=1, max_size=8))
def test_labels_are_moved_apart_in_order_and_stay_inside(places: list[float]) -> None:
    moved = spread(places, gap=16, low=0, high=300)
    ordered = sorted(moved)
    assert all(b - a >= 15.9 for a, b in pairwise(ordered))
    assert ordered[0] >= -1e-6 and ordered[-1] <= 300 + 1e-6
    order = np.argsort(places, kind="stable")
    assert list(np.array(moved)[order]) == ordered


def test_labels_that_have_room_stay() -> None:
    assert spread([10, 60, 110], gap=16, low=0, high=300) == [10, 60, 110]


def labels(first: str, last: str, room: float, lang: Language = EN) -> list[tuple[str, str]]:
    periods = pd.Series(pd.period_range(first, last, freq="M"))
    return [(label.text, label.year) for label in period_labels(periods, lang, room=room)]


def test_months_are_named_with_the_year_where_it_begins() -> None:
    assert labels("2025-11", "2026-02", 300, ZH) == [
        ("11月", "2025年"), ("12月", ""), ("1月", "2026年"), ("2月", "")
    ]  # fmt: skip
    assert labels("2026-01", "2026-03", 300) == [("Jan", ""), ("Feb", ""), ("Mar", "")]


def test_fewer_months_where_there_is_less_room() -> None:
    assert [text for text, _ in labels("2025-08", "2026-07", 200)] == ["Sep", "Dec", "Mar", "Jun"]
    assert [text for text, _ in labels("2025-08", "2026-07", 80)] == ["Dec", "Jun"]
    assert [text for text, _ in labels("2021-08", "2026-07", 160)] == [
        "2022", "2023", "2024", "2025", "2026"
    ]  # fmt: skip


def test_words_as_periods_are_thinned_from_the_end() -> None:
    names = pd.Series([f"W{n}" for n in range(1, 27)])
    chosen = [label.text for label in period_labels(names, EN, room=200)]
    assert chosen[-1] == "W26" and 3 <= len(chosen) <= 6


def test_words_are_cut_with_an_ellipsis_to_fit() -> None:
    name = "江苏恒远智能装备制造服务集团"
    assert letters.cut(name, 500) == name
    for room in range(0, 168, 7):
        cut = letters.cut(name, room)
        assert letters.wide(cut) <= room
        assert cut == "" or cut.endswith("…")


@pytest.mark.parametrize(
    ("values", "zero", "expected"),
    [
        ([2, 4], True, (0, 4)), ([2, 4], False, (2, 4)), ([-2, 4], True, (-2, 4)),
        ([5, 5], False, (4.5, 5.5)), ([-5, -5], False, (-5.5, -4.5)), ([0, 0], True, (0, 1)),
        ([np.nan], True, (0, 1)), ([-3], True, (-3, 0)),
    ],
)  # fmt: skip
def test_extent_holds_all_values(values: list, zero: bool, expected: tuple) -> None:
    assert extent(np.array(values, float), None, zero=zero) == pytest.approx(expected)
