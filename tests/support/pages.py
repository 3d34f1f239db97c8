"""A page of sales analysis with invented figures, in both languages, to look at and to test.

The figures close: the causes sum to the growth, the regions to the company.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from workbench.charts.figure import KeyEntry
from workbench.charts.theme import Role
from workbench.report import Block, Col, Foot, Mark, Page, TableView, Tile, heat_note, style
from workbench.report.html import Shown
from workbench.text import Language

HEAT = (0.01, 0.05, 0.10)


@dataclass(frozen=True)
class Drawn:
    """Stands for a chart: its words, and an SVG of the size it would have."""

    title: str
    subtitle: str
    alt: str
    width: int
    height: int
    key: tuple[KeyEntry, ...] = field(default=())

    def svg(self, *, themed: bool = True, title: bool = True) -> str:
        """Draw a bar over the whole width, with a clip whose id every drawing uses."""
        ink = "var(--actual)" if themed else "#22324A"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}"><clipPath id="clip0"><rect '
            f'width="{self.width}" height="{self.height}"/></clipPath><g clip-path="url(#clip0)">'
            f'<rect width="{self.width}" height="{self.height - 20}" fill="{ink}"/>'
            f'<text x="0" y="{self.height - 4}" font-size="12">{self.title[:12]}</text></g></svg>'
        )


REGIONS = pd.DataFrame(
    {
        "region": ["华中", "华东", "华南", "西南", "华北", "西北·东北"],
        "region_en": ["Central", "East", "South", "South-west", "North", "NW and NE"],
        "revenue": [54.8e6, 112.4e6, 81.3e6, 43.9e6, 64.7e6, 28.9e6],
        "equipment": [0.175, 0.142, 0.131, 0.058, 0.012, -0.064],
        "consumables": [0.051, 0.098, 0.036, 0.052, 0.049, 0.019],
        "service": [0.064, 0.110, 0.079, 0.086, 0.063, 0.032],
        "growth": [0.126, 0.124, 0.094, 0.060, 0.031, -0.023],
        "attainment": [0.998, 1.019, 1.006, 0.975, 0.962, 0.887],
        "cover": [55.0, 58.0, 52.0, 44.0, 41.0, 37.0],
    }
)
COMPANY = {
    "revenue": 386e6, "equipment": 0.094, "consumables": 0.060, "service": 0.085,
    "growth": 0.082, "attainment": 0.984, "cover": 49.0,
}  # fmt: skip


def region_table(lang: Language) -> TableView:
    """Region by product line: growth on the year, attainment, dealers' stock."""
    say = lang.pick
    over = say("Growth on the year", "同比增长率")
    first = say("region_en", "region")
    lines = [
        Col("equipment", say("Equip.", "设备"), "signed_percent", group=over, heat=HEAT),
        Col("consumables", say("Consum.", "耗材"), "signed_percent", group=over, heat=HEAT),
        Col("service", say("Service", "服务"), "signed_percent", group=over, heat=HEAT),
        Col(
            "growth",
            say("All lines", "合计同比"),
            "signed_percent",
            group=over,
            heat=HEAT,
            bold=True,
        ),
    ]
    return TableView(
        REGIONS,
        [
            Col(first, say("Region", "大区")),
            Col("revenue", say("Revenue", "收入"), "money"),
            *lines,
            Col("attainment", say("Attainm.", "达成率"), "percent"),
            Col("cover", say("Cover", "渠道库存"), "integer", band=(20, 45)),
        ],
        lang=lang,
        title=say(
            "The three fastest regions hold over 50 days of stock",
            "增长最快的三个大区，渠道库存都超过50天",
        ),
        subtitle=say(
            "Revenue in CNY million, net of VAT, year to date", "收入：万元，不含税，1–7月累计"
        ),
        caption=say("Growth by region and product line", "大区与产品线同比"),
        total={first: say("Company", "全公司"), **COMPANY},
        note=say(
            "Cover: days of dealer stock, normal 20–45, △ above. ",
            "渠道库存为天数，正常带20–45，△超出；",
        )
        + heat_note(lang, HEAT)
        + lang.stop,
    )


def tiles(lang: Language, spark: str = "") -> list[Tile]:
    """Six tiles of the sales analysis."""
    say = lang.pick
    year = say("on the year", "同比")

    def money(value: float) -> dict[str, str]:
        figure, unit = lang.money_parts(value)
        return {"figure": figure, "unit": unit}

    return [
        Tile(
            label=say("Bookings", "签约额"), basis=say("with VAT", "含税·累计"), **money(452e6),
            change=Mark.of(lang.signed_percent(0.056), 0.056), against=year,
            second=say("full year 690–760 (80% interval)", "全年预计6.9–7.6亿（80%区间）"),
            spark=spark,
        ),
        Tile(
            label=say("Revenue", "收入"), basis=say("net of VAT", "不含税·累计"), **money(386e6),
            change=Mark.of(lang.signed_percent(0.082), 0.082),
            against=say("on the year, +7.4% daily", "同比，工作日可比+7.4%"),
            second=say("full year 700–740 (80% interval)", "全年预计7.0–7.4亿（80%区间）"),
            spark=spark,
        ),
        Tile(
            label=say("Gross margin", "毛利率"), basis=say("net of VAT", "不含税·累计"),
            figure="38.1", unit="%", change=Mark.of(lang.points(-0.012), -0.012), against=year,
            second=say("price −0.7, mix +0.2, cost −0.7", "价格−0.7，结构+0.2，成本−0.7"),
            spark=spark,
        ),
        Tile(
            label=say("Collections", "回款额"), basis=say("with VAT, drafts in", "含税·含承兑"),
            **money(397e6), change=Mark.of(lang.signed_percent(0.029), 0.029),
            against=say("on the year, behind sales", "同比，慢于收入"),
            second=say("full year 600–680 (80% interval)", "全年预计6.0–6.8亿（80%区间）"),
            spark=spark,
        ),
        Tile(
            label=say("Attainment", "累计达成率"), basis=say("revenue to date", "收入口径"),
            figure="98.4", unit="%", change=say("53.6% of the year", "全年进度53.6%"),
            second=say("time 54.5% (season)", "时间进度54.5%（季节）"),
            second_mark=Mark.of(lang.signed(-0.9, decimals=1), -0.9), spark=spark,
        ),
        Tile(
            label=say("Overdue rate", "逾期率"), basis=say("of receivables", "占应收余额"),
            figure="21.4", unit="%", change=Mark.of(lang.points(0.026), 0.026, "down"),
            against=year, second=say("over 90 days: 12.3%", "逾期90天以上12.3%"), spark=spark,
        ),
    ]  # fmt: skip


def foot(lang: Language) -> Foot:
    """Basis, as-of, unit and rows left out."""
    say = lang.pick
    return Foot(
        basis=say(
            "revenue net of VAT by recognition date; bookings and collections with VAT; current "
            "organisation; January and February together; margin after rebates, before freight",
            "收入不含税、按确认日期；签约与回款含税；现组织口径；1–2月合并；毛利率已扣返利，未扣运费",
        ),
        data_as_of=say("2026-07-31, closing day 25", "2026-07-31，月结日25日"),
        unit=say("CNY million; small lines: 13 months, grey = last year", "万元；小图灰线为去年"),
        left_out=say(
            "312 rows (0.16%): 187 no tax rate, 125 bad amounts",
            "312行（0.16%）：缺税率187，金额有误125",
        ),
    )


def charts(lang: Language) -> dict[str, Drawn]:
    """Stand-ins for the four charts of the page, as large as the real ones."""
    say = lang.pick
    return {
        "waterfall": Drawn(
            say("Of 29.3 million of growth, 18.2 million is channel stock",
                "增长2,930万元中，渠道补货占1,820万元"),
            say("Change in revenue by driver, CNY million", "收入同比变动分解，单位：万元"),
            say("Last year 356.7, this year 386.0", "去年35,670万元，今年38,600万元。"),
            791, say(290, 298),
            (
                KeyEntry(say("adds", "增加"), Role.GOOD),
                KeyEntry(say("takes away", "减少"), Role.BAD),
                KeyEntry(say("channel stock", "渠道库存"), Role.FC50),
                KeyEntry(say("calendar", "日历"), Role.LAST),
                KeyEntry(say("totals", "小计与合计"), Role.ACTUAL),
            ),
        ),
        "months": Drawn(
            say("Quarter-end peaks: June 5.6 above plan, July 3.8 below",
                "季末冲高、次月回落：6月超计划560万元，7月少380万元"),
            say("Revenue by month, CNY million", "月收入，万元"),
            say("January and February read together.", "1–2月合并。"),
            518, 195,
            (
                KeyEntry(say("actual", "实际"), Role.ACTUAL),
                KeyEntry(say("plan", "计划"), Role.PLAN, "outline"),
                KeyEntry(say("last year", "去年"), Role.LAST),
            ),
        ),
        "cover": Drawn(
            say("Dealers are loaded at each quarter end; cover is 49 days",
                "每到季末压货，渠道库存现为49天"),
            say("Days of dealer stock at month end, July 2025 to July 2026",
                "经销商库存天数，月末，2025年7月至2026年7月"),
            say("Cover rose from 34 to 49 days.", "渠道库存由34天升至49天。"),
            409, 178,
        ),
        "overdue": Drawn(
            say("12.3% is over 90 days late", "逾期超90天占应收的12.3%"),
            say("Receivables by days past due, %", "应收余额结构，按逾期天数，%"),
            say("78.6% not yet due.", "未到期78.6%。"),
            274, 122,
        ),
    }  # fmt: skip


def example_page(lang: Language, drawn: Mapping[str, Any] | None = None, spark: str = "") -> Page:
    """Return the whole page; `drawn` and `spark` replace the stand-ins."""
    say, drawn = lang.pick, drawn or charts(lang)
    return Page(
        study=say("Sales analysis", "销售分析"),
        period=lang.period("2026-01-01", "2026-07-31"),
        company=say("Sample Manufacturing Co.", "示例制造有限公司"),
        flag=say("invented figures", "数字为虚构"),
        finding=say(
            "Revenue is CNY 386 million, up 8.2%; 62% of the growth is channel stock, "
            "sell-out rose only 2%",
            "累计收入3.86亿元，同比+8.2%；增长的62%来自渠道补货，终端动销仅+2%",
        ),
        lead=say(
            "Without channel stock and calendar, end demand grew 2.3%. The three fastest regions "
            "hold the most dealer stock; margin fell 1.2 points; "
            "21.4% of receivables are past due.",
            "扣除渠道补货与日历，终端需求增长2.3%。增长最快的三个大区，渠道库存也最高；"
            "毛利率下降1.2个百分点，逾期率升至21.4%。",
        ),
        tiles=tiles(lang, spark),
        blocks=[
            Block(drawn["waterfall"], 7),
            Block(region_table(lang), 5),
            Block(drawn["months"], 5),
            Block(drawn["cover"], 4),
            Block(
                drawn["overdue"],
                3,
                note=say(
                    "Over 90 days: state-owned customers hold 61%, 164 days late on average; "
                    "retention money not counted.",
                    "90天以上部分：国有客户占61%，平均逾期164天；质保金未计入逾期。",
                ),
            ),
        ],
        foot=foot(lang),
        lang=lang,
    )


def document(*shown: Shown, theme: str = "") -> str:
    """Return a whole page of HTML around fragments, as a report holds them."""
    attribute = f' data-theme="{theme}"' if theme else ""
    return (
        f'<!doctype html><html lang="{shown[0].lang.html}"{attribute}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{shown[0].headline()}</title><style>{style()}</style></head>"
        f"<body>{''.join(part.html() for part in shown)}</body></html>"
    )
