"""Incentives: what the plan costs, whom it pays for what, and what another plan would change.

Two sets of draws: the plan's year with the months that are over as they were, for the cost of this
year; and a whole year ahead, for everything that judges a plan. Nothing heavy is imported until
`compute` runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Params as BaseParams
from workbench.contract import Study, field
from workbench.told import Told

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.incentives.attainment import Levels
    from workbench.incentives.behaviour.gaming import GamingCheck
    from workbench.incentives.compare import Comparison
    from workbench.incentives.cost import PlanCost
    from workbench.incentives.curve import Curves
    from workbench.incentives.fairness import Fairness
    from workbench.incentives.habits import Habits
    from workbench.incentives.history import History
    from workbench.incentives.sources import Sources
    from workbench.text import Language


class Params(BaseParams):
    """Which plan, on which draws, against which."""

    plan: str = field(
        "",
        title="Plan",
        help="Plan file; the company's own table of pay plans if empty",
        zh=("方案", "方案文件；为空时取公司的薪酬方案表"),
    )
    proposal: str = field(
        "",
        title="Proposal",
        help="Plan file to compare; the plan without its steps, at the same cost, if empty",
        zh=("对比方案", "对比的方案文件；为空时为去除台阶、成本相同的方案"),
    )
    year: int | None = field(
        None,
        ge=2000,
        le=2100,
        step=1,
        unit="years",
        title="Year",
        help="Year of the plan; that of the last day of the data if empty",
        zh=("年度", "方案年度；为空时取数据截止日所在年"),
    )
    budget: float | None = field(
        None,
        ge=0,
        le=1e12,
        step=100_000,
        unit="CNY",
        title="Budget",
        help="Budget of variable pay; if empty last year's share of collections on the target",
        zh=("预算", "全年变动薪酬预算；为空时按上年占回款比例乘以本年回款目标"),
    )
    draws: int = field(
        2000,
        ge=200,
        le=20_000,
        step=200,
        unit="draws",
        title="Draws",
        help="Years that are drawn",
        zh=("抽样次数", "抽取的年份数"),
    )
    market_sd: float = field(
        0.05,
        ge=0,
        le=0.4,
        step=0.01,
        unit="share",
        title="Swing of the market",
        help="Standard deviation of a year's market, shared by everybody",
        zh=("市场波动", "全员共同的年度市场波动（标准差）"),
    )
    elasticity: float | None = field(
        None,
        ge=0.05,
        le=2,
        step=0.05,
        unit=("ratio", "倍"),
        title="Answer to pay",
        help="Relative change of output for that of the commission rate; estimated if empty",
        zh=("激励弹性", "产出变动率与提成费率变动率之比；为空时由数据估计"),
    )
    movable: float = field(
        0.10,
        ge=0,
        le=0.5,
        step=0.01,
        unit="share",
        title="Movable deals",
        help="Share of a year's quota that people can pull in from the next year",
        zh=("可提前的订单", "可由次年提前的订单，占年度任务的比例"),
    )
    show_people: bool = field(
        False,
        title="Show people",
        help="Write ids of people; otherwise they are numbered within their role",
        zh=("显示人员", "显示人员编号；否则按岗位编号"),
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


@dataclass(frozen=True)
class Incentives(Told):
    """All answers of the study.

    Attributes
    ----------
    company, params
        As asked.
    year, over : int
        Year of the plan, and months of it that are over.
    history : History
    levels : Levels
    budget : float
    now : PlanCost
        The plan's year, months that are over as they were.
    today, proposal : PlanCost
        A whole year ahead under both plans, on the same draws.
    scale : float
        By how much the default proposal pays more than the plan without steps; 1 for a file.
    comparison : Comparison
    fairness : Fairness
    cliffs, cliffs_proposal : DataFrame
    curves, curves_proposal : Curves
    gaming : GamingCheck
    habits : Habits or None
        What people would do; None where no role has a quota.
    last_ratio : float or None
        Variable pay over collections a year before, from the payroll.
    collected : float
        Mean collections of the plan's year.
    """

    company: Company
    params: Params
    year: int
    over: int
    history: History
    levels: Levels
    budget: float
    now: PlanCost
    today: PlanCost
    proposal: PlanCost
    scale: float
    comparison: Comparison
    fairness: Fairness
    cliffs: pd.DataFrame
    cliffs_proposal: pd.DataFrame
    curves: Curves
    curves_proposal: Curves
    gaming: GamingCheck
    habits: Habits | None
    last_ratio: float | None
    collected: float

    def story(self) -> Any:
        """The package that tells the study."""
        from workbench.incentives import story

        return story

    def summary(self) -> dict[str, float]:
        """Key figures by name."""
        from workbench.incentives.story.records import summary

        return summary(self)

    def labels(self) -> dict[str, tuple[str, ...]]:
        """Names of key figures, tables and columns in both languages."""
        from workbench.incentives.story.records import LABELS

        return dict(LABELS)

    def codes(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Words for the codes of result tables."""
        from workbench.incentives.story.records import codes

        return codes(self)

    def assumptions(self, lang: Language) -> list[tuple[str, str]]:
        """What the figures take for granted: subject and sentence."""
        from workbench.incentives.story.assumed import assumptions

        return assumptions(self, lang)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Result tables by name; none of them holds pay by name."""
        from workbench.incentives.story.records import tables

        return tables(self)


def compute(company: Company, params: Params) -> Incentives:
    """Run both plans on the same draws.

    Raises
    ------
    MissingTableError
        If rep, target or order_line is not there, or pay_plan where no plan file is named.
    NotIdentifiedError
        If there are too few whole years of people to draw from.
    """
    import numpy as np

    from workbench.incentives.attainment import attainment_draws, levels
    from workbench.incentives.cliffs import BESIDE, cliffs
    from workbench.incentives.company_plan import company_plan
    from workbench.incentives.compare import compare
    from workbench.incentives.cost import plan_cost
    from workbench.incentives.curve import curves, expected_credit
    from workbench.incentives.fairness import fairness
    from workbench.incentives.habits import gaming_of, habits_of
    from workbench.incentives.history import COLLECTIONS, REVENUE, history, people_of
    from workbench.incentives.payees import payees
    from workbench.incentives.sources import Sources, judged
    from workbench.pay import load_plan

    year = params.year or company.data_as_of.year
    plan = load_plan(_file(params.plan)) if params.plan else company_plan(company, year)
    plan, sources = judged(plan), Sources(company)
    record, people = history(company), people_of(company, year=year)
    found = levels(record)
    staff = payees(plan, people, sources.quotas_for(plan))
    make = {"draws": params.draws, "seed": params.seed, "market_sd": params.market_sd}
    known, ahead = (
        attainment_draws(record, staff, known=each, found=found, **make)  # type: ignore[arg-type]
        for each in (True, False)
    )
    now = plan_cost(staff, sources.credits_for(plan, known), measure=REVENUE, beside=BESIDE)
    credit = sources.credits_for(plan, ahead)
    today = plan_cost(staff, credit, measure=REVENUE, beside=BESIDE)
    other, scale = _proposal(sources, params, people, today, ahead)
    other_credit = sources.credits_for(other.people.plan, ahead)
    grid = _grid(today, other)
    at_target, at_target_other = (
        expected_credit(today, credit),
        expected_credit(other, other_credit),
    )
    last = _last_ratio(company, year)
    return Incentives(
        company=company,
        params=params,
        year=year,
        over=int(np.sum([name <= f"{company.data_as_of:%Y-%m}" for name in staff.names])),
        history=record,
        levels=found,
        budget=params.budget if params.budget is not None else _budget(company, year, last, staff),
        now=now,
        today=today,
        proposal=other,
        scale=scale,
        comparison=compare(today, other),
        fairness=fairness(today),
        cliffs=cliffs(today),
        cliffs_proposal=cliffs(other),
        curves=curves(staff, at_target, grid),
        curves_proposal=curves(other.people, at_target_other, grid),
        gaming=gaming_of(today, at_target),
        habits=habits_of(
            today,
            other,
            at_target,
            at_target_other,
            found,
            company=company,
            year=year,
            elasticity=params.elasticity,
            movable=params.movable,
        ),
        last_ratio=last,
        collected=float(known[COLLECTIONS].values.sum(axis=(1, 2)).mean()),
    )


def _proposal(
    sources: Sources, params: Params, people: pd.DataFrame, today: PlanCost, ahead: Any
) -> tuple[PlanCost, float]:
    """The plan of the file, or the plan without steps at the cost of today's."""
    from workbench.incentives.cliffs import BESIDE
    from workbench.incentives.company_plan import smoothable, smoothed
    from workbench.incentives.cost import plan_cost
    from workbench.incentives.history import REVENUE
    from workbench.incentives.payees import payees
    from workbench.incentives.sources import judged
    from workbench.pay import load_plan

    def run(plan: Any) -> PlanCost:
        staff = payees(plan, people, sources.quotas_for(plan))
        return plan_cost(staff, sources.credits_for(plan, ahead), measure=REVENUE, beside=BESIDE)

    if params.proposal:
        return run(judged(load_plan(_file(params.proposal)))), 1.0
    plan = today.people.plan
    first = run(smoothed(plan))
    names = smoothable(plan)
    part = float(sum(first.mean_pay[first.items.index(name)].sum() for name in names))
    if not part:
        return first, 1.0
    scale = 1 - (float(first.total().mean()) - float(today.total().mean())) / part
    return run(smoothed(plan, scale=max(scale, 0.0))), scale


def _grid(*results: PlanCost) -> Any:
    """Attainments of the curves: every two points, and both sides of each step."""
    import numpy as np

    steps = {step for each in results for _, step in each.beside}
    sides = [step + side for step in steps for side in (-1e-7, 0.0)]
    return np.unique(np.append(np.round(np.arange(0, 1.801, 0.02), 4), sides))


def _file(name: str) -> Path:
    """A plan file: as named, else from the project's folder."""
    from workbench.contract import project_root

    path = Path(name)
    return path if path.is_absolute() or path.exists() else project_root() / path


def _budget(company: Company, year: int, last: float | None, staff: Any) -> float:
    """Last year's share of collections on this year's target, else the target incentives."""
    if last is not None:
        table = company.sql(
            "select cast(sum(value) as double) as value from target where level = 'company'"
            " and kpi_id = 'collections' and tier = 'base' and product_line = 'all'"
            f" and year(period_start) = {year}"
        )["value"]
        if len(table) and table.iloc[0] == table.iloc[0]:
            return float(round(last * table.iloc[0], -4))
    return float(staff.incentive().sum())


def _last_ratio(company: Company, year: int) -> float | None:
    if not company.has("payroll", "receipt"):
        return None
    paid = company.sql(
        "select cast(sum(amount) as double) as paid from payroll where component <> 'base'"
        f" and year(month_end) = {year - 1}"
    )["paid"].iloc[0]
    got = company.sql(
        "select cast(sum(amount) as double) as got from receipt where rep_id is not null"
        f" and year(receipt_date) = {year - 1}"
    )["got"].iloc[0]
    return float(paid / got) if paid == paid and got and got == got else None


STUDY = Study(
    name="incentives",
    number=4,
    title=("Incentives", "激励方案"),
    question=(
        "What does the pay plan cost, whom does it pay for what, and what would another change?",
        "薪酬方案要花多少钱、为谁的什么付钱，换一个方案会怎样？",
    ),
    params=Params,
    compute=compute,
)
