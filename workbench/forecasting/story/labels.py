"""Names of what a run records: key figures, tables and columns, with their kind where needed.

A table and a column never share a name: both are looked up in one list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

Label = tuple[str, str] | tuple[str, str, str]

KEY_FIGURES: dict[str, Label] = {
    "total_median": ("Total, median", "合计中位数", "money"),
    "total_low80": ("Total, lower end of 80%", "合计80%下限", "money"),
    "total_high80": ("Total, upper end of 80%", "合计80%上限", "money"),
    "total_done": ("Booked so far", "已实现", "money"),
    "total_mean": ("Total, expected", "合计期望值", "money"),
    "total_models": ("Total by the models alone, median", "仅按模型的合计中位数", "money"),
    "chance_floor": ("Chance of floor", "保底目标概率", "percent"),
    "chance_base": ("Chance of base", "基准目标概率", "percent"),
    "chance_stretch": ("Chance of stretch", "挑战目标概率", "percent"),
    "collections_median": ("Collections, median", "回款中位数", "money"),
    "collections_low80": ("Collections, lower end of 80%", "回款80%下限", "money"),
    "collections_high80": ("Collections, upper end of 80%", "回款80%上限", "money"),
    "collections_chance_base": ("Chance of base, collections", "回款基准目标概率", "percent"),
    "pipeline_coverage": ("Coverage by open deals", "覆盖倍数", "number"),
    "error_year_ago": ("Error of the forecast a year ago", "上年同期预测误差", "signed_percent"),
    "mase": ("Scaled error at earlier origins", "历史起点缩放误差", "number"),
    "inside80": ("Inside the 80% range", "落入80%区间比例", "percent"),
}

TABLES: dict[str, Label] = {
    "forecast": ("Forecast by node and month", "各节点各月预测"),
    "season": ("Place in the year", "季节性"),
    "growth_assumed": ("Growth assumed", "假设增长"),
    "parts": ("What the total is made of", "合计的组成"),
    "deciding": ("Deals that decide", "决定成败的商机"),
    "deal_coverage": ("Coverage by region", "大区覆盖倍数"),
    "leaderboard": ("Leaderboard", "模型排行榜"),
    "total_before": ("Totals at earlier origins", "历史起点合计预测"),
    "causes": ("Causes", "变动原因"),
    "claims_by_kind": ("Claims by kind of customer", "按客户性质的应收"),
    "targets": ("Targets and chances", "目标与概率"),
    "changes": ("Changes since a month ago", "较上月预测的变化"),
    "value_added": ("Forecast value added", "预测增值"),
    "stage_bias": ("Bias of stages", "各环节偏差"),
    "gate": ("Use naive here", "改用朴素预测"),
    "vintage": ("Forecast as kept", "留存的预测"),
    "kept_accuracy": ("Accuracy of kept forecasts", "留存预测的准确度"),
    "kept_value_added": ("Value added in kept forecasts", "留存预测的增值"),
    "handover": ("Hand-over from open deals to their history", "在手商机与商机历史的交接"),
    "deals_or_history": ("With deals or history alone", "含商机与仅按历史"),
    "stages_again": ("Value added in months forecast again", "重做预测的增值"),
    "leaning": ("Bias of teams and reps", "团队与个人偏差"),
    "accuracy": ("Accuracy over time", "各时段准确度"),
    "signals": ("Tracking signals", "跟踪信号"),
    "promotion_lifts": ("What promotions bring", "促销效果"),
    "collections_by_month": ("Collections by month", "各月回款"),
    "ledger": ("Overrides", "人工调整"),
}

COLUMNS: dict[str, Label] = {
    "node": ("Node", "节点"),
    "series_id": ("Node", "节点"),
    "level": ("Level", "层级"),
    "mean": ("Expected", "期望值", "money"),
    "regular": ("Business without a deal", "日常业务", "money"),
    "deals": ("Deals", "商机"),
    "lo80": ("80%, lower end", "80%下限", "money"),
    "hi80": ("80%, upper end", "80%上限", "money"),
    "lo95": ("95%, lower end", "95%下限", "money"),
    "hi95": ("95%, upper end", "95%上限", "money"),
    "usual": ("Multiple of a mean month", "相当于平均月的倍数", "number"),
    "part": ("Part", "组成"),
    "stated": ("Open amount", "在手金额", "money"),
    "measured": ("Measured probability", "实测概率", "percent"),
    "typed": ("Typed probability", "填报赢率", "percent"),
    "lift": ("Chance of base if won, change", "赢单后达标概率增加", "percent"),
    "spread": ("Share of the spread", "占波动的比例", "percent"),
    "probability": ("Probability", "概率", "percent"),
    "lost": ("Chance to be lost", "输单概率", "percent"),
    "expected": ("Expected amount", "预计金额", "money"),
    "slips": ("Slips", "延期次数", "integer"),
    "slipped_often": ("Slipped twice or more", "延期两次以上"),
    "passed": ("Stated close has passed", "预计日期已过"),
    "no_amount": ("No amount stated", "缺金额"),
    "stated_close": ("Stated close", "填报成交日期"),
    "month": ("Month", "月份"),
    "name": ("Name", "名称"),
    "account": ("Customer", "客户"),
    "account_en": ("Customer, English", "客户（英文）"),
    "target": ("Target", "目标", "money"),
    "missing": ("Missing from deals", "商机缺口", "money"),
    "open": ("Open, closing in time", "期内预计成交", "money"),
    "coverage": ("Coverage", "覆盖倍数", "number"),
    "needed": ("Coverage needed", "所需覆盖倍数", "number"),
    "tier": ("Tier", "档位"),
    "origin": ("Origin", "来源"),
    "model": ("Model", "模型"),
    "OWA": ("OWA", "OWA", "number"),
    "MASE": ("MASE", "MASE", "number"),
    "sMAPE": ("sMAPE, %", "sMAPE（%）", "number"),
    "RMSSE": ("RMSSE", "RMSSE", "number"),
    "bias": ("Bias", "偏差", "signed_percent"),
    "cov80": ("Inside 80%", "落入80%区间", "percent"),
    "cov95": ("Inside 95%", "落入95%区间", "percent"),
    "MSIS80": ("Interval score 80%", "区间得分80%", "number"),
    "MSIS95": ("Interval score 95%", "区间得分95%", "number"),
    "series": ("Series", "序列数", "integer"),
    "weight": ("Weight", "权重", "percent"),
    "forecast_value": ("Forecast", "预测", "money"),
    "actual": ("What came", "实际", "money"),
    "error": ("Error", "误差", "percent"),
    "inside": ("Inside the range", "是否落入区间"),
    "cause": ("Cause", "原因"),
    "amount": ("Amount", "金额", "money"),
    "kind": ("Kind of customer", "客户性质"),
    "owed": ("Owed now", "现有应收", "money"),
    "past_due": ("Past due", "已逾期", "money"),
    "share": ("Share", "占比", "percent"),
    "term": ("Median term, days", "账期中位数（天）", "number"),
    "limit": ("Legal term, days", "法定账期（天）", "integer"),
    "beyond": ("On longer terms", "超法定账期", "money"),
    "before": ("Before", "此前", "money"),
    "after": ("After", "现在", "money"),
    "change": ("Change", "变化", "money"),
    "closed": ("Closed periods came in otherwise", "已结期间与预测之差", "money"),
    "new_actuals": ("New actuals, same model", "新增实际（模型不变）", "money"),
    "data_and_model": ("New actuals and another model", "新增实际与模型更换", "money"),
    "pipeline": ("Pipeline", "商机", "money"),
    "override": ("Overrides", "人工调整", "money"),
    "horizon": ("Months ahead", "提前月数", "integer"),
    "stage": ("Stage", "环节或阶段"),
    "against": ("Against", "对比环节"),
    "added": ("Error less", "误差减少", "percent"),
    "low": ("Lower end", "下限", "percent"),
    "high": ("Upper end", "上限", "percent"),
    "added_naive": ("Error less than naive", "较朴素误差减少", "percent"),
    "low_naive": ("Lower end against naive", "较朴素下限", "percent"),
    "high_naive": ("Upper end against naive", "较朴素上限", "percent"),
    "verdict": ("Verdict", "判断"),
    "verdict_naive": ("Verdict against naive", "较朴素判断"),
    "periods": ("Periods", "期数", "integer"),
    "rows": ("Rows", "行数", "integer"),
    "rows_left": ("Rows left out", "未计入行数", "integer"),
    "p_value": ("p value", "p值", "number"),
    "made_at": ("Made at", "预测时间"),
    "kpi_id": ("KPI", "指标"),
    "unit": ("Unit", "单位"),
    "freq": ("Length of a period", "期间长度"),
    "inside80": ("Inside the 80% range", "落入80%区间比例", "percent"),
    "inside95": ("Inside the 95% range", "落入95%区间比例", "percent"),
    "lead": ("Months ahead", "提前月数", "integer"),
    "origins": ("Months counted", "期数", "integer"),
    "pipeline_error": ("Error with deals", "含商机的误差", "money"),
    "series_error": ("Error by history alone", "仅按历史的误差", "money"),
    "blend_error": ("Error of both, weighed", "加权后的误差", "money"),
    "alone": ("Weight of least error", "误差最小的权重", "number"),
    "growth": ("Growth", "增长", "signed_percent"),
    "type": ("Type", "类型"),
    "promotions": ("Promotions", "促销数", "integer"),
    "kept": ("Told from none", "是否显著"),
    "first": ("First month", "起始月"),
    "last": ("Last month", "截止月"),
    "cumulated": ("Tracking signal", "跟踪信号", "number"),
    "smoothed": ("Trigg's signal", "Trigg信号", "number"),
    "chance": ("Limit of chance", "随机界限", "number"),
    "alarm": ("Alarm", "预警"),
    "over": ("Share too high", "偏高占比", "percent"),
    "p_sign": ("p value of signs", "符号检验p值", "number"),
    "error_plain": ("Naive error", "朴素误差", "percent"),
    "error_used": ("Own error", "自身误差", "percent"),
    "gain": ("Gain", "可减少误差", "percent"),
    "use_plain": ("Use naive", "改用朴素"),
    "enough": ("Enough periods", "期数是否足够"),
    "period": ("Month", "月份"),
    "booked": ("Still to be booked", "尚待签约", "money"),
    "other": ("Without a claim", "无应收回款", "money"),
    "drafts": ("of it drafts", "其中承兑汇票", "money"),
    "matured": ("Drafts that turn into money", "到期承兑", "money"),
    "made": ("Made on", "填报日期"),
    "step": ("Step", "环节"),
    "status": ("Status", "状态"),
    "why": ("Why", "原因代码"),
    "detail": ("Detail", "说明"),
    "periods_applied": ("Periods applied", "采用期数", "integer"),
}

DRAWS: dict[str, Label] = {
    "total_draws": ("Total", "合计"),
    "collections_draws": ("Collections", "回款"),
}

LABELS: dict[str, Label] = {**COLUMNS, **TABLES, **DRAWS, **KEY_FIGURES}


def codes(result: ForecastStudy) -> dict[str, dict[str, tuple[str, str]]]:
    """Words for the codes in text columns of result tables."""
    from workbench.forecasting.judgement import STAGES
    from workbench.forecasting.judgement.ledger import STATUSES
    from workbench.forecasting.judgement.value_added import VERDICTS
    from workbench.forecasting.outlook.deals import PARTS
    from workbench.forecasting.outlook.drivers import CAUSES
    from workbench.forecasting.outlook.targets import ORIGINS, TIERS
    from workbench.forecasting.story.judged import LEVEL_NAMES
    from workbench.tables import table

    leaning = {"too_high": ("too high", "偏高"), "too_low": ("too low", "偏低")}
    kinds: Any = table("price_promotion").column("promotion_type")
    stages = {stage.code: stage.labels for stage in result.scope.company.settings.stages}
    totals = {"total": ("Total", "合计")}
    return {
        "part": PARTS | totals,
        "tier": TIERS,
        "origin": ORIGINS,
        "cause": CAUSES | {"before": ("A year before", "去年同期"), "after": ("Ahead", "预测期")},
        "stage": STAGES | stages,
        "against": STAGES,
        "verdict": VERDICTS | leaning | {"no_bias": ("no bias found", "未见偏差")},
        "verdict_naive": VERDICTS,
        "alarm": leaning,
        "level": LEVEL_NAMES,
        "type": dict(kinds.choices),
        "status": STATUSES,
    }
