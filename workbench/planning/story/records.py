"""What a run of targets records: key figures and tables, with their names in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.planning.bottom_up import CAUSES
from workbench.planning.company_year import KINDS
from workbench.planning.judged import SOURCES
from workbench.planning.smart import CHECKS, SHORT
from workbench.planning.story.words import chance, currency, handed, kpi_name, reach, wide
from workbench.planning.tiers import TIERS
from workbench.tables import TABLES
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy

EN, ZH = Language("en"), Language("zh")
Label = tuple[str, str] | tuple[str, str, str]
LABELS: dict[str, Label] = {
    "base_target": ("Base target", "基准目标", "money"),
    "expected_revenue": ("Expected revenue", "预测收入", "money"),
    "growth_asked": ("Growth of the base target", "基准目标增长", "percent"),
    "chance_floor": ("Chance of floor", "保底达成概率", "percent"),
    "chance_base": ("Chance of base", "基准达成概率", "percent"),
    "chance_stretch": ("Chance of stretch", "挑战达成概率", "percent"),
    "padding": ("Padding in all", "层层加码合计", "percent"),
    "people_reach": ("People who reach base", "个人达标比例", "percent"),
    "people_reach_plain": ("Reach base without padding", "不加码个人达标比例", "percent"),
    "coverage": ("Pipeline coverage", "商机覆盖倍数", "number"),
    "coverage_needed": ("Pipeline coverage needed", "所需商机覆盖倍数", "number"),
    "pay": ("Expected variable pay", "预计变动薪酬", "money"),
    "profit": ("Expected profit", "预计利润", "money"),
    "smart_share": ("Targets that pass all checks", "五项检查全部通过的比例", "percent"),
    "pace_to_date": ("Running year over plan to date", "本年对时间进度计划", "percent"),
    "chance_running": ("Chance of base in the running year", "本年基准达成概率", "percent"),
    "score_expected": ("Expected score over all KPIs", "综合得分预期", "percent"),
    "chance_score": ("Chance of a score of 100%", "综合得分达100%的概率", "percent"),
    "chance_all_kpis": ("All KPIs reach base", "各指标基准全部达成的概率", "percent"),
    "targets": ("Targets by month", "分月目标"),
    "joint": ("All nodes of a level at once", "同层级全部达成"),
    "nodes": ("Nodes", "节点数"),
    "p_all": ("Chance of all", "全部达成概率", "percent"),
    "reach_low": ("Reach, low", "达标比例下限", "percent"),
    "reach_high": ("Reach, high", "达标比例上限", "percent"),
    "scores": ("Score over all KPIs", "综合得分"),
    "handed_over": ("A leaver's target handed over", "离职者目标交接"),
    "milestones": ("What must happen", "尚需完成"),
    "by_line": ("Targets by product line", "产品线目标"),
    "line": ("Product line", "产品线"),
    "last": ("Last twelve months", "近12个月", "money"),
    "kpi": ("KPI", "指标"),
    "score": ("Score", "得分", "percent"),
    "score_low": ("Score, low", "得分下限", "percent"),
    "score_high": ("Score, high", "得分上限", "percent"),
    "before": ("Before", "交接前", "money"),
    "after": ("After", "交接后", "money"),
    "by": ("By", "截止日"),
    "planned": ("Plan to then", "截止计划", "money"),
    "actual": ("So far", "已完成", "money"),
    "regular": ("Regular business", "常规业务", "money"),
    "left": ("Left", "尚缺", "money"),
    "size": ("Median deal", "商机金额中位数", "money"),
    "deals": ("Deals", "商机数"),
    "gross_profit": ("Change of gross profit", "毛利变化", "money"),
    "target_years": ("Targets of the year", "全年目标"),
    "gap_by_cause": ("Gap by cause", "差额归因"),
    "padding_effect": ("What padding does", "加码的影响"),
    "pay_and_profit": ("Pay and profit", "薪酬与利润"),
    "coverage_by_node": ("Coverage by node", "商机覆盖"),
    "lever_effects": ("Effect of levers", "杠杆效果"),
    "smart_checks": ("SMART checks", "SMART检查"),
    "pace_by_node": ("Pace of the running year", "本年进度"),
    "node": ("Node", "组织"),
    "kind": ("Level", "层级"),
    "month": ("Month", "月份"),
    "tier": ("Tier", "档位"),
    "unit": ("Unit", "单位"),
    "target": ("Target", "目标", "number"),
    "p_hit": ("Chance", "达成概率", "percent"),
    "expected": ("Expected", "预测", "number"),
    "top_down": ("Top-down", "自上而下", "number"),
    "bottom_up": ("Bottom-up, corrected", "自下而上（校正后）", "number"),
    "goal": ("Target", "目标", "money"),
    "forecast": ("Expected", "预测", "money"),
    "asked": ("Top-down", "自上而下", "money"),
    "gap": ("Gap", "差额", "money"),
    "submitted": ("Promised", "申报", "money"),
    **{code: (en.capitalize(), zh, "money") for code, (en, zh) in CAUSES.items()},
    "scale": ("Times the padding", "加码倍数", "number"),
    "handed": ("Padding in all", "加码合计", "percent"),
    "p_company": ("Company reaches base", "公司达成概率", "percent"),
    "reach": ("People who reach base", "个人达标比例", "percent"),
    "reached": ("Share that reaches it", "达成比例", "percent"),
    "attrition": ("More leavers", "离职率增加", "percent"),
    "output": ("Output", "产出变化", "percent"),
    "lever": ("Lever", "杠杆"),
    "change": ("Change of revenue", "收入变化", "money"),
    "low": ("9 in 10 from", "十次有九次下限", "money"),
    "high": ("9 in 10 to", "十次有九次上限", "money"),
    "p_before": ("Chance before", "原概率", "percent"),
    "p_after": ("Chance after", "新概率", "percent"),
    "check": ("Check", "检查项"),
    "passed": ("Passed", "通过"),
    "reason": ("Reason", "原因"),
    "figure": ("Figure", "数值", "number"),
    "least": ("Allowed from", "允许下限", "number"),
    "most": ("Allowed to", "允许上限", "number"),
    "owner": ("Owner", "责任人"),
    "table": ("Counted from", "统计来源"),
    "other": ("Other KPI", "另一指标"),
    "rate": ("Change of gross margin rate", "毛利率变化", "points"),
    "response": ("Response", "反应", "number"),
    "error": ("Standard error", "标准误", "number"),
    "source": ("Rests on", "依据"),
    "pay_low": ("Variable pay, 8 in 10 from", "变动薪酬十次有八次下限", "money"),
    "pay_high": ("Variable pay, 8 in 10 to", "变动薪酬十次有八次上限", "money"),
    "margin": ("Gross margin", "毛利", "money"),
    "expense": ("Selling expense", "销售费用", "money"),
    "profit_low": ("Profit, 8 in 10 from", "利润十次有八次下限", "money"),
    "profit_high": ("Profit, 8 in 10 to", "利润十次有八次上限", "money"),
    "cost_ratio": ("Pay over revenue", "薪酬占收入", "percent"),
    "p_loss": ("Chance of a loss", "亏损概率", "percent"),
    "to_win": ("To come from deals", "需由商机完成", "money"),
    "open": ("Open deals", "在手商机", "money"),
    "needed": ("Open deals needed", "所需在手商机", "money"),
    "short": ("Short", "缺口", "money"),
    "pace": ("Over plan to date", "占进度计划", "percent"),
}  # fmt: skip


def summary(result: TargetStudy) -> dict[str, float]:
    """Key figures by name; those that tables do not give are left out."""
    table = wide(result)
    checks = result.checks.groupby(["node", "kpi"])["passed"].all()
    figures = {
        "base_target": float(table["base"].iloc[0]),
        "expected_revenue": float(table["expected"].iloc[0]),
        "growth_asked": result.growth,
        "chance_floor": chance(result, "floor"),
        "chance_base": chance(result),
        "chance_stretch": chance(result, "stretch"),
        "padding": float(handed(result)["over"].iloc[-1]),
        "people_reach": reach(result),
        "people_reach_plain": result.plain_reach,
        "smart_share": float(checks.mean()),
    }
    whole = result.scores[result.scores["tier"] == "base"].iloc[0]
    joint = result.targets.joint()
    every = joint[(joint["kind"] == "company") & (joint["tier"] == "base")]["p_all"].iloc[-1]
    figures |= {
        "score_expected": float(whole["score"]),
        "chance_score": float(whole["p_hit"]),
        "chance_all_kpis": float(every),
    }
    if result.cover is not None:
        figures["coverage"] = float(result.cover["coverage"].iloc[0])
        figures["coverage_needed"] = float(result.cover["coverage_needed"].iloc[0])
    if result.money is not None:
        figures["pay"] = float(result.money["pay"].iloc[0])
        figures["profit"] = float(result.money["profit"].iloc[0])
    if result.standing is not None:
        row = result.standing[result.standing["tier"] == "base"].iloc[0]
        figures |= {"pace_to_date": float(row["pace"]), "chance_running": float(row["p_hit"])}
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def tables(result: TargetStudy) -> dict[str, pd.DataFrame]:
    """Result tables by name."""
    years, months = result.targets.years(), result.targets.table()
    months = months[["node", "kpi", "month", "tier", "target", "p_hit"]]
    months = months.astype({"node": str, "kpi": str, "tier": str})
    units = {kpi: _unit(result, kpi) for kpi in result.targets.kpis}
    named = ["node", "kind", "kpi", "unit", "tier", "target", "p_hit", "expected", "top_down"]
    checks = result.checks.rename(columns={"low": "least", "high": "most"})
    found = {
        "target_years": years.assign(unit=years["kpi"].map(units))[[*named, "bottom_up"]],
        "targets": months.assign(unit=months["kpi"].map(units)),
        "scores": result.scores.rename(columns={"low": "score_low", "high": "score_high"}),
        "joint": result.targets.joint().rename(columns={"reach": "reached"}),
        "smart_checks": checks.drop(columns="months"),
        "lever_effects": _levers(result),
    }
    others = {
        "handed_over": result.handed_over,
        "gap_by_cause": result.causes,
        "padding_effect": None if result.padding is None else result.padding.table,
        "pay_and_profit": result.money,
        "coverage_by_node": None
        if result.cover is None
        else result.cover.rename(columns={"won": "regular", "left": "to_win"}),
        "by_line": result.lines,
        # what is known of the year is in its draws: there is no chance at the start
        "pace_by_node": None
        if result.standing is None
        else result.standing.drop(columns="p_start"),
        "milestones": result.milestones,
    }
    amounts = {"target": "goal", "expected": "forecast", "top_down": "asked"}
    return found | {
        name: table.rename(columns=amounts) for name, table in others.items() if table is not None
    }


def _unit(result: TargetStudy, kpi: str) -> str:
    """Code of the unit of a KPI's targets."""
    if kpi in ("revenue_net", "collections"):
        return currency(result)
    return {"new_customers": "customers", "satisfaction": "answer"}.get(kpi, "share")


def _levers(result: TargetStudy) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lever": code,
            "change": found.effect.amount.mean,
            "low": found.effect.amount.difference_low,
            "high": found.effect.amount.difference_high,
            "p_before": found.effect.before,
            "p_after": found.effect.after,
            "rate": found.rate,
            "gross_profit": found.profit,
            "response": None if found.response is None else found.response.estimate,
            "error": None if found.response is None else found.response.error,
            "source": "output" if found.response is None else found.response.source,
        }
        for code, found in result.levers.items()
    ).astype({"rate": float, "gross_profit": float, "response": float, "error": float})


def _lines(result: TargetStudy) -> dict[str, tuple[str, str]]:
    assert result.lines is not None
    label = result.company.label
    names = [str(line) for line in result.lines["line"].unique()]
    return {
        line: (label("product_line", line, "en"), label("product_line", line, "zh"))
        for line in names
    }


def codes(result: TargetStudy) -> dict[str, dict[str, tuple[str, str]]]:
    """Words for the codes in text columns of result tables."""
    money = currency(result)
    return {
        "node": dict(result.ground.names),
        "kind": {**KINDS, "all": ("All", "全部")},
        "kpi": {
            **{kpi: (kpi_name(kpi, EN), kpi_name(kpi, ZH)) for kpi in result.targets.kpis},
            "all": ("All KPIs", "全部指标"),
        },
        "tier": dict(TIERS),
        "check": dict(CHECKS),
        "reason": dict(SHORT),
        "owner": dict(result.ground.names),
        "table": {name: TABLES[name].titles for name in sorted(set(SOURCES.values()))},
        "other": {kpi: (kpi_name(kpi, EN), kpi_name(kpi, ZH)) for kpi in result.targets.kpis},
        "unit": {
            money: (EN.money_parts(0, currency=money)[1], ZH.money_parts(0, currency=money)[1]),
            "share": ("share", "比例"),
            "customers": ("customers", "家"),
            "answer": ("points, 0 to 10", "分（0–10）"),
        },
        "source": {
            "measured": ("measured", "实测"),
            "assumed": ("assumed", "假设"),
            "output": ("output of colleagues", "同事产出"),
        },
        "line": {} if result.lines is None else _lines(result),
        "lever": {
            "price": ("Price", "价格"),
            "discount": ("Limit of discounts", "折扣权限"),
            "promotion": ("Promotion", "促销"),
            "hires": ("Head count", "增员"),
        },
    }
