"""Steps of pay, how often people stand beside them, and the money of the step.

A settlement stands beside a step if the attainment it goes by lies within two points of it: a small
deal more or less then moves much pay. The money is what the step itself is worth to that person at
that settlement.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.incentives.cost import PlanCost
from workbench.pay.plan import Component

#: Points of attainment on both sides of a step.
BESIDE = 0.02


def cliffs(result: PlanCost) -> pd.DataFrame:
    """Settlements of a year beside steps of pay, by component and role.

    Parameters
    ----------
    result : PlanCost
        From `plan_cost(..., beside=BESIDE)`.

    Returns
    -------
    DataFrame
        component, role, measured (attainment, amount), step (attainment, or credit of the window),
        people, times (settlements of a year beside it), money (of the step there, a year), each
        (money of one time); most money first.
    """
    rows, roles = [], result.people.roles
    whose = {role: roles == role for role in sorted(set(roles))}
    for (name, step), (times, money) in result.beside.items():
        component = result.people.plan.components[name]
        for role, who in whose.items():
            if (component.roles and role not in component.roles) or not times[who].sum():
                continue
            rows.append(
                {
                    "component": name,
                    "role": role,
                    "measured": _measured(component, step),
                    "step": step,
                    "people": int((who & (times > 0)).sum()),
                    "times": float(times[who].sum()),
                    "money": float(money[who].sum()),
                    "each": float(money[who].sum() / times[who].sum()),
                }
            )
    columns = ["component", "role", "measured", "step", "people", "times", "money", "each"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("money", ascending=False, kind="stable", ignore_index=True)


def at_step(table: pd.DataFrame, step: float) -> tuple[float, float]:
    """Times and money of one step of attainment over all components and roles."""
    rows = table[np.isclose(table["step"], step) & (table["measured"] == "attainment")]
    return float(rows["times"].sum()), float(rows["money"].sum())


def _measured(component: Component, step: float) -> str:
    """What a step is measured on: a table that re-rates amounts has its starts in credit."""
    rates = component.rates
    by_amount = rates is not None and rates.kind == "whole" and rates.on != "attainment"
    if by_amount and rates is not None and step in [float(each) for each in rates.starts()]:
        return "amount"
    return "attainment"
