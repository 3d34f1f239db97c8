"""Odd tables: one row, none, all missing, zero, negative, very long names. Nothing runs over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import (
    COUNT,
    MONEY,
    Figure,
    band_line,
    bars,
    bin_table,
    cohort,
    fan,
    funnel,
    heat_table,
    histogram,
    interval_bars,
    named_lines,
    pareto,
    scatter,
    small_multiples,
    spark,
    tile_map,
    trend_band,
    variance_bars,
    waterfall,
)  # fmt: skip
from workbench.charts.lines import Target
from workbench.charts.theme import columns
from workbench.text import Language

LONG = {
    "en": "Jiangsu Hengyuan Intelligent Equipment Manufacturing and Service Group, Suzhou plant",
    "zh": "江苏恒远智能装备制造服务集团有限公司苏州第二工厂设备保障与备件采购中心",
}
MONTHS = pd.period_range("2025-08", "2026-07", freq="M")
NONE = float("nan")


def months(values: object, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS, "actual": values, "value": values, **more})


def labelled(label: str, values: list[float], **more: object) -> pd.DataFrame:
    names = [f"{label}{place + 1}" for place in range(len(values))]
    frame = {"label": names, "stage": names, "value": values, "actual": values, "count": values}
    return pd.DataFrame({**frame, **more})


def steps(label: str, values: list[float], total: float = 0.0) -> pd.DataFrame:
    rows = [(label, total, "total"), *((f"{label}{n}", v, "change") for n, v in enumerate(values)),
            (label, total + sum(values), "total")]  # fmt: skip
    return pd.DataFrame(rows, columns=["label", "value", "kind"]).assign(note=label)


Case = Callable[[Language, str], Figure]


def money(
    chart: Callable[..., Figure], table: Callable[[str], pd.DataFrame], **more: object
) -> Case:
    """Draw a chart in money from a table made with a label of any length."""
    return lambda lang, label: chart(
        table(label), lang=lang, title=label, measure=MONEY, **more
    )  # fmt: skip


MIXED = [1.2e8, -3.4e7, 0.0, NONE, 5.6e6]
CASES: dict[str, Case] = {
    "trend, one month": money(trend_band, lambda _: months(1e8).head(1)),
    "trend, zero": money(trend_band, lambda _: months(0.0, last_year=0.0)),
    "trend, negative": money(trend_band, lambda _: months(np.linspace(-5e7, 5e7, 12), plan=1e7)),
    "trend, gaps": money(trend_band, lambda _: months([1e8, NONE, NONE, *[2e8] * 8, NONE])),
    "trend, missing": money(trend_band, lambda _: months(NONE)),
    "trend, same ends": money(trend_band, lambda _: months(1e8, last_year=1e8, plan=1e8)),
    "trend, band": money(trend_band, lambda _: months(1e8, low=8e7, high=1.2e8)),
    "trend, ten years": money(
        trend_band,
        lambda _: pd.DataFrame({"period": pd.period_range("2016-08", "2026-07", freq="M"),
                                "actual": np.linspace(1e7, 1e8, 120)}),
    ),
    "trend, narrow": money(trend_band, lambda _: months(1e8), width=columns(3)),
    "fan, close tiers": money(
        fan, lambda _: months([1e8, 1.1e8, *[NONE] * 10], median=np.linspace(1e8, 2e8, 12)),
        targets=[Target(str(n), 2e8 + n) for n in range(5)],
    ),
    "names, one month": lambda lang, label: named_lines(
        months(0.2).head(1).assign(name=label), lang=lang, title=label),
    "names, missing": lambda lang, label: named_lines(
        months(NONE).assign(name=label), lang=lang, title=label),
    "names, same ends": lambda lang, label: named_lines(
        pd.concat([months(0.2).assign(name=f"{label}{n}") for n in range(5)]),
        lang=lang, title=label, width=columns(4)),
    "band, one": lambda lang, label: band_line(
        months(30).head(1), lang=lang, title=label, band=(20, 45)),
    "band, far outside": lambda lang, label: band_line(
        months(500).assign(mark=True), lang=lang, title=label, band=(20, 45), width=columns(6)),
    "band, none": lambda lang, label: band_line(months(30), lang=lang, title=label),
    "band, missing": lambda lang, label: band_line(
        months(NONE), lang=lang, title=label, band=(20, 45)),
    "spark, one": lambda lang, label: spark(months(1e8).head(1), lang=lang, title="1"),
    "spark, flat": lambda lang, label: spark(months(0.0), lang=lang, title="1"),
    "spark, missing": lambda lang, label: spark(months(NONE), lang=lang, title="1"),
    "waterfall, long": money(waterfall, lambda s: steps(s, [1e8, -4e7, 2e7], 9e8)),
    "waterfall, no change": money(waterfall, lambda s: steps(s, [], 9e8)),
    "waterfall, zero": money(waterfall, lambda s: steps(s, [0.0, 0.0])),
    "waterfall, falling": money(waterfall, lambda s: steps(s, [-1e8, -2e8, 1e7], 9e8)),
    "waterfall, narrow": money(
        waterfall, lambda s: steps(s, [1e8, -4e7, 2e7], 9e8), width=columns(4)),
    "variance, one": money(variance_bars, lambda s: labelled(s, [1e8], plan=[2e8])),
    "variance, alone": money(variance_bars, lambda s: labelled(s, [1e8, 2e8])),
    "variance, zero": money(variance_bars, lambda s: labelled(s, [0.0, 0.0], plan=0.0)),
    "variance, negative": money(
        variance_bars, lambda s: labelled(s, [-1e8, 2e8, NONE], plan=[1e8, NONE, 1e8])),
    "variance, many": money(
        variance_bars,
        lambda s: labelled("Q", list(np.linspace(1e8, 4e8, 24)), plan=2e8, last_year=1e8)),
    "variance, far apart": money(variance_bars, lambda s: labelled("Q", [1e8, 1e4], plan=1e8)),
    "bars, mixed": money(bars, lambda s: labelled(s, MIXED, note=s)),
    "bars, one zero": money(bars, lambda s: labelled(s, [0.0])),
    "bars, missing": money(bars, lambda s: labelled(s, [NONE, NONE])),
    "bars, none": money(bars, lambda s: labelled(s, [])),
    "interval, no ends": money(
        interval_bars, lambda s: labelled(s, [1e8, 2e8], low=NONE, high=NONE)),
    "interval, long": money(
        interval_bars,
        lambda s: labelled(s, [1e8, 2e8], low=[0, 1e8], high=[2e8, 3e8], note=s),
        style="bar", reference=1e8, reference_label="1"),
    "funnel, one": lambda lang, label: funnel(labelled(label, [5.0]), lang=lang, title=label),
    "funnel, zero": lambda lang, label: funnel(labelled(label, [5, 0]), lang=lang, title=label),
    "funnel, amounts": lambda lang, label: funnel(
        labelled(label, [9000, 20], rate=[NONE, 0.002], amount=[NONE, 4e8]),
        lang=lang, title=label),
    "heat, long": lambda lang, label: heat_table(
        pd.DataFrame({"row": [label] * 6, "column": [f"{n}{label}" for n in range(6)],
                      "value": [0.5, -0.5, 0.0, NONE, 12.0, -0.01]}), lang=lang, title=label),
    "heat, one": lambda lang, label: heat_table(
        pd.DataFrame({"row": ["a"], "column": ["b"], "value": [0.02]}), lang=lang, title=label),
    "cohort, one": lambda lang, label: cohort(
        pd.DataFrame({"cohort": [label], "age": [0], "rate": [1.0], "size": [3]}),
        lang=lang, title=label),
    "histogram, one bin": lambda lang, label: histogram(
        bin_table([0.1, 0.2], [0, 1]), lang=lang, title=label, marks=[(0.0, "0")]),
    "histogram, empty": lambda lang, label: histogram(
        bin_table([], [0, 0.5, 1]), lang=lang, title=label),
    "histogram, open": lambda lang, label: histogram(
        bin_table([-3, 0.1, 7], [-np.inf, 0, 0.5, 1, np.inf]), lang=lang, title=label),
    "pareto, one": lambda lang, label: pareto(labelled("A", [5.0]), lang=lang, title=label),
    "pareto, returns": lambda lang, label: pareto(
        labelled("A", [9e6, 5e6, -1e6]), lang=lang, title=label),
    "tiles, none": lambda lang, label: tile_map(
        pd.DataFrame({"geo_code": [], "value": []}), lang=lang, title=label),
    "tiles, narrow": lambda lang, label: tile_map(
        pd.DataFrame({"geo_code": ["110000", "320000"], "value": [1.25, -0.5]}),
        lang=lang, title=label, width=columns(3)),
    "scatter, one": lambda lang, label: scatter(
        pd.DataFrame({"x": [1.0], "y": [0.5], "label": ["A"]}),
        lang=lang, title=label, x_title="x", y_title="y", x_measure=COUNT),
    "scatter, missing": lambda lang, label: scatter(
        pd.DataFrame({"x": [1.0], "y": [NONE]}), lang=lang, title=label, x_title="x", y_title="y"),
    "panels, one": lambda lang, label: small_multiples(
        months(1e8).assign(panel=label), lang=lang, title=label),
    "panels, one month": lambda lang, label: small_multiples(
        months(1e8).head(1).assign(panel=label), lang=lang, title=label),
    "panels, missing": lambda lang, label: small_multiples(
        months([1e8, *[NONE] * 11]).assign(panel=label), lang=lang, title=label, zero=False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_short_names_stay_inside(case: str, lang: Language) -> None:
    figure = CASES[case](lang, lang.pick("East", "华东"))
    assert reading.faults(figure) == []
    assert figure.alt


@pytest.mark.parametrize("case", CASES)
def test_long_names_are_cut_and_told_in_full(case: str, lang: Language) -> None:
    name = LONG[lang.code]
    figure = CASES[case](lang, name)
    assert reading.faults(figure) == []
    drawn = [word.text for word in reading.words(reading.svg_of(figure))]
    if any(text.endswith("…") for text in drawn):
        assert name in figure.alt


def test_no_rows_say_so(lang: Language) -> None:
    figure = bars(labelled("A", []), lang=lang, title="0")
    assert [word.text for word in reading.words(reading.svg_of(figure))] == [
        lang.pick("No data", "无数据")
    ]
    assert lang.pick("No data", "无数据") in figure.alt
