"""Invented result tables of the forecast study, one figure for each of its charts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from workbench.charts.dots import quantile_dots
from workbench.charts.figure import Figure
from workbench.charts.lines import trend_band
from workbench.charts.measure import TOTAL
from workbench.charts.signals import signal_line
from workbench.charts.staircase import staircase
from workbench.charts.theme import columns
from workbench.text import Language

_WAN = 10_000.0


def next_year(lang: Language) -> Figure:
    """A node's months with its fan of the next year."""
    p = lang.pick
    season = np.array([75, 45, 95, 80, 80, 100, 70, 70, 95, 75, 85, 130]) * 6.0 * _WAN
    rng = np.random.default_rng(9)
    periods = pd.period_range("2024-08", "2027-07", freq="M")
    level = season[(np.arange(36) + 7) % 12] * (1 + 0.05 * np.arange(36) / 12)
    actual = level * np.exp(0.05 * rng.standard_normal(36))
    table = pd.DataFrame({"period": periods, "actual": actual})
    ahead = np.arange(36) - 23
    table.loc[ahead > 0, "actual"] = np.nan
    median = np.where(ahead == 0, actual, level)
    spread = median * 0.06 * np.sqrt(np.maximum(ahead, 0) / 4 + 0.5) * (ahead > 0)
    for share, width in ((80, 1.282), (95, 1.960)):
        table[f"low{share}"] = np.where(ahead >= 0, median - width * spread, np.nan)
        table[f"high{share}"] = np.where(ahead >= 0, median + width * spread, np.nan)
    table["median"] = np.where(ahead >= 0, median, np.nan)
    year = lang.money(median[ahead > 0].sum())
    return trend_band(
        table,
        lang=lang,
        title=p(f"The east sells {year} in the next 12 months", f"华东未来12个月预计{year}"),
        subtitle=p("Revenue by month, {unit}, without VAT", "月收入，{unit}，不含税"),
    )  # fmt: skip


def twenty_times(lang: Language) -> Figure:
    """A forecast as twenty outcomes."""
    p = lang.pick
    draws = 7.24e8 + 0.27e8 * np.random.default_rng(4).standard_normal(4000)
    return quantile_dots(
        draws,
        lang=lang,
        target=7.3e8,
        target_label=p("Base", "基准"),
        title=p("About 8 of 20 such years reach base", "同样的年份过20次，约8次达到基准"),
        subtitle=p("Bookings of the year, {unit}; a dot is 5%",
                   "全年签约，{unit}；每点代表5%的可能"),
    )  # fmt: skip


def value_of_stages(lang: Language) -> Figure:
    """What each stage of a forecast adds."""
    p = lang.pick
    table = pd.DataFrame({
        "label": [p("Naive", "朴素预测"), p("Statistical", "统计预测"), p("Pipeline", "商机预测"),
                  p("Rep", "个人"), p("Manager", "经理"), p("Final", "最终")],
        "error": [0.182, 0.121, 0.104, 0.109, 0.124, 0.097],
        "low": [np.nan, -0.075, -0.024, -0.006, 0.006, -0.039],
        "high": [np.nan, -0.047, -0.010, 0.016, 0.024, -0.015],
    })  # fmt: skip
    return staircase(
        table,
        lang=lang,
        title=p("Managers make it worse by 1.5 points", "经理环节使误差增加1.5个百分点"),
        subtitle=p("Error in % of what came, 2 months ahead; change in pp, 95% interval",
                   "绝对误差占实际的比例，提前2个月；变化为百分点，95%区间"),
    )  # fmt: skip


def too_high_for_long(lang: Language) -> Figure:
    """The tracking signal of one person."""
    p = lang.pick
    months = pd.period_range("2025-02", "2026-07", freq="M")
    value = [1.0, 0.4, 1.5, 2.2, 1.6, 2.9, 3.8, 4.4, 5.6, 6.3, 7.6, 8.2, 9.1, 9.4, 8.9, 9.8,
             10.3, 10.1]  # fmt: skip
    length = np.minimum(np.arange(18) + 1, 12)
    table = pd.DataFrame({"period": months, "value": value})
    table["limit"] = np.maximum(4.0, 1.96 * np.sqrt(np.pi / 2 * length))
    return signal_line(
        table,
        lang=lang,
        title=p("Zhou has forecast too high since January", "周某自1月起预测持续偏高"),
        subtitle=p("Cumulated error of 12 months in mean absolute errors",
                   "近12个月累计误差，以平均绝对误差为单位"),
        limit_label=p("limits of chance", "随机波动范围"),
    )  # fmt: skip


def far_from_base(lang: Language) -> Figure:
    """Twenty outcomes of collections, far below the target."""
    p = lang.pick
    draws = 6.1e8 + 0.12e8 * np.random.default_rng(5).standard_normal(4000)
    return quantile_dots(
        draws,
        lang=lang,
        target=6.6e8,
        target_label=p("Base", "基准"),
        measure=TOTAL,
        width=columns(3),
        title=p("No such year reaches base", "没有一次达到基准"),
        subtitle=p("Collections of the year, {unit}", "全年回款，{unit}"),
    )


FORECAST_EXAMPLES: dict[str, Callable[[Language], Figure]] = {
    draw.__name__: draw
    for draw in (next_year, twenty_times, far_from_base, value_of_stages, too_high_for_long)
}
