"""Histograms count right at their edges, concentration is right, many points become bins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.charts import reading
from workbench.charts import COUNT, Figure, Role, bin_table, histogram, pareto, scatter
from workbench.errors import InputError, ParameterError
from workbench.text import Language

EN = Language("en")
EDGES = [0, 0.1, 0.2, 0.3]


def test_values_on_an_edge_begin_the_next_bin() -> None:
    # 0.1 + 0.2 is a little more than 0.3, 0.3 - 0.1 a little less than 0.2
    table = bin_table([0, 0.0999, 0.1, 0.3 - 0.1, 0.1 + 0.2, None, 0.31, -0.1], EDGES)
    assert table["count"].tolist() == [2, 1, 2]
    assert table["low"].tolist() == [0, 0.1, 0.2]


@given(st.lists(st.floats(-5, 5), max_size=50))
def test_open_bins_count_everything_once(values: list[float]) -> None:
    table = bin_table(values, [-np.inf, -1, 0, 1, np.inf])
    assert table["count"].sum() == len(values)


@pytest.mark.parametrize("edges", [[1], [1, 1], [2, 1]])
def test_edges_have_to_rise(edges: list[float]) -> None:
    with pytest.raises(ParameterError, match="must rise"):
        bin_table([1], edges)


def draw(table: pd.DataFrame, **more: object) -> Figure:
    return histogram(table, lang=EN, title="", **more)  # type: ignore[arg-type]


def test_bars_stand_on_their_edges_and_zero() -> None:
    svg = reading.svg_of(draw(bin_table([0.05, 0.15, 0.15, 0.25, 0.25, 0.25, 0.25], EDGES)))
    one, two, four = reading.bars(svg)
    assert [two.height / one.height, four.height / one.height] == pytest.approx([2, 4], rel=0.01)
    assert one.right == pytest.approx(two.left, abs=0.02)
    assert two.right == pytest.approx(four.left, abs=0.02)
    assert one.bottom == two.bottom == four.bottom
    words = {word.text: word for word in reading.words(svg)}
    assert abs((words["10%"].left + words["10%"].right) / 2 - two.left) < 0.5


def test_marks_stand_at_their_value() -> None:
    svg = reading.svg_of(draw(bin_table([0.05, 0.25], EDGES), marks=[(0.2, "limit")]))
    words = {word.text: word for word in reading.words(svg)}
    assert abs((words["limit"].left + words["limit"].right) / 2 - reading.bars(svg)[2].left) < 0.5


def test_one_highlighted_bin_turns_the_others_grey() -> None:
    table = bin_table([0.05, 0.15], EDGES).assign(highlight=[False, True, False])
    fills = [bar.fill for bar in reading.bars(reading.svg_of(draw(table)))]
    assert fills == [Role.LAST.light, Role.ACTUAL.light, Role.LAST.light]
    assert "10–20%: 1" in draw(table).alt and "0–10%" not in draw(table).alt


def test_many_counts_get_an_axis_instead_of_labels() -> None:
    table = bin_table(np.repeat(np.arange(60) / 60, 1000), [n / 60 for n in range(61)])
    said = [word.text for word in reading.words(reading.svg_of(draw(table)))]
    assert said.count("1,000") == 1


def test_bins_of_different_width_are_refused() -> None:
    with pytest.raises(InputError, match="differ in width"):
        draw(pd.DataFrame({"low": [0, 1], "high": [1, 3], "count": [1, 1]}))


def test_pareto_marks_the_shares_of_the_largest() -> None:
    values = [50, 20, 10, *[2] * 10]  # total 100, thirteen names
    table = pd.DataFrame({"label": [str(n) for n in range(13)], "value": values[::-1]})
    figure = pareto(table, lang=EN, title="", top=2, measure=COUNT)
    said = {word.text for word in reading.words(reading.svg_of(figure))}
    assert {"top 2: 70%", "top 20% (3): 80%"} <= said
    assert "top 2: 70%" in figure.alt


def test_pareto_needs_a_total() -> None:
    with pytest.raises(InputError, match="total above zero"):
        pareto(pd.DataFrame({"label": ["a"], "value": [-1]}), lang=EN, title="")


def points(count: int) -> Figure:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"x": rng.normal(size=count), "y": rng.normal(size=count)})
    return scatter(table, lang=EN, title="", x_title="x", y_title="y", x_measure=COUNT)


def test_a_log_scale_is_said_and_even_in_ratios() -> None:
    table = pd.DataFrame({"x": [1e3, 1e4, 1e5, 1e6, 0, -5], "y": [0.1] * 6})
    figure = scatter(
        table, lang=EN, title="", x_title="size", y_title="y", x_measure=COUNT, x_log=True
    )
    words = {word.text: word for word in reading.words(reading.svg_of(figure))}
    assert "size (log scale)" in words
    middle = [(words[text].left + words[text].right) / 2 for text in ("1,000", "10,000", "100,000")]
    assert middle[1] - middle[0] == pytest.approx(middle[2] - middle[1], abs=0.1)
    assert figure.alt.startswith("4 points")


def test_over_two_thousand_points_become_bins() -> None:
    few, many = points(2_000), points(2_001)
    assert reading.svg_of(few).count(f'fill="{Role.ACTUAL.light}"') == 2_000
    assert few.key == ()
    assert reading.svg_of(many).count(f'fill="{Role.ACTUAL.light}"') == 0
    assert len(reading.bars(reading.svg_of(many))) < 40 * 24
    assert len(reading.svg_of(many)) < len(reading.svg_of(few))
    assert many.key[0].label.startswith("points in a cell: 1–")
    assert many.alt.startswith("2,001 points")
