"""Names of what a run records: key figures, tables and columns, with their kind where needed.

A table and a column never share a name: both are looked up in one list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

Label = tuple[str, str] | tuple[str, str, str]

KEY_FIGURES: dict[str, Label] = {
    "revenue_net": ("Revenue without VAT", "不含税收入", "money"),
    "revenue_growth": ("Growth of revenue", "收入同比", "signed_percent"),
    "growth_per_working_day": ("Growth per working day", "工作日可比同比", "signed_percent"),
    "growth_new_year_aligned": ("Growth aligned to the New Year", "春节对齐同比", "signed_percent"),
    "growth_price": ("Growth from price", "价格带来的增长", "money"),
    "growth_volume": ("Growth from volume", "销量带来的增长", "money"),
    "growth_mix": ("Growth from mix", "结构带来的增长", "money"),
    "growth_new": ("Growth from new customers", "新客户带来的增长", "money"),
    "growth_lost": ("Growth from lost customers", "流失客户带来的增长", "money"),
    "growth_channel_stock": ("Growth from channel stock", "渠道补货带来的增长", "money"),
    "growth_calendar": ("Growth from the calendar", "日历带来的增长", "money"),
    "win_rate_closed": ("Win rate, closed basis", "赢单率（已关闭）", "percent"),
    "win_rate_created": ("Win rate, created basis", "赢单率（同批创建）", "percent"),
}

TABLES: dict[str, Label] = {
    "growth_by_cause": ("Growth by cause", "增长分解"),
    "heat": ("Regions by product line", "大区与产品线"),
    "monthly": ("Months", "各月收入"),
    "movers": ("Largest changes", "最大变动"),
    "provinces": ("Provinces", "省份"),
    "cohorts": ("Cohorts", "同批客户"),
    "rfm": ("Segments", "客户分层"),
    "baskets": ("Bought together", "同购产品"),
    "market_lines": ("Share of market", "市场份额"),
    "rivals": ("Competitors", "竞争对手"),
    "win_by_source": ("Win rate by source", "分来源赢单率"),
    "funnel": ("Funnel", "销售漏斗"),
    "pipeline_age": ("Pipeline by age", "在手商机年龄"),
    "slippage": ("Slippage", "商机延期"),
    "discounts_by_region": ("Discount by region", "大区让利率"),
    "ageing": ("Receivables by days past due", "应收逾期结构"),
    "overdue_by_month": ("Overdue by month", "各月逾期率"),
    "debtors": ("Customers past due", "逾期客户"),
    "cover": ("Dealer stock cover", "渠道库存天数"),
    "cover_by_region": ("Cover by region", "大区渠道库存"),
    "sell_in_and_out": ("Sell-in and sell-out", "进货与终端销售"),
    "dealers": ("Dealers", "经销商"),
    "anomalies": ("Odd days", "异常日"),
    "comparisons": ("Growth on three bases", "三种口径同比"),
    "concentration": ("Largest customers", "最大客户"),
    "discounts": ("Discounts", "让利分布"),
    "discount_limits": ("Approval limits", "审批权限"),
    "pipeline_moves": ("Pipeline moves", "商机管道变动"),
}

COLUMNS: dict[str, Label] = {
    "cause": ("Cause", "原因"),
    "cohort": ("First quarter", "首单季度"),
    "age": ("Age", "距首单或创建"),
    "active": ("Active customers", "仍下单客户数", "integer"),
    "segment": ("Segment", "分层"),
    "recency": ("Median days since last order", "距今天数（中位）", "number"),
    "first": ("First family", "系列一"),
    "second": ("Second family", "系列二"),
    "together": ("Baskets with both", "同购次数", "integer"),
    "support": ("Support", "支持度", "percent"),
    "confidence": ("Confidence", "置信度", "percent"),
    "lift": ("Lift", "提升度", "number"),
    "own": ("Own revenue", "我方收入", "money"),
    "market": ("Market size", "市场容量", "money"),
    "share_before": ("Share a year ago", "去年份额", "percent"),
    "closed": ("Closed deals", "已关闭商机数", "integer"),
    "won": ("Won deals", "赢单数", "integer"),
    "step": ("Step", "步骤"),
    "conversion": ("Conversion", "转化率", "percent"),
    "past": ("Expected date has passed", "预计日期已过", "money"),
    "slipped": ("Slipped deals", "延期商机数", "integer"),
    "amount_slipped": ("Amount slipped", "延期金额", "money"),
    "rate_before": ("Rate a year ago", "去年比率", "percent"),
    "bucket": ("Days past due", "逾期天数"),
    "items": ("Instalments", "笔数", "integer"),
    "overdue": ("Past due", "已逾期"),
    "over_90": ("Over 90 days", "逾期90天以上"),
    "receivables": ("Receivables", "应收余额", "money"),
    "stock": ("Stock at sell-in price", "库存（按进货价）", "money"),
    "sell_in": ("Sell-in", "进货", "money"),
    "sell_out": ("Sell-out", "终端销售", "money"),
    "sell_out_growth": ("Growth of sell-out", "动销同比", "signed_percent"),
    "outside": ("Sold outside region", "串货占比", "percent"),
    "excess": ("Difference", "差异", "money"),
    "basis": ("Compared", "比较口径"),
    "list_value": ("List value", "目录价金额", "money"),
    "limit": ("Approval limit", "审批权限", "percent"),
    "excess_value": ("Value beyond expectation", "超出预期金额", "money"),
    "times": ("Times as dense", "密度倍数", "number"),
    "move": ("Move", "变动"),
}

LABELS: dict[str, Label] = {**COLUMNS, **TABLES, **KEY_FIGURES}


def codes(result: SalesAnalysis) -> dict[str, dict[str, tuple[str, str]]]:
    """Words for the codes in text columns of result tables."""
    from workbench.analysis.story import buyers, deals, market_side, sentences

    stages = {stage.code: stage.labels for stage in result.scope.company.settings.stages}
    return {
        "cause": sentences.CAUSE_WORDS,
        "segment": buyers.SEGMENT_NAMES,
        "basis": market_side.BASES,
        "move": deals.MOVES,
        "age": deals.AGES,
        "region": {"all": ("Whole company", "全公司")},
        "who": {"own": ("Own company", "我方")},
        "step": {
            **stages,
            "lead": ("Leads", "线索"),
            "opportunity": ("Opportunities", "商机"),
            "won": ("Won", "赢单"),
        },
        "bucket": {
            "not_due": ("Not yet due", "未到期"),
            "d1_30": ("1–30 days", "逾期1–30天"),
            "d31_90": ("31–90 days", "逾期31–90天"),
            "over_90": ("Over 90 days", "逾期90天以上"),
        },
    }
