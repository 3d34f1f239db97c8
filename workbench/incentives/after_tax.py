"""Steps of pay after tax: year-end bonuses that a dated tax table makes shrink.

The engine ends at pay before tax; the table is a file that says how long it holds, and only the
gaming check asks for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.incentives.behaviour.gaming import Finding, net_cliffs
from workbench.incentives.blocks import Block
from workbench.incentives.cost import PlanCost, credit_of
from workbench.incentives.payees import Floats
from workbench.pay.tax import TaxTable

#: Draws that are worked on at once.
_DRAWS = 500


def steps_after_tax(
    result: PlanCost, draws: Mapping[str, Any], table: TaxTable
) -> tuple[Finding, ...]:
    """Bonuses of a year ahead that lie where a unit more leaves less, by limit.

    Parameters
    ----------
    result : PlanCost
    draws : mapping of str to cube or Credit
        As `result` was run on.
    table : TaxTable
        Nothing is found if it is of another currency or not in force at the plan's end.

    Returns
    -------
    tuple of Finding
        By limit, all roles together.
    """
    plan, last = result.people.plan, _last_day(result)
    if table.currency != plan.currency or not table.valid_from <= last <= table.valid_to:
        return ()
    bonuses = bonus_of(result, draws)
    if not bonuses.any():
        return ()

    def tax(bonus: Floats) -> Floats:
        return table.tax(bonus, on=last)

    limits = [each.bonus for each in table.cliffs()]
    return net_cliffs(tax, limits, bonuses=bonuses)


def bonus_of(result: PlanCost, draws: Mapping[str, Any]) -> Floats:
    """Year-end bonus by draw and person; shape (draws, people)."""
    people = result.people
    names = [name for name, each in people.plan.components.items() if each.payroll == "year_end"]
    credits = credit_of(people, draws)
    count, persons = result.variable.shape
    total = np.zeros((persons, count))
    for start in range(0, count if names else 0, _DRAWS):
        rows = slice(start, start + _DRAWS)

        def keep(name: str, pay: Floats, ends: Any, at: Any, rows: slice = rows) -> None:
            if name in names:  # guarantees come along and are no bonus
                total[at, rows] += pay.sum(axis=1)

        Block(people, credits, rows=rows).run(keep, names=names)
    return total.T


def _last_day(result: PlanCost) -> dt.date:
    months = result.people.months
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(months.ends[-1]))
