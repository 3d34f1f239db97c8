"""The effects planted in the sample company; each can be switched off to see what it did.

`generate(..., off={"churn"})` writes the same company without that effect, all other random
numbers unchanged. Every effect has a test that finds it in the data and fails without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from workbench.errors import ParameterError

DEMAND: dict[str, tuple[str, str]] = {
    "season": ("Months differ in demand", "各月需求有淡旺季"),
    "new_year": ("Demand stands still around the New Year", "春节前后需求停滞"),
    "month_end": ("Orders pile up in the last five working days", "订单集中在月末最后五个工作日"),
    "weekday": ("Weekdays differ, days off stand still", "工作日与休息日需求不同"),
    "opening": ("December is held back for January", "十二月订单压到一月开门红"),
    "festivals": ("618 and Double 11 with dips around them", "618与双11大促及前后回落"),
    "elasticity": ("Quantity answers to price", "销量随价格变化"),
    "ahead": ("Customers buy ahead of a price rise", "涨价前提前备货"),
    "promotion": ("Promotions lift their family", "促销拉动该系列销量"),
    "limits": ("Discounts pile up at approval limits", "让利集中在审批权限线上"),
    "tender_price": ("Tenders cost more discount", "招投标让利更深"),
    "discount_drift": ("Discounts grow in 2026", "2026年让利加深"),
    "cost_drift": ("Unit costs rise", "单位成本逐年上升"),
    "growth": ("End demand grows by year", "终端需求逐年增长"),
    "weak_region": ("One region shrinks in 2026", "2026年一个大区下滑"),
    "potential": ("Accounts differ in potential", "客户潜力差异悬殊"),
    "churn": ("Dissatisfied customers leave", "不满意的客户流失"),
    "skill": ("Reps differ in skill", "销售员能力有差异"),
    "ramp": ("New reps need six months and learn on", "新人六个月上手并持续成长"),
    "training": ("The sales course raises skill for a year", "销售培训在一年内提升能力"),
    "attrition_season": ("Reps leave after the bonus", "销售员多在年终奖后离职"),
    "attrition_first": ("First-year reps leave more often", "入职首年离职率更高"),
    "reorganisation": ("Accounts move between reps each January", "每年一月调整客户归属"),
    "territory": ("Provinces differ in potential", "各省潜力不同"),
    "lead_response": ("Late answers lose leads", "线索响应越慢转化越低"),
    "lead_source": ("Sources of deals differ in quality", "不同来源的商机质量不同"),
    "deal_size": ("Large deals move more slowly", "大单推进更慢"),
    "deal_age": ("Deals that stand still are lost", "停滞的商机更难推进"),
    "frailty": ("Deals have a hidden quality", "商机有不可见的质量差异"),
    "deadline": ("Deals close around the date expected", "商机在预计日期前后关闭"),
    "stale_dates": ("Passed close dates are left standing", "过期的预计成交日未更新"),
    "optimism": ("Typed probabilities are too high", "填报赢率偏高"),
    "backfill": ("Deals are typed in after they closed", "成交后补录商机"),
    "friday": ("Activities are typed in on Friday evening", "周五晚上集中补录跟进"),
    "pool": ("Idle accounts are recalled to the pool", "未跟进客户回收至公海"),
    "reclaim": ("Few accounts claimed again convert", "公海再领取客户少量转化"),
    "duplicates": ("Companies entered twice", "客户重复建档"),
    "missing_codes": ("Credit codes are missing", "缺少统一社会信用代码"),
    "reversals": ("Contracts are cancelled later", "部分合同事后作废"),
}

# Rooms that declare effects of their own in a dictionary EFFECTS.
ROOMS = ("dealers", "rebates", "money", "people", "plans", "market")


def effects() -> dict[str, tuple[str, str]]:
    """All effects: id -> what it does, English and Chinese."""
    found = dict(DEMAND)
    for room in ROOMS:
        try:
            module = import_module(f"workbench.sample.{room}")
        except ModuleNotFoundError as error:
            if error.name != f"workbench.sample.{room}":
                raise
            continue
        found |= getattr(module, "EFFECTS", {})
    return found


def check_off(off: Iterable[str]) -> frozenset[str]:
    """The effects to switch off.

    Raises
    ------
    ParameterError
        If there is no effect of a name.
    """
    chosen, known = frozenset(off), effects()
    unknown = sorted(chosen - set(known))
    if unknown:
        raise ParameterError(
            f"there is no effect {unknown[0]!r}",
            where="off",
            do=f"use some of {', '.join(known)}",
        )
    return chosen
