"""The parts a plan is made of: measures, rates, amounts, indicators, modifiers.

    measure -> credit -> accumulate -> rates -> modify -> payment rules

A *measure* says which lines count and with what value. *Rates* turn what a person accumulated into
pay. An *indicator* is a number about a person and period (attainment, a ratio of two measures, a
score, a rank); *modifiers* change pay by it. How they are put together: `plan.py`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from workbench.pay.words import Exact, Part, exact_text, fault, read_as, word

Window = Annotated[
    Literal["transaction", "month", "quarter", "year"],
    read_as(每笔="transaction", 月="month", 季="quarter", 季度="quarter", 年="year"),
]
Settled = Annotated[
    Literal["month", "quarter", "year"],
    read_as(月="month", 季="quarter", 季度="quarter", 年="year"),
]
#: Months of a window; a transaction has none.
MONTHS = {"transaction": 0, "month": 1, "quarter": 3, "year": 12}


def _several(value: Any) -> Any:
    """Let one value stand for a list of one."""
    return value if value is None or isinstance(value, list | tuple) else (value,)


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
Filter = dict[str, Texts]


class Names(Part):
    """A name in both languages."""

    en: str = word(title="English", help="English name.", zh=("英文", "英文名称。"))
    zh: str = word(title="Chinese", help="Chinese name.", zh=("中文", "中文名称。"))


class Measure(Part):
    """Which credit lines count, and with what value."""

    events: Texts = word(
        ("booked",),
        title="Events",
        help="Events of a line that count: booked, shipped, invoiced, paid, milestone ...",
        zh=("计入事件", "计入的业务事件：签约、发货、开票、回款、里程碑等。"),
    )
    less: Texts = word(
        (),
        title="Taken back",
        help="Events that take credit back: returned, unpaid, bad_debt ...",
        zh=("扣回事件", "扣减业绩的事件：退货、未回款、坏账等。"),
    )
    value: str = word(
        "amount",
        title="Value column",
        help="Column of the credit lines that is added up: amount, margin, units ...",
        zh=("取值列", "求和的列：金额、毛利、数量等。"),
    )
    unit: Annotated[Literal["money", "count"], read_as(金额="money", 数量="count")] = word(
        "money",
        title="Unit",
        help="Money in the plan's currency, or a count.",
        zh=("单位", "方案币种的金额，或数量。"),
    )
    where: Filter = word(
        {},
        title="Only where",
        help="Column and the values that count.",
        zh=("仅限", "列名与计入的取值。"),
    )
    unless: Filter = word(
        {},
        title="Unless",
        help="Column and the values that do not count.",
        zh=("除外", "列名与不计入的取值。"),
    )
    credit: Annotated[
        Literal["split", "overlay", "both", "team", "company"],
        read_as(拆分="split", 双算="overlay", 全部="both", 团队="team", 公司="company"),
    ] = word(
        "split",
        title="Credit",
        help="Own split credit, overlay credit, both, all of the people below, or the company.",
        zh=("业绩归属", "本人拆分、双算、两者、下属团队或全公司。"),
    )
    weights: tuple[LineFactor, ...] = word(
        (),
        title="Credit weights",
        help="Factors by which a line counts, by a column of it.",
        zh=("业绩系数", "按列对每笔业绩加权。"),
    )


class Step(Part):
    """From this value on this factor holds."""

    from_: Exact = word(
        title="From", help="Value from which it holds.", zh=("起点", "适用的起始值。"), alias="from"
    )
    factor: Exact = word(title="Factor", help="1 changes nothing.", zh=("系数", "1为不变。"), ge=0)


class LineFactor(Part):
    """A factor of each line by one of its columns: days overdue, product line."""

    column: str = word(title="Column", help="Column of the lines.", zh=("列", "业绩明细的列名。"))
    steps: tuple[Step, ...] = word(
        (),
        title="Steps",
        help="By a number: from which value which factor holds.",
        zh=("分段", "按数值分段的系数。"),
    )
    values: dict[str, Exact] = word(
        {}, title="Values", help="By a word: its factor.", zh=("取值系数", "按取值的系数。")
    )
    otherwise: Exact = word(
        Fraction(1),
        title="Otherwise",
        help="Factor of all others.",
        zh=("其余", "其余的系数。"),
        ge=0,
    )

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        _rising([step.from_ for step in self.steps], "steps")
        if bool(self.steps) == bool(self.values):
            raise fault("give either steps or values", "分段与取值系数二选一", "column")
        return self


class Amount(Part):
    """An amount of money: a sum, months of base pay, or a share of the yearly target incentive.

    The share of the target incentive is that of the whole year; a quarter has a quarter of it.
    """

    amount: Exact | None = word(
        None, title="Amount", help="In the plan's currency.", zh=("金额", "方案币种。"), ge=0
    )
    base_pay: Exact | None = word(
        None,
        title="Months of base pay",
        help="Months of base pay.",
        zh=("底薪月数", "月底薪的倍数。"),
        ge=0,
    )
    target_incentive: Exact | None = word(
        None,
        title="Share of target incentive",
        help="Share of the year's pay on target above base pay.",
        zh=("目标激励比例", "年度目标激励（目标年薪减底薪）的比例。"),
        ge=0,
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (
            sum(each is not None for each in (self.amount, self.base_pay, self.target_incentive))
            != 1
        ):
            raise fault(
                "give one of amount, base_pay, target_incentive",
                "金额、底薪月数、目标激励比例三选一",
            )
        return self


class Needs(Part):
    """A condition on an indicator."""

    indicator: str = word(title="Indicator", help="Its name.", zh=("指标", "指标名称。"))
    at_least: Exact | None = word(
        None,
        title="At least",
        help="Lowest value that meets it.",
        zh=("不低于", "满足条件的最低值。"),
    )
    below: Exact | None = word(
        None, title="Below", help="Values under this meet it.", zh=("低于", "低于此值即满足。")
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.below is None:
            raise fault("say at_least or below", "须给出不低于或低于", "indicator")
        return self


class Tier(Part):
    """One tier of a rate table."""

    from_: Exact = word(
        Fraction(0),
        title="From",
        help="Where it starts.",
        zh=("起点", "起始值。"),
        alias="from",
        ge=0,
    )
    to: Exact | None = word(
        None,
        title="To",
        help="Where it ends; the next tier's start.",
        zh=("终点", "终止值，即下一档起点。"),
    )
    rate: Exact | None = word(
        None,
        title="Rate",
        help="Pay for one unit: of money a share, of a count the money for one.",
        zh=("费率", "每单位的报酬：金额为比例，数量为每件金额。"),
        ge=0,
    )
    amount: Exact | None = word(
        None,
        title="Amount",
        help="Pay for the whole tier; a part of the tier earns its part.",
        zh=("金额", "整档的报酬，按比例计发。"),
        ge=0,
    )
    needs: Needs | None = word(
        None,
        title="Needs",
        help="Condition; while it is not met, the tier before goes on.",
        zh=("条件", "未满足时沿用上一档。"),
    )


class Rates(Part):
    """How what was accumulated turns into pay.

    marginal (超额累进): each part at the rate of its tier. whole (全额累进): everything at the rate
    of the tier reached. interpolated: each tier has an amount, earned in proportion.
    """

    kind: Annotated[
        Literal["marginal", "whole", "interpolated"],
        read_as(超额累进="marginal", 全额累进="whole", 插值="interpolated"),
    ] = word(
        "marginal",
        title="Kind",
        help="Marginal, whole or interpolated.",
        zh=("累进方式", "超额累进、全额累进或插值。"),
    )
    on: Annotated[
        Literal["amount", "attainment", "units"],
        read_as(金额="amount", 达成率="attainment", 数量="units"),
    ] = word(
        "amount",
        title="On",
        help="What tiers are measured on: the amount, attainment, units.",
        zh=("档位依据", "档位按金额、达成率或数量。"),
    )
    quota: str | None = word(
        None,
        title="Quota",
        help="Quotas of this name; else those named as the measure.",
        zh=("指标任务", "对应的任务名称；默认同度量名。"),
    )
    of: Amount | None = word(
        None,
        title="Pay at quota",
        help="Rates are multiples of this pay for 100% of the quota.",
        zh=("达标报酬", "费率为达成100%时该报酬的倍数。"),
    )
    tiers: tuple[Tier, ...] = word(
        title="Tiers",
        help="In rising order, the first from 0.",
        zh=("档位", "由低到高，首档从0起。"),
        min_length=1,
    )

    @model_validator(mode="after")
    def _tiers_follow_each_other(self) -> Self:
        starts = [tier.from_ for tier in self.tiers]
        if starts[0] != 0:
            raise fault(
                f"the first tier starts at {exact_text(starts[0])}; it must start at 0",
                f"首档起点为{exact_text(starts[0])}，须从0开始",
                "tiers",
                0,
            )
        _rising(starts, "tiers")
        for number, (tier, after) in enumerate(pairwise(self.tiers)):
            if tier.to is not None and tier.to != after.from_:
                both = (exact_text(tier.to), exact_text(after.from_))
                overlap = tier.to > after.from_
                raise fault(
                    f"tiers {'overlap' if overlap else 'leave a gap'}: one ends at {both[0]}, the "
                    f"next starts at {both[1]}",
                    f"档位{'重叠' if overlap else '有空档'}："
                    f"前一档止于{both[0]}，后一档起于{both[1]}",
                    "tiers",
                    number + 1,
                )
        if self.tiers[-1].to is not None and self.kind != "interpolated":
            raise fault(
                "the last tier has no end; say the rate above it in a tier of its own",
                "末档不设终点；其上的费率另列一档",
                "tiers",
                len(self.tiers) - 1,
                "to",
            )
        return self

    @model_validator(mode="after")
    def _tiers_say_what_they_pay(self) -> Self:
        wanted, other = ("amount", "rate") if self.kind == "interpolated" else ("rate", "amount")
        for number, tier in enumerate(self.tiers):
            if getattr(tier, wanted) is None or getattr(tier, other) is not None:
                raise fault(
                    f"a tier of a table that is {self.kind} says its {wanted}, not its {other}",
                    f"该累进方式的档位须写{'金额' if wanted == 'amount' else '费率'}",
                    "tiers",
                    number,
                )
        if self.kind == "interpolated" and self.tiers[-1].to is None:
            raise fault(
                "the last tier needs its end, or its part cannot be known",
                "插值的末档须写终点",
                "tiers",
                len(self.tiers) - 1,
            )
        if self.of is not None and (self.on != "attainment" or self.kind == "interpolated"):
            raise fault(
                "pay at quota goes with rates on attainment", "达标报酬须与达成率费率同用", "of"
            )
        if self.tiers[0].needs is not None:
            raise fault("the first tier has no condition", "首档不设条件", "tiers", 0, "needs")
        return self

    @property
    def at_quota(self) -> Amount | None:
        """Pay that rates are multiples of at 100% of the quota; None where they are shares.

        Tiers of attainment that state amounts are multiples of one unit of the currency.
        """
        if self.kind == "interpolated" and self.on == "attainment":
            return Amount(amount=Fraction(1))
        return self.of

    def multiple_at_target(self) -> Fraction:
        """Pay at 100%, as a multiple of `at_quota`."""
        starts, slopes, one = self.starts(), self.slopes(), Fraction(1)
        if self.kind == "whole":
            return next(
                s for start, s in reversed([*zip(starts, slopes, strict=True)]) if start <= 1
            )
        ends = (*starts[1:], None)
        return sum(
            (
                slope * ((one if end is None else min(one, end)) - start)
                for start, end, slope in zip(starts, ends, slopes, strict=True)
                if start < 1
            ),
            Fraction(0),
        )

    def starts(self) -> tuple[Fraction, ...]:
        """Where the tiers start; of an interpolated table the end of the last as well."""
        starts = [tier.from_ for tier in self.tiers]
        return (*starts, self.tiers[-1].to) if self.tiers[-1].to is not None else tuple(starts)

    def slopes(self) -> tuple[Fraction, ...]:
        """Pay for one more unit in each of `starts`; nothing above an interpolated table."""
        if self.kind != "interpolated":
            return tuple(tier.rate or Fraction(0) for tier in self.tiers)
        ends = self.starts()[1:]
        slopes = [
            (tier.amount or Fraction(0)) / (end - tier.from_)
            for tier, end in zip(self.tiers, ends, strict=True)
        ]
        return (*slopes, Fraction(0))


class Indicator(Part):
    """A number about a person and a period: one of attainment, ratio, score, rank."""

    label: Names | None = word(
        None, title="Label", help="Name on the statement.", zh=("名称", "工资单上的名称。")
    )
    attainment: str | None = word(
        None, title="Attainment", help="Measure over its quota.", zh=("达成率", "度量与任务之比。")
    )
    ratio: tuple[str, str] | None = word(
        None,
        title="Ratio",
        help="Two measures, the first over the second.",
        zh=("比率", "前者比后者。"),
    )
    score: str | None = word(
        None, title="Score", help="Name in the table of scores.", zh=("评分", "评分表中的名称。")
    )
    rank: str | None = word(
        None,
        title="Rank",
        help="Place by a measure; 1 is the first, who has nothing of it comes after all.",
        zh=("排名", "按度量的名次；度量为零者排在所有人之后。"),
    )
    quota: str | None = word(
        None, title="Quota", help="Quotas of this name.", zh=("指标任务", "任务名称。")
    )
    over: Settled = word(
        "month",
        title="Over",
        help="Month, quarter or year to date.",
        zh=("期间", "当月、本季或本年累计。"),
    )
    level: Annotated[
        Literal["rep", "team", "company"], read_as(个人="rep", 团队="team", 公司="company")
    ] = word("rep", title="Level", help="Whose number it is.", zh=("层级", "个人、团队或公司。"))
    otherwise: Exact | None = word(
        None,
        title="Otherwise",
        help="Value where there is none; without it, it is listed as an exception and counts as 0.",
        zh=("缺省", "无数据时的取值；未写则列入异常并按0计。"),
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = (self.attainment, self.ratio, self.score, self.rank)
        if sum(each is not None for each in given) != 1:
            raise fault(
                "give one of attainment, ratio, score, rank", "达成率、比率、评分、排名四选一"
            )
        return self


class Factor(Part):
    """A factor by an indicator: by steps, by a line through points, or the indicator itself."""

    indicator: str = word(title="Indicator", help="Its name.", zh=("指标", "指标名称。"))
    kind: Annotated[Literal["step", "interpolated"], read_as(分段="step", 插值="interpolated")] = (
        word(
            "step",
            title="Kind",
            help="Steps, or a line through the points.",
            zh=("累进方式", "分段或连线。"),
        )
    )
    steps: tuple[Step, ...] = word(
        (), title="Steps", help="None: the indicator itself.", zh=("分段", "不写则取指标本身。")
    )
    floor: Exact | None = word(
        None, title="Floor", help="Lowest factor.", zh=("下限", "最低系数。"), ge=0
    )
    cap: Exact | None = word(
        None, title="Cap", help="Highest factor.", zh=("上限", "最高系数。"), ge=0
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _rising([step.from_ for step in self.steps], "steps")
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise fault("the floor lies above the cap", "下限高于上限", "floor")
        return self


class Axis(Part):
    """One side of a matrix of factors."""

    indicator: str = word(title="Indicator", help="Its name.", zh=("指标", "指标名称。"))
    from_: tuple[Exact, ...] = word(
        title="From",
        help="Start of each row or column.",
        zh=("起点", "各行列的起始值。"),
        alias="from",
        min_length=1,
    )

    @model_validator(mode="after")
    def _rises(self) -> Self:
        _rising(list(self.from_), "from")
        return self


class Matrix(Part):
    """Factors by two indicators."""

    down: Axis = word(title="Rows", help="Indicator of the rows.", zh=("行", "行指标。"))
    across: Axis = word(title="Columns", help="Indicator of the columns.", zh=("栏", "列指标。"))
    factors: tuple[tuple[Exact, ...], ...] = word(
        title="Factors", help="Row by row.", zh=("系数表", "逐行填写。")
    )

    @model_validator(mode="after")
    def _has_all(self) -> Self:
        shape = [len(self.across.from_)] * len(self.down.from_)
        if [len(row) for row in self.factors] != shape:
            raise fault(
                f"{len(shape)} rows of {shape[0]} factors are needed",
                f"须为{len(shape)}行、每行{shape[0]}个系数",
                "factors",
            )
        return self


class Modifier(Part):
    """One change of pay: a factor, a matrix, a gate, a cap or a floor."""

    times: Factor | None = word(
        None, title="Times", help="Factor by an indicator.", zh=("乘以", "按指标的系数。")
    )
    matrix: Matrix | None = word(
        None, title="Matrix", help="Factor by two indicators.", zh=("矩阵", "按两个指标的系数。")
    )
    gate: Needs | None = word(
        None,
        title="Gate",
        help="While it is not met, `otherwise` is the factor.",
        zh=("门槛", "未满足时按其余系数计发。"),
    )
    otherwise: Exact = word(
        Fraction(0),
        title="Otherwise",
        help="Factor at a closed gate.",
        zh=("其余", "未达门槛的系数。"),
        ge=0,
    )
    cap: Amount | None = word(None, title="Cap", help="At most this.", zh=("上限", "最高金额。"))
    floor: Amount | None = word(
        None, title="Floor", help="At least this.", zh=("下限", "最低金额。")
    )
    over: Annotated[Literal["period", "window"], read_as(当期="period", 累计="window")] = word(
        "period",
        title="Over",
        help="Acts on what a period pays, or on all of the window to date.",
        zh=("期间", "作用于当期所得，或窗口内累计所得。"),
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = (self.times, self.matrix, self.gate, self.cap, self.floor)
        if sum(each is not None for each in given) != 1:
            raise fault(
                "give one of times, matrix, gate, cap, floor", "乘以、矩阵、门槛、上限、下限五选一"
            )
        return self

    @property
    def name(self) -> str:
        """Which of them it is."""
        kinds = ("times", "matrix", "gate", "cap", "floor")
        return next(kind for kind in kinds if getattr(self, kind) is not None)


class Pool(Part):
    """A sum that people share: its size, and by what it is shared."""

    amount: Exact | None = word(
        None,
        title="Amount",
        help="Size of the pool for each settlement.",
        zh=("金额", "每次结算的奖金包。"),
        ge=0,
    )
    measure: str | None = word(
        None,
        title="Measure",
        help="Measure of the company that fills it.",
        zh=("度量", "提取奖金包的度量。"),
    )
    rate: Exact | None = word(
        None, title="Rate", help="Share of the measure.", zh=("费率", "提取比例。"), ge=0, le=1
    )
    by: str = word(
        "equal",
        title="Shared by",
        help="equal, base_pay, or the name of a measure or indicator.",
        zh=("分配依据", "equal平均、base_pay底薪，或度量、指标名称。"),
    )

    @model_validator(mode="after")
    def _has_a_size(self) -> Self:
        by_measure = self.measure is not None and self.rate is not None
        if (self.amount is not None) == by_measure:
            raise fault("give the amount, or measure and rate", "写明金额，或度量与费率", "by")
        return self


def _rising(starts: list[Fraction], name: str) -> None:
    for number, (start, after) in enumerate(pairwise(starts)):
        if after <= start:
            raise fault(
                f"{name} must rise: {exact_text(after)} follows {exact_text(start)}",
                f"须由低到高：{exact_text(start)}之后是{exact_text(after)}",
                name,
                number + 1,
            )


Measure.model_rebuild()
