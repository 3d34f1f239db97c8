"""A pay plan: what is paid to whom for what, as a small text file says it.

A *component* is one kind of pay: on a measure by rates, a stated pay, or a share of a pool; then
its modifiers in order. *Payment rules* say what happens to the earnings of a month: held back,
drawn, clawed back. Parts: `parts.py`. From file: `load_plan`. What it pays: `engine.py`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import ValidationError, model_validator

from workbench.errors import ParameterError
from workbench.pay.faults import plan_error
from workbench.pay.names import check_roles, references
from workbench.pay.parts import (
    MONTHS,
    Amount,
    Indicator,
    LineFactor,
    Measure,
    Modifier,
    Names,
    Pool,
    Rates,
    Settled,
    Texts,
    Window,
)
from workbench.pay.source import Source, laid_over, read_source
from workbench.pay.words import CHINESE, Exact, Part, fault, read_as, word
from workbench.text import Language, later

PAYROLL = {
    "base": ("Base pay", "底薪"),
    "performance": ("Performance pay", "绩效工资"),
    "commission": ("Commission", "提成"),
    "year_end": ("Year-end bonus", "年终奖"),
}
#: A rebate has one item.
REBATE = {"commission": ("Rebate", "返利")}
Payroll = Annotated[
    Literal["base", "performance", "commission", "year_end"],
    read_as(底薪="base", 绩效工资="performance", 提成="commission", 年终奖="year_end"),
]


class Component(Part):
    """One kind of pay."""

    label: Names = word(
        title="Label", help="Name on the statement.", zh=("名称", "工资单上的名称。")
    )
    payroll: Payroll = word(
        "commission",
        title="Payroll item",
        help="Where it goes in the payroll file.",
        zh=("工资项目", "工资文件中的项目。"),
    )
    roles: Texts = word((), title="Roles", help="None: all.", zh=("岗位", "不写为全部。"))
    from_: dt.date | None = word(
        None,
        title="Valid from",
        help="First day; none: the plan's first.",
        alias="valid_from",
        zh=("生效日期", "首日，不写为方案首日。"),
    )
    to: dt.date | None = word(
        None,
        title="Valid to",
        help="Last day; none: the plan's last.",
        alias="valid_to",
        zh=("失效日期", "末日，不写为方案末日。"),
    )
    measure: str | None = word(
        None, title="Measure", help="What is paid by rates.", zh=("度量", "按费率计发的度量。")
    )
    rates: Rates | None = word(
        None, title="Rates", help="Rate table.", zh=("费率表", "费率与档位。")
    )
    line_factors: tuple[LineFactor, ...] = word(
        (),
        title="Line factors",
        help="Factors of each line's pay, such as by days overdue.",
        zh=("单笔系数", "对每笔报酬的系数，如按逾期天数。"),
    )
    pays: Amount | None = word(
        None,
        title="Pays",
        help="A stated pay for each settlement.",
        zh=("定额", "每次结算的定额。"),
    )
    pool: Pool | None = word(
        None, title="Pool", help="A share of a pool.", zh=("奖金包", "奖金包分配。")
    )
    accumulate: Window | None = word(
        None,
        title="Accumulate",
        help="Window in which amounts add up; then they start anew.",
        zh=("累计", "累计窗口，期满清零。"),
    )
    settle: Settled = word(
        "month", title="Settle", help="How often it is settled.", zh=("结算", "结算频率。")
    )
    modify: tuple[Modifier, ...] = word(
        (), title="Modify", help="Changes of pay, in order.", zh=("调整", "依次作用的调整。")
    )
    prorate: bool = word(
        True,
        title="Prorate",
        help="A stated pay by days in post.",
        zh=("折算", "定额按在岗天数折算。"),
    )
    in_post: dt.date | None = word(
        None,
        title="In post on",
        help="Only who is in post on this day gets it.",
        zh=("在职日期", "当日在职者方可领取。"),
    )

    @model_validator(mode="after")
    def _pays_for_one_thing(self) -> Self:
        if (self.measure is None) != (self.rates is None):
            raise fault("measure and rates go together", "度量与费率表须同时给出")
        kinds = (self.measure, self.pays, self.pool)
        if sum(each is not None for each in kinds) != 1:
            raise fault("give one of measure, pays, pool", "度量、定额、奖金包三选一")
        if self.measure is None and self.line_factors:
            raise fault("line factors go with a measure", "单笔系数须与度量同用", "line_factors")
        if self.from_ and self.to and self.to < self.from_:
            raise fault("it ends before it begins", "失效早于生效", "valid_to")
        window = MONTHS[self.window]
        if self.measure is not None and window and MONTHS[self.settle] > window:
            raise fault(
                f"a {self.window} cannot be settled by the {self.settle}",
                "结算周期长于累计窗口",
                "settle",
            )
        if self.rates and self.rates.on == "attainment" and self.window == "transaction":
            raise fault("one transaction has no quota", "单笔交易没有任务", "accumulate")
        return self

    @property
    def window(self) -> Window:
        """Window of accumulation; what is settled by the quarter adds up over the quarter."""
        return self.accumulate or self.settle

    @property
    def kind(self) -> str:
        """How it is earned: rated, stated or pool."""
        return "rated" if self.measure else "stated" if self.pays else "pool"


class Rounding(Part):
    """How amounts come to whole minor units."""

    mode: Annotated[
        Literal["half_up", "half_even"], read_as(四舍五入="half_up", 银行家="half_even")
    ] = word(
        "half_up",
        title="Mode",
        help="Half up (away from zero) or half even.",
        zh=("方式", "四舍五入或四舍六入五成双。"),
    )
    per: Annotated[Literal["payee", "line"], read_as(人="payee", 笔="line")] = word(
        "payee",
        title="Per",
        help="Once per payee and component, lines taking their part in order; or each line.",
        zh=("粒度", "每人每项一次（各笔依次分摊），或每笔。"),
    )


class Quotas(Part):
    """How quotas of part-year people are read."""

    prorate: bool = word(
        True,
        title="Prorate by days",
        help="By days in post, less leave.",
        zh=("按天折算", "按在岗天数，扣除假期。"),
    )
    ramp: tuple[Exact, ...] = word(
        (),
        title="Ramp",
        help="Share of the quota in the first, second ... month after joining.",
        zh=("爬坡", "入职后各月的任务比例。"),
    )
    roll_up: bool = word(
        True,
        title="Roll up",
        help="A team without a quota has the sum of its members'.",
        zh=("汇总", "团队无任务时取成员之和。"),
    )


class Hold(Part):
    """Part of the earnings paid later (缓发)."""

    components: Texts = word(
        title="Components", help="Whose earnings.", zh=("组成", "适用的组成。")
    )
    share: Exact = word(
        title="Share", help="Part held back.", zh=("比例", "缓发比例。"), ge=0, le=1
    )
    release: int | None = word(
        None,
        title="Released after",
        help="Months later; none: in the plan's last month.",
        zh=("发放间隔", "若干个月后发放，不写为方案末月。"),
        ge=1,
    )
    in_post: bool = word(
        False,
        title="Only in post",
        help="Lost by who has left by then.",
        zh=("须在职", "届时离职者不发。"),
    )


class Draw(Part):
    """A minimum for each month: an advance to be recovered, or a guarantee."""

    amount: Amount = word(title="Amount", help="Minimum of a month.", zh=("金额", "每月保底。"))
    components: Texts = word(
        (),
        title="Components",
        help="Earnings it is held against; none: all but base pay.",
        zh=("组成", "比较的组成，不写为底薪外全部。"),
    )
    roles: Texts = word((), title="Roles", help="None: all.", zh=("岗位", "不写为全部。"))
    months: int | None = word(
        None,
        title="Months",
        help="Only in so many months after joining.",
        ge=1,
        zh=("月数", "仅限入职后若干个月。"),
    )
    recoverable: bool = word(
        True,
        title="Recoverable",
        help="Whether it is paid back out of later earnings.",
        zh=("可收回", "是否由以后的所得抵还。"),
    )
    recover_from: int = word(
        1,
        title="Recovered from",
        help="Month of the plan from which it is paid back.",
        ge=1,
        zh=("抵还起始月", "自方案第几个月起抵还。"),
    )
    recover: Exact = word(
        Fraction(1),
        title="Recovery",
        help="Share of what exceeds the minimum.",
        ge=0,
        le=1,
        zh=("抵还比例", "超出保底部分的抵还比例。"),
    )


class Deduct(Part):
    """How fast what was paid too much is taken back; the rest waits for the next month."""

    limit: Exact = word(
        Fraction(1),
        title="Limit",
        help="At most this share of the month's pay.",
        ge=0,
        le=1,
        zh=("扣减比例", "每月最多扣减当月应发的比例。"),
    )
    keep: Exact = word(
        Fraction(0),
        title="Keep",
        help="What must be left of the month's pay.",
        ge=0,
        zh=("最低保留", "当月须保留的金额。"),
    )


class Leaver(Part):
    """What becomes of credit that arises after somebody left."""

    rule: Annotated[
        Literal["on_collection", "handover", "successor", "none"],
        read_as(到账照发="on_collection", 交接比例="handover", 接任分成="successor", 不发="none"),
    ] = word(
        "on_collection",
        title="Rule",
        help="Paid on later collection, a percent at "
        "hand-over, shared with the successor, or not at all.",
        zh=("规则", "到账照发、交接比例、接任分成或不发。"),
    )
    share: Exact = word(
        Fraction(1),
        title="Share",
        help="The leaver's share (hand-over) or the successor's.",
        zh=("比例", "离职者（交接）或接任者的比例。"),
        ge=0,
        le=1,
    )


class Payment(Part):
    """What happens to the earnings of a month, in this order."""

    hold: dict[str, Hold] = word(
        {}, title="Hold back", help="Paid later.", zh=("缓发", "延后发放。")
    )
    deduct: Deduct = word(Deduct(), title="Deductions", help="Limits.", zh=("扣减", "扣减限额。"))
    draw: dict[str, Draw] = word({}, title="Draws", help="Minimums.", zh=("预支", "保底与预支。"))
    leaver: Leaver = word(
        Leaver(), title="Leavers", help="Later credit.", zh=("离职", "离职后的业绩。")
    )


class Plan(Part):
    """A pay plan of one year."""

    plan: str = word(title="Plan", help="Its id.", zh=("方案", "方案编号。"))
    name: Names = word(title="Name", help="Its name.", zh=("方案名称", "方案名称。"))
    payees: Annotated[Literal["people", "dealers"], read_as(员工="people", 经销商="dealers")] = (
        word(
            "people",
            title="Payees",
            help="Who is paid: people, or dealers by a rebate.",
            zh=("收款方", "员工，或经销商（返利）。"),
        )
    )
    currency: str = word(
        "CNY",
        title="Currency",
        help="ISO 4217 code.",
        zh=("币种", "ISO 4217代码。"),
        pattern="^[A-Z]{3}$",
    )
    exchange: dict[str, Exact] = word(
        {},
        title="Exchange rates",
        help="What one unit of another currency counts in the plan's, all year.",
        zh=("汇率", "其他币种一单位折合方案币种，全年固定。"),
    )
    starts: dt.date = word(title="Starts", help="First day.", zh=("起始日", "首日。"))
    months: int = word(12, title="Months", help="How long.", zh=("月数", "期限。"), ge=1, le=24)
    closing_day: int | None = word(
        None,
        title="Closing day",
        help="Day a month closes; none: its last.",
        ge=20,
        le=28,
        zh=("月结日", "每月结账日，不写为月末。"),
    )
    rounding: Rounding = word(
        Rounding(), title="Rounding", help="Of pay.", zh=("取整", "取整规则。")
    )
    measures: dict[str, Measure] = word(
        {}, title="Measures", help="By name.", zh=("度量库", "各度量。")
    )
    indicators: dict[str, Indicator] = word(
        {}, title="Indicators", help="By name.", zh=("指标库", "各指标。")
    )
    quotas: Quotas = word(
        Quotas(), title="Quotas", help="How they are read.", zh=("任务", "任务规则。")
    )
    components: dict[str, Component] = word(
        title="Components", help="Kinds of pay by name.", zh=("组成", "各项报酬。"), min_length=1
    )
    payment: Payment = word(
        Payment(), title="Payment", help="Payment rules.", zh=("发放", "发放规则。")
    )

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for keys, name, known in references(self):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
                listed = ", ".join(known) or "–"
                raise fault(
                    f"{name} is not declared; "
                    + (f"did you mean {near[0]}?" if near else f"declared are: {listed}"),
                    f"{name}未声明；" + (f"是否为{near[0]}？" if near else f"已声明：{listed}"),
                    *keys,
                )
        return self

    @model_validator(mode="after")
    def _rates_fit_their_unit(self) -> Self:
        for name, component in self.components.items():
            rates, measure = component.rates, self.measures.get(component.measure or "")
            if rates is None or measure is None:
                continue
            keys = ("components", name, "rates")
            if (rates.on == "units") != (measure.unit == "count") and rates.on != "attainment":
                raise fault(
                    f"{component.measure} is {'a count' if measure.unit == 'count' else 'money'}; "
                    f"tiers cannot be on {rates.on}",
                    "档位依据与度量的单位不符",
                    *keys,
                    "on",
                )
            if rates.of is not None or measure.unit == "count" or rates.kind == "interpolated":
                continue
            for number, tier in enumerate(rates.tiers):
                if (tier.rate or 0) > 1:
                    raise fault(
                        f"a rate of {float(tier.rate or 0):.0%} pays more than the money itself; "
                        "5 per cent is written 5%",
                        "费率超过100%；百分之五写作5%",
                        *keys,
                        "tiers",
                        number,
                        "rate",
                    )
        return self

    @model_validator(mode="after")
    def _currency_has_its_code(self) -> Self:
        if self.currency == "RMB":
            raise fault("the code of the yuan is CNY", "人民币的代码为CNY", "currency")
        return self

    @model_validator(mode="after")
    def _rebates_are_no_wages(self) -> Self:
        for name, component in self.components.items():
            if self.payees == "dealers" and component.payroll != "commission":
                raise fault(
                    "dealers have no payroll items",
                    "经销商返利没有工资项目",
                    "components",
                    name,
                    "payroll",
                )
        return self

    @model_validator(mode="after")
    def _other_currencies_are_others(self) -> Self:
        for code, rate in self.exchange.items():
            if not re.fullmatch("[A-Z]{3}", code):
                raise fault(
                    "a currency has a code of three capital letters, such as USD",
                    "币种用三个大写字母的代码，如USD",
                    "exchange",
                    code,
                )
            if code == self.currency or rate <= 0:
                raise fault(
                    f"a rate above 0 of a currency other than {self.currency} is needed",
                    f"须为{self.currency}以外币种的汇率，且大于0",
                    "exchange",
                    code,
                )
        return self

    @model_validator(mode="after")
    def _dates_are_its_own(self) -> Self:
        month = 12 * self.starts.year + self.starts.month - 1 + self.months
        last = dt.date(month // 12, month % 12 + 1, 1) - dt.timedelta(1)
        for name, component in self.components.items():
            for entry, day in (
                ("valid_from", max(component.from_ or self.starts, self.starts)),
                ("valid_to", min(component.to or last, last)),
                ("in_post", component.in_post or last),
            ):
                if not self.starts <= day <= last:
                    raise fault(
                        f"{day} lies outside the plan, which runs from {self.starts} to {last}",
                        f"{day}在方案期限之外：方案自{self.starts}至{last}",
                        "components",
                        name,
                        entry,
                    )
        return self

    @model_validator(mode="after")
    def _no_more_is_held_than_earned(self) -> Self:
        held: dict[str, Fraction] = {}
        for rule, each in self.payment.hold.items():
            for name in each.components:
                held[name] = held.get(name, Fraction(0)) + each.share
                if held[name] > 1:
                    raise fault(
                        f"more than 100% of {name} is held back",
                        f"{name}的缓发比例合计超过100%",
                        "payment",
                        "hold",
                        rule,
                        "share",
                    )
        return self

    @property
    def items(self) -> dict[str, tuple[str, str]]:
        """Payroll items of the plan with their names in English and Chinese."""
        return REBATE if self.payees == "dealers" else PAYROLL

    def with_values(self, values: Mapping[str, Any]) -> Plan:
        """Return the plan with some entries changed, checked anew.

        Parameters
        ----------
        values : mapping of str to any
            Dotted paths as in the file: ``{"components.commission.rates.tiers.1.rate": "6%"}``.

        Raises
        ------
        ParameterError
            If a path leads nowhere, or the plan does not hold with the values.
        """
        written = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for path, value in values.items():
            try:
                _put(written, path.split("."), value)
            except (IndexError, ValueError, AttributeError, TypeError) as error:
                raise ParameterError(
                    later("{path} leads to no entry of the plan", path=path),
                    do=later("name an entry as it stands in the file, parts of a list by number"),
                ) from error
        return parsed(Source(written))


def load_plan(
    path: str | Path, *, lang: Language | None = None, roles: Collection[str] | None = None
) -> Plan:
    """Read a plan from a YAML file and those it extends.

    Parameters
    ----------
    path : str or Path
    lang : Language, optional
        Of the errors; else they are in English until they are shown.
    roles : collection of str, optional
        Roles that people can have; a plan for people that names another is refused.

    Raises
    ------
    ParameterError
        If a file cannot be read, or says what no plan can; names file, line and rule of each
        fault.
    """
    try:
        source = read_source(Path(path), chinese=CHINESE)
        plan = parsed(source)
        if roles is not None and plan.payees == "people":
            check_roles(plan, source, roles)
    except ParameterError as error:
        if lang is not None:
            error.retold(lang.again)
        raise
    return plan


def plan_from(values: Mapping[str, Any]) -> Plan:
    """Make a plan of nested values as a file has them; raises as `load_plan` does."""
    return parsed(laid_over(Source(), Source(dict(values))))


def parsed(source: Source) -> Plan:
    """Check what a file says; raises as `load_plan` does."""
    try:
        return Plan.model_validate(source.values)
    except ValidationError as error:
        raise plan_error(error, Plan, source) from error


def plan_schema() -> dict[str, Any]:
    """JSON Schema of a plan file, for editors; Chinese titles stand in `zh`."""
    schema = Plan.model_json_schema(by_alias=True)
    schema["properties"]["extends"] = {"type": ["string", "array"], "title": "Extends"}
    return schema


# -- values ------------------------------------------------------------------------------------


def _put(written: Any, keys: list[str], value: Any) -> None:
    """Set a nested value; a mapping may get a new entry, a list may not."""
    here = written
    for key in keys[:-1]:
        here = here[int(key)] if isinstance(here, list) else here.setdefault(key, {})
    if isinstance(here, list):
        here[int(keys[-1])] = value
    else:
        here[keys[-1]] = value
