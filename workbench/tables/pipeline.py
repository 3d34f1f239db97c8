"""Pipeline: campaigns, leads, opportunities with their snapshots, activities and quotes."""

from __future__ import annotations

from workbench.tables.common import (
    APPROVALS,
    FORECAST_CATEGORIES,
    account_ref,
    channel,
    col,
    currency,
    geo_ref,
    key,
    money,
    names,
    product_line,
    product_ref,
    region,
    rep_ref,
    tax_basis,
    tax_rate,
    taxed_money,
)
from workbench.tables.declare import Column, Table

SOURCES = {
    "tender": ("Tender", "招投标"),
    "existing": ("Existing customer", "老客户"),
    "referral": ("Referral", "转介绍"),
    "exhibition": ("Exhibition", "展会"),
    "website": ("Website", "官网"),
    "cold_call": ("Cold call", "陌生拜访"),
    "dealer": ("Dealer", "经销商"),
}
STATUSES = {
    "open": ("Open", "进行中"),
    "won": ("Won", "赢单"),
    "lost": ("Lost", "输单"),
}


def _source() -> Column:
    return col(
        "source",
        "choice",
        "Source",
        "来源",
        "Where the lead or opportunity came from.",
        "线索或商机的来源。",
        choices=SOURCES,
        needed=False,
    )


def _status() -> Column:
    return col(
        "status",
        "choice",
        "Status",
        "状态",
        "Open, won or lost.",
        "进行中、赢单或输单。",
        choices=STATUSES,
    )


def _category(*, needed: bool = False) -> Column:
    return col(
        "forecast_category",
        "choice",
        "Forecast category",
        "预测类别",
        "Commit, best case or pipeline, as stated by the rep.",
        "销售员填报的承诺、争取或储备。",
        choices=FORECAST_CATEGORIES,
        needed=needed,
    )


def _probability() -> Column:
    return col(
        "probability",
        "share",
        "Typed probability",
        "赢率",
        "Probability typed into the CRM; a prior, not a measurement.",
        "系统中填写的赢率，仅为先验，并非实测。",
        unit="share",
        minimum=0,
        maximum=1,
        needed=False,
    )


def _stage() -> Column:
    return col(
        "stage",
        "text",
        "Stage",
        "阶段",
        "Stage of the company's own sales process (company.yaml).",
        "公司自有销售流程的阶段（见company.yaml）。",
    )


def _expected() -> Column:
    return col(
        "expected_close_date",
        "date",
        "Expected close",
        "预计成交日期",
        "Day the rep expects to close.",
        "销售员预计的成交日期。",
        needed=False,
    )


CAMPAIGN = Table(
    "campaign",
    "pipeline",
    ("Campaigns", "市场活动"),
    (
        "Marketing campaigns with their cost, behind leads.",
        "带来线索的市场活动及其费用。",
    ),
    ("campaign_id",),
    (
        key("campaign_id", "Campaign", "活动编号"),
        *names("Campaign name", "活动名称"),
        col(
            "campaign_type",
            "choice",
            "Type",
            "类型",
            "Exhibition, online, seminar or mailing.",
            "展会、线上、研讨会或邮件。",
            choices={
                "exhibition": ("Exhibition", "展会"),
                "online": ("Online", "线上"),
                "seminar": ("Seminar", "研讨会"),
                "mailing": ("Mailing", "邮件"),
            },
        ),
        col("start_date", "date", "Start", "开始日期", "First day.", "第一天。"),
        col("end_date", "date", "End", "结束日期", "Last day.", "最后一天。"),
        money("cost", "Cost", "费用", "Money spent on it.", "投入的费用。", basis="excl"),
        currency(),
        region(needed=False),
    ),
)

LEAD = Table(
    "lead",
    "pipeline",
    ("Leads", "线索"),
    (
        "First enquiries before they become opportunities, with the time of the first answer.",
        "成为商机之前的询问及首次响应时间。",
    ),
    ("lead_id",),
    (
        key("lead_id", "Lead", "线索编号"),
        col(
            "created_at",
            "datetime",
            "Created at",
            "创建时间",
            "When it came in.",
            "线索进入的时间。",
        ),
        _source(),
        col(
            "campaign_id",
            "id",
            "Campaign",
            "市场活动",
            "Campaign it came from.",
            "来自哪次市场活动。",
            references="campaign.campaign_id",
            needed=False,
        ),
        geo_ref(),
        region(needed=False),
        product_line(needed=False),
        rep_ref(needed=False),
        col(
            "first_response_at",
            "datetime",
            "First answer at",
            "首次响应时间",
            "When a person first answered; empty if never.",
            "首次人工响应的时间；无响应为空。",
            needed=False,
        ),
        account_ref(needed=False),
        col(
            "opportunity_id",
            "id",
            "Opportunity",
            "商机编号",
            "Opportunity it became; empty if none.",
            "转成的商机；未转为空。",
            references="opportunity.opportunity_id",
            needed=False,
        ),
        col(
            "converted_date",
            "date",
            "Converted on",
            "转化日期",
            "Day it became an opportunity.",
            "转为商机的日期。",
            needed=False,
        ),
    ),
)

OPPORTUNITY = Table(
    "opportunity",
    "pipeline",
    ("Opportunities", "商机"),
    (
        "Deals from creation to won or lost: the base of funnel and pipeline.",
        "从创建到赢单或输单的商机，是漏斗与商机管道的基础。",
    ),
    ("opportunity_id",),
    (
        key("opportunity_id", "Opportunity", "商机编号"),
        col(
            "name",
            "text",
            "Opportunity name",
            "商机名称",
            "Name as shown in lists.",
            "列表中显示的名称。",
            needed=False,
        ),
        account_ref(needed=False),
        rep_ref(needed=False),
        region(needed=False),
        product_line(needed=False),
        channel(needed=False),
        _source(),
        _stage(),
        _status(),
        money(
            "amount",
            "Amount",
            "商机金额",
            "Stated amount of the deal; empty where none was stated yet.",
            "商机填报金额；尚未填报时为空。",
            needed=False,
        ),
        money(
            "first_amount",
            "First amount",
            "首次金额",
            "Amount stated when the deal was created.",
            "创建时填报的金额。",
            needed=False,
        ),
        *taxed_money(),
        _probability(),
        _category(),
        col(
            "created_date",
            "date",
            "Created on",
            "创建日期",
            "Day the deal began.",
            "商机开始的日期。",
        ),
        col(
            "entered_date",
            "date",
            "Entered on",
            "录入日期",
            "Day it was typed in; later than created when backfilled.",
            "录入系统的日期；补录时晚于创建日期。",
            needed=False,
        ),
        _expected(),
        col(
            "close_date",
            "date",
            "Closed on",
            "关闭日期",
            "Day it was won or lost; empty while open.",
            "赢单或输单日期；进行中为空。",
            needed=False,
        ),
        col(
            "stage_date",
            "date",
            "In stage since",
            "进入阶段日期",
            "Day the present stage began.",
            "进入当前阶段的日期。",
            needed=False,
        ),
        col(
            "lost_reason",
            "text",
            "Reason lost",
            "输单原因",
            "Reason given for a lost deal.",
            "输单填写的原因。",
            needed=False,
        ),
        col(
            "competitor_id",
            "id",
            "Competitor",
            "竞争对手",
            "Main competitor in the deal.",
            "该商机的主要竞争对手。",
            references="competitor.competitor_id",
            needed=False,
        ),
    ),
)

OPPORTUNITY_SNAPSHOT = Table(
    "opportunity_snapshot",
    "pipeline",
    ("Opportunity snapshots", "商机快照"),
    (
        "Open deals as they stood on a day: the only honest source of slippage and stage times.",
        "某日进行中商机的原状，是延期与阶段停留的唯一可靠来源。",
    ),
    ("snapshot_date", "opportunity_id"),
    (
        col(
            "snapshot_date",
            "date",
            "Snapshot day",
            "快照日期",
            "Day of the picture.",
            "快照的日期。",
        ),
        col(
            "opportunity_id",
            "id",
            "Opportunity",
            "商机编号",
            "Deal in the picture.",
            "快照中的商机。",
            references="opportunity.opportunity_id",
        ),
        _stage(),
        _status(),
        money(
            "amount",
            "Amount",
            "商机金额",
            "Amount stated that day.",
            "当日填报金额。",
            needed=False,
        ),
        currency(),
        tax_basis(),
        _expected(),
        _probability(),
        _category(),
    ),
)

ACTIVITY = Table(
    "activity",
    "pipeline",
    ("Activities", "跟进记录"),
    (
        "Visits, calls and messages, and when they were typed in.",
        "拜访、电话与消息，以及录入时间。",
    ),
    ("activity_id",),
    (
        key("activity_id", "Activity", "记录编号"),
        col(
            "activity_type",
            "choice",
            "Type",
            "方式",
            "Visit, call, WeChat, email, demonstration or bid.",
            "拜访、电话、微信、邮件、演示或投标。",
            choices={
                "visit": ("Visit", "拜访"),
                "call": ("Call", "电话"),
                "wechat": ("WeChat", "微信"),
                "email": ("Email", "邮件"),
                "demo": ("Demonstration", "演示"),
                "bid": ("Bid", "投标"),
            },
        ),
        col("activity_date", "date", "Date", "日期", "Day it happened.", "发生日期。"),
        col(
            "entered_at",
            "datetime",
            "Entered at",
            "录入时间",
            "When it was typed in.",
            "录入系统的时间。",
            needed=False,
        ),
        rep_ref(),
        account_ref(needed=False),
        col(
            "opportunity_id",
            "id",
            "Opportunity",
            "商机编号",
            "Deal it belongs to.",
            "所属商机。",
            references="opportunity.opportunity_id",
            needed=False,
        ),
    ),
)

QUOTE = Table(
    "quote",
    "pipeline",
    ("Quotes", "报价"),
    (
        "Quoted prices against list and who approved the discount.",
        "报价、目录价与折扣审批人。",
    ),
    ("quote_id",),
    (
        key("quote_id", "Quote line", "报价行编号"),
        col(
            "opportunity_id",
            "id",
            "Opportunity",
            "商机编号",
            "Deal quoted for.",
            "报价所属商机。",
            references="opportunity.opportunity_id",
            needed=False,
        ),
        account_ref(needed=False),
        product_ref(),
        rep_ref(needed=False),
        col("quote_date", "date", "Date", "报价日期", "Day of the quote.", "报价日期。"),
        col(
            "quantity",
            "number",
            "Quantity",
            "数量",
            "Pieces quoted.",
            "报价数量。",
            unit="pieces",
            minimum=0,
        ),
        money(
            "list_price",
            "List price",
            "目录价",
            "List price a piece.",
            "单件目录价。",
            kind="price",
        ),
        money(
            "net_price",
            "Net price",
            "成交价",
            "Quoted price a piece.",
            "单件报价。",
            kind="price",
        ),
        currency(),
        tax_basis(),
        tax_rate(),
        col(
            "approval",
            "choice",
            "Approval",
            "审批级别",
            "Level that approved the discount.",
            "批准折扣的级别。",
            choices=APPROVALS,
            needed=False,
        ),
    ),
)

TABLES = (CAMPAIGN, LEAD, OPPORTUNITY, OPPORTUNITY_SNAPSHOT, ACTIVITY, QUOTE)
