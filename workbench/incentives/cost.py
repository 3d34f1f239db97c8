"""What may a plan cost? The plan on every draw of attainment, and the cost as a distribution.

The draws are a cube of `workbench.scenarios` (draw x period x person), handed in: from a forecast,
from `attainment.py`, or from a file. Cost is what is earned in a month (accrual); when it is paid
is for `workbench.pay`. How the rules run on a block of draws: `blocks.py`. Who wins and loses
against another plan: `compare.py`; fairness and luck: `fairness.py`; cliffs: `cliffs.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError, ParameterError
from workbench.incentives import kernels
from workbench.incentives.blocks import Beside, Block, Credit
from workbench.incentives.payees import Floats, Payees
from workbench.incentives.terms import alike, terms_of, told_alike
from workbench.pay.plan import PAYROLL

if TYPE_CHECKING:
    import xarray as xr

#: Numbers of a block: draws times people of the widest component, that stay in the cache.
_BLOCK = 16_000
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@dataclass(frozen=True)
class PlanCost:
    """Pay of a plan on every draw.

    Attributes
    ----------
    people : Payees
        Plan, people and quotas.
    items : tuple of str
        Components, then draws and guarantees, by their names in the plan.
    by_month : array, shape (items, months, draws)
        Earned by all people in a month.
    years : dict of str to array, shape (people who have the item, draws)
        Year's pay of each item.
    variable : array, shape (draws, people)
        Year's pay other than base pay.
    mean_pay : array, shape (items, people)
        Mean over draws of the year's pay.
    attainment : array, shape (draws, people)
        Year's credit of `measure` over its quota; nan without a quota.
    credit : array, shape (draws, months)
        Credit of `measure`, all people.
    measure : str
    beside : dict of (component, step) to array, shape (2, people)
        Mean settlements of a year beside a step of pay, and the money of the step there.
    """

    people: Payees
    items: tuple[str, ...]
    by_month: Floats
    years: dict[str, Floats]
    variable: Floats
    mean_pay: Floats
    attainment: Floats
    credit: Floats
    measure: str
    beside: dict[tuple[str, float], Floats]

    @property
    def cost(self) -> Floats:
        """Earned by all people in a month; shape (items, draws, months)."""
        return self.by_month.transpose(0, 2, 1)

    def variable_items(self) -> list[int]:
        """Positions of the items that are not base pay."""
        components = self.people.plan.components
        return [
            number
            for number, name in enumerate(self.items)
            if name not in components or components[name].payroll != "base"
        ]

    def total(self, *, base: bool = False) -> Floats:
        """Cost of the year by draw, with or without base pay; shape (draws,)."""
        return np.asarray(self.by_month.sum(axis=(0, 1))) if base else self._total

    @cached_property
    def _total(self) -> Floats:
        return np.asarray(self.by_month[self.variable_items()].sum(axis=(0, 1)))

    def to_date(self, *, base: bool = False) -> Floats:
        """Cost since the plan began, by draw and month; shape (draws, months)."""
        rows = slice(None) if base else self.variable_items()
        return np.asarray(self.by_month[rows].sum(axis=0).cumsum(axis=0).T)

    def over(self, budget: float) -> float:
        """Probability that variable pay of the year exceeds a budget."""
        return float(np.mean(self.total() > budget))

    def ratio(self) -> Floats:
        """Cost of sales: variable pay over credit, by draw; shape (draws,)."""
        credit = self.credit.sum(axis=1)
        return np.asarray(self.total() / np.where(credit > 0, credit, np.nan))

    def fan(self) -> pd.DataFrame:
        """Quantiles of the cost to date by month: period, q2.5, q10 ... q97.5, mean."""
        path = self.to_date()
        table = pd.DataFrame({"period": list(self.people.names)})
        for share, row in zip(QUANTILES, np.quantile(path, QUANTILES, axis=0), strict=True):
            table[f"q{share * 100:g}"] = row
        table["mean"] = path.mean(axis=0)
        return table

    def mix(self) -> pd.DataFrame:
        """Mean pay of the year by role and payroll item: role, people, item, amount, share."""
        items = [_payroll(self.people, name) for name in self.items]
        rows = []
        roles = self.people.roles
        for role in sorted(set(roles)):
            who = roles == role
            whole = float(self.mean_pay[:, who].sum())
            for item in [*PAYROLL, "draw"]:
                at = [number for number, each in enumerate(items) if each == item]
                amount = float(self.mean_pay[np.ix_(at, who)].sum()) if at else 0.0
                if amount:
                    share = amount / whole if whole else np.nan
                    rows.append((role, int(who.sum()), item, amount, share))
        return pd.DataFrame(rows, columns=["role", "people", "payroll", "amount", "share"])

    def summary(self, budget: float | None = None) -> dict[str, float]:
        """Key figures: mean cost, its 80% interval, cost of sales, P(over budget)."""
        total = self.total()
        low, middle, high = np.quantile(total, [0.1, 0.5, 0.9])
        figures = {
            "plan_cost": float(total.mean()),
            "plan_cost_median": float(middle),
            "plan_cost_low": float(low),
            "plan_cost_high": float(high),
            "cost_of_sales": float(np.nanmean(self.ratio())),
        }
        if budget is not None:
            figures |= {"budget": budget, "over_budget": self.over(budget)}
        return figures


def plan_cost(
    people: Payees,
    draws: xr.DataArray | Mapping[str, Any],
    *,
    measure: str | None = None,
    beside: float | None = None,
    cents: bool = False,
    threads: int | None = None,
    known: PlanCost | None = None,
) -> PlanCost:
    """Run a plan on every draw.

    Parameters
    ----------
    people : Payees
        From `payees(plan, ...)`.
    draws : cube, or mapping of measure to cube
        Dimensions draw, period (months of the plan) and person (ids). A cube in "share" is
        attainment: credit of each month is it times the month's quota, for every measure of the
        plan that has one. Otherwise the credit itself, one cube for each measure.
    measure : str, optional
        Whose attainment and credit the result has; the first with a quota, else the first.
    beside : float, optional
        Count settlements that end within so many points of attainment of a step of pay (0.02).
    cents : bool
        Round each settlement as the engine does; for checks against it.
    threads : int, optional
        Blocks worked on at once; results do not depend on it.
    known : PlanCost, optional
        Another plan on the very same draws, with the same measure, beside and cents: what both
        plans have alike is taken over from it. Results do not depend on it.

    Returns
    -------
    PlanCost

    Raises
    ------
    InputError
        If a measure has no draws, or a cube lacks months or people of the plan.
    """
    credits = credit_of(people, draws)
    shapes = {name: each.values.shape for name, each in credits.items()}
    if len(set(shapes.values())) != 1:
        raise InputError("cubes differ in shape", where=str(shapes), do="draw them together")
    count, months, persons = next(iter(shapes.values()))
    measure = measure or _main(people, list(credits))
    if measure not in credits:
        raise ParameterError(f"there are no draws of {measure}", do=f"use {', '.join(credits)}")
    items = (*people.plan.components, *people.plan.payment.draw)
    terms = terms_of(people, known=None if known is None else known.people)
    everybody = np.arange(persons)
    at = {name: terms[name].at if name in terms else everybody for name in items}
    same = {} if known is None else _taken_over(people, known)
    counted = known is not None and told_alike(people, known.people)
    made = PlanCost(
        people=people,
        items=items,
        by_month=np.zeros((len(items), months, count)),
        years={
            name: same[name] if name in same else np.zeros((len(at[name]), count)) for name in items
        },
        variable=np.zeros((persons, count)).T,
        mean_pay=np.zeros((len(items), persons)),
        attainment=known.attainment if known and counted else np.zeros((persons, count)).T,
        credit=known.credit if known and counted else np.zeros((months, count)).T,
        measure=measure,
        beside={},
    )
    widest = max((len(each.at) for each in terms.values()), default=1)
    size = max(1, _BLOCK // max(widest, 1))
    parts = [slice(at, min(at + size, count)) for at in range(0, count, size)]
    found = [Beside(beside) if beside is not None else None for _ in parts]
    run = [name for name in items if name not in same]

    def work(number: int) -> None:
        block = Block(people, credits, cents=cents, beside=found[number], rows=parts[number])
        _earn(made, block, run)
        if not counted:
            _count(made, block)

    if run or not counted:
        _work_all(work, len(parts), threads or min(4, os.cpu_count() or 1))
    notes: dict[tuple[str, float], Any] = {}
    for each in found:  # in order of the blocks, so that sums do not depend on threads
        for key, values in (each.found() if each is not None else {}).items():
            notes[key] = notes.get(key, 0.0) + values / count
    variable = set(made.variable_items())
    for number, name in enumerate(items):
        noted = notes
        if known is not None and name in same:
            row, noted = known.items.index(name), known.beside
            made.by_month[number], made.mean_pay[number] = known.by_month[row], known.mean_pay[row]
        else:
            made.mean_pay[number, at[name]] = made.years[name].sum(axis=1) / max(count, 1)
        made.beside.update({key: each for key, each in noted.items() if key[0] == name})
        if number in variable:
            made.variable.T[at[name]] += made.years[name]
    return made


def credit_of(people: Payees, draws: xr.DataArray | Mapping[str, Any]) -> dict[str, Credit]:
    """Credit by measure, from one cube of attainment or a cube for each measure."""
    used = measures_used(people)
    if not isinstance(draws, Mapping):
        if draws.attrs.get("unit") != "share":
            if len(used) > 1:
                raise InputError(
                    f"the plan pays on {', '.join(used)}, and there is one cube of money",
                    where=f"cube {draws.name}",
                    do="hand in a cube for each measure, or attainment (unit share)",
                )
            draws = {used[0]: draws}
        else:
            draws = dict.fromkeys(used, draws)
    result: dict[str, Credit] = {}
    for name in used:
        if name not in draws:
            raise InputError(
                f"there are no draws of {name}",
                where=f"cubes of {', '.join(draws)}",
                do=f"add a cube for the measure {name}",
            )
        given = draws[name]
        if isinstance(given, Credit):
            result[name] = given
            continue
        values = _aligned(people, given)
        factor = np.ones(values.shape[1:])
        if given.attrs.get("unit") == "share":
            factor = np.ascontiguousarray(people.quota(name).T)
            if not factor.any():
                raise InputError(
                    f"{name} has no quotas to multiply attainment by",
                    where=f"measure {name}",
                    do="hand in a cube of its money, or quotas of that name",
                )
        result[name] = Credit(values, factor)
    return result


def measures_used(people: Payees) -> list[str]:
    """Measures that the plan's components and indicators read."""
    plan, names = people.plan, []
    for component in plan.components.values():
        names.append(component.measure)
        if component.pool is not None:
            names.append(component.pool.measure)
            names.append(component.pool.by if component.pool.by in plan.measures else None)
    for each in plan.indicators.values():
        names += [each.attainment, each.rank, *(each.ratio or ())]
    return list(dict.fromkeys(name for name in names if name is not None))


def _taken_over(people: Payees, known: PlanCost) -> dict[str, Floats]:
    """Year's pay of what the plan known pays alike; guarantees and draws follow all components."""
    if people.plan.payment.draw or known.people.plan.payment.draw:
        return {}
    return {name: known.years[name] for name in alike(people, known.people)}


def _work_all(work: Callable[[int], None], parts: int, workers: int) -> None:
    """Do all parts, the first alone: what is compiled is compiled once."""
    work(0)
    if workers > 1 and parts > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(1, parts)))
    else:
        for number in range(1, parts):
            work(number)


def _earn(made: PlanCost, block: Block, names: list[str]) -> None:
    """Work on some of the draws and file what they give; blocks share nothing."""
    place = {name: number for number, name in enumerate(made.items)}

    def keep(name: str, pay: Floats, ends: NDArray[np.intp], at: NDArray[np.intp]) -> None:
        kernels.added(pay, ends, block.begin, made.years[name], made.by_month[place[name]])

    block.run(keep, names=names)


def _count(made: PlanCost, block: Block) -> None:
    """Credit of some of the draws and its attainment."""
    values, factor, at, begin = block.credit(made.measure, np.arange(block.persons))
    year, sums = np.zeros((block.persons, block.draws)), np.zeros((block.months, block.draws))
    kernels.counted(values, factor, at, begin, year, sums)
    quota = made.people.quota(made.measure).sum(axis=1)[:, None]
    rows = slice(block.begin, block.begin + block.draws)
    made.credit[rows] = sums.T
    attained = np.where(quota > 0, year / np.where(quota > 0, quota, 1.0), np.nan)
    made.attainment[rows] = attained.T


def _aligned(people: Payees, given: Any) -> Floats:
    """Values of a cube in the order of the plan's months and people."""
    dims = tuple(given.dims)
    if len(dims) != 3 or dims[:2] != ("draw", "period"):
        raise InputError(
            f"draws have the dimensions draw, period and person, not {', '.join(dims)}",
            where=f"cube {given.name}",
            do="make it by scenarios.cube(values, ..., keys={'person': ids})",
        )
    period = [str(each)[:7] for each in given.coords["period"].values]
    person = [str(each) for each in given.coords[dims[2]].values]
    lacking = [name for name in people.names if name not in period]
    lacking += [name for name in people.ids if name not in set(person)]
    if lacking:
        raise InputError(
            f"the draws lack {lacking[0]}" + (f" and {len(lacking) - 1} more" * (len(lacking) > 1)),
            where=f"cube {given.name}",
            do="draw every month and person of the plan; who sells nothing has zeros",
        )
    values = np.asarray(given.values, float)
    if period != list(people.names):
        values = values[:, [period.index(name) for name in people.names]]
    if person != people.ids:
        where = {name: number for number, name in enumerate(person)}
        values = values[:, :, [where[name] for name in people.ids]]
    return np.ascontiguousarray(values.T).T  # draws side by side


def _main(people: Payees, names: list[str]) -> str:
    with_quota = [name for name in names if people.quota(name).any()]
    return (with_quota or names or [""])[0]


def _payroll(people: Payees, item: str) -> str:
    component = people.plan.components.get(item)
    return component.payroll if component is not None else "draw"
