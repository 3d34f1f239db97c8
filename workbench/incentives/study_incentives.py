"""Incentives: what the plan costs, whom it pays for what, and what another plan would change.

Two sets of draws: the plan's year with the months that are over as they were, for the cost of this
year; and a whole year ahead, for everything that judges a plan. `prepare` reads, draws and runs
today's plan; `answer` runs the proposal on it, and `compute` does both. Nothing heavy is imported
until they run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.contract import Params as BaseParams
from workbench.contract import Study, field, in_project
from workbench.errors import ParameterError
from workbench.text import later
from workbench.told import Told

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from workbench.company import Company
    from workbench.incentives.attainment import Levels
    from workbench.incentives.behaviour.gaming import Finding, GamingCheck
    from workbench.incentives.changes import Changes
    from workbench.incentives.compare import Comparison
    from workbench.incentives.cost import PlanCost
    from workbench.incentives.curve import Curves
    from workbench.incentives.designs import Designs
    from workbench.incentives.fairness import Fairness
    from workbench.incentives.habits import Habits
    from workbench.incentives.history import History
    from workbench.incentives.one_person import OnePerson
    from workbench.incentives.prepared import Prepared
    from workbench.incentives.roles import RolePay
    from workbench.incentives.tried import Tried

#: Parameters that `prepare` depends on; all others are of `answer`.
SLOW = ("plan", "year", "given", "draws", "market_sd", "seed")


#: Tax on year-end bonuses taxed alone in China, as this project has it.
TAX = "params/incentives/tax/china_year_end_bonus.yaml"


class Params(BaseParams):
    """Which plan, on which draws, against which."""

    plan: str = field(
        "",
        path=True,
        title="Plan",
        help="Plan file; the company's own table of pay plans if empty",
        zh=("方案", "方案文件；为空时取公司的薪酬方案表"),
    )
    proposal: str = field(
        "",
        path=True,
        title="Proposal",
        help="Plan file to compare; if empty, today's plan as changed below, or without its steps"
        " at the same cost where nothing is changed",
        zh=(
            "对比方案",
            "对比的方案文件；为空时为按下列各项调整后的现行方案，未调整则为去除台阶、成本相同的方案",
        ),
    )
    rates: float = field(
        1.0,
        ge=0,
        le=3,
        step=0.05,
        unit=("times", "倍"),
        title="Rates",
        help="Proposal: rates of all rate tables times this",
        zh=("提成费率", "对比方案：各费率表的费率乘以此数"),
    )
    thresholds: float = field(
        1.0,
        ge=0.5,
        le=1.5,
        step=0.01,
        unit=("times", "倍"),
        title="Thresholds",
        help="Proposal: starts of tiers and steps times this; 0.95 brings 100% to 95%",
        zh=("档位起点", "对比方案：各档位与台阶的起点乘以此数；0.95即100%提前到95%"),
    )
    accelerator: float = field(
        1.0,
        ge=0,
        le=3,
        step=0.05,
        unit=("times", "倍"),
        title="Accelerator",
        help="Proposal: what tiers and steps from 100% on pay over the one before, times this",
        zh=("加速幅度", "对比方案：100%及以上各档比前一档多付的部分乘以此数"),
    )
    cap: float | None = field(
        None,
        ge=0,
        le=10,
        step=0.1,
        unit=("times target incentive", "倍目标激励"),
        title="Cap",
        help="Proposal: most that each component with rates pays; as in the plan if empty",
        zh=("封顶", "对比方案：各项提成的上限；为空时按方案"),
    )
    roles: tuple[str, ...] = field(
        (),
        title="Roles changed",
        help="Proposal: roles whose pay these four change; all if empty",
        zh=("调整的岗位", "对比方案：以上四项所调整的岗位；为空时为全部"),
    )
    person: str = field(
        "",
        title="One person",
        help='Whose own pay over attainment is shown: by number within the role, as "hunter 3",'
        " or by id; nobody if empty",
        zh=(
            "个人",
            "单独查看其薪酬的人员：岗位代码与岗位内编号（如hunter 3），或人员编号；为空则不看",
        ),
    )
    year: int | None = field(
        None,
        ge=2000,
        le=2100,
        step=1,
        unit="calendar year",
        title="Year",
        help="Year of the plan; that of the last day of the data if empty",
        zh=("年度", "方案年度；为空时取数据截止日所在年"),
    )
    budget: float | None = field(
        None,
        ge=1,
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
    given: str = field(
        "",
        path=True,
        title="Draws from a file",
        help="Cube of attainment or revenue by draw, month and person, from a forecast for"
        " instance; drawn from the company's years if empty",
        zh=("抽样文件", "按抽样、月份与人员的达成率或收入（如来自预测）；为空时由公司历年抽取"),
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
    goal: str = field(
        "profit",
        choices={
            "none": ("no search", "不搜索"),
            "profit": ("profit", "利润"),
            "p_hit": ("chance to reach the target", "达标概率"),
            "fairness": ("pay for ability", "按能力付酬"),
        },
        title="Goal of the design search",
        help="What better rates, thresholds and accelerators are looked for",
        zh=("设计搜索的目标", "以此为目标搜索更好的费率、起点与加速幅度"),
    )
    most_cost: float = field(
        1.0,
        ge=0.5,
        le=2,
        step=0.01,
        unit=("times", "倍"),
        title="Most pay of a design",
        help="Designs pay at most so many times what today's plan is expected to pay",
        zh=("设计的薪酬上限", "所搜方案的预计薪酬不超过现行方案的倍数"),
    )
    knobs: tuple[str, ...] = field(
        ("rates", "thresholds", "accelerator"),
        choices={
            "rates": ("rates", "提成费率"),
            "thresholds": ("thresholds", "档位起点"),
            "accelerator": ("accelerator", "加速幅度"),
        },
        title="What a design may change",
        help="Numbers that the design search moves; of the roles changed, else of all",
        zh=("设计可调整的项", "设计搜索所调整的数；限所调整的岗位，未选则为全部"),
    )
    tax: str = field(
        TAX,
        path=True,
        title="Tax table",
        help="Dated table of tax on year-end bonuses, to find steps of pay after tax; none if"
        " empty",
        zh=("税率表", "年终奖税率表（有生效期），用于检查税后台阶；为空时不检查"),
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
    """All answers of the study; what no page has asked for is not worked out.

    Attributes
    ----------
    prepared : Prepared
        Today's plan: a year ahead, and its year as it stands.
    params : Params
        As asked.
    tried : Tried
        The other plan.
    """

    prepared: Prepared
    params: Params
    tried: Tried

    # -- today's plan -----------------------------------------------------------------------------

    @property
    def company(self) -> Company:
        """The company asked about."""
        return self.prepared.company

    @property
    def year(self) -> int:
        """Year of the plan."""
        return self.prepared.year

    @property
    def over(self) -> int:
        """Months of the plan's year that are over."""
        return self.prepared.over

    @property
    def history(self) -> History:
        """What people were asked for, sold and collected."""
        return self.prepared.history

    @property
    def levels(self) -> Levels:
        """What lasts in a person's attainment."""
        return self.prepared.levels

    @property
    def now(self) -> PlanCost:
        """Today's plan in its year, months that are over as they were."""
        return self.prepared.now

    @property
    def today(self) -> PlanCost:
        """Today's plan a whole year ahead."""
        return self.prepared.today

    @property
    def budget(self) -> float:
        """Budget of variable pay: as asked, else as last year."""
        asked = self.params.budget
        return asked if asked is not None else self.prepared.budget

    @property
    def last_ratio(self) -> float | None:
        """Variable pay over collections a year before, from the payroll."""
        return self.prepared.last_ratio

    @property
    def collected(self) -> float:
        """Mean collections of the plan's year."""
        return self.prepared.collected

    @property
    def fairness(self) -> Fairness:
        """Attainment by role, and luck in pay, under today's plan."""
        return self.prepared.fairness

    @property
    def cliffs(self) -> pd.DataFrame:
        """Money beside the steps of today's plan."""
        return self.prepared.cliffs

    @cached_property
    def gaming(self) -> GamingCheck:
        """What today's plan invites to, most money first; steps after tax with a tax table."""
        from workbench.incentives.behaviour.gaming import GamingCheck

        met = [each for each in self.after_tax if each.people > 0]
        return GamingCheck.of(*self.prepared.gaming.findings, *met)

    @property
    def after_tax(self) -> tuple[Finding, ...]:
        """Year-end bonuses that lie where more pay leaves less after tax."""
        table = self.params.tax
        if table == TAX and not in_project(table).exists():
            return ()  # a project without the usual table has not asked for one
        return self.prepared.after_tax(table)

    # -- the proposal -----------------------------------------------------------------------------

    @property
    def proposal(self) -> PlanCost:
        """The other plan, on the same draws of a year ahead as today's."""
        return self.tried.cost

    @property
    def scale(self) -> float:
        """By how much the plan without steps pays more at its lines than today's; else 1."""
        return self.tried.scale

    @property
    def comparison(self) -> Comparison:
        """The proposal against today's plan."""
        return self.tried.comparison

    @property
    def cliffs_proposal(self) -> pd.DataFrame:
        """Money beside the steps of the proposal."""
        return self.tried.cliffs

    @property
    def curves(self) -> Curves:
        """Pay over attainment today."""
        return self.tried.curves_today

    @property
    def curves_proposal(self) -> Curves:
        """Pay over attainment under the proposal."""
        return self.tried.curves

    @cached_property
    def habits(self) -> Habits | None:
        """What people would do under both plans; None where no role has a quota."""
        from workbench.incentives.habits import habits_of

        return habits_of(
            self.prepared,
            self.proposal,
            self.tried.at_target,
            elasticity=self.params.elasticity,
            movable=self.params.movable,
        )

    def earn(self, who: str, attainment: ArrayLike) -> pd.DataFrame:
        """What do I earn if: variable pay of one person, or of the one in the middle of a role.

        Parameters
        ----------
        who : str
            A role whose people have quotas; or a person as the parameter `person` names one.
        attainment : array_like
            Of the year, even over the months; 1 is 100%.

        Returns
        -------
        DataFrame
            One row an attainment: attainment, today, proposal, difference.

        Raises
        ------
        ParameterError
            If nobody in the role has a quota, or the person has none or is not known.
        """
        import numpy as np
        import pandas as pd

        points = np.atleast_1d(np.asarray(attainment, float))
        today, proposal = (each(points) for each in self._pay_of(who))
        return pd.DataFrame(
            {
                "attainment": points,
                "today": today,
                "proposal": proposal,
                "difference": proposal - today,
            }
        )

    @cached_property
    def one(self) -> OnePerson | None:
        """The person who is looked at by himself; None if nobody is."""
        from workbench.incentives.one_person import one_person

        return one_person(self, self.params.person) if self.params.person else None

    @cached_property
    def _paid(self) -> dict[str, tuple[RolePay, RolePay]]:
        """Pay of people under both plans, by role or person; filled as asked."""
        return {}

    def _pay_of(self, who: str) -> tuple[RolePay, RolePay]:
        from workbench.incentives.one_person import place_of
        from workbench.incentives.roles import pay_of, role_pay

        if who not in self._paid:
            plan, at_target = self.today, self.prepared.at_target
            if who in set(plan.people.roles):
                today = role_pay(plan.people, at_target, self._with_quota(who), plan.measure)
            else:
                today = pay_of(plan.people, at_target, place_of(plan, who), plan.measure)
            one = self.proposal.people.ids.index(today.rep_id)
            under = today.under(self.proposal.people, self.tried.at_target, one)
            self._paid[who] = today, under
        return self._paid[who]

    def _with_quota(self, role: str) -> str:
        from workbench.incentives.habits import roles_with_quota

        known = roles_with_quota(self.today)
        if role not in known:
            raise ParameterError(
                later("nobody of the role {role} has a quota", role=role),
                do=later("choose from {names}", names=", ".join(known)),
            )
        return role

    @property
    def designs(self) -> Designs | None:
        """What the design search found; None without a goal, quotas or costs of products."""
        params = self.params
        if params.goal == "none" or not params.knobs:
            return None
        return self.prepared.designs(
            goal=params.goal,
            knobs=params.knobs,
            most_cost=params.most_cost,
            roles=params.roles,
            elasticity=params.elasticity,
            movable=params.movable,
            market_sd=params.market_sd,
            seed=params.seed,
        )

    def share_of_collections(self, plan: PlanCost) -> float:
        """Mean variable pay of a plan a year ahead over mean collections of that year."""
        return float(plan.total().mean() / self.prepared.collected_ahead)

    # -- what is told -----------------------------------------------------------------------------

    def story(self) -> Any:
        """The package that tells the study."""
        from workbench.incentives import story

        return story


def compute(company: Company, params: Params) -> Incentives:
    """Run both plans on the same draws; raises as `prepare` and `answer` do."""
    return answer(prepare(company, params), params)


def prepare(company: Company, params: Params) -> Prepared:
    """Do what takes time and depends only on the parameters `SLOW` names.

    Raises
    ------
    MissingTableError
        If rep, target or order_line is not there, or pay_plan where no plan file is named.
    NotIdentifiedError
        If there are too few whole years of people to draw from.
    """
    from workbench.incentives.prepared import prepare as prepared

    return prepared(
        company,
        plan=params.plan,
        year=params.year,
        draws=params.draws,
        seed=params.seed,
        market_sd=params.market_sd,
        given=params.given,
    )


def answer(prepared: Prepared, params: Params) -> Incentives:
    """Run the proposal on what was prepared with the same values of `SLOW`.

    Raises
    ------
    ParameterError
        If the plan file cannot be read, nobody has one of the roles, or the person to look at is
        not known or has no quota.
    NotIdentifiedError
        If the company's lines say nothing of a measure of the proposal.
    """
    from workbench.incentives.changes import refuse_unknown
    from workbench.incentives.company_plan import plan_for_year
    from workbench.incentives.one_person import place_of
    from workbench.incentives.sources import judged

    refuse_unknown(params.roles, set(prepared.people.roles))
    if params.person:
        place_of(prepared.today, params.person)
    path, year = params.proposal, prepared.year
    other = judged(plan_for_year(prepared.company, in_project(path), year)) if path else None
    return Incentives(prepared, params, prepared.tried(other, changes_of(params)))


def changes_of(params: Params) -> Changes:
    """What the parameters change in the proposal."""
    from workbench.incentives.changes import Changes

    return Changes(
        rates=params.rates,
        thresholds=params.thresholds,
        accelerator=params.accelerator,
        cap=params.cap,
        roles=params.roles,
    )


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
