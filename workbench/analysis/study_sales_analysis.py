"""Sales analysis: what was sold, why it changed, and what of it is real demand.

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

from workbench.contract import Params as BaseParams
from workbench.contract import Study, field
from workbench.told import Answered, WhenAsked, attempt

if TYPE_CHECKING:
    from workbench.analysis.scope import Scope, Window
    from workbench.company import Company

SPANS = {
    "ytd": ("fiscal year to date", "财年累计"),
    "quarter": ("quarter to date", "本季累计"),
    "month": ("month to date", "本月累计"),
    "rolling12": ("last twelve months", "近十二个月"),
}
CUTS = {
    "region": ("region", "大区"),
    "product_line": ("product line", "产品线"),
    "channel": ("channel", "渠道"),
    "team_id": ("team", "团队"),
    "rep_id": ("person", "人员"),
}
ORGANISATIONS = {
    "today": ("today's organisation", "现组织口径"),
    "at_the_time": ("organisation of the time", "原口径"),
}


class Params(BaseParams):
    """What to look at."""

    as_of: dt.date | None = field(
        None,
        title="Last day",
        help="Last day of the period; the last day of the data if empty",
        zh=("截止日期", "期间最后一天；为空时取数据截止日"),
    )
    span: str = field(
        "ytd",
        choices=SPANS,
        title="Period",
        help="Period that ends on the last day, compared with the same days a year ago",
        zh=("期间", "截至该日的期间，与去年同期比较"),
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
    kpi: str = field(
        "revenue_net",
        title="KPI",
        help="Id of the KPI looked at closely, as `workbench kpis` lists it",
        zh=("指标", "单独查看的指标，其代码见workbench kpis"),
    )
    cut: str = field(
        "region",
        choices=CUTS,
        title="Cut",
        help="What the KPI is told apart by",
        zh=("切分", "该指标按什么切分"),
    )
    top: int = field(
        10,
        ge=3,
        le=50,
        step=1,
        unit=("rows", "行"),
        title="Rows shown",
        help="Rows of rankings before the rest line",
        zh=("显示行数", "排行表中其余行之前的行数"),
    )
    anomaly_limit: float = field(
        4.0,
        ge=2.5,
        le=10,
        step=0.5,
        unit=("robust standard deviations", "倍稳健标准差"),
        title="Limit for odd days",
        help="How far a day must lie from what the calendar explains",
        zh=("异常日界限", "某日偏离日历可解释水平的程度"),
    )


@dataclass(frozen=True)
class SalesAnalysis(Answered):
    """All answers of the study, one attribute a question; `Missing` where tables lack.

    Attributes
    ----------
    scope : Scope
        Company, window, regions.
    params : Params
        As asked.
    answers : dict of str to result or Missing
        By the names of `_questions`.
    """

    scope: Scope
    params: Params

    def story(self) -> Any:
        """The package that tells the study."""
        from workbench.analysis import story

        return story


def compute(company: Company, params: Params) -> SalesAnalysis:
    """Answer all questions of the study.

    Raises
    ------
    InputError
        If the company has neither order lines nor opportunities, or a region is not known.
    """
    scope = _scope(company, params)
    _ask_ahead(scope)
    asked = _questions(scope) | _looks(scope, params)
    return SalesAnalysis(
        scope=scope,
        params=params,
        answers={name: attempt(question) for name, question in asked.items()},
    )


@dataclass(frozen=True)
class Prepared:
    """A period, an organisation and a choice of regions, with the answers found so far.

    Attributes
    ----------
    scope : Scope
    answers : WhenAsked
    """

    scope: Scope
    answers: WhenAsked


def prepare(company: Company, params: Params) -> Prepared:
    """Set out what depends on `as_of`, `span`, `regions` and `organisation`; asks nothing yet."""
    scope = _scope(company, params)
    return Prepared(scope, WhenAsked(_questions(scope)))


def answer(prepared: Prepared, params: Params) -> SalesAnalysis:
    """Answer as `compute` does, each question when a page first wants it.

    Parameters
    ----------
    prepared : Prepared
        For the same period, organisation and regions.
    params : Params
    """
    looks = WhenAsked(_looks(prepared.scope, params))
    answers: Mapping[str, Any] = ChainMap(looks, prepared.answers)  # type: ignore[arg-type]
    return SalesAnalysis(scope=prepared.scope, params=params, answers=answers)


def _scope(company: Company, params: Params) -> Scope:
    from workbench.analysis.scope import Scope, window
    from workbench.errors import InputError
    from workbench.text import later

    if not company.has("order_line") and not company.has("opportunity"):
        raise InputError(
            later("there is nothing to analyse"),
            where=str(company.folder),
            do=later("add order lines or deals: workbench import FILE"),
        )
    settings = company.settings
    chosen = company.at_the_time() if params.organisation == "at_the_time" else company
    _check_known(company, params.as_of)
    now = window(
        params.span,
        params.as_of or company.data_as_of,
        fiscal_start_month=settings.fiscal_start_month,
        closing_day=settings.closing_day,
    )
    _check_sold(company, now)
    scope = Scope(chosen, now, params.regions)
    unknown = set(params.regions) - set(scope.known_regions)
    if unknown:
        raise InputError(
            later("there is no region {name}", name=sorted(unknown)[0]),
            where=f"regions={list(params.regions)}",
            do=later("use some of {names}", names=", ".join(scope.known_regions)),
        )
    return scope


def _check_known(company: Company, day: dt.date | None) -> None:
    """See that the data reach as far: half a period beside a whole one would look like a fall."""
    from workbench.errors import ParameterError
    from workbench.text import later

    last = company.data_as_of
    if day is not None and day > last:
        raise ParameterError(
            later("the data end before that, on {last}", last=str(last)),
            where=f"as_of={day}",
            do=later(
                "choose a last day up to then; if the data are complete for longer, say so by"
                " `data_as_of` in company.yaml"
            ),
        )


def _check_sold(company: Company, now: Window) -> None:
    """See that there is revenue in the period: without any no question has an answer."""
    import pandas as pd

    from workbench.errors import ParameterError
    from workbench.text import later

    if not company.has("order_line"):
        return
    day = "recognised_date"
    days = company.sql(
        f"select min({day}) as first, max({day}) as last, "
        f"count(*) filter (where {now.holds(day)}) as within from order_line"
    ).iloc[0]
    if days["within"]:
        return
    known = not pd.isna(days["first"])
    raise ParameterError(
        later(
            "no revenue was recognised from {first} to {last}",
            first=str(now.start),
            last=str(now.end),
        ),
        where=f"as_of={now.end}",
        do=later(
            "choose a last day between {first} and {last}, or a longer period",
            first=f"{days['first']:%Y-%m-%d}",
            last=f"{days['last']:%Y-%m-%d}",
        )
        if known
        else later("give order lines the day their revenue was recognised"),
    )


def _ask_ahead(scope: Scope) -> None:
    """Find the figures that several questions share in a few statements, before the questions."""
    from workbench.analysis import cuts, funnel, overview, trend
    from workbench.analysis.measure import ask_ahead

    asked = [ask for each in (overview, cuts, trend, funnel) for ask in each.asks(scope)]
    ask_ahead(scope, asked)


def _questions(scope: Scope) -> dict[str, Callable[[], Any]]:
    from workbench.analysis import (
        baskets,
        customers,
        cuts,
        dealers,
        discounts,
        funnel,
        growth,
        margin,
        market,
        overview,
        pipeline,
        receivables,
        trend,
    )
    from workbench.calendars import WorkingCalendar

    def compared(question: Callable[[], Any]) -> Callable[[], Any]:
        return question if scope.has_prior else lambda: None

    calendar = WorkingCalendar()
    lines = _needs(scope, "order_line")
    dealer = _needs(scope, "order_line", "partner", "partner_stock", "sell_out")
    money = _needs(scope, "receivable_plan")
    deals = _needs(scope, "opportunity")
    shots = _needs(scope, "opportunity", "opportunity_snapshot")
    sized = _needs(scope, "order_line", "market_size")
    stated = _needs(scope, "order_line", "market_size", "market_share")
    return {
        "tiles": partial(overview.tiles, scope),
        "comparisons": partial(overview.comparisons, scope, calendar=calendar),
        "growth": compared(partial(growth.growth, scope, calendar=calendar)),
        "margin": compared(partial(margin.margin_change, scope)),
        "heat": lines(partial(cuts.heat, scope)),
        "monthly": lines(partial(trend.monthly, scope)),
        "monthly_long": lines(partial(trend.monthly, scope, months=trend.LONG)),
        "movers": lines(partial(cuts.movers, scope)),
        "provinces": lines(partial(cuts.provinces, scope)),
        "cohorts": lines(partial(customers.cohorts, scope)),
        "concentration": lines(partial(customers.concentration, scope)),
        "rfm": lines(partial(customers.rfm, scope)),
        "retention": lines(partial(overview.retention, scope)),
        "baskets": _needs(scope, "order_line", "product")(partial(baskets.pairs, scope)),
        "market": sized(partial(market.shares, scope)),
        "market_lines": sized(partial(market.shares, scope, "product_line")),
        "rivals": stated(partial(market.rivals, scope)),
        "win_rates": deals(partial(funnel.win_rates, scope)),
        "win_by_source": deals(partial(funnel.by, scope, "source")),
        "funnel": deals(partial(funnel.stages, scope)),
        "movement": shots(partial(pipeline.movement, scope)),
        "pipeline_age": shots(partial(pipeline.ageing, scope)),
        "slippage": shots(partial(pipeline.slippage, scope)),
        "discounts": lines(partial(discounts.discounts, scope)),
        "discounts_by_region": lines(partial(discounts.by_region, scope)),
        "ageing": money(partial(receivables.ageing, scope)),
        "overdue": money(partial(receivables.overdue_by_month, scope)),
        "debtors": money(partial(receivables.debtors, scope)),
        "over_90": money(partial(receivables.over_90_profile, scope)),
        "cover": dealer(partial(dealers.cover_by_month, scope)),
        "cover_by_region": dealer(partial(dealers.cover_by_month, scope, by_region=True)),
        "sell_out_growth": dealer(partial(dealers.sell_out_growth, scope)),
        "sell_in_and_out": dealer(partial(dealers.sell_in_and_out, scope)),
        "dealers": dealer(partial(dealers.ranking, scope)),
    }


def _looks(scope: Scope, params: Params) -> dict[str, Callable[[], Any]]:
    """Questions that depend on more than the scope: cheap, and asked anew for each change."""
    from workbench.analysis import anomalies, explore, trend
    from workbench.calendars import WorkingCalendar

    return {
        "anomalies": _needs(scope, "order_line")(
            lambda: anomalies.anomalies(
                trend.daily_revenue(scope),
                calendar=WorkingCalendar(),
                limit=params.anomaly_limit,
            )
        ),
        "explored": partial(explore.explore, scope, params.kpi, params.cut),
    }


def _needs(scope: Scope, *tables: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """A wrapper that asks for tables before the question is asked."""

    def wrap(question: Callable[[], Any]) -> Callable[[], Any]:
        def asked() -> Any:
            scope.company.require(*tables)
            return question()

        return asked

    return wrap


STUDY = Study(
    name="sales_analysis",
    number=7,
    title=("Sales analysis", "销售分析"),
    question=(
        "What was sold, why did it change, and how much of it is real demand?",
        "卖了多少、为什么变化、其中多少是真实需求？",
    ),
    params=Params,
    compute=compute,
)
