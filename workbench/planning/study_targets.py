"""Targets: what each node is asked for, how likely that is, what it costs and brings.

The year is forecast for everybody together; targets, padding, pay and levers are judged on the
same futures. Here stands what is asked; what is answered: `target_study.py`. Nothing heavy is
imported until `compute` runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import field_validator, model_validator

from workbench.contract import Params as BaseParams
from workbench.contract import Study, field
from workbench.params import broken_rule

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.target_study import TargetStudy
    from workbench.planning.year import Ready

RESIDUALS = {
    "manager": ("with the manager", "差额归上级"),
    "remainder": ("by largest remainder", "按最大余数"),
}
MIDDLE = {"province": ("provinces", "省区"), "team": ("teams", "部门")}
SIDES = {
    "top_down": ("top-down", "自上而下"),
    "both": ("both, by past accuracy", "两头对齐"),
    "bottom_up": ("bottom-up", "自下而上"),
}
BY = {
    "forecast": ("forecast", "预测"),
    "history": ("last 24 months", "近24个月业绩"),
    "potential": ("market potential", "市场潜力"),
    "capacity": ("capacity with ramp", "人员产能（含爬坡）"),
}
SEASONS = {
    "forecast": ("forecast", "预测"),
    "new_year": ("past years, New Year aligned", "历年（春节对齐）"),
    "last_year": ("year before", "上一年"),
    "even": ("even", "平均"),
}
UNITS = {"10000": ("10,000", "万元"), "1000": ("1,000", "千元"), "1": ("1", "元")}


def _padding(title: str, zh: str) -> Any:
    return field(
        None,
        ge=0,
        le=0.5,
        step=0.01,
        unit="share",
        title=title,
        help="What is added on handing targets down to this level; as in the targets set last if"
        " empty",
        zh=(zh, "向这一级下达时增加的比例；为空时取最近一次下达目标中的比例"),
    )


def _part(default: float, title: str, help_: str, zh: tuple[str, str], *, le: float = 1) -> Any:
    return field(
        default, ge=0, le=le, step=0.01, unit="share", title=title, help=help_, zh=zh
    )  # fmt: skip


def _growth(title: str, zh: str) -> Any:
    return field(
        None,
        ge=-0.5,
        le=1,
        step=0.01,
        unit="share",
        title=title,
        help="Of its base target over the year before; as revenue if empty",
        zh=(zh, "该项基准目标较上一年的增长；为空时与收入相同"),
    )


def _more(
    default: float, most: float, step: float, unit: str, title: str, zh: tuple[str, str]
) -> Any:
    return field(
        default,
        ge=-most,
        le=most,
        step=step,
        unit=unit,
        title=f"{title}, more",
        help="Asked for on top of the last twelve months",
        zh=zh,
    )


class Params(BaseParams):
    """Which year, what is wanted, how it is handed down."""

    year: int | None = field(
        None,
        ge=2000,
        le=2100,
        step=1,
        unit="calendar year",
        title="Year",
        help="Calendar year of the targets; the one after the last day of the data if empty",
        zh=("年度", "目标所在自然年；为空时取数据截止日的次年"),
    )
    growth: float | None = field(
        None,
        ge=-0.5,
        le=1,
        step=0.01,
        unit="share",
        title="Growth of the base target",
        help="Over the year before; as asked for in the running year if empty",
        zh=("基准目标增长", "较上一年的增长；为空时取本年目标所要求的增长"),
    )
    middle: str = field(
        "province",
        choices=MIDDLE,
        title="Between region and person",
        help="Provinces (a person stands where most of the person's sales are) or teams",
        zh=("大区与个人之间", "省区（按个人收入最多的省区归属）或部门"),
    )
    floor: float = _part(
        0.92, "Floor", "Floor over base", ("保底", "保底目标与基准目标之比"), le=1
    )  # fmt: skip
    stretch: float = field(
        1.08,
        ge=1,
        le=2,
        step=0.01,
        unit=("times", "倍"),
        title="Stretch",
        help="Stretch over base",
        zh=("挑战", "挑战目标与基准目标之比"),
    )
    weight_revenue: float = _part(
        0.5,
        "Weight of revenue",
        "In the score over all KPIs",
        ("收入权重", "各指标综合得分中的权重"),
    )
    weight_margin: float = _part(
        0.2,
        "Weight of gross margin rate",
        "0 sets no target of it",
        ("毛利率权重", "为0时不设该项目标"),
    )
    weight_collections: float = _part(
        0.2,
        "Weight of collections",
        "0 sets no target of it",
        ("回款权重", "为0时不设该项目标"),
    )
    weight_customers: float = _part(
        0.1,
        "Weight of new customers",
        "0 sets no target of it",
        ("新客户权重", "为0时不设该项目标"),
    )
    weight_share: float = _part(
        0.0,
        "Weight of market share",
        "0 sets no target of it",
        ("市场份额权重", "为0时不设该项目标"),
    )
    weight_satisfaction: float = _part(
        0.0,
        "Weight of satisfaction",
        "0 sets no target of it",
        ("满意度权重", "为0时不设该项目标"),
    )
    growth_collections: float | None = _growth("Growth of collections", "回款增长")
    growth_customers: float | None = _growth("Growth of new customers", "新客户增长")
    margin_points: float = _more(
        0.0,
        0.1,
        0.001,
        "share",
        "Gross margin rate",
        ("毛利率提高", "在最近12个月基础上提高的比例"),
    )
    share_points: float = _more(
        0.0, 0.1, 0.001, "share", "Market share", ("市场份额提高", "在最近四个季度基础上提高的比例")
    )
    satisfaction_points: float = _more(
        0.0, 3, 0.05, "points", "Satisfaction", ("满意度提高", "在最近12个月基础上提高的分值")
    )
    padding_region: float | None = _padding("Padding to regions", "大区加码")
    padding_middle: float | None = _padding("Padding to provinces or teams", "省区或部门加码")
    padding_person: float | None = _padding("Padding to people", "个人加码")
    side: str = field(
        "both",
        choices=SIDES,
        title="Whose figures",
        help="From above alone, joined with what people promise by how good each has been, or by"
        " promises",
        zh=("分解方式", "仅自上而下，按各方以往准确度两头对齐，或按个人申报"),
    )
    split_by: str = field(
        "forecast",
        choices=BY,
        title="Split over people by",
        help="What the company's goal is shared by, before promises and padding",
        zh=("分解依据", "公司目标按此分解到人，再计入申报与加码"),
    )
    season: str = field(
        "forecast",
        choices=SEASONS,
        title="Split over months by",
        help="What a year is shared by",
        zh=("月度曲线", "全年目标按此分到各月"),
    )
    locks: tuple[str, ...] = field(
        (),
        title="Locks",
        help="east=320000000 a year, east@2027-03=24000000 a month, R0021>=9000000 a floor,"
        " R0021<=9000000 a cap, collections/east=100000000 of another KPI; ids or names",
        zh=(
            "锁定",
            "east=320000000锁定全年，east@2027-03=24000000锁定月份，R0021>=9000000为下限，"
            "R0021<=9000000为上限，collections/east=100000000锁定其他指标；编号或名称均可",
        ),
    )
    unit: str = field(
        "10000",
        choices=UNITS,
        title="Unit",
        help="Targets are whole multiples of it, in the company's currency",
        zh=("取整单位", "目标取其整数倍，公司本位币"),
    )
    residual: str = field(
        "manager",
        choices=RESIDUALS,
        title="Residual",
        help="Who gets what rounding leaves",
        zh=("取整差额", "取整差额归谁"),
    )
    effort: float = _part(
        0.2,
        "Answer to padding",
        "Part of more output per part of more target, where the target is sure; an assumption",
        ("加码的努力反应", "目标必达时，目标每多一成产出多几成；为假设"),
    )
    attrition: float = _part(
        0.25,
        "Leavers",
        "Points of more leavers a year per point fewer who reach target; an assumption",
        ("离职反应", "达标比例每降1个百分点，年离职率升几个百分点；为假设"),
    )
    price_change: float = field(
        0.02,
        ge=-0.2,
        le=0.2,
        step=0.01,
        unit="share",
        title="Price lever",
        help="Change of price that is tried",
        zh=("价格杠杆", "试算的价格变动"),
    )
    follow: float = _part(
        0.0,
        "Competitors follow",
        "Part of a price change that competitors follow",
        ("对手跟随", "竞争对手跟随价格变动的比例"),
    )
    limit_change: float = field(
        -0.02,
        ge=-0.2,
        le=0.2,
        step=0.01,
        unit="share",
        title="Discount lever",
        help="Change of the discount that needs no approval, in points, that is tried",
        zh=("折扣权限杠杆", "试算的免审批折扣上限变动（百分点）"),
    )
    hires: int = field(
        2,
        ge=1,
        le=50,
        step=1,
        unit=("people", "人"),
        title="Head count lever",
        help="People added that are tried",
        zh=("人力杠杆", "试算的增员人数"),
    )
    hires_from: int = field(
        4,
        ge=1,
        le=12,
        step=1,
        unit="calendar month",
        title="Month they start",
        help="Month of the year in which the people added start",
        zh=("增员到岗月份", "增员到岗的月份"),
    )
    ramp: int = field(
        6,
        ge=0,
        le=18,
        step=1,
        unit="months",
        title="Ramp",
        help="Months of a new seller to full output",
        zh=("新人爬坡", "新人达到全额产出所需月数"),
    )
    promotion_month: int = field(
        9,
        ge=1,
        le=12,
        step=1,
        unit="calendar month",
        title="Month of a promotion",
        help="Month in which a promotion is tried",
        zh=("促销月份", "试算促销的月份"),
    )
    promotion_discount: float = _part(
        0.08,
        "Discount of it",
        "Off the price while it runs",
        ("促销让利", "促销期间的让利比例"),
        le=0.9,
    )
    leaver: str = field(
        "",
        title="Leaver",
        help="Id or name of a person whose target is handed over; empty shows the person least"
        " likely to reach base",
        zh=("离职者", "由他人接手其目标的人员编号或姓名；为空时以达成概率最低者为例"),
    )
    leaver_from: int = field(
        7,
        ge=1,
        le=12,
        step=1,
        unit="calendar month",
        title="Handed over from month",
        help="First month that is handed over",
        zh=("交接起始月", "自该月起由他人接手"),
    )
    achievable_low: float = _part(
        0.3, "Achievable from", "Chance from which a target is achievable",
        ("可达成下限", "视为可达成的最低概率"),
    )  # fmt: skip
    achievable_high: float = _part(
        0.8, "Achievable to", "Chance up to which a target asks for something",
        ("可达成上限", "视为有要求的最高概率"),
    )  # fmt: skip
    draws: int = field(
        1000,
        ge=200,
        le=20_000,
        step=200,
        unit="draws",
        title="Draws",
        help="Futures drawn",
        zh=("抽样次数", "抽取的未来情形数"),
    )
    seed: int = field(
        7,
        ge=0,
        le=2_000_000_000,
        step=1,
        unit="seed",
        title="Seed",
        help="Seed of the random numbers",
        zh=("种子", "随机数种子"),
    )

    @field_validator("locks")
    @classmethod
    def _locks_are_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value:
            from workbench.planning.lock_texts import FORM, written

            for text in value:
                if written(text) is None:
                    raise broken_rule(
                        f"{text!r} is no lock: write it as {FORM}",
                        f"“{text}”不是锁定写法：请写作{FORM}",
                    )
        return value

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        if self.achievable_low >= self.achievable_high:
            raise broken_rule(
                "achievable_low must lie below achievable_high",
                "可达成下限（achievable_low）须小于可达成上限（achievable_high）",
            )
        if not self.weight_revenue and not any(weight for weight, _ in self.others().values()):
            raise broken_rule(
                "one KPI needs a weight above 0, such as weight_revenue",
                "至少一项指标的权重须大于0，如收入权重（weight_revenue）",
            )
        return self

    def others(self) -> dict[str, tuple[float, float | None]]:
        """Weight, and growth or points asked for, of each KPI beside revenue."""
        return {
            "gross_margin": (self.weight_margin, self.margin_points),
            "collections": (self.weight_collections, self.growth_collections),
            "new_customers": (self.weight_customers, self.growth_customers),
            "market_share": (self.weight_share, self.share_points),
            "satisfaction": (self.weight_satisfaction, self.satisfaction_points),
        }


#: Parameters that `prepare` depends on.
SLOW = ("year", "middle", "draws", "seed")


def compute(company: Company, params: Params) -> TargetStudy:
    """Set the year's targets on its forecast and judge them.

    Raises
    ------
    MissingTableError
        If rep, team, account or order_line is not there.
    NotIdentifiedError
        If there are fewer than 24 months of sales, or nobody owns an account.
    ParameterError
        If the year is over, or more than 24 months ahead.
    """
    return answer(prepare(company, params), params)


def prepare(company: Company, params: Params) -> Ready:
    """Read, forecast and add up: what stays when a parameter that is not in `SLOW` moves."""
    from workbench.planning.year import ready

    return ready(company, params)


def answer(prepared: Ready, params: Params) -> TargetStudy:
    """Set the targets on what was prepared with the same values of the parameters in `SLOW`."""
    from workbench.planning.target_study import TargetStudy
    from workbench.planning.year import growth_of, set_year

    return TargetStudy(
        params=params,
        made=prepared,
        targets=set_year(prepared, params),
        growth=growth_of(prepared, params),
    )


STUDY = Study(
    name="targets",
    number=2,
    title=("Targets", "销售目标"),
    question=(
        "What is each region, province and person asked for, how likely is it, and what does"
        " handing it down do?",
        "各大区、省区与个人的目标是多少、达成概率多大，层层下达又带来什么？",
    ),
    params=Params,
    compute=compute,
)
