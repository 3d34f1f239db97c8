"""Forecast: what is booked and collected by the end of the year, how sure that is, what decides it.

Each question is asked by itself: where its tables are missing it gives a `Missing`, and the rest
stands. Nothing heavy is imported until `compute` runs.
"""

from __future__ import annotations

import datetime as dt
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import field_validator

from workbench.contract import Params as BaseParams
from workbench.contract import Study, field
from workbench.errors import InfeasibleError, ParameterError
from workbench.text import mark
from workbench.told import Answered, Missing, WhenAsked

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.forecasting.outlook.bookings import Outlook
    from workbench.forecasting.outlook.prepared import Prepared
    from workbench.forecasting.outlook.scope import Scope

MEASURES = {
    "auto": ("bookings, or revenue without contracts", "签约额，无合同时为收入"),
    "bookings": ("bookings, with VAT", "签约额（含税）"),
    "revenue_net": ("revenue, without VAT", "收入（不含税）"),
}
ORGANISATIONS = {
    "today": ("today's organisation", "现组织口径"),
    "at_the_time": ("organisation of the time", "原口径"),
}
METHODS = {
    "mint": ("minimum trace, shrunk", "最小迹（收缩）"),
    "wls_variance": ("weighted by variance", "按方差加权"),
    "ols": ("all nodes alike", "等权"),
    "bottom_up": ("sum of the lowest level", "自下而上"),
    "top_down": ("split of the company's", "自上而下"),
}
TARGETS = {
    "table": ("targets that are set", "已下达目标"),
    "growth": ("grown from last year", "按去年增长推算"),
}
MOST_HELD = 4  # choices of locks whose answers are kept
#: Parameters that `prepare` depends on: what models and pipeline see. The others are quick.
SLOW = (
    "as_of",
    "horizon",
    "measure",
    "regions",
    "organisation",
    "look_back",
    "calendar",
    "method",
    "effort",
    "draws",
    "seed",
)
EFFORTS = {"default": ("usual", "常规"), "thorough": ("more models, slower", "更多模型，较慢")}


class Params(BaseParams):
    """What to forecast, and how."""

    as_of: dt.date | None = field(
        None,
        title="As of",
        help="Day of the forecast; the last day of the data if empty. Only closed months count.",
        zh=("预测日期", "预测所在日；为空时取数据截止日。只计已结月份"),
    )
    horizon: int = field(
        0,
        ge=0,
        le=24,
        step=1,
        unit="months",
        title="Months ahead",
        help="Months ahead; 0 goes to the end of the fiscal year, with what is booked since its"
        " beginning",
        zh=("预测月数", "向前预测的月数；0表示到财年末，并含年初以来已实现部分"),
    )
    measure: str = field(
        "auto",
        choices=MEASURES,
        title="Measure",
        help="What is forecast beside collections",
        zh=("预测对象", "除回款外所预测的指标"),
    )
    regions: tuple[str, ...] = field(
        (),
        title="Regions",
        help="Codes of the regions looked at; all if empty",
        zh=("大区", "所看大区的代码；为空时为全部"),
    )
    organisation: str = field(
        "today",
        choices=ORGANISATIONS,
        title="Organisation",
        help="Whether rows count for the present owner of the account or for the owner of the time",
        zh=("组织口径", "按客户现归属或当时归属统计"),
    )
    targets: str = field(
        "table",
        choices=TARGETS,
        title="Targets",
        help="Where target tiers come from; without a target set they are grown from last year",
        zh=("目标来源", "三档目标的来源；未下达目标时按去年增长推算"),
    )
    growth: float = field(
        0.05,
        ge=-0.5,
        le=1,
        step=0.01,
        unit="share",
        title="Growth of the base target",
        help="Growth over last year where no target is set",
        zh=("基准目标增长", "未下达目标时较去年的增长"),
    )
    tier_gap: float = field(
        0.05,
        ge=0.005,
        le=0.5,
        step=0.005,
        unit="share",
        title="Distance of tiers",
        help="How far floor and stretch lie from base where no target is set",
        zh=("档距", "未下达目标时保底、挑战与基准的距离"),
    )
    assumed: float = field(
        0.0,
        ge=-0.5,
        le=1,
        step=0.01,
        unit="share",
        title="Growth on top of the models",
        help="How much more than the models say all months that are not over are assumed to bring",
        zh=("模型之上的增长", "假设所有未结月份比模型预测多出的比例"),
    )
    assumed_parts: tuple[str, ...] = field(
        (),
        title="Growth of single parts",
        help="Growth on top of the models by region, line or region/line, as east=5%; with a month"
        " it holds from then on, as east@2026-10=5%",
        zh=(
            "部分节点的增长",
            "按大区、产品线或大区/产品线在模型之上假设的增长，如east=5%；带月份则自该月起，"
            "如east@2026-10=5%",
        ),
    )
    promoted: float = field(
        1.0,
        ge=0,
        le=5,
        step=0.1,
        unit="times",
        title="Promotions",
        help="Promotions of the months ahead in multiples of those usual in these months, which"
        " the models hold; 0 is none",
        zh=("促销力度", "预测期内促销相当于常年同月的倍数（模型已含常年促销）；0为无促销"),
    )
    locks: tuple[str, ...] = field(
        (),
        title="Locks",
        help="Totals that are fixed, as east=320000000; the change is spread over the rest",
        zh=("锁定", "固定的合计，如east=320000000；差额由其余节点分摊"),
    )
    entries: bool = field(
        False,
        title="Use forecast entries",
        help="Whether entries of the table forecast_entry override the forecast",
        zh=("采用预测填报", "是否以预测填报表中的数字调整预测"),
    )
    overrides: str = field(
        "",
        path=True,
        title="File of overrides",
        help="A file with the columns of forecast_entry; its rows override the forecast",
        zh=("调整文件", "与预测填报表同列的文件，其各行用于调整预测"),
    )
    expire_days: int = field(
        0,
        ge=0,
        le=730,
        step=30,
        unit="days",
        title="Overrides expire",
        help="Days after which an entry no longer overrides the forecast; 0 is never",
        zh=("调整有效天数", "填报超过该天数后不再用于调整；0表示一直有效"),
    )
    kept: str = field(
        "",
        path=True,
        title="Kept forecasts",
        help="Folder of earlier runs (runs/forecast) or of kept forecasts, to look back on",
        zh=("以往预测", "以往运行（runs/forecast）或留存预测所在文件夹，用于回看"),
    )
    look_back: int = field(
        0,
        ge=0,
        le=36,
        step=1,
        unit="months",
        title="Months forecast again",
        help="Earlier months that are forecast again to tell what deals add; about 2 seconds each",
        zh=("重做预测的月数", "对以往若干个月重做预测，以说明商机带来的改进；每月约2秒"),
    )
    calendar: bool = field(
        True,
        title="Calendar",
        help="Whether working days and the New Year are looked for",
        zh=("日历因素", "是否识别工作日与春节影响"),
    )
    method: str = field(
        "mint",
        choices=METHODS,
        title="Reconciliation",
        help="How forecasts of all levels are made to add up",
        zh=("层级协调", "各层预测如何做到上下一致"),
    )
    effort: str = field(
        "default",
        choices=EFFORTS,
        title="Effort",
        help="How many models are offered",
        zh=("计算力度", "参与比较的模型多少"),
    )
    draws: int = field(
        2000,
        ge=200,
        le=20_000,
        step=200,
        unit="draws",
        title="Draws",
        help="Futures drawn",
        zh=("抽样次数", "抽取的未来情形数"),
    )
    node: str = field(
        "",
        title="Part looked at closely",
        help="Region, product line or region/line whose months stand below all levels; the company"
        " if empty",
        zh=("细看的节点", "在各层级之下列出各月的大区、产品线或大区/产品线；为空时为全公司"),
    )
    top: int = field(
        10,
        ge=3,
        le=30,
        step=1,
        unit=("rows", "行"),
        title="Deals shown",
        help="Deals in the list of those that decide the total",
        zh=("显示单数", "决定成败的商机所列单数"),
    )
    seed: int = field(
        0,
        ge=0,
        le=2**31,
        step=1,
        unit="seed",
        title="Seed",
        help="Of all draws",
        zh=("随机种子", "全部抽样所用的种子"),
    )

    @field_validator("assumed_parts")
    @classmethod
    def _growth_is_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value:
            from workbench.forecasting.growth import read_growth

            list(read_growth(value))
        return value

    @field_validator("locks")
    @classmethod
    def _locks_are_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value:
            from workbench.forecasting.fixed import read_lock

            for text in value:
                read_lock(text)
        return value


@dataclass(frozen=True)
class ForecastStudy(Answered):
    """All answers of the study, one attribute a question; `Missing` where tables lack.

    Attributes
    ----------
    scope : Scope
        Company, months, regions.
    params : Params
        As asked.
    answers : dict of str to result or Missing
        By the names of `_questions`; "outlook" is always there.
    """

    scope: Scope
    params: Params

    @property
    def outlook(self) -> Outlook:
        """All nodes, months ahead."""
        found: Outlook = self.answers["outlook"]
        return found

    def story(self) -> Any:
        """The package that tells the study."""
        from workbench.forecasting import story

        return story


def compute(company: Company, params: Params) -> ForecastStudy:
    """Answer all questions of the study.

    Raises
    ------
    InputError
        If the company has neither contracts nor order lines, or the file of overrides lacks.
    ParameterError
        If a region, or a node to lock or to assume growth of, is not known; or promotions are to
        be other than usual, and nothing is known of them.
    InfeasibleError
        If locks and overrides clash.
    """
    return answer(prepare(company, params), params)


def prepare(company: Company, params: Params) -> Prepared:
    """Do the slow part: all but growth assumed, locks, overrides, targets, length of lists.

    Only the parameters `SLOW` names change it.

    Raises
    ------
    InputError
        If the company has neither contracts nor order lines.
    ParameterError
        If a region is not known.
    """
    from workbench.forecasting.outlook.bookings import Settings
    from workbench.forecasting.outlook.prepared import prepared
    from workbench.forecasting.outlook.scope import scope

    chosen = company.at_the_time() if params.organisation == "at_the_time" else company
    looked = scope(
        chosen,
        kpi=params.measure,
        as_of=params.as_of,
        horizon=params.horizon,
        regions=params.regions,
    )
    settings = Settings(params.calendar, params.method, params.effort, params.draws, params.seed)
    return prepared(looked, settings, look_back=params.look_back)


def answer(ready: Prepared, params: Params) -> ForecastStudy:
    """Answer from what is prepared, as `compute` does; each question when it is first wanted.

    Parameters
    ----------
    ready : Prepared
        Of `prepare`, with the same values of the parameters in `SLOW`. It is not changed.
    params : Params

    Raises
    ------
    InputError
        If the file of overrides lacks.
    ParameterError
        If a node to lock, or to assume growth of, is not known.
    InfeasibleError
        If locks and overrides clash.
    """
    _check_node(ready.outlook, params)
    ahead = _ahead(ready, params)
    asked = WhenAsked({})
    answers: Mapping[str, Any] = ChainMap(asked, ahead)  # type: ignore[arg-type]
    asked.questions.update(_on_targets(ready, params, answers))
    return ForecastStudy(ready.scope, params, answers=answers)


def _ahead(ready: Prepared, params: Params) -> WhenAsked:
    """Answers about the months ahead; kept while only targets move."""
    from_files = params.overrides or params.entries  # what stands in them may change
    assumed = (params.assumed, params.assumed_parts, params.promoted)
    key = (params.locks, *assumed)
    if not from_files and key in ready.held:
        return ready.held[key]
    given = {**ready.answers, **_held(ready, params)}
    answers = WhenAsked({}, given)
    for name, question in _on_months(ready, params, answers).items():
        given.pop(name, None)
        answers.questions[name] = question
    if not from_files:
        while len(ready.held) >= MOST_HELD:
            del ready.held[next(iter(ready.held))]
        ready.held[key] = answers
    return answers


def _held(ready: Prepared, params: Params) -> dict[str, Any]:
    """The months ahead under what is assumed, with locks and overrides held."""
    from workbench.forecasting.outlook import assumed, bookings, judgement

    promoted = _promoted(ready, params)
    grown = assumed.grown(ready.outlook, params.assumed, params.assumed_parts, promoted=promoted)
    locks = judgement.read_locks(grown, params.locks)
    made = _overrides(grown, params)
    if made is not None:
        locks += judgement.locks_of(made, grown)
    try:
        return {"overrides": made, "outlook": bookings.held(grown, locks)}
    except InfeasibleError as error:  # which names what is left of the locks ahead
        raise InfeasibleError(
            mark("locks and overrides contradict each other"),
            where="; ".join(params.locks) or error.where,
            do=mark("change or release one of them"),
        ) from error


def _check_node(found: Outlook, params: Params) -> None:
    """Refuse a part to look at closely that is not there."""
    if params.node:
        from workbench.forecasting.outlook.named import node_named

        node_named(found, params.node, where=f"node: {params.node}")


def _promoted(ready: Prepared, params: Params) -> Any:
    """What other promotions than the usual multiply series by."""
    if params.promoted == 1:
        return 1.0
    from workbench.forecasting.outlook import promotions

    made = ready.answers["promotions"]
    if isinstance(made, Missing):
        error = made.error
        where = f"promoted: {params.promoted:g}"
        raise ParameterError(error.message, where=where, do=error.do) from error
    return promotions.multiplied(ready.outlook, made, params.promoted)


def _overrides(grown: Outlook, params: Params) -> Any:
    from workbench.forecasting.outlook import judgement

    if not (params.overrides or params.entries):
        return None
    if params.overrides:
        entries = judgement.read_entries(params.overrides)
    else:
        entries = judgement.entries_ahead(grown)
    return judgement.overridden(grown, entries, params.locks, days=params.expire_days)


def _on_months(
    ready: Prepared, params: Params, known: Mapping[str, Any]
) -> dict[str, Callable[[], Any]]:
    """Questions about the months ahead; they may read other answers in `known`."""
    from workbench.forecasting.outlook import changes, deals, drivers, money

    found: Outlook = known["outlook"]
    return {
        "money": lambda: money.rebooked(_answered(ready.answers, "money"), found),
        "parts": partial(deals.parts, found),
        "causes": lambda: drivers.causes(found, promoted=_given(known, "promotions")),
        "changes": lambda: changes.since(_answered(known, "month_ago"), found),
        "customers": lambda: _answered(known, "money").by_kind(),
    }


def _on_targets(
    ready: Prepared, params: Params, known: Mapping[str, Any]
) -> dict[str, Callable[[], Any]]:
    """Questions that are asked anew each time: of targets, and of a folder that may have grown."""
    from workbench.forecasting.outlook import deals, kept, targets

    found: Outlook = known["outlook"]

    def tiers(kpi: str, before: pd.Series, months: pd.Series) -> pd.DataFrame:
        set_ = ready.set_targets[kpi] if params.targets == "table" else {}
        return targets.tiers(
            before,
            known=set_,
            growth=params.growth,
            gap=params.tier_gap,
            complete=bool(months.notna().all()),
        )

    def bookings_targets() -> pd.DataFrame:
        before = found.last_year_totals[list(found.nodes)]
        table = tiers(ready.scope.kpi, before, found.last_year())
        return targets.chances(table, found.totals, found.nodes)

    def money_targets() -> pd.DataFrame:
        import pandas as pd

        ahead = _answered(known, "money")
        months = ahead.last_year()
        before = pd.Series({found.nodes[0]: months.sum(min_count=1)})
        table = tiers("collections", before, months)
        return targets.chances(table, ahead.total[:, None], found.nodes[:1])

    def base() -> float:
        return targets.of(_answered(known, "targets")).get("base", float(found.mean[0]))

    def deciding() -> pd.DataFrame:
        _answered(known, "pipeline")
        return deals.deciding(found, base(), count=params.top)

    def coverage() -> Any:
        _answered(known, "pipeline")
        return deals.coverage(found, _answered(known, "targets"))

    return {
        "targets": bookings_targets,
        "money_targets": money_targets,
        "deciding": deciding,
        "coverage": coverage,
        "kept": partial(kept.kept, found, params.kept),
    }


def _given(known: Mapping[str, Any], name: str) -> Any:
    """An answer found before, or None where there is none."""
    found = known[name]
    return None if isinstance(found, Missing) else found


def _answered(known: Mapping[str, Any], name: str) -> Any:
    found = known[name]
    if isinstance(found, Missing):
        raise found.error
    return found


STUDY = Study(
    name="forecast",
    number=7,
    title=("Forecast", "销售预测"),
    question=(
        "What will be booked and collected by the end of the year, how sure is that, and what"
        " decides it?",
        "到年末签约与回款会有多少、把握多大、由什么决定？",
    ),
    params=Params,
    compute=compute,
)
