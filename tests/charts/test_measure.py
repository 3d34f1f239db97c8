"""Numbers of charts: one unit, no more decimals than needed, minus signs, missing as –."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.charts import CHANGE, COUNT, DAYS, MONEY, SHARE, TOTAL, Measure
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize(
    ("measure", "values", "en", "zh"),
    [
        (MONEY, [3.86e8, 4.2e6], "386.0", "38,600"),
        (TOTAL, [3.86e8], "386.0", "3.86"),
        (COUNT, [6200], "6,200", "6,200"),
        (SHARE, [0.123], "12.3%", "12.3%"),
        (Measure("share", decimals=0), [0.123], "12%", "12%"),
        (CHANGE, [-0.064], "\u22126.4%", "\u22126.4%"),
        (Measure("number"), [2.5], "2.5", "2.5"),
        (Measure("number"), [2.0], "2", "2"),
        (DAYS, [float("nan")], "–", "–"),
    ],
)
def test_values_are_written(measure: Measure, values: list, en: str, zh: str) -> None:
    assert measure.writer(EN, values)(values[0]) == en
    assert measure.writer(ZH, values)(values[0]) == zh


def test_units_are_said_once_under_the_title() -> None:
    assert MONEY.writer(ZH, [3.86e8]).under("收入，单位：{unit}") == "收入，单位：万元"
    assert MONEY.writer(EN, [3.86e8]).under("Revenue, {unit}") == "Revenue, CNY million"
    assert DAYS.writer(ZH, [49]).single(49) == "49天"
    assert DAYS.writer(EN, [49]).single(49) == "49 days"
    assert MONEY.writer(ZH, [3.86e8]).full(3.86e8) == "3.86亿元"


def test_a_table_beside_can_share_its_scale() -> None:
    scale = ZH.scale([9.9e9])
    assert Measure("money", scale=scale).writer(ZH, [1e8])(1e8) == scale(1e8)


@pytest.mark.parametrize(
    ("measure", "values", "written"),
    [
        (SHARE, [0, 0.25, 0.5], ["0%", "25%", "50%"]),
        (SHARE, [0.005, 0.01], ["0.5%", "1.0%"]),
        (MONEY, [0, 5e7, 1e8], ["0", "50", "100"]),
        (Measure("number"), [0, 0.5, 1], ["0.0", "0.5", "1.0"]),
    ],
)
def test_axes_have_no_needless_decimals(
    measure: Measure, values: list[float], written: list[str]
) -> None:
    assert measure.writer(EN, [1e8] if measure is MONEY else values).axis(values) == written


def test_intervals_say_their_unit_once() -> None:
    assert Measure("share", decimals=0).writer(EN, [0.4]).between(0.36, 0.4) == "36–40%"
    assert COUNT.writer(ZH, [1]).between(-3, 4) == "−3至4"


def test_rounded_is_what_is_written() -> None:
    writer = Measure("share", decimals=0, signed=True).writer(EN, [0.008])
    assert writer.rounded(0.008) == pytest.approx(0.01)
    assert np.isnan(writer.rounded(np.nan))
