"""What a run of incentives records: key figures and tables, with their names in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.incentives.cliffs import at_step
from workbench.incentives.story import better
from workbench.incentives.story.people_side import HABITS
from workbench.pay.plan import PAYROLL

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives

Label = tuple[str, str] | tuple[str, str, str]

LABELS: dict[str, Label] = {
    "plan_cost": ("Expected variable pay", "预计变动薪酬", "money"),
    "plan_cost_median": ("Median variable pay", "变动薪酬中位数", "money"),
    "plan_cost_low": ("Variable pay, one year in ten below", "变动薪酬（10%分位）", "money"),
    "plan_cost_high": ("Variable pay, one year in ten above", "变动薪酬（90%分位）", "money"),
    "cost_of_sales": ("Variable pay over revenue", "变动薪酬占收入", "percent"),
    "cost_of_collections": ("Variable pay over collections", "变动薪酬占回款", "percent"),
    "pay_budget": ("Budget of variable pay", "变动薪酬预算", "money"),
    "over_budget": ("Chance to exceed the budget", "超预算概率", "percent"),
    "share_at_target": ("People who reach target", "达标人数占比", "percent"),
    "share_below_half": ("People under half of target", "达成不足一半占比", "percent"),
    "luck_in_pay": ("Luck in the variance of pay", "薪酬差异中的运气", "percent"),
    "settlements_at_target": (
        "Settlements beside the step at 100%",
        "100%台阶旁的结算人次",
        "number",
    ),
    "money_at_steps": ("Money beside steps of pay", "台阶旁的金额", "money"),
    "proposal_difference": ("Change of cost by the proposal", "对比方案的成本变化", "money"),
    "cut_by_caps": ("Pay cut by caps, a year ahead", "未来一年被封顶的薪酬", "money"),
    "ahead_cost": ("Variable pay a year ahead, today's plan", "未来一年变动薪酬（现行）", "money"),
    "proposal_cost": ("Variable pay a year ahead, proposal", "未来一年变动薪酬（对比）", "money"),
    "proposal_cost_low": (
        "Proposal, one year in ten below",
        "对比方案变动薪酬（10%分位）",
        "money",
    ),
    "proposal_cost_high": (
        "Proposal, one year in ten above",
        "对比方案变动薪酬（90%分位）",
        "money",
    ),
    "proposal_over_budget": (
        "Chance that the proposal exceeds the budget",
        "对比方案超预算概率",
        "percent",
    ),
    "proposal_cost_of_collections": (
        "Variable pay over collections, proposal",
        "变动薪酬占回款（对比）",
        "percent",
    ),
    "proposal_money_at_steps": (
        "Money beside steps of the proposal",
        "对比方案台阶旁的金额",
        "money",
    ),
    "winners": ("People who win", "受益人数", "integer"),
    "losers": ("People who lose", "受损人数", "integer"),
    "cost_fan": ("Cost to date by month", "累计成本区间"),
    "pay_mix": ("Pay mix", "薪酬构成"),
    "attainment_by_role": ("Attainment by role", "各岗位达成率"),
    "luck_by_role": ("Luck and skill in pay", "运气与能力"),
    "steps_of_pay": ("Steps of pay", "薪酬台阶"),
    "payout_curves": ("Payout curves", "兑现曲线"),
    "leverage_by_role": ("Leverage and upside", "杠杆与上行"),
    "plans_by_role": ("Winners and losers by role", "各岗位受益与受损"),
    "gaming_check": ("Gaming check", "博弈检查"),
    "habits": ("Habits under both plans", "两方案下的行为"),
    "designs": ("Better designs", "更好的方案设计"),
    "design": ("Design, 0 is today's", "设计（0为现行）", "integer"),
    "rates": ("Rates, times", "提成费率倍数", "number"),
    "thresholds": ("Thresholds, times", "档位起点倍数", "number"),
    "accelerator": ("Accelerator, times", "加速幅度倍数", "number"),
    "profit": ("Profit in the model", "模型利润", "money"),
    "design_pay": ("Pay in the model", "模型薪酬", "money"),
    "p_hit": ("Chance to reach the target", "达标概率", "percent"),
    "for_ability": ("Differences in pay for ability", "按能力的薪酬差异", "percent"),
    "role": ("Role", "岗位"),
    "people": ("People", "人数", "integer"),
    "payroll": ("Payroll item", "工资项目"),
    "below_half": ("Under half of target", "不足一半", "percent"),
    "at_target": ("Reach target", "达标", "percent"),
    "median": ("Median", "中位数", "percent"),
    "low": ("One in ten below", "10%分位", "percent"),
    "high": ("One in ten above", "90%分位", "percent"),
    "skill": ("Person and patch", "个人与片区", "percent"),
    "luck": ("Own luck", "个人运气", "percent"),
    "spread": ("Spread", "离散度", "percent"),
    "component": ("Component", "组成"),
    "measured": ("Measured on", "依据"),
    "step_at": ("Step at", "台阶位置", "number"),
    "times": ("Settlements a year", "年结算人次", "number"),
    "money": ("Money a year", "年金额", "money"),
    "each": ("Money of one", "每次金额", "money"),
    "attained": ("Attainment", "达成率", "percent"),
    "pay": ("Variable pay", "变动薪酬", "money"),
    "plan_of": ("Plan", "方案"),
    "pay_at_target": ("Pay at 100%", "达标报酬", "money"),
    "leverage": ("Leverage", "杠杆", "number"),
    "upside": ("Pay at 150%", "达成150%时", "percent"),
    "at_half": ("Pay at 50%", "达成50%时", "percent"),
    "wins": ("Win", "受益", "integer"),
    "loses": ("Lose", "受损", "integer"),
    "same": ("Same", "不变", "integer"),
    "won": ("Won", "增加", "money"),
    "lost": ("Lost", "减少", "money"),
    "difference": ("Change", "变化", "money"),
    "kind": ("Kind", "类型"),
    "start": ("From", "起点", "number"),
    "end": ("To", "终点", "number"),
    "at_stake": ("At stake", "涉及金额", "money"),
    "habit": ("Habit", "行为"),
    "today": ("Today", "现行", "percent"),
    "proposal": ("Proposal", "对比", "percent"),
    "quantile": ("Quantile", "分位", "percent"),
}


def summary(result: Incentives) -> dict[str, float]:
    """Key figures by name."""
    figures = result.now.summary()
    low, high = np.quantile(result.proposal.total(), [0.1, 0.9])
    verdicts = result.comparison.people["verdict"].value_counts()
    figures |= {
        "cost_of_collections": figures["plan_cost"] / result.collected
        if result.collected
        else float("nan"),
        "pay_budget": result.budget,
        "over_budget": result.now.over(result.budget),
        "share_at_target": result.fairness.share_at_target(),
        "share_below_half": result.fairness.share_below_half(),
        "luck_in_pay": result.fairness.share_of_luck(),
        "settlements_at_target": at_step(result.cliffs, 1.0)[0],
        "money_at_steps": float(result.cliffs["money"].sum()),
        "cut_by_caps": result.prepared.cut_by_caps,
        "ahead_cost": float(result.today.total().mean()),
        "proposal_cost": float(result.proposal.total().mean()),
        "proposal_cost_low": float(low),
        "proposal_cost_high": float(high),
        "proposal_over_budget": result.proposal.over(result.budget),
        "proposal_cost_of_collections": result.share_of_collections(result.proposal),
        "proposal_money_at_steps": float(result.cliffs_proposal["money"].sum()),
        "proposal_difference": result.comparison.cost.mean,
        "winners": float(verdicts.get("wins", 0)),
        "losers": float(verdicts.get("loses", 0)),
    }
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def tables(result: Incentives) -> dict[str, pd.DataFrame]:
    """Result tables by name; roles only, nobody's pay."""
    fan = result.now.fan().melt("period", var_name="quantile", value_name="amount")
    fan = fan[fan["quantile"] != "mean"]
    fan["quantile"] = fan["quantile"].str.removeprefix("q").astype(float) / 100
    curves = pd.concat(
        [
            each.by_role().assign(plan_of=name)
            for name, each in (("today", result.curves), ("proposal", result.curves_proposal))
        ],
        ignore_index=True,
    )
    gaming = result.gaming.table()
    found = {
        "cost_fan": fan,
        "pay_mix": result.today.mix(),
        "attainment_by_role": result.fairness.attainment,
        "luck_by_role": result.fairness.luck.drop(columns="market"),
        "steps_of_pay": result.cliffs.rename(columns={"step": "step_at"}),
        "payout_curves": curves[["plan_of", "role", "attainment", "pay"]].rename(
            columns={"attainment": "attained"}
        ),
        "leverage_by_role": result.curves.ratios(),
        "plans_by_role": result.comparison.by_role(),
        "gaming_check": gaming[["kind", "role", "start", "end", "people", "at_stake"]],
    }
    if result.designs is not None:
        found["designs"] = better.table(result.designs)
    if result.habits is not None:
        found["habits"] = result.habits.table()
    return found


def codes(result: Incentives) -> dict[str, dict[str, tuple[str, str]]]:
    """Words for the codes in text columns of result tables."""
    from workbench.incentives.behaviour.gaming import KINDS
    from workbench.text import Language

    zh = Language("zh")
    roles = sorted(set(result.today.people.roles))
    label = result.company.label
    components = result.today.people.plan.components
    return {
        "role": {each: (label("role", each, "en"), label("role", each, "zh")) for each in roles},
        "payroll": {**PAYROLL, "draw": ("Draws and guarantees", "预支与保底")},
        "component": {name: (each.label.en, each.label.zh) for name, each in components.items()},
        "measured": {"attainment": ("Attainment", "达成率"), "amount": ("Amount", "金额")},
        "kind": {name: (text, zh.say(text)) for name, text in KINDS.items()},
        "habit": dict(HABITS),
        "plan_of": {"today": ("Today", "现行"), "proposal": ("Proposal", "对比")},
    }
