"""Invented result tables, one figure for each chart: for the gallery, the docs and the tests.

The figures are invented; no company is meant. `examples(lang)` draws them all.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from workbench.charts.bars import bars, interval_bars
from workbench.charts.examples_forecast import FORECAST_EXAMPLES
from workbench.charts.examples_pay import PAY_EXAMPLES
from workbench.charts.figure import Figure
from workbench.charts.funnel import funnel
from workbench.charts.heat import cohort, heat_table
from workbench.charts.histogram import bin_table, histogram
from workbench.charts.levels import band_line
from workbench.charts.lines import Target, fan, trend_band
from workbench.charts.measure import MONEY, TOTAL, Measure
from workbench.charts.named import named_lines
from workbench.charts.pareto import pareto
from workbench.charts.scatter import scatter
from workbench.charts.small import small_multiples, spark
from workbench.charts.theme import columns
from workbench.charts.tiles import PROVINCES, tile_map
from workbench.charts.variance import variance_bars
from workbench.charts.waterfall import waterfall
from workbench.text import Language

_WAN = 10_000.0
_REGIONS = (
    ("Central", "华中"), ("East", "华东"), ("South", "华南"), ("South-west", "西南"),
    ("North", "华北"), ("NW and NE", "西北·东北"),
)  # fmt: skip


def examples(lang: Language) -> dict[str, Figure]:
    """Draw every chart from an invented table, by name of its example."""
    return {name: draw(lang) for name, draw in EXAMPLES.items()}


def growth(lang: Language) -> Figure:
    """Growth by cause, with channel stock and calendar apart."""
    p = lang.pick
    rows = [
        (lang.period("2025-01-01", "2025-07-31"), 35_670, "total", ""),
        (p("Price", "价格"), -420, "change",
         p("more special prices: 13.1% off list, +0.9 pp",
           "特价审批增多，让利率13.1%（+0.9个百分点）")),
        (p("Volume", "销量"), 560, "change",
         p("consumables; end demand +1.6% in units", "耗材拉动，终端销量+1.6%")),
        (p("Mix", "结构"), 310, "change", p("service now 15.8% of revenue", "服务收入占比15.8%")),
        (p("New customers", "新客户"), 1_240, "change",
         p("212 customers with a first order", "新增成交客户212家")),
        (p("Lost customers", "流失客户"), -860, "change",
         p("148 gone quiet, 91 via dealers", "沉默客户148家，其中经销渠道91家")),
        (p("End demand, subtotal", "终端需求小计"), 830, "subtotal",
         p("dealer sell-out +2.1%", "终端动销+2.1%")),
        (p("Channel stock", "渠道补货"), 1_820, "stock",
         p("dealer cover 34 → 49 days; not demand", "经销商库存34天→49天，不计作需求")),
        (p("Calendar", "日历"), 280, "calendar", p("one more working day", "多1个工作日")),
        (lang.period("2026-01-01", "2026-07-31"), 38_600, "total", ""),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["label", "value", "kind", "note"])
    table["value"] *= _WAN
    return waterfall(
        table,
        lang=lang,
        title=p("Of 29.3 million of growth, 18.2 million is channel stock",
                "增长2,930万元中，渠道补货占1,820万元"),
        subtitle=p("Change in revenue by driver, {unit}", "收入同比变动分解，单位：{unit}"),
    )  # fmt: skip


def against_plan(lang: Language) -> Figure:
    """Months against plan and last year."""
    table = pd.DataFrame({
        "label": [lang.months(1, 2), *(lang.month(month) for month in range(3, 8))],
        "actual": np.array([8080, 7110, 5480, 5510, 7760, 4660]) * _WAN,
        "plan": np.array([8640, 6840, 5760, 5760, 7200, 5040]) * _WAN,
        "last_year": np.array([7540, 6530, 5090, 5060, 6870, 4580]) * _WAN,
    })  # fmt: skip
    return variance_bars(
        table,
        lang=lang,
        title=lang.pick("Quarter-end peaks: June 5.6 above plan, July 3.8 below",
                        "季末冲高、次月回落：6月超计划560万元，7月少380万元"),
        subtitle=lang.pick("Revenue by month, {unit}", "月收入，{unit}"),
    )  # fmt: skip


def cover(lang: Language) -> Figure:
    """Days of dealer stock in their normal band."""
    months = pd.period_range("2025-07", "2026-07", freq="M")
    table = pd.DataFrame({
        "period": months,
        "value": [34, 33, 41, 36, 37, 47, 38, 40, 50, 44, 43, 57, 49],
        "mark": months.month % 3 == 0,
    })  # fmt: skip
    return band_line(
        table,
        lang=lang,
        band=(20, 45),
        title=lang.pick("Dealers are loaded at each quarter end; cover is 49 days",
                        "每到季末压货，渠道库存现为49天"),
        subtitle=lang.pick("Days of dealer stock at month end", "经销商库存天数，月末"),
    )  # fmt: skip


def overdue(lang: Language) -> Figure:
    """Receivables by days past due."""
    p = lang.pick
    table = pd.DataFrame({
        "label": [p("Not yet due", "未到期"), p("1–30 days", "逾期1–30天"),
                  p("31–90 days", "逾期31–90天"), p("over 90 days", "逾期90天以上")],
        "value": [0.786, 0.051, 0.040, 0.123],
        "kind": ["last", "fc50", "fcm", "bad"],
    })  # fmt: skip
    return bars(
        table,
        lang=lang,
        title=p("12.3% is over 90 days late", "逾期超90天占应收的12.3%"),
        subtitle=p("Receivables by days past due, {unit}", "应收余额结构，按逾期天数，{unit}"),
    )


def months(lang: Language) -> Figure:
    """A trend of two years with last year and plan."""
    periods = pd.period_range("2024-08", "2026-07", freq="M")
    season = np.array([7, 9.5, 7.5, 8.5, 13, 7.5, 4.5, 9.5, 8, 8, 10, 7]) / 100
    last = np.tile(season, 2) * np.repeat([66_000.0, 69_000.0], 12) * _WAN
    actual = last * (1.06 + 0.05 * np.sin(np.arange(24)))
    actual[-1] = last[-1] * 1.08
    table = pd.DataFrame({"period": periods, "actual": actual, "last_year": last})
    table.loc[12:, "plan"] = last[12:] * 1.09
    return trend_band(
        table,
        lang=lang,
        title=lang.pick("July is 8% above last year and just under plan",
                        "7月高于去年8%，略低于计划"),
        subtitle=lang.pick("Revenue by month, {unit}, net of VAT", "月收入，{unit}，不含税"),
    )  # fmt: skip


def to_year_end(lang: Language) -> Figure:
    """A forecast fan with the three tiers of the target."""
    p = lang.pick
    median = np.array([np.nan, 4.52, 4.95, 5.50, 6.00, 6.50, 7.24]) * 1e8
    spread = np.array([np.nan, 0, 0.10, 0.15, 0.20, 0.25, 0.30]) * 1e8
    table = pd.DataFrame({
        "period": pd.period_range("2026-06", "2026-12", freq="M"),
        "actual": [3.95e8, 4.52e8, *[np.nan] * 5],
        "last_year": np.array([3.75, 4.30, 4.75, 5.35, 5.80, 6.30, 6.75]) * 1e8,
        "median": median,
    })  # fmt: skip
    for share, width in ((50, 0.674), (80, 1.282), (95, 1.960)):
        table[f"low{share}"] = median - width * spread
        table[f"high{share}"] = median + width * spread
    return fan(
        table,
        lang=lang,
        targets=(
            Target(p("Floor", "保底"), 6.8e8, 0.95),
            Target(p("Base", "基准"), 7.3e8, 0.41, bold=True),
            Target(p("Stretch", "挑战"), 7.7e8, 0.05),
        ),
        title=p("The median is CNY 724 million, 6 million short of base",
                "签约中位数7.24亿元，离基准目标差600万元"),
        subtitle=p("Bookings to date, {unit}", "累计签约，{unit}"),
    )  # fmt: skip


def regions_by_line(lang: Language) -> Figure:
    """Growth by region and product line."""
    values = {
        0: (0.175, 0.051, 0.064, 0.126), 1: (0.142, 0.098, 0.110, 0.124),
        2: (0.131, 0.036, 0.079, 0.094), 3: (0.058, 0.052, 0.086, 0.060),
        4: (0.012, 0.049, 0.063, 0.031), 5: (-0.064, 0.019, 0.032, -0.023),
    }  # fmt: skip
    p = lang.pick
    names = [p(*region) for region in _REGIONS]
    lines = [p("Equipment", "设备"), p("Consumables", "耗材"), p("Service", "服务"),
             p("All lines", "合计")]  # fmt: skip
    rows = [(names[r], c, v, False) for r, line in values.items()
            for c, v in zip(lines, line, strict=True)]  # fmt: skip
    total = zip(lines, (0.094, 0.060, 0.085, 0.082), strict=True)
    rows += [(p("Company", "全公司"), c, v, True) for c, v in total]
    return heat_table(
        pd.DataFrame(rows, columns=["row", "column", "value", "total"]),
        lang=lang,
        title=p(
            "Equipment carries the growth, the north-west shrinks", "增长靠设备，西北·东北在下降"
        ),
        subtitle=p("Revenue on the year, {unit}", "收入同比，{unit}"),
    )


def stages(lang: Language) -> Figure:
    """From lead to deal."""
    p = lang.pick
    table = pd.DataFrame({
        "stage": [p("Lead", "线索"), p("Opportunity", "商机"), p("Solution agreed", "方案确认"),
                  p("Negotiation", "商务谈判"), p("Won", "赢单")],
        "count": [6200, 2356, 1437, 747, 448],
        "rate": [np.nan, 0.38, 0.61, 0.52, 0.60],
        "low": [np.nan, 0.36, 0.59, 0.49, 0.56],
        "high": [np.nan, 0.40, 0.63, 0.55, 0.64],
    })  # fmt: skip
    return funnel(
        table,
        lang=lang,
        title=p("7.2% of leads are won; the first step is the weakest",
                "线索到赢单7.2%，最弱的一步是线索转商机"),
        subtitle=p("Leads of the second half of 2025 over 12 months; between rows: conversion, "
                   "80% interval", "2025年下半年同批线索，追踪12个月，个数；行间为转化率与80%区间"),
    )  # fmt: skip


def win_rates(lang: Language) -> Figure:
    """Win rates with their interval; ranks that could be chance are joined."""
    p = lang.pick
    deals = [420, 812, 655, 300, 510, 120]
    wins = np.array([0.29, 0.31, 0.27, 0.22, 0.21, 0.15])
    spread = 1.282 * np.sqrt(wins * (1 - wins) / deals)
    order = np.argsort(-wins)
    table = pd.DataFrame({
        "label": [p(*region) for region in _REGIONS], "value": wins, "low": wins - spread,
        "high": wins + spread, "note": [p(f"{n} deals", f"{n}单") for n in deals],
    }).iloc[order]  # fmt: skip
    return interval_bars(
        table,
        lang=lang,
        measure=Measure("share", decimals=0),
        reference=0.265,
        reference_label=p("company 27%", "全公司27%"),
        title=p("Three regions win more, three fewer than one in four",
                "三个大区赢单率高于四分之一，三个低于"),
        subtitle=p("Won of closed, 12 months, 80% interval", "关闭商机中的赢单，近12个月，80%区间"),
    )  # fmt: skip


def discounts(lang: Language) -> Figure:
    """Discounts pile up at the approval limits."""
    rng = np.random.default_rng(7)
    given = np.concatenate([
        rng.beta(2, 12, 3000) * 0.4, np.repeat([0.10, 0.15, 0.20], [300, 150, 120])
    ])  # fmt: skip
    table = bin_table(given, [n / 100 for n in range(26)])
    table["highlight"] = table["low"].round(2).isin([0.10, 0.15, 0.20])
    return histogram(
        table,
        lang=lang,
        marks=[(limit, lang.percent(limit, decimals=0)) for limit in (0.10, 0.15, 0.20)],
        title=lang.pick("570 of 3,570 quotes sit at an approval limit", "报价折扣堆在三条审批线上"),
        subtitle=lang.pick("Quotes by discount off list; lines: approval limits",
                           "报价单数，按让利率；竖线为审批线"),
    )  # fmt: skip


def attainment(lang: Language) -> Figure:
    """Attainment of sixty people."""
    counts = [2, 3, 5, 8, 11, 9, 10, 6, 3, 2, 1]
    edges = np.arange(40, 150, 10) / 100
    table = pd.DataFrame({"low": edges, "high": edges + 0.10, "count": counts})
    table["kind"] = np.where(table["low"] >= 0.999, "good", "fc50")
    return histogram(
        table,
        lang=lang,
        marks=[(1.0, lang.pick("target", "达标"))],
        title=lang.pick("22 of 60 people reach the target", "60人中预计22人达标"),
        subtitle=lang.pick("People by attainment", "个人达成率的期望分布，人数"),
    )


def retention(lang: Language) -> Figure:
    """What is left of each quarter's new customers."""
    rates = {
        "2025Q1": (84, (1, 0.61, 0.52, 0.47, 0.44, 0.42)),
        "2025Q2": (91, (1, 0.58, 0.50, 0.46, 0.43)), "2025Q3": (77, (1, 0.63, 0.55, 0.51)),
        "2025Q4": (96, (1, 0.49, 0.41)), "2026Q1": (88, (1, 0.60)), "2026Q2": (102, (1,)),
    }  # fmt: skip
    rows = [
        (name, age, rate, size)
        for name, (size, line) in rates.items()
        for age, rate in enumerate(line)
    ]
    return cohort(
        pd.DataFrame(rows, columns=["cohort", "age", "rate", "size"]),
        lang=lang,
        size_name=lang.pick("accounts", "家"),
        age_names=[lang.pick("first", "首单季"),
                   *(lang.pick(f"+{n}", f"+{n}季") for n in range(1, 6))],
        title=lang.pick("Customers won in Q4 2025 stayed least: 49% after a quarter",
                        "2025年四季度新客户留得最少：一季后49%"),
        subtitle=lang.pick("Share still ordering, by quarter of the first order",
                           "当季仍下单的客户占首单批次的比例；左为批次与客户数"),
    )  # fmt: skip


def concentration(lang: Language) -> Figure:
    """How much the largest customers make."""
    rng = np.random.default_rng(7)
    table = pd.DataFrame({"label": map(str, range(1900)), "value": rng.lognormal(11, 1.75, 1900)})
    return pareto(
        table,
        lang=lang,
        title=lang.pick("A fifth of the customers make four fifths of revenue",
                        "五分之一的客户贡献约八成收入"),
        subtitle=lang.pick("Cumulative share of revenue, 12 months", "累计收入占比，近12个月"),
    )  # fmt: skip


def provinces(lang: Language) -> Figure:
    """Growth by province, without boundaries."""
    values = {
        "23": -4, "15": -1, "21": 1, "22": -2, "62": -6, "14": 5, "13": 2, "11": 4, "12": 3,
        "61": 6, "41": 11, "34": 10, "37": 9, "32": 14, "31": 12, "51": 8, "50": 7, "42": 13,
        "43": 12, "36": 6, "33": 15, "53": 4, "52": 3, "44": 11, "35": 7, "45": 5, "46": 2,
    }  # fmt: skip
    table = pd.DataFrame({"geo_code": [code for code in PROVINCES if code in values]})
    table["value"] = [values[code] / 100 for code in table["geo_code"]]
    return tile_map(
        table,
        lang=lang,
        width=columns(6),
        title=lang.pick("The lower Yangtze grows fastest, Gansu shrinks most",
                        "长江中下游增长最快，甘肃与黑龙江下降最多"),
        subtitle=lang.pick("Revenue on the year, {unit}", "收入同比，{unit}"),
    )  # fmt: skip


def size_and_discount(lang: Language) -> Figure:
    """A scatter of few deals, with one named."""
    rng = np.random.default_rng(3)
    amount = rng.lognormal(12.6, 0.9, 70)
    table = pd.DataFrame({
        "x": amount, "y": 0.02 * np.log(amount / 1e5) + 0.06 + rng.normal(0, 0.025, 70),
    })  # fmt: skip
    table["highlight"] = table["x"] == table["x"].max()
    table["label"] = np.where(table["highlight"], lang.pick("Port lines", "港务输送线"), "")
    return scatter(
        table,
        lang=lang,
        x_log=True,
        x_title=lang.pick("list value, {unit}", "标价金额，{unit}"),
        y_title=lang.pick("discount off list", "让利率"),
        title=lang.pick("The larger the deal, the deeper the discount", "单子越大，让利越多"),
        subtitle=lang.pick("70 deals won, 12 months", "近12个月赢单70单"),
    )


def many_points(lang: Language) -> Figure:
    """A scatter of many deals, as bins."""
    rng = np.random.default_rng(3)
    size = rng.normal(5.4, 0.35, 9000)
    table = pd.DataFrame({"x": size * 60 - 250, "y": rng.normal(0.03 * size, 0.05)})
    return scatter(
        table,
        lang=lang,
        x_measure=Measure("number", decimals=0, unit=("days", "天")),
        x_title=lang.pick("days to close", "成交周期，{unit}"),
        y_title=lang.pick("discount off list", "让利率"),
        title=lang.pick("Slow deals are not cheaper", "周期长的单子让利并不更多"),
        subtitle=lang.pick("9,000 deals, 12 months", "近12个月9,000单"),
    )


def panels(lang: Language) -> Figure:
    """Regions side by side on one scale."""
    rng = np.random.default_rng(5)
    periods = pd.period_range("2025-07", "2026-07", freq="M")
    parts = []
    for place, region in enumerate(_REGIONS):
        last = (9_000 - 1_100 * place) * _WAN * (1 + 0.12 * rng.normal(size=13))
        parts.append(pd.DataFrame({
            "panel": lang.pick(*region), "period": periods, "last_year": last,
            "value": last * (1.10 - 0.03 * place) * (1 + 0.03 * rng.normal(size=13)),
        }))  # fmt: skip
    return small_multiples(
        pd.concat(parts, ignore_index=True),
        lang=lang,
        title=lang.pick("Growth comes from the centre and the east", "增长来自华中与华东"),
        subtitle=lang.pick("Revenue by month, {unit}, one scale", "月收入，{unit}，同一刻度"),
    )


def market_shares(lang: Language) -> Figure:
    """Market share of the company and its competitors."""
    p = lang.pick
    shares = {
        p("Our company", "本公司"): (0.118, 0.121, 0.125, 0.124, 0.130, 0.136),
        p("Hengyuan", "恒远"): (0.182, 0.180, 0.176, 0.171, 0.169, 0.164),
        p("Beichen", "北辰"): (0.094, 0.097, 0.099, 0.104, 0.103, 0.108),
        p("Others", "其他前五"): (0.201, 0.199, 0.198, 0.197, 0.195, 0.194),
    }
    quarters = [lang.quarter(2025 + n // 4, n % 4 + 1, short=True) for n in range(6)]
    rows = [(q, name, value) for name, line in shares.items()
            for q, value in zip(quarters, line, strict=True)]  # fmt: skip
    return named_lines(
        pd.DataFrame(rows, columns=["period", "name", "value"]),
        lang=lang,
        title=p("We gained 1.8 points in five quarters, mostly from Hengyuan",
                "五个季度份额升1.8个百分点，主要来自恒远"),
        subtitle=p("Share of the market by value, {unit}", "市场份额（金额），{unit}"),
    )  # fmt: skip


def tile_line(lang: Language) -> Figure:
    """The small line of a tile."""
    actual = [46, 43, 58, 44, 50, 75, 45, 30, 62, 49, 49, 70, 46]
    last = [43, 46, 52, 44, 48, 68, 38, 36, 55, 45, 45, 60, 43]
    table = pd.DataFrame({"actual": actual, "last_year": last}) * 100 * _WAN
    return spark(table, lang=lang, title=lang.pick("Revenue, 13 months", "收入，近13个月"))


def pipeline(lang: Language) -> Figure:
    """What moved the pipeline; other movements are neutral."""
    p = lang.pick
    rows = [
        (p("Open on 1 July", "7月1日在手"), 21_400, "total"), (p("New", "新增"), 3_150, "change"),
        (p("Raised", "调增"), 420, "change"), (p("Lowered", "调减"), -610, "change"),
        (p("Won", "赢单"), -1_980, "other"), (p("Lost", "丢单"), -2_240, "change"),
        (p("Open on 31 July", "7月31日在手"), 20_140, "total"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["label", "value", "kind"])
    table["value"] *= _WAN
    return waterfall(
        table,
        lang=lang,
        width=columns(5),
        share=False,
        measure=MONEY,
        title=p("More was lost than won in July", "7月丢单多于赢单"),
        subtitle=p("Open opportunities by movement, {unit}", "在手商机金额变动，{unit}"),
    )


def year_total(lang: Language) -> Figure:
    """Revenue by year, with a plan that is outlined."""
    p = lang.pick
    table = pd.DataFrame({
        "label": [lang.year(2024), lang.year(2025), p("2026 plan", "2026年计划")],
        "value": [6.62e8, 6.87e8, 7.30e8], "kind": ["last", "actual", "plan"],
    })  # fmt: skip
    return bars(
        table,
        lang=lang,
        measure=TOTAL,
        title=p("The plan asks for 6% more", "计划比2025年高6%"),
        subtitle=p("Bookings, {unit}, with VAT", "签约额，{unit}，含税"),
    )


EXAMPLES: dict[str, Callable[[Language], Figure]] = {
    draw.__name__: draw
    for draw in (
        growth, regions_by_line, against_plan, cover, overdue, months, to_year_end, stages,
        provinces, retention, win_rates, discounts, attainment, concentration, size_and_discount,
        many_points, panels, pipeline, year_total, market_shares, tile_line,
    )
} | FORECAST_EXAMPLES | PAY_EXAMPLES  # fmt: skip
