"""Charts of the forecast study: dots on the right side, steps judged, signals with their alarms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import (
    COUNT,
    Figure,
    Role,
    quantile_dots,
    signal_line,
    staircase,
    trend_band,
)
from workbench.errors import InputError, ParameterError
from workbench.text import Language

EN = Language("en")


def texts(figure: Figure) -> list[str]:
    return [word.text for word in reading.words(reading.svg_of(figure))]


def dots(draws: object, **more: object) -> Figure:
    return quantile_dots(draws, lang=EN, title="", measure=COUNT, **more)  # type: ignore[arg-type]


def colours(figure: Figure, role: Role) -> int:
    return reading.svg_of(figure).count(f'fill="{role.light}"')


def test_dots_are_twenty_and_those_from_the_target_on_are_favourable() -> None:
    figure = dots(np.arange(1000), target=700, target_label="Base")
    dark = [path for path in (Role.GOOD, Role.FC50) for _ in range(colours(figure, path))]
    assert dark.count(Role.FC50) == 14 and dark.count(Role.GOOD) == 6 + 1  # and the word "hits"
    assert {"Base 700", "hits 6", "misses 14"} <= set(texts(figure))
    assert figure.data["hit"].sum() == 6


@pytest.mark.parametrize(
    "draws",
    [
        np.arange(100), np.full(50, 3.0), np.zeros(5), np.array([1.0]), -np.arange(40.0),
        np.exp(np.random.default_rng(1).normal(0, 2, 500)), np.array([1.0, np.nan, 2.0]),
        np.repeat([0.0, 1e9], 20),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [None, 0.5, 50.0, 1e6])
def test_dots_lie_inside_and_apart_for_any_draws(draws: np.ndarray, target: float | None) -> None:
    figure = dots(draws, target=target, target_label="Base")
    assert reading.faults(figure) == [] and len(figure.data) == 20
    chart = figure.chart
    placed = next(mark for mark in chart.marks if mark.kind == "point")
    radius = np.sqrt(placed.style["size"]) / 2
    at = {(round(chart.px(d["x"]), 3), round(chart.py(d["y"]), 3)) for d in placed.values}
    assert len(at) == 20
    for x, y in at:
        assert radius <= x <= chart.across - radius and radius <= y <= chart.up - radius + 0.5
    if target is not None and chart.x[0] <= target <= chart.x[1]:
        right = {d["fill"] for d in placed.values if d["x"] > target}
        left = {d["fill"] for d in placed.values if d["x"] < target}
        assert right <= {Role.GOOD.light} and left <= {Role.FC50.light}


def test_a_target_far_off_is_pointed_to() -> None:
    assert {"Base 900 →", "hits 0"} <= set(texts(dots(np.arange(100), target=900,
                                                       target_label="Base")))  # fmt: skip
    assert {"← Base −900", "hits 20"} <= set(texts(dots(np.arange(100), target=-900,
                                                         target_label="Base")))  # fmt: skip


def test_no_draws_say_so_and_one_dot_is_no_forecast() -> None:
    assert "No data" in texts(dots([]))
    with pytest.raises(ParameterError, match="no spread"):
        dots([1.0, 2.0], dots=1)


def steps(**changed: object) -> pd.DataFrame:
    nan = np.nan
    return pd.DataFrame({
        "label": ["Naive", "Rep", "Manager", "Final"], "error": [0.20, 0.10, 0.15, 0.14],
        "low": [nan, -0.12, 0.02, -0.03], "high": [nan, -0.08, 0.08, 0.01], **changed,
    })  # fmt: skip


def stair(table: pd.DataFrame) -> Figure:
    return staircase(table, lang=EN, title="")


def test_steps_are_judged_by_their_interval() -> None:
    figure = stair(steps())
    bars = next(mark for mark in figure.chart.marks if mark.kind == "rect")
    fills = [row["fill"] for row in bars.values]
    assert fills == [role.light for role in (Role.ACTUAL, Role.GOOD, Role.BAD, Role.LAST)]
    assert [row["x"] for row in bars.values] == pytest.approx([0, 0.20, 0.10, 0.15])
    assert [row["x2"] for row in bars.values] == pytest.approx([0.20, 0.10, 0.15, 0.14])
    assert {"−10.0", "▼", "+5.0", "△", "−1.0", "−12.0 to −8.0"} <= set(texts(figure))
    assert texts(figure).count("▼") == 1
    assert [entry.label for entry in figure.key] == ["better", "worse", "no difference"]


def test_unknown_steps_say_that_there_are_too_few() -> None:
    figure = stair(steps(low=np.nan, high=np.nan))
    assert texts(figure).count("too few to tell") == 3
    assert reading.faults(figure) == []
    assert "No data" in texts(stair(steps(error=np.nan)))
    assert reading.faults(stair(steps().head(1))) == []
    with pytest.raises(InputError, match="staircase needs the column"):
        stair(steps().drop(columns="low"))


def test_a_stage_without_an_error_breaks_the_stair_only() -> None:
    assert reading.faults(stair(steps(error=[0.2, np.nan, 0.15, 0.14]))) == []


def signal(values: list[float], **more: object) -> Figure:
    months = pd.period_range("2026-01", periods=len(values), freq="M")
    table = pd.DataFrame({"period": months, "value": values, "limit": 4.0, **more})
    return signal_line(table, lang=EN, title="")


def test_alarms_are_marked_and_the_last_value_judged() -> None:
    quiet, loud = signal([1.0, -3.0, 2.0]), signal([1.0, -5.0, 6.0])
    assert "+2.0" in texts(quiet) and "+6.0" in texts(loud)
    assert colours(quiet, Role.BAD) == 0 and colours(loud, Role.BAD) == 2
    assert [entry.label for entry in loud.key] == ["limits", "alarm"]
    assert "Feb 2026 −5.0" in loud.alt
    assert colours(signal([1.0, 5.0], alarm=[False, False]), Role.BAD) == 0
    assert "No data" in texts(signal([np.nan, np.nan]))
    assert reading.faults(signal([3.0])) == []


def test_label_of_the_last_actual_keeps_off_a_line_that_swings() -> None:
    months = pd.period_range("2024-01", periods=36, freq="M")
    actual = np.where(np.arange(36) % 2, 100.0, 60.0)
    for last in (60.0, 80.0, 100.0):
        actual[23] = last
        table = pd.DataFrame({"period": months, "actual": actual, "median": 80.0})
        table.loc[24:, "actual"] = np.nan
        figure = trend_band(table, lang=EN, title="", measure=COUNT)
        word = next(w for w in reading.words(reading.svg_of(figure)) if "Actual" in w.text)
        chart = figure.chart
        for place in np.linspace(chart.px(23) + chart.left - 40, chart.px(23) + chart.left, 30):
            x = (place - chart.left) / chart.across * 35
            height = chart.top + chart.py(float(np.interp(x, np.arange(24), actual[:24])))
            assert not word.top + 1 < height < word.bottom - 1
