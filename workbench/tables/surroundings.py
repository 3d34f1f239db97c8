"""The world around: competitors, market size and share, risks, administrative areas."""

from __future__ import annotations

from workbench.tables.common import (
    col,
    currency,
    key,
    money,
    names,
    product_line,
    region,
)
from workbench.tables.declare import Column, Table


def _geo_key() -> Column:
    return col(
        "geo_code",
        "id",
        "Administrative code",
        "行政区划代码",
        "Code of GB/T 2260, six digits, text.",
        "GB/T 2260代码，六位数字，文本。",
        check="geo_code",
    )


COMPETITOR = Table(
    "competitor",
    "market",
    ("Competitors", "竞争对手"),
    (
        "Competitors, the line they compete in and their price level.",
        "竞争对手、竞争的产品线与价格水平。",
    ),
    ("competitor_id",),
    (
        key("competitor_id", "Competitor", "对手编号"),
        *names("Competitor name", "对手名称"),
        product_line(needed=False),
        col(
            "price_index",
            "number",
            "Price index",
            "价格指数",
            "Price against our own.",
            "相对我方的价格。",
            unit="index",
            minimum=0,
            needed=False,
        ),
    ),
)

MARKET_SIZE = Table(
    "market_size",
    "market",
    ("Market size", "市场容量"),
    (
        "Size of the market by line, region and quarter, with source and range.",
        "分产品线、大区与季度的市场容量，含来源与范围。",
    ),
    ("product_line", "region", "period_start"),
    (
        product_line(),
        region(),
        col(
            "period_start",
            "date",
            "Period from",
            "期间起",
            "First day of the quarter.",
            "季度第一天。",
        ),
        col(
            "period_end",
            "date",
            "Period to",
            "期间止",
            "Last day of the quarter.",
            "季度最后一天。",
        ),
        money(
            "amount",
            "Market size",
            "市场容量",
            "Best estimate.",
            "最佳估计。",
            basis="excl",
        ),
        money(
            "low",
            "Low",
            "下限",
            "Lower end of the range.",
            "区间下限。",
            basis="excl",
            needed=False,
        ),
        money(
            "high",
            "High",
            "上限",
            "Upper end of the range.",
            "区间上限。",
            basis="excl",
            needed=False,
        ),
        currency(),
        col(
            "source",
            "text",
            "Source",
            "来源",
            "Where the figure comes from.",
            "数据来源。",
            needed=False,
        ),
    ),
)

MARKET_SHARE = Table(
    "market_share",
    "market",
    ("Market shares", "市场份额"),
    (
        "Shares of ourselves and of competitors as estimated by the trade.",
        "行业估计的我方与对手份额。",
    ),
    ("product_line", "region", "period_start", "who"),
    (
        product_line(),
        region(),
        col(
            "period_start",
            "date",
            "Period from",
            "期间起",
            "First day of the quarter.",
            "季度第一天。",
        ),
        col(
            "who",
            "id",
            "Who",
            "主体",
            "'own' or a competitor's id.",
            "own为我方，或对手编号。",
        ),
        col(
            "share",
            "share",
            "Share",
            "份额",
            "Share by value.",
            "按金额的份额。",
            unit="share",
            minimum=0,
            maximum=1,
        ),
    ),
)

RISK = Table(
    "risk",
    "risk",
    ("Risks", "风险清单"),
    (
        "Risks with chance a month and loss, for scenarios.",
        "风险、月发生概率与损失，用于情景分析。",
    ),
    ("risk_id",),
    (
        key("risk_id", "Risk", "风险编号"),
        *names("Risk name", "风险名称"),
        col("category", "text", "Category", "类别", "Kind of risk.", "风险类别。"),
        col(
            "p_month",
            "share",
            "Chance a month",
            "月概率",
            "Chance that it happens in a month.",
            "一个月内发生的概率。",
            unit="share per month",
            minimum=0,
            maximum=1,
        ),
        money(
            "loss_low",
            "Loss, low",
            "损失下限",
            "Loss if it goes well.",
            "乐观损失。",
            basis="excl",
        ),
        money(
            "loss_mode",
            "Loss, likely",
            "损失众数",
            "Most likely loss.",
            "最可能损失。",
            basis="excl",
        ),
        money(
            "loss_high",
            "Loss, high",
            "损失上限",
            "Loss if it goes badly.",
            "悲观损失。",
            basis="excl",
        ),
        currency(),
        col(
            "owner",
            "text",
            "Owner",
            "责任人",
            "Who watches it.",
            "责任岗位。",
            needed=False,
        ),
        col(
            "response",
            "text",
            "Response",
            "应对措施",
            "What is done about it.",
            "应对措施。",
            needed=False,
        ),
    ),
)

GEO_UNIT = Table(
    "geo_unit",
    "market",
    ("Administrative areas", "行政区划"),
    (
        "Administrative areas by GB/T 2260 with validity, and the sales region they lie in.",
        "GB/T 2260行政区划及有效期，以及所属销售大区。",
    ),
    ("geo_code", "valid_from"),
    (
        _geo_key(),
        *names("Area name", "区划名称"),
        col(
            "level",
            "choice",
            "Level",
            "级别",
            "Province, prefecture or county level.",
            "省级、地级或县级。",
            choices={
                "province": ("Province", "省级"),
                "prefecture": ("Prefecture", "地级"),
                "county": ("County", "县级"),
            },
        ),
        col(
            "parent_code",
            "id",
            "Lies in",
            "上级代码",
            "Code of the area above.",
            "上级区划代码。",
            check="geo_code",
            needed=False,
        ),
        region(needed=False),
        col(
            "population",
            "number",
            "Population",
            "人口",
            "Resident population.",
            "常住人口。",
            unit="10k people",
            minimum=0,
            needed=False,
        ),
        col(
            "valid_from",
            "date",
            "Valid from",
            "生效日",
            "First day on which the code holds.",
            "代码生效日。",
        ),
        col(
            "valid_to",
            "date",
            "Valid to",
            "失效日",
            "Last day on which the code holds.",
            "代码失效日。",
            needed=False,
        ),
    ),
)

TABLES = (COMPETITOR, MARKET_SIZE, MARKET_SHARE, RISK, GEO_UNIT)
