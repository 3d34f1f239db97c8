"""Sparks and panels: small, one scale, last values named."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import COUNT, Role, small_multiples, spark
from workbench.text import Language

EN = Language("en")
MONTHS = pd.period_range("2026-01", "2026-04", freq="M")


def test_spark_has_the_size_of_its_tile_and_no_words() -> None:
    table = pd.DataFrame({"actual": [3e8, 2e8, 3.86e8], "last_year": [2e8, 2e8, 3e8]})
    figure = spark(table, lang=EN, title="Revenue")
    svg = reading.svg_of(figure)
    assert (figure.width, figure.height) == (92, 34)
    assert reading.words(svg) == []
    assert Role.LAST.light in svg and Role.ACTUAL.light in svg
    assert figure.alt == "Revenue. first CNY 300 million, last CNY 386 million."


def panels(**more: object) -> str:
    rows = [(name, month, base + n) for name, base in (("A", 0), ("B", 100))
            for n, month in enumerate(MONTHS)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["panel", "period", "value"])
    figure = small_multiples(
        table, lang=EN, title="", measure=COUNT, width=600, per_row=2, **more  # type: ignore[arg-type]
    )  # fmt: skip
    return reading.svg_of(figure)


def test_panels_share_one_scale() -> None:
    lines = re.findall(rf'd="(M[^"]+)"[^>]*stroke="{Role.ACTUAL.light}"', panels())
    ends = [[float(y) for y in re.findall(r",([\d.]+)", line)] for line in lines]
    assert len(ends) == 2
    rise = [line[0] - line[-1] for line in ends]
    assert rise[0] == pytest.approx(rise[1], abs=0.05)
    assert ends[0][0] - ends[1][0] == pytest.approx(100 / 3 * rise[0], rel=0.02)


def test_panels_are_named_and_end_with_their_last_value() -> None:
    words = {word.text: word for word in reading.words(panels())}
    assert {"A", "B", "3", "103", "Jan 2026", "Apr 2026"} <= set(words)
    assert words["A"].left == 0 and words["B"].left > 300
