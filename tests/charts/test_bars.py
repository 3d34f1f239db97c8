"""Bars and intervals: from zero, in proportion, ranks that chance could swap joined."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import COUNT, Figure, Measure, Role, bars, funnel, interval_bars
from workbench.errors import InputError
from workbench.text import Language

EN = Language("en")


def draw(values: list[float], **columns: object) -> Figure:
    table = pd.DataFrame(
        {"label": [f"n{n}" for n in range(len(values))], "value": values, **columns}
    )
    return bars(table, lang=EN, title="", measure=COUNT)


def test_bars_are_in_proportion_from_one_zero() -> None:
    drawn = reading.bars(reading.svg_of(draw([10, 20, 40])))
    assert len({bar.left for bar in drawn}) == 1
    assert [bar.width / drawn[0].width for bar in drawn] == pytest.approx([1, 2, 4], rel=1e-2)


def test_negative_bars_run_to_the_left_of_zero() -> None:
    up, down = reading.bars(reading.svg_of(draw([10, -5])))
    assert down.right == pytest.approx(up.left, abs=0.02)
    assert up.width / down.width == pytest.approx(2, rel=1e-2)


def test_plan_is_outlined_and_never_filled() -> None:
    figure = draw([10, 20], kind=["actual", "plan"])
    assert [bar.fill for bar in reading.bars(reading.svg_of(figure))] == [
        Role.ACTUAL.light, Role.PAPER.light
    ]  # fmt: skip
    assert f'stroke="{Role.PLAN.light}"' in reading.svg_of(figure)


def test_unknown_roles_are_refused() -> None:
    with pytest.raises(InputError, match="crimson"):
        draw([1], kind=["crimson"])


def test_own_words_stand_at_the_bar() -> None:
    words = [word.text for word in reading.words(reading.svg_of(draw([1], text=["one of ten"])))]
    assert words == ["n0", "one of ten"]


def ranked(rows: list[tuple[float, float, float]], **columns: object) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["value", "low", "high"])
    return table.assign(label=[f"n{n}" for n in range(len(rows))], **columns)


def joins(table: pd.DataFrame, **more: object) -> int:
    figure = interval_bars(table, lang=EN, title="", **more)  # type: ignore[arg-type]
    drawn = reading.svg_of(figure).count('stroke-width="1.5"')
    assert ("chance" in figure.subtitle) == (drawn > 0)
    return drawn


def test_ranks_whose_intervals_overlap_are_joined() -> None:
    apart = [(0.5, 0.48, 0.52), (0.4, 0.38, 0.42), (0.3, 0.28, 0.32)]
    assert joins(ranked(apart)) == 0
    assert joins(ranked([*apart, (0.29, 0.26, 0.31)])) == 1
    assert joins(ranked([(0.5, 0.4, 0.6), (0.45, 0.4, 0.5), (0.2, 0.1, 0.3), (0.1, 0, 0.2)])) == 2


def test_given_ties_win_and_joining_can_be_off() -> None:
    apart = [(0.5, 0.48, 0.52), (0.4, 0.38, 0.42)]
    assert joins(ranked(apart, tie=["a", "a"])) == 1
    assert joins(ranked([(0.5, 0.4, 0.6), (0.45, 0.4, 0.5)]), join=False) == 0


def test_intervals_are_written_and_told() -> None:
    figure = interval_bars(
        ranked([(0.31, 0.29, 0.33)]), lang=EN, title="", measure=Measure("share", decimals=0)
    )
    assert {"31%", "29–33%"} <= {word.text for word in reading.words(reading.svg_of(figure))}
    assert "n0 31% (29–33%)" in figure.alt


def test_bars_of_intervals_start_at_zero() -> None:
    table = ranked([(0.5, 0.48, 0.52), (0.25, 0.2, 0.3)])
    figure = interval_bars(table, lang=EN, title="", style="bar", join=False)
    wide, half = reading.bars(reading.svg_of(figure))
    assert wide.width / half.width == pytest.approx(2, rel=0.01)


def test_funnel_bars_are_left_aligned_and_in_proportion() -> None:
    table = pd.DataFrame({"stage": ["Lead", "Won"], "count": [200, 50], "rate": [None, 0.25],
                          "low": [None, 0.19], "high": [None, 0.31]})  # fmt: skip
    figure = funnel(table, lang=EN, title="")
    lead, won = reading.bars(reading.svg_of(figure))
    assert lead.left == won.left
    assert lead.width / won.width == pytest.approx(4, rel=0.01)
    words = {word.text: word for word in reading.words(reading.svg_of(figure))}
    rate = words["25% (19–31%)"]
    assert lead.bottom <= (rate.top + rate.bottom) / 2 <= won.top
    assert "Won 50 (25%)" in figure.alt
