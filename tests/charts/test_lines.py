"""Lines: axes from zero or said so, labels at ends, bands and forecasts, judged levels."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import (
    COUNT,
    Figure,
    Role,
    Target,
    band_line,
    fan,
    named_lines,
    theme,
    trend_band,
)
from workbench.errors import InputError
from workbench.text import Language

EN = Language("en")
MONTHS = pd.period_range("2025-08", "2026-07", freq="M")


def trend(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS, "actual": np.arange(100, 112), **columns})


def draw(table: pd.DataFrame, **more: object) -> Figure:
    return trend_band(table, lang=EN, title="", measure=COUNT, **more)  # type: ignore[arg-type]


def texts(figure: Figure) -> list[str]:
    return [word.text for word in reading.words(reading.svg_of(figure))]


def test_axis_starts_at_zero_or_the_subtitle_says_not() -> None:
    assert "0" in texts(draw(trend()))
    assert draw(trend(), subtitle="People").subtitle == "People"
    cropped = draw(trend(), subtitle="People", zero=False)
    assert "0" not in texts(cropped)
    assert cropped.subtitle == "People; axis does not start at zero"


def test_at_most_four_grid_lines() -> None:
    for top in (1, 7, 12, 99, 1234, 5e6):
        svg = reading.svg_of(draw(trend(plan=top)))
        assert svg.count(f'stroke="{Role.GRID.light}"') <= 4


def test_ends_are_labelled_with_name_and_value() -> None:
    figure = draw(trend(last_year=90.0, plan=115.0))
    assert {"Actual 111", "Last year 90", "Plan 115"} <= set(texts(figure))
    assert "Jul 2026: Actual 111" in figure.alt


def test_own_names_are_used() -> None:
    assert "New Year aligned 90" in texts(
        draw(trend(last_year=90.0), names={"last_year": "New Year aligned"})
    )


def test_actual_that_stops_is_labelled_where_it_stops() -> None:
    table = trend(median=np.linspace(100, 120, 12)).astype({"actual": float})
    table.loc[6:, "actual"] = np.nan
    figure = draw(table)
    words = {word.text: word for word in reading.words(reading.svg_of(figure))}
    assert words["Actual 105"].right < words["Median 120"].left


def test_forecast_steps_are_drawn_widest_first() -> None:
    steps = {f"{end}{share}": 110.0 + sign * share / 10
             for share in (50, 80, 95) for end, sign in (("low", -1), ("high", 1))}  # fmt: skip
    figure = draw(trend(**steps))
    order = [reading.svg_of(figure).find(f'fill="{role.light}"')
             for role in (Role.FC95, Role.FC80, Role.FC50)]  # fmt: skip
    assert order == sorted(order) and order[0] > 0
    assert [entry.label for entry in figure.key] == ["50%", "80%", "95% interval"]
    assert "80% 102–118" in figure.alt


def test_lines_break_at_missing_values() -> None:
    table = trend().astype({"actual": float})
    table.loc[5, "actual"] = np.nan
    path = re.search(rf'd="([^"]+)"[^>]*stroke="{Role.ACTUAL.light}"', reading.svg_of(draw(table)))
    assert path is not None and path[1].count("M") == 2


def test_fan_names_its_targets_with_their_probability() -> None:
    figure = fan(
        trend(median=np.linspace(100, 120, 12), last_year=95.0), lang=EN, title="", measure=COUNT,
        targets=[Target("Base", 118, 0.41), Target("Stretch", 130, 0.004)],
    )  # fmt: skip
    assert {"Base 118 · 41%", "Stretch 130 · <1%", "Last year"} <= set(texts(figure))
    assert "Base 118 · 41%" in figure.alt


def test_a_fan_of_a_year_that_has_not_begun_has_no_actual() -> None:
    ahead = trend(median=np.linspace(100, 120, 12)).assign(actual=np.nan)
    figure = fan(ahead, lang=EN, title="", measure=COUNT, targets=[Target("Base", 118, 0.41)])
    assert "Base 118 · 41%" in texts(figure) and not any("Actual" in each for each in texts(figure))


@pytest.mark.parametrize(("last", "role"), [(49, Role.BADTEXT), (45, Role.INK), (12, Role.BADTEXT)])
def test_last_level_is_judged_by_its_band(last: float, role: Role) -> None:
    table = pd.DataFrame({"period": MONTHS, "value": [30] * 11 + [last]})
    figure = band_line(table, lang=EN, title="", band=(20, 45))
    (word,) = [w for w in reading.words(reading.svg_of(figure)) if w.text == f"{last} days"]
    assert word.fill == role.light and word.bold


def test_marked_values_are_printed_once() -> None:
    table = pd.DataFrame({"period": MONTHS, "value": range(30, 42), "mark": [True] * 12})
    said = texts(band_line(table, lang=EN, title="", band=(20, 45)))
    assert said.count("41") == 0 and said.count("41 days") == 1 and "40" in said


def test_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match="trend_band needs the columns period, actual"):
        draw(pd.DataFrame({"x": [1]}))


def shares(names: list[str]) -> pd.DataFrame:
    rows = [(month, name, 0.1 + n / 50) for n, name in enumerate(names) for month in MONTHS]
    return pd.DataFrame(rows, columns=["period", "name", "value"])


def test_names_have_their_own_colours_and_labels() -> None:
    figure = named_lines(shares(["A", "B", "C", "D", "E"]), lang=EN, title="")
    svg = reading.svg_of(figure)
    assert all(f'stroke="{role.light}"' in svg for role in theme.NAMED)
    assert {"A 10.0%", "E 18.0%"} <= set(texts(figure))
    assert "A (Jul 2026) 10.0%" in figure.alt


def test_one_highlighted_among_many_is_ink_and_the_others_grey() -> None:
    names = [f"n{n}" for n in range(8)]
    figure = named_lines(shares(names), lang=EN, title="", highlight="n3")
    svg = reading.svg_of(figure)
    assert svg.count(f'stroke="{Role.ACTUAL.light}"') == 1
    assert svg.count(f'stroke="{Role.LAST.light}"') == 7
    assert [word.text for word in reading.words(svg) if word.bold] == ["n3 16.0%"]


def test_too_many_names_are_refused() -> None:
    with pytest.raises(InputError, match="6 lines cannot be told apart"):
        named_lines(shares(list("ABCDEF")), lang=EN, title="")
    with pytest.raises(InputError, match="'X' is not among"):
        named_lines(shares(["A"]), lang=EN, title="", highlight="X")


def test_a_name_with_two_values_in_one_period_is_refused():
    table = shares(["A", "B"])
    with pytest.raises(InputError, match="'B' has two values"):
        named_lines(pd.concat([table, table.tail(1)]), lang=EN, title="")


def test_rows_of_names_may_come_in_any_order_and_lack_periods():
    table = shares(["A", "B"])
    figure = named_lines(table, lang=EN, title="")
    by_period = table.sort_values(["period", "name"], kind="stable")
    assert named_lines(by_period, lang=EN, title="").svg() == figure.svg()
    lacking = table.drop(index=table.index[table["name"] == "B"][1])
    drawn = named_lines(lacking, lang=EN, title="").svg()
    assert len(reading.words(drawn)) == len(reading.words(figure.svg()))
    assert drawn != figure.svg()
