"""What takes time in the study: reading, drawing, and the plan of today on all draws.

`prepare` does it once; what depends on the proposal is answered from it (`study_incentives.py`).
What only some answers need is worked out when it is first asked for, and kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.contract import in_project
from workbench.errors import NotIdentifiedError, ParameterError
from workbench.incentives.attainment import Levels, attainment_draws, given_draws, levels
from workbench.incentives.changes import Changes, changed, uncapped
from workbench.incentives.cliffs import BESIDE, cliffs
from workbench.incentives.company_plan import company_plan, plan_for_year, smoothable, smoothed
from workbench.incentives.cost import PlanCost, plan_cost
from workbench.incentives.curve import Curves, curves, expected_credit, grid_of
from workbench.incentives.fairness import Fairness, fairness
from workbench.incentives.history import COLLECTIONS, REVENUE, History, history, people_of
from workbench.incentives.payees import Floats, Payees, payees
from workbench.incentives.sources import Credited, Sources, judged
from workbench.incentives.tried import Tried
from workbench.pay.plan import Plan
from workbench.scenarios import load_cube
from workbench.text import later

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.incentives.behaviour.gaming import Finding, GamingCheck
    from workbench.incentives.designs import Designs


@dataclass(frozen=True)
class Prepared:
    """Today's plan on draws, and what another plan is run with.

    Attributes
    ----------
    company : Company
    year, over : int
        Year of the plan, and months of it that are over.
    history : History
    levels : Levels
    sources : Sources
        Credit lines and quotas of the company.
    table : DataFrame
        People as the pay engine reads them.
    ahead : Credited
        Draws of revenue and collections of a whole year ahead.
    now : PlanCost
        The plan's year, months that are over as they were.
    today : PlanCost
        A whole year ahead.
    at_target : dict of str to array, shape (months, people)
        Credit at 100% by measure.
    collected : float
        Mean collections of the plan's year.
    """

    company: Company
    year: int
    over: int
    history: History
    levels: Levels
    sources: Sources
    table: pd.DataFrame
    ahead: Credited
    now: PlanCost
    today: PlanCost
    at_target: dict[str, Floats]
    collected: float
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def people(self) -> Payees:
        """Plan of today and its people."""
        return self.today.people

    def tried(self, other: Plan | None, changes: Changes) -> Tried:
        """Another plan on the draws of the year ahead; the last one is kept.

        Parameters
        ----------
        other : Plan or None
            Today's if None.
        changes : Changes
            What is changed in it; today's plan unchanged becomes one without its steps.

        Raises
        ------
        ParameterError
            If nobody has one of the roles, or the plan begins on another day of the year.
        NotIdentifiedError
            If the company's lines say nothing of a measure of the plan.
        """
        key = other, changes
        if "tried" not in self._kept or self._kept["tried"][0] != key:
            self._kept["tried"] = key, self._tried(other, changes)
        found: Tried = self._kept["tried"][1]
        return found

    def _tried(self, other: Plan | None, changes: Changes) -> Tried:
        if other is None and changes.none:
            return self.smooth
        plan = other or self.people.plan
        first, second = self.people.plan.starts, plan.starts
        if first != second:
            raise ParameterError(
                later(
                    "the proposal begins on {second}, today's plan on {first}",
                    first=first,
                    second=second,
                ),
                where="proposal",
                do=later("compare plans that begin on the same day of the year"),
            )
        if not changes.none:
            plan = changed(plan, changes, roles=sorted(set(self.people.roles)))
        return self.run_changed(plan) if other is None else self.run(plan)

    def run(self, plan: Plan) -> Tried:
        """Another plan on the draws of the year ahead."""
        quotas, traits = self.sources.quotas_for(plan), self.sources.traits(plan)
        staff = payees(plan, self.table, quotas, traits=traits)
        credit = self.sources.credits_for(plan, self.ahead)
        cost = plan_cost(staff, credit, measure=REVENUE, beside=BESIDE)
        return Tried(self, cost, expected_credit(cost, credit))

    def run_changed(self, plan: Plan, *, scale: float = 1.0) -> Tried:
        """The same for a plan of the same measures, quotas and scores as today's."""
        staff = self.people.with_plan(plan, traits=self.sources.traits(plan))
        credit = self.sources.credits_for(plan, self.ahead)
        cost = plan_cost(staff, credit, measure=REVENUE, beside=BESIDE, known=self.today)
        return Tried(self, cost, self.at_target, scale)

    def curves(self, grid: Floats) -> Curves:
        """Pay of today's plan over attainments; that over its own steps is kept."""
        own = self._own_curves
        return own if np.array_equal(own.grid, grid) else curves(self.people, self.at_target, grid)

    @cached_property
    def _own_curves(self) -> Curves:
        return curves(self.people, self.at_target, grid_of(self.people.plan))

    def attained(self, role: str, edges: tuple[float, ...]) -> pd.DataFrame:
        """People of a role that a year is expected to end with in each bin of attainment.

        Parameters
        ----------
        role : str
        edges : tuple of float
            Of the bins.

        Returns
        -------
        DataFrame
            As `charts.bin_table`: low, high, count.
        """
        from workbench.charts import bin_table

        key = "attained", role, edges
        if key not in self._kept:
            values = self.today.attainment[:, self.people.roles == role]
            bins = bin_table(values[np.isfinite(values)], list(edges))
            bins["count"] = bins["count"] / max(len(values), 1)
            self._kept[key] = bins
        found: pd.DataFrame = self._kept[key]
        return found

    @cached_property
    def collected_ahead(self) -> float:
        """Mean collections of a year ahead; nan without any."""
        mean = float(self.ahead.drawn[COLLECTIONS].values.sum(axis=(1, 2)).mean())
        return mean if mean > 0 else np.nan

    @cached_property
    def smooth(self) -> Tried:
        """Today's plan without steps at the same cost; its scale is how much its parts pay more."""
        plan = self.people.plan
        first = self.run_changed(smoothed(plan))
        cost, names = first.cost, smoothable(plan)
        part = float(sum(cost.mean_pay[cost.items.index(name)].sum() for name in names))
        if not part:
            return first
        scale = 1 - (float(cost.total().mean()) - float(self.today.total().mean())) / part
        return self.run_changed(smoothed(plan, scale=max(scale, 0.0)), scale=scale)

    @cached_property
    def cut_by_caps(self) -> float:
        """Mean variable pay of a year ahead that caps take away."""
        plan = uncapped(self.people.plan)
        if plan.components == self.people.plan.components:
            return 0.0
        free = self.run_changed(plan)
        return float(free.cost.total().mean() - self.today.total().mean())

    @cached_property
    def fairness(self) -> Fairness:
        """Distribution of attainment, and luck in pay."""
        return fairness(self.today)

    @cached_property
    def cliffs(self) -> pd.DataFrame:
        """Money beside the steps of today's plan."""
        return cliffs(self.today)

    @cached_property
    def gaming(self) -> GamingCheck:
        """What today's plan invites to, before tax."""
        from workbench.incentives.habits import gaming_of

        return gaming_of(self.today, self.at_target, margin=self.sources.margin)

    def designs(self, **asked: Any) -> Designs | None:
        """Better designs of today's plan; arguments as of `designs_of`, each kept."""
        from workbench.incentives.designs import designs_of

        key = ("designs", *asked.items())
        if key not in self._kept:
            self._kept[key] = designs_of(self, **asked)
        found: Designs | None = self._kept[key]
        return found

    def after_tax(self, table: str) -> tuple[Finding, ...]:
        """Year-end bonuses that lie where a tax table makes more pay leave less.

        Parameters
        ----------
        table : str
            File of the table; nothing is found if empty.
        """
        from workbench.incentives.after_tax import steps_after_tax
        from workbench.pay.tax import load_tax

        if not table:
            return ()
        if table not in self._kept:
            credit = self.sources.credits_for(self.people.plan, self.ahead)
            self._kept[table] = steps_after_tax(self.today, credit, load_tax(in_project(table)))
        found: tuple[Finding, ...] = self._kept[table]
        return found

    @cached_property
    def last_ratio(self) -> float | None:
        """Variable pay over collections a year before, from the payroll; None without it."""
        if not self.company.has("payroll", "receipt"):
            return None
        paid = self.company.sql(
            "select cast(sum(amount) as double) as paid from payroll where component <> 'base'"
            f" and year(month_end) = {self.year - 1}"
        )["paid"].iloc[0]
        got = self.company.sql(
            "select cast(sum(amount) as double) as got from receipt where rep_id is not null"
            f" and year(receipt_date) = {self.year - 1}"
        )["got"].iloc[0]
        return float(paid / got) if paid == paid and got and got == got else None

    @cached_property
    def budget(self) -> float:
        """Last year's share of collections on this year's target, else the target incentives."""
        last = self.last_ratio
        if last is not None:
            table = self.company.sql(
                "select cast(sum(value) as double) as value from target where level = 'company'"
                " and kpi_id = 'collections' and tier = 'base' and product_line = 'all'"
                f" and year(period_start) = {self.year}"
            )["value"]
            if len(table) and table.iloc[0] == table.iloc[0]:
                return float(round(last * table.iloc[0], -4))
        return float(self.now.people.incentive().sum())

    @cached_property
    def elasticity(self) -> tuple[float, float] | None:
        """How output answers to rates in the company's years, with its error; None if unknown."""
        from workbench.incentives.habits import estimated_elasticity

        return estimated_elasticity(self.company, self.year)


def prepare(
    company: Company,
    *,
    plan: str,
    year: int | None,
    draws: int,
    seed: int,
    market_sd: float,
    given: str = "",
) -> Prepared:
    """Read the company and run today's plan on all draws.

    Parameters
    ----------
    company : Company
    plan : str
        Plan file; the company's own table of pay plans if empty.
    year : int or None
        Of the plan; that of the last day of the data if None.
    draws, seed : int
    market_sd : float
        Standard deviation of a year's market.
    given : str
        File of a cube of attainment or revenue by draw, month and person, in place of draws from
        the company's own years.

    Raises
    ------
    MissingTableError
        If rep, target or order_line is not there, or pay_plan where no plan file is named.
    NotIdentifiedError
        If there are too few whole years of people to draw from, or nobody has a quota in the year.
    """
    year = year or company.data_as_of.year
    ours = judged(
        plan_for_year(company, in_project(plan), year) if plan else company_plan(company, year)
    )
    sources = Sources(company)
    record, table = history(company), people_of(company, year=year)
    found = levels(record)
    staff = payees(ours, table, sources.quotas_for(ours), traits=sources.traits(ours))
    cube = load_cube(in_project(given)) if given else None
    if cube is None and not staff.quota(REVENUE).any():
        raise NotIdentifiedError(
            later("nobody has a quota of revenue in {year}", year=year),
            where=later(
                "target, from {first} to {last}", first=staff.names[0], last=staff.names[-1]
            ),
            do=later(
                "choose a year that has targets; next year's plan is compared as the proposal,"
                " on the people and quotas of this year"
            ),
        )

    def drawn(known: bool) -> Credited:
        if cube is not None:
            return Credited(sources, given_draws(cube, record, staff, known=known, found=found))
        made = attainment_draws(
            record, staff, known=known, found=found, draws=draws, seed=seed, market_sd=market_sd
        )
        return Credited(sources, made)

    known, ahead = drawn(True), drawn(False)
    credit = sources.credits_for(ours, ahead)
    today = plan_cost(staff, credit, measure=REVENUE, beside=BESIDE)
    return Prepared(
        company=company,
        year=year,
        over=int(np.sum([name <= f"{company.data_as_of:%Y-%m}" for name in staff.names])),
        history=record,
        levels=found,
        sources=sources,
        table=table,
        ahead=ahead,
        now=plan_cost(staff, sources.credits_for(ours, known), measure=REVENUE),
        today=today,
        at_target=expected_credit(today, credit),
        collected=float(known.drawn[COLLECTIONS].values.sum(axis=(1, 2)).mean()),
    )
