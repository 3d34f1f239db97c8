"""Products, prices, costs, and the channel: partners, their stock, sell-out and rebates."""

from __future__ import annotations

from workbench.tables.common import (
    account_ref,
    channel,
    col,
    currency,
    geo_ref,
    key,
    money,
    names,
    partner_ref,
    product_line,
    product_ref,
    region,
    rep_ref,
    tax_basis,
    tax_rate,
    validity,
)
from workbench.tables.declare import Table

PRODUCT = Table(
    "product",
    "products",
    ("Products", "产品"),
    ("What is sold, its line, list price and VAT rate.", "所售产品、产品线、目录价与税率。"),
    ("product_id",),
    (
        key("product_id", "Product", "产品编号"),
        *names("Product name", "产品名称"),
        product_line(),
        col(
            "family",
            "text",
            "Family",
            "产品系列",
            "Group of like products within the line.",
            "产品线内的同类系列。",
            needed=False,
            present=False,
        ),
        money(
            "list_price",
            "List price",
            "目录价",
            "List price a piece today.",
            "现行单件目录价。",
            kind="price",
        ),
        currency(),
        tax_basis(),
        tax_rate(),
        col(
            "launch_date",
            "date",
            "Launched on",
            "上市日期",
            "First day on sale.",
            "开始销售日期。",
            needed=False,
            present=False,
        ),
        col(
            "end_date",
            "date",
            "Ended on",
            "停售日期",
            "Last day on sale; empty while sold.",
            "最后销售日期；在售为空。",
            needed=False,
            present=False,
        ),
    ),
)

PRICE_PROMOTION = Table(
    "price_promotion",
    "products",
    ("Price changes and promotions", "调价与促销"),
    (
        "List price changes, promotions and festival sales with dates.",
        "目录价调整、促销与节庆活动及日期。",
    ),
    ("promotion_id",),
    (
        key("promotion_id", "Promotion", "促销编号"),
        *names("Promotion name", "促销名称"),
        col(
            "promotion_type",
            "choice",
            "Type",
            "类型",
            "List price change, promotion or festival sale.",
            "目录价调整、促销或电商大促。",
            choices={
                "price_change": ("List price change", "目录价调整"),
                "promotion": ("Promotion", "促销"),
                "festival": ("Festival sale", "电商大促"),
            },
        ),
        product_line(needed=False),
        product_ref(needed=False),
        channel(needed=False),
        col("start_date", "date", "Start", "开始日期", "First day.", "第一天。"),
        col(
            "end_date",
            "date",
            "End",
            "结束日期",
            "Last day; empty for a lasting price change.",
            "最后一天；长期调价为空。",
            needed=False,
        ),
        col(
            "price_change",
            "share",
            "Price change",
            "价格变动",
            "Change of the price: -0.05 is 5% less.",
            "价格变动：−0.05即降5%。",
            unit="share",
        ),
    ),
)

UNIT_COST = Table(
    "unit_cost",
    "products",
    ("Unit costs", "单位成本"),
    ("Cost of goods a piece and from when to when it holds.", "单件成本及有效期。"),
    ("product_id", "valid_from"),
    (
        product_ref(),
        money(
            "cost",
            "Unit cost",
            "单位成本",
            "Cost of goods a piece.",
            "单件成本。",
            basis="excl",
            kind="price",
        ),
        currency(),
        *validity(),
    ),
)

PARTNER = Table(
    "partner",
    "channels",
    ("Channel partners", "渠道商"),
    (
        "Dealers, agents, integrators and platforms; each is an account too.",
        "经销商、代理商、集成商与平台；每家同时是一个客户。",
    ),
    ("partner_id",),
    (
        key("partner_id", "Channel partner", "渠道商编号"),
        *names("Partner name", "渠道商名称"),
        col(
            "partner_type",
            "choice",
            "Partner type",
            "渠道商类型",
            "A dealer buys and resells; an agent takes no title and earns commission.",
            "经销商买断转售；代理商不取得货权，收取佣金。",
            choices={
                "dealer": ("Dealer", "经销商"),
                "agent": ("Agent", "代理商"),
                "integrator": ("System integrator", "集成商"),
                "platform": ("E-commerce platform", "电商平台"),
            },
        ),
        account_ref(needed=False),
        col(
            "level",
            "choice",
            "Level",
            "级别",
            "Level of the dealer contract.",
            "经销合同级别。",
            choices={
                "core": ("Core", "核心"),
                "standard": ("Standard", "标准"),
                "trial": ("Trial", "试点"),
            },
            needed=False,
            present=False,
        ),
        geo_ref(),
        region(),
        rep_ref(needed=False),
        col(
            "start_date",
            "date",
            "Partner since",
            "合作开始",
            "First day of the contract.",
            "合作开始日期。",
        ),
        col(
            "end_date",
            "date",
            "Partner until",
            "合作终止",
            "Last day; empty while it lasts.",
            "合作终止日期；合作中为空。",
            needed=False,
        ),
    ),
)

PARTNER_STOCK = Table(
    "partner_stock",
    "channels",
    ("Dealer stock", "渠道库存"),
    ("Stock of dealers at each month end, by product.", "经销商各月末分产品库存。"),
    ("partner_id", "product_id", "stock_date"),
    (
        partner_ref(),
        product_ref(),
        col(
            "stock_date",
            "date",
            "Month end",
            "月末日期",
            "Last day of the month.",
            "当月最后一天。",
        ),
        col(
            "quantity",
            "number",
            "Stock",
            "库存数量",
            "Pieces in stock.",
            "库存数量。",
            unit="pieces",
        ),
    ),
)

SELL_OUT = Table(
    "sell_out",
    "channels",
    ("Sell-out", "终端销售"),
    (
        "What dealers sold to end customers, by month; value at our sell-in price.",
        "经销商按月对终端的销售；金额按出厂成交价折算。",
    ),
    ("partner_id", "product_id", "month_end", "end_geo_code"),
    (
        partner_ref(),
        product_ref(),
        col("month_end", "date", "Month", "月份", "Last day of the month.", "当月最后一天。"),
        geo_ref("end_geo_code", needed=True),
        col("quantity", "number", "Quantity", "数量", "Pieces sold.", "销售数量。", unit="pieces"),
        money(
            "amount", "Amount", "金额", "Value at our sell-in price.", "按出厂成交价折算的金额。"
        ),
        currency(),
        tax_basis(),
        tax_rate(),
    ),
)

REBATE = Table(
    "rebate",
    "channels",
    ("Rebates", "返利"),
    (
        "Rebates earned by dealers, by kind, and how they were settled.",
        "经销商返利、种类与结算方式。",
    ),
    ("rebate_id",),
    (
        key("rebate_id", "Rebate", "返利编号"),
        partner_ref(),
        col(
            "rebate_type",
            "choice",
            "Type",
            "类型",
            "Base, growth or payment rebate.",
            "基础、增长或回款返利。",
            choices={
                "base": ("Base", "基础返利"),
                "growth": ("Growth", "增长返利"),
                "payment": ("Payment", "回款返利"),
            },
        ),
        col(
            "period_start",
            "date",
            "Period from",
            "期间起",
            "First day of the period.",
            "期间第一天。",
        ),
        col(
            "period_end", "date", "Period to", "期间止", "Last day of the period.", "期间最后一天。"
        ),
        col(
            "rate",
            "share",
            "Rate",
            "返利率",
            "Rebate rate on sell-in.",
            "按进货额的返利率。",
            unit="share",
        ),
        money("amount", "Amount", "返利金额", "Rebate earned.", "应得返利。"),
        currency(),
        tax_basis(),
        tax_rate(),
        col(
            "settled_in",
            "choice",
            "Settled in",
            "结算方式",
            "Goods or money.",
            "货物或货币。",
            choices={"goods": ("Goods", "货物"), "money": ("Money", "货币")},
            needed=False,
            present=False,
        ),
        col(
            "settled_date",
            "date",
            "Settled on",
            "结算日期",
            "Day of settlement; empty while open.",
            "结算日期；未结算为空。",
            needed=False,
            present=False,
        ),
    ),
)

TABLES = (PRODUCT, PRICE_PROMOTION, UNIT_COST, PARTNER, PARTNER_STOCK, SELL_OUT, REBATE)
