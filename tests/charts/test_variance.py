"""Variance bars: from zero, one scale for bars and differences, judged by direction."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import COUNT, SHARE, Figure, Role, variance_bars
from workbench.errors import InputError, ParameterError
from workbench.text import Language

EN = Language("en")
TABLE = pd.DataFrame(
    {"label": ["Q1", "Q2"], "actual": [80, 60], "plan": [70, 90], "last_year": [75, 50]}
)


def draw(table: pd.DataFrame = TABLE, **more: object) -> Figure:
    return variance_bars(table, lang=EN, title="", measure=COUNT, **more)  # type: ignore[arg-type]


def by_fill(figure: Figure, role: Role) -> list[reading.Bar]:
    return [bar for bar in reading.bars(reading.svg_of(figure)) if bar.fill == role.light]


def test_bars_and_differences_share_one_scale() -> None:
    figure = draw()
    px = by_fill(figure, Role.ACTUAL)[0].height / 80
    heights = {
        role: [bar.height / px for bar in by_fill(figure, role)]
        for role in (Role.ACTUAL, Role.PAPER, Role.LAST, Role.GOOD, Role.BAD)
    }
    assert heights[Role.ACTUAL] == pytest.approx([80, 60], rel=0.01)
    assert heights[Role.PAPER] == pytest.approx([70, 90], rel=0.01)
    assert heights[Role.LAST] == pytest.approx([75, 50], rel=0.01)
    assert heights[Role.GOOD] == pytest.approx([10], rel=0.02)
    assert heights[Role.BAD] == pytest.approx([30], rel=0.02)


def test_all_bars_stand_on_zero() -> None:
    figure = draw()
    feet = {round(bar.bottom, 1) for role in (Role.ACTUAL, Role.PAPER, Role.LAST)
            for bar in by_fill(figure, role)}  # fmt: skip
    assert len(feet) == 1


def test_less_cost_is_favourable() -> None:
    figure = draw(direction="down")
    assert len(by_fill(figure, Role.GOOD)) == 1
    assert by_fill(figure, Role.GOOD)[0].height > by_fill(figure, Role.BAD)[0].height


def test_key_says_what_differences_are_against() -> None:
    assert draw().key[-1].label == "top row: less plan"
    assert draw(against="last_year").key[-1].label == "top row: less last year"
    assert "Q2 60 (+10)" in draw(against="last_year").alt


def test_shares_differ_in_points() -> None:
    table = pd.DataFrame({"label": ["A"], "actual": [0.382], "last_year": [0.394]})
    figure = variance_bars(table, lang=EN, title="", measure=SHARE)
    assert "\u22121.2" in [word.text for word in reading.words(reading.svg_of(figure))]


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ParameterError, match="no plan"):
        draw(TABLE.drop(columns="plan"), against="plan")
    with pytest.raises(InputError, match="needs the column actual"):
        draw(TABLE.drop(columns="actual"))
