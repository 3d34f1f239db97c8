"""The charts of the example page, drawn by `workbench.charts` from small result tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.support.pages import example_page
from workbench import charts
from workbench.report import Page
from workbench.text import Language

STOCK = [35, 34, 41, 36, 37, 47, 38, 40, 50, 44, 43, 57, 49]


def real_charts(lang: Language) -> dict[str, charts.Figure]:
    """Waterfall, months, dealers' stock and ageing, as wide as their places."""
    say = lang.pick
    return {
        "waterfall": waterfall(lang),
        "months": _months(lang),
        "cover": charts.band_line(
            pd.DataFrame(
                {
                    "period": pd.period_range("2025-07", "2026-07", freq="M"),
                    "value": STOCK,
                    "mark": [i in (2, 5, 8, 11, 12) for i in range(13)],
                }
            ),
            lang=lang,
            band=(20, 45),
            title=say(
                "Dealers are loaded at each quarter end; cover is 49 days",
                "每到季末压货，渠道库存现为49天",
            ),
            subtitle=say(
                "Days of dealer stock at month end, July 2025 to July 2026",
                "经销商库存天数，月末，2025年7月至2026年7月",
            ),
        ),
        "overdue": charts.bars(
            pd.DataFrame(
                {
                    "label": [
                        say("Not yet due", "未到期"),
                        say("1–30 days", "逾期1–30天"),
                        say("31–90 days", "逾期31–90天"),
                        say("over 90 days", "逾期90天以上"),
                    ],
                    "value": [0.786, 0.051, 0.040, 0.123],
                    "kind": ["last", "fc50", "fcm", "bad"],
                }
            ),
            lang=lang,
            title=say("12.3% is over 90 days late", "逾期超90天占应收的12.3%"),
            subtitle=say("Receivables by days past due, %", "应收余额结构，按逾期天数，%"),
        ),
    }


def waterfall(lang: Language, *, narrow: bool = False) -> charts.Figure:
    """Growth by cause; `narrow` without causes, for the long picture."""
    say = lang.pick
    rows = [
        (say("Jan–Jul 2025", "2025年1–7月"), 356.7, "total", "", ""),
        (say("Price", "价格"), -4.2, "change", "more special prices: 13.1% off list, +0.9 pp",
         "特价审批增多，让利率13.1%（+0.9个百分点）"),
        (say("Volume", "销量"), 5.6, "change", "consumables; end demand +1.6% in units",
         "耗材拉动，终端销量+1.6%"),
        (say("Mix", "结构"), 3.1, "change", "service now 15.8% of revenue", "服务收入占比15.8%"),
        (say("New customers", "新客户"), 12.4, "change", "212 customers with a first order",
         "新增成交客户212家"),
        (say("Lost customers", "流失客户"), -8.6, "change", "148 gone quiet, 91 via dealers",
         "沉默客户148家，其中经销渠道91家"),
        (say("End demand", "终端需求小计"), np.nan, "subtotal",
         "dealer sell-out +2.1%", "终端动销+2.1%"),
        (say("Channel stock", "渠道补货"), 18.2, "stock", "dealer cover 34 → 49 days; not demand",
         "经销商库存34天→49天，不计作需求"),
        (say("Calendar", "日历"), 2.8, "calendar", "one more working day", "多1个工作日"),
        (say("Jan–Jul 2026", "2026年1–7月"), 386.0, "total", "", ""),
    ]  # fmt: skip
    table = pd.DataFrame(
        [(label, value * 1e6, kind, say(en, zh)) for label, value, kind, en, zh in rows],
        columns=["label", "value", "kind", "note"],
    )
    return charts.waterfall(
        table.drop(columns="note") if narrow else table,
        lang=lang,
        width=436 if narrow else charts.columns(7),
        title=say(
            "Of 29.3 million of growth, 18.2 million is channel stock",
            "增长2,930万元中，渠道补货占1,820万元",
        ),
        subtitle=say("Change in revenue by driver, {unit}", "收入同比变动分解，单位：{unit}"),
    )


def _months(lang: Language) -> charts.Figure:
    say = lang.pick
    labels = [lang.months(1, 2), *(lang.month(number) for number in range(3, 8))]
    actual = np.array([80.8, 71.1, 54.8, 55.1, 77.6, 46.6]) * 1e6
    gap = np.array([-5.6, 2.7, -2.8, -2.5, 5.6, -3.8]) * 1e6
    last = np.array([75.3, 65.3, 50.9, 50.6, 68.8, 45.8]) * 1e6
    return charts.variance_bars(
        pd.DataFrame({"label": labels, "actual": actual, "plan": actual - gap, "last_year": last}),
        lang=lang,
        title=say(
            "Quarter-end peaks: June 5.6 above plan, July 3.8 below",
            "季末冲高、次月回落：6月超计划560万元，7月少380万元",
        ),
        subtitle=say("Revenue by month, {unit}", "月收入，{unit}"),
    )


def drawn_page(lang: Language) -> Page:
    """Return the example page with its real charts, as a study would build it."""
    page = example_page(lang, real_charts(lang))
    first, *others = page.blocks
    tiles = [replace(t, spark=s) for t, s in zip(page.tiles, sparks(lang), strict=True)]
    narrow = replace(first, narrow=waterfall(lang, narrow=True))
    return replace(page, blocks=[narrow, *others], tiles=tiles)


def sparks(lang: Language) -> list[charts.Figure]:
    """Small lines for the six tiles: 13 months, last year grey."""
    rng = np.random.default_rng(7)
    season = np.array([0, -1, 3, 2, 2, 5, 3, 2, 4, 1, 3, 5, 2])
    drawn = []
    for label in ("a", "b", "c", "d", "e", "f"):
        wave = season + rng.normal(0, 0.6, 13)
        table = pd.DataFrame(
            {
                "period": pd.period_range("2025-07", "2026-07", freq="M"),
                "actual": 100 + wave,
                "last_year": 99 + season,
            }
        )
        drawn.append(charts.spark(table, lang=lang, title=label))
    return drawn
