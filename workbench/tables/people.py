"""People and plans: reps, teams, territories, assignments, splits, pay, targets, forecasts."""

from __future__ import annotations

from workbench.tables.common import (
    FORECAST_CATEGORIES,
    LEVELS,
    TIERS,
    account_ref,
    col,
    currency,
    geo_ref,
    key,
    money,
    names,
    product_line,
    region,
    rep_ref,
    team_ref,
    validity,
)
from workbench.tables.declare import Column, Table

ROLES = {
    "hunter": ("Hunter", "新客开拓"),
    "farmer": ("Account rep", "客户维护"),
    "key_account": ("Key account manager", "大客户经理"),
    "channel": ("Channel manager", "渠道经理"),
    "presales": ("Pre-sales", "售前"),
    "manager": ("Manager", "销售经理"),
    "director": ("Director", "大区总监"),
}


def _role(*, needed: bool = True) -> Column:
    return col(
        "role",
        "choice",
        "Role",
        "岗位",
        "Sales role; decides quota and pay plan.",
        "销售岗位，决定指标与薪酬方案。",
        choices=ROLES,
        needed=needed,
    )


def _kpi() -> Column:
    return col(
        "kpi_id",
        "id",
        "KPI",
        "绩效指标",
        "Id in the KPI dictionary.",
        "指标字典中的编号。",
    )


def _node() -> tuple[Column, Column]:
    return (
        col(
            "level",
            "choice",
            "Level",
            "层级",
            "Company, region, team, rep, product line or channel.",
            "全公司、大区、团队、个人、产品线或渠道。",
            choices=LEVELS,
        ),
        col(
            "node",
            "text",
            "Node",
            "节点",
            "Which one of the level: region, team id, rep id ...; 'company' at the top.",
            "该层级的具体对象：大区、团队编号、人员编号等；最上层为company。",
        ),
    )


def _period() -> tuple[Column, Column]:
    return (
        col(
            "period_start",
            "date",
            "Period from",
            "期间起",
            "First day of the period.",
            "期间第一天。",
        ),
        col(
            "period_end",
            "date",
            "Period to",
            "期间止",
            "Last day of the period.",
            "期间最后一天。",
        ),
    )


def _value(en: str, zh: str, help_en: str, help_zh: str) -> tuple[Column, ...]:
    """A KPI value: money (then currency and basis are filled), a count or a rate."""
    return (
        money("value", en, zh, help_en, help_zh, kind="price"),
        col(
            "currency",
            "text",
            "Currency",
            "币种",
            "ISO 4217 code; empty where the KPI is no money.",
            "ISO 4217代码；非金额指标为空。",
            pattern=r"[A-Z]{3}",
            needed=False,
        ),
        col(
            "tax_basis",
            "choice",
            "Tax basis",
            "税口径",
            "With or without VAT; empty where the KPI is no money.",
            "含税或不含税；非金额指标为空。",
            choices={"incl": ("with VAT", "含税"), "excl": ("without VAT", "不含税")},
            needed=False,
        ),
    )


REP = Table(
    "rep",
    "people",
    ("Reps", "销售人员"),
    (
        "Sales people with role and team, one row for each period in which these held.",
        "销售人员的岗位与团队，每段有效期一行。",
    ),
    ("rep_id", "valid_from"),
    (
        col(
            "rep_id",
            "id",
            "Rep",
            "人员编号",
            "Person; stays the same over moves.",
            "人员编号，调动不变。",
        ),
        *names("Rep name", "姓名"),
        _role(),
        team_ref(needed=True),
        rep_ref("manager_id", "Manager", "上级", needed=False),
        col(
            "hired_date",
            "date",
            "Hired on",
            "入职日期",
            "First day in the company.",
            "入职日期。",
        ),
        col(
            "left_date",
            "date",
            "Left on",
            "离职日期",
            "Last day; empty while in post.",
            "离职日期；在岗为空。",
            needed=False,
        ),
        money(
            "base_pay",
            "Base pay a month",
            "月底薪",
            "Base pay a month before tax; masked in reports.",
            "税前月底薪；报告中脱敏。",
            basis="none",
            needed=False,
            private=True,
        ),
        money(
            "target_pay",
            "On-target earnings",
            "目标年薪",
            "Yearly pay at full attainment; masked in reports.",
            "达标时的年收入；报告中脱敏。",
            basis="none",
            needed=False,
            private=True,
        ),
        currency(),
        *validity(),
    ),
)

TEAM = Table(
    "team",
    "people",
    ("Teams", "团队"),
    (
        "Teams with region and head; rows by validity.",
        "团队及所属大区与负责人，按有效期分行。",
    ),
    ("team_id", "valid_from"),
    (
        col("team_id", "id", "Team", "团队编号", "Team id.", "团队编号。"),
        *names("Team name", "团队名称"),
        region(),
        rep_ref("head_id", "Head", "负责人", needed=False),
        *validity(),
    ),
)

TERRITORY = Table(
    "territory",
    "people",
    ("Territories", "销售区域"),
    (
        "Which administrative areas form which sales territory, by validity.",
        "销售区域由哪些行政区划组成，按有效期。",
    ),
    ("territory_id", "geo_code", "valid_from"),
    (
        col(
            "territory_id",
            "id",
            "Territory",
            "区域编号",
            "Sales territory.",
            "销售区域编号。",
        ),
        geo_ref(needed=True),
        region(),
        team_ref(needed=False),
        *validity(),
    ),
)

ASSIGNMENT = Table(
    "assignment",
    "people",
    ("Assignments", "客户归属"),
    (
        "Who owned which account from when to when: the organisation of the time and of today.",
        "客户何时归谁负责：还原原口径与现组织口径。",
    ),
    ("account_id", "valid_from"),
    (account_ref(), rep_ref(), team_ref(needed=True), region(), *validity()),
)

CREDIT_SPLIT = Table(
    "credit_split",
    "people",
    ("Credit splits", "业绩拆分"),
    (
        "How the credit of a deal is shared; splits sum to 100%, overlay credit is apart.",
        "商机或合同的业绩如何拆分；拆分合计100%，双算单列。",
    ),
    ("contract_id", "opportunity_id", "rep_id", "split_type"),
    (
        col(
            "contract_id",
            "id",
            "Contract",
            "合同编号",
            "Contract whose credit is shared; empty until the deal is signed.",
            "被拆分业绩的合同；签约前为空。",
            references="contract.contract_id",
            needed=False,
        ),
        col(
            "opportunity_id",
            "id",
            "Opportunity",
            "商机编号",
            "Deal whose credit is shared, where no contract is named.",
            "被拆分业绩的商机，未指明合同时使用。",
            references="opportunity.opportunity_id",
            needed=False,
        ),
        rep_ref(),
        col(
            "split_type",
            "choice",
            "Type",
            "类型",
            "Split (sums to 100%) or overlay (counted twice, never in company revenue).",
            "拆分（合计100%）或双算（不计入公司收入）。",
            choices={"split": ("Split", "拆分"), "overlay": ("Overlay", "双算")},
        ),
        col(
            "share",
            "share",
            "Share",
            "比例",
            "Share of the credit.",
            "业绩比例。",
            unit="share",
            minimum=0,
            maximum=1,
        ),
        *validity(),
    ),
)

PAY_PLAN = Table(
    "pay_plan",
    "people",
    ("Pay plans", "薪酬方案"),
    (
        "Rates and tiers of the pay plan in force, by role.",
        "各岗位现行薪酬方案的费率与档位。",
    ),
    ("plan_id", "role", "component", "tier_from", "valid_from"),
    (
        col("plan_id", "id", "Plan", "方案编号", "Pay plan.", "薪酬方案编号。"),
        _role(),
        col(
            "component",
            "choice",
            "Component",
            "组成",
            "Base, performance pay, commission or year-end bonus.",
            "底薪、绩效工资、提成或年终奖。",
            choices={
                "base": ("Base pay", "底薪"),
                "performance": ("Performance pay", "绩效工资"),
                "commission": ("Commission", "提成"),
                "year_end": ("Year-end bonus", "年终奖"),
            },
        ),
        _kpi(),
        col(
            "tier_from",
            "share",
            "Tier from",
            "档位起点",
            "Attainment from which the rate holds.",
            "费率适用的起始达成率。",
            unit="share",
            minimum=0,
        ),
        col(
            "rate",
            "share",
            "Rate",
            "费率",
            "Pay per unit of the KPI, or months of pay for a bonus.",
            "每单位指标的费率；奖金为月数。",
            unit="share",
        ),
        col(
            "tier_rule",
            "choice",
            "Tier rule",
            "累进方式",
            "Marginal: each part at its own rate; whole: the tier re-rates everything.",
            "超额累进或全额累进。",
            choices={
                "marginal": ("Marginal", "超额累进"),
                "whole": ("Whole amount", "全额累进"),
            },
        ),
        *validity(),
    ),
)

PAYROLL = Table(
    "payroll",
    "people",
    ("Payroll", "薪酬发放"),
    (
        "Pay before tax by rep, month and component; masked in reports.",
        "按人、月与组成的税前应发；报告中脱敏。",
    ),
    ("rep_id", "month_end", "component"),
    (
        rep_ref(),
        col(
            "month_end",
            "date",
            "Month",
            "月份",
            "Last day of the month.",
            "当月最后一天。",
        ),
        col(
            "component",
            "choice",
            "Component",
            "组成",
            "Base, performance pay, commission or year-end bonus.",
            "底薪、绩效工资、提成或年终奖。",
            choices={
                "base": ("Base pay", "底薪"),
                "performance": ("Performance pay", "绩效工资"),
                "commission": ("Commission", "提成"),
                "year_end": ("Year-end bonus", "年终奖"),
            },
        ),
        money(
            "amount",
            "Amount",
            "税前应发",
            "Pay before tax.",
            "税前应发。",
            basis="none",
            private=True,
        ),
        currency(),
    ),
)

TRAINING = Table(
    "training",
    "people",
    ("Training", "培训记录"),
    (
        "Courses taken by reps, with hours and score.",
        "销售人员参加的课程、课时与成绩。",
    ),
    ("training_id",),
    (
        key("training_id", "Training", "培训编号"),
        rep_ref(),
        col("course", "text", "Course", "课程", "Name of the course.", "课程名称。"),
        col(
            "training_date",
            "date",
            "Date",
            "日期",
            "Last day of the course.",
            "课程结束日期。",
        ),
        col(
            "hours",
            "number",
            "Hours",
            "课时",
            "Length.",
            "时长。",
            unit="hours",
            minimum=0,
        ),
        col(
            "score",
            "number",
            "Score",
            "成绩",
            "Result of the test, 0 to 100.",
            "考核成绩，0至100。",
            unit="points",
            minimum=0,
            maximum=100,
            needed=False,
        ),
    ),
)

TARGET = Table(
    "target",
    "planning",
    ("Targets", "销售目标"),
    (
        "Targets of any KPI by node and period, in three tiers.",
        "任一指标按节点与期间的目标，分三档。",
    ),
    ("kpi_id", "level", "node", "product_line", "period_start", "tier"),
    (
        _kpi(),
        *_node(),
        col(
            "product_line",
            "text",
            "Product line",
            "产品线",
            "Product line the target is for; 'all' for all of them.",
            "目标所属产品线；all为全部。",
        ),
        *_period(),
        col(
            "tier",
            "choice",
            "Tier",
            "档位",
            "Floor, base or stretch.",
            "保底、基准或挑战。",
            choices=TIERS,
        ),
        *_value("Target", "目标值", "Target value.", "目标值。"),
    ),
)

FORECAST_ENTRY = Table(
    "forecast_entry",
    "planning",
    ("Forecast entries", "预测填报"),
    (
        "Who forecast what when: kept, never overwritten, so that each judgement can be scored.",
        "谁在何时预测了多少：只增不改，以便评估每次判断。",
    ),
    ("entry_id",),
    (
        key("entry_id", "Entry", "填报编号"),
        col(
            "entry_date",
            "date",
            "Made on",
            "填报日期",
            "Day of the forecast.",
            "预测日期。",
        ),
        rep_ref("by_id", "By", "填报人", needed=False),
        col(
            "step",
            "choice",
            "Step",
            "环节",
            "Rep, manager or final figure.",
            "个人、经理或最终。",
            choices={
                "rep": ("Rep", "个人"),
                "manager": ("Manager", "经理"),
                "final": ("Final", "最终"),
            },
        ),
        _kpi(),
        *_node(),
        product_line(needed=False),
        *_period(),
        *_value("Forecast", "预测值", "Forecast value.", "预测值。"),
        col(
            "forecast_category",
            "choice",
            "Category",
            "预测类别",
            "Commit, best case or pipeline; empty for the total.",
            "承诺、争取或储备；合计为空。",
            choices=FORECAST_CATEGORIES,
            needed=False,
        ),
        col(
            "reason",
            "text",
            "Reason",
            "理由",
            "Why it differs from the step before.",
            "与上一环节不同的理由。",
            needed=False,
        ),
    ),
)

TABLES = (
    REP,
    TEAM,
    TERRITORY,
    ASSIGNMENT,
    CREDIT_SPLIT,
    PAY_PLAN,
    PAYROLL,
    TRAINING,
    TARGET,
    FORECAST_ENTRY,
)
